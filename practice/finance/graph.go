package finance

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
	"binnacle/practice/finance/allocate"
)

// carriers is what cost is carried along in one month: records, and what each passes on to which others.
type carriers struct {
	view  estate.View
	month model.Date
	uses  *costs.Uses
	rules map[model.Ref][]*model.Allocation
	refs  []model.Ref
	index map[model.Ref]int
	edges []carry
	notes []string
	dest  destination
}

// destination says where the cost of products and capabilities goes on to.
type destination string

// Cost goes to the goals that are served, or to the business units that use what it pays for.
const (
	toGoals destination = "goals"
	toUnits destination = "units"
)

// carry says that a record passes a part of its cost on.
type carry struct {
	from, to int
	weight   int64
	why      string
	rule     *model.Allocation
}

// nowhere is the node of cost that belongs to nobody.
const nowhere = 0

// newCarriers returns the graph of a month with nothing in it but the node for cost that belongs to nobody.
func newCarriers(v estate.View, month model.Date, rules map[model.Ref][]*model.Allocation, dest destination) *carriers {
	return &carriers{view: v, month: month, dest: dest, uses: costs.UsesOf(v), rules: rules, refs: []model.Ref{{}}, index: map[model.Ref]int{}}
}

type allocationsKey struct{}

// allocationsOf returns the allocations by the record whose cost they carry on.
func allocationsOf(v estate.View) map[model.Ref][]*model.Allocation {
	return v.Memo(allocationsKey{}, func() any {
		out := map[model.Ref][]*model.Allocation{}
		for a := range estate.Each[*model.Allocation](v) {
			out[a.Of] = append(out[a.Of], a)
		}
		return out
	}).(map[model.Ref][]*model.Allocation)
}

// node returns the number of a record, and follows where its cost goes when the record is new.
func (c *carriers) node(ref model.Ref) int {
	if n, ok := c.index[ref]; ok {
		return n
	}
	if c.view.Get(ref) == nil {
		// The record is gone, or the view does not see it.
		return nowhere
	}
	waiting := []model.Ref{ref}
	c.add(ref)
	for len(waiting) > 0 {
		next := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		from := c.index[next]
		for _, e := range c.passes(next) {
			if e.to == next || e.weight <= 0 {
				continue
			}
			// The part of a record that is gone or out of sight belongs to nobody that the view sees, and is not put upon the others.
			to, known := c.index[e.to]
			if !known && c.view.Get(e.to) == nil {
				to, known = nowhere, true
			}
			if !known {
				to = c.add(e.to)
				waiting = append(waiting, e.to)
			}
			c.edges = append(c.edges, carry{from, to, e.weight, e.why, e.rule})
		}
	}
	return c.index[ref]
}

func (c *carriers) add(ref model.Ref) int {
	n := len(c.refs)
	c.refs = append(c.refs, ref)
	c.index[ref] = n
	return n
}

// part is the part that one record passes on to another.
type part struct {
	to     model.Ref
	weight int64
	why    string
	rule   *model.Allocation
}

// passes says whom a record passes its cost on to: by the allocation that holds in the month, or in equal parts along the graph.
func (c *carriers) passes(ref model.Ref) []part {
	rule := c.allocation(ref)
	if rule == nil {
		return even(c.consumers(ref), "equal parts along the graph", nil)
	}
	switch rule.Driver {
	case "measured":
		if parts := c.measured(rule); len(parts) > 0 {
			return parts
		}
	case "even":
		var list []model.Ref
		for _, s := range rule.To {
			list = append(list, s.To)
		}
		if len(list) == 0 {
			list = c.consumers(ref)
		}
		return even(list, "equal parts", rule)
	}
	parts := fixed(rule)
	if len(parts) == 0 {
		return even(c.consumers(ref), "equal parts along the graph", rule)
	}
	return parts
}

func (c *carriers) note(text string) {
	if !slices.Contains(c.notes, text) {
		c.notes = append(c.notes, text)
	}
}

// allocation returns the allocation of a record that holds in the month. Where several do, the one that began last holds.
func (c *carriers) allocation(ref model.Ref) *model.Allocation {
	var best *model.Allocation
	for _, a := range c.rules[ref] {
		if !a.From.IsZero() && costs.FirstDay(a.From) > c.month || !a.Until.IsZero() && a.Until < c.month {
			continue
		}
		if best == nil || a.From > best.From {
			best = a
		}
	}
	return best
}

func even(list []model.Ref, why string, rule *model.Allocation) []part {
	out := make([]part, len(list))
	for i, to := range list {
		out[i] = part{to, 1, why, rule}
	}
	return out
}

// fixed returns the parts that somebody decided, as whole numbers in relation to each other.
func fixed(rule *model.Allocation) []part {
	total := 0.0
	for _, s := range rule.To {
		total += s.Share
	}
	if total <= 0 {
		list := make([]model.Ref, len(rule.To))
		for i, s := range rule.To {
			list[i] = s.To
		}
		return even(list, "equal parts", rule)
	}
	var out []part
	for _, s := range rule.To {
		if w := wholeWeight(s.Share); w > 0 {
			out = append(out, part{s.To, w, fmt.Sprintf("%g of %g", s.Share, total), rule})
		}
	}
	return out
}

// wholeWeight makes a whole number of a weight. A millionth counts.
func wholeWeight(w float64) int64 {
	if w <= 0 || math.IsNaN(w) {
		return 0
	}
	return int64(math.Round(min(w, 1e9) * 1e6))
}

// measured returns the parts by what each has used in the month. Where more than one thing was counted and the rule does not say which counts, there are none.
func (c *carriers) measured(rule *model.Allocation) []part {
	sums := map[model.Ref]*facts.Sum{}
	var order []model.Ref
	var all facts.Sum
	counted := map[[2]string]bool{}
	for _, use := range c.uses.In(rule.Of, c.month, rule.Metric) {
		if use.User.IsZero() || use.Quantity.Sign() <= 0 {
			continue
		}
		counted[[2]string{strings.ToLower(use.Metric), use.Unit}] = true
		if sums[use.User] == nil {
			sums[use.User] = &facts.Sum{}
			order = append(order, use.User)
		}
		sums[use.User].AddSum(use.Quantity)
		all.AddSum(use.Quantity)
	}
	switch len(counted) {
	case 0:
		c.note(fmt.Sprintf("%s has no measured use%s.", rule.Title(), ofMetric(rule.Metric)))
		return nil
	case 1:
	default:
		c.note(fmt.Sprintf("%s has measured use in %d different metrics or units: say which metric counts.", rule.Title(), len(counted)))
		return nil
	}
	var out []part
	for _, ref := range order {
		share := sums[ref].Float() / all.Float()
		if w := int64(math.Round(share * 1e12)); w > 0 {
			out = append(out, part{ref, w, fmt.Sprintf("measured use: %.6g of %.6g %s", sums[ref].Float(), all.Float(), rule.Metric), rule})
		}
	}
	return out
}

func ofMetric(metric string) string {
	if metric == "" {
		return ""
	}
	return fmt.Sprintf(" of %q", metric)
}

// consumers returns whom the cost of a record goes to where nobody has decided: what
// needs it, what it serves, and in the end the goals.
func (c *carriers) consumers(ref model.Ref) []model.Ref {
	v := c.view
	if c.dest == toUnits {
		if list, ok := c.using(ref); ok {
			return list
		}
	}
	switch rec := v.Get(ref).(type) {
	case *model.Application:
		return c.first(append(c.holding(ref, "depends_on", "runs_on", "built_from"), rec.Capabilities...), rec.Supports, rec.BusinessUnits)
	case *model.Service:
		return c.first(append(c.holding(ref, "depends_on", "runs_on", "built_from"), rec.Capabilities...), rec.Supports)
	case *model.Product:
		return c.first(rec.Goals, one(rec.BusinessUnit))
	case *model.Capability:
		return c.first(rec.Goals, one(rec.Parent), one(rec.BusinessUnit))
	case *model.BusinessUnit:
		return c.first(c.holdingKind(ref, "Goal", "business_unit"), one(rec.Parent))
	case *model.Initiative:
		return c.first(rec.Goals)
	case *model.Project:
		return c.first(one(rec.Initiative))
	case *model.Team:
		return c.first(c.owned(ref))
	}
	return nil
}

// using returns the business units that carry the cost of a record, and false where that is not told by the record alone.
func (c *carriers) using(ref model.Ref) ([]model.Ref, bool) {
	switch rec := c.view.Get(ref).(type) {
	case *model.Product:
		return c.first(one(rec.BusinessUnit)), true
	case *model.Capability:
		return c.first(one(rec.BusinessUnit), one(rec.Parent)), true
	case *model.Application:
		// Who uses it carries it: what needs it, and the units that work with it.
		return c.first(append(c.holding(ref, "depends_on", "runs_on", "built_from"), rec.BusinessUnits...), rec.Capabilities, rec.Supports), true
	case *model.CostCentre:
		return c.first(one(rec.BusinessUnit)), true
	case *model.Goal:
		return c.first(one(rec.BusinessUnit), one(rec.Parent)), true
	case *model.Initiative:
		return c.first(rec.Goals), true
	case *model.BusinessUnit:
		return nil, true
	}
	return nil, false
}

func one(ref model.Ref) []model.Ref {
	if ref.IsZero() {
		return nil
	}
	return []model.Ref{ref}
}

// first returns the first list that has a record in sight, each record once.
func (c *carriers) first(lists ...[]model.Ref) []model.Ref {
	for _, list := range lists {
		var out []model.Ref
		for _, ref := range list {
			if c.view.Get(ref) != nil && !slices.Contains(out, ref) {
				out = append(out, ref)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// holding returns the applications, services and products that point to a record by one of some fields.
func (c *carriers) holding(ref model.Ref, fields ...string) []model.Ref {
	var out []model.Ref
	for e := range c.view.In(ref) {
		switch e.Record.(type) {
		case *model.Application, *model.Service, *model.Product:
			if slices.Contains(fields, e.Field.Name) {
				out = append(out, e.Record.Base().Ref())
			}
		}
	}
	return c.sorted(out)
}

func (c *carriers) holdingKind(ref model.Ref, kind, field string) []model.Ref {
	var out []model.Ref
	for e := range c.view.In(ref) {
		if model.NameOf(e.Record) == kind && e.Field.Name == field {
			out = append(out, e.Record.Base().Ref())
		}
	}
	return c.sorted(out)
}

// owned returns the applications and services that a team owns.
func (c *carriers) owned(team model.Ref) []model.Ref {
	var out []model.Ref
	for e := range c.view.In(team) {
		switch e.Record.(type) {
		case *model.Application, *model.Service:
			if e.Field.Name == "owner" {
				out = append(out, e.Record.Base().Ref())
			}
		}
	}
	return c.sorted(out)
}

// sorted puts records into the order of their kinds and keys, so that the same estate gives the same answer.
func (c *carriers) sorted(list []model.Ref) []model.Ref {
	slices.SortFunc(list, func(a, b model.Ref) int {
		return slices.Compare([]string{practice.To(c.view.Get(a)).String()}, []string{practice.To(c.view.Get(b)).String()})
	})
	return slices.Compact(list)
}

// graph returns the graph as the engine of allocation takes it, without costs.
func (c *carriers) graph() allocate.Graph {
	g := allocate.Graph{Nodes: make([]allocate.Node, len(c.refs)), Edges: make([]allocate.Edge, len(c.edges))}
	for i, ref := range c.refs {
		if ref.IsZero() {
			g.Nodes[i].Name = "cost that belongs to nobody"
			continue
		}
		g.Nodes[i].Name = practice.To(c.view.Get(ref)).String()
		g.Nodes[i].Layer = layerOf(c.view.Get(ref))
	}
	for i, e := range c.edges {
		g.Edges[i] = allocate.Edge{From: e.from, To: e.to, Weight: e.weight}
	}
	return g
}

// layerOf returns the stage of a record on the way of money to goals, after the layers of the TBM taxonomy.
func layerOf(rec model.Record) int {
	switch rec.(type) {
	case *model.CostPool, *model.CostCentre, *model.Team:
		return 1
	case *model.ResourceTower, *model.CloudAccount:
		return 2
	case *model.Application, *model.Service, *model.Project:
		return 3
	case *model.Product, *model.Capability, *model.Initiative:
		return 4
	case *model.BusinessUnit:
		return 5
	case *model.Goal:
		return 6
	}
	return 3
}

// layers are the names of the stages of money.
var layers = []string{"Paid to", "Cost pools", "Resource towers", "Services and applications", "Products and capabilities", "Business units", "Goals"}
