// Package choice ranks options by criteria: by a weighted sum, by TOPSIS and by the analytic hierarchy process. It also says how much the
// weights may change before another option leads, and how far those who scored agree. It is plain numbers and knows no record.
package choice

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Problem is a choice: scores of options by criteria. Its numbers must be finite.
type Problem struct {
	// Scores has one row for each option, with one score for each criterion.
	Scores [][]float64
	// Weights has one weight for each criterion, none below 0. They need not add up to 1.
	Weights []float64
	// Costs says of each criterion whether a low score is better. Nil means that a high one always is.
	Costs []bool
}

// check says what is wrong with a problem, and returns its weights brought to a sum of 1.
func (p Problem) check() ([]float64, error) {
	if len(p.Scores) == 0 {
		return nil, errors.New("there is no option: add at least one")
	}
	if p.Costs != nil && len(p.Costs) != len(p.Weights) {
		return nil, fmt.Errorf("%d directions for %d criteria: give one for each", len(p.Costs), len(p.Weights))
	}
	for i, row := range p.Scores {
		if len(row) != len(p.Weights) {
			return nil, fmt.Errorf("option %d has %d scores for %d criteria: give one for each", i+1, len(row), len(p.Weights))
		}
		for j, x := range row {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return nil, fmt.Errorf("the score of option %d by criterion %d is not a number", i+1, j+1)
			}
		}
	}
	return Normalised(p.Weights)
}

// cost reports whether a low score of a criterion is better.
func (p Problem) cost(criterion int) bool { return p.Costs != nil && p.Costs[criterion] }

// Normalised returns weights in proportion to those given, with a sum of 1.
func Normalised(weights []float64) ([]float64, error) {
	if len(weights) == 0 {
		return nil, errors.New("there is no criterion: add at least one")
	}
	largest := 0.0
	for i, w := range weights {
		if math.IsNaN(w) || math.IsInf(w, 0) || w < 0 {
			return nil, fmt.Errorf("weight %d is %g: write a number from 0", i+1, w)
		}
		largest = max(largest, w)
	}
	if largest == 0 {
		return nil, errors.New("all weights are 0: give at least one criterion some weight")
	}
	sum := 0.0
	out := make([]float64, len(weights))
	for i, w := range weights {
		// Dividing by the largest first keeps the sum finite.
		out[i] = w / largest
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out, nil
}

// Weighted returns the sum of scores times weights of each option. The weights are brought to a sum of 1. A criterion by which a low score is better is turned round
// within the scores that it has: the best takes the place of the worst. So the sums stay on the scale of the scores.
func Weighted(p Problem) ([]float64, error) {
	weights, err := p.check()
	if err != nil {
		return nil, err
	}
	turned := p.turned()
	out := make([]float64, len(turned))
	for i, row := range turned {
		for j, x := range row {
			out[i] += weights[j] * x
		}
	}
	return out, nil
}

// turned returns the scores with a high one better by every criterion.
func (p Problem) turned() [][]float64 {
	out := make([][]float64, len(p.Scores))
	for i, row := range p.Scores {
		out[i] = slices.Clone(row)
	}
	for j := range p.Weights {
		if !p.cost(j) {
			continue
		}
		low, high := p.Scores[0][j], p.Scores[0][j]
		for _, row := range p.Scores {
			low, high = min(low, row[j]), max(high, row[j])
		}
		for i := range out {
			out[i][j] = low + (high - out[i][j])
		}
	}
	return out
}

// nearly is how close two values are that count as the same, in parts of the larger: what is left of rounding.
const nearly = 1e-12

// same reports whether two values differ by nothing but rounding.
func same(a, b float64) bool {
	return math.Abs(a-b) <= nearly*max(math.Abs(a), math.Abs(b))
}

// Ranks returns the place of each value, 1 for the highest. Values that differ by nothing but rounding share a place, and the places behind them stay empty.
func Ranks(values []float64) []int {
	order := Order(values)
	out := make([]int, len(values))
	for at, i := range order {
		out[i] = at + 1
		if at > 0 && same(values[order[at-1]], values[i]) {
			out[i] = out[order[at-1]]
		}
	}
	return out
}

// Order returns the numbers of the values, the highest first. Equal ones keep their order.
func Order(values []float64) []int {
	out := make([]int, len(values))
	for i := range out {
		out[i] = i
	}
	slices.SortStableFunc(out, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	return out
}
