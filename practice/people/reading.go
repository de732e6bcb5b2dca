package people

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// ReadingListIn says whose reading list is wanted.
type ReadingListIn struct {
	// For is the person or the office that reads. Unset means everything that there is to read.
	For model.Ref `to:"Person,Office"`
	// Within is how many days ahead reviews count, and how many days back changes do. The default is 60.
	Within int `min:"0" max:"3650"`
	// Limit is how many things the list has at most. The default is 50.
	Limit int `min:"0" max:"10000"`
}

// ReadingType says what there is to read.
type ReadingType string

// Options lists what there can be to read.
func (ReadingType) Options() []model.Option {
	return []model.Option{
		{Value: "trend", Label: "Trend", Help: "A trend to look at again, or with new signals."},
		{Value: "decision", Label: "Decision", Help: "A decision to revisit."},
		{Value: "bet", Label: "Bet", Help: "A bet of the technology strategy to look at again."},
		{Value: "blip", Label: "Blip", Help: "A blip that moved in the last edition of its radar."},
		{Value: "standard", Label: "Standard", Help: "A standard with a new edition, or to look at again."},
		{Value: "learning", Label: "Learning", Help: "Something that was put on the list."},
	}
}

// ReadingListOut is what there is to read.
type ReadingListOut struct {
	// Count is how many things there are.
	Count practice.Figure
	// Overdue is how many of them should have been looked at by today.
	Overdue practice.Figure
	// Findings name what is overdue, the most important first.
	Findings []practice.Finding
	// Reading are the things, those that touch the most first.
	Reading practice.Table[Reading]
}

// Reading is something to read.
type Reading struct {
	// What is the thing.
	What practice.Link
	// Type says what sort of thing it is.
	Type ReadingType
	// Why says why it is on the list.
	Why string
	// By is the day by which it is to be looked at.
	By model.Date
	// DaysLeft is how many days are left. It is empty where there is no day.
	DaysLeft string
	// Criticality is the highest of what it touches. A trend counts as critical as its impact is high.
	Criticality model.Criticality
	// Revenue is the revenue of the products that it touches, in the currency of the books.
	Revenue model.Money
	// Goals is how many goals it touches.
	Goals int
	// Touches are the products, capabilities and goals that it touches, the first of them.
	Touches []practice.Link
	// Link is where it can be read.
	Link string
	// Owner is who answers for it.
	Owner practice.Link
}

// ReadingList tells an officer or anybody else what to read: trends to look at again or with new signals, decisions and bets to revisit, blips that moved in
// the last edition of their radar, standards with a new edition, and what was put on the list. It is ordered by what it touches: the highest
// criticality, then the revenue of products, then the number of goals, then the day. An office, and whoever holds one, reads everything; other people read what they
// or their teams answer for or took part in, what is about their skills, and what was put on the list for them.
func ReadingList(v estate.View, in ReadingListIn) (ReadingListOut, error) {
	var out ReadingListOut
	l := &reader{view: v, from: v.At().AddDays(-cmp.Or(in.Within, 60)), until: v.At().AddDays(cmp.Or(in.Within, 60)), money: costs.NewConversion(v, firstRevenue(v)), all: true}
	if err := l.readsFor(in.For); err != nil {
		return out, err
	}
	l.trends()
	l.decisions()
	l.bets()
	l.blips()
	l.standards()
	l.learning()
	slices.SortStableFunc(l.rows, func(a, b Reading) int {
		return cmp.Or(cmp.Compare(model.Rank(b.Criticality), model.Rank(a.Criticality)), cmp.Compare(b.Revenue.Float(), a.Revenue.Float()), cmp.Compare(b.Goals, a.Goals),
			cmp.Compare(toInt(a.By.IsZero()), toInt(b.By.IsZero())), cmp.Compare(a.By, b.By))
	})
	var all, late []practice.Link
	for _, r := range l.rows {
		all = append(all, r.What)
		if !r.By.IsZero() && r.By < v.At() {
			late = append(late, r.What)
			out.Findings = append(out.Findings, practice.Finding{Severity: max2(practice.Low, practice.SeverityOf(r.Criticality).Less()), Text: fmt.Sprintf("%s should have been looked at by %s. %s", r.What.Title(), r.By, r.Why), About: r.What, From: append([]practice.Link{r.What}, r.Touches...), Owner: r.Owner})
		}
	}
	practice.WorstFirst(out.Findings)
	out.Count = practice.Counted("things", practice.Neither, all)
	out.Overdue = practice.Counted("things", practice.Lower, late)
	out.Reading.Rows = l.rows[:min(len(l.rows), cmp.Or(in.Limit, 50))]
	var notes []string
	if len(out.Reading.Rows) < len(l.rows) {
		notes = append(notes, fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", len(out.Reading.Rows), len(l.rows)))
	}
	if missing := l.money.Rates.Missing(); len(missing) > 0 {
		notes = append(notes, "revenue in "+strings.Join(missing, ", ")+" does not count, because there is no exchange rate")
	}
	out.Reading.Note = strings.Join(notes, "; ")
	return out, nil
}

func max2(a, b practice.Severity) practice.Severity {
	if b.Weight() > a.Weight() {
		return b
	}
	return a
}

// firstRevenue returns the currency of the first product with revenue.
func firstRevenue(v estate.View) string {
	for p := range estate.Each[*model.Product](v) {
		if !p.Revenue.IsZero() {
			return p.Revenue.Currency()
		}
	}
	return ""
}

// reader gathers what there is to read.
type reader struct {
	view        estate.View
	from, until model.Date
	money       *costs.Conversion
	// all says that everything is read. Otherwise circle and about say what is.
	all     bool
	circle  []model.Ref
	about   map[model.Ref]bool
	readers []model.Ref
	rows    []Reading
}

// readsFor says who reads.
func (l *reader) readsFor(who model.Ref) error {
	switch r := l.view.Get(who).(type) {
	case nil:
		if !who.IsZero() {
			return model.Problem{Field: "for", Text: "there is no such person or office"}
		}
	case *model.Office:
		l.readers = append(slices.Clone(r.Deputies), r.Holder)
	case *model.Person:
		l.readers = []model.Ref{who}
		l.circle, l.about = circleOf(l.view, r), map[model.Ref]bool{}
		l.all = len(held[*model.Office](l.view, who, "holder")) > 0
		for _, level := range levelsIn(l.view).byPerson[who] {
			if skill, ok := estate.Look[*model.Skill](l.view, level.Skill); ok {
				for _, ref := range slices.Concat(skill.Technologies, skill.Blips) {
					l.about[ref] = true
				}
			}
		}
	}
	return nil
}

// concerns reports whether something is for whoever reads: by its owner, by who took part, or by the technologies that it is about.
func (l *reader) concerns(rec model.Record, parts, about []model.Ref) bool {
	return l.all || slices.ContainsFunc(append([]model.Ref{rec.Base().Owner}, parts...), func(r model.Ref) bool { return slices.Contains(l.circle, r) }) ||
		slices.ContainsFunc(about, func(r model.Ref) bool { return l.about[r] })
}

// add puts something on the list, with what it touches.
func (l *reader) add(rec model.Record, t ReadingType, by model.Date, link, why string, touches []model.Ref) {
	row := Reading{What: practice.To(rec), Type: t, Why: why, By: by, Link: link, Owner: practice.OwnerOf(l.view, rec)}
	if !by.IsZero() {
		row.DaysLeft = fmt.Sprint(int(by - l.view.At()))
	}
	var revenue costs.Tally
	var business []model.Record
	if trend, ok := rec.(*model.Trend); ok {
		row.Criticality = weightOf(trend.Impact)
	}
	seen := map[model.ID]bool{}
	note := func(r model.Record) {
		if c := practice.CriticalityOf(r); model.Rank(c) > model.Rank(row.Criticality) {
			row.Criticality = c
		}
		switch r.(type) {
		case *model.Product, *model.Capability, *model.Goal:
			if !seen[r.Base().ID] && !practice.Gone(r, l.view.At()) {
				seen[r.Base().ID] = true
				business = append(business, r)
			}
		}
	}
	var starts []model.Ref
	for _, ref := range touches {
		if r := l.view.Get(ref); r != nil {
			note(r)
			starts = append(starts, ref)
		}
	}
	if len(starts) > 0 {
		served := practice.ServedBy(l.view, starts...)
		for _, r := range slices.Concat(served.Products, served.Capabilities, served.Goals) {
			note(r)
		}
	}
	for _, r := range business {
		switch r := r.(type) {
		case *model.Product:
			revenue.Add(l.money, r.Revenue, l.view.At(), practice.To(r))
		case *model.Goal:
			row.Goals++
		}
	}
	row.Revenue = revenue.Money(l.money)
	row.Touches = practice.ToAll(business[:min(len(business), 5)])
	l.rows = append(l.rows, row)
}

// weightOf returns the criticality that an impact is worth.
func weightOf(impact model.Level) model.Criticality {
	switch impact {
	case model.LevelVeryHigh:
		return model.CriticalityCritical
	case model.LevelHigh:
		return model.CriticalityHigh
	case model.LevelMedium:
		return model.CriticalityMedium
	case model.LevelLow, model.LevelVeryLow:
		return model.CriticalityLow
	}
	return ""
}

// due reports whether a review is near or past and was not done since it became due.
func (l *reader) due(by, reviewed model.Date) bool {
	return !by.IsZero() && by <= l.until && reviewed < by
}

func (l *reader) trends() {
	for t := range estate.Each[*model.Trend](l.view) {
		if t.State == "gone" || !l.concerns(t, nil, t.Technologies) {
			continue
		}
		fresh := 0
		for _, s := range t.Signals {
			fresh += toInt(s.Seen > l.from && s.Seen <= l.view.At())
		}
		var why []string
		if l.due(t.ReviewBy, 0) {
			why = append(why, "It is to be looked at again.")
		}
		if fresh > 0 {
			why = append(why, fmt.Sprintf("%s since %s.", practice.Count(fresh, "new signal", "new signals"), l.from))
		}
		if len(why) > 0 {
			l.add(t, "trend", t.ReviewBy, lastLink(t), strings.Join(why, " "), slices.Concat(t.Touches, t.Technologies))
		}
	}
}

// lastLink returns where the newest signal of a trend can be read.
func lastLink(t *model.Trend) string {
	var last model.TrendSignal
	for _, s := range t.Signals {
		if s.Link != "" && s.Seen >= last.Seen {
			last = s
		}
	}
	return last.Link
}

func (l *reader) decisions() {
	for d := range estate.Each[*model.DecisionRecord](l.view) {
		if d.State == model.DecisionAccepted && l.due(d.ReviewBy, d.Reviewed) && l.concerns(d, d.Makers, d.Touches) {
			why := "It is to be revisited."
			open := 0
			for _, e := range d.Effects {
				open += toInt(e.MeasuredOn.IsZero())
			}
			if open > 0 {
				why = fmt.Sprintf("It is to be revisited: %s what it was expected to bring.", practice.Count(open, "effect is not measured against", "effects are not measured against"))
			}
			l.add(d, "decision", d.ReviewBy, "", why, d.Touches)
		}
	}
}

func (l *reader) bets() {
	for b := range estate.Each[*model.TechnologyBet](l.view) {
		if (b.State == "" || b.State == "open") && l.due(b.ReviewBy, b.Reviewed) && l.concerns(b, nil, b.Technologies) {
			l.add(b, "bet", b.ReviewBy, "", "Look whether what would prove it wrong was seen.", slices.Concat(b.Goals, b.Technologies))
		}
	}
}

// blips puts those on the list that moved in the last edition of each radar, where it is new.
func (l *reader) blips() {
	last := map[model.Ref]*model.RadarEdition{}
	for e := range estate.Each[*model.RadarEdition](l.view) {
		if e.Published <= l.view.At() && (last[e.Radar] == nil || e.Published > last[e.Radar].Published) {
			last[e.Radar] = e
		}
	}
	for radar := range estate.Each[*model.Radar](l.view) {
		e := last[radar.Ref()]
		if e == nil || e.Published <= l.from {
			continue
		}
		for _, moved := range e.Blips {
			b, ok := estate.Look[*model.Blip](l.view, moved.Blip)
			if !ok || moved.Moved == "" || moved.Moved == "same" || !l.concerns(b, nil, []model.Ref{b.Technology, b.Ref()}) {
				continue
			}
			how := map[model.BlipMove]string{"new": "is new in", "in": "moved in to", "out": "moved out to"}[moved.Moved]
			l.add(b, "blip", 0, b.Link, fmt.Sprintf("It %s the ring %s of %s on %s.", how, moved.Ring, radar.Title(), e.Published), []model.Ref{b.Technology})
		}
	}
}

func (l *reader) standards() {
	for s := range estate.Each[*model.Standard](l.view) {
		if s.State == "retired" || !l.concerns(s, nil, slices.Concat(s.AppliesTo, s.Technologies)) {
			continue
		}
		var why []string
		for _, e := range s.Editions {
			if e.Effective > l.from && e.Effective <= l.until {
				text := fmt.Sprintf("Edition %s holds from %s.", e.Version, e.Effective)
				if e.Changed != "" {
					text += " " + e.Changed
				}
				why = append(why, text)
			}
		}
		by := model.Date(0)
		if l.due(s.ReviewBy, 0) {
			by = s.ReviewBy
			why = append(why, "It is to be looked at again.")
		}
		if len(why) > 0 {
			l.add(s, "standard", by, s.Link, strings.Join(why, " "), slices.Concat(s.AppliesTo, s.Technologies))
		}
	}
}

func (l *reader) learning() {
	for i := range estate.Each[*model.LearningItem](l.view) {
		if !isOpen(i) || i.Type != "" && i.Type != model.LearningReading {
			continue
		}
		mine := l.all && len(l.readers) == 0
		for _, r := range l.readers {
			mine = mine || slices.Contains(i.For, r) && hasFinished(i, r).IsZero()
		}
		if mine {
			why := "It was put on the list."
			if i.Expected != "" {
				why = "It was put on the list: " + i.Expected
			}
			l.add(i, "learning", i.Until, i.Link, why, l.beyond(i.About))
		}
	}
}

// beyond returns what records are about and what these touch in turn.
func (l *reader) beyond(about []model.Ref) []model.Ref {
	out := slices.Clone(about)
	for _, ref := range about {
		switch r := l.view.Get(ref).(type) {
		case *model.Trend:
			out = append(out, slices.Concat(r.Touches, r.Technologies)...)
		case *model.DecisionRecord:
			out = append(out, r.Touches...)
		case *model.Blip:
			out = append(out, r.Technology)
		case *model.Skill:
			out = append(out, r.Technologies...)
		case *model.Standard:
			out = append(out, slices.Concat(r.AppliesTo, r.Technologies)...)
		case *model.TechnologyBet:
			out = append(out, slices.Concat(r.Goals, r.Technologies)...)
		}
	}
	return out
}
