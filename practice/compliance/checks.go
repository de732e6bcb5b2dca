package compliance

import (
	"cmp"
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/controls"
)

// decide writes the verdict on what was checked: unknown where there was nothing, else whether nothing was found.
func decide(out practice.Verdict, none, bad, good string) practice.Verdict {
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, none
	case len(out.Findings) > 0:
		out.Text = bad
	default:
		out.Pass, out.Text = true, good
	}
	return out
}

// ControlsTestedIn says how many must be tested.
type ControlsTestedIn struct {
	// Share is how many percent of the controls must have passed tests that count. Unset means 90.
	Share model.Percent `min:"0" max:"100" unit:"%"`
}

// ControlsTested checks that enough controls have tests that passed and whose results have not expired.
func ControlsTested(v estate.View, in ControlsTestedIn) (practice.Verdict, error) {
	var out practice.Verdict
	book := controls.In(v)
	good := 0
	want := cmp.Or(in.Share, 90)
	for c := range estate.Each[*model.Control](v) {
		link := practice.To(c)
		out.Checked = append(out.Checked, link)
		state, _ := book.Of(c.Ref())
		if state == controls.Passed {
			good++
			continue
		}
		out.Findings = append(out.Findings, practice.Finding{Severity: ifElse(state == controls.Failed, practice.High, practice.Low), Text: fmt.Sprintf("%s is %s.", c.Title(), state), About: link, Owner: practice.OwnerOf(v, c)})
	}
	share := practice.Share(good, len(out.Checked))
	text := fmt.Sprintf("%d of %s have tests that passed and count: %g %%, and %g %% are wanted.", good, practice.Count(len(out.Checked), "control", "controls"), share, float64(want))
	if share >= float64(want) {
		out.Findings = nil
	}
	return decide(out, "There are no controls, so there is nothing to check.", text, text), nil
}

// NoFailedControl checks that no control fails.
func NoFailedControl(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	book := controls.In(v)
	for c := range estate.Each[*model.Control](v) {
		link := practice.To(c)
		out.Checked = append(out.Checked, link)
		state, tests := book.Of(c.Ref())
		if state != controls.Failed {
			continue
		}
		for _, t := range tests {
			if t.State == controls.Failed {
				out.Findings = append(out.Findings, practice.Finding{Severity: severityWord(t.Test.Severity), Text: fmt.Sprintf("%s does not work: %s", c.Title(), t.Last.Text), About: link, From: []practice.Link{practice.To(t.Test), practice.To(t.Last)}, Owner: practice.OwnerOf(v, c)})
			}
		}
	}
	all := practice.Count(len(out.Checked), "control", "controls")
	return decide(out, "There are no controls, so there is nothing to check.", fmt.Sprintf("%s of %s failed.", practice.Count(len(out.Findings), "test", "tests"), all), fmt.Sprintf("None of %s fails.", all)), nil
}

// RequirementsCoveredIn says what must be covered.
type RequirementsCoveredIn struct {
	// Framework is the framework. Unset means all that hold in the scope.
	Framework model.Ref `to:"Framework"`
	// Scope is the scope. Unset means the company as a whole.
	Scope model.Ref `to:"ComplianceScope"`
}

// RequirementsCovered checks that every requirement that applies is met in full by a control in place, or is satisfied otherwise.
func RequirementsCovered(v estate.View, in RequirementsCoveredIn) (practice.Verdict, error) {
	var out practice.Verdict
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	for _, f := range s.Frameworks() {
		if !in.Framework.IsZero() && f.Ref() != in.Framework {
			continue
		}
		for _, r := range s.ix.of(f.Ref()) {
			if !s.ix.counts(r) {
				continue
			}
			st := s.Of(r)
			if st.State == NotApplicable {
				continue
			}
			link := practice.To(r)
			out.Checked = append(out.Checked, link)
			if st.Cover != CoveredFully && st.State != Satisfied {
				out.Findings = append(out.Findings, practice.Finding{Severity: ifElse(st.Cover == CoveredPartly, practice.Low, practice.Medium), Text: fmt.Sprintf("%s is not covered in full. %s", label(r), st.Reason), About: link})
			}
		}
	}
	all := practice.Count(len(out.Checked), "requirement", "requirements")
	return decide(out, "No requirement applies, so there is nothing to check.", fmt.Sprintf("%d of %s are not covered in full.", len(out.Findings), all), fmt.Sprintf("Each of %s is covered.", all)), nil
}

// PlanInTime checks that no item of the plan of action is late, and that each has somebody who answers for it and a day.
func PlanInTime(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	for i := range estate.Each[*model.PlanItem](v) {
		if i.State != "" && i.State != model.PlanOpen && i.State != model.PlanRunning {
			continue
		}
		link := practice.To(i)
		out.Checked = append(out.Checked, link)
		add := func(s practice.Severity, text string) {
			out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: i.Title() + " " + text, About: link, Owner: practice.OwnerOf(v, i)})
		}
		switch {
		case i.Due.IsZero():
			add(practice.Low, "has no day by which it is to be done.")
		case i.Due < v.At():
			add(practice.High, "should have been done by "+i.Due.String()+".")
		case i.Owner.IsZero():
			add(practice.Low, "has nobody who answers for it.")
		}
	}
	all := practice.Count(len(out.Checked), "item", "items")
	return decide(out, "The plan of action has no open items, so there is nothing to check.", fmt.Sprintf("%d of %s are late, or nobody knows until when or by whom.", len(out.Findings), all), fmt.Sprintf("None of %s is late.", all)), nil
}

// RequestsInTime checks that every request of auditors is answered in time.
func RequestsInTime(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	for q := range estate.Each[*model.AuditRequest](v) {
		link := practice.To(q)
		out.Checked = append(out.Checked, link)
		if isLate(q, v.At()) {
			f := practice.Finding{Severity: practice.High, Text: fmt.Sprintf("%s should have been answered by %s.", q.Title(), q.Due), About: link, Mend: &practice.Mend{Action: "compliance.answer_request", Parameters: map[string]string{"request": q.Key}}}
			for _, ref := range q.AskedOf {
				f.Owner = practice.To(v.Get(ref))
				break
			}
			out.Findings = append(out.Findings, f)
		}
	}
	all := practice.Count(len(out.Checked), "request", "requests")
	return decide(out, "No auditors asked for anything, so there is nothing to check.", fmt.Sprintf("%d of %s are late.", len(out.Findings), all), fmt.Sprintf("None of %s is late.", all)), nil
}

// DutiesKept checks that nobody approves what is one's own: who approves an exception is neither who asked for it nor who answers for
// the test, control or requirement that it is from, and who closes a finding is not who mended it.
func DutiesKept(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	book := controls.In(v)
	for e := range estate.Each[*model.Exception](v) {
		if e.State != model.ExceptionApproved {
			continue
		}
		link := practice.To(e)
		out.Checked = append(out.Checked, link)
		add := func(text string) {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, Text: e.Title() + " " + text, About: link, Owner: practice.OwnerOf(v, e)})
		}
		switch {
		case e.ApprovedBy.IsZero():
			add("is approved, and nobody says by whom.")
		case e.ApprovedBy == e.AskedBy:
			add("was approved by the person that asked for it.")
		default:
			if own := ownTest(v, book, e); own != nil {
				add("was approved by the person that answers for " + own.Base().Title() + ".")
			}
		}
	}
	for f := range estate.Each[*model.Finding](v) {
		if f.State != model.FindingClosed {
			continue
		}
		link := practice.To(f)
		out.Checked = append(out.Checked, link)
		if !f.ClosedBy.IsZero() && f.ClosedBy == f.MendedBy {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, Text: f.Title() + " was closed by the person that mended it.", About: link, Owner: practice.OwnerOf(v, f)})
		}
	}
	all := practice.Count(len(out.Checked), "approval", "approvals")
	return decide(out, "No exception is approved and no finding is closed, so there is nothing to check.", fmt.Sprintf("%d of %s were given in one's own matter.", len(out.Findings), all), fmt.Sprintf("None of %s was given in one's own matter.", all)), nil
}

// ownTest returns what an exception is from and what its approver answers for, alone or as the lead of a team, or nil: a record that it names, or a test of it.
func ownTest(v estate.View, book controls.Book, e *model.Exception) model.Record {
	answers := func(rec model.Record) bool {
		owner := rec.Base().Owner
		if owner == e.ApprovedBy {
			return true
		}
		team, ok := estate.Look[*model.Team](v, owner)
		return ok && team.Lead == e.ApprovedBy
	}
	for _, ref := range e.From {
		if rec := v.Get(ref); rec != nil && answers(rec) {
			return rec
		}
		for _, t := range book.Tests(ref) {
			if answers(t) {
				return t
			}
		}
	}
	return nil
}
