package standards

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ReviewedInTime checks that every accepted decision was looked at by its day of review and that its predicted effects were measured by then.
func ReviewedInTime(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	for _, d := range allDecisions(v) {
		if d.State != model.DecisionAccepted || d.ReviewBy.IsZero() && len(d.Effects) == 0 {
			continue
		}
		out.Checked = append(out.Checked, practice.To(d))
		if f, due := reviewFinding(v, d, 0); due {
			if day, _ := reviewDay(d); day < v.At() {
				out.Findings = append(out.Findings, f)
			}
		}
	}
	all := practice.Count(len(out.Checked), "decision", "decisions")
	return judge(out, "No accepted decision has a day of review or a predicted effect, so there is nothing to check.", fmt.Sprintf("%d of %s were not looked at in time.", len(out.Findings), all), fmt.Sprintf("All of %s were looked at in time.", all)), nil
}

// LineageSound checks that no decision is superseded by one that was rejected, by none, or in a circle, and that of two of which one supersedes the other only one holds.
func LineageSound(v estate.View, _ struct{}) (practice.Verdict, error) {
	list := allDecisions(v)
	out := practice.Verdict{Checked: practice.ToAll(list), Findings: lineageFaults(v, list)}
	all := practice.Count(len(list), "decision", "decisions")
	return judge(out, "There are no decisions to check.", fmt.Sprintf("%s wrong with the lineage of %s.", practice.Count(len(out.Findings), "thing is", "things are"), all), fmt.Sprintf("The lineage of %s is sound.", all)), nil
}

// OneAccountable checks that every decision right has exactly one that is accountable and at least one that is responsible.
func OneAccountable(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	faulty := 0
	for _, d := range rightsOf(v) {
		out.Checked = append(out.Checked, practice.To(d))
		faults := rightFaults(v, d)
		faulty += b2i(len(faults) > 0)
		out.Findings = append(out.Findings, faults...)
	}
	all := practice.Count(len(out.Checked), "activity", "activities")
	return judge(out, "There are no decision rights to check.", fmt.Sprintf("%d of %s break a rule of RACI.", faulty, all), fmt.Sprintf("Each of %s has exactly one accountable and somebody responsible.", all)), nil
}

// TargetReachedIn says which scorecard is checked.
type TargetReachedIn struct {
	// Scorecard is the scorecard. Unset means all of them.
	Scorecard model.Ref `to:"Scorecard"`
	// Share is which part of the records must have the level, in percent. The default is 100.
	Share float64 `min:"0" max:"100" unit:"%"`
}

// TargetReached checks that enough of the records that scorecards score have the level that everything should reach.
func TargetReached(v estate.View, in TargetReachedIn) (practice.Verdict, error) {
	var out practice.Verdict
	share := in.Share
	if share == 0 {
		share = 100
	}
	if !in.Scorecard.IsZero() {
		if _, err := looked[*model.Scorecard](v, "scorecard", in.Scorecard); err != nil {
			return out, err
		}
	}
	behind, enough := 0, true
	for _, card := range cardsOf(v) {
		if !in.Scorecard.IsZero() && card.Ref() != in.Scorecard {
			continue
		}
		s := scoreOf(v, card)
		out.Findings = append(out.Findings, s.faults...)
		enough = enough && len(s.faults) == 0
		var missed []practice.Finding
		for i := range s.records {
			r := &s.records[i]
			link := practice.To(r.rec)
			out.Checked = append(out.Checked, link)
			if s.reached(r) {
				continue
			}
			f := practice.Finding{Severity: practice.Low, About: link, From: []practice.Link{practice.To(card)}, Owner: practice.OwnerOf(v, r.rec)}
			f.Text = fmt.Sprintf("%s is at %s of %s and should be at %s: %s.", r.rec.Base().Title(), s.level(r.level), card.Title(), s.level(s.goal()), s.recordRow(v, r).Missing)
			missed = append(missed, f)
		}
		behind += len(missed)
		if float64(len(s.records)-len(missed))*100 < share*float64(len(s.records)) {
			enough = false
		}
		out.Findings = append(out.Findings, missed...)
	}
	all := practice.Count(len(out.Checked), "record", "records")
	text := fmt.Sprintf("%d of %s are below the level that they should have.", behind, all)
	out = judge(out, "No scorecard scores anything, so there is nothing to check.", text, fmt.Sprintf("All of %s have the level that they should have.", all))
	if len(out.Checked) > 0 && enough && behind > 0 {
		out.Pass, out.Text = true, text+fmt.Sprintf(" At least %g %% have it, which is enough.", share)
	}
	return out, nil
}

// ExemptionsInTime checks that no exemption from a standard or a scorecard has ended while somebody still relies on it, and that each has an end.
func ExemptionsInTime(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	for _, e := range exemptionsOf(v) {
		if e.State != model.ExceptionApproved {
			continue
		}
		row := exemptionRow(v, e)
		out.Checked = append(out.Checked, row.Exemption)
		if f, told := exemptionFinding(v, e, row, 0); told && f.Severity.Weight() >= practice.Medium.Weight() {
			out.Findings = append(out.Findings, f)
		}
	}
	all := practice.Count(len(out.Checked), "exemption", "exemptions")
	return judge(out, "No exemption from a standard was approved, so there is nothing to check.", fmt.Sprintf("%d of %s have ended or have no end.", len(out.Findings), all), fmt.Sprintf("Each of %s holds or is not needed any more.", all)), nil
}
