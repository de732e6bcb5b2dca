package allocate

import (
	"cmp"
	"fmt"
	"slices"
)

// simplify takes out the services that the method does not count. The weights that are left become the whole, together with what stays.
func (n *network) simplify(o Options) error {
	switch o.Method {
	case Reciprocal, "":
		return nil
	case Direct:
		mutual := n.mutual()
		n.drop(func(i int) bool { return mutual[i] })
		return nil
	case StepDown:
		return n.stepDown(o.Order)
	}
	return fmt.Errorf("%q is not a method of allocation: use reciprocal, step_down or direct", string(o.Method))
}

// mutual marks the edges between nodes of one layer whose end passes cost on too.
func (n *network) mutual() []bool {
	passes := make([]bool, len(n.nodes))
	for _, e := range n.edges {
		passes[e.From] = passes[e.From] || e.Weight > 0
	}
	out := make([]bool, len(n.edges))
	for i, e := range n.edges {
		out[i] = passes[e.To] && n.nodes[e.From].Layer == n.nodes[e.To].Layer
	}
	return out
}

func (n *network) drop(gone func(edge int) bool) {
	for i := range n.edges {
		if gone(i) {
			e := &n.edges[i]
			n.whole[e.From] -= e.Weight
			e.Weight = 0
		}
	}
}

// stepDown drops the services to nodes that were closed before. Nodes without a place in the order follow it: who serves most
// other nodes that pass cost on first, then who has the larger cost, then the lower index.
func (n *network) stepDown(order []int) error {
	mutual := n.mutual()
	served := make([]int, len(n.nodes))
	for i, e := range n.edges {
		if mutual[i] && e.Weight > 0 && e.From != e.To {
			served[e.From]++
		}
	}
	place := make([]int, len(n.nodes))
	for at, node := range order {
		if node < 0 || node >= len(n.nodes) {
			return fmt.Errorf("the order names node %d, and there are %d nodes", node, len(n.nodes))
		}
		if place[node] != 0 {
			return fmt.Errorf("the order names %s twice", n.name(node))
		}
		place[node] = at + 1
	}
	rest := make([]int, 0, len(n.nodes))
	for i := range n.nodes {
		if place[i] == 0 {
			rest = append(rest, i)
		}
	}
	slices.SortStableFunc(rest, func(a, b int) int {
		return cmp.Or(cmp.Compare(served[b], served[a]), cmp.Compare(n.nodes[b].Direct, n.nodes[a].Direct))
	})
	for at, node := range rest {
		place[node] = len(order) + at + 1
	}
	n.drop(func(i int) bool { return mutual[i] && place[n.edges[i].To] <= place[n.edges[i].From] })
	return nil
}
