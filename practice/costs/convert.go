package costs

import (
	"cmp"
	"math/bits"
	"slices"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// Rates converts into one currency, and remembers which rates it used and which were missing. It is used by one goroutine.
type Rates struct {
	to    string
	table *RateTable
	// found are the rates by currency and day. One without steps says that there is none.
	found   map[asked]*valued
	used    map[asked]RateUsed
	missing map[string]model.Date
}

// valued is a rate with its value, and with the published price where it is the only step.
type valued struct {
	Rate
	value, price facts.Decimal
}

type asked struct {
	currency string
	on       model.Date
}

// RateUsed is a rate that was used.
type RateUsed struct {
	// Currency is the currency that was converted.
	Currency string
	// On is the day from which the rate holds.
	On model.Date
	// Rate is what one unit of the currency costs.
	Rate model.Money
	// How says how the rate was found, such as 1 EUR = 1.08 USD of 2027-01-31.
	How string
	// Record is the exchange rate, the first one where two were needed.
	Record practice.Link
}

// NewRates returns the rates of a view into a currency.
func NewRates(v estate.View, to string) *Rates {
	var records []*model.ExchangeRate
	for x := range estate.Each[*model.ExchangeRate](v) {
		records = append(records, x)
	}
	return &Rates{to: to, table: NewRateTable(records, to), found: map[asked]*valued{}, used: map[asked]RateUsed{}, missing: map[string]model.Date{}}
}

// rate returns the rate from a currency on a day, or nil where there is none on or before it.
func (r *Rates) rate(currency string, day model.Date) *valued {
	key := asked{currency, day}
	rate, ok := r.found[key]
	if !ok {
		if found, err := r.table.On(currency, r.to, day); err == nil {
			rate = &valued{Rate: found, value: found.Value()}
			if len(found.Steps) == 1 {
				rate.price = facts.Of(found.Steps[0].Record.Costs)
			}
		}
		r.found[key] = rate
	}
	if rate == nil {
		if last, ok := r.missing[currency]; !ok || day > last {
			r.missing[currency] = day
		}
		return nil
	}
	if used := (asked{currency, rate.On}); len(rate.Steps) > 0 && r.used[used].Currency == "" {
		price, _ := rate.value.Money(r.to)
		r.used[used] = RateUsed{currency, rate.On, price, rate.String(), practice.To(rate.Steps[0].Record)}
	}
	return rate
}

// On returns what one unit of a currency costs on a day, by the last rate of that day or before it. It
// reports false where there is none: later rates say nothing about earlier days.
func (r *Rates) On(currency string, day model.Date) (facts.Decimal, bool) {
	rate := r.rate(currency, day)
	if rate == nil {
		return facts.Decimal{}, false
	}
	return rate.value, true
}

// linePlaces is how many places after the point converted amounts of lines have at most. Amounts of up to a million then need no memory of their own.
const linePlaces = 12

// amount converts an amount of a line on a day, to twelve places after the point.
func (r *Rates) amount(d facts.Decimal, currency string, day model.Date) (facts.Decimal, bool) {
	rate := r.rate(currency, day)
	switch {
	case rate == nil:
		return facts.Decimal{}, false
	case len(rate.Steps) == 1 && !rate.Steps[0].Inverse:
		d = d.Mul(rate.value)
	case len(rate.Steps) == 1:
		if quick, ok := divided(d, rate.price); ok {
			return quick, true
		}
		d = rate.Convert(d)
	default:
		d = rate.Convert(d)
	}
	if _, scale, small := d.Small(); !small || scale > linePlaces {
		d = RoundTo(d, linePlaces)
	}
	return d, true
}

// divided returns an amount divided by a price, rounded half to even to [linePlaces], where both are small enough for whole numbers of two words.
func divided(amount, price facts.Decimal) (facts.Decimal, bool) {
	a, places, ok := amount.Small()
	p, of, also := price.Small()
	up := linePlaces + int(of) - int(places)
	if !ok || !also || p <= 0 || up < 0 || up > 18 {
		return facts.Decimal{}, false
	}
	ten := uint64(1)
	for range up {
		ten *= 10
	}
	hi, lo := bits.Mul64(uint64(max(a, -a)), ten)
	if hi >= uint64(p) {
		return facts.Decimal{}, false
	}
	q, rest := bits.Div64(hi, lo, uint64(p))
	if half := uint64(p) - rest; rest > half || rest == half && q%2 == 1 {
		q++
	}
	if q >= 1e18 {
		return facts.Decimal{}, false
	}
	out := int64(q)
	if a < 0 {
		out = -out
	}
	return facts.NewDecimal(out, linePlaces), true
}

// decimalOf returns a sum as a number.
func decimalOf(s facts.Sum) facts.Decimal {
	var text [64]byte
	b, _ := s.AppendText(text[:0])
	if d, err := facts.ParseDecimal(b); err == nil {
		return d
	}
	return s.Decimal()
}

// Convert returns money in the currency of the rates on a day, not rounded. It reports false where there is no rate.
func (r *Rates) Convert(m model.Money, day model.Date) (model.Money, bool) {
	if m.IsZero() || m.Currency() == r.to || r.to == "" {
		return m, true
	}
	d, ok := r.amount(facts.Of(m), m.Currency(), day)
	if !ok {
		return model.Money{}, false
	}
	out, err := d.Money(r.to)
	return out, err == nil
}

// Sum returns a sum in the currency of the rates on a day. It reports false where there is no rate.
func (r *Rates) Sum(s facts.Sum, currency string, day model.Date) (facts.Sum, bool) {
	if currency == r.to || currency == "" || currency == NoCurrency || r.to == "" {
		return s, true
	}
	d, ok := r.amount(decimalOf(s), currency, day)
	var out facts.Sum
	out.Add(d)
	return out, ok
}

// Used returns the rates that were used so far, by currency and day.
func (r *Rates) Used() []RateUsed {
	out := make([]RateUsed, 0, len(r.used))
	for _, u := range r.used {
		out = append(out, u)
	}
	slices.SortFunc(out, func(a, b RateUsed) int { return cmp.Or(cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.On, b.On)) })
	return out
}

// Missing returns the currencies for which a rate was asked in vain, in the order of the alphabet.
func (r *Rates) Missing() []string {
	out := make([]string, 0, len(r.missing))
	for currency := range r.missing {
		out = append(out, currency)
	}
	slices.Sort(out)
	return out
}
