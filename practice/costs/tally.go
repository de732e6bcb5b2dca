package costs

import (
	"fmt"
	"math/big"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// Conversion converts amounts of records into the currency of the books. It is used by one goroutine.
type Conversion struct {
	// Rates are the exchange rates.
	Rates *Rates
	// Currency is the currency of the books.
	Currency string
}

// NewConversion returns the conversion of a view into the currency of the company's
// fiscal calendar, else of its bills, else into the one that is given: that of the first amount that matters.
func NewConversion(v estate.View, otherwise string) *Conversion {
	currency := BooksCurrency(v)
	if currency == "" {
		currency = Of(v).Currency
	}
	if currency == "" {
		currency = otherwise
	}
	return &Conversion{NewRates(v, currency), currency}
}

// Tally adds amounts up exactly, in the currency of the books, and keeps the records that they came from. Its zero value is empty.
type Tally struct {
	sum   big.Rat
	known bool
	lost  int
	from  []practice.Link
}

// Add adds an amount of a day. An unset amount adds nothing; one without an exchange rate is counted as lost.
func (t *Tally) Add(c *Conversion, m model.Money, on model.Date, from practice.Link) {
	t.AddShare(c, m, 1, on, from)
}

// AddShare adds one of several equal parts of an amount of a day.
func (t *Tally) AddShare(c *Conversion, m model.Money, parts int, on model.Date, from practice.Link) {
	if m.IsZero() || parts < 1 {
		return
	}
	out, ok := c.Rates.Convert(m, on)
	if !ok {
		t.lost++
		return
	}
	if r, ok := new(big.Rat).SetString(out.Amount()); ok {
		t.AddExact(r.Quo(r, big.NewRat(int64(parts), 1)), from)
	}
}

// AddExact adds an amount that is in the currency of the books already.
func (t *Tally) AddExact(amount *big.Rat, from practice.Link) {
	t.sum.Add(&t.sum, amount)
	t.known = true
	if n := len(t.from); n == 0 || t.from[n-1].ID != from.ID {
		t.from = append(t.from, from)
	}
}

// Join adds what another tally has.
func (t *Tally) Join(o *Tally) {
	t.sum.Add(&t.sum, &o.sum)
	t.note(o)
}

// Less takes away what another tally has.
func (t *Tally) Less(o *Tally) {
	t.sum.Sub(&t.sum, &o.sum)
	t.note(o)
}

func (t *Tally) note(o *Tally) {
	t.known = t.known || o.known
	t.lost += o.lost
	t.from = append(t.from, o.from...)
}

// Known reports whether any amount was added.
func (t *Tally) Known() bool { return t.known }

// Lost returns how many amounts could not be converted.
func (t *Tally) Lost() int { return t.lost }

// Sign returns -1, 0 or 1 as the sum is below, at or above zero.
func (t *Tally) Sign() int { return t.sum.Sign() }

// Per returns the sum divided by a number, rounded to the units of the currency, and unset where nothing is known or the number is not above zero.
func (t *Tally) Per(c *Conversion, number float64) model.Money {
	by := new(big.Rat).SetFloat64(number)
	if !t.known || by == nil || by.Sign() <= 0 {
		return model.Money{}
	}
	return rounded(new(big.Rat).Quo(&t.sum, by), c.Currency)
}

// Money returns the sum rounded half to even to the units of the currency, and unset where nothing is known.
func (t *Tally) Money(c *Conversion) model.Money {
	if !t.known {
		return model.Money{}
	}
	return rounded(&t.sum, c.Currency)
}

func rounded(sum *big.Rat, currency string) model.Money {
	exact, err := facts.ParseDecimal(sum.FloatString(18))
	if err != nil || currency == "" {
		return model.Money{}
	}
	out, err := Round(exact, currency).Money(currency)
	if err != nil {
		return model.Money{}
	}
	return out
}

// From returns the records that the sum came from, each once.
func (t *Tally) From() []practice.Link {
	seen := map[model.ID]bool{}
	var out []practice.Link
	for _, l := range t.from {
		if !seen[l.ID] {
			seen[l.ID] = true
			out = append(out, l)
		}
	}
	return out
}

// Missing says in a sentence without a full stop how many amounts are not in the sum, or nothing.
func (t *Tally) Missing(c *Conversion) string {
	if t.lost == 0 {
		return ""
	}
	return fmt.Sprintf("%s not in it, because there is no exchange rate to %s", practice.Count(t.lost, "amount is", "amounts are"), c.Currency)
}

// Figure returns the sum as a figure whose note says what is not in it. Where nothing is known, the figure is unknown for the reason given.
func (t *Tally) Figure(c *Conversion, better practice.Better, none string) practice.Figure {
	f := practice.Figure{Better: better, From: t.From(), Note: t.Missing(c)}
	if f.Money = t.Money(c); !f.Money.IsZero() {
		f.Value = f.Money.Float()
		return f
	}
	f.Unknown = true
	if f.Note == "" {
		f.Note = none
	}
	return f
}
