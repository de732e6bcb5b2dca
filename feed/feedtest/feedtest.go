// Package feedtest is what the tests of formats have in common: reading a content
// that must be readable, writing down what was proposed, and the checks that every format must pass.
package feedtest

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binnacle/feed"
	"binnacle/model"
)

// Try reads a content.
func Try(f feed.Format, name string, data []byte) (*feed.Batch, error) {
	b := feed.NewBatch(model.Builtin(), name)
	return b, f.Read(context.Background(), feed.Input{Name: name, Data: data}, b)
}

// Read reads a content that must be readable and whose records must be ones that an estate may hold.
func Read(t testing.TB, f feed.Format, name string, data []byte) *feed.Batch {
	t.Helper()
	b, err := Try(f, name, data)
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	for _, item := range b.Items {
		for _, problem := range b.Schema.Of(item.Record).Check(item.Record) {
			t.Errorf("%s %s would be refused: %v", model.NameOf(item.Record), item.Record.Base().Key, problem)
		}
	}
	return b
}

// Refuses makes sure that contents cannot be read and that their errors say why.
// A row is what is special about the content, the content itself, and what its error must say.
func Refuses(t *testing.T, f feed.Format, rows [][3]string) {
	t.Helper()
	for _, row := range rows {
		if _, err := Try(f, "x", []byte(row[1])); err == nil || !strings.Contains(err.Error(), row[2]) {
			t.Errorf("%s: the error is %v; it should say %q", row[0], err, row[2])
		}
	}
}

// Detects makes sure that a format knows its own contents and not those of
// others. A row is what the content is and the content itself.
func Detects(t *testing.T, f feed.Format, own, others [][2]string) {
	t.Helper()
	for _, row := range own {
		if got := f.Detect([]byte(row[1])); got == 0 {
			t.Errorf("%s was not detected", row[0])
		}
	}
	for _, row := range others {
		if got := f.Detect([]byte(row[1])); got != 0 {
			t.Errorf("%s: detected with %d", row[0], got)
		}
	}
}

// Samples returns the folder with the files that other programs wrote, seen from
// the folder of a format. The test is skipped where there is none.
func Samples(t testing.TB) string {
	t.Helper()
	const folder = "../../../shared/data"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the folder ../shared/data is not there")
	}
	return folder
}

// DetectsOnly makes sure that, of all files that other programs wrote, a format
// knows only its own. The path that own is asked about starts within the folder of the samples.
func DetectsOnly(t *testing.T, f feed.Format, own func(path string) bool) {
	t.Helper()
	folder := Samples(t)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if got := f.Detect(text); (got > 0) != own(strings.TrimPrefix(filepath.ToSlash(path), folder+"/")) {
			t.Errorf("%s: detected with %d", path, got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Fuzz looks for contents that make a format panic or propose records that no
// estate may hold. Problems that contain one of the texts to bear with are left to the reconciliation.
func Fuzz(f *testing.F, format feed.Format, bear ...string) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if c := format.Detect(data); c < 0 || c > 100 {
			t.Fatalf("detected with %d", c)
		}
		b, err := Try(format, "fuzz.json", data)
		if err != nil {
			return
		}
		for _, item := range b.Items {
			for _, problem := range b.Schema.Of(item.Record).Check(item.Record) {
				if !borne(problem, bear) {
					t.Fatalf("%s %q: %v in %q", model.NameOf(item.Record), item.Record.Base().Key, problem, data)
				}
			}
		}
	})
}

func borne(problem model.Problem, bear []string) bool {
	for _, text := range bear {
		if strings.Contains(problem.Text, text) {
			return true
		}
	}
	return false
}

// Records returns the records of a kind that a batch proposes.
func Records[R model.Record](b *feed.Batch) []R {
	var out []R
	for _, item := range b.Items {
		if rec, ok := item.Record.(R); ok {
			out = append(out, rec)
		}
	}
	return out
}

// names writes refs within a batch as Kind/key.
type names map[model.Ref]string

// NameOf returns the kind and the key of the record that a ref within the batch points to.
func (n names) NameOf(r model.Ref) (kind, key string, ok bool) { return strings.Cut(n[r], "/") }

// Listing writes the records of a batch as a person would read them, one a line.
// What is only mentioned stands in brackets.
func Listing(b *feed.Batch) []string {
	known := names{}
	for _, item := range b.Items {
		known[item.Record.Base().Ref()] = model.NameOf(item.Record) + "/" + item.Record.Base().Key
	}
	var out []string
	for _, item := range b.Items {
		line := known[item.Record.Base().Ref()]
		if item.Mention {
			line = "(" + line + ")"
		}
		for _, f := range b.Schema.Of(item.Record).Fields {
			if text := f.Text(item.Record, known); text != "" && f.Name != "key" {
				line += fmt.Sprintf(" %s=%q", f.Name, text)
			}
		}
		out = append(out, line)
	}
	return out
}

// Picture writes every record of a batch under its external identity, with refs by the identity of what they point to.
func Picture(b *feed.Batch) map[string]string {
	known, out := map[model.Ref]string{}, map[string]string{}
	for _, item := range b.Items {
		known[item.Record.Base().Ref()] = item.Idents[0].Value
	}
	for _, item := range b.Items {
		var text strings.Builder
		kind := b.Schema.Of(item.Record)
		fmt.Fprintf(&text, "%s mention=%v", kind.Name, item.Mention)
		for _, f := range kind.Fields {
			if !f.Has(item.Record) {
				continue
			}
			if !f.IsRef() {
				fmt.Fprintf(&text, " %s=%s", f.Name, f.JSON(item.Record))
				continue
			}
			for _, ref := range f.AppendRefs(nil, item.Record) {
				fmt.Fprintf(&text, " %s=>%s", f.Name, known[ref])
			}
		}
		out[item.Idents[0].Value] = text.String()
	}
	return out
}
