package finance

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"binnacle/model"
	"binnacle/practice"
)

// money returns minor units as money of the books.
func (c *carried) money(n int64) model.Money {
	return minorMoney(big.NewInt(n), cmp.Or(c.book.Currency, "XXX"))
}

// ratio returns a part of a whole in percent, rounded to one place.
func ratio(part, whole int64) model.Percent {
	if whole == 0 {
		return 0
	}
	return model.Percent(oneDecimal(float64(part) / float64(whole) * 100))
}

// answer puts together what was gathered.
func (t *tracing) answer(note string) TraceOut {
	var out TraceOut
	goals, others := int64(0), int64(0)
	for ref, amount := range t.ends {
		if _, ok := t.view.Get(ref).(*model.Goal); ok {
			goals += amount
		} else {
			others += amount
		}
	}
	whole := goals + others
	from := t.loads
	out.Amount = moneyFigure(t.carried.money(whole), from, strings.TrimSpace(note))
	out.ServesGoals = moneyFigure(t.carried.money(goals), from, fmt.Sprintf("%s %% of the whole.", ratio(goals, whole)))
	out.ServesGoals.Better = practice.Higher
	out.Unallocated = moneyFigure(t.carried.money(others), from, fmt.Sprintf("%s %% of the whole.", ratio(others, whole)))
	out.Unallocated.Better = practice.Lower
	out.Ends = t.endTable(whole)
	out.Sources = t.sourceTable(whole)
	out.Steps = t.stepTable()
	out.Flow = t.picture()
	out.Findings = append(bookFindings(t.carried.book), t.carried.findings()...)
	for i, row := range out.Ends.Rows {
		if !row.Goal && row.Amount.Sign() > 0 && i < 10 {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: row.End, Text: fmt.Sprintf("%s (%s %%) serves no goal: %s", row.Amount, row.Share, row.Why)})
		}
	}
	return out
}

func (t *tracing) sourceKeys() []originKey {
	keys := make([]originKey, 0, len(t.sources))
	for key := range t.sources {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b originKey) int {
		return cmp.Or(cmp.Compare(t.sources[b], t.sources[a]), strings.Compare(a.invoice, b.invoice), strings.Compare(a.issuer, b.issuer), strings.Compare(a.load, b.load))
	})
	return keys
}

func (t *tracing) endTable(whole int64) practice.Table[EndRow] {
	var out practice.Table[EndRow]
	for ref, amount := range t.ends {
		if amount == 0 {
			continue
		}
		row := EndRow{Amount: t.carried.money(amount), Share: ratio(amount, whole)}
		rec := t.view.Get(ref)
		_, row.Goal = rec.(*model.Goal)
		switch {
		case rec == nil:
			row.Why = belongsToNobody
		case row.Goal:
			row.End, row.Why = practice.To(rec), "it is a goal."
		default:
			row.End, row.Why = practice.To(rec), stays(rec)
		}
		out.Rows = append(out.Rows, row)
	}
	slices.SortFunc(out.Rows, func(a, b EndRow) int {
		return cmp.Or(cmp.Compare(b.Amount.Float(), a.Amount.Float()), strings.Compare(a.End.String(), b.End.String()))
	})
	return out
}

// belongsToNobody says why money stays nowhere.
const belongsToNobody = "nobody knows whom it belongs to: write cost rules. It may also belong to something that you may not see, or that is gone."

// stays says why money goes no further than a record.
func stays(rec model.Record) string {
	title := rec.Base().Title()
	switch rec.(type) {
	case *model.Application, *model.Service:
		return title + " carries no capability or product, and nothing needs it."
	case *model.Product:
		return title + " serves no goal and no business unit."
	case *model.Capability:
		return title + " serves no goal."
	case *model.BusinessUnit:
		return title + " has no goal."
	case *model.Team:
		return title + " owns no application or service; write an allocation."
	case *model.Project, *model.Initiative:
		return title + " serves no goal."
	}
	return "no allocation says who carries the cost of " + title + "."
}

func (t *tracing) sourceTable(whole int64) practice.Table[SourceRow] {
	var out practice.Table[SourceRow]
	for _, key := range t.sourceKeys() {
		o := t.origins[key]
		out.Rows = append(out.Rows, SourceRow{o.link, o.label, practice.To(t.view.Get(o.vendor)), t.carried.money(t.sources[key]), ratio(t.sources[key], whole)})
	}
	return out
}

func (t *tracing) stage(key stepKey) int {
	if key.paid != "" {
		return 0
	}
	if rec := t.view.Get(key.from); rec != nil {
		return layerOf(rec)
	}
	return 0
}

func (t *tracing) stepTable() practice.Table[StepRow] {
	keys := slices.Clone(t.order)
	slices.SortStableFunc(keys, func(a, b stepKey) int {
		return cmp.Or(cmp.Compare(t.stage(a), t.stage(b)), cmp.Compare(t.steps[b], t.steps[a]))
	})
	var out practice.Table[StepRow]
	for _, key := range keys {
		row := StepRow{Stage: layers[t.stage(key)], From: practice.To(t.view.Get(key.from)), To: practice.To(t.view.Get(key.to)), Amount: t.carried.money(t.steps[key])}
		row.Label, row.Because = cmp.Or(key.paid, row.From.Title()), "the bill and the cost rules"
		if c, ok := t.because[key]; ok {
			row.Because = c.why
			if c.rule != nil {
				row.Rule = practice.To(c.rule)
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// mostOfStage is how many records of a stage a picture shows; the rest is one node.
const mostOfStage = 12

// picture draws the flow without circles: a step back to an earlier record is left out.
func (t *tracing) picture() practice.Picture {
	paid := t.bigPaid()
	p := &flowPicture{tracing: t, Picture: practice.Picture{Type: practice.FlowPicture, Stages: layers}, node: map[string]int{}, edge: map[[2]int]int{}, big: t.bigOnes()}
	keys := slices.Clone(t.order)
	slices.SortStableFunc(keys, func(a, b stepKey) int { return cmp.Compare(t.stage(a), t.stage(b)) })
	for _, key := range keys {
		if t.steps[key] <= 0 {
			continue
		}
		from := 0
		if key.paid == "" {
			from = p.recordNode(key.from)
		} else {
			name := key.paid
			if !paid[name] {
				name = "Others"
			}
			from = p.paidNode(name)
		}
		p.join(from, p.recordNode(key.to), t.steps[key])
	}
	rest := -1
	for _, row := range t.endTable(1).Rows {
		if row.Goal || row.Amount.Sign() <= 0 {
			continue
		}
		if rest < 0 {
			rest = p.add("none", practice.Node{Link: practice.Link{Name: "Serves no goal"}, Group: layers[6], Severity: practice.Medium})
		}
		p.join(p.recordNode(model.Ref(row.End.ID)), rest, t.ends[model.Ref(row.End.ID)])
	}
	p.settle()
	return p.Picture
}

// bigOnes returns the records that a picture names: the largest of each stage.
func (t *tracing) bigOnes() map[model.Ref]bool {
	through := map[model.Ref]int64{}
	for key, amount := range t.steps {
		through[key.to] += max(amount, 0)
	}
	stages := map[int][]model.Ref{}
	for ref := range through {
		if rec := t.view.Get(ref); rec != nil {
			stages[layerOf(rec)] = append(stages[layerOf(rec)], ref)
		}
	}
	out := map[model.Ref]bool{}
	for _, list := range stages {
		slices.SortFunc(list, func(a, b model.Ref) int {
			return cmp.Or(cmp.Compare(through[b], through[a]), slices.Compare(a[:], b[:]))
		})
		for i, ref := range list {
			out[ref] = i < mostOfStage
		}
	}
	return out
}

// bigPaid returns who is paid most. A picture names these; the others are one node.
func (t *tracing) bigPaid() map[string]bool {
	sums := map[string]int64{}
	for key, amount := range t.steps {
		if key.paid != "" {
			sums[key.paid] += max(amount, 0)
		}
	}
	names := sortedKeys(sums)
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(sums[b], sums[a]) })
	out := map[string]bool{}
	for _, name := range names[:min(len(names), mostOfStage)] {
		out[name] = true
	}
	return out
}

// flowPicture is a picture of flows in the making.
type flowPicture struct {
	*tracing
	practice.Picture
	node map[string]int
	edge map[[2]int]int
	sums []int64
	big  map[model.Ref]bool
}

func (p *flowPicture) add(key string, n practice.Node) int {
	if at, ok := p.node[key]; ok {
		return at
	}
	at := len(p.Nodes)
	p.node[key] = at
	p.Nodes = append(p.Nodes, n)
	return at
}

func (p *flowPicture) paidNode(name string) int {
	return p.add("paid "+name, practice.Node{Link: practice.Link{Name: name}, Group: layers[0]})
}

func (p *flowPicture) recordNode(ref model.Ref) int {
	rec := p.view.Get(ref)
	if rec == nil {
		return p.add("nobody", practice.Node{Link: practice.Link{Name: "Belongs to nobody"}, Group: layers[1], Severity: practice.High})
	}
	stage := layerOf(rec)
	if !p.big[ref] {
		return p.add(fmt.Sprintf("other %d", stage), practice.Node{Link: practice.Link{Name: "Other " + strings.ToLower(layers[stage])}, Group: layers[stage]})
	}
	return p.add(string(ref[:]), practice.Node{Link: practice.To(rec), Group: layers[stage]})
}

func (p *flowPicture) join(from, to int, amount int64) {
	if from == to || amount <= 0 {
		return
	}
	key := [2]int{from, to}
	at, ok := p.edge[key]
	if !ok {
		if p.leads(to, from) {
			return
		}
		at = len(p.Edges)
		p.edge[key] = at
		p.Edges = append(p.Edges, practice.Join{From: from, To: to})
		p.sums = append(p.sums, 0)
	}
	p.sums[at] += amount
}

// leads reports whether a way leads from one node to another.
func (p *flowPicture) leads(from, to int) bool {
	seen := map[int]bool{from: true}
	waiting := []int{from}
	for len(waiting) > 0 {
		n := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if n == to {
			return true
		}
		for _, e := range p.Edges {
			if e.From == n && !seen[e.To] {
				seen[e.To] = true
				waiting = append(waiting, e.To)
			}
		}
	}
	return false
}

// settle writes the amounts onto the edges and the nodes.
func (p *flowPicture) settle() {
	in, out := make([]int64, len(p.Nodes)), make([]int64, len(p.Nodes))
	for i := range p.Edges {
		e := &p.Edges[i]
		e.Money = p.carried.money(p.sums[i])
		e.Value = e.Money.Float()
		out[e.From] += p.sums[i]
		in[e.To] += p.sums[i]
	}
	for i := range p.Nodes {
		p.Nodes[i].Value = p.carried.money(max(in[i], out[i])).Float()
	}
}
