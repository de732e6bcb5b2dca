package suppliers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ObligationsIn says which obligations are looked at.
type ObligationsIn struct {
	// Within is how many days ahead is looked. The default is 90.
	Within int `min:"0" max:"3650"`
	// Side limits the answer to what we owe, or to what vendors owe.
	Side Side
	// Vendor limits the answer to one vendor.
	Vendor model.Ref `to:"Vendor"`
}

// Side says who owes something.
type Side string

// Options lists the sides of a contract.
func (Side) Options() []model.Option {
	return []model.Option{{Value: "ours", Label: "Ours", Help: "What we owe."}, {Value: "theirs", Label: "Theirs", Help: "What vendors owe."}}
}

// ObligationsOut is what the sides of contracts owe each other.
type ObligationsOut struct {
	// Ours is how many obligations of ours are due or overdue.
	Ours practice.Figure
	// Theirs is how many obligations of vendors are due or overdue.
	Theirs practice.Figure
	// Overdue is how many of all these are overdue.
	Overdue practice.Figure
	// Findings say what is overdue or due, the most urgent first.
	Findings []practice.Finding
	// Obligations are what is due or overdue, by day.
	Obligations practice.Table[Owed]
}

// Owed is one obligation that is due.
type Owed struct {
	// Obligation is what is owed.
	Obligation practice.Link
	// Side says who owes it.
	Side Side
	// Contract is where it is written.
	Contract practice.Link
	// Vendor is the other side.
	Vendor practice.Link
	// Clause is the place in the contract.
	Clause string
	// Due is the day by which it is to be done next.
	Due model.Date
	// DaysLeft is how many days are left. Below zero it is overdue.
	DaysLeft int
	// Done is the last day on which it was done.
	Done model.Date
	// Owner is who answers for it.
	Owner practice.Link
}

// Obligations tells what we owe vendors and what they owe us, by the day on which
// it is due. Where something is due again and again, a day on which it was done counts for the due day that is nearest to it.
func Obligations(v estate.View, in ObligationsIn) (ObligationsOut, error) {
	var out ObligationsOut
	until := v.At().AddDays(cmp.Or(in.Within, 90))
	var ours, theirs, overdue []practice.Link
	for o := range estate.Each[*model.Obligation](v) {
		c, ok := estate.Look[*model.Contract](v, o.Contract)
		if !ok || !StandingOn(c, v.At()).Live() || !in.Vendor.IsZero() && c.Vendor != in.Vendor || in.Side != "" && in.Side != sideOf(o) {
			continue
		}
		due := nextDue(o)
		if due.IsZero() || due > until {
			continue
		}
		row := Owed{Obligation: practice.To(o), Side: sideOf(o), Contract: practice.To(c), Vendor: practice.To(v.Get(c.Vendor)), Clause: o.Clause, Due: due, DaysLeft: int(due - v.At()), Done: o.Done, Owner: practice.OwnerOf(v, o)}
		if row.Owner.IsZero() {
			row.Owner = answersFor(v, c)
		}
		out.Obligations.Rows = append(out.Obligations.Rows, row)
		if o.Ours {
			ours = append(ours, row.Obligation)
		} else {
			theirs = append(theirs, row.Obligation)
		}
		if due < v.At() {
			overdue = append(overdue, row.Obligation)
		}
		out.Findings = append(out.Findings, owedFinding(row))
	}
	slices.SortStableFunc(out.Obligations.Rows, func(a, b Owed) int { return cmp.Compare(a.Due, b.Due) })
	practice.WorstFirst(out.Findings)
	out.Ours = practice.Counted("obligations", practice.Lower, ours)
	out.Theirs = practice.Counted("obligations", practice.Lower, theirs)
	out.Overdue = practice.Counted("obligations", practice.Lower, overdue)
	return out, nil
}

func sideOf(o *model.Obligation) Side {
	if o.Ours {
		return "ours"
	}
	return "theirs"
}

func owedFinding(row Owed) practice.Finding {
	who := row.Vendor.Title()
	if row.Side == "ours" {
		who = "We"
	}
	f := practice.Finding{Severity: practice.Low, About: row.Obligation, Owner: row.Owner, From: []practice.Link{row.Obligation, row.Contract}}
	switch {
	case row.DaysLeft < 0:
		f.Severity = practice.High
		if row.Side == "theirs" {
			f.Severity = practice.Medium
		}
		f.Text = fmt.Sprintf("%s should have done this by %s: %s.", who, row.Due, strings.TrimSuffix(row.Obligation.Title(), "."))
	case who == "We":
		f.Text = fmt.Sprintf("We owe this by %s: %s.", row.Due, strings.TrimSuffix(row.Obligation.Title(), "."))
	default:
		f.Text = fmt.Sprintf("%s owes this by %s: %s.", who, row.Due, strings.TrimSuffix(row.Obligation.Title(), "."))
	}
	return f
}

// nextDue returns the day by which an obligation is to be done next, and unset where it is done or has no day.
func nextDue(o *model.Obligation) model.Date {
	if o.Due.IsZero() || o.Done.IsZero() {
		return o.Due
	}
	if o.EveryMonths == 0 {
		return 0
	}
	// The due day nearest to the day on which it was done is done, and all before it.
	for n := 0; ; n++ {
		due, next := o.Due.AddMonths(n*o.EveryMonths), o.Due.AddMonths((n+1)*o.EveryMonths)
		if n == 0 && o.Done < due-(next-due)/2 {
			return due
		}
		if o.Done < next-(next-due)/2 {
			return next
		}
	}
}
