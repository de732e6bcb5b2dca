package risk

import (
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// RegisterIn limits the register.
type RegisterIn struct {
	// Category limits the answer to risks of one category.
	Category string
	// Owner limits the answer to risks that one person or team answers for.
	Owner model.Ref `to:"Person,Team"`
	// Asset limits the answer to risks that act on one thing.
	Asset model.Ref `to:"any"`
	// Closed says that closed risks are listed too. They are not counted.
	Closed bool
	// Years is how many years are simulated. Unset means 100,000 for up to 20 risks and 20,000 for more.
	Years int `min:"100" max:"1000000"`
	// Seed names the random numbers. Unset means 1.
	Seed int `min:"0"`
}

// selected reports whether the parameters let a risk through.
func selected(r *model.Risk, category string, owner, asset model.Ref) bool {
	if category != "" && !strings.EqualFold(r.Category, category) || !owner.IsZero() && r.Owner != owner {
		return false
	}
	if asset.IsZero() {
		return true
	}
	for _, a := range r.Assets {
		if a == asset {
			return true
		}
	}
	return false
}

// RegisterOut is the register of risks.
type RegisterOut struct {
	// Open is how many risks are not closed.
	Open practice.Figure
	// Expected is what all of them cost in a year on average, as far as they can be counted.
	Expected practice.Figure
	// Uncounted is how many open risks lack what it takes to count them in money.
	Uncounted practice.Figure
	// Undecided is how many open risks nobody has decided about.
	Undecided practice.Figure
	// Overdue is how many open risks were to be looked at again before today.
	Overdue practice.Figure
	// Findings name risks that are overdue, not owned, or accepted for longer than was said.
	Findings []practice.Finding
	// Risks are the risks, the dearest first and then those that are not counted by their level.
	Risks practice.Table[RegisterRow]
}

// RegisterRow is a risk in the register.
type RegisterRow struct {
	// Risk is the risk.
	Risk practice.Link
	// Category groups it.
	Category string
	// Scenario says what may happen to what, and with which effect.
	Scenario string
	// State says where the work on it stands.
	State model.RiskState
	// Treatment says what is done about it.
	Treatment model.RiskTreatment
	// Owner is who answers for it.
	Owner practice.Link
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy model.Date
	// Expected is what it costs in a year on average: the annualised loss expectancy.
	Expected model.Money
	// P95 is what 95 of 100 years do not cost more than.
	P95 model.Money
	// Tail is what the worst five of 100 years cost on average.
	Tail model.Money
	// Likelihood says how likely it is, where somebody said so.
	Likelihood model.Level
	// Impact says how bad it would be, where somebody said so.
	Impact model.Level
	// Level is the level of risk of that cell of the matrix.
	Level model.Level
	// Lacks says what is missing to count it in money.
	Lacks string
}

// Register lists the risks with who answers for them, what is done, when they are looked at again, and what they
// cost: in money where ranges are there, and as a level of the matrix where somebody only said likely or bad.
func Register(v estate.View, in RegisterIn) (RegisterOut, error) {
	var out RegisterOut
	a := newAssessor(v)
	var shown []*model.Risk
	for r := range estate.Each[*model.Risk](v) {
		if (in.Closed || r.State != model.RiskClosed) && selected(r, in.Category, in.Owner, in.Asset) {
			shown = append(shown, r)
		}
	}
	list := a.assess(shown, a.counted)
	options := optionsFor(len(list), in.Years, in.Seed)
	figures := alone(v, list, options)
	m, _ := matrixOf(v, model.Ref{})
	var open, undecided, overdue, counted, lacking []practice.Link
	expected := 0.0
	for _, x := range list {
		r, link := x.risk, practice.To(x.risk)
		row := RegisterRow{Risk: link, Category: r.Category, Scenario: scenario(v, r), State: r.State, Treatment: r.Treatment, Owner: practice.OwnerOf(v, r), ReviewBy: r.ReviewBy,
			Likelihood: r.Likelihood, Impact: r.Impact, Level: cellOf(m, r.Likelihood, r.Impact), Lacks: strings.Join(x.lacks, "; ")}
		isOpen := r.State != model.RiskClosed
		if x.model != nil {
			f := figures[0]
			figures = figures[1:]
			row.Expected, row.P95, row.Tail = a.money(f.mean), a.money(f.p95), a.money(f.tail)
			if isOpen {
				expected += f.mean
				counted = append(counted, link)
			}
		} else if isOpen {
			lacking = append(lacking, link)
		}
		out.Risks.Rows = append(out.Risks.Rows, row)
		if !isOpen {
			continue
		}
		open = append(open, link)
		if r.Treatment == "" || r.Treatment == model.TreatUndecided {
			undecided = append(undecided, link)
		}
		if !r.ReviewBy.IsZero() && r.ReviewBy < v.At() {
			overdue = append(overdue, link)
		}
		out.Findings = append(out.Findings, lapses(v, r, m)...)
	}
	sortRows(out.Risks.Rows, func(r RegisterRow) float64 { return -r.Expected.Float()*1000 - float64(model.Rank(r.Level)) })
	practice.WorstFirst(out.Findings)
	out.Risks.Note = method(options) + a.missingRates()
	out.Open, out.Undecided = practice.Counted("risks", practice.Lower, open), practice.Counted("risks", practice.Lower, undecided)
	out.Uncounted, out.Overdue = practice.Counted("risks", practice.Lower, lacking), practice.Counted("risks", practice.Lower, overdue)
	out.Expected = a.figure(expected, "the sum over the risks that can be counted, without chance", counted)
	if len(counted) == 0 {
		out.Expected = practice.Figure{Unknown: true, Better: practice.Lower, Note: "no open risk has the ranges that it takes"}
	}
	return out, nil
}

// scenario says in a sentence what may happen to what, and with which effect.
func scenario(v estate.View, r *model.Risk) string {
	var parts []string
	if r.Threat != "" {
		parts = append(parts, r.Threat)
	}
	var assets []practice.Link
	for _, ref := range r.Assets {
		if rec := v.Get(ref); rec != nil {
			assets = append(assets, practice.To(rec))
		}
	}
	if len(assets) > 0 {
		parts = append(parts, practice.Some(assets))
	}
	if r.Effect != "" {
		parts = append(parts, r.Effect)
	}
	return strings.Join(parts, " → ")
}

// missingRates says which currencies could not be converted.
func (a *assessor) missingRates() string {
	if missing := a.rates.Missing(); len(missing) > 0 {
		return fmt.Sprintf(". There is no exchange rate from %s to %s: record one as an ExchangeRate", strings.Join(missing, ", "), a.currency)
	}
	return ""
}
