package risk

import (
	"fmt"
	"math"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/risk/fair"
)

// PortfolioIn says which risks are added up, and how.
type PortfolioIn struct {
	// Category limits the answer to risks of one category.
	Category string
	// Owner limits the answer to risks that one person or team answers for.
	Owner model.Ref `to:"Person,Team"`
	// Asset limits the answer to risks that act on one thing.
	Asset model.Ref `to:"any"`
	// Years is how many years are simulated. Unset means 100,000 for up to 20 risks and 20,000 for more.
	Years int `min:"100" max:"1000000"`
	// Seed names the random numbers. Unset means 1.
	Seed int `min:"0"`
}

// PortfolioOut is what risks cost together.
type PortfolioOut struct {
	// Risks is how many risks are counted.
	Risks practice.Figure
	// Uncounted is how many open risks lack what it takes to count them in money.
	Uncounted practice.Figure
	// Expected is what they cost in a year on average.
	Expected practice.Figure
	// Median is what half of the years do not cost more than.
	Median practice.Figure
	// P90 is what 90 of 100 years do not cost more than.
	P90 practice.Figure
	// P95 is what 95 of 100 years do not cost more than.
	P95 practice.Figure
	// P99 is what 99 of 100 years do not cost more than.
	P99 practice.Figure
	// Tail is what the worst five of 100 years cost on average.
	Tail practice.Figure
	// Maximum is the worst year.
	Maximum practice.Figure
	// NoLoss is the share of years without a loss.
	NoLoss practice.Figure
	// Findings say where the appetite is exceeded, and what is not counted.
	Findings []practice.Finding
	// Curve is the loss exceedance curve with the appetite and the tolerance.
	Curve practice.Picture
	// Exceedance has the curve at round amounts.
	Exceedance practice.Table[ExceedanceRow]
	// Contributions are the parts of the risks, the greatest part of the worst years first. They add up.
	Contributions practice.Table[ContributionRow]
	// Causes are the common causes that make risks come together.
	Causes practice.Table[CauseRow]
	// Method says how the figures came about.
	Method string
}

// ContributionRow is the part of a risk in what all of them cost.
type ContributionRow struct {
	// Risk is the risk.
	Risk practice.Link
	// Mean is its part of the simulated mean.
	Mean model.Money
	// MeanShare is that in percent of the whole.
	MeanShare float64 `unit:"%"`
	// Tail is its part of what the worst five of 100 years cost on average.
	Tail model.Money
	// TailShare is that in percent of the whole.
	TailShare float64 `unit:"%"`
	// Causes are the common causes that it follows.
	Causes []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
}

// CauseRow is a common cause.
type CauseRow struct {
	// Cause is the cause.
	Cause practice.Link
	// Risks are the risks that follow it.
	Risks []practice.Link
	// TailShare is their part together in what the worst years cost, in percent.
	TailShare float64 `unit:"%"`
}

// Portfolio plays many years of all risks together and tells what they cost, against the appetite of the company. Risks that follow a common
// cause come together: their numbers of losses of a year are joined by a Gaussian copula with one factor for each cause, which leaves every risk by
// itself as it is and moves the bad years alone. The part of each risk in the mean of the worst years is its own mean in just these years, so that the parts add up exactly.
func Portfolio(v estate.View, in PortfolioIn) (PortfolioOut, error) {
	var out PortfolioOut
	a := newAssessor(v)
	list := a.assess(openRisks(v, func(r *model.Risk) bool { return selected(r, in.Category, in.Owner, in.Asset) }), a.counted)
	models, counted := modelsOf(list)
	out.Risks = practice.Counted("risks", practice.Neither, linksOf(counted))
	out.Uncounted = practice.Counted("risks", practice.Lower, uncounted(list))
	if len(counted) == 0 {
		unknown := practice.Figure{Unknown: true, Better: practice.Lower, Note: "no open risk here has the ranges that it takes to count it in money"}
		out.Expected, out.Median, out.P90, out.P95, out.P99, out.Tail, out.Maximum, out.NoLoss = unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown
		out.Curve = practice.Picture{Type: practice.CurvePicture}
		return out, nil
	}
	options := optionsFor(len(counted), in.Years, in.Seed)
	res := together(v, list, options)
	expected := 0.0
	for i, m := range models {
		expected += m.Expected()
		if m.Scaled {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: practice.To(counted[i].risk), From: []practice.Link{practice.To(counted[i].risk)},
				Text: fmt.Sprintf("The correlations of %s with its common causes are together more than can be: the sum of their squares is above 1. They were scaled down to it.", counted[i].risk.Title())})
		}
	}
	f := a.lossesOf(res.Result, expected, linksOf(counted))
	out.Expected, out.Median, out.P90, out.P95, out.P99, out.Tail, out.Maximum, out.NoLoss = f.expected, f.p50, f.p90, f.p95, f.p99, f.tail, f.maximum, f.none
	var limits []limit
	if ap := appetiteFor(v, in.Category, in.Asset); ap != nil && in.Owner.IsZero() {
		var lost []model.Money
		limits, lost = a.limitsOf(ap)
		out.Findings = append(out.Findings, a.lostPoints(ap, lost)...)
		out.Findings = append(out.Findings, a.breaches(res.Result, limits)...)
	}
	if lacking := uncounted(list); len(lacking) > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, From: lacking,
			Text: fmt.Sprintf("%s not in these figures, because ranges are missing: %s.", practice.Count(len(lacking), "open risk is", "open risks are"), practice.Some(lacking))})
	}
	out.Curve, out.Exceedance = a.curveOf("All risks", res.Result, limits), a.exceedances(res.Result, limits)
	shares := a.contributions(&out, counted, res.Contributions, res.Mean, res.TailMean)
	out.causes(v, counted, shares)
	practice.WorstFirst(out.Findings)
	out.Method = method(options) + a.missingRates()
	return out, nil
}

// contributions fills in the parts of the risks, which add up to the whole in whole units, and returns the shares of the tail.
func (a *assessor) contributions(out *PortfolioOut, counted []*assessed, parts []fair.Contribution, mean, worst float64) []float64 {
	means, tails, shares := make([]float64, len(parts)), make([]float64, len(parts)), make([]float64, len(parts))
	for i, p := range parts {
		means[i], tails[i] = p.Mean, p.Tail
		shares[i] = part100(p.Tail, worst)
	}
	wholeMeans, wholeTails := a.parts(means, mean), a.parts(tails, worst)
	for i, x := range counted {
		row := ContributionRow{Risk: practice.To(x.risk), Mean: wholeMeans[i], MeanShare: part100(means[i], mean), Tail: wholeTails[i], TailShare: shares[i], Owner: practice.OwnerOf(a.view, x.risk)}
		for _, c := range x.risk.Causes {
			if rec := a.view.Get(c.Cause); rec != nil {
				row.Causes = append(row.Causes, practice.To(rec))
			}
		}
		out.Contributions.Rows = append(out.Contributions.Rows, row)
	}
	sortRows(out.Contributions.Rows, func(r ContributionRow) float64 { return -r.Tail.Float() })
	out.Contributions.Note = fmt.Sprintf("the parts add up to the simulated mean, %s, and to the mean of the worst years, %s", a.money(mean), a.money(worst))
	return shares
}

// part100 returns a part of a whole in percent, with two places.
func part100(x, all float64) float64 {
	if all <= 0 {
		return 0
	}
	return math.Round(x/all*10_000) / 100
}

// causes fills in the common causes.
func (o *PortfolioOut) causes(v estate.View, counted []*assessed, shares []float64) {
	rows := map[model.Ref]*CauseRow{}
	var order []model.Ref
	for i, x := range counted {
		for _, c := range x.risk.Causes {
			rec := v.Get(c.Cause)
			if rec == nil {
				continue
			}
			if rows[c.Cause] == nil {
				rows[c.Cause] = &CauseRow{Cause: practice.To(rec)}
				order = append(order, c.Cause)
			}
			row := rows[c.Cause]
			row.Risks = append(row.Risks, practice.To(x.risk))
			row.TailShare = math.Round((row.TailShare+shares[i])*100) / 100
		}
	}
	for _, ref := range order {
		o.Causes.Rows = append(o.Causes.Rows, *rows[ref])
	}
	sortRows(o.Causes.Rows, func(r CauseRow) float64 { return -r.TailShare })
}
