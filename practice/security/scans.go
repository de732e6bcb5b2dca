package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ScannersIn says which scanners are looked at.
type ScannersIn struct {
	// Tool limits the answer to scanners whose name begins like this.
	Tool string
	// Quiet is after how many days without a scan a target counts as not scanned any more. The default is 30.
	Quiet int `min:"0" max:"3650"`
}

// ScannersOut is what was scanned by what, and what came of it.
type ScannersOut struct {
	// Open are the findings that a scanner still sees and nobody dismissed.
	Open practice.Figure
	// Secrets are the open findings of keys and passwords that lie where they should not.
	Secrets practice.Figure
	// Stale are the findings that the scanner no longer sees. They count as mended.
	Stale practice.Figure
	// Dismissed are the findings that somebody found to be none, or not to matter.
	Dismissed practice.Figure
	// Targets are the things that were scanned.
	Targets practice.Figure
	// Quiet are the targets that were not scanned for a while.
	Quiet practice.Figure
	// Scans lists each target with each scanner.
	Scans practice.Table[ScanRow]
}

// ScanRow is what one scanner found in one target.
type ScanRow struct {
	// Tool is the scanner.
	Tool string
	// Subject is what was scanned, where the estate knows it.
	Subject practice.Link
	// Target is what the scanner calls it.
	Target string
	// Last is when a finding was seen last.
	Last model.Time
	// Days is how many days ago that was.
	Days *int
	// Vulnerabilities counts the open vulnerabilities of packages.
	Vulnerabilities int
	// Code counts the open weaknesses in code.
	Code int
	// Misconfigurations counts the open wrong settings.
	Misconfigurations int
	// Secrets counts the open secrets.
	Secrets int
	// Licences counts the open findings about licences.
	Licences int
	// Critical counts the open findings that the scanner calls critical.
	Critical int
	// High counts the open findings that the scanner calls high.
	High int
	// Stale counts the findings that the scanner no longer sees.
	Stale int
	// Dismissed counts the findings that somebody dismissed.
	Dismissed int
	// From are the findings.
	From []practice.Link
}

// Scanners tells which scanner looked at what and when, what it found there, and
// what it no longer sees. A scan that finds nothing leaves nothing behind in the estate apart from what it makes stale, so a
// target is only listed once something was found in it.
func Scanners(v estate.View, in ScannersIn) (ScannersOut, error) {
	type scan struct{ tool, subject, target string }
	at := map[scan]int{}
	var out ScannersOut
	var open, secrets, stale, dismissed []practice.Link
	rows := out.Scans.Rows
	for f := range estate.Each[*model.ScanFinding](v) {
		if in.Tool != "" && !strings.HasPrefix(strings.ToLower(f.Tool), strings.ToLower(in.Tool)) {
			continue
		}
		subject, link := practice.To(v.Get(f.Subject)), practice.To(f)
		key := scan{f.Tool, subject.String(), f.Target}
		i, ok := at[key]
		if !ok {
			i = len(rows)
			at[key] = i
			rows = append(rows, ScanRow{Tool: f.Tool, Subject: subject, Target: f.Target})
		}
		row := &rows[i]
		row.From = append(row.From, link)
		row.Last = max(row.Last, f.Seen, lastSeen(v, f))
		switch standingOf(f) {
		case "stale":
			row.Stale++
			stale = append(stale, link)
			continue
		case "dismissed":
			row.Dismissed++
			dismissed = append(dismissed, link)
			continue
		case "fixed":
			continue
		}
		row.count(f)
		open = append(open, link)
		if f.Type == "secret" {
			secrets = append(secrets, link)
		}
	}
	quiet := cmp.Or(in.Quiet, 30)
	var targets, still []practice.Link
	for i := range rows {
		row := &rows[i]
		link := cmp.Or(row.Subject, row.From[0])
		targets = append(targets, link)
		if row.Last.IsZero() {
			continue
		}
		days := int(v.At() - row.Last.Date())
		row.Days = &days
		if days > quiet {
			still = append(still, link)
		}
	}
	slices.SortStableFunc(rows, func(a, b ScanRow) int {
		return cmp.Or(strings.Compare(a.Tool, b.Tool), strings.Compare(a.Subject.String(), b.Subject.String()), strings.Compare(a.Target, b.Target))
	})
	out.Scans.Rows = rows
	out.Open, out.Secrets = practice.Counted("findings", practice.Lower, open), practice.Counted("findings", practice.Lower, secrets)
	out.Stale, out.Dismissed = practice.Counted("findings", practice.Neither, stale), practice.Counted("findings", practice.Neither, dismissed)
	out.Targets, out.Quiet = practice.Counted("targets", practice.Neither, targets), practice.Counted("targets", practice.Lower, still)
	out.Quiet.Note = fmt.Sprintf("not scanned for more than %d days", quiet)
	return out, nil
}

// count adds an open finding to a row.
func (r *ScanRow) count(f *model.ScanFinding) {
	switch f.Type {
	case "vulnerability":
		r.Vulnerabilities++
	case "code":
		r.Code++
	case "misconfiguration":
		r.Misconfigurations++
	case "secret":
		r.Secrets++
	case "licence":
		r.Licences++
	}
	switch f.Severity {
	case model.SeverityCritical:
		r.Critical++
	case model.SeverityHigh:
		r.High++
	}
}

// lastSeen returns when a source that still sees a record was read last.
func lastSeen(v estate.View, rec model.Record) model.Time {
	var last model.Time
	for _, s := range rec.Base().Sightings {
		if src, ok := v.Find("Source", s.Source).(*model.Source); ok && s.Stale.IsZero() {
			last = max(last, src.LastSeen)
		}
	}
	return last
}

// standingOf says how a finding of a scanner stands: open, dismissed, fixed, or stale where the scanner no longer sees it.
func standingOf(f *model.ScanFinding) string {
	switch {
	case f.State == "dismissed" || f.State == "fixed":
		return string(f.State)
	case !f.Stale().IsZero():
		return "stale"
	}
	return "open"
}

// FindingsIn says which findings of scanners are listed.
type FindingsIn struct {
	// Application limits the answer to what was found in one thing.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,CloudResource,Component,Release"`
	// Type limits the answer to one sort of finding. Unset means code, settings, secrets and licences: vulnerabilities are in the queue.
	Type model.ScanFindingType
	// Severity leaves out what is less severe.
	Severity model.Severity
	// All lists dismissed findings and those no longer seen too.
	All bool
	// Limit is how many are listed at most. The default is 1000.
	Limit int `min:"0" max:"10000000"`
}

// FindingsOut are findings of scanners about code, settings and secrets.
type FindingsOut struct {
	// Code are the weaknesses in code that the company wrote.
	Code practice.Figure
	// Misconfigurations are the wrong settings.
	Misconfigurations practice.Figure
	// Secrets are the keys and passwords that lie where they should not.
	Secrets practice.Figure
	// Findings lists each finding, the worst first.
	Findings practice.Table[ScannedFinding]
}

// ScannedFinding is a finding of a scanner.
type ScannedFinding struct {
	// Finding is the finding.
	Finding practice.Link
	// Type says what sort of finding it is.
	Type model.ScanFindingType
	// Severity is what the scanner says.
	Severity model.Severity
	// Rule is the rule of the scanner.
	Rule string
	// Subject is what was scanned.
	Subject practice.Link
	// Target is what the scanner calls it.
	Target string
	// Location is where it is.
	Location string
	// Message is what the scanner says.
	Message string
	// Tool is the scanner.
	Tool string
	// Standing says whether it is open, dismissed, fixed or no longer seen.
	Standing string
	// Reason says why it was dismissed.
	Reason string
	// Owner is who answers for what was scanned.
	Owner practice.Link
}

// Findings lists what scanners found in code that the company wrote, in
// settings and in places where secrets do not belong, the worst first and secrets before all else of the same severity.
func Findings(v estate.View, in FindingsIn) (FindingsOut, error) {
	var out FindingsOut
	counts := map[model.ScanFindingType][]practice.Link{}
	var rows []ScannedFinding
	for f := range estate.Each[*model.ScanFinding](v) {
		standing := standingOf(f)
		switch {
		case in.Type == "" && f.Type == "vulnerability", in.Type != "" && f.Type != in.Type, !in.Application.IsZero() && f.Subject != in.Application,
			model.Rank(f.Severity) < model.Rank(in.Severity), !in.All && standing != "open":
			continue
		}
		row := ScannedFinding{Finding: practice.To(f), Type: f.Type, Severity: f.Severity, Rule: f.Rule, Target: f.Target, Location: f.Location,
			Message: f.Message, Tool: f.Tool, Standing: standing, Reason: f.Reason, Owner: practice.OwnerOf(v, f)}
		if subject := v.Get(f.Subject); subject != nil {
			row.Subject = practice.To(subject)
			row.Owner = cmp.Or(row.Owner, answersFor(v, subject))
		}
		if standing == "open" {
			counts[f.Type] = append(counts[f.Type], row.Finding)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b ScannedFinding) int {
		return cmp.Or(model.Rank(b.Severity)-model.Rank(a.Severity), b2i(b.Type == "secret")-b2i(a.Type == "secret"),
			strings.Compare(a.Subject.Key, b.Subject.Key), strings.Compare(a.Finding.Key, b.Finding.Key))
	})
	limit := cmp.Or(in.Limit, 1000)
	out.Findings.Rows = rows[:min(limit, len(rows))]
	if len(rows) > limit {
		out.Findings.Note = fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", limit, len(rows))
	}
	out.Code = practice.Counted("findings", practice.Lower, counts["code"])
	out.Misconfigurations = practice.Counted("findings", practice.Lower, counts["misconfiguration"])
	out.Secrets = practice.Counted("findings", practice.Lower, counts["secret"])
	return out, nil
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}
