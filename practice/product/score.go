package product

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"binnacle/model"
)

// Score is what a method of scoring says of an idea.
type Score struct {
	// Value is the score. It counts only where Unknown is empty.
	Value float64
	// Unknown says why there is no score, such as: effort is not set. It is empty where there is one.
	Unknown string
	// Notes say what is unusual about the figures that went into it.
	Notes []string
}

// rounding is how many places scores are rounded to, so that sums of binary fractions do not tell ideas apart that are equal.
const rounding = 1e9

func known(value float64, notes []string) Score {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return Score{Unknown: "the score is no number", Notes: notes}
	}
	if math.Abs(value) < 1e6 {
		value = math.Round(value*rounding) / rounding
	}
	return Score{Value: value, Notes: notes}
}

// RICE returns reach times impact times confidence divided by effort, as Intercom
// published it in 2018: reach in customers or events a quarter, impact 3, 2, 1, 0.5
// or 0.25, confidence in percent, effort in person-months. Without one of them, or
// with an effort that is not above 0, the score is unknown.
func RICE(reach, impact float64, confidence model.Percent, effort float64) Score {
	if lacks := unset([]named{{"reach", reach}, {"impact", impact}, {"confidence", float64(confidence)}, {"effort", effort}}); lacks != "" {
		return Score{Unknown: lacks}
	}
	var notes []string
	if !slices.Contains([]float64{3, 2, 1, 0.5, 0.25}, impact) {
		notes = append(notes, fmt.Sprintf("the impact of %g is none of 3, 2, 1, 0.5 and 0.25", impact))
	}
	if !slices.Contains([]model.Percent{100, 80, 50}, confidence) {
		notes = append(notes, fmt.Sprintf("the confidence of %g %% is none of 100, 80 and 50", float64(confidence)))
	}
	return known(reach*impact*(float64(confidence)/100)/effort, notes)
}

// WSJF returns the cost of delay divided by the job size, as SAFe defines weighted
// shortest job first. The cost of delay is the value for users and the business plus
// the time criticality plus the risk reduction or opportunity enablement. All four are relative
// to other ideas, on the scale 1, 2, 3, 5, 8, 13, 20. Without one of them the score is unknown.
func WSJF(userValue, timeCriticality, riskReduction, jobSize float64) Score {
	columns := []named{{"user_value", userValue}, {"time_criticality", timeCriticality}, {"risk_reduction", riskReduction}, {"job_size", jobSize}}
	if lacks := unset(columns); lacks != "" {
		return Score{Unknown: lacks}
	}
	var notes []string
	for _, c := range columns {
		if !slices.Contains([]float64{1, 2, 3, 5, 8, 13, 20}, c.value) {
			notes = append(notes, fmt.Sprintf("%s is %g, which is none of 1, 2, 3, 5, 8, 13 and 20", spaced(c.name), c.value))
		}
	}
	return known((userValue+timeCriticality+riskReduction)/jobSize, notes)
}

// named is a figure with the name of its field.
type named struct {
	name  string
	value float64
}

// unset says which figures are not above 0, or nothing where all are.
func unset(figures []named) string {
	var names []string
	for _, f := range figures {
		if !(f.value > 0) {
			names = append(names, spaced(f.name))
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0] + " is not set; it must be above 0"
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " are not set; they must be above 0"
}

func spaced(name string) string { return strings.ReplaceAll(name, "_", " ") }

// WSJFColumns names the columns in which no idea has a 1. The scale of WSJF is relative: in each column the smallest is to be 1.
func WSJFColumns(ideas []*model.Idea) []string {
	var out []string
	for _, c := range []struct {
		name string
		of   func(*model.Idea) float64
	}{
		{"user value", func(i *model.Idea) float64 { return i.UserValue }},
		{"time criticality", func(i *model.Idea) float64 { return i.TimeCriticality }},
		{"risk reduction", func(i *model.Idea) float64 { return i.RiskReduction }},
		{"job size", func(i *model.Idea) float64 { return i.JobSize }},
	} {
		some, one := false, false
		for _, i := range ideas {
			some = some || c.of(i) > 0
			one = one || c.of(i) == 1
		}
		if some && !one {
			out = append(out, c.name)
		}
	}
	return out
}

// Ranks returns the place of each score, the highest first, from 1. Equal scores share a
// place and the next places stay free: 1, 2, 2, 4. What has no score has no place, 0.
func Ranks(scores []Score) []int {
	order := make([]int, 0, len(scores))
	for i, s := range scores {
		if s.Unknown == "" {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(scores[b].Value, scores[a].Value) })
	out := make([]int, len(scores))
	for at, i := range order {
		out[i] = at + 1
		if at > 0 && scores[i].Value == scores[order[at-1]].Value {
			out[i] = out[order[at-1]]
		}
	}
	return out
}
