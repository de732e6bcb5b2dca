package partners

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ObligationsIn says which obligations are looked at.
type ObligationsIn struct {
	// Within is how many days ahead is looked. The default is 90.
	Within int `min:"0" max:"3650"`
	// Side limits the answer to what one side owes.
	Side model.PartnerSide
	// Partner limits the answer to one partner.
	Partner model.Ref `to:"Partner"`
}

// ObligationsOut is what partners and the company owe each other.
type ObligationsOut struct {
	// Ours is how many obligations of ours are due or late, those of both sides among them.
	Ours practice.Figure
	// Theirs is how many obligations of partners are due or late, those of both sides among them.
	Theirs practice.Figure
	// Late is how many of all these are late.
	Late practice.Figure
	// Undated is how many that are not fulfilled have no day.
	Undated practice.Figure
	// Findings say what is late or due, the most urgent first.
	Findings []practice.Finding
	// Obligations are what is due or late, by day.
	Obligations practice.Table[ObligationRow]
}

// ObligationRow is something that one side owes the other.
type ObligationRow struct {
	// Due is the day by which it is owed.
	Due model.Date
	// DaysLeft is how many days are left. Below zero it is late.
	DaysLeft int
	// Side says who owes it.
	Side model.PartnerSide
	// Text says what is owed.
	Text string
	// Partner is the partner.
	Partner practice.Link
	// Agreement is where it is written.
	Agreement practice.Link
	// Number is its place in the agreement, from 1.
	Number int
	// Answerable is the person on our side that sees to it, or else who answers for the partner.
	Answerable practice.Link
}

// Obligations tells what each side owes by the day on which it is due. What belongs
// to agreements with partners that are over does not count, and neither does what is fulfilled. An obligation of both sides counts on either.
func Obligations(v estate.View, in ObligationsIn) (ObligationsOut, error) {
	var out ObligationsOut
	until := v.At().AddDays(cmp.Or(in.Within, 90))
	var ours, theirs, late, undated []practice.Link
	eachOpen(v, func(row ObligationRow) {
		if in.Side != "" && in.Side != row.Side || !in.Partner.IsZero() && in.Partner != model.Ref(row.Partner.ID) {
			return
		}
		if row.Due.IsZero() {
			undated = append(undated, row.Agreement)
			return
		}
		if row.Due > until {
			return
		}
		out.Obligations.Rows = append(out.Obligations.Rows, row)
		if row.Side != "theirs" {
			ours = append(ours, row.Agreement)
		}
		if row.Side != "ours" {
			theirs = append(theirs, row.Agreement)
		}
		if row.DaysLeft < 0 {
			late = append(late, row.Agreement)
		}
		out.Findings = append(out.Findings, obligationFinding(row))
	})
	slices.SortStableFunc(out.Obligations.Rows, func(a, b ObligationRow) int { return cmp.Compare(a.Due, b.Due) })
	slices.SortStableFunc(out.Findings, func(a, b practice.Finding) int {
		return cmp.Compare(b.Severity.Weight(), a.Severity.Weight())
	})
	out.Ours = practice.Counted("obligations", practice.Lower, ours)
	out.Theirs = practice.Counted("obligations", practice.Lower, theirs)
	out.Late = practice.Counted("obligations", practice.Lower, late)
	out.Undated = practice.Counted("obligations", practice.Lower, undated)
	return out, nil
}

// eachOpen yields every obligation that is not fulfilled and whose partner is not gone.
func eachOpen(v estate.View, yield func(ObligationRow)) {
	for a := range estate.Each[*model.PartnerAgreement](v) {
		p, ok := estate.Look[*model.Partner](v, a.Partner)
		if !ok || isOver(p) {
			continue
		}
		for i := range a.Obligations {
			if a.Obligations[i].Done.IsZero() || a.Obligations[i].Done > v.At() {
				yield(obligationRow(v, p, a, i))
			}
		}
	}
}

func obligationRow(v estate.View, p *model.Partner, a *model.PartnerAgreement, i int) ObligationRow {
	o := a.Obligations[i]
	row := ObligationRow{Due: o.Due, Side: o.Side, Text: o.Text, Partner: practice.To(p), Agreement: practice.To(a), Number: i + 1, Answerable: practice.To(v.Get(o.Answerable))}
	if !o.Due.IsZero() {
		row.DaysLeft = int(o.Due - v.At())
	}
	if row.Answerable.IsZero() || practice.HasLeft(v.Get(o.Answerable), v.At()) {
		row.Answerable = cmp.Or(practice.OwnerOf(v, a), answersFor(v, p))
	}
	return row
}

// obligationFinding says that an obligation is late or due. What we owe late weighs more than what is owed to us.
func obligationFinding(row ObligationRow) practice.Finding {
	f := practice.Finding{Severity: practice.Low, About: row.Agreement, Owner: row.Answerable, From: []practice.Link{row.Agreement, row.Partner},
		Mend: &practice.Mend{Action: "partners.fulfil", Parameters: map[string]string{"agreement": row.Agreement.Key, "obligation": strconv.Itoa(row.Number)}}}
	late, due := "We should have done this for "+row.Partner.Title(), "We owe this to "+row.Partner.Title()
	switch row.Side {
	case "theirs":
		late, due = row.Partner.Title()+" should have done this", row.Partner.Title()+" owes this"
	case "both":
		late, due = "We and "+row.Partner.Title()+" should have done this", "We and "+row.Partner.Title()+" owe this to each other"
	}
	text := due
	if row.DaysLeft < 0 {
		text, f.Severity = late, practice.High
		if row.Side == "theirs" {
			f.Severity = practice.Medium
		}
	}
	f.Text = fmt.Sprintf("%s by %s: %s.", text, row.Due, sentence(row.Text))
	return f
}
