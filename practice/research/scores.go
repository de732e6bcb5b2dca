package research

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/research/choice"
)

// scorings returns the scores of a matrix that were handed in and that may be shown, by scorer. While a matrix is scored blindly these are those of whoever asks alone,
// whatever the view sees.
func scorings(v estate.View, m *model.DecisionMatrix) []*model.MatrixScoring {
	var who model.Ref
	if b, ok := v.Facts().(practice.Beside); ok {
		who = b.Who
	}
	var out []*model.MatrixScoring
	for e := range v.In(m.Ref()) {
		s, ok := e.Record.(*model.MatrixScoring)
		if !ok || s.Submitted.IsZero() || m.Sealed() && (who.IsZero() || s.Scorer != who) {
			continue
		}
		out = append(out, s)
	}
	slices.SortStableFunc(out, func(a, b *model.MatrixScoring) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// handedIn returns who has handed scores in. That somebody did is no secret, what they are may be: so this looks at all of them.
func handedIn(v estate.View, m *model.DecisionMatrix) []model.Ref {
	var out []model.Ref
	for e := range v.Snapshot().View(v.At()).In(m.Ref()) {
		if s, ok := e.Record.(*model.MatrixScoring); ok && !s.Submitted.IsZero() && !slices.Contains(out, s.Scorer) {
			out = append(out, s.Scorer)
		}
	}
	return out
}

// missing returns those who were asked to score and did not yet.
func missing(v estate.View, m *model.DecisionMatrix) []practice.Link {
	in := handedIn(v, m)
	var out []practice.Link
	for _, ref := range m.Scorers {
		if rec := v.Get(ref); !slices.Contains(in, ref) && rec != nil && !practice.HasLeft(rec, v.At()) {
			out = append(out, practice.To(rec))
		}
	}
	return out
}

// sheet is the scores of some people by option and criterion. What nobody scored is nil.
type sheet struct {
	m     *model.DecisionMatrix
	cells [][][]float64
}

func newSheet(m *model.DecisionMatrix, list []*model.MatrixScoring) *sheet {
	s := &sheet{m: m, cells: make([][][]float64, len(m.Options))}
	for i := range s.cells {
		s.cells[i] = make([][]float64, len(m.Criteria))
	}
	for _, scoring := range list {
		seen := map[[2]int]bool{}
		for _, x := range scoring.Scores {
			i, j := optionAt(m, x.Option), criterionAt(m, x.Criterion)
			if i < 0 || j < 0 || seen[[2]int{i, j}] {
				continue
			}
			seen[[2]int{i, j}] = true
			s.cells[i][j] = append(s.cells[i][j], x.Score)
		}
	}
	return s
}

func optionAt(m *model.DecisionMatrix, name string) int {
	return slices.IndexFunc(m.Options, func(o model.MatrixOption) bool { return strings.EqualFold(o.Name, strings.TrimSpace(name)) })
}

func criterionAt(m *model.DecisionMatrix, name string) int {
	return slices.IndexFunc(m.Criteria, func(c model.MatrixCriterion) bool { return strings.EqualFold(c.Name, strings.TrimSpace(name)) })
}

// gaps lists what nobody has scored, as option by criterion.
func (s *sheet) gaps() []string {
	var out []string
	for i, row := range s.cells {
		for j, cell := range row {
			if len(cell) == 0 {
				out = append(out, s.m.Options[i].Name+" by "+s.m.Criteria[j].Name)
			}
		}
	}
	return out
}

// weights returns the weights of the criteria, brought to a sum of 1, and for the analytic hierarchy process how consistent the comparisons are.
func weights(m *model.DecisionMatrix) ([]float64, *choice.Comparison, error) {
	if m.Method != model.AHPMatrix {
		given := make([]float64, len(m.Criteria))
		for j, c := range m.Criteria {
			given[j] = c.Weight
		}
		out, err := choice.Normalised(given)
		return out, nil, err
	}
	n := len(m.Criteria)
	matrix := make([][]float64, n)
	for i := range matrix {
		matrix[i] = make([]float64, n)
		matrix[i][i] = 1
	}
	for _, p := range m.Pairs {
		i, j := criterionAt(m, p.First), criterionAt(m, p.Second)
		switch {
		case i < 0 || j < 0:
			return nil, nil, fmt.Errorf("the comparison of %s with %s names a criterion that there is not", p.First, p.Second)
		case i == j:
			return nil, nil, fmt.Errorf("%s is compared with itself", p.First)
		case matrix[i][j] != 0:
			return nil, nil, fmt.Errorf("%s and %s are compared twice", p.First, p.Second)
		case p.Value <= 0:
			return nil, nil, fmt.Errorf("the comparison of %s with %s has no value", p.First, p.Second)
		}
		matrix[i][j], matrix[j][i] = p.Value, 1/p.Value
	}
	var absent []string
	for i := range n {
		for j := i + 1; j < n; j++ {
			if matrix[i][j] == 0 {
				absent = append(absent, m.Criteria[i].Name+" with "+m.Criteria[j].Name)
			}
		}
	}
	if len(absent) > 0 {
		return nil, nil, fmt.Errorf("some criteria are not compared yet: %s", join(absent))
	}
	c, err := choice.AHP(matrix)
	if err != nil {
		return nil, nil, err
	}
	return c.Weights, &c, nil
}

// problem returns the choice that some scores stand for. What nobody scored makes it impossible.
func (s *sheet) problem(w []float64) (choice.Problem, error) {
	p := choice.Problem{Weights: w}
	if gaps := s.gaps(); len(gaps) > 0 {
		if len(gaps) > 3 {
			gaps = append(gaps[:3], fmt.Sprintf("%d more", len(gaps)-3))
		}
		return p, fmt.Errorf("nobody has scored %s", join(gaps))
	}
	for _, c := range s.m.Criteria {
		p.Costs = append(p.Costs, c.Better == model.LessIsBetter)
	}
	for _, row := range s.cells {
		scores := make([]float64, len(row))
		for j, cell := range row {
			scores[j], _ = choice.Spread(cell)
		}
		p.Scores = append(p.Scores, scores)
	}
	return p, nil
}

// rank returns the value of each option by the method of the matrix.
func rank(m *model.DecisionMatrix, p choice.Problem) ([]float64, error) {
	if m.Method == model.TopsisMatrix {
		return choice.TOPSIS(p)
	}
	return choice.Weighted(p)
}

// ranking returns the value of each option by some scores.
func ranking(m *model.DecisionMatrix, list []*model.MatrixScoring) ([]float64, choice.Problem, error) {
	w, _, err := weights(m)
	if err != nil {
		return nil, choice.Problem{}, err
	}
	p, err := newSheet(m, list).problem(w)
	if err != nil {
		return nil, p, err
	}
	values, err := rank(m, p)
	return values, p, err
}

// standsFor returns the record that an option stands for, or nil.
func standsFor(v estate.View, m *model.DecisionMatrix, option string) model.Record {
	if i := optionAt(m, option); i >= 0 {
		return v.Get(m.Options[i].Stands)
	}
	return nil
}

// matrixDue returns findings about a matrix that waits for somebody.
func matrixDue(v estate.View, m *model.DecisionMatrix) []practice.Finding {
	link := practice.To(m)
	f := practice.Finding{Severity: practice.Medium, About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, m)}
	absent := missing(v, m)
	switch {
	case m.State == model.MatrixOpen && len(absent) == 0 && len(handedIn(v, m)) > 0:
		f.Text = fmt.Sprintf("All scores of %s are there: close it and choose.", m.Title())
		f.Mend = &practice.Mend{Action: "research.close_matrix", Parameters: map[string]string{"matrix": m.Key}}
	case m.State == model.MatrixOpen && !m.Due.IsZero() && v.At() > m.Due:
		f.Severity = practice.High
		f.Text = fmt.Sprintf("Scores of %s were to be there by %s, and are missing from %s.", m.Title(), m.Due, practice.Some(absent))
		f.Mend = &practice.Mend{Action: "research.submit_scores", Parameters: map[string]string{"matrix": m.Key}}
	case m.State == model.MatrixClosed:
		f.Text = fmt.Sprintf("%s was closed on %s, and nothing is chosen yet.", m.Title(), m.Closed)
		f.Mend = &practice.Mend{Action: "research.choose", Parameters: map[string]string{"matrix": m.Key}}
	default:
		return nil
	}
	return []practice.Finding{f}
}
