package feedtest

import (
	"fmt"
	"strings"
	"testing"

	"binnacle/feed"
	"binnacle/model"
)

// Links names the links of a batch by the texts that they were read from.
type Links struct {
	// Batch is the batch whose links are meant.
	Batch *feed.Batch
}

// NameOf returns the kind, where the link allows only one or its text names one, and the key.
func (l Links) NameOf(r model.Ref) (kind, key string, ok bool) {
	n := int(r[12])<<24 | int(r[13])<<16 | int(r[14])<<8 | int(r[15])
	link := l.Batch.Links[n-1]
	if len(link.Kinds) == 1 {
		return link.Kinds[0], link.Text, true
	}
	if kind, key, ok = strings.Cut(link.Text, "/"); !ok {
		return "", link.Text, true
	}
	return kind, key, true
}

// Tree returns the values of a record by the names of its fields.
func Tree(kind *model.Kind, rec model.Record, names model.Namer) map[string]any {
	out := map[string]any{}
	for _, f := range kind.Fields {
		if v := f.Tree(rec, names); v != nil {
			out[f.Name] = v
		}
	}
	return out
}

// OwnSchema returns the built-in kinds and a kind of the organisation that has a
// field of every type that can be defined, and one called kind.
func OwnSchema(t testing.TB) *model.Schema {
	t.Helper()
	var fields []*model.FieldDefinition
	for _, o := range model.DefinableType("").Options() {
		fields = append(fields, &model.FieldDefinition{
			Meta: model.Meta{Key: "Vessel.a_" + o.Value}, Kind: "Vessel", Field: "a_" + o.Value, Type: model.DefinableType(o.Value), Options: []string{"low", "on", "7"},
		})
	}
	fields = append(fields, &model.FieldDefinition{Meta: model.Meta{Key: "Vessel.kind"}, Kind: "Vessel", Field: "kind", Type: "text"})
	schema, errs := model.Builtin().With([]*model.KindDefinition{{Meta: model.Meta{Key: "Vessel"}}}, fields)
	if errs != nil {
		t.Fatal(errs)
	}
	return schema
}

// Describe writes what a batch proposes, refuses and notes, one a line, each record with the line that it stands on.
func Describe(b *feed.Batch) []string {
	out := []string{}
	for _, item := range b.Items {
		kind := b.Schema.Of(item.Record)
		line := fmt.Sprintf("%d %s/%s", item.Where.Line, kind.Name, item.Record.Base().Key)
		for _, f := range kind.Fields[1:] {
			if v := f.Tree(item.Record, Links{b}); v != nil {
				line += fmt.Sprintf(" %s=%v", f.Name, v)
			}
		}
		for _, id := range item.Idents {
			line += fmt.Sprintf(" %s:%s", id.Name, id.Value)
		}
		if len(item.Clear) > 0 {
			line += fmt.Sprintf(" clear=%v", item.Clear)
		}
		out = append(out, line)
	}
	for _, r := range b.Refused {
		out = append(out, "refused "+r.String())
	}
	for _, n := range b.Notes {
		out = append(out, "note "+n)
	}
	return out
}

// Trees returns the values of the records of a batch, by the keys of the records and the
// names of the fields. Refs are written as they were read.
func Trees(b *feed.Batch, kind *model.Kind) map[string]map[string]any {
	got := map[string]map[string]any{}
	for _, item := range b.Items {
		got[item.Record.Base().Key] = Tree(kind, item.Record, Links{b})
	}
	return got
}
