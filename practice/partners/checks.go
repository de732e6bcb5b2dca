package partners

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// NoObligationLate checks that no obligation of an agreement with a partner is late, on either side.
func NoObligationLate(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	dated := 0
	eachOpen(v, func(row ObligationRow) {
		if row.Due.IsZero() {
			return
		}
		dated++
		if row.DaysLeft < 0 {
			out.Findings = append(out.Findings, obligationFinding(row))
		}
	})
	for a := range estate.Each[*model.PartnerAgreement](v) {
		if p, ok := estate.Look[*model.Partner](v, a.Partner); ok && !isOver(p) && len(a.Obligations) > 0 {
			out.Checked = append(out.Checked, practice.To(a))
		}
	}
	return settle(out, "agreement with obligations", "agreements with obligations", func(n int) string {
		return practice.Count(n, "obligation is late", "obligations are late") + fmt.Sprintf(", of %d that are open and have a day.", dated)
	}, "No obligation is late."), nil
}

// ActiveHaveAgreement checks that every active partner has an agreement in force.
func ActiveHaveAgreement(v estate.View, _ struct{}) (practice.Verdict, error) {
	return eachPartner(v, "active partner", "active partners", func(p *model.Partner) bool { return p.Stage == model.PartnerActive }, func(p *model.Partner, add adder) {
		agreements := agreementsOf(v, p)
		switch {
		case len(agreements) == 0:
			add(practice.High, nil, "%s is active, and nothing was agreed on with it in writing.", p.Title())
		case !slices.ContainsFunc(agreements, func(a *model.PartnerAgreement) bool { return inForce(a, v.At()) }):
			add(practice.High, nil, "%s is active, and no agreement with it is in force.", p.Title())
		}
	}, "Every active partner has an agreement in force.")
}

// DiligenceBeforeAgreement checks that what was to be looked into before an agreement was finished, and that nothing speaks against
// a partner that the company is bound to. What was finished only after the day of the agreement is named too. A partner of whom nothing was looked into fails.
func DiligenceBeforeAgreement(v estate.View, _ struct{}) (practice.Verdict, error) {
	return eachPartner(v, "partner that is bound", "partners that are bound", isBound, func(p *model.Partner, add adder) {
		open, blockers := diligence(p)
		if len(blockers) > 0 {
			add(practice.Critical, nil, "Due diligence speaks against %s, and it is in the stage %q: %s.", p.Title(), labelOf(p.Stage), joined(blockers))
		}
		if len(open) > 0 {
			add(practice.High, nil, "This was not looked into before %s was agreed with: %s.", p.Title(), joined(open))
		}
		if len(p.DueDiligence) == 0 {
			add(practice.High, nil, "Nothing was looked into before %s was agreed with.", p.Title())
		}
		agreed := agreedOn(p)
		var after []string
		for _, d := range p.DueDiligence {
			if !agreed.IsZero() && d.Done > agreed {
				after = append(after, d.Name)
			}
		}
		if len(after) > 0 {
			add(practice.Low, nil, "This was finished only after %s was agreed with on %s: %s.", p.Title(), agreed, joined(after))
		}
	}, "Due diligence was clear before every agreement.")
}

// agreedOn returns the first day on which a partner was agreed with, and unset where nobody noted it.
func agreedOn(p *model.Partner) model.Date {
	var first model.Date
	for _, s := range p.Stages {
		if (s.Stage == model.PartnerAgreed || s.Stage == model.PartnerActive) && (first.IsZero() || s.On < first) {
			first = s.On
		}
	}
	return first
}

// ConflictsDecided checks that somebody decided about every conflict of interest with a partner, and that the decision still holds.
func ConflictsDecided(v estate.View, _ struct{}) (practice.Verdict, error) {
	rows, _ := conflictsIn(v)
	open := map[model.ID][]practice.Finding{}
	for _, r := range rows {
		if r.open(v.At()) {
			open[r.Partner.ID] = append(open[r.Partner.ID], conflictFinding(r))
		}
	}
	return eachPartner(v, "partner", "partners", func(p *model.Partner) bool { return !isOver(p) }, func(p *model.Partner, add adder) {
		for _, f := range open[p.ID] {
			add(f.Severity, f.Mend, "%s", f.Text)
		}
	}, "Somebody decided about every conflict of interest.")
}

// ExitsDescribed checks that every partner that products depend on says how it is ended without harm.
func ExitsDescribed(v estate.View, _ struct{}) (practice.Verdict, error) {
	return eachPartner(v, "partner that products depend on", "partners that products depend on", func(p *model.Partner) bool {
		products, _ := dependents(v, p)
		return isBound(p) && len(products) > 0
	}, func(p *model.Partner, add adder) {
		if products, _ := dependents(v, p); strings.TrimSpace(p.Exit) == "" {
			add(practice.Medium, nil, "Nothing says how %s goes on without %s.", practice.Some(products), p.Title())
		}
	}, "Every partner that products depend on says how it is ended.")
}

// adder notes what does not hold for a partner.
type adder func(severity practice.Severity, mend *practice.Mend, text string, args ...any)

// eachPartner makes a verdict from what holds for each of some partners.
func eachPartner(v estate.View, one, several string, among func(*model.Partner) bool, look func(*model.Partner, adder), passes string) (practice.Verdict, error) {
	var out practice.Verdict
	failed := 0
	for p := range estate.Each[*model.Partner](v) {
		if !among(p) {
			continue
		}
		link := practice.To(p)
		out.Checked = append(out.Checked, link)
		before := len(out.Findings)
		look(p, func(s practice.Severity, mend *practice.Mend, text string, args ...any) {
			out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link}, Owner: answersFor(v, p), Mend: mend})
		})
		failed += toInt(len(out.Findings) > before)
	}
	return settle(out, one, several, func(int) string {
		return fmt.Sprintf("This does not hold for %d of %s.", failed, practice.Count(len(out.Checked), one, several))
	}, passes), nil
}

// settle passes a verdict without findings. Where nothing was looked at it is unknown.
func settle(out practice.Verdict, one, several string, fails func(n int) string, passes string) practice.Verdict {
	practice.WorstFirst(out.Findings)
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, fmt.Sprintf("There is no %s, so there is nothing to check.", one)
	case len(out.Findings) > 0:
		out.Text = fails(len(out.Findings))
	default:
		out.Pass, out.Text = true, fmt.Sprintf("%s Looked at: %s.", passes, practice.Count(len(out.Checked), one, several))
	}
	return out
}
