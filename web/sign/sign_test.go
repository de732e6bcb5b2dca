package sign_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"binnacle/door/doortest"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/sign"
)

// browser is one person's browser.
type browser struct {
	t *testing.T
	*http.Client
	base string
	// at is the address that the last page had, and status its status.
	at     string
	status int
}

func open(t *testing.T, w *doortest.World) *httptest.Server {
	t.Helper()
	s := frame.New(w.House, frame.Options{})
	sign.Mount(s)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server
}

func newBrowser(t *testing.T, server *httptest.Server) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, Client: &http.Client{Jar: jar}, base: server.URL}
}

func (b *browser) get(path string) string {
	b.t.Helper()
	r, err := b.Get(b.base + path)
	return b.page(r, err)
}

func (b *browser) post(path string, pairs ...string) string {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := b.PostForm(b.base+path, form)
	return b.page(r, err)
}

func (b *browser) page(r *http.Response, err error) string {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at, b.status = r.Request.URL.RequestURI(), r.StatusCode
	if strings.Contains(string(body), " style=") || strings.Contains(string(body), "<script>") || strings.Contains(string(body), " onclick=") {
		b.t.Errorf("%s has inline style or script", b.at)
	}
	return string(body)
}

func (b *browser) want(status int, at string) {
	b.t.Helper()
	if b.status != status || !strings.HasPrefix(b.at, at) {
		b.t.Fatalf("%d at %s, want %d at %s", b.status, b.at, status, at)
	}
}

func has(t *testing.T, page string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			t.Errorf("the page does not say %q", text)
		}
	}
}

func (b *browser) signIn(user, password string) string {
	b.t.Helper()
	return b.post("/sign-in", "user_name", user, "password", password, "to", "/me")
}

// first makes the first person in a browser.
func first(t *testing.T, w *doortest.World, b *browser) {
	t.Helper()
	code, err := w.Access.SetupCode(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	page := b.get("/first?code=" + url.QueryEscape(code))
	has(t, page, "Welcome aboard", "Which hats do you wear?", "CIO", "CTO", "CEO", "CMO")
	page = b.post("/first", "code", code, "full_name", "Ada Day", "user_name", "ada", "password", "password1234", "role", "cio")
	b.want(422, "/first")
	has(t, page, "attackers try first", `value="cio" checked`)
	page = b.post("/first", "code", code, "full_name", "Ada Day", "user_name", "ada", "password", doortest.Password, "role", "cio", "role", "cto")
	b.want(200, "/first/next")
	has(t, page, "Load the demo company", "Drop the first file", "Invite others", "Add a second factor")
}

func TestEveryPageOfOneWhoAdministers(t *testing.T) {
	w := doortest.Open(t)
	b := newBrowser(t, open(t, w))
	first(t, w, b)
	for path, says := range map[string]string{
		"/me":                 "What your roles allow",
		"/me/confirm":         "Is it you?",
		"/me/device":          "data:image/png;base64,",
		"/admin":              "Let somebody in",
		"/admin/accounts/ada": "What that adds up to",
		"/admin/roles":        "Enterprise architect",
		"/admin/roles/cio":    "Change the role",
		"/admin/groups":       "There is no group yet",
		"/admin/providers":    "Add a provider",
		"/admin/tokens":       "There is no token",
		"/admin/events":       "Signed in: set-up",
		"/admin/webhooks":     "There is no webhook yet",
		"/first/next":         "What comes first?",
		"/sign-in":            "Use a passkey",
	} {
		has(t, b.get(path), says)
		b.want(200, path)
	}
	b.post("/admin/accounts/nobody/disable")
	b.want(404, "/admin/accounts/nobody/disable")
}

func TestV8_3_1_PagesForAdministratorsAreClosedToOthers(t *testing.T) {
	w := doortest.Open(t)
	server := open(t, w)
	ada := newBrowser(t, server)
	first(t, w, ada)
	link := inviteLink(t, ada, "bea")
	bea := newBrowser(t, server)
	bea.get(link)
	bea.post("/sign-in/link", "code", codeOf(t, link), "password", doortest.Password)
	bea.want(200, "/sign-in")
	bea.signIn("bea", doortest.Password)
	bea.want(200, "/me")
	for _, path := range []string{"/admin", "/admin/accounts/ada", "/admin/roles", "/admin/roles/cio", "/admin/groups", "/admin/providers", "/admin/tokens", "/admin/events"} {
		bea.get(path)
		bea.want(403, path)
	}
	for _, path := range []string{"/admin/accounts", "/admin/accounts/ada", "/admin/accounts/ada/disable", "/admin/accounts/ada/invite", "/admin/accounts/ada/factors", "/admin/roles/employee", "/admin/providers", "/first/demo"} {
		bea.post(path, "role", "administrator", "administers", "on", "version", "1")
		bea.want(403, path)
	}
	stranger := newBrowser(t, server)
	for _, path := range []string{"/me", "/admin", "/first/next", "/me/device"} {
		stranger.get(path)
		stranger.want(200, "/sign-in")
	}
	if w.Principal("bea").Administers() {
		t.Error("bea administers")
	}
}

// inviteLink makes an account and returns the path of the one-time link.
func inviteLink(t *testing.T, b *browser, user string, roles ...string) string {
	t.Helper()
	pairs := []string{"user_name", user, "name", user}
	for _, r := range roles {
		pairs = append(pairs, "role", r)
	}
	page := b.post("/admin/accounts", pairs...)
	b.want(200, "/admin/accounts")
	found := regexp.MustCompile(`/sign-in/link\?code=[^<"]+`).FindString(page)
	if found == "" {
		t.Fatal("the page shows no link")
	}
	return found
}

func codeOf(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("code")
}

func TestTwoStepsThroughThePages(t *testing.T) {
	w := doortest.Open(t)
	server := open(t, w)
	b := newBrowser(t, server)
	first(t, w, b)
	page := b.get("/me/device")
	secret := strings.ReplaceAll(regexp.MustCompile(`<code class="secret">([A-Z2-7 ]+)</code>`).FindStringSubmatch(page)[1], " ", "")
	code := func() string {
		c, err := totp.GenerateCode(secret, w.Now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	b.post("/me/device", "code", "000000")
	b.want(422, "/me/device")
	w.Advance(time.Minute)
	page = b.post("/me/device", "code", code())
	has(t, page, "Your recovery codes")
	if n := strings.Count(page, "<li><code>"); n != 10 {
		t.Errorf("%d recovery codes are shown", n)
	}
	w.Advance(time.Minute)
	other := newBrowser(t, server)
	other.signIn("ada", "not the right password")
	other.want(401, "/sign-in")
	has(t, other.signIn("ada", doortest.Password), "One more step")
	other.want(200, "/sign-in/code")
	other.get("/me")
	other.want(200, "/sign-in")
	page = other.post("/sign-in/code", "code", "123456", "to", "/me")
	other.want(401, "/sign-in/code")
	has(t, page, "The code is not right")
	page = other.post("/sign-in/code", "code", code(), "to", "/me")
	other.want(200, "/me")
	has(t, page, "2 failed attempts to sign in as you since")
	// After ten minutes a change needs the password and a code again.
	w.Advance(11 * time.Minute)
	other.post("/me/recovery")
	other.want(200, "/me/confirm")
	other.post("/me/confirm", "password", doortest.Password, "code", code(), "to", "/me")
	other.want(200, "/me")
	has(t, other.post("/me/recovery"), "Your recovery codes")
}

func TestRolesAreEditedOnAPage(t *testing.T) {
	w := doortest.Open(t)
	server := open(t, w)
	b := newBrowser(t, server)
	first(t, w, b)
	role := w.Store.Snapshot().Find("Role", "employee").(*model.Role)
	page := b.post("/admin/roles/employee", "version", fmt.Sprint(role.Version), "name", "Everybody", "description", "Looks things up.", "face", "both",
		"kinds-0", "*", "read-0", "own", "write-0", "none", "approve-0", "none", "kinds-1", "Host", "read-1", "all", "write-1", "own", "approve-1", "none", "kinds-2", "", "read-2", "all", "second_factor", "on")
	b.want(200, "/admin/roles/employee")
	has(t, page, "The role is saved", "Comes in only with a second factor")
	role = w.Store.Snapshot().Find("Role", "employee").(*model.Role)
	if len(role.Permissions) != 2 || role.Permissions[1] != (model.Permission{Kinds: "Host", Read: "all", Write: "own", Approve: "none"}) || !role.SecondFactor || role.Name != "Everybody" {
		t.Errorf("the role is %+v", role)
	}
	link := inviteLink(t, b, "bea", "employee")
	bea := newBrowser(t, server)
	bea.post("/sign-in/link", "code", codeOf(t, link), "password", doortest.Password)
	has(t, bea.signIn("bea", doortest.Password), "Set up a second factor")
	bea.want(200, "/sign-in/enrol")
	// Taking the last administrator away is refused.
	page = b.post("/admin/accounts/ada", "name", "Ada Day", "role", "cio")
	b.want(422, "/admin/accounts/ada")
	has(t, page, "nobody could administer")
}

func TestV7_4_2_DisablingOnThePageEndsTheSession(t *testing.T) {
	w := doortest.Open(t)
	server := open(t, w)
	ada, bea := newBrowser(t, server), newBrowser(t, server)
	first(t, w, ada)
	link := inviteLink(t, ada, "bea", "employee")
	bea.post("/sign-in/link", "code", codeOf(t, link), "password", doortest.Password)
	bea.signIn("bea", doortest.Password)
	page := bea.post("/me/tokens", "name", "nightly", "scope", "read", "expires", "2027-08-01")
	token := regexp.MustCompile(`bnc_[A-Za-z0-9_-]{43}`).FindString(page)
	if _, err := w.Access.Token(t.Context(), token); err != nil {
		t.Fatalf("the token %q: %v", token, err)
	}
	ada.post("/admin/accounts/bea/disable")
	ada.want(200, "/admin/accounts/bea")
	ada.post("/admin/accounts/bea/enable")
	bea.get("/me")
	bea.want(200, "/sign-in")
	if _, err := w.Access.Token(t.Context(), token); err == nil {
		t.Error("the token is good again after the account was enabled again")
	}
}

func TestV3_5_1_OtherSitesPostNothing(t *testing.T) {
	w := doortest.Open(t)
	server := open(t, w)
	b := newBrowser(t, server)
	first(t, w, b)
	for _, path := range []string{"/me/sessions/end", "/admin/accounts/ada/disable", "/sign-out", "/sign-in/passkey", "/me/passkeys/start"} {
		r, _ := http.NewRequest("POST", server.URL+path, nil)
		r.Header.Set("Origin", "https://evil.example.com")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		b.page(b.Do(r))
		b.want(403, path)
	}
}

func TestSignInLeadsOnlyToThisSite(t *testing.T) {
	w := doortest.Open(t)
	server := open(t, w)
	first(t, w, newBrowser(t, server))
	for _, to := range []string{"https://evil.example.com/", "//evil.example.com", `/\evil.example.com`, "javascript:alert(1)", "/\tevil", "\n//evil.example.com"} {
		b := newBrowser(t, server)
		b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r, err := b.PostForm(server.URL+"/sign-in", url.Values{"user_name": {"ada"}, "password": {doortest.Password}, "to": {to}})
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		if got := r.Header.Get("Location"); got != "/" {
			t.Errorf("to %q leads to %q", to, got)
		}
	}
}

func TestPasskeysNeedASecureAddress(t *testing.T) {
	w := doortest.Open(t)
	server := open(t, w)
	first(t, w, newBrowser(t, server))
	b := newBrowser(t, server)
	r, err := b.Post(server.URL+"/sign-in/passkey", "application/json", strings.NewReader("{}"))
	has(t, b.page(r, err), "rowsers allow passkeys only over https")
	local := strings.Replace(server.URL, "127.0.0.1", "localhost", 1)
	request, _ := http.NewRequest("POST", local+"/sign-in/passkey", strings.NewReader("{}"))
	request.Header.Set("Origin", local)
	var begun struct {
		ID      string
		Options struct{ Challenge, RPID, UserVerification string }
	}
	r, err = b.Do(request)
	if err := json.Unmarshal([]byte(b.page(r, err)), &begun); err != nil || begun.ID == "" || begun.Options.RPID != "localhost" || begun.Options.UserVerification != "required" {
		t.Errorf("the ceremony %+v: %v", begun, err)
	}
}
