package compliance

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// FrameworksIn says for what the frameworks are looked at.
type FrameworksIn struct {
	// Scope is the scope that they must hold in. Unset means the company as a whole.
	Scope model.Ref `to:"ComplianceScope"`
}

// FrameworksOut is how the company stands with the frameworks that it must keep.
type FrameworksOut struct {
	// Satisfied is the share of applicable requirements that are satisfied, over all frameworks.
	Satisfied practice.Figure
	// Failed is how many control tests failed.
	Failed practice.Figure
	// Stale is how many control tests have a last result that has expired.
	Stale practice.Figure
	// Untested is how many control tests were never run.
	Untested practice.Figure
	// Frameworks has one row for each framework, by key.
	Frameworks practice.Table[FrameworkRow]
	// Trend is the share of satisfied requirements at the end of the last months, with the controls as they are now.
	Trend practice.Series
}

// FrameworkRow is how one framework stands.
type FrameworkRow struct {
	// Framework is the framework.
	Framework practice.Link
	// Edition is its version.
	Edition string
	// Requirements is how many requirements apply.
	Requirements int
	// Covered is how many of them a control in place meets in full.
	Covered int
	// Partly is how many of them controls in place meet in part.
	Partly int
	// Not is how many of them no control in place meets.
	Not int
	// NotApplicable is how many requirements do not apply.
	NotApplicable int
	// Satisfied is the share of what applies that is shown to be met.
	Satisfied float64 `unit:"%"`
	// Passed is how many of its tests passed and count.
	Passed int
	// Failed is how many of its tests failed.
	Failed int
	// Stale is how many of its tests have a last result that has expired.
	Stale int
	// Untested is how many of its tests were never run or could not tell.
	Untested int
	// Change is by how many points the share of what is satisfied rose in the last 90 days.
	Change float64 `unit:"points"`
}

// trendMonths is how many ends of months the trend shows, beside today.
const trendMonths = 6

// Frameworks tells how the company or a scope stands with each framework: how many requirements apply, how many of
// them controls cover, how the tests of these controls stand, and where it is going.
func Frameworks(v estate.View, in FrameworksIn) (FrameworksOut, error) {
	var out FrameworksOut
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	now := s.book.Now()
	before := s.At(now - 90*24*3600*1000)
	var tests = map[model.Ref]controls.Standing{}
	satisfied, applicable := 0, 0
	for _, f := range s.Frameworks() {
		row := FrameworkRow{Framework: practice.To(f), Edition: f.Edition}
		own := map[model.Ref]controls.Standing{}
		good, past := 0, 0
		for _, r := range s.ix.of(f.Ref()) {
			if !s.ix.counts(r) {
				continue
			}
			st := s.Of(r)
			if st.State == NotApplicable {
				row.NotApplicable++
				continue
			}
			row.Requirements++
			switch st.Cover {
			case CoveredFully:
				row.Covered++
			case CoveredPartly:
				row.Partly++
			default:
				row.Not++
			}
			good += b2i(st.State == Satisfied)
			past += b2i(before.Of(r).State == Satisfied)
			st.eachTest(func(t controls.Standing) { own[t.Test.Ref()], tests[t.Test.Ref()] = t, t })
		}
		for _, t := range own {
			switch t.State {
			case controls.Passed:
				row.Passed++
			case controls.Failed:
				row.Failed++
			case controls.Stale:
				row.Stale++
			default:
				row.Untested++
			}
		}
		row.Satisfied = practice.Share(good, row.Requirements)
		row.Change = rounded(row.Satisfied - practice.Share(past, row.Requirements))
		satisfied, applicable = satisfied+good, applicable+row.Requirements
		out.Frameworks.Rows = append(out.Frameworks.Rows, row)
	}
	out.Satisfied = share(satisfied, applicable, "No requirement applies.")
	out.Failed, out.Stale, out.Untested = countTests(tests)
	out.Trend = trend(s, func(r *model.Requirement) bool { return true })
	return out, nil
}

// rounded rounds to one place.
func rounded(x float64) float64 {
	if x < 0 {
		return -rounded(-x)
	}
	return float64(int(x*10+0.5)) / 10
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// share returns the share of a whole as a figure. Without a whole it cannot be told, and note says why.
func share(part, whole int, note string) practice.Figure {
	f := practice.Figure{Value: practice.Share(part, whole), Unit: "%", Better: practice.Higher, Note: fmt.Sprintf("%d of %d", part, whole)}
	if whole == 0 {
		f.Unknown, f.Note = true, note
	}
	return f
}

// countTests counts tests by how they stand.
func countTests(tests map[model.Ref]controls.Standing) (failed, stale, untested practice.Figure) {
	var lists [3][]practice.Link
	for _, t := range tests {
		switch t.State {
		case controls.Failed:
			lists[0] = append(lists[0], practice.To(t.Test))
		case controls.Stale:
			lists[1] = append(lists[1], practice.To(t.Test))
		case controls.Untested:
			lists[2] = append(lists[2], practice.To(t.Test))
		}
	}
	for _, list := range lists {
		slices.SortFunc(list, func(a, b practice.Link) int { return cmp.Compare(a.Key, b.Key) })
	}
	return practice.Counted("tests", practice.Lower, lists[0]), practice.Counted("tests", practice.Lower, lists[1]), practice.Counted("tests", practice.Lower, lists[2])
}

// eachTest calls do for every test that a standing rests on.
func (st *Standing) eachTest(do func(controls.Standing)) {
	for _, t := range st.Direct {
		do(t)
	}
	for _, c := range st.Controls {
		for _, t := range c.Tests {
			do(t)
		}
	}
}

// trend returns the share of satisfied requirements among those that are chosen, at the ends of the last months and now.
func trend(s *Scope, chosen func(*model.Requirement) bool) practice.Series {
	line := practice.Line{Name: "satisfied"}
	var moments []model.Time
	today := s.book.Now().Date()
	start := today.AddDays(1 - today.Time().Day())
	for back := trendMonths - 1; back >= 0; back-- {
		moments = append(moments, model.TimeOf(start.AddMonths(-back).Time())-1000)
	}
	for _, moment := range append(moments, s.book.Now()) {
		at := s.At(moment)
		good, all := 0, 0
		for _, f := range s.Frameworks() {
			for _, r := range s.ix.of(f.Ref()) {
				if !s.ix.counts(r) || !chosen(r) {
					continue
				}
				st := at.Of(r)
				all += b2i(st.State != NotApplicable)
				good += b2i(st.State == Satisfied)
			}
		}
		line.Points = append(line.Points, practice.Point{At: moment.Date(), Label: moment.Date().String(), Value: practice.Share(good, all)})
	}
	return practice.Series{Unit: "%", Lines: []practice.Line{line}}
}

// CoverageOut is how all frameworks stand in all scopes.
type CoverageOut struct {
	// Matrix has one row for each framework in each scope that it holds in.
	Matrix practice.Table[CoverageRow]
	// Picture shows the same: one row for each framework, one column for each scope.
	Picture practice.Picture
}

// CoverageRow is how one framework stands in one scope.
type CoverageRow struct {
	// Framework is the framework.
	Framework practice.Link
	// Scope is the scope. Empty means the company as a whole.
	Scope practice.Link
	// Requirements is how many requirements apply.
	Requirements int
	// Covered is the share of them that a control in place meets in full.
	Covered float64 `unit:"%"`
	// Satisfied is the share of them that is shown to be met.
	Satisfied float64 `unit:"%"`
	// NotSatisfied is how many are shown not to be met.
	NotSatisfied int
	// NotAssessed is how many nobody can tell about.
	NotAssessed int
}

// Coverage tells how every framework stands in every scope in which it must hold, as a matrix. Where there are no scopes, the company as a whole is the scope.
func Coverage(v estate.View, _ struct{}) (CoverageOut, error) {
	var out CoverageOut
	out.Picture.Type, out.Picture.Unit = practice.MatrixPicture, "%"
	var refs []model.Ref
	for sc := range estate.Each[*model.ComplianceScope](v) {
		refs = append(refs, sc.Ref())
	}
	if len(refs) == 0 {
		refs = append(refs, model.Ref{})
	}
	for _, ref := range refs {
		s, err := scopeOf(v, ref)
		if err != nil {
			return out, err
		}
		for _, f := range s.Frameworks() {
			row := CoverageRow{Framework: practice.To(f), Scope: practice.To(v.Get(ref))}
			covered, satisfied := 0, 0
			for _, r := range s.ix.of(f.Ref()) {
				if !s.ix.counts(r) {
					continue
				}
				st := s.Of(r)
				if st.State == NotApplicable {
					continue
				}
				row.Requirements++
				covered += b2i(st.Cover == CoveredFully)
				satisfied += b2i(st.State == Satisfied)
				row.NotSatisfied += b2i(st.State == NotSatisfied)
				row.NotAssessed += b2i(st.State == NotAssessed)
			}
			row.Covered, row.Satisfied = practice.Share(covered, row.Requirements), practice.Share(satisfied, row.Requirements)
			out.Matrix.Rows = append(out.Matrix.Rows, row)
			out.Picture.Nodes = append(out.Picture.Nodes, practice.Node{Link: row.Framework, Group: cmp.Or(row.Scope.Title(), "company"), Value: row.Satisfied, Severity: severityOfShare(row.Satisfied)})
		}
	}
	slices.SortStableFunc(out.Matrix.Rows, func(a, b CoverageRow) int { return cmp.Compare(a.Framework.Key, b.Framework.Key) })
	return out, nil
}

// severityOfShare says how a share of satisfied requirements is marked.
func severityOfShare(percent float64) practice.Severity {
	switch {
	case percent >= 90:
		return practice.Info
	case percent >= 70:
		return practice.Low
	case percent >= 40:
		return practice.Medium
	}
	return practice.High
}

// GapsIn says where gaps are looked for.
type GapsIn struct {
	// Framework limits the answer to one framework.
	Framework model.Ref `to:"Framework"`
	// Scope is the scope that is looked at. Unset means the company as a whole.
	Scope model.Ref `to:"ComplianceScope"`
}

// GapsOut is what is missing.
type GapsOut struct {
	// Gaps is how many applicable requirements are not satisfied.
	Gaps practice.Figure
	// Uncovered is how many of them no control covers at all.
	Uncovered practice.Figure
	// List are the gaps, those first that more frameworks and risks hang on.
	List practice.Table[Gap]
}

// Gap is one requirement that is not satisfied.
type Gap struct {
	// Requirement is what is asked for.
	Requirement practice.Link
	// Number is what people call it.
	Number string
	// Framework is where it stands.
	Framework practice.Link
	// State says how it stands.
	State State
	// Missing says what is missing.
	Missing string
	// Rank is the weight of the gap: what fails weighs most (50), then what has no control (40), what is only planned (30), what is partly
	// met (20) and what is only not tested (10). Each further requirement that could be inferred from it and each open finding adds 1.
	Rank int
	// Helps is how many requirements of other frameworks could be inferred from this one.
	Helps int
	// Controls are those that could close it.
	Controls []practice.Link
	// Owner answers for what is missing, where somebody does.
	Owner practice.Link
	// Findings are the open findings about it.
	Findings []practice.Link
}

// Gaps lists the requirements that apply and are not satisfied, with what is missing for each, the weightiest first.
func Gaps(v estate.View, in GapsIn) (GapsOut, error) {
	var out GapsOut
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	var all, bare []practice.Link
	for _, f := range s.Frameworks() {
		if !in.Framework.IsZero() && f.Ref() != in.Framework {
			continue
		}
		for _, r := range s.ix.of(f.Ref()) {
			if !s.ix.counts(r) {
				continue
			}
			st := s.Of(r)
			if st.State == NotApplicable || st.State == Satisfied {
				continue
			}
			g := s.gap(st)
			g.Framework = practice.To(f)
			all = append(all, g.Requirement)
			if st.Cover == Uncovered && len(st.Direct) == 0 {
				bare = append(bare, g.Requirement)
			}
			out.List.Rows = append(out.List.Rows, g)
		}
	}
	slices.SortStableFunc(out.List.Rows, func(a, b Gap) int { return cmp.Compare(b.Rank, a.Rank) })
	out.Gaps = practice.Counted("requirements", practice.Lower, all)
	out.Uncovered = practice.Counted("requirements", practice.Lower, bare)
	return out, nil
}

// gap says what is missing for a requirement.
func (s *Scope) gap(st *Standing) Gap {
	g := Gap{Requirement: practice.To(st.Requirement), Number: st.Requirement.Number, State: st.State, Missing: st.Reason, Findings: practice.ToAll(st.Findings)}
	for _, c := range st.Controls {
		g.Controls = append(g.Controls, practice.To(c.Control))
		if g.Owner.IsZero() {
			g.Owner = practice.OwnerOf(s.v, c.Control)
		}
	}
	for _, rel := range s.ix.related[st.Requirement.Ref()] {
		if Counts(rel.mapping) && Infer(Inverse(rel.relation), Satisfied) != NotAssessed {
			g.Helps++
		}
	}
	switch {
	case st.Failed:
		g.Rank = 50
	case st.State == Partly:
		g.Rank = 20
	case st.Cover == Uncovered && len(st.Direct) == 0:
		g.Rank = 40
	case st.Cover == PlannedOnly:
		g.Rank = 30
	default:
		g.Rank = 10
	}
	g.Rank += min(g.Helps, 5) + min(len(g.Findings), 4)
	return g
}
