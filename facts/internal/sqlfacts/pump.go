package sqlfacts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"binnacle/facts"
)

// pump compresses and writes beside the goroutines that fill the loads. What
// follows each other for one load goes into one transaction, so that pages that fill up are written once.
type pump struct {
	store *Store
	jobs  chan job
	quit  chan struct{}
	ended chan struct{}
	once  sync.Once

	// What follows is used by run alone: the connection, its statements, the transaction with its load, and how many jobs it has.
	conn       *sql.Conn
	statements map[string]*sql.Stmt
	tx         *sql.Tx
	owner      *writer
	together   int
}

// job is rows to write. It has one of rows, packed and reached.
type job struct {
	writer *writer
	table  *table
	// rows are whole rows, one after another.
	rows []any
	// packed is bytes to compress and write as one row: what stands before them, and the name of their place.
	packed []byte
	before []any
	place  string
	// reached is closed when everything before is done.
	reached chan struct{}
}

// waiting is how many jobs may wait, and mostTogether how many of them make a transaction.
const (
	waiting      = 4
	mostTogether = 64
)

var errClosed = errors.New("the facts are closed")

func newPump(s *Store) *pump {
	p := &pump{store: s, jobs: make(chan job, waiting), quit: make(chan struct{}), ended: make(chan struct{})}
	go p.run()
	return p
}

func (p *pump) close() {
	p.once.Do(func() { close(p.quit) })
	<-p.ended
}

// send gives a job to the pump.
func (p *pump) send(ctx context.Context, j job) error {
	select {
	case p.jobs <- j:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.quit:
		return errClosed
	}
}

func (p *pump) run() {
	defer close(p.ended)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-p.quit
		cancel()
	}()
	defer p.drop()
	for {
		var j job
		select {
		case j = <-p.jobs:
		default:
			// Nothing waits: others may write meanwhile.
			p.finish()
			select {
			case <-p.quit:
				return
			case j = <-p.jobs:
			}
		}
		p.do(ctx, j)
	}
}

// do does one job. What goes wrong is the end of its load.
func (p *pump) do(ctx context.Context, j job) {
	if j.reached != nil {
		p.finish()
		close(j.reached)
		return
	}
	if p.owner != j.writer || p.together == mostTogether {
		p.finish()
	}
	if j.writer.failed() != nil {
		return
	}
	if err := p.write(ctx, &j); err != nil {
		j.writer.fail(fmt.Errorf("write the lines of load %s: %w", j.writer.header.Load, p.store.d.Explain(err)))
		p.drop()
	}
}

func (p *pump) write(ctx context.Context, j *job) error {
	rows := j.rows
	if j.packed != nil {
		sealed, sum, err := facts.Seal(j.place, j.packed)
		if err != nil {
			return err
		}
		rows = append(j.before, sealed, int64(sum))
	}
	n := len(rows) / len(j.table.columns)
	if n == 0 {
		return nil
	}
	if err := p.begin(ctx, j.writer); err != nil {
		return err
	}
	p.together++
	if n != 1 && n != rowsAtOnce {
		_, err := p.tx.ExecContext(ctx, p.insert(j.table, n), rows...)
		return err
	}
	name := fmt.Sprint(j.table.name, n)
	statement := p.statements[name]
	if statement == nil {
		var err error
		if statement, err = p.conn.PrepareContext(ctx, p.insert(j.table, n)); err != nil {
			return err
		}
		p.statements[name] = statement
	}
	// The statement belongs to the connection, and so does the transaction: it is in it without being prepared again.
	_, err := statement.ExecContext(ctx, rows...)
	return err
}

// insert returns the statement that puts n rows into a table.
func (p *pump) insert(t *table, n int) string {
	row := "(" + strings.Repeat("?, ", len(t.columns)-1) + "?)"
	return p.store.d.text("INSERT INTO {s}" + t.name + " (" + strings.Join(t.columns, ", ") + ") VALUES " + strings.Repeat(row+", ", n-1) + row)
}

// begin makes sure that there is a transaction for a load.
func (p *pump) begin(ctx context.Context, w *writer) (err error) {
	if p.tx != nil {
		return nil
	}
	if p.conn == nil {
		if p.conn, err = p.store.quick.Conn(ctx); err != nil {
			return err
		}
		p.statements = map[string]*sql.Stmt{}
	}
	p.tx, err = p.conn.BeginTx(ctx, nil)
	p.owner, p.together = w, 0
	return err
}

// finish ends the transaction.
func (p *pump) finish() {
	if p.tx == nil {
		return
	}
	if err := p.tx.Commit(); err != nil {
		p.owner.fail(fmt.Errorf("write the lines of load %s: %w", p.owner.header.Load, p.store.d.Explain(err)))
		p.drop()
	}
	p.tx, p.owner = nil, nil
}

// drop gives the transaction up, and the connection with it: the next job gets a new one.
func (p *pump) drop() {
	if p.tx != nil {
		p.tx.Rollback()
	}
	for _, statement := range p.statements {
		statement.Close()
	}
	if p.conn != nil {
		p.conn.Close()
	}
	p.tx, p.owner, p.conn, p.statements = nil, nil, nil, nil
}
