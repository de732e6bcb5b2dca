package delivery

import (
	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// Columns are the columns of the items of every load of delivery events.
var Columns = []string{"Event", "Service", "Repository", "Branch", "Environment", "Result", "Cause"}

// writer gives lines to a sink.
type writer struct {
	bill *kit.BillWriter
	line kit.BillLine
}

// newWriter returns a writer of lines that a provider told about an account.
func newWriter(in feed.BulkInput, sink feed.Sink, provider, account string) (*writer, error) {
	bill, err := kit.NewBillWriter(in, sink, Columns)
	if err != nil {
		return nil, err
	}
	w := &writer{bill: bill}
	w.line.Items = make([][]byte, len(Columns))
	w.line.Provider, w.line.Account = []byte(provider), []byte(account)
	return w, nil
}

// write gives a line that stands in a row of the content.
func (w *writer) write(l *Line, row int) error {
	for i, text := range [...]string{l.Event, l.Service, l.Repository, l.Branch, l.Environment, l.Result, l.Cause} {
		w.line.Items[i] = append(w.line.Items[i][:0], text...)
	}
	w.line.Line = facts.Line{Start: l.Start, End: max(l.Start, l.End), Row: int64(row)}
	for i, n := range [...]int64{l.ID, l.Parent, l.Added, l.Deleted, l.Tests, l.Failed} {
		w.line.Values[i] = facts.NewDecimal(n, 0)
	}
	return w.bill.Write(&w.line)
}

// period puts all lines into one part, whatever their months are.
func (w *writer) period(from, until model.Date) { w.line.From, w.line.Until = from, until }
