package sqlfacts

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"binnacle/facts"
)

// format is the number of the form of the tables. A store of a later form is refused.
const format = 1

// Dialect is what differs between databases.
type Dialect struct {
	// Schema is what stands before the name of a table: nothing, or the name of a schema and a point.
	Schema string
	// Numbered says that arguments are written as $1, $2 and so on.
	Numbered bool
	// Before are statements that come before the tables are made.
	Before []string
	// Serial is the type of a number that the database counts up, as the primary key of a table.
	Serial string
	// Number, Blob, Exact and Day are the types of whole numbers, bytes, exact decimals and days.
	Number, Blob, Exact, Day string
	// Text is the type of texts, which are compared by their bytes.
	Text string
	// Table is what stands behind the columns of a table.
	Table string
	// View is how the creation of a view begins.
	View string
	// Session is the number of this use of the store.
	Session int64
	// Alive reports whether the use of the store with a number may still be writing. It is asked about other numbers than Session alone.
	Alive func(ctx context.Context, session int64) (bool, error)
	// Writing makes sure that others find this use of the store alive. It is called before a load begins.
	Writing func(ctx context.Context) error
	// Explain adds what to do to errors that people can do something about.
	Explain func(error) error
	// Close ends what Alive and Writing need.
	Close func() error
}

// text puts names and types into a statement and numbers the arguments where the database wants that. {s} is the schema.
func (d *Dialect) text(statement string) string {
	statement = strings.ReplaceAll(statement, "{s}", d.Schema)
	if !d.Numbered {
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

// table is a table that rows are put into.
type table struct {
	name    string
	columns []string
	// sums is the place of the first column with an exact decimal.
	sums int
}

// tables are the tables of rows of a load.
type tables struct {
	chunk, block, group, month, day table
}

// tablesOf returns the tables of a series.
func tablesOf(s facts.Series) tables {
	at := func(first ...string) table {
		var quoted []string
		for _, m := range s.Measures {
			quoted = append(quoted, quote(m))
		}
		return table{columns: append(first, quoted...), sums: len(first)}
	}
	group := table{name: s.Name + "_group", columns: []string{"load", "number"}}
	for _, c := range s.Daily {
		group.columns = append(group.columns, quote(c))
	}
	month, day := at("load", "item", "grp", "month", "lines"), at("load", "grp", "day", "lines")
	month.name, day.name = s.Name+"_month", s.Name+"_day"
	return tables{
		chunk: table{name: "chunk", columns: []string{"load", "seq", "lines", "data", "sum"}},
		block: table{name: "block", columns: []string{"load", "part", "seq", "count", "data", "sum"}},
		group: group, month: month, day: day,
	}
}

// quote makes a name of an SQL column.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// create returns the statements that make the tables where they are missing. Rows are only ever added to them; removing a load removes its rows.
//
//	load   loads that have been begun
//	done   loads that are committed: only their rows count
//	chunk  lines, packed
//	block  items of the roll-up (part i), combinations of values that are merged there (part x), what they are merged into (part m), and groups (part g), packed
//	X_group, X_month, X_day  what tools for reports read, for each series: groups, sums by item and month, sums by group and day
func (d *Dialect) create() []string {
	end := ")" + d.Table
	belongs := "load " + d.Number + " NOT NULL REFERENCES {s}load (n) ON DELETE CASCADE"
	out := append([]string{}, d.Before...)
	out = append(out,
		"CREATE TABLE IF NOT EXISTS {s}format (n "+d.Number+" NOT NULL"+end,
		"CREATE TABLE IF NOT EXISTS {s}load (n "+d.Serial+", id "+d.Text+" NOT NULL, series "+d.Text+" NOT NULL, columns "+d.Text+" NOT NULL, session "+d.Number+" NOT NULL, begun "+d.Number+" NOT NULL"+end,
		"CREATE TABLE IF NOT EXISTS {s}done ("+belongs+" PRIMARY KEY, id "+d.Text+" NOT NULL UNIQUE, committed "+d.Number+" NOT NULL, lines "+d.Number+" NOT NULL, first_day "+d.Day+", last_day "+d.Day+
			", items "+d.Number+" NOT NULL, whole "+d.Number+" NOT NULL, more "+d.Number+" NOT NULL, grps "+d.Number+" NOT NULL, chunks "+d.Number+" NOT NULL, sums "+d.Text+" NOT NULL, sum "+d.Number+" NOT NULL"+end,
		"CREATE TABLE IF NOT EXISTS {s}chunk ("+belongs+", seq "+d.Number+" NOT NULL, lines "+d.Number+" NOT NULL, data "+d.Blob+" NOT NULL, sum "+d.Number+" NOT NULL, PRIMARY KEY (load, seq)"+end,
		"CREATE TABLE IF NOT EXISTS {s}block ("+belongs+", part "+d.Text+" NOT NULL, seq "+d.Number+" NOT NULL, count "+d.Number+" NOT NULL, data "+d.Blob+" NOT NULL, sum "+d.Number+" NOT NULL, PRIMARY KEY (load, part, seq)"+end,
	)
	for _, s := range facts.AllSeries() {
		t := tablesOf(s)
		measures, daily, sums := "", "", ""
		for i, m := range s.Measures {
			measures += ", " + quote(m) + " " + d.Exact + " NOT NULL"
			sums += ", t." + t.day.columns[t.day.sums+i]
		}
		for _, c := range s.Daily {
			daily += ", " + quote(c) + " " + d.Text
		}
		names := ", g." + strings.Join(t.group.columns[2:], ", g.")
		out = append(out,
			"CREATE TABLE IF NOT EXISTS {s}"+t.group.name+" ("+belongs+", number "+d.Number+" NOT NULL"+daily+", PRIMARY KEY (load, number)"+end,
			"CREATE TABLE IF NOT EXISTS {s}"+t.month.name+" ("+belongs+", item "+d.Number+" NOT NULL, grp "+d.Number+" NOT NULL, month "+d.Day+" NOT NULL, lines "+d.Number+" NOT NULL"+measures+end,
			"CREATE TABLE IF NOT EXISTS {s}"+t.day.name+" ("+belongs+", grp "+d.Number+" NOT NULL, day "+d.Day+" NOT NULL, lines "+d.Number+" NOT NULL"+measures+end,
			"CREATE INDEX IF NOT EXISTS "+t.month.name+"_load ON {s}"+t.month.name+" (load)",
			"CREATE INDEX IF NOT EXISTS "+t.day.name+"_load ON {s}"+t.day.name+" (load)",
			d.View+" {s}"+s.Name+"_by_month AS SELECT d.id AS load"+names+", t.item, t.month, t.lines"+sums+
				" FROM {s}"+t.month.name+" t JOIN {s}done d ON d.load = t.load JOIN {s}"+t.group.name+" g ON g.load = t.load AND g.number = t.grp",
			d.View+" {s}"+s.Name+"_by_day AS SELECT d.id AS load"+names+", t.day, t.lines"+sums+
				" FROM {s}"+t.day.name+" t JOIN {s}done d ON d.load = t.load JOIN {s}"+t.group.name+" g ON g.load = t.load AND g.number = t.grp",
		)
	}
	return out
}

// migrate makes the tables where they are missing.
func (s *Store) migrate(ctx context.Context) error {
	tx, err := s.sure.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for _, statement := range s.d.create() {
		if _, err := tx.ExecContext(ctx, s.d.text(statement)); err != nil {
			return fmt.Errorf("make the tables: %w", err)
		}
	}
	var rows, newest int64
	if err := tx.QueryRowContext(ctx, s.d.text("SELECT count(*), coalesce(max(n), 0) FROM {s}format")).Scan(&rows, &newest); err != nil {
		return err
	}
	if newest > format {
		return errors.New("a later release of Binnacle has written these facts: use that release")
	}
	if rows == 0 {
		if _, err := tx.ExecContext(ctx, s.d.text("INSERT INTO {s}format (n) VALUES (?)"), format); err != nil {
			return err
		}
	}
	return tx.Commit()
}
