// Package postgres keeps facts in a schema of a PostgreSQL database.
package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"binnacle/facts/internal/sqlfacts"
)

// Store is a store of facts in a PostgreSQL database.
type Store struct{ *sqlfacts.Store }

// Open opens the facts in a database, such as postgres://user@host/estate, and
// creates the tables where there are none. They are in the schema binnacle_facts, or
// in a schema with _facts behind the first one of search_path where the address
// sets it. What writers left behind that are gone is removed.
func Open(ctx context.Context, where string) (*Store, error) {
	config, err := pgx.ParseConfig(where)
	if err != nil {
		return nil, fmt.Errorf("open the facts: %w", err)
	}
	first, _, _ := strings.Cut(config.RuntimeParams["search_path"], ",")
	first = strings.Trim(strings.TrimSpace(first), `"`)
	if first == "" || strings.HasPrefix(first, "$") {
		first = "binnacle"
	}
	schema := pgx.Identifier{first + "_facts"}.Sanitize()
	var seed [8]byte
	rand.Read(seed[:])
	quick, sure := database(config, "off"), database(config, "on")
	mark := &mark{db: sure, session: int64(binary.BigEndian.Uint64(seed[:]) >> 1)}
	s, err := sqlfacts.Open(ctx, quick, sure, sqlfacts.Dialect{
		Schema: schema + ".", Numbered: true,
		// Two programs that start at once would both try to make the schema.
		Before: []string{"SELECT pg_advisory_xact_lock(7203452)", "CREATE SCHEMA IF NOT EXISTS " + schema},
		Serial: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", Number: "BIGINT", Blob: "BYTEA", Text: `TEXT COLLATE "C"`, Exact: "NUMERIC", Day: "DATE",
		View:    "CREATE OR REPLACE VIEW",
		Session: mark.session, Alive: mark.alive, Writing: mark.writing, Close: mark.close,
		Explain: func(err error) error { return err },
	})
	if err != nil {
		return nil, fmt.Errorf("open the facts in the schema %s of %s: %w", schema, config.Database, err)
	}
	return &Store{s}, nil
}

// database opens connections whose writes are confirmed as the setting synchronous_commit says.
func database(config *pgx.ConnConfig, confirm string) *sql.DB {
	own := config.Copy()
	own.RuntimeParams["synchronous_commit"] = confirm
	own.RuntimeParams["datestyle"] = "ISO, YMD"
	db := stdlib.OpenDB(*own)
	db.SetMaxOpenConns(8)
	return db
}

// mark tells that this use of the database writes: a lock that the server lets go of when the connection ends, however it ends.
type mark struct {
	db      *sql.DB
	session int64

	mu   sync.Mutex
	held *sql.Conn
}

// writing takes the lock, and takes it again where its connection is lost.
func (m *mark) writing(ctx context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held != nil {
		if m.held.PingContext(ctx) == nil {
			return nil
		}
		m.drop()
	}
	c, err := m.db.Conn(ctx)
	if err == nil {
		if _, err = c.ExecContext(ctx, "SELECT pg_advisory_lock($1)", m.session); err == nil {
			m.held = c
			return nil
		}
		err = errors.Join(err, c.Close())
	}
	return fmt.Errorf("mark that somebody writes: %w", err)
}

// drop ends the connection that has the lock, and with it the lock.
func (m *mark) drop() {
	m.held.Raw(func(any) error { return driver.ErrBadConn })
	m.held.Close()
	m.held = nil
}

func (m *mark) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.held != nil {
		m.drop()
	}
	return nil
}

// alive reports whether another use of the database may still be writing.
func (m *mark) alive(ctx context.Context, session int64) (bool, error) {
	gone := false
	err := m.db.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", session).Scan(&gone)
	return !gone, err
}
