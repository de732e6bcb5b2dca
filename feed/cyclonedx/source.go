package cyclonedx

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"sort"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// source is a content as UTF-8 text without a byte-order mark, which knows its lines.
type source struct {
	text  []byte
	lines []int
	marks []int
}

var xmlEncoding = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']`)

// decode makes UTF-8 text of a content. It understands UTF-16 with a byte-order
// mark and the encodings that an XML declaration names.
func decode(data []byte, limit int64) (*source, error) {
	text := bytes.TrimPrefix(data, []byte("\xEF\xBB\xBF"))
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xFE")), bytes.HasPrefix(data, []byte("\xFE\xFF")):
		out, err := readAll(transform.NewReader(bytes.NewReader(data), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), limit)
		if err != nil {
			return nil, fmt.Errorf("the text cannot be read as UTF-16: %w", err)
		}
		text = out
	default:
		if m := xmlEncoding.FindSubmatch(text[:min(len(text), 300)]); m != nil && !utf8Label(m[1]) {
			reader, err := charset.NewReaderLabel(string(m[1]), bytes.NewReader(text))
			if err != nil {
				return nil, fmt.Errorf("the XML declaration names the encoding %q, which is not known: save the file as UTF-8", m[1])
			}
			if text, err = readAll(reader, limit); err != nil {
				return nil, fmt.Errorf("the text cannot be read as %s: %w", m[1], err)
			}
		}
	}
	src := &source{text: text}
	if at := invalidUTF8(text); at >= 0 {
		line, column := src.position(at)
		return nil, fmt.Errorf("line %d, column %d: the byte 0x%02X is not valid UTF-8: save the file as UTF-8", line, column, text[at])
	}
	return src, nil
}

func utf8Label(label []byte) bool {
	return bytes.EqualFold(label, []byte("utf-8")) || bytes.EqualFold(label, []byte("utf8")) || bytes.EqualFold(label, []byte("us-ascii"))
}

func readAll(r io.Reader, limit int64) ([]byte, error) {
	out, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(out)) > limit {
		err = fmt.Errorf("it has more than %d bytes as UTF-8", limit)
	}
	return out, err
}

func invalidUTF8(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// position returns the line and the column of an offset, both counted from 1.
func (s *source) position(offset int) (line, column int) {
	if s.lines == nil {
		s.lines = []int{0}
		for i, c := range s.text {
			if c == '\n' {
				s.lines = append(s.lines, i+1)
			}
		}
	}
	offset = min(max(offset, 0), len(s.text))
	line = sort.SearchInts(s.lines, offset+1)
	return line, s.characters(offset) - s.characters(s.lines[line-1]) + 1
}

// stride is how many bytes lie between two places where the characters before are known.
const stride = 4096

// characters returns how many characters stand before an offset. It is quick also where all of a long text is one line.
func (s *source) characters(offset int) int {
	if s.marks == nil {
		s.marks = []int{0}
		for from := 0; from+stride <= len(s.text); from += stride {
			s.marks = append(s.marks, s.marks[len(s.marks)-1]+starts(s.text[from:from+stride]))
		}
	}
	return s.marks[offset/stride] + starts(s.text[offset/stride*stride:offset])
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
