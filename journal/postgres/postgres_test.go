package postgres

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"binnacle/journal"
	"binnacle/journal/journaltest"
	"binnacle/journal/journaltest/pgtest"
	"binnacle/journal/sqlite"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var (
	viewName  = regexp.MustCompile(`\{view:([^}]+)\}`)
	tableName = regexp.MustCompile(`\{([\pL\d_]+)\}`)
)

// places counts the schemas that have been used.
var places atomic.Int64

// place keeps a journal in a schema of its own.
func place(t testing.TB) journaltest.Place {
	schema := fmt.Sprintf("place_%d", places.Add(1))
	dsn := pgtest.Start(t).Address("postgres") + "&search_path=" + schema
	statement := func(text string) string {
		text = viewName.ReplaceAllString(text, schema+`_views."$1"`)
		text = tableName.ReplaceAllString(text, schema+`."$1"`)
		for n := 1; strings.Contains(text, "?"); n++ {
			text = strings.Replace(text, "?", fmt.Sprintf("$%d", n), 1)
		}
		return text
	}
	var c *pgx.Conn
	connect := func(t testing.TB) *pgx.Conn {
		t.Helper()
		if c == nil {
			var err error
			if c, err = pgx.Connect(context.Background(), dsn); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close(context.Background()) })
		}
		return c
	}
	return journaltest.Place{
		Open: func() (journal.Journal, error) { return Open(context.Background(), dsn) },
		Exec: func(t testing.TB, text string, args ...any) {
			t.Helper()
			if _, err := connect(t).Exec(t.Context(), statement(text), args...); err != nil {
				t.Fatal(text, err)
			}
		},
		Query: func(t testing.TB, query string, args ...any) (out [][]any) {
			t.Helper()
			rows, err := connect(t).Query(t.Context(), statement(query), args...)
			if err != nil {
				t.Fatal(query, err)
			}
			defer rows.Close()
			for rows.Next() {
				row, err := rows.Values()
				if err != nil {
					t.Fatal(query, err)
				}
				for i, v := range row {
					row[i] = plainValue(t, v)
				}
				out = append(out, row)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(query, err)
			}
			return out
		},
	}
}

// plainValue brings the numbers and the JSON of PostgreSQL into the types that the suite expects.
func plainValue(t testing.TB, v any) any {
	switch v := v.(type) {
	case int32:
		return int64(v)
	case pgtype.Numeric:
		f, err := v.Float64Value()
		if err != nil {
			t.Fatal(err)
		}
		return f.Float64
	case []any:
		cells := make([]string, len(v))
		for i, cell := range v {
			cells[i] = fmt.Sprintf("%q", cell)
		}
		return "[" + strings.Join(cells, ",") + "]"
	}
	return v
}

func TestJournal(t *testing.T) { journaltest.Run(t, place) }

// file keeps a journal in a SQLite file.
func file(t testing.TB) journaltest.Place {
	path := filepath.Join(t.TempDir(), "journal.db")
	return journaltest.Place{Open: func() (journal.Journal, error) { return sqlite.Open(context.Background(), path) }}
}

func TestFromSQLite(t *testing.T) { journaltest.Transfer(t, file, place) }

func TestToSQLite(t *testing.T) { journaltest.Transfer(t, place, file) }

func BenchmarkJournal(b *testing.B) { journaltest.Bench(b, place) }
