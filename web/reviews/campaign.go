package reviews

import (
	"html/template"
	"net/url"
	"slices"
	"strings"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// campaignPath returns the address of a review, or of a page below it.
func campaignPath(r *model.AccessReview, below ...string) string {
	return "/reviews/" + url.PathEscape(r.Key) + strings.Join(below, "")
}

// itemPath returns the address of an item.
func itemPath(r *model.AccessReview, x *model.ReviewDecision, below ...string) string {
	return campaignPath(r, "/items/"+url.PathEscape(x.Key)+strings.Join(below, ""))
}

// mostItems is how many items a page lists.
const mostItems = 400

// campaignView is the page of one review.
type campaignView struct {
	Nobody bool
	State  string
	// Open says that people decide.
	Open  bool
	Clock template.HTML
	// Mine and All say how far it has come.
	Mine, All share
	// AtClose says what becomes of what nobody has decided about.
	AtClose string
	// Next leads to the first item that the visitor has not decided about.
	Next itemView
	// ShowsAll says that the items of all reviewers are listed.
	ShowsAll bool
	Filters  []filter
	Groups   []personGroup
	// Hidden is how many items are not listed, and More leads to all of them.
	Hidden int
	More   string
	// Reviewers are who decides, where the visitor looks after the review.
	Reviewers []reviewerRow
	// ClosePath and VerifyPath are where forms lead, where the visitor may do that.
	ClosePath, VerifyPath string
	// Early says that closing it now would be early.
	Early bool
	// Figures and Revocations are what was to go and whether it has gone.
	Figures     template.HTML
	Revocations []gone
	// Reassign is where items are given to somebody else.
	Reassign string
	Record   string
	Facts    string
}

// reviewerRow is how far a reviewer has come.
type reviewerRow struct {
	Reviewer shown
	Share    share
	// Orphans says that these are the items about which nobody is to decide, with their keys.
	Orphans []string
}

// personGroup is what one person may do.
type personGroup struct {
	Title, Path, Team string
	Items             []itemView
}

// itemView is one item of a review.
type itemView struct {
	Path, LookPath       string
	Key, Account         string
	Entitlement          string
	System, Reviewer     shown
	Hints                []hint
	LastUsed             model.Date
	Peers                string
	Looked, Mine, Listed bool
	Decision             model.ReviewVerdict
	Label, Reason        string
}

// hint is something to think of before deciding.
type hint struct{ Class, Text string }

// hintsOf sorts the hints of an item: signs first, and what the others of the team have apart.
func hintsOf(list []string) (signs []hint, peers string) {
	for _, h := range list {
		switch {
		case strings.HasPrefix(h, "conflict"):
			signs = append(signs, hint{"bad", strings.TrimSuffix(upper(h), ": ")})
		case h == "privileged":
			signs = append(signs, hint{"brass", "Privileged"})
		case h == "not used":
			signs = append(signs, hint{"warn", "Not used"})
		case strings.HasSuffix(h, "have it"):
			peers = upper(h)
		case h == "gone by now":
			signs = append(signs, hint{"good", "Gone by now"})
		default:
			signs = append(signs, hint{"warn", upper(h)})
		}
	}
	return signs, peers
}

// listed asks for the items of a review, by person, of one reviewer or of all.
func (d *desk) listed(r *model.AccessReview, reviewer model.Ref, left bool, limit int) ([]*model.ReviewDecision, map[model.ID][]string, error) {
	parameters := map[string]any{"review": r.ID.String(), "limit": limit}
	if !reviewer.IsZero() {
		parameters["reviewer"] = reviewer.String()
	}
	if left {
		parameters["undecided"] = "yes"
	}
	answer, err := d.ask("identity.review", parameters)
	if err != nil {
		return nil, nil, err
	}
	table := answer.rows("table")
	hints := map[model.ID][]string{}
	var out []*model.ReviewDecision
	for i := range table.cells {
		l := value[practice.Link](table, i, "item")
		if x, ok := d.view.Get(model.Ref(l.ID)).(*model.ReviewDecision); ok {
			out = append(out, x)
			hints[x.ID] = value[[]string](table, i, "hints")
		}
	}
	return out, hints, nil
}

// item returns how a page shows an item.
func (d *desk) item(r *model.AccessReview, x *model.ReviewDecision, hints []string) itemView {
	out := itemView{
		Path: d.Path(itemPath(r, x)), LookPath: d.Path(itemPath(r, x, "/look")), Key: x.Key, Account: x.AccountName, Entitlement: x.EntitlementName, System: d.named(x.System), Reviewer: d.named(x.Reviewer),
		LastUsed: x.LastUsed.Date(), Looked: !x.Looked.IsZero(), Mine: !d.nobody() && x.Reviewer == d.me && x.Person != d.me, Decision: x.Decision, Label: labelOf(x.Decision), Reason: x.Reason, Listed: true,
	}
	out.Hints, out.Peers = hintsOf(hints)
	return out
}

// groups puts items together by person, in the order in which they come.
func (d *desk) groups(r *model.AccessReview, items []*model.ReviewDecision, hints map[model.ID][]string) []personGroup {
	var out []personGroup
	var last model.Ref
	for i, x := range items {
		if i == 0 || x.Person != last || x.Person.IsZero() && out[len(out)-1].Title != x.AccountName {
			g := personGroup{Title: x.AccountName}
			if p, ok := d.view.Get(x.Person).(*model.Person); ok {
				g.Title, g.Path, g.Team = p.Title(), d.Record(practice.To(p)), d.named(p.Team).Title
			}
			out, last = append(out, g), x.Person
		}
		g := &out[len(out)-1]
		g.Items = append(g.Items, d.item(r, x, hints[x.ID]))
	}
	return out
}

func campaign(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.reviewOf()
	if err != nil {
		return err
	}
	all := d.itemsOf(r)
	keeps := d.mayWrite(r)
	b := campaignView{Nobody: d.nobody(), State: labelOf(r.State), Open: r.State == model.ReviewOpen, Clock: d.clockOf(r), All: shareOf(all, model.Ref{}), Record: d.Record(practice.To(r))}
	if !d.nobody() {
		b.Mine = shareOf(all, d.me)
	}
	b.AtClose = atClose(r)
	b.ShowsAll = v.Form("of") == "all" || v.Form("of") == "" && b.Mine.Of == 0
	if err := b.list(d, r); err != nil {
		return err
	}
	if b.Open && !d.past() && b.Mine.Left() > 0 {
		if left, hints, err := d.listed(r, d.me, true, 1); err != nil {
			return err
		} else if len(left) > 0 {
			b.Next = d.item(r, left[0], hints[left[0].ID])
		}
	}
	if keeps {
		b.keep(d, r, all)
	}
	if r.State == model.ReviewClosed || keeps && b.Open {
		if b.Figures, b.Revocations, err = d.revocations(r); err != nil {
			return err
		}
	}
	return d.show("campaign", "reviews", frame.Page{Title: r.Title(), Lead: frame.Short(r.Description, 240), Crumbs: []frame.Crumb{{Label: "Access reviews", Path: "/reviews"}}, Body: b})
}

// atClose says what becomes of what nobody has decided about.
func atClose(r *model.AccessReview) string {
	if r.Undecided == model.UndecidedKeep {
		return "What nobody has decided about when the review is closed stays, and the review says that nobody decided."
	}
	return "What nobody has decided about when the review is closed is to be taken away."
}

// list fills in the items that the page lists.
func (b *campaignView) list(d *desk, r *model.AccessReview) error {
	reviewer, of, counts := d.me, "mine", b.Mine
	if b.ShowsAll {
		reviewer, of, counts = model.Ref{}, "all", b.All
	}
	which := d.Form("show")
	if which == "" {
		which = "all"
		if b.Open && counts.Left() > 0 {
			which = "left"
		}
	}
	items, hints, err := d.listed(r, reviewer, which == "left", 100_000)
	if err != nil {
		return err
	}
	if which == "decided" {
		items = slices.DeleteFunc(items, undecided)
	}
	b.More = d.Path("/questions/identity.review", "review", "AccessReview/"+r.Key)
	if len(items) > mostItems {
		b.Hidden, items = len(items)-mostItems, items[:mostItems]
	}
	b.Groups = d.groups(r, items, hints)
	for _, f := range []filter{{Label: "To decide", Path: "left", Count: counts.Left()}, {Label: "Decided", Path: "decided", Count: counts.Done}, {Label: "All", Path: "all", Count: counts.Of}} {
		f.On, f.Path = f.Path == which, d.Path(campaignPath(r), "of", of, "show", f.Path)
		b.Filters = append(b.Filters, f)
	}
	if b.Mine.Of > 0 && b.All.Of > b.Mine.Of {
		other := filter{Label: "Of all reviewers", Path: d.Path(campaignPath(r), "of", "all"), Count: b.All.Of}
		if b.ShowsAll {
			other = filter{Label: "Only mine", Path: d.Path(campaignPath(r), "of", "mine"), Count: b.Mine.Of}
		}
		b.Filters = append(b.Filters, other)
	}
	return nil
}

// keep fills in what somebody who looks after the review sees and does.
func (b *campaignView) keep(d *desk, r *model.AccessReview, all []*model.ReviewDecision) {
	at := map[model.Ref]*reviewerRow{}
	var list []*reviewerRow
	for _, x := range all {
		row := at[x.Reviewer]
		if row == nil {
			row = &reviewerRow{Reviewer: d.named(x.Reviewer)}
			at[x.Reviewer], list = row, append(list, row)
		}
		row.Share.Of++
		if !undecided(x) {
			row.Share.Done++
		} else if x.Reviewer.IsZero() {
			row.Orphans = append(row.Orphans, x.ID.String())
		}
	}
	slices.SortStableFunc(list, func(x, y *reviewerRow) int { return y.Share.Left() - x.Share.Left() })
	for _, row := range list {
		b.Reviewers = append(b.Reviewers, *row)
	}
	switch r.State {
	case model.ReviewOpen:
		b.ClosePath, b.Reassign = d.Path(campaignPath(r, "/close")), d.Path(campaignPath(r, "/reassign"))
		b.Early = b.All.Left() > 0 && !r.Due.IsZero() && d.view.At() <= r.Due
	case model.ReviewClosed:
		b.VerifyPath = d.Path(campaignPath(r, "/verify"))
	}
}

// gone is something that was decided to go, and what became of it.
type gone struct {
	Path, Title, Account, Entitlement, Reason string
	System, Owner                             shown
	Decided, Gone, Verified                   model.Date
	GoneBy                                    string
	Days                                      int
	Back                                      bool
}

// revocations returns what was decided to go, what should have gone first, with figures about it.
func (d *desk) revocations(r *model.AccessReview) (figures template.HTML, list []gone, err error) {
	answer, err := d.ask("identity.revocations", map[string]any{"review": r.ID.String(), "all": "yes", "limit": mostItems})
	if err != nil {
		return "", nil, err
	}
	t := answer.rows("table")
	for i := range t.cells {
		x, ok := d.view.Get(model.Ref(value[practice.Link](t, i, "item").ID)).(*model.ReviewDecision)
		if !ok {
			continue
		}
		g := gone{Path: d.Path(itemPath(r, x)), Title: d.linked(value[practice.Link](t, i, "person")).Title, Account: t.text(i, "account"), Entitlement: t.text(i, "entitlement"), Reason: x.Reason, System: d.linked(value[practice.Link](t, i, "system")),
			Owner: d.linked(value[practice.Link](t, i, "owner")), Decided: x.Decided.Date(), Gone: value[model.Date](t, i, "gone"), Verified: x.Verified, GoneBy: t.text(i, "gone_by"), Days: value[int](t, i, "days")}
		if g.Title == "" {
			g.Title = g.Account
		}
		g.Back = g.Gone.IsZero() && !g.Verified.IsZero()
		list = append(list, g)
	}
	if len(list) == 0 {
		return "", nil, nil
	}
	question := "/questions/identity.revocations?" + url.Values{"review": {"AccessReview/" + r.Key}, "all": {"true"}}.Encode()
	for _, name := range []string{"still_there", "gone"} {
		figures += parts.Render(d.Visit, answer.parts[name], parts.Options{Heading: 3, Compact: true, Open: question})
	}
	return figures, list, nil
}
