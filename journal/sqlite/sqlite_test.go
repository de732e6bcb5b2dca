package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"regexp"
	"testing"

	"binnacle/journal"
	"binnacle/journal/journaltest"
)

var tableName = regexp.MustCompile(`\{(?:view:)?([\pL\d_]+)\}`)

// place keeps a journal in a file of its own.
func place(t testing.TB) journaltest.Place { return at(filepath.Join(t.TempDir(), "journal.db")) }

func at(path string) journaltest.Place {
	with := func(t testing.TB, do func(*sql.DB)) {
		t.Helper()
		db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		do(db)
	}
	return journaltest.Place{
		Open: func() (journal.Journal, error) { return Open(context.Background(), path) },
		Exec: func(t testing.TB, statement string, args ...any) {
			t.Helper()
			with(t, func(db *sql.DB) {
				if _, err := db.ExecContext(t.Context(), tableName.ReplaceAllString(statement, `"$1"`), args...); err != nil {
					t.Fatal(statement, err)
				}
			})
		},
		Query: func(t testing.TB, query string, args ...any) (out [][]any) {
			t.Helper()
			with(t, func(db *sql.DB) {
				rows, err := db.QueryContext(t.Context(), tableName.ReplaceAllString(query, `"$1"`), args...)
				if err != nil {
					t.Fatal(query, err)
				}
				defer rows.Close()
				columns, err := rows.Columns()
				if err != nil {
					t.Fatal(err)
				}
				for rows.Next() {
					row, into := make([]any, len(columns)), make([]any, len(columns))
					for i := range row {
						into[i] = &row[i]
					}
					if err := rows.Scan(into...); err != nil {
						t.Fatal(err)
					}
					out = append(out, row)
				}
				if err := rows.Err(); err != nil {
					t.Fatal(err)
				}
			})
			return out
		},
	}
}

func TestJournal(t *testing.T) { journaltest.Run(t, place) }

func BenchmarkJournal(b *testing.B) { journaltest.Bench(b, place) }
