// Package products is the pages of what customers get next: the roadmap as now, next and later with the load of the quarters, and the
// ideas of customers and colleagues from the inbox to the answer.
package products

import (
	"embed"
	"net/url"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /roadmap", roadmap)
	s.Page("GET /roadmap/{product}", roadmap)
	s.Page("POST /roadmap/items/{item}/move", move)
	s.Page("GET /ideas", inbox)
	s.Page("POST /ideas", submit)
	s.Page("GET /ideas/{key}", idea)
	s.Page("POST /ideas/{key}/do/{action}", doIdea)
	s.Page("POST /ideas/{key}/comments", say)
}

// desk is a visit to these pages.
type desk struct {
	*frame.Visit
	view estate.View
}

// sit opens the estate for a visit.
func sit(v *frame.Visit) (*desk, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	return &desk{v, view}, nil
}

// past reports whether the visitor looks at the past, where nothing can be changed.
func (d *desk) past() bool { return d.Moment.AsOf != "" }

// keeps reports whether the visitor may say what becomes of an idea: who has only ideas of the own sends them in.
func (d *desk) keeps(i *model.Idea) bool {
	_, write, _ := d.Who.Extents("Idea")
	return !d.past() && write == "all" && d.Who.MayWrite(i) && isOpen(i)
}

// find returns the record of a kind that a part of the address names.
func (d *desk) find(kind, part string) (model.Record, error) {
	_, rec, err := door.Find(d.view, kind, d.R.PathValue(part))
	return rec, err
}

// ideaPath returns the address of an idea, or of a page below it.
func ideaPath(key, below string) string { return "/ideas/" + url.PathEscape(key) + below }

// urlPath writes a key as a part of an address.
func urlPath(key string) string { return url.PathEscape(key) }

// roadmapPath returns the address of the roadmap of a product, or of all products where the key is empty.
func roadmapPath(product string) string {
	if product == "" {
		return "/roadmap"
	}
	return "/roadmap/" + url.PathEscape(product)
}

// href leads to the page of an idea, an experiment or a decision, where they have one of their own.
func (d *desk) href(l practice.Link) string {
	switch l.Kind {
	case "Idea":
		return d.Path(ideaPath(l.Key, ""))
	case "Experiment":
		return d.Path("/experiments/" + url.PathEscape(l.Key))
	}
	return d.Record(l)
}

// named is a record as a page names it.
type named struct{ Title, Path string }

// link returns how a page names a record that an answer links to.
func (d *desk) link(l practice.Link) named {
	if l.IsZero() {
		return named{}
	}
	return named{l.Title(), d.href(l)}
}

// named returns how a page names a record. It is empty where the visitor may not see it.
func (d *desk) named(ref model.Ref) named { return d.link(practice.To(d.view.Get(ref))) }

// links returns how a page names the records in a cell.
func (d *desk) links(row door.Row, column string) []named {
	var out []named
	for _, l := range row[column].Links {
		out = append(out, d.link(l))
	}
	return out
}

// option is something to choose.
type option struct {
	Value, Label, Path string
	On                 bool
	Count              int
}

// money writes an amount as a card has room for it.
func money(m model.Money) string {
	if m.IsZero() {
		return ""
	}
	return draw.Value(float64(int64(m.Float()+0.5))) + "\u00a0" + m.Currency()
}

// show shows a page.
func (d *desk) show(template, section string, p frame.Page) error {
	p.Section = section
	p.Scripts = append(append([]string{}, parts.Scripts...), "products.js")
	p.Styles = append(append([]string{}, parts.Styles...), "panel.css", "products.css")
	return d.Render(templates, template, p)
}

// every returns the records of a kind as things to choose from, by name.
func every[R model.Record](d *desk) []model.Option {
	var out []model.Option
	for rec := range estate.Each[R](d.view) {
		out = append(out, model.Option{Value: model.NameOf(rec) + "/" + rec.Base().Key, Label: rec.Base().Title()})
	}
	slices.SortStableFunc(out, func(a, b model.Option) int {
		return strings.Compare(strings.ToLower(a.Label), strings.ToLower(b.Label))
	})
	return out
}

// do does an action about a record, tells what it found, and leads to a page.
func (d *desk) do(name string, about model.Record, to, text string) error {
	return panel.Do(d.Visit, panel.Act{Name: name, About: about, Tell: true}, to, text)
}
