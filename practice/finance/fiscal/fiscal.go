// Package fiscal knows the calendar of the books: fiscal years and their periods.
package fiscal

import (
	"fmt"
	"slices"
	"time"

	"binnacle/model"
)

// Calendar says when fiscal years and their twelve periods begin and end. The zero Calendar is the calendar year with its months.
type Calendar struct {
	// first is the month in which the year begins, 0 for January.
	first time.Month
	// ahead is by how much the number of a year is above the calendar year in which it begins.
	ahead int
	// weeks are the weeks of each period. It is nil where periods are calendar months.
	weeks []int
	// weekday is the day of the week on which years of weeks begin.
	weekday time.Weekday
	// earliest is by how many days a year of weeks may begin before the first day of its month.
	earliest int
}

// Period is one of the twelve periods of a fiscal year.
type Period struct {
	// Year is the number of the fiscal year.
	Year int
	// Number counts the periods of the year from 1 to 12.
	Number int
	// First is the first day.
	First model.Date
	// Last is the last day.
	Last model.Date
}

// Quarter returns the quarter of the year that the period is in, from 1 to 4.
func (p Period) Quarter() int { return (p.Number + 2) / 3 }

// Days returns how many days the period has.
func (p Period) Days() int { return int(p.Last-p.First) + 1 }

// String writes the period as FY2027 P03.
func (p Period) String() string { return fmt.Sprintf("FY%d P%02d", p.Year, p.Number) }

// New makes a calendar of its record. No record means the calendar year.
//
// A year of weeks has 52 weeks, or 53 where it must so that it stays with its month; the 53rd belongs to the last
// period. Years begin on the day of the week of WeekYearStart. Where that day is four to six days before the first of FirstMonth, every year begins
// on or before the first, which is the rule of years that end with the last such weekday of a month. Otherwise
// it begins on the day of the week that is nearest to the first. Without FirstMonth, the month that WeekYearStart is nearest to counts.
func New(record *model.FiscalCalendar) (Calendar, error) {
	if record == nil {
		return Calendar{}, nil
	}
	if record.FirstMonth < 0 || record.FirstMonth > 12 {
		return Calendar{}, fmt.Errorf("fiscal calendar %s: the first month is %d: it must be from 1 to 12", record.Key, record.FirstMonth)
	}
	c := Calendar{first: time.Month(max(record.FirstMonth, 1))}
	split, ok := splits[record.Weeks]
	if !ok {
		return Calendar{}, fmt.Errorf("fiscal calendar %s: %q is not a way to split a quarter: use months, 445, 454 or 544", record.Key, string(record.Weeks))
	}
	if split != nil {
		start := record.WeekYearStart
		if start.IsZero() {
			return Calendar{}, fmt.Errorf("fiscal calendar %s: periods are counted in weeks, so set WeekYearStart to the first day of any one year", record.Key)
		}
		c.weeks = slices.Concat(split, split, split, split)
		c.weekday = start.Time().Weekday()
		if record.FirstMonth == 0 {
			c.first = start.AddDays(15).Time().Month()
		}
		anchor := c.nearest(start)
		off := int(start - anchor)
		if off < -6 || off > 3 {
			return Calendar{}, fmt.Errorf("fiscal calendar %s: WeekYearStart is %s, which is %d days from %s: it must be at most six days before or three days after the first of the first month", record.Key, start, max(off, -off), anchor)
		}
		c.earliest = 3
		if off < -3 {
			c.earliest = 6
		}
	}
	if record.NamedAfterEnd && c.first != time.January {
		c.ahead = 1
	}
	return c, nil
}

var splits = map[model.FiscalWeeks][]int{"": nil, "months": nil, "445": {4, 4, 5}, "454": {4, 5, 4}, "544": {5, 4, 4}}

// nearest returns the first day of the first month that is nearest to a day.
func (c Calendar) nearest(day model.Date) model.Date {
	year := day.Time().Year()
	best := model.NewDate(year, c.first, 1)
	for _, y := range []int{year - 1, year + 1} {
		other := model.NewDate(y, c.first, 1)
		if max(other-day, day-other) < max(best-day, day-best) {
			best = other
		}
	}
	return best
}

// For returns the calendar of a business unit: the one that names it, otherwise the one that names none, otherwise the calendar
// year. It also returns the record, or nil. Among several, the one whose key comes first counts.
func For(records []*model.FiscalCalendar, unit model.Ref) (Calendar, *model.FiscalCalendar, error) {
	var named, whole *model.FiscalCalendar
	for _, r := range records {
		switch {
		case !unit.IsZero() && slices.Contains(r.BusinessUnits, unit):
			if named == nil || r.Key < named.Key {
				named = r
			}
		case len(r.BusinessUnits) == 0:
			if whole == nil || r.Key < whole.Key {
				whole = r
			}
		}
	}
	if named == nil {
		named = whole
	}
	c, err := New(named)
	return c, named, err
}

// Year returns the first and the last day of a fiscal year.
func (c Calendar) Year(year int) (first, last model.Date) {
	return c.begin(year), c.begin(year+1) - 1
}

// begin returns the first day of a fiscal year.
func (c Calendar) begin(year int) model.Date {
	day := model.NewDate(year-c.ahead, max(c.first, time.January), 1)
	if c.weeks == nil {
		return day
	}
	day = day.AddDays(-c.earliest)
	return day.AddDays((int(c.weekday) - int(day.Time().Weekday()) + 7) % 7)
}

// Weeks returns how many weeks a fiscal year has, and 0 where periods are calendar months.
func (c Calendar) Weeks(year int) int {
	if c.weeks == nil {
		return 0
	}
	return int(c.begin(year+1)-c.begin(year)) / 7
}

// Periods returns the twelve periods of a fiscal year.
func (c Calendar) Periods(year int) []Period {
	out := make([]Period, 12)
	first := c.begin(year)
	for i := range out {
		next := first.AddMonths(1)
		if c.weeks != nil {
			next = first.AddDays(7 * c.weeks[i])
		}
		if i == 11 {
			next = c.begin(year + 1)
		}
		out[i] = Period{Year: year, Number: i + 1, First: first, Last: next - 1}
		first = next
	}
	return out
}

// Period returns one period of a fiscal year.
func (c Calendar) Period(year, number int) (Period, error) {
	if number < 1 || number > 12 {
		return Period{}, fmt.Errorf("there is no period %d: a fiscal year has the periods 1 to 12", number)
	}
	return c.Periods(year)[number-1], nil
}

// On returns the period that a day is in.
func (c Calendar) On(day model.Date) Period {
	year := day.Time().Year() + c.ahead - 1
	for day >= c.begin(year+1) {
		year++
	}
	periods := c.Periods(year)
	i := slices.IndexFunc(periods, func(p Period) bool { return day <= p.Last })
	return periods[max(i, 0)]
}

// Next returns the period so many periods later, or earlier where the number is negative.
func (c Calendar) Next(p Period, periods int) Period {
	at := p.Year*12 + p.Number - 1 + periods
	year := at / 12
	if at%12 < 0 {
		year--
	}
	return c.Periods(year)[at-12*year]
}
