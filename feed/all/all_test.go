package all

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"binnacle/feed"
)

func TestFormatsAreComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Formats() {
		if f.Name == "" || f.Label == "" || f.Help == "" || f.Rank < 1 || f.Rank > 100 || f.Detect == nil || f.Read == nil {
			t.Errorf("the format %q lacks something: %+v", f.Name, f)
		}
		if seen[f.Name] {
			t.Errorf("two formats have the name %q", f.Name)
		}
		seen[f.Name] = true
		if got, err := Format(strings.ToUpper(f.Name)); err != nil || got.Label != f.Label {
			t.Errorf("Format(%q) = %q, %v", f.Name, got.Label, err)
		}
	}
	if _, err := Format("excel"); err == nil || !strings.Contains(err.Error(), "sheet") {
		t.Errorf("an unknown format: %v", err)
	}
	folders, err := filepath.Glob("../*/")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if name := filepath.Base(folder); name != "all" && name != "feedtest" && name != "internal" && !seen[name] {
			t.Errorf("the format in feed/%s is not in the list", name)
		}
	}
}

func TestDetect(t *testing.T) {
	tests := map[string]string{
		"kind: Host\nkey: a\n":           "manifest",
		"hostname,serial\na,1\nb,2\n":    "sheet",
		"colour;size\nred;1\nblue;2\n":   "sheet",
		"":                               "not a format that Binnacle reads: the file is empty",
		"\x89PNG\r\n\x1a\n\x00\x00":      "not a format that Binnacle reads: it was tried as ",
		"# Read me\n\nThis, that.\n":     "not a format that Binnacle reads: it was tried as ",
		"MIT License\n\nCopyright (c)\n": "not a format that Binnacle reads: it was tried as ",
		"%PDF-1.7\n":                     "not a format that Binnacle reads: it was tried as ",
	}
	for text, want := range tests {
		f, err := Detect([]byte(text))
		if err != nil {
			if !strings.HasPrefix(err.Error(), want) || !errors.Is(err, ErrUnknown) {
				t.Errorf("Detect(%.40q): %v, want %s", text, err, want)
			}
			continue
		}
		if f.Name != want {
			t.Errorf("Detect(%.40q) = %s, want %s", text, f.Name, want)
		}
	}
}

// samples says of which format the sample files in a folder are. Empty means that no format may claim them.
var samples = []struct{ folder, end, format string }{
	{"02-sbom/cyclonedx-spec-tests/schema", "", ""},
	{"02-sbom/cyclonedx-spec-tests", ".json", "cyclonedx"},
	{"02-sbom/cyclonedx-spec-tests", ".xml", "cyclonedx"},
	{"05-endoflife/products", ".md", "endoflife"},
	{"06-catalogs", "catalog-info.yaml", "backstage"},
	{"01-oscal", ".json", "oscal"},
	{"01-oscal", ".xml", "oscal"},
	{"11-dora", ".json", ""},
	{"12-monitoring", "", ""},
	{"13-scim", ".json", "scim"},
	{"14-adr", ".md", "madr"},
	{"14-adr", "", ""},
	{"04-focus/focus_sample", ".csv", "sheet"},
	{"04-focus/finops-toolkit", ".csv", "sheet"},
	{"03-vulnerabilities/kev", ".csv", "kev"},
}

func TestDetectOnSamples(t *testing.T) {
	root := "../../../shared/data"
	if _, err := os.Stat(root); err != nil {
		t.Skip("the sample files are not here")
	}
	filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+"/"))
		for _, s := range samples {
			if !strings.HasPrefix(name, s.folder) || !strings.HasSuffix(name, s.end) || strings.HasPrefix(filepath.Base(name), "invalid-namespace") {
				continue
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			got, err := Detect(data)
			if err != nil && s.format != "" || err == nil && got.Name != s.format {
				t.Errorf("%s: got %q, %.60v, want %q", name, got.Name, err, s.format)
			}
			break
		}
		return nil
	})
}

const host = "kind: Host\nkey: a\n"

func packZip(t *testing.T, files ...[2]string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		h := &zip.FileHeader{Name: f[0], Method: zip.Deflate}
		if f[1] == "link" {
			h.SetMode(fs.ModeSymlink | 0o777)
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(f[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func packGzip(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func workbook(t *testing.T) []byte {
	t.Helper()
	f := excelize.NewFile()
	if err := f.SetSheetRow("Sheet1", "A1", &[]any{"hostname", "serial"}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// list writes down what was found, without the folder that it lies in.
func list(root string, contents func(func(Content, error) bool)) []string {
	out := []string{}
	for c, err := range contents {
		line := fmt.Sprintf("%s: %s, %d bytes", c.Input.Name, c.Format.Name, len(c.Input.Data))
		switch {
		case err != nil:
			line = "error: " + err.Error()
		case c.Skipped != "":
			line = c.Input.Name + ": skipped: " + c.Skipped
		}
		line, _, _ = strings.Cut(line, ": it was tried as")
		out = append(out, strings.ReplaceAll(line, root+"/", ""))
	}
	return out
}

func TestOpenFolder(t *testing.T) {
	root := t.TempDir()
	write := func(name string, data []byte) {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("b/hosts.yaml", []byte(host))
	write("a.yaml", []byte(host))
	write("README.md", []byte("# Estate\n\nAll of it.\n"))
	write("logo.png", []byte("\x89PNG\r\n\x1a\n"))
	write(".git/config", []byte(host))
	write(".env", []byte(host))
	write("packed.yaml.gz", packGzip(t, []byte(host)))
	write("z.zip", packZip(t, [2]string{"x/h.yaml", host}))
	if err := os.Symlink("/etc/passwd", filepath.Join(root, "link.yaml")); err != nil {
		t.Skip("no links here")
	}
	want := []string{
		".env: skipped: it is a hidden file",
		".git: skipped: it is a hidden folder",
		"README.md: skipped: not a format that Binnacle reads",
		"a.yaml: manifest, 18 bytes",
		"b/hosts.yaml: manifest, 18 bytes",
		"link.yaml: skipped: it is a link, and links are not followed",
		"logo.png: skipped: not a format that Binnacle reads",
		"packed.yaml: manifest, 18 bytes",
		"z.zip/x/h.yaml: manifest, 18 bytes",
	}
	if diff := cmp.Diff(want, list(filepath.ToSlash(root), Open(root, feed.DefaultLimits))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	n := 0
	for range Open(root, feed.DefaultLimits) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("nobody wants more, and %d contents were given", n)
	}
}

func TestOpenFile(t *testing.T) {
	root := filepath.ToSlash(t.TempDir())
	small := feed.DefaultLimits
	small.Bytes = 10
	tests := []struct {
		name   string
		data   []byte
		limits feed.Limits
		want   []string
	}{
		{"a.yaml", []byte(host), feed.DefaultLimits, []string{"a.yaml: manifest, 18 bytes"}},
		{"a.md", []byte("# Read me\n"), feed.DefaultLimits, []string{"error: open a.md: not a format that Binnacle reads"}},
		{"a.yaml", []byte(host), small, []string{"error: open a.yaml: it has more than 10 bytes, which is the limit: split it"}},
		{"a.gz", packGzip(t, []byte("# Read me\n")), feed.DefaultLimits, []string{"error: open a: not a format that Binnacle reads"}},
	}
	for _, test := range tests {
		path := root + "/" + test.name
		if err := os.WriteFile(path, test.data, 0o644); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, list(root, Open(path, test.limits))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
	if diff := cmp.Diff([]string{"error: open nowhere: no such file or directory"}, list(root, Open(root+"/nowhere", feed.DefaultLimits))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := os.Mkdir(root+"/empty", 0o755); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"error: open empty: no file in the folder is of a format that Binnacle reads"}, list(root, Open(root+"/empty", feed.DefaultLimits))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestUnpack(t *testing.T) {
	book := workbook(t)
	locked := packZip(t, [2]string{"a.yaml", host})
	locked[6] |= 1
	locked[bytes.Index(locked, []byte("PK\x01\x02"))+8] |= 1
	defer func(most int) { mostEntries = most }(mostEntries)
	mostEntries = 100
	many := make([][2]string, mostEntries+1)
	for i := range many {
		many[i] = [2]string{fmt.Sprintf("%d", i), ""}
	}
	zeros := strings.Repeat("\x00", 64<<20)
	tests := []struct {
		name string
		data []byte
		want []string
	}{
		{"a workbook is a table and no archive", book, []string{fmt.Sprintf("in: sheet, %d bytes", len(book))}},
		{"a packed workbook", packGzip(t, book), []string{fmt.Sprintf("in: sheet, %d bytes", len(book))}},
		{"names that lead out", packZip(t, [2]string{"../a.yaml", host}, [2]string{"/b.yaml", host}, [2]string{`c\..\..\d.yaml`, host}, [2]string{"C:/d.yaml", host}, [2]string{"e/../../f.yaml", host}, [2]string{"good.yaml", host}), []string{
			`error: open "in/../a.yaml": the name leads out of the archive, or is not a name`,
			`error: open "in//b.yaml": the name leads out of the archive, or is not a name`,
			`error: open "in/C:/d.yaml": the name leads out of the archive, or is not a name`,
			`error: open "in/c\\..\\..\\d.yaml": the name leads out of the archive, or is not a name`,
			`error: open "in/e/../../f.yaml": the name leads out of the archive, or is not a name`,
			"in/good.yaml: manifest, 18 bytes"}},
		{"links and twins", packZip(t, [2]string{"a.yaml", "link"}, [2]string{"b.yaml", host}, [2]string{"b.yaml", host}), []string{
			`error: open "in/a.yaml": it is a link or another special file`, "in/b.yaml: manifest, 18 bytes", `error: open "in/b.yaml": the archive has two files of this name`}},
		{"hidden files", packZip(t, [2]string{"__MACOSX/a.yaml", host}, [2]string{"LICENSE", "Do as you like, please.\n"}, [2]string{"a.yaml", host}), []string{
			"in/LICENSE: skipped: not a format that Binnacle reads", "in/__MACOSX/a.yaml: skipped: it is a hidden file", "in/a.yaml: manifest, 18 bytes"}},
		{"an archive in an archive", packZip(t, [2]string{"a.zip", string(packZip(t, [2]string{"a.yaml", host}))}, [2]string{"b.yaml", host}), []string{
			"error: open in/a.zip: it is an archive inside an archive: unpack it first", "in/b.yaml: manifest, 18 bytes"}},
		{"nothing to read", packZip(t, [2]string{"LICENSE", "Do as you like.\n"}), []string{
			"in/LICENSE: skipped: not a format that Binnacle reads", "error: open in: no file in the archive is of a format that Binnacle reads"}},
		{"a password", locked, []string{`error: open "in/a.yaml": it needs a password`, "error: open in: no file in the archive is of a format that Binnacle reads"}},
		{"half an archive", book[:len(book)/2], []string{fmt.Sprintf("in: sheet, %d bytes", len(book)/2)}},
		{"half a gzip", packGzip(t, []byte(host))[:20], []string{"error: open in: the archive ends too early: it is not complete"}},
		{"half a zip", packZip(t, [2]string{"a.yaml", host})[:40], []string{"error: open in: the archive is broken or not complete: zip: not a valid zip file"}},
		{"too many files", packZip(t, many...), []string{fmt.Sprintf("error: open in: the archive has %d files; the limit is %d", mostEntries+1, mostEntries)}},
		{"a bomb in gzip", packGzip(t, []byte(zeros)), []string{"error: open in: it becomes more than 100 times larger when it is unpacked, which is the limit"}},
		{"a bomb in zip", packZip(t, [2]string{"a", zeros}, [2]string{"b.yaml", host}), []string{
			"error: open in/a: it becomes more than 100 times larger when it is unpacked, which is the limit", "in/b.yaml: manifest, 18 bytes"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, list("\x00", Unpack("in", test.data, feed.DefaultLimits))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestUnpackKeepsWithinTheLimitInAll(t *testing.T) {
	limits := feed.DefaultLimits
	big := packZip(t, [2]string{"a.yaml", host + strings.Repeat("#", 400)}, [2]string{"b.yaml", host + strings.Repeat("#", 400)})
	limits.Bytes = 500
	want := []string{"in/a.yaml: manifest, 418 bytes", "error: open in/b.yaml: it has more than 82 bytes, which is the limit: split it"}
	if diff := cmp.Diff(want, list("\x00", Unpack("in", big, limits))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add([]byte(host))
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Add([]byte("PK\x03\x04\x14\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := feed.DefaultLimits
		limits.Bytes = 1 << 20
		for c, err := range Unpack("in", data, limits) {
			if err == nil && c.Skipped == "" && c.Format.Read == nil {
				t.Fatal("a content without a format")
			}
		}
	})
}
