package reviews

import (
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/clock"
	"binnacle/web/frame"
	"binnacle/web/parts"
	"binnacle/web/prose"
)

// auditsView is the page of all audits.
type auditsView struct {
	Running, Closed []auditCard
	New             string
}

// auditCard is an audit on the list.
type auditCard struct {
	Title, Path, State, Scope string
	Since, Until              model.Date
	Clock                     template.HTML
	Requests, Waiting, Late   int
	Accepted                  share
}

func auditPath(a *model.Audit, below ...string) string {
	return "/audits/" + url.PathEscape(a.Key) + strings.Join(below, "")
}

func requestPath(a *model.Audit, q *model.AuditRequest, below ...string) string {
	return auditPath(a, "/requests/"+url.PathEscape(q.Key)+strings.Join(below, ""))
}

func audits(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	answer, err := d.ask("compliance.audits", nil)
	if err != nil {
		return err
	}
	var b auditsView
	if !d.past() && v.Who.MayCreate("Audit") {
		b.New = v.Path("/records/Audit/new")
	}
	r := answer.rows("audits")
	for i := range r.cells {
		a, ok := d.view.Get(model.Ref(value[practice.Link](r, i, "audit").ID)).(*model.Audit)
		if !ok {
			continue
		}
		c := auditCard{Title: a.Title(), Path: v.Path(auditPath(a)), State: labelOf(a.State), Scope: d.named(a.Scope).Title, Since: a.From, Until: a.Until, Requests: value[int](r, i, "requests"), Waiting: value[int](r, i, "waiting"), Late: value[int](r, i, "late")}
		if a.State == model.AuditClosed {
			b.Closed = append(b.Closed, c)
			continue
		}
		c.Clock = clock.OfDays(a.Start, a.Due, 0, d.view.At()).HTML()
		for _, q := range d.requestsOf(a) {
			c.Accepted.Of++
			if q.State == model.RequestAccepted {
				c.Accepted.Done++
			}
		}
		b.Running = append(b.Running, c)
	}
	return d.show("audits", "audits", frame.Page{Title: "Audits", Lead: "What auditors ask for, what they were answered, and what they found.", Body: b})
}

// requestsOf returns the requests of an audit that the visitor may see, by number.
func (d *desk) requestsOf(a *model.Audit) []*model.AuditRequest {
	var out []*model.AuditRequest
	for e := range d.view.In(a.Ref()) {
		if q, ok := e.Record.(*model.AuditRequest); ok && q.Audit == a.Ref() {
			out = append(out, q)
		}
	}
	slices.SortFunc(out, func(x, y *model.AuditRequest) int {
		if n := len(x.Number) - len(y.Number); n != 0 {
			return n
		}
		return strings.Compare(x.Number+"\x00"+x.Key, y.Number+"\x00"+y.Key)
	})
	return slices.Compact(out)
}

// auditView is the page of one audit.
type auditView struct {
	State, Opinion   string
	Scope            shown
	Frameworks       []shown
	Auditors         []shown
	Since, Until     model.Date
	Clock            template.HTML
	Accepted         share
	Filters          []filter
	Requests         []requestRow
	Package, Record  string
	PackageQuestion  string
	NewRequest       string
	Figures          template.HTML
	Findings         template.HTML
	ReadOnly, Closed bool
}

// requestRow is a request on the list.
type requestRow struct {
	Number, Title, Path, Text string
	State                     model.AuditRequestState
	Label, Class              string
	Clock                     template.HTML
	AskedOf                   []shown
	Mine                      bool
	Evidence                  int
}

// stateClass is the look of the badge of a state.
func stateClass(s model.AuditRequestState) string {
	return map[model.AuditRequestState]string{model.RequestAnswered: "info", model.RequestAccepted: "good", model.RequestReturned: "warn"}[s]
}

// stateOf returns the state of a request. One without a state is open.
func stateOf(q *model.AuditRequest) model.AuditRequestState {
	if q.State == "" {
		return model.RequestOpen
	}
	return q.State
}

// clockOfRequest returns how much time there is for an answer.
func (d *desk) clockOfRequest(q *model.AuditRequest) template.HTML {
	done := q.Answered
	if s := stateOf(q); s == model.RequestOpen || s == model.RequestReturned {
		done = 0
	}
	return clock.OfDays(q.Created.At.Date(), q.Due, done, d.view.At()).HTML()
}

// asks reports whether the visitor, or a team of the visitor, is to answer a request.
func (d *desk) asks(q *model.AuditRequest) bool {
	return slices.ContainsFunc(q.AskedOf, func(ref model.Ref) bool { return d.Who.Owners[ref] })
}

func (d *desk) auditOf() (*model.Audit, error) {
	_, rec, err := door.Find(d.view, "Audit", d.R.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return rec.(*model.Audit), nil
}

func audit(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	a, err := d.auditOf()
	if err != nil {
		return err
	}
	of := url.Values{"audit": {"Audit/" + a.Key}}
	b := auditView{State: labelOf(a.State), Scope: d.named(a.Scope), Frameworks: d.namedAll(a.Frameworks), Auditors: d.namedAll(a.Auditors), Since: a.From, Until: a.Until, Closed: a.State == model.AuditClosed, Opinion: a.Opinion,
		Package: v.Path("/questions/compliance.evidence_package."+parts.FileSuffix, "audit", "Audit/"+a.Key, "part", "package"), PackageQuestion: v.Path("/questions/compliance.evidence_package", "audit", "Audit/"+a.Key), Record: d.Record(practice.To(a))}
	if !b.Closed {
		b.Clock = clock.OfDays(a.Start, a.Due, 0, d.view.At()).HTML()
	}
	if !d.past() && v.Who.MayCreate("AuditRequest") && !b.Closed {
		b.NewRequest = v.Path("/records/AuditRequest/new")
	}
	which := v.Form("show")
	counts := map[string]int{}
	all := d.requestsOf(a)
	for _, q := range all {
		row := d.requestRow(a, q)
		counts[""]++
		counts[string(row.State)]++
		b.Accepted.Of++
		if row.State == model.RequestAccepted {
			b.Accepted.Done++
		}
		if row.Mine {
			counts["mine"]++
		}
		if which == "" || which == string(row.State) || which == "mine" && row.Mine {
			b.Requests = append(b.Requests, row)
		}
		b.ReadOnly = b.ReadOnly || !d.mayWrite(q)
	}
	b.Filters = append(b.Filters, filter{"All", v.Path(auditPath(a)), counts[""], which == ""})
	if counts["mine"] > 0 {
		b.Filters = append(b.Filters, filter{"Asked of me", v.Path(auditPath(a), "show", "mine"), counts["mine"], which == "mine"})
	}
	for _, o := range model.RequestOpen.Options() {
		if counts[o.Value] > 0 {
			b.Filters = append(b.Filters, filter{o.Label, v.Path(auditPath(a), "show", o.Value), counts[o.Value], which == o.Value})
		}
	}
	for _, name := range []string{"waiting", "late", "accepted"} {
		b.Figures += d.part("compliance.audit", of, name, parts.Options{Heading: 3, Compact: true})
	}
	b.Findings = d.part("compliance.audit", of, "findings", parts.Options{Heading: 2, Title: "What they found"})
	return d.show("audit", "audits", frame.Page{Title: a.Title(), Lead: frame.Short(a.Description, 240), Crumbs: []frame.Crumb{{Label: "Audits", Path: "/audits"}}, Body: b})
}

// requestRow returns a request for a list.
func (d *desk) requestRow(a *model.Audit, q *model.AuditRequest) requestRow {
	s := stateOf(q)
	return requestRow{Number: q.Number, Title: q.Title(), Path: d.Path(requestPath(a, q)), Text: frame.Short(prose.Plain(q.Text), 220), State: s, Label: labelOf(s), Class: stateClass(s),
		Clock: d.clockOfRequest(q), AskedOf: d.namedAll(q.AskedOf), Mine: d.asks(q), Evidence: len(q.Evidence)}
}

// requestPage is the page of one request.
type requestPage struct {
	requestRow
	TextHTML, AnswerHTML, RemarksHTML template.HTML
	Requirements, EvidenceShown       []shown
	Files                             []fileRow
	Answered                          model.Date
	AnsweredBy                        shown
	// AnswerPath and JudgePath are where forms lead, where the visitor may answer or judge.
	AnswerPath, JudgePath string
	// Not says why the visitor does neither.
	Not            string
	Draft          string
	DraftEvidence  string
	Problem        string
	Remarks        string
	MayAttach      bool
	Record         string
	Before, After  string
	EvidenceHidden int
}

// fileRow is a file that belongs to a request.
type fileRow struct{ Name, Path, Type string }

func (d *desk) requestOf() (*model.Audit, *model.AuditRequest, error) {
	a, err := d.auditOf()
	if err != nil {
		return nil, nil, err
	}
	_, rec, err := door.Find(d.view, "AuditRequest", d.R.PathValue("request"))
	if err != nil {
		return nil, nil, err
	}
	q := rec.(*model.AuditRequest)
	if q.Audit != a.Ref() {
		return nil, nil, &door.NotFound{What: "request " + q.Key + " of " + a.Title()}
	}
	return a, q, nil
}

func request(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	a, q, err := d.requestOf()
	if err != nil {
		return err
	}
	return d.showRequest(a, q, requestPage{Draft: q.Answer})
}

// showRequest shows a request, with what was typed and what is wrong with it.
func (d *desk) showRequest(a *model.Audit, q *model.AuditRequest, b requestPage) error {
	b.requestRow = d.requestRow(a, q)
	b.TextHTML, b.AnswerHTML, b.RemarksHTML = prose.HTML(q.Text), prose.HTML(q.Answer), prose.HTML(q.Remarks)
	b.Requirements = d.namedAll(q.Requirements)
	b.Answered, b.AnsweredBy, b.Record = q.Answered, d.named(q.AnsweredBy), d.Record(practice.To(q))
	files := map[model.Ref]bool{}
	for e := range d.view.In(q.Ref()) {
		if f, ok := e.Record.(*model.Attachment); ok && f.About == q.Ref() && !files[f.Ref()] {
			files[f.Ref()] = true
			b.Files = append(b.Files, fileRow{f.FileName, d.Path("/attachments/" + url.PathEscape(f.Key)), f.MediaType})
		}
	}
	for _, ref := range q.Evidence {
		switch s := d.named(ref); {
		case files[ref]:
		case s.Title == "":
			b.EvidenceHidden++
		default:
			b.EvidenceShown = append(b.EvidenceShown, s)
		}
	}
	list := d.requestsOf(a)
	if at := slices.Index(list, q); at >= 0 {
		if at > 0 {
			b.Before = d.Path(requestPath(a, list[at-1]))
		}
		if at+1 < len(list) {
			b.After = d.Path(requestPath(a, list[at+1]))
		}
	}
	auditor := d.judges(a)
	switch s := stateOf(q); {
	case d.past():
		b.Not = "You look at the past, which cannot be changed."
	case !d.mayWrite(q):
		b.Not = "You may read this and not change it."
	case a.State == model.AuditClosed:
		b.Not = "The audit is closed."
	case d.nobody():
		b.Not = nobodyText
	default:
		if s != model.RequestAccepted && !auditor {
			b.AnswerPath, b.MayAttach = d.Path(requestPath(a, q, "/answer")), d.Who.MayCreate("Attachment")
		}
		if s == model.RequestAnswered && q.AnsweredBy != d.me {
			b.JudgePath = d.Path(requestPath(a, q, "/judge"))
		}
		if s == model.RequestAnswered && q.AnsweredBy == d.me {
			b.Not = "You answered this. Somebody else judges the answer."
		}
	}
	p := frame.Page{Title: strings.TrimSpace(q.Number + " " + q.Title()), Crumbs: []frame.Crumb{{Label: "Audits", Path: "/audits"}, {Label: a.Title(), Path: auditPath(a)}}, Body: b}
	if q.Number != "" && strings.HasPrefix(q.Title(), q.Number) {
		p.Title = q.Title()
	}
	if b.Problem != "" {
		p.Status = unprocessable
	}
	return d.show("request", "audits", p)
}

// judges reports whether the visitor is one of the auditors, who ask and do not answer.
func (d *desk) judges(a *model.Audit) bool {
	return slices.Contains(a.Auditors, d.me) || slices.Contains(a.Auditors, d.Who.Account.Ref())
}

// answerRequest answers a request with evidence, and with files where some are sent along.
func answerRequest(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	a, q, err := d.requestOf()
	if err != nil {
		return err
	}
	text, evidence := v.Form("answer"), v.Form("evidence")
	draft := requestPage{Draft: text, DraftEvidence: evidence}
	if text == "" {
		draft.Problem = "Write an answer."
		return d.showRequest(a, q, draft)
	}
	parameters := map[string]any{"request": q.ID.String(), "answer": text}
	refs := evidenceIn(evidence)
	parameters["evidence"] = refs
	// What the answer says is tried before the file is kept.
	if _, _, err := v.House.Do(v.Ctx(), v.Who, v.Moment, "compliance.answer_request", parameters, "", true); err != nil && !errors.Is(err, door.ErrNothing) {
		if p, ok := problemOf(err); ok {
			draft.Problem = upper(p.Text)
			return d.showRequest(a, q, draft)
		}
		return err
	}
	file, err := d.attachTo(q)
	if err != nil {
		return err
	}
	if file != "" {
		parameters["evidence"] = append(refs, file)
	}
	return d.done(v.Path(requestPath(a, q)), "Your answer is there for the auditors.", "compliance.answer_request", parameters)
}

// evidenceIn returns the records that somebody named, separated by commas or lines.
func evidenceIn(text string) []any {
	out := []any{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == '\r' || r == ';' }) {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// attachTo attaches the file that was sent along to a request, and returns the id of the attachment. It returns nothing where there is no file.
func (d *desk) attachTo(q *model.AuditRequest) (string, error) {
	in, head, err := d.R.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && head.Size == 0 {
		return "", nil
	}
	if err != nil {
		if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
			return "", err
		}
		return "", frame.Bad("the file could not be read: %v", err)
	}
	defer in.Close()
	if !d.Who.MayCreate("Attachment") {
		return "", frame.Bad("you may not attach files here")
	}
	data, err := io.ReadAll(io.LimitReader(in, door.LargestFile+1))
	if err != nil {
		return "", err
	}
	r, err := d.House.Attach(d.Ctx(), d.Who, d.Moment, q, door.File{Name: head.Filename, Data: data})
	if err != nil {
		return "", err
	}
	for _, c := range r.Changes {
		if c.Kind == "Attachment" {
			return c.ID.String(), nil
		}
	}
	return "", fmt.Errorf("the attachment of %s was not written", q.Key)
}

// judge accepts an answer, or returns it.
func judge(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	a, q, err := d.requestOf()
	if err != nil {
		return err
	}
	if d.nobody() {
		return frame.Bad("%s", nobodyText)
	}
	parameters := map[string]any{"request": q.ID.String(), "remarks": v.Form("remarks"), "by": d.me.String()}
	said := "The answer is accepted."
	if v.Form("verdict") == "return" {
		parameters["return"], said = "yes", "The answer goes back."
	}
	r, err := d.do("compliance.accept_request", parameters)
	if p, ok := problemOf(err); ok {
		return d.showRequest(a, q, requestPage{Draft: q.Answer, Problem: upper(p.Text), Remarks: v.Form("remarks")})
	}
	if err != nil {
		return err
	}
	return d.Done(v.Path(requestPath(a, q)), said, r)
}
