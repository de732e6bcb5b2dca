package sheet

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"binnacle/feed"
	"binnacle/model"
)

// Table is what the head of a table says, before anything of it is taken.
type Table struct {
	// Name is the name of the sheet. It is empty for CSV.
	Name string
	// Kind is the name of the kind that the rows become. It is empty where that is not clear.
	Kind string
	// Likely are the kinds that the headers fit, the best first.
	Likely []string
	// ByRow says that a column names the kind of each row.
	ByRow bool
	// Columns are the columns, in their order.
	Columns []Column
}

// Column is a column of a table.
type Column struct {
	// Header is the text in the first row.
	Header string
	// Field is the name of the field that the column goes into, where there is one.
	Field string
	// Use says what the column is for: field, left where it is left out, kind, host for the name of a machine, external for the name
	// that another system gives, system for what Binnacle sets itself, twin where another column has the field, and unknown.
	Use string
	// Samples are the first values.
	Samples []string
}

// mostSamples is how many values of a column are shown, each at most sampleLength characters long.
const (
	mostSamples  = 3
	sampleLength = 60
)

var uses = map[role]string{unknownColumn: "unknown", leftOut: "left", fieldColumn: "field", kindColumn: "kind", hostColumn: "host", externalColumn: "external", systemColumn: "system", partColumn: "field"}

// Inspect returns what the tables of a content say about themselves: what the
// columns are, what each would go into, and the first values.
func Inspect(ctx context.Context, schema *model.Schema, in feed.Input) (tables []Table, err error) {
	b := feed.NewBatch(schema, in.Name)
	r := &reader{ctx: ctx, batch: b, words: newVocabulary(schema), input: in, lines: map[string]int{}}
	defer func() {
		if fault := recover(); fault != nil {
			tables, err = nil, fmt.Errorf("%s: looking into it failed because of a fault in Binnacle: %v", in.Name, fault)
		}
	}()
	r.take = func(t *table) error {
		found, err := r.inspect(t)
		if err == nil {
			tables = append(tables, found)
		}
		return err
	}
	if err := r.settle(); err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	return tables, r.read()
}

// inspect looks at the first rows of a table.
func (r *reader) inspect(t *table) (Table, error) {
	first, err := t.first()
	if err != nil {
		return Table{}, err
	}
	if len(first) == 0 {
		return Table{}, errEmpty
	}
	given := cmp.Or(r.given, t.kind)
	top := r.words.headerRow(first, r.input.Mapping, given)
	headers := headersOf(first[top])
	kindAt := kindColumnOf(headers, given)
	out := Table{Name: t.name, ByRow: kindAt >= 0}
	kind := given
	for i, f := range r.words.fits(headers) {
		if i >= 5 || f.own == 0 {
			break
		}
		out.Likely = append(out.Likely, f.kind.Name)
	}
	if kind == nil && !out.ByRow {
		// Where it is not clear, the person is asked.
		kind, _ = r.words.bestKind(headers, cmp.Or(t.name, r.input.Name))
	}
	var p *plan
	if kind != nil {
		out.Kind = kind.Name
		p = r.words.plan(kind, headers, r.input.Mapping, kindAt)
	}
	for i, h := range headers {
		out.Columns = append(out.Columns, columnOf(p, h, i, first[top+1:]))
	}
	return out, nil
}

func columnOf(p *plan, h heading, i int, rows []row) Column {
	c := Column{Header: h.text, Use: "unknown"}
	if p != nil {
		is := p.columns[i]
		c.Use = uses[is.role]
		if is.role == fieldColumn || is.role == partColumn {
			c.Field = is.field.Name
		}
		if is.twin != "" {
			c.Use = "twin"
		}
	}
	for _, one := range rows {
		if i >= len(one.cells) || len(c.Samples) == mostSamples {
			continue
		}
		text := strings.Join(strings.Fields(one.cells[i].text), " ")
		if runes := []rune(text); len(runes) > sampleLength {
			text = string(runes[:sampleLength]) + "…"
		}
		if text != "" && !slices.Contains(c.Samples, text) {
			c.Samples = append(c.Samples, text)
		}
	}
	return c
}

// SameHeader reports whether two headers are the same to whoever reads them.
func SameHeader(a, b string) bool { return squeeze(a) == squeeze(b) }
