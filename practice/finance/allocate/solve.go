package allocate

import (
	"fmt"
	"math"
)

// component is a group of nodes that serve each other, ready to be solved.
//
// A small one is solved by elimination in the order of its nodes. What leaves a node is added up from what it is made of instead
// of being taken away from 1, so that nothing cancels out and the result is right however little leaves
// the cycle (Grassmann, Taksar and Heyman, "Regenerative analysis and steady state distributions", 1985).
// A large one is solved by the stabilised method of biconjugate gradients (van der Vorst, 1992), which uses its edges alone.
type component struct {
	nodes []int32
	place map[int32]int
	edges []int32
	p     []float64
	left  []float64
}

const (
	// dense is the number of nodes up to which a component is solved by elimination.
	dense = 400
	// densest is the number of nodes up to which elimination is tried where that takes too long.
	densest = 3000
	// rounds is how many steps a large component may take.
	rounds = 500
)

// factor prepares every component with a cycle, and refuses one that nothing leaves.
func (n *network) factor() error {
	n.solved = make([]*component, len(n.comps))
	for c, comp := range n.comps {
		if !n.cyclic(comp) {
			continue
		}
		left := false
		for _, v := range comp {
			left = left || n.leaves(v) > 0
		}
		if !left {
			return n.cycleError(comp)
		}
		k := &component{nodes: comp, place: make(map[int32]int, len(comp))}
		for i, v := range comp {
			k.place[v] = i
		}
		for _, v := range comp {
			for _, i := range n.out.of(v) {
				if e := n.edges[i]; e.Weight > 0 && n.compOf[e.To] == int32(c) {
					k.edges = append(k.edges, i)
				}
			}
		}
		n.solved[c] = k
		if len(comp) <= dense {
			k.eliminate(n)
		}
	}
	return nil
}

// eliminate takes one node after the other out of the component, and remembers how.
func (k *component) eliminate(n *network) {
	m := len(k.nodes)
	p, left := make([]float64, m*m), make([]float64, m)
	for i, v := range k.nodes {
		left[i] = float64(n.leaves(v)) / float64(n.whole[v])
	}
	for _, i := range k.edges {
		e := n.edges[i]
		p[k.place[int32(e.From)]*m+k.place[int32(e.To)]] += float64(e.Weight) / float64(n.whole[e.From])
	}
	for a := range m {
		row := p[a*m : a*m+m]
		d := left[a]
		for j := a + 1; j < m; j++ {
			d += row[j]
		}
		for j := a + 1; j < m; j++ {
			f := p[j*m+a]
			if f == 0 || d == 0 {
				continue
			}
			f /= d
			other := p[j*m : j*m+m]
			for i := a + 1; i < m; i++ {
				other[i] += f * row[i]
			}
			left[j] += f * left[a]
		}
		left[a] = d
	}
	k.p, k.left = p, left
}

// forward solves x = s + P x inside of the component. The slice is overwritten with x.
func (k *component) forward(s []float64) {
	m := len(k.nodes)
	for a := range m {
		if s[a] == 0 {
			continue
		}
		f, row := s[a]/k.left[a], k.p[a*m:a*m+m]
		for i := a + 1; i < m; i++ {
			s[i] += f * row[i]
		}
	}
	for a := m - 1; a >= 0; a-- {
		for j := a + 1; j < m; j++ {
			s[a] += k.p[j*m+a] * s[j]
		}
		s[a] /= k.left[a]
	}
}

// backward solves h = b + Pᵀ h inside of the component. The slice is overwritten with h.
func (k *component) backward(b []float64) {
	m := len(k.nodes)
	for a := range m {
		if b[a] == 0 {
			continue
		}
		f := b[a] / k.left[a]
		for j := a + 1; j < m; j++ {
			b[j] += f * k.p[j*m+a]
		}
	}
	for a := m - 1; a >= 0; a-- {
		row := k.p[a*m : a*m+m]
		for i := a + 1; i < m; i++ {
			b[a] += row[i] * b[i]
		}
		b[a] /= k.left[a]
	}
}

// solve solves a component in either direction, by elimination or step by step.
func (n *network) solve(k *component, s []float64, back bool) error {
	if k.p == nil {
		if x, ok := n.goRound(k, s, back); ok {
			copy(s, x)
			return nil
		}
		if len(k.nodes) > densest {
			return fmt.Errorf("%d nodes serve each other in cycles that hardly anything leaves, such as %s: cut one of the edges or use step-down", len(k.nodes), n.cycleError(k.nodes).cycle())
		}
		k.eliminate(n)
	}
	if back {
		k.backward(s)
	} else {
		k.forward(s)
	}
	return nil
}

// goRound solves a component by going along its edges again and again, and reports whether that came to an end.
func (n *network) goRound(k *component, s []float64, back bool) ([]float64, bool) {
	m := len(s)
	from, to, share := make([]int32, len(k.edges)), make([]int32, len(k.edges)), make([]float64, len(k.edges))
	for j, i := range k.edges {
		e := n.edges[i]
		from[j], to[j] = int32(k.place[int32(e.From)]), int32(k.place[int32(e.To)])
		if back {
			from[j], to[j] = to[j], from[j]
		}
		share[j] = float64(e.Weight) / float64(n.whole[e.From])
	}
	apply := func(x []float64) []float64 {
		out := append([]float64(nil), x...)
		for j := range from {
			out[to[j]] -= share[j] * x[from[j]]
		}
		return out
	}
	x, r, v, p := make([]float64, m), append([]float64(nil), s...), make([]float64, m), make([]float64, m)
	shadow := append([]float64(nil), s...)
	rho, alpha, omega := 1.0, 1.0, 1.0
	least := 1e-24 * dot(s, s)
	for range rounds {
		if dot(r, r) <= least {
			return x, true
		}
		next := dot(shadow, r)
		beta := next / rho * alpha / omega
		rho = next
		for i := range p {
			p[i] = r[i] + beta*(p[i]-omega*v[i])
		}
		v = apply(p)
		alpha = rho / dot(shadow, v)
		for i := range r {
			r[i] -= alpha * v[i]
		}
		t := apply(r)
		omega = 0
		if tt := dot(t, t); tt > 0 {
			omega = dot(t, r) / tt
		}
		for i := range x {
			x[i] += alpha*p[i] + omega*r[i]
			r[i] -= omega * t[i]
		}
		if size := dot(x, x); math.IsNaN(size) || math.IsInf(size, 0) {
			return nil, false
		}
	}
	return nil, false
}

func dot(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

// forward returns what passes through each node, where the given cost starts at each.
func (n *network) forward(direct []double) ([]double, error) {
	x := append([]double(nil), direct...)
	for c, comp := range n.comps {
		if k := n.solved[c]; k != nil {
			if err := n.refine(k, x); err != nil {
				return nil, err
			}
		}
		for _, v := range comp {
			if math.Abs(x[v].hi) >= float64(most) {
				return nil, fmt.Errorf("so much goes round the cycle %s that it cannot be counted: let more of it leave the cycle", n.cycleError(comp).cycle())
			}
			if x[v] == (double{}) {
				continue
			}
			for _, i := range n.out.of(v) {
				if e := n.edges[i]; e.Weight > 0 && n.compOf[e.To] != int32(c) {
					x[e.To] = x[e.To].add(n.part(x[v], e))
				}
			}
		}
	}
	return x, nil
}

// part returns what an edge carries of what passes through its node.
func (n *network) part(x double, e Edge) double {
	return x.mul(doubleOf(e.Weight)).div(doubleOf(n.whole[e.From]))
}

// refine solves a component and mends the result with twice the digits until it no longer changes.
func (n *network) refine(k *component, x []double) error {
	m := len(k.nodes)
	s, sol, rest := make([]double, m), make([]double, m), make([]float64, m)
	for i, v := range k.nodes {
		s[i] = x[v]
		rest[i] = s[i].hi
	}
	for range 8 {
		if err := n.solve(k, rest, false); err != nil {
			return err
		}
		change, size := 0.0, 0.0
		for i := range sol {
			sol[i] = sol[i].add(double{rest[i], 0})
			change, size = max(change, math.Abs(rest[i])), max(size, math.Abs(sol[i].hi))
		}
		if change <= 1e-13+1e-30*size || math.IsInf(size, 0) || math.IsNaN(size) {
			break
		}
		r := append([]double(nil), s...)
		for i := range r {
			r[i] = r[i].add(sol[i].neg())
		}
		for _, i := range k.edges {
			e := n.edges[i]
			to := k.place[int32(e.To)]
			r[to] = r[to].add(n.part(sol[k.place[int32(e.From)]], e))
		}
		for i := range r {
			rest[i] = r[i].hi
		}
	}
	for i, v := range k.nodes {
		if math.IsNaN(sol[i].hi) {
			sol[i].hi = math.Inf(1)
		}
		x[v] = sol[i]
	}
	return nil
}

// backward returns for each node which part of what passes through it ends where the given parts stay.
func (n *network) backward(stays []float64) ([]float64, error) {
	h := append([]float64(nil), stays...)
	for c := len(n.comps) - 1; c >= 0; c-- {
		for _, v := range n.comps[c] {
			for _, i := range n.out.of(v) {
				if e := n.edges[i]; e.Weight > 0 && n.compOf[e.To] != int32(c) {
					h[v] += h[e.To] * float64(e.Weight) / float64(n.whole[v])
				}
			}
		}
		if k := n.solved[c]; k != nil {
			s := make([]float64, len(k.nodes))
			for i, v := range k.nodes {
				s[i] = h[v]
			}
			if err := n.solve(k, s, true); err != nil {
				return nil, err
			}
			for i, v := range k.nodes {
				h[v] = s[i]
			}
		}
	}
	return h, nil
}
