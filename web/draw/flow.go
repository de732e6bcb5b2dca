package draw

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"binnacle/practice"
)

// Flow is amounts that flow from left to right: a Sankey diagram. What is below nothing and what would close a circle is left out.
type Flow struct {
	// Nodes are what amounts flow through.
	Nodes []FlowNode
	// Edges lead from one node to another, by their places, each with its value.
	Edges []practice.Join
	// Stages are the names of the groups of nodes, from left to right.
	Stages []string

	// Unit is what the amounts are counted in.
	Unit string

	// last is the last column, step how far columns are apart, and gap what is between two bars at least.
	last      int
	step, gap float64
}

// FlowNode is what amounts flow through.
type FlowNode struct {
	// Title is what is written beside it.
	Title string
	// Amount is what flows through it, as people read it, without its unit.
	Amount string
	// Href is where it leads.
	Href string
	// Stage is the place of its group among the stages.
	Stage int
	// Mark is a severity that it is marked with, or nothing.
	Mark practice.Severity

	column     int
	value      float64
	x, y, h    float64
	left, gone float64
	// gap is what is free below it.
	gap float64
}

const (
	// flowWidth is how wide a flow is drawn where its columns have room in it: what a page of 1280 pixels has beside its menu.
	flowWidth = 964.0
	flowBar   = 12.0
	// flowLast is the room for the labels of the last column.
	flowLast = 132.0
	// flowNarrow and flowBroad are how far columns are apart at least and at most.
	flowNarrow, flowBroad = 108.0, 270.0
	// flowGap is what is between two bars of a column, and flowLine the height of a line of text: so labels never touch. Where columns are
	// narrow and no column has more than flowFew bars, labels get a second line.
	flowGap  = 14.0
	flowFew  = 24
	flowLine = 13.0
	// flowHeight is how high the bars of the fullest column are together, at least.
	flowHeight = 330.0
	flowTop    = 48.0
	// flowLeast is the least height of a bar, so that it can be seen.
	flowLeast = 3.0
)

// Draw draws the flow. Bars of a column are put in an order in which few bands cross.
func (f Flow) Draw(title, desc string) template.HTML {
	d := &drawing{}
	edges := f.place()
	if len(edges) == 0 {
		d.text(200, 40, 400, 13, atMiddle, "muted", "There is nothing to draw")
		return d.finish(400, 80, "flow blank", title, "Nothing")
	}
	bottom := 0.0
	for i := range f.Nodes {
		bottom = max(bottom, f.Nodes[i].y+f.Nodes[i].h)
	}
	f.heads(d)
	for _, e := range edges {
		f.band(d, e)
	}
	for i := range f.Nodes {
		if f.Nodes[i].value > 0 {
			f.bar(d, &f.Nodes[i])
		}
	}
	return d.finish(f.step*float64(f.last)+flowBar+f.room(f.last)+12, bottom+20, "flow", title, desc)
}

// Omitted counts the edges that are not drawn though they have an amount: those below nothing, and those that would close a circle.
func (f Flow) Omitted() int {
	n := 0
	for _, e := range f.Edges {
		if e.Value != 0 {
			n++
		}
	}
	return n - len(f.sound())
}

// sound returns the edges that can be drawn: above nothing, between nodes that are there, and without those that would close a circle.
func (f Flow) sound() []practice.Join {
	out := make([][]practice.Join, len(f.Nodes))
	for _, e := range f.Edges {
		if e.From >= 0 && e.To >= 0 && e.From < len(f.Nodes) && e.To < len(f.Nodes) && e.Value > 0 && e.From != e.To {
			out[e.From] = append(out[e.From], e)
		}
	}
	const open, done = 1, 2
	state := make([]int, len(f.Nodes))
	var kept []practice.Join
	var walk func(n int)
	walk = func(n int) {
		state[n] = open
		for _, e := range out[n] {
			if state[e.To] == open {
				continue
			}
			kept = append(kept, e)
			if state[e.To] == 0 {
				walk(e.To)
			}
		}
		state[n] = done
	}
	for n := range f.Nodes {
		if state[n] == 0 {
			walk(n)
		}
	}
	return kept
}

// flowEdge is a band with its height.
type flowEdge struct {
	practice.Join
	h, y1, y2 float64
}

// place finds out where bars and bands stand, and returns the bands that are drawn.
func (f *Flow) place() []flowEdge {
	f.Nodes = slices.Clone(f.Nodes)
	var edges []flowEdge
	in, out := make([]float64, len(f.Nodes)), make([]float64, len(f.Nodes))
	for _, e := range f.sound() {
		edges = append(edges, flowEdge{Join: e})
		out[e.From] += e.Value
		in[e.To] += e.Value
	}
	if len(edges) == 0 {
		return nil
	}
	for i := range f.Nodes {
		f.Nodes[i].value = max(in[i], out[i])
	}
	f.columns(edges)
	columns := f.byColumn()
	f.last = len(columns) - 1
	f.step = min(flowBroad, max(flowNarrow, (flowWidth-flowBar-flowLast-12)/float64(max(f.last, 1))))
	largest, fullest := 0.0, 0
	for _, nodes := range columns {
		fullest = max(fullest, len(nodes))
		sum := 0.0
		for _, n := range nodes {
			sum += f.Nodes[n].value
		}
		largest = max(largest, sum)
	}
	scale := flowHeight / largest
	f.gap = flowGap
	if fullest <= flowFew && f.step < 150 {
		f.gap = 2 * flowLine
	}
	for i := range f.Nodes {
		n := &f.Nodes[i]
		n.x, n.h = f.step*float64(n.column)+4, max(n.value*scale, flowLeast)
	}
	f.order(columns, edges)
	for i := range edges {
		edges[i].h = max(edges[i].Value*scale, 0.6)
	}
	f.dock(edges)
	return edges
}

// room is how wide the labels of a column can be.
func (f *Flow) room(column int) float64 {
	if column == f.last {
		return flowLast
	}
	return f.step - flowBar - 14
}

// columns gives every node a column: behind all that flow into it, and not before its stage. The edges must have no circle.
func (f *Flow) columns(edges []flowEdge) {
	used := make([]bool, len(f.Stages)+1)
	for i := range f.Nodes {
		if f.Nodes[i].value > 0 {
			used[f.Nodes[i].Stage] = true
		}
	}
	base := make([]int, len(used))
	at := 0
	for s := range used {
		base[s] = at
		if used[s] {
			at++
		}
	}
	for i := range f.Nodes {
		f.Nodes[i].column = base[f.Nodes[i].Stage]
	}
	for range f.Nodes {
		moved := false
		for _, e := range edges {
			if a, b := &f.Nodes[e.From], &f.Nodes[e.To]; b.column <= a.column {
				b.column, moved = a.column+1, true
			}
		}
		if !moved {
			break
		}
	}
	f.close()
}

// close takes out columns in which nothing stands.
func (f *Flow) close() {
	var seen []int
	for i := range f.Nodes {
		if f.Nodes[i].value > 0 && !slices.Contains(seen, f.Nodes[i].column) {
			seen = append(seen, f.Nodes[i].column)
		}
	}
	slices.Sort(seen)
	for i := range f.Nodes {
		f.Nodes[i].column = max(slices.Index(seen, f.Nodes[i].column), 0)
	}
}

func (f *Flow) byColumn() [][]int {
	var out [][]int
	for i := range f.Nodes {
		if f.Nodes[i].value <= 0 {
			continue
		}
		for len(out) <= f.Nodes[i].column {
			out = append(out, nil)
		}
		out[f.Nodes[i].column] = append(out[f.Nodes[i].column], i)
	}
	return out
}

// order sorts each column by where its bands come from and go to, some times in both directions.
func (f *Flow) order(columns [][]int, edges []flowEdge) {
	height := 0.0
	for _, nodes := range columns {
		height = max(height, f.tall(nodes))
	}
	for _, nodes := range columns {
		slices.SortStableFunc(nodes, func(a, b int) int { return cmp.Compare(f.Nodes[b].value, f.Nodes[a].value) })
		f.stack(nodes, height)
	}
	middle := func(n int, incoming bool) float64 {
		sum, weight := 0.0, 0.0
		for _, e := range edges {
			other := -1
			if incoming && e.To == n {
				other = e.From
			} else if !incoming && e.From == n {
				other = e.To
			}
			if other >= 0 {
				sum += (f.Nodes[other].y + f.Nodes[other].h/2) * e.Value
				weight += e.Value
			}
		}
		if weight == 0 {
			return f.Nodes[n].y + f.Nodes[n].h/2
		}
		return sum / weight
	}
	sort := func(nodes []int, incoming bool) {
		at := map[int]float64{}
		for _, n := range nodes {
			at[n] = middle(n, incoming)
		}
		slices.SortStableFunc(nodes, func(a, b int) int { return cmp.Compare(at[a], at[b]) })
		f.stack(nodes, height)
	}
	for range 6 {
		for _, nodes := range columns {
			sort(nodes, true)
		}
		for _, nodes := range slices.Backward(columns) {
			sort(nodes, false)
		}
	}
}

// tall is how high a column is with what is between its bars.
func (f *Flow) tall(nodes []int) float64 {
	total := f.gap * float64(len(nodes)-1)
	for _, n := range nodes {
		total += f.Nodes[n].h
	}
	return total
}

// stack puts the nodes of a column below each other, in the middle of a height. Where there is room, they stand further apart, so that labels
// can have two lines.
func (f *Flow) stack(nodes []int, height float64) {
	spare := max(0, height-f.tall(nodes))
	gap := f.gap
	if len(nodes) > 1 {
		gap += min(2*flowLine, spare/float64(len(nodes)-1))
		spare = max(0, spare-(gap-f.gap)*float64(len(nodes)-1))
	}
	y := flowTop + spare/2
	for _, n := range nodes {
		f.Nodes[n].y, f.Nodes[n].gap = y, gap
		y += f.Nodes[n].h + gap
	}
}

// dock puts the ends of the bands onto the bars, in the order in which they come.
func (f *Flow) dock(edges []flowEdge) {
	slices.SortStableFunc(edges, func(a, b flowEdge) int { return cmp.Compare(f.Nodes[a.To].y, f.Nodes[b.To].y) })
	for i := range edges {
		n := &f.Nodes[edges[i].From]
		edges[i].y1 = n.y + n.gone + edges[i].h/2
		n.gone += edges[i].h
	}
	slices.SortStableFunc(edges, func(a, b flowEdge) int { return cmp.Compare(f.Nodes[a.From].y, f.Nodes[b.From].y) })
	for i := range edges {
		n := &f.Nodes[edges[i].To]
		edges[i].y2 = n.y + n.left + edges[i].h/2
		n.left += edges[i].h
	}
}

// heads writes the names of the stages above the first columns in which most bars are theirs. Marked bars do not count, since money that
// serves nothing ends early.
func (f *Flow) heads(d *drawing) {
	names := make([]string, f.last+1)
	named := make([]bool, len(f.Stages))
	for column := range names {
		count, most := make([]int, len(f.Stages)), -1
		for _, n := range f.Nodes {
			if n.value > 0 && n.column == column && n.Stage < len(f.Stages) && n.Mark == "" {
				count[n.Stage]++
				if most < 0 || count[n.Stage] > count[most] {
					most = n.Stage
				}
			}
		}
		if most >= 0 && !named[most] {
			names[column], named[most] = f.Stages[most], true
		}
	}
	for column, name := range names {
		if name == "" {
			continue
		}
		width := f.room(column) + flowBar
		for next := column + 1; next < len(names) && names[next] == ""; next++ {
			width += f.step
		}
		lines := Wrap(name, width, 12, 2)
		for i, line := range lines {
			d.text(f.step*float64(column)+4, 24+flowLine*float64(i-len(lines)+1), width, 12, atStart, "strong", line)
		}
	}
}

func (f *Flow) band(d *drawing, e flowEdge) {
	a, b := &f.Nodes[e.From], &f.Nodes[e.To]
	x1, x2 := a.x+flowBar, b.x
	middle := (x1 + x2) / 2
	class := "band " + flowClass(a)
	if b.Mark != "" {
		class = "band " + flowClass(b)
	}
	d.WriteString(`<path d="M` + num(x1) + " " + num(e.y1) + "C" + num(middle) + " " + num(e.y1) + " " + num(middle) + " " + num(e.y2) + " " + num(x2) + " " + num(e.y2) +
		`" fill="none" stroke-width="` + num(e.h) + `" class="` + esc(class) + `"><title>` + esc(a.Title+" → "+b.Title+": "+amountOf(e.Join)) + `</title></path>`)
}

// flowClass returns the class that gives a bar and its bands their colour.
func flowClass(n *FlowNode) string {
	switch n.Mark {
	case practice.Critical, practice.High:
		return "flow-bad"
	case practice.Medium, practice.Low:
		return "flow-warn"
	}
	return "flow-" + num(float64(n.Stage%6+1))
}

// amountOf writes what flows along an edge.
func amountOf(e practice.Join) string {
	if !e.Money.IsZero() {
		return Money(e.Money.Short()) + " " + e.Money.Currency()
	}
	return Value(e.Value)
}

func (f *Flow) bar(d *drawing, n *FlowNode) {
	width := f.room(n.column)
	// A label may reach into half of what is free above and below.
	most := max(1, int((n.h+n.gap-1)/flowLine))
	title := Wrap(n.Title, width, 11.5, max(1, min(3, most-1)))
	if most == 2 && Width(n.Title, 11.5) > width {
		title = Wrap(n.Title, width, 11.5, 2)
	}
	lines := len(title)
	if lines < most {
		lines++
	}
	d.open(n.Href, strings.TrimSpace(n.Title+": "+n.Amount+" "+f.Unit))
	high := max(n.h, flowLine*float64(lines))
	d.rect(n.x-2, n.y+n.h/2-high/2-1, flowBar+width+6, high+2, 3, "hit")
	d.rect(n.x, n.y, flowBar, n.h, 2, "bar "+flowClass(n))
	y := n.y + n.h/2 - flowLine*float64(lines)/2 + 10
	for _, line := range title {
		d.text(n.x+flowBar+6, y, width, 11.5, atStart, "name", line)
		y += flowLine
	}
	if lines > len(title) {
		d.text(n.x+flowBar+6, y, width, 11, atStart, "muted", n.Amount)
	}
	d.shut(n.Href)
}
