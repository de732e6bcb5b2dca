package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"time"

	"binnacle/access"
	"binnacle/demo"
	"binnacle/door"
	"binnacle/doors"
	factssqlite "binnacle/facts/sqlite"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	journal "binnacle/journal/sqlite"
	practices "binnacle/practice/all"
	"binnacle/store"
	"binnacle/vault"
	vaultsqlite "binnacle/vault/sqlite"
)

var allocateTime = regexp.MustCompile(`BenchmarkAllocate\S*\s+\d+\s+(\d+) ns/op`)

// allocated runs the benchmark of the practice that carries cost: 1,000,000 lines over a graph of 10,000 nodes.
func allocated(r *run) error {
	out, err := exec.CommandContext(r.ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkAllocate$", "-benchtime", "3x", "binnacle/practice/finance/allocate").CombinedOutput()
	if err != nil {
		return fmt.Errorf("allocate: %w\n%s", err, out)
	}
	m := allocateTime.FindSubmatch(out)
	if m == nil {
		return fmt.Errorf("allocate: no figure in\n%s", out)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		return err
	}
	r.report("1,000,000 cost lines added up and carried along 10,000 nodes", "", "<= 2 s", "%.2f s", time.Duration(n).Seconds())
	return nil
}

// moneyPages are the pages whose times count.
var moneyPages = []string{"finance.spend", "finance.trace", "finance.budget", "finance.savings", "suppliers.renewals"}

// money loads the demo, serves it, and asks for pages about money as somebody who is signed in.
func money(r *run) error {
	if _, err := exec.LookPath("wrk"); err != nil {
		r.report("pages about money", "", "", "not measured: wrk is not installed")
		return nil
	}
	j, err := journal.Open(r.ctx, filepath.Join(r.dir, "demo.db"))
	if err != nil {
		return err
	}
	company := &run{ctx: r.ctx, dir: r.dir}
	if company.store, err = store.Open(r.ctx, j, store.Options{}); err != nil {
		return err
	}
	defer company.store.Close()
	lines, err := factssqlite.Open(r.ctx, filepath.Join(r.dir, "demo-facts.db"))
	if err != nil {
		return err
	}
	defer lines.Close()
	v, err := vaultsqlite.Open(r.ctx, filepath.Join(r.dir, "demo-vault.db"), nil)
	if err != nil {
		return err
	}
	defer v.Close()
	began := time.Now()
	report, err := jobs.Import(r.ctx, company.store, demoFiles, all.Detect, jobs.ImportOptions{Who: "bench", Why: "Load the demo", Facts: lines})
	if err == nil && report.Total.Refused > 0 {
		err = fmt.Errorf("%d items of the demo were refused", report.Total.Refused)
	}
	if err != nil {
		return err
	}
	r.report("the demo, with two years of bills and ledgers", "", "<= 6 s", "%.1f s", time.Since(began).Seconds())
	return company.servePages(r, door.Config{Facts: lines}, v)
}

// inTurn is how often a page is asked for one after another.
const inTurn = 100

// demoFiles yields the files of the demo.
func demoFiles(yield func(feed.Input, error) bool) {
	files := demo.Files()
	for _, name := range demo.Order {
		data, err := fs.ReadFile(files, name)
		if !yield(feed.Input{Name: name, Data: data, Release: feed.ReleaseNamed(name)}, err) {
			return
		}
	}
}

// servePages serves the estate and reports to another run how its pages are answered: first one by one, and then under pressure.
func (r *run) servePages(to *run, config door.Config, v vault.Vault) error {
	a := access.New(r.store, v, access.Options{})
	config.Store, config.Vault, config.Access, config.Practices = r.store, v, a, practices.Practices()
	config.Version, config.Log = "bench", slog.New(slog.NewTextHandler(io.Discard, nil))
	h := door.Open(config)
	session, err := signIn(r, a)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: doors.Handler(h, doors.Options{Rate: -1})}
	go server.Serve(listener)
	defer server.Close()
	for _, page := range moneyPages {
		address, cookie := "http://"+listener.Addr().String()+"/questions/"+page, "binnacle="+session
		first, err := timeOf(r, address, cookie)
		if err != nil {
			return err
		}
		alone := make([]time.Duration, inTurn)
		for i := range alone {
			if alone[i], err = timeOf(r, address, cookie); err != nil {
				return err
			}
		}
		slices.Sort(alone)
		got, err := press(r.ctx, address, "Cookie: "+cookie)
		if err != nil {
			return err
		}
		to.report("page "+page, "", "p99 <= 50 ms", "one after another p99 %s; 16 at once %.0f/s, p99 %s; first time %s",
			alone[inTurn*99/100].Round(time.Millisecond), got.rate, got.p99, first.Round(time.Millisecond))
	}
	return nil
}

// signIn makes the first account, of somebody who reads everything, and begins a session.
func signIn(r *run, a *access.Service) (string, error) {
	code, err := a.SetupCode(r.ctx)
	if err != nil || code == "" {
		return "", errors.Join(err, errors.New("the estate of the run has been set up already"))
	}
	if _, err := a.CreateFirst(r.ctx, access.First{Code: code, FullName: "Bench", UserName: "cio", Password: "measured and not asserted", Roles: []string{"cio"}}); err != nil {
		return "", err
	}
	return a.Begin(r.ctx, r.store.Snapshot().Find("Account", "cio").Base().Ref(), "127.0.0.1", "bench", "bench")
}

// timeOf asks for a page once.
func timeOf(r *run, address, cookie string) (time.Duration, error) {
	req, err := http.NewRequestWithContext(r.ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Cookie", cookie)
	began := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, err
	}
	if res.StatusCode != http.StatusOK || res.Request.URL.Path != req.URL.Path {
		return 0, fmt.Errorf("%s answered %s from %s", address, res.Status, res.Request.URL.Path)
	}
	return time.Since(began), nil
}
