package reviews

import (
	"html/template"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/clock"
	"binnacle/web/frame"
)

// undecided reports whether nobody has decided about an item for good.
func undecided(d *model.ReviewDecision) bool {
	return d.Decision == "" || d.Decision == model.VerdictUnsure
}

// itemsOf returns the items of a review that the visitor may see, by key.
func (d *desk) itemsOf(r *model.AccessReview) []*model.ReviewDecision {
	var out []*model.ReviewDecision
	for e := range d.view.In(r.Ref()) {
		if x, ok := e.Record.(*model.ReviewDecision); ok && x.Review == r.Ref() {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *model.ReviewDecision) int { return strings.Compare(a.Key, b.Key) })
	return slices.Compact(out)
}

// shareOf counts the items that are decided, of one reviewer or of all.
func shareOf(items []*model.ReviewDecision, reviewer model.Ref) share {
	var s share
	for _, x := range items {
		if reviewer.IsZero() || x.Reviewer == reviewer {
			s.Of++
			if !undecided(x) {
				s.Done++
			}
		}
	}
	return s
}

// campaignsView is the page of all access reviews.
type campaignsView struct {
	// Nobody says that the account belongs to no person.
	Nobody bool
	// Undecided is how much the visitor has left to decide.
	Undecided int
	// Open, Planned and Closed are the reviews.
	Open, Planned, Closed []campaignCard
	// New leads to the form for a new review, where the visitor may make one.
	New string
}

// campaignCard is an access review on the list.
type campaignCard struct {
	Title, Path, About string
	Mine, All          share
	Clock              template.HTML
	Closed             model.Date
	// OpenPath is where a form opens the review, where the visitor may do that.
	OpenPath string
	Due      model.Date
}

func campaigns(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	body := campaignsView{Nobody: d.nobody()}
	if !d.past() && v.Who.MayCreate("AccessReview") {
		body.New = v.Path("/records/AccessReview/new")
	}
	var list []*model.AccessReview
	for r := range estate.Each[*model.AccessReview](d.view) {
		list = append(list, r)
	}
	slices.SortStableFunc(list, func(a, b *model.AccessReview) int { return int(a.Due) - int(b.Due) })
	for _, r := range list {
		items := d.itemsOf(r)
		c := campaignCard{Title: r.Title(), Path: v.Path(campaignPath(r)), About: frame.Short(r.Description, 200), All: shareOf(items, model.Ref{}), Clock: d.clockOf(r), Closed: r.Closed, Due: r.Due}
		if !d.nobody() {
			c.Mine = shareOf(items, d.me)
		}
		switch r.State {
		case model.ReviewOpen:
			body.Undecided += c.Mine.Left()
			body.Open = append(body.Open, c)
		case model.ReviewClosed:
			body.Closed = append(body.Closed, c)
		case model.ReviewPlanned, "":
			if d.mayWrite(r) {
				c.OpenPath = v.Path(campaignPath(r, "/open"))
			}
			body.Planned = append(body.Planned, c)
		}
	}
	slices.SortStableFunc(body.Open, func(a, b campaignCard) int { return b.Mine.Left() - a.Mine.Left() })
	slices.SortStableFunc(body.Closed, func(a, b campaignCard) int { return int(b.Closed) - int(a.Closed) })
	return d.show("campaigns", "reviews", frame.Page{Title: "Access reviews", Lead: "Say of what others may do whether they should go on doing it.", Body: body})
}

// clockOf returns how much time there is for a review.
func (d *desk) clockOf(r *model.AccessReview) template.HTML {
	return clock.OfDays(r.Opened, r.Due, r.Closed, d.view.At()).HTML()
}

// reviewOf returns the review that the address names.
func (d *desk) reviewOf() (*model.AccessReview, error) {
	_, rec, err := door.Find(d.view, "AccessReview", d.R.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return rec.(*model.AccessReview), nil
}

// openCampaign opens a review that is planned.
func openCampaign(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.reviewOf()
	if err != nil {
		return err
	}
	return d.done(v.Path(campaignPath(r)), r.Title()+" is open.", "identity.open_review", map[string]any{"review": r.ID.String(), "due": v.Form("due")})
}

// closeCampaign closes a review.
func closeCampaign(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.reviewOf()
	if err != nil {
		return err
	}
	parameters := map[string]any{"review": r.ID.String()}
	if v.Form("early") != "" {
		parameters["early"] = "yes"
	}
	return d.done(v.Path(campaignPath(r)), r.Title()+" is closed.", "identity.close_review", parameters)
}

// verify writes down the evidence for what has gone.
func verify(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.reviewOf()
	if err != nil {
		return err
	}
	receipt, err := d.do("identity.verify_revocations", map[string]any{"review": r.ID.String()})
	if err != nil {
		return err
	}
	text := "Nothing more has gone."
	if n := len(receipt.Changes); n > 0 {
		text = practice.Count(n, "item has gone, and the evidence for it is", "items have gone, and the evidence for them is") + " written down."
	}
	return d.Done(v.Path(campaignPath(r)), text, receipt)
}
