package offices

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AgreementsIn says which agreements are looked at.
type AgreementsIn struct {
	// Office limits the agreements to those that an office owes or waits for.
	Office model.Ref `to:"Office"`
	// Days is how many days ahead an agreement counts as due soon. The default is 30.
	Days int `min:"1" max:"3650" unit:"days"`
	// Settled says that what was delivered, declined or withdrawn is listed too.
	Settled bool
}

// AgreementsOut is what the offices owe each other.
type AgreementsOut struct {
	// Open is how many agreements are neither delivered, declined nor withdrawn.
	Open practice.Figure
	// Due is how many of them are due soon.
	Due practice.Figure
	// Overdue is how many of them should have been delivered already.
	Overdue practice.Figure
	// Punctual is how many of the delivered ones with a day came by that day.
	Punctual practice.Figure
	// Findings name what is overdue and what is due soon.
	Findings []practice.Finding
	// Pairs say for each two offices what one waits for from the other.
	Pairs practice.Table[Pair]
	// Table lists the agreements, the most urgent first.
	Table practice.Table[AgreementRow]
}

// Pair is what one office waits for from another.
type Pair struct {
	// Waiting is the office that waits.
	Waiting practice.Link
	// For is the office that owes.
	For practice.Link `label:"Waits for"`
	// Open is how many agreements are open.
	Open int
	// Overdue is how many of them are overdue.
	Overdue int
	// Next is the nearest day on which something is due.
	Next model.Date
	// From are the open agreements.
	From []practice.Link
}

// AgreementRow is an agreement on a list.
type AgreementRow struct {
	// Agreement is the record.
	Agreement practice.Link
	// Name is what it is about.
	Name string
	// Type says what is owed.
	Type model.AgreementType
	// Owes is the office that owes it.
	Owes practice.Link
	// Waits is the office that waits for it.
	Waits practice.Link
	// State says where it stands.
	State model.AgreementState
	// Due is the day by which it is to be delivered.
	Due model.Date
	// Days is how many days are left, below zero where it is overdue. Empty where there is no day or where it is settled.
	Days *int `label:"Days left"`
	// About are the records that it is about.
	About []practice.Link
}

// isOpen reports whether an agreement still waits to be delivered.
func isOpen(a *model.Agreement) bool {
	return a.State == "" || a.State == "proposed" || a.State == "agreed"
}

// Agreements lists what one office owes the other: policies to implement,
// capabilities to deliver, decisions and information awaited. It counts what is
// open, due soon and overdue, says for each pair of offices what one waits for
// from the other, and how punctual what was delivered has been.
func Agreements(v estate.View, in AgreementsIn) (AgreementsOut, error) {
	var out AgreementsOut
	soon := v.At().AddDays(cmp.Or(in.Days, 30))
	var open, due, overdue, kept, late []practice.Link
	pairs := map[[2]model.Ref]*Pair{}
	var order []*Pair
	for a := range estate.Each[*model.Agreement](v) {
		if !in.Office.IsZero() && a.From != in.Office && a.To != in.Office {
			continue
		}
		link := practice.To(a)
		if !isOpen(a) {
			if a.State == "delivered" && !a.Due.IsZero() && !a.Delivered.IsZero() {
				if a.Delivered <= a.Due {
					kept = append(kept, link)
				} else {
					late = append(late, link)
				}
			}
			if in.Settled {
				out.Table.Rows = append(out.Table.Rows, agreementRow(v, a))
			}
			continue
		}
		out.Table.Rows = append(out.Table.Rows, agreementRow(v, a))
		open = append(open, link)
		p := pairs[[2]model.Ref{a.To, a.From}]
		if p == nil {
			p = &Pair{Waiting: practice.To(v.Get(a.To)), For: practice.To(v.Get(a.From))}
			pairs[[2]model.Ref{a.To, a.From}] = p
			order = append(order, p)
		}
		p.Open++
		p.From = append(p.From, link)
		if !a.Due.IsZero() && (p.Next.IsZero() || a.Due < p.Next) {
			p.Next = a.Due
		}
		switch {
		case a.Due.IsZero() || a.Due > soon:
		case a.Due < v.At():
			overdue = append(overdue, link)
			p.Overdue++
			out.Findings = append(out.Findings, finding(v, a, practice.High, fmt.Sprintf("%s is %s overdue: %s owes it to %s.", a.Title(),
				practice.Count(int(v.At()-a.Due), "day", "days"), titleOf(v, a.From), titleOf(v, a.To))))
		default:
			due = append(due, link)
			out.Findings = append(out.Findings, finding(v, a, practice.Low, fmt.Sprintf("%s is due on %s: %s owes it to %s.", a.Title(), a.Due, titleOf(v, a.From), titleOf(v, a.To))))
		}
	}
	practice.WorstFirst(out.Findings)
	slices.SortStableFunc(out.Table.Rows, func(a, b AgreementRow) int {
		return cmp.Or(cmp.Compare(settled(a.State), settled(b.State)), cmp.Compare(orLast(a.Due), orLast(b.Due)), cmp.Compare(a.Agreement.Key, b.Agreement.Key))
	})
	slices.SortStableFunc(order, func(a, b *Pair) int { return cmp.Or(cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(b.Open, a.Open)) })
	for _, p := range order {
		out.Pairs.Rows = append(out.Pairs.Rows, *p)
	}
	out.Open = practice.Counted("agreements", practice.Neither, open)
	out.Due = practice.Counted("agreements", practice.Lower, due)
	out.Overdue = practice.Counted("agreements", practice.Lower, overdue)
	out.Punctual = practice.Figure{Value: practice.Share(len(kept), len(kept)+len(late)), Unit: "%", Better: practice.Higher, From: slices.Concat(kept, late)}
	if len(kept)+len(late) == 0 {
		out.Punctual.Unknown, out.Punctual.Note = true, "nothing that had a day was delivered yet"
	}
	return out, nil
}

func agreementRow(v estate.View, a *model.Agreement) AgreementRow {
	row := AgreementRow{Agreement: practice.To(a), Name: a.Title(), Type: a.Type, Owes: practice.To(v.Get(a.From)), Waits: practice.To(v.Get(a.To)), State: a.State, Due: a.Due}
	if !a.Due.IsZero() && isOpen(a) {
		left := int(a.Due - v.At())
		row.Days = &left
	}
	row.About, _ = known(v, a.About)
	return row
}

func finding(v estate.View, a *model.Agreement, s practice.Severity, text string) practice.Finding {
	about, _ := known(v, a.About)
	return practice.Finding{Severity: s, Text: text, About: practice.To(a), From: about, Owner: practice.To(v.Get(a.From))}
}

func titleOf(v estate.View, ref model.Ref) string {
	if rec := v.Get(ref); rec != nil {
		return rec.Base().Title()
	}
	return "somebody"
}

// settled puts what is open before what is done.
func settled(s model.AgreementState) int {
	if s == "" || s == "proposed" || s == "agreed" {
		return 0
	}
	return 1
}

func orLast(d model.Date) model.Date {
	if d.IsZero() {
		return 1<<31 - 1
	}
	return d
}
