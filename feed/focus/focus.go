// Package focus reads bills in FOCUS, the FinOps Open Cost and Usage Specification:
// the preview 0.5 and the versions 1.0 to 1.4, as CSV, Parquet and JSON.
//
// # What is refused, and what is only reported
//
// Money is never dropped silently, and it is dropped at all only where it cannot be
// counted. A line is refused where it cannot be said how much it is, in which
// currency, when, or what sort of charge it is:
//
//   - the row cannot be split: broken quotes, too many or too few values;
//   - BilledCost is nothing, or one of the four costs is not a number;
//   - a time of the charge or billing period cannot be read, the charge period
//     has no start, or ends before it begins;
//   - BillingCurrency is something else than three letters;
//   - ChargeCategory is none of the specification.
//
// A line that breaks another must of the specification is taken and reported,
// because the money is there: a cost apart from the billed one that is nothing, a
// price times a quantity that is not the cost beyond what rounding explains, the
// rules on when quantities, status and class must or must not be there, the effective cost
// of a purchase that covers other charges, tags that are no JSON. So is what is unusual
// and allowed: Effective above Contracted, Contracted above List. Bills of real
// providers break many of these rules, and a bill without its lines would be worse.
//
// A column that a version demands and that the content lacks is reported once.
// Laws over many lines (what is used of a commitment against what was paid for it) become notes, since they hold over the
// term of the commitment and not inside of one bill.
package focus

import (
	"context"
	"errors"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// Format reads FOCUS cost and usage.
var Format = feed.Bulk{
	Name:   "focus",
	Label:  "FOCUS cost and usage",
	Help:   "Each line becomes a line of cost, for its billing account and billing period. Lines that cannot be counted are refused one by one.",
	Series: facts.Costs,
	Detect: detect,
	Read:   read,
}

// detect says how likely a content is FOCUS, from the names of its columns.
func detect(head []byte) int {
	kind := kit.TableKind(head)
	names := kit.HeadColumns(head)
	marks := 0
	for _, name := range names {
		if isMark(name) {
			marks++
		}
	}
	switch {
	case marks >= 8:
		return 100
	case marks >= 3:
		return 90
	case marks == 2:
		return 75
	case marks == 1:
		return 55
	case kind == kit.ParquetTable && len(names) == 0:
		return 40
	}
	return 0
}

// read gives the lines of a content to a sink.
func read(ctx context.Context, in feed.BulkInput, sink feed.Sink) error {
	rows, names, err := kit.OpenTable(ctx, in)
	if err != nil {
		return err
	}
	defer rows.Close()
	headerLine := 1
	if rows.Row() != nil {
		headerLine = max(1, rows.Row().Line)
	}
	h := newHeader(names, in.Mapping)
	if h.marks == 0 && in.Mapping == nil {
		return errors.New("no column has a name of FOCUS, such as BilledCost or ChargePeriodStart: give the format, or a mapping of the columns")
	}
	r, err := newReader(in, sink, h)
	if err != nil {
		return err
	}
	r.reportHeader(headerLine)
	for n := 0; rows.Next(); n++ {
		if n%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			sink.Read(rows.Offset())
		}
		if err := r.line(rows.Row()); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	sink.Read(in.Size)
	r.reportEnd()
	return nil
}
