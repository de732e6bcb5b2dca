package privacy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ReceiveRequestIn says what came.
type ReceiveRequestIn struct {
	// Type is the right that is used.
	Type model.SubjectRight `is:"required"`
	// Received is the day on which it reached the company. Unset means today.
	Received model.Date
	// Subject is who asks, or a reference that tells it.
	Subject string
	// Contact is how the person is reached.
	Contact string
	// Text is what the person asks for.
	Text string
	// Channel says how it came.
	Channel string
	// Activities are the processing that it is about. Unset means all.
	Activities []model.Ref `to:"ProcessingActivity"`
	// Records are the records here that are about the person.
	Records []model.Ref `to:"any"`
	// Owner is who answers it. Unset means the data protection officer.
	Owner model.Ref `to:"Person,Team"`
}

// ReceiveRequest proposes to note a request of a person, with the day by which it is to be answered and the places to search: the applications and data sets of the processing that it is
// about, or all that have personal data. The key has no name in it, so that it may stand in letters.
func ReceiveRequest(v estate.View, in ReceiveRequestIn) (practice.Proposal, error) {
	received := cmp.Or(in.Received, v.At())
	if received > v.At() {
		return practice.Proposal{}, model.Problem{Field: "received", Text: fmt.Sprintf("%s has not come yet", received)}
	}
	b := bookOf(v)
	r := &model.DataSubjectRequest{Type: in.Type, State: "received", Received: received, Channel: in.Channel, Subject: in.Subject, Contact: in.Contact, Text: in.Text, Records: in.Records, Activities: in.Activities}
	r.Owner = orRef(in.Owner, b.profile(nil).Officer)
	r.Key = practice.FreeKey(v, "DataSubjectRequest", "request-"+received.String())
	r.Name = labelOf(in.Type) + " request of " + received.String()
	for _, ref := range b.placesToSearch(in.Activities) {
		r.Searches = append(r.Searches, model.RequestSearch{Place: ref})
	}
	country := b.countryOf(r)
	c := ClockOf(r, country, v.At())
	out := created(v, r, fmt.Sprintf("Note a request for %s", strings.ToLower(labelOf(in.Type))))
	note := func(s practice.Severity, text string, args ...any) {
		out.Findings = append(out.Findings, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), Owner: practice.To(v.Get(r.Owner))})
	}
	note(practice.Info, "The answer is due on %s, one month after %s (GDPR Art. 12(3)). Two further months hold where the person is told by then, with the reason.", c.Due, received)
	if c.Late {
		note(practice.Critical, "That day is past.")
	}
	if text := holidayNote(map[string]bool{country: true}); !practice.HasHolidays(country) && text != "" {
		note(practice.Low, "%s", text)
	}
	if len(r.Searches) == 0 {
		note(practice.Medium, "No application and no data set is known to have personal data: say in the records of processing where to search.")
	}
	if in.Type == "erasure" && len(in.Records) == 0 {
		note(practice.Low, "No record here is named as being about the person: binnacle erase takes what such records hold.")
	}
	return out, nil
}

// placesToSearch returns the applications, services and data sets of processing, or all with personal data where none is named. Data sets that are stored in one of the applications are searched there.
func (b *book) placesToSearch(activities []model.Ref) []model.Ref {
	var apps, sets, out []model.Ref
	for _, ref := range activities {
		if a, ok := estate.Look[*model.ProcessingActivity](b.view, ref); ok {
			apps, sets = append(apps, a.Applications...), append(sets, a.DataSets...)
		}
	}
	if len(activities) == 0 {
		for a := range estate.Each[*model.Application](b.view) {
			if b.personal(a) && !practice.Gone(a, b.view.At()) {
				apps = append(apps, a.Ref())
			}
		}
		for _, a := range b.activities {
			apps = append(apps, a.Applications...)
		}
		for _, d := range b.sets {
			sets = append(sets, d.Ref())
		}
	}
	for _, ref := range apps {
		if b.view.Get(ref) != nil {
			out = withRef(out, ref)
		}
	}
	for _, ref := range sets {
		d, ok := estate.Look[*model.DataSet](b.view, ref)
		if ok && !slices.ContainsFunc(d.StoredIn, func(r model.Ref) bool { return slices.Contains(out, r) }) {
			out = withRef(out, ref)
		}
	}
	return out
}

// openRequest returns a request that is not answered, or what is wrong with it.
func openRequest(v estate.View, ref model.Ref) (*model.DataSubjectRequest, error) {
	r, ok := estate.Look[*model.DataSubjectRequest](v, ref)
	switch {
	case !ok:
		return nil, model.Problem{Field: "request", Text: "there is no such request"}
	case r.State == "withdrawn":
		return nil, model.Problem{Field: "request", Text: r.Title() + " was withdrawn"}
	case !r.Answered.IsZero():
		return nil, model.Problem{Field: "request", Text: fmt.Sprintf("%s was answered on %s", r.Title(), r.Answered)}
	}
	return r, nil
}

// ExtendRequestIn says which request needs more time.
type ExtendRequestIn struct {
	// Request is the request.
	Request model.Ref `to:"DataSubjectRequest" is:"required"`
	// Reason says why: the request is complex, or there are many. The person must be told it.
	Reason string `is:"required"`
	// On is the day on which the person was told. Unset means today.
	On model.Date
}

// ExtendRequest proposes to note that a person was told that two further months are needed, and why (GDPR Art. 12(3)). It holds only where the person was told within the first month.
func ExtendRequest(v estate.View, in ExtendRequestIn) (practice.Proposal, error) {
	before, err := openRequest(v, in.Request)
	if err != nil {
		return practice.Proposal{}, err
	}
	if !before.Extended.IsZero() {
		return practice.Proposal{}, model.Problem{Field: "request", Text: fmt.Sprintf("%s was extended on %s: the law allows it once", before.Title(), before.Extended)}
	}
	on := cmp.Or(in.On, v.At())
	if on < before.Received || on > v.At() {
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s is not between the receipt on %s and today", on, before.Received)}
	}
	b := bookOf(v)
	country := b.countryOf(before)
	if first := ClockOf(before, country, v.At()).First; !first.IsZero() && on > first {
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("the first month was over on %s: an extension after it does not hold (GDPR Art. 12(3))", first)}
	}
	after := model.Clone(before)
	after.Extended, after.ExtensionReason = on, strings.TrimSpace(in.Reason)
	out := changed(v, before, after, "Extend the time for "+before.Title())
	if c := ClockOf(after, country, v.At()); !c.Waits {
		out.Findings = append(out.Findings, b.about(before, practice.Info, "The answer is now due on %s. A refusal must still reach the person by %s (GDPR Art. 12(4)). The notice to the person is not sent by this.", c.Due, c.First))
	}
	return out, nil
}

// SearchDoneIn says which place was searched.
type SearchDoneIn struct {
	// Request is the request.
	Request model.Ref `to:"DataSubjectRequest" is:"required"`
	// Place is what was searched.
	Place model.Ref `to:"Application,Service,DataSet" is:"required"`
	// Found says that there is data of the person.
	Found bool
	// By is who searched.
	By model.Ref `to:"Person"`
	// On is the day. Unset means today.
	On model.Date
	// Note says what was found, without repeating the data.
	Note string
}

// SearchDone proposes to note that a place was searched for data of a person.
func SearchDone(v estate.View, in SearchDoneIn) (practice.Proposal, error) {
	before, err := openRequest(v, in.Request)
	if err != nil {
		return practice.Proposal{}, err
	}
	place := v.Get(in.Place)
	if place == nil {
		return practice.Proposal{}, model.Problem{Field: "place", Text: "there is no such application, service or data set"}
	}
	if in.On > v.At() || !in.On.IsZero() && in.On < before.Received {
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s is not between the receipt on %s and today", in.On, before.Received)}
	}
	after := model.Clone(before)
	after.Searches = slices.Clone(before.Searches)
	done := model.RequestSearch{Place: in.Place, Done: cmp.Or(in.On, v.At()), Found: in.Found, By: in.By, Note: in.Note}
	if i := slices.IndexFunc(after.Searches, func(s model.RequestSearch) bool { return s.Place == in.Place }); i >= 0 {
		after.Searches[i] = done
	} else {
		after.Searches = append(after.Searches, done)
	}
	if after.State == "" || after.State == "received" {
		after.State = "searching"
	}
	out := changed(v, before, after, fmt.Sprintf("Note that %s was searched for %s", place.Base().Title(), before.Title()))
	if open := unsearched(v, after); len(open) > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: fmt.Sprintf("%s to be searched: %s.", practice.Count(len(open), "place is still", "places are still"), practice.Some(open)), About: practice.To(before), From: open})
	} else {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, Text: "Every place was searched.", About: practice.To(before)})
	}
	return out, nil
}

// unsearched lists the places of a request that are still to be searched.
func unsearched(v estate.View, r *model.DataSubjectRequest) []practice.Link {
	var out []practice.Link
	for _, s := range r.Searches {
		if rec := v.Get(s.Place); rec != nil && s.Done.IsZero() {
			out = append(out, practice.To(rec))
		}
	}
	return out
}

// AnswerRequestIn says how a request was answered.
type AnswerRequestIn struct {
	// Request is the request.
	Request model.Ref `to:"DataSubjectRequest" is:"required"`
	// On is the day on which the person got the answer. Unset means today.
	On model.Date
	// Answer says what was done.
	Answer string
	// Refused says why nothing is done, where that is so. The person must be told it, and that a complaint to the authority and a court are open (GDPR Art. 12(4)).
	Refused string
}

// AnswerRequest proposes to note that a request was answered or refused, and says whether that was in time, which places were not searched, and what an erasure here would take.
func AnswerRequest(v estate.View, in AnswerRequestIn) (practice.Proposal, error) {
	before, err := openRequest(v, in.Request)
	if err != nil {
		return practice.Proposal{}, err
	}
	on := cmp.Or(in.On, v.At())
	if on < before.Received || on > v.At() {
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s is not between the receipt on %s and today", on, before.Received)}
	}
	b := bookOf(v)
	after := model.Clone(before)
	after.Answered, after.State, after.Refused = on, "answered", strings.TrimSpace(in.Refused)
	after.Answer = first(in.Answer, before.Answer)
	why := "Answer "
	if after.Refused != "" {
		after.State, why = "refused", "Refuse "
	}
	out := changed(v, before, after, why+before.Title())
	note := func(s practice.Severity, text string, args ...any) {
		out.Findings = append(out.Findings, b.about(before, s, text, args...))
	}
	c := ClockOf(after, b.countryOf(after), v.At())
	if c.Late {
		note(practice.High, "It was due on %s and was answered on %s.", c.Due, on)
	}
	if before.IdentityVerified.IsZero() {
		note(practice.High, "Nobody has noted that it is certain who asks: data must not go to somebody else (GDPR Art. 12(6)).")
	}
	if open := unsearched(v, before); len(open) > 0 && after.Refused == "" {
		note(practice.High, "Not searched: %s.", practice.Some(open))
	}
	if after.Refused == "" && before.Type == "erasure" {
		for _, row := range b.erasable(before) {
			if row.Command != "" {
				note(practice.Medium, "%s still holds %s here: %s", row.Record, strings.Join(row.Fields, ", "), row.Command)
			} else {
				note(practice.Medium, "%s is about the person, and %s.", row.Record, row.Note)
			}
		}
	}
	if after.Refused != "" {
		note(practice.Info, "Tell the person the reason, and that a complaint to the authority and a court are open (GDPR Art. 12(4)). The letter is not sent by this.")
	}
	practice.WorstFirst(out.Findings)
	return out, nil
}
