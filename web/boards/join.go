package boards

import (
	"html/template"
	"strings"

	"binnacle/practice"
	"binnacle/web/frame"
)

// tablePair is a table at both moments, joined row by row.
type tablePair struct {
	Label                          string
	Columns                        []practice.Column
	Rows                           []rowPair
	Added, Removed, Changed, Equal int
	// Hidden is how many rows that differ are not shown.
	Hidden int
}

// rowPair is a row of one or both tables.
type rowPair struct {
	// Outcome is added, removed or changed.
	Outcome string
	Cells   []cellPair
}

// cellPair is a cell at both moments.
type cellPair struct {
	Left, Right template.HTML
	Changed     bool
	Number      bool
}

// mostRows is how many rows of a joined table are shown at most.
const mostRows = 200

// joinGrids joins two tables by the columns that tell their rows apart: as few
// as possible from the left, so that a row is known by its record where each record has one row.
func joinGrids(v *frame.Visit, label string, before, after *practice.Grid) tablePair {
	out := tablePair{Label: label, Columns: after.Columns}
	if len(before.Columns) != len(after.Columns) {
		return out
	}
	width := identity(before, after)
	was := map[string][]practice.Cell{}
	for _, row := range before.Rows {
		was[name(row, width)] = row
	}
	is := map[string]bool{}
	for _, row := range after.Rows {
		key := name(row, width)
		is[key] = true
		old, there := was[key]
		switch {
		case !there:
			out.Added++
			out.add(v, "added", nil, row)
		case name(old, len(old)) == name(row, len(row)):
			out.Equal++
		default:
			out.Changed++
			out.add(v, "changed", old, row)
		}
	}
	for _, row := range before.Rows {
		if !is[name(row, width)] {
			out.Removed++
			out.add(v, "removed", row, nil)
		}
	}
	return out
}

// identity returns how many columns from the left tell the rows of both tables apart.
func identity(a, b *practice.Grid) int {
	for width := 1; width < len(a.Columns); width++ {
		if unique(a, width) && unique(b, width) {
			return width
		}
	}
	return len(a.Columns)
}

func unique(g *practice.Grid, width int) bool {
	seen := map[string]bool{}
	for _, row := range g.Rows {
		key := name(row, width)
		if seen[key] || strings.Trim(key, "\x00") == "" {
			return false
		}
		seen[key] = true
	}
	return true
}

// name is what the first cells of a row say.
func name(row []practice.Cell, width int) string {
	var out strings.Builder
	for _, c := range row[:min(width, len(row))] {
		out.WriteString(c.Text + "\x00")
	}
	return out.String()
}

func (t *tablePair) add(v *frame.Visit, outcome string, before, after []practice.Cell) {
	if len(t.Rows) == mostRows {
		t.Hidden++
		return
	}
	r := rowPair{Outcome: outcome}
	for i, col := range t.Columns {
		p := cellPair{Number: col.Number}
		if before != nil {
			p.Left = cellHTML(v, before[i])
		}
		if after != nil {
			p.Right = cellHTML(v, after[i])
		}
		p.Changed = before != nil && after != nil && before[i].Text != after[i].Text
		r.Cells = append(r.Cells, p)
	}
	t.Rows = append(t.Rows, r)
}

// cellHTML shows a cell, with a way to the record that it names.
func cellHTML(v *frame.Visit, c practice.Cell) template.HTML {
	text := c.Text
	if l, ok := c.Value.(practice.Link); ok && !l.IsZero() {
		return template.HTML(`<a href="` + template.HTMLEscapeString(v.Record(l)) + `">` + template.HTMLEscapeString(l.Title()) + `</a>`)
	}
	return template.HTML(template.HTMLEscapeString(frame.Short(text, 600)))
}

// joinFindings joins two lists of findings by the record that they are about, or by what they say where a record has several.
func joinFindings(v *frame.Visit, label string, before, after []practice.Finding) tablePair {
	grid := func(list []practice.Finding) *practice.Grid {
		g := &practice.Grid{Columns: []practice.Column{{Name: "about", Label: "About"}, {Name: "severity", Label: "Severity"}, {Name: "text", Label: "Finding"}}}
		for _, f := range list {
			g.Rows = append(g.Rows, []practice.Cell{{Text: f.About.String(), Value: f.About}, {Text: string(f.Severity)}, {Text: f.Text}})
		}
		return g
	}
	return joinGrids(v, label, grid(before), grid(after))
}
