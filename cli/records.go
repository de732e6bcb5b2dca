package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/feed/manifest"
	"binnacle/model"
)

// kindOf returns the kind that a person names, in the singular or plural and in any case.
func kindOf(schema *model.Schema, name string) (*model.Kind, error) {
	if k := schema.Kind(name); k != nil {
		return k, nil
	}
	var names []string
	for _, k := range schema.Kinds() {
		names = append(names, k.Name)
	}
	return nil, usage("there is no kind %q%s: list them with: binnacle kinds", name, suggest(name, names))
}

// fieldOf returns the field of a kind that a person names, by name or by label.
func fieldOf(k *model.Kind, name string) (*model.Field, error) {
	want := strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), "-", "_")
	var names []string
	for _, f := range k.Fields {
		if f.Name == want || strings.EqualFold(f.Label, name) || manifest.Name(f) == name {
			return f, nil
		}
		names = append(names, f.Name)
	}
	return nil, usage("%s has no field %q%s: list them with: binnacle kinds %s", k.Name, name, suggest(want, names), k.Name)
}

// splitName splits Kind/key into the kind and the key.
func splitName(schema *model.Schema, text string) (*model.Kind, string, error) {
	kind, key, ok := strings.Cut(text, "/")
	if !ok || key == "" {
		return nil, "", usage("%q names no record: write Kind/key, such as Host/rtm-db-01", text)
	}
	k, err := kindOf(schema, kind)
	return k, key, err
}

// record returns the record that Kind/key names. The key may be an id or, where it is the only one, a name.
func record(v estate.View, text string) (*model.Kind, model.Record, error) {
	k, key, err := splitName(v.Schema(), text)
	if err != nil {
		return nil, nil, err
	}
	ref, err := v.Resolve([]string{k.Name}, key)
	if err == nil {
		return k, v.Get(ref), nil
	}
	var near []string
	for rec := range v.All(k.Name) {
		near = append(near, rec.Base().Key)
	}
	return k, nil, fmt.Errorf("%w%s", err, suggest(key, near))
}

// nameOf writes the name of a record as a person types it.
func nameOf(rec model.Record) string { return model.NameOf(rec) + "/" + rec.Base().Key }

// lens is what is needed to print records: the kinds, and what records are
// called. It is a view of the estate here, or what a server says of one there.
type lens interface {
	model.Namer
	// Schema returns the kinds.
	Schema() *model.Schema
}

// recordData returns a record as JSON shows it. Only the fields given are in it, or all without any.
func recordData(v lens, rec model.Record, fields []*model.Field) object {
	k := v.Schema().Of(rec)
	out := object{{"kind", k.Name}, {"key", rec.Base().Key}}
	for _, f := range k.Fields {
		if f.Name == "key" || len(fields) > 0 && !slices.Contains(fields, f) {
			continue
		}
		if value := f.Tree(rec, v); value != nil {
			out.set(manifest.Name(f), value)
		}
	}
	out.set("id", rec.Base().ID)
	out.set(k.VersionMember(), rec.Base().Version)
	return out
}

// special are the columns that are not fields.
var special = map[string]struct {
	label string
	text  func(m *model.Meta) string
}{
	"id":      {"ID", func(m *model.Meta) string { return m.ID.String() }},
	"version": {"Version", func(m *model.Meta) string { return strconv.Itoa(int(m.Version)) }},
	"created": {"Created", func(m *model.Meta) string { return m.Created.At.String() }},
	"changed": {"Changed", func(m *model.Meta) string { return m.Changed.At.String() }},
	"stale":   {"Stale since", func(m *model.Meta) string { return m.Stale().String() }},
}

// recordColumn is one column of a list of records.
type recordColumn struct {
	column
	field *model.Field
	text  func(m *model.Meta) string
}

func columnOf(f *model.Field) recordColumn {
	c := recordColumn{field: f, column: column{name: f.Name, label: f.Label}}
	switch f.Type {
	case model.IntegerField, model.NumberField, model.PercentField, model.MoneyField:
		c.right = true
	}
	if f.Unit != "" {
		c.label += " (" + f.Unit + ")"
	}
	return c
}

func (c recordColumn) cell(v lens, rec model.Record) string {
	if c.field == nil {
		return c.text(rec.Base())
	}
	return shown(c.field, c.field.Text(rec, v))
}

// shown writes a value as a table shows it.
func shown(f *model.Field, text string) string {
	if f.Type == model.BoolField && text == "true" {
		return "yes"
	}
	return text
}

// chosenColumns returns the columns with the names given.
func chosenColumns(k *model.Kind, names []string) ([]recordColumn, error) {
	var out []recordColumn
	for _, name := range names {
		f, err := fieldOf(k, name)
		if sp, ok := special[strings.ToLower(name)]; ok && err != nil {
			out = append(out, recordColumn{column: column{name: strings.ToLower(name), label: sp.label, right: name == "version"}, text: sp.text})
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, columnOf(f))
	}
	return out, nil
}

// usefulWidth is how wide a list of records becomes where the width of the terminal is not known.
const usefulWidth = 120

// usefulColumns chooses the columns that say most about some records and fit the
// width: the key and the name, then those that most of the records have.
func usefulColumns(v lens, k *model.Kind, records []model.Record, limit int) []recordColumn {
	if limit == 0 {
		limit = usefulWidth
	}
	out := []recordColumn{columnOf(k.Field("key"))}
	left := limit - columnWidth(v, out[0], records)
	for _, f := range usefulOrder(k, records) {
		c := columnOf(f)
		if w := gap + columnWidth(v, c, records); w <= left {
			out = append(out, c)
			left -= w
		}
	}
	return out
}

// usefulOrder lists the fields that a list may show, the most useful first.
func usefulOrder(k *model.Kind, records []model.Record) []*model.Field {
	type scored struct {
		field *model.Field
		score float64
	}
	var list []scored
	for i, f := range k.Fields {
		if f.Name == "key" || f.System || f.Long || f.Type == model.TableField || f.Name == "tags" || f.Name == "confidential" {
			continue
		}
		n := 0
		for _, rec := range records {
			if f.Has(rec) {
				n++
			}
		}
		if n == 0 {
			continue
		}
		share := float64(n) / float64(len(records))
		score := share - 0.01*float64(i)
		if f.Name == "name" {
			score += 2
		}
		if f.Type == model.RefsField || f.Type == model.TextsField || f.Format == "url" {
			score--
		}
		list = append(list, scored{f, score})
	}
	slices.SortStableFunc(list, func(a, b scored) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return 0
	})
	out := make([]*model.Field, len(list))
	for i, s := range list {
		out[i] = s.field
	}
	return out
}

// widestCell is how wide a cell of a list may become before it is cut.
const widestCell = 40

func columnWidth(v lens, c recordColumn, records []model.Record) int {
	w := display(c.label)
	for _, rec := range records {
		w = max(w, display(clean(c.cell(v, rec))))
	}
	return min(w, widestCell)
}

// changeTable lists changes with one row for each field.
func changeTable(changes []door.ChangeReport) *grid {
	g := &grid{columns: columns("record", "outcome", "field", "before", "after"), wrap: true}
	for _, c := range changes {
		name, word := c.Record, c.Outcome
		if len(c.Fields) == 0 || word == "deleted" {
			g.add(name, word, "", "", "")
			continue
		}
		for _, f := range c.Fields {
			if f.Erased {
				f.Before, f.After = "(erased)", "(erased)"
			}
			g.add(name, word, f.Field, f.Before, f.After)
			name, word = "", ""
		}
	}
	return g
}
