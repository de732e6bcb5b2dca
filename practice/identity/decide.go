package identity

import (
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// mostAtOnce is about how many items somebody may decide at once: a few that belong together, and not all there are.
const mostAtOnce = 20

// openItem returns an item of an open review, or says why there is none.
func openItem(v estate.View, field string, ref model.Ref) (*model.ReviewDecision, *model.AccessReview, error) {
	d, ok := estate.Look[*model.ReviewDecision](v, ref)
	if !ok {
		return nil, nil, problem(field, "there is no such item of an access review")
	}
	r, ok := estate.Look[*model.AccessReview](v, d.Review)
	switch {
	case !ok:
		return nil, nil, problem(field, "there is no access review that %s belongs to", d.Title())
	case r.State != model.ReviewOpen:
		return nil, nil, problem(field, "%s is not open any more, so that nothing about %s can be changed", r.Title(), d.Title())
	}
	return d, r, nil
}

// mayDecide says why somebody may not look at an item to decide about it, or nil.
func mayDecide(v estate.View, d *model.ReviewDecision, by model.Ref) error {
	switch {
	case v.Get(by) == nil:
		return problem("by", "there is no such person")
	case d.Person == by:
		return problem("by", "nobody decides about the own access: %s is about %s", d.Title(), link(v, by).Title())
	case d.Reviewer.IsZero():
		return problem("by", "nobody is to decide about %s yet: reassign it first", d.Title())
	case d.Reviewer != by:
		return problem("by", "%s is to be decided by %s: reassign it first", d.Title(), link(v, d.Reviewer).Title())
	}
	return nil
}

// LookIn says which item is looked at.
type LookIn struct {
	// Item is the item of an access review.
	Item model.Ref `to:"ReviewDecision" is:"required"`
	// By is the person that looks at it.
	By model.Ref `to:"Person" is:"asker"`
}

// Look proposes to note that the reviewer has looked at an item. Only what was looked at can be decided.
func Look(v estate.View, in LookIn) (practice.Proposal, error) {
	before, _, err := openItem(v, "item", in.Item)
	if err == nil {
		err = mayDecide(v, before, in.By)
	}
	if err != nil {
		return practice.Proposal{}, err
	}
	out := practice.Proposal{Why: "Look at " + before.Title()}
	if before.Looked.IsZero() {
		after := model.Clone(before)
		after.Looked = practice.NowOf(v)
		change(v, &out, before, after)
	}
	for _, hint := range hints(v, bookOf(v), bookOf(v).peers(), before) {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(before), Text: fmt.Sprintf("%s of %s: %s.", before.EntitlementName, before.AccountName, hint)})
	}
	return out, nil
}

// DecideIn says what is decided.
type DecideIn struct {
	// Items are the items, at most 20 at once.
	Items []model.Ref `to:"ReviewDecision" is:"required"`
	// By is the person that decides.
	By model.Ref `to:"Person" is:"asker"`
	// Decision is what is decided about all of them.
	Decision model.ReviewVerdict `is:"required"`
	// Reason says why. It is needed for taking away what is used, for keeping what is privileged, not used or a conflict of duties, and for changes.
	Reason string
}

// Decide proposes what somebody decided about one or a few items of an access review. The reviewer must have looked at each, and is never the person that an
// item is about. Taking away what is in use, and keeping what is privileged, not used or a conflict of duties, needs a reason. What is to go must be
// taken away in its system; whether it has gone is seen by the next import.
func Decide(v estate.View, in DecideIn) (practice.Proposal, error) {
	var out practice.Proposal
	if n := len(in.Items); n == 0 || n > mostAtOnce {
		return out, problem("items", "%d items were given: decide about 1 to %d at once", n, mostAtOnce)
	}
	var names []string
	for _, ref := range in.Items {
		before, _, err := openItem(v, "items", ref)
		if err == nil {
			err = mayDecide(v, before, in.By)
		}
		if err == nil {
			err = in.allowed(before)
		}
		if err != nil {
			return practice.Proposal{}, err
		}
		after := model.Clone(before)
		after.Decision, after.Reason, after.Decided, after.DecidedBy = in.Decision, strings.TrimSpace(in.Reason), practice.NowOf(v), in.By
		change(v, &out, before, after)
		names = append(names, fmt.Sprintf("%s of %s", before.EntitlementName, before.AccountName))
		if takesAway(after) {
			out.Findings = append(out.Findings, practice.Finding{
				Severity: practice.Medium, About: practice.To(before), Owner: ownerOfSystem(v, before.System),
				Text: fmt.Sprintf("%s of %s must be taken away in %s.", before.EntitlementName, before.AccountName, link(v, before.System).Title()),
			})
		}
	}
	out.Why = fmt.Sprintf("Access review: %s %s", in.Decision, strings.Join(names, ", "))
	return out, nil
}

// allowed says what is missing for deciding about an item, or nil.
func (in *DecideIn) allowed(d *model.ReviewDecision) error {
	if d.Looked.IsZero() {
		return problem("items", "nobody has looked at %s (%s of %s) yet: open it before you decide", d.Title(), d.EntitlementName, d.AccountName)
	}
	if strings.TrimSpace(in.Reason) != "" {
		return nil
	}
	what := ""
	switch {
	case in.Decision == model.VerdictChange:
		what = "a change needs a reason that says what should be there instead"
	case in.Decision == model.VerdictRevoke && !d.LastUsed.IsZero() && !d.Dormant:
		what = "it is in use: say why it is to go"
	case in.Decision == model.VerdictKeep && len(d.Conflicts) > 0:
		what = "it breaks a rule about duties: say why it may stay"
	case in.Decision == model.VerdictKeep && d.Privileged:
		what = "it is privileged: say why it may stay"
	case in.Decision == model.VerdictKeep && d.Dormant:
		what = "it is not used: say why it may stay"
	default:
		return nil
	}
	return problem("reason", "%s (%s of %s): %s", d.Title(), d.EntitlementName, d.AccountName, what)
}

// ReassignIn says who is to decide instead.
type ReassignIn struct {
	// Items are the items that somebody else is to decide.
	Items []model.Ref `to:"ReviewDecision" is:"required"`
	// To is who is to decide.
	To model.Ref `to:"Person" is:"required"`
	// Reason says why.
	Reason string `is:"required"`
}

// Reassign proposes to give items of an access review to somebody else to decide. From whom, to whom, when and why stays with the item, and the new reviewer
// has to look at it anew.
func Reassign(v estate.View, in ReassignIn) (practice.Proposal, error) {
	to, ok := estate.Look[*model.Person](v, in.To)
	switch {
	case !ok || !works(to, v.At()):
		return practice.Proposal{}, problem("to", "there is no such person who works here")
	case strings.TrimSpace(in.Reason) == "":
		return practice.Proposal{}, problem("reason", "say why somebody else is to decide")
	}
	out := practice.Proposal{Why: fmt.Sprintf("Give %s of an access review to %s: %s", practice.Count(len(in.Items), "item", "items"), to.Title(), in.Reason)}
	for _, ref := range in.Items {
		before, _, err := openItem(v, "items", ref)
		switch {
		case err != nil:
			return practice.Proposal{}, err
		case before.Person == in.To:
			return practice.Proposal{}, problem("to", "nobody decides about the own access: %s is about %s", before.Title(), to.Title())
		case before.Reviewer == in.To:
			continue
		}
		after := model.Clone(before)
		after.Reviewer, after.Looked = in.To, 0
		after.Decision, after.Reason, after.Decided, after.DecidedBy = "", "", 0, model.Ref{}
		after.Moves = append(append([]model.ReviewMove{}, before.Moves...), model.ReviewMove{From: before.Reviewer, To: in.To, On: practice.NowOf(v), Reason: strings.TrimSpace(in.Reason)})
		change(v, &out, before, after)
	}
	return out, nil
}

// CloseReviewIn says which access review is closed.
type CloseReviewIn struct {
	// Review is the review.
	Review model.Ref `to:"AccessReview" is:"required"`
	// Early closes it although its last day is not over and something is not decided.
	Early bool
}

// CloseReview proposes to close an access review. What nobody decided about is to be taken away, unless the review says that it stays.
func CloseReview(v estate.View, in CloseReviewIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.AccessReview](v, in.Review)
	switch {
	case !ok:
		return practice.Proposal{}, problem("review", "there is no such access review")
	case before.State != model.ReviewOpen:
		return practice.Proposal{}, problem("review", "%s is not open", before.Title())
	}
	var out practice.Proposal
	left := 0
	for _, d := range itemsOf(v)[before.Ref()] {
		if !undecided(d) {
			continue
		}
		left++
		if before.Undecided == model.UndecidedKeep {
			continue
		}
		after := model.Clone(d)
		after.Decision, after.Reason, after.Decided, after.DecidedBy = model.VerdictRevoke, "Nobody decided about it in time.", practice.NowOf(v), model.Ref{}
		change(v, &out, d, after)
	}
	if left > 0 && !in.Early && !before.Due.IsZero() && v.At() <= before.Due {
		return practice.Proposal{}, problem("early", "%s are not decided, and there is time until %s: say that it is closed early", practice.Count(left, "item", "items"), before.Due)
	}
	after := model.Clone(before)
	after.State, after.Closed = model.ReviewClosed, v.At()
	change(v, &out, before, after)
	out.Why = "Close " + before.Title()
	text := "Everything was decided."
	switch {
	case left > 0 && before.Undecided == model.UndecidedKeep:
		text = fmt.Sprintf("Nobody decided about %s; the review lets them stay.", practice.Count(left, "item", "items"))
	case left > 0:
		text = fmt.Sprintf("Nobody decided about %s; they are to be taken away.", practice.Count(left, "item", "items"))
	}
	out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(before), Text: text})
	return out, nil
}

// VerifyRevocationsIn limits what is checked.
type VerifyRevocationsIn struct {
	// Review limits the check to one access review.
	Review model.Ref `to:"AccessReview"`
}

// VerifyRevocations proposes to write down the evidence for what access reviews decided to take away and what has gone since: when, and which source no longer has it. It
// says what is still there.
func VerifyRevocations(v estate.View, in VerifyRevocationsIn) (practice.Proposal, error) {
	found, err := Revocations(v, RevocationsIn{Review: in.Review, All: true, Limit: 1_000_000})
	if err != nil {
		return practice.Proposal{}, err
	}
	out := practice.Proposal{Why: "Verify that what was to be taken away has gone", Findings: found.Findings}
	for _, row := range found.Table.Rows {
		before, ok := estate.Look[*model.ReviewDecision](v, refOf(row.Item))
		if !ok || row.Gone.IsZero() || !before.Verified.IsZero() {
			continue
		}
		_, gone, by := stillThere(v, before)
		after := model.Clone(before)
		after.Gone, after.GoneBy, after.Verified = gone, by, v.At()
		change(v, &out, before, after)
	}
	out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("%d have gone, %d are still there.", int(found.Gone.Value), int(found.StillThere.Value))})
	return out, nil
}

// AssignAccountIn says whose an account is.
type AssignAccountIn struct {
	// Account is the account.
	Account model.Ref `to:"UserAccount" is:"required"`
	// Person is who it belongs to.
	Person model.Ref `to:"Person" is:"required"`
}

// AssignAccount proposes to say whose an account is.
func AssignAccount(v estate.View, in AssignAccountIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.UserAccount](v, in.Account)
	if !ok {
		return practice.Proposal{}, problem("account", "there is no such account")
	}
	p, ok := estate.Look[*model.Person](v, in.Person)
	if !ok {
		return practice.Proposal{}, problem("person", "there is no such person")
	}
	after := model.Clone(before)
	after.Person = in.Person
	out := practice.Proposal{Why: fmt.Sprintf("%s belongs to %s", before.Title(), p.Title())}
	change(v, &out, before, after)
	if !works(p, v.At()) {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: practice.To(before), Text: fmt.Sprintf("%s no longer works here: disable the account in %s.", p.Title(), link(v, before.System).Title())})
	}
	return out, nil
}
