package finance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// CommitmentsIn says how far ahead commitments are looked at.
type CommitmentsIn struct {
	// Months is how many months ahead are looked at. The default is 12.
	Months int `min:"1" max:"120" unit:"months"`
}

// CommitmentsOut is what is already promised to be paid, and how well commitments to clouds are used.
type CommitmentsOut struct {
	// Contracts is what contracts oblige to pay in the months ahead.
	Contracts practice.Figure
	// Orders is what was ordered and not invoiced yet.
	Orders practice.Figure
	// Coverage is the part of the use of clouds that could be committed and is, at contracted prices, in percent, in the last three whole months.
	Coverage practice.Figure
	// Utilisation is the part of the commitments to clouds that was drawn on, in percent, in the last three whole months.
	Utilisation practice.Figure
	// Unused is what was paid in the last three months for commitments that nothing drew on.
	Unused practice.Figure
	// Findings name what is wasted.
	Findings []practice.Finding
	// Table lists contracts and orders, the dearest first.
	Table practice.Table[CommittedRow]
	// Discounts lists the commitments to clouds.
	Discounts practice.Table[DiscountRow]
	// Months is the part of commitments that was drawn on, month by month.
	Months practice.Series
}

// CommittedRow is money that is promised.
type CommittedRow struct {
	// What is the contract or the order.
	What practice.Link
	// Vendor is who will be paid.
	Vendor practice.Link
	// Until is the day up to which it is promised.
	Until model.Date
	// Annual is what it costs in a year.
	Annual model.Money
	// Ahead is what is to be paid in the months ahead, in the currency of the books.
	Ahead model.Money
	// CostCentre is where it is booked.
	CostCentre practice.Link
}

// DiscountRow is a commitment to a cloud.
type DiscountRow struct {
	// Name is what the provider calls it.
	Name string
	// Type is the sort of commitment, such as a savings plan.
	Type string
	// Provider is the cloud.
	Provider string
	// Used is the effective cost of what drew on it.
	Used model.Money
	// Unused is the effective cost of what nothing drew on.
	Unused model.Money
	// Utilisation is the used part in percent.
	Utilisation model.Percent `unit:"%"`
	// Saved is how much less the use cost than at public prices, without what was wasted.
	Saved model.Money
	// From are the loads.
	From []practice.Link
}

// Commitments tells what is already promised to be paid: by contracts until their term ends, by orders that are
// not invoiced, and by commitments to clouds, with how much of the use they cover and how much of them is used
// (FOCUS: lines with a commitment discount are Used or Unused; coverage compares them with use at standard prices).
func Commitments(v estate.View, in CommitmentsIn) (CommitmentsOut, error) {
	return remember(commitmentsOf)(v, in)
}

func commitmentsOf(v estate.View, in CommitmentsIn) (CommitmentsOut, error) {
	var out CommitmentsOut
	book := costs.Of(v)
	rates := costs.NewRates(v, book.Currency)
	until := v.At().AddMonths(cmp.Or(in.Months, 12))
	contracts, orders := committed(v, rates, until)
	for _, c := range rates.Missing() {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, Text: fmt.Sprintf("There is no exchange rate from %s to %s: contracts and orders in %s are in no total. Add an exchange rate.", c, book.Currency, c)})
	}
	figure := func(rows []CommittedRow) practice.Figure {
		var sum facts.Sum
		var from []practice.Link
		for _, r := range rows {
			sum.Add(facts.Of(r.Ahead))
			from = append(from, r.What)
		}
		return moneyFigure(roundMoney(book.Money(sum)), from, fmt.Sprintf("Until %s.", until))
	}
	out.Contracts, out.Orders = figure(contracts), figure(orders)
	out.Table.Rows = append(contracts, orders...)
	slices.SortStableFunc(out.Table.Rows, func(a, b CommittedRow) int {
		return cmp.Or(cmp.Compare(b.Ahead.Float(), a.Ahead.Float()), strings.Compare(a.What.Key, b.What.Key))
	})
	s := newSearch(v, 3)
	out.discounts(s)
	return out, nil
}

// committed returns what contracts and orders oblige to pay until a day.
func committed(v estate.View, rates *costs.Rates, until model.Date) (contracts, orders []CommittedRow) {
	for c := range estate.Each[*model.Contract](v) {
		if c.State == "ended" || c.State == "draft" || c.AnnualCost.IsZero() || !c.End.IsZero() && c.End < v.At() {
			continue
		}
		begin, end := max(v.At(), c.Start), boundUntil(c, v.At(), until)
		if begin >= end {
			continue
		}
		annual, ok := rates.Convert(c.AnnualCost, v.At())
		if !ok {
			continue
		}
		year := v.At().AddMonths(12) - v.At()
		m, _ := fraction(sumOf(facts.Of(annual)), integer(int(end-begin)), integer(int(year))).Money(annual.Currency())
		contracts = append(contracts, CommittedRow{practice.To(c), practice.To(v.Get(c.Vendor)), end - 1, c.AnnualCost, roundMoney(m), practice.To(v.Get(c.CostCentre))})
	}
	for o := range estate.Each[*model.PurchaseOrder](v) {
		if o.State == "closed" || o.State == "cancelled" || o.State == "requested" || o.Amount.IsZero() {
			continue
		}
		converted, ok := rates.Convert(o.Amount, v.At())
		if done, also := rates.Convert(o.Invoiced, v.At()); also && !done.IsZero() {
			if rest, err := converted.Add(done.Neg()); err == nil {
				converted = rest
			}
		}
		if ok && converted.Sign() > 0 {
			orders = append(orders, CommittedRow{practice.To(o), practice.To(v.Get(o.Vendor)), o.Expected, model.Money{}, roundMoney(converted), practice.To(v.Get(o.CostCentre))})
		}
	}
	return contracts, orders
}

// boundUntil returns the day after the last one up to which a contract obliges, at most a day: its last day or, where it has no term, the end of the notice period.
func boundUntil(c *model.Contract, at, until model.Date) model.Date {
	if !c.End.IsZero() {
		return min(c.End+1, until)
	}
	switch {
	case !c.NoticeGiven.IsZero():
		return min(c.NoticeGiven.AddMonths(c.NoticeMonths).AddDays(noticeDays(c)), until)
	case c.NoticeMonths > 0:
		return min(at.AddMonths(c.NoticeMonths), until)
	case noticeDays(c) > 0:
		return min(at.AddDays(noticeDays(c)), until)
	}
	return until
}

// commitmentUse is how commitments to clouds were used.
type commitmentUse struct {
	name                           string
	used, unused, list, contracted facts.Sum
	lines                          []*costs.Line
}

// discounts looks at the commitments to clouds in the months of a search.
func (out *CommitmentsOut) discounts(s *search) {
	groups := map[string]*commitmentUse{}
	var all commitmentUse
	var standard facts.Sum
	var standardLines []*costs.Line
	byMonth := map[model.Date]*commitmentUse{}
	for _, l := range s.lines {
		status := strings.ToLower(l.Value("CommitmentDiscountStatus"))
		if status == "" {
			if l.Value("ChargeCategory") == "Usage" && l.Value("PricingCategory") == "Standard" && committable(l) {
				standard.AddSum(l.Amount(costs.Contracted))
				standardLines = append(standardLines, l)
			}
			continue
		}
		id := l.Value("ProviderName") + "\x00" + cmp.Or(l.Value("CommitmentDiscountId"), l.Value("CommitmentDiscountName"))
		if groups[id] == nil {
			groups[id] = &commitmentUse{name: cmp.Or(l.Value("CommitmentDiscountName"), l.Value("CommitmentDiscountId"), "A commitment without a name")}
		}
		if byMonth[l.Month] == nil {
			byMonth[l.Month] = &commitmentUse{}
		}
		for _, u := range []*commitmentUse{groups[id], byMonth[l.Month], &all} {
			u.lines = append(u.lines, l)
			if status == "unused" {
				u.unused.AddSum(l.Amount(costs.Effective))
			} else {
				u.used.AddSum(l.Amount(costs.Effective))
				u.list.AddSum(l.Amount(costs.List))
				u.contracted.AddSum(l.Amount(costs.Contracted))
			}
		}
	}
	out.discountFigures(s, &all, standard, standardLines)
	for _, id := range sortedKeys(groups) {
		g := groups[id]
		name := g.name
		saved := g.list
		saved.Sub(g.used)
		saved.Sub(g.unused)
		row := DiscountRow{name, g.lines[0].Value("CommitmentDiscountType"), g.lines[0].Value("ProviderName"), s.book.Money(g.used), s.book.Money(g.unused), utilisation(g), s.book.Money(saved), loadsOf(g.lines)}
		out.Discounts.Rows = append(out.Discounts.Rows, row)
		if row.Utilisation < 90 && g.unused.Sign() > 0 {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, From: row.From, Text: fmt.Sprintf("%s is drawn on to %s %%: %s was paid for nothing in %s.", name, row.Utilisation, roundMoney(row.Unused), practice.Count(s.months, "month", "months"))})
		}
	}
	line := practice.Line{Name: "Utilisation"}
	for month := s.first; month <= s.last && len(byMonth) > 0; month = month.AddMonths(1) {
		if u := byMonth[month]; u != nil {
			line.Points = append(line.Points, practice.Point{At: month, Value: float64(utilisation(u)), From: loadsOf(u.lines)})
		}
	}
	if len(line.Points) > 0 {
		out.Months = practice.Series{Unit: "%", Lines: []practice.Line{line}}
	}
}

func (out *CommitmentsOut) discountFigures(s *search, all *commitmentUse, standard facts.Sum, standardLines []*costs.Line) {
	target := 90.0
	out.Utilisation = practice.Figure{Value: float64(utilisation(all)), Unit: "%", Better: practice.Higher, Target: &target, From: loadsOf(all.lines), Unknown: len(all.lines) == 0}
	// What is covered is counted at the price that it would have without the commitment, as what is not covered is.
	covered := all.contracted
	whole := covered
	whole.AddSum(standard)
	out.Coverage = practice.Figure{Value: float64(percent(covered, whole)), Unit: "%", Better: practice.Higher, From: append(loadsOf(all.lines), loadsOf(standardLines)...), Unknown: whole.Sign() == 0}
	if out.Utilisation.Unknown {
		out.Utilisation.Note = "No bill has lines with a commitment."
	}
	out.Unused = moneyFigure(s.book.Money(all.unused), loadsOf(all.lines), s.window())
	out.Unused.Note = fmt.Sprintf("From %s until %s.", s.first, costs.LastDay(s.last))
	if len(s.lines) == 0 {
		out.Unused.Note = s.book.None()
	}
	out.Unused.Better = practice.Lower
}

func utilisation(u *commitmentUse) model.Percent {
	whole := u.used
	whole.AddSum(u.unused)
	return percent(u.used, whole)
}

// committable reports whether providers sell commitments for what a line is about.
func committable(l *costs.Line) bool {
	switch l.Value("ServiceCategory") {
	case "Compute", "Databases", "AI and Machine Learning", "Analytics":
		return true
	}
	return false
}

// noticeDays returns how many days before the end notice must have been given.
func noticeDays(c *model.Contract) int { return int(time.Duration(c.Notice) / (24 * time.Hour)) }
