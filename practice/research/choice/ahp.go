package choice

import (
	"fmt"
	"math"
)

// MostCompared is how many criteria can be compared in pairs: random indices are agreed on up to it.
const MostCompared = 10

// random are the random indices by the number of criteria: what the consistency index of answers at random is (Saaty, 1980).
var random = [MostCompared + 1]float64{3: .58, 4: .90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45, 10: 1.49}

// Consistent is the consistency ratio up to which comparisons are taken as consistent.
const Consistent = 0.10

// Comparison is what the analytic hierarchy process makes of comparisons in pairs.
type Comparison struct {
	// Weights are the weights of the criteria, with a sum of 1: the principal eigenvector.
	Weights []float64
	// Lambda is the principal eigenvalue. It is the number of criteria where the comparisons are consistent, and above it otherwise.
	Lambda float64
	// Index is the consistency index, (lambda - n) / (n - 1).
	Index float64
	// Ratio is the consistency ratio: the index divided by the random index. It is 0 for one or two criteria, which are always consistent.
	Ratio float64
	// First and Second are the criteria whose comparison is farthest from what all the others say together. Both are 0 where there are fewer than three.
	First, Second int
	// Fitting is how many times as much the first would count as the second by all comparisons together.
	Fitting float64
}

// Inconsistent reports whether the comparisons contradict each other too much for their weights to mean anything.
func (c Comparison) Inconsistent() bool { return c.Ratio > Consistent }

// mostRounds bounds the power iteration. Matrices of positive numbers of up to ten rows need some dozens.
const mostRounds = 100_000

// AHP returns the weights that comparisons in pairs stand for, by power iteration. The matrix says how many times as much the criterion of the row counts
// as that of the column: numbers above 0, with 1 on the diagonal and the reciprocal on the other side.
func AHP(matrix [][]float64) (Comparison, error) {
	n := len(matrix)
	if err := reciprocal(matrix); err != nil {
		return Comparison{}, err
	}
	w, next := make([]float64, n), make([]float64, n)
	for i := range w {
		w[i] = 1 / float64(n)
	}
	for range mostRounds {
		sum := 0.0
		for i, row := range matrix {
			next[i] = 0
			for j, a := range row {
				next[i] += a * w[j]
			}
			sum += next[i]
		}
		moved := 0.0
		for i := range next {
			next[i] /= sum
			moved = max(moved, math.Abs(next[i]-w[i])/next[i])
		}
		w, next = next, w
		if moved < 1e-15 {
			break
		}
	}
	out := Comparison{Weights: w}
	for i, row := range matrix {
		sum := 0.0
		for j, a := range row {
			sum += a * w[j]
		}
		out.Lambda += sum / w[i] / float64(n)
	}
	if n < 3 {
		out.Lambda = float64(n)
		return out, nil
	}
	out.Index = (out.Lambda - float64(n)) / float64(n-1)
	out.Ratio = out.Index / random[n]
	worst := 0.0
	for i := range n {
		for j := i + 1; j < n; j++ {
			if off := math.Abs(math.Log(matrix[i][j] * w[j] / w[i])); off > worst*(1+1e-9) || j == 1 {
				worst, out.First, out.Second, out.Fitting = off, i, j, w[i]/w[j]
			}
		}
	}
	return out, nil
}

// reciprocal says what is wrong with a matrix of comparisons.
func reciprocal(matrix [][]float64) error {
	n := len(matrix)
	if n == 0 || n > MostCompared {
		return fmt.Errorf("%d criteria: compare 1 to %d in pairs", n, MostCompared)
	}
	for i, row := range matrix {
		if len(row) != n {
			return fmt.Errorf("row %d has %d of %d comparisons", i+1, len(row), n)
		}
		for j, a := range row {
			switch {
			case !(a > 0) || math.IsInf(a, 0):
				return fmt.Errorf("the comparison of %d with %d is %g: write a number above 0", i+1, j+1, a)
			case i == j && a != 1:
				return fmt.Errorf("criterion %d is compared with itself as %g: it is 1", i+1, a)
			case j < i && math.Abs(a*matrix[j][i]-1) > 1e-6:
				return fmt.Errorf("the comparison of %d with %d is %g, and the other way round %g: one is 1 divided by the other", i+1, j+1, a, matrix[j][i])
			}
		}
	}
	return nil
}
