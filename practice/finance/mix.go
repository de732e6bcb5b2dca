package finance

import (
	"cmp"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// MixIn says which time is looked at.
type MixIn struct {
	// From is the first day. Months count as a whole. Unset means the last twelve months that have lines.
	From model.Date
	// Until is the last day.
	Until model.Date
	// Measure says which of the four amounts counts. Unset means the effective cost.
	Measure costs.Measure
}

// MixOut is what the money is spent for.
type MixOut struct {
	// Run is the part that keeps the business running, in percent.
	Run practice.Figure
	// Grow is the part that lets the business do more, in percent.
	Grow practice.Figure
	// Transform is the part that lets the business do something new, in percent.
	Transform practice.Figure
	// Capital is the part that is written off over years, in percent.
	Capital practice.Figure
	// Months is the spend month by month and purpose.
	Months practice.Series
	// Purposes is the spend by purpose.
	Purposes practice.Table[SpendRow]
	// Treatments is the spend by treatment in the books.
	Treatments practice.Table[SpendRow]
}

// Mix tells what the money is spent for: to run the business, to let it grow, or to
// transform it, and what of it is operating and what capital expense. Cost rules say which line is what.
func Mix(v estate.View, in MixIn) (MixOut, error) {
	return remember(mixIn)(v, in)
}

func mixIn(v estate.View, in MixIn) (MixOut, error) {
	var out MixOut
	book := costs.Of(v)
	from, until := lastYear(v, book, in.From, in.Until)
	lines := book.Between(from, until)
	measure := cmp.Or(in.Measure, costs.Effective)
	whole := costs.Sum(lines, measure)
	purpose := newGrouper(v, "purpose")
	window := window(from, until)
	part := func(keep func(*costs.Line) bool) practice.Figure {
		list := pick(lines, keep)
		return practice.Figure{Value: float64(percent(costs.Sum(list, measure), whole)), Unit: "%", From: loadsOf(list), Unknown: whole.Sign() == 0, Note: strings.TrimSpace(roundMoney(book.Money(costs.Sum(list, measure))).String() + ". " + window)}
	}
	of := func(p model.Purpose) practice.Figure {
		return part(func(l *costs.Line) bool { return l.Purpose == p })
	}
	out.Run, out.Grow, out.Transform = of("run"), of("grow"), of("transform")
	out.Capital = part(func(l *costs.Line) bool { return l.Treatment == "capex" })
	if len(lines) == 0 {
		out.Purposes.Note = book.None()
		return out, nil
	}
	out.Purposes = spendTable(book, purpose, lines, measure, 10)
	out.Treatments = spendTable(book, newGrouper(v, "treatment"), lines, measure, 10)
	out.Months = stacked(book, lines, purpose, measure)
	return out, nil
}

// stacked returns amounts by month, one line for each group.
func stacked(book *costs.Book, lines []*costs.Line, g *grouper, measure costs.Measure) practice.Series {
	out := practice.Series{Unit: book.Currency}
	if len(lines) == 0 {
		return out
	}
	sums := map[string]map[model.Date]*facts.Sum{}
	first, last := lines[0].Month, lines[len(lines)-1].Month
	for _, l := range lines {
		name := g.group(l).name
		if sums[name] == nil {
			sums[name] = map[model.Date]*facts.Sum{}
		}
		if sums[name][l.Month] == nil {
			sums[name][l.Month] = &facts.Sum{}
		}
		sums[name][l.Month].AddSum(l.Amount(measure))
	}
	for _, name := range sortedKeys(sums) {
		line := practice.Line{Name: name}
		for month := first; month <= last; month = month.AddMonths(1) {
			p := practice.Point{At: month}
			if s := sums[name][month]; s != nil {
				p.Value = roundMoney(book.Money(*s)).Float()
			}
			line.Points = append(line.Points, p)
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}
