package standards

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// RightsIn says which decision rights are shown.
type RightsIn struct {
	// Area shows the rights of one area alone.
	Area string
	// Most is how many activities one person or team may be accountable for before it is told as too much. The default is 8.
	Most int `min:"1" max:"1000"`
}

// RightsOut is who decides what.
type RightsOut struct {
	// Rights is how many activities there are.
	Rights practice.Figure
	// Faulty are those that break a rule: not exactly one accountable, or nobody responsible.
	Faulty practice.Figure
	// Matrix are the activities with who has which part.
	Matrix practice.Table[RightRow]
	// Load are the people and teams with how much they have.
	Load practice.Table[LoadRow]
	// Findings are rules that are broken and people with too much.
	Findings []practice.Finding
}

// RightRow is one activity.
type RightRow struct {
	// Area groups activities.
	Area string
	// Right is the activity.
	Right practice.Link
	// Responsible are those who do the work.
	Responsible []practice.Link
	// Accountable is who answers for the result.
	Accountable []practice.Link
	// Consulted are those who are asked before.
	Consulted []practice.Link
	// Informed are those who are told afterwards.
	Informed []practice.Link
}

// LoadRow is how much one person or team has.
type LoadRow struct {
	// Who is the person, team or office.
	Who practice.Link
	// Accountable is for how many activities it answers.
	Accountable int
	// Responsible is in how many it does the work.
	Responsible int
	// Consulted is in how many it is asked before.
	Consulted int
	// Informed is of how many it is told.
	Informed int
}

// usualMost is for how many activities somebody may be accountable before it is told as too much.
const usualMost = 8

// Rights shows who is responsible, accountable, consulted and informed for each kind of decision. Exactly one is accountable, at least one is responsible, and who is accountable may be responsible too.
func Rights(v estate.View, in RightsIn) (RightsOut, error) {
	var out RightsOut
	var all, faulty []practice.Link
	load := map[model.Ref]*LoadRow{}
	count := func(refs []model.Ref, add func(*LoadRow)) []practice.Link {
		for _, ref := range refs {
			if rec := v.Get(ref); rec != nil {
				if load[ref] == nil {
					load[ref] = &LoadRow{Who: practice.To(rec)}
				}
				add(load[ref])
			}
		}
		return linksOf(v, refs)
	}
	for _, d := range rightsOf(v) {
		if in.Area != "" && !strings.EqualFold(d.Area, in.Area) {
			continue
		}
		link := practice.To(d)
		all = append(all, link)
		out.Matrix.Rows = append(out.Matrix.Rows, RightRow{d.Area, link,
			count(d.Responsible, func(l *LoadRow) { l.Responsible++ }), count(d.Accountable, func(l *LoadRow) { l.Accountable++ }),
			count(d.Consulted, func(l *LoadRow) { l.Consulted++ }), count(d.Informed, func(l *LoadRow) { l.Informed++ })})
		if faults := rightFaults(v, d); len(faults) > 0 {
			faulty, out.Findings = append(faulty, link), append(out.Findings, faults...)
		}
	}
	for _, l := range load {
		out.Load.Rows = append(out.Load.Rows, *l)
	}
	slices.SortFunc(out.Load.Rows, func(a, b LoadRow) int {
		return cmp.Or(cmp.Compare(b.Accountable, a.Accountable), cmp.Compare(b.Responsible, a.Responsible), cmp.Compare(a.Who.Key, b.Who.Key))
	})
	for _, l := range out.Load.Rows {
		if most := cmp.Or(in.Most, usualMost); l.Accountable > most {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: l.Who, From: []practice.Link{l.Who}, Text: fmt.Sprintf("%s is accountable for %d activities: more than %d are hard to answer for.", l.Who.Title(), l.Accountable, most)})
		}
	}
	practice.WorstFirst(out.Findings)
	out.Rights, out.Faulty = practice.Counted("activities", practice.Neither, all), practice.Counted("activities", practice.Lower, faulty)
	return out, nil
}

// rightsOf returns the decision rights in their order.
func rightsOf(v estate.View) []*model.DecisionRight {
	out := slices.Collect(estate.Each[*model.DecisionRight](v))
	slices.SortFunc(out, func(a, b *model.DecisionRight) int {
		return cmp.Or(cmp.Compare(a.Area, b.Area), cmp.Compare(a.Order, b.Order), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// rightFaults says which rules an activity breaks. People who have left count as nobody.
func rightFaults(v estate.View, d *model.DecisionRight) []practice.Finding {
	here := func(refs []model.Ref) []practice.Link {
		var out []practice.Link
		for _, ref := range refs {
			if rec := v.Get(ref); rec != nil && !practice.HasLeft(rec, v.At()) {
				out = append(out, practice.To(rec))
			}
		}
		return out
	}
	var out []practice.Finding
	add := func(s practice.Severity, from []practice.Link, text string) {
		out = append(out, practice.Finding{Severity: s, Text: d.Title() + " " + text, About: practice.To(d), From: from, Owner: practice.OwnerOf(v, d)})
	}
	switch a := here(d.Accountable); {
	case len(a) == 0:
		add(practice.High, nil, "has nobody who is accountable: name exactly one.")
	case len(a) > 1:
		add(practice.Medium, a, fmt.Sprintf("has %d who are accountable, %s: exactly one can be.", len(a), practice.Some(a)))
	}
	if len(here(d.Responsible)) == 0 {
		add(practice.Medium, nil, "has nobody who is responsible: name who does the work.")
	}
	return out
}
