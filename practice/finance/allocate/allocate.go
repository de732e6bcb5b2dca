// Package allocate carries cost along a graph: every node has a direct cost and passes parts of what it gathers on to
// others, until the cost stays somewhere. Three methods of cost accounting are known. The reciprocal method solves
//
//	x = s + P x
//
// where s is the direct cost of each node, P the shares that nodes take of each other, and x what passes through each
// node. All amounts are whole minor units, such as cents, and no unit is lost or made: at every node the direct cost
// and what arrives are together what is passed on and what stays.
package allocate

import (
	"fmt"
	"math/big"
	"strings"
)

// Method says how services that nodes do for each other are treated.
type Method string

// The methods of allocation.
const (
	// Reciprocal counts all services that nodes do for each other, also around cycles.
	Reciprocal Method = "reciprocal"
	// StepDown closes one node of a layer after the other. What is closed carries no cost of those that are closed later.
	StepDown Method = "step_down"
	// Direct leaves services inside of a layer out and carries cost to the ends and to other layers alone.
	Direct Method = "direct"
)

// Node is something that has cost.
type Node struct {
	// Name is what to call the node in errors. It may be empty.
	Name string
	// Direct is its own cost in minor units. Credits are negative.
	Direct int64
	// Whole is what the weights of its edges are parts of. 0 means their sum: all is passed on. What the weights leave of the whole stays.
	Whole int64
	// Layer is the stage that the node belongs to. Direct and StepDown simplify services between nodes of one layer that both pass cost on.
	Layer int
}

// Edge says that one node consumes a part of the output of another.
type Edge struct {
	// From is the index of the node that cost is taken from.
	From int
	// To is the index of the node that carries it.
	To int
	// Weight is the part. It counts in relation to the whole of the node, so that a third is 1 of 3 and exact.
	Weight int64
}

// Graph is what cost is carried along.
type Graph struct {
	// Nodes are what has cost.
	Nodes []Node
	// Edges say who carries what of whom.
	Edges []Edge
}

// Options say how to allocate.
type Options struct {
	// Method is the method. Empty means reciprocal.
	Method Method
	// Order lists nodes in the order in which StepDown closes them. Those that are not listed follow, who serves most others first.
	Order []int
}

// Share is what happened to the cost of one node, in minor units. Direct + Received = Passed + Kept.
type Share struct {
	// Direct is the node's own cost.
	Direct int64
	// Received is what others passed on to it.
	Received int64
	// Passed is what it passed on.
	Passed int64
	// Kept is what stays with it: all of it at an end of the graph, elsewhere what nobody takes.
	Kept int64
}

// Result is what an allocation found.
type Result struct {
	// Nodes say what happened at each node.
	Nodes []Share
	// Flows are the minor units that were passed on along each edge, in the order of the edges. An edge that the method leaves out carries 0.
	Flows []int64

	net     *network
	through []double
}

// CycleError says that nodes pass all cost around among themselves, so that it would never arrive.
type CycleError struct {
	// Nodes are the indices of the nodes of one such cycle, in order.
	Nodes []int
	// Names are their names.
	Names []string
}

// cycle writes the cycle with arrows.
func (e *CycleError) cycle() string {
	return strings.Join(append(append([]string(nil), e.Names...), e.Names[0]), " → ")
}

// Error names the cycle and says what to do.
func (e *CycleError) Error() string {
	return fmt.Sprintf("the cost never leaves the cycle %s: let one of these keep a part or pass a part on to something outside", e.cycle())
}

// Run carries the cost of all nodes along the edges. Every flow and every kept amount is the exact one rounded down or up
// to a whole minor unit, so that each is less than one unit away from it; what is kept is rounded by largest remainder
// wherever the flows allow it. It returns an error where a share is negative, where shares are more than the whole, where a node is not
// there, and a [CycleError] where a cycle is left by nothing.
func Run(g Graph, o Options) (*Result, error) {
	net, err := newNetwork(g, o)
	if err != nil {
		return nil, err
	}
	direct := make([]double, len(g.Nodes))
	for i, n := range g.Nodes {
		direct[i] = doubleOf(n.Direct)
	}
	through, err := net.forward(direct)
	if err != nil {
		return nil, err
	}
	return net.round(through)
}

// Total returns the sum of all direct costs.
func (r *Result) Total() *big.Int {
	total := new(big.Int)
	for _, n := range r.Nodes {
		total.Add(total, big.NewInt(n.Direct))
	}
	return total
}

// network is a graph after the method was applied: edges in both directions, and what each node keeps.
type network struct {
	nodes  []Node
	edges  []Edge
	whole  []int64
	keeps  []int64
	out    lists
	in     lists
	comps  [][]int32
	compOf []int32
	solved []*component
}

// lists are lists of edges by node, in one array.
type lists struct {
	start []int32
	edge  []int32
}

func (l lists) of(node int32) []int32 { return l.edge[l.start[node]:l.start[node+1]] }

func newLists(nodes int, edges []Edge, end func(Edge) int) lists {
	l := lists{make([]int32, nodes+1), make([]int32, len(edges))}
	for _, e := range edges {
		l.start[end(e)+1]++
	}
	for i := range nodes {
		l.start[i+1] += l.start[i]
	}
	next := append([]int32(nil), l.start...)
	for i, e := range edges {
		at := end(e)
		l.edge[next[at]] = int32(i)
		next[at]++
	}
	return l
}

// most is the largest number of minor units that may pass through a node.
const most = int64(1) << 61

func newNetwork(g Graph, o Options) (*network, error) {
	if err := check(g); err != nil {
		return nil, err
	}
	net := &network{nodes: g.Nodes, edges: append([]Edge(nil), g.Edges...)}
	sums := make([]int64, len(g.Nodes))
	for i, e := range g.Edges {
		if sums[e.From] > most-e.Weight {
			return nil, fmt.Errorf("the weights of %s are too large together (edge %d): scale them down", net.name(e.From), i)
		}
		sums[e.From] += e.Weight
	}
	net.whole = make([]int64, len(g.Nodes))
	net.keeps = make([]int64, len(g.Nodes))
	for i, n := range g.Nodes {
		net.whole[i] = n.Whole
		if n.Whole == 0 {
			net.whole[i] = sums[i]
		}
		if sums[i] > net.whole[i] {
			return nil, fmt.Errorf("the shares of %s are %d of %d, which is more than the whole: lower them", net.name(i), sums[i], n.Whole)
		}
		net.keeps[i] = net.whole[i] - sums[i]
	}
	if err := net.simplify(o); err != nil {
		return nil, err
	}
	for i := range net.whole {
		if net.whole[i] == 0 {
			net.whole[i], net.keeps[i] = 1, 1
		}
	}
	net.out = newLists(len(g.Nodes), net.edges, func(e Edge) int { return e.From })
	net.in = newLists(len(g.Nodes), net.edges, func(e Edge) int { return e.To })
	net.findComponents()
	return net, net.factor()
}

func check(g Graph) error {
	if len(g.Nodes) >= 1<<31-1 || len(g.Edges) >= 1<<31-1 {
		return fmt.Errorf("%d nodes and %d edges are too many", len(g.Nodes), len(g.Edges))
	}
	name := func(i int) string { return (&network{nodes: g.Nodes}).name(i) }
	total := new(big.Int)
	for i, n := range g.Nodes {
		if n.Whole < 0 || n.Whole > most {
			return fmt.Errorf("the whole of %s is %d: it must be between 0 and %d", name(i), n.Whole, most)
		}
		total.Add(total, new(big.Int).Abs(big.NewInt(n.Direct)))
	}
	if total.Cmp(big.NewInt(most)) > 0 {
		return fmt.Errorf("the costs are %s minor units together, and at most %d can be allocated: allocate in larger units", total, most)
	}
	for i, e := range g.Edges {
		if e.From < 0 || e.From >= len(g.Nodes) || e.To < 0 || e.To >= len(g.Nodes) {
			return fmt.Errorf("edge %d leads from node %d to node %d, and there are %d nodes", i, e.From, e.To, len(g.Nodes))
		}
		if e.Weight < 0 {
			return fmt.Errorf("edge %d from %s to %s has the weight %d: shares must not be negative", i, name(e.From), name(e.To), e.Weight)
		}
		if e.Weight > most {
			return fmt.Errorf("edge %d from %s to %s has the weight %d, which is too large: scale the weights down", i, name(e.From), name(e.To), e.Weight)
		}
	}
	return nil
}

func (n *network) name(i int) string {
	if n.nodes[i].Name != "" {
		return n.nodes[i].Name
	}
	return fmt.Sprintf("node %d", i)
}
