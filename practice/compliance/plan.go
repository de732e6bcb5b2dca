package compliance

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PlanIn says which items of the plan are looked at.
type PlanIn struct {
	// Owner limits the answer to what a team or person answers for.
	Owner model.Ref `to:"Team,Person"`
	// All shows what is closed or cancelled too.
	All bool
}

// PlanOut is the plan of action and milestones.
type PlanOut struct {
	// Open is how many items are to be done.
	Open practice.Figure
	// Late is how many of these should have been done.
	Late practice.Figure
	// ToCheck is how many are done and wait for somebody to check them.
	ToCheck practice.Figure
	// Cost is what the open items cost together.
	Cost practice.Figure
	// Items are those to be done first.
	Items practice.Table[PlanRow]
	// Findings say what to do about it.
	Findings []practice.Finding
}

// PlanRow is one item of the plan.
type PlanRow struct {
	// Item is the item.
	Item practice.Link
	// State says where it stands.
	State model.PlanItemState
	// Due is the day by which it is to be done.
	Due model.Date
	// Left is how many days are left. A negative number is how many days it is late. Empty where it is done or has no day.
	Left *int
	// Done is the day on which it was done.
	Done model.Date
	// Milestone is the next result on the way that is not reached, with its day.
	Milestone string
	// Severity is that of the worst finding.
	Severity model.Severity
	// Findings are what it mends.
	Findings []practice.Link
	// Risks are what it lowers.
	Risks []practice.Link
	// Cost is what it costs once.
	Cost model.Money
	// Owner answers for it.
	Owner practice.Link
}

// Plan shows the plan of action and milestones: what is done about findings and risks, by whom and until when, and what is late.
func Plan(v estate.View, in PlanIn) (PlanOut, error) {
	var out PlanOut
	var open, late, check []practice.Link
	var costs []model.Money
	for i := range estate.Each[*model.PlanItem](v) {
		if !in.Owner.IsZero() && i.Owner != in.Owner {
			continue
		}
		over := i.State == model.PlanClosed || i.State == model.PlanCancelled
		if over && !in.All {
			continue
		}
		row := planRow(v, i)
		out.Items.Rows = append(out.Items.Rows, row)
		switch {
		case over:
		case i.State == model.PlanDone:
			check = append(check, row.Item)
		default:
			open = append(open, row.Item)
			costs = append(costs, i.Cost)
			if row.Left != nil && *row.Left < 0 {
				late = append(late, row.Item)
				out.Findings = append(out.Findings, practice.Finding{Severity: max2(practice.Medium, severityWord(cmp.Or(row.Severity, model.SeverityMedium))), Text: fmt.Sprintf("%s should have been done by %s, %s ago.", i.Title(), i.Due, practice.Count(-*row.Left, "day", "days")), About: row.Item, Owner: row.Owner})
			}
		}
		if i.Owner.IsZero() && !over {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: i.Title() + " has nobody who answers for it.", About: row.Item})
		}
	}
	slices.SortStableFunc(out.Items.Rows, func(a, b PlanRow) int {
		return cmp.Or(cmp.Compare(b2i(a.Left == nil), b2i(b.Left == nil)), cmp.Compare(a.Due, b.Due))
	})
	slices.SortStableFunc(out.Findings, func(a, b practice.Finding) int { return b.Severity.Weight() - a.Severity.Weight() })
	out.Open = practice.Counted("items", practice.Neither, open)
	out.Late = practice.Counted("items", practice.Lower, late)
	out.ToCheck = practice.Counted("items", practice.Neither, check)
	out.Cost = practice.SumOf("", practice.Neither, costs, open)
	return out, nil
}

func planRow(v estate.View, i *model.PlanItem) PlanRow {
	row := PlanRow{Item: practice.To(i), State: cmp.Or(i.State, model.PlanOpen), Due: i.Due, Done: i.Done, Findings: linksOf(v, i.Findings), Risks: linksOf(v, i.Risks), Cost: i.Cost, Owner: practice.OwnerOf(v, i)}
	if !i.Due.IsZero() && (row.State == model.PlanOpen || row.State == model.PlanRunning) {
		left := int(i.Due - v.At())
		row.Left = &left
	}
	for _, m := range i.Milestones {
		if m.Done.IsZero() {
			row.Milestone = m.Name
			if !m.Due.IsZero() {
				row.Milestone += " by " + m.Due.String()
			}
			break
		}
	}
	for _, ref := range i.Findings {
		if f, ok := estate.Look[*model.Finding](v, ref); ok && model.Rank(f.Severity) > model.Rank(row.Severity) {
			row.Severity = f.Severity
		}
	}
	return row
}

func max2(a, b practice.Severity) practice.Severity { return ifElse(b.Weight() > a.Weight(), b, a) }

// FindingsIn says which findings are looked at.
type FindingsIn struct {
	// State limits the answer to one state. Unset means all that are not closed.
	State model.FindingState
	// Audit limits the answer to what one audit found.
	Audit model.Ref `to:"Audit"`
}

// FindingsOut is where findings stand.
type FindingsOut struct {
	// Open is how many are to be mended.
	Open practice.Figure
	// Late is how many of these should have been mended.
	Late practice.Figure
	// Mended is how many are mended and wait for somebody to close them.
	Mended practice.Figure
	// Accepted is how many an exception allows for a time.
	Accepted practice.Figure
	// Findings are the worst and most urgent first.
	Findings practice.Table[FindingRow]
	// ToMend say what is to be mended by whom.
	ToMend []practice.Finding
}

// FindingRow is one finding.
type FindingRow struct {
	// Finding is the finding.
	Finding practice.Link
	// State says where it stands.
	State model.FindingState
	// Severity says how bad it is.
	Severity model.Severity
	// Opened is the day on which it was found.
	Opened model.Date
	// Due is the day by which it is to be mended.
	Due model.Date
	// Late says that this day is past and it is still open.
	Late bool
	// Test is the test that failed.
	Test practice.Link
	// Controls are the controls that do not work.
	Controls []practice.Link
	// Requirements are what is not met.
	Requirements []practice.Link
	// Subjects are what it is about.
	Subjects []practice.Link
	// Plan are the items of the plan that mend it.
	Plan []practice.Link
	// Risks are the risks that came of it.
	Risks []practice.Link
	// Owner answers for it.
	Owner practice.Link
}

// mend names an action of this practice that deals with a record, which is its parameter of this name.
func mend(action, parameter string, rec model.Record) *practice.Mend {
	return &practice.Mend{Action: "compliance." + action, Parameters: map[string]string{parameter: rec.Base().Key}}
}

// Findings lists what was found by tests, audits and people and where each stands: open, accepted, mended or closed.
func Findings(v estate.View, in FindingsIn) (FindingsOut, error) {
	var out FindingsOut
	var open, late, mended, accepted []practice.Link
	for f := range estate.Each[*model.Finding](v) {
		state := cmp.Or(f.State, model.FindingOpen)
		if in.State != "" && state != in.State || in.State == "" && state == model.FindingClosed || !in.Audit.IsZero() && f.Audit != in.Audit {
			continue
		}
		row := FindingRow{Finding: practice.To(f), State: state, Severity: f.Severity, Opened: f.Opened, Due: f.Due, Test: practice.To(v.Get(f.Test)), Controls: linksOf(v, f.Controls), Requirements: linksOf(v, f.Requirements), Subjects: linksOf(v, f.Subjects), Owner: practice.OwnerOf(v, f)}
		for e := range v.In(f.Ref()) {
			switch rec := e.Record.(type) {
			case *model.PlanItem:
				row.Plan = append(row.Plan, practice.To(rec))
			case *model.Risk:
				row.Risks = append(row.Risks, practice.To(rec))
			}
		}
		switch state {
		case model.FindingOpen:
			open = append(open, row.Finding)
			if row.Late = !f.Due.IsZero() && f.Due < v.At(); row.Late {
				late = append(late, row.Finding)
			}
			out.ToMend = append(out.ToMend, practice.Finding{Severity: severityWord(f.Severity), Text: findingText(f), About: row.Finding, From: []practice.Link{row.Finding}, Owner: row.Owner, Mend: mend("mend_finding", "finding", f)})
		case model.FindingMended:
			mended = append(mended, row.Finding)
		case model.FindingAccepted:
			accepted = append(accepted, row.Finding)
		}
		out.Findings.Rows = append(out.Findings.Rows, row)
	}
	slices.SortStableFunc(out.Findings.Rows, func(a, b FindingRow) int {
		return cmp.Or(cmp.Compare(b2i(a.State != model.FindingOpen), b2i(b.State != model.FindingOpen)), cmp.Compare(model.Rank(b.Severity), model.Rank(a.Severity)), cmp.Compare(a.Due, b.Due))
	})
	slices.SortStableFunc(out.ToMend, func(a, b practice.Finding) int { return b.Severity.Weight() - a.Severity.Weight() })
	out.Open = practice.Counted("findings", practice.Lower, open)
	out.Late = practice.Counted("findings", practice.Lower, late)
	out.Mended = practice.Counted("findings", practice.Neither, mended)
	out.Accepted = practice.Counted("findings", practice.Neither, accepted)
	return out, nil
}
