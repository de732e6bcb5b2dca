package facts_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/facts"
	"binnacle/model"
)

// The numbers of delivery events are names: adding them up means nothing. What was added, deleted and tested is added up by sort of event.
func TestTheTotalsOfDeliveryEvents(t *testing.T) {
	tally := facts.NewTally(facts.Header{Series: facts.Delivery.Name, Columns: []string{"Repository", "Event"}})
	tally.Item(0, []string{"acme/shop", "commit"})
	tally.Item(1, []string{"acme/shop", "build"})
	tally.Item(2, []string{"acme/shop", "deployment"})
	add := func(item uint32, values map[int]int64) {
		line := facts.Line{Item: item}
		for at, n := range values {
			line.Values[at] = facts.NewDecimal(n, 0)
		}
		tally.Add(&line)
	}
	add(0, map[int]int64{facts.EventID: 11, facts.EventParent: 5, facts.LinesAdded: 40, facts.LinesDeleted: 7})
	add(0, map[int]int64{facts.EventID: 12, facts.EventParent: 5, facts.LinesAdded: 2})
	add(1, map[int]int64{facts.EventID: 13, facts.TestsRun: 800, facts.TestsFailed: 1})
	add(2, map[int]int64{facts.EventID: 14, facts.EventParent: 11})
	want := []model.LoadTotal{
		{Measure: "TestsRun of build", Amount: "800"},
		{Measure: "TestsFailed of build", Amount: "1"},
		{Measure: "LinesAdded of commit", Amount: "42"},
		{Measure: "LinesDeleted of commit", Amount: "7"},
	}
	if diff := cmp.Diff(want, tally.Totals()); diff != "" {
		t.Error(diff)
	}
	if tally.Lines() != 4 {
		t.Errorf("%d lines were added, want 4", tally.Lines())
	}
}
