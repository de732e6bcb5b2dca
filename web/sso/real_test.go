package sso_test

import (
	"bufio"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/outbound"
	"binnacle/web/frame"
	"binnacle/web/sso"
)

// place is a house with a site that people come into through providers.
type place struct {
	*doortest.World
	*httptest.Server
}

// open opens a place whose clock stands at the real now, since real providers have a clock too.
func open(t *testing.T) *place {
	t.Helper()
	w := doortest.Open(t)
	w.Advance(time.Since(w.Now()))
	w.First()
	w.House.Client = outbound.New(outbound.Policy{Allow: []string{"127.0.0.1"}, Timeout: 10 * time.Second})
	site := frame.New(w.House, frame.Options{})
	sso.Mount(site)
	site.Open("GET /sign-in", func(v *frame.Visit) error {
		_, err := io.WriteString(v.W, "Sign in")
		return err
	})
	site.Page("GET /whoami", func(v *frame.Visit) error {
		var roles []string
		for _, r := range v.Who.Roles {
			roles = append(roles, r.Key)
		}
		_, err := io.WriteString(v.W, "I am "+v.Who.Who()+" with "+strings.Join(roles, ","))
		return err
	})
	s := httptest.NewServer(site)
	t.Cleanup(s.Close)
	return &place{w, s}
}

// provider adds the record of a provider that makes accounts, and gives architects their role.
func (p *place) provider(t *testing.T, key, issuer string) *model.IdentityProvider {
	t.Helper()
	role := p.Store.Snapshot().Find("Role", "enterprise-architect").Base().Ref()
	rec := &model.IdentityProvider{Issuer: issuer, ClientID: "binnacle", Creates: true, GroupRoles: []model.GroupRole{{Group: "architects", Role: role}}}
	rec.Key = key
	p.Put(rec)
	return rec
}

// browser returns a client that keeps cookies and follows redirects.
func browser(t *testing.T) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Client{Jar: jar, Timeout: 20 * time.Second}
}

// read returns where a request led to, its status and its body.
func read(t *testing.T, res *http.Response, err error) (*url.URL, int, string) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Request.URL, res.StatusCode, string(body)
}

var (
	formAction = regexp.MustCompile(`<form[^>]*action="([^"]*)"`)
	formInput  = regexp.MustCompile(`<(?:input|button)[^>]*name="([^"]*)"[^>]*?value="([^"]*)"`)
)

// submit sends the form of a page on, with further values.
func submit(t *testing.T, c *http.Client, at *url.URL, page string, values url.Values) (*url.URL, int, string) {
	t.Helper()
	m := formAction.FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("%s has no form:\n%s", at, page)
	}
	action, err := at.Parse(html.UnescapeString(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	all := url.Values{}
	for _, in := range formInput.FindAllStringSubmatch(page, -1) {
		all.Set(html.UnescapeString(in[1]), html.UnescapeString(in[2]))
	}
	for name := range values {
		all.Set(name, values.Get(name))
	}
	res, err := c.PostForm(action.String(), all)
	return read(t, res, err)
}

// realProvider starts npm's certified provider and returns its issuer.
func realProvider(t *testing.T, callback, logout string) string {
	t.Helper()
	skip := func(why string) {
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		skip("node is not installed: the real provider cannot be started")
	}
	modules, err := filepath.Abs("../assets/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "oidc-provider")); err != nil {
		skip("oidc-provider is not in web/assets/node_modules: install the npm packages first")
	}
	cmd := exec.Command(node, "testdata/provider.mjs", modules, callback, logout)
	var faults strings.Builder
	cmd.Stderr = &faults
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		cmd.Wait()
		if t.Failed() {
			t.Log(faults.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the provider did not start: %v\n%s", err, faults.String())
	}
	return strings.TrimSpace(line)
}

// signIn goes through the pages of the real provider as a person does, and returns where that led.
func signIn(t *testing.T, c *http.Client, start, login string) (*url.URL, int, string) {
	t.Helper()
	res, err := c.Get(start)
	at, status, page := read(t, res, err)
	for range 3 {
		if !strings.HasPrefix(at.Path, "/interaction/") {
			break
		}
		at, status, page = submit(t, c, at, page, url.Values{"login": {login}, "password": {"any"}})
	}
	return at, status, page
}

// TestSignInThroughARealProvider plays the whole flow: in, known again, roles by groups, out by the back channel.
func TestSignInThroughARealProvider(t *testing.T) {
	p := open(t)
	issuer := realProvider(t, p.URL+"/sso/real/callback", p.URL+"/sso/real/logout")
	rec := p.provider(t, "real", issuer)
	ada := p.Principal("ada")
	ada.Session, ada.Proved = "test", p.Now()
	if err := p.Access.SetProviderSecret(t.Context(), ada, rec.Ref(), "a secret of the tests"); err != nil {
		t.Fatal(err)
	}

	c := browser(t)
	at, status, page := signIn(t, c, p.URL+"/sso/real?to=/whoami", "grace")
	if at.Path != "/whoami" || page != "I am grace with enterprise-architect" {
		t.Fatalf("%s answers %d: %s", at, status, page)
	}
	a := p.Store.Snapshot().Find("Account", "grace").(*model.Account)
	if a.Issuer != issuer || a.Subject != "grace" || a.Email != "grace@example.com" || a.Name != "Grace Stern" {
		t.Errorf("the account is %+v", a)
	}
	// The one who calls himself like the administrator becomes somebody else.
	at, _, page = signIn(t, browser(t), p.URL+"/sso/real?to=/whoami", "ivan")
	if at.Path != "/whoami" || page != "I am ada-2 with " {
		t.Errorf("ASVS 6.8.1: %s says %q", at, page)
	}
	// A second visit finds the account again.
	n := p.Store.Snapshot().View(0).Count("Account")
	if _, _, page = signIn(t, browser(t), p.URL+"/sso/real?to=/whoami", "grace"); page != "I am grace with enterprise-architect" || p.Store.Snapshot().View(0).Count("Account") != n {
		t.Errorf("the second visit: %q", page)
	}
	t.Run("ASVS 10.5.5 back-channel logout", func(t *testing.T) {
		res, err := c.Get(issuer + "/session/end")
		at, _, page := read(t, res, err)
		submit(t, c, at, page, url.Values{"logout": {"yes"}})
		deadline := time.Now().Add(5 * time.Second)
		for {
			res, err := c.Get(p.URL + "/whoami")
			_, _, page = read(t, res, err)
			if !strings.Contains(page, "I am grace") {
				break
			}
			if time.Now().After(deadline) {
				t.Fatal("the session is still there")
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
}
