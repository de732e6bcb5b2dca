package door

import (
	"context"
	"fmt"
	"slices"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/journal"
	"binnacle/model"
)

// Entry is an entry of the journal as somebody may see it.
type Entry = journal.Entry

// entry returns an entry of the journal.
func (h *House) entry(ctx context.Context, seq uint64) (Entry, error) {
	for e, err := range h.store.Journal().Entries(ctx, seq-1, seq) {
		if err != nil {
			return Entry{}, err
		}
		if e.Seq == seq {
			return e, nil
		}
	}
	return Entry{}, &NotFound{fmt.Sprintf("entry %d", seq)}
}

// Entry returns an entry with those of its changes that the principal may see. The error is a [*NotFound] where there are none.
func (h *House) Entry(ctx context.Context, p *access.Principal, seq uint64) (Entry, error) {
	if seq == 0 || seq > h.Head().Seq {
		return Entry{}, &NotFound{fmt.Sprintf("entry %d", seq)}
	}
	e, err := h.entry(ctx, seq)
	if err != nil {
		return Entry{}, err
	}
	e, ok := h.seen(ctx, p, e)
	if !ok {
		return Entry{}, &NotFound{fmt.Sprintf("entry %d", seq)}
	}
	return e, nil
}

// seen returns what a principal may see of an entry, and whether that is anything.
func (h *House) seen(ctx context.Context, p *access.Principal, e Entry) (Entry, bool) {
	snap := h.store.Snapshot()
	v := snap.View(h.store.Today()).Through(p.Sight(snap))
	n := len(e.Changes)
	e.Changes = slices.DeleteFunc(slices.Clone(e.Changes), func(c model.Change) bool {
		if snap.Get(model.Ref(c.ID)) != nil {
			return v.Get(model.Ref(c.ID)) == nil
		}
		return !h.sawGone(ctx, p, e.Seq, c.ID)
	})
	if len(e.Changes) < n {
		// The reason may speak of what is out of sight.
		e.Why = ""
	}
	return e, n == 0 || len(e.Changes) > 0
}

// sawGone reports whether a principal could have seen a record that is no longer there, at the time of an entry.
func (h *House) sawGone(ctx context.Context, p *access.Principal, seq uint64, id model.ID) bool {
	for _, at := range []uint64{seq, seq - 1} {
		snap, err := h.store.AsOf(ctx, at)
		if err != nil {
			return false
		}
		if rec := snap.Get(model.Ref(id)); rec != nil {
			return p.Sight(snap).Sees(rec)
		}
	}
	return false
}

// History returns the entries that touch a record, newest first, at most a
// number of them and older than one. Each has the changes of that record alone.
func (h *House) History(ctx context.Context, p *access.Principal, ref model.Ref, before uint64, limit int) ([]Entry, error) {
	snap := h.store.Snapshot()
	visible := snap.View(0).Through(p.Sight(snap)).Get(ref) != nil
	if !visible && snap.Get(ref) != nil {
		return nil, &NotFound{"record " + ref.String()}
	}
	all, err := h.store.History(ctx, ref)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 || !visible && !h.sawGone(ctx, p, all[len(all)-1].Seq, model.ID(ref)) {
		return nil, &NotFound{"record " + ref.String()}
	}
	var out []Entry
	for _, e := range slices.Backward(all) {
		if before != 0 && e.Seq >= before {
			continue
		}
		if limit > 0 && len(out) == limit {
			break
		}
		out = append(out, e)
	}
	return out, nil
}

// page is how many entries are read from the journal at once.
const page = 200

// Entries returns the newest entries before one, at most a number of them, with what the principal may see. Before 0 means from the last.
func (h *House) Entries(ctx context.Context, p *access.Principal, before uint64, limit int) ([]Entry, error) {
	if before == 0 {
		before = h.Head().Seq + 1
	}
	var out []Entry
	for before > 1 && len(out) < limit {
		from := uint64(0)
		if before > page {
			from = before - 1 - page
		}
		chunk, err := h.after(ctx, p, from, before-1)
		if err != nil {
			return nil, err
		}
		slices.Reverse(chunk)
		out = append(out, chunk...)
		before = from + 1
	}
	return out[:min(limit, len(out))], nil
}

// Since returns the entries after one, oldest first and at most some hundreds at once, with what the principal may
// see, and the number up to which it looked.
func (h *House) Since(ctx context.Context, p *access.Principal, after uint64) (entries []Entry, upto uint64, err error) {
	upto = min(after+page, h.Head().Seq)
	if upto <= after {
		return nil, after, nil
	}
	entries, err = h.after(ctx, p, after, upto)
	return entries, upto, err
}

func (h *House) after(ctx context.Context, p *access.Principal, after, upto uint64) ([]Entry, error) {
	var out []Entry
	for e, err := range h.store.Journal().Entries(ctx, after, upto) {
		if err != nil {
			return nil, err
		}
		if e, ok := h.seen(ctx, p, e); ok {
			out = append(out, e)
		}
	}
	return out, nil
}

// Differences returns what makes one view of another, without what is out of sight in either.
func Differences(from, to estate.View) []model.Change {
	return slices.DeleteFunc(estate.Differences(from.Snapshot(), to.Snapshot()), func(c model.Change) bool {
		ref := model.Ref(c.ID)
		return from.Snapshot().Get(ref) != nil && from.Get(ref) == nil || to.Snapshot().Get(ref) != nil && to.Get(ref) == nil
	})
}
