package api_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"binnacle/api"
	"binnacle/api/client"
	"binnacle/model"
)

// TestWhoMayWhat goes through every route with every sort of token: nobody in
// without one that is good, nobody writes with one that reads, and what is out of sight is not there.
func TestWhoMayWhat(t *testing.T) {
	c := open(t, api.Options{})
	routes := c.server.Config.Handler.(interface{ Routes() []string }).Routes()
	if len(routes) < 30 {
		t.Fatalf("there are only %d routes", len(routes))
	}
	path := strings.NewReplacer(api.Prefix, "", "{kind}", "Application", "{key}", "secret", "{name}", "lifecycle.exposure", "{seq}", "2", "{file}", "Application.csv")
	for _, route := range routes {
		method, pattern, _ := strings.Cut(route, " ")
		address := path.Replace(pattern)
		if address == "/events" {
			continue
		}
		t.Run(route, func(t *testing.T) {
			c.t = t
			for _, who := range []string{"", "expired", "revoked"} {
				r := c.want(401, who, method, address, "{}")
				if r.Header.Get("WWW-Authenticate") == "" || r.field("type") != "urn:binnacle:problem:not-signed-in" {
					t.Errorf("%q is told %s", who, r.body)
				}
			}
			c.want(403, "scim", method, address, "{}")
			for _, who := range []string{"eva", "joe"} {
				if r := c.send(who, method, address, ""); strings.Contains(string(r.body), "Nightfall") {
					t.Errorf("%s reads what is confidential: %s", who, r.body)
				}
				if r := c.send(who, method, address, `{"key":"secret","name":"X"}`, "If-Match", "*"); strings.Contains(pattern, "{kind}/{key}") && r.StatusCode != 404 {
					t.Errorf("what is out of sight of %s answers %d: %s", who, r.StatusCode, r.body)
				}
			}
		})
	}
	c.t = t
	for _, test := range []struct {
		who, method, path, body string
		status                  int
	}{
		{"reader", "PATCH", "/records/Application/other", `{"name":"X"}`, 403},
		{"reader", "POST", "/records/Application", `{"key":"x"}`, 403},
		{"reader", "DELETE", "/records/Application/other", "", 403},
		{"reader", "POST", "/bulk", `{"operations":[{"op":"create","kind":"Host","key":"x"}]}`, 403},
		{"reader", "POST", "/history/2/undo", `{}`, 403},
		{"reader", "POST", "/imports?kind=Host", "key\nx\n", 403},
		{"writer", "DELETE", "/records/Application/other", "", 403},
		{"eva", "PATCH", "/records/Application/other", `{"name":"X"}`, 403},
		{"eva", "PATCH", "/records/Application/mine", `{"name":"X"}`, 200},
		{"eva", "GET", "/records/Application/secret", "", 404},
		{"eva", "GET", "/records/Application/secret/history", "", 404},
		{"chief", "GET", "/records/Application/secret", "", 200},
		{"chief", "PATCH", "/records/Account/eva", `{"break_glass":true}`, 404},
		{"chief", "POST", "/records/Role", `{"key":"king","administers":true}`, 403},
		{"chief", "DELETE", "/records/Application/other", "", 200},
	} {
		c.want(test.status, test.who, test.method, test.path, test.body, "If-Match", "*")
	}
	if r := c.want(200, "eva", "GET", "/records/Application?total=true", ""); r.field("total") != 1.0 {
		t.Errorf("eva counts %v", r.field("total"))
	}
	if r := c.want(200, "eva", "GET", "/search?q=nightfall", ""); len(r.field("hits").([]any)) != 0 {
		t.Errorf("eva finds %s", r.body)
	}
}

// TestOthersRecordsAreOutOfReach is about what belongs to one person alone (IDOR): tokens and saved views.
func TestOthersRecordsAreOutOfReach(t *testing.T) {
	c := open(t, api.Options{})
	for rec := range c.Store.View().All("AccessToken") {
		token := rec.(*model.AccessToken)
		mine := token.Account == c.Principal("eva").Account.Ref()
		for _, key := range []string{rec.Base().Key, rec.Base().ID.String()} {
			status := 404
			if mine {
				status = 200
			}
			r := c.want(status, "eva", "GET", "/records/AccessToken/"+key, "")
			if strings.Contains(string(r.body), c.tokens["eva"]) {
				t.Error("the secret of a token is shown")
			}
			if !mine {
				c.want(404, "eva", "PATCH", "/records/AccessToken/"+key, `{"expires":"2030-01-01T00:00:00Z"}`, "If-Match", "*")
			}
		}
	}
	view := &model.SavedView{Kind: "Host"}
	view.Key, view.Owner = "evas", c.Principal("eva").Account.Person
	c.Put(view)
	if r := c.want(200, "eva", "GET", "/records/SavedView/evas", ""); r.field("kind") != "SavedView" || r.field("SavedView\x2ekind") != nil {
		t.Logf("the record is %s", r.body)
	}
	c.want(404, "joe", "GET", "/records/SavedView/evas", "")
	c.want(404, "joe", "PATCH", "/records/SavedView/evas", `{"shared":true}`, "If-Match", "*")
	c.want(404, "joe", "DELETE", "/records/SavedView/evas", "", "If-Match", "*")
}

// TestASessionOfABrowser reads, and writes only from the same site.
func TestASessionOfABrowser(t *testing.T) {
	c := open(t, api.Options{})
	secret, err := c.Access.Begin(t.Context(), c.Principal("chief").Account.Ref(), "192.0.2.1", "test", "test")
	if err != nil {
		t.Fatal(err)
	}
	cookie := "binnacle=" + secret
	c.want(200, "", "GET", "/records/Host", "", "Cookie", cookie)
	c.want(201, "", "POST", "/records/Host", `{"key":"same"}`, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
	c.want(403, "", "POST", "/records/Host", `{"key":"cross"}`, "Cookie", cookie, "Sec-Fetch-Site", "cross-site")
	c.want(403, "", "POST", "/records/Host", `{"key":"cross"}`, "Cookie", cookie, "Origin", "https://evil.example")
	r := c.want(200, "", "GET", "/records/Host", "", "Cookie", cookie, "Origin", "https://evil.example")
	for name := range r.Header {
		if strings.HasPrefix(name, "Access-Control") {
			t.Errorf("other sites are let in: %s", name)
		}
	}
	c.want(401, "", "GET", "/records/Host", "", "Cookie", cookie, "Authorization", "Basic YTpi")
	if err := c.Access.EndSessions(t.Context(), c.Principal("chief").Account.Ref()); err != nil {
		t.Fatal(err)
	}
	c.want(401, "", "GET", "/records/Host", "", "Cookie", cookie)
}

// TestARevokedTokenEndsAtOnce also where it has just been used.
func TestARevokedTokenEndsAtOnce(t *testing.T) {
	c := open(t, api.Options{})
	c.want(200, "reader", "GET", "/me", "")
	p := *c.Principal("reader")
	for rec := range c.Store.View().All("AccessToken") {
		if rec.(*model.AccessToken).Account == p.Account.Ref() {
			if err := c.Access.RevokeToken(t.Context(), &p, rec.Base().Ref()); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.want(401, "reader", "GET", "/me", "")
	c.want(200, "writer", "GET", "/me", "")
	c.Advance(25 * time.Hour)
	c.want(401, "writer", "GET", "/me", "")
}

// TestTwentyOfTheSameRequest are carried out once.
func TestTwentyOfTheSameRequest(t *testing.T) {
	c := open(t, api.Options{})
	var mu sync.Mutex
	statuses := map[int]int{}
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() {
			r := c.send("writer", "POST", "/records/Host", `{"key":"once"}`, "Idempotency-Key", "abc")
			mu.Lock()
			defer mu.Unlock()
			statuses[r.StatusCode]++
		})
	}
	done.Wait()
	if statuses[201] == 0 || statuses[201]+statuses[409] != 20 {
		t.Errorf("the answers are %v", statuses)
	}
	first := c.want(201, "writer", "POST", "/records/Host", `{"key":"once"}`, "Idempotency-Key", "abc")
	if first.Header.Get("Idempotency-Replayed") != "true" || first.Header.Get("Location") != "/api/v1/records/Host/once" || first.field("record.key") != "once" {
		t.Errorf("the answer is not the one of before: %v %s", first.Header, first.body)
	}
	if n := len(c.want(200, "reader", "GET", "/records/Host/once/history", "").field("entries").([]any)); n != 1 {
		t.Errorf("it was carried out %d times", n)
	}
	c.want(422, "writer", "POST", "/records/Host", `{"key":"another"}`, "Idempotency-Key", "abc")
	c.want(201, "chief", "POST", "/records/Host", `{"key":"another"}`, "Idempotency-Key", "abc")
	c.want(422, "writer", "POST", "/records/Host", `{"key":"once"}`, "Idempotency-Key", "failed")
	c.want(201, "writer", "POST", "/records/Host", `{"key":"later"}`, "Idempotency-Key", "failed")
}

// TestPagesHaveEachRecordOnce whatever the order, and while records come and go.
func TestPagesHaveEachRecordOnce(t *testing.T) {
	c := open(t, api.Options{})
	var ops []string
	for i := range 137 {
		ops = append(ops, fmt.Sprintf(`{"op":"create","kind":"Host","key":"h%03d","set":{"cpus":%d,"operating_system":"Debian"}}`, i, i%5))
	}
	c.want(200, "writer", "POST", "/bulk", `{"operations":[`+strings.Join(ops, ",")+`],"why":"Many"}`)
	for _, sort := range []string{"", "cpus", "-cpus,name", "operating_system"} {
		seen := map[string]int{}
		after, pages := "", 0
		for {
			q := url.Values{"limit": {"10"}, "where": {"operating_system=Debian"}}
			if sort != "" {
				q.Set("sort", sort)
			}
			if after != "" {
				q.Set("after", after)
			}
			r := c.want(200, "reader", "GET", "/records/Host?"+q.Encode(), "")
			for _, rec := range r.field("records").([]any) {
				seen[rec.(map[string]any)["key"].(string)]++
			}
			if pages++; pages == 3 && sort == "" {
				c.want(201, "writer", "POST", "/records/Host", `{"key":"a-late-one","operating_system":"Debian"}`)
			}
			next, _ := r.field("next").(string)
			if after = next; next == "" {
				break
			}
		}
		if sort != "" {
			delete(seen, "a-late-one")
		}
		if len(seen) != 137 {
			t.Errorf("sorted by %q: %d records", sort, len(seen))
		}
		for key, n := range seen {
			if n != 1 {
				t.Errorf("sorted by %q: %s came %d times", sort, key, n)
			}
		}
	}
	r := c.want(200, "reader", "GET", "/records/Host?limit=1", "")
	next := r.field("next").(string)
	c.want(400, "reader", "GET", "/records/Host?sort=cpus&after="+next, "")
	c.want(304, "reader", "GET", "/records/Host?limit=1", "", "If-None-Match", r.Header.Get("ETag"))
	c.want(200, "writer", "GET", "/records/Host?limit=1", "", "If-None-Match", r.Header.Get("ETag"))
}

// TestManyAtOnce are made together or not at all, and may name each other in any order.
func TestManyAtOnce(t *testing.T) {
	c := open(t, api.Options{})
	r := c.want(200, "writer", "POST", "/bulk", `{"operations":[
		{"op":"create","kind":"Application","key":"front","set":{"runs_on":["new-host"]}},
		{"op":"create","kind":"Host","key":"new-host"},
		{"op":"edit","kind":"Application","key":"mine","version":1,"set":{"runs_on":["new-host"]}}]}`)
	if n := len(r.field("changes").([]any)); n != 3 {
		t.Errorf("%d changes: %s", n, r.body)
	}
	c.want(422, "writer", "POST", "/bulk", `{"operations":[{"op":"create","kind":"Host","key":"good"},{"op":"create","kind":"Host","key":"bad","set":{"owner":"nobody"}}]}`)
	c.want(404, "reader", "GET", "/records/Host/good", "")
	c.want(409, "writer", "POST", "/bulk", `{"operations":[{"op":"edit","kind":"Application","key":"mine","version":1,"set":{"name":"X"}}]}`)
	r = c.want(422, "chief", "POST", "/bulk", `{"operations":[{"op":"remove","kind":"Host","key":"new-host"}]}`)
	if n := len(r.field("dangling").([]any)); n != 2 {
		t.Errorf("%d links dangle: %s", n, r.body)
	}
	c.want(200, "chief", "POST", "/bulk", `{"operations":[{"op":"remove","kind":"Host","key":"new-host"}],"cascade":true,"dry_run":true}`)
	c.want(200, "reader", "GET", "/records/Host/new-host", "")
	c.want(200, "chief", "POST", "/bulk", `{"operations":[{"op":"remove","kind":"Host","key":"new-host"}],"cascade":true}`)
	c.want(404, "reader", "GET", "/records/Host/new-host", "")
}

// TestScenariosAndUndo goes through a plan from its beginning to the estate and back.
func TestScenariosAndUndo(t *testing.T) {
	c := open(t, api.Options{})
	c.want(201, "chief", "POST", "/scenarios", `{"key":"plan","name":"A plan"}`)
	c.want(200, "chief", "PATCH", "/records/Application/other?scenario=plan", `{"name":"Moved"}`, "If-Match", `"v1"`)
	if r := c.want(200, "reader", "GET", "/records/Application/other?scenario=plan", ""); r.field("name") != "Moved" {
		t.Errorf("under the plan it is %s", r.body)
	}
	if r := c.want(200, "reader", "GET", "/records/Application/other", ""); r.field("name") != nil {
		t.Errorf("without the plan it is %s", r.body)
	}
	if r := c.want(200, "reader", "GET", "/scenarios/plan", ""); r.field("differences.0.record") != "Application/other" {
		t.Errorf("the plan is %s", r.body)
	}
	if r := c.want(200, "reader", "GET", "/differences?scenario=plan", ""); r.field("changes.0.fields.0.after") != "Moved" {
		t.Errorf("the difference is %s", r.body)
	}
	c.want(403, "writer", "POST", "/scenarios/plan/merge", `{}`)
	merged := c.want(200, "chief", "POST", "/scenarios/plan/merge", `{"why":"Agreed"}`)
	c.want(409, "chief", "POST", "/scenarios/plan/merge", `{}`)
	entry := fmt.Sprint(merged.field("entry"))
	if r := c.want(200, "reader", "GET", "/history/"+entry, ""); r.field("why") != "Agreed" {
		t.Errorf("the entry is %s", r.body)
	}
	c.want(200, "chief", "POST", "/history/"+entry+"/undo", `{"dry_run":true}`)
	c.want(200, "chief", "POST", "/history/"+entry+"/undo", `{}`)
	if r := c.want(200, "reader", "GET", "/records/Application/other", ""); r.field("name") != nil {
		t.Errorf("after the undo it is %s", r.body)
	}
}

// TestFilesComeIn as a body and as a form, with what is wrong told line by line.
func TestFilesComeIn(t *testing.T) {
	c := open(t, api.Options{MaxUpload: 100_000})
	r := c.want(200, "writer", "POST", "/imports?kind=Host&name=hosts.csv&dry_run=true", "key,cpus\na,4\nb,many\n", "Content-Type", "text/csv")
	if r.field("total.created") != 1.0 || r.field("total.refused") != 1.0 || r.field("files.0.refusals.0.line") != 3.0 {
		t.Errorf("the report is %s", r.body)
	}
	c.want(404, "reader", "GET", "/records/Host/a", "")
	form := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"hosts.csv\"\r\n\r\nkey,cpus\na,4\n\r\n--x--\r\n"
	for range 2 {
		c.want(200, "writer", "POST", "/imports?kind=Host", form, "Content-Type", "multipart/form-data; boundary=x", "Idempotency-Key", "import-1")
	}
	if r := c.want(200, "reader", "GET", "/records/Host/a", ""); r.field("cpus") != 4.0 {
		t.Errorf("the host is %s", r.body)
	}
	c.want(413, "writer", "POST", "/imports?kind=Host", strings.Repeat("a", 200_000))
	c.want(400, "writer", "POST", "/imports", "")
	c.want(400, "writer", "POST", "/imports?kind=Nothing", "key\na\n")
}

// TestTooMuch is refused until some time has passed.
func TestTooMuch(t *testing.T) {
	c := open(t, api.Options{Rate: 100})
	c.want(200, "reader", "GET", "/kinds", "")
	c.want(200, "reader", "GET", "/kinds", "")
	r := c.want(429, "reader", "GET", "/kinds", "")
	if r.Header.Get("Retry-After") == "" {
		t.Error("nobody is told when to come again")
	}
	c.want(200, "writer", "GET", "/kinds", "")
}

// TestEventsAreFollowed from where the reader was, without what is out of sight, until the token ends.
func TestEventsAreFollowed(t *testing.T) {
	c := open(t, api.Options{Heartbeat: 50 * time.Millisecond, Streams: 2})
	before := c.Head().Seq
	c.want(200, "chief", "PATCH", "/records/Application/secret", `{"description":"Hush"}`, "If-Match", "*")
	c.want(200, "writer", "PATCH", "/records/Application/other", `{"name":"One"}`, "If-Match", "*")
	follow, err := client.New(c.server.URL, c.tokens["eva"], client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	var got []string
	err = follow.Events(ctx, fmt.Sprint(before), func(e client.Event) error {
		got = append(got, e.ID+" "+string(e.Data))
		if len(got) == 1 {
			c.want(200, "writer", "PATCH", "/records/Application/other", `{"name":"Two"}`, "If-Match", "*")
		}
		if len(got) == 2 {
			p := *c.Principal("eva")
			for rec := range c.Store.View().All("AccessToken") {
				if rec.(*model.AccessToken).Account == p.Account.Ref() {
					if err := c.Access.RevokeToken(ctx, &p, rec.Base().Ref()); err != nil {
						t.Error(err)
					}
				}
			}
		}
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "no longer good") {
		t.Errorf("the stream ended with %v", err)
	}
	if len(got) < 2 || !strings.HasPrefix(got[0], fmt.Sprint(before+2)) || !strings.Contains(got[0], `"Application/other"`) {
		t.Errorf("the events are %v", got)
	}
	for _, text := range got {
		if strings.Contains(text, "secret") || strings.Contains(text, "Hush") {
			t.Errorf("what is confidential is told: %s", text)
		}
	}
}

func TestStreamsAreCounted(t *testing.T) {
	c := open(t, api.Options{Heartbeat: 20 * time.Millisecond, Streams: 1})
	req := httptest.NewRequest("GET", c.server.URL+api.Prefix+"/events", nil).WithContext(t.Context())
	req.RequestURI = ""
	req.Header.Set("Authorization", "Bearer "+c.tokens["reader"])
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(resp.Body)
	for lines.Scan() && !strings.Contains(lines.Text(), "alive") {
	}
	c.want(429, "reader", "GET", "/events", "")
	resp.Body.Close()
	for range 100 {
		time.Sleep(20 * time.Millisecond)
		if r := c.send("reader", "HEAD", "/events", ""); r.StatusCode == 200 {
			return
		}
	}
	t.Error("a stream that was closed still counts")
}

// TestOwnKindsAndFieldsAreServed defines a kind and fields while the program runs, and works with a record of it.
func TestOwnKindsAndFieldsAreServed(t *testing.T) {
	c := open(t, api.Options{})
	kind, depth, berth := &model.KindDefinition{Label: "Berth", Plural: "Berths"}, &model.FieldDefinition{Kind: "Berth", Field: "depth", Type: "number"}, &model.FieldDefinition{Kind: "Application", Field: "berth", Type: "ref", To: []string{"Berth"}}
	kind.Key, depth.Key, berth.Key = "Berth", "Berth.depth", "Application.berth"
	c.Put(kind)
	c.Put(depth, berth)
	if r := c.send("chief", "POST", "/records/Berth", `{"key":"north","name":"North quay","depth":12.5}`); r.StatusCode != 201 {
		t.Fatalf("creating: %d %s", r.StatusCode, r.body)
	}
	if r := c.send("chief", "PATCH", "/records/Application/mine", `{"berth":"north"}`, "If-Match", "*", "Content-Type", "application/merge-patch+json"); r.StatusCode != 200 {
		t.Fatalf("linking: %d %s", r.StatusCode, r.body)
	}
	for path, says := range map[string]string{"/records/Berth": "North quay", "/records/Berth/north": "12.5", "/records/Application/mine": `"north"`, "/records/Berth?where=depth%3E12": "North quay", "/records/Application?where=berth.depth%3E12": `"mine"`,
		"/records/Berth/north/history": "depth", "/export/Berth.csv": "12.5", "/kinds/Berth": "depth", "/search?q=quay": "north"} {
		if r := c.send("chief", "GET", path, ""); r.StatusCode != 200 || !strings.Contains(string(r.body), says) {
			t.Errorf("%s: %d, and does not say %q: %.300s", path, r.StatusCode, says, r.body)
		}
	}
}

// TestLinksOutOfSightHaveNoIDAndStay reads a record that links to a confidential one, and sends back what it read.
func TestLinksOutOfSightHaveNoIDAndStay(t *testing.T) {
	c := open(t, api.Options{})
	dark := &model.Host{}
	dark.Key, dark.Confidential = "dark", true
	c.Put(dark)
	app := &model.Application{RunsOn: []model.Ref{dark.Ref(), c.Store.Snapshot().Find("Host", "db-01").Base().Ref()}}
	app.Key, app.Owner = "linked", c.Store.Snapshot().Find("Person", "eva").Base().Ref()
	c.Put(app)
	for _, path := range []string{"/records/Application/linked", "/records/Application", "/export/Application.csv?columns=name,runs_on", "/export/Application.json?columns=name,runs_on", "/records/Application/linked/history"} {
		if r := c.send("eva", "GET", path, ""); r.StatusCode != 200 || strings.Contains(string(r.body), dark.ID.String()) {
			t.Errorf("%s: %d %s", path, r.StatusCode, r.body)
		}
	}
	if r := c.send("eva", "GET", "/records/Application/linked", ""); !strings.Contains(string(r.body), model.Unseen) {
		t.Errorf("the record does not say that a link is out of sight: %s", r.body)
	}
	for _, body := range []string{`{"name":"A","runs_on":["out of sight","db-01"]}`, `{"name":"B","runs_on":["db-01"]}`, `{"name":"C"}`} {
		if r := c.send("eva", "PATCH", "/records/Application/linked", body, "If-Match", "*", "Content-Type", "application/merge-patch+json"); r.StatusCode != 200 {
			t.Errorf("%s: %d %s", body, r.StatusCode, r.body)
		}
		if got := c.Store.Snapshot().Find("Application", "linked").(*model.Application); len(got.RunsOn) != 2 {
			t.Errorf("after %s it runs on %v", body, got.RunsOn)
		}
	}
}
