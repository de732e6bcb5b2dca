package compliance_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/compliance"
	"binnacle/web/frame"
)

// get visits a page in the name of an account with a role.
func get(t *testing.T, w *doortest.World, role, path string) *httptest.ResponseRecorder {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	compliance.Mount(s)
	secret, err := w.Access.Begin(t.Context(), w.As("who-"+role, "", role).Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", path, nil)
	r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: secret})
	out := httptest.NewRecorder()
	s.ServeHTTP(out, r)
	return out
}

// has checks that a page is there, says some things and does not say others, which start with an exclamation mark.
func has(t *testing.T, page *httptest.ResponseRecorder, words ...string) {
	t.Helper()
	if page.Code != http.StatusOK {
		t.Fatalf("status %d: %s", page.Code, page.Body)
	}
	for _, w := range append(words, "!style=", "!class=\"problem\"") {
		bare, not := strings.CutPrefix(w, "!")
		if strings.Contains(page.Body.String(), bare) == not {
			t.Errorf("the page and %q: it should%s be there", bare, map[bool]string{true: " not"}[not])
		}
	}
}

// rules is a framework with a chapter of four requirements: one that passed, one that failed, one whose result has expired and one that
// nobody tests; and a scope in which the last does not apply.
func rules(t *testing.T) *doortest.World {
	w := doortest.Open(t)
	f := &model.Framework{Edition: "3", Issuer: "The harbour"}
	f.Key, f.Name = "rules", "Rules <of> the harbour"
	chapter := &model.Requirement{Framework: f.Ref(), Number: "1", Type: "group"}
	chapter.Key, chapter.Name = "r-1", "Locks"
	w.Put(f)
	chapter.Framework = f.Ref()
	w.Put(chapter)
	now := model.TimeOf(w.Now())
	const day = 24 * 3600 * 1000
	for i, run := range []struct {
		result    model.TestResult
		collected model.Time
		expires   model.Time
	}{{model.TestPassed, now - day, now + 10*day}, {model.TestFailed, now - day, now + 90*day}, {model.TestPassed, now - 60*day, now - 2*day}, {}} {
		n := strconv.Itoa(i + 1)
		r := &model.Requirement{Framework: f.Ref(), Number: "1." + n, Type: "requirement", Parent: chapter.Ref(), Position: i + 1}
		r.Key, r.Name = "r-1-"+n, "Requirement "+n
		w.Put(r)
		if run.result == "" {
			continue
		}
		c := &model.Control{Satisfies: []model.Satisfaction{{Requirement: r.Ref(), State: "implemented", Coverage: "full"}}}
		c.Key, c.Name = "c-"+n, "Control "+n
		w.Put(c)
		test := &model.ControlTest{Controls: []model.Ref{c.Ref()}}
		test.Key, test.Name = "t-"+n, "Test "+n
		w.Put(test)
		o := &model.Observation{Test: test.Ref(), Result: run.result, Collected: run.collected, Expires: run.expires, Text: "seen"}
		o.Key = "o-" + n
		w.Put(o)
	}
	last := w.Store.Snapshot().Find("Requirement", "r-1-4").Base().Ref()
	scope := &model.ComplianceScope{Frameworks: []model.Ref{f.Ref()}, Applicability: []model.ApplicabilityChoice{{Requirement: last, Applies: false, Reason: "There is no such lock."}}}
	scope.Key, scope.Name = "north", "North quay"
	w.Put(scope)
	return w
}

// TestAFramework shows every requirement with how it stands, filters by that, and leads to what an auditor takes away.
func TestAFramework(t *testing.T) {
	w := rules(t)
	has(t, get(t, w, "auditor", "/frameworks/rules"), "Rules &lt;of&gt; the harbour", "The harbour", "1 satisfied, 1 not satisfied, 1 stale, 1 untested", "Requirement 1", "Requirement 4", "Control 2", "The company as a whole",
		"2027-07-11 (soon)", "Expired", "/records/Observation/o-1", "/questions/compliance.evidence_package.file?framework=Framework%2Frules&amp;part=package", "/questions/compliance.oscal.file?about=Framework%2Frules&amp;part=catalog",
		"/frameworks/rules?state=failed", "North quay", "Choose a scope first", "!North quay</a>")
	has(t, get(t, w, "auditor", "/frameworks/rules?state=stale"), "Requirement 3", "!Requirement 1", "!Requirement 2", "!Requirement 4", `href="/frameworks/rules?state=stale" title="The last result has expired." aria-current="true"`)
	has(t, get(t, w, "auditor", "/frameworks/rules?state=partly"), "None of its requirements stands so")
	has(t, get(t, w, "auditor", "/frameworks/rules?scope=north"), "1 satisfied, 1 not satisfied, 1 stale, 1 not applicable", "There is no such lock.", `<a href="/records/ComplianceScope/north">North quay</a>`,
		"/frameworks/rules?scope=north&amp;state=failed", "part=csv", "/questions/compliance.oscal?about=ComplianceScope%2Fnorth")
	// Another day keeps the day in every address.
	has(t, get(t, w, "auditor", "/frameworks/rules?at=2027-09-01"), "/frameworks/rules?at=2027-09-01&amp;state=stale", `name="at" value="2027-09-01"`)
	for path, status := range map[string]int{"/frameworks/ghost": 404, "/frameworks/rules?state=wrong": 400, "/frameworks/rules?scope=ghost": 400, "/frameworks?scope=ghost": 400} {
		if got := get(t, w, "auditor", path); got.Code != status {
			t.Errorf("%s: %d, and %d is right", path, got.Code, status)
		}
	}
}

// TestALargeFramework folds a framework that is too large for one page, and shows one group at a time.
func TestALargeFramework(t *testing.T) {
	w := doortest.Open(t)
	f := &model.Framework{}
	f.Key, f.Name = "large", "Large"
	w.Put(f)
	for g := range 3 {
		group := &model.Requirement{Framework: f.Ref(), Number: strconv.Itoa(g), Type: "group", Position: g}
		group.Key, group.Name = "g-"+strconv.Itoa(g), "Group "+strconv.Itoa(g)
		w.Put(group)
		var list []model.Record
		for i := range 150 {
			r := &model.Requirement{Framework: f.Ref(), Number: strconv.Itoa(g) + "." + strconv.Itoa(i), Type: "requirement", Parent: group.Ref(), Position: i}
			r.Key, r.Name = "q-"+strconv.Itoa(g)+"-"+strconv.Itoa(i), "Point "+r.Number
			list = append(list, r)
		}
		w.Put(list...)
	}
	has(t, get(t, w, "auditor", "/frameworks/large"), "Group 2", "150 requirements", "/frameworks/large?group=group-2#group-2", "!Point 1.7<")
	has(t, get(t, w, "auditor", "/frameworks/large?group=group-2"), "Point 1.7<", "!Point 2.7<", `id="group-2" open`)
}

// TestFrameworks lists all frameworks with their bars, and says what to do where there is none.
func TestFrameworks(t *testing.T) {
	has(t, get(t, doortest.Open(t), "cio", "/frameworks"), "No framework yet", "/imports")
	w := rules(t)
	has(t, get(t, w, "auditor", "/frameworks"), "Rules &lt;of&gt; the harbour", "1 failed", "1 satisfied, 1 not satisfied, 1 stale, 1 untested", "In every scope", "North quay")
	has(t, get(t, w, "auditor", "/frameworks?scope=north"), "/frameworks/rules?scope=north", "1 not applicable")
	// A framework that is confidential is not there for who may not see such.
	secret := &model.Framework{}
	secret.Key, secret.Name, secret.Confidential = "annex", "Annex", true
	w.Put(secret)
	has(t, get(t, w, "employee", "/frameworks"), "!Annex")
	if page := get(t, w, "employee", "/frameworks/annex"); page.Code != http.StatusNotFound {
		t.Errorf("an employee looks at a confidential framework: %d", page.Code)
	}
}
