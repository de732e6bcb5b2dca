package suppliers

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// CalendarIn says which dates are wanted.
type CalendarIn struct {
	// Days is how many days ahead is looked. The default is 400.
	Days int `min:"0" max:"36500"`
	// Back is how many days back is looked. The default is 0.
	Back int `min:"0" max:"36500"`
	// For limits the dates to what a person, or one of the teams that the person is in or leads, answers for.
	For model.Ref `to:"Person"`
	// Type limits the dates to one type. Unset means all.
	Type DateType
}

// DateType is what happens on a date.
type DateType string

// Options lists what can happen on a date.
func (DateType) Options() []model.Option {
	return []model.Option{
		{Value: "notice", Label: "Notice", Help: "The last day on which notice ends a contract with its term."},
		{Value: "term_end", Label: "End of a term", Help: "A contract ends or goes on."},
		{Value: "obligation", Label: "Obligation", Help: "Something is owed by one side."},
		{Value: "certificate", Label: "Certificate", Help: "A certificate of a vendor runs out."},
		{Value: "assessment", Label: "Assessment", Help: "Answers of a vendor are due, or a result runs out."},
	}
}

// CalendarOut are the dates of contracts and vendors.
type CalendarOut struct {
	// Count is how many dates there are.
	Count practice.Figure
	// Dates are the dates, in order.
	Dates practice.Table[DateOf]
}

// DateOf is something that happens on a day.
type DateOf struct {
	// On is the day.
	On model.Date
	// Type says what happens.
	Type DateType
	// Title says it in a few words.
	Title string
	// About is the contract, obligation, vendor or assessment.
	About practice.Link
	// Vendor is the vendor.
	Vendor practice.Link
	// Owner is who answers for it.
	Owner practice.Link
	// DaysLeft is how many days are left. Below zero it is past.
	DaysLeft int
	// Alarms are how many days before a calendar should ring.
	Alarms []string
	// Text says what to do.
	Text string
	// UID names the date for ever, also when it is moved, so that calendars do not show it twice.
	UID string `json:"uid" label:"UID"`
}

// Calendar lists the dates that nobody must miss: last days of notice, ends of
// terms, obligations, certificates, and answers to questionnaires. A calendar program can subscribe to the same dates, with alarms
// before them, at /api/v1/calendar.ics with a token that only reads in the address: ?token=. Binnacle sends no mail: what comes near
// stands on the boards as findings, too.
func Calendar(v estate.View, in CalendarIn) (CalendarOut, error) {
	d := dates{view: v, from: v.At().AddDays(-in.Back), until: v.At().AddDays(cmp.Or(in.Days, 400)), only: in.Type}
	if person, ok := estate.Look[*model.Person](v, in.For); ok {
		d.people = circleOf(v, person)
	}
	for c := range estate.Each[*model.Contract](v) {
		d.contract(c)
	}
	for o := range estate.Each[*model.Obligation](v) {
		d.obligation(o)
	}
	for vendor := range estate.Each[*model.Vendor](v) {
		d.certificates(vendor)
	}
	for a := range estate.Each[*model.Assessment](v) {
		d.assessment(a)
	}
	slices.SortStableFunc(d.rows, func(a, b DateOf) int { return cmp.Compare(a.On, b.On) })
	var from []practice.Link
	for _, r := range d.rows {
		from = append(from, r.About)
	}
	return CalendarOut{Count: practice.Counted("dates", practice.Neither, from), Dates: practice.Table[DateOf]{Rows: d.rows}}, nil
}

// circleOf returns a person and the teams that the person is in or leads.
func circleOf(v estate.View, p *model.Person) []model.ID {
	out := []model.ID{p.ID}
	for t := range estate.Each[*model.Team](v) {
		if t.Lead == p.Ref() || p.Team == t.Ref() {
			out = append(out, t.ID)
		}
	}
	return out
}

// dates gathers what happens between two days.
type dates struct {
	view        estate.View
	from, until model.Date
	only        DateType
	people      []model.ID
	rows        []DateOf
}

// add adds a date where it is wanted. The owners are those who answer for it; the first one is shown.
func (d *dates) add(row DateOf, name string, owners ...practice.Link) {
	owners = slices.DeleteFunc(owners, practice.Link.IsZero)
	wanted := !row.On.IsZero() && row.On >= d.from && row.On <= d.until && (d.only == "" || d.only == row.Type)
	if !wanted || d.people != nil && !slices.ContainsFunc(owners, func(l practice.Link) bool { return slices.Contains(d.people, l.ID) }) {
		return
	}
	if len(owners) > 0 {
		row.Owner = owners[0]
	}
	row.DaysLeft = int(row.On - d.view.At())
	row.UID = fmt.Sprintf("%s-%s-%s@binnacle", row.About.ID, row.Type, name)
	d.rows = append(d.rows, row)
}

func (d *dates) contract(c *model.Contract) {
	s := StandingOn(c, max(d.from, c.Start))
	if !s.Live() {
		return
	}
	vendor := practice.To(d.view.Get(c.Vendor))
	owner, manager := practice.OwnerOf(d.view, c), practice.To(d.view.Get(c.Manager))
	title := c.Title()
	if !vendor.IsZero() {
		title += " (" + vendor.Title() + ")"
	}
	if periodMonths(c.NoticeRule) == 1 && s.Ends.IsZero() {
		return // It can end with any month, so that no day is worth a note.
	}
	ended := map[model.Date]bool{}
	ends := func(end model.Date, text string) {
		if !ended[end] {
			ended[end] = true
			d.add(DateOf{On: end, Type: "term_end", Title: "End of the term: " + title, About: practice.To(c), Vendor: vendor, Alarms: []string{"30", "7"}, Text: text}, end.String(), owner, manager)
		}
	}
	// Each day of notice and each end until the last day asked for, one term after the other.
	for day := max(d.from, c.Start); day <= d.until; {
		s := StandingOn(c, day)
		if !s.Live() {
			return
		}
		if !s.NoticeBy.IsZero() {
			d.add(DateOf{On: s.NoticeBy, Type: "notice", Title: "Last day of notice: " + title, About: practice.To(c), Vendor: vendor, Alarms: []string{"90", "30", "7", "1"},
				Text: fmt.Sprintf("Notice that is there by %s ends the contract with %s. Without it, the contract goes on.", s.NoticeBy, s.Exit)}, s.Exit.String(), owner, manager)
		}
		if s.Terms.AutoRenew > 0 && s.Term.Until != s.Ends {
			ends(s.Term.Until, "The contract goes on by itself unless notice was given in time.")
		}
		if !s.Ends.IsZero() {
			ends(s.Ends, "The contract ends and does not go on by itself.")
			return
		}
		if s.NoticeBy.IsZero() {
			return
		}
		day = s.NoticeBy + 1
	}
}

func (d *dates) obligation(o *model.Obligation) {
	c, ok := estate.Look[*model.Contract](d.view, o.Contract)
	due := nextDue(o)
	if !ok || due.IsZero() || !StandingOn(c, d.view.At()).Live() {
		return
	}
	vendor := practice.To(d.view.Get(c.Vendor))
	who := "We owe"
	if !o.Ours {
		who = cmp.Or(vendor.Title(), "The vendor") + " owes"
	}
	for n := 1; due <= d.until; n++ {
		d.add(DateOf{On: due, Type: "obligation", Title: who + ": " + o.Title(), About: practice.To(o), Vendor: vendor, Alarms: []string{"14", "1"}, Text: strings.TrimSpace(o.Description + " " + o.Clause)},
			due.String(), practice.OwnerOf(d.view, o), practice.OwnerOf(d.view, c), practice.To(d.view.Get(c.Manager)))
		if o.EveryMonths == 0 {
			return
		}
		due = nextDue(o).AddMonths(n * o.EveryMonths)
	}
}

func (d *dates) certificates(vendor *model.Vendor) {
	for _, c := range vendor.Certificates {
		d.add(DateOf{On: c.Expires, Type: "certificate", Title: fmt.Sprintf("%s of %s runs out", c.Name, vendor.Title()), About: practice.To(vendor), Vendor: practice.To(vendor), Alarms: []string{"60", "14"}, Text: "Ask for the next certificate."},
			slug(c.Name)+"-"+c.Expires.String(), practice.OwnerOf(d.view, vendor), practice.To(d.view.Get(vendor.Contact)))
	}
}

func (d *dates) assessment(a *model.Assessment) {
	vendor, _ := estate.Look[*model.Vendor](d.view, a.Vendor)
	owners := []practice.Link{practice.OwnerOf(d.view, a)}
	if vendor != nil {
		owners = append(owners, practice.OwnerOf(d.view, vendor), practice.To(d.view.Get(vendor.Contact)))
	}
	row := DateOf{Type: "assessment", About: practice.To(a), Vendor: practice.To(d.view.Get(a.Vendor)), Alarms: []string{"7"}}
	if isOpen(a) {
		row.On, row.Title, row.Text = a.Due, "Answers are due: "+a.Title(), "Ask the vendor for the answers that are missing."
		d.add(row, "due", owners...)
		return
	}
	row.On, row.Title, row.Text = a.Expires, "The result runs out: "+a.Title(), "Ask the vendor again."
	d.add(row, "expires", owners...)
}

// slug writes a name with letters and digits alone.
func slug(name string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(name)), "-")
}
