package sign

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
)

func mountMe(s *frame.Site) {
	s.Page("GET /me", me)
	s.Page("POST /me", saveMe)
	s.Page("GET /me/confirm", confirm)
	s.Page("POST /me/confirm", doConfirm)
	s.Page("POST /me/confirm/passkey", startConfirm)
	s.Page("POST /me/confirm/passkey/finish", finishConfirm)
	s.Page("POST /me/password", changePassword)
	s.Page("GET /me/device", pairDevice)
	s.Page("POST /me/device", finishDevice)
	s.Page("POST /me/device/remove", removeDevice)
	s.Page("POST /me/recovery", newRecovery)
	s.Page("POST /me/passkeys/start", startNewPasskey)
	s.Page("POST /me/passkeys/finish", finishNewPasskey)
	s.Page("POST /me/passkeys/{id}/remove", removePasskey)
	s.Page("POST /me/passkeys/{id}/name", renamePasskey)
	s.Page("POST /me/sessions/{id}/end", endSession)
	s.Page("POST /me/sessions/end", endOthers)
	s.Page("POST /me/tokens", newToken)
	s.Page("POST /me/tokens/{key}/revoke", revokeToken)
}

// account is what the page of one's own account shows.
type account struct {
	Account  *model.Account
	Person   *model.Person
	Roles    []*model.Role
	Powers   []string
	Factors  access.Factors
	Sessions []access.OpenSession
	Tokens   []tokenRow
	Scopes   []model.Option
	Table    []access.Line
	Fresh    bool
	Latest   string
	Soonest  string
	Problem  string
	// Secret is a new token, and Recovery new recovery codes: both are shown once.
	Secret   string
	Recovery []string
}

// tokenRow is a token in a table.
type tokenRow struct {
	*model.AccessToken
	Used  string
	State string
	Whose string
}

// When writes a moment for the templates.
func (account) When(t time.Time) string { return when(t) }

// Browser names a browser by what it calls itself.
func (account) Browser(agent string) string {
	first := func(names [][2]string) string {
		for _, n := range names {
			if strings.Contains(agent, n[0]) {
				return n[1]
			}
		}
		return ""
	}
	browser := first([][2]string{{"Edg/", "Edge"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := first([][2]string{{"Android", "Android"}, {"iPhone", "an iPhone"}, {"iPad", "an iPad"}, {"Windows", "Windows"}, {"Mac OS", "a Mac"}, {"Linux", "Linux"}})
	switch {
	case agent == "":
		return "Not told"
	case browser == "":
		return agent
	case system == "":
		return browser
	}
	return browser + " on " + system
}

func me(v *frame.Visit) error { return showMe(v, 0, account{}) }

func showMe(v *frame.Visit, status int, a account) error {
	view, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	a.Account, a.Person, a.Roles, a.Table = v.Who.Account, v.Who.Person(), v.Who.Roles, v.Who.Table()
	for _, r := range a.Roles {
		for _, p := range access.Powers(r) {
			if !slices.Contains(a.Powers, p) {
				a.Powers = append(a.Powers, p)
			}
		}
	}
	s := v.House.Access
	if a.Factors, err = s.FactorsOf(v.Ctx(), v.Who); err != nil {
		return err
	}
	if a.Sessions, err = s.Sessions(v.Ctx(), v.Who); err != nil {
		return err
	}
	a.Fresh = s.Fresh(v.Who) == nil
	if a.Tokens, err = tokensOf(v, view, func(t *model.AccessToken) bool { return t.Account == v.Who.Account.Ref() }); err != nil {
		return err
	}
	for _, o := range model.TokenScope("").Options() {
		if o.Value != "provision" || v.Who.Administers() {
			a.Scopes = append(a.Scopes, o)
		}
	}
	now := s.Now()
	a.Latest, a.Soonest = now.Add(access.LongestToken-24*time.Hour).UTC().Format(time.DateOnly), now.Add(24*time.Hour).UTC().Format(time.DateOnly)
	return v.Render(templates, "me", frame.Page{Title: "Your account", Status: status, Body: a, Scripts: scripts, Styles: styles})
}

// tokensOf lists tokens that the visitor sees, those that are good for something first.
func tokensOf(v *frame.Visit, view estate.View, which func(*model.AccessToken) bool) ([]tokenRow, error) {
	used, err := v.House.Access.TokensUsed(v.Ctx())
	if err != nil {
		return nil, err
	}
	var out []tokenRow
	for t := range estate.Each[*model.AccessToken](view) {
		if !which(t) {
			continue
		}
		row := tokenRow{AccessToken: t, State: "active", Used: "never"}
		at, alive := used[t.Ref()]
		if alive {
			row.Used = when(at)
		}
		if whose := view.Get(t.Account); whose != nil {
			row.Whose = whose.Base().Title()
		}
		switch {
		case t.Revoked:
			row.State = "revoked"
		case !v.House.Access.Now().Before(t.Expires.Time()):
			row.State = "expired"
		case !alive:
			row.State = "ended"
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b tokenRow) int {
		if (a.State == "active") != (b.State == "active") {
			if a.State == "active" {
				return -1
			}
			return 1
		}
		return b.Expires.Time().Compare(a.Expires.Time())
	})
	return out, nil
}

// done leads back to a place on the page of the account, or to where the visitor confirms who they are, or shows what is wrong.
func done(v *frame.Visit, err error, to, text string) error {
	var later *access.Later
	var denied *access.Denied
	switch {
	case err == nil:
		return v.Done(to, text, door.Receipt{})
	case errors.Is(err, access.ErrConfirm):
		return v.Redirect("/me/confirm?to=" + url.QueryEscape(to))
	case errors.As(err, &denied):
		return err
	case errors.As(err, &later):
		return showMe(v, http.StatusTooManyRequests, account{Problem: sentence(err)})
	}
	return showMe(v, http.StatusUnprocessableEntity, account{Problem: sentence(err)})
}

func saveMe(v *frame.Visit) error {
	name := v.Form("name")
	if name == "" || len(name) > 200 {
		return done(v, errors.New("a name of at most 200 letters is needed"), "/me", "")
	}
	return done(v, v.House.Access.Rename(v.Ctx(), v.Who, name), "/me", "Your name is saved.")
}

// confirmation is what the page for showing who one is offers.
type confirmation struct {
	To, Problem string
	Factors     access.Factors
	External    bool
}

func confirm(v *frame.Visit) error { return showConfirm(v, 0, "") }

func showConfirm(v *frame.Visit, status int, problem string) error {
	f, err := v.House.Access.FactorsOf(v.Ctx(), v.Who)
	if err != nil {
		return err
	}
	return v.Render(templates, "confirm", bare("Is it you?", "What comes next changes who gets in. Show once more who you are.", status,
		confirmation{To: local(v.Form("to")), Problem: problem, Factors: f, External: v.Who.Account.Issuer != ""}))
}

func doConfirm(v *frame.Visit) error {
	secret, err := v.House.Access.Confirm(v.Ctx(), v.Who, v.R.PostFormValue("password"), v.R.PostFormValue("code"))
	if errors.Is(err, access.ErrSignedOut) {
		return v.Redirect("/sign-in")
	}
	if err != nil {
		status, told := statusOf(err)
		if !told {
			status = http.StatusUnauthorized
		}
		return showConfirm(v, status, sentence(err))
	}
	v.SetCookie(frame.SessionCookie, secret, 0)
	return v.Redirect(local(v.Form("to")))
}

func startConfirm(v *frame.Visit) error {
	c, err := v.House.Access.StartPasskeyConfirm(v.Ctx(), v.Who, origin(v))
	if err != nil {
		return replyError(v, err)
	}
	return reply(v, http.StatusOK, c)
}

func finishConfirm(v *frame.Visit) error {
	a, err := sent(v)
	if err != nil {
		return err
	}
	secret, err := v.House.Access.ConfirmPasskey(v.Ctx(), v.Who, a.ID, a.Answer)
	if err != nil {
		return replyError(v, err)
	}
	v.SetCookie(frame.SessionCookie, secret, 0)
	return reply(v, http.StatusOK, map[string]string{"to": local(a.To)})
}

func changePassword(v *frame.Visit) error {
	err := v.House.Access.ChangePassword(v.Ctx(), v.Who, v.R.PostFormValue("password"))
	return done(v, err, "/me", "The password is changed. All your other sessions have ended.")
}

// pairing is what the page for setting up a device shows.
type pairing struct {
	Picture         template.URL
	Secret, Problem string
}

func pairDevice(v *frame.Visit) error { return showDevice(v, 0, "") }

func showDevice(v *frame.Visit, status int, problem string) error {
	p, err := v.House.Access.StartDevice(v.Ctx(), v.Who, siteName(v))
	if err != nil {
		return done(v, err, "/me/device", "")
	}
	img, err := picture(p.Address)
	if err != nil {
		return err
	}
	return v.Render(templates, "device", frame.Page{Title: "Set up a device", Lead: "An app on your phone will make a code whenever you sign in.", Status: status, Styles: styles,
		Crumbs: []frame.Crumb{{Label: "Your account", Path: "/me"}}, Body: pairing{Picture: img, Secret: spaced(p.Secret), Problem: problem}})
}

func finishDevice(v *frame.Visit) error {
	codes, err := v.House.Access.FinishDevice(v.Ctx(), v.Who, v.R.PostFormValue("code"))
	switch {
	case errors.Is(err, access.ErrCode):
		return showDevice(v, http.StatusUnprocessableEntity, sentence(err))
	case err != nil || len(codes) == 0:
		return done(v, err, "/me", "The device is set up.")
	}
	return showMe(v, 0, account{Recovery: codes})
}

func removeDevice(v *frame.Visit) error {
	return done(v, v.House.Access.RemoveDevice(v.Ctx(), v.Who), "/me", "The device is removed.")
}

func newRecovery(v *frame.Visit) error {
	codes, err := v.House.Access.NewRecoveryCodes(v.Ctx(), v.Who)
	if err != nil {
		return done(v, err, "/me", "")
	}
	return showMe(v, 0, account{Recovery: codes})
}

func startNewPasskey(v *frame.Visit) error {
	c, err := v.House.Access.StartNewPasskey(v.Ctx(), v.Who, origin(v))
	if err != nil {
		return replyError(v, err)
	}
	return reply(v, http.StatusOK, c)
}

func finishNewPasskey(v *frame.Visit) error {
	a, err := sent(v)
	if err != nil {
		return err
	}
	codes, err := v.House.Access.FinishNewPasskey(v.Ctx(), v.Who, a.ID, a.Name, a.Answer)
	if err != nil {
		return replyError(v, err)
	}
	return reply(v, http.StatusOK, map[string]any{"to": "/me", "codes": codes})
}

func removePasskey(v *frame.Visit) error {
	return done(v, v.House.Access.RemovePasskey(v.Ctx(), v.Who, v.R.PathValue("id")), "/me", "The passkey is removed.")
}

func renamePasskey(v *frame.Visit) error {
	return done(v, v.House.Access.RenamePasskey(v.Ctx(), v.Who, v.R.PathValue("id"), v.Form("name")), "/me", "The passkey is renamed.")
}

func endSession(v *frame.Visit) error {
	return done(v, v.House.Access.EndSession(v.Ctx(), v.Who, v.R.PathValue("id")), "/me", "The session has ended.")
}

func endOthers(v *frame.Visit) error {
	return done(v, v.House.Access.EndOtherSessions(v.Ctx(), v.Who), "/me", "All your other sessions have ended.")
}

func newToken(v *frame.Visit) error {
	day, err := model.ParseDate(v.Form("expires"))
	if err != nil {
		return done(v, errors.New("the day on which the token ends cannot be read: write it like 2027-06-30"), "/me", "")
	}
	secret, err := v.House.Access.NewToken(v.Ctx(), v.Who, v.Form("name"), model.TokenScope(v.Form("scope")), day.Time())
	if err != nil {
		return done(v, err, "/me", "")
	}
	return showMe(v, 0, account{Secret: secret})
}

func revokeToken(v *frame.Visit) error {
	view, err := v.House.Look(v.Ctx(), v.Who, door.Moment{})
	if err != nil {
		return err
	}
	_, rec, err := door.Find(view, "AccessToken", v.R.PathValue("key"))
	if err != nil {
		return err
	}
	to := "/me"
	if rec.(*model.AccessToken).Account != v.Who.Account.Ref() {
		to = "/admin/tokens"
	}
	return done(v, v.House.Access.RevokeToken(v.Ctx(), v.Who, rec.Base().Ref()), to, "The token is revoked.")
}
