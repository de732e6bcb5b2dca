package parts

import (
	"html/template"
	"slices"
	"strconv"

	"binnacle/practice"
	"binnacle/web/draw"
)

// matrixView is a matrix as its template gets it: a table, because that is what it is.
type matrixView struct {
	Label string
	// Across and Up name the scales. They are empty where rows are things and columns are groups.
	Across, Up string
	Columns    []string
	// Rows are in the order in which they are read, the highest step first.
	Rows []matrixRow
	// Unit is what the values count.
	Unit    string
	Compact bool
}

// matrixRow is a row of a matrix.
type matrixRow struct {
	Head  string
	About *anchor
	Cells []matrixCell
}

// matrixCell is a cell of a matrix: what it means, and the things in it, or a value.
type matrixCell struct {
	Class, Label, Value string
	Things              []anchor
	// More are things that are folded, because there are many.
	More []anchor
}

// matrix shows a matrix picture. With scales it names the things in each cell; without, every thing is a row with a value in the column of its group.
func (r renderer) matrix(s shown) template.HTML {
	p := *s.Picture
	v := matrixView{Label: s.Label, Unit: p.Unit, Compact: r.opt.Compact}
	if p.Matrix != nil {
		r.scales(&v, p)
	} else {
		r.values(&v, p)
	}
	return execute("matrix", v)
}

// namedInCell is how many things a cell of a matrix names, and namedOnTile how many on a board.
const namedInCell, namedOnTile = 6, 3

// scales fills a matrix of two scales. Steps that no cell has are left out.
func (r renderer) scales(v *matrixView, p practice.Picture) {
	m := p.Matrix
	v.Across, v.Up = m.Across, m.Up
	cell := func(row, column int) practice.MatrixCell {
		if row < len(m.Cells) && column < len(m.Cells[row]) {
			return m.Cells[row][column]
		}
		return practice.MatrixCell{}
	}
	things := map[[2]int][]anchor{}
	for _, n := range p.Nodes {
		row, err := strconv.Atoi(n.Group)
		if err == nil {
			at := [2]int{row - 1, int(n.Value) - 1}
			things[at] = append(things[at], r.anchor(n.Link))
		}
	}
	var columns []int
	for i, name := range m.Columns {
		if slices.ContainsFunc(m.Cells, func(row []practice.MatrixCell) bool { return i < len(row) && row[i].Label != "" }) {
			columns = append(columns, i)
			v.Columns = append(v.Columns, name)
		}
	}
	most := namedInCell
	if r.opt.Compact {
		most = namedOnTile
	}
	for i, name := range slices.Backward(m.Rows) {
		row := matrixRow{Head: name}
		for _, j := range columns {
			c := cell(i, j)
			list := things[[2]int{i, j}]
			out := matrixCell{Class: "level-none", Label: c.Label, Things: list[:min(most, len(list))], More: list[min(most, len(list)):]}
			if c.Label != "" {
				out.Class = "level-" + string(c.Severity)
			}
			row.Cells = append(row.Cells, out)
		}
		if i < len(m.Cells) && slices.ContainsFunc(m.Cells[i], func(c practice.MatrixCell) bool { return c.Label != "" }) {
			v.Rows = append(v.Rows, row)
		}
	}
}

// values fills a matrix whose rows are things and whose columns are groups.
func (r renderer) values(v *matrixView, p practice.Picture) {
	for _, stage := range p.Stages {
		if slices.ContainsFunc(p.Nodes, func(n practice.Node) bool { return n.Group == stage }) {
			v.Columns = append(v.Columns, stage)
		}
	}
	for _, n := range p.Nodes {
		if !slices.Contains(v.Columns, n.Group) {
			v.Columns = append(v.Columns, n.Group)
		}
	}
	at := map[practice.Link]int{}
	for _, n := range p.Nodes {
		i, seen := at[n.Link]
		if !seen {
			i = len(v.Rows)
			at[n.Link] = i
			a := r.anchor(n.Link)
			v.Rows = append(v.Rows, matrixRow{Head: n.Link.Title(), About: &a, Cells: make([]matrixCell, len(v.Columns))})
		}
		v.Rows[i].Cells[slices.Index(v.Columns, n.Group)] = matrixCell{Class: "level-" + string(n.Severity), Value: draw.Value(n.Value)}
	}
	if limit := r.opt.limit(len(v.Rows)); r.opt.Compact {
		v.Rows = v.Rows[:limit]
	}
}
