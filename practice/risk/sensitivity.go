package risk

import (
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/risk/fair"
)

// SensitivityIn says which risk is looked at.
type SensitivityIn struct {
	// Risk is the risk.
	Risk model.Ref `to:"Risk" is:"required"`
	// Seed names the random numbers of the rank correlation. Unset means 1.
	Seed int `min:"0"`
}

// SensitivityOut says which estimates matter.
type SensitivityOut struct {
	// Likely is what a year costs on average with every factor at its likely value.
	Likely practice.Figure
	// Expected is what it costs on average over the whole ranges.
	Expected practice.Figure
	// Findings name what is missing.
	Findings []practice.Finding
	// Factors are the factors, the one with the widest swing first: a tornado. Narrowing the first range tells most.
	Factors practice.Table[SensitivityRow]
}

// SensitivityRow says how much one factor moves the result.
type SensitivityRow struct {
	// Factor is what it is called.
	Factor string
	// Range is what was estimated.
	Range model.Range
	// Low is the mean loss of a year with the factor at its low end and the others at their likely values.
	Low model.Money
	// High is the mean loss of a year with the factor at its high end.
	High model.Money
	// Swing is by how much these differ.
	Swing model.Money
	// Rank is Spearman's rank correlation between the factor and the mean loss of a year, when all factors vary: from -1 to 1.
	Rank float64
}

// Sensitivity says which estimates of a risk move its mean loss most: each at its low and high end with the others at their likely values, and the rank correlation
// when all vary. The strength of a threat and of what resists it keep their ranges while another factor moves.
func Sensitivity(v estate.View, in SensitivityIn) (SensitivityOut, error) {
	r, err := riskOf(v, in.Risk)
	if err != nil {
		return SensitivityOut{}, err
	}
	a := newAssessor(v)
	x := a.assess([]*model.Risk{r}, a.counted)[0]
	link := []practice.Link{practice.To(r)}
	if x.model == nil {
		unknown := practice.Figure{Unknown: true, Better: practice.Lower, Note: "it lacks " + strings.Join(x.lacks, " and ")}
		return SensitivityOut{Likely: unknown, Expected: unknown, Findings: []practice.Finding{{Severity: practice.Low, About: link[0], From: link, Owner: practice.OwnerOf(v, r),
			Text: "To count " + r.Title() + " in money it lacks " + strings.Join(x.lacks, " and ") + ".", Mend: mend("risk.estimate", r)}}}, nil
	}
	type tornado struct {
		bars   []fair.Bar
		likely float64
	}
	options := optionsFor(1, 0, in.Seed)
	t := remembered(v, "risk.tornado", []*assessed{x}, options, func([]*fair.Model) tornado {
		bars, likely, _ := fair.Tornado(x.in, options.Seed)
		return tornado{bars, likely}
	})
	out := SensitivityOut{Likely: a.figure(t.likely, "", link), Expected: a.figure(x.model.Expected(), "", link)}
	for _, b := range t.bars {
		out.Factors.Rows = append(out.Factors.Rows, SensitivityRow{x.label(b.Factor), rangeOf(b.Factor.Estimate()), a.money(b.Low), a.money(b.High), a.money(b.Swing()), digits(b.Rank, 2)})
	}
	return out, nil
}
