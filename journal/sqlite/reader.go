package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal/internal/ledger"
	"binnacle/model"
)

// reader reads inside a transaction. It has every method of [ledger.Reader].
type reader struct {
	ctx  context.Context
	conn *conn
}

// errType says that a column has a value of another type than its table says.
func errType(v driver.Value) error {
	return fmt.Errorf("the database is damaged: a column holds a value of the type %T", v)
}

func number(v driver.Value) (int64, error) {
	n, ok := v.(int64)
	if !ok {
		return 0, errType(v)
	}
	return n, nil
}

func text(v driver.Value) (string, error) {
	s, ok := v.(string)
	if !ok {
		return "", errType(v)
	}
	return s, nil
}

func blob(v driver.Value) ([]byte, error) {
	b, ok := v.([]byte)
	if !ok {
		return nil, errType(v)
	}
	return b, nil
}

// scan puts the values of a row into variables and says where the types differ.
func scan(row []driver.Value, into ...any) error {
	for i, to := range into {
		var err error
		switch to := to.(type) {
		case *string:
			*to, err = text(row[i])
		case *[]byte:
			*to, err = blob(row[i])
		case *uint64:
			var n int64
			n, err = number(row[i])
			*to = uint64(n)
		case *int64:
			*to, err = number(row[i])
		case *uint32:
			var n int64
			if n, err = number(row[i]); n < 0 || n > 1<<32-1 {
				err = errType(row[i])
			}
			*to = uint32(n)
		case *int:
			var n int64
			n, err = number(row[i])
			*to = int(n)
		case *model.Time:
			var n int64
			n, err = number(row[i])
			*to = model.Time(n)
		case *model.ID:
			err = fixed(to[:], row[i])
		case *tlog.Hash:
			err = fixed(to[:], row[i])
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func fixed(to []byte, v driver.Value) error {
	b, err := blob(v)
	if err == nil && len(b) != len(to) {
		err = fmt.Errorf("the database is damaged: a column holds %d bytes and not %d", len(b), len(to))
	}
	copy(to, b)
	return err
}

// rows makes a sequence of a query.
func rows[T any](r reader, query string, args []driver.Value, read func(row []driver.Value, to *T) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		err := r.conn.query(r.ctx, query, args, func(row []driver.Value) error {
			var item T
			if err := read(row, &item); err != nil {
				return err
			}
			if !yield(item, nil) {
				return errEnough
			}
			return nil
		})
		if err != nil {
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

// Head returns where the journal stands.
func (r reader) Head() (ledger.Head, error) {
	heads, err := collect(rows(r, "SELECT seq, at, root, chunk, changes, checkpoints FROM journal_head", nil, func(row []driver.Value, h *ledger.Head) error {
		return scan(row, &h.Seq, &h.At, &h.Root, &h.Chunk, &h.Changes, &h.Checkpoints)
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
func (r reader) Keys() (ledger.Keys, error) {
	keys, err := collect(rows(r, "SELECT signer, verifier FROM journal_key", nil, func(row []driver.Value, k *ledger.Keys) error {
		return scan(row, &k.Signer, &k.Verifier)
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
func (r reader) Entries(after, upto uint64, limit int) ([]ledger.EntryRow, error) {
	return collect(rows(r, "SELECT seq, at, changes, leaf, data FROM journal_entry WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?",
		[]driver.Value{int64(after), int64(upto), int64(limit)}, func(row []driver.Value, e *ledger.EntryRow) error {
			return scan(row, &e.Seq, &e.At, &e.Changes, &e.Leaf, &e.Data)
		}))
}

func readChunk(row []driver.Value, c *ledger.ChunkRow) error {
	return scan(row, &c.ID, &c.Seq, &c.Data)
}

// Chunks returns the chunks of some entries.
func (r reader) Chunks(from, upto uint64) iter.Seq2[ledger.ChunkRow, error] {
	return rows(r, "SELECT id, seq, data FROM journal_chunk WHERE seq BETWEEN ? AND ? ORDER BY seq, id", []driver.Value{int64(from), int64(upto)}, readChunk)
}

// ChunksByID returns some chunks.
func (r reader) ChunksByID(ids []uint64) ([]ledger.ChunkRow, error) {
	var out []ledger.ChunkRow
	for _, id := range ids {
		found, err := collect(rows(r, "SELECT id, seq, data FROM journal_chunk WHERE id = ?", []driver.Value{int64(id)}, readChunk))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("chunk %d is missing: run verify", id)
		}
		out = append(out, found...)
	}
	return out, nil
}

// TouchedBy returns the numbers of the chunks that touch a record.
func (r reader) TouchedBy(id model.ID) ([]uint64, error) {
	return collect(rows(r, "SELECT chunk FROM journal_touch WHERE id = ?1 UNION SELECT first FROM journal_record WHERE id = ?1 ORDER BY 1",
		[]driver.Value{id[:]}, func(row []driver.Value, n *uint64) error { return scan(row, n) }))
}

// At returns the number of the last entry at or before a moment.
func (r reader) At(moment model.Time) (uint64, error) {
	found, err := collect(rows(r, "SELECT seq FROM journal_entry WHERE at <= ? ORDER BY at DESC, seq DESC LIMIT 1",
		[]driver.Value{int64(moment)}, func(row []driver.Value, n *uint64) error { return scan(row, n) }))
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0], nil
}

// Hashes returns hashes of the tree.
func (r reader) Hashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		found, err := collect(rows(r, "SELECT hash FROM journal_hash WHERE id = ?", []driver.Value{index}, func(row []driver.Value, h *tlog.Hash) error {
			return scan(row, h)
		}))
		if err != nil {
			return nil, err
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("hash %d of the tree is missing: run verify", index)
		}
		out[i] = found[0]
	}
	return out, nil
}

// AllHashes returns all hashes of the tree.
func (r reader) AllHashes() iter.Seq2[ledger.HashRow, error] {
	return rows(r, "SELECT id, hash FROM journal_hash ORDER BY id", nil, func(row []driver.Value, h *ledger.HashRow) error {
		return scan(row, &h.Index, &h.Hash)
	})
}

// AllTouches returns all touches.
func (r reader) AllTouches() iter.Seq2[ledger.Touch, error] {
	return rows(r, "SELECT id, chunk FROM journal_touch", nil, func(row []driver.Value, t *ledger.Touch) error {
		return scan(row, &t.ID, &t.Chunk)
	})
}

const recordColumns = "SELECT id, kind, key, version, created_seq, created_at, changed_seq, changed_at, first, CAST(body AS BLOB) FROM journal_record"

// Records returns all records.
func (r reader) Records(definitionsFirst bool) iter.Seq2[ledger.RecordRow, error] {
	kinds := map[string]string{}
	read := func(row []driver.Value, rec *ledger.RecordRow) error {
		err := scan(row, &rec.ID, &rec.Kind, &rec.Key, &rec.Version, &rec.Created.Seq, &rec.Created.At,
			&rec.Changed.Seq, &rec.Changed.At, &rec.First, &rec.Body)
		// All rows of a kind share its name.
		if kind, ok := kinds[rec.Kind]; ok {
			rec.Kind = kind
		} else {
			kinds[rec.Kind] = rec.Kind
		}
		return err
	}
	if !definitionsFirst {
		return rows(r, recordColumns+" ORDER BY row", nil, read)
	}
	return func(yield func(ledger.RecordRow, error) bool) {
		for _, where := range []string{
			" WHERE kind = 'KindDefinition' ORDER BY kind, key",
			" WHERE kind = 'FieldDefinition' ORDER BY kind, key",
			" WHERE kind NOT IN ('KindDefinition', 'FieldDefinition') ORDER BY row",
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
func (r reader) Bodies(ids []model.ID) (map[model.ID][]byte, error) {
	out := map[model.ID][]byte{}
	for _, id := range ids {
		err := r.conn.query(r.ctx, "SELECT CAST(body AS BLOB) FROM journal_record WHERE id = ?", []driver.Value{id[:]}, func(row []driver.Value) error {
			body, err := blob(row[0])
			out[id] = body
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Checkpoints returns all checkpoints.
func (r reader) Checkpoints() ([]ledger.CheckpointRow, error) {
	return collect(rows(r, "SELECT number, size, note FROM journal_checkpoint ORDER BY number", nil, func(row []driver.Value, c *ledger.CheckpointRow) error {
		return scan(row, &c.Number, &c.Size, &c.Note)
	}))
}

// Damage returns what the database finds wrong with its pages and indexes, and where the tables are not those of this release.
func (r reader) Damage() ([]string, error) {
	found, err := collect(rows(r, "PRAGMA integrity_check(20)", nil, func(row []driver.Value, s *string) error { return scan(row, s) }))
	if err != nil {
		return []string{err.Error()}, nil
	}
	found = slices.DeleteFunc(found, func(s string) bool { return s == "ok" })
	is, err := definitions(r.ctx, r.conn)
	if err != nil {
		return append(found, err.Error()), nil
	}
	want, err := wanted(r.ctx)
	if err != nil {
		return found, err
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if is[name] != want[name] {
			found = append(found, fmt.Sprintf("the %s is missing or not as it was made", name))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, ok := want[name]; !ok {
			found = append(found, fmt.Sprintf("there is the %s, which does not belong to the journal", name))
		}
	}
	for i, s := range found {
		found[i] = strings.TrimSpace(s)
	}
	return found, nil
}

// wanted returns the tables and indexes as this release makes them.
func wanted(ctx context.Context) (map[string]string, error) {
	c, err := dialMemory(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	if err := migrate(ctx, c); err != nil {
		return nil, err
	}
	return definitions(ctx, c)
}
