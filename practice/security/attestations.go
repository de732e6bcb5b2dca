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

// attested are the confirmations by policy and person.
type attested map[model.Ref]map[model.Ref][]*model.Attestation

// attestedIn returns the confirmations that a view sees.
func attestedIn(v estate.View) attested {
	type key struct{ name string }
	return v.Memo(key{"security.attested"}, func() any {
		out := attested{}
		for a := range estate.Each[*model.Attestation](v) {
			if out[a.Policy] == nil {
				out[a.Policy] = map[model.Ref][]*model.Attestation{}
			}
			out[a.Policy][a.Person] = append(out[a.Policy][a.Person], a)
		}
		return out
	}).(attested)
}

// of returns the confirmation of the version of a policy that is in force by a person, or nil. One of another text of this version does not count.
func (all attested) of(p *model.Policy, person model.Ref) *model.Attestation {
	hash := hashOf(p.Text)
	for _, a := range all[p.Ref()][person] {
		if strings.EqualFold(a.Edition, p.Edition) && (a.TextHash == "" || hash == "" || a.TextHash == hash) {
			return a
		}
	}
	return nil
}

// asks reports whether people must confirm a policy on a day.
func asks(p *model.Policy, at model.Date) bool { return p.Attest && holds(p, at) }

// confirmedOf counts the people that are asked to confirm a policy and those that did. It is 0 and 0 where nobody is asked.
func confirmedOf(v estate.View, p *model.Policy) (asked, confirmed int) {
	if !asks(p, v.At()) {
		return 0, 0
	}
	all := attestedIn(v)
	people := staffOf(v).audience(p.Audience)
	for _, person := range people {
		if all.of(p, person.Ref()) != nil {
			confirmed++
		}
	}
	return len(people), confirmed
}

// dueFor returns the last day on which a person has to confirm a policy: it is counted from the first day of the policy or of the person, whichever is later.
func dueFor(p *model.Policy, person *model.Person) model.Date {
	return max(p.InForce, person.Joined).AddDays(int(time.Duration(attestWithin(p)) / (24 * time.Hour)))
}

// AttestationsIn says whose confirmations are wanted.
type AttestationsIn struct {
	// Policy limits the answer to one policy.
	Policy model.Ref `to:"Policy"`
	// Team limits the answer to the people of a team, business unit or site.
	Team model.Ref `to:"Team,BusinessUnit,Site"`
	// Remind is how many days before the last day people are reminded. The default is 7.
	Remind int `min:"0" max:"365"`
}

// AttestationsOut says who has confirmed which policies.
type AttestationsOut struct {
	// Asked is how many confirmations are asked for.
	Asked practice.Figure
	// Share is how many of them are there, in percent.
	Share practice.Figure
	// Overdue is how many are late.
	Overdue practice.Figure
	// Findings say where confirmations are late.
	Findings []practice.Finding
	// ByPolicy counts confirmations by policy and team.
	ByPolicy practice.Table[AttestationRow]
	// Reminders are the people that are to be reminded, the latest first.
	Reminders practice.Table[ReminderRow]
}

// AttestationRow counts the confirmations of one version of a policy in one team.
type AttestationRow struct {
	// Policy is the policy.
	Policy practice.Link
	// Edition is the version in force.
	Edition string
	// Team is the team that the people belong to.
	Team practice.Link
	// Asked is how many people are asked.
	Asked int
	// Confirmed is how many have confirmed it.
	Confirmed int
	// Overdue is how many are late.
	Overdue int
	// Share is how many have confirmed it, in percent.
	Share float64 `unit:"%"`
}

// ReminderRow is somebody who is to be reminded of a policy.
type ReminderRow struct {
	// Person is who is to be reminded.
	Person practice.Link
	// Team is the team of the person.
	Team practice.Link
	// Policy is what is to be confirmed.
	Policy practice.Link
	// Edition is the version in force.
	Edition string
	// Due is the last day.
	Due model.Date
	// DaysLeft is how many days are left, below zero where it is late.
	DaysLeft int
	// Changed says that the person had confirmed this version before its text was changed.
	Changed bool
}

// Attestations tells who has confirmed the policies in force, and whom to remind. People have the time that the policy
// gives them, counted from its first day or from their own, whichever is later. A confirmation of a text that was changed behind it does not count.
func Attestations(v estate.View, in AttestationsIn) (AttestationsOut, error) {
	var out AttestationsOut
	everybody, all := staffOf(v), attestedIn(v)
	remind := v.At().AddDays(cmp.Or(in.Remind, 7))
	asked, confirmed := 0, 0
	var overdue, policies []practice.Link
	for p := range estate.Each[*model.Policy](v) {
		if !asks(p, v.At()) || !in.Policy.IsZero() && p.Ref() != in.Policy {
			continue
		}
		link := practice.To(p)
		policies = append(policies, link)
		teams := map[model.Ref]*AttestationRow{}
		late := 0
		for _, person := range everybody.audience(p.Audience) {
			if !in.Team.IsZero() && !everybody.belongs[person.ID][in.Team] {
				continue
			}
			row := teams[person.Team]
			if row == nil {
				row = &AttestationRow{Policy: link, Edition: p.Edition, Team: teamName(v, person)}
				teams[person.Team] = row
			}
			row.Asked++
			asked++
			if all.of(p, person.Ref()) != nil {
				row.Confirmed++
				confirmed++
				continue
			}
			due := dueFor(p, person)
			if due < v.At() {
				row.Overdue++
				late++
				overdue = append(overdue, practice.To(person))
			}
			if due <= remind {
				changed := slices.ContainsFunc(all[p.Ref()][person.Ref()], func(a *model.Attestation) bool { return strings.EqualFold(a.Edition, p.Edition) })
				out.Reminders.Rows = append(out.Reminders.Rows, ReminderRow{Person: practice.To(person), Team: row.Team, Policy: link, Edition: p.Edition, Due: due, DaysLeft: int(due - v.At()), Changed: changed})
			}
		}
		for _, row := range teams {
			row.Share = practice.Share(row.Confirmed, row.Asked)
			out.ByPolicy.Rows = append(out.ByPolicy.Rows, *row)
		}
		if late > 0 {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, p), Text: fmt.Sprintf("%s not confirmed version %s of %s in time.", practice.Count(late, "person has", "people have"), p.Edition, p.Title())})
		}
	}
	slices.SortFunc(out.ByPolicy.Rows, func(a, b AttestationRow) int {
		return cmp.Or(cmp.Compare(a.Policy.Key, b.Policy.Key), cmp.Compare(b.Overdue, a.Overdue), cmp.Compare(a.Team.Key, b.Team.Key))
	})
	slices.SortStableFunc(out.Reminders.Rows, func(a, b ReminderRow) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Person.Key, b.Person.Key), cmp.Compare(a.Policy.Key, b.Policy.Key))
	})
	out.Asked = practice.Figure{Value: float64(asked), Unit: "confirmations", From: policies}
	out.Share = practice.Figure{Value: practice.Share(confirmed, asked), Unit: "%", Better: practice.Higher, From: policies, Unknown: asked == 0}
	if asked == 0 {
		out.Share.Note = "no policy in force asks anybody"
	}
	out.Overdue = practice.Counted("confirmations", practice.Lower, overdue)
	return out, nil
}

// AttestedIn says how many confirmations are needed.
type AttestedIn struct {
	// AtLeast is the share of the people that must have confirmed each policy once their time is over, in percent. The default is 95.
	AtLeast float64 `min:"0" max:"100"`
	// Policy limits the check to one policy.
	Policy model.Ref `to:"Policy"`
}

// Attested checks that enough people have confirmed every policy in force. Who still has time does not count.
func Attested(v estate.View, in AttestedIn) (practice.Verdict, error) {
	var out practice.Verdict
	least := cmp.Or(in.AtLeast, 95)
	all := attestedIn(v)
	for p := range estate.Each[*model.Policy](v) {
		if !asks(p, v.At()) || !in.Policy.IsZero() && p.Ref() != in.Policy {
			continue
		}
		asked, confirmed := 0, 0
		for _, person := range staffOf(v).audience(p.Audience) {
			done := all.of(p, person.Ref()) != nil
			if done || dueFor(p, person) < v.At() {
				asked++
				confirmed += count(done)
			}
		}
		link := practice.To(p)
		if out.Checked = append(out.Checked, link); asked > 0 && float64(confirmed)*100 < least*float64(asked) {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: link, From: []practice.Link{link}, Owner: practice.OwnerOf(v, p),
				Text: fmt.Sprintf("%g %% of %s have confirmed version %s of %s; %g %% must.", practice.Share(confirmed, asked), practice.Count(asked, "person", "people"), p.Edition, p.Title(), least)})
		}
	}
	switch n := practice.Count(len(out.Checked), "policy", "policies"); {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No policy in force asks for confirmations, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("Not enough people have confirmed %d of %s.", len(out.Findings), n)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Enough people have confirmed each of %s.", n)
	}
	return out, nil
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// AttestIn says who confirms what.
type AttestIn struct {
	// Policy is what is confirmed, in the version in force.
	Policy model.Ref `to:"Policy" is:"required"`
	// Person is who confirms it.
	Person model.Ref `to:"Person" is:"asker"`
}

// Attest proposes to note that a person has read a policy and keeps to it, with the version and a digest of its text.
func Attest(v estate.View, in AttestIn) (practice.Proposal, error) {
	p, ok := estate.Look[*model.Policy](v, in.Policy)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "policy", Text: "there is no such policy"}
	}
	person, ok := estate.Look[*model.Person](v, in.Person)
	switch {
	case !ok:
		return practice.Proposal{}, model.Problem{Field: "person", Text: "there is no such person"}
	case p.State != "in_force":
		return practice.Proposal{}, model.Problem{Field: "policy", Text: p.Title() + " is not in force: there is nothing to confirm"}
	case practice.HasLeft(person, v.At()):
		return practice.Proposal{}, model.Problem{Field: "person", Text: "this person no longer works here"}
	}
	if a := attestedIn(v).of(p, in.Person); a != nil {
		return practice.Proposal{}, model.Problem{Field: "person", Text: fmt.Sprintf("%s confirmed version %s at %s already", person.Title(), p.Edition, a.At)}
	}
	a := &model.Attestation{Policy: in.Policy, Edition: p.Edition, Person: in.Person, At: practice.NowOf(v), TextHash: hashOf(p.Text)}
	a.Key = freeKey(v, "Attestation", p.Key, p.Edition, person.Key)
	a.Name = fmt.Sprintf("%s confirms %s %s", person.Title(), p.Title(), p.Edition)
	a.ID = practice.NewID(v, "Attestation", a.Key)
	return changeOf(v, nil, a, a.Name), nil
}

// freeKey makes a key of some parts that no record of a kind has.
func freeKey(v estate.View, kind string, parts ...string) string {
	var words []string
	for _, p := range parts {
		if p = strings.Join(strings.Fields(strings.ToLower(p)), "-"); p != "" {
			words = append(words, p)
		}
	}
	base := strings.Join(words, "/")
	key := base
	for n := 2; v.Snapshot().Find(kind, key) != nil; n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	return key
}
