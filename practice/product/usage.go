package product

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// UsageIn says whose measured use is wanted.
type UsageIn struct {
	// Product limits the answer to one product.
	Product model.Ref `to:"Product"`
	// Months is how many full months are looked at. Unset means 12.
	Months int `min:"1" max:"60"`
}

// UsageOut is how much products and what they run on are used.
type UsageOut struct {
	// Measured is how many of the products have measured use, of their own or of what they run on.
	Measured practice.Figure
	// Growing is how many metrics of the products themselves are above those of the months before.
	Growing practice.Figure
	// Shrinking is how many are below.
	Shrinking practice.Figure
	// Months draws what was measured of the products themselves, month by month.
	Months practice.Series
	// Table is what was measured, by product, thing and metric.
	Table practice.Table[UsageRow]
}

// UsageRow is one metric of a product or of something that it runs on.
type UsageRow struct {
	// Product is the product.
	Product practice.Link
	// Of is what was used: the product itself, or an application or service that it runs on.
	Of practice.Link
	// Metric is what was counted.
	Metric string
	// Unit is the unit of the quantity.
	Unit string
	// Quantity is how much was used in the months that are looked at.
	Quantity float64
	// Before is how much was used in as many months before. Unset means that nothing was measured then.
	Before *float64
	// Change is by how many percent the one differs from the other.
	Change *float64 `unit:"%"`
	// Last is the last month with a measurement.
	Last model.Date
	// From are the loads that it comes from.
	From []practice.Link
}

// Usage tells how much products are used, from measured use: of the products themselves, and of the applications and services that they run
// on directly. The current month is not full and is left out.
func Usage(v estate.View, in UsageIn) (UsageOut, error) {
	var out UsageOut
	months := cmp.Or(in.Months, 12)
	until := costs.FirstDay(v.At())
	span := usageSpan{from: until.AddMonths(-months), until: until, before: until.AddMonths(-2 * months)}
	uses := costs.UsesOf(v)
	var measured, growing, shrinking []practice.Link
	for _, p := range every[*model.Product](v) {
		if !in.Product.IsZero() && p.Ref() != in.Product {
			continue
		}
		rows, lines := span.of(uses, p, p)
		for _, row := range rows {
			switch {
			case row.Change == nil:
			case *row.Change > 0:
				growing = append(growing, row.Product)
			case *row.Change < 0:
				shrinking = append(shrinking, row.Product)
			}
		}
		out.Months.Lines = append(out.Months.Lines, lines...)
		for _, ref := range p.RunsOn {
			if rec := v.Get(ref); rec != nil {
				below, _ := span.of(uses, p, rec)
				rows = append(rows, below...)
			}
		}
		if len(rows) > 0 {
			measured = append(measured, practice.To(p))
		}
		out.Table.Rows = append(out.Table.Rows, rows...)
	}
	if len(out.Months.Lines) > mostLines {
		out.Months.Lines = out.Months.Lines[:mostLines]
	}
	out.Measured = practice.Counted("products", practice.Higher, measured)
	out.Growing, out.Shrinking = practice.Counted("metrics", practice.Higher, growing), practice.Counted("metrics", practice.Lower, shrinking)
	if len(measured) == 0 {
		out.Growing.Unknown, out.Shrinking.Unknown = true, true
		out.Table.Note = "Nothing is measured: import use as a table with subject, metric, unit, from, until and quantity."
	}
	return out, nil
}

// usageSpan are the months that are looked at, and as many before.
type usageSpan struct{ before, from, until model.Date }

// of adds up the measured use of one thing, by metric.
func (s usageSpan) of(uses *costs.Uses, p *model.Product, of model.Record) ([]UsageRow, []practice.Line) {
	type sums struct {
		row         UsageRow
		now, before facts.Sum
		known       bool
		months      []practice.Point
	}
	byMetric := map[string]*sums{}
	var order []string
	for _, use := range uses.Of(of.Base().Ref()) {
		if use.Month < s.before || use.Month >= s.until {
			continue
		}
		got := byMetric[use.Metric]
		if got == nil {
			got = &sums{row: UsageRow{Product: practice.To(p), Of: practice.To(of), Metric: use.Metric, Unit: use.Unit}}
			byMetric[use.Metric] = got
			order = append(order, use.Metric)
		}
		if load := practice.To(use.Load); !slices.ContainsFunc(got.row.From, func(l practice.Link) bool { return l.ID == load.ID }) {
			got.row.From = append(got.row.From, load)
		}
		got.row.Last = max(got.row.Last, use.Month)
		if n := len(got.months); n > 0 && got.months[n-1].At == use.Month {
			got.months[n-1].Value += use.Quantity.Float()
		} else {
			got.months = append(got.months, practice.Point{At: use.Month, Value: use.Quantity.Float()})
		}
		if use.Month >= s.from {
			got.now.AddSum(use.Quantity)
		} else {
			got.before.AddSum(use.Quantity)
			got.known = true
		}
	}
	slices.Sort(order)
	var rows []UsageRow
	var lines []practice.Line
	for _, metric := range order {
		got := byMetric[metric]
		got.row.Quantity = got.now.Float()
		if got.known {
			before := got.before.Float()
			got.row.Before = &before
			if before != 0 {
				change := 100 * (got.row.Quantity - before) / before
				got.row.Change = &change
			}
		}
		rows = append(rows, got.row)
		slices.SortStableFunc(got.months, func(a, b practice.Point) int { return cmp.Compare(a.At, b.At) })
		lines = append(lines, practice.Line{Name: p.Title() + ": " + metric, Points: got.months})
	}
	return rows, lines
}
