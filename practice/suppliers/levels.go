package suppliers

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ServiceLevelsIn says which service levels are looked at.
type ServiceLevelsIn struct {
	// Vendor limits the answer to one vendor.
	Vendor model.Ref `to:"Vendor"`
	// Months is how many months back measured values count. The default is 12.
	Months int `min:"0" max:"240"`
}

// ServiceLevelsOut is how well vendors keep what they promised.
type ServiceLevelsOut struct {
	// Kept is the share of the measured periods in which the promise was kept, in percent.
	Kept practice.Figure
	// Breaches is how many periods there were in which it was not kept.
	Breaches practice.Figure
	// Credits is the money that is due back for these, in the currency of the books.
	Credits practice.Figure
	// Unmeasured is how many service levels have no value in this time.
	Unmeasured practice.Figure
	// Findings name the breaches, service level by service level.
	Findings []practice.Finding
	// Levels are the service levels, the least kept first.
	Levels practice.Table[Level]
}

// Level is how well one promise was kept.
type Level struct {
	// ServiceLevel is the promise.
	ServiceLevel practice.Link
	// Vendor is who made it.
	Vendor practice.Link
	// Contract is where it is written.
	Contract practice.Link
	// Service is what it is about.
	Service practice.Link
	// Metric is what is measured.
	Metric string
	// Promised is the value that was promised, with its unit.
	Promised string
	// Latest is the value that was measured last, with its unit.
	Latest string
	// Periods is how many periods were measured.
	Periods int
	// Kept is the share of them in which the promise was kept, in percent.
	Kept float64
	// Breached are the last days of the periods in which it was not kept.
	Breached []string
	// Credits is the money that is due back.
	Credits model.Money
	// Note says what is uncertain.
	Note string
}

// ServiceLevels tells how well vendors kept what they promised about the quality
// of their services: the share of periods with the promise kept, each breach, and the money that is due back for it. The credit
// for a period is the agreed part of what the contract costs over that period. A period reaches from the day after the one
// before; the first one, and one after a gap, is taken to be as long as the shortest of the others, or a month.
func ServiceLevels(v estate.View, in ServiceLevelsIn) (ServiceLevelsOut, error) {
	var out ServiceLevelsOut
	since := v.At().AddMonths(-cmp.Or(in.Months, 12))
	books := bookkeeperOf(v)
	kept, periods := 0, 0
	var breached, unmeasured, from []practice.Link
	var credits []model.Money
	for sl := range estate.Each[*model.ServiceLevel](v) {
		c, _ := estate.Look[*model.Contract](v, sl.Contract)
		if !in.Vendor.IsZero() && (c == nil || c.Vendor != in.Vendor) {
			continue
		}
		row, ok := levelOf(v, sl, c, since)
		link := practice.To(sl)
		if !ok {
			unmeasured = append(unmeasured, link)
			row.Note = "nothing was measured in this time"
		} else {
			from = append(from, link)
		}
		periods += row.Periods
		kept += row.Periods - len(row.Breached)
		for range row.Breached {
			breached = append(breached, link)
		}
		credits = append(credits, row.Credits)
		out.Levels.Rows = append(out.Levels.Rows, row)
		if len(row.Breached) > 0 {
			out.Findings = append(out.Findings, breachOf(v, sl, c, row))
		}
	}
	slices.SortStableFunc(out.Levels.Rows, func(a, b Level) int {
		return cmp.Or(cmp.Compare(b2i(a.Periods == 0), b2i(b.Periods == 0)), cmp.Compare(a.Kept, b.Kept))
	})
	practice.WorstFirst(out.Findings)
	out.Kept = practice.Figure{Value: practice.Share(kept, periods), Unit: "%", Better: practice.Higher, From: from}
	if periods == 0 {
		out.Kept.Unknown, out.Kept.Note = true, "nothing was measured in this time"
	}
	out.Breaches = practice.Counted("periods", practice.Lower, breached)
	out.Credits = books.sum(credits, practice.Neither, breached)
	out.Unmeasured = practice.Counted("service levels", practice.Lower, unmeasured)
	return out, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// levelOf tells how well one promise was kept since a day. It reports false where nothing was measured.
func levelOf(v estate.View, sl *model.ServiceLevel, c *model.Contract, since model.Date) (Level, bool) {
	row := Level{ServiceLevel: practice.To(sl), Service: practice.To(v.Get(sl.Service)), Metric: sl.Metric, Promised: measured(sl.Target, sl.Unit)}
	if c != nil {
		row.Contract, row.Vendor = practice.To(c), practice.To(v.Get(c.Vendor))
	}
	values := slices.Clone(sl.Measured)
	slices.SortStableFunc(values, func(a, b model.Attainment) int { return cmp.Compare(a.On, b.On) })
	credits := new(big.Rat)
	currency := ""
	for i, m := range values {
		if m.On <= since || m.On > v.At() {
			continue
		}
		row.Periods++
		row.Latest = measured(m.Value, sl.Unit)
		if keeps(sl, m.Value) {
			continue
		}
		row.Breached = append(row.Breached, m.On.String())
		if c == nil || sl.Credit == 0 {
			continue
		}
		cost, err := CostOver(c, periodStart(values, i), m.On)
		if err != nil || cost.IsZero() {
			row.Note = "the price of the contract is not known, so that credits cannot be told"
			continue
		}
		share, _ := new(big.Rat).SetString(sl.Credit.String())
		part := share.Mul(share, ratOf(cost))
		credits.Add(credits, part.Quo(part, big.NewRat(100, 1)))
		currency = cost.Currency()
	}
	if currency != "" {
		row.Credits = moneyOf(credits, currency, 2)
	}
	row.Kept = practice.Share(row.Periods-len(row.Breached), row.Periods)
	return row, row.Periods > 0
}

// periodStart returns the first day of the period of a measured value. Values are in the order of their days.
func periodStart(values []model.Attainment, at int) model.Date {
	usual := 0
	for i := 1; i < len(values); i++ {
		if gap := int(values[i].On - values[i-1].On); gap > 0 && (usual == 0 || gap < usual) {
			usual = gap
		}
	}
	on := values[at].On
	if at > 0 && (usual == 0 || 2*int(on-values[at-1].On) <= 3*usual) {
		return values[at-1].On + 1
	}
	switch {
	case usual == 0 || usual >= 28 && usual <= 31:
		return (on + 1).AddMonths(-1)
	case usual >= 89 && usual <= 92:
		return (on + 1).AddMonths(-3)
	}
	return on + 1 - model.Date(usual)
}

// keeps reports whether a measured value keeps the promise.
func keeps(sl *model.ServiceLevel, value float64) bool {
	if sl.LowerIsBetter {
		return value <= sl.Target
	}
	return value >= sl.Target
}

func measured(value float64, unit string) string {
	text := fmt.Sprintf("%g", value)
	if unit != "" {
		text += " " + unit
	}
	return text
}

func breachOf(v estate.View, sl *model.ServiceLevel, c *model.Contract, row Level) practice.Finding {
	f := practice.Finding{Severity: practice.Medium, About: row.ServiceLevel, From: []practice.Link{row.ServiceLevel}}
	if row.Kept < 75 {
		f.Severity = practice.High
	}
	f.Text = fmt.Sprintf("%s promised %s of %s and did not keep it in %d of %s, last measured: %s.", cmp.Or(row.Vendor.Title(), "The vendor"), row.Promised, row.Metric, len(row.Breached), practice.Count(row.Periods, "period", "periods"), row.Latest)
	if !row.Credits.IsZero() {
		f.Text += fmt.Sprintf(" %s are due back: claim them.", row.Credits)
	}
	if c != nil {
		f.Owner = answersFor(v, c)
		f.From = append(f.From, practice.To(c))
	}
	return f
}
