package portal

import (
	"net/url"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
)

// portalRow is a portal on the list.
type portalRow struct {
	Title, Path, Product, Audience, Public string
	Open                                   bool
}

// portalsView is the list of portals.
type portalsView struct {
	Rows []portalRow
	New  string
}

// linkRow is a link of a customer.
type linkRow struct{ Customer, Note, By, Made, Revoke string }

// manageView is the page on which the links to a portal are made.
type manageView struct {
	portalRow
	Record   string
	Links    []linkRow
	MayWrite bool
	ForAll   bool
	MakePath string
	// Customers are those that the portal is for.
	Customers []choice
	// Secret is the address that was just made. It is shown once.
	Secret string
	Shows  []string
	Waits  []choice
}

// choice is something to choose or to follow.
type choice struct{ Value, Label, Path string }

func portals(v *frame.Visit) error {
	estateView, err := v.View()
	if err != nil {
		return err
	}
	b := portalsView{}
	for p := range estate.Each[*model.Portal](estateView) {
		b.Rows = append(b.Rows, rowOf(v, estateView, p))
	}
	slices.SortFunc(b.Rows, func(x, y portalRow) int { return strings.Compare(x.Title, y.Title) })
	if v.Moment.AsOf == "" && v.Who.MayCreate("Portal") {
		b.New = v.Path("/records/Portal/new")
	}
	return v.Render(templates, "portals", page(frame.Page{Title: "Portals", Lead: "What customers see of a product's plans, and where they send ideas and vote.", Body: b}))
}

func rowOf(v *frame.Visit, view estate.View, p *model.Portal) portalRow {
	out := portalRow{Title: p.Title(), Path: v.Path("/portals/" + url.PathEscape(p.Key)), Audience: "Customers with a link", Public: path(p.Key), Open: p.Open}
	for _, o := range p.Audience.Options() {
		if o.Value == string(p.Audience) {
			out.Audience = o.Label
		}
	}
	if product := view.Get(p.Product); product != nil {
		out.Product = product.Base().Title()
	}
	return out
}

// found returns the portal that the address names.
func found(v *frame.Visit) (estate.View, *model.Portal, error) {
	view, err := v.View()
	if err != nil {
		return view, nil, err
	}
	_, rec, err := door.Find(view, "Portal", v.R.PathValue("key"))
	if err != nil {
		return view, nil, err
	}
	return view, rec.(*model.Portal), nil
}

func manage(v *frame.Visit) error { return manageWith(v, "") }

// manageWith shows the page of a portal, with a link that was just made.
func manageWith(v *frame.Visit, secret string) error {
	view, p, err := found(v)
	if err != nil {
		return err
	}
	b := manageView{portalRow: rowOf(v, view, p), Record: v.Path(frame.RecordPath("Portal", p.Key)), ForAll: p.Audience == "everybody", MakePath: v.Path("/portals/" + url.PathEscape(p.Key) + "/links"), Secret: secret,
		MayWrite: v.Moment.IsNow() && v.Who.MayWrite(p)}
	for _, s := range []struct {
		on   bool
		text string
	}{{p.ShowsRoadmap, "what is planned"}, {p.ShowsReleases, "release notes"}, {p.TakesIdeas, "ideas, with votes"}} {
		if s.on {
			b.Shows = append(b.Shows, s.text)
		}
	}
	for _, ref := range p.Customers {
		if c := view.Get(ref); c != nil {
			b.Customers = append(b.Customers, choice{Value: c.Base().Key, Label: c.Base().Title()})
		}
	}
	for i := range estate.Each[*model.Idea](view) {
		if i.Product == p.Product && i.Channel == "portal" && (i.State == model.IdeaNew || i.State == "") && len(b.Waits) < 50 {
			b.Waits = append(b.Waits, choice{Label: i.Title(), Path: v.Path(frame.RecordPath("Idea", i.Key)), Value: i.Received.String()})
		}
	}
	if b.MayWrite {
		links, err := v.House.PortalLinks(v.Ctx(), v.Who, p)
		if err != nil {
			return err
		}
		for _, l := range links {
			row := linkRow{Customer: "Nobody in particular", Note: l.Note, By: l.By, Made: v.Ago(l.Made), Revoke: b.MakePath}
			if c := view.Get(l.Customer); c != nil {
				row.Customer = c.Base().Title()
			}
			row.Revoke = v.Path("/portals/" + url.PathEscape(p.Key) + "/links/" + l.ID + "/revoke")
			b.Links = append(b.Links, row)
		}
	}
	return v.Render(templates, "portal-links", page(frame.Page{Title: p.Title(), Crumbs: []frame.Crumb{{Label: "Portals", Path: "/portals"}}, Body: b}))
}

// makeLink makes a link and shows it once, on the page that answers.
func makeLink(v *frame.Visit) error {
	view, p, err := found(v)
	if err != nil {
		return err
	}
	var customer model.Ref
	if key := v.Form("customer"); key != "" {
		_, rec, err := door.Find(view, "Customer", key)
		if err != nil {
			return err
		}
		customer = rec.Base().Ref()
	}
	secret, err := v.House.NewPortalLink(v.Ctx(), v.Who, p, customer, v.Form("note"))
	if err != nil {
		return err
	}
	return manageWith(v, strings.TrimSuffix(v.House.Access.BaseURL(), "/")+path(p.Key)+"?link="+secret)
}

// revoke takes a link back.
func revoke(v *frame.Visit) error {
	_, p, err := found(v)
	if err != nil {
		return err
	}
	if err := v.House.RevokePortalLink(v.Ctx(), v.Who, p, v.R.PathValue("link")); err != nil {
		return err
	}
	return v.Done(v.Path("/portals/"+url.PathEscape(p.Key)), "The link was taken back.", door.Receipt{})
}
