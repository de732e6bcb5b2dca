package product

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PortfolioIn says which products are shown.
type PortfolioIn struct {
	// BusinessUnit limits the answer to the products of one business unit.
	BusinessUnit model.Ref `to:"BusinessUnit"`
	// Ended says that products at the end of their life are shown too.
	Ended bool
}

// PortfolioOut is what the company sells and what it stands on.
type PortfolioOut struct {
	// Products is how many there are.
	Products practice.Figure
	// Revenue is what they bring in a year in all.
	Revenue practice.Figure
	// Threatened is the revenue of the products that run on technology out of support, on what ends within a year or on what has a vulnerability that must be mended now or at the next occasion.
	Threatened practice.Figure
	// Findings say which product loses, and which stands on what will not hold, the worst first.
	Findings []practice.Finding
	// Table lists the products, those that earn most first.
	Table practice.Table[PortfolioRow]
	// Months draws the revenue of each product month by month.
	Months practice.Series
}

// PortfolioRow is a product with its figures.
type PortfolioRow struct {
	// Product is the product.
	Product practice.Link
	// Phase is the phase of its life.
	Phase model.Phase
	// Manager is the person that decides what it becomes.
	Manager practice.Link
	// Revenue is what it brings in a year, in the currency of the books: the last twelve full months where all are known, else the last full year.
	Revenue model.Money
	// Growth is by how much the last three full months differ from the same months a year before, or else from the three before.
	Growth *float64 `unit:"%"`
	// Customers is how many use it.
	Customers int
	// Active is how many used it in the last month.
	Active int
	// Churn is how many percent of the customers leave in a month, on average of the last twelve.
	Churn *float64 `unit:"%"`
	// Ideas is how many open ideas there are.
	Ideas int
	// Roadmap is how many items are to come.
	Roadmap int
	// RunsOn is how many applications and services it runs on, also through others.
	RunsOn int
	// Unsupported are those of them on technology out of support.
	Unsupported []practice.Link
	// Urgent is how many vulnerabilities in what it runs on are to be mended now or at the next occasion.
	Urgent int
	// Risks are the open risks that act on what it runs on.
	Risks []practice.Link
	// Risk is the highest level of these risks.
	Risk model.Level
	// Ending are the applications and services that end within a year.
	Ending []practice.Link
}

// Portfolio lists the products with what they earn, how that moves, how many customers use and leave them, and how that
// stands which they run on: its support, its vulnerabilities and its risks, as the other practices tell them.
func Portfolio(v estate.View, in PortfolioIn) (PortfolioOut, error) {
	var out PortfolioOut
	p := purseOf(v)
	s := around(v)
	revenue, threatened := total{purse: p}, total{purse: p}
	var all, shaky []practice.Link
	type drawn struct {
		line    practice.Line
		revenue model.Money
		key     string
	}
	var lines []drawn
	for _, product := range every[*model.Product](v) {
		if !in.BusinessUnit.IsZero() && product.BusinessUnit != in.BusinessUnit || practice.Gone(product, v.At()) && !in.Ended {
			continue
		}
		r := resultsOf(p, product)
		f := footingOf(v, s, product)
		row := PortfolioRow{Product: practice.To(product), Phase: product.PhaseAt(v.At()), Manager: practice.To(v.Get(product.Manager)), Revenue: r.revenue, Growth: r.growth, Customers: r.customers, Active: r.active, Churn: r.churn,
			RunsOn: len(f.things), Unsupported: f.unsupported, Urgent: f.urgent, Risks: f.risks, Risk: f.level, Ending: f.ending}
		for _, i := range holders[*model.Idea](v, product.Ref(), "product") {
			if openIdea(i) {
				row.Ideas++
			}
		}
		for _, i := range holders[*model.RoadmapItem](v, product.Ref(), "product") {
			if openItem(i) {
				row.Roadmap++
			}
		}
		out.Table.Rows = append(out.Table.Rows, row)
		all = append(all, row.Product)
		revenue.add(r.revenue)
		if len(f.unsupported)+len(f.ending)+f.urgent > 0 {
			threatened.add(r.revenue)
			shaky = append(shaky, row.Product)
		}
		owner := answersFor(v, product, product.Ref())
		out.Findings = append(out.Findings, r.findings(row.Product, owner, p)...)
		out.Findings = append(out.Findings, f.findings(product, row, owner)...)
		if len(r.months) > 1 {
			lines = append(lines, drawn{r.line(product.Title()), r.revenue, product.Key})
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b PortfolioRow) int {
		return cmp.Or(descending(a.Revenue, b.Revenue), cmp.Compare(a.Product.Key, b.Product.Key))
	})
	slices.SortStableFunc(lines, func(a, b drawn) int { return cmp.Or(descending(a.revenue, b.revenue), cmp.Compare(a.key, b.key)) })
	for _, l := range lines[:min(len(lines), mostLines)] {
		out.Months.Lines = append(out.Months.Lines, l.line)
	}
	out.Months.Unit = p.currency
	practice.WorstFirst(out.Findings)
	out.Products = practice.Counted("products", practice.Neither, all)
	out.Revenue = revenue.figure(practice.Higher, all, "")
	if len(shaky) == 0 {
		out.Threatened = practice.Figure{Better: practice.Lower, Note: "no product runs on what is known to be unsafe"}
	} else {
		out.Threatened = threatened.figure(practice.Lower, shaky, "")
	}
	if len(s.silent) > 0 {
		out.Table.Note = "Not told: " + strings.Join(s.silent, ", ") + "."
		out.Threatened.Note = strings.TrimSpace(out.Threatened.Note + " Not everything could be asked: " + strings.Join(s.silent, ", ") + " did not answer.")
	}
	return out, nil
}

// mostLines is how many products one chart shows.
const mostLines = 8

// findings tells what a product stands on that will not hold.
func (f footing) findings(product *model.Product, row PortfolioRow, owner practice.Link) []practice.Finding {
	var out []practice.Finding
	earns := ""
	if !row.Revenue.IsZero() {
		earns = fmt.Sprintf(" It earns %s a year.", row.Revenue)
	}
	if len(f.unsupported) > 0 {
		out = append(out, practice.Finding{Severity: practice.High, Text: fmt.Sprintf("%s runs on technology out of support through %s.%s", product.Title(), practice.Some(f.unsupported), earns), About: row.Product, From: f.unsupported, Paths: f.paths[:min(3, len(f.paths))], Owner: owner})
	}
	if f.urgent > 0 {
		out = append(out, practice.Finding{Severity: practice.High, Text: fmt.Sprintf("%s in what %s runs on must be mended now or at the next occasion.%s", practice.Count(f.urgent, "vulnerability", "vulnerabilities"), product.Title(), earns), About: row.Product, Owner: owner})
	}
	if len(f.ending) > 0 {
		out = append(out, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("%s runs on what ends within a year: %s.%s", product.Title(), practice.Some(f.ending), earns), About: row.Product, From: f.ending, Owner: owner})
	}
	if model.Rank(f.level) >= model.Rank(model.LevelHigh) {
		out = append(out, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("%s at what %s runs on: %s.%s", practice.Count(len(f.risks), "open risk", "open risks"), product.Title(), practice.Some(f.risks), earns), About: row.Product, From: f.risks, Owner: owner})
	}
	if len(f.things) == 0 {
		out = append(out, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("Nobody says what %s runs on.", product.Title()), About: row.Product, Owner: owner})
	}
	if product.Manager.IsZero() && product.Owner.IsZero() {
		out = append(out, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("Nobody answers for %s.", product.Title()), About: row.Product})
	}
	return out
}
