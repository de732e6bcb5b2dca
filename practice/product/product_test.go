package product_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
	"binnacle/practice/product"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &product.Practice, &lifecycle, &security, &risk)
}

// TestRICE holds the oracle of the method and what may be missing.
func TestRICE(t *testing.T) {
	for _, c := range []struct {
		reach, impact float64
		confidence    model.Percent
		effort, want  float64
		unknown       string
		notes         int
	}{
		{10000, 2, 80, 2, 8000, "", 0},
		{500, 0.25, 100, 0.5, 250, "", 0},
		{1, 3, 50, 3, 0.5, "", 0},
		{10, 1.5, 75, 1, 11.25, "", 2},
		{10000, 2, 80, 0, 0, "effort is not set; it must be above 0", 0},
		{10000, 2, 80, -1, 0, "effort is not set; it must be above 0", 0},
		{0, 0, 80, 1, 0, "reach and impact are not set; they must be above 0", 0},
		{0, 0, 0, 0, 0, "reach, impact, confidence and effort are not set; they must be above 0", 0},
		{math.NaN(), 1, 80, 1, 0, "reach is not set; it must be above 0", 0},
	} {
		got := product.RICE(c.reach, c.impact, c.confidence, c.effort)
		if got.Value != c.want || got.Unknown != c.unknown || len(got.Notes) != c.notes {
			t.Errorf("RICE(%g, %g, %g %%, %g) = %+v, want %g %q", c.reach, c.impact, float64(c.confidence), c.effort, got, c.want, c.unknown)
		}
	}
}

// TestWSJF holds the oracles of the method: (8+5+3)/5 = 3.2 and (13+2+1)/8 = 2.
func TestWSJF(t *testing.T) {
	for _, c := range []struct {
		figures [4]float64
		want    float64
		unknown string
		notes   int
	}{
		{[4]float64{8, 5, 3, 5}, 3.2, "", 0},
		{[4]float64{13, 2, 1, 8}, 2, "", 0},
		{[4]float64{1, 1, 1, 1}, 3, "", 0},
		{[4]float64{4, 1, 1, 1}, 6, "", 1},
		{[4]float64{8, 5, 3, 0}, 0, "job size is not set; it must be above 0", 0},
		{[4]float64{0, 5, 0, 1}, 0, "user value and risk reduction are not set; they must be above 0", 0},
	} {
		got := product.WSJF(c.figures[0], c.figures[1], c.figures[2], c.figures[3])
		if got.Value != c.want || got.Unknown != c.unknown || len(got.Notes) != c.notes {
			t.Errorf("WSJF%v = %+v, want %g %q", c.figures, got, c.want, c.unknown)
		}
	}
}

// TestWSJFColumns makes sure that a column in which nothing is the smallest is named.
func TestWSJFColumns(t *testing.T) {
	a := &model.Idea{UserValue: 8, TimeCriticality: 5, RiskReduction: 3, JobSize: 5}
	b := &model.Idea{UserValue: 13, TimeCriticality: 2, RiskReduction: 1, JobSize: 8}
	c := &model.Idea{UserValue: 1, TimeCriticality: 1, JobSize: 1}
	if diff := cmp.Diff([]string{"user value", "time criticality", "job size"}, product.WSJFColumns([]*model.Idea{a, b})); diff != "" {
		t.Error(diff)
	}
	if got := product.WSJFColumns([]*model.Idea{a, b, c}); got != nil {
		t.Errorf("every column has a 1, and these are named: %v", got)
	}
	if got := product.WSJFColumns(nil); got != nil {
		t.Errorf("no idea, and these are named: %v", got)
	}
}

func TestRanks(t *testing.T) {
	scores := []product.Score{{Value: 2}, {Value: 5}, {Unknown: "effort is not set"}, {Value: 2}, {Value: 1}, {Value: 9}}
	if diff := cmp.Diff([]int{3, 2, 0, 3, 5, 1}, product.Ranks(scores)); diff != "" {
		t.Error(diff)
	}
}

// TestRanksLaws holds for any scores: who has more stands before, who has the same stands the same, and a place is one more than how many stand before it.
func TestRanksLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOf(rapid.IntRange(0, 5)).Draw(t, "values")
		scores := make([]product.Score, len(values))
		for i, n := range values {
			scores[i].Value = float64(n)
		}
		ranks := product.Ranks(scores)
		for i, n := range values {
			before := 0
			for _, m := range values {
				if m > n {
					before++
				}
			}
			if ranks[i] != before+1 {
				t.Fatalf("%v has the places %v: number %d should be %d", values, ranks, i, before+1)
			}
		}
	})
}

func TestFormula(t *testing.T) {
	idea := &model.Idea{Reach: 100, Impact: 2, Confidence: 80, Effort: 4, Votes: 3}
	more := product.Figures{Customers: 2, Value: 9000, Age: 10}
	for text, want := range map[string]string{
		"reach * impact / effort":         "50",
		"value * confidence / effort":     "1800",
		"reach * 2 + votes":               "203",
		"customers > 1 ? value : 0":       "9000",
		"math.greatest(reach, votes) - 7": "93",
		"1/8":                             "0.125",
		"reach / job_size":                "unknown: the formula gives no number, and job size is 0",
		"reach *":                         "error: formula, line 1, column 8: Syntax error",
		"reach *\n  speed":                "error: formula, line 2, column 3: there is no speed: the names are reach",
		"reach > 2":                       "error: formula: it must give a number, not bool",
		"'a' + 'b'":                       "error: formula: it must give a number, not string",
		"":                                "error: formula: there is none",
		strings.Repeat("1 + ", 600) + "1": "error: formula: it has",
		"[1, 2].map(x, [1, 2].map(y, x * y))[0][0] + 1": "error: formula, line 1",
	} {
		got := ""
		f, err := product.NewFormula(text)
		if err != nil {
			got = "error: " + err.Error()
		} else if s := f.Score(idea, more); s.Unknown != "" {
			got = "unknown: " + s.Unknown
		} else {
			got = fmt.Sprint(s.Value)
		}
		if !strings.HasPrefix(got, want) {
			t.Errorf("%.60q gives %q, want %q", text, got, want)
		}
	}
}

// FuzzFormula looks for texts that make the reader of formulas panic or give what is no score.
func FuzzFormula(f *testing.F) {
	for _, seed := range []string{"reach * impact / effort", "value > 3 ? 1 : 2", "math.least(1, 2)", "((", "reach.size()", "1e400", "-reach", "[1][0]", "'x' == 'y' ? 1 : 0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		formula, err := product.NewFormula(text)
		if err != nil {
			return
		}
		if s := formula.Score(&model.Idea{Reach: 3, Effort: 2}, product.Figures{}); s.Unknown == "" && (math.IsNaN(s.Value) || math.IsInf(s.Value, 0)) {
			t.Fatalf("%q gives %g", text, s.Value)
		}
	})
}

func TestSpread(t *testing.T) {
	for _, c := range []struct {
		effort      float64
		first, last string
		want        string
	}{
		// 31 + 28 + 31 = 90 days of January to March and 91 of April to June.
		{181, "2027-01-01", "2027-06-30", "2027 Q1 90, 2027 Q2 91"},
		{3, "2027-02-15", "2027-02-15", "2027 Q1 3"},
		{10, "2027-03-31", "2027-04-01", "2027 Q1 5, 2027 Q2 5"},
		{10, "2027-04-01", "2027-03-31", ""},
		{0, "2027-04-01", "2027-05-31", ""},
	} {
		var got []string
		for _, l := range product.Spread(c.effort, model.MustDate(c.first), model.MustDate(c.last)) {
			got = append(got, fmt.Sprintf("%s %.6g", l.Quarter.Quarter(), l.Effort))
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%g person-months from %s to %s: %v, want %s", c.effort, c.first, c.last, got, c.want)
		}
	}
}

// TestSpreadLaws holds for any work: the parts add up to the whole, and none is below nothing.
func TestSpreadLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		effort := rapid.Float64Range(0.1, 500).Draw(t, "effort")
		first := model.MustDate("2027-01-01").AddDays(rapid.IntRange(0, 2000).Draw(t, "first"))
		last := first.AddDays(rapid.IntRange(0, 2000).Draw(t, "days"))
		sum := 0.0
		for _, l := range product.Spread(effort, first, last) {
			if l.Effort < -1e-9 {
				t.Fatalf("a quarter has %g", l.Effort)
			}
			sum += l.Effort
		}
		if math.Abs(sum-effort) > 1e-6 {
			t.Fatalf("%g became %g", effort, sum)
		}
	})
}

func TestJudge(t *testing.T) {
	day := model.MustDate("2028-01-01")
	for _, c := range []struct {
		effect  model.PredictedEffect
		want    string
		reached string
	}{
		{model.PredictedEffect{Before: 10, Predicted: 20, Actual: 20, MeasuredOn: day}, "hit", "100"},
		{model.PredictedEffect{Before: 10, Predicted: 20, Actual: 15, MeasuredOn: day}, "missed", "50"},
		{model.PredictedEffect{Before: 10, Predicted: 20, Actual: 9, MeasuredOn: day}, "worse", "-10"},
		{model.PredictedEffect{Before: 30, Predicted: 10, Actual: 5, MeasuredOn: day}, "hit", "125"},
		{model.PredictedEffect{Before: 30, Predicted: 10, Actual: 20, MeasuredOn: day, Better: model.LessIsBetter}, "missed", "50"},
		{model.PredictedEffect{Before: 30, Predicted: 30, Actual: 30, MeasuredOn: day, Better: model.LessIsBetter}, "hit", ""},
		{model.PredictedEffect{Before: 10, Predicted: 20, Actual: 20}, "open", ""},
	} {
		verdict, reached := product.Judge(c.effect)
		text := ""
		if reached != nil {
			text = fmt.Sprint(*reached)
		}
		if verdict != c.want || text != c.reached {
			t.Errorf("%+v: %s %s, want %s %s", c.effect, verdict, text, c.want, c.reached)
		}
	}
}

func TestOpportunityScore(t *testing.T) {
	for _, c := range []struct {
		importance, satisfaction model.Level
		want                     float64
		known                    bool
	}{
		{model.LevelVeryHigh, model.LevelVeryLow, 9, true},
		{model.LevelHigh, model.LevelHigh, 4, true},
		{model.LevelLow, model.LevelVeryHigh, 2, true},
		{model.LevelHigh, "", 0, false},
	} {
		if got, known := product.OpportunityScore(c.importance, c.satisfaction); got != c.want || known != c.known {
			t.Errorf("importance %s, satisfaction %s: %g %t, want %g %t", c.importance, c.satisfaction, got, known, c.want, c.known)
		}
	}
}

// TestPortalHoldsNothingPrivate makes sure that no type of the answer has a place for a link, an amount or a finding.
func TestPortalHoldsNothingPrivate(t *testing.T) {
	asked, err := practice.Find([]*practice.Practice{&product.Practice}, "product.portal")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range asked.Shape() {
		if p.Figure != nil || p.Findings != nil || p.Picture != nil || p.File != nil {
			t.Errorf("the part %s can hold links to records", p.Name)
		}
		if p.Grid == nil {
			continue
		}
		for _, c := range p.Grid.Columns {
			for _, word := range []string{"customer", "value", "revenue", "owner", "description", "request", "key", "team"} {
				if strings.Contains(c.Name, word) {
					t.Errorf("the column %s of %s is private", c.Name, p.Name)
				}
			}
		}
	}
}
