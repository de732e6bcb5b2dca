package identity

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AccountsIn limits the accounts that are listed.
type AccountsIn struct {
	// Person limits the list to the accounts of a person.
	Person model.Ref `to:"Person"`
	// System limits the list to the accounts of a system.
	System model.Ref `to:"Application,Service,Host,CloudAccount"`
	// Type limits the list to accounts of one sort.
	Type model.UserAccountType
	// All lists accounts too that no longer let in.
	All bool
	// Limit is how many rows there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// AccountsOut is the accounts of systems.
type AccountsOut struct {
	// Active are the accounts that let in.
	Active practice.Figure
	// Privileged are those of them that may do more than work with their system.
	Privileged practice.Figure
	// Unlinked are those of them that belong to nobody.
	Unlinked practice.Figure
	// Table lists the accounts.
	Table practice.Table[AccountRow]
}

// AccountRow is an account of a system.
type AccountRow struct {
	// Account is the account.
	Account practice.Link
	// System is where it signs in.
	System practice.Link
	// Person is who it belongs to.
	Person practice.Link
	// Type says what sort of account it is.
	Type model.UserAccountType
	// State says whether it lets in: active, disabled, removed, expired, or gone where no source sees it any more.
	State string
	// Privileged says that it may do more than work with the system, by itself or through what it was granted.
	Privileged bool
	// SecondFactor says whether signing in needs a second factor.
	SecondFactor model.Judgement
	// LastSignIn is the day on which it signed in last.
	LastSignIn model.Date
	// Grants is how many grants it has that count.
	Grants int
}

// Accounts lists the accounts of systems, by key, with the people that they belong to.
func Accounts(v estate.View, in AccountsIn) (AccountsOut, error) {
	b := bookOf(v)
	var out AccountsOut
	var active, privileged, unlinked []practice.Link
	for _, h := range b.accounts {
		a := h.account
		if !in.Person.IsZero() && a.Person != in.Person || !in.System.IsZero() && a.System != in.System || in.Type != "" && a.Type != in.Type || !h.live && !in.All {
			continue
		}
		if h.live {
			active = append(active, practice.To(a))
			if b.privileged(h) {
				privileged = append(privileged, practice.To(a))
			}
			if h.person == nil {
				unlinked = append(unlinked, practice.To(a))
			}
		}
		out.Table.Rows = append(out.Table.Rows, AccountRow{
			Account: practice.To(a), System: link(v, a.System), Person: linkTo(h.person), Type: a.Type, State: h.state(b.day),
			Privileged: b.privileged(h), SecondFactor: a.SecondFactor, LastSignIn: a.LastSignIn.Date(), Grants: len(h.grants),
		})
	}
	cut(&out.Table, in.Limit)
	out.Active = practice.Counted("accounts", practice.Neither, active)
	out.Privileged = practice.Counted("accounts", practice.Lower, privileged)
	out.Unlinked = practice.Counted("accounts", practice.Lower, unlinked)
	return out, nil
}

// state returns in a word how an account stands on a day.
func (h *holding) state(day model.Date) string {
	switch {
	case h.live:
		return "active"
	case !h.account.Stale().IsZero():
		return "gone"
	case h.account.State == "disabled" || h.account.State == "removed":
		return string(h.account.State)
	}
	return "expired"
}

// OrphansIn limits the accounts without somebody.
type OrphansIn struct {
	// System limits the list to the accounts of a system.
	System model.Ref `to:"Application,Service,Host,CloudAccount"`
	// Limit is how many rows and findings there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// OrphansOut is the accounts that let in and that nobody who works here answers for.
type OrphansOut struct {
	// Orphans are these accounts.
	Orphans practice.Figure
	// Left are those of them whose person has left.
	Left practice.Figure
	// Privileged are those of them that may do more than work with their system.
	Privileged practice.Figure
	// Findings say what to do about each.
	Findings []practice.Finding
	// Table lists them.
	Table practice.Table[Orphan]
}

// Orphan is an account that lets in and that nobody who works here answers for.
type Orphan struct {
	// Account is the account.
	Account practice.Link
	// System is where it signs in.
	System practice.Link
	// Type says what sort of account it is.
	Type model.UserAccountType
	// Why says what is missing: nobody is linked, the person has left, or the person is gone from the source of people.
	Why string
	// Person is who it belonged to.
	Person practice.Link
	// Since is the day since when nobody answers for it.
	Since model.Date
	// Privileged says that it may do more than work with the system.
	Privileged bool
	// LastSignIn is the day on which it signed in last.
	LastSignIn model.Date
	// Perhaps is the person that the address, the employee number or the user name of the account speaks for.
	Perhaps practice.Link
	// Owner is who answers for the system.
	Owner practice.Link
}

// Orphans lists the accounts that let in and that nobody who works here answers for: accounts of nobody, of people who have left,
// and of people whom the source of people no longer knows. For an account that a program or several people use
// it is enough that a person or a team owns it.
func Orphans(v estate.View, in OrphansIn) (OrphansOut, error) {
	b := bookOf(v)
	var out OrphansOut
	var all, left, privileged []practice.Link
	for _, h := range b.accounts {
		a := h.account
		why, since := h.orphaned(v)
		if why == "" || !in.System.IsZero() && a.System != in.System {
			continue
		}
		row := Orphan{
			Account: practice.To(a), System: link(v, a.System), Type: a.Type, Why: why, Person: linkTo(h.person), Since: since,
			Privileged: b.privileged(h), LastSignIn: a.LastSignIn.Date(), Owner: ownerOfSystem(v, a.System),
		}
		if h.person == nil {
			row.Perhaps = linkTo(guess(v, a))
		}
		out.Table.Rows = append(out.Table.Rows, row)
		all = append(all, row.Account)
		if h.person != nil {
			left = append(left, row.Account)
		}
		if row.Privileged {
			privileged = append(privileged, row.Account)
		}
	}
	slices.SortStableFunc(out.Table.Rows, func(x, y Orphan) int {
		return cmp.Or(-compareBool(x.Privileged, y.Privileged), -compareBool(!x.Person.IsZero(), !y.Person.IsZero()))
	})
	cut(&out.Table, in.Limit)
	for i := range out.Table.Rows {
		out.Findings = append(out.Findings, out.Table.Rows[i].finding(v))
	}
	practice.WorstFirst(out.Findings)
	out.Orphans = practice.Counted("accounts", practice.Lower, all)
	out.Left = practice.Counted("accounts", practice.Lower, left)
	out.Privileged = practice.Counted("accounts", practice.Lower, privileged)
	return out, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// orphaned says why nobody who works here answers for an account that lets in, and since when. It returns nothing where somebody does.
func (h *holding) orphaned(v estate.View) (why string, since model.Date) {
	a := h.account
	day := v.At()
	switch {
	case !h.live || works(h.person, day):
		return "", 0
	case a.Type != "" && a.Type != "person" && owned(v, a):
		return "", 0
	case h.person == nil:
		return "nobody is linked", a.Opened
	case practice.HasLeft(h.person, day):
		return "the person has left", h.person.Left + 1
	}
	return "the person is gone from the source of people", h.person.Stale().Date()
}

// owned reports whether somebody who works here, or a team, owns an account.
func owned(v estate.View, a *model.UserAccount) bool {
	switch rec := v.Get(a.Owner).(type) {
	case *model.Person:
		return works(rec, v.At())
	case *model.Team:
		return true
	}
	return false
}

// guess returns the only person that the address or the user name of an account speaks for, or nil.
func guess(v estate.View, a *model.UserAccount) *model.Person {
	var found *model.Person
	for _, i := range [][2]string{{"email", a.Email}, {"email", a.UserName}, {"employee_number", a.UserName}} {
		name := model.NormalIdent(i[0], i[1])
		if name == "" {
			continue
		}
		p, ok := v.Identify("Person", i[0], name).(*model.Person)
		switch {
		case !ok || found == p:
		case found != nil:
			return nil
		default:
			found = p
		}
	}
	return found
}

// finding says what to do about an account that nobody answers for.
func (o *Orphan) finding(v estate.View) practice.Finding {
	f := practice.Finding{Severity: practice.Medium, About: o.Account, From: []practice.Link{o.Account}, Owner: o.Owner}
	if o.Privileged {
		f.Severity = practice.High
	}
	switch {
	case !o.Person.IsZero() && practice.HasLeft(v.Get(refOf(o.Person)), v.At()):
		f.Severity = practice.High
		if o.Privileged {
			f.Severity = practice.Critical
		}
		f.Text = fmt.Sprintf("An account in %s still lets in %s, who has left: disable it.", o.System.Title(), o.Person.Title())
		f.From = append(f.From, o.Person)
	case !o.Person.IsZero():
		f.Text = fmt.Sprintf("%s belongs to %s, whom the source of people no longer knows: find out whether the person still works here.", o.Account.Title(), o.Person.Title())
		f.From = append(f.From, o.Person)
	case !o.Perhaps.IsZero():
		f.Text = fmt.Sprintf("%s in %s belongs to nobody; its address or name is that of %s.", o.Account.Title(), o.System.Title(), o.Perhaps.Title())
		f.Mend = &practice.Mend{Action: "identity.assign_account", Parameters: map[string]string{"account": o.Account.Key, "person": o.Perhaps.Key}}
	default:
		f.Text = fmt.Sprintf("%s in %s belongs to nobody: find out whose it is, or disable it.", o.Account.Title(), o.System.Title())
		f.Mend = &practice.Mend{Action: "identity.assign_account", Parameters: map[string]string{"account": o.Account.Key}}
	}
	return f
}

// leaverFinding says that an account still lets in somebody who has left.
func leaverFinding(v estate.View, h *holding) practice.Finding {
	return practice.Finding{
		Severity: practice.High, About: practice.To(h.account), From: []practice.Link{practice.To(h.account), practice.To(h.person)}, Owner: ownerOfSystem(v, h.account.System),
		Text: fmt.Sprintf("An account in %s still lets in %s, who no longer works here: disable it.", link(v, h.account.System).Title(), h.person.Title()),
	}
}

// DormantIn says what counts as not used.
type DormantIn struct {
	// Days is after how many days without a sign-in an account counts as not used. The default is 90.
	Days int `min:"0" max:"3650"`
	// System limits the list to the accounts of a system.
	System model.Ref `to:"Application,Service,Host,CloudAccount"`
	// Limit is how many rows and findings there are at most. The default is 1000.
	Limit int `min:"0" max:"1000000"`
}

// DormantOut is the accounts that let in and that nobody uses.
type DormantOut struct {
	// Dormant are these accounts.
	Dormant practice.Figure
	// Never are those of them that never signed in, as far as their system tells.
	Never practice.Figure
	// Share is how many of all accounts that let in these are.
	Share practice.Figure
	// Findings say what to do.
	Findings []practice.Finding
	// Table lists them, those that were not used for longest first.
	Table practice.Table[DormantAccount]
}

// DormantAccount is an account that lets in and that nobody uses.
type DormantAccount struct {
	// Account is the account.
	Account practice.Link
	// System is where it signs in.
	System practice.Link
	// Person is who it belongs to.
	Person practice.Link
	// Opened is the day on which it was made.
	Opened model.Date
	// LastSignIn is the day on which it signed in last. Empty means never.
	LastSignIn model.Date
	// Days is for how long it was not used, or how old it is where it never was.
	Days int
	// Privileged says that it may do more than work with the system.
	Privileged bool
	// Grants is how many grants it has that count.
	Grants int
}

// Dormant lists the accounts that let in and did not sign in for some days, and those that never did and are older than that. Accounts
// for emergencies are meant not to be used and are left out. Where a system tells no sign-in of any of its accounts,
// nothing can be said of them, and the note says so.
func Dormant(v estate.View, in DormantIn) (DormantOut, error) {
	b := bookOf(v)
	days := cmp.Or(in.Days, 90)
	silent := map[model.Ref]practice.Link{}
	var out DormantOut
	var never []practice.Link
	live := 0
	for _, h := range b.accounts {
		a := h.account
		if !h.live || a.Type == "emergency" || !in.System.IsZero() && a.System != in.System {
			continue
		}
		if !b.tells[a.System] {
			silent[a.System] = link(v, a.System)
			continue
		}
		live++
		n, used := idle(a.LastSignIn, b.day)
		if !used && !a.Opened.IsZero() {
			n = max(0, int(b.day)-int(a.Opened))
		}
		if n <= days && (used || !a.Opened.IsZero()) {
			continue
		}
		if !used {
			never = append(never, practice.To(a))
		}
		out.Table.Rows = append(out.Table.Rows, DormantAccount{
			Account: practice.To(a), System: link(v, a.System), Person: linkTo(h.person), Opened: a.Opened, LastSignIn: a.LastSignIn.Date(), Days: n, Privileged: b.privileged(h), Grants: len(h.grants),
		})
	}
	slices.SortStableFunc(out.Table.Rows, func(x, y DormantAccount) int {
		return cmp.Or(-compareBool(x.Privileged, y.Privileged), cmp.Compare(y.Days, x.Days))
	})
	all := make([]practice.Link, len(out.Table.Rows))
	for i, row := range out.Table.Rows {
		all[i] = row.Account
	}
	out.Dormant = practice.Counted("accounts", practice.Lower, all)
	out.Never = practice.Counted("accounts", practice.Lower, never)
	out.Share = practice.Figure{Value: practice.Share(len(all), live), Unit: "%", Better: practice.Lower, Unknown: live == 0}
	cut(&out.Table, in.Limit)
	if len(silent) > 0 {
		out.Table.Note = sentences(out.Table.Note, fmt.Sprintf("Nothing can be said of %s: no account there tells when it signed in.", practice.Some(sorted(silent))))
	}
	for _, row := range out.Table.Rows {
		out.Findings = append(out.Findings, row.finding(v))
	}
	practice.WorstFirst(out.Findings)
	return out, nil
}

// finding says what to do about an account that nobody uses.
func (d *DormantAccount) finding(v estate.View) practice.Finding {
	f := practice.Finding{Severity: practice.Low, About: d.Account, From: []practice.Link{d.Account}, Owner: ownerOfSystem(v, refOf(d.System))}
	if d.Privileged {
		f.Severity = practice.High
	}
	switch {
	case !d.LastSignIn.IsZero():
		f.Text = fmt.Sprintf("%s in %s did not sign in for %d days: disable it, or find out why it is needed.", d.Account.Title(), d.System.Title(), d.Days)
	case d.Opened.IsZero():
		f.Text = fmt.Sprintf("%s in %s never signed in: disable it, or find out why it is needed.", d.Account.Title(), d.System.Title())
	default:
		f.Text = fmt.Sprintf("%s in %s never signed in since it was made %d days ago: disable it, or find out why it is needed.", d.Account.Title(), d.System.Title(), d.Days)
	}
	return f
}
