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

// TrueCostIn says whose cost is asked for.
type TrueCostIn struct {
	// Of is the kind of record: Application, Service, Product, Capability, Goal, BusinessUnit or Team. Unset means Application.
	Of string
	// Record limits the answer to one record, whatever its kind.
	Record model.Ref `to:"Application,Service,Product,Capability,Goal,BusinessUnit,Team,Project,Initiative"`
	// From is the first day. Months count as a whole. Unset means the last twelve months that have lines.
	From model.Date
	// Until is the last day.
	Until model.Date
	// Measure says which of the four amounts counts. Unset means the effective cost.
	Measure costs.Measure
	// Metric is the measured use that unit cost is told for, such as requests. Unset means users or customers, or the only metric there is.
	Metric string
}

// TrueCostOut is what records truly cost.
type TrueCostOut struct {
	// Total is the cost of all records listed, each unit of money once.
	Total practice.Figure
	// Months are the costs month by month: of one record or, of many, of the dearest.
	Months practice.Series
	// UnitCost is the cost of one unit of use month by month, where one record is asked for and its use is known.
	UnitCost practice.Series
	// Findings tell what had to be assumed.
	Findings []practice.Finding
	// Table lists the records, the dearest first.
	Table practice.Table[TrueCostRow]
}

// TrueCostRow is what one record costs.
type TrueCostRow struct {
	// Record is what costs.
	Record practice.Link
	// Owner is who answers for it.
	Owner practice.Link
	// Direct is the cost of lines that belong to it.
	Direct model.Money
	// Received is the part that it carries of the cost of others, such as services that it needs.
	Received model.Money
	// Total is what it truly costs.
	Total model.Money
	// Share is the part of all cost.
	Share model.Percent `unit:"%"`
	// Units is how much is used, or how many use it.
	Units float64
	// Unit is what is counted.
	Unit string
	// PerUnit is what one of them costs.
	PerUnit model.Money
	// Change is by how many percent the cost of the last three months differs from that of the three before. Empty where there is no cost before.
	Change *float64 `unit:"%"`
	// From are the loads that the cost of the record itself comes from.
	From []practice.Link
}

// TrueCost tells what applications, services, products, capabilities, goals or business
// units truly cost: the lines that belong to them and what they carry of others,
// over time, and what one user, customer or unit of measured use costs. Records may pass cost on to each other, so their totals overlap.
func TrueCost(v estate.View, in TrueCostIn) (TrueCostOut, error) {
	return remember(trueCostOf)(v, in)
}

func trueCostOf(v estate.View, in TrueCostIn) (TrueCostOut, error) {
	kind := cmp.Or(in.Of, "Application")
	k := v.Schema().Kind(kind)
	if rec := v.Get(in.Record); rec != nil {
		k = v.Schema().Of(rec)
	}
	if k == nil {
		return TrueCostOut{}, model.Problem{Field: "of", Text: fmt.Sprintf("there is no kind %q: use Application, Service, Product, Capability, Goal, BusinessUnit or Team", kind)}
	}
	book := costs.Of(v)
	from, until := lastYear(v, book, in.From, in.Until)
	w := way{measure: cmp.Or(in.Measure, costs.Effective), dest: toGoals}
	if k.Name == "BusinessUnit" {
		w.dest = toUnits
	}
	c, err := carryAll(v, book, w, from, until)
	if err != nil {
		return TrueCostOut{}, err
	}
	t := &trueCosts{view: v, in: in, kind: k.Name, carried: c, direct: map[model.Ref]int64{}, through: map[model.Ref]int64{}, loads: map[model.Ref][]practice.Link{}}
	for month := costs.FirstDay(from); len(c.eras) > 0 && month <= until; month = month.AddMonths(1) {
		t.months = append(t.months, month)
	}
	if err := t.gather(); err != nil {
		return TrueCostOut{}, err
	}
	return t.answer(window(from, until)), nil
}

type trueCosts struct {
	*carried
	view    estate.View
	in      TrueCostIn
	kind    string
	months  []model.Date
	order   []model.Ref
	direct  map[model.Ref]int64
	through map[model.Ref]int64
	byMonth []map[model.Ref]int64
	loads   map[model.Ref][]practice.Link
	// all is all cost, and once the part of it that passes through any of the records.
	all, once int64
}

// gather adds up what passes through the records of the kind.
func (t *trueCosts) gather() error {
	t.byMonth = make([]map[model.Ref]int64, len(t.months))
	for _, e := range t.eras {
		passing := map[model.Ref]int64{}
		t.byMonth[slices.Index(t.months, e.month)] = passing
		for _, o := range e.sources {
			t.all += o.total
		}
		for i, edge := range e.graph.Edges {
			if o := e.originAt(edge.From); o != nil && t.wants(e.refs[edge.To]) {
				ref := e.refs[edge.To]
				t.direct[ref] += e.result.Flows[i]
				t.loads[ref] = addLoads(t.loads[ref], o.loads)
			}
		}
		for node := 1; node < e.records; node++ {
			ref := e.refs[node]
			if n := e.through(node); n != 0 && t.wants(ref) {
				passing[ref] += n
				if _, ok := t.through[ref]; !ok {
					t.order = append(t.order, ref)
				}
				t.through[ref] += n
			}
		}
		once, err := e.once(func(node int) bool { return t.wants(e.refs[node]) }, t.method)
		if err != nil {
			return err
		}
		t.once += once
	}
	slices.SortStableFunc(t.order, func(a, b model.Ref) int {
		return cmp.Or(cmp.Compare(t.through[b], t.through[a]), strings.Compare(practice.To(t.view.Get(a)).String(), practice.To(t.view.Get(b)).String()))
	})
	return nil
}

func addLoads(list, more []practice.Link) []practice.Link {
	for _, load := range more {
		if !slices.Contains(list, load) {
			list = append(list, load)
		}
	}
	return list
}

func (t *trueCosts) wants(ref model.Ref) bool {
	if !t.in.Record.IsZero() {
		return ref == t.in.Record
	}
	rec := t.view.Get(ref)
	return rec != nil && model.NameOf(rec) == t.kind
}

func (t *trueCosts) answer(note string) TrueCostOut {
	var out TrueCostOut
	if len(t.months) == 0 {
		out.Table.Note = t.book.None()
		return out
	}
	for _, ref := range t.order {
		rec := t.view.Get(ref)
		row := TrueCostRow{
			Record: practice.To(rec), Owner: practice.To(t.view.Get(rec.Base().Owner)), Direct: t.money(t.direct[ref]), Received: t.money(t.through[ref] - t.direct[ref]),
			Total: t.money(t.through[ref]), Share: ratio(t.through[ref], t.all), Change: t.change(ref), From: t.loads[ref],
		}
		if row.Units, row.Unit = t.units(ref, t.months); row.Units > 0 {
			row.PerUnit = divide(row.Total, row.Units)
		}
		out.Table.Rows = append(out.Table.Rows, row)
	}
	out.Table.Note = "What a record passes on to another is in the total of both: the totals of one kind overlap where its records need each other."
	if len(t.order) > 1 {
		note += " Cost that several of them carry is counted once."
	}
	out.Total = moneyFigure(t.money(t.once), nil, note)
	if len(t.order) == 1 {
		out.Total = moneyFigure(t.money(t.through[t.order[0]]), t.loads[t.order[0]], note)
	}
	out.Months = t.series()
	if len(t.order) == 1 && !t.in.Record.IsZero() {
		out.UnitCost = t.unitSeries(t.order[0])
	}
	out.Findings = append(bookFindings(t.book), t.findings()...)
	return out
}

// change returns by how many percent the last three whole months differ from the three before.
func (t *trueCosts) change(ref model.Ref) *float64 {
	n := len(t.months)
	for n > 0 && costs.LastDay(t.months[n-1]) >= t.view.At() {
		n--
	}
	if n < 6 {
		return nil
	}
	now, before := int64(0), int64(0)
	for i := range 3 {
		now += t.byMonth[n-1-i][ref]
		before += t.byMonth[n-4-i][ref]
	}
	if before <= 0 {
		return nil
	}
	p := float64(ratio(now-before, before))
	return &p
}

// units returns how much of a record was used in some months, or how many use it. People are not added up over months: it is
// how many there are in a month.
func (t *trueCosts) units(ref model.Ref, months []model.Date) (float64, string) {
	type sort struct{ metric, unit string }
	sums, measured := map[sort]*facts.Sum{}, map[sort]int{}
	for _, month := range months {
		seen := map[sort]bool{}
		for _, use := range costs.UsesOf(t.view).In(ref, month, t.in.Metric) {
			key := sort{strings.ToLower(use.Metric), cmp.Or(use.Unit, use.Metric)}
			if sums[key] == nil {
				sums[key] = &facts.Sum{}
			}
			sums[key].AddSum(use.Quantity)
			if !seen[key] {
				seen[key] = true
				measured[key]++
			}
		}
	}
	if len(sums) == 1 {
		for key, sum := range sums {
			if slices.Contains(people, key.metric) {
				return sum.Float() / float64(measured[key]), key.unit
			}
			return sum.Float(), key.unit
		}
	}
	if t.in.Metric != "" {
		return 0, ""
	}
	switch rec := t.view.Get(ref).(type) {
	case *model.Application:
		return float64(rec.Users), "users"
	case *model.Product:
		return float64(rec.Customers), "customers"
	case *model.Team:
		return rec.Headcount, "positions"
	}
	return 0, ""
}

// mostLines is how many records a chart shows.
const mostLines = 6

func (t *trueCosts) series() practice.Series {
	s := practice.Series{Unit: t.book.Currency}
	for _, ref := range t.order[:min(len(t.order), mostLines)] {
		line := practice.Line{Name: t.view.Get(ref).Base().Title()}
		for i, month := range t.months {
			line.Points = append(line.Points, practice.Point{At: month, Value: t.money(t.byMonth[i][ref]).Float()})
		}
		s.Lines = append(s.Lines, line)
	}
	return s
}

func (t *trueCosts) unitSeries(ref model.Ref) practice.Series {
	line := practice.Line{}
	for i, month := range t.months {
		if n, unit := t.units(ref, []model.Date{month}); n > 0 {
			line.Name = "Cost of one of " + unit
			line.Points = append(line.Points, practice.Point{At: month, Value: t.money(t.byMonth[i][ref]).Float() / n})
		}
	}
	if len(line.Points) == 0 {
		return practice.Series{}
	}
	return practice.Series{Unit: t.book.Currency, Lines: []practice.Line{line}}
}
