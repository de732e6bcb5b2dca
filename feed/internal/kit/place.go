package kit

import (
	"bytes"
	"sort"
)

// Text is a content as UTF-8 that knows its lines and columns.
type Text struct {
	// Bytes is the text without a byte-order mark.
	Bytes []byte

	lines []int
	marks []int
}

// NewText returns a text that knows its lines.
func NewText(text []byte) *Text { return &Text{Bytes: text} }

// Place returns the line and the column of an offset in bytes. Both count from 1,
// the column in characters. It is quick also where all of a long text is one line.
func (t *Text) Place(offset int) (line, column int) {
	if t.lines == nil {
		t.lines = []int{0}
		for i, c := range t.Bytes {
			if c == '\n' {
				t.lines = append(t.lines, i+1)
			}
		}
	}
	offset = min(max(offset, 0), len(t.Bytes))
	line = sort.SearchInts(t.lines, offset+1)
	start := t.lines[line-1]
	if offset-start <= stride {
		return line, starts(t.Bytes[start:offset]) + 1
	}
	return line, t.characters(offset) - t.characters(start) + 1
}

// Next returns the offset at which the next value of a JSON text starts: behind white space, commas and colons.
func (t *Text) Next(offset int) int {
	offset = min(max(offset, 0), len(t.Bytes))
	for offset < len(t.Bytes) && bytes.IndexByte([]byte(" \t\r\n,:"), t.Bytes[offset]) >= 0 {
		offset++
	}
	return offset
}

// stride is how many bytes lie between two places where the number of characters before is known.
const stride = 512

// characters returns how many characters stand before an offset.
func (t *Text) characters(offset int) int {
	if t.marks == nil {
		t.marks = []int{0}
		for from := 0; from+stride <= len(t.Bytes); from += stride {
			t.marks = append(t.marks, t.marks[len(t.marks)-1]+starts(t.Bytes[from:from+stride]))
		}
	}
	return t.marks[offset/stride] + starts(t.Bytes[offset/stride*stride:offset])
}

// starts counts the bytes that start a character.
func starts(text []byte) int {
	n := 0
	for _, c := range text {
		if c&0xC0 != 0x80 {
			n++
		}
	}
	return n
}
