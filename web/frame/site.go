// Package frame is what all pages have in common: the layout, who visits, at
// which moment, what is allowed, and how faults are shown.
package frame

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/model"
	"binnacle/web/assets"
)

// Options are what a site does not decide for itself.
type Options struct {
	// Secure says that people reach the site over TLS, here or at a proxy in front of it.
	Secure bool
	// From returns the network address of whoever sent a request. Unset means the address of the connection.
	From func(*http.Request) string
}

// Site is the pages over one house.
type Site struct {
	// House is the estate with everything that doors need.
	House  *door.House
	opt    Options
	mux    *http.ServeMux
	guard  *http.CrossOriginProtection
	routes []string
	// reports counts what browsers say about the content policy.
	reports reports
}

// New returns a site without pages but the assets.
func New(h *door.House, opt Options) *Site {
	if opt.From == nil {
		opt.From = func(r *http.Request) string {
			if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
				return a.Addr().Unmap().String()
			}
			return r.RemoteAddr
		}
	}
	s := &Site{House: h, opt: opt, mux: http.NewServeMux(), guard: http.NewCrossOriginProtection()}
	s.mux.HandleFunc("GET "+assets.Prefix, assets.Serve)
	s.mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, assets.URL("logo.svg"), http.StatusFound)
	})
	s.mux.HandleFunc("POST /csp", s.report)
	s.guard.AddInsecureBypassPattern("POST /csp")
	s.Page("/", func(v *Visit) error { return &door.NotFound{What: "page " + v.R.URL.Path} })
	return s
}

// Handler answers one visit. What it returns as an error is shown as a page.
type Handler func(*Visit) error

// maxForm is how long the body of a request may be, unless a page allows more.
const maxForm = 1 << 20

// Page adds a page that only somebody who is signed in may see. The pattern is
// that of [http.ServeMux], such as "GET /records/{kind}".
func (s *Site) Page(pattern string, h Handler) { s.add(pattern, maxForm, true, h) }

// Upload adds a page whose requests may be longer than those of others.
func (s *Site) Upload(pattern string, limit int64, h Handler) { s.add(pattern, limit, true, h) }

// Open adds a page that everybody may see.
func (s *Site) Open(pattern string, h Handler) { s.add(pattern, maxForm, false, h) }

// Routes returns the pattern of every page, in the order in which they were added.
func (s *Site) Routes() []string { return slices.Clone(s.routes) }

func (s *Site) add(pattern string, limit int64, members bool, h Handler) {
	s.routes = append(s.routes, pattern)
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := &Visit{Site: s, House: s.House, W: w, R: r, Moment: door.MomentOf(r.URL.Query())}
		defer func() {
			if fault := recover(); fault != nil {
				if fault == http.ErrAbortHandler {
					panic(fault)
				}
				s.House.Log.Error("a page failed", "path", r.URL.Path, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
				v.fail(errors.New("a fault in Binnacle stopped the page"))
			}
		}()
		r.Body = http.MaxBytesReader(w, r.Body, limit)
		if err := v.enter(members); err != nil {
			v.fail(err)
			return
		}
		if v.turnedAway {
			return
		}
		if err := h(v); err != nil {
			v.fail(err)
		}
	})
}

// fixed are the headers that every answer has.
var fixed = http.Header{
	"Content-Security-Policy":      {policy},
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"same-origin"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), geolocation=(), microphone=()"},
	"Cache-Control":                {"no-store"},
}

// ServeHTTP answers a request with the headers that keep browsers from doing anything else with the answer.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	maps.Copy(h, fixed)
	if s.opt.Secure {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
	if err := s.guard.Check(r); err != nil {
		http.Error(w, "This request came from another site and was refused.", http.StatusForbidden)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// Visit is one request by one person.
type Visit struct {
	// Site is where the visit is.
	Site *Site
	// House is the estate.
	House *door.House
	// W takes the answer.
	W http.ResponseWriter
	// R is the request.
	R *http.Request
	// Who visits. It is nil on open pages where nobody is signed in.
	Who *access.Principal
	// Moment is which estate is looked at.
	Moment door.Moment
	// Face is the office whose side is shown: inward, outward or both.
	Face model.Face
	// Theme is light or dark, or empty where the device decides.
	Theme string

	turnedAway bool
}

// Ctx returns the context of the request.
func (v *Visit) Ctx() context.Context { return v.R.Context() }

// Log returns the logger.
func (v *Visit) Log() *slog.Logger { return v.House.Log }

// Form returns a value of the form or of the address, without space around it.
func (v *Visit) Form(name string) string { return strings.TrimSpace(v.R.FormValue(name)) }

// From returns the network address of the visitor.
func (v *Visit) From() string { return v.Site.opt.From(v.R) }

// Partial reports whether only a part of a page is asked for, to be put into the page that is there.
func (v *Visit) Partial() bool {
	return v.R.Header.Get("HX-Request") == "true" && v.R.Header.Get("HX-Boosted") != "true" && v.R.Header.Get("HX-History-Restore-Request") != "true"
}

// cookieName returns the name of a cookie. Over TLS browsers bind it to this host.
func (s *Site) cookieName(name string) string {
	if s.opt.Secure {
		return "__Host-" + name
	}
	return name
}

// SetCookie sets a cookie that scripts cannot read. A life of 0 ends with the browser, and a negative one takes it away.
func (v *Visit) SetCookie(name, value string, life time.Duration) {
	http.SetCookie(v.W, &http.Cookie{Name: v.Site.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: v.Site.opt.Secure,
		SameSite: http.SameSiteLaxMode, MaxAge: int(life.Seconds())})
}

// Cookie returns the value of a cookie, or nothing.
func (v *Visit) Cookie(name string) string {
	if c, err := v.R.Cookie(v.Site.cookieName(name)); err == nil {
		return c.Value
	}
	return ""
}

// SessionCookie is the name of the cookie that holds the secret of the session.
const SessionCookie = "binnacle"

// Names of the cookies that remember which face somebody looks at, and how light the pages are.
const (
	faceCookie  = "face"
	themeCookie = "theme"
)

// remembered is how long the choice of a face or of a theme is remembered.
const remembered = 365 * 24 * time.Hour

// Faces are the sides that can be looked at.
var Faces = []model.Face{"inward", "outward", "both"}

// SetFace remembers which face the visitor looks at.
func (v *Visit) SetFace(face model.Face) error {
	if !slices.Contains(Faces, face) {
		return Bad("the face is inward, outward or both")
	}
	v.Face = face
	v.SetCookie(faceCookie, string(face), remembered)
	return nil
}

// SetTheme remembers whether pages are light or dark. Auto leaves that to the device.
func (v *Visit) SetTheme(theme string) error {
	switch theme {
	case "light", "dark":
		v.SetCookie(themeCookie, theme, remembered)
	case "auto":
		v.SetCookie(themeCookie, "", -1)
	default:
		return Bad("the theme is light, dark or auto")
	}
	return nil
}

// Here returns the address of the page, with its parameters. For what is not asked for with GET it is the home page.
func (v *Visit) Here() string {
	if v.R.Method != http.MethodGet {
		return "/"
	}
	return v.R.URL.RequestURI()
}

// Local returns an address of this site unchanged, and / for everything else, so that nobody is led away.
func Local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

// enter finds out who visits and turns away whoever may not.
func (v *Visit) enter(members bool) error {
	if secret := v.Cookie(SessionCookie); secret != "" {
		who, err := v.House.Access.Session(v.Ctx(), secret)
		switch {
		case err == nil:
			v.Who = who
		case !errors.Is(err, access.ErrSignedOut):
			return err
		}
	}
	if t := v.Cookie(themeCookie); t == "light" || t == "dark" {
		v.Theme = t
	}
	v.Face = model.Face(v.Cookie(faceCookie))
	if !slices.Contains(Faces, v.Face) {
		v.Face = "both"
		if v.Who != nil {
			v.Face = v.Who.Face()
		}
	}
	if !members || v.Who != nil {
		return nil
	}
	v.turnedAway = true
	to := "/sign-in"
	if v.House.Access.NeedsFirst() {
		to = "/first"
	} else if v.R.Method == http.MethodGet && v.R.URL.Path != "/" {
		to += "?to=" + urlEscape(v.R.URL.RequestURI())
	}
	if v.R.Header.Get("HX-Request") == "true" {
		v.W.Header().Set("HX-Redirect", to)
		v.W.WriteHeader(http.StatusUnauthorized)
		return nil
	}
	http.Redirect(v.W, v.R, to, http.StatusSeeOther)
	return nil
}

// newID returns a short random name for a fault, by which a person can ask about it.
func newID() string { return strings.ToLower(rand.Text()[:8]) }
