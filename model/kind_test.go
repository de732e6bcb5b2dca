package model_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/model/modeltest"
)

// grown returns the built-in kinds with a field of every definable type on
// Application, and the kind Vessel of the organisation's own with the same fields.
func grown(t testing.TB) *model.Schema {
	t.Helper()
	kinds := []*model.KindDefinition{{Meta: model.Meta{Key: "Vessel", Description: "Vessel is a ship."}}}
	var fields []*model.FieldDefinition
	for _, kind := range []string{"Application", "Vessel"} {
		for _, o := range model.DefinableType("").Options() {
			d := &model.FieldDefinition{Kind: kind, Field: "own_" + o.Value, Type: model.DefinableType(o.Value)}
			d.Key, d.Description = kind+"."+d.Field, "A field of the organisation."
			if o.Value == "enum" {
				d.Options = []string{"small", "large"}
			}
			if o.Value == "ref" {
				d.To, d.Flow = []string{"hosts"}, "needs"
			}
			fields = append(fields, d)
		}
	}
	schema, errs := model.Builtin().With(kinds, fields)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return schema
}

// eachKind runs a test for every kind, the built-in ones and one of the organisation's own.
func eachKind(t *testing.T, test func(t *testing.T, k *model.Kind, records *rapid.Generator[model.Record], names *modeltest.Names)) {
	schema := grown(t)
	names := modeltest.NewNames(schema, 3)
	for _, k := range schema.Kinds() {
		t.Run(k.Name, func(t *testing.T) { test(t, k, modeltest.Record(k, names.Refs), names) })
	}
}

// same fails where two records of a kind differ in any value.
func same(t rapid.TB, k *model.Kind, got, want model.Record) {
	t.Helper()
	if d := cmp.Diff(string(k.Encode(want)), string(k.Encode(got))); d != "" {
		t.Fatalf("the records differ (-want +got):\n%s", d)
	}
	if c, differs := model.Difference(k, want, got); differs {
		t.Fatalf("the records differ: %+v", c)
	}
	for _, f := range k.Fields {
		if a, b := f.Get(want), f.Get(got); !reflect.DeepEqual(a, b) && f.Type != model.MoneyField && f.Type != model.TableField {
			t.Fatalf("%s is %#v, want %#v", f.Name, b, a)
		}
	}
}

func TestARecordIsDecodedAsItWasEncoded(t *testing.T) {
	eachKind(t, func(t *testing.T, k *model.Kind, records *rapid.Generator[model.Record], _ *modeltest.Names) {
		rapid.Check(t, func(t *rapid.T) {
			rec := records.Draw(t, "record")
			body := k.Encode(rec)
			if !json.Valid(body) {
				t.Fatalf("the body is not JSON: %s", body)
			}
			got, err := k.Decode(body)
			if err != nil {
				t.Fatal(err)
			}
			same(t, k, got, rec)
		})
	})
}

func TestAFieldIsReadAsItWasWritten(t *testing.T) {
	eachKind(t, func(t *testing.T, k *model.Kind, records *rapid.Generator[model.Record], names *modeltest.Names) {
		rapid.Check(t, func(t *rapid.T) {
			rec := records.Draw(t, "record")
			fromText, fromTree := k.New(), k.New()
			for _, f := range k.Fields {
				for to, in := range map[model.Record]any{fromText: f.Text(rec, names), fromTree: f.Tree(rec, names)} {
					v, err := f.Read(in, names)
					if err != nil {
						t.Fatalf("%s %q: %v", f.Name, in, err)
					}
					f.Set(to, v)
				}
			}
			same(t, k, fromText, rec)
			same(t, k, fromTree, rec)
		})
	})
}

func TestChangesFollowTheirLaws(t *testing.T) {
	eachKind(t, func(t *testing.T, k *model.Kind, records *rapid.Generator[model.Record], _ *modeltest.Names) {
		rapid.Check(t, func(t *rapid.T) {
			before, after := records.Draw(t, "before"), records.Draw(t, "after")
			before.Base().ID, after.Base().ID = model.ID{15: 7}, model.ID{15: 7}
			for name, sides := range map[string][2]model.Record{"create": {nil, after}, "edit": {before, after}, "remove": {before, nil}, "nothing": {before, model.Clone(before)}} {
				c, differs := model.Difference(k, sides[0], sides[1])
				if !slices.IsSortedFunc(c.Fields, func(a, b model.FieldChange) int { return strings.Compare(a.Name, b.Name) }) {
					t.Fatalf("%s: the fields are not in the order of their names: %+v", name, c.Fields)
				}
				if name == "nothing" && differs {
					t.Fatalf("a record differs from its clone: %+v", c)
				}
				c = throughJSON(t, c)
				if sides[1] != nil {
					there, err := k.ApplyFields(sides[0], &c)
					if err != nil {
						t.Fatal(err)
					}
					same(t, k, there, sides[1])
				}
				if sides[0] != nil {
					inverse := c.Inverse(c.Version + 1)
					back, err := k.ApplyFields(sides[1], &inverse)
					if err != nil {
						t.Fatal(err)
					}
					same(t, k, back, sides[0])
				}
			}
		})
	})
}

// throughJSON returns a change as it is after it was kept.
func throughJSON(t rapid.TB, c model.Change) model.Change {
	t.Helper()
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var out model.Change
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACloneMayBeChanged(t *testing.T) {
	eachKind(t, func(t *testing.T, k *model.Kind, records *rapid.Generator[model.Record], _ *modeltest.Names) {
		rapid.Check(t, func(t *rapid.T) {
			rec, other := records.Draw(t, "record"), records.Draw(t, "other")
			before := k.Encode(rec)
			clone := model.Clone(rec)
			same(t, k, clone, rec)
			for _, f := range k.Fields {
				f.Set(clone, f.Get(other))
				f.MapRefs(clone, func(_ *model.Field, r model.Ref) model.Ref { r[0]++; return r })
			}
			if after := k.Encode(rec); !bytes.Equal(before, after) {
				t.Fatalf("a change of the clone changed the record:\n%s\n%s", before, after)
			}
		})
	})
}

func TestRefsAreFoundAndMapped(t *testing.T) {
	eachKind(t, func(t *testing.T, k *model.Kind, records *rapid.Generator[model.Record], _ *modeltest.Names) {
		rapid.Check(t, func(t *rapid.T) {
			rec := records.Draw(t, "record")
			count := func() (n int) {
				for _, f := range k.RefFields() {
					n += len(f.AppendRefs(nil, rec))
				}
				return n
			}
			before, seen := count(), 0
			for _, f := range k.Fields {
				f.MapRefs(rec, func(at *model.Field, r model.Ref) model.Ref {
					seen++
					if r.IsZero() || !at.IsRef() {
						t.Fatalf("%s: asked to map %v", at.Path(), r)
					}
					return model.Ref{}
				})
			}
			if seen != before || count() != 0 {
				t.Fatalf("%d refs, %d mapped, %d left", before, seen, count())
			}
		})
	})
}

// TestValuesOutliveTheirDefinition defines a field, takes the definition away,
// gives it another type and gives it back: nothing is lost, and every way to the same state is the same.
func TestValuesOutliveTheirDefinition(t *testing.T) {
	schema := func(types ...model.DefinableType) *model.Kind {
		var fields []*model.FieldDefinition
		for _, typ := range types {
			fields = append(fields, &model.FieldDefinition{Kind: "Application", Field: "berth", Type: typ, Options: []string{"north"}})
		}
		s, errs := model.Builtin().With(nil, fields)
		if len(errs) > 0 {
			t.Fatal(errs)
		}
		return s.Kind("Application")
	}
	for _, o := range model.DefinableType("").Options() {
		t.Run(o.Value, func(t *testing.T) {
			with, without, number := schema(model.DefinableType(o.Value)), schema(), schema("integer")
			rapid.Check(t, func(t *rapid.T) {
				app := modeltest.Record(with, modeltest.NewNames(model.Builtin(), 2).Refs).Draw(t, "record")
				body := with.Encode(app)
				for name, k := range map[string]*model.Kind{"without": without, "as a number": number} {
					decoded, err := k.Decode(body)
					if err != nil {
						t.Fatalf("%s: %v", name, err)
					}
					if got := k.Encode(app); !bytes.Equal(got, k.Encode(decoded)) || len(got) != len(body) {
						t.Fatalf("%s: the live record is kept as\n%s\nthe decoded one as\n%s\nthe body was\n%s", name, got, k.Encode(decoded), body)
					}
					if c, differs := model.Difference(k, app, decoded); differs {
						t.Fatalf("%s: the live record differs from the decoded one: %+v", name, c)
					}
					gone, _ := model.Difference(k, decoded, nil)
					if !slices.IsSortedFunc(gone.Fields, func(a, b model.FieldChange) int { return strings.Compare(a.Name, b.Name) }) {
						t.Fatalf("%s: a removal has its fields in disorder", name)
					}
					inverse := gone.Inverse(0)
					back, err := k.ApplyFields(nil, &inverse)
					if err != nil {
						t.Fatal(err)
					}
					same(t, with, back, app)
				}
			})
		})
	}
}

func TestDecodeKeepsWhatItDoesNotKnow(t *testing.T) {
	k := model.Builtin().Kind("Site")
	rec, err := k.Decode([]byte(`{"key":"hq","berth":{"a": [1, 2]},"name":"HQ"}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(k.Encode(rec)), `{"key":"hq","name":"HQ","berth":{"a":[1,2]}}`; got != want {
		t.Errorf("kept as %s, want %s", got, want)
	}
	after := model.Clone(rec)
	after.Base().Extra = nil
	c, _ := model.Difference(k, rec, after)
	if _, touched := c.Field("berth"); !touched {
		t.Errorf("the loss of an unknown value is no change: %+v", c)
	}
	for _, body := range []string{``, `[]`, `{`, `{"key":1}`, `{"key":"a"} x`, `{"latitude":"x"}`, `{"tags":{}}`, `{"tags":["a"`, `null`, `{"owner":"nobody"}`} {
		if rec, err := k.Decode([]byte(body)); err == nil {
			t.Errorf("%s was decoded as %s", body, k.Encode(rec))
		}
	}
}

func FuzzDecode(f *testing.F) {
	schema := grown(f)
	names := modeltest.NewNames(schema, 2)
	for i, k := range schema.Kinds() {
		f.Add(i, k.Encode(modeltest.Record(k, names.Refs).Example(i)))
	}
	f.Fuzz(func(t *testing.T, i int, body []byte) {
		k := schema.Kinds()[max(i, -i-1)%len(schema.Kinds())]
		rec, err := k.Decode(body)
		if err != nil {
			return
		}
		k.Check(rec)
		for _, f := range k.Fields {
			f.Text(rec, names)
			f.Tree(rec, names)
		}
		once := k.Encode(rec)
		again, err := k.Decode(once)
		if err != nil {
			t.Fatalf("%s\nis kept as\n%s\nwhich cannot be decoded: %v", body, once, err)
		}
		if twice := k.Encode(again); !bytes.Equal(once, twice) {
			t.Fatalf("%s\nis kept as\n%s\nand then as\n%s", body, once, twice)
		}
	})
}

func FuzzRead(f *testing.F) {
	schema := grown(f)
	names := modeltest.NewNames(schema, 2)
	k := schema.Kind("Vessel")
	for i, field := range k.Fields {
		f.Add(i, field.Text(modeltest.Record(k, names.Refs).Example(i), names))
		f.Add(i, `["a;b", ""]`)
	}
	f.Fuzz(func(t *testing.T, i int, text string) {
		field := k.Fields[max(i, -i-1)%len(k.Fields)]
		v, err := field.Read(text, names)
		if err != nil {
			return
		}
		rec, again := k.New(), k.New()
		field.Set(rec, v)
		if len(k.Check(rec)) > 0 && field.Name != "key" && slices.ContainsFunc(k.Check(rec), func(p model.Problem) bool { return p.Field != "key" }) {
			return
		}
		v, err = field.Read(field.Text(rec, names), names)
		if err != nil {
			t.Fatalf("%s: %q is written as %q, which is not read: %v", field.Name, text, field.Text(rec, names), err)
		}
		field.Set(again, v)
		if c, differs := model.Difference(k, rec, again); differs {
			t.Fatalf("%s: %q changes when it is written and read: %+v", field.Name, text, c)
		}
	})
}

func TestTagsNameWhatExists(t *testing.T) {
	schema := grown(t)
	for _, k := range schema.Kinds() {
		columns := func(fields []*model.Field) (out []*model.Field) {
			for _, f := range fields {
				out = append(append(out, f), f.Columns...)
			}
			return out
		}
		for _, f := range columns(k.Fields) {
			at := k.Name + "." + f.Path()
			for _, to := range f.To {
				if target := schema.Kind(to); target == nil || target.Name != to {
					t.Errorf("%s points to %q, which is not the name of a kind", at, to)
				}
			}
			if f.NeededBy != "" && (k.Field(f.NeededBy) == nil || k.Field(f.NeededBy).Type != model.IntegerField) {
				t.Errorf("%s: the tag needed names %q, which is no integer field", at, f.NeededBy)
			}
			if f.FlowIf != "" && (k.Field(f.FlowIf) == nil || k.Field(f.FlowIf).Type != model.BoolField) {
				t.Errorf("%s: the tag flowif names %q, which is no yes-or-no field", at, f.FlowIf)
			}
			if (f.NeededBy != "" || f.FlowIf != "") && f.Flow == model.NoFlow {
				t.Errorf("%s: says when a failure travels, but none does", at)
			}
			if f.Flow != model.NoFlow && f.Flow != model.Needs && f.Flow != model.Serves {
				t.Errorf("%s: %q is no flow", at, f.Flow)
			}
			if !f.IsRef() && (f.Back != "" || f.Flow != model.NoFlow || len(f.To) > 0) {
				t.Errorf("%s is no link and has the tags of one", at)
			}
			if f.IsRef() && !f.Custom && f.Back == "" {
				t.Errorf("%s has no name for the way back", at)
			}
			if f.Ident != "" && f.Type != model.TextField && f.Type != model.TextsField {
				t.Errorf("%s identifies, but is no text", at)
			}
			if f.IsRef() && schema.RefField(f.Number).Path() != f.Path() {
				t.Errorf("%s has the number of %s", at, schema.RefField(f.Number).Path())
			}
			checkOptions(t, at, f)
		}
	}
}

func checkOptions(t *testing.T, at string, f *model.Field) {
	t.Helper()
	values := map[string]bool{}
	for _, o := range f.Options {
		if values[o.Value] || o.Value == "" || o.Label == "" || o.Help == "" && !f.Custom {
			t.Errorf("%s: the option %+v is twice there or lacks a part", at, o)
		}
		values[o.Value] = true
	}
	for from, moves := range f.Moves {
		for _, to := range append([]string{from}, moves...) {
			if !values[to] {
				t.Errorf("%s: the transition %s to %s is not between options", at, from, to)
			}
		}
		if slices.Contains(moves, from) {
			t.Errorf("%s: %s may become itself", at, from)
		}
	}
	if (f.Type == model.EnumField) != (len(f.Options) > 0) {
		t.Errorf("%s: has %d options and the type %s", at, len(f.Options), f.Type)
	}
}

func TestLabelsAreWords(t *testing.T) {
	labels := map[string]string{}
	for _, k := range grown(t).Kinds() {
		for _, name := range []string{k.Name, k.Label, k.Plural} {
			if was, taken := labels[strings.ToLower(name)]; taken && was != k.Name {
				t.Errorf("%s and %s are both called %s", was, k.Name, name)
			}
			labels[strings.ToLower(name)] = k.Name
		}
		if k.Label == k.Plural {
			t.Errorf("%s is called the same alone and together: %s", k.Name, k.Label)
		}
		for _, f := range k.Fields {
			if f.Label == "" || strings.ToUpper(f.Label[:1]) != f.Label[:1] || strings.Contains(f.Label, "  ") || strings.HasSuffix(f.Label, " s") {
				t.Errorf("%s.%s is called %q", k.Name, f.Name, f.Label)
			}
		}
	}
	for name, want := range map[string]string{
		"EndOfLife": "End of life", "CPUCores": "CPU cores", "CPUs": "CPUs", "MACs": "MACs", "IPs": "IPs", "PackageURLs": "Package URLs", "OSVersion": "OS version",
		"TaxID": "Tax ID", "LTSFrom": "LTS from", "URLsSeen": "URLs seen", "A": "A", "": "", "UseOfAI": "Use of AI", "Is": "Is", "CapEx": "Cap ex",
	} {
		if got := model.Spaced(name); got != want {
			t.Errorf("Spaced(%q) = %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"EndOfLife": "end_of_life", "CPUCores": "cpu_cores", "CPUs": "cpus", "TaxID": "tax_id"} {
		if got := model.Snake(name); got != want {
			t.Errorf("Snake(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestDefinitionsThatCannotWorkAreNamed(t *testing.T) {
	kind := func(key string) *model.KindDefinition { return &model.KindDefinition{Meta: model.Meta{Key: key}} }
	for _, key := range []string{"", "host", "Hosts", "Data sets", "a/b", "a b", "1st", "Ves sel", "-", "_x"} {
		if _, errs := model.Builtin().With([]*model.KindDefinition{kind(key)}, nil); len(errs) != 1 {
			t.Errorf("the kind %q was taken", key)
		}
	}
	for _, key := range []string{"y", "Vessel", "Gerät", "Shop2", "own_kind"} {
		if _, errs := model.Builtin().With([]*model.KindDefinition{kind(key)}, nil); len(errs) != 0 {
			t.Errorf("the kind %q was not taken: %v", key, errs)
		}
	}
	for name, d := range map[string]model.FieldDefinition{
		"no kind":             {Kind: "Vessel", Field: "a", Type: "text"},
		"no name":             {Kind: "Host", Type: "text"},
		"a name in capitals":  {Kind: "Host", Field: "Berth", Type: "text"},
		"a digit first":       {Kind: "Host", Field: "1st", Type: "text"},
		"a field that exists": {Kind: "Host", Field: "serial", Type: "text"},
		"no type":             {Kind: "Host", Field: "a"},
		"an unknown type":     {Kind: "Host", Field: "a", Type: "blob"},
		"no options":          {Kind: "Host", Field: "a", Type: "enum"},
		"an empty option":     {Kind: "Host", Field: "a", Type: "enum", Options: []string{"x", " "}},
		"a link to nowhere":   {Kind: "Host", Field: "a", Type: "ref", To: []string{"Vessel"}},
		"an unknown format":   {Kind: "Host", Field: "a", Type: "text", Format: "poem"},
		"an identity date":    {Kind: "Host", Field: "a", Type: "date", Ident: "born"},
	} {
		if _, errs := model.Builtin().With(nil, []*model.FieldDefinition{&d}); len(errs) != 1 {
			t.Errorf("a field with %s was taken", name)
		}
	}
	before := model.Builtin().RefFields()
	grown(t)
	if model.Builtin().RefFields() != before || model.Builtin().Kind("Application").Field("own_text") != nil {
		t.Error("a definition changed the built-in kinds")
	}
}

func TestTwoDefinitionsOfOneFieldAreOne(t *testing.T) {
	twice := []*model.FieldDefinition{{Kind: "Host", Field: "berth", Type: "text"}, {Kind: "Host", Field: "berth", Type: "integer"}}
	twice[0].Created.Seq, twice[1].Created.Seq = 2, 1
	s, errs := model.Builtin().With(nil, twice)
	if len(errs) != 1 || s.Kind("Host").Field("berth").Type != model.IntegerField {
		t.Errorf("the older definition does not win: %v, %v", s.Kind("Host").Field("berth").Type, errs)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	schema := grown(t)
	ref := model.Ref{15: 1}
	for name, line := range map[string]struct {
		rec  model.Record
		want string
	}{
		"no key":                  {&model.Site{}, "key"},
		"a key with a space":      {&model.Site{Meta: model.Meta{Key: "a b"}}, "key"},
		"a control character":     {&model.Site{Meta: model.Meta{Key: "a", Name: "\x01"}}, "name"},
		"broken UTF-8":            {&model.Site{Meta: model.Meta{Key: "a", Name: "\xff"}}, "name"},
		"a text too long":         {&model.Site{Meta: model.Meta{Key: "a", Description: strings.Repeat("x", 1<<20+1)}}, "description"},
		"an unknown option":       {&model.Site{Meta: model.Meta{Key: "a"}, Use: "bunker"}, "use"},
		"the label of an option":  {&model.Site{Meta: model.Meta{Key: "a"}, Use: "Office"}, "use"},
		"a country in full":       {&model.Site{Meta: model.Meta{Key: "a"}, Country: "Germany"}, "country"},
		"a country in digits":     {&model.Site{Meta: model.Meta{Key: "a"}, Country: "49"}, "country"},
		"north of the pole":       {&model.Site{Meta: model.Meta{Key: "a"}, Latitude: 90.5}, "latitude"},
		"a latitude of no number": {&model.Site{Meta: model.Meta{Key: "a"}, Latitude: nan()}, "latitude"},
		"an address of no IP":     {&model.Host{Meta: model.Meta{Key: "a"}, IPs: []string{"10.0.0.1", "10.0.0.0/x"}}, "ips"},
		"a port too high":         {&model.Host{Meta: model.Meta{Key: "a"}, Ports: []model.OpenPort{{Port: 22}, {Port: 65536}}}, "ports[1].port"},
		"software without a name": {&model.Host{Meta: model.Meta{Key: "a"}, Software: []model.InstalledSoftware{{Version: "1"}}}, "software[0].name"},
		"the same link twice":     {&model.Host{Meta: model.Meta{Key: "a"}, Network: []model.Ref{ref, ref}}, "network"},
		"a year of five digits":   {&model.Goal{Meta: model.Meta{Key: "a"}, Due: model.NewDate(10000, 1, 1)}, "due"},
		"a moment before Christ":  {&model.Source{Meta: model.Meta{Key: "a"}, LastSeen: -1 << 60}, "last_seen"},
		"a length below nothing":  {&model.Service{Meta: model.Meta{Key: "a"}, RecoveryTime: -1}, "recovery_time"},
		"a mail address in part":  {&model.Person{Meta: model.Meta{Key: "a"}, Email: "a@"}, "email"},
		"a web address of a file": {&model.Vendor{Meta: model.Meta{Key: "a"}, Website: "file:///etc/passwd"}, "website"},
		"no link that is needed":  {&model.Contract{Meta: model.Meta{Key: "a"}}, "vendor"},
	} {
		problems := schema.Of(line.rec).Check(line.rec)
		if len(problems) != 1 || problems[0].Field != line.want || problems[0].Text == "" {
			t.Errorf("%s: found %v, want one problem of %s", name, problems, line.want)
		}
	}
	if problems := schema.Kind("Vessel").Check(schema.Kind("Vessel").New()); len(problems) != 1 {
		t.Errorf("an empty vessel has the problems %v", problems)
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

// TestEverythingExportedIsDocumented looks at the source, because help comes from there.
func TestEverythingExportedIsDocumented(t *testing.T) {
	fset := token.NewFileSet()
	//lint:ignore SA1019 the files of one folder without build tags are all that is asked for
	pkgs, err := parser.ParseDir(fset, ".", func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	missing := func(at token.Pos, name string, doc ...*ast.CommentGroup) {
		if ast.IsExported(name) && !slices.ContainsFunc(doc, func(c *ast.CommentGroup) bool { return strings.TrimSpace(c.Text()) != "" }) {
			t.Errorf("%s: %s has no doc comment", fset.Position(at), name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pkgs["model"].Files)) {
		for _, decl := range pkgs["model"].Files[name].Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				missing(decl.Pos(), decl.Name.Name, decl.Doc)
			case *ast.GenDecl:
				for _, spec := range decl.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						missing(spec.Pos(), spec.Names[0].Name, decl.Doc, spec.Doc)
					case *ast.TypeSpec:
						missing(spec.Pos(), spec.Name.Name, decl.Doc, spec.Doc)
						if s, ok := spec.Type.(*ast.StructType); ok && ast.IsExported(spec.Name.Name) {
							for _, f := range s.Fields.List {
								for _, n := range f.Names {
									missing(f.Pos(), n.Name, f.Doc)
								}
							}
						}
					}
				}
			}
		}
	}
}

func TestIdentitiesInNormalForm(t *testing.T) {
	for _, line := range []struct{ name, in, want string }{
		{"mac", "00:1A:2b-3c.4D:5e", "001a2b3c4d5e"}, {"mac", "00:00:00:00:00:00", ""}, {"mac", "FF:FF:FF:FF:FF:FF", ""}, {"mac", "00:1a", ""},
		{"serial", " abc123 ", "ABC123"}, {"serial", "To be filled by O.E.M.", ""}, {"serial", "0000000", ""}, {"serial", "Default string", ""}, {"serial", "", ""},
		{"uuid", "00000000-0000-0000-0000-000000000000", ""}, {"uuid", "ffffffff-FFFF-ffff-ffff-ffffffffffff", ""}, {"uuid", "4c4c4544-0043", "4C4C4544-0043"},
		{"fqdn", "Web-01.Example.com.", "web-01.example.com"}, {"fqdn", "localhost", ""}, {"email", " A@B.example ", "a@b.example"}, {"purl", "pkg:npm/A", "pkg:npm/A"},
	} {
		if got := model.NormalIdent(line.name, line.in); got != line.want {
			t.Errorf("NormalIdent(%s, %q) = %q, want %q", line.name, line.in, got, line.want)
		}
		if again := model.NormalIdent(line.name, line.want); again != line.want {
			t.Errorf("the normal form %s %q becomes %q", line.name, line.want, again)
		}
	}
}

func TestTheListOfKindsIsWhole(t *testing.T) {
	if testing.Verbose() {
		for _, k := range model.Builtin().Kinds() {
			fmt.Printf("%-16s %-20s %-20s %s\n", k.Name, k.Label, k.Plural, k.Group)
		}
	}
	for _, k := range model.Builtin().Kinds() {
		for _, name := range []string{k.Name, strings.ToUpper(k.Name), k.Plural, " " + k.Label + " "} {
			if model.Builtin().Kind(name) != k {
				t.Errorf("%q does not find %s", name, k.Name)
			}
		}
		if rec := k.New(); model.NameOf(rec) != k.Name || model.Builtin().Of(rec) != k {
			t.Errorf("a new %s is a %s", k.Name, model.NameOf(rec))
		}
	}
}
