package epss_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/epss"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

const table = "#model_version:v2025.03.14,score_date:2026-01-02T12:55:00Z\ncve,epss,percentile\nCVE-1999-0001,0.01151,0.7802\nCVE-2021-44228,0.94358,0.99958\nCVE-2021-0007,0.5,1.00000\n"

func TestATable(t *testing.T) {
	b := feedtest.Read(t, epss.Format, "x.csv", []byte(table))
	got := feedtest.Records[*model.ExploitScores](b)
	if len(got) != 2 || got[1].Key != "epss-2021" || got[1].Year != 2021 || got[1].Vulnerabilities != 2 || got[1].Model != "v2025.03.14" || got[1].Scored.String() != "2026-01-02" {
		t.Fatalf("%+v", got)
	}
	scores, err := got[1].Scores()
	if err != nil {
		t.Fatal(err)
	}
	want := []model.ExploitScore{{Number: 7, Probability: 500_000_000, Percentile: 1_000_000_000}, {Number: 44228, Probability: 943_580_000, Percentile: 999_580_000}}
	if diff := cmp.Diff(want, scores); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if b.Source.Release != "v2025.03.14" || epss.Format.Detect([]byte(table)) == 0 {
		t.Errorf("the source is %+v", b.Source)
	}
}

func TestWrongRows(t *testing.T) {
	b := feedtest.Read(t, epss.Format, "x.csv", []byte(table+"CVE-2021-0007,0.1,0.1\nx,0.1,0.1\nCVE-2021-0008,1.1,0.1\nCVE-2021-0008,0.1,NaN\nCVE-2021-0008,0.1\n"))
	if len(b.Refused) != 5 || b.Refused[0].Where.Line != 6 || !strings.Contains(b.Refused[0].Reason, "twice") {
		t.Errorf("refused %v", b.Refused)
	}
	_, rest, _ := strings.Cut(table, "\n")
	feedtest.Refuses(t, epss.Format, [][3]string{
		{"no day", "#model_version:v1\ncve,epss,percentile\n", "score_date"}, {"another table", "#model_version:v1,score_date:2026-01-02\na,b\n", "cve,epss,percentile"}, {"nothing", "", "must name the columns"},
	})
	if b := feedtest.Read(t, epss.Format, "x.csv", []byte(rest)); len(b.Items) != 2 || len(b.Notes) == 0 || !strings.Contains(b.Notes[len(b.Notes)-1], "does not say of which day") {
		t.Errorf("a table without a day: %d items, notes %v", len(b.Items), b.Notes)
	}
}

// TestOtherColumns reads a table that says more, with the columns in another order.
func TestOtherColumns(t *testing.T) {
	b := feedtest.Read(t, epss.Format, "x.csv", []byte("CVE,CVSS3,EPSS Percentile,EPSS,Description\nCVE-2021-44228,10,0.99958,0.94358,\"Logging, remote\ncode\"\nCVE-2021-7,5,2,0.1,x\n"))
	got := feedtest.Records[*model.ExploitScores](b)
	if len(got) != 1 || len(b.Refused) != 1 || b.Refused[0].Where.Line != 4 {
		t.Fatalf("%d records, refused %v", len(got), b.Refused)
	}
	scores, err := got[0].Scores()
	if want := []model.ExploitScore{{Number: 44228, Probability: 943_580_000, Percentile: 999_580_000}}; err != nil || !cmp.Equal(want, scores) {
		t.Errorf("%v, %v", scores, err)
	}
}

// TestTheNewestDayCounts imports the days in either order, and both at once.
func TestTheNewestDayCounts(t *testing.T) {
	older := strings.NewReplacer("2026-01-02", "2026-01-01", "0.94358", "0.10000").Replace(table)
	for name, imports := range map[string][][]string{"rising": {{older}, {table}}, "falling": {{table}, {older}}, "at once": {{table, older}}, "the other way": {{older, table}}} {
		snap, ids := estate.Empty(), byte(0)
		for _, files := range imports {
			var whole *feed.Batch
			for _, text := range files {
				b := feedtest.Read(t, epss.Format, "x.csv", []byte(text))
				if whole == nil {
					whole = b
				} else {
					whole.Join(b)
				}
			}
			plan := feed.Reconcile(snap.View(0), whole, feed.Options{Now: 1_900_000_000_000, Rank: 50, NewID: func() model.ID { ids++; return model.ID{0: 1, 6: 0x70, 15: ids} }})
			next, err := snap.Apply(model.Stamp{Seq: snap.Stamp().Seq + 1, At: 1_900_000_000_000}, plan.Changes)
			if err != nil {
				t.Fatal(err)
			}
			snap = next
		}
		got := snap.Find("ExploitScores", "epss-2021").(*model.ExploitScores)
		scores, err := got.Scores()
		if err != nil || got.Scored.String() != "2026-01-02" || scores[1].Probability != 943_580_000 {
			t.Errorf("%s: the scores of %s are %v, %v", name, got.Scored, scores, err)
		}
	}
}

func TestDetectsItsOwnAlone(t *testing.T) {
	feedtest.DetectsOnly(t, epss.Format, func(p string) bool { return strings.Contains(p, "/epss/") && strings.HasSuffix(p, ".csv") })
}

func FuzzEPSS(f *testing.F) {
	f.Add([]byte(table))
	f.Add([]byte("cve,epss,percentile\nCVE-2021-99999999999999999999,1,1\n"))
	feedtest.Fuzz(f, epss.Format)
}
