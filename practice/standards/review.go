package standards

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ReviewDueIn says how early reviews are told.
type ReviewDueIn struct {
	// Within is how many days before the day of review a decision is told. The default is 30.
	Within int `min:"0" max:"3650" unit:"days"`
}

// ReviewDueOut is the decisions that have to be looked at again.
type ReviewDueOut struct {
	// Overdue are decisions whose day of review is past.
	Overdue practice.Figure
	// Unmeasured are decisions whose effects should have been measured by now.
	Unmeasured practice.Figure
	// Due are the decisions, the most overdue first.
	Due practice.Table[ReviewRow]
	// Findings say what to look at.
	Findings []practice.Finding
}

// ReviewRow is one decision to look at again.
type ReviewRow struct {
	// Decision is the decision record.
	Decision practice.Link
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy model.Date
	// Days is how many days are left. It is negative where the day is past.
	Days int `unit:"days"`
	// Effects says how many of its predicted effects were measured.
	Effects string
	// Owner is who answers for it.
	Owner practice.Link
}

// year is how many days after a decision its effects are measured where no day of review is given.
const year = 365

// reviewDay returns the day by which a decision is to be looked at, and false where there is nothing to look at: a day that was given, or a year after the decision where effects were predicted.
func reviewDay(d *model.DecisionRecord) (model.Date, bool) {
	switch {
	case d.State != model.DecisionAccepted:
		return 0, false
	case !d.ReviewBy.IsZero():
		return d.ReviewBy, d.Reviewed < d.ReviewBy || measured(d) < len(d.Effects)
	case len(d.Effects) > measured(d) && !d.Decided.IsZero():
		return d.Decided.AddDays(year), true
	}
	return 0, false
}

// reviewFinding says that a decision is to be looked at again, where that is so within some days.
func reviewFinding(v estate.View, d *model.DecisionRecord, within int) (practice.Finding, bool) {
	day, due := reviewDay(d)
	if !due || day > v.At().AddDays(within) {
		return practice.Finding{}, false
	}
	open := len(d.Effects) - measured(d)
	f := practice.Finding{Severity: practice.Low, About: practice.To(d), From: []practice.Link{practice.To(d)}, Owner: practice.OwnerOf(v, d), Mend: &practice.Mend{Action: "standards.record_outcome", Parameters: map[string]string{"decision": d.Key}}}
	switch {
	case day < v.At() && open > 0:
		f.Severity = practice.Medium
		f.Text = fmt.Sprintf("%s was to be looked at by %s, and %s not been measured.", d.Title(), day, practice.Count(open, "predicted effect has", "predicted effects have"))
	case day < v.At():
		f.Severity = practice.Medium
		f.Text = fmt.Sprintf("%s was to be looked at by %s.", d.Title(), day)
	default:
		f.Text = fmt.Sprintf("Look at %s again by %s.", d.Title(), day)
	}
	return f, true
}

// ReviewDue tells the decisions whose day of review is near or past, and those whose predicted effects nobody has measured.
func ReviewDue(v estate.View, in ReviewDueIn) (ReviewDueOut, error) {
	var out ReviewDueOut
	var overdue, unmeasured []practice.Link
	for _, d := range allDecisions(v) {
		f, due := reviewFinding(v, d, cmp.Or(in.Within, 30))
		if !due {
			continue
		}
		day, _ := reviewDay(d)
		row := ReviewRow{Decision: f.About, ReviewBy: day, Days: int(day - v.At()), Owner: f.Owner}
		if len(d.Effects) > 0 {
			row.Effects = fmt.Sprintf("%d of %d", measured(d), len(d.Effects))
		}
		if day < v.At() {
			overdue = append(overdue, f.About)
			if measured(d) < len(d.Effects) {
				unmeasured = append(unmeasured, f.About)
			}
		}
		out.Due.Rows, out.Findings = append(out.Due.Rows, row), append(out.Findings, f)
	}
	slices.SortStableFunc(out.Due.Rows, func(a, b ReviewRow) int { return cmp.Compare(a.ReviewBy, b.ReviewBy) })
	practice.WorstFirst(out.Findings)
	out.Overdue, out.Unmeasured = practice.Counted("decisions", practice.Lower, overdue), practice.Counted("decisions", practice.Lower, unmeasured)
	return out, nil
}

// EffectRow is one predicted effect of a decision.
type EffectRow struct {
	// Decision is the decision record.
	Decision practice.Link
	// Effect says what is measured.
	Effect string
	// Unit is what the values count.
	Unit string
	// Before is the value when the decision was taken.
	Before float64
	// Predicted is the value that was expected.
	Predicted float64
	// Actual is the value that was measured. It means nothing while there is no day of measurement.
	Actual float64
	// Realised is how much of the predicted change came about, in percent of it. It is 0 where no change was predicted.
	Realised float64 `unit:"%"`
	// Met says whether the value reached what was predicted: met, missed, wrong way, or open.
	Met string
	// MeasuredOn is the day of the measurement.
	MeasuredOn model.Date
}

// The words for how an effect turned out.
const (
	effectOpen   = "open"
	effectMet    = "met"
	effectMissed = "missed"
	effectWrong  = "wrong way"
)

// effectRow judges one effect: what was predicted is met where the value is there or beyond it. An effect without a better way is met within a tenth of the predicted change.
func effectRow(d *model.DecisionRecord, e model.PredictedEffect) EffectRow {
	row := EffectRow{Decision: practice.To(d), Effect: e.Name, Unit: e.Unit, Before: e.Before, Predicted: e.Predicted, Actual: e.Actual, Met: effectOpen, MeasuredOn: e.MeasuredOn}
	if e.MeasuredOn.IsZero() {
		return row
	}
	wanted, came := e.Predicted-e.Before, e.Actual-e.Before
	if wanted != 0 {
		row.Realised = rounded(100 * came / wanted)
	}
	met := e.Actual == e.Predicted
	switch {
	case e.Better == model.MoreIsBetter:
		met = e.Actual >= e.Predicted
	case e.Better == model.LessIsBetter:
		met = e.Actual <= e.Predicted
	case wanted != 0:
		met = row.Realised >= 90 && row.Realised <= 110
	}
	switch {
	case met:
		row.Met = effectMet
	case wanted*came < 0 || wanted == 0 && e.Better != "":
		// What was to stay as it was and became worse went the wrong way too.
		row.Met = effectWrong
	default:
		row.Met = effectMissed
	}
	return row
}

// OutcomesOut is what came of the decisions.
type OutcomesOut struct {
	// HitRate is the share of measured effects that reached what was predicted.
	HitRate practice.Figure
	// Realised is the median of how much of the predicted change came about: below 100 % the predictions are too hopeful.
	Realised practice.Figure
	// WrongWay are the effects that went the other way.
	WrongWay practice.Figure
	// Open are the effects that were predicted and not measured yet.
	Open practice.Figure
	// Calibration counts the measured effects by how much of the predicted change came about.
	Calibration practice.Table[CalibrationRow]
	// Effects are the measured effects, the worst miss first.
	Effects practice.Table[EffectRow]
}

// CalibrationRow is how many effects realised a part of what was predicted.
type CalibrationRow struct {
	// Realised is how much of the predicted change came about.
	Realised string
	// Effects is how many effects did.
	Effects int
	// Share is which part of all measured effects that is.
	Share float64 `unit:"%"`
	// From are the decisions.
	From []practice.Link
}

// Outcomes holds what was predicted against what was measured over all decisions: how often predictions hold, how far they miss, and the worst misses.
func Outcomes(v estate.View, _ struct{}) (OutcomesOut, error) {
	var out OutcomesOut
	var hits, wrong, open, all []practice.Link
	var shares []float64
	steps := []struct {
		name string
		to   float64
	}{{"wrong way", 0}, {"under half", 50}, {"half to nearly all", 90}, {"about as predicted", 110}, {"more than predicted", 0}}
	rows := make([]CalibrationRow, len(steps))
	for _, d := range allDecisions(v) {
		for _, e := range d.Effects {
			row := effectRow(d, e)
			link := row.Decision
			if row.Met == effectOpen {
				if d.State == model.DecisionAccepted || d.State == model.DecisionSuperseded {
					open = append(open, link)
				}
				continue
			}
			all = append(all, link)
			out.Effects.Rows = append(out.Effects.Rows, row)
			switch row.Met {
			case effectMet:
				hits = append(hits, link)
			case effectWrong:
				wrong = append(wrong, link)
			}
			if e.Predicted == e.Before {
				continue
			}
			shares = append(shares, row.Realised)
			i := slices.IndexFunc(steps[:4], func(s struct {
				name string
				to   float64
			}) bool {
				return row.Realised < s.to || s.to == 110 && row.Realised == 110
			})
			if i < 0 {
				i = 4
			}
			rows[i].Effects, rows[i].From = rows[i].Effects+1, append(rows[i].From, link)
		}
	}
	for i, r := range rows {
		r.Realised, r.Share = steps[i].name, practice.Share(r.Effects, len(shares))
		out.Calibration.Rows = append(out.Calibration.Rows, r)
	}
	slices.SortStableFunc(out.Effects.Rows, func(a, b EffectRow) int {
		return cmp.Or(cmp.Compare(badness(b), badness(a)), cmp.Compare(a.Realised, b.Realised))
	})
	out.HitRate = practice.Figure{Value: practice.Share(len(hits), len(all)), Unit: "%", Better: practice.Higher, From: all, Unknown: len(all) == 0, Note: fmt.Sprintf("%d of %s", len(hits), practice.Count(len(all), "measured effect", "measured effects"))}
	out.Realised = practice.Figure{Value: median(shares), Unit: "%", Better: practice.Higher, From: all, Unknown: len(shares) == 0, Note: "median of the part of the predicted change that came about"}
	out.WrongWay, out.Open = practice.Counted("effects", practice.Lower, wrong), practice.Counted("effects", practice.Neither, open)
	return out, nil
}

// badness orders effects by how they turned out, the worst highest.
func badness(r EffectRow) int {
	return slices.Index([]string{effectMet, effectMissed, effectWrong}, r.Met)
}

// median returns the middle of some numbers, or the mean of the two in the middle, and 0 where there are none.
func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	n := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[n]
	}
	return rounded((sorted[n-1] + sorted[n]) / 2)
}
