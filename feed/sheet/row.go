package sheet

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// table is rows that come one after the other, and how to say where they stand.
type table struct {
	name   string
	kind   *model.Kind
	next   func(cells []cell) (row, bool, error)
	where  func(line, i int, c cell, header string) feed.Where
	broken func(row) feed.Where
}

// reader makes records of the rows of one content.
type reader struct {
	ctx   context.Context
	batch *feed.Batch
	input feed.Input
	words *vocabulary
	given *model.Kind
	lines map[string]int
	// take is what becomes of each table.
	take func(*table) error
}

var errEmpty = errors.New("the table has no rows")

// headerDepth is how many rows may stand above the headers.
const headerDepth = 10

func blank(r row) bool {
	return r.wrong == "" && !slices.ContainsFunc(r.cells, func(c cell) bool { return strings.TrimSpace(c.text) != "" || c.wrong != "" })
}

// table reads the headers and then row by row.
func (r *reader) table(t *table) error {
	first, err := t.first()
	if err != nil {
		return err
	}
	if len(first) == 0 {
		return errEmpty
	}
	given := r.given
	if given == nil {
		given = t.kind
	}
	top := r.words.headerRow(first, r.input.Mapping, given)
	if top > 0 {
		r.batch.Note("%sThe headers are in line %d; what stands above was left out.", t.prefix(), first[top].line)
	}
	b := &builder{reader: r, table: t, headers: headersOf(first[top]), kind: given, plans: map[*model.Kind]*plan{}}
	b.kindAt = kindColumnOf(b.headers, given)
	if b.kind == nil && b.kindAt < 0 {
		if b.kind, err = r.words.bestKind(b.headers, cmp.Or(t.name, r.input.Name)); err != nil {
			return err
		}
	}
	for _, one := range first[top+1:] {
		if err := b.row(one); err != nil {
			return err
		}
	}
	var cells []cell
	for n := 0; ; n++ {
		if n%1000 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		one, ok, err := t.next(cells)
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := b.row(one); err != nil {
			return err
		}
		cells = one.cells
	}
	b.finish()
	return nil
}

// first returns the first rows that are not empty.
func (t *table) first() ([]row, error) {
	var out []row
	for len(out) < headerDepth {
		one, ok, err := t.next(nil)
		if err != nil || !ok {
			return out, err
		}
		if len(one.cells) > mostColumns {
			return nil, fmt.Errorf("line %d has %d columns: the limit is %d", one.line, len(one.cells), mostColumns)
		}
		if !blank(one) {
			out = append(out, one)
		}
	}
	return out, nil
}

func (t *table) prefix() string {
	if t.name == "" {
		return ""
	}
	return t.name + ": "
}

// builder makes records of the rows of one table.
type builder struct {
	*reader
	table   *table
	headers []heading
	kind    *model.Kind
	kindAt  int
	plans   map[*model.Kind]*plan
	order   []*plan
	nulls   int

	line     int
	problems []problem
	// parts are the cells of the row that go into a table within the record.
	parts []flatPart
}

type problem struct {
	at     feed.Where
	field  string
	reason string
}

func (b *builder) problem(i int, c cell, field, reason string) {
	header := ""
	if i < len(b.headers) {
		header = b.headers[i].text
	}
	b.problems = append(b.problems, problem{b.table.where(b.line, i, c, header), field, reason})
}

// row makes a record of a row, or refuses it.
func (b *builder) row(in row) error {
	if blank(in) {
		return nil
	}
	if len(b.batch.Items) >= b.batch.Limits.Items {
		return fmt.Errorf("there are more than %d rows: split the file", b.batch.Limits.Items)
	}
	b.batch.Count("rows", 1)
	if in.wrong != "" {
		b.batch.RefuseRecord(b.table.broken(in), "", "", in.wrong)
		return nil
	}
	b.line, b.problems = in.line, b.problems[:0]
	kind := b.kindOf(in)
	if kind == nil {
		b.refuse(in, "")
		return nil
	}
	p := b.plan(kind)
	links := len(b.batch.Links)
	item := &feed.Item{Record: kind.New(), Where: b.batch.At(in.line, 0, b.table.name)}
	host := ""
	b.parts = b.parts[:0]
	for i, c := range in.cells {
		b.cell(p, item, &host, i, c)
	}
	b.flat(item)
	b.check(p, item.Record, in)
	b.name(p, item.Record, host, in)
	if len(b.problems) > 0 {
		b.batch.Links = b.batch.Links[:links]
		b.refuse(in, kind.Name+"/"+item.Record.Base().Key)
		return nil
	}
	b.batch.AddItem(item)
	b.batch.Count(strings.ToLower(kind.Plural), 1)
	return nil
}

func (b *builder) refuse(in row, record string) {
	for _, p := range b.problems {
		b.batch.RefuseRecord(p.at, strings.TrimSuffix(record, "/"), p.field, p.reason)
	}
}

func (b *builder) kindOf(in row) *model.Kind {
	if b.kindAt < 0 {
		return b.kind
	}
	c := cell{line: in.line}
	if b.kindAt < len(in.cells) {
		c = in.cells[b.kindAt]
	}
	text := strings.TrimSpace(c.text)
	if text == "" && b.kind != nil {
		return b.kind
	}
	if text == "" {
		b.problem(b.kindAt, c, "kind", "the kind is missing")
		return nil
	}
	kind, err := kindNamed(b.batch.Schema, text)
	if err != nil {
		b.problem(b.kindAt, c, "kind", err.Error())
	}
	return kind
}

func (b *builder) plan(kind *model.Kind) *plan {
	p := b.plans[kind]
	if p == nil {
		p = b.words.plan(kind, b.headers, b.input.Mapping, b.kindAt)
		b.plans[kind] = p
		b.order = append(b.order, p)
	}
	return p
}

// cell puts what a cell says into the record.
func (b *builder) cell(p *plan, item *feed.Item, host *string, i int, c cell) {
	if i >= len(p.columns) || p.columns[i].role == kindColumn || p.columns[i].role == leftOut {
		if i >= len(p.columns) && strings.TrimSpace(c.text) != "" {
			b.problem(i, c, "", "there is no header above this value: perhaps a separator inside a cell lacks its quotes")
		}
		return
	}
	text := b.meant(c)
	if text == "" && c.wrong == "" {
		return
	}
	col := &p.columns[i]
	switch {
	case col.role == unknownColumn || col.role == systemColumn:
		p.dropped[i]++
	case c.wrong != "":
		b.problem(i, c, fieldName(col.field), c.wrong)
	case col.role == hostColumn:
		*host = text
	case col.role == externalColumn:
		item.Idents = append(item.Idents, feed.External(text))
	case col.role == partColumn:
		b.parts = append(b.parts, flatPart{col, i, c, text})
	default:
		b.value(col, item, i, c, text)
	}
}

// flatPart is a cell that goes into one row of a table within the record.
type flatPart struct {
	column *column
	i      int
	cell   cell
	text   string
}

// flat makes one row of a table within the record of the cells that belong to it.
func (b *builder) flat(item *feed.Item) {
	if len(b.parts) == 0 {
		return
	}
	row := map[string]any{}
	for _, p := range b.parts {
		row[p.column.part.Name] = p.text
	}
	first := b.parts[0]
	for _, p := range first.column.field.Columns {
		if _, there := row[p.Name]; p.Required && !there {
			b.problem(first.i, first.cell, first.column.field.Name, "the column "+p.Name+" is missing, and "+first.column.part.Name+" says nothing without it")
			return
		}
	}
	v, err := first.column.field.Read([]any{row}, &atCell{b, first.i, first.cell})
	if err != nil {
		b.problem(first.i, first.cell, first.column.field.Name, err.Error())
		return
	}
	first.column.field.Set(item.Record, v)
}

func fieldName(f *model.Field) string {
	if f == nil {
		return ""
	}
	return f.Name
}

// meant returns the text of a cell as it is meant: without the apostrophe that
// guards it, and without white space around it. What only stands for no value is empty.
func (b *builder) meant(c cell) string {
	text, guarded := unguardStart(c.text)
	if b.own() {
		text = unguardInside(text)
	}
	if guarded {
		return text
	}
	text = strings.TrimSpace(text)
	if saysNothing(text) {
		b.nulls++
		return ""
	}
	return text
}

// own reports whether the table looks as Binnacle writes them.
func (b *builder) own() bool {
	return len(b.headers) > 0 && b.headers[0].text == "kind" && b.table.name == ""
}

func (b *builder) value(col *column, item *feed.Item, i int, c cell, text string) {
	f := col.field
	in, err := prepare(f, col.convert, text)
	if err != nil {
		b.problem(i, c, f.Name, err.Error())
		return
	}
	v, err := f.Read(in, &atCell{b, i, c})
	if err != nil {
		reason := err.Error()
		if p, ok := err.(model.Problem); ok {
			reason = p.Text
			if p.Field != f.Name {
				reason = p.Error()
			}
		}
		b.problem(i, c, f.Name, reason)
		return
	}
	f.Set(item.Record, v)
	if !f.Has(item.Record) {
		item.Clear = append(item.Clear, f.Name)
	}
}

// atCell gives out links that know the cell that they stand in.
type atCell struct {
	b    *builder
	i    int
	cell cell
}

// Resolve gives out a link to a record that is found when the batch is reconciled.
func (a *atCell) Resolve(kinds []string, text string) (model.Ref, error) {
	at := a.b.table.where(a.b.line, a.i, a.cell, a.b.headers[a.i].text)
	return a.b.batch.Resolver(at).Resolve(kinds, text)
}

// prepare brings the text of a cell into the form that model.Field.Read takes.
func prepare(f *model.Field, convert func(string) string, text string) (any, error) {
	if convert != nil {
		text = convert(text)
	}
	switch f.Type {
	case model.TableField:
		return parseJSON(text)
	case model.TextsField, model.RefsField:
		if strings.HasPrefix(text, "[") {
			if list, err := parseJSON(text); err == nil {
				return list, nil
			}
		}
		if commas(f) && !strings.ContainsAny(text, ";\n") {
			return strings.ReplaceAll(text, ",", ";"), nil
		}
	case model.EnumField:
		for _, o := range f.Options {
			if want := squeeze(text); want == squeeze(o.Value) || want == squeeze(o.Label) {
				return o.Value, nil
			}
		}
	case model.NumberField:
		if n, unit, ok := numberAndUnit(text); ok && f.Unit == "GiB" {
			return scaled(n, sizes[unit]), nil
		}
	case model.DateField, model.TimeField:
		return isoDate(text), nil
	}
	return text, nil
}

// commas reports whether a list may have commas between its items, because no item has one inside.
func commas(f *model.Field) bool {
	return f.Name == "tags" || f.Format == "ip" || f.Format == "country" || f.Ident == "mac"
}

// numberAndUnit takes a text such as 16 GB apart.
func numberAndUnit(text string) (number, unit string, ok bool) {
	end := strings.LastIndexAny(text, "0123456789.") + 1
	number, unit = strings.TrimSpace(text[:end]), strings.ToLower(strings.TrimSpace(text[end:]))
	return number, unit, sizes[unit] != 0 && bareNumber.MatchString(number)
}

// isoDate writes a date whose form leaves no doubt as ISO 8601 has it, and leaves every other text alone.
func isoDate(text string) string {
	for _, layout := range []string{"2006/01/02", "02.01.2006", "2.1.2006", "2 Jan 2006", "2 January 2006", "02-Jan-2006", "Jan 2, 2006", "January 2, 2006", "20060102"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return text
}

// parseJSON reads a JSON list. Numbers keep their digits.
func parseJSON(text string) (any, error) {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var list []any
	if err := dec.Decode(&list); err != nil || dec.More() {
		return nil, fmt.Errorf("%.40q is not a list of rows: write it as a JSON array of objects", text)
	}
	return list, nil
}

// check looks at the values that the row gives. What it does not give may be in the estate already.
func (b *builder) check(p *plan, rec model.Record, in row) {
	for _, found := range p.kind.Check(rec) {
		base, _, _ := strings.Cut(found.Field, "[")
		f := p.kind.Field(base)
		if f == nil || !f.Has(rec) {
			continue
		}
		for i, c := range p.columns {
			if c.role == fieldColumn && c.field == f && i < len(in.cells) {
				b.problem(i, in.cells[i], found.Field, found.Text)
			}
		}
	}
}

// name gives the record a key where the row has none, and refuses a key that another row has.
func (b *builder) name(p *plan, rec model.Record, host string, in row) {
	m := rec.Base()
	if f := p.kind.Field("fqdn"); host != "" && f != nil && strings.Contains(host, ".") && !f.Has(rec) {
		f.Set(rec, host)
	}
	if host != "" && m.Name == "" {
		m.Name = host
	}
	made := ""
	if m.Key == "" {
		m.Key, made = derived(p.kind, rec, host)
	}
	if m.Key == "" {
		b.problem(0, in.start(), "key", "the row has no key and no name to make one of: add a column called key")
		return
	}
	name := p.kind.Name + "/" + m.Key
	if first, ok := b.lines[name]; ok {
		reason := fmt.Sprintf("the key %s stands in line %d already", m.Key, first)
		if made != "" {
			reason = fmt.Sprintf("the key %s, made of the %s, stands for line %d already: add a column called key", m.Key, made, first)
		}
		b.problem(0, in.start(), "key", reason)
		return
	}
	if len(b.problems) == 0 {
		b.lines[name] = in.line
	}
}

// start returns the first cell of a row.
func (r row) start() cell {
	if len(r.cells) == 0 {
		return cell{line: r.line}
	}
	return r.cells[0]
}

// derived makes a key of the first value that names the record, and says of which.
func derived(kind *model.Kind, rec model.Record, host string) (key, made string) {
	if host != "" {
		return feed.SlugOf(host), "host name"
	}
	names := []string{"name", "fqdn", "full_name", "email", "serial", "inventory_number", "number"}
	for _, f := range kind.IdentFields() {
		names = append(names, f.Name)
	}
	for _, name := range names {
		f := kind.Field(name)
		if f == nil {
			continue
		}
		switch v := f.Get(rec).(type) {
		case string:
			if key := feed.SlugOf(v); key != "" {
				return key, strings.ToLower(f.Label)
			}
		case []string:
			if key := feed.SlugOf(v[0]); key != "" {
				return key, strings.ToLower(f.Label)
			}
		}
	}
	return "", ""
}

// finish tells what was left out.
func (b *builder) finish() {
	if b.nulls > 0 {
		b.batch.Note("%s%d cells with NULL, n/a or - were taken as empty.", b.table.prefix(), b.nulls)
	}
	for i, heading := range b.headers {
		h := heading.text
		for _, p := range b.order {
			c := p.columns[i]
			values := fmt.Sprintf("%d values were left out", p.dropped[i])
			switch {
			case c.twin != "":
				b.batch.Note("%sThe column %s means the same field of %s as the column %s; %s.", b.table.prefix(), h, p.kind.Name, c.twin, values)
			case c.role == systemColumn:
				b.batch.Note("%sThe column %s is set by Binnacle itself; %s.", b.table.prefix(), h, values)
			case c.role == unknownColumn && (h != "" || p.dropped[i] > 0) && (p.dropped[i] > 0 || len(b.order) == 1):
				var names []string
				for _, f := range p.kind.Fields {
					if !f.System {
						names = append(names, f.Name)
					}
				}
				b.batch.Note("%sThe column %s is no field of %s; %s%s", b.table.prefix(), orLetter(h, i), p.kind.Name, values, cmp.Or(kit.Nearest(h, names), "."))
			case c.convert != nil:
				b.unit(p, c)
			}
		}
	}
}

func orLetter(header string, i int) string {
	if header == "" {
		return letters(i)
	}
	return header
}

func (b *builder) unit(p *plan, c column) {
	if c.field.Unit == "GiB" {
		b.batch.Note("%sThe column %s was converted to GiB, with 1024 of a unit to the next larger one: 1024 there is %s here.", b.table.prefix(), c.header, c.convert("1024"))
	}
}
