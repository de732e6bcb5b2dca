package risk

import (
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/risk/fair"
)

// SimulateIn says which risk is simulated, and how.
type SimulateIn struct {
	// Risk is the risk.
	Risk model.Ref `to:"Risk" is:"required"`
	// Years is how many years are simulated. The default is 100,000.
	Years int `min:"100" max:"1000000"`
	// Seed names the random numbers. Unset means 1.
	Seed int `min:"0"`
}

// SimulateOut is what one risk costs.
type SimulateOut struct {
	// Expected is what it costs in a year on average: the annualised loss expectancy.
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
	// Events is how many losses there are in a year on average.
	Events practice.Figure
	// Level is what the matrix says, where somebody said how likely and how bad it is.
	Level string
	// Lacks says what is missing to count the risk in money.
	Lacks []string
	// Findings name what is missing, controls that do not count and where the appetite is exceeded.
	Findings []practice.Finding
	// Curve is the loss exceedance curve with the appetite and the tolerance for this risk's category.
	Curve practice.Picture
	// Exceedance has the curve at round amounts.
	Exceedance practice.Table[ExceedanceRow]
	// Forms are the forms of loss with their part of the mean.
	Forms practice.Table[FormRow]
	// Factors are the factors of the tree, and where each came from.
	Factors practice.Table[FactorRow]
	// Controls are the controls that stand against the risk, and whether each counts.
	Controls practice.Table[ProtectionRow]
	// Method says how the figures came about.
	Method string
}

// FormRow is a form of loss.
type FormRow struct {
	// Form is which of the six it is.
	Form model.LossKind
	// Secondary says that it comes from the reaction of others.
	Secondary bool
	// Range is what one event costs, as it was estimated, in the currency of the risk.
	Range model.Range
	// Event is what it costs on average for each event, after protections. Reactions that do not come count as nothing.
	Event model.Money
	// Year is what it costs on average in a year.
	Year model.Money
	// Share is its part of the mean.
	Share float64 `unit:"%"`
	// Note says where the estimate comes from.
	Note string
}

// FactorRow is a factor of the tree.
type FactorRow struct {
	// Factor is what it is called.
	Factor string
	// Range is what was estimated.
	Range model.Range
	// Value is the mean that it is counted with.
	Value float64
	// Source says where it came from.
	Source string
}

// ProtectionRow is a control that stands against the risk.
type ProtectionRow struct {
	// Control is the control.
	Control practice.Link
	// Against is the factor that it acts on.
	Against model.ProtectionFactor
	// Strength is up to which strength of threats it holds, where it resists.
	Strength model.Range
	// Reduction is the part of the factor that it takes away.
	Reduction model.Percent `unit:"%"`
	// Counts says that it counts as in place.
	Counts bool
	// Why says why.
	Why string
}

// Simulate plays many years of one risk and tells what they cost. The range of each factor is drawn anew for each year; the number of losses
// of a year is Poisson about the frequency, or one at the most; each loss adds its primary forms, and its secondary ones where others react. Only
// controls that are really in place count: one that failed a test, or whose last test is too old, does not. Common causes change nothing about a risk by itself.
func Simulate(v estate.View, in SimulateIn) (SimulateOut, error) {
	r, err := riskOf(v, in.Risk)
	if err != nil {
		return SimulateOut{}, err
	}
	a := newAssessor(v)
	x := a.assess([]*model.Risk{r}, a.counted)[0]
	link := practice.To(r)
	var out SimulateOut
	m, _ := matrixOf(v, model.Ref{})
	if level := cellOf(m, r.Likelihood, r.Impact); level != "" {
		out.Level = fmt.Sprintf("%s (%s likelihood, %s impact, %s)", words(level), words(r.Likelihood), words(r.Impact), m.Title())
	}
	out.controls(a, x)
	if x.model == nil {
		out.uncounted(v, x)
		return out, nil
	}
	options := optionsFor(1, in.Years, in.Seed)
	res := remembered(v, "risk.one", []*assessed{x}, options, func(models []*fair.Model) *fair.Result { return fair.Simulate(models, options) })
	var limits []limit
	for _, ap := range appetitesFor(v, r) {
		more, _ := a.limitsOf(ap)
		limits = append(limits, more...)
		break
	}
	f := a.lossesOf(res, x.model.Expected(), []practice.Link{link})
	out.Expected, out.Median, out.P90, out.P95, out.P99, out.Tail, out.Maximum, out.NoLoss = f.expected, f.p50, f.p90, f.p95, f.p99, f.tail, f.maximum, f.none
	out.Events = practice.Figure{Value: digits(x.model.Frequency(), 4), Unit: "a year", Better: practice.Lower, From: []practice.Link{link}}
	out.Curve = a.curveOf(r.Title(), res, limits)
	out.Exceedance = a.exceedances(res, limits)
	for _, l := range limits {
		if p := res.Exceeds(l.amount); p > l.tolerance {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: link, From: []practice.Link{link, practice.To(l.record)}, Owner: practice.OwnerOf(v, r),
				Text: fmt.Sprintf("This risk alone costs more than %s with a probability of %g %%, and %s tolerates %g %%.", a.money(l.amount), percent(p), l.record.Title(), percent(l.tolerance)), Mend: mend("risk.treat", r)})
		}
	}
	out.forms(a, x)
	out.Factors.Rows = factorsOf(x)
	out.Factors.Note = "ranges are estimates without the controls below, which then act on them"
	out.Method = method(options)
	practice.WorstFirst(out.Findings)
	return out, nil
}

// uncounted fills in what a risk without ranges has to say.
func (o *SimulateOut) uncounted(v estate.View, x *assessed) {
	o.Lacks = x.lacks
	unknown := practice.Figure{Unknown: true, Better: practice.Lower, Note: "it lacks " + strings.Join(x.lacks, " and ")}
	o.Expected, o.Median, o.P90, o.P95, o.P99, o.Tail, o.Maximum, o.NoLoss, o.Events = unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown, unknown
	o.Curve = practice.Picture{Type: practice.CurvePicture}
	o.Findings = append(o.Findings, practice.Finding{Severity: practice.Low, About: practice.To(x.risk), From: []practice.Link{practice.To(x.risk)}, Owner: practice.OwnerOf(v, x.risk),
		Text: fmt.Sprintf("To count %s in money it lacks %s.", x.risk.Title(), strings.Join(x.lacks, " and ")), Mend: mend("risk.estimate", x.risk)})
	practice.WorstFirst(o.Findings)
}

// controls fills in the controls that stand against the risk.
func (o *SimulateOut) controls(a *assessor, x *assessed) {
	givenWhole := x.in.Frequency.Given() || x.in.Susceptibility.Given()
	for _, p := range x.risk.Protections {
		s := a.control(p.Control)
		row := ProtectionRow{Against: p.Against, Strength: p.Strength, Reduction: p.Reduction, Counts: s.counts, Why: s.why}
		if s.control != nil {
			row.Control = practice.To(s.control)
		}
		switch {
		case !s.counts:
		case p.Against == model.AgainstResistance && givenWhole:
			row.Counts, row.Why = false, "the frequency or the susceptibility was estimated as a whole, so that its strength does not bear on it"
		case p.Against == model.AgainstResistance && p.Strength.IsZero():
			row.Counts, row.Why = false, "nobody estimated its strength"
		case p.Against != model.AgainstResistance && p.Reduction == 0:
			row.Counts, row.Why = false, "nobody estimated how much it takes away"
		}
		o.Controls.Rows = append(o.Controls.Rows, row)
		if !s.counts && s.control != nil {
			o.Findings = append(o.Findings, practice.Finding{Severity: practice.Medium, About: row.Control, From: []practice.Link{practice.To(x.risk), row.Control}, Owner: practice.OwnerOf(a.view, s.control),
				Text: fmt.Sprintf("%s does not count against %s: %s.", s.control.Title(), x.risk.Title(), s.why)})
		}
	}
}

// forms fills in the forms of loss.
func (o *SimulateOut) forms(a *assessor, x *assessed) {
	means := x.model.Forms()
	for i, l := range x.risk.Losses {
		row := FormRow{Form: l.Form, Secondary: l.Secondary, Range: l.Amount, Event: a.money(means[i].Event), Year: a.money(means[i].Year), Note: l.Note}
		if all := x.model.Expected(); all > 0 {
			row.Share = percent(means[i].Year / all)
		}
		o.Forms.Rows = append(o.Forms.Rows, row)
	}
	if c := strings.ToUpper(x.risk.Currency); c != "" && c != a.currency {
		o.Forms.Note = fmt.Sprintf("ranges are in %s, one of which is %g %s", c, digits(x.in.Rate, 8), a.currency)
	}
}

// factorLabels says what factors are called on a screen.
var factorLabels = map[string]string{
	"event_frequency": "How often loss happens in a year", "threat_frequency": "How often the threat acts in a year", "contact_frequency": "How often the threat meets the asset in a year",
	"action_probability": "Probability that it acts", "susceptibility": "Probability that it succeeds", "threat_capability": "Strength of the threat", "resistance_strength": "Strength of the asset by itself",
	"secondary_frequency": "Probability that others react",
}

// label returns what a factor is called on a screen.
func (x *assessed) label(f fair.Factor) string {
	if f.Form >= 0 {
		l := x.risk.Losses[f.Form]
		text := "Loss: " + words(l.Form)
		if l.Secondary {
			text += ", by the reaction of others"
		}
		return text
	}
	if l := factorLabels[f.Name]; l != "" {
		return l
	}
	return "Strength of " + f.Name
}

// rangeOf returns the range of an estimate.
func rangeOf(e fair.Estimate) model.Range {
	return model.Range{Low: e.Low, Likely: e.Likely, High: e.High}
}

// factorsOf lists the factors of the tree that are not losses, and what follows from them.
func factorsOf(x *assessed) []FactorRow {
	var out []FactorRow
	for _, f := range x.in.Factors() {
		if f.Form < 0 {
			out = append(out, FactorRow{x.label(f), rangeOf(f.Estimate()), digits(f.Estimate().Mean(), 4), "estimated"})
		}
	}
	follow := func(name string, value float64, source string) {
		out = append(out, FactorRow{Factor: name, Value: digits(value, 4), Source: source})
	}
	for _, c := range []struct {
		name string
		part float64
	}{{"Part of the contacts that controls leave", x.in.Cuts.Contact}, {"Part of the actions that controls leave", x.in.Cuts.Action}, {"Part of each loss that controls leave", x.in.Cuts.Loss}, {"Part of the reactions that controls leave", x.in.Cuts.Reaction}} {
		if c.part > 0 {
			follow(c.name, 1-c.part, "the controls in place")
		}
	}
	if s, ok := x.model.Susceptibility(); ok {
		follow(factorLabels["susceptibility"], s, "computed: the threat is stronger than the asset and every control in place that resists")
	}
	follow("Losses in a year", x.model.Frequency(), map[bool]string{true: "computed, one a year at the most", false: "computed"}[x.in.AtMostOnce])
	follow("Cost of one loss", x.model.Event(), "computed")
	return out
}
