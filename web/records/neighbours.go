package records

import (
	"html/template"
	"strconv"

	"binnacle/model"
	"binnacle/web/frame"
)

// parseSeq reads the number of an entry. Anything else is 0.
func parseSeq(text string) uint64 {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		return 0
	}
	return n
}

func seqText(n uint64) string { return strconv.FormatUint(n, 10) }

// neighbour is a record beside the one in the middle of the picture.
type neighbour struct {
	rec   model.Record
	label string
}

// mostNeighbours is how many records stand on each side of the picture.
const mostNeighbours = 8

// The measures of the picture, in the units of its view box.
const (
	boxWidth, boxHeight = 220, 40
	rowHeight           = 56
	pictureWidth        = 900
)

// neighbourhood draws the record with what points to it on the left and what it points to on the right. Every box leads
// to its record. It is empty where the record stands alone.
func (d *desk) neighbourhood(in []*backList) template.HTML {
	var left, right []neighbour
	leftMore, rightMore := 0, 0
	for _, l := range in {
		if l.notes() {
			continue
		}
		n := 0
		for _, rec := range l.recs {
			if len(left) < mostNeighbours {
				left = append(left, neighbour{rec, l.field.Label})
				n++
			}
		}
		leftMore += l.count - n
	}
	for _, e := range d.related() {
		if len(right) < mostNeighbours {
			right = append(right, neighbour{e.Record, e.Field.Label})
		} else {
			rightMore++
		}
	}
	if len(left)+len(right) == 0 {
		return ""
	}
	rows := max(len(left)+min(leftMore, 1), len(right)+min(rightMore, 1), 1)
	height := rows*rowHeight + 16
	w := &writer{view: d.view, suffix: d.suffix}
	w.raw(`<svg class="neighbours" viewBox="0 0 ` + strconv.Itoa(pictureWidth) + " " + strconv.Itoa(height) + `" role="group" aria-label="`)
	w.text(d.rec.Base().Title() + " with what points to it on the left and what it points to on the right")
	w.raw(`">`)
	middle := (height - boxHeight) / 2
	w.side(left, leftMore, height, 0, middle, true)
	w.side(right, rightMore, height, pictureWidth-boxWidth, middle, false)
	w.box(d.rec, (pictureWidth-boxWidth)/2, middle, "node focus")
	w.raw("</svg>")
	return template.HTML(w.buf)
}

// side draws the boxes of one side with the lines to the middle, and how many more there are.
func (w *writer) side(list []neighbour, more, height, x, middle int, left bool) {
	n := len(list) + min(more, 1)
	top := (height - n*rowHeight) / 2
	for i, one := range list {
		y := top + i*rowHeight + (rowHeight-boxHeight)/2
		from, to := x+boxWidth, (pictureWidth-boxWidth)/2
		fromY, toY := y+boxHeight/2, middle+boxHeight/2
		if !left {
			from, to, fromY, toY = (pictureWidth+boxWidth)/2, x, toY, fromY
		}
		bend := (from + to) / 2
		w.raw(`<path class="edge" fill="none" d="M` + strconv.Itoa(from) + " " + strconv.Itoa(fromY) + "C" + strconv.Itoa(bend) + " " + strconv.Itoa(fromY) + " " +
			strconv.Itoa(bend) + " " + strconv.Itoa(toY) + " " + strconv.Itoa(to) + " " + strconv.Itoa(toY) + `"/>`)
		w.raw(`<text class="edge-label" x="` + strconv.Itoa(x+boxWidth/2) + `" y="` + strconv.Itoa(y-3) + `" text-anchor="middle">`)
		w.text(frame.Short(one.label, 30))
		w.raw("</text>")
		w.box(one.rec, x, y, "node")
	}
	if more > 0 {
		y := top + len(list)*rowHeight + rowHeight/2
		w.raw(`<text class="edge-label" x="` + strconv.Itoa(x+boxWidth/2) + `" y="` + strconv.Itoa(y) + `" text-anchor="middle">and ` + strconv.Itoa(more) + ` more</text>`)
	}
}

// box draws a record that leads to its page.
func (w *writer) box(rec model.Record, x, y int, class string) {
	kind := model.NameOf(rec)
	if k := w.view.Schema().Of(rec); k != nil {
		kind = k.Label
	}
	w.raw(`<a class="` + class + `"`)
	w.href(model.NameOf(rec), rec.Base().Key)
	w.raw(`><title>`)
	w.text(kind + " " + rec.Base().Title())
	w.raw(`</title><rect x="` + strconv.Itoa(x) + `" y="` + strconv.Itoa(y) + `" width="` + strconv.Itoa(boxWidth) + `" height="` + strconv.Itoa(boxHeight) + `" rx="8"/>`)
	w.raw(`<text class="node-title" x="` + strconv.Itoa(x+12) + `" y="` + strconv.Itoa(y+17) + `">`)
	w.text(frame.Short(rec.Base().Title(), 28))
	w.raw(`</text><text class="node-kind" x="` + strconv.Itoa(x+12) + `" y="` + strconv.Itoa(y+32) + `">`)
	w.text(kind)
	w.raw(`</text></a>`)
}

// graphPage is the neighbours of a record, as a picture and as lists.
type graphPage struct {
	Tabs    []choice
	Graph   template.HTML
	Explore string
	Out     []outRow
	Back    []backRefs
}

// outRow is a link of the record.
type outRow struct {
	Label string
	HTML  template.HTML
}

// graph shows the neighbours of a record.
func graph(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	in := d.incoming()
	held := &recordPage{}
	d.fillBack(held, in)
	b := &graphPage{Tabs: d.tabs("graph"), Graph: d.neighbourhood(in), Explore: d.Path("/pictures/graph", "focus", d.kind.Name+"/"+d.rec.Base().Key), Back: held.Back}
	for _, e := range d.related() {
		w := &writer{view: d.view, suffix: d.suffix}
		w.link(e.Record)
		if n := len(b.Out); n > 0 && b.Out[n-1].Label == e.Field.Label {
			b.Out[n-1].HTML += ", " + template.HTML(w.buf)
			continue
		}
		b.Out = append(b.Out, outRow{e.Field.Label, template.HTML(w.buf)})
	}
	return v.Render(templates, "graph", d.page("Neighbours of "+d.rec.Base().Title(), b))
}
