package compliance

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// proposer gathers what follows from results of tests: new records, and one edit of each record that is there.
type proposer struct {
	v    estate.View
	book controls.Book
	// now is the moment at which evidence is gathered.
	now   model.Time
	taken map[string]bool
	made  []model.Record
	// edits are copies of records that change, in the order in which they were first touched.
	edits map[model.Ref]model.Record
	order []model.Ref

	findings   map[model.Ref][]*model.Finding
	plans      map[model.Ref][]model.Ref
	risks      map[model.Ref]bool
	exceptions []*model.Exception
}

func newProposer(v estate.View) *proposer {
	p := &proposer{
		v: v, book: controls.In(v), now: practice.NowOf(v), taken: map[string]bool{}, edits: map[model.Ref]model.Record{},
		findings: map[model.Ref][]*model.Finding{}, plans: map[model.Ref][]model.Ref{}, risks: map[model.Ref]bool{},
	}
	for f := range estate.Each[*model.Finding](v) {
		if !f.Test.IsZero() && f.State != model.FindingClosed {
			p.findings[f.Test] = append(p.findings[f.Test], f)
		}
	}
	for i := range estate.Each[*model.PlanItem](v) {
		for _, ref := range i.Findings {
			p.plans[ref] = append(p.plans[ref], i.Ref())
		}
	}
	for r := range estate.Each[*model.Risk](v) {
		if !r.Found.IsZero() && r.State != model.RiskClosed {
			p.risks[r.Found] = true
		}
	}
	for e := range estate.Each[*model.Exception](v) {
		if e.Holds(v.At()) {
			p.exceptions = append(p.exceptions, e)
		}
	}
	return p
}

// edit returns the copy of a record that changes.
func edit[R model.Record](p *proposer, ref model.Ref) (R, bool) {
	if rec, ok := p.edits[ref]; ok {
		out, ok := rec.(R)
		return out, ok
	}
	rec, ok := estate.Look[R](p.v, ref)
	if !ok {
		return rec, false
	}
	out := model.Clone(rec)
	p.edits[ref] = out
	p.order = append(p.order, ref)
	return out, true
}

// changes returns what is proposed: what is new first, and then what changes.
func (p *proposer) changes() []model.Change {
	var out []model.Change
	for _, rec := range p.made {
		if c, differs := model.Difference(p.v.Schema().Of(rec), nil, rec); differs {
			out = append(out, c)
		}
	}
	for _, ref := range p.order {
		after := p.edits[ref]
		if c, differs := model.Difference(p.v.Schema().Of(after), p.v.Get(ref), after); differs {
			out = append(out, c)
		}
	}
	return out
}

// observe takes an observation of a test in, and does what follows from it. A result of the past that a newer one is there for has no consequences.
func (p *proposer) observe(t *model.ControlTest, o *model.Observation, subjects []model.Ref) {
	if p.superseded(t, o) {
		return
	}
	switch o.Result {
	case model.TestFailed:
		p.failed(t, o, subjects)
	case model.TestPassed:
		p.passed(t, o)
	}
}

// superseded reports whether a newer observation of the same test is there.
func (p *proposer) superseded(t *model.ControlTest, o *model.Observation) bool {
	seen := p.book.History(t)
	return len(seen) > 0 && seen[len(seen)-1].Collected > o.Collected
}

// failed opens the finding of a test, or goes on with the one that is there.
func (p *proposer) failed(t *model.ControlTest, o *model.Observation, subjects []model.Ref) {
	kept := subjects[:min(len(subjects), mostSubjects)]
	var f *model.Finding
	if list := p.findings[t.Ref()]; len(list) > 0 {
		f = list[len(list)-1]
	}
	state := model.FindingOpen
	if p.excepted(t, f, subjects) {
		state = model.FindingAccepted
	}
	if f == nil {
		f = p.open(t, o, kept, state)
	} else if f.State != state || !slices.Equal(f.Subjects, kept) {
		after, _ := edit[*model.Finding](p, f.Ref())
		after.State, after.Subjects, after.Mended, after.MendedBy = state, slices.Clone(kept), 0, model.Ref{}
		after.Observations = firstAndLast(f.Observations, o.Ref())
		p.reopen(f.Ref())
	}
	if state == model.FindingOpen {
		p.treat(t, f)
	}
}

// firstAndLast returns the observation that a finding was opened for, and the newest one.
func firstAndLast(before []model.Ref, last model.Ref) []model.Ref {
	if len(before) == 0 {
		return []model.Ref{last}
	}
	return []model.Ref{before[0], last}
}

// open makes the finding of a test that failed.
func (p *proposer) open(t *model.ControlTest, o *model.Observation, subjects []model.Ref, state model.FindingState) *model.Finding {
	on := p.now.Date()
	f := &model.Finding{State: state, Severity: cmp.Or(t.Severity, model.SeverityMedium), Test: t.Ref(), Observations: []model.Ref{o.Ref()},
		Controls: slices.Clone(t.Controls), Requirements: slices.Clone(t.Requirements), Subjects: slices.Clone(subjects), Opened: on, Due: dueDay(t.Severity, on)}
	p.found(f, "finding-"+t.Key+"-"+on.String())
	f.Identifier, f.Name, f.Description = f.ID.String(), t.Title()+" fails", o.Text
	f.Owner, f.Confidential = ownerRef(p.v, t), o.Confidential
	return f
}

// treat opens the risk and the item of the plan that the test asks for, where they are not there yet.
func (p *proposer) treat(t *model.ControlTest, f *model.Finding) {
	if t.Treat != model.TreatRisk && t.Treat != model.TreatPlan {
		return
	}
	var risks []model.Ref
	if !p.risks[f.Ref()] {
		r := &model.Risk{Category: "compliance", State: model.RiskOpen, Threat: "The control " + p.guards(t) + " does not work, and what it is to keep away happens", Assets: slices.Clone(f.Subjects), Found: f.Ref(), ReviewBy: f.Due}
		if r.Treatment = "undecided"; t.Treat == model.TreatPlan {
			r.Treatment = "mitigate"
		}
		p.found(r, "risk-"+t.Key+"-"+p.now.Date().String())
		r.Name, r.Description, r.Owner, r.Confidential = "The control "+p.guards(t)+" does not work", f.Description, f.Owner, f.Confidential
		p.risks[f.Ref()] = true
		risks = []model.Ref{r.Ref()}
	}
	if t.Treat != model.TreatPlan || slices.ContainsFunc(p.plans[f.Ref()], p.runs) {
		return
	}
	i := &model.PlanItem{State: model.PlanOpen, Findings: []model.Ref{f.Ref()}, Risks: risks, Controls: slices.Clone(t.Controls), Planned: p.now.Date(), Due: f.Due}
	p.found(i, "plan-"+t.Key+"-"+p.now.Date().String())
	i.Identifier, i.Name, i.Description, i.Owner, i.Confidential = i.ID.String(), "Mend: "+t.Title(), f.Description, f.Owner, f.Confidential
	p.plans[f.Ref()] = append(p.plans[f.Ref()], i.Ref())
}

// guards names what a test is about: its first control, or the test itself.
func (p *proposer) guards(t *model.ControlTest) string {
	for _, ref := range t.Controls {
		if c := p.v.Get(ref); c != nil {
			return c.Base().Title()
		}
	}
	return t.Title()
}

// runs reports whether work on an item of the plan is to go on or waits to be checked.
func (p *proposer) runs(ref model.Ref) bool {
	i, ok := estate.Look[*model.PlanItem](p.v, ref)
	return ok && i.State != model.PlanClosed && i.State != model.PlanCancelled
}

// reopen lets work on what was thought to be done go on.
func (p *proposer) reopen(finding model.Ref) {
	for _, ref := range p.plans[finding] {
		if i, ok := estate.Look[*model.PlanItem](p.v, ref); ok && i.State == model.PlanDone {
			after, _ := edit[*model.PlanItem](p, ref)
			after.State, after.Done = model.PlanOpen, 0
		}
	}
}

// passed mends the findings of a test that holds again. Their risks stay for a person to decide about.
func (p *proposer) passed(t *model.ControlTest, o *model.Observation) {
	for _, f := range p.findings[t.Ref()] {
		if f.State == model.FindingMended {
			continue
		}
		after, _ := edit[*model.Finding](p, f.Ref())
		after.State, after.Mended = model.FindingMended, p.now.Date()
		after.Observations = firstAndLast(f.Observations, o.Ref())
		p.done(f.Ref())
	}
}

// done marks the items of the plan as done all of whose findings are mended.
func (p *proposer) done(finding model.Ref) {
	for _, ref := range p.plans[finding] {
		i, ok := estate.Look[*model.PlanItem](p.v, ref)
		if !ok || i.State != "" && i.State != model.PlanOpen && i.State != model.PlanRunning {
			continue
		}
		if slices.ContainsFunc(i.Findings, p.unmended) {
			continue
		}
		after, _ := edit[*model.PlanItem](p, ref)
		after.State, after.Done = model.PlanDone, p.now.Date()
	}
}

// unmended reports whether a finding is still to be mended, with what is proposed so far.
func (p *proposer) unmended(ref model.Ref) bool {
	if f, ok := p.edits[ref].(*model.Finding); ok {
		return f.State != model.FindingMended && f.State != model.FindingClosed
	}
	f, ok := estate.Look[*model.Finding](p.v, ref)
	return ok && f.State != model.FindingMended && f.State != model.FindingClosed
}

// excepted reports whether an exception that is in force allows a test to fail: one from the test, a control or a requirement of it, or from
// its finding. An exception for some things alone must name all that do not hold.
func (p *proposer) excepted(t *model.ControlTest, f *model.Finding, subjects []model.Ref) bool {
	return slices.ContainsFunc(p.exceptions, func(e *model.Exception) bool {
		return excepts(e, t, f) && (len(e.Subjects) == 0 || len(subjects) > 0 && !slices.ContainsFunc(subjects, func(s model.Ref) bool { return !slices.Contains(e.Subjects, s) }))
	})
}

// excepts reports whether an exception is from a test, from something that it tests, or from its finding.
func excepts(e *model.Exception, t *model.ControlTest, f *model.Finding) bool {
	return slices.ContainsFunc(e.From, func(ref model.Ref) bool {
		return ref == t.Ref() || slices.Contains(t.Controls, ref) || slices.Contains(t.Requirements, ref) || f != nil && ref == f.Ref()
	})
}
