package assets

import (
	"cmp"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// line is the licences of one product in one pool that count the same metric, and
// what is in use of it. Quantities are in thousandths of the metric.
type line struct {
	product, pool string
	metric        model.LicenceMetric
	rights        []right
	needs         []need
	// unknown says why it is not known how much is in use. Empty means that it is known.
	unknown string
	notes   []string
	// seen are the records that the demand was seen in, once the needs are complete.
	seen []practice.Link
}

// right is a licence with what it counts for on the date.
type right struct {
	*model.Licence
	// ended says why the licence does not count. Empty means that it does.
	ended string
}

// need is something that takes licences.
type need struct {
	// who is the machine, the person or the application.
	who practice.Link
	// release is what is in use.
	release
	// quantity is how much it takes.
	quantity int64
	// why says how the quantity came about.
	why string
	// test says that it is on a machine for development or test.
	test bool
	// from are the records that it was seen in.
	from []practice.Link
}

// quantity returns how much may be used, in thousandths. A licence for a site without a quantity covers every site.
func (r right) quantity() int64 {
	if r.Metric == "site" && r.Quantity == 0 {
		return math.MaxInt32
	}
	return int64(math.Round(r.Quantity * 1000))
}

// metricOf returns what a licence counts. One that does not say counts installations.
func metricOf(l *model.Licence) model.LicenceMetric { return cmp.Or(l.Metric, "install") }

// ended says why a licence does not count on a day, or nothing.
func ended(l *model.Licence, at model.Date) string {
	switch {
	case l.Start > at:
		return fmt.Sprintf("begins on %s", l.Start)
	case !l.End.IsZero() && l.End < at:
		return fmt.Sprintf("ended on %s", l.End)
	}
	return ""
}

// normal writes a name as names are compared: in lower case with single spaces.
func normal(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }

// linesOf gathers the licences by product, pool and metric, in that order.
func linesOf(v estate.View, product string) []*line {
	type key struct {
		product, pool string
		metric        model.LicenceMetric
	}
	found := map[key]*line{}
	var out []*line
	for l := range estate.Each[*model.Licence](v) {
		if product != "" && normal(l.Product) != normal(product) {
			continue
		}
		k := key{normal(l.Product), normal(l.Pool), metricOf(l)}
		if found[k] == nil {
			found[k] = &line{product: l.Product, pool: l.Pool, metric: k.metric}
			out = append(out, found[k])
		}
		found[k].rights = append(found[k].rights, right{l, ended(l, v.At())})
	}
	slices.SortStableFunc(out, func(a, b *line) int {
		return cmp.Or(cmp.Compare(normal(a.product), normal(b.product)), cmp.Compare(normal(a.pool), normal(b.pool)), cmp.Compare(model.Rank(a.metric), model.Rank(b.metric)))
	})
	return out
}

// counting returns the licences that count on the date.
func (l *line) counting() []right {
	return slices.DeleteFunc(slices.Clone(l.rights), func(r right) bool { return r.ended != "" })
}

// entitled is how much may be used on the date, and idle how much was bought and does not count.
func (l *line) entitled() (counts, idle int64) {
	for _, r := range l.rights {
		if r.ended == "" {
			counts += r.quantity()
		} else {
			idle += r.quantity()
		}
	}
	return counts, idle
}

// most returns the largest value that the licences say of something: those that count, or all where none does.
func (l *line) most(value func(*model.Licence) float64) float64 {
	rights := l.counting()
	if len(rights) == 0 {
		rights = l.rights
	}
	out := 0.0
	for _, r := range rights {
		out = max(out, value(r.Licence))
	}
	return out
}

// links returns the licences.
func (l *line) links() []practice.Link {
	out := make([]practice.Link, len(l.rights))
	for i, r := range l.rights {
		out[i] = practice.To(r.Licence)
	}
	return out
}

// demand is how much is needed, in thousandths.
func (l *line) demand() int64 {
	sum := int64(0)
	for _, n := range l.needs {
		sum += n.quantity
	}
	return sum
}

// evidence returns the records that the demand was seen in, each once. The needs must be complete.
func (l *line) evidence() []practice.Link {
	if l.seen != nil {
		return l.seen
	}
	known := make(map[model.ID]bool, len(l.needs))
	add := func(f practice.Link) {
		if !f.IsZero() && !known[f.ID] {
			known[f.ID] = true
			l.seen = append(l.seen, f)
		}
	}
	for _, n := range l.needs {
		add(n.who)
		for _, f := range n.from {
			add(f)
		}
	}
	return l.seen
}

// round fills the demand up to a whole number, which factors and fractions can leave it short of.
func (l *line) round() {
	if rest := l.demand() % 1000; rest > 0 {
		l.needs = append(l.needs, need{quantity: 1000 - rest, why: "rounded up to a whole number"})
	}
}

// covers reports whether a licence may be used for a release: of its own version,
// of an older one with the right to downgrade, of a newer one with the right to
// upgrade where maintenance lasts or lasted when that version came. A version that is not known is taken to be covered.
func (r right) covers(n release, at model.Date) bool {
	if r.Version == "" || n.name == "" && n.version == "" {
		return true
	}
	switch n.against(r.Version) {
	case older:
		return r.Downgrade
	case newer:
		if !r.Upgrade {
			return false
		}
		if r.Maintenance.IsZero() {
			return !r.Perpetual
		}
		return r.Maintenance >= at || !n.released.IsZero() && n.released <= r.Maintenance
	}
	return true
}

// settled is how needs and licences match.
type settled struct {
	// covered is how much of the demand licences cover, missing how much they do not, and spare how much of the licences nothing uses.
	covered, missing, spare int64
	// wrong is how much is missing although there are licences to spare, for other versions.
	wrong int64
	// spares say how much of which licence nothing uses.
	spares []spare
	// uncovered are the releases of which some are not covered.
	uncovered []string
}

// spare is a part of a licence that nothing uses.
type spare struct {
	right
	quantity int64
}

// settle finds the most of the demand that the licences can cover. Which licence
// covers which release is found as the largest flow from licences to releases, so that one more licence never makes more missing.
// What was paid for once is used first, and then the dearest, so that what is spare is what can be given up.
func (l *line) settle(at model.Date) settled {
	rights := l.counting()
	slices.SortStableFunc(rights, func(a, b right) int {
		return cmp.Or(-compareBool(a.Perpetual, b.Perpetual), cmp.Compare(b.UnitPrice.Float(), a.UnitPrice.Float()))
	})
	classes := map[string]int{}
	var sizes []int64
	var masks []string
	var releases [][]string
	for _, n := range l.needs {
		mask := make([]byte, len(rights))
		for i, r := range rights {
			mask[i] = '0'
			if r.covers(n.release, at) {
				mask[i] = '1'
			}
		}
		c, ok := classes[string(mask)]
		if !ok {
			c = len(masks)
			classes[string(mask)] = c
			masks, sizes, releases = append(masks, string(mask)), append(sizes, 0), append(releases, nil)
		}
		sizes[c] += n.quantity
		if text := n.String(); text != "" && n.quantity > 0 && !slices.Contains(releases[c], text) && len(releases[c]) < 3 {
			releases[c] = append(releases[c], text)
		}
	}
	g := newFlow(len(rights) + len(masks) + 2)
	source, sink := 0, 1
	entitled := int64(0)
	for i, r := range rights {
		g.join(source, 2+i, r.quantity())
		entitled += r.quantity()
		for c, mask := range masks {
			if mask[i] == '1' {
				g.join(2+i, 2+len(rights)+c, r.quantity())
			}
		}
	}
	for c := range masks {
		g.join(2+len(rights)+c, sink, sizes[c])
	}
	s := settled{covered: g.most(source, sink)}
	s.missing, s.spare = l.demand()-s.covered, entitled-s.covered
	s.wrong = min(s.missing, s.spare)
	for c := range masks {
		if g.left[2+len(rights)+c][sink] > 0 {
			s.uncovered = append(s.uncovered, releases[c]...)
		}
	}
	for i, r := range rights {
		if left := g.left[source][2+i]; left > 0 && r.Metric != "site" {
			s.spares = append(s.spares, spare{r, left})
		}
	}
	return s
}

// flow is a small network with what can still flow between any two places.
type flow struct{ left [][]int64 }

func newFlow(places int) *flow {
	g := &flow{left: make([][]int64, places)}
	for i := range g.left {
		g.left[i] = make([]int64, places)
	}
	return g
}

func (g *flow) join(a, b int, capacity int64) { g.left[a][b] += capacity }

// most sends as much as possible from one place to another, along shortest ways first, and returns how much that is.
func (g *flow) most(from, to int) int64 {
	total := int64(0)
	for {
		before := make([]int, len(g.left))
		for i := range before {
			before[i] = -1
		}
		before[from] = from
		queue := []int{from}
		for len(queue) > 0 && before[to] < 0 {
			at := queue[0]
			queue = queue[1:]
			for next, left := range g.left[at] {
				if left > 0 && before[next] < 0 {
					before[next] = at
					queue = append(queue, next)
				}
			}
		}
		if before[to] < 0 {
			return total
		}
		step := int64(math.MaxInt64)
		for at := to; at != from; at = before[at] {
			step = min(step, g.left[before[at]][at])
		}
		for at := to; at != from; at = before[at] {
			g.left[before[at]][at] -= step
			g.left[at][before[at]] += step
		}
		total += step
	}
}

// packs returns how many packs must be bought to have so much, and how much that is.
func (l *line) packs(missing int64) (packs int, units int64) {
	if missing <= 0 {
		return 0, 0
	}
	size := int64(max(1, l.most(func(l *model.Licence) float64 { return float64(l.PackSize) }))) * 1000
	packs = int((missing + size - 1) / size)
	return packs, int64(packs) * size
}

// price returns what one more of the metric costs, and the licence that says so:
// the newest one with a price for one, or with a cost to divide by its quantity.
func (l *line) price() (model.Money, *model.Licence) {
	rights := slices.Clone(l.rights)
	slices.SortStableFunc(rights, func(a, b right) int {
		return cmp.Or(cmp.Compare(len(a.ended), 0)-cmp.Compare(len(b.ended), 0), cmp.Compare(b.Start, a.Start))
	})
	for _, r := range rights {
		if !r.UnitPrice.IsZero() {
			return r.UnitPrice, r.Licence
		}
	}
	for _, r := range rights {
		if r.Cost.IsZero() || r.Quantity <= 0 {
			continue
		}
		amount, ok := new(big.Rat).SetString(facts.Of(r.Cost).String())
		if !ok {
			continue
		}
		each := amount.Quo(amount, new(big.Rat).SetFloat64(r.Quantity))
		if m, err := model.NewMoney(each.FloatString(2), r.Cost.Currency()); err == nil {
			return m, r.Licence
		}
	}
	return model.Money{}, nil
}

// vendor returns who sells the licences, and whether it may audit.
func (l *line) vendor(v estate.View) (practice.Link, bool) {
	var vendor practice.Link
	audit := false
	for _, r := range l.rights {
		if vendor.IsZero() {
			vendor = link(v, r.Vendor)
		}
		audit = audit || r.AuditClause
	}
	return vendor, audit
}
