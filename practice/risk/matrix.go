package risk

import (
	"cmp"
	"fmt"
	"strconv"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// levels are the five levels, lowest first.
var levels = [5]model.Level{model.LevelVeryLow, model.LevelLow, model.LevelMedium, model.LevelHigh, model.LevelVeryHigh}

// nistTable is table I-2 of NIST SP 800-30 revision 1: likelihood down, impact across, both lowest first. It is a table
// and no product: very high likelihood with very low impact is very low.
var nistTable = [5][5]int{
	{0, 0, 0, 1, 1},
	{0, 1, 1, 1, 2},
	{0, 1, 2, 2, 3},
	{0, 1, 2, 3, 4},
	{0, 1, 2, 3, 4},
}

// nistSteps are the semi-quantitative values of the five levels of NIST SP 800-30 revision 1.
var nistSteps = [5]model.MatrixStep{
	{Level: model.LevelVeryLow, Label: "Very low", Low: 0, High: 4, Representative: 0},
	{Level: model.LevelLow, Label: "Low", Low: 5, High: 20, Representative: 2},
	{Level: model.LevelMedium, Label: "Moderate", Low: 21, High: 79, Representative: 5},
	{Level: model.LevelHigh, Label: "High", Low: 80, High: 95, Representative: 8},
	{Level: model.LevelVeryHigh, Label: "Very high", Low: 96, High: 100, Representative: 10},
}

// DeliveredMatrix returns the matrix of NIST SP 800-30 revision 1, which counts where the organisation has none of its own.
func DeliveredMatrix() *model.RiskMatrix {
	m := &model.RiskMatrix{Edition: "1", Likelihoods: nistSteps[:], Impacts: nistSteps[:]}
	m.Key, m.Name = "nist-sp-800-30", "NIST SP 800-30 revision 1, table I-2"
	for i, likelihood := range levels {
		for j, impact := range levels {
			m.Cells = append(m.Cells, model.MatrixCell{Likelihood: likelihood, Impact: impact, Risk: levels[nistTable[i][j]]})
		}
	}
	return m
}

// matrixOf returns the matrix that counts on the day of a view, and whether it is the organisation's own.
func matrixOf(v estate.View, want model.Ref) (*model.RiskMatrix, bool) {
	if m, ok := estate.Look[*model.RiskMatrix](v, want); ok {
		return m, true
	}
	var best *model.RiskMatrix
	for m := range estate.Each[*model.RiskMatrix](v) {
		holds := (m.Start.IsZero() || m.Start <= v.At()) && (m.End.IsZero() || m.End >= v.At())
		if holds && len(m.Cells) > 0 && (best == nil || m.Start > best.Start) {
			best = m
		}
	}
	if best == nil {
		return DeliveredMatrix(), false
	}
	return best, true
}

// cellOf returns the level of risk that two levels make, or nothing where the matrix has no such cell.
func cellOf(m *model.RiskMatrix, likelihood, impact model.Level) model.Level {
	if likelihood == "" || impact == "" {
		return ""
	}
	for _, c := range m.Cells {
		if c.Likelihood == likelihood && c.Impact == impact {
			return c.Risk
		}
	}
	return ""
}

// severityOf says how much a level of risk matters.
func severityOf(l model.Level) practice.Severity {
	return map[model.Level]practice.Severity{model.LevelLow: practice.Low, model.LevelMedium: practice.Medium, model.LevelHigh: practice.High, model.LevelVeryHigh: practice.Critical}[l]
}

// MatrixIn says which risks and which of their levels are shown.
type MatrixIn struct {
	// Matrix is the table to use. Unset means the organisation's own that counts today, otherwise that of NIST SP 800-30.
	Matrix model.Ref `to:"RiskMatrix"`
	// Category limits the answer to risks of one category.
	Category string
	// State says which levels are shown.
	State RiskLevels
}

// RiskLevels says which levels of a risk are meant.
type RiskLevels string

// The levels of a risk.
const (
	LevelsCurrent  RiskLevels = "current"
	LevelsInherent RiskLevels = "inherent"
	LevelsTarget   RiskLevels = "target"
)

// Options lists which levels may be meant.
func (RiskLevels) Options() []model.Option {
	return []model.Option{
		{Value: "current", Label: "Now", Help: "With the measures of today."},
		{Value: "inherent", Label: "Inherent", Help: "Without any measure."},
		{Value: "target", Label: "Target", Help: "As it may stay."},
	}
}

// of returns the likelihood and the impact of a risk.
func (s RiskLevels) of(r *model.Risk) (likelihood, impact model.Level) {
	switch s {
	case LevelsInherent:
		return r.InherentLikelihood, r.InherentImpact
	case LevelsTarget:
		return r.TargetLikelihood, r.TargetImpact
	}
	return r.Likelihood, r.Impact
}

// MatrixOut is the map of risks by likelihood and impact.
type MatrixOut struct {
	// Used says which table was used.
	Used string
	// Placed is how many risks have a cell.
	Placed practice.Figure
	// Severe is how many of them are high or very high.
	Severe practice.Figure
	// Without is how many open risks have no likelihood or no impact.
	Without practice.Figure
	// Map has the risks in their cells: likelihood upwards, impact to the right, both from 1 for the lowest step to 5.
	Map practice.Picture
	// Risks are the risks with their cells, the highest first.
	Risks practice.Table[MatrixRow]
	// Table is the matrix itself, the highest likelihood first.
	Table practice.Table[MatrixTableRow]
	// Steps are the steps of the two scales with their values.
	Steps practice.Table[MatrixStepRow]
	// Findings name cells that the matrix does not have, and risks above their target.
	Findings []practice.Finding
}

// MatrixRow is a risk in its cell.
type MatrixRow struct {
	// Risk is the risk.
	Risk practice.Link
	// Likelihood is the row of its cell.
	Likelihood model.Level
	// Impact is the column of its cell.
	Impact model.Level
	// Level is what the cell says.
	Level model.Level
	// Owner is who answers for it.
	Owner practice.Link
}

// MatrixTableRow is a row of the matrix.
type MatrixTableRow struct {
	// Likelihood is the row.
	Likelihood string
	// VeryLow is the level for a very low impact.
	VeryLow model.Level
	// Low is the level for a low impact.
	Low model.Level
	// Medium is the level for a medium impact.
	Medium model.Level
	// High is the level for a high impact.
	High model.Level
	// VeryHigh is the level for a very high impact.
	VeryHigh model.Level
}

// MatrixStepRow is a step of a scale.
type MatrixStepRow struct {
	// Scale is likelihood or impact.
	Scale string
	// Step is what the step is called.
	Step string
	// Low is the lowest value, from 0 to 100.
	Low float64
	// High is the highest value, from 0 to 100.
	High float64
	// Representative is the value that stands for it, from 0 to 10.
	Representative float64
	// Text says what it means.
	Text string
}

// Matrix shows risks by likelihood and impact, in the organisation's own matrix or in the one of NIST SP 800-30, which is a table to look up and not a product.
func Matrix(v estate.View, in MatrixIn) (MatrixOut, error) {
	m, own := matrixOf(v, in.Matrix)
	out := MatrixOut{Used: m.Title(), Map: practice.Picture{Type: practice.MatrixPicture}}
	if m.Edition != "" {
		out.Used += ", edition " + m.Edition
	}
	if !own {
		out.Used += " (delivered, because the organisation has no matrix of its own)"
	}
	var placed, severe, without []practice.Link
	for _, r := range openRisks(v, func(r *model.Risk) bool { return in.Category == "" || r.Category == in.Category }) {
		link := practice.To(r)
		likelihood, impact := in.State.of(r)
		level := cellOf(m, likelihood, impact)
		switch {
		case likelihood == "" || impact == "":
			without = append(without, link)
			continue
		case level == "":
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, r),
				Text: fmt.Sprintf("%s has %s likelihood and %s impact, and the matrix has no such cell.", r.Title(), words(likelihood), words(impact))})
			without = append(without, link)
			continue
		}
		placed = append(placed, link)
		if model.Rank(level) >= model.Rank(model.LevelHigh) {
			severe = append(severe, link)
		}
		out.Risks.Rows = append(out.Risks.Rows, MatrixRow{link, likelihood, impact, level, practice.OwnerOf(v, r)})
		out.Map.Nodes = append(out.Map.Nodes, practice.Node{Link: link, Group: strconv.Itoa(model.Rank(likelihood)), Value: float64(model.Rank(impact)), Severity: severityOf(level)})
		if target := cellOf(m, r.TargetLikelihood, r.TargetImpact); in.State != LevelsTarget && in.State != LevelsInherent && target != "" && model.Rank(level) > model.Rank(target) {
			out.Findings = append(out.Findings, practice.Finding{Severity: severityOf(level), About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, r),
				Text: fmt.Sprintf("%s is %s and may stay %s.", r.Title(), words(level), words(target)),
				Mend: &practice.Mend{Action: "risk.treat", Parameters: map[string]string{"risk": r.Key, "treatment": "mitigate"}}})
		}
	}
	sortRows(out.Risks.Rows, func(r MatrixRow) int { return -model.Rank(r.Level) })
	practice.WorstFirst(out.Findings)
	out.Placed, out.Severe = practice.Counted("risks", practice.Neither, placed), practice.Counted("risks", practice.Lower, severe)
	out.Without = practice.Counted("risks", practice.Lower, without)
	out.describe(m)
	return out, nil
}

// describe fills in the matrix itself.
func (o *MatrixOut) describe(m *model.RiskMatrix) {
	label := func(steps []model.MatrixStep, l model.Level) string {
		for _, s := range steps {
			if s.Level == l {
				return cmp.Or(s.Label, words(l))
			}
		}
		return words(l)
	}
	o.Map.Matrix = &practice.Matrix{Across: "Impact", Up: "Likelihood"}
	for i, likelihood := range levels {
		o.Map.Matrix.Rows, o.Map.Matrix.Columns = append(o.Map.Matrix.Rows, label(m.Likelihoods, likelihood)), append(o.Map.Matrix.Columns, label(m.Impacts, levels[i]))
		var row []practice.MatrixCell
		for _, impact := range levels {
			var c practice.MatrixCell
			if level := cellOf(m, likelihood, impact); level != "" {
				c = practice.MatrixCell{Label: words(level), Severity: cmp.Or(severityOf(level), practice.Info)}
			}
			row = append(row, c)
		}
		o.Map.Matrix.Cells = append(o.Map.Matrix.Cells, row)
	}
	for i := len(levels) - 1; i >= 0; i-- {
		var cells [5]model.Level
		any := false
		for j, impact := range levels {
			cells[j] = cellOf(m, levels[i], impact)
			any = any || cells[j] != ""
		}
		if any {
			o.Table.Rows = append(o.Table.Rows, MatrixTableRow{label(m.Likelihoods, levels[i]), cells[0], cells[1], cells[2], cells[3], cells[4]})
		}
	}
	for _, scale := range []struct {
		name  string
		steps []model.MatrixStep
	}{{"likelihood", m.Likelihoods}, {"impact", m.Impacts}} {
		for _, s := range scale.steps {
			o.Steps.Rows = append(o.Steps.Rows, MatrixStepRow{scale.name, cmp.Or(s.Label, words(s.Level)), s.Low, s.High, s.Representative, s.Text})
		}
	}
}
