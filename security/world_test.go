package security

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"binnacle/access"
	"binnacle/door/doortest"
	"binnacle/doors"
	"binnacle/model"
)

// The words that only what is confidential, foreign or own has in its texts. None is part of an address.
const (
	secretWord  = "plugh"
	foreignWord = "waldo"
	ownWord     = "garply"
)

// world is the whole server over the demo, with records of three sorts.
type world struct {
	*doortest.World
	server *httptest.Server
	// person and team are whose records count as own.
	person *model.Person
	team   *model.Team
	// open and dark are the keys of a bill that everybody with the right sees, and of one that is confidential.
	open, dark string
}

// The keys of the three applications that the tests ask for.
const (
	ownKey     = "app-of-mine"
	foreignKey = "app-of-others"
	secretKey  = "app-in-the-dark"
)

// newWorld starts a server over the demo.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: doortest.Demo(t)}
	w.First()
	w.populate(t)
	w.server = httptest.NewServer(doors.Handler(w.House, doors.Options{}))
	t.Cleanup(w.server.Close)
	return w
}

func named[R model.Record](rec R, key, word string) R {
	m := rec.Base()
	m.Key, m.Name, m.Description = key, "The "+word+" of the sea", "It speaks of "+word+"."
	return rec
}

// populate adds what the tests look for: the same things once of one's own, once of others and once confidential.
func (w *world) populate(t *testing.T) {
	t.Helper()
	w.team = named(&model.Team{}, "team-of-mine", ownWord)
	w.team.ID = w.Store.NewID()
	w.person = named(&model.Person{FullName: "Rae " + ownWord, Team: w.team.Ref()}, "rae", ownWord)
	other := named(&model.Person{FullName: "Otto Other"}, "otto", foreignWord)
	w.Put(w.team, w.person, other)
	capability := named(&model.Capability{}, "capability-of-all", foreignWord)
	w.Put(capability)
	make := func(key, word string, owner model.Ref, confidential bool) *model.Application {
		a := named(&model.Application{}, key, word)
		a.Owner, a.Confidential, a.Tags = owner, confidential, []string{word}
		a.Capabilities = []model.Ref{capability.Ref()}
		a.Criticality = "critical"
		w.Put(a)
		return a
	}
	make(ownKey, ownWord, w.team.Ref(), false)
	make(foreignKey, foreignWord, other.Ref(), false)
	dark := make(secretKey, secretWord, other.Ref(), true)
	host := named(&model.Host{}, "host-in-the-dark", secretWord)
	host.Confidential, host.Owner = true, other.Ref()
	host.OperatingSystem, host.OSVersion = "Debian", "8"
	vendor := named(&model.Vendor{}, "vendor-in-the-dark", secretWord)
	vendor.Confidential = true
	w.Put(host, vendor)
	contract := named(&model.Contract{Vendor: vendor.Ref(), Covers: []model.Ref{dark.Ref()}}, "contract-in-the-dark", secretWord)
	contract.Confidential = true
	account := w.Store.Snapshot().Find("Account", "ada").Base().Ref()
	comment := named(&model.Comment{About: dark.Ref(), Text: "Do not say " + secretWord, Author: account}, "comment-in-the-dark", secretWord)
	file := named(&model.Attachment{About: dark.Ref(), FileName: secretWord + ".pdf"}, "file-in-the-dark", secretWord)
	list := named(&model.SavedView{Kind: "Host", Query: "where=name~" + secretWord}, "view-in-the-dark", secretWord)
	list.Owner = other.Ref()
	board := named(&model.Board{}, "board-in-the-dark", secretWord)
	board.Owner = other.Ref()
	w.Put(contract, comment, file, list, board)
	// What was once confidential and is gone, and a change of what is confidential, must not come back by history.
	gone := named(&model.Application{}, "app-that-went", secretWord)
	gone.Confidential = true
	w.Put(gone)
	w.change(t, gone, nil)
	edited := model.Clone(dark)
	edited.Description = "Now it speaks of " + secretWord + " twice."
	w.change(t, w.Store.Snapshot().Get(dark.Ref()), edited)
	// What was open in the past and is confidential now must not come back by looking at the past.
	once := named(&model.Application{}, "app-once-open", secretWord)
	w.Put(once)
	hidden := model.Clone(once)
	hidden.Confidential = true
	w.change(t, w.Store.Snapshot().Get(once.Ref()), hidden)
	w.hide(dark, host, other)
	w.face(t, dark, vendor, other)
	// A scenario that changes what is confidential holds its values.
	w.propose(t, "plan-in-the-dark", dark)
	w.spend(t, vendor, contract)
}

// server answers.
type reply struct {
	status int
	body   string
	header http.Header
}

// visitor is somebody with a session, a token, or neither.
type visitor struct {
	t      testing.TB
	w      *world
	name   string
	token  string
	client *http.Client
}

// stranger returns somebody who is not signed in.
func (w *world) stranger(t testing.TB) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, w: w, name: "stranger", client: &http.Client{Jar: jar, Timeout: 30 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as returns somebody with one role and a session.
func (w *world) as(t testing.TB, role string) *visitor {
	t.Helper()
	p := w.account(t, role)
	secret, err := w.Access.Begin(t.Context(), p.Account.Ref(), "192.0.2.9", "test", "test")
	if err != nil {
		t.Fatal(err)
	}
	v := w.stranger(t)
	v.name = role
	at, err := url.Parse(w.server.URL)
	if err != nil {
		t.Fatal(err)
	}
	v.client.Jar.SetCookies(at, []*http.Cookie{{Name: "binnacle", Value: secret, Path: "/"}})
	return v
}

// account returns the principal of an account of the person rae with one role.
func (w *world) account(t testing.TB, role string) *access.Principal {
	t.Helper()
	return w.As("as-"+role, "rae", role)
}

// withToken returns a program that acts for an account with one role.
func (w *world) withToken(t testing.TB, role string, scope model.TokenScope) *visitor {
	t.Helper()
	proof, err := w.Access.Begin(t.Context(), w.account(t, role).Account.Ref(), "192.0.2.9", "test", "test")
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Access.Session(t.Context(), proof)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := w.Access.NewToken(t.Context(), p, "test", scope, w.Now().Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	v := w.stranger(t)
	v.name, v.token = role+"/"+string(scope), secret
	return v
}

// do sends a request. Header are names and values.
func (v *visitor) do(method, path string, body io.Reader, header ...string) reply {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, v.w.server.URL+path, body)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	if v.token != "" {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	answer, err := v.client.Do(r)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 32<<20))
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	return reply{answer.StatusCode, string(text), answer.Header}
}

func (v *visitor) get(path string) reply { v.t.Helper(); return v.do(http.MethodGet, path, nil) }

// post sends a form, as a browser does from a page of the site.
func (v *visitor) post(path string, pairs ...string) reply {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return v.do(http.MethodPost, path, strings.NewReader(form.Encode()), "Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin")
}

// send sends JSON.
func (v *visitor) send(method, path, body string, header ...string) reply {
	v.t.Helper()
	return v.do(method, path, bytes.NewReader([]byte(body)), append([]string{"Content-Type", "application/json"}, header...)...)
}

// String names the visitor and the status for messages.
func (r reply) String() string {
	return fmt.Sprintf("%d %.300s", r.status, r.body)
}
