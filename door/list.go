package door

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// List answers a query. With words, only records that have them in their texts
// are in the answer, the best first unless the query has an order; there is then no next page.
func List(v estate.View, q estate.Query, words string) (estate.Page, error) {
	if words == "" {
		return v.List(q)
	}
	limit := q.Limit
	q.Limit, q.After = 0, ""
	page, err := v.List(q)
	if err != nil {
		return page, err
	}
	place := map[model.ID]int{}
	for i, h := range v.Search(words, 0) {
		if model.NameOf(h.Record) == q.Kind {
			place[h.Record.Base().ID] = i + 1
		}
	}
	page.Records = slices.DeleteFunc(page.Records, func(rec model.Record) bool { return place[rec.Base().ID] == 0 })
	if len(q.Sort) == 0 {
		slices.SortStableFunc(page.Records, func(a, b model.Record) int { return cmp.Compare(place[a.Base().ID], place[b.Base().ID]) })
	}
	page.Total = len(page.Records)
	if limit > 0 && len(page.Records) > limit {
		page.Records = page.Records[:limit]
	}
	return page, nil
}
