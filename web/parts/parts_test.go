package parts

import (
	"flag"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

var update = flag.Bool("update", false, "write the golden files anew")

func visit() *frame.Visit { return &frame.Visit{Moment: door.Moment{At: "2028-01-01"}} }

// answer is one part of each sort, in which a text stands wherever an answer can have one.
func answer(text string) []practice.Part {
	l := practice.Link{Kind: "Host", Key: text, Name: text}
	named := practice.Link{Kind: "Team", Key: "team-" + text}
	target := 95.5
	return []practice.Part{
		{Name: "share", Label: text, Help: "Share is " + text + ".", Figure: &practice.Figure{Value: 12345.678, Unit: text, Target: &target, Better: practice.Lower, Note: text, From: []practice.Link{l, named}}},
		{Name: "cost", Label: "Cost", Figure: &practice.Figure{Value: 1, Money: model.MustMoney("1234567.89 EUR"), From: []practice.Link{l}}},
		{Name: "revenue", Label: "Revenue", Figure: &practice.Figure{Unknown: true, Unit: text, Note: text}},
		{Name: "rows", Label: text, Help: text, Grid: &practice.Grid{Note: text, Columns: []practice.Column{{Name: "host", Label: text, Help: text}, {Name: "n", Label: "Count", Number: true}, {Name: "free", Label: "Free"}, {Name: "paths", Label: "Paths"}, {Name: "how", Label: "Severity"}, {Name: "cost", Label: "Cost", Number: true}},
			Rows: [][]practice.Cell{{{Text: text, Value: l, Links: []practice.Link{l}}, {Text: "12345", Value: 12345}, {Text: "see " + text + " first", Value: text, Links: []practice.Link{l}},
				{Text: text, Value: []practice.Path{{l, named}}}, {Text: "high", Value: practice.High}, {Text: "-12.50 EUR", Value: model.MustMoney("-12.50 EUR")}}}}},
		{Name: "line", Label: text, Series: &practice.Series{Unit: text, Lines: []practice.Line{{Name: text, Points: []practice.Point{{Label: text, Value: 3, From: []practice.Link{l}}, {Label: "Q2", Value: 4}}}}}},
		{Name: "findings", Label: text, Findings: []practice.Finding{{Severity: practice.Critical, Text: text, About: l, Owner: named, Paths: []practice.Path{{l, named}}, From: []practice.Link{l}, Mend: &practice.Mend{Action: "architecture." + text, Parameters: map[string]string{"records": text}}}}},
		{Name: "graph", Label: text, Picture: &practice.Picture{Type: practice.GraphPicture, Nodes: []practice.Node{{Link: l, Group: text, Severity: practice.High}, {Link: named}}, Edges: []practice.Join{{From: 0, To: 1, Label: text}}}},
		{Name: "map", Label: text, Picture: &practice.Picture{Type: practice.MapPicture, Nodes: []practice.Node{{Link: l, Group: text, Value: 2}, {Link: named, Group: text}}}},
		{Name: "road", Label: text, Picture: &practice.Picture{Type: practice.RoadmapPicture, Nodes: []practice.Node{{Link: l, Group: text, From: model.MustDate("2027-01-01"), Until: model.MustDate("2028-06-30")}}}},
		{Name: "matrix", Label: text, Picture: &practice.Picture{Type: practice.MatrixPicture, Nodes: []practice.Node{{Link: l, Group: "2", Value: 1, Severity: practice.High}}, Matrix: &practice.Matrix{Across: text, Up: text, Columns: []string{text, "none"}, Rows: []string{"none", text},
			Cells: [][]practice.MatrixCell{{{}, {}}, {{Label: text, Severity: practice.High}, {}}}}}},
		{Name: "values", Label: text, Picture: &practice.Picture{Type: practice.MatrixPicture, Unit: text, Stages: []string{"absent", text}, Nodes: []practice.Node{{Link: l, Group: text, Value: 40, Severity: practice.Medium}, {Link: named, Group: "now", Value: 7}}}},
		{Name: "radar", Label: text, Picture: &practice.Picture{Type: practice.RadarPicture, Nodes: []practice.Node{{Link: l, Group: text}}}},
		{Name: "curve", Label: text, Picture: &practice.Picture{Type: practice.CurvePicture, Curves: &practice.Curves{X: practice.Axis{Label: text, Unit: "EUR", Log: true}, Y: practice.Axis{Label: "Probability", Unit: "%"},
			Lines: []practice.Curve{{Name: text, Points: []practice.XY{{X: 1e4, Y: 92}, {X: 2.5e5, Y: 30}, {X: 3e6, Y: 1}}}, {Name: "Appetite", Limit: true, Points: []practice.XY{{X: 1e5, Y: 50}, {X: 1e6, Y: 10}}}},
			Marks: []practice.Mark{{X: 1.8e5, Label: "P50"}, {X: 2e5, Label: "P90"}, {X: 1e6, Label: "P99"}}}}},
		{Name: "empty_curve", Label: text, Picture: &practice.Picture{Type: practice.CurvePicture}},
		{Name: "file", Label: text, File: &practice.File{Name: text, Type: "application/json", Content: []byte("{}")}},
		{Name: "no_file", Label: text, File: &practice.File{}},
		{Name: "text", Label: text, Text: text},
	}
}

func TestParts(t *testing.T) {
	before := practice.Part{Figure: &practice.Figure{Value: 12000}}
	for name, opt := range map[string]Options{
		"page":    {Open: "/questions/lifecycle.exposure?kinds=Host", Heading: 3},
		"compact": {Open: "/questions/lifecycle.exposure", Compact: true, Before: &before, Than: "30 days before", Title: "On a board"},
	} {
		got := strings.ReplaceAll(string(RenderAll(visit(), answer("web-01"), opt)), "><", ">\n<")
		// Whether the library of charts is there, and which, is not what this is about.
		got = chartLibrary.ReplaceAllString(got, "")
		file := filepath.Join("testdata", name+".html")
		if *update {
			os.MkdirAll("testdata", 0o755)
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), got); d != "" {
			t.Errorf("%s differs (-want +got):\n%s", name, d)
		}
	}
}

var chartLibrary = regexp.MustCompile(` data-chart="[^"]*"`)

// attacks are texts that some page somewhere once let through.
var attacks = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `javascript:alert(1)`, `</script><script>alert(1)</script>`, `</svg><script>alert(1)</script>`,
	`</title><svg onload=alert(1)>`, `{{.Who}}`, `<!--`, `]]>`, `</style><script>`, "\u2028alert(1)", `&lt;script&gt;`, `<math><mi xlink:href="javascript:alert(1)">`, `\u003cscript\u003e`, `data:text/html,<script>alert(1)</script>`, `//evil.example/x`, `../../admin`, "line\nbreak", `a"b'c<d>e&f`,
}

// TestNothingInAnAnswerRuns puts every attack into every text of an answer.
func TestNothingInAnAnswerRuns(t *testing.T) {
	for _, attack := range attacks {
		for _, opt := range []Options{{Open: "/questions/a.b", Limit: -1}, {Compact: true, Title: attack, Than: attack, Before: &practice.Part{Figure: &practice.Figure{Value: 1}}}} {
			harmless(t, attack, RenderAll(visit(), answer(attack), opt))
		}
	}
}

func FuzzNothingInAnAnswerRuns(f *testing.F) {
	for _, a := range attacks {
		f.Add(a)
	}
	f.Fuzz(func(t *testing.T, text string) {
		harmless(t, text, RenderAll(visit(), answer(text), Options{Open: "/questions/a.b"}))
	})
}

// harmless fails where markup has a script that runs, a handler, a style or an address that leaves the site.
func harmless(t testing.TB, attack string, markup template.HTML) {
	t.Helper()
	if strings.Contains(string(markup), "could not be shown") {
		t.Fatalf("%q: %.300s", attack, markup)
	}
	root, err := html.Parse(strings.NewReader(string(markup)))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script":
			if attribute(n, "type") != "application/json" {
				t.Errorf("%q makes a script", attack)
			}
		case "img", "style", "iframe", "object", "embed", "math", "foreignObject", "base", "meta", "link":
			t.Errorf("%q makes a %s", attack, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(a.Key, "hx-") {
				t.Errorf("%q makes the attribute %s=%q", attack, a.Key, a.Val)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action") && !(strings.HasPrefix(a.Val, "/records/") || strings.HasPrefix(a.Val, "/questions/") || strings.HasPrefix(a.Val, "#")) {
				t.Errorf("%q makes an address %q", attack, a.Val)
			}
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func TestFigures(t *testing.T) {
	target := 99.5
	tests := []struct {
		name   string
		figure practice.Figure
		before *practice.Figure
		want   []string
		not    []string
	}{
		{"money is exact", practice.Figure{Value: 1e15, Money: model.MustMoney("1234567890123456.78 EUR")}, nil, []string{`title="1234567890123456.78 EUR"`, "1\u202f234\u202f567\u202f890.12\u00a0M", "EUR"}, nil},
		{"a target that is met", practice.Figure{Value: 99.9, Unit: "%", Target: &target, Better: practice.Higher}, nil, []string{"at least 99.5", "on target"}, []string{"off target"}},
		{"a target that is missed", practice.Figure{Value: 99.4, Unit: "%", Target: &target, Better: practice.Higher}, nil, []string{"off target"}, []string{"on target"}},
		{"unknown says so and why", practice.Figure{Unknown: true, Note: "no amount is known", Target: &target, Better: practice.Higher}, nil, []string{"unknown", "no amount is known"}, []string{"on target", "off target"}},
		{"less of what is bad", practice.Figure{Value: 3, Better: practice.Lower}, &practice.Figure{Value: 5}, []string{"−2, better than before"}, nil},
		{"more of what is bad", practice.Figure{Value: 6, Better: practice.Lower}, &practice.Figure{Value: 5}, []string{"+1, worse than before"}, nil},
		{"one alone", practice.Figure{Value: 1, Unit: "responsibilities"}, nil, []string{`<span class="unit">responsibility</span>`}, []string{"responsibilities"}},
		{"one a week", practice.Figure{Value: 1, Unit: "days a week"}, nil, []string{`<span class="unit">day a week</span>`}, nil},
		{"one percent", practice.Figure{Value: 1, Unit: "% of hosts"}, nil, []string{`<span class="unit">% of hosts</span>`}, nil},
		{"as before", practice.Figure{Value: 2}, &practice.Figure{Value: 2}, []string{"the same as before"}, []string{"than"}},
		{"money compared", practice.Figure{Money: model.MustMoney("10.10 EUR")}, &practice.Figure{Money: model.MustMoney("10.00 EUR")}, []string{"+0.10 EUR compared with before"}, nil},
	}
	for _, tt := range tests {
		opt := Options{Than: "before"}
		if tt.before != nil {
			opt.Before = &practice.Part{Figure: tt.before}
		}
		got := html.UnescapeString(string(Render(visit(), practice.Part{Name: "f", Label: "F", Figure: &tt.figure}, opt)))
		for _, w := range tt.want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: %q is not in\n%s", tt.name, w, got)
			}
		}
		for _, n := range tt.not {
			if strings.Contains(got, n) {
				t.Errorf("%s: %q is in\n%s", tt.name, n, got)
			}
		}
	}
}

// TestEveryNumberCanBeOpened checks that links keep the moment and that long lists lead to all of them.
func TestEveryNumberCanBeOpened(t *testing.T) {
	var from []practice.Link
	for range 30 {
		from = append(from, practice.Link{Kind: "Host", Key: "h"})
	}
	got := string(Render(visit(), practice.Part{Name: "hosts", Label: "Hosts", Figure: &practice.Figure{Value: 30, From: from}}, Options{Open: "/questions/lifecycle.exposure?kinds=Host"}))
	for _, want := range []string{`/records/Host/h?at=2028-01-01`, `/questions/lifecycle.exposure/from?at=2028-01-01&amp;kinds=Host&amp;part=hosts`, "30 records"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
}
