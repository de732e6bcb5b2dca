package feedtest

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/model"
)

// Bulk is what a format of bulk lines has read from one content.
type Bulk struct {
	// Columns are the columns of the items.
	Columns []string
	// Lines are the lines that were taken, in the order of their scopes and of the content.
	Lines []BulkLine
	// Refused and Warned are what was said about single lines, as place and reason.
	Refused, Warned []string
	// Notes are the sentences about the content as a whole.
	Notes []string

	series facts.Series
	store  *facts.Memory
	scopes []feed.Scope
	parts  map[feed.Scope]facts.Writer
}

// BulkLine is one line that was taken, with the values of its item and its scope.
type BulkLine struct {
	facts.Line
	// Scope is the account and the period that the line belongs to.
	Scope feed.Scope
	// Item are the values of the columns.
	Item []string
}

// TryBulk reads a content of bulk lines. Change may say more about the content than its name.
func TryBulk(f feed.Bulk, name string, data []byte, change ...func(*feed.BulkInput)) (*Bulk, error) {
	b := &Bulk{series: f.Series, store: facts.NewMemory(true), parts: map[feed.Scope]facts.Writer{}}
	in := feed.BulkInput{Name: name, Size: int64(len(data)), Content: bytes.NewReader(data)}
	for _, c := range change {
		c(&in)
	}
	if err := f.Read(context.Background(), in, bulkSink{b}); err != nil {
		return b, err
	}
	return b, b.commit()
}

// ReadBulk reads a content of bulk lines that must be readable.
func ReadBulk(t testing.TB, f feed.Bulk, name string, data []byte, change ...func(*feed.BulkInput)) *Bulk {
	t.Helper()
	b, err := TryBulk(f, name, data, change...)
	if err != nil {
		t.Fatalf("read %s: %v", name, err)
	}
	return b
}

// commit makes the parts durable and gathers their lines.
func (b *Bulk) commit() error {
	ctx := context.Background()
	for i, scope := range b.scopes {
		if _, err := b.parts[scope].Commit(ctx); err != nil {
			return err
		}
		load := model.ID{15: byte(i + 1), 14: byte((i + 1) >> 8)}
		roll, err := b.store.Rollup(ctx, load)
		if err != nil {
			return err
		}
		for line, err := range b.store.Lines(ctx, load, nil) {
			if err != nil {
				return err
			}
			b.Lines = append(b.Lines, BulkLine{line, scope, roll.Items[line.Item]})
		}
	}
	return nil
}

// Value returns the value of a column of a line. It is empty where there is no such column.
func (b *Bulk) Value(line BulkLine, column string) string {
	for i, c := range b.Columns {
		if c == column {
			return line.Item[i]
		}
	}
	return ""
}

// Sum adds up a measure over the lines for which all pairs of column and value hold, written such as ChargeCategory=Tax.
func (b *Bulk) Sum(measure int, where ...string) string {
	var sum facts.Sum
	for _, line := range b.Lines {
		fits := true
		for _, w := range where {
			column, value, _ := strings.Cut(w, "=")
			fits = fits && b.Value(line, column) == value
		}
		if fits {
			sum.Add(line.Values[measure])
		}
	}
	return sum.String()
}

// Show writes every line with the values of some columns and then its measures, which are named by their place in the series.
func (b *Bulk) Show(columns []string, measures ...int) []string {
	out := []string{}
	for _, line := range b.Lines {
		var cells []string
		for _, c := range columns {
			switch c {
			case "from":
				cells = append(cells, facts.DayOf(line.Start).String())
			case "until":
				cells = append(cells, facts.DayOf(line.End-1).String())
			case "row":
				cells = append(cells, fmt.Sprint(line.Row))
			case "scope":
				s := line.Scope
				cells = append(cells, fmt.Sprintf("%s/%s %s..%s", s.Provider, s.Account, s.From, s.Until))
			default:
				cells = append(cells, b.Value(line, c))
			}
		}
		for _, m := range measures {
			cells = append(cells, line.Values[m].String())
		}
		out = append(out, strings.Join(cells, " | "))
	}
	return out
}

// bulkSink takes what a format reads.
type bulkSink struct{ b *Bulk }

// Columns names the columns.
func (s bulkSink) Columns(names []string) error {
	s.b.Columns = append([]string{}, names...)
	return nil
}

// Part returns the writer of a scope.
func (s bulkSink) Part(scope feed.Scope) (facts.Writer, error) {
	if w, ok := s.b.parts[scope]; ok {
		return w, nil
	}
	if len(s.b.scopes) >= 1000 {
		return nil, fmt.Errorf("there are more than 1000 scopes")
	}
	s.b.scopes = append(s.b.scopes, scope)
	n := len(s.b.scopes)
	w, err := s.b.store.Write(context.Background(), facts.Header{Load: model.ID{15: byte(n), 14: byte(n >> 8)}, Series: s.b.series.Name, Columns: s.b.Columns})
	s.b.parts[scope] = w
	return w, err
}

// Refuse notes a line that was not taken.
func (s bulkSink) Refuse(r feed.Refusal) { s.b.Refused = append(s.b.Refused, r.String()) }

// Warn notes a line that looks wrong.
func (s bulkSink) Warn(r feed.Refusal) { s.b.Warned = append(s.b.Warned, r.String()) }

// Note keeps a sentence about the content.
func (s bulkSink) Note(format string, args ...any) {
	s.b.Notes = append(s.b.Notes, fmt.Sprintf(format, args...))
}

// Read does nothing.
func (s bulkSink) Read(int64) {}

// FuzzBulk reads any bytes with a format and makes sure that nothing panics, and that what was taken adds up.
func FuzzBulk(f *testing.F, format feed.Bulk) {
	f.Fuzz(func(t *testing.T, data []byte) {
		if c := format.Detect(data); c < 0 || c > 100 {
			t.Errorf("Detect says %d", c)
		}
		b, err := TryBulk(format, "fuzz", data)
		if err != nil {
			return
		}
		for _, line := range b.Lines {
			if line.End < line.Start {
				t.Errorf("the line of row %d ends before it begins", line.Row)
			}
			if line.Values[0].IsNull() {
				t.Errorf("the line of row %d has nothing to count", line.Row)
			}
		}
	})
}
