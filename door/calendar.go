package door

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"binnacle/access"
	"binnacle/model"
	"binnacle/practice"
)

// DatesQuestion is the question whose dates a calendar shows.
const DatesQuestion = "suppliers.calendar"

// CalendarType is the type of the content of a calendar.
const CalendarType = practice.CalendarType

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
	var days []practice.CalendarDay
	for _, part := range answer.Parts() {
		if part.Name == "dates" && part.Grid != nil {
			for _, row := range part.Grid.Rows {
				days = append(days, dateOf(part.Grid, row).day(h.BaseURL, m))
			}
		}
	}
	return practice.ICalendar("Contracts and vendors", "Suppliers", answer.View.Stamp().At.Time(), days)
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

// day returns the date for a calendar. The address is there where the house knows its own.
func (d calendarDate) day(base string, m Moment) practice.CalendarDay {
	out := practice.CalendarDay{UID: d.uid, On: d.on, Title: d.title, Category: d.kind, Alarms: d.alarms}
	lines := []string{d.text}
	if !d.owner.IsZero() {
		lines = append(lines, "Answers for it: "+d.owner.Title())
	}
	if base != "" {
		out.URL = strings.TrimSuffix(base, "/") + "/records/" + url.PathEscape(d.about.Kind) + "/" + url.PathEscape(d.about.Key)
		if q := m.Values().Encode(); q != "" {
			out.URL += "?" + q
		}
		lines = append(lines, out.URL)
	}
	out.Text = strings.TrimSpace(strings.Join(lines, "\n"))
	return out
}
