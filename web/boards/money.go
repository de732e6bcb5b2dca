package boards

import (
	"binnacle/model"
	"binnacle/web/frame"
)

// moneyAtAGlance is what the board of who answers for the bottom line begins with: the largest savings, and the contracts
// to decide about next. Without a bill in sight it is nothing.
func moneyAtAGlance(v *frame.Visit) ([]group, error) {
	view, err := v.View()
	if err != nil || view.Count("Load") == 0 {
		return nil, err
	}
	tiles := ask(v, []model.Tile{
		{Question: "finance.savings", Part: "findings", Title: "Largest savings", Width: 6},
		{Question: "suppliers.renewals", Part: "findings", Title: "Contracts to decide about", Width: 6},
	}, patience)
	return []group{{Heading: "Money", Tiles: renumber(tiles, 300)}}, nil
}

// moneyBoard is the board of money: what is spent, planned, promised and saved.
func moneyBoard(v *frame.Visit) ([]group, error) {
	now := ask(v, []model.Tile{
		{Question: "finance.budget", Part: "actual", Title: "Spent this fiscal year", Width: 3},
		{Question: "finance.budget", Part: "variance", Title: "Beyond the plan so far", Width: 3},
		{Question: "finance.savings", Part: "possible", Title: "Savings possible in a year", Width: 3},
		{Question: "finance.trace", Part: "unallocated", Title: "Money that serves no goal", Width: 3},
		{Question: "finance.savings", Part: "findings", Title: "Largest savings", Width: 6},
		{Question: "finance.budget", Part: "findings", Title: "Budgets that do not hold", Width: 6},
	}, patience)
	time := ask(v, []model.Tile{
		{Question: "finance.forecast", Part: "months", Title: "Spend, and what is coming", Width: 6},
		{Question: "finance.budget", Part: "months", Title: "Budget and spend, added up", Width: 6},
		{Question: "finance.mix", Part: "months", Title: "Run, grow and transform", Width: 6},
		{Question: "finance.showback", Part: "months", Title: "What business units use", Width: 6},
	}, patience)
	flow := ask(v, []model.Tile{
		{Question: "finance.trace", Part: "flow", Title: "From those who are paid to the goals", Width: 12},
		{Question: "finance.true_cost", Part: "table", Title: "Dearest applications", Width: 12},
	}, patience)
	ahead := ask(v, []model.Tile{
		{Question: "suppliers.renewals", Part: "findings", Title: "Contracts to decide about", Width: 6},
		{Question: "finance.anomalies", Part: "findings", Title: "Spend that is not as usual", Width: 6},
		{Question: "finance.commitments", Part: "findings", Title: "Commitments that nothing draws on", Width: 6},
		{Question: "finance.invoices", Part: "findings", Title: "Invoices to look at", Width: 6},
	}, patience)
	return []group{
		{Heading: "Where the money stands", Tiles: now},
		{Heading: "Over time", Tiles: renumber(time, 100)},
		{Heading: "Whom it serves", Tiles: renumber(flow, 200)},
		{Heading: "What to decide next", Tiles: renumber(ahead, 300)},
	}, nil
}
