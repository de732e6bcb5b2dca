package assets

import (
	"fmt"
	"time"

	"binnacle/estate"
	"binnacle/model"
)

// fiscal says when the years of the books begin. Depreciation counts whole months,
// so that years of weeks are taken for the twelve months that they are named after.
type fiscal struct {
	month    time.Month
	afterEnd bool
	text     string
}

// fiscalOf returns the years of a calendar: the one that is given, else that of the whole company, else calendar years.
func fiscalOf(v estate.View, ref model.Ref) (fiscal, error) {
	c, ok := estate.Look[*model.FiscalCalendar](v, ref)
	if !ref.IsZero() && !ok {
		return fiscal{}, model.Problem{Field: "calendar", Text: "there is no such fiscal calendar"}
	}
	for one := range estate.Each[*model.FiscalCalendar](v) {
		if c == nil && len(one.BusinessUnits) == 0 {
			c = one
		}
	}
	if c == nil {
		return fiscal{month: time.January, text: "Calendar years, because there is no fiscal calendar."}, nil
	}
	f := fiscal{month: time.Month(max(1, c.FirstMonth)), afterEnd: c.NamedAfterEnd}
	f.text = fmt.Sprintf("%s: years begin on 1 %s.", c.Title(), f.month)
	if c.Weeks != "" && c.Weeks != "months" {
		f.text += " Its periods are weeks; depreciation counts whole months."
	}
	return f, nil
}

// of returns the number of the year that a day is in.
func (f fiscal) of(day model.Date) int {
	t := day.Time()
	year := t.Year()
	if t.Month() < f.month {
		year--
	}
	return year + f.shift()
}

// shift is 1 where a year is named after the calendar year in which it ends, and that is another one.
func (f fiscal) shift() int {
	if f.afterEnd && f.month != time.January {
		return 1
	}
	return 0
}

// days returns the first and the last day of a year.
func (f fiscal) days(year int) (first, last model.Date) {
	first = model.NewDate(year-f.shift(), f.month, 1)
	return first, first.AddMonths(12).AddDays(-1)
}
