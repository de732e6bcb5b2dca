package sign

import (
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"binnacle/access"
	"binnacle/model"
	"binnacle/web/frame"
)

// form is what the pages for signing in show.
type form struct {
	To, Code, UserName, FullName, Email, Problem string
	Roles                                        []access.Choice
	Chosen                                       map[string]bool
	Providers                                    []*model.IdentityProvider
	Step                                         access.Step
	Picture                                      template.URL
	Secret                                       string
	Recovery                                     []string
}

const welcome = "One estate, two faces: what keeps the business running, and what comes next. You become the first person and administer Binnacle."

func first(v *frame.Visit) error {
	if !v.House.Access.NeedsFirst() {
		return v.Redirect("/sign-in")
	}
	return v.Render(templates, "first", bare("Welcome aboard", welcome, 0, form{Code: v.Form("code"), Roles: access.Offices()}))
}

func createFirst(v *frame.Visit) error {
	f := access.First{Code: v.Form("code"), FullName: v.Form("full_name"), UserName: v.Form("user_name"), Email: v.Form("email"),
		Password: v.R.PostFormValue("password"), Roles: v.R.PostForm["role"], From: v.From(), Agent: v.R.UserAgent()}
	secret, err := v.House.Access.CreateFirst(v.Ctx(), f)
	if errors.Is(err, access.ErrSetUp) {
		return v.Redirect("/sign-in")
	}
	if err != nil {
		chosen := map[string]bool{}
		for _, r := range f.Roles {
			chosen[r] = true
		}
		return v.Render(templates, "first", bare("Welcome aboard", welcome, http.StatusUnprocessableEntity,
			form{Code: f.Code, UserName: f.UserName, FullName: f.FullName, Email: f.Email, Problem: sentence(err), Roles: access.Offices(), Chosen: chosen}))
	}
	v.SetCookie(frame.SessionCookie, secret, 0)
	return v.Redirect("/first/next")
}

// steps is what the page after the first sign-in offers.
type steps struct {
	Demo, Empty, Imports, Administers, Secured bool
	Problem                                    string
}

func next(v *frame.Visit) error { return showNext(v, 0, "") }

func showNext(v *frame.Visit, status int, problem string) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	factors, err := v.House.Access.FactorsOf(v.Ctx(), v.Who)
	if err != nil {
		return err
	}
	return v.Render(templates, "next", frame.Page{Title: "What comes first?", Lead: "Binnacle answers from what it knows. Give it something to know.", Status: status, Styles: styles,
		Body: steps{Demo: v.House.Demo != nil, Empty: view.Count("Application") == 0, Imports: v.Who.Imports(), Administers: v.Who.Administers(), Secured: factors.Second(), Problem: problem}})
}

func loadDemo(v *frame.Visit) error {
	if err := v.Who.MayImport(); err != nil {
		return err
	}
	if v.House.Demo == nil {
		return frame.Bad("this program comes without a demo")
	}
	if err := v.House.LoadDemo(v.Ctx(), v.Who); err != nil {
		_, text := v.Words(err)
		return showNext(v, http.StatusUnprocessableEntity, text)
	}
	return v.Redirect("/")
}

func signIn(v *frame.Visit) error {
	if v.House.Access.NeedsFirst() {
		return v.Redirect("/first")
	}
	return showSignIn(v, 0, "")
}

func showSignIn(v *frame.Visit, status int, problem string) error {
	return v.Render(templates, "sign-in", bare("Sign in", "", status,
		form{To: local(v.Form("to")), UserName: v.Form("user_name"), Problem: problem, Providers: v.House.Access.Providers()}))
}

func enter(v *frame.Visit) error {
	step, err := v.House.Access.SignIn(v.Ctx(), access.Attempt{UserName: v.Form("user_name"), Password: v.R.PostFormValue("password"),
		Device: v.Cookie(deviceCookie), From: v.From(), Agent: v.R.UserAgent()})
	if err != nil {
		status, told := statusOf(err)
		if !told {
			return err
		}
		return showSignIn(v, status, sentence(err))
	}
	to := local(v.Form("to"))
	if step.Session != "" {
		return letIn(v, step, to)
	}
	v.SetCookie(halfwayCookie, step.Halfway, 0)
	page := "/sign-in/code"
	if step.Enrol {
		page = "/sign-in/enrol"
	}
	return v.Redirect(page + "?to=" + url.QueryEscape(to))
}

func second(v *frame.Visit) error {
	step, err := v.House.Access.Halfway(v.Ctx(), v.Cookie(halfwayCookie))
	if err != nil || step.Enrol {
		return v.Redirect("/sign-in")
	}
	return showSecond(v, step, 0, "")
}

func showSecond(v *frame.Visit, step access.Step, status int, problem string) error {
	return v.Render(templates, "code", bare("One more step", "", status, form{To: local(v.Form("to")), Problem: problem, Step: step}))
}

func enterCode(v *frame.Visit) error {
	secret := v.Cookie(halfwayCookie)
	step, err := v.House.Access.SecondStep(v.Ctx(), secret, v.R.PostFormValue("code"))
	if err == nil {
		return letIn(v, step, local(v.Form("to")))
	}
	return again(v, err, func(status int) error {
		step, gone := v.House.Access.Halfway(v.Ctx(), secret)
		if gone != nil {
			return showSignIn(v, status, sentence(gone))
		}
		return showSecond(v, step, status, sentence(err))
	})
}

// again shows a step once more where the person can do something about what is wrong.
func again(v *frame.Visit, err error, show func(status int) error) error {
	status, told := statusOf(err)
	if !told {
		return err
	}
	if errors.Is(err, access.ErrHalfway) {
		return showSignIn(v, status, sentence(err))
	}
	return show(status)
}

func enrol(v *frame.Visit) error { return showEnrol(v, 0, "") }

func showEnrol(v *frame.Visit, status int, problem string) error {
	pairing, err := v.House.Access.StartEnrolment(v.Ctx(), v.Cookie(halfwayCookie), siteName(v))
	if errors.Is(err, access.ErrHalfway) {
		return v.Redirect("/sign-in")
	}
	if err != nil {
		return err
	}
	img, err := picture(pairing.Address)
	if err != nil {
		return err
	}
	return v.Render(templates, "enrol", bare("Set up a second factor", "Your roles ask for one. It takes a minute, and an app on your phone.", status,
		form{To: local(v.Form("to")), Problem: problem, Picture: img, Secret: spaced(pairing.Secret)}))
}

func enterEnrolled(v *frame.Visit) error {
	step, err := v.House.Access.FinishEnrolment(v.Ctx(), v.Cookie(halfwayCookie), v.R.PostFormValue("code"))
	if err != nil {
		return again(v, err, func(status int) error { return showEnrol(v, status, sentence(err)) })
	}
	if _, err := arrive(v, step); err != nil {
		return err
	}
	return v.Render(templates, "recovery", bare("Keep these codes", "", 0, form{To: local(v.Form("to")), Recovery: step.Recovery}))
}

func link(v *frame.Visit) error {
	a, err := v.House.Access.Invited(v.Ctx(), v.Form("code"))
	if err != nil {
		return showSignIn(v, http.StatusNotFound, sentence(err))
	}
	return showLink(v, a, 0, "")
}

func showLink(v *frame.Visit, a *model.Account, status int, problem string) error {
	return v.Render(templates, "link", bare("Choose a password", "", status, form{Code: v.Form("code"), FullName: a.Title(), UserName: a.UserName, Problem: problem}))
}

func useLink(v *frame.Visit) error {
	a, err := v.House.Access.Invited(v.Ctx(), v.Form("code"))
	if err == nil {
		if err = v.House.Access.UseInvite(v.Ctx(), v.Form("code"), v.R.PostFormValue("password")); err == nil {
			return v.Redirect("/sign-in")
		}
	}
	if errors.Is(err, access.ErrLink) {
		return showSignIn(v, http.StatusNotFound, sentence(err))
	}
	return showLink(v, a, http.StatusUnprocessableEntity, sentence(err))
}

// startPasskey begins a sign-in with a passkey: as the second step where a first one has been taken, else as the whole.
func startPasskey(v *frame.Visit) error {
	var c access.Ceremony
	var err error
	if half := v.Cookie(halfwayCookie); half != "" && v.R.URL.Query().Has("second") {
		c, err = v.House.Access.StartPasskeySecond(v.Ctx(), origin(v), half)
	} else {
		c, err = v.House.Access.StartPasskeyEntry(v.Ctx(), origin(v))
	}
	if err != nil {
		return replyError(v, err)
	}
	return reply(v, http.StatusOK, c)
}

func finishPasskey(v *frame.Visit) error {
	a, err := sent(v)
	if err != nil {
		return err
	}
	step, err := v.House.Access.FinishPasskey(v.Ctx(), a.ID, a.Answer, v.Cookie(deviceCookie), v.From(), v.R.UserAgent())
	if err != nil {
		return replyError(v, err)
	}
	said, err := arrive(v, step)
	if err != nil {
		return err
	}
	if said != "" {
		v.SetCookie("toast", url.QueryEscape("|"+said), 0)
	}
	return reply(v, http.StatusOK, map[string]string{"to": local(strings.TrimSpace(a.To))})
}

func leave(v *frame.Visit) error {
	if err := v.House.Access.SignOut(v.Ctx(), v.Who); err != nil {
		return err
	}
	v.SetCookie(frame.SessionCookie, "", -1)
	return v.Redirect("/sign-in")
}
