package manifest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Read fills the batch with the records that the documents describe. A document
// with something wrong in it is refused with everything that is wrong, and the
// others are kept. Where the text itself breaks, the documents before that place are kept.
func Read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	if int64(len(in.Data)) > b.Limits.Bytes {
		return fmt.Errorf("%s has %d bytes; the limit is %d: split it", in.Name, len(in.Data), b.Limits.Bytes)
	}
	text, err := kit.ReadText(in.Data, b.Limits.Bytes)
	if err != nil {
		return fmt.Errorf("%s: %w", in.Name, err)
	}
	b.Source.Key, b.Source.Name, b.Source.Format = "manifests", "Manifests", formatName
	r := &reader{batch: b, input: in, first: map[string]feed.Where{}, ignored: map[string]bool{}}
	number := 0
	for doc, err := range documents(text, b.Limits) {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		number++
		if err != nil {
			r.refuse(number, doc, err)
			continue
		}
		if err := r.document(doc, strconv.Itoa(number)); err != nil {
			return err
		}
	}
	if len(r.ignored) > 0 {
		names := slices.Sorted(func(yield func(string) bool) {
			for name := range r.ignored {
				if !yield(name) {
					return
				}
			}
		})
		b.Note("%s: Binnacle sets these itself; they were left out.", strings.Join(names, ", "))
	}
	return nil
}

// reader reads the documents of one content.
type reader struct {
	batch   *feed.Batch
	input   feed.Input
	first   map[string]feed.Where
	ignored map[string]bool
}

// refuse notes a document that could not be taken apart.
func (r *reader) refuse(number int, doc *node, err error) {
	at, reason := r.batch.At(0, 0, ""), err.Error()
	var f fault
	if errors.As(err, &f) {
		at, reason = r.batch.At(f.line, f.column, ""), f.reason
	}
	at.Path = fmt.Sprintf("document %d", number)
	r.batch.Count("documents", 1)
	r.batch.RefuseRecord(at, "", "", reason)
}

// document reads a document, which is one record or a list of them.
func (r *reader) document(doc *node, path string) error {
	switch doc.shape {
	case nothing:
		return nil
	case list:
		for i, one := range doc.items {
			if err := r.document(one, fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		return nil
	}
	if len(r.batch.Items) >= r.batch.Limits.Items {
		return fmt.Errorf("%s: there are more than %d records: split the file", r.batch.At(doc.line, 0, ""), r.batch.Limits.Items)
	}
	r.batch.Count("documents", 1)
	if doc.shape != mapping {
		r.batch.RefuseRecord(r.batch.At(doc.line, doc.column, "document "+path), "", "", "a record is wanted, with kind, key and fields, not "+doc.shape.String())
		return nil
	}
	d := &document{reader: r, doc: doc}
	links := len(r.batch.Links)
	d.read()
	if len(d.problems) > 0 {
		r.batch.Links = r.batch.Links[:links]
		for _, p := range d.problems {
			r.batch.RefuseRecord(p.at, d.title(), p.field, p.reason)
		}
		return nil
	}
	r.batch.AddItem(&feed.Item{Record: d.rec, Clear: d.clear, Where: r.batch.At(doc.line, doc.column, "")})
	r.batch.Count(strings.ToLower(d.kind.Plural), 1)
	return nil
}

// document is a record on its way from a node into the batch.
type document struct {
	*reader
	doc      *node
	kind     *model.Kind
	key      string
	rec      model.Record
	clear    []string
	problems []problem
}

type problem struct {
	at     feed.Where
	field  string
	reason string
}

func (d *document) problem(n *node, field, format string, args ...any) {
	d.problems = append(d.problems, problem{d.batch.At(n.line, n.column, field), field, fmt.Sprintf(format, args...)})
}

// title names the record as far as it is known.
func (d *document) title() string {
	switch {
	case d.kind == nil:
		return d.key
	case d.key == "":
		return d.kind.Name
	}
	return d.kind.Name + "/" + d.key
}

func (d *document) read() {
	kindNode, keyNode := d.head()
	if keyNode != nil {
		d.key = strings.TrimSpace(keyNode.text)
	}
	if !d.findKind(kindNode) {
		return
	}
	d.rec = d.kind.New()
	given := map[*model.Field]*node{}
	for i, name := range d.doc.names {
		value := d.doc.items[i]
		if value == kindNode {
			continue
		}
		f := d.find(d.kind.Fields, name.text)
		switch {
		case f == nil && d.system(name.text):
		case f == nil:
			d.problem(name, name.text, "%s has no such field%s", d.kind.Name, suggest(name.text, d.kind.Fields))
		case f.System:
			d.ignored[f.Name] = true
		case given[f] != nil:
			d.problem(name, f.Name, "the field is given twice; the first time is on line %d", given[f].line)
		default:
			given[f] = value
			d.set(f, value)
		}
	}
	if d.key == "" {
		d.problem(d.doc, "key", "the key is missing: write key: and a short name without spaces")
		return
	}
	d.check(given)
	d.once()
}

// head finds the nodes of kind and key. The kind may be given as an option of the import instead.
func (d *document) head() (kindNode, keyNode *node) {
	for i, name := range d.doc.names {
		switch normal(name.text) {
		case "kind":
			if kindNode == nil {
				kindNode = d.doc.items[i]
				continue
			}
			d.problem(name, "kind", "the kind is given twice; a field of this name is written behind its kind, as in Rule.kind")
		case "key":
			keyNode = d.doc.items[i]
		}
	}
	return kindNode, keyNode
}

func (d *document) findKind(n *node) bool {
	text, at := d.input.Kind, d.doc
	if n != nil {
		text, at = n.text, n
	}
	d.kind = d.batch.Schema.Kind(text)
	switch {
	case d.kind != nil:
		return true
	case text == "":
		d.problem(at, "kind", "the kind is missing: write kind: and what it is, such as Application")
	default:
		var names []string
		for _, k := range d.batch.Schema.Kinds() {
			names = append(names, k.Name)
		}
		d.problem(at, "kind", "there is no kind %q%s", text, kit.Nearest(text, names))
	}
	return false
}

// find returns the field that a name means: by its name, its label, or either of them behind the kind.
func (d *document) find(fields []*model.Field, name string) *model.Field {
	if kind, rest, ok := strings.Cut(name, "."); ok && d.kind != nil && d.batch.Schema.Kind(kind) == d.kind {
		name = rest
	}
	return findField(fields, name)
}

func findField(fields []*model.Field, name string) *model.Field {
	want := normal(name)
	for _, f := range fields {
		if f.Name == want {
			return f
		}
	}
	for _, f := range fields {
		if normal(f.Label) == want {
			return f
		}
	}
	return nil
}

// normal writes a name as fields are named: lower case with underscores.
func normal(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(name)))
}

// system reports whether a name is one that Binnacle gives to what it alone sets, and notes it.
func (d *document) system(name string) bool {
	switch n := normal(name); n {
	case "id", "version", "created", "changed":
		d.ignored[n] = true
		return true
	}
	return false
}

// set reads a value into a field, or clears the field where it is empty.
func (d *document) set(f *model.Field, n *node) {
	if n.shape == nothing || n.shape == scalar && n.text == "" || n.shape != scalar && len(n.items) == 0 {
		d.empty(f, n)
		return
	}
	in, ok := d.value(f, n)
	if !ok {
		return
	}
	v, err := f.Read(in, &placed{batch: d.batch, field: f, node: n})
	if err != nil {
		at, path, reason := n, f.Name, err.Error()
		if p, ok := err.(model.Problem); ok {
			at, path, reason = locate(n, p.Field), p.Field, p.Text
		}
		d.problem(at, path, "%s", reason)
		return
	}
	f.Set(d.rec, v)
	if !f.Has(d.rec) {
		d.empty(f, n)
	}
}

func (d *document) empty(f *model.Field, n *node) {
	if f.Required && f.Name != "key" {
		d.problem(n, f.Name, "a value is required")
		return
	}
	d.clear = append(d.clear, f.Name)
}

// value returns a node in the form that model.Field.Read takes, and false where its shape is not that of the field.
func (d *document) value(f *model.Field, n *node) (any, bool) {
	switch {
	case n.shape == nothing:
		return nil, true
	case f.Type == model.TableField:
		return d.rows(f, n)
	case n.shape == scalar && f.Type == model.TextsField:
		return []any{n.text}, true
	case n.shape == scalar:
		return n.text, true
	case f.Type != model.TextsField && f.Type != model.RefsField:
		d.problem(n, f.Path(), "a single value is wanted, not %s", n.shape)
		return nil, false
	case n.shape != list:
		d.problem(n, f.Path(), "a list is wanted, not %s", n.shape)
		return nil, false
	}
	out := make([]any, 0, len(n.items))
	for _, item := range n.items {
		if item.shape == list || item.shape == mapping {
			d.problem(item, f.Path(), "a single value is wanted, not %s", item.shape)
			return nil, false
		}
		if item.shape == scalar {
			out = append(out, item.text)
		}
	}
	return out, true
}

func (d *document) rows(f *model.Field, n *node) (any, bool) {
	if n.shape != list {
		d.problem(n, f.Path(), "a list of rows is wanted, not %s", n.shape)
		return nil, false
	}
	good := true
	out := make([]any, 0, len(n.items))
	for i, item := range n.items {
		if item.shape != mapping {
			d.problem(item, f.Path(), "row %d wants names with values, not %s", i+1, item.shape)
			good = false
			continue
		}
		row := map[string]any{}
		for j, name := range item.names {
			c := findField(f.Columns, name.text)
			if c == nil {
				d.problem(name, f.Path(), "%s has no column %q%s", f.Name, name.text, suggest(name.text, f.Columns))
				good = false
				continue
			}
			if _, twice := row[c.Name]; twice {
				d.problem(name, c.Path(), "the column is given twice")
				good = false
				continue
			}
			value, ok := d.value(c, item.items[j])
			if value == nil {
				value = ""
			}
			row[c.Name] = value
			good = good && ok
		}
		out = append(out, row)
	}
	return out, good
}

// check looks at the values that were given. What is not given may be in the estate already.
func (d *document) check(given map[*model.Field]*node) {
	for _, p := range d.kind.Check(d.rec) {
		base, _, _ := strings.Cut(p.Field, "[")
		f := d.kind.Field(base)
		if f == nil || given[f] == nil || !f.Has(d.rec) {
			continue
		}
		d.problem(locate(given[f], p.Field), p.Field, "%s", p.Text)
	}
}

// once refuses a record that the content describes twice.
func (d *document) once() {
	name := d.kind.Name + "/" + d.key
	if at, ok := d.first[name]; ok {
		d.problem(d.doc, "", "the record is described twice; the first time is on line %d", at.Line)
		return
	}
	d.first[name] = d.batch.At(d.doc.line, d.doc.column, "")
}

// locate returns the node that a path such as cycles[3].eol leads to, or the last one on the way.
func locate(n *node, path string) *node {
	_, rest, ok := strings.Cut(path, "[")
	number, column, _ := strings.Cut(rest, "]")
	i, err := strconv.Atoi(number)
	if !ok || err != nil || n.shape != list || i < 0 || i >= len(n.items) {
		return n
	}
	row := n.items[i]
	for j, name := range row.names {
		if normal(name.text) == strings.TrimPrefix(column, ".") {
			return row.items[j]
		}
	}
	return row
}

// placed gives out links that know where in the document their text stands.
type placed struct {
	batch  *feed.Batch
	field  *model.Field
	node   *node
	byText map[string]*node
}

// Resolve gives out a link to a record that is found when the batch is reconciled.
func (p *placed) Resolve(kinds []string, text string) (model.Ref, error) {
	if p.byText == nil {
		p.byText = map[string]*node{}
		p.collect(p.node)
	}
	at := p.node
	if n := p.byText[text]; n != nil {
		at = n
	}
	return p.batch.Resolver(p.batch.At(at.line, at.column, p.field.Path())).Resolve(kinds, text)
}

func (p *placed) collect(n *node) {
	if text := strings.TrimSpace(n.text); n.shape == scalar && p.byText[text] == nil {
		p.byText[text] = n
	}
	for _, item := range n.items {
		p.collect(item)
	}
}

func suggest(name string, fields []*model.Field) string {
	var names []string
	for _, f := range fields {
		if !f.System {
			names = append(names, f.Name)
		}
	}
	return kit.Nearest(normal(name), names)
}
