package finance

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
	"binnacle/practice/finance/forecast"
)

// VarianceIn says what is compared.
type VarianceIn struct {
	// Against says what the last months are compared with. Unset means the months before.
	Against VarianceBase
	// Months is how many months are compared. The default is 3.
	Months int `min:"1" max:"24" unit:"months"`
	// Until is the last day of the later months. Unset means the last whole month that has lines.
	Until model.Date
	// Measure says which of the four amounts is compared. Unset means the effective cost.
	Measure costs.Measure
}

// VarianceBase says what spend is compared with.
type VarianceBase string

// Options lists what spend can be compared with.
func (VarianceBase) Options() []model.Option {
	return []model.Option{
		{Value: "before", Label: "The months before", Help: "As many months just before."},
		{Value: "year", Label: "A year before", Help: "The same months of the year before."},
		{Value: "budget", Label: "The budget", Help: "The approved budgets of the fiscal year, up to the last period that is over."},
	}
}

// VarianceOut is what made the difference.
type VarianceOut struct {
	// Before is what the earlier months cost.
	Before practice.Figure
	// After is what the later months cost.
	After practice.Figure
	// Difference is how much more they cost.
	Difference practice.Figure
	// Price is the part that other prices made.
	Price practice.Figure
	// Volume is the part that more or less use made.
	Volume practice.Figure
	// Mix is the part that the use of dearer or cheaper things for the same made.
	Mix practice.Figure
	// Currency is the part that exchange rates made.
	Currency practice.Figure
	// New is what was not there before.
	New practice.Figure
	// Ended is what is not there any more.
	Ended practice.Figure
	// Table lists services, the largest difference first.
	Table practice.Table[VarianceRow]
}

// VarianceRow is what made the difference of one service.
type VarianceRow struct {
	// Service is the service, or the account of the ledger.
	Service string
	// Before is what it cost in the earlier months.
	Before model.Money
	// After is what it cost in the later ones.
	After model.Money
	// Difference is after less before.
	Difference model.Money
	// Price is the part of prices.
	Price model.Money
	// Volume is the part of use.
	Volume model.Money
	// Mix is the part of dearer or cheaper use.
	Mix model.Money
	// Currency is the part of exchange rates.
	Currency model.Money
	// New is what was not there before.
	New model.Money
	// Ended is what is not there any more.
	Ended model.Money
	// From are the loads.
	From []practice.Link
}

// Variance splits the difference of spend between two times, or from the budget, into what drove it: price,
// volume, mix, exchange rates, what is new and what has ended. The parts of every article
// add up to its difference to the cent: volume is counted at the earlier price and rate, price at the later volume and the earlier rate, currency last.
func Variance(v estate.View, in VarianceIn) (VarianceOut, error) {
	return remember(varianceIn)(v, in)
}

func varianceIn(v estate.View, in VarianceIn) (VarianceOut, error) {
	if in.Against == "budget" {
		return varianceFromPlan(v, in)
	}
	var out VarianceOut
	book := costs.Of(v)
	_, last, ok := book.Span()
	if !ok {
		out.Table.Note = book.None()
		return out, nil
	}
	first, _, _ := book.Span()
	if costs.LastDay(last) >= v.At() {
		last = costs.FirstDay(v.At()).AddMonths(-1)
	}
	if !in.Until.IsZero() {
		last = min(last, costs.FirstDay(in.Until))
	}
	// Months that no bill is of are not compared: all that came later would look new.
	known := monthsBetween(first, last)
	months, back := max(cmp.Or(in.Months, 3), 1), 12
	if in.Against == "year" {
		months = min(months, known-12)
	} else {
		months = min(months, known/2)
		back = months
	}
	if months < 1 {
		out.Table.Note = fmt.Sprintf("There is nothing to compare with: the bills begin in %s.", first.String()[:7])
		for _, f := range []*practice.Figure{&out.Before, &out.After, &out.Difference, &out.Price, &out.Volume, &out.Mix, &out.Currency, &out.New, &out.Ended} {
			*f = practice.Figure{Unknown: true, Unit: book.Currency, Note: "There is nothing to compare with."}
		}
		return out, nil
	}
	until := costs.LastDay(last)
	from := last.AddMonths(1 - months)
	c := &comparison{book: book, group: newGrouper(v, byService), measure: cmp.Or(in.Measure, costs.Effective), articles: map[article]*pair{}}
	earlier := book.Between(from.AddMonths(-back), costs.LastDay(last.AddMonths(-back)))
	later := book.Between(from, until)
	c.gather(earlier, 0)
	c.gather(later, 1)
	return c.answer(fmt.Sprintf("From %s until %s, against the time from %s.", from, until, from.AddMonths(-back)), loadsOf(earlier), loadsOf(later))
}

// monthsBetween returns how many months there are from the month of one day to that of another, both counted.
func monthsBetween(first, last model.Date) int {
	a, b := first.Time(), last.Time()
	return (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month()) + 1
}

// article is what can be compared: one thing in one unit and one currency. Corrections, credits and taxes are apart from use, so that they change no price.
type article struct{ service, sku, unit, currency, sort string }

// pair is an article before and after.
type pair struct {
	quantity, original, converted [2]facts.Sum
	there                         [2]bool
	// currency is the currency of the later lines, and mixed says that they have several.
	currency string
	mixed    bool
	loads    []practice.Link
}

// comparison compares articles.
type comparison struct {
	book     *costs.Book
	group    *grouper
	measure  costs.Measure
	articles map[article]*pair
	order    []article
}

func (c *comparison) gather(lines []*costs.Line, side int) {
	for _, l := range lines {
		key := article{c.group.group(l).name, cmp.Or(l.Value("SkuId"), l.Value("SkuPriceId")), l.Value("PricingUnit"), l.Currency, l.Value("ChargeCategory") + l.Value("ChargeClass") + l.Value("PricingCategory")}
		p := c.articles[key]
		if p == nil {
			p = &pair{}
			c.articles[key] = p
			c.order = append(c.order, key)
		}
		p.there[side] = true
		p.quantity[side].AddSum(l.Original[facts.PricingQuantity])
		p.original[side].AddSum(l.Original[c.measure.Index()])
		p.converted[side].AddSum(l.Amount(c.measure))
		if link := practice.To(l.Load); !slices.Contains(p.loads, link) {
			p.loads = append(p.loads, link)
		}
	}
}

// side says quantity, price and rate of an article. Where the quantity is not known on both sides, the whole counts as one unit.
func (p *pair) side(at int) forecast.Side {
	if !p.there[at] {
		return forecast.Side{}
	}
	out := forecast.Side{Price: p.original[at].Decimal()}
	if p.original[at].Sign() == 0 {
		// Amounts at different rates may cancel each other out on the bill and not in the books.
		return forecast.Side{Price: p.converted[at].Decimal()}
	}
	counted := p.quantity[at].Sign() > 0 && (!p.there[1-at] || p.quantity[1-at].Sign() > 0)
	if counted {
		if price, ok := quotient(p.original[at], p.quantity[at]); ok {
			out.Quantity, out.Price = p.quantity[at].Decimal(), price
		}
	}
	if rate, ok := quotient(p.converted[at], p.original[at]); ok {
		out.Rate = rate
	}
	return out
}

// quotient returns one sum divided by another, to 34 digits, and false where that one is nothing.
func quotient(a, b facts.Sum) (facts.Decimal, bool) {
	if b.Sign() == 0 {
		return facts.Decimal{}, false
	}
	var x, y, out apd.Decimal
	if _, _, err := x.SetString(a.String()); err != nil {
		return facts.Decimal{}, false
	}
	if _, _, err := y.SetString(b.String()); err != nil {
		return facts.Decimal{}, false
	}
	if _, err := apd.BaseContext.WithPrecision(34).Quo(&out, &x, &y); err != nil {
		return facts.Decimal{}, false
	}
	d, err := facts.ParseDecimal(out.Text('f'))
	return d, err == nil
}

// finer is how many more places than money has variances are calculated with, so that many small articles lose nothing when they are added up.
const finer = 4

// compared is a variance of one service or of all.
type compared struct {
	before, after int64
	drivers       [6]int64
}

func (s *compared) add(one forecast.Variance) {
	s.before, s.after = s.before+one.Budget, s.after+one.Actual
	o := one.Drivers
	for i, n := range []int64{o.Price, o.Volume, o.Mix, o.Currency, o.New, o.Ended} {
		s.drivers[i] += n
	}
}

// money returns before, after, difference, price, volume, mix, currency, new and ended, rounded so that the parts add up to the difference.
func (s *compared) money(book *costs.Book) (out [9]model.Money, err error) {
	scale := costs.Places(book.Currency)
	sum := func(n int64) facts.Sum { return sumOf(facts.NewDecimal(n, uint8(scale+finer))) }
	minor := func(n int64) int64 { m, _ := sum(n).Minor(scale); return m.Int64() }
	before, after := minor(s.before), minor(s.after)
	sums := make([]facts.Sum, len(s.drivers))
	for i, n := range s.drivers {
		sums[i] = sum(n)
	}
	parts, err := allocateTo(sums, after-before, scale)
	if err != nil {
		return out, err
	}
	for i, n := range append([]int64{before, after, after - before}, parts...) {
		out[i] = minorMoney(big.NewInt(n), cmp.Or(book.Currency, costs.NoCurrency))
	}
	return out, nil
}

func (c *comparison) answer(note string, before, after []practice.Link) (VarianceOut, error) {
	var out VarianceOut
	lines := make([]forecast.Compared, len(c.order))
	for i, key := range c.order {
		p := c.articles[key]
		lines[i] = forecast.Compared{Key: key.service, Budget: p.side(0), Actual: p.side(1)}
		if key.unit != "" {
			lines[i].Unit = key.service + "\x00" + key.unit
		}
	}
	variances, _, err := forecast.Variances(lines, costs.Places(c.book.Currency)+finer)
	if err != nil {
		return out, err
	}
	var total compared
	sums := map[string]*compared{}
	loads := map[string][]practice.Link{}
	var names []string
	for i, one := range variances {
		if sums[one.Key] == nil {
			sums[one.Key] = &compared{}
			names = append(names, one.Key)
		}
		sums[one.Key].add(one)
		total.add(one)
		loads[one.Key] = addLoads(loads[one.Key], c.articles[c.order[i]].loads)
	}
	for _, name := range names {
		m, err := sums[name].money(c.book)
		if err != nil {
			return out, err
		}
		out.Table.Rows = append(out.Table.Rows, VarianceRow{name, m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8], loads[name]})
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b VarianceRow) int {
		return cmp.Or(cmp.Compare(abs(b.Difference), abs(a.Difference)), strings.Compare(a.Service, b.Service))
	})
	m, err := total.money(c.book)
	if err != nil {
		return out, err
	}
	all := addLoads(slices.Clone(before), after)
	figure := func(at int) practice.Figure {
		f := moneyFigure(m[at], all, "")
		f.Better = practice.Lower
		return f
	}
	out.Before, out.After = moneyFigure(m[0], before, ""), moneyFigure(m[1], after, note)
	out.Difference, out.Price, out.Volume, out.Mix = figure(2), figure(3), figure(4), figure(5)
	out.Currency, out.New, out.Ended = figure(6), figure(7), figure(8)
	return out, nil
}
