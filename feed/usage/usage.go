// Package usage reads measured use as CSV: how much of something somebody used, and when.
package usage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Format reads measured use.
var Format = feed.Bulk{
	Name:   "usage",
	Label:  "Measured use (CSV)",
	Help:   "Every row becomes a line of use. Columns: subject (Kind/key of what was used), user (Kind/key, may be empty), metric, unit, from or date, until (the last day, or a time), quantity. The rows of a month take the place of all that the same source told about that month before.",
	Series: facts.Usage,
	Detect: Detect,
	Read:   Read,
}

// The columns of the table, and the words for them.
const (
	subject = iota
	user
	metric
	unit
	from
	until
	quantity
	columns
)

var words = [columns][]string{
	subject:  {"subject", "usedsubject", "of"},
	user:     {"user", "usedby", "consumer"},
	metric:   {"metric", "measure", "metrik"},
	unit:     {"unit", "einheit"},
	from:     {"from", "date", "start", "day", "time", "von", "datum"},
	until:    {"until", "end", "to", "bis"},
	quantity: {"quantity", "amount", "value", "menge", "count"},
}

var names = [columns]string{"Subject", "User", "Metric", "Unit", "From", "Until", "Quantity"}

// required are the columns without which a table is no measured use.
var required = []int{subject, metric, from, quantity}

// find returns the place of each column in a header, or -1.
func find(headers []string, mapping *model.Mapping) (at [columns]int, err error) {
	for i := range at {
		at[i] = -1
	}
	fixed := map[int]bool{}
	if mapping != nil {
		for _, c := range mapping.Columns {
			i := slices.IndexFunc(headers, func(h string) bool { return squeeze(h) == squeeze(c.Header) })
			if i < 0 {
				continue
			}
			fixed[i] = true
			field, _, _ := kit.SplitStyle(c.Field)
			n := slices.IndexFunc(names[:], func(name string) bool { return strings.EqualFold(name, field) })
			switch {
			case field == "":
			case n < 0:
				return at, fmt.Errorf("the mapping sends the column %s to %q, which measured use does not have: use one of %s", c.Header, kit.Short(c.Field), strings.Join(names[:], ", "))
			default:
				at[n] = i
			}
		}
	}
	for n := range at {
		for _, word := range words[n] {
			i := slices.IndexFunc(headers, func(h string) bool { return squeeze(h) == word })
			if i >= 0 && at[n] < 0 && !fixed[i] && !slices.Contains(at[:], i) {
				at[n] = i
			}
		}
	}
	return at, nil
}

func squeeze(header string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" _-.", r) {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(header)))
}

// missing returns the first required column that is not there, or an empty text.
func missing(at [columns]int) string {
	for _, n := range required {
		if at[n] < 0 {
			return names[n]
		}
	}
	return ""
}

// Detect says how likely a table is measured use: whether it has the columns, and a first row that names what was used.
func Detect(head []byte) int {
	headers := kit.HeadColumns(head)
	at, _ := find(headers, nil)
	if len(headers) == 0 || missing(at) != "" {
		return 0
	}
	lines := kit.NewLines(context.Background(), bytes.NewReader(head), kit.Comma(head))
	defer lines.Close()
	for n := 0; n < 2; n++ { // The headers, and the first row.
		if !lines.Next() {
			return 0
		}
	}
	if !reference.Match(lines.Row().Value(at[subject])) {
		return 0
	}
	return 92
}

// reference is how a record is named: by its kind and its key.
var reference = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*/\S(.*\S)?$`)

// reader makes lines of use of the rows of a table.
type reader struct {
	at      [columns]int
	headers []string
	writer  *kit.BillWriter
	line    kit.BillLine
	days    kit.DayStyle
	numbers kit.NumberStyle
}

// Read gives the lines of measured use to the sink.
func Read(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
	r := &reader{}
	if err := r.look(ctx, in); err != nil {
		return err
	}
	rows, _, err := kit.OpenTable(ctx, in)
	if err != nil {
		return err
	}
	defer rows.Close()
	if r.writer, err = kit.NewBillWriter(in, sink, facts.Usage.Daily); err != nil {
		return err
	}
	r.line.Items = make([][]byte, len(facts.Usage.Daily))
	for n := 0; rows.Next(); n++ {
		if n%1024 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			sink.Read(rows.Offset())
		}
		if err := r.row(rows.Row()); err != nil {
			return err
		}
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	sink.Read(in.Size)
	if r.writer.Taken() == 0 {
		sink.Note("The file has no line that could be taken.")
	}
	return nil
}

// look finds the columns and reads the table once to find out how its days and numbers are written.
func (r *reader) look(ctx context.Context, in feed.BulkInput) error {
	rows, headers, err := kit.OpenTable(ctx, in)
	if err != nil {
		return err
	}
	defer rows.Close()
	r.headers = headers
	if r.at, err = find(headers, in.Mapping); err != nil {
		return err
	}
	if name := missing(r.at); name != "" {
		return fmt.Errorf("no column is called %s: the columns of measured use are subject, user, metric, unit, from, until and quantity", strings.ToLower(name))
	}
	var days kit.Days
	var numbers kit.Numbers
	for n := 0; rows.Next(); n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		row := rows.Row()
		if row.Problem == "" {
			days.Add(string(row.Value(r.at[from])), row.Line)
			days.Add(string(row.Value(r.at[until])), row.Line)
			numbers.Add(string(row.Value(r.at[quantity])), row.Line)
		}
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	day, number := kit.StylesOf(in.Mapping)
	if r.days, err = days.Style(headers[r.at[from]], day); err != nil {
		return err
	}
	r.numbers, err = numbers.Style(headers[r.at[quantity]], number)
	return err
}

// row makes the line of a row, or refuses it.
func (r *reader) row(row *kit.Row) error {
	if row.Problem != "" {
		r.writer.Refuse(row, -1, "", row.Problem)
		return nil
	}
	column, err := r.fill(row)
	if err != nil {
		name := ""
		if r.at[column] >= 0 {
			name = r.headers[r.at[column]]
		}
		r.writer.Refuse(row, r.at[column], name, err.Error())
		return nil
	}
	return r.writer.Write(&r.line)
}

// fill reads the values of a row. It returns the column that is wrong, and why.
func (r *reader) fill(row *kit.Row) (column int, err error) {
	value := func(n int) []byte { return bytes.TrimSpace(row.Value(r.at[n])) }
	if row.Len() > len(r.headers) {
		return subject, fmt.Errorf("the row has %d values and the header has %d columns: the values are not where they should be", row.Len(), len(r.headers))
	}
	r.line.Line = facts.Line{Row: int64(row.Line)}
	r.line.From, r.line.Until = 0, 0
	for n := subject; n <= unit; n++ {
		r.line.Items[n] = value(n)
	}
	for _, n := range []int{subject, user} {
		if v := value(n); !reference.Match(v) && (n == subject || len(v) > 0) {
			return n, fmt.Errorf("%q does not name a record: write its kind and its key, such as Application/shop", kit.Short(string(v)))
		}
	}
	if len(value(metric)) == 0 {
		return metric, errors.New("the row has no metric: say what was measured, such as requests")
	}
	number, code, err := kit.ParseNumber(string(value(quantity)), r.numbers)
	if err != nil {
		return quantity, err
	}
	if code != "" {
		return quantity, errors.New("a quantity has no currency: cost comes in as a bill or a ledger")
	}
	r.line.Values[0] = number
	var whole bool
	if r.line.Start, whole, err = r.moment(value(from)); err != nil {
		return from, err
	}
	r.line.End = r.line.Start + 1
	if whole {
		r.line.End = r.line.Start + 86400
	}
	if end := value(until); len(end) > 0 {
		if r.line.End, whole, err = r.moment(end); err != nil {
			return until, err
		}
		if whole {
			r.line.End += 86400
		}
	}
	if r.line.End < r.line.Start {
		return until, errors.New("the use ends before it begins")
	}
	// A source tells all that it measured of a month: metrics are not kept apart.
	r.line.Provider = provider
	return 0, nil
}

var provider = []byte("Usage")

// moment reads a day or a moment, and reports whether it is a whole day.
func (r *reader) moment(text []byte) (seconds int64, whole bool, err error) {
	if seconds, err := kit.BillTime(text); err == nil {
		return seconds, len(text) == 10, nil
	}
	day, err := kit.ParseDay(string(text), r.days)
	return facts.SecondsOf(day), true, err
}
