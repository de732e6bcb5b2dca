package vulnerable_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/cyclonedx"
	"binnacle/feed/epss"
	"binnacle/feed/kev"
	"binnacle/feed/nvd"
	"binnacle/feed/osv"
	"binnacle/model"
	"binnacle/practice/vulnerable"
)

const samples = "../../../shared/data"

// house is an estate that the real feeds fill.
type house struct {
	t    testing.TB
	snap *estate.Snapshot
	ids  int
}

func newHouse(t testing.TB) *house { return &house{t: t, snap: estate.Empty()} }

func (h *house) newID() model.ID {
	h.ids++
	return model.ID{0: 1, 6: 0x70, 13: byte(h.ids >> 16), 14: byte(h.ids >> 8), 15: byte(h.ids)}
}

// take imports the files that fit a pattern below the samples as one whole.
func (h *house) take(f feed.Format, pattern string) *feed.Plan {
	h.t.Helper()
	if _, err := os.Stat(samples); err != nil {
		h.t.Skip("the folder ../shared/data is not there")
	}
	files, err := filepath.Glob(filepath.Join(samples, pattern))
	if err != nil || len(files) == 0 {
		h.t.Fatalf("no file fits %s: %v", pattern, err)
	}
	var whole *feed.Batch
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			h.t.Fatal(err)
		}
		b, err := feed.Read(context.Background(), f, h.snap.Schema(), feed.Input{Name: file, Data: data})
		if err != nil {
			h.t.Fatal(err)
		}
		if whole == nil {
			whole = b
		} else {
			whole.Join(b)
		}
	}
	return h.reconcile(whole)
}

func (h *house) reconcile(b *feed.Batch) *feed.Plan {
	h.t.Helper()
	plan := feed.Reconcile(h.snap.View(today), b, feed.Options{Now: 1_900_000_000_000, NewID: h.newID, Rank: 50})
	h.apply(plan.Changes)
	return plan
}

func (h *house) apply(changes []model.Change) {
	h.t.Helper()
	next, err := h.snap.Apply(model.Stamp{Seq: h.snap.Stamp().Seq + 1, At: 1_900_000_000_000}, changes)
	if err != nil {
		h.t.Fatal(err)
	}
	h.snap = next
}

var today = func() model.Date { d, _ := model.ParseDate("2026-09-01"); return d }()

// pairs lists the matches as the file of expected ones does: the package in the words of its registry, the version, the advisory.
func pairs(x *vulnerable.Index) [][]string {
	var out [][]string
	for _, m := range x.Matches() {
		name := strings.TrimPrefix(strings.TrimPrefix(m.Package, "pkg:golang/"), "pkg:maven/")
		if strings.HasPrefix(m.Package, "pkg:maven/") {
			name = strings.Replace(name, "/", ":", 1)
		}
		out = append(out, []string{name, m.Version, m.Advisory.Key})
	}
	slices.SortFunc(out, slices.Compare)
	return slices.CompactFunc(out, slices.Equal)
}

func TestMatchesOfRealBillsOfMaterials(t *testing.T) {
	tests := []struct{ name, bill, advisories, want string }{
		{"proton-bridge", "02-sbom/cyclonedx-bom-examples/SBOM/proton-bridge/proton-bridge-v1.6.3.bom.json", "03-vulnerabilities/osv-go/*.json", "proton-bridge-v1.6.3 x osv-go"},
		{"keycloak", "02-sbom/cyclonedx-bom-examples/SBOM/keycloak-10.0.2/bom.json", "03-vulnerabilities/osv-maven_zeppelin-server-vulnerabilities.json", "keycloak-10.0.2 x osv-maven"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := newHouse(t)
			h.take(cyclonedx.Format, test.bill)
			if plan := h.take(osv.Format, test.advisories); len(plan.Refused) > 0 {
				t.Errorf("refused: %v", plan.Refused)
			}
			raw, err := os.ReadFile(samples + "/03-vulnerabilities/expected-matches.json")
			if err != nil {
				t.Fatal(err)
			}
			var expected map[string][][]string
			if err := json.Unmarshal(raw, &expected); err != nil {
				t.Fatal(err)
			}
			want := expected[test.want]
			slices.SortFunc(want, slices.Compare)
			got := pairs(vulnerable.In(h.snap.View(today)))
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRealAdvisoriesAgain(t *testing.T) {
	h := newHouse(t)
	for _, one := range []struct {
		format  feed.Format
		pattern string
	}{
		{osv.Format, "03-vulnerabilities/osv-go/*.json"}, {osv.Format, "03-vulnerabilities/osv-maven_*.json"}, {osv.Format, "03-vulnerabilities/osv-npm_*.json"},
		{osv.Format, "03-vulnerabilities/osv-pypi/*/*.yaml"}, {nvd.Format, "03-vulnerabilities/nvd-samples/*.json"},
		{kev.Format, "03-vulnerabilities/kev/*vulnerabilities.json"}, {kev.Format, "03-vulnerabilities/kev/*.csv"}, {epss.Format, "03-vulnerabilities/epss/epss_scores-sample.csv"},
	} {
		first := h.take(one.format, one.pattern)
		if len(first.Refused) > 0 {
			t.Errorf("%s: refused: %v", one.pattern, first.Refused)
		}
		second := h.take(one.format, one.pattern)
		if c := second.Counts; c.Created+c.Edited+c.Stale+c.Refused > 0 {
			t.Errorf("%s: importing it again changes something: %+v %v", one.pattern, c, second.Lines[:min(2, len(second.Lines))])
		}
	}
}

func TestKnownExploitedVulnerabilitiesAreJoined(t *testing.T) {
	for _, pattern := range []string{"03-vulnerabilities/kev/*vulnerabilities.json", "03-vulnerabilities/kev/*.csv"} {
		h := newHouse(t)
		plan := h.take(kev.Format, pattern)
		if got := plan.Contents["known exploited vulnerabilities"]; got != 1404 {
			t.Errorf("%s: %d rows, want 1404", pattern, got)
		}
		if got := plan.Contents["used by ransomware"]; got != 293 {
			t.Errorf("%s: %d used by ransomware, want 293", pattern, got)
		}
		if got := h.snap.View(today).Count("Advisory"); got != 1404 {
			t.Errorf("%s: %d advisories, want 1404", pattern, got)
		}
	}
}

func TestTheOrderOfImportsDoesNotMatter(t *testing.T) {
	feeds := []struct {
		format  feed.Format
		pattern string
	}{
		{osv.Format, "03-vulnerabilities/osv-maven_*.json"}, {kev.Format, "03-vulnerabilities/kev/*.csv"}, {epss.Format, "03-vulnerabilities/epss/epss_scores-sample.csv"},
		{nvd.Format, "03-vulnerabilities/nvd-samples/*.json"}, {cyclonedx.Format, "02-sbom/cyclonedx-bom-examples/SBOM/keycloak-10.0.2/bom.json"},
	}
	told := func(order []int) []string {
		h := newHouse(t)
		for _, i := range order {
			h.take(feeds[i].format, feeds[i].pattern)
		}
		x := vulnerable.In(h.snap.View(today))
		var out []string
		for _, g := range x.Groups() {
			s := x.SignalsOf(g)
			out = append(out, strings.Join([]string{g.ID, string(s.Severity), s.Exploited.String(), s.Scored.String(), s.Model, s.Exploitation.Value, s.Automatable.Value, s.TechnicalImpact.Value}, " "))
		}
		return out
	}
	want := told([]int{0, 1, 2, 3, 4})
	for _, order := range [][]int{{4, 3, 2, 1, 0}, {2, 4, 0, 3, 1}} {
		if diff := gocmp.Diff(want, told(order)); diff != "" {
			t.Errorf("order %v (-want +got):\n%s", order, diff)
		}
	}
	active := slices.IndexFunc(want, func(s string) bool { return strings.Contains(s, " active ") })
	if active < 0 {
		t.Error("no vulnerability of keycloak is known to be exploited; log4j or struts should be: " + strings.Join(want[:min(3, len(want))], "; "))
	}
}
