package fair

import (
	"fmt"
	"math"
)

// Discretise puts the probability of a severity into steps: what lies around n times the step, half a step to
// each side, becomes exactly that. The last place has everything above.
func Discretise(e Estimate, step float64, places int) ([]float64, error) {
	if err := e.check(mostAmount); err != nil {
		return nil, err
	}
	if !(step > 0) || places < 2 || places > 1<<24 {
		return nil, fmt.Errorf("a step of %v and %d places make no severity: the step must be above 0 and there must be between 2 and 16777216 places", step, places)
	}
	q := newQuantity(e, math.MaxFloat64)
	out := make([]float64, places)
	before := 0.0
	for i := range out {
		after := 1.0
		if i < places-1 {
			after = q.cdf(float64(step * (float64(i) + 0.5)))
		}
		out[i], before = after-before, after
	}
	return out, nil
}

// Panjer returns the exact distribution of what a year costs, where the number of events is Poisson about a frequency and each costs a
// number of steps with the probability given. Element n is the probability of n steps (Panjer, "Recursive evaluation of a family of compound distributions", 1981).
func Panjer(frequency float64, severity []float64, places int) ([]float64, error) {
	if !(frequency >= 0 && frequency <= 700) || len(severity) == 0 || places < 1 {
		return nil, fmt.Errorf("a frequency of %v cannot be counted exactly: it must be between 0 and 700", frequency)
	}
	out := make([]float64, places)
	out[0] = exp(float64(frequency * (severity[0] - 1)))
	for n := 1; n < places; n++ {
		sum := 0.0
		for j := 1; j <= min(n, len(severity)-1); j++ {
			sum += float64(float64(float64(j)*severity[j]) * out[n-j])
		}
		out[n] = float64(sum*frequency) / float64(n)
	}
	return out, nil
}
