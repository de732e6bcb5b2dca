package mcp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"binnacle/access"
	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
)

// tools returns what a caller may use.
func (s *server) tools(p *access.Principal) []tool {
	out := s.lookups()
	for _, a := range practice.List(s.house.Practices) {
		if a.Question.Type != practice.Doing {
			out = append(out, s.question(a))
		} else if mayWrite(p) {
			out = append(out, s.action(a))
		}
	}
	if mayWrite(p) {
		out = append(out, s.writers()...)
	}
	return out
}

// toolName is the name of the tool of a question.
func toolName(a practice.Asked) string { return strings.ReplaceAll(a.Name(), ".", "_") }

// The paging of answers.
const (
	rowsName, fromName = "max_rows", "from_row"
	usualRows          = 50
	mostRows           = 500
	// innerRows is how many items a list inside of a row keeps.
	innerRows = 20
)

// parameters returns the schemas of the parameters of a question.
func parameters(a practice.Asked) (properties object, required, names []string) {
	properties = object{}
	for _, f := range a.Parameters() {
		properties[f.Name] = fieldSchema(f)
		names = append(names, f.Name)
		if f.Required {
			required = append(required, f.Name)
		}
	}
	return properties, required, names
}

// fieldSchema describes the values of a field as an assistant gives them.
func fieldSchema(f *model.Field) object {
	help := f.Help
	out := object{"type": "string"}
	switch f.Type {
	case model.IntegerField:
		out["type"] = "integer"
	case model.NumberField, model.PercentField:
		out["type"] = "number"
	case model.BoolField:
		out["type"] = "boolean"
	case model.TextsField, model.RefsField:
		out = object{"type": "array", "items": object{"type": "string"}}
	case model.TableField:
		out = object{"type": "array", "items": object{"type": "object"}}
	case model.EnumField:
		var values []string
		for _, o := range f.Options {
			values = append(values, o.Value)
			help += fmt.Sprintf(" %s: %s", o.Value, o.Help)
		}
		out["enum"] = values
	case model.DateField:
		help += " A date such as 2027-06-30, or today, or today plus a time such as today+90d."
	case model.DurationField:
		help += " A length of time such as 90d, 26w or 4h30m."
	case model.MoneyField:
		help += " An amount with its currency, such as 1200.50 EUR."
	}
	if f.IsRef() {
		help += " Name a record by its key, as Kind/key, or by its name."
		if len(f.To) > 0 {
			help += " Kinds: " + strings.Join(f.To, ", ") + "."
		}
	}
	if f.Unit != "" {
		help += " Unit: " + f.Unit + "."
	}
	if f.HasMin {
		out["minimum"] = f.Min
	}
	if f.HasMax {
		out["maximum"] = f.Max
	}
	out["description"] = strings.TrimSpace(help)
	return out
}

// question is the tool of a question or a check.
func (s *server) question(a practice.Asked) tool {
	properties, required, names := parameters(a)
	properties[rowsName] = object{"type": "integer", "minimum": 1, "maximum": mostRows, "description": "How many rows of each table and findings to return. Default: 50."}
	properties[fromName] = object{"type": "integer", "minimum": 1, "description": "The row to begin with, from 1, to go on where an answer was cut."}
	return tool{
		name: toolName(a), title: a.Practice.Label + ": " + model.Spaced(strings.ReplaceAll(a.Question.Name, "_", " ")), help: a.Help(), properties: properties, required: required,
		call: func(ctx context.Context, p *access.Principal, in args) (answer, error) {
			got, err := s.house.Ask(ctx, p, in.moment(names...), a.Name(), given(in, names))
			if err != nil {
				return answer{}, unreadable(err)
			}
			return told(got, in.number(fromName, 1, 1, 1<<30), in.number(rowsName, usualRows, 1, mostRows))
		},
	}
}

// given returns the parameters of a question among the arguments.
func given(in args, names []string) map[string]any {
	out := map[string]any{}
	for _, name := range names {
		if v, ok := in[name]; ok && v != "" {
			out[name] = v
		}
	}
	return out
}

// unreadable makes an error about a parameter one that is told.
func unreadable(err error) error {
	if text := err.Error(); strings.Contains(text, "fault in Binnacle") {
		return err
	} else if !isTold(err) {
		return bad("%s", text)
	}
	return err
}

// told returns an answer as data and as text, a page of each table.
func told(got door.Answer, from, rows int) (answer, error) {
	raw, err := json.Marshal(practice.JSON(got.Value))
	if err != nil {
		return answer{}, err
	}
	var value any
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return answer{}, err
	}
	c := cutter{from: from, rows: rows}
	value = c.cut(value, "answer", 0)
	data := object{"question": got.Asked.Name(), "entry": got.View.Stamp().Seq, "at": got.View.At(), "answer": value}
	if len(c.cuts) > 0 {
		data["cut"] = c.cuts
	}
	return answer{data, partsText(got.Parts(), from, rows) + c.text()}, nil
}

// cutter takes a page out of the lists of an answer.
type cutter struct {
	from, rows int
	cuts       []object
}

func (c *cutter) cut(value any, path string, depth int) any {
	switch v := value.(type) {
	case []any:
		from, rows := c.from-1, c.rows
		if depth > 0 {
			from, rows = 0, innerRows
		}
		if total := len(v); total > rows || from > 0 {
			from = min(from, total)
			v = v[from:min(total, from+rows)]
			if depth == 0 {
				c.cuts = append(c.cuts, object{"path": path, "total": total, "from_row": from + 1, "rows": len(v)})
			} else {
				v = append(slices.Clone(v), fmt.Sprintf("… and %d more", total-rows))
			}
		}
		for i := range v {
			v[i] = c.cut(v[i], path, depth+1)
		}
		return v
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			v[name] = c.cut(v[name], path+"."+name, depth)
		}
	}
	return value
}

func (c *cutter) text() string {
	if len(c.cuts) == 0 {
		return ""
	}
	out := "\n"
	for _, one := range c.cuts {
		if next := one["from_row"].(int) + one["rows"].(int); next <= one["total"].(int) {
			out += fmt.Sprintf("\n%s has %d rows; go on with from_row=%d.", one["path"], one["total"], next)
		}
	}
	return out
}

// partsText writes the parts of an answer as a short text.
func partsText(parts []practice.Part, from, rows int) string {
	var out strings.Builder
	for _, p := range parts {
		switch {
		case p.Figure != nil:
			fmt.Fprintf(&out, "%s: %s", p.Label, figureText(p.Figure))
			if p.Figure.Note != "" {
				fmt.Fprintf(&out, " (%s)", p.Figure.Note)
			}
			out.WriteByte('\n')
		case p.Grid != nil:
			fmt.Fprintf(&out, "\n%s (%s)\n%s", p.Label, practice.Count(len(p.Grid.Rows), "row", "rows"), gridText(p.Grid, from, rows))
		case p.Findings != nil:
			fmt.Fprintf(&out, "\n%s (%d)\n", p.Label, len(p.Findings))
			for _, f := range pageOf(p.Findings, from, rows) {
				fmt.Fprintf(&out, "- [%s] %s", f.Severity, oneLine(f.Text))
				if !f.About.IsZero() {
					fmt.Fprintf(&out, " (%s)", f.About)
				}
				if f.Mend != nil {
					fmt.Fprintf(&out, "; mend with %s", strings.ReplaceAll(f.Mend.Action, ".", "_"))
				}
				out.WriteByte('\n')
			}
		case p.Text != "":
			fmt.Fprintf(&out, "%s: %s\n", p.Label, oneLine(p.Text))
		}
	}
	return strings.TrimSpace(out.String())
}

func figureText(f *practice.Figure) string {
	switch {
	case f.Unknown:
		return "unknown"
	case !f.Money.IsZero():
		return f.Money.String()
	}
	return strings.TrimSpace(strconv.FormatFloat(f.Value, 'f', -1, 64) + " " + f.Unit)
}

func pageOf[T any](list []T, from, rows int) []T {
	from = min(from-1, len(list))
	return list[from:min(len(list), from+rows)]
}

// gridText writes a table with bars between the cells.
func gridText(g *practice.Grid, from, rows int) string {
	var heads []string
	for _, c := range g.Columns {
		heads = append(heads, c.Label)
	}
	var out strings.Builder
	out.WriteString(strings.Join(heads, " | ") + "\n")
	for _, row := range pageOf(g.Rows, from, rows) {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = oneLine(c.Text)
		}
		out.WriteString(strings.Join(cells, " | ") + "\n")
	}
	return out.String()
}

// oneLine puts a text on one line and cuts it.
func oneLine(text string) string {
	r := []rune(strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "¦"))
	if len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return string(r)
}
