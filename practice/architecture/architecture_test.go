package architecture_test

import (
	"testing"

	"binnacle/practice/architecture"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &architecture.Practice)
}
