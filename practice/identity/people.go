package identity

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// JoinersMoversLeaversIn says what is looked at.
type JoinersMoversLeaversIn struct {
	// Days is for how many days after the first one somebody counts as new. The default is 30.
	Days int `min:"0" max:"3650"`
	// Peers is how many others with accounts a team must have at least, for its people to be compared. The default is 2.
	Peers int `min:"0" max:"1000"`
	// Team limits the list to the people of a team.
	Team model.Ref `to:"Team"`
	// Limit is how many rows and findings there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// JoinersMoversLeaversOut is what does not fit between people and accounts.
type JoinersMoversLeaversOut struct {
	// Joiners are people who are new and have no account that lets in.
	Joiners practice.Figure
	// Movers are people with grants that nobody else of their team has.
	Movers practice.Figure
	// Leavers are people who have left and whose accounts still let in.
	Leavers practice.Figure
	// DaysOpen is for how many days an account of somebody who has left has let in at most.
	DaysOpen practice.Figure
	// Findings say what to do.
	Findings []practice.Finding
	// Table lists what does not fit.
	Table practice.Table[Misfit]
}

// Misfit is something that does not fit between a person and an account.
type Misfit struct {
	// What says what it is: leaver, mover or joiner.
	What string
	// Person is who it is about.
	Person practice.Link
	// Team is the team that the person belongs to.
	Team practice.Link
	// Account is the account that does not fit.
	Account practice.Link
	// Entitlement is what nobody else of the team has.
	Entitlement practice.Link
	// Since is the first day of the person, the day on which the grant was given, or the first day on which the person no longer worked here.
	Since model.Date
	// Days is for how many days it has been so. For a grant without a day it is 0.
	Days int
	// Text says in a sentence what does not fit.
	Text string
	// From are the records that it was found in.
	From []practice.Link
}

// misfits are the words for what does not fit, in the order in which they are listed.
var misfits = []string{"leaver", "mover", "joiner"}

// JoinersMoversLeavers holds the accounts of systems against the people of the company. People who are new and have no account cannot work yet.
// Accounts of people who have left must not let in. Who moves to another team often keeps what the old work needed: where
// a person came from is not known, so that everybody is compared with the team, and what nobody else there was granted stands out.
func JoinersMoversLeavers(v estate.View, in JoinersMoversLeaversIn) (JoinersMoversLeaversOut, error) {
	b := bookOf(v)
	rows := b.movers(v, in.Team, cmp.Or(in.Peers, 2))
	for p := range estate.Each[*model.Person](v) {
		if !in.Team.IsZero() && p.Team != in.Team {
			continue
		}
		s := b.ofSubject[p.Ref()]
		if !works(p, b.day) {
			rows = append(rows, b.leaver(v, p, s)...)
		} else if row, ok := b.joiner(v, p, s, cmp.Or(in.Days, 30)); ok {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(x, y Misfit) int {
		return cmp.Or(cmp.Compare(slices.Index(misfits, x.What), slices.Index(misfits, y.What)), cmp.Compare(y.Days, x.Days))
	})
	people := map[string]map[model.Ref]practice.Link{}
	for _, what := range misfits {
		people[what] = map[model.Ref]practice.Link{}
	}
	longest := 0
	for _, row := range rows {
		people[row.What][refOf(row.Person)] = row.Person
		if row.What == "leaver" {
			longest = max(longest, row.Days)
		}
	}
	var out JoinersMoversLeaversOut
	out.Joiners = practice.Counted("people", practice.Lower, sorted(people["joiner"]))
	out.Movers = practice.Counted("people", practice.Lower, sorted(people["mover"]))
	out.Leavers = practice.Counted("people", practice.Lower, sorted(people["leaver"]))
	out.DaysOpen = practice.Figure{Value: float64(longest), Unit: "days", Better: practice.Lower, From: out.Leavers.From}
	out.Table.Rows = rows
	cut(&out.Table, in.Limit)
	for _, row := range out.Table.Rows {
		out.Findings = append(out.Findings, row.finding())
	}
	return out, nil
}

func (m *Misfit) finding() practice.Finding {
	f := practice.Finding{Severity: practice.High, Text: m.Text, About: m.Person, From: m.From}
	switch m.What {
	case "mover":
		f.Severity = practice.Medium
	case "joiner":
		f.Severity = practice.Low
	}
	return f
}

// joiner returns the row about somebody who is new and has no account that lets in.
func (b *book) joiner(v estate.View, p *model.Person, s *subject, days int) (Misfit, bool) {
	since := int(b.day) - int(p.Joined)
	if p.Joined.IsZero() || since < 0 || since > days || s.isIn() {
		return Misfit{}, false
	}
	return Misfit{
		What: "joiner", Person: practice.To(p), Team: link(v, p.Team), Since: p.Joined, Days: since, From: []practice.Link{practice.To(p)},
		Text: fmt.Sprintf("%s has worked here since %s and has no account that lets in.", p.Title(), p.Joined),
	}, true
}

// isIn reports whether an account lets a subject in anywhere.
func (s *subject) isIn() bool {
	return s != nil && slices.ContainsFunc(s.holdings, func(h *holding) bool { return h.live })
}

// leaver returns a row for each account that still lets in somebody who no longer works here.
func (b *book) leaver(v estate.View, p *model.Person, s *subject) []Misfit {
	if s == nil {
		return nil
	}
	since := p.Stale().Date()
	if practice.HasLeft(p, b.day) {
		since = p.Left + 1
	}
	var out []Misfit
	for _, h := range s.holdings {
		if !h.live {
			continue
		}
		row := Misfit{
			What: "leaver", Person: practice.To(p), Team: link(v, p.Team), Account: practice.To(h.account), Since: since, Days: max(0, int(b.day)-int(since)+1),
			From: []practice.Link{practice.To(p), practice.To(h.account)},
		}
		row.Text = fmt.Sprintf("%s has not worked here since %s, and an account in %s still lets in.", p.Title(), since, link(v, h.account.System).Title())
		out = append(out, row)
	}
	return out
}

// movers returns a row for everything that somebody was granted and nobody else of the team was. A team is compared where so many others have accounts.
func (b *book) movers(v estate.View, only model.Ref, peers int) []Misfit {
	type held struct {
		team model.Ref
		at   int32
	}
	size, having := map[model.Ref]int{}, map[held]int{}
	compared := func(s *subject) bool {
		return s.person != nil && works(s.person, b.day) && !s.person.Team.IsZero() && s.isIn()
	}
	for _, s := range b.subjects {
		if !compared(s) {
			continue
		}
		size[s.person.Team]++
		for _, at := range s.granted() {
			having[held{s.person.Team, at}]++
		}
	}
	var out []Misfit
	for _, s := range b.subjects {
		if !compared(s) || !only.IsZero() && s.person.Team != only || size[s.person.Team] <= peers {
			continue
		}
		for _, h := range s.holdings {
			if !h.compared() {
				continue
			}
			for i, g := range h.grants {
				if having[held{s.person.Team, h.at[i]}] == 1 {
					out = append(out, b.mover(v, h, g, h.at[i]))
				}
			}
		}
	}
	return out
}

// compared reports whether an account counts for comparing people: one that lets in and that a person uses.
func (h *holding) compared() bool { return h.live && h.account.Type != "service" }

// granted returns what a subject was granted, each thing once.
func (s *subject) granted() []int32 {
	var out []int32
	for _, h := range s.holdings {
		if h.compared() {
			out = append(out, h.at...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mover returns the row about something that nobody else of a team was granted.
func (b *book) mover(v estate.View, h *holding, g *model.Grant, at int32) Misfit {
	e, team := b.entitlements[at], link(v, h.person.Team)
	row := Misfit{
		What: "mover", Person: practice.To(h.person), Team: team, Account: practice.To(h.account), Entitlement: practice.To(e), Since: g.Granted,
		From: []practice.Link{practice.To(h.person), practice.To(g)},
		Text: fmt.Sprintf("%s has %s, which nobody else in %s has: find out whether it is left from other work.", h.person.Title(), e.Title(), team.Title()),
	}
	if !g.Granted.IsZero() {
		row.Days = int(b.day) - int(g.Granted)
	}
	return row
}
