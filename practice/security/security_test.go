package security_test

import (
	"testing"

	"binnacle/practice/practicetest"
	"binnacle/practice/security"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &security.Practice)
}
