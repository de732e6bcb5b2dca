package draw

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Network is a graph to be drawn: boxes in layers from left to right.
type Network struct {
	// Nodes are the boxes.
	Nodes []NetNode
	// Edges lead from one box to another, by their places.
	Edges []practice.Join
}

// NetNode is one box of a network.
type NetNode struct {
	// Link is the record that the box stands for. It is empty for a box that stands for several.
	Link practice.Link
	// Title is what is written in the box. Unset means the title of the record.
	Title string
	// Under is what is written below it in small letters, such as the kind.
	Under string
	// Href is where the box leads.
	Href string
	// Layer is the column. Boxes of a column stand below each other.
	Layer int
	// Mark is a severity that the box is marked with, or nothing.
	Mark practice.Severity
	// Focus says that the picture is about this box.
	Focus bool

	x, y float64
}

const (
	nodeWidth  = 184.0
	nodeHeight = 42.0
	nodeGap    = 10.0
	layerGap   = 70.0
	// nodeRows is how many boxes stand below each other at most.
	nodeRows = 18
)

// Graph draws a network. Boxes of one column are put in an order in which few lines cross.
func Graph(n Network, title string) template.HTML {
	d := &drawing{}
	if len(n.Nodes) == 0 {
		d.text(200, 40, 400, 13, atMiddle, "muted", "There is nothing to draw")
		return d.finish(400, 80, "graph", title, "Nothing")
	}
	w, h := n.place()
	for _, e := range n.Edges {
		if e.From < 0 || e.To < 0 || e.From >= len(n.Nodes) || e.To >= len(n.Nodes) {
			continue
		}
		a, b := &n.Nodes[e.From], &n.Nodes[e.To]
		if b.x < a.x {
			a, b = b, a
		}
		x1, y1, x2, y2 := a.x+nodeWidth, a.y+nodeHeight/2, b.x, b.y+nodeHeight/2
		if a.x == b.x {
			x2 = b.x + nodeWidth
			d.path(fmt.Sprintf("M%s %sC%s %s %s %s %s %s", num(x1), num(y1), num(x1+30), num(y1), num(x2+30), num(y2), num(x2), num(y2)), "edge")
			continue
		}
		mid := (x1 + x2) / 2
		d.path(fmt.Sprintf("M%s %sC%s %s %s %s %s %s", num(x1), num(y1), num(mid), num(y1), num(mid), num(y2), num(x2), num(y2)), "edge")
	}
	for i := range n.Nodes {
		d.node(&n.Nodes[i])
	}
	return d.finish(w, h, "graph", title, fmt.Sprintf("%s, %s", practice.Count(len(n.Nodes), "record", "records"), practice.Count(len(n.Edges), "line", "lines")))
}

func (d *drawing) node(n *NetNode) {
	title := cmp.Or(n.Title, n.Link.Title())
	label := title
	if n.Under != "" {
		label += ", " + n.Under
	}
	if n.Mark != "" {
		label += " (" + string(n.Mark) + ")"
	}
	class := "node"
	if n.Focus {
		class += " focus"
	}
	if n.Link.IsZero() {
		class += " more"
	}
	if n.Mark.Weight() > practice.Info.Weight() {
		class += " mark-" + string(n.Mark)
	}
	d.open(n.Href, label)
	d.rect(n.x, n.y, nodeWidth, nodeHeight, 7, class)
	d.text(n.x+10, n.y+18, nodeWidth-20, 12, atStart, "strong", title)
	d.text(n.x+10, n.y+33, nodeWidth-20, 10.5, atStart, "soft", n.Under)
	d.shut(n.Href)
}

// place puts every box at its place and returns the size of the picture.
func (n *Network) place() (w, h float64) {
	layers := map[int][]int{}
	least, most, tallest := n.Nodes[0].Layer, n.Nodes[0].Layer, 0
	for i, node := range n.Nodes {
		layers[node.Layer] = append(layers[node.Layer], i)
		least, most = min(least, node.Layer), max(most, node.Layer)
		tallest = max(tallest, len(layers[node.Layer]))
	}
	near := make([][]int, len(n.Nodes))
	for _, e := range n.Edges {
		if e.From >= 0 && e.To >= 0 && e.From < len(near) && e.To < len(near) {
			near[e.From] = append(near[e.From], e.To)
			near[e.To] = append(near[e.To], e.From)
		}
	}
	// A long column is broken into several beside each other.
	rows := min(tallest, nodeRows)
	h = float64(rows)*(nodeHeight+nodeGap) + nodeGap
	left, wide := map[int]float64{}, 4.0
	for layer := least; layer <= most; layer++ {
		left[layer] = wide
		columns := max(1, (len(layers[layer])+rows-1)/rows)
		wide += float64(columns)*(nodeWidth+2*nodeGap) - 2*nodeGap + layerGap
	}
	put := func(layer int) {
		ids := layers[layer]
		columns := max(1, (len(ids)+rows-1)/rows)
		each := (len(ids) + columns - 1) / columns
		for i, id := range ids {
			in := min(each, len(ids)-i/each*each)
			top := (h - float64(in)*(nodeHeight+nodeGap) + nodeGap) / 2
			n.Nodes[id].x = left[layer] + float64(i/each)*(nodeWidth+2*nodeGap)
			n.Nodes[id].y = top + float64(i%each)*(nodeHeight+nodeGap)
		}
	}
	for layer := least; layer <= most; layer++ {
		put(layer)
	}
	// Each pass puts the boxes of a column in the order of the middles of what they are joined to.
	for pass := range 4 {
		for i := least; i <= most; i++ {
			layer := i
			if pass%2 == 1 {
				layer = most + least - i
			}
			middle := map[int]float64{}
			for _, id := range layers[layer] {
				sum, count := 0.0, 0
				for _, other := range near[id] {
					if n.Nodes[other].Layer != layer {
						sum, count = sum+n.Nodes[other].y, count+1
					}
				}
				middle[id] = n.Nodes[id].y
				if count > 0 {
					middle[id] = sum / float64(count)
				}
			}
			slices.SortStableFunc(layers[layer], func(a, b int) int { return cmp.Compare(middle[a], middle[b]) })
			put(layer)
		}
	}
	return wide - layerGap + 4, h
}

// NetworkOf makes a network of a picture whose edges lead away from its first
// nodes. Nodes stand as many columns to the right as they are steps away.
func NetworkOf(p practice.Picture, link Linker) Network {
	out := Network{Edges: p.Edges}
	layer := make([]int, len(p.Nodes))
	joined := make([]bool, len(p.Nodes))
	for range p.Nodes {
		moved := false
		for _, e := range p.Edges {
			if e.From < 0 || e.To < 0 || e.From >= len(layer) || e.To >= len(layer) || e.From == e.To {
				continue
			}
			if !joined[e.To] && e.To != 0 {
				layer[e.To], joined[e.To], moved = layer[e.From]+1, true, true
			}
		}
		if !moved {
			break
		}
	}
	for i, n := range p.Nodes {
		out.Nodes = append(out.Nodes, NetNode{Link: n.Link, Under: cmp.Or(n.Group, n.Link.Kind), Href: link(n.Link), Layer: layer[i], Mark: n.Severity, Focus: i == 0})
	}
	return out
}

// NearOptions say how much of a neighbourhood is drawn.
type NearOptions struct {
	// Limit is how many records are drawn on each side. Unset means 12.
	Limit int
	// More is where the boxes that stand for the rest lead.
	More string
}

// Neighbourhood makes a network of a record and what is joined to it by a ref:
// on the left what points to it, on the right what it points to. Records out of
// sight are as if they were not there.
func Neighbourhood(v estate.View, ref model.Ref, link Linker, opt NearOptions) Network {
	rec := v.Get(ref)
	if rec == nil {
		return Network{}
	}
	limit := cmp.Or(opt.Limit, 12)
	out := Network{Nodes: []NetNode{nodeOf(v, rec, "", link)}}
	out.Nodes[0].Focus, out.Nodes[0].Layer = true, 1
	side := func(layer int, edges func(func(estate.Edge) bool), word func(*model.Field) string) {
		seen := map[model.ID]bool{rec.Base().ID: true}
		shown, left := 0, 0
		for e := range edges {
			if seen[e.Record.Base().ID] {
				continue
			}
			seen[e.Record.Base().ID] = true
			if shown == limit {
				left++
				continue
			}
			shown++
			node := nodeOf(v, e.Record, word(e.Field), link)
			node.Layer = layer
			out.add(node, layer)
		}
		if left > 0 {
			out.add(NetNode{Title: fmt.Sprintf("and %s more", Digits(fmt.Sprint(left))), Under: "open the graph", Href: opt.More, Layer: layer}, layer)
		}
	}
	side(0, v.In(ref), func(f *model.Field) string { return f.Label })
	side(2, v.Out(ref), func(f *model.Field) string { return f.Label })
	return out
}

func (n *Network) add(node NetNode, layer int) {
	n.Nodes = append(n.Nodes, node)
	e := practice.Join{From: 0, To: len(n.Nodes) - 1}
	if layer == 0 {
		e.From, e.To = e.To, e.From
	}
	n.Edges = append(n.Edges, e)
}

func nodeOf(v estate.View, rec model.Record, word string, link Linker) NetNode {
	l := practice.To(rec)
	under := l.Kind
	if k := v.Schema().Of(rec); k != nil {
		under = k.Label
	}
	if word != "" {
		under += " · " + word
	}
	return NetNode{Link: l, Under: under, Href: link(l)}
}
