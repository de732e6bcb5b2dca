// Package research is the pages of what is tried and compared: experiments from the idea to the decision, and decision matrices from the
// scores of each person to the choice and the contract that follows.
package research

import (
	"embed"
	"fmt"
	"html/template"
	"math"
	"net/url"
	"slices"

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
	s.Page("GET /experiments", pipeline)
	s.Page("GET /experiments/{key}", experiment)
	s.Page("POST /experiments/{key}/do/{action}", doExperiment)
	s.Page("POST /experiments/{key}/comments", sayExperiment)
	s.Page("GET /matrices", matrices)
	s.Page("GET /matrices/{key}", matrix)
	s.Page("POST /matrices/{key}/do/{action}", doMatrix)
	s.Page("POST /matrices/{key}/scores", score)
	s.Page("POST /matrices/{key}/comments", sayMatrix)
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

// experiment returns the experiment that the address names.
func (d *desk) experiment() (*model.Experiment, error) {
	_, rec, err := door.Find(d.view, "Experiment", d.R.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return rec.(*model.Experiment), nil
}

// matrix returns the decision matrix that the address names.
func (d *desk) matrix() (*model.DecisionMatrix, error) {
	_, rec, err := door.Find(d.view, "DecisionMatrix", d.R.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return rec.(*model.DecisionMatrix), nil
}

// experimentPath returns the address of an experiment, or of a page below it.
func experimentPath(key, below string) string { return "/experiments/" + url.PathEscape(key) + below }

// matrixPath returns the address of a decision matrix, or of a page below it.
func matrixPath(key, below string) string { return "/matrices/" + url.PathEscape(key) + below }

// href leads to the page of a record: its own where its kind has one.
func (d *desk) href(l practice.Link) string {
	switch l.Kind {
	case "Experiment":
		return d.Path(experimentPath(l.Key, ""))
	case "DecisionMatrix":
		return d.Path(matrixPath(l.Key, ""))
	case "Idea":
		return d.Path("/ideas/" + url.PathEscape(l.Key))
	case "DecisionRecord":
		return d.Path("/decisions/" + url.PathEscape(l.Key))
	case "Blip":
		if b, ok := d.view.Find("Blip", l.Key).(*model.Blip); ok {
			if r := d.view.Get(b.Radar); r != nil {
				return d.Path("/radar/" + url.PathEscape(r.Base().Key) + "/blips/" + url.PathEscape(l.Key))
			}
		}
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

// links returns how a page names some records, without those that the visitor may not see.
func (d *desk) links(refs []model.Ref) []named {
	var out []named
	for _, ref := range refs {
		if n := d.named(ref); n.Title != "" {
			out = append(out, n)
		}
	}
	return out
}

// option is something to choose.
type option struct {
	Label, Path string
	On          bool
	Count       int
}

// money writes an amount as a card has room for it.
func money(m model.Money) string {
	if m.IsZero() {
		return ""
	}
	if m.Float() >= 1000 {
		return draw.Value(math.Round(m.Float())) + "\u00a0" + m.Currency()
	}
	return draw.Money(m.Short()) + "\u00a0" + m.Currency()
}

// bar draws how much of something is used. It is an image, because the policy of the site allows no styles in a page.
func bar(percent float64, class string) template.HTML {
	return template.HTML(fmt.Sprintf(`<svg class="level %s" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="level-rest" width="100" height="8"/><rect class="level-part" width="%.1f" height="8"/></svg>`, class, max(0, min(100, percent))))
}

// show shows a page.
func (d *desk) show(template, section string, p frame.Page) error {
	p.Section = section
	p.Scripts = parts.Scripts
	p.Styles = append(append([]string{}, parts.Styles...), "panel.css", "products.css", "research.css")
	return d.Render(templates, template, p)
}

// experimentActions are what people do with an experiment, by the word in the address.
var experimentActions = map[string]struct{ name, done string }{
	"start":    {"research.start", "It runs. Its exit criteria stay as they are from now on."},
	"measure":  {"research.measure", "The value is kept."},
	"evidence": {"research.add_evidence", "The evidence is kept."},
	"extend":   {"research.extend", "It was extended, once."},
	"graduate": {"research.graduate", "It is graduated."},
	"kill":     {"research.kill", "It is ended. What was learned is kept."},
}

func doExperiment(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	e, err := d.experiment()
	if err != nil {
		return err
	}
	a, known := experimentActions[v.R.PathValue("action")]
	if !known {
		return &door.NotFound{What: "such action"}
	}
	return panel.Do(v, panel.Act{Name: a.name, About: e, Tell: true}, d.Path(experimentPath(e.Key, "")), a.done)
}

func sayExperiment(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	e, err := d.experiment()
	if err != nil {
		return err
	}
	return panel.Say(v, d.view, e, d.Path(experimentPath(e.Key, ""))+"#discussion")
}

// matrixActions are what people do with a decision matrix, by the word in the address.
var matrixActions = map[string]struct{ name, done string }{
	"open":   {"research.open_matrix", "It is open for scores."},
	"close":  {"research.close_matrix", "It is closed. Everybody sees all scores now."},
	"choose": {"research.choose", "The choice is written down."},
	"follow": {"research.follow", "What followed is tied to it."},
}

func doMatrix(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	m, err := d.matrix()
	if err != nil {
		return err
	}
	a, known := matrixActions[v.R.PathValue("action")]
	if !known {
		return &door.NotFound{What: "such action"}
	}
	return panel.Do(v, panel.Act{Name: a.name, About: m, Tell: true}, d.Path(matrixPath(m.Key, "")), a.done)
}

func sayMatrix(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	m, err := d.matrix()
	if err != nil {
		return err
	}
	return panel.Say(v, d.view, m, d.Path(matrixPath(m.Key, ""))+"#discussion")
}

// without returns a table without one of its columns.
func without(p practice.Part, column string) practice.Part {
	at := slices.IndexFunc(p.Grid.Columns, func(c practice.Column) bool { return c.Name == column })
	if at < 0 {
		return p
	}
	cut := &practice.Grid{Note: p.Grid.Note, Columns: slices.Delete(slices.Clone(p.Grid.Columns), at, at+1)}
	for _, row := range p.Grid.Rows {
		cut.Rows = append(cut.Rows, slices.Delete(slices.Clone(row), at, at+1))
	}
	p.Grid = cut
	return p
}

// last returns a table with one of its columns as the last.
func last(p practice.Part, column string) practice.Part {
	at := slices.IndexFunc(p.Grid.Columns, func(c practice.Column) bool { return c.Name == column })
	if at < 0 {
		return p
	}
	head, rows := p.Grid.Columns[at], p.Grid.Rows
	p = without(p, column)
	p.Grid.Columns = append(p.Grid.Columns, head)
	for n := range p.Grid.Rows {
		p.Grid.Rows[n] = append(p.Grid.Rows[n], rows[n][at])
	}
	return p
}
