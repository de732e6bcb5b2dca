package records

import (
	"net/url"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
)

// viewChip is a saved view of a list.
type viewChip struct {
	Key, Label, Path string
	Current          bool
	// Mine says that the visitor may change it.
	Mine, Shared bool
	By           string
	Action       string
}

// viewForm is the form that saves the list as it is seen.
type viewForm struct{ Action, Query string }

// fillViews adds the saved views of the kind that the visitor sees.
func (d *desk) fillViews(b *listPage, q url.Values) {
	query := b.Listing.Values().Encode()
	for s := range estate.Each[*model.SavedView](d.view) {
		if s.Kind != d.kind.Name {
			continue
		}
		values, err := url.ParseQuery(s.Query)
		if err != nil {
			continue
		}
		l, _ := door.ListingOf(d.kind, values)
		b.Views = append(b.Views, viewChip{Key: s.Key, Label: s.Title(), Path: d.address(l), Current: l.Values().Encode() == query && query != "", Shared: s.Shared,
			Mine: !d.past() && d.Who.MayWrite(s), By: title(d.view.Get(s.Owner)), Action: d.Path("/views/" + url.PathEscape(s.Key))})
	}
	if b.Panel == "views" && !d.past() && d.Who.MayCreate("SavedView") {
		b.ViewForm = &viewForm{d.Path(listPath(d.kind) + "/views"), query}
	}
}

// saveView saves the list as it is seen under a name.
func saveView(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	name := v.Form("name")
	if name == "" {
		return frame.Bad("a view needs a name")
	}
	values, err := url.ParseQuery(v.Form("query"))
	if err != nil {
		return frame.Bad("the view cannot be read")
	}
	l, _ := door.ListingOf(d.kind, values)
	set := map[string]any{"name": name, "kind": d.kind.Name, "query": l.Values().Encode(), "shared": v.Form("shared")}
	r, err := d.writeNow(door.Edit{Kind: "SavedView", Key: door.NewKey("view"), Create: true, Set: set}, "Save the view "+name)
	if err != nil {
		return err
	}
	return v.Done(d.address(l), "Saved the view "+name+".", r)
}

// writeNow makes one edit of the estate as it is now, whatever is looked at.
func (d *desk) writeNow(e door.Edit, why string) (door.Receipt, error) {
	view, err := d.House.Look(d.Ctx(), d.Who, door.Moment{})
	if err != nil {
		return door.Receipt{}, err
	}
	change, err := d.House.Build(d.Ctx(), d.Who, view, e)
	if err != nil {
		return door.Receipt{}, err
	}
	return d.House.Write(d.Ctx(), d.Who, door.Moment{}, door.Tx{Why: why, Changes: []model.Change{change}})
}

// changeView updates, shares or deletes a saved view.
func changeView(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	_, rec, err := door.Find(view, "SavedView", v.R.PathValue("view"))
	if err != nil {
		return err
	}
	s := rec.(*model.SavedView)
	v.R.SetPathValue("kind", s.Kind)
	d, err := sit(v)
	if err != nil {
		return err
	}
	values, err := url.ParseQuery(v.Form("query"))
	if err != nil {
		return frame.Bad("the view cannot be read")
	}
	l, _ := door.ListingOf(d.kind, values)
	to, e := d.address(l), door.Edit{Kind: "SavedView", Key: s.Key}
	var text string
	switch v.Form("do") {
	case "update":
		e.Set, text = map[string]any{"query": l.Values().Encode()}, "Changed the view "+s.Title()
	case "share":
		e.Set, text = map[string]any{"shared": "yes"}, "Shared the view "+s.Title()
	case "unshare":
		e.Set, text = map[string]any{"shared": "no"}, "The view "+s.Title()+" is yours alone"
	case "delete":
		r, err := v.House.Write(v.Ctx(), v.Who, door.Moment{}, door.Tx{Why: "Delete the view " + s.Title(), Changes: []model.Change{door.Removal(d.view, s)}})
		if err != nil {
			return err
		}
		return v.Done(to, "Deleted the view "+s.Title()+".", r)
	default:
		return frame.Bad("%q is not something to do with a view", strings.ToValidUTF8(v.Form("do"), ""))
	}
	r, err := d.writeNow(e, text)
	if err != nil {
		return err
	}
	return v.Done(to, text+".", r)
}
