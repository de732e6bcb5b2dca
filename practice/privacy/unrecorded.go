package privacy

import (
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// UnrecordedIn says what is looked at.
type UnrecordedIn struct {
	// Kinds are the kinds to look at: Application, Service, DataSet or Vendor. Unset means all of them.
	Kinds []string
}

// UnrecordedOut says what has personal data and is in no record of processing.
type UnrecordedOut struct {
	// Recorded is the share of what has personal data that some processing names, in percent.
	Recorded practice.Figure
	// Unrecorded is how many applications, services, data sets and vendors no processing names.
	Unrecorded practice.Figure
	// Unmarked is how many applications and data sets some processing names that do not say that they have personal data.
	Unmarked practice.Figure
	// Findings say what to do, the worst first.
	Findings []practice.Finding
	// List are the gaps.
	List practice.Table[Unrecorded]
}

// Unrecorded is something that the records of processing and the estate do not say alike.
type Unrecorded struct {
	// Record is what it is about.
	Record practice.Link
	// Gap says what is missing.
	Gap string
	// Why says what shows that there is personal data.
	Why string
	// Activities are the processing that names it.
	Activities []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
}

// FindUnrecorded finds applications, services, data sets and vendors with personal data that no processing in the records names, and applications and data sets that some
// processing names and that do not say that they have personal data. An application has personal data when it says so, stores a data set that has, or gets one through an interface.
func FindUnrecorded(v estate.View, in UnrecordedIn) (UnrecordedOut, error) {
	var out UnrecordedOut
	kinds, err := practice.KindsOf(v, in.Kinds, "Application", "Service", "DataSet", "Vendor")
	if err != nil {
		return out, err
	}
	if v.Closed("ProcessingActivity") {
		out.Recorded.Unknown, out.Recorded.Note = true, "you may not see the records of processing"
		return out, nil
	}
	b := bookOf(v)
	var all, missing, unmarked []practice.Link
	for _, kind := range kinds {
		for rec := range v.All(kind) {
			why, marked := b.why(rec)
			used := b.usersOf(rec)
			row := Unrecorded{Record: practice.To(rec), Why: why, Activities: practice.ToAll(used), Owner: responsible(v, rec)}
			if why != "" && !practice.Gone(rec, v.At()) {
				all = append(all, row.Record)
			}
			switch {
			case practice.Gone(rec, v.At()):
			case why != "" && len(used) == 0:
				row.Gap = "no processing names it"
				missing = append(missing, row.Record)
				out.List.Rows = append(out.List.Rows, row)
				f := b.about(rec, practice.Medium, "%s has personal data (%s), and no processing in the records names it.", rec.Base().Title(), why)
				if practice.SeverityOf(practice.CriticalityOf(rec)).Weight() >= practice.High.Weight() {
					f.Severity = practice.High
				}
				if field := map[string]string{"Application": "application", "Service": "application", "DataSet": "data_set"}[kind]; field != "" {
					f.Mend = &practice.Mend{Action: "privacy.record_activity", Parameters: map[string]string{field: row.Record.String()}}
				}
				out.Findings = append(out.Findings, f)
			case len(used) > 0 && !marked:
				row.Gap = "it does not say that it has personal data"
				unmarked = append(unmarked, row.Record)
				out.List.Rows = append(out.List.Rows, row)
				out.Findings = append(out.Findings, b.about(rec, practice.Low, "%s is named by %s and does not say that it has personal data.", rec.Base().Title(), practice.Some(row.Activities)))
			}
		}
	}
	practice.WorstFirst(out.Findings)
	out.Recorded = practice.Figure{Value: practice.Share(len(all)-len(missing), len(all)), Unit: "%", Better: practice.Higher, Unknown: len(all) == 0, From: all}
	if len(all) == 0 {
		out.Recorded.Note = "nothing says that it has personal data"
	}
	out.Unrecorded = practice.Counted("records", practice.Lower, missing)
	out.Unmarked = practice.Counted("records", practice.Lower, unmarked)
	return out, nil
}

// why says what shows that a record has personal data, and whether the record itself says so. Kinds that cannot say so count as if they did.
func (b *book) why(rec model.Record) (why string, marked bool) {
	switch r := rec.(type) {
	case *model.Application:
		return b.whyPersonal(r.Ref(), r.PersonalData), r.PersonalData
	case *model.Service:
		return b.whyPersonal(r.Ref(), false), true
	case *model.DataSet:
		if r.PersonalData {
			return "it says so", true
		}
		return "", false
	case *model.Vendor:
		if r.PersonalData {
			return "it says so", true
		}
		var held []practice.Link
		for _, ref := range r.Data {
			if d, ok := estate.Look[*model.DataSet](b.view, ref); ok && d.PersonalData {
				held = append(held, practice.To(d))
			}
		}
		if len(held) > 0 {
			return "it has " + practice.Some(held), true
		}
	}
	return "", true
}

// usersOf returns the processing that names a record: as a data set, an application, a processor, a recipient or the receiver of a transfer.
func (b *book) usersOf(rec model.Record) []*model.ProcessingActivity {
	ref := rec.Base().Ref()
	if _, ok := rec.(*model.Vendor); !ok {
		return b.uses[ref]
	}
	var out []*model.ProcessingActivity
	seen := map[model.ID]bool{}
	for e := range b.view.In(ref) {
		a, ok := e.Record.(*model.ProcessingActivity)
		if ok && !seen[a.ID] && !over(a, b.view.At()) && strings.Contains("processors.vendor recipients.party transfers.recipient", e.Field.Path()) {
			seen[a.ID] = true
			out = append(out, a)
		}
	}
	return out
}
