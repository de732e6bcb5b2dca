// Package browser uses the program as people do: the real program over the demo
// company, in a real Chromium.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"binnacle/browser/drive"
)

// suite is the program and the browser that all tests of a run share.
type suite struct {
	*drive.Browser
	server *drive.Server
	axe    string
	// framed are the looks in which axe has seen the frame of the pages.
	framed map[string]bool
}

var (
	once    sync.Once
	shared  *suite
	missing error
	cleanup []func()
)

// errNoAxe says that the checker of accessibility is not there.
var errNoAxe = errors.New("axe-core is not there: run make assets")

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(cleanup) - 1; i >= 0; i-- {
		cleanup[i]()
	}
	os.Exit(code)
}

// open returns the suite, with the first person signed in. Where something is
// missing the test is skipped, or fails where CI is set.
func open(t *testing.T) *suite {
	t.Helper()
	if testing.Short() {
		t.Skip("the browser suite takes its time")
	}
	once.Do(func() { shared, missing = start() })
	if missing != nil {
		if os.Getenv("CI") == "true" || !errors.Is(missing, drive.ErrNoBrowser) && !errors.Is(missing, errNoAxe) {
			t.Fatal(missing)
		}
		t.Skip("skipped: ", missing)
	}
	shared.Faults()
	return shared
}

func start() (*suite, error) {
	if _, err := drive.FindBrowser(); err != nil {
		return nil, err
	}
	root, err := drive.Root()
	if err != nil {
		return nil, err
	}
	axe, err := os.ReadFile(filepath.Join(root, "web/assets/node_modules/axe-core/axe.min.js"))
	if err != nil {
		return nil, errors.Join(errNoAxe, err)
	}
	folder, err := os.MkdirTemp("", "binnacle-browser-")
	if err != nil {
		return nil, err
	}
	cleanup = append(cleanup, func() { os.RemoveAll(folder) })
	ctx, cancel := context.WithCancel(context.Background())
	cleanup = append(cleanup, cancel)
	program, err := drive.Build(ctx, root, folder)
	if err != nil {
		return nil, err
	}
	server, err := drive.Serve(ctx, program, filepath.Join(folder, "data"))
	if err != nil {
		return nil, err
	}
	cleanup = append(cleanup, func() {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, "the program did not end as it should:", err, server.Log())
		}
	})
	b, stop, err := drive.Start(ctx, filepath.Join(folder, "browser"), server.URL)
	if err != nil {
		return nil, err
	}
	cleanup = append(cleanup, stop)
	s := &suite{Browser: b, server: server, axe: string(axe), framed: map[string]bool{}}
	if err := s.Dress(drive.Looks[0]); err != nil {
		return nil, err
	}
	return s, s.BeFirst(server)
}

// visit opens a page of the program.
func (s *suite) visit(t *testing.T, path string) {
	t.Helper()
	if err := s.Open(s.server.URL + path); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// eval runs a script in the page.
func eval[T any](t *testing.T, s *suite, script string) T {
	t.Helper()
	got, err := drive.Eval[T](s.Browser, script)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return got
}

// text returns the words of the page.
func (s *suite) text(t *testing.T) string {
	t.Helper()
	return eval[string](t, s, `document.body.innerText`)
}

// content returns the words of what the page is about.
func (s *suite) content(t *testing.T) string {
	t.Helper()
	return eval[string](t, s, `(document.querySelector("main") || document.body).innerText.replace(/\n\s*\n/g, "\n") + (document.querySelector(".toast")?.innerText || "")`)
}

// sees fails where some words are not on the page.
func (s *suite) sees(t *testing.T, words ...string) {
	t.Helper()
	got := strings.ToLower(s.text(t))
	for _, w := range words {
		if !strings.Contains(got, strings.ToLower(w)) {
			t.Fatalf("the page %s does not say %q:\n%.1500s", eval[string](t, s, `location.href`), w, s.content(t))
		}
	}
}

// fine fails where the browser has found fault with something.
func (s *suite) fine(t *testing.T) {
	t.Helper()
	for _, f := range s.Faults() {
		t.Errorf("%s: %s", eval[string](t, s, `location.href`), f)
	}
}

// violation is what axe finds.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	}
}

// rules are those that a look can break by itself: what a page says is the same in each.
func rules(look string) string {
	switch look {
	case "dark":
		return `["color-contrast", "link-in-text-block"]`
	case "phone":
		return `["target-size", "scrollable-region-focusable", "aria-hidden-focus"]`
	}
	return `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]`
}

// repeated is what is made by the same lines as what stands before it: the rows of a table from the tenth on, and the entries of a list from the twentieth on.
const repeated = `"tbody > tr:nth-child(n+10)", "main li:nth-child(n+20)", ".results > :nth-child(n+20)"`

// accessible fails where axe finds something serious on the page.
func (s *suite) accessible(t *testing.T, look string) {
	t.Helper()
	eval[int](t, s, s.axe+"; 1")
	skip := repeated
	if !s.framed[look] {
		// The frame is the same on every page: the first page of a look stands for all.
		s.framed[look] = true
	} else {
		skip += `, "nav.menu", "header.bar"`
	}
	found := eval[[]violation](t, s, `axe.run({exclude: [`+skip+`]}, {runOnly: `+rules(look)+`, resultTypes: ["violations"]}).then(r => r.violations.map(v =>
		({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.slice(0, 3).map(n => ({html: n.html.slice(0, 300), failureSummary: n.failureSummary}))})))`)
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			t.Errorf("%s, %s: %s (%s): %+v", eval[string](t, s, `location.pathname + location.search`), look, v.Help, v.ID, v.Nodes)
		}
	}
}
