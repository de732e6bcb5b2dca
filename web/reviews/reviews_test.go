package reviews_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/reviews"
)

// visitor is somebody with a browser.
type visitor struct {
	t      *testing.T
	site   *frame.Site
	secret string
}

// as signs an account in.
func as(t *testing.T, w *doortest.World, name, person string, roles ...string) *visitor {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	reviews.Mount(s)
	secret, err := w.Access.Begin(t.Context(), w.As(name, person, roles...).Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, s, secret}
}

// send makes a request. A body makes it a POST.
func (v *visitor) send(path, media string, body []byte) *httptest.ResponseRecorder {
	v.t.Helper()
	r := httptest.NewRequest("GET", path, nil)
	if media != "" {
		r = httptest.NewRequest("POST", path, bytes.NewReader(body))
		r.Header.Set("Content-Type", media)
	}
	r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: v.secret})
	out := httptest.NewRecorder()
	v.site.ServeHTTP(out, r)
	return out
}

// get opens a page.
func (v *visitor) get(path string) *httptest.ResponseRecorder {
	v.t.Helper()
	return v.send(path, "", nil)
}

// post sends a form of names and values.
func (v *visitor) post(path string, pairs ...string) *httptest.ResponseRecorder {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.send(path, "application/x-www-form-urlencoded", []byte(form.Encode()))
}

// leads checks that an answer leads to a page.
func leads(t *testing.T, got *httptest.ResponseRecorder, to string) {
	t.Helper()
	if got.Code != http.StatusSeeOther || got.Header().Get("Location") != to {
		t.Fatalf("status %d to %q instead of %q: %s", got.Code, got.Header().Get("Location"), to, words(got))
	}
}

// has checks that a page says some things and does not say others, which start with an exclamation mark.
func has(t *testing.T, page *httptest.ResponseRecorder, status int, want ...string) {
	t.Helper()
	if page.Code != status {
		t.Fatalf("status %d instead of %d: %s", page.Code, status, words(page))
	}
	for _, w := range append(want, "! style=", "!<style", "! onclick") {
		bare, not := strings.CutPrefix(w, "!")
		if strings.Contains(page.Body.String(), bare) == not {
			t.Errorf("the page and %q: it should%s be there: %s", bare, map[bool]string{true: " not"}[not], words(page))
		}
	}
}

var tags = regexp.MustCompile(`(?s)<(script|svg|nav).*?</(script|svg|nav)>|<[^>]*>|\s+`)

// words returns the words of a page.
func words(page *httptest.ResponseRecorder) string {
	_, body, _ := strings.Cut(page.Body.String(), "<main")
	return frame.Short(tags.ReplaceAllString(body, " "), 3000)
}

func named[R model.Record](rec R, key, name string) R {
	rec.Base().Key, rec.Base().Name = key, name
	return rec
}

// office has a boss with two people, each with an account in the ledger: mia pays and is privileged, noa reads.
func office(t *testing.T) *doortest.World {
	w := doortest.Open(t)
	boss, team := named(&model.Person{}, "boss", "Bo Boss"), named(&model.Team{}, "books", "Bookkeeping")
	w.Put(boss, team)
	mia, noa := named(&model.Person{Manager: boss.Ref(), Team: team.Ref()}, "mia", "Mia <M>"), named(&model.Person{Manager: boss.Ref(), Team: team.Ref()}, "noa", "Noa N")
	ledger := named(&model.Application{}, "ledger", "Ledger")
	ledger.Owner = boss.Ref()
	w.Put(mia, noa, ledger)
	pay, read := named(&model.Entitlement{System: ledger.Ref(), Privileged: true}, "pay", "Pay invoices"), named(&model.Entitlement{System: ledger.Ref()}, "read", "Read the books")
	one, two := named(&model.UserAccount{System: ledger.Ref(), UserName: "mmia", Person: mia.Ref(), State: "active"}, "mmia", ""), named(&model.UserAccount{System: ledger.Ref(), UserName: "nnoa", Person: noa.Ref(), State: "active"}, "nnoa", "")
	own := named(&model.UserAccount{System: ledger.Ref(), UserName: "bboss", Person: boss.Ref(), State: "active"}, "bboss", "")
	w.Put(pay, read, one, two, own)
	used := model.TimeOf(time.Date(2027, 6, 28, 9, 0, 0, 0, time.UTC))
	review := named(&model.AccessReview{State: "planned", ReviewedBy: "by_manager"}, "spring", "Spring review")
	review.Owner = boss.Ref()
	w.Put(named(&model.Grant{Account: one.Ref(), Entitlement: pay.Ref(), LastUsed: used}, "g1", ""), named(&model.Grant{Account: two.Ref(), Entitlement: read.Ref(), LastUsed: used}, "g2", ""),
		named(&model.Grant{Account: own.Ref(), Entitlement: read.Ref(), LastUsed: used}, "g3", ""), review)
	return w
}

// TestAccessReview opens a review, looks, decides with and without reasons, closes it early and writes down what has gone.
func TestAccessReview(t *testing.T) {
	w := office(t)
	boss := as(t, w, "bo", "boss", "cio")
	has(t, boss.get("/reviews"), 200, "Planned", "Spring review", "Open it")
	leads(t, boss.post("/reviews/spring/open", "due", "2027-07-20"), "/reviews/spring")
	item := func(account string) string {
		t.Helper()
		for rec := range w.Store.Snapshot().View(w.Today()).All("ReviewDecision") {
			if x := rec.(*model.ReviewDecision); x.AccountName == account {
				return "/reviews/spring/items/" + x.Key
			}
		}
		t.Fatalf("there is no item about %s", account)
		return ""
	}
	pay, read, own := item("mmia"), item("nnoa"), item("bboss")
	has(t, boss.get("/reviews"), 200, "2 items wait", "19 days left", "Decide")
	has(t, boss.get("/reviews/spring"), 200, "Mia &lt;M&gt;", "Privileged", "Pay invoices", "Not opened", "is to be taken away", "!"+own+`"`, "Close it early", "Nobody")
	has(t, boss.get(pay), 200, "Open it to decide", `action="`+pay+`/look"`, "!name=\"decision\"")
	if r := boss.post(pay+"/decide", "decision", "keep", "reason", "because"); r.Code != 422 {
		t.Errorf("it is decided without being opened: %d", r.Code)
	}
	leads(t, boss.post(pay+"/look"), pay)
	has(t, boss.get(pay), 200, `name="decision"`, "It is privileged: say why it may stay", "It is in use: say why it is to go", "A change needs a reason", "Next", "What it is")
	has(t, boss.post(pay+"/decide", "decision", "revoke"), 422, "It is in use", `value="revoke"`)
	has(t, boss.post(pay+"/decide"), 422, "Choose what is to become of it")
	leads(t, boss.post(pay+"/decide", "decision", "revoke", "reason", "Moved to another team", "then", "next"), read)
	has(t, boss.get(read), 200, `name="decision"`, "1</strong> of 2")
	has(t, boss.get(own), 200, "It is about you. Somebody else decides.", "!name=\"decision\"")
	if r := boss.post(own + "/look"); r.Code != 400 {
		t.Errorf("the boss looks at the own access: %d", r.Code)
	}
	has(t, boss.get("/reviews/spring?of=all&show=all"), 200, own, "by nobody yet", "Moved to another team")
	has(t, boss.get("/reviews/spring?as_of=1"), 404)
	if r := boss.post("/reviews/spring/close"); r.Code != 400 {
		t.Errorf("it is closed early without saying so: %d", r.Code)
	}
	leads(t, boss.post(read+"/decide", "decision", "keep", "then", "next"), "/reviews/spring")
	leads(t, boss.post("/reviews/spring/close", "early", "yes"), "/reviews/spring")
	has(t, boss.get("/reviews/spring"), 200, "Closed", "What is to go", "still there", "Moved to another team", "Nobody decided about it in time", "Write down what has gone", "!Close the review")
	has(t, boss.get(read), 200, "The review is not open", "!name=\"decision\"")
	leads(t, boss.post("/reviews/spring/verify"), "/reviews/spring")
}

// TestReassign gives an item that nobody is to decide to somebody, and never to the person that it is about.
func TestReassign(t *testing.T) {
	w := office(t)
	boss := as(t, w, "bo", "boss", "cio")
	leads(t, boss.post("/reviews/spring/open", "due", ""), "/reviews/spring")
	var id, key string
	for rec := range w.Store.Snapshot().View(w.Today()).All("ReviewDecision") {
		if x := rec.(*model.ReviewDecision); x.AccountName == "bboss" {
			id, key = x.ID.String(), x.Key
		}
	}
	has(t, boss.post("/reviews/spring/reassign", "item", id, "to", "boss", "reason", "mine"), 400, "Nobody decides about the own access")
	has(t, boss.post("/reviews/spring/reassign", "item", id, "to", "noa"), 400, "Say who is to decide, and why")
	leads(t, boss.post("/reviews/spring/reassign", "item", id, "to", "noa", "reason", "Noa knows the books"), "/reviews/spring")
	has(t, boss.get("/reviews/spring/items/"+key), 200, "Noa knows the books")
	noa := as(t, w, "noa", "noa", "cio")
	has(t, noa.get("/reviews"), 200, "1 item waits")
	leads(t, noa.post("/reviews/spring/items/"+key+"/look"), "/reviews/spring/items/"+key)
	leads(t, noa.post("/reviews/spring/items/"+key+"/decide", "decision", "keep", "then", "next"), "/reviews/spring")
}

// TestWhoeverIsNobody: an account without a person looks and decides nothing.
func TestWhoeverIsNobody(t *testing.T) {
	w := office(t)
	leads(t, as(t, w, "bo", "boss", "cio").post("/reviews/spring/open", "due", ""), "/reviews/spring")
	robot := as(t, w, "robot", "", "cio")
	for _, path := range []string{"/reviews", "/reviews/spring", "/calibration", "/policies"} {
		has(t, robot.get(path), 200, "Your account belongs to no person", `!name="decision"`)
	}
	if r := robot.post("/calibration", "question", "arpanet", "low.arpanet", "1960", "high.arpanet", "1970"); r.Code != 400 {
		t.Errorf("nobody answers questions: %d", r.Code)
	}
}

// TestCalibration answers some questions, one of them wrongly written, and sees how they turned out.
func TestCalibration(t *testing.T) {
	w := office(t)
	boss := as(t, w, "bo", "boss", "cio")
	page := boss.get("/calibration")
	has(t, page, 200, "90 %", "Show how it turned out", `name="low.`, `name="says.`)
	if n := strings.Count(page.Body.String(), `name="question"`); n != 20 {
		t.Errorf("there are %d questions", n)
	}
	has(t, boss.post("/calibration"), 422, "Answer at least one question")
	has(t, boss.post("/calibration", "question", "arpanet", "low.arpanet", "1980", "high.arpanet", "1970", "question", "smtp-25", "says.smtp-25", "false"), 422, "above the high end", "Say how sure you are", `value="1980"`)
	r := boss.post("/calibration", "question", "arpanet", "low.arpanet", "1960", "high.arpanet", "1975", "question", "google", "low.google", "1970", "high.google", "1980", "question", "md5", "says.md5", "false", "sure.md5", "80", "question", "git", "low.git", "")
	if r.Code != 303 || !strings.HasPrefix(r.Header().Get("Location"), "/calibration/boss-2027-07-01-1") {
		t.Fatalf("%d %s %s", r.Code, r.Header(), words(r))
	}
	has(t, boss.get(r.Header().Get("Location")), 200, "1960 to 1975", "1998", "false, 80 % sure", "of 2", "of 1", "ARPANET", "<svg class=\"strip in\"", "<svg class=\"strip out\"", "Answer at least ten")
	has(t, boss.get("/calibration"), 200, "Rounds before", "1 of 2 ranges hold the truth")
}

// TestPolicies reads and confirms a policy, and not a text that was changed behind one's back.
func TestPolicies(t *testing.T) {
	w := office(t)
	p := named(&model.Policy{Type: "policy", State: "in_force", Edition: "1.0", InForce: model.MustDate("2027-06-20"), Attest: true, Text: "# Lock\n\nLock the **screen**. <script>alert(1)</script>"}, "lock", "Lock your screen")
	w.Put(p)
	noa := as(t, w, "noa", "noa", "cio")
	has(t, noa.get("/policies"), 200, "To confirm", "Lock your screen", "19 days left", "How far others have come")
	page := noa.get("/policies/lock")
	has(t, page, 200, "<h3>Lock</h3>", "<strong>screen</strong>", "!<script>alert", "I have read version 1.0", "Who has not confirmed it", "Bo Boss")
	text := regexp.MustCompile(`name="text" value="([0-9a-f]{64})"`).FindStringSubmatch(page.Body.String())[1]
	has(t, noa.post("/policies/lock/confirm", "text", text, "edition", "1.0"), 400, "Tick that you have read it")
	has(t, noa.post("/policies/lock/confirm", "read", "yes", "text", strings.Repeat("0", 64), "edition", "1.0"), 409, "The text was changed since you opened it")
	leads(t, noa.post("/policies/lock/confirm", "read", "yes", "text", text, "edition", "1.0"), "/policies")
	has(t, noa.get("/policies"), 200, "Nothing waits for your confirmation", "What you confirmed", "version 1.0", "!an earlier text")
	has(t, noa.get("/policies/lock"), 200, "!I have read version")
}

// TestAudit answers a request with a file, returns it, answers again and accepts; who answered does not judge, and an auditor who may not write reads.
func TestAudit(t *testing.T) {
	w := office(t)
	a := named(&model.Audit{State: "running", Due: model.MustDate("2027-08-01"), From: model.MustDate("2027-01-01"), Until: model.MustDate("2027-06-30")}, "year", "Audit of the year")
	w.Put(a)
	noa := w.Store.Snapshot().Find("Person", "noa").Base().Ref()
	w.Put(named(&model.AuditRequest{Audit: a.Ref(), Number: "R-1", Text: "Show *backups*.", AskedOf: []model.Ref{noa}, Due: model.MustDate("2027-06-29"), State: "open"}, "r1", "Backups"))
	path := "/audits/year/requests/r1"
	one, other := as(t, w, "noa", "noa", "cio"), as(t, w, "bo", "boss", "cio")
	has(t, one.get("/audits"), 200, "Audit of the year", "31 days left", "1 late")
	has(t, one.get("/audits/year"), 200, "R-1", "2 days late", "Asked of you", "compliance.evidence_package.file?", "part=package", "Asked of me")
	has(t, one.get(path), 200, "<em>backups</em>", "Answer", "!Judge the answer")
	has(t, one.post(path+"/answer", "answer", " "), 422, "Write an answer")
	has(t, one.post(path+"/answer", "answer", "Here", "evidence", "Policy/ghost"), 422, "ghost", "Here</textarea>")
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("answer", "They are **weekly**.")
	form.WriteField("evidence", "Application/ledger")
	file, _ := form.CreateFormFile("file", "backups.txt")
	fmt.Fprint(file, "monday ok\n")
	form.Close()
	leads(t, one.send(path+"/answer", form.FormDataContentType(), body.Bytes()), path)
	has(t, one.get(path), 200, "<strong>weekly</strong>", "backups.txt", "Ledger", "You answered this", "!Judge the answer", "done 2 days late")
	has(t, other.get(path), 200, "Judge the answer")
	has(t, other.post(path+"/judge", "verdict", "return"), 422, "Say what is missing")
	leads(t, other.post(path+"/judge", "verdict", "return", "remarks", "Which week?"), path)
	has(t, one.get(path), 200, "Which week?", "Returned", "Answer again")
	leads(t, one.post(path+"/answer", "answer", "Week 25."), path)
	has(t, one.post(path+"/judge", "verdict", "accept"), 422, "Who answered does not judge")
	leads(t, other.post(path+"/judge", "verdict", "accept"), path)
	has(t, other.get("/audits/year?show=accepted"), 200, "Accepted", "R-1")
	has(t, other.get(path+fmt.Sprintf("?as_of=%d", w.Head().Seq)), 200, "You look at the past", "!<textarea")
	stranger := as(t, w, "stranger", "", "ceo")
	has(t, stranger.get(path), 404)
	if r := stranger.post(path+"/answer", "answer", "No"); r.Code != 404 {
		t.Errorf("somebody who may not see it answers: %d", r.Code)
	}
}

// TestTheDemo opens the pages over the demo company.
func TestTheDemo(t *testing.T) {
	w := doortest.Demo(t)
	cio := as(t, w, "cio", "", "cio")
	for _, path := range []string{"/reviews", "/policies", "/audits", "/calibration"} {
		has(t, cio.get(path), 200, `!class="problem"`)
	}
	for kind, base := range map[string]string{"AccessReview": "/reviews/", "Policy": "/policies/", "Audit": "/audits/", "CalibrationRound": "/calibration/"} {
		for rec := range w.Store.Snapshot().View(w.Today()).All(kind) {
			has(t, cio.get(base+url.PathEscape(rec.Base().Key)), 200, `!class="problem"`)
		}
	}
	desk := as(t, w, "desk", "", "employee")
	for _, path := range []string{"/reviews", "/policies", "/audits", "/calibration"} {
		has(t, desk.get(path), 200)
	}
}
