// Package sqlite keeps a journal in one SQLite file.
package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	lib "modernc.org/sqlite"
	code "modernc.org/sqlite/lib"

	"binnacle/journal/internal/ledger"
)

// Journal is a journal in a SQLite file. Several programs may have the same file open.
type Journal struct {
	*ledger.Journal
	store *store
}

// Open opens the journal in a file, and creates the file, for its owner alone,
// where there is none. The error wraps [binnacle/journal.ErrNewer] where a newer release has written it.
func Open(ctx context.Context, path string) (*Journal, error) {
	if path == "" {
		return nil, errors.New("open the journal: a file is needed, such as binnacle.db")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	// A file that is there is not opened here: closing it would take away the locks of others in this process.
	if f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600); err == nil {
		f.Close()
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	s := &store{path: path, readers: pool{path: path}, wake: make(chan bool, 1), quit: make(chan struct{}), ended: make(chan struct{})}
	if s.writer, err = dialWriter(ctx, path); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	if err := migrate(ctx, s.writer); err != nil {
		s.writer.close()
		return nil, fmt.Errorf("open the journal %s: %w", path, err)
	}
	go s.tidy()
	return &Journal{ledger.New(s), s}, nil
}

// dialWriter opens the connection that writes. It is durable when a transaction
// ends, it overwrites what it deletes, and it leaves the log to tidy.
func dialWriter(ctx context.Context, path string) (*conn, error) {
	return dial(ctx, path, "page_size = 8192", "journal_mode = WAL", "synchronous = FULL", "secure_delete = ON",
		"wal_autocheckpoint = 0", "journal_size_limit = 67108864", "cache_size = -65536", "cache_spill = 20000", "temp_store = MEMORY")
}

// store is a database file. It has every method of [ledger.Store].
type store struct {
	path    string
	readers pool

	mu     sync.Mutex
	writer *conn
	// broken is set when the disk did not confirm a write: what the file then holds is only known after it is opened again.
	broken error

	wake  chan bool
	quit  chan struct{}
	ended chan struct{}
	once  sync.Once
}

// Write runs one durable transaction.
func (s *store) Write(ctx context.Context, do func(ledger.Writer) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return fmt.Errorf("the disk did not confirm an earlier write; start again: %w", s.broken)
	}
	if _, err := s.writer.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return s.explain(err)
	}
	err := do(writer{reader{ctx, s.writer}})
	if err == nil {
		// A transaction that has come this far is ended, whatever becomes of the caller.
		if _, err = s.writer.exec(context.WithoutCancel(ctx), "COMMIT"); err == nil {
			s.nudge(false)
			return nil
		}
		if failed, ok := errors.AsType[*lib.Error](err); ok && (failed.Code() == code.SQLITE_IOERR_FSYNC || failed.Code() == code.SQLITE_IOERR_DIR_FSYNC) {
			s.broken = err
		}
		err = ledger.Uncertain{Err: s.explain(err)}
	}
	// The database may have rolled back by itself, and then this has nothing to do.
	s.writer.exec(context.WithoutCancel(ctx), "ROLLBACK")
	return err
}

// explain adds what to do to errors that people can do something about.
func (s *store) explain(err error) error {
	failed, ok := errors.AsType[*lib.Error](err)
	if !ok {
		return err
	}
	switch failed.Code() & 0xff {
	case code.SQLITE_BUSY:
		return fmt.Errorf("another program has been writing to %s for more than 10 seconds: %w", s.path, err)
	case code.SQLITE_FULL:
		return fmt.Errorf("the disk with %s is full: %w", s.path, err)
	case code.SQLITE_READONLY:
		return fmt.Errorf("%s or its folder cannot be written: %w", s.path, err)
	}
	return err
}

// Read runs with one state of the database.
func (s *store) Read(ctx context.Context, do func(ledger.Reader) error) error {
	c, err := s.readers.take(ctx)
	if err != nil {
		return err
	}
	if _, err := c.exec(ctx, "BEGIN"); err != nil {
		c.close()
		return err
	}
	err = do(reader{ctx, c})
	if _, ending := c.exec(context.WithoutCancel(ctx), "ROLLBACK"); ending != nil {
		c.close()
		return errors.Join(err, ending)
	}
	s.readers.give(c)
	return err
}

// Erased has the log rid of what was erased as soon as nobody reads it any more.
func (s *store) Erased(context.Context) { s.nudge(true) }

// Listen returns at once: SQLite does not tell other processes.
func (s *store) Listen(context.Context, func()) {}

// Close ends the use of the file.
func (s *store) Close() error {
	var err error
	s.once.Do(func() {
		close(s.quit)
		<-s.ended
		err = s.readers.close()
		s.mu.Lock()
		defer s.mu.Unlock()
		err = errors.Join(err, s.writer.close())
	})
	return err
}

// nudge wakes tidy. Empty asks for an empty log.
func (s *store) nudge(empty bool) {
	select {
	case s.wake <- empty:
	default:
		if empty {
			select {
			case <-s.wake:
			default:
			}
			select {
			case s.wake <- true:
			default:
			}
		}
	}
}

// The sizes of the log, in bytes, from which it is moved into the database, and from which it is emptied too.
const (
	logMove  = 64 << 20
	logEmpty = 512 << 20
)

// tidy moves the log into the database while others read and write.
func (s *store) tidy() {
	defer close(s.ended)
	ctx := context.Background()
	var c *conn
	defer func() {
		if c != nil {
			c.close()
		}
	}()
	empty := false
	for {
		var again <-chan time.Time
		if empty {
			again = time.After(time.Second)
		}
		select {
		case <-s.quit:
			return
		case asked := <-s.wake:
			empty = empty || asked
		case <-again:
		}
		info, err := os.Stat(s.path + "-wal")
		if err != nil || !empty && info.Size() < logMove {
			continue
		}
		if c == nil {
			if c, err = dial(ctx, s.path, "synchronous = FULL"); err != nil {
				continue
			}
		}
		if !empty && info.Size() < logEmpty {
			checkpoint(ctx, c, "PASSIVE")
		} else if checkpoint(ctx, c, "TRUNCATE") {
			empty = false
		}
	}
}

// checkpoint moves the log into the database and reports whether all of it went. An error is tried again later.
func checkpoint(ctx context.Context, c *conn, mode string) bool {
	done := false
	err := c.query(ctx, "PRAGMA wal_checkpoint("+mode+")", nil, func(row []driver.Value) error {
		busy, err := number(row[0])
		done = err == nil && busy == 0
		return err
	})
	return err == nil && done
}
