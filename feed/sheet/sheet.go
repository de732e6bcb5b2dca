// Package sheet reads and writes tables: CSV files and XLSX workbooks whose rows
// are records of any kind. The first row names the fields, in the words of
// Binnacle or in those that people use.
package sheet

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode/utf8"

	"binnacle/feed"
	"binnacle/model"
)

const formatName = "sheet"

// Format reads tables.
var Format = feed.Format{
	Name:   formatName,
	Label:  "Table (CSV or XLSX)",
	Help:   "Every row becomes a record of the kind that is given, that a column called kind names, or that the headers show. Empty cells change nothing.",
	Rank:   60,
	Detect: Detect,
	Read:   Read,
}

var (
	zipMark = []byte("PK\x03\x04")
	oleMark = []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}
)

// Detect says how likely a content is a table. Old and protected workbooks
// count as tables too, so that reading them can say what to do.
func Detect(data []byte) int {
	switch {
	case bytes.HasPrefix(data, zipMark):
		switch packed(data) {
		case "xlsx":
			return 95
		case "ods":
			return 60
		}
		return 0
	case bytes.HasPrefix(data, oleMark):
		return 60
	}
	return detectText(data)
}

// packed says which sort of workbook a zip archive is, if it is one.
func packed(data []byte) string {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		for _, name := range []string{"[Content_Types].xml", "xl/workbook", "xl/worksheets"} {
			if bytes.Contains(data[:min(len(data), 4096)], []byte(name)) {
				return "xlsx"
			}
		}
		return ""
	}
	types, book, open := false, false, false
	for _, f := range z.File[:min(len(z.File), mostParts)] {
		name := strings.ToLower(strings.ReplaceAll(f.Name, `\`, "/"))
		types = types || name == "[content_types].xml"
		book = book || strings.HasPrefix(name, "xl/") && strings.HasPrefix(path.Base(name), "workbook")
		open = open || name == "mimetype"
	}
	switch {
	case types && book:
		return "xlsx"
	case open && bytes.Contains(data[:min(len(data), 200)], []byte("application/vnd.oasis.opendocument.spreadsheet")):
		return "ods"
	}
	return ""
}

func detectText(data []byte) int {
	cut := data[:min(len(data), sniffBytes)]
	for len(cut) > 0 && len(cut) < len(data) && !utf8.RuneStart(data[len(cut)]) {
		cut = cut[:len(cut)-1]
	}
	if len(cut) < len(data) && len(cut)%2 == 1 && len(cut) > 1 && (cut[0] >= 0xFE || zeros(cut, 0) || zeros(cut, 1)) {
		cut = cut[:len(cut)-1]
	}
	text, note, err := decode(cut)
	if err != nil || note != "" && !plainText(string(text)) {
		return 0
	}
	start := bytes.TrimLeft(text, " \t\r\n")
	if len(start) == 0 || strings.IndexByte("{[<%-#", start[0]) >= 0 {
		return 0
	}
	s := sniff(text)
	if s.comma == '|' && markdown.Match(text) {
		return 0
	}
	return s.confidence()
}

// markdown is the line below the headers of a table in Markdown.
var markdown = regexp.MustCompile(`(?m)^\|?\s*:?-{3,}:?\s*\|[-:|\s]*$`)

// confidence says how much the beginning of a text looks like a table, and how much of its header is known.
func (s sniffed) confidence() int {
	headers := headersOf(row{cells: s.header})
	filled := 0
	for _, c := range s.header {
		if len(c.text) > 200 || strings.ContainsAny(c.text, "\n\r") || !plainText(c.text) {
			return 0
		}
		if strings.TrimSpace(c.text) != "" {
			filled++
		}
	}
	known := 0
	for _, f := range builtinVocabulary().fits(headers) {
		known = max(known, f.known)
	}
	switch {
	case filled*2 < len(s.header) || s.rows > 1 && s.alike*10 < s.rows*8:
		return 0
	case s.columns < 2 && (known == 0 || s.rows < 2):
		return 0
	case s.columns < 2:
		return 30
	case known >= 2 && 2*known >= len(headers):
		return 80
	case known >= 2:
		return 60
	case s.rows < 2:
		return 0
	}
	return 40
}

func plainText(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == utf8.RuneError
	})
}

// Read fills the batch with the rows. A row with something wrong in it is
// refused with its line, its column and everything that is wrong.
func Read(ctx context.Context, in feed.Input, b *feed.Batch) error {
	if b.Limits.Bytes > 0 && int64(len(in.Data)) > b.Limits.Bytes {
		return fmt.Errorf("%s has %d bytes; the limit is %d: split it", in.Name, len(in.Data), b.Limits.Bytes)
	}
	file := path.Base(strings.ReplaceAll(in.Name, `\`, "/"))
	slug := feed.SlugOf(strings.TrimSuffix(strings.TrimSuffix(file, ".gz"), path.Ext(strings.TrimSuffix(file, ".gz"))))
	b.Source.Key, b.Source.Name, b.Source.Format = "sheet:"+cmp.Or(slug, "table"), file, formatName
	r := &reader{ctx: ctx, batch: b, words: newVocabulary(b.Schema), input: in, lines: map[string]int{}}
	r.take = r.table
	if err := r.settle(); err != nil {
		return fmt.Errorf("%s: %w", in.Name, err)
	}
	return r.read()
}

// read reads the tables of the content.
func (r *reader) read() (err error) {
	in := r.input
	switch {
	case bytes.HasPrefix(in.Data, oleMark):
		err = errors.New("this is a workbook of an old form, or one with a password: save it as .xlsx without a password, or as CSV")
	case !bytes.HasPrefix(in.Data, zipMark):
		err = r.readText()
	case packed(in.Data) == "ods":
		err = errors.New("this is an OpenDocument table: save it as .xlsx or as CSV")
	default:
		err = r.readBook()
	}
	if err != nil {
		return fmt.Errorf("%s: %w", in.Name, err)
	}
	return nil
}

// settle finds the kind that was given, by name or by a saved mapping.
func (r *reader) settle() (err error) {
	name := r.input.Kind
	if name == "" && r.input.Mapping != nil {
		name = r.input.Mapping.Kind
	}
	if name != "" {
		r.given, err = kindNamed(r.batch.Schema, name)
	}
	return err
}

func (r *reader) readText() error {
	text, note, err := decode(r.input.Data)
	if err != nil {
		return err
	}
	if note != "" {
		r.batch.Note("%s", note)
	}
	s := sniff(text)
	rows := newCSVReader(text, s.comma)
	rows.at = s.skip
	if s.skip > 0 {
		rows.line = 2
	}
	t := &table{
		next: func(cells []cell) (row, bool, error) {
			out, ok := rows.next(cells)
			return out, ok, nil
		},
		where: func(_, i int, c cell, header string) feed.Where {
			return r.batch.At(c.line, rows.column(c.offset), fmt.Sprintf("column %s (%s)", letters(i), header))
		},
		broken: func(out row) feed.Where { return r.batch.At(out.line, rows.column(out.offset), "") },
	}
	return r.take(t)
}

// readBook reads the sheets that are named after kinds, or else the first one that is not empty.
func (r *reader) readBook() error {
	book, err := openWorkbook(r.input.Data, r.batch.Limits)
	if err != nil {
		return err
	}
	var visible []worksheet
	named := false
	for _, s := range book.sheets {
		if s.hidden {
			r.batch.Note("The sheet %s is hidden and was left out.", s.name)
			continue
		}
		visible = append(visible, s)
		named = named || r.named(s.name) != nil
	}
	read := 0
	for _, s := range visible {
		switch {
		case named && r.named(s.name) == nil:
			r.batch.Note("The sheet %s is not named after a kind and was left out.", s.name)
			continue
		case !named && read > 0:
			r.batch.Note("The sheet %s was left out: only the first sheet is read, unless sheets are named after kinds.", s.name)
			continue
		}
		found, err := r.readSheet(book, s)
		if err != nil {
			return err
		}
		if found {
			read++
			r.batch.Count("sheets", 1)
		}
	}
	if read == 0 {
		return errors.New("the workbook has no visible sheet with content")
	}
	return nil
}

// named returns the kind that a sheet is named after. Where a kind was given, it is only that one.
func (r *reader) named(sheet string) *model.Kind {
	k := r.batch.Schema.Kind(sheet)
	if r.given != nil && k != r.given {
		return nil
	}
	return k
}

func (r *reader) readSheet(book *workbook, s worksheet) (found bool, err error) {
	rows, err := book.rows(s)
	if err != nil {
		return false, err
	}
	defer rows.close()
	t := &table{
		name: s.name,
		kind: r.named(s.name),
		next: func(cells []cell) (row, bool, error) {
			out, ok, err := rows.next(cells)
			found = found || ok && !blank(out)
			return out, ok, err
		},
		where: func(line, i int, _ cell, header string) feed.Where {
			return r.batch.At(line, i+1, fmt.Sprintf("%s!%s%d (%s)", s.name, letters(i), line, header))
		},
		broken: func(out row) feed.Where { return r.batch.At(out.line, 0, s.name) },
	}
	err = r.take(t)
	if errors.Is(err, errEmpty) {
		return false, nil
	}
	return found, err
}
