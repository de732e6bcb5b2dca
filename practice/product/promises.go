package product

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// PromiseState says how a promise to a customer stands.
type PromiseState string

// The states of a promise, the worst first.
const (
	// PromiseBroken means that the day has passed, or that it came after the day.
	PromiseBroken PromiseState = "broken"
	// PromiseLate means that it is going to come after the day.
	PromiseLate PromiseState = "late"
	// PromiseUnplanned means that it is not on the roadmap, or has no date there.
	PromiseUnplanned PromiseState = "unplanned"
	// PromiseAtRisk means that it is to come in time, but that this is not sure.
	PromiseAtRisk PromiseState = "at_risk"
	// PromiseOnTime means that it is to come in time.
	PromiseOnTime PromiseState = "on_time"
	// PromiseKept means that it came in time.
	PromiseKept PromiseState = "kept"
)

// Options lists the states of a promise, the worst first.
func (PromiseState) Options() []model.Option {
	return []model.Option{
		{Value: "broken", Label: "Broken", Help: "The day has passed and it was not there."},
		{Value: "late", Label: "Late", Help: "It is planned for after the day."},
		{Value: "unplanned", Label: "Not on the roadmap", Help: "Nobody has planned it, or not for a day."},
		{Value: "at_risk", Label: "At risk", Help: "It is planned for the day, but that is not sure."},
		{Value: "on_time", Label: "On time", Help: "It is planned for the day or before."},
		{Value: "kept", Label: "Kept", Help: "It was there on the day."},
	}
}

// PromisesIn says which promises are compared.
type PromisesIn struct {
	// Product limits the answer to one product.
	Product model.Ref `to:"Product"`
	// Customer limits the answer to one customer.
	Customer model.Ref `to:"Customer"`
	// All says that promises which were kept are listed too.
	All bool
}

// PromisesOut is what customers were promised and how that stands.
type PromisesOut struct {
	// Promises is how many promises are open.
	Promises practice.Figure
	// Broken is how many are past their day, also if it came later.
	Broken practice.Figure
	// Late is how many are planned for after the promised day.
	Late practice.Figure
	// Unplanned is how many are not on the roadmap with a date.
	Unplanned practice.Figure
	// AtRisk is how many are in time only if everything goes well.
	AtRisk practice.Figure
	// AtStake is the revenue in a year of the customers whose promises are broken, late, not planned or at risk, as they named it, each customer once.
	AtStake practice.Figure
	// Findings say which promise needs a decision, the worst first.
	Findings []practice.Finding
	// Table lists the promises, the worst first.
	Table practice.Table[PromiseRow]
}

// PromiseRow is a promise to a customer.
type PromiseRow struct {
	// Customer is the customer.
	Customer practice.Link
	// Idea is what was promised.
	Idea practice.Link
	// Item is the roadmap item that brings it.
	Item practice.Link
	// Product is the product.
	Product practice.Link
	// State says how it stands.
	State PromiseState
	// Promised is the day that was promised.
	Promised model.Date
	// Due is the day by which it is planned, or on which it came.
	Due model.Date
	// Slack is how many days before the promised day that is. Below 0 it is after.
	Slack *int `unit:"days"`
	// Confidence is how sure the planned day is.
	Confidence *float64 `unit:"%"`
	// Value is the revenue in a year that hangs on it, in the currency of the books.
	Value model.Money
	// Effort is the work of it.
	Effort float64 `unit:"person-months"`
	// Displaces is what could be done of the same product with this effort in the place of the promise, the most value for a person-month first.
	Displaces []practice.Link
	// Cost is what the promise costs: what all of this would bring in a year, the last one in the share that fits into the effort, rounded to whole units of the currency.
	Cost model.Money
	// Owner is who answers for it.
	Owner practice.Link
}

// Promises compares the days that customers were promised with the roadmap: what is late, at risk or not planned at all, what
// revenue hangs on that, and what each promise costs by displacing something else.
func Promises(v estate.View, in PromisesIn) (PromisesOut, error) {
	var out PromisesOut
	p := purseOf(v)
	others := alternativesOf(v, p)
	by := map[PromiseState][]practice.Link{}
	var open []practice.Link
	worst := map[model.Ref]request{}
	for _, one := range promised(v, p, in) {
		row := one.row(v, p, others)
		by[row.State] = append(by[row.State], row.Idea)
		if row.State != PromiseKept && !one.delivered() {
			open = append(open, row.Idea)
		}
		if row.State == PromiseKept && !in.All {
			continue
		}
		out.Table.Rows = append(out.Table.Rows, row)
		if f := one.finding(v, row); f.Text != "" {
			out.Findings = append(out.Findings, f)
			if before, seen := worst[one.customer.Ref()]; !seen || more(one.books, before.books) {
				worst[one.customer.Ref()] = one.request
			}
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b PromiseRow) int {
		return cmp.Or(placeOf(a.State)-placeOf(b.State), cmp.Compare(a.Promised, b.Promised), cmp.Compare(a.Customer.Key, b.Customer.Key), cmp.Compare(a.Idea.Key, b.Idea.Key))
	})
	practice.WorstFirst(out.Findings)
	out.Promises = practice.Counted("promises", practice.Neither, open)
	out.Broken = practice.Counted("promises", practice.Lower, by[PromiseBroken])
	out.Late = practice.Counted("promises", practice.Lower, by[PromiseLate])
	out.Unplanned = practice.Counted("promises", practice.Lower, by[PromiseUnplanned])
	out.AtRisk = practice.Counted("promises", practice.Lower, by[PromiseAtRisk])
	list := make([]request, 0, len(worst))
	for _, q := range worst {
		list = append(list, q)
	}
	slices.SortFunc(list, func(a, b request) int { return cmp.Compare(a.customer.Key, b.customer.Key) })
	t := valueOf(p, list)
	if len(list) > 0 {
		out.AtStake = t.figure(practice.Lower, customersOf(list), "")
	} else {
		out.AtStake = practice.Figure{Better: practice.Lower, Note: "no promise is in danger"}
	}
	return out, nil
}

// placeOf returns the place of a state in its options.
func placeOf(s PromiseState) int {
	return slices.IndexFunc(s.Options(), func(o model.Option) bool { return o.Value == string(s) })
}

// promise is a day that a customer was promised for an idea.
type promise struct {
	request
	idea *model.Idea
	item *model.RoadmapItem
	now  model.Date
}

// promised returns the promises that are asked for. A promise of an idea that was merged into another holds for that.
func promised(v estate.View, p *purse, in PromisesIn) []promise {
	items := map[model.Ref]*model.RoadmapItem{}
	for _, i := range every[*model.RoadmapItem](v) {
		if i.State == model.RoadmapDropped {
			continue
		}
		for _, ref := range i.Ideas {
			if before := items[ref]; before == nil || comes(i, before) {
				items[ref] = i
			}
		}
	}
	var out []promise
	for _, i := range every[*model.Idea](v) {
		if stateOf(i) == model.IdeaMerged && v.Get(i.MergedInto) != nil || !ofProduct(in.Product, i.Product) {
			continue
		}
		merged := holders[*model.Idea](v, i.Ref(), "merged_into")
		for _, q := range requestsOf(v, p, append([]*model.Idea{i}, merged...)...) {
			if !q.promised.IsZero() && (in.Customer.IsZero() || in.Customer == q.customer.Ref()) {
				out = append(out, promise{q, i, items[i.Ref()], v.At()})
			}
		}
	}
	return out
}

// comes reports whether one item brings something before another does.
func comes(a, b *model.RoadmapItem) bool {
	day := func(i *model.RoadmapItem) model.Date { return cmp.Or(i.Done, i.Due) }
	return earliest(day(b), day(a)) == day(a) && !day(a).IsZero()
}

// delivered reports whether the customer has it.
func (p promise) delivered() bool {
	return p.item != nil && p.item.State == model.RoadmapDelivered || p.item == nil && stateOf(p.idea) == model.IdeaDelivered
}

// state judges the promise. In time is what is due by the promised day; it is at risk where that is not sure to four fifths.
func (p promise) state() PromiseState {
	if p.delivered() {
		if p.item != nil && !p.item.Done.IsZero() && p.item.Done > p.promised {
			return PromiseBroken
		}
		return PromiseKept
	}
	switch {
	case p.promised < p.now:
		return PromiseBroken
	case p.item == nil || p.item.Due.IsZero():
		return PromiseUnplanned
	case p.item.Due > p.promised:
		return PromiseLate
	case p.item.Due < p.now, p.item.Confidence > 0 && p.item.Confidence < sure:
		return PromiseAtRisk
	}
	return PromiseOnTime
}

// sure is the confidence in percent from which a day counts as sure.
const sure = 80

func (p promise) row(v estate.View, purse *purse, others []alternative) PromiseRow {
	row := PromiseRow{Customer: practice.To(p.customer), Idea: practice.To(p.idea), Product: practice.To(v.Get(p.idea.Product)), State: p.state(), Promised: p.promised, Value: p.books, Effort: p.idea.Effort, Owner: answersFor(v, p.idea, p.idea.Product)}
	if p.item != nil {
		row.Item, row.Due = practice.To(p.item), cmp.Or(p.item.Done, p.item.Due)
		row.Effort = cmp.Or(p.item.Effort, row.Effort)
		row.Owner = answersFor(v, p.item, p.item.Product)
		if p.item.Confidence > 0 {
			c := float64(p.item.Confidence)
			row.Confidence = &c
		}
	}
	if !row.Due.IsZero() {
		slack := int(p.promised - row.Due)
		row.Slack = &slack
	}
	if p.delivered() || row.Effort <= 0 {
		return row
	}
	row.Displaces, row.Cost = p.displaces(row, purse, others)
	return row
}

// displaces fills the effort of a promise with what could be done instead, the best first, and adds up what that would bring in a year.
func (p promise) displaces(row PromiseRow, purse *purse, others []alternative) ([]practice.Link, model.Money) {
	var out []practice.Link
	rest, worth := row.Effort, 0.0
	for _, o := range others {
		if rest <= 0 {
			break
		}
		if o.product != p.idea.Product || o.link == row.Idea || o.link == row.Item || slices.Contains(o.ideas, p.idea.Ref()) {
			continue
		}
		share := min(1, rest/o.effort)
		worth += share * o.value.Float()
		rest -= share * o.effort
		out = append(out, o.link)
	}
	amount, err := facts.ParseDecimal(fmt.Sprintf("%.6f", worth))
	if err != nil || len(out) == 0 {
		return nil, model.Money{}
	}
	cost, err := costs.RoundTo(amount, 0).Money(purse.currency)
	if err != nil {
		return nil, model.Money{}
	}
	return out, cost
}

// finding tells what is wrong with a promise. It has no text where all is well or over.
func (p promise) finding(v estate.View, row PromiseRow) practice.Finding {
	f := practice.Finding{About: row.Idea, Owner: row.Owner, From: []practice.Link{row.Customer}}
	worth := ""
	if !row.Value.IsZero() {
		worth = fmt.Sprintf(" %s a year hang on it.", row.Value)
	}
	who := fmt.Sprintf("%s was promised %s for %s", p.customer.Title(), p.idea.Title(), p.promised)
	shift := func() {
		f.From = append(f.From, row.Item)
		f.Mend = mend("schedule", "item", row.Item.Key, "due", p.promised.String())
	}
	switch {
	case row.State == PromiseBroken && p.delivered():
		return practice.Finding{}
	case row.State == PromiseBroken:
		f.Severity, f.Text = practice.High, fmt.Sprintf("%s, %s ago, and it is not there.%s", who, practice.Count(int(p.now-p.promised), "day", "days"), worth)
		if p.item != nil {
			f.Mend = mend("schedule", "item", row.Item.Key)
		} else {
			f.Mend = mend("plan_idea", "idea", p.idea.Key)
		}
	case stateOf(p.idea) == model.IdeaDeclined:
		f.Severity, f.Text = practice.High, who+", and it was declined: tell the customer."+worth
	case row.State == PromiseUnplanned && p.item == nil:
		f.Severity, f.Text, f.Mend = practice.High, who+", and it is not on the roadmap."+worth, mend("plan_idea", "idea", p.idea.Key, "due", p.promised.String())
	case row.State == PromiseUnplanned:
		f.Severity, f.Text = practice.High, fmt.Sprintf("%s, and %s has no date.%s", who, p.item.Title(), worth)
		shift()
	case row.State == PromiseLate:
		f.Severity, f.Text = practice.High, fmt.Sprintf("%s, and it is planned for %s, %s later.%s", who, row.Due, practice.Count(-*row.Slack, "day", "days"), worth)
		shift()
	case row.State == PromiseAtRisk && row.Due < p.now:
		f.Severity, f.Text = practice.Medium, fmt.Sprintf("%s, and it was planned for %s already.%s", who, row.Due, worth)
		shift()
	case row.State == PromiseAtRisk:
		f.Severity, f.Text = practice.Medium, fmt.Sprintf("%s, and that it comes by %s is only %g %% sure.%s", who, row.Due, *row.Confidence, worth)
		shift()
	}
	return f
}

// alternative is something else that the same people could do.
type alternative struct {
	product model.Ref
	link    practice.Link
	ideas   []model.Ref
	value   model.Money
	effort  float64
}

// alternativesOf returns what could be done in the place of promises: open roadmap items and ideas without a promise that have a value and an effort, the most value for a person-month first.
func alternativesOf(v estate.View, p *purse) []alternative {
	var out []alternative
	planned := map[model.Ref]bool{}
	free := func(ideas ...*model.Idea) bool {
		return !slices.ContainsFunc(requestsOf(v, p, ideas...), func(q request) bool { return !q.promised.IsZero() })
	}
	for _, i := range every[*model.RoadmapItem](v) {
		for _, ref := range i.Ideas {
			planned[ref] = true
		}
		ideas := ideasOf(v, i)
		value, ok := p.convert(i.Value)
		if value.IsZero() {
			t := valueOf(p, requestsOf(v, p, ideas...))
			value = t.sum
		}
		if openItem(i) && ok && i.Effort > 0 && value.Sign() > 0 && free(ideas...) {
			out = append(out, alternative{i.Product, practice.To(i), i.Ideas, value, i.Effort})
		}
	}
	for _, i := range every[*model.Idea](v) {
		t := valueOf(p, requestsOf(v, p, i))
		if openIdea(i) && !planned[i.Ref()] && i.Effort > 0 && t.sum.Sign() > 0 && free(i) {
			out = append(out, alternative{i.Product, practice.To(i), []model.Ref{i.Ref()}, t.sum, i.Effort})
		}
	}
	slices.SortStableFunc(out, func(a, b alternative) int {
		return cmp.Or(cmp.Compare(b.value.Float()/b.effort, a.value.Float()/a.effort), cmp.Compare(a.link.Key, b.link.Key))
	})
	return out
}
