package privacy_test

import (
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/privacy"
)

func day(text string) model.Date {
	if text == "" {
		return 0
	}
	return model.MustDate(text)
}

// TestEndsOfPeriods holds ends of months that were worked out on a calendar, after Regulation 1182/71.
func TestEndsOfPeriods(t *testing.T) {
	for _, c := range []struct {
		event   string
		months  int
		country string
		want    string
		why     string
	}{
		{"2027-03-05", 1, "DE", "2027-04-05", "the same number, a Monday"},
		{"2027-08-31", 1, "DE", "2027-09-30", "September has no 31st"},
		{"2028-01-31", 1, "DE", "2028-02-29", "the last day of February in a leap year, a Tuesday"},
		{"2027-01-31", 1, "DE", "2027-03-01", "28 February is a Sunday"},
		{"2027-01-31", 3, "DE", "2027-04-30", "three months from the event, not two from 28 February"},
		{"2026-11-30", 3, "DE", "2027-03-01", "28 February is a Sunday"},
		{"2026-11-25", 1, "DE", "2026-12-28", "Christmas on Friday and Saturday, then a Sunday"},
		{"2026-11-25", 1, "GB", "2026-12-29", "Boxing Day falls on Saturday and is kept on Monday"},
		{"2026-11-25", 1, "", "2026-12-25", "without a country no holiday counts, and it is a Friday"},
		{"2026-11-26", 1, "XX", "2026-12-28", "of an unknown country Saturdays and Sundays count"},
		{"2027-02-26", 1, "DE", "2027-03-30", "Good Friday, Saturday, Easter Sunday and Easter Monday"},
	} {
		if got := privacy.MonthsAfter(day(c.event), c.months, c.country); got != day(c.want) {
			t.Errorf("%s and %d months in %q: %s, want %s: %s", c.event, c.months, c.country, got, c.want, c.why)
		}
	}
	for _, c := range []struct {
		event string
		weeks int
		want  string
	}{{"2027-01-04", 8, "2027-03-01"}, {"2027-01-04", 14, "2027-04-12"}, {"2027-02-01", 8, "2027-03-30"}} {
		if got := privacy.WeeksAfter(day(c.event), c.weeks, "DE"); got != day(c.want) {
			t.Errorf("%s and %d weeks: %s, want %s", c.event, c.weeks, got, c.want)
		}
	}
}

// TestClockOfRequests holds the clocks of GDPR Art. 12(3) and (4).
func TestClockOfRequests(t *testing.T) {
	type times struct{ received, verified, extended, answered string }
	for name, c := range map[string]struct {
		at         string
		times      times
		refused    string
		waits      bool
		due        string
		open, late bool
		extended   bool
		left       int
	}{
		"open, in time":                              {at: "2027-03-10", times: times{received: "2027-03-05"}, due: "2027-04-05", open: true, left: 26},
		"open, on the last day":                      {at: "2027-04-05", times: times{received: "2027-03-05"}, due: "2027-04-05", open: true, left: 0},
		"open, a day past it":                        {at: "2027-04-06", times: times{received: "2027-03-05"}, due: "2027-04-05", open: true, late: true, left: -1},
		"answered on the last day":                   {at: "2027-06-01", times: times{received: "2027-03-05", answered: "2027-04-05"}, due: "2027-04-05"},
		"answered a day late":                        {at: "2027-06-01", times: times{received: "2027-03-05", answered: "2027-04-06"}, due: "2027-04-05", late: true},
		"answered later than the view":               {at: "2027-03-20", times: times{received: "2027-03-05", answered: "2027-04-06"}, due: "2027-04-05", open: true, left: 16},
		"told of the extension on the last day":      {at: "2027-04-01", times: times{received: "2027-01-31", extended: "2027-03-01"}, due: "2027-04-30", open: true, extended: true, left: 29},
		"told of the extension a day late":           {at: "2027-04-01", times: times{received: "2027-01-31", extended: "2027-03-02"}, due: "2027-03-01", open: true, late: true, left: -31},
		"told of the extension later than the view":  {at: "2027-02-10", times: times{received: "2027-01-31", extended: "2027-03-01"}, due: "2027-03-01", open: true, left: 19},
		"a refusal is due within the first month":    {at: "2027-06-01", times: times{received: "2027-01-31", extended: "2027-02-20", answered: "2027-04-01"}, refused: "unfounded", due: "2027-03-01", late: true, extended: true},
		"what is done may take the further months":   {at: "2027-06-01", times: times{received: "2027-01-31", extended: "2027-02-20", answered: "2027-04-01"}, due: "2027-04-30", extended: true},
		"waits for the identity":                     {at: "2027-06-01", times: times{received: "2027-01-10"}, waits: true, due: "", open: true},
		"begins with the identity":                   {at: "2027-02-01", times: times{received: "2027-01-10", verified: "2027-01-20"}, waits: true, due: "2027-02-22", open: true, left: 21},
		"identity alone does not move the beginning": {at: "2027-02-01", times: times{received: "2027-01-11", verified: "2027-01-20"}, due: "2027-02-11", open: true, left: 10},
	} {
		r := &model.DataSubjectRequest{Received: day(c.times.received), IdentityVerified: day(c.times.verified), Extended: day(c.times.extended), Answered: day(c.times.answered), Refused: c.refused, WaitsForIdentity: c.waits}
		got := privacy.ClockOf(r, "DE", day(c.at))
		if got.Due != day(c.due) || got.Open != c.open || got.Late != c.late || got.Extended != c.extended || got.DaysLeft != c.left {
			t.Errorf("%s: due %s open %v late %v extended %v left %d, want %s %v %v %v %d", name, got.Due, got.Open, got.Late, got.Extended, got.DaysLeft, c.due, c.open, c.late, c.extended, c.left)
		}
	}
}

// TestLawsOfPeriods: a period ends on a working day, never before its month is over, never more than a week and a half after it, and who asks later never gets an answer earlier.
func TestLawsOfPeriods(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		country := rapid.SampledFrom([]string{"DE", "FR", "SE", "US", "", "XX"}).Draw(t, "country")
		event := day("2020-01-01").AddDays(rapid.IntRange(0, 20000).Draw(t, "day"))
		months := rapid.IntRange(1, 24).Draw(t, "months")
		end := privacy.MonthsAfter(event, months, country)
		if plain := event.AddMonths(months); end < plain || end > plain.AddDays(10) || !practice.IsWorkday(country, end) {
			t.Fatalf("%s and %d months in %q end on %s", event, months, country, end)
		}
		if later := privacy.MonthsAfter(event+1, months, country); later < end {
			t.Fatalf("%s ends on %s and the day after it on %s", event, end, later)
		}
	})
}
