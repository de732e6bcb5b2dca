package product

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// QuarterRow compares the work of a quarter with what the teams of a product can do.
type QuarterRow struct {
	// Product is the product.
	Product practice.Link
	// Quarter is the quarter of the calendar year.
	Quarter string
	// Effort is the work of the items in it. The work of an item is spread evenly over its days.
	Effort float64 `unit:"person-months"`
	// Capacity is how much the teams can do in a quarter.
	Capacity float64 `unit:"person-months"`
	// Load is the work in percent of the capacity.
	Load *float64 `unit:"%"`
	// Over is how much more work there is than the teams can do.
	Over float64 `unit:"person-months"`
	// Items are the items with work in it.
	Items []practice.Link
}

// usualQuarters is how many quarters are compared where nobody says.
const usualQuarters = 6

// Load is the share of the work of something that falls into quarters.
type Load struct {
	// Quarter is the first day of the quarter.
	Quarter model.Date
	// Effort is the work in it.
	Effort float64
}

// quarterOf returns the first day of the quarter of a day.
func quarterOf(day model.Date) model.Date {
	y, m, _ := day.Time().Date()
	return model.NewDate(y, (m-1)/3*3+1, 1)
}

// Spread spreads work evenly over the days from the first to the last, both included, and adds it up by quarter. The parts add up to the whole.
func Spread(effort float64, first, last model.Date) []Load {
	if effort <= 0 || last < first {
		return nil
	}
	days := float64(last-first) + 1
	var out []Load
	rest := effort
	for q := quarterOf(first); q <= last; q = q.AddMonths(3) {
		from, until := max(q, first), min(q.AddMonths(3)-1, last)
		part := effort * (float64(until-from) + 1) / days
		if until == last {
			part = rest
		}
		rest -= part
		out = append(out, Load{q, part})
	}
	return out
}

// window returns the days on which an item is worked on: from its first day to its due day. Without a first day its work is in the
// quarter in which it is due; without a due day in this quarter where it is now, in the next one where it is next, and nowhere where it is later. What is late is worked on until today.
func window(v estate.View, i *model.RoadmapItem) (first, last model.Date, ok bool) {
	now := quarterOf(v.At())
	switch {
	case !i.Due.IsZero() && i.Start.IsZero():
		first = max(quarterOf(i.Due), now)
		return first, max(i.Due, first, v.At()), true
	case !i.Due.IsZero():
		return min(i.Start, i.Due), max(i.Due, v.At()), true
	case bucketOf(i) == "now":
		return cmp.Or(i.Start, now), max(now.AddMonths(3)-1, i.Start), true
	case bucketOf(i) == "next":
		next := now.AddMonths(3)
		return max(i.Start, next), max(next.AddMonths(3)-1, i.Start), true
	}
	return 0, 0, false
}

// capacityOf compares the work of open items with the capacity of their products, from the running quarter on, and finds the quarters with too much of it.
func capacityOf(v estate.View, open []*model.RoadmapItem, in RoadmapIn) (practice.Table[QuarterRow], []practice.Finding) {
	var out practice.Table[QuarterRow]
	var findings []practice.Finding
	type cell struct {
		effort float64
		items  []*model.RoadmapItem
		parts  []float64
	}
	first := quarterOf(v.At())
	quarters := cmp.Or(in.Quarters, usualQuarters)
	cells := map[model.Ref]map[model.Date]*cell{}
	var products []model.Ref
	unplaced, unsized := 0.0, 0
	for _, i := range open {
		if i.Effort <= 0 {
			unsized++
			continue
		}
		from, until, ok := window(v, i)
		if !ok {
			unplaced += i.Effort
			continue
		}
		if cells[i.Product] == nil {
			cells[i.Product] = map[model.Date]*cell{}
			products = append(products, i.Product)
		}
		for _, l := range Spread(i.Effort, from, until) {
			c := cells[i.Product][l.Quarter]
			if c == nil {
				c = &cell{}
				cells[i.Product][l.Quarter] = c
			}
			c.effort += l.Effort
			c.items, c.parts = append(c.items, i), append(c.parts, l.Effort)
		}
	}
	slices.SortFunc(products, func(a, b model.Ref) int { return cmp.Compare(practice.To(v.Get(a)).Key, practice.To(v.Get(b)).Key) })
	for _, ref := range products {
		product, ok := estate.Look[*model.Product](v, ref)
		if !ok {
			continue
		}
		for n := range quarters {
			q := first.AddMonths(3 * n)
			c := cells[ref][q]
			if c == nil {
				continue
			}
			row := QuarterRow{Product: practice.To(product), Quarter: q.Quarter(), Effort: round1(c.effort), Capacity: product.Capacity, Items: practice.ToAll(c.items)}
			if product.Capacity > 0 {
				load := round1(100 * c.effort / product.Capacity)
				row.Load = &load
				row.Over = round1(max(0, c.effort-product.Capacity))
			}
			out.Rows = append(out.Rows, row)
			if product.Capacity > 0 && c.effort > product.Capacity+0.05 {
				findings = append(findings, overload(v, product, row, c.items))
			}
		}
	}
	if unplaced > 0 {
		out.Note += fmt.Sprintf("%g person-months of items without a day that stand under later are in no quarter. ", round1(unplaced))
	}
	if unsized > 0 {
		out.Note += practice.Count(unsized, "item has", "items have") + " no effort and counts as none."
	}
	return out, findings
}

// overload tells that a quarter holds too much, and proposes to move what brings the least for its effort and is not in work yet.
func overload(v estate.View, product *model.Product, row QuarterRow, items []*model.RoadmapItem) practice.Finding {
	severity := practice.Medium
	if row.Effort > 1.25*row.Capacity {
		severity = practice.High
	}
	f := practice.Finding{Severity: severity, About: row.Product, From: row.Items, Owner: answersFor(v, product, product.Ref()),
		Text: fmt.Sprintf("%s holds %g person-months of work for %s, and its teams can do %g: %g too many.", row.Quarter, row.Effort, product.Title(), row.Capacity, row.Over)}
	least := slices.MinFunc(items, func(a, b *model.RoadmapItem) int {
		running := func(i *model.RoadmapItem) int {
			if i.State == model.RoadmapRunning {
				return 1
			}
			return 0
		}
		return cmp.Or(running(a)-running(b), cmp.Compare(a.Value.Float()/a.Effort, b.Value.Float()/b.Effort), cmp.Compare(a.Key, b.Key))
	})
	if least.State != model.RoadmapRunning {
		f.Text += fmt.Sprintf(" %s brings the least for its effort.", least.Title())
	}
	f.Mend = mend("schedule", "item", least.Key)
	return f
}
