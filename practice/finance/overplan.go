package finance

import (
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// varianceFromPlan splits the difference between the budgets of the fiscal year, up to the last period that is over, and what was spent. A budget that plans a quantity
// tells price from volume, one in another currency tells what its planned rate does; of any other, the whole difference counts as price. What no budget is for is new.
func varianceFromPlan(v estate.View, in VarianceIn) (VarianceOut, error) {
	plan, err := newPlan(v, BudgetIn{Measure: in.Measure})
	if err != nil {
		return VarianceOut{}, err
	}
	plan.assign()
	if plan.done == 0 || len(plan.budgets) == 0 {
		var out VarianceOut
		out.Table.Note = fmt.Sprintf("There is no approved budget for the fiscal year %d, or no period of it that is over and has bills.", plan.year)
		return out, nil
	}
	c := &comparison{book: plan.book, measure: plan.measure(), articles: map[article]*pair{}}
	var budgets []practice.Link
	for _, b := range plan.budgets {
		p := &pair{there: [2]bool{true, len(b.lines) > 0}, loads: append([]practice.Link{practice.To(b.Budget)}, loadsOf(b.lines)...)}
		p.converted[0] = plan.planned(b, plan.done)
		p.original[0] = p.converted[0]
		c.spent(p, b.lines)
		if p.foreign(b) {
			p.original[0] = sumOf(facts.Of(b.Amount))
			if part, ok := quotient(p.converted[0], sumOf(b.amount)); ok {
				p.original[0] = sumOf(facts.Of(b.Amount).Mul(part))
			}
		} else {
			p.original[1] = p.converted[1]
		}
		if share, ok := quotient(p.converted[0], sumOf(b.amount)); ok && b.Quantity > 0 {
			if planned, err := facts.ParseDecimal(fmt.Sprintf("%.6f", b.Quantity)); err == nil {
				p.quantity[0] = sumOf(planned.Mul(share))
				p.quantity[1] = counted(b.lines, b.Unit)
			}
		}
		c.put(article{service: b.Title()}, p)
		budgets = append(budgets, practice.To(b.Budget))
	}
	if len(plan.none.lines) > 0 {
		p := &pair{there: [2]bool{false, true}, loads: loadsOf(plan.none.lines)}
		c.spent(p, plan.none.lines)
		p.original[1] = p.converted[1]
		c.put(article{service: "No budget"}, p)
	}
	note := fmt.Sprintf("Fiscal year %d, from %s until %s, against its budgets.", plan.year, plan.periods[0].First, plan.periods[plan.done-1].Last)
	out, err := c.answer(note, budgets, loadsOf(plan.all))
	out.Table.Note = "Where a budget plans no quantity, its whole difference counts as price."
	return out, err
}

// put adds an article. Budgets of one title are kept apart.
func (c *comparison) put(key article, p *pair) {
	for n := 2; c.articles[key] != nil; n++ {
		key.sku = fmt.Sprint(n)
	}
	c.articles[key] = p
	c.order = append(c.order, key)
}

// spent adds what lines cost to the later side.
func (c *comparison) spent(p *pair, lines []*costs.Line) {
	for _, l := range lines {
		p.original[1].AddSum(l.Original[c.measure.Index()])
		p.converted[1].AddSum(l.Amount(c.measure))
		if l.Currency != lines[0].Currency {
			p.mixed = true
		}
	}
	if len(lines) > 0 {
		p.currency = lines[0].Currency
	}
}

// foreign reports whether a budget and all of its lines are in one currency that is not that of the books.
func (p *pair) foreign(b *budgeted) bool {
	return !p.mixed && p.currency != "" && p.currency == b.Amount.Currency() && b.PlannedRate.Sign() > 0 && b.PlannedRate.Currency() != p.currency
}

// counted adds up the quantities of lines in a unit. An unset unit means any.
func counted(lines []*costs.Line, unit string) facts.Sum {
	var out facts.Sum
	for _, l := range lines {
		if unit == "" || strings.EqualFold(l.Value("PricingUnit"), unit) {
			out.AddSum(l.Original[facts.PricingQuantity])
		}
	}
	return out
}
