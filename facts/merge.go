package facts

import (
	"cmp"
	"slices"
	"strings"
)

// MostWhole is how many items of a load keep all their values in the roll-up, where the header says nothing.
const MostWhole = 100_000

// sampled is how many items are looked at to find out which columns differ most.
const sampled = 1024

// merger makes items that stand for several out of those that come when there are too many: it leaves out the columns that differ
// most, and never one by which days are added up, so that currencies, metrics and units stay apart.
type merger struct {
	most    int
	columns []int
	sample  [][]string
	// begun says that items are merged from now on; the first dropped of the columns are then left out.
	begun   bool
	dropped int
	step    int
	known   numbers
}

// newMerger returns a merger for a load of which the columns at some places must be kept. Most is how many items are left as they are.
func newMerger(columns int, kept []int, most int) *merger {
	m := &merger{most: cmp.Or(most, MostWhole), step: 1}
	for i := range columns {
		if !slices.Contains(kept, i) {
			m.columns = append(m.columns, i)
		}
	}
	return m
}

// merges reports whether the next item is merged when there are so many already.
func (m *merger) merges(items uint32, row []string) bool {
	if int(items) < m.most || len(m.columns) == 0 {
		if len(m.sample) < sampled && int(items)%max(1, m.most/sampled) == 0 {
			m.sample = append(m.sample, row)
		}
		return false
	}
	if !m.begun {
		m.begin()
	}
	return true
}

// begin chooses the columns to leave out: those with the most values in the sample, until few combinations are left of it.
func (m *merger) begin() {
	m.begun = true
	values := map[int]int{}
	for _, c := range m.columns {
		seen := map[string]bool{}
		for _, row := range m.sample {
			seen[row[c]] = true
		}
		values[c] = len(seen)
	}
	slices.SortStableFunc(m.columns, func(a, b int) int { return values[b] - values[a] })
	for m.dropped = 1; m.dropped < len(m.columns); m.dropped += 1 + m.dropped/4 {
		seen := map[string]bool{}
		for _, row := range m.sample {
			seen[strings.Join(m.reduce(row), "\x00")] = true
		}
		if len(seen) <= max(1, len(m.sample)/16) {
			break
		}
	}
	m.dropped = min(m.dropped, len(m.columns))
	m.sample = nil
}

// reduce returns the values of an item without those of the columns that are left out.
func (m *merger) reduce(row []string) []string {
	out := slices.Clone(row)
	for _, c := range m.columns[:m.dropped] {
		out[c] = ""
	}
	return out
}

// full leaves out more columns where what is left still has very many combinations.
func (m *merger) full() {
	if m.known.used < max(1, m.most/4) {
		return
	}
	m.dropped = min(m.dropped+m.step, len(m.columns))
	m.step *= 2
	m.known.reset()
}

// names returns the names of the columns that were left out of items, in their order in the load.
func (m *merger) names(columns []string) []string {
	var out []string
	if m.begun {
		for _, c := range slices.Sorted(slices.Values(m.columns[:m.dropped])) {
			out = append(out, columns[c])
		}
	}
	return out
}
