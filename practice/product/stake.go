package product

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// RevenueAtStakeIn says what is decided about.
type RevenueAtStakeIn struct {
	// Of are the applications, technologies, vendors, components or other things that a decision is about.
	Of []model.Ref `to:"any" is:"required"`
}

// RevenueAtStakeOut is what revenue hangs on some things.
type RevenueAtStakeOut struct {
	// Products is how many products run on them, also through others.
	Products practice.Figure
	// Revenue is what these products bring in a year.
	Revenue practice.Figure
	// Stopped is the part of it whose products stop if all of these things fail, because nothing takes their place.
	Stopped practice.Figure
	// Customers is how many named customers use these products.
	Customers practice.Figure
	// CustomerRevenue is what these customers pay in a year. It is a part of the revenue and not added to it.
	CustomerRevenue practice.Figure
	// Promised is how many open roadmap items are built on these things.
	Promised practice.Figure
	// Findings say in a sentence what hangs on what.
	Findings []practice.Finding
	// Table lists the products, those that earn most first.
	Table practice.Table[StakeRow]
	// Depend lists the named customers, those that pay most first.
	Depend practice.Table[DependRow]
	// Items lists the open roadmap items that are built on these things.
	Items practice.Table[StakeItem]
}

// StakeRow is a product that runs on what is decided about.
type StakeRow struct {
	// Product is the product.
	Product practice.Link
	// Revenue is what it brings in a year.
	Revenue model.Money
	// Stops says that it stops if all of these things fail.
	Stops bool
	// Customers are the named customers that use it.
	Customers []practice.Link
	// Manager is the person that decides what it becomes.
	Manager practice.Link
	// Path is the shortest chain to the product.
	Path practice.Path
}

// DependRow is a named customer of such products.
type DependRow struct {
	// Customer is the customer.
	Customer practice.Link
	// Revenue is what it pays in a year.
	Revenue model.Money
	// RenewsOn is the day on which its contract ends or goes on.
	RenewsOn model.Date
	// Health says how likely it is to stay.
	Health model.Health
	// Products are what it uses of them.
	Products []practice.Link
}

// StakeItem is a roadmap item that is built on what is decided about.
type StakeItem struct {
	// Item is the item.
	Item practice.Link
	// Product is the product.
	Product practice.Link
	// Due is the day by which it is to be there.
	Due model.Date
	// Value is the revenue or the saving in a year that is expected of it.
	Value model.Money
}

// RevenueAtStake tells what a decision about technology does to revenue: which products run on an application, a technology, a
// vendor or a component, what they bring in a year, which named customers use them, and what on the roadmap is built on it.
func RevenueAtStake(v estate.View, in RevenueAtStakeIn) (RevenueAtStakeOut, error) {
	var out RevenueAtStakeOut
	if len(links(v, in.Of)) == 0 {
		return out, model.Problem{Field: "of", Text: "there is no such record: name an application, a technology, a vendor, a component or another thing"}
	}
	p := purseOf(v)
	closure := v.Reach(estate.Down, in.Of...)
	outage := v.Fail(in.Of...)
	stopped := map[model.ID]bool{}
	for _, s := range outage.Steps {
		stopped[s.Record.Base().ID] = true
	}
	users := map[model.ID][]practice.Link{}
	var customers []*model.Customer
	products, items := total{purse: p}, []practice.Link{}
	stops, paid := total{purse: p}, total{purse: p}
	var all, stopping []practice.Link
	for n, s := range closure.Steps {
		switch rec := s.Record.(type) {
		case *model.Product:
			if practice.Gone(rec, v.At()) {
				continue
			}
			r := resultsOf(p, rec)
			row := StakeRow{Product: practice.To(rec), Revenue: r.revenue, Stops: stopped[rec.ID], Manager: practice.To(v.Get(rec.Manager)), Path: practice.PathOf(closure.Path(n))}
			for _, c := range holders[*model.Customer](v, rec.Ref(), "products") {
				row.Customers = append(row.Customers, practice.To(c))
				if users[c.ID] == nil {
					customers = append(customers, c)
				}
				users[c.ID] = append(users[c.ID], row.Product)
			}
			out.Table.Rows = append(out.Table.Rows, row)
			all = append(all, row.Product)
			products.add(r.revenue)
			if row.Stops {
				stops.add(r.revenue)
				stopping = append(stopping, row.Product)
			}
		case *model.RoadmapItem:
			if openItem(rec) {
				value, _ := p.convert(rec.Value)
				items = append(items, practice.To(rec))
				out.Items.Rows = append(out.Items.Rows, StakeItem{practice.To(rec), practice.To(v.Get(rec.Product)), rec.Due, value})
			}
		}
	}
	for _, c := range customers {
		revenue, _ := p.convert(c.Revenue)
		paid.add(c.Revenue)
		out.Depend.Rows = append(out.Depend.Rows, DependRow{practice.To(c), revenue, c.RenewsOn, c.Health, users[c.ID]})
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b StakeRow) int {
		return cmp.Or(descending(a.Revenue, b.Revenue), cmp.Compare(a.Product.Key, b.Product.Key))
	})
	slices.SortStableFunc(out.Depend.Rows, func(a, b DependRow) int {
		return cmp.Or(descending(a.Revenue, b.Revenue), cmp.Compare(a.Customer.Key, b.Customer.Key))
	})
	slices.SortStableFunc(out.Items.Rows, func(a, b StakeItem) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Item.Key, b.Item.Key))
	})
	out.Products = practice.Counted("products", practice.Neither, all)
	out.Revenue = some(products, all, "no product runs on it")
	out.Stopped = some(stops, stopping, "no product stops")
	out.Customers = practice.Counted("customers", practice.Neither, practice.ToAll(customers))
	out.CustomerRevenue = some(paid, practice.ToAll(customers), "no named customer uses such a product")
	out.Promised = practice.Counted("items", practice.Neither, items)
	out.Findings = stakeFindings(v, in, out)
	return out, nil
}

// some returns a total as a figure that is lower the better, and nothing with a note where there are no records.
func some(t total, from []practice.Link, none string) practice.Figure {
	if len(from) == 0 {
		return practice.Figure{Better: practice.Lower, Note: none}
	}
	return t.figure(practice.Lower, from, "")
}

// stakeFindings puts into sentences what hangs on what.
func stakeFindings(v estate.View, in RevenueAtStakeIn, out RevenueAtStakeOut) []practice.Finding {
	what := practice.Some(links(v, in.Of))
	first := links(v, in.Of)[0]
	if len(out.Table.Rows) == 0 {
		return []practice.Finding{{Severity: practice.Info, Text: fmt.Sprintf("No product runs on %s, as far as the estate knows.", what), About: first}}
	}
	var findings []practice.Finding
	for n, row := range out.Table.Rows {
		if n == 10 {
			break
		}
		f := practice.Finding{Severity: practice.Medium, About: row.Product, Paths: []practice.Path{row.Path}, From: row.Customers, Owner: row.Manager, Text: row.Product.Title() + " runs on " + what}
		if row.Stops {
			f.Severity = practice.High
			f.Text += " and stops without it"
		}
		if !row.Revenue.IsZero() {
			f.Text += fmt.Sprintf(": %s a year", row.Revenue)
		}
		if len(row.Customers) > 0 {
			f.Text += fmt.Sprintf(", used by %s", practice.Some(row.Customers))
		}
		f.Text += "."
		findings = append(findings, f)
	}
	return findings
}
