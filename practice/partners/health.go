package partners

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// HealthIn says when a partnership counts as asleep.
type HealthIn struct {
	// Idle is after how many days without anything done a partnership is named. The default is 90.
	Idle int `min:"0" max:"3650"`
	// Partner limits the answer to one partner.
	Partner model.Ref `to:"Partner"`
}

// HealthOut is how partnerships go.
type HealthOut struct {
	// Red is how many are in danger.
	Red practice.Figure
	// Amber is how many need attention.
	Amber practice.Figure
	// Unsaid is how many have no health because nobody said.
	Unsaid practice.Figure
	// Idle is how many partnerships nothing was done for within the days asked for.
	Idle practice.Figure
	// Short is how many partners run out of money before an agreement with them ends.
	Short practice.Figure
	// Findings say what needs attention, the worst first.
	Findings []practice.Finding
	// Partners are the partners that the company is bound to or tries something with, the worst first.
	Partners practice.Table[HealthRow]
}

// HealthRow is how one partnership goes.
type HealthRow struct {
	// Partner is the partner.
	Partner practice.Link
	// Stage says how far it has come.
	Stage model.PartnerStage
	// Health says how it goes.
	Health model.Health
	// Last is the day on which something was done for the last time.
	Last model.Date
	// What says what was done.
	What string
	// Idle is how many days ago that was. It is empty where nothing was ever done.
	Idle string
	// Money is the day on which its money runs out.
	Money model.Date
	// Until is the last day of the agreement that runs longest. Unset means that none has an end.
	Until model.Date
	// Depends are the products and critical things that need it.
	Depends []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
}

// Health tells how the partnerships go that the company is bound to or tries something with: what people say of them, for how long
// nothing was done, and whether a partner's money lasts as long as what was agreed with it. Done counts as: a stage reached, value noted, an obligation
// fulfilled, due diligence finished, an agreement begun, and evidence or a measurement of an experiment together.
func Health(v estate.View, in HealthIn) (HealthOut, error) {
	var out HealthOut
	idle := cmp.Or(in.Idle, 90)
	var red, amber, unsaid, asleep, short []practice.Link
	for p := range estate.Each[*model.Partner](v) {
		if !(isBound(p) || stageOf(p) == model.PartnerProving) || !in.Partner.IsZero() && in.Partner != p.Ref() {
			continue
		}
		row := healthRow(v, p)
		out.Partners.Rows = append(out.Partners.Rows, row)
		switch p.Health {
		case "red":
			red = append(red, row.Partner)
		case "amber":
			amber = append(amber, row.Partner)
		case "":
			unsaid = append(unsaid, row.Partner)
		}
		if row.Last.IsZero() || int(v.At()-row.Last) > idle {
			asleep = append(asleep, row.Partner)
		}
		if row.runsShort(v.At()) {
			short = append(short, row.Partner)
		}
		out.Findings = append(out.Findings, healthFindings(v, row, idle)...)
	}
	slices.SortStableFunc(out.Partners.Rows, func(a, b HealthRow) int {
		return cmp.Or(cmp.Compare(model.Rank(b.Health), model.Rank(a.Health)), cmp.Compare(a.Last, b.Last))
	})
	practice.WorstFirst(out.Findings)
	out.Red = practice.Counted("partners", practice.Lower, red)
	out.Amber = practice.Counted("partners", practice.Lower, amber)
	out.Unsaid = practice.Counted("partners", practice.Lower, unsaid)
	out.Idle = practice.Counted("partners", practice.Lower, asleep)
	out.Short = practice.Counted("partners", practice.Lower, short)
	return out, nil
}

// moneyEnds returns the day on which the money of a partner runs out, and unset where nobody knows.
func moneyEnds(p *model.Partner) model.Date {
	from := cmp.Or(p.RunwayFrom, p.Changed.At.Date())
	if p.Runway == 0 || p.RunwayFrom.IsZero() && p.Changed.At.IsZero() {
		return 0
	}
	return from.AddDays(int(time.Duration(p.Runway) / (24 * time.Hour)))
}

func healthRow(v estate.View, p *model.Partner) HealthRow {
	row := HealthRow{Partner: practice.To(p), Stage: stageOf(p), Health: p.Health, Money: moneyEnds(p), Owner: answersFor(v, p)}
	row.Last, row.What = lastDone(v, p)
	if !row.Last.IsZero() {
		row.Idle = fmt.Sprint(int(v.At() - row.Last))
	}
	for _, a := range agreementsOf(v, p) {
		if inForce(a, v.At()) {
			row.Until = max(row.Until, a.End)
		}
	}
	products, critical := dependents(v, p)
	row.Depends = unique(append(products, critical...))
	return row
}

// lastDone returns the last day on which something was done for a partnership, and what.
func lastDone(v estate.View, p *model.Partner) (model.Date, string) {
	var last model.Date
	what := ""
	done := func(on model.Date, text string) {
		if on > last && on <= v.At() {
			last, what = on, text
		}
	}
	for _, s := range p.Stages {
		done(s.On, "stage: "+labelOf(s.Stage))
	}
	for _, value := range p.Value {
		done(value.On, "value: "+value.Text)
	}
	for _, d := range p.DueDiligence {
		done(d.Done, "due diligence: "+d.Name)
	}
	for _, a := range agreementsOf(v, p) {
		done(a.Start, "agreement: "+a.Title())
		for _, o := range a.Obligations {
			done(o.Done, "obligation: "+o.Text)
		}
	}
	for _, e := range held[*model.Experiment](v, p.Ref(), "with") {
		done(e.Start, "experiment: "+e.Title())
		done(e.Decided, "experiment decided: "+e.Title())
		for _, c := range e.Criteria {
			done(c.MeasuredOn, "measured: "+c.Name)
		}
		for _, ev := range e.Evidence {
			done(ev.Seen, "evidence: "+ev.Text)
		}
	}
	return last, what
}

// runsShort reports whether the money of a partner ends before what was agreed with it, or within half a year where that has no end.
func (r *HealthRow) runsShort(at model.Date) bool {
	return !r.Money.IsZero() && (r.Until.IsZero() && r.Money < at.AddMonths(6) || r.Money < r.Until)
}

func healthFindings(v estate.View, r HealthRow, idle int) []practice.Finding {
	var out []practice.Finding
	add := func(s practice.Severity, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: r.Partner, From: append([]practice.Link{r.Partner}, r.Depends...), Owner: r.Owner})
	}
	needs := ""
	if len(r.Depends) > 0 {
		needs = fmt.Sprintf(" %s depends on it.", practice.Some(r.Depends))
		if len(r.Depends) > 1 {
			needs = fmt.Sprintf(" %s depend on it.", practice.Some(r.Depends))
		}
	}
	switch r.Health {
	case "red":
		add(practice.High, "The partnership with %s is in danger.%s", r.Partner.Title(), needs)
	case "amber":
		add(practice.Medium, "The partnership with %s needs attention.%s", r.Partner.Title(), needs)
	}
	switch {
	case r.Last.IsZero():
		add(practice.Low, "Nothing says that anything was ever done with %s.", r.Partner.Title())
	case int(v.At()-r.Last) > idle:
		add(practice.Low, "Nothing was done with %s for %d days, since %s.", r.Partner.Title(), int(v.At()-r.Last), r.Last)
	}
	if r.runsShort(v.At()) {
		severity := practice.Medium
		if len(r.Depends) > 0 {
			severity = practice.High
		}
		ends := "and the agreements with it have no end"
		if !r.Until.IsZero() {
			ends = fmt.Sprintf("before the agreements with it end on %s", r.Until)
		}
		verb := "lasts"
		if r.Money < v.At() {
			verb = "lasted"
		}
		add(severity, "The money of %s %s until %s, %s.%s", r.Partner.Title(), verb, r.Money, ends, needs)
	}
	return out
}
