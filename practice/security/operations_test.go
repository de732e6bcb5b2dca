package security_test

import (
	"testing"

	"binnacle/practice/practicetest"
	"binnacle/practice/security"
)

// TestOperations runs the scripts about incidents, policies, awareness, exceptions and credentials.
func TestOperations(t *testing.T) {
	practicetest.Run(t, "testdata/operations", &security.Practice)
}
