package cli

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func plain(_, text string) string { return text }

func TestTable(t *testing.T) {
	long := &grid{columns: columns("key", ">cores", "text"), rows: [][]string{{"a", "8", "one two three four"}, {"日本", "16", "x\ny"}}}
	for _, tc := range []struct {
		name  string
		wrap  bool
		limit int
		want  string
	}{
		{"as wide as it needs", false, 0, "Key   Cores  Text\na         8  one two three four\n日本     16  x y\n"},
		{"cut to the terminal", false, 24, "Key   Cores  Text\na         8  one two th…\n日本     16  x y\n"},
		{"folded to the terminal", true, 24, "Key   Cores  Text\na         8  one two\n             three four\n日本     16  x y\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			long.wrap = tc.wrap
			var out bytes.Buffer
			long.writeTable(&out, tc.limit, plain)
			if d := cmp.Diff(tc.want, out.String()); d != "" {
				t.Errorf("the table differs (-want +got):\n%s", d)
			}
		})
	}
}

func TestCleanKeepsTheTerminalSafe(t *testing.T) {
	if got := clean("a\x1b[2Jb\u202ec\td\u00a0é"); strings.ContainsAny(got, "\x1b\u202e\t") {
		t.Errorf("%q may still do something to a terminal", got)
	}
}

// TestTableFits draws tables of any texts: no line is wider than the terminal unless every column is as narrow as it gets.
func TestTableFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 6).Draw(t, "columns")
		g := &grid{columns: columns([]string{"a", ">b", "c", "d", "e", "f"}[:n]...), wrap: rapid.Bool().Draw(t, "wrap")}
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			g.rows = append(g.rows, rapid.SliceOfN(rapid.String(), n, n).Draw(t, "row"))
		}
		limit := rapid.IntRange(20, 200).Draw(t, "width")
		var out bytes.Buffer
		g.writeTable(&out, limit, plain)
		for line := range strings.Lines(out.String()) {
			if w := display(strings.TrimRight(line, "\n")); w > max(limit, n*(narrowest+gap)) {
				t.Fatalf("a line is %d columns wide and the terminal %d: %q", w, limit, line)
			}
		}
	})
}

// TestFoldKeepsEveryWord folds any text: nothing but white space is lost.
func TestFoldKeepsEveryWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zé日 ]{0,80}`).Draw(t, "text")
		most := rapid.IntRange(2, 40).Draw(t, "width")
		lines := fold(text, most)
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(strings.Join(lines, " ")) != squeeze(text) {
			t.Fatalf("%q became %q", text, lines)
		}
		for _, l := range lines {
			if display(l) > most {
				t.Fatalf("%q is wider than %d", l, most)
			}
		}
	})
}

// TestCSVIsReadBack writes any cells: a reader of CSV finds as many, and none that a spreadsheet would run.
func TestCSVIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"=1+1", "+1", "-x", "@SUM(A1)", "\tx", "a,b", `"q"`, "a\nb"}))
		g := &grid{columns: columns("a", "b"), rows: [][]string{{cell.Draw(t, "a"), cell.Draw(t, "b")}}}
		var out bytes.Buffer
		if err := g.writeCSV(&out); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&out).ReadAll()
		if err != nil || len(rows) != 2 {
			t.Fatalf("%v, %d rows", err, len(rows))
		}
		for _, c := range rows[1] {
			if c != "" && strings.ContainsAny(c[:1], "=@\t\r") {
				t.Fatalf("a spreadsheet program would run %q", c)
			}
		}
	})
}

func TestSuggest(t *testing.T) {
	among := []string{"Host", "Application", "lifecycle.exposure"}
	for word, want := range map[string]string{"hots": "Host", "aplication": "Application", "exposur": "lifecycle.exposure", "zzzzzz": ""} {
		got := suggest(word, among)
		if want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("suggest(%q) = %q, want %q", word, got, want)
		}
	}
}
