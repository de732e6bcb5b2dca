package architecture

import "errors"

// errTooLarge says that a diagram grew beyond its limit.
var errTooLarge = errors.New("the diagram is too large")

// diagram holds boolean functions of independent parts as reduced ordered binary
// decision diagrams. A function is the number of a node; 0 never holds and 1
// always does. It makes shared parts count once, however many ways lead to them.
type diagram struct {
	nodes []decision
	// unique finds the node of a decision.
	unique map[decision]int32
	// done keeps what ifThenElse made before.
	done  map[[3]int32]int32
	limit int
}

// decision is a node: what holds when a variable is false and when it is true.
type decision struct {
	variable  int32
	low, high int32
}

const (
	never  int32 = 0
	always int32 = 1
	// lastVariable stands below all variables.
	lastVariable int32 = 1<<31 - 1
)

func newDiagram(limit int) *diagram {
	return &diagram{nodes: []decision{{variable: lastVariable}, {variable: lastVariable, low: 1, high: 1}}, unique: map[decision]int32{}, done: map[[3]int32]int32{}, limit: limit}
}

// variable returns the function that holds when a variable is true.
func (d *diagram) variable(n int32) (int32, error) { return d.node(decision{n, never, always}) }

func (d *diagram) node(is decision) (int32, error) {
	if is.low == is.high {
		return is.low, nil
	}
	if at, ok := d.unique[is]; ok {
		return at, nil
	}
	if len(d.nodes) >= d.limit {
		return 0, errTooLarge
	}
	d.nodes = append(d.nodes, is)
	d.unique[is] = int32(len(d.nodes) - 1)
	return int32(len(d.nodes) - 1), nil
}

// ifThenElse returns the function that is g where f holds and h elsewhere.
func (d *diagram) ifThenElse(f, g, h int32) (int32, error) {
	switch {
	case f == always:
		return g, nil
	case f == never:
		return h, nil
	case g == h:
		return g, nil
	case g == always && h == never:
		return f, nil
	}
	key := [3]int32{f, g, h}
	if at, ok := d.done[key]; ok {
		return at, nil
	}
	top := min(d.nodes[f].variable, d.nodes[g].variable, d.nodes[h].variable)
	var sides [2]int32
	for side := range sides {
		at, err := d.ifThenElse(d.side(f, top, side), d.side(g, top, side), d.side(h, top, side))
		if err != nil {
			return 0, err
		}
		sides[side] = at
	}
	at, err := d.node(decision{top, sides[0], sides[1]})
	if err == nil {
		d.done[key] = at
	}
	return at, err
}

// side returns what is left of a function when a variable is false (0) or true (1).
func (d *diagram) side(f, variable int32, side int) int32 {
	n := d.nodes[f]
	if n.variable != variable {
		return f
	}
	if side == 0 {
		return n.low
	}
	return n.high
}

func (d *diagram) and(f, g int32) (int32, error) { return d.ifThenElse(f, g, never) }

// atLeast returns the function that holds where at least so many of some functions hold.
func (d *diagram) atLeast(need int, of []int32) (int32, error) {
	if need <= 0 {
		return always, nil
	}
	if need > len(of) {
		return never, nil
	}
	// row[k] holds where at least k of the functions seen so far, from the last, hold.
	row := make([]int32, need+1)
	row[0] = always
	for i := len(of) - 1; i >= 0; i-- {
		for k := need; k > 0; k-- {
			at, err := d.ifThenElse(of[i], row[k-1], row[k])
			if err != nil {
				return 0, err
			}
			row[k] = at
		}
	}
	return row[need], nil
}

// chance returns the probability that a function holds, and by how much it rises
// with the probability of each variable, which is the importance that Birnbaum defined.
func (d *diagram) chance(f int32, p []float64) (holds float64, rises []float64) {
	below := make([]float64, len(d.nodes))
	below[always] = 1
	for i := 2; i < len(d.nodes); i++ {
		n := d.nodes[i]
		below[i] = p[n.variable]*below[n.high] + (1-p[n.variable])*below[n.low]
	}
	reached := make([]float64, len(d.nodes))
	reached[f] = 1
	rises = make([]float64, len(p))
	for i := len(d.nodes) - 1; i >= 2; i-- {
		if reached[i] == 0 {
			continue
		}
		n := d.nodes[i]
		rises[n.variable] += reached[i] * (below[n.high] - below[n.low])
		reached[n.high] += reached[i] * p[n.variable]
		reached[n.low] += reached[i] * (1 - p[n.variable])
	}
	return below[f], rises
}
