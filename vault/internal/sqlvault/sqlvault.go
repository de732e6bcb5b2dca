// Package sqlvault keeps a vault in one table of an SQL database.
package sqlvault

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"binnacle/vault"
)

// Dialect is what differs between databases. Statements have ? for their arguments.
type Dialect struct {
	// Create makes the table where it is missing.
	Create []string
	// Table is the name of the table, with its schema.
	Table string
	// Numbered says that arguments are written as $1, $2 and so on.
	Numbered bool
}

// Vault is a vault in a table.
type Vault struct {
	db  *sql.DB
	d   Dialect
	now func() time.Time
}

// Open makes the table where it is missing. The vault owns the database from now on, also where Open fails.
func Open(ctx context.Context, db *sql.DB, d Dialect, now func() time.Time) (*Vault, error) {
	if now == nil {
		now = time.Now
	}
	for _, statement := range d.Create {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			db.Close()
			return nil, fmt.Errorf("make the tables of the vault: %w", err)
		}
	}
	return &Vault{db: db, d: d, now: now}, nil
}

// text puts the name of the table into a statement and numbers the arguments where the database wants that.
func (v *Vault) text(statement string) string {
	statement = strings.ReplaceAll(statement, "{t}", v.d.Table)
	if !v.d.Numbered {
		return statement
	}
	var b strings.Builder
	n := 0
	for _, r := range statement {
		if r == '?' {
			n++
			fmt.Fprintf(&b, "$%d", n)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// moment returns a time as the table has it: milliseconds, and 0 for never.
func moment(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(1, t.UnixMilli())
}

func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

func (v *Vault) alive() int64 { return moment(v.now()) }

// Get returns an item.
func (v *Vault) Get(ctx context.Context, bucket, key string) (vault.Item, error) {
	item := vault.Item{Key: key}
	var expires int64
	err := v.db.QueryRowContext(ctx, v.text(`SELECT value, version, expires FROM {t} WHERE bucket = ? AND name = ? AND (expires = 0 OR expires > ?)`), bucket, key, v.alive()).
		Scan(&item.Value, &item.Version, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return vault.Item{}, vault.ErrNone
	}
	item.Expires = timeOf(expires)
	return item, err
}

// Put writes an item, whatever was there before.
func (v *Vault) Put(ctx context.Context, bucket string, item vault.Item) (int64, error) {
	var version int64
	err := v.db.QueryRowContext(ctx, v.text(`INSERT INTO {t} AS t (bucket, name, value, version, expires) VALUES (?, ?, ?, 1, ?)
		ON CONFLICT (bucket, name) DO UPDATE SET value = excluded.value, expires = excluded.expires, version = t.version + 1 RETURNING version`),
		bucket, item.Key, value(item), moment(item.Expires)).Scan(&version)
	return version, err
}

// Swap writes an item where it is as the caller saw it.
func (v *Vault) Swap(ctx context.Context, bucket string, item vault.Item) (int64, error) {
	var version int64
	var err error
	if item.Version == 0 {
		// An item that has expired is as good as none, and its version goes on.
		err = v.db.QueryRowContext(ctx, v.text(`INSERT INTO {t} AS t (bucket, name, value, version, expires) VALUES (?, ?, ?, 1, ?)
			ON CONFLICT (bucket, name) DO UPDATE SET value = excluded.value, expires = excluded.expires, version = t.version + 1
			WHERE t.expires <> 0 AND t.expires <= ? RETURNING version`), bucket, item.Key, value(item), moment(item.Expires), v.alive()).Scan(&version)
	} else {
		err = v.db.QueryRowContext(ctx, v.text(`UPDATE {t} SET value = ?, expires = ?, version = version + 1
			WHERE bucket = ? AND name = ? AND version = ? AND (expires = 0 OR expires > ?) RETURNING version`),
			value(item), moment(item.Expires), bucket, item.Key, item.Version, v.alive()).Scan(&version)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return 0, vault.ErrChanged
	}
	return version, err
}

// value returns the bytes of an item, never nil, which would be NULL.
func value(item vault.Item) []byte {
	if item.Value == nil {
		return []byte{}
	}
	return item.Value
}

// Delete takes an item away.
func (v *Vault) Delete(ctx context.Context, bucket, key string) (bool, error) {
	done, err := v.db.ExecContext(ctx, v.text(`DELETE FROM {t} WHERE bucket = ? AND name = ? AND (expires = 0 OR expires > ?)`), bucket, key, v.alive())
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// List returns the items whose keys start with a prefix.
func (v *Vault) List(ctx context.Context, bucket, prefix, after string, limit int) ([]vault.Item, error) {
	if limit <= 0 {
		limit = 1 << 30
	}
	rows, err := v.db.QueryContext(ctx, v.text(`SELECT name, value, version, expires FROM {t}
		WHERE bucket = ? AND name > ? AND substr(name, 1, ?) = ? AND (expires = 0 OR expires > ?) ORDER BY name LIMIT ?`),
		bucket, after, len([]rune(prefix)), prefix, v.alive(), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []vault.Item
	for rows.Next() {
		var item vault.Item
		var expires int64
		if err := rows.Scan(&item.Key, &item.Value, &item.Version, &expires); err != nil {
			return nil, err
		}
		item.Expires = timeOf(expires)
		out = append(out, item)
	}
	return out, rows.Err()
}

// Buckets returns the names of the buckets that have something in them.
func (v *Vault) Buckets(ctx context.Context) ([]string, error) {
	rows, err := v.db.QueryContext(ctx, v.text(`SELECT DISTINCT bucket FROM {t} WHERE expires = 0 OR expires > ? ORDER BY bucket`), v.alive())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	return out, rows.Err()
}

// Sweep takes away everything that has expired.
func (v *Vault) Sweep(ctx context.Context) (int, error) {
	done, err := v.db.ExecContext(ctx, v.text(`DELETE FROM {t} WHERE expires <> 0 AND expires <= ?`), v.alive())
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	return int(n), err
}

// Empty takes everything away.
func (v *Vault) Empty(ctx context.Context) error {
	_, err := v.db.ExecContext(ctx, v.text(`DELETE FROM {t}`))
	return err
}

// Close ends the use of the vault.
func (v *Vault) Close() error { return v.db.Close() }
