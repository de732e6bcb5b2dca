package compliance

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"binnacle/practice"
)

// standing is a way for a requirement to stand, and how many stand so.
type standing struct {
	// Name stands in addresses and classes.
	Name, Label, Help string
	Count             int
	// Path leads to the same page with only these.
	Path    string
	Current bool
}

// standings are the ways for a requirement to stand, the best first. The practice says whether one is assessed; where it
// is not, the state of its tests says why.
var standings = []standing{
	{Name: "satisfied", Label: "Satisfied", Help: "Shown to be met by evidence that counts."},
	{Name: "partly", Label: "Partly", Help: "Some of it is shown to be met."},
	{Name: "failed", Label: "Not satisfied", Help: "A test or an audit speaks against it, or what would meet it is only planned."},
	{Name: "stale", Label: "Stale", Help: "The last result has expired."},
	{Name: "untested", Label: "Untested", Help: "No test that counts looks at it."},
	{Name: "not_applicable", Label: "Not applicable", Help: "It does not apply here."},
}

// standingOf returns how a row of the answer stands. A group has none.
func standingOf(state, tests string) string {
	switch state {
	case "not_satisfied":
		return "failed"
	case "not_assessed":
		if tests == "stale" {
			return "stale"
		}
		return "untested"
	}
	return state
}

// tally counts requirements by how they stand.
type tally map[string]int

// list returns all standings with their counts.
func (t tally) list() []standing {
	out := slices.Clone(standings)
	for i := range out {
		out[i].Count = t[out[i].Name]
	}
	return out
}

func (t tally) all() int {
	n := 0
	for _, s := range standings {
		n += t[s.Name]
	}
	return n
}

// words tell the counts in a sentence, for who does not see the bar.
func (t tally) words() string {
	var out []string
	for _, s := range t.list() {
		if s.Count > 0 {
			out = append(out, strconv.Itoa(s.Count)+" "+strings.ToLower(s.Label))
		}
	}
	if len(out) == 0 {
		return "no requirements"
	}
	return strings.Join(out, ", ")
}

// bar draws the counts as one bar. It is an image of shapes, because the policy of the site allows no styles in a page.
func (t tally) bar() template.HTML {
	all := t.all()
	var out strings.Builder
	out.WriteString(`<svg class="standing-bar" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label="` + template.HTMLEscapeString(t.words()) + `">`)
	at := 0.0
	for _, s := range t.list() {
		if s.Count == 0 || all == 0 {
			continue
		}
		width := 1000 * float64(s.Count) / float64(all)
		fmt.Fprintf(&out, `<rect class="is-%s" x="%.1f" y="0" width="%.1f" height="20"><title>%d %s</title></rect>`, s.Name, at, width, s.Count, strings.ToLower(s.Label))
		at += width
	}
	out.WriteString("</svg>")
	return template.HTML(out.String())
}

// table reads a table of an answer by the names of its columns.
type table struct {
	at   map[string]int
	rows [][]practice.Cell
}

// tableOf returns a table of an answer, empty where the answer has no such table.
func tableOf(list []practice.Part, name string) table {
	out := table{at: map[string]int{}}
	for _, p := range list {
		if p.Name == name && p.Grid != nil {
			out.rows = p.Grid.Rows
			for i, c := range p.Grid.Columns {
				out.at[c.Name] = i
			}
		}
	}
	return out
}

// cell returns a cell of a row, empty where there is no such column.
func (t table) cell(row []practice.Cell, name string) practice.Cell {
	if i, ok := t.at[name]; ok && i < len(row) {
		return row[i]
	}
	return practice.Cell{}
}

func (t table) text(row []practice.Cell, name string) string { return t.cell(row, name).Text }

func (t table) link(row []practice.Cell, name string) practice.Link {
	l, _ := t.cell(row, name).Value.(practice.Link)
	return l
}

func (t table) links(row []practice.Cell, name string) []practice.Link {
	l, _ := t.cell(row, name).Value.([]practice.Link)
	return l
}

func (t table) number(row []practice.Cell, name string) int {
	n, _ := t.cell(row, name).Value.(int)
	return n
}
