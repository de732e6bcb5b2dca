package kit

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf8"
)

// Rows gives the rows of a table one after the other. A row is valid until the next one is asked for.
type Rows interface {
	// Next goes to the next row. It returns false at the end, and where [Rows.Err] says why it goes no further.
	Next() bool
	// Row returns the row.
	Row() *Row
	// Err returns why the content cannot be read to its end, or nil.
	Err() error
	// Offset returns how many bytes of the content have been read for the rows so far.
	Offset() int64
	// Close ends the reading. It must be called.
	Close()
}

// Row is one row of a table.
type Row struct {
	// Line is the line on which the row starts, from 1.
	Line int
	// Problem says why the row cannot be split into values. It is empty where it can.
	Problem string

	text   []byte
	cells  []span
	start  uint32
	placed bool
}

// span is where a value stands in a text. A value that is nothing ends where it starts.
type span struct{ from, to uint32 }

// Len returns how many values the row has.
func (r *Row) Len() int { return len(r.cells) }

// Value returns a value, counted from 0. Empty texts and the words NULL and null
// are nothing, which is a value without bytes, as is a value that the row does not have.
func (r *Row) Value(i int) []byte {
	if i < 0 || i >= len(r.cells) {
		return nil
	}
	c := r.cells[i]
	return r.text[c.from:c.to:c.to]
}

// Place returns the line and the column at which a value starts, both from 1, the
// column in characters. The column is 0 where the content has none, as in Parquet.
func (r *Row) Place(i int) (line, column int) {
	if !r.placed || i < 0 || i >= len(r.cells) {
		return r.Line, 0
	}
	before := r.text[r.start:r.cells[i].from]
	if last := bytes.LastIndexByte(before, '\n'); last >= 0 {
		return r.Line + bytes.Count(before, []byte{'\n'}), utf8.RuneCount(before[last+1:]) + 1
	}
	return r.Line, utf8.RuneCount(before) + 1
}

// The limits of a table of bulk lines.
const (
	// LongestRow is how many bytes a row may have.
	LongestRow = 1 << 20
	// LongestValue is how many bytes a value may have.
	LongestValue = 128 << 10
	// MostColumns is how many columns a table may have.
	MostColumns = 1000
	// mostBroken is how many rows with broken quotes are passed over before the content is given up.
	mostBroken = 500
	// blockBytes is how much is split at a time.
	blockBytes = 256 << 10
)

// Comma returns the character that separates the values of a table, found out from its first line: a comma, a semicolon, a tab or a bar.
func Comma(head []byte) byte {
	count := map[byte]int{}
	quoted := false
	for _, c := range head {
		if c == '"' {
			quoted = !quoted
		}
		if !quoted && c == '\n' {
			break
		}
		if !quoted {
			count[c]++
		}
	}
	best := byte(',')
	for _, c := range []byte(";\t|") {
		if count[c] > count[best] {
			best = c
		}
	}
	return best
}

// Lines splits a CSV text into rows: quickly, with the place of every value, and
// in memory that does not grow with the text. It splits on a goroutine of its own. It
// bears with any line end, with a byte-order mark and with quotes inside of values that
// do not begin with one. A row whose quotes are broken has a problem, and reading goes on behind its first line.
type Lines struct {
	*stream
	in      io.Reader
	comma   byte
	carry   []byte
	line    int
	broken  int
	begun   bool
	escapes []int
}

// NewLines returns the rows of a CSV text. Close must be called at the end.
func NewLines(ctx context.Context, in io.Reader, comma byte) *Lines {
	l := &Lines{in: in, comma: comma, line: 1}
	l.stream = newStream(ctx, true)
	go l.run(l.fill)
	return l
}

// fill reads the next block and splits it. It returns false at the end of the text and at an error.
func (l *Lines) fill(b *block) bool {
	b.reset()
	b.text = append(b.text, l.carry...)
	for {
		size := max(blockBytes, 2*len(b.text))
		if cap(b.text) < size {
			b.text = append(make([]byte, 0, size), b.text...)
		}
		n, err := io.ReadFull(l.in, b.text[len(b.text):size])
		b.text = b.text[:len(b.text)+n]
		b.used += int64(n)
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			b.err = err
			return false
		}
		done := 0
		if !l.begun {
			l.begun = true
			if bytes.HasPrefix(b.text, []byte("\xFF\xFE")) || bytes.HasPrefix(b.text, []byte("\xFE\xFF")) {
				b.err = errors.New("the file is in UTF-16: save it as CSV in UTF-8")
				return false
			}
			if bytes.HasPrefix(b.text, []byte("\xEF\xBB\xBF")) {
				done = 3
			}
		}
		if done, b.err = l.split(b, done, end); b.err != nil {
			return false
		}
		if done > 0 || end {
			l.carry = append(l.carry[:0], b.text[done:]...)
			return !end
		}
	}
}

// split finds the rows of a block from an offset on and returns where the rest starts, which is the beginning of a row that may go on in the next block.
func (l *Lines) split(b *block, at int, end bool) (int, error) {
	for at < len(b.text) {
		row := rowAt{cells: len(b.cells), start: uint32(at), line: l.line}
		next, lines, problem := l.splitRow(b, at, end)
		if next < 0 && !end && len(b.text)-at <= LongestRow {
			b.cells = b.cells[:row.cells]
			return at, nil
		}
		if next < 0 || next-at > LongestRow {
			b.cells = b.cells[:row.cells]
			row.problem = fmt.Sprintf("the row has a quote that is not closed, or is longer than %d bytes: close the quote, or double the quotes inside of values", LongestRow)
			if l.broken++; l.broken > mostBroken {
				return 0, fmt.Errorf("more than %d rows have broken quotes, the last on line %d: save the file as CSV again", mostBroken, l.line)
			}
			if next, lines = bytes.IndexByte(b.text[at:], '\n')+at+1, 1; next == at {
				next = len(b.text)
			}
		} else if problem != "" {
			row.problem = problem
		}
		l.line += lines
		at = next
		if len(b.cells)-row.cells == 1 && blank(b.text[row.start:next]) {
			b.cells = b.cells[:row.cells]
			continue
		}
		b.rows = append(b.rows, row)
	}
	return at, nil
}

// blank reports whether a line has nothing in it.
func blank(line []byte) bool { return len(bytes.TrimSpace(line)) == 0 }

// splitRow finds the values of a row. It returns the offset behind the row, or -1 where the text ends before the row does, and how many lines the row has.
func (l *Lines) splitRow(b *block, at int, end bool) (next, lines int, problem string) {
	text, start, first := b.text, at, len(b.cells)
	l.escapes = l.escapes[:0]
	for {
		from := at
		if at < len(text) && text[at] == '"' {
			to, behind, escaped, loose := quoted(text, at, l.comma)
			if behind < 0 || behind == len(text) && !end {
				return -1, 0, ""
			}
			if escaped {
				l.escapes = append(l.escapes, len(b.cells))
			}
			if loose {
				problem = "a quote inside of a quoted value is not doubled: where the value ends is not certain"
			}
			b.cells = append(b.cells, span{uint32(from + 1), uint32(to)})
			at = behind
		} else {
			at = l.plain(text, at)
			if at == len(text) && !end {
				return -1, 0, ""
			}
			to := at
			if (at == len(text) || text[at] == '\n') && to > from && text[to-1] == '\r' {
				to--
			}
			b.cells = append(b.cells, span{uint32(from), uint32(to)})
		}
		if at == len(text) || text[at] == '\n' {
			break
		}
		at++
	}
	at = min(at+1, len(text))
	lines = bytes.Count(text[start:at], []byte{'\n'})
	for _, i := range l.escapes {
		b.cells[i].to = unescape(text, b.cells[i])
	}
	for i := first; i < len(b.cells); i++ {
		c := &b.cells[i]
		if c.to-c.from == 4 && isNull(text[c.from:c.to]) {
			c.to = c.from
		}
		if c.to-c.from > LongestValue {
			problem = fmt.Sprintf("value %d of the row is longer than %d bytes", i-first+1, LongestValue)
		}
	}
	if len(b.cells)-first > MostColumns {
		problem = fmt.Sprintf("the row has more than %d values", MostColumns)
	}
	return at, lines, problem
}

// Eight bytes are compared with a byte at once: each stands in a word of 64 bits.
const (
	lowest  = 0x0101010101010101
	highest = 0x8080808080808080
)

// equals returns a word in which the highest bit of every byte is set that equals the byte of a pattern. Bits above the lowest one that is set may be set wrongly.
func equals(word, pattern uint64) uint64 {
	x := word ^ pattern
	return (x - lowest) &^ x & highest
}

// plain returns the offset of the next comma or line end.
func (l *Lines) plain(text []byte, at int) int {
	comma, line := uint64(l.comma)*lowest, uint64('\n')*lowest
	for ; at+8 <= len(text); at += 8 {
		word := binary.LittleEndian.Uint64(text[at:])
		if found := equals(word, comma) | equals(word, line); found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(text) && text[at] != l.comma && text[at] != '\n' {
		at++
	}
	return at
}

// quoted finds the end of a value in quotes: where its text ends, the offset of the comma or line end behind
// it, which is -1 where the text ends before.
func quoted(text []byte, at int, comma byte) (to, behind int, escaped, loose bool) {
	for i := at + 1; ; {
		for ; i+8 <= len(text); i += 8 {
			if found := equals(binary.LittleEndian.Uint64(text[i:]), '"'*lowest); found != 0 {
				i += bits.TrailingZeros64(found) / 8
				break
			}
		}
		for i < len(text) && text[i] != '"' {
			i++
		}
		if i == len(text) {
			return 0, -1, false, false
		}
		i++
		switch {
		case i == len(text) || text[i] == comma || text[i] == '\n':
			return i - 1, i, escaped, loose
		case text[i] == '"':
			escaped = true
			i++
		case text[i] == '\r' && (i+1 == len(text) || text[i+1] == '\n'):
			return i - 1, i + 1, escaped, loose
		default:
			loose = true
		}
	}
}

// unescape makes single quotes of the doubled ones of a value and returns its new
// end. What it leaves over is filled with quotes, so that lines and characters before later values can still be counted.
func unescape(text []byte, c span) uint32 {
	out := c.from
	for i := c.from; i < c.to; i++ {
		text[out] = text[i]
		out++
		if text[i] == '"' && i+1 < c.to && text[i+1] == '"' {
			i++
		}
	}
	for i := out; i < c.to; i++ {
		text[i] = '"'
	}
	return out
}

// isNull reports whether a text of four letters is a word for nothing.
func isNull(word []byte) bool {
	return word[0]|0x20 == 'n' && word[1]|0x20 == 'u' && word[2]|0x20 == 'l' && word[3]|0x20 == 'l'
}
