package fair

import (
	"math"
	"math/bits"
	"sync"
)

// The table of a quantity has cells whose width is a fixed part of their distance from the nearer end: 64 for each halving of
// the distance. So tails are as fine as the middle.
const (
	cellsPerHalving = 64
	halvings        = 20
	tableCells      = cellsPerHalving * halvings
)

// table holds the values of a quantity at the borders of the cells, for drawing from it in a few nanoseconds. Within a cell
// values rise evenly. What lies beyond the last halving, two of a million, is computed where it is unbounded.
type table struct {
	of *quantity
	// sides are the values below the middle and above it, from the far end to the middle.
	sides [2][tableCells + 1]float64
	// ends are the least and the greatest value.
	ends [2]float64
}

// distances are the probabilities between the borders and the nearer end.
var distances = sync.OnceValue(func() *[tableCells + 1]float64 {
	var d [tableCells + 1]float64
	for i := range d {
		halving := min(i/cellsPerHalving, halvings-1)
		base := math.Ldexp(0.25, halving-(halvings-1))
		part := float64(float64(i-halving*cellsPerHalving) / cellsPerHalving)
		d[i] = float64(base * (1 + part))
	}
	return &d
})

// borders are the normal values at the distances, below the middle.
var borders = sync.OnceValue(func() *[tableCells + 1]float64 {
	var z [tableCells + 1]float64
	for i, d := range distances() {
		z[i] = normal(d)
	}
	return &z
})

func newTable(q *quantity) *table {
	t := &table{of: q, ends: [2]float64{q.Low, q.High}}
	if q.Shape == Lognormal {
		for i, z := range borders() {
			part := float64(q.sigma * z)
			t.sides[0][i], t.sides[1][i] = min(exp(q.mu+part), q.most), min(exp(q.mu-part), q.most)
		}
		return t
	}
	for i, d := range distances() {
		t.sides[0][i], t.sides[1][i] = q.quantile(d, false), q.quantile(d, true)
	}
	return t
}

// draw turns a random number into a value of the quantity. A greater number gives a value that is not less.
func (t *table) draw(u uint64) float64 {
	side := u >> 63
	d := u ^ -side
	zeros := bits.LeadingZeros64(d)
	if zeros > halvings {
		return t.far(d, side)
	}
	rest := d << (zeros + 1)
	i := (halvings-zeros)*cellsPerHalving + int(rest>>58)
	f := float64(rest<<6>>11) * 0x1p-53
	s := &t.sides[side]
	return s[i] + float64((s[i+1]-s[i])*f)
}

// far draws from beyond the last halving.
func (t *table) far(d, side uint64) float64 {
	tail := float64((float64(d) + 0.5) * 0x1p-64)
	if t.of.Shape == Lognormal {
		return t.of.quantile(tail, side == 1)
	}
	f := tail / distances()[0]
	return t.ends[side] + float64((t.sides[side][0]-t.ends[side])*f)
}

// ceiling returns a normal value that the one of a random number is not above: the upper border of its cell.
func ceiling(u uint64, z *[tableCells + 1]float64) float64 {
	side := u >> 63
	d := u ^ -side
	zeros := bits.LeadingZeros64(d)
	switch {
	case zeros <= halvings:
		i := (halvings-zeros)*cellsPerHalving + int(d<<(zeros+1)>>58)
		if side == 1 {
			return -z[i]
		}
		return z[i+1]
	case side == 1:
		return math.Inf(1)
	}
	return z[0]
}

// node is a value with the probability that it stands for.
type node struct{ value, weight float64 }

// nodes cuts a quantity into cells like those of a table, some for each halving, and returns the mean of each. So the mean is kept.
func (q *quantity) nodes(perHalving, halvings int) []node {
	if q.point {
		return []node{{q.Low, 1}}
	}
	shares := []float64{0}
	d := 0.5
	for range halvings {
		d /= 2
	}
	for range halvings {
		for i := range perHalving {
			part := float64(float64(i) / float64(perHalving))
			shares = append(shares, float64(d*(1+part)))
		}
		d *= 2
	}
	shares = append(shares, 0.5)
	for i := len(shares) - 2; i >= 0; i-- {
		shares = append(shares, 1-shares[i])
	}
	out := make([]node, 0, len(shares)-1)
	before := 0.0
	for i := 1; i < len(shares); i++ {
		after := q.lower(shares[i])
		w := shares[i] - shares[i-1]
		out = append(out, node{min(max((after-before)/w, 0), q.most), w})
		before = after
	}
	return out
}
