package research

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// spend is what an experiment cost so far, in the currency of the books.
type spend struct {
	// bills is what lines of bills show, and own what was written down beside them.
	bills, own, total model.Money
	// limit is the cap in the same currency. It is nothing where there is none.
	limit model.Money
	// unknown says why the total cannot be told, or nothing.
	unknown string
	// lines are what bills show, by month and then the dearest first.
	lines []spendLine
}

// spendLine is what one item of a bill cost in one month, as far as it belongs to an experiment.
type spendLine struct {
	*costs.Line
	// how says by what it belongs to the experiment.
	how string
	// amount is its effective cost.
	amount facts.Sum
	// shared says that another experiment names the same and did not get it.
	shared model.Ref
}

// percent returns how much of the cap is spent, in percent. It reports false where that cannot be told.
func (s *spend) percent() (float64, bool) {
	if s.unknown != "" || s.limit.IsZero() || s.limit.Sign() <= 0 {
		return 0, false
	}
	return 100 * s.total.Float() / s.limit.Float(), true
}

// over reports whether more was spent than the cap allows. The amounts are compared exactly.
func (s *spend) over() bool {
	if s.unknown != "" || s.limit.IsZero() {
		return false
	}
	c, err := s.total.Cmp(s.limit)
	return err == nil && c > 0
}

// figure returns the spend with where it comes from.
func (s *spend) figure(from practice.Link) practice.Figure {
	f := practice.Figure{Unit: s.total.Currency(), Money: s.total, Value: s.total.Float(), Better: practice.Lower, From: []practice.Link{from}}
	for _, l := range s.loads() {
		f.From = append(f.From, practice.To(l))
	}
	if s.unknown != "" {
		f.Unknown, f.Note = true, s.unknown
	}
	if !s.limit.IsZero() {
		limit := s.limit.Float()
		f.Target = &limit
	}
	return f
}

// loads returns the bills that the lines come from.
func (s *spend) loads() []*model.Load {
	var out []*model.Load
	for _, l := range s.lines {
		if !slices.Contains(out, l.Load) {
			out = append(out, l.Load)
		}
	}
	return out
}

// ledger is the spend of every experiment that a view sees, with no line of a bill in it twice.
type ledger struct {
	book *costs.Book
	of   map[model.Ref]*spend
}

type ledgerKey struct {
	reader any
	at     model.Date
}

// ledgerOf returns the spend of all experiments. It is made once for each snapshot, sight and date.
func ledgerOf(v estate.View) *ledger {
	return v.Memo(ledgerKey{practice.FactsOf(v), v.At()}, func() any { return newLedger(v) }).(*ledger)
}

// claim is how strongly an experiment claims an item: the lower comes first, and of equal ones the experiment whose key comes first.
type claim struct {
	e     *model.Experiment
	first model.Date
	last  model.Date
	rank  int
	how   string
	// part is the share of the line, where it belongs to several things. Unset means all of it.
	part facts.Decimal
}

// The ranks of claims: the most exact first.
const (
	byTag = iota
	byResource
	byAccount
	byOwner
)

func (c claim) on(day model.Date) bool { return day >= c.first && day <= c.last }

// tally adds up what the lines of each experiment cost.
type tally map[model.Ref]map[*costs.Line]*spendLine

// add adds an amount of a line, or the part of it that a claim has.
func (t tally) add(c claim, line *costs.Line, amount facts.Sum, shared model.Ref) {
	if !c.part.IsNull() {
		part := amount.Decimal().Mul(c.part)
		amount = facts.Sum{}
		amount.Add(costs.RoundTo(part, 12))
	}
	of := t[c.e.Ref()]
	if of == nil {
		of = map[*costs.Line]*spendLine{}
		t[c.e.Ref()] = of
	}
	s := of[line]
	if s == nil {
		s = &spendLine{Line: line, how: c.how, shared: shared}
		of[line] = s
	}
	s.amount.AddSum(amount)
}

func newLedger(v estate.View) *ledger {
	l := &ledger{book: costs.Of(v), of: map[model.Ref]*spend{}}
	x := newClaims(v)
	sums := tally{}
	missing := map[model.Ref]bool{}
	daily := map[*model.Load]map[uint32][]*costs.Line{}
	claimed := map[*costs.Line][]claim{}
	for _, line := range l.book.Lines {
		claims := x.on(line)
		if len(claims) == 0 {
			continue
		}
		if whole(claims, line.Month) {
			for _, c := range winners(claims, line.Month) {
				sums.add(c, line, line.Amount(costs.Effective), loser(claims, c))
			}
			continue
		}
		if daily[line.Load] == nil {
			daily[line.Load] = map[uint32][]*costs.Line{}
		}
		daily[line.Load][line.Number] = append(daily[line.Load][line.Number], line)
		claimed[line] = claims
	}
	for _, line := range l.book.Unconverted {
		for _, c := range x.on(line) {
			missing[c.e.Ref()] = true
		}
	}
	faults := map[*model.Load]string{}
	for load, items := range daily {
		wanted := map[uint32]bool{}
		for number := range items {
			wanted[number] = true
		}
		for one, err := range practice.FactsOf(v).Lines(load.ID, wanted) {
			if err != nil {
				faults[load] = err.Error()
				break
			}
			day := facts.DayOf(one.Start)
			for _, line := range items[one.Item] {
				if line.Month != costs.FirstDay(day) {
					continue
				}
				value := one.Values[facts.Effective]
				if !line.Rate.IsNull() {
					value = costs.RoundTo(value.Mul(line.Rate), 12)
				}
				var amount facts.Sum
				amount.Add(value)
				for _, c := range winners(claimed[line], day) {
					sums.add(c, line, amount, loser(claimed[line], c))
				}
			}
		}
	}
	rates := costs.NewRates(v, l.book.Currency)
	for e := range estate.Each[*model.Experiment](v) {
		s := l.close(v, e, slices.Collect(maps.Values(sums[e.Ref()])), rates)
		if missing[e.Ref()] && s.unknown == "" {
			s.unknown = "lines of bills are in a currency without an exchange rate: add one"
		}
		for line, claims := range claimed {
			if fault := faults[line.Load]; fault != "" && s.unknown == "" && slices.ContainsFunc(claims, func(c claim) bool { return c.e == e }) {
				s.unknown = "lines of " + line.Load.Title() + " could not be read: " + fault
			}
		}
		l.of[e.Ref()] = s
	}
	return l
}

// close adds up what an experiment cost.
func (l *ledger) close(v estate.View, e *model.Experiment, lines []*spendLine, rates *costs.Rates) *spend {
	s := &spend{}
	slices.SortFunc(lines, func(a, b *spendLine) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), b.amount.Decimal().Cmp(a.amount.Decimal()), cmp.Compare(a.Load.Key, b.Load.Key), cmp.Compare(a.Number, b.Number))
	})
	var bills facts.Sum
	for _, line := range lines {
		s.lines = append(s.lines, *line)
		bills.AddSum(line.amount)
	}
	currency := cmp.Or(l.book.Currency, e.Cap.Currency(), e.Spent.Currency())
	if currency == "" {
		s.unknown = "nothing says in which currency: set the cap"
		return s
	}
	s.bills = moneyOf(bills, currency)
	own, ok := rates.Convert(e.Spent, cmp.Or(e.Decided, v.At()))
	if !ok {
		s.unknown = "there is no exchange rate from " + e.Spent.Currency() + " to " + currency + ": add one"
	}
	if s.limit, ok = rates.Convert(e.Cap, cmp.Or(e.Start, v.At())); !ok {
		s.unknown = "there is no exchange rate from " + e.Cap.Currency() + " to " + currency + ": add one"
	}
	if !own.IsZero() {
		var written facts.Sum
		written.Add(facts.Of(own))
		s.own = moneyOf(written, currency)
		bills.AddSum(written)
	}
	s.total = moneyOf(bills, currency)
	switch {
	case s.unknown != "":
	case l.book.Closed && len(e.UsesSystems)+len(e.CostTags) > 0:
		s.unknown = "your roles let you see no bills"
	}
	return s
}

// moneyOf returns a sum in a currency, rounded half to even to its units and written with all of them, such as 3.50 EUR.
func moneyOf(s facts.Sum, currency string) model.Money {
	places := int(costs.Places(currency))
	text := costs.Round(s.Decimal(), currency).String()
	whole, part, _ := strings.Cut(text, ".")
	if places > 0 {
		whole += "." + part + strings.Repeat("0", max(0, places-len(part)))
	}
	m, err := model.ParseMoney(whole + " " + currency)
	if err != nil {
		return model.Money{}
	}
	return m
}

// claims finds the experiments that an item of a bill may belong to.
type claims struct {
	tags      map[string][]claim
	refs      map[model.Ref][]claim
	accounts  map[string]model.Ref
	resources map[string]model.Ref
	read      map[string]map[string]string
	items     map[*costs.Item][]claim
}

func newClaims(v estate.View) *claims {
	x := &claims{tags: map[string][]claim{}, refs: map[model.Ref][]claim{}, accounts: map[string]model.Ref{}, resources: map[string]model.Ref{}, read: map[string]map[string]string{}, items: map[*costs.Item][]claim{}}
	for e := range estate.Each[*model.Experiment](v) {
		if e.Start.IsZero() || e.State == model.ExperimentDropped {
			continue
		}
		c := claim{e: e, first: e.Start, last: v.At()}
		if !e.Decided.IsZero() && e.State == model.ExperimentDecided {
			c.last = min(c.last, e.Decided)
		}
		for _, tag := range e.CostTags {
			if name, value, ok := strings.Cut(tag, "="); ok {
				c := c
				c.rank, c.how = byTag, "tag "+strings.TrimSpace(tag)
				key := strings.ToLower(strings.TrimSpace(name)) + "=" + strings.TrimSpace(value)
				x.tags[key] = append(x.tags[key], c)
			}
		}
		for _, ref := range e.UsesSystems {
			c := c
			rec := v.Get(ref)
			if rec == nil {
				continue
			}
			c.how = practice.To(rec).String()
			switch rec := rec.(type) {
			case *model.CloudResource:
				c.rank = byResource
				x.resources[strings.ToLower(rec.ResourceID)] = ref
			case *model.CloudAccount:
				c.rank = byAccount
				x.accounts[strings.ToLower(rec.AccountID)] = ref
			default:
				c.rank = byOwner
			}
			x.refs[ref] = append(x.refs[ref], c)
		}
	}
	return x
}

// on returns the claims on a line that hold on some day of its month, the strongest first.
func (x *claims) on(line *costs.Line) []claim {
	all, ok := x.items[line.Item]
	if !ok {
		all = x.of(line.Item)
		x.items[line.Item] = all
	}
	var out []claim
	last := costs.LastDay(line.Month)
	for _, c := range all {
		if c.first <= last && c.last >= line.Month {
			out = append(out, c)
		}
	}
	return out
}

func (x *claims) of(item *costs.Item) []claim {
	var out []claim
	if len(x.tags) > 0 {
		for name, value := range x.tagsOf(item.Value("Tags")) {
			out = append(out, x.tags[name+"="+value]...)
		}
	}
	for _, one := range []struct {
		in     map[string]model.Ref
		column string
	}{{x.resources, "ResourceId"}, {x.accounts, "SubAccountId"}, {x.accounts, "BillingAccountId"}} {
		if value := strings.ToLower(item.Value(one.column)); value != "" {
			if ref, ok := one.in[value]; ok {
				out = append(out, x.refs[ref]...)
			}
		}
	}
	total := 0.0
	for _, s := range item.For {
		total += s.Weight
	}
	for _, s := range item.For {
		for _, c := range x.refs[s.To] {
			if c.rank = byOwner; s.Weight < total {
				c.part, _ = facts.ParseDecimal([]byte(strconv.FormatFloat(s.Weight/total, 'f', 12, 64)))
			}
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.e.Key, b.e.Key), cmp.Compare(a.how, b.how))
	})
	return out
}

func (x *claims) tagsOf(text string) map[string]string {
	tags, ok := x.read[text]
	if !ok {
		tags = map[string]string{}
		for name, value := range costs.ReadTags(text) {
			tags[strings.ToLower(name)] = value
		}
		x.read[text] = tags
	}
	return tags
}

// whole reports whether the same claims hold on every day of a month.
func whole(claims []claim, month model.Date) bool {
	last := costs.LastDay(month)
	for _, c := range claims {
		if !c.on(month) || !c.on(last) {
			return false
		}
	}
	return true
}

// winners returns the claims that get what a day costs: the strongest one, or where only owners claim it one for each share.
func winners(claims []claim, day model.Date) []claim {
	var out []claim
	for _, c := range claims {
		switch {
		case !c.on(day):
		case len(out) == 0 && (c.rank != byOwner || c.part.IsNull()):
			return []claim{c}
		case c.rank == byOwner && !c.part.IsNull() && !slices.ContainsFunc(out, func(o claim) bool { return o.how == c.how }):
			out = append(out, c)
		}
	}
	return out
}

// loser returns another experiment that claims the same as strongly as the one that gets it, or nothing.
func loser(claims []claim, won claim) model.Ref {
	for _, c := range claims {
		if c.e != won.e && c.rank == won.rank && c.first <= won.last && c.last >= won.first {
			if c.rank != byOwner || c.how == won.how {
				return c.e.Ref()
			}
		}
	}
	return model.Ref{}
}
