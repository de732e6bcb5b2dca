package ledger

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"sync"

	"binnacle/journal"
	"binnacle/model"
)

// The size of what is read at once: so many entries, or so many changes.
const (
	readEntries = 256
	readChanges = 20000
	readChunks  = 32
)

// Entries yields the entries after one number and up to another, in order. No
// transaction is open while the caller works on an entry.
func (j *Journal) Entries(ctx context.Context, after, upto uint64) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		if upto == 0 {
			head, err := j.Head(ctx)
			if err != nil {
				yield(journal.Entry{}, err)
				return
			}
			upto = head
		}
		for after < upto {
			batch, err := j.readEntries(ctx, after, upto)
			if err == nil && len(batch) == 0 {
				err = fmt.Errorf("entry %d is missing: run verify", after+1)
			}
			for _, e := range batch {
				if !yield(e, nil) {
					return
				}
				after = e.Seq
			}
			if err != nil {
				yield(journal.Entry{}, err)
				return
			}
		}
	}
}

// readEntries reads some entries, at least one where there is one.
func (j *Journal) readEntries(ctx context.Context, after, upto uint64) ([]journal.Entry, error) {
	var out []journal.Entry
	err := j.store.Read(ctx, func(r Reader) error {
		rows, err := r.Entries(after, upto, readEntries)
		if err != nil || len(rows) == 0 {
			return err
		}
		sum, n := 0, 0
		for n < len(rows) && (n == 0 || sum+rows[n].Changes <= readChanges) {
			sum += rows[n].Changes
			n++
		}
		for i, row := range rows[:n] {
			if row.Seq != after+uint64(i)+1 {
				return fmt.Errorf("entry %d is missing: run verify", after+uint64(i)+1)
			}
			h, err := DecodeHeader(row)
			if err != nil {
				return err
			}
			out = append(out, h.entry())
		}
		return addChanges(r, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func addChanges(r Reader, entries []journal.Entry) error {
	first := entries[0].Seq
	for row, err := range r.Chunks(first, entries[len(entries)-1].Seq) {
		if err != nil {
			return err
		}
		changes, err := DecodeChunk(row.Data, nil)
		if err != nil {
			return damaged(row, err)
		}
		e := &entries[row.Seq-first]
		for i := range changes {
			e.Changes = append(e.Changes, changes[i].Change)
		}
	}
	return nil
}

func damaged(row ChunkRow, err error) error {
	return fmt.Errorf("entry %d: the changes in chunk %d are damaged: %w", row.Seq, row.ID, err)
}

// History yields the entries that touch a record, oldest first, each with the changes of that record alone.
func (j *Journal) History(ctx context.Context, id model.ID) iter.Seq2[journal.Entry, error] {
	return func(yield func(journal.Entry, error) bool) {
		var chunks []uint64
		err := j.store.Read(ctx, func(r Reader) (err error) {
			chunks, err = r.TouchedBy(id)
			return err
		})
		// An entry may have the record in several chunks, so the last one read waits for more.
		var waiting []journal.Entry
		for batch := range slices.Chunk(chunks, readChunks) {
			var found []journal.Entry
			found, err = j.readHistory(ctx, id, batch)
			if err != nil {
				break
			}
			for _, e := range found {
				if n := len(waiting); n > 0 && waiting[n-1].Seq == e.Seq {
					waiting[n-1].Changes = append(waiting[n-1].Changes, e.Changes...)
					continue
				}
				waiting = append(waiting, e)
			}
			for len(waiting) > 1 {
				if !yield(waiting[0], nil) {
					return
				}
				waiting = waiting[1:]
			}
		}
		for _, e := range waiting {
			if !yield(e, nil) {
				return
			}
		}
		if err != nil {
			yield(journal.Entry{}, err)
		}
	}
}

func (j *Journal) readHistory(ctx context.Context, id model.ID, chunks []uint64) ([]journal.Entry, error) {
	var out []journal.Entry
	err := j.store.Read(ctx, func(r Reader) error {
		rows, err := r.ChunksByID(chunks)
		if err != nil {
			return err
		}
		for _, row := range rows {
			changes, err := DecodeChunk(row.Data, func(other model.ID) bool { return other == id })
			if err != nil {
				return damaged(row, err)
			}
			if n := len(out); n == 0 || out[n-1].Seq != row.Seq {
				entries, err := r.Entries(row.Seq-1, row.Seq, 1)
				if err != nil {
					return err
				}
				if len(entries) == 0 {
					return fmt.Errorf("entry %d is missing: run verify", row.Seq)
				}
				h, err := DecodeHeader(entries[0])
				if err != nil {
					return err
				}
				out = append(out, h.entry())
			}
			e := &out[len(out)-1]
			for i := range changes {
				e.Changes = append(e.Changes, changes[i].Change)
			}
		}
		return nil
	})
	return out, err
}

// Rows yields every record that is not removed, and the number of the entry
// that they are the state after. The rows can be ranged over once. Until then,
// or until the context ends, the database keeps the state that they are of.
func (j *Journal) Rows(ctx context.Context) (uint64, iter.Seq2[journal.Row, error], error) {
	ctx, cancel := context.WithCancel(ctx)
	heads, failed := make(chan uint64, 1), make(chan error, 1)
	batches := make(chan []journal.Row, 4)
	go func() {
		defer close(batches)
		err := j.store.Read(ctx, func(r Reader) error {
			head, err := r.Head()
			if err != nil {
				return err
			}
			heads <- head.Seq
			return sendRows(ctx, r, batches)
		})
		failed <- err
		close(heads)
	}()
	head, ok := <-heads
	if !ok {
		cancel()
		return 0, nil, <-failed
	}
	var once sync.Once
	return head, func(yield func(journal.Row, error) bool) {
		again := true
		once.Do(func() { again = false })
		if again {
			yield(journal.Row{}, fmt.Errorf("the rows have been read already: ask for them again"))
			return
		}
		defer cancel()
		for batch := range batches {
			for i := range batch {
				if !yield(batch[i], nil) {
					return
				}
			}
		}
		if err := <-failed; err != nil {
			yield(journal.Row{}, err)
		}
	}, nil
}

// sendRows hands rows over in batches, so that reading and working on them go on at the same time.
func sendRows(ctx context.Context, r Reader, batches chan<- []journal.Row) error {
	const size = 512
	batch := make([]journal.Row, 0, size)
	send := func() error {
		select {
		case batches <- batch:
			batch = make([]journal.Row, 0, size)
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for row, err := range r.Records(true) {
		if err != nil {
			return err
		}
		batch = append(batch, row.Row)
		if len(batch) == size {
			if err := send(); err != nil {
				return err
			}
		}
	}
	return send()
}
