package choice_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/practice/research/choice"
)

// near fails where two lists differ by more than a tolerance.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i := range got {
		if math.Abs(got[i]-want[i]) > tolerance {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

// The example of Tzeng and Huang (2011), and the one without normalisation.
func TestTOPSISOracles(t *testing.T) {
	got, err := choice.TOPSIS(choice.Problem{Scores: [][]float64{{5, 8, 4}, {7, 6, 8}, {8, 8, 6}, {7, 4, 6}}, Weights: []float64{.3, .4, .3}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "nearness", got, []float64{0.5037, 0.6581, 0.7482, 0.3340}, 5e-5)
	if diff := cmp.Diff([]int{3, 2, 1, 4}, choice.Ranks(got)); diff != "" {
		t.Error(diff)
	}
	got, err = choice.TOPSISRaw(choice.Problem{Scores: [][]float64{{1, 0, 3}, {0, 5, 6}}, Weights: []float64{1, 1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "nearness without normalisation", got, []float64{0.14639248, 0.85360752}, 5e-9)
	if diff := cmp.Diff([]int{2, 1}, choice.Ranks(got)); diff != "" {
		t.Error(diff)
	}
}

// Where a low price is better, the cheap one of two that are alike otherwise is the ideal, and the dear one the anti-ideal.
func TestTOPSISOfCosts(t *testing.T) {
	got, err := choice.TOPSIS(choice.Problem{Scores: [][]float64{{100, 3}, {50, 3}, {75, 3}}, Weights: []float64{1, 1}, Costs: []bool{true, false}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "nearness", got, []float64{0, 1, 0.5}, 1e-12)
	alike, _ := choice.TOPSIS(choice.Problem{Scores: [][]float64{{1, 2}, {1, 2}}, Weights: []float64{1, 1}})
	near(t, "alike", alike, []float64{0.5, 0.5}, 0)
}

func TestAHPOracles(t *testing.T) {
	for _, c := range []struct {
		name                 string
		matrix               [][]float64
		weights              []float64
		lambda, index, ratio float64
	}{
		{"experience, education, charisma", [][]float64{{1, 1. / 4, 4}, {4, 1, 9}, {1. / 4, 1. / 9, 1}}, []float64{.2172, .7171, .0658}, 3.036896, .018448, .0318},
		{"three", [][]float64{{1, 1. / 3, 5}, {3, 1, 7}, {1. / 5, 1. / 7, 1}}, []float64{.2790, .6491, .0719}, 3.064888, .032444, .0559},
		{"four", [][]float64{{1, 4, 3, 7}, {1. / 4, 1, 1. / 3, 3}, {1. / 3, 3, 1, 5}, {1. / 7, 1. / 3, 1. / 5, 1}}, []float64{.5476, .1266, .2699, .0559}, 4.118418, .039473, .0439},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := choice.AHP(c.matrix)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "weights", got.Weights, c.weights, 5e-5)
			near(t, "lambda", []float64{got.Lambda, got.Index}, []float64{c.lambda, c.index}, 5e-7)
			near(t, "ratio", []float64{got.Ratio}, []float64{c.ratio}, 5e-5)
			if got.Inconsistent() {
				t.Error("it is consistent enough")
			}
		})
	}
}

// A counts twice as much as B and B twice as much as C, so A should count four times as much as C, and is said to count a ninth.
func TestWhichPairContradicts(t *testing.T) {
	got, err := choice.AHP([][]float64{{1, 2, 1. / 9, 2}, {1. / 2, 1, 2, 1}, {9, 1. / 2, 1, 1. / 2}, {1. / 2, 1, 2, 1}})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Inconsistent() || got.First != 0 || got.Second != 2 || got.Fitting < 1./9 {
		t.Errorf("%+v", got)
	}
	one, err := choice.AHP([][]float64{{1, 3}, {1. / 3, 1}})
	if err != nil || one.Ratio != 0 || one.Lambda != 2 {
		t.Errorf("%+v %v", one, err)
	}
	near(t, "two", one.Weights, []float64{.75, .25}, 1e-12)
}

func TestWhatCannotBeRanked(t *testing.T) {
	for name, p := range map[string]choice.Problem{
		"no option":        {Weights: []float64{1}},
		"no criterion":     {Scores: [][]float64{{}}},
		"no weight":        {Scores: [][]float64{{1, 2}}, Weights: []float64{0, 0}},
		"a weight below 0": {Scores: [][]float64{{1, 2}}, Weights: []float64{1, -1}},
		"a score missing":  {Scores: [][]float64{{1}}, Weights: []float64{1, 1}},
		"not a number":     {Scores: [][]float64{{math.NaN()}}, Weights: []float64{1}},
		"directions":       {Scores: [][]float64{{1, 2}}, Weights: []float64{1, 1}, Costs: []bool{true}},
	} {
		if _, err := choice.Weighted(p); err == nil {
			t.Errorf("%s: a weighted sum was made", name)
		}
		if _, err := choice.TOPSIS(p); err == nil {
			t.Errorf("%s: it was ranked by TOPSIS", name)
		}
	}
	for name, m := range map[string][][]float64{
		"nothing":        {},
		"not square":     {{1, 2}},
		"not reciprocal": {{1, 2}, {2, 1}},
		"zero":           {{1, 0}, {0, 1}},
		"own":            {{2}},
		"eleven":         make([][]float64, 11),
	} {
		if _, err := choice.AHP(m); err == nil {
			t.Errorf("%s: weights were made", name)
		}
	}
}

// Worked out by hand: A is 0.5×9 + 0.3×2 + 0.2×5 = 6.1, B is 0.5×5 + 0.3×8 + 0.2×5 = 5.9. The lead of A over B is 4 by the first and -6 by the second criterion. With the
// first at t, the others keep 3 to 2: 4t - 3.6 (1 - t) = 0 at t = 9/19. With the second at t, the others keep 5 to 2: -6t + (20/7)(1 - t) = 0 at t = 10/31. With the third at t,
// the others keep 5 to 3: the lead is 0.25 (1 - t), which is 0 only where nothing else counts.
func TestSensitivityByHand(t *testing.T) {
	p := choice.Problem{Scores: [][]float64{{9, 2, 5}, {5, 8, 5}}, Weights: []float64{5, 3, 2}}
	got, err := choice.Sensitivity(p)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].Criterion != 1 || got[0].Leader != 1 || got[1].Criterion != 0 {
		t.Fatalf("%+v", got)
	}
	near(t, "turns", []float64{got[0].From, got[0].To, got[1].From, got[1].To}, []float64{0.3, 10. / 31, 0.5, 9. / 19}, 1e-15)
}

func TestWeightedTurnsCostsRound(t *testing.T) {
	got, err := choice.Weighted(choice.Problem{Scores: [][]float64{{4, 2}, {4, 5}, {4, 3}}, Weights: []float64{1, 3}, Costs: []bool{false, true}})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "sums", got, []float64{4.75, 2.5, 4}, 1e-15)
}

// People who rank alike agree by 1, two who rank the opposite by 0, and between them the squares are worked out by hand.
func TestAgreement(t *testing.T) {
	for _, c := range []struct {
		name   string
		values [][]float64
		want   float64
		known  bool
	}{
		{"all alike", [][]float64{{3, 2, 1}, {30, 20, 10}}, 1, true},
		{"opposite", [][]float64{{3, 2, 1}, {1, 2, 3}}, 0, true},
		// Sums of ranks 4, 6, 8 of three people: off the mean of 6 by 8 in squares, 12×8 / (9×24) = 4/9.
		{"two of three", [][]float64{{3, 2, 1}, {3, 1, 2}, {2, 3, 1}}, 12. * (2*2 + 0 + 2*2) / (9 * 24), true},
		{"all the same", [][]float64{{1, 1}, {1, 1}}, 0, false},
		{"one person", [][]float64{{1, 2}}, 0, false},
	} {
		got, known := choice.Agreement(c.values)
		if known != c.known || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %g %v, want %g", c.name, got, known, c.want)
		}
	}
	mean, off := choice.Spread([]float64{2, 4, 4, 4, 5, 5, 7, 9})
	if mean != 5 || off != 2 {
		t.Errorf("mean %g, deviation %g", mean, off)
	}
}

func problem(t *rapid.T) choice.Problem {
	options, criteria := rapid.IntRange(2, 6).Draw(t, "options"), rapid.IntRange(2, 6).Draw(t, "criteria")
	p := choice.Problem{Weights: rapid.SliceOfN(rapid.Float64Range(0.01, 10), criteria, criteria).Draw(t, "weights"), Costs: rapid.SliceOfN(rapid.Bool(), criteria, criteria).Draw(t, "costs")}
	for range options {
		p.Scores = append(p.Scores, rapid.SliceOfN(rapid.Float64Range(0, 100), criteria, criteria).Draw(t, "scores"))
	}
	return p
}

// A little beyond a turn, the other option leads; a little before it, it does not.
func TestLawOfTurns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := problem(t)
		turns, err := choice.Sensitivity(p)
		if err != nil {
			t.Fatal(err)
		}
		weights, _ := choice.Normalised(p.Weights)
		before, _ := choice.Weighted(p)
		leader := choice.Order(before)[0]
		at := func(turn choice.Turn, to float64) []float64 {
			changed := choice.Problem{Scores: p.Scores, Costs: p.Costs, Weights: slices.Clone(weights)}
			for k := range weights {
				changed.Weights[k] = weights[k] * (1 - to) / (1 - weights[turn.Criterion])
			}
			changed.Weights[turn.Criterion] = to
			sums, err := choice.Weighted(changed)
			if err != nil {
				t.Fatal(err)
			}
			return sums
		}
		for _, turn := range turns {
			if turn.To < 0 || turn.To > 1 {
				t.Fatalf("a weight of %g", turn.To)
			}
			level := at(turn, turn.To)
			if math.Abs(level[leader]-level[turn.Leader]) > 1e-9 {
				t.Fatalf("at %+v the two are not level: %v", turn, level)
			}
			if best := slices.Max(level); best-level[leader] > 1e-9 {
				t.Fatalf("at %+v another leads already: %v", turn, level)
			}
			beyond := turn.To + math.Copysign(1, turn.Change())*min(1e-3, turn.To, 1-turn.To)
			if sums := at(turn, beyond); turn.Change() != 0 && sums[turn.Leader] < sums[leader]-1e-12 {
				t.Fatalf("beyond %+v the other does not lead: %v", turn, sums)
			}
		}
	})
}

// Nearness lies between 0 and 1, does not depend on the unit of a criterion, and an option that is better by every criterion is nearer.
func TestLawsOfTOPSIS(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := problem(t)
		got, err := choice.TOPSIS(p)
		if err != nil {
			t.Fatal(err)
		}
		scaled := choice.Problem{Weights: p.Weights, Costs: p.Costs}
		for _, row := range p.Scores {
			row = slices.Clone(row)
			row[0] *= 1024
			scaled.Scores = append(scaled.Scores, row)
		}
		again, _ := choice.TOPSIS(scaled)
		for i := range got {
			if got[i] < 0 || got[i] > 1 || math.Abs(got[i]-again[i]) > 1e-9 {
				t.Fatalf("%v and in another unit %v", got, again)
			}
			for k := range got {
				better := true
				for j := range p.Weights {
					if p.Costs[j] {
						better = better && p.Scores[i][j] <= p.Scores[k][j]
					} else {
						better = better && p.Scores[i][j] >= p.Scores[k][j]
					}
				}
				if better && got[i] < got[k]-1e-9 {
					t.Fatalf("%d is better than %d by everything: %v", i, k, got)
				}
			}
		}
	})
}

// Comparisons made of weights are consistent and give the weights back.
func TestConsistentComparisons(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.SliceOfN(rapid.Float64Range(0.5, 9), 1, choice.MostCompared).Draw(t, "weights")
		matrix := make([][]float64, len(w))
		for i := range w {
			matrix[i] = make([]float64, len(w))
			for j := range w {
				matrix[i][j] = w[i] / w[j]
			}
		}
		got, err := choice.AHP(matrix)
		if err != nil {
			t.Fatal(err)
		}
		want, _ := choice.Normalised(w)
		for i := range w {
			if math.Abs(got.Weights[i]-want[i]) > 1e-12 {
				t.Fatalf("%v, want %v", got.Weights, want)
			}
		}
		if math.Abs(got.Ratio) > 1e-12 {
			t.Fatalf("the consistency ratio is %g", got.Ratio)
		}
	})
}

// The largest eigenvalue of comparisons is never below their number.
func TestLawOfLambda(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(3, 6).Draw(t, "n")
		matrix := make([][]float64, n)
		for i := range matrix {
			matrix[i] = make([]float64, n)
			matrix[i][i] = 1
		}
		for i := range n {
			for j := i + 1; j < n; j++ {
				a := float64(rapid.IntRange(1, 9).Draw(t, "a"))
				if rapid.Bool().Draw(t, "inverse") {
					a = 1 / a
				}
				matrix[i][j], matrix[j][i] = a, 1/a
			}
		}
		got, err := choice.AHP(matrix)
		if err != nil {
			t.Fatal(err)
		}
		if got.Lambda < float64(n)-1e-9 {
			t.Fatalf("lambda is %g", got.Lambda)
		}
		sum := 0.0
		for i, row := range matrix {
			left := 0.0
			for j, a := range row {
				left += a * got.Weights[j]
			}
			if sum += got.Weights[i]; math.Abs(left-got.Lambda*got.Weights[i]) > 1e-9 {
				t.Fatalf("%v is no eigenvector", got.Weights)
			}
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Fatalf("weights add up to %g", sum)
		}
	})
}
