package facts

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"binnacle/model"
)

// Builder adds the lines of one load up while they are written. Back ends hold
// one for each writer.
type Builder struct {
	header Header
	series Series
	// daily are the places of the daily columns among the columns of the load.
	daily  []int
	names  []string
	keeper Keeper
	// items and groups are kept where there is no keeper.
	items  [][]string
	groups [][]string

	number numbers
	// lastHash and lastItem are the item that was asked for last.
	lastHash Hash
	lastItem uint32
	some     bool
	group    map[string]uint32
	// groupBytes is about how much memory the names of groups take.
	groupBytes int64
	groupCount uint32
	merger     *merger
	// itemCount is how many numbers were given to combinations of values, and whole how many of them, from the first, are items of the roll-up as they are.
	itemCount, whole uint32
	// rolled is the item of the roll-up of each number from whole on, rollCount how many of those items there are, and groupOf the group of each; both are in pages.
	rolled, groupOf pages
	rollCount       uint32
	// more are the values of the numbers from whole on, where there is no keeper and nobody said that sums alone are wanted.
	more     [][]string
	sumsOnly bool
	months   *Sums
	days     *Sums
	all      Totals
	// month is the first day of the month of the last line, and next the first day of the month after it.
	month, next model.Date
}

// Keeper takes from a builder what must not stay in memory. What it is given is good until it returns.
type Keeper interface {
	// Item takes the values of the next item of the roll-up. Items come by number, from 0.
	Item(values []string) error
	// More takes the values of the next combination that is not an item of the roll-up by itself, and the item that it was merged into.
	More(values []string, item uint32) error
	// Group takes the values of the daily columns of the next group. Groups come by number, from 0, before what belongs to them.
	Group(values []string) error
	// Sums takes sums by item and month, and by group and day. It may be given sums of the same number and time more than once, and then both count.
	Sums(months, days *Sums) error
}

// NewBuilder returns a builder for a load. It refuses a series or columns that
// are not known or not distinct. Without a keeper the builder keeps everything.
func NewBuilder(h Header, keeper Keeper) (*Builder, error) {
	series, ok := SeriesOf(h.Series)
	if !ok {
		return nil, fmt.Errorf("there is no series %q", h.Series)
	}
	b := &Builder{header: h, series: series, keeper: keeper, group: map[string]uint32{}}
	b.header.Columns = slices.Clone(h.Columns)
	for i, c := range h.Columns {
		if c == "" || slices.Contains(h.Columns[:i], c) {
			return nil, fmt.Errorf("the column %q is there twice or has no name", c)
		}
	}
	for _, c := range h.Daily() {
		b.daily = append(b.daily, b.header.Column(c))
		b.names = append(b.names, c)
	}
	b.merger = newMerger(len(h.Columns), b.daily, h.Whole)
	n := len(series.Measures)
	b.months, b.days = NewSums(n), NewSums(n)
	b.all.Sums = make([]Sum, n)
	return b, nil
}

// Header returns what the load is.
func (b *Builder) Header() Header { return b.header }

// Item returns the number of a combination of values, as [Writer.Item] does.
func (b *Builder) Item(hash Hash, values func() []string) (uint32, error) {
	if b.some && hash == b.lastHash {
		return b.lastItem, nil
	}
	n, ok := b.number.find(hash)
	if !ok {
		var err error
		if n, err = b.newItem(values()); err != nil {
			return 0, err
		}
		b.number.put(hash, n)
	}
	b.lastHash, b.lastItem, b.some = hash, n, true
	return n, nil
}

// mostItems is how many items a load may have. A builder keeps four bytes of each.
const mostItems = 1 << 26

func (b *Builder) newItem(row []string) (uint32, error) {
	if len(row) != len(b.header.Columns) {
		return 0, fmt.Errorf("an item has %d values and the load has %d columns", len(row), len(b.header.Columns))
	}
	if b.itemCount == mostItems {
		return 0, fmt.Errorf("a load may have %d different items: leave out columns that differ in every line, or split the content", mostItems)
	}
	n := b.itemCount
	if !b.merger.merges(n, row) {
		if err := b.newRolled(row); err != nil {
			return 0, err
		}
		b.whole++
	} else if err := b.merge(row); err != nil {
		return 0, err
	}
	b.itemCount++
	return n, nil
}

// newRolled makes the next item of the roll-up.
func (b *Builder) newRolled(row []string) error {
	g, err := b.groupFor(row)
	if err != nil {
		return err
	}
	if b.keeper == nil {
		b.items = append(b.items, row)
	} else if err := b.keeper.Item(row); err != nil {
		return err
	}
	b.groupOf.add(b.rollCount, g)
	b.rollCount++
	return nil
}

// merge puts a combination of values into an item of the roll-up that stands for several.
func (b *Builder) merge(row []string) error {
	b.merger.full()
	reduced := b.merger.reduce(row)
	hash := HashOf(reduced)
	item, ok := b.merger.known.find(hash)
	if !ok {
		item = b.rollCount
		if err := b.newRolled(reduced); err != nil {
			return err
		}
		b.merger.known.put(hash, item)
	}
	b.rolled.add(b.itemCount-b.whole, item)
	if b.keeper != nil {
		return b.keeper.More(row, item)
	}
	if !b.sumsOnly {
		b.more = append(b.more, row)
	}
	return nil
}

// pages is a list of numbers that grows without being copied.
type pages [][]uint32

// numbersPage is how many numbers a page has.
const numbersPage = 1 << 14

// add puts the next number to the end, at a place.
func (p *pages) add(at, n uint32) {
	if at%numbersPage == 0 {
		*p = append(*p, make([]uint32, 0, 64))
	}
	page := &(*p)[at/numbersPage]
	*page = append(*page, n)
}

func (p pages) at(i uint32) uint32 { return p[i/numbersPage][i%numbersPage] }

func (b *Builder) groupFor(row []string) (uint32, error) {
	picked := make([]string, len(b.daily))
	for i, c := range b.daily {
		picked[i] = row[c]
	}
	name := strings.Join(picked, "\x00")
	if g, ok := b.group[name]; ok {
		return g, nil
	}
	if b.keeper == nil {
		b.groups = append(b.groups, picked)
	} else if err := b.keeper.Group(picked); err != nil {
		return 0, err
	}
	g := b.groupCount
	b.groupCount++
	b.group[name] = g
	b.groupBytes += int64(len(name)) + 64
	return g, nil
}

// Items returns how many items the roll-up has.
func (b *Builder) Items() uint32 { return b.rollCount }

// Whole returns how many numbers of combinations are items of the roll-up as they are, and more how many come behind them.
func (b *Builder) Whole() (whole, more uint32) { return b.whole, b.itemCount - b.whole }

// Groups returns how many groups there are.
func (b *Builder) Groups() uint32 { return b.groupCount }

// GroupOf returns the group of an item of the roll-up.
func (b *Builder) GroupOf(item uint32) uint32 { return b.groupOf.at(item) }

// rolledItem returns the item of the roll-up of a number.
func (b *Builder) rolledItem(n uint32) uint32 {
	if n < b.whole {
		return n
	}
	return b.rolled.at(n - b.whole)
}

// The first and last second at which a line may start or end: the years 1000 to 9999.
var (
	firstSecond = SecondsOf(model.NewDate(1000, 1, 1))
	lastSecond  = SecondsOf(model.NewDate(9999, 12, 31))
)

// Add adds a line to the sums. A line that cannot be right changes nothing.
func (b *Builder) Add(line *Line) error {
	if line.Item >= b.itemCount {
		return fmt.Errorf("the load has no item %d", line.Item)
	}
	if line.End < line.Start {
		return fmt.Errorf("the line ends before it begins")
	}
	if line.Start < firstSecond || line.End > lastSecond {
		return fmt.Errorf("the line is not between the years 1000 and 9999")
	}
	day := DayOf(line.Start)
	item := b.rolledItem(line.Item)
	b.months.Line(item, b.monthOf(day), line)
	b.days.Line(b.GroupOf(item), day, line)
	if b.all.Lines == 0 || day < b.all.From {
		b.all.From = day
	}
	if last := DayOf(max(line.Start, line.End-1)); b.all.Lines == 0 || last > b.all.Until {
		b.all.Until = last
	}
	b.all.Lines++
	return nil
}

// unixDay is 1 January 1970.
var unixDay = model.NewDate(1970, 1, 1)

// DayOf returns the day in UTC of a number of seconds since 1970.
func DayOf(seconds int64) model.Date {
	day := seconds / 86400
	if seconds%86400 < 0 {
		day--
	}
	return unixDay.AddDays(int(day))
}

// SecondsOf returns the first second of a day in UTC, since 1970.
func SecondsOf(day model.Date) int64 { return int64(day-unixDay) * 86400 }

func (b *Builder) monthOf(day model.Date) model.Date {
	if day < b.month || day >= b.next {
		t := day.Time()
		b.month, b.next = model.NewDate(t.Year(), t.Month(), 1), model.NewDate(t.Year(), t.Month()+1, 1)
	}
	return b.month
}

// Totals returns what the lines so far add up to.
func (b *Builder) Totals() Totals {
	out := b.all
	out.Merged = b.merger.names(b.header.Columns)
	out.Sums = slices.Clone(b.all.Sums)
	for row := range b.days.All() {
		for i := range out.Sums {
			out.Sums[i].AddSum(row.Sums[i])
		}
	}
	return out
}

// Bytes tells about how much memory the builder takes that [Builder.Flush] would give back.
func (b *Builder) Bytes() int64 {
	return b.months.bytes() + b.days.bytes() + b.number.bytes() + b.groupBytes
}

// Flush gives the sums to the keeper and forgets them, so that the builder goes on with little memory. Items keep their numbers; a
// combination that comes again gets another one.
func (b *Builder) Flush() error {
	if err := b.keeper.Sums(b.months, b.days); err != nil {
		return err
	}
	b.all = b.Totals()
	b.months.reset()
	b.days.reset()
	b.number.reset()
	b.some = false
	clear(b.group)
	b.groupBytes = 0
	return nil
}

// Rollup returns the sums of a builder without a keeper. The builder must not be used afterwards.
func (b *Builder) Rollup() *Rollup {
	return &Rollup{Header: b.header, Items: b.items, Whole: int(b.whole), Months: b.months.Totals(), Groups: b.groups, GroupColumns: b.names, Days: b.days.Totals()}
}

var seeds = [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}

// HashOf returns a hash of the values of columns. Its values differ from one run of the program to the next.
func HashOf(values []string) Hash {
	var out Hash
	for i := range out {
		var h maphash.Hash
		h.SetSeed(seeds[i])
		for _, v := range values {
			h.WriteString(v)
			h.WriteByte(0)
		}
		out[i] = h.Sum64()
	}
	return out
}

// HashBytes returns a hash of the bytes that the values of the columns were read from.
func HashBytes(b []byte) Hash {
	return Hash{maphash.Bytes(seeds[0], b), maphash.Bytes(seeds[1], b)}
}
