package identity

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PrivilegedIn limits the privileged access that is listed.
type PrivilegedIn struct {
	// System limits the list to the accounts of a system.
	System model.Ref `to:"Application,Service,Host,CloudAccount"`
	// Limit is how many rows and findings there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// PrivilegedOut is who may do more than work with systems.
type PrivilegedOut struct {
	// Accounts are the accounts that let in and may do more than work with their system.
	Accounts practice.Figure
	// People are the people that these belong to.
	People practice.Figure
	// WithoutSecondFactor are those of the accounts that sign in without a second factor, or of which nobody knows.
	WithoutSecondFactor practice.Figure
	// NeverReviewed are those of the accounts of which no privilege was ever decided about in an access review.
	NeverReviewed practice.Figure
	// Findings say what is wrong.
	Findings []practice.Finding
	// Table lists the accounts.
	Table practice.Table[Privilege]
}

// Privilege is an account that may do more than work with its system.
type Privilege struct {
	// Account is the account.
	Account practice.Link
	// System is where it signs in.
	System practice.Link
	// Person is who it belongs to.
	Person practice.Link
	// Why says what makes it privileged: the entitlement that brings it, or the account itself.
	Why practice.Path
	// Reason says why it was given.
	Reason string
	// ApprovedBy is who allowed it.
	ApprovedBy practice.Link
	// SecondFactor says whether signing in needs a second factor.
	SecondFactor model.Judgement
	// LastUsed is the day on which the privilege was used last, or the account signed in last.
	LastUsed model.Date
	// Reviewed is the day on which somebody last decided that it may stay.
	Reviewed model.Date
	// Emergency says that the account, or the grant, is for emergencies.
	Emergency bool
	// From are the account and the grant.
	From []practice.Link
}

// Privileged lists every account that lets in and may do more than work with its system: why, whether it needs a second factor, when it was
// used last, and when somebody last decided that it may stay.
func Privileged(v estate.View, in PrivilegedIn) (PrivilegedOut, error) {
	b := bookOf(v)
	reviewed := reviewedOn(v)
	people := map[model.Ref]practice.Link{}
	var out PrivilegedOut
	var all, single, unseen []practice.Link
	for _, h := range b.accounts {
		a := h.account
		if !h.live || !b.privileged(h) || !in.System.IsZero() && a.System != in.System {
			continue
		}
		row := b.privilegeRow(v, h, reviewed)
		out.Table.Rows = append(out.Table.Rows, row)
		all = append(all, row.Account)
		if h.person != nil {
			people[h.person.Ref()] = row.Person
		}
		if row.SecondFactor != "yes" && a.Type != "service" {
			single = append(single, row.Account)
		}
		if row.Reviewed.IsZero() {
			unseen = append(unseen, row.Account)
		}
	}
	cut(&out.Table, in.Limit)
	for i := range out.Table.Rows {
		out.Findings = append(out.Findings, out.Table.Rows[i].findings(v)...)
	}
	practice.WorstFirst(out.Findings)
	out.Accounts = practice.Counted("accounts", practice.Lower, all)
	out.People = practice.Counted("people", practice.Lower, sorted(people))
	out.WithoutSecondFactor = practice.Counted("accounts", practice.Lower, single)
	out.NeverReviewed = practice.Counted("accounts", practice.Lower, unseen)
	return out, nil
}

// privilegeRow returns the row about a privileged account.
func (b *book) privilegeRow(v estate.View, h *holding, reviewed map[model.Ref]model.Date) Privilege {
	a := h.account
	row := Privilege{
		Account: practice.To(a), System: link(v, a.System), Person: linkTo(h.person), SecondFactor: a.SecondFactor, LastUsed: a.LastSignIn.Date(),
		Emergency: a.Type == "emergency", Why: practice.Path{practice.To(a)}, From: []practice.Link{practice.To(a)},
	}
	if g := b.privilege(h); g != nil {
		for _, one := range b.effectiveOf(h) {
			if one.entitlement.Privileged && one.grant == g {
				row.Why = b.chain(one)
				break
			}
		}
		row.Reason, row.ApprovedBy, row.LastUsed = g.Reason, link(v, g.ApprovedBy), lastUsed(g, a).Date()
		row.Emergency = row.Emergency || g.Emergency
		row.From = append(row.From, practice.To(g))
	}
	for i, g := range h.grants {
		if b.brings(h.at[i]) {
			row.Reviewed = max(row.Reviewed, reviewed[g.Ref()])
		}
	}
	return row
}

// findings say what is wrong with a privileged account.
func (p *Privilege) findings(v estate.View) []practice.Finding {
	var out []practice.Finding
	add := func(s practice.Severity, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: p.Account, From: p.From, Owner: ownerOfSystem(v, refOf(p.System))})
	}
	account, _ := estate.Look[*model.UserAccount](v, refOf(p.Account))
	switch {
	case account == nil || account.Type == "service":
	case p.SecondFactor == "no":
		add(practice.High, "%s is privileged in %s and signs in without a second factor: ask for one.", p.Account.Title(), p.System.Title())
	case p.SecondFactor == "":
		add(practice.Medium, "%s is privileged in %s, and nobody knows whether it needs a second factor.", p.Account.Title(), p.System.Title())
	}
	if p.Person.IsZero() && account != nil && !owned(v, account) {
		add(practice.High, "%s is privileged in %s and belongs to nobody.", p.Account.Title(), p.System.Title())
	}
	return out
}

// reviewedOn returns when somebody last decided that a grant may stay, by the grant.
func reviewedOn(v estate.View) map[model.Ref]model.Date {
	return v.Memo("identity.reviewed", func() any {
		out := map[model.Ref]model.Date{}
		for d := range estate.Each[*model.ReviewDecision](v) {
			if d.Decision == model.VerdictKeep && !d.DecidedBy.IsZero() {
				out[d.Grant] = max(out[d.Grant], d.Decided.Date())
			}
		}
		return out
	}).(map[model.Ref]model.Date)
}
