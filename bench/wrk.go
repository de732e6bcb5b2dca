package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/doors"
	"binnacle/model"
	"binnacle/vault"
	vaultsqlite "binnacle/vault/sqlite"
)

// pressure is what wrk measured.
type pressure struct {
	rate float64
	p99  string
}

var (
	wrkRate   = regexp.MustCompile(`Requests/sec:\s+([\d.]+)`)
	wrkP99    = regexp.MustCompile(`99%\s+(\S+)`)
	wrkFaults = regexp.MustCompile(`Non-2xx or 3xx responses: (\d+)`)
)

// press asks for an address from 16 connections for some seconds.
func press(ctx context.Context, address string, headers ...string) (pressure, error) {
	arguments := []string{"-t2", "-c16", "-d8s", "--latency"}
	for _, h := range headers {
		arguments = append(arguments, "-H", h)
	}
	out, err := exec.CommandContext(ctx, "wrk", append(arguments, address)...).CombinedOutput()
	if err != nil {
		return pressure{}, fmt.Errorf("wrk %s: %w\n%s", address, err, out)
	}
	if m := wrkFaults.FindSubmatch(out); m != nil {
		return pressure{}, fmt.Errorf("wrk %s: %s answers were refused", address, m[1])
	}
	rate, p99 := wrkRate.FindSubmatch(out), wrkP99.FindSubmatch(out)
	if rate == nil || p99 == nil {
		return pressure{}, fmt.Errorf("wrk %s: no figures in\n%s", address, out)
	}
	n, err := strconv.ParseFloat(string(rate[1]), 64)
	return pressure{n, string(p99[1])}, err
}

// The list that is asked for at every door: hosts with one release of an operating system, the largest memory first.
var listQuery = url.Values{"where": {"os_version=11.1"}, "sort": {"-memory"}, "limit": {"50"}}

// served measures the doors over HTTP with wrk, as somebody who may read
// everything and as an engineer, whose view is looked through record by record, beside PocketBase.
func served(r *run) error {
	if _, err := exec.LookPath("wrk"); err != nil {
		r.report("doors over HTTP", "", "", "not measured: wrk is not installed")
		return nil
	}
	v, err := vaultsqlite.Open(r.ctx, filepath.Join(r.dir, "vault.db"), nil)
	if err != nil {
		return err
	}
	defer v.Close()
	h, tokens, sessions, err := r.people(v)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/", doors.Handler(h, doors.Options{Rate: -1}))
	mux.HandleFunc("/bare", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true}`) })
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	defer server.Close()
	at := "http://" + listener.Addr().String()
	bare, err := press(r.ctx, at+"/bare")
	if err != nil {
		return err
	}
	peer := map[string]pressure{}
	if r.wants("pocketbase") {
		if peer, err = pocketbase(r); err != nil {
			peer = map[string]pressure{}
			r.report("PocketBase", "", "", "not measured: %v", err)
		}
	}
	beside := func(name string) string {
		if p, ok := peer[name]; ok {
			return fmt.Sprintf("PocketBase %.0f/s, p99 %s", p.rate, p.p99)
		}
		return ""
	}
	token := func(who string) string { return "Authorization: Bearer " + tokens[who] }
	cookie := func(who string) string { return "Cookie: binnacle=" + sessions[who] }
	page := "/records/Host?" + listQuery.Encode()
	list, one := "/api/v1"+page, "/api/v1/records/Host/"+keyOf("Host", 7)
	for _, c := range []struct{ what, path, header, budget, beside string }{
		{"list as JSON over HTTP, who reads all", list, token("cio"), ">= 5,000/s, p99 <= 10 ms", beside("indexed")},
		{"list as JSON over HTTP, an engineer", list, token("engineer"), ">= 5,000/s, p99 <= 10 ms", beside("unindexed")},
		{"list as a page, who reads all", page, cookie("cio"), ">= 2,000/s, p99 <= 10 ms", ""},
		{"list as a page, an engineer", page, cookie("engineer"), ">= 2,000/s, p99 <= 10 ms", ""},
		{"record as JSON over HTTP, signed in", one, token("cio"), ">= 0.5 of bare", beside("record") + fmt.Sprintf("; bare net/http %.0f/s", bare.rate)},
	} {
		got, err := press(r.ctx, at+c.path, c.header)
		if err != nil {
			return err
		}
		r.report(c.what, c.beside, c.budget, "%.0f/s, p99 %s (%.2f of bare)", got.rate, got.p99, got.rate/bare.rate)
	}
	return nil
}

// people makes two accounts, with a token and a session each.
func (r *run) people(v vault.Vault) (h *door.House, tokens, sessions map[string]string, err error) {
	a := access.New(r.store, v, access.Options{})
	h = door.Open(door.Config{Store: r.store, Vault: v, Access: a, Version: "bench", Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	code, err := a.SetupCode(r.ctx)
	if err != nil || code == "" {
		return nil, nil, nil, errors.Join(err, errors.New("the estate of the run has been set up already"))
	}
	first, err := a.CreateFirst(r.ctx, access.First{Code: code, FullName: "Bench", UserName: "cio", Password: "measured and not asserted", Roles: []string{"cio"}})
	if err != nil {
		return nil, nil, nil, err
	}
	owner, err := a.Session(r.ctx, first)
	if err != nil {
		return nil, nil, nil, err
	}
	view, err := h.Look(r.ctx, owner, door.Moment{})
	if err != nil {
		return nil, nil, nil, err
	}
	change, err := h.Build(r.ctx, owner, view, door.Edit{Kind: "Account", Key: "engineer", Create: true, Set: map[string]any{"user_name": "engineer", "roles": "Role/engineer", "state": "active"}})
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := h.Write(r.ctx, owner, door.Moment{}, door.Tx{Why: "Measure", Changes: []model.Change{change}}); err != nil {
		return nil, nil, nil, err
	}
	tokens, sessions = map[string]string{}, map[string]string{}
	for _, name := range []string{"cio", "engineer"} {
		ref := r.store.Snapshot().Find("Account", name).Base().Ref()
		if sessions[name], err = a.Begin(r.ctx, ref, "127.0.0.1", "bench", "bench"); err != nil {
			return nil, nil, nil, err
		}
		p, err := a.Session(r.ctx, sessions[name])
		if err != nil {
			return nil, nil, nil, err
		}
		if tokens[name], err = a.NewToken(r.ctx, p, "bench", "read", time.Now().Add(24*time.Hour)); err != nil {
			return nil, nil, nil, err
		}
	}
	return h, tokens, sessions, nil
}
