package sign

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"binnacle/door"
	"binnacle/hooks"
	"binnacle/model"
	"binnacle/web/frame"
)

func mountWebhooks(s *frame.Site) {
	s.Page("GET /admin/webhooks", governed(webhooks))
	s.Page("POST /admin/webhooks", fresh(createWebhook))
	s.Page("GET /admin/webhooks/{key}", governed(oneWebhook))
	s.Page("POST /admin/webhooks/{key}", fresh(saveWebhook))
	s.Page("POST /admin/webhooks/{key}/{verb}", fresh(actOnWebhook))
}

// webhookRow is a webhook in a table.
type webhookRow struct {
	*model.Webhook
	Account string
	Status  hooks.Status
	// State is active, paused, failing or without key, and Last what came of the last message.
	State, Last string
}

// webhookList is the page of webhooks.
type webhookList struct {
	Rows []webhookRow
	Form webhookForm
	Open bool
}

// webhookForm is what a form for a webhook shows.
type webhookForm struct {
	Name, URL, Account string
	Groups             []hookKinds
	Accounts           []*model.Account
}

// hookKinds is the kinds of a group that a webhook may tell of.
type hookKinds struct {
	Group string
	Kinds []hookKind
}

// hookKind is a kind that is told or not.
type hookKind struct {
	*model.Kind
	Told bool
}

func webhooks(v *frame.Visit) error { return showWebhooks(v, nil, nil) }

func showWebhooks(v *frame.Visit, typed url.Values, problem error) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	l := webhookList{Open: problem != nil}
	for _, w := range sorted[*model.Webhook](now) {
		row, err := hookRow(v, w)
		if err != nil {
			return err
		}
		if a := now.Get(w.Account); a != nil {
			row.Account = a.Base().Title()
		}
		l.Rows = append(l.Rows, row)
	}
	if l.Form, err = hookForm(v, typed["kinds"]); err != nil {
		return err
	}
	l.Form.Name, l.Form.URL, l.Form.Account = typed.Get("name"), typed.Get("url"), typed.Get("account")
	return show(v, "webhooks", "Webhooks", "/admin/webhooks", l, problem)
}

// hookForm returns the choices of a form for a webhook, with the kinds that are told.
func hookForm(v *frame.Visit, told []string) (webhookForm, error) {
	now, err := view(v)
	if err != nil {
		return webhookForm{}, err
	}
	f := webhookForm{}
	for _, a := range sorted[*model.Account](now) {
		if a.State != "disabled" {
			f.Accounts = append(f.Accounts, a)
		}
	}
	for _, k := range now.Schema().Kinds() {
		if n := len(f.Groups); n == 0 || f.Groups[n-1].Group != k.Group {
			f.Groups = append(f.Groups, hookKinds{Group: k.Group})
		}
		last := &f.Groups[len(f.Groups)-1]
		last.Kinds = append(last.Kinds, hookKind{k, slices.Contains(told, k.Name)})
	}
	return f, nil
}

// hookRow tells how a webhook fares.
func hookRow(v *frame.Visit, w *model.Webhook) (webhookRow, error) {
	st, err := hooks.StatusOf(v.Ctx(), v.House, v.Who, w.Ref())
	if err != nil {
		return webhookRow{}, err
	}
	row := webhookRow{Webhook: w, Status: st, State: "active", Last: "nothing sent yet"}
	if len(st.Deliveries) > 0 {
		d := st.Deliveries[0]
		row.Last = when(d.At) + ": " + outcome(d)
	}
	switch {
	case w.Paused:
		row.State = "paused"
	case !st.HasSecret:
		row.State = "without key"
	case st.Failures > 0:
		row.State = "failing"
	}
	return row, nil
}

// outcome says what came of a message.
func outcome(d hooks.Delivery) string {
	switch {
	case d.Problem != "":
		return d.Problem
	case d.Status != 0:
		return fmt.Sprintf("taken with status %d", d.Status)
	}
	return "no answer"
}

// webhookPage is the page of one webhook.
type webhookPage struct {
	Row        webhookRow
	Form       webhookForm
	Deliveries []deliveryRow
	// Error is what went wrong last, where the webhook fails, and Next when it is tried again.
	Error, Next string
	// Secret is the key that messages are signed with, to be shown once.
	Secret string
}

// deliveryRow is one attempt to send a message.
type deliveryRow struct {
	hooks.Delivery
	When, Text string
	Took       time.Duration
}

func oneWebhook(v *frame.Visit) error { return showWebhook(v, v.R.PathValue("key"), "", nil) }

func showWebhook(v *frame.Visit, key, secret string, problem error) error {
	w, err := webhookOf(v, key)
	if err != nil {
		return err
	}
	p := webhookPage{Secret: secret}
	if p.Row, err = hookRow(v, w); err != nil {
		return err
	}
	if p.Form, err = hookForm(v, w.Kinds); err != nil {
		return err
	}
	p.Form.Name, p.Form.URL = w.Name, w.URL
	for _, a := range p.Form.Accounts {
		if a.Ref() == w.Account {
			p.Form.Account = a.Key
		}
	}
	for _, d := range p.Row.Status.Deliveries {
		p.Deliveries = append(p.Deliveries, deliveryRow{Delivery: d, When: when(d.At), Text: outcome(d), Took: d.Took.Round(time.Millisecond)})
		if d.Problem != "" && p.Error == "" {
			p.Error = when(d.At) + ": " + d.Problem
		}
	}
	if p.Row.Status.Note != "" {
		p.Error = p.Row.Status.Note
	}
	if p.Row.State == "failing" && !p.Row.Status.Next.IsZero() {
		p.Next = when(p.Row.Status.Next)
	}
	return show(v, "webhook", w.Title(), "/admin/webhooks", p, problem, frame.Crumb{Label: "Webhooks", Path: "/admin/webhooks"})
}

// webhookOf returns the webhook with a key.
func webhookOf(v *frame.Visit, key string) (*model.Webhook, error) {
	now, err := view(v)
	if err != nil {
		return nil, err
	}
	_, rec, err := door.Find(now, "Webhook", key)
	if err != nil {
		return nil, err
	}
	return rec.(*model.Webhook), nil
}

// hookFields reads the form for a webhook.
func hookFields(v *frame.Visit) (map[string]any, error) {
	now, err := view(v)
	if err != nil {
		return nil, err
	}
	kinds := []any{}
	for _, name := range v.R.PostForm["kinds"] {
		k := now.Schema().Kind(name)
		if k == nil {
			return nil, frame.Bad("there is no kind %q", name)
		}
		kinds = append(kinds, k.Name)
	}
	return map[string]any{"name": v.Form("name"), "url": v.Form("url"), "account": v.Form("account"), "kinds": kinds}, nil
}

func createWebhook(v *frame.Visit) error {
	if err := v.R.ParseForm(); err != nil {
		return err
	}
	set, err := hookFields(v)
	if err != nil {
		return err
	}
	now, err := view(v)
	if err != nil {
		return err
	}
	base := "webhook"
	if u, err := url.Parse(v.Form("url")); err == nil && u.Hostname() != "" {
		base = accountKey(u.Hostname())
	}
	key := base
	for n := 2; now.Find("Webhook", key) != nil; n++ {
		key = fmt.Sprintf("%s-%d", base, n)
	}
	if _, err := put(v, "Tell "+key+" of changes", door.Edit{Kind: "Webhook", Key: key, Create: true, Set: set}); err != nil {
		return showWebhooks(v, v.R.PostForm, err)
	}
	return newSecret(v, key)
}

// newSecret makes a key for a webhook and shows it.
func newSecret(v *frame.Visit, key string) error {
	w, err := webhookOf(v, key)
	if err != nil {
		return err
	}
	secret, err := hooks.NewSecret(v.Ctx(), v.House, v.Who, w.Ref())
	return showWebhook(v, key, secret, err)
}

// hookPath returns the path of the page of a webhook.
func hookPath(key string) string { return "/admin/webhooks/" + url.PathEscape(key) }

func saveWebhook(v *frame.Visit) error {
	if err := v.R.ParseForm(); err != nil {
		return err
	}
	key := v.R.PathValue("key")
	set, err := hookFields(v)
	if err != nil {
		return err
	}
	r, err := put(v, "Change the webhook "+key, door.Edit{Kind: "Webhook", Key: key, Set: set})
	if err != nil {
		return showWebhook(v, key, "", err)
	}
	return v.Done(hookPath(key), "The webhook is saved.", r)
}

func actOnWebhook(v *frame.Visit) error {
	key := v.R.PathValue("key")
	w, err := webhookOf(v, key)
	if err != nil {
		return err
	}
	verb := v.R.PathValue("verb")
	switch verb {
	case "secret":
		return newSecret(v, key)
	case "pause", "resume":
		r, err := put(v, strings.ToUpper(verb[:1])+verb[1:]+" the webhook "+key, door.Edit{Kind: "Webhook", Key: key, Set: map[string]any{"paused": verb == "pause"}})
		if err != nil {
			return showWebhook(v, key, "", err)
		}
		return v.Done(hookPath(key), map[string]string{"pause": "Nothing is sent for now.", "resume": "Changes are sent again."}[verb], r)
	case "delete":
		now, err := view(v)
		if err != nil {
			return err
		}
		r, err := v.House.Write(v.Ctx(), v.Who, door.Moment{}, door.Tx{Why: "Delete the webhook " + key, Changes: []model.Change{door.Removal(now, w)}})
		if err != nil {
			return showWebhook(v, key, "", err)
		}
		return v.Done("/admin/webhooks", "The webhook is deleted.", r)
	}
	return &door.NotFound{What: "page " + v.R.URL.Path}
}
