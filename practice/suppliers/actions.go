package suppliers

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// GiveNoticeIn says which contract is given notice.
type GiveNoticeIn struct {
	// Contract is the contract that is to end.
	Contract model.Ref `to:"Contract" is:"required"`
	// On is the day on which the notice reaches the vendor. Unset means today.
	On model.Date
}

// GiveNotice proposes to note that notice is given to a contract, and says with
// which day that ends it. The letter itself is not sent: somebody has to.
func GiveNotice(v estate.View, in GiveNoticeIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Contract](v, in.Contract)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "contract", Text: "there is no such contract"}
	}
	on := cmp.Or(in.On, v.At())
	now := StandingOn(before, on)
	switch {
	case !now.Live():
		return practice.Proposal{}, model.Problem{Field: "contract", Text: before.Title() + " is not in force"}
	case !before.NoticeGiven.IsZero() && !takenBack(before):
		return practice.Proposal{}, model.Problem{Field: "contract", Text: fmt.Sprintf("notice was given to %s on %s already", before.Title(), before.NoticeGiven)}
	}
	after := model.Clone(before)
	after.NoticeGiven = on
	if before.State == "active" {
		after.State = "terminated"
	}
	then := StandingOn(after, on)
	out := proposal(v, before, after, "Give notice to "+before.Title())
	add := func(s practice.Severity, text string, args ...any) {
		out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: practice.To(before)})
	}
	switch {
	case then.Ends.IsZero():
		add(practice.High, "Without a notice period nobody can tell with which day this ends the contract.")
	case !now.Missed.IsZero():
		add(practice.High, "The last day of notice for the running term was %s: the contract ends on %s.", now.Missed, then.Ends)
	default:
		add(practice.Info, "The contract ends on %s.", then.Ends)
	}
	if rest, err := Outstanding(before, on, then.Ends); err == nil && !rest.IsZero() {
		add(practice.Info, "Until then %s are still to be paid.", rest)
	}
	if fall := fallOf(v, in.Contract); len(fall.critical) > 0 {
		add(practice.High, "Something else has to carry this by then: %s.", practice.Some(practice.ToAll(fall.critical)))
	}
	add(practice.Info, "The letter to the vendor is not sent by this: send it so that it is there by %s.", on)
	return out, nil
}

// proposal makes a proposal of one record that changes.
func proposal(v estate.View, before, after model.Record, why string) practice.Proposal {
	out := practice.Proposal{Why: why}
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
	return out
}

// RenewIn says how a contract goes on.
type RenewIn struct {
	// Contract is the contract that goes on.
	Contract model.Ref `to:"Contract" is:"required"`
	// Until is the new last day. Unset means twelve months after the end of the running term.
	Until model.Date
	// AnnualCost is what it costs in a year from the end of the running term on. Unset means as before.
	AnnualCost model.Money
	// NoticeMonths is the new notice period in months. Unset means as before.
	NoticeMonths int `min:"0" max:"60"`
	// Text says what was agreed.
	Text string
}

// Renew proposes an amendment that lets a contract go on until a new last day.
// A notice that was given is taken back by it.
func Renew(v estate.View, in RenewIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Contract](v, in.Contract)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "contract", Text: "there is no such contract"}
	}
	now := StandingOn(before, v.At())
	if now.Stage == Contradictory || now.Stage == Draft {
		return practice.Proposal{}, model.Problem{Field: "contract", Text: fmt.Sprintf("%s is %s: there is no term to prolong", before.Title(), now.Stage)}
	}
	end := cmp.Or(now.Ends, now.Term.Until)
	until := in.Until
	if until.IsZero() {
		if end.IsZero() {
			return practice.Proposal{}, model.Problem{Field: "until", Text: "the contract has no end: say until when it goes on"}
		}
		until = (end + 1).AddMonths(12) - 1
	}
	if until <= end || until <= v.At() {
		return practice.Proposal{}, model.Problem{Field: "until", Text: fmt.Sprintf("%s is not after the end of the running term, %s, and after today", until, end)}
	}
	after := model.Clone(before)
	after.NoticeGiven, after.State = 0, "active"
	a := model.ContractAmendment{On: v.At(), Text: cmp.Or(in.Text, "Renewed until "+until.String()), End: until, NoticeMonths: in.NoticeMonths}
	after.Amendments = append(slices.Clone(before.Amendments), a)
	if !in.AnnualCost.IsZero() {
		price := model.ContractAmendment{On: max(end+1, v.At()), Text: "New price of the renewal", AnnualCost: in.AnnualCost}
		if end.IsZero() {
			price.On = v.At()
		}
		after.Amendments = append(after.Amendments, price)
		if len(pricesOn(before, price.On)) > 0 {
			after.Prices = append(slices.Clone(before.Prices), replaced(before, price)...)
		}
	}
	then := StandingOn(after, v.At())
	out := proposal(v, before, after, fmt.Sprintf("Renew %s until %s", before.Title(), until))
	add := func(text string, args ...any) {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf(text, args...), About: practice.To(before)})
	}
	if !then.NoticeBy.IsZero() {
		add("The next last day of notice is %s.", then.NoticeBy)
	} else if !then.Ends.IsZero() {
		add("The contract then ends by itself on %s.", then.Ends)
	}
	if cost, err := CostOver(after, max(end+1, v.At()), until); err == nil && !cost.IsZero() {
		add("The renewal costs %s.", cost)
	}
	return out, nil
}

// replaced returns price steps that take the place of all that hold on the day of a new price for a year.
func replaced(c *model.Contract, price model.ContractAmendment) []model.PriceStep {
	var out []model.PriceStep
	for i, p := range pricesOn(c, price.On) {
		step := model.PriceStep{From: price.On, Amount: price.AnnualCost, Quantity: 1, Unit: p.Unit, Per: "year"}
		if i > 0 {
			step.Amount = moneyOf(ratOf(price.AnnualCost).SetInt64(0), price.AnnualCost.Currency(), 2)
		}
		out = append(out, step)
	}
	return out
}
