package privacy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// index is what every question needs, from one pass over the estate. It is shared and never changed.
type index struct {
	profiles   []*model.PrivacyProfile
	decisions  map[string][]*model.CountryDecision
	activities []*model.ProcessingActivity
	// uses are the activities that name a data set, an application or a service, those that have ended left out.
	uses map[model.Ref][]*model.ProcessingActivity
	// sets are the data sets with personal data.
	sets []*model.DataSet
	// stored are the data sets with personal data by where they are stored.
	stored map[model.Ref][]*model.DataSet
	// flows are the interfaces that carry personal data and are in use.
	flows []*model.Interface
	// sends are these interfaces by where they come from, receives by where they go.
	sends, receives map[model.Ref][]*model.Interface
	// holders are the vendors that say that they have a data set.
	holders map[model.Ref][]*model.Vendor
	// regions are the sites that stand for regions of providers, by every name in lower case.
	regions map[string]*model.Site
}

// book is the index together with what is worked out while a question is answered.
type book struct {
	*index
	view   estate.View
	places map[model.Ref][]place
	parted map[*model.ProcessingActivity][]Part
	routes map[*model.ProcessingActivity][]reached
}

func bookOf(v estate.View) *book {
	type key struct{ at model.Date }
	ix := v.Memo(key{v.At()}, func() any { return newIndex(v) }).(*index)
	return &book{index: ix, view: v, places: map[model.Ref][]place{}, parted: map[*model.ProcessingActivity][]Part{}, routes: map[*model.ProcessingActivity][]reached{}}
}

func newIndex(v estate.View) *index {
	ix := &index{decisions: map[string][]*model.CountryDecision{}, uses: map[model.Ref][]*model.ProcessingActivity{}, stored: map[model.Ref][]*model.DataSet{},
		sends: map[model.Ref][]*model.Interface{}, receives: map[model.Ref][]*model.Interface{}, holders: map[model.Ref][]*model.Vendor{}, regions: map[string]*model.Site{}}
	ix.profiles = slices.Collect(estate.Each[*model.PrivacyProfile](v))
	for d := range estate.Each[*model.CountryDecision](v) {
		ix.decisions[d.Country] = append(ix.decisions[d.Country], d)
	}
	for a := range estate.Each[*model.ProcessingActivity](v) {
		ix.activities = append(ix.activities, a)
		if over(a, v.At()) {
			continue
		}
		for _, ref := range slices.Concat(a.DataSets, a.Applications) {
			ix.uses[ref] = append(ix.uses[ref], a)
		}
	}
	personal := map[model.Ref]bool{}
	for d := range estate.Each[*model.DataSet](v) {
		if !d.PersonalData {
			continue
		}
		personal[d.Ref()] = true
		ix.sets = append(ix.sets, d)
		for _, ref := range d.StoredIn {
			ix.stored[ref] = append(ix.stored[ref], d)
		}
	}
	for i := range estate.Each[*model.Interface](v) {
		if practice.Gone(i, v.At()) || !slices.ContainsFunc(i.Data, func(r model.Ref) bool { return personal[r] }) {
			continue
		}
		ix.flows = append(ix.flows, i)
		ix.sends[i.From] = append(ix.sends[i.From], i)
		ix.receives[i.Into] = append(ix.receives[i.Into], i)
	}
	for vendor := range estate.Each[*model.Vendor](v) {
		for _, ref := range vendor.Data {
			ix.holders[ref] = append(ix.holders[ref], vendor)
		}
	}
	for s := range estate.Each[*model.Site](v) {
		if s.Use == "cloud_region" && s.Country != "" {
			for _, name := range []string{s.Region, s.Name, s.Key} {
				if name != "" {
					ix.regions[strings.ToLower(name)] = s
				}
			}
		}
	}
	return ix
}

// over reports whether processing has ended before a day.
func over(a *model.ProcessingActivity, at model.Date) bool {
	return a.State == "ended" && (a.Ended.IsZero() || a.Ended < at) || !a.Ended.IsZero() && a.Ended < at
}

// profile returns the privacy profile that holds for processing: that of one of its business units, else that of the whole company. It is never nil.
func (b *book) profile(a *model.ProcessingActivity) *model.PrivacyProfile {
	if a != nil {
		for _, p := range b.profiles {
			if slices.ContainsFunc(a.BusinessUnits, func(r model.Ref) bool { return slices.Contains(p.BusinessUnits, r) }) {
				return p
			}
		}
	}
	for _, p := range b.profiles {
		if len(p.BusinessUnits) == 0 {
			return p
		}
	}
	if len(b.profiles) > 0 {
		return b.profiles[0]
	}
	return &model.PrivacyProfile{}
}

// place is where something is.
type place struct {
	// country is two letters, or empty where nobody knows.
	country string
	// at is the site, the resource or the vendor that tells the country.
	at practice.Link
	// how says how it is known.
	how string
	// guess says that it is where the vendor is at home, and not known to be where the data is.
	guess bool
}

// where returns where an application, a service, a host or a cloud resource is. What nobody knows is a place without a country.
func (b *book) where(ref model.Ref) []place { return b.whereOn(ref, map[model.Ref]bool{}) }

func (b *book) whereOn(ref model.Ref, seen map[model.Ref]bool) []place {
	if known, ok := b.places[ref]; ok {
		return known
	}
	if seen[ref] {
		return nil
	}
	seen[ref] = true
	var out []place
	top := len(seen) == 1
	rec := b.view.Get(ref)
	parts := func(refs []model.Ref) {
		for _, r := range refs {
			out = append(out, b.whereOn(r, seen)...)
		}
	}
	switch r := rec.(type) {
	case *model.Application:
		parts(r.RunsOn)
		vendor, ok := estate.Look[*model.Vendor](b.view, r.Vendor)
		if len(out) == 0 && ok && vendor.Country != "" && rented(r) {
			out = append(out, place{vendor.Country, practice.To(vendor), "the country of the vendor", true})
		}
	case *model.Service:
		parts(r.BuiltFrom)
	case *model.Host:
		if p, ok := b.siteOf(r.Site); ok {
			out = append(out, p)
		} else if !r.RunsOn.IsZero() {
			parts([]model.Ref{r.RunsOn})
		}
	case *model.CloudResource:
		if site := b.regions[strings.ToLower(r.Region)]; site != nil && r.Region != "" {
			out = append(out, place{site.Country, practice.To(r), "region " + r.Region, false})
		} else if c := regionCountry(r.Region); c != "" {
			out = append(out, place{c, practice.To(r), "region " + r.Region, false})
		}
	}
	if len(out) == 0 && rec != nil {
		out = []place{{at: practice.To(rec), how: "nobody knows"}}
	}
	out = uniquePlaces(out)
	if top {
		b.places[ref] = out
	}
	return out
}

// rented reports whether a provider runs an application.
func rented(a *model.Application) bool { return a.Hosting == "saas" || a.Hosting == "paas" }

// inCloud reports whether a provider answers for a part of an application.
func inCloud(a *model.Application) bool { return rented(a) || a.Hosting == "iaas" }

// siteOf returns where a site is. What it does not say itself, the larger site says.
func (b *book) siteOf(ref model.Ref) (place, bool) {
	for range 20 {
		s, ok := estate.Look[*model.Site](b.view, ref)
		if !ok {
			return place{}, false
		}
		if s.Country != "" {
			return place{s.Country, practice.To(s), "site " + s.Title(), false}, true
		}
		ref = s.Parent
	}
	return place{}, false
}

// uniquePlaces leaves each country and thing once, in order of the countries.
func uniquePlaces(list []place) []place {
	slices.SortStableFunc(list, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.country, b.country), cmp.Compare(a.at.String(), b.at.String()), cmp.Compare(a.how, b.how))
	})
	return slices.CompactFunc(list, func(a, b place) bool { return a.country == b.country && a.at.ID == b.at.ID })
}

// countriesOf lists the countries of places, each once. What nobody knows is left out.
func countriesOf(places []place) []string {
	var out []string
	for _, p := range places {
		if p.country != "" && !slices.Contains(out, p.country) {
			out = append(out, p.country)
		}
	}
	slices.Sort(out)
	return out
}

// responsible returns who answers for a record on our side: its owner, the contact of a vendor, or the steward of a data set.
func responsible(v estate.View, rec model.Record) practice.Link {
	if rec == nil {
		return practice.Link{}
	}
	if owner := practice.OwnerOf(v, rec); !owner.IsZero() {
		return owner
	}
	switch r := rec.(type) {
	case *model.Vendor:
		return practice.To(v.Get(r.Contact))
	case *model.DataSet:
		return practice.To(v.Get(r.Steward))
	case *model.Contract:
		return practice.To(v.Get(r.Manager))
	}
	return practice.Link{}
}

// add puts a link into a list once.
func add(list *[]practice.Link, l practice.Link) {
	if !l.IsZero() && !slices.ContainsFunc(*list, func(o practice.Link) bool { return o.ID == l.ID }) {
		*list = append(*list, l)
	}
}

// next puts a link behind a list unless the last one is the same: it is for links that come in order.
func next(list *[]practice.Link, l practice.Link) {
	if n := len(*list); n == 0 || (*list)[n-1].ID != l.ID {
		*list = append(*list, l)
	}
}

// about makes a finding about a record.
func (b *book) about(rec model.Record, s practice.Severity, text string, args ...any) practice.Finding {
	link := practice.To(rec)
	return practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link}, Owner: responsible(b.view, rec)}
}

// titles names what refs point to, as far as it is in sight.
func titles(v estate.View, refs []model.Ref) []string {
	var out []string
	for _, r := range refs {
		if rec := v.Get(r); rec != nil {
			out = append(out, rec.Base().Title())
		}
	}
	return out
}

// alike reports whether two texts say the same apart from case and space around them.
func alike(a, b string) bool { return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) }

// list writes items behind each other.
func list(items []string) string { return strings.Join(items, "; ") }
