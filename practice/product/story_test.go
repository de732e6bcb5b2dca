package product_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
	"binnacle/practice/product"
)

// TestStory follows a market signal to the review of what came of it: each action is committed, and the next one sees it.
func TestStory(t *testing.T) {
	snap, err := practicetest.Estate(`
- {kind: Product, key: berth, name: Berth, capacity: 6}
- {kind: Customer, key: north, name: North Harbours, products: [berth], revenue: 120000 EUR}
- {kind: Customer, key: south, name: South Marina, products: [berth], revenue: 80000 EUR}
- {kind: MarketSignal, key: quay, name: QuayPay takes phones, seen: 2028-01-02, impact: high, products: [berth]}
- {kind: Opportunity, key: pay-away, name: Pay away from the desk, product: berth, signals: [quay]}
- {kind: Release, key: five, of: Product/berth, version: "5.0", released: 2028-05-20, notes: Pay by phone.}
`)
	if err != nil {
		t.Fatal(err)
	}
	practices := []*practice.Practice{&product.Practice}
	ask := func(day, name string, parameters map[string]any) any {
		t.Helper()
		asked, err := practice.Find(practices, "product."+name)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := asked.Ask(snap.View(model.MustDate(day)).With(practice.Beside{Practices: practices, Anybody: true}), parameters)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return answer
	}
	seq := uint64(1)
	do := func(day, name string, parameters map[string]any) {
		t.Helper()
		seq++
		proposal := ask(day, name, parameters).(practice.Proposal)
		next, err := snap.Apply(model.Stamp{Seq: seq}, proposal.Changes)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		snap = next
	}
	do("2028-01-10", "submit_idea", map[string]any{"title": "Phone pay", "opportunity": "pay-away", "customer": "north", "value": "30000 EUR"})
	do("2028-01-11", "submit_idea", map[string]any{"title": "Phone paying", "product": "berth", "customer": "north", "value": "20000 EUR"})
	do("2028-01-12", "record_request", map[string]any{"idea": "phone-paying", "customer": "south", "value": "10000 EUR", "promised": "2028-06-01"})
	do("2028-01-13", "merge_ideas", map[string]any{"into": "phone-pay", "ideas": "phone-paying"})
	do("2028-01-14", "score_idea", map[string]any{"idea": "phone-pay", "reach": "10000", "impact": "2", "confidence": "80", "effort": "2"})
	if row := ask("2028-01-14", "ideas", nil).(product.IdeasOut).Ranking.Rows[0]; row.Score == nil || *row.Score != 8000 || row.Value.String() != "40000 EUR" || len(row.Customers) != 2 {
		t.Errorf("after the merge and the score: %+v", row)
	}
	do("2028-01-15", "plan_idea", map[string]any{"idea": "phone-pay", "bucket": "now", "start": "2028-02-01", "due": "2028-07-01"})
	if got := ask("2028-01-15", "promises", nil).(product.PromisesOut); got.Late.Value != 1 || got.AtStake.Money.String() != "10000 EUR" {
		t.Errorf("planned a month too late: %+v %+v", got.Late, got.AtStake)
	}
	do("2028-01-16", "schedule", map[string]any{"item": "phone-pay", "due": "2028-05-31", "confidence": "90"})
	if got := ask("2028-01-16", "no_promise_late", nil).(practice.Verdict); !got.Pass {
		t.Errorf("planned in time: %+v", got)
	}
	item := snap.View(model.MustDate("2028-01-16")).Find("RoadmapItem", "phone-pay").(*model.RoadmapItem)
	after := model.Clone(item)
	after.Outcomes = []model.PredictedEffect{{Name: "bookings", Before: 100, Predicted: 200}}
	change, _ := model.Difference(snap.View(0).Schema().Of(item), item, after)
	seq++
	if snap, err = snap.Apply(model.Stamp{Seq: seq}, []model.Change{change}); err != nil {
		t.Fatal(err)
	}
	do("2028-05-21", "deliver", map[string]any{"item": "phone-pay", "release": "five"})
	if got := ask("2028-05-22", "promises", map[string]any{"all": "yes"}).(product.PromisesOut).Table.Rows; len(got) != 1 || got[0].State != product.PromiseKept {
		t.Errorf("delivered in time: %+v", got)
	}
	if got := ask("2028-12-31", "delivered_reviewed", nil).(practice.Verdict); got.Pass {
		t.Errorf("half a year later nobody has looked: %+v", got)
	}
	do("2029-01-10", "record_outcome", map[string]any{"item": "phone-pay", "effect": "bookings", "actual": "180", "learned": "Most of it."})
	v := snap.View(model.MustDate("2029-01-11"))
	var got []string
	for i := range estate.Each[*model.Idea](v) {
		got = append(got, fmt.Sprint(i.Key, " ", i.State, " ", len(i.Requests)))
	}
	for a := range estate.Each[*model.Announcement](v) {
		got = append(got, fmt.Sprint(a.Name, " public ", a.Public))
	}
	row := ask("2029-01-11", "outcomes", nil).(product.OutcomesOut).Table.Rows[0]
	got = append(got, fmt.Sprint(row.Verdict, " ", *row.Reached))
	if diff := cmp.Diff("phone-pay delivered 2, phone-paying merged 0, Phone pay public false, missed 80", strings.Join(got, ", ")); diff != "" {
		t.Error(diff)
	}
}
