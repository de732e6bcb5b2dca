package people

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// EventsIn says which courses and conferences are looked at.
type EventsIn struct {
	// Year is the calendar year. The default is this one.
	Year int `min:"0" max:"9999"`
	// Person limits the answer to one person.
	Person model.Ref `to:"Person"`
	// Team limits the answer to the people of one team.
	Team model.Ref `to:"Team"`
	// Budget is what may be spent on one person in the year. Unset means that nobody said.
	Budget model.Money
}

// EventsOut is what courses and conferences cost and brought in a year.
type EventsOut struct {
	// Spent is what those cost that were done.
	Spent practice.Figure
	// Planned is what those cost that are planned and not done yet.
	Planned practice.Figure
	// Hours is how many hours of work all of them took and will take.
	Hours practice.Figure
	// Done is how many were done.
	Done practice.Figure
	// Rating is how useful those who said so found them, from 1 to 5.
	Rating practice.Figure
	// WithoutEffect is how many were done and nobody said what was better afterwards.
	WithoutEffect practice.Figure
	// Findings say what is to be settled.
	Findings []practice.Finding
	// Events are the courses, conferences and mentoring, by day.
	Events practice.Table[EventRow]
	// People are what is spent on whom, as far as you may see them.
	People practice.Table[PersonRow]
	// Teams are what is spent on which team.
	Teams practice.Table[TeamBudget]
}

// EventRow is a course, a conference or mentoring.
type EventRow struct {
	// Event is what it is.
	Event practice.Link
	// Type says what sort of event it is.
	Type model.LearningType
	// State says where it stands.
	State model.LearningState
	// Start is the first day.
	Start model.Date
	// Until is the last day.
	Until model.Date
	// People is how many persons it is for.
	People int
	// Finished is how many of them have done it.
	Finished int
	// Hours are the hours that it takes from all of them.
	Hours float64
	// Cost is what it costs, in the currency of the books.
	Cost model.Money
	// Expected says what is to be better afterwards.
	Expected string
	// Effect says what was better afterwards.
	Effect string
	// Rating is how useful it was found in the mean, from 1 to 5.
	Rating string
}

// PersonRow is what is spent on the learning of a person.
type PersonRow struct {
	// Person is the person.
	Person practice.Link
	// Events is how many events are for the person.
	Events int
	// Hours are the hours that they take.
	Hours float64
	// Spent is the person's part of what was done.
	Spent model.Money
	// Planned is the person's part of what is planned.
	Planned model.Money
	// Left is what is left of the budget after both. It is unset without a budget.
	Left model.Money
}

// TeamBudget is what is spent on the learning of a team.
type TeamBudget struct {
	// Team is the team.
	Team practice.Link
	// People is how many persons of it learn.
	People int
	// Hours are the hours that it takes.
	Hours float64
	// Spent is the part of the team in what was done.
	Spent model.Money
	// Planned is the part of the team in what is planned.
	Planned model.Money
}

// Events tells about courses, conferences and mentoring of a year: what they cost, how many hours they take, what is planned and
// done, how useful they were and what was better afterwards, and what is spent on whom. The cost of an event is shared evenly by those it is for; what is
// only proposed or was dropped costs nothing. Reading is on the reading list and not here.
func Events(v estate.View, in EventsIn) (EventsOut, error) {
	year := cmp.Or(in.Year, v.At().Time().Year())
	s := &season{view: v, in: in, money: costs.NewConversion(v, firstCost(v)), people: map[model.Ref]*share{}, teams: map[model.Ref]*share{}}
	for i := range estate.Each[*model.LearningItem](v) {
		if i.Type == model.LearningReading || i.State == model.LearningDropped || !s.includes(i, year) {
			continue
		}
		s.add(i)
	}
	out := s.out
	slices.SortStableFunc(out.Events.Rows, func(a, b EventRow) int { return cmp.Compare(cmp.Or(a.Start, a.Until), cmp.Or(b.Start, b.Until)) })
	out.People.Rows, out.Teams.Rows = s.personRows(), s.teamRows()
	for _, r := range out.People.Rows {
		if r.Left.Sign() < 0 {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("What is spent and planned for %s in %d is %s above the budget.", r.Person.Title(), year, r.Left.Neg()), About: r.Person, From: []practice.Link{r.Person}, Owner: r.Person})
		}
	}
	practice.WorstFirst(out.Findings)
	out.Spent = s.spent.Figure(s.money, practice.Neither, "nothing that was done has a cost")
	out.Planned = s.planned.Figure(s.money, practice.Neither, "nothing that is planned has a cost")
	out.Hours = practice.Figure{Value: s.hours, Unit: "h", From: s.all}
	out.Done = practice.Counted("events", practice.Neither, s.done)
	out.Rating = s.ratings.figure()
	out.WithoutEffect = practice.Counted("events", practice.Lower, s.mute)
	return out, nil
}

// firstCost returns the currency of the first thing to learn from that has a cost.
func firstCost(v estate.View) string {
	for i := range estate.Each[*model.LearningItem](v) {
		if !i.Cost.IsZero() {
			return i.Cost.Currency()
		}
	}
	return ""
}

// season gathers the events of a year.
type season struct {
	view           estate.View
	in             EventsIn
	money          *costs.Conversion
	spent, planned costs.Tally
	hours          float64
	ratings        mean
	all, done,
	mute []practice.Link
	people, teams map[model.Ref]*share
	out           EventsOut
}

// share is the part of a person or a team.
type share struct {
	events, people int
	hours          float64
	spent, planned costs.Tally
}

// mean is the mean of ratings.
type mean struct {
	sum, n int
	from   []practice.Link
}

func (m *mean) add(rating int, from practice.Link) {
	if rating > 0 {
		m.sum, m.n = m.sum+rating, m.n+1
		if !slices.Contains(m.from, from) {
			m.from = append(m.from, from)
		}
	}
}

func (m *mean) String() string {
	if m.n == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f", float64(m.sum)/float64(m.n))
}

func (m *mean) figure() practice.Figure {
	f := practice.Figure{Better: practice.Higher, From: m.from}
	if m.n == 0 {
		f.Unknown, f.Note = true, "nobody said"
		return f
	}
	f.Value = float64(int(10*float64(m.sum)/float64(m.n)+0.5)) / 10
	f.Note = practice.Count(m.n, "rating", "ratings") + ", from 1 to 5"
	return f
}

// ratingsOf adds what those who did something say of it: each of them, or the item where none did.
func (m *mean) ratingsOf(i *model.LearningItem) {
	n := m.n
	for _, f := range i.Finished {
		m.add(f.Rating, practice.To(i))
	}
	if m.n == n {
		m.add(i.Rating, practice.To(i))
	}
}

// includes reports whether an event belongs to the year and to whom the answer is limited. What is open without a day belongs to this year.
func (s *season) includes(i *model.LearningItem, year int) bool {
	day := dayOf(i)
	if day.IsZero() && isOpen(i) {
		day = s.view.At()
	}
	return !day.IsZero() && day.Time().Year() == year && (s.in.Person.IsZero() && s.in.Team.IsZero() || slices.ContainsFunc(i.For, s.counts))
}

// counts reports whether a person is one of those that the answer is limited to.
func (s *season) counts(person model.Ref) bool {
	if !s.in.Person.IsZero() && person != s.in.Person {
		return false
	}
	p, ok := estate.Look[*model.Person](s.view, person)
	return s.in.Team.IsZero() || ok && p.Team == s.in.Team
}

// costOf is the part of the cost of an event that counts: that of those the answer is limited to.
func (s *season) costOf(i *model.LearningItem) (people int, cost costs.Tally) {
	if len(i.For) == 0 {
		cost.Add(s.money, i.Cost, dayOf(i), practice.To(i))
	}
	for _, person := range i.For {
		if s.counts(person) {
			people++
			cost.AddShare(s.money, i.Cost, len(i.For), dayOf(i), practice.To(i))
		}
	}
	return people, cost
}

func (s *season) add(i *model.LearningItem) {
	link := practice.To(i)
	people, cost := s.costOf(i)
	state := cmp.Or(i.State, model.LearningProposed)
	row := EventRow{Event: link, Type: i.Type, State: state, Start: i.Start, Until: i.Until, People: people, Hours: i.Hours * float64(people), Cost: cost.Money(s.money), Expected: i.Expected, Effect: effectOf(i)}
	for _, person := range i.For {
		row.Finished += toInt(s.counts(person) && !hasFinished(i, person).IsZero())
	}
	var rated mean
	rated.ratingsOf(i)
	row.Rating = rated.String()
	s.out.Events.Rows = append(s.out.Events.Rows, row)
	s.findings(i, row)
	if state == model.LearningProposed {
		return
	}
	s.all = append(s.all, link)
	s.hours += row.Hours
	s.ratings.ratingsOf(i)
	if state == model.LearningDone {
		s.spent.Join(&cost)
		s.done = append(s.done, link)
		if row.Effect == "" {
			s.mute = append(s.mute, link)
		}
	} else {
		s.planned.Join(&cost)
	}
	s.divide(i, state == model.LearningDone)
}

// divide gives each person and team its part of an event.
func (s *season) divide(i *model.LearningItem, done bool) {
	for _, ref := range i.For {
		p, ok := estate.Look[*model.Person](s.view, ref)
		if !ok || !s.counts(ref) {
			continue
		}
		first := s.people[ref] == nil
		for _, to := range []struct {
			all map[model.Ref]*share
			ref model.Ref
		}{{s.people, ref}, {s.teams, p.Team}} {
			if s.view.Get(to.ref) == nil {
				continue
			}
			if to.all[to.ref] == nil {
				to.all[to.ref] = &share{}
			}
			part := to.all[to.ref]
			part.events++
			part.people += toInt(first)
			part.hours += i.Hours
			if done {
				part.spent.AddShare(s.money, i.Cost, len(i.For), dayOf(i), practice.To(i))
			} else {
				part.planned.AddShare(s.money, i.Cost, len(i.For), dayOf(i), practice.To(i))
			}
		}
	}
}

// findings say what is to be settled about an event.
func (s *season) findings(i *model.LearningItem, row EventRow) {
	add := func(severity practice.Severity, mend *practice.Mend, text string, args ...any) {
		s.out.Findings = append(s.out.Findings, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: row.Event, From: []practice.Link{row.Event}, Owner: practice.OwnerOf(s.view, i), Mend: mend})
	}
	finish := &practice.Mend{Action: "people.finish_learning", Parameters: map[string]string{"item": i.Key}}
	last := cmp.Or(i.Until, i.Start)
	switch {
	case row.State == model.LearningPlanned && !last.IsZero() && last < s.view.At():
		add(practice.Low, finish, "%s was to be over by %s, and %d of %s have noted it.", i.Title(), last, row.Finished, practice.Count(row.People, "person", "people"))
	case row.State == model.LearningDone && row.Effect == "":
		add(practice.Low, nil, "%s was done, and nobody said what was better afterwards.", i.Title())
	}
}

// effectOf returns what was better after something: as the item says, or those who did it.
func effectOf(i *model.LearningItem) string {
	if i.Effect != "" {
		return i.Effect
	}
	for _, f := range i.Finished {
		if f.Effect != "" {
			return f.Effect
		}
	}
	return ""
}

func (s *season) personRows() []PersonRow {
	var out []PersonRow
	for p := range estate.Each[*model.Person](s.view) {
		part := s.people[p.Ref()]
		if part == nil {
			continue
		}
		row := PersonRow{Person: practice.To(p), Events: part.events, Hours: part.hours, Spent: part.spent.Money(s.money), Planned: part.planned.Money(s.money)}
		if !s.in.Budget.IsZero() {
			var left costs.Tally
			left.Add(s.money, s.in.Budget, s.view.At(), row.Person)
			left.Less(&part.spent)
			left.Less(&part.planned)
			row.Left = left.Money(s.money)
		}
		out = append(out, row)
	}
	return out
}

func (s *season) teamRows() []TeamBudget {
	var out []TeamBudget
	for t := range estate.Each[*model.Team](s.view) {
		if part := s.teams[t.Ref()]; part != nil {
			out = append(out, TeamBudget{practice.To(t), part.people, part.hours, part.spent.Money(s.money), part.planned.Money(s.money)})
		}
	}
	return out
}
