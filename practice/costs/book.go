// Package costs is what several practices know about money: the lines of bills
// and ledgers that count, whom they belong to after the cost rules, and their
// amounts in the currency of the books.
package costs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// Measure names one of the four amounts that every line has.
type Measure string

// The amounts of a line, in the words of FOCUS.
const (
	Billed     Measure = "billed"
	Effective  Measure = "effective"
	List       Measure = "list"
	Contracted Measure = "contracted"
)

// Options lists the amounts.
func (Measure) Options() []model.Option {
	return []model.Option{
		{Value: "billed", Label: "Billed", Help: "What the invoices ask to be paid."},
		{Value: "effective", Label: "Effective", Help: "The cost of the use, with what was paid in advance spread over it."},
		{Value: "contracted", Label: "Contracted", Help: "The cost at negotiated prices, before commitments."},
		{Value: "list", Label: "List", Help: "The cost at public prices."},
	}
}

// Index returns the place of the amount among the measures of the series. An unset measure is the effective cost.
func (m Measure) Index() int {
	switch m {
	case Billed:
		return facts.Billed
	case List:
		return facts.List
	case Contracted:
		return facts.Contracted
	}
	return facts.Effective
}

// amounts is how many of the measures of a line are money. They come first.
const amounts = 4

// Book is what the lines that count say, one [Line] for each item and month.
type Book struct {
	// Currency is the currency of the books. It is empty where there is neither a fiscal calendar nor a line.
	Currency string
	// Lines are ordered by month, then by load, then by item. They are shared and must not be written to.
	Lines []*Line
	// LeftOut are the lines that a rule leaves out because another load has them in more detail.
	LeftOut []*Line
	// Rates are the exchange rates that were needed, with their days.
	Rates []RateUsed
	// Missing are the currencies for which there is no rate in some month. The lines of these months are in Unconverted and in no total.
	Missing []string
	// Unconverted are the lines whose amounts could not be converted.
	Unconverted []*Line
	// Unread are the loads whose lines could not be read, with the reason.
	Unread []string
	// Loads are the loads that count.
	Loads []*model.Load
	// Closed says that whoever asks may not read bills, so that having none says nothing.
	Closed bool
}

// None says why there is no line, to whoever asks.
func (b *Book) None() string {
	if b.Closed && len(b.Loads) == 0 {
		return "You may not see bills, so that no amount of them is here: somebody who administers Binnacle can give you a role that reads loads."
	}
	return "There are no bills yet that you may see: import a FOCUS export, a bill of a cloud, or a ledger."
}

// Line is what one item cost in one month.
type Line struct {
	// Month is the first day of the month.
	Month model.Date
	// Count is how many lines of the bill it stands for.
	Count int64
	// Original has the measures as the bill has them, in the currency of the item.
	Original []facts.Sum
	// Amounts are billed, effective, list and contracted cost in the currency of the books.
	Amounts [amounts]facts.Sum
	// Rate is what one unit of the original currency costs in the currency of the books. It is nothing where they are the same.
	Rate facts.Decimal
	*Item
}

// Amount returns one of the four amounts in the currency of the books.
func (l *Line) Amount(m Measure) facts.Sum { return l.Amounts[m.Index()] }

// Item is a combination of column values of a load, with what the rules say about it.
type Item struct {
	// Load is where it comes from.
	Load *model.Load
	// Number is its number in the load.
	Number uint32
	// Currency is the currency of its amounts on the bill.
	Currency string
	// Invoice is the number of the invoice that it is on, where the bill says so.
	Invoice string
	// Answer is what rules and the estate say about it.
	Answer
	values []string
	*columns
}

// Value returns the value of a column, such as ServiceName.
func (i *Item) Value(column string) string {
	if at, ok := i.exact[column]; ok {
		return i.values[at]
	}
	return ""
}

// Columns returns the columns of the load.
func (i *Item) Columns() []string { return i.names }

// Tag returns the value of a tag. Upper and lower case of its name are the same.
func (i *Item) Tag(name string) string {
	if i.tags >= 0 {
		for tag, value := range ReadTags(i.values[i.tags]) {
			if strings.EqualFold(tag, name) {
				return value
			}
		}
	}
	return ""
}

// Answer is whom a line belongs to, and what sort of cost it is.
type Answer struct {
	// For are the records that the cost belongs to, each with its part. None means that nobody knows. A share without a record is of
	// one that is gone or that the view does not see.
	For []Share
	// Vendor is who is paid.
	Vendor model.Ref
	// Contract is the contract under which it is paid.
	Contract model.Ref
	// CostCentre is where it is booked.
	CostCentre model.Ref
	// Pool is the cost pool.
	Pool model.Ref
	// Tower is the resource tower.
	Tower model.Ref
	// Purpose is run, grow or transform.
	Purpose model.Purpose
	// Treatment is opex or capex.
	Treatment model.Treatment
	// LeaveOut says that the line does not count.
	LeaveOut bool
	// Rules are the rules that answered, in their order.
	Rules []*model.CostRule
	// Lost is the value of the tag that should have named a record and names none.
	Lost string
}

// Share is the part of one record. The parts of a line count in relation to each other.
type Share struct {
	// To is the record.
	To model.Ref
	// Weight is the part, above zero.
	Weight float64
}

// Unmapped reports whether nobody knows whom the line belongs to, as far as the view sees.
func (a *Answer) Unmapped() bool {
	for _, s := range a.For {
		if !s.To.IsZero() {
			return false
		}
	}
	return true
}

// Owner returns the record that the whole line belongs to, and false where there is none or there are several.
func (a *Answer) Owner() (model.Ref, bool) {
	if len(a.For) != 1 || a.For[0].To.IsZero() {
		return model.Ref{}, false
	}
	return a.For[0].To, true
}

type bookKey struct{ reader any }

// Of returns the book of a view: all lines that count and that the view sees. It
// is made once for each snapshot and sight.
func Of(v estate.View) *Book {
	return v.Memo(bookKey{practice.FactsOf(v)}, func() any { return newBook(v) }).(*Book)
}

func newBook(v estate.View) *Book {
	b := &Book{Loads: practice.LoadsOf(v, facts.Costs), Closed: v.Closed("Load")}
	reader := practice.FactsOf(v)
	type read struct {
		load   *model.Load
		rollup *facts.Rollup
	}
	var reads []read
	for _, load := range b.Loads {
		r, err := reader.Rollup(load.ID)
		if err != nil {
			b.Unread = append(b.Unread, fmt.Sprintf("%s: %v", load.Key, err))
			continue
		}
		reads = append(reads, read{load, r})
	}
	b.Currency = BooksCurrency(v)
	if b.Currency == "" {
		all := make([]*facts.Rollup, len(reads))
		for i, r := range reads {
			all[i] = r.rollup
		}
		b.Currency = mostUsed(all)
	}
	// What is left out is converted too, and needs no rate to be there.
	rates, aside := NewRates(v, b.Currency), NewRates(v, b.Currency)
	judge := newJudge(v)
	for _, r := range reads {
		b.add(r.load, r.rollup, judge, rates, aside)
	}
	slices.SortStableFunc(b.Lines, func(x, y *Line) int { return cmp.Compare(x.Month, y.Month) })
	b.Rates, b.Missing = rates.Used(), rates.Missing()
	return b
}

// add adds what a load says.
func (b *Book) add(load *model.Load, r *facts.Rollup, judge *judge, rates, aside *Rates) {
	columns := judge.columns(r)
	currency, invoice := r.Column("BillingCurrency"), r.Column("InvoiceId")
	value := func(item uint32, column int) string {
		if column < 0 {
			return ""
		}
		return r.Items[item][column]
	}
	type itemKey struct {
		number uint32
		era    int
	}
	items := make(map[itemKey]*Item, len(r.Items))
	lines := make([]Line, len(r.Months))
	for i := range r.Months {
		t := &r.Months[i]
		key := itemKey{t.Of, judge.era(t.At)}
		item := items[key]
		if item == nil {
			item = &Item{Load: load, Number: t.Of, columns: columns, values: r.Items[t.Of], Currency: value(t.Of, currency), Invoice: value(t.Of, invoice)}
			item.Answer = judge.answer(columns, item.values, t.At)
			items[key] = item
		}
		line := &lines[i]
		*line = Line{Month: t.At, Count: t.Lines, Original: t.Sums, Item: item}
		switch {
		case item.LeaveOut:
			line.convert(b.Currency, aside)
			b.LeftOut = append(b.LeftOut, line)
		case line.convert(b.Currency, rates):
			b.Lines = append(b.Lines, line)
		default:
			b.Unconverted = append(b.Unconverted, line)
		}
	}
}

// convert fills in the amounts in the currency of the books, to twelve places after the point where they are converted. It reports false where there is no rate.
func (l *Line) convert(books string, rates *Rates) bool {
	if l.Currency == books || l.Currency == "" || l.Currency == NoCurrency {
		copy(l.Amounts[:], l.Original)
		return true
	}
	day := LastDay(l.Month)
	if rates.rate(l.Currency, day) == nil {
		return false
	}
	l.Rate, _ = rates.On(l.Currency, day)
	first := decimalOf(l.Original[0])
	for i := range l.Amounts {
		// Most lines have the same amount four times.
		if one := decimalOf(l.Original[i]); i > 0 && one.Cmp(first) == 0 {
			l.Amounts[i] = l.Amounts[0]
		} else if converted, ok := rates.amount(one, l.Currency, day); ok {
			l.Amounts[i].Add(converted)
		}
	}
	return true
}

// NoCurrency is the code of ISO 4217 for amounts without a currency.
const NoCurrency = "XXX"

// mostUsed returns the currency that most lines are in.
func mostUsed(rollups []*facts.Rollup) string {
	count := map[string]int64{}
	for _, r := range rollups {
		if at := r.Column("BillingCurrency"); at >= 0 {
			for i := range r.Months {
				count[r.Items[r.Months[i].Of][at]] += r.Months[i].Lines
			}
		}
	}
	best := ""
	for c, n := range count {
		if c != "" && c != NoCurrency && (best == "" || n > count[best] || n == count[best] && c < best) {
			best = c
		}
	}
	return best
}

// LastDay returns the last day of the month of a day.
func LastDay(day model.Date) model.Date {
	t := day.Time()
	return model.NewDate(t.Year(), t.Month()+1, 1).AddDays(-1)
}

// FirstDay returns the first day of the month of a day.
func FirstDay(day model.Date) model.Date {
	t := day.Time()
	return model.NewDate(t.Year(), t.Month(), 1)
}

// Between yields the lines whose month begins on or after one day and on or before another. Unset days do not limit.
func (b *Book) Between(from, until model.Date) []*Line {
	i, j := 0, len(b.Lines)
	if !from.IsZero() {
		i, _ = slices.BinarySearchFunc(b.Lines, FirstDay(from), func(l *Line, d model.Date) int { return cmp.Compare(l.Month, d) })
	}
	if !until.IsZero() {
		j, _ = slices.BinarySearchFunc(b.Lines, until+1, func(l *Line, d model.Date) int { return cmp.Compare(l.Month, d) })
	}
	return b.Lines[i:max(i, j)]
}

// Span returns the first and the last month that have lines, or false where there are none.
func (b *Book) Span() (first, last model.Date, ok bool) {
	if len(b.Lines) == 0 {
		return 0, 0, false
	}
	return b.Lines[0].Month, b.Lines[len(b.Lines)-1].Month, true
}

// Sum adds one of the amounts of lines up.
func Sum(lines []*Line, m Measure) facts.Sum {
	var s facts.Sum
	for i := range lines {
		s.AddSum(lines[i].Amounts[m.Index()])
	}
	return s
}

// Money returns a sum in the currency of the books, with all its digits.
func (b *Book) Money(s facts.Sum) model.Money {
	m, err := s.Money(cmp.Or(b.Currency, NoCurrency))
	if err != nil {
		return model.Money{}
	}
	return m
}

// Warnings returns sentences about what the totals of the book lack.
func (b *Book) Warnings() []string {
	var out []string
	if b.Closed {
		out = append(out, "Your roles let you see no bills but your own: the amounts hold none of the others.")
	}
	for _, c := range b.Missing {
		var first, last model.Date
		count := int64(0)
		for _, l := range b.Unconverted {
			if l.Currency == c {
				if first.IsZero() || l.Month < first {
					first = l.Month
				}
				last, count = max(last, l.Month), count+l.Count
			}
		}
		out = append(out, fmt.Sprintf("There is no exchange rate from %s to %s on or before %s: %s from %s on in %s %s in no total. Add an exchange rate.",
			c, b.Currency, LastDay(last), practice.Count(int(count), "line", "lines"), first, c, map[bool]string{true: "is", false: "are"}[count == 1]))
	}
	for _, u := range b.Unread {
		out = append(out, "Lines could not be read: "+u+".")
	}
	return out
}
