package finance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// ShowbackIn says whose statement is asked for.
type ShowbackIn struct {
	// Unit is the business unit. Unset means all.
	Unit model.Ref `to:"BusinessUnit"`
	// From is the first day. Months count as a whole. Unset means the last twelve months that have lines.
	From model.Date
	// Until is the last day.
	Until model.Date
	// Measure says which of the four amounts counts. Unset means the effective cost.
	Measure costs.Measure
}

// ShowbackOut is the statement of a business unit, or of all.
type ShowbackOut struct {
	// Total is what the technology that the business units use costs.
	Total practice.Figure
	// Unallocated is the cost that no business unit carries.
	Unallocated practice.Figure
	// Months are the costs of the business units month by month.
	Months practice.Series
	// Units are the business units, the dearest first.
	Units practice.Table[UnitRow]
	// Statement says what each business unit pays for.
	Statement practice.Table[StatementRow]
	// Findings tell what had to be assumed and what nobody carries.
	Findings []practice.Finding
}

// UnitRow is what one business unit carries.
type UnitRow struct {
	// Unit is the business unit.
	Unit practice.Link
	// Amount is what its technology costs.
	Amount model.Money
	// Share is the part of all cost.
	Share model.Percent `unit:"%"`
	// OfRevenue is the cost of a year, at the rate of these months, in percent of what the unit sold in the last full year. Empty where that is not known.
	OfRevenue *float64 `unit:"%"`
}

// StatementRow is one line of the statement of a business unit.
type StatementRow struct {
	// Unit is the business unit.
	Unit practice.Link
	// For is what it pays for: the product, capability, application or cost centre through which the cost arrives.
	For practice.Link
	// Amount is the cost.
	Amount model.Money
	// Share is the part of the cost of the unit.
	Share model.Percent `unit:"%"`
}

// Showback writes the statement of each business unit: what the technology that
// it uses costs, through which products, capabilities and applications, month by month, and what nobody carries.
func Showback(v estate.View, in ShowbackIn) (ShowbackOut, error) {
	return remember(showbackTo)(v, in)
}

func showbackTo(v estate.View, in ShowbackIn) (ShowbackOut, error) {
	var out ShowbackOut
	book := costs.Of(v)
	from, until := lastYear(v, book, in.From, in.Until)
	c, err := carryAll(v, book, way{measure: cmp.Or(in.Measure, costs.Effective), dest: toUnits}, from, until)
	if err != nil || len(c.eras) == 0 {
		out.Statement.Note = book.None()
		return out, err
	}
	s := &statement{view: v, in: in, unit: map[model.Ref]int64{}, part: map[[2]model.Ref]int64{}, byMonth: map[model.Date]map[model.Ref]int64{}}
	for _, e := range c.eras {
		s.gather(e)
	}
	slices.SortStableFunc(s.order, func(a, b model.Ref) int {
		return cmp.Or(cmp.Compare(s.unit[b], s.unit[a]), strings.Compare(practice.To(v.Get(a)).Key, practice.To(v.Get(b)).Key))
	})
	total := int64(0)
	for _, ref := range s.order {
		total += s.unit[ref]
	}
	note := window(from, until)
	out.Total = moneyFigure(c.money(total), s.loads, note)
	out.Unallocated = moneyFigure(c.money(s.nobody), s.loads, "The cost that no business unit carries.")
	out.Unallocated.Better = practice.Lower
	out.Months.Unit = book.Currency
	months := 0
	for month := costs.FirstDay(from); month <= until; month = month.AddMonths(1) {
		months++
	}
	rates := costs.NewRates(v, book.Currency)
	for _, ref := range s.order {
		rec, _ := estate.Look[*model.BusinessUnit](v, ref)
		row := UnitRow{Unit: practice.To(rec), Amount: c.money(s.unit[ref]), Share: ratio(s.unit[ref], s.all)}
		if revenue, ok := rates.Convert(rec.Revenue, v.At()); ok && revenue.Sign() > 0 {
			p := oneDecimal(row.Amount.Float() / float64(months) * 12 / revenue.Float() * 100)
			row.OfRevenue = &p
		}
		out.Units.Rows = append(out.Units.Rows, row)
		line := practice.Line{Name: rec.Base().Title()}
		for month := costs.FirstDay(from); month <= until; month = month.AddMonths(1) {
			line.Points = append(line.Points, practice.Point{At: month, Value: c.money(s.byMonth[month][ref]).Float()})
		}
		out.Months.Lines = append(out.Months.Lines, line)
	}
	out.Statement = s.table(c.money)
	out.Findings = append(bookFindings(book), c.findings()...)
	if share := ratio(s.nobody, s.all); s.nobody > 0 && share > 5 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, From: s.loads, Text: fmt.Sprintf("%s (%s %%) is carried by no business unit: say who uses what, or write allocations.", out.Unallocated.Money, share)})
	}
	return out, nil
}

// statement gathers what arrives at business units.
type statement struct {
	view  estate.View
	in    ShowbackIn
	order []model.Ref
	unit  map[model.Ref]int64
	// part is what each unit carries of each record. The key is the unit and the record.
	part    map[[2]model.Ref]int64
	byMonth map[model.Date]map[model.Ref]int64
	// nobody is what no unit carries, and all is all cost.
	nobody, all int64
	loads       []practice.Link
}

// wants reports whether a record is a business unit that is asked for.
func (s *statement) wants(ref model.Ref) (unit, wanted bool) {
	_, unit = s.view.Get(ref).(*model.BusinessUnit)
	return unit, unit && (s.in.Unit.IsZero() || ref == s.in.Unit)
}

func (s *statement) gather(e *era) {
	month := map[model.Ref]int64{}
	for node := range e.records {
		kept, ref := e.result.Nodes[node].Kept, e.refs[node]
		s.all += kept
		unit, wanted := s.wants(ref)
		switch {
		case kept == 0:
		case !unit:
			s.nobody += kept
		case wanted:
			if _, ok := s.unit[ref]; !ok {
				s.order = append(s.order, ref)
			}
			s.unit[ref] += kept
			month[ref] += kept
		}
	}
	for i, edge := range e.graph.Edges {
		flow, from := e.result.Flows[i], model.Ref{}
		if flow == 0 {
			continue
		}
		if edge.From < e.records {
			from = e.refs[edge.From]
			if _, wanted := s.wants(from); wanted {
				// What a unit passes on to another is not its own cost.
				s.part[[2]model.Ref{from, e.refs[edge.To]}] -= flow
			}
		}
		if _, wanted := s.wants(e.refs[edge.To]); wanted {
			s.part[[2]model.Ref{e.refs[edge.To], from}] += flow
		}
	}
	for _, o := range e.sources {
		s.loads = addLoads(s.loads, o.loads)
	}
	s.byMonth[e.month] = month
}

func (s *statement) table(money func(int64) model.Money) practice.Table[StatementRow] {
	var out practice.Table[StatementRow]
	for key, amount := range s.part {
		if amount == 0 {
			continue
		}
		out.Rows = append(out.Rows, StatementRow{practice.To(s.view.Get(key[0])), practice.To(s.view.Get(key[1])), money(amount), ratio(amount, s.unit[key[0]])})
	}
	slices.SortFunc(out.Rows, func(a, b StatementRow) int {
		return cmp.Or(strings.Compare(a.Unit.Key, b.Unit.Key), cmp.Compare(b.Amount.Float(), a.Amount.Float()), strings.Compare(a.For.String(), b.For.String()))
	})
	out.Note = "A row without a record is cost that bills give to the unit directly."
	return out
}
