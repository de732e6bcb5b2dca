package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"

	"binnacle/journal"
	"binnacle/journal/internal/ledger"
)

// migrations lead from one version of the tables to the next. They are only ever added to.
var migrations = []string{`
CREATE TABLE journal_head (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	seq INTEGER NOT NULL,
	at INTEGER NOT NULL,
	root BLOB NOT NULL,
	chunk INTEGER NOT NULL,
	changes INTEGER NOT NULL,
	checkpoints INTEGER NOT NULL
) STRICT;
CREATE TABLE journal_key (
	one INTEGER PRIMARY KEY CHECK (one = 1),
	signer TEXT NOT NULL,
	verifier TEXT NOT NULL
) STRICT;
CREATE TABLE journal_entry (
	seq INTEGER PRIMARY KEY,
	at INTEGER NOT NULL,
	changes INTEGER NOT NULL,
	leaf BLOB NOT NULL,
	data BLOB NOT NULL
) STRICT;
CREATE INDEX journal_entry_at ON journal_entry (at);
CREATE TABLE journal_chunk (
	id INTEGER PRIMARY KEY,
	seq INTEGER NOT NULL,
	data BLOB NOT NULL
) STRICT;
CREATE INDEX journal_chunk_seq ON journal_chunk (seq);
CREATE TABLE journal_touch (
	id BLOB NOT NULL,
	chunk INTEGER NOT NULL,
	PRIMARY KEY (id, chunk)
) STRICT, WITHOUT ROWID;
CREATE TABLE journal_record (
	row INTEGER PRIMARY KEY,
	id BLOB NOT NULL,
	kind TEXT NOT NULL,
	key TEXT NOT NULL,
	version INTEGER NOT NULL,
	created_seq INTEGER NOT NULL,
	created_at INTEGER NOT NULL,
	changed_seq INTEGER NOT NULL,
	changed_at INTEGER NOT NULL,
	first INTEGER NOT NULL,
	body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX journal_record_id ON journal_record (id);
CREATE UNIQUE INDEX journal_record_key ON journal_record (kind, key);
CREATE TABLE journal_hash (
	id INTEGER PRIMARY KEY,
	hash BLOB NOT NULL
) STRICT;
CREATE TABLE journal_checkpoint (
	number INTEGER PRIMARY KEY,
	size INTEGER NOT NULL,
	note TEXT NOT NULL
) STRICT;
CREATE TABLE journal_view (
	name TEXT PRIMARY KEY,
	text TEXT NOT NULL
) STRICT;
`}

// schemaVersion returns the version of the tables, or 0 where there are none.
func schemaVersion(ctx context.Context, c *conn) (int64, error) {
	tables := int64(0)
	err := c.query(ctx, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'journal_schema'", nil, func(row []driver.Value) (err error) {
		tables, err = number(row[0])
		return err
	})
	if err != nil || tables == 0 {
		return 0, err
	}
	version := int64(-1)
	err = c.query(ctx, "SELECT version FROM journal_schema", nil, func(row []driver.Value) (err error) {
		version, err = number(row[0])
		return err
	})
	if err == nil && version < 1 {
		err = fmt.Errorf("the version of the tables is missing: the database is damaged")
	}
	return version, err
}

// migrate brings the tables to the version of this release, all at once or not at all.
func migrate(ctx context.Context, c *conn) (err error) {
	version, err := schemaVersion(ctx, c)
	if err != nil {
		return err
	}
	newest := int64(len(migrations))
	if version > newest {
		return fmt.Errorf("its tables have the version %d and this release knows up to %d: %w", version, newest, journal.ErrNewer)
	}
	if version == newest {
		return nil
	}
	if _, err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			c.exec(context.WithoutCancel(ctx), "ROLLBACK")
		}
	}()
	// Another process may have been faster.
	if version, err = schemaVersion(ctx, c); err != nil {
		return err
	}
	if version == 0 {
		if err := c.script(ctx, "CREATE TABLE journal_schema (version INTEGER NOT NULL) STRICT; INSERT INTO journal_schema VALUES (0)"); err != nil {
			return err
		}
	}
	for i := version; i < newest; i++ {
		if err := c.script(ctx, migrations[i]); err != nil {
			return fmt.Errorf("bring the tables to the version %d: %w", i+1, err)
		}
	}
	if version == 0 {
		if err := begin(ctx, c); err != nil {
			return err
		}
	}
	if version < newest {
		if _, err := c.exec(ctx, "UPDATE journal_schema SET version = ?", newest); err != nil {
			return err
		}
	}
	_, err = c.exec(ctx, "COMMIT")
	return err
}

// begin writes what a new journal has: its keys and an empty tree.
func begin(ctx context.Context, c *conn) error {
	keys, err := ledger.NewKeys()
	if err != nil {
		return err
	}
	w := writer{reader{ctx, c}}
	if err := w.SetKeys(keys); err != nil {
		return err
	}
	return w.SetHead(ledger.NewHead())
}

// definitions lists the tables and indexes of the journal as the database keeps them.
func definitions(ctx context.Context, c *conn) (map[string]string, error) {
	out := map[string]string{}
	err := c.query(ctx, `SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema
		WHERE type <> 'view' AND tbl_name GLOB 'journal_*'`, nil, func(row []driver.Value) error {
		name, err := text(row[0])
		if err != nil {
			return err
		}
		out[name], err = text(row[1])
		return err
	})
	return out, err
}
