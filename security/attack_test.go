package security

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/html"

	"binnacle/door/doortest"
	"binnacle/model"
)

// TestV3_4_HeadersOfEveryAnswer holds that browsers are told what they may do with an answer, whatever it is.
func TestV3_4_HeadersOfEveryAnswer(t *testing.T) {
	w := newWorld(t)
	v, stranger := w.as(t, "cio"), w.stranger(t)
	for _, path := range []string{"/", "/sign-in", "/nowhere", "/records/Application", "/records/Application/" + ownKey, "/records/Application/export?format=csv", "/api/v1/records/Application", "/assets/app.css", "/palette?q=a", "/assets/scan", "/assets/labels?paper=single",
		"/loads/" + w.open + "/lines", "/loads/" + w.open + "/lines.csv", "/api/v1/loads/" + w.open + "/lines", "/api/v1/calendar.ics", "/assessments/assessment-in-the-dark/questionnaire"} {
		for _, who := range []*visitor{v, stranger} {
			h := who.get(path).header
			policy := h.Get("Content-Security-Policy")
			for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
				if !strings.Contains(policy, part) {
					t.Errorf("v5.0.0-3.4.3, 3.4.6: %s for %s: the policy %q lacks %s", path, who.name, policy, part)
				}
			}
			if strings.Contains(policy, "unsafe") {
				t.Errorf("%s: the policy allows what is unsafe: %q", path, policy)
			}
			if h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("v5.0.0-3.2.1: %s for %s: no nosniff", path, who.name)
			}
			if path != "/assets/app.css" && !strings.Contains(h.Get("Cache-Control"), "no-store") && !strings.Contains(h.Get("Cache-Control"), "no-cache") && !strings.Contains(h.Get("Cache-Control"), "private") {
				t.Errorf("%s for %s: may be kept by caches: %q", path, who.name, h.Get("Cache-Control"))
			}
			if h.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: other sites may read it", path)
			}
		}
	}
}

// TestV3_3_Cookies holds that the cookie of a session is out of reach of scripts and of other sites.
func TestV3_3_Cookies(t *testing.T) {
	w := newWorld(t)
	v := w.stranger(t)
	r := v.post("/sign-in", "user_name", "ada", "password", doortest.Password)
	if r.status != http.StatusSeeOther {
		t.Fatalf("sign in: %v", r)
	}
	for _, line := range r.header.Values("Set-Cookie") {
		if strings.Contains(line, "Max-Age=0") || strings.Contains(line, "Max-Age=-") {
			continue
		}
		if !strings.Contains(line, "HttpOnly") || !strings.Contains(line, "SameSite=") || strings.Contains(line, "SameSite=None") || !strings.Contains(line, "Path=/") {
			t.Errorf("v5.0.0-3.3.4: %s", line)
		}
	}
}

// TestV7_2_4_SessionFixation holds that a session which somebody planted before is not the one after.
func TestV7_2_4_SessionFixation(t *testing.T) {
	w := newWorld(t)
	v := w.stranger(t)
	at, _ := url.Parse(w.server.URL)
	planted := w.Principal("ada").Account.ID.String() + ".plantedplantedplantedplantedplanted"
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: "binnacle", Value: planted, Path: "/"}})
	v.post("/sign-in", "user_name", "ada", "password", doortest.Password)
	for _, c := range v.client.Jar.Cookies(at) {
		if c.Name == "binnacle" && c.Value == planted {
			t.Error("the planted session was taken over")
		}
	}
	if r := v.get("/me"); r.status != http.StatusOK {
		t.Errorf("after signing in: %v", r)
	}
	first := sessionOf(v, at)
	v.post("/sign-out")
	thief := w.stranger(t)
	thief.client.Jar.SetCookies(at, []*http.Cookie{{Name: "binnacle", Value: first, Path: "/"}})
	if r := thief.get("/me"); r.status == http.StatusOK {
		t.Error("v5.0.0-7.4.1: the session lives on after signing out")
	}
}

func sessionOf(v *visitor, at *url.URL) string {
	for _, c := range v.client.Jar.Cookies(at) {
		if c.Name == "binnacle" {
			return c.Value
		}
	}
	return ""
}

// TestV7_4_2_DisabledAtOnce holds that sessions and tokens of a disabled account end at once.
func TestV7_4_2_DisabledAtOnce(t *testing.T) {
	w := newWorld(t)
	page, program := w.as(t, "engineer"), w.withToken(t, "engineer", "read")
	if a, b := page.get("/records/Application"), program.get("/api/v1/records/Application"); a.status != 200 || b.status != 200 {
		t.Fatalf("before: %v, %v", a, b)
	}
	account := w.account(t, "engineer").Account
	after := model.Clone(account)
	after.State = "disabled"
	w.change(t, account, after)
	if a, b := page.get("/records/Application"), program.get("/api/v1/records/Application"); a.status == 200 || b.status != http.StatusUnauthorized {
		t.Errorf("after: %v, %v", a, b)
	}
}

// TestV3_5_1_CrossSite holds that no other site can change anything, and that looking changes nothing.
func TestV3_5_1_CrossSite(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "cio")
	head := w.Head().Seq
	form := "name=Changed&why=test"
	for name, header := range map[string][]string{
		"fetch metadata": {"Sec-Fetch-Site", "cross-site"},
		"same site only": {"Sec-Fetch-Site", "same-site"},
		"origin":         {"Origin", "https://attacker.example"},
		"null origin":    {"Origin", "null"},
	} {
		for _, path := range []string{"/records/Application/" + ownKey + "/edit", "/records/Application/" + ownKey + "/delete", "/history/1/undo", "/sign-out", "/me", "/face", "/api/v1/records/Application"} {
			r := v.do(http.MethodPost, path, strings.NewReader(form), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
			if r.status != http.StatusForbidden && r.status != http.StatusUnauthorized {
				t.Errorf("%s: POST %s: %d, want 403", name, path, r.status)
			}
		}
	}
	for _, path := range []string{"/records/Application/" + ownKey + "/delete", "/history/1/undo", "/records/Application/" + ownKey + "/edit?name=Changed"} {
		v.get(path)
	}
	if w.Head().Seq != head {
		t.Errorf("something was changed: entry %d, before %d", w.Head().Seq, head)
	}
	if r := v.get("/me"); r.status != http.StatusOK {
		t.Errorf("somebody else signed the person out: %v", r)
	}
}

// TestV6_3_1_ThousandGuesses holds that of a thousand guesses at once hardly any is even looked at, and that the person is not locked out.
func TestV6_3_1_ThousandGuesses(t *testing.T) {
	w := newWorld(t)
	var tried atomic.Int64
	var wg sync.WaitGroup
	start := make(chan bool)
	for i := range 1000 {
		wg.Go(func() {
			v := w.stranger(t)
			<-start
			r := v.post("/sign-in", "user_name", "ada", "password", fmt.Sprintf("guess number %d of many", i))
			if r.status == http.StatusSeeOther {
				t.Errorf("guess %d was right", i)
			}
			if r.status == http.StatusUnauthorized {
				tried.Add(1)
			}
		})
	}
	close(start)
	wg.Wait()
	if n := tried.Load(); n > 100 {
		t.Errorf("%d guesses were compared, and the limit is 100", n)
	}
	w.Advance(16 * time.Minute)
	if r := w.stranger(t).post("/sign-in", "user_name", "ada", "password", doortest.Password); r.status != http.StatusSeeOther {
		t.Errorf("the person is locked out: %v", r)
	}
}

// TestV6_3_1_UnknownNamesAnswerAlike holds that nobody learns which names there are.
func TestV6_3_1_UnknownNamesAnswerAlike(t *testing.T) {
	w := newWorld(t)
	a := w.stranger(t).post("/sign-in", "user_name", "ada", "password", "not the password at all")
	b := w.stranger(t).post("/sign-in", "user_name", "bob", "password", "not the password at all")
	if a.status != b.status || strings.ReplaceAll(a.body, "ada", "bob") != b.body {
		t.Errorf("a name that is there answers differently: %d and %d", a.status, b.status)
	}
}

// payloads are texts that become more than text where they are not escaped.
var payloads = []string{
	`"><xss-probe onclick=alert(1)>`, `'><xss-probe>`, `</title><xss-probe>`, `</textarea><xss-probe>`, `</script><xss-probe>`, `<svg onload=alert(1)><xss-probe>`,
	`[link](javascript:alert(1))`, `![x](x" onerror="alert(1))`, `<a href="javascript:alert(1)">x</a>`, `<div hx-get="/me" hx-trigger="load">x</div>`, `{{.}}`, "`${1}`", `<style>*{x:y}</style>`, `<iframe src=/>`,
	`--><xss-probe>`, `]]><xss-probe>`, "<xss-probe\n>", `<form action=/sign-out method=post><button>x`, `<meta http-equiv=refresh content=0>`,
}

// TestV1_2_1_StoredTextStaysText puts payloads into every text field of every
// kind and looks at every page that can be reached for what has become of them.
func TestV1_2_1_StoredTextStaysText(t *testing.T) {
	w := newWorld(t)
	n := 0
	for _, k := range w.Store.Snapshot().Schema().Kinds() {
		if k.Group == "Access" || k.Name == "Scenario" || k.Name == "KindDefinition" || k.Name == "FieldDefinition" || k.Name == "Rule" || k.Custom {
			continue
		}
		rec := k.New()
		rec.Base().Key = "payload-" + strings.ToLower(k.Name)
		for _, f := range k.Fields {
			if f.System || f.Name == "key" || f.Format != "" || f.Ident != "" {
				continue
			}
			payload := payloads[n%len(payloads)]
			n++
			switch f.Type {
			case model.TextField:
				f.Set(rec, payload)
			case model.TextsField:
				f.Set(rec, []string{payload, payloads[n%len(payloads)]})
			case model.RefField, model.RefsField:
				for _, to := range f.To {
					for one := range w.Store.View().All(to) {
						if f.Type == model.RefField {
							f.Set(rec, one.Base().Ref())
						} else {
							f.Set(rec, []model.Ref{one.Base().Ref()})
						}
						break
					}
				}
			}
		}
		rec.Base().Name = payloads[n%len(payloads)] + k.Name
		if problems := k.Check(rec); len(problems) > 0 {
			for _, p := range problems {
				if f := k.Field(p.Field); f != nil && f.Type == model.EnumField && len(f.Options) > 0 {
					f.Set(rec, f.Options[0].Value)
				}
			}
		}
		func() {
			defer func() {
				if fault := recover(); fault != nil {
					t.Errorf("%s: %v", k.Name, fault)
				}
			}()
			w.tryPut(t, rec)
		}()
	}
	pages := 0
	w.as(t, "cio").crawl(t, func(path string, r reply) {
		if strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
			pages++
			for _, fault := range alive(r.body) {
				t.Errorf("%s: %s", path, fault)
			}
		}
		if r.status >= 500 {
			t.Errorf("%s: %v", path, r)
		}
	})
	if pages < 50 {
		t.Errorf("only %d pages were looked at", pages)
	}
}

// alive lists what in a page could run or load something that the page itself did not mean.
func alive(page string) []string {
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		inert := false
		for _, a := range n.Attr {
			key, value := strings.ToLower(a.Key), strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(key, "on"):
				out = append(out, fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val))
			case key == "style":
				out = append(out, fmt.Sprintf("<%s style>", n.Data))
			case (key == "href" || key == "src" || key == "action" || key == "formaction" || key == "xlink:href") && (strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:text") || strings.HasPrefix(value, "vbscript:")):
				out = append(out, fmt.Sprintf("<%s %s=%q>", n.Data, a.Key, a.Val))
			case key == "type" && value == "application/json" && n.Data == "script":
				inert = true
			}
		}
		switch n.Data {
		case "xss-probe", "iframe", "object", "embed", "base", "style":
			out = append(out, "<"+n.Data+">")
		case "script":
			if n.FirstChild != nil && !inert {
				out = append(out, "an inline script")
			}
		}
	}
	return out
}

// TestV1_2_10_FormulaCells holds that no cell of an export is a formula for a spreadsheet.
func TestV1_2_10_FormulaCells(t *testing.T) {
	w := newWorld(t)
	for i, name := range []string{"=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "x\n=1", `"=1"`} {
		a := &model.Application{}
		a.Key, a.Name, a.Tags = fmt.Sprintf("formula-%d", i), name, []string{name}
		w.Put(a)
	}
	page, program := w.as(t, "cio"), w.withToken(t, "cio", "read")
	for path, v := range map[string]*visitor{"/records/Application/export?format=csv&where=key~formula": page, "/api/v1/export/Application.csv?where=key~formula": program} {
		r := v.get(path)
		if r.status != 200 || !strings.Contains(r.body, "formula-7") {
			t.Errorf("%s: %v", path, r)
		}
		if disposition := r.header.Get("Content-Disposition"); !strings.HasPrefix(disposition, "attachment") {
			t.Errorf("%s: Content-Disposition %q", path, disposition)
		}
		for _, cell := range strings.FieldsFunc(r.body, func(c rune) bool { return c == ',' || c == '\n' || c == '\r' || c == ';' }) {
			cell = strings.Trim(cell, `" `)
			if cell != "" && strings.ContainsAny(cell[:1], "=+@\t") {
				t.Errorf("%s: the cell %q is a formula", path, cell)
			}
		}
	}
}

// TestV15_3_3_MassAssignment holds that nobody sets what Binnacle itself sets.
func TestV15_3_3_MassAssignment(t *testing.T) {
	w := newWorld(t)
	v := w.withToken(t, "cio", "approve")
	before := w.Store.Snapshot().Find("Application", ownKey).Base()
	for _, body := range []string{`{"id":"00000000-0000-0000-0000-000000000001"}`, `{"origin":"glpi"}`, `{"origins":[{"field":"name","source":"x"}]}`, `{"created":{"seq":1}}`,
		`{"sightings":[]}`, `{"no_such_field":1}`, `{"extra":{"a":1}}`, `{"__proto__":{"x":1}}`} {
		r := v.send(http.MethodPatch, "/api/v1/records/Application/"+ownKey, body, "If-Match", "*")
		if r.status != http.StatusUnprocessableEntity && r.status != http.StatusBadRequest {
			t.Errorf("%s: %v", body, r)
		}
	}
	if after := w.Store.Snapshot().Find("Application", ownKey).Base(); after.Version != before.Version || after.ID != before.ID {
		t.Error("the record was changed")
	}
	for _, body := range []string{`{"roles":["Role/administrator"]}`, `{"state":"disabled"}`} {
		if r := v.send(http.MethodPatch, "/api/v1/records/Account/as-cio", body, "If-Match", "*"); r.status < 400 {
			t.Errorf("a token gives its own account %s: %v", body, r)
		}
	}
}

// TestB5_Bombs holds that what is small outside and large inside is refused.
func TestB5_Bombs(t *testing.T) {
	w := newWorld(t)
	v := w.withToken(t, "cio", "approve")
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	f, err := z.Create("hosts.csv")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 300 {
		f.Write(zeros)
	}
	z.Close()
	cases := map[string][]byte{
		"zip":  bomb.Bytes(),
		"deep": []byte(strings.Repeat("[", 200000)),
		"yaml": []byte("a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\nkind: Host\nkey: x\ntags: *f\n"),
		"xml":  []byte(`<?xml version="1.0"?><!DOCTYPE bom [<!ENTITY x SYSTEM "file:///etc/passwd">]><bom xmlns="http://cyclonedx.org/schema/bom/1.5"><components><component type="library"><name>&x;</name></component></components></bom>`),
	}
	for name, body := range cases {
		start := time.Now()
		r := v.do(http.MethodPost, "/api/v1/imports?dry_run=true&name="+name, bytes.NewReader(body), "Content-Type", "application/octet-stream")
		if r.status >= 500 || strings.Contains(r.body, "root:") {
			t.Errorf("%s: %v", name, r)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
	deep := `{"name":` + strings.Repeat(`{"a":`, 100000) + `1` + strings.Repeat(`}`, 100000) + `}`
	if r := v.send(http.MethodPatch, "/api/v1/records/Application/"+ownKey, deep, "If-Match", "*"); r.status < 400 || r.status >= 500 {
		t.Errorf("deep JSON: %v", r)
	}
	huge := `{"name":"` + strings.Repeat("x", 40<<20) + `"}`
	if r := v.send(http.MethodPatch, "/api/v1/records/Application/"+ownKey, huge, "If-Match", "*"); r.status != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 40 MB: %d", r.status)
	}
	if r := v.get("/api/v1/records/Application?where=" + strings.Repeat("name~x&where=", 3000) + "name~y"); r.status < 400 || r.status >= 500 {
		t.Errorf("3,000 conditions: %d", r.status)
	}
}

// TestB5_Traversal holds that no name leads out of where it belongs.
func TestB5_Traversal(t *testing.T) {
	w := newWorld(t)
	v := w.as(t, "cio")
	for _, path := range []string{"/assets/../access/roles.go", "/assets/..%2f..%2fgo.mod", "/assets/%2e%2e/assets.go", "/attachments/..%2f..%2fetc%2fpasswd", "/records/..%2f..%2f/x", "/imports/..%2f..%2fetc", "/boards/%00", "/records/Application/%00",
		"/records/Application/x%0d%0aSet-Cookie:%20a=b", "/questions/../../x", "/sign-in?to=https://attacker.example/", "/sign-in?to=//attacker.example/", "/sign-in?to=/%5cattacker.example"} {
		r := v.get(path)
		if r.status >= 500 || strings.Contains(r.body, "root:x:") || strings.Contains(r.body, "module binnacle") || r.header.Get("Set-Cookie") == "a=b" {
			t.Errorf("%s: %v", path, r)
		}
		if to := r.header.Get("Location"); strings.Contains(to, "attacker") && !strings.HasPrefix(to, "/") {
			t.Errorf("%s leads to %s", path, to)
		}
	}
}

// TestB5_QuotesInNames holds that names of fields, kinds and orders are only ever looked up.
func TestB5_QuotesInNames(t *testing.T) {
	w := newWorld(t)
	page, program := w.as(t, "cio"), w.withToken(t, "cio", "read")
	for _, noise := range []string{"'", `"`, "';DROP TABLE vault;--", "name) OR 1=1", "%27", "\x00", "$1", "{{.}}", "name\u2028", strings.Repeat("a.", 500)} {
		q := url.QueryEscape(noise)
		for _, path := range []string{"/records/Application?sort=" + q, "/records/Application?where=" + q, "/records/Application?columns=" + q, "/records/Application?group=" + q, "/records/Application?after=" + q,
			"/records/" + url.PathEscape(noise), "/search?q=" + q, "/pick?kinds=" + q + "&q=" + q, "/compare?page=" + q, "/records/Application?as_of=" + q, "/records/Application?scenario=" + q, "/records/Application?at=" + q} {
			if r := page.get(path); r.status >= 500 {
				t.Errorf("%s: %v", path, r)
			}
		}
		for _, path := range []string{"/api/v1/records/Application?sort=" + q, "/api/v1/records/Application?where=" + q, "/api/v1/records/Application?fields=" + q, "/api/v1/records/Application?after=" + q, "/api/v1/questions/lifecycle.exposure?x=" + q} {
			if r := program.get(path); r.status >= 500 {
				t.Errorf("%s: %v", path, r)
			}
		}
	}
}
