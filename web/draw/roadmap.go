package draw

import (
	"cmp"
	"fmt"
	"html/template"
	"strings"

	"binnacle/model"
	"binnacle/practice"
)

// Lane is a group of rows on a roadmap.
type Lane struct {
	// Name stands above its rows.
	Name string
	// Rows are in the order in which they are drawn.
	Rows []LifeRow
}

// LifeRow is one record on a roadmap.
type LifeRow struct {
	// Link is the record.
	Link practice.Link
	// Href is where the row leads.
	Href string
	// Spans are its phases, in order.
	Spans []Span
	// Mark is a severity that the row is marked with, or nothing.
	Mark practice.Severity
}

// Span is one phase on a roadmap.
type Span struct {
	// Phase is the phase.
	Phase model.Phase
	// Words are said in place of the name of the phase, such as late. Unset means its name.
	Words string
	// From is its first day. Unset means that it has always been.
	From model.Date
	// Until is the day on which the next one begins. Unset means that no end is known.
	Until model.Date
}

// Spans returns the phases of a life cycle, in order of their dates.
func Spans(l model.Lifecycle) []Span {
	var out []Span
	for _, s := range []Span{{Phase: model.PhasePlan, From: l.Plan}, {Phase: model.PhasePhaseIn, From: l.PhaseIn}, {Phase: model.PhaseActive, From: l.Active}, {Phase: model.PhasePhaseOut, From: l.PhaseOut}, {Phase: model.PhaseEndOfLife, From: l.EndOfLife}} {
		if s.From.IsZero() {
			continue
		}
		if n := len(out); n > 0 {
			out[n-1].Until = s.From
		}
		out = append(out, s)
	}
	return out
}

// MarkedDay is a day that a line on a roadmap stands for, such as today.
type MarkedDay struct {
	Day   model.Date
	Label string
}

// Phases returns the labels of the phases that a roadmap may show, with their classes, for a legend.
func Phases() []model.Option { return model.PhaseUnknown.Options() }

const (
	roadLeft = 176.0
	roadRow  = 26.0
	roadHead = 34.0
	roadLane = 26.0
)

// Roadmap draws the phases of records as bars over quarters, from a day until another, with some days marked.
func Roadmap(lanes []Lane, from, until model.Date, marks []MarkedDay, title string) template.HTML {
	const w = 960.0
	d := &drawing{}
	h := roadHead
	rows := 0
	for _, l := range lanes {
		h += roadLane + float64(len(l.Rows))*roadRow
		rows += len(l.Rows)
	}
	h += 10
	if rows == 0 || until <= from {
		d.text(w/2, 40, w, 13, atMiddle, "muted", "There is nothing to draw")
		return d.finish(w, 80, "roadmap", title, "Nothing")
	}
	x := func(day model.Date) float64 {
		return roadLeft + float64(day-from)*(w-roadLeft-4)/float64(until-from)
	}
	d.quarters(from, until, x, h)
	y := roadHead
	for _, l := range lanes {
		d.rect(0, y+2, w, roadLane-4, 4, "lane")
		d.text(8, y+17, w-16, 12, atStart, "strong", l.Name)
		y += roadLane
		for _, r := range l.Rows {
			d.life(r, from, until, x, y)
			y += roadRow
		}
	}
	for i, m := range marks {
		if m.Day < from || m.Day > until {
			continue
		}
		d.line(x(m.Day), roadHead-6, x(m.Day), h-4, fmt.Sprintf("day day-%d", i+1))
		d.dayLabel(m, x(m.Day), w, i)
	}
	return d.finish(w, h, "roadmap", title, fmt.Sprintf("%s from %s to %s", practice.Count(rows, "record", "records"), from, until))
}

// dayLabel writes the name of a marked day beside its line, on the side where there is room.
func (d *drawing) dayLabel(m MarkedDay, x, w float64, i int) {
	text := m.Label + " " + m.Day.String()
	wide := Width(text, 10.5) + 8
	left := min(max(0, x-wide/2), w-wide)
	d.rect(left, 0, wide, 14, 3, fmt.Sprintf("flag flag-%d", i+1))
	d.text(left+wide/2, 10.5, wide, 10.5, atMiddle, "flag-text", text)
}

func (d *drawing) quarters(from, until model.Date, x func(model.Date) float64, h float64) {
	day := from.AddMonths(-((int(from.Time().Month()) - 1) % 3)).AddDays(1 - from.Time().Day())
	per := x(from.AddDays(91)) - x(from)
	for ; day <= until; day = day.AddMonths(3) {
		year := day.Time().Month() == 1
		if day >= from {
			class := "grid"
			if year {
				class = "grid year"
			}
			d.line(x(day), roadHead-4, x(day), h-4, class)
		}
		end := min(day.AddMonths(3), until)
		begin := max(day, from)
		name := day.Quarter()
		if per < 52 {
			_, name, _ = strings.Cut(name, " ")
			if year {
				name = fmt.Sprint(day.Time().Year())
			}
		}
		if room := x(end) - x(begin); per < 22 && year {
			d.text(x(begin)+3, roadHead-8, 40, 10.5, atStart, "muted", name)
		} else if per >= 22 {
			d.text((x(begin)+x(end))/2, roadHead-8, room-2, 10.5, atMiddle, "muted", name)
		}
	}
}

func (d *drawing) life(r LifeRow, from, until model.Date, x func(model.Date) float64, y float64) {
	var told []string
	for _, s := range r.Spans {
		t := cmp.Or(s.Words, phaseLabel(s.Phase))
		if !s.From.IsZero() {
			t += " from " + s.From.String()
		}
		told = append(told, t)
	}
	label := r.Link.Title() + ": " + strings.Join(told, ", ")
	if r.Mark != "" {
		label += " (" + string(r.Mark) + ")"
	}
	d.open(r.Href, label)
	d.rect(0, y, roadLeft-8, roadRow, 4, "hit")
	d.text(16, y+17, roadLeft-28, 12, atStart, "name", r.Link.Title())
	for _, s := range r.Spans {
		begin, end := max(s.From, from), s.Until
		if end.IsZero() || end > until {
			end = until
		}
		if s.From.IsZero() {
			begin = from
		}
		if end <= begin {
			continue
		}
		if s.Phase == model.PhaseEndOfLife {
			d.rect(x(begin), y+roadRow/2-2, x(end)-x(begin), 4, 2, "phase phase-end_of_life")
			continue
		}
		d.rect(x(begin), y+4, x(end)-x(begin)-1, roadRow-8, 3, "phase phase-"+string(s.Phase))
		if room := x(end) - x(begin) - 10; room > 40 {
			d.text(x(begin)+6, y+17, room, 10.5, atStart, "phase-text", cmp.Or(s.Words, phaseLabel(s.Phase)))
		}
	}
	if r.Mark.Weight() > practice.Info.Weight() {
		d.WriteString(`<circle cx="8" cy="` + num(y+roadRow/2) + `" r="4" class="dot-` + esc(string(r.Mark)) + `"/>`)
	}
	d.shut(r.Href)
}

func phaseLabel(p model.Phase) string {
	for _, o := range p.Options() {
		if o.Value == string(p) {
			return o.Label
		}
	}
	return "In use"
}
