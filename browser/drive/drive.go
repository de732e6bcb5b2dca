// Package drive starts the program and a real browser, for the browser suite and for the pictures in docs.
package drive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// ErrNoBrowser says that there is no Chromium on the machine.
var ErrNoBrowser = errors.New("there is no Chromium: install it, such as with apt-get install chromium")

// browsers are the names under which Chromium is found.
var browsers = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// FindBrowser returns the path of Chromium.
func FindBrowser() (string, error) {
	for _, name := range browsers {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoBrowser
}

// Build builds the program into a folder and returns its path.
func Build(ctx context.Context, root, folder string) (string, error) {
	path := filepath.Join(folder, "binnacle")
	command := exec.CommandContext(ctx, "go", "build", "-o", path, "./cmd/binnacle")
	command.Dir = root
	if out, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
}

// Server is the program at work.
type Server struct {
	// URL is where it serves.
	URL string
	// First is the address of the first visit, with the code.
	First string

	command *exec.Cmd
	mu      sync.Mutex
	log     strings.Builder
	done    chan error
}

var firstVisit = regexp.MustCompile(`https?://\S+/first\?code=\S+`)

// Serve starts the program with the demo company on a port of its own.
func Serve(ctx context.Context, program, data string, arguments ...string) (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	listener.Close()
	// Passkeys need a name and not a number.
	_, port, _ := net.SplitHostPort(address)
	s := &Server{URL: "http://localhost:" + port, done: make(chan error, 1)}
	s.command = exec.CommandContext(ctx, program, append([]string{"serve", "--demo", "--data", data, "--listen", address, "--base-url", s.URL}, arguments...)...)
	s.command.Cancel = func() error { return s.command.Process.Signal(syscall.SIGTERM) }
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.command.Stderr = &locked{s: s}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	go func() { s.done <- s.command.Wait() }()
	begun := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if at := firstVisit.FindString(lines.Text()); at != "" {
				begun <- at
			}
		}
	}()
	select {
	case s.First = <-begun:
		return s, nil
	case err := <-s.done:
		return nil, fmt.Errorf("the program ended: %w\n%s", err, s.Log())
	case <-time.After(2 * time.Minute):
		s.command.Process.Kill()
		return nil, fmt.Errorf("the program did not start to serve\n%s", s.Log())
	}
}

// locked collects what the program logs.
type locked struct{ s *Server }

// Write keeps what was written.
func (l *locked) Write(p []byte) (int, error) {
	l.s.mu.Lock()
	defer l.s.mu.Unlock()
	return l.s.log.Write(p)
}

// Log returns what the program has logged.
func (s *Server) Log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// Stop ends the program as an operator would.
func (s *Server) Stop() error {
	if err := s.command.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-s.done:
		return err
	case <-time.After(40 * time.Second):
		s.command.Process.Kill()
		return errors.New("the program did not stop")
	}
}

// Look is how a browser shows pages.
type Look struct {
	// Name is light, dark or phone.
	Name string
	// Width and Height are in CSS pixels.
	Width, Height int64
	// Dark asks for dark colours.
	Dark bool
}

// Looks are the ways in which every page is looked at.
var Looks = []Look{{"light", 1280, 860, false}, {"dark", 1280, 860, true}, {"phone", 390, 844, false}}

// Browser is a tab of Chromium that writes down what goes wrong.
type Browser struct {
	// Ctx is what actions run in.
	Ctx context.Context

	own    string
	mu     sync.Mutex
	faults []string
}

// Start starts Chromium. It goes when the function that is returned is called. Own is the address that requests may go to.
func Start(ctx context.Context, folder, own string) (*Browser, func(), error) {
	path, err := FindBrowser()
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(folder), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-features", "Translate,OptimizationHints,MediaRouter"))
	allocator, stopAllocator := chromedp.NewExecAllocator(ctx, options...)
	tab, stopTab := chromedp.NewContext(allocator)
	return watch(tab, own, func() { stopTab(); stopAllocator() })
}

// Private returns a tab that shares nothing with the others: neither cookies nor what pages store.
// It goes when the function that is returned is called.
func (b *Browser) Private() (*Browser, func(), error) {
	tab, stop := chromedp.NewContext(b.Ctx, chromedp.WithNewBrowserContext())
	return watch(tab, b.own, stop)
}

// policyWatch makes the browser tell of everything that the Content Security Policy of a page forbids.
const policyWatch = `document.addEventListener("securitypolicyviolation", e =>
	console.error("against the policy: " + e.effectiveDirective + " " + e.blockedURI + " " + e.sourceFile + ":" + e.lineNumber + " " + e.sample))`

// watch begins to write down what goes wrong in a tab.
func watch(tab context.Context, own string, stop func()) (*Browser, func(), error) {
	b := &Browser{Ctx: tab, own: own}
	err := chromedp.Listen(tab, b.hear)
	for _, enable := range []func() error{
		func() error { _, err := chromedp.Call(tab, network.Enable, network.EnableParams{}); return err },
		func() error { _, err := chromedp.Call(tab, log.Enable, cdp.Empty{}); return err },
		func() error { _, err := chromedp.Call(tab, runtime.Enable, cdp.Empty{}); return err },
		func() error {
			_, err := chromedp.Call(tab, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: policyWatch})
			return err
		},
	} {
		if err == nil {
			err = enable()
		}
	}
	if err != nil {
		stop()
		return nil, nil, fmt.Errorf("start Chromium: %w", err)
	}
	return b, stop, nil
}

// hear writes down what goes wrong in the browser and what leaves the server.
func (b *Browser) hear(event any) {
	fault := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		fault = "exception: " + e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			fault += " " + e.ExceptionDetails.Exception.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			var words []string
			for _, a := range e.Args {
				words = append(words, string(a.Value), a.Description)
			}
			fault = "console: " + strings.Join(words, " ")
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == "error" && !strings.Contains(e.Entry.Text, "status of 4") {
			fault = "log: " + e.Entry.Text + " " + e.Entry.URL
		}
	case *network.EventRequestWillBeSent:
		at := e.Request.URL
		if !strings.HasPrefix(at, b.own) && !strings.HasPrefix(at, "data:") && !strings.HasPrefix(at, "about:") && !strings.HasPrefix(at, "blob:") && !strings.HasPrefix(at, "chrome") {
			fault = "a request left the server: " + at
		}
	}
	if fault != "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.faults = append(b.faults, fault)
	}
}

// Faults returns what went wrong since it was asked last.
func (b *Browser) Faults() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := b.faults
	b.faults = nil
	return out
}

// Run runs actions, for at most a minute.
func (b *Browser) Run(steps ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
	defer cancel()
	return chromedp.Do(ctx, steps...)
}

// Eval runs a script in the page, waits where it promises something, and returns what it yields.
func Eval[T any](b *Browser, script string) (T, error) {
	ctx, cancel := context.WithTimeout(b.Ctx, time.Minute)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// Dress makes the browser show pages in some way.
func (b *Browser) Dress(l Look) error {
	scheme := "light"
	if l.Dark {
		scheme = "dark"
	}
	_, err := chromedp.Call(b.Ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.Width, Height: l.Height, DeviceScaleFactor: 1, Mobile: l.Name == "phone"})
	if err == nil {
		_, err = chromedp.Call(b.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	}
	return err
}

// Open goes to a page and waits until it is there, scripts included.
func (b *Browser) Open(url string) error {
	return b.Run(chromedp.Navigate(url), chromedp.WaitReady("body"), b.Settle())
}

// Settle waits until nothing is under way any more, for at most five seconds.
func (b *Browser) Settle() chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for range 50 {
			busy, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`document.readyState !== "complete" || !!document.querySelector(".htmx-request, [aria-busy=true]")`))
			if err == nil && !busy {
				time.Sleep(100 * time.Millisecond)
				return nil
			}
			time.Sleep(100 * time.Millisecond)
		}
		return nil
	})
}

// Picture returns what the browser shows, as WebP.
func (b *Browser) Picture() ([]byte, error) {
	quality := int64(82)
	r, err := chromedp.Call(b.Ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatWebp, Quality: &quality})
	return r.Data, err
}

// FirstPerson is who the suites sign in as.
var FirstPerson = struct{ Name, User, Password string }{"Ada Day", "ada", "a compass for the steering"}

// BeFirst makes the first person and signs in as that person.
func (b *Browser) BeFirst(s *Server) error {
	if err := b.Open(s.First); err != nil {
		return err
	}
	return b.Run(
		chromedp.SendKeys(`input[name=full_name]`, FirstPerson.Name),
		chromedp.SendKeys(`input[name=user_name]`, FirstPerson.User),
		chromedp.SendKeys(`input[name=password]`, FirstPerson.Password),
		chromedp.Click(`input[name=role][value=cio]`),
		chromedp.Click(`input[name=role][value=cto]`),
		chromedp.Submit(`input[name=full_name]`),
		chromedp.WaitNotPresent(`input[name=full_name]`), b.Settle())
}

// Preview uploads a table with a bad row, waits for what it would change, and returns the path of the preview.
func (b *Browser) Preview() (string, error) {
	return Eval[string](b, `(async () => {
		const form = new FormData();
		form.append("files", new File(["key,name,country,criticality\nnorth-quay-pilots,North Quay Pilots,NL,high\nbaltic-bunkers,Baltic Bunkers,Nowhere,high\nkiel-ropes,Kiel Ropes,DE,low\n"], "vendors.csv"));
		let page = await fetch("/imports", {method: "POST", body: form});
		for (let i = 0; i < 100; i++) {
			page = await fetch(page.url);
			if (!(await page.text()).includes("data-poll")) break;
			await new Promise(done => setTimeout(done, 100));
		}
		return new URL(page.url).pathname;
	})()`)
}

// NewBoard makes a board of one's own and returns its path.
func (b *Browser) NewBoard(name string) (string, error) {
	return Eval[string](b, `fetch("/boards", {method: "POST", body: new URLSearchParams({name: "`+name+`"})}).then(r => new URL(r.url).pathname.replace(/\/arrange$/, ""))`)
}

// Root returns the folder of the project, from a folder inside of it.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("this is not inside of the project")
		}
		dir = filepath.Dir(dir)
	}
}
