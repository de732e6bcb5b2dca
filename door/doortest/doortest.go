// Package doortest opens houses for the tests of doors.
package doortest

import (
	"fmt"
	"io"
	"iter"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"io/fs"

	"binnacle/access"
	"binnacle/demo"
	"binnacle/door"
	"binnacle/facts"
	factssqlite "binnacle/facts/sqlite"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/journal/sqlite"
	"binnacle/model"
	practices "binnacle/practice/all"
	"binnacle/store"
	vaultsqlite "binnacle/vault/sqlite"
)

// World is a house and what stands behind it.
type World struct {
	*door.House
	// Store is the store of the house, for what a test prepares.
	Store *store.Store
	// Lines are the bulk lines of the house, for the same.
	Bulk facts.Store
	// Dir is the folder with the databases.
	Dir string
	t   testing.TB
	mu  sync.Mutex
	now time.Time
}

// Now returns the time of the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Advance moves the clock on.
func (w *World) Advance(by time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(by)
}

// Open opens an empty house. Its clock stands at the first of July 2027.
func Open(t testing.TB) *World {
	t.Helper()
	w := &World{t: t, Dir: t.TempDir(), now: time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)}
	j, err := sqlite.Open(t.Context(), filepath.Join(w.Dir, "binnacle.db"))
	if err != nil {
		t.Fatal(err)
	}
	if w.Store, err = store.Open(t.Context(), j, store.Options{Now: w.Now}); err != nil {
		t.Fatal(err)
	}
	v, err := vaultsqlite.Open(t.Context(), filepath.Join(w.Dir, "vault.db"), w.Now)
	if err != nil {
		t.Fatal(err)
	}
	if w.Bulk, err = factssqlite.Open(t.Context(), filepath.Join(w.Dir, "facts.db")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		w.Store.Close()
		w.Bulk.Close()
		v.Close()
	})
	w.House = door.Open(door.Config{Store: w.Store, Vault: v, Facts: w.Bulk, Temp: t.TempDir(), Access: access.New(w.Store, v, access.Options{Now: w.Now}), Practices: practices.Practices(),
		Demo: demo.Files(), DemoFiles: demo.Order, Version: "test", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	return w
}

// Demo opens a house with the demo company in it.
func Demo(t testing.TB) *World {
	t.Helper()
	w := Open(t)
	files := demo.Files()
	var inputs iter.Seq2[feed.Input, error] = func(yield func(feed.Input, error) bool) {
		for _, name := range demo.Order {
			data, err := fs.ReadFile(files, name)
			if !yield(feed.Input{Name: name, Data: data, Release: feed.ReleaseNamed(name)}, err) {
				return
			}
		}
	}
	if _, err := jobs.Import(t.Context(), w.Store, inputs, all.Detect, jobs.ImportOptions{Who: "test", Why: "Load the demo", Facts: w.Bulk}); err != nil {
		t.Fatal(err)
	}
	return w
}

// Password is the password of every account of a test.
const Password = "a compass for the steering"

// First makes the first person, who administers and has further roles, and returns the secret of a session.
func (w *World) First(roles ...string) string {
	w.t.Helper()
	code, err := w.Access.SetupCode(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	secret, err := w.Access.CreateFirst(w.t.Context(), access.First{Code: code, FullName: "Ada Day", UserName: "ada", Password: Password, Roles: roles, From: "192.0.2.1"})
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

// As returns a principal with some of the delivered roles. Its account is made where there is none; person is the key of a person, or empty.
// The first person is made before, where nobody is there.
func (w *World) As(name, person string, roles ...string) *access.Principal {
	w.t.Helper()
	if w.Access.NeedsFirst() {
		w.First()
	}
	snap := w.Store.Snapshot()
	if rec := snap.Find("Account", name); rec != nil {
		return w.principal(rec.Base().Ref())
	}
	a := &model.Account{UserName: name, State: "active"}
	a.ID, a.Key, a.Name = w.Store.NewID(), name, name
	if person != "" {
		a.Person = snap.Find("Person", person).Base().Ref()
	}
	for _, r := range roles {
		rec := snap.Find("Role", r)
		if rec == nil {
			w.t.Fatalf("there is no role %s", r)
		}
		a.Roles = append(a.Roles, rec.Base().Ref())
	}
	w.Put(a)
	return w.principal(a.Ref())
}

// Principal returns the principal of an account as the estate is now.
func (w *World) Principal(name string) *access.Principal {
	w.t.Helper()
	return w.principal(w.Store.Snapshot().Find("Account", name).Base().Ref())
}

func (w *World) principal(account model.Ref) *access.Principal {
	w.t.Helper()
	p, err := w.Access.Principal(account)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// Put creates records, past everything that doors check. It gives those without an id one.
func (w *World) Put(records ...model.Record) {
	w.t.Helper()
	var changes []model.Change
	for _, rec := range records {
		if rec.Base().ID.IsZero() {
			rec.Base().ID = w.Store.NewID()
		}
		rec.Base().Origin = model.PersonSource
		c, _ := model.Difference(w.Store.Snapshot().Schema().Of(rec), nil, rec)
		changes = append(changes, c)
	}
	if _, err := w.Store.Commit(w.t.Context(), store.Tx{Who: "test", Why: fmt.Sprintf("Prepare %d records", len(records)), Source: model.PersonSource, Changes: changes}); err != nil {
		w.t.Fatal(err)
	}
}
