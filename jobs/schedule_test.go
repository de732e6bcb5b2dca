package jobs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"binnacle/estate"
	"binnacle/journal/sqlite"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
	vaultsqlite "binnacle/vault/sqlite"
)

// station is an estate with a schedule and a clock of its own.
type station struct {
	*Schedule
	t     *testing.T
	vault vault.Vault
	mu    sync.Mutex
	clock time.Time
}

func (s *station) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *station) advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clock = s.clock.Add(d)
}

func newStation(t *testing.T, opt ScheduleOptions) *station {
	t.Helper()
	s := &station{t: t, clock: time.Date(2027, 7, 1, 9, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	j, err := sqlite.Open(t.Context(), filepath.Join(dir, "estate.db"))
	if err != nil {
		t.Fatal(err)
	}
	st, err := store.Open(t.Context(), j, store.Options{Now: s.now})
	if err != nil {
		t.Fatal(err)
	}
	if s.vault, err = vaultsqlite.Open(t.Context(), filepath.Join(dir, "vault.db"), s.now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.vault.Close()
		st.Close()
	})
	opt.Now, opt.Log = s.now, slog.New(slog.NewTextHandler(io.Discard, nil))
	s.Schedule = NewSchedule(st, s.vault, opt)
	return s
}

func (s *station) subscribe(sub *model.Subscription) *model.Subscription {
	s.t.Helper()
	sub.ID, sub.Origin = s.store.NewID(), model.PersonSource
	change, _ := model.Difference(s.store.Snapshot().Schema().Kind("Subscription"), nil, sub)
	if _, err := s.store.Commit(s.t.Context(), store.Tx{Who: "test", Why: "subscribe", Source: model.PersonSource, Changes: []model.Change{change}}); err != nil {
		s.t.Fatal(err)
	}
	return s.store.Snapshot().Get(sub.Ref()).(*model.Subscription)
}

// tick runs what is due now and returns the last run of a subscription.
func (s *station) tick(sub *model.Subscription) FeedRun {
	s.t.Helper()
	for _, one := range s.due(s.t.Context()) {
		s.once(s.t.Context(), one, false)
	}
	return s.last(sub)
}

func (s *station) last(sub *model.Subscription) FeedRun {
	s.t.Helper()
	runs, err := s.Runs(s.t.Context(), sub)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(runs) == 0 {
		return FeedRun{}
	}
	return runs[0]
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const oneHost = "kind: Host\nkey: web-1\nserial: S1\n"

func TestAFolderIsReadWhenItIsDueAndOnlyWhenItHasChanged(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "hosts.yaml"), oneHost)
	s := newStation(t, ScheduleOptions{Folders: []string{folder}})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "inventory"}, Location: folder, Every: model.Duration(time.Hour)})
	if run := s.tick(sub); run.Outcome != "taken" || run.Counts.Created != 1 || len(run.Entries) != 1 {
		t.Fatalf("the first run: %+v", run)
	}
	entries := s.store.Snapshot().Stamp().Seq
	s.advance(59 * time.Minute)
	if len(s.due(t.Context())) != 0 {
		t.Error("it is due before its hour is over")
	}
	s.advance(time.Minute)
	if run := s.tick(sub); run.Outcome != "unchanged" || s.store.Snapshot().Stamp().Seq != entries {
		t.Errorf("the same files: %+v, and the estate is at entry %d", run, s.store.Snapshot().Stamp().Seq)
	}
	write(t, filepath.Join(folder, "hosts.yaml"), oneHost+"---\nkind: Host\nkey: web-2\n")
	s.advance(time.Hour)
	if run := s.tick(sub); run.Outcome != "taken" || run.Counts.Created != 1 || run.Counts.Unchanged != 1 {
		t.Errorf("a changed file: %+v", run)
	}
	for e, err := range s.store.Journal().Entries(t.Context(), s.store.Snapshot().Stamp().Seq-1, s.store.Snapshot().Stamp().Seq) {
		if err != nil || e.Who != "feed:inventory" {
			t.Errorf("the entry is by %q, %v", e.Who, err)
		}
	}
}

func TestFoldersOutsideOfThoseAllowedAreNotRead(t *testing.T) {
	root, secret := t.TempDir(), t.TempDir()
	write(t, filepath.Join(secret, "hosts.yaml"), oneHost)
	if err := os.Symlink(secret, filepath.Join(root, "out")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(root, "in"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(secret, "hosts.yaml"), filepath.Join(root, "in", "hosts.yaml")); err != nil {
		t.Fatal(err)
	}
	s := newStation(t, ScheduleOptions{Folders: []string{root}})
	words := map[string]string{}
	for name, location := range map[string]string{
		"another folder": secret, "a way up": root + "/../" + filepath.Base(secret), "a folder that starts alike": root + "-other", "a relative path": "in",
		"a link to a folder": filepath.Join(root, "out"), "a folder that is not there": filepath.Join(root, "missing"), "a link to a file": filepath.Join(root, "in", "hosts.yaml"),
		"a file address": "file://" + secret, "a folder with a link inside": filepath.Join(root, "in"),
	} {
		t.Run(name, func(t *testing.T) {
			sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: strings.ReplaceAll(name, " ", "-")}, Location: location})
			s.once(t.Context(), sub, true)
			run := s.last(sub)
			if run.Outcome != "failed" || s.store.View().Count("Host") != 0 || strings.Contains(run.Error, "permission") {
				t.Errorf("%s: %+v", location, run)
			}
			words[name] = run.Error
		})
	}
	if words["a link to a folder"] != words["a folder that is not there"] {
		t.Errorf("the words tell what is there: %q and %q", words["a link to a folder"], words["a folder that is not there"])
	}
}

// inventory is a server that has a table.
type inventory struct {
	*httptest.Server
	mu       sync.Mutex
	requests []*http.Request
	answer   func(w http.ResponseWriter, r *http.Request)
}

func newInventory(t *testing.T) *inventory {
	i := &inventory{}
	i.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		i.requests = append(i.requests, r)
		i.mu.Unlock()
		i.answer(w, r)
	}))
	t.Cleanup(i.Close)
	return i
}

func (i *inventory) last() *http.Request { return i.requests[len(i.requests)-1] }

func TestAnAddressIsAskedWhetherItHasChanged(t *testing.T) {
	server := newInventory(t)
	server.answer = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if r.Header.Get("If-None-Match") == `"v1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		fmt.Fprint(w, "hostname,serial number\nweb-1,S1\n")
	}
	s := newStation(t, ScheduleOptions{Client: server.Client()})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "cmdb"}, Location: server.URL + "/export/hosts.csv", Kind: "Host"})
	if run := s.tick(sub); run.Outcome != "taken" || run.Counts.Created != 1 {
		t.Fatalf("the first run: %+v", run)
	}
	s.advance(24 * time.Hour)
	if run := s.tick(sub); run.Outcome != "unchanged" || server.last().Header.Get("If-None-Match") != `"v1"` {
		t.Errorf("the second run: %+v", run)
	}
	if err := s.Start(t.Context(), sub); err != nil {
		t.Fatal(err)
	}
	s.running.Wait()
	if run := s.last(sub); !run.ByHand || run.Outcome != "taken" || server.last().Header.Get("If-None-Match") != "" {
		t.Errorf("by hand everything is read anew: %+v", run)
	}
}

func TestWhatGoesWrongIsToldInAFewWords(t *testing.T) {
	server := newInventory(t)
	s := newStation(t, ScheduleOptions{Client: server.Client()})
	for name, line := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request)
		want   string
	}{
		"a redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data", http.StatusFound)
		}, "not followed"},
		"a fault":      {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "stack: secret", 500) }, "answered 500"},
		"no access":    {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(401) }, "wants a password"},
		"an odd thing": {func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte{0, 1, 2, 3}) }, "nothing of it was taken"},
		"too long":     {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "99999999999") }, "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			server.answer = line.answer
			sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: strings.ReplaceAll(name, " ", "-")}, Location: server.URL})
			s.once(t.Context(), sub, true)
			if run := s.last(sub); run.Outcome != "failed" || !strings.Contains(run.Error, line.want) || strings.Contains(run.Error, "secret") {
				t.Errorf("the run: %+v", run)
			}
		})
	}
	closed := httptest.NewTLSServer(nil)
	closed.Close()
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "closed"}, Location: closed.URL})
	s.once(t.Context(), sub, true)
	if run := s.last(sub); !strings.Contains(run.Error, "cannot be reached") || strings.Contains(run.Error, "refused") {
		t.Errorf("a closed port: %+v", run)
	}
}

func TestASecretGoesOnlyWhereItWasGivenFor(t *testing.T) {
	server, other := newInventory(t), newInventory(t)
	server.answer = func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hostname,serial\nweb-1,S1\n") }
	other.answer = server.answer
	s := newStation(t, ScheduleOptions{Client: server.Client()})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "cmdb"}, Location: server.URL + "/hosts.csv", Kind: "Host"})
	if err := s.SetSecret(t.Context(), sub, FeedSecret{Secret: "abc123"}); err != nil {
		t.Fatal(err)
	}
	s.once(t.Context(), sub, true)
	if got := server.last().Header.Get("Authorization"); got != "Bearer abc123" {
		t.Errorf("the token is sent as %q", got)
	}
	moved := *sub
	moved.Location = other.URL + "/hosts.csv"
	s.once(t.Context(), &moved, true)
	if len(other.requests) != 0 {
		t.Error("another host was asked although the secret was not given for it")
	}
	if run := s.last(sub); run.Outcome != "failed" || !strings.Contains(run.Error, "another address") {
		t.Errorf("the run: %+v", run)
	}
	plain := *sub
	plain.Location = "http://" + strings.TrimPrefix(server.URL, "https://")
	if err := s.SetSecret(t.Context(), &plain, FeedSecret{Secret: "x"}); err == nil {
		t.Error("a secret was taken for an address without TLS")
	}
	for _, secret := range []FeedSecret{{Secret: "a\r\nX: y"}, {User: "a:b", Secret: "c"}} {
		if err := s.SetSecret(t.Context(), sub, secret); err == nil {
			t.Errorf("%+v was taken", secret)
		}
	}
	if err := s.SetSecret(t.Context(), sub, FeedSecret{User: "ada", Secret: "pw"}); err != nil {
		t.Fatal(err)
	}
	s.once(t.Context(), sub, true)
	if user, password, _ := server.last().BasicAuth(); user != "ada" || password != "pw" {
		t.Errorf("sent as %s %s", user, password)
	}
}

func TestOneNodeRunsAFeedAtATime(t *testing.T) {
	begun, finish := make(chan struct{}), make(chan struct{})
	server := newInventory(t)
	server.answer = func(w http.ResponseWriter, _ *http.Request) {
		begun <- struct{}{}
		<-finish
		fmt.Fprint(w, "hostname,serial\nweb-1,S1\n")
	}
	s := newStation(t, ScheduleOptions{Client: server.Client(), Node: "first"})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "cmdb"}, Location: server.URL, Kind: "Host"})
	second := NewSchedule(s.store, s.vault, ScheduleOptions{Now: s.now, Client: server.Client(), Node: "second", Log: s.opt.Log})
	if err := s.Start(t.Context(), sub); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := second.Start(t.Context(), sub); err != ErrRunning {
		t.Errorf("the second node starts: %v", err)
	}
	if due := second.due(t.Context()); len(due) != 0 {
		t.Error("it is due although it runs")
	}
	finish <- struct{}{}
	s.running.Wait()
	if len(server.requests) != 1 {
		t.Errorf("%d requests were made", len(server.requests))
	}
	// A node that died in the middle gives no sign of life, and another one goes on.
	if _, ok := s.take(t.Context(), sub, true); !ok {
		t.Fatal("the first node cannot take it")
	}
	if second.Start(t.Context(), sub) != ErrRunning {
		t.Error("the lease of the first node does not hold")
	}
	s.advance(feedLease)
	if _, ok := second.take(t.Context(), sub, true); !ok {
		t.Error("the second node cannot take over")
	}
}

func TestAFeedThatFailsIsTriedAgainLaterAndLater(t *testing.T) {
	s := newStation(t, ScheduleOptions{})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "cmdb"}, Location: "https://cmdb.example.com"})
	var last time.Duration
	for n := 1; n <= 12; n++ {
		if run := s.tick(sub); run.Outcome != "failed" {
			t.Fatalf("run %d: %+v", n, run)
		}
		st, err := s.State(t.Context(), sub)
		if err != nil || st.Failures != n {
			t.Fatalf("after run %d: %+v, %v", n, st, err)
		}
		wait := st.Due(sub).Sub(s.now())
		if wait < 4*time.Minute || wait > 29*time.Hour || n < 8 && wait <= last {
			t.Errorf("after failure %d it waits %s, and before it %s", n, wait, last)
		}
		last = wait
		s.advance(wait)
	}
	runs, _ := s.Runs(t.Context(), sub)
	if len(runs) != 12 {
		t.Errorf("%d runs are kept", len(runs))
	}
}

func TestOnlyTheLastRunsAreKept(t *testing.T) {
	s := newStation(t, ScheduleOptions{})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "cmdb"}, Location: "https://cmdb.example.com"})
	for range feedKept + 7 {
		s.once(t.Context(), sub, true)
		s.advance(time.Hour)
	}
	if runs, err := s.Runs(t.Context(), sub); len(runs) != feedKept || err != nil || !runs[0].Began.After(runs[1].Began) {
		t.Errorf("%d runs are kept, %v", len(runs), err)
	}
}

func TestWhatAFeedMayNotChangeIsRefusedAndTheRestTaken(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "all.yaml"), oneHost+"---\nkind: Role\nkey: mine\nadministers: true\n")
	s := newStation(t, ScheduleOptions{Folders: []string{folder}, Allow: func(_ *estate.Snapshot, c *model.Change) error {
		if c.Kind == "Role" {
			return fmt.Errorf("not from a feed")
		}
		return nil
	}})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "inventory"}, Location: folder})
	if run := s.tick(sub); run.Outcome != "partly" || run.Counts.Created != 1 || run.Counts.Refused != 1 || !strings.Contains(strings.Join(run.Refused, ""), "not from a feed") {
		t.Errorf("the run: %+v", run)
	}
	if s.store.View().Find("Role", "mine") != nil {
		t.Error("a feed gave rights")
	}
}

func TestTheScheduleEndsWithItsContext(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "hosts.yaml"), oneHost)
	s := newStation(t, ScheduleOptions{Folders: []string{folder}})
	sub := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "inventory"}, Location: folder})
	paused := s.subscribe(&model.Subscription{Meta: model.Meta{Key: "paused"}, Location: folder, Paused: true})
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		s.Run(ctx)
		close(over)
	}()
	for s.last(sub).Outcome == "" {
		time.Sleep(5 * time.Millisecond)
	}
	stop()
	<-over
	if s.last(sub).Outcome != "taken" || s.last(paused).Outcome != "" {
		t.Errorf("ran %+v, and the paused one %+v", s.last(sub), s.last(paused))
	}
}
