package sheet

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html/charset"

	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// workbook is an XLSX file whose sheets are read one row at a time.
type workbook struct {
	parts   map[string]*zip.File
	limits  feed.Limits
	spent   int64
	sheets  []worksheet
	strings []string
	styles  []numberFormat
	date04  bool
}

// worksheet is one sheet of a workbook.
type worksheet struct {
	name   string
	part   string
	hidden bool
}

// mostParts is how many files an XLSX file may hold.
const mostParts = 10_000

// openWorkbook reads everything of an XLSX file but the rows.
func openWorkbook(data []byte, limits feed.Limits) (*workbook, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("the workbook is not complete: %w", err)
	}
	if len(z.File) > mostParts {
		return nil, fmt.Errorf("the workbook has %d parts; the limit is %d", len(z.File), mostParts)
	}
	w := &workbook{parts: map[string]*zip.File{}, limits: limits}
	var packed, unpacked uint64
	for _, f := range z.File {
		w.parts[strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))] = f
		packed += f.CompressedSize64
		unpacked = min(unpacked, 1<<60) + min(f.UncompressedSize64, 1<<60)
	}
	if unpacked > uint64(limits.Bytes) {
		return nil, fmt.Errorf("the workbook has %d bytes when it is unpacked; the limit is %d", unpacked, limits.Bytes)
	}
	if unpacked > 10<<20 && unpacked/max(1, packed) > uint64(limits.Ratio) {
		return nil, fmt.Errorf("the workbook is %d times larger when it is unpacked; the limit is %d times", unpacked/max(1, packed), limits.Ratio)
	}
	main, err := w.related("_rels/.rels", "", "/officeDocument")
	if err != nil {
		return nil, err
	}
	book := "xl/workbook.xml"
	for _, target := range main {
		book = target
	}
	return w, w.readBook(book)
}

// open opens a part. It gives no more bytes than the limits leave.
func (w *workbook) open(name string) (io.ReadCloser, error) {
	f := w.parts[strings.ToLower(name)]
	if f == nil {
		return nil, fmt.Errorf("the workbook has no part %s", name)
	}
	rc, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("the part %s of the workbook: %w", name, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{&counted{from: rc, book: w}, rc}, nil
}

// counted counts what was unpacked of a workbook.
type counted struct {
	from io.Reader
	book *workbook
}

// Read reads as long as the workbook is within its limit. Sheets are read twice at most.
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	if c.book.spent += int64(n); c.book.spent > 3*c.book.limits.Bytes {
		return n, fmt.Errorf("the workbook is larger than the limit of %d bytes", c.book.limits.Bytes)
	}
	return n, err
}

// elements calls a function with every start of an element, which may read on.
func (w *workbook) elements(name string, start func(d *xml.Decoder, e xml.StartElement) error) error {
	rc, err := w.open(name)
	if err != nil {
		return err
	}
	defer rc.Close()
	d := decoder(rc)
	for {
		tok, err := token(d)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the part %s of the workbook: %w", name, err)
		}
		if e, ok := tok.(xml.StartElement); ok {
			if err := start(d, e); err != nil {
				return fmt.Errorf("the part %s of the workbook: %w", name, err)
			}
		}
	}
}

func decoder(r io.Reader) *xml.Decoder {
	d := xml.NewDecoder(r)
	d.CharsetReader = charset.NewReaderLabel
	return d
}

// token reads a token. Declarations of a document type, which could define entities, are refused.
func token(d *xml.Decoder) (xml.Token, error) {
	tok, err := d.RawToken()
	if _, declared := tok.(xml.Directive); declared {
		return nil, errors.New("a document type is declared, which is not allowed")
	}
	return tok, err
}

// related returns the parts that a part refers to with a type that ends so, by the id of the relation.
func (w *workbook) related(rels, folder, suffix string) (map[string]string, error) {
	out := map[string]string{}
	if w.parts[rels] == nil {
		return out, nil
	}
	err := w.elements(rels, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "Relationship" || !strings.HasSuffix(kit.Attribute(e.Attr, "Type"), suffix) || kit.Attribute(e.Attr, "TargetMode") == "External" {
			return nil
		}
		target := kit.Attribute(e.Attr, "Target")
		if strings.HasPrefix(target, "/") {
			target = target[1:]
		} else {
			target = path.Join(folder, target)
		}
		out[kit.Attribute(e.Attr, "Id")] = target
		return nil
	})
	return out, err
}

func (w *workbook) readBook(book string) error {
	folder, file := path.Split(book)
	rels := strings.ToLower(folder + "_rels/" + file + ".rels")
	sheets, err := w.related(rels, folder, "/worksheet")
	if err != nil {
		return err
	}
	err = w.elements(book, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			w.date04 = kit.Attribute(e.Attr, "date1904") == "1" || kit.Attribute(e.Attr, "date1904") == "true"
		case "sheet":
			part := ""
			for _, a := range e.Attr {
				if a.Name.Local == "id" && a.Name.Space != "" {
					part = sheets[a.Value]
				}
			}
			if part != "" {
				w.sheets = append(w.sheets, worksheet{kit.Attribute(e.Attr, "name"), part, kit.Attribute(e.Attr, "state") != "" && kit.Attribute(e.Attr, "state") != "visible"})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for suffix, read := range map[string]func(string) error{"/sharedStrings": w.readStrings, "/styles": w.readStyles} {
		parts, err := w.related(rels, folder, suffix)
		if err != nil {
			return err
		}
		for _, part := range parts {
			if err := read(part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *workbook) readStrings(part string) error {
	return w.elements(part, func(d *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local != "si" {
			return nil
		}
		text, err := richText(d, "si")
		w.strings = append(w.strings, text)
		return err
	})
}

// richText reads the text up to the end of an element, without the reading aids of Japanese.
func richText(d *xml.Decoder, end string) (string, error) {
	var out strings.Builder
	inText, aid := false, false
	for {
		tok, err := token(d)
		if err != nil {
			return "", err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			inText = tok.Name.Local == "t"
			aid = aid || tok.Name.Local == "rPh"
		case xml.EndElement:
			inText = false
			switch tok.Name.Local {
			case "rPh":
				aid = false
			case end:
				return unescape(out.String()), nil
			}
		case xml.CharData:
			if inText && !aid {
				out.Write(tok)
			}
		}
	}
}

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescape resolves the escapes that XLSX uses for characters that XML cannot hold.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return escaped.ReplaceAllStringFunc(text, func(code string) string {
		n, _ := strconv.ParseUint(code[2:6], 16, 32)
		if n >= 0xD800 && n < 0xE000 {
			return code
		}
		return string(rune(n))
	})
}

func (w *workbook) readStyles(part string) error {
	custom := map[int]string{}
	inCells := false
	return w.elements(part, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if id, err := strconv.Atoi(kit.Attribute(e.Attr, "numFmtId")); err == nil {
				custom[id] = kit.Attribute(e.Attr, "formatCode")
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs", "cellStyleXfs":
			inCells = false
		case "xf":
			if inCells {
				id, _ := strconv.Atoi(kit.Attribute(e.Attr, "numFmtId"))
				w.styles = append(w.styles, formatOf(id, custom[id]))
			}
		}
		return nil
	})
}

// area is a block of merged cells; its value stands in the first of them.
type area struct{ left, top, right, bottom int }

// mergedAreas reads the merged cells of a sheet, which stand behind its rows.
func (w *workbook) mergedAreas(sheet worksheet) ([]area, error) {
	var out []area
	rc, err := w.open(sheet.part)
	if err != nil {
		return nil, err
	}
	defer rc.Close()
	buf := make([]byte, 64<<10)
	kept := 0
	for {
		n, err := io.ReadFull(rc, buf[kept:])
		window := buf[:kept+n]
		for _, m := range mergeCell.FindAllSubmatch(window, -1) {
			a, ok := parseArea(string(m[1]))
			if ok && len(out) < mostMerges {
				out = append(out, a)
			}
		}
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return out, nil
			}
			return nil, fmt.Errorf("the sheet %s: %w", sheet.name, err)
		}
		// What may be the beginning of an element is looked at again with what follows. An area that is found twice does no harm.
		kept = len(window) - max(bytes.LastIndexByte(window, '<'), len(window)-200)
		copy(buf, window[len(window)-kept:])
	}
}

// mostMerges is how many merged blocks of a sheet are filled in.
const mostMerges = 10_000

var mergeCell = regexp.MustCompile(`<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Za-z0-9:$]{1,40})"`)

func parseArea(ref string) (area, bool) {
	from, to, _ := strings.Cut(strings.ReplaceAll(ref, "$", ""), ":")
	left, top := parseCell(from)
	right, bottom := parseCell(cmp.Or(to, from))
	return area{left, top, right, bottom}, left >= 0 && top > 0 && right >= left && bottom >= top
}

// parseCell takes a name such as C7 apart into its column, from 0, and its row, from 1. It gives -1 and 0 for what is no such name.
func parseCell(name string) (column, line int) {
	i := 0
	for i < len(name) && i < 3 && (name[i]|0x20) >= 'a' && (name[i]|0x20) <= 'z' {
		column = column*26 + int(name[i]|0x20-'a') + 1
		i++
	}
	line, err := strconv.Atoi(name[i:])
	if i == 0 || err != nil || line < 1 || line > mostRows || column > mostColumns {
		return -1, 0
	}
	return column - 1, line
}

// letters writes the number of a column, from 0, as spreadsheets do: A, B, … Z, AA.
func letters(column int) string {
	out := ""
	for column++; column > 0; column = (column - 1) / 26 {
		out = string(rune('A'+(column-1)%26)) + out
	}
	return out
}

// The size of a sheet as XLSX limits it.
const (
	mostRows    = 1 << 20
	mostColumns = 1 << 14
)
