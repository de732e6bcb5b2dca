package sign_test

import (
	"regexp"
	"strings"
	"testing"

	"binnacle/door/doortest"
	"binnacle/model"
)

// TestAReceiverAndItsSecret adds a receiver of delivery events on its page, shows its secret once, makes another and takes what waits.
func TestAReceiverAndItsSecret(t *testing.T) {
	w := doortest.Open(t)
	b := newBrowser(t, open(t, w))
	first(t, w, b)
	has(t, b.get("/admin/receivers"), "There is no receiver yet", "GitHub")
	secretIn := func(page string) string { return regexp.MustCompile(`whsec_[A-Za-z0-9+/=&#;]+`).FindString(page) }

	b.post("/admin/receivers", "name", "Shop", "provider", "nobody")
	b.want(422, "/admin/receivers")
	b.post("/admin/receivers", "name", "***", "provider", "github")
	b.want(422, "/admin/receivers")
	page := b.post("/admin/receivers", "name", "Shop", "provider", "github")
	b.want(200, "/admin/receivers")
	secret := secretIn(page)
	if secret == "" {
		t.Fatal("the page shows no secret")
	}
	has(t, page, "The secret of Shop", "/hooks/shop", "application/json", "No other secret holds.")
	if r, _ := w.Store.Snapshot().Find("EventReceiver", "shop").(*model.EventReceiver); r == nil || r.Provider != "github" {
		t.Fatalf("the receiver is %+v", r)
	}
	page = b.get("/admin/receivers")
	has(t, page, "Active", "nothing")
	if strings.Contains(page, "whsec_") {
		t.Error("the secret is shown twice")
	}
	page = b.post("/admin/receivers/shop/secret")
	if next := secretIn(page); next == "" || next == secret {
		t.Error("a new secret is not shown, or is the old one")
	}
	has(t, page, "The secret before it holds too")
	has(t, b.post("/admin/receivers/shop/secret", "only", "1"), "No other secret holds.")
	has(t, b.post("/admin/receivers/take"), "No message waited.")
	b.post("/admin/receivers/nothing/secret")
	b.want(404, "/admin/receivers/nothing/secret")
}
