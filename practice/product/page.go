package product

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// ProductIn says which product is shown.
type ProductIn struct {
	// Product is the product.
	Product model.Ref `to:"Product" is:"required"`
}

// ProductOut is everything about one product.
type ProductOut struct {
	// Vision says what the product is to be for its customers some years from now.
	Vision string
	// Market is the market that it is sold in.
	Market string
	// Phase is the phase of its life.
	Phase model.Phase
	// Revenue is what it brings in a year.
	Revenue practice.Figure
	// Growth is by how much the last three full months differ from before.
	Growth practice.Figure
	// Customers is how many use it.
	Customers practice.Figure
	// Churn is how many percent of the customers leave in a month.
	Churn practice.Figure
	// Ideas is how many open ideas there are.
	Ideas practice.Figure
	// Roadmap is how many items are to come.
	Roadmap practice.Figure
	// AtStake is the revenue of customers whose promises are not kept as things are.
	AtStake practice.Figure
	// Findings are what is found about it in its figures, on its roadmap, in its promises and in what it runs on, the worst first.
	Findings []practice.Finding
	// Months draws revenue, customers and users month by month.
	Months practice.Series
	// Segments are the customer segments that it is for.
	Segments practice.Table[SegmentRow]
	// Competitors are the competitors.
	Competitors practice.Table[CompetitorRow]
	// Signals are the market signals of the last two years.
	Signals practice.Table[SignalRow]
	// Best are the ideas with the best places.
	Best practice.Table[RankedIdea]
	// Coming is what the roadmap brings, by day.
	Coming practice.Table[RoadmapRow]
	// Standing is what it runs on.
	Standing practice.Table[PortfolioRow]
}

// bestIdeas is how many ideas the page of a product shows.
const bestIdeas = 10

// OneProduct shows one product: its vision, market, segments and competitors, its figures, what its customers want most, what
// comes, and what endangers it.
func OneProduct(v estate.View, in ProductIn) (ProductOut, error) {
	product, ok := estate.Look[*model.Product](v, in.Product)
	if !ok {
		return ProductOut{}, model.Problem{Field: "product", Text: "there is no such product"}
	}
	out := ProductOut{Vision: product.Vision, Market: product.Market, Phase: product.PhaseAt(v.At())}
	p := purseOf(v)
	r := resultsOf(p, product)
	self := []practice.Link{practice.To(product)}
	out.Revenue = practice.Figure{Money: r.revenue, Value: r.revenue.Float(), Unknown: r.revenue.IsZero(), Better: practice.Higher, Note: r.how, From: self}
	out.Growth = optional(r.growth, practice.Higher, "against "+r.against, self)
	out.Customers = practice.Figure{Value: float64(r.customers), Unit: "customers", Better: practice.Higher, From: self}
	out.Churn = optional(r.churn, practice.Lower, "a month, on average of the last twelve", self)
	out.Months = practice.Series{Unit: p.currency}
	if len(r.months) > 0 {
		out.Months.Lines = []practice.Line{r.line("Revenue")}
	}
	ideas, err := Ideas(v, IdeasIn{Product: in.Product})
	if err != nil {
		return out, err
	}
	road, err := Roadmap(v, RoadmapIn{Product: in.Product})
	if err != nil {
		return out, err
	}
	promises, err := Promises(v, PromisesIn{Product: in.Product})
	if err != nil {
		return out, err
	}
	market, err := Market(v, MarketIn{Product: in.Product})
	if err != nil {
		return out, err
	}
	portfolio, err := Portfolio(v, PortfolioIn{Ended: true})
	if err != nil {
		return out, err
	}
	out.Ideas, out.Roadmap, out.AtStake = ideas.Ideas, road.Items, promises.AtStake
	out.Segments, out.Competitors, out.Signals = market.SegmentTable, market.CompetitorTable, market.SignalTable
	out.Best.Rows = ideas.Ranking.Rows[:min(bestIdeas, len(ideas.Ranking.Rows))]
	for _, t := range []practice.Table[RoadmapRow]{road.Now, road.Next, road.Later} {
		out.Coming.Rows = append(out.Coming.Rows, t.Rows...)
	}
	for _, row := range portfolio.Table.Rows {
		if row.Product.ID == product.ID {
			out.Standing.Rows = append(out.Standing.Rows, row)
		}
	}
	for _, f := range portfolio.Findings {
		if f.About.ID == product.ID {
			out.Findings = append(out.Findings, f)
		}
	}
	out.Findings = append(out.Findings, promises.Findings...)
	out.Findings = append(out.Findings, road.Findings...)
	out.Findings = append(out.Findings, market.Findings...)
	if product.Vision == "" {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s has no vision: say what it is to be for its customers some years from now.", product.Title()), About: self[0], Owner: answersFor(v, product, product.Ref())})
	}
	practice.WorstFirst(out.Findings)
	return out, nil
}

// optional makes a figure in percent of a number that may not be known.
func optional(value *float64, better practice.Better, note string, from []practice.Link) practice.Figure {
	if value == nil {
		return practice.Figure{Unit: "%", Better: better, Unknown: true, Note: "too few months are known", From: from}
	}
	return practice.Figure{Value: *value, Unit: "%", Better: better, Note: note, From: from}
}

// TopLineIn has no parameters.
type TopLineIn struct{}

// TopLineOut is what technology and products do for the revenue of the company.
type TopLineOut struct {
	// Revenue is what the products bring in a year.
	Revenue practice.Figure
	// Growth is by how much the last three full months of the products that tell their months differ from the same months a year before.
	Growth practice.Figure
	// AtStake is the revenue in a year that hangs on promises which are not kept as things are.
	AtStake practice.Figure
	// PromisedLate is how many promises are broken, late or not on the roadmap.
	PromisedLate practice.Figure
	// Threatened is the revenue of products that run on what will not hold.
	Threatened practice.Figure
	// CustomersAtRisk is the revenue of customers that may leave.
	CustomersAtRisk practice.Figure
	// Planned is the revenue or the saving in a year that the roadmap is expected to bring.
	Planned practice.Figure
	// HitRate is how many percent of the effects that were measured came as predicted or better.
	HitRate practice.Figure
	// Findings are the worst of all of these.
	Findings []practice.Finding
	// Products lists the products with what is at stake.
	Products practice.Table[TopRow]
}

// TopRow is a product in one line.
type TopRow struct {
	// Product is the product.
	Product practice.Link
	// Revenue is what it brings in a year.
	Revenue model.Money
	// Growth is by how much the last three full months differ from before.
	Growth *float64 `unit:"%"`
	// Late is how many promises are broken, late or not on the roadmap.
	Late int
	// Next is the roadmap item that comes next.
	Next practice.Link
	// Due is the day by which it comes.
	Due model.Date
	// Worst is the worst that is found about what it runs on.
	Worst practice.Severity
}

// mostFindings is how many findings a board shows.
const mostFindings = 10

// TopLine tells for the boards of CTO, CMO and CEO what the products earn, how that grows, which revenue hangs on late promises and on
// technology that will not hold, what the roadmap is expected to bring, and how often such expectations came true.
func TopLine(v estate.View, _ TopLineIn) (TopLineOut, error) {
	var out TopLineOut
	portfolio, err := Portfolio(v, PortfolioIn{})
	if err != nil {
		return out, err
	}
	promises, err := Promises(v, PromisesIn{})
	if err != nil {
		return out, err
	}
	customers, err := Customers(v, CustomersIn{})
	if err != nil {
		return out, err
	}
	road, err := Roadmap(v, RoadmapIn{})
	if err != nil {
		return out, err
	}
	outcomes, err := Outcomes(v, OutcomesIn{})
	if err != nil {
		return out, err
	}
	out.Revenue, out.Threatened, out.AtStake = portfolio.Revenue, portfolio.Threatened, promises.AtStake
	out.CustomersAtRisk, out.Planned, out.HitRate = customers.AtRisk, road.Value, outcomes.HitRate
	out.Growth = growthOf(v)
	var late []practice.Link
	for _, f := range []practice.Figure{promises.Broken, promises.Late, promises.Unplanned} {
		late = append(late, f.From...)
	}
	out.PromisedLate = practice.Counted("promises", practice.Lower, late)
	for _, list := range [][]practice.Finding{promises.Findings, customers.Findings, portfolio.Findings, road.Findings} {
		out.Findings = append(out.Findings, list...)
	}
	practice.WorstFirst(out.Findings)
	out.Findings = out.Findings[:min(mostFindings, len(out.Findings))]
	out.Products.Rows = topRows(portfolio, promises, road)
	return out, nil
}

// topRows puts together what the other questions say of each product.
func topRows(portfolio PortfolioOut, promises PromisesOut, road RoadmapOut) []TopRow {
	late := map[model.ID]int{}
	for _, r := range promises.Table.Rows {
		if r.State == PromiseBroken || r.State == PromiseLate || r.State == PromiseUnplanned {
			late[r.Product.ID]++
		}
	}
	next := map[model.ID]RoadmapRow{}
	for _, t := range []practice.Table[RoadmapRow]{road.Now, road.Next, road.Later} {
		for _, r := range t.Rows {
			if before, seen := next[r.Product.ID]; !r.Due.IsZero() && (!seen || r.Due < before.Due) {
				next[r.Product.ID] = r
			}
		}
	}
	worst := map[model.ID]practice.Severity{}
	for _, f := range portfolio.Findings {
		if f.Severity.Weight() > worst[f.About.ID].Weight() || worst[f.About.ID] == "" {
			worst[f.About.ID] = f.Severity
		}
	}
	var out []TopRow
	for _, r := range portfolio.Table.Rows {
		n := next[r.Product.ID]
		out = append(out, TopRow{r.Product, r.Revenue, r.Growth, late[r.Product.ID], n.Item, n.Due, worst[r.Product.ID]})
	}
	return out
}

// growthOf compares the last three full months of all products that tell them with the same months a year before.
func growthOf(v estate.View) practice.Figure {
	p := purseOf(v)
	last, before := total{purse: p}, total{purse: p}
	var from []practice.Link
	for _, product := range every[*model.Product](v) {
		r := resultsOf(p, product)
		first := costs.FirstDay(v.At())
		now, ok := r.between(first.AddMonths(-3), first)
		then, also := r.between(first.AddMonths(-15), first.AddMonths(-12))
		if ok && also {
			last.add(now)
			before.add(then)
			from = append(from, practice.To(product))
		}
	}
	if before.sum.Sign() <= 0 {
		return practice.Figure{Unit: "%", Better: practice.Higher, Unknown: true, Note: "no product tells its months of this year and the last"}
	}
	return practice.Figure{Value: round1(100 * (last.sum.Float() - before.sum.Float()) / before.sum.Float()), Unit: "%", Better: practice.Higher, From: from, Note: "the last three full months against the same a year before, of " + practice.Count(len(from), "product", "products")}
}
