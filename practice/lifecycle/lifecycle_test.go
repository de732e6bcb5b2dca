package lifecycle_test

import (
	"testing"

	"binnacle/practice/lifecycle"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &lifecycle.Practice)
}
