// Package practicetest tests practices with scripts that a reader of tables can
// check: a few records, a question, the answer that is wanted. It also makes
// estates of any size for benchmarks.
package practicetest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"binnacle/estate"
	"binnacle/model"
)

// Estate returns the estate that a YAML text describes. The text holds
// documents, each one record or a list of records: a mapping with the kind and
// the values of its fields. Refs are keys, or Kind/key. A name without a record is an error.
func Estate(text string) (*estate.Snapshot, error) {
	records, err := records(text)
	if err != nil {
		return nil, err
	}
	return estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
}

// records returns the records that a YAML text describes.
func records(text string) ([]model.Record, error) {
	rows, err := rows(text)
	if err != nil {
		return nil, err
	}
	names := directory{}
	schema := model.Builtin()
	for i, row := range rows {
		kind := schema.Kind(fmt.Sprint(row["kind"]))
		key, _ := row["key"].(string)
		if kind == nil || key == "" {
			return nil, fmt.Errorf("record %d: a record needs a kind that there is, and a key: %v", i+1, row)
		}
		row["kind"] = kind.Name
		if _, taken := names[kind.Name+"/"+key]; taken {
			return nil, fmt.Errorf("record %d: there are two records %s/%s", i+1, kind.Name, key)
		}
		names[kind.Name+"/"+key] = IDOf(i + 1)
	}
	var out []model.Record
	for i, row := range rows {
		rec, err := record(schema.Kind(row["kind"].(string)), row, names)
		if err != nil {
			return nil, fmt.Errorf("%s/%s: %w", row["kind"], row["key"], err)
		}
		rec.Base().ID, rec.Base().Version = IDOf(i+1), 1
		out = append(out, rec)
	}
	return out, nil
}

// IDOf returns the id of the record with a number, from 1 in the order of the text.
func IDOf(n int) model.ID {
	return model.ID{0: 1, 6: 0x70, 8: 0x80, 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

func record(kind *model.Kind, row map[string]any, names directory) (model.Record, error) {
	rec := kind.New()
	for _, name := range slices.Sorted(maps.Keys(row)) {
		if name == "kind" {
			continue
		}
		// A field that is itself called kind is written behind the name of the kind, as in Rule.kind.
		f := kind.Field(strings.TrimPrefix(name, kind.Name+"."))
		if f == nil {
			return nil, fmt.Errorf("there is no field %q", name)
		}
		value, err := f.Read(row[name], names)
		if err != nil {
			return nil, err
		}
		f.Set(rec, value)
	}
	for _, p := range kind.Check(rec) {
		return nil, p
	}
	return rec, nil
}

// directory finds records by Kind/key.
type directory map[string]model.ID

// Resolve returns the record of one of the kinds that a text names.
func (d directory) Resolve(kinds []string, text string) (model.Ref, error) {
	if id, ok := d[text]; ok {
		return model.Ref(id), nil
	}
	var found []model.ID
	for name, id := range d {
		kind, key, _ := strings.Cut(name, "/")
		if key == text && (len(kinds) == 0 || slices.Contains(kinds, kind)) {
			found = append(found, id)
		}
	}
	if len(found) != 1 {
		return model.Ref{}, fmt.Errorf("%d records of kind %s are called %q", len(found), strings.Join(kinds, " or "), text)
	}
	return model.Ref(found[0]), nil
}

// rows reads the mappings of all documents, with every single value as text.
func rows(text string) ([]map[string]any, error) {
	loader, err := yaml.NewLoader(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	var out []map[string]any
	for {
		var doc yaml.Node
		if err := loader.Load(&doc); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("the estate is not YAML: %w", err)
		}
		switch value := plain(&doc).(type) {
		case map[string]any:
			out = append(out, value)
		case []any:
			for _, one := range value {
				row, ok := one.(map[string]any)
				if !ok {
					return nil, fmt.Errorf("a record is wanted, not %v", one)
				}
				out = append(out, row)
			}
		}
	}
}

func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, plain(c))
		}
		return out
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return out
	}
	return n.Value
}
