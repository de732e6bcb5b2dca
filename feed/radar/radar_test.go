package radar

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

const byorTable = "name,ring,quadrant,isNew,status,description\n" +
	"Composting logs,adopt,techniques,TRUE,,\"<p>Turn <b>old</b> logs &amp; traces into <a href=\"\"https://example.org/figures\"\">figures</a>.</p><script>alert(1)</script>\nSecond line\"\n" +
	"C#,Caution,Languages & Frameworks,FALSE,moved out,Old\n" +
	"C++,trial,languages & frameworks,FALSE,moved in,\n" +
	",Adopt,Tools,FALSE,,nameless\n" +
	"Tugboat,Adopt,,FALSE,,\n" +
	"Lighthouse,Keep,Harbour,FALSE,sideways,\n" +
	"C#,Adopt,Techniques,FALSE,,again\n"

func TestTable(t *testing.T) {
	b := feedtest.Read(t, Format, "our-radar.csv", []byte(byorTable))
	home := feedtest.Records[*model.Radar](b)[0]
	var rings []string
	for _, r := range home.Rings {
		rings = append(rings, r.Name+"="+string(r.Means))
	}
	// Caution is what this radar calls hold; the ring of its own is appended.
	if d := cmp.Diff([]string{"Adopt=adopt", "Trial=trial", "Assess=assess", "Caution=hold", "Keep=hold"}, rings); d != "" {
		t.Error(d)
	}
	var quadrants []string
	for _, q := range home.Quadrants {
		quadrants = append(quadrants, q.Name)
	}
	if d := cmp.Diff([]string{"Techniques", "Languages & Frameworks", "Harbour"}, quadrants); d != "" {
		t.Error(d)
	}
	got := map[string]string{}
	for _, blip := range feedtest.Records[*model.Blip](b) {
		got[blip.Key] = blip.Name + " | " + blip.Quadrant + " | " + blip.Ring + " | " + blip.Rationale
	}
	want := map[string]string{
		"our-radar-composting-logs": "Composting logs | Techniques | Adopt | Turn old logs & traces into figures (https://example.org/figures).\n\nSecond line",
		"our-radar-c-sharp":         "C# | Languages & Frameworks | Caution | Old",
		"our-radar-c-plus-plus":     "C++ | Languages & Frameworks | Trial | ",
		"our-radar-lighthouse":      "Lighthouse | Harbour | Keep | ",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	var refused []string
	for _, r := range b.Refused {
		refused = append(refused, r.String())
	}
	wantRefused := []string{
		"our-radar.csv:6: name: a blip needs a name, a ring and a quadrant: fill in the name",
		"our-radar.csv:7: Tugboat: quadrant: a blip needs a name, a ring and a quadrant: fill in the quadrant",
		`our-radar.csv:8: Lighthouse: status: "sideways" does not say how it moved: write new, moved in, moved out or no change. The blip was taken as unchanged`,
		"our-radar.csv:9: C#: name: there is a blip of this name already: give each its own name",
	}
	if d := cmp.Diff(wantRefused, refused); d != "" {
		t.Error(d)
	}
}

const zalandoJSON = `{"title": "Fleet radar", "date": "2027.03", "quadrants": [{"name": "Languages"}, {"name": "Data"}], "rings": [{"name": "ADOPT", "color": "#5ba300"}, {"name": "HOLD", "color": "#b91c1c"}],
 "entries": [
  {"label": "Go", "quadrant": 0, "ring": 0, "active": true, "moved": 1, "link": "https://example.org/go"},
  {"label": "Old store", "quadrant": 1, "ring": 1, "active": false, "moved": -1},
  {"label": "Fresh", "quadrant": 1, "ring": 0, "active": true, "moved": 2},
  {"label": "Nowhere", "quadrant": 7, "ring": 0, "active": true, "moved": 0}
 ]}`

const zalandoScript = `<script>
// our radar
radar_visualization({
  svg_id: "radar", title: 'Fleet radar', date: "2027.03", /* two
  lines */ quadrants: [ { name: "Languages" }, { name: "Data" }, ],
  rings: [ { name: "ADOPT", color: "#5ba300" }, { name: "HOLD" } ],
  entries: [
    { label: "Go", quadrant: 0, ring: 0, active: true, moved: 1, link: "https://example.org/go" },
    { label: "Old store", quadrant: 1, ring: 1, active: false, moved: -1 }, // gone
    { label: "Fresh", quadrant: 1, ring: 0, active: true, moved: 2 },
    { label: "Nowhere", quadrant: 7, ring: 0, active: true, moved: 0 },
  ]
});
</script>`

// TestObjectAndScript: the same radar as JSON and as the call of a page is the same.
func TestObjectAndScript(t *testing.T) {
	var pictures []map[string]string
	for _, content := range []string{zalandoJSON, zalandoScript} {
		b := feedtest.Read(t, Format, "config.json", []byte(content))
		pictures = append(pictures, feedtest.Picture(b))
		if len(b.Refused) != 1 || !strings.Contains(b.Refused[0].String(), `there is no quadrant "7": the radar has 2, counted from 0`) {
			t.Errorf("refused: %v", b.Refused)
		}
		e := feedtest.Records[*model.RadarEdition](b)[0]
		if e.Published != model.MustDate("2027-03-01") || len(e.Blips) != 2 || e.Blips[0].Moved != model.MoveIn || e.Blips[1].Moved != model.MoveNew {
			t.Errorf("the edition is %+v", e)
		}
		if blip := feedtest.Records[*model.Blip](b)[1]; blip.State != model.BlipRetired || blip.Ring != "Hold" {
			t.Errorf("what is not active is %+v", blip)
		}
	}
	if d := cmp.Diff(pictures[0], pictures[1]); d != "" {
		t.Error(d)
	}
}

const timeline = `{"quadrants": [{"id": "lang", "name": "Languages"}], "rings": [{"id": "a", "name": "Adopt"}, {"id": "t", "name": "Trial"}],
 "entries": [
  {"id": "go", "key": "go", "title": "Go", "quadrant": "lang", "description": "A language", "timeline": [{"moved": 1, "ringId": "a", "date": "2027-05-01T00:00:00.000Z", "description": "It works"}, {"moved": 0, "ringId": "t", "date": "2026-05-01"}]},
  {"id": "knot", "title": "Knot", "quadrant": "lang", "timeline": [{"ringId": "t", "date": "2027-05-01"}, {"ringId": "t", "date": "some day"}]}
 ]}`

func TestTimeline(t *testing.T) {
	b := feedtest.Read(t, Format, "tech.json", []byte(timeline))
	var got []string
	for _, e := range feedtest.Records[*model.RadarEdition](b) {
		line := e.Published.String()
		for _, blip := range e.Blips {
			line += " " + blip.Name + ":" + blip.Ring + ":" + string(blip.Moved)
		}
		got = append(got, line)
	}
	if d := cmp.Diff([]string{"2026-05-01 Go:Trial:new", "2027-05-01 Go:Adopt:in Knot:Trial:new"}, got); d != "" {
		t.Error(d)
	}
	if blip := feedtest.Records[*model.Blip](b)[0]; blip.Ring != "Adopt" || blip.Since != model.MustDate("2027-05-01") || blip.Rationale != "It works" {
		t.Errorf("the blip is %+v", blip)
	}
	if len(b.Refused) != 1 {
		t.Errorf("refused: %v", b.Refused)
	}
}

// TestFolder: of a folder of Markdown files with dated folders the newest file of a blip counts, each date is an edition, and blips find technologies by alias.
func TestFolder(t *testing.T) {
	files := map[string]string{
		"radar/2026-01-10/anchor.md":  "---\ntitle: Anchor\nring: trial\nquadrant: tools\ntags: [deck]\n---\n\nWe *try* it.\n",
		"radar/2027-01-10/anchor.md":  "---\ntitle: Anchor\nring: adopt\nquadrant: tools\n---\n\nIt holds.\n",
		"radar/2026-01-10/sextant.md": "---\nring: caution\nquadrant: tools\n---\n",
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, func(yield func(model.Record) bool) {
		yield(&model.Technology{Meta: model.Meta{ID: model.ID{15: 1}, Key: "anchorage", Name: "Anchorage", Version: 1}, Aliases: []string{"anchor"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(model.MustDate("2027-02-01"))
	whole := feed.NewBatch(model.Builtin(), "radar")
	for _, file := range []string{"radar/2027-01-10/anchor.md", "radar/2026-01-10/sextant.md", "radar/2026-01-10/anchor.md"} {
		whole.Join(feedtest.Read(t, Format, file, []byte(files[file])))
	}
	ids := byte(1)
	options := feed.Options{Now: model.TimeOf(v.At().Time()), Rank: 60, NewID: func() model.ID { ids++; return model.ID{0: 1, 6: 0x70, 15: ids} }}
	for range 2 {
		plan := feed.Reconcile(v, whole, options)
		if len(plan.Refused) > 0 {
			t.Fatal(plan.Refused)
		}
		next, err := snap.Apply(model.Stamp{Seq: 2}, plan.Changes)
		if err != nil {
			t.Fatal(err)
		}
		after := next.View(v.At())
		blip := after.Find("Blip", "radar-anchor").(*model.Blip)
		if blip.Ring != "Adopt" || blip.Since != model.MustDate("2027-01-10") || blip.Rationale != "It holds." || model.ID(blip.Technology) != (model.ID{15: 1}) {
			t.Errorf("the blip is %+v", blip)
		}
		e := after.Find("RadarEdition", "radar-2027-01-10").(*model.RadarEdition)
		if len(e.Blips) != 2 || e.Blips[0].Moved == e.Blips[1].Moved || after.Count("RadarEdition") != 2 {
			t.Errorf("the edition is %+v", e.Blips)
		}
		// The same again changes nothing.
		if again := feed.Reconcile(after, whole, options); len(again.Changes) > 0 {
			t.Errorf("the same again changes %+v", again.Changes)
		}
	}
}

func TestDetect(t *testing.T) {
	feedtest.Detects(t, Format, [][2]string{
		{"a table", byorTable}, {"with semicolons", "\ufeffname;ring;quadrant\nA;Adopt;Tools\n"}, {"a list", `[{"name": "A", "ring": "Adopt", "quadrant": "Tools"}]`},
		{"an object", zalandoJSON}, {"a script", zalandoScript}, {"a timeline", timeline}, {"a file", "---\ntitle: A\nring: hold\nquadrant: tools\n---\n"},
	}, [][2]string{
		{"another table", "name,owner\nA,b\n"}, {"another list", `[{"name": "A"}]`}, {"another object", `{"entries": []}`}, {"another file", "---\ntitle: A\nstatus: accepted\n---\n"}, {"nothing", ""},
	})
	feedtest.DetectsOnly(t, Format, func(string) bool { return false })
}

func TestRefusals(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"empty", " ", "empty"},
		{"no columns", "a,b\n1,2\n", "must name the columns"},
		{"no entries", `{"rings": []}`, "no member called entries"},
		{"computed", "radar_visualization({entries: load()})", "nothing that is computed"},
		{"cut", "radar_visualization({entries: [", "ends too early"},
		{"no end", "---\ntitle: a\n", "no front matter"},
		{"no map", "---\n- a\n---\n", "not a map"},
	})
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{byorTable, zalandoJSON, zalandoScript, timeline, "---\ntitle: A\nring: hold\nquadrant: tools\n---\n<b>x", `[{"name": "A", "ring": "Adopt", "quadrant": "Tools"}]`} {
		f.Add([]byte(seed))
	}
	v := estate.Empty().View(0)
	f.Fuzz(func(t *testing.T, data []byte) {
		if c := Format.Detect(data); c < 0 || c > 100 {
			t.Fatalf("detected with %d", c)
		}
		b, err := feedtest.Try(Format, "radar/2027-01-01/fuzz.md", data)
		if err != nil {
			return
		}
		b.Settlers[0].Settle(v, b, b.Settlers)
		for _, item := range b.Items {
			for _, problem := range b.Schema.Of(item.Record).Check(item.Record) {
				t.Fatalf("%s %q: %v in %q", model.NameOf(item.Record), item.Record.Base().Key, problem, data)
			}
		}
	})
}
