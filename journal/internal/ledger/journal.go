package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal"
	"binnacle/model"
)

// Journal is a journal in a store. It has every method of [journal.Journal].
type Journal struct {
	store Store

	mu       sync.Mutex
	watchers map[chan struct{}]bool
	stop     context.CancelFunc
	running  context.Context
	polling  bool
	closing  sync.WaitGroup
}

// New returns the journal in a store whose tables are there already.
func New(store Store) *Journal {
	running, stop := context.WithCancel(context.Background())
	return &Journal{store: store, watchers: map[chan struct{}]bool{}, running: running, stop: stop}
}

// Append writes commits in one durable transaction. Where the connection is
// lost while the transaction ends, it looks whether the entries are there, and
// the error is [journal.ErrUnknown] only where it cannot find out.
func (j *Journal) Append(ctx context.Context, head uint64, commits []journal.Commit) error {
	if len(commits) == 0 {
		return nil
	}
	p, err := newPlan(head, commits)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err = j.store.Write(ctx, func(w Writer) error { return p.write(ctx, w) })
	if unsure, ok := errors.AsType[Uncertain](err); ok {
		err = j.resolve(ctx, p, unsure.Err)
	}
	if err != nil {
		return err
	}
	if p.erases() {
		j.store.Erased(context.WithoutCancel(ctx))
	}
	j.notify()
	return nil
}

// errStop ends a transaction that has nothing to keep.
var errStop = errors.New("stop")

// resolve finds out whether a transaction holds whose end was not heard of. It
// waits until the database has ended it, by taking the lock that it held.
func (j *Journal) resolve(ctx context.Context, p *plan, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 15*time.Second)
	defer cancel()
	holds := false
	err := j.store.Write(ctx, func(w Writer) error {
		rows, err := w.Entries(p.head, p.head+1, 1)
		if err != nil {
			return err
		}
		holds = len(rows) == 1 && len(p.entries) > 0 && rows[0].Leaf == p.entries[0].Leaf
		return errStop
	})
	if !errors.Is(err, errStop) {
		return fmt.Errorf("%w: %w", journal.ErrUnknown, errors.Join(cause, err))
	}
	if holds {
		return nil
	}
	return fmt.Errorf("nothing was written: %w", cause)
}

// Head returns the number of the last entry, or 0.
func (j *Journal) Head(ctx context.Context) (uint64, error) {
	var head Head
	err := j.store.Read(ctx, func(r Reader) (err error) {
		head, err = r.Head()
		return err
	})
	return head.Seq, err
}

// At returns the number of the last entry made at or before a moment, or 0.
func (j *Journal) At(ctx context.Context, moment model.Time) (uint64, error) {
	var seq uint64
	err := j.store.Read(ctx, func(r Reader) (err error) {
		seq, err = r.At(moment)
		return err
	})
	return seq, err
}

// SyncViews makes one SQL view per kind, with one typed column per field.
func (j *Journal) SyncViews(ctx context.Context, schema *model.Schema) error {
	return j.store.SyncViews(ctx, viewsOf(schema))
}

// Proof returns what proves the journal.
func (j *Journal) Proof() journal.Proof { return j }

// Close ends the use of the journal.
func (j *Journal) Close() error {
	j.stop()
	j.closing.Wait()
	return j.store.Close()
}

// Checkpoint signs the tree as it is now, keeps the checkpoint and returns it.
// Where nothing has happened since the last one, it returns that one.
func (j *Journal) Checkpoint(ctx context.Context) (string, error) {
	var text string
	err := j.store.Write(ctx, func(w Writer) error {
		head, err := w.Head()
		if err != nil {
			return err
		}
		kept, err := w.Checkpoints()
		if err != nil {
			return err
		}
		if n := len(kept); n > 0 && kept[n-1].Size == head.Seq {
			text = kept[n-1].Note
			return errStop
		}
		if err := checkRoot(w, head); err != nil {
			return err
		}
		keys, err := w.Keys()
		if err != nil {
			return err
		}
		if text, err = keys.sign(head.Seq, head.Root); err != nil {
			return err
		}
		head.Checkpoints++
		if err := w.AddCheckpoints([]CheckpointRow{{Number: head.Checkpoints, Size: head.Seq, Note: text}}); err != nil {
			return err
		}
		return w.SetHead(head)
	})
	if errors.Is(err, errStop) {
		err = nil
	}
	if err != nil {
		return "", err
	}
	return text, nil
}

// checkRoot keeps a damaged root from being signed.
func checkRoot(r Reader, head Head) error {
	t, err := newTree(head.Seq, r.Hashes)
	if err != nil {
		return err
	}
	root, err := t.root()
	if err != nil {
		return err
	}
	if root != head.Root {
		return errors.New("the hashes of the tree do not lead to its root: run verify")
	}
	return nil
}

// Checkpoints returns every checkpoint ever issued, oldest first.
func (j *Journal) Checkpoints(ctx context.Context) ([]string, error) {
	var out []string
	err := j.store.Read(ctx, func(r Reader) error {
		rows, err := r.Checkpoints()
		for _, row := range rows {
			out = append(out, row.Note)
		}
		return err
	})
	return out, err
}

// VerifierKey returns the public key that checkpoints are verified with.
func (j *Journal) VerifierKey(ctx context.Context) (string, error) {
	var keys Keys
	err := j.store.Read(ctx, func(r Reader) (err error) {
		keys, err = r.Keys()
		return err
	})
	return keys.Verifier, err
}

// emptyRoot is the root of a tree without leaves.
var emptyRoot, _ = tlog.TreeHash(0, nil)

// NewHead returns the head of a journal without entries.
func NewHead() Head { return Head{Root: emptyRoot} }
