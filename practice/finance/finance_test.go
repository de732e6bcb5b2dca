package finance_test

import (
	"testing"

	"binnacle/practice/finance"
	"binnacle/practice/practicetest"
)

// TestScripts asks the questions of the practice of small estates whose sums an accountant can follow.
func TestScripts(t *testing.T) { practicetest.Run(t, "testdata", &finance.Practice) }
