package sheet

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"binnacle/model"
)

// WriteCSV writes records of a kind as CSV (RFC 4180): a header row with kind
// and the names of the fields, then a row for every record. What a spreadsheet
// program would run as a formula has an apostrophe before it, which [Read] takes away again.
func WriteCSV(w io.Writer, kind *model.Kind, fields []*model.Field, recs iter.Seq[model.Record], names model.Namer) error {
	out := bufio.NewWriterSize(w, 64<<10)
	writeCSVRow(out, headers(fields))
	line := make([]string, len(fields)+1)
	for rec := range recs {
		line[0] = kind.Name
		for i, f := range fields {
			line[i+1] = guardCell(f, cellText(f, rec, names))
		}
		if err := writeCSVRow(out, line); err != nil {
			return fmt.Errorf("write %s %s as CSV: %w", kind.Name, rec.Base().Key, err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write %s as CSV: %w", kind.Plural, err)
	}
	return nil
}

func headers(fields []*model.Field) []string {
	out := []string{"kind"}
	for _, f := range fields {
		if f.Name == "kind" {
			out = append(out, f.Kind.Name+".kind")
			continue
		}
		out = append(out, f.Name)
	}
	return out
}

func writeCSVRow(w *bufio.Writer, cells []string) error {
	for i, c := range cells {
		if i > 0 {
			w.WriteByte(',')
		}
		if strings.ContainsAny(c, ",;|\"\t\r\n") || strings.TrimSpace(c) != c {
			c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		}
		w.WriteString(c)
	}
	_, err := w.WriteString("\r\n")
	return err
}

// guardCell guards the text of a cell. Numbers are what they are, also below zero.
func guardCell(f *model.Field, text string) string {
	switch f.Type {
	case model.IntegerField, model.NumberField, model.PercentField:
		return text
	}
	return guardInside(guardStart(text))
}

// cellText writes the value of a field for one cell. Lists whose items would not come apart again are written as JSON.
func cellText(f *model.Field, rec model.Record, names model.Namer) string {
	list, ok := f.Tree(rec, names).([]string)
	if !ok || !slices.ContainsFunc(list, func(item string) bool {
		return strings.ContainsAny(item, ";,\n") || strings.HasPrefix(item, "[") || strings.TrimSpace(item) != item
	}) {
		return f.Text(rec, names)
	}
	text, _ := json.Marshal(list)
	return string(text)
}

// longestXLSXCell is how many UTF-16 units a cell of a workbook can hold.
const longestXLSXCell = 32767

// WriteXLSX writes records of a kind as a workbook with one sheet that has the
// name of the kind: the names of the fields in the first row, then a row for
// every record. Texts are texts, numbers are numbers and dates are dates; nothing is a formula.
func WriteXLSX(w io.Writer, kind *model.Kind, fields []*model.Field, recs iter.Seq[model.Record], names model.Namer) (err error) {
	fail := func(err error) error { return fmt.Errorf("write %s as XLSX: %w", kind.Plural, err) }
	file := excelize.NewFile()
	defer file.Close()
	sheet := sheetName(kind.Name)
	if err := file.SetSheetName("Sheet1", sheet); err != nil {
		return fail(err)
	}
	format := "yyyy-mm-dd"
	date, err := file.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		return fail(err)
	}
	bold, err := file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return fail(err)
	}
	out, err := file.NewStreamWriter(sheet)
	if err != nil {
		return fail(err)
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return fail(err)
	}
	line := []any{}
	for _, h := range headers(fields) {
		line = append(line, excelize.Cell{StyleID: bold, Value: h})
	}
	number := 1
	if err := out.SetRow("A1", line); err != nil {
		return fail(err)
	}
	for rec := range recs {
		if number++; number > mostRows {
			return fail(fmt.Errorf("a sheet holds %d rows: write CSV, or fewer records", mostRows))
		}
		line = append(line[:0], kind.Name)
		for _, f := range fields {
			v, err := cellValue(f, rec, names, date)
			if err != nil {
				return fail(fmt.Errorf("%s: %s: %w", rec.Base().Key, f.Name, err))
			}
			line = append(line, v)
		}
		if err := out.SetRow("A"+strconv.Itoa(number), line); err != nil {
			return fail(err)
		}
	}
	if err := out.Flush(); err != nil {
		return fail(err)
	}
	if err := file.Write(w); err != nil {
		return fail(err)
	}
	return nil
}

// sheetName makes a name that a sheet may have.
func sheetName(kind string) string {
	name := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return '-'
		}
		return r
	}, kind))
	return string(name[:min(len(name), 31)])
}

// firstDate is the first day that every spreadsheet program counts in the same way.
var firstDate = model.NewDate(1900, time.March, 1)

func cellValue(f *model.Field, rec model.Record, names model.Namer, date int) (any, error) {
	if !f.Has(rec) {
		return nil, nil
	}
	switch v := f.Tree(rec, names).(type) {
	case int64, float64, bool:
		return v, nil
	}
	if d, ok := f.Get(rec).(model.Date); ok && d >= firstDate {
		return excelize.Cell{StyleID: date, Value: int(d-firstDate) + 61}, nil
	}
	text := cellText(f, rec, names)
	if t := strings.TrimLeft(text, "'"); len(t) < len(text) || saysNothing(t) || strings.TrimSpace(t) != t {
		text = guardStart(text)
	}
	if n := len(utf16.Encode([]rune(text))); n > longestXLSXCell {
		return nil, fmt.Errorf("the text has %d characters and a cell of a workbook holds %d: write CSV instead", n, longestXLSXCell)
	}
	if r, bad := notInXML(text); bad {
		return nil, fmt.Errorf("the text has the character %U, which a workbook cannot hold: write CSV instead", r)
	}
	return text, nil
}

// notInXML returns the first character that XML has no way to write.
func notInXML(text string) (rune, bool) {
	for _, r := range text {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF || r == 0xFFFD {
			return r, true
		}
	}
	return 0, false
}
