// Package sso is the pages by which people come in through an identity provider.
package sso

import (
	"embed"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/access/sso"
	"binnacle/door"
	"binnacle/model"
	"binnacle/web/frame"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// flowCookie is the name of the cookie that binds the answer of a provider to the browser that asked.
const flowCookie = "sso"

// flowLife is how long somebody may take at the provider.
const flowLife = 10 * time.Minute

// pages are the handlers over one service.
type pages struct{ service *sso.Service }

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	h := s.House
	p := pages{sso.New(sso.Options{Access: h.Access, Vault: h.Vault, Client: h.Client, Log: h.Log, Now: func() time.Time { return h.Now().Time() }})}
	s.Open("GET /sso/{provider}", p.start)
	s.Open("GET /sso/{provider}/callback", p.finish)
	s.Open("POST /sso/{provider}/logout", p.logout)
	s.Page("GET /sso/{provider}/setup", p.setup)
	s.Page("POST /sso/{provider}/setup", p.change)
}

// base returns the address under which the visitor reaches Binnacle, without a slash at the end.
func base(v *frame.Visit) string {
	if v.House.BaseURL != "" {
		return strings.TrimSuffix(v.House.BaseURL, "/")
	}
	if v.R.TLS != nil {
		return "https://" + v.R.Host
	}
	return "http://" + v.R.Host
}

// address returns the full address of a page of a provider.
func address(v *frame.Visit, provider, page string) string {
	return base(v) + "/sso/" + url.PathEscape(provider) + "/" + page
}

func (p pages) start(v *frame.Visit) error {
	key := v.R.PathValue("provider")
	to, cookie, err := p.service.Start(v.Ctx(), key, address(v, key, "callback"), local(v.Form("to")), v.Cookie(flowCookie))
	if err != nil {
		return turned(v, err)
	}
	v.SetCookie(flowCookie, cookie, flowLife)
	return v.Redirect(to)
}

func (p pages) finish(v *frame.Visit) error {
	session, to, err := p.service.Finish(v.Ctx(), sso.Answer{Key: v.R.PathValue("provider"), Query: v.R.URL.Query(), Browser: v.Cookie(flowCookie), From: v.From(), Agent: v.R.UserAgent()})
	if err != nil {
		return turned(v, err)
	}
	if v.Who != nil {
		// Nobody is two people in one browser: the session of before ends.
		if err := v.House.Access.SignOut(v.Ctx(), v.Who); err != nil {
			return err
		}
	}
	v.SetCookie(flowCookie, "", -1)
	v.SetCookie(frame.SessionCookie, session, 0)
	return v.Redirect(local(to))
}

// turned shows that somebody could not come in, in words that tell what to do.
func turned(v *frame.Visit, err error) error {
	status := http.StatusForbidden
	switch {
	case errors.Is(err, sso.ErrNoProvider):
		return &door.NotFound{What: "identity provider " + v.R.PathValue("provider")}
	case errors.Is(err, sso.ErrFlow):
		status = http.StatusBadRequest
	case errors.Is(err, sso.ErrProvider):
		status = http.StatusBadGateway
	case errors.Is(err, access.ErrNoAccount), errors.Is(err, access.ErrDisabled), errors.Is(err, access.ErrSignedOut):
	default:
		return err
	}
	return v.Render(templates, "sso-turned", frame.Page{Title: "You are not signed in", Bare: true, Status: status, Body: sentence(err)})
}

// sentence writes an error as a sentence.
func sentence(err error) string {
	text := err.Error()
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// logout answers a provider, and no person.
func (p pages) logout(v *frame.Visit) error {
	v.W.Header().Set("Cache-Control", "no-store")
	if err := p.service.Logout(v.Ctx(), v.R.PathValue("provider"), v.R.PostFormValue("logout_token")); err != nil {
		if !errors.Is(err, sso.ErrLogout) && !errors.Is(err, sso.ErrNoProvider) {
			v.Log().Error("a logout by an identity provider failed", "error", err)
		}
		http.Error(v.W, `{"error":"invalid_request"}`, http.StatusBadRequest)
		return nil
	}
	v.W.WriteHeader(http.StatusOK)
	return nil
}

// settings are what the page for setting up a provider shows.
type settings struct {
	Provider                       *model.IdentityProvider
	Start, Callback, Logout        string
	HasSecret, Tried, Works, Saved bool
	Problem                        string
}

func (p pages) settings(v *frame.Visit) (*settings, error) {
	if err := v.Who.MayAdminister(); err != nil {
		return nil, err
	}
	key := v.R.PathValue("provider")
	provider, err := p.service.Provider(key)
	if err != nil {
		return nil, &door.NotFound{What: "identity provider " + key + " that is in use"}
	}
	secret, err := v.House.Access.ProviderSecret(v.Ctx(), provider.Ref())
	return &settings{Provider: provider, HasSecret: secret != "", Start: strings.TrimSuffix(address(v, key, ""), "/"), Callback: address(v, key, "callback"), Logout: address(v, key, "logout")}, err
}

func (p pages) setup(v *frame.Visit) error {
	s, err := p.settings(v)
	if err != nil {
		return err
	}
	if v.House.Access.Fresh(v.Who) != nil {
		return confirm(v)
	}
	return show(v, s)
}

// confirm leads to where the visitor shows once more who that is, and from there to the page for setting up the provider.
func confirm(v *frame.Visit) error {
	return v.Redirect("/me/confirm?to=" + url.QueryEscape("/sso/"+url.PathEscape(v.R.PathValue("provider"))+"/setup"))
}

// show shows the page for setting up a provider.
func show(v *frame.Visit, s *settings) error {
	status := 0
	if s.Problem != "" {
		status = http.StatusUnprocessableEntity
	}
	return v.Render(templates, "sso-setup", frame.Page{Title: "Set up " + s.Provider.Title(), Section: "admin", Status: status, Body: s,
		Crumbs: []frame.Crumb{{Label: "Identity providers", Path: "/records/IdentityProvider"}, {Label: s.Provider.Title(), Path: frame.RecordPath("IdentityProvider", s.Provider.Key)}}})
}

func (p pages) change(v *frame.Visit) error {
	s, err := p.settings(v)
	if err != nil {
		return err
	}
	switch v.Form("do") {
	case "try":
		s.Tried = true
		if err := p.service.Try(v.Ctx(), s.Provider); err != nil {
			v.Log().Warn("an identity provider cannot be used", "provider", s.Provider.Key, "error", err)
			s.Problem = "The provider did not answer at its address, or what it says about itself does not fit the issuer. The log of the server has the reason."
		}
		s.Works = s.Problem == ""
	case "forget", "keep":
		secret := v.R.PostFormValue("secret")
		if v.Form("do") == "forget" {
			secret = ""
		} else if secret == "" {
			s.Problem = "Type the secret that the provider gave you."
			return show(v, s)
		}
		if err := v.House.Access.SetProviderSecret(v.Ctx(), v.Who, s.Provider.Ref(), secret); errors.Is(err, access.ErrConfirm) {
			return confirm(v)
		} else if err != nil {
			return err
		}
		s.Saved, s.HasSecret = true, secret != ""
	default:
		return frame.Bad("there is nothing to do called %q", v.Form("do"))
	}
	return show(v, s)
}

// local returns a path of this site, and / for everything else.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}
