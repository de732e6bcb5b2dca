package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// QueueIn says what of the queue is wanted.
type QueueIn struct {
	// Application limits the queue to one thing and its releases.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release,CloudResource"`
	// Owner limits the queue to what a team or person answers for.
	Owner model.Ref `to:"Team,Person"`
	// Decision leaves out what is less urgent.
	Decision model.SSVCDecision
	// Type limits the queue to one sort of finding.
	Type model.ScanFindingType
	// IncludeSilenced lists too what VEX statements silence and what somebody accepted.
	IncludeSilenced bool
	// Limit is how many rows there are at most. The default is 1000.
	Limit int `min:"0" max:"10000000"`
}

// QueueOut is what is to be mended, the most urgent first.
type QueueOut struct {
	// Open is how much is to be done.
	Open practice.Figure
	// Immediate is how much of it is to be done now.
	Immediate practice.Figure
	// OutOfCycle is how much of it is to be done at the next occasion.
	OutOfCycle practice.Figure
	// Exploited is how much of it is known to be used in attacks.
	Exploited practice.Figure
	// Late is how much of it is past its deadline.
	Late practice.Figure
	// Findings say what must be done now or is late, with what would mend it.
	Findings []practice.Finding
	// Queue lists each vulnerability in each thing, and what scanners found in its code and settings.
	Queue practice.Table[QueueRow]
}

// QueueRow is a vulnerability in something, or what a scanner found there.
type QueueRow struct {
	// Place is the place in the queue, from 1.
	Place int
	// Issue is the identifier of the vulnerability, or the rule of the scanner.
	Issue string
	// Type says what sort of finding it is.
	Type model.ScanFindingType
	// Application is what has it.
	Application practice.Link
	// Target is what the scanner calls what has it, where the estate does not know it.
	Target string
	// Decision is what is to be done (SSVC). Where something is not known, the most urgent that may be right.
	Decision model.SSVCDecision
	// Range is what the decision may be, where something that it depends on is not known.
	Range string
	// Exploitation says whether it is used in attacks.
	Exploitation string
	// Exposure says how easily an attacker reaches it.
	Exposure string
	// Automatable says whether an attack can be automated.
	Automatable string
	// HumanImpact says what it does to people and the business.
	HumanImpact string
	// Why says where each of these comes from.
	Why string
	// Exploited is the day since which it is known to be used in attacks (KEV).
	Exploited model.Date
	// Ransomware says that it is known to be used by ransomware.
	Ransomware bool
	// Probability is the probability in percent that it is used within 30 days (EPSS).
	Probability *float64 `unit:"%"`
	// Model is the version of the EPSS model and the day of the probability. Those of different models are not compared.
	Model string
	// Score is its CVSS score. It does not count for the order.
	Score *float64
	// Severity is how bad the advisories or the scanner call it.
	Severity model.Severity
	// Known is the day on which it was first known here.
	Known model.Date
	// Due is the day by which it is to be mended.
	Due model.Date
	// Left is how much time is left until then. A minus sign means that it is late.
	Left string
	// Standing is open, silenced by a VEX statement, or accepted until a day.
	Standing string
	// Components are the components that have it.
	Components []practice.Link
	// Upgrade says which versions mend it.
	Upgrade string
	// SeenBy are the scanners that see it.
	SeenBy []string
	// Owner is who answers for what has it.
	Owner practice.Link
	// Path leads from the component to the business.
	Path practice.Path
	// From are the components, advisories, findings and statements behind the row.
	From []practice.Link
}

// Queue lists what is to be mended: each vulnerability once in each thing that
// is in use, whether the estate found it by itself or a scanner did, and what scanners found in code, settings and places for
// secrets. The order is that of the decision (SSVC of CERT/CC for deployers), then of the deadline, then of what it does to the business;
// scores do not count. What is not known about a vulnerability counts as bad as it may be, and the range is shown.
func Queue(v estate.View, in QueueIn) (QueueOut, error) {
	var out QueueOut
	x, now := vulnerable.In(v), practice.NowOf(v)
	limit, shown := cmp.Or(in.Limit, 1000), 0
	var open, immediate, outOfCycle, exploited, late []practice.Link
	for _, i := range issuesOf(v) {
		if !in.wants(v, i) || !in.IncludeSilenced && !i.open() {
			continue
		}
		if i.open() {
			link := i.link()
			open = append(open, link)
			switch i.most {
			case model.SSVCImmediate:
				immediate = append(immediate, link)
			case model.SSVCOutOfCycle:
				outOfCycle = append(outOfCycle, link)
			}
			if i.exploited() {
				exploited = append(exploited, link)
			}
			if i.late(now) {
				late = append(late, link)
			}
		}
		if shown++; shown <= limit {
			out.Queue.Rows = append(out.Queue.Rows, rowOfIssue(v, x, i, shown, now))
		}
		if i.open() && (i.most == model.SSVCImmediate || i.late(now)) && len(out.Findings) < limit {
			out.Findings = append(out.Findings, findingOf(v, x, i, now))
		}
	}
	if shown > limit {
		out.Queue.Note = fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", limit, shown)
	}
	out.Open, out.Immediate, out.OutOfCycle = practice.Counted("issues", practice.Lower, open), practice.Counted("issues", practice.Lower, immediate), practice.Counted("issues", practice.Lower, outOfCycle)
	out.Exploited, out.Late = practice.Counted("issues", practice.Lower, exploited), practice.Counted("issues", practice.Lower, late)
	return out, nil
}

// wants reports whether an issue is asked for.
func (in QueueIn) wants(v estate.View, i *issue) bool {
	switch {
	case !in.Application.IsZero() && (i.holder == nil || i.holder.Base().Ref() != in.Application && productOf(v, i.holder).Base().Ref() != in.Application):
		return false
	case !in.Owner.IsZero() && (i.holder == nil || model.Ref(answersFor(v, i.holder).ID) != in.Owner):
		return false
	}
	return model.Rank(i.most) >= model.Rank(in.Decision) && (in.Type == "" || i.kind == in.Type)
}

func rowOfIssue(v estate.View, x *vulnerable.Index, i *issue, place int, now model.Time) QueueRow {
	row := QueueRow{Place: place, Issue: i.name, Type: i.kind, Application: practice.To(i.holder), Target: i.target, Decision: i.most, Severity: i.severity, Known: i.known.Date(),
		Standing: "open", Upgrade: i.upgrade(), Path: i.path(x), From: i.from()}
	if i.known.IsZero() {
		row.Known = 0
	}
	if i.least != i.most {
		row.Range = fmt.Sprintf("%s to %s", i.least, i.most)
	}
	if !i.due.IsZero() {
		row.Due, row.Left = i.due.Date(), leftOf(i.due, now)
	}
	switch {
	case i.silenced():
		row.Standing = "silenced"
	case i.accepted != nil:
		row.Standing = "accepted"
		if !i.accepted.Expires.IsZero() {
			row.Standing += " until " + i.accepted.Expires.String()
		}
		row.From = append(row.From, practice.To(i.accepted))
	}
	if i.holder != nil {
		row.Owner = answersFor(v, i.holder)
	}
	for _, p := range slices.Concat(i.pairs, i.silent) {
		if p.finding == nil && !slices.Contains(row.Components, practice.To(p.Component)) {
			row.Components = append(row.Components, practice.To(p.Component))
		}
	}
	for _, f := range i.findings {
		if f.Tool != "" && !slices.Contains(row.SeenBy, f.Tool) {
			row.SeenBy = append(row.SeenBy, f.Tool)
		}
	}
	if i.assessed == nil {
		row.Why = "A scanner says so. SSVC is for vulnerabilities, so the severity decides."
		return row
	}
	a := i.assessed
	row.Exploitation, row.Exposure, row.Automatable, row.HumanImpact = pointText(a.Exploitation), pointText(a.Subject.Exposure), pointText(a.Automatable), pointText(a.Subject.Human)
	row.Why = fmt.Sprintf("Exploitation: %s Exposure: %s Automatable: %s Impact: %s", a.Exploitation.Why, a.Subject.Exposure.Why, a.Automatable.Why, a.Subject.Human.Why)
	row.Exploited, row.Ransomware = a.Exploited, a.Ransomware
	row.Score, _ = scoreOf(a.Signals)
	if !a.Scored.IsZero() {
		percent := float64(int(a.Probability*100_000+0.5)) / 1000
		row.Probability, row.Model = &percent, strings.TrimSpace(fmt.Sprintf("%s of %s", cmp.Or(a.Model, "EPSS"), a.Scored))
	}
	return row
}

// pointText writes a decision point: its value, or what it may be.
func pointText(p vulnerable.Point) string {
	switch {
	case p.Known():
		return p.Value
	case p.Least != "" && p.Least != p.Most:
		return fmt.Sprintf("unknown (%s to %s)", p.Least, p.Most)
	}
	return "unknown"
}

// leftOf returns the time from a moment to a deadline in days and hours.
func leftOf(due, now model.Time) string {
	left := time.Duration(due-now) * time.Millisecond
	if left.Abs() < time.Hour {
		return model.Duration(left.Truncate(time.Minute)).String()
	}
	return model.Duration(left.Truncate(time.Hour)).String()
}

// upgrade says which versions mend the issue, package by package.
func (i *issue) upgrade() string {
	if i.group == nil {
		return ""
	}
	highest, from := map[string]string{}, map[string][]string{}
	var order []string
	for _, p := range i.pairs {
		name := lastName(p.Package)
		if from[name] == nil {
			order = append(order, name)
		}
		if !slices.Contains(from[name], p.Version) {
			from[name] = append(from[name], p.Version)
		}
		if p.Fixed != "" && (highest[name] == "" || newer(p.Package, p.Fixed, highest[name])) {
			highest[name] = p.Fixed
		}
	}
	var out []string
	for _, name := range order {
		to := "no version is known that mends it"
		if highest[name] != "" {
			to = "to " + highest[name]
		}
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s: %s", name, strings.Join(from[name], ", "), to)))
	}
	return strings.Join(out, "; ")
}

// path leads from the first component, or the first finding, to the business.
func (i *issue) path(x *vulnerable.Index) practice.Path {
	var out practice.Path
	if first := i.link(); !first.IsZero() {
		out = append(out, first)
	}
	if i.holder != nil {
		out = append(out, wayUp(x, i.holder)...)
	}
	return out
}

// wayUp leads from a thing to the business. A release is followed by what it is a release of.
func wayUp(x *vulnerable.Index, holder model.Record) practice.Path {
	var out practice.Path
	if _, ok := holder.(*model.Release); ok {
		out = append(out, practice.To(holder))
	}
	return append(out, practice.PathOf(x.SubjectOf(holder.Base().Ref()).Path)...)
}

// findingOf says what is urgent about an issue, and what would mend it.
func findingOf(v estate.View, x *vulnerable.Index, i *issue, now model.Time) practice.Finding {
	f := practice.Finding{Severity: severityOfDecision(i.most), About: i.link(), From: i.from(), Paths: []practice.Path{i.path(x)}}
	where := i.target
	if i.holder != nil {
		where, f.Owner = i.holder.Base().Title(), answersFor(v, i.holder)
	}
	f.Text = fmt.Sprintf("%s in %s: %s", i.title(), where, decisionText[i.most])
	if i.exploited() {
		f.Text += ", known to be used in attacks since " + i.assessed.Exploited.String()
	}
	switch {
	case i.late(now):
		f.Text += fmt.Sprintf(", late since %s", i.due.Date())
	case !i.due.IsZero():
		f.Text += fmt.Sprintf(", until %s", i.due.Date())
	}
	f.Text += "."
	f.Mend = i.mend()
	return f
}

// mend returns the action that would mend an issue: an upgrade where a version is known that mends it, else an acceptance for a time.
// What is wrong in code of one's own, and a secret that lies open, no action mends.
func (i *issue) mend() *practice.Mend {
	for _, p := range i.pairs {
		if p.Fixed != "" && p.Package != "" {
			return &practice.Mend{Action: "security.plan_upgrade", Parameters: map[string]string{"package": p.Package + "@" + p.Version}}
		}
	}
	if i.group == nil {
		return nil
	}
	parameters := map[string]string{"vulnerability": i.name}
	if i.holder != nil {
		parameters["application"] = practice.To(i.holder).String()
	}
	return &practice.Mend{Action: "security.accept_vulnerability", Parameters: parameters}
}

// severityOfDecision returns how much an issue matters by what was decided.
func severityOfDecision(d model.SSVCDecision) practice.Severity {
	switch d {
	case model.SSVCImmediate:
		return practice.Critical
	case model.SSVCOutOfCycle:
		return practice.High
	case model.SSVCScheduled:
		return practice.Medium
	}
	return practice.Low
}

// decisionText says in words what a decision asks for.
var decisionText = map[model.SSVCDecision]string{
	model.SSVCImmediate: "act now", model.SSVCOutOfCycle: "act at the next occasion", model.SSVCScheduled: "act in regular maintenance", model.SSVCDefer: "do not act now",
}
