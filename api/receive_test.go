package api_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"binnacle/api"
	"binnacle/door/doortest"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

// told is a world with a receiver, and what sends messages to it.
type told struct {
	*doortest.World
	t      *testing.T
	secret string
	server *httptest.Server
}

func receiving(t *testing.T) *told {
	w := doortest.Open(t)
	shop := &model.Repository{FullName: "Acme/Shop", IncidentLabels: []string{"outage"}}
	shop.Key = "shop"
	all, one := &model.EventReceiver{Provider: "github"}, &model.EventReceiver{Provider: "github"}
	all.Key, one.Key = "github", "shop-only"
	w.Put(shop)
	one.Repositories = []model.Ref{shop.Ref()}
	w.Put(all, one)
	s := &told{World: w, t: t}
	admin := *w.As("boss", "", "administrator")
	admin.Proved, admin.Session = w.Now(), "test"
	for _, r := range []*model.EventReceiver{one, all} {
		var err error
		if s.secret, err = w.NewReceiverSecret(t.Context(), &admin, r.Ref(), false); err != nil {
			t.Fatal(err)
		}
	}
	s.server = httptest.NewServer(api.Receivers(w.House, api.Options{}))
	t.Cleanup(s.server.Close)
	return s
}

// post sends a message of GitHub and returns the status and the answer.
func (s *told) post(key, event, id, body, secret string) (int, string) {
	s.t.Helper()
	r, _ := http.NewRequestWithContext(s.t.Context(), "POST", s.server.URL+"/hooks/"+key, strings.NewReader(body))
	sum := hmac.New(sha256.New, []byte(secret))
	sum.Write([]byte(body))
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum.Sum(nil)))
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", id)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var out bytes.Buffer
	out.ReadFrom(res.Body)
	return res.StatusCode, out.String()
}

const deployed = `{"action":"created","deployment_status":{"state":"success","environment":"production","created_at":"2027-06-30T10:05:00Z"},
 "deployment":{"id":41,"sha":"0123456789abcdef0123456789abcdef01234567","ref":"main","environment":"production","created_at":"2027-06-30T10:00:00Z"},
 "repository":{"full_name":"acme/till","html_url":"https://github.com/acme/till","default_branch":"main","node_id":"R_1"},"sender":{"login":"kim","id":7}}`

func TestMessagesAreTaken(t *testing.T) {
	s := receiving(t)
	for _, step := range []struct {
		key, event, id, body, secret string
		status                       int
		says                         string
	}{
		{"github", "deployment_status", "d1", deployed, "a wrong secret of somebody", 401, "not signed"},
		{"nobody", "deployment_status", "d1", deployed, s.secret, 401, "not signed"},
		{"shop-only", "deployment_status", "d1", deployed, s.secret, 401, "not signed"},
		{"github", "deployment_status", "d1", deployed, s.secret, 202, `"events":1`},
		{"github", "deployment_status", "d1", deployed, s.secret, 200, "already taken"},
		{"github", "deployment_status", "d2", deployed, s.secret, 200, "already taken"},
		{"github", "ping", "d3", `{"zen":"Keep it simple.","hook_id":1}`, s.secret, 200, "ignored"},
		{"github", "star", "d4", `{"repository":{"full_name":"acme/till"}}`, s.secret, 200, "not about the delivery"},
		{"github", "push", "d5", "{\n \"ref\": }", s.secret, 400, "line 2, column"},
	} {
		status, body := s.post(step.key, step.event, step.id, step.body, step.secret)
		if status != step.status || !strings.Contains(body, step.says) {
			t.Errorf("%s %s %s: %d %s", step.key, step.event, step.id, status, body)
		}
	}
	boss := *s.Principal("boss")
	taken, err := s.TakeEvents(t.Context(), &boss)
	if err != nil || len(taken) != 1 || taken[0].Events != 1 || len(taken[0].Repositories) != 1 {
		t.Fatalf("taken %+v, %v", taken, err)
	}
	v := s.Store.View()
	till, _ := v.Find("Repository", taken[0].Repositories[0]).(*model.Repository)
	if till == nil || till.FullName != "acme/till" || till.URL != "https://github.com/acme/till" || till.Provider != "github" || till.DefaultBranch != "main" {
		t.Errorf("the repository is %+v", till)
	}
	load, _ := v.Find("Load", taken[0].Load).(*model.Load)
	if load == nil || load.Series != "delivery" || load.Lines != 1 || load.SourceKey != "github" || load.State != model.LoadCounts {
		t.Fatalf("the load is %+v", load)
	}
	roll, err := s.Bulk.Rollup(t.Context(), load.ID)
	if err != nil {
		t.Fatal(err)
	}
	for line, err := range s.Bulk.Lines(t.Context(), load.ID, nil) {
		got := strings.Join(roll.Items[line.Item], "|")
		if err != nil || got != "deployment||acme/till|main|production|success|" || line.End-line.Start != 300 || line.Values[0].String() != "41" {
			t.Errorf("%s %+v %v", got, line, err)
		}
	}
	if again, err := s.TakeEvents(t.Context(), &boss); err != nil || len(again) != 0 {
		t.Errorf("taken again: %+v, %v", again, err)
	}
	// What comes later counts beside what is there.
	if status, body := s.post("github", "deployment_status", "d6", strings.Replace(deployed, `"id":41`, `"id":42`, 1), s.secret); status != 202 {
		t.Error(status, body)
	}
	if _, err := s.TakeEvents(t.Context(), &boss); err != nil {
		t.Fatal(err)
	}
	n := 0
	for l := range estate.Each[*model.Load](s.Store.View()) {
		if l.State == model.LoadCounts {
			n += l.Lines
		}
	}
	if n != 2 {
		t.Errorf("%d lines count", n)
	}
}

func TestReceiversPauseAndRotate(t *testing.T) {
	s := receiving(t)
	admin := *s.Principal("boss")
	admin.Proved, admin.Session = s.Now(), "test"
	ref := s.Store.View().Find("EventReceiver", "github").Base().Ref()
	first := s.secret
	second, err := s.NewReceiverSecret(t.Context(), &admin, ref, false)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []int{200, 200} {
		if status, body := s.post("github", "ping", "p", `{"zen":"a","hook_id":1}`, []string{first, second}[n]); status != want {
			t.Errorf("secret %d: %d %s", n+1, status, body)
		}
	}
	if _, err := s.NewReceiverSecret(t.Context(), &admin, ref, false); err != nil {
		t.Fatal(err)
	}
	if status, _ := s.post("github", "ping", "p", `{"zen":"a","hook_id":1}`, first); status != 401 {
		t.Errorf("the first secret of three still holds: %d", status)
	}
	before := s.Store.View().Get(ref).(*model.EventReceiver)
	paused := model.Clone(before)
	paused.Paused = true
	change, _ := model.Difference(s.Store.Snapshot().Schema().Of(before), before, paused)
	if _, err := s.Store.Commit(t.Context(), store.Tx{Who: "test", Why: "Pause", Source: model.PersonSource, Changes: []model.Change{change}}); err != nil {
		t.Fatal(err)
	}
	if status, _ := s.post("github", "ping", "p", `{"zen":"a","hook_id":1}`, second); status != 503 {
		t.Errorf("a paused receiver answers %d", status)
	}
	if status, _ := s.post("github", "ping", "p", `{"zen":"a","hook_id":1}`, first); status != 401 {
		t.Errorf("a paused receiver tells strangers that it is there: %d", status)
	}
	if _, err := s.NewReceiverSecret(t.Context(), s.As("eve", "", "engineer"), ref, false); err == nil {
		t.Error("an engineer made a secret")
	}
}
