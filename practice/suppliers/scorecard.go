package suppliers

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ScorecardIn says whom the scorecard is about.
type ScorecardIn struct {
	// Vendor limits the answer to one vendor.
	Vendor model.Ref `to:"Vendor"`
	// HalfLife is after how many days a rating counts half as much as one of today. The default is 365.
	HalfLife int `min:"0" max:"36500"`
}

// ScorecardOut says how well vendors do.
type ScorecardOut struct {
	// Score is the mean score of the vendors that have one, from 0 to 100.
	Score practice.Figure
	// Weak is how many vendors score below 50.
	Weak practice.Figure
	// Unrated is how many vendors with a contract in force have no part of a score.
	Unrated practice.Figure
	// Findings name weak vendors and why.
	Findings []practice.Finding
	// Vendors are the vendors with something to score or a contract in force, the weakest first.
	Vendors practice.Table[Score]
}

// Score is what a vendor's score is made of.
type Score struct {
	// Vendor is who is scored.
	Vendor practice.Link
	// Score is the mean of the parts that are known, by their weights: ratings 40, service levels 30, assessment 20, certificates 10. From 0 to 100. Empty where no part is known.
	Score *float64
	// Rating is the mean of the ratings, from 1 to 5, younger ones counting more.
	Rating *float64
	// Criteria are the means by criterion.
	Criteria []string
	// Ratings is how many ratings there are.
	Ratings int
	// ServiceLevels is the share of periods of the last twelve months with the promise kept, in percent.
	ServiceLevels *float64
	// Assessment is the score of the newest questionnaire that still counts, in percent.
	Assessment *float64
	// Certificates is the share of certificates that hold, in percent.
	Certificates *float64
	// Spent is what the vendor was paid in the last twelve full months.
	Spent model.Money
	// Trend is by how many percent that differs from the twelve months before.
	Trend *float64
	// Note says what is not in the score.
	Note string
}

// The weights of the parts of a score.
const (
	weightRatings      = 40
	weightLevels       = 30
	weightAssessment   = 20
	weightCertificates = 10
)

// Scorecard tells how well vendors do, from what people think of them, what was
// measured, what they answered and what they can prove. A rating counts half as much with every half-life that has passed since:
// one that is a year old has half the weight of one of today where nothing else is asked for. A part that is not known is left out
// and the others take its weight. Incidents are not in it, since nothing records them yet.
func Scorecard(v estate.View, in ScorecardIn) (ScorecardOut, error) {
	var out ScorecardOut
	var weak, unrated, scored []practice.Link
	sum := 0.0
	for vendor := range estate.Each[*model.Vendor](v) {
		if !in.Vendor.IsZero() && vendor.Ref() != in.Vendor {
			continue
		}
		s := scoreOf(v, vendor, cmp.Or(in.HalfLife, 365))
		live := slices.ContainsFunc(contractsOf(v, vendor.Ref()), func(c *model.Contract) bool { return StandingOn(c, v.At()).Live() })
		switch {
		case s.Score == nil && !live && in.Vendor.IsZero():
			continue
		case s.Score == nil:
			unrated = append(unrated, s.Vendor)
			s.Note = "nothing says how well it does"
		default:
			scored = append(scored, s.Vendor)
			sum += *s.Score
			if *s.Score < 50 {
				weak = append(weak, s.Vendor)
				severity := max(practice.Medium.Weight(), practice.SeverityOf(vendor.Criticality).Weight())
				out.Findings = append(out.Findings, practice.Finding{Severity: []practice.Severity{practice.Info, practice.Low, practice.Medium, practice.High, practice.Critical}[severity],
					Text: fmt.Sprintf("%s scores %g of 100: %s.", vendor.Title(), *s.Score, s.parts()), About: s.Vendor, Owner: contactOf(v, vendor), From: []practice.Link{s.Vendor}})
			}
		}
		out.Vendors.Rows = append(out.Vendors.Rows, s)
	}
	slices.SortStableFunc(out.Vendors.Rows, func(a, b Score) int {
		return cmp.Or(cmp.Compare(b2i(a.Score == nil), b2i(b.Score == nil)), cmp.Compare(valueOf(a.Score), valueOf(b.Score)))
	})
	practice.WorstFirst(out.Findings)
	out.Score = practice.Figure{Unit: "of 100", Better: practice.Higher, From: scored}
	if len(scored) == 0 {
		out.Score.Unknown, out.Score.Note = true, "no vendor has a score yet"
	} else {
		out.Score.Value = rounded(sum / float64(len(scored)))
	}
	out.Weak = practice.Counted("vendors", practice.Lower, weak)
	out.Unrated = practice.Counted("vendors", practice.Lower, unrated)
	out.Vendors.Note = "incidents are not in the score, since nothing records them yet"
	return out, nil
}

func valueOf(f *float64) float64 {
	if f == nil {
		return 0
	}
	return *f
}

// parts writes the parts of a score for a sentence.
func (s *Score) parts() string {
	var out []string
	for _, p := range []struct {
		name  string
		value *float64
		unit  string
	}{{"ratings", s.Rating, " of 5"}, {"service levels", s.ServiceLevels, " %"}, {"assessment", s.Assessment, " %"}, {"certificates", s.Certificates, " %"}} {
		if p.value != nil {
			out = append(out, fmt.Sprintf("%s %g%s", p.name, *p.value, p.unit))
		}
	}
	return strings.Join(out, ", ")
}

// scoreOf returns the score of a vendor and its parts.
func scoreOf(v estate.View, vendor *model.Vendor, halfLife int) Score {
	s := Score{Vendor: practice.To(vendor)}
	s.rate(v, vendor, halfLife)
	since := v.At().AddMonths(-12)
	kept, periods := 0, 0
	for _, c := range contractsOf(v, vendor.Ref()) {
		for _, sl := range held[*model.ServiceLevel](v, c.Ref(), "contract") {
			level, _ := levelOf(v, sl, c, since)
			periods += level.Periods
			kept += level.Periods - len(level.Breached)
		}
	}
	if periods > 0 {
		share := practice.Share(kept, periods)
		s.ServiceLevels = &share
	}
	if a, ok := latestAssessment(v, vendor.Ref()); ok {
		s.Assessment = a.Score
	}
	if n := len(vendor.Certificates); n > 0 {
		hold := 0
		for _, c := range vendor.Certificates {
			hold += b2i(c.Expires.IsZero() || c.Expires >= v.At() || renewed(vendor, c, v.At()))
		}
		share := practice.Share(hold, n)
		s.Certificates = &share
	}
	spent := spendingIn(v)
	if p := spent.vendors[vendor.Ref()]; p != nil {
		s.Spent = spent.money(p)
		if trend, ok := p.trend(); ok {
			s.Trend = &trend
		}
	}
	s.add()
	return s
}

// rate adds up what people think of a vendor until the day of the view.
func (s *Score) rate(v estate.View, vendor *model.Vendor, halfLife int) {
	type mean struct{ sum, weight float64 }
	all, by := mean{}, map[string]*mean{}
	for _, r := range held[*model.VendorRating](v, vendor.Ref(), "vendor") {
		if r.Score == 0 || r.On > v.At() {
			continue
		}
		s.Ratings++
		weight := math.Exp2(-float64(v.At()-r.On) / float64(halfLife))
		if r.On.IsZero() {
			weight = 0.5
		}
		name := strings.ToLower(strings.TrimSpace(r.Criterion))
		if by[name] == nil {
			by[name] = &mean{}
		}
		for _, m := range []*mean{&all, by[name]} {
			m.sum += weight * r.Score
			m.weight += weight
		}
	}
	if all.weight == 0 {
		return
	}
	rating := rounded(all.sum / all.weight)
	s.Rating = &rating
	for _, name := range slices.Sorted(maps.Keys(by)) {
		s.Criteria = append(s.Criteria, fmt.Sprintf("%s %g", name, rounded(by[name].sum/by[name].weight)))
	}
}

// add makes the score of its parts.
func (s *Score) add() {
	sum, weights := 0.0, 0.0
	part := func(weight float64, value *float64, least, most float64) {
		if value != nil {
			sum += weight * 100 * (*value - least) / (most - least)
			weights += weight
		}
	}
	part(weightRatings, s.Rating, 1, 5)
	part(weightLevels, s.ServiceLevels, 0, 100)
	part(weightAssessment, s.Assessment, 0, 100)
	part(weightCertificates, s.Certificates, 0, 100)
	if weights > 0 {
		score := rounded(sum / weights)
		s.Score = &score
	}
}
