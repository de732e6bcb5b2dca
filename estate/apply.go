package estate

import (
	"fmt"
	"maps"
	"slices"
	"sync/atomic"

	"binnacle/model"
)

// Apply returns the snapshot after changes that one entry makes together. It is
// deterministic, and an error leaves no trace: the snapshot that it was called on is as before.
func (s *Snapshot) Apply(stamp model.Stamp, changes []model.Change) (*Snapshot, error) {
	b := s.builder()
	b.stamp = stamp
	for i := range changes {
		if err := b.change(&changes[i]); err != nil {
			return nil, fmt.Errorf("entry %d, change %d: %w", stamp.Seq, i+1, err)
		}
	}
	return b.finish()
}

// Load returns the snapshot that holds records as they are after an entry, for
// a start without replay. Records that define kinds and fields must come first.
func Load(stamp model.Stamp, records func(yield func(model.Record) bool)) (*Snapshot, error) {
	b := Empty().builder()
	b.stamp = stamp
	for rec := range records {
		if err := b.insert(rec); err != nil {
			return nil, err
		}
	}
	return b.finish()
}

// builder makes one snapshot from another.
type builder struct {
	*Snapshot
	edit    *edit
	touched map[string]bool
	// dirty are the slots that changed.
	dirty map[uint32]bool
	// grown are the slots whose list of incoming edges was made by this builder.
	grown map[uint32]bool
	// cutIn and cutOut are edges that have gone from the lists of a slot, which are made anew at the end, once for all of them.
	cutIn, cutOut map[uint32][]edge
	// keyed are the slots that got a key. Whether it is theirs alone is asked at the end, so that records may swap keys.
	keyed []uint32
	// rewired are the slots whose edges changed.
	rewired map[uint32]bool
	// loose are the slots that have no edges yet.
	loose []uint32
	// bulk says that the estate was empty.
	bulk bool
	// defined says that a definition changed and that the schema does not know it yet.
	defined bool
	// fault is what a definition led to that cannot be.
	fault error
}

func (s *Snapshot) builder() *builder {
	next := *s
	next.nodes = s.nodes.fork()
	next.kinds = maps.Clone(s.kinds)
	return &builder{
		Snapshot: &next, edit: new(edit), touched: map[string]bool{}, dirty: map[uint32]bool{}, grown: map[uint32]bool{}, rewired: map[uint32]bool{},
		cutIn: map[uint32][]edge{}, cutOut: map[uint32][]edge{}, bulk: s.live == 0,
	}
}

// change applies one change.
func (b *builder) change(c *model.Change) error {
	k := b.kind(c.Kind)
	if k == nil {
		return fmt.Errorf("there is no kind %q", c.Kind)
	}
	if c.Op == model.Create {
		return b.create(k, c)
	}
	slot, ok := b.slotOf(c.ID)
	if !ok {
		return fmt.Errorf("%s %s: there is no such record", c.Kind, c.ID)
	}
	before := b.nodes.at(slot).rec
	if got := before.Base().Version; got != c.Version {
		return fmt.Errorf("%s/%s: the change was made on version %d, but the record is at version %d", c.Kind, before.Base().Key, c.Version, got)
	}
	if c.Op == model.Remove {
		return b.remove(k, slot)
	}
	after, err := after(k, before, c)
	if err != nil {
		return err
	}
	m, old := after.Base(), before.Base()
	m.ID, m.Version, m.Created, m.Changed = c.ID, c.Version+1, old.Created, b.stamp
	return b.replace(k, slot, after)
}

func after(k *model.Kind, before model.Record, c *model.Change) (model.Record, error) {
	if r := c.Result(); r != nil {
		return model.Clone(r), nil
	}
	return k.ApplyFields(before, c)
}

func (b *builder) create(k *model.Kind, c *model.Change) error {
	if c.ID.IsZero() {
		return fmt.Errorf("%s: a record that is created needs an id", c.Kind)
	}
	rec, err := after(k, nil, c)
	if err != nil {
		return err
	}
	m := rec.Base()
	m.ID, m.Version, m.Created, m.Changed = c.ID, 1, b.stamp, b.stamp
	return b.insert(rec)
}

// erasedKey gives a record of the past a key where its own has been erased for good.
func erasedKey(m *model.Meta) {
	if m.Key == "" {
		m.Key = model.ErasedKey(m.ID)
	}
}

// kind returns a kind by its exact name. Definitions made earlier in the same entry count.
func (b *builder) kind(name string) *model.Kind {
	if b.defined {
		b.redefine()
	}
	if k := b.schema.Kind(name); k != nil && k.Name == name {
		return k
	}
	return nil
}

func (b *builder) insert(rec model.Record) error {
	k := b.kind(model.NameOf(rec))
	if k == nil {
		return fmt.Errorf("there is no kind %q", model.NameOf(rec))
	}
	m := rec.Base()
	if _, taken := b.slotOf(m.ID); taken {
		return fmt.Errorf("%s/%s: there is a record with the id %s already", k.Name, m.Key, m.ID)
	}
	slot := b.nodes.grow(b.edit)
	b.keyed = append(b.keyed, slot)
	b.nodes.own(b.edit, slot).rec = rec
	b.live++
	b.ids.put(b.edit, hashID(m.ID), slot)
	b.names.put(b.edit, hashName(k.Name, m.Key), slot)
	for _, i := range identsOf(k, rec) {
		b.idents.put(b.edit, hashIdent(k.Name, i.name, i.value), slot)
	}
	set := b.members(k.Name)
	at := set.slots.grow(b.edit)
	*set.slots.own(b.edit, at) = slot
	set.live++
	set.confidential += secret(rec)
	b.nodes.own(b.edit, slot).place = at
	b.mark(k, slot)
	b.loose = append(b.loose, slot)
	return nil
}

// members returns the members of a kind, for writing.
func (b *builder) members(kind string) *members {
	set := b.kinds[kind]
	if set == nil {
		set = &members{}
	} else if !b.touched[kind] {
		set = &members{slots: set.slots.fork(), live: set.live, confidential: set.confidential}
	}
	b.touched[kind] = true
	b.kinds[kind] = set
	return set
}

func (b *builder) mark(k *model.Kind, slot uint32) {
	if !b.bulk {
		b.dirty[slot] = true
	}
	if k.Name == "KindDefinition" || k.Name == "FieldDefinition" {
		b.defined = true
	}
}

// edges lists the edges that the refs of a record make, each once. Refs to nothing make none.
func (b *builder) edges(rec model.Record, refs []model.Ref) ([]edge, []model.Ref) {
	var out []edge
	for _, f := range b.schema.Of(rec).RefFields() {
		refs = f.AppendRefs(refs[:0], rec)
		from, number := len(out), f.NumberIn(rec)
		var seen map[edge]bool
		if len(refs) > 16 {
			seen = make(map[edge]bool, len(refs))
		}
		for _, r := range refs {
			to, ok := b.slotOf(model.ID(r))
			e := edge{to, number}
			if !ok || seen[e] || seen == nil && slices.Contains(out[from:], e) {
				continue
			}
			if seen != nil {
				seen[e] = true
			}
			out = append(out, e)
		}
	}
	return slices.Clip(out), refs
}

// connect writes the edges of a record in both directions.
func (b *builder) connect(slot uint32) {
	n := b.nodes.own(b.edit, slot)
	n.out, _ = b.edges(n.rec, nil)
	b.rewired[slot] = true
	for _, e := range n.out {
		b.rewired[e.slot] = true
		b.addIncoming(b.nodes.own(b.edit, e.slot), e.slot, edge{slot, e.field})
	}
}

// longList is the length from which a list of incoming edges is not copied for every edge that is added.
const longList = 64

// addIncoming adds an edge to the list of a node. Snapshots share the memory of
// a long list: each sees as much of it as it knows, and whoever is first to fill the next place may have it.
func (b *builder) addIncoming(n *node, slot uint32, e edge) {
	length := len(n.in)
	switch {
	case n.filled != nil && cap(n.in) > length && n.filled.CompareAndSwap(uint32(length), uint32(length)+1):
		n.in = n.in[:length+1]
		n.in[length] = e
	case length >= longList:
		n.in = append(append(make([]edge, 0, length+length/4), n.in...), e)
		n.filled = new(atomic.Uint32)
		n.filled.Store(uint32(length) + 1)
	case b.grown[slot]:
		n.in = append(n.in, e)
	default:
		b.grown[slot] = true
		n.in = append(append(make([]edge, 0, length+1), n.in...), e)
	}
}

// disconnect takes away the edges that a record makes. The other ends are told in settle.
func (b *builder) disconnect(slot uint32) {
	b.rewired[slot] = true
	for _, e := range b.nodes.at(slot).out {
		b.rewired[e.slot] = true
		b.cutIn[e.slot] = append(b.cutIn[e.slot], edge{slot, e.field})
	}
	b.nodes.own(b.edit, slot).out = nil
}

// cut takes the edges that have gone out of the lists of the slots at their other ends.
func (b *builder) cut() {
	for slot, gone := range b.cutIn {
		if b.nodes.at(slot).rec != nil {
			n := b.nodes.own(b.edit, slot)
			n.in, n.filled, b.grown[slot] = withoutEdges(n.in, gone), nil, true
		}
	}
	for slot, gone := range b.cutOut {
		if b.nodes.at(slot).rec != nil {
			n := b.nodes.own(b.edit, slot)
			n.out = withoutEdges(n.out, gone)
		}
	}
	clear(b.cutIn)
	clear(b.cutOut)
}

// withoutEdges returns a new list without some edges.
func withoutEdges(list, gone []edge) []edge {
	if len(gone) == 1 {
		if i := slices.Index(list, gone[0]); i >= 0 {
			return slices.Concat(list[:i], list[i+1:])
		}
		return slices.Clone(list)
	}
	set := make(map[edge]bool, len(gone))
	for _, e := range gone {
		set[e] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(e edge) bool { return set[e] })
}

func (b *builder) replace(k *model.Kind, slot uint32, rec model.Record) error {
	old := b.nodes.at(slot).rec
	om, m := old.Base(), rec.Base()
	if om.Key != m.Key {
		b.keyed = append(b.keyed, slot)
		b.names.drop(b.edit, hashName(k.Name, om.Key), slot)
		b.names.put(b.edit, hashName(k.Name, m.Key), slot)
	}
	was, is := identsOf(k, old), identsOf(k, rec)
	if !slices.Equal(was, is) {
		for _, i := range was {
			b.idents.drop(b.edit, hashIdent(k.Name, i.name, i.value), slot)
		}
		for _, i := range is {
			b.idents.put(b.edit, hashIdent(k.Name, i.name, i.value), slot)
		}
	}
	b.nodes.own(b.edit, slot).rec = rec
	if !sameRefs(k, old, rec) {
		b.disconnect(slot)
		b.loose = append(b.loose, slot)
	}
	b.members(k.Name).confidential += secret(rec) - secret(old)
	b.mark(k, slot)
	return nil
}

// secret returns 1 for a confidential record and 0 for another.
func secret(rec model.Record) int {
	if rec.Base().Confidential {
		return 1
	}
	return 0
}

func sameRefs(k *model.Kind, a, c model.Record) bool {
	for _, f := range k.RefFields() {
		if f.NumberIn(a) != f.NumberIn(c) || !slices.Equal(f.AppendRefs(nil, a), f.AppendRefs(nil, c)) {
			return false
		}
	}
	return true
}

// remove takes a record out. Refs that pointed to it keep their value, but have no edge any more.
func (b *builder) remove(k *model.Kind, slot uint32) error {
	rec := b.nodes.at(slot).rec
	m := rec.Base()
	b.disconnect(slot)
	for _, e := range b.nodes.at(slot).in {
		b.rewired[e.slot] = true
		b.cutOut[e.slot] = append(b.cutOut[e.slot], edge{slot, e.field})
	}
	b.ids.drop(b.edit, hashID(m.ID), slot)
	b.names.drop(b.edit, hashName(k.Name, m.Key), slot)
	for _, i := range identsOf(k, rec) {
		b.idents.drop(b.edit, hashIdent(k.Name, i.name, i.value), slot)
	}
	set := b.members(k.Name)
	*set.slots.own(b.edit, b.nodes.at(slot).place) = gone
	set.live--
	set.confidential -= secret(rec)
	*b.nodes.own(b.edit, slot) = node{}
	b.live--
	b.mark(k, slot)
	return nil
}

// settle connects the records that came or whose refs changed, once all of them are there.
func (b *builder) settle() {
	if b.defined {
		b.redefine()
	}
	b.cut()
	slices.Sort(b.loose)
	b.loose = slices.DeleteFunc(slices.Compact(b.loose), func(slot uint32) bool { return b.nodes.at(slot).rec == nil })
	if b.bulk {
		b.connectAll(b.loose)
	} else {
		for _, slot := range b.loose {
			b.connect(slot)
		}
	}
	b.loose = nil
}

// connectAll connects many records that have no edges yet. It counts the edges
// into each record first, so that every list is made once.
func (b *builder) connectAll(slots []uint32) {
	for _, slot := range slots {
		b.nodes.own(b.edit, slot)
	}
	Spread(len(slots), func(i int) {
		n := b.nodes.at(slots[i])
		n.out, _ = b.edges(n.rec, nil)
	})
	counts := make([]uint32, b.nodes.n)
	for _, slot := range slots {
		for _, e := range b.nodes.at(slot).out {
			counts[e.slot]++
		}
	}
	for _, slot := range slots {
		for _, e := range b.nodes.at(slot).out {
			to := b.nodes.own(b.edit, e.slot)
			if to.in == nil {
				to.in = make([]edge, 0, counts[e.slot])
			}
			to.in = append(to.in, edge{slot, e.field})
		}
	}
}

// redefine makes the schema anew after a definition has changed.
func (b *builder) redefine() {
	b.defined = false
	var kinds []*model.KindDefinition
	var fields []*model.FieldDefinition
	for rec := range b.each("KindDefinition") {
		kinds = append(kinds, rec.(*model.KindDefinition))
	}
	for rec := range b.each("FieldDefinition") {
		fields = append(fields, rec.(*model.FieldDefinition))
	}
	before := b.schema
	b.schema, _ = model.Builtin().With(kinds, fields)
	b.lazy = newLazy()
	for name, set := range b.kinds {
		now := b.schema.Kind(name)
		if set.live > 0 && (now == nil || now.Name != name) {
			b.fault, b.schema = fmt.Errorf("the kind %s still has %d records: remove these first", name, set.live), before
			return
		}
		if now != nil {
			b.reidentify(before.Kind(name), now)
		}
	}
	builtin := model.Builtin().RefFields()
	if b.bulk || b.schema.RefFields() == builtin && before.RefFields() == builtin {
		return
	}
	b.reconnect()
}

// reidentify makes the identities of the records of a kind anew where other fields of it identify now.
func (b *builder) reidentify(before, now *model.Kind) {
	same := func(f, g *model.Field) bool { return f.Name == g.Name && f.Ident == g.Ident && f.Type == g.Type }
	if before == nil || slices.EqualFunc(before.IdentFields(), now.IdentFields(), same) {
		return
	}
	for slot := range b.slots(now.Name) {
		rec := b.nodes.at(slot).rec
		for _, i := range identsOf(before, rec) {
			b.idents.drop(b.edit, hashIdent(now.Name, i.name, i.value), slot)
		}
		for _, i := range identsOf(now, rec) {
			b.idents.put(b.edit, hashIdent(now.Name, i.name, i.value), slot)
		}
	}
}

// reconnect makes all edges anew, because the numbers of the ref fields may have changed.
func (b *builder) reconnect() {
	var slots []uint32
	for slot := range b.nodes.n {
		if b.nodes.at(slot).rec != nil {
			n := b.nodes.own(b.edit, slot)
			n.out, n.in, n.filled = nil, nil, nil
			slots = append(slots, slot)
		}
	}
	b.connectAll(slots)
	b.loose = nil
	clear(b.cutIn)
	clear(b.cutOut)
}

func (b *builder) finish() (*Snapshot, error) {
	b.settle()
	if b.fault != nil {
		return nil, b.fault
	}
	if err := b.checkKeys(); err != nil {
		return nil, err
	}
	s := b.Snapshot
	if b.bulk {
		s.lazy = newLazy()
		return s, nil
	}
	s.lazy = s.lazy.next(b.dirty, b.rewired, b.touched, s.nodes.n)
	return s, nil
}

// checkKeys refuses keys that two records of a kind have.
func (b *builder) checkKeys() error {
	for _, slot := range b.keyed {
		rec := b.nodes.at(slot).rec
		if rec == nil {
			continue
		}
		kind, key := model.NameOf(rec), rec.Base().Key
		_, taken := b.names.find(hashName(kind, key), func(other uint32) bool {
			o := b.nodes.at(other).rec
			return other != slot && o != nil && o.Base().Key == key && model.NameOf(o) == kind
		})
		if taken {
			return fmt.Errorf("entry %d: %s/%s: there is a record with this key already", b.stamp.Seq, kind, key)
		}
	}
	return nil
}

// slots yields the slots of the records of a kind in no order.
func (s *Snapshot) slots(kind string) func(yield func(uint32) bool) {
	return func(yield func(uint32) bool) {
		set := s.kinds[kind]
		if set == nil {
			return
		}
		for i := range set.slots.n {
			if slot := *set.slots.at(i); slot != gone && !yield(slot) {
				return
			}
		}
	}
}

// each yields the records of a kind in no order.
func (s *Snapshot) each(kind string) func(yield func(model.Record) bool) {
	return func(yield func(model.Record) bool) {
		for slot := range s.slots(kind) {
			if !yield(s.nodes.at(slot).rec) {
				return
			}
		}
	}
}
