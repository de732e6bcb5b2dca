package appraise

import (
	"fmt"
	"math/big"
)

// MostFlows is how many periods a case may have.
const MostFlows = 1200

// NPV returns the net present value in minor units: the sum of flow t / (1 + rate)^t. Flow 0 is today and is not discounted.
// The rate is a fraction, such as 0.05.
func NPV(rate float64, flows []int64) (int64, error) {
	values, err := discounted(rate, flows, 0)
	if err != nil {
		return 0, err
	}
	return units(sum(values))
}

// NPVFromOne returns the net present value in minor units as spreadsheets do: the first flow is one period away and is discounted once.
func NPVFromOne(rate float64, flows []int64) (int64, error) {
	values, err := discounted(rate, flows, 1)
	if err != nil {
		return 0, err
	}
	return units(sum(values))
}

// discounted returns what each flow is worth today, where the first one is so many periods away.
func discounted(rate float64, flows []int64, first int) ([]*big.Rat, error) {
	r, err := rational(rate, "the rate")
	if err != nil {
		return nil, err
	}
	if len(flows) > MostFlows {
		return nil, fmt.Errorf("there are %d periods, and at most %d can be appraised", len(flows), MostFlows)
	}
	each := r.Add(r, big.NewRat(1, 1))
	if each.Sign() <= 0 {
		return nil, fmt.Errorf("the rate is %v: it must be above -1, which is -100 %%", rate)
	}
	factor := big.NewRat(1, 1)
	for range first {
		factor.Quo(factor, each)
	}
	out := make([]*big.Rat, len(flows))
	for t, flow := range flows {
		out[t] = new(big.Rat).SetInt64(flow)
		out[t].Mul(out[t], factor)
		factor = new(big.Rat).Quo(factor, each)
	}
	return out, nil
}

func sum(values []*big.Rat) *big.Rat {
	total := new(big.Rat)
	for _, v := range values {
		total.Add(total, v)
	}
	return total
}

// Payback returns after how many periods the money has come back for good, and false where it does not. The flow of a period comes evenly over the
// period, so that the result lies inside of one. Where flows turn twice, the last time counts.
func Payback(flows []int64) (float64, bool) {
	values := make([]*big.Rat, len(flows))
	for t, flow := range flows {
		values[t] = new(big.Rat).SetInt64(flow)
	}
	return back(values)
}

// DiscountedPayback is the payback of the flows as they are worth today.
func DiscountedPayback(rate float64, flows []int64) (float64, bool, error) {
	values, err := discounted(rate, flows, 0)
	if err != nil {
		return 0, false, err
	}
	at, ok := back(values)
	return at, ok, nil
}

// back finds when the sum of flows rises to 0 for the last time.
func back(flows []*big.Rat) (float64, bool) {
	total := new(big.Rat)
	at, below := 0.0, len(flows) == 0
	for t, flow := range flows {
		before := new(big.Rat).Set(total)
		total.Add(total, flow)
		switch {
		case total.Sign() < 0:
			below = true
		case below:
			part, _ := before.Neg(before).Quo(before, flow).Float64()
			at, below = float64(t-1)+part, false
		}
	}
	if below {
		return 0, false
	}
	return at, true
}
