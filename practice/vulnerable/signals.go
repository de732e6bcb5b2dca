package vulnerable

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// Signals are what all advisories about one vulnerability and the scores of EPSS together say of it.
type Signals struct {
	// Severity is the worst that an advisory says, or the rating of the score where none says anything.
	Severity model.Severity
	// Score is the CVSS score, of the newest version of CVSS that there is. Nil where there is no vector.
	Score *Score
	// Exploited is the day since which it is known to be used in attacks. Unset where it is not in the KEV catalogue.
	Exploited model.Date
	// ExploitedDue is the day by which the KEV catalogue wants it mended.
	ExploitedDue model.Date
	// Ransomware says that it is known to be used by ransomware.
	Ransomware bool
	// RequiredAction is what the KEV catalogue wants to be done.
	RequiredAction string
	// Scored is the day of the EPSS score. Unset where there is none.
	Scored model.Date
	// Probability is the probability that it is used within 30 days, from 0 to 1 (EPSS).
	Probability float64
	// Percentile is the share of vulnerabilities whose probability is lower, from 0 to 1.
	Percentile float64
	// Model is the version of the model of EPSS. Probabilities of different models are never compared.
	Model string
	// Published is the earliest moment at which an advisory about it was published.
	Published model.Time
	// Exploitation is the decision point of SSVC: none, public_poc or active.
	Exploitation Point
	// Automatable is the decision point of SSVC: no or yes.
	Automatable Point
	// TechnicalImpact is the decision point of SSVC: partial or total.
	TechnicalImpact Point
	// InCatalogue says whether it is in the KEV catalogue: no or yes.
	InCatalogue Point
}

// SignalsOf returns what is known about a vulnerability. It is shared.
func (x *Index) SignalsOf(g *Group) *Signals {
	x.parts.mu.Lock()
	s := x.parts.signals[g]
	x.parts.mu.Unlock()
	if s != nil {
		return s
	}
	s = x.signals(g)
	x.parts.mu.Lock()
	defer x.parts.mu.Unlock()
	if x.parts.signals == nil {
		x.parts.signals = map[*Group]*Signals{}
	}
	x.parts.signals[g] = s
	return s
}

func (x *Index) signals(g *Group) *Signals {
	s := &Signals{}
	for _, a := range g.Advisories {
		if !a.Exploited.IsZero() && (s.Exploited.IsZero() || a.Exploited < s.Exploited) {
			s.Exploited = a.Exploited
		}
		if !a.ExploitedDue.IsZero() && (s.ExploitedDue.IsZero() || a.ExploitedDue < s.ExploitedDue) {
			s.ExploitedDue = a.ExploitedDue
		}
		s.Ransomware = s.Ransomware || a.Ransomware
		s.RequiredAction = cmp.Or(s.RequiredAction, a.RequiredAction)
		if !a.Published.IsZero() && (s.Published.IsZero() || a.Published < s.Published) {
			s.Published = a.Published
		}
		if model.Rank(a.Severity) > model.Rank(s.Severity) {
			s.Severity = a.Severity
		}
		s.scored(a.ExploitScored, a.ExploitProbability, a.ExploitPercentile, a.ExploitModel)
	}
	for _, id := range g.IDs() {
		for _, e := range x.exploitScores()[strings.ToUpper(id)] {
			s.scored(e.day, e.probability, e.percentile, e.model)
		}
	}
	from := (*model.Advisory)(nil)
	s.Score, from = best(g.Advisories)
	if s.Severity == "" && s.Score != nil && s.Score.Rating != "none" {
		s.Severity = model.Severity(s.Score.Rating)
	}
	s.Exploitation, s.InCatalogue = x.exploitation(g, s)
	s.Automatable = automatable(g, s.Score, from)
	s.TechnicalImpact = technicalImpact(g, s.Score, from)
	return s
}

// scored takes a score of EPSS where it is newer, or of the same day and model and higher.
func (s *Signals) scored(day model.Date, probability, percentile float64, version string) {
	if day.IsZero() || day < s.Scored || day == s.Scored && (version < s.Model || version == s.Model && probability <= s.Probability) {
		return
	}
	s.Scored, s.Probability, s.Percentile, s.Model = day, probability, percentile, version
}

// exploitation finds out whether a vulnerability is used: active where a catalogue of known exploited vulnerabilities has it, or a
// vector says so; public_poc where an advisory or a vector says that a way to use it is public; else none. EPSS is a
// forecast and no evidence, so it does not decide. Where no catalogue was ever imported, active cannot be ruled out.
func (x *Index) exploitation(g *Group, s *Signals) (exploitation, inCatalogue Point) {
	var kev, public []model.Ref
	for _, a := range g.Advisories {
		if !a.Exploited.IsZero() {
			kev = append(kev, a.Ref())
		}
		if a.ExploitPublic {
			public = append(public, a.Ref())
		}
	}
	maturity := ""
	if s.Score != nil {
		maturity = s.Score.Metric("E")
	}
	switch {
	case len(kev) > 0:
		inCatalogue = Point{Value: "yes", Why: "In the KEV catalogue since " + s.Exploited.String() + ".", From: kev}
	case x.book.exploited:
		inCatalogue = Point{Value: "no", Why: "Not in the KEV catalogue."}
	default:
		inCatalogue = Point{Why: "No catalogue of known exploited vulnerabilities was imported."}
	}
	switch {
	case len(kev) > 0:
		return Point{Value: "active", Why: inCatalogue.Why, From: kev}, inCatalogue
	case s.Score != nil && s.Score.Version == "4.0" && maturity == "A":
		return Point{Value: "active", Why: "The CVSS vector says that it is attacked (E:A)."}, inCatalogue
	}
	p := Point{Value: "none", Why: "No advisory tells of attacks or of a public way to use it."}
	switch {
	case len(public) > 0:
		p = Point{Value: "public_poc", Why: "An advisory says that a way to use it is public.", From: public}
	case slices.Contains([]string{"P", "POC", "F", "H"}, maturity):
		p = Point{Value: "public_poc", Why: "The CVSS vector says that a way to use it exists (E:" + maturity + ")."}
	}
	if !x.book.exploited {
		p.Least, p.Most, p.Value = p.Value, "active", ""
		p.Why += " " + inCatalogue.Why
	}
	return p, inCatalogue
}

// automatable takes what an advisory says was judged; else it follows from the vector, as the guidance of SSVC has it: yes where the
// attack comes over the network, is not hard and needs neither rights nor a person, or where the vector says so itself.
func automatable(g *Group, s *Score, from *model.Advisory) Point {
	for _, a := range g.Advisories {
		if a.Automatable != "" {
			return Point{Value: string(a.Automatable), Why: "Judged in " + a.Key + ".", From: []model.Ref{a.Ref()}}
		}
	}
	if s == nil {
		return Point{Why: "Nobody has judged it and there is no CVSS vector."}
	}
	p := Point{Value: "no", From: []model.Ref{from.Ref()}}
	switch au := s.Metric("AU"); {
	case s.Version == "4.0" && (au == "Y" || au == "N"):
		if au == "Y" {
			p.Value = "yes"
		}
		p.Why = "The CVSS vector says AU:" + au + "."
		return p
	}
	needs := []string{"AV:N", "AC:L", "PR:N", "UI:N"}
	switch s.Version {
	case "4.0":
		needs = append(needs, "AT:N")
	case "2.0":
		needs = []string{"AV:N", "AC:L", "Au:N"}
	}
	for _, need := range needs {
		metric, value, _ := strings.Cut(need, ":")
		if got := s.Metric(metric); got != value {
			p.Why = fmt.Sprintf("The CVSS %s vector says %s:%s.", s.Version, metric, got)
			return p
		}
	}
	p.Value, p.Why = "yes", fmt.Sprintf("The CVSS %s vector says %s.", s.Version, strings.Join(needs, ", "))
	return p
}

// technicalImpact takes what an advisory says was judged; else it follows from the vector: total where confidentiality and integrity are
// both lost entirely, which CVSS 4.0 has as the highest level of its third equivalence set; else partial.
func technicalImpact(g *Group, s *Score, from *model.Advisory) Point {
	for _, a := range g.Advisories {
		if a.TechnicalImpact != "" {
			return Point{Value: string(a.TechnicalImpact), Why: "Judged in " + a.Key + ".", From: []model.Ref{a.Ref()}}
		}
	}
	if s == nil {
		return Point{Why: "Nobody has judged it and there is no CVSS vector."}
	}
	c, i, all := "C", "I", "H"
	switch s.Version {
	case "4.0":
		c, i = "VC", "VI"
	case "2.0":
		all = "C"
	}
	p := Point{Value: "partial", Why: fmt.Sprintf("The CVSS %s vector says %s:%s, %s:%s.", s.Version, c, s.Metric(c), i, s.Metric(i)), From: []model.Ref{from.Ref()}}
	if s.Metric(c) == all && s.Metric(i) == all {
		p.Value = "total"
	}
	return p
}

// exploitScore is one score of EPSS.
type exploitScore struct {
	day                     model.Date
	model                   string
	probability, percentile float64
}

// exploitScores returns the scores of EPSS of the vulnerabilities that advisories of the view tell of, by CVE. Those of
// days after that of the view do not count.
func (x *Index) exploitScores() map[string][]exploitScore {
	x.parts.scoresOnce.Do(func() {
		x.parts.scores = map[string][]exploitScore{}
		for e := range estate.Each[*model.ExploitScores](x.view) {
			if e.Scored > x.view.At() {
				continue
			}
			all, err := e.Scores()
			if err != nil {
				continue
			}
			prefix := "CVE-" + strconv.Itoa(e.Year) + "-"
			for _, s := range all {
				id := prefix + fmt.Sprintf("%04d", s.Number)
				if x.book.groups[id] == nil {
					continue
				}
				x.parts.scores[id] = append(x.parts.scores[id], exploitScore{
					e.Scored, e.Model, float64(s.Probability) / model.ScoreUnit, float64(s.Percentile) / model.ScoreUnit,
				})
			}
		}
	})
	return x.parts.scores
}
