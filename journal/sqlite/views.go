package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"binnacle/journal/internal/ledger"
)

// SyncViews makes the views that are given and removes those that it made
// before and that are not among them. Views that are right already stay untouched.
func (s *store) SyncViews(ctx context.Context, views []ledger.View) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.writer
	if _, err := c.exec(ctx, "BEGIN IMMEDIATE"); err != nil {
		return s.explain(err)
	}
	err := syncViews(ctx, c, views)
	if err == nil {
		if _, err = c.exec(context.WithoutCancel(ctx), "COMMIT"); err == nil {
			s.nudge(false)
			return nil
		}
	}
	c.exec(context.WithoutCancel(ctx), "ROLLBACK")
	return fmt.Errorf("make the views: %w", s.explain(err))
}

func syncViews(ctx context.Context, c *conn, views []ledger.View) error {
	ours, err := pairs(ctx, c, "SELECT name, text FROM journal_view")
	if err != nil {
		return err
	}
	there, err := pairs(ctx, c, "SELECT name, type FROM sqlite_schema WHERE type IN ('view', 'table')")
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, v := range views {
		wanted[v.Name] = true
	}
	for name := range ours {
		if !wanted[name] {
			if err := forget(ctx, c, name); err != nil {
				return err
			}
		}
	}
	for _, v := range views {
		text := viewText(v)
		kind, exists := there[v.Name]
		_, mine := ours[v.Name]
		switch {
		case mine && exists && ours[v.Name] == text:
			continue
		case exists && !mine:
			return fmt.Errorf("the name %q of the view of the kind %s is taken by a %s that somebody else made: rename it", v.Name, v.Kind, kind)
		}
		if err := forget(ctx, c, v.Name); err != nil {
			return err
		}
		if err := c.script(ctx, text); err != nil {
			return fmt.Errorf("the view of the kind %s: %w", v.Kind, err)
		}
		if _, err := c.exec(ctx, "INSERT INTO journal_view (name, text) VALUES (?, ?)", v.Name, text); err != nil {
			return err
		}
	}
	return nil
}

func forget(ctx context.Context, c *conn, name string) error {
	if err := c.script(ctx, "DROP VIEW IF EXISTS "+quote(name)); err != nil {
		return err
	}
	_, err := c.exec(ctx, "DELETE FROM journal_view WHERE name = ?", name)
	return err
}

// pairs reads two columns of text.
func pairs(ctx context.Context, c *conn, query string) (map[string]string, error) {
	out := map[string]string{}
	err := c.query(ctx, query, nil, func(row []driver.Value) error {
		var name, value string
		err := scan(row, &name, &value)
		out[name] = value
		return err
	})
	return out, err
}

// quote writes a name so that it means nothing but itself.
func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// literal writes a text so that it means nothing but itself.
func literal(s string) string { return `'` + strings.ReplaceAll(s, `'`, `''`) + `'` }

// viewText writes the statement that makes a view.
func viewText(v ledger.View) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE VIEW %s AS SELECT\n\t%s AS \"id\",\n\tr.key AS \"key\",\n\tr.version AS \"version\",\n\t%s AS \"created_at\",\n\t%s AS \"changed_at\"",
		quote(v.Name), uuid("r.id"), moment("r.created_at"), moment("r.changed_at"))
	for _, c := range v.Columns {
		fmt.Fprintf(&b, ",\n\t%s AS %s", column(c), quote(c.Name))
	}
	fmt.Fprintf(&b, "\nFROM journal_record AS r WHERE r.kind = %s", literal(v.Kind))
	return b.String()
}

// uuid writes the text of an id that is kept as 16 bytes.
func uuid(id string) string {
	h := "lower(hex(" + id + "))"
	return fmt.Sprintf("substr(%[1]s, 1, 8) || '-' || substr(%[1]s, 9, 4) || '-' || substr(%[1]s, 13, 4) || '-' || substr(%[1]s, 17, 4) || '-' || substr(%[1]s, 21)", h)
}

// moment writes the text of a moment that is kept in milliseconds.
func moment(ms string) string {
	return "strftime('%Y-%m-%dT%H:%M:%fZ', " + ms + " / 1000.0, 'unixepoch')"
}

// column writes the expression of a column. The types are those that SQLite has: dates and moments are text.
func column(c ledger.Column) string {
	value := "(r.body ->> " + literal(path(c.Field)) + ")"
	number := func(text string) string {
		return fmt.Sprintf("CASE WHEN %[1]s GLOB '*[0-9]*' THEN CAST(%[1]s AS NUMERIC) END", text)
	}
	// A range is written as low..likely..high.
	rest := fmt.Sprintf("substr(%[1]s, instr(%[1]s, '..') + 2)", value)
	switch c.Is {
	case ledger.Whole:
		return "CAST(" + value + " AS INTEGER)"
	case ledger.Number:
		return "CAST(" + value + " AS REAL)"
	case ledger.Bool:
		return "coalesce(" + value + " = 1, 0)"
	case ledger.Amount:
		return number("substr(" + value + ", 1, instr(" + value + ", ' ') - 1)")
	case ledger.Currency:
		return fmt.Sprintf("substr(%[1]s, instr(%[1]s, ' ') + 1)", value)
	case ledger.Low:
		return number("substr(" + value + ", 1, instr(" + value + ", '..') - 1)")
	case ledger.Likely:
		return number("substr(" + rest + ", 1, instr(" + rest + ", '..') - 1)")
	case ledger.High:
		return number("substr(" + rest + ", instr(" + rest + ", '..') + 2)")
	case ledger.LinkKey:
		return "(SELECT t.key FROM journal_record AS t WHERE t.id = unhex(" + value + ", '-'))"
	case ledger.List:
		return "(r.body -> " + literal(path(c.Field)) + ")"
	}
	return "CAST(" + value + " AS TEXT)"
}

// path writes the JSON path of a member. Names of fields have no quotes in them.
func path(field string) string { return `$."` + strings.ReplaceAll(field, `"`, ``) + `"` }
