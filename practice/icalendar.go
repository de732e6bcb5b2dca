package practice

import (
	"bytes"
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"

	"binnacle/model"
)

// CalendarType is the media type of a calendar.
const CalendarType = "text/calendar; charset=utf-8"

// CalendarDay is a day that nobody must miss, as calendar programs show it.
type CalendarDay struct {
	// UID names the day for ever, also when it is moved, so that a calendar that subscribes shows it once.
	UID string
	// On is the day.
	On model.Date
	// Title says in a few words what happens.
	Title string
	// Text says more, in several lines where needed.
	Text string
	// Category groups days, such as notice.
	Category string
	// URL is the address of the record that it is about, where it is known.
	URL string
	// Alarms are how many days before a calendar should ring, as whole numbers.
	Alarms []string
}

// ICalendar writes days as iCalendar (RFC 5545): each as a whole day that does
// not block time, with alarms before it. The name stands above the calendar, the product is what its product identifier says, and the
// stamp is the moment that the days are known from.
func ICalendar(name, product string, stamp time.Time, days []CalendarDay) ([]byte, error) {
	cal := ics.NewCalendarFor("Binnacle")
	cal.SetProductId("-//Binnacle//" + product + "//EN")
	cal.SetMethod(ics.MethodPublish)
	cal.SetCalscale("GREGORIAN")
	cal.SetName(name)
	cal.SetXPublishedTTL("PT6H")
	cal.SetRefreshInterval("PT6H")
	for _, d := range days {
		e := cal.AddEvent(d.UID)
		e.SetDtStampTime(stamp)
		e.SetAllDayStartAt(d.On.Time())
		e.SetAllDayEndAt(d.On.AddDays(1).Time())
		e.SetSummary(d.Title)
		if d.URL != "" {
			e.SetURL(d.URL)
		}
		e.SetDescription(d.Text)
		e.AddCategory(d.Category)
		e.SetTimeTransparency(ics.TransparencyTransparent)
		for _, before := range d.Alarms {
			a := e.AddAlarm()
			a.SetAction(ics.ActionDisplay)
			a.SetTrigger("-P" + before + "D")
			a.SetDescription(d.Title)
		}
	}
	var out bytes.Buffer
	if err := cal.SerializeTo(&out, ics.WithNewLine("\r\n")); err != nil {
		return nil, fmt.Errorf("write the calendar: %w", err)
	}
	return out.Bytes(), nil
}
