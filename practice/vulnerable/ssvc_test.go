package vulnerable

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/model"
)

// TestTables counts the outcomes of the published tables, which is a checksum of what was typed.
func TestTables(t *testing.T) {
	tests := []struct {
		name  string
		table table
		want  map[string]int
	}{
		{"deployer 1.0.0", deployer, map[string]int{"defer": 7, "scheduled": 42, "out_of_cycle": 20, "immediate": 3}},
		{"human impact", humanImpact, map[string]int{"low": 4, "medium": 3, "high": 2, "very_high": 7}},
		{"coordinator 2.0.3", coordinator, map[string]int{"track": 18, "track*": 4, "attend": 10, "act": 4}},
		{"BOD 26-04", timeline, map[string]int{"14_days": 6, "60_days": 3, "3_days": 2, "3_days_forensic": 3, "on_upgrade": 2}},
	}
	for _, test := range tests {
		got := map[string]int{}
		for i := range len(test.table.cells) {
			got[letters[test.table.cells[i]]]++
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		want := 1
		for _, p := range test.table.points {
			want *= len(p)
		}
		if len(test.table.cells) != want {
			t.Errorf("%s has %d cells and %d combinations", test.name, len(test.table.cells), want)
		}
	}
}

func known(v string) Point { return Point{Value: v} }

func TestRowsOfTables(t *testing.T) {
	for row, want := range map[string]string{
		"none small no low": "defer", "none small no high": "scheduled", "none small yes medium": "scheduled", "none open yes very_high": "out_of_cycle", "none controlled yes low": "scheduled",
		"public_poc controlled no medium": "scheduled", "public_poc controlled yes very_high": "out_of_cycle", "public_poc open yes high": "out_of_cycle", "public_poc controlled no low": "defer",
		"active small no high": "out_of_cycle", "active controlled yes low": "out_of_cycle", "active open no very_high": "immediate", "active open no low": "scheduled", "active open yes medium": "out_of_cycle", "active open yes high": "immediate",
	} {
		p := strings.Fields(row)
		if least, most := Deploy(known(p[0]), known(p[1]), known(p[2]), known(p[3])); string(least) != want || string(most) != want {
			t.Errorf("deployer %s: %s to %s, want %s", row, least, most, want)
		}
	}
	for row, want := range map[string]string{
		"negligible degraded": "low", "marginal mef_failure": "medium", "critical degraded": "medium", "critical mef_support_crippled": "high", "catastrophic degraded": "very_high", "negligible mission_failure": "very_high",
	} {
		p := strings.Fields(row)
		if got := HumanImpact(known(p[0]), known(p[1])); got.Value != want {
			t.Errorf("human impact %s: %s, want %s", row, got.Value, want)
		}
	}
	for row, want := range map[string]string{
		"none no total high": "track*", "none yes partial high": "attend", "public_poc no total medium": "track*", "active no partial medium": "track", "active no total high": "act", "active yes partial low": "attend", "active yes total medium": "act",
	} {
		p := strings.Fields(row)
		if _, got := Coordinate(known(p[0]), known(p[1]), known(p[2]), known(p[3])); got != want {
			t.Errorf("coordinator %s: %s, want %s", row, got, want)
		}
	}
	// In KEV, publicly exposed, automatable, technical impact.
	for row, want := range map[string]string{
		"no no no partial": "on_upgrade", "yes no no partial": "14_days", "no yes no partial": "60_days", "no no yes partial": "60_days", "no no no total": "on_upgrade", "yes yes no partial": "14_days", "yes no yes partial": "14_days",
		"no yes yes partial": "14_days", "yes no no total": "14_days", "no yes no total": "14_days", "no no yes total": "60_days", "yes yes yes partial": "3_days", "yes yes no total": "3_days_forensic", "yes no yes total": "3_days_forensic",
		"no yes yes total": "3_days", "yes yes yes total": "3_days_forensic",
	} {
		p := strings.Fields(row)
		if _, got := Timeline(known(p[0]), known(p[1]), known(p[2]), known(p[3])); got != want {
			t.Errorf("BOD 26-04 %s: %s, want %s", row, got, want)
		}
	}
}

func TestWhatIsNotKnownCountsAsTheWorst(t *testing.T) {
	least, most := Deploy(known("active"), Point{}, known("yes"), known("high"))
	if least != model.SSVCOutOfCycle || most != model.SSVCImmediate {
		t.Errorf("unknown exposure: %s to %s", least, most)
	}
	least, most = Deploy(Point{}, Point{}, Point{}, Point{})
	if least != model.SSVCDefer || most != model.SSVCImmediate {
		t.Errorf("nothing known: %s to %s", least, most)
	}
	human := HumanImpact(Point{}, known("degraded"))
	if human.Known() || human.Least != "low" || human.Most != "very_high" {
		t.Errorf("unknown safety: %+v", human)
	}
	if got := HumanImpact(Point{}, known("mission_failure")); got.Value != "very_high" {
		t.Errorf("when the mission fails, safety does not matter: %+v", got)
	}
	least, most = Deploy(known("none"), Point{Least: "controlled", Most: "open"}, known("no"), known("low"))
	if least != model.SSVCDefer || most != model.SSVCDefer {
		t.Errorf("a point between two values: %s to %s", least, most)
	}
}

// TestMoreIsNeverLessUrgent is a law of the deployer table and of human impact: a worse value never makes a decision less urgent.
func TestMoreIsNeverLessUrgent(t *testing.T) {
	for _, table := range []table{deployer, humanImpact, coordinator} {
		n := len(table.cells)
		index := func(i int) int {
			for o, name := range table.outcomes {
				if name == letters[table.cells[i]] {
					return o
				}
			}
			return -1
		}
		step := 1
		for p := len(table.points) - 1; p >= 0; p-- {
			for i := range n {
				if i/step%len(table.points[p]) < len(table.points[p])-1 && index(i+step) < index(i) {
					t.Errorf("%v: cell %d is less urgent than cell %d", table.points[p], i+step, i)
				}
			}
			step *= len(table.points[p])
		}
	}
}
