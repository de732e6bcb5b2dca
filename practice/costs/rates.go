package costs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
)

// RateTable holds published exchange rates by pair and day.
type RateTable struct {
	books string
	// pairs are the rates of a currency in another by day, the earliest first.
	pairs map[pair][]*model.ExchangeRate
	// currencies are all that are named, in the order of the alphabet.
	currencies []string
}

type pair struct{ of, in string }

// Rate is what one unit of a currency costs in another on a day.
type Rate struct {
	// From is the currency that is converted.
	From string
	// To is the currency that it is converted to.
	To string
	// Asked is the day that the rate was asked for.
	Asked model.Date
	// On is the day of the rate: the earlier one where two were needed. It is unset where both currencies are the same.
	On model.Date
	// Steps are the rates that were used: none, one, or two through a third currency.
	Steps []RateStep

	num, den apd.Decimal
}

// RateStep is one published rate that was used.
type RateStep struct {
	// Record is the published rate.
	Record *model.ExchangeRate
	// Inverse says that it was used the other way round.
	Inverse bool
}

// exact multiplies without loss, and fine divides with 34 digits.
var (
	exact = apd.Context{Precision: 400, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Rounding: apd.RoundHalfEven}
	fine  = apd.Context{Precision: 34, MaxExponent: apd.MaxExponent, MinExponent: apd.MinExponent, Rounding: apd.RoundHalfEven}
)

// NewRateTable makes a table of published rates. Books is the currency of the books, through which rates between other currencies go first. Rates
// that are not above 0, or that say what a currency costs in itself, do not count.
func NewRateTable(records []*model.ExchangeRate, books string) *RateTable {
	r := &RateTable{books: books, pairs: map[pair][]*model.ExchangeRate{}}
	seen := map[string]bool{}
	for _, record := range records {
		p := pair{record.Currency, record.Costs.Currency()}
		if record.Costs.Sign() <= 0 || record.On.IsZero() || p.of == p.in || p.of == "" {
			continue
		}
		r.pairs[p] = append(r.pairs[p], record)
		seen[p.of], seen[p.in] = true, true
	}
	for _, list := range r.pairs {
		// Of several rates of one day, the one of the publisher whose name comes first is last, and counts.
		slices.SortStableFunc(list, func(a, b *model.ExchangeRate) int {
			return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(b.Publisher, a.Publisher), cmp.Compare(b.Key, a.Key))
		})
	}
	for c := range seen {
		r.currencies = append(r.currencies, c)
	}
	slices.Sort(r.currencies)
	return r
}

// On returns the rate on a day: the last one on or before it. Where none was published, the rate the other way round is used, otherwise two rates through
// the currency of the books, otherwise through the currency whose rates are the latest.
func (r *RateTable) On(from, to string, day model.Date) (Rate, error) {
	out := Rate{From: from, To: to, Asked: day}
	out.num.SetInt64(1)
	out.den.SetInt64(1)
	if from == to {
		return out, nil
	}
	if step, ok := r.step(from, to, day); ok {
		out.use(step)
		return out, nil
	}
	var best []RateStep
	var bestOn model.Date
	for _, through := range append([]string{r.books}, r.currencies...) {
		if through == from || through == to {
			continue
		}
		first, ok := r.step(from, through, day)
		second, also := r.step(through, to, day)
		if on := min(first.on(), second.on()); ok && also && on > bestOn {
			best, bestOn = []RateStep{first, second}, on
			if through == r.books {
				break
			}
		}
	}
	if best == nil {
		return Rate{}, fmt.Errorf("there is no exchange rate from %s to %s on or before %s: record one as an ExchangeRate", from, to, day)
	}
	for _, step := range best {
		out.use(step)
	}
	return out, nil
}

// step returns the published rate between two currencies in either direction, the later one where there are both.
func (r *RateTable) step(from, to string, day model.Date) (RateStep, bool) {
	last := func(p pair) *model.ExchangeRate {
		list := r.pairs[p]
		i, _ := slices.BinarySearchFunc(list, day+1, func(e *model.ExchangeRate, d model.Date) int { return cmp.Compare(e.On, d) })
		if i == 0 {
			return nil
		}
		return list[i-1]
	}
	direct, inverse := last(pair{from, to}), last(pair{to, from})
	switch {
	case direct == nil && inverse == nil:
		return RateStep{}, false
	case direct == nil || inverse != nil && inverse.On > direct.On:
		return RateStep{Record: inverse, Inverse: true}, true
	}
	return RateStep{Record: direct}, true
}

func (s RateStep) on() model.Date {
	if s.Record == nil {
		return 0
	}
	return s.Record.On
}

func (r *Rate) use(s RateStep) {
	r.Steps = append(r.Steps, s)
	if r.On.IsZero() || s.Record.On < r.On {
		r.On = s.Record.On
	}
	costs, _, _ := apd.NewFromString(s.Record.Costs.Amount())
	side := &r.num
	if s.Inverse {
		side = &r.den
	}
	exact.Mul(side, side, costs)
}

// Value returns the rate as a number. It is exact where nothing was divided, and has 34 digits otherwise.
func (r Rate) Value() facts.Decimal { return r.Convert(facts.NewDecimal(1, 0)) }

// Convert returns what an amount is worth. The result is not rounded to the units of the currency: round sums, and not their parts, with [Round]. It is exact
// where nothing was divided, and has 34 digits otherwise. Nothing stays nothing.
func (r Rate) Convert(amount facts.Decimal) facts.Decimal {
	if amount.IsNull() || len(r.Steps) == 0 {
		return amount
	}
	n, _, _ := apd.NewFromString(amount.String())
	exact.Mul(n, n, &r.num)
	if r.den.Cmp(apd.New(1, 0)) != 0 {
		fine.Quo(n, n, &r.den)
	}
	return decimal(n, 30)
}

// decimal makes a decimal of a number. What has more places after the point than these is rounded half to even.
func decimal(n *apd.Decimal, places int32) facts.Decimal {
	var out apd.Decimal
	out.Reduce(n)
	if out.Exponent < -places {
		exact.Quantize(&out, &out, -places)
		out.Reduce(&out)
	}
	d, _ := facts.ParseDecimal(out.Text('f'))
	return d
}

// String says which rate was used, such as "1 USD = 0.92 EUR of 2026-03-02".
func (r Rate) String() string {
	if len(r.Steps) == 0 {
		return "1 " + r.From + " = 1 " + r.To
	}
	parts := make([]string, len(r.Steps))
	for i, s := range r.Steps {
		parts[i] = fmt.Sprintf("1 %s = %s of %s", s.Record.Currency, s.Record.Costs, s.Record.On)
	}
	return strings.Join(parts, ", ")
}

// Convert converts money on a day, rounded half to even to the units of the other currency, and returns the rate that was used. Unset
// money stays unset.
func (r *RateTable) Convert(m model.Money, to string, day model.Date) (model.Money, Rate, error) {
	if m.IsZero() {
		return m, Rate{}, nil
	}
	rate, err := r.On(m.Currency(), to, day)
	if err != nil {
		return model.Money{}, Rate{}, err
	}
	out, err := Round(rate.Convert(facts.Of(m)), to).Money(to)
	return out, rate, err
}

// Round rounds an amount half to even to the units of a currency, such as cents.
func Round(amount facts.Decimal, currency string) facts.Decimal {
	if amount.IsNull() {
		return amount
	}
	return RoundTo(amount, Places(currency))
}

// RoundTo rounds an amount half to even to some places after the point.
func RoundTo(amount facts.Decimal, places int32) facts.Decimal {
	n, _, err := apd.NewFromString(amount.String())
	if err != nil {
		return amount
	}
	return decimal(n, places)
}

// Places returns how many places after the point the units of a currency have (ISO 4217): two, save for those that have more or none.
func Places(currency string) int32 {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// BooksCurrency returns the currency of the books of the whole company: that of
// the fiscal calendar without business units whose key comes first. It is empty where there is none.
func BooksCurrency(v estate.View) string {
	key, currency := "", ""
	for c := range estate.Each[*model.FiscalCalendar](v) {
		if len(c.BusinessUnits) == 0 && c.Currency != "" && (currency == "" || c.Key < key) {
			key, currency = c.Key, c.Currency
		}
	}
	return currency
}
