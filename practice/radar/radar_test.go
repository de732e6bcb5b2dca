package radar_test

import (
	"testing"

	"binnacle/practice/practicetest"
	"binnacle/practice/radar"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &radar.Practice)
}
