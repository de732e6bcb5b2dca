package risk

import (
	"fmt"
	"math"
	"slices"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/risk/fair"
)

// curvePoints is how many points of a loss exceedance curve are shown.
const curvePoints = 40

// ExceedanceRow is a point of a loss exceedance curve.
type ExceedanceRow struct {
	// Amount is what a year costs.
	Amount model.Money
	// Probability is how probable it is that a year costs more.
	Probability float64 `unit:"%"`
	// Appetite is how probable it may be for the company to be at ease, where the appetite has exactly this amount.
	Appetite *float64 `unit:"%"`
	// Tolerance is how probable it may be at the very most.
	Tolerance *float64 `unit:"%"`
}

// limit is a point of an appetite in the currency of the result.
type limit struct {
	amount, appetite, tolerance float64
	record                      *model.RiskAppetite
}

// toleranceOf returns the tolerance of a point: that of the appetite where there is none of its own.
func toleranceOf(p model.AppetitePoint) model.Percent {
	return max(p.Appetite, p.Tolerance)
}

// limitsOf returns the points of an appetite, the smallest amount first, and the amounts that could not be converted.
func (a *assessor) limitsOf(r *model.RiskAppetite) (out []limit, lost []model.Money) {
	for _, p := range r.Points {
		x, ok := a.amount(p.Amount)
		if !ok {
			lost = append(lost, p.Amount)
			continue
		}
		out = append(out, limit{x, float64(p.Appetite) / 100, float64(toleranceOf(p)) / 100, r})
	}
	sortRows(out, func(l limit) float64 { return l.amount })
	return out, lost
}

// curveOf draws a loss exceedance curve with the appetite and the tolerance that it is held against.
func (a *assessor) curveOf(name string, r *fair.Result, limits []limit) practice.Picture {
	c := &practice.Curves{X: practice.Axis{Label: "What a year costs", Unit: a.currency, Log: true}, Y: practice.Axis{Label: "Probability that a year costs more", Unit: "%"}}
	line := practice.Curve{Name: name}
	for _, p := range r.Curve(curvePoints) {
		line.Points = append(line.Points, practice.XY{X: digits(p.Amount, 5), Y: digits(100*p.Probability, 5)})
	}
	c.Lines = append(c.Lines, line)
	appetite, tolerance := practice.Curve{Name: "Appetite", Limit: true}, practice.Curve{Name: "Tolerance", Limit: true}
	for _, l := range limits {
		if l.amount > 0 {
			appetite.Points = append(appetite.Points, practice.XY{X: l.amount, Y: digits(100*l.appetite, 5)})
			tolerance.Points = append(tolerance.Points, practice.XY{X: l.amount, Y: digits(100*l.tolerance, 5)})
		}
	}
	if len(appetite.Points) > 0 {
		c.Lines = append(c.Lines, appetite, tolerance)
	}
	for _, m := range []struct {
		label string
		at    float64
	}{{"Mean", r.Mean}, {"P95", r.Quantile(0.95)}, {"P99", r.Quantile(0.99)}} {
		if m.at > 0 {
			c.Marks = append(c.Marks, practice.Mark{X: digits(m.at, 5), Label: m.label})
		}
	}
	return practice.Picture{Type: practice.CurvePicture, Curves: c}
}

// exceedances lists the points of a curve at round amounts and at the amounts of the appetite.
func (a *assessor) exceedances(r *fair.Result, limits []limit) practice.Table[ExceedanceRow] {
	var amounts []float64
	points := r.Curve(2)
	if len(points) > 0 {
		low, high := math.Max(points[0].Amount, 1), points[len(points)-1].Amount
		for ten := math.Pow(10, math.Floor(math.Log10(low))); ten <= high; ten *= 10 {
			for _, n := range []float64{1, 2, 5} {
				if x := n * ten; x >= low && x <= high {
					amounts = append(amounts, x)
				}
			}
		}
	}
	at := map[float64]limit{}
	for _, l := range limits {
		at[l.amount] = l
		amounts = append(amounts, l.amount)
	}
	slices.Sort(amounts)
	var out practice.Table[ExceedanceRow]
	for _, x := range slices.Compact(amounts) {
		row := ExceedanceRow{Amount: a.money(x), Probability: percent(r.Exceeds(x))}
		if l, ok := at[x]; ok {
			appetite, tolerance := percent(l.appetite), percent(l.tolerance)
			row.Appetite, row.Tolerance = &appetite, &tolerance
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// losses are the figures of what a year costs.
type losses struct {
	expected, p50, p90, p95, p99, tail, maximum, none practice.Figure
}

// lossesOf returns the figures of a result.
func (a *assessor) lossesOf(r *fair.Result, expected float64, from []practice.Link) losses {
	quantile := func(p float64, note string) practice.Figure { return a.figure(r.Quantile(p), note, from) }
	worst := max(1, int(math.Round(float64(r.Years)*(1-tail))))
	return losses{
		expected: a.figure(expected, fmt.Sprintf("without chance; the simulated mean is %s with a standard error of %s", a.money(r.Mean), a.money(r.Error)), from),
		p50:      quantile(0.5, "half of the years do not cost more"),
		p90:      quantile(0.9, ""),
		p95:      quantile(0.95, ""),
		p99:      quantile(0.99, ""),
		tail:     a.figure(r.Tail(tail), fmt.Sprintf("the mean of the worst %s of %s years", thousands(worst), thousands(r.Years)), from),
		maximum:  a.figure(r.Maximum, fmt.Sprintf("the worst of %s years", thousands(r.Years)), from),
		none:     practice.Figure{Value: percent(r.NoLoss()), Unit: "%", Better: practice.Higher, From: from},
	}
}
