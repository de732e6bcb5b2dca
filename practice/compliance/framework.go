package compliance

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// FrameworkIn says which framework is looked at.
type FrameworkIn struct {
	// Framework is the framework.
	Framework model.Ref `to:"Framework" is:"required"`
	// Scope is the scope that it must hold in. Unset means the company as a whole.
	Scope model.Ref `to:"ComplianceScope"`
	// State limits the list to requirements in one state.
	State State
}

// FrameworkOut is how one framework stands.
type FrameworkOut struct {
	// Satisfied is the share of applicable requirements that are shown to be met.
	Satisfied practice.Figure
	// PartlySatisfied is how many are met in part.
	PartlySatisfied practice.Figure
	// NotSatisfied is how many are shown not to be met.
	NotSatisfied practice.Figure
	// NotAssessed is how many nobody can tell about.
	NotAssessed practice.Figure
	// NotApplicable is how many do not apply.
	NotApplicable practice.Figure
	// Groups shows each group of the framework with the share of it that is satisfied.
	Groups practice.Picture
	// Requirements are in the order of the document, with their groups.
	Requirements practice.Table[RequirementRow]
	// Trend is the share of satisfied requirements at the end of the last months, with the controls as they are now.
	Trend practice.Series
}

// RequirementRow is how one requirement stands.
type RequirementRow struct {
	// Level is how deep it lies in the document, from 0.
	Level int
	// Requirement is what is asked for.
	Requirement practice.Link
	// Number is what people call it.
	Number string
	// Title is its title.
	Title string
	// State says how it stands. Empty for a group.
	State State
	// Covered says how far controls in place meet it, whether they are tested or not. Empty for a group.
	Covered Cover
	// Controls are the controls that meet it.
	Controls []practice.Link
	// Tests says how their tests stand together.
	Tests controls.State
	// Observed is when it was last looked at.
	Observed model.Date
	// Expires is the day on which the first result runs out that the state rests on.
	Expires model.Date
	// Evidence are the newest observations.
	Evidence []practice.Link
	// Findings are the open findings about it.
	Findings []practice.Link
	// Exceptions are those that hold for it.
	Exceptions []practice.Link
	// Via is the mapping that the state was inferred from.
	Via practice.Link
	// Reason says why it stands so.
	Reason string
}

// Framework shows a framework in a scope as the tree that it is: each requirement with its state, the controls that meet it, how their
// tests stand, when it was last looked at and until when that counts.
func Framework(v estate.View, in FrameworkIn) (FrameworkOut, error) {
	var out FrameworkOut
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	if _, ok := estate.Look[*model.Framework](v, in.Framework); !ok {
		return out, model.Problem{Field: "framework", Text: "there is no such framework"}
	}
	byState := map[State][]practice.Link{}
	groups := newGroups(s)
	wanted := map[model.Ref]bool{}
	for _, r := range s.ix.of(in.Framework) {
		if !s.ix.counts(r) {
			continue
		}
		st := s.Of(r)
		byState[st.State] = append(byState[st.State], practice.To(r))
		groups.add(st)
		if in.State == "" || in.State == st.State {
			for _, above := range s.ix.above(r) {
				wanted[above.Ref()] = true
			}
		}
	}
	for _, r := range s.ix.of(in.Framework) {
		if r.Withdrawn || in.State != "" && !wanted[r.Ref()] {
			continue
		}
		out.Requirements.Rows = append(out.Requirements.Rows, s.row(r))
	}
	applicable := len(byState[Satisfied]) + len(byState[Partly]) + len(byState[NotSatisfied]) + len(byState[NotAssessed])
	out.Satisfied = share(len(byState[Satisfied]), applicable, "No requirement applies.")
	out.Satisfied.From = byState[Satisfied]
	out.PartlySatisfied = practice.Counted("requirements", practice.Neither, byState[Partly])
	out.NotSatisfied = practice.Counted("requirements", practice.Lower, byState[NotSatisfied])
	out.NotAssessed = practice.Counted("requirements", practice.Lower, byState[NotAssessed])
	out.NotApplicable = practice.Counted("requirements", practice.Neither, byState[NotApplicable])
	out.Groups = groups.picture()
	out.Trend = trend(s, func(r *model.Requirement) bool { return r.Framework == in.Framework })
	return out, nil
}

// row shows how a requirement stands. A group has no state of its own.
func (s *Scope) row(r *model.Requirement) RequirementRow {
	row := RequirementRow{Level: len(s.ix.above(r)) - 1, Requirement: practice.To(r), Number: r.Number, Title: r.Title()}
	if !s.ix.counts(r) {
		return row
	}
	st := s.Of(r)
	row.State, row.Reason = st.State, st.Reason
	if st.State == NotApplicable {
		return row
	}
	row.Covered, row.Tests, row.Evidence = st.Cover, st.Tests, st.evidence()
	row.Findings, row.Exceptions = practice.ToAll(st.Findings), practice.ToAll(st.Exceptions)
	for _, c := range st.Controls {
		row.Controls = append(row.Controls, practice.To(c.Control))
	}
	if st.Last != nil {
		row.Observed = st.Last.Collected.Date()
	}
	if !st.Expires.IsZero() {
		row.Expires = st.Expires.Date()
	}
	if st.Via != nil {
		row.Via = practice.To(st.Via)
	}
	return row
}

// groups counts requirements by the group that they belong to: the function, family or chapter at the top.
type groups struct {
	s     *Scope
	order []*model.Requirement
	good  map[model.Ref]int
	all   map[model.Ref]int
	bad   map[model.Ref]int
}

func newGroups(s *Scope) *groups {
	return &groups{s: s, good: map[model.Ref]int{}, all: map[model.Ref]int{}, bad: map[model.Ref]int{}}
}

func (g *groups) add(st *Standing) {
	if st.State == NotApplicable {
		return
	}
	top := g.s.ix.group(st.Requirement)
	if g.all[top.Ref()] == 0 {
		g.order = append(g.order, top)
	}
	g.all[top.Ref()]++
	g.good[top.Ref()] += b2i(st.State == Satisfied)
	g.bad[top.Ref()] += b2i(st.State == NotSatisfied)
}

// picture draws one field for each group, with the share of it that is satisfied.
func (g *groups) picture() practice.Picture {
	out := practice.Picture{Type: practice.MatrixPicture, Unit: "%"}
	for _, top := range g.order {
		percent := practice.Share(g.good[top.Ref()], g.all[top.Ref()])
		n := practice.Node{Link: practice.To(top), Group: "satisfied", Value: percent, Severity: severityOfShare(percent)}
		n.Link.Name = label(top)
		out.Nodes = append(out.Nodes, n)
		out.Nodes = append(out.Nodes, practice.Node{Link: n.Link, Group: "not satisfied", Value: practice.Share(g.bad[top.Ref()], g.all[top.Ref()]), Severity: ifElse(g.bad[top.Ref()] > 0, practice.High, practice.Info)})
	}
	return out
}

func ifElse[T any](c bool, a, b T) T {
	if c {
		return a
	}
	return b
}

// RequirementIn says which requirement is looked at.
type RequirementIn struct {
	// Requirement is the requirement.
	Requirement model.Ref `to:"Requirement" is:"required"`
	// Scope is the scope that it must hold in. Unset means the company as a whole.
	Scope model.Ref `to:"ComplianceScope"`
}

// RequirementOut is everything that is known about one requirement.
type RequirementOut struct {
	// Framework is where it stands.
	Framework practice.Link
	// Number is what people call it.
	Number string
	// State says how it stands.
	State State
	// Reason says why it stands so.
	Reason string
	// Text is what is asked for.
	Text string
	// Guidance explains it.
	Guidance string
	// Values are the values that the organisation or a baseline of the scope filled in.
	Values practice.Table[ValueRow]
	// Controls are the controls that meet it.
	Controls practice.Table[ControlOfRow]
	// Tests are the tests of these controls, and those that test the requirement directly.
	Tests practice.Table[TestRow]
	// Mappings are the requirements of other frameworks that it relates to, and what follows from each.
	Mappings practice.Table[RelatedRow]
	// Findings are the findings about it and its controls, open ones first.
	Findings []practice.Finding
	// Exceptions are those that hold for it.
	Exceptions practice.Table[ExceptionRow]
}

// ValueRow is a value that a requirement leaves to the organisation.
type ValueRow struct {
	// Parameter is what the document calls it.
	Parameter string
	// Label says what is to be filled in.
	Label string
	// Value is what holds in the scope.
	Value string
	// From is who set it: a baseline, or the organisation.
	Set string
}

// ControlOfRow is a control that meets a requirement.
type ControlOfRow struct {
	// Control is the control.
	Control practice.Link
	// Coverage says how far it meets the requirement.
	Coverage model.Coverage
	// Implementation says how far it is put in place.
	Implementation model.ImplementationState
	// State says how its tests stand together.
	State controls.State
	// Owner answers for it.
	Owner practice.Link
	// Remarks say how it meets the requirement.
	Remarks string
}

// RelatedRow is a requirement that another one relates to.
type RelatedRow struct {
	// Other is the requirement at the other end.
	Other practice.Link
	// Framework is where it stands.
	Framework practice.Link
	// Relation says how the other one relates to this one.
	Relation model.MappingRelation
	// State is the state of the other one by itself.
	State State
	// Gives is what follows for this one. Empty means that nothing does.
	Gives State
	// Explained says why.
	Explained string
}

// ExceptionRow is an exception that holds.
type ExceptionRow struct {
	// Exception is the exception.
	Exception practice.Link
	// Reason says why it is needed.
	Reason string
	// ApprovedBy is who allowed it.
	ApprovedBy practice.Link
	// Expires is the last day on which it holds.
	Expires model.Date
}

// Requirement shows everything about one requirement: its text with the values filled in, the controls that meet it, their tests and
// results, findings, exceptions, and what follows from mappings to other frameworks, explained.
func Requirement(v estate.View, in RequirementIn) (RequirementOut, error) {
	var out RequirementOut
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	r := s.ix.requirements[in.Requirement]
	if r == nil {
		return out, model.Problem{Field: "requirement", Text: "there is no such requirement"}
	}
	st := s.Of(r)
	out.Framework, out.Number, out.Text, out.Guidance = practice.To(v.Get(r.Framework)), r.Number, r.Statement, r.Guidance
	out.State, out.Reason = st.State, st.Reason
	if !s.ix.counts(r) && !r.Withdrawn {
		out.State, out.Reason = "", "It gathers others and asks for nothing by itself."
	}
	out.Values.Rows = s.values(r)
	for _, c := range st.Controls {
		out.Controls.Rows = append(out.Controls.Rows, ControlOfRow{practice.To(c.Control), cmp.Or(c.Says.Coverage, model.CoveredFully), cmp.Or(c.Says.State, model.ControlImplemented), c.State, practice.OwnerOf(v, c.Control), c.Says.Remarks})
	}
	st.eachTest(func(t controls.Standing) { out.Tests.Rows = append(out.Tests.Rows, testRow(v, t)) })
	out.Mappings.Rows = s.relations(r)
	for _, f := range st.Findings {
		out.Findings = append(out.Findings, practice.Finding{Severity: severityWord(f.Severity), Text: findingText(f), About: practice.To(f), Owner: practice.OwnerOf(v, f)})
	}
	for _, e := range st.Exceptions {
		out.Exceptions.Rows = append(out.Exceptions.Rows, ExceptionRow{practice.To(e), e.Reason, practice.To(v.Get(e.ApprovedBy)), e.Expires})
	}
	return out, nil
}

// severityWord writes the severity of a record in the words of findings.
func severityWord(s model.Severity) practice.Severity {
	if s == model.SeverityNone {
		return practice.Info
	}
	return practice.Severity(cmp.Or(s, model.SeverityMedium))
}

func findingText(f *model.Finding) string {
	text := f.Title()
	if !f.Due.IsZero() {
		text += ", to be mended by " + f.Due.String()
	}
	if f.State == model.FindingAccepted {
		text += " (an exception allows it)"
	}
	return text + "."
}

// values returns what is filled into the text of a requirement: what a baseline of the scope sets comes before what the organisation set for all.
func (s *Scope) values(r *model.Requirement) []ValueRow {
	var out []ValueRow
	for _, p := range r.Parameters {
		row := ValueRow{Parameter: p.Identifier, Label: cmp.Or(p.Label, strings.ReplaceAll(p.Choices, "|", " or ")), Value: p.Value, Set: ifElse(p.Value != "", "organisation", "")}
		if s.scope != nil {
			for _, ref := range s.scope.Baselines {
				b, ok := estate.Look[*model.Baseline](s.v, ref)
				if !ok || !slices.Contains(b.Includes, r.Ref()) {
					continue
				}
				for _, value := range b.Values {
					if value.Parameter == p.Identifier {
						row.Value, row.Set = value.Value, b.Title()
					}
				}
			}
		}
		out = append(out, row)
	}
	return out
}

// relations returns what a requirement relates to, and what follows from it.
func (s *Scope) relations(r *model.Requirement) []RelatedRow {
	var out []RelatedRow
	for _, rel := range s.ix.related[r.Ref()] {
		other := s.ix.requirements[rel.other]
		if other == nil {
			continue
		}
		from := s.direct(other)
		row := RelatedRow{Other: practice.To(other), Framework: practice.To(s.v.Get(other.Framework)), Relation: rel.relation, State: from.State}
		gives := Infer(rel.relation, from.State)
		switch {
		case !Counts(rel.mapping):
			row.Explained = fmt.Sprintf("Nothing follows: the mapping is %s.", rel.mapping.State)
		case gives == NotAssessed && rel.relation == model.NoRelationship:
			row.Explained = "Nothing follows: they have nothing in common."
		case gives == NotAssessed:
			row.Explained = fmt.Sprintf("Nothing follows: %s is %s by itself.", label(other), words(from.State))
		default:
			row.Gives = gives
			row.Explained = fmt.Sprintf("%s is %s and %s: this is %s.", label(other), words(from.State), relationWords[rel.relation], words(gives))
		}
		out = append(out, row)
	}
	return out
}
