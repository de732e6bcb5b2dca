package sheet

import (
	"bytes"
	"flag"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
	"binnacle/model/modeltest"
)

func people(kind *model.Kind) []*model.Field {
	return slices.DeleteFunc(slices.Clone(kind.Fields), func(f *model.Field) bool { return f.System })
}

type writer func(io.Writer, *model.Kind, []*model.Field, iter.Seq[model.Record], model.Namer) error

var writers = map[string]writer{"CSV": WriteCSV, "XLSX": WriteXLSX}

func TestReadUndoesWriteForEveryKind(t *testing.T) {
	schema := feedtest.OwnSchema(t)
	names := modeltest.NewNames(schema, 2)
	for _, format := range []string{"CSV", "XLSX"} {
		write := writers[format]
		if format == "XLSX" {
			// A workbook takes a hundred times as long as a text.
			checks := flag.Lookup("rapid.checks")
			defer checks.Value.Set(checks.Value.String())
			if err := checks.Value.Set("20"); err != nil {
				t.Fatal(err)
			}
		}
		for _, kind := range schema.Kinds() {
			t.Run(format+"/"+kind.Name, rapid.MakeCheck(func(t *rapid.T) {
				recs := rapid.SliceOfNDistinct(modeltest.Record(kind, names.Refs), 1, 4, func(r model.Record) string { return r.Base().Key }).Draw(t, "records")
				want := map[string]map[string]any{}
				for _, rec := range recs {
					want[rec.Base().Key] = feedtest.Tree(kind, rec, names)
				}
				var file bytes.Buffer
				if err := write(&file, kind, people(kind), slices.Values(recs), names); err != nil {
					t.Fatal(err)
				}
				b := feed.NewBatch(schema, "export")
				if err := Read(t.Context(), feed.Input{Name: "export", Data: file.Bytes()}, b); err != nil {
					t.Fatalf("%v\n%q", err, &file)
				}
				for _, r := range b.Refused {
					t.Errorf("refused: %v", r)
				}
				for _, n := range b.Notes {
					t.Errorf("note: %s", n)
				}
				if diff := cmp.Diff(want, feedtest.Trees(b, kind)); diff != "" {
					t.Errorf("what is read differs from what was written (-written +read):\n%s", diff)
				}
				if format == "XLSX" && Detect(file.Bytes()) < 90 {
					t.Errorf("the workbook is not recognised")
				}
			}))
		}
	}
}

// cells takes a row apart as a spreadsheet program does that splits at comma.
func cellsOf(t *testing.T, text string, comma byte) [][]string {
	var out [][]string
	r := newCSVReader([]byte(text), comma)
	for {
		line, ok := r.next(nil)
		if !ok {
			return out
		}
		var texts []string
		for _, c := range line.cells {
			texts = append(texts, c.text)
		}
		out = append(out, texts)
	}
}

func TestNothingThatIsWrittenIsRunAsAFormula(t *testing.T) {
	kind := model.Builtin().Kind("Host")
	fields := []*model.Field{kind.Field("key"), kind.Field("name"), kind.Field("rack"), kind.Field("tags"), kind.Field("availability")}
	attacks := []string{
		"=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "'=1", "a;=1+1", "a;=1+1;b", `a",=1+1,"`, "a\t=1", "a|=1", "a\n=1", "a\r\n@x", `"=1`, "a;'=1", `=HYPERLINK("http://x";"y")`,
	}
	for _, attack := range attacks {
		rec := &model.Host{Meta: model.Meta{Key: "a", Name: attack, Tags: []string{attack, "b"}}, Rack: "x" + attack}
		var file strings.Builder
		if err := WriteCSV(&file, kind, fields, slices.Values([]model.Record{rec}), nil); err != nil {
			t.Fatal(err)
		}
		for _, comma := range []byte{',', ';', '\t', '|'} {
			for _, line := range cellsOf(t, file.String(), comma) {
				for _, c := range line {
					if c != "" && strings.ContainsRune("=+-@\t\r\x00＝＋－＠", []rune(c)[0]) {
						t.Errorf("%q, split at %q, gives the cell %q in\n%s", attack, comma, c, file.String())
					}
				}
			}
		}
	}
	negative := &model.Site{Meta: model.Meta{Key: "a"}, Latitude: -33.9}
	var file strings.Builder
	site := model.Builtin().Of(negative)
	if err := WriteCSV(&file, site, []*model.Field{site.Field("key"), site.Field("latitude")}, slices.Values([]model.Record{negative}), nil); err != nil {
		t.Fatal(err)
	}
	if want := "kind,key,latitude\r\nSite,a,-33.9\r\n"; file.String() != want {
		t.Errorf("a number below zero: got %q, want %q", file.String(), want)
	}
}

func TestGuardsAreUndone(t *testing.T) {
	texts := rapid.OneOf(rapid.StringOf(rapid.SampledFrom([]rune("'=-+@,;|\"\t\r\n ax＝"))), rapid.String())
	rapid.Check(t, func(t *rapid.T) {
		text := texts.Draw(t, "text")
		start := guardStart(text)
		if got, _ := unguardStart(start); got != text {
			t.Fatalf("guardStart(%q) = %q, which becomes %q", text, start, got)
		}
		both := guardInside(start)
		if got := unguardInside(both); got != start {
			t.Fatalf("guardInside(%q) = %q, which becomes %q", start, both, got)
		}
	})
}

func TestWriteXLSXRefusesWhatACellCannotHold(t *testing.T) {
	kind := model.Builtin().Kind("Host")
	for text, want := range map[string]string{strings.Repeat("x", 40_000): "40000 characters", "a\uFFFEb": "U+FFFE"} {
		rec := &model.Host{Meta: model.Meta{Key: "a", Description: text}}
		err := WriteXLSX(io.Discard, kind, kind.Fields, slices.Values([]model.Record{rec}), nil)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "write Hosts as XLSX: a: description:") {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}
