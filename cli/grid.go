package cli

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"binnacle/feed/sheet"
)

// grid is a table as it is printed.
type grid struct {
	columns []column
	rows    [][]string
	// wrap says that long cells take several lines. Otherwise they are cut.
	wrap bool
}

// column is the head of a column.
type column struct {
	// name is what programs call it.
	name string
	// label is what people read.
	label string
	// right says that the cells are aligned at the right, as numbers are.
	right bool
}

// columns makes columns of labels. One that begins with > is aligned at the right.
func columns(labels ...string) []column {
	out := make([]column, len(labels))
	for i, l := range labels {
		name, right := strings.CutPrefix(l, ">")
		out[i] = column{name: strings.ReplaceAll(strings.ToLower(name), " ", "_"), label: strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " "), right: right}
	}
	return out
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// clean makes a text harmless for a terminal: what is not printable becomes a space or a mark.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case !unicode.IsPrint(r) && !unicode.Is(unicode.Mn, r) && !unicode.Is(unicode.Zs, r):
			return '\uFFFD'
		}
		return r
	}, text)
}

// display returns how many columns of a terminal a text takes.
func display(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut shortens a text to so many columns, with a mark where something is missing.
func cut(text string, most int) string {
	if display(text) <= most {
		return text
	}
	n := 0
	for i, r := range text {
		if n+runeWidth(r) > most-1 {
			return text[:i] + "…"
		}
		n += runeWidth(r)
	}
	return text
}

// fold breaks a text into lines of at most so many columns, between words where that is possible.
func fold(text string, most int) []string {
	var out []string
	line, n := "", 0
	for word := range strings.FieldsSeq(text) {
		w := display(word)
		if n > 0 && n+1+w > most {
			out = append(out, line)
			line, n = "", 0
		}
		if n > 0 {
			line, n = line+" ", n+1
		}
		for w > most {
			head, used := "", 0
			for i, r := range word {
				if used+runeWidth(r) > most {
					head, word = word[:i], word[i:]
					break
				}
				used += runeWidth(r)
			}
			if head == "" {
				break
			}
			out = append(out, head)
			w = display(word)
		}
		line, n = line+word, n+w
	}
	if n > 0 || len(out) == 0 {
		out = append(out, line)
	}
	return out
}

// gap is how many spaces stand between columns.
const gap = 2

// narrowest is how far a column is made narrower before a table runs over the edge.
const narrowest = 8

// readable is how narrow a column may be made before others are left out for its sake.
const readable = 11

// room returns how many of the columns can be shown side by side without making
// them unreadable. Two are shown in any case. 0 is no limit.
func (g *grid) room(limit int) int {
	total := -gap
	for i, w := range g.widths(0) {
		if total += min(w, readable) + gap; limit > 0 && total > limit && i >= 2 {
			return i
		}
	}
	return len(g.columns)
}

// first returns the grid with its first columns alone.
func (g *grid) first(n int) *grid {
	out := &grid{columns: g.columns[:n], wrap: g.wrap}
	for _, row := range g.rows {
		out.rows = append(out.rows, row[:n])
	}
	return out
}

// widths returns how wide each column is, so that the table fits the limit where that can be done. 0 is no limit.
func (g *grid) widths(limit int) []int {
	out := make([]int, len(g.columns))
	for i, c := range g.columns {
		out[i] = display(clean(c.label))
		for _, row := range g.rows {
			out[i] = max(out[i], display(clean(row[i])))
		}
	}
	total := gap * (len(out) - 1)
	for _, w := range out {
		total += w
	}
	for limit > 0 && total > limit {
		widest, next := widestOf(out)
		less := min(total-limit, max(1, out[widest]-next), out[widest]-narrowest)
		if less <= 0 {
			break
		}
		out[widest] -= less
		total -= less
	}
	return out
}

// widestOf returns the place of the widest column and how wide the next one is.
func widestOf(widths []int) (widest, next int) {
	for i, w := range widths {
		if w > widths[widest] {
			widest = i
		}
	}
	for i, w := range widths {
		if i != widest {
			next = max(next, w)
		}
	}
	return widest, next
}

// writeTable writes the grid for a person. Paint colours a cell once its width is settled.
func (g *grid) writeTable(w io.Writer, limit int, paint func(column, text string) string) {
	if n := g.room(limit); n < len(g.columns) {
		g.first(n).writeTable(w, limit, paint)
		var rest []string
		for _, c := range g.columns[n:] {
			rest = append(rest, c.label)
		}
		for _, l := range fold("No room for "+strings.Join(rest, ", ")+": a wider window or --format csv shows them.", limit) {
			fmt.Fprintln(w, paint("note", l))
		}
		return
	}
	widths := g.widths(limit)
	line := func(cells []string, head bool) {
		var out strings.Builder
		for i, text := range cells {
			if i > 0 {
				out.WriteString(strings.Repeat(" ", gap))
			}
			pad := strings.Repeat(" ", max(0, widths[i]-display(text)))
			painted := paint("heading", text)
			if !head {
				painted = paint(g.columns[i].name, text)
			}
			switch {
			case g.columns[i].right:
				out.WriteString(pad + painted)
			case i == len(cells)-1:
				out.WriteString(painted)
			default:
				out.WriteString(painted + pad)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(out.String(), " "))
	}
	heads := make([]string, len(g.columns))
	for i, c := range g.columns {
		heads[i] = cut(clean(c.label), widths[i])
	}
	line(heads, true)
	for _, row := range g.rows {
		for _, cells := range g.split(row, widths) {
			line(cells, false)
		}
	}
}

// split cuts or folds the cells of a row, and returns the lines that it takes.
func (g *grid) split(row []string, widths []int) [][]string {
	folded, height := make([][]string, len(row)), 1
	for i, text := range row {
		text = clean(text)
		if g.wrap && !g.columns[i].right {
			folded[i] = fold(text, widths[i])
		} else {
			folded[i] = []string{cut(text, widths[i])}
		}
		height = max(height, len(folded[i]))
	}
	lines := make([][]string, height)
	for n := range lines {
		lines[n] = make([]string, len(row))
		for i := range row {
			if n < len(folded[i]) {
				lines[n][i] = folded[i][n]
			}
		}
	}
	return lines
}

// writeCSV writes the grid as CSV, with the line ends that other commands expect
// of their input. What a spreadsheet program would run is guarded as in every export.
func (g *grid) writeCSV(w io.Writer) error {
	out := csv.NewWriter(w)
	cells := make([]string, len(g.columns))
	for i, c := range g.columns {
		cells[i] = cmp.Or(c.name, c.label)
	}
	out.Write(cells)
	for _, row := range g.rows {
		for i, text := range row {
			if _, err := strconv.ParseFloat(text, 64); err != nil {
				text = sheet.Guard(text)
			}
			cells[i] = text
		}
		out.Write(cells)
	}
	out.Flush()
	return out.Error()
}

var markdownEscapes = strings.NewReplacer(`\`, `\\`, "|", `\|`, "<", "&lt;", "&", "&amp;", "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "\r\n", "<br>", "\n", "<br>", "\r", "<br>", "\t", " ")

// writeMarkdown writes the grid as a table of Markdown.
func (g *grid) writeMarkdown(w io.Writer) {
	line := func(cells []string) { fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | ")) }
	heads, rules := make([]string, len(g.columns)), make([]string, len(g.columns))
	for i, c := range g.columns {
		heads[i], rules[i] = markdownEscapes.Replace(c.label), "---"
		if c.right {
			rules[i] = "---:"
		}
	}
	line(heads)
	line(rules)
	for _, row := range g.rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = markdownEscapes.Replace(text)
		}
		line(cells)
	}
}
