package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PoliciesIn says which policies are wanted.
type PoliciesIn struct {
	// Within is how many days ahead a review counts as due. The default is 60.
	Within int `min:"0" max:"3650"`
	// Type limits the answer to one sort of rule.
	Type model.PolicyType
	// Retired includes policies that no longer hold.
	Retired bool
}

// PoliciesOut says which policies hold, since when, and who approved them.
type PoliciesOut struct {
	// InForce is how many policies hold.
	InForce practice.Figure
	// Waiting is how many policies wait for approval.
	Waiting practice.Figure
	// ReviewDue is how many policies in force are to be looked at again soon.
	ReviewDue practice.Figure
	// ReviewLate is how many should have been looked at again already.
	ReviewLate practice.Figure
	// Findings say what needs somebody.
	Findings []practice.Finding
	// Policies are the policies, those whose review is nearest first.
	Policies practice.Table[PolicyRow]
	// Editions are the versions of these policies that were in force, the newest first.
	Editions practice.Table[PolicyEditionRow]
}

// PolicyRow is one policy.
type PolicyRow struct {
	// Policy is the policy.
	Policy practice.Link
	// Type says what sort of rule it is.
	Type model.PolicyType
	// State says where this version stands.
	State model.PolicyState
	// Edition is the version in force, or the one in work.
	Edition string
	// ApprovedBy is who put it in force.
	ApprovedBy practice.Link
	// Approved is the day of that.
	Approved model.Date
	// InForce is the first day on which it holds.
	InForce model.Date
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy model.Date
	// DaysLeft is how many days are left until then, below zero where it is late.
	DaysLeft string
	// Requirements is how many requirements it answers.
	Requirements int
	// Confirmed is the share of its audience that has confirmed this version, in percent. Unset where nobody is asked.
	Confirmed string
	// Owner is who answers for it.
	Owner practice.Link
}

// PolicyEditionRow is one version of a policy that was in force.
type PolicyEditionRow struct {
	// Policy is the policy.
	Policy practice.Link
	// Edition is the version.
	Edition string
	// WrittenBy is who wrote it.
	WrittenBy practice.Link
	// ApprovedBy is who put it in force.
	ApprovedBy practice.Link
	// Approved is the day of that.
	Approved model.Date
	// InForce is the first day on which it held.
	InForce model.Date
	// Change says what was new.
	Change string
}

// Policies lists the policies, standards and procedures of the company: which hold, in which version, who approved each, and when they are to
// be looked at again.
func Policies(v estate.View, in PoliciesIn) (PoliciesOut, error) {
	var out PoliciesOut
	var inForce, waiting, due, late []practice.Link
	soon := v.At().AddDays(cmp.Or(in.Within, 60))
	for p := range estate.Each[*model.Policy](v) {
		if in.Type != "" && p.Type != in.Type || p.State == "retired" && !in.Retired {
			continue
		}
		link := practice.To(p)
		row := PolicyRow{Policy: link, Type: p.Type, State: p.State, Edition: p.Edition, ApprovedBy: practice.To(v.Get(p.ApprovedBy)), Approved: p.Approved, InForce: p.InForce, ReviewBy: p.ReviewBy, Requirements: len(p.Requirements), Owner: practice.OwnerOf(v, p)}
		if !p.ReviewBy.IsZero() {
			row.DaysLeft = fmt.Sprint(int(p.ReviewBy - v.At()))
		}
		if asked, confirmed := confirmedOf(v, p); asked > 0 {
			row.Confirmed = fmt.Sprintf("%g", practice.Share(confirmed, asked))
		}
		switch {
		case holds(p, v.At()):
			inForce = append(inForce, link)
			switch {
			case p.ReviewBy.IsZero():
			case p.ReviewBy < v.At():
				late = append(late, link)
			case p.ReviewBy <= soon:
				due = append(due, link)
			}
		case p.State == "review":
			waiting = append(waiting, link)
		}
		out.Findings = append(out.Findings, policyFindings(v, p, soon)...)
		out.Policies.Rows = append(out.Policies.Rows, row)
		for _, e := range slices.Backward(p.Editions) {
			out.Editions.Rows = append(out.Editions.Rows, PolicyEditionRow{Policy: link, Edition: e.Edition, WrittenBy: practice.To(v.Get(e.WrittenBy)), ApprovedBy: practice.To(v.Get(e.ApprovedBy)), Approved: e.Approved, InForce: e.InForce, Change: e.Change})
		}
	}
	slices.SortStableFunc(out.Policies.Rows, func(a, b PolicyRow) int {
		return cmp.Or(boolOrder(!a.ReviewBy.IsZero(), !b.ReviewBy.IsZero()), cmp.Compare(a.ReviewBy, b.ReviewBy), cmp.Compare(a.Policy.Key, b.Policy.Key))
	})
	heaviestFirst(out.Findings)
	out.InForce = practice.Counted("policies", practice.Neither, inForce)
	out.Waiting = practice.Counted("policies", practice.Lower, waiting)
	out.ReviewDue = practice.Counted("policies", practice.Lower, due)
	out.ReviewLate = practice.Counted("policies", practice.Lower, late)
	return out, nil
}

// holds reports whether a policy is in force on a day.
func holds(p *model.Policy, at model.Date) bool { return p.State == "in_force" && p.InForce <= at }

// policyFindings say what is wrong with a policy, and what is to be done about it by a day.
func policyFindings(v estate.View, p *model.Policy, soon model.Date) []practice.Finding {
	var out []practice.Finding
	link := practice.To(p)
	add := func(s practice.Severity, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, p)})
	}
	if p.State == "review" {
		add(practice.Medium, "%s waits for approval.", p.Title())
		out[len(out)-1].Mend = &practice.Mend{Action: "security.approve_policy", Parameters: map[string]string{"policy": p.Key}}
	}
	if !holds(p, v.At()) {
		return out
	}
	switch {
	case p.ReviewBy.IsZero():
		add(practice.Low, "Nobody says when %s is to be looked at again.", p.Title())
	case p.ReviewBy < v.At():
		add(practice.High, "%s was to be looked at again by %s.", p.Title(), p.ReviewBy)
	case p.ReviewBy <= soon:
		add(practice.Medium, "%s is to be looked at again by %s.", p.Title(), p.ReviewBy)
	}
	switch {
	case p.ApprovedBy.IsZero():
		add(practice.High, "%s is in force, and nobody has approved it.", p.Title())
	case p.ApprovedBy == p.WrittenBy:
		add(practice.High, "%s was approved by the person that wrote it.", p.Title())
	}
	if p.Text == "" && p.Link == "" {
		add(practice.Medium, "%s is in force, and neither its text nor where it is can be found.", p.Title())
	}
	return out
}

// PoliciesReviewed checks that every policy in force was approved by somebody other than its writer and that no review is late.
func PoliciesReviewed(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	for p := range estate.Each[*model.Policy](v) {
		if !holds(p, v.At()) {
			continue
		}
		out.Checked = append(out.Checked, practice.To(p))
		for _, f := range policyFindings(v, p, v.At()) {
			if f.Severity.Weight() >= practice.High.Weight() {
				out.Findings = append(out.Findings, f)
			}
		}
	}
	heaviestFirst(out.Findings)
	switch all := practice.Count(len(out.Checked), "policy", "policies"); {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No policy is in force, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("The review or the approval is missing for %d of %s in force.", countAbout(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Each of %s in force was approved, and no review is late.", all)
	}
	return out, nil
}

// ApprovePolicyIn says which policy is put in force.
type ApprovePolicyIn struct {
	// Policy is the policy.
	Policy model.Ref `to:"Policy" is:"required"`
	// By is the person that approves it. It is never the person that wrote it.
	By model.Ref `to:"Person" is:"asker"`
	// Edition is the version. Unset means the one that the policy has.
	Edition string
	// InForce is the first day on which it holds. Unset means today.
	InForce model.Date
	// ReviewBy is the day by which it is to be looked at again. Unset means a year after its first day.
	ReviewBy model.Date
	// Change says what is new.
	Change string
}

// ApprovePolicy proposes to put a version of a policy in force. Who approves it must not be who wrote it.
func ApprovePolicy(v estate.View, in ApprovePolicyIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Policy](v, in.Policy)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "policy", Text: "there is no such policy"}
	}
	edition := strings.TrimSpace(cmp.Or(in.Edition, before.Edition))
	writer := before.WrittenBy
	if _, person := v.Get(before.Owner).(*model.Person); writer.IsZero() && person {
		writer = before.Owner
	}
	newest := len(before.Editions) - 1
	switch {
	case edition == "":
		return practice.Proposal{}, model.Problem{Field: "edition", Text: "say which version is approved, such as 1.0"}
	case before.State == "draft" || before.State == "":
		return practice.Proposal{}, model.Problem{Field: "policy", Text: before.Title() + " is a draft: send it for review first"}
	case before.State == "retired":
		return practice.Proposal{}, model.Problem{Field: "policy", Text: before.Title() + " is retired: make it a draft first"}
	case slices.ContainsFunc(before.Editions, func(e model.PolicyEdition) bool { return strings.EqualFold(e.Edition, edition) }),
		before.State == "in_force" && strings.EqualFold(edition, before.Edition):
		return practice.Proposal{}, model.Problem{Field: "edition", Text: fmt.Sprintf("version %s was put in force already: give this one another name", edition)}
	case in.By == writer:
		return practice.Proposal{}, model.Problem{Field: "by", Text: "the person that wrote it cannot approve it: ask somebody else"}
	case practice.HasLeft(v.Get(in.By), v.At()):
		return practice.Proposal{}, model.Problem{Field: "by", Text: "this person no longer works here"}
	}
	after := model.Clone(before)
	after.State, after.Edition, after.ApprovedBy, after.Approved = "in_force", edition, in.By, v.At()
	after.InForce = cmp.Or(in.InForce, v.At())
	after.ReviewBy = cmp.Or(in.ReviewBy, after.InForce.AddMonths(12))
	if after.ReviewBy <= after.InForce {
		return practice.Proposal{}, model.Problem{Field: "review_by", Text: fmt.Sprintf("%s is not after its first day, %s", after.ReviewBy, after.InForce)}
	}
	if newest >= 0 && after.InForce < before.Editions[newest].InForce {
		return practice.Proposal{}, model.Problem{Field: "in_force", Text: fmt.Sprintf("the version before, %s, holds from %s: this one cannot begin earlier", before.Editions[newest].Edition, before.Editions[newest].InForce)}
	}
	after.Editions = append(slices.Clone(before.Editions), model.PolicyEdition{Edition: edition, WrittenBy: before.WrittenBy, ApprovedBy: in.By, Approved: v.At(), InForce: after.InForce, Change: in.Change, TextHash: hashOf(before.Text)})
	out := changeOf(v, before, after, fmt.Sprintf("Put version %s of %s in force from %s", edition, before.Title(), after.InForce))
	add := func(s practice.Severity, text string) {
		out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: text, About: practice.To(before)})
	}
	if writer.IsZero() {
		add(practice.Medium, "Nobody says who wrote it, so nobody can tell that it is not the same person.")
	}
	if n := len(staffOf(v).audience(before.Audience)); before.Attest {
		add(practice.Info, fmt.Sprintf("%s must confirm it within %s.", practice.Count(n, "person", "people"), attestWithin(before)))
	}
	return out, nil
}

// attestWithin returns how long people have to confirm a policy.
func attestWithin(p *model.Policy) model.Duration {
	return cmp.Or(p.AttestWithin, model.Duration(30*24*time.Hour))
}
