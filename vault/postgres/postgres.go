// Package postgres keeps a vault in a schema of a PostgreSQL database.
package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"binnacle/vault/internal/sqlvault"
)

// Vault is a vault in a PostgreSQL database.
type Vault struct{ *sqlvault.Vault }

// Open opens the vault in a database, such as postgres://user@host/estate, and
// creates its table where there is none. It is in the schema binnacle_vault, or
// in a schema with _vault behind the first one of search_path where the address
// sets it. Now tells the time; nil means the clock of the machine.
func Open(ctx context.Context, dsn string, now func() time.Time) (*Vault, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("open the vault: %w", err)
	}
	first, _, _ := strings.Cut(config.RuntimeParams["search_path"], ",")
	first = strings.Trim(strings.TrimSpace(first), `"`)
	if first == "" || strings.HasPrefix(first, "$") {
		first = "binnacle"
	}
	schema := pgx.Identifier{first + "_vault"}.Sanitize()
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(8)
	v, err := sqlvault.Open(ctx, db, sqlvault.Dialect{Table: schema + ".vault", Numbered: true, Create: []string{
		// Two programs that start at once would both try to make the schema.
		`DO $$ BEGIN PERFORM pg_advisory_xact_lock(7203451);
			CREATE SCHEMA IF NOT EXISTS ` + schema + `;
			CREATE TABLE IF NOT EXISTS ` + schema + `.vault (bucket TEXT COLLATE "C" NOT NULL, name TEXT COLLATE "C" NOT NULL, value BYTEA NOT NULL,
				version BIGINT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (bucket, name));
		END $$`,
	}}, now)
	if err != nil {
		return nil, fmt.Errorf("open the vault in the schema %s of %s: %w", schema, config.Database, err)
	}
	return &Vault{v}, nil
}
