package main

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"binnacle/estate"
	"binnacle/journal/journaltest/pgtest"
	"binnacle/model"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"
)

// plain does the same work on plain tables of SQLite and PostgreSQL: one table
// of records with a JSON body, one of refs, and a recursive query for what is downstream.
func plain(r *run) error {
	lite := sql.OpenDB(connector{filepath.Join(r.dir, "plain.db") + "?_pragma=journal_mode(wal)&_pragma=synchronous(full)"})
	defer lite.Close()
	if err := (&plainDB{name: "plain SQLite", db: lite, insert: insertSQLite, list: listSQLite}).measure(r); err != nil {
		return fmt.Errorf("plain SQLite: %w", err)
	}
	server, err := pgtest.Launch()
	if err != nil {
		r.report("the same on plain PostgreSQL", "", "", "not measured: %v", err)
		return nil
	}
	defer server.Stop()
	config, err := pgx.ParseConfig(server.Address("postgres"))
	if err != nil {
		return err
	}
	pg := stdlib.OpenDB(*config)
	defer pg.Close()
	if err := (&plainDB{name: "plain PostgreSQL", db: pg, insert: insertPostgres, list: listPostgres}).measure(r); err != nil {
		return fmt.Errorf("plain PostgreSQL: %w", err)
	}
	return nil
}

// connector opens SQLite without a registered name.
type connector struct{ dsn string }

// Connect opens a connection.
func (c connector) Connect(context.Context) (driver.Conn, error) { return c.Driver().Open(c.dsn) }

// Driver returns the driver of SQLite.
func (connector) Driver() driver.Driver { return &sqlite.Driver{} }

type plainDB struct {
	name   string
	db     *sql.DB
	insert func(ctx context.Context, db *sql.DB, records []plainRecord, refs [][2]int) error
	list   string
}

type plainRecord struct {
	kind, key, body string
}

const (
	listSQLite = `SELECT body FROM record WHERE kind = 'Host' AND body ->> 'os_version' = '11.1' ORDER BY body ->> 'memory' DESC, key LIMIT 50`

	listPostgres = `SELECT body FROM record WHERE kind = 'Host' AND body ->> 'os_version' = '11.1' ORDER BY (body ->> 'memory')::numeric DESC, key LIMIT 50`

	downstream = `WITH RECURSIVE d(n) AS (SELECT CAST($1 AS integer) UNION SELECT target FROM ref JOIN d ON source = d.n) SELECT count(*) FROM d`
)

func (p *plainDB) measure(r *run) error {
	v := r.store.View()
	records, refs, place := flatten(v)
	began := time.Now()
	if err := p.insert(r.ctx, p.db, records, refs); err != nil {
		return err
	}
	for _, statement := range []string{"CREATE INDEX record_key ON record (kind, key)", "CREATE INDEX ref_source ON ref (source)", "ANALYZE"} {
		if _, err := p.db.ExecContext(r.ctx, statement); err != nil {
			return err
		}
	}
	r.report("bulk load without comparing and checking", p.name, "", "%.0f records/s", float64(len(records))/time.Since(began).Seconds())
	if err := p.closures(r, v, place); err != nil {
		return err
	}
	rate, p99, err := hammer(16, 4*time.Second, func(int) error {
		rows, err := p.db.QueryContext(r.ctx, p.list)
		if err != nil {
			return err
		}
		defer rows.Close()
		var body []byte
		for rows.Next() {
			if err := rows.Scan(&body); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	if err != nil {
		return err
	}
	r.report("list page (filter, order, 50 rows), not indexed", p.name, "", "%.1f/s, p99 %s", rate, p99.Round(time.Millisecond))
	return nil
}

// closures measures the recursive query from the same starts, as far as a minute goes.
func (p *plainDB) closures(r *run, v estate.View, place map[model.ID]int) error {
	var took []time.Duration
	began := time.Now()
	for _, ref := range starts(v, 200) {
		at := time.Now()
		var n int
		if err := p.db.QueryRowContext(r.ctx, downstream, place[model.ID(ref)]).Scan(&n); err != nil {
			return err
		}
		took = append(took, time.Since(at))
		if want := v.Size(estate.Down, ref); n != want {
			return fmt.Errorf("closure: %d records, but Binnacle finds %d", n, want)
		}
		if time.Since(began) > time.Minute {
			break
		}
	}
	r.report("everything downstream, recursive query", p.name, "", "median %s, worst %s over %d", median(took).Round(time.Microsecond), slices.Max(took).Round(time.Millisecond), len(took))
	return nil
}

// flatten lists the records and the edges along which a failure travels down, by number.
func flatten(v estate.View) (records []plainRecord, refs [][2]int, place map[model.ID]int) {
	place = map[model.ID]int{}
	for _, k := range v.Schema().Kinds() {
		for rec := range v.All(k.Name) {
			place[rec.Base().ID] = len(records)
			records = append(records, plainRecord{k.Name, rec.Base().Key, string(k.Encode(rec))})
		}
	}
	for id, from := range place {
		for e := range v.Out(model.Ref(id)) {
			to := place[e.Record.Base().ID]
			switch e.Field.Flow {
			case model.Serves:
				refs = append(refs, [2]int{from, to})
			case model.Needs:
				refs = append(refs, [2]int{to, from})
			}
		}
	}
	return records, refs, place
}

func insertSQLite(ctx context.Context, db *sql.DB, records []plainRecord, refs [][2]int) error {
	db.SetMaxOpenConns(16)
	for _, statement := range []string{"CREATE TABLE record (n INTEGER PRIMARY KEY, kind TEXT, key TEXT, body TEXT)", "CREATE TABLE ref (source INTEGER, target INTEGER)"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	one, err := tx.PrepareContext(ctx, "INSERT INTO record VALUES (?, ?, ?, ?)")
	if err != nil {
		return err
	}
	for i, rec := range records {
		if _, err := one.ExecContext(ctx, i, rec.kind, rec.key, rec.body); err != nil {
			return err
		}
	}
	two, err := tx.PrepareContext(ctx, "INSERT INTO ref VALUES (?, ?)")
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if _, err := two.ExecContext(ctx, ref[0], ref[1]); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func insertPostgres(ctx context.Context, db *sql.DB, records []plainRecord, refs [][2]int) error {
	db.SetMaxOpenConns(16)
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Raw(func(raw any) error {
		c := raw.(*stdlib.Conn).Conn()
		if _, err := c.Exec(ctx, "CREATE TABLE record (n integer PRIMARY KEY, kind text, key text, body jsonb); CREATE TABLE ref (source integer, target integer)"); err != nil {
			return err
		}
		if _, err := c.CopyFrom(ctx, pgx.Identifier{"record"}, []string{"n", "kind", "key", "body"}, pgx.CopyFromSlice(len(records), func(i int) ([]any, error) {
			return []any{i, records[i].kind, records[i].key, records[i].body}, nil
		})); err != nil {
			return err
		}
		_, err := c.CopyFrom(ctx, pgx.Identifier{"ref"}, []string{"source", "target"}, pgx.CopyFromSlice(len(refs), func(i int) ([]any, error) {
			return []any{refs[i][0], refs[i][1]}, nil
		}))
		return err
	})
}
