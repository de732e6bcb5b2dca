package delivery

import (
	"cmp"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// sort is what sort of event a line tells.
type sort uint8

// The sorts of events, in the words of the series.
const (
	commit sort = iota
	review
	change
	build
	deployment
	incident
	release
	inclusion
	otherSort
)

var sorts = []string{"commit", "review", "change", "build", "deployment", "incident", "release", "inclusion"}

// String returns the word of the series.
func (s sort) String() string {
	if int(s) < len(sorts) {
		return sorts[s]
	}
	return "other"
}

// result is how an event ended. Of two lines about one event that end at the same moment, the one with the greater result counts.
type result uint8

// The results, the least final first.
const (
	noResult result = iota
	open
	cancelled
	closed
	failure
	merged
	success
)

var results = []string{"", "open", "cancelled", "closed", "failure", "merged", "success"}

// cause is why an event happened.
type cause uint8

// The causes, in the words of the series.
const (
	noCause cause = iota
	planned
	otherCause
	hotfix
	rollback
	byDeployment
)

var causes = []string{"", "planned", "other", "hotfix", "rollback", "deployment"}

// label is what many events have in common: the values of their columns.
type label struct {
	sort        sort
	result      result
	cause       cause
	service     string
	branch      string
	environment string
}

// event is one line, packed. Times are seconds since 1970 in UTC.
type event struct {
	id, parent int64
	start, end uint32
	// a and b are the tests that a build ran and that failed, or the lines that another event added and deleted.
	a, b uint32
	// label is a place in the labels of the part.
	label uint32
}

// part is one load, by repository. It never changes.
type part struct {
	labels []label
	events map[string][]event
	// other is how many lines tell an event of a sort that is not known.
	other int
	// merged says that branches of some lines are not known, because there are very many.
	merged bool
	size   int64
}

// eventBytes is what a packed event takes.
const eventBytes = 40

// mostKept is how many bytes of loads that do not count in the view that asked last are kept for others, such as views of the past.
const mostKept = 256 << 20

// kept are the parts and the flows that were made of one reader. It is shared by all views over that reader.
type kept struct {
	mu    sync.Mutex
	parts map[model.ID]*part
	flows map[flowKey]*flow
}

type keptKey struct{ reader any }

// keptOf returns what is kept of a reader. It lives as long as the estate does.
func keptOf(v estate.View, reader facts.Reader) *kept {
	return v.Snapshot().MemoOf(keptKey{reader}, nil, func() any {
		return &kept{parts: map[model.ID]*part{}, flows: map[flowKey]*flow{}}
	}).(*kept)
}

// partsOf returns the parts of loads in their order and reads those that were not read yet. Errors name loads that cannot be read; the others count nevertheless.
func (k *kept) partsOf(reader facts.Reader, loads []*model.Load) (parts []*part, problems []error) {
	wanted := map[model.ID]bool{}
	var size int64
	var opened *facts.Values
	if _, ok := reader.(*facts.Cached); ok && slices.ContainsFunc(loads, func(l *model.Load) bool { return k.parts[l.ID] == nil }) {
		var err error
		if opened, err = reader.(*facts.Cached).Values(); err != nil {
			problems = append(problems, err)
		}
	}
	out, errs := make([]*part, len(loads)), make([]error, len(loads))
	var reading errgroup.Group
	reading.SetLimit(runtime.GOMAXPROCS(0))
	for i, load := range loads {
		wanted[load.ID] = true
		switch out[i] = k.parts[load.ID]; {
		case out[i] != nil:
		case opened != nil:
			reading.Go(func() error {
				out[i], errs[i] = readPart(reader, opened, load.ID)
				return nil
			})
		default:
			out[i], errs[i] = readPart(reader, opened, load.ID)
		}
	}
	// What went wrong stands in errs, load by load.
	_ = reading.Wait()
	for i, load := range loads {
		if errs[i] != nil {
			problems = append(problems, fmt.Errorf("%s: %w", load.Title(), errs[i]))
			out[i] = &part{}
		} else {
			k.parts[load.ID] = out[i]
		}
	}
	for id, p := range k.parts {
		if !wanted[id] {
			size += p.size
		}
	}
	for id, p := range k.parts {
		if size > mostKept && !wanted[id] {
			delete(k.parts, id)
			size -= p.size
		}
	}
	return out, problems
}

// values opens the columns of the lines of a load: by the number of an item, of which there are so many.
type values struct {
	columns columns
	count   int
	of      func(item uint32) ([]string, error)
	// own says that the item of a line is its field Own, and not Item.
	own    bool
	merged bool
	done   func()
}

// valuesOf opens the columns of a load: one by one where the reader can do that, else from the roll-up, which takes longer.
func valuesOf(reader facts.Reader, opened *facts.Values, load model.ID) (*values, error) {
	if opened != nil {
		h, items, done, err := opened.Open(load)
		if err != nil {
			return nil, err
		}
		return &values{columns: newColumns(&h), count: items.Len(), of: items.Values, own: true, done: done}, nil
	}
	rollup, err := reader.Rollup(load)
	if err != nil {
		return nil, err
	}
	return &values{columns: newColumns(&rollup.Header), count: len(rollup.Items), merged: rollup.Whole < len(rollup.Items), done: func() {},
		of: func(item uint32) ([]string, error) { return rollup.Items[item], nil }}, nil
}

// readPart reads the lines of a load.
func readPart(reader facts.Reader, opened *facts.Values, load model.ID) (*part, error) {
	vs, err := valuesOf(reader, opened, load)
	if err != nil {
		return nil, err
	}
	defer vs.done()
	p := &part{events: map[string][]event{}, merged: vs.merged}
	labels, number := map[label]uint32{}, map[string]int32{}
	// of and repository say for each item which label and which repository it has, from 1. 0 means that it was not looked at yet.
	of, repository := make([]uint32, vs.count), make([]int32, vs.count)
	var names []string
	// events are those of the load as they come, where are their repositories, and counts how many each has.
	var events []event
	var where, counts []int32
	for line, err := range reader.Lines(load, nil) {
		if err != nil {
			return nil, err
		}
		item := line.Item
		if vs.own {
			item = line.Own
		}
		if int(item) >= vs.count {
			return nil, fmt.Errorf("a line names the item %d, and there are %d: the load is damaged", item, vs.count)
		}
		if of[item] == 0 {
			row, err := vs.of(item)
			if err != nil {
				return nil, err
			}
			l, name := vs.columns.label(row), vs.columns.value(row, vs.columns.repository)
			at, ok := labels[l]
			if !ok {
				p.labels = append(p.labels, l)
				at = uint32(len(p.labels))
				labels[l] = at
			}
			n, ok := number[name]
			if !ok {
				names, counts = append(names, name), append(counts, 0)
				n = int32(len(names))
				number[name] = n
			}
			of[item], repository[item] = at, n
		}
		at := of[item] - 1
		if p.labels[at].sort == otherSort {
			p.other++
			continue
		}
		e := event{id: whole(line.Values[facts.EventID]), parent: whole(line.Values[facts.EventParent]), start: second(line.Start), end: second(line.End), label: at}
		if p.labels[at].sort == build {
			e.a, e.b = count(line.Values[facts.TestsRun]), count(line.Values[facts.TestsFailed])
		} else {
			e.a, e.b = count(line.Values[facts.LinesAdded]), count(line.Values[facts.LinesDeleted])
		}
		n := repository[item] - 1
		events, where = append(events, e), append(where, n)
		counts[n]++
		p.size += eventBytes
	}
	p.deal(names, counts, events, where)
	return p, nil
}

// deal gives each repository its events, in the order in which they came. They lie behind each other in one piece of memory.
func (p *part) deal(names []string, counts []int32, events []event, where []int32) {
	all, at := make([]event, len(events)), make([]int32, len(names))
	var next int32
	for i, name := range names {
		at[i] = next
		next += counts[i]
		if counts[i] > 0 {
			p.events[name] = all[at[i]:next:next]
		}
	}
	for i := range events {
		all[at[where[i]]] = events[i]
		at[where[i]]++
	}
}

// columns says where in an item what stands, or -1.
type columns struct{ event, service, repository, branch, environment, result, cause int }

func newColumns(h *facts.Header) columns {
	return columns{h.Column("Event"), h.Column("Service"), h.Column("Repository"), h.Column("Branch"), h.Column("Environment"), h.Column("Result"), h.Column("Cause")}
}

func (c columns) value(values []string, i int) string {
	if i < 0 {
		return ""
	}
	return values[i]
}

func (c columns) label(values []string) label {
	word := func(list []string, i int) (int, bool) {
		n := slices.Index(list, c.value(values, i))
		return max(n, 0), n >= 0
	}
	kind, known := word(sorts, c.event)
	if !known {
		kind = int(otherSort)
	}
	r, _ := word(results, c.result)
	because, _ := word(causes, c.cause)
	return label{sort(kind), result(r), cause(because), strings.Clone(c.value(values, c.service)), strings.Clone(c.value(values, c.branch)), strings.Clone(c.value(values, c.environment))}
}

// whole returns a number of an event, or 0 where there is none.
func whole(d facts.Decimal) int64 {
	if coef, scale, ok := d.Small(); ok && scale == 0 {
		return coef
	}
	// A number of nineteen digits that came through text is a large one.
	if n, err := strconv.ParseInt(d.String(), 10, 64); err == nil {
		return n
	}
	return 0
}

// count returns a small number.
func count(d facts.Decimal) uint32 { return uint32(min(max(whole(d), 0), math.MaxUint32)) }

// second returns a moment between 1970 and 2106.
func second(at int64) uint32 { return uint32(min(max(at, 0), math.MaxUint32)) }

// loadsOf returns the loads of delivery that count, in the order in which they came in.
func loadsOf(v estate.View) []*model.Load {
	loads := practice.LoadsOf(v, facts.Delivery)
	slices.SortFunc(loads, func(a, b *model.Load) int {
		return cmp.Or(cmp.Compare(a.Created.Seq, b.Created.Seq), slices.Compare(a.ID[:], b.ID[:]))
	})
	return loads
}
