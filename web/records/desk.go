package records

import (
	"net/url"
	"slices"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

// desk is a visit to the pages of one kind or record.
type desk struct {
	*frame.Visit
	view estate.View
	kind *model.Kind
	rec  model.Record
	// suffix is what every address gets so that it stays at the moment that is looked at.
	suffix string
}

// sit opens the estate for a visit to a kind and, where the address names one, a record.
func sit(v *frame.Visit) (*desk, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	d := &desk{Visit: v, view: view}
	if q := v.Moment.Values(); len(q) > 0 {
		d.suffix = "?" + q.Encode()
	}
	if d.kind, err = d.kindOf(); err != nil {
		return nil, err
	}
	if key := v.R.PathValue("key"); key != "" {
		if _, d.rec, err = door.Find(view, d.kind.Name, key); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// past reports whether the visitor looks at the past, where nothing can be changed.
func (d *desk) past() bool { return d.Moment.AsOf != "" }

// mayCreate reports whether a button to create a record of the kind makes sense.
func (d *desk) mayCreate() bool { return !d.past() && d.Who.MayCreate(d.kind.Name) }

// mayWrite reports whether a button to edit the record makes sense.
func (d *desk) mayWrite() bool { return !d.past() && d.Who.MayWrite(d.rec) }

// mayRemove reports whether a button to delete the record makes sense.
func (d *desk) mayRemove() bool { return !d.past() && d.Who.MayApprove(d.rec) }

// need refuses what the visitor may not do with the kind or the record, and notes that. What the doors check again when
// something is written is closed before as well: nobody fills a form in vain.
func (d *desk) need(what string, rec model.Record, may bool) error {
	if may {
		return nil
	}
	denied := &access.Denied{Who: d.Who.Who(), Need: what, Kind: d.kind.Name}
	if rec != nil {
		denied.Key = rec.Base().Key
	}
	d.House.Access.NoteDenied(d.Ctx(), d.Who, denied)
	return denied
}

// needAny refuses what the visitor may do with none of the records.
func (d *desk) needAny(what string, records []model.Record, may func(model.Record) bool) error {
	return d.need(what, nil, slices.ContainsFunc(records, may))
}

// mayComment reports whether the visitor can add comments and files.
func (d *desk) mayComment(kind string) bool { return !d.past() && d.Who.MayCreate(kind) }

// listPath returns the address of the list of a kind.
func listPath(k *model.Kind) string { return "/records/" + url.PathEscape(k.Name) }

// path returns the address of the record, or of a page below it.
func (d *desk) path(below string) string {
	return frame.RecordPath(d.kind.Name, d.rec.Base().Key, below)
}

// page returns a page about the kind or the record.
func (d *desk) page(title string, body any) frame.Page {
	p := frame.Page{Title: title, Section: d.kind.Group, Body: body, Scripts: scripts, Styles: styles,
		Crumbs: []frame.Crumb{{Label: "Records", Path: "/records"}, {Label: d.kind.Group, Path: "/records?group=" + url.QueryEscape(d.kind.Group)}}}
	if d.kind.Group == d.kind.Plural {
		p.Crumbs = p.Crumbs[:1]
	}
	if d.R.URL.Path != listPath(d.kind) {
		p.Crumbs = append(p.Crumbs, frame.Crumb{Label: d.kind.Plural, Path: listPath(d.kind)})
	}
	if d.rec != nil && d.R.URL.Path != d.path("") {
		p.Crumbs = append(p.Crumbs, frame.Crumb{Label: d.rec.Base().Title(), Path: d.path("")})
	}
	return p
}

// kindCard is a kind on the page of its group.
type kindCard struct {
	Name, Plural, Label, Help string
	Path, New                 string
	Count                     int
	May                       bool
}

// kindGroup is a group of kinds.
type kindGroup struct {
	Name  string
	Kinds []kindCard
}

// kinds shows the kinds of a group, or of all groups, with how many records there are.
func kinds(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	want := v.Form("group")
	var groups []kindGroup
	for _, name := range v.Who.Readable() {
		k := view.Schema().Kind(name)
		if k == nil || want != "" && k.Group != want {
			continue
		}
		if len(groups) == 0 || groups[len(groups)-1].Name != k.Group {
			groups = append(groups, kindGroup{Name: k.Group})
		}
		g := &groups[len(groups)-1]
		g.Kinds = append(g.Kinds, kindCard{Name: k.Name, Plural: k.Plural, Label: k.Label, Help: parts.Plain(k.Name, k.Help), Path: v.Path(listPath(k)), New: v.Path(listPath(k) + "/new"),
			Count: view.Count(k.Name), May: v.Moment.AsOf == "" && v.Who.MayCreate(k.Name)})
	}
	if len(groups) == 0 && want != "" {
		return &door.NotFound{What: "group of kinds " + want}
	}
	p := frame.Page{Title: "Records", Lead: "Everything that the estate knows, kind by kind.", Body: groups, Styles: styles}
	if want != "" {
		p.Title, p.Section, p.Lead = want, want, ""
		p.Crumbs = []frame.Crumb{{Label: "Records", Path: "/records"}}
	}
	return v.Render(templates, "kinds", p)
}
