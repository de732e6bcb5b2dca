package door

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/facts"
	"binnacle/feed/sheet"
	"binnacle/model"
)

// LineFilter says which lines of a load are wanted.
type LineFilter struct {
	// Columns are the values that columns must have, by name. Empty means that the column must be empty.
	Columns map[string]string
	// From and Until are the first and the last day on which lines begin. Zero means any.
	From, Until model.Date
	// Limit is how many lines are wanted at most. 0 means 100; the most is 1000.
	Limit int
}

const (
	// fewLines is how many lines a page has where nobody says, and mostLines the most.
	fewLines  = 100
	mostLines = 1000
)

// LinePage is some lines of a load, in the order of the file that they came from.
type LinePage struct {
	// Load is the record of the load.
	Load *model.Load `json:"-"`
	// Key is its key.
	Key string `json:"load"`
	// Series says what the lines measure.
	Series string `json:"series"`
	// Columns are the names of the columns, and Measures of the numbers that each line has.
	Columns  []string `json:"columns"`
	Measures []string `json:"measures"`
	// Lines are the lines.
	Lines []BulkLine `json:"lines"`
	// Next is where to go on, or empty at the end.
	Next string `json:"next,omitempty"`
	// Before is how many lines were left behind before the first one.
	Before int `json:"before"`
}

// BulkLine is one line of a load.
type BulkLine struct {
	// Row is the line of the file that it was read from.
	Row int64 `json:"row"`
	// Start is the first second of the time measured, and End the second after the last one.
	Start string `json:"start"`
	End   string `json:"end"`
	// Values are the values of the columns, and Amounts the numbers with all their digits, empty where there is none.
	Values  []string        `json:"values"`
	Amounts []facts.Decimal `json:"amounts"`
}

// Lines returns lines of a load at a moment, for who sees its record. The cursor is what the page before said, or empty. The error is a
// [*NotFound] where there is no such load or the principal does not see it, and a [*Refused] where the filter names what is not there.
func (h *House) Lines(ctx context.Context, p *access.Principal, m Moment, load string, filter LineFilter, cursor string) (*LinePage, error) {
	l, err := h.openLines(ctx, p, m, load, filter)
	if err != nil {
		return nil, err
	}
	limit := min(cmp.Or(max(filter.Limit, 0), fewLines), mostLines)
	skip := 0
	if cursor != "" {
		if skip, err = strconv.Atoi(cursor); err != nil || skip < 0 {
			return nil, refuse("", "", "cursor", strconv.Quote(cursor)+" is not what a page said")
		}
	}
	page := &LinePage{Load: l.load, Key: l.load.Key, Series: l.load.Series, Columns: l.rollup.Columns, Measures: l.series.Measures, Lines: []BulkLine{}, Before: skip}
	n := 0
	for line, err := range l.all(ctx) {
		if err != nil {
			return nil, err
		}
		if n++; n <= skip {
			continue
		}
		if len(page.Lines) == limit {
			page.Next = strconv.Itoa(skip + limit)
			break
		}
		info, err := l.info(&line)
		if err != nil {
			return nil, err
		}
		page.Lines = append(page.Lines, info)
	}
	return page, nil
}

// ExportLines writes the lines of a load as CSV: the time, the columns and the measures. It fails before it writes anything where [House.Lines] would fail.
func (h *House) ExportLines(ctx context.Context, p *access.Principal, m Moment, load string, filter LineFilter, begin func(*model.Load) io.Writer) error {
	l, err := h.openLines(ctx, p, m, load, filter)
	if err != nil {
		return err
	}
	out := csv.NewWriter(begin(l.load))
	head := []string{"Row", "ChargePeriodStart", "ChargePeriodEnd"}
	for _, name := range l.rollup.Columns {
		head = append(head, sheet.Guard(name))
	}
	if err := out.Write(append(head, l.series.Measures...)); err != nil {
		return err
	}
	row := make([]string, 0, len(head)+len(l.series.Measures))
	for line, err := range l.all(ctx) {
		if err != nil {
			return err
		}
		info, err := l.info(&line)
		if err != nil {
			return err
		}
		row = append(row[:0], strconv.FormatInt(info.Row, 10), info.Start, info.End)
		for _, v := range info.Values {
			row = append(row, sheet.Guard(v))
		}
		for _, a := range info.Amounts {
			row = append(row, a.String())
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// openedLines is a load whose lines may be read, with what a filter says.
type openedLines struct {
	store  facts.Store
	load   *model.Load
	rollup *facts.Rollup
	series facts.Series
	// values has the values of the columns of each line.
	values facts.Items
	items  map[uint32]bool
	filter LineFilter
}

func (h *House) openLines(ctx context.Context, p *access.Principal, m Moment, key string, filter LineFilter) (*openedLines, error) {
	v, err := h.Look(ctx, p, m)
	if err != nil {
		return nil, err
	}
	_, rec, err := Find(v, "Load", key)
	if err != nil {
		return nil, err
	}
	load := rec.(*model.Load)
	r, err := h.reader.Rollup(load.ID)
	if errors.Is(err, facts.ErrNone) {
		return nil, &NotFound{"line of Load/" + key + ": they are not kept here"}
	}
	if err != nil {
		return nil, err
	}
	l := &openedLines{store: h.facts, load: load, rollup: r, filter: filter}
	if l.values, err = h.facts.Items(ctx, load.ID); err != nil {
		return nil, err
	}
	l.series, _ = facts.SeriesOf(load.Series)
	if len(filter.Columns) == 0 {
		return l, nil
	}
	for name := range filter.Columns {
		if r.Column(name) < 0 {
			return nil, refuse("", "", name, "the lines have no column of this name: it is one of "+strings.Join(r.Columns, ", "))
		}
	}
	l.items = map[uint32]bool{}
	for i, row := range r.Items {
		// An item that stands for several may have lines that match in the columns that it has no values of.
		if matches(r, row, filter.Columns, i >= r.Whole) {
			l.items[uint32(i)] = true
		}
	}
	return l, nil
}

// matches reports whether a row has the values that are wanted. Where it stands for several, an empty value may be any.
func matches(r *facts.Rollup, row []string, want map[string]string, several bool) bool {
	for name, value := range want {
		if has := row[r.Column(name)]; has != value && !(several && has == "") {
			return false
		}
	}
	return true
}

// others reports whether a line that matches as one of several does not match by its own values.
func (l *openedLines) others(line *facts.Line) (bool, error) {
	if l.items == nil || int(line.Item) < l.rollup.Whole {
		return false, nil
	}
	row, err := l.values.Values(line.Own)
	return err == nil && !matches(l.rollup, row, l.filter.Columns, false), err
}

// all yields the lines that are wanted.
func (l *openedLines) all(ctx context.Context) iter.Seq2[facts.Line, error] {
	return func(yield func(facts.Line, error) bool) {
		if l.items != nil && len(l.items) == 0 {
			return
		}
		for line, err := range l.store.Lines(ctx, l.load.ID, l.items) {
			day := facts.DayOf(line.Start)
			if err == nil && (!l.filter.From.IsZero() && day < l.filter.From || !l.filter.Until.IsZero() && day > l.filter.Until) {
				continue
			}
			if err == nil {
				var other bool
				if other, err = l.others(&line); other {
					continue
				}
			}
			if !yield(line, err) || err != nil {
				return
			}
		}
	}
}

func (l *openedLines) info(line *facts.Line) (BulkLine, error) {
	moment := func(seconds int64) string { return time.Unix(seconds, 0).UTC().Format(time.RFC3339) }
	values, err := l.values.Values(line.Own)
	return BulkLine{Row: line.Row, Start: moment(line.Start), End: moment(line.End), Values: values, Amounts: slices.Clone(line.Values[:len(l.series.Measures)])}, err
}

// ReadLineFilter reads a filter from words: column=value, from=day and until=day, as the parameters of an address have them.
func ReadLineFilter(columns []string, from, until, limit string) (LineFilter, error) {
	out := LineFilter{Columns: map[string]string{}}
	for _, text := range columns {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return out, refuse("", "", "where", fmt.Sprintf("%q is not Column=value", text))
		}
		out.Columns[name] = value
	}
	var err error
	for _, day := range []struct {
		name, text string
		into       *model.Date
	}{{"from", from, &out.From}, {"until", until, &out.Until}} {
		if day.text == "" {
			continue
		}
		if *day.into, err = model.ParseDate(day.text); err != nil {
			return out, refuse("", "", day.name, err.Error())
		}
	}
	if limit != "" {
		if out.Limit, err = strconv.Atoi(limit); err != nil || out.Limit < 1 || out.Limit > mostLines {
			return out, refuse("", "", "limit", fmt.Sprintf("%q is not a number from 1 to %d", limit, mostLines))
		}
	}
	return out, nil
}
