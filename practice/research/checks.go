package research

import (
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// criteriaFindings says what is wrong with the exit criteria of an experiment that runs or was decided.
func criteriaFindings(v estate.View, s standing) []practice.Finding {
	e := s.e
	var out []practice.Finding
	if !running(e) && e.State != model.ExperimentDecided {
		return nil
	}
	switch {
	case len(e.Criteria) == 0:
		out = append(out, s.finding(v, practice.High, "", "%s has no exit criteria, so that nothing can show whether it succeeds.", e.Title()))
	case e.CriteriaDigest == "":
		out = append(out, s.finding(v, practice.Medium, "", "%s was not started by the action that keeps its exit criteria, so that nobody can prove that they were set before.", e.Title()))
	case e.CriteriaDigest != e.DigestOfCriteria():
		out = append(out, s.finding(v, practice.Critical, "", "The exit criteria of %s are not those with which it was started: its history says who changed them.", e.Title()))
	}
	switch {
	case len(e.Criteria) == 0:
	case e.CriteriaSet.IsZero():
		out = append(out, s.finding(v, practice.Medium, "", "Nobody says when the exit criteria of %s were agreed on.", e.Title()))
	case !e.Start.IsZero() && e.CriteriaSet > e.Start:
		out = append(out, s.finding(v, practice.High, "", "The exit criteria of %s were agreed on on %s, after work began on %s.", e.Title(), e.CriteriaSet, e.Start))
	}
	return out
}

// verdict makes a verdict of what was found about experiments that run.
func verdict(v estate.View, holds, fails string, find func(s standing) []practice.Finding) practice.Verdict {
	var out practice.Verdict
	broken := 0
	for e := range estate.Each[*model.Experiment](v) {
		if !running(e) {
			continue
		}
		out.Checked = append(out.Checked, practice.To(e))
		found := find(standingOf(v, e))
		if len(found) > 0 {
			broken++
		}
		out.Findings = append(out.Findings, found...)
	}
	sortFindings(out.Findings)
	n := practice.Count(len(out.Checked), "experiment that runs", "experiments that run")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No experiment runs, so there is nothing to check."
	case broken == 0:
		out.Pass, out.Text = true, fmt.Sprintf("Of %s, %s.", n, holds)
	default:
		out.Text = fmt.Sprintf("%s in %d of %s.", fails, broken, n)
	}
	return out
}

// WellFramedIn has no parameters.
type WellFramedIn struct{}

// WellFramed checks that no experiment runs without a sponsor, a hypothesis, a cap, a time box and exit criteria.
func WellFramed(v estate.View, _ WellFramedIn) (practice.Verdict, error) {
	return verdict(v, "each has a sponsor, a hypothesis, a cap, a time box and measurable exit criteria", "Something that must be set before work begins is missing", func(s standing) []practice.Finding {
		if lacks := lacking(v, s.e); len(lacks) > 0 {
			return []practice.Finding{s.finding(v, practice.High, "", "%s runs without %s.", s.e.Title(), join(lacks))}
		}
		return nil
	}), nil
}

// WithinCapIn has no parameters.
type WithinCapIn struct{}

// WithinCap checks that no experiment that runs has cost more than its cap. Where the cost of one cannot be told, the check cannot be either.
func WithinCap(v estate.View, _ WithinCapIn) (practice.Verdict, error) {
	over, unknown := 0, 0
	out := verdict(v, "none has cost more than its cap", "More than the cap was spent, or nobody can tell how much,", func(s standing) []practice.Finding {
		switch {
		case s.spend.over():
			over++
			return s.money(v)
		case s.spend.unknown != "":
			unknown++
			return s.money(v)
		}
		return nil
	})
	if over == 0 && unknown > 0 {
		out.Unknown, out.Text = true, fmt.Sprintf("Nobody can tell what %s cost.", practice.Count(unknown, "experiment has", "experiments have"))
	}
	return out, nil
}

// WithinTimeIn has no parameters.
type WithinTimeIn struct{}

// WithinTime checks that no experiment runs on after the last day of its time box.
func WithinTime(v estate.View, _ WithinTimeIn) (practice.Verdict, error) {
	return verdict(v, "none runs beyond its time box", "The time box is over", func(s standing) []practice.Finding {
		if !s.e.Until.IsZero() && v.At() > s.e.Until {
			return []practice.Finding{s.finding(v, practice.High, "kill", "The time box of %s was over on %s.", s.e.Title(), s.e.Until)}
		}
		return nil
	}), nil
}

// CriteriaFirstIn has no parameters.
type CriteriaFirstIn struct{}

// CriteriaFirst checks that the exit criteria of every experiment that runs or was decided were set before work began, and are still the same. When work is started, the SHA-256 of
// the criteria is kept; what does not fit it any more was changed since.
func CriteriaFirst(v estate.View, _ CriteriaFirstIn) (practice.Verdict, error) {
	var out practice.Verdict
	broken := 0
	for e := range estate.Each[*model.Experiment](v) {
		if !running(e) && e.State != model.ExperimentDecided {
			continue
		}
		out.Checked = append(out.Checked, practice.To(e))
		found := criteriaFindings(v, standingOf(v, e))
		if len(found) > 0 {
			broken++
		}
		out.Findings = append(out.Findings, found...)
	}
	sortFindings(out.Findings)
	n := practice.Count(len(out.Checked), "experiment", "experiments")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No experiment has begun, so there is nothing to check."
	case broken == 0:
		out.Pass, out.Text = true, fmt.Sprintf("The exit criteria of %s were set before the start, and are still the same.", n)
	default:
		out.Text = fmt.Sprintf("The exit criteria of %d of %s were not set before the start, or were changed since.", broken, n)
	}
	return out, nil
}

// ProvidersContractedIn has no parameters.
type ProvidersContractedIn struct{}

// ProvidersContracted checks that every provider that was chosen by a decision matrix has the contract that followed, and that the contract is with whoever was chosen.
func ProvidersContracted(v estate.View, _ ProvidersContractedIn) (practice.Verdict, error) {
	var out practice.Verdict
	for m := range estate.Each[*model.DecisionMatrix](v) {
		if m.Type != "provider" || m.State != model.MatrixDecided {
			continue
		}
		link := practice.To(m)
		out.Checked = append(out.Checked, link)
		f := practice.Finding{Severity: practice.Medium, About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, m), Mend: &practice.Mend{Action: "research.follow", Parameters: map[string]string{"matrix": m.Key}}}
		contract, ok := estate.Look[*model.Contract](v, m.Contract)
		chosen := standsFor(v, m, m.Chosen)
		switch {
		case !ok:
			f.Text = fmt.Sprintf("%s was chosen by %s, and no contract followed that you may see.", m.Chosen, m.Title())
		case chosen != nil && !fits(chosen, contract):
			f.Severity = practice.High
			f.Text = fmt.Sprintf("%s was chosen by %s, and the contract that followed, %s, is with somebody else.", m.Chosen, m.Title(), contract.Title())
		default:
			continue
		}
		out.Findings = append(out.Findings, f)
	}
	sortFindings(out.Findings)
	n := practice.Count(len(out.Checked), "provider that was chosen", "providers that were chosen")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No provider was chosen by a decision matrix, so there is nothing to check."
	case len(out.Findings) == 0:
		out.Pass, out.Text = true, fmt.Sprintf("There is a contract with %s.", n)
	default:
		out.Text = fmt.Sprintf("%d of %s have no contract that fits.", len(out.Findings), n)
	}
	return out, nil
}

// fits reports whether a contract is with what was chosen, or is what was chosen.
func fits(chosen model.Record, contract *model.Contract) bool {
	switch chosen := chosen.(type) {
	case *model.Vendor:
		return contract.Vendor == chosen.Ref()
	case *model.Contract:
		return contract == chosen
	}
	return true
}

// join writes several things as a sentence has them.
func join(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
