package compliance

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// looked returns the record that a parameter names.
func looked[R model.Record](v estate.View, field string, ref model.Ref) (R, error) {
	rec, ok := estate.Look[R](v, ref)
	if !ok {
		return rec, model.Problem{Field: field, Text: "there is no such record"}
	}
	return rec, nil
}

// PlanItemIn says what is to be done.
type PlanItemIn struct {
	// Finding is what it mends.
	Finding model.Ref `to:"Finding" is:"required"`
	// Text says what is done.
	Text string `is:"required"`
	// Due is the day by which it is to be done. Unset means the day of the finding.
	Due model.Date
	// Owner answers for it. Unset means who answers for the finding.
	Owner model.Ref `to:"Team,Person"`
	// Project is the project that does the work.
	Project model.Ref `to:"Project"`
	// Cost is what it costs once.
	Cost model.Money
}

// NewPlanItem proposes an item of the plan of action for a finding and the risks that came of it.
func NewPlanItem(v estate.View, in PlanItemIn) (practice.Proposal, error) {
	f, err := looked[*model.Finding](v, "finding", in.Finding)
	if err != nil {
		return practice.Proposal{}, err
	}
	if f.State == model.FindingClosed {
		return practice.Proposal{}, model.Problem{Field: "finding", Text: f.Title() + " is closed"}
	}
	due := cmp.Or(in.Due, f.Due)
	if !due.IsZero() && due < v.At() {
		return practice.Proposal{}, model.Problem{Field: "due", Text: fmt.Sprintf("%s is past: choose a day that can be kept", due)}
	}
	p := newProposer(v)
	i := &model.PlanItem{State: model.PlanOpen, Findings: []model.Ref{f.Ref()}, Controls: slices.Clone(f.Controls), Project: in.Project, Planned: v.At(), Due: due, Cost: in.Cost}
	for e := range v.In(f.Ref()) {
		if r, ok := e.Record.(*model.Risk); ok && r.Found == f.Ref() && r.State != model.RiskClosed && !slices.Contains(i.Risks, r.Ref()) {
			i.Risks = append(i.Risks, r.Ref())
		}
	}
	p.found(i, "plan-"+f.Key)
	i.Identifier, i.Name, i.Confidential = i.ID.String(), in.Text, f.Confidential
	if i.Owner = in.Owner; i.Owner.IsZero() {
		i.Owner = f.Owner
	}
	return practice.Proposal{Why: "Plan for " + f.Title() + ": " + in.Text, Changes: p.changes()}, nil
}

// MendFindingIn says who mended what.
type MendFindingIn struct {
	// Finding is what was mended.
	Finding model.Ref `to:"Finding" is:"required"`
	// By is the person that mended it.
	By model.Ref `to:"Person" is:"asker"`
	// Text says what was done.
	Text string `is:"required"`
}

// MendFinding proposes to mark a finding as mended by a person, so that somebody else can check it and close it. The items of the plan
// all of whose findings are mended are done.
func MendFinding(v estate.View, in MendFindingIn) (practice.Proposal, error) {
	f, err := looked[*model.Finding](v, "finding", in.Finding)
	if err != nil {
		return practice.Proposal{}, err
	}
	if f.State == model.FindingClosed {
		return practice.Proposal{}, model.Problem{Field: "finding", Text: f.Title() + " is closed"}
	}
	p := newProposer(v)
	after, _ := edit[*model.Finding](p, f.Ref())
	after.State, after.Mended, after.MendedBy, after.Answer = model.FindingMended, v.At(), in.By, joined(f.Answer, in.Text)
	p.done(f.Ref())
	return practice.Proposal{Why: f.Title() + " is mended: " + in.Text, Changes: p.changes()}, nil
}

// joined puts a further paragraph behind a text.
func joined(text, more string) string {
	if text == "" {
		return more
	}
	return text + "\n\n" + more
}

// CloseFindingIn says who closes what.
type CloseFindingIn struct {
	// Finding is what is closed.
	Finding model.Ref `to:"Finding" is:"required"`
	// By is the person that looked whether it is mended. It is not the person that mended it.
	By model.Ref `to:"Person" is:"asker"`
	// Text says what was looked at.
	Text string `is:"required"`
}

// CloseFinding proposes to close a finding that is mended, after somebody who did not mend it has looked. The items of the plan that
// were done for it are closed too; its risks stay until somebody decides about them.
func CloseFinding(v estate.View, in CloseFindingIn) (practice.Proposal, error) {
	f, err := looked[*model.Finding](v, "finding", in.Finding)
	if err != nil {
		return practice.Proposal{}, err
	}
	if f.State != model.FindingMended {
		return practice.Proposal{}, model.Problem{Field: "finding", Text: fmt.Sprintf("%s is %s: only what is mended can be closed. Run its test again, or use compliance.mend_finding", f.Title(), cmp.Or(f.State, model.FindingOpen))}
	}
	p := newProposer(v)
	for _, who := range append([]model.Ref{f.MendedBy, f.Owner}, p.doers(f)...) {
		if who == in.By {
			return practice.Proposal{}, model.Problem{Field: "by", Text: "who mended something, or answers for mending it, does not close it: somebody else has to look"}
		}
	}
	after, _ := edit[*model.Finding](p, f.Ref())
	after.State, after.Closed, after.ClosedBy, after.Answer = model.FindingClosed, v.At(), in.By, joined(f.Answer, in.Text)
	for _, ref := range p.plans[f.Ref()] {
		i, ok := estate.Look[*model.PlanItem](v, ref)
		if !ok || i.State != model.PlanDone || slices.ContainsFunc(i.Findings, func(other model.Ref) bool {
			o, ok := estate.Look[*model.Finding](v, other)
			return ok && other != f.Ref() && o.State != model.FindingClosed
		}) {
			continue
		}
		item, _ := edit[*model.PlanItem](p, ref)
		item.State = model.PlanClosed
	}
	out := practice.Proposal{Why: "Close " + f.Title() + ": " + in.Text, Changes: p.changes()}
	for e := range v.In(f.Ref()) {
		if r, ok := e.Record.(*model.Risk); ok && r.Found == f.Ref() && r.State != model.RiskClosed {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: "The risk " + r.Title() + " is still open: decide whether it is gone.", About: practice.To(r)})
		}
	}
	return out, nil
}

// doers returns who answers for the items of the plan of a finding.
func (p *proposer) doers(f *model.Finding) []model.Ref {
	var out []model.Ref
	for _, ref := range p.plans[f.Ref()] {
		if i := p.v.Get(ref); i != nil && !i.Base().Owner.IsZero() {
			out = append(out, i.Base().Owner)
		}
	}
	return out
}

// AnswerRequestIn is an answer to auditors.
type AnswerRequestIn struct {
	// Request is what is answered.
	Request model.Ref `to:"AuditRequest" is:"required"`
	// By is the person that answers.
	By model.Ref `to:"Person" is:"asker"`
	// Answer is the answer.
	Answer string `is:"required"`
	// Evidence is what it rests on: observations, files, documents or any other record.
	Evidence []model.Ref `to:"any"`
}

// AnswerRequest proposes an answer to what auditors asked for, with the evidence for it.
func AnswerRequest(v estate.View, in AnswerRequestIn) (practice.Proposal, error) {
	q, err := looked[*model.AuditRequest](v, "request", in.Request)
	if err != nil {
		return practice.Proposal{}, err
	}
	if q.State == model.RequestAccepted {
		return practice.Proposal{}, model.Problem{Field: "request", Text: q.Title() + " is accepted: there is nothing left to answer"}
	}
	p := newProposer(v)
	after, _ := edit[*model.AuditRequest](p, q.Ref())
	after.State, after.Answer, after.Answered, after.AnsweredBy = model.RequestAnswered, in.Answer, v.At(), in.By
	for _, ref := range in.Evidence {
		if !slices.Contains(after.Evidence, ref) {
			after.Evidence = append(slices.Clone(after.Evidence), ref)
		}
	}
	return practice.Proposal{Why: "Answer to " + q.Title(), Changes: p.changes()}, nil
}

// AcceptRequestIn is what auditors say about an answer.
type AcceptRequestIn struct {
	// Request is what was answered.
	Request model.Ref `to:"AuditRequest" is:"required"`
	// Return says that the auditors are not content, and the answer goes back.
	Return bool
	// Remarks say why.
	Remarks string
	// By is the person that looked at the answer. It is not the person that gave it.
	By model.Ref `to:"Person"`
}

// AcceptRequest proposes to accept the answer to a request of auditors, or to return it with remarks.
func AcceptRequest(v estate.View, in AcceptRequestIn) (practice.Proposal, error) {
	q, err := looked[*model.AuditRequest](v, "request", in.Request)
	if err != nil {
		return practice.Proposal{}, err
	}
	switch {
	case q.State != model.RequestAnswered:
		return practice.Proposal{}, model.Problem{Field: "request", Text: fmt.Sprintf("%s is %s: there is no answer to look at", q.Title(), cmp.Or(q.State, model.RequestOpen))}
	case !in.By.IsZero() && in.By == q.AnsweredBy:
		return practice.Proposal{}, model.Problem{Field: "by", Text: "who answered does not judge the answer"}
	case in.Return && in.Remarks == "":
		return practice.Proposal{}, model.Problem{Field: "remarks", Text: "say what is missing"}
	}
	p := newProposer(v)
	after, _ := edit[*model.AuditRequest](p, q.Ref())
	after.State = ifElse(in.Return, model.RequestReturned, model.RequestAccepted)
	if in.Remarks != "" {
		after.Remarks = joined(q.Remarks, in.Remarks)
	}
	return practice.Proposal{Why: ifElse(in.Return, "Return ", "Accept ") + q.Title(), Changes: p.changes()}, nil
}

// RateMaturityIn is a rating in tiers of the Cybersecurity Framework.
type RateMaturityIn struct {
	// Scope is what is rated.
	Scope model.Ref `to:"ComplianceScope" is:"required"`
	// Requirement is the function, category or subcategory. Unset means the scope as a whole.
	Requirement model.Ref `to:"Requirement"`
	// Current is the tier of today.
	Current model.Tier `is:"required"`
	// Target is the tier that is wanted. Unset means as before.
	Target model.Tier
	// By is who rated it.
	By model.Ref `to:"Person,Team,Vendor"`
	// Evidence is what the rating rests on.
	Evidence []model.Ref `to:"any"`
	// Remarks explain it.
	Remarks string
}

// RateMaturity proposes a new rating of a scope or of a part of it. Ratings before it stay, so that progress can be seen.
func RateMaturity(v estate.View, in RateMaturityIn) (practice.Proposal, error) {
	scope, err := looked[*model.ComplianceScope](v, "scope", in.Scope)
	if err != nil {
		return practice.Proposal{}, err
	}
	p := newProposer(v)
	r := &model.MaturityRating{Scope: in.Scope, Requirement: in.Requirement, Current: in.Current, Target: in.Target, On: v.At(), By: in.By, Evidence: in.Evidence, Remarks: in.Remarks}
	part := "whole"
	if rec := v.Get(in.Requirement); rec != nil {
		part = rec.Base().Key
	}
	if r.Target == "" {
		var last model.Date
		for other := range estate.Each[*model.MaturityRating](v) {
			if other.Scope == in.Scope && other.Requirement == in.Requirement && other.On >= last {
				r.Target, last = other.Target, other.On
			}
		}
	}
	p.found(r, fmt.Sprintf("%s.%s.%s", scope.Key, part, v.At()))
	if in.Requirement.IsZero() {
		after, _ := edit[*model.ComplianceScope](p, scope.Ref())
		after.CurrentTier, after.TargetTier = r.Current, cmp.Or(r.Target, scope.TargetTier)
	}
	return practice.Proposal{Why: fmt.Sprintf("Rate %s of %s as %s", part, scope.Title(), in.Current), Changes: p.changes()}, nil
}

// ChooseApplicabilityIn says what applies.
type ChooseApplicabilityIn struct {
	// Scope is the scope.
	Scope model.Ref `to:"ComplianceScope" is:"required"`
	// Requirements are what is decided about. What is said of a group holds for its parts.
	Requirements []model.Ref `to:"Requirement" is:"required"`
	// Applies says that they apply. Unset means that they do not.
	Applies bool
	// Reason says why, or why not.
	Reason string `is:"required"`
}

// ChooseApplicability proposes whether requirements apply in a scope, with the reason that the statement of applicability gives.
func ChooseApplicability(v estate.View, in ChooseApplicabilityIn) (practice.Proposal, error) {
	scope, err := looked[*model.ComplianceScope](v, "scope", in.Scope)
	if err != nil {
		return practice.Proposal{}, err
	}
	p := newProposer(v)
	after, _ := edit[*model.ComplianceScope](p, scope.Ref())
	after.Applicability = slices.Clone(after.Applicability)
	for _, ref := range in.Requirements {
		choice := model.ApplicabilityChoice{Requirement: ref, Applies: in.Applies, Reason: in.Reason}
		if i := slices.IndexFunc(after.Applicability, func(c model.ApplicabilityChoice) bool { return c.Requirement == ref }); i >= 0 {
			after.Applicability[i] = choice
		} else {
			after.Applicability = append(after.Applicability, choice)
		}
	}
	return practice.Proposal{Why: fmt.Sprintf("%s in %s: %s. %s", ifElse(in.Applies, "Applicable", "Not applicable"), scope.Title(), practice.Count(len(in.Requirements), "requirement", "requirements"), in.Reason), Changes: p.changes()}, nil
}
