package appraise

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
)

// Return is what the internal rate of return is: one rate, none or several.
type Return struct {
	// Rates are all rates above -1 at which the net present value is 0, as fractions, the nearest to 0 first. Where there is not exactly
	// one, no rate says whether the case is good: look at the net present value.
	Rates []float64
}

// One returns the rate, and false where there is none or more than one.
func (r Return) One() (float64, bool) {
	if len(r.Rates) == 1 {
		return r.Rates[0], true
	}
	return 0, false
}

// String says what was found.
func (r Return) String() string {
	switch len(r.Rates) {
	case 0:
		return "none: no rate makes the net present value 0"
	case 1:
		return fmt.Sprintf("%.4f", r.Rates[0])
	}
	return fmt.Sprintf("%d rates make the net present value 0, so none of them says anything", len(r.Rates))
}

// mostTurns is how many periods a case may have whose flows change their sign more than once.
const mostTurns = 120

// IRR finds all rates at which the net present value is 0. With v = 1 / (1 + rate), the net present value is a polynomial in v with
// whole coefficients. Where the flows change their sign once, it has exactly one root above 0 (Descartes). Otherwise the roots are counted and told
// apart by the theorem of Sturm in whole numbers, so that none is missed and none is invented.
func IRR(flows []int64) (Return, error) {
	if len(flows) > MostFlows {
		return Return{}, fmt.Errorf("there are %d periods, and at most %d can be appraised", len(flows), MostFlows)
	}
	p := poly{}
	for _, f := range flows {
		p = append(p, big.NewInt(f))
	}
	p = p.trim()
	for len(p) > 0 && p[0].Sign() == 0 {
		p = p[1:]
	}
	turns := p.turns()
	if turns == 0 {
		return Return{}, nil
	}
	if turns > 1 && len(p) > mostTurns {
		return Return{}, fmt.Errorf("the flows of %d periods change their sign %d times: add them up to years, at most %d", len(p), turns, mostTurns)
	}
	// No root is larger than 1 + the largest coefficient / the last (Cauchy).
	bound := uint(1)
	for _, c := range p {
		bound = max(bound, uint(max(2+c.BitLen()-p[len(p)-1].BitLen(), 1)))
	}
	low, high := new(big.Rat), new(big.Rat).SetInt(new(big.Int).Lsh(big.NewInt(1), bound))
	out := Return{}
	add := func(v *big.Rat) {
		rate, _ := v.Sub(v.Inv(v), big.NewRat(1, 1)).Float64()
		out.Rates = append(out.Rates, rate)
	}
	if turns == 1 {
		add(p.root(low, high))
	} else {
		chain := p.sturm()
		chain.roots(low, high, add)
	}
	slices.SortFunc(out.Rates, func(a, b float64) int {
		return cmp.Or(cmp.Compare(math.Abs(a), math.Abs(b)), cmp.Compare(a, b))
	})
	return out, nil
}

// MIRR returns the modified rate of return, as a fraction: what goes out is discounted at the finance rate, and what comes in is invested again at the reinvest rate
// until the end. It returns an error where nothing goes out or nothing comes in.
func MIRR(flows []int64, finance, reinvest float64) (float64, error) {
	out, in := make([]int64, len(flows)), make([]int64, len(flows))
	for t, f := range flows {
		out[t], in[t] = min(f, 0), max(f, 0)
	}
	paid, err := discounted(finance, out, 0)
	if err != nil {
		return 0, err
	}
	got, err := discounted(reinvest, in, 0)
	if err != nil {
		return 0, err
	}
	p, g := sum(paid), sum(got)
	if p.Sign() == 0 || g.Sign() == 0 {
		return 0, fmt.Errorf("a modified rate of return needs money that goes out and money that comes in")
	}
	ratio, _ := g.Quo(g, p.Neg(p)).Float64()
	return math.Pow(ratio, 1/float64(len(flows)-1))*(1+reinvest) - 1, nil
}
