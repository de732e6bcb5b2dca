package suppliers

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// answersFor returns who answers for a contract: its owner, or its manager.
func answersFor(v estate.View, c *model.Contract) practice.Link {
	if owner := practice.OwnerOf(v, c); !owner.IsZero() {
		return owner
	}
	return practice.To(v.Get(c.Manager))
}

// contractsOf returns the contracts with a vendor that the view sees, by key.
func contractsOf(v estate.View, vendor model.Ref) []*model.Contract {
	return held[*model.Contract](v, vendor, "vendor")
}

// held returns the records of one Go type that point to a record in a field, by key.
func held[R model.Record](v estate.View, to model.Ref, field string) []R {
	var out []R
	for e := range v.In(to) {
		if rec, ok := e.Record.(R); ok && e.Field.Name == field {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b R) int { return cmp.Compare(a.Base().Key, b.Base().Key) })
	return out
}

// paid is what a vendor was paid, as the lines of bills and ledgers say.
type paid struct {
	last, before facts.Sum
	loads        []practice.Link
}

// spending is what all vendors were paid in the twelve full months before a day and in the twelve before these.
type spending struct {
	book     *costs.Book
	from     model.Date
	until    model.Date
	vendors  map[model.Ref]*paid
	contract map[model.Ref]*paid
	nobody   facts.Sum
	all      facts.Sum
}

// spendingIn returns the billed cost by vendor and contract. It is made once for each snapshot, sight and day. A line whose rule names a contract alone is paid to the vendor of the contract.
func spendingIn(v estate.View) *spending {
	type key struct {
		name   string
		reader any
		at     model.Date
	}
	return v.Memo(key{"suppliers.spending", practice.FactsOf(v), v.At()}, func() any { return newSpending(v) }).(*spending)
}

func newSpending(v estate.View) *spending {
	first := costs.FirstDay(v.At())
	s := &spending{book: costs.Of(v), from: first.AddMonths(-12), until: first - 1, vendors: map[model.Ref]*paid{}, contract: map[model.Ref]*paid{}}
	for _, line := range s.book.Between(first.AddMonths(-24), s.until) {
		vendor := line.Vendor
		if c, ok := estate.Look[*model.Contract](v, line.Contract); ok {
			s.add(s.contract, c.Ref(), line)
			if vendor.IsZero() {
				vendor = c.Vendor
			}
		}
		if line.Month >= s.from {
			s.all.AddSum(line.Amount(costs.Billed))
		}
		if v.Get(vendor) != nil {
			s.add(s.vendors, vendor, line)
		} else if line.Month >= s.from {
			s.nobody.AddSum(line.Amount(costs.Billed))
		}
	}
	return s
}

func (s *spending) add(to map[model.Ref]*paid, ref model.Ref, line *costs.Line) {
	p := to[ref]
	if p == nil {
		p = &paid{}
		to[ref] = p
	}
	if line.Month < s.from {
		p.before.AddSum(line.Amount(costs.Billed))
		return
	}
	p.last.AddSum(line.Amount(costs.Billed))
	if n := len(p.loads); n == 0 || p.loads[n-1].ID != line.Load.ID {
		if link := practice.To(line.Load); !slices.Contains(p.loads, link) {
			p.loads = append(p.loads, link)
		}
	}
}

// money returns a sum as money rounded to cents, and unset where there is none.
func (s *spending) money(p *paid) model.Money {
	if p == nil {
		return model.Money{}
	}
	return s.rounded(p.last)
}

func (s *spending) rounded(sum facts.Sum) model.Money {
	exact := s.book.Money(sum)
	if exact.IsZero() {
		return exact
	}
	return moneyOf(ratOf(exact), exact.Currency(), 2)
}

// trend returns by how many percent the last twelve months differ from the twelve before, and false where these have nothing.
func (p *paid) trend() (float64, bool) {
	if p == nil || p.before.Sign() <= 0 {
		return 0, false
	}
	return rounded(100 * (p.last.Float() - p.before.Float()) / p.before.Float()), true
}

// rounded rounds to one place.
func rounded(f float64) float64 {
	if f < 0 {
		return -rounded(-f)
	}
	return float64(int64(f*10+0.5)) / 10
}

// bookkeeper converts amounts of contracts into the currency of the books.
type bookkeeper struct {
	rates    *costs.Rates
	currency string
	day      model.Date
}

func bookkeeperOf(v estate.View) *bookkeeper {
	currency := costs.Of(v).Currency
	if currency == "" {
		for c := range estate.Each[*model.Contract](v) {
			if !c.AnnualCost.IsZero() {
				currency = c.AnnualCost.Currency()
				break
			}
		}
	}
	return &bookkeeper{costs.NewRates(v, currency), currency, v.At()}
}

// convert returns an amount in the currency of the books, rounded to cents, and unset where there is no rate.
func (b *bookkeeper) convert(m model.Money) model.Money {
	out, ok := b.rates.Convert(m, b.day)
	if !ok || out.IsZero() {
		return model.Money{}
	}
	return moneyOf(ratOf(out), out.Currency(), 2)
}

// sum adds amounts up in the currency of the books. Its note says what could not be converted.
func (b *bookkeeper) sum(amounts []model.Money, better practice.Better, from []practice.Link) practice.Figure {
	total, known, lost := new(big.Rat), false, 0
	for _, m := range amounts {
		if m.IsZero() {
			continue
		}
		if c := b.convert(m); !c.IsZero() {
			total.Add(total, ratOf(c))
			known = true
		} else {
			lost++
		}
	}
	f := practice.Figure{Better: better, From: from}
	if known {
		f.Money = moneyOf(total, b.currency, 2)
		f.Value = f.Money.Float()
	} else {
		f.Unknown, f.Note = true, "no amount is known"
	}
	if lost > 0 {
		f.Note = fmt.Sprintf("%s not in it, because there is no exchange rate to %s", practice.Count(lost, "amount is", "amounts are"), b.currency)
	}
	return f
}

// more reports whether one amount of the same currency is larger than another.
func more(a, b model.Money) bool {
	c, err := a.Cmp(b)
	return err == nil && c > 0
}

// sentences joins sentences to a text.
func sentences(list []string) string { return strings.Join(list, " ") }

// alike reports whether two words are the same but for case and space around them.
func alike(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

// worst returns the highest criticality of some records, with one that has it.
func worst(records []model.Record) (model.Criticality, model.Record) {
	var top model.Criticality
	var which model.Record
	for _, rec := range records {
		if c := practice.CriticalityOf(rec); model.Rank(c) > model.Rank(top) {
			top, which = c, rec
		}
	}
	return top, which
}

// fallen is what stops when something fails, without what is past its life.
type fallen struct {
	outage *estate.Outage
	practice.Served
	critical []model.Record
}

// fallOf plays the failure of a record.
func fallOf(v estate.View, ref model.Ref) fallen {
	f := fallen{outage: v.Fail(ref)}
	var alive []estate.Step
	for i, s := range f.outage.Steps {
		if i > 0 && !practice.Gone(s.Record, v.At()) {
			alive = append(alive, s)
			if _, vendor := s.Record.(*model.Vendor); !vendor && model.Rank(practice.CriticalityOf(s.Record)) >= model.Rank(model.CriticalityHigh) {
				f.critical = append(f.critical, s.Record)
			}
		}
	}
	f.Served = practice.ServedOf(alive)
	slices.SortStableFunc(f.critical, func(a, b model.Record) int {
		return cmp.Compare(model.Rank(practice.CriticalityOf(b)), model.Rank(practice.CriticalityOf(a)))
	})
	return f
}

// path returns the chain from what failed to a record.
func (f *fallen) path(to model.Record) practice.Path {
	if i := f.outage.Find(to.Base().Ref()); i >= 0 {
		return practice.PathOf(f.outage.Path(i))
	}
	return nil
}

// isCriticalCapability reports whether a record is a capability that the business cannot do without for a day.
func isCriticalCapability(rec model.Record) bool {
	c, ok := rec.(*model.Capability)
	return ok && model.Rank(c.Criticality) >= model.Rank(model.CriticalityHigh)
}

// joined writes words with commas.
func joined(words []string) string { return strings.Join(words, ", ") }
