package practice

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"binnacle/model"
)

// Part is one piece of an answer, in the form that a door shows it.
type Part struct {
	// Name is what JSON calls it.
	Name string
	// Label is what a screen calls it.
	Label string
	// Help says what it shows.
	Help string
	// Figure is set where the part is a figure.
	Figure *Figure
	// Grid is set where the part is a table.
	Grid *Grid
	// Series is set where the part is a series.
	Series *Series
	// Findings is set where the part is a list of findings.
	Findings []Finding
	// Picture is set where the part is a picture.
	Picture *Picture
	// File is set where the part is a file to be kept.
	File *File
	// Text is set where the part is a plain value.
	Text string
}

// Grid is a table whose rows are cells.
type Grid struct {
	// Columns are the heads.
	Columns []Column
	// Rows hold one cell for each column.
	Rows [][]Cell
	// Note says what was left out, or how to read the table.
	Note string
}

// Column is the head of a column.
type Column struct {
	// Name is what JSON calls it.
	Name string
	// Label is what a screen calls it.
	Label string
	// Help says what it shows.
	Help string
	// Number says that the cells are numbers, to be aligned at the right.
	Number bool
	// Unit is what the numbers are counted in, such as %, where the row says so.
	Unit string
}

// Cell is one cell of a grid.
type Cell struct {
	// Text is what to show.
	Text string
	// Links are the records that the cell names, in the order in which they stand in the text.
	Links []Link
	// Value is the Go value behind the text.
	Value any
}

// Parts takes an answer apart for a door: one part for each field of its struct, in order.
func (a Asked) Parts(answer any) []Part {
	return a.parts(reflect.Indirect(reflect.ValueOf(answer)), false)
}

// Shape returns the parts that every answer to the question has, with nothing
// in them: what a door needs to describe the answer before anybody asks.
func (a Asked) Shape() []Part { return a.parts(reflect.New(a.Question.out).Elem(), true) }

func (a Asked) parts(v reflect.Value, all bool) []Part {
	docs := a.Practice.docs()
	if v.Type() == reflect.TypeFor[Proposal]() || v.Type() == reflect.TypeFor[Verdict]() {
		docs = ownDocs()
	}
	var out []Part
	for i := range v.NumField() {
		sf := v.Type().Field(i)
		if !sf.IsExported() {
			continue
		}
		p := Part{Name: jsonName(sf), Label: label(sf), Help: docs[v.Type().Name()+"."+sf.Name]}
		if p.fill(v.Field(i), docs) || all {
			out = append(out, p)
		}
	}
	return out
}

// fill puts a value into the part. It reports false for a plain value that is not set.
func (p *Part) fill(v reflect.Value, docs model.Docs) bool {
	switch x := v.Interface().(type) {
	case Figure:
		p.Figure = &x
	case Series:
		p.Series = &x
	case Picture:
		p.Picture = &x
	case File:
		p.File = &x
	case []Finding:
		p.Findings = x
	case []model.Change:
		p.Grid = gridOfChanges(x)
	default:
		if v.Kind() == reflect.Struct && v.NumField() > 0 && v.Type().Field(0).Name == "Rows" && v.Field(0).Kind() == reflect.Slice {
			p.Grid = grid(v, docs)
			return true
		}
		p.Text = textOf(v)
		return p.Text != ""
	}
	return true
}

func grid(table reflect.Value, docs model.Docs) *Grid {
	rows := table.Field(0)
	row := rows.Type().Elem()
	g := &Grid{Note: table.FieldByName("Note").String()}
	var fields []int
	for i := range row.NumField() {
		sf := row.Field(i)
		if !sf.IsExported() || sf.Name == "From" {
			continue
		}
		fields = append(fields, i)
		g.Columns = append(g.Columns, Column{Name: jsonName(sf), Label: label(sf), Help: docs[row.Name()+"."+sf.Name], Number: isNumber(sf.Type), Unit: sf.Tag.Get("unit")})
	}
	for i := range rows.Len() {
		cells := make([]Cell, len(fields))
		for j, f := range fields {
			cells[j] = cellOf(rows.Index(i).Field(f))
		}
		g.Rows = append(g.Rows, cells)
	}
	return g
}

// gridOfChanges shows what is proposed, one row for each record. Who has a view
// shows the values too.
func gridOfChanges(changes []model.Change) *Grid {
	g := &Grid{Columns: []Column{
		{Name: "op", Label: "Change", Help: "What happens to the record: create, edit or remove."},
		{Name: "record", Label: "Record", Help: "The record that changes."},
		{Name: "fields", Label: "Fields", Help: "The fields that change."},
	}}
	for _, c := range changes {
		var names []string
		for _, f := range c.Fields {
			names = append(names, f.Name)
		}
		link := Link{Kind: c.Kind, Key: c.ID.String(), ID: c.ID}
		g.Rows = append(g.Rows, []Cell{{Text: string(c.Op), Value: c.Op}, {Text: link.String(), Links: []Link{link}, Value: link}, {Text: strings.Join(names, ", "), Value: names}})
	}
	return g
}

func cellOf(v reflect.Value) Cell {
	c := Cell{Text: textOf(v), Value: v.Interface()}
	switch x := c.Value.(type) {
	case Link:
		if !x.IsZero() {
			c.Links = []Link{x}
		}
	case []Link:
		c.Links = x
	case Path:
		c.Links = x
	case []Path:
		for _, p := range x {
			c.Links = append(c.Links, p...)
		}
	}
	return c
}

func textOf(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case Link:
		return x.Key
	case []Link:
		keys := make([]string, len(x))
		for i, l := range x {
			keys[i] = l.Key
		}
		return strings.Join(keys, ", ")
	case []Path:
		chains := make([]string, len(x))
		for i, p := range x {
			chains[i] = p.String()
		}
		return strings.Join(chains, "; ")
	case []string:
		return strings.Join(x, ", ")
	case fmt.Stringer:
		return x.String()
	}
	switch v.Kind() {
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case reflect.Bool:
		if v.Bool() {
			return "yes"
		}
		return "no"
	case reflect.Slice, reflect.Map:
		if v.Len() == 0 {
			return ""
		}
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return textOf(v.Elem())
	}
	return fmt.Sprint(v.Interface())
}

func isNumber(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[model.Money](), reflect.TypeFor[model.Percent]():
		return true
	case reflect.TypeFor[model.Date](), reflect.TypeFor[model.Time](), reflect.TypeFor[model.Duration]():
		return false
	}
	return t.Kind() == reflect.Int || t.Kind() == reflect.Float64
}

func jsonName(sf reflect.StructField) string {
	if name, _, _ := strings.Cut(sf.Tag.Get("json"), ","); name != "" {
		return name
	}
	return model.Snake(sf.Name)
}

func label(sf reflect.StructField) string {
	if l := sf.Tag.Get("label"); l != "" {
		return l
	}
	return model.Spaced(sf.Name)
}
