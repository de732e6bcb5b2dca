package compliance

import (
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// State says how a requirement stands in a scope.
type State string

// The states of a requirement, worst first.
const (
	NotSatisfied  State = "not_satisfied"
	NotAssessed   State = "not_assessed"
	Partly        State = "partly"
	Satisfied     State = "satisfied"
	NotApplicable State = "not_applicable"
)

// Options lists the states of a requirement, worst first.
func (State) Options() []model.Option {
	return []model.Option{
		{Value: "not_satisfied", Label: "Not satisfied", Help: "A test or an audit says that it is not met, or nothing is in place yet that is planned."},
		{Value: "not_assessed", Label: "Not assessed", Help: "Nothing that counts says how it stands: there is no control, no test, or the last result has expired."},
		{Value: "partly", Label: "Partly satisfied", Help: "Some of it is shown to be met."},
		{Value: "satisfied", Label: "Satisfied", Help: "A control or a test meets all of it, and evidence that has not expired shows that it works."},
		{Value: "not_applicable", Label: "Not applicable", Help: "It does not apply in this scope."},
	}
}

// Cover says how far controls that are in place meet a requirement, whether they are tested or not.
type Cover string

// The covers, worst first.
const (
	Uncovered     Cover = "none"
	PlannedOnly   Cover = "planned"
	CoveredPartly Cover = "partly"
	CoveredFully  Cover = "full"
)

// Options lists the covers, worst first.
func (Cover) Options() []model.Option {
	return []model.Option{
		{Value: "none", Label: "Not covered", Help: "No control meets it."},
		{Value: "planned", Label: "Planned", Help: "A control is planned and not in place."},
		{Value: "partly", Label: "Partly covered", Help: "Controls that are in place meet some of it."},
		{Value: "full", Label: "Covered", Help: "A control that is in place meets all of it."},
	}
}

// Standing is how one requirement stands in a scope at a moment.
type Standing struct {
	// Requirement is what is asked for.
	Requirement *model.Requirement
	// State says how it stands.
	State State
	// Cover says how far controls in place meet it, whether they are tested or not.
	Cover Cover
	// Reason says in a sentence why it stands so.
	Reason string
	// Tests says how its tests stand together.
	Tests controls.State
	// Controls are the controls that count for it, by key.
	Controls []ControlStanding
	// Direct are the tests that test it without a control between.
	Direct []controls.Standing
	// Last is its newest observation, or nil.
	Last *model.Observation
	// Expires is when the first of the results runs out that it rests on.
	Expires model.Time
	// Findings are the open findings about it and its controls.
	Findings []*model.Finding
	// Exceptions are those that hold for it, its controls and tests.
	Exceptions []*model.Exception
	// Via is the mapping that the state was inferred from, or nil.
	Via *model.RequirementMapping
	// Failed says that a test or a finding speaks against it, so that nothing inferred may speak for it.
	Failed bool
}

// ControlStanding is how one control stands that meets a requirement.
type ControlStanding struct {
	// Control is the control.
	Control *model.Control
	// Says is what the control says about the requirement.
	Says *model.Satisfaction
	// State says how its tests stand together.
	State controls.State
	// Tests are its tests.
	Tests []controls.Standing
}

// Scope is a compliance scope, or the company as a whole, at a moment.
type Scope struct {
	v     estate.View
	ix    *index
	book  controls.Book
	at    model.Date
	scope *model.ComplianceScope
	// choices are what the scope says about single requirements.
	choices map[model.Ref]*model.ApplicabilityChoice
	// chosen are the requirements of its baselines, nil where there are none.
	chosen map[model.Ref]bool
	// whole are the frameworks that must hold as a whole.
	whole map[model.Ref]bool
	// covers are the things inside of it.
	covers map[model.Ref]bool
	memo   map[model.Ref]*Standing
}

// scopeOf returns a scope of a view at its moment. An unset ref is the company as a whole, in which every framework must hold.
func scopeOf(v estate.View, ref model.Ref) (*Scope, error) {
	s := &Scope{v: v, ix: indexOf(v), book: controls.In(v), at: v.At(), choices: map[model.Ref]*model.ApplicabilityChoice{}, chosen: map[model.Ref]bool{}, whole: map[model.Ref]bool{}, covers: map[model.Ref]bool{}, memo: map[model.Ref]*Standing{}}
	if ref.IsZero() {
		return s, nil
	}
	scope, ok := estate.Look[*model.ComplianceScope](v, ref)
	if !ok {
		return nil, model.Problem{Field: "scope", Text: "there is no such scope"}
	}
	s.scope = scope
	for i := range scope.Applicability {
		c := &scope.Applicability[i]
		s.choices[c.Requirement] = c
	}
	for _, f := range scope.Frameworks {
		s.whole[f] = true
	}
	for _, ref := range scope.Baselines {
		if b, ok := estate.Look[*model.Baseline](v, ref); ok {
			for _, r := range b.Includes {
				s.chosen[r] = true
			}
		}
	}
	for _, ref := range append([]model.Ref{scope.Ref()}, scope.Covers...) {
		s.covers[ref] = true
	}
	return s, nil
}

// At returns the same scope as the observations and findings show it at another moment. What controls and scopes say is as it is now.
func (s *Scope) At(moment model.Time) *Scope {
	out := *s
	out.book, out.at, out.memo = s.book.At(moment), moment.Date(), map[model.Ref]*Standing{}
	return &out
}

// Frameworks returns the frameworks that hold in the scope in whole or in part, by key.
func (s *Scope) Frameworks() []*model.Framework {
	var out []*model.Framework
	for f := range estate.Each[*model.Framework](s.v) {
		if s.has(f.Ref()) {
			out = append(out, f)
		}
	}
	return out
}

// has reports whether a framework holds in the scope in whole or in part.
func (s *Scope) has(framework model.Ref) bool {
	return s.scope == nil || s.whole[framework] || slices.ContainsFunc(s.ix.of(framework), func(r *model.Requirement) bool {
		c := s.choices[r.Ref()]
		return s.chosen[r.Ref()] || c != nil && c.Applies
	})
}

// Applies reports whether a requirement applies in the scope, and why: what the scope says of it or of the nearest thing that it is part of comes first, then
// the baselines, then the frameworks as a whole.
func (s *Scope) Applies(r *model.Requirement) (bool, string) {
	if r.Withdrawn {
		return false, "It was withdrawn from the framework."
	}
	if s.scope == nil {
		return true, ""
	}
	for _, above := range s.ix.above(r) {
		c := s.choices[above.Ref()]
		if c == nil {
			continue
		}
		reason := c.Reason
		if reason == "" && above != r {
			reason = "As said of " + label(above) + "."
		}
		return c.Applies, reason
	}
	if s.chosen[r.Ref()] {
		return true, "A baseline of the scope chooses it."
	}
	if s.whole[r.Framework] {
		return true, "The framework holds in the scope as a whole."
	}
	return false, "No baseline of the scope chooses it."
}

// Of returns how a requirement stands: by its own controls and tests, and where these say less, by what may be
// inferred from a mapping.
func (s *Scope) Of(r *model.Requirement) *Standing {
	direct := s.direct(r)
	if direct.State == NotApplicable || direct.State == Satisfied || direct.Failed {
		return direct
	}
	out := *direct
	for _, rel := range s.ix.related[r.Ref()] {
		other := s.ix.requirements[rel.other]
		if other == nil || other == r || !Counts(rel.mapping) {
			continue
		}
		from := s.direct(other)
		gives := Infer(rel.relation, from.State)
		if gives == NotAssessed || model.Rank(gives) <= model.Rank(out.State) {
			continue
		}
		out.State, out.Via = gives, rel.mapping
		out.Reason = fmt.Sprintf("%s is %s, and it %s.", label(other), words(from.State), relationWords[rel.relation])
		if out.Last == nil {
			out.Last, out.Expires = from.Last, from.Expires
		}
	}
	return &out
}

// relationWords say how another requirement relates to this one.
var relationWords = map[model.MappingRelation]string{
	model.EqualTo: "asks for the same", model.EquivalentTo: "asks for the same in other words", model.SupersetOf: "asks for all of this and more",
	model.SubsetOf: "asks for a part of this", model.IntersectsWith: "shares a part with this",
}

func words(s State) string {
	for _, o := range s.Options() {
		if o.Value == string(s) {
			return lower(o.Label)
		}
	}
	return string(s)
}

// direct returns how a requirement stands by its own controls, tests and findings.
func (s *Scope) direct(r *model.Requirement) *Standing {
	if got := s.memo[r.Ref()]; got != nil {
		return got
	}
	out := &Standing{Requirement: r, State: NotAssessed, Cover: Uncovered, Tests: controls.Untested}
	s.memo[r.Ref()] = out
	if applies, why := s.Applies(r); !applies {
		out.State, out.Reason = NotApplicable, why
		return out
	}
	tally := &tally{out: out}
	for _, m := range s.ix.met[r.Ref()] {
		if s.inScope(m.control) && m.says.State != model.ControlNotApplicable {
			tally.control(s, m)
		}
	}
	_, out.Direct = s.book.Of(r.Ref())
	for _, t := range out.Direct {
		tally.seen(t)
		tally.judge("Test "+t.Test.Title(), t.State, CoveredFully)
	}
	s.findings(r, tally)
	s.exceptions(r, out)
	tally.finish()
	return out
}

// inScope reports whether a control is in place for something in the scope. One that does not say what it is in place for is in place everywhere.
func (s *Scope) inScope(c *model.Control) bool {
	if s.scope == nil || len(c.AppliesTo) == 0 || len(s.scope.Covers) == 0 {
		return true
	}
	return slices.ContainsFunc(c.AppliesTo, func(ref model.Ref) bool { return s.covers[ref] })
}

// findings adds the findings that are open at the moment: those about the requirement itself or its controls.
// A finding of a test is in the state of the test already.
func (s *Scope) findings(r *model.Requirement, t *tally) {
	for _, f := range s.ix.findings[r.Ref()] {
		if s.open(f) {
			t.out.Findings = append(t.out.Findings, f)
			if f.Test.IsZero() {
				t.against("Finding " + f.Title() + " is open")
			}
		}
	}
	for _, c := range t.out.Controls {
		for _, f := range s.ix.findings[c.Control.Ref()] {
			if s.open(f) && !slices.Contains(t.out.Findings, f) {
				t.out.Findings = append(t.out.Findings, f)
				if f.Test.IsZero() {
					t.against("Finding " + f.Title() + " about " + c.Control.Title() + " is open")
				}
			}
		}
	}
}

// open reports whether a finding was open at the moment of the scope.
func (s *Scope) open(f *model.Finding) bool {
	if !f.Opened.IsZero() && f.Opened > s.at {
		return false
	}
	for _, end := range []model.Date{f.Mended, f.Closed} {
		if !end.IsZero() {
			return end > s.at
		}
	}
	return f.State != model.FindingClosed && f.State != model.FindingMended
}

// exceptions gathers the exceptions that hold for a requirement, its controls or its tests.
func (s *Scope) exceptions(r *model.Requirement, out *Standing) {
	about := []model.Ref{r.Ref()}
	for _, t := range out.Direct {
		about = append(about, t.Test.Ref())
	}
	for _, c := range out.Controls {
		about = append(about, c.Control.Ref())
		for _, t := range c.Tests {
			about = append(about, t.Test.Ref())
		}
	}
	for _, ref := range about {
		for _, e := range s.ix.exceptions[ref] {
			if e.Holds(s.at) && !slices.Contains(out.Exceptions, e) {
				out.Exceptions = append(out.Exceptions, e)
			}
		}
	}
}

// tally adds up what speaks for a requirement and what speaks against it.
type tally struct {
	out *Standing
	// full and part say that something that works meets all or some of it.
	full, part string
	// no says what speaks against it, unproven what nobody has tested, planned what is not in place yet.
	no, unproven, planned string
	tested                bool
}

// control adds a control.
func (t *tally) control(s *Scope, m met) {
	state, tests := s.book.Of(m.control.Ref())
	t.out.Controls = append(t.out.Controls, ControlStanding{m.control, m.says, state, tests})
	for _, one := range tests {
		t.seen(one)
	}
	if len(tests) == 0 {
		t.worst(controls.Untested)
	}
	cover := CoveredFully
	switch {
	case m.says.State == model.ControlPlanned:
		t.planned = m.control.Title() + " is planned and not in place yet"
		t.out.Cover = better(t.out.Cover, PlannedOnly)
		return
	case m.says.State == model.ControlPartial || m.says.Coverage == model.CoveredPartly:
		cover = CoveredPartly
	}
	t.out.Cover = better(t.out.Cover, cover)
	t.judge(m.control.Title(), state, cover)
}

func better(a, b Cover) Cover {
	if model.Rank(b) > model.Rank(a) {
		return b
	}
	return a
}

// worst notes how a test stands.
func (t *tally) worst(s controls.State) {
	if !t.tested || model.Rank(s) < model.Rank(t.out.Tests) {
		t.out.Tests = s
	}
	t.tested = true
}

// seen notes the last observation of a test, and when the result runs out.
func (t *tally) seen(s controls.Standing) {
	t.worst(s.State)
	if s.Last == nil {
		return
	}
	if t.out.Last == nil || s.Last.Collected > t.out.Last.Collected {
		t.out.Last = s.Last
	}
	if !s.Last.Expires.IsZero() && (t.out.Expires.IsZero() || s.Last.Expires < t.out.Expires) {
		t.out.Expires = s.Last.Expires
	}
}

// judge adds what a control or a test says.
func (t *tally) judge(name string, state controls.State, cover Cover) {
	switch state {
	case controls.Failed:
		t.against(name + " failed")
	case controls.Passed:
		if cover == CoveredFully {
			t.full = name + " meets it and passed"
		} else {
			t.part = name + " meets a part of it and passed"
		}
	case controls.Stale:
		t.unproven = "the last result of " + name + " has expired"
	case controls.Unknown:
		t.unproven = "nobody could tell whether " + name + " works"
	default:
		t.unproven = name + " was never tested"
	}
}

func (t *tally) against(why string) {
	if t.no == "" {
		t.no = why
	}
	t.out.Failed = true
}

// finish finds the state.
func (t *tally) finish() {
	switch out := t.out; {
	case t.no != "" && (t.full != "" || t.part != ""):
		out.State, out.Reason = Partly, sentence(t.no+", while "+first(t.full, t.part))
	case t.no != "":
		out.State, out.Reason = NotSatisfied, sentence(t.no)
	case t.full != "":
		out.State, out.Reason = Satisfied, sentence(t.full)
	case t.part != "":
		out.State, out.Reason = Partly, sentence(t.part)
	case t.unproven != "":
		out.State, out.Reason = NotAssessed, sentence(t.unproven)
	case t.planned != "":
		out.State, out.Reason = NotSatisfied, sentence(t.planned)
	default:
		out.State, out.Reason = NotAssessed, "No control meets it, and no test looks at it."
	}
	slices.SortStableFunc(t.out.Findings, func(a, b *model.Finding) int { return model.Rank(b.Severity) - model.Rank(a.Severity) })
}

// evidence returns links to the newest observation of each test that a standing rests on.
func (st *Standing) evidence() []practice.Link {
	var out []practice.Link
	add := func(list []controls.Standing) {
		for _, t := range list {
			if t.Last != nil {
				out = append(out, practice.To(t.Last))
			}
		}
	}
	add(st.Direct)
	for _, c := range st.Controls {
		add(c.Tests)
	}
	return out
}
