package records

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"binnacle/model"
)

// control is what a person changes one field with.
type control struct {
	// Name is the name in the form, and ID that of the element.
	Name, ID string
	Field    string
	Label    string
	Help     string
	Type     model.FieldType
	Required bool
	Long     bool
	Unit     string
	Format   string
	Min, Max string
	// Value is the value as text. Values are the items of a list.
	Value  string
	Values []string
	// Parts are the values of controls that have several inputs: amount and currency; low, likely and high.
	Parts   []string
	Options []optionChoice
	// Kinds are the kinds that a link may point to, with commas between.
	Kinds string
	// Columns and Rows are those of a table.
	Columns []*control
	Rows    [][]*control
	Error   string
	// Locked says why the field cannot be changed here, where it cannot.
	Locked string
	Focus  bool
	// Picked is what to do with the field of many records.
	Lists bool
}

// optionChoice is an option of a select.
type optionChoice struct {
	Value, Label, Help string
	Selected           bool
}

// formName is what the value of a field is called in a form.
func formName(f *model.Field) string { return "f." + f.Name }

// options returns the options of an enum that a value may become.
func options(f *model.Field, current string, moves bool) []optionChoice {
	var out []optionChoice
	for _, o := range f.Options {
		if moves && f.Moves != nil && current != "" && o.Value != current && !slices.Contains(f.Moves[current], o.Value) {
			continue
		}
		out = append(out, optionChoice{o.Value, o.Label, o.Help, o.Value == current})
	}
	return out
}

// control makes the control of a field, with the value of a record or, where a form was sent, with what was typed.
func (d *desk) control(f *model.Field, rec model.Record, typed url.Values) *control {
	c := &control{Name: formName(f), ID: "f-" + f.Name, Field: f.Name, Label: f.Label, Help: words(f.Help), Type: f.Type, Required: f.Required, Long: f.Long, Unit: f.Unit,
		Format: f.Format, Kinds: strings.Join(f.To, ","), Lists: f.Type == model.RefsField || f.Type == model.TextsField}
	if f.HasMin {
		c.Min = strconv.FormatFloat(f.Min, 'f', -1, 64)
	}
	if f.HasMax {
		c.Max = strconv.FormatFloat(f.Max, 'f', -1, 64)
	}
	sent := typed != nil && slices.Contains(typed["has"], f.Name)
	if rec != nil && d.holdsUnseen(f, rec) {
		c.Locked = "It links to a record that you may not see, and stays as it is."
		return c
	}
	if rec != nil && !sent {
		c.Value = f.Text(rec, d.view)
	} else if sent {
		c.Value = typed.Get(c.Name)
	}
	switch f.Type {
	case model.EnumField:
		current := c.Value
		if rec != nil {
			current = f.Text(rec, d.view)
		}
		c.Options = options(f, current, true)
		for i := range c.Options {
			c.Options[i].Selected = c.Options[i].Value == c.Value
		}
	case model.RefsField, model.TextsField:
		if sent {
			c.Values = splitLines(typed[c.Name])
		} else if rec != nil {
			c.Values, _ = f.Tree(rec, d.view).([]string)
		}
	case model.MoneyField:
		c.Parts = typedParts(sent, typed, c.Name, "amount", "currency")
		if !sent {
			amount, currency, _ := strings.Cut(c.Value, " ")
			c.Parts = []string{amount, currency}
		}
	case model.RangeField:
		c.Parts = typedParts(sent, typed, c.Name, "low", "likely", "high")
		if !sent {
			c.Parts = append(strings.Split(c.Value, ".."), "", "")[:3]
		}
	case model.TimeField:
		if !sent && rec != nil {
			if t, _ := f.Get(rec).(model.Time); !t.IsZero() {
				c.Value = t.Time().Format("2006-01-02T15:04:05")
			}
		}
	case model.TableField:
		d.fillRows(c, f, rec, typed, sent)
	}
	if strings.Contains(c.Value, "\n") {
		c.Long = true
	}
	return c
}

func typedParts(sent bool, typed url.Values, name string, parts ...string) []string {
	out := make([]string, len(parts))
	for i, part := range parts {
		if sent {
			out[i] = typed.Get(name + "." + part)
		}
	}
	return out
}

// holdsUnseen reports whether a field of a record links to something out of sight.
func (d *desk) holdsUnseen(f *model.Field, rec model.Record) bool {
	fields := []*model.Field{f}
	if f.Type == model.TableField {
		fields = f.Columns
	}
	for _, one := range fields {
		if one.IsRef() && slices.ContainsFunc(one.AppendRefs(nil, rec), func(r model.Ref) bool { return d.view.Get(r) == nil }) {
			return true
		}
	}
	return false
}

// mostRows is how many rows of a table a form may have.
const mostRows = 2000

// fillRows adds the rows of a table and one that is empty.
func (d *desk) fillRows(c *control, f *model.Field, rec model.Record, typed url.Values, sent bool) {
	column := func(col *model.Field, row int, value string) *control {
		out := &control{Name: fmt.Sprintf("%s[%d].%s", c.Name, row, col.Name), Field: col.Name, Label: col.Label, Help: words(col.Help), Type: col.Type, Required: col.Required,
			Long: col.Long, Unit: col.Unit, Kinds: strings.Join(col.To, ","), Value: value}
		out.ID = strings.NewReplacer("[", "-", "]", "", ".", "-").Replace(out.Name)
		if col.Type == model.EnumField {
			out.Options = options(col, value, false)
		}
		return out
	}
	var rows []map[string]any
	if sent {
		for i := range countRows(typed, c.Name) {
			row := map[string]any{}
			for _, col := range f.Columns {
				if value := typed.Get(fmt.Sprintf("%s[%d].%s", c.Name, i, col.Name)); value != "" {
					row[col.Name] = value
				}
			}
			if len(row) > 0 && typed.Get(fmt.Sprintf("%s[%d].-", c.Name, i)) == "" {
				rows = append(rows, row)
			}
		}
	} else if rec != nil {
		rows, _ = f.Tree(rec, d.view).([]map[string]any)
	}
	for i := range append(rows, nil) {
		var cells []*control
		for _, col := range f.Columns {
			value := ""
			if i < len(rows) && rows[i][col.Name] != nil {
				value = cellValue(rows[i][col.Name])
			}
			cells = append(cells, column(col, i, value))
		}
		c.Rows = append(c.Rows, cells)
	}
	c.Columns = c.Rows[0]
}

// cellValue writes a value of a row as a person would type it.
func cellValue(value any) string {
	switch v := value.(type) {
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []string:
		return strings.Join(v, "; ")
	}
	return fmt.Sprint(value)
}

// countRows returns how many rows of a table were sent.
func countRows(typed url.Values, name string) int {
	most := 0
	for key := range typed {
		rest, ok := strings.CutPrefix(key, name+"[")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(rest, "]")
		if n, err := strconv.Atoi(number); err == nil && n >= 0 && n < mostRows {
			most = max(most, n+1)
		}
	}
	return most
}

// splitLines splits what was sent for a list: one item for each line of each input.
func splitLines(values []string) []string {
	var out []string
	for _, value := range values {
		for line := range strings.SplitSeq(strings.ReplaceAll(value, "\r\n", "\n"), "\n") {
			if line = strings.TrimSpace(line); line != "" {
				out = append(out, line)
			}
		}
	}
	return out
}

// readField returns what a form says about a field, in the form that [model.Field.Read] takes.
func readField(f *model.Field, typed url.Values) any {
	name := formName(f)
	switch f.Type {
	case model.RefsField, model.TextsField:
		return splitLines(typed[name])
	case model.MoneyField:
		amount, currency := strings.TrimSpace(typed.Get(name+".amount")), strings.TrimSpace(typed.Get(name+".currency"))
		if amount == "" {
			return ""
		}
		return strings.ReplaceAll(amount, " ", "") + " " + currency
	case model.RangeField:
		parts := typedParts(true, typed, name, "low", "likely", "high")
		if strings.Join(parts, "") == "" {
			return ""
		}
		if parts[1] == "" {
			parts = []string{parts[0], parts[2]}
		}
		return strings.Join(parts, "..")
	case model.TimeField:
		value := strings.TrimSpace(typed.Get(name))
		switch len(value) {
		case len("2006-01-02T15:04"):
			value += ":00Z"
		case len("2006-01-02T15:04:05"):
			value += "Z"
		}
		return value
	case model.TableField:
		return readTable(f, typed)
	}
	value := strings.ReplaceAll(typed.Get(name), "\r\n", "\n")
	if f.Type == model.BoolField && value == "" {
		return "no"
	}
	return value
}

// readTable returns the rows of a table that a form has. Rows without a value and those marked to be removed are left out.
func readTable(f *model.Field, typed url.Values) []any {
	rows := []any{}
	for i := range countRows(typed, formName(f)) {
		at := fmt.Sprintf("%s[%d].", formName(f), i)
		row := map[string]any{}
		for _, c := range f.Columns {
			if value := strings.TrimSpace(typed.Get(at + c.Name)); value != "" {
				row[c.Name] = value
			}
		}
		if len(row) > 0 && typed.Get(at+"-") == "" {
			rows = append(rows, row)
		}
	}
	return rows
}
