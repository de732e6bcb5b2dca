package offices_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/offices"
)

// ask visits a page in the name of an account with some roles. A form makes it a POST.
func ask(t *testing.T, w *doortest.World, name string, roles []string, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	offices.Mount(s)
	secret, err := w.Access.Begin(t.Context(), w.As(name, "", roles...).Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", path, nil)
	if form != nil {
		r = httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: secret})
	out := httptest.NewRecorder()
	s.ServeHTTP(out, r)
	return out
}

// has checks that a page says some things and does not say others, which start with an exclamation mark.
func has(t *testing.T, page *httptest.ResponseRecorder, words ...string) {
	t.Helper()
	if page.Code != http.StatusOK {
		t.Fatalf("status %d: %s", page.Code, page.Body)
	}
	for _, w := range words {
		bare, not := strings.CutPrefix(w, "!")
		if strings.Contains(page.Body.String(), bare) == not {
			t.Errorf("the page and %q: it should%s be there", bare, map[bool]string{true: " not"}[not])
		}
	}
}

var cio = []string{"cio"}

// TestAdoptAndChangeTheCharter adopts the delivered charter, moves a line to the other office and leaves one with nobody.
func TestAdoptAndChangeTheCharter(t *testing.T) {
	w := doortest.Open(t)
	ada := &model.Person{Position: "CIO"}
	ada.Key, ada.Name = "day", "Ada Day"
	w.Put(ada)
	has(t, ask(t, w, "cio", cio, "/offices", nil), "Adopt this charter", "Daily operations", `<option value="day" selected>`, "Chief technology officer", "!Change who answers", "!style=")
	has(t, ask(t, w, "reader", []string{"auditor"}, "/offices", nil), "do not let you adopt")
	if r := ask(t, w, "reader", nil, "/offices/adopt", url.Values{"cio": {"day"}}); r.Code != http.StatusForbidden {
		t.Errorf("an auditor adopts the charter: %d", r.Code)
	}
	if r := ask(t, w, "cio", cio, "/offices/adopt", url.Values{"cio": {"day"}, "cto": {"day"}}); r.Code != http.StatusSeeOther {
		t.Fatalf("the charter cannot be adopted: %d %s", r.Code, r.Body)
	}
	has(t, ask(t, w, "cio", cio, "/offices", nil), "Change who answers", "Ada Day", "!Adopt this charter", "How much each carries", "too much")
	for key, who := range map[string]string{"vendors": "Office/cto", "research": ""} {
		if r := ask(t, w, "cio", cio, "/offices/accountable", url.Values{"key": {key}, "who": {who}}); r.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", key, r.Code, r.Body)
		}
	}
	snap := w.Store.Snapshot()
	vendors := snap.Find("Responsibility", "vendors").(*model.Responsibility)
	if len(vendors.Accountable) != 1 || vendors.Accountable[0] != snap.Find("Office", "cto").Base().Ref() {
		t.Errorf("the vendors are with %v", vendors.Accountable)
	}
	has(t, ask(t, w, "cio", cio, "/offices?edit=yes", nil), "Nobody answers for Research and prototypes.", `<option value="Office/cto" selected>`, ">nobody<")
	if r := ask(t, w, "reader", nil, "/offices/accountable", url.Values{"key": {"vendors"}, "who": {""}}); r.Code != http.StatusForbidden {
		t.Errorf("an auditor changes who answers: %d", r.Code)
	}
	if r := ask(t, w, "cio", cio, "/offices/accountable", url.Values{"key": {"vendors"}, "who": {"Person/nobody"}}); r.Code != http.StatusBadRequest {
		t.Errorf("somebody who is not there answers: %d", r.Code)
	}
}

func TestTheDemoIsSplitOtherwise(t *testing.T) {
	w := doortest.Demo(t)
	has(t, ask(t, w, "cio", cio, "/offices", nil), "Yasmin Mertens", "more than one", ">nobody<", "Rules for remote access", "too much", "Who waits for whom")
	has(t, ask(t, w, "cio", cio, "/offices/one-or-two", nil), "Two officers suit this company", "Speaks for", "rules of thumb")
	// The past cannot be changed, so that nothing offers to.
	has(t, ask(t, w, "cio", cio, "/offices?edit=yes&as_of="+"2027-07-01", nil), "!Change who answers", "!name=\"who\"")
	// Who may not see the offices sees the delivered charter and no names.
	has(t, ask(t, w, "desk", []string{"service-desk"}, "/offices", nil), "!Yasmin Mertens", "!Rules for remote access")
}
