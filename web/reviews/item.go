package reviews

import (
	"html/template"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// itemPage is the page of one item, on which it is decided.
type itemPage struct {
	itemView
	Person        shown
	Team          string
	Title, About  string
	AccountShown  shown
	EntitledShown shown
	Granted       model.Date
	Why           string
	ApprovedBy    shown
	Conflicts     []conflict
	Others        []itemView
	Clock         template.HTML
	Share         share
	Before, After string
	At            int
	// MayDecide says that the visitor decides about it, and Not why that is not so.
	MayDecide bool
	Not       string
	Verdicts  []verdict
	// Reason is what stands in the form, and Said what was decided with.
	Reason, Said string
	Problem      string
	DecidePath   string
	Reassign     string
	ID           string
	Moves        []move
	DecidedBy    shown
	DecidedOn    model.Date
	Campaign     string
}

// conflict is a rule about duties that the person breaks with the help of the entitlement.
type conflict struct {
	shown
	Reason string
}

// verdict is something that can be decided.
type verdict struct {
	model.Option
	// Key chooses it on the keyboard.
	Key string
	// Needs says why a reason is needed, or nothing.
	Needs   string
	Checked bool
}

// move says that the item was given to somebody else.
type move struct {
	From, To shown
	On       model.Date
	Reason   string
}

// itemOf returns the review and the item that the address names.
func (d *desk) itemOf() (*model.AccessReview, *model.ReviewDecision, error) {
	r, err := d.reviewOf()
	if err != nil {
		return nil, nil, err
	}
	_, rec, err := door.Find(d.view, "ReviewDecision", d.R.PathValue("item"))
	if err != nil {
		return nil, nil, err
	}
	x := rec.(*model.ReviewDecision)
	if x.Review != r.Ref() {
		return nil, nil, &door.NotFound{What: "item " + x.Key + " of " + r.Title()}
	}
	return r, x, nil
}

func item(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, x, err := d.itemOf()
	if err != nil {
		return err
	}
	return d.showItem(r, x, "", x.Decision, x.Reason)
}

// showItem shows an item, with what is wrong with what was decided about it.
func (d *desk) showItem(r *model.AccessReview, x *model.ReviewDecision, problem string, chosen model.ReviewVerdict, reason string) error {
	reviewer := x.Reviewer
	items, hints, err := d.listed(r, reviewer, false, 100_000)
	if err != nil {
		return err
	}
	b := itemPage{itemView: d.item(r, x, hints[x.ID]), Problem: problem, Reason: reason, Clock: d.clockOf(r), Share: shareOf(items, model.Ref{}), ID: x.ID.String(), Campaign: r.Title()}
	b.Said = x.Reason
	b.tell(d, x)
	at := slices.Index(items, x)
	b.At = at + 1
	if at > 0 {
		b.Before = d.Path(itemPath(r, items[at-1]))
	}
	if at >= 0 && at+1 < len(items) {
		b.After = d.Path(itemPath(r, items[at+1]))
	}
	for _, other := range items {
		if other != x && (other.Person == x.Person && !x.Person.IsZero() || other.Account == x.Account) {
			b.Others = append(b.Others, d.item(r, other, hints[other.ID]))
		}
	}
	b.Not = d.whyNot(r, x)
	b.MayDecide = b.Not == ""
	if b.MayDecide && b.Looked {
		b.DecidePath = d.Path(itemPath(r, x, "/decide"))
		b.Verdicts = d.verdicts(x, chosen)
	}
	if r.State == model.ReviewOpen && d.mayWrite(x) {
		b.Reassign = d.Path(campaignPath(r, "/reassign"))
	}
	p := frame.Page{Title: x.EntitlementName, Lead: "May " + b.Title + " keep it?", Crumbs: []frame.Crumb{{Label: "Access reviews", Path: "/reviews"}, {Label: r.Title(), Path: campaignPath(r)}}, Body: b}
	if problem != "" {
		p.Status = unprocessable
	}
	return d.show("review-item", "reviews", p)
}

// tell fills in what is known about what the item is about, as far as the visitor may see it.
func (b *itemPage) tell(d *desk, x *model.ReviewDecision) {
	b.Person, b.Title = d.named(x.Person), x.AccountName
	if p, ok := d.view.Get(x.Person).(*model.Person); ok {
		b.Title, b.Team = p.Title(), d.named(p.Team).Title
	}
	b.AccountShown, b.EntitledShown = d.named(x.Account), d.named(x.Entitlement)
	if e, ok := estate.Look[*model.Entitlement](d.view, x.Entitlement); ok {
		b.About = e.Description
	}
	b.Granted = x.Granted
	if g, ok := estate.Look[*model.Grant](d.view, x.Grant); ok {
		b.Why, b.ApprovedBy = g.Reason, d.named(g.ApprovedBy)
	}
	for _, ref := range x.Conflicts {
		if rule, ok := estate.Look[*model.DutyRule](d.view, ref); ok {
			b.Conflicts = append(b.Conflicts, conflict{d.named(ref), rule.Reason})
		}
	}
	for _, m := range x.Moves {
		b.Moves = append(b.Moves, move{d.named(m.From), d.named(m.To), m.On.Date(), m.Reason})
	}
	b.DecidedBy, b.DecidedOn = d.named(x.DecidedBy), x.Decided.Date()
}

// whyNot says why the visitor does not decide about an item, or nothing.
func (d *desk) whyNot(r *model.AccessReview, x *model.ReviewDecision) string {
	switch {
	case d.past():
		return "You look at the past, which cannot be changed."
	case r.State != model.ReviewOpen:
		return "The review is not open, so that nothing about it can be decided."
	case d.nobody():
		return nobodyText
	case x.Person == d.me:
		return "It is about you. Somebody else decides."
	case x.Reviewer.IsZero():
		return "Nobody is to decide about it yet. Give it to somebody."
	case x.Reviewer != d.me:
		return upper(d.named(x.Reviewer).Title + " decides about it.")
	case !d.mayWrite(x):
		return "Your roles do not let you decide."
	}
	return ""
}

const nobodyText = "Your account belongs to no person, and persons decide. Somebody who administers Binnacle can say whose account it is."

// verdicts returns what can be decided about an item, and what needs a reason. The action itself says so.
func (d *desk) verdicts(x *model.ReviewDecision, chosen model.ReviewVerdict) []verdict {
	var out []verdict
	for i, o := range model.ReviewVerdict("").Options() {
		c := verdict{Option: o, Key: string(rune('1' + i)), Checked: o.Value == string(chosen)}
		_, err := d.House.Ask(d.Ctx(), d.Who, d.Moment, "identity.decide", map[string]any{"items": []any{x.ID.String()}, "decision": o.Value})
		if p, ok := problemOf(err); ok && p.Field == "reason" {
			c.Needs = upper(p.Text[strings.LastIndex(p.Text, "): ")+1:])
			c.Needs = upper(strings.TrimLeft(c.Needs, ": "))
		}
		out = append(out, c)
	}
	return out
}

// look notes that the visitor has opened an item.
func look(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, x, err := d.itemOf()
	if err != nil {
		return err
	}
	_, err = d.do("identity.look", map[string]any{"item": x.ID.String()})
	if p, ok := problemOf(err); ok {
		return frame.Bad("%s", upper(p.Text))
	}
	if err != nil {
		return err
	}
	return v.Redirect(v.Path(itemPath(r, x)))
}

// decide decides about an item and opens the next one.
func decide(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, x, err := d.itemOf()
	if err != nil {
		return err
	}
	chosen, reason := model.ReviewVerdict(v.Form("decision")), v.Form("reason")
	if chosen == "" {
		return d.showItem(r, x, "Choose what is to become of it.", chosen, reason)
	}
	receipt, err := d.do("identity.decide", map[string]any{"items": []any{x.ID.String()}, "decision": string(chosen), "reason": reason})
	if p, ok := problemOf(err); ok {
		return d.showItem(r, x, upper(p.Text), chosen, reason)
	}
	if err != nil {
		return err
	}
	said := labelOf(chosen) + ": " + x.EntitlementName + " of " + x.AccountName + "."
	next, err := d.next(r, x)
	if err != nil {
		return err
	}
	if next == nil || v.Form("then") != "next" {
		return d.Done(v.Path(campaignPath(r)), said, receipt)
	}
	if _, err := d.do("identity.look", map[string]any{"item": next.ID.String()}); err != nil {
		return err
	}
	return d.Done(v.Path(itemPath(r, next)), said, receipt)
}

// next returns the item of the visitor that is to be decided after one: the next in order that is not decided, else the first, and nil where there is none.
func (d *desk) next(r *model.AccessReview, x *model.ReviewDecision) (*model.ReviewDecision, error) {
	again, err := sit(d.Visit)
	if err != nil {
		return nil, err
	}
	*d = *again
	items, _, err := d.listed(r, d.me, false, 100_000)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(items, func(y *model.ReviewDecision) bool { return y.ID == x.ID })
	for _, y := range append(slices.Clone(items[at+1:]), items[:max(at, 0)]...) {
		if undecided(y) {
			return y, nil
		}
	}
	return nil, nil
}

// reassign gives items to somebody else to decide.
func reassign(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.reviewOf()
	if err != nil {
		return err
	}
	to, reason := v.Form("to"), v.Form("reason")
	var items []any
	for _, id := range v.R.Form["item"] {
		items = append(items, id)
	}
	if len(items) == 0 {
		return frame.Bad("no item was named")
	}
	if to == "" || reason == "" {
		return frame.Bad("say who is to decide, and why")
	}
	return d.done(v.Path(campaignPath(r)), practice.Count(len(items), "item was", "items were")+" given to somebody else.", "identity.reassign", map[string]any{"items": items, "to": to, "reason": reason})
}
