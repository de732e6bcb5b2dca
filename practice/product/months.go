package product

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// results are the figures of a product up to a day.
type results struct {
	// months are the full months before the day, the oldest first, with revenue in the currency of the books.
	months []model.ProductMonth
	// revenue is what customers paid in a year, and how says where it comes from.
	revenue model.Money
	how     string
	// lost says that some amount could not be converted.
	lost bool
	// customers is how many there were last.
	customers int
	// active is how many used it last.
	active int
	// growth is by how many percent the last three months differ from the same months a year before, or from the three before. Against says which.
	growth  *float64
	against string
	// churn is how many percent of the customers leave in a month, on average of the last twelve months that are known.
	churn *float64
}

// resultsOf returns the figures of a product on a day. The revenue of a year is that of the last twelve full
// months where all of them are known, and otherwise what the product says of its last year.
func resultsOf(p *purse, product *model.Product) results {
	r := results{customers: product.Customers, how: "revenue of the last full year"}
	first := costs.FirstDay(p.day)
	for _, m := range product.Months {
		if m.Month < first {
			month := m
			month.Month = costs.FirstDay(m.Month)
			revenue, ok := p.on(m.Revenue, costs.LastDay(m.Month))
			month.Revenue, r.lost = revenue, r.lost || !ok
			r.months = append(r.months, month)
		}
	}
	slices.SortStableFunc(r.months, func(a, b model.ProductMonth) int { return cmp.Compare(a.Month, b.Month) })
	r.months = slices.CompactFunc(r.months, func(a, b model.ProductMonth) bool { return a.Month == b.Month })
	var ok bool
	r.revenue, ok = p.convert(product.Revenue)
	r.lost = r.lost || !ok
	if sum, full := r.between(first.AddMonths(-12), first); full {
		r.revenue, r.how = sum, "sum of the last twelve months"
	}
	if n := len(r.months); n > 0 {
		r.customers = cmp.Or(r.months[n-1].Customers, r.customers)
		r.active = r.months[n-1].Active
	}
	r.growth, r.against = r.grown(first)
	r.churn = r.leaving(first)
	return r
}

// between adds up the revenue of the months from one day to before another, and reports whether all of them are known.
func (r *results) between(from, until model.Date) (model.Money, bool) {
	var sum model.Money
	want := from
	for _, m := range r.months {
		if m.Month < from || m.Month >= until {
			continue
		}
		if m.Month != want || m.Revenue.IsZero() {
			return model.Money{}, false
		}
		out, err := sum.Add(m.Revenue)
		if err != nil {
			return model.Money{}, false
		}
		sum, want = out, want.AddMonths(1)
	}
	return sum, want == until
}

// grown compares the last three full months with those a year before, or where these are not known with the three before.
func (r *results) grown(first model.Date) (*float64, string) {
	last, ok := r.between(first.AddMonths(-3), first)
	if !ok {
		return nil, ""
	}
	for _, c := range []struct {
		months int
		text   string
	}{{12, "the same months a year before"}, {3, "the three months before"}} {
		before, ok := r.between(first.AddMonths(-3-c.months), first.AddMonths(-c.months))
		if ok && before.Sign() > 0 {
			g := round1(100 * (last.Float() - before.Float()) / before.Float())
			return &g, c.text
		}
	}
	return nil, ""
}

// leaving returns the customers that left in the last twelve months, in percent of those who could have, month by month.
func (r *results) leaving(first model.Date) *float64 {
	lost, could := 0, 0
	for n := 1; n < len(r.months); n++ {
		m, before := r.months[n], r.months[n-1]
		if m.Month >= first.AddMonths(-12) && before.Month.AddMonths(1) == m.Month && before.Customers > 0 {
			lost += m.Lost
			could += before.Customers
		}
	}
	if could == 0 {
		return nil
	}
	c := float64(int(10000*float64(lost)/float64(could)+0.5)) / 100
	return &c
}

// line draws the revenue of the months.
func (r *results) line(name string) practice.Line {
	l := practice.Line{Name: name}
	for _, m := range r.months {
		l.Points = append(l.Points, practice.Point{At: m.Month, Value: m.Revenue.Float()})
	}
	return l
}

// findings tells what the figures of a product show.
func (r *results) findings(about, owner practice.Link, p *purse) []practice.Finding {
	var out []practice.Finding
	add := func(severity practice.Severity, m *practice.Mend, text string, args ...any) {
		out = append(out, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: about, Owner: owner, Mend: m})
	}
	record := mend("record_month", "product", about.Key)
	if r.lost {
		add(practice.Medium, nil, "Some revenue of %s is in a currency without an exchange rate to %s.", about.Title(), p.currency)
	}
	if r.revenue.IsZero() && !r.lost {
		add(practice.Low, record, "Nobody says what %s earns.", about.Title())
	}
	if n := len(r.months); n > 0 && r.months[n-1].Month < costs.FirstDay(p.day).AddMonths(-2) {
		add(practice.Low, record, "The last figures of %s are of %s.", about.Title(), r.months[n-1].Month.String()[:7])
	}
	if r.growth != nil && *r.growth <= -10 {
		add(practice.High, nil, "The revenue of %s is %g %% below that of %s.", about.Title(), -*r.growth, r.against)
	}
	if r.churn != nil && *r.churn >= 3 {
		add(practice.Medium, nil, "%s loses %g %% of its customers a month.", about.Title(), *r.churn)
	}
	return out
}
