package identity

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// book is who holds what on the day of a view: every account with the grants that count, and what each entitlement brings with it.
//
// A grant counts from the day on which it was given until its last day, as long as a source still sees it. What no source sees any more is
// gone: the system does not have it, whatever the record says. An account lets in as long as it is neither
// disabled nor removed nor past its last day, and a source still sees it.
type book struct {
	day          model.Date
	entitlements []*model.Entitlement
	place        map[model.Ref]int32
	// under has, for an entitlement that somebody was granted, all that comes with it, itself first, the nearest first.
	under [][]reached
	// accounts are by key. Those that are gone are among them.
	accounts  []*holding
	ofAccount map[model.Ref]*holding
	// subjects are the people with accounts and the accounts that belong to nobody, by key.
	subjects  []*subject
	ofSubject map[model.Ref]*subject
	// tells has the systems that tell of some account when it signed in.
	tells map[model.Ref]bool
	// goneGrants counts the grants that no source sees any more.
	goneGrants int
}

// reached is an entitlement that comes with another one, through the one at a place in the same list.
type reached struct{ entitlement, through int32 }

// holding is an account with what it was granted.
type holding struct {
	account *model.UserAccount
	person  *model.Person
	// live says that the account lets in.
	live bool
	// gone says that the account is no longer there.
	gone   bool
	grants []*model.Grant
	// at has the place of the entitlement of each grant.
	at []int32
}

// subject is who answers for what accounts do: a person, or an account that belongs to nobody.
type subject struct {
	person   *model.Person
	holdings []*holding
}

// record returns the person, or the account that belongs to nobody.
func (s *subject) record() model.Record {
	if s.person != nil {
		return s.person
	}
	return s.holdings[0].account
}

// holds is one entitlement that somebody has in effect, and how it comes to that.
type holds struct {
	holding     *holding
	grant       *model.Grant
	entitlement *model.Entitlement
	// at is the place of the entitlement in what comes with the granted one.
	at int
	// start is the place of the entitlement that was granted.
	start int32
}

// bookOf returns the book of a view. It is made once for each snapshot, sight and day.
func bookOf(v estate.View) *book {
	type key struct {
		name string
		day  model.Date
	}
	return v.Memo(key{"identity.book", v.At()}, func() any { return newBook(v) }).(*book)
}

func newBook(v estate.View) *book {
	b := &book{day: v.At(), place: make(map[model.Ref]int32, v.Count("Entitlement")), ofAccount: make(map[model.Ref]*holding, v.Count("UserAccount")), ofSubject: map[model.Ref]*subject{}, tells: map[model.Ref]bool{}}
	for e := range estate.Each[*model.Entitlement](v) {
		b.place[e.Ref()] = int32(len(b.entitlements))
		b.entitlements = append(b.entitlements, e)
	}
	b.under = make([][]reached, len(b.entitlements))
	for a := range estate.Each[*model.UserAccount](v) {
		h := &holding{account: a, live: letsIn(a, b.day), gone: a.State == "removed" || !a.Stale().IsZero()}
		h.person, _ = estate.Look[*model.Person](v, a.Person)
		b.accounts = append(b.accounts, h)
		b.tells[a.System] = b.tells[a.System] || !a.LastSignIn.IsZero()
		b.ofAccount[a.Ref()] = h
	}
	for g := range estate.Each[*model.Grant](v) {
		at, known := b.place[g.Entitlement]
		h := b.ofAccount[g.Account]
		if !g.Stale().IsZero() {
			b.goneGrants++
			continue
		}
		if h == nil || !known || !counts(g, b.day) {
			continue
		}
		h.grants, h.at = append(h.grants, g), append(h.at, at)
		if b.under[at] == nil {
			b.under[at] = b.reach(at)
		}
	}
	b.gather()
	return b
}

// letsIn reports whether somebody can sign in with an account on a day.
func letsIn(a *model.UserAccount, day model.Date) bool {
	return a.State != "disabled" && a.State != "removed" && a.Stale().IsZero() && (a.Expires.IsZero() || a.Expires >= day)
}

// counts reports whether a grant that a source still sees holds on a day.
func counts(g *model.Grant, day model.Date) bool {
	return g.Granted <= day && (g.Until.IsZero() || g.Until >= day)
}

// reach returns what comes with an entitlement, itself first. What includes itself again in a circle is met once.
func (b *book) reach(start int32) []reached {
	out := []reached{{start, -1}}
	seen := map[int32]bool{start: true}
	for i := 0; i < len(out); i++ {
		for _, ref := range b.entitlements[out[i].entitlement].Includes {
			if next, ok := b.place[ref]; ok && !seen[next] && b.entitlements[next].Stale().IsZero() {
				seen[next] = true
				out = append(out, reached{next, int32(i)})
			}
		}
	}
	return out
}

// gather puts the accounts of each person together.
func (b *book) gather() {
	for _, h := range b.accounts {
		ref := h.account.Ref()
		if h.person != nil {
			ref = h.person.Ref()
		}
		s := b.ofSubject[ref]
		if s == nil {
			s = &subject{person: h.person}
			b.ofSubject[ref] = s
			b.subjects = append(b.subjects, s)
		}
		s.holdings = append(s.holdings, h)
	}
	slices.SortStableFunc(b.subjects, func(x, y *subject) int { return cmp.Compare(x.record().Base().Key, y.record().Base().Key) })
}

// effective yields everything that a subject can do, once for each account and entitlement, by the shortest chain to it.
func (b *book) effective(s *subject) []holds {
	var out []holds
	for _, h := range s.holdings {
		if h.live {
			out = append(out, b.effectiveOf(h)...)
		}
	}
	return out
}

// effectiveOf does the same for one account, whether it lets in or not.
func (b *book) effectiveOf(h *holding) []holds {
	var out []holds
	at := map[int32]int{}
	for i, g := range h.grants {
		for j, r := range b.under[h.at[i]] {
			one := holds{h, g, b.entitlements[r.entitlement], j, h.at[i]}
			if n, known := at[r.entitlement]; !known {
				at[r.entitlement] = len(out)
				out = append(out, one)
			} else if b.depth(one) < b.depth(out[n]) {
				out[n] = one
			}
		}
	}
	return out
}

// depth returns how many entitlements stand between what was granted and what comes of it.
func (b *book) depth(h holds) int {
	n := 0
	for i := b.under[h.start][h.at].through; i >= 0; i = b.under[h.start][i].through {
		n++
	}
	return n
}

// chain returns how somebody comes to an entitlement: person, account, what was granted, and what that brings.
func (b *book) chain(h holds) practice.Path {
	var tail practice.Path
	for i := int32(h.at); i >= 0; i = b.under[h.start][i].through {
		tail = append(tail, practice.To(b.entitlements[b.under[h.start][i].entitlement]))
	}
	slices.Reverse(tail)
	var out practice.Path
	if h.holding.person != nil {
		out = append(out, practice.To(h.holding.person))
	}
	out = append(out, practice.To(h.holding.account))
	return append(out, tail...)
}

// privileged reports whether an account may do more than work with its system, by itself or through what it was granted.
func (b *book) privileged(h *holding) bool {
	return h.account.Privileged || b.privilege(h) != nil
}

// privilege returns the first grant of an account that brings a privilege, or nil.
func (b *book) privilege(h *holding) *model.Grant {
	for i, g := range h.grants {
		if b.brings(h.at[i]) {
			return g
		}
	}
	return nil
}

// brings reports whether an entitlement is privileged or brings one that is.
func (b *book) brings(at int32) bool {
	return slices.ContainsFunc(b.under[at], func(r reached) bool { return b.entitlements[r.entitlement].Privileged })
}
