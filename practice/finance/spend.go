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
)

// SpendIn says which lines of bills are added up, and how they are grouped.
type SpendIn struct {
	// From is the first day. Months count as a whole. Unset means from the first line on.
	From model.Date
	// Until is the last day. Unset means up to the last line.
	Until model.Date
	// By is what the table groups by: a column such as ServiceName, a tag such as tag:application, or one of the words for,
	// service, vendor, contract, cost_centre, pool, tower, purpose, treatment, load and month. Unset means service: that of the
	// bill or, for lines of ledgers, the cost pool.
	By string
	// Only limits the lines to those whose group is this text. Upper and lower case are the same.
	Only string
	// For limits the lines to those that belong to a record or are booked on it. Of a line that several share, its part counts.
	For model.Ref `to:"Application,Service,Product,Team,BusinessUnit,CostCentre,Project,Capability,Initiative,Goal"`
	// Most is how many groups are listed; the rest is added up in one row. The default is 50.
	Most int `min:"1" max:"10000"`
}

// SpendOut is what was spent.
type SpendOut struct {
	// Billed is what the invoices ask to be paid.
	Billed practice.Figure
	// Effective is the cost of the use, with what was paid in advance spread over it.
	Effective practice.Figure
	// List is the cost at public prices.
	List practice.Figure
	// Contracted is the cost at negotiated prices, before commitments.
	Contracted practice.Figure
	// Lines is how many lines of bills and ledgers were added up.
	Lines practice.Figure
	// Unmapped is the effective cost of lines of which nobody knows whom they belong to.
	Unmapped practice.Figure
	// Months are the amounts month by month.
	Months practice.Series
	// Findings name what the totals lack and what is not mapped.
	Findings []practice.Finding
	// Table is the spend by group, the dearest first.
	Table practice.Table[SpendRow]
	// Currencies are the amounts as the bills have them, by currency.
	Currencies practice.Table[CurrencyRow]
	// Rates are the exchange rates that were used.
	Rates practice.Table[RateRow]
}

// SpendRow is what was spent on one group.
type SpendRow struct {
	// Group is the value that the lines have in common.
	Group string
	// Record is the record behind it, where there is one.
	Record practice.Link
	// Billed is what the invoices ask to be paid.
	Billed model.Money
	// Effective is the cost of the use.
	Effective model.Money
	// List is the cost at public prices.
	List model.Money
	// Share is the part of the cost of all groups.
	Share model.Percent `unit:"%"`
	// Lines is how many lines there are.
	Lines int
	// From are the loads that the lines are in.
	From []practice.Link
}

// CurrencyRow is what bills in one currency add up to.
type CurrencyRow struct {
	// Currency is the currency of the bills.
	Currency string
	// Billed is what the invoices ask to be paid.
	Billed model.Money
	// Effective is the cost of the use.
	Effective model.Money
	// List is the cost at public prices.
	List model.Money
	// Contracted is the cost at negotiated prices.
	Contracted model.Money
	// Counted says whether the amounts are in the totals.
	Counted bool
}

// RateRow is an exchange rate that was used.
type RateRow struct {
	// Currency is the currency that was converted.
	Currency string
	// On is the day from which the rate holds.
	On model.Date
	// Rate is what one unit of the currency costs.
	Rate model.Money
	// How says which published rates it was found from.
	How string
	// Record is the exchange rate, the first one where two were needed.
	Record practice.Link
}

// Spend adds up the lines of all bills, invoices and ledgers that count: what
// was billed, what the use cost, and what it would cost at public and at
// negotiated prices. It groups them by any column or tag, shows them by month, and
// says what is missing from the totals. Amounts keep all their digits.
func Spend(v estate.View, in SpendIn) (SpendOut, error) {
	return remember(spendOn)(v, in)
}

func spendOn(v estate.View, in SpendIn) (SpendOut, error) {
	book := costs.Of(v)
	by := cmp.Or(strings.TrimSpace(in.By), byService)
	grouper := newGrouper(v, by)
	choose := func(lines []*costs.Line) []*costs.Line {
		if !in.For.IsZero() {
			lines = belonging(lines, in.For)
		} else if strings.EqualFold(by, byRecord) {
			lines = parted(lines)
		}
		if in.Only == "" {
			return lines
		}
		return pick(lines, func(l *costs.Line) bool { return strings.EqualFold(grouper.group(l).name, in.Only) })
	}
	lines := choose(book.Between(in.From, in.Until))
	var out SpendOut
	from := loadsOf(lines)
	figure := func(m costs.Measure, note string) practice.Figure {
		return moneyFigure(book.Money(costs.Sum(lines, m)), from, note)
	}
	out.Billed = figure(costs.Billed, "")
	out.Effective = figure(costs.Effective, "")
	out.List = figure(costs.List, "")
	out.Contracted = figure(costs.Contracted, "")
	count := int64(0)
	var unmapped []*costs.Line
	type whole struct {
		load  *model.Load
		item  uint32
		month model.Date
	}
	counted := map[whole]bool{}
	for i := range lines {
		// Parts of one line count as one.
		key := whole{lines[i].Load, lines[i].Number, lines[i].Month}
		if !counted[key] {
			count += lines[i].Count
		}
		if strings.EqualFold(by, byRecord) {
			counted[key] = true
		}
		if lines[i].Unmapped() {
			unmapped = append(unmapped, lines[i])
		}
	}
	out.Lines = practice.Figure{Value: float64(count), Unit: "lines", From: from}
	if left := choose(pick(book.LeftOut, func(l *costs.Line) bool { return within(l, in.From, in.Until) })); len(left) > 0 {
		out.Lines.Note = fmt.Sprintf("Rules leave out lines that other loads have in more detail: %s.", roundMoney(book.Money(costs.Sum(left, costs.Effective))))
	}
	out.Unmapped = moneyFigure(book.Money(costs.Sum(unmapped, costs.Effective)), loadsOf(unmapped), "Nobody knows whom these lines belong to.")
	out.Unmapped.Better = practice.Lower
	out.Months = monthly(book, lines, costs.Billed, costs.Effective, costs.List)
	out.Findings = bookFindings(book)
	if f, ok := unmappedFinding(book, lines, unmapped); ok {
		out.Findings = append(out.Findings, f)
	}
	out.Table = spendTable(book, grouper, lines, costs.Effective, max(cmp.Or(in.Most, 50), 1))
	out.Currencies = currencies(lines, choose(pick(book.Unconverted, func(l *costs.Line) bool { return within(l, in.From, in.Until) })))
	for _, r := range book.Rates {
		out.Rates.Rows = append(out.Rates.Rows, RateRow{r.Currency, r.On, r.Rate, r.How, r.Record})
	}
	if len(book.Loads) == 0 {
		out.Table.Note = book.None()
	}
	return out, nil
}

// pick returns the lines that a condition keeps.
func pick(lines []*costs.Line, keep func(*costs.Line) bool) []*costs.Line {
	var out []*costs.Line
	for i := range lines {
		if keep(lines[i]) {
			out = append(out, lines[i])
		}
	}
	return out
}

// loadsOf returns the loads that lines are in, in order and each once.
func loadsOf(lines []*costs.Line) []practice.Link {
	seen := map[*model.Load]bool{}
	var out []practice.Link
	for i := range lines {
		if load := lines[i].Load; !seen[load] {
			seen[load] = true
			out = append(out, practice.To(load))
		}
	}
	return out
}

// moneyFigure returns a figure of an exact amount.
func moneyFigure(m model.Money, from []practice.Link, note string) practice.Figure {
	return practice.Figure{Value: m.Float(), Money: m, Unit: m.Currency(), From: from, Note: note}
}

// monthly returns amounts by month, one line for each measure, without gaps.
func monthly(book *costs.Book, lines []*costs.Line, measures ...costs.Measure) practice.Series {
	out := practice.Series{Unit: book.Currency}
	if len(lines) == 0 {
		return out
	}
	first, last := lines[0].Month, lines[0].Month
	sums := map[model.Date][]facts.Sum{}
	loads := map[model.Date][]*costs.Line{}
	for i := range lines {
		l := lines[i]
		first, last = min(first, l.Month), max(last, l.Month)
		if sums[l.Month] == nil {
			sums[l.Month] = make([]facts.Sum, len(measures))
		}
		for j, m := range measures {
			sums[l.Month][j].AddSum(l.Amount(m))
		}
		loads[l.Month] = append(loads[l.Month], l)
	}
	for j, m := range measures {
		line := practice.Line{Name: measureLabel(m)}
		for month := first; month <= last; month = month.AddMonths(1) {
			p := practice.Point{At: month}
			if s := sums[month]; s != nil {
				p.Value = roundMoney(book.Money(s[j])).Float()
			}
			if j == 0 {
				p.From = loadsOf(loads[month])
			}
			line.Points = append(line.Points, p)
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

func measureLabel(m costs.Measure) string {
	for _, o := range m.Options() {
		if o.Value == string(m) {
			return o.Label
		}
	}
	return string(m)
}

// bookFindings tells what the totals lack.
func bookFindings(book *costs.Book) []practice.Finding {
	var out []practice.Finding
	for _, w := range book.Warnings() {
		out = append(out, practice.Finding{Severity: practice.High, Text: w})
	}
	return out
}

// unmappedFinding tells how much nobody knows the owner of, where that is more than nothing.
func unmappedFinding(book *costs.Book, lines, unmapped []*costs.Line) (practice.Finding, bool) {
	part := costs.Sum(unmapped, costs.Effective)
	whole := costs.Sum(lines, costs.Effective)
	if part.Sign() == 0 {
		return practice.Finding{}, false
	}
	share := percent(part, whole)
	severity := practice.Low
	switch {
	case share > 20:
		severity = practice.High
	case share > 5:
		severity = practice.Medium
	}
	return practice.Finding{Severity: severity, From: loadsOf(unmapped), Text: fmt.Sprintf("%s (%s %%) belongs to nobody: ask finance.unmapped and write cost rules.", roundMoney(book.Money(part)), share)}, true
}

// percent returns a part of a whole in percent, rounded to one place.
func percent(part, whole facts.Sum) model.Percent {
	if whole.Sign() == 0 {
		return 0
	}
	return model.Percent(oneDecimal(part.Float() / whole.Float() * 100))
}

// spendTable groups lines and adds them up, the dearest by one of the amounts first. What is beyond the most is one row.
func spendTable(book *costs.Book, g *grouper, lines []*costs.Line, measure costs.Measure, most int) practice.Table[SpendRow] {
	type gathered struct {
		group
		lines []*costs.Line
		cost  facts.Decimal
	}
	index := map[group]int{}
	var groups []gathered
	for _, l := range lines {
		key := g.group(l)
		at, ok := index[key]
		if !ok {
			at = len(groups)
			index[key] = at
			groups = append(groups, gathered{group: key})
		}
		groups[at].lines = append(groups[at].lines, l)
	}
	for i := range groups {
		groups[i].cost = costs.Sum(groups[i].lines, measure).Decimal()
	}
	slices.SortStableFunc(groups, func(a, b gathered) int {
		if g.byMonth {
			return strings.Compare(a.name, b.name)
		}
		return cmp.Or(b.cost.Cmp(a.cost), strings.Compare(a.name, b.name))
	})
	whole := costs.Sum(lines, measure)
	var t practice.Table[SpendRow]
	for _, one := range groups[:min(len(groups), most)] {
		t.Rows = append(t.Rows, spendRow(book, one.name, g.link(one.group), one.lines, measure, whole))
	}
	if further := len(groups) - len(t.Rows); further > 0 {
		var rest []*costs.Line
		for _, one := range groups[len(t.Rows):] {
			rest = append(rest, one.lines...)
		}
		t.Note = fmt.Sprintf("The last row adds up %s.", practice.Count(further, "further group", "further groups"))
		t.Rows = append(t.Rows, spendRow(book, "everything else", practice.Link{}, rest, measure, whole))
	}
	return t
}

func spendRow(book *costs.Book, name string, record practice.Link, lines []*costs.Line, measure costs.Measure, whole facts.Sum) SpendRow {
	row := SpendRow{
		Group: name, Record: record, Billed: book.Money(costs.Sum(lines, costs.Billed)), Effective: book.Money(costs.Sum(lines, costs.Effective)),
		List: book.Money(costs.Sum(lines, costs.List)), Share: percent(costs.Sum(lines, measure), whole), From: loadsOf(lines),
	}
	for i := range lines {
		row.Lines += int(lines[i].Count)
	}
	return row
}

// currencies adds up the amounts as the bills have them.
func currencies(counted, unconverted []*costs.Line) practice.Table[CurrencyRow] {
	var t practice.Table[CurrencyRow]
	add := func(lines []*costs.Line, counted bool) {
		sums := map[string]*[4]facts.Sum{}
		var order []string
		for i := range lines {
			l := lines[i]
			s := sums[l.Currency]
			if s == nil {
				s = &[4]facts.Sum{}
				sums[l.Currency] = s
				order = append(order, l.Currency)
			}
			for m := range s {
				s[m].AddSum(l.Original[m])
			}
		}
		slices.Sort(order)
		for _, c := range order {
			money := func(i int) model.Money {
				m, _ := sums[c][i].Money(cmp.Or(c, costs.NoCurrency))
				return m
			}
			t.Rows = append(t.Rows, CurrencyRow{c, money(facts.Billed), money(facts.Effective), money(facts.List), money(facts.Contracted), counted})
		}
	}
	add(counted, true)
	add(unconverted, false)
	return t
}
