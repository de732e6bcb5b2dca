package facts

import (
	"cmp"
	"slices"

	"binnacle/model"
)

// Tally adds up the lines of one load as the record of the load keeps it: money
// by measure and currency, use by metric and unit, delivery events by sort. Quantities of bills have many
// units and are left out, and so are the numbers of events, whose sums mean nothing.
type Tally struct {
	measures []string
	// skip is how many measures before the first are left out.
	skip    int
	columns []int
	costs   bool
	names   []tallyName
	number  map[tallyName]uint32
	// of is the number of the name of each item, plus one. 0 is unknown.
	of    []uint32
	sums  [][]Sum
	lines int64
}

// tallyName is what sums are kept apart by: the currency, or the metric and the unit.
type tallyName struct{ first, second string }

// moneyMeasures is how many of the measures of the series cost are money. They come first.
const moneyMeasures = Contracted + 1

// NewTally returns an empty tally of a load.
func NewTally(h Header) *Tally {
	t := &Tally{number: map[tallyName]uint32{}}
	series, _ := SeriesOf(h.Series)
	t.costs = series.Name == Costs.Name
	switch {
	case t.costs:
		t.measures, t.columns = series.Measures[:moneyMeasures], []int{h.Column("BillingCurrency"), -1}
	case series.Name == Delivery.Name:
		t.skip = EventParent + 1
		t.measures, t.columns = series.Measures[t.skip:], []int{h.Column("Event"), -1}
	default:
		t.measures, t.columns = series.Measures, []int{h.Column("Metric"), h.Column("Unit")}
	}
	return t
}

// Item tells the values of the columns of an item. It must be called before the first line of the item.
func (t *Tally) Item(item uint32, values []string) {
	name := tallyName{valueAt(values, t.columns[0]), valueAt(values, t.columns[1])}
	n, ok := t.number[name]
	if !ok {
		n = uint32(len(t.names))
		t.number[name] = n
		t.names = append(t.names, name)
		t.sums = append(t.sums, make([]Sum, len(t.measures)))
	}
	for int(item) >= len(t.of) {
		t.of = append(t.of, make([]uint32, max(64, int(item)+1-len(t.of)))...)
	}
	t.of[item] = n + 1
}

func valueAt(values []string, i int) string {
	if i < 0 || i >= len(values) {
		return ""
	}
	return values[i]
}

// Knows reports whether the item was told.
func (t *Tally) Knows(item uint32) bool { return int(item) < len(t.of) && t.of[item] != 0 }

// Add adds a line. Lines of items that were not told are left out.
func (t *Tally) Add(line *Line) {
	if !t.Knows(line.Item) {
		return
	}
	t.lines++
	sums := t.sums[t.of[line.Item]-1]
	for i := range sums {
		sums[i].Add(line.Values[t.skip+i])
	}
}

// Lines returns how many lines were added.
func (t *Tally) Lines() int64 { return t.lines }

// Totals returns the sums with all their digits, in a fixed order: by currency, metric or sort of event, then by measure. Of delivery events
// sums of nothing are left out: most sorts have no lines and no tests.
func (t *Tally) Totals() []model.LoadTotal {
	order := make([]int, len(t.names))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(t.names[a].first, t.names[b].first), cmp.Compare(t.names[a].second, t.names[b].second))
	})
	var out []model.LoadTotal
	for _, i := range order {
		for m, measure := range t.measures {
			total := model.LoadTotal{Measure: measure, Amount: t.sums[i][m].String()}
			switch {
			case t.costs:
				total.Currency = t.names[i].first
			case t.skip > 0:
				if t.sums[i][m].Sign() == 0 {
					continue
				}
				total.Measure = measure + " of " + t.names[i].first
			default:
				total.Measure = measure + " of " + t.names[i].first + " in " + t.names[i].second
			}
			out = append(out, total)
		}
	}
	return out
}

// TotalsOf returns the totals of a load that is added up, as [Tally.Totals] does, and how many lines they are of.
func TotalsOf(r *Rollup) ([]model.LoadTotal, int64) {
	t := NewTally(r.Header)
	for i, row := range r.Items {
		t.Item(uint32(i), row)
	}
	for i := range r.Months {
		month := &r.Months[i]
		t.lines += month.Lines
		sums := t.sums[t.of[month.Of]-1]
		for m := range sums {
			sums[m].AddSum(month.Sums[t.skip+m])
		}
	}
	return t.Totals(), t.lines
}
