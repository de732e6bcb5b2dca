package sign

import (
	"cmp"
	"errors"
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

func mountAdmin(s *frame.Site) {
	s.Page("GET /admin", governed(accounts))
	s.Page("GET /admin/accounts", governed(accounts))
	s.Page("POST /admin/accounts", fresh(createAccount))
	s.Page("GET /admin/accounts/{key}", governed(oneAccount))
	s.Page("POST /admin/accounts/{key}", fresh(saveAccount))
	s.Page("POST /admin/accounts/{key}/{verb}", fresh(actOnAccount))
	s.Page("GET /admin/roles", governed(roles))
	s.Page("GET /admin/roles/{key}", governed(oneRole))
	s.Page("POST /admin/roles/{key}", fresh(saveRole))
	s.Page("GET /admin/groups", governed(groups))
	s.Page("GET /admin/groups/{key}", governed(groups))
	s.Page("POST /admin/groups/{key}", fresh(saveGroup))
	s.Page("GET /admin/providers", governed(providers))
	s.Page("POST /admin/providers", fresh(createProvider))
	s.Page("GET /admin/tokens", governed(tokens))
	s.Page("GET /admin/events", governed(events))
}

// governed shows a page to those alone who administer.
func governed(h frame.Handler) frame.Handler {
	return func(v *frame.Visit) error {
		if err := v.Who.MayAdminister(); err != nil {
			var d *access.Denied
			if errors.As(err, &d) {
				v.House.Access.NoteDenied(v.Ctx(), v.Who, d)
			}
			return err
		}
		return h(v)
	}
}

// fresh does something for those alone who administer and have shown who they are within ten minutes.
func fresh(h frame.Handler) frame.Handler {
	return governed(func(v *frame.Visit) error {
		if err := v.House.Access.Fresh(v.Who); err != nil {
			return v.Redirect("/me/confirm?to=" + url.QueryEscape(backTo(v)))
		}
		return h(v)
	})
}

// backTo returns the page from which a form was sent.
func backTo(v *frame.Visit) string {
	if u, err := url.Parse(v.R.Referer()); err == nil && u.Host == v.R.Host && strings.HasPrefix(u.Path, "/admin") {
		return u.RequestURI()
	}
	return "/admin"
}

// tab is one of the pages for those who administer.
type tab struct{ Label, Path string }

var tabs = []tab{{"Accounts", "/admin"}, {"Roles", "/admin/roles"}, {"Groups", "/admin/groups"}, {"Identity providers", "/admin/providers"}, {"Tokens", "/admin/tokens"}, {"Webhooks", "/admin/webhooks"}, {"Receivers", "/admin/receivers"}, {"Events", "/admin/events"}}

// admin is what every page for those who administer shows.
type admin struct {
	Tabs    []tab
	Tab     string
	Problem string
	Lines   []string
	Body    any
}

// show shows one of the pages. An error is told above it.
func show(v *frame.Visit, template, title, tab string, body any, err error, crumbs ...frame.Crumb) error {
	a := admin{Tabs: tabs, Tab: tab, Body: body}
	status := 0
	if err != nil {
		status, a.Problem = v.Words(err)
		if status == http.StatusInternalServerError {
			status, a.Problem = http.StatusUnprocessableEntity, sentence(err)
		}
		var refused *door.Refused
		if errors.As(err, &refused) {
			for _, p := range refused.Problems {
				a.Lines = append(a.Lines, p.Error())
			}
		}
	}
	return v.Render(templates, template, frame.Page{Title: title, Section: "admin", Status: status, Body: a, Styles: styles, Crumbs: crumbs})
}

// view returns the estate as it is now, whatever moment is looked at: who may get in is a matter of now.
func view(v *frame.Visit) (estate.View, error) { return v.House.Look(v.Ctx(), v.Who, door.Moment{}) }

// put writes one record as somebody wants it.
func put(v *frame.Visit, why string, e door.Edit) (door.Receipt, error) {
	now, err := view(v)
	if err != nil {
		return door.Receipt{}, err
	}
	change, err := v.House.Build(v.Ctx(), v.Who, now, e)
	if err != nil {
		return door.Receipt{}, err
	}
	if !e.Create && len(change.Fields) == 0 {
		return door.Receipt{}, nil
	}
	return v.House.Write(v.Ctx(), v.Who, door.Moment{}, door.Tx{Why: why, Changes: []model.Change{change}})
}

// titles names records that the visitor sees.
func titles(now estate.View, refs []model.Ref) []string {
	var out []string
	for _, r := range refs {
		if rec := now.Get(r); rec != nil {
			out = append(out, rec.Base().Title())
		}
	}
	return out
}

// sorted lists the records of a kind by title.
func sorted[R model.Record](now estate.View) []R {
	var out []R
	for r := range estate.Each[R](now) {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b R) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Base().Title()), strings.ToLower(b.Base().Title())), strings.Compare(a.Base().Key, b.Base().Key))
	})
	return out
}

// accountRow is an account in a table.
type accountRow struct {
	*model.Account
	Roles, Groups []string
	Second        bool
	In            string
}

// accountList is the page of accounts.
type accountList struct {
	Rows                         []accountRow
	Roles                        []*model.Role
	Active, Second, Unsafe, Busy int
	// Typed is what was typed into the form for a new account.
	Typed url.Values
	// Link is a one-time link, to be shown once, For somebody until Ends.
	Link, For, Ends string
}

func accounts(v *frame.Visit) error { return showAccounts(v, accountList{}, nil) }

func showAccounts(v *frame.Visit, l accountList, problem error) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	l.Roles = sorted[*model.Role](now)
	for _, a := range sorted[*model.Account](now) {
		row := accountRow{Account: a, Roles: titles(now, a.Roles), In: "never", Second: hasSecond(a)}
		for e := range now.In(a.Ref()) {
			if g, ok := e.Record.(*model.Group); ok {
				row.Groups = append(row.Groups, g.Title())
			}
		}
		if !a.SignedIn.IsZero() {
			row.In = when(a.SignedIn.Time())
		}
		if a.State != "disabled" {
			l.Active++
			if row.Second {
				l.Second++
			} else if a.Issuer == "" {
				l.Unsafe++
			}
		}
		l.Rows = append(l.Rows, row)
	}
	return show(v, "accounts", "Who gets in", "/admin", l, problem)
}

// hasSecond reports whether an account can show a second factor.
func hasSecond(a *model.Account) bool {
	return slices.ContainsFunc(a.Factors, func(f string) bool { return f == "code" || strings.HasPrefix(f, "passkey ") })
}

func createAccount(v *frame.Visit) error {
	user := v.Form("user_name")
	key := accountKey(user)
	set := map[string]any{"user_name": user, "name": v.Form("name"), "email": v.Form("email"), "person": v.Form("person"), "state": "active", "roles": list(v.R.PostForm["role"])}
	_, err := put(v, "Let "+key+" in", door.Edit{Kind: "Account", Key: key, Create: true, Set: set})
	if err != nil {
		return showAccounts(v, accountList{Typed: v.R.PostForm}, err)
	}
	return invite(v, key)
}

// accountKey makes the key of an account of what somebody will type to sign in.
func accountKey(user string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			return r
		}
		return '-'
	}, strings.ToLower(user)), "-.")
}

// list returns keys as an edit takes them.
func list(keys []string) any {
	out := []any{}
	for _, k := range keys {
		if k != "" {
			out = append(out, k)
		}
	}
	return out
}

// invite makes a one-time link and shows it.
func invite(v *frame.Visit, key string) error {
	a, err := accountOf(v, key)
	if err != nil {
		return err
	}
	code, ends, err := v.House.Access.Invite(v.Ctx(), v.Who, a.Ref())
	if err != nil {
		return showAccounts(v, accountList{}, err)
	}
	base := v.House.Access.BaseURL()
	if base == "" {
		base = origin(v)
	}
	return showAccounts(v, accountList{Link: strings.TrimSuffix(base, "/") + "/sign-in/link?code=" + url.QueryEscape(code), For: a.Title(), Ends: when(ends)}, nil)
}

// accountOf returns the account with a key.
func accountOf(v *frame.Visit, key string) (*model.Account, error) {
	now, err := view(v)
	if err != nil {
		return nil, err
	}
	_, rec, err := door.Find(now, "Account", key)
	if err != nil {
		return nil, err
	}
	return rec.(*model.Account), nil
}

// accountPage is the page of one account.
type accountPage struct {
	Account *model.Account
	Person  model.Record
	Roles   []roleChoice
	Groups  []string
	Table   []access.Line
	Self    bool
	In      string
	Since   string
}

// roleChoice is a role that somebody has or not.
type roleChoice struct {
	*model.Role
	Has bool
}

func oneAccount(v *frame.Visit) error { return showAccount(v, nil) }

func showAccount(v *frame.Visit, problem error) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	a, err := accountOf(v, v.R.PathValue("key"))
	if err != nil {
		return err
	}
	p := accountPage{Account: a, Person: now.Get(a.Person), Self: a.ID == v.Who.Account.ID, In: "never", Since: when(a.FactorsChanged.Time())}
	if !a.SignedIn.IsZero() {
		p.In = when(a.SignedIn.Time())
	}
	all := []*model.Role{}
	for _, r := range sorted[*model.Role](now) {
		has := slices.Contains(a.Roles, r.Ref())
		p.Roles = append(p.Roles, roleChoice{r, has})
		if has {
			all = append(all, r)
		}
	}
	for e := range now.In(a.Ref()) {
		if g, ok := e.Record.(*model.Group); ok {
			p.Groups = append(p.Groups, g.Title())
			for _, ref := range g.Roles {
				if r, ok := estate.Look[*model.Role](now, ref); ok {
					all = append(all, r)
				}
			}
		}
	}
	p.Table = access.Table(now.Schema(), all)
	return show(v, "account", a.Title(), "/admin", p, problem, frame.Crumb{Label: "Who gets in", Path: "/admin"})
}

func saveAccount(v *frame.Visit) error {
	key := v.R.PathValue("key")
	set := map[string]any{"name": v.Form("name"), "email": v.Form("email"), "person": v.Form("person"), "roles": list(v.R.PostForm["role"])}
	r, err := put(v, "Change what "+key+" may do", door.Edit{Kind: "Account", Key: key, Set: set})
	if err != nil {
		return showAccount(v, err)
	}
	return v.Done("/admin/accounts/"+url.PathEscape(key), "The account is saved.", r)
}

func actOnAccount(v *frame.Visit) error {
	key := v.R.PathValue("key")
	a, err := accountOf(v, key)
	if err != nil {
		return err
	}
	var said string
	var r door.Receipt
	switch v.R.PathValue("verb") {
	case "invite":
		return invite(v, key)
	case "disable":
		said = "The account is disabled. Its sessions and tokens have ended."
		r, err = put(v, "Disable "+key, door.Edit{Kind: "Account", Key: key, Set: map[string]any{"state": "disabled"}})
	case "enable":
		said = "The account may sign in again."
		r, err = put(v, "Enable "+key, door.Edit{Kind: "Account", Key: key, Set: map[string]any{"state": "active"}})
	case "factors":
		said, err = "The second factors are gone.", v.House.Access.ClearFactors(v.Ctx(), v.Who, a.Ref())
	case "sessions":
		said, err = "All sessions of the account have ended.", v.House.Access.EndSessionsOf(v.Ctx(), v.Who, a.Ref())
	default:
		return &door.NotFound{What: "page " + v.R.URL.Path}
	}
	if err != nil {
		return showAccount(v, err)
	}
	return v.Done("/admin/accounts/"+url.PathEscape(key), said, r)
}

func tokens(v *frame.Visit) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	rows, err := tokensOf(v, now, func(*model.AccessToken) bool { return true })
	if err != nil {
		return err
	}
	return show(v, "tokens", "Tokens", "/admin/tokens", rows, nil)
}

// event is an entry about who gets in.
type event struct {
	Seq      uint64
	At, Who  string
	Why      string
	Kind     string
	About    string
	Severity string
}

// How many entries are looked through for events, and how many events are shown.
const (
	lookedThrough = 600
	eventsShown   = 100
)

func events(v *frame.Visit) error {
	if err := v.House.Access.Flush(v.Ctx()); err != nil {
		return err
	}
	now, err := view(v)
	if err != nil {
		return err
	}
	entries, err := v.House.Entries(v.Ctx(), v.Who, 0, lookedThrough)
	if err != nil {
		return err
	}
	var out []event
	for _, e := range entries {
		for _, c := range e.Changes {
			k := now.Schema().Kind(c.Kind)
			if k == nil || k.Group != access.AccessGroup {
				continue
			}
			ev := event{Seq: e.Seq, At: e.At.Time().UTC().Format(time.DateTime), Who: e.Who, Why: e.Why, Kind: k.Label}
			if rec := now.Get(model.Ref(c.ID)); rec != nil {
				ev.About = rec.Base().Title()
			}
			switch {
			case strings.HasPrefix(e.Why, "Failed"), strings.HasPrefix(e.Why, "Denied"), strings.Contains(e.Why, "backwards"), strings.Contains(e.Why, "emergencies"):
				ev.Severity = "high"
			case strings.HasPrefix(e.Why, "Signed in"):
				ev.Severity = "muted"
			default:
				ev.Severity = "info"
			}
			out = append(out, ev)
			break
		}
		if len(out) == eventsShown {
			break
		}
	}
	return show(v, "events", "What happened", "/admin/events", out, nil)
}
