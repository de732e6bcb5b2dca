package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"binnacle/journal"
	"binnacle/journal/internal/ledger"
)

// migrations lead from one version of the tables to the next. They are only ever added to.
var migrations = []string{`
CREATE TABLE {journal}.journal_head (
	one integer PRIMARY KEY CHECK (one = 1),
	seq bigint NOT NULL,
	at bigint NOT NULL,
	root bytea NOT NULL,
	chunk bigint NOT NULL,
	changes bigint NOT NULL,
	checkpoints bigint NOT NULL
);
CREATE TABLE {journal}.journal_key (
	one integer PRIMARY KEY CHECK (one = 1),
	signer text NOT NULL,
	verifier text NOT NULL
);
CREATE TABLE {journal}.journal_entry (
	seq bigint PRIMARY KEY,
	at bigint NOT NULL,
	changes bigint NOT NULL,
	leaf bytea NOT NULL,
	data bytea NOT NULL
);
CREATE INDEX journal_entry_at ON {journal}.journal_entry (at, seq);
CREATE TABLE {journal}.journal_chunk (
	id bigint PRIMARY KEY,
	seq bigint NOT NULL,
	data bytea NOT NULL
);
ALTER TABLE {journal}.journal_chunk ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX journal_chunk_seq ON {journal}.journal_chunk (seq, id);
CREATE TABLE {journal}.journal_touch (
	id uuid NOT NULL,
	chunk bigint NOT NULL,
	PRIMARY KEY (id, chunk)
);
CREATE TABLE {journal}.journal_record (
	id uuid PRIMARY KEY,
	kind text COLLATE "C" NOT NULL,
	key text COLLATE "C" NOT NULL,
	version bigint NOT NULL,
	created_seq bigint NOT NULL,
	created_at bigint NOT NULL,
	changed_seq bigint NOT NULL,
	changed_at bigint NOT NULL,
	first bigint NOT NULL,
	body jsonb NOT NULL
);
CREATE UNIQUE INDEX journal_record_key ON {journal}.journal_record (kind, key);
CREATE TABLE {journal}.journal_hash (
	id bigint PRIMARY KEY,
	hash bytea NOT NULL
);
CREATE TABLE {journal}.journal_checkpoint (
	number bigint PRIMARY KEY,
	size bigint NOT NULL,
	note text NOT NULL
);
CREATE TABLE {journal}.journal_view (
	name text PRIMARY KEY,
	text text NOT NULL
);
`}

// lockMigration is what programs that start at the same time take turns by.
const lockMigration = 0x62696e6e61636c65

// migrate brings the tables to the version of this release, all at once or not at all.
func (s *store) migrate(ctx context.Context) error {
	newest := len(migrations)
	version, err := s.schemaVersion(ctx, s.pool)
	if err != nil {
		return err
	}
	if version == newest {
		return nil
	}
	return pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockMigration)); err != nil {
			return err
		}
		// Another program may have been faster.
		if version, err = s.schemaVersion(ctx, tx); err != nil {
			return err
		}
		if version > newest {
			return fmt.Errorf("its tables have the version %d and this release knows up to %d: %w", version, newest, journal.ErrNewer)
		}
		if version == 0 {
			if err := s.create(ctx, tx); err != nil {
				return err
			}
		}
		for i := version; i < newest; i++ {
			if _, err := tx.Exec(ctx, s.sql(migrations[i])); err != nil {
				return fmt.Errorf("bring the tables to the version %d: %w", i+1, err)
			}
		}
		if version == 0 {
			if err := s.begin(ctx, tx); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, s.sql("UPDATE {journal}.journal_schema SET version = $1"), newest)
		return err
	})
}

// schemaVersion returns the version of the tables, or 0 where there are none.
func (s *store) schemaVersion(ctx context.Context, db interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}) (int, error) {
	there := false
	err := db.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", quote(s.schema)+".journal_schema").Scan(&there)
	if err != nil || !there {
		return 0, err
	}
	version := 0
	err = db.QueryRow(ctx, s.sql("SELECT version FROM {journal}.journal_schema")).Scan(&version)
	return version, err
}

// create makes the schema, unless an administrator has made it already, and the table of the version.
func (s *store) create(ctx context.Context, tx pgx.Tx) error {
	there := false
	if err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", quote(s.schema)).Scan(&there); err != nil {
		return err
	}
	if !there {
		if _, err := tx.Exec(ctx, s.sql("CREATE SCHEMA {journal}")); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, s.sql("CREATE TABLE {journal}.journal_schema (version integer NOT NULL); INSERT INTO {journal}.journal_schema VALUES (0)"))
	return err
}

// begin writes what a new journal has: its keys and an empty tree.
func (s *store) begin(ctx context.Context, tx pgx.Tx) error {
	keys, err := ledger.NewKeys()
	if err != nil {
		return err
	}
	w := &writer{reader{ctx, tx, s}}
	if err := w.SetKeys(keys); err != nil {
		return err
	}
	return w.SetHead(ledger.NewHead())
}
