package frame_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
)

var plain = frame.MustTemplates(nil)

// site is a site with one page, and a browser that is signed in.
func site(t *testing.T, w *doortest.World) (s *frame.Site, cookie *http.Cookie) {
	s = frame.New(w.House, frame.Options{})
	s.Page("GET /page", func(v *frame.Visit) error {
		return v.Render(plain, "problem", frame.Page{Title: "A page", Body: frame.Problem{Text: "Some text"}})
	})
	p := w.As("cio", "", "cio")
	secret, err := w.Access.Begin(t.Context(), p.Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		t.Fatal(err)
	}
	return s, &http.Cookie{Name: frame.SessionCookie, Value: secret}
}

func get(s http.Handler, path string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func TestTheMomentIsAlwaysSaid(t *testing.T) {
	w := doortest.Open(t)
	s, me := site(t, w)
	w.Put(&model.Scenario{Meta: model.Meta{Key: "sell", Name: "Sell the harbour"}, State: "open"}, &model.Scenario{Meta: model.Meta{Key: "old", Name: "Long gone"}, State: "dropped"},
		&model.Source{Meta: model.Meta{Key: "cmdb", Name: "The CMDB"}, LastSeen: model.TimeOf(w.Now().Add(-72 * time.Hour)), MaxAge: model.Duration(24 * time.Hour)})
	w.Advance(3 * time.Minute)
	for path, want := range map[string][]string{
		"/page":                                 {"Now", "3 minutes ago", "1 source out of date", "The CMDB: read 3 days ago", `<option value="sell">Sell the harbour`},
		"/page?x=1&as_of=2027-07-01":            {"Not now", "as of 1 July 2027", `href="/page?x=1"`, `<input type="hidden" name="x" value="1">`, "Back to now"},
		"/page?at=2030-01-01":                   {"plans on 2030-01-01", "Back to now"},
		"/page?scenario=sell":                   {"under <strong>Sell the harbour</strong>", "selected"},
		"/page?as_of=1":                         {"as of entry 1"},
		"/page?scenario=nonsense":               {"There is no such moment", "Back to now"},
		"/page?x=%22%3E%3Cscript%3Ealert(1)%3C": {`value="&#34;&gt;&lt;script&gt;`},
	} {
		body := get(s, path, me).Body.String()
		for _, text := range want {
			if !strings.Contains(body, text) {
				t.Errorf("%s does not say %q", path, text)
			}
		}
		if strings.Contains(body, "Long gone") {
			t.Errorf("%s offers a scenario that was dropped", path)
		}
	}
}

func TestTheMenuFollowsTheFace(t *testing.T) {
	w := doortest.Open(t)
	s, me := site(t, w)
	for face, want := range map[string]string{"inward": `class="away">Products<span class="side">outward</span>`, "outward": `class="away">Suppliers<span class="side">inward</span>`, "both": ""} {
		body := get(s, "/page", me, &http.Cookie{Name: "face", Value: face}).Body.String()
		if want == "" && strings.Contains(body, `class="away"`) || !strings.Contains(body, want) {
			t.Errorf("looking %s, the menu does not say %q", face, want)
		}
		if !strings.Contains(body, fmt.Sprintf(`value="%s" aria-pressed="true"`, face)) {
			t.Errorf("the switch does not stand on %s", face)
		}
	}
}

func TestTheThemeIsRemembered(t *testing.T) {
	s, me := site(t, doortest.Open(t))
	for theme, want := range map[string]string{"dark": `data-theme="dark"`, "light": `data-theme="light"`, `"><script>`: `data-face="inward">`} {
		if body := get(s, "/page", me, &http.Cookie{Name: "theme", Value: theme}).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s: the page does not say %s", theme, want)
		}
	}
}

func TestPagesThatAreNotThere(t *testing.T) {
	s, me := site(t, doortest.Open(t))
	if answer := get(s, "/nothing", me); answer.Code != http.StatusNotFound || !strings.Contains(answer.Body.String(), "There is no page /nothing") || !strings.Contains(answer.Body.String(), `class="menu`) {
		t.Errorf("signed in: %d", answer.Code)
	}
	if answer := get(s, "/nothing"); answer.Code != http.StatusSeeOther {
		t.Errorf("a stranger gets %d", answer.Code)
	}
	if answer := get(s, "/favicon.ico"); answer.Code != http.StatusFound || !strings.HasPrefix(answer.Header().Get("Location"), "/assets/logo.svg") {
		t.Errorf("the icon: %d", answer.Code)
	}
}

func TestPagesWorkWithoutInlineCode(t *testing.T) {
	s, me := site(t, doortest.Open(t))
	answer := get(s, "/page", me)
	body := answer.Body.String()
	for _, bad := range []string{" style=", "<style", "<script>", " onclick", "javascript:", "hx-on"} {
		if strings.Contains(body, bad) {
			t.Errorf("the layout has %q, which the policy forbids", bad)
		}
	}
	policy := answer.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "report-uri /csp"} {
		if !strings.Contains(policy, want) {
			t.Errorf("the policy does not say %s", want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("the policy allows something unsafe: %s", policy)
	}
}

func TestReportsOfBrowsersAreBounded(t *testing.T) {
	w := doortest.Open(t)
	var said bytes.Buffer
	w.House.Log = slog.New(slog.NewTextHandler(&said, nil))
	s, _ := site(t, w)
	report := func(body string) int {
		r := httptest.NewRequest("POST", "/csp", strings.NewReader(body))
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		out := httptest.NewRecorder()
		s.ServeHTTP(out, r)
		return out.Code
	}
	if code := report(`{"csp-report":{"document-uri":"https://b.example/search?q=secret","effective-directive":"script-src","blocked-uri":"inline","line-number":7}}`); code != http.StatusNoContent {
		t.Errorf("a report gives %d", code)
	}
	if log := said.String(); !strings.Contains(log, "directive=script-src") || !strings.Contains(log, "line=7") || strings.Contains(log, "secret") {
		t.Errorf("the log says %q", log)
	}
	report("not json")
	report(`{"csp-report":{"blocked-uri":"` + strings.Repeat("x", 1<<20) + `"}}`)
	for range 100 {
		report(`{"csp-report":{"effective-directive":"img-src"}}`)
	}
	if n := strings.Count(said.String(), "directive=img-src"); n > 20 || n < 10 {
		t.Errorf("%d of 100 reports were written down", n)
	}
}

func TestRequestsOfOtherSitesAreRefused(t *testing.T) {
	s, me := site(t, doortest.Open(t))
	r := httptest.NewRequest("POST", "/page", strings.NewReader("face=both"))
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.AddCookie(me)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if w.Code != http.StatusForbidden {
		t.Errorf("it gets %d", w.Code)
	}
}

func TestLocal(t *testing.T) {
	for to, want := range map[string]string{
		"/": "/", "/records/Host?sort=key&as_of=3": "/records/Host?sort=key&as_of=3", "": "/", "records": "/", "https://example.org": "/", "//example.org": "/", `/\example.org`: "/",
		"/x\r\nSet-Cookie: a=b": "/", "javascript:alert(1)": "/", "/\t/example.org": "/",
	} {
		if got := frame.Local(to); got != want {
			t.Errorf("%q leads to %q, want %q", to, got, want)
		}
	}
}

func TestOpenPagesNeedNobody(t *testing.T) {
	s, me := site(t, doortest.Open(t))
	s.Open("GET /open", func(v *frame.Visit) error {
		return v.Render(plain, "problem", frame.Page{Title: "For <everybody>", Lead: "A & B", Body: frame.Problem{Text: "Some text"}, Bare: v.Who == nil})
	})
	for _, cookies := range [][]*http.Cookie{nil, {me}} {
		answer := get(s, "/open", cookies...)
		body := answer.Body.String()
		for _, want := range []string{"<title>For &lt;everybody&gt; · Binnacle</title>", "<h1>For &lt;everybody&gt;</h1>", `<p class="lead">A &amp; B</p>`, "Some text"} {
			if answer.Code != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%d people: %d, without %s", len(cookies), answer.Code, want)
			}
		}
		if strings.Contains(body, `class="menu`) != (cookies != nil) {
			t.Errorf("%d people: the menu is wrong", len(cookies))
		}
	}
}
