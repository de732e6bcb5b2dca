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
	"strings"
	"sync"

	lib "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"
)

// marks tell who is writing. Whoever writes has an empty file of its own beside
// the database, and keeps the lock that SQLite has on files. The system lets go of it however the program ends.
type marks struct {
	path    string
	session int64

	mu   sync.Mutex
	held *sql.Conn
	db   *sql.DB
}

func (m *marks) file(session int64) string { return fmt.Sprintf("%s-writer-%016x", m.path, session) }

// lock takes the lock on a file. It does not wait.
func lock(ctx context.Context, file string) (*sql.DB, *sql.Conn, error) {
	db := sql.OpenDB(connector{&lib.Driver{}, address(file, url.Values{"mode": {"rw"}, "_pragma": {"busy_timeout(0)"}})})
	c, err := db.Conn(ctx)
	if err == nil {
		if _, err = c.ExecContext(ctx, "BEGIN EXCLUSIVE"); err == nil {
			return db, c, nil
		}
		c.Close()
	}
	db.Close()
	return nil, nil, err
}

// tries is how often a mark is made anew that somebody else removed before it was locked.
const tries = 10

// writing makes the mark of this use of the file, where it is not there yet.
func (m *marks) writing(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held != nil {
		return nil
	}
	file := m.file(m.session)
	var err error
	for range tries {
		if err = private(file); err != nil {
			break
		}
		var db *sql.DB
		var c *sql.Conn
		if db, c, err = lock(ctx, file); err != nil {
			continue
		}
		if _, err = os.Stat(file); err == nil {
			m.db, m.held = db, c
			return nil
		}
		c.Close()
		db.Close()
	}
	return fmt.Errorf("mark that somebody writes: %w", err)
}

// alive reports whether another use of the file may still be writing, and removes the mark of one that is gone.
func (m *marks) alive(ctx context.Context, session int64) (bool, error) {
	return m.stands(ctx, m.file(session))
}

// stands reports whether somebody has the lock of a mark. Where nobody has, the mark is removed before the lock is let go.
func (m *marks) stands(ctx context.Context, file string) (bool, error) {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	db, c, err := lock(ctx, file)
	if err != nil {
		failed, ok := errors.AsType[*lib.Error](err)
		if ok && failed.Code()&0xff == code.SQLITE_BUSY {
			return true, nil
		}
		return true, explain(file, err)
	}
	err = os.Remove(file)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	return false, errors.Join(err, c.Close(), db.Close())
}

// tidy removes the marks of writers that are gone.
func (m *marks) tidy(ctx context.Context) error {
	entries, err := os.ReadDir(filepath.Dir(m.path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(m.path)+"-writer-") && !strings.HasSuffix(e.Name(), "-journal") {
			if _, err := m.stands(ctx, filepath.Join(filepath.Dir(m.path), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// close lets go of the mark.
func (m *marks) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held == nil {
		return nil
	}
	err := errors.Join(os.Remove(m.file(m.session)), m.held.Close(), m.db.Close())
	m.held, m.db = nil, nil
	return err
}
