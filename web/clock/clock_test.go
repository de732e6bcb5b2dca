package clock_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/web/clock"
)

func day(s string) model.Date {
	if s == "" {
		return 0
	}
	return model.MustDate(s)
}

// TestDays are clocks that count whole days, as for the answer to a person or a decision in an access review.
func TestDays(t *testing.T) {
	for name, c := range map[string]struct {
		starts, due, done string
		state             clock.State
		words             string
	}{
		"much time":              {"2027-01-01", "2027-01-31", "", clock.Left, "21 days left"},
		"a week of a month":      {"2027-01-01", "2027-01-17", "", clock.Left, "7 days left"},
		"the last quarter":       {"2027-01-01", "2027-01-13", "", clock.Soon, "3 days left"},
		"without a beginning":    {"", "2027-01-17", "", clock.Soon, "7 days left"},
		"the last day":           {"2027-01-01", "2027-01-10", "", clock.Soon, "due today"},
		"the day after":          {"2027-01-01", "2027-01-09", "", clock.Late, "1 day late"},
		"done on the last day":   {"2027-01-01", "2027-01-09", "2027-01-09", clock.InTime, "done in time"},
		"done two days too late": {"2027-01-01", "2027-01-07", "2027-01-09", clock.TooLate, "done 2 days late"},
		"nothing due":            {"2027-01-01", "", "", clock.None, "no time limit"},
	} {
		got := clock.OfDays(day(c.starts), day(c.due), day(c.done), day("2027-01-10"))
		if got.State() != c.state || got.Words() != c.words {
			t.Errorf("%s: %s, %q; want %s, %q", name, got.State(), got.Words(), c.state, c.words)
		}
	}
}

// TestHours are clocks of incidents: 72 hours from the moment of awareness.
func TestHours(t *testing.T) {
	began := time.Date(2027, 3, 4, 10, 0, 0, 0, time.UTC)
	at := func(after time.Duration) model.Time { return model.TimeOf(began.Add(after)) }
	for after, want := range map[time.Duration]string{time.Hour: "2 days left", 30 * time.Hour: "42 hours left", 71 * time.Hour: "60 minutes left", 71*time.Hour + 59*time.Minute: "1 minute left", 75 * time.Hour: "3 hours late", 200 * time.Hour: "5 days late"} {
		c := clock.Clock{Starts: at(0), Due: at(72 * time.Hour), Now: at(after)}
		if got := c.Words(); got != want {
			t.Errorf("after %s: %q, want %q", after, got, want)
		}
	}
	c := clock.Clock{Waits: "nobody knows <who> asks", Now: at(0)}
	if html := string(c.HTML()); c.State() != clock.Waits || strings.Contains(html, "<who>") || strings.Contains(html, "style=") {
		t.Errorf("%s: %s", c.State(), html)
	}
	if html := string(clock.Clock{Due: at(0), Now: at(-time.Hour)}.HTML()); !strings.Contains(html, `<time datetime="2027-03-04T10:00:00Z">4 Mar 2027 10:00 UTC</time>`) {
		t.Error(html)
	}
}

// TestLaws: what is late is never called in time, the share that is gone is a share, and the words say late exactly where the state does.
func TestLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Int64Range(1, 4_000_000_000_000)
		c := clock.Clock{Starts: model.Time(moment.Draw(t, "starts")), Due: model.Time(moment.Draw(t, "due")), Now: model.Time(moment.Draw(t, "now")), Days: rapid.Bool().Draw(t, "days")}
		late := c.State() == clock.Late
		if late != (c.Now > c.Due) || late != strings.HasSuffix(c.Words(), "late") {
			t.Fatalf("%+v is %s: %s", c, c.State(), c.Words())
		}
		if g := c.Gone(); g < 0 || g > 100 {
			t.Fatalf("%d %% of %+v is gone", g, c)
		}
	})
}
