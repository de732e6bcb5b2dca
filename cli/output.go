package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// answer is what a command prints: data for programs, and blocks for people.
type answer struct {
	// data is written as JSON and YAML.
	data any
	// blocks are written as tables, Markdown and CSV.
	blocks []block
}

// block is a piece of an answer: a table, or some lines, perhaps under a title.
type block struct {
	title string
	grid  *grid
	// lines are what people read. Where there is a grid too, they stand for it on a terminal.
	lines []string
	// hang is how far the lines that a long line is folded into are indented, behind a word that says how much the line matters.
	hang int
	// note is a sentence below.
	note string
}

func text(lines ...string) block { return block{lines: lines} }

func table(g *grid) block { return block{grid: g} }

// formats are the ways in which an answer can be printed.
var formats = []string{"table", "json", "csv", "yaml", "markdown"}

// printer prints answers in one of the formats.
type printer struct {
	w      io.Writer
	format string
	color  bool
	width  int
}

func (p *printer) print(a answer) error {
	switch p.format {
	case "json":
		return writeJSON(p.w, a.data)
	case "yaml":
		return writeYAML(p.w, a.data)
	case "csv":
		return p.printCSV(a)
	case "markdown":
		return p.printMarkdown(a)
	}
	return p.printTable(a)
}

func (p *printer) printTable(a answer) error {
	var out bytes.Buffer
	for i, b := range a.blocks {
		if i > 0 && (b.title != "" || b.grid != nil) {
			fmt.Fprintln(&out)
		}
		if b.title != "" {
			fmt.Fprintln(&out, p.paint("title", clean(b.title)))
		}
		switch {
		case len(b.lines) > 0:
			for _, l := range b.lines {
				p.line(&out, l, b.hang)
			}
		case b.grid != nil && len(b.grid.rows) == 0:
			fmt.Fprintln(&out, "(none)")
		case b.grid != nil:
			b.grid.writeTable(&out, p.width, p.paint)
		}
		if b.note != "" {
			p.line(&out, b.note, 0)
		}
	}
	_, err := p.w.Write(out.Bytes())
	return err
}

// line writes a line of text, folded to the terminal with its indent kept. Where
// the lines of the block hang, one without an indent begins with a word of so many columns.
func (p *printer) line(w io.Writer, l string, hang int) {
	head := l[:len(l)-len(strings.TrimLeft(l, " "))]
	indent := head
	if head == "" && hang > 0 {
		head, indent = l[:hang], strings.Repeat(" ", hang)
	}
	parts := []string{clean(l[len(head):])}
	if p.width > 0 {
		parts = fold(parts[0], max(20, p.width-display(head)))
	}
	for i, part := range parts {
		if i > 0 {
			head = indent
		}
		fmt.Fprintln(w, p.paint("severity", head)+part)
	}
}

func (p *printer) printMarkdown(a answer) error {
	var out bytes.Buffer
	for i, b := range a.blocks {
		if i > 0 {
			fmt.Fprintln(&out)
		}
		if b.title != "" {
			fmt.Fprintf(&out, "## %s\n\n", markdownEscapes.Replace(b.title))
		}
		if b.grid != nil {
			b.grid.writeMarkdown(&out)
		} else {
			for _, l := range b.lines {
				fmt.Fprintf(&out, "%s  \n", markdownEscapes.Replace(strings.TrimSpace(l)))
			}
		}
		if b.note != "" {
			fmt.Fprintf(&out, "\n%s\n", markdownEscapes.Replace(b.note))
		}
	}
	_, err := p.w.Write(out.Bytes())
	return err
}

// printCSV writes the one table of an answer. An answer with several is written
// in the long form: part, row, column and value.
func (p *printer) printCSV(a answer) error {
	var grids []block
	for _, b := range a.blocks {
		if b.grid != nil {
			grids = append(grids, b)
		}
	}
	if len(grids) == 1 {
		return grids[0].grid.writeCSV(p.w)
	}
	long := &grid{columns: columns("part", "row", "column", "value")}
	for _, b := range a.blocks {
		if b.grid == nil {
			for i, l := range b.lines {
				long.add(b.title, fmt.Sprint(i+1), "text", strings.TrimSpace(l))
			}
			continue
		}
		for i, row := range b.grid.rows {
			for j, cell := range row {
				long.add(b.title, fmt.Sprint(i+1), b.grid.columns[j].name, cell)
			}
		}
	}
	return long.writeCSV(p.w)
}

// styles are the escapes of a terminal by what is marked.
var styles = map[string]string{
	"title": "\x1b[1m", "heading": "\x1b[4m", "critical": "\x1b[1;31m", "high": "\x1b[31m", "medium": "\x1b[33m", "refused": "\x1b[31m", "fail": "\x1b[31m",
	"stale": "\x1b[33m", "created": "\x1b[32m", "pass": "\x1b[32m", "warning": "\x1b[33m",
}

// marked are the columns whose cells are coloured by what they say.
var marked = []string{"severity", "outcome", "result"}

func (p *printer) paint(column, text string) string {
	if !p.color || strings.TrimSpace(text) == "" {
		return text
	}
	style := styles[column]
	if slices.Contains(marked, column) {
		style = styles[strings.ToLower(strings.TrimSpace(text))]
	}
	if style == "" {
		return text
	}
	return style + text + "\x1b[0m"
}

// object is a JSON object that keeps the order of its members.
type object []member

type member struct {
	name  string
	value any
}

func (o *object) set(name string, value any) { *o = append(*o, member{name, value}) }

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		for j, v := range []any{m.name, m.value} {
			if j == 1 {
				out.WriteByte(':')
			}
			raw, err := marshal(v)
			if err != nil {
				return nil, err
			}
			out.Write(raw)
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// marshal writes a value as JSON and leaves <, > and & as they are.
func marshal(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(out.Bytes()), err
}

func writeJSON(w io.Writer, data any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(data)
}

// writeYAML writes what JSON would say as YAML, in the same order.
func writeYAML(w io.Writer, data any) error {
	raw, err := marshal(data)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	node, err := yamlNode(dec)
	if err != nil {
		return err
	}
	out, err := yaml.Dump(node, yaml.WithV4Defaults(), yaml.WithIndent(2), yaml.WithLineWidth(-1), yaml.WithUnicode(true))
	if err != nil {
		return err
	}
	_, err = w.Write(out)
	return err
}

// yamlNode reads one JSON value as a node of YAML.
func yamlNode(dec *json.Decoder) (*yaml.Node, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok := tok.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		if tok == '{' {
			n.Kind, n.Tag = yaml.MappingNode, "!!map"
		}
		for dec.More() {
			child, err := yamlNode(dec)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		if len(n.Content) == 0 {
			n.Style = yaml.FlowStyle
		}
		_, err = dec.Token()
		return n, err
	case string:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: tok}, nil
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	case bool:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!bool", Value: fmt.Sprint(tok)}, nil
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(tok)}, nil
}
