// Package decisions is the pages of decision records: the list, each record as a document with what it replaced and what came of
// it, and the form in which new ones are written.
package decisions

import (
	"embed"
	"net/url"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /decisions", list)
	s.Page("GET /decisions/new", newForm)
	s.Page("POST /decisions/new", create)
	s.Page("POST /decisions/preview", preview)
	s.Page("GET /decisions/{key}", document)
	s.Page("GET /decisions/{key}/edit", editForm)
	s.Page("POST /decisions/{key}/edit", edit)
	s.Page("POST /decisions/{key}/do/{action}", do)
	s.Page("POST /decisions/{key}/comments", say)
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

// record returns the decision record that the address names.
func (d *desk) record() (*model.DecisionRecord, error) {
	_, rec, err := door.Find(d.view, "DecisionRecord", d.R.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return rec.(*model.DecisionRecord), nil
}

// path returns the address of a decision record, or of a page below it.
func path(r *model.DecisionRecord, below string) string {
	key := url.PathEscape(r.Key)
	if r.Key == "new" || r.Key == "preview" {
		// The page of a record whose key is the name of a page is the page of all records.
		return frame.RecordPath("DecisionRecord", r.Key)
	}
	return "/decisions/" + key + below
}

// show shows a page.
func (d *desk) show(template string, p frame.Page) error {
	p.Section = "decisions"
	p.Scripts = parts.Scripts
	p.Styles = append(append([]string{}, parts.Styles...), "panel.css", "decisions.css")
	return d.Render(templates, template, p)
}

// shown is a record as a page names it. Path is empty where the visitor may not open it.
type shown struct{ Title, Kind, Path string }

// named returns how a page names a record.
func (d *desk) named(ref model.Ref) shown {
	rec := d.view.Get(ref)
	if rec == nil {
		return shown{}
	}
	if r, ok := rec.(*model.DecisionRecord); ok {
		return shown{r.Title(), "Decision", d.Path(path(r, ""))}
	}
	l := practice.To(rec)
	return shown{l.Title(), d.view.Schema().Of(rec).Label, d.Record(l)}
}

// namedAll returns how a page names some records, without those that the visitor may not see.
func (d *desk) namedAll(refs []model.Ref) []shown {
	var out []shown
	for _, ref := range refs {
		if s := d.named(ref); s.Title != "" {
			out = append(out, s)
		}
	}
	return out
}

// actions are what people do with a decision record, by the word in the address.
var actions = map[string]struct{ name, done string }{
	"decide":         {"standards.decide", "The decision was written down."},
	"supersede":      {"standards.supersede", "The decision has a successor now."},
	"record_outcome": {"standards.record_outcome", "What came of it was written down."},
}

// do does something with a decision record, in the name of the visitor.
func do(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.record()
	if err != nil {
		return err
	}
	a, known := actions[v.R.PathValue("action")]
	if !known {
		return &door.NotFound{What: "such action"}
	}
	return panel.Do(v, panel.Act{Name: a.name, About: r}, d.Path(path(r, "")), a.done)
}

// say adds a comment on a decision record.
func say(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.record()
	if err != nil {
		return err
	}
	return panel.Say(v, d.view, r, d.Path(path(r, ""))+"#discussion")
}
