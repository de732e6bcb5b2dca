package assets

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// WarrantyIn says how far ahead warranties are looked at.
type WarrantyIn struct {
	// Days is how many days ahead the end of a warranty counts as near. The default is 90.
	Days int `min:"1" max:"3650" unit:"days"`
	// Category limits the assets to one sort of hardware, such as server.
	Category string
}

// WarrantyOut is which warranties end.
type WarrantyOut struct {
	// Ending is how many warranties end soon.
	Ending practice.Figure
	// Over is how many assets in use have a warranty that is over.
	Over practice.Figure
	// Unknown is how many assets in use have no known end of the warranty.
	Unknown practice.Figure
	// Findings name what carries something critical and has no warranty, or soon none.
	Findings []practice.Finding
	// Table lists the assets whose warranty is over or ends soon, the most critical first.
	Table practice.Table[WarrantyRow]
}

// WarrantyRow is an asset whose warranty is over or ends soon.
type WarrantyRow struct {
	// Asset is the record.
	Asset practice.Link
	// Category is the sort of hardware.
	Category string
	// Ends is the last day of the warranty.
	Ends model.Date
	// Days is how many days are left, below zero where it is over.
	Days int
	// Runs is the host or device on it.
	Runs practice.Link
	// Criticality says how critical the most critical thing on it is.
	Criticality model.Criticality
	// Contract is the contract that may cover it instead.
	Contract practice.Link
	// ContractEnds is the last day of that contract.
	ContractEnds model.Date
	// Holder is who has it.
	Holder practice.Link
}

// Warranty lists the hardware in use or in stock whose maker's warranty is over or
// ends soon, with what runs on it and the contract that may cover it instead.
func Warranty(v estate.View, in WarrantyIn) (WarrantyOut, error) {
	var out WarrantyOut
	soon := v.At().AddDays(cmp.Or(in.Days, 90))
	var ending, over, unknown []practice.Link
	for a := range estate.Each[*model.Asset](v) {
		if a.State != "in_use" && a.State != "in_stock" && a.State != "in_repair" || in.Category != "" && in.Category != a.Category {
			continue
		}
		switch {
		case a.WarrantyEnd.IsZero():
			unknown = append(unknown, practice.To(a))
			continue
		case a.WarrantyEnd > soon:
			continue
		case a.WarrantyEnd >= v.At():
			ending = append(ending, practice.To(a))
		default:
			over = append(over, practice.To(a))
		}
		row := WarrantyRow{Asset: practice.To(a), Category: a.Category, Ends: a.WarrantyEnd, Days: int(a.WarrantyEnd - v.At()), Runs: link(v, a.Is), Holder: link(v, a.AssignedTo)}
		if !a.Is.IsZero() {
			row.Criticality = criticalityBehind(v, a.Is)
		}
		covered := false
		if c, ok := estate.Look[*model.Contract](v, a.Contract); ok {
			row.Contract, row.ContractEnds = practice.To(c), c.End
			covered = runs(c, v.At())
		}
		out.Table.Rows = append(out.Table.Rows, row)
		if covered || model.Rank(row.Criticality) < model.Rank(model.CriticalityHigh) {
			continue
		}
		f := practice.Finding{Severity: practice.SeverityOf(row.Criticality), About: row.Asset, From: []practice.Link{row.Runs}, Owner: practice.OwnerOf(v, a),
			Text: fmt.Sprintf("The warranty of %s ended on %s and no contract covers it, but something %s runs on it.", a.Title(), a.WarrantyEnd, row.Criticality)}
		if row.Days >= 0 {
			f.Severity = f.Severity.Less()
			f.Text = fmt.Sprintf("The warranty of %s ends on %s, and something %s runs on it.", a.Title(), a.WarrantyEnd, row.Criticality)
		}
		out.Findings = append(out.Findings, f)
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b WarrantyRow) int {
		return cmp.Or(cmp.Compare(model.Rank(b.Criticality), model.Rank(a.Criticality)), cmp.Compare(a.Ends, b.Ends), cmp.Compare(a.Asset.Key, b.Asset.Key))
	})
	sorted(out.Findings)
	out.Ending = practice.Counted("assets", practice.Lower, ending)
	out.Over = practice.Counted("assets", practice.Lower, over)
	out.Unknown = practice.Counted("assets", practice.Lower, unknown)
	return out, nil
}

// runs reports whether a contract holds on a day, as far as its own days say.
func runs(c *model.Contract, at model.Date) bool {
	return c.Start <= at && (c.End.IsZero() || c.End >= at || c.AutoRenew > 0 && c.NoticeGiven.IsZero())
}

// OverdueIn says which loans are looked at.
type OverdueIn struct {
	// Days is how many days ahead a day of return counts as near. The default is 7.
	Days int `min:"1" max:"3650" unit:"days"`
	// Holder limits the loans to those of a person or a team.
	Holder model.Ref `to:"Person,Team"`
}

// OverdueOut is what is to be given back.
type OverdueOut struct {
	// Lent is how many assets are lent.
	Lent practice.Figure
	// Overdue is how many of them should be back already.
	Overdue practice.Figure
	// Due is how many of them are due soon.
	Due practice.Figure
	// Findings name what should be back.
	Findings []practice.Finding
	// Table lists what is lent, the longest overdue first.
	Table practice.Table[LoanRow]
}

// LoanRow is an asset that is lent.
type LoanRow struct {
	// Asset is the record.
	Asset practice.Link
	// Name is what it is called.
	Name string
	// Holder is who has it.
	Holder practice.Link
	// Since is the day since when.
	Since model.Date
	// ReturnBy is the day by which it is to be back.
	ReturnBy model.Date
	// Days is how many days are left, below zero where it is overdue.
	Days int `label:"Days left"`
}

// Overdue lists what is lent and has a day of return: what should be back already, and what is due soon.
func Overdue(v estate.View, in OverdueIn) (OverdueOut, error) {
	var out OverdueOut
	var lent, overdue, due []practice.Link
	for a := range estate.Each[*model.Asset](v) {
		if a.ReturnBy.IsZero() || a.State != "in_use" && a.State != "in_repair" || !in.Holder.IsZero() && a.AssignedTo != in.Holder {
			continue
		}
		row := LoanRow{Asset: practice.To(a), Name: a.Title(), Holder: link(v, a.AssignedTo), Since: a.Assigned, ReturnBy: a.ReturnBy, Days: int(a.ReturnBy - v.At())}
		out.Table.Rows = append(out.Table.Rows, row)
		lent = append(lent, row.Asset)
		switch {
		case row.Days < 0:
			overdue = append(overdue, row.Asset)
			f := practice.Finding{Severity: practice.Medium, About: row.Asset, Owner: row.Holder, Mend: mend("check_in", "assets", row.Asset.String()),
				Text: fmt.Sprintf("%s should have been back on %s, %s ago: %s has it.", a.Title(), a.ReturnBy, practice.Count(-row.Days, "day", "days"), cmp.Or(row.Holder.Title(), "nobody"))}
			if holderLeft(v, a.AssignedTo) {
				f.Severity = practice.High
				f.Text = fmt.Sprintf("%s should have been back on %s: %s has it and has left.", a.Title(), a.ReturnBy, row.Holder.Title())
			}
			out.Findings = append(out.Findings, f)
		case row.Days <= cmp.Or(in.Days, 7):
			due = append(due, row.Asset)
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b LoanRow) int {
		return cmp.Or(cmp.Compare(a.ReturnBy, b.ReturnBy), cmp.Compare(a.Asset.Key, b.Asset.Key))
	})
	sorted(out.Findings)
	out.Lent = practice.Counted("assets", practice.Neither, lent)
	out.Overdue = practice.Counted("assets", practice.Lower, overdue)
	out.Due = practice.Counted("assets", practice.Neither, due)
	return out, nil
}

// LeaversIn says how far ahead people who leave are looked at.
type LeaversIn struct {
	// Days is how many days ahead a last working day counts. The default is 14.
	Days int `min:"1" max:"3650" unit:"days"`
}

// LeaversOut is what people have who have left or are about to.
type LeaversOut struct {
	// People is how many people who have left still have something.
	People practice.Figure
	// Assets is how many assets they have.
	Assets practice.Figure
	// Book is what these assets are worth in the books, as far as it is known.
	Book practice.Figure
	// Soon is how many assets are with people who leave soon.
	Soon practice.Figure
	// Findings name the people who have left, with what they have.
	Findings []practice.Finding
	// Table lists the assets, those of people who left first come first.
	Table practice.Table[LeaverRow]
}

// LeaverRow is an asset of somebody who leaves.
type LeaverRow struct {
	// Asset is the record.
	Asset practice.Link
	// Name is what it is called.
	Name string
	// Person is who has it.
	Person practice.Link
	// Left is the last working day.
	Left model.Date
	// Manager is to whom the person reported.
	Manager practice.Link
	// Price is what it cost.
	Price model.Money
	// Book is what it is worth in the books.
	Book model.Money
}

// Leavers lists the assets of people who no longer work here and of those who
// leave soon, so that they come back.
func Leavers(v estate.View, in LeaversIn) (LeaversOut, error) {
	var out LeaversOut
	until := v.At().AddDays(cmp.Or(in.Days, 14))
	byPerson := map[model.Ref][]practice.Link{}
	var people, gone, soon []practice.Link
	var books []model.Money
	var order []*model.Person
	for a := range estate.Each[*model.Asset](v) {
		p, ok := estate.Look[*model.Person](v, a.AssignedTo)
		if !ok || p.Left.IsZero() || p.Left > until || !here(a.State) || a.State == "retired" {
			continue
		}
		row := LeaverRow{Asset: practice.To(a), Name: a.Title(), Person: practice.To(p), Left: p.Left, Manager: link(v, p.Manager), Price: a.Price, Book: bookValue(a, 0, v.At())}
		out.Table.Rows = append(out.Table.Rows, row)
		if !practice.HasLeft(p, v.At()) {
			soon = append(soon, row.Asset)
			continue
		}
		gone, books = append(gone, row.Asset), append(books, row.Book)
		if byPerson[p.Ref()] == nil {
			order = append(order, p)
			people = append(people, row.Person)
		}
		byPerson[p.Ref()] = append(byPerson[p.Ref()], row.Asset)
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b LeaverRow) int {
		return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(a.Person.Key, b.Person.Key), cmp.Compare(a.Asset.Key, b.Asset.Key))
	})
	for _, p := range order {
		has := byPerson[p.Ref()]
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: practice.To(p), From: has, Owner: link(v, p.Manager), Mend: mend("check_in", "assets", list(has)),
			Text: fmt.Sprintf("%s left on %s and still has %s: %s.", p.Title(), p.Left, practice.Count(len(has), "asset", "assets"), practice.Some(has))})
	}
	out.People = practice.Counted("people", practice.Lower, people)
	out.Assets = practice.Counted("assets", practice.Lower, gone)
	out.Soon = practice.Counted("assets", practice.Neither, soon)
	out.Book = practice.SumOf("", practice.Lower, books, gone)
	return out, nil
}
