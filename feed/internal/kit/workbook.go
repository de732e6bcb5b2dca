package kit

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"binnacle/feed"
)

// Workbook is an XLSX file whose sheets are read one row at a time.
type Workbook struct {
	file *excelize.File
	// Since1904 says that days are counted from 1904 on.
	Since1904 bool
}

// IsWorkbook reports whether a content begins as XLSX files do.
func IsWorkbook(head []byte) bool { return bytes.HasPrefix(head, []byte("PK\x03\x04")) }

// The limits of a workbook.
const (
	// mostUnpacked is how many bytes a workbook may have when it is unpacked.
	mostUnpacked = 2 << 30
	// mostInMemory is how many bytes of a sheet are held in memory; larger ones are unpacked into a file.
	mostInMemory = 16 << 20
	// mostRatio is how many times larger than packed a workbook may be.
	mostRatio = 200
)

// OpenWorkbook opens an XLSX file. It must be closed.
func OpenWorkbook(content io.ReaderAt, size int64) (w *Workbook, err error) {
	defer guard(&err)
	z, err := zip.NewReader(content, size)
	if err != nil {
		return nil, fmt.Errorf("the workbook is not complete: %w", err)
	}
	var unpacked uint64
	book := false
	for _, f := range z.File {
		unpacked = min(unpacked, 1<<60) + min(f.UncompressedSize64, 1<<60)
		book = book || f.Name == "xl/workbook.xml"
	}
	switch {
	case !book:
		return nil, errors.New("this is an archive and no XLSX workbook")
	case len(z.File) > 10_000 || unpacked > mostUnpacked:
		return nil, fmt.Errorf("the workbook has %d parts of %d bytes when it is unpacked; the limits are 10000 and %d: save it as CSV", len(z.File), unpacked, mostUnpacked)
	case unpacked > mostInMemory && unpacked/uint64(max(1, size)) > mostRatio:
		return nil, fmt.Errorf("the workbook is %d times larger when it is unpacked; the limit is %d times: save it as CSV", unpacked/uint64(max(1, size)), mostRatio)
	}
	f, err := excelize.OpenReader(io.NewSectionReader(content, 0, size), excelize.Options{RawCellValue: true, UnzipSizeLimit: mostUnpacked, UnzipXMLSizeLimit: mostInMemory})
	if err != nil {
		return nil, fmt.Errorf("the workbook cannot be read: %w", err)
	}
	w = &Workbook{file: f}
	if props, err := f.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		w.Since1904 = *props.Date1904
	}
	return w, nil
}

// guard makes an error of a fault in the library that reads workbooks.
func guard(err *error) {
	if fault := recover(); fault != nil {
		*err = fmt.Errorf("the workbook is broken: %v", fault)
	}
}

// Sheets returns the names of the sheets that people see.
func (w *Workbook) Sheets() (names []string) {
	defer func() { _ = recover() }()
	for _, name := range w.file.GetSheetList() {
		if visible, err := w.file.GetSheetVisible(name); err == nil && visible {
			names = append(names, name)
		}
	}
	return names
}

// Close ends the use of the workbook.
func (w *Workbook) Close() error { return w.file.Close() }

// Rows returns the rows of a sheet. Numbers are written with a decimal point, and days and times as the numbers that the workbook keeps for them.
func (w *Workbook) Rows(sheet string) (out Rows, err error) {
	defer guard(&err)
	rows, err := w.file.Rows(sheet)
	if err != nil {
		return nil, fmt.Errorf("the sheet %s cannot be read: %w", sheet, err)
	}
	return &sheetRows{rows: rows}, nil
}

// sheetRows are the rows of one sheet.
type sheetRows struct {
	rows *excelize.Rows
	row  Row
	line int
	err  error
}

// Next goes to the next row that has a value.
func (s *sheetRows) Next() (more bool) {
	defer guard(&s.err)
	for s.err == nil && s.rows.Next() {
		s.line++
		cells, err := s.rows.Columns()
		if err != nil {
			s.err = fmt.Errorf("row %d of the sheet cannot be read: %w", s.line, err)
			return false
		}
		r := Row{Line: s.line, text: s.row.text[:0], cells: s.row.cells[:0]}
		filled := false
		for _, c := range cells[:min(len(cells), MostColumns)] {
			c = tidy(c)
			if len(c) > LongestValue {
				r.Problem = fmt.Sprintf("a cell has more than %d bytes", LongestValue)
				c = ""
			}
			from := uint32(len(r.text))
			r.text = append(r.text, c...)
			r.cells = append(r.cells, span{from, uint32(len(r.text))})
			filled = filled || c != ""
		}
		s.row = r
		if filled || r.Problem != "" {
			return true
		}
	}
	if s.err == nil {
		s.err = s.rows.Error()
	}
	return false
}

// tidy writes a number without the digits that come from its binary form, as spreadsheets show it.
func tidy(cell string) string {
	if len(cell) < 16 || len(cell) > 25 || cell[0] > '9' {
		return cell
	}
	for i := range len(cell) {
		if c := cell[i]; (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'E' && c != 'e' {
			return cell
		}
	}
	if !bytes.ContainsAny([]byte(cell), ".eE") {
		return cell
	}
	n, err := strconv.ParseFloat(cell, 64)
	if err != nil {
		return cell
	}
	short, _ := strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// Row returns the row.
func (s *sheetRows) Row() *Row { return &s.row }

// Err returns why the sheet cannot be read to its end, or nil.
func (s *sheetRows) Err() error { return s.err }

// Offset returns 0: how far a sheet has been read is not known.
func (s *sheetRows) Offset() int64 { return 0 }

// Close ends the reading.
func (s *sheetRows) Close() { s.rows.Close() }

// TableText returns a text of a table as UTF-8: from UTF-16 with a byte-order mark, and from
// Windows-1252 where it is no UTF-8, which the note says.
func TableText(in feed.BulkInput) (text io.Reader, note string, err error) {
	head := make([]byte, min(in.Size, 2))
	if _, err := in.Content.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	if bytes.Equal(head, []byte{0xFF, 0xFE}) || bytes.Equal(head, []byte{0xFE, 0xFF}) {
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Reader(in.Reader()), "", nil
	}
	valid, err := validUTF8(in.Reader())
	switch {
	case err != nil:
		return nil, "", err
	case valid:
		return in.Reader(), "", nil
	}
	return charmap.Windows1252.NewDecoder().Reader(in.Reader()), "The file is not UTF-8; it was read as Windows-1252. Where letters look wrong, save it as UTF-8.", nil
}

// validUTF8 reads a text to its end, or to the first byte that is no UTF-8.
func validUTF8(r io.Reader) (bool, error) {
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := io.ReadFull(r, buf[kept:])
		end := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !end {
			return false, err
		}
		text := buf[:kept+n]
		for len(text) > 0 {
			if !end && !utf8.FullRune(text) {
				break
			}
			c, size := utf8.DecodeRune(text)
			if c == utf8.RuneError && size == 1 || c == 0 {
				return c == 0, nil
			}
			text = text[size:]
		}
		if end {
			return true, nil
		}
		kept = copy(buf, text)
	}
}
