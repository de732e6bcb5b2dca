package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"binnacle/estate"
	"binnacle/journal"
	"binnacle/model"
)

// past keeps some snapshots of the past, so that looking at one again is quick.
type past struct {
	mu    sync.Mutex
	snaps []*estate.Snapshot
	// cleared is how often everything was forgotten.
	cleared int
}

// maxPast is how many snapshots of the past are kept.
const maxPast = 8

func newPast() *past { return &past{} }

func (p *past) get(seq uint64) *estate.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, s := range p.snaps {
		if s.Stamp().Seq == seq {
			p.snaps = append(append(p.snaps[:i:i], p.snaps[i+1:]...), s)
			return s
		}
	}
	return nil
}

// nearest returns the kept snapshot that is nearest after a number, or nil.
func (p *past) nearest(seq uint64) *estate.Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	var best *estate.Snapshot
	for _, s := range p.snaps {
		if n := s.Stamp().Seq; n >= seq && (best == nil || n < best.Stamp().Seq) {
			best = s
		}
	}
	return best
}

// put keeps a snapshot, unless everything was forgotten since it was begun.
func (p *past) put(s *estate.Snapshot, cleared int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cleared != cleared {
		return
	}
	p.snaps = append(p.snaps, s)
	if len(p.snaps) > maxPast {
		p.snaps = slices.Clone(p.snaps[1:])
	}
}

// clear forgets all that is kept, because it holds values that have been erased for good.
func (p *past) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.snaps = nil
	p.cleared++
}

// times returns how often clear was called.
func (p *past) times() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cleared
}

// AsOf returns the estate as it was after an entry. It goes back from the
// nearest later snapshot that it has, and shares with it all that is the same.
func (s *Store) AsOf(ctx context.Context, seq uint64) (*estate.Snapshot, error) {
	cleared := s.past.times()
	now := s.Snapshot()
	if seq > now.Stamp().Seq {
		return nil, fmt.Errorf("there is no entry %d yet: the last is %d", seq, now.Stamp().Seq)
	}
	if seq == now.Stamp().Seq {
		return now, nil
	}
	if snap := s.past.get(seq); snap != nil {
		return snap, nil
	}
	from := now
	if near := s.past.nearest(seq); near != nil {
		from = near
	}
	snap, err := s.rewind(ctx, from, seq)
	if err != nil {
		return nil, err
	}
	s.past.put(snap, cleared)
	return snap, nil
}

// rewind takes back the entries after a number, some at a time.
func (s *Store) rewind(ctx context.Context, snap *estate.Snapshot, seq uint64) (*estate.Snapshot, error) {
	const step = 256
	for snap.Stamp().Seq > seq {
		low := max(seq, snap.Stamp().Seq-min(step, snap.Stamp().Seq))
		var entries []journal.Entry
		before := model.Stamp{Seq: low}
		from := low
		if low > 0 {
			from = low - 1
		}
		for e, err := range s.journal.Entries(ctx, from, snap.Stamp().Seq) {
			if err != nil {
				return nil, fmt.Errorf("look back to entry %d: %w", seq, err)
			}
			if e.Seq == low {
				before.At = e.At
				continue
			}
			entries = append(entries, e)
		}
		if len(entries) == 0 {
			return nil, fmt.Errorf("look back to entry %d: the journal has no entry %d", seq, snap.Stamp().Seq)
		}
		changes := make([][]model.Change, len(entries))
		for i, e := range entries {
			changes[i] = e.Changes
		}
		next, err := snap.RewindAll(before, changes)
		if err != nil {
			return nil, err
		}
		snap = next
	}
	return snap, nil
}

// AsOfTime returns the estate as it was at a moment.
func (s *Store) AsOfTime(ctx context.Context, moment model.Time) (*estate.Snapshot, error) {
	seq, err := s.journal.At(ctx, moment)
	if err != nil {
		return nil, err
	}
	return s.AsOf(ctx, min(seq, s.Snapshot().Stamp().Seq))
}

// Undo takes back an entry with a new one. What others changed since in the
// same fields is a conflict, and then nothing is undone.
func (s *Store) Undo(ctx context.Context, seq uint64, who, why string) (model.Stamp, error) {
	changes, err := s.Undoing(ctx, seq)
	if err != nil {
		return model.Stamp{}, err
	}
	if why == "" {
		why = fmt.Sprintf("Undo entry %d", seq)
	}
	return s.Commit(ctx, Tx{Who: who, Why: why, Source: model.PersonSource, Changes: changes, Undoes: seq})
}

// Undoing returns the changes that would take back an entry.
func (s *Store) Undoing(ctx context.Context, seq uint64) ([]model.Change, error) {
	if seq == 0 {
		return nil, errors.New("entries are counted from 1")
	}
	if last := s.Snapshot().Stamp().Seq; seq > last {
		return nil, fmt.Errorf("there is no entry %d: the last is %d", seq, last)
	}
	var entry journal.Entry
	for e, err := range s.journal.Entries(ctx, seq-1, seq) {
		if err != nil {
			return nil, fmt.Errorf("undo entry %d: %w", seq, err)
		}
		entry = e
	}
	if entry.Seq != seq {
		return nil, fmt.Errorf("there is no entry %d: the last is %d", seq, s.Snapshot().Stamp().Seq)
	}
	v := s.View()
	var out []model.Change
	for _, c := range slices.Backward(entry.Changes) {
		if slices.ContainsFunc(c.Fields, func(f model.FieldChange) bool { return f.Erased }) {
			return nil, fmt.Errorf("entry %d cannot be undone: values of it have been erased for good", seq)
		}
		inverse, err := invert(v, &c)
		if err != nil {
			return nil, err
		}
		if inverse.Op != model.Edit || len(inverse.Fields) > 0 {
			out = append(out, inverse)
		}
	}
	return out, nil
}

// invert returns the change that takes another back on the estate as it is now.
func invert(v estate.View, c *model.Change) (model.Change, error) {
	inverse := c.Inverse(c.Version + 1)
	if c.Op == model.Remove {
		if v.Snapshot().Get(model.Ref(c.ID)) != nil {
			return model.Change{Op: model.Edit}, nil
		}
		return inverse, nil
	}
	fitted, conflict := v.Rebase(inverse)
	if conflict != nil {
		return fitted, conflict
	}
	return fitted, nil
}

// History yields the entries that touch a record, oldest first.
func (s *Store) History(ctx context.Context, ref model.Ref) ([]journal.Entry, error) {
	var out []journal.Entry
	for e, err := range s.journal.History(ctx, model.ID(ref)) {
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}
