package assets

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// DepreciationIn says whose depreciation is shown, and for which years.
type DepreciationIn struct {
	// From is the number of the first fiscal year. The default is the one of the date.
	From int `min:"1900" max:"2300"`
	// Years is how many fiscal years are shown. The default is 5.
	Years int `min:"1" max:"60"`
	// Assets limits the answer to some assets. None means all.
	Assets []model.Ref `to:"Asset"`
	// Category limits the answer to one sort of hardware, such as server.
	Category string
	// CostCentre limits the answer to what is booked at a cost centre.
	CostCentre model.Ref `to:"CostCentre"`
	// Life is the useful life that is assumed for assets without one of their own. Without it they are left out and named.
	Life int `min:"1" max:"600" unit:"months"`
	// Calendar is the fiscal calendar that is used. The default is the one of the whole company, and calendar years where there is none.
	Calendar model.Ref `to:"FiscalCalendar"`
}

// DepreciationOut is how the value of assets falls.
type DepreciationOut struct {
	// Cost is what the assets cost that the company has on the date.
	Cost practice.Figure
	// Book is what they are worth in the books on the date.
	Book practice.Figure
	// Charge is the depreciation of the first fiscal year that is shown.
	Charge practice.Figure
	// LeftOut is how many assets have no schedule because something is not known.
	LeftOut practice.Figure
	// Calendar says how the fiscal years run.
	Calendar string
	// Chart shows the depreciation of each year.
	Chart practice.Series
	// Years are the fiscal years: what was there, came, was written off, went, and stays.
	Years practice.Table[YearRow]
	// Findings name what is left out, and gains and losses of what went.
	Findings []practice.Finding
	// Table lists the assets with their schedule.
	Table practice.Table[ScheduleRow]
}

// YearRow is one fiscal year in one currency. Opening + additions - depreciation - disposals = closing.
type YearRow struct {
	// Year is the number of the fiscal year.
	Year int
	// First is its first day.
	First model.Date
	// Last is its last day.
	Last model.Date
	// Opening is the value in the books before the first day.
	Opening model.Money
	// Additions is what came in the year, at its price.
	Additions model.Money
	// Depreciation is what was written off by use.
	Depreciation model.Money
	// Disposals is the value in the books of what went.
	Disposals model.Money
	// Closing is the value in the books after the last day.
	Closing model.Money
	// From are the assets that any of it is about.
	From []practice.Link
}

// ScheduleRow is the schedule of one asset.
type ScheduleRow struct {
	// Asset is the record.
	Asset practice.Link
	// Method says how its value falls.
	Method model.DepreciationMethod
	// Cost is what it cost.
	Cost model.Money
	// Salvage is what it is worth at the end.
	Salvage model.Money
	// Months is its useful life.
	Months int
	// First is the first day on which its value falls.
	First model.Date
	// Ends is the day on which it has fallen to the end.
	Ends model.Date
	// WrittenOff is by how much it has fallen on the date.
	WrittenOff model.Money
	// Book is what it is worth in the books on the date.
	Book model.Money
}

// scheduled is an asset with the way its value falls.
type scheduled struct {
	asset *model.Asset
	practice.Depreciation
}

// Depreciation shows how the value of the hardware falls, by fiscal year: by equal
// parts, by the double declining balance, or declining until equal parts are more.
// The month of the delivery, or else of the purchase, counts as a whole; a month is
// booked on its last day; the month of the disposal is not. Books keep whole cents, so
// that every schedule ends at the value that was planned and every year carries over.
func Depreciation(v estate.View, in DepreciationIn) (DepreciationOut, error) {
	var out DepreciationOut
	years, err := fiscalOf(v, in.Calendar)
	if err != nil {
		return out, err
	}
	out.Calendar = years.text
	var all []scheduled
	var missing []practice.Link
	for a := range estate.Each[*model.Asset](v) {
		if a.State == "requested" || a.State == "ordered" || in.Category != "" && in.Category != a.Category || !in.CostCentre.IsZero() && in.CostCentre != a.CostCentre || len(in.Assets) > 0 && !slices.Contains(in.Assets, a.Ref()) {
			continue
		}
		s := scheduled{a, valueOf(a, in.Life)}
		if err := s.Check(); err != nil {
			missing = append(missing, practice.To(a))
			if len(in.Assets) > 0 {
				out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, About: practice.To(a), Owner: practice.OwnerOf(v, a), Text: fmt.Sprintf("%s has no schedule: %s.", a.Title(), err)})
			}
			continue
		}
		all = append(all, s)
	}
	if err := out.lines(v, all); err != nil {
		return out, err
	}
	first := cmp.Or(in.From, years.of(v.At()))
	for year := first; year < first+cmp.Or(in.Years, 5); year++ {
		if err := out.year(years, year, all); err != nil {
			return out, err
		}
	}
	out.chart(first)
	out.LeftOut = practice.Counted("assets", practice.Lower, missing)
	if len(missing) > 0 && len(in.Assets) == 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, From: missing,
			Text: fmt.Sprintf("%s no schedule, because the price, the day of purchase or the useful life is not known: %s.", practice.Count(len(missing), "asset has", "assets have"), practice.Some(missing))})
	}
	sorted(out.Findings)
	return out, nil
}

// lines lists the schedules and adds up what is there on the date.
func (out *DepreciationOut) lines(v estate.View, all []scheduled) error {
	var costs, books []model.Money
	var from []practice.Link
	for _, s := range all {
		if s.gone(v.At()) || s.From > v.At() {
			continue
		}
		written, err := s.WrittenOff(s.MonthsBy(v.At()))
		if err != nil {
			return err
		}
		book, err := s.Cost.Add(written.Neg())
		if err != nil {
			return err
		}
		l := practice.To(s.asset)
		out.Table.Rows = append(out.Table.Rows, ScheduleRow{Asset: l, Method: cmp.Or(s.Method, "straight_line"), Cost: s.Cost, Salvage: s.Salvage, Months: s.Months, First: s.First(), Ends: s.Ends(), WrittenOff: written, Book: book})
		costs, books, from = append(costs, s.Cost), append(books, book), append(from, l)
	}
	out.Cost = practice.SumOf("", practice.Neither, costs, from)
	out.Book = practice.SumOf("", practice.Neither, books, from)
	return nil
}

// gone reports whether the asset had gone by the end of a day.
func (s scheduled) gone(day model.Date) bool {
	return !s.asset.Disposed.IsZero() && s.asset.Disposed <= day || s.asset.Disposed.IsZero() && s.asset.State == "disposed"
}

// writtenBy returns what is written off by use at the end of a day. The month of the disposal and those after it are not.
func (s scheduled) writtenBy(day model.Date) (model.Money, error) {
	if end := s.asset.Disposed; !end.IsZero() && end <= day {
		t := end.Time()
		day = model.NewDate(t.Year(), t.Month(), 1).AddDays(-1)
	}
	return s.WrittenOff(s.MonthsBy(day))
}

// valueBy returns what is in the books at the end of a day: nothing before it came and after it went.
func (s scheduled) valueBy(day model.Date) (model.Money, error) {
	if s.From > day || s.gone(day) {
		return model.NewMoney("0", s.Cost.Currency())
	}
	written, err := s.writtenBy(day)
	if err != nil {
		return model.Money{}, err
	}
	return s.Cost.Add(written.Neg())
}

// year adds a fiscal year to the table, one row for each currency.
func (out *DepreciationOut) year(years fiscal, year int, all []scheduled) error {
	first, last := years.days(year)
	t := newTally()
	for _, s := range all {
		if s.asset.State == "disposed" && s.asset.Disposed.IsZero() {
			continue
		}
		opening, err := s.valueBy(first.AddDays(-1))
		if err != nil {
			return err
		}
		closing, err := s.valueBy(last)
		if err != nil {
			return err
		}
		nothing, _ := model.NewMoney("0", s.Cost.Currency())
		added, went := nothing, nothing
		if s.From >= first && s.From <= last {
			added = s.Cost
		}
		before, err := s.writtenBy(first.AddDays(-1))
		if err != nil {
			return err
		}
		if s.From >= first {
			before = nothing
		}
		after, err := s.writtenBy(last)
		if err != nil {
			return err
		}
		charge, err := after.Add(before.Neg())
		if err != nil {
			return err
		}
		if d := s.asset.Disposed; !d.IsZero() && d >= first && d <= last {
			if went, err = s.Cost.Add(after.Neg()); err != nil {
				return err
			}
			out.result(s, went)
		} else if s.From > last || s.gone(last) {
			charge = nothing
		}
		if opening.Sign() == 0 && closing.Sign() == 0 && added.Sign() == 0 && charge.Sign() == 0 && went.Sign() == 0 {
			continue
		}
		if err := t.add("", practice.To(s.asset), opening, added, charge, went, closing); err != nil {
			return err
		}
	}
	slices.SortFunc(t.order, func(a, b *tallied) int { return cmp.Compare(a.currency, b.currency) })
	for _, r := range t.order {
		out.Years.Rows = append(out.Years.Rows, YearRow{Year: year, First: first, Last: last, Opening: r.sums[0], Additions: r.sums[1], Depreciation: r.sums[2], Disposals: r.sums[3], Closing: r.sums[4], From: r.from})
	}
	return nil
}

// result says what the disposal of an asset brought above or below its value in the books.
func (out *DepreciationOut) result(s scheduled, book model.Money) {
	proceeds := s.asset.Proceeds
	if proceeds.IsZero() {
		proceeds, _ = model.NewMoney("0", s.Cost.Currency())
	}
	gain, err := proceeds.Add(book.Neg())
	if err != nil || gain.Sign() == 0 {
		return
	}
	text := fmt.Sprintf("%s went on %s for %s: a gain of %s over its value in the books.", s.asset.Title(), s.asset.Disposed, proceeds, gain)
	if gain.Sign() < 0 {
		text = fmt.Sprintf("%s went on %s for %s: a loss of %s against its value in the books.", s.asset.Title(), s.asset.Disposed, proceeds, gain.Neg())
	}
	out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(s.asset), Text: text})
}

// chart draws the depreciation by year, one line for each currency, and fills the figure of the first year.
func (out *DepreciationOut) chart(first int) {
	lines := map[string]int{}
	var charges []model.Money
	var from []practice.Link
	for _, r := range out.Years.Rows {
		currency := r.Depreciation.Currency()
		at, ok := lines[currency]
		if !ok {
			at = len(out.Chart.Lines)
			lines[currency] = at
			out.Chart.Lines = append(out.Chart.Lines, practice.Line{Name: "Depreciation in " + currency})
		}
		out.Chart.Lines[at].Points = append(out.Chart.Lines[at].Points, practice.Point{At: r.First, Label: fmt.Sprint(r.Year), Value: r.Depreciation.Float(), From: r.From})
		if r.Year == first {
			charges, from = append(charges, r.Depreciation), append(from, r.From...)
		}
	}
	out.Charge = practice.SumOf("", practice.Neither, charges, from)
}
