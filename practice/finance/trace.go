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
	"binnacle/practice/finance/allocate"
)

// TraceIn says which money is followed.
type TraceIn struct {
	// From is where to begin: a record such as goal:more-guests or Application/web-shop, or an invoice such as
	// invoice:2026-0815. Unset follows everything.
	From string
	// Start is the first day. Months count as a whole. Unset means the twelve months up to the last one that has lines or, for an invoice, all.
	Start model.Date
	// Until is the last day.
	Until model.Date
	// Measure says which of the four amounts is followed. Unset means what was billed.
	Measure costs.Measure
	// Method says how services that records do for each other are treated. Unset means reciprocal.
	Method AllocationMethod
}

// AllocationMethod says how services that records do for each other are treated.
type AllocationMethod string

// Options lists the methods of cost accounting.
func (AllocationMethod) Options() []model.Option {
	return []model.Option{
		{Value: "reciprocal", Label: "Reciprocal", Help: "All services count, also those that go around in a circle."},
		{Value: "step_down", Label: "Step-down", Help: "One record after the other is closed; what is closed carries no cost of later ones."},
		{Value: "direct", Label: "Direct", Help: "Services between records of the same stage do not count."},
	}
}

// TraceOut is the way of some money, both ways.
type TraceOut struct {
	// Amount is the money that is followed.
	Amount practice.Figure
	// ServesGoals is what of it arrives at goals.
	ServesGoals practice.Figure
	// Unallocated is what of it serves no goal, and stays with a record or with nobody.
	Unallocated practice.Figure
	// Flow is the way of the money from those who are paid to the goals.
	Flow practice.Picture
	// Findings tell what had to be assumed and what serves nothing.
	Findings []practice.Finding
	// Ends are where the money arrives, the largest amount first.
	Ends practice.Table[EndRow]
	// Sources are the invoices and ledgers that the money comes from, the largest amount first.
	Sources practice.Table[SourceRow]
	// Steps are the single steps on the way.
	Steps practice.Table[StepRow]
}

// EndRow is where money arrives.
type EndRow struct {
	// End is the record that the money stays with.
	End practice.Link
	// Goal says whether that is a goal.
	Goal bool
	// Why says why the money goes no further.
	Why string
	// Amount is the money.
	Amount model.Money
	// Share is the part of the whole.
	Share model.Percent `unit:"%"`
}

// SourceRow is where money comes from.
type SourceRow struct {
	// Source is the invoice, or the load of lines without an invoice.
	Source practice.Link
	// Label is what to call it.
	Label string
	// Vendor is who is paid.
	Vendor practice.Link
	// Amount is the money.
	Amount model.Money
	// Share is the part of the whole.
	Share model.Percent `unit:"%"`
}

// StepRow is one step of money from one record to another.
type StepRow struct {
	// Stage is the stage that the step leads from.
	Stage string
	// From is the record that passes the money on. It is empty where a bill is meant.
	From practice.Link
	// Label is what to call it.
	Label string
	// To is the record that carries it.
	To practice.Link
	// Amount is the money.
	Amount model.Money
	// Because says how the part was found.
	Because string
	// Rule is the allocation that decided, where one did.
	Rule practice.Link
}

// Trace follows money both ways: from an invoice line through pools, towers,
// services, applications, products and capabilities to the goals that it serves,
// or to none; and from a goal back to its invoices. Both ways read the same table of whole cents,
// so they agree to the cent. Cost goes where allocations say and otherwise in equal
// parts along the graph; services that records do for each other are solved together (reciprocal method).
func Trace(v estate.View, in TraceIn) (TraceOut, error) {
	return remember(traceFrom)(v, in)
}

func traceFrom(v estate.View, in TraceIn) (TraceOut, error) {
	start, err := readStart(v, in.From)
	if err != nil {
		return TraceOut{}, err
	}
	measure := cmp.Or(in.Measure, costs.Billed)
	book := costs.Of(v)
	from, until := in.Start, in.Until
	if start.invoice == "" && start.load == "" {
		from, until = lastYear(v, book, from, until)
	}
	c, err := carryAll(v, book, way{measure, allocate.Method(in.Method), toGoals}, from, until)
	if err != nil {
		return TraceOut{}, err
	}
	t := newTracing(v, c)
	if err := t.follow(start); err != nil {
		return TraceOut{}, err
	}
	return t.answer(window(from, until)), nil
}

// start is where a trace begins: a record, the number of an invoice, the key of a load, a vendor, or everything.
type start struct {
	ref     model.Ref
	goals   []model.Ref
	invoice string
	load    string
	vendor  model.Ref
}

// readStart reads where a trace begins.
func readStart(v estate.View, text string) (start, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return start{}, nil
	}
	kind, key, found := strings.Cut(text, ":")
	if !found {
		kind, key, found = strings.Cut(text, "/")
	}
	if !found {
		return start{}, model.Problem{Field: "from", Text: fmt.Sprintf("%q names nothing: write a kind and a key, such as goal:%s, or invoice: and a number", text, text)}
	}
	if strings.EqualFold(kind, "load") {
		return start{load: key}, nil
	}
	k := v.Schema().Kind(kind)
	var rec model.Record
	if k != nil {
		rec = v.Find(k.Name, key)
	}
	if strings.EqualFold(kind, "invoice") {
		if invoice, ok := rec.(*model.Invoice); ok {
			return start{invoice: invoice.Number, vendor: invoice.Vendor}, nil
		}
		return start{invoice: key}, nil
	}
	if rec == nil {
		return start{}, model.Problem{Field: "from", Text: fmt.Sprintf("there is no %s %q", kind, key)}
	}
	s := start{ref: rec.Base().Ref()}
	switch rec.(type) {
	case *model.Goal:
		s.goals = goalAndParts(v, s.ref)
	case *model.Vendor:
		s.vendor = s.ref
	case *model.CostPool, *model.CostCentre, *model.ResourceTower, *model.CloudAccount, *model.Team, *model.Application, *model.Service, *model.Project, *model.Product,
		*model.Capability, *model.Initiative, *model.BusinessUnit:
	default:
		return start{}, model.Problem{Field: "from", Text: fmt.Sprintf("cost is not carried through a %s: begin at an invoice, a load, a vendor, a cost pool or centre, a tower, a team, an application, service, project, product, capability, initiative, business unit or goal", kind)}
	}
	return s, nil
}

// goalAndParts returns a goal and the goals that are parts of it.
func goalAndParts(v estate.View, goal model.Ref) []model.Ref {
	out := []model.Ref{goal}
	for i := 0; i < len(out); i++ {
		for e := range v.In(out[i]) {
			if _, ok := e.Record.(*model.Goal); ok && e.Field.Name == "parent" && !slices.Contains(out, e.Record.Base().Ref()) {
				out = append(out, e.Record.Base().Ref())
			}
		}
	}
	return out
}

// tracing gathers the steps of some money over all eras.
type tracing struct {
	view    estate.View
	carried *carried
	ends    map[model.Ref]int64
	sources map[originKey]int64
	origins map[originKey]*origin
	loads   []practice.Link
	steps   map[stepKey]int64
	because map[stepKey]carry
	order   []stepKey
}

// stepKey is a step: from a record, or from those who are paid, to a record.
type stepKey struct {
	from, to model.Ref
	paid     string
}

func newTracing(v estate.View, c *carried) *tracing {
	return &tracing{view: v, carried: c, ends: map[model.Ref]int64{}, sources: map[originKey]int64{}, origins: map[originKey]*origin{}, steps: map[stepKey]int64{}, because: map[stepKey]carry{}}
}

// follow gathers what begins or ends where the trace does.
func (t *tracing) follow(s start) error {
	if s.invoice != "" || s.load != "" {
		return t.invoice(s)
	}
	for _, e := range t.carried.eras {
		var err error
		switch {
		case !s.vendor.IsZero():
			err = t.downAll(e, func(o *origin) bool { return o.vendor == s.vendor })
		case len(s.goals) > 0:
			for _, g := range s.goals {
				if n, ok := e.index[g]; ok && err == nil {
					err = t.up(e, n)
				}
			}
		case !s.ref.IsZero():
			if n, ok := e.index[s.ref]; ok {
				err = t.middle(e, n)
			}
		default:
			t.everything(e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// invoice follows an invoice or a load. Where several vendors have used the number, the invoice of the one that is asked for is meant.
func (t *tracing) invoice(s start) error {
	named := func(o *origin) bool {
		if s.load != "" {
			return o.invoice == "" && o.load == s.load
		}
		return o.invoice == s.invoice
	}
	exact := func(o *origin) bool { return named(o) && !s.vendor.IsZero() && o.vendor == s.vendor }
	found, exactly := false, false
	for _, e := range t.carried.eras {
		found = found || slices.ContainsFunc(e.sources, named)
		exactly = exactly || slices.ContainsFunc(e.sources, exact)
	}
	if !found {
		return model.Problem{Field: "from", Text: fmt.Sprintf("no line that counts and that you may see is of %s in this time", cmp.Or(s.invoice, s.load))}
	}
	meant := named
	if exactly {
		meant = exact
	}
	for _, e := range t.carried.eras {
		if err := t.downAll(e, meant); err != nil {
			return err
		}
	}
	return nil
}

// downAll follows the money of some sources of a month to where it ends.
func (t *tracing) downAll(e *era, meant func(*origin) bool) error {
	for _, o := range e.sources {
		if meant(o) {
			if err := t.down(e, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// down follows the money of a source to where it ends.
func (t *tracing) down(e *era, o *origin) error {
	trace, err := e.follow()
	if err != nil {
		return err
	}
	for _, n := range o.nodesOf() {
		for _, a := range trace.From(n) {
			t.ends[e.refs[a.Node]] += a.Amount
		}
		flows, err := trace.FlowsFrom(n)
		if err != nil {
			return err
		}
		t.flow(e, flows)
	}
	t.source(o, o.total)
	return nil
}

// up follows the money that stays with a node back to where it comes from.
func (t *tracing) up(e *era, node int) error {
	trace, err := e.follow()
	if err != nil {
		return err
	}
	for _, a := range trace.To(node) {
		t.source(e.originAt(a.Node), a.Amount)
		t.ends[e.refs[node]] += a.Amount
	}
	flows, err := trace.FlowsTo(node)
	if err != nil {
		return err
	}
	t.flow(e, flows)
	return nil
}

// middle follows the money that passes through a node: back to where it comes from, and on to where it ends.
func (t *tracing) middle(e *era, node int) error {
	before := e.graph
	before.Edges = slices.DeleteFunc(slices.Clone(e.graph.Edges), func(edge allocate.Edge) bool { return edge.From == node })
	result, err := allocate.Run(before, allocate.Options{Method: t.carried.method})
	if err != nil {
		return err
	}
	trace, err := result.Trace()
	if err != nil {
		return err
	}
	arrived := int64(0)
	for _, a := range trace.To(node) {
		t.source(e.originAt(a.Node), a.Amount)
		arrived += a.Amount
	}
	flows, err := trace.FlowsTo(node)
	if err != nil {
		return err
	}
	t.flowAlong(e, before.Edges, flows)
	after := allocate.Graph{Nodes: slices.Clone(e.graph.Nodes), Edges: e.graph.Edges}
	for i := range after.Nodes {
		after.Nodes[i].Direct = 0
	}
	after.Nodes[node].Direct = arrived
	if result, err = allocate.Run(after, allocate.Options{Method: t.carried.method}); err != nil {
		return err
	}
	for i := range e.records {
		if kept := result.Nodes[i].Kept; kept != 0 {
			t.ends[e.refs[i]] += kept
		}
	}
	t.flow(e, result.Flows)
	return nil
}

func (t *tracing) everything(e *era) {
	for _, o := range e.sources {
		t.source(o, o.total)
	}
	for i := range e.records {
		if kept := e.result.Nodes[i].Kept; kept != 0 {
			t.ends[e.refs[i]] += kept
		}
	}
	t.flow(e, e.result.Flows)
}

func (t *tracing) source(o *origin, amount int64) {
	if o != nil && amount != 0 {
		t.sources[o.originKey] += amount
		t.origins[o.originKey] = o
		for _, load := range o.loads {
			if !slices.Contains(t.loads, load) {
				t.loads = append(t.loads, load)
			}
		}
	}
}

func (t *tracing) flow(e *era, flows []int64) { t.flowAlong(e, e.graph.Edges, flows) }

// flowAlong gathers what flows along edges. The first ones are between records, in the order of the carriers.
func (t *tracing) flowAlong(e *era, edges []allocate.Edge, flows []int64) {
	for i, amount := range flows {
		if amount == 0 {
			continue
		}
		edge := edges[i]
		key := stepKey{to: e.refs[edge.To]}
		if edge.From < e.records {
			key.from = e.refs[edge.From]
		} else {
			key.paid = t.paid(e.originAt(edge.From))
		}
		if _, ok := t.steps[key]; !ok {
			t.order = append(t.order, key)
		}
		t.steps[key] += amount
		if c, ok := e.because[[2]int{edge.From, edge.To}]; ok {
			t.because[key] = c
		}
	}
}

// paid names who is paid by a source: the vendor, or what the bill calls it.
func (t *tracing) paid(o *origin) string {
	if o == nil {
		return "Bills"
	}
	l := o.first
	if rec := t.view.Get(l.Vendor); rec != nil {
		return rec.Base().Title()
	}
	if rec := t.view.Get(l.Pool); rec != nil && l.Value("InvoiceIssuerName") == "" {
		return rec.Base().Title()
	}
	return cmp.Or(l.Value("InvoiceIssuerName"), l.Value("ProviderName"), l.Load.Provider, "Bills")
}
