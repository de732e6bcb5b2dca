package product

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PortalIn says which portal is shown.
type PortalIn struct {
	// Portal is the portal.
	Portal model.Ref `to:"Portal" is:"required"`
}

// PortalOut is exactly what a portal shows its audience. It holds no link to a record, no name of a customer, no
// amount and no text that was not marked as public: types of this answer have no place for them.
type PortalOut struct {
	// Product is the name of the product.
	Product string
	// Welcome is what stands at the top. Markdown is understood.
	Welcome string
	// Audience says who may see it.
	Audience model.PortalAudience
	// TakesIdeas says that visitors may send ideas and vote.
	TakesIdeas bool
	// Roadmap is what is planned and may be shown, now before next before later.
	Roadmap practice.Table[PortalItem]
	// Announcements are what was announced and may be shown, the newest first.
	Announcements practice.Table[PortalNews]
	// Releases are the versions that were delivered, with their notes, the newest first.
	Releases practice.Table[PortalRelease]
	// Ideas are the ideas that may be shown, those with most votes first.
	Ideas practice.Table[PortalIdea]
}

// PortalItem is a roadmap item as a portal shows it.
type PortalItem struct {
	// Name is what it is called.
	Name string
	// Text is what the public is told of it. Markdown is understood.
	Text string
	// Bucket says how soon it comes. It is empty where it is there.
	Bucket model.RoadmapBucket
	// Delivered is the day on which it was there.
	Delivered model.Date
}

// PortalNews is an announcement as a portal shows it.
type PortalNews struct {
	// Name is its title.
	Name string
	// Published is the day from which it may be seen.
	Published model.Date
	// Text is what is told. Markdown is understood.
	Text string
}

// PortalRelease is a release as a portal shows it.
type PortalRelease struct {
	// Version is the version.
	Version string
	// Released is the day on which it was delivered.
	Released model.Date
	// Notes say what is new. Markdown is understood.
	Notes string
}

// PortalIdea is an idea as a portal shows it.
type PortalIdea struct {
	// Idea is the name by which a vote says which idea it is for. It follows from the record and says nothing about it.
	Idea string
	// Name is what it is called.
	Name string
	// Text is what the public is told of it. Markdown is understood.
	Text string
	// State says where it stands.
	State model.IdeaState
	// Votes is how many votes it has.
	Votes int
	// Answer is what those who asked are told. Markdown is understood.
	Answer string
}

// PortalPage shows what a portal shows its audience: public roadmap items, announcements, release notes and public ideas with their
// votes, and nothing else. Nothing confidential is in it, whoever asks, and what has no name is left out, because a key may say too much. A portal that is not open is not there.
func PortalPage(v estate.View, in PortalIn) (PortalOut, error) {
	portal, ok := estate.Look[*model.Portal](v, in.Portal)
	var product *model.Product
	if ok && portal.Open && !portal.Confidential {
		product, _ = estate.Look[*model.Product](v, portal.Product)
	}
	if product == nil || product.Confidential {
		return PortalOut{}, model.Problem{Field: "portal", Text: "there is no such portal, or it is not open"}
	}
	out := PortalOut{Product: product.Title(), Welcome: portal.Welcome, Audience: cmp.Or(portal.Audience, "customers"), TakesIdeas: portal.TakesIdeas}
	if portal.ShowsRoadmap {
		out.Roadmap.Rows = portalItems(v, product.Ref())
	}
	for _, a := range holders[*model.Announcement](v, product.Ref(), "product") {
		if shownNews(v, a) {
			out.Announcements.Rows = append(out.Announcements.Rows, PortalNews{a.Name, a.Published, a.Text})
		}
	}
	slices.SortStableFunc(out.Announcements.Rows, func(a, b PortalNews) int { return cmp.Compare(b.Published, a.Published) })
	if portal.ShowsReleases {
		for _, r := range holders[*model.Release](v, product.Ref(), "of") {
			if !r.Confidential && !r.Released.IsZero() && r.Released <= v.At() {
				out.Releases.Rows = append(out.Releases.Rows, PortalRelease{r.Version, r.Released, r.Notes})
			}
		}
		slices.SortStableFunc(out.Releases.Rows, func(a, b PortalRelease) int { return cmp.Compare(b.Released, a.Released) })
	}
	for _, i := range holders[*model.Idea](v, product.Ref(), "product") {
		if i.Public && !i.Confidential && i.Name != "" && stateOf(i) != model.IdeaMerged {
			out.Ideas.Rows = append(out.Ideas.Rows, PortalIdea{i.ID.String(), i.Name, i.PublicText, stateOf(i), i.Votes, i.Answer})
		}
	}
	slices.SortStableFunc(out.Ideas.Rows, func(a, b PortalIdea) int { return cmp.Or(b.Votes-a.Votes, cmp.Compare(a.Name, b.Name)) })
	return out, nil
}

// shownNews reports whether an announcement may be shown on a day. One about a release or an item that is confidential may not.
func shownNews(v estate.View, a *model.Announcement) bool {
	if !a.Public || a.Confidential || a.Name == "" || a.Published.IsZero() || a.Published > v.At() {
		return false
	}
	return !secret(v, append(slices.Clone(a.Items), a.Release))
}

// secret reports whether one of some records is confidential, or is not there or not in sight.
func secret(v estate.View, refs []model.Ref) bool {
	return slices.ContainsFunc(refs, func(ref model.Ref) bool {
		rec := v.Get(ref)
		return !ref.IsZero() && (rec == nil || rec.Base().Confidential)
	})
}

// portalItems returns the public items of a product: those to come by bucket, then those delivered in the last year.
func portalItems(v estate.View, product model.Ref) []PortalItem {
	place := map[model.RoadmapBucket]int{"now": 1, "next": 2, "later": 3, "": 4}
	var out []PortalItem
	for _, i := range holders[*model.RoadmapItem](v, product, "product") {
		if !i.Public || i.Confidential || i.Name == "" || i.State == model.RoadmapDropped {
			continue
		}
		item := PortalItem{Name: i.Name, Text: i.PublicText, Bucket: bucketOf(i)}
		if i.State == model.RoadmapDelivered {
			item.Bucket, item.Delivered = "", i.Done
			if i.Done < v.At().AddMonths(-12) {
				continue
			}
		}
		out = append(out, item)
	}
	slices.SortStableFunc(out, func(a, b PortalItem) int {
		return cmp.Or(place[a.Bucket]-place[b.Bucket], cmp.Compare(b.Delivered, a.Delivered), cmp.Compare(a.Name, b.Name))
	})
	return out
}
