package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"

	lib "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"binnacle/journal"
	"binnacle/journal/internal/ledger"
	"binnacle/model"
)

// writer writes inside a transaction. It has every method of [ledger.Writer].
//
// Statements say OR FAIL, because a transaction in which one fails is rolled
// back as a whole, and the database need not prepare to undo the statement alone.
type writer struct{ reader }

// taken makes the error of a unique index one that the caller knows.
func taken(err error, what string) error {
	failed, ok := errors.AsType[*lib.Error](err)
	if ok && failed.Code()&0xff == code.SQLITE_CONSTRAINT {
		return fmt.Errorf("%s: %w: %w", what, journal.ErrTaken, err)
	}
	return err
}

// AddEntries adds entries.
func (w writer) AddEntries(entries []ledger.EntryRow) error {
	in := w.conn.insert(w.ctx, "INSERT OR FAIL INTO journal_entry (seq, at, changes, leaf, data) VALUES ", 5)
	for _, e := range entries {
		if err := in.add(int64(e.Seq), int64(e.At), int64(e.Changes), e.Leaf[:], e.Data); err != nil {
			return err
		}
	}
	return in.flush()
}

// AddChunks adds chunks until there are no more.
func (w writer) AddChunks(chunks iter.Seq2[ledger.ChunkRow, error]) error {
	in := w.conn.insert(w.ctx, "INSERT OR FAIL INTO journal_chunk (id, seq, data) VALUES ", 3)
	for c, err := range chunks {
		if err == nil {
			err = in.add(int64(c.ID), int64(c.Seq), c.Data)
		}
		if err != nil {
			return err
		}
	}
	return in.flush()
}

// ReplaceChunk puts other data into a chunk.
func (w writer) ReplaceChunk(c ledger.ChunkRow) error {
	n, err := w.conn.exec(w.ctx, "UPDATE journal_chunk SET data = ? WHERE id = ?", c.Data, int64(c.ID))
	if err == nil && n != 1 {
		err = fmt.Errorf("chunk %d is missing: run verify", c.ID)
	}
	return err
}

// AddHashes adds hashes of the tree.
func (w writer) AddHashes(hashes []ledger.HashRow) error {
	in := w.conn.insert(w.ctx, "INSERT OR FAIL INTO journal_hash (id, hash) VALUES ", 2)
	for _, h := range hashes {
		if err := in.add(h.Index, h.Hash[:]); err != nil {
			return err
		}
	}
	return in.flush()
}

// AddTouches adds touches.
func (w writer) AddTouches(touches []ledger.Touch) error {
	in := w.conn.insert(w.ctx, "INSERT OR IGNORE INTO journal_touch (id, chunk) VALUES ", 2)
	for _, t := range touches {
		if err := in.add(t.ID[:], int64(t.Chunk)); err != nil {
			return err
		}
	}
	return in.flush()
}

// RemoveRecords takes records out and adds a touch for the chunk that created each.
func (w writer) RemoveRecords(ids []model.ID) error {
	for _, id := range ids {
		if _, err := w.conn.exec(w.ctx, "INSERT OR IGNORE INTO journal_touch (id, chunk) SELECT id, first FROM journal_record WHERE id = ?", id[:]); err != nil {
			return err
		}
		n, err := w.conn.exec(w.ctx, "DELETE FROM journal_record WHERE id = ?", id[:])
		if err == nil && n != 1 {
			err = fmt.Errorf("the record %s is to be removed, but it is not there", id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// ParkKeys gives records keys that collide with none.
func (w writer) ParkKeys(ids []model.ID) error {
	for _, id := range ids {
		if _, err := w.conn.exec(w.ctx, "UPDATE OR FAIL journal_record SET key = char(1) || hex(id) WHERE id = ?", id[:]); err != nil {
			return err
		}
	}
	return nil
}

// UpdateRecords changes records that are there.
func (w writer) UpdateRecords(records []ledger.RecordRow) error {
	in := w.conn.insert(w.ctx, `UPDATE OR FAIL journal_record SET kind = v.column2, key = v.column3, version = v.column4,
		created_seq = v.column5, created_at = v.column6, changed_seq = v.column7, changed_at = v.column8, body = v.column9
		FROM (VALUES `, 9)
	in.tail = ") AS v WHERE journal_record.id = v.column1"
	for i := range records {
		r := &records[i]
		if err := in.add(r.ID[:], r.Kind, r.Key, int64(r.Version), int64(r.Created.Seq), int64(r.Created.At),
			int64(r.Changed.Seq), int64(r.Changed.At), string(r.Body)); err != nil {
			return taken(err, "change a record")
		}
	}
	if err := in.flush(); err != nil {
		return taken(err, "change a record")
	}
	if in.counts != int64(len(records)) {
		return fmt.Errorf("%d records are to be changed, but only %d of them are there", len(records), in.counts)
	}
	return nil
}

// AddRecords adds records that are not there.
func (w writer) AddRecords(records iter.Seq2[ledger.RecordRow, error]) error {
	in := w.conn.insert(w.ctx, `INSERT OR FAIL INTO journal_record
		(id, kind, key, version, created_seq, created_at, changed_seq, changed_at, first, body) VALUES `, 10)
	for r, err := range records {
		if err == nil {
			err = in.add(r.ID[:], r.Kind, r.Key, int64(r.Version), int64(r.Created.Seq), int64(r.Created.At),
				int64(r.Changed.Seq), int64(r.Changed.At), int64(r.First), string(r.Body))
		}
		if err != nil {
			return taken(err, "create a record")
		}
	}
	return taken(in.flush(), "create a record")
}

// SetHead says where the journal stands.
func (w writer) SetHead(h ledger.Head) error {
	_, err := w.conn.exec(w.ctx, "INSERT OR REPLACE INTO journal_head (one, seq, at, root, chunk, changes, checkpoints) VALUES (1, ?, ?, ?, ?, ?, ?)",
		int64(h.Seq), int64(h.At), h.Root[:], int64(h.Chunk), int64(h.Changes), int64(h.Checkpoints))
	return err
}

// SetKeys replaces the keys.
func (w writer) SetKeys(k ledger.Keys) error {
	_, err := w.conn.exec(w.ctx, "INSERT OR REPLACE INTO journal_key (one, signer, verifier) VALUES (1, ?, ?)", k.Signer, k.Verifier)
	return err
}

// AddCheckpoints adds checkpoints.
func (w writer) AddCheckpoints(notes []ledger.CheckpointRow) error {
	in := w.conn.insert(w.ctx, "INSERT OR FAIL INTO journal_checkpoint (number, size, note) VALUES ", 3)
	for _, c := range notes {
		if err := in.add(int64(c.Number), int64(c.Size), c.Note); err != nil {
			return err
		}
	}
	return in.flush()
}

// dialMemory opens a database that lives as long as its connection.
func dialMemory(ctx context.Context) (*conn, error) {
	raw, err := new(lib.Driver).Open(":memory:")
	if err != nil {
		return nil, err
	}
	return &conn{raw: raw, statements: map[string]driver.Stmt{}}, nil
}
