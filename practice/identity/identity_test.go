package identity_test

import (
	"testing"

	"binnacle/practice/identity"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &identity.Practice)
}
