package facts

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/model"
)

// Series says what the lines of a load measure.
type Series struct {
	// Name is the short name, such as cost.
	Name string
	// Measures are the names of the numbers that every line has, in their order.
	Measures []string
	// Daily are the columns by which days are added up. Days are coarser than months, so that a year of them stays small.
	Daily []string
}

// The measures of the series cost, by their place in a line. Amounts are in the currency of the item.
const (
	// Billed is what the invoice charges.
	Billed = iota
	// Effective is the cost with what was paid in advance spread over the lines that it was paid for.
	Effective
	// List is the cost at the public price.
	List
	// Contracted is the cost at the negotiated price, before commitments.
	Contracted
	// PricingQuantity is the quantity in the unit of the price.
	PricingQuantity
	// ConsumedQuantity is the quantity that was used.
	ConsumedQuantity
	// CommitmentQuantity is the quantity of a commitment that was bought or drawn on.
	CommitmentQuantity
)

// Costs is the series of lines of bills, invoices and ledgers. The columns of its items carry the names of FOCUS.
var Costs = Series{
	Name:     "cost",
	Measures: []string{"BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingQuantity", "ConsumedQuantity", "CommitmentDiscountQuantity"},
	Daily:    []string{"ProviderName", "BillingCurrency", "SubAccountId", "SubAccountName", "ServiceCategory", "ServiceName", "ChargeCategory"},
}

// Usage is the series of measured use: how much of something somebody used.
// The columns of its items are Subject (Kind/key of what was used), User (Kind/key of who
// used it, or empty), Metric (such as requests, licences or logins) and Unit.
var Usage = Series{Name: "usage", Measures: []string{"Quantity"}, Daily: []string{"Subject", "User", "Metric", "Unit"}}

// The measures of the series delivery, by their place in a line.
const (
	// EventID names the event among those of its sort in its repository, as [EventNumber] makes it.
	EventID = iota
	// EventParent is what the event belongs to, as [EventNumber] makes it: of a commit and a review the change, of a change the commit that
	// it became, of a build and a deployment the commit, of an incident the deployment that caused it, of an inclusion the deployment. 0 for none or not known.
	EventParent
	// LinesAdded are the lines of source that the event added.
	LinesAdded
	// LinesDeleted are the lines of source that it took away.
	LinesDeleted
	// TestsRun are the tests that it ran.
	TestsRun
	// TestsFailed are those that failed.
	TestsFailed
)

// Delivery is the series of what happens on the way of software to its users. Who did it is left out: the figures are about
// services and teams, never about persons. The columns of its items are
//
//   - Event: commit, review, change (a pull or merge request), build, deployment, incident, release, or inclusion (a commit that a deployment brought);
//   - Service: Kind/key of what it is about, or empty where the repository says it;
//   - Repository: the full name at the provider, such as acme/shop;
//   - Branch: the branch, where there is one; of a change the branch that it comes from;
//   - Environment: of a deployment where to, such as production; of a build the name of its workflow, pipeline or job;
//   - Result: open, merged, closed, success, failure, cancelled, or empty;
//   - Cause: of a deployment planned, hotfix or rollback; of a change hotfix; of an incident deployment or other; empty where nothing is known.
//
// The number of an inclusion is that of its commit, so that inclusions are told apart by number and parent.
//
// A line starts when the event began (a commit: was written; a change: was opened; an incident: was noticed) and ends when it was
// over (a commit: was pushed; a change: was merged or closed; an incident: was resolved). A line of an event that goes on ends when it starts.
// A later line with the same Event, Repository and number takes the place of an earlier one.
var Delivery = Series{
	Name:     "delivery",
	Measures: []string{"EventId", "ParentId", "LinesAdded", "LinesDeleted", "TestsRun", "TestsFailed"},
	Daily:    []string{"Event", "Service", "Repository", "Environment", "Result", "Cause"},
}

// EventNumber makes a number below 2^60 of the identifier of an event: of a decimal number that number, of a hexadecimal digest or a UUID
// its first 15 digits, and of any other text 60 bits of its SHA-256. It is 0 for an empty text.
func EventNumber(id string) int64 {
	if id == "" {
		return 0
	}
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && n > 0 && n < 1<<60 && len(id) < 19 {
		return n
	}
	hex := strings.ReplaceAll(strings.Trim(id, "{}"), "-", "")
	if len(hex) >= 15 {
		if n, err := strconv.ParseUint(hex[:15], 16, 64); err == nil {
			return int64(n)
		}
	}
	sum := sha256.Sum256([]byte(id))
	return int64(binary.BigEndian.Uint64(sum[:8]) >> 4)
}

// AllSeries returns every series.
func AllSeries() []Series { return []Series{Costs, Usage, Delivery} }

// SeriesOf returns the series with a name, or false.
func SeriesOf(name string) (Series, bool) {
	for _, s := range AllSeries() {
		if s.Name == name {
			return s, true
		}
	}
	return Series{}, false
}

// Header describes a load.
type Header struct {
	// Load is the id of the record of kind Load that says whether the lines count.
	Load model.ID
	// Series is the name of the series.
	Series string
	// Columns are the names of the columns whose values make up an item.
	Columns []string
	// Committed is when the lines became durable. The store sets it.
	Committed time.Time
	// Whole is how many items keep all their values in the roll-up; those that come later are merged. 0 means [MostWhole]. Stores do not keep it.
	Whole int
}

// Line is one measured line.
type Line struct {
	// Item is the number that [Writer.Item] gave to the values of the columns. In a line that was read it is the item of the roll-up.
	Item uint32
	// Own is, in a line that was read, the number whose values [Items] has. It differs from Item where items were merged.
	Own uint32
	// Start is the first second of the time measured, in seconds since 1970 in UTC.
	Start int64
	// End is the second after the last one.
	End int64
	// Row is the line of the file that it was read from, from 1.
	Row int64
	// Values are the numbers, one for each measure of the series.
	Values [MaxMeasures]Decimal
}

// MaxMeasures is how many measures a series may have.
const MaxMeasures = 8

// Writer takes the lines of one load. It is used by one goroutine. Nothing
// counts before Commit has returned without an error.
type Writer interface {
	// Item returns the number of a combination of column values. The hash names the combination; values is called
	// only where it is new, and must return one value for each column of the header. A combination may get more than one number: a
	// writer forgets combinations where there are very many. Every number stays good until the load is committed.
	Item(hash Hash, values func() []string) (uint32, error)
	// Add appends a line.
	Add(line *Line) error
	// Commit makes the lines durable and returns their totals.
	Commit(ctx context.Context) (Totals, error)
	// Abort throws the lines away. After Commit it does nothing.
	Abort()
}

// Hash names a combination of column values.
type Hash [2]uint64

// Totals are what a load adds up to.
type Totals struct {
	// Lines is how many lines there are.
	Lines int64
	// From is the first day that is measured, and Until the last one.
	From, Until model.Date
	// Sums has one sum for each measure of the series. Currencies are not kept apart here.
	Sums []Sum
	// Merged are the columns that are left out of items of the roll-up because there are very many. Lines have all their values.
	Merged []string
}

// Rollup is a load added up by item and month, and by group and day. It is shared and must not be written to.
type Rollup struct {
	Header
	// Items are the combinations of column values, by number, each with one value for each column. A combination may be there more than once.
	Items [][]string
	// Whole is how many items, from the first, have all values of their lines. Those behind it stand for several, and have no values in the columns that differ.
	Whole int
	// Months are the sums by item and month.
	Months []Total
	// Groups are the combinations of values of the daily columns of the series that the load has, by number. A combination may be there more than once.
	Groups [][]string
	// GroupColumns are the names of those columns.
	GroupColumns []string
	// Days are the sums by group and day.
	Days []Total
}

// Total is what some lines of one item or group add up to in a month or a day.
type Total struct {
	// Of is the number of the item or group.
	Of uint32
	// At is the first day of the month in which the lines start, or the day.
	At model.Date
	// Lines is how many lines there are.
	Lines int64
	// Sums has one sum for each measure of the series.
	Sums []Sum
}

// Column returns the place of a column, or -1.
func (h *Header) Column(name string) int {
	for i, c := range h.Columns {
		if c == name {
			return i
		}
	}
	return -1
}

// Daily returns the columns of the load by which days are added up.
func (h *Header) Daily() []string {
	series, _ := SeriesOf(h.Series)
	return slices.DeleteFunc(slices.Clone(series.Daily), func(c string) bool { return h.Column(c) < 0 })
}

// Value returns the value that an item has in a column. It is empty where the load has no such column.
func (r *Rollup) Value(item uint32, column string) string {
	if i := r.Column(column); i >= 0 {
		return r.Items[item][i]
	}
	return ""
}

// Store keeps loads. All methods may be called at the same time.
type Store interface {
	// Write begins a load.
	Write(ctx context.Context, h Header) (Writer, error)
	// Rollup returns a load added up. The error wraps [ErrNone] where there is no such load.
	Rollup(ctx context.Context, load model.ID) (*Rollup, error)
	// Lines yields the lines of a load in the order in which they were added. Where items is not nil, only lines of these items are yielded.
	Lines(ctx context.Context, load model.ID, items map[uint32]bool) iter.Seq2[Line, error]
	// Items opens the values of the columns of single lines.
	Items(ctx context.Context, load model.ID) (Items, error)
	// Loads returns the headers of all loads that were committed.
	Loads(ctx context.Context) ([]Header, error)
	// Drop removes a load for ever. It is for loads that the estate never knew.
	Drop(ctx context.Context, load model.ID) error
	// Close ends the use of the store.
	Close() error
}

// Items are the combinations of column values of a load, of which a store holds few at a time. They are used by one goroutine, and by the context that opened them.
type Items interface {
	// Len returns how many there are.
	Len() int
	// Values returns the values of a number, which is the field Own of a line.
	Values(own uint32) ([]string, error)
}

// CommitAll makes the lines of several loads of a store durable, at once where the store can do that. With an error it gives up
// the rest; the first ones, as many as it returns totals of, are committed nevertheless.
func CommitAll(ctx context.Context, s Store, writers []Writer) ([]Totals, error) {
	if all, ok := s.(interface {
		CommitAll(ctx context.Context, writers []Writer) ([]Totals, error)
	}); ok {
		return all.CommitAll(ctx, writers)
	}
	out := make([]Totals, len(writers))
	for i, w := range writers {
		var err error
		if out[i], err = w.Commit(ctx); err != nil {
			for _, rest := range writers[i:] {
				rest.Abort()
			}
			return out[:i], err
		}
	}
	return out, nil
}

// ErrNone says that there is no load with an id.
var ErrNone = errors.New("there are no lines of this load")

// Reader is what questions read facts through.
type Reader interface {
	// Rollup returns a load added up. Asking again costs nothing.
	Rollup(load model.ID) (*Rollup, error)
	// Lines yields the lines of a load, as [Store.Lines] does.
	Lines(load model.ID, items map[uint32]bool) iter.Seq2[Line, error]
}
