package hooks_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/access"
	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/hooks"
	"binnacle/model"
	"binnacle/outbound"
)

// receiver is a program that is told of changes.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	heads  []http.Header
	status int
	to     string
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusNoContent}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies, r.heads = append(r.bodies, string(body)), append(r.heads, q.Header)
		if r.to != "" {
			w.Header().Set("Location", r.to)
		}
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.Close)
	return r
}

// got returns what has come since the last call.
func (r *receiver) got() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := r.bodies
	r.bodies = nil
	return out
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// desk is a house with one webhook.
type desk struct {
	*doortest.World
	t      *testing.T
	hook   *model.Webhook
	sender *hooks.Sender
	key    []byte
}

func open(t *testing.T, url string, policy outbound.Policy, roles ...string) *desk {
	t.Helper()
	w := doortest.Open(t)
	w.House.Client = outbound.New(policy)
	w.First()
	reader := w.As("reader", "", roles...)
	hook := &model.Webhook{URL: url, Account: reader.Account.Ref()}
	hook.Key = "hook"
	w.Put(hook)
	d := &desk{World: w, t: t, hook: hook, sender: hooks.New(w.House)}
	secret, err := hooks.NewSecret(t.Context(), w.House, d.ada(), hook.Ref())
	if err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(secret, "whsec_")
	if d.key, err = base64.StdEncoding.DecodeString(text); err != nil || !ok || len(d.key) < 24 {
		t.Fatalf("%q is no key of Standard Webhooks: %v", secret, err)
	}
	d.sender.Once(t.Context())
	return d
}

// ada returns the administrator, who has just shown who she is.
func (d *desk) ada() *access.Principal {
	p := *d.Principal("ada")
	p.Session, p.Proved = "test", d.Now()
	return &p
}

func (d *desk) status() hooks.Status {
	d.t.Helper()
	s, err := hooks.StatusOf(d.t.Context(), d.House, d.ada(), d.hook.Ref())
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// app makes an application.
func (d *desk) app(key string, secret bool) {
	a := &model.Application{}
	a.Key, a.Confidential = key, secret
	d.Put(a)
}

// keys lists the keys of the records that messages tell of.
func keys(t *testing.T, bodies []string) []string {
	t.Helper()
	var out []string
	for _, b := range bodies {
		var m struct {
			Type string
			Data struct {
				Changes []struct{ Op, Kind, Key string }
			}
		}
		if err := json.Unmarshal([]byte(b), &m); err != nil || m.Type != "entry" {
			t.Fatalf("%s: %v", b, err)
		}
		for _, c := range m.Data.Changes {
			out = append(out, c.Op+" "+c.Kind+"/"+c.Key)
		}
	}
	return out
}

var here = outbound.Policy{Allow: []string{"127.0.0.1"}, Redirects: 5}

func TestWhatIsTold(t *testing.T) {
	r := newReceiver(t)
	d := open(t, r.URL, here, "engineer")
	if b := r.got(); len(b) != 0 {
		t.Fatalf("a new webhook is told of the past: %v", b)
	}
	d.app("shop", false)
	d.app("takeover", true)
	d.sender.Once(t.Context())
	bodies := r.got()
	if diff := cmp.Diff([]string{"create Application/shop"}, keys(t, bodies)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if strings.Contains(fmt.Sprint(bodies), "takeover") {
		t.Error("a confidential record is told")
	}
	h := r.heads[0]
	at, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || at != d.Now().Unix() {
		t.Errorf("the timestamp is %q", h.Get("webhook-timestamp"))
	}
	if want := hooks.Sign(d.key, h.Get("webhook-id"), time.Unix(at, 0), []byte(bodies[0])); h.Get("webhook-signature") != want || !strings.HasPrefix(want, "v1,") {
		t.Errorf("the signature is %q, want %q", h.Get("webhook-signature"), want)
	}
	d.sender.Once(t.Context())
	if b := r.got(); len(b) != 0 {
		t.Errorf("the same is told again: %v", b)
	}
	// What becomes confidential later is not told either, and neither is what the account may no longer see.
	snap := d.Store.Snapshot()
	shop := snap.Find("Application", "shop")
	hidden := model.Clone(shop.(*model.Application))
	hidden.Confidential, hidden.Description = true, "a secret reason"
	d.write(shop, hidden)
	d.sender.Once(t.Context())
	if b := r.got(); len(b) != 0 {
		t.Errorf("%v", b)
	}
	if s := d.status(); len(s.Deliveries) != 1 || s.Deliveries[0].Status != 204 || s.Behind != 0 || !s.HasSecret {
		t.Errorf("the status is %+v", s)
	}
}

func (d *desk) write(before, after model.Record) {
	d.t.Helper()
	change, _ := model.Difference(d.Store.Snapshot().Schema().Of(after), before, after)
	cio := d.As("cio", "", "cio", "administrator")
	if _, err := d.House.Write(d.t.Context(), cio, door.Moment{}, door.Tx{Why: "a test", Changes: []model.Change{change}}); err != nil {
		d.t.Fatal(err)
	}
}

// TestTheSignatureIsThatOfTheScheme compares with the example that the scheme is published with.
func TestTheSignatureIsThatOfTheScheme(t *testing.T) {
	key, err := base64.StdEncoding.DecodeString("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
	if err != nil {
		t.Fatal(err)
	}
	got := hooks.Sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", time.Unix(1614265330, 0), []byte(`{"test": 2432232314}`))
	if got != "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" {
		t.Error(got)
	}
}

func TestKinds(t *testing.T) {
	r := newReceiver(t)
	d := open(t, r.URL, here, "engineer")
	only := model.Clone(d.hook)
	d.write(d.Store.Snapshot().Find("Webhook", "hook"), func() model.Record {
		only = model.Clone(d.Store.Snapshot().Find("Webhook", "hook").(*model.Webhook))
		only.Kinds = []string{"Service"}
		return only
	}())
	s := &model.Service{}
	s.Key = "mail"
	d.app("shop", false)
	d.Put(s)
	d.sender.Once(t.Context())
	if diff := cmp.Diff([]string{"create Service/mail"}, keys(t, r.got())); diff != "" {
		t.Error(diff)
	}
}

func TestFailuresAreTriedAgain(t *testing.T) {
	r := newReceiver(t)
	d := open(t, r.URL, here, "engineer")
	r.answer(503)
	d.app("one", false)
	d.app("two", false)
	d.sender.Once(t.Context())
	if n := len(r.got()); n != 1 {
		t.Fatalf("%d messages, and the first failed", n)
	}
	d.sender.Once(t.Context())
	if n := len(r.got()); n != 0 {
		t.Errorf("it is tried again at once, %d times", n)
	}
	// A new process on the same vault goes on where the old one stopped.
	d.sender = hooks.New(d.House)
	d.Advance(11 * time.Second)
	d.sender.Once(t.Context())
	if s := d.status(); len(r.got()) != 1 || s.Failures != 2 || !s.Next.Equal(d.Now().Add(20*time.Second)) {
		t.Errorf("%+v", s)
	}
	r.answer(200)
	d.Advance(21 * time.Second)
	d.sender.Once(t.Context())
	if diff := cmp.Diff([]string{"create Application/one", "create Application/two"}, keys(t, r.got())); diff != "" {
		t.Error(diff)
	}
	if a, b := r.heads[0].Get("webhook-id"), r.heads[1].Get("webhook-id"); a != b {
		t.Errorf("the same message has the ids %s and %s", a, b)
	}
	// Days of failure pause it, and say so in the journal.
	r.answer(500)
	d.app("three", false)
	for range 40 {
		d.sender.Once(t.Context())
		d.Advance(6 * time.Hour)
	}
	w := d.Store.Snapshot().Find("Webhook", "hook").(*model.Webhook)
	if s := d.status(); !w.Paused || !strings.Contains(s.Note, "paused it") || len(s.Deliveries) > 50 {
		t.Errorf("paused %v after %d failures: %s", w.Paused, s.Failures, s.Note)
	}
	r.got()
	back := model.Clone(w)
	back.Paused = false
	d.write(w, back)
	r.answer(200)
	d.sender.Once(t.Context())
	// The reader sees webhooks too.
	if diff := cmp.Diff([]string{"create Application/three", "edit Webhook/hook", "edit Webhook/hook"}, keys(t, r.got())); diff != "" {
		t.Errorf("after it was switched on: %s", diff)
	}
}

func TestGoneIsGone(t *testing.T) {
	r := newReceiver(t)
	d := open(t, r.URL, here, "engineer")
	r.answer(410)
	d.app("one", false)
	d.sender.Once(t.Context())
	if !d.Store.Snapshot().Find("Webhook", "hook").(*model.Webhook).Paused {
		t.Error("410 does not pause it")
	}
}

// TestASVS15_3_2_RedirectsOfReceivers: none is followed, also where feeds may follow them.
func TestASVS15_3_2_RedirectsOfReceivers(t *testing.T) {
	inner, r := newReceiver(t), newReceiver(t)
	d := open(t, r.URL, here, "engineer")
	for _, status := range []int{301, 302, 307, 308} {
		r.answer(status)
		r.to = inner.URL
		d.app(fmt.Sprint("a", status), false)
		d.sender.Once(t.Context())
		d.Advance(time.Hour)
	}
	if n := len(inner.got()); n != 0 {
		t.Errorf("%d redirects were followed", n)
	}
	if s := d.status(); !strings.Contains(s.Note, "redirect") {
		t.Errorf("the note is %q", s.Note)
	}
}

// TestSSRFWebhooks is METHODS B5 "SSRF" for webhooks: inside is not reached, and the status is no oracle.
func TestSSRFWebhooks(t *testing.T) {
	r := newReceiver(t)
	for _, url := range []string{r.URL, strings.Replace(r.URL, "127.0.0.1", "localhost", 1), "http://169.254.169.254/latest", strings.Replace(r.URL, "127.0.0.1", "2130706433", 1), "http://127.0.0.1:1/"} {
		d := open(t, url, outbound.Policy{}, "engineer")
		d.app("one", false)
		d.sender.Once(t.Context())
		if s := d.status(); len(r.got()) != 0 || s.Note != "The address cannot be reached, or must not be." || s.Deliveries[0].Status != 0 {
			t.Errorf("%s: %+v", url, s)
		}
	}
}

// TestTheAccountDecides: who may not sign in any more is told nothing, and only who administers makes keys and looks at the state.
func TestTheAccountDecides(t *testing.T) {
	r := newReceiver(t)
	d := open(t, r.URL, here, "engineer")
	reader := d.Store.Snapshot().Find("Account", "reader").(*model.Account)
	off := model.Clone(reader)
	off.State = "disabled"
	d.write(reader, off)
	d.app("one", false)
	d.sender.Once(t.Context())
	if s := d.status(); len(r.got()) != 0 || !strings.Contains(s.Note, "may not sign in") {
		t.Errorf("%+v", s)
	}
	eve := d.As("eve", "", "engineer")
	if _, err := hooks.NewSecret(t.Context(), d.House, eve, d.hook.Ref()); err == nil {
		t.Error("eve makes a key")
	}
	if _, err := hooks.StatusOf(t.Context(), d.House, eve, d.hook.Ref()); err == nil {
		t.Error("eve looks at the state")
	}
	stale := d.ada()
	stale.Proved = d.Now().Add(-time.Hour)
	if _, err := hooks.NewSecret(t.Context(), d.House, stale, d.hook.Ref()); err == nil {
		t.Error("a key is made without showing who asks")
	}
}

// TestOneOfSeveralNodesSends: each message comes once, however many nodes look.
func TestOneOfSeveralNodesSends(t *testing.T) {
	r := newReceiver(t)
	d := open(t, r.URL, here, "engineer")
	nodes := []*hooks.Sender{hooks.New(d.House), hooks.New(d.House), hooks.New(d.House)}
	for i := range 5 {
		d.app(fmt.Sprint("app", i), false)
		var all sync.WaitGroup
		for _, n := range nodes {
			all.Go(func() { n.Once(t.Context()) })
		}
		all.Wait()
	}
	d.sender.Once(t.Context())
	if got := keys(t, r.got()); len(got) != 5 {
		t.Errorf("%d messages: %v", len(got), got)
	}
}

func TestRunFollowsTheJournal(t *testing.T) {
	r := newReceiver(t)
	d := open(t, r.URL, here, "engineer")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- hooks.Run(ctx, d.House) }()
	d.app("one", false)
	deadline := time.Now().Add(5 * time.Second)
	for len(r.got()) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("nothing was told")
		}
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
