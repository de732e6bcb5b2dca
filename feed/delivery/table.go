package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Table reads a table of events, one on each row.
var Table = feed.Bulk{
	Name:   "delivery",
	Label:  "Table of delivery events (CSV, JSON, Parquet)",
	Help:   "Every row becomes an event. Columns: event (commit, review, change, build, deployment, incident, release or inclusion), id, start and repository or service are needed; service is Kind/key, repository the full name such as acme/shop; branch, environment (of a build its name), result (open, merged, closed, success, failure, cancelled), cause (of a deployment planned, hotfix or rollback; of an incident deployment or other), parent (of a commit and a review the change, of a change the commit that it became, of a build and a deployment the commit, of an incident the deployment that caused it, of an inclusion the deployment), end, lines_added, lines_deleted, tests_run and tests_failed may be empty. Moments are such as 2027-03-04T10:00:00Z, and without a zone they are UTC. The rows of a month take the place of all that the same source told about that month before.",
	Series: facts.Delivery,
	Detect: DetectTable,
	Read:   ReadTable,
}

// The columns of the table.
const (
	colEvent = iota
	colService
	colRepository
	colBranch
	colEnvironment
	colResult
	colCause
	colID
	colParent
	colStart
	colEnd
	colAdded
	colDeleted
	colTests
	colFailed
	tableColumns
)

var tableNames = [tableColumns]string{"event", "service", "repository", "branch", "environment", "result", "cause", "id", "parent", "start", "end", "lines_added", "lines_deleted", "tests_run", "tests_failed"}

var (
	sorts   = []string{"commit", "review", "change", "build", "deployment", "incident", "release", "inclusion"}
	results = []string{"", "open", "merged", "closed", "success", "failure", "cancelled"}
	causes  = []string{"", "planned", "hotfix", "rollback", "deployment", "other"}
)

// findColumns returns the place of each column in a header, or -1.
func findColumns(headers []string) (at [tableColumns]int) {
	for n, name := range tableNames {
		at[n] = slices.IndexFunc(headers, func(h string) bool {
			return strings.EqualFold(strings.NewReplacer(" ", "_", "-", "_").Replace(strings.TrimSpace(h)), name)
		})
	}
	return at
}

// missingColumn returns the first column that is needed and not there, or an empty text.
func missingColumn(at [tableColumns]int) string {
	for _, n := range []int{colEvent, colID, colStart} {
		if at[n] < 0 {
			return tableNames[n]
		}
	}
	if at[colRepository] < 0 && at[colService] < 0 {
		return "repository"
	}
	return ""
}

// DetectTable says how likely a table is one of delivery events: whether it has the columns, and a first row with a sort of event.
func DetectTable(head []byte) int {
	headers := kit.HeadColumns(head)
	at := findColumns(headers)
	if len(headers) == 0 || missingColumn(at) != "" {
		return 0
	}
	rows, _, err := kit.OpenTable(context.Background(), feed.BulkInput{Size: int64(len(head)), Content: bytes.NewReader(head)})
	if err != nil {
		return 0
	}
	defer rows.Close()
	if !rows.Next() || !slices.Contains(sorts, strings.ToLower(strings.TrimSpace(string(rows.Row().Value(at[colEvent]))))) {
		return 0
	}
	return 94
}

// ReadTable gives the lines of a table of events to the sink.
func ReadTable(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
	rows, headers, err := kit.OpenTable(ctx, in)
	if err != nil {
		return err
	}
	defer rows.Close()
	at := findColumns(headers)
	if name := missingColumn(at); name != "" {
		return fmt.Errorf("no column is called %s: a table of delivery events has the columns %s", name, strings.Join(tableNames[:], ", "))
	}
	w, err := newWriter(in, sink, "Delivery", "")
	if err != nil {
		return err
	}
	for n := 0; rows.Next(); n++ {
		if n%1024 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			sink.Read(rows.Offset())
		}
		row := rows.Row()
		if row.Problem != "" {
			w.bill.Refuse(row, -1, "", row.Problem)
			continue
		}
		line, column, err := tableLine(row, at)
		if err != nil {
			w.bill.Refuse(row, at[column], tableNames[column], err.Error())
			continue
		}
		if err := w.write(&line, row.Line); err != nil {
			return err
		}
	}
	if rows.Err() != nil {
		return rows.Err()
	}
	sink.Read(in.Size)
	if w.bill.Taken() == 0 {
		sink.Note("The file has no event that could be taken.")
	}
	return nil
}

// tableLine reads a row. It returns the column that is wrong, and why.
func tableLine(row *kit.Row, at [tableColumns]int) (l Line, column int, err error) {
	value := func(n int) string {
		if at[n] < 0 {
			return ""
		}
		return strings.TrimSpace(string(row.Value(at[n])))
	}
	l = Line{Event: strings.ToLower(value(colEvent)), Service: plain(value(colService)), Repository: plain(value(colRepository)), Branch: plain(value(colBranch)), Environment: plain(value(colEnvironment)),
		Result: strings.ToLower(value(colResult)), Cause: strings.ToLower(value(colCause)), ID: facts.EventNumber(value(colID)), Parent: facts.EventNumber(value(colParent))}
	for _, one := range []struct {
		column int
		value  string
		of     []string
	}{{colEvent, l.Event, sorts}, {colResult, l.Result, results}, {colCause, l.Cause, causes}} {
		if !slices.Contains(one.of, one.value) {
			return l, one.column, fmt.Errorf("%q is not one of %s", kit.Short(one.value), strings.Trim(strings.Join(one.of, ", "), ", "))
		}
	}
	switch {
	case l.Service == "" && l.Repository == "":
		return l, colRepository, errors.New("the row has neither a repository nor a service: say where it happened")
	case l.Service != "" && !reference(l.Service):
		return l, colService, fmt.Errorf("%q does not name a record: write its kind and its key, such as Application/shop", kit.Short(l.Service))
	case l.ID == 0:
		return l, colID, errors.New("the row has no id: give each event one that is unique among those of its sort in its repository")
	}
	if l.Start = moment(value(colStart)); l.Start == 0 {
		return l, colStart, fmt.Errorf("%q is not a moment: write it such as 2027-03-04T10:00:00Z", kit.Short(value(colStart)))
	}
	l.End = l.Start
	if text := value(colEnd); text != "" {
		if l.End = moment(text); l.End == 0 {
			return l, colEnd, fmt.Errorf("%q is not a moment: write it such as 2027-03-04T10:00:00Z", kit.Short(text))
		}
	}
	if l.End < l.Start {
		return l, colEnd, errors.New("the event ends before it begins")
	}
	for _, n := range []struct {
		column int
		into   *int64
	}{{colAdded, &l.Added}, {colDeleted, &l.Deleted}, {colTests, &l.Tests}, {colFailed, &l.Failed}} {
		text := value(n.column)
		if text == "" {
			continue
		}
		if *n.into, err = strconv.ParseInt(text, 10, 64); err != nil || *n.into < 0 || *n.into > 1e12 {
			return l, n.column, fmt.Errorf("%q is not a number from 0 on", kit.Short(text))
		}
	}
	if l.Failed > l.Tests {
		return l, colFailed, fmt.Errorf("%d tests failed of %d that were run", l.Failed, l.Tests)
	}
	return l, 0, nil
}

// reference reports whether a text names a record by its kind and its key.
func reference(text string) bool {
	kind, key, ok := strings.Cut(text, "/")
	return ok && kind != "" && strings.TrimSpace(key) != "" && !strings.ContainsFunc(kind, func(r rune) bool { return (r|0x20 < 'a' || r|0x20 > 'z') && (r < '0' || r > '9') })
}
