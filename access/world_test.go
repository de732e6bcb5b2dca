package access

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"binnacle/journal"
	"binnacle/journal/sqlite"
	"binnacle/model"
	"binnacle/store"
	vaultsqlite "binnacle/vault/sqlite"
)

const testPassword = "a compass for the steering"

// delivered is the cost of hashes outside of tests.
var delivered = today

func TestMain(m *testing.M) {
	// The tests make hundreds of hashes.
	today = cost{passes: 1, memory: 256, threads: 1}
	os.Exit(m.Run())
}

// world is a service with a clock that stands still.
type world struct {
	*Service
	t   *testing.T
	now time.Time
}

func openWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	dir := t.TempDir()
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, "journal.db"))
	must(t, err)
	st, err := store.Open(t.Context(), j, store.Options{Now: clock})
	must(t, err)
	v, err := vaultsqlite.Open(t.Context(), filepath.Join(dir, "vault.db"), clock)
	must(t, err)
	t.Cleanup(func() {
		st.Close()
		v.Close()
	})
	w.Service = New(st, v, Options{Now: clock, BaseURL: "https://binnacle.example.com"})
	w.evenTime = 0
	code, err := w.SetupCode(t.Context())
	must(t, err)
	_, err = w.CreateFirst(t.Context(), First{Code: code, FullName: "Ada Day", UserName: "ada", Password: testPassword, From: "192.0.2.1"})
	must(t, err)
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) ctx() context.Context { return w.t.Context() }

// sign signs in with a password from an address and fails the test where that does not work.
func (w *world) sign(user string) Step {
	w.t.Helper()
	step, err := w.SignIn(w.ctx(), Attempt{UserName: user, Password: testPassword, From: "192.0.2.7", Agent: "test"})
	must(w.t, err)
	return step
}

// in returns the principal of a new session.
func (w *world) in(user string) *Principal {
	w.t.Helper()
	step := w.sign(user)
	p, err := w.Session(w.ctx(), step.Session)
	must(w.t, err)
	return p
}

// person makes an account with the test's password and some of the delivered roles.
func (w *world) person(user string, roles ...string) *model.Account {
	w.t.Helper()
	a := &model.Account{UserName: user, State: "active"}
	a.Key, a.Name = user, user
	for _, r := range roles {
		a.Roles = append(a.Roles, w.store.Snapshot().Find("Role", r).Base().Ref())
	}
	must(w.t, w.create(w.ctx(), "ada", "Prepare", model.PersonSource, a))
	must(w.t, w.setPassword(w.ctx(), a, testPassword, "Prepare"))
	return w.account(user)
}

func (w *world) account(key string) *model.Account {
	w.t.Helper()
	a, ok := w.store.Snapshot().Find("Account", key).(*model.Account)
	if !ok {
		w.t.Fatalf("there is no account %s", key)
	}
	return a
}

func (w *world) edit(key string, change func(*model.Account)) {
	w.t.Helper()
	must(w.t, amend(w.ctx(), w.Service, w.account(key).Ref(), "ada", "Prepare", model.PersonSource, change))
}

// entries returns the journal.
func (w *world) entries() []journal.Entry {
	w.t.Helper()
	var out []journal.Entry
	for e, err := range w.store.Journal().Entries(w.ctx(), 0, 0) {
		must(w.t, err)
		out = append(out, e)
	}
	return out
}

// whys counts the entries whose reason starts with a text.
func (w *world) whys(prefix string) int {
	n := 0
	for _, e := range w.entries() {
		if strings.HasPrefix(e.Why, prefix) {
			n++
		}
	}
	return n
}
