package sheet

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// row is one row of a table.
type row struct {
	line  int
	cells []cell
	// wrong says why the row cannot be read at all.
	wrong string
	// offset is where in the file the row is wrong.
	offset int
}

// cell is one cell of a row.
type cell struct {
	text string
	// offset is where in a text file the cell begins.
	offset int
	// line is the line that the cell begins on.
	line int
	// wrong says why the cell has no value that can be read.
	wrong string
}

// longestCell is how many bytes one cell may have. It is more than any field takes.
const longestCell = 2 << 20

// csvReader takes a text apart into rows, as RFC 4180 says and a little more
// forgiving: any line end, quotes inside cells that do not begin with one.
// A row whose quotes are broken is passed over, and reading goes on behind its first line.
type csvReader struct {
	text  []byte
	comma byte
	at    int
	line  int
	again int
}

func newCSVReader(text []byte, comma byte) *csvReader {
	return &csvReader{text: text, comma: comma, line: 1}
}

// next returns the next row, and false at the end. The cells are only valid until the row after it.
func (r *csvReader) next(cells []cell) (row, bool) {
	if r.at >= len(r.text) {
		return row{}, false
	}
	out := row{line: r.line, cells: cells[:0]}
	start := r.at
	for {
		c := cell{offset: r.at, line: r.line}
		quoted := r.at < len(r.text) && r.text[r.at] == '"'
		if quoted {
			c.text, out.wrong = r.quoted()
			if out.wrong != "" {
				out.offset = c.offset
				r.resume(start, out.line)
				return out, true
			}
		} else {
			end := r.at
			for end < len(r.text) && r.text[end] != r.comma && r.text[end] != '\n' && r.text[end] != '\r' {
				end++
			}
			if end-r.at > longestCell {
				out.wrong, out.offset = tooLong, c.offset
			}
			c.text = string(r.text[r.at:min(end, r.at+longestCell)])
			r.at = end
		}
		out.cells = append(out.cells, c)
		if r.at < len(r.text) && r.text[r.at] == r.comma {
			r.at++
			continue
		}
		r.lineEnd()
		return out, true
	}
}

var tooLong = fmt.Sprintf("the cell has more than %d bytes: perhaps a quote is missing", longestCell)

// quoted reads a cell that begins with a quote, up to what follows its end.
func (r *csvReader) quoted() (text, wrong string) {
	var out []byte
	from := r.at
	r.at++
	for {
		n := bytes.IndexByte(r.text[r.at:], '"')
		if n < 0 {
			r.at = len(r.text)
			return "", "the quote that begins here has no end: the file is not complete, or a quote must be written twice"
		}
		if r.at+n-from > longestCell {
			r.at += n
			return "", tooLong
		}
		out = append(out, r.text[r.at:r.at+n]...)
		r.at += n + 1
		if r.at < len(r.text) && r.text[r.at] == '"' {
			out = append(out, '"')
			r.at++
			continue
		}
		break
	}
	r.line += lineEnds(r.text[from:r.at])
	for r.at < len(r.text) && r.text[r.at] == ' ' && r.comma != ' ' {
		r.at++
	}
	if r.at < len(r.text) && r.text[r.at] != r.comma && r.text[r.at] != '\n' && r.text[r.at] != '\r' {
		return "", "something stands behind the closing quote: a quote inside a cell must be written twice"
	}
	return string(out), ""
}

// resume goes on behind the first line of a row that is broken. Where that has
// been done over too much text already, it goes on behind the place that was reached.
func (r *csvReader) resume(start, line int) {
	reached := r.at
	r.at, r.line = start, line
	if r.again += reached - start; r.again > 4*len(r.text) {
		r.line += lineEnds(r.text[start:reached])
		r.at = reached
	}
	n := bytes.IndexAny(r.text[r.at:], "\r\n")
	if n < 0 {
		r.at = len(r.text)
		return
	}
	r.at += n
	r.lineEnd()
}

func (r *csvReader) lineEnd() {
	if r.at >= len(r.text) {
		return
	}
	if r.text[r.at] == '\r' && r.at+1 < len(r.text) && r.text[r.at+1] == '\n' {
		r.at++
	}
	r.at++
	r.line++
}

// lineEnds counts the line ends of a text, of any sort.
func lineEnds(text []byte) int {
	return bytes.Count(text, []byte("\n")) + bytes.Count(text, []byte("\r")) - bytes.Count(text, []byte("\r\n"))
}

// column returns the place of a byte in its line, in characters from 1.
func (r *csvReader) column(offset int) int {
	start := bytes.LastIndexAny(r.text[max(0, offset-longestCell):offset], "\r\n") + 1
	return 1 + utf8.RuneCount(r.text[max(0, offset-longestCell)+start:offset])
}

// sniffed is what the beginning of a text says of its form.
type sniffed struct {
	comma  byte
	header []cell
	// columns is how many columns most rows have. The header is the first row with so many.
	columns int
	// rows is how many rows were looked at, from the header on.
	rows int
	// alike is how many of them have as many columns as the first one.
	alike int
	// skip is how many bytes of the text only name the separator.
	skip int
}

// sniffRows is how many rows are looked at to find the separator.
const sniffRows = 30

// sniff finds the separator: the one that gives the most rows with the same number of columns.
func sniff(text []byte) sniffed {
	if len(text) >= 5 && bytes.EqualFold(text[:4], []byte("sep=")) {
		if n := bytes.IndexAny(text, "\r\n"); n == 5 {
			r := newCSVReader(text, text[4])
			r.at = n
			r.lineEnd()
			out := sniffAs(text[r.at:], text[4])
			out.skip = r.at
			return out
		}
	}
	best := sniffed{comma: ',', columns: 1}
	for _, comma := range []byte{',', ';', '\t', '|'} {
		if s := sniffAs(text, comma); s.better(best) {
			best = s
		}
	}
	return best
}

func (s sniffed) better(than sniffed) bool {
	if (s.columns > 1) != (than.columns > 1) {
		return s.columns > 1
	}
	if mine, other := s.alike*max(1, than.rows), than.alike*max(1, s.rows); mine != other {
		return mine > other
	}
	return s.columns > than.columns
}

func sniffAs(text []byte, comma byte) sniffed {
	cut := len(text) > sniffBytes
	r := newCSVReader(text[:min(len(text), sniffBytes)], comma)
	var rows []row
	for len(rows) < sniffRows {
		row, ok := r.next(nil)
		if !ok || cut && r.at >= len(r.text) && len(rows) > 0 {
			break
		}
		if !blank(row) {
			rows = append(rows, row)
		}
	}
	out := sniffed{comma: comma, columns: usual(rows)}
	for _, row := range rows {
		if out.header == nil && len(row.cells) != out.columns {
			continue
		}
		if out.rows++; out.rows == 1 {
			out.header = row.cells
		}
		if len(row.cells) == out.columns && row.wrong == "" {
			out.alike++
		}
	}
	return out
}

// usual returns how many columns most of the rows have; one column only where no row has more.
func usual(rows []row) int {
	count := map[int]int{}
	for _, r := range rows {
		count[len(r.cells)]++
	}
	best := 1
	for n, times := range count {
		if n > 1 && (best == 1 || times > count[best] || times == count[best] && n > best) {
			best = n
		}
	}
	return best
}

// sniffBytes is how much of a text is looked at to find the separator.
const sniffBytes = 64 << 10
