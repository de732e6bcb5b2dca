// Package clock shows how much time there is for something that is due: an answer to a person, a notice to an authority, a decision. What it
// says stands in words and in the form of its sign, and never in the colour alone.
package clock

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"binnacle/model"
)

// Styles are the style sheets that a page with clocks needs.
var Styles = []string{"clock.css"}

// State says how a clock stands.
type State string

// The states of a clock.
const (
	// Left means that there is time.
	Left State = "left"
	// Soon means that there is little time.
	Soon State = "soon"
	// Late means that the time is over and nothing was done.
	Late State = "late"
	// InTime means that it was done in time.
	InTime State = "in_time"
	// TooLate means that it was done, and too late.
	TooLate State = "too_late"
	// Waits means that the clock does not run yet.
	Waits State = "waits"
	// None means that there is no time limit.
	None State = "none"
)

// Clock is the time for one thing.
type Clock struct {
	// Starts is when the time began. It may be unset.
	Starts model.Time
	// Due is when it ends. Unset means that nothing is due.
	Due model.Time
	// Done is when the thing was done. Unset means that it is not.
	Done model.Time
	// Now is the moment of looking.
	Now model.Time
	// Days says that whole days count: the day on which it ends still belongs to it.
	Days bool
	// Waits says why the clock does not run, or nothing.
	Waits string
}

// OfDays returns a clock that counts whole days. Any day but today may be unset.
func OfDays(starts, due, done, today model.Date) Clock {
	at := func(d model.Date) model.Time {
		if d.IsZero() {
			return 0
		}
		return model.TimeOf(d.Time())
	}
	return Clock{Starts: at(starts), Due: at(due), Done: at(done), Now: at(today), Days: true}
}

// The time below which little is left where the beginning is not known.
const (
	fewDays  = 7 * 24 * time.Hour
	fewHours = 24 * time.Hour
)

// State returns how the clock stands. Little time is less than a quarter of all, and never more than a week where days count and a day where hours do.
func (c Clock) State() State {
	switch {
	case c.Waits != "" && c.Done.IsZero():
		return Waits
	case c.Due.IsZero():
		return None
	case !c.Done.IsZero() && c.Done <= c.Due:
		return InTime
	case !c.Done.IsZero():
		return TooLate
	case c.Now > c.Due:
		return Late
	}
	few := fewHours
	if c.Days {
		few = fewDays
	}
	if !c.Starts.IsZero() {
		few = min(few, c.Due.Time().Sub(c.Starts.Time())/4)
	}
	if c.Due.Time().Sub(c.Now.Time()) <= few {
		return Soon
	}
	return Left
}

// Words says in words how the clock stands, such as "3 days left" or "5 hours late".
func (c Clock) Words() string {
	switch c.State() {
	case Waits:
		return "stands still: " + c.Waits
	case None:
		return "no time limit"
	case InTime:
		return "done in time"
	case TooLate:
		return "done " + c.between(c.Due, c.Done) + " late"
	case Late:
		return c.between(c.Due, c.Now) + " late"
	}
	if c.Days && c.Due.Date() == c.Now.Date() {
		return "due today"
	}
	return c.between(c.Now, c.Due) + " left"
}

// between writes how long it is from one moment to a later one, in the largest unit of which there are two, or in hours, minutes or days.
func (c Clock) between(from, to model.Time) string {
	d := to.Time().Sub(from.Time())
	switch {
	case c.Days || d >= 48*time.Hour:
		return some(int(d/(24*time.Hour)), "day")
	case d >= 2*time.Hour:
		return some(int(d/time.Hour), "hour")
	}
	return some(int(d/time.Minute), "minute")
}

func some(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Gone returns the share of the time that is over, from 0 to 100. It is 0 where the beginning is not known.
func (c Clock) Gone() int {
	if c.Starts.IsZero() || c.Due.IsZero() || c.Due <= c.Starts {
		return 0
	}
	return int(min(max(100*int64(c.Now-c.Starts)/int64(c.Due-c.Starts), 0), 100))
}

// HTML shows the clock in a line: a sign, how it stands, and when it ends.
func (c Clock) HTML() template.HTML {
	state := c.State()
	var out strings.Builder
	fmt.Fprintf(&out, `<span class="clock %s">%s<strong>%s</strong>`, state, c.sign(state), template.HTMLEscapeString(c.Words()))
	if !c.Due.IsZero() {
		form, machine := "2 Jan 2006 15:04 UTC", time.RFC3339
		if c.Days {
			form, machine = "2 Jan 2006", time.DateOnly
		}
		t := c.Due.Time().UTC()
		fmt.Fprintf(&out, ` <span class="clock-due">due <time datetime="%s">%s</time></span>`, t.Format(machine), t.Format(form))
	}
	out.WriteString("</span>")
	return template.HTML(out.String())
}

// sign draws the sign of a state: a ring that empties, a triangle for what is late, a hook for what is done, two bars for what waits.
func (c Clock) sign(state State) string {
	body := ""
	switch state {
	case Late:
		body = `<path class="clock-fill" d="M8 1.6 15.200 14.400H.8z"/><path class="clock-cut" d="M8 6v4M8 12v.3"/>`
	case InTime, TooLate:
		body = `<circle class="clock-ring" cx="8" cy="8" r="6.200"/><path class="clock-line" d="m5 8.200 2.100 2.100L11 6"/>`
	case Waits:
		body = `<circle class="clock-ring" cx="8" cy="8" r="6.200"/><path class="clock-line" d="M6.300 5.500v5M9.700 5.500v5"/>`
	case None:
		body = `<path class="clock-line" d="M3 8h10"/>`
	default:
		body = fmt.Sprintf(`<circle class="clock-ring" cx="8" cy="8" r="6.200"/><circle class="clock-time" cx="8" cy="8" r="6.200" pathLength="100" stroke-dasharray="%d 100" transform="rotate(-90 8 8)"/><path class="clock-line" d="M8 4.800V8l2 1.300"/>`, 100-c.Gone())
	}
	return `<svg viewBox="0 0 16 16" aria-hidden="true">` + body + `</svg>`
}
