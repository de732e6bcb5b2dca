package api

import (
	"errors"
	"net/http"

	"binnacle/door"
	"binnacle/model"
)

// calendarParameters say which dates a calendar shows.
var calendarParameters = []parameter{
	{name: "own", kind: "boolean", help: "Only what you or your teams answer for."},
	{name: "type", kind: "string", help: "Only one type of date: notice, term_end, obligation, certificate or assessment."},
	{name: "days", kind: "integer", help: "How many days ahead the calendar reaches. Without it, 400."},
	{name: "token", kind: "string", help: "A token with the scope read, for calendars that can show none in a header."},
}

// calendar answers with the dates that nobody must miss as iCalendar.
func (c *call) calendar() error {
	var choice door.CalendarChoice
	var err error
	if choice.Own, err = c.yes("own"); err != nil {
		return err
	}
	if choice.Days, err = c.number("days", 0, 1, 3660); err != nil {
		return err
	}
	choice.Type = c.query.Get("type")
	raw, err := c.house.Calendar(c.r.Context(), c.who, c.moment, choice)
	if err != nil {
		if p := (model.Problem{}); errors.As(err, &p) {
			return badParameter(p.Field, p.Text)
		}
		return err
	}
	c.w.Header().Set("Content-Disposition", `inline; filename="binnacle.ics"`)
	return c.bytes(http.StatusOK, door.CalendarType, raw)
}
