package delivery

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// GateIn says what is to be delivered.
type GateIn struct {
	// Of is the release, or the application, service or product that is to be delivered.
	Of model.Ref `to:"Release,Application,Service,Product" is:"required"`
	// Hotfix says that it is an unplanned repair, which a freeze may allow.
	Hotfix bool
}

// GateOut says whether something may be delivered.
type GateOut struct {
	// Answer is go, or no go.
	Answer string
	// Blocking is how many reasons speak against it.
	Blocking practice.Figure
	// Unknown is how many things nobody can tell.
	Unknown practice.Figure
	// Method says which gates were asked.
	Method string
	// Findings are the reasons against it.
	Findings []practice.Finding
	// Reasons are all that was looked at.
	Reasons practice.Table[ReasonRow]
}

// ReasonRow is one thing that was looked at.
type ReasonRow struct {
	// Topic is what was looked at.
	Topic string
	// Result is fine, blocks, unknown, or not asked where no gate asks for it.
	Result string
	// Text says what was found.
	Text string
	// Lifts is who can lift it.
	Lifts practice.Link
	// How is the action that would lift it.
	How string
	// From are the records that say so.
	From []practice.Link
}

// The results of reasons.
const (
	fine     = "fine"
	blocks   = "blocks"
	cannot   = "unknown"
	notAsked = "not asked"
)

// gate is what is asked of one delivery.
type gate struct {
	v        estate.View
	b        *book
	hotfix   bool
	asked    model.Ref
	product  model.Record
	unit     *unit
	rules    model.ReleaseGate
	gates    []practice.Link
	findings []practice.Finding
	rows     []ReasonRow
}

// Gate tells whether a release or an application may be delivered now: its vulnerabilities by what is to be done about them (SSVC), open risks above the appetite,
// controls that fail or are stale, freezes, and how its builds and deployments went. Each reason says who can lift it.
func Gate(v estate.View, in GateIn) (GateOut, error) {
	g, err := newGate(v, in)
	if err != nil {
		return GateOut{}, err
	}
	g.vulnerabilities()
	g.risks()
	g.controls()
	g.freezes()
	g.quality()
	out := GateOut{Answer: "go", Findings: g.findings, Method: "No release gate is written down: nothing that calls for action at once, no open risk above the appetite, no failed or stale control and no freeze may stand against it."}
	if len(g.gates) > 0 {
		out.Method = "The strictest of what these gates ask for: " + practice.Some(g.gates) + "."
	}
	out.Reasons.Rows = g.rows
	blocking, unknown := 0, 0
	for _, r := range g.rows {
		blocking += b2i(r.Result == blocks)
		unknown += b2i(r.Result == cannot)
	}
	if blocking > 0 {
		out.Answer = "no go"
	}
	from := append([]practice.Link{practice.To(v.Get(in.Of))}, g.gates...)
	out.Blocking = practice.Figure{Value: float64(blocking), Unit: "reasons", Better: practice.Lower, From: from}
	out.Unknown = practice.Figure{Value: float64(unknown), Unit: "topics", Better: practice.Lower, From: from}
	sortFindings(out.Findings)
	return out, nil
}

// newGate finds the gates that hold and joins them to the strictest.
func newGate(v estate.View, in GateIn) (*gate, error) {
	g := &gate{v: v, b: bookOf(v), hotfix: in.Hotfix, asked: in.Of, product: v.Get(in.Of)}
	if r, ok := g.product.(*model.Release); ok {
		g.product = v.Get(r.Of)
	}
	if g.product == nil {
		return nil, model.Problem{Field: "of", Text: "there is no such release, application, service or product"}
	}
	ref := g.product.Base().Ref()
	if g.unit = g.b.byRef[ref]; g.unit == nil {
		g.unit = &unit{link: practice.To(g.product)}
	}
	for r := range estate.Each[*model.ReleaseGate](v) {
		if len(r.AppliesTo) > 0 && !slices.Contains(r.AppliesTo, ref) {
			continue
		}
		if g.gates = append(g.gates, practice.To(r)); len(g.gates) == 1 {
			g.rules = *r
			continue
		}
		s := &g.rules
		s.MaxAct, s.MaxAttend = min(s.MaxAct, r.MaxAct), min(s.MaxAttend, r.MaxAttend)
		s.BlocksOnRisk, s.BlocksOnControls, s.BlocksOnFreeze = s.BlocksOnRisk || r.BlocksOnRisk, s.BlocksOnControls || r.BlocksOnControls, s.BlocksOnFreeze || r.BlocksOnFreeze
		s.MinSuccess = max(s.MinSuccess, r.MinSuccess)
		if s.MaxFailRate == 0 || r.MaxFailRate > 0 && r.MaxFailRate < s.MaxFailRate {
			s.MaxFailRate = r.MaxFailRate
		}
	}
	if len(g.gates) == 0 {
		g.rules = model.ReleaseGate{MaxAttend: 1 << 30, BlocksOnRisk: true, BlocksOnControls: true, BlocksOnFreeze: true}
	}
	return g, nil
}

// note adds a reason. What blocks is a finding too.
func (g *gate) note(r ReasonRow, mend *practice.Mend) {
	if mend != nil {
		r.How = mend.Action
	}
	g.rows = append(g.rows, r)
	if r.Result == blocks {
		g.findings = append(g.findings, practice.Finding{Severity: practice.High, Text: r.Text, About: practice.To(g.product), From: r.From, Owner: r.Lifts, Mend: mend})
	}
}

func (g *gate) owner() practice.Link { return practice.OwnerOf(g.v, g.product) }

// ask asks a question of another practice and takes its answer apart. It is nil where nobody can answer, and why says so.
func (g *gate) ask(name string, parameters map[string]any) (parts []practice.Part, why string) {
	asked, err := practice.Find(practice.PracticesOf(g.v), name)
	if err != nil {
		return nil, fmt.Sprintf("Nobody answers %s here.", name)
	}
	answer, err := asked.Ask(g.v, parameters)
	if err != nil {
		return nil, fmt.Sprintf("%s could not be answered: %v.", name, strings.TrimSuffix(err.Error(), "."))
	}
	return asked.Parts(answer), ""
}

// named returns the part with a name, or nil.
func named(parts []practice.Part, name string) *practice.Part {
	for i := range parts {
		if parts[i].Name == name {
			return &parts[i]
		}
	}
	return nil
}

// cells yields one map for each row of a table: the cells by the names of their columns.
func cells(p *practice.Part) []map[string]practice.Cell {
	var out []map[string]practice.Cell
	if p == nil || p.Grid == nil {
		return nil
	}
	for _, row := range p.Grid.Rows {
		m := map[string]practice.Cell{}
		for i, c := range p.Grid.Columns {
			m[c.Name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// vulnerabilities looks at what is open and how urgent it is.
func (g *gate) vulnerabilities() {
	of := practice.To(g.v.Get(g.asked))
	parts, why := g.ask("security.queue", map[string]any{"application": of.String(), "type": "vulnerability"})
	act, attend := named(parts, "immediate"), named(parts, "out_of_cycle")
	bills, _ := g.ask("security.releases", map[string]any{"of": practice.To(g.product).String()})
	switch {
	case act == nil || act.Figure == nil || attend == nil || attend.Figure == nil:
		g.note(ReasonRow{Topic: "vulnerabilities", Result: cannot, Text: why, Lifts: g.owner()}, nil)
		return
	case len(cells(named(bills, "releases"))) == 0:
		g.note(ReasonRow{Topic: "vulnerabilities", Result: cannot, Text: "There is no bill of materials of it, so nobody can tell.", Lifts: g.owner()}, nil)
		return
	}
	urgent, next := int(act.Figure.Value), int(attend.Figure.Value)
	row := ReasonRow{Topic: "vulnerabilities", Result: fine, Lifts: g.owner(), Text: fmt.Sprintf("%d call for action at once and %d at the next occasion.", urgent, next)}
	for _, c := range cells(named(parts, "queue")) {
		if decision := c["decision"].Text; decision == "immediate" && urgent > g.rules.MaxAct || decision == "out_of_cycle" && next > g.rules.MaxAttend {
			row.From = append(row.From, c["components"].Links...)
		}
	}
	row.From = row.From[:min(len(row.From), 50)]
	if urgent > g.rules.MaxAct || next > g.rules.MaxAttend {
		row.Result = blocks
		row.Text += fmt.Sprintf(" At most %d and %d may be open.", g.rules.MaxAct, g.rules.MaxAttend)
		if g.rules.MaxAttend == 1<<30 {
			row.Text = fmt.Sprintf("%d call for action at once, and none may.", urgent)
		}
	}
	var mend *practice.Mend
	if row.Result == blocks {
		mend = &practice.Mend{Action: "security.plan_upgrade", Parameters: map[string]string{"application": practice.To(g.product).String()}}
	}
	g.note(row, mend)
}

// risks looks whether a point of the appetite is exceeded by risks that act on it.
func (g *gate) risks() {
	row := ReasonRow{Topic: "open risks", Result: fine, Lifts: g.owner()}
	if !g.rules.BlocksOnRisk {
		row.Result, row.Text = notAsked, "No gate asks for it."
		g.note(row, nil)
		return
	}
	mine, why := g.ask("risk.register", map[string]any{"asset": practice.To(g.product).String()})
	points, more := g.ask("risk.appetite", nil)
	if mine == nil || points == nil {
		row.Result, row.Text = cannot, cmp.Or(why, more)
		g.note(row, nil)
		return
	}
	open := map[string]practice.Link{}
	for _, c := range cells(named(mine, "risks")) {
		if links := c["risk"].Links; len(links) > 0 {
			open[links[0].String()] = links[0]
		}
	}
	list := cells(named(points, "points"))
	row.Text = fmt.Sprintf("%s on it, and none of them is among those that exceed the appetite.", practice.Count(len(open), "open risk acts", "open risks act"))
	for _, c := range list {
		if state := c["state"].Text; state != "above" && state != "beyond" {
			continue
		}
		for _, l := range c["most"].Links {
			if risk, ok := open[l.String()]; ok {
				row.Result = blocks
				row.From = append(row.From, risk)
				row.From = append(row.From, c["appetite"].Links...)
			}
		}
	}
	switch {
	case row.Result == blocks:
		slices.SortFunc(row.From, func(a, b practice.Link) int { return strings.Compare(a.String(), b.String()) })
		row.From = slices.CompactFunc(row.From, func(a, b practice.Link) bool { return a.ID == b.ID })
		var risks []practice.Link
		for _, l := range row.From {
			if l.Kind == "Risk" {
				risks = append(risks, l)
			}
		}
		row.Lifts = practice.OwnerOf(g.v, g.v.Get(model.Ref(risks[0].ID)))
		row.Text = fmt.Sprintf("%s that exceed what the company wants to bear: %s.", practice.Count(len(risks), "open risk is among those", "open risks are among those"), practice.Some(risks))
		g.note(row, &practice.Mend{Action: "risk.treat", Parameters: map[string]string{"risk": risks[0].Key}})
		return
	case len(open) > 0 && len(list) == 0:
		row.Result, row.Text = cannot, fmt.Sprintf("%s on it, and no appetite for risk is in force.", practice.Count(len(open), "open risk acts", "open risks act"))
	}
	g.note(row, nil)
}

// controls looks at the controls in place for it, and at tests that named it as what does not hold.
func (g *gate) controls() {
	row := ReasonRow{Topic: "controls", Result: fine, Lifts: g.owner()}
	if !g.rules.BlocksOnControls {
		row.Result, row.Text = notAsked, "No gate asks for it."
		g.note(row, nil)
		return
	}
	book := controls.In(g.v)
	ref := g.product.Base().Ref()
	var bad []practice.Link
	looked := 0
	var first *model.Control
	for c := range estate.Each[*model.Control](g.v) {
		direct := slices.Contains(c.AppliesTo, ref) || slices.Contains(c.AppliesTo, g.asked)
		if !direct && len(c.AppliesTo) > 0 {
			continue
		}
		_, tests := book.Of(c.Ref())
		failed := false
		for _, t := range tests {
			about := t.Last != nil && (slices.Contains(t.Last.Subjects, ref) || slices.Contains(t.Last.Subjects, g.asked))
			looked += b2i(direct || about)
			if (direct || about) && (t.State == controls.Failed || t.State == controls.Stale) {
				failed = true
				row.From = append(row.From, practice.To(t.Test))
				if t.Last != nil {
					row.From = append(row.From, practice.To(t.Last))
				}
			}
		}
		if failed {
			bad = append(bad, practice.To(c))
			if first == nil {
				first = c
			}
		}
	}
	switch {
	case len(bad) > 0:
		row.Result, row.Text, row.Lifts = blocks, fmt.Sprintf("%s or stale: %s.", practice.Count(len(bad), "control is failed", "controls are failed"), practice.Some(bad)), practice.OwnerOf(g.v, first)
		g.note(row, &practice.Mend{Action: "compliance.run_tests"})
		return
	case looked == 0:
		row.Text = "No control test is about it."
	default:
		row.Text = fmt.Sprintf("None of %s fails or is stale.", practice.Count(looked, "test", "tests"))
	}
	g.note(row, nil)
}

// freezes looks whether a freeze holds now.
func (g *gate) freezes() {
	row := ReasonRow{Topic: "freezes", Result: fine, Text: "No freeze holds now.", Lifts: g.owner()}
	if !g.rules.BlocksOnFreeze {
		row.Result, row.Text = notAsked, "No gate asks for it."
		g.note(row, nil)
		return
	}
	now := practice.NowOf(g.v)
	for f := range estate.Each[*model.ChangeFreeze](g.v) {
		of := covered(g.v, g.b, f)
		if now < f.From || now > f.Until || of != nil && !of[g.product.Base().Ref()] {
			continue
		}
		row.From = append(row.From, practice.To(f))
		if g.hotfix && f.AllowsHotfixes {
			row.Text = fmt.Sprintf("%s holds until %s and allows hotfixes.", f.Title(), f.Until)
			continue
		}
		row.Result, row.Text, row.Lifts = blocks, fmt.Sprintf("%s holds until %s.", f.Title(), f.Until), practice.OwnerOf(g.v, f)
		break
	}
	g.note(row, nil)
}

// quality looks at builds of thirty days and at deployments of ninety.
func (g *gate) quality() {
	days := func(n int) window { return windowOf(g.v, model.Duration(time.Duration(n)*24*time.Hour)) }
	links := g.b.links(g.unit)
	row := ReasonRow{Topic: "builds", Result: notAsked, Text: "No gate asks for it.", Lifts: g.owner(), From: links}
	if g.rules.MinSuccess > 0 {
		h := g.unit.health(days(30))
		row.Result = fine
		if got := percent(h.good, h.builds); got == nil {
			row.Result, row.Text = cannot, "No build of the last 30 days is known."
		} else {
			row.Text = fmt.Sprintf("%g %% of %s of the last 30 days succeeded; at least %s %% must.", *got, practice.Count(h.builds, "build", "builds"), g.rules.MinSuccess)
			if *got < float64(g.rules.MinSuccess) {
				row.Result = blocks
			}
		}
	}
	g.note(row, nil)
	row = ReasonRow{Topic: "failed deployments", Result: notAsked, Text: "No gate asks for it.", Lifts: g.owner(), From: links}
	if g.rules.MaxFailRate > 0 {
		f := g.unit.five(days(90))
		row.Result = fine
		if got := percent(len(f.failed), len(f.deployments)); got == nil {
			row.Result, row.Text = cannot, "No deployment to production of the last 90 days is known."
		} else {
			row.Text = fmt.Sprintf("Somebody had to intervene after %g %% of %s of the last 90 days; at most %s %% are wanted.", *got, practice.Count(len(f.deployments), "deployment", "deployments"), g.rules.MaxFailRate)
			if *got > float64(g.rules.MaxFailRate) && !g.hotfix {
				row.Result = blocks
			}
		}
	}
	g.note(row, nil)
}

// MayReleaseIn says what is to be delivered.
type MayReleaseIn struct {
	// Of is the release, or the application, service or product that is to be delivered.
	Of model.Ref `to:"Release,Application,Service,Product" is:"required"`
	// Hotfix says that it is an unplanned repair, which a freeze may allow.
	Hotfix bool
	// Strict says that what nobody can tell stands against it too.
	Strict bool
}

// MayRelease checks that nothing stands against delivering a release or an application now, as delivery.gate tells it.
func MayRelease(v estate.View, in MayReleaseIn) (practice.Verdict, error) {
	found, err := Gate(v, GateIn{Of: in.Of, Hotfix: in.Hotfix})
	if err != nil {
		return practice.Verdict{}, err
	}
	out := practice.Verdict{Checked: []practice.Link{practice.To(v.Get(in.Of))}, Findings: found.Findings}
	title := out.Checked[0].Title()
	var unknown []string
	for _, r := range found.Reasons.Rows {
		if r.Result == cannot {
			unknown = append(unknown, r.Topic)
		}
	}
	switch {
	case found.Blocking.Value > 0:
		out.Text = fmt.Sprintf("%s may not be delivered: %s against it.", title, practice.Count(int(found.Blocking.Value), "reason stands", "reasons stand"))
	case len(unknown) > 0 && in.Strict:
		out.Unknown, out.Text = true, fmt.Sprintf("Nobody can tell whether %s may be delivered: nothing is known about %s.", title, strings.Join(unknown, ", "))
	case len(unknown) > 0:
		out.Pass, out.Text = true, fmt.Sprintf("Nothing that is known stands against delivering %s. Nothing is known about %s.", title, strings.Join(unknown, ", "))
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Nothing stands against delivering %s.", title)
	}
	return out, nil
}
