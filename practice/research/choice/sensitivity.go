package choice

import (
	"cmp"
	"math"
	"slices"
)

// Turn is a change of one weight by which another option comes to lead.
type Turn struct {
	// Criterion is the number of the criterion whose weight changes.
	Criterion int
	// From is its weight, with all weights brought to a sum of 1.
	From float64
	// To is the weight at which the leader and the other option are level. Beyond it the other leads.
	To float64
	// Leader is the number of the option that leads beyond it.
	Leader int
}

// Change returns by how much the weight changes, below 0 where it falls.
func (t Turn) Change() float64 { return t.To - t.From }

// Sensitivity returns for each criterion the smallest rise and the smallest fall of its weight by which another option comes to lead a weighted sum, the smallest
// change first. The other weights are scaled in proportion, so that the sum stays 1. What is not there cannot be: no rise up to 1, or no fall down to 0, changes the leader. A
// criterion that has all the weight leaves nothing to scale, and has no turn.
//
// The sum of an option is then a straight line over the weight, and the turn is where two lines cross: it is worked out, not searched for.
func Sensitivity(p Problem) ([]Turn, error) {
	sums, err := Weighted(p)
	if err != nil {
		return nil, err
	}
	weights, err := Normalised(p.Weights)
	if err != nil {
		return nil, err
	}
	leader := Order(sums)[0]
	turned := p.turned()
	var out []Turn
	for j, w := range weights {
		rest := 0.0
		for k, other := range weights {
			if k != j {
				rest += other
			}
		}
		if rest == 0 {
			continue
		}
		rise, fall := Turn{j, w, math.Inf(1), 0}, Turn{j, w, math.Inf(-1), 0}
		for b := range turned {
			if b == leader {
				continue
			}
			// The lead at weight t is t × by + (1 - t) × others.
			by, others := turned[leader][j]-turned[b][j], 0.0
			for k, other := range weights {
				if k != j {
					others += other / rest * (turned[leader][k] - turned[b][k])
				}
			}
			slope := by - others
			if slope == 0 {
				continue
			}
			at := others / (others - by)
			switch {
			case slope < 0 && at < 1:
				if at = max(at, w); at < rise.To {
					rise.To, rise.Leader = at, b
				}
			case slope > 0 && at > 0:
				if at = min(at, w); at > fall.To {
					fall.To, fall.Leader = at, b
				}
			}
		}
		for _, t := range []Turn{rise, fall} {
			if !math.IsInf(t.To, 0) {
				out = append(out, t)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Turn) int { return cmp.Compare(math.Abs(a.Change()), math.Abs(b.Change())) })
	return out, nil
}
