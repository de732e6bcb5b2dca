package forecast

import (
	"fmt"
	"math"
	"slices"

	"binnacle/model"
)

// Daily is spend day by day.
type Daily struct {
	// First is the day of the first amount.
	First model.Date
	// Amounts are the minor units of each day. A day without spend is 0.
	Amounts []int64
}

// Watch says what counts as unusual.
type Watch struct {
	// Least is how many minor units an anomaly must be away from what was expected, over all of its days.
	Least int64
	// Strength is how many times further away than usual a day must be. 0 means 5.
	Strength float64
	// From is the first day that is looked at. Unset means all. Days before it are history all the same.
	From model.Date
}

// AnomalyKind says what sort of anomaly it is.
type AnomalyKind string

// The sorts of anomalies.
const (
	// Rise is more spend than usual.
	Rise AnomalyKind = "rise"
	// Fall is less spend than usual.
	Fall AnomalyKind = "fall"
	// NewSpend is spend where there was none for four weeks or longer.
	NewSpend AnomalyKind = "new"
)

// Anomaly is a time of unusual spend.
type Anomaly struct {
	// Kind says what sort it is.
	Kind AnomalyKind
	// First is the first unusual day.
	First model.Date
	// Last is the last one. Two usual days or more end an anomaly.
	Last model.Date
	// Expected is what these days were expected to cost, in minor units.
	Expected int64
	// Actual is what they cost.
	Actual int64
	// Excess is actual less expected.
	Excess int64
	// Strength is how many times further away than usual the most unusual day was. It is 0 for new spend, which nothing is known of.
	Strength float64
	// Open says that the last day of the series is part of it.
	Open bool
}

const (
	// window is how many days before a day it is judged by, and learned how many of them are needed.
	window, learned = 56, 28
	// quiet is after how many days without spend it counts as new, and fresh for how many days it then does.
	quiet, fresh = 28, 14
	// usual is the strength from which on a day is unusual, where nothing else is said.
	usual = 5
)

// Anomalies finds the days that were not as usual. A day is judged by the eight weeks before it: by the median level, a steady trend of it, and
// the median of its day of the week. How far days usually are away is the median absolute deviation, which single
// unusual days do not move; it is taken for at least a hundredth of the level. Days that are too far away and
// follow each other are one anomaly, which counts from a least amount of money on. A lasting change is unusual until it has become half of
// the eight weeks. What was about as much on the same day of the month before is not unusual, as monthly fees are. The same series always gives the same anomalies.
func Anomalies(d Daily, w Watch) ([]Anomaly, error) {
	if w.Least < 0 || w.Strength < 0 || math.IsNaN(w.Strength) {
		return nil, fmt.Errorf("the least amount is %d and the strength %v: neither may be negative", w.Least, w.Strength)
	}
	if w.Strength == 0 {
		w.Strength = usual
	}
	from := 0
	if !w.From.IsZero() {
		from = max(int(w.From-d.First), 0)
	}
	var out []Anomaly
	var open *Anomaly
	closeIt := func() {
		if open != nil && max(open.Excess, -open.Excess) >= max(w.Least, 1) {
			out = append(out, *open)
		}
		open = nil
	}
	begun := began(d.Amounts)
	for i := from; i < len(d.Amounts); i++ {
		day := d.First.AddDays(i)
		kind, expected, strength := judge(d.Amounts, i, begun[i], learned)
		if open != nil && day-open.Last > 2 {
			closeIt()
		}
		if kind == "" || kind != NewSpend && strength < w.Strength {
			continue
		}
		if kind == Rise && d.recurs(i, d.Amounts[i]-expected, begun) {
			continue
		}
		if open != nil && open.Kind != kind {
			closeIt()
		}
		if open == nil {
			open = &Anomaly{Kind: kind, First: day}
		}
		open.Last = day
		open.Expected += expected
		open.Actual += d.Amounts[i]
		open.Excess = open.Actual - open.Expected
		open.Strength = max(open.Strength, strength)
		open.Open = i == len(d.Amounts)-1
	}
	closeIt()
	return out, nil
}

// recurs reports whether about the same day of the month before was at least half as much above what was expected then, as monthly fees are.
func (d Daily) recurs(day int, away int64, begun []int) bool {
	before := int(d.First.AddDays(day).AddMonths(-1) - d.First)
	for i := max(before-1, 0); i <= before+1; i++ {
		if kind, expected, _ := judge(d.Amounts, i, begun[i], learned/2); kind == Rise && d.Amounts[i]-expected >= away/2 {
			return true
		}
	}
	return false
}

// began returns for each day on which day the spend that it belongs to began: after so many days without any, or with the series, which is -1.
func began(amounts []int64) []int {
	out := make([]int, len(amounts))
	start, none := -1, 0
	for i, a := range amounts {
		if a == 0 {
			none++
		} else {
			if none >= quiet {
				start = i
			}
			none = 0
		}
		out[i] = start
	}
	return out
}

// judge says how unusual a day is, and what was expected. It says nothing where fewer days than the least are known.
func judge(amounts []int64, day, begun, least int) (kind AnomalyKind, expected int64, strength float64) {
	if begun >= 0 && day-begun < fresh {
		if amounts[day] > 0 {
			return NewSpend, 0, 0
		}
		return "", 0, 0
	}
	past := amounts[max(day-window, begun, 0):day]
	if len(past) < least {
		return "", 0, 0
	}
	mean, scale := expect(past)
	away := float64(amounts[day]) - mean
	scale = max(scale, math.Abs(mean)/100, 1)
	kind = Rise
	if away < 0 {
		kind = Fall
	}
	return kind, int64(math.Round(mean)), math.Abs(away) / scale
}

// expect returns what the day after the given ones will cost, and how far days usually are away from it.
func expect(past []int64) (mean, scale float64) {
	n := len(past)
	y := make([]float64, n)
	for i, a := range past {
		y[i] = float64(a)
	}
	// Means of whole weeks, the latest last, hold no day of the week. A step moves one of their differences, a trend all.
	var weeks, steps []float64
	for at := n % 7; at < n; at += 7 {
		sum := 0.0
		for _, v := range y[at : at+7] {
			sum += v
		}
		weeks = append(weeks, sum/7)
	}
	for i := range weeks {
		if i >= 2 {
			steps = append(steps, (weeks[i]-weeks[i-2])/14)
		}
	}
	slope := shrunk(steps)
	middle := float64(n-1) / 2
	flat := make([]float64, n)
	for i := range y {
		flat[i] = y[i] - slope*(float64(i)-middle)
	}
	var byDay [7][]float64
	for i, v := range flat {
		at := (n - i) % 7
		byDay[at] = append(byDay[at], v)
	}
	whole := median(flat)
	var effect [7]float64
	for d := range byDay {
		effect[d] = median(byDay[d]) - whole
	}
	// The level is that of the last four weeks. The days of the week are taken out first, so that they do not widen the range.
	rest := make([]float64, 0, n)
	for i, v := range flat {
		rest = append(rest, v-effect[(n-i)%7])
	}
	level := median(rest[max(n-learned, 0):])
	away := make([]float64, 0, n)
	for _, v := range rest {
		away = append(away, math.Abs(v-level))
	}
	// A median of absolute deviations times 1.4826 is a standard deviation. The rest is for what the medians take away from short histories.
	return level + effect[0] + slope*(float64(n)-middle), 1.4826 * median(away) * (1 + 12/float64(n))
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	v := slices.Clone(values)
	slices.Sort(v)
	m := len(v) / 2
	if len(v)%2 == 1 {
		return v[m]
	}
	return (v[m-1] + v[m]) / 2
}

// shrunk returns the median of steps, drawn towards 0 by how far they usually are away from it, so that noise makes no trend.
func shrunk(steps []float64) float64 {
	m := median(steps)
	away := make([]float64, len(steps))
	for i, s := range steps {
		away[i] = math.Abs(s - m)
	}
	return math.Copysign(max(math.Abs(m)-1.5*median(away), 0), m)
}
