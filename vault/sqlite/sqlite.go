// Package sqlite keeps a vault in one SQLite file.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	lib "modernc.org/sqlite"

	"binnacle/vault/internal/sqlvault"
)

// Vault is a vault in a SQLite file.
type Vault struct{ *sqlvault.Vault }

// Open opens the vault in a file, and creates the file, for its owner alone, where there is none.
// Now tells the time; nil means the clock of the machine.
func Open(ctx context.Context, path string, now func() time.Time) (*Vault, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	where := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)", "secure_delete(ON)"},
		"_txlock": {"immediate"},
	}.Encode()}
	var driver lib.Driver
	db := sql.OpenDB(connector{&driver, where.String()})
	db.SetMaxOpenConns(8)
	v, err := sqlvault.Open(ctx, db, sqlvault.Dialect{Table: "vault", Create: []string{
		`CREATE TABLE IF NOT EXISTS vault (bucket TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, version INTEGER NOT NULL,
			expires INTEGER NOT NULL, PRIMARY KEY (bucket, name)) WITHOUT ROWID, STRICT`,
	}}, now)
	if err != nil {
		return nil, fmt.Errorf("open the vault %s: %w", path, err)
	}
	return &Vault{v}, nil
}
