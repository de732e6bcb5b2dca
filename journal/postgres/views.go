package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"binnacle/journal/internal/ledger"
)

// casts read a text as another type, or as nothing where it is none: a value may be older than the type of its field.
var casts = []struct{ name, typ, form string }{
	{"as_number", "numeric", `^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$`},
	{"as_day", "date", `^[0-9]{4,}-[0-9]{2}-[0-9]{2}$`},
	{"as_moment", "timestamptz", `^[0-9]{4,}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[-+][0-9:]+)$`},
	{"as_id", "uuid", `^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`},
}

// SyncViews makes the views that are given and removes those that it made
// before and that are not among them. Views that are right already stay untouched.
func (s *store) SyncViews(ctx context.Context, views []ledger.View) error {
	err := pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockMigration)); err != nil {
			return err
		}
		if err := s.castFunctions(ctx, tx); err != nil {
			return err
		}
		return s.syncViews(ctx, tx, views)
	})
	if failed, ok := errors.AsType[*pgconn.PgError](err); ok && failed.Code == "2BP01" {
		return fmt.Errorf("make the views: something else in the database is built on a view that has changed (%s): drop that first: %w", failed.Detail, err)
	}
	if err != nil {
		return fmt.Errorf("make the views: %w", err)
	}
	return nil
}

// castFunctions makes the schema of the views and the functions that the views use.
func (s *store) castFunctions(ctx context.Context, tx pgx.Tx) error {
	there := false
	if err := tx.QueryRow(ctx, "SELECT to_regnamespace($1) IS NOT NULL", quote(s.schema+"_views")).Scan(&there); err != nil {
		return err
	}
	if !there {
		if _, err := tx.Exec(ctx, s.sql("CREATE SCHEMA {views}")); err != nil {
			return err
		}
	}
	for _, c := range casts {
		_, err := tx.Exec(ctx, s.sql(fmt.Sprintf(`CREATE OR REPLACE FUNCTION {views}.%s(value text) RETURNS %s
			LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $cast$
			BEGIN
				IF value ~ %s THEN RETURN value::%s; END IF;
				RETURN NULL;
			EXCEPTION WHEN data_exception THEN RETURN NULL;
			END $cast$`, c.name, c.typ, literal(c.form), c.typ)))
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *store) syncViews(ctx context.Context, tx pgx.Tx, views []ledger.View) error {
	ours, err := pairs(ctx, tx, s.sql("SELECT name, text FROM {journal}.journal_view"))
	if err != nil {
		return err
	}
	there, err := pairs(ctx, tx, "SELECT relname::text, relkind::text FROM pg_class WHERE relnamespace = to_regnamespace($1)", quote(s.schema+"_views"))
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, v := range views {
		wanted[v.Name] = true
	}
	for name := range ours {
		if !wanted[name] {
			if err := s.forget(ctx, tx, name); err != nil {
				return err
			}
		}
	}
	for _, v := range views {
		text := s.viewText(v)
		_, exists := there[v.Name]
		_, mine := ours[v.Name]
		switch {
		case mine && exists && ours[v.Name] == text:
			continue
		case exists && !mine:
			return fmt.Errorf("the name %q of the view of the kind %s is taken by something that somebody else made: rename it", v.Name, v.Kind)
		}
		if err := s.forget(ctx, tx, v.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, text); err != nil {
			return fmt.Errorf("the view of the kind %s: %w", v.Kind, err)
		}
		if _, err := tx.Exec(ctx, s.sql("INSERT INTO {journal}.journal_view (name, text) VALUES ($1, $2)"), v.Name, text); err != nil {
			return err
		}
	}
	return nil
}

func (s *store) forget(ctx context.Context, tx pgx.Tx, name string) error {
	if _, err := tx.Exec(ctx, s.sql("DROP VIEW IF EXISTS {views}.")+quote(name)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, s.sql("DELETE FROM {journal}.journal_view WHERE name = $1"), name)
	return err
}

// pairs reads two columns of text.
func pairs(ctx context.Context, tx pgx.Tx, query string, args ...any) (map[string]string, error) {
	found, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var name, value string
	_, err = pgx.ForEachRow(found, []any{&name, &value}, func() error {
		out[name] = value
		return nil
	})
	return out, err
}

// literal writes a text so that it means nothing but itself.
func literal(s string) string {
	quoted := `'` + strings.ReplaceAll(s, `'`, `''`) + `'`
	if strings.Contains(s, `\`) {
		return `E` + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// viewText writes the statement that makes a view.
func (s *store) viewText(v ledger.View) string {
	moment := func(ms string) string { return "timestamptz 'epoch' + r." + ms + " * interval '1 millisecond'" }
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE VIEW %s.%s AS SELECT\n\tr.id::text AS \"id\",\n\tr.key AS \"key\",\n\tr.version AS \"version\",\n\t%s AS \"created_at\",\n\t%s AS \"changed_at\"",
		quote(s.schema+"_views"), quote(v.Name), moment("created_at"), moment("changed_at"))
	for _, c := range v.Columns {
		fmt.Fprintf(&b, ",\n\t%s AS %s", s.column(c), quote(c.Name))
	}
	fmt.Fprintf(&b, "\nFROM %s.journal_record AS r WHERE r.kind = %s", quote(s.schema), literal(v.Kind))
	return b.String()
}

// column writes the expression of a column.
func (s *store) column(c ledger.Column) string {
	value := "(r.body ->> " + literal(c.Field) + ")"
	cast := func(name, value string) string { return quote(s.schema+"_views") + "." + name + "(" + value + ")" }
	split := func(by string, n int) string { return fmt.Sprintf("split_part(%s, '%s', %d)", value, by, n) }
	switch c.Is {
	case ledger.Whole, ledger.Number:
		return cast("as_number", value)
	case ledger.Bool:
		return "coalesce(" + value + " = 'true', false)"
	case ledger.Day:
		return cast("as_day", value)
	case ledger.Moment:
		return cast("as_moment", value)
	case ledger.Amount:
		return cast("as_number", split(" ", 1))
	case ledger.Currency:
		return "nullif(" + split(" ", 2) + ", '')"
	case ledger.Low:
		return cast("as_number", split("..", 1))
	case ledger.Likely:
		return cast("as_number", split("..", 2))
	case ledger.High:
		return cast("as_number", split("..", 3))
	case ledger.LinkKey:
		return "(SELECT t.key FROM " + quote(s.schema) + ".journal_record AS t WHERE t.id = " + cast("as_id", value) + ")"
	case ledger.List:
		return "(r.body -> " + literal(c.Field) + ")"
	}
	return value
}
