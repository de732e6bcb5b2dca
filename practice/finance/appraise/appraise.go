// Package appraise says how the value of what was bought falls over the years, and whether money put into something comes
// back: depreciation schedules, net present value, internal rates of return and payback.
//
// Amounts are whole minor units, such as cents. Everything that is money is calculated with whole numbers and fractions; only
// rates are floats, because they are roots.
package appraise

import (
	"fmt"
	"math"
	"math/big"
	"strconv"
)

// rational returns the number that a person would type for a float: 0.1 is exactly a tenth.
func rational(f float64, what string) (*big.Rat, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) || math.Abs(f) > 1e15 || f != 0 && math.Abs(f) < 1e-15 {
		return nil, fmt.Errorf("%s is %v: use a plain number", what, f)
	}
	r, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'f', -1, 64))
	return r, nil
}

// round returns the whole number next to a fraction, and the even one of two that are equally near.
func round(r *big.Rat) *big.Int {
	twice := new(big.Int).Lsh(r.Denom(), 1)
	n := new(big.Int).Lsh(r.Num(), 1)
	n.Add(n, r.Denom())
	q, m := new(big.Int).DivMod(n, twice, new(big.Int))
	if m.Sign() == 0 && q.Bit(0) == 1 {
		q.Sub(q, big.NewInt(1))
	}
	return q
}

// units returns a rounded amount, and an error where it is too large for minor units.
func units(r *big.Rat) (int64, error) {
	n := round(r)
	if !n.IsInt64() {
		return 0, fmt.Errorf("the amount %s is too large to be counted in minor units", r.FloatString(0))
	}
	return n.Int64(), nil
}

// share returns amount × num / den, rounded half to even.
func share(amount int64, num, den *big.Int) int64 {
	r := new(big.Rat).SetFrac(new(big.Int).Mul(big.NewInt(amount), num), den)
	return round(r).Int64()
}
