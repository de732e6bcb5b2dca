package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"binnacle/api"
	"binnacle/door/doortest"
	"binnacle/model"
)

// company is a small estate behind the API: an open application of eva's, one of
// somebody else, one that is confidential, and people with tokens of every sort.
type company struct {
	*doortest.World
	t      testing.TB
	server *httptest.Server
	tokens map[string]string
}

func open(t testing.TB, opt api.Options) *company {
	t.Helper()
	w := doortest.Open(t)
	eva, max, team := &model.Person{}, &model.Person{}, &model.Team{}
	eva.Key, max.Key, team.Key = "eva", "max", "platform"
	w.Put(eva, max, team)
	mine, other, secret := &model.Application{}, &model.Application{}, &model.Application{}
	mine.Key, other.Key, secret.Key = "mine", "other", "secret"
	mine.Owner, secret.Confidential, secret.Name = eva.Ref(), true, "Project Nightfall"
	host := &model.Host{}
	host.Key = "db-01"
	w.Put(host)
	other.RunsOn = []model.Ref{host.Ref()}
	w.Put(mine, other, secret)
	c := &company{World: w, t: t, tokens: map[string]string{}}
	for _, a := range []struct {
		name, person, role string
		scope              model.TokenScope
	}{
		{"reader", "", "cio", "read"}, {"writer", "", "cio", "write"}, {"chief", "max", "cio", "approve"}, {"eva", "eva", "engineer", "approve"}, {"joe", "", "employee", "write"}, {"scim", "", "administrator", "provision"},
	} {
		c.tokens[a.name] = c.token(a.name, a.person, a.role, a.scope, 24*time.Hour)
	}
	c.tokens["expired"] = c.token("expired", "", "cio", "approve", time.Minute)
	w.Advance(2 * time.Minute)
	c.tokens["revoked"] = c.token("revoked", "", "cio", "approve", time.Hour)
	p := *w.Principal("revoked")
	for rec := range w.Store.View().All("AccessToken") {
		if rec.(*model.AccessToken).Account == p.Account.Ref() {
			if err := w.Access.RevokeToken(t.Context(), &p, rec.Base().Ref()); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.server = httptest.NewServer(api.Handler(w.House, opt))
	t.Cleanup(c.server.Close)
	return c
}

func (c *company) token(name, person, role string, scope model.TokenScope, life time.Duration) string {
	c.t.Helper()
	p := *c.As(name, person, role)
	p.Proved, p.Session = c.Now(), "test"
	secret, err := c.Access.NewToken(c.t.Context(), &p, name, scope, c.Now().Add(life))
	if err != nil {
		c.t.Fatal(err)
	}
	return secret
}

// reply is an answer with its body.
type reply struct {
	*http.Response
	body []byte
}

// field returns a member of the answer by its path, such as record.name or errors.0.pointer.
func (r reply) field(path string) any {
	var v any
	if json.Unmarshal(r.body, &v) != nil {
		return nil
	}
	for name := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}

// send sends a request as somebody. Headers follow as name, value.
func (c *company) send(who, method, path, body string, headers ...string) reply {
	c.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.server.URL+api.Prefix+path, in)
	if err != nil {
		c.t.Fatal(err)
	}
	if who != "" {
		req.Header.Set("Authorization", "Bearer "+c.tokens[who])
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply{resp, bytes.TrimSpace(raw)}
}

// want sends a request and wants a status.
func (c *company) want(status int, who, method, path, body string, headers ...string) reply {
	c.t.Helper()
	r := c.send(who, method, path, body, headers...)
	if r.StatusCode != status {
		c.t.Fatalf("%s %s as %s: %d and not %d: %s", method, path, who, r.StatusCode, status, r.body)
	}
	return r
}

func TestARecordFromBirthToEnd(t *testing.T) {
	c := open(t, api.Options{})
	made := c.want(201, "writer", "POST", "/records/applications?why=A+new+shop", `{"key":"shop","name":"Web <shop>","criticality":"high","runs_on":["db-01"]}`)
	if got := made.Header.Get("Location"); got != "/api/v1/records/Application/shop" {
		t.Errorf("Location is %q", got)
	}
	if made.field("record.name") != "Web <shop>" || made.field("entry") == nil {
		t.Errorf("the answer is %s", made.body)
	}
	got := c.want(200, "reader", "GET", "/records/Application/shop", "")
	etag := got.Header.Get("ETag")
	if !strings.HasPrefix(etag, `"v1`) {
		t.Errorf("the ETag is %q", etag)
	}
	c.want(304, "reader", "GET", "/records/Application/shop", "", "If-None-Match", etag)
	edited := c.want(200, "writer", "PATCH", "/records/Application/shop", `{"criticality":"critical","name":null}`, "If-Match", etag)
	if edited.field("record.criticality") != "critical" || edited.field("record.name") != nil {
		t.Errorf("the answer is %s", edited.body)
	}
	c.want(200, "reader", "GET", "/records/Application/shop", "", "If-None-Match", etag)
	c.want(200, "writer", "PUT", "/records/Application/shop", `{"key":"shop","description":"All else is gone"}`, "If-Match", edited.Header.Get("ETag"))
	if r := c.want(200, "reader", "GET", "/records/Application/shop", ""); r.field("criticality") != nil || r.field("runs_on") != nil {
		t.Errorf("a replaced record keeps what it was not given: %s", r.body)
	}
	if r := c.want(200, "reader", "GET", "/records/Application/shop/history", ""); len(r.field("entries").([]any)) != 3 {
		t.Errorf("the history is %s", r.body)
	}
	c.want(403, "writer", "DELETE", "/records/Application/shop", "", "If-Match", "*")
	c.want(200, "chief", "DELETE", "/records/Application/shop", "", "If-Match", `"v3"`)
	c.want(404, "reader", "GET", "/records/Application/shop", "")
	if r := c.want(200, "reader", "GET", "/records/Application/shop/history", ""); len(r.field("entries").([]any)) != 4 {
		t.Errorf("the history of what is deleted is %s", r.body)
	}
	if r := c.want(200, "reader", "GET", "/records/Application/shop?as_of="+fmt.Sprint(made.field("entry")), ""); r.field("criticality") != "high" {
		t.Errorf("the past is %s", r.body)
	}
}

func TestVersionsProtectWhatOthersChanged(t *testing.T) {
	c := open(t, api.Options{})
	c.want(428, "writer", "PATCH", "/records/Application/mine", `{"name":"A"}`)
	c.want(428, "writer", "PUT", "/records/Application/mine", `{"key":"mine"}`)
	c.want(428, "chief", "DELETE", "/records/Application/mine", "")
	c.want(200, "writer", "PATCH", "/records/Application/mine", `{"name":"Theirs"}`, "If-Match", `"v1"`)
	r := c.want(412, "writer", "PATCH", "/records/Application/mine", `{"name":"Yours"}`, "If-Match", `"v1"`)
	if r.field("conflict.fields.0.theirs") != "Theirs" || r.field("conflict.fields.0.yours") != "Yours" || r.field("conflict.fields.0.clash") != true {
		t.Errorf("the three sides are %s", r.body)
	}
	c.want(412, "writer", "PATCH", "/records/Application/mine", `{"description":"Elsewhere"}`, "If-Match", `"v1"`)
	r = c.want(409, "writer", "PATCH", "/records/Application/mine?version=1", `{"name":"Yours"}`)
	if r.field("conflict.seen") != 1.0 || r.field("conflict.now") != 2.0 {
		t.Errorf("the conflict is %s", r.body)
	}
	c.want(409, "writer", "PATCH", "/records/Application/mine?version=1", `{"description":"Another field"}`)
	c.want(200, "writer", "PATCH", "/records/Application/mine?version=2", `{"description":"Another field"}`)
	c.want(412, "writer", "PATCH", "/records/Application/mine", `{"name":"A"}`, "If-Match", `"v99"`)
	c.want(400, "writer", "PATCH", "/records/Application/mine", `{"name":"A"}`, "If-Match", `seven`)
	c.want(412, "writer", "PUT", "/records/Application/mine", `{"key":"mine"}`, "If-None-Match", `*`)
	c.want(201, "writer", "PUT", "/records/Application/fresh", `{"name":"Fresh"}`, "If-None-Match", `*`)
	c.want(412, "chief", "DELETE", "/records/Application/mine", "", "If-Match", `"v1"`)
}

func TestProblemsSayWhereAndWhatToDo(t *testing.T) {
	c := open(t, api.Options{MaxBody: 10_000})
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	for _, test := range []struct {
		what, method, path, body string
		status                   int
		field                    string
		want                     any
	}{
		{"an unknown kind", "GET", "/records/Nothing", "", 404, "type", "urn:binnacle:problem:not-found"},
		{"an unknown field", "POST", "/records/Host", `{"key":"a","colour":"red"}`, 422, "errors.0.pointer", "/colour"},
		{"a field that people do not set", "POST", "/records/Host", `{"key":"a","origin":"me"}`, 422, "errors.0.pointer", "/origin"},
		{"a value that is not right", "POST", "/records/Application", `{"key":"a","criticality":"very"}`, 422, "errors.0.pointer", "/criticality"},
		{"a link to nothing", "POST", "/records/Application", `{"key":"a","runs_on":["none"]}`, 422, "errors.0.field", "runs_on"},
		{"a record without a key", "POST", "/records/Host", `{"name":"a"}`, 422, "errors.0.pointer", "/key"},
		{"a key that is taken", "POST", "/records/Host", `{"key":"db-01"}`, 422, "errors.0.pointer", "/key"},
		{"another kind", "POST", "/records/Host", `{"kind":"Vendor","key":"a"}`, 422, "errors.0.pointer", "/kind"},
		{"a name twice", "POST", "/records/Host", `{"key":"a","key":"b"}`, 400, "status", 400.0},
		{"a list", "POST", "/records/Host", `[]`, 400, "status", 400.0},
		{"too deep", "POST", "/records/Host", deep, 400, "status", 400.0},
		{"too long", "POST", "/records/Host", `{"key":"` + strings.Repeat("a", 20_000) + `"}`, 413, "status", 413.0},
		{"an unknown parameter", "GET", "/records/Host?colour=red", "", 400, "errors.0.parameter", "colour"},
		{"a parameter twice", "GET", "/records/Host?limit=1&limit=2", "", 400, "errors.0.parameter", "limit"},
		{"a limit that is too large", "GET", "/records/Host?limit=5000", "", 400, "errors.0.parameter", "limit"},
		{"a condition that is none", "GET", "/records/Host?where=colour", "", 400, "errors.0.parameter", "where"},
		{"a sort by nothing", "GET", "/records/Host?sort=colour", "", 400, "errors.0.parameter", "sort"},
		{"a cursor of another list", "GET", "/records/Host?after=abc", "", 400, "errors.0.parameter", "after"},
		{"a moment that is none", "GET", "/records/Host?as_of=yesterday", "", 400, "errors.0.parameter", "as_of"},
		{"an entry that is none", "GET", "/records/Host?as_of=99999", "", 400, "errors.0.parameter", "as_of"},
		{"a scenario that is none", "GET", "/records/Host?scenario=none", "", 400, "errors.0.parameter", "scenario"},
		{"writing the past", "POST", "/records/Host?as_of=1", `{"key":"a"}`, 400, "errors.0.parameter", "as_of"},
		{"an unknown question", "GET", "/questions/none.such", "", 404, "status", 404.0},
		{"an unknown parameter of a question", "GET", "/questions/lifecycle.exposure?colour=red", "", 400, "errors.0.parameter", "colour"},
		{"an unknown member", "POST", "/bulk", `{"operations":[{"op":"create","kind":"Host","key":"a","colour":1}]}`, 422, "errors.0.pointer", "/operations/0/colour"},
		{"an operation that is none", "POST", "/bulk", `{"operations":[{"op":"melt","kind":"Host","key":"a"}]}`, 422, "errors.0.pointer", "/operations/0/op"},
		{"a wrong value in one of many", "POST", "/bulk", `{"operations":[{"op":"create","kind":"Host","key":"a"},{"op":"create","kind":"Host","key":"b","set":{"cpus":"many"}}]}`, 422, "errors.0.pointer", "/operations/1/set/cpus"},
		{"an address that is none", "GET", "/nothing", "", 404, "type", "urn:binnacle:problem:not-found"},
		{"an entry that is not there", "GET", "/history/99999", "", 404, "status", 404.0},
	} {
		t.Run(test.what, func(t *testing.T) {
			c.t = t
			r := c.want(test.status, "writer", test.method, test.path, test.body)
			if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("the type is %q", got)
			}
			if got := r.field(test.field); got != test.want {
				t.Errorf("%s is %v and not %v: %s", test.field, got, test.want, r.body)
			}
			if r.field("title") == nil || r.field("status") != float64(test.status) {
				t.Errorf("not a whole problem: %s", r.body)
			}
		})
	}
	c.t = t
	r := c.want(405, "writer", "PUT", "/records/Host", `{}`)
	if got := r.Header.Get("Allow"); got != "GET, HEAD, POST" {
		t.Errorf("Allow is %q", got)
	}
	c.want(415, "writer", "POST", "/records/Host", `a=b`, "Content-Type", "application/x-www-form-urlencoded")
	if r := c.want(200, "writer", "HEAD", "/records/Host/db-01", ""); len(r.body) != 0 || r.Header.Get("ETag") == "" {
		t.Errorf("HEAD answers %q with %v", r.body, r.Header)
	}
}
