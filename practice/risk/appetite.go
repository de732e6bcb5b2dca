package risk

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/risk/fair"
)

// appetites returns the appetites that hold on the day of a view, by key.
func appetites(v estate.View) []*model.RiskAppetite {
	var out []*model.RiskAppetite
	for r := range estate.Each[*model.RiskAppetite](v) {
		if r.Holds(v.At()) && len(r.Points) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// covers reports whether an appetite is about a risk.
func covers(ap *model.RiskAppetite, r *model.Risk) bool {
	if ap.Category != "" && !strings.EqualFold(ap.Category, r.Category) {
		return false
	}
	return len(ap.Scope) == 0 || slices.ContainsFunc(r.Assets, func(asset model.Ref) bool { return slices.Contains(ap.Scope, asset) })
}

// narrowness says how narrow an appetite is: the narrowest counts for a risk.
func narrowness(ap *model.RiskAppetite) int {
	n := 0
	if ap.Category != "" {
		n++
	}
	if len(ap.Scope) > 0 {
		n += 2
	}
	return n
}

// appetitesFor returns the appetites that are about a risk, the narrowest first.
func appetitesFor(v estate.View, r *model.Risk) []*model.RiskAppetite {
	var out []*model.RiskAppetite
	for _, ap := range appetites(v) {
		if covers(ap, r) {
			out = append(out, ap)
		}
	}
	sortRows(out, func(ap *model.RiskAppetite) int { return -narrowness(ap) })
	return out
}

// appetiteFor returns the appetite for all risks of a category or that act on one thing, or nil.
func appetiteFor(v estate.View, category string, asset model.Ref) *model.RiskAppetite {
	var best *model.RiskAppetite
	for _, ap := range appetites(v) {
		fits := (ap.Category == "" || strings.EqualFold(ap.Category, category)) && (len(ap.Scope) == 0 || slices.Contains(ap.Scope, asset))
		if fits && (best == nil || narrowness(ap) > narrowness(best)) {
			best = ap
		}
	}
	return best
}

// lostPoints names the points of an appetite that cannot be converted.
func (a *assessor) lostPoints(ap *model.RiskAppetite, lost []model.Money) []practice.Finding {
	var out []practice.Finding
	for _, m := range lost {
		out = append(out, practice.Finding{Severity: practice.Medium, About: practice.To(ap), From: []practice.Link{practice.To(ap)},
			Text: fmt.Sprintf("%s of %s is not held against anything, because there is no exchange rate to %s.", m, ap.Title(), a.currency)})
	}
	return out
}

// breaches names the points of an appetite that are exceeded.
func (a *assessor) breaches(r *fair.Result, limits []limit) []practice.Finding {
	var out []practice.Finding
	for _, l := range limits {
		p := r.Exceeds(l.amount)
		f := practice.Finding{About: practice.To(l.record), From: []practice.Link{practice.To(l.record)}, Owner: practice.OwnerOf(a.view, l.record)}
		switch {
		case p > l.tolerance:
			f.Severity = practice.High
			f.Text = fmt.Sprintf("A year costs more than %s with a probability of %g %%: %s tolerates %g %%.", a.money(l.amount), percent(p), l.record.Title(), percent(l.tolerance))
		case p > l.appetite:
			f.Severity = practice.Medium
			f.Text = fmt.Sprintf("A year costs more than %s with a probability of %g %%: that is above the appetite of %g %% and within the tolerance of %g %%, by %s.", a.money(l.amount), percent(p), percent(l.appetite), percent(l.tolerance), l.record.Title())
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}

// AppetiteIn says how to simulate.
type AppetiteIn struct {
	// Years is how many years are simulated. Unset means 100,000 for up to 20 risks and 20,000 for more.
	Years int `min:"100" max:"1000000"`
	// Seed names the random numbers. Unset means 1.
	Seed int `min:"0"`
}

// AppetiteOut says where the appetite is exceeded.
type AppetiteOut struct {
	// Above is how many points are above the appetite and within the tolerance.
	Above practice.Figure
	// Beyond is how many points are beyond the tolerance.
	Beyond practice.Figure
	// Findings name them, with the risks that contribute most.
	Findings []practice.Finding
	// Points are the points of every appetite that holds, with the probability as it is.
	Points practice.Table[AppetiteRow]
	// Method says how the figures came about.
	Method string
}

// AppetiteRow is a point of an appetite as it stands.
type AppetiteRow struct {
	// Appetite is the record that says so.
	Appetite practice.Link
	// For says which risks it is about.
	For string
	// Amount is the amount.
	Amount model.Money
	// Probability is how probable it is that a year costs more.
	Probability float64 `unit:"%"`
	// Wanted is how probable it may be for the company to be at ease.
	Wanted float64 `unit:"%"`
	// Tolerated is how probable it may be at the very most.
	Tolerated float64 `unit:"%"`
	// State says whether it is within, above or beyond.
	State Standing
	// Risks is how many risks are counted.
	Risks int
	// Most are the risks that contribute most to the worst years.
	Most []practice.Link
	// Mean is what these risks cost in a year on average.
	Mean model.Money
}

// Standing says how a point of an appetite stands.
type Standing string

// How a point stands.
const (
	Within Standing = "within"
	Above  Standing = "above"
	Beyond Standing = "beyond"
)

// Options lists how a point may stand.
func (Standing) Options() []model.Option {
	return []model.Option{
		{Value: "within", Label: "Within", Help: "The company is at ease."},
		{Value: "above", Label: "Above appetite", Help: "It is more than the company wants and not more than it tolerates."},
		{Value: "beyond", Label: "Beyond tolerance", Help: "It is more than the company tolerates."},
	}
}

// Appetite holds every appetite that is in force against the risks that it is about, and says where it is exceeded and by which risks.
func Appetite(v estate.View, in AppetiteIn) (AppetiteOut, error) {
	var out AppetiteOut
	a := newAssessor(v)
	var above, beyond []practice.Link
	var options fair.Options
	for _, ap := range appetites(v) {
		list := a.assess(openRisks(v, func(r *model.Risk) bool { return covers(ap, r) }), a.counted)
		_, counted := modelsOf(list)
		options = optionsFor(len(counted), in.Years, in.Seed)
		res := together(v, list, options)
		limits, lost := a.limitsOf(ap)
		out.Findings = append(out.Findings, a.lostPoints(ap, lost)...)
		found := a.breaches(res.Result, limits)
		most := mostOf(counted, res.Contributions)
		for i := range found {
			found[i].From = append(found[i].From, most...)
			if len(most) > 0 {
				found[i].Text += " Most of the worst years comes from " + practice.Some(most) + "."
				found[i].Mend = &practice.Mend{Action: "risk.treat", Parameters: map[string]string{"risk": most[0].Key, "treatment": "mitigate"}}
			}
		}
		out.Findings = append(out.Findings, found...)
		for _, l := range limits {
			p := res.Exceeds(l.amount)
			row := AppetiteRow{Appetite: practice.To(ap), For: about(v, ap), Amount: a.money(l.amount), Probability: percent(p), Wanted: percent(l.appetite), Tolerated: percent(l.tolerance),
				State: Within, Risks: len(counted), Most: most, Mean: a.money(res.Mean)}
			switch {
			case p > l.tolerance:
				row.State = Beyond
				beyond = append(beyond, row.Appetite)
			case p > l.appetite:
				row.State = Above
				above = append(above, row.Appetite)
			}
			out.Points.Rows = append(out.Points.Rows, row)
		}
	}
	practice.WorstFirst(out.Findings)
	out.Above, out.Beyond = practice.Counted("points", practice.Lower, above), practice.Counted("points", practice.Lower, beyond)
	if len(out.Points.Rows) == 0 {
		out.Above.Unknown, out.Above.Note = true, "no appetite is in force: record one as a RiskAppetite"
		out.Beyond.Unknown, out.Beyond.Note = true, out.Above.Note
		return out, nil
	}
	out.Method = method(options) + a.missingRates()
	return out, nil
}

// about says which risks an appetite is about.
func about(v estate.View, ap *model.RiskAppetite) string {
	text := "all risks"
	if ap.Category != "" {
		text = ap.Category + " risks"
	}
	var scope []practice.Link
	for _, ref := range ap.Scope {
		if rec := v.Get(ref); rec != nil {
			scope = append(scope, practice.To(rec))
		}
	}
	if len(scope) > 0 {
		text += " to " + practice.Some(scope)
	}
	return text
}

// mostOf returns the three risks that contribute most to the worst years.
func mostOf(counted []*assessed, parts []fair.Contribution) []practice.Link {
	order := make([]int, len(parts))
	for i := range order {
		order[i] = i
	}
	sortRows(order, func(i int) float64 { return -parts[i].Tail })
	var out []practice.Link
	for _, i := range order[:min(3, len(order))] {
		if parts[i].Tail > 0 {
			out = append(out, practice.To(counted[i].risk))
		}
	}
	return out
}

// WithinAppetiteIn says how strict the check is.
type WithinAppetiteIn struct {
	// Tolerance says that being above the appetite is allowed as long as it is within the tolerance.
	Tolerance bool
}

// WithinAppetite checks that the probability of a year that costs more than an amount stays below what the company wants, for every appetite that is in force.
func WithinAppetite(v estate.View, in WithinAppetiteIn) (practice.Verdict, error) {
	found, err := Appetite(v, AppetiteIn{})
	if err != nil {
		return practice.Verdict{}, err
	}
	var out practice.Verdict
	counted, bad := 0, 0
	for _, row := range found.Points.Rows {
		out.Checked = append(out.Checked, row.Appetite)
		counted = max(counted, row.Risks)
		bad += b2i(row.State == Beyond || row.State == Above && !in.Tolerance)
	}
	out.Checked = slices.Compact(out.Checked)
	for _, f := range found.Findings {
		if !in.Tolerance || f.Severity != practice.Medium {
			out.Findings = append(out.Findings, f)
		}
	}
	points := practice.Count(len(found.Points.Rows), "amount", "amounts")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No appetite for risk is in force, so there is nothing to check."
	case counted == 0:
		out.Unknown, out.Text = true, "No open risk can be counted in money, so nobody can tell."
	case bad > 0:
		out.Text = fmt.Sprintf("The probability of %d of %s is above what the company wants.", bad, points)
	case len(out.Findings) > 0:
		out.Unknown, out.Text = true, "Amounts of the appetite could not be converted, so nobody can tell."
	default:
		out.Pass, out.Text = true, fmt.Sprintf("The probability of each of %s stays below what the company wants.", points)
	}
	if lacking := uncountedIn(v); lacking > 0 {
		out.Text += fmt.Sprintf(" %s not in it, because ranges are missing.", practice.Count(lacking, "open risk is", "open risks are"))
	}
	return out, nil
}

// uncountedIn returns how many open risks cannot be counted in money.
func uncountedIn(v estate.View) int {
	a := newAssessor(v)
	return len(uncounted(a.assess(openRisks(v, nil), a.counted)))
}
