package draw

import (
	"html/template"
	"math"

	"binnacle/practice"
)

// Box is a box of a map, perhaps with boxes inside.
type Box struct {
	// Link is the record that the box stands for.
	Link practice.Link
	// Href is where the box leads.
	Href string
	// Value is what is written below the name.
	Value string
	// Heat is how strongly the box is coloured: 0 is not at all, 1 to 4 from weak to strong, and below 0 is unknown.
	Heat int
	// Mark is a severity that the box is marked with, or nothing.
	Mark practice.Severity
	// Parts are the boxes inside.
	Parts []*Box

	x, y, w, h float64
}

const (
	boxWidth  = 150.0
	boxHeight = 58.0
	boxGap    = 8.0
	boxHead   = 26.0
)

// Boxes draws a map of boxes in boxes, about as wide as given.
func Boxes(roots []*Box, width float64, title, desc string) template.HTML {
	d := &drawing{}
	if len(roots) == 0 {
		d.text(width/2, 40, width, 13, atMiddle, "muted", "There is nothing to draw")
		return d.finish(width, 80, "map", title, "Nothing")
	}
	for _, b := range roots {
		b.measure(width)
	}
	w, h := flow(roots, 0, 0, width)
	if len(roots) > 1 || len(roots[0].Parts) > 0 {
		justify(roots, width)
		w = width
	}
	for _, b := range roots {
		d.box(b)
	}
	return d.finish(max(w, 200), h, "map", title, desc)
}

// measure gives the box and everything inside its size.
func (b *Box) measure(width float64) {
	if len(b.Parts) == 0 {
		b.w, b.h = boxWidth, boxHeight
		return
	}
	for _, p := range b.Parts {
		p.measure(width - 2*boxGap)
	}
	columns := math.Ceil(math.Sqrt(float64(len(b.Parts))))
	widest := 0.0
	for _, p := range b.Parts {
		widest = max(widest, p.w)
	}
	inner := min(width-2*boxGap, max(widest, columns*(boxWidth+boxGap)-boxGap))
	w, h := flow(b.Parts, 0, 0, inner)
	b.w, b.h = max(w, widest)+2*boxGap, h+boxHead+boxGap
}

// flow lays boxes out in rows that are no wider than a width. The boxes of a row are equally high.
func flow(boxes []*Box, x, y, width float64) (w, h float64) {
	left, top := x, y
	for i := 0; i < len(boxes); {
		x, tall := left, 0.0
		n := i
		for ; n < len(boxes) && (n == i || x+boxes[n].w <= left+width); n++ {
			boxes[n].x, boxes[n].y = x, top
			x += boxes[n].w + boxGap
			tall = max(tall, boxes[n].h)
		}
		for ; i < n; i++ {
			boxes[i].h = tall
		}
		w = max(w, x-boxGap-left)
		top += tall + boxGap
	}
	return w, top - boxGap - y
}

// justify widens the boxes of every row, and what is inside, so that the rows are as wide as given.
func justify(boxes []*Box, width float64) {
	for i := 0; i < len(boxes); {
		n := i
		used := 0.0
		for ; n < len(boxes) && boxes[n].y == boxes[i].y; n++ {
			used += boxes[n].w + boxGap
		}
		more := (width + boxGap - used) / float64(n-i)
		for j := i; j < n; j++ {
			boxes[j].x += more * float64(j-i)
			boxes[j].w += more
			if len(boxes[j].Parts) > 0 {
				justify(boxes[j].Parts, boxes[j].w-2*boxGap)
			}
		}
		i = n
	}
}

// box draws a box at its place, and what is inside.
func (d *drawing) box(b *Box) {
	label := b.Link.Title()
	if b.Value != "" {
		label += ": " + b.Value
	}
	if b.Mark != "" {
		label += " (" + string(b.Mark) + ")"
	}
	class := "box " + heat(b.Heat)
	if b.Mark.Weight() > practice.Info.Weight() {
		class += " mark-" + string(b.Mark)
	}
	if len(b.Parts) > 0 {
		d.rect(b.x, b.y, b.w, b.h, 8, "frame")
		d.open(b.Href, label)
		d.rect(b.x+1, b.y+1, b.w-2, boxHead-4, 7, class+" head")
		value := Width(b.Value, 11)
		d.text(b.x+boxGap, b.y+16, b.w-3*boxGap-value, 12.5, atStart, "strong", b.Link.Title())
		d.text(b.x+b.w-boxGap, b.y+16, value+1, 11, atEnd, "", b.Value)
		d.shut(b.Href)
		for _, p := range b.Parts {
			p.move(b.x+boxGap, b.y+boxHead)
			d.box(p)
		}
		return
	}
	d.open(b.Href, label)
	d.rect(b.x, b.y, b.w, b.h, 6, class)
	for i, l := range Wrap(b.Link.Title(), b.w-16, 12, 2) {
		d.text(b.x+8, b.y+17+float64(i)*15, b.w-16, 12, atStart, "", l)
	}
	d.text(b.x+8, b.y+b.h-8, b.w-16, 11, atStart, "soft", b.Value)
	d.shut(b.Href)
}

// move shifts a box whose place was counted from its frame.
func (b *Box) move(x, y float64) { b.x, b.y = b.x+x, b.y+y }

func heat(n int) string {
	if n < 0 {
		return "heat-unknown"
	}
	return "heat-" + string(rune('0'+min(n, 4)))
}

// Heat returns how strongly a value is coloured among values up to the highest: 0 for nothing, then 1 to 4.
func Heat(value, highest float64) int {
	if value <= 0 || highest <= 0 {
		return 0
	}
	return min(4, 1+int(math.Floor(value/highest*4-1e-9)))
}

// Nest puts boxes into those of their parents, by key and in the order of the nodes. What has no parent, one that
// is not drawn, or one inside itself, stands on its own.
func Nest(nodes []practice.Node, boxes map[string]*Box, parents map[string]string) []*Box {
	var roots []*Box
	for _, n := range nodes {
		key := n.Link.Key
		parent := boxes[parents[key]]
		for up, steps := parents[key], 0; boxes[up] != nil; up = parents[up] {
			if steps++; up == key || steps > len(nodes) {
				parent = nil
				break
			}
		}
		if parent == nil {
			roots = append(roots, boxes[key])
			continue
		}
		parent.Parts = append(parent.Parts, boxes[key])
	}
	return roots
}
