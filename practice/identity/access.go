package identity

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AccessIn says whose access to what is listed. Several limits narrow the list together.
type AccessIn struct {
	// Person limits the list to the accounts of a person.
	Person model.Ref `to:"Person"`
	// System limits the list to what counts in a system.
	System model.Ref `to:"Application,Service,Host,CloudAccount"`
	// Entitlement limits the list to those who have an entitlement, directly or through a group or a role.
	Entitlement model.Ref `to:"Entitlement"`
	// Direct leaves out what comes with something else.
	Direct bool
	// Limit is how many rows there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// AccessOut is who has what.
type AccessOut struct {
	// People are the people that can do something of it.
	People practice.Figure
	// Accounts are the accounts that let in and have something of it.
	Accounts practice.Figure
	// Privileged are the rows that let do more than work with a system.
	Privileged practice.Figure
	// Table lists each entitlement of each account, with how it comes to that.
	Table practice.Table[Held]
}

// Held is an entitlement that an account has in effect.
type Held struct {
	// Person is who the account belongs to. Empty where that is nobody.
	Person practice.Link
	// Account is who has it.
	Account practice.Link
	// System is where it counts.
	System practice.Link
	// Entitlement is what the account can do.
	Entitlement practice.Link
	// Privileged says that it lets do more than work with the system.
	Privileged bool
	// Granted is the day on which the grant that it comes from was given.
	Granted model.Date
	// Until is the last day on which that grant holds.
	Until model.Date
	// LastUsed is the day on which that grant was used last, or the account signed in last.
	LastUsed model.Date
	// Path is the chain from who has it to it.
	Path practice.Path
	// From are the account, the grant and the entitlement.
	From []practice.Link
}

// Access lists who has what in effect: by person, by system, by entitlement, through groups and roles, each with its chain. Accounts
// that do not let in have nothing in effect, and grants that no source sees any more count as gone.
func Access(v estate.View, in AccessIn) (AccessOut, error) {
	b := bookOf(v)
	subjects := b.subjects
	if !in.Person.IsZero() {
		subjects = nil
		if s := b.ofSubject[in.Person]; s != nil {
			subjects = []*subject{s}
		}
	}
	people, accounts, rows, privileged := map[model.Ref]practice.Link{}, map[model.Ref]practice.Link{}, 0, 0
	var out AccessOut
	limit := cmp.Or(in.Limit, most)
	for _, s := range subjects {
		for _, h := range b.effective(s) {
			if !in.wants(h) {
				continue
			}
			rows++
			accounts[h.holding.account.Ref()] = practice.To(h.holding.account)
			if s.person != nil {
				people[s.person.Ref()] = practice.To(s.person)
			}
			if h.entitlement.Privileged {
				privileged++
			}
			if rows <= limit {
				out.Table.Rows = append(out.Table.Rows, b.held(v, h))
			}
		}
	}
	if rows > limit {
		out.Table.Note = fmt.Sprintf("%d of %d are shown; raise the limit or ask about one person, system or entitlement.", limit, rows)
	}
	if b.goneGrants > 0 {
		out.Table.Note = sentences(out.Table.Note, practice.Count(b.goneGrants, "grant is", "grants are")+" left out, because no source sees them any more.")
	}
	out.People = practice.Counted("people", practice.Neither, sorted(people))
	out.Accounts = practice.Counted("accounts", practice.Neither, sorted(accounts))
	out.Privileged = practice.Figure{Value: float64(privileged), Unit: "privileges", Better: practice.Lower}
	return out, nil
}

// wants reports whether something that is held is within the limits.
func (in *AccessIn) wants(h holds) bool {
	return (in.System.IsZero() || h.entitlement.System == in.System || h.holding.account.System == in.System) &&
		(in.Entitlement.IsZero() || h.entitlement.Ref() == in.Entitlement) && (!in.Direct || h.at == 0)
}

// held returns a row about something that is held.
func (b *book) held(v estate.View, h holds) Held {
	return Held{
		Person: linkTo(h.holding.person), Account: practice.To(h.holding.account), System: link(v, h.entitlement.System), Entitlement: practice.To(h.entitlement),
		Privileged: h.entitlement.Privileged, Granted: h.grant.Granted, Until: h.grant.Until, LastUsed: lastUsed(h.grant, h.holding.account).Date(), Path: b.chain(h),
		From: []practice.Link{practice.To(h.holding.account), practice.To(h.grant), practice.To(h.entitlement)},
	}
}

// sorted returns links by key.
func sorted(links map[model.Ref]practice.Link) []practice.Link {
	out := make([]practice.Link, 0, len(links))
	for _, l := range links {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b practice.Link) int { return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Kind, b.Kind)) })
	return out
}

// EffectiveIn says whose permissions are asked for.
type EffectiveIn struct {
	// Person is who.
	Person model.Ref `to:"Person" is:"required"`
}

// EffectiveOut is everything that a person can do.
type EffectiveOut struct {
	// Entitlements are what the person can do, in all systems.
	Entitlements practice.Figure
	// Systems are the systems that the person gets into.
	Systems practice.Figure
	// Accounts are the accounts that let the person in.
	Accounts practice.Figure
	// Findings are the rules about duties that the person breaks, and accounts that let in somebody who has left.
	Findings []practice.Finding
	// Table lists each entitlement with its chain.
	Table practice.Table[Held]
}

// Effective gathers everything that a person can do over all connected systems: through every account that lets in, through groups, roles
// and what these bring, what was lent and what was taken in an emergency.
func Effective(v estate.View, in EffectiveIn) (EffectiveOut, error) {
	p, ok := estate.Look[*model.Person](v, in.Person)
	if !ok {
		return EffectiveOut{}, problem("person", "there is no such person")
	}
	b := bookOf(v)
	entitlements, systems, accounts := map[model.Ref]practice.Link{}, map[model.Ref]practice.Link{}, map[model.Ref]practice.Link{}
	var out EffectiveOut
	if s := b.ofSubject[p.Ref()]; s != nil {
		for _, h := range b.effective(s) {
			out.Table.Rows = append(out.Table.Rows, b.held(v, h))
			entitlements[h.entitlement.Ref()] = practice.To(h.entitlement)
			systems[h.entitlement.System] = link(v, h.entitlement.System)
		}
		for _, h := range s.holdings {
			if !h.live {
				continue
			}
			accounts[h.account.Ref()] = practice.To(h.account)
			if !works(p, v.At()) {
				out.Findings = append(out.Findings, leaverFinding(v, h))
			}
		}
		for _, x := range b.violationsOf(rulesOf(v, b), s) {
			out.Findings = append(out.Findings, x.finding(v, b))
		}
	}
	practice.WorstFirst(out.Findings)
	out.Entitlements = practice.Counted("entitlements", practice.Neither, sorted(entitlements))
	out.Systems = practice.Counted("systems", practice.Neither, sorted(systems))
	out.Accounts = practice.Counted("accounts", practice.Neither, sorted(accounts))
	return out, nil
}
