package journaltest

import (
	"fmt"
	"strings"
	"testing"

	"binnacle/journal"
)

// written writes a journal with a checkpoint in the middle and at the end, and with an erasure.
func written(t testing.TB, place Place) journal.Journal {
	t.Helper()
	j, p := open(t, place), NewPen(t)
	erased(t, j, p)
	add(t, j, p.Commit("erase"))
	for i := range 4 {
		if _, err := j.Proof().Checkpoint(t.Context()); err != nil {
			t.Fatal(err)
		}
		add(t, j, p.Bulk(fmt.Sprint("part", i), 2))
	}
	proved(t, j)
	return j
}

func testTampering(t *testing.T, fresh func(testing.TB) Place) {
	tests := []struct {
		name string
		do   []string
	}{
		{"an entry is deleted", []string{"DELETE FROM {journal_entry} WHERE seq = 3"}},
		{"an entry is deleted with its changes", []string{"DELETE FROM {journal_entry} WHERE seq = 3", "DELETE FROM {journal_chunk} WHERE seq = 3"}},
		{"the changes of an entry are deleted", []string{"DELETE FROM {journal_chunk} WHERE seq = 3"}},
		{"the last entry is cut off", []string{
			"DELETE FROM {journal_entry} WHERE seq = (SELECT seq FROM {journal_head})",
			"DELETE FROM {journal_chunk} WHERE seq = (SELECT seq FROM {journal_head})",
			"UPDATE {journal_head} SET seq = seq - 1, chunk = chunk - 1, changes = changes - 2"}},
		{"two entries are swapped", []string{
			"UPDATE {journal_entry} SET seq = 1000 WHERE seq = 3",
			"UPDATE {journal_entry} SET seq = 3 WHERE seq = 4",
			"UPDATE {journal_entry} SET seq = 4 WHERE seq = 1000"}},
		{"the changes of two entries are swapped", []string{
			"UPDATE {journal_chunk} SET seq = 1000 WHERE seq = 3",
			"UPDATE {journal_chunk} SET seq = 3 WHERE seq = 4",
			"UPDATE {journal_chunk} SET seq = 4 WHERE seq = 1000"}},
		{"an entry is doubled at the end", []string{
			"INSERT INTO {journal_entry} SELECT seq + 100, at + 100000000, changes, leaf, data FROM {journal_entry} WHERE seq = 3",
			"INSERT INTO {journal_chunk} SELECT id + 100, seq + 100, data FROM {journal_chunk} WHERE seq = 3"}},
		{"the changes of an entry are doubled", []string{
			"INSERT INTO {journal_chunk} SELECT id + 100, seq, data FROM {journal_chunk} WHERE seq = 3"}},
		{"an entry is dated back", []string{"UPDATE {journal_entry} SET at = at - 1 WHERE seq = 3"}},
		{"time runs back", []string{"UPDATE {journal_entry} SET at = 1 WHERE seq = 3"}},
		{"a row is deleted", []string{"DELETE FROM {journal_record} WHERE key = 'nordwind'"}},
		{"a row has another key", []string{"UPDATE {journal_record} SET key = 'nordwand' WHERE key = 'nordwind'"}},
		{"a row has another kind", []string{"UPDATE {journal_record} SET kind = 'Host' WHERE key = 'nordwind'"}},
		{"a row has another body", []string{"UPDATE {journal_record} SET body = '{\"key\":\"nordwind\",\"name\":\"Westwind\"}' WHERE key = 'nordwind'"}},
		{"a row has another version", []string{"UPDATE {journal_record} SET version = version + 1 WHERE key = 'nordwind'"}},
		{"a row has another creation", []string{"UPDATE {journal_record} SET created_seq = 2 WHERE key = 'nordwind'"}},
		{"a row has another moment", []string{"UPDATE {journal_record} SET changed_at = changed_at + 1 WHERE key = 'nordwind'"}},
		{"the index loses a record", []string{"DELETE FROM {journal_touch} WHERE chunk = 3"}},
		{"the index leads astray", []string{"UPDATE {journal_record} SET first = 2 WHERE key = 'nordwind'"}},
		{"a hash of the tree is deleted", []string{"DELETE FROM {journal_hash} WHERE id = 2"}},
		{"two hashes are swapped", []string{
			"UPDATE {journal_hash} SET id = 1000 WHERE id = 2", "UPDATE {journal_hash} SET id = 2 WHERE id = 3", "UPDATE {journal_hash} SET id = 3 WHERE id = 1000"}},
		{"a checkpoint is deleted", []string{"DELETE FROM {journal_checkpoint} WHERE number = 2"}},
		{"the last checkpoint is deleted", []string{"DELETE FROM {journal_checkpoint} WHERE number = 4"}},
		{"an old checkpoint is put in place of the last", []string{"UPDATE {journal_checkpoint} SET note = (SELECT c.note FROM {journal_checkpoint} AS c WHERE c.number = 1) WHERE number = 4"}},
		{"an old checkpoint is repeated", []string{"UPDATE {journal_checkpoint} SET size = (SELECT c.size FROM {journal_checkpoint} AS c WHERE c.number = 1), note = (SELECT c.note FROM {journal_checkpoint} AS c WHERE c.number = 1) WHERE number = 4"}},
		{"the keys are replaced", []string{
			"UPDATE {journal_key} SET signer = 'PRIVATE+KEY+x+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'"}},
	}
	for _, test := range tests {
		place := fresh(t)
		j := written(t, place)
		for _, statement := range test.do {
			place.Exec(t, statement)
		}
		if report, found := refuted(t, j); !found {
			t.Errorf("%s: verify finds nothing: %+v", test.name, report)
		}
	}
}

// columns are all columns that matter, with how a row of the table is named.
var columns = []struct{ table, key, column string }{
	{"journal_head", "one", "seq"}, {"journal_head", "one", "at"}, {"journal_head", "one", "root"}, {"journal_head", "one", "chunk"},
	{"journal_head", "one", "changes"}, {"journal_head", "one", "checkpoints"},
	{"journal_key", "one", "signer"}, {"journal_key", "one", "verifier"},
	{"journal_entry", "seq", "at"}, {"journal_entry", "seq", "changes"}, {"journal_entry", "seq", "leaf"}, {"journal_entry", "seq", "data"},
	{"journal_chunk", "id", "seq"}, {"journal_chunk", "id", "data"},
	{"journal_hash", "id", "hash"},
	{"journal_checkpoint", "number", "size"}, {"journal_checkpoint", "number", "note"},
	{"journal_record", "key", "kind"}, {"journal_record", "key", "version"}, {"journal_record", "key", "created_seq"},
	{"journal_record", "key", "created_at"}, {"journal_record", "key", "changed_seq"}, {"journal_record", "key", "changed_at"}, {"journal_record", "key", "first"},
}

// testFlips changes stored values one byte at a time and puts them back.
func testFlips(t *testing.T, fresh func(testing.TB) Place) {
	place := fresh(t)
	j := written(t, place)
	flips := 0
	for _, c := range columns {
		table := "{" + c.table + "}"
		rows := place.Query(t, fmt.Sprintf("SELECT %s, %s FROM %s ORDER BY 1", c.key, c.column, table))
		if len(rows) == 0 {
			t.Fatalf("%s is empty", c.table)
		}
		for i, row := range rows {
			// The first, the last and some of the rows between are enough.
			if i > 1 && i < len(rows)-1 && i%3 != 0 {
				continue
			}
			for _, flipped := range flip(row[1]) {
				update := fmt.Sprintf("UPDATE %s SET %s = ? WHERE %s = ?", table, c.column, c.key)
				place.Exec(t, update, flipped, row[0])
				if _, found := refuted(t, j); !found {
					t.Errorf("%s.%s of %v: verify does not find that %.60q became %.60q", c.table, c.column, row[0], row[1], flipped)
				}
				place.Exec(t, update, row[1], row[0])
				flips++
			}
		}
	}
	proved(t, j)
	t.Logf("%d flips", flips)
}

// flip returns a value with a bit changed, at some places.
func flip(v any) []any {
	var out []any
	switch v := v.(type) {
	case int64:
		return []any{v + 1, v ^ 1<<7}
	case []byte:
		for i := 0; i < len(v); i += max(1, len(v)/6) {
			b := append([]byte(nil), v...)
			b[i] ^= 1 << (i % 8)
			out = append(out, b)
		}
	case string:
		for i := 0; i < len(v); i += max(1, len(v)/6) {
			if v[i] < 0x80 && v[i] != '\n' {
				out = append(out, v[:i]+strings.ToUpper(string(v[i]^1))+v[i+1:])
			}
		}
	}
	return out
}
