package fiscal_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice/finance/fiscal"
)

func calendar(t rapid.TB, record *model.FiscalCalendar) fiscal.Calendar {
	t.Helper()
	c, err := fiscal.New(record)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The calendars that companies have, worked by hand.
var (
	april    = &model.FiscalCalendar{FirstMonth: 4, NamedAfterEnd: true}
	aprilGB  = &model.FiscalCalendar{FirstMonth: 4}
	october  = &model.FiscalCalendar{FirstMonth: 10, NamedAfterEnd: true}
	january  = &model.FiscalCalendar{FirstMonth: 1, NamedAfterEnd: true}
	march    = &model.FiscalCalendar{FirstMonth: 3}
	retail   = &model.FiscalCalendar{FirstMonth: 2, Weeks: "454", WeekYearStart: model.MustDate("2024-02-04")}
	lastSat  = &model.FiscalCalendar{FirstMonth: 10, NamedAfterEnd: true, Weeks: "445", WeekYearStart: model.MustDate("2022-09-25")}
	isoWeeks = &model.FiscalCalendar{FirstMonth: 1, Weeks: "544", WeekYearStart: model.MustDate("2024-01-01")}
)

func TestPeriodOfADay(t *testing.T) {
	for _, c := range []struct {
		name     string
		calendar *model.FiscalCalendar
		day      string
		period   string
		first    string
		last     string
	}{
		{"no calendar: the calendar year", nil, "2026-03-15", "FY2026 P03", "2026-03-01", "2026-03-31"},
		{"no calendar: the last day", nil, "2026-12-31", "FY2026 P12", "2026-12-01", "2026-12-31"},
		{"January named after its end", january, "2026-01-01", "FY2026 P01", "2026-01-01", "2026-01-31"},
		{"April, named after the end", april, "2026-04-01", "FY2027 P01", "2026-04-01", "2026-04-30"},
		{"April, the day before", april, "2026-03-31", "FY2026 P12", "2026-03-01", "2026-03-31"},
		{"April, named after the start", aprilGB, "2026-04-01", "FY2026 P01", "2026-04-01", "2026-04-30"},
		{"April, named after the start, in January", aprilGB, "2027-01-10", "FY2026 P10", "2027-01-01", "2027-01-31"},
		{"October in a leap year", october, "2024-02-29", "FY2024 P05", "2024-02-01", "2024-02-29"},
		{"October, not a leap year", october, "2025-02-28", "FY2025 P05", "2025-02-01", "2025-02-28"},
		{"March: the leap day ends the year", march, "2024-02-29", "FY2023 P12", "2024-02-01", "2024-02-29"},
		{"March: the first day", march, "2024-03-01", "FY2024 P01", "2024-03-01", "2024-03-31"},
		{"a century that is no leap year", march, "2100-02-28", "FY2099 P12", "2100-02-01", "2100-02-28"},

		// Retail years begin on the Sunday nearest to 1 February. 2023 has 53 weeks: 29 January 2023 to 3 February 2024.
		{"4-5-4: the first day of 2023", retail, "2023-01-29", "FY2023 P01", "2023-01-29", "2023-02-25"},
		{"4-5-4: five weeks", retail, "2023-02-26", "FY2023 P02", "2023-02-26", "2023-04-01"},
		{"4-5-4: the day before 2023", retail, "2023-01-28", "FY2022 P12", "2023-01-01", "2023-01-28"},
		{"4-5-4: the 53rd week is in the last period", retail, "2024-02-03", "FY2023 P12", "2023-12-31", "2024-02-03"},
		{"4-5-4: 2024", retail, "2024-02-04", "FY2024 P01", "2024-02-04", "2024-03-02"},
		{"4-5-4: the end of 2024", retail, "2025-02-01", "FY2024 P12", "2025-01-05", "2025-02-01"},
		{"4-5-4: 2025", retail, "2025-02-02", "FY2025 P01", "2025-02-02", "2025-03-01"},

		// Years that end on the last Saturday of September. 2023 has 53 weeks: 25 September 2022 to 30 September 2023.
		{"4-4-5: the first day of 2023", lastSat, "2022-09-25", "FY2023 P01", "2022-09-25", "2022-10-22"},
		{"4-4-5: five weeks end the first quarter", lastSat, "2022-12-24", "FY2023 P03", "2022-11-20", "2022-12-24"},
		{"4-4-5: the second quarter", lastSat, "2022-12-31", "FY2023 P04", "2022-12-25", "2023-01-21"},
		{"4-4-5: six weeks at the end", lastSat, "2023-09-30", "FY2023 P12", "2023-08-20", "2023-09-30"},
		{"4-4-5: 2024", lastSat, "2023-10-01", "FY2024 P01", "2023-10-01", "2023-10-28"},
		{"4-4-5: 2025", lastSat, "2024-09-29", "FY2025 P01", "2024-09-29", "2024-10-26"},

		// Weeks that begin on Monday, nearest to 1 January, as ISO 8601 counts them: 2020 has 53 weeks.
		{"5-4-4: before the new year", isoWeeks, "2024-12-30", "FY2025 P01", "2024-12-30", "2025-02-02"},
		{"5-4-4: after the new year", isoWeeks, "2021-01-03", "FY2020 P12", "2020-11-30", "2021-01-03"},
		{"5-4-4: 2021", isoWeeks, "2021-01-04", "FY2021 P01", "2021-01-04", "2021-02-07"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := calendar(t, c.calendar).On(model.MustDate(c.day))
			if p.String() != c.period || p.First.String() != c.first || p.Last.String() != c.last {
				t.Errorf("%s is in %s, %s to %s; want %s, %s to %s", c.day, p, p.First, p.Last, c.period, c.first, c.last)
			}
		})
	}
}

// Which years have 53 weeks: retail 2006, 2012, 2017, 2023; last Saturday of September 2006, 2012, 2017, 2023; ISO 8601: 2004, 2009, 2015, 2020, 2026.
func TestYearsWith53Weeks(t *testing.T) {
	for _, c := range []struct {
		calendar *model.FiscalCalendar
		want     []int
	}{
		{retail, []int{2006, 2012, 2017, 2023}},
		{lastSat, []int{2006, 2012, 2017, 2023}},
		{isoWeeks, []int{2004, 2009, 2015, 2020, 2026}},
		{april, nil},
	} {
		cal := calendar(t, c.calendar)
		got := []int{}
		for year := 2003; year <= 2026; year++ {
			if cal.Weeks(year) == 53 {
				got = append(got, year)
			}
		}
		if len(got) != len(c.want) {
			t.Errorf("%v, want %v", got, c.want)
			continue
		}
		for i := range got {
			if got[i] != c.want[i] {
				t.Errorf("%v, want %v", got, c.want)
			}
		}
	}
}

func TestBadCalendars(t *testing.T) {
	for _, c := range []struct {
		record model.FiscalCalendar
		want   string
	}{
		{model.FiscalCalendar{FirstMonth: 13}, "the first month is 13"},
		{model.FiscalCalendar{Weeks: "446"}, `"446" is not a way`},
		{model.FiscalCalendar{Weeks: "445"}, "set WeekYearStart"},
		{model.FiscalCalendar{FirstMonth: 2, Weeks: "445", WeekYearStart: model.MustDate("2024-02-10")}, "9 days from 2024-02-01"},
	} {
		if _, err := fiscal.New(&c.record); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}

func TestCalendarOfAUnit(t *testing.T) {
	unit, other := model.Ref{1}, model.Ref{2}
	whole := &model.FiscalCalendar{FirstMonth: 4}
	whole.Key = "b"
	second := &model.FiscalCalendar{FirstMonth: 5}
	second.Key = "c"
	own := &model.FiscalCalendar{FirstMonth: 10, BusinessUnits: []model.Ref{unit}}
	own.Key = "a"
	all := []*model.FiscalCalendar{second, whole, own}
	for _, c := range []struct {
		of      model.Ref
		records []*model.FiscalCalendar
		month   time.Month
	}{{unit, all, 10}, {other, all, 4}, {model.Ref{}, all, 4}, {unit, nil, 1}, {other, []*model.FiscalCalendar{own}, 1}} {
		cal, _, err := fiscal.For(c.records, c.of)
		if err != nil {
			t.Fatal(err)
		}
		if first, _ := cal.Year(2026); first.Time().Month() != c.month {
			t.Errorf("the year of %v begins on %s, want month %d", c.of, first, c.month)
		}
	}
}

// Every day is in exactly one period, and periods follow each other without a gap.
func TestPeriodsCoverEveryDay(t *testing.T) {
	all := []*model.FiscalCalendar{nil, april, aprilGB, october, january, march, retail, lastSat, isoWeeks}
	rapid.Check(t, func(t *rapid.T) {
		c := calendar(t, rapid.SampledFrom(all).Draw(t, "calendar"))
		day := model.NewDate(1990, 1, 1).AddDays(rapid.IntRange(0, 80_000).Draw(t, "day"))
		p := c.On(day)
		if day < p.First || day > p.Last {
			t.Fatalf("%s is not in %s, %s to %s", day, p, p.First, p.Last)
		}
		if first, last := c.Year(p.Year); day < first || day > last {
			t.Fatalf("%s is not in the year %d, %s to %s", day, p.Year, first, last)
		}
		if same, err := c.Period(p.Year, p.Number); err != nil || same != p {
			t.Fatalf("%v is %v %v", p, same, err)
		}
		next := c.Next(p, 1)
		if next.First != p.Last+1 || c.On(next.First) != next || c.Next(next, -1) != p {
			t.Fatalf("%v is followed by %v", p, next)
		}
		if d := p.Days(); d < 28 || d > 42 {
			t.Fatalf("%v has %d days", p, d)
		}
		if q := p.Quarter(); q < 1 || q > 4 || c.Next(p, 12).Number != p.Number || c.Next(p, -12).Year != p.Year-1 {
			t.Fatalf("%v is in quarter %d", p, q)
		}
	})
}
