package draw

import (
	"encoding/xml"
	"flag"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/practice"
)

var update = flag.Bool("update", false, "write the golden files anew")

func link(key, name string) practice.Link {
	return practice.Link{Kind: "Capability", Key: key, Name: name}
}

// pictures are one of each, small enough to be read as text.
func pictures() map[string]template.HTML {
	sell, ship, ports := link("sell", "Sell crossings"), link("ship", "Move freight"), link("ports", "Run ports & yards")
	boxes := map[string]*Box{
		"sell": {Link: sell, Href: "/records/Capability/sell", Value: "3 applications", Heat: 2}, "ship": {Link: ship, Value: "none", Mark: practice.High},
		"ports": {Link: ports, Href: "/p?a=1&b=2", Value: "9 applications", Heat: 4},
	}
	nodes := []practice.Node{{Link: sell}, {Link: ship}, {Link: ports}}
	day := model.MustDate
	series := practice.Series{Unit: "hosts", Lines: []practice.Line{
		{Name: "Hosts", Points: []practice.Point{{Label: "2027 Q1", Value: 4}, {Label: "2027 Q2", Value: 0}, {Label: "2027 Q3", Value: 12}}},
		{Name: "Devices", Points: []practice.Point{{Label: "2027 Q1", Value: 2}, {Label: "2027 Q3", Value: 1}}}}}
	levels := practice.Series{Unit: "%", Lines: []practice.Line{{Name: "Share", Points: []practice.Point{{At: day("2027-02-01"), Value: 40}, {At: day("2027-01-01"), Value: 55}}}}}
	return map[string]template.HTML{
		"sparkline": Sparkline([]float64{1, 4, 2, 9}, "Open risks"),
		"bars":      Chart(series, "Ending support"),
		"lines":     Chart(levels, "Share"),
		"boxes":     Boxes(Nest(nodes, boxes, map[string]string{"sell": "ports"}), 600, "Capabilities", "by applications"),
		"roadmap": Roadmap([]Lane{{"Commerce", []LifeRow{{Link: link("shop", "Web shop"), Href: "/records/Application/shop", Mark: practice.Critical,
			Spans: Spans(model.Lifecycle{Active: day("2024-01-01"), PhaseOut: day("2027-06-01"), EndOfLife: day("2028-01-01")})}}}},
			day("2027-01-01"), day("2029-01-01"), []MarkedDay{{day("2027-07-01"), "Today"}}, "Roadmap"),
		"graph": Graph(Network{Nodes: []NetNode{{Link: link("a", "Booking engine"), Under: "Application", Layer: 0, Focus: true, Href: "/a"}, {Link: link("b", "Core database"), Layer: 1, Mark: practice.High}, {Title: "and 4 more", Layer: 1, Href: "/more"}},
			Edges: []practice.Join{{From: 0, To: 1}, {From: 0, To: 2}, {From: 7, To: 1}}}, "Around it"),
		"flow":    ways().Draw("Money", "8 flows"),
		"nothing": Boxes(nil, 300, "Nothing", ""),
	}
}

func TestPictures(t *testing.T) {
	for name, svg := range pictures() {
		file := filepath.Join("testdata", name+".svg")
		// One tag a line, so that a difference can be read.
		got := strings.ReplaceAll(string(svg), "><", ">\n<") + "\n"
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
		wellFormed(t, name, string(svg))
	}
}

// wellFormed fails where a picture is not XML, has a style, a script or a handler, or nothing that tells what it shows.
func wellFormed(t testing.TB, name, svg string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(svg))
	described := false
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%s is not well formed: %v", name, err)
		}
		el, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		described = described || el.Name.Local == "desc"
		if slices.Contains([]string{"script", "style", "foreignObject"}, el.Name.Local) {
			t.Errorf("%s has a %s", name, el.Name.Local)
		}
		for _, a := range el.Attr {
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
				t.Errorf("%s has the attribute %s", name, a.Name.Local)
			}
		}
	}
	if !described {
		t.Errorf("%s does not tell what it shows", name)
	}
}

// TestTextsNeverOverflow checks the promise of Fit: what comes out is no wider than asked.
func TestTextsNeverOverflow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "text")
		width := rapid.Float64Range(0, 400).Draw(t, "width")
		if got := Fit(s, width, 12); Width(got, 12) > width {
			t.Fatalf("Fit(%q, %g) = %q, which is %g wide", s, width, got, Width(got, 12))
		}
		lines := Wrap(s, width, 12, 2)
		if len(lines) > 2 {
			t.Fatalf("Wrap gave %d lines", len(lines))
		}
		for _, l := range lines {
			if Width(l, 12) > width {
				t.Fatalf("the line %q is wider than %g", l, width)
			}
		}
	})
}

// TestBoxesStayApart checks that no two boxes of a map overlap and that parts stay inside.
func TestBoxesStayApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "boxes")
		boxes, parents := map[string]*Box{}, map[string]string{}
		var nodes []practice.Node
		for i := range n {
			key := string(rune('A' + i))
			nodes = append(nodes, practice.Node{Link: link(key, key)})
			boxes[key] = &Box{Link: link(key, key)}
			// Circles among them are no excuse.
			parents[key] = string(rune('A' + rapid.IntRange(-1, n-1).Draw(t, "parent")))
		}
		roots := Nest(nodes, boxes, parents)
		Boxes(roots, 900, "x", "")
		drawn := 0
		var check func(list []*Box, in *Box)
		check = func(list []*Box, in *Box) {
			for i, a := range list {
				drawn++
				if in != nil && (a.x < in.x || a.x+a.w > in.x+in.w+0.01 || a.y+a.h > in.y+in.h+0.01) {
					t.Fatalf("%s is not inside of %s", a.Link.Key, in.Link.Key)
				}
				for _, b := range list[:i] {
					if a.x < b.x+b.w-0.01 && b.x < a.x+a.w-0.01 && a.y < b.y+b.h-0.01 && b.y < a.y+a.h-0.01 {
						t.Fatalf("%s overlaps %s", a.Link.Key, b.Link.Key)
					}
				}
				check(a.Parts, a)
			}
		}
		check(roots, nil)
		if drawn != n {
			t.Fatalf("%d of %d boxes are drawn", drawn, n)
		}
	})
}

func TestTicksHoldTheValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(-1e6, 1e6).Draw(t, "low")
		high := low + rapid.Float64Range(0.001, 1e7).Draw(t, "more")
		ticks := Ticks(low, high)
		if first, last := ticks[0], ticks[len(ticks)-1]; first > low+1e-6*math.Abs(low)+1e-9 || last < high-1e-6*math.Abs(high)-1e-6 || len(ticks) > 8 {
			t.Fatalf("Ticks(%g, %g) = %v", low, high, ticks)
		}
	})
}

func TestDigits(t *testing.T) {
	for in, want := range map[string]string{"0": "0", "999": "999", "1000": "1\u202f000", "-1234567.50": "−1\u202f234\u202f567.50", "-12": "−12"} {
		if got := Digits(in); got != want {
			t.Errorf("Digits(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzNamesInPictures(f *testing.F) {
	f.Add(`"><script>alert(1)</script>`, `javascript:alert(1)`)
	f.Fuzz(func(t *testing.T, name, href string) {
		l := practice.Link{Kind: name, Key: name, Name: name}
		wellFormed(t, "boxes", clean(Boxes([]*Box{{Link: l, Href: href, Value: name}}, 300, name, name)))
		wellFormed(t, "graph", clean(Graph(Network{Nodes: []NetNode{{Link: l, Under: name, Href: href}}}, name)))
	})
}

// clean leaves out what XML cannot hold at all and HTML can.
func clean(svg template.HTML) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, strings.ToValidUTF8(string(svg), ""))
}

func TestAxisWords(t *testing.T) {
	for _, test := range []struct {
		f, greatest float64
		want        string
	}{{0, 3e6, "0"}, {250000, 3e6, "0.25\u00a0M"}, {2500000, 3e6, "2.5\u00a0M"}, {-40000, 1e5, "−40\u00a0k"}, {1500, 2000, "1\u202f500"}, {3e9, 3e9, "3\u00a0G"}} {
		if got := Scaled(test.f, test.greatest); got != test.want {
			t.Errorf("Scaled(%g, %g) = %q, want %q", test.f, test.greatest, got, test.want)
		}
	}
	if d := cmp.Diff([]string{"2026-05", "2026-06"}, Months([]string{"2026-05-01", "2026-06-01"})); d != "" {
		t.Errorf("months: %s", d)
	}
	days := []string{"2026-05-01", "2026-05-15"}
	if d := cmp.Diff(days, Months(days)); d != "" {
		t.Errorf("days that are not months: %s", d)
	}
}
