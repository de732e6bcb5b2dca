package compliance

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// AuditsOut is where audits stand.
type AuditsOut struct {
	// Running is how many audits are not closed.
	Running practice.Figure
	// OpenRequests is how many requests wait for an answer.
	OpenRequests practice.Figure
	// LateRequests is how many of these should have been answered.
	LateRequests practice.Figure
	// Audits are those that end first, and closed ones last.
	Audits practice.Table[AuditRow]
	// ToAnswer say which requests wait for whose answer.
	ToAnswer []practice.Finding
}

// AuditRow is one audit.
type AuditRow struct {
	// Audit is the audit.
	Audit practice.Link
	// State says where it stands.
	State model.AuditState
	// Scope is what is examined.
	Scope practice.Link
	// Since is the first day of the period that is looked at.
	Since model.Date
	// Until is the last day of it.
	Until model.Date
	// Due is the day by which the report is to be there.
	Due model.Date
	// Requests is how many requests there are.
	Requests int
	// Waiting is how many of them wait for an answer.
	Waiting int
	// Late is how many of these should have been answered.
	Late int
	// Accepted is the share of requests with whose answer the auditors are content.
	Accepted float64 `unit:"%"`
	// Findings is how many findings came of it.
	Findings int
}

// Audits lists the audits with how far their requests are answered and how much they found.
func Audits(v estate.View, _ struct{}) (AuditsOut, error) {
	var out AuditsOut
	var running, waiting, late []practice.Link
	for a := range estate.Each[*model.Audit](v) {
		row := AuditRow{Audit: practice.To(a), State: a.State, Scope: practice.To(v.Get(a.Scope)), Since: a.From, Until: a.Until, Due: a.Due}
		accepted := 0
		for _, q := range requestsOf(v, a) {
			row.Requests++
			accepted += b2i(q.State == model.RequestAccepted)
			if waits(q) {
				row.Waiting++
				waiting = append(waiting, practice.To(q))
				out.ToAnswer = append(out.ToAnswer, toAnswer(v, q)...)
				if isLate(q, v.At()) {
					row.Late++
					late = append(late, practice.To(q))
				}
			}
		}
		row.Accepted = practice.Share(accepted, row.Requests)
		row.Findings = len(findingsOf(v, a))
		if a.State != model.AuditClosed {
			running = append(running, row.Audit)
		}
		out.Audits.Rows = append(out.Audits.Rows, row)
	}
	slices.SortStableFunc(out.Audits.Rows, func(a, b AuditRow) int {
		return cmp.Or(cmp.Compare(b2i(a.State == model.AuditClosed), b2i(b.State == model.AuditClosed)), cmp.Compare(a.Due, b.Due))
	})
	out.Running = practice.Counted("audits", practice.Neither, running)
	out.OpenRequests = practice.Counted("requests", practice.Lower, waiting)
	out.LateRequests = practice.Counted("requests", practice.Lower, late)
	return out, nil
}

// toAnswer says that a request waits, once for each person and team that is asked, and once where nobody is.
func toAnswer(v estate.View, q *model.AuditRequest) []practice.Finding {
	f := practice.Finding{Severity: practice.Medium, Text: q.Title() + " waits for an answer", About: practice.To(q), From: []practice.Link{practice.To(q)}, Owner: practice.OwnerOf(v, q), Mend: mend("answer_request", "request", q)}
	if !q.Due.IsZero() {
		f.Text += ", wanted by " + q.Due.String()
	}
	if f.Text += "."; isLate(q, v.At()) {
		f.Severity = practice.High
	}
	asked := linksOf(v, q.AskedOf)
	if len(asked) == 0 {
		return []practice.Finding{f}
	}
	var out []practice.Finding
	for _, who := range asked {
		f.Owner = who
		out = append(out, f)
	}
	return out
}

// requestsOf returns the requests of an audit, by number and then by key.
func requestsOf(v estate.View, a *model.Audit) []*model.AuditRequest {
	var out []*model.AuditRequest
	for e := range v.In(a.Ref()) {
		if q, ok := e.Record.(*model.AuditRequest); ok && q.Audit == a.Ref() && !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(a, b *model.AuditRequest) int {
		return cmp.Or(cmp.Compare(len(a.Number), len(b.Number)), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Key, b.Key))
	})
	return out
}

func findingsOf(v estate.View, a *model.Audit) []*model.Finding {
	var out []*model.Finding
	for e := range v.In(a.Ref()) {
		if f, ok := e.Record.(*model.Finding); ok && f.Audit == a.Ref() && !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b *model.Finding) int {
		return cmp.Or(model.Rank(b.Severity)-model.Rank(a.Severity), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// waits reports whether a request waits for an answer.
func waits(q *model.AuditRequest) bool {
	return q.State == "" || q.State == model.RequestOpen || q.State == model.RequestReturned
}

func isLate(q *model.AuditRequest, at model.Date) bool {
	return waits(q) && !q.Due.IsZero() && q.Due < at
}

// AuditIn says which audit is looked at.
type AuditIn struct {
	// Audit is the audit.
	Audit model.Ref `to:"Audit" is:"required"`
}

// AuditOut is one audit with its requests and findings.
type AuditOut struct {
	// State says where it stands.
	State model.AuditState
	// Scope is what is examined.
	Scope practice.Link
	// Waiting is how many requests wait for an answer.
	Waiting practice.Figure
	// Late is how many of these should have been answered.
	Late practice.Figure
	// Accepted is the share of requests with whose answer the auditors are content.
	Accepted practice.Figure
	// Requests are in the order of their numbers.
	Requests practice.Table[RequestRow]
	// Findings are what came of it, the worst first.
	Findings []practice.Finding
}

// RequestRow is one request of auditors.
type RequestRow struct {
	// Request is the request.
	Request practice.Link
	// Number is what the auditors call it.
	Number string
	// Text says what is asked for.
	Text string
	// State says where it stands.
	State model.AuditRequestState
	// Due is the day by which the answer is wanted.
	Due model.Date
	// Late says that this day is past and there is no answer.
	Late bool
	// AskedOf are who is to answer.
	AskedOf []practice.Link
	// Requirements are what the auditors look at with it.
	Requirements []practice.Link
	// Answer is what was answered.
	Answer string
	// Evidence is what the answer rests on.
	Evidence []practice.Link
	// Answered is the day of the answer.
	Answered model.Date
}

// Audit shows one audit: what the auditors asked for, what was answered with which evidence, and what they found.
func Audit(v estate.View, in AuditIn) (AuditOut, error) {
	var out AuditOut
	a, ok := estate.Look[*model.Audit](v, in.Audit)
	if !ok {
		return out, model.Problem{Field: "audit", Text: "there is no such audit"}
	}
	out.State, out.Scope = a.State, practice.To(v.Get(a.Scope))
	var waiting, late []practice.Link
	accepted := 0
	for _, q := range requestsOf(v, a) {
		row := RequestRow{Request: practice.To(q), Number: q.Number, Text: q.Text, State: cmp.Or(q.State, model.RequestOpen), Due: q.Due, Late: isLate(q, v.At()), AskedOf: linksOf(v, q.AskedOf), Requirements: linksOf(v, q.Requirements), Answer: q.Answer, Evidence: linksOf(v, q.Evidence), Answered: q.Answered}
		accepted += b2i(q.State == model.RequestAccepted)
		if waits(q) {
			waiting = append(waiting, row.Request)
		}
		if row.Late {
			late = append(late, row.Request)
		}
		out.Requests.Rows = append(out.Requests.Rows, row)
	}
	for _, f := range findingsOf(v, a) {
		out.Findings = append(out.Findings, practice.Finding{Severity: severityWord(f.Severity), Text: findingText(f), About: practice.To(f), Owner: practice.OwnerOf(v, f)})
	}
	out.Waiting = practice.Counted("requests", practice.Lower, waiting)
	out.Late = practice.Counted("requests", practice.Lower, late)
	out.Accepted = share(accepted, len(out.Requests.Rows), "Nothing was asked for yet.")
	return out, nil
}

// ChangesIn says since when changes are looked for.
type ChangesIn struct {
	// Scope is the scope. Unset means the company as a whole.
	Scope model.Ref `to:"ComplianceScope"`
	// Since is the day that today is compared with. Unset means the end of the last closed audit of the scope.
	Since model.Date
	// Framework limits the answer to one framework.
	Framework model.Ref `to:"Framework"`
}

// ChangesOut is what changed since the last audit.
type ChangesOut struct {
	// Audit is the audit that today is compared with.
	Audit practice.Link
	// Since is the day that today is compared with.
	Since model.Date
	// Better is how many requirements stand better.
	Better practice.Figure
	// Worse is how many stand worse.
	Worse practice.Figure
	// New is how many findings were opened since.
	New practice.Figure
	// Mended is how many findings were mended or closed since.
	Mended practice.Figure
	// Changes has one row for each requirement whose state changed, those that stand worse first.
	Changes practice.Table[ChangedRow]
}

// ChangedRow is one requirement whose state changed.
type ChangedRow struct {
	// Requirement is what is asked for.
	Requirement practice.Link
	// Number is what people call it.
	Number string
	// Before is how it stood.
	Before State
	// Now is how it stands.
	Now State
	// Reason says why it stands so.
	Reason string
}

// ChangesSinceAudit tells which requirements stand better or worse than at the end of the last audit, and which findings came and went. It
// compares what observations and findings showed then and show now; what controls and scopes say counts as it is now. To see the estate as it was, ask with a moment of the past.
func ChangesSinceAudit(v estate.View, in ChangesIn) (ChangesOut, error) {
	var out ChangesOut
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	out.Since = in.Since
	if in.Since.IsZero() {
		last := lastAudit(v, in.Scope)
		if last == nil {
			return out, model.Problem{Field: "since", Text: "no audit of the scope is closed and has an end: say since which day"}
		}
		out.Audit, out.Since = practice.To(last), auditEnd(last)
	}
	before := s.At(model.TimeOf(out.Since.Time()) + 24*3600*1000 - 1000)
	var better, worse []practice.Link
	for _, f := range s.Frameworks() {
		if !in.Framework.IsZero() && in.Framework != f.Ref() {
			continue
		}
		for _, r := range s.ix.of(f.Ref()) {
			if !s.ix.counts(r) {
				continue
			}
			was, is := before.Of(r), s.Of(r)
			if was.State == is.State {
				continue
			}
			link := practice.To(r)
			if model.Rank(is.State) > model.Rank(was.State) {
				better = append(better, link)
			} else {
				worse = append(worse, link)
			}
			out.Changes.Rows = append(out.Changes.Rows, ChangedRow{link, r.Number, was.State, is.State, is.Reason})
		}
	}
	slices.SortStableFunc(out.Changes.Rows, func(a, b ChangedRow) int {
		return cmp.Compare(model.Rank(a.Now)-model.Rank(a.Before), model.Rank(b.Now)-model.Rank(b.Before))
	})
	out.Better, out.Worse = practice.Counted("requirements", practice.Higher, better), practice.Counted("requirements", practice.Lower, worse)
	var opened, mended []practice.Link
	for f := range estate.Each[*model.Finding](v) {
		if f.Opened > out.Since && f.Opened <= v.At() {
			opened = append(opened, practice.To(f))
		}
		if end := cmp.Or(f.Mended, f.Closed); end > out.Since && end <= v.At() {
			mended = append(mended, practice.To(f))
		}
	}
	out.New, out.Mended = practice.Counted("findings", practice.Lower, opened), practice.Counted("findings", practice.Higher, mended)
	return out, nil
}

// auditEnd returns the last day that an audit looked at.
func auditEnd(a *model.Audit) model.Date { return cmp.Or(a.Until, a.Due) }

// lastAudit returns the closed audit of a scope that ended last, or nil.
func lastAudit(v estate.View, scope model.Ref) *model.Audit {
	var last *model.Audit
	for a := range estate.Each[*model.Audit](v) {
		end := auditEnd(a)
		if a.State != model.AuditClosed || end.IsZero() || end >= v.At() || !scope.IsZero() && a.Scope != scope {
			continue
		}
		if last == nil || end > auditEnd(last) {
			last = a
		}
	}
	return last
}
