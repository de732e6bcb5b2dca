package suppliers

import (
	"cmp"
	"fmt"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// NoticeDatesKeptIn says how early the check warns.
type NoticeDatesKeptIn struct {
	// Within is how many days before the last day of notice the check fails. The default is 30.
	Within int `min:"0" max:"3650"`
}

// NoticeDatesKept checks that nobody has missed the last day of notice of a
// contract that is in force, and that none is near without a decision. A notice that was given and an agreed new end are decisions.
func NoticeDatesKept(v estate.View, in NoticeDatesKeptIn) (practice.Verdict, error) {
	var out practice.Verdict
	soon := v.At().AddDays(cmp.Or(in.Within, 30))
	untold := 0
	for c := range estate.Each[*model.Contract](v) {
		s := StandingOn(c, v.At())
		if !s.Live() {
			continue
		}
		link := practice.To(c)
		out.Checked = append(out.Checked, link)
		f := practice.Finding{About: link, From: []practice.Link{link}, Owner: answersFor(v, c), Mend: &practice.Mend{Action: "suppliers.give_notice", Parameters: map[string]string{"contract": c.Key}}}
		decide := s.Decide()
		switch {
		case s.Stage == NoticeGiven:
			continue
		case !s.Missed.IsZero():
			f.Severity = practice.High
			f.Text = fmt.Sprintf("No notice was given to %s by %s: it goes on until %s at least.", c.Title(), s.Missed, s.Exit)
		case decide.IsZero():
			untold += b2i(!s.Terms.knowsNotice() && s.Stage == Running)
			continue
		case decide > soon:
			continue
		case s.Stage == RunsOut:
			f.Severity = practice.Medium
			f.Text = fmt.Sprintf("%s ends by itself on %s: agree on what follows.", c.Title(), s.Ends)
			f.Mend = &practice.Mend{Action: "suppliers.renew", Parameters: map[string]string{"contract": c.Key}}
		case periodMonths(c.NoticeRule) == 1:
			continue
		default:
			f.Severity = practice.High
			f.Text = fmt.Sprintf("The last day of notice of %s is %s: decide whether it goes on after %s.", c.Title(), s.NoticeBy, s.Exit)
		}
		out.Findings = append(out.Findings, f)
	}
	practice.WorstFirst(out.Findings)
	all := practice.Count(len(out.Checked), "contract", "contracts")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No contract is in force, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s need a decision now, or missed theirs.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("No day of notice of %s was missed or is near.", all)
	}
	if untold > 0 {
		out.Text += fmt.Sprintf(" Of %d nobody can tell the day, because there is no notice period.", untold)
	}
	return out, nil
}

// ContractsComplete checks that every contract in force says what must be known
// so that nobody misses anything: a notice period or that it ends by itself, an end or a rule, an owner or manager, and dates that can be right.
func ContractsComplete(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	for c := range estate.Each[*model.Contract](v) {
		s := StandingOn(c, v.At())
		if s.Stage == Draft || s.Stage == Over {
			continue
		}
		link := practice.To(c)
		out.Checked = append(out.Checked, link)
		var lacks []string
		severity := practice.Low
		if s.Stage == Contradictory {
			severity = practice.High
			lacks = append(lacks, "dates that can be right ("+strings.TrimSuffix(sentences(s.Notes), ".")+")")
		}
		if s.Stage == Running && !s.Terms.knowsNotice() {
			severity = practice.High
			lacks = append(lacks, "a notice period")
		}
		if c.End.IsZero() && c.NoticeRule == "" && !s.Terms.knowsNotice() {
			severity = practice.High
			lacks = append(lacks, "an end")
		}
		owner := answersFor(v, c)
		if rec := v.Get(model.Ref(owner.ID)); owner.IsZero() || practice.HasLeft(rec, v.At()) {
			severity = max2(severity, practice.Medium)
			lacks = append(lacks, "somebody who answers for it")
		}
		if len(lacks) > 0 {
			out.Findings = append(out.Findings, practice.Finding{Severity: severity, Text: fmt.Sprintf("%s lacks %s.", c.Title(), strings.Join(lacks, " and ")), About: link, From: []practice.Link{link}, Owner: owner})
		}
	}
	practice.WorstFirst(out.Findings)
	all := practice.Count(len(out.Checked), "contract", "contracts")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No contract is in force, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s lack something that must be known.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Each of %s says until when it runs, how it ends and who answers for it.", all)
	}
	return out, nil
}

func max2(a, b practice.Severity) practice.Severity {
	if b.Weight() > a.Weight() {
		return b
	}
	return a
}

// PersonalDataProven checks that every vendor that processes personal data has
// shown a certificate that holds, or passed a questionnaire whose result counts.
func PersonalDataProven(v estate.View, _ struct{}) (practice.Verdict, error) {
	var out practice.Verdict
	for vendor := range estate.Each[*model.Vendor](v) {
		if !vendor.PersonalData {
			continue
		}
		link := practice.To(vendor)
		out.Checked = append(out.Checked, link)
		if proven(v, vendor) {
			continue
		}
		f := practice.Finding{Severity: practice.High, Text: fmt.Sprintf("%s processes personal data and has shown neither a certificate nor answers that hold.", vendor.Title()), About: link, From: []practice.Link{link}, Owner: contactOf(v, vendor)}
		for q := range estate.Each[*model.Questionnaire](v) {
			f.Mend = &practice.Mend{Action: "suppliers.send_assessment", Parameters: map[string]string{"vendor": vendor.Key, "questionnaire": q.Key}}
			break
		}
		out.Findings = append(out.Findings, f)
	}
	all := practice.Count(len(out.Checked), "vendor", "vendors")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No vendor is marked as processing personal data, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s that process personal data have proven nothing that holds.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Each of %s that process personal data has a certificate or answers that hold.", all)
	}
	return out, nil
}

// CertificatesValid checks that no certificate of a vendor has run out without a newer one.
func CertificatesValid(v estate.View, _ struct{}) (practice.Verdict, error) {
	found, err := Certificates(v, CertificatesIn{})
	if err != nil {
		return practice.Verdict{}, err
	}
	var out practice.Verdict
	for _, row := range found.Certificates.Rows {
		out.Checked = append(out.Checked, row.Vendor)
	}
	for _, f := range found.Findings {
		if f.Severity.Weight() >= practice.Medium.Weight() {
			out.Findings = append(out.Findings, f)
		}
	}
	all := practice.Count(len(out.Checked), "certificate", "certificates")
	switch {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No vendor has shown a certificate, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s have run out.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("None of %s has run out.", all)
	}
	return out, nil
}
