package research_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
	"binnacle/practice/research"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &research.Practice)
}

// blind is a matrix that is scored blindly by Ann and Bob, who have both handed in.
const blind = `
- {kind: Person, key: ann, name: Ann}
- {kind: Person, key: bob, name: Bob}
- {kind: DecisionMatrix, key: m, method: weighted, state: scoring, blind: true, scorers: [ann, bob], options: [{name: A}, {name: B}], criteria: [{name: Ease, weight: 1}]}
- {kind: MatrixScoring, key: m-ann, matrix: m, scorer: ann, submitted: 2027-04-20, scores: [{option: A, criterion: Ease, score: 1}, {option: B, criterion: Ease, score: 2}]}
- {kind: MatrixScoring, key: m-bob, matrix: m, scorer: bob, submitted: 2027-04-20, scores: [{option: A, criterion: Ease, score: 7}, {option: B, criterion: Ease, score: 9}]}
`

// Even of a view that sees everything, the answer tells somebody the own scores alone while scores are sealed, and that all are there.
func TestAnswerKeepsTheSeal(t *testing.T) {
	snap, err := practicetest.Estate(blind)
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int{"ann": 1, "bob": 7, "": 0} {
		beside := practice.Beside{}
		if key != "" {
			beside.Who = snap.Find("Person", key).Base().Ref()
		}
		v := snap.View(model.MustDate("2027-04-21")).With(beside)
		out, err := research.Matrix(v, research.MatrixIn{Matrix: snap.Find("DecisionMatrix", "m").Base().Ref()})
		if err != nil {
			t.Fatal(err)
		}
		if out.HandedIn.Value != 2 || len(out.Ranking.Rows) != 0 || !out.Agreement.Unknown || !out.Margin.Unknown || len(out.Turns.Rows) != 0 {
			t.Errorf("%q learns %+v", key, out)
		}
		var seen []float64
		for _, row := range out.Cells.Rows {
			if row.Option == "A" {
				seen = append(seen, row.Mean)
			}
		}
		if want == 0 && len(seen) != 0 || want != 0 && (len(seen) != 1 || seen[0] != float64(want)) {
			t.Errorf("%q sees %v of A, want %d", key, seen, want)
		}
	}
}

func FuzzParseScore(f *testing.F) {
	m := &model.DecisionMatrix{Options: []model.MatrixOption{{Name: "Postgres"}, {Name: "Post"}}, Criteria: []model.MatrixCriterion{{Name: "Ease"}, {Name: "Price = Euro"}}}
	for _, text := range []string{"Postgres: Ease = 4", "post: price = euro=1e3 (dear)", "Postgres Ease 4", "Post: Ease = NaN", "Post: Ease = 4 (", ":=", "Ⱥost: Ease = 1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := research.ParseScore(m, text)
		if err != nil {
			return
		}
		again, err := research.ParseScore(m, fmt.Sprintf("%s: %s = %v", got.Option, got.Criterion, got.Score))
		if err != nil || again.Option != got.Option || again.Criterion != got.Criterion || again.Score != got.Score {
			t.Errorf("%q is read as %+v and then as %+v: %v", text, got, again, err)
		}
	})
}

func TestParseScore(t *testing.T) {
	m := &model.DecisionMatrix{Options: []model.MatrixOption{{Name: "Post"}, {Name: "Postgres"}}, Criteria: []model.MatrixCriterion{{Name: "Ease"}, {Name: "Price = Euro"}}}
	for text, want := range map[string]model.MatrixScore{
		"postgres: ease = 4 (we know it)": {Option: "Postgres", Criterion: "Ease", Score: 4, Note: "we know it"},
		" Post :Price = Euro = -1.5 ":     {Option: "Post", Criterion: "Price = Euro", Score: -1.5},
	} {
		got, err := research.ParseScore(m, text)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%q: %v %s", text, err, diff)
		}
	}
	for _, text := range []string{"", "Maria: Ease = 1", "Post: Speed = 1", "Post: Ease = fast", "Post: Ease = Inf", "Post: Ease = 1 (open"} {
		if got, err := research.ParseScore(m, text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
