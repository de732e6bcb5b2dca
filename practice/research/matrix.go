package research

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/research/choice"
)

// MatrixIn says which decision matrix is looked at.
type MatrixIn struct {
	// Matrix is the decision matrix.
	Matrix model.Ref `to:"DecisionMatrix" is:"required"`
}

// MatrixOut is what a decision matrix says.
type MatrixOut struct {
	// State says where it stands.
	State model.MatrixState
	// Method says how scores become a ranking.
	Method model.MatrixMethod
	// Chosen is the option that was chosen.
	Chosen string
	// HandedIn is how many have handed their scores in, with how many were asked as the target.
	HandedIn practice.Figure
	// Consistency is the consistency ratio of the comparisons of criteria. Up to 0.1 they can be relied on.
	Consistency practice.Figure
	// Agreement is how far those who scored rank the options alike, from 0 to 1: Kendall's coefficient of concordance.
	Agreement practice.Figure
	// Margin is the smallest change of one weight, in points of percent, by which another option comes to lead.
	Margin practice.Figure
	// Findings are what to know before choosing.
	Findings []practice.Finding
	// Ranking is the ranking by the mean of all scores, the first first.
	Ranking practice.Table[RankRow]
	// Alone are the rankings by each scorer alone.
	Alone practice.Table[AloneRow]
	// Weights are the weights of the criteria.
	Weights practice.Table[WeightRow]
	// Turns are the changes of one weight by which another option comes to lead, the smallest first.
	Turns practice.Table[TurnRow]
	// Cells are the scores of each option by each criterion, those first about which people differ most.
	Cells practice.Table[CellRow]
	// Picture shows the mean scores.
	Picture practice.Picture
}

// RankRow is an option in a ranking.
type RankRow struct {
	// Rank is its place, 1 for the first.
	Rank int
	// Option is what it is called.
	Option string
	// Stands is the record that it stands for.
	Stands practice.Link
	// Value is its weighted sum, or its nearness to the ideal.
	Value float64
	// Price is what it costs in a year.
	Price model.Money
}

// AloneRow is an option in the ranking of one scorer.
type AloneRow struct {
	// Scorer is the person.
	Scorer practice.Link
	// Rank is the place of the option.
	Rank int
	// Option is what it is called.
	Option string
	// Value is its weighted sum, or its nearness to the ideal.
	Value float64
}

// WeightRow is a criterion.
type WeightRow struct {
	// Criterion is what it is called.
	Criterion string
	// Better says whether a high or a low score is better.
	Better model.Direction
	// Weight is its weight, with all brought to a sum of 100 %.
	Weight float64 `unit:"%"`
	// Help says how to score.
	Help string
}

// TurnRow is a change of one weight by which another option comes to lead.
type TurnRow struct {
	// Criterion is the criterion whose weight changes. The others keep their proportions.
	Criterion string
	// From is its weight.
	From float64 `unit:"%"`
	// To is the weight at which both are level. Beyond it the other leads.
	To float64 `unit:"%"`
	// Change is the difference, in points of percent.
	Change float64 `unit:"%"`
	// Leader is the option that leads then.
	Leader string
}

// CellRow is the scores of one option by one criterion.
type CellRow struct {
	// Option is the option.
	Option string
	// Criterion is the criterion.
	Criterion string
	// Mean is the mean of the scores.
	Mean float64
	// Lowest is the lowest score.
	Lowest float64
	// Highest is the highest score.
	Highest float64
	// Deviation is the standard deviation of the scores.
	Deviation float64
	// Scorers is how many have scored it.
	Scorers int
}

// Matrix shows what a decision matrix says: the ranking by the mean of all scores and by each scorer alone, how far the scorers agree, how much a weight may change before
// another option leads, and how consistent comparisons are. While it is scored blindly, everybody sees the own scores alone.
func Matrix(v estate.View, in MatrixIn) (MatrixOut, error) {
	m, ok := estate.Look[*model.DecisionMatrix](v, in.Matrix)
	if !ok {
		return MatrixOut{}, model.Problem{Field: "matrix", Text: "there is no such decision matrix"}
	}
	link := practice.To(m)
	from := []practice.Link{link}
	out := MatrixOut{State: m.State, Method: m.Method, Chosen: m.Chosen}
	list := scorings(v, m)
	asked := float64(len(m.Scorers))
	out.HandedIn = practice.Figure{Value: float64(len(handedIn(v, m))), Unit: "people", Target: &asked, Better: practice.Higher, From: from}
	if len(m.Scorers) == 0 {
		out.HandedIn.Target = nil
	}
	find := func(severity practice.Severity, text string, args ...any) {
		out.Findings = append(out.Findings, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: link, From: from, Owner: practice.OwnerOf(v, m)})
	}
	out.Findings = matrixDue(v, m)
	if m.Sealed() && m.State == model.MatrixOpen {
		find(practice.Info, "It is scored blindly: until it is closed everybody sees the own scores alone.")
	}
	unknown := practice.Figure{Unknown: true, From: from}
	out.Consistency, out.Agreement, out.Margin = unknown, unknown, unknown
	out.Consistency.Note = "criteria are not compared in pairs"
	out.Agreement.Note = "fewer than two people's scores are there"
	out.Margin.Note, out.Margin.Unit = "it is worked out for weighted sums", "%"
	w, compared, err := weights(m)
	if err != nil {
		find(practice.Medium, "The weights are not known: %s.", err)
		out.Ranking.Note = err.Error()
		return out, nil
	}
	out.comparison(m, compared, find)
	for j, c := range m.Criteria {
		out.Weights.Rows = append(out.Weights.Rows, WeightRow{c.Name, c.Better, tenths(100 * w[j]), c.Help})
	}
	if m.Sealed() {
		out.Ranking.Note = "scores of others are sealed until the matrix is closed"
		out.Agreement.Note, out.Margin.Note = out.Ranking.Note, out.Ranking.Note
	} else {
		out.together(v, m, list, find)
	}
	out.alone(v, m, list)
	out.cells(v, m, list)
	return out, nil
}

// tenths rounds a number to one place after the point.
func tenths(x float64) float64 { return math.Round(x*10) / 10 }

// fine rounds a number to four places after the point.
func fine(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// comparison fills in how consistent the comparisons of criteria are.
func (out *MatrixOut) comparison(m *model.DecisionMatrix, c *choice.Comparison, find func(practice.Severity, string, ...any)) {
	if c == nil {
		return
	}
	most := choice.Consistent
	out.Consistency.Value, out.Consistency.Unknown, out.Consistency.Better, out.Consistency.Target = fine(c.Ratio), false, practice.Lower, &most
	out.Consistency.Note = fmt.Sprintf("the largest eigenvalue is %.6f, the consistency index %.6f", c.Lambda, c.Index)
	if c.Inconsistent() {
		first, second := m.Criteria[c.First].Name, m.Criteria[c.Second].Name
		find(practice.High, "The comparisons contradict each other: the consistency ratio is %.3f and should be at most %.1f. What all of them say together fits least with that of %s and %s, which would be %s.", c.Ratio, choice.Consistent, first, second, times(c.Fitting))
	}
}

// times writes how many times as much something counts.
func times(x float64) string {
	if x < 0.95 {
		return fmt.Sprintf("1/%.1f", 1/x)
	}
	return fmt.Sprintf("%.1f", x)
}

// together fills in what all scores say together.
func (out *MatrixOut) together(v estate.View, m *model.DecisionMatrix, list []*model.MatrixScoring, find func(practice.Severity, string, ...any)) {
	values, p, err := ranking(m, list)
	if err != nil {
		out.Ranking.Note = err.Error()
		if m.State == model.MatrixClosed || m.State == model.MatrixDecided {
			find(practice.Medium, "There is no ranking: %s.", err)
		}
		return
	}
	ranks := choice.Ranks(values)
	for _, i := range choice.Order(values) {
		o := m.Options[i]
		out.Ranking.Rows = append(out.Ranking.Rows, RankRow{ranks[i], o.Name, practice.To(v.Get(o.Stands)), fine(values[i]), o.Price})
	}
	var level []string
	for i, r := range ranks {
		if r == 1 {
			level = append(level, m.Options[i].Name)
		}
	}
	if len(level) > 1 {
		find(practice.Medium, "%s are level: the scores do not decide.", join(level))
	}
	if m.State == model.MatrixDecided && m.Chosen != "" && optionAt(m, m.Chosen) >= 0 && ranks[optionAt(m, m.Chosen)] != 1 {
		find(practice.Info, "%s was chosen, though it ranks %d: %s", m.Chosen, ranks[optionAt(m, m.Chosen)], m.Reason)
	}
	if m.Method == model.TopsisMatrix {
		return
	}
	if names := scales(m, p); len(names) > 0 {
		find(practice.Medium, "The scores by %s are of another size than the others, so that they count for more or less than their weights say: score all on one scale, or use TOPSIS.", join(names))
	}
	turns, err := choice.Sensitivity(p)
	if err != nil {
		return
	}
	for _, t := range turns {
		out.Turns.Rows = append(out.Turns.Rows, TurnRow{m.Criteria[t.Criterion].Name, tenths(100 * t.From), tenths(100 * t.To), tenths(100 * t.Change()), m.Options[t.Leader].Name})
	}
	out.Margin.Note, out.Margin.Better = "no change of one weight changes who leads", practice.Higher
	if len(turns) > 0 {
		t := turns[0]
		out.Margin.Value, out.Margin.Unknown = tenths(100*math.Abs(t.Change())), false
		out.Margin.Note = fmt.Sprintf("with a weight of %.1f %% for %s, in the place of %.1f %%, %s is level with the first", 100*t.To, m.Criteria[t.Criterion].Name, 100*t.From, m.Options[t.Leader].Name)
		if math.Abs(t.Change()) < 0.05 {
			find(practice.Low, "It is close: %s.", out.Margin.Note)
		}
	}
}

// scales lists the criteria whose scores are ten times as large as those of most, or a tenth of them.
func scales(m *model.DecisionMatrix, p choice.Problem) []string {
	size := make([]float64, len(m.Criteria))
	for _, row := range p.Scores {
		for j, x := range row {
			size[j] = max(size[j], math.Abs(x))
		}
	}
	sorted := slices.Sorted(slices.Values(size))
	middle := sorted[len(sorted)/2]
	var out []string
	for j, x := range size {
		if middle > 0 && (x > 10*middle || x > 0 && x < middle/10) {
			out = append(out, m.Criteria[j].Name)
		}
	}
	return out
}

// alone fills in the ranking of each scorer, and how far they agree.
func (out *MatrixOut) alone(v estate.View, m *model.DecisionMatrix, list []*model.MatrixScoring) {
	var rankings [][]float64
	var without []string
	for _, s := range list {
		values, _, err := ranking(m, []*model.MatrixScoring{s})
		who := practice.To(v.Get(s.Scorer))
		if err != nil {
			without = append(without, who.Title())
			continue
		}
		rankings = append(rankings, values)
		ranks := choice.Ranks(values)
		for _, i := range choice.Order(values) {
			out.Alone.Rows = append(out.Alone.Rows, AloneRow{who, ranks[i], m.Options[i].Name, fine(values[i])})
		}
	}
	if len(without) > 0 {
		out.Alone.Note = "without " + join(without) + ", who left something out"
	}
	if m.Sealed() {
		return
	}
	if agreement, ok := choice.Agreement(rankings); ok {
		out.Agreement.Value, out.Agreement.Unknown, out.Agreement.Better = fine(agreement), false, practice.Higher
		out.Agreement.Note = fmt.Sprintf("over the rankings of %d people: 1 is full agreement", len(rankings))
	}
}

// cells fills in the scores by option and criterion.
func (out *MatrixOut) cells(v estate.View, m *model.DecisionMatrix, list []*model.MatrixScoring) {
	out.Picture.Type = practice.MatrixPicture
	s := newSheet(m, list)
	for i, row := range s.cells {
		for j, cell := range row {
			if len(cell) == 0 {
				continue
			}
			mean, deviation := choice.Spread(cell)
			out.Cells.Rows = append(out.Cells.Rows, CellRow{m.Options[i].Name, m.Criteria[j].Name, fine(mean), slices.Min(cell), slices.Max(cell), fine(deviation), len(cell)})
			link := practice.To(v.Get(m.Options[i].Stands))
			if link.IsZero() || link.Name == "" {
				link.Name = m.Options[i].Name
			}
			out.Picture.Nodes = append(out.Picture.Nodes, practice.Node{Link: link, Group: m.Criteria[j].Name, Value: fine(mean)})
		}
	}
	slices.SortStableFunc(out.Cells.Rows, func(a, b CellRow) int {
		switch {
		case a.Deviation > b.Deviation:
			return -1
		case a.Deviation < b.Deviation:
			return 1
		}
		return 0
	})
}

// MatricesIn says which decision matrices are listed.
type MatricesIn struct {
	// Type lists those by which one sort of thing is chosen. Unset means all.
	Type model.SelectionType
	// Open lists only those that are not decided.
	Open bool
}

// MatricesOut is the decision matrices.
type MatricesOut struct {
	// Open is how many are not decided.
	Open practice.Figure
	// Findings are those that wait for somebody.
	Findings []practice.Finding
	// Matrices are the matrices, those that are not decided first.
	Matrices practice.Table[MatrixRow]
}

// MatrixRow is a decision matrix.
type MatrixRow struct {
	// Matrix is the decision matrix.
	Matrix practice.Link
	// Type says what is chosen.
	Type model.SelectionType
	// Method says how scores become a ranking.
	Method model.MatrixMethod
	// State says where it stands.
	State model.MatrixState
	// Options are what can be chosen.
	Options string
	// HandedIn is how many have handed their scores in.
	HandedIn int
	// Missing are those who have not.
	Missing []practice.Link
	// Due is the day by which scores are to be there.
	Due model.Date
	// First is the option that ranks first, once the scores are open. Several are level.
	First string
	// Chosen is the option that was chosen.
	Chosen string
	// Contract is the contract that followed.
	Contract practice.Link
	// Record is the decision record that followed.
	Record practice.Link
	// Owner is who answers for it.
	Owner practice.Link
}

// Matrices lists decision matrices: where each stands, who has still to score, which option leads and which was chosen, and what followed.
func Matrices(v estate.View, in MatricesIn) (MatricesOut, error) {
	var out MatricesOut
	var open []practice.Link
	for m := range estate.Each[*model.DecisionMatrix](v) {
		decided := m.State == model.MatrixDecided
		if in.Type != "" && m.Type != in.Type || in.Open && decided {
			continue
		}
		row := MatrixRow{Matrix: practice.To(m), Type: m.Type, Method: m.Method, State: m.State, HandedIn: len(handedIn(v, m)), Due: m.Due, Chosen: m.Chosen, Contract: practice.To(v.Get(m.Contract)), Record: practice.To(v.Get(m.Record)), Owner: practice.OwnerOf(v, m)}
		var names []string
		for _, o := range m.Options {
			names = append(names, o.Name)
		}
		row.Options = strings.Join(names, ", ")
		if m.State == model.MatrixOpen {
			row.Missing = missing(v, m)
		}
		if !m.Sealed() {
			var first []string
			if values, _, err := ranking(m, scorings(v, m)); err == nil {
				for i, r := range choice.Ranks(values) {
					if r == 1 {
						first = append(first, m.Options[i].Name)
					}
				}
				row.First = strings.Join(first, ", ")
			}
		}
		if !decided {
			open = append(open, row.Matrix)
		}
		out.Findings = append(out.Findings, matrixDue(v, m)...)
		out.Matrices.Rows = append(out.Matrices.Rows, row)
	}
	slices.SortStableFunc(out.Matrices.Rows, func(a, b MatrixRow) int {
		return b2i(a.State == model.MatrixDecided) - b2i(b.State == model.MatrixDecided)
	})
	sortFindings(out.Findings)
	out.Open = practice.Counted("matrices", practice.Neither, open)
	return out, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
