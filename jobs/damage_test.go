package jobs_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"binnacle/facts"
	factspostgres "binnacle/facts/postgres"
	factssqlite "binnacle/facts/sqlite"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/journal/journaltest/pgtest"
)

// shelf is a place that keeps bulk lines, with another way into its tables.
type shelf struct {
	lines facts.Store
	spoil func(t *testing.T, statement string)
}

func sqliteShelf(t *testing.T) shelf {
	path := filepath.Join(t.TempDir(), "facts.db")
	lines, err := factssqlite.Open(t.Context(), path)
	return open(t, lines, err, "sqlite", path, "")
}

func postgresShelf(t *testing.T) shelf {
	where := pgtest.Database(t)
	lines, err := factspostgres.Open(t.Context(), where)
	return open(t, lines, err, "pgx", where, "binnacle_facts.")
}

func open(t *testing.T, lines facts.Store, err error, driver, where, schema string) shelf {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { lines.Close() })
	return shelf{lines, func(t *testing.T, statement string) {
		t.Helper()
		db, err := sql.Open(driver, where)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, table := range []string{"chunk", "block", "done", "cost_month"} {
			statement = strings.Replace(statement, " "+table+" ", " "+schema+table+" ", 1)
		}
		done, err := db.Exec(statement)
		if err != nil {
			t.Fatal(err)
		}
		if n, err := done.RowsAffected(); err != nil || n != 1 {
			t.Fatalf("%s has changed %d rows, %v", statement, n, err)
		}
	}}
}

// TestDamagedLinesAreFound imports a bill whose lines fill three chunks, spoils what is kept of it, and checks the loads.
func TestDamagedLinesAreFound(t *testing.T) {
	for name, shelf := range map[string]func(*testing.T) shelf{"SQLite": sqliteShelf, "PostgreSQL": postgresShelf} {
		t.Run(name, func(t *testing.T) {
			for _, c := range []struct{ what, sqlite, postgres, want string }{
				{"a flipped byte",
					"UPDATE chunk SET data = CAST(substr(data, 1, 39) || CASE substr(data, 40, 1) WHEN x'00' THEN x'01' ELSE x'00' END || substr(data, 41) AS BLOB) WHERE seq = 1",
					"UPDATE chunk SET data = set_byte(data, 39, 255 - get_byte(data, 39)) WHERE seq = 1", "chunk 1 is damaged: its checksum does not fit. Restore it from a backup"},
				{"a chunk that is gone", "DELETE FROM chunk WHERE seq = 2", "", "chunk 2 is missing"},
				{"a flipped byte of the items",
					"UPDATE block SET data = CAST(substr(data, 1, 9) || CASE substr(data, 10, 1) WHEN x'00' THEN x'01' ELSE x'00' END || substr(data, 11) AS BLOB) WHERE part = 'i'",
					"UPDATE block SET data = set_byte(data, 9, 255 - get_byte(data, 9)) WHERE part = 'i'", "block i0 is damaged"},
				{"a changed sum", `UPDATE cost_month SET "BilledCost" = '10.51'`, "", "cost_month is damaged"},
				{"a changed end", "UPDATE done SET lines = lines - 1", "", "its checksum does not fit"},
				{"an end that is gone", "DELETE FROM done WHERE lines > 0", "", "there are no lines of this load"},
			} {
				t.Run(c.what, func(t *testing.T) {
					s, till := shelf(t), newTill(t)
					text := strings.Repeat("42 2027-06 Ovens 0.10\n", 20_000)
					report, err := jobs.Import(t.Context(), till.Store, func(yield func(feed.Input, error) bool) { yield(slip("june.txt", text), nil) }, all.Detect,
						jobs.ImportOptions{Facts: s.lines, Who: "ada"})
					if err != nil || len(report.Files[0].Loads) != 1 {
						t.Fatalf("%+v, %v", report, err)
					}
					check := func() jobs.LoadCheck {
						t.Helper()
						got, err := jobs.CheckLoads(context.Background(), till.Snapshot(), s.lines, func(int) {})
						if err != nil {
							t.Fatal(err)
						}
						return got
					}
					if got := check(); len(got.Problems) > 0 || got.Loads != 1 || got.Lines != 20_000 {
						t.Fatalf("before anything was spoiled: %+v", got)
					}
					statement := c.sqlite
					if name == "PostgreSQL" && c.postgres != "" {
						statement = c.postgres
					}
					s.spoil(t, statement)
					if got := check(); len(got.Problems) != 1 || !strings.Contains(got.Problems[0].Text, c.want) {
						t.Errorf("the problems are %+v, want one with %q", got.Problems, c.want)
					}
				})
			}
		})
	}
}
