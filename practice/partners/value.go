package partners

import (
	"cmp"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// ValueIn says whose value is wanted.
type ValueIn struct {
	// Partner limits the answer to one partner.
	Partner model.Ref `to:"Partner"`
	// Years is how many calendar years back are looked at, this one among them. The default is 5.
	Years int `min:"0" max:"50"`
}

// ValueOut is what partnerships brought and what they cost.
type ValueOut struct {
	// Brought is what they brought.
	Brought practice.Figure
	// Cost is what they cost: bills of contracts and vendors, experiments together, and what was noted as cost.
	Cost practice.Figure
	// Net is what they brought beyond what they cost.
	Net practice.Figure
	// Chart shows both by year.
	Chart practice.Series
	// Findings name partners that cost and brought nothing.
	Findings []practice.Finding
	// Years are both by year, the newest first.
	Years practice.Table[ValueYear]
	// Partners are both by partner, the most net value first.
	Partners practice.Table[ValueRow]
}

// ValueYear is what partnerships brought and cost in a year.
type ValueYear struct {
	// Year is the calendar year.
	Year int
	// Brought is what they brought.
	Brought model.Money
	// Cost is what they cost.
	Cost model.Money
	// Net is the difference.
	Net model.Money
	// Note says what is not in it.
	Note string
	// From are the partners, contracts, bills and experiments behind it.
	From []practice.Link
}

// ValueRow is what one partnership brought and cost.
type ValueRow struct {
	// Partner is the partner.
	Partner practice.Link
	// Stage says how far it has come.
	Stage model.PartnerStage
	// Brought is what it brought.
	Brought model.Money
	// Cost is what it cost.
	Cost model.Money
	// Bills is the part of the cost that comes from bills and ledgers.
	Bills model.Money
	// Experiments is the part of the cost that was spent on experiments together beside bills.
	Experiments model.Money
	// Net is the difference.
	Net model.Money
	// Note says what is not in it.
	Note string
	// From are the records behind it.
	From []practice.Link
}

// Value tells what each partnership brought against what it cost, by calendar year, in the
// currency of the books. It cost what bills say of the contracts that go with its agreements, of the vendor that it is, and of the systems and
// tags of experiments together; what was spent on these beside bills; and what was noted with a sign of less. An experiment with several
// partners costs each of them all of it, and is in the total once. What was spent beside bills is booked to the year in which the experiment was decided, or
// else began. An amount without an exchange rate is in no sum, and the sum says so.
func Value(v estate.View, in ValueIn) (ValueOut, error) {
	var out ValueOut
	last := yearOf(v.At())
	first := last - cmp.Or(in.Years, 5) + 1
	l := ledgerOf(v)
	rows := map[model.Ref]*account{}
	for ref, a := range l.partners {
		if in.Partner.IsZero() || in.Partner == ref {
			rows[ref] = a
		}
	}
	total := l.all
	if a, ok := rows[in.Partner]; ok {
		total = a
	}
	brought, cost := total.sums(first, last)
	for p := range estate.Each[*model.Partner](v) {
		if a := rows[p.Ref()]; a != nil {
			out.add(l.books, p, a, first, last, answersFor(v, p))
		}
	}
	slices.SortStableFunc(out.Partners.Rows, func(a, b ValueRow) int { return cmp.Compare(b.Net.Float(), a.Net.Float()) })
	out.Brought = brought.Figure(l.books, practice.Higher, "nobody noted what partnerships brought")
	out.Cost = cost.Figure(l.books, practice.Lower, "neither bills nor experiments say what partnerships cost")
	net := difference(brought, cost)
	out.Net = net.Figure(l.books, practice.Higher, "neither value nor cost is known")
	lines := []practice.Line{{Name: "Brought"}, {Name: "Cost"}}
	for year := last; year >= first; year-- {
		y := total.years[year]
		if y == nil {
			continue
		}
		c := y.cost()
		n := difference(&y.brought, c)
		out.Years.Rows = append(out.Years.Rows, ValueYear{Year: year, Brought: y.brought.Money(l.books), Cost: c.Money(l.books), Net: n.Money(l.books), Note: n.Missing(l.books), From: n.From()})
		at := model.NewDate(year, 1, 1)
		lines[0].Points = append(lines[0].Points, practice.Point{At: at, Label: fmt.Sprint(year), Value: y.brought.Money(l.books).Float(), From: y.brought.From()})
		lines[1].Points = append(lines[1].Points, practice.Point{At: at, Label: fmt.Sprint(year), Value: c.Money(l.books).Float(), From: c.From()})
	}
	slices.Reverse(lines[0].Points)
	slices.Reverse(lines[1].Points)
	out.Chart = practice.Series{Unit: l.books.Currency, Lines: lines}
	practice.WorstFirst(out.Findings)
	out.Partners.Note = strings.Join(costs.Of(v).Warnings(), "; ")
	return out, nil
}

func (out *ValueOut) add(b *costs.Conversion, p *model.Partner, a *account, first, last int, owner practice.Link) {
	brought, cost := a.sums(first, last)
	if !brought.Known() && !cost.Known() && brought.Lost()+cost.Lost() == 0 {
		return
	}
	var bills, experiments costs.Tally
	for year, y := range a.years {
		if year >= first && year <= last {
			bills.Join(&y.bills)
			experiments.Join(&y.experiments)
		}
	}
	net := difference(brought, cost)
	row := ValueRow{Partner: practice.To(p), Stage: stageOf(p), Brought: brought.Money(b), Cost: cost.Money(b), Bills: bills.Money(b), Experiments: experiments.Money(b), Net: net.Money(b), Note: net.Missing(b), From: net.From()}
	out.Partners.Rows = append(out.Partners.Rows, row)
	if cost.Sign() > 0 && brought.Sign() == 0 && brought.Lost() == 0 && isBound(p) {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s cost %s and nobody noted that it brought anything.", p.Title(), row.Cost), About: row.Partner, From: row.From, Owner: owner,
			Mend: &practice.Mend{Action: "partners.record_value", Parameters: map[string]string{"partner": p.Key}}})
	}
}

func yearOf(day model.Date) int { return day.Time().Year() }

// account is what a partnership brought and cost, by year.
type account struct{ years map[int]*valueYear }

// valueYear is what a partnership brought and cost in a year.
type valueYear struct{ brought, bills, experiments, noted costs.Tally }

// cost adds up what it cost in a year.
func (y *valueYear) cost() *costs.Tally {
	var out costs.Tally
	out.Join(&y.bills)
	out.Join(&y.experiments)
	out.Join(&y.noted)
	return &out
}

func (a *account) in(year int) *valueYear {
	if a.years == nil {
		a.years = map[int]*valueYear{}
	}
	if a.years[year] == nil {
		a.years[year] = &valueYear{}
	}
	return a.years[year]
}

// sums returns what it brought and cost in some years.
func (a *account) sums(first, last int) (brought, cost *costs.Tally) {
	brought, cost = &costs.Tally{}, &costs.Tally{}
	for _, year := range slices.Sorted(maps.Keys(a.years)) {
		if year >= first && year <= last {
			brought.Join(&a.years[year].brought)
			cost.Join(a.years[year].cost())
		}
	}
	return brought, cost
}

// difference is what was brought without what it cost.
func difference(brought, cost *costs.Tally) *costs.Tally {
	var out costs.Tally
	out.Join(brought)
	out.Less(cost)
	return &out
}

// firstCurrency returns the currency of the first amount that a partner has.
func firstCurrency(v estate.View) string {
	for p := range estate.Each[*model.Partner](v) {
		for _, value := range p.Value {
			if !value.Amount.IsZero() {
				return value.Amount.Currency()
			}
		}
	}
	return ""
}

// ledger has the accounts of all partners, made in one walk over the bills.
type ledger struct {
	view     estate.View
	books    *costs.Conversion
	partners map[model.Ref]*account
	all      *account
	// contracts, vendors, systems and tags say whom a line of a bill belongs to.
	contracts, vendors map[model.Ref][]model.Ref
	systems            map[model.Ref][]model.Ref
	tags               map[string][]tagged
}

// tagged is the value of a tag that belongs to partners.
type tagged struct {
	value    string
	partners []model.Ref
}

// ledgerOf returns the accounts of all partners. They are made once for each snapshot, sight and day.
func ledgerOf(v estate.View) *ledger {
	type key struct {
		name   string
		reader any
		at     model.Date
	}
	return v.Memo(key{"partners.ledger", practice.FactsOf(v), v.At()}, func() any {
		l := &ledger{view: v, books: costs.NewConversion(v, firstCurrency(v)), partners: map[model.Ref]*account{}, all: &account{}, contracts: map[model.Ref][]model.Ref{}, vendors: map[model.Ref][]model.Ref{}, systems: map[model.Ref][]model.Ref{}, tags: map[string][]tagged{}}
		for p := range estate.Each[*model.Partner](v) {
			l.partners[p.Ref()] = &account{}
			l.noted(p)
			if v.Get(p.Vendor) != nil {
				l.vendors[p.Vendor] = append(l.vendors[p.Vendor], p.Ref())
			}
		}
		for a := range estate.Each[*model.PartnerAgreement](v) {
			if l.partners[a.Partner] != nil && v.Get(a.Contract) != nil {
				l.contracts[a.Contract] = append(l.contracts[a.Contract], a.Partner)
			}
		}
		for e := range estate.Each[*model.Experiment](v) {
			l.experiment(e)
		}
		l.bills()
		return l
	}).(*ledger)
}

// noted books what people noted about a partner.
func (l *ledger) noted(p *model.Partner) {
	for _, value := range p.Value {
		if value.On > l.view.At() {
			continue
		}
		for _, a := range []*account{l.partners[p.Ref()], l.all} {
			y := a.in(yearOf(value.On))
			if value.Amount.Sign() < 0 {
				y.noted.Add(l.books, value.Amount.Neg(), value.On, practice.To(p))
			} else {
				y.brought.Add(l.books, value.Amount, value.On, practice.To(p))
			}
		}
	}
}

// experiment books what an experiment took beside bills, and notes which lines of bills are its own.
func (l *ledger) experiment(e *model.Experiment) {
	var with []model.Ref
	for _, ref := range e.With {
		if l.partners[ref] != nil && !slices.Contains(with, ref) {
			with = append(with, ref)
		}
	}
	if len(with) == 0 {
		return
	}
	for _, ref := range e.UsesSystems {
		l.systems[ref] = append(l.systems[ref], with...)
	}
	for _, tag := range e.CostTags {
		name, value, _ := strings.Cut(tag, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		l.tags[name] = append(l.tags[name], tagged{strings.TrimSpace(value), with})
	}
	on := cmp.Or(e.Decided, e.Start, l.view.At())
	if on > l.view.At() || e.Spent.IsZero() {
		return
	}
	for _, ref := range with {
		l.partners[ref].in(yearOf(on)).experiments.Add(l.books, e.Spent, on, practice.To(e))
	}
	l.all.in(yearOf(on)).experiments.Add(l.books, e.Spent, on, practice.To(e))
}

// bills books the lines of bills. A line counts once for a partner, by whatever way it belongs to it.
func (l *ledger) bills() {
	byItem := map[*costs.Item]*claim{}
	for _, line := range costs.Of(l.view).Lines {
		if line.Month > l.view.At() {
			break
		}
		c := byItem[line.Item]
		if c == nil {
			c = l.claim(line.Item)
			byItem[line.Item] = c
		}
		if len(c.parts) == 0 {
			continue
		}
		billed := line.Amount(costs.Billed)
		amount, from := ratOf(billed), practice.To(line.Load)
		for ref, part := range c.parts {
			l.partners[ref].in(yearOf(line.Month)).bills.AddExact(new(big.Rat).Mul(amount, part), from)
		}
		l.all.in(yearOf(line.Month)).bills.AddExact(amount.Mul(amount, c.most), from)
	}
}

// claim is which part of the lines of an item belongs to which partners, and which part to any of them.
type claim struct {
	parts map[model.Ref]*big.Rat
	most  *big.Rat
}

// claim tells whom the lines of an item belong to: whole by contract, vendor or tag, else the parts of the systems of experiments.
func (l *ledger) claim(item *costs.Item) *claim {
	c := &claim{parts: map[model.Ref]*big.Rat{}, most: new(big.Rat)}
	whole := big.NewRat(1, 1)
	take := func(partners []model.Ref) {
		for _, ref := range partners {
			c.parts[ref], c.most = whole, whole
		}
	}
	take(l.contracts[item.Contract])
	vendor := item.Vendor
	if contract, ok := estate.Look[*model.Contract](l.view, item.Contract); ok && vendor.IsZero() {
		vendor = contract.Vendor
	}
	take(l.vendors[vendor])
	for name, list := range l.tags {
		value := item.Tag(name)
		for _, t := range list {
			if value != "" && strings.EqualFold(value, t.value) {
				take(t.partners)
			}
		}
	}
	weights := 0.0
	for _, s := range item.For {
		weights += s.Weight
	}
	for _, s := range item.For {
		part := new(big.Rat).SetFloat64(s.Weight / weights)
		if part == nil || len(l.systems[s.To]) == 0 {
			continue
		}
		if c.most != whole {
			c.most.Add(c.most, part)
		}
		for _, ref := range uniqueRefs(l.systems[s.To]) {
			if c.parts[ref] == nil {
				c.parts[ref] = new(big.Rat)
			}
			if c.parts[ref] != whole {
				c.parts[ref].Add(c.parts[ref], part)
			}
		}
	}
	return c
}

func uniqueRefs(refs []model.Ref) []model.Ref {
	var out []model.Ref
	for _, r := range refs {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// ratOf returns a sum of bills as a fraction.
func ratOf(sum facts.Sum) *big.Rat {
	r, ok := new(big.Rat).SetString(sum.String())
	if !ok {
		return new(big.Rat)
	}
	return r
}
