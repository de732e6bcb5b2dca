package cloudbill

import (
	"binnacle/facts"
	"binnacle/feed/internal/kit"
)

// amounts fills the four costs and the quantities of a line. It returns what part of a commitment was not used, for a line of its own.
func (a *awsBill) amounts(row *kit.Row, kind string, typ awsType, cost facts.Decimal) (unused facts.Decimal, err error) {
	r := a.reader
	r.same(cost)
	v := &r.line.Values
	amount := r.extra(row, a.amount)
	if typ.category == "Usage" || typ.category == "Purchase" {
		v[facts.PricingQuantity] = amount
	}
	if typ.used {
		v[facts.ConsumedQuantity] = amount
	}
	zero := facts.NewDecimal(0, 0)
	switch {
	case typ.covered:
		return zero, a.covered(row, typ, amount)
	case kind == "SavingsPlanNegation":
		// The line takes back what the covered use shows as billed. It is no cost of its own by any other measure.
		v[facts.Effective], v[facts.List], v[facts.Contracted] = zero, zero, zero
		v[facts.PricingQuantity] = facts.Decimal{}
	case typ.upfront, kind == "Fee" && len(row.Value(a.reservation)) > 0:
		v[facts.Effective] = zero
		if !typ.savings {
			v[facts.CommitmentQuantity] = r.extra(row, a.units)
		} else {
			v[facts.CommitmentQuantity] = cost
		}
	case typ.fee:
		v[facts.Effective] = zero
		return a.fee(row, typ)
	case kind == "Usage":
		if list := r.extra(row, a.public); !list.IsNull() {
			v[facts.List] = list
		}
	}
	return zero, nil
}

// covered fills the amounts of use that a commitment pays for.
func (a *awsBill) covered(row *kit.Row, typ awsType, amount facts.Decimal) (err error) {
	r := a.reader
	v := &r.line.Values
	at := a.reservationCost
	if typ.savings {
		at = a.planCost
	}
	if at < 0 || len(row.Value(at)) == 0 {
		r.writer.Warn(row, at, "", "the line has no effective cost, though a commitment covers it: what is billed was taken for it")
	} else if v[facts.Effective], err = r.cost(row, at); err != nil {
		return err
	}
	list := r.extra(row, a.public)
	if !list.IsNull() {
		v[facts.List] = list
	}
	v[facts.CommitmentQuantity] = amount
	if typ.savings {
		// The report bills the price without the plan here and takes it back in the negation.
		v[facts.CommitmentQuantity] = v[facts.Effective]
		return nil
	}
	if !list.IsNull() {
		v[facts.Contracted] = list
	}
	r.line.Items[a.contractedPrice] = nil
	return nil
}

// fee returns what of the fee of a commitment nobody used.
func (a *awsBill) fee(row *kit.Row, typ awsType) (facts.Decimal, error) {
	r := a.reader
	v := &r.line.Values
	var unused facts.Sum
	if typ.savings {
		committed, err := r.number(row, a.committed)
		if err != nil {
			return committed, err
		}
		drawn, err := r.number(row, a.drawn)
		if err != nil {
			return drawn, err
		}
		v[facts.CommitmentQuantity] = committed
		unused.Add(committed)
		unused.Add(drawn.Neg())
	} else {
		v[facts.CommitmentQuantity] = r.extra(row, a.units)
		for _, at := range []int{a.unusedUpfront, a.unusedRecurring} {
			part, err := r.number(row, at)
			if err != nil {
				return part, err
			}
			unused.Add(part)
		}
	}
	return unused.Decimal(), nil
}

// unused writes the line of what was paid for in advance and not used. It is billed with the fee, so it has an effective cost alone.
func (a *awsBill) unused(row *kit.Row, typ awsType, cost facts.Decimal) error {
	r := a.reader
	v := &r.line.Values
	zero := facts.NewDecimal(0, 0)
	*v = [facts.MaxMeasures]facts.Decimal{facts.Billed: zero, facts.Effective: cost, facts.List: zero, facts.Contracted: zero}
	v[facts.CommitmentQuantity] = cost
	if !typ.savings {
		v[facts.CommitmentQuantity] = r.extra(row, a.unusedUnits)
	}
	r.set(a.category, "Usage")
	r.set(a.frequency, "Usage-Based")
	r.set(a.pricing, "Committed")
	r.set(a.commitmentStatus, "Unused")
	r.line.Items[a.resource] = r.line.Items[a.commitment]
	for _, column := range []int{a.consumedUnit, a.listPrice, a.contractedPrice} {
		r.line.Items[column] = nil
	}
	return r.writer.Write(&r.line)
}
