package finance

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
	"binnacle/practice/finance/allocate"
)

// carried is money on its way: from invoices and ledgers through the graph to where it stays, month by month.
type carried struct {
	book   *costs.Book
	method allocate.Method
	eras   []*era
}

// era is one month of money on its way. It is shared and must not be written to.
type era struct {
	*carriers
	graph   allocate.Graph
	result  *allocate.Result
	sources []*origin
	// records is how many nodes stand for records. The sources follow them.
	records int
	// origins are the sources by node, from the first node that stands for no record on.
	origins []*origin
	// because says of edges between records why they carry what they carry.
	because map[[2]int]carry
	// refused are the cycles that money never leaves.
	refused []*allocate.CycleError

	followed sync.Once
	trace    *allocate.Trace
	traceErr error
}

// origin is where money comes from: an invoice or, where a bill names none, a load.
type origin struct {
	originKey
	label  string
	link   practice.Link
	vendor model.Ref
	// first is the first of its lines, and loads are the loads that they are in.
	first *costs.Line
	loads []practice.Link
	// plus and minus are the nodes of what is to be paid and of credits, or -1.
	plus, minus int
	total       int64
}

// originKey names a source: an invoice by its number and by who sent it, because numbers are unique with their sender alone, or a load.
type originKey struct {
	invoice, issuer, load string
}

func keyOf(l *costs.Line) originKey {
	if l.Invoice == "" {
		return originKey{load: l.Load.Key}
	}
	return originKey{invoice: l.Invoice, issuer: issuerOf(l)}
}

// issuerOf names who sent a line, as the bill or the ledger says it.
func issuerOf(l *costs.Line) string {
	return cmp.Or(l.Value("InvoiceIssuerName"), l.Value("ProviderName"), l.Value("x_Vendor"))
}

// way says which money is carried, and how.
type way struct {
	measure costs.Measure
	method  allocate.Method
	dest    destination
}

// carryAll carries the cost of some months to where it stays. Every month is carried by itself, so that it is the same in whatever time it is asked for.
func carryAll(v estate.View, book *costs.Book, w way, from, until model.Date) (*carried, error) {
	w.method = cmp.Or(w.method, allocate.Reciprocal)
	c := &carried{book: book, method: w.method}
	lines := book.Between(from, until)
	for len(lines) > 0 {
		month := lines[0].Month
		n := slices.IndexFunc(lines, func(l *costs.Line) bool { return l.Month != month })
		if n < 0 {
			n = len(lines)
		}
		e, err := carryMonth(v, book, w, month, lines[:n])
		if err != nil {
			return nil, err
		}
		c.eras = append(c.eras, e)
		lines = lines[n:]
	}
	return c, nil
}

type carriedKey struct {
	book  *costs.Book
	way   way
	month model.Date
}

// carryMonth carries the cost of all lines of a month. It is made once for each snapshot, sight and way.
func carryMonth(v estate.View, book *costs.Book, w way, month model.Date, lines []*costs.Line) (*era, error) {
	type made struct {
		era *era
		err error
	}
	m := v.Memo(carriedKey{book, w, month}, func() any {
		e, err := newEra(v, book, w, month, lines)
		return made{e, err}
	}).(made)
	return m.era, m.err
}

func newEra(v estate.View, book *costs.Book, w way, month model.Date, lines []*costs.Line) (*era, error) {
	e := &era{carriers: newCarriers(v, month, allocationsOf(v), w.dest)}
	index := map[originKey]int{}
	var landed []map[int]*facts.Sum
	var totals []facts.Sum
	for _, l := range lines {
		key := keyOf(l)
		at, ok := index[key]
		if !ok {
			at = len(e.sources)
			index[key] = at
			e.sources = append(e.sources, newOrigin(v, key, l))
			landed, totals = append(landed, map[int]*facts.Sum{}), append(totals, facts.Sum{})
		}
		if link := practice.To(l.Load); !slices.Contains(e.sources[at].loads, link) {
			e.sources[at].loads = append(e.sources[at].loads, link)
		}
		amount := l.Amount(w.measure)
		totals[at].AddSum(amount)
		e.land(l, amount, landed[at])
	}
	e.records = len(e.refs)
	e.graph = e.carriers.graph()
	e.because = make(map[[2]int]carry, len(e.edges))
	for _, c := range e.edges {
		e.because[[2]int{c.from, c.to}] = c
	}
	places := costs.Places(book.Currency)
	whole, _, err := allocate.Minor(totals, places)
	if err != nil {
		return nil, fmt.Errorf("the cost of %s: %w", month.String()[:7], err)
	}
	for i, o := range e.sources {
		if err := e.source(o, landed[i], whole[i], places); err != nil {
			return nil, err
		}
	}
	return e, e.run(w.method)
}

// run carries the cost. A cycle that nothing leaves is told, and its cost stays with its records.
func (e *era) run(method allocate.Method) error {
	for {
		result, err := allocate.Run(e.graph, allocate.Options{Method: method})
		var cycle *allocate.CycleError
		if !errors.As(err, &cycle) {
			e.result = result
			return err
		}
		e.refused = append(e.refused, cycle)
		e.cut(cycle)
	}
}

// cut lets the cost stay with the records of a cycle that nothing leaves, so that it is seen there and not lost.
func (e *era) cut(cycle *allocate.CycleError) {
	e.graph.Edges = slices.DeleteFunc(e.graph.Edges, func(edge allocate.Edge) bool { return slices.Contains(cycle.Nodes, edge.From) })
}

// follow returns where every cent begins and ends. It is made where it is asked for.
func (e *era) follow() (*allocate.Trace, error) {
	e.followed.Do(func() { e.trace, e.traceErr = e.result.Trace() })
	return e.trace, e.traceErr
}

func newOrigin(v estate.View, key originKey, l *costs.Line) *origin {
	o := &origin{originKey: key, label: l.Load.Title(), link: practice.To(l.Load), vendor: l.Vendor, first: l, plus: -1, minus: -1}
	if key.invoice != "" {
		o.label = "Invoice " + key.invoice
		if invoice := invoiceOf(v, key.invoice, l.Vendor); invoice != nil {
			o.link = practice.To(invoice)
		}
	}
	return o
}

type invoicesKey struct{}

// invoiceOf returns the invoice of a vendor with a number, or nil. Where invoice or vendor are not known to belong together, the number alone decides.
func invoiceOf(v estate.View, number string, vendor model.Ref) *model.Invoice {
	index := v.Memo(invoicesKey{}, func() any {
		out := map[string][]*model.Invoice{}
		for i := range estate.Each[*model.Invoice](v) {
			out[i.Number] = append(out[i.Number], i)
		}
		return out
	}).(map[string][]*model.Invoice)
	for _, i := range index[number] {
		if i.Vendor == vendor {
			return i
		}
	}
	for _, i := range index[number] {
		if i.Vendor.IsZero() || vendor.IsZero() {
			return i
		}
	}
	return nil
}

// land adds the amount of a line to the nodes that it belongs to.
func (e *era) land(l *costs.Line, amount facts.Sum, to map[int]*facts.Sum) {
	add := func(node int, s facts.Sum) {
		if to[node] == nil {
			to[node] = &facts.Sum{}
		}
		to[node].AddSum(s)
	}
	switch len(l.For) {
	case 0:
		add(e.landing(l), amount)
	case 1:
		add(e.node(l.For[0].To), amount)
	default:
		for i, part := range shareOut(amount, l.For) {
			add(e.node(l.For[i].To), part)
		}
	}
}

// landing returns the node of a line that belongs to no record: its tower, its pool or its cost centre where that one is carried on.
func (e *era) landing(l *costs.Line) int {
	for _, ref := range []model.Ref{l.Tower, l.Pool, l.CostCentre} {
		if !ref.IsZero() && e.allocation(ref) != nil {
			return e.node(ref)
		}
	}
	if e.dest == toUnits && !l.CostCentre.IsZero() {
		return e.node(l.CostCentre)
	}
	return nowhere
}

// source adds the nodes of a source to the graph: one for what is to be paid, one for credits. Its parts add up to the whole.
func (e *era) source(o *origin, landed map[int]*facts.Sum, whole int64, places int32) error {
	nodes := make([]int, 0, len(landed))
	for n := range landed {
		nodes = append(nodes, n)
	}
	slices.Sort(nodes)
	sums := make([]facts.Sum, len(nodes))
	for i, n := range nodes {
		sums[i] = *landed[n]
	}
	minor, err := allocateTo(sums, whole, places)
	if err != nil {
		return fmt.Errorf("%s: %w", o.label, err)
	}
	o.total = whole
	for i, n := range nodes {
		side := &o.plus
		if minor[i] < 0 {
			side = &o.minus
		}
		if minor[i] == 0 {
			continue
		}
		if *side < 0 {
			*side = len(e.graph.Nodes)
			e.graph.Nodes = append(e.graph.Nodes, allocate.Node{Name: o.label})
			e.origins = append(e.origins, o)
		}
		e.graph.Nodes[*side].Direct += minor[i]
		e.graph.Edges = append(e.graph.Edges, allocate.Edge{From: *side, To: n, Weight: max(minor[i], -minor[i])})
	}
	return nil
}

// originAt returns the source that a node stands for, or nil where it stands for a record.
func (e *era) originAt(node int) *origin {
	if node < e.records {
		return nil
	}
	return e.origins[node-e.records]
}

// nodesOf returns the nodes of a source.
func (o *origin) nodesOf() []int {
	return slices.DeleteFunc([]int{o.plus, o.minus}, func(n int) bool { return n < 0 })
}

// through returns what passes through a node: what arrives there.
func (e *era) through(node int) int64 {
	return e.result.Nodes[node].Direct + e.result.Nodes[node].Received
}

// once returns what passes through any of some nodes, every cent once, also where they pass it on to each other.
func (e *era) once(wanted func(node int) bool, method allocate.Method) (int64, error) {
	g := allocate.Graph{Nodes: e.graph.Nodes, Edges: slices.Clone(e.graph.Edges)}
	g.Edges = slices.DeleteFunc(g.Edges, func(edge allocate.Edge) bool { return edge.From < e.records && wanted(edge.From) })
	result, err := allocate.Run(g, allocate.Options{Method: method})
	if err != nil {
		return 0, err
	}
	total := int64(0)
	for node := range e.records {
		if wanted(node) {
			total += result.Nodes[node].Kept
		}
	}
	return total, nil
}

// findings tells of cycles and of what had to be assumed.
func (c *carried) findings() []practice.Finding {
	var out []practice.Finding
	months := map[string][]string{}
	var order []string
	for _, e := range c.eras {
		for _, cycle := range e.refused {
			text := fmt.Sprintf("Cost would never leave the cycle of %s: it stays there. Write an allocation that passes a part of it on.", strings.Join(append(slices.Clone(cycle.Names), cycle.Names[0]), " → "))
			if !slices.ContainsFunc(out, func(f practice.Finding) bool { return f.Text == text }) {
				out = append(out, practice.Finding{Severity: practice.High, Text: text})
			}
		}
		for _, note := range e.notes {
			if months[note] == nil {
				order = append(order, note)
			}
			months[note] = append(months[note], e.month.String()[:7])
		}
	}
	for _, note := range order {
		list := months[note]
		when := list[0]
		if len(list) > 1 {
			when = fmt.Sprintf("%s and %s up to %s", when, practice.Count(len(list)-1, "further month", "further months"), list[len(list)-1])
		}
		out = append(out, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s Fixed shares or equal parts were used in %s.", note, when)})
	}
	return out
}
