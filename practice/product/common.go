package product

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// purse converts amounts into the currency of the books on the day of the view.
type purse struct {
	rates    *costs.Rates
	currency string
	day      model.Date
}

// purseOf returns the purse of a view. Where there are no books, the first amount of a product or a customer says the currency.
func purseOf(v estate.View) *purse {
	currency := costs.BooksCurrency(v)
	for p := range estate.Each[*model.Product](v) {
		currency = cmp.Or(currency, p.Revenue.Currency())
	}
	for c := range estate.Each[*model.Customer](v) {
		if currency != "" {
			break
		}
		currency = c.Revenue.Currency()
	}
	return &purse{costs.NewRates(v, currency), currency, v.At()}
}

// convert returns an amount in the currency of the books, rounded to its places, and false where there is no rate.
func (p *purse) convert(m model.Money) (model.Money, bool) { return p.on(m, p.day) }

// on does the same with the rate of a day.
func (p *purse) on(m model.Money, day model.Date) (model.Money, bool) {
	if m.IsZero() || m.Currency() == p.currency {
		return m, true
	}
	out, ok := p.rates.Convert(m, min(day, p.day))
	if !ok || p.currency == "" {
		return model.Money{}, false
	}
	out, err := costs.Round(facts.Of(out), p.currency).Money(p.currency)
	return out, err == nil
}

// total adds up amounts in the currency of the books.
type total struct {
	purse *purse
	sum   model.Money
	lost  int
}

// add adds an amount. What cannot be converted is counted.
func (t *total) add(m model.Money) {
	if m.IsZero() {
		return
	}
	c, ok := t.purse.convert(m)
	if sum, err := t.sum.Add(c); ok && err == nil {
		t.sum = sum
		return
	}
	t.lost++
}

// figure returns the total as a figure.
func (t *total) figure(better practice.Better, from []practice.Link, note string) practice.Figure {
	f := practice.Figure{Money: t.sum, Value: t.sum.Float(), Better: better, From: from, Note: note}
	if t.sum.IsZero() {
		f.Unknown = true
		f.Note = cmp.Or(note, "no amount is known")
	}
	if t.lost > 0 {
		f.Note = strings.TrimSpace(f.Note + fmt.Sprintf(" %s not in it, because there is no exchange rate to %s.", practice.Count(t.lost, "amount is", "amounts are"), cmp.Or(t.purse.currency, "one currency")))
	}
	return f
}

// more reports whether an amount is larger than another of the same currency. Any amount is larger than none.
func more(a, b model.Money) bool {
	if a.IsZero() || b.IsZero() {
		return !a.IsZero() && b.IsZero()
	}
	c, err := a.Cmp(b)
	return err == nil && c > 0
}

// descending orders amounts, the largest first and none last.
func descending(a, b model.Money) int {
	switch {
	case more(a, b):
		return -1
	case more(b, a):
		return 1
	}
	return 0
}

// holders returns the records of one Go type that point to a record in a field, by key.
func holders[R model.Record](v estate.View, to model.Ref, field string) []R {
	var out []R
	seen := map[model.Ref]bool{}
	for e := range v.In(to) {
		name := e.Field.Name
		if e.Field.Parent != nil {
			name = e.Field.Parent.Name
		}
		if rec, ok := e.Record.(R); ok && name == field && !seen[rec.Base().Ref()] {
			seen[rec.Base().Ref()] = true
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b R) int { return cmp.Compare(a.Base().Key, b.Base().Key) })
	return out
}

// every returns all records of one Go type that a view sees, by key.
func every[R model.Record](v estate.View) []R {
	var out []R
	for rec := range estate.Each[R](v) {
		out = append(out, rec)
	}
	slices.SortFunc(out, func(a, b R) int { return cmp.Compare(a.Base().Key, b.Base().Key) })
	return out
}

// links returns links to the records that a view sees of some refs.
func links(v estate.View, refs []model.Ref) []practice.Link {
	var out []practice.Link
	for _, ref := range refs {
		if rec := v.Get(ref); rec != nil {
			out = append(out, practice.To(rec))
		}
	}
	return out
}

// answersFor returns who answers for something of a product: its owner, else the manager or the owner of the product.
func answersFor(v estate.View, rec model.Record, product model.Ref) practice.Link {
	if owner := practice.OwnerOf(v, rec); !owner.IsZero() {
		return owner
	}
	p, ok := estate.Look[*model.Product](v, product)
	if !ok {
		return practice.Link{}
	}
	if manager := v.Get(p.Manager); manager != nil {
		return practice.To(manager)
	}
	return practice.OwnerOf(v, p)
}

// ofProduct reports whether something belongs to the product that is asked for, if one is.
func ofProduct(asked, product model.Ref) bool { return asked.IsZero() || asked == product }

// mend names an action that would mend a finding, with its parameters in pairs.
func mend(action string, pairs ...string) *practice.Mend {
	m := &practice.Mend{Action: "product." + action, Parameters: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		m.Parameters[pairs[i]] = pairs[i+1]
	}
	return m
}

// stateOf returns the state of an idea: new where nobody said.
func stateOf(i *model.Idea) model.IdeaState { return cmp.Or(i.State, model.IdeaNew) }

// openIdea reports whether somebody still has to decide about an idea or to deliver it.
func openIdea(i *model.Idea) bool {
	s := stateOf(i)
	return s == model.IdeaNew || s == model.IdeaReviewed || s == model.IdeaPlanned
}

// openItem reports whether a roadmap item is still to come.
func openItem(i *model.RoadmapItem) bool {
	return i.State != model.RoadmapDelivered && i.State != model.RoadmapDropped
}

// request is what one customer wants of an idea or of a roadmap item, once for each customer.
type request struct {
	customer *model.Customer
	// value is the largest value that was named, as it was named.
	value model.Money
	// books is the same in the currency of the books.
	books    model.Money
	lost     bool
	asked    model.Date
	promised model.Date
	words    string
}

// requestsOf returns the requests of some ideas, one for each customer that the view sees, by key. Of several values the
// largest counts, of several promises the earliest.
func requestsOf(v estate.View, p *purse, ideas ...*model.Idea) []request {
	at := map[model.Ref]int{}
	var out []request
	for _, i := range ideas {
		for _, r := range i.Requests {
			c, ok := estate.Look[*model.Customer](v, r.Customer)
			if !ok {
				continue
			}
			n, seen := at[r.Customer]
			if !seen {
				n = len(out)
				at[r.Customer] = n
				out = append(out, request{customer: c})
			}
			out[n].join(p, r)
		}
	}
	slices.SortFunc(out, func(a, b request) int { return cmp.Compare(a.customer.Key, b.customer.Key) })
	return out
}

func (q *request) join(p *purse, r model.CustomerRequest) {
	books, ok := p.convert(r.Value)
	if more(books, q.books) || q.value.IsZero() {
		q.value, q.books, q.lost = r.Value, books, !ok
	}
	q.asked = earliest(q.asked, r.Asked)
	q.promised = earliest(q.promised, r.Promised)
	q.words = cmp.Or(q.words, r.Words)
}

// earliest returns the earlier of two days, where a day that is not set does not count.
func earliest(a, b model.Date) model.Date {
	if a.IsZero() || !b.IsZero() && b < a {
		return b
	}
	return a
}

// valueOf adds up the values of requests.
func valueOf(p *purse, list []request) total {
	t := total{purse: p}
	for _, q := range list {
		t.add(q.value)
	}
	return t
}

// customersOf returns links to the customers of requests.
func customersOf(list []request) []practice.Link {
	out := make([]practice.Link, len(list))
	for i, q := range list {
		out[i] = practice.To(q.customer)
	}
	return out
}

// round1 rounds to one place after the point.
func round1(f float64) float64 {
	if f < 0 {
		return -round1(-f)
	}
	return float64(int64(f*10+0.5)) / 10
}
