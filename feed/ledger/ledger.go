// Package ledger reads journals of a general ledger and lists of invoices, as CSV
// or XLSX, as lines of cost. It knows the words for the columns in English and
// German. How numbers and days are written is decided over whole columns; where a column
// can be read in two ways, the person that imports is asked and nothing is taken.
package ledger

import (
	"bytes"
	"context"
	"fmt"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Format reads ledgers and lists of invoices.
var Format = feed.Bulk{
	Name:   "ledger",
	Label:  "Ledger or list of invoices (CSV or XLSX)",
	Help:   "Every row with a date and an amount becomes a line of cost with its account, cost centre, vendor and document. Amounts below zero are credits.",
	Series: facts.Costs,
	Detect: Detect,
	Read:   Read,
}

// How likely a table is a ledger that has the columns of one and rows that agree. A workbook is always likely a table of records, so that it must be surer.
const (
	likelyText = 85
	likelyBook = 97
)

// looked is how many rows Detect looks at.
const looked = 30

// Detect says how likely a table is a ledger: whether it has the columns of one, and
// rows with days and amounts in them. Of a workbook it needs the whole content.
func Detect(head []byte) int {
	if start := bytes.TrimLeft(head[:min(len(head), 1000)], " \t\r\n\xEF\xBB\xBF"); len(start) == 0 || bytes.IndexByte([]byte("{[<#%-/"), start[0]) >= 0 {
		return 0
	}
	in := feed.BulkInput{Name: "head", Size: int64(len(head)), Content: bytes.NewReader(head)}
	book := kit.IsWorkbook(head)
	if !book && len(head) >= feed.DetectBytes {
		// The last line is not complete.
		in.Size = int64(bytes.LastIndexByte(head, '\n') + 1)
	}
	t, err := openTable(context.Background(), in)
	if err != nil {
		return 0
	}
	defer t.close()
	if err := t.findHeader(nil); err != nil || !t.plan.isLedger() || !t.agrees() {
		return 0
	}
	if book {
		return likelyBook
	}
	return likelyText
}

// agrees reports whether at least half of the first rows have a day and an amount.
func (t *table) agrees() bool {
	rows, err := t.rows()
	if err != nil {
		return false
	}
	defer rows.Close()
	good, all := 0, 0
	for all < looked && rows.Next() {
		row := rows.Row()
		if row.Line <= t.headerLine {
			continue
		}
		if all++; row.Problem == "" && t.plan.plausible(row, t.book != nil) {
			good++
		}
	}
	return good > 0 && good*2 >= all
}

// plausible reports whether a row has something like a day and an amount.
func (p *plan) plausible(row *kit.Row, book bool) bool {
	day := false
	if at := p.at(roleDate); at >= 0 {
		text := string(row.Value(at))
		_, first := kit.ParseDay(text, kit.DayFirst)
		_, second := kit.ParseDay(text, kit.MonthFirst)
		_, serial := kit.ParseSerialDay(text, false)
		day = first == nil || second == nil || book && serial
	} else if at := p.at(rolePeriod); at >= 0 {
		_, err := kit.ParseMonth(string(row.Value(at)))
		day = err == nil
	}
	amount := false
	for _, r := range []role{roleAmount, roleDebit, roleCredit} {
		text := string(row.Value(p.at(r)))
		_, _, point := kit.ParseNumber(text, kit.DecimalPoint)
		_, _, comma := kit.ParseNumber(text, kit.DecimalComma)
		amount = amount || point == nil || comma == nil
	}
	return day && amount
}

// Read gives the lines of a ledger to the sink.
func Read(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
	t, err := openTable(ctx, in)
	if err != nil {
		return err
	}
	defer t.close()
	if t.note != "" {
		sink.Note("%s", t.note)
	}
	if err := t.findHeader(in.Mapping); err != nil {
		return err
	}
	if err := t.plan.complete(); err != nil {
		return err
	}
	styles, err := t.look()
	if err != nil {
		return err
	}
	for _, sheet := range t.leftSheets {
		sink.Note("The sheet %s was left out: one sheet of a workbook is read, the first with the columns of a ledger.", sheet)
	}
	if t.headerLine > 1 {
		sink.Note("The headers are in line %d; what stands above was left out.", t.headerLine)
	}
	w, err := newLines(in, sink, t, styles)
	if err != nil {
		return err
	}
	rows, err := t.rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for n := 0; rows.Next(); n++ {
		if n%1024 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			sink.Read(rows.Offset())
		}
		if row := rows.Row(); row.Line > t.headerLine {
			if err := w.row(row); err != nil {
				return err
			}
		}
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	sink.Read(in.Size)
	w.finish()
	return nil
}

// styles is how the numbers and the days of a table are written.
type styles struct {
	numbers kit.NumberStyle
	days    kit.DayStyle
}

// look reads the table once to find out how its numbers and days are written. All columns of amounts are of one style.
func (t *table) look() (s styles, err error) {
	var numbers kit.Numbers
	var days kit.Days
	rows, err := t.rows()
	if err != nil {
		return s, err
	}
	defer rows.Close()
	p := t.plan
	date := p.at(roleDate)
	name := ""
	for n := 0; rows.Next(); n++ {
		if n%4096 == 0 && t.ctx.Err() != nil {
			return s, t.ctx.Err()
		}
		row := rows.Row()
		if row.Problem != "" || row.Line <= t.headerLine {
			continue
		}
		days.Add(string(row.Value(date)), row.Line)
		for _, r := range []role{roleAmount, roleDebit, roleCredit} {
			at := p.at(r)
			if at < 0 {
				continue
			}
			name = p.headers[at]
			if text := string(row.Value(at)); t.book == nil || !isPlain(text) {
				numbers.Add(text, row.Line)
			}
		}
	}
	if rows.Err() != nil {
		return s, rows.Err()
	}
	if s.numbers, err = numbers.Style(name, p.numbers); err != nil {
		return s, err
	}
	if date >= 0 {
		if s.days, err = days.Style(p.headers[date], p.days); err != nil {
			return s, err
		}
	}
	return s, nil
}

// isPlain reports whether a text is a number as programs write it. In a workbook, nearly all are.
func isPlain(text string) bool {
	_, err := facts.ParseDecimal(text)
	return err == nil
}

// where says how a place is named in a message: by its cell in a workbook, and by its header in a text.
func (t *table) where(row *kit.Row, at int) string {
	name := ""
	if at >= 0 && at < len(t.plan.headers) {
		name = t.plan.headers[at]
	}
	if t.book == nil || at < 0 {
		return name
	}
	return fmt.Sprintf("%s!%s%d (%s)", t.sheet, letters(at), row.Line, name)
}

// letters writes the number of a column, from 0, as spreadsheets do: A, B, … Z, AA.
func letters(column int) string {
	out := ""
	for column++; column > 0; column = (column - 1) / 26 {
		out = string(rune('A'+(column-1)%26)) + out
	}
	return out
}
