package draw

import (
	"fmt"
	"html/template"

	"binnacle/practice"
)

// Matrix is things in the cells of two scales, such as risks by likelihood and impact.
type Matrix struct {
	// Across and Up name the two scales.
	Across, Up string
	// Columns and Rows are the steps of the scales, lowest first.
	Columns, Rows []string
	// Things are what stands in the cells.
	Things []MatrixThing
	// Href returns where a cell leads, or nothing. Unset means nowhere.
	Href func(column, row int) string
}

// MatrixThing is one thing in a matrix.
type MatrixThing struct {
	Link        practice.Link
	Column, Row int
}

// Draw draws the matrix with the number of things in each cell. The colour grows from the lowest to the highest corner.
func (m Matrix) Draw(title string) template.HTML {
	const left, bottom, cw, ch = 130.0, 46.0, 96.0, 56.0
	d := &drawing{}
	if len(m.Columns) == 0 || len(m.Rows) == 0 {
		d.text(200, 40, 400, 13, atMiddle, "muted", "There is nothing to draw")
		return d.finish(400, 80, "matrix", title, "Nothing")
	}
	w, h := left+cw*float64(len(m.Columns))+4, ch*float64(len(m.Rows))+bottom+22
	counts := map[[2]int]int{}
	for _, t := range m.Things {
		counts[[2]int{t.Column, t.Row}]++
	}
	d.text(4, 14, left+200, 11.5, atStart, "strong", m.Up)
	for r := range m.Rows {
		y := 22 + ch*float64(len(m.Rows)-1-r)
		d.text(left-8, y+ch/2+4, left-12, 11.5, atEnd, "muted", m.Rows[r])
		for c := range m.Columns {
			x := left + cw*float64(c)
			n := counts[[2]int{c, r}]
			label := fmt.Sprintf("%s %s, %s %s: %d", m.Up, m.Rows[r], m.Across, m.Columns[c], n)
			href := ""
			if m.Href != nil && n > 0 {
				href = m.Href(c, r)
			}
			level := 4
			if steps := len(m.Columns) + len(m.Rows) - 2; steps > 0 {
				level = (c + r) * 4 / steps
			}
			d.open(href, label)
			d.rect(x+1.5, y+1.5, cw-3, ch-3, 5, "box "+heat(level))
			if n > 0 {
				d.text(x+cw/2, y+ch/2+6, cw-8, 17, atMiddle, "strong", fmt.Sprint(n))
			}
			d.shut(href)
		}
	}
	for c := range m.Columns {
		d.text(left+cw*(float64(c)+0.5), h-28, cw-4, 11.5, atMiddle, "muted", m.Columns[c])
	}
	d.text(left+cw*float64(len(m.Columns))/2, h-8, w-left, 11.5, atMiddle, "strong", m.Across)
	return d.finish(w, h, "matrix", title, practice.Count(len(m.Things), "thing", "things"))
}
