package product

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// OutcomesIn says which outcomes are looked at.
type OutcomesIn struct {
	// Product limits the answer to one product.
	Product model.Ref `to:"Product"`
	// Open says that items which are still to come are listed too, with what is expected of them.
	Open bool
}

// OutcomesOut is what was promised of roadmap items and what came of it.
type OutcomesOut struct {
	// Delivered is how many items were delivered.
	Delivered practice.Figure
	// Reviewed is how many percent of them were looked at.
	Reviewed practice.Figure
	// Overdue is how many reviews should have taken place.
	Overdue practice.Figure
	// HitRate is how many percent of the measured effects came as predicted or better.
	HitRate practice.Figure
	// Blind is how many delivered items had no predicted effect, so that nothing can be learned from them.
	Blind practice.Figure
	// Findings say what is to be reviewed and what did not come as promised, the worst first.
	Findings []practice.Finding
	// Table lists each predicted effect of each item, the newest first.
	Table practice.Table[OutcomeRow]
}

// OutcomeRow is an effect that was predicted of an item.
type OutcomeRow struct {
	// Item is the roadmap item.
	Item practice.Link
	// Product is the product.
	Product practice.Link
	// Done is the day on which it was there.
	Done model.Date
	// Effect says what is measured.
	Effect string
	// Before is the value before.
	Before float64
	// Predicted is the value that was expected.
	Predicted float64
	// Actual is the value that was measured. Empty means not yet.
	Actual *float64
	// Count is what the values count.
	Count string `label:"Unit"`
	// Reached is how much of the way from the value before to the predicted one was gone.
	Reached *float64 `unit:"%"`
	// Verdict says whether it came as predicted: hit, missed, worse or open.
	Verdict string
	// ReviewBy is the day by which it is to be looked at.
	ReviewBy model.Date
	// Reviewed is the day on which it was.
	Reviewed model.Date
	// Learned says what came of it.
	Learned string
}

// afterwards is how many days after its delivery an item is to be reviewed where no day was set.
const afterwards = 180

// Judge says whether an effect came as predicted: hit where the value is as good as predicted or better, worse where it is worse than before, else missed; and
// how many percent of the way from before to predicted were gone. An effect that was not measured is open. Which way is better follows from the prediction where nobody said.
func Judge(e model.PredictedEffect) (verdict string, reached *float64) {
	if e.MeasuredOn.IsZero() {
		return "open", nil
	}
	way := e.Predicted - e.Before
	up := way >= 0
	switch e.Better {
	case model.MoreIsBetter:
		up = true
	case model.LessIsBetter:
		up = false
	}
	if way != 0 {
		r := round1(100 * (e.Actual - e.Before) / way)
		reached = &r
	}
	at := func(limit float64) bool { return up && e.Actual >= limit || !up && e.Actual <= limit }
	switch {
	case at(e.Predicted):
		return "hit", reached
	case at(e.Before):
		return "missed", reached
	}
	return "worse", reached
}

// Outcomes compares what was predicted of roadmap items with what came of them, tells how often predictions come true, and which reviews are overdue.
func Outcomes(v estate.View, in OutcomesIn) (OutcomesOut, error) {
	var out OutcomesOut
	var delivered, reviewed, overdue, blind, measured []practice.Link
	hits := 0
	for _, i := range every[*model.RoadmapItem](v) {
		done := i.State == model.RoadmapDelivered
		if !ofProduct(in.Product, i.Product) || !done && (!in.Open || !openItem(i)) {
			continue
		}
		link, owner := practice.To(i), answersFor(v, i, i.Product)
		for _, e := range i.Outcomes {
			row := OutcomeRow{Item: link, Product: practice.To(v.Get(i.Product)), Done: i.Done, Effect: e.Name, Before: e.Before, Predicted: e.Predicted, Count: e.Unit, ReviewBy: reviewBy(i), Reviewed: i.Reviewed, Learned: i.Learned}
			row.Verdict, row.Reached = Judge(e)
			if row.Verdict != "open" {
				actual := e.Actual
				row.Actual = &actual
				measured = append(measured, link)
			}
			if row.Verdict == "hit" {
				hits++
			}
			out.Table.Rows = append(out.Table.Rows, row)
			if f := missed(row, owner, e); f.Text != "" && v.At() <= e.MeasuredOn.AddMonths(12) {
				out.Findings = append(out.Findings, f)
			}
		}
		if !done {
			continue
		}
		delivered = append(delivered, link)
		if !i.Reviewed.IsZero() {
			reviewed = append(reviewed, link)
		}
		if len(i.Outcomes) == 0 && i.Learned == "" {
			blind = append(blind, link)
		}
		if by := reviewBy(i); i.Reviewed.IsZero() && !by.IsZero() && by < v.At() {
			overdue = append(overdue, link)
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, Text: fmt.Sprintf("What came of %s should have been looked at by %s, %s ago.", i.Title(), by, practice.Count(int(v.At()-by), "day", "days")), About: link, Owner: owner, Mend: mend("record_outcome", "item", i.Key)})
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b OutcomeRow) int {
		return cmp.Or(cmp.Compare(b.Done, a.Done), cmp.Compare(a.Item.Key, b.Item.Key))
	})
	practice.WorstFirst(out.Findings)
	out.Delivered = practice.Counted("items", practice.Higher, delivered)
	out.Overdue = practice.Counted("reviews", practice.Lower, overdue)
	out.Blind = practice.Counted("items", practice.Lower, blind)
	out.Reviewed = share(len(reviewed), len(delivered), delivered, "nothing was delivered")
	out.HitRate = share(hits, len(measured), measured, "no effect was measured")
	return out, nil
}

// share returns a part of a whole in percent, which is better the higher it is.
func share(part, whole int, from []practice.Link, none string) practice.Figure {
	f := practice.Figure{Value: practice.Share(part, whole), Unit: "%", Better: practice.Higher, From: from, Note: fmt.Sprintf("%d of %d", part, whole)}
	if whole == 0 {
		f.Unknown, f.Note = true, none
	}
	return f
}

// reviewBy returns the day by which what came of an item is to be looked at.
func reviewBy(i *model.RoadmapItem) model.Date {
	if !i.ReviewBy.IsZero() || i.Done.IsZero() {
		return i.ReviewBy
	}
	return i.Done.AddDays(afterwards)
}

// missed tells of an effect that did not come as predicted. It has no text where it did.
func missed(row OutcomeRow, owner practice.Link, e model.PredictedEffect) practice.Finding {
	f := practice.Finding{Severity: practice.Low, About: row.Item, Owner: owner}
	unit := ""
	if e.Unit != "" {
		unit = " " + e.Unit
	}
	switch row.Verdict {
	case "missed":
		f.Text = fmt.Sprintf("%s brought %g%s of %s, and %g%s were predicted.", row.Item.Title(), e.Actual, unit, e.Name, e.Predicted, unit)
	case "worse":
		f.Severity = practice.Medium
		f.Text = fmt.Sprintf("After %s, %s is %g%s, worse than the %g%s before; %g%s were predicted.", row.Item.Title(), e.Name, e.Actual, unit, e.Before, unit, e.Predicted, unit)
	}
	return f
}

// ReleasesIn says which releases are shown.
type ReleasesIn struct {
	// Product limits the answer to one product.
	Product model.Ref `to:"Product"`
	// Months is how long ago they were delivered at most. Unset means 24.
	Months int `min:"0" max:"240"`
}

// ReleasesOut is what products have delivered.
type ReleasesOut struct {
	// Releases is how many there were.
	Releases practice.Figure
	// Silent is how many have no notes.
	Silent practice.Figure
	// Findings say what customers were not told.
	Findings []practice.Finding
	// Table lists the releases, the newest first.
	Table practice.Table[ReleaseRow]
}

// ReleaseRow is a release of a product.
type ReleaseRow struct {
	// Release is the release.
	Release practice.Link
	// Product is the product.
	Product practice.Link
	// Version is the version.
	Version string
	// Released is the day on which it was delivered.
	Released model.Date
	// Items are the roadmap items that it brought.
	Items []practice.Link
	// Customers are the customers that had asked for what it brought.
	Customers []practice.Link
	// Announcements are what was told about it.
	Announcements []practice.Link
	// Notes say what is new.
	Notes string
}

// Releases lists the releases of products with their notes, the roadmap items that they brought and the customers that had asked for these.
func Releases(v estate.View, in ReleasesIn) (ReleasesOut, error) {
	var out ReleasesOut
	p := purseOf(v)
	oldest := v.At().AddMonths(-cmp.Or(in.Months, 24))
	var all, silent []practice.Link
	for _, r := range every[*model.Release](v) {
		product, ok := estate.Look[*model.Product](v, r.Of)
		if !ok || !ofProduct(in.Product, r.Of) || r.Released.IsZero() || r.Released > v.At() || r.Released < oldest {
			continue
		}
		row := ReleaseRow{Release: practice.To(r), Product: practice.To(product), Version: r.Version, Released: r.Released, Notes: r.Notes, Announcements: practice.ToAll(holders[*model.Announcement](v, r.Ref(), "release"))}
		var ideas []*model.Idea
		for _, i := range holders[*model.RoadmapItem](v, r.Ref(), "releases") {
			row.Items = append(row.Items, practice.To(i))
			ideas = append(ideas, ideasOf(v, i)...)
		}
		row.Customers = customersOf(requestsOf(v, p, ideas...))
		all = append(all, row.Release)
		out.Table.Rows = append(out.Table.Rows, row)
		if r.Notes == "" {
			silent = append(silent, row.Release)
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s %s has no notes: say what is new.", product.Title(), r.Version), About: row.Release, Owner: answersFor(v, r, r.Of)})
		}
		if len(row.Customers) > 0 && len(row.Announcements) == 0 {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s asked for what %s %s brought, and nothing was announced.", practice.Some(row.Customers), product.Title(), r.Version), About: row.Release, From: row.Customers, Owner: answersFor(v, r, r.Of), Mend: mend("announce", "product", product.Key, "release", r.Key)})
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(a, b ReleaseRow) int {
		return cmp.Or(cmp.Compare(b.Released, a.Released), cmp.Compare(a.Release.Key, b.Release.Key))
	})
	practice.WorstFirst(out.Findings)
	out.Releases = practice.Counted("releases", practice.Neither, all)
	out.Silent = practice.Counted("releases", practice.Lower, silent)
	return out, nil
}
