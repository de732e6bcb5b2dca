package sign_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"binnacle/access"
	"binnacle/door/doortest"
	"binnacle/model"
)

// TestAWebhookFromItsFirstDayToItsLast makes a webhook on its page, shows its key once, changes it, pauses it and deletes it.
func TestAWebhookFromItsFirstDayToItsLast(t *testing.T) {
	w := doortest.Open(t)
	b := newBrowser(t, open(t, w))
	first(t, w, b)
	page := b.post("/admin/webhooks", "name", "Chat", "url", "not an address", "account", "ada")
	b.want(422, "/admin/webhooks")
	has(t, page, "Nothing was changed", `value="not an address"`)
	b.post("/admin/webhooks", "url", "https://chat.example/changes", "account", "ada", "kinds", "Nonsense")
	b.want(400, "/admin/webhooks")
	page = b.post("/admin/webhooks", "name", "Chat", "url", "https://chat.example/changes", "account", "ada", "kinds", "Application", "kinds", "Contract")
	b.want(200, "/admin/webhooks")
	secret := regexp.MustCompile(`whsec_[A-Za-z0-9+/=&#;]+`).FindString(page)
	if secret == "" {
		t.Fatal("the page shows no key")
	}
	hook := func() *model.Webhook {
		h, _ := w.Store.Snapshot().Find("Webhook", "chat.example").(*model.Webhook)
		return h
	}
	if h := hook(); h == nil || strings.Join(h.Kinds, " ") != "Application Contract" || h.Account != w.Principal("ada").Account.Ref() {
		t.Fatalf("the webhook is %+v", h)
	}
	page = b.get("/admin/webhooks/chat.example")
	has(t, page, "Nothing was sent yet", "kept", "Active")
	if strings.Contains(page, "whsec_") {
		t.Error("the key is shown twice")
	}
	has(t, b.get("/admin/webhooks"), "Chat", "https://chat.example/changes", "nothing sent yet")
	b.post("/admin/webhooks/chat.example", "name", "Chat room", "url", "https://chat.example/other", "account", "ada")
	b.want(200, "/admin/webhooks/chat.example")
	if h := hook(); h.URL != "https://chat.example/other" || len(h.Kinds) != 0 {
		t.Errorf("the webhook is %+v", h)
	}
	has(t, b.post("/admin/webhooks/chat.example/pause"), "Paused", "Resume")
	if !hook().Paused {
		t.Error("it is not paused")
	}
	has(t, b.post("/admin/webhooks/chat.example/resume"), "Active")
	if page := b.post("/admin/webhooks/chat.example/secret"); !strings.Contains(page, "whsec_") || strings.Contains(page, secret) {
		t.Error("a new key is not shown, or is the old one")
	}
	b.post("/admin/webhooks/chat.example/nonsense")
	b.want(404, "/admin/webhooks/chat.example/nonsense")
	b.post("/admin/webhooks/chat.example/delete")
	b.want(200, "/admin/webhooks")
	if hook() != nil {
		t.Error("it is there still")
	}
	w.Advance(11 * time.Minute)
	b.post("/admin/webhooks", "url", "https://chat.example/changes", "account", "ada")
	b.want(200, "/me/confirm")
}

// TestNobodyElseManagesWebhooks asks every address of webhooks as somebody who does not administer.
func TestNobodyElseManagesWebhooks(t *testing.T) {
	w := doortest.Open(t)
	server := open(t, w)
	ada := newBrowser(t, server)
	first(t, w, ada)
	ada.post("/admin/webhooks", "url", "https://chat.example/changes", "account", "ada")
	link := inviteLink(t, ada, "bea", "cio")
	bea := newBrowser(t, server)
	bea.post("/sign-in/link", "code", codeOf(t, link), "password", doortest.Password)
	bea.signIn("bea", doortest.Password)
	for _, path := range []string{"/admin/webhooks", "/admin/webhooks/chat.example"} {
		bea.get(path)
		bea.want(403, path)
	}
	for _, path := range []string{"/admin/webhooks", "/admin/webhooks/chat.example", "/admin/webhooks/chat.example/secret", "/admin/webhooks/chat.example/pause", "/admin/webhooks/chat.example/delete"} {
		bea.post(path, "url", "https://other.example/", "account", "ada")
		bea.want(403, path)
	}
}

// TestTheDemoLoadsFromTheFirstPages loads the demo as the form of the first pages does.
func TestTheDemoLoadsFromTheFirstPages(t *testing.T) {
	w := doortest.Open(t)
	b := newBrowser(t, open(t, w))
	first(t, w, b)
	b.post("/first/demo")
	if !strings.HasPrefix(b.at, "/") || b.status == 422 || b.status == 403 {
		t.Fatalf("%d at %s", b.status, b.at)
	}
	snap, demo := w.Store.Snapshot(), doortest.Demo(t).Store.Snapshot()
	for _, k := range demo.Schema().Kinds() {
		if got, want := snap.View(0).Count(k.Name), demo.View(0).Count(k.Name); k.Group != access.AccessGroup && k.Name != "Person" && k.Name != "Source" && got != want {
			t.Errorf("%s: %d records, and the demo has %d", k.Name, got, want)
		}
	}
}

// TestANewAccountHasAPerson makes an account without a person, who is made with it, so that something can be its own.
func TestANewAccountHasAPerson(t *testing.T) {
	w := doortest.Open(t)
	b := newBrowser(t, open(t, w))
	first(t, w, b)
	inviteLink(t, b, "bea", "engineer")
	p := w.Principal("bea")
	if p.Person() == nil || p.Person().FullName != "bea" || p.Owner().IsZero() {
		t.Errorf("the person behind the account is %v", p.Person())
	}
}
