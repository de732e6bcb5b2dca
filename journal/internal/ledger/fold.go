package ledger

import (
	"fmt"
	"hash/maphash"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal"
	"binnacle/model"
)

// fold is the replay of all entries, summed up so that it fits into memory: for
// every record the digests of its fields added up, its kind, its version and its stamps.
type fold struct {
	seed   maphash.Seed
	states map[model.ID]*state
	kinds  map[string]uint32
	// times are the moments of the entries, the first at 0.
	times []model.Time
	// touches are the digests of all touches added up, and how many there are.
	touches, touched uint64
	// onTouch is told of every touch.
	onTouch func(Touch)
	slab    []state
}

// state is a record in the replay.
type state struct {
	sum, key         uint64
	created, changed uint64
	track            track
	kind, version    uint32
	alive, met       bool
}

// step is what a change does to the fold. It is made from the change alone, on any processor.
type step struct {
	id      model.ID
	op      model.Op
	version uint32
	kind    string
	delta   uint64
	key     uint64
	erased  int
	commit  tlog.Hash
}

func newFold() *fold {
	return &fold{seed: maphash.MakeSeed(), states: map[model.ID]*state{}, kinds: map[string]uint32{}, onTouch: func(Touch) {}}
}

// stepOf sums up a change. Erased values count for nothing: an entry that
// erases takes the value away, so that what follows begins without one.
func (f *fold) stepOf(h *hasher, c *Sealed) step {
	s := step{id: c.ID, op: c.Op, version: c.Version, kind: c.Kind, commit: h.commitment(c)}
	for i := range c.Fields {
		fc := &c.Fields[i]
		if fc.Erased {
			s.erased++
			continue
		}
		after := digest(f.seed, fc.Name, fc.After)
		s.delta += after - digest(f.seed, fc.Name, fc.Before)
		if fc.Name == "key" {
			s.key = after
		}
	}
	return s
}

// apply carries a step of an entry and a chunk out. What is wrong is returned as text.
func (f *fold) apply(s *step, seq, chunk uint64) string {
	st := f.states[s.id]
	if st == nil {
		if len(f.slab) == 0 {
			f.slab = make([]state, 1024)
		}
		st, f.slab = &f.slab[0], f.slab[1:]
		f.states[s.id] = st
	}
	wrong := ""
	switch {
	case s.op == model.Create && st.alive:
		wrong = "the record is created, but it is there already"
	case s.op != model.Create && !st.alive:
		wrong = "the record is changed, but it is not there"
	}
	kind, ok := f.kinds[s.kind]
	if !ok {
		kind = uint32(len(f.kinds))
		f.kinds[s.kind] = kind
	}
	if s.op == model.Create {
		st.version, st.created, st.sum, st.kind = 0, seq, 0, kind
	}
	if wrong == "" && st.kind != kind {
		wrong = "the kind of the record changes"
	}
	if wrong == "" && st.version != s.version {
		wrong = fmt.Sprintf("the change was made on version %d of the record, which was at version %d", s.version, st.version)
	}
	st.version, st.changed = s.version+1, seq
	st.sum += s.delta
	if s.key != 0 {
		st.key = s.key
	}
	st.alive = s.op != model.Remove
	st.track.step(s.op, chunk, func(n uint64) { f.touch(s.id, n) })
	return wrong
}

func (f *fold) touch(id model.ID, chunk uint64) {
	f.touches += f.touchDigest(Touch{id, chunk})
	f.touched++
	f.onTouch(Touch{id, chunk})
}

func (f *fold) touchDigest(t Touch) uint64 {
	return maphash.Comparable(f.seed, t)
}

// body is what the body of a row sums up to. It is made on any processor.
type body struct {
	sum, key uint64
	err      error
}

func (f *fold) bodyOf(row *RecordRow) body {
	var b body
	b.err = EachMember(row.Body, func(name string, value []byte) error {
		d := digest(f.seed, name, value)
		b.sum += d
		if name == "key" {
			b.key = d
		}
		return nil
	})
	return b
}

// compare says in which way a row does not follow from the entries.
func (f *fold) compare(row *RecordRow, b body) []string {
	st := f.states[row.ID]
	if st == nil || !st.alive || st.met {
		return []string{"there is a row of a record that the entries do not create"}
	}
	st.met = true
	var out []string
	if b.err != nil {
		out = append(out, fmt.Sprintf("the body of the row is damaged: %v", b.err))
	} else if b.sum != st.sum {
		out = append(out, "the body of the row differs from what the entries lead to")
	}
	if key := digest(f.seed, "key", quote(row.Key)); key != st.key || b.err == nil && key != b.key {
		out = append(out, fmt.Sprintf("the key %q of the row differs from what the entries lead to", row.Key))
	}
	if kind, ok := f.kinds[row.Kind]; !ok || kind != st.kind {
		out = append(out, fmt.Sprintf("the kind %q of the row differs from what the entries lead to", row.Kind))
	}
	if row.Version != st.version {
		out = append(out, fmt.Sprintf("the row has the version %d and the entries lead to %d", row.Version, st.version))
	}
	if row.Created.Seq != st.created || !f.dated(row.Created) {
		out = append(out, fmt.Sprintf("the row says that entry %d of %s created the record, and it was entry %d", row.Created.Seq, row.Created.At, st.created))
	}
	if row.Changed.Seq != st.changed || !f.dated(row.Changed) {
		out = append(out, fmt.Sprintf("the row says that entry %d of %s changed the record last, and it was entry %d", row.Changed.Seq, row.Changed.At, st.changed))
	}
	if row.First != st.track.first {
		out = append(out, "the index of the row does not lead to the entry that created the record")
	}
	return out
}

// dated reports whether a stamp has the moment of its entry.
func (f *fold) dated(s model.Stamp) bool {
	return s.Seq > 0 && s.Seq <= uint64(len(f.times)) && f.times[s.Seq-1] == s.At
}

// missing lists the records that have no row, up to a limit.
func (f *fold) missing(limit int) []journal.Finding {
	var out []journal.Finding
	for id, st := range f.states {
		if st.alive && !st.met && len(out) < limit {
			out = append(out, journal.Finding{Seq: st.changed, ID: id, Text: "the row of the record is missing"})
		}
	}
	return out
}
