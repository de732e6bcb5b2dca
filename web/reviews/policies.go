package reviews

import (
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/clock"
	"binnacle/web/frame"
	"binnacle/web/parts"
	"binnacle/web/prose"
)

// policiesView is the page of the policies that somebody must know.
type policiesView struct {
	Nobody bool
	// Due are those that the visitor must confirm.
	Due []policyCard
	// Done are the confirmations of the visitor, the newest first.
	Done []confirmation
	// Others are the other policies in force.
	Others []policyCard
	// Mine are the policies that the visitor looks after, with how many have confirmed each.
	Mine template.HTML
}

// policyCard is a policy on a list.
type policyCard struct {
	Title, Path, Type, Edition string
	Owner                      string
	InForce                    model.Date
	Clock                      template.HTML
	// Changed says that the visitor had confirmed this version before its text was changed.
	Changed bool
}

// confirmation says that the visitor confirmed a version of a policy.
type confirmation struct {
	Title, Path, Edition string
	At                   model.Time
	When                 string
	// Counts says that this is the text in force.
	Counts bool
}

// farAhead is how many days ahead the page looks for what must be confirmed.
const farAhead = 365

func policyPath(p *model.Policy, below ...string) string {
	return "/policies/" + url.PathEscape(p.Key) + strings.Join(below, "")
}

// holds reports whether a policy is in force.
func (d *desk) holds(p *model.Policy) bool { return p.State == "in_force" && p.InForce <= d.view.At() }

// toConfirm returns what the visitor must confirm, by the id of the policy.
func (d *desk) toConfirm(only model.Ref) (map[model.ID]policyCard, []model.ID, error) {
	if d.nobody() {
		return nil, nil, nil
	}
	parameters := map[string]any{"remind": farAhead}
	if !only.IsZero() {
		parameters["policy"] = only.String()
	}
	answer, err := d.ask("security.attestations", parameters)
	if err != nil {
		return nil, nil, err
	}
	out := map[model.ID]policyCard{}
	var order []model.ID
	r := answer.rows("reminders")
	for i := range r.cells {
		if model.Ref(value[practice.Link](r, i, "person").ID) != d.me {
			continue
		}
		p, ok := d.view.Get(model.Ref(value[practice.Link](r, i, "policy").ID)).(*model.Policy)
		if !ok {
			continue
		}
		c := d.card(p)
		c.Clock, c.Changed = clock.OfDays(p.InForce, value[model.Date](r, i, "due"), 0, d.view.At()).HTML(), value[bool](r, i, "changed")
		out[p.ID] = c
		order = append(order, p.ID)
	}
	return out, order, nil
}

// card returns a policy for a list.
func (d *desk) card(p *model.Policy) policyCard {
	return policyCard{Title: p.Title(), Path: d.Path(policyPath(p)), Type: labelOf(p.Type), Edition: p.Edition, Owner: d.named(p.Owner).Title, InForce: p.InForce}
}

// confirmed returns what the visitor confirmed of one policy or of all, the newest first.
func (d *desk) confirmed(only model.Ref) []confirmation {
	var out []confirmation
	if d.nobody() {
		return nil
	}
	seen := map[model.ID]bool{}
	for e := range d.view.In(d.me) {
		a, ok := e.Record.(*model.Attestation)
		if !ok || a.Person != d.me || seen[a.ID] || !only.IsZero() && a.Policy != only {
			continue
		}
		seen[a.ID] = true
		c := confirmation{Title: a.Title(), Edition: a.Edition, At: a.At, When: d.Ago(a.At)}
		if p, ok := d.view.Get(a.Policy).(*model.Policy); ok {
			c.Title, c.Path = p.Title(), d.Path(policyPath(p))
			c.Counts = d.holds(p) && strings.EqualFold(a.Edition, p.Edition) && (a.TextHash == "" || p.Text == "" || a.TextHash == digest(p.Text))
		}
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b confirmation) int { return strings.Compare(b.At.String(), a.At.String()) })
	return out
}

// digest names a text exactly.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func policies(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	b := policiesView{Nobody: d.nobody(), Done: d.confirmed(model.Ref{})}
	due, order, err := d.toConfirm(model.Ref{})
	if err != nil {
		return err
	}
	for _, id := range order {
		b.Due = append(b.Due, due[id])
	}
	keeps := false
	for p := range estate.Each[*model.Policy](d.view) {
		if _, asked := due[p.ID]; d.holds(p) && !asked {
			b.Others = append(b.Others, d.card(p))
		}
		keeps = keeps || p.Attest && d.mayWrite(p)
	}
	slices.SortFunc(b.Others, func(a, b policyCard) int {
		return strings.Compare(strings.ToLower(a.Title), strings.ToLower(b.Title))
	})
	if keeps {
		b.Mine = d.part("security.attestations", nil, "by_policy", parts.Options{Heading: -1, Limit: 100})
	}
	return d.show("policies", "policies", frame.Page{Title: "Policies to know", Lead: "Read what holds in the company, and confirm what you are asked to.", Body: b})
}

// part asks a question and shows one part of the answer.
func (d *desk) part(question string, parameters url.Values, name string, opt parts.Options) template.HTML {
	given := map[string]any{}
	for k := range parameters {
		given[k] = parameters.Get(k)
	}
	answer, err := d.ask(question, given)
	if err != nil {
		_, text := d.Words(err)
		return template.HTML(`<p class="problem">` + template.HTMLEscapeString(text) + `</p>`)
	}
	opt.Open = "/questions/" + question
	if len(parameters) > 0 {
		opt.Open += "?" + parameters.Encode()
	}
	return parts.Render(d.Visit, answer.parts[name], opt)
}

// policyPage is the page of one policy.
type policyPage struct {
	policyCard
	State      string
	Holds      bool
	Text       template.HTML
	Link       string
	ApprovedBy shown
	Approved   model.Date
	ReviewBy   model.Date
	Record     string
	Asked      bool
	MayConfirm bool
	Nobody     bool
	Digest     string
	// ConfirmPath is where the confirmation is sent.
	ConfirmPath string
	History     []confirmation
	// Missing are who has not confirmed it, where the visitor looks after it.
	Figures, ByTeam, Missing template.HTML
	Stale                    bool
}

func policy(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	p, err := d.policyOf()
	if err != nil {
		return err
	}
	return d.showPolicy(p, false)
}

func (d *desk) policyOf() (*model.Policy, error) {
	_, rec, err := door.Find(d.view, "Policy", d.R.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return rec.(*model.Policy), nil
}

// showPolicy shows a policy. Stale says that its text changed between reading and confirming.
func (d *desk) showPolicy(p *model.Policy, stale bool) error {
	due, _, err := d.toConfirm(p.Ref())
	if err != nil {
		return err
	}
	b := policyPage{policyCard: d.card(p), State: labelOf(p.State), Holds: d.holds(p), Link: p.Link, ApprovedBy: d.named(p.ApprovedBy), Approved: p.Approved, ReviewBy: p.ReviewBy, Record: d.Record(practice.To(p)),
		Nobody: d.nobody(), Digest: digest(p.Text), ConfirmPath: d.Path(policyPath(p, "/confirm")), History: d.confirmed(p.Ref()), Stale: stale}
	if p.Text != "" {
		b.Text = prose.HTML(p.Text)
	}
	if c, ok := due[p.ID]; ok {
		b.Asked, b.Clock, b.Changed = true, c.Clock, c.Changed
		b.MayConfirm = !d.past() && d.Who.MayCreate("Attestation")
	}
	if p.Attest && d.mayWrite(p) && b.Holds {
		asked := url.Values{"policy": {"Policy/" + p.Key}, "remind": {"365"}}
		for _, name := range []string{"asked", "share", "overdue"} {
			b.Figures += d.part("security.attestations", asked, name, parts.Options{Heading: 3, Compact: true})
		}
		b.Missing = d.part("security.attestations", asked, "reminders", parts.Options{Heading: 3, Title: "Who has not confirmed it", Limit: 200})
		b.ByTeam = d.part("security.attestations", asked, "by_policy", parts.Options{Heading: 3, Title: "By team", Limit: 100})
	}
	page := frame.Page{Title: p.Title(), Lead: frame.Short(p.Description, 240), Crumbs: []frame.Crumb{{Label: "Policies to know", Path: "/policies"}}, Body: b}
	if stale {
		page.Status = http.StatusConflict
	}
	return d.show("policy", "policies", page)
}

// confirm notes that the visitor has read a policy, where it is the text that the page showed.
func confirm(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	p, err := d.policyOf()
	if err != nil {
		return err
	}
	if v.Form("read") == "" {
		return frame.Bad("tick that you have read it")
	}
	if v.Form("text") != digest(p.Text) || v.Form("edition") != p.Edition {
		return d.showPolicy(p, true)
	}
	return d.done(v.Path("/policies"), "You confirmed "+p.Title()+", version "+p.Edition+".", "security.attest", map[string]any{"policy": p.ID.String()})
}
