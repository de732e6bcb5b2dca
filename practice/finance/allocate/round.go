package allocate

import (
	"cmp"
	"fmt"
	"slices"
)

// balance is a network of whole amounts that do not yet add up at every node. Each edge holds how far its amount is above the
// exact one rounded down, and how far it may go. Amounts are moved by one unit along paths from nodes that have too much to nodes that have too little,
// all shortest paths at a time (Dinic, "Algorithm for solution of a problem of maximum flow", 1970).
// Because the exact amounts add up, whole amounts next to them exist that add up too.
type balance struct {
	from, to   []int32
	up, lo, hi []int8
	over       []int64
	arcs       lists
	level      []int32
	next       []int32
}

// add appends an edge with the part that rounding down took away, and returns by how much the rounding to the nearest is above.
func (b *balance) add(from, to int32, part float64) int8 {
	var up, lo, hi int8
	switch {
	case part < near:
	case part > 1-near:
		up, lo, hi = 1, 1, 1
	default:
		hi = 1
		if part > 0.5 {
			up = 1
		}
	}
	b.from, b.to = append(b.from, from), append(b.to, to)
	b.up, b.lo, b.hi = append(b.up, up), append(b.lo, lo), append(b.hi, hi)
	return up
}

// near is how close to a whole number an amount is taken for that number.
const near = 1e-9

// widen lets every amount go further away from the exact one.
func (b *balance) widen(by int8) {
	for i := range b.lo {
		b.lo[i], b.hi[i] = b.lo[i]-by, b.hi[i]+by
	}
}

// settle moves units until every node adds up, and reports whether that was possible.
func (b *balance) settle() bool {
	if b.arcs.start == nil {
		b.connect()
	}
	for b.layers() {
		copy(b.next, b.arcs.start)
		for v := range b.over {
			for b.over[v] > 0 && b.push(int32(v)) {
				b.over[v]--
			}
		}
	}
	for _, o := range b.over {
		if o != 0 {
			return false
		}
	}
	return true
}

// connect lists at each node the edges in either direction: twice the number of the edge, and one more where it is gone backwards.
func (b *balance) connect() {
	n := len(b.over)
	b.level, b.next = make([]int32, n), make([]int32, n+1)
	b.arcs = lists{make([]int32, n+1), make([]int32, 2*len(b.from))}
	for i := range b.from {
		b.arcs.start[b.from[i]+1]++
		b.arcs.start[b.to[i]+1]++
	}
	for i := range n {
		b.arcs.start[i+1] += b.arcs.start[i]
	}
	copy(b.next, b.arcs.start)
	for i := range b.from {
		b.arcs.edge[b.next[b.from[i]]] = int32(2 * i)
		b.next[b.from[i]]++
		b.arcs.edge[b.next[b.to[i]]] = int32(2*i + 1)
		b.next[b.to[i]]++
	}
}

// step returns where an arc leads, and whether a unit may go along it.
func (b *balance) step(arc int32) (int32, bool) {
	i := arc >> 1
	if arc&1 == 0 {
		return b.to[i], b.up[i] < b.hi[i]
	}
	return b.from[i], b.up[i] > b.lo[i]
}

// layers numbers the nodes by their distance from those that have too much, and reports whether one that has too little is reached.
func (b *balance) layers() bool {
	queue := make([]int32, 0, 64)
	for v := range b.level {
		b.level[v] = -1
		if b.over[v] > 0 {
			b.level[v] = 0
			queue = append(queue, int32(v))
		}
	}
	found := false
	for at := 0; at < len(queue); at++ {
		v := queue[at]
		found = found || b.over[v] < 0
		for _, arc := range b.arcs.of(v) {
			if w, ok := b.step(arc); ok && b.level[w] < 0 {
				b.level[w] = b.level[v] + 1
				queue = append(queue, w)
			}
		}
	}
	return found
}

// push moves one unit from a node to one that has too little, and reports whether there was a way.
func (b *balance) push(start int32) bool {
	path := []int32{}
	v := start
	for {
		if b.over[v] < 0 {
			for _, arc := range path {
				if arc&1 == 0 {
					b.up[arc>>1]++
				} else {
					b.up[arc>>1]--
				}
			}
			b.over[v]++
			return true
		}
		moved := false
		for b.next[v] < b.arcs.start[v+1] {
			arc := b.arcs.edge[b.next[v]]
			if w, ok := b.step(arc); ok && b.level[w] == b.level[v]+1 {
				path, v, moved = append(path, arc), w, true
				break
			}
			b.next[v]++
		}
		if moved {
			continue
		}
		if len(path) == 0 {
			return false
		}
		last := path[len(path)-1]
		path = path[:len(path)-1]
		if last&1 == 0 {
			v = b.from[last>>1]
		} else {
			v = b.to[last>>1]
		}
		b.next[v]++
	}
}

// round makes whole amounts of what passes through each node.
func (n *network) round(through []double) (*Result, error) {
	direct := make([]int64, len(n.nodes))
	for i := range n.nodes {
		direct[i] = n.nodes[i].Direct
	}
	exact := make([]double, len(n.edges))
	for i, e := range n.edges {
		exact[i] = n.part(through[e.From], e)
	}
	flows, stays, err := n.amounts(direct, exact, carries(exact), n.kept(through), nil)
	if err != nil {
		return nil, err
	}
	r := &Result{Nodes: make([]Share, len(n.nodes)), Flows: flows, net: n, through: through}
	for i := range r.Nodes {
		r.Nodes[i].Direct, r.Nodes[i].Kept = direct[i], stays[i]
	}
	for i, e := range n.edges {
		r.Nodes[e.From].Passed += flows[i]
		r.Nodes[e.To].Received += flows[i]
	}
	return r, nil
}

// carries opens the edges that carry anything.
func carries(exact []double) func(edge int) bool {
	return func(i int) bool { return exact[i] != double{} }
}

// kept returns what exactly stays at each node of what passes through it.
func (n *network) kept(through []double) []double {
	out := make([]double, len(through))
	for i, x := range through {
		out[i] = x.mul(doubleOf(n.keeps[i])).div(doubleOf(n.whole[i]))
	}
	return out
}

// amounts rounds exact flows and exact kept amounts to whole ones that add up at every node with the direct costs. Where kept
// amounts are fixed, they are taken as they are. Only the edges that are open carry anything.
func (n *network) amounts(direct []int64, exact []double, open func(edge int) bool, kept []double, fixed []int64) (flows, stays []int64, err error) {
	b := &balance{over: append(append([]int64(nil), direct...), 0)}
	flows, stays = make([]int64, len(exact)), make([]int64, len(n.nodes))
	var edgeOf, nodeOf, loose []int32
	for i, f := range exact {
		if !open(i) {
			continue
		}
		e := n.edges[i]
		var part float64
		flows[i], part = f.floor()
		amount := flows[i] + int64(b.add(int32(e.From), int32(e.To), part))
		b.over[e.From] -= amount
		b.over[e.To] += amount
		edgeOf = append(edgeOf, int32(i))
	}
	if fixed != nil {
		copy(stays, fixed)
		for i, k := range fixed {
			b.over[i] -= k
		}
	} else {
		nodeOf, loose = n.keep(b, kept, stays)
	}
	ok := b.settle()
	if !ok {
		for _, at := range loose {
			b.lo[at], b.hi[at] = 0, 1
		}
		ok = b.settle()
	}
	for wide := int8(1); !ok && wide <= 32; wide *= 2 {
		b.widen(wide)
		ok = b.settle()
	}
	if !ok {
		return nil, nil, fmt.Errorf("the amounts cannot be rounded so that they add up: the costs are too large to be counted to the unit")
	}
	for at, i := range edgeOf {
		flows[i] += int64(b.up[at])
	}
	for at, i := range nodeOf {
		stays[i] += int64(b.up[len(edgeOf)+at])
	}
	return flows, stays, nil
}

// keep adds to the network what stays at each node, as an edge to one node behind all others. The amounts are
// rounded by largest remainder and held there. It returns the nodes, and those of the new edges that could be rounded the other way too.
func (n *network) keep(b *balance, kept []double, stays []int64) (nodes, loose []int32) {
	end := int32(len(n.nodes))
	first := len(b.from)
	parts := []float64{}
	var missing int64
	for i := range n.nodes {
		missing += n.nodes[i].Direct
		if kept[i] == (double{}) {
			continue
		}
		var part float64
		stays[i], part = kept[i].floor()
		missing -= stays[i]
		b.add(int32(i), end, part)
		nodes, parts = append(nodes, int32(i)), append(parts, part)
	}
	order := make([]int32, 0, len(nodes))
	for j := range nodes {
		at := first + j
		if b.lo[at] == 1 {
			missing--
		} else if b.hi[at] == 1 {
			b.up[at], b.hi[at] = 0, 0
			order, loose = append(order, int32(j)), append(loose, int32(at))
		}
	}
	slices.SortStableFunc(order, func(x, y int32) int { return cmp.Compare(parts[y], parts[x]) })
	for _, j := range order {
		if missing <= 0 {
			break
		}
		at := first + int(j)
		b.up[at], b.lo[at], b.hi[at] = 1, 1, 1
		missing--
	}
	for j, i := range nodes {
		amount := stays[i] + int64(b.up[first+j])
		b.over[i] -= amount
		b.over[end] += amount
	}
	for i := range n.nodes {
		b.over[end] -= n.nodes[i].Direct
	}
	return nodes, loose
}
