// Package sign is the pages by which people come in and manage their own account and those of others.
package sign

import (
	"embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/skip2/go-qrcode"

	"binnacle/access"
	"binnacle/door"
	"binnacle/practice"
	"binnacle/web/frame"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Open("GET /first", first)
	s.Open("POST /first", createFirst)
	s.Page("GET /first/next", next)
	s.Page("POST /first/demo", loadDemo)
	s.Open("GET /sign-in", signIn)
	s.Open("POST /sign-in", enter)
	s.Open("GET /sign-in/code", second)
	s.Open("POST /sign-in/code", enterCode)
	s.Open("GET /sign-in/enrol", enrol)
	s.Open("POST /sign-in/enrol", enterEnrolled)
	s.Open("GET /sign-in/link", link)
	s.Open("POST /sign-in/link", useLink)
	s.Open("POST /sign-in/passkey", startPasskey)
	s.Open("POST /sign-in/passkey/finish", finishPasskey)
	s.Page("POST /sign-out", leave)
	mountMe(s)
	mountAdmin(s)
	mountWebhooks(s)
	mountReceivers(s)
}

// The names of the cookies of this part.
const (
	// halfwayCookie holds the secret of a sign-in that waits for its second step.
	halfwayCookie = "halfway"
	// deviceCookie says that the browser has been signed in with before.
	deviceCookie = "device"
)

// scripts and styles are what the pages need beside those of every page.
var (
	scripts = []string{"sign.js"}
	styles  = []string{"sign.css"}
)

// bare returns a page without the menu.
func bare(title, lead string, status int, body any) frame.Page {
	return frame.Page{Title: title, Lead: lead, Bare: true, Status: status, Body: body, Scripts: scripts, Styles: styles}
}

// local returns a path of this site, and / for everything else.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

// sentence makes an error a sentence.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// statusOf returns the status for something about signing in that went wrong, and whether the page can tell the person. What it cannot
// tell is a fault.
func statusOf(err error) (int, bool) {
	var later *access.Later
	switch {
	case errors.As(err, &later), errors.Is(err, access.ErrBusy):
		return http.StatusTooManyRequests, true
	case errors.Is(err, access.ErrSignIn), errors.Is(err, access.ErrCode), errors.Is(err, access.ErrPasskey), errors.Is(err, access.ErrHalfway):
		return http.StatusUnauthorized, true
	}
	return http.StatusInternalServerError, false
}

// arrive sets the cookies of somebody who is in now and returns the text that tells what happened meanwhile, or nothing.
func arrive(v *frame.Visit, step access.Step) (string, error) {
	if v.Who != nil {
		if err := v.House.Access.SignOut(v.Ctx(), v.Who); err != nil {
			return "", err
		}
	}
	v.SetCookie(frame.SessionCookie, step.Session, 0)
	v.SetCookie(deviceCookie, step.Device, access.DeviceLife)
	v.SetCookie(halfwayCookie, "", -1)
	var said []string
	if step.Failed > 0 {
		said = append(said, fmt.Sprintf("%s to sign in as you since %s. If that was not you, change your password.",
			practice.Count(step.Failed, "failed attempt", "failed attempts"), step.Since.UTC().Format("2 January 2006, 15:04 UTC")))
	}
	if step.Backwards {
		said = append(said, "The counter of your passkey went backwards: it may have been copied. Remove it and add a new one.")
	}
	return strings.Join(said, " "), nil
}

// letIn leads somebody who is in now to where they wanted to go.
func letIn(v *frame.Visit, step access.Step, to string) error {
	said, err := arrive(v, step)
	if err != nil {
		return err
	}
	if said != "" {
		return v.Done(to, said, door.Receipt{})
	}
	return v.Redirect(to)
}

// origin returns the address of the site as the browser sees it.
func origin(v *frame.Visit) string {
	if o := v.R.Header.Get("Origin"); o != "" && o != "null" {
		if u, err := url.Parse(o); err == nil && u.Host == v.R.Host {
			return o
		}
	}
	return "http://" + v.R.Host
}

// siteName returns the host that a device shows beside its codes.
func siteName(v *frame.Visit) string {
	if u, err := url.Parse(v.House.Access.BaseURL()); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	u, err := url.Parse("//" + v.R.Host)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// picture returns a text as a picture that devices read, as an address that holds the picture itself.
func picture(text string) (template.URL, error) {
	png, err := qrcode.Encode(text, qrcode.Medium, 232)
	return template.URL("data:image/png;base64," + base64.StdEncoding.EncodeToString(png)), err
}

// spaced writes a secret in groups of four, as people type it.
func spaced(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// reply answers a script.
func reply(v *frame.Visit, status int, value any) error {
	v.W.Header().Set("Content-Type", "application/json")
	v.W.WriteHeader(status)
	return json.NewEncoder(v.W).Encode(value)
}

// replyError tells a script what is wrong.
func replyError(v *frame.Visit, err error) error {
	status, told := statusOf(err)
	switch {
	case errors.Is(err, access.ErrConfirm):
		return reply(v, http.StatusForbidden, map[string]string{"to": "/me/confirm?to=/me"})
	case !told:
		status = http.StatusUnprocessableEntity
	}
	return reply(v, status, map[string]string{"problem": sentence(err)})
}

// answered is what a script sends back from the browser's passkeys.
type answered struct {
	ID     string          `json:"id"`
	Name   string          `json:"name"`
	To     string          `json:"to"`
	Answer json.RawMessage `json:"answer"`
}

// sent reads what a script sent.
func sent(v *frame.Visit) (answered, error) {
	var a answered
	if err := json.NewDecoder(v.R.Body).Decode(&a); err != nil {
		return a, frame.Bad("what the browser sent cannot be read")
	}
	return a, nil
}

// when writes a moment for people.
func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2 Jan 2006, 15:04")
}
