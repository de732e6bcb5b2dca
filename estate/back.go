package estate

import (
	"iter"
	"slices"
	"sort"

	"binnacle/model"
)

// pageBefore returns the page that ends right before a cursor.
func (v View) pageBefore(c *compiled, o *order, q Query) Page {
	at, ok := c.parse(q.Before)
	if !ok {
		q.Before = ""
		page, _ := v.List(q)
		return page
	}
	var page Page
	for rec := range v.backward(c, o, at) {
		if len(page.Records) == q.Limit {
			page.Prev = c.cursor(page.Records[q.Limit-1])
			break
		}
		page.Records = append(page.Records, rec)
	}
	slices.Reverse(page.Records)
	if n := len(page.Records); n > 0 {
		page.Next = c.cursor(page.Records[n-1])
	}
	return page
}

// reached reports whether a record stands at a cursor or behind it.
func (p position) reached(fields []sortField, rec model.Record) bool {
	return p.before(fields, rec) || rec.Base().Key == p.key && rec.Base().ID == p.id
}

// backward yields the records of an order that stand before a cursor, the nearest first.
func (v View) backward(c *compiled, o *order, at position) iter.Seq[model.Record] {
	return func(yield func(model.Record) bool) {
		fresh, base := v.changedRecords(c, o), o.base.slots
		i := sort.Search(len(base), func(i int) bool {
			for ; i < len(base); i++ {
				if !o.stale(base[i]) {
					return at.reached(c.sort, v.snap.nodes.at(base[i]).rec)
				}
			}
			return true
		}) - 1
		j := sort.Search(len(fresh), func(j int) bool { return at.reached(c.sort, fresh[j]) }) - 1
		for {
			for i >= 0 && o.stale(base[i]) {
				i--
			}
			var rec model.Record
			switch {
			case i >= 0 && (j < 0 || compareRecords(c.sort, v.snap.nodes.at(base[i]).rec, fresh[j]) > 0):
				rec = v.snap.nodes.at(base[i]).rec
				i--
			case j >= 0:
				rec = fresh[j]
				j--
			default:
				return
			}
			if v.sees(rec) && !yield(rec) {
				return
			}
		}
	}
}
