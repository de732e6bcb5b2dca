package offices

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// week is how many days a week somebody has unless the office says otherwise.
const week = 5.0

// LoadOut is how much the offices and the persons carry.
type LoadOut struct {
	// Days is how many days a week all responsibilities take together.
	Days practice.Figure
	// Overloaded is how many offices and persons carry more than they have days for.
	Overloaded practice.Figure
	// Findings name who carries too much.
	Findings []practice.Finding
	// Table lists each office, and each person that holds an office or answers for something, the fullest first.
	Table practice.Table[Carrier]
}

// Carrier is an office or a person with what it carries.
type Carrier struct {
	// Who is the office or the person.
	Who practice.Link
	// Kind says whether it is an office or a person.
	Kind string
	// Holder is the person that holds the office.
	Holder practice.Link
	// Responsibilities is how many it answers for.
	Responsibilities int
	// Days is how many days a week these take. What several answer for is shared evenly.
	Days float64 `label:"Days a week"`
	// Capacity is how many days a week there are.
	Capacity float64
	// Use is how much of the capacity that is.
	Use model.Percent `label:"Use %"`
	// From are the responsibilities.
	From []practice.Link
}

// Load adds up how many days a week the responsibilities take from each office
// and from each person, and compares that with the days that there are. What
// several are accountable for is shared evenly. A person carries what the
// offices carry that the person holds, and what the person is accountable for as
// a person; a person has five days. An office has the days that its record says, deputies included, or five.
func Load(v estate.View, _ struct{}) (LoadOut, error) {
	var out LoadOut
	rows := carriers(v)
	var over []practice.Link
	total := 0.0
	for _, l := range linesOf(v) {
		total += l.effort
	}
	for _, c := range rows {
		out.Table.Rows = append(out.Table.Rows, *c)
		if c.Days <= c.Capacity {
			continue
		}
		over = append(over, c.Who)
		severity := practice.Medium
		if c.Days > 1.5*c.Capacity {
			severity = practice.High
		}
		out.Findings = append(out.Findings, practice.Finding{Severity: severity, About: c.Who, Owner: c.Holder, From: c.From,
			Text: fmt.Sprintf("%s carries %g days a week and has %g.", c.Who.Title(), c.Days, c.Capacity)})
	}
	practice.WorstFirst(out.Findings)
	out.Days = practice.Figure{Value: round(total), Unit: "days a week"}
	out.Overloaded = practice.Counted("offices and persons", practice.Lower, over)
	if !adopted(v) {
		out.Days.Note = "of the charter as it is delivered"
		out.Overloaded.Unknown, out.Overloaded.Note = true, "no charter is adopted yet"
		out.Findings = nil
	}
	return out, nil
}

// carriers returns the offices and persons that answer for something, the fullest first.
func carriers(v estate.View) []*Carrier {
	found := map[model.Ref]*Carrier{}
	var rows []*Carrier
	carrier := func(rec model.Record) *Carrier {
		c := found[rec.Base().Ref()]
		if c == nil {
			c = &Carrier{Who: practice.To(rec), Kind: model.NameOf(rec), Capacity: week}
			if o, ok := rec.(*model.Office); ok {
				c.Capacity, c.Holder = cmp.Or(o.Capacity, week), practice.To(v.Get(o.Holder))
			}
			found[rec.Base().Ref()] = c
			rows = append(rows, c)
		}
		return c
	}
	for o := range estate.Each[*model.Office](v) {
		carrier(o)
	}
	for _, l := range linesOf(v) {
		for _, rec := range l.refs {
			loaded := []*Carrier{carrier(rec)}
			if o, ok := rec.(*model.Office); ok {
				if holder := v.Get(o.Holder); holder != nil {
					loaded = append(loaded, carrier(holder))
				}
			}
			for _, c := range loaded {
				c.Days += l.effort / float64(len(l.refs))
				if !slices.Contains(c.From, l.link) {
					c.From = append(c.From, l.link)
				}
			}
		}
	}
	for _, c := range rows {
		c.Responsibilities, c.Days = len(c.From), round(c.Days)
		c.From = slices.DeleteFunc(c.From, practice.Link.IsZero)
		c.Use = model.Percent(math.Round(100 * c.Days / c.Capacity))
	}
	slices.SortStableFunc(rows, func(a, b *Carrier) int {
		return cmp.Or(cmp.Compare(b.Use, a.Use), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Who.Key, b.Who.Key))
	})
	return rows
}

// round rounds days to two places.
func round(days float64) float64 { return math.Round(days*100) / 100 }
