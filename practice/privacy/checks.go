package privacy

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// verdict says how a check went: text with the numbers where it fails or passes, and unknown where nothing was looked at.
func verdict(checked []practice.Link, findings []practice.Finding, failing int, one, several, fails, passes string) practice.Verdict {
	out := practice.Verdict{Checked: checked, Findings: findings}
	all := practice.Count(len(checked), one, several)
	switch {
	case len(checked) == 0:
		out.Unknown, out.Text = true, "There is nothing to check."
	case failing > 0:
		out.Text = fmt.Sprintf("%d of %s %s.", failing, all, fails)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("None of %s %s.", all, passes)
	}
	return out
}

// distinct counts records, each once.
func distinct(findings []practice.Finding) int {
	seen := map[model.ID]bool{}
	for _, f := range findings {
		seen[f.About.ID] = true
	}
	return len(seen)
}

// RegisterCompleteIn says how strict the check is.
type RegisterCompleteIn struct {
	// Possible fails entries for what GDPR Art. 30 asks for where possible, too: time limits and measures.
	Possible bool
}

// RegisterComplete checks that every entry in the records of processing has what GDPR Art. 30(1) or 30(2) asks for. Entries that Art. 30(5) frees the company of do not count.
func RegisterComplete(v estate.View, in RegisterCompleteIn) (practice.Verdict, error) {
	b := bookOf(v)
	var checked []practice.Link
	var findings []practice.Finding
	for _, a := range b.activities {
		if over(a, v.At()) || b.freed(a) {
			continue
		}
		checked = append(checked, practice.To(a))
		article := "Art. 30(1)"
		if a.Role == "processor" {
			article = "Art. 30(2)"
		}
		parts := b.parts(a)
		must := !isComplete(parts)
		may := in.Possible && len(counted(nil, parts, WherePossible, practice.Link{})) > 0
		for _, f := range b.entryFindings(a, parts, false, article) {
			if must && f.Severity == practice.High || may && f.Severity == practice.Medium && f.Mend != nil {
				findings = append(findings, f)
			}
		}
	}
	practice.WorstFirst(findings)
	return verdict(checked, findings, distinct(findings), "entry", "entries", "lack what GDPR Art. 30 asks for", "lacks what GDPR Art. 30 asks for"), nil
}

// RequestsInTimeIn says which requests are checked.
type RequestsInTimeIn struct {
	// Since leaves out what came before a day.
	Since model.Date
	// OpenOnly leaves out what was answered too late.
	OpenOnly bool
}

// RequestsInTime checks that no request of a person is past its time, and that none was answered too late (GDPR Art. 12(3) and (4)).
func RequestsInTime(v estate.View, in RequestsInTimeIn) (practice.Verdict, error) {
	b := bookOf(v)
	var checked []practice.Link
	var findings []practice.Finding
	for r := range estate.Each[*model.DataSubjectRequest](v) {
		c := ClockOf(r, b.countryOf(r), v.At())
		if r.Received > v.At() || r.Received < in.Since || r.State == "withdrawn" || in.OpenOnly && !c.Open {
			continue
		}
		checked = append(checked, practice.To(r))
		if c.Late {
			findings = append(findings, b.requestFindings(r, c)[0])
		}
	}
	practice.WorstFirst(findings)
	return verdict(checked, findings, len(findings), "request", "requests", "are or were too late", "is or was too late"), nil
}

// TransfersSafeguardedIn says how strict the check is.
type TransfersSafeguardedIn struct {
	// Confirmed fails transfers whose safeguard nobody made sure of, too.
	Confirmed bool
}

// TransfersSafeguarded checks that every transfer of personal data to a third country is recorded and has a safeguard that holds (GDPR Chapter V).
func TransfersSafeguarded(v estate.View, in TransfersSafeguardedIn) (practice.Verdict, error) {
	b := bookOf(v)
	var checked []practice.Link
	var findings []practice.Finding
	looked := 0
	for _, a := range b.activities {
		if over(a, v.At()) {
			continue
		}
		looked++
		for _, t := range b.transfersOf(a) {
			checked = append(checked, t.Activity)
			if f, bad := b.transferFinding(a, t); bad && (t.Verdict != TransferUnconfirmed || in.Confirmed) {
				findings = append(findings, f)
			}
		}
	}
	practice.WorstFirst(findings)
	out := verdict(checked, findings, len(findings), "transfer", "transfers", "are not recorded or have no safeguard that holds", "is unrecorded or without a safeguard")
	if len(checked) == 0 && looked > 0 {
		out.Pass, out.Unknown, out.Text = true, false, "The records and the estate show no transfer to a third country."
	}
	return out, nil
}

// AssessmentsDoneIn says how strict the check is.
type AssessmentsDoneIn struct {
	// Screened fails processing that nobody has screened, too.
	Screened bool
}

// AssessmentsDone checks that all processing that takes place and needs an impact assessment has one that was decided to let it, and that none should have been looked at again (GDPR Art. 35).
func AssessmentsDone(v estate.View, in AssessmentsDoneIn) (practice.Verdict, error) {
	b := bookOf(v)
	var checked []practice.Link
	var findings []practice.Finding
	for _, a := range b.activities {
		if over(a, v.At()) || a.State == "planned" {
			continue
		}
		checked = append(checked, practice.To(a))
		assessments := assessmentsOf(v, a)
		s := b.screen(a, assessments)
		if s.need == Needed && !covered(a, assessments) || s.need == Unscreened && in.Screened {
			findings = append(findings, b.needFindings(a, s, assessments)...)
		}
		for _, i := range assessments {
			for _, f := range b.assessmentFindings(a, i, 0) {
				if f.Severity == practice.Critical {
					f.About, f.From = practice.To(a), []practice.Link{practice.To(a), practice.To(i)}
					findings = append(findings, f)
				}
			}
			if !i.ReviewBy.IsZero() && i.ReviewBy < v.At() {
				f := b.about(a, practice.Medium, "%s of %s should have been looked at again by %s.", i.Title(), a.Title(), i.ReviewBy)
				add(&f.From, practice.To(i))
				findings = append(findings, f)
			}
		}
	}
	practice.WorstFirst(findings)
	return verdict(checked, findings, distinct(findings), "activity", "activities", "lack an impact assessment that holds", "lacks an impact assessment that holds"), nil
}

// PersonalDataRecorded checks that every application, service, data set and vendor with personal data is named by some processing in the records.
func PersonalDataRecorded(v estate.View, in UnrecordedIn) (practice.Verdict, error) {
	found, err := FindUnrecorded(v, in)
	if err != nil {
		return practice.Verdict{}, err
	}
	var findings []practice.Finding
	for _, f := range found.Findings {
		if f.Severity != practice.Low {
			findings = append(findings, f)
		}
	}
	return verdict(found.Recorded.From, findings, len(findings), "record with personal data", "records with personal data", "are in no record of processing", "is missing in the records of processing"), nil
}

// RetentionSet checks that all personal data has a time limit, and that none is kept past it or longer than the records of processing say.
func RetentionSet(v estate.View, in RetentionIn) (practice.Verdict, error) {
	found, err := Retention(v, in)
	if err != nil {
		return practice.Verdict{}, err
	}
	return verdict(found.Limited.From, found.Findings, len(found.Findings), "time limit", "time limits", "are missing, past or too long", "is missing, past or too long"), nil
}
