// Package modeltest makes records of any kind for tests. It knows no kind by
// name: everything comes from the schema, so that a kind added tomorrow is tested too.
package modeltest

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"pgregory.net/rapid"

	"binnacle/model"
)

// Names is a small company that refs may point to: a few records of every kind,
// known by key. It is a [model.Namer] and a [model.Resolver].
type Names struct {
	refs  map[string][]model.Ref
	kinds []string
	names map[model.Ref][2]string
	byKey map[[2]string]model.Ref
}

// NewNames returns a company with so many records of every kind of a schema.
func NewNames(schema *model.Schema, perKind int) *Names {
	n := &Names{refs: map[string][]model.Ref{}, names: map[model.Ref][2]string{}, byKey: map[[2]string]model.Ref{}}
	for i, k := range schema.Kinds() {
		n.kinds = append(n.kinds, k.Name)
		for j := range perKind {
			ref := model.Ref{0: 1, 6: 0x70, 12: byte(i >> 8), 13: byte(i), 14: byte(j >> 8), 15: byte(j)}
			name := [2]string{k.Name, fmt.Sprintf("%s-%d", strings.ToLower(k.Name), j+1)}
			n.refs[k.Name] = append(n.refs[k.Name], ref)
			n.names[ref] = name
			n.byKey[name] = ref
		}
	}
	return n
}

// NameOf returns the kind and the key of a record of the company.
func (n *Names) NameOf(r model.Ref) (kind, key string, ok bool) {
	name, ok := n.names[r]
	return name[0], name[1], ok
}

// Resolve finds a record of the company by key or by Kind/key.
func (n *Names) Resolve(kinds []string, text string) (model.Ref, error) {
	if kind, key, ok := strings.Cut(text, "/"); ok {
		if r, ok := n.byKey[[2]string{kind, key}]; ok {
			return r, nil
		}
	}
	for _, kind := range n.orAll(kinds) {
		if r, ok := n.byKey[[2]string{kind, text}]; ok {
			return r, nil
		}
	}
	return model.Ref{}, fmt.Errorf("there is no record %q", text)
}

// Refs returns the records of the company that are of one of the kinds. No kinds means any.
func (n *Names) Refs(kinds []string) []model.Ref {
	var out []model.Ref
	for _, kind := range n.orAll(kinds) {
		out = append(out, n.refs[kind]...)
	}
	return out
}

func (n *Names) orAll(kinds []string) []string {
	if len(kinds) == 0 {
		return n.kinds
	}
	return kinds
}

// Record generates records of a kind that [model.Kind.Check] accepts. Fields
// that only the system sets stay empty. Refs point to the records that refs
// gives for the kinds of a field; where it gives none, or is nil, the ref stays empty.
func Record(kind *model.Kind, refs func(kinds []string) []model.Ref) *rapid.Generator[model.Record] {
	return rapid.Custom(func(t *rapid.T) model.Record {
		rec := kind.New()
		for _, f := range kind.Fields {
			if f.System || !f.Required && rapid.IntRange(0, 2).Draw(t, f.Name+"?") == 0 {
				continue
			}
			in := value(t, f, refs)
			if in == nil {
				continue
			}
			v, err := f.Read(in, byID{})
			if err != nil {
				t.Fatalf("%s.%s: the generator made a value that the field does not read: %v", kind.Name, f.Path(), err)
			}
			f.Set(rec, v)
		}
		if d, ok := rec.(*model.ReviewDecision); ok && !d.Person.IsZero() {
			// Nobody decides about their own access: such a record is refused.
			if d.Reviewer == d.Person {
				d.Reviewer = model.Ref{}
			}
			if d.DecidedBy == d.Person {
				d.DecidedBy = model.Ref{}
			}
		}
		return rec
	})
}

// byID reads refs that are written as ids.
type byID struct{}

// Resolve reads the id.
func (byID) Resolve(_ []string, text string) (model.Ref, error) {
	id, err := model.ParseID(text)
	return model.Ref(id), err
}

// value draws a value of a field in the form that model.Field.Read takes, or nil where there can be none.
func value(t *rapid.T, f *model.Field, refs func([]string) []model.Ref) any {
	name := f.Path()
	switch f.Type {
	case model.TextField:
		return text(t, f)
	case model.TextsField:
		out := make([]any, rapid.IntRange(1, 4).Draw(t, name+" length"))
		for i := range out {
			out[i] = text(t, f)
		}
		return out
	case model.EnumField:
		return rapid.SampledFrom(f.Options).Draw(t, name).Value
	case model.BoolField:
		return true
	case model.RefField, model.RefsField:
		return links(t, f, refs)
	case model.TableField:
		return rows(t, f, refs)
	}
	return scalar(t, f)
}

func scalar(t *rapid.T, f *model.Field) string {
	name := f.Path()
	number := func(name string, low, high float64) string {
		n := rapid.OneOf(rapid.Float64Range(low, high), rapid.Map(rapid.Float64Range(low, high), func(n float64) float64 { return float64(int64(n)) })).Draw(t, name)
		return strconv.FormatFloat(n, 'f', -1, 64)
	}
	low, high := -1e9, 1e9
	if f.HasMin {
		low = f.Min
	}
	if f.HasMax {
		high = f.Max
	}
	switch f.Type {
	case model.IntegerField:
		return strconv.FormatInt(rapid.Int64Range(int64(low), int64(high)).Draw(t, name), 10)
	case model.NumberField, model.PercentField:
		return number(name, low, high)
	case model.DateField:
		return model.NewDate(rapid.IntRange(1, 9999).Draw(t, name+" year"), time.Month(rapid.IntRange(1, 12).Draw(t, name+" month")), rapid.IntRange(2, 28).Draw(t, name+" day")).String()
	case model.TimeField:
		return model.Time(rapid.Int64Range(-62e12, 253e12).Filter(func(ms int64) bool { return ms != 0 }).Draw(t, name)).String()
	case model.DurationField:
		return model.Duration(time.Duration(rapid.Int64Range(1, 3e9).Draw(t, name)) * time.Second).String()
	case model.MoneyField:
		return rapid.StringMatching(`-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,4})? (EUR|USD|JPY|CHF)`).Draw(t, name)
	case model.RangeField:
		n := []float64{rapid.Float64Range(-1e6, 1e6).Draw(t, name+" low"), rapid.Float64Range(0, 1e6).Draw(t, name+" more"), rapid.Float64Range(0, 1e6).Draw(t, name+" most")}
		return model.Range{Low: n[0], Likely: n[0] + n[1], High: n[0] + n[1] + n[2]}.String()
	}
	t.Fatalf("%s: the generator does not know the type %s", name, f.Type)
	return ""
}

// hostile are texts that are more to some parser than they are to people.
var hostile = []string{
	"1.10", "007", "-12", "+49 30 1234567", "1e3", "0x1F", "12:30", "2027-06-30", "yes", "No", "on", "true", "null", "NULL", "~", "-", "n/a", "none",
	"=1+1", "=cmd|' /C calc'!A0", "@SUM(A1)", "\tx", "'", "''", "'tis", "'=1", "''-1", `"`, `"quoted"`, `a"b`, "a;b", "a,b", "a|b", "a\tb", "; ", "a;=1+1", `a",=1+1`, "a\n-b", "'-", "'-'",
	"# no comment", "a # b", "a: b", "a:", ": a", "- a", "? a", "&a", "*a", "!a", "!!str a", "%a", "`a", "[a]", "[]", "{}", "{a: b}", `["a"]`, "|", ">", "<<", "---", "...", "--- a", "<a&b>", "]]>", "_x0041_",
	" a", "a ", "\na", "a\n", "a\n\n", "a\r\nb", "a\rb", "\r", "a\n b\n  c", "  a\nb", "a \nb ", "a\n\tb", "a\nb\n", "\u00a0a", "a\u2028b", "\ufeffa", "a\u200bb", "Zürich", "日本", "🧭", "e\u0301",
}

var plain = rapid.StringMatching(`[A-Za-z][a-z]{0,8}( [A-Za-z0-9][a-z0-9.]{0,8}){0,3}`)

var wild = rapid.StringOfN(rapid.Rune().Filter(func(r rune) bool {
	noncharacter := r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF
	return r != unicode.ReplacementChar && !unicode.IsControl(r) && !noncharacter
}), 1, 12, -1)

func text(t *rapid.T, f *model.Field) string {
	name := f.Path()
	switch f.Format {
	case "key":
		return rapid.StringMatching(`[a-z0-9][a-z0-9._/@+-]{0,20}`).Draw(t, name)
	case "email":
		return rapid.StringMatching(`[a-z]{1,8}(\.[a-z]{1,8})?@[a-z]{1,8}\.example`).Draw(t, name)
	case "url":
		return rapid.StringMatching(`https?://[a-z]{1,8}\.example/[a-z0-9]{0,8}(\?q=[a-z0-9]{1,4})?(#[a-z]{1,4})?`).Draw(t, name)
	case "ip":
		return rapid.SampledFrom([]string{"192.0.2.7", "192.0.2.0/24", "2001:db8::1", "2001:db8::/32", "::1"}).Draw(t, name)
	case "purl":
		return rapid.StringMatching(`pkg:(npm|golang|maven|deb)/[a-z]{1,8}/[a-z%0-9-]{1,8}`).Draw(t, name)
	case "country":
		return rapid.StringMatching(`[A-Z]{2}`).Draw(t, name)
	}
	return rapid.OneOf(plain, rapid.SampledFrom(hostile), wild).Draw(t, name)
}

func links(t *rapid.T, f *model.Field, refs func([]string) []model.Ref) any {
	if refs == nil {
		return nil
	}
	all := refs(f.To)
	if len(all) == 0 {
		return nil
	}
	if f.Type == model.RefField {
		return rapid.SampledFrom(all).Draw(t, f.Path()).String()
	}
	var out []any
	for _, r := range rapid.SliceOfNDistinct(rapid.SampledFrom(all), 1, min(3, len(all)), rapid.ID[model.Ref]).Draw(t, f.Path()) {
		out = append(out, r.String())
	}
	return out
}

func rows(t *rapid.T, f *model.Field, refs func([]string) []model.Ref) any {
	out := make([]any, rapid.IntRange(1, 3).Draw(t, f.Name+" rows"))
	for i := range out {
		row := map[string]any{}
		for _, c := range f.Columns {
			if !c.Required && rapid.Bool().Draw(t, c.Path()+"?") {
				continue
			}
			if v := value(t, c, refs); v != nil {
				row[c.Name] = v
			}
		}
		out[i] = row
	}
	return out
}
