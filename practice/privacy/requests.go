package privacy

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// RequestsIn says which requests are looked at.
type RequestsIn struct {
	// Request limits the answer to one request.
	Request model.Ref `to:"DataSubjectRequest"`
	// Open leaves out what is answered.
	Open bool
	// Since leaves out what came before a day.
	Since model.Date
	// Country is whose public holidays move the ends of periods, as two letters of ISO 3166. Unset means that of the request, or of the privacy profile.
	Country string `format:"country"`
}

// RequestsOut says where requests of persons stand.
type RequestsOut struct {
	// Open is how many are not answered.
	Open practice.Figure
	// Late is how many open ones are past their time.
	Late practice.Figure
	// Soon is how many open ones are due within seven days.
	Soon practice.Figure
	// InTime is the share of the answered ones that was answered in time, in percent.
	InTime practice.Figure
	// MeanDays is how many days an answer took on average.
	MeanDays practice.Figure
	// Findings say what to do, the most urgent first.
	Findings []practice.Finding
	// Requests are the requests, those due first.
	Requests practice.Table[RequestRow]
	// Searches are the places that were searched or are to be.
	Searches practice.Table[SearchRow]
	// Erasable is what an erasure in Binnacle would take of the persons who ask for one. Other systems must be erased there.
	Erasable practice.Table[ErasableRow]
}

// RequestRow is one request of a person.
type RequestRow struct {
	// Request is the request.
	Request practice.Link
	// Type is the right that is used.
	Type model.SubjectRight
	// State says where it stands.
	State model.SubjectRequestState
	// Received is the day on which it came.
	Received model.Date
	// Due is the last day for the answer. Empty where the clock waits for the identity of the person.
	Due model.Date
	// DaysLeft is how many days are left, below zero when it is past. Empty for what is answered.
	DaysLeft *int
	// Extended says that two further months hold.
	Extended bool
	// Answered is the day of the answer.
	Answered model.Date
	// Days is how many days the answer took. Empty for what is open.
	Days *int
	// Late says that it is, or was, too late.
	Late bool
	// Searched says how many of the places were searched.
	Searched string
	// Notes say what else counts.
	Notes string
	// Owner is who answers for it.
	Owner practice.Link
}

// SearchRow is a place that is searched for data of a person.
type SearchRow struct {
	// Request is the request.
	Request practice.Link
	// Place is what is searched.
	Place practice.Link
	// Done is the day of the search. Empty means that it is still to be done.
	Done model.Date
	// Found says that there is data of the person.
	Found bool
	// By is who searched.
	By practice.Link
	// Owner is who answers for the place.
	Owner practice.Link
}

// ErasableRow is a record here that is about a person.
type ErasableRow struct {
	// Request is the request.
	Request practice.Link
	// Record is the record.
	Record practice.Link
	// Fields are the fields with values that would be erased, from the past too.
	Fields []string
	// Command is what an administrator types.
	Command string
	// Note says what else counts.
	Note string
}

// Requests tells where the requests of persons stand (GDPR Art. 15 to 22): the month of Art. 12(3) with its two further months where the person was told in time, what is late,
// which places are still to be searched, how long answers took, and what an erasure in Binnacle would take. Periods that end on a Saturday, a Sunday or a public
// holiday end with the next working day (Regulation 1182/71, Art. 3(4)); holidays of a region alone are not known.
func Requests(v estate.View, in RequestsIn) (RequestsOut, error) {
	var out RequestsOut
	b := bookOf(v)
	var open, late, soon, answered, punctual []practice.Link
	days, unknown := 0, map[string]bool{}
	findings := map[model.ID][]practice.Finding{}
	for r := range estate.Each[*model.DataSubjectRequest](v) {
		if !in.Request.IsZero() && r.Ref() != in.Request || r.Received < in.Since || r.Received > v.At() {
			continue
		}
		country := first(in.Country, b.countryOf(r))
		c := ClockOf(r, country, v.At())
		if in.Open && !c.Open {
			continue
		}
		if !practice.HasHolidays(country) {
			unknown[country] = true
		}
		row := b.requestRow(r, c)
		out.Requests.Rows = append(out.Requests.Rows, row)
		link := row.Request
		switch {
		case c.Open:
			open = append(open, link)
			if c.Late {
				late = append(late, link)
			} else if !c.Waits && c.DaysLeft <= 7 {
				soon = append(soon, link)
			}
		case r.State != "withdrawn":
			answered = append(answered, link)
			days += c.Took
			if !c.Late {
				punctual = append(punctual, link)
			}
		}
		findings[r.ID] = b.requestFindings(r, c)
		b.rest(&out, r)
	}
	slices.SortStableFunc(out.Requests.Rows, func(x, y RequestRow) int {
		return cmp.Or(cmp.Compare(b2i(x.DaysLeft == nil), b2i(y.DaysLeft == nil)), cmp.Compare(x.Due, y.Due), cmp.Compare(x.Received, y.Received))
	})
	for _, row := range out.Requests.Rows {
		out.Findings = append(out.Findings, findings[row.Request.ID]...)
	}
	practice.WorstFirst(out.Findings)
	out.Open = practice.Counted("requests", practice.Neither, open)
	out.Late = practice.Counted("requests", practice.Lower, late)
	out.Soon = practice.Counted("requests", practice.Neither, soon)
	out.InTime = practice.Figure{Value: practice.Share(len(punctual), len(answered)), Unit: "%", Better: practice.Higher, Unknown: len(answered) == 0, From: answered}
	out.MeanDays = practice.Figure{Unit: "days", Better: practice.Lower, Unknown: len(answered) == 0, From: answered}
	if len(answered) > 0 {
		out.MeanDays.Value = math.Round(10*float64(days)/float64(len(answered))) / 10
	} else {
		out.InTime.Note, out.MeanDays.Note = "nothing was answered yet", "nothing was answered yet"
	}
	out.Requests.Note = holidayNote(unknown)
	out.Erasable.Note = "binnacle erase takes the values out of the record and out of every entry of the past. It does not reach other systems, nor backups that were written before."
	return out, nil
}

// holidayNote says for which countries no holidays are known.
func holidayNote(unknown map[string]bool) string {
	if unknown[""] {
		return "Nothing says whose public holidays count: periods end on the next working day after Saturdays and Sundays alone. Write the country into the privacy profile."
	}
	var names []string
	for name := range unknown {
		names = append(names, name)
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	return "The public holidays of " + strings.Join(names, ", ") + " are not known: Saturdays and Sundays alone count."
}

// countryOf returns whose public holidays count for a request.
func (b *book) countryOf(r *model.DataSubjectRequest) string {
	if r.Country != "" {
		return r.Country
	}
	for _, ref := range r.Activities {
		if a, ok := estate.Look[*model.ProcessingActivity](b.view, ref); ok {
			return b.profile(a).Country
		}
	}
	return b.profile(nil).Country
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// requestRow shows one request.
func (b *book) requestRow(r *model.DataSubjectRequest, c Clock) RequestRow {
	row := RequestRow{Request: practice.To(r), Type: r.Type, State: cmp.Or(r.State, "received"), Received: r.Received, Due: c.Due, Extended: c.Extended, Late: c.Late, Owner: responsible(b.view, r)}
	switch {
	case c.Open && !c.Waits:
		row.DaysLeft = &c.DaysLeft
	case !c.Open && r.State != "withdrawn":
		row.Answered, row.Days = r.Answered, &c.Took
	}
	done := 0
	for _, s := range r.Searches {
		done += b2i(!s.Done.IsZero() && s.Done <= b.view.At())
	}
	if len(r.Searches) > 0 {
		row.Searched = fmt.Sprintf("%d of %d", done, len(r.Searches))
	}
	var notes []string
	if c.Waits {
		notes = append(notes, "the clock waits until it is certain who asks")
	}
	if c.ToldLate {
		notes = append(notes, "the extension was told after the first month and does not hold")
	}
	if c.Open && (r.State == "answered" || r.State == "refused") {
		notes = append(notes, "it is marked as answered, and no day says when")
	}
	if r.Role == "processor" {
		notes = append(notes, "the company is a processor: the controller answers")
	}
	if !c.Open && r.Refused != "" {
		notes = append(notes, "refused: "+joined(r.Refused))
	}
	row.Notes = list(notes)
	return row
}

// requestFindings says what to do about one request.
func (b *book) requestFindings(r *model.DataSubjectRequest, c Clock) []practice.Finding {
	if !c.Open {
		if c.Late {
			return []practice.Finding{b.about(r, practice.Low, "%s was answered on %s and was due on %s.", r.Title(), r.Answered, c.Due)}
		}
		return nil
	}
	var out []practice.Finding
	mend := &practice.Mend{Action: "privacy.answer_request", Parameters: map[string]string{"request": r.Key}}
	switch {
	case c.Waits:
		out = append(out, b.about(r, practice.Low, "%s waits until it is certain who asks, since %s.", r.Title(), cmp.Or(r.IdentityAsked, r.Received)))
	case c.Late:
		f := b.about(r, practice.Critical, "%s was due on %s (GDPR Art. 12(3)), %s ago.", r.Title(), c.Due, practice.Count(-c.DaysLeft, "day", "days"))
		f.Mend = mend
		out = append(out, f)
	case c.DaysLeft <= 7:
		f := b.about(r, practice.High, "%s is due on %s, in %s.", r.Title(), c.Due, practice.Count(c.DaysLeft, "day", "days"))
		f.Mend = mend
		if !c.Extended {
			f.Text += " Two further months hold only where the person is told by then, with the reason."
		}
		out = append(out, f)
	case c.DaysLeft <= 14:
		f := b.about(r, practice.Medium, "%s is due on %s, in %s.", r.Title(), c.Due, practice.Count(c.DaysLeft, "day", "days"))
		f.Mend = mend
		out = append(out, f)
	}
	if c.ToldLate {
		out = append(out, b.about(r, practice.High, "The person was told on %s that %s takes longer, and the month was over on %s.", r.Extended, r.Title(), c.First))
	}
	if r.IdentityVerified.IsZero() && !c.Waits && r.IdentityAsked.IsZero() {
		out = append(out, b.about(r, practice.Low, "Nobody has noted how it is known who asks in %s.", r.Title()))
	}
	return out
}

// rest adds the searches of a request and, where it asks for erasure, what an erasure here would take.
func (b *book) rest(out *RequestsOut, r *model.DataSubjectRequest) {
	link := practice.To(r)
	for _, s := range r.Searches {
		rec := b.view.Get(s.Place)
		if rec == nil {
			continue
		}
		out.Searches.Rows = append(out.Searches.Rows, SearchRow{Request: link, Place: practice.To(rec), Done: s.Done, Found: s.Found, By: practice.To(b.view.Get(s.By)), Owner: responsible(b.view, rec)})
	}
	if r.Type == "erasure" {
		out.Erasable.Rows = append(out.Erasable.Rows, b.erasable(r)...)
	}
}

// erasable lists the records here that are about the person of a request, and which of their values an erasure would take: those of personal fields and, where a kind has
// such fields, the key, the name, the description and what sources call the record.
func (b *book) erasable(r *model.DataSubjectRequest) []ErasableRow {
	var out []ErasableRow
	for _, ref := range r.Records {
		rec := b.view.Get(ref)
		if rec == nil {
			continue
		}
		k := b.view.Schema().Of(rec)
		row := ErasableRow{Request: practice.To(r), Record: practice.To(rec)}
		personal := false
		for _, f := range k.Fields {
			own := f.Personal || slices.ContainsFunc(f.Columns, func(c *model.Field) bool { return c.Personal })
			personal = personal || own
			if (own || slices.Contains([]string{"key", "name", "description", "sightings"}, f.Name)) && f.Has(rec) {
				row.Fields = append(row.Fields, f.Name)
			}
		}
		if personal {
			row.Command = fmt.Sprintf("binnacle erase %s --why %q", row.Record, "Asked for in "+r.Key)
		} else {
			row.Note = "the kind has no personal fields: name the fields to erase"
			row.Fields = nil
		}
		out = append(out, row)
	}
	return out
}
