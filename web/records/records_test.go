package records_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/store"
	"binnacle/web/frame"
	"binnacle/web/records"
)

// harbour is a house with the pages of records.
type harbour struct {
	*doortest.World
	site    http.Handler
	cookies map[string]string
	t       *testing.T
}

func open(t *testing.T) *harbour {
	t.Helper()
	w := doortest.Open(t)
	s := frame.New(w.House, frame.Options{})
	records.Mount(s)
	return &harbour{World: w, site: s, cookies: map[string]string{}, t: t}
}

// be makes an account with roles, for a person that is there already or for nobody.
func (h *harbour) be(name, person string, roles ...string) {
	h.t.Helper()
	p := h.As(name, person, roles...)
	secret, err := h.Access.Begin(h.t.Context(), p.Account.Ref(), "192.0.2.7", "test", "password")
	if err != nil {
		h.t.Fatal(err)
	}
	h.cookies[name] = secret
}

func (h *harbour) do(who string, r *http.Request) *http.Response {
	h.t.Helper()
	r.AddCookie(&http.Cookie{Name: frame.SessionCookie, Value: h.cookies[who]})
	w := httptest.NewRecorder()
	h.site.ServeHTTP(w, r)
	return w.Result()
}

func (h *harbour) get(who, path string) (int, string) {
	h.t.Helper()
	res := h.do(who, httptest.NewRequest("GET", path, nil))
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(body)
}

// post sends a form of names and values.
func (h *harbour) post(who, path string, pairs ...string) (int, string, string) {
	h.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res := h.do(who, r)
	body, _ := io.ReadAll(res.Body)
	return res.StatusCode, res.Header.Get("Location"), string(body)
}

func (h *harbour) app(key string) *model.Application {
	h.t.Helper()
	a, ok := h.Store.Snapshot().Find("Application", key).(*model.Application)
	if !ok {
		h.t.Fatalf("there is no application %s", key)
	}
	return a
}

func application(key, name string) *model.Application {
	a := &model.Application{}
	a.Key, a.Name = key, name
	return a
}

// commit makes a change past everything that doors check.
func (h *harbour) commit(changes ...model.Change) {
	h.t.Helper()
	if _, err := h.Store.Commit(h.t.Context(), store.Tx{Who: "test", Why: "Prepare", Source: model.PersonSource, Changes: changes}); err != nil {
		h.t.Fatal(err)
	}
}

// TestEveryKindHasItsPages opens the list, the form and, with a record, the page of every kind.
func TestEveryKindHasItsPages(t *testing.T) {
	h := open(t)
	h.be("eve", "", "administrator", "cio", "cto", "compliance-officer")
	for _, k := range h.Store.Snapshot().Schema().Kinds() {
		for _, path := range []string{"", "?panel=filter&field=owner", "?panel=columns&totals=1&group=owner", "?panel=views", "?panel=export", "/new", "/duplicates", "/export?format=csv", "/export?format=json", "/export?format=xlsx"} {
			if status, body := h.get("eve", "/records/"+k.Name+path); status != 200 {
				t.Errorf("%s%s: %d %.300s", k.Name, path, status, body)
			}
		}
	}
	if status, _ := h.get("eve", "/records/Nothing"); status != 404 {
		t.Errorf("a kind that there is not: %d", status)
	}
}

// payloads are what somebody who wants to run scripts in the browsers of others would type.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `</textarea><script>alert(1)</script>`, `</title><script>alert(1)</script>`,
	`[x](javascript:alert(1))`, `<a href="javascript:alert(1)">x</a>`, `![x](https://elsewhere.example/x.png)`, `<style>*{display:none}</style>`, `<iframe srcdoc="<script>alert(1)</script>">`,
	"`<img src=x onerror=alert(1)>`", `<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>`, `{{.Who}}`, `data:text/html,<script>alert(1)</script>`,
}

// unsafe returns what of a page could run or load something.
func unsafe(t *testing.T, page string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(n *html.Node, inMain bool)
	walk = func(n *html.Node, inMain bool) {
		if n.Type == html.ElementNode {
			inMain = inMain || n.Data == "main"
			if inMain && slices.Contains([]string{"script", "style", "iframe", "img", "object", "embed", "math", "base", "link", "meta"}, n.Data) {
				out = append(out, n.Data)
			}
			for _, a := range n.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				leads := slices.Contains([]string{"href", "src", "action", "formaction", "xlink:href"}, a.Key)
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" || leads && (strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:text")) {
					out = append(out, n.Data+" "+a.Key+"="+a.Val)
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inMain)
		}
	}
	walk(doc, false)
	return out
}

// TestNoTextOfARecordRunsInABrowser puts every payload into every text of a kind and opens every page that shows it.
func TestNoTextOfARecordRunsInABrowser(t *testing.T) {
	h := open(t)
	h.be("eve", "", "cio", "administrator")
	tech := &model.Technology{}
	tech.Key = "tech"
	h.Put(tech)
	for i, payload := range payloads {
		a := application(fmt.Sprintf("evil-%d", i), payload)
		a.Description, a.Version, a.Tags = payload, payload, []string{payload}
		a.BuiltWith = []model.TechnologyUse{{Technology: tech.Ref(), Version: payload}}
		team := &model.Team{}
		team.Key, team.Name = fmt.Sprintf("team-%d", i), payload
		h.Put(team)
		a.Owner = team.Ref()
		h.Put(a)
		c := &model.Comment{About: a.Ref(), Text: payload}
		c.Key = fmt.Sprintf("comment-%d", i)
		f := &model.Attachment{About: a.Ref(), FileName: payload, MediaType: payload, Digest: "0"}
		f.Key = fmt.Sprintf("file-%d", i)
		s := &model.SavedView{Kind: "Application", Query: "where=" + url.QueryEscape("name="+payload), Shared: true}
		s.Key, s.Name = fmt.Sprintf("view-%d", i), payload
		h.Put(c, f, s)
	}
	var paths []string
	for i, payload := range payloads {
		at := fmt.Sprintf("/records/Application/evil-%d", i)
		paths = append(paths, at, at+"/history", at+"/graph", at+"/edit", at+"/delete", at+"/merge?with=evil-0", fmt.Sprintf("/records/Team/team-%d", i),
			"/records/Application?where="+url.QueryEscape("name~"+payload), "/records/Application?sort="+url.QueryEscape(payload), "/records/Application?group=name&columns=name,version,tags,repository,owner,description",
			"/records/"+url.PathEscape(payload), "/records/Application/bulk?do=delete&key="+fmt.Sprintf("evil-%d", i))
	}
	paths = append(paths, "/records/Application?panel=views", "/records/Application/duplicates", "/records/Comment", "/records/Attachment")
	for _, path := range paths {
		status, page := h.get("eve", path)
		if found := unsafe(t, page); len(found) > 0 {
			t.Errorf("%s (%d) could run or load %q", path, status, found)
		}
		if status >= 500 {
			t.Errorf("%s: %d", path, status)
		}
	}
}

// TestWhatIsConfidentialIsNowhere looks for a confidential record on everything that could tell of it.
func TestWhatIsConfidentialIsNowhere(t *testing.T) {
	h := open(t)
	open, secret := application("open-app", "Open app"), application("merger-plan", "Merger Plan X")
	secret.Confidential = true
	h.Put(open, secret)
	host := &model.Host{}
	host.Key, host.Name = "box", "Box"
	h.Put(host)
	// The secret depends on the open one, and an open one on the secret.
	linked := application("linked-app", "Linked app")
	linked.DependsOn = []model.Ref{secret.Ref(), open.Ref()}
	holder := application("merger-holder", "Merger Holder X")
	holder.Confidential, holder.DependsOn = true, []model.Ref{open.Ref()}
	h.Put(linked, holder)
	h.be("arch", "", "enterprise-architect")
	h.be("cio", "", "cio")
	for _, path := range []string{"/records", "/records/Application", "/records/Application?group=depends_on&columns=name,depends_on", "/records/Application?where=name~merger", "/records/Application?where=depends_on.name~merger",
		"/records/Application/export?format=csv", "/records/Application/export?format=json&columns=name,depends_on", "/records/Application/open-app", "/records/Application/open-app/graph", "/records/Application/open-app/delete",
		"/records/Application/linked-app", "/records/Application/linked-app/history", "/records/Application/linked-app/graph", "/records/Application/linked-app/edit", "/records/Application/duplicates",
		"/records/Application/merger-plan", "/records/Application/merger-plan/edit", "/records/Application/merger-plan/history", "/records/Application/bulk?key=merger-plan&do=edit", "/records/Application/open-app/merge?with=merger-plan"} {
		_, body := h.get("arch", path)
		if body = strings.ReplaceAll(body, "name~merger", ""); strings.Contains(strings.ToLower(strings.ReplaceAll(body, "contains merger", "")), "merger plan x") || strings.Contains(body, "Merger Holder") || strings.Contains(body, "merger-holder") {
			t.Errorf("%s tells of what is confidential", path)
		}
	}
	if status, _ := h.get("arch", "/records/Application/merger-plan"); status != 404 {
		t.Errorf("the page of a confidential record answers %d", status)
	}
	if _, body := h.get("arch", "/records/Application"); !strings.Contains(body, "2 applications") {
		t.Error("the count of the list is not that of what is in sight")
	}
	if _, body := h.get("cio", "/records/Application"); !strings.Contains(body, "4 applications") {
		t.Error("the count of the list of who sees everything is wrong")
	}
	// Deleting what a confidential record needs does not name it either.
	if status, _, body := h.post("arch", "/records/Application/open-app/delete"); status != 422 || strings.Contains(body, "erger") {
		t.Errorf("deleting answers %d %.200s", status, body)
	}
	// Editing keeps a link that is out of sight.
	if status, _, body := h.post("arch", "/records/Application/linked-app/edit", "version", "1", "has", "name", "f.name", "Renamed", "has", "depends_on", "f.depends_on", ""); status != 303 {
		t.Fatalf("editing answers %d %.300s", status, body)
	}
	if got := h.app("linked-app"); got.Name != "Renamed" || len(got.DependsOn) != 2 {
		t.Errorf("after editing: %q with %d links", got.Name, len(got.DependsOn))
	}
}

// TestExportsAreGuarded exports what a spreadsheet program would run.
func TestExportsAreGuarded(t *testing.T) {
	h := open(t)
	h.be("cio", "", "cio")
	h.Put(application("a", `=HYPERLINK("https://elsewhere.example","x")`), application("b", "+1"), application("c", "@SUM(A1)"), application("d", "plain"))
	status, body := h.get("cio", "/records/Application/export?format=csv&columns=name&sort=-name&where=name!=plain")
	if status != 200 {
		t.Fatal(status, body)
	}
	rows, err := csv.NewReader(strings.NewReader(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 4 {
		t.Fatalf("%d rows, want a head and three records", len(rows))
	}
	for _, row := range rows[1:] {
		if !strings.HasPrefix(row[2], "'") {
			t.Errorf("%q would be run", row[2])
		}
	}
	if status, _ := h.get("cio", "/records/Application/export?format=exe"); status != 404 {
		t.Error("an unknown format is served")
	}
}

// TestARecordLives creates, edits in place, clashes, resolves, undoes nothing it should not, and deletes.
func TestARecordLives(t *testing.T) {
	h := open(t)
	h.be("cio", "", "cio")
	status, _, body := h.post("cio", "/records/Application/new", "has", "name", "f.name", "Web shop", "has", "users", "f.users", "many", "has", "built_with")
	if status != 422 || !strings.Contains(body, "is not a whole number") || !strings.Contains(body, `value="Web shop"`) {
		t.Fatalf("a wrong number: %d; what was typed must be kept: %.400s", status, body)
	}
	var to string
	if status, to, body = h.post("cio", "/records/Application/new", "has", "name", "f.name", "Web shop", "has", "users", "f.users", "12"); status != 303 || to != "/records/Application/web-shop" {
		t.Fatalf("creating: %d %s %.400s", status, to, body)
	}
	if status, _, body := h.post("cio", "/records/Application/web-shop/edit", "version", "1", "has", "users", "f.users", "13"); status != 303 {
		t.Fatalf("editing: %d %.300s", status, body)
	}
	// Another field on the old version fits; the same one does not.
	if status, _, body := h.post("cio", "/records/Application/web-shop/edit", "version", "1", "has", "version", "f.version", "2.0"); status != 303 {
		t.Fatalf("another field: %d %.300s", status, body)
	}
	status, _, body = h.post("cio", "/records/Application/web-shop/edit", "version", "1", "has", "users", "f.users", "99")
	if status != 409 || !strings.Contains(body, "As it was") || !strings.Contains(body, ">12<") || !strings.Contains(body, ">13<") || !strings.Contains(body, ">99<") {
		t.Fatalf("a clash must show three sides: %d %.600s", status, body)
	}
	if status, _, body := h.post("cio", "/records/Application/web-shop/edit", "version", "3", "resolve", "1", "field", "users", "base.users", "12", "yours.users", "99", "pick.users", "yours"); status != 303 {
		t.Fatalf("resolving: %d %.300s", status, body)
	}
	if a := h.app("web-shop"); a.Users != 99 || a.Version != "2.0" {
		t.Errorf("after all: %d users, version %s", a.Users, a.Version)
	}
	if status, _, _ := h.post("cio", "/records/Application/web-shop/delete"); status != 303 || h.Store.Snapshot().Find("Application", "web-shop") != nil {
		t.Errorf("deleting: %d", status)
	}
}

// TestRightsAreCheckedByTheServer sends the forms that the pages do not show.
func TestRightsAreCheckedByTheServer(t *testing.T) {
	h := open(t)
	h.Put(application("web-shop", "Web shop"), application("other", "Other"))
	h.be("audit", "", "auditor")
	if _, body := h.get("audit", "/records/Application/web-shop"); strings.Contains(body, "/edit") || strings.Contains(body, "/delete") {
		t.Error("the page shows an auditor what only others may do")
	}
	for _, try := range [][]string{{"/records/Application/new", "has", "name", "f.name", "X"}, {"/records/Application/web-shop/edit", "version", "1", "has", "name", "f.name", "X"}, {"/records/Application/web-shop/delete"},
		{"/records/Application/web-shop/merge", "with", "other"}, {"/records/Application/bulk", "scope", "all", "do", "delete", "count", "2"}, {"/records/Application/web-shop/comments", "text", "hello"}, {"/records/Application/views", "name", "mine"}} {
		if status, to, _ := h.post("audit", try[0], try[1:]...); status == 200 || status == 303 {
			t.Errorf("%v: %d %s", try, status, to)
		}
	}
	if a := h.app("web-shop"); a.Meta.Version != 1 || h.Store.Snapshot().Find("Application", "other") == nil {
		t.Error("something was changed")
	}
	if status, _, _ := h.post("nobody", "/records/Application/web-shop/delete"); status != 303 || h.Store.Snapshot().Find("Application", "web-shop") == nil {
		t.Error("somebody who is not signed in deleted a record")
	}
}

// TestEditingManyShowsTheResultFirst previews an edit of many records, with one that cannot be changed, and then does it.
func TestEditingManyShowsTheResultFirst(t *testing.T) {
	h := open(t)
	h.Put(application("a", "A"), application("b", "B"), application("c", "C"))
	h.be("cio", "", "cio")
	form := []string{"scope", "all", "where", "key!=c", "how.criticality", "set", "f.criticality", "high", "how.tags", "add", "f.tags", "core"}
	status, _, body := h.post("cio", "/records/Application/bulk", form...)
	if status != 200 || !strings.Contains(body, "2 records change") || h.app("a").Criticality != "" {
		t.Fatalf("the preview: %d %.500s", status, body)
	}
	seen := regexp.MustCompile(`name="previewed" value="(.*?)"`).FindStringSubmatch(body)[1]
	if status, _, body = h.post("cio", "/records/Application/bulk", append(form, "apply", "1", "previewed", "2")...); status != 200 || !strings.Contains(body, "Look again") {
		t.Fatalf("other records than looked at: %d", status)
	}
	other := append(slices.Clone(form), "how.version", "set", "f.version", "2", "apply", "1", "previewed", seen)
	if status, _, body = h.post("cio", "/records/Application/bulk", other...); status != 200 || !strings.Contains(body, "Look again") {
		t.Fatalf("other values than looked at: %d", status)
	}
	if status, _, body = h.post("cio", "/records/Application/bulk", append(form, "apply", "1", "previewed", seen)...); status != 303 {
		t.Fatalf("applying: %d %.500s", status, body)
	}
	if a, c := h.app("a"), h.app("c"); a.Criticality != "high" || len(a.Tags) != 1 || c.Criticality != "" {
		t.Errorf("a is %s %v, c is %q", a.Criticality, a.Tags, c.Criticality)
	}
	if status, _, body = h.post("cio", "/records/Application/bulk", "key", "a", "how.users", "set", "f.users", "-4"); status != 200 || !strings.Contains(body, "below the limit") {
		t.Errorf("a record that cannot be changed must be named: %d", status)
	}
}

// TestMergingMovesEveryLink merges two applications: what pointed to one points to the other.
func TestMergingMovesEveryLink(t *testing.T) {
	h := open(t)
	keep, lose := application("crm", "CRM"), application("crm-2", "C.R.M.")
	lose.Tags, lose.Users = []string{"sales"}, 7
	h.Put(keep, lose)
	user := application("shop", "Shop")
	user.DependsOn = []model.Ref{lose.Ref()}
	h.Put(user)
	h.be("cio", "", "cio")
	if _, body := h.get("cio", "/records/Application/duplicates"); !strings.Contains(body, "crm-2") || strings.Contains(body, ">Shop<") {
		t.Error("the two are not proposed as duplicates")
	}
	if status, _, body := h.post("cio", "/records/Application/crm/merge", "with", "crm-2", "pick.users", "other", "pick.tags", "both", "pick.name", "keep"); status != 303 {
		t.Fatalf("merging: %d %.400s", status, body)
	}
	got := h.app("crm")
	if h.Store.Snapshot().Find("Application", "crm-2") != nil || got.Users != 7 || len(got.Tags) != 1 || got.Name != "CRM" || h.app("shop").DependsOn[0] != keep.Ref() {
		t.Errorf("after the merge: %+v", got)
	}
}

// TestAttachmentsAreHandedOutHarmless attaches files of all sorts and looks at how they come back.
func TestAttachmentsAreHandedOutHarmless(t *testing.T) {
	h := open(t)
	person := &model.Person{}
	person.Key = "eva"
	a := application("web-shop", "Web shop")
	h.Put(person, a)
	h.be("eva", "eva", "cio")
	send := func(name string, content []byte) int {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		part, _ := m.CreateFormFile("file", name)
		part.Write(content)
		m.Close()
		r := httptest.NewRequest("POST", "/records/Application/web-shop/attachments", &body)
		r.Header.Set("Content-Type", m.FormDataContentType())
		return h.do("eva", r).StatusCode
	}
	png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x01\x00\x00\x00\x01\x00\x00\x08\x02\x00\x00\x00\xdb\xf7\xcf\x60")
	for _, c := range []struct {
		name    string
		content []byte
		want    int
	}{
		{"plan.txt", []byte("the plan"), 303}, {"evil.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), 303}, {"evil.html", []byte(`<html><script>alert(1)</script>`), 303},
		{"../../etc/passwd", []byte("root"), 303}, {"not.png", []byte("no picture"), 422}, {"empty.txt", nil, 422}, {"huge.png", png, 422},
	} {
		if got := send(c.name, c.content); got != c.want {
			t.Errorf("attaching %s: %d, want %d", c.name, got, c.want)
		}
	}
	n := 0
	for rec := range h.Store.Snapshot().View(0).All("Attachment") {
		n++
		res := h.do("eva", httptest.NewRequest("GET", "/attachments/"+rec.Base().Key, nil))
		head := res.Header
		name := rec.(*model.Attachment).FileName
		if res.StatusCode != 200 || !strings.HasPrefix(head.Get("Content-Disposition"), "attachment") || head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Content-Security-Policy") != frame.FilePolicy {
			t.Errorf("%s is handed out as %d %v", name, res.StatusCode, head)
		}
		if kind := head.Get("Content-Type"); strings.Contains(kind, "html") || strings.Contains(kind, "svg") || strings.Contains(kind, "xml") {
			t.Errorf("%s is handed out as %s", name, kind)
		}
		if strings.ContainsAny(name, "/\\") {
			t.Errorf("the file name %q leads elsewhere", name)
		}
	}
	if n != 4 {
		t.Errorf("%d files were kept, want 4", n)
	}
	h.be("arch", "", "service-desk")
	c := h.app("web-shop")
	k := h.Store.Snapshot().Schema().Kind("Application")
	hidden := model.Clone(c)
	hidden.Confidential = true
	change, _ := model.Difference(k, c, hidden)
	h.commit(change)
	for rec := range h.Store.Snapshot().View(0).All("Attachment") {
		if status, _ := h.get("arch", "/attachments/"+rec.Base().Key); status != 404 {
			t.Errorf("a file of a confidential record answers %d", status)
		}
	}
}

// TestScenariosTakeWritesAndThePastDoesNot edits under a scenario, which leaves the estate alone, and tries to edit the past.
func TestScenariosTakeWritesAndThePastDoesNot(t *testing.T) {
	h := open(t)
	person := &model.Person{}
	person.Key = "eva"
	h.Put(person)
	sc := &model.Scenario{State: "open", BasedOn: 1}
	sc.Key, sc.Owner = "plan", person.Ref()
	h.Put(application("web-shop", "Web shop"), sc)
	h.be("cio", "eva", "cio")
	if status, to, body := h.post("cio", "/records/Application/web-shop/edit?scenario=plan", "version", "1", "has", "name", "f.name", "Planned shop"); status != 303 || !strings.Contains(to, "scenario=plan") {
		t.Fatalf("editing under a scenario: %d %s %.300s", status, to, body)
	}
	if h.app("web-shop").Name != "Web shop" {
		t.Error("the estate itself was changed")
	}
	if _, body := h.get("cio", "/records/Application?scenario=plan"); !strings.Contains(body, "Planned shop") {
		t.Error("the scenario does not show its change")
	}
	past := fmt.Sprint(h.Head().Seq)
	if status, body := h.get("cio", "/records/Application/web-shop?as_of="+past); status != 200 || strings.Contains(body, "/edit") || !strings.Contains(body, "look at the past") {
		t.Errorf("the page of the past: %d", status)
	}
	if status, _, _ := h.post("cio", "/records/Application/web-shop/edit?as_of="+past, "version", "1", "has", "name", "f.name", "Rewritten"); status != 400 {
		t.Errorf("editing the past answers %d", status)
	}
}
