package partners

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// path are the stages of a partnership in the order in which one goes well.
var path = []model.PartnerStage{model.PartnerScouted, model.PartnerTalking, model.PartnerEvaluating, model.PartnerProving, model.PartnerAgreed, model.PartnerActive}

// stageOf returns the stage of a partner. One without a stage was scouted and no more.
func stageOf(p *model.Partner) model.PartnerStage { return cmp.Or(p.Stage, model.PartnerScouted) }

// isOver reports whether a partnership is over or never came about.
func isOver(p *model.Partner) bool {
	return p.Stage == model.PartnerEnded || p.Stage == model.PartnerDeclined
}

// isBound reports whether a partner and the company are bound to each other.
func isBound(p *model.Partner) bool {
	return p.Stage == model.PartnerAgreed || p.Stage == model.PartnerActive || p.Stage == model.PartnerExiting
}

// sinceOf returns the day on which a partner came to its stage for the last time, and unset where nobody noted it.
func sinceOf(p *model.Partner) model.Date {
	var on model.Date
	for _, s := range p.Stages {
		if s.Stage == stageOf(p) {
			on = max(on, s.On)
		}
	}
	return on
}

// daysIn returns how many days a partner has been in its stage. It is below 0 where nobody noted since when.
func daysIn(p *model.Partner, at model.Date) int {
	if since := sinceOf(p); !since.IsZero() {
		return max(0, int(at-since))
	}
	return -1
}

// daysText writes days, and nothing where they are not known.
func daysText(days int) string {
	if days < 0 {
		return ""
	}
	return fmt.Sprint(days)
}

// FitOf returns the weighted mean of the scores of some criteria, from 0 to 5. A
// weight that is not set counts as 1. It reports false where there is no criterion.
func FitOf(criteria []model.PartnerFit) (float64, bool) {
	sum, weights := 0.0, 0.0
	for _, c := range criteria {
		w := cmp.Or(c.Weight, 1)
		sum, weights = sum+w*c.Score, weights+w
	}
	if weights == 0 {
		return 0, false
	}
	return sum / weights, true
}

// fitText writes how well a partner fits, and nothing where nobody scored it.
func fitText(p *model.Partner) string {
	if fit, ok := FitOf(p.Fit); ok {
		return fmt.Sprintf("%.1f", fit)
	}
	return ""
}

// diligence counts what was not looked into yet and what speaks against a partner. What carries a condition is neither.
func diligence(p *model.Partner) (open, blockers []string) {
	for _, d := range p.DueDiligence {
		switch {
		case d.Verdict == "blocker":
			blockers = append(blockers, d.Name)
		case d.Verdict == "" || d.Verdict == "open":
			open = append(open, d.Name)
		}
	}
	return open, blockers
}

// held returns the records of one Go type that point to a record in a field, by key.
func held[R model.Record](v estate.View, to model.Ref, field string) []R {
	var out []R
	for e := range v.In(to) {
		if rec, ok := e.Record.(R); ok && e.Field.Name == field {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b R) int { return cmp.Compare(a.Base().Key, b.Base().Key) })
	return slices.CompactFunc(out, func(a, b R) bool { return a.Base().ID == b.Base().ID })
}

// agreementsOf returns the agreements with a partner, by key.
func agreementsOf(v estate.View, p *model.Partner) []*model.PartnerAgreement {
	return held[*model.PartnerAgreement](v, p.Ref(), "partner")
}

// inForce reports whether an agreement holds on a day. Its last day counts.
func inForce(a *model.PartnerAgreement, at model.Date) bool {
	return a.Start <= at && (a.End.IsZero() || a.End >= at)
}

// answersFor returns who answers for a partner: its owner, or its sponsor.
func answersFor(v estate.View, p *model.Partner) practice.Link {
	if owner := practice.OwnerOf(v, p); !owner.IsZero() {
		return owner
	}
	return practice.To(v.Get(p.Sponsor))
}

// dependents are the things that need a partner: the products that it takes part in, and what stops where it fails as a vendor.
func dependents(v estate.View, p *model.Partner) (products []practice.Link, critical []practice.Link) {
	for _, ref := range p.Products {
		if rec := v.Get(ref); rec != nil && !practice.Gone(rec, v.At()) {
			products = append(products, practice.To(rec))
		}
	}
	if v.Get(p.Vendor) != nil {
		critical = fallsWith(v, p.Vendor)
	}
	return products, critical
}

// fallsWith returns what is of high or critical importance and stops when a vendor fails, the nearest first.
func fallsWith(v estate.View, vendor model.Ref) []practice.Link {
	var out []practice.Link
	for i, s := range v.Fail(vendor).Steps {
		if _, isVendor := s.Record.(*model.Vendor); i == 0 || isVendor || practice.Gone(s.Record, v.At()) {
			continue
		}
		if model.Rank(practice.CriticalityOf(s.Record)) >= model.Rank(model.CriticalityHigh) {
			out = append(out, practice.To(s.Record))
		}
	}
	return out
}

// unique leaves out links that were there before.
func unique(links []practice.Link) []practice.Link {
	seen := map[model.ID]bool{}
	var out []practice.Link
	for _, l := range links {
		if !seen[l.ID] {
			seen[l.ID] = true
			out = append(out, l)
		}
	}
	return out
}

// one rounds to one place.
func one(f float64) float64 { return math.Round(f*10) / 10 }

// joined writes words with commas.
func joined(words []string) string { return strings.Join(words, ", ") }

// sentence takes the full stop away from the end of a text, so that it can stand within a sentence.
func sentence(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") }

// labelOf returns what a screen calls a value of an enum.
func labelOf[E interface {
	~string
	model.Enum
}](value E) string {
	for _, o := range value.Options() {
		if o.Value == string(value) {
			return o.Label
		}
	}
	return string(value)
}
