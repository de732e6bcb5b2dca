package boards

import (
	"binnacle/model"
	"binnacle/web/frame"
)

// suppliersBoard is the board of suppliers and contracts: what to decide about, how well vendors keep what they promise, and on whom the
// company hangs.
func suppliersBoard(v *frame.Visit) ([]group, error) {
	decide := ask(v, []model.Tile{
		{Question: "suppliers.renewals", Part: "urgent", Title: "To decide about within 30 days", Width: 3},
		{Question: "suppliers.renewals", Part: "missed", Title: "Days of notice that were missed", Width: 3},
		{Question: "suppliers.renewals", Part: "proposed", Title: "A year of what should not simply go on", Width: 3},
		{Question: "suppliers.obligations", Part: "overdue", Title: "Obligations overdue", Width: 3},
		{Question: "suppliers.renewals", Part: "findings", Title: "Contracts to decide about", Width: 6},
		{Question: "suppliers.obligations", Part: "findings", Title: "What is owed", Width: 6},
	}, patience)
	kept := ask(v, []model.Tile{
		{Question: "suppliers.service_levels", Part: "kept", Title: "Service levels kept", Width: 3},
		{Question: "suppliers.service_levels", Part: "credits", Title: "Money due back", Width: 3},
		{Question: "suppliers.scorecard", Part: "score", Title: "Mean score of vendors", Width: 3},
		{Question: "suppliers.certificates", Part: "expired", Title: "Certificates that ran out", Width: 3},
		{Question: "suppliers.service_levels", Part: "findings", Title: "Promises that were broken", Width: 6},
		{Question: "suppliers.scorecard", Part: "findings", Title: "Weak vendors", Width: 6},
	}, patience)
	risk := ask(v, []model.Tile{
		{Question: "suppliers.vendors", Part: "without_contract", Title: "Paid without a contract", Width: 3},
		{Question: "suppliers.concentration", Part: "critical", Title: "Critical capabilities that fall with one vendor", Width: 3},
		{Question: "suppliers.data", Part: "vendors", Title: "Vendors that hold data", Width: 3},
		{Question: "suppliers.assessments", Part: "overdue", Title: "Questionnaires overdue", Width: 3},
		{Question: "suppliers.concentration", Part: "findings", Title: "Where much hangs on one", Width: 6},
		{Question: "suppliers.certificates", Part: "findings", Title: "Proofs that are missing or run out", Width: 6},
		{Question: "suppliers.vendors", Part: "list", Title: "Vendors, those with the most money first", Width: 12},
	}, patience)
	return []group{
		{Heading: "What to decide next", Tiles: decide},
		{Heading: "How well they keep it", Tiles: renumber(kept, 100)},
		{Heading: "On whom the company hangs", Tiles: renumber(risk, 200)},
	}, nil
}
