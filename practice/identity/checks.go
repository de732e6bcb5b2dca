package identity

import (
	"cmp"
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// verdict says how a check went: passed where nothing was found among what was looked at, and unknown where there was nothing to look at.
func verdict(out *practice.Verdict, nothing, failed, passed string) {
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, nothing
	case len(out.Findings) > 0:
		out.Text = failed
	default:
		out.Pass, out.Text = true, passed
	}
}

// liveAccounts returns the accounts that let in.
func liveAccounts(v estate.View) []practice.Link {
	var out []practice.Link
	for _, h := range bookOf(v).accounts {
		if h.live {
			out = append(out, practice.To(h.account))
		}
	}
	return out
}

const noAccounts = "No account is known that lets in, so there is nothing to check."

// NoOrphans checks that somebody who works here answers for every account that lets in.
func NoOrphans(v estate.View, _ struct{}) (practice.Verdict, error) {
	found, err := Orphans(v, OrphansIn{Limit: 1_000_000})
	if err != nil {
		return practice.Verdict{}, err
	}
	out := practice.Verdict{Checked: liveAccounts(v), Findings: found.Findings}
	all := practice.Count(len(out.Checked), "account", "accounts")
	verdict(&out, noAccounts, fmt.Sprintf("Nobody who works here answers for %d of %s.", len(out.Findings), all), fmt.Sprintf("Somebody answers for each of %s.", all))
	return out, nil
}

// NoDormantIn says what counts as not used.
type NoDormantIn struct {
	// Days is after how many days without a sign-in an account counts as not used. The default is 90.
	Days int `min:"0" max:"3650"`
}

// NoDormant checks that every account that lets in is used. Accounts for emergencies, and systems that tell no sign-in, are left out.
func NoDormant(v estate.View, in NoDormantIn) (practice.Verdict, error) {
	found, err := Dormant(v, DormantIn{Days: in.Days, Limit: 1_000_000})
	if err != nil {
		return practice.Verdict{}, err
	}
	out := practice.Verdict{Findings: found.Findings}
	b := bookOf(v)
	for _, h := range b.accounts {
		if h.live && h.account.Type != "emergency" && b.tells[h.account.System] {
			out.Checked = append(out.Checked, practice.To(h.account))
		}
	}
	all := practice.Count(len(out.Checked), "account", "accounts")
	verdict(&out, "No account is known that lets in and whose system tells sign-ins, so there is nothing to check.",
		fmt.Sprintf("%d of %s were not used for %d days, or never.", len(out.Findings), all, cmp.Or(in.Days, 90)), fmt.Sprintf("Each of %s was used in the last %d days.", all, cmp.Or(in.Days, 90)))
	return out, nil
}

// NoConflicts checks that nobody can do what a rule about duties forbids, unless an exception with an end and with somebody who answers for it allows it.
func NoConflicts(v estate.View, _ struct{}) (practice.Verdict, error) {
	b := bookOf(v)
	var out practice.Verdict
	for _, r := range rulesOf(v, b).list {
		if r.silent == "" {
			out.Checked = append(out.Checked, practice.To(r.record))
		}
	}
	for _, x := range violationsIn(v) {
		if x.exception == nil {
			out.Findings = append(out.Findings, x.finding(v, b))
		}
	}
	practice.WorstFirst(out.Findings)
	all := practice.Count(len(out.Checked), "rule", "rules")
	verdict(&out, "No rule about duties is there that could be broken, so there is nothing to check.",
		fmt.Sprintf("%s of duties, held against %s, without an exception that holds.", practice.Count(len(out.Findings), "conflict", "conflicts"), all), fmt.Sprintf("Nobody breaks any of %s without an exception that holds.", all))
	if len(out.Checked) > 0 && len(b.accounts) == 0 {
		out.Pass, out.Unknown, out.Text = false, true, noAccounts
	}
	return out, nil
}

// ReviewsInTimeIn says how often access is to be reviewed.
type ReviewsInTimeIn struct {
	// Days is how many days may lie between the end of the last review and today. The default is 365.
	Days int `min:"1" max:"3650"`
}

// ReviewsInTime checks that no access review is late, and that one was closed not too long ago.
func ReviewsInTime(v estate.View, in ReviewsInTimeIn) (practice.Verdict, error) {
	found, err := Reviews(v, ReviewsIn{})
	if err != nil {
		return practice.Verdict{}, err
	}
	out := practice.Verdict{Findings: found.Findings}
	var last *model.AccessReview
	for r := range estate.Each[*model.AccessReview](v) {
		if r.State == model.ReviewCancelled {
			continue
		}
		out.Checked = append(out.Checked, practice.To(r))
		if r.State == model.ReviewClosed && (last == nil || r.Closed > last.Closed) {
			last = r
		}
	}
	days := cmp.Or(in.Days, 365)
	switch {
	case last == nil && len(liveAccounts(v)) > 0:
		f := practice.Finding{Severity: practice.Medium, Text: "No access review was ever closed."}
		out.Findings = append(out.Findings, f)
	case last != nil && int(v.At())-int(last.Closed) > days:
		out.Findings = append(out.Findings, practice.Finding{
			Severity: practice.Medium, About: practice.To(last), From: []practice.Link{practice.To(last)},
			Text: fmt.Sprintf("The last access review, %s, was closed on %s, more than %d days ago.", last.Title(), last.Closed, days),
		})
	}
	switch {
	case len(out.Findings) > 0:
		out.Text = out.Findings[0].Text
	case last == nil:
		out.Unknown, out.Text = true, noAccounts
	default:
		out.Pass, out.Text = true, fmt.Sprintf("No access review is late, and the last one was closed on %s.", last.Closed)
	}
	return out, nil
}

// LeaversClosedIn says how long accounts may outlast their people.
type LeaversClosedIn struct {
	// Days is how many days after the last working day an account may still let in. The default is 1.
	Days int `min:"0" max:"365"`
}

// LeaversClosed checks that no account lets in somebody who has left, but for some days.
func LeaversClosed(v estate.View, in LeaversClosedIn) (practice.Verdict, error) {
	b := bookOf(v)
	days := cmp.Or(in.Days, 1)
	var out practice.Verdict
	for _, s := range b.subjects {
		if s.person == nil || works(s.person, b.day) {
			continue
		}
		out.Checked = append(out.Checked, practice.To(s.person))
		for _, row := range b.leaver(v, s.person, s) {
			if row.Days > days {
				out.Findings = append(out.Findings, row.finding())
			}
		}
	}
	all := practice.Count(len(out.Checked), "person who has left", "people who have left")
	verdict(&out, "No account of somebody who has left is known, so there is nothing to check.",
		fmt.Sprintf("%s of %s still let in after %s.", practice.Count(len(out.Findings), "account", "accounts"), all, practice.Count(days, "day", "days")), fmt.Sprintf("No account of %s lets in after %s.", all, practice.Count(days, "day", "days")))
	return out, nil
}

// PrivilegedSecondFactor checks that every account that lets in and may do more than work with its system signs in with a second factor. Accounts of
// programs are left out.
func PrivilegedSecondFactor(v estate.View, _ struct{}) (practice.Verdict, error) {
	b := bookOf(v)
	var out practice.Verdict
	untold := 0
	for _, h := range b.accounts {
		if !h.live || h.account.Type == "service" || !b.privileged(h) {
			continue
		}
		account := practice.To(h.account)
		out.Checked = append(out.Checked, account)
		system := link(v, h.account.System)
		f := practice.Finding{Severity: practice.High, About: account, From: []practice.Link{account}, Owner: ownerOfSystem(v, h.account.System)}
		switch h.account.SecondFactor {
		case "yes":
			continue
		case "no":
			f.Text = fmt.Sprintf("%s is privileged in %s and signs in without a second factor.", account.Title(), system.Title())
		default:
			untold++
			f.Severity, f.Text = practice.Medium, fmt.Sprintf("%s is privileged in %s, and nobody knows whether it needs a second factor.", account.Title(), system.Title())
		}
		out.Findings = append(out.Findings, f)
	}
	practice.WorstFirst(out.Findings)
	all := practice.Count(len(out.Checked), "privileged account", "privileged accounts")
	verdict(&out, "No privileged account is known that lets in, so there is nothing to check.",
		fmt.Sprintf("%d of %s sign in without a second factor, or nobody knows.", len(out.Findings), all), fmt.Sprintf("Each of %s needs a second factor.", all))
	if untold > 0 && untold == len(out.Findings) {
		out.Unknown = true
	}
	return out, nil
}

// RevocationsDoneIn says how long it may take to take something away.
type RevocationsDoneIn struct {
	// Days is how many days there may be between the decision and the end. The default is 14.
	Days int `min:"0" max:"365"`
}

// RevocationsDone checks that what access reviews decided to take away has gone in time.
func RevocationsDone(v estate.View, in RevocationsDoneIn) (practice.Verdict, error) {
	found, err := Revocations(v, RevocationsIn{All: true, Limit: 1_000_000})
	if err != nil {
		return practice.Verdict{}, err
	}
	days := cmp.Or(in.Days, 14)
	var out practice.Verdict
	for _, row := range found.Table.Rows {
		out.Checked = append(out.Checked, row.Item)
		if row.Gone.IsZero() && row.Days > days {
			out.Findings = append(out.Findings, row.finding())
		}
	}
	all := practice.Count(len(out.Checked), "grant", "grants")
	verdict(&out, "No access review decided to take something away, so there is nothing to check.",
		fmt.Sprintf("%d of %s that were to go are still there after %d days.", len(out.Findings), all, days), fmt.Sprintf("None of %s that were to go is still there after %d days.", all, days))
	return out, nil
}
