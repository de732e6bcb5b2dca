package decisions_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/decisions"
	"binnacle/web/frame"
)

type visitor struct {
	t      *testing.T
	site   *frame.Site
	secret string
}

func as(t *testing.T, w *doortest.World, name, person string, roles ...string) *visitor {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	decisions.Mount(s)
	secret, err := w.Access.Begin(t.Context(), w.As(name, person, roles...).Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, s, secret}
}

func (v *visitor) send(r *http.Request) *httptest.ResponseRecorder {
	r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: v.secret})
	out := httptest.NewRecorder()
	v.site.ServeHTTP(out, r)
	return out
}

func (v *visitor) get(path string) *httptest.ResponseRecorder {
	return v.send(httptest.NewRequest("GET", path, nil))
}

func (v *visitor) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.send(r)
}

// has checks that a page says some things and does not say others, which start with an exclamation mark.
func has(t *testing.T, page *httptest.ResponseRecorder, status int, want ...string) {
	t.Helper()
	if page.Code != status {
		t.Fatalf("status %d instead of %d: %s", page.Code, status, page.Body)
	}
	for _, w := range append(want, "! style=", "!<style", "! onclick") {
		bare, not := strings.CutPrefix(w, "!")
		if strings.Contains(page.Body.String(), bare) == not {
			t.Errorf("the page and %q: it should%s be there", bare, map[bool]string{true: " not"}[not])
		}
	}
}

func leads(t *testing.T, got *httptest.ResponseRecorder, to string) {
	t.Helper()
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != to {
		t.Fatalf("status %d to %q instead of %q: %s", got.Code, got.Header().Get("Location"), to, got.Body)
	}
}

func named[R model.Record](rec R, key, name string) R {
	rec.Base().Key, rec.Base().Name = key, name
	return rec
}

// folder has a chain of three decisions, one that is proposed and one that is late.
func folder(t *testing.T) *doortest.World {
	w := doortest.Open(t)
	mara := named(&model.Person{}, "mara", "Mara Lindqvist")
	shop := named(&model.Application{}, "shop", "Halyard Shop")
	w.Put(mara, shop)
	first := named(&model.DecisionRecord{Number: 1, State: model.DecisionSuperseded, Context: "Two stores."}, "adr-1", "Keep two stores")
	w.Put(first)
	second := named(&model.DecisionRecord{Number: 2, State: model.DecisionSuperseded, Supersedes: []model.Ref{first.Ref()}}, "adr-2", "Keep one store")
	w.Put(second)
	third := named(&model.DecisionRecord{Number: 3, State: model.DecisionAccepted, Supersedes: []model.Ref{second.Ref()}, Decided: w.Today().AddMonths(-14), ReviewBy: w.Today().AddDays(-10), Makers: []model.Ref{mara.Ref()},
		Touches: []model.Ref{shop.Ref()}, Context: "Which store **counts**? <img src=x onerror=alert(1)>", Considered: []string{"PostgreSQL", "Nothing"}, Chosen: "PostgreSQL", Outcome: "It is known.", Effects: []model.PredictedEffect{
			{Name: "Wrong departures", Better: model.LessIsBetter, Before: 42, Predicted: 5, Actual: 3, MeasuredOn: w.Today().AddDays(-20)},
			{Name: "Answer at the quay", Better: model.LessIsBetter, Before: 900, Predicted: 200, Actual: 480, MeasuredOn: w.Today().AddDays(-20)},
			{Name: "Reports that agree", Better: model.MoreIsBetter, Before: 71, Predicted: 99, Actual: 70, MeasuredOn: w.Today().AddDays(-20)},
			{Name: "People", Before: 1, Predicted: 2}}}, "adr-3", "Use PostgreSQL")
	w.Put(third, named(&model.DecisionRecord{Number: 4, State: model.DecisionProposed, Context: "Flags?"}, "adr-4", "Adopt feature flags"))
	hush := named(&model.DecisionRecord{Number: 5, State: model.DecisionAccepted, Supersedes: []model.Ref{third.Ref()}}, "adr-5", "A decision in the dark")
	hush.Confidential = true
	w.Put(hush)
	return w
}

// TestList filters by state, by what is late and by words.
func TestList(t *testing.T) {
	w := folder(t)
	v := as(t, w, "ea", "", "enterprise-architect")
	has(t, v.get("/decisions"), 200, "ADR-0003", "Use PostgreSQL", "Review was due 2027-06-21", "Mara Lindqvist", "touches 1 record", `replaced by <a href="/decisions/adr-2">`, "Adopt feature flags", "!in the dark", `All <span class="count">4</span>`)
	has(t, v.get("/decisions?state=proposed"), 200, "Adopt feature flags", "!>Use PostgreSQL", `aria-current="true">Proposed <span class="count">1</span>`)
	has(t, v.get("/decisions?state=due"), 200, "Use PostgreSQL", "!Adopt feature flags")
	has(t, v.get("/decisions?q=adr-0003+counts"), 200, "Use PostgreSQL", "!Adopt feature flags")
	has(t, v.get("/decisions?q=%22%3E%3Cscript%3E"), 200, "No decision fits", "!<script>")
}

// TestDocument reads one decision: its text, what it replaced, and what came of it.
func TestDocument(t *testing.T) {
	w := folder(t)
	v := as(t, w, "ea", "", "enterprise-architect")
	page := v.get("/decisions/adr-3")
	has(t, page, 200, "Which store <strong>counts</strong>?", "!onerror", "Chosen option: <strong>PostgreSQL</strong>", "Keep two stores", "Keep one store", `aria-current="true"><strong>Use PostgreSQL</strong>`, "Halyard Shop", "Review was due",
		"As predicted or better", "Less than predicted", "No better than before", "Not measured yet", `aria-label="From 42, predicted 5, measured 3"`, "!in the dark", "!It does not hold any more")
	body := page.Body.String()
	if !(strings.Index(body, "Keep two stores") < strings.Index(body, "Keep one store")) {
		t.Error("the chain does not begin with the oldest")
	}
	has(t, v.get("/decisions/adr-2"), 200, "It does not hold any more.", `<a href="/decisions/adr-3">Use PostgreSQL</a> takes its place`)
	has(t, v.get("/decisions/adr-5"), 404)
	has(t, v.get("/decisions/nothing"), 404)
}

// TestAMadeUpChainEnds shows decisions that replace each other in a circle.
func TestAMadeUpChainEnds(t *testing.T) {
	w := doortest.Open(t)
	a, b := named(&model.DecisionRecord{}, "a", "A"), named(&model.DecisionRecord{}, "b", "B")
	a.ID, b.ID = w.Store.NewID(), w.Store.NewID()
	a.Supersedes, b.Supersedes = []model.Ref{b.Ref()}, []model.Ref{a.Ref()}
	w.Put(a, b)
	has(t, as(t, w, "cto", "", "cto").get("/decisions/a"), 200, "What replaced what")
}

// TestWriting previews, is told what is missing, keeps, edits, and does not edit what was decided.
func TestWriting(t *testing.T) {
	w := folder(t)
	v := as(t, w, "ea", "", "cto")
	has(t, v.get("/decisions/new"), 200, "Context and problem statement", "Considered options", "2028-07-01")
	r := httptest.NewRequest("POST", "/decisions/preview", strings.NewReader("title=T&context=**why**&considered=-+One%0A-+Two&chosen=Two"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("HX-Request", "true")
	has(t, v.send(r), 200, "<h2>T</h2>", "<strong>why</strong>", "<li>One</li>", "!<html", "!<form")
	has(t, v.post("/decisions/preview", "title", "T<b>", "context", "so"), 200, "<form", "T&lt;b&gt;", "so</textarea>")
	has(t, v.post("/decisions/new", "context", "x"), 422, "Give the decision a title")
	has(t, v.post("/decisions/new", "title", "T", "state", "accepted", "context", "x"), 422, "is accepted on its own page")
	has(t, v.post("/decisions/new", "title", "T", "state", "proposed"), 422, "Say what the problem is")
	has(t, v.post("/decisions/new", "title", "T", "state", "draft", "makers", "nobody-there"), 422, "nobody-there", "</textarea>")
	leads(t, v.post("/decisions/new", "title", "Leave Åland's mainframe!", "state", "proposed", "context", "It is old.", "considered", "- Leave\n* Stay\n\n", "chosen", "Leave", "makers", "mara", "touches", "Application/shop", "decided", "2027-07-01"),
		"/decisions/adr-6-leave-land-s-mainframe")
	got := w.Store.Snapshot().Find("DecisionRecord", "adr-6-leave-land-s-mainframe").(*model.DecisionRecord)
	if got.Number != 6 && got.Number != 5 || strings.Join(got.Considered, "|") != "Leave|Stay" || len(got.Makers) != 1 || len(got.Touches) != 1 || got.State != model.DecisionProposed {
		t.Errorf("kept %+v", got)
	}
	has(t, v.get("/decisions/"+got.Key+"/edit"), 200, "Leave\nStay</textarea>", `name="version" value="1"`, "Application/shop")
	leads(t, v.post("/decisions/"+got.Key+"/edit", "version", "1", "title", "Leave it", "state", "draft", "context", ""), "/decisions/"+got.Key)
	has(t, v.post("/decisions/"+got.Key+"/edit", "version", "1", "title", "Another", "state", "draft"), 409)
	has(t, v.get("/decisions/adr-3/edit"), 404)
	has(t, v.post("/decisions/adr-3/edit", "version", "1", "title", "Another", "state", "draft"), 404)
	if page := as(t, w, "joe", "", "employee").post("/decisions/new", "title", "T", "state", "draft"); page.Code < 400 {
		t.Errorf("an employee writes decisions down: %d", page.Code)
	}
}

// TestDeciding accepts a proposal through the action of the practice, in the name of the visitor, and talks about it.
func TestDeciding(t *testing.T) {
	w := folder(t)
	v := as(t, w, "cto", "mara", "cto")
	has(t, v.get("/decisions/adr-4"), 200, "Accept or reject", `action="/decisions/adr-4/do/decide"`, `value="accepted"`, `value="rejected"`, `!value="deprecated"`)
	leads(t, v.post("/decisions/adr-4/do/decide", "state", "accepted", "reason", "Yes."), "/decisions/adr-4")
	if got := w.Store.Snapshot().Find("DecisionRecord", "adr-4").(*model.DecisionRecord); got.State != model.DecisionAccepted {
		t.Errorf("it is %s", got.State)
	}
	has(t, v.get("/decisions/adr-4"), 200, "Accepted", "Put another decision in its place", "Write down what came of it", "!Accept or reject")
	has(t, v.post("/decisions/adr-4/do/remove"), 404)
	leads(t, v.post("/decisions/adr-4/comments", "text", "Well **done**."), "/decisions/adr-4#discussion")
	has(t, v.get("/decisions/adr-4"), 200, "Well <strong>done</strong>.")
	if page := as(t, w, "joe", "mara", "employee").post("/decisions/adr-4/do/decide", "state", "deprecated"); page.Code < 400 {
		t.Errorf("an employee decides: %d", page.Code)
	}
	if got := w.Store.Snapshot().Find("DecisionRecord", "adr-4").(*model.DecisionRecord); got.State != model.DecisionAccepted {
		t.Errorf("it became %s", got.State)
	}
}
