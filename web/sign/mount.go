// Package sign is the pages by which people come in and manage their own account and those of others.
package sign

import (
	"embed"
	"net/http"
	"net/url"
	"strings"

	"binnacle/access"
	"binnacle/web/frame"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Open("GET /first", first)
	s.Open("POST /first", createFirst)
	s.Open("GET /sign-in", signIn)
	s.Open("POST /sign-in", enter)
	s.Page("POST /sign-out", leave)
}

// form is what the pages for signing in show.
type form struct {
	To, Code, UserName, FullName, Email, Problem string
	Roles                                        []access.Choice
}

func first(v *frame.Visit) error {
	if !v.House.Access.NeedsFirst() {
		return v.Redirect("/sign-in")
	}
	return v.Render(templates, "first", frame.Page{Title: "Welcome to Binnacle", Bare: true, Body: form{Code: v.Form("code"), Roles: access.Offices()}})
}

func createFirst(v *frame.Visit) error {
	f := access.First{Code: v.Form("code"), FullName: v.Form("full_name"), UserName: v.Form("user_name"), Email: v.Form("email"),
		Password: v.R.PostFormValue("password"), Roles: v.R.PostForm["role"], From: v.From(), Agent: v.R.UserAgent()}
	secret, err := v.House.Access.CreateFirst(v.Ctx(), f)
	if err != nil {
		return v.Render(templates, "first", frame.Page{Title: "Welcome to Binnacle", Bare: true, Status: http.StatusUnprocessableEntity,
			Body: form{Code: f.Code, UserName: f.UserName, FullName: f.FullName, Email: f.Email, Problem: err.Error(), Roles: access.Offices()}})
	}
	v.SetCookie(frame.SessionCookie, secret, 0)
	return v.Redirect("/")
}

func signIn(v *frame.Visit) error {
	if v.House.Access.NeedsFirst() {
		return v.Redirect("/first")
	}
	return v.Render(templates, "sign-in", frame.Page{Title: "Sign in", Bare: true, Body: form{To: v.Form("to")}})
}

func enter(v *frame.Visit) error {
	secret, err := v.House.Access.SignIn(v.Ctx(), access.Attempt{UserName: v.Form("user_name"), Password: v.R.PostFormValue("password"), From: v.From(), Agent: v.R.UserAgent()})
	if err != nil {
		return v.Render(templates, "sign-in", frame.Page{Title: "Sign in", Bare: true, Status: http.StatusUnauthorized,
			Body: form{To: v.Form("to"), UserName: v.Form("user_name"), Problem: err.Error()}})
	}
	v.SetCookie(frame.SessionCookie, secret, 0)
	return v.Redirect(local(v.Form("to")))
}

// local returns a path of this site, and / for everything else.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n") {
		return "/"
	}
	return to
}

func leave(v *frame.Visit) error {
	if err := v.House.Access.SignOut(v.Ctx(), v.Who); err != nil {
		return err
	}
	v.SetCookie(frame.SessionCookie, "", -1)
	return v.Redirect("/sign-in")
}
