package allocate

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
)

// Amount is what one node has to do with another in a trace, in minor units.
type Amount struct {
	// Node is the index of the other node.
	Node int
	// Amount is the part of the cost.
	Amount int64
}

// Trace says of every minor unit of direct cost where it ends. It is one table of whole amounts, whose rows are the nodes with direct cost
// and whose columns are the nodes that keep some. Each row adds up to the direct cost of its node, each column to what its node
// keeps, and both directions read the same table, so that they agree to the unit.
//
// An amount is the exact part of the direct cost, rounded: rows are rounded by largest remainder, where a column that was
// rounded down in the rows before comes first in the next; what then is missing in a column is moved there from others
// along the shortest chains of rows, between the amounts next to the exact ones first. Where the exact part is nothing, the amount is too.
type Trace struct {
	result *Result
	start  []int
	column []int32
	amount []int64
	byNode [][]int32
}

// mostPairs is how large the table of a trace may become. Such a one takes about half a gigabyte.
const mostPairs = 20_000_000

// Trace follows the direct cost of every node to where it ends. It takes time and memory for every pair of a node with
// direct cost and a node where some of it ends, so it is made once and kept. It returns an error where there are more than 20 million.
func (r *Result) Trace() (*Trace, error) {
	n := r.net
	t := &Trace{result: r, start: make([]int, len(n.nodes)+1), byNode: make([][]int32, len(n.nodes))}
	d := &table{Trace: t, owed: make([]float64, len(n.nodes))}
	for i, kept := range n.kept(r.through) {
		whole, part := kept.floor()
		d.owed[i] = float64(r.Nodes[i].Kept-whole) - part
	}
	x := make([]float64, len(n.nodes))
	for s := range n.nodes {
		if direct := n.nodes[s].Direct; direct != 0 {
			ends, err := n.ends(int32(s), float64(direct), x)
			if err != nil {
				return nil, err
			}
			d.row(direct, ends)
		}
		if t.start[s+1] = len(t.column); len(t.column) > mostPairs {
			return nil, fmt.Errorf("the trace has more than %d pairs of where cost begins and ends: gather the costs in fewer nodes", mostPairs)
		}
	}
	if err := d.mend(); err != nil {
		return nil, err
	}
	for s := range n.nodes {
		for i := t.start[s]; i < t.start[s+1]; i++ {
			t.byNode[t.column[i]] = append(t.byNode[t.column[i]], int32(s))
		}
	}
	return t, nil
}

// end is the exact part of a cost that ends at a node.
type end struct {
	node  int32
	exact float64
}

// ends returns where the cost of one node ends, by node. The slice must be all 0, and is so again afterwards.
func (n *network) ends(start int32, cost float64, x []float64) ([]end, error) {
	x[start] = cost
	var out []end
	for c := int(n.compOf[start]); c < len(n.comps); c++ {
		comp := n.comps[c]
		if k := n.solved[c]; k != nil {
			s, some := make([]float64, len(comp)), false
			for i, v := range comp {
				s[i] = x[v]
				some = some || s[i] != 0
			}
			if !some {
				continue
			}
			if err := n.solve(k, s, false); err != nil {
				return nil, err
			}
			for i, v := range comp {
				x[v] = s[i]
			}
		}
		for _, v := range comp {
			if x[v] == 0 {
				continue
			}
			for _, i := range n.out.of(v) {
				if e := n.edges[i]; e.Weight > 0 && n.compOf[e.To] != int32(c) {
					x[e.To] += x[v] * float64(e.Weight) / float64(n.whole[v])
				}
			}
			if kept := x[v] * float64(n.keeps[v]) / float64(n.whole[v]); math.Abs(kept) >= near {
				out = append(out, end{v, kept})
			}
			x[v] = 0
		}
	}
	slices.SortFunc(out, func(a, b end) int { return cmp.Compare(a.node, b.node) })
	return out, nil
}

// table is a trace in the making.
type table struct {
	*Trace
	// up is how far each amount is above the exact one rounded down.
	up []int8
	// free says that the exact amount is not whole.
	free []bool
	// owed is what each column should have got in the rows before and did not.
	owed []float64
}

// row rounds one row of the table and appends it.
func (t *table) row(direct int64, ends []end) {
	first := len(t.amount)
	left := direct
	order := make([]int, 0, len(ends))
	want := make([]float64, len(ends))
	for i, e := range ends {
		down := math.Floor(e.exact)
		part := e.exact - down
		if part > 1-near {
			down, part = down+1, 0
		}
		free := part >= near
		if free {
			order = append(order, i)
		}
		want[i] = part + t.owed[e.node]
		t.column, t.amount = append(t.column, e.node), append(t.amount, int64(down))
		t.up, t.free = append(t.up, 0), append(t.free, free)
		left -= int64(down)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(want[b], want[a]) })
	for _, i := range order {
		if left <= 0 {
			break
		}
		t.amount[first+i]++
		t.up[first+i]++
		left--
	}
	// Amounts of more than fifteen digits are not exact to the unit, and the largest takes the difference.
	if left != 0 && len(ends) > 0 {
		largest := 0
		for i, e := range ends {
			if math.Abs(e.exact) > math.Abs(ends[largest].exact) {
				largest = i
			}
		}
		t.amount[first+largest] += left
	}
	for i, e := range ends {
		t.owed[e.node] += e.exact - float64(t.amount[first+i])
	}
}

// mend moves units inside of rows until every column adds up to what its node keeps.
func (t *table) mend() error {
	nodes := t.result.Nodes
	over := make([]int64, 2*len(nodes))
	for i := range nodes {
		over[len(nodes)+i] = -nodes[i].Kept
	}
	for i, c := range t.column {
		over[len(nodes)+int(c)] += t.amount[i]
	}
	if !slices.ContainsFunc(over, func(o int64) bool { return o != 0 }) {
		return nil
	}
	count := len(t.column)
	b := &balance{
		from: make([]int32, count), to: make([]int32, count),
		up: t.up, lo: make([]int8, count), hi: make([]int8, count), over: over,
	}
	before := slices.Clone(t.up)
	for s := range nodes {
		for i := t.start[s]; i < t.start[s+1]; i++ {
			b.from[i], b.to[i] = int32(s), int32(len(nodes))+t.column[i]
			if t.free[i] {
				b.hi[i] = 1
			}
		}
	}
	ok := b.settle()
	for wide := int8(1); !ok && wide <= 32; wide *= 2 {
		b.widen(wide)
		ok = b.settle()
	}
	if !ok {
		return fmt.Errorf("the trace cannot be rounded so that it adds up: the costs are too large to be counted to the unit")
	}
	for i := range t.amount {
		t.amount[i] += int64(t.up[i] - before[i])
	}
	return nil
}

// From returns where the direct cost of a node ends, the largest amount first.
func (t *Trace) From(node int) []Amount {
	out := []Amount{}
	if node < 0 || node+1 >= len(t.start) {
		return out
	}
	for i := t.start[node]; i < t.start[node+1]; i++ {
		if t.amount[i] != 0 {
			out = append(out, Amount{int(t.column[i]), t.amount[i]})
		}
	}
	largestFirst(out)
	return out
}

// To returns whose direct cost it is that a node keeps, the largest amount first.
func (t *Trace) To(node int) []Amount {
	out := []Amount{}
	if node < 0 || node >= len(t.byNode) {
		return out
	}
	for _, s := range t.byNode[node] {
		if a := t.at(int(s), node); a != 0 {
			out = append(out, Amount{int(s), a})
		}
	}
	largestFirst(out)
	return out
}

// at returns the amount of one row and column.
func (t *Trace) at(from, to int) int64 {
	row := t.column[t.start[from]:t.start[from+1]]
	i := sort.Search(len(row), func(i int) bool { return int(row[i]) >= to })
	if i == len(row) || int(row[i]) != to {
		return 0
	}
	return t.amount[t.start[from]+i]
}

func largestFirst(a []Amount) {
	slices.SortStableFunc(a, func(x, y Amount) int {
		return cmp.Or(cmp.Compare(max(y.Amount, -y.Amount), max(x.Amount, -x.Amount)), cmp.Compare(x.Node, y.Node))
	})
}

// FlowsFrom returns what of the direct cost of one node goes along each edge, in the order of the edges, on its way to where [Trace.From] says that it ends.
// At every node what comes is what goes and what stays.
func (t *Trace) FlowsFrom(node int) ([]int64, error) {
	n := t.result.net
	if node < 0 || node >= len(n.nodes) {
		return nil, fmt.Errorf("there is no node %d to trace from: there are %d nodes", node, len(n.nodes))
	}
	direct := make([]int64, len(n.nodes))
	start := make([]double, len(n.nodes))
	direct[node], start[node] = n.nodes[node].Direct, doubleOf(n.nodes[node].Direct)
	through, err := n.forward(start)
	if err != nil {
		return nil, err
	}
	exact := make([]double, len(n.edges))
	for i, e := range n.edges {
		exact[i] = n.part(through[e.From], e)
	}
	stays := make([]int64, len(n.nodes))
	for _, a := range t.From(node) {
		stays[a.Node] = a.Amount
	}
	flows, _, err := n.amounts(direct, exact, carries(exact), nil, stays)
	return flows, err
}

// FlowsTo returns what of the cost that one node keeps came along each edge, in the order of the edges, from where [Trace.To] says that it began.
// At every node what comes is what goes and what stays.
func (t *Trace) FlowsTo(node int) ([]int64, error) {
	n := t.result.net
	if node < 0 || node >= len(n.nodes) {
		return nil, fmt.Errorf("there is no node %d to trace to: there are %d nodes", node, len(n.nodes))
	}
	stays := make([]float64, len(n.nodes))
	stays[node] = float64(n.keeps[node]) / float64(n.whole[node])
	reach, err := n.backward(stays)
	if err != nil {
		return nil, err
	}
	exact := make([]double, len(n.edges))
	for i, e := range n.edges {
		exact[i] = n.part(t.result.through[e.From], e).mul(double{reach[e.To], 0})
	}
	direct, fixed := make([]int64, len(n.nodes)), make([]int64, len(n.nodes))
	fixed[node] = t.result.Nodes[node].Kept
	for _, a := range t.To(node) {
		direct[a.Node] = a.Amount
	}
	// Costs and credits may cancel each other out along an edge, so it is open wherever the cost could go.
	open := func(i int) bool { return n.edges[i].Weight > 0 && reach[n.edges[i].To] > 0 }
	flows, _, err := n.amounts(direct, exact, open, nil, fixed)
	return flows, err
}
