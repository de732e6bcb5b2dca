package madr

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/estate/adr"
	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

func record(status string) string {
	return "# Use ink\n\n## Status\n\n" + status + "\n\n## Context\n\nPencil fades.\n\n## Decision\n\nWe use ink.\n\n## Consequences\n\nStains.\n"
}

// ship is an estate that contents are imported into one after the other.
type ship struct {
	t    *testing.T
	snap *estate.Snapshot
	seq  uint64
}

func newShip(t *testing.T) *ship {
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values([]model.Record(nil)))
	if err != nil {
		t.Fatal(err)
	}
	return &ship{t: t, snap: snap, seq: 1}
}

// load imports files as one whole and returns what would change, which is applied.
func (s *ship) load(files ...[2]string) *feed.Plan {
	s.t.Helper()
	var whole *feed.Batch
	for _, f := range files {
		b := feedtest.Read(s.t, Format, f[0], []byte(f[1]))
		if whole == nil {
			whole = b
		} else {
			whole.Join(b)
		}
	}
	n := byte(0)
	plan := feed.Reconcile(s.snap.View(0), whole, feed.Options{Rank: Format.Rank, NewID: func() model.ID { n++; return model.ID{1, byte(s.seq), 15: n} }})
	for _, r := range plan.Refused {
		s.t.Errorf("refused: %s", r)
	}
	s.seq++
	next, err := s.snap.Apply(model.Stamp{Seq: s.seq}, plan.Changes)
	if err != nil {
		s.t.Fatal(err)
	}
	s.snap = next
	return plan
}

func (s *ship) get(key string) *model.DecisionRecord {
	s.t.Helper()
	d, ok := s.snap.Find("DecisionRecord", key).(*model.DecisionRecord)
	if !ok {
		s.t.Fatalf("there is no decision %s", key)
	}
	return d
}

func (s *ship) keys(refs []model.Ref) []string {
	var out []string
	for _, ref := range refs {
		out = append(out, s.snap.Get(ref).Base().Key)
	}
	return out
}

func TestLinksInAnyOrder(t *testing.T) {
	files := [][2]string{
		{"doc/adr/0001-pencil.md", record("Superseded by [2. Use ink](0002-ink.md)")},
		{"doc/adr/0002-ink.md", record("Accepted\n\nAmended by ADR-0003")},
		{"doc/adr/0003-blots.md", record("Accepted")},
	}
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 0, 2}} {
		s := newShip(t)
		s.load(files[order[0]], files[order[1]], files[order[2]])
		if diff := cmp.Diff([]string{"adr-0001-pencil"}, s.keys(s.get("adr-0002-ink").Supersedes)); diff != "" {
			t.Errorf("supersedes (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"adr-0002-ink"}, s.keys(s.get("adr-0003-blots").Relates)); diff != "" {
			t.Errorf("relates (-want +got):\n%s", diff)
		}
	}
	// One file after the other comes to the same.
	s := newShip(t)
	for _, i := range []int{1, 0, 2} {
		s.load(files[i])
	}
	if diff := cmp.Diff([]string{"adr-0001-pencil"}, s.keys(s.get("adr-0002-ink").Supersedes)); diff != "" {
		t.Errorf("supersedes (-want +got):\n%s", diff)
	}
}

func TestAgain(t *testing.T) {
	s := newShip(t)
	files := [][2]string{{"ship/doc/adr/0001-pencil.md", record("Superseded by [2](0002-ink.md)")}, {"ship/doc/adr/0002-ink.md", record("Accepted")}}
	s.load(files...)
	if plan := s.load(files...); len(plan.Changes) > 0 {
		t.Errorf("the second import changes %v", plan.Changes)
	}
	files[1][1] = strings.Replace(files[1][1], "## Consequences\n\nStains.\n", "", 1)
	plan := s.load(files[1])
	var names []string
	for _, c := range plan.Changes {
		for _, f := range c.Fields {
			if c.Kind != "Source" && f.Name != "origins" && f.Name != "sightings" {
				names = append(names, c.Kind+"."+f.Name)
			}
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"DecisionRecord.consequences", "DecisionRecord.text"}, names); diff != "" {
		t.Errorf("an edited file (-want +got):\n%s", diff)
	}
	if d := s.get("adr-0002-ink"); len(d.Supersedes) != 1 {
		t.Error("the link that the other file tells is gone")
	}
	// Another folder with the same names has records of its own.
	s.load([2]string{"boat/doc/adr/0002-ink.md", record("Rejected")})
	if s.get("adr-0002-ink").State != "accepted" || s.get("adr-0002-ink-2").State != "rejected" {
		t.Error("two folders share a record")
	}
}

func TestWhatIsNoRecord(t *testing.T) {
	b := feedtest.Read(t, Format, "doc/adr/index.md", []byte("# Decisions\n\n* [1](0001-x.md)\n"))
	if len(b.Items) != 0 || len(b.Notes) != 1 || !strings.Contains(b.Notes[0], "doc/adr/index.md was left out") {
		t.Errorf("%d items and the notes %v", len(b.Items), b.Notes)
	}
	feedtest.Refuses(t, Format, [][3]string{
		{"nothing", " \n", "the content is empty"},
		{"a page", "# Read me\n\nPlease.\n", "is no decision record"},
		{"no text", "a\x00b", "NUL"},
	})
	feedtest.Detects(t, Format, [][2]string{{"Nygard", record("Accepted")}, {"with a mark of byte order", "\ufeff" + record("Accepted")}},
		[][2]string{{"JSON", `{"a": 1}`}, {"a page", "# Estate\n\nAll of it.\n"}, {"a manifest", "---\nkind: Host\nkey: a\n"}, {"a blip", "---\nring: hold\nquadrant: tools\n---\n## Context\n\n## Decision\n"}, {"nothing", ""}})
}

func TestBytesThatNoTextMayHave(t *testing.T) {
	text := record("Accepted") + "\x1b[0m\xff\n"
	b := feedtest.Read(t, Format, "0001-x.md", []byte(text))
	d := b.Items[0].Record.(*model.DecisionRecord)
	if got := string(adr.Write(d)); got != text {
		t.Errorf("written as %q", got)
	}
}

func TestPlaces(t *testing.T) {
	for _, row := range [][3]string{
		{"/home/x/shop/docs/decisions/0001-a.md", "shop", "docs/decisions/0001-a.md"},
		{"shop.zip/doc/adr/0001-a.md", "shop", "doc/adr/0001-a.md"},
		{`C:\shop\adr\0001-a.md`, "shop", "adr/0001-a.md"},
		{"0001-a.md", "decisions", "0001-a.md"},
	} {
		if source, within := placeOf(row[0]); source != row[1] || within != row[2] {
			t.Errorf("%s: %s and %s", row[0], source, within)
		}
	}
}

func TestFilesOfOthers(t *testing.T) {
	folder := feedtest.Samples(t)
	files, _ := filepath.Glob(folder + "/14-adr/*/*.md")
	s := newShip(t)
	bySource := map[string][][2]string{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		bySource[filepath.Base(filepath.Dir(f))] = append(bySource[filepath.Base(filepath.Dir(f))], [2]string{f, string(data)})
	}
	for _, list := range bySource {
		s.load(list...)
	}
	for _, list := range bySource {
		if plan := s.load(list...); len(plan.Changes) > 0 {
			t.Errorf("the second import changes %d records", len(plan.Changes))
		}
	}
	if n := s.snap.View(0).Count("DecisionRecord"); n != 58 {
		t.Errorf("%d decision records, want 38 and 20", n)
	}
	if diff := cmp.Diff([]string{"adr-0004-dns-definitions-for-hosts-and-services"}, s.keys(s.get("adr-0015-dns-infrastructure").Supersedes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"adr-0010-terraform-directory-structure"}, s.keys(s.get("adr-0017-terraform-data-structure").Relates)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	feedtest.DetectsOnly(t, Format, func(path string) bool { return strings.HasPrefix(path, "14-adr/") && strings.HasSuffix(path, ".md") })
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(record("Accepted")))
	f.Add([]byte("---\nstatus: x\n---\n# T\n\n## Context\n\n## Decision\n\n[a](b.md)\n"))
	feedtest.Fuzz(f, Format)
}

// TestWordsForDecisions: people ask for decision records by other words too, and a kind of the organisation may be called so all the same.
func TestWordsForDecisions(t *testing.T) {
	schema := model.Builtin()
	for _, word := range []string{"decision", "Decisions", "ADR", "adrs", "decision-record", "DecisionRecord"} {
		if k := schema.Kind(word); k == nil || k.Name != "DecisionRecord" {
			t.Errorf("%s is %v", word, k)
		}
	}
	own, errs := schema.With([]*model.KindDefinition{{Meta: model.Meta{Key: "decision"}}}, nil)
	if len(errs) > 0 || own.Kind("decision").Name != "decision" || own.Kind("adr").Name != "DecisionRecord" {
		t.Errorf("with a kind of the own called decision: %v", errs)
	}
}
