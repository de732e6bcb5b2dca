package sheet

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"binnacle/feed/internal/kit"
)

// rowReader reads the rows of a worksheet one after the other.
type rowReader struct {
	book   *workbook
	sheet  worksheet
	part   io.ReadCloser
	xml    *xml.Decoder
	line   int
	merged []area
	// above holds the values of merged cells by their place in merged, as long as rows below may need them.
	above map[int]cell
	done  bool
}

func (w *workbook) rows(sheet worksheet) (*rowReader, error) {
	merged, err := w.mergedAreas(sheet)
	if err != nil {
		return nil, err
	}
	part, err := w.open(sheet.part)
	if err != nil {
		return nil, err
	}
	return &rowReader{book: w, sheet: sheet, part: part, xml: decoder(part), merged: merged, above: map[int]cell{}}, nil
}

func (r *rowReader) close() { r.part.Close() }

// next returns the next row that has cells, and false at the end of the sheet.
func (r *rowReader) next(cells []cell) (row, bool, error) {
	for !r.done {
		tok, err := token(r.xml)
		if errors.Is(err, io.EOF) {
			err = errors.New("it ends too early")
		}
		if err != nil {
			return row{}, false, fmt.Errorf("the sheet %s is broken behind row %d: %w", r.sheet.name, r.line, err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if tok.Name.Local != "row" {
				continue
			}
			r.line++
			if n, err := strconv.Atoi(kit.Attribute(tok.Attr, "r")); err == nil && n >= r.line && n <= mostRows {
				r.line = n
			}
			out := row{line: r.line, cells: cells[:0]}
			if err := r.readRow(&out); err != nil {
				return row{}, false, fmt.Errorf("the sheet %s is broken in row %d: %w", r.sheet.name, r.line, err)
			}
			r.fill(&out)
			return out, true, nil
		case xml.EndElement:
			r.done = tok.Name.Local == "sheetData"
		}
	}
	return row{}, false, nil
}

func (r *rowReader) readRow(out *row) error {
	for {
		tok, err := token(r.xml)
		if err != nil {
			return err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if tok.Name.Local != "c" {
				continue
			}
			column := len(out.cells)
			if name := kit.Attribute(tok.Attr, "r"); name != "" {
				if c, line := parseCell(name); line > 0 && c >= column {
					column = c
				}
			}
			if column >= mostColumns {
				return fmt.Errorf("there are more than %d columns", mostColumns)
			}
			for len(out.cells) < column {
				out.cells = append(out.cells, cell{})
			}
			c, err := r.readCell(tok)
			if err != nil {
				return err
			}
			out.cells = append(out.cells, c)
		case xml.EndElement:
			if tok.Name.Local == "row" {
				return nil
			}
		}
	}
}

func (r *rowReader) readCell(start xml.StartElement) (cell, error) {
	var value strings.Builder
	var inline string
	formula, stored, in := false, false, ""
	for {
		tok, err := token(r.xml)
		if err != nil {
			return cell{}, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			in = tok.Name.Local
			switch in {
			case "f":
				formula = true
			case "v":
				stored = true
			case "is":
				if inline, err = richText(r.xml, "is"); err != nil {
					return cell{}, err
				}
			}
		case xml.CharData:
			if in == "v" {
				value.Write(tok)
			}
		case xml.EndElement:
			in = ""
			if tok.Name.Local == "c" {
				if formula && !stored {
					return cell{wrong: "the formula has no stored result: open the file in a spreadsheet program and save it"}, nil
				}
				return r.value(kit.Attribute(start.Attr, "t"), kit.Attribute(start.Attr, "s"), value.String(), inline), nil
			}
		}
	}
}

// value makes the text of a cell that a person sees, with dates and moments as ISO 8601 has them.
func (r *rowReader) value(typ, style, text, inline string) cell {
	switch typ {
	case "inlineStr":
		return cell{text: inline}
	case "str":
		return cell{text: unescape(text)}
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 0 || n >= len(r.book.strings) {
			return cell{wrong: fmt.Sprintf("the cell refers to the text number %.20q, which there is not", text)}
		}
		return cell{text: r.book.strings[n]}
	case "b":
		return cell{text: strconv.FormatBool(strings.TrimSpace(text) == "1" || strings.TrimSpace(text) == "true")}
	case "e":
		return cell{wrong: "the cell shows the error " + text}
	case "d":
		return cell{text: strings.TrimSuffix(text, "T00:00:00")}
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return cell{text: text}
	}
	format := numberFormat{}
	if i, err := strconv.Atoi(style); err == nil && i >= 0 && i < len(r.book.styles) {
		format = r.book.styles[i]
	}
	return cell{text: format.text(n, r.book.date04)}
}

// fill puts the value of merged cells into those of the row that have none.
func (r *rowReader) fill(out *row) {
	for i, m := range r.merged {
		if out.line == m.top && m.left < len(out.cells) {
			r.above[i] = out.cells[m.left]
		}
		if out.line < m.top || out.line > m.bottom {
			continue
		}
		c, ok := r.above[i]
		if !ok {
			continue
		}
		for column := m.left; column <= min(m.right, m.left+1000); column++ {
			for len(out.cells) <= column {
				out.cells = append(out.cells, cell{})
			}
			if out.cells[column].text == "" {
				out.cells[column] = c
			}
		}
		if out.line == m.bottom {
			delete(r.above, i)
		}
	}
}

// numberFormat is how a number is shown, as far as that changes what it means.
type numberFormat struct {
	date, clock, elapsed, percent bool
	// zeros is how many digits a whole number is filled up to.
	zeros int
}

// formatOf reads the code of a number format. Formats without a code are the built-in ones.
func formatOf(id int, code string) numberFormat {
	if code == "" {
		switch {
		case id == 9, id == 10:
			return numberFormat{percent: true}
		case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
			return numberFormat{date: true}
		case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 47, id == 55, id == 56:
			return numberFormat{clock: true}
		case id == 22:
			return numberFormat{date: true, clock: true}
		case id == 46:
			return numberFormat{elapsed: true}
		}
		return numberFormat{}
	}
	var out numberFormat
	code, _, _ = strings.Cut(code, ";")
	if strings.Trim(code, "0") == "" && len(code) > 1 {
		out.zeros = len(code)
	}
	for i := 0; i < len(code); i++ {
		switch c := code[i] | 0x20; {
		case code[i] == '"':
			for i++; i < len(code) && code[i] != '"'; i++ {
			}
		case code[i] == '\\', code[i] == '_', code[i] == '*':
			i++
		case code[i] == '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return out
			}
			inner := strings.ToLower(code[i+1 : i+end])
			out.elapsed = out.elapsed || inner != "" && (strings.Trim(inner, "h") == "" || strings.Trim(inner, "m") == "" || strings.Trim(inner, "s") == "")
			i += end
		case code[i] == '%':
			out.percent = true
		case c == 'y', c == 'd':
			out.date = true
		case c == 'h', c == 's':
			out.clock = true
		case c == 'm' && !out.clock && !strings.ContainsAny(strings.ToLower(code), "hs"):
			out.date = true
		case c == 'g' && strings.HasPrefix(strings.ToLower(code[i:]), "general"):
			i += len("general") - 1
		}
	}
	return out
}

// text writes a number as its format means it.
func (f numberFormat) text(n float64, date04 bool) string {
	plain := strconv.FormatFloat(n, 'f', -1, 64)
	switch {
	case f.elapsed && n >= 0 && n < 1e6:
		return elapsed(n)
	case (f.date || f.clock) && n >= 0 && n < 2958466:
		return f.moment(n, date04)
	case f.percent:
		return shift(plain) + "%"
	case f.zeros > len(plain) && n >= 0 && n == math.Trunc(n):
		return strings.Repeat("0", f.zeros-len(plain)) + plain
	}
	return plain
}

func (f numberFormat) moment(n float64, date04 bool) string {
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case date04:
		day = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case n < 60:
		day = day.AddDate(0, 0, 1)
	}
	whole, part := math.Modf(n)
	t := day.AddDate(0, 0, int(whole)).Add(time.Duration(math.Round(part*86400_000)) * time.Millisecond)
	switch {
	case !f.date:
		return t.Format("15:04:05")
	case f.clock || part != 0:
		return t.Format("2006-01-02T15:04:05.999Z")
	}
	return t.Format(time.DateOnly)
}

// elapsed writes a number of days as a length of time, such as 36h30m.
func elapsed(days float64) string {
	seconds := int64(math.Round(days * 86400))
	out := fmt.Sprintf("%dh%dm", seconds/3600, seconds/60%60)
	if s := seconds % 60; s > 0 {
		out += fmt.Sprintf("%ds", s)
	}
	return out
}

// shift moves the point of a number two places to the right, so that a share becomes a percentage without rounding.
func shift(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, part, _ := strings.Cut(number, ".")
	part += "00"
	whole, part = strings.TrimLeft(whole+part[:2], "0"), strings.TrimRight(part[2:], "0")
	if whole == "" {
		whole = "0"
	}
	if part != "" {
		part = "." + part
	}
	return sign + whole + part
}
