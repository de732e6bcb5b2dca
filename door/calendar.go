package door

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	ics "github.com/arran4/golang-ical"

	"binnacle/access"
	"binnacle/model"
	"binnacle/practice"
)

// DatesQuestion is the question whose dates a calendar shows.
const DatesQuestion = "suppliers.calendar"

// CalendarType is the type of the content of a calendar.
const CalendarType = "text/calendar; charset=utf-8"

// CalendarChoice says which dates a calendar shows.
type CalendarChoice struct {
	// Own limits it to what the person behind the account, or one of the person's teams, answers for.
	Own bool
	// Type limits it to one type of date, such as notice. Empty means all.
	Type string
	// Days is how many days ahead it reaches. 0 means as many as the question does.
	Days int
}

// Calendar writes the dates that nobody must miss as iCalendar (RFC 5545), with
// what the principal may see: each date as a whole day with alarms before it. The name of a date stays the same when it is written again, so that
// a calendar that subscribes shows it once. Dates of the last 30 days are in it, so that what was missed does not vanish overnight.
func (h *House) Calendar(ctx context.Context, p *access.Principal, m Moment, choice CalendarChoice) ([]byte, error) {
	parameters := map[string]any{"back": "30"}
	if choice.Type != "" {
		parameters["type"] = choice.Type
	}
	if choice.Days > 0 {
		parameters["days"] = strconv.Itoa(choice.Days)
	}
	if choice.Own {
		person := p.Person()
		if person == nil {
			return nil, model.Problem{Field: "own", Text: "no person stands behind your account, so that nothing is your own: ask whoever administers accounts to say who you are"}
		}
		parameters["for"] = person.Key
	}
	answer, err := h.Ask(ctx, p, m, DatesQuestion, parameters)
	if err != nil {
		return nil, err
	}
	cal := ics.NewCalendarFor("Binnacle")
	cal.SetProductId("-//Binnacle//Suppliers//EN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetCalscale("GREGORIAN")
	cal.SetName("Contracts and vendors")
	cal.SetXPublishedTTL("PT6H")
	cal.SetRefreshInterval("PT6H")
	stamp := answer.View.Stamp().At.Time()
	for _, part := range answer.Parts() {
		if part.Name == "dates" && part.Grid != nil {
			for _, row := range part.Grid.Rows {
				d := dateOf(part.Grid, row)
				event := cal.AddEvent(d.uid)
				event.SetDtStampTime(stamp)
				d.put(event, h.BaseURL, m)
			}
		}
	}
	var out bytes.Buffer
	if err := cal.SerializeTo(&out, ics.WithNewLine("\r\n")); err != nil {
		return nil, fmt.Errorf("write the calendar: %w", err)
	}
	return out.Bytes(), nil
}

// calendarDate is one row of the answer to the question.
type calendarDate struct {
	on                   model.Date
	kind, title, text    string
	uid                  string
	about, vendor, owner practice.Link
	alarms               []string
}

func dateOf(g *practice.Grid, row []practice.Cell) calendarDate {
	var d calendarDate
	for i, c := range g.Columns {
		switch value := row[i].Value.(type) {
		case model.Date:
			d.on = value
		case practice.Link:
			switch c.Name {
			case "about":
				d.about = value
			case "vendor":
				d.vendor = value
			case "owner":
				d.owner = value
			}
		case []string:
			d.alarms = value
		}
		switch c.Name {
		case "type":
			d.kind = row[i].Text
		case "title":
			d.title = row[i].Text
		case "text":
			d.text = row[i].Text
		case "uid":
			d.uid = row[i].Text
		}
	}
	return d
}

// put writes the date into an event. Addresses are there where the house knows its own.
func (d calendarDate) put(e *ics.VEvent, base string, m Moment) {
	e.SetAllDayStartAt(d.on.Time())
	e.SetAllDayEndAt(d.on.AddDays(1).Time())
	e.SetSummary(d.title)
	lines := []string{d.text}
	if !d.owner.IsZero() {
		lines = append(lines, "Answers for it: "+d.owner.Title())
	}
	if base != "" {
		address := strings.TrimSuffix(base, "/") + "/records/" + url.PathEscape(d.about.Kind) + "/" + url.PathEscape(d.about.Key)
		if q := m.Values().Encode(); q != "" {
			address += "?" + q
		}
		e.SetURL(address)
		lines = append(lines, address)
	}
	e.SetDescription(strings.TrimSpace(strings.Join(lines, "\n")))
	e.AddCategory(d.kind)
	e.SetTimeTransparency(ics.TransparencyTransparent)
	for _, days := range d.alarms {
		a := e.AddAlarm()
		a.SetAction(ics.ActionDisplay)
		a.SetTrigger("-P" + days + "D")
		a.SetDescription(d.title)
	}
}
