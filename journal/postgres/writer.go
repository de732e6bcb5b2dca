package postgres

import (
	"fmt"
	"iter"
	"slices"

	"github.com/jackc/pgx/v5"

	"binnacle/journal/internal/ledger"
	"binnacle/model"
)

// writer writes inside a transaction. It has every method of [ledger.Writer].
type writer struct{ reader }

// copyIn copies rows into a table as fast as the database takes them.
func (w *writer) copyIn(table string, columns []string, source pgx.CopyFromSource) error {
	_, err := w.tx.CopyFrom(w.ctx, pgx.Identifier{w.store.schema, table}, columns, source)
	return err
}

// sequence makes a source of a sequence.
func sequence[T any](items iter.Seq2[T, error], values func(T) []any) pgx.CopyFromSource {
	next, stop := iter.Pull2(items)
	return pgx.CopyFromFunc(func() ([]any, error) {
		item, err, ok := next()
		if !ok || err != nil {
			stop()
			return nil, err
		}
		return values(item), nil
	})
}

// AddEntries adds entries.
func (w *writer) AddEntries(entries []ledger.EntryRow) error {
	if len(entries) == 0 {
		return nil
	}
	return w.copyIn("journal_entry", []string{"seq", "at", "changes", "leaf", "data"}, pgx.CopyFromSlice(len(entries), func(i int) ([]any, error) {
		e := &entries[i]
		return []any{int64(e.Seq), int64(e.At), int64(e.Changes), e.Leaf[:], e.Data}, nil
	}))
}

// AddChunks adds chunks until there are no more.
func (w *writer) AddChunks(chunks iter.Seq2[ledger.ChunkRow, error]) error {
	return w.copyIn("journal_chunk", []string{"id", "seq", "data"}, sequence(chunks, func(c ledger.ChunkRow) []any {
		return []any{int64(c.ID), int64(c.Seq), c.Data}
	}))
}

// ReplaceChunk puts other data into a chunk.
func (w *writer) ReplaceChunk(c ledger.ChunkRow) error {
	done, err := w.tx.Exec(w.ctx, w.store.sql("UPDATE {journal}.journal_chunk SET data = $1 WHERE id = $2"), c.Data, int64(c.ID))
	if err == nil && done.RowsAffected() != 1 {
		err = fmt.Errorf("chunk %d is missing: run verify", c.ID)
	}
	return err
}

// AddHashes adds hashes of the tree.
func (w *writer) AddHashes(hashes []ledger.HashRow) error {
	if len(hashes) == 0 {
		return nil
	}
	return w.copyIn("journal_hash", []string{"id", "hash"}, pgx.CopyFromSlice(len(hashes), func(i int) ([]any, error) {
		return []any{hashes[i].Index, hashes[i].Hash[:]}, nil
	}))
}

// some is how many rows one statement takes whose values are sent as lists.
const some = 2000

// AddTouches adds touches.
func (w *writer) AddTouches(touches []ledger.Touch) error {
	for part := range slices.Chunk(touches, some) {
		ids, chunks := make([][16]byte, len(part)), make([]int64, len(part))
		for i, t := range part {
			ids[i], chunks[i] = t.ID, int64(t.Chunk)
		}
		_, err := w.tx.Exec(w.ctx, w.store.sql(`INSERT INTO {journal}.journal_touch (id, chunk)
			SELECT * FROM unnest($1::uuid[], $2::bigint[]) ON CONFLICT DO NOTHING`), ids, chunks)
		if err != nil {
			return err
		}
	}
	return nil
}

func uuids(ids []model.ID) [][16]byte {
	out := make([][16]byte, len(ids))
	for i, id := range ids {
		out[i] = id
	}
	return out
}

// RemoveRecords takes records out and adds a touch for the chunk that created each.
func (w *writer) RemoveRecords(ids []model.ID) error {
	for part := range slices.Chunk(ids, some) {
		_, err := w.tx.Exec(w.ctx, w.store.sql(`INSERT INTO {journal}.journal_touch (id, chunk)
			SELECT id, first FROM {journal}.journal_record WHERE id = ANY($1) ON CONFLICT DO NOTHING`), uuids(part))
		if err != nil {
			return err
		}
		done, err := w.tx.Exec(w.ctx, w.store.sql("DELETE FROM {journal}.journal_record WHERE id = ANY($1)"), uuids(part))
		if err != nil {
			return err
		}
		if n := done.RowsAffected(); n != int64(len(part)) {
			return fmt.Errorf("%d records are to be removed, but only %d of them are there", len(part), n)
		}
	}
	return nil
}

// ParkKeys gives records keys that collide with none.
func (w *writer) ParkKeys(ids []model.ID) error {
	for part := range slices.Chunk(ids, some) {
		_, err := w.tx.Exec(w.ctx, w.store.sql("UPDATE {journal}.journal_record SET key = chr(1) || id::text WHERE id = ANY($1)"), uuids(part))
		if err != nil {
			return err
		}
	}
	return nil
}

// UpdateRecords changes records that are there.
func (w *writer) UpdateRecords(records []ledger.RecordRow) error {
	for part := range slices.Chunk(records, some) {
		n := len(part)
		ids, kinds, keys, bodies := make([][16]byte, n), make([]string, n), make([]string, n), make([]string, n)
		var numbers [5][]int64
		for i := range part {
			r := &part[i]
			ids[i], kinds[i], keys[i], bodies[i] = r.ID, r.Kind, r.Key, string(r.Body)
			for j, v := range []int64{int64(r.Version), int64(r.Created.Seq), int64(r.Created.At), int64(r.Changed.Seq), int64(r.Changed.At)} {
				numbers[j] = append(numbers[j], v)
			}
		}
		done, err := w.tx.Exec(w.ctx, w.store.sql(`UPDATE {journal}.journal_record AS r SET kind = v.kind, key = v.key, version = v.version,
			created_seq = v.created_seq, created_at = v.created_at, changed_seq = v.changed_seq, changed_at = v.changed_at, body = v.body::jsonb
			FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[])
				AS v (id, kind, key, version, created_seq, created_at, changed_seq, changed_at, body)
			WHERE r.id = v.id`), ids, kinds, keys, numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], bodies)
		if err != nil {
			return taken(err, "change a record")
		}
		if got := done.RowsAffected(); got != int64(n) {
			return fmt.Errorf("%d records are to be changed, but only %d of them are there", n, got)
		}
	}
	return nil
}

// AddRecords adds records that are not there.
func (w *writer) AddRecords(records iter.Seq2[ledger.RecordRow, error]) error {
	columns := []string{"id", "kind", "key", "version", "created_seq", "created_at", "changed_seq", "changed_at", "first", "body"}
	err := w.copyIn("journal_record", columns, sequence(records, func(r ledger.RecordRow) []any {
		return []any{[16]byte(r.ID), r.Kind, r.Key, int64(r.Version), int64(r.Created.Seq), int64(r.Created.At),
			int64(r.Changed.Seq), int64(r.Changed.At), int64(r.First), string(r.Body)}
	}))
	return taken(err, "create a record")
}

// SetHead says where the journal stands.
func (w *writer) SetHead(h ledger.Head) error {
	_, err := w.tx.Exec(w.ctx, w.store.sql(`INSERT INTO {journal}.journal_head (one, seq, at, root, chunk, changes, checkpoints)
		VALUES (1, $1, $2, $3, $4, $5, $6) ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, at = excluded.at, root = excluded.root,
			chunk = excluded.chunk, changes = excluded.changes, checkpoints = excluded.checkpoints`),
		int64(h.Seq), int64(h.At), h.Root[:], int64(h.Chunk), int64(h.Changes), int64(h.Checkpoints))
	return err
}

// SetKeys replaces the keys.
func (w *writer) SetKeys(k ledger.Keys) error {
	_, err := w.tx.Exec(w.ctx, w.store.sql(`INSERT INTO {journal}.journal_key (one, signer, verifier) VALUES (1, $1, $2)
		ON CONFLICT (one) DO UPDATE SET signer = excluded.signer, verifier = excluded.verifier`), k.Signer, k.Verifier)
	return err
}

// AddCheckpoints adds checkpoints.
func (w *writer) AddCheckpoints(notes []ledger.CheckpointRow) error {
	if len(notes) == 0 {
		return nil
	}
	return w.copyIn("journal_checkpoint", []string{"number", "size", "note"}, pgx.CopyFromSlice(len(notes), func(i int) ([]any, error) {
		return []any{int64(notes[i].Number), int64(notes[i].Size), notes[i].Note}, nil
	}))
}
