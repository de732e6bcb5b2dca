// Package postgres keeps a journal in a schema of a PostgreSQL database. Any
// number of programs may use it: they write one after the other, by locking the
// row that says where the journal stands.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"binnacle/journal"
	"binnacle/journal/internal/ledger"
)

// Journal is a journal in a PostgreSQL database.
type Journal struct {
	*ledger.Journal
	store *store
}

// Open opens the journal in a database, such as
// postgres://user@host/estate, and creates its tables where there are none. They
// are in the schema binnacle, or in the first one of search_path where the
// address sets it; the views are in a schema with _views behind that name. The
// error wraps [journal.ErrNewer] where a newer release has written the tables.
func Open(ctx context.Context, dsn string) (*Journal, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	s := &store{schema: schemaOf(config.ConnConfig.RuntimeParams["search_path"])}
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	if err := s.migrate(ctx); err != nil {
		s.pool.Close()
		return nil, fmt.Errorf("open the journal in the schema %s of %s: %w", s.schema, config.ConnConfig.Database, err)
	}
	return &Journal{ledger.New(s), s}, nil
}

// schemaOf returns the schema that a search path begins with.
func schemaOf(searchPath string) string {
	first, _, _ := strings.Cut(searchPath, ",")
	first = strings.TrimSpace(first)
	quoted := len(first) > 1 && first[0] == '"' && first[len(first)-1] == '"'
	if quoted {
		first = strings.ReplaceAll(first[1:len(first)-1], `""`, `"`)
	}
	if first == "" || strings.HasPrefix(first, "$") {
		return "binnacle"
	}
	if quoted {
		return first
	}
	return strings.ToLower(first)
}

// store is a schema of a database. It has every method of [ledger.Store].
type store struct {
	pool   *pgxpool.Pool
	schema string
}

// sql puts the schema of the journal and that of the views into a statement.
func (s *store) sql(text string) string {
	return strings.NewReplacer("{journal}", quote(s.schema), "{views}", quote(s.schema+"_views")).Replace(text)
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// lockHead locks out other writers, and sees to it that a commit is on disk when it returns, also
// where the server has been told not to care. A setting that asks for more, such as remote_apply, stays.
const lockHead = `SELECT set_config('synchronous_commit',
	CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, true)
	FROM {journal}.journal_head FOR UPDATE`

// Write runs one durable transaction.
func (s *store) Write(ctx context.Context, do func(ledger.Writer) error) error {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.ReadCommitted})
	if err != nil {
		return err
	}
	defer rollback(ctx, tx)
	var setting string
	if err := tx.QueryRow(ctx, s.sql(lockHead)).Scan(&setting); err != nil {
		return fmt.Errorf("lock the journal: %w", err)
	}
	if err := do(&writer{reader{ctx, tx, s}}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "SELECT pg_notify($1, '')", s.channel()); err != nil {
		return err
	}
	// A commit that is under way is waited for, whatever becomes of the caller, but not for ever.
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	err = tx.Commit(ending)
	// An answer of the server is certain: it has not committed. Anything else is not.
	if _, answered := errors.AsType[*pgconn.PgError](err); err != nil && !answered && !errors.Is(err, pgx.ErrTxCommitRollback) {
		return ledger.Uncertain{Err: err}
	}
	return err
}

// rollback ends a transaction. It does nothing where that has been done already.
func rollback(ctx context.Context, tx pgx.Tx) {
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	tx.Rollback(ending)
}

// Read runs with one state of the database.
func (s *store) Read(ctx context.Context, do func(ledger.Reader) error) error {
	tx, err := s.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return err
	}
	defer rollback(ctx, tx)
	return do(&reader{ctx, tx, s})
}

// Erased asks the database to drop the old copies of what was erased. Where it
// may not, or where others still read them, its own housekeeping does it later.
func (s *store) Erased(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	s.pool.Exec(ctx, s.sql("VACUUM {journal}.journal_chunk, {journal}.journal_record"))
}

// channel is what writers notify.
func (s *store) channel() string { return "binnacle " + s.schema }

// Listen calls notify whenever a writer has written.
func (s *store) Listen(ctx context.Context, notify func()) {
	for wait := 100 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 30*time.Second) {
		s.listen(ctx, func() {
			wait = 100 * time.Millisecond
			notify()
		})
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// listen listens until the connection is lost. The head is looked at from time to time anyway, so nothing is missed.
func (s *store) listen(ctx context.Context, notify func()) {
	held, err := s.pool.Acquire(ctx)
	if err != nil {
		return
	}
	// The connection listens for ever, so it does not go back to the others.
	c := held.Hijack()
	defer func() {
		ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		c.Close(ending)
	}()
	if _, err := c.Exec(ctx, "LISTEN "+quote(s.channel())); err != nil {
		return
	}
	for {
		if _, err := c.WaitForNotification(ctx); err != nil {
			return
		}
		notify()
	}
}

// Close ends the use of the database.
func (s *store) Close() error {
	s.pool.Close()
	return nil
}

// taken makes the error of a unique index one that the caller knows.
func taken(err error, what string) error {
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok && failed.Code == "23505" {
		return fmt.Errorf("%s: %w: %s: %w", what, journal.ErrTaken, failed.Detail, err)
	}
	return err
}
