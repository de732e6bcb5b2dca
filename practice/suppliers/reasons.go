package suppliers

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// use is how much of what was bought is used.
type use struct {
	bought   float64
	assigned int
	used     int
	measured bool
	people   int
	from     []practice.Link
}

// String writes the use of licences for a table, and nothing where there are none.
func (u use) String() string {
	switch {
	case u.bought == 0:
		return ""
	case u.measured:
		return fmt.Sprintf("%g bought, %d given out, %d used", u.bought, u.assigned, u.used)
	}
	return fmt.Sprintf("%g bought, %d given out, use not measured", u.bought, u.assigned)
}

// useOf counts the licences of a contract and the people that use them: every
// person that usage names once in the last three full months, or the largest count of a month where usage names no persons.
func (d *desk) useOf(c *model.Contract) use {
	var u use
	licences := held[*model.Licence](d.view, c.Ref(), "contract")
	for _, ref := range c.Covers {
		switch rec := d.view.Get(ref).(type) {
		case *model.Application:
			u.people += rec.Users
		case *model.Licence:
			if !slices.ContainsFunc(licences, func(l *model.Licence) bool { return l.ID == rec.ID }) {
				licences = append(licences, rec)
			}
		}
	}
	for _, l := range licences {
		u.bought += l.Quantity
		u.assigned += len(l.AssignedTo)
		u.from = append(u.from, practice.To(l))
		used, measured := d.used(l.Ref())
		for _, app := range l.Applications {
			if measured {
				break
			}
			used, measured = d.used(app)
		}
		u.used += used
		u.measured = u.measured || measured
	}
	return u
}

// used counts who used a subject in the last three full months. It reports false where nothing was measured then.
func (d *desk) used(subject model.Ref) (int, bool) {
	first := costs.FirstDay(d.view.At())
	users, most, measured := map[model.Ref]bool{}, 0, false
	monthly := map[model.Date]facts.Sum{}
	for _, u := range d.uses.Of(subject) {
		if u.Month < first.AddMonths(-3) || u.Month >= first {
			continue
		}
		switch metric := strings.ToLower(u.Metric); {
		case d.isPerson(u.User):
			measured = true
			if u.Quantity.Sign() > 0 {
				users[u.User] = true
			}
		case metric == "users" || metric == "licences" || metric == "concurrent":
			measured = true
			sum := monthly[u.Month]
			sum.AddSum(u.Quantity)
			monthly[u.Month] = sum
			most = max(most, int(sum.Float()+0.5))
		}
	}
	return max(len(users), most), measured
}

// isPerson reports whether a ref leads to a person. Applications use things too, and need no licence of a person.
func (d *desk) isPerson(ref model.Ref) bool {
	_, ok := d.view.Get(ref).(*model.Person)
	return ok
}

// ending is the first day on which the support of something ends, with what that is.
type ending struct {
	on   model.Date
	what string
}

func (e *ending) meet(day model.Date, what string) {
	if !day.IsZero() && (e.on.IsZero() || day < e.on) {
		*e = ending{day, what}
	}
}

// supportEnd returns the first end of support of all that a contract covers, or
// the day on which that is to be retired. Theirs is the same for what the vendor itself makes or runs: what others make is no matter of the contract.
func (d *desk) supportEnd(c *model.Contract) (all, theirs ending) {
	meet := func(s practice.Standing, by model.Ref) {
		if s.Technology == nil {
			return
		}
		all.meet(s.Ends(), "support of "+s.Title())
		if by == c.Vendor || s.Technology.Vendor == c.Vendor {
			theirs.meet(s.Ends(), "support of "+s.Title())
		}
	}
	uses := func(list []model.TechnologyUse, by model.Ref) {
		for _, u := range list {
			meet(d.made.Use(u), by)
		}
	}
	for _, ref := range c.Covers {
		rec := d.view.Get(ref)
		if rec == nil || practice.Gone(rec, d.view.At()) {
			continue
		}
		if l, ok := rec.(interface{ Phases() model.Lifecycle }); ok {
			all.meet(l.Phases().EndOfLife, "the life of "+rec.Base().Title())
			theirs.meet(l.Phases().EndOfLife, "the life of "+rec.Base().Title())
		}
		switch rec := rec.(type) {
		case *model.Application:
			uses(rec.BuiltWith, rec.Vendor)
		case *model.CloudResource:
			uses(rec.Runs, model.Ref{})
		case *model.Host:
			uses(rec.Runs, model.Ref{})
			meet(d.made.Host(rec), model.Ref{})
		case *model.NetworkDevice:
			meet(d.made.Device(rec), model.Ref{})
		}
	}
	return all, theirs
}

// alternatives returns applications that carry the same capabilities as those of
// the vendor that a contract covers, and vendors that provide the same.
func (d *desk) alternatives(c *model.Contract) (same, vendors []practice.Link) {
	for _, ref := range c.Covers {
		app, ok := estate.Look[*model.Application](d.view, ref)
		if !ok || app.Vendor != c.Vendor || practice.Gone(app, d.view.At()) {
			continue
		}
		for _, capability := range app.Capabilities {
			for _, other := range held[*model.Application](d.view, capability, "capabilities") {
				link := practice.To(other)
				if !slices.Contains(c.Covers, other.Ref()) && !practice.Gone(other, d.view.At()) && !slices.Contains(same, link) {
					same = append(same, link)
				}
			}
		}
	}
	if vendor, ok := estate.Look[*model.Vendor](d.view, c.Vendor); ok {
		for _, a := range alternativesTo(d.view, vendor) {
			vendors = append(vendors, a.Record)
		}
	}
	return same, vendors
}

// reasons finds what speaks for which proposal.
type reasons struct {
	*desk
	contract *model.Contract
	standing Standing
	row      *Renewal
	use      use
	paid     *paid
	theirs   ending
	same     []practice.Link
	others   []practice.Link
	text     []string
	proposal Proposed
}

// speak adds a reason. The proposal that changes most wins.
func (r *reasons) speak(what Proposed, text string, args ...any) {
	r.text = append(r.text, fmt.Sprintf(text, args...))
	if r.proposal == "" || model.Rank(what) > model.Rank(r.proposal) {
		r.proposal = what
	}
}

// propose says what to do. What nothing needs is ended; what is out of support,
// does badly or is carried twice is replaced where something could take its place; what is too large or too dear is renegotiated. Where leaving costs more than a year, replacing gives way to renegotiating.
func (r *reasons) propose() Proposed {
	r.need()
	r.usage()
	r.money()
	r.support()
	r.quality()
	if r.proposal == "" || r.proposal == ProposeRenew {
		r.keep()
	}
	if r.proposal == ProposeReplace {
		r.leaving()
	}
	return r.proposal
}

// need looks at whether anything that the contract covers is still there, and whether something else does the same.
func (r *reasons) need() {
	covered, gone := 0, 0
	for _, ref := range r.contract.Covers {
		if rec := r.view.Get(ref); rec != nil {
			covered++
			gone += b2i(practice.Gone(rec, r.view.At()))
		}
	}
	switch {
	case covered > 0 && gone == covered:
		r.speak(ProposeEnd, "Everything that it covers is past the end of its life.")
	case covered == 0 && r.use.bought == 0:
		r.text = append(r.text, "Nothing says what it covers.")
	}
	if len(r.same) == 0 {
		return
	}
	if cost, ok := r.cheapest(); ok && more(r.books.convert(r.row.Annual), cost) {
		r.speak(ProposeReplace, "%s carries the same capabilities and costs less, %s a year.", practice.Some(r.same), cost)
	} else {
		r.speak(ProposeRenegotiate, "The same capabilities are carried by %s too: one of them is enough.", practice.Some(r.same))
	}
}

// cheapest returns what the contracts of the cheapest application that carries the same capabilities cost in a year, or false where nobody knows.
func (r *reasons) cheapest() (model.Money, bool) {
	var best model.Money
	for _, l := range r.same {
		var amounts []model.Money
		for _, c := range held[*model.Contract](r.view, model.Ref(l.ID), "covers") {
			if StandingOn(c, r.view.At()).Live() {
				if cost, err := CostOn(c, r.view.At()); err == nil {
					amounts = append(amounts, cost)
				}
			}
		}
		if sum := r.books.sum(amounts, practice.Neither, nil).Money; !sum.IsZero() && (best.IsZero() || more(best, sum)) {
			best = sum
		}
	}
	return best, !best.IsZero()
}

// usage looks at how much of what was bought is used.
func (r *reasons) usage() {
	u := r.use
	if u.bought == 0 {
		return
	}
	share := float64(u.used) / u.bought
	switch {
	case u.measured && u.used == 0:
		r.speak(ProposeEnd, "Nobody used any of the %g licences in the last three full months.", u.bought)
	case u.measured && share < 0.8:
		r.speak(ProposeRenegotiate, "Only %d of %g licences were used in the last three full months: buy fewer.", u.used, u.bought)
	case u.measured:
		r.speak(ProposeRenew, "%d of %g licences were used in the last three full months.", u.used, u.bought)
	case u.assigned > 0 && float64(u.assigned) < 0.8*u.bought:
		r.speak(ProposeRenegotiate, "Only %d of %g licences are given out: buy fewer.", u.assigned, u.bought)
	}
}

// money compares what the bills show with what was agreed.
func (r *reasons) money() {
	if r.paid == nil {
		return
	}
	spent, annual := r.books.convert(r.row.Spent), r.books.convert(r.row.Annual)
	if !annual.IsZero() && annual.Sign() > 0 && !spent.IsZero() && spent.Currency() == annual.Currency() {
		if percent := 100 * spent.Float() / annual.Float(); percent > 110 {
			r.speak(ProposeRenegotiate, "The bills of the last twelve months show %s, %.0f %% of the %s that was agreed.", spent, percent, annual)
		}
	}
	committed := r.books.convert(r.contract.Committed)
	if !committed.IsZero() && spent.Currency() == committed.Currency() && spent.Float() < 0.9*committed.Float() {
		r.speak(ProposeRenegotiate, "At least %s a year must be bought, but the bills of the last twelve months show %s: commit to less.", committed, spent)
	}
	if trend, ok := r.paid.trend(); ok && trend >= 20 {
		r.text = append(r.text, fmt.Sprintf("The money rose by %g %% against the twelve months before.", trend))
	}
}

// support looks at whether the vendor's own support ends before the next term does.
func (r *reasons) support() {
	day := r.theirs.on
	if day.IsZero() {
		return
	}
	next := r.standing.Exit
	if r.standing.Terms.AutoRenew > 0 && !next.IsZero() {
		next = next.AddMonths(r.standing.Terms.AutoRenew)
	}
	switch {
	case day < r.view.At():
		what := ProposeRenegotiate
		if len(r.same)+len(r.others) > 0 {
			what = ProposeReplace
		}
		r.speak(what, "%s ended on %s.", upper(r.theirs.what), day)
	case next.IsZero() || day > next:
	case len(r.same)+len(r.others) > 0:
		r.speak(ProposeReplace, "%s ends on %s, before the next term does, and there is %s.", upper(r.theirs.what), day, practice.Some(append(slices.Clone(r.same), r.others...)))
	default:
		r.speak(ProposeRenegotiate, "%s ends on %s, before the next term does: agree on an upgrade or a shorter term.", upper(r.theirs.what), day)
	}
}

// quality looks at how well the vendor does and what it can prove.
func (r *reasons) quality() {
	vendor, ok := estate.Look[*model.Vendor](r.view, r.contract.Vendor)
	if !ok {
		return
	}
	if s := scoreOf(r.view, vendor, 365); s.Score != nil && *s.Score < 50 {
		what := ProposeRenegotiate
		if len(r.others) > 0 {
			what = ProposeReplace
		}
		r.speak(what, "%s scores %g of 100: %s.", vendor.Title(), *s.Score, s.parts())
	}
	if vendor.PersonalData && !proven(r.view, vendor) {
		r.speak(ProposeRenegotiate, "%s processes personal data and has shown neither a certificate nor answers that hold.", vendor.Title())
	}
}

// keep says what speaks for letting it go on.
func (r *reasons) keep() {
	r.proposal = ProposeRenew
	switch {
	case len(r.row.Carries) > 0:
		r.text = append(r.text, fmt.Sprintf("Without it stops: %s.", practice.Some(r.row.Carries)))
	case len(r.contract.Covers) > 0:
		r.text = append(r.text, "What it covers is in use, and nothing speaks against it.")
	default:
		r.text = append(r.text, "Nothing speaks against it, but nothing says what it is for either.")
	}
}

// leaving weighs what leaving costs against what a year costs.
func (r *reasons) leaving() {
	exit := r.row.ExitCost
	if exit.IsZero() {
		r.text = append(r.text, "What leaving costs is not known.")
		return
	}
	if more(r.books.convert(exit), r.books.convert(r.row.Annual)) {
		r.text = append(r.text, fmt.Sprintf("But leaving costs %s, more than a year: use the alternatives to negotiate.", exit))
		r.proposal = ProposeRenegotiate
		return
	}
	r.text = append(r.text, fmt.Sprintf("Leaving costs %s once.", exit))
}

// upper writes the first letter large.
func upper(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + text[1:]
}
