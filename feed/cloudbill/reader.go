package cloudbill

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// reader makes lines of the rows of one bill. A dialect first says what becomes of
// the columns: copy, object, source and leave. What nobody asked for keeps its own name.
type reader struct {
	in      feed.BulkInput
	sink    feed.Sink
	header  header
	writer  *kit.BillWriter
	columns []string
	// taken says of each column of the bill whether somebody asked for it.
	taken   []bool
	left    []string
	copies  []copied
	objects []*object
	line    kit.BillLine
	words   map[string][]byte
	times   map[int]*lastTime
	maps    map[string]map[string]string
	// memo keeps what was found out about texts that many lines have.
	memo      map[string][2]string
	key, pair []byte
}

// copied is a column whose value is the first one that some columns of the bill have.
type copied struct {
	to   int
	from []int
}

// lastTime keeps the time that was read last from a column: neighbours are mostly alike.
type lastTime struct {
	text  []byte
	value int64
}

func newReader(in feed.BulkInput, sink feed.Sink, h header) *reader {
	return &reader{
		in: in, sink: sink, header: h, taken: make([]bool, len(h.names)),
		words: map[string][]byte{}, times: map[int]*lastTime{}, maps: map[string]map[string]string{}, memo: map[string][2]string{},
	}
}

// source returns the place of the first of some columns that the bill has, or -1, and keeps all of them from being kept under their own names.
func (r *reader) source(names ...string) int {
	for _, name := range names {
		if i := r.header.find(name); i >= 0 {
			r.taken[i] = true
		}
	}
	return r.header.find(names...)
}

// column returns the place of a column of the lines, which is added where it is not there.
func (r *reader) column(name string) int {
	if i := slices.Index(r.columns, name); i >= 0 {
		return i
	}
	r.columns = append(r.columns, name)
	return len(r.columns) - 1
}

// copy says that a column of the lines has the first value that some columns of the bill have.
func (r *reader) copy(to string, from ...string) {
	c := copied{to: r.column(to)}
	for _, name := range from {
		if i := r.header.find(name); i >= 0 {
			r.taken[i] = true
			c.from = append(c.from, i)
		}
	}
	if len(c.from) > 0 {
		r.copies = append(r.copies, c)
	}
}

// leave says that columns of the bill are not kept, because they hold other amounts of the same line or names of single lines.
func (r *reader) leave(names ...string) {
	for _, name := range names {
		if i := r.header.find(name); i >= 0 && !r.taken[i] {
			r.taken[i] = true
			r.left = append(r.left, r.header.names[i])
		}
	}
}

// object makes one column of JSON of many columns of the bill, such as tags.
type object struct {
	to   int
	keys []string
	from []int
	text []byte
}

// object gathers the columns whose names begin in one of some ways into one column of the lines. The name of
// each key is made from what follows the beginning; a key without a name is left alone.
func (r *reader) object(to string, keyOf func(rest string) string, prefixes ...string) {
	o := &object{}
	for i, name := range r.header.names {
		for _, prefix := range prefixes {
			rest, ok := strings.CutPrefix(name, prefix)
			if key := keyOf(rest); ok && key != "" && !r.taken[i] && !slices.Contains(o.keys, key) {
				o.keys, o.from = append(o.keys, key), append(o.from, i)
				r.taken[i] = true
			}
		}
	}
	if len(o.keys) == 0 {
		return
	}
	o.to = r.column(to)
	order := make([]int, len(o.keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(o.keys[a], o.keys[b]) })
	keys, from := make([]string, len(order)), make([]int, len(order))
	for i, at := range order {
		keys[i], from[i] = o.keys[at], o.from[at]
	}
	o.keys, o.from = keys, from
	r.objects = append(r.objects, o)
}

// write makes the JSON of a row. It is nothing where no key has a value.
func (o *object) write(row *kit.Row) []byte {
	b := append(o.text[:0], '{')
	for i, key := range o.keys {
		v := row.Value(o.from[i])
		if len(v) == 0 {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		b, _ = jsontext.AppendQuote(b, key)
		b = append(b, ':')
		b, _ = jsontext.AppendQuote(b, kit.BillText(v))
	}
	o.text = b
	if len(b) == 1 {
		return nil
	}
	o.text = append(b, '}')
	return o.text
}

// settle names the columns to the sink: those that the dialect asked for, and behind them those that keep their own names.
func (r *reader) settle() error {
	var twice []string
	for i, name := range r.header.names {
		switch {
		case r.taken[i] || name == "":
		case r.header.find(name) != i || slices.Contains(r.columns, name):
			twice = append(twice, name)
		default:
			r.copies = append(r.copies, copied{to: r.column(name), from: []int{i}})
		}
	}
	if len(r.left) > 0 {
		r.sink.Note("These columns hold other amounts of the same lines, or names of single lines, and were not kept: %s.", strings.Join(r.left, ", "))
	}
	if len(twice) > 0 {
		r.sink.Note("These columns are there twice; the first of each was taken: %s.", strings.Join(twice, ", "))
	}
	w, err := kit.NewBillWriter(r.in, r.sink, r.columns)
	r.writer = w
	r.line.Items = make([][]byte, len(r.columns))
	return err
}

// rows does with each row what the dialect says.
func (r *reader) rows(ctx context.Context, rows kit.Rows, line func(*kit.Row) error) error {
	for n := 0; rows.Next(); n++ {
		if n%4096 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.sink.Read(rows.Offset())
		}
		row := rows.Row()
		if row.Problem != "" {
			r.writer.Refuse(row, -1, "", row.Problem)
			continue
		}
		if row.Len() != len(r.header.names) && (row.Len() > len(r.header.names) || row.Len() < 2) {
			r.writer.Refuse(row, -1, "", fmt.Sprintf("the row has %d values and the header has %d columns: the values are not where they should be", row.Len(), len(r.header.names)))
			continue
		}
		r.begin(row)
		switch err := line(row); {
		case errors.As(err, new(refused)):
			bad := err.(refused)
			r.writer.Refuse(row, bad.at, r.header.names[bad.at], bad.reason)
		case err != nil:
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	r.sink.Read(r.in.Size)
	if r.writer.Taken() == 0 {
		r.sink.Note("The bill has no line that could be taken.")
	}
	return nil
}

// refused is the error of a row that cannot be counted, because of the value in a column.
type refused struct {
	at     int
	reason string
}

// Error says why the row was refused.
func (e refused) Error() string { return e.reason }

// begin fills the line with what is only copied from a row.
func (r *reader) begin(row *kit.Row) {
	clear(r.line.Items)
	r.line.Values = [facts.MaxMeasures]facts.Decimal{}
	r.line.Row = int64(row.Line)
	r.line.From, r.line.Until = 0, 0
	for _, c := range r.copies {
		for _, from := range c.from {
			if v := bytes.TrimSpace(row.Value(from)); len(v) > 0 {
				r.line.Items[c.to] = v
				break
			}
		}
	}
	for _, o := range r.objects {
		if v := o.write(row); v != nil {
			r.line.Items[o.to] = v
		}
	}
}

// set gives a column of the line a value that is one of few.
func (r *reader) set(column int, text string) {
	v, ok := r.words[text]
	if !ok {
		if len(r.words) > kept {
			clear(r.words)
		}
		v = []byte(text)
		r.words[text] = v
	}
	r.line.Items[column] = v
}

// fill sets a column where it has no value yet.
func (r *reader) fill(column int, text string) {
	if len(r.line.Items[column]) == 0 && text != "" {
		r.set(column, text)
	}
}

// text returns the value of a column of the line.
func (r *reader) text(column int) string { return string(r.line.Items[column]) }

// number reads a number in a column of the bill. Nothing, also a column that is not there, is nothing.
func (r *reader) number(row *kit.Row, at int) (facts.Decimal, error) {
	if at < 0 {
		return facts.Decimal{}, nil
	}
	n, err := kit.BillNumber(bytes.TrimSpace(row.Value(at)))
	if err != nil {
		return n, refused{at, err.Error()}
	}
	return n, nil
}

// cost reads an amount that must be there.
func (r *reader) cost(row *kit.Row, at int) (facts.Decimal, error) {
	n, err := r.number(row, at)
	if err == nil && n.IsNull() {
		return n, refused{at, "the line has no cost: it cannot be counted"}
	}
	return n, err
}

// extra reads an amount of which the bill does not depend. One that cannot be read is nothing, with a warning.
func (r *reader) extra(row *kit.Row, at int) facts.Decimal {
	n, err := r.number(row, at)
	if err != nil {
		r.writer.Warn(row, at, r.header.names[at], err.Error()+"; it was left out")
		return facts.Decimal{}
	}
	return n
}

// time reads a time in a column of the bill as parse understands it.
func (r *reader) time(row *kit.Row, at int, parse func([]byte) (int64, error)) (int64, error) {
	text := bytes.TrimSpace(row.Value(at))
	last := r.times[at]
	if last == nil {
		last = &lastTime{}
		r.times[at] = last
	}
	if len(text) > 0 && bytes.Equal(text, last.text) {
		return last.value, nil
	}
	if len(text) == 0 {
		return 0, refused{at, "the line has no time: write it such as 2024-09-01T22:00:00Z"}
	}
	t, err := parse(text)
	if err != nil {
		return 0, refused{at, err.Error()}
	}
	last.text, last.value = append(last.text[:0], text...), t
	return t, nil
}

// currency checks the currency of the line, which is the one that was given where the bill has none.
func (r *reader) currency(row *kit.Row, column, at int) error {
	if len(r.line.Items[column]) == 0 {
		r.set(column, cmp.Or(r.in.Currency, "XXX"))
	}
	if code := r.line.Items[column]; !kit.BillCurrency(code) {
		if at < 0 {
			return fmt.Errorf("%.20q is not a currency: give its three letters, such as EUR", code)
		}
		return refused{at, fmt.Sprintf("%.20q is not a currency: write the three letters of ISO 4217, such as EUR", code)}
	}
	return nil
}

// noteCurrency says once that the bill does not name its currency.
func (r *reader) noteCurrency(at int) {
	if at < 0 && r.in.Currency == "" {
		r.sink.Note("The bill does not name its currency; the amounts were taken as XXX, which is no currency. Give the currency and import it again.")
	}
}

// kept is how many texts are remembered of each sort. Neighbours are mostly alike.
const kept = 4096

// remember returns what a function says of a text, which it is asked once as long as the text is remembered.
func (r *reader) remember(sort string, text []byte, find func(text string) [2]string) [2]string {
	r.key = append(append(r.key[:0], sort...), text...)
	if out, ok := r.memo[string(r.key)]; ok {
		return out
	}
	if len(r.memo) > kept {
		clear(r.memo)
	}
	out := find(string(text))
	r.memo[string(r.key)] = out
	return out
}

// category returns the category of a service by the words in its family, where there is one, and in its name.
func (r *reader) category(family, service []byte) string {
	r.pair = append(append(append(r.pair[:0], family...), 0), service...)
	return r.remember("category ", r.pair, func(string) [2]string {
		return [2]string{categoryOf(string(family), string(service))}
	})[0]
}

// mapOf returns the keys and values of a JSON object. It keeps those that it has read.
func (r *reader) mapOf(text []byte) (map[string]string, error) {
	if m, ok := r.maps[string(text)]; ok {
		return m, nil
	}
	var any map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&any); err != nil || any == nil {
		return nil, errors.New("the text is not a JSON object such as {\"team\":\"web\"}")
	}
	m := make(map[string]string, len(any))
	for key, v := range any {
		switch v := v.(type) {
		case nil:
		case string:
			m[key] = v
		case json.Number:
			m[key] = v.String()
		default:
			b, _ := json.Marshal(v)
			m[key] = string(b)
		}
	}
	if len(r.maps) > kept {
		clear(r.maps)
	}
	r.maps[string(text)] = m
	return m, nil
}

// writeMap writes keys and values as JSON in the order of the keys. A key that gets no name is left out.
func writeMap(m map[string]string, keyOf func(string) string) []byte {
	keys := map[string]string{}
	for key, v := range m {
		if name := keyOf(key); name != "" && v != "" {
			keys[name] = v
		}
	}
	if len(keys) == 0 {
		return nil
	}
	b, _ := json.Marshal(keys)
	return b
}

// same returns the four amounts of a line that are all the same.
func (r *reader) same(cost facts.Decimal) {
	for _, m := range []int{facts.Billed, facts.Effective, facts.List, facts.Contracted} {
		r.line.Values[m] = cost
	}
}
