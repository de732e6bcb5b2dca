package access

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/model"
)

var update = flag.Bool("update", false, "write the golden files")

func TestTokensAreHashedScopedAndExpire(t *testing.T) {
	w := openWorld(t)
	p := w.in("ada")
	for _, c := range []struct {
		name, label string
		scope       model.TokenScope
		life        time.Duration
		good        bool
	}{
		{"read for a day", "nightly", "read", 24 * time.Hour, true},
		{"a year", "yearly", "approve", LongestToken, true},
		{"more than a year", "long", "read", LongestToken + time.Hour, false},
		{"over before it begins", "past", "read", -time.Hour, false},
		{"without a name", " ", "read", time.Hour, false},
		{"an unknown scope", "odd", "everything", time.Hour, false},
		{"without a scope", "odd", "", time.Hour, false},
		{"to provision", "scim", "provision", time.Hour, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			secret, err := w.NewToken(w.ctx(), p, c.label, c.scope, w.now.Add(c.life))
			if (err == nil) != c.good {
				t.Fatalf("NewToken: %v", err)
			}
			if !c.good {
				return
			}
			q, err := w.Token(w.ctx(), secret)
			must(t, err)
			if q.Scope != c.scope || q.Account.Key != "ada" || q.Administers() || q.Session != "" {
				t.Errorf("the principal of the token: scope %q, account %s, administers %v", q.Scope, q.Account.Key, q.Administers())
			}
			if _, err := w.Session(w.ctx(), secret); !errors.Is(err, ErrSignedOut) {
				t.Errorf("the token as a session: %v", err)
			}
		})
	}
	items, err := w.vault.List(w.ctx(), tokenBucket, "", "", 0)
	must(t, err)
	for _, i := range items {
		if strings.Contains(i.Key+string(i.Value), tokenPrefix) {
			t.Error("the vault holds a token as it is")
		}
	}
	secret, err := w.NewToken(w.ctx(), p, "short", "read", w.now.Add(time.Hour))
	must(t, err)
	for _, wrong := range []string{"", "bnc_", secret + "x", strings.ToUpper(secret), secret[4:], strings.Repeat("bnc_", 100)} {
		if _, err := w.Token(w.ctx(), wrong); !errors.Is(err, ErrSignedOut) {
			t.Errorf("the token %q: %v", wrong, err)
		}
	}
	w.now = w.now.Add(time.Hour)
	if _, err := w.Token(w.ctx(), secret); !errors.Is(err, ErrSignedOut) {
		t.Errorf("after its end: %v", err)
	}
}

func TestAnEditedRecordDoesNotStrengthenAToken(t *testing.T) {
	w := openWorld(t)
	w.person("bea", "employee")
	bea := w.in("bea")
	secret, err := w.NewToken(w.ctx(), bea, "nightly", "read", w.now.Add(time.Hour))
	must(t, err)
	q, err := w.Token(w.ctx(), secret)
	must(t, err)
	var token model.Ref
	for _, e := range w.entries() {
		for _, c := range e.Changes {
			if c.Kind == "AccessToken" {
				token = model.Ref(c.ID)
			}
		}
	}
	edit := func(change func(*model.AccessToken)) {
		must(t, amend(w.ctx(), w.Service, token, "ada", "Edit", model.PersonSource, change))
	}
	edit(func(a *model.AccessToken) { a.Scope = "approve" })
	if _, err := w.Token(w.ctx(), secret); !errors.Is(err, ErrSignedOut) {
		t.Errorf("with a larger scope: %v", err)
	}
	edit(func(a *model.AccessToken) { a.Scope, a.Expires = "read", model.TimeOf(w.now.Add(99*time.Hour)) })
	_, err = w.Token(w.ctx(), secret)
	must(t, err)
	must(t, w.RevokeToken(w.ctx(), bea, token))
	edit(func(a *model.AccessToken) { a.Revoked = false })
	if _, err := w.Token(w.ctx(), secret); !errors.Is(err, ErrSignedOut) {
		t.Errorf("revoked and brought back by an edit: %v", err)
	}
	carl := w.person("carl")
	var denied *Denied
	if err := w.RevokeToken(w.ctx(), w.in("carl"), token); !errors.As(err, &denied) {
		t.Errorf("%s revokes the token of somebody else: %v", carl.Key, err)
	}
	if err := w.RevokeToken(w.ctx(), q, token); !errors.As(err, &denied) {
		t.Errorf("a token revokes itself: %v", err)
	}
	if _, err := w.NewToken(w.ctx(), bea, "scim", "provision", w.now.Add(time.Hour)); !errors.As(err, &denied) {
		t.Errorf("somebody who does not administer makes a token that provisions: %v", err)
	}
}

func TestATokenThatProvisionsEndsWithTheRole(t *testing.T) {
	w := openWorld(t)
	admin := w.store.Snapshot().Find("Role", "administrator").Base().Ref()
	w.person("bea", "administrator")
	secret, err := w.NewToken(w.ctx(), w.in("bea"), "scim", "provision", w.now.Add(time.Hour))
	must(t, err)
	_, err = w.Token(w.ctx(), secret)
	must(t, err)
	w.edit("bea", func(a *model.Account) { a.Roles = nil })
	if _, err := w.Token(w.ctx(), secret); !errors.Is(err, ErrSignedOut) {
		t.Errorf("without the role %s: %v", admin, err)
	}
}

func TestV6_8_1_NobodyBecomesSomebodyElseThroughAProvider(t *testing.T) {
	w := openWorld(t)
	for key, issuer := range map[string]string{"one": "https://one.example.com", "two": "https://two.example.com"} {
		p := &model.IdentityProvider{Issuer: issuer, ClientID: "binnacle", Creates: true}
		p.Key = key
		must(t, w.create(w.ctx(), "ada", "Prepare", model.PersonSource, p))
	}
	w.edit("ada", func(a *model.Account) { a.Email = "ada@example.com" })
	ada := w.account("ada").Ref()
	provider := func(key string) *model.IdentityProvider {
		return w.store.Snapshot().Find("IdentityProvider", key).(*model.IdentityProvider)
	}
	seen := map[model.Ref]string{ada: "the local account"}
	for _, e := range []struct {
		name string
		ext  External
	}{
		{"the same name and address", External{Provider: provider("one"), Subject: "s1", UserName: "ada", Email: "ada@example.com", EmailVerified: true, FullName: "Ada Day"}},
		{"the same subject at another provider", External{Provider: provider("two"), Subject: "s1", UserName: "ada", Email: "ada@example.com", EmailVerified: true}},
		{"another subject at the same provider", External{Provider: provider("one"), Subject: "s2", UserName: "ada"}},
		{"a subject in capitals", External{Provider: provider("one"), Subject: "S1", UserName: "ada"}},
	} {
		ref, err := w.EnsureExternal(w.ctx(), e.ext)
		must(t, err)
		if other := seen[ref]; other != "" {
			t.Errorf("%s comes in as %s", e.name, other)
		}
		seen[ref] = e.name
		again, err := w.EnsureExternal(w.ctx(), e.ext)
		must(t, err)
		if again != ref {
			t.Errorf("%s comes in as two accounts", e.name)
		}
		a := w.store.Snapshot().Get(ref).(*model.Account)
		if _, ok := w.store.Snapshot().Get(a.Person).(*model.Person); !ok {
			t.Errorf("%s has no person, so that nothing could be its own", e.name)
		}
		if _, err := w.SignIn(w.ctx(), Attempt{UserName: a.UserName, Password: "", From: "203.0.113.1"}); !errors.Is(err, ErrSignIn) {
			t.Errorf("an account of a provider and an empty password: %v", err)
		}
		w.forgive(w.ctx(), "source/203.0.113.1")
		if _, _, err := w.Invite(w.ctx(), w.in("ada"), ref); err == nil {
			t.Error("an account of a provider gets a link for a password")
		}
	}
	if _, err := w.EnsureExternal(w.ctx(), External{Provider: provider("one")}); err == nil {
		t.Error("somebody without a subject comes in")
	}
}

func TestPermissionMatrix(t *testing.T) {
	got := Matrix(model.Builtin(), DeliveredRoles())
	file := filepath.Join("testdata", "matrix.txt")
	if *update {
		must(t, os.MkdirAll("testdata", 0o755))
		must(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("what roles may do has changed. Read the difference, and if it is meant run go test ./access -update:\n%s", diff)
	}
}
