package estate

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
)

// TestPagesAreTheSameBothWays walks a list forward page by page and then back
// again: the pages must be the same ones, whatever the order and the size of the page.
func TestPagesAreTheSameBothWays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 40).Draw(t, "records")
		var all []model.Record
		for i := range n {
			a := &model.Application{Users: rapid.IntRange(0, 5).Draw(t, "users"), Criticality: rapid.SampledFrom([]model.Criticality{"", "low", "high"}).Draw(t, "criticality")}
			a.ID, a.Key, a.Version = benchID(i+1), fmt.Sprintf("a%03d", i), "1"
			a.Meta.Version = 1
			all = append(all, a)
		}
		snap, err := loadAll(all)
		if err != nil {
			t.Fatal(err)
		}
		sort := rapid.SampledFrom([][]Sort{nil, {{Field: "users"}}, {{Field: "users", Down: true}, {Field: "criticality"}}, {{Field: "criticality", Down: true}}}).Draw(t, "sort")
		q := Query{Kind: "Application", Sort: sort, Limit: rapid.IntRange(1, 7).Draw(t, "limit")}
		v := snap.View(0)
		var forward [][]model.Record
		page := Page{Next: "start"}
		for page.Next != "" {
			page, err = v.List(q)
			if err != nil {
				t.Fatal(err)
			}
			forward = append(forward, page.Records)
			q.After = page.Next
		}
		q.After = ""
		for i := len(forward) - 2; i >= 0; i-- {
			if page.Prev == "" {
				t.Fatalf("page %d has no page before it", i+1)
			}
			q.Before = page.Prev
			if page, err = v.List(q); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(page.Records, forward[i]) {
				t.Fatalf("page %d is another one on the way back", i)
			}
		}
		if page.Prev != "" {
			t.Fatal("the first page has a page before it")
		}
	})
}
