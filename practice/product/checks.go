package product

import (
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// NoPromiseLateIn says which promises are checked.
type NoPromiseLateIn struct {
	// Product limits the check to one product.
	Product model.Ref `to:"Product"`
}

// NoPromiseLate checks that no promise to a customer is broken, planned for after its day, or not on the roadmap.
func NoPromiseLate(v estate.View, in NoPromiseLateIn) (practice.Verdict, error) {
	p := purseOf(v)
	out := practice.Verdict{}
	for _, one := range promised(v, p, PromisesIn{Product: in.Product}) {
		if one.delivered() {
			continue
		}
		out.Checked = append(out.Checked, practice.To(one.idea))
		row := one.row(v, p, nil)
		if row.State == PromiseBroken || row.State == PromiseLate || row.State == PromiseUnplanned {
			out.Findings = append(out.Findings, one.finding(v, row))
		}
	}
	return verdict(out, "Every promise to a customer is planned in time.", "promise is not kept as things are", "promises are not kept as things are"), nil
}

// verdict finishes a verdict: it holds where nothing was found.
func verdict(out practice.Verdict, holds, one, several string) practice.Verdict {
	practice.WorstFirst(out.Findings)
	out.Pass = len(out.Findings) == 0
	out.Text = holds
	if !out.Pass {
		out.Text = practice.Count(len(out.Findings), one, several) + "."
	}
	return out
}

// RoadmapFitsIn says which roadmap is checked.
type RoadmapFitsIn struct {
	// Product limits the check to one product.
	Product model.Ref `to:"Product"`
	// Quarters is how many quarters are looked at, from the running one on. Unset means 4.
	Quarters int `min:"0" max:"40"`
}

// RoadmapFits checks that no quarter of a product holds more work than its teams can do. It cannot tell where no product says what its teams can do.
func RoadmapFits(v estate.View, in RoadmapFitsIn) (practice.Verdict, error) {
	out := practice.Verdict{}
	if in.Quarters == 0 {
		in.Quarters = 4
	}
	for _, p := range every[*model.Product](v) {
		if p.Capacity > 0 && ofProduct(in.Product, p.Ref()) {
			out.Checked = append(out.Checked, practice.To(p))
		}
	}
	if len(out.Checked) == 0 {
		return practice.Verdict{Unknown: true, Text: "No product says what its teams can do in a quarter."}, nil
	}
	var open []*model.RoadmapItem
	for _, i := range every[*model.RoadmapItem](v) {
		if openItem(i) && ofProduct(in.Product, i.Product) {
			open = append(open, i)
		}
	}
	_, out.Findings = capacityOf(v, open, RoadmapIn{Quarters: in.Quarters})
	return verdict(out, fmt.Sprintf("The work of the next %d quarters fits.", in.Quarters), "quarter holds too much work", "quarters hold too much work"), nil
}

// NothingConfidentialPublicIn has no parameters.
type NothingConfidentialPublicIn struct{}

// NothingConfidentialPublic checks that nothing which is confidential is marked as public: ideas, roadmap items and announcements, what
// announcements are about, and products with an open portal. Portals leave such things out in any case.
func NothingConfidentialPublic(v estate.View, _ NothingConfidentialPublicIn) (practice.Verdict, error) {
	out := practice.Verdict{}
	look := func(rec model.Record, bad bool, text string) {
		out.Checked = append(out.Checked, practice.To(rec))
		if bad {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, Text: rec.Base().Title() + text, About: practice.To(rec), Owner: practice.OwnerOf(v, rec)})
		}
	}
	const both = " is confidential and marked as public."
	for _, i := range every[*model.Idea](v) {
		if i.Public {
			look(i, i.Confidential, both)
		}
	}
	for _, i := range every[*model.RoadmapItem](v) {
		if i.Public {
			look(i, i.Confidential, both)
		}
	}
	for _, a := range every[*model.Announcement](v) {
		if a.Public {
			look(a, a.Confidential, both)
			if secret(v, append(slices.Clone(a.Items), a.Release)) {
				look(a, true, " is marked as public and about something confidential.")
			}
		}
	}
	for _, p := range every[*model.Portal](v) {
		if p.Open {
			look(p, secret(v, []model.Ref{p.Product, p.Ref()}), " is open and belongs to something confidential.")
		}
	}
	return verdict(out, "Nothing that is public is confidential.", "record is public and confidential", "records are public and confidential"), nil
}

// DeliveredReviewedIn says what is checked.
type DeliveredReviewedIn struct {
	// Product limits the check to one product.
	Product model.Ref `to:"Product"`
}

// DeliveredReviewed checks that what came of every delivered roadmap item was looked at by the day of its review.
func DeliveredReviewed(v estate.View, in DeliveredReviewedIn) (practice.Verdict, error) {
	out := practice.Verdict{}
	answer, err := Outcomes(v, OutcomesIn{Product: in.Product})
	if err != nil {
		return out, err
	}
	overdue := map[model.ID]bool{}
	for _, l := range answer.Overdue.From {
		overdue[l.ID] = true
	}
	out.Checked = answer.Delivered.From
	for _, f := range answer.Findings {
		if f.Mend != nil && overdue[f.About.ID] {
			out.Findings = append(out.Findings, f)
		}
	}
	return verdict(out, "What came of every delivered item was looked at in time.", "delivered item was not reviewed in time", "delivered items were not reviewed in time"), nil
}
