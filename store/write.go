package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/journal"
	"binnacle/model"
)

// Tx is changes to be committed together, as one entry.
type Tx struct {
	// Who makes the changes: the key of a person, or the name of a job.
	Who string
	// Why says what the changes are for.
	Why string
	// Source says where the changes come from: person, or the key of a source.
	Source string
	// Changes are what to do. An edit or a removal carries the version that its maker saw.
	Changes []model.Change
	// Undoes is the number of the entry that this takes back, or 0.
	Undoes uint64
	// Erase are values to be erased from all entries before this one.
	Erase []journal.Erasure
}

// ErrNothing says that there is nothing to commit.
var ErrNothing = errors.New("there is nothing to change")

// ErrUnknown says that it is not known whether changes were committed, because the connection to the database was lost meanwhile.
var ErrUnknown = journal.ErrUnknown

// request is transactions that wait for the writer. They are committed all together or not at all.
type request struct {
	txs    []Tx
	stamps []model.Stamp
	err    error
	done   chan struct{}
}

// Commit checks changes and makes them durable. It returns when they are. The
// error is a *estate.Conflict where somebody else changed one of the records, and a *Refused where the changes are wrong.
func (s *Store) Commit(ctx context.Context, tx Tx) (model.Stamp, error) {
	stamps, err := s.CommitAll(ctx, []Tx{tx})
	if err != nil {
		return model.Stamp{}, err
	}
	return stamps[0], nil
}

// CommitAll commits several transactions as entries that follow each other. All of them become durable, or none.
func (s *Store) CommitAll(ctx context.Context, txs []Tx) ([]model.Stamp, error) {
	r := &request{txs: txs, done: make(chan struct{})}
	select {
	case s.queue <- r:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-s.done:
		return nil, errors.New("the store is closed")
	}
	select {
	case <-r.done:
		return r.stamps, r.err
	case <-s.done:
		return nil, errors.New("the store was closed before it could answer: look at the history before trying again")
	}
}

// maxGroup is how many requests are made durable together.
const maxGroup = 256

// write is the one goroutine that writes. It commits what waits in one group.
func (s *Store) write(ctx context.Context) {
	defer close(s.done)
	grown := s.journal.Watch(ctx)
	expected := 1
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-s.queue:
			group := s.gather(r, expected)
			expected = max(len(group), expected*7/8)
			s.commit(ctx, group)
		case <-grown:
			if err := s.follow(ctx); err != nil && ctx.Err() == nil {
				s.fail(err)
			}
		}
	}
}

// patience is how long the writer waits for others to join a group, where it
// expects them. It is little beside the time that a disk takes.
const patience = 400 * time.Microsecond

// gather collects the requests that are made durable together: those that wait,
// and those of writers that came back last time as soon as they had their answer.
func (s *Store) gather(first *request, expected int) []*request {
	group := []*request{first}
	for began := time.Now(); len(group) < maxGroup; {
		select {
		case r := <-s.queue:
			group = append(group, r)
			continue
		default:
		}
		if len(group) >= expected || time.Since(began) > patience {
			break
		}
		runtime.Gosched()
	}
	return group
}

// commit makes a group durable. When another node was faster it catches up and tries again.
func (s *Store) commit(ctx context.Context, group []*request) {
	defer func() {
		for _, r := range group {
			close(r.done)
		}
	}()
	for range 100 {
		snap := s.Snapshot()
		next, commits := s.prepare(snap, group)
		if s.behind(ctx, snap, group) {
			continue
		}
		if len(commits) == 0 {
			return
		}
		err := s.journal.Append(ctx, snap.Stamp().Seq, commits)
		if err == nil {
			s.publish(next)
			s.syncViews(ctx, next.Schema())
			if slices.ContainsFunc(commits, func(c journal.Commit) bool { return len(c.Erase) > 0 }) {
				s.past.clear()
			}
			return
		}
		var behind journal.Behind
		if errors.As(err, &behind) {
			err = s.follow(ctx)
		}
		if err != nil {
			for _, r := range group {
				if r.err == nil {
					r.err, r.stamps = fmt.Errorf("write the journal: %w", err), nil
				}
			}
			return
		}
	}
	for _, r := range group {
		r.err, r.stamps = errors.New("other nodes keep writing: try again"), nil
	}
}

// behind reports whether a request was refused on a snapshot that other nodes
// have left behind. Then it catches up, so that nobody is told of a conflict that there is not.
func (s *Store) behind(ctx context.Context, snap *estate.Snapshot, group []*request) bool {
	if !slices.ContainsFunc(group, func(r *request) bool { return r.err != nil && !errors.Is(r.err, ErrNothing) }) {
		return false
	}
	head, err := s.journal.Head(ctx)
	if err != nil || head <= snap.Stamp().Seq {
		return false
	}
	return s.follow(ctx) == nil && s.Snapshot() != snap
}

// prepare checks the requests of a group one after the other, each on what the ones before it lead to.
func (s *Store) prepare(snap *estate.Snapshot, group []*request) (*estate.Snapshot, []journal.Commit) {
	var commits []journal.Commit
	for _, r := range group {
		at := snap
		var own []journal.Commit
		r.err, r.stamps = nil, nil
		for i := range r.txs {
			next, c, err := s.prepareOne(at, &r.txs[i])
			if err != nil {
				r.err, r.stamps, own = err, nil, nil
				break
			}
			at = next
			own = append(own, c)
			r.stamps = append(r.stamps, next.Stamp())
		}
		if r.err == nil {
			snap = at
			commits = append(commits, own...)
		}
	}
	return snap, commits
}

// prepareOne makes an entry of a transaction. A fault in it fails the
// transaction alone, because all others wait for this one writer.
func (s *Store) prepareOne(snap *estate.Snapshot, tx *Tx) (next *estate.Snapshot, commit journal.Commit, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the changes cannot be made because of a fault in Binnacle: %v", r)
		}
	}()
	if len(tx.Changes) == 0 && len(tx.Erase) == 0 {
		return nil, journal.Commit{}, ErrNothing
	}
	last := snap.Stamp()
	stamp := model.Stamp{Seq: last.Seq + 1, At: max(s.Now(), last.At)}
	next, changes, err := s.try(snap, stamp, tx.Changes, tx.Undoes != 0)
	if err != nil {
		return nil, journal.Commit{}, err
	}
	if len(changes) == 0 && len(tx.Erase) == 0 {
		return nil, journal.Commit{}, ErrNothing
	}
	return next, journal.Commit{
		Entry: journal.Entry{Seq: stamp.Seq, At: stamp.At, Who: tx.Who, Why: tx.Why, Source: tx.Source, Undoes: tx.Undoes, Changes: changes},
		Rows:  rows(snap, next, changes), Erase: tx.Erase,
	}, nil
}

// conflicts returns the conflict of the first change whose record somebody else has changed.
func conflicts(snap *estate.Snapshot, changes []model.Change) error {
	v := snap.View(0)
	for i := range changes {
		c := &changes[i]
		if c.Op == model.Create {
			continue
		}
		rec := snap.Get(model.Ref(c.ID))
		if rec != nil && rec.Base().Version == c.Version {
			continue
		}
		_, conflict := v.Rebase(*c)
		if conflict == nil {
			conflict = &estate.Conflict{Kind: c.Kind, ID: c.ID, Key: c.ID.String(), Seen: c.Version}
			if rec != nil {
				conflict.Key, conflict.Now = rec.Base().Key, rec.Base().Version
				conflict.Fields = sides(v, rec, c)
			}
		}
		return conflict
	}
	return nil
}

// sides lists the fields of a change that does not clash with what others did, so that a person can see that it would fit.
func sides(v estate.View, rec model.Record, c *model.Change) []estate.Sides {
	var out []estate.Sides
	for _, fc := range c.Fields {
		f := v.Schema().Of(rec).Field(fc.Name)
		if f == nil {
			continue
		}
		out = append(out, estate.Sides{Field: fc.Name, Base: v.Show(c.Kind, fc.Name, fc.Before), Theirs: f.Text(rec, v), Yours: v.Show(c.Kind, fc.Name, fc.After)})
	}
	return out
}

// rows lists the rows that changes lead to, each record once.
func rows(before, after *estate.Snapshot, changes []model.Change) []journal.Row {
	first := firstChanges(changes)
	out := make([]journal.Row, len(first))
	estate.Spread(len(first), func(i int) {
		id := first[i].ID
		if c := first[i]; c.Op == model.Create && c.Result() != nil {
			out[i] = journal.Row{Kind: c.Kind, ID: id, Key: c.Result().Base().Key, Version: 1, Created: after.Stamp(), Changed: after.Stamp(), Body: model.EncodeCreated(c)}
		} else if rec := after.Get(model.Ref(id)); rec != nil {
			out[i] = rowOf(after.Schema(), rec)
		} else if rec := before.Get(model.Ref(id)); rec != nil {
			m := rec.Base()
			out[i] = journal.Row{Kind: first[i].Kind, ID: id, Key: m.Key, Version: m.Version + 1, Created: m.Created, Changed: after.Stamp()}
		}
	})
	return slices.DeleteFunc(out, func(r journal.Row) bool { return r.Kind == "" })
}

// publish makes a snapshot the one that everybody sees, and tells those who wait.
func (s *Store) publish(next *estate.Snapshot) {
	s.head.Store(next)
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// syncViews makes the SQL views of the kinds anew where the kinds are not those
// that it made them of last. A fault keeps nobody from writing: [Store.ViewFault] tells it.
func (s *Store) syncViews(ctx context.Context, schema *model.Schema) {
	if s.viewed == schema {
		return
	}
	err := s.journal.SyncViews(ctx, schema)
	if err == nil {
		s.viewed = schema
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.viewFault = err
}

// ViewFault returns why the SQL views are not those of the kinds as they are now, or nil.
func (s *Store) ViewFault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.viewFault
}

// follow applies the entries that other nodes have written.
func (s *Store) follow(ctx context.Context) error {
	snap, erased := s.Snapshot(), false
	for e, err := range s.journal.Entries(ctx, snap.Stamp().Seq, 0) {
		if err != nil {
			return fmt.Errorf("follow the journal: %w", err)
		}
		erased = erased || erases(e)
		next, err := snap.Apply(model.Stamp{Seq: e.Seq, At: e.At}, e.Changes)
		if err != nil {
			return fmt.Errorf("follow the journal: %w", err)
		}
		snap = next
	}
	if snap != s.Snapshot() {
		s.publish(snap)
	}
	if erased {
		s.past.clear()
	}
	s.fail(nil)
	return nil
}

// Watch returns a channel that receives after the estate has changed, until the context ends.
func (s *Store) Watch(ctx context.Context) <-chan struct{} {
	w := make(chan struct{}, 1)
	s.mu.Lock()
	s.watchers[w] = true
	s.mu.Unlock()
	context.AfterFunc(ctx, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, w)
	})
	return w
}

func (s *Store) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = err
}

// Fault returns why the store cannot follow the journal, or nil.
func (s *Store) Fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// Refresh waits until the store knows every entry that the journal had when it was called.
func (s *Store) Refresh(ctx context.Context) error {
	head, err := s.journal.Head(ctx)
	if err != nil {
		return err
	}
	for s.Snapshot().Stamp().Seq < head {
		if err := s.Fault(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}
