package allocate_test

import (
	"errors"
	"math"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/facts"
	"binnacle/practice/finance/allocate"
)

// hospital is the example of the open textbook of the University of Regina (BUS 388, 10.4): human resources,
// data processing and risk management serve each other and two departments. Costs are in cents, weights in percent.
func hospital() allocate.Graph {
	return allocate.Graph{
		Nodes: []allocate.Node{
			{Name: "HR", Direct: 80_000_00}, {Name: "DP", Direct: 120_000_00}, {Name: "RM", Direct: 40_000_00},
			{Name: "Machining", Layer: 1}, {Name: "Assembly", Layer: 1},
		},
		Edges: []allocate.Edge{
			{0, 1, 20}, {0, 2, 10}, {0, 3, 40}, {0, 4, 30},
			{1, 0, 8}, {1, 2, 7}, {1, 3, 30}, {1, 4, 55},
			{2, 3, 50}, {2, 4, 50},
		},
	}
}

func TestReginaReciprocal(t *testing.T) {
	r := run(t, hospital(), allocate.Options{})
	through := func(i int) int64 { return r.Nodes[i].Direct + r.Nodes[i].Received }
	for i, want := range []int64{91_056_91, 138_211_38, 58_780_49} {
		if got := through(i); abs(got-want) > 1 {
			t.Errorf("%s gathers %d cents, want %d", hospital().Nodes[i].Name, got, want)
		}
	}
	if m, a := r.Nodes[3].Kept, r.Nodes[4].Kept; m != 107_276_42 || a != 132_723_58 {
		t.Errorf("Machining %d and Assembly %d, want 10727642 and 13272358: together 240,000.00 exactly", m, a)
	}
}

// Y = 7,260 + 0.3 Z and Z = 4,000 + 0.2 Y give Y = 9,000 and Z = 5,800.
func TestTwoDepartmentsThatServeEachOther(t *testing.T) {
	g := allocate.Graph{
		Nodes: []allocate.Node{{Name: "Y", Direct: 7_260_00}, {Name: "Z", Direct: 4_000_00}, {Name: "A"}, {Name: "B"}},
		Edges: []allocate.Edge{{0, 1, 20}, {0, 2, 80}, {1, 0, 30}, {1, 3, 70}},
	}
	r := run(t, g, allocate.Options{})
	want := []allocate.Share{
		{Direct: 7_260_00, Received: 1_740_00, Passed: 9_000_00},
		{Direct: 4_000_00, Received: 1_800_00, Passed: 5_800_00},
		{Received: 7_200_00, Kept: 7_200_00},
		{Received: 4_060_00, Kept: 4_060_00},
	}
	if d := cmp.Diff(want, r.Nodes); d != "" {
		t.Error(d)
	}
}

// The same hospital by hand. Direct: HR 40:30, DP 30:55, RM 50:50 to the two departments, nothing to each other.
// Step-down HR, DP, RM: HR gives 20:10:40:30 of 80,000; DP then has 136,000 and gives 7:30:55 of 92; RM gives half and half.
func TestOtherMethodsByHand(t *testing.T) {
	for _, c := range []struct {
		name     string
		options  allocate.Options
		machines int64
	}{
		// 80,000 × 4/7 + 120,000 × 30/85 + 20,000 = 45,714.2857 + 42,352.9412 + 20,000
		{"direct", allocate.Options{Method: allocate.Direct}, 108_067_23},
		// HR: 32,000. DP 136,000 × 30/92 = 44,347.8261. RM 40,000 + 8,000 + 136,000 × 7/92 = 58,347.8261, half of it.
		{"step-down in the given order", allocate.Options{Method: allocate.StepDown, Order: []int{0, 1, 2}}, 105_521_74},
		// HR and DP serve two others each; DP has more cost and is closed first: 8:7:30:55 of 120,000.
		// HR 89,600 gives 10:40:30 of 80: Machining 44,800; RM 40,000 + 8,400 + 11,200 = 59,600.
		// Machining 36,000 + 44,800 + 29,800.
		{"step-down, who serves most first", allocate.Options{Method: allocate.StepDown}, 110_600_00},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := run(t, hospital(), c.options)
			if r.Nodes[3].Kept != c.machines || r.Nodes[4].Kept != 240_000_00-c.machines {
				t.Errorf("Machining %d and Assembly %d, want %d and %d", r.Nodes[3].Kept, r.Nodes[4].Kept, c.machines, 240_000_00-c.machines)
			}
		})
	}
}

func TestWhatNobodyTakesStays(t *testing.T) {
	g := allocate.Graph{
		Nodes: []allocate.Node{{Direct: 100, Whole: 3}, {}, {}},
		Edges: []allocate.Edge{{0, 1, 1}, {0, 2, 1}},
	}
	r := run(t, g, allocate.Options{})
	if got := []int64{r.Nodes[0].Kept, r.Nodes[1].Kept, r.Nodes[2].Kept}; !cmp.Equal(got, []int64{34, 33, 33}) {
		t.Errorf("three thirds of 100 are %v", got)
	}
}

func TestCreditsFollowTheSameWay(t *testing.T) {
	g := allocate.Graph{
		Nodes: []allocate.Node{{Direct: 1000}, {Direct: -400}, {}, {}},
		Edges: []allocate.Edge{{0, 2, 1}, {0, 3, 1}, {1, 2, 1}},
	}
	r := run(t, g, allocate.Options{})
	if r.Nodes[2].Kept != 100 || r.Nodes[3].Kept != 500 {
		t.Errorf("got %d and %d, want 100 and 500", r.Nodes[2].Kept, r.Nodes[3].Kept)
	}
	trace(t, r, g)
}

func TestRefusals(t *testing.T) {
	named := func(names ...string) []allocate.Node {
		out := make([]allocate.Node, len(names))
		for i, n := range names {
			out[i].Name = n
		}
		return out
	}
	for _, c := range []struct {
		name string
		g    allocate.Graph
		o    allocate.Options
		want string
	}{
		{"a cycle that nothing leaves", allocate.Graph{Nodes: named("mail", "network", "desk", "app"), Edges: []allocate.Edge{{3, 0, 1}, {0, 1, 1}, {1, 2, 2}, {2, 0, 5}}}, allocate.Options{}, "cycle mail → network → desk → mail"},
		{"a node that serves itself alone", allocate.Graph{Nodes: named("mail"), Edges: []allocate.Edge{{0, 0, 1}}}, allocate.Options{}, "cycle mail → mail"},
		{"more than the whole", allocate.Graph{Nodes: []allocate.Node{{Name: "mail", Whole: 100}, {}}, Edges: []allocate.Edge{{0, 1, 101}}}, allocate.Options{}, "the shares of mail are 101 of 100"},
		{"a negative share", allocate.Graph{Nodes: named("mail", "app"), Edges: []allocate.Edge{{0, 1, -1}}}, allocate.Options{}, "mail to app has the weight -1"},
		{"a node that is not there", allocate.Graph{Nodes: named("mail"), Edges: []allocate.Edge{{0, 7, 1}}}, allocate.Options{}, "edge 0 leads from node 0 to node 7"},
		{"a method that is none", allocate.Graph{Nodes: named("mail")}, allocate.Options{Method: "magic"}, `"magic" is not a method`},
		{"a node twice in the order", allocate.Graph{Nodes: named("mail")}, allocate.Options{Method: allocate.StepDown, Order: []int{0, 0}}, "mail twice"},
		{"too much money", allocate.Graph{Nodes: []allocate.Node{{Direct: math.MinInt64}}}, allocate.Options{}, "larger units"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := allocate.Run(c.g, c.o)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	_, err := allocate.Run(allocate.Graph{Nodes: named("a", "b"), Edges: []allocate.Edge{{0, 1, 1}, {1, 0, 1}}}, allocate.Options{})
	var cycle *allocate.CycleError
	if !errors.As(err, &cycle) || !cmp.Equal(cycle.Nodes, []int{0, 1}) {
		t.Errorf("got %v, want the cycle 0, 1", err)
	}
}

// One part in a million million leaves the cycle, so that the money goes round a million million times.
func TestHardlyAnythingLeaves(t *testing.T) {
	const whole = 1_000_000_000_000
	g := allocate.Graph{
		Nodes: []allocate.Node{{Direct: 12345}, {Whole: whole}, {}},
		Edges: []allocate.Edge{{0, 1, 1}, {1, 0, whole - 1}, {1, 2, 1}},
	}
	r := run(t, g, allocate.Options{})
	if r.Nodes[2].Kept != 12345 || r.Flows[0] != 12345*whole {
		t.Errorf("kept %d, gone round %d", r.Nodes[2].Kept, r.Flows[0])
	}
	trace(t, r, g)
}

// Amounts beyond the digits of a float are split to the unit.
func TestLargeAmounts(t *testing.T) {
	g := allocate.Graph{
		Nodes: []allocate.Node{{Direct: 1_000_000_000_000_000_001}, {Direct: 1}, {}, {}, {}},
		Edges: []allocate.Edge{{0, 2, 1}, {0, 3, 1}, {0, 4, 1}, {1, 2, 1}},
	}
	r := run(t, g, allocate.Options{})
	want := []int64{333_333_333_333_333_335, 333_333_333_333_333_334, 333_333_333_333_333_333}
	if got := []int64{r.Nodes[2].Kept, r.Nodes[3].Kept, r.Nodes[4].Kept}; got[0]+got[1]+got[2] != want[0]+want[1]+want[2] || abs(got[0]-want[0]) > 1 || abs(got[1]-want[1]) > 1 {
		t.Errorf("got %v", got)
	}
	trace(t, r, g)
}

// Two that serve each other share a large amount as 5 to 1: x = s + y/5 and y = x/5 + ..., to the unit.
func TestLargeAmountsInCycles(t *testing.T) {
	const s = 24 * 10_000_000_000_000_003
	g := allocate.Graph{
		Nodes: []allocate.Node{{Direct: s}, {}, {}, {}},
		Edges: []allocate.Edge{{0, 1, 1}, {0, 2, 4}, {1, 0, 1}, {1, 3, 4}},
	}
	r := run(t, g, allocate.Options{})
	if x, y := r.Nodes[2].Kept, r.Nodes[3].Kept; x != s/24*20 || y != s/24*4 {
		t.Errorf("got %d and %d, want %d and %d", x, y, s/24*20, s/24*4)
	}
}

func TestStepDownForgetsWhatANodeDoesForItself(t *testing.T) {
	g := allocate.Graph{Nodes: []allocate.Node{{Direct: 100}, {}}, Edges: []allocate.Edge{{0, 0, 9}, {0, 1, 1}}}
	if r := run(t, g, allocate.Options{Method: allocate.StepDown}); r.Flows[0] != 0 || r.Nodes[1].Kept != 100 {
		t.Errorf("got %+v", r.Nodes)
	}
	if r := run(t, g, allocate.Options{}); r.Flows[0] != 900 || r.Nodes[1].Kept != 100 {
		t.Errorf("reciprocal: got %+v", r.Nodes)
	}
}

// Sources with half a cent for each end are settled between them: the ends get what they are due and not all the rest.
func TestTraceOfManyHalves(t *testing.T) {
	g := allocate.Graph{Nodes: make([]allocate.Node, 102)}
	for i := range 100 {
		g.Nodes[i].Direct = 1
		g.Edges = append(g.Edges, allocate.Edge{From: i, To: 100, Weight: 1}, allocate.Edge{From: i, To: 101, Weight: 1})
	}
	r := run(t, g, allocate.Options{})
	if r.Nodes[100].Kept != 50 || r.Nodes[101].Kept != 50 {
		t.Errorf("got %d and %d, want 50 each", r.Nodes[100].Kept, r.Nodes[101].Kept)
	}
	trace(t, r, g)
}

// A ring of 2,000 nodes is solved by going round, or by elimination where hardly anything leaves it.
func TestLargeCycle(t *testing.T) {
	for _, leaves := range []int64{1, 1_000_000} {
		const n = 2000
		g := allocate.Graph{Nodes: make([]allocate.Node, n+1)}
		for i := range n {
			g.Nodes[i].Direct = int64(i)
			g.Edges = append(g.Edges, allocate.Edge{From: i, To: (i + 1) % n, Weight: 1_000_000})
		}
		g.Edges = append(g.Edges, allocate.Edge{From: 0, To: n, Weight: leaves})
		r := run(t, g, allocate.Options{})
		if r.Nodes[n].Kept != n*(n-1)/2 {
			t.Errorf("%d arrive", r.Nodes[n].Kept)
		}
	}
}

func TestParts(t *testing.T) {
	for _, c := range []struct {
		shares []float64
		want   []int64
	}{
		{[]float64{0.08, 0.07, 0.3, 0.55, 1}, []int64{8, 7, 30, 55, 100}},
		{[]float64{1, 2, 0}, []int64{1, 2, 0}},
		{[]float64{1e20, 2e20}, []int64{1e16, 2e16}},
		{nil, []int64{}},
	} {
		got, err := allocate.FloatParts(c.shares)
		if d := cmp.Diff(c.want, got); d != "" || err != nil {
			t.Errorf("%v: %v %s", c.shares, err, d)
		}
	}
	if _, err := allocate.FloatParts([]float64{-0.1}); err == nil || !strings.Contains(err.Error(), "-0.1 is negative") {
		t.Errorf("got %v", err)
	}
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		if _, err := allocate.FloatParts([]float64{bad}); err == nil {
			t.Errorf("%v is no share", bad)
		}
	}
}

func TestMinor(t *testing.T) {
	sum := func(text string) (s facts.Sum) {
		d, err := facts.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		s.Add(d)
		return s
	}
	for _, c := range []struct {
		sums []string
		want []int64
		left string
	}{
		{[]string{"0.333", "0.333", "0.334"}, []int64{33, 33, 34}, "0"},
		{[]string{"0.336", "0.336", "0.336"}, []int64{34, 34, 33}, "-0.002"},
		{[]string{"0.004", "0.004", "0.004"}, []int64{1, 0, 0}, "0.002"},
		{[]string{"-0.004", "-0.004", "-0.004", "5"}, []int64{0, 0, -1, 500}, "-0.002"},
	} {
		sums := []facts.Sum{}
		for _, s := range c.sums {
			sums = append(sums, sum(s))
		}
		got, left, err := allocate.Minor(sums, 2)
		if err != nil {
			t.Fatal(err)
		}
		if total, want := add(got), add(c.want); total != want || left.String() != c.left {
			t.Errorf("%v: %v left %s, want %v left %s", c.sums, got, left, c.want, c.left)
		}
	}
}

func add(amounts []int64) (total int64) {
	for _, a := range amounts {
		total += a
	}
	return total
}

func abs(n int64) int64 { return max(n, -n) }

// run allocates and checks what must hold of every result.
func run(t rapid.TB, g allocate.Graph, o allocate.Options) *allocate.Result {
	t.Helper()
	r, err := allocate.Run(g, o)
	if err != nil {
		t.Fatal(err)
	}
	conserved(t, r, g)
	return r
}

// conserved checks that every unit is somewhere: at each node, along the edges and in total.
func conserved(t rapid.TB, r *allocate.Result, g allocate.Graph) {
	t.Helper()
	kept := new(big.Int)
	in, out := make([]int64, len(g.Nodes)), make([]int64, len(g.Nodes))
	for i, e := range g.Edges {
		in[e.To] += r.Flows[i]
		out[e.From] += r.Flows[i]
	}
	for i, n := range r.Nodes {
		if n.Direct != g.Nodes[i].Direct || n.Received != in[i] || n.Passed != out[i] || n.Direct+n.Received != n.Passed+n.Kept {
			t.Fatalf("node %d does not add up: %+v, in %d, out %d", i, n, in[i], out[i])
		}
		kept.Add(kept, big.NewInt(n.Kept))
	}
	if kept.Cmp(r.Total()) != 0 {
		t.Fatalf("%s of %s arrived", kept, r.Total())
	}
}

// trace makes the trace and checks that both directions are the same table, and that it adds up in rows and columns.
func trace(t rapid.TB, r *allocate.Result, g allocate.Graph) *allocate.Trace {
	t.Helper()
	tr, err := r.Trace()
	if err != nil {
		t.Fatal(err)
	}
	type pair struct{ from, to int }
	forth, back := map[pair]int64{}, map[pair]int64{}
	for i := range g.Nodes {
		sum, arrived := int64(0), int64(0)
		for _, a := range tr.From(i) {
			forth[pair{i, a.Node}] = a.Amount
			sum += a.Amount
		}
		for _, a := range tr.To(i) {
			back[pair{a.Node, i}] = a.Amount
			arrived += a.Amount
		}
		if sum != g.Nodes[i].Direct {
			t.Fatalf("of %d direct cost of node %d, %d ends somewhere", g.Nodes[i].Direct, i, sum)
		}
		if arrived != r.Nodes[i].Kept {
			t.Fatalf("of %d kept by node %d, %d comes from somewhere", r.Nodes[i].Kept, i, arrived)
		}
	}
	if !cmp.Equal(forth, back) {
		t.Fatalf("the directions differ: %s", cmp.Diff(forth, back))
	}
	return tr
}

// estateGraph is a graph of 10,000 nodes in six layers, in which services also serve each other in cycles.
func estateGraph() allocate.Graph {
	rnd := rand.New(rand.NewPCG(1, 2))
	layers := []int{200, 800, 3000, 4000, 1500, 500}
	g := allocate.Graph{}
	first := 0
	for l, size := range layers {
		for i := range size {
			g.Nodes = append(g.Nodes, allocate.Node{Layer: l, Direct: rnd.Int64N(1_000_000)})
			if l == len(layers)-1 {
				continue
			}
			for range 1 + rnd.IntN(8) {
				g.Edges = append(g.Edges, allocate.Edge{From: first + i, To: first + size + rnd.IntN(layers[l+1]), Weight: 1 + rnd.Int64N(100)})
			}
			if i%10 == 9 {
				for range 3 {
					g.Edges = append(g.Edges, allocate.Edge{From: first + i, To: first + i - rnd.IntN(10), Weight: 1 + rnd.Int64N(30)})
					g.Edges = append(g.Edges, allocate.Edge{From: first + i - 1 - rnd.IntN(9), To: first + i, Weight: 1 + rnd.Int64N(30)})
				}
			}
		}
		first += size
	}
	return g
}

// BenchmarkAllocate adds up 1,000,000 cost lines and carries them along a graph of 10,000 nodes.
func BenchmarkAllocate(b *testing.B) {
	g := estateGraph()
	rnd := rand.New(rand.NewPCG(3, 4))
	type line struct {
		node   int32
		amount facts.Decimal
	}
	lines := make([]line, 1_000_000)
	for i := range lines {
		lines[i] = line{rnd.Int32N(int32(len(g.Nodes))), facts.NewDecimal(rnd.Int64N(10_000_000)-500_000, 4)}
	}
	for b.Loop() {
		sums := make([]facts.Sum, len(g.Nodes))
		for _, l := range lines {
			sums[l.node].Add(l.amount)
		}
		direct, _, err := allocate.Minor(sums, 2)
		if err != nil {
			b.Fatal(err)
		}
		for i := range direct {
			g.Nodes[i].Direct = direct[i]
		}
		r, err := allocate.Run(g, allocate.Options{})
		if err != nil {
			b.Fatal(err)
		}
		conserved(b, r, g)
	}
	b.ReportMetric(float64(len(g.Edges)), "edges")
}

// BenchmarkTrace follows the cost of 10,000 nodes to where it ends.
func BenchmarkTrace(b *testing.B) {
	g := estateGraph()
	r := run(b, g, allocate.Options{})
	for b.Loop() {
		if _, err := r.Trace(); err != nil {
			b.Fatal(err)
		}
	}
}
