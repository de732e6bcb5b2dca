package suppliers_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"binnacle/practice/practicetest"
	"binnacle/practice/suppliers"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &suppliers.Practice)
}

// TestHHI holds the sums of squared shares that were worked out by hand.
func TestHHI(t *testing.T) {
	for _, c := range []struct {
		amounts          []float64
		index, effective float64
	}{
		// 900 + 900 + 400 + 400, and 10,000 / 2,600.
		{[]float64{30, 30, 20, 20}, 2600, 3.85},
		{[]float64{300, 300, 200, 200}, 2600, 3.85},
		{[]float64{7}, 10000, 1},
		{[]float64{1, 1, 1, 1, 1}, 2000, 5},
		{[]float64{0, 5, -3}, 10000, 1},
		{nil, 0, 0},
	} {
		index, effective := suppliers.HHI(c.amounts)
		if math.Abs(index-c.index) > 1e-9 || math.Abs(effective-c.effective) > 0.005 {
			t.Errorf("%v: %g and %g, want %g and %g", c.amounts, index, effective, c.index, c.effective)
		}
	}
}

// TestLawsOfHHI: the index lies between that of equal shares and that of one vendor, and two that become one never lower it.
func TestLawsOfHHI(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.Float64Range(0.01, 1e9), 2, 50).Draw(t, "amounts")
		index, effective := suppliers.HHI(amounts)
		if n := float64(len(amounts)); index > 10000+1e-6 || index < 10000/n-1e-6 || effective > n+1e-6 {
			t.Fatalf("the index of %v is %g", amounts, index)
		}
		merged := append([]float64{amounts[0] + amounts[1]}, amounts[2:]...)
		if after, _ := suppliers.HHI(merged); after < index-1e-6 {
			t.Fatalf("merging two lowers the index from %g to %g", index, after)
		}
	})
}
