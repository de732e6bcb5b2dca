package standards_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/estate/adr"
	"binnacle/model"
	"binnacle/practice/practicetest"
	"binnacle/practice/standards"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &standards.Practice)
}

// TestLine holds the straight line and the end of campaigns that were worked out by hand.
func TestLine(t *testing.T) {
	start, due := model.MustDate("2026-01-01"), model.MustDate("2026-04-11") // 100 days
	for _, c := range []struct {
		baseline, reached, all int
		day                    int
		expected               int
		end                    int
	}{
		// Half of the time: 20 + 80/2. In 50 days 20 came, so 60 more take 150.
		{20, 40, 100, 50, 60, 200},
		{20, 60, 100, 50, 60, 100},
		{20, 20, 100, 50, 60, -1},
		{20, 100, 100, 50, 60, 50},
		{20, 10, 100, 0, 20, -1},
		// Two of ten in 30 days: 6 more take 90.
		{2, 4, 10, 30, 4, 120},
		{0, 3, 10, 200, 10, 667},
	} {
		expected, end := standards.Line(c.baseline, c.reached, c.all, start, due, start.AddDays(c.day))
		want := model.Date(0)
		if c.end >= 0 {
			want = start.AddDays(c.end)
		}
		if expected != c.expected || end != want {
			t.Errorf("%+v: %d and %s, want %s", c, expected, end, want)
		}
	}
}

// fleet returns an estate with applications and a scorecard of 20 rules on four levels. Application i breaks rule r where i is a multiple of r + 2.
func fleet(tb testing.TB, n int) *estate.Snapshot {
	records := []model.Record{}
	id := 0
	add := func(rec model.Record, key string) {
		id++
		rec.Base().ID, rec.Base().Key, rec.Base().Version = practicetest.IDOf(id), key, 1
		records = append(records, rec)
	}
	card := &model.Scorecard{Kind: "Application", Levels: []model.ScorecardLevel{{Name: "1"}, {Name: "2"}, {Name: "3"}, {Name: "4"}}, Target: "2"}
	for r := range 20 {
		card.Criteria = append(card.Criteria, model.ScorecardCriterion{Name: fmt.Sprint("rule ", r), Level: fmt.Sprint(r/5 + 1), Rule: fmt.Sprintf("record.users %% %d != 0", r+2)})
	}
	add(card, "card")
	for i := range n {
		add(&model.Application{Users: i + 1}, fmt.Sprintf("app-%05d", i+1))
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		tb.Fatal(err)
	}
	return snap
}

// TestLevels: the level of a record is the highest of which, and of all below it, every criterion is fulfilled, however the rules fall.
func TestLevels(t *testing.T) {
	snap := fleet(t, 500)
	card := snap.Find("Scorecard", "card").Base().Ref()
	out, err := standards.Scorecard(snap.View(model.MustDate("2026-11-22")), standards.ScorecardIn{Scorecard: card})
	if err != nil || len(out.Records.Rows) != 500 {
		t.Fatal(err, len(out.Records.Rows))
	}
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SampledFrom(out.Records.Rows).Draw(t, "row")
		var users int
		fmt.Sscanf(row.Record.Key, "app-%d", &users)
		want := "none"
		for level := 1; level <= 4; level++ {
			ok := true
			for r := (level - 1) * 5; r < level*5; r++ {
				ok = ok && users%(r+2) != 0
			}
			if !ok {
				break
			}
			want = fmt.Sprint(level)
		}
		if row.Level != want {
			t.Fatalf("%s has the level %s, want %s", row.Record.Key, row.Level, want)
		}
	})
}

// TestLargeScorecard: 5,000 applications and 20 rules are scored well within a second.
func TestLargeScorecard(t *testing.T) {
	snap := fleet(t, 5000)
	v := snap.View(model.MustDate("2026-11-22"))
	card := snap.Find("Scorecard", "card").Base().Ref()
	for range 2 {
		start := time.Now()
		if _, err := standards.Scorecard(v, standards.ScorecardIn{Scorecard: card}); err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		t.Logf("scored in %s", took)
		if took > 5*time.Second {
			t.Errorf("scoring took %s", took)
		}
	}
}

func BenchmarkScorecard(b *testing.B) {
	snap := fleet(b, 5000)
	card := snap.Find("Scorecard", "card").Base().Ref()
	day := model.MustDate("2026-11-22")
	for b.Loop() {
		day++
		if _, err := standards.Scorecard(snap.View(day), standards.ScorecardIn{Scorecard: card}); err != nil {
			b.Fatal(err)
		}
	}
}

// TestExportOfOthers: what was read from the folders of others is written back to the last byte.
func TestExportOfOthers(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/14-adr/*/*.md")
	if len(files) == 0 {
		t.Skip("the folder ../shared/data/14-adr is not there")
	}
	texts := map[string]string{}
	var records []model.Record
	for i, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		folder := filepath.Base(filepath.Dir(f))
		d := adr.Parse(filepath.Base(f), string(data)).Record()
		d.ID, d.Version, d.Sightings = practicetest.IDOf(i+1), 1, []model.Sighting{{Source: "madr:" + folder}}
		d.Key = fmt.Sprint(i)
		records = append(records, d)
		texts[folder+"/"+filepath.Base(f)] = string(data)
	}
	snap, err := estate.Load(model.Stamp{Seq: 1}, slices.Values(records))
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(model.MustDate("2026-11-22"))
	out, err := standards.Export(v, standards.ExportIn{})
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(out.File.Content), int64(len(out.File.Content)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[f.Name] = string(text)
	}
	if diff := cmp.Diff(texts, got); diff != "" || out.Edited.Value != 0 {
		t.Errorf("%v edited (-want +got):\n%s", out.Edited.Value, diff)
	}
	one := records[0].Base().Ref()
	out, err = standards.Export(v, standards.ExportIn{Decisions: []model.Ref{one}})
	if err != nil || string(out.File.Content) != records[0].(*model.DecisionRecord).Text || out.File.Name != filepath.Base(files[0]) {
		t.Errorf("one decision is written as %s: %v", out.File, err)
	}
}
