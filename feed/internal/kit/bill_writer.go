package kit

import (
	"bytes"
	"hash/maphash"
	"strings"
	"unicode/utf8"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/model"
)

// BillLine is one line of a bill on its way to the sink. A reader uses the same one for all lines.
type BillLine struct {
	// Line has the times, the row and the numbers. Its item is set by the writer.
	facts.Line
	// Items are the values of the columns of the writer, in their order. They are only read while the line is written.
	Items [][]byte
	// Provider is the company that sent the bill.
	Provider []byte
	// Account is the billing account.
	Account []byte
	// From is the first day of the billing period. Unset means the month in which the line starts.
	From model.Date
	// Until is the last day of the billing period.
	Until model.Date
}

// BillWriter gives the lines of bills to a sink: it finds the part that a line
// belongs to and the item of its values. It takes no memory for a line whose item is known.
type BillWriter struct {
	sink   feed.Sink
	file   string
	part   facts.Writer
	scope  feed.Scope
	parts  map[feed.Scope]facts.Writer
	bytes  []byte
	line   *BillLine
	values func() []string
	known  [][]string
	seed   maphash.Seed
	day    int64
	from   model.Date
	until  model.Date
	taken  int64
}

// NewBillWriter returns a writer of lines with columns, which it names to the sink.
func NewBillWriter(in feed.BulkInput, sink feed.Sink, columns []string) (*BillWriter, error) {
	w := &BillWriter{sink: sink, file: in.Name, parts: map[feed.Scope]facts.Writer{}, seed: maphash.MakeSeed(), day: -1 << 62}
	w.values = w.item
	w.known = make([][]string, len(columns))
	for i := range w.known {
		w.known[i] = make([]string, interned)
	}
	return w, sink.Columns(columns)
}

// Items share values: interned is how many of a column are kept for that, and longestInterned how many bytes they may have.
const (
	interned        = 256
	longestInterned = 256
)

// Write gives a line to the sink.
func (w *BillWriter) Write(line *BillLine) error {
	from, until := line.From, line.Until
	if from == 0 {
		if w.day > line.Start || line.Start >= w.day+86400 {
			w.day = facts.SecondsOf(facts.DayOf(line.Start))
			w.from, w.until = MonthOf(line.Start)
		}
		from, until = w.from, w.until
	}
	if err := w.choose(line, from, until); err != nil {
		return err
	}
	w.line = line
	b := w.bytes[:0]
	for _, v := range line.Items {
		b = append(b, byte(len(v)), byte(len(v)>>8), byte(len(v)>>16))
		b = append(b, v...)
	}
	w.bytes = b
	item, err := w.part.Item(facts.HashBytes(b), w.values)
	if err != nil {
		return err
	}
	line.Item = item
	w.taken++
	return w.part.Add(&line.Line)
}

// choose finds the part of a line. Lines of one part mostly follow each other.
func (w *BillWriter) choose(line *BillLine, from, until model.Date) error {
	s := &w.scope
	if w.part != nil && s.From == from && s.Until == until && string(line.Provider) == s.Provider && string(line.Account) == s.Account {
		return nil
	}
	next := feed.Scope{Provider: string(line.Provider), Account: string(line.Account), From: from, Until: until}
	part, ok := w.parts[next]
	if !ok {
		clean := next
		clean.Provider, clean.Account = BillText(line.Provider), BillText(line.Account)
		var err error
		if part, err = w.sink.Part(clean); err != nil {
			return err
		}
		w.parts[next] = part
	}
	w.part, w.scope = part, next
	return nil
}

// item returns the values of the line that is being written.
func (w *BillWriter) item() []string {
	row := make([]string, len(w.line.Items))
	for i, v := range w.line.Items {
		if len(v) == 0 {
			continue
		}
		if len(v) > longestInterned {
			row[i] = BillText(v)
			continue
		}
		slot := &w.known[i][maphash.Bytes(w.seed, v)%interned]
		if *slot != string(v) {
			*slot = BillText(v)
		}
		row[i] = *slot
	}
	return row
}

// BillText returns a value as a text that records and databases can hold: UTF-8
// without control characters. Other values than such are left as they are.
func BillText(value []byte) string {
	if utf8.Valid(value) && bytes.IndexFunc(value, func(r rune) bool { return r < ' ' || r == 0x7F }) < 0 {
		return string(value)
	}
	return Clean(strings.ToValidUTF8(string(value), "\uFFFD"))
}

// Taken returns how many lines were given to the sink.
func (w *BillWriter) Taken() int64 { return w.taken }

// Refuse tells the sink that a row was not taken because of a value, counted from 0 (-1 for the whole row), in a column with a name.
func (w *BillWriter) Refuse(row *Row, value int, column, reason string) {
	w.sink.Refuse(w.refusal(row, value, column, reason))
}

// Warn tells the sink that a row looks wrong because of a value and was taken.
func (w *BillWriter) Warn(row *Row, value int, column, reason string) {
	w.sink.Warn(w.refusal(row, value, column, reason))
}

func (w *BillWriter) refusal(row *Row, value int, column, reason string) feed.Refusal {
	line, at := row.Place(value)
	return feed.Refusal{Where: feed.Where{File: w.file, Line: line, Column: at, Path: column}, Reason: reason}
}
