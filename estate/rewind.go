package estate

import (
	"fmt"
	"slices"

	"binnacle/model"
)

// Rewind returns the snapshot before changes of one entry, which must have been
// made by the last entry. The stamp is that of the entry before.
func (s *Snapshot) Rewind(stamp model.Stamp, changes []model.Change) (*Snapshot, error) {
	b := s.builder()
	b.stamp = stamp
	for _, c := range slices.Backward(changes) {
		if err := b.takeBack(&c); err != nil {
			return nil, fmt.Errorf("rewind to entry %d: %w", stamp.Seq, err)
		}
	}
	return b.finish()
}

// RewindAll returns the snapshot before the changes of several entries, oldest
// first, the last of which was the last entry. Where they created much of what
// there is, the estate is made anew from what was there before.
func (s *Snapshot) RewindAll(stamp model.Stamp, entries [][]model.Change) (*Snapshot, error) {
	created, simple := createdIn(entries)
	from := s
	if simple && len(created) > s.live/4 {
		loaded, err := Load(stamp, s.without(created))
		if err != nil {
			return nil, fmt.Errorf("rewind to entry %d: %w", stamp.Seq, err)
		}
		from = loaded
	} else {
		clear(created)
	}
	b := from.builder()
	b.stamp = stamp
	for _, changes := range slices.Backward(entries) {
		for i := range slices.Backward(changes) {
			if created[changes[i].ID] {
				continue
			}
			if err := b.takeBack(&changes[i]); err != nil {
				return nil, fmt.Errorf("rewind to entry %d: %w", stamp.Seq, err)
			}
		}
	}
	return b.finish()
}

// createdIn returns the records that entries created and that were not there
// before, and whether no definition is among what they changed. A record that
// was removed and came back was there before.
func createdIn(entries [][]model.Change) (created map[model.ID]bool, simple bool) {
	created, simple = map[model.ID]bool{}, true
	seen := map[model.ID]bool{}
	for _, changes := range entries {
		for i := range changes {
			c := &changes[i]
			if !seen[c.ID] {
				seen[c.ID] = true
				if c.Op == model.Create {
					created[c.ID] = true
				}
			}
			simple = simple && c.Kind != "KindDefinition" && c.Kind != "FieldDefinition"
		}
	}
	return created, simple
}

// without yields the records but for some, definitions first.
func (s *Snapshot) without(some map[model.ID]bool) func(yield func(model.Record) bool) {
	first := []string{"KindDefinition", "FieldDefinition"}
	return func(yield func(model.Record) bool) {
		for _, kind := range first {
			for rec := range s.each(kind) {
				if !some[rec.Base().ID] && !yield(rec) {
					return
				}
			}
		}
		for slot := range s.nodes.n {
			rec := s.nodes.at(slot).rec
			if rec == nil || some[rec.Base().ID] || slices.Contains(first, model.NameOf(rec)) {
				continue
			}
			if !yield(rec) {
				return
			}
		}
	}
}

// takeBack undoes one change of the last entry.
func (b *builder) takeBack(c *model.Change) error {
	k := b.kind(c.Kind)
	if k == nil {
		return fmt.Errorf("there is no kind %q", c.Kind)
	}
	inverse := c.Inverse(0)
	if c.Op == model.Remove {
		rec, err := k.ApplyFields(nil, &inverse)
		if err != nil {
			return err
		}
		m := rec.Base()
		m.ID, m.Version, m.Created, m.Changed = c.ID, c.Version, c.Born, c.Prior
		erasedKey(m)
		return b.insert(rec)
	}
	slot, ok := b.slotOf(c.ID)
	if !ok {
		return fmt.Errorf("%s %s: there is no such record", c.Kind, c.ID)
	}
	if c.Op == model.Create {
		return b.remove(k, slot)
	}
	before := b.nodes.at(slot).rec
	rec, err := k.ApplyFields(before, &inverse)
	if err != nil {
		return err
	}
	m := rec.Base()
	m.Version, m.Created, m.Changed = c.Version, before.Base().Created, c.Prior
	erasedKey(m)
	return b.replace(k, slot, rec)
}
