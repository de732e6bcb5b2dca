package suppliers

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"binnacle/model"
)

// How money is counted here: exactly, as fractions, and rounded once at the end, half to even, to two places. A month costs a
// twelfth of a year and a day its part of the days of its month, so that twelve months always cost a year. A price that follows
// an index is taken to rise by the whole percentage at every anniversary of the start of the contract after the price was
// agreed: that is the most that it can cost. It is then rounded to the places that the agreed price has, two at least.

// CostOn returns what a contract costs in a year at the prices of a day: by its price steps, where one holds, or by the cost
// that was agreed for a year, and risen by indexation. What is paid once is not in it. It is unset where nobody knows, and the error says where prices are in several currencies.
func CostOn(c *model.Contract, day model.Date) (model.Money, error) {
	rate, currency, err := yearly(c, day)
	if err != nil || currency == "" {
		return model.Money{}, err
	}
	return moneyOf(rate, currency, 2), nil
}

// CostOver returns what a contract costs from a first to a last day, both of
// them counted, if it is in force on all of them. What is paid once counts on its day.
func CostOver(c *model.Contract, from, until model.Date) (model.Money, error) {
	sum, currency := new(big.Rat), ""
	cuts := changesIn(c, from, until)
	for i, start := range cuts {
		end := until
		if i+1 < len(cuts) {
			end = cuts[i+1] - 1
		}
		rate, in, err := yearly(c, start)
		if err != nil {
			return model.Money{}, err
		}
		if in == "" {
			continue
		}
		if currency != "" && in != currency {
			return model.Money{}, mixed(currency, in)
		}
		currency = in
		part := new(big.Rat).Mul(rate, monthsIn(start, end))
		sum.Add(sum, part.Quo(part, big.NewRat(12, 1)))
	}
	for _, p := range c.Prices {
		if p.Per != "once" || p.From < from || p.From > until {
			continue
		}
		if currency != "" && p.Amount.Currency() != currency {
			return model.Money{}, mixed(currency, p.Amount.Currency())
		}
		currency = p.Amount.Currency()
		sum.Add(sum, new(big.Rat).Mul(ratOf(p.Amount), quantity(p)))
	}
	if currency == "" {
		return model.Money{}, nil
	}
	return moneyOf(sum, currency, 2), nil
}

// Outstanding returns what is still to be paid from a day until an exit: the
// cost of that time, or what must be bought at least where that is more.
func Outstanding(c *model.Contract, day, exit model.Date) (model.Money, error) {
	if exit.IsZero() || exit < day {
		return model.Money{}, nil
	}
	cost, err := CostOver(c, max(day, c.Start), exit)
	if err != nil || c.Committed.IsZero() {
		return cost, err
	}
	least := new(big.Rat).Mul(ratOf(c.Committed), monthsIn(max(day, c.Start), exit))
	floor := moneyOf(least.Quo(least, big.NewRat(12, 1)), c.Committed.Currency(), 2)
	if cost.IsZero() {
		return floor, nil
	}
	more, err := floor.Cmp(cost)
	if err != nil {
		return model.Money{}, mixed(cost.Currency(), floor.Currency())
	}
	if more > 0 {
		return floor, nil
	}
	return cost, nil
}

func mixed(a, b string) error {
	return fmt.Errorf("the contract has amounts in %s and in %s: write all of them in one currency", a, b)
}

// yearly returns what a contract costs in a year at the prices of a day, with its currency. There is no currency where no price is known.
func yearly(c *model.Contract, day model.Date) (*big.Rat, string, error) {
	sum, currency := new(big.Rat), ""
	for _, p := range pricesOn(c, day) {
		if currency != "" && p.Amount.Currency() != currency {
			return nil, "", mixed(currency, p.Amount.Currency())
		}
		currency = p.Amount.Currency()
		price := indexed(c, p.Amount, p.From, day)
		price.Mul(price, quantity(p))
		switch p.Per {
		case "quarter":
			price.Mul(price, big.NewRat(4, 1))
		case "month":
			price.Mul(price, big.NewRat(12, 1))
		}
		sum.Add(sum, price)
	}
	if currency != "" {
		return sum, currency, nil
	}
	t := TermsOn(c, day)
	if t.AnnualCost.IsZero() {
		return sum, "", nil
	}
	return indexed(c, t.AnnualCost, t.CostSince, day), t.AnnualCost.Currency(), nil
}

// pricesOn returns the price steps that hold on a day: for each unit the last one that has begun. What is paid once is left out.
func pricesOn(c *model.Contract, day model.Date) []model.PriceStep {
	steps := slices.DeleteFunc(slices.Clone(c.Prices), func(p model.PriceStep) bool { return p.From > day || p.Per == "once" || p.Amount.IsZero() })
	slices.SortStableFunc(steps, func(a, b model.PriceStep) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a.Unit), strings.ToLower(b.Unit)), cmp.Compare(a.From, b.From))
	})
	var out []model.PriceStep
	for i, p := range steps {
		if i+1 == len(steps) || !strings.EqualFold(steps[i+1].Unit, p.Unit) {
			out = append(out, p)
		}
	}
	return out
}

// indexed returns a price as it is on a day, if it rose at every anniversary of the contract since it was agreed.
func indexed(c *model.Contract, price model.Money, since, day model.Date) *big.Rat {
	out := ratOf(price)
	if c.Indexation <= 0 || c.Start.IsZero() {
		return out
	}
	rise, ok := new(big.Rat).SetString(c.Indexation.String())
	if !ok {
		return out
	}
	factor := rise.Quo(rise, big.NewRat(100, 1))
	factor.Add(factor, big.NewRat(1, 1))
	_, fraction, _ := strings.Cut(price.Amount(), ".")
	for year := 1; ; year++ {
		on := c.Start.AddMonths(12 * year)
		if on > day {
			return out
		}
		if on > since {
			out = ratOf(moneyOf(out.Mul(out, factor), price.Currency(), max(2, len(fraction))))
		}
	}
}

// changesIn returns the days of a time on which the price may change, the first day of the time before them.
func changesIn(c *model.Contract, from, until model.Date) []model.Date {
	cuts := []model.Date{from}
	for _, a := range c.Amendments {
		cuts = append(cuts, a.On)
	}
	for _, p := range c.Prices {
		cuts = append(cuts, p.From)
	}
	if c.Indexation > 0 && !c.Start.IsZero() {
		for year := 1; ; year++ {
			on := c.Start.AddMonths(12 * year)
			if on > until {
				break
			}
			cuts = append(cuts, on)
		}
	}
	slices.Sort(cuts)
	cuts = slices.DeleteFunc(slices.Compact(cuts), func(d model.Date) bool { return d < from || d > until })
	return cuts
}

// monthsIn returns how many months there are from a first to a last day, both counted. A day is a part of the days of its month.
func monthsIn(from, until model.Date) *big.Rat {
	out := new(big.Rat)
	if until < from {
		return out
	}
	a, b := from.Time(), until.Time()
	last := periodEnd(from, 1)
	days := int64(last.Time().Day())
	if until <= last {
		return out.SetFrac64(int64(until-from)+1, days)
	}
	out.SetFrac64(int64(last-from)+1, days)
	whole := 12*(b.Year()-a.Year()) + int(b.Month()-a.Month()) - 1
	out.Add(out, big.NewRat(int64(whole), 1))
	return out.Add(out, big.NewRat(int64(b.Day()), int64(periodEnd(until, 1).Time().Day())))
}

func quantity(p model.PriceStep) *big.Rat {
	if p.Quantity == 0 {
		return big.NewRat(1, 1)
	}
	q, ok := new(big.Rat).SetString(strconv.FormatFloat(p.Quantity, 'f', -1, 64))
	if !ok {
		return big.NewRat(1, 1)
	}
	return q
}

func ratOf(m model.Money) *big.Rat {
	r, ok := new(big.Rat).SetString(m.Amount())
	if !ok {
		return new(big.Rat)
	}
	return r
}

// moneyOf returns a fraction as money, rounded half to even to so many places.
func moneyOf(r *big.Rat, currency string, places int) model.Money {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(places)), nil)
	num := new(big.Int).Mul(r.Num(), scale)
	quo, rest := new(big.Int).QuoRem(new(big.Int).Abs(num), r.Denom(), new(big.Int))
	switch rest.Lsh(rest, 1).Cmp(r.Denom()) {
	case 1:
		quo.Add(quo, big.NewInt(1))
	case 0:
		quo.Add(quo, new(big.Int).And(quo, big.NewInt(1)))
	}
	if num.Sign() < 0 {
		quo.Neg(quo)
	}
	out, err := model.NewMoney(new(big.Rat).SetFrac(quo, scale).FloatString(places), currency)
	if err != nil {
		return model.Money{}
	}
	return out
}
