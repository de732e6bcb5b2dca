package estate

import (
	"slices"
	"sync"

	"binnacle/model"
)

// lazy holds what is computed from a snapshot only when somebody asks: sorted
// lists and the index of words. The next snapshot goes on with what there is:
// a list that was sorted once stays, with the slots that changed since beside it.
type lazy struct {
	mu     sync.Mutex
	orders map[string]*order
	recent []string
	words  *words
	flows  [2]*flow
	memo   map[any]any
	kept   map[any]remembered
}

// remembered is something remembered that follows from the records of some kinds alone.
type remembered struct {
	kinds []string
	value any
}

// maxOrders is how many sorted lists a snapshot keeps.
const maxOrders = 64

func newLazy() *lazy {
	return &lazy{orders: map[string]*order{}, memo: map[any]any{}, kept: map[any]remembered{}}
}

// next returns what a snapshot passes on to the one after it. A list too many of whose slots have changed is left behind.
func (l *lazy) next(dirty, rewired map[uint32]bool, touched map[string]bool, slots uint32) *lazy {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := newLazy()
	changed := make([]uint32, 0, len(dirty))
	for slot := range dirty {
		changed = append(changed, slot)
	}
	slices.Sort(changed)
	for name, o := range l.orders {
		switch {
		case !touched[o.kind] && !o.crosses:
			out.orders[name] = o
		case !o.crosses && len(o.changed)+len(changed) < 1000+len(o.base.slots)/16:
			out.orders[name] = &order{kind: o.kind, base: o.base, changed: merge(o.changed, changed)}
		}
	}
	for _, name := range l.recent {
		if out.orders[name] != nil {
			out.recent = append(out.recent, name)
		}
	}
	for key, k := range l.kept {
		if !slices.ContainsFunc(k.kinds, func(kind string) bool { return touched[kind] }) {
			out.kept[key] = k
		}
	}
	for dir, f := range l.flows {
		out.flows[dir] = f.with(rewired, slots)
	}
	if l.words != nil {
		out.words = l.words.with(changed)
	}
	return out
}

// merge joins two rising lists without repeats.
func merge(a, b []uint32) []uint32 {
	out := make([]uint32, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			out, a = append(out, a[0]), a[1:]
		case a[0] > b[0]:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, a[0]), a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// Memo returns what compute made for a key on this snapshot, and computes it the
// first time. It is for what many questions need and a snapshot fully decides.
func (s *Snapshot) Memo(key any, compute func() any) any {
	s.lazy.mu.Lock()
	got, ok := s.lazy.memo[key]
	s.lazy.mu.Unlock()
	if ok {
		return got
	}
	got = compute()
	s.lazy.mu.Lock()
	defer s.lazy.mu.Unlock()
	if first, ok := s.lazy.memo[key]; ok {
		return first
	}
	s.lazy.memo[key] = got
	return got
}

// MemoOf returns what compute made for a key, and goes on remembering it in later
// snapshots until a record of one of the kinds changes. What is made must follow from the records of
// these kinds and the key alone. It is shared: nobody may write to it.
func (s *Snapshot) MemoOf(key any, kinds []string, compute func() any) any {
	s.lazy.mu.Lock()
	got, ok := s.lazy.kept[key]
	s.lazy.mu.Unlock()
	if ok {
		return got.value
	}
	value := compute()
	s.lazy.mu.Lock()
	defer s.lazy.mu.Unlock()
	if first, ok := s.lazy.kept[key]; ok {
		return first.value
	}
	s.lazy.kept[key] = remembered{kinds, value}
	return value
}

// order is a sorted list of the slots of one kind that meet some conditions.
type order struct {
	kind string
	// base is sorted as of some earlier snapshot.
	base *list
	// changed are the slots that changed since, which base is not to be asked about.
	changed []uint32
	// crosses says that the list depends on records of other kinds too, so that it holds for its snapshot alone.
	crosses bool
	// counts are how many of its records each sight sees, by the name of the sight.
	mu     sync.Mutex
	counts map[string]int
}

// counted returns what count finds for a sight, and counts only once. A sight without a name is counted every time.
func (o *order) counted(sight string, count func() int) int {
	if sight == "" {
		return count()
	}
	o.mu.Lock()
	n, ok := o.counts[sight]
	o.mu.Unlock()
	if ok {
		return n
	}
	n = count()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.counts == nil || len(o.counts) >= maxOrders {
		o.counts = map[string]int{}
	}
	o.counts[sight] = n
	return n
}

// list is a sorted list of slots, with a quick way to tell whether a slot is in it.
type list struct {
	slots []uint32
	once  sync.Once
	bits  []uint64
}

func (l *list) has(slot uint32) bool {
	l.once.Do(func() {
		if len(l.slots) > 0 {
			l.bits = make([]uint64, slices.Max(l.slots)/64+1)
		}
		for _, s := range l.slots {
			l.bits[s/64] |= 1 << (s % 64)
		}
	})
	return int(slot/64) < len(l.bits) && l.bits[slot/64]&(1<<(slot%64)) != 0
}

func (o *order) stale(slot uint32) bool {
	if len(o.changed) == 0 {
		return false
	}
	_, found := slices.BinarySearch(o.changed, slot)
	return found
}

// order returns the sorted list for a query, from the snapshot's own where it has it.
func (s *Snapshot) order(q *compiled) *order {
	if q.private {
		return &order{kind: q.kind.Name, base: &list{slots: s.sorted(q)}, crosses: true}
	}
	s.lazy.mu.Lock()
	o := s.lazy.orders[q.name]
	s.lazy.mu.Unlock()
	if o != nil {
		return o
	}
	o = &order{kind: q.kind.Name, base: &list{slots: s.sorted(q)}, crosses: q.crosses}
	s.lazy.mu.Lock()
	defer s.lazy.mu.Unlock()
	if first := s.lazy.orders[q.name]; first != nil {
		return first
	}
	if len(s.lazy.orders) >= maxOrders && len(s.lazy.recent) > 0 {
		delete(s.lazy.orders, s.lazy.recent[0])
		s.lazy.recent = s.lazy.recent[1:]
	}
	s.lazy.orders[q.name] = o
	s.lazy.recent = append(s.lazy.recent, q.name)
	return o
}

// sorted sorts the slots of a kind that meet the conditions of a query.
func (s *Snapshot) sorted(q *compiled) []uint32 {
	set := s.kinds[q.kind.Name]
	if set == nil {
		return nil
	}
	type row struct {
		keys [2]sortKey
		rec  model.Record
		slot uint32
	}
	rows := make([]row, 0, set.live)
	for i := range set.slots.n {
		slot := *set.slots.at(i)
		if slot == gone {
			continue
		}
		rec := s.nodes.at(slot).rec
		if !q.match(rec) {
			continue
		}
		r := row{rec: rec, slot: slot}
		for i := range min(2, len(q.sort)) {
			r.keys[i] = q.sort[i].key(rec)
		}
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int {
		for i := range min(2, len(q.sort)) {
			if c := q.sort[i].compare(a.keys[i], b.keys[i]); c != 0 {
				return c
			}
		}
		return compareRecords(q.sort, a.rec, b.rec)
	})
	out := make([]uint32, len(rows))
	for i, r := range rows {
		out[i] = r.slot
	}
	return out
}
