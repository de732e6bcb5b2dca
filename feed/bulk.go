package feed

import (
	"context"
	"io"

	"binnacle/facts"
	"binnacle/model"
)

// Bulk is a reader of a format of bulk lines, such as bills of a cloud. What it
// reads does not become records, but lines beside the graph, in loads: one for each
// account and period. A bulk reader streams: it must not hold the whole content.
type Bulk struct {
	// Name is the short name of the format, such as focus.
	Name string
	// Label is what a screen calls it, such as FOCUS cost and usage.
	Label string
	// Help says in a sentence what becomes of the content.
	Help string
	// Series is what the lines measure.
	Series facts.Series
	// Detect says from the first bytes of the content, at most [DetectBytes] of them, how likely it is of this format: 0 for no, 100 for
	// certainly. Of a long Parquet file it gets the description of the columns, and of a workbook all of it. It must be quick, must not trust the name of the file and must not panic on anything.
	Detect func(head []byte) int
	// Archive reports from the names of the files in a folder or a ZIP archive whether all of them together are one content of this
	// format. It is then read as a ZIP archive. Nil means that each file is a content of its own.
	Archive func(names []string) bool
	// Read gives the lines of the content to the sink. An error means that the content as a whole cannot be read, and that nothing of
	// it is taken; what is wrong with single lines goes to Sink.Refuse, and the rest is taken.
	Read func(ctx context.Context, in BulkInput, sink Sink) error
}

// DetectBytes is how many bytes of a content bulk formats look at to know it.
const DetectBytes = 64 << 10

// BulkInput is one content of bulk lines.
type BulkInput struct {
	// Name is the name of the file. It is only for messages.
	Name string
	// Size is how many bytes there are.
	Size int64
	// Content is the content.
	Content io.ReaderAt
	// Mapping says which column of the content is which column of the series, where a person said so.
	Mapping *model.Mapping
	// Currency is the currency of amounts that have none, where a person said so.
	Currency string
}

// Reader returns a reader of the content from its beginning.
func (in BulkInput) Reader() io.Reader { return io.NewSectionReader(in.Content, 0, in.Size) }

// Scope says what a part of a content is about: one account in one billing
// period. Lines of one scope replace what was read about it before.
type Scope struct {
	// Provider is the company that sent the bill, such as AWS.
	Provider string
	// Account is the billing account, or another name that keeps bills of one provider apart. It may be empty.
	Account string
	// From is the first day of the billing period.
	From model.Date
	// Until is the last day of the billing period.
	Until model.Date
}

// Sink takes what a bulk format reads. It is used by one goroutine.
type Sink interface {
	// Columns names the columns whose values make up an item, in the words of the series. It is called once, before Part.
	Columns(names []string) error
	// Part returns the writer of the lines of a scope. Asking for the same scope again returns the same writer. Commit and Abort of
	// the writer are not the reader's business. There is a limit of scopes for a content.
	Part(scope Scope) (facts.Writer, error)
	// Refuse notes a line that cannot be right and was not taken: a broken must of the format.
	Refuse(r Refusal)
	// Warn notes a line that looks wrong and was taken.
	Warn(r Refusal)
	// Note tells the person that imports something about the content as a whole.
	Note(format string, args ...any)
	// Read tells how many bytes of the content have been read so far.
	Read(bytes int64)
}
