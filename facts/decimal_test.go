package facts

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestParseDecimal is a table of what people and programs write.
func TestParseDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0.00": "0", "12.50": "12.5", " 7 ": "7", "+3": "3", ".5": "0.5", "5.": "5", "8.0E-7": "0.0000008", "1e3": "1000",
		"123456789012345678": "123456789012345678", "1234567890123456789": "1234567890123456789", "-0.000000000000000000000000000001": "-0.000000000000000000000000000001",
		strings.Repeat("9", 60): strings.Repeat("9", 60),
	} {
		d, err := ParseDecimal(text)
		if err != nil || d.String() != want {
			t.Errorf("%q is read as %q, %v, want %q", text, d, err, want)
		}
		if back, err := ParseDecimal(d.String()); err != nil || back.Cmp(d) != 0 {
			t.Errorf("%q came back as %q, %v", text, back, err)
		}
	}
	for _, text := range []string{"", " ", "-", ".", "1,5", "1 000", "0x10", "1_000", "NaN", "Infinity", "1e61", "1e-61", "--1", "1.2.3", strings.Repeat("9", 61), "1e999999999999"} {
		if d, err := ParseDecimal(text); err == nil {
			t.Errorf("%q is read as %s", text, d)
		}
	}
}

// number draws a decimal of up to sixty digits, and the same number as a fraction.
func number(t *rapid.T) (Decimal, *big.Rat) {
	digits := rapid.StringMatching(`-?([0-9]{1,18}|[0-9]{1,30})(\.([0-9]{1,18}|[0-9]{19,30}))?`).Draw(t, "number")
	d, err := ParseDecimal(digits)
	if err != nil {
		t.Fatal(err)
	}
	r, _ := new(big.Rat).SetString(digits)
	return d, r
}

func rat(t *rapid.T, text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is not a number", text)
	}
	return r
}

// TestSumsAreExact adds, takes away and multiplies beside fractions of any size.
func TestSumsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sum, other Sum
		want := new(big.Rat)
		for range rapid.IntRange(0, 30).Draw(t, "n") {
			d, r := number(t)
			switch rapid.IntRange(0, 3).Draw(t, "how") {
			case 0:
				sum.Add(d)
				want.Add(want, r)
			case 1:
				sum.Add(d.Neg())
				want.Sub(want, r)
			case 2:
				other = Sum{}
				other.Add(d)
				sum.Sub(other)
				want.Sub(want, r)
			case 3:
				e, s := number(t)
				sum.Add(d.Mul(e))
				want.Add(want, new(big.Rat).Mul(r, s))
			}
		}
		if got := rat(t, sum.String()); got.Cmp(want) != 0 {
			t.Fatalf("the sum is %s, want %s", sum, want.FloatString(130))
		}
		if sum.Sign() != want.Sign() || sum.Neg().Sign() != -want.Sign() {
			t.Fatalf("the sign of %s is %d", sum, sum.Sign())
		}
		back, err := ParseSum(sum.String())
		if err != nil || back.String() != sum.String() {
			t.Fatalf("%s came back as %s, %v", sum, back, err)
		}
		whole, left := sum.Minor(2)
		again := new(big.Rat).Quo(new(big.Rat).SetInt(whole), big.NewRat(100, 1))
		if again.Add(again, rat(t, "0"+strings.TrimPrefix(left.String(), "-"))); left.Sign() < 0 {
			again.Sub(again, new(big.Rat).Mul(big.NewRat(2, 1), rat(t, strings.TrimPrefix(left.String(), "-"))))
		}
		if again.Cmp(want) != 0 {
			t.Fatalf("%s is %s cents and %s", sum, whole, left)
		}
	})
}

// TestComparing compares beside fractions.
func TestComparing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, x := number(t)
		b, y := number(t)
		if a.Cmp(b) != x.Cmp(y) || a.Sign() != x.Sign() {
			t.Fatalf("%s compared with %s is %d, want %d", a, b, a.Cmp(b), x.Cmp(y))
		}
	})
}

// TestSumAtTheEdge goes over the ends of two words, and back.
func TestSumAtTheEdge(t *testing.T) {
	var s Sum
	most := NewDecimal(9223372036854775807, 0)
	for range 40 {
		s.Add(most)
	}
	if got := s.String(); got != "368934881474191032280" {
		t.Errorf("forty times the largest word is %s", got)
	}
	for range 40 {
		s.Add(most.Neg())
	}
	if got := s.String(); got != "0" || s.Sign() != 0 {
		t.Errorf("and back again is %s", got)
	}
}
