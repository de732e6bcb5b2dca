package sqlfacts

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"binnacle/facts"
	"binnacle/model"
)

// The memory that writers share, in bytes, what each may have at least, and the
// sizes from which lines and items are written: chunks are as large as reading one of them is still quick.
const (
	mostShared  = 48 << 20
	leastOwn    = 1 << 20
	chunkLines  = 8192
	fewestLines = 512
	blockItems  = 1024
	blockBytes  = 1 << 20
	rowsAtOnce  = 256
	// mergedTogether is how many merged combinations are named in a block.
	mergedTogether = 16384
)

// writer writes one load.
type writer struct {
	store  *Store
	ctx    context.Context
	header facts.Header
	n      int64
	build  *facts.Builder
	tables tables

	// What is packed and not written yet, and how much was written before.
	lines      *facts.LinePacker
	items      *facts.ItemPacker
	groups     *facts.ItemPacker
	chunks     int64
	itemBlocks int64
	// more are combinations of values that are merged in the roll-up, and merged the items that they are merged into, as texts.
	more, merged             *facts.ItemPacker
	moreBlocks, mergedBlocks int64
	groupBlocks              int64
	groupRows                []any
	groupsNamed              int64
	// daily has, for each daily column of the series, its place among those of the load, or -1.
	daily []int

	ended bool
	mu    sync.Mutex
	err   error
}

// Write begins a load.
func (s *Store) Write(ctx context.Context, h facts.Header) (facts.Writer, error) {
	w := &writer{store: s, ctx: ctx}
	var err error
	if w.build, err = facts.NewBuilder(h, keeper{w}); err != nil {
		return nil, err
	}
	w.header = w.build.Header()
	if err := s.begin(ctx, w); err != nil {
		return nil, fmt.Errorf("begin load %s: %w", h.Load, s.d.Explain(err))
	}
	series, _ := facts.SeriesOf(h.Series)
	w.tables = tablesOf(series)
	w.lines, w.items = facts.NewLinePacker(len(series.Measures)), facts.NewItemPacker(len(h.Columns))
	w.more, w.merged = facts.NewItemPacker(len(h.Columns)), facts.NewItemPacker(1)
	daily := w.header.Daily()
	w.groups = facts.NewItemPacker(len(daily))
	w.daily = make([]int, len(series.Daily))
	for i, c := range series.Daily {
		w.daily[i] = slices.Index(daily, c)
	}
	s.writers.Add(1)
	return w, nil
}

func (s *Store) begin(ctx context.Context, w *writer) error {
	if err := s.d.Writing(ctx); err != nil {
		return err
	}
	columns, err := json.Marshal(append([]string{}, w.header.Columns...))
	if err != nil {
		return err
	}
	var there int
	if err := s.sure.QueryRowContext(ctx, s.d.text("SELECT count(*) FROM {s}done WHERE id = ?"), w.header.Load.String()).Scan(&there); err != nil {
		return err
	}
	if there > 0 {
		return errThere
	}
	// The row is on disk at the latest when the load is committed.
	return s.quick.QueryRowContext(ctx, s.d.text("INSERT INTO {s}load (id, series, columns, session, begun) VALUES (?, ?, ?, ?, ?) RETURNING n"),
		w.header.Load.String(), w.header.Series, string(columns), s.d.Session, time.Now().UnixMilli()).Scan(&w.n)
}

var errThere = errors.New("it is there already")

// failed returns the first thing that went wrong.
func (w *writer) failed() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *writer) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// errEnded says that a writer is used after its end.
var errEnded = errors.New("the load has been committed or given up")

// Item returns the number of a combination of values.
func (w *writer) Item(hash facts.Hash, values func() []string) (uint32, error) {
	if w.ended {
		return 0, errEnded
	}
	return w.build.Item(hash, values)
}

// Add appends a line.
func (w *writer) Add(line *facts.Line) error {
	if w.ended {
		return errEnded
	}
	if err := w.build.Add(line); err != nil {
		return err
	}
	w.lines.Add(line)
	// How much memory is taken is looked at from time to time.
	if w.lines.Len()%fewestLines != 0 {
		return nil
	}
	open := max(1, w.store.writers.Load())
	if int64(w.lines.Len()) >= max(fewestLines, min(chunkLines, 16*chunkLines/open)) {
		if err := w.flushLines(); err != nil {
			return err
		}
	}
	if w.build.Bytes() > max(leastOwn, mostShared/open) {
		return w.build.Flush()
	}
	return nil
}

// send gives a job to the pump, unless something went wrong before.
func (w *writer) send(j job) error {
	if err := w.failed(); err != nil {
		return err
	}
	j.writer = w
	return w.store.pump.send(w.ctx, j)
}

func (w *writer) flushLines() error {
	n := w.lines.Len()
	if n == 0 {
		return nil
	}
	seq := w.chunks
	w.chunks++
	return w.send(job{table: &w.tables.chunk, packed: w.lines.Pack(nil), before: []any{w.n, seq, n}, place: chunkPlace(w.header.Load, seq)})
}

// chunkPlace and blockPlace name where bytes are, for their checksums and for errors.
func chunkPlace(load model.ID, seq int64) string { return fmt.Sprintf("load %s, chunk %d", load, seq) }

func blockPlace(load model.ID, part string, seq int64) string {
	return fmt.Sprintf("load %s, block %s%d", load, part, seq)
}

// keeper takes what the builder does not hold, for a writer.
type keeper struct{ w *writer }

// Item packs the next item.
func (k keeper) Item(values []string) error {
	w := k.w
	w.items.Add(values)
	if w.items.Len() < blockItems && w.items.Size() < blockBytes {
		return nil
	}
	return w.flushBlock("i", w.items, &w.itemBlocks)
}

// More packs the next combination of values that is merged in the roll-up.
func (k keeper) More(values []string, item uint32) error {
	w := k.w
	w.more.Add(values)
	w.merged.Add([]string{strconv.FormatUint(uint64(item), 10)})
	if w.more.Len() >= blockItems || w.more.Size() >= blockBytes {
		if err := w.flushBlock("x", w.more, &w.moreBlocks); err != nil {
			return err
		}
	}
	if w.merged.Len() < mergedTogether {
		return nil
	}
	return w.flushBlock("m", w.merged, &w.mergedBlocks)
}

// Group packs the next group, and makes the row of it that tools for reports read.
func (k keeper) Group(values []string) error {
	w := k.w
	w.groups.Add(values)
	w.groupRows = append(w.groupRows, w.n, w.groupsNamed)
	w.groupsNamed++
	for _, at := range w.daily {
		if at < 0 {
			w.groupRows = append(w.groupRows, nil)
		} else {
			w.groupRows = append(w.groupRows, plain(values[at]))
		}
	}
	if w.groups.Len() < rowsAtOnce {
		return nil
	}
	return w.flushGroups()
}

// plain returns a text that every database can hold.
func plain(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

func (w *writer) flushBlock(part string, p *facts.ItemPacker, blocks *int64) error {
	n := p.Len()
	if n == 0 {
		return nil
	}
	seq := *blocks
	*blocks++
	return w.send(job{table: &w.tables.block, packed: p.Pack(nil), before: []any{w.n, part, seq, n}, place: blockPlace(w.header.Load, part, seq)})
}

func (w *writer) flushGroups() error {
	if len(w.groupRows) == 0 {
		return nil
	}
	if err := w.flushBlock("g", w.groups, &w.groupBlocks); err != nil {
		return err
	}
	rows := w.groupRows
	w.groupRows = nil
	return w.send(job{table: &w.tables.group, rows: rows})
}

// Sums writes sums as rows.
func (k keeper) Sums(months, days *facts.Sums) error {
	w := k.w
	if err := w.flushSums(&w.tables.month, months, func(row []any, t *facts.Total) []any {
		return append(row, w.n, int64(t.Of), int64(w.build.GroupOf(t.Of)), t.At.String(), t.Lines)
	}); err != nil {
		return err
	}
	return w.flushSums(&w.tables.day, days, func(row []any, t *facts.Total) []any {
		return append(row, w.n, int64(t.Of), t.At.String(), t.Lines)
	})
}

func (w *writer) flushSums(table *table, sums *facts.Sums, begin func(row []any, t *facts.Total) []any) error {
	var rows []any
	n := 0
	for t := range sums.All() {
		if rows == nil {
			rows = make([]any, 0, rowsAtOnce*len(table.columns))
		}
		rows = begin(rows, &t)
		for _, sum := range t.Sums {
			rows = append(rows, sum.String())
		}
		if n++; n%rowsAtOnce == 0 {
			if err := w.send(job{table: table, rows: rows}); err != nil {
				return err
			}
			rows = nil
		}
	}
	if rows == nil {
		return nil
	}
	return w.send(job{table: table, rows: rows})
}

// finish writes what is left and waits until all of it is written.
func (w *writer) finish(ctx context.Context) error {
	if err := w.flushLines(); err != nil {
		return err
	}
	if err := w.flushBlock("i", w.items, &w.itemBlocks); err != nil {
		return err
	}
	if err := w.flushBlock("x", w.more, &w.moreBlocks); err != nil {
		return err
	}
	if err := w.flushBlock("m", w.merged, &w.mergedBlocks); err != nil {
		return err
	}
	if err := w.flushGroups(); err != nil {
		return err
	}
	if err := w.build.Flush(); err != nil {
		return err
	}
	if err := w.wait(ctx); err != nil {
		return err
	}
	return w.failed()
}

// wait waits until the pump has done everything that the writer gave to it.
func (w *writer) wait(ctx context.Context) error {
	p := w.store.pump
	reached := make(chan struct{})
	if err := p.send(ctx, job{reached: reached}); err != nil {
		return err
	}
	select {
	case <-reached:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.ended:
		return errClosed
	}
}

// Commit makes the lines durable.
func (w *writer) Commit(ctx context.Context) (facts.Totals, error) {
	totals, err := w.store.CommitAll(ctx, []facts.Writer{w})
	if err != nil {
		return facts.Totals{}, err
	}
	return totals[0], nil
}

// CommitAll makes the lines of several loads durable at once: all of them or, with an error, none. It gives up those that are not committed.
func (s *Store) CommitAll(ctx context.Context, writers []facts.Writer) ([]facts.Totals, error) {
	own := make([]*writer, len(writers))
	for i, w := range writers {
		var ok bool
		if own[i], ok = w.(*writer); !ok || own[i].store != s {
			return nil, errors.New("commit loads: a writer is of another store")
		}
		if own[i].ended {
			return nil, errEnded
		}
	}
	totals, err := s.commitAll(ctx, own)
	for _, w := range own {
		if err != nil {
			w.Abort()
		} else {
			w.end()
		}
	}
	return totals, err
}

func (s *Store) commitAll(ctx context.Context, writers []*writer) ([]facts.Totals, error) {
	totals := make([]facts.Totals, len(writers))
	fail := func(w *writer, err error) ([]facts.Totals, error) {
		return nil, fmt.Errorf("commit load %s: %w", w.header.Load, s.d.Explain(err))
	}
	for i, w := range writers {
		if err := w.finish(ctx); err != nil {
			return fail(w, err)
		}
		totals[i] = w.build.Totals()
	}
	if len(writers) == 0 {
		return totals, nil
	}
	tx, err := s.sure.BeginTx(ctx, nil)
	if err != nil {
		return fail(writers[0], err)
	}
	defer tx.Rollback()
	for i, w := range writers {
		if err := w.commit(ctx, tx, totals[i]); err != nil {
			return fail(w, err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fail(writers[0], err)
	}
	return totals, nil
}

// commit adds the row that makes the load count. All that it counts was written before.
func (w *writer) commit(ctx context.Context, tx *sql.Tx, totals facts.Totals) error {
	s := w.store
	e := ending{lines: totals.Lines, items: int64(w.build.Items()), groups: int64(w.build.Groups()), chunks: w.chunks}
	whole, more := w.build.Whole()
	e.whole, e.more = int64(whole), int64(more)
	for _, sum := range totals.Sums {
		e.sums = append(e.sums, sum.String())
	}
	if totals.Lines > 0 {
		e.first, e.last = totals.From.String(), totals.Until.String()
	}
	var there int
	if err := tx.QueryRowContext(ctx, s.d.text("SELECT count(*) FROM {s}done WHERE id = ?"), w.header.Load.String()).Scan(&there); err != nil {
		return err
	}
	if there > 0 {
		return errThere
	}
	id := w.header.Load.String()
	day := func(text string) any { return sql.NullString{String: text, Valid: text != ""} }
	done, err := tx.ExecContext(ctx, s.d.text(`INSERT INTO {s}done (load, id, committed, lines, first_day, last_day, items, whole, more, grps, chunks, sums, sum)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
		w.n, id, time.Now().UnixMilli(), e.lines, day(e.first), day(e.last), e.items, e.whole, e.more, e.groups, e.chunks, strings.Join(e.sums, " "), e.sum(id))
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, errors.New("the load could not be finished"))
	}
	return nil
}

// Abort throws the lines away.
func (w *writer) Abort() {
	if w.ended {
		return
	}
	w.end()
	w.fail(errEnded)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(w.ctx), time.Minute)
	defer cancel()
	// What cannot be removed now is removed when the store is opened again.
	if w.wait(ctx) == nil {
		w.store.remove(ctx, w.n)
	}
}

// end lets go of the memory.
func (w *writer) end() {
	w.ended = true
	w.store.writers.Add(-1)
}
