package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	lib "modernc.org/sqlite"
)

// conn is one connection to the database with the statements that it has prepared.
// It is used by one goroutine at a time.
type conn struct {
	raw        driver.Conn
	statements map[string]driver.Stmt
}

// dial opens a connection and runs pragmas on it.
func dial(ctx context.Context, path string, pragmas ...string) (*conn, error) {
	name := (&url.URL{Scheme: "file", Path: path}).String()
	raw, err := new(lib.Driver).Open(name)
	if err != nil {
		return nil, fmt.Errorf("open the database %s: %w", path, err)
	}
	c := &conn{raw: raw, statements: map[string]driver.Stmt{}}
	for _, pragma := range append([]string{"busy_timeout = 10000"}, pragmas...) {
		if err := c.query(ctx, "PRAGMA "+pragma, nil, func([]driver.Value) error { return nil }); err != nil {
			c.close()
			return nil, fmt.Errorf("open the database %s: %w", path, err)
		}
	}
	return c, nil
}

func (c *conn) close() error {
	for _, s := range c.statements {
		s.Close()
	}
	return c.raw.Close()
}

func (c *conn) prepare(ctx context.Context, text string) (driver.Stmt, error) {
	if s, ok := c.statements[text]; ok {
		return s, nil
	}
	s, err := c.raw.(driver.ConnPrepareContext).PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	c.statements[text] = s
	return s, nil
}

// exec runs a statement and returns how many rows it changed.
func (c *conn) exec(ctx context.Context, text string, args ...driver.Value) (int64, error) {
	s, err := c.prepare(ctx, text)
	if err != nil {
		return 0, err
	}
	res, err := s.(driver.StmtExecContext).ExecContext(ctx, named(args))
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// script runs statements that are run once only.
func (c *conn) script(ctx context.Context, text string) error {
	_, err := c.raw.(driver.ExecerContext).ExecContext(ctx, text, nil)
	return err
}

// errEnough ends a query whose caller wants no more rows.
var errEnough = errors.New("enough")

// query calls row for every row of the answer. The list is only good until row returns; the values stay.
func (c *conn) query(ctx context.Context, text string, args []driver.Value, row func([]driver.Value) error) (err error) {
	s, err := c.prepare(ctx, text)
	if err != nil {
		return err
	}
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, named(args))
	if err != nil {
		return err
	}
	defer func() {
		if closing := rows.Close(); err == nil {
			err = closing
		}
	}()
	values := make([]driver.Value, len(rows.Columns()))
	for {
		if err := rows.Next(values); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := row(values); err == errEnough {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func named(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}

// insert runs a statement that ends in VALUES for many rows of some columns at a time.
type insert struct {
	ctx    context.Context
	conn   *conn
	text   string
	tail   string
	width  int
	args   []driver.Value
	counts int64
}

// atOnce is how many rows go into one statement.
const atOnce = 64

func (c *conn) insert(ctx context.Context, text string, width int) *insert {
	return &insert{ctx: ctx, conn: c, text: text, width: width, args: make([]driver.Value, 0, width*atOnce)}
}

func (i *insert) add(values ...driver.Value) error {
	i.args = append(i.args, values...)
	if len(i.args) < i.width*atOnce {
		return nil
	}
	return i.flush()
}

func (i *insert) flush() error {
	if len(i.args) == 0 {
		return nil
	}
	n := len(i.args) / i.width
	row := "(" + strings.Repeat("?, ", i.width-1) + "?)"
	changed, err := i.conn.exec(i.ctx, i.text+strings.Repeat(row+", ", n-1)+row+i.tail, i.args...)
	i.counts += changed
	i.args = i.args[:0]
	return err
}

// pool keeps connections for reading.
type pool struct {
	path   string
	mu     sync.Mutex
	idle   []*conn
	closed bool
}

// mostIdle is how many connections are kept when nobody reads.
const mostIdle = 8

func (p *pool) take(ctx context.Context) (*conn, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errors.New("the journal is closed")
	}
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	return dial(ctx, p.path, "query_only = 1", "cache_size = -16384")
}

func (p *pool) give(c *conn) {
	p.mu.Lock()
	keep := !p.closed && len(p.idle) < mostIdle
	if keep {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	if !keep {
		c.close()
	}
}

func (p *pool) close() error {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	var err error
	for _, c := range idle {
		err = errors.Join(err, c.close())
	}
	return err
}
