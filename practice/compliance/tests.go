package compliance

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// ControlsIn says which controls are looked at.
type ControlsIn struct {
	// Owner limits the answer to what a team or person answers for.
	Owner model.Ref `to:"Team,Person"`
	// State limits the answer to controls in one state.
	State controls.State
}

// ControlsOut is how the controls stand.
type ControlsOut struct {
	// Working is the share of controls whose tests all passed and count.
	Working practice.Figure
	// Failed is how many controls do not work.
	Failed practice.Figure
	// Unproven is how many controls nobody can tell about: never tested, or with a result that has expired.
	Unproven practice.Figure
	// Controls are those that fail first.
	Controls practice.Table[ControlRow]
}

// ControlRow is how one control stands.
type ControlRow struct {
	// Control is the control.
	Control practice.Link
	// State says how its tests stand together.
	State controls.State
	// Tests is how many tests it has.
	Tests int
	// Observed is when it was last looked at.
	Observed model.Date
	// Expires is the day on which the first of its results runs out.
	Expires model.Date
	// Requirements is how many requirements it meets.
	Requirements int
	// Frameworks are the frameworks that it counts in.
	Frameworks []practice.Link
	// Findings is how many findings about it are open.
	Findings int
	// Owner answers for it.
	Owner practice.Link
}

// Controls lists the controls with how their tests stand, in how many requirements and frameworks each counts, and who answers for it.
func Controls(v estate.View, in ControlsIn) (ControlsOut, error) {
	var out ControlsOut
	s, err := scopeOf(v, model.Ref{})
	if err != nil {
		return out, err
	}
	by := map[controls.State][]practice.Link{}
	all := 0
	for c := range estate.Each[*model.Control](v) {
		if !in.Owner.IsZero() && c.Owner != in.Owner {
			continue
		}
		state, tests := s.book.Of(c.Ref())
		all++
		by[state] = append(by[state], practice.To(c))
		if in.State != "" && state != in.State {
			continue
		}
		row := ControlRow{Control: practice.To(c), State: state, Tests: len(tests), Requirements: len(c.Satisfies), Owner: practice.OwnerOf(v, c)}
		var last, expires model.Time
		for _, t := range tests {
			if t.Last != nil {
				last = max(last, t.Last.Collected)
				if !t.Last.Expires.IsZero() && (expires.IsZero() || t.Last.Expires < expires) {
					expires = t.Last.Expires
				}
			}
		}
		row.Observed, row.Expires = dayOf(last), dayOf(expires)
		for _, says := range c.Satisfies {
			if r := s.ix.requirements[says.Requirement]; r != nil {
				if link := practice.To(v.Get(r.Framework)); !slices.ContainsFunc(row.Frameworks, func(l practice.Link) bool { return l.ID == link.ID }) {
					row.Frameworks = append(row.Frameworks, link)
				}
			}
		}
		for _, f := range s.ix.findings[c.Ref()] {
			row.Findings += b2i(s.open(f))
		}
		out.Controls.Rows = append(out.Controls.Rows, row)
	}
	slices.SortStableFunc(out.Controls.Rows, func(a, b ControlRow) int { return cmp.Compare(model.Rank(a.State), model.Rank(b.State)) })
	out.Working = share(len(by[controls.Passed]), all, "There are no controls.")
	out.Failed = practice.Counted("controls", practice.Lower, by[controls.Failed])
	out.Unproven = practice.Counted("controls", practice.Lower, slices.Concat(by[controls.Unknown], by[controls.Stale], by[controls.Untested]))
	return out, nil
}

// dayOf returns the day of a moment, and no day for none.
func dayOf(t model.Time) model.Date {
	if t.IsZero() {
		return 0
	}
	return t.Date()
}

// TestsIn says which tests are looked at.
type TestsIn struct {
	// State limits the answer to tests in one state.
	State controls.State
	// Due limits the answer to tests that are due.
	Due bool
	// Control limits the answer to the tests of one control.
	Control model.Ref `to:"Control"`
}

// TestsOut is how the control tests stand.
type TestsOut struct {
	// Passed is the share of tests that passed and count.
	Passed practice.Figure
	// Failed is how many failed.
	Failed practice.Figure
	// Stale is how many have a last result that has expired.
	Stale practice.Figure
	// Due is how many are to be run now.
	Due practice.Figure
	// ByHand is how many of these people do.
	ByHand practice.Figure
	// Tests are those that fail first.
	Tests practice.Table[TestRow]
	// ToDo say which tests people are to do.
	ToDo []practice.Finding
}

// TestRow is how one test stands.
type TestRow struct {
	// Test is the test.
	Test practice.Link
	// State says how it stands.
	State controls.State
	// Result is what was seen last.
	Result string
	// Observed is when it was last run.
	Observed model.Time
	// Expires is when its result no longer counts.
	Expires model.Time
	// Due is when it is to be run again.
	Due model.Time
	// ByHand says that people do it.
	ByHand bool
	// Severity says how bad it is when it fails.
	Severity model.Severity
	// Controls are what it tests.
	Controls []practice.Link
	// Observation is the newest run.
	Observation practice.Link
	// Owner answers for it.
	Owner practice.Link
}

func testRow(v estate.View, s controls.Standing) TestRow {
	t := s.Test
	row := TestRow{Test: practice.To(t), State: s.State, Due: s.Due, ByHand: controls.Manual(t), Severity: t.Severity, Owner: ownerOf(v, t)}
	if t.Paused {
		row.Due = 0
	}
	for _, ref := range t.Controls {
		if c := v.Get(ref); c != nil {
			row.Controls = append(row.Controls, practice.To(c))
		}
	}
	if s.Last != nil {
		row.Result, row.Observed, row.Expires, row.Observation = s.Last.Text, s.Last.Collected, s.Last.Expires, practice.To(s.Last)
	}
	return row
}

// Tests lists the control tests: which fail, which are stale, and which are due, with what was seen last.
func Tests(v estate.View, in TestsIn) (TestsOut, error) {
	var out TestsOut
	book := controls.In(v)
	by := map[controls.State][]practice.Link{}
	var due, byHand []practice.Link
	all := 0
	for t := range estate.Each[*model.ControlTest](v) {
		if !in.Control.IsZero() && !slices.Contains(t.Controls, in.Control) {
			continue
		}
		s := book.Test(t)
		link := practice.To(t)
		all++
		by[s.State] = append(by[s.State], link)
		isDue := !t.Paused && s.Due <= book.Now()
		if isDue {
			due = append(due, link)
			if controls.Manual(t) {
				byHand = append(byHand, link)
				out.ToDo = append(out.ToDo, practice.Finding{Severity: practice.Medium, Text: t.Title() + " is to be done by hand: " + stands[s.State] + ".", About: link, From: []practice.Link{link}, Owner: ownerOf(v, t), Mend: mend("record_test", "test", t)})
			}
		}
		if in.State != "" && s.State != in.State || in.Due && !isDue {
			continue
		}
		out.Tests.Rows = append(out.Tests.Rows, testRow(v, s))
	}
	slices.SortStableFunc(out.Tests.Rows, func(a, b TestRow) int {
		return cmp.Or(cmp.Compare(model.Rank(a.State), model.Rank(b.State)), cmp.Compare(model.Rank(b.Severity), model.Rank(a.Severity)))
	})
	out.Passed = share(len(by[controls.Passed]), all, "There are no tests.")
	out.Failed = practice.Counted("tests", practice.Lower, by[controls.Failed])
	out.Stale = practice.Counted("tests", practice.Lower, by[controls.Stale])
	out.Due = practice.Counted("tests", practice.Lower, due)
	out.ByHand = practice.Counted("tests", practice.Neither, byHand)
	return out, nil
}

// stands says how a test stands that is due.
var stands = map[controls.State]string{
	controls.Failed: "it failed last time", controls.Unknown: "last time nobody could tell", controls.Stale: "its last result has expired", controls.Untested: "it was never done", controls.Passed: "it passed last time and is due again",
}

// ObservationsIn says which test is looked at.
type ObservationsIn struct {
	// Test is the test.
	Test model.Ref `to:"ControlTest" is:"required"`
	// Last is how many runs are shown. Unset means 50.
	Last int `min:"1" max:"10000"`
}

// ObservationsOut is the history of one test.
type ObservationsOut struct {
	// State says how the test stands.
	State controls.State
	// Runs is how many runs there were.
	Runs practice.Figure
	// Passed is the share of runs that passed.
	Passed practice.Figure
	// Observations are the runs, the newest first.
	Observations practice.Table[ObservationRow]
	// Evidence is what the newest result rests on.
	Evidence practice.Table[EvidenceRow]
}

// ObservationRow is one run of a test.
type ObservationRow struct {
	// Observation is the run.
	Observation practice.Link
	// Collected is when the evidence was gathered.
	Collected model.Time
	// Result says how it went.
	Result model.TestResult
	// Text says what was seen.
	Text string
	// Looked is how many records were looked at.
	Looked int
	// Subjects are records that did not hold.
	Subjects []practice.Link
	// Expires is when the result no longer counts.
	Expires model.Time
	// By is who gathered it, where a person did.
	By practice.Link
	// Position is the entry of the journal that the estate was looked at after.
	Position int
	// Digest is the SHA-256 of the whole answer.
	Digest string
}

// EvidenceRow is one thing that a result rests on.
type EvidenceRow struct {
	// Subject is the record that it is about.
	Subject practice.Link
	// Holds says that it is as it should be.
	Holds bool
	// Text says what was seen.
	Text string
	// Link is where more of it is.
	Link string
}

// Observations shows the history of one control test, and the evidence of its newest result.
func Observations(v estate.View, in ObservationsIn) (ObservationsOut, error) {
	var out ObservationsOut
	t, ok := estate.Look[*model.ControlTest](v, in.Test)
	if !ok {
		return out, model.Problem{Field: "test", Text: "there is no such test"}
	}
	book := controls.In(v)
	out.State = book.Test(t).State
	seen := book.History(t)
	passed := 0
	for i, o := range slices.Backward(seen) {
		passed += b2i(o.Result == model.TestPassed)
		if i < len(seen)-cmp.Or(in.Last, 50) {
			continue
		}
		row := ObservationRow{Observation: practice.To(o), Collected: o.Collected, Result: o.Result, Text: o.Text, Looked: o.Looked, Expires: o.Expires, By: practice.To(v.Get(o.By)), Position: o.Position, Digest: o.Digest}
		row.Subjects = linksOf(v, o.Subjects)
		out.Observations.Rows = append(out.Observations.Rows, row)
	}
	if n := len(seen); n > 0 {
		for _, e := range seen[n-1].Evidence {
			out.Evidence.Rows = append(out.Evidence.Rows, EvidenceRow{practice.To(v.Get(e.Subject)), e.Holds, e.Text, e.Link})
		}
	}
	out.Runs = practice.Figure{Value: float64(len(seen)), Unit: "runs"}
	out.Passed = share(passed, len(seen), "It was never run.")
	return out, nil
}

// linksOf returns links to the records that refs point to, as far as the viewer sees them.
func linksOf(v estate.View, refs []model.Ref) []practice.Link {
	var out []practice.Link
	for _, ref := range refs {
		if rec := v.Get(ref); rec != nil {
			out = append(out, practice.To(rec))
		}
	}
	return out
}
