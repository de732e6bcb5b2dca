package allocate_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"binnacle/practice/finance/allocate"
)

// anyGraph draws a graph with cycles, credits, thirds, nodes that keep a part and nodes without cost.
func anyGraph(t *rapid.T) allocate.Graph {
	n := rapid.IntRange(1, 25).Draw(t, "nodes")
	g := allocate.Graph{Nodes: make([]allocate.Node, n)}
	for i := range g.Nodes {
		g.Nodes[i].Direct = rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(-5, 5), rapid.Int64Range(-1_000_000, 100_000_000)).Draw(t, "cost")
		g.Nodes[i].Layer = rapid.IntRange(0, 2).Draw(t, "layer")
	}
	edges := rapid.IntRange(0, 4*n).Draw(t, "edges")
	sums := make([]int64, n)
	for range edges {
		e := allocate.Edge{
			From:   rapid.IntRange(0, n-1).Draw(t, "from"),
			To:     rapid.IntRange(0, n-1).Draw(t, "to"),
			Weight: rapid.SampledFrom([]int64{0, 1, 1, 1, 2, 3, 7, 1000}).Draw(t, "weight"),
		}
		g.Edges = append(g.Edges, e)
		sums[e.From] += e.Weight
	}
	for i := range g.Nodes {
		if stays := rapid.SampledFrom([]int64{0, 0, 1, 5}).Draw(t, "stays"); stays > 0 {
			g.Nodes[i].Whole = sums[i] + stays
		}
	}
	return g
}

func TestEveryUnitIsConserved(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := anyGraph(rt)
		o := allocate.Options{Method: rapid.SampledFrom([]allocate.Method{allocate.Reciprocal, allocate.StepDown, allocate.Direct}).Draw(rt, "method")}
		r, err := allocate.Run(g, o)
		if err != nil {
			if _, ok := err.(*allocate.CycleError); ok {
				return
			}
			rt.Fatal(err)
		}
		conserved(rt, r, g)
		tr := trace(rt, r, g)
		exact := reference(g, o)
		for i, n := range r.Nodes {
			if exact != nil && math.Abs(float64(n.Kept)-exact[i]) > 1+1e-6 {
				rt.Fatalf("node %d keeps %d, and exactly it is %f", i, n.Kept, exact[i])
			}
		}
		for i := range g.Nodes {
			flowsAddUp(rt, g, tr, i)
			nextToExact(rt, g, o, tr, i)
		}
	})
}

// reference finds what each node keeps by passing cost on again and again. It knows the reciprocal method alone.
func reference(g allocate.Graph, o allocate.Options) []float64 {
	if o.Method != allocate.Reciprocal {
		return nil
	}
	whole := make([]float64, len(g.Nodes))
	given := make([]float64, len(g.Nodes))
	for _, e := range g.Edges {
		given[e.From] += float64(e.Weight)
	}
	for i, n := range g.Nodes {
		whole[i] = max(float64(n.Whole), given[i])
	}
	x := make([]float64, len(g.Nodes))
	for range 100_000 {
		next := make([]float64, len(g.Nodes))
		for i, n := range g.Nodes {
			next[i] = float64(n.Direct)
		}
		for _, e := range g.Edges {
			if e.Weight > 0 {
				next[e.To] += x[e.From] * float64(e.Weight) / whole[e.From]
			}
		}
		change := 0.0
		for i := range x {
			change = max(change, math.Abs(next[i]-x[i]))
		}
		x = next
		if change < 1e-9 {
			for i := range x {
				if whole[i] > 0 {
					x[i] *= (whole[i] - given[i]) / whole[i]
				}
			}
			return x
		}
	}
	return nil
}

// nextToExact checks that a row of the trace is what the node's cost alone would do, to the unit that rounding may differ by.
func nextToExact(t *rapid.T, g allocate.Graph, o allocate.Options, tr *allocate.Trace, node int) {
	alone := allocate.Graph{Nodes: append([]allocate.Node(nil), g.Nodes...), Edges: g.Edges}
	for i := range alone.Nodes {
		if i != node {
			alone.Nodes[i].Direct = 0
		}
	}
	if o.Method == allocate.StepDown {
		return // Without the other costs, the order would be another.
	}
	r, err := allocate.Run(alone, o)
	if err != nil {
		t.Fatal(err)
	}
	row := make([]int64, len(g.Nodes))
	for _, a := range tr.From(node) {
		row[a.Node] = a.Amount
	}
	for i, n := range r.Nodes {
		if abs(row[i]-n.Kept) > 1 {
			t.Fatalf("of node %d, %d ends at node %d, and alone it would be %d", node, row[i], i, n.Kept)
		}
	}
}

// flowsAddUp checks that the flows of one node's cost, and of what it keeps, conserve every unit on the way.
func flowsAddUp(t rapid.TB, g allocate.Graph, tr *allocate.Trace, node int) {
	from, err := tr.FlowsFrom(node)
	if err != nil {
		t.Fatal(err)
	}
	to, err := tr.FlowsTo(node)
	if err != nil {
		t.Fatal(err)
	}
	left, back := make([]int64, len(g.Nodes)), make([]int64, len(g.Nodes))
	left[node] = g.Nodes[node].Direct
	for _, a := range tr.From(node) {
		left[a.Node] -= a.Amount
	}
	for _, a := range tr.To(node) {
		back[a.Node] += a.Amount
		back[node] -= a.Amount
	}
	for i, e := range g.Edges {
		left[e.From] -= from[i]
		left[e.To] += from[i]
		back[e.From] -= to[i]
		back[e.To] += to[i]
	}
	for i := range g.Nodes {
		if left[i] != 0 || back[i] != 0 {
			t.Fatalf("flows from node %d leave %d and flows to it %d at node %d", node, left[i], back[i], i)
		}
	}
}

// Twice the cost gives twice what is kept, to one unit for each rounding.
func TestScale(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := anyGraph(rt)
		once, err := allocate.Run(g, allocate.Options{})
		if err != nil {
			return
		}
		for i := range g.Nodes {
			g.Nodes[i].Direct *= 2
		}
		twice, err := allocate.Run(g, allocate.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		for i := range g.Nodes {
			if d := twice.Nodes[i].Kept - 2*once.Nodes[i].Kept; abs(d) > 3 {
				rt.Fatalf("node %d keeps %d and then %d", i, once.Nodes[i].Kept, twice.Nodes[i].Kept)
			}
		}
	})
}

// A thousand nodes that all serve each other are solved step by step, and the trace and the flows to an end still add up.
func TestManyThatServeEachOther(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	g := allocate.Graph{Nodes: make([]allocate.Node, 1000)}
	for i := range g.Nodes {
		if i < 20 {
			g.Nodes[i].Direct = rnd.Int64N(1e8) - 1e7
		}
		if i%50 == 0 {
			g.Nodes[i].Whole = 520
		}
		for range 5 {
			g.Edges = append(g.Edges, allocate.Edge{From: i, To: rnd.IntN(1000), Weight: 100})
		}
	}
	r := run(t, g, allocate.Options{})
	for i, exact := range reference(g, allocate.Options{Method: allocate.Reciprocal}) {
		if math.Abs(float64(r.Nodes[i].Kept)-exact) > 1+1e-3 {
			t.Errorf("node %d keeps %d, and exactly it is %f", i, r.Nodes[i].Kept, exact)
		}
	}
	tr := trace(t, r, g)
	flowsAddUp(t, g, tr, 0)
	flowsAddUp(t, g, tr, 50)
}
