package product

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// CustomersIn says which customers are shown.
type CustomersIn struct {
	// Product limits the answer to the customers of one product.
	Product model.Ref `to:"Product"`
	// Segment limits the answer to one segment.
	Segment model.Ref `to:"CustomerSegment"`
	// Renewing limits the answer to customers whose contract ends or goes on within so many days.
	Renewing int `min:"0" max:"3650"`
}

// CustomersOut is who buys, who may leave, and what they asked for and got.
type CustomersOut struct {
	// Customers is how many named customers there are.
	Customers practice.Figure
	// Revenue is what they pay in a year.
	Revenue practice.Figure
	// AtRisk is the revenue of those that may leave: in bad health, or with a broken promise.
	AtRisk practice.Figure
	// Renewing is the revenue of those whose contract ends or goes on within 90 days.
	Renewing practice.Figure
	// Concentration is how many percent of the revenue the largest customer pays.
	Concentration practice.Figure
	// Findings say who may leave and why, the worst first.
	Findings []practice.Finding
	// Table lists the customers, those that pay most first.
	Table practice.Table[CustomerRow]
}

// CustomerRow is a customer.
type CustomerRow struct {
	// Customer is the customer.
	Customer practice.Link
	// Segment is the segment that it belongs to.
	Segment practice.Link
	// Products are what it uses.
	Products []practice.Link
	// Revenue is what it pays in a year, in the currency of the books.
	Revenue model.Money
	// Health says how likely it is to stay.
	Health model.Health
	// RenewsOn is the day on which its contract ends or goes on.
	RenewsOn model.Date
	// Left is how many days are left until then.
	Left *int `unit:"days"`
	// Asked are the open ideas that it asked for.
	Asked []practice.Link
	// Got are the delivered ideas that it asked for.
	Got []practice.Link
	// Declined are the ideas that it asked for and does not get.
	Declined []practice.Link
	// Promises is how many promises to it are open.
	Promises int
	// Endangered is how many of these are broken, late or not planned.
	Endangered int
	// Contact is who speaks with it.
	Contact practice.Link
}

// renewal is how many days before its renewal a customer is looked at more closely.
const renewal = 90

// Customers lists the named customers with what they pay, when they renew, what they asked for, got and were promised, and finds those that may leave.
func Customers(v estate.View, in CustomersIn) (CustomersOut, error) {
	var out CustomersOut
	p := purseOf(v)
	open, endangered := map[model.Ref]int{}, map[model.Ref]int{}
	for _, one := range promised(v, p, PromisesIn{}) {
		if one.delivered() {
			continue
		}
		open[one.customer.Ref()]++
		if s := one.state(); s == PromiseBroken || s == PromiseLate || s == PromiseUnplanned {
			endangered[one.customer.Ref()]++
		}
	}
	all, risky, renewing := total{purse: p}, total{purse: p}, total{purse: p}
	var shown, risk, renew []practice.Link
	for _, c := range every[*model.Customer](v) {
		if !in.Product.IsZero() && !slices.Contains(c.Products, in.Product) || !in.Segment.IsZero() && c.Segment != in.Segment {
			continue
		}
		row := customerRow(v, p, c)
		row.Promises, row.Endangered = open[c.Ref()], endangered[c.Ref()]
		if in.Renewing > 0 && (row.Left == nil || *row.Left < 0 || *row.Left > in.Renewing) {
			continue
		}
		out.Table.Rows = append(out.Table.Rows, row)
		shown = append(shown, row.Customer)
		all.add(c.Revenue)
		if row.Health == "red" || row.Endangered > 0 {
			risky.add(c.Revenue)
			risk = append(risk, row.Customer)
		}
		if row.Left != nil && *row.Left >= 0 && *row.Left <= renewal {
			renewing.add(c.Revenue)
			renew = append(renew, row.Customer)
		}
		if f := row.finding(); f.Text != "" {
			out.Findings = append(out.Findings, f)
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b CustomerRow) int {
		return cmp.Or(descending(a.Revenue, b.Revenue), cmp.Compare(a.Customer.Key, b.Customer.Key))
	})
	practice.WorstFirst(out.Findings)
	out.Customers = practice.Counted("customers", practice.Higher, shown)
	out.Revenue = all.figure(practice.Higher, shown, "")
	out.AtRisk = some(risky, risk, "no customer is known to be at risk")
	out.Renewing = some(renewing, renew, "no contract ends or goes on within 90 days")
	out.Renewing.Better = practice.Neither
	out.Concentration = practice.Figure{Unit: "%", Better: practice.Lower, Unknown: true, Note: "no revenue of customers is known"}
	if len(out.Table.Rows) > 0 && all.sum.Sign() > 0 {
		first := out.Table.Rows[0]
		out.Concentration = practice.Figure{Value: round1(100 * first.Revenue.Float() / all.sum.Float()), Unit: "%", Better: practice.Lower, Note: first.Customer.Title() + " pays most", From: []practice.Link{first.Customer}}
	}
	return out, nil
}

func customerRow(v estate.View, p *purse, c *model.Customer) CustomerRow {
	row := CustomerRow{Customer: practice.To(c), Segment: practice.To(v.Get(c.Segment)), Products: links(v, c.Products), Health: c.Health, RenewsOn: c.RenewsOn, Contact: practice.To(v.Get(c.Contact))}
	row.Revenue, _ = p.convert(c.Revenue)
	if !c.RenewsOn.IsZero() {
		left := int(c.RenewsOn - v.At())
		row.Left = &left
	}
	for _, i := range holders[*model.Idea](v, c.Ref(), "requests") {
		if into, ok := estate.Look[*model.Idea](v, i.MergedInto); ok && stateOf(i) == model.IdeaMerged {
			i = into
		}
		link := practice.To(i)
		list := &row.Asked
		switch stateOf(i) {
		case model.IdeaDelivered:
			list = &row.Got
		case model.IdeaDeclined:
			list = &row.Declined
		}
		if !slices.Contains(*list, link) {
			*list = append(*list, link)
		}
	}
	return row
}

// finding tells why a customer may leave. It has no text where nothing says so.
func (r CustomerRow) finding() practice.Finding {
	soon := r.Left != nil && *r.Left >= 0 && *r.Left <= renewal
	f := practice.Finding{Severity: practice.Medium, About: r.Customer, Owner: r.Contact, From: r.Asked}
	why := ""
	switch {
	case r.Health == "red":
		why = "is in danger of leaving"
	case r.Endangered > 0:
		why = "waits for " + practice.Count(r.Endangered, "promise", "promises") + " that will not be kept as things are"
	case r.Health == "amber" && soon:
		why = "is not content"
	default:
		return practice.Finding{}
	}
	if r.Health == "red" && r.Endangered > 0 {
		why += " and waits for " + practice.Count(r.Endangered, "promise", "promises") + " that will not be kept as things are"
	}
	if soon {
		f.Severity = practice.High
		why += fmt.Sprintf(", and renews on %s, in %s", r.RenewsOn, practice.Count(*r.Left, "day", "days"))
	}
	f.Text = r.Customer.Title() + " " + why + "."
	if !r.Revenue.IsZero() {
		f.Text += fmt.Sprintf(" It pays %s a year.", r.Revenue)
	}
	return f
}
