// Package cloudbill reads the bills that clouds write in formats of their own: the
// Cost and Usage Report of AWS, the usage details of Azure, the cost reports of
// Oracle Cloud and the billing export of Google Cloud. Their columns get the names of
// FOCUS; a column that FOCUS does not know keeps its own name.
//
// A line is refused only where it cannot be counted: where its cost, its time or
// its currency cannot be read. Whatever else is wrong with it is a warning, and the money stays.
package cloudbill

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Formats returns the formats of this package.
func Formats() []feed.Bulk { return []feed.Bulk{AWS, Azure, Oracle, Google} }

// dialect is the way in which one cloud writes its bills.
type dialect struct {
	// needs are columns of which a bill has all: each is a list of names of which one is enough.
	needs [][]string
	// shows are further columns by which a bill is known.
	shows []string
	// begin looks at the header, says what becomes of the columns and returns what is done with each row.
	begin func(r *reader) (func(row *kit.Row) error, error)
}

// bulk returns the format of a dialect.
func (d dialect) bulk(name, label, help string) feed.Bulk {
	return feed.Bulk{
		Name: name, Label: label, Help: help, Series: facts.Costs,
		Detect: func(head []byte) int {
			if !d.may(head) {
				return 0
			}
			return d.likely(newHeader(kit.HeadColumns(head)))
		},
		Read: func(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
			return d.read(ctx, in, sink)
		},
	}
}

// may reports quickly whether a content can be a bill of this dialect: whether its first line has the words that it needs.
func (d dialect) may(head []byte) bool {
	if kit.TableKind(head) != kit.CSVTable {
		return true
	}
	line, _, _ := bytes.Cut(head, []byte{'\n'})
	text := squeeze(string(line))
	for _, names := range d.needs {
		if !slices.ContainsFunc(names, func(name string) bool { return strings.Contains(text, squeeze(name)) }) {
			return false
		}
	}
	return true
}

// likely says how likely a table with such columns is a bill of this dialect.
func (d dialect) likely(h header) int {
	for _, names := range d.needs {
		if h.find(names...) < 0 {
			return 0
		}
	}
	out := 85
	for _, name := range d.shows {
		if h.find(name) >= 0 && out < 97 {
			out += 3
		}
	}
	return out
}

// header is the names of the columns of a bill.
type header struct {
	names []string
	at    map[string]int
}

func newHeader(names []string) header {
	h := header{names: names, at: map[string]int{}}
	for i, name := range names {
		if s := squeeze(name); s != "" {
			if _, ok := h.at[s]; !ok {
				h.at[s] = i
			}
		}
	}
	return h
}

// find returns the first of some columns that the bill has, or -1. Capitals, slashes and underscores do not count.
func (h header) find(names ...string) int {
	for _, name := range names {
		if i, ok := h.at[squeeze(name)]; ok {
			return i
		}
	}
	return -1
}

// squeeze writes the name of a column in the form in which names are compared. lineItem/UsageAmount and line_item_usage_amount are the same.
func squeeze(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)
}

// read gives the lines of a bill to the sink.
func (d dialect) read(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
	rows, names, err := kit.OpenTable(ctx, in)
	if err != nil {
		return err
	}
	defer rows.Close()
	r := newReader(in, sink, newHeader(names))
	for _, need := range d.needs {
		if r.header.find(need...) < 0 {
			return fmt.Errorf("the column %s is missing: export the bill with all of its columns", need[0])
		}
	}
	line, err := d.begin(r)
	if err != nil {
		return err
	}
	if err := r.settle(); err != nil {
		return err
	}
	return r.rows(ctx, rows, line)
}
