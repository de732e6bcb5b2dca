package privacy

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// created makes a proposal of one new record.
func created(v estate.View, rec model.Record, why string) practice.Proposal {
	k := v.Schema().Of(rec)
	rec.Base().ID = practice.NewID(v, k.Name, rec.Base().Key)
	change, _ := model.Difference(k, nil, rec)
	return practice.Proposal{Why: why, Changes: []model.Change{change}}
}

// changed makes a proposal of one record that changes.
func changed(v estate.View, before, after model.Record, why string) practice.Proposal {
	out := practice.Proposal{Why: why}
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
	return out
}

// RecordActivityIn says what is written into the records of processing.
type RecordActivityIn struct {
	// Activity is an entry to be completed. Unset means a new one.
	Activity model.Ref `to:"ProcessingActivity"`
	// Name is what a new entry is called, such as Payroll.
	Name string
	// Application is an application or a service that processes the data. What the estate knows around it is taken along.
	Application model.Ref `to:"Application,Service"`
	// DataSet is a data set that is processed.
	DataSet model.Ref `to:"DataSet"`
	// Role says what part the company has.
	Role model.ProcessingRole
	// Purposes are what the data is processed for.
	Purposes []string
	// Subjects are the categories of persons.
	Subjects []string
	// Data are the categories of personal data.
	Data []string
	// Special are the categories of personal data that are of a special category (GDPR Art. 9).
	Special []string
	// LegalBasis says why it is lawful. This is good practice, and not asked for by Art. 30.
	LegalBasis model.LegalBasis
	// Unit is the business unit that it serves.
	Unit model.Ref `to:"BusinessUnit"`
	// Owner is who answers for it.
	Owner model.Ref `to:"Person,Team"`
}

// RecordActivity proposes an entry in the records of processing activities, or completes one. With an application come the data sets with personal data that it stores, the vendor
// that runs it with its contract, and the countries outside of the economic area where these are; an adequacy decision is written down as the safeguard where one holds. What only
// people know is named as missing.
func RecordActivity(v estate.View, in RecordActivityIn) (practice.Proposal, error) {
	b := bookOf(v)
	before, exists := estate.Look[*model.ProcessingActivity](v, in.Activity)
	app, set := v.Get(in.Application), v.Get(in.DataSet)
	after := &model.ProcessingActivity{}
	switch {
	case exists:
		after = model.Clone(before)
	case !in.Activity.IsZero():
		return practice.Proposal{}, model.Problem{Field: "activity", Text: "there is no such processing activity"}
	default:
		name := strings.TrimSpace(in.Name)
		if name == "" && app != nil {
			name = "Processing in " + app.Base().Title()
		} else if name == "" && set != nil {
			name = "Processing of " + set.Base().Title()
		}
		if name == "" {
			return practice.Proposal{}, model.Problem{Field: "name", Text: "say what the entry is called, or which application or data set it is about"}
		}
		after.Key, after.Name, after.State, after.Role = practice.FreeKey(v, "ProcessingActivity", keyOf(name)), name, "active", cmp.Or(in.Role, "controller")
	}
	after.Role, after.LegalBasis, after.Owner = cmp.Or(in.Role, after.Role), cmp.Or(in.LegalBasis, after.LegalBasis), orRef(in.Owner, after.Owner)
	if exists && strings.TrimSpace(in.Name) != "" {
		after.Name = strings.TrimSpace(in.Name)
	}
	after.Purposes, after.Subjects = withTexts(after.Purposes, in.Purposes), withTexts(after.Subjects, in.Subjects)
	after.Data = withData(after.Data, in.Data, in.Special)
	after.BusinessUnits = withRef(after.BusinessUnits, in.Unit)
	b.takeApplication(after, app)
	if d, ok := set.(*model.DataSet); ok {
		after.DataSets = withRef(after.DataSets, d.Ref())
		after.Owner = orRef(after.Owner, orRef(d.Owner, d.Steward))
	}
	b.takeTransfers(after)
	var out practice.Proposal
	if exists {
		out = changed(v, before, after, "Complete "+after.Title()+" in the records of processing")
	} else {
		out = created(v, after, "Add "+after.Title()+" to the records of processing")
	}
	article := "Art. 30(1)"
	if after.Role == "processor" {
		article = "Art. 30(2)"
	}
	out.Findings = b.entryFindings(after, b.parts(after), b.freed(after), article)
	for _, t := range b.transfersOf(after) {
		if f, bad := b.transferFinding(after, t); bad {
			out.Findings = append(out.Findings, f)
		}
	}
	for i := range out.Findings {
		out.Findings[i].Mend = nil
	}
	practice.WorstFirst(out.Findings)
	return out, nil
}

// takeApplication takes along what the estate knows around an application: data sets, the vendor that runs it, its contract and its owner.
func (b *book) takeApplication(a *model.ProcessingActivity, app model.Record) {
	if app == nil {
		return
	}
	ref := app.Base().Ref()
	a.Applications = withRef(a.Applications, ref)
	a.Owner = orRef(a.Owner, app.Base().Owner)
	for _, d := range b.stored[ref] {
		a.DataSets = withRef(a.DataSets, d.Ref())
	}
	application, ok := app.(*model.Application)
	if !ok || !rented(application) || application.Vendor.IsZero() || b.view.Get(application.Vendor) == nil {
		return
	}
	if slices.ContainsFunc(a.Processors, func(p model.ProcessorUse) bool { return p.Vendor == application.Vendor }) {
		return
	}
	use := model.ProcessorUse{Vendor: application.Vendor, Task: "runs " + application.Title()}
	for _, c := range b.contractsFor(application) {
		if c.Vendor == application.Vendor && b.runs(c) {
			use.Contract = c.Ref()
			break
		}
	}
	a.Processors = append(slices.Clone(a.Processors), use)
}

// takeTransfers writes down the countries outside of the economic area that the estate shows, with the adequacy decision where one holds for the whole country.
func (b *book) takeTransfers(a *model.ProcessingActivity) {
	for _, r := range b.reaches(a) {
		s := b.country(r.country)
		if !s.away() || r.guess || transferTo(a, r.country) != nil {
			continue
		}
		t := model.DataTransfer{Country: r.country, Recipient: model.Ref(r.vendor.ID)}
		if s.basis == model.CountryAdequate {
			t.Safeguard = "adequacy"
		}
		a.Transfers = append(slices.Clone(a.Transfers), t)
	}
}

// keyOf makes a key of a name: its letters and digits in lower case, with hyphens between the words.
func keyOf(name string) string {
	var out strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out.WriteRune(r)
		case out.Len() > 0 && !strings.HasSuffix(out.String(), "-"):
			out.WriteByte('-')
		}
		if out.Len() >= 60 {
			break
		}
	}
	return cmp.Or(strings.Trim(out.String(), "-"), "processing")
}

// orRef returns the first ref that is set.
func orRef(a, b model.Ref) model.Ref {
	if a.IsZero() {
		return b
	}
	return a
}

// withRef returns refs with one more, once.
func withRef(refs []model.Ref, ref model.Ref) []model.Ref {
	if ref.IsZero() || slices.Contains(refs, ref) {
		return refs
	}
	return append(slices.Clone(refs), ref)
}

// withTexts returns texts with others behind them, each once.
func withTexts(texts, more []string) []string {
	out := slices.Clone(texts)
	for _, t := range more {
		if t = strings.TrimSpace(t); t != "" && !slices.ContainsFunc(out, func(o string) bool { return alike(o, t) }) {
			out = append(out, t)
		}
	}
	return out
}

// withData returns categories of data with others behind them, each once. Those named as special are marked so.
func withData(data []model.PersonalDataCategory, names, special []string) []model.PersonalDataCategory {
	out := slices.Clone(data)
	put := func(name string, isSpecial bool) {
		name = strings.TrimSpace(name)
		i := slices.IndexFunc(out, func(d model.PersonalDataCategory) bool { return alike(d.Category, name) })
		switch {
		case name == "":
		case i < 0:
			out = append(out, model.PersonalDataCategory{Category: name, Special: isSpecial})
		case isSpecial:
			out[i].Special = true
		}
	}
	for _, n := range names {
		put(n, false)
	}
	for _, n := range special {
		put(n, true)
	}
	return out
}
