package postgres

import (
	"context"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal/internal/ledger"
	"binnacle/model"
)

// reader reads inside a transaction. It has every method of [ledger.Reader].
type reader struct {
	ctx   context.Context
	tx    pgx.Tx
	store *store
}

// rows makes a sequence of a query.
func rows[T any](r *reader, query string, args []any, read func(row pgx.Rows, to *T) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		found, err := r.tx.Query(r.ctx, r.store.sql(query), args...)
		if err != nil {
			yield(none, err)
			return
		}
		defer found.Close()
		for found.Next() {
			var item T
			if err := read(found, &item); err != nil {
				yield(none, err)
				return
			}
			if !yield(item, nil) {
				return
			}
		}
		if err := found.Err(); err != nil {
			yield(none, err)
		}
	}
}

func collect[T any](items iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		out = append(out, item)
	}
	return out, nil
}

func hashOf(raw []byte) (h tlog.Hash, err error) {
	if len(raw) != len(h) {
		return h, fmt.Errorf("the database is damaged: a hash has %d bytes", len(raw))
	}
	return tlog.Hash(raw), nil
}

// Head returns where the journal stands.
func (r *reader) Head() (ledger.Head, error) {
	heads, err := collect(rows(r, "SELECT seq, at, root, chunk, changes, checkpoints FROM {journal}.journal_head", nil, func(row pgx.Rows, h *ledger.Head) (err error) {
		var root []byte
		if err := row.Scan(&h.Seq, (*int64)(&h.At), &root, &h.Chunk, &h.Changes, &h.Checkpoints); err != nil {
			return err
		}
		h.Root, err = hashOf(root)
		return err
	}))
	if err == nil && len(heads) != 1 {
		err = fmt.Errorf("the database is damaged: the head of the journal is missing")
	}
	if err != nil {
		return ledger.Head{}, err
	}
	return heads[0], nil
}

// Keys returns the keys of the journal.
func (r *reader) Keys() (ledger.Keys, error) {
	keys, err := collect(rows(r, "SELECT signer, verifier FROM {journal}.journal_key", nil, func(row pgx.Rows, k *ledger.Keys) error {
		return row.Scan(&k.Signer, &k.Verifier)
	}))
	if err == nil && len(keys) != 1 {
		err = fmt.Errorf("the database is damaged: the keys of the journal are missing")
	}
	if err != nil {
		return ledger.Keys{}, err
	}
	return keys[0], nil
}

// Entries returns entries in order.
func (r *reader) Entries(after, upto uint64, limit int) ([]ledger.EntryRow, error) {
	return collect(rows(r, "SELECT seq, at, changes, leaf, data FROM {journal}.journal_entry WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
		[]any{after, upto, limit}, func(row pgx.Rows, e *ledger.EntryRow) (err error) {
			var leaf []byte
			if err := row.Scan(&e.Seq, (*int64)(&e.At), &e.Changes, &leaf, &e.Data); err != nil {
				return err
			}
			e.Leaf, err = hashOf(leaf)
			return err
		}))
}

func readChunk(row pgx.Rows, c *ledger.ChunkRow) error {
	return row.Scan(&c.ID, &c.Seq, &c.Data)
}

// Chunks returns the chunks of some entries.
func (r *reader) Chunks(from, upto uint64) iter.Seq2[ledger.ChunkRow, error] {
	return rows(r, "SELECT id, seq, data FROM {journal}.journal_chunk WHERE seq BETWEEN $1 AND $2 ORDER BY seq, id", []any{from, upto}, readChunk)
}

// ChunksByID returns some chunks.
func (r *reader) ChunksByID(ids []uint64) ([]ledger.ChunkRow, error) {
	found, err := collect(rows(r, "SELECT id, seq, data FROM {journal}.journal_chunk WHERE id = ANY($1) ORDER BY id", []any{signed(ids)}, readChunk))
	if err == nil && len(found) != len(ids) {
		err = fmt.Errorf("%d of %d chunks are missing: run verify", len(ids)-len(found), len(ids))
	}
	return found, err
}

func signed(ids []uint64) []int64 {
	out := make([]int64, len(ids))
	for i, id := range ids {
		out[i] = int64(id)
	}
	return out
}

// TouchedBy returns the numbers of the chunks that touch a record.
func (r *reader) TouchedBy(id model.ID) ([]uint64, error) {
	return collect(rows(r, `SELECT chunk FROM {journal}.journal_touch WHERE id = $1
		UNION SELECT first FROM {journal}.journal_record WHERE id = $1 ORDER BY 1`,
		[]any{[16]byte(id)}, func(row pgx.Rows, n *uint64) error { return row.Scan(n) }))
}

// At returns the number of the last entry at or before a moment.
func (r *reader) At(moment model.Time) (uint64, error) {
	found, err := collect(rows(r, "SELECT seq FROM {journal}.journal_entry WHERE at <= $1 ORDER BY at DESC, seq DESC LIMIT 1",
		[]any{int64(moment)}, func(row pgx.Rows, n *uint64) error { return row.Scan(n) }))
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

func readHash(row pgx.Rows, h *ledger.HashRow) (err error) {
	var raw []byte
	if err := row.Scan(&h.Index, &raw); err != nil {
		return err
	}
	h.Hash, err = hashOf(raw)
	return err
}

// Hashes returns hashes of the tree.
func (r *reader) Hashes(indexes []int64) ([]tlog.Hash, error) {
	if len(indexes) == 0 {
		return nil, nil
	}
	byIndex := map[int64]tlog.Hash{}
	for h, err := range rows(r, "SELECT id, hash FROM {journal}.journal_hash WHERE id = ANY($1)", []any{indexes}, readHash) {
		if err != nil {
			return nil, err
		}
		byIndex[h.Index] = h.Hash
	}
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		h, ok := byIndex[index]
		if !ok {
			return nil, fmt.Errorf("hash %d of the tree is missing: run verify", index)
		}
		out[i] = h
	}
	return out, nil
}

// AllHashes returns all hashes of the tree.
func (r *reader) AllHashes() iter.Seq2[ledger.HashRow, error] {
	return rows(r, "SELECT id, hash FROM {journal}.journal_hash ORDER BY id", nil, readHash)
}

// AllTouches returns all touches.
func (r *reader) AllTouches() iter.Seq2[ledger.Touch, error] {
	return rows(r, "SELECT id, chunk FROM {journal}.journal_touch", nil, func(row pgx.Rows, t *ledger.Touch) error {
		return row.Scan((*[16]byte)(&t.ID), &t.Chunk)
	})
}

const recordColumns = `SELECT id, kind, key, version, created_seq, created_at, changed_seq, changed_at, first, body::text FROM {journal}.journal_record`

// Records returns all records.
func (r *reader) Records(definitionsFirst bool) iter.Seq2[ledger.RecordRow, error] {
	kinds := map[string]string{}
	read := func(row pgx.Rows, rec *ledger.RecordRow) error {
		err := row.Scan((*[16]byte)(&rec.ID), &rec.Kind, &rec.Key, &rec.Version, &rec.Created.Seq, (*int64)(&rec.Created.At),
			&rec.Changed.Seq, (*int64)(&rec.Changed.At), &rec.First, &rec.Body)
		// All rows of a kind share its name.
		if kind, ok := kinds[rec.Kind]; ok {
			rec.Kind = kind
		} else {
			kinds[rec.Kind] = rec.Kind
		}
		return err
	}
	if !definitionsFirst {
		return rows(r, recordColumns, nil, read)
	}
	return func(yield func(ledger.RecordRow, error) bool) {
		for _, where := range []string{
			" WHERE kind = 'KindDefinition' ORDER BY kind, key",
			" WHERE kind = 'FieldDefinition' ORDER BY kind, key",
			" WHERE kind NOT IN ('KindDefinition', 'FieldDefinition')",
		} {
			for rec, err := range rows(r, recordColumns+where, nil, read) {
				if !yield(rec, err) || err != nil {
					return
				}
			}
		}
	}
}

// Bodies returns the bodies of some records.
func (r *reader) Bodies(ids []model.ID) (map[model.ID][]byte, error) {
	wanted := make([][16]byte, len(ids))
	for i, id := range ids {
		wanted[i] = id
	}
	type pair struct {
		id   model.ID
		body []byte
	}
	out := map[model.ID][]byte{}
	for p, err := range rows(r, "SELECT id, body::text FROM {journal}.journal_record WHERE id = ANY($1)", []any{wanted}, func(row pgx.Rows, p *pair) error {
		return row.Scan((*[16]byte)(&p.id), &p.body)
	}) {
		if err != nil {
			return nil, err
		}
		out[p.id] = p.body
	}
	return out, nil
}

// Checkpoints returns all checkpoints.
func (r *reader) Checkpoints() ([]ledger.CheckpointRow, error) {
	return collect(rows(r, "SELECT number, size, note FROM {journal}.journal_checkpoint ORDER BY number", nil, func(row pgx.Rows, c *ledger.CheckpointRow) error {
		return row.Scan(&c.Number, &c.Size, &c.Note)
	}))
}

// Damage returns nothing: PostgreSQL checks its pages by itself as it reads them, and says so with an error.
func (r *reader) Damage() ([]string, error) { return nil, nil }
