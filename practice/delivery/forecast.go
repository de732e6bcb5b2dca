package delivery

import (
	"cmp"
	"fmt"
	"math"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ForecastIn says what is left to do, and who does it.
type ForecastIn struct {
	// Team is the team that does it. Give a team, a service or a repository, and only one of them.
	Team model.Ref `to:"Team"`
	// Service is the application, service or product whose requests are counted.
	Service model.Ref `to:"Application,Service,Product"`
	// Repository is the repository whose requests are counted.
	Repository model.Ref `to:"Repository"`
	// Items is how many items are left. An item is what becomes one merged request.
	Items int `is:"required" min:"1" max:"1000000"`
	// By is the day for which the answer says how many items are done. Unset means in three months.
	By model.Date
	// Weeks is how many weeks of the past the forecast draws from. The default is 26.
	Weeks int `min:"1" max:"260"`
	// SplitRate is how many items each item becomes while it is worked on. The default is 1: the scope does not grow.
	SplitRate float64 `min:"1" max:"20"`
	// Futures is how many futures are drawn where an exact answer would take too long. The default is 20,000.
	Futures int `min:"100" max:"1000000"`
	// Seed names the random numbers. Unset means 1.
	Seed int `min:"0"`
}

// ForecastOut says when it is done, and how sure that is.
type ForecastOut struct {
	// Half is within how many weeks it is done with a probability of 50 %.
	Half practice.Figure
	// Likely is within how many weeks it is done with a probability of 85 %.
	Likely practice.Figure
	// Safe is within how many weeks it is done with a probability of 95 %.
	Safe practice.Figure
	// LikelyDay is the day by which it is done with a probability of 85 %.
	LikelyDay model.Date
	// ItemsBy is how many items are done by the day asked for, with a probability of 85 %.
	ItemsBy practice.Figure
	// Method says how the figures came about.
	Method string
	// Findings say what makes the forecast doubtful.
	Findings []practice.Finding
	// Weeks says how probable it is that everything is done within so many weeks.
	Weeks practice.Table[WeekRow]
	// Dual says how many items are done by the day, by probability.
	Dual practice.Table[DualRow]
	// Scope says what a growing scope does.
	Scope practice.Table[ScopeRow]
	// Curve draws the probability over the weeks.
	Curve practice.Picture
	// History are the merged requests of each week that the forecast draws from.
	History practice.Series
}

// WeekRow is a number of weeks.
type WeekRow struct {
	// Weeks is how many weeks.
	Weeks int
	// Day is the last day of them.
	Day model.Date
	// Probability is how probable it is that everything is done by then, in percent.
	Probability float64 `unit:"%"`
}

// DualRow is a probability.
type DualRow struct {
	// Probability is how sure it is, in percent.
	Probability float64 `unit:"%"`
	// Items is how many items are done at least.
	Items int
}

// ScopeRow is a split rate.
type ScopeRow struct {
	// SplitRate is how many items each item becomes.
	SplitRate float64
	// Items is how many items that makes.
	Items int
	// Half is within how many weeks they are done with a probability of 50 %. 0 means not within ten years.
	Half int
	// Likely is within how many weeks with a probability of 85 %.
	Likely int
	// Safe is within how many weeks with a probability of 95 %.
	Safe int
}

// outlook is a forecast of one history.
type outlook struct {
	history []int
	futures int
	seed    uint64
	exact   bool
}

// done returns how probable it is that items are done within 1, 2, … weeks.
func (o *outlook) done(items int) []float64 {
	mean := 0.0
	for _, n := range o.history {
		mean += float64(n) / float64(len(o.history))
	}
	periods := mostPeriods
	if mean > 0 {
		// Far behind three times the mean nothing of interest happens.
		periods = min(mostPeriods, int(math.Ceil(3*float64(items)/mean))+20)
	}
	if items*periods*len(sharesOf(o.history)) <= mostExact {
		o.exact = true
		return Exactly(o.history, items, periods)
	}
	o.exact = false
	return Simulated(o.history, items, periods, o.futures, o.seed)
}

// by returns how probable each number of items is within some weeks.
func (o *outlook) by(weeks int) []float64 {
	shares := sharesOf(o.history)
	if weeks*weeks*lastItems(shares)*len(shares) <= mostExact {
		return AtLeast(o.history, weeks)
	}
	return AtLeastSimulated(o.history, weeks, o.futures, o.seed)
}

// Forecast tells when a number of items is done and how many are done by a day. It draws weeks of the future from weeks of the past (throughput Monte Carlo), with the exact answer by convolution
// where that is small enough. It is about one team, service or repository: the past of one team says nothing about another.
func Forecast(v estate.View, in ForecastIn) (ForecastOut, error) {
	var out ForecastOut
	b := bookOf(v)
	u, err := b.one(in)
	if err != nil {
		return out, err
	}
	weeks := cmp.Or(in.Weeks, 26)
	history, from := b.weekly(u, v, weeks)
	out.History = practice.Series{Unit: "merged requests", Lines: []practice.Line{{Name: u.link.Title()}}}
	total, idle := 0, 0
	for i, n := range history {
		total += n
		idle += b2i(n == 0)
		at := from.AddDays(7 * i)
		out.History.Lines[0].Points = append(out.History.Lines[0].Points, practice.Point{At: at, Label: at.String(), Value: float64(n)})
	}
	links := b.links(u)
	if total == 0 {
		why := "No request was merged in the weeks looked at, so nobody can tell."
		unknown := practice.Figure{Unknown: true, Unit: "weeks", Note: why, Better: practice.Lower, From: links}
		out.Half, out.Likely, out.Safe, out.ItemsBy = unknown, unknown, unknown, practice.Figure{Unknown: true, Unit: "items", Note: why, From: links}
		out.Findings = append(b.trouble(), practice.Finding{Severity: practice.Medium, Text: why, About: u.link})
		return out, nil
	}
	o := &outlook{history: history, futures: cmp.Or(in.Futures, 20_000), seed: uint64(cmp.Or(in.Seed, 1))}
	rate := cmp.Or(in.SplitRate, 1)
	items := int(math.Ceil(float64(in.Items)*rate - 1e-9))
	chances := o.done(items)
	out.Method = fmt.Sprintf("Each week to come is like one of the %s since %s, all equally likely (%s merged).", practice.Count(len(history), "week", "weeks"), from, practice.Count(total, "request", "requests"))
	if o.exact {
		out.Method += " The probabilities are exact, by convolution."
	} else {
		out.Method += fmt.Sprintf(" The probabilities are of %d futures with the seed %d.", o.futures, o.seed)
	}
	if rate != 1 {
		out.Method += fmt.Sprintf(" Each item becomes %g, so %d items are %d.", rate, in.Items, items)
	}
	figure := func(confidence float64) practice.Figure {
		f := practice.Figure{Value: float64(Within(chances, confidence)), Unit: "weeks", Better: practice.Lower, From: links}
		if f.Value == 0 {
			f.Unknown, f.Note = true, "It is not done within ten years."
		} else {
			f.Note = "By " + v.At().AddDays(7*int(f.Value)).String() + "."
		}
		return f
	}
	out.Half, out.Likely, out.Safe = figure(0.5), figure(0.85), figure(0.95)
	if !out.Likely.Unknown {
		out.LikelyDay = v.At().AddDays(7 * int(out.Likely.Value))
	}
	out.fill(v, in, o, chances)
	for i := range out.Dual.Rows {
		if out.Dual.Rows[i].Probability == 85 {
			out.ItemsBy = practice.Figure{Value: float64(out.Dual.Rows[i].Items), Unit: "items", Better: practice.Higher, From: links, Note: out.Dual.Note}
		}
	}
	out.Findings = append(b.trouble(), doubts(u, history, weeks, idle)...)
	return out, nil
}

// fill makes the tables and the curve.
func (out *ForecastOut) fill(v estate.View, in ForecastIn, o *outlook, chances []float64) {
	curve := practice.Curve{Name: "done within"}
	for i, p := range chances {
		curve.Points = append(curve.Points, practice.XY{X: float64(i + 1), Y: *rounded(100 * p)})
		if p >= 0.005 && (i == 0 || chances[i-1] < 0.99) {
			out.Weeks.Rows = append(out.Weeks.Rows, WeekRow{i + 1, v.At().AddDays(7 * (i + 1)), *rounded(100 * p)})
		}
		if p > 0.9999 {
			break
		}
	}
	var marks []practice.Mark
	for _, m := range []struct {
		figure practice.Figure
		label  string
	}{{out.Half, "P50"}, {out.Likely, "P85"}, {out.Safe, "P95"}} {
		if !m.figure.Unknown {
			marks = append(marks, practice.Mark{X: m.figure.Value, Label: m.label})
		}
	}
	out.Curve = practice.Picture{Type: practice.CurvePicture, Curves: &practice.Curves{X: practice.Axis{Label: "Weeks"}, Y: practice.Axis{Label: "Done", Unit: "%"}, Lines: []practice.Curve{curve}, Marks: marks}}
	by := cmp.Or(in.By, v.At().AddMonths(3))
	if weeks := int(by-v.At()) / 7; weeks > 0 {
		list := o.by(min(weeks, mostPeriods))
		for _, p := range []float64{50, 85, 95} {
			out.Dual.Rows = append(out.Dual.Rows, DualRow{p, Most(list, p/100)})
		}
		out.Dual.Note = fmt.Sprintf("By %s, after %s. Items that others become are counted too.", by, practice.Count(weeks, "whole week", "whole weeks"))
	} else {
		out.Dual.Note = fmt.Sprintf("Up to %s there is no whole week.", by)
	}
	for _, rate := range []float64{1, 1.25, 1.5, 2} {
		items := int(math.Ceil(float64(in.Items)*rate - 1e-9))
		list := o.done(items)
		out.Scope.Rows = append(out.Scope.Rows, ScopeRow{rate, items, Within(list, 0.5), Within(list, 0.85), Within(list, 0.95)})
	}
}

// one returns the unit that a forecast is about.
func (b *book) one(in ForecastIn) (*unit, error) {
	given := b2i(!in.Team.IsZero()) + b2i(!in.Service.IsZero()) + b2i(!in.Repository.IsZero())
	if given != 1 {
		return nil, model.Problem{Field: "team", Text: "give a team, a service or a repository, and only one of them: the past of one says nothing about another"}
	}
	list, ref := b.services, in.Service
	switch {
	case !in.Team.IsZero():
		list, ref = b.teams(), in.Team
	case !in.Repository.IsZero():
		list, ref = b.repositories(), in.Repository
	}
	for _, u := range list {
		if model.Ref(u.link.ID) == ref {
			return u, nil
		}
	}
	return &unit{link: practice.To(b.view.Get(ref))}, nil
}

// weekly returns how many requests were merged in each whole week before the moment of a view, the oldest first, and the first day. Weeks before
// the first event are left out: that nothing is known of them does not mean that nothing was done.
func (b *book) weekly(u *unit, v estate.View, weeks int) ([]int, model.Date) {
	const week = 7 * 86400
	end := second(v.At().Time().Unix())
	since := uint32(0)
	for _, g := range u.groups {
		if first := g.flow.first; first > 0 && (since == 0 || first < since) {
			since = first
		}
	}
	if since > 0 && since < end {
		weeks = min(weeks, max(1, int((end-since)/week)))
	}
	from := end - min(end, uint32(weeks*week))
	out := make([]int, weeks)
	for c := range u.requests() {
		if at := c.merged; at >= from && at < end && int((at-from)/week) < weeks {
			out[(at-from)/week]++
		}
	}
	return out, model.DateOf(time.Unix(int64(from), 0).UTC())
}

// doubts says what makes a forecast doubtful.
func doubts(u *unit, history []int, weeks, idle int) []practice.Finding {
	var out []practice.Finding
	add := func(s practice.Severity, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: u.link})
	}
	if len(history) < weeks {
		add(practice.Low, "Only %s known, not %d.", practice.Count(len(history), "week is", "weeks are"), weeks)
	}
	if len(history) < 6 {
		add(practice.Medium, "So few weeks say little about those to come.")
	}
	if idle*2 > len(history) {
		add(practice.Low, "In %d of %d weeks nothing was merged.", idle, len(history))
	}
	half := len(history) / 2
	older, newer := 0, 0
	for i, n := range history[:2*half] {
		if i < half {
			older += n
		} else {
			newer += n
		}
	}
	if half >= 4 && (newer > 2*older || older > 2*newer) {
		add(practice.Medium, "The newer half of these weeks has %d merged requests and the older half %d: take fewer weeks, of how it is now.", newer, older)
	}
	return out
}
