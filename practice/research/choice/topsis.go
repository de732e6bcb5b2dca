package choice

import "math"

// TOPSIS returns how near each option is to the ideal, from 0 for the worst of all to 1 for the best of all (Hwang and Yoon, 1981). Each criterion is divided by the length of
// its column and weighted; the ideal has the best of every criterion and the anti-ideal the worst; the nearness is d- / (d+ + d-). Where all options are alike it is 0.5.
func TOPSIS(p Problem) ([]float64, error) { return topsis(p, true) }

// TOPSISRaw is [TOPSIS] without dividing by the length of the column, for scores that are on one scale already.
func TOPSISRaw(p Problem) ([]float64, error) { return topsis(p, false) }

func topsis(p Problem, normalise bool) ([]float64, error) {
	weights, err := p.check()
	if err != nil {
		return nil, err
	}
	toBest, toWorst := make([]float64, len(p.Scores)), make([]float64, len(p.Scores))
	for j, w := range weights {
		column := make([]float64, len(p.Scores))
		length := 0.0
		for i, row := range p.Scores {
			column[i] = row[j]
			length = math.Hypot(length, row[j])
		}
		if normalise && length > 0 {
			for i := range column {
				column[i] /= length
			}
		}
		best, worst := column[0], column[0]
		for _, x := range column {
			best, worst = max(best, x), min(worst, x)
		}
		if p.cost(j) {
			best, worst = worst, best
		}
		for i, x := range column {
			toBest[i] = math.Hypot(toBest[i], w*(x-best))
			toWorst[i] = math.Hypot(toWorst[i], w*(x-worst))
		}
	}
	out := make([]float64, len(p.Scores))
	for i := range out {
		out[i] = 0.5
		if all := toBest[i] + toWorst[i]; all > 0 {
			out[i] = toWorst[i] / all
		}
	}
	return out, nil
}
