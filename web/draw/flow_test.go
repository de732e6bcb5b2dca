package draw

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/practice"
)

// ways is a small flow: two vendors, three pools and two ends, of which one is marked.
func ways() Flow {
	return Flow{Unit: "EUR", Stages: []string{"Paid to", "Cost pools", "Goals"},
		Nodes: []FlowNode{{Title: "Baltic Cloud & Co", Amount: "900", Href: "/v?a=1&b=2"}, {Title: "Own people", Amount: "300"},
			{Title: "Infrastructure", Amount: "800", Stage: 1}, {Title: "Licences of the passenger shop", Amount: "250", Stage: 1}, {Title: "Belongs to nobody", Amount: "150", Stage: 1, Mark: practice.High},
			{Title: "Nine of ten sailings leave within ten minutes", Amount: "1 050", Href: "/g", Stage: 2}},
		Edges: []practice.Join{{From: 0, To: 2, Value: 700}, {From: 0, To: 3, Value: 100}, {From: 0, To: 4, Value: 100}, {From: 1, To: 2, Value: 100}, {From: 1, To: 3, Value: 150}, {From: 1, To: 4, Value: 50},
			{From: 2, To: 5, Value: 800}, {From: 3, To: 5, Value: 250}}}
}

// heights adds up how high the bands are that leave and reach a node.
func heights(edges []flowEdge, n int) (in, out float64) {
	for _, e := range edges {
		if e.To == n {
			in += e.h
		}
		if e.From == n {
			out += e.h
		}
	}
	return in, out
}

// TestFlowKeepsItsAmounts checks that bars are as high as what flows through them, on one scale for the whole picture.
func TestFlowKeepsItsAmounts(t *testing.T) {
	f := ways()
	edges := f.place()
	scale := f.Nodes[0].h / 900
	for i, want := range []float64{900, 300, 800, 250, 150, 1050} {
		in, out := heights(edges, i)
		if got := f.Nodes[i].h / scale; got < want-0.01 || got > want+0.01 {
			t.Errorf("the bar of %s stands for %.2f, want %.2f", f.Nodes[i].Title, got, want)
		}
		if most := max(in, out) / scale; most < want-0.01 || most > want+0.01 {
			t.Errorf("the bands of %s stand for %.2f, want %.2f", f.Nodes[i].Title, most, want)
		}
	}
}

// TestFlowLeavesOut says what cannot be drawn: credits, circles, ends that are not there, and how many of them had an amount.
func TestFlowLeavesOut(t *testing.T) {
	nodes := []FlowNode{{Title: "a"}, {Title: "b"}, {Title: "c"}}
	for _, test := range []struct {
		name           string
		edges          []practice.Join
		drawn, omitted int
	}{
		{"nothing", nil, 0, 0},
		{"a line of nothing", []practice.Join{{From: 0, To: 1}}, 0, 0},
		{"a credit", []practice.Join{{From: 0, To: 1, Value: 5}, {From: 0, To: 2, Value: -3}}, 1, 1},
		{"only credits", []practice.Join{{From: 0, To: 2, Value: -3}}, 0, 1},
		{"a circle of three", []practice.Join{{From: 0, To: 1, Value: 5}, {From: 1, To: 2, Value: 5}, {From: 2, To: 0, Value: 5}}, 2, 1},
		{"back to itself", []practice.Join{{From: 1, To: 1, Value: 5}}, 0, 1},
		{"to what is not there", []practice.Join{{From: 0, To: 9, Value: 5}, {From: -1, To: 0, Value: 5}}, 0, 2},
	} {
		f := Flow{Stages: []string{"All"}, Nodes: nodes, Edges: test.edges}
		if got := f.Omitted(); got != test.omitted {
			t.Errorf("%s: %d lines are left out, want %d", test.name, got, test.omitted)
		}
		svg := string(f.Draw("Money", ""))
		wellFormed(t, test.name, svg)
		if got := strings.Count(svg, `class="band`); got != test.drawn {
			t.Errorf("%s: %d bands, want %d", test.name, got, test.drawn)
		}
		if test.drawn == 0 && !strings.Contains(svg, "nothing to draw") {
			t.Errorf("%s: the picture does not say that it is empty", test.name)
		}
	}
}

// TestFlowFits checks that a flow of seven columns is no wider than a page.
func TestFlowFits(t *testing.T) {
	f := Flow{}
	for i := range 7 {
		f.Stages = append(f.Stages, fmt.Sprintf("Stage with a long name %d", i))
		f.Nodes = append(f.Nodes, FlowNode{Title: strings.Repeat("Harbour crane ", 4), Amount: "1", Stage: i})
		if i > 0 {
			f.Edges = append(f.Edges, practice.Join{From: i - 1, To: i, Value: 1})
		}
	}
	f.place()
	if wide := f.step*float64(f.last) + flowBar + f.room(f.last) + 12; f.last != 6 || wide > flowWidth+1 {
		t.Errorf("%d columns are %.0f wide, want 7 within %.0f", f.last+1, wide, flowWidth)
	}
}

// TestFlowLaw draws any flow of up to a hundred nodes, circles and credits among them, and checks that every band leads to the right, that
// no bar touches another, and that every column has labels with a line of its own.
func TestFlowLaw(tt *testing.T) {
	rapid.Check(tt, func(t *rapid.T) {
		n := rapid.IntRange(1, 100).Draw(t, "nodes")
		f := Flow{Stages: []string{"A", "B", "C", "D"}}
		for i := range n {
			f.Nodes = append(f.Nodes, FlowNode{Title: fmt.Sprint("node ", i), Stage: rapid.IntRange(0, 3).Draw(t, "stage")})
		}
		for range rapid.IntRange(0, 150).Draw(t, "edges") {
			f.Edges = append(f.Edges, practice.Join{From: rapid.IntRange(-1, n).Draw(t, "from"), To: rapid.IntRange(-1, n).Draw(t, "to"), Value: rapid.Float64Range(-10, 1e6).Draw(t, "value")})
		}
		wellFormed(tt, "flow", string(f.Draw("x", "y")))
		for _, e := range f.place() {
			if f.Nodes[e.To].column <= f.Nodes[e.From].column {
				t.Fatalf("a band leads from column %d to %d", f.Nodes[e.From].column, f.Nodes[e.To].column)
			}
		}
		for _, nodes := range f.byColumn() {
			slices.SortFunc(nodes, func(a, b int) int { return int(f.Nodes[a].y*100) - int(f.Nodes[b].y*100) })
			for i := 1; i < len(nodes); i++ {
				a, b := f.Nodes[nodes[i-1]], f.Nodes[nodes[i]]
				if b.y < a.y+a.h+flowGap-0.01 {
					t.Fatalf("the bars at %.1f and %.1f are too near to be labelled", a.y, b.y)
				}
				if middle := (b.y + b.h/2) - (a.y + a.h/2); middle < flowLine {
					t.Fatalf("the labels at %.1f and %.1f are only %.1f apart", a.y, b.y, middle)
				}
			}
		}
	})
}
