package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"
)

// rhythm is how a repository delivers from a day on.
type rhythm struct {
	from     string
	weekdays []time.Weekday // on which it delivers; none means every so many days
	every    int            // days between two deliveries, where no weekdays are named
	changes  int            // at most so many changes come with a delivery
	lead     int            // hours from the first commit to the delivery, about
	fails    int            // of 1000 deliveries
	mend     int            // hours until a failure is mended, about
}

// stream is a repository whose events are told.
type stream struct {
	repository  string
	environment string
	rhythms     []rhythm
	tests       int // that a build runs
	flaky       int // of 1000 nightly builds fail by chance; 0 means that there are none
}

var (
	workdays = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	twice    = []time.Weekday{time.Tuesday, time.Thursday}
	weekly   = []time.Weekday{time.Wednesday}
)

// The days from the first to the last of which events are told.
var (
	firstEvent = time.Date(2024, time.November, 4, 0, 0, 0, 0, time.UTC)
	lastEvent  = time.Date(2026, time.November, 20, 0, 0, 0, 0, time.UTC)
)

// streams are the repositories of Halyard Lines. The shop breaks more and more since August 2026, bookings do better since they moved to the
// platform in March 2026, freight collects for three weeks, and tests at the gates fail by chance.
var streams = []stream{
	{"commerce/web-shop", "production", []rhythm{
		{"2024-11-01", workdays, 0, 1, 20, 60, 2}, {"2026-08-01", workdays, 0, 1, 20, 110, 3}, {"2026-09-01", workdays, 0, 1, 22, 170, 4}, {"2026-10-01", workdays, 0, 1, 24, 250, 5}, {"2026-11-01", workdays, 0, 1, 26, 330, 6},
	}, 1840, 0},
	{"commerce/payment-hub", "production", []rhythm{{"2024-11-01", twice, 0, 1, 30, 40, 2}, {"2026-08-01", twice, 0, 1, 30, 120, 3}, {"2026-10-01", twice, 0, 1, 32, 220, 4}}, 960, 0},
	{"commerce/fare-engine", "production", []rhythm{{"2024-11-01", weekly, 0, 2, 28, 50, 3}, {"2026-08-01", weekly, 0, 2, 28, 150, 4}}, 710, 0},
	{"commerce/mobile-app", "production", []rhythm{{"2024-11-01", nil, 14, 3, 90, 80, 12}}, 1120, 0},
	{"booking/booking-engine", "production", []rhythm{{"2024-11-01", nil, 28, 6, 300, 260, 26}, {"2026-03-02", []time.Weekday{time.Monday, time.Wednesday, time.Thursday}, 0, 1, 22, 50, 2}}, 2300, 0},
	{"freight/freight-booking", "production", []rhythm{{"2024-11-11", nil, 21, 7, 520, 220, 30}}, 640, 0},
	{"freight/freight-portal", "production", []rhythm{{"2024-11-14", nil, 21, 4, 430, 180, 20}}, 410, 0},
	{"ports/gate-control", "terminals", []rhythm{{"2024-11-06", nil, 14, 3, 120, 120, 10}}, 530, 230},
	{"ports/dangerous-goods", "production", []rhythm{{"2024-11-12", nil, 14, 2, 100, 100, 8}}, 380, 0},
	{"integration/harbour-bus", "production", []rhythm{{"2024-11-01", weekly, 0, 2, 48, 50, 2}}, 870, 0},
	{"fleet/voyage-optimiser", "production", []rhythm{{"2024-11-01", weekly, 0, 2, 40, 60, 4}}, 450, 0},
	{"commerce/price-scraper", "production", []rhythm{{"2026-04-08", weekly, 0, 1, 6, 0, 1}}, 40, 0},
}

// teller writes down the events of one repository.
type teller struct {
	stream
	table                                       *table
	commits, requests, runs, deliveries, stands int
	before                                      string // the commit that was delivered before
}

// deliveries returns the table of events on the way of software to its users, over two years.
func deliveries() *table {
	t := &table{header: []string{"event", "repository", "branch", "environment", "result", "cause", "id", "parent", "start", "end", "lines_added", "lines_deleted", "tests_run", "tests_failed"}}
	for _, s := range streams {
		w := &teller{stream: s, table: t}
		for i, r := range s.rhythms {
			until := lastEvent
			if i+1 < len(s.rhythms) {
				until = dayIn(s.rhythms[i+1].from).AddDate(0, 0, -1)
			}
			w.deliver(r, until)
		}
		w.nights()
		w.waiting()
	}
	customs(&teller{stream: stream{repository: "freight/customs-gateway", environment: "production", tests: 60}, table: t})
	slices.SortStableFunc(t.rows, func(a, b []string) int {
		return cmp.Or(cmp.Compare(a[8], b[8]), cmp.Compare(a[1], b[1]), cmp.Compare(a[0], b[0]), cmp.Compare(a[6], b[6]))
	})
	return t
}

func dayIn(text string) time.Time {
	day, _ := time.Parse(time.DateOnly, text)
	return day
}

// chance is a number from 0 to below n that depends on nothing but the text.
func chance(n int, text string) int { return int(noise(text)+1000) * n / 2001 }

// luck is a number from 0 to below n for something of the repository on a day.
func (w *teller) luck(n int, what string, day time.Time) int {
	return chance(n, w.repository+what+day.Format(time.DateTime))
}

// frozen reports whether nothing planned is delivered on a day: from 10 December to 6 January, and at the change of the timetable in October 2026.
func frozen(day time.Time) bool {
	switch y, m, d := day.Date(); m {
	case time.December:
		return d >= 10
	case time.January:
		return d <= 6
	case time.October:
		return y == 2026 && d >= 23 && d <= 26
	}
	return false
}

// deliver tells the deliveries of a rhythm up to a day.
func (w *teller) deliver(r rhythm, until time.Time) {
	first := dayIn(r.from)
	if first.Before(firstEvent) {
		first = firstEvent
	}
	for day, n := first, 0; !day.After(until); day, n = day.AddDate(0, 0, 1), n+1 {
		on := r.every > 0 && n%r.every == 0 || slices.Contains(r.weekdays, day.Weekday())
		// One Saturday in a freeze somebody could not wait.
		slip := w.repository == "commerce/web-shop" && day.Equal(time.Date(2026, time.October, 24, 0, 0, 0, 0, time.UTC))
		if !slip && (!on || frozen(day)) {
			continue
		}
		w.release(r, day.Add(time.Duration(9*60+w.luck(300, "hour", day))*time.Minute))
	}
}

// release tells a delivery with the changes that it brings, and what came of it.
func (w *teller) release(r rhythm, at time.Time) {
	n := 1 + w.luck(r.changes, "changes", at)
	if r.every > 0 {
		n = r.changes - w.luck(2, "changes", at)
	}
	head := ""
	for i := range n {
		took := time.Duration(r.lead*60*(60+w.luck(80, fmt.Sprint("lead", i), at))/100) * time.Minute
		wait := time.Duration(25+10*i) * time.Minute
		if r.every > 14 { // what is ready waits for the others
			wait += took * time.Duration(20+w.luck(50, fmt.Sprint("wait", i), at)) / 100
		}
		head = w.change(fmt.Sprintf("feature/%d", w.requests+101), at.Add(-took), at.Add(-wait), "")
	}
	id := w.deployment(head, "planned", "success", at)
	if w.luck(1000, "fails", at) >= r.fails {
		w.before = head
		return
	}
	mended := time.Duration(r.mend*60*(60+w.luck(80, "mend", at))/100) * time.Minute
	if w.luck(10, "how", at) < 4 {
		w.deployment(w.before, "rollback", "success", at.Add(mended))
		return
	}
	w.incident(id, "deployment", at.Add(mended/3), at.Add(mended+20*time.Minute))
	head = w.change(fmt.Sprintf("hotfix/%d", w.requests+101), at.Add(mended/2), at.Add(mended-5*time.Minute), "hotfix")
	w.deployment(head, "hotfix", "success", at.Add(mended))
	w.before = head
}

// change tells a request from its first commit to its merge and the build after that, and returns the commit that it became.
func (w *teller) change(branch string, began, merged time.Time, cause string) string {
	w.requests++
	request := number(w.requests + 100)
	span := merged.Sub(began)
	opened := began.Add(span * time.Duration(30+w.luck(20, "opened", began)) / 100)
	lines := 8 + w.luck(240, "lines", began)
	for i := range 1 + w.luck(2, "commits", began) {
		at := began.Add(opened.Sub(began) * time.Duration(i) / 2)
		w.add("commit", branch, "", "", "", w.commit(), request, at, at, lines/(i+1), lines/(i+3), 0, 0)
	}
	if cause == "" {
		at := opened.Add(merged.Sub(opened) * time.Duration(30+w.luck(40, "review", began)) / 100)
		w.add("review", branch, "", "", "", number(w.requests), request, at, at, 0, 0, 0, 0)
	}
	head := w.commit()
	w.add("change", branch, "", "merged", cause, request, head, opened, merged, lines, lines/3, 0, 0)
	w.build(head, merged.Add(time.Minute), 0)
	return head
}

// build tells a build that succeeds, or one in which tests failed.
func (w *teller) build(head string, at time.Time, failed int) {
	w.runs++
	result := "success"
	if failed > 0 {
		result = "failure"
	}
	w.add("build", "main", "verify", result, "", number(w.runs+1000), head, at, at.Add(time.Duration(5+w.tests/200)*time.Minute), 0, 0, w.tests, failed)
}

// deployment tells a delivery that is over some minutes later, and returns its number.
func (w *teller) deployment(head, cause, result string, at time.Time) string {
	w.deliveries++
	id := number(w.deliveries + 10)
	w.add("deployment", "main", w.environment, result, cause, id, head, at, at.Add(4*time.Minute), 0, 0, 0, 0)
	return id
}

func (w *teller) incident(deployment, cause string, from, until time.Time) {
	w.stands++
	w.add("incident", "", "", "closed", cause, number(w.stands), deployment, from, until, 0, 0, 0, 0)
}

// nights tells the builds of every night, some of which fail and succeed when they are run again.
func (w *teller) nights() {
	if w.flaky == 0 {
		return
	}
	for day := firstEvent; !day.After(lastEvent); day = day.AddDate(0, 0, 1) {
		if !slices.Contains(workdays, day.Weekday()) {
			continue
		}
		head, at := w.commit(), day.Add(2*time.Hour)
		if w.luck(1000, "flaky", day) < w.flaky {
			w.build(head, at, 1+w.luck(4, "tests", day))
			at = at.Add(40 * time.Minute)
		}
		w.build(head, at, 0)
	}
}

// waiting tells requests that are open on the last day: a few where work flows, many and old ones where it is collected.
func (w *teller) waiting() {
	last := w.rhythms[len(w.rhythms)-1]
	for i := range 1 + last.every/4 {
		w.requests++
		opened := lastEvent.Add(-time.Duration(last.lead*(i+1)/2+5) * time.Hour)
		w.add("change", fmt.Sprintf("feature/%d", w.requests+100), "", "open", "", number(w.requests+100), "", opened, opened, 40, 9, 0, 0)
	}
}

// customs tells the few events of the customs gateway: one delivery in the last year, after two that never got there.
func customs(w *teller) {
	for _, d := range []struct{ at, result string }{
		{"2024-12-03", "success"}, {"2025-03-18", "success"}, {"2025-09-09", "success"}, {"2026-03-24", "failure"}, {"2026-04-21", "failure"}, {"2026-05-12", "success"},
	} {
		at := dayIn(d.at).Add(18 * time.Hour)
		head := w.change("release", at.AddDate(0, 0, -63), at.AddDate(0, 0, -9), "")
		id := w.deployment(head, "planned", d.result, at)
		if d.at == "2026-05-12" {
			w.incident(id, "deployment", at.Add(9*time.Hour), at.Add(76*time.Hour))
		}
	}
}

// commit returns the number of a new commit.
func (w *teller) commit() string {
	w.commits++
	sum := sha256.Sum256(fmt.Append(nil, w.repository, w.commits))
	return hex.EncodeToString(sum[:8])
}

// add appends an event. Counts that are 0 are left out.
func (w *teller) add(event, branch, environment, result, cause, id, parent string, from, until time.Time, added, deleted, run, failed int) {
	count := func(n int) string {
		if n == 0 {
			return ""
		}
		return number(n)
	}
	w.table.add(event, w.repository, branch, environment, result, cause, id, parent, from.Format(time.RFC3339), until.Format(time.RFC3339), count(added), count(deleted), count(run), count(failed))
}
