// Package sqlite keeps facts in one SQLite file.
package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	lib "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"binnacle/facts/internal/sqlfacts"
)

// Store is a store of facts in a SQLite file. Several programs may have the same file open.
type Store struct{ *sqlfacts.Store }

// Open opens the facts in a file, and creates the file, for its owner alone,
// where there is none. What writers left behind that are gone is removed.
func Open(ctx context.Context, path string) (*Store, error) {
	if path == "" {
		return nil, errors.New("open the facts: a file is needed, such as facts.db")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := private(path); err != nil {
		return nil, fmt.Errorf("open the facts: %w", err)
	}
	var seed [8]byte
	rand.Read(seed[:])
	m := &marks{path: path, session: int64(binary.BigEndian.Uint64(seed[:]) >> 1)}
	if err := m.tidy(ctx); err != nil {
		return nil, fmt.Errorf("open the facts %s: %w", path, err)
	}
	s, err := sqlfacts.Open(ctx, database(path, "NORMAL"), database(path, "FULL"), sqlfacts.Dialect{
		Serial: "INTEGER PRIMARY KEY AUTOINCREMENT", Number: "INTEGER", Blob: "BLOB", Text: "TEXT", Exact: "TEXT", Day: "TEXT", Table: " STRICT",
		View:    "CREATE VIEW IF NOT EXISTS",
		Session: m.session, Alive: m.alive, Writing: m.writing, Close: m.close,
		Explain: func(err error) error { return explain(path, err) },
	})
	if err != nil {
		return nil, fmt.Errorf("open the facts %s: %w", path, err)
	}
	return &Store{s}, nil
}

// private makes an empty file for its owner alone where there is none. A file that is there is not opened here: closing it
// would take away the locks of others in this process.
func private(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// database opens connections whose writes are confirmed as the pragma synchronous says.
func database(path, synchronous string) *sql.DB {
	db := sql.OpenDB(connector{&lib.Driver{}, address(path, url.Values{
		"_pragma": {"busy_timeout(10000)", "page_size(16384)", "journal_mode(WAL)", "synchronous(" + synchronous + ")", "foreign_keys(ON)", "secure_delete(ON)",
			"journal_size_limit(67108864)", "wal_autocheckpoint(4096)", "cache_size(-8192)"},
		"_txlock": {"immediate"},
	})})
	db.SetMaxOpenConns(8)
	return db
}

func address(path string, query url.Values) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: query.Encode()}).String()
}

// connector opens connections without a name in the global list of drivers.
type connector struct {
	driver driver.Driver
	where  string
}

// Connect opens a connection.
func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.where) }

// Driver returns the driver behind the connections.
func (c connector) Driver() driver.Driver { return c.driver }

// explain adds what to do to errors that people can do something about.
func explain(path string, err error) error {
	failed, ok := errors.AsType[*lib.Error](err)
	if !ok {
		return err
	}
	switch failed.Code() & 0xff {
	case code.SQLITE_BUSY:
		return fmt.Errorf("another program has been writing to %s for more than 10 seconds: %w", path, err)
	case code.SQLITE_FULL:
		return fmt.Errorf("the disk with %s is full: %w", path, err)
	case code.SQLITE_READONLY:
		return fmt.Errorf("%s or its folder cannot be written: %w", path, err)
	case code.SQLITE_CORRUPT, code.SQLITE_NOTADB:
		return fmt.Errorf("%s is damaged: restore it from a backup: %w", path, err)
	}
	return err
}
