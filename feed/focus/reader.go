package focus

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"binnacle/facts"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
)

// reader turns the rows of one content into lines.
type reader struct {
	*header
	out  *kit.BillWriter
	sink feed.Sink
	in   feed.BulkInput
	// fallback is the currency of lines that have none.
	fallback []byte
	// text holds the values of the row that is being read by their columns, number its numbers.
	text [used][]byte
	bill kit.BillLine
	row  *kit.Row
	// from and until are the billing period that was read last.
	from, until moment
	commitments commitments
	tags        tagCheck
	upper       [3]byte
	refused     int64
	// name stands for the account where the content names neither an account nor a company.
	name []byte
}

// moment is a time and the text that it was read from.
type moment struct {
	text    [40]byte
	length  int
	seconds int64
}

func newReader(in feed.BulkInput, sink feed.Sink, h *header) (*reader, error) {
	if h.at[billedCost] < 0 && h.at[effectiveCost] < 0 {
		return nil, fmt.Errorf("no column has the cost: FOCUS calls it BilledCost%s", h.nearestHint("BilledCost"))
	}
	if h.at[chargeStart] < 0 && h.at[billingStart] < 0 {
		return nil, fmt.Errorf("no column has the time of the charges: FOCUS calls it ChargePeriodStart%s", h.nearestHint("ChargePeriodStart"))
	}
	r := &reader{header: h, sink: sink, in: in, fallback: []byte("XXX")}
	if c := strings.ToUpper(strings.TrimSpace(in.Currency)); c != "" {
		if !kit.BillCurrency([]byte(c)) {
			return nil, fmt.Errorf("%q is not a currency: give the three letters of ISO 4217, such as EUR", in.Currency)
		}
		r.fallback = []byte(c)
	}
	if h.at[account] < 0 && h.at[provider] < 0 && h.at[publisher] < 0 && h.at[issuer] < 0 {
		r.name = []byte(path.Base(strings.ReplaceAll(in.Name, "\\", "/")))
	}
	r.bill.Items = make([][]byte, len(h.columns))
	out, err := kit.NewBillWriter(in, sink, h.columns)
	r.out = out
	return r, err
}

// reportHeader tells what can be said from the names of the columns alone.
func (r *reader) reportHeader(line int) {
	r.sink.Note("the columns are those of FOCUS %s", r.version)
	if missing := r.missing(); len(missing) > 0 {
		r.sink.Warn(feed.Refusal{Where: feed.Where{File: r.in.Name, Line: line},
			Reason: fmt.Sprintf("FOCUS %s demands columns that are not there: %s; what they would say is unknown", r.version, strings.Join(missing, ", "))})
	}
	switch {
	case r.at[currency] >= 0:
	case string(r.fallback) == "XXX":
		r.sink.Note("there is no column BillingCurrency and no currency was given: the amounts have the currency XXX, which is none")
	default:
		r.sink.Note("there is no column BillingCurrency: the amounts are taken as %s", r.fallback)
	}
	if r.at[chargeStart] < 0 {
		r.sink.Note("there is no column ChargePeriodStart: every line is taken to last for its billing period")
	} else if r.at[chargeEnd] < 0 {
		r.sink.Note("there is no column ChargePeriodEnd: every line is taken to last until the end of the day")
	}
	if r.at[billingStart] < 0 || r.at[billingEnd] < 0 {
		r.sink.Note("there is no billing period: the months in which the charges start are taken instead")
	}
	if r.name != nil {
		r.sink.Note("there is no column that says whose bill it is: its lines are known by the name of the file, %s", r.name)
	}
	if r.at[billedCost] < 0 {
		r.sink.Note("there is no column BilledCost: nothing counts as billed, only EffectiveCost is known")
	}
}

// line reads, checks and writes one row. The error is that of the sink.
func (r *reader) line(row *kit.Row) error {
	r.row = row
	if row.Problem != "" {
		r.refuse(-1, "%s", row.Problem)
		return nil
	}
	if n := row.Len(); n != len(r.names) && !r.emptyBehind(n) {
		r.refuse(-1, "the line has %d values and the header names %d columns: it may be cut off, or a value with a comma lacks its quotes", n, len(r.names))
		return nil
	}
	for c, i := range r.at {
		if i >= 0 {
			r.text[c] = row.Value(i)
		}
	}
	for n, i := range r.items {
		if i >= 0 {
			r.bill.Items[n] = row.Value(i)
		}
	}
	if !r.costs() || !r.times() || !r.words() {
		r.refused++
		return nil
	}
	r.quantities()
	r.check()
	r.bill.Row = int64(row.Line)
	return r.out.Write(&r.bill)
}

// emptyBehind reports whether a row has more values than there are columns, and nothing in those.
func (r *reader) emptyBehind(n int) bool {
	for i := len(r.names); i < n; i++ {
		if len(r.row.Value(i)) > 0 {
			return false
		}
	}
	return n > len(r.names)
}

// costs reads the four costs.
func (r *reader) costs() bool {
	for c := billedCost; c <= contractedCost; c++ {
		d, err := kit.BillNumber(r.text[c])
		if err != nil {
			r.refuseValue(c, err.Error())
			return false
		}
		r.bill.Values[c] = d
		if !d.IsNull() || r.at[c] < 0 {
			continue
		}
		if c == billedCost || c == effectiveCost && r.at[billedCost] < 0 {
			r.refuseValue(c, "the cost is nothing, and FOCUS demands a number: without it the line cannot be counted")
			return false
		}
		r.warn(c, "the cost is nothing, and FOCUS demands a number: it is counted as unknown")
	}
	return true
}

// times reads the charge period and the billing period.
func (r *reader) times() bool {
	start, end, ok := int64(0), int64(0), true
	r.bill.From, r.bill.Until = 0, 0
	hasBilling := len(r.text[billingStart]) > 0 && len(r.text[billingEnd]) > 0
	if hasBilling {
		if start, ok = r.moment(billingStart, &r.from); !ok {
			return false
		}
		if end, ok = r.moment(billingEnd, &r.until); !ok {
			return false
		}
		if end > start {
			r.bill.From, r.bill.Until = facts.DayOf(start), facts.DayOf(end-1)
		} else {
			r.warn(billingEnd, "the billing period ends before it begins: the month in which the charge starts is taken instead")
		}
	} else if r.at[billingStart] >= 0 && r.at[billingEnd] >= 0 {
		r.warn(billingStart, "the line has no billing period, and FOCUS demands one: the month in which the charge starts is taken instead")
	}
	if r.at[chargeStart] < 0 {
		if !hasBilling || end <= start {
			r.refuseValue(billingStart, "the line has neither a charge period nor a billing period: when it counts is unknown")
			return false
		}
		r.bill.Start, r.bill.End = start, end
		return true
	}
	if len(r.text[chargeStart]) == 0 {
		r.refuseValue(chargeStart, "the charge has no start: when it counts is unknown")
		return false
	}
	if r.bill.Start, ok = r.time(chargeStart); !ok {
		return false
	}
	if len(r.text[chargeEnd]) == 0 {
		r.bill.End = facts.SecondsOf(facts.DayOf(r.bill.Start)) + 86400
		if r.at[chargeEnd] >= 0 {
			r.warn(chargeEnd, "the charge has no end, and FOCUS demands one: it is taken to last until the end of the day")
		}
		return true
	}
	if r.bill.End, ok = r.time(chargeEnd); !ok {
		return false
	}
	if r.bill.End < r.bill.Start {
		r.refuseValue(chargeEnd, fmt.Sprintf("the charge ends at %.40s, before it begins at %.40s", r.text[chargeEnd], r.text[chargeStart]))
		return false
	}
	return true
}

func (r *reader) time(c int) (int64, bool) {
	t, err := kit.BillTime(r.text[c])
	if err != nil {
		r.refuseValue(c, err.Error())
	}
	return t, err == nil
}

// moment reads a time that is mostly that of the line before.
func (r *reader) moment(c int, last *moment) (int64, bool) {
	text := r.text[c]
	if last.length > 0 && string(last.text[:last.length]) == string(text) {
		return last.seconds, true
	}
	t, ok := r.time(c)
	if ok && len(text) <= len(last.text) {
		last.length, last.seconds = copy(last.text[:], text), t
	}
	return t, ok
}

// words reads category, currency and whose bill it is.
func (r *reader) words() bool {
	if r.at[category] >= 0 {
		word, ok := pick(categories, r.text[category])
		if !ok {
			r.refuseValue(category, fmt.Sprintf("%.40q is no category of charges: FOCUS has Usage, Purchase, Tax, Credit and Adjustment", r.text[category]))
			return false
		}
		if string(word) != string(r.text[category]) {
			r.warn(category, "the category is not written as FOCUS writes it: it is taken as "+string(word))
			r.set(category, word)
		}
	}
	money := r.text[currency]
	switch {
	case kit.BillCurrency(money):
	case len(money) == 0:
		if r.at[currency] >= 0 {
			r.warn(currency, "the line has no currency, and FOCUS demands one: it is taken as "+string(r.fallback))
		}
		r.set(currency, r.fallback)
	case len(money) == 3 && kit.BillCurrency(bytes.ToUpper(money)):
		r.warn(currency, "the currency is not in capital letters")
		copy(r.upper[:], bytes.ToUpper(money))
		r.set(currency, r.upper[:])
	default:
		r.refuseValue(currency, fmt.Sprintf("%.40q is not a currency: it must be three letters of ISO 4217, such as EUR", money))
		return false
	}
	if len(r.text[provider]) == 0 && len(r.text[serviceProvider]) > 0 && r.at[provider] >= 0 {
		r.set(provider, r.text[serviceProvider])
	}
	r.bill.Account, r.bill.Provider = r.text[account], nil
	for _, c := range []int{provider, serviceProvider, publisher, issuer} {
		if r.bill.Provider = r.text[c]; len(r.bill.Provider) > 0 {
			break
		}
	}
	if r.name != nil {
		r.bill.Account = r.name
	}
	return true
}

// set gives a column another value than it has in the content.
func (r *reader) set(c int, value []byte) {
	r.text[c] = value
	for n, i := range r.items {
		if i == r.at[c] {
			r.bill.Items[n] = value
		}
	}
}

// quantities reads the numbers that are no money. What is no number is left out, and the money stays.
func (r *reader) quantities() {
	for c := pricingQuantity; c < measures; c++ {
		d, err := kit.BillNumber(r.text[c])
		if err != nil {
			r.warn(c, err.Error()+"; the quantity is left out")
		}
		r.bill.Values[c] = d
	}
}

// reportEnd tells what can be said when all lines have been read.
func (r *reader) reportEnd() {
	if r.out.Taken() == 0 && r.refused == 0 {
		r.sink.Note("there are no lines below the names of the columns")
	}
	r.commitments.report(r.sink)
}

func (r *reader) refuse(i int, format string, args ...any) {
	r.refused++
	r.out.Refuse(r.row, i, "", fmt.Sprintf(format, args...))
}

func (r *reader) refuseValue(c int, reason string) {
	r.out.Refuse(r.row, r.at[c], r.nameOf(c), reason)
}

func (r *reader) warn(c int, reason string) {
	r.out.Warn(r.row, r.at[c], r.nameOf(c), reason)
}

// nameOf returns the name of a column as the content writes it.
func (r *reader) nameOf(c int) string {
	if i := r.at[c]; i >= 0 {
		return r.names[i]
	}
	return usedNames[c]
}

// pick finds a word in a list, whatever its capitals.
func pick(list [][]byte, word []byte) ([]byte, bool) {
	for _, w := range list {
		if string(w) == string(word) {
			return w, true
		}
	}
	word = bytes.TrimSpace(word)
	for _, w := range list {
		if bytes.EqualFold(w, word) {
			return w, true
		}
	}
	return nil, false
}
