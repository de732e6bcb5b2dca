package outline

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// ropes is an outline of our own invention.
const ropes = `Rules of the Rope Makers 2027,,,
Control ID,Control Title,Control Text,Type
A.5,Ropes,,
A.5.1,Mooring ropes,"Ropes hold, always.",
A.5.2,Spare ropes,There is one more rope than is needed.,
A.5.2.1,Colour,Spare ropes are red.,enhancement
A.5.2 (b),Length,Spare ropes are longer.,
A.6,Knots,Knots are bowlines.,
`

// listing writes the requirements of a batch as: number, parent, type, position and name.
func listing(b *feed.Batch) []string {
	numbers := map[model.Ref]string{}
	var out []string
	for _, item := range b.Items {
		if q, ok := item.Record.(*model.Requirement); ok {
			numbers[q.Ref()] = q.Number
		}
	}
	for _, item := range b.Items {
		if q, ok := item.Record.(*model.Requirement); ok {
			out = append(out, strings.Join([]string{q.Key, numbers[q.Parent], string(q.Type), q.Name}, " | "))
		}
	}
	return out
}

func TestOutline(t *testing.T) {
	want := []string{
		"rules-of-the-rope-makers-2027.a.5 |  | group | Ropes",
		"rules-of-the-rope-makers-2027.a.5.1 | A.5 | requirement | Mooring ropes",
		"rules-of-the-rope-makers-2027.a.5.2 | A.5 | requirement | Spare ropes",
		"rules-of-the-rope-makers-2027.a.5.2.1 | A.5.2 | enhancement | Colour",
		"rules-of-the-rope-makers-2027.a.5.2-b | A.5.2 | requirement | Length",
		"rules-of-the-rope-makers-2027.a.6 |  | requirement | Knots",
	}
	for name, text := range map[string]string{"commas": ropes, "semicolons": strings.ReplaceAll(strings.ReplaceAll(ropes, `"Ropes hold, always."`, "Ropes hold always."), ",", ";"), "Windows": strings.ReplaceAll(ropes, "\n", "\r\n")} {
		b := feedtest.Read(t, Format, "ropes.csv", []byte(text))
		if diff := cmp.Diff(want, listing(b)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(b.Refused) > 0 {
			t.Errorf("%s: %v", name, b.Refused)
		}
	}
	var book bytes.Buffer
	f := excelize.NewFile()
	for i, line := range strings.Split(strings.TrimSpace(strings.ReplaceAll(ropes, `"Ropes hold, always."`, "Ropes hold always.")), "\n") {
		for j, cell := range strings.Split(line, ",") {
			at, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := f.SetCellStr("Sheet1", at, cell); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Write(&book); err != nil {
		t.Fatal(err)
	}
	b := feedtest.Read(t, Format, "ropes.xlsx", book.Bytes())
	if diff := cmp.Diff(want, listing(b)); diff != "" {
		t.Errorf("XLSX (-want +got):\n%s", diff)
	}
}

// Where a column names the parents, these count and not the numbers; without a title row the framework is called like the file.
func TestParentsAndFrameworks(t *testing.T) {
	b := feedtest.Read(t, Format, "dir/Harbour Rules.csv", []byte("Number,Title,Parent,Withdrawn\n1,Boats,,\n7,Masts,1,yes\n1.1,Sails,7,\n2,Lost,9,\n"))
	want := []string{"harbour-rules.1 |  | group | Boats", "harbour-rules.7 | 1 | group | Masts", "harbour-rules.1.1 | 7 | requirement | Sails", "harbour-rules.2 |  | requirement | Lost"}
	if diff := cmp.Diff(want, listing(b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "parent 9 of 2 is not in the outline") {
		t.Errorf("notes: %v", b.Notes)
	}
	two := feedtest.Read(t, Format, "x.csv", []byte("Framework,Number,Title\nOne,1,A\nTwo,1,B\n"))
	if got := two.Contents["frameworks"]; got != 2 {
		t.Errorf("%d frameworks", got)
	}
}

func TestRefusals(t *testing.T) {
	b := feedtest.Read(t, Format, "r.csv", []byte("Number,Title\n1,One\n,Nothing\n1,Again\n"+strings.Repeat("9", 101)+",Long\n"))
	var got []string
	for _, r := range b.Refused {
		got = append(got, r.String())
	}
	want := []string{
		"r.csv:3:1: column Number: the row has no number: every requirement needs one, such as A.5.1",
		"r.csv:4:1: column Number: the number 1 is there twice, first in line 2: give each requirement a number of its own",
		`r.csv:5:1: column Number: "` + strings.Repeat("9", 77) + `…" is too long for a number: it may have 100 bytes`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	feedtest.Refuses(t, Format, [][3]string{
		{"no heads", "a,b\nc,d\n", "an outline needs a column Number"},
		{"empty", "", "no row that names the columns"},
		{"no workbook", "PK\x03\x04broken", "workbook"},
	})
}

func TestRelations(t *testing.T) {
	for text, want := range map[string]model.MappingRelation{
		"equal": model.EqualTo, "Equal To": model.EqualTo, "=": model.EqualTo, "is equivalent to": model.EquivalentTo, "subset of": model.SubsetOf, "Subset Of": model.SubsetOf, "⊂": model.SubsetOf, "⊆": model.SubsetOf,
		"superset-of": model.SupersetOf, "superset_of": model.SupersetOf, "⊃": model.SupersetOf, "intersects with": model.IntersectsWith, "∩": model.IntersectsWith, "No Relationship": model.NoRelationship,
	} {
		if got, ok := relationOf(text); !ok || got != want {
			t.Errorf("%q is %q", text, got)
		}
	}
	for _, text := range []string{"", "perhaps", "!"} {
		if got, ok := relationOf(text); ok {
			t.Errorf("%q is %q", text, got)
		}
	}
}

// town is an estate that files are imported into.
type town struct {
	t    testing.TB
	snap *estate.Snapshot
	ids  byte
}

func (c *town) take(name, text string) *feed.Plan {
	c.t.Helper()
	b, err := feed.Read(context.Background(), Format, c.snap.Schema(), feed.Input{Name: name, Data: []byte(text)})
	if err != nil {
		c.t.Fatal(err)
	}
	newID := func() model.ID { c.ids++; return model.ID{0: 1, 6: 0x70, 15: c.ids} }
	plan := feed.Reconcile(c.snap.View(0), b, feed.Options{Now: model.Time(1_900_000_000_000), NewID: newID, Rank: 60})
	if c.snap, err = c.snap.Apply(model.Stamp{Seq: c.snap.Stamp().Seq + 1, At: 1_900_000_000_000}, plan.Changes); err != nil {
		c.t.Fatal(err)
	}
	return plan
}

func TestMappingsBetweenFrameworksThatAreThere(t *testing.T) {
	c := &town{t: t, snap: estate.Empty()}
	c.take("Ropes.csv", "Number,Title\nA.1,Ropes\nA.2,Knots\n")
	c.take("Boats.csv", "Number,Title\n1,Hulls\nA.1,Masts\n")
	const text = "From framework,From,Relation,To framework,To,Rationale,Remarks\nRopes,A.1,⊂,boats,1,semantic,Ropes are part of hulls.\nRopes,A.2,equal,Boats,A.1,functional,\nRopes,A.2,maybe,Boats,1,,\nRopes,A.9,equal,Boats,1,,\n"
	plan := c.take("map.csv", text)
	var got []string
	for m := range estate.Each[*model.RequirementMapping](c.snap.View(0)) {
		from, _ := estate.Look[*model.Requirement](c.snap.View(0), m.From)
		into, _ := estate.Look[*model.Requirement](c.snap.View(0), m.Into)
		got = append(got, strings.Join([]string{m.Key, from.Key, string(m.Relation), into.Key, string(m.Rationale), m.Remarks}, " | "))
	}
	want := []string{"ropes-a.1.boats-1 | ropes.a.1 | subset_of | boats.1 | semantic | Ropes are part of hulls.", "ropes-a.2.boats-a.1 | ropes.a.2 | equal_to | boats.a.1 | functional | "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var refused []string
	for _, r := range plan.Refused {
		refused = append(refused, r.Where.String())
	}
	if diff := cmp.Diff([]string{"map.csv:4:11: column Relation", "map.csv:5:7: column From"}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s\n%v", diff, plan.Refused)
	}
	for name, text := range map[string]string{"Ropes.csv": "Number,Title\nA.1,Ropes\nA.2,Knots\n", "map.csv": text} {
		if again := c.take(name, text); again.Counts.Created+again.Counts.Edited > 0 {
			t.Errorf("%s again: %+v", name, again.Counts)
		}
	}
}

func TestDetection(t *testing.T) {
	feedtest.Detects(t, Format, [][2]string{
		{"an outline", "Control ID,Control Title,Control Text\nA.1,x,y\n"},
		{"a mapping", "From framework;From;Relation;To framework;To\na;1;equal;b;2\n"},
		{"requirements with their framework", "Framework,Requirement ID,Title\na,1,b\n"},
	}, [][2]string{
		{"contracts", "Number,Title,Vendor\n1,a,b\n"},
		{"applications", "Name,Owner\na,b\n"},
		{"risks", "ID,Title,Description\n1,a,b\n"},
		{"JSON", `{"number":1,"title":"a"}`},
		{"nothing", ""},
		{"interfaces", "From,To,Type\na,b,c\n"},
	})
	feedtest.DetectsOnly(t, Format, func(string) bool { return false })
}

// Every row with a number becomes one requirement, whatever the numbers are, and no parent is its own.
func TestEveryRowBecomesARequirement(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		numbers := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-C1-3](\.[1-3a-b]){0,3}( ?\([a-c]\))?`), 1, 20, rapid.ID[string]).Draw(t, "numbers")
		text := "Number,Title\n"
		for _, n := range numbers {
			text += n + ",x\n"
		}
		b, err := feedtest.Try(Format, "f.csv", []byte(text))
		if err != nil || len(b.Refused) > 0 || b.Contents["requirements"] != len(numbers) {
			t.Fatalf("%v, %v, %v", err, b.Refused, b.Contents)
		}
		up := map[model.Ref]model.Ref{}
		for _, item := range b.Items {
			if q, ok := item.Record.(*model.Requirement); ok {
				up[q.Ref()] = q.Parent
			}
		}
		for ref := range up {
			steps := 0
			for at := up[ref]; !at.IsZero(); at = up[at] {
				if steps++; steps > len(numbers) {
					t.Fatalf("%v: parents go round in a circle", numbers)
				}
			}
		}
	})
}

func FuzzOutline(f *testing.F) {
	for _, seed := range []string{ropes, "Number,Title,Parent\n1,a,2\n2,b,1\n", "From framework,From,Relation,To framework,To\na,1,equal,b,2\na,,⊂,b,x:y\n", "Number;Text\n\"1", "PK\x03\x04", "Number,Title\n(,a\n..,b\n"} {
		f.Add([]byte(seed))
	}
	feedtest.Fuzz(f, Format, "a value is required")
}
