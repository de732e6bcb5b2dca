// Package radar is the pages of technology radars: the picture with its list, a page for each blip with votes, discussion and what
// the estate proves, and editions side by side.
package radar

import (
	"embed"
	"errors"
	"net/url"
	"time"

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

// patience is how long a page waits for one question.
const patience = 20 * time.Second

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /radar", index)
	s.Page("POST /radar", adopt)
	s.Page("GET /radar/{key}", radar)
	s.Page("POST /radar/{key}/do/{action}", do)
	s.Page("GET /radar/{key}/compare", compare)
	s.Page("GET /radar/{key}/blips/{blip}", blip)
	s.Page("POST /radar/{key}/blips/{blip}/do/{action}", doBlip)
	s.Page("POST /radar/{key}/blips/{blip}/comments", say)
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

// radar returns the radar that the address names.
func (d *desk) radar() (*model.Radar, error) {
	_, rec, err := door.Find(d.view, "Radar", d.R.PathValue("key"))
	if err != nil {
		return nil, err
	}
	return rec.(*model.Radar), nil
}

// blip returns the blip that the address names, with its radar.
func (d *desk) blip() (*model.Radar, *model.Blip, error) {
	r, err := d.radar()
	if err != nil {
		return nil, nil, err
	}
	_, rec, err := door.Find(d.view, "Blip", d.R.PathValue("blip"))
	if err != nil {
		return nil, nil, err
	}
	b := rec.(*model.Blip)
	if b.Radar != r.Ref() {
		return nil, nil, &door.NotFound{What: "blip " + b.Key + " on this radar"}
	}
	return r, b, nil
}

// path returns the address of a radar, or of a page below it.
func path(r *model.Radar, below string) string { return "/radar/" + url.PathEscape(r.Key) + below }

// blipPath returns the address of a blip, or of a page below it.
func blipPath(r *model.Radar, key, below string) string {
	return path(r, "/blips/"+url.PathEscape(key)+below)
}

// href leads from a picture or a table to the pages of blips.
func (d *desk) href(r *model.Radar) func(practice.Link) string {
	return func(l practice.Link) string {
		if l.Kind != "Blip" {
			return ""
		}
		return d.Path(blipPath(r, l.Key, ""))
	}
}

// show shows a page.
func (d *desk) show(template string, p frame.Page) error {
	p.Section = "radar"
	p.Scripts = parts.Scripts
	p.Styles = append(append([]string{}, parts.Styles...), "panel.css", "radar.css")
	return d.Render(templates, template, p)
}

// reply is the answer to a question, by the names of its parts.
type reply map[string]practice.Part

// ask asks a question. Parameters are pairs of a name and a value; empty ones are left out.
func (d *desk) ask(question string, pairs ...string) (reply, error) {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	a, err := d.House.Glance(d.Ctx(), d.Who, d.Moment, question, q.Encode(), patience)
	var problem model.Problem
	if errors.As(err, &problem) {
		return nil, frame.Bad("%s", problem.Text)
	}
	if err != nil {
		return nil, err
	}
	out := reply{}
	for _, p := range a.Parts() {
		out[p.Name] = p
	}
	return out, nil
}

// text returns a text of the answer.
func (r reply) text(name string) string { return r[name].Text }

// rows yields the rows of a table of the answer.
func (r reply) rows(name string) []door.Row {
	var out []door.Row
	if g := r[name].Grid; g != nil {
		for row := range door.Rows(g) {
			out = append(out, row)
		}
	}
	return out
}

// linkOf returns the record that a cell names.
func linkOf(row door.Row, column string) practice.Link {
	l, _ := row[column].Value.(practice.Link)
	return l
}

// actions are what people do on these pages, by the word in the address.
var actions = map[string]struct{ name, done string }{
	"publish": {"radar.publish", "The edition was published."},
	"propose": {"radar.propose", "It was proposed."},
}

// blipActions are what people do with a blip.
var blipActions = map[string]struct{ name, done string }{
	"move": {"radar.move", "The blip was moved."},
	"vote": {"radar.vote", "Your vote counts."},
}

// adopt makes the first radar with the usual sectors and rings.
func adopt(v *frame.Visit) error {
	return panel.Do(v, panel.Act{Name: "radar.adopt_defaults"}, v.Path("/radar"), "The radar is there. Propose the first blips.")
}

func do(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.radar()
	if err != nil {
		return err
	}
	a, known := actions[v.R.PathValue("action")]
	if !known {
		return &door.NotFound{What: "such action"}
	}
	return panel.Do(v, panel.Act{Name: a.name, About: r}, d.Path(path(r, "")), a.done)
}

func doBlip(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, b, err := d.blip()
	if err != nil {
		return err
	}
	a, known := blipActions[v.R.PathValue("action")]
	if !known {
		return &door.NotFound{What: "such action"}
	}
	return panel.Do(v, panel.Act{Name: a.name, About: b}, d.Path(blipPath(r, b.Key, "")), a.done)
}

func say(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, b, err := d.blip()
	if err != nil {
		return err
	}
	return panel.Say(v, d.view, b, d.Path(blipPath(r, b.Key, ""))+"#discussion")
}
