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

// RegisterIn says which entries are wanted.
type RegisterIn struct {
	// Unit limits the register to one business unit.
	Unit model.Ref `to:"BusinessUnit"`
	// Ended keeps processing that has ended in the register.
	Ended bool
	// Format is the form of the file. The default is csv.
	Format FileFormat
	// GoodPractice adds to the file what GDPR Art. 30 does not ask for: legal basis and impact assessment.
	GoodPractice bool
}

// FileFormat is the form of a file.
type FileFormat string

// Options lists the forms.
func (FileFormat) Options() []model.Option {
	return []model.Option{
		{Value: "csv", Label: "CSV", Help: "A table for a spreadsheet program."},
		{Value: "markdown", Label: "Markdown", Help: "A text that people read, one entry below the other."},
	}
}

// RegisterOut is the register of what the company decides about.
type RegisterOut struct {
	// Entries is how many entries the register has.
	Entries practice.Figure
	// Complete is the share of them in which every part is there that GDPR Art. 30(1) asks for, in percent. Parts that it asks for where possible do not count.
	Complete practice.Figure
	// Missing is how many parts are missing in all entries.
	Missing practice.Figure
	// Possible is how many parts are missing that the article asks for where possible.
	Possible practice.Figure
	// Due is how many entries should have been looked at again.
	Due practice.Figure
	// Findings say what is missing, entry by entry.
	Findings []practice.Finding
	// Register is the register, part by part.
	Register practice.Table[Entry]
	// File is the register to keep, or to hand to an authority that asks for it (GDPR Art. 30(4)).
	File practice.File
}

// Entry is one entry of the register of a controller. The letters are those of GDPR Art. 30(1).
type Entry struct {
	// Activity is the processing.
	Activity practice.Link
	// Role says what part the company has.
	Role model.ProcessingRole
	// State says whether it takes place.
	State model.ProcessingState
	// A is about the controller, joint controllers, representative and data protection officer.
	A State `json:"a" label:"(a)"`
	// B is about the purposes.
	B State `json:"b" label:"(b)"`
	// C is about the categories of persons and of data.
	C State `json:"c" label:"(c)"`
	// D is about the recipients.
	D State `json:"d" label:"(d)"`
	// E is about transfers.
	E State `json:"e" label:"(e)"`
	// F is about time limits for erasure, where possible.
	F State `json:"f" label:"(f)"`
	// G is about the measures, where possible.
	G State `json:"g" label:"(g)"`
	// Lacks says what is missing.
	Lacks string
	// GoodPractice says what is missing that Art. 30 does not ask for: legal basis, contract with a processor, day of the next look.
	GoodPractice string
	// Freed says that Art. 30(5) frees the company of this entry.
	Freed bool
	// Special says that there are special categories of data or data about crimes.
	Special bool
	// ReviewBy is the day by which the entry is to be looked at again.
	ReviewBy model.Date
	// Owner is who answers for it.
	Owner practice.Link
}

// Register is the register of processing activities that a controller keeps under GDPR Art. 30(1), entry by entry, with what is complete in each
// of the parts (a) to (g) and what is missing. Legal basis and impact assessment are good practice: the article does not ask for them, and they do not count
// for completeness. The file has the register as an authority may ask for it. It has what you may see.
func Register(v estate.View, in RegisterIn) (RegisterOut, error) {
	var out RegisterOut
	b := bookOf(v)
	var all, complete, missing, possible, due []practice.Link
	var kept []*model.ProcessingActivity
	for _, a := range b.activities {
		if a.Role == "processor" || !b.wanted(a, in) {
			continue
		}
		kept = append(kept, a)
		parts := b.parts(a)
		row := Entry{Activity: practice.To(a), Role: cmp.Or(a.Role, "controller"), State: a.State, Freed: b.freed(a), Special: sensitive(a), ReviewBy: a.ReviewBy, Owner: responsible(v, a)}
		for i, to := range []*State{&row.A, &row.B, &row.C, &row.D, &row.E, &row.F, &row.G} {
			*to = parts[i].State
		}
		row.Lacks, row.GoodPractice = lackText(parts), strings.Join(b.unusual(a), "; ")
		out.Register.Rows = append(out.Register.Rows, row)
		link := row.Activity
		all = append(all, link)
		if isComplete(parts) {
			complete = append(complete, link)
		}
		missing, possible = counted(missing, parts, Missing, link), counted(possible, parts, WherePossible, link)
		if !a.ReviewBy.IsZero() && a.ReviewBy < v.At() {
			due = append(due, link)
		}
		out.Findings = append(out.Findings, b.entryFindings(a, parts, row.Freed, "Art. 30(1)")...)
	}
	practice.WorstFirst(out.Findings)
	out.Entries = practice.Counted("entries", practice.Neither, all)
	out.Complete = practice.Figure{Value: practice.Share(len(complete), len(all)), Unit: "%", Better: practice.Higher, Unknown: len(all) == 0, From: complete}
	if len(all) == 0 {
		out.Complete.Note = "there are no entries"
	}
	out.Missing = practice.Counted("parts", practice.Lower, missing)
	out.Possible = practice.Counted("parts", practice.Lower, possible)
	out.Due = practice.Counted("entries", practice.Lower, due)
	out.Register.Note = "The letters are those of GDPR Art. 30(1). Entries that Art. 30(5) frees the company of are listed all the same."
	out.File = b.file("register-of-processing", controllerHeads, kept, in)
	return out, nil
}

// wanted reports whether an entry belongs to the register that is asked for.
func (b *book) wanted(a *model.ProcessingActivity, in RegisterIn) bool {
	return (in.Ended || !over(a, b.view.At())) && (in.Unit.IsZero() || slices.Contains(a.BusinessUnits, in.Unit))
}

// isComplete reports whether nothing is missing that the article asks for without more.
func isComplete(parts []Part) bool {
	return !slices.ContainsFunc(parts, func(p Part) bool { return p.State == Missing })
}

// counted adds a link for each part in a state.
func counted(to []practice.Link, parts []Part, s State, link practice.Link) []practice.Link {
	for _, p := range parts {
		if p.State == s {
			to = append(to, link)
		}
	}
	return to
}

// lackText says what parts lack, each behind its letter.
func lackText(parts []Part) string {
	var out []string
	for _, p := range parts {
		if len(p.Lacks) > 0 {
			out = append(out, "("+p.Letter+") "+strings.Join(p.Lacks, ", "))
		}
	}
	return strings.Join(out, "; ")
}

// unusual says what an entry lacks that is good practice and not asked for by Art. 30.
func (b *book) unusual(a *model.ProcessingActivity) []string {
	var out []string
	if a.Role != "processor" && a.LegalBasis == "" {
		out = append(out, "the legal basis (Art. 6)")
	}
	for _, p := range a.Processors {
		if vendor, ok := estate.Look[*model.Vendor](b.view, p.Vendor); ok && p.Contract.IsZero() {
			out = append(out, "the contract with "+vendor.Title()+" (Art. 28(3))")
		}
	}
	if a.ReviewBy.IsZero() {
		out = append(out, "the day of the next look")
	}
	return out
}

// entryFindings says what to do about one entry.
func (b *book) entryFindings(a *model.ProcessingActivity, parts []Part, freed bool, article string) []practice.Finding {
	var out []practice.Finding
	mend := &practice.Mend{Action: "privacy.record_activity", Parameters: map[string]string{"activity": a.Key}}
	var must, may []string
	for _, p := range parts {
		switch p.State {
		case Missing:
			must = append(must, fmt.Sprintf("(%s) %s", p.Letter, strings.Join(p.Lacks, ", ")))
		case WherePossible:
			may = append(may, fmt.Sprintf("(%s) %s", p.Letter, strings.Join(p.Lacks, ", ")))
		}
	}
	if len(must) > 0 {
		f := b.about(a, practice.High, "%s lacks what GDPR %s asks for: %s.", a.Title(), article, strings.Join(must, "; "))
		if freed {
			f.Severity = practice.Low
			f.Text += " Art. 30(5) frees the company of this entry."
		}
		f.Mend = mend
		out = append(out, f)
	}
	if len(may) > 0 {
		f := b.about(a, practice.Medium, "%s lacks what GDPR %s asks for where possible: %s.", a.Title(), article, strings.Join(may, "; "))
		if freed {
			f.Severity = practice.Info
		}
		f.Mend = mend
		out = append(out, f)
	}
	if good := b.unusual(a); len(good) > 0 {
		out = append(out, b.about(a, practice.Low, "%s lacks what is good practice and not asked for by Art. 30: %s.", a.Title(), strings.Join(good, "; ")))
	}
	if !a.ReviewBy.IsZero() && a.ReviewBy < b.view.At() {
		out = append(out, b.about(a, practice.Medium, "%s should have been looked at again by %s.", a.Title(), a.ReviewBy))
	}
	return out
}

// ProcessorRegisterOut is the register of what the company does on behalf of others.
type ProcessorRegisterOut struct {
	// Entries is how many entries the register has.
	Entries practice.Figure
	// Complete is the share of them in which every part is there that GDPR Art. 30(2) asks for, in percent.
	Complete practice.Figure
	// Controllers is for how many controllers the company processes.
	Controllers practice.Figure
	// Findings say what is missing, entry by entry.
	Findings []practice.Finding
	// Register is the register, part by part.
	Register practice.Table[ProcessorEntry]
	// File is the register to keep, or to hand to an authority that asks for it (GDPR Art. 30(4)).
	File practice.File
}

// ProcessorEntry is one entry of the register of a processor. The letters are those of GDPR Art. 30(2).
type ProcessorEntry struct {
	// Activity is the processing.
	Activity practice.Link
	// State says whether it takes place.
	State model.ProcessingState
	// Controllers are those on whose behalf it is done.
	Controllers []string
	// A is about the processor, the controllers, representative and data protection officer.
	A State `json:"a" label:"(a)"`
	// B is about the categories of processing for each controller.
	B State `json:"b" label:"(b)"`
	// C is about transfers.
	C State `json:"c" label:"(c)"`
	// D is about the measures, where possible.
	D State `json:"d" label:"(d)"`
	// Lacks says what is missing.
	Lacks string
	// Freed says that Art. 30(5) frees the company of this entry.
	Freed bool
	// Owner is who answers for it.
	Owner practice.Link
}

// ProcessorRegister is the register that a processor keeps under GDPR Art. 30(2) of what it does on behalf of controllers, with what is complete in each of the parts (a) to (d).
func ProcessorRegister(v estate.View, in RegisterIn) (ProcessorRegisterOut, error) {
	var out ProcessorRegisterOut
	b := bookOf(v)
	var all, complete []practice.Link
	var kept []*model.ProcessingActivity
	names := map[string]bool{}
	for _, a := range b.activities {
		if a.Role != "processor" || !b.wanted(a, in) {
			continue
		}
		kept = append(kept, a)
		parts := b.parts(a)
		row := ProcessorEntry{Activity: practice.To(a), State: a.State, A: parts[0].State, B: parts[1].State, C: parts[2].State, D: parts[3].State, Lacks: lackText(parts), Freed: b.freed(a), Owner: responsible(v, a)}
		for _, p := range a.Parties {
			row.Controllers = append(row.Controllers, p.Name)
			names[strings.ToLower(strings.TrimSpace(p.Name))] = true
		}
		out.Register.Rows = append(out.Register.Rows, row)
		all = append(all, row.Activity)
		if isComplete(parts) {
			complete = append(complete, row.Activity)
		}
		out.Findings = append(out.Findings, b.entryFindings(a, parts, row.Freed, "Art. 30(2)")...)
	}
	practice.WorstFirst(out.Findings)
	out.Entries = practice.Counted("entries", practice.Neither, all)
	out.Complete = practice.Figure{Value: practice.Share(len(complete), len(all)), Unit: "%", Better: practice.Higher, Unknown: len(all) == 0, From: complete}
	if len(all) == 0 {
		out.Complete.Note = "there are no entries"
	}
	out.Controllers = practice.Figure{Value: float64(len(names)), Unit: "controllers", From: all}
	out.File = b.file("register-of-processing-for-others", processorHeads, kept, in)
	return out, nil
}
