package forecast

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"binnacle/facts"
)

// Side is what one line of a budget or of the books says: quantity × price × rate.
type Side struct {
	// Quantity is how many units. Nothing means one, where only the amount is known.
	Quantity facts.Decimal
	// Price is what a unit costs, in the currency of the bill. Nothing means that there is no such line on this side.
	Price facts.Decimal
	// Rate is what one unit of the currency of the bill costs in that of the books. Nothing means one.
	Rate facts.Decimal
}

// Compared is one line of a budget beside that of the books.
type Compared struct {
	// Key names the line.
	Key string
	// Unit names lines whose quantities are counted in the same unit, so that one can take the place of another. Empty means that this line stands alone.
	Unit string
	// Budget is the plan.
	Budget Side
	// Actual is what came.
	Actual Side
}

// Drivers say what made the difference between budget and actual, in minor units of the currency of the books. Above 0 is more spend. Together
// they are the whole difference, to the unit.
type Drivers struct {
	// Volume is the change of the quantity, at the shares of the budget, at its price and its rate.
	Volume int64
	// Mix is the change of the line's share in the quantity of its unit, at the price and the rate of the budget.
	Mix int64
	// Price is the change of the price, for the actual quantity at the rate of the budget.
	Price int64
	// Currency is the change of the rate, for the actual quantity at the actual price.
	Currency int64
	// New is what is not in the budget at all.
	New int64
	// Ended is what is in the budget alone.
	Ended int64
}

// Total returns the sum of all drivers.
func (d Drivers) Total() int64 {
	return d.Volume + d.Mix + d.Price + d.Currency + d.New + d.Ended
}

func (d Drivers) plus(o Drivers) Drivers {
	return Drivers{d.Volume + o.Volume, d.Mix + o.Mix, d.Price + o.Price, d.Currency + o.Currency, d.New + o.New, d.Ended + o.Ended}
}

// Variance is the difference of one line, in minor units.
type Variance struct {
	// Key names the line.
	Key string
	// Budget is the amount of the plan.
	Budget int64
	// Actual is the amount that came.
	Actual int64
	// Drivers add up to actual less budget.
	Drivers Drivers
}

// Variances splits the difference between budget and actual of each line into what drove it, and adds them up. Places is how many places
// after the point the currency of the books has.
//
// The order is: first the volume, at the price and the rate of the budget; of it, what the quantity of all lines of one unit would have done at the
// shares of the budget is volume, and the rest is mix; then the price, for the actual quantity at the rate of the budget; the currency last. Amounts are rounded half to even to
// minor units, and their drivers by largest remainder, so that every line adds up to the unit. What does not change drives nothing.
func Variances(lines []Compared, places int32) ([]Variance, Drivers, error) {
	type sums struct{ budget, actual *big.Rat }
	units := map[string]sums{}
	sides := make([][2]side, len(lines))
	for i, l := range lines {
		sides[i] = [2]side{l.Budget.rational(), l.Actual.rational()}
		if b, a := sides[i][0], sides[i][1]; l.Unit != "" && b.there && a.there {
			s, ok := units[l.Unit]
			if !ok {
				s = sums{new(big.Rat), new(big.Rat)}
				units[l.Unit] = s
			}
			s.budget.Add(s.budget, b.quantity)
			s.actual.Add(s.actual, a.quantity)
		}
	}
	scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(places, 0))), nil))
	out := make([]Variance, len(lines))
	var total Drivers
	for i, l := range lines {
		b, a := sides[i][0], sides[i][1]
		v := Variance{Key: l.Key}
		var err error
		if v.Budget, err = minor(b.amount(), scale, l.Key); err != nil {
			return nil, Drivers{}, err
		}
		if v.Actual, err = minor(a.amount(), scale, l.Key); err != nil {
			return nil, Drivers{}, err
		}
		switch {
		case !b.there:
			v.Drivers.New = v.Actual
		case !a.there:
			v.Drivers.Ended = -v.Budget
		default:
			at := new(big.Rat).Set(a.quantity)
			if s, ok := units[l.Unit]; ok && s.budget.Sign() != 0 {
				at.Mul(s.actual, b.quantity).Quo(at, s.budget)
			}
			v.Drivers = split(b, a, at, scale, v.Actual-v.Budget)
		}
		out[i] = v
		total = total.plus(v.Drivers)
	}
	return out, total, nil
}

// side is a side in fractions.
type side struct {
	there                 bool
	quantity, price, rate *big.Rat
}

func (s Side) rational() side {
	return side{!s.Price.IsNull(), rational(s.Quantity, 1), rational(s.Price, 0), rational(s.Rate, 1)}
}

func rational(d facts.Decimal, otherwise int64) *big.Rat {
	if d.IsNull() {
		return big.NewRat(otherwise, 1)
	}
	r, _ := new(big.Rat).SetString(d.String())
	return r
}

func (s side) amount() *big.Rat {
	out := new(big.Rat).Mul(s.quantity, s.price)
	return out.Mul(out, s.rate)
}

// split finds the drivers of a line that is on both sides. At is the quantity that it would have at the shares of the budget.
func split(b, a side, at, scale *big.Rat, difference int64) Drivers {
	times := func(quantity, price, rate *big.Rat) *big.Rat {
		out := new(big.Rat).Mul(quantity, price)
		return out.Mul(out, rate).Mul(out, scale)
	}
	less := func(x, y *big.Rat) *big.Rat { return new(big.Rat).Sub(x, y) }
	parts := []*big.Rat{
		times(less(at, b.quantity), b.price, b.rate),
		times(less(a.quantity, at), b.price, b.rate),
		times(a.quantity, less(a.price, b.price), b.rate),
		times(a.quantity, a.price, less(a.rate, b.rate)),
	}
	whole := largestRemainder(parts, difference)
	return Drivers{Volume: whole[0], Mix: whole[1], Price: whole[2], Currency: whole[3]}
}

// largestRemainder rounds parts down or up so that they have the given sum. Parts that are 0 stay so where any other is not.
func largestRemainder(parts []*big.Rat, sum int64) []int64 {
	out, rest := make([]int64, len(parts)), make([]*big.Rat, len(parts))
	order := []int{}
	for i, p := range parts {
		floor, m := new(big.Int).DivMod(p.Num(), p.Denom(), new(big.Int))
		out[i] = floor.Int64()
		rest[i] = new(big.Rat).SetFrac(m, p.Denom())
		sum -= out[i]
		if p.Sign() != 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return rest[b].Cmp(rest[a]) })
	for sum != 0 && len(order) > 0 {
		step := int64(cmp.Compare(sum, 0))
		if step < 0 {
			slices.Reverse(order)
		}
		for _, i := range order {
			if sum == 0 {
				break
			}
			out[i] += step
			sum -= step
		}
	}
	return out
}

// minor rounds an amount half to even to minor units.
func minor(amount, scale *big.Rat, key string) (int64, error) {
	r := new(big.Rat).Mul(amount, scale)
	twice := new(big.Int).Lsh(r.Denom(), 1)
	n := new(big.Int).Lsh(r.Num(), 1)
	q, m := n.DivMod(n.Add(n, r.Denom()), twice, new(big.Int))
	if m.Sign() == 0 && q.Bit(0) == 1 {
		q.Sub(q, big.NewInt(1))
	}
	if q.BitLen() > 60 {
		return 0, fmt.Errorf("line %s: the amount %s is too large to be compared", key, amount.FloatString(2))
	}
	return q.Int64(), nil
}
