package finance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
	"binnacle/practice/finance/fiscal"
)

// BudgetIn says which budgets are compared with what was spent.
type BudgetIn struct {
	// Year is the number of the fiscal year. Unset means the year of the view.
	Year int `min:"1990" max:"2200"`
	// CostCentre limits the answer to a cost centre.
	CostCentre model.Ref `to:"CostCentre"`
	// Measure says which of the four amounts counts as spent. Unset means the effective cost.
	Measure costs.Measure
}

// BudgetOut is what was planned, what was spent and what the year will bring.
type BudgetOut struct {
	// Budget is what may be spent in the year.
	Budget practice.Figure
	// ToDate is what was planned up to the last month with lines.
	ToDate practice.Figure
	// Actual is what was spent up to then.
	Actual practice.Figure
	// Variance is the actual spend less the plan to date. Above 0 is overspent.
	Variance practice.Figure
	// Expected is what the year will cost: what was spent, and for the rest of the year the plan as far as it holds.
	Expected practice.Figure
	// Unbudgeted is what was spent and no budget is for.
	Unbudgeted practice.Figure
	// Months are plan and spend of the periods of the year, added up.
	Months practice.Series
	// Findings name budgets that are overspent or will be.
	Findings []practice.Finding
	// Table lists the budgets, the largest overspending first.
	Table practice.Table[BudgetRow]
}

// BudgetRow is one budget.
type BudgetRow struct {
	// Budget is the record. It is empty for what no budget is for.
	Budget practice.Link
	// Name says what it is for.
	Name string
	// CostCentre is where it is booked.
	CostCentre practice.Link
	// Purpose is run, grow or transform.
	Purpose model.Purpose
	// Year is what may be spent in the year.
	Year model.Money
	// ToDate is what was planned up to the last month with lines.
	ToDate model.Money
	// Actual is what was spent up to then.
	Actual model.Money
	// Variance is the actual spend less the plan to date.
	Variance model.Money
	// Percent is the variance in percent of the plan to date.
	Percent *float64 `label:"Variance %" unit:"%"`
	// Expected is what the year will cost: the spend so far, and what the rest of the plan would cost at the same rate of spending.
	Expected model.Money
	// From are the loads that the spend is in.
	From []practice.Link
}

// Budgets compares budgets with what was spent, period by period of the fiscal year, and says what the
// year will cost. A line of a bill counts towards the most exact budget that fits it: by cost centre,
// pool, tower, purpose, treatment and what it is for. What no budget is for is told by itself.
func Budgets(v estate.View, in BudgetIn) (BudgetOut, error) {
	return remember(budgetsIn)(v, in)
}

func budgetsIn(v estate.View, in BudgetIn) (BudgetOut, error) {
	p, err := newPlan(v, in)
	if err != nil {
		return BudgetOut{}, err
	}
	p.assign()
	return p.answer(), nil
}

// plan is the budgets of a fiscal year and the lines that count towards them.
type plan struct {
	view estate.View
	in   BudgetIn
	book *costs.Book
	year int
	// weeks says that periods are counted in weeks.
	weeks    bool
	findings []practice.Finding
	periods  []fiscal.Period
	// done is how many periods are over and have lines.
	done    int
	budgets []*budgeted
	none    *budgeted
	// all are all lines of the year up to the last period that counts.
	all []*costs.Line
}

// budgeted is one budget with its lines.
type budgeted struct {
	*model.Budget
	amount facts.Decimal
	lines  []*costs.Line
}

func newPlan(v estate.View, in BudgetIn) (*plan, error) {
	var calendars []*model.FiscalCalendar
	for c := range estate.Each[*model.FiscalCalendar](v) {
		calendars = append(calendars, c)
	}
	calendar, _, err := fiscal.For(calendars, model.Ref{})
	if err != nil {
		return nil, err
	}
	p := &plan{view: v, in: in, book: costs.Of(v), none: &budgeted{Budget: &model.Budget{}}}
	p.year = cmp.Or(in.Year, calendar.On(v.At()).Year)
	p.periods = calendar.Periods(p.year)
	p.weeks = calendar.Weeks(p.year) > 0
	rates := costs.NewRates(v, p.book.Currency)
	for b := range estate.Each[*model.Budget](v) {
		if b.FiscalYear != p.year || b.State == "draft" || b.State == "proposed" || !in.CostCentre.IsZero() && b.CostCentre != in.CostCentre {
			continue
		}
		amount, ok := planInBooks(b, rates, p.periods[0].First)
		if !ok {
			p.findings = append(p.findings, practice.Finding{Severity: practice.High, About: practice.To(b), Text: fmt.Sprintf("%s is in %s and there is no exchange rate on or before %s: it is in no total. Give it a planned rate or add an exchange rate.", b.Title(), b.Amount.Currency(), p.periods[0].First)})
			continue
		}
		p.budgets = append(p.budgets, &budgeted{Budget: b, amount: facts.Of(amount)})
	}
	return p, nil
}

// planInBooks returns the amount of a budget in the currency of the books: at its planned rate, otherwise at the rate of the first day of the year.
func planInBooks(b *model.Budget, rates *costs.Rates, first model.Date) (model.Money, bool) {
	if rate := b.PlannedRate; rate.Sign() > 0 && b.Amount.Currency() != rate.Currency() {
		if in, ok := rates.Convert(rate, first); ok && rate.Equal(in) {
			out, err := facts.Of(b.Amount).Mul(facts.Of(rate)).Money(rate.Currency())
			return out, err == nil
		}
	}
	return rates.Convert(b.Amount, first)
}

// assign gives every line of the year to the most exact budget that fits it.
func (p *plan) assign() {
	_, last, _ := p.book.Span()
	for i, period := range p.periods {
		if middle(period) <= costs.LastDay(last) && period.Last < p.view.At() {
			p.done = i + 1
		}
	}
	if p.done == 0 {
		return
	}
	lines := p.book.Between(p.periods[0].First, p.periods[p.done-1].Last)
	if slices.ContainsFunc(p.budgets, func(b *budgeted) bool { return !b.For.IsZero() }) {
		lines = parted(lines)
	}
	chosen := map[said]*budgeted{}
	for _, l := range lines {
		if at := p.periodOf(l.Month); at < 0 || at >= p.done || !p.in.CostCentre.IsZero() && l.CostCentre != p.in.CostCentre {
			continue
		}
		p.all = append(p.all, l)
		best := chosen[saidOf(l)]
		if best == nil {
			best = p.none
			most := -1
			for _, b := range p.budgets {
				if n := b.fits(l); n > most {
					best, most = b, n
				}
			}
			chosen[saidOf(l)] = best
		}
		best.lines = append(best.lines, l)
	}
}

// said is what of a line decides which budget it counts towards.
type said struct {
	costCentre, pool, tower, vendor, contract, owner model.Ref
	purpose                                          model.Purpose
	treatment                                        model.Treatment
}

func saidOf(l *costs.Line) said {
	owner, _ := l.Owner()
	return said{l.CostCentre, l.Pool, l.Tower, l.Vendor, l.Contract, owner, l.Purpose, l.Treatment}
}

// belongs reports whether a line belongs to a record or is booked on it.
func belongs(l *costs.Line, to model.Ref) bool {
	return slices.ContainsFunc(l.For, func(s costs.Share) bool { return s.To == to }) || l.CostCentre == to
}

func middle(p fiscal.Period) model.Date { return p.First + (p.Last-p.First)/2 }

// periodOf returns the place of the period that a month of lines is in: the one that has the middle of the month.
func (p *plan) periodOf(month model.Date) int {
	day := month.AddDays(14)
	return slices.IndexFunc(p.periods, func(one fiscal.Period) bool { return one.First <= day && day <= one.Last })
}

// fits returns how many things a budget says that a line agrees with, or -1 where it does not agree with one of them.
func (b *budgeted) fits(l *costs.Line) int {
	n := 0
	for _, c := range []struct {
		said   bool
		agrees bool
	}{
		{!b.CostCentre.IsZero(), b.CostCentre == l.CostCentre},
		{!b.Pool.IsZero(), b.Pool == l.Pool},
		{!b.Tower.IsZero(), b.Tower == l.Tower},
		{!b.For.IsZero(), belongs(l, b.For) || b.For == l.Vendor || b.For == l.Contract},
		{b.Purpose != "", b.Purpose == l.Purpose},
		{b.Treatment != "", b.Treatment == l.Treatment || b.Treatment == "opex" && l.Treatment == ""},
	} {
		if c.said && !c.agrees {
			return -1
		}
		if c.said {
			n++
		}
	}
	return n
}

// planned returns the part of a budget that is planned for the first periods of the year.
func (p *plan) planned(b *budgeted, periods int) facts.Sum {
	whole, part := 0.0, 0.0
	for _, s := range b.Periods {
		whole += s.Share
		if s.Period <= periods {
			part += s.Share
		}
	}
	if whole <= 0 {
		whole, part = float64(len(p.periods)), float64(periods)
	}
	return fraction(sumOf(b.amount), number(part), number(whole))
}

func (p *plan) measure() costs.Measure { return cmp.Or(p.in.Measure, costs.Effective) }

func (p *plan) answer() BudgetOut {
	var out BudgetOut
	var year, toDate, expected facts.Sum
	var from []practice.Link
	out.Findings = append(bookFindings(p.book), p.findings...)
	for _, b := range p.budgets {
		row := p.row(b)
		out.Table.Rows = append(out.Table.Rows, row)
		year.Add(b.amount)
		toDate.Add(facts.Of(row.ToDate))
		expected.Add(facts.Of(row.Expected))
		from = append(from, row.Budget)
		if f, ok := overspent(row); ok {
			out.Findings = append(out.Findings, f)
		}
	}
	unbudgeted := costs.Sum(p.none.lines, p.measure())
	if unbudgeted.Sign() != 0 {
		row := p.row(p.none)
		row.Name = "No budget"
		out.Table.Rows = append(out.Table.Rows, row)
		expected.Add(facts.Of(row.Expected))
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b BudgetRow) int {
		return cmp.Or(cmp.Compare(b.Variance.Float(), a.Variance.Float()), strings.Compare(a.Name, b.Name))
	})
	money := func(s facts.Sum) model.Money { return roundMoney(p.book.Money(s)) }
	actual := costs.Sum(p.all, p.measure())
	variance := sumOf(facts.Of(money(actual)))
	variance.Sub(toDate)
	note := fmt.Sprintf("Fiscal year %d.", p.year)
	if p.done > 0 {
		note = fmt.Sprintf("Fiscal year %d, from %s until %s.", p.year, p.periods[0].First, p.periods[p.done-1].Last)
	}
	if p.weeks && p.done > 0 {
		note += " Bills are added up by month, and a month counts in the period that its middle is in."
	}
	out.Budget = moneyFigure(money(year), from, fmt.Sprintf("Fiscal year %d.", p.year))
	out.ToDate = moneyFigure(money(toDate), from, note)
	out.Actual = moneyFigure(money(actual), loadsOf(p.all), note)
	out.Variance = moneyFigure(money(variance), append(slices.Clone(from), loadsOf(p.all)...), "Above 0 is overspent.")
	out.Variance.Better = practice.Lower
	out.Expected = moneyFigure(money(expected), from, "What was spent, and the rest of the plan at the same rate of spending.")
	out.Unbudgeted = moneyFigure(money(unbudgeted), loadsOf(p.none.lines), "")
	out.Unbudgeted.Better = practice.Lower
	out.Months = p.series()
	if len(p.budgets) == 0 {
		out.Table.Note = fmt.Sprintf("There is no approved budget for the fiscal year %d: create one.", p.year)
	}
	return out
}

func (p *plan) row(b *budgeted) BudgetRow {
	actual := costs.Sum(b.lines, p.measure())
	toDate := facts.Sum{}
	if b != p.none {
		toDate = p.planned(b, p.done)
	}
	money := func(s facts.Sum) model.Money { return roundMoney(p.book.Money(s)) }
	// What is shown adds up: the variance is that of the rounded amounts.
	variance := sumOf(facts.Of(money(actual)))
	variance.Sub(sumOf(facts.Of(money(toDate))))
	row := BudgetRow{CostCentre: practice.To(p.view.Get(b.CostCentre)), Purpose: b.Purpose, ToDate: money(toDate), Actual: money(actual), Variance: money(variance), From: loadsOf(b.lines)}
	if b != p.none {
		row.Budget, row.Name, row.Year = practice.To(b.Budget), b.Title(), money(sumOf(b.amount))
	}
	if toDate.Sign() > 0 {
		share := oneDecimal(variance.Float() / toDate.Float() * 100)
		row.Percent = &share
	}
	row.Expected = money(p.expected(b, actual, toDate))
	return row
}

// expected returns what a budget will have cost at the end of the year: what was spent, and what is left of the plan at the rate of spending so
// far, at most twice the plan. Without a plan, the spend goes on as it was.
func (p *plan) expected(b *budgeted, actual, toDate facts.Sum) facts.Sum {
	if p.done == 0 {
		return sumOf(b.amount)
	}
	rest := actual
	ratio := float64(len(p.periods)-p.done) / float64(p.done)
	if b != p.none {
		rest, ratio = sumOf(b.amount), 1
		rest.Sub(toDate)
		if toDate.Sign() > 0 {
			ratio = min(max(actual.Float()/toDate.Float(), 0), 2)
		}
	}
	part := fraction(rest, number(ratio), integer(1))
	part.AddSum(actual)
	return part
}

// overspent tells of a budget that is or will be overspent by more than 5 %.
func overspent(row BudgetRow) (practice.Finding, bool) {
	over := row.Expected.Float() - row.Year.Float()
	if row.Year.Float() <= 0 || over < row.Year.Float()*0.05 {
		return practice.Finding{}, false
	}
	severity := practice.Medium
	if over > row.Year.Float()*0.15 {
		severity = practice.High
	}
	excess, _ := row.Expected.Add(row.Year.Neg())
	return practice.Finding{
		Severity: severity, About: row.Budget, From: row.From,
		Text: fmt.Sprintf("%s will be overspent by %s at the rate of spending so far: %s of %s are spent, and %s were planned by now.", row.Name, excess, row.Actual, row.Year, row.ToDate),
	}, true
}

// series returns plan and spend added up over the periods of the year.
func (p *plan) series() practice.Series {
	out := practice.Series{Unit: p.book.Currency}
	planned, actual := practice.Line{Name: "Budget"}, practice.Line{Name: "Actual"}
	byPeriod := make([][]*costs.Line, p.done)
	for _, l := range p.all {
		byPeriod[p.periodOf(l.Month)] = append(byPeriod[p.periodOf(l.Month)], l)
	}
	var so facts.Sum
	for i, period := range p.periods {
		var s facts.Sum
		for _, b := range p.budgets {
			s.AddSum(p.planned(b, i+1))
		}
		planned.Points = append(planned.Points, practice.Point{At: period.First, Value: roundMoney(p.book.Money(s)).Float()})
		if i >= p.done {
			continue
		}
		so.AddSum(costs.Sum(byPeriod[i], p.measure()))
		actual.Points = append(actual.Points, practice.Point{At: period.First, Value: roundMoney(p.book.Money(so)).Float(), From: loadsOf(byPeriod[i])})
	}
	if len(p.budgets) > 0 {
		out.Lines = append(out.Lines, planned)
	}
	if len(actual.Points) > 0 {
		out.Lines = append(out.Lines, actual)
	}
	return out
}

// WithinBudgetIn says how much more than planned may be spent.
type WithinBudgetIn struct {
	// Tolerance is by how many percent a budget may be overspent. The default is 5.
	Tolerance model.Percent `min:"0" max:"100" unit:"%"`
	// Year is the number of the fiscal year. Unset means the year of the view.
	Year int `min:"1990" max:"2200"`
}

// WithinBudget checks that no budget is overspent up to now by more than a tolerance.
func WithinBudget(v estate.View, in WithinBudgetIn) (practice.Verdict, error) {
	answer, err := Budgets(v, BudgetIn{Year: in.Year})
	if err != nil {
		return practice.Verdict{}, err
	}
	tolerance := float64(cmp.Or(in.Tolerance, 5))
	out := practice.Verdict{Pass: true}
	for _, row := range answer.Table.Rows {
		if row.Budget.IsZero() || row.Percent == nil {
			continue
		}
		out.Checked = append(out.Checked, row.Budget)
		if *row.Percent > tolerance {
			out.Pass = false
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: row.Budget, From: row.From, Text: fmt.Sprintf("%s is overspent by %s (%g %%).", row.Name, row.Variance, *row.Percent)})
		}
	}
	switch {
	case len(out.Checked) == 0:
		out.Pass, out.Unknown, out.Text = false, true, "There is no approved budget with a plan up to now."
	case out.Pass:
		out.Text = fmt.Sprintf("All of %s within %g %%.", practice.Count(len(out.Checked), "budget is", "budgets are"), tolerance)
	default:
		out.Text = fmt.Sprintf("%s overspent by more than %g %%.", practice.Count(len(out.Findings), "budget is", "budgets are"), tolerance)
	}
	return out, nil
}
