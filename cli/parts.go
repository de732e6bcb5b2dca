package cli

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"binnacle/practice"
)

// blocksOf turns the parts of an answer into blocks. Figures that follow each other become one table.
func blocksOf(parts []practice.Part) []block {
	var out []block
	var figures *grid
	for _, p := range parts {
		if p.Figure != nil {
			if figures == nil {
				figures = &grid{columns: columns("figure", ">value", "unit", "target", "note"), wrap: true}
				out = append(out, block{title: "Figures", grid: figures})
			}
			addFigure(figures, p.Label, p.Figure)
			continue
		}
		figures = nil
		switch {
		case p.Grid != nil:
			out = append(out, gridBlock(p))
		case p.Series != nil:
			out = append(out, seriesBlock(p))
		case p.Picture != nil:
			out = append(out, pictureBlocks(p)...)
		case p.File != nil:
			if !p.File.IsZero() {
				out = append(out, text(p.Label+": "+p.File.String()+": keep it with --save"))
			}
		case p.Text != "":
			out = append(out, text(p.Label+": "+p.Text))
		default:
			out = append(out, findings(p.Label, p.Findings))
		}
	}
	for i := range out {
		if g := out[i].grid; g != nil && out[i].title == "Figures" {
			dropEmpty(g, "target", "note")
		}
	}
	return out
}

// dropEmpty takes away columns that have no value in any row.
func dropEmpty(g *grid, names ...string) {
	for i := len(g.columns) - 1; i >= 0; i-- {
		if !slices.Contains(names, g.columns[i].name) || slices.ContainsFunc(g.rows, func(row []string) bool { return row[i] != "" }) {
			continue
		}
		g.columns = slices.Delete(g.columns, i, i+1)
		for n := range g.rows {
			g.rows[n] = slices.Delete(g.rows[n], i, i+1)
		}
	}
}

func addFigure(g *grid, label string, f *practice.Figure) {
	value, unit, target := number(f.Value), f.Unit, ""
	if !f.Money.IsZero() {
		value, unit = f.Money.Amount(), f.Money.Currency()
	}
	if f.Unknown {
		value = "unknown"
	}
	if f.Target != nil {
		target = number(*f.Target)
		switch f.Better {
		case practice.Higher:
			target = "at least " + target
		case practice.Lower:
			target = "at most " + target
		}
	}
	g.add(label, value, unit, target, f.Note)
}

func number(f float64) string {
	if f == float64(int64(f)) {
		return strconv.FormatInt(int64(f), 10)
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}

func gridBlock(p practice.Part) block {
	g := &grid{wrap: true}
	for _, c := range p.Grid.Columns {
		g.columns = append(g.columns, column{name: c.Name, label: c.Label, right: c.Number})
	}
	for _, row := range p.Grid.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = cellText(c)
		}
		g.rows = append(g.rows, cells)
	}
	return block{title: p.Label, grid: g, note: p.Grid.Note}
}

// cellText writes a cell. A record of its own is written with its kind, so that it can be typed into the next command.
func cellText(c practice.Cell) string {
	switch v := c.Value.(type) {
	case practice.Link:
		return v.String()
	case []practice.Link:
		return links(v)
	}
	return c.Text
}

func links(list []practice.Link) string {
	names := make([]string, len(list))
	for i, l := range list {
		names[i] = l.String()
	}
	return strings.Join(names, ", ")
}

// seriesBlock makes a table of a series: one row for each point of the axis, one column for each line.
func seriesBlock(p practice.Part) block {
	g := &grid{columns: columns("at")}
	var axis []string
	cells := map[string]map[int]string{}
	for i, line := range p.Series.Lines {
		label := line.Name
		if p.Series.Unit != "" {
			label += " (" + p.Series.Unit + ")"
		}
		g.columns = append(g.columns, column{name: line.Name, label: label, right: true})
		for _, point := range line.Points {
			at := cmp.Or(point.Label, point.At.String())
			if cells[at] == nil {
				cells[at] = map[int]string{}
				axis = append(axis, at)
			}
			cells[at][i] = number(point.Value)
		}
	}
	for _, at := range axis {
		row := []string{at}
		for i := range p.Series.Lines {
			row = append(row, cells[at][i])
		}
		g.rows = append(g.rows, row)
	}
	return block{title: p.Label, grid: g}
}

// pictureBlocks tells in tables what a picture shows.
func pictureBlocks(p practice.Part) []block {
	if c := p.Picture.Curves; c != nil {
		lines := &grid{columns: columns("line", ">"+strings.ToLower(c.X.Label), ">"+strings.ToLower(c.Y.Label))}
		for _, l := range c.Lines {
			for _, xy := range l.Points {
				lines.add(l.Name, number(xy.X), number(xy.Y))
			}
		}
		return []block{{title: p.Label, grid: lines}}
	}
	nodes := &grid{columns: columns("group", "record", "name", ">value", "severity", "from", "until"), wrap: true}
	for _, n := range p.Picture.Nodes {
		value := ""
		if n.Value != 0 {
			value = number(n.Value)
		}
		nodes.add(n.Group, n.Link.String(), n.Link.Name, value, string(n.Severity), n.From.String(), n.Until.String())
	}
	dropEmpty(nodes, "group", "name", "value", "severity", "from", "until")
	out := []block{{title: p.Label, grid: nodes}}
	if len(p.Picture.Edges) == 0 {
		return out
	}
	edges := &grid{columns: columns("from", "line", "to", "amount"), wrap: true}
	name := func(at int) string { return cmp.Or(p.Picture.Nodes[at].Link.String(), p.Picture.Nodes[at].Link.Name) }
	for _, e := range p.Picture.Edges {
		if e.From >= 0 && e.To >= 0 && e.From < len(p.Picture.Nodes) && e.To < len(p.Picture.Nodes) {
			edges.add(name(e.From), e.Label, name(e.To), e.Money.String())
		}
	}
	dropEmpty(edges, "line", "amount")
	return append(out, block{title: p.Label + ": lines", grid: edges})
}

// hang is how wide the severity stands before a finding.
const hang = 10

// findings makes a block of findings: a list for a terminal, a table for everything else.
func findings(title string, list []practice.Finding) block {
	g := &grid{columns: columns("severity", "finding", "about", "owner", "paths", "mend")}
	var lines []string
	for _, f := range list {
		paths := make([]string, len(f.Paths))
		for i, p := range f.Paths {
			paths[i] = p.String()
		}
		g.add(string(f.Severity), f.Text, f.About.String(), f.Owner.String(), strings.Join(paths, "; "), mend(f.Mend))
		lines = append(lines, fmt.Sprintf("%-*s%s", hang, strings.ToUpper(string(f.Severity)), f.Text))
		for _, p := range paths {
			lines = append(lines, strings.Repeat(" ", hang)+p)
		}
		if !f.Owner.IsZero() {
			lines = append(lines, strings.Repeat(" ", hang)+"owner: "+f.Owner.String())
		}
		if f.Mend != nil {
			lines = append(lines, strings.Repeat(" ", hang)+"mend: "+mend(f.Mend))
		}
	}
	return block{title: title, grid: g, lines: lines, hang: hang}
}

// mend writes the command that would mend a finding.
func mend(m *practice.Mend) string {
	if m == nil {
		return ""
	}
	out := "binnacle do " + m.Action
	for _, name := range slices.Sorted(maps.Keys(m.Parameters)) {
		value := m.Parameters[name]
		if strings.ContainsAny(value, " \t'\"$&;|<>()*?#\\") {
			value = "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
		}
		out += fmt.Sprintf(" --%s %s", flagName(name), value)
	}
	return out
}
