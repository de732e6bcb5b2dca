package store_test

import (
	"database/sql"
	"testing"

	_ "modernc.org/sqlite"
)

// tamper changes a database behind the back of the journal.
func tamper(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}
