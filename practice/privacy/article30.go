package privacy

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// State says how one part of an entry in the records stands.
type State string

// The states of a part.
const (
	// Complete means that the part is there.
	Complete State = "complete"
	// Missing means that GDPR Art. 30 asks for the part and that it is not there.
	Missing State = "missing"
	// WherePossible means that it is not there and that Art. 30 asks for it where possible.
	WherePossible State = "missing where possible"
	// NotApplicable means that there is nothing to say.
	NotApplicable State = "not applicable"
)

// Part is one part of an entry, as GDPR Art. 30 names it.
type Part struct {
	// Letter is the letter of the paragraph, a to g of Art. 30(1) or a to d of Art. 30(2).
	Letter string
	// Title says what it is about.
	Title string
	// State says how it stands.
	State State
	// Text is what the records say.
	Text string
	// Lacks says what is missing.
	Lacks []string
}

// partOf makes a part from what it says and what it lacks.
func partOf(letter, title string, text []string, lacks []string) Part {
	p := Part{Letter: letter, Title: title, State: Complete, Text: list(text), Lacks: lacks}
	if len(lacks) > 0 {
		p.State = Missing
	}
	return p
}

// PartsOf returns the parts of an entry in the records of processing: (a) to (g) of GDPR Art. 30(1) where the company decides, and (a) to (d) of Art. 30(2) where
// it processes on behalf of others. A part is complete when every piece is there that the letter names and that applies.
func PartsOf(v estate.View, a *model.ProcessingActivity) []Part { return bookOf(v).parts(a) }

// parts returns the parts of an entry. They are worked out once for each question.
func (b *book) parts(a *model.ProcessingActivity) []Part {
	out, known := b.parted[a]
	if !known {
		out = b.newParts(a)
		b.parted[a] = out
	}
	return out
}

func (b *book) newParts(a *model.ProcessingActivity) []Part {
	who, lacks := b.people(a)
	if a.Role == "processor" {
		parties, lacksParties := partiesOf(a, "the controllers for whom it is done")
		return []Part{
			partOf("a", "Processor, controllers, representative and data protection officer", slices.Concat(who, parties), slices.Concat(lacks, lacksParties)),
			b.categories(a),
			b.transferPart("c", a),
			b.measures("d", a),
		}
	}
	if a.Role == "joint" {
		parties, lacksParties := partiesOf(a, "the joint controllers")
		who, lacks = slices.Concat(who, parties), slices.Concat(lacks, lacksParties)
	}
	return []Part{
		partOf("a", "Controller, joint controllers, representative and data protection officer", who, lacks),
		partOf("b", "Purposes", a.Purposes, unless(len(a.Purposes) > 0, "the purposes")),
		b.whose(a),
		b.recipients(a),
		b.transferPart("e", a),
		b.limits(a),
		b.measures("g", a),
	}
}

// unless returns what is missing where something does not hold.
func unless(holds bool, missing string) []string {
	if holds {
		return nil
	}
	return []string{missing}
}

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return strings.TrimSpace(t)
		}
	}
	return ""
}

// people returns who answers for the processing: the company, its representative and its data protection officer, and what is missing of that.
func (b *book) people(a *model.ProcessingActivity) (text, lacks []string) {
	p := b.profile(a)
	own := "controller"
	name, contact := first(a.Controller, p.Controller), first(a.Contact, p.Contact)
	if a.Role == "processor" {
		own, name, contact = "processor", first(p.Controller), first(p.Contact)
	}
	lacks = append(lacks, unless(name != "", "the name of the "+own)...)
	lacks = append(lacks, unless(contact != "", "the contact of the "+own)...)
	if line := joined(name, contact); line != "" {
		text = append(text, line)
	}
	representative := first(a.Representative, p.Representative)
	if representative != "" {
		text = append(text, "Representative: "+representative)
	} else if p.Country != "" && !slices.Contains(economicArea, p.Country) {
		lacks = append(lacks, "the representative in the Union")
	}
	officer := a.Officer
	if officer.IsZero() {
		officer = p.Officer
	}
	switch person, ok := estate.Look[*model.Person](b.view, officer); {
	case ok:
		contact := joined(person.Email, person.Phone)
		if officer == p.Officer {
			contact = first(p.OfficerContact, contact)
		}
		text = append(text, "Data protection officer: "+joined(first(person.FullName, person.Title()), contact))
		lacks = append(lacks, unless(!practice.HasLeft(person, b.view.At()), "a data protection officer who still works here")...)
		lacks = append(lacks, unless(contact != "", "the contact of the data protection officer")...)
	case !officer.IsZero():
		text = append(text, "Data protection officer: named, and out of your sight")
	case p.OfficerContact != "":
		text = append(text, "Data protection officer: "+p.OfficerContact)
	case !p.NoOfficer:
		lacks = append(lacks, "the data protection officer, or that none is needed")
	}
	return text, lacks
}

// joined writes texts behind each other, empty ones left out, on one line.
func joined(texts ...string) string {
	var out []string
	for _, t := range texts {
		if t = strings.Join(strings.Fields(t), " "); t != "" {
			out = append(out, t)
		}
	}
	return strings.Join(out, ", ")
}

// partiesOf returns the other parties, and what is missing of them.
func partiesOf(a *model.ProcessingActivity, what string) (text, lacks []string) {
	for _, p := range a.Parties {
		line := joined(p.Name, p.Contact)
		if p.Representative != "" {
			line += ", representative: " + p.Representative
		}
		if p.Officer != "" {
			line += ", data protection officer: " + p.Officer
		}
		text = append(text, line)
		lacks = append(lacks, unless(strings.TrimSpace(p.Contact) != "", "the contact of "+p.Name)...)
	}
	return text, append(lacks, unless(len(a.Parties) > 0, what)...)
}

// categories returns the categories of processing for each controller: Art. 30(2)(b).
func (b *book) categories(a *model.ProcessingActivity) Part {
	var text, lacks []string
	for _, p := range a.Parties {
		if strings.TrimSpace(p.Processing) == "" {
			lacks = append(lacks, "the categories of processing for "+p.Name)
			continue
		}
		text = append(text, p.Name+": "+p.Processing)
	}
	return partOf("b", "Categories of processing for each controller", text, append(lacks, unless(len(a.Parties) > 0, "the categories of processing for each controller")...))
}

// whose returns the categories of persons and of data: Art. 30(1)(c).
func (b *book) whose(a *model.ProcessingActivity) Part {
	var text []string
	if len(a.Subjects) > 0 {
		text = append(text, "Persons: "+strings.Join(a.Subjects, ", "))
	}
	if len(a.Data) > 0 {
		text = append(text, "Data: "+strings.Join(dataOf(a), ", "))
	}
	lacks := unless(len(a.Subjects) > 0, "the categories of persons")
	return partOf("c", "Categories of persons and of personal data", text, append(lacks, unless(len(a.Data) > 0, "the categories of personal data")...))
}

// dataOf lists the categories of personal data with what is special about them.
func dataOf(a *model.ProcessingActivity) []string {
	var out []string
	for _, d := range a.Data {
		text := d.Category
		if d.Special {
			text += " (special category, Art. 9)"
		}
		if d.Criminal {
			text += " (criminal, Art. 10)"
		}
		out = append(out, text)
	}
	return out
}

// recipients returns who the data is disclosed to: Art. 30(1)(d).
func (b *book) recipients(a *model.ProcessingActivity) Part {
	var text []string
	for _, r := range a.Recipients {
		line := r.Category
		if rec := b.view.Get(r.Party); rec != nil && !alike(rec.Base().Title(), line) {
			line += ": " + rec.Base().Title()
		}
		if r.Country != "" {
			line += " (" + r.Country + ")"
		}
		text = append(text, line)
	}
	for _, p := range a.Processors {
		vendor, ok := estate.Look[*model.Vendor](b.view, p.Vendor)
		if !ok {
			continue
		}
		line := "processor " + vendor.Title()
		if vendor.Country != "" {
			line += " (" + vendor.Country + ")"
		}
		text = append(text, line)
	}
	if len(a.Recipients)+len(a.Processors) == 0 && a.NoRecipients {
		return Part{Letter: "d", Title: "Recipients", State: Complete, Text: "none"}
	}
	return partOf("d", "Recipients", text, unless(len(a.Recipients)+len(a.Processors) > 0, "the categories of recipients, or that there are none"))
}

// transferPart returns where the data goes outside of the Union: Art. 30(1)(e) and 30(2)(c). What makes a transfer lawful is asked for by Chapter V;
// Art. 30 asks for the documented safeguards of Art. 49(1), second subparagraph, alone.
func (b *book) transferPart(letter string, a *model.ProcessingActivity) Part {
	var text, lacks []string
	for i, t := range a.Transfers {
		to := first(t.Country, t.Organisation)
		if to == "" {
			lacks = append(lacks, fmt.Sprintf("the country or organisation of transfer %d", i+1))
			continue
		}
		line := to
		if t.Country != "" && t.Organisation != "" {
			line = t.Organisation + " (" + t.Country + ")"
		}
		if vendor := b.view.Get(t.Recipient); vendor != nil {
			line += " to " + vendor.Base().Title()
		}
		if t.Safeguard != "" {
			line += ": " + labelOf(t.Safeguard)
		}
		if t.Note != "" {
			line += ", " + t.Note
		}
		text = append(text, line)
		if t.Safeguard == "compelling_interests" && t.Document.IsZero() && strings.TrimSpace(t.Note) == "" {
			lacks = append(lacks, "the documented safeguards for "+to)
		}
	}
	for _, r := range b.reaches(a) {
		if b.country(r.country).away() && !r.guess && transferTo(a, r.country) == nil {
			lacks = append(lacks, fmt.Sprintf("the transfer to %s, where %s", r.country, r.how))
		}
	}
	p := partOf(letter, "Transfers to third countries and international organisations", text, lacks)
	if len(a.Transfers) == 0 && len(lacks) == 0 {
		p.State, p.Text = NotApplicable, "none known"
	}
	return p
}

// labelOf returns what a screen calls a value of an enum.
func labelOf[E interface {
	~string
	model.Enum
}](value E) string {
	for _, o := range value.Options() {
		if o.Value == string(value) {
			return o.Label
		}
	}
	return string(value)
}

// transferTo returns the recorded transfer to a country, or nil.
func transferTo(a *model.ProcessingActivity, country string) *model.DataTransfer {
	for i := range a.Transfers {
		if a.Transfers[i].Country == country {
			return &a.Transfers[i]
		}
	}
	return nil
}

// limits returns the time limits for erasure, where possible: Art. 30(1)(f).
func (b *book) limits(a *model.ProcessingActivity) Part {
	var text, lacks []string
	for _, r := range a.Retention {
		if limited(r) {
			text = append(text, limitText(r))
		}
	}
	for _, d := range a.Data {
		if !limitsCategory(a, d.Category) {
			lacks = append(lacks, "a time limit for "+d.Category)
		}
	}
	if len(a.Data) == 0 && len(text) == 0 {
		lacks = append(lacks, "time limits for erasure")
	}
	p := partOf("f", "Time limits for erasure, where possible", text, lacks)
	if len(lacks) > 0 {
		p.State = WherePossible
	}
	return p
}

// limited reports whether a line says for how long data is kept.
func limited(r model.RetentionLimit) bool { return r.Months > 0 || r.Keep > 0 }

// limitsCategory reports whether there is a time limit for a category. A line for "all" holds for every one.
func limitsCategory(a *model.ProcessingActivity, category string) bool {
	return slices.ContainsFunc(a.Retention, func(r model.RetentionLimit) bool {
		return limited(r) && (alike(r.Category, category) || alike(r.Category, "all"))
	})
}

// limitText writes a time limit as a sentence.
func limitText(r model.RetentionLimit) string {
	text := r.Category + ": " + lengthText(r)
	if r.After != "" {
		text += " after " + r.After
	}
	if r.Reason != "" {
		text += " (" + r.Reason + ")"
	}
	return text
}

// lengthText writes for how long data is kept.
func lengthText(r model.RetentionLimit) string {
	switch {
	case r.Months > 0 && r.Months%12 == 0:
		return practice.Count(r.Months/12, "year", "years")
	case r.Months > 0:
		return practice.Count(r.Months, "month", "months")
	}
	return r.Keep.String()
}

// measures returns how the data is protected, where possible: Art. 30(1)(g) and 30(2)(d).
func (b *book) measures(letter string, a *model.ProcessingActivity) Part {
	var text []string
	if m := joined(a.Measures); m != "" {
		text = append(text, m)
	}
	text = append(text, titles(b.view, a.Controls)...)
	p := partOf(letter, "Technical and organisational measures, where possible", text, unless(joined(a.Measures) != "" || len(a.Controls) > 0, "a description of the measures"))
	if p.State == Missing {
		p.State = WherePossible
	}
	return p
}

// freed reports whether GDPR Art. 30(5) frees the company of the records of some processing: it employs fewer people than the threshold, the processing is
// occasional, is not likely to bring a risk, and has neither special categories nor criminal data. Where nobody knows how many it employs it frees nobody.
func (b *book) freed(a *model.ProcessingActivity) bool {
	p := b.profile(a)
	threshold := p.RecordThreshold
	if threshold == 0 {
		threshold = 250
	}
	return p.Employees > 0 && p.Employees < threshold && a.Occasional && !a.Risky && !sensitive(a)
}

// sensitive reports whether processing has special categories of data or data about crimes.
func sensitive(a *model.ProcessingActivity) bool {
	return slices.ContainsFunc(a.Data, func(d model.PersonalDataCategory) bool { return d.Special || d.Criminal })
}

// reached is a country that the estate shows data of processing to be in, or to be read from.
type reached struct {
	country string
	// how says it as the end of a sentence.
	how string
	// path leads from the processing to what tells the country.
	path practice.Path
	// vendor is who is there, where it is a vendor.
	vendor practice.Link
	// guess says that only the home of a vendor speaks for it, which nobody named as a processor.
	guess bool
}

// reaches returns the countries that the estate shows for processing, each with the surest reason, in order. They are worked out once for each question.
func (b *book) reaches(a *model.ProcessingActivity) []reached {
	out, known := b.routes[a]
	if !known {
		out = b.newReaches(a)
		b.routes[a] = out
	}
	return out
}

func (b *book) newReaches(a *model.ProcessingActivity) []reached {
	best := map[string]reached{}
	note := func(r reached) {
		if before, ok := best[r.country]; r.country != "" && (!ok || before.guess && !r.guess) {
			best[r.country] = r
		}
	}
	from := practice.To(a)
	for _, ref := range a.DataSets {
		d, ok := estate.Look[*model.DataSet](b.view, ref)
		if !ok {
			continue
		}
		for _, c := range d.Countries {
			note(reached{country: c, how: d.Title() + " is stored", path: practice.Path{from, practice.To(d)}})
		}
		for _, r := range d.StoredIn {
			b.placed(r, practice.Path{from, practice.To(d)}, note)
		}
		for _, vendor := range b.holders[ref] {
			note(reached{country: vendor.Country, how: vendor.Title() + " has " + d.Title(), path: practice.Path{from, practice.To(d), practice.To(vendor)}, vendor: practice.To(vendor)})
		}
	}
	for _, ref := range a.Applications {
		b.placed(ref, practice.Path{from}, note)
	}
	for _, p := range a.Processors {
		b.vendors(p.Vendor, practice.Path{from}, note)
	}
	for _, r := range a.Recipients {
		note(reached{country: r.Country, how: r.Category + " get it", path: practice.Path{from}})
		b.vendors(r.Party, practice.Path{from}, note)
	}
	var out []reached
	for _, r := range best {
		out = append(out, r)
	}
	slices.SortFunc(out, func(x, y reached) int { return strings.Compare(x.country, y.country) })
	return out
}

// placed notes where something is that holds the data.
func (b *book) placed(ref model.Ref, path practice.Path, note func(reached)) {
	rec := b.view.Get(ref)
	if rec == nil {
		return
	}
	link := practice.To(rec)
	for _, p := range b.where(ref) {
		r := reached{country: p.country, how: rec.Base().Title() + " runs", path: append(slices.Clone(path), link), guess: p.guess}
		if p.at.ID != link.ID {
			r.path = append(r.path, p.at)
		}
		if p.guess {
			r.how, r.vendor = p.at.Title()+", which runs "+rec.Base().Title()+", is at home", p.at
		}
		note(r)
	}
}

// vendors notes where a vendor is at home, and where those are that it passes data on to.
func (b *book) vendors(ref model.Ref, path practice.Path, note func(reached)) {
	seen := map[model.Ref]bool{}
	type step struct {
		ref  model.Ref
		path practice.Path
	}
	for queue := []step{{ref, path}}; len(queue) > 0; queue = queue[1:] {
		vendor, ok := estate.Look[*model.Vendor](b.view, queue[0].ref)
		if !ok || seen[queue[0].ref] {
			continue
		}
		seen[queue[0].ref] = true
		link := practice.To(vendor)
		chain := append(slices.Clone(queue[0].path), link)
		note(reached{country: vendor.Country, how: vendor.Title() + " is at home", path: chain, vendor: link})
		for _, next := range vendor.SubProcessors {
			queue = append(queue, step{next, chain})
		}
	}
}
