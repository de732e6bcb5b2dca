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
)

const hour = model.Duration(time.Hour)

// deliveredRules are the rules of notification that hold where the organisation has none of its own for the regime and stage: Articles 33 and
// 34 of the GDPR, Article 23 of NIS2, and Article 19 of DORA with Article 5 of the Delegated Regulation (EU) 2025/301.
func deliveredRules() []*model.NotificationRule {
	return []*model.NotificationRule{
		{Regime: "GDPR Art. 33", Stage: "notification", To: "the supervisory authority", From: "awareness", Within: 72 * hour, PersonalData: true, PersonRisk: "risk"},
		{Regime: "GDPR Art. 34", Stage: "communication", To: "the persons", From: "awareness", PersonalData: true, PersonRisk: "high"},
		{Regime: "NIS2 Art. 23", Stage: "early warning", To: "the CSIRT or the competent authority", From: "awareness", Within: 24 * hour, Significant: true},
		{Regime: "NIS2 Art. 23", Stage: "notification", To: "the CSIRT or the competent authority", From: "awareness", Within: 72 * hour, Significant: true},
		{Regime: "NIS2 Art. 23", Stage: "final report", To: "the CSIRT or the competent authority", From: "notice", After: "notification", Months: 1, Significant: true},
		{Regime: "DORA Art. 19", Stage: "initial notification", To: "the competent authority", From: "classification", Within: 4 * hour, Latest: 24 * hour, Major: true},
		{Regime: "DORA Art. 19", Stage: "intermediate report", To: "the competent authority", From: "notice", After: "initial notification", Within: 72 * hour, Major: true},
		{Regime: "DORA Art. 19", Stage: "final report", To: "the competent authority", From: "notice", After: "intermediate report", Months: 1, Major: true},
	}
}

// stageName is how a regime and a stage are compared.
func stageName(regime, stage string) string {
	return strings.ToLower(strings.TrimSpace(regime)) + "\x00" + strings.ToLower(strings.TrimSpace(stage))
}

// notificationRules returns the rules that hold for the company, with notices that others wait for first.
func notificationRules(v estate.View) []*model.NotificationRule {
	type key struct{ name string }
	return v.Memo(key{"security.notification_rules"}, func() any {
		own := map[string]bool{}
		var out []*model.NotificationRule
		for r := range estate.Each[*model.NotificationRule](v) {
			if own[stageName(r.Regime, r.Stage)] = true; !r.Unused {
				out = append(out, r)
			}
		}
		for _, r := range deliveredRules() {
			if !own[stageName(r.Regime, r.Stage)] {
				out = append(out, r)
			}
		}
		slices.SortStableFunc(out, func(a, b *model.NotificationRule) int { return cmp.Compare(a.Regime, b.Regime) })
		return out
	}).([]*model.NotificationRule)
}

// NoticeState says how a notice stands.
type NoticeState string

// The states of a notice.
const (
	// NoticeLate means that it was not sent in time and is still to be sent.
	NoticeLate NoticeState = "late"
	// NoticeDue means that its clock runs.
	NoticeDue NoticeState = "due"
	// NoticePrompt means that it is to be sent without undue delay.
	NoticePrompt NoticeState = "promptly"
	// NoticeWaiting means that its clock has not started.
	NoticeWaiting NoticeState = "waiting"
	// NoticeSentLate means that it was sent, and too late.
	NoticeSentLate NoticeState = "sent_late"
	// NoticeSent means that it was sent in time.
	NoticeSent NoticeState = "sent"
)

// Options lists the states of a notice.
func (NoticeState) Options() []model.Option {
	return []model.Option{
		{Value: "late", Label: "Late", Help: "It was not sent in time and is still to be sent."},
		{Value: "due", Label: "Due", Help: "Its clock runs."},
		{Value: "promptly", Label: "Promptly", Help: "It is to be sent without undue delay."},
		{Value: "waiting", Label: "Waiting", Help: "Its clock has not started."},
		{Value: "sent_late", Label: "Sent late", Help: "It was sent, and too late."},
		{Value: "sent", Label: "Sent", Help: "It was sent in time."},
	}
}

// Open reports whether the notice is still to be sent.
func (s NoticeState) Open() bool { return s != NoticeSent && s != NoticeSentLate }

// notice is one notice that an incident needs, or that was sent.
type notice struct {
	incident  *model.SecurityIncident
	regime    string
	stage     string
	to        string
	starts    model.Time
	due       model.Time
	sent      model.Time
	reference string
	state     NoticeState
	// expected says that the clock starts with a notice that was not sent yet, so that the last moment of that counts.
	expected bool
}

// leftText writes how long the clock still runs, and nothing where there is none.
func (n *notice) leftText(now model.Time) string {
	if n.due.IsZero() || !n.state.Open() {
		return ""
	}
	return roughly(n.left(now))
}

// left returns how long the clock still runs, below zero where it is late.
func (n *notice) left(now model.Time) model.Duration {
	if n.due.IsZero() || !n.state.Open() {
		return 0
	}
	return between(now, n.due)
}

func between(from, to model.Time) model.Duration {
	return model.Duration(time.Duration(to-from) * time.Millisecond)
}

// aware returns when the company became aware of an incident: when it was confirmed, or detected where nobody says so. Unset where neither is known.
func aware(i *model.SecurityIncident) model.Time { return cmp.Or(i.Confirmed, i.Detected) }

// wasNone reports whether an incident turned out to be none: it was closed without ever being confirmed or contained.
func wasNone(i *model.SecurityIncident) bool {
	return i.State == model.IncidentClosed && i.Confirmed.IsZero() && i.Contained.IsZero() && i.Recovered.IsZero()
}

// needs reports whether a rule holds for an incident.
func needs(r *model.NotificationRule, i *model.SecurityIncident) bool {
	risk := i.PersonRisk
	if risk == "" && i.PersonalData {
		risk = "risk"
	}
	switch {
	case r.PersonalData && !i.PersonalData, r.Significant && !i.Significant, r.Major && !i.Major:
		return false
	case model.Rank(risk) < model.Rank(r.PersonRisk), model.Rank(i.Severity) < model.Rank(r.AtLeast):
		return false
	}
	return len(r.Countries) == 0 || slices.ContainsFunc(r.Countries, func(c string) bool { return slices.Contains(i.Countries, c) })
}

// addMonths returns the same time of day so many months later, on the last day of the month where it has no such day.
func addMonths(t model.Time, months int) model.Time {
	day := t.Date()
	return model.TimeOf(day.AddMonths(months).Time()) + (t - model.TimeOf(day.Time()))
}

// noticesOf returns every notice that an incident needs and every one that was sent, in the order of the rules. Hours are counted exactly
// from the start of the clock, which is never later than the rules of Regulation (EEC) 1182/71 would have it.
func noticesOf(v estate.View, i *model.SecurityIncident, now model.Time) []notice {
	sent := map[string]*model.IncidentNotification{}
	for n := range i.Notifications {
		s := &i.Notifications[n]
		name := stageName(s.Regime, s.Stage)
		if before := sent[name]; before == nil || s.Sent < before.Sent {
			sent[name] = s
		}
	}
	rules := map[string]*model.NotificationRule{}
	var out []notice
	known := map[string]bool{}
	for _, r := range notificationRules(v) {
		name := stageName(r.Regime, r.Stage)
		if rules[name] = r; known[name] || !needs(r, i) || wasNone(i) && sent[name] == nil {
			continue
		}
		known[name] = true
		out = append(out, notice{incident: i, regime: r.Regime, stage: r.Stage, to: r.To})
	}
	for n := range out {
		out[n].settle(rules, sent, now)
	}
	for _, s := range i.Notifications {
		if name := stageName(s.Regime, s.Stage); !known[name] {
			known[name] = true
			n := notice{incident: i, regime: s.Regime, stage: s.Stage, to: s.To, due: s.Due, sent: s.Sent, reference: s.Reference}
			n.judge(now)
			out = append(out, n)
		}
	}
	return out
}

// settle finds out when the clock of a notice started and ends, and whether it was sent.
func (n *notice) settle(rules map[string]*model.NotificationRule, sent map[string]*model.IncidentNotification, now model.Time) {
	name := stageName(n.regime, n.stage)
	n.starts, n.due, n.expected = clockOf(rules, sent, n.incident, name, 0)
	if s := sent[name]; s != nil {
		n.sent, n.reference, n.to = s.Sent, s.Reference, cmp.Or(s.To, n.to)
	}
	n.judge(now)
}

func (n *notice) judge(now model.Time) {
	switch {
	case !n.sent.IsZero() && !n.due.IsZero() && n.sent > n.due:
		n.state = NoticeSentLate
	case !n.sent.IsZero():
		n.state = NoticeSent
	case n.starts.IsZero():
		n.state = NoticeWaiting
	case n.due.IsZero():
		n.state = NoticePrompt
	case now > n.due:
		n.state = NoticeLate
	default:
		n.state = NoticeDue
	}
}

// mostStages bounds how many notices may wait for each other.
const mostStages = 20

// clockOf returns when the clock of a notice starts and when it ends. Expected says that a notice before it was not sent yet and that its last moment counts.
func clockOf(rules map[string]*model.NotificationRule, sent map[string]*model.IncidentNotification, i *model.SecurityIncident, name string, depth int) (starts, due model.Time, expected bool) {
	r := rules[name]
	if r == nil || depth > mostStages {
		return 0, 0, false
	}
	awareAt := aware(i)
	switch r.From {
	case "classification":
		starts = cmp.Or(i.Classified, awareAt)
	case "notice":
		before := stageName(r.Regime, r.After)
		if s := sent[before]; s != nil {
			starts = s.Sent
			break
		}
		_, starts, _ = clockOf(rules, sent, i, before, depth+1)
		expected = true
	default:
		starts = awareAt
	}
	if starts.IsZero() {
		return 0, 0, expected
	}
	if r.Within != 0 || r.Months != 0 {
		due = addMonths(starts, r.Months) + model.Time(time.Duration(r.Within).Milliseconds())
	}
	if latest := awareAt + model.Time(time.Duration(r.Latest).Milliseconds()); r.Latest != 0 && !awareAt.IsZero() && starts <= latest && (due.IsZero() || latest < due) {
		due = latest
	}
	return starts, due, expected
}

// NotificationsIn says which notices are wanted.
type NotificationsIn struct {
	// Incident limits the answer to one incident.
	Incident model.Ref `to:"SecurityIncident"`
	// Regime limits the answer to one law or contract, such as GDPR Art. 33.
	Regime string
	// All includes notices that were sent.
	All bool
}

// NotificationsOut says who must be told of incidents and by when.
type NotificationsOut struct {
	// Due is how many notices are still to be sent.
	Due practice.Figure
	// Late is how many of these should have been sent already.
	Late practice.Figure
	// SentLate is how many were sent too late.
	SentLate practice.Figure
	// Findings say what is to be sent, the most pressing first.
	Findings []practice.Finding
	// Notices are the notices, the most pressing first.
	Notices practice.Table[NoticeRow]
}

// NoticeRow is one notice about an incident.
type NoticeRow struct {
	// Incident is what it is about.
	Incident practice.Link
	// Regime is the law or the contract that wants it.
	Regime string
	// Stage says which of several notices it is.
	Stage string
	// To is who must be told.
	To string
	// State says how it stands.
	State NoticeState
	// Starts is when its clock starts.
	Starts model.Time
	// Due is by when it must be there. Unset means without undue delay.
	Due model.Time
	// Left is how long there is still time, below zero where it is late.
	Left string
	// Sent is when it was sent.
	Sent model.Time
	// Reference is what the other side calls it.
	Reference string
	// Note says what the moment rests on.
	Note string
}

func (n *notice) row(now model.Time) NoticeRow {
	r := NoticeRow{Incident: practice.To(n.incident), Regime: n.regime, Stage: n.stage, To: n.to, State: n.state, Starts: n.starts, Due: n.due, Left: n.leftText(now), Sent: n.sent, Reference: n.reference}
	switch {
	case !n.state.Open():
	case n.state == NoticeWaiting:
		r.Note = "nobody says when the incident was detected or confirmed"
	case n.expected:
		r.Note = "counted from the last moment of the notice before, which was not sent yet"
	case n.incident.Confirmed.IsZero():
		r.Note = "counted from the detection, because nobody says when it was confirmed"
	}
	return r
}

// finding says that a notice is to be sent.
func (n *notice) finding(v estate.View, now model.Time) practice.Finding {
	about := practice.To(n.incident)
	f := practice.Finding{Severity: practice.Medium, About: about, From: []practice.Link{about}, Owner: commander(v, n.incident),
		Mend: &practice.Mend{Action: "security.notify", Parameters: map[string]string{"incident": n.incident.Key, "regime": n.regime, "stage": n.stage}}}
	what := strings.TrimSpace(n.regime + " " + n.stage)
	switch left := n.left(now); {
	case n.state == NoticeLate:
		f.Severity = practice.Critical
		f.Text = fmt.Sprintf("The %s about %s had to be sent to %s by %s, %s ago.", what, n.incident.Title(), n.to, n.due, roughly(-left))
	case n.state == NoticePrompt:
		f.Severity = practice.High
		f.Text = fmt.Sprintf("The %s about %s is to be sent to %s without undue delay; the company is aware since %s.", what, n.incident.Title(), n.to, n.starts)
	case n.state == NoticeWaiting:
		f.Text = fmt.Sprintf("The %s about %s has no clock, because nobody says when it was detected or confirmed.", what, n.incident.Title())
	default:
		if left <= 24*hour {
			f.Severity = practice.High
		}
		f.Text = fmt.Sprintf("The %s about %s is to be sent to %s by %s, in %s.", what, n.incident.Title(), n.to, n.due, roughly(left))
	}
	return f
}

// roughly writes a length of time to the minute.
func roughly(d model.Duration) string { return (d - d%model.Duration(time.Minute)).String() }

// commander returns who leads the work on an incident, or who answers for it.
func commander(v estate.View, i *model.SecurityIncident) practice.Link {
	if l := practice.To(v.Get(i.Commander)); !l.IsZero() {
		return l
	}
	return practice.OwnerOf(v, i)
}

// Notifications lists who must be told of security incidents and by when, with clocks in hours. Rules of the GDPR, NIS2 and DORA are delivered;
// the records of kind NotificationRule replace them, add others and switch off what does not apply to the company. NIS2 and
// DORA only count for incidents that somebody has marked as significant or major.
func Notifications(v estate.View, in NotificationsIn) (NotificationsOut, error) {
	now := practice.NowOf(v)
	var out NotificationsOut
	var due, late, sentLate []practice.Link
	var all []notice
	for i := range estate.Each[*model.SecurityIncident](v) {
		if in.Incident.IsZero() || i.Ref() == in.Incident {
			all = append(all, noticesOf(v, i, now)...)
		}
	}
	all = slices.DeleteFunc(all, func(n notice) bool { return in.Regime != "" && !strings.EqualFold(n.regime, in.Regime) })
	pressing(all)
	for k := range all {
		n := &all[k]
		link := practice.To(n.incident)
		switch {
		case n.state.Open():
			due = append(due, link)
			out.Findings = append(out.Findings, n.finding(v, now))
			if n.state == NoticeLate {
				late = append(late, link)
			}
		case n.state == NoticeSentLate:
			sentLate = append(sentLate, link)
		}
		if n.state.Open() || in.All {
			out.Notices.Rows = append(out.Notices.Rows, n.row(now))
		}
	}
	heaviestFirst(out.Findings)
	out.Due = practice.Counted("notices", practice.Lower, due)
	out.Late = practice.Counted("notices", practice.Lower, late)
	out.SentLate = practice.Counted("notices", practice.Lower, sentLate)
	return out, nil
}

// pressing sorts notices by state, then by the end of their clock.
func pressing(all []notice) {
	slices.SortStableFunc(all, func(a, b notice) int {
		return cmp.Or(cmp.Compare(model.Rank(a.state), model.Rank(b.state)), cmp.Compare(a.due, b.due), cmp.Compare(a.incident.Key, b.incident.Key))
	})
}

// heaviestFirst puts the worst findings first and leaves equal ones in order.
func heaviestFirst(list []practice.Finding) {
	slices.SortStableFunc(list, func(a, b practice.Finding) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
}

// NotificationsInTimeIn says which notices the check looks at.
type NotificationsInTimeIn struct {
	// Days is how far back incidents count, in days from their detection. The default is 365.
	Days int `min:"1" max:"36500"`
}

// NotificationsInTime checks that no notice about a security incident is late and that none was sent late.
func NotificationsInTime(v estate.View, in NotificationsInTimeIn) (practice.Verdict, error) {
	now := practice.NowOf(v)
	from := v.At().AddDays(-cmp.Or(in.Days, 365))
	var out practice.Verdict
	notices := 0
	for i := range estate.Each[*model.SecurityIncident](v) {
		if at := aware(i); !at.IsZero() && at.Date() < from {
			continue
		}
		all := noticesOf(v, i, now)
		if notices += len(all); len(all) > 0 {
			out.Checked = append(out.Checked, practice.To(i))
		}
		for k := range all {
			switch n := &all[k]; n.state {
			case NoticeLate:
				out.Findings = append(out.Findings, n.finding(v, now))
			case NoticeSentLate:
				link := practice.To(i)
				out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: link, From: []practice.Link{link}, Owner: commander(v, i),
					Text: fmt.Sprintf("The %s about %s was sent %s late.", strings.TrimSpace(n.regime+" "+n.stage), i.Title(), roughly(between(n.due, n.sent)))})
			}
		}
	}
	heaviestFirst(out.Findings)
	switch all := practice.Count(notices, "notice", "notices"); {
	case notices == 0:
		out.Pass, out.Text = true, "No security incident needed a notice."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s are late or were sent late.", len(out.Findings), all)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("None of %s is or was late.", all)
	}
	return out, nil
}

// NotifyIn says which notice was sent.
type NotifyIn struct {
	// Incident is what it is about.
	Incident model.Ref `to:"SecurityIncident" is:"required"`
	// Regime is the law or the contract that wants it, such as GDPR Art. 33.
	Regime string `is:"required"`
	// Stage says which of several notices it is. It may be left out where the regime has one.
	Stage string
	// Sent is when it was sent. Unset means now.
	Sent model.Time
	// To is who was told. Unset means who the rule names.
	To string
	// Reference is what the other side calls it.
	Reference string
	// By is the person that sent it.
	By model.Ref `to:"Person"`
}

// Notify proposes to note that a notice about an incident was sent, with the moment by which it had to be there. The notice itself is not
// sent by this.
func Notify(v estate.View, in NotifyIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.SecurityIncident](v, in.Incident)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "incident", Text: "there is no such incident"}
	}
	now := practice.NowOf(v)
	sent := cmp.Or(in.Sent, now)
	if sent > now {
		return practice.Proposal{}, model.Problem{Field: "sent", Text: fmt.Sprintf("%s lies ahead: note a notice once it was sent", sent)}
	}
	n, err := noticeNamed(v, before, in.Regime, in.Stage, now)
	if err != nil {
		return practice.Proposal{}, err
	}
	if !n.sent.IsZero() {
		return practice.Proposal{}, model.Problem{Field: "stage", Text: fmt.Sprintf("the %s was sent at %s already", strings.TrimSpace(n.regime+" "+n.stage), n.sent)}
	}
	after := model.Clone(before)
	to := cmp.Or(in.To, n.to)
	after.Notifications = append(slices.Clone(before.Notifications), model.IncidentNotification{Regime: n.regime, Stage: n.stage, To: to, Due: n.due, Sent: sent, Reference: in.Reference})
	what := strings.TrimSpace(n.regime + " " + n.stage)
	text := what + " sent"
	if to != "" {
		text += " to " + to
	}
	after.Timeline = withEvent(before.Timeline, model.IncidentEvent{At: sent, Who: in.By, Type: "message", What: text + "."})
	out := changeOf(v, before, after, fmt.Sprintf("Note that the %s about %s was sent", what, before.Title()))
	if !n.due.IsZero() && sent > n.due {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: practice.To(before), Text: fmt.Sprintf("It was sent %s after the last moment, %s: say in it why.", roughly(between(n.due, sent)), n.due)})
	}
	for _, next := range noticesOf(v, after, now) {
		if next.state.Open() && strings.EqualFold(next.regime, n.regime) && !next.due.IsZero() {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(before), Text: fmt.Sprintf("The %s is to be sent by %s.", strings.TrimSpace(next.regime+" "+next.stage), next.due)})
		}
	}
	return out, nil
}

// noticeNamed returns the notice of an incident with a regime and a stage. A regime that no rule knows is taken as it is.
func noticeNamed(v estate.View, i *model.SecurityIncident, regime, stage string, now model.Time) (notice, error) {
	var of []notice
	for _, n := range noticesOf(v, i, now) {
		if strings.EqualFold(n.regime, strings.TrimSpace(regime)) {
			if strings.EqualFold(n.stage, strings.TrimSpace(stage)) {
				return n, nil
			}
			of = append(of, n)
		}
	}
	switch {
	case stage != "" || len(of) == 0:
		return notice{incident: i, regime: strings.TrimSpace(regime), stage: strings.TrimSpace(stage)}, nil
	case len(of) == 1:
		return of[0], nil
	}
	var stages []string
	for _, n := range of {
		stages = append(stages, n.stage)
	}
	return notice{}, model.Problem{Field: "stage", Text: "say which notice of " + regime + " it is: " + strings.Join(stages, ", ")}
}

// withEvent returns a timeline with one more event, in order of time.
func withEvent(timeline []model.IncidentEvent, e model.IncidentEvent) []model.IncidentEvent {
	out := append(slices.Clone(timeline), e)
	slices.SortStableFunc(out, func(a, b model.IncidentEvent) int { return cmp.Compare(a.At, b.At) })
	return out
}

// changeOf makes a proposal of one record that is created, where there was none before, or changes.
func changeOf(v estate.View, before, after model.Record, why string) practice.Proposal {
	out := practice.Proposal{Why: why}
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
	return out
}
