package kit

import (
	"context"
	"fmt"
)

// block is a stretch of whole rows.
type block struct {
	text  []byte
	cells []span
	rows  []rowAt
	used  int64
	err   error
}

// rowAt is a row in a block.
type rowAt struct {
	cells   int
	start   uint32
	line    int
	problem string
}

// blocks is how many blocks are on their way.
const blocks = 4

// stream hands blocks of rows from the goroutine that makes them to the one that
// uses them, and takes them back. It is what all [Rows] have in common.
type stream struct {
	ctx    context.Context
	stop   context.CancelFunc
	full   chan *block
	free   chan *block
	cur    *block
	next   int
	row    Row
	err    error
	offset int64
	placed bool
}

// newStream returns a stream. Placed says that columns of values are known.
func newStream(ctx context.Context, placed bool) *stream {
	s := &stream{full: make(chan *block, blocks), free: make(chan *block, blocks), placed: placed}
	s.ctx, s.stop = context.WithCancel(ctx)
	for range blocks {
		s.free <- &block{}
	}
	return s
}

// run lets a function fill blocks until it returns false. What panics in it, such as a library on a damaged file, becomes an error.
func (s *stream) run(fill func(*block) bool) {
	defer close(s.full)
	for more := true; more; {
		var b *block
		select {
		case b = <-s.free:
		case <-s.ctx.Done():
			return
		}
		more = guarded(fill, b)
		select {
		case s.full <- b:
		case <-s.ctx.Done():
			return
		}
	}
}

func guarded(fill func(*block) bool, b *block) (more bool) {
	defer func() {
		if p := recover(); p != nil {
			b.err, more = fmt.Errorf("the file is damaged: %.200s", fmt.Sprint(p)), false
		}
	}()
	return fill(b)
}

// reset makes a block empty.
func (b *block) reset() {
	b.text, b.cells, b.rows, b.used, b.err = b.text[:0], b.cells[:0], b.rows[:0], 0, nil
}

// begin starts a row on a line.
func (b *block) begin(line int) {
	b.rows = append(b.rows, rowAt{cells: len(b.cells), start: uint32(len(b.text)), line: line})
}

// end ends a value that starts at an offset and goes to the end of the text.
func (b *block) end(from int) {
	c := span{uint32(from), uint32(len(b.text))}
	if c.to-c.from == 4 && isNull(b.text[from:]) {
		c.to = c.from
	}
	if c.to-c.from > LongestValue {
		b.rows[len(b.rows)-1].problem = fmt.Sprintf("value %d of the row is longer than %d bytes", len(b.cells)-b.rows[len(b.rows)-1].cells+1, LongestValue)
		b.text = b.text[:from]
		c.to = c.from
	}
	b.cells = append(b.cells, c)
}

// Next goes to the next row.
func (s *stream) Next() bool {
	for s.cur == nil || s.next >= len(s.cur.rows) {
		if s.err != nil {
			return false
		}
		if s.cur != nil {
			s.offset += s.cur.used
			if s.err = s.cur.err; s.err != nil {
				return false
			}
			s.free <- s.cur
			s.cur = nil
		}
		b, ok := <-s.full
		if !ok {
			s.err = s.ctx.Err()
			return false
		}
		s.cur, s.next = b, 0
	}
	b := s.cur
	at := &b.rows[s.next]
	s.next++
	end := len(b.cells)
	if s.next < len(b.rows) {
		end = b.rows[s.next].cells
	}
	s.row = Row{Line: at.line, Problem: at.problem, text: b.text, cells: b.cells[at.cells:end], start: at.start, placed: s.placed}
	return true
}

// Row returns the row.
func (s *stream) Row() *Row { return &s.row }

// Err returns why the content cannot be read to its end, or nil.
func (s *stream) Err() error { return s.err }

// Offset returns how many bytes of the content have been read.
func (s *stream) Offset() int64 { return s.offset }

// Close ends the reading and waits for it.
func (s *stream) Close() {
	s.stop()
	for range s.full {
	}
}
