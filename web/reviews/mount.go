// Package reviews is the pages on which people decide, answer and confirm: access reviews, calibration, policies to know, and what
// auditors ask for. Everything on them is asked and done through the house, in the name of the person behind the account.
package reviews

import (
	"embed"
	"errors"
	"net/http"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/clock"
	"binnacle/web/frame"
	"binnacle/web/parts"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /reviews", campaigns)
	s.Page("GET /reviews/{key}", campaign)
	s.Page("POST /reviews/{key}/open", openCampaign)
	s.Page("POST /reviews/{key}/close", closeCampaign)
	s.Page("POST /reviews/{key}/verify", verify)
	s.Page("POST /reviews/{key}/reassign", reassign)
	s.Page("GET /reviews/{key}/items/{item}", item)
	s.Page("POST /reviews/{key}/items/{item}/look", look)
	s.Page("POST /reviews/{key}/items/{item}/decide", decide)
	s.Page("GET /calibration", calibration)
	s.Page("POST /calibration", answer)
	s.Page("GET /calibration/{round}", round)
	s.Page("GET /policies", policies)
	s.Page("GET /policies/{key}", policy)
	s.Page("POST /policies/{key}/confirm", confirm)
	s.Page("GET /audits", audits)
	s.Page("GET /audits/{key}", audit)
	s.Page("GET /audits/{key}/requests/{request}", request)
	s.Upload("POST /audits/{key}/requests/{request}/answer", door.LargestFile+(1<<20), answerRequest)
	s.Page("POST /audits/{key}/requests/{request}/judge", judge)
}

// desk is a visit to these pages.
type desk struct {
	*frame.Visit
	view estate.View
	// me is the person behind the account, or nothing.
	me model.Ref
}

// sit opens the estate for a visit.
func sit(v *frame.Visit) (*desk, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	d := &desk{Visit: v, view: view}
	if p := v.Who.Person(); p != nil {
		d.me = p.Ref()
	}
	return d, nil
}

// past reports whether the visitor looks at the past, where nothing can be changed.
func (d *desk) past() bool { return d.Moment.AsOf != "" }

// nobody says that the account belongs to no person, so that nothing here can be done with it.
func (d *desk) nobody() bool { return d.me.IsZero() }

// mayWrite reports whether a button that changes a record makes sense.
func (d *desk) mayWrite(rec model.Record) bool { return !d.past() && d.Who.MayWrite(rec) }

// show shows a page.
func (d *desk) show(template, section string, p frame.Page) error {
	p.Section = section
	p.Scripts = append(append([]string{}, parts.Scripts...), "reviews.js")
	p.Styles = append(append(append([]string{}, parts.Styles...), clock.Styles...), "reviews.css")
	return d.Render(templates, template, p)
}

// shown is a record as a page names it. Path is empty where the visitor may not see it.
type shown struct{ Title, Path string }

// named returns how a page names a record.
func (d *desk) named(ref model.Ref) shown {
	rec := d.view.Get(ref)
	if rec == nil {
		return shown{}
	}
	l := practice.To(rec)
	return shown{l.Title(), d.Record(l)}
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

// linked returns how a page names what a link leads to.
func (d *desk) linked(l practice.Link) shown {
	if l.IsZero() {
		return shown{}
	}
	return shown{l.Title(), d.Record(l)}
}

// reply is the answer to a question, by the names of its parts.
type reply struct {
	door.Answer
	parts map[string]practice.Part
}

// ask asks a question in the name of the visitor.
func (d *desk) ask(question string, parameters map[string]any) (reply, error) {
	a, err := d.House.Ask(d.Ctx(), d.Who, d.Moment, question, parameters)
	if err != nil {
		if p, ok := problemOf(err); ok {
			err = frame.Bad("%s", upper(p.Text))
		}
		return reply{}, err
	}
	out := reply{a, map[string]practice.Part{}}
	for _, p := range a.Parts() {
		out.parts[p.Name] = p
	}
	return out, nil
}

// rows returns the rows of a table.
func (r reply) rows(table string) rows {
	g := r.parts[table].Grid
	if g == nil {
		return rows{}
	}
	out := rows{at: map[string]int{}, cells: g.Rows}
	for i, c := range g.Columns {
		out.at[c.Name] = i
	}
	return out
}

// rows are the rows of a table of an answer.
type rows struct {
	at    map[string]int
	cells [][]practice.Cell
}

// value returns what stands in a cell. It is the zero of its type where there is none.
func value[T any](r rows, row int, column string) T {
	var none T
	at, ok := r.at[column]
	if !ok {
		return none
	}
	if x, ok := r.cells[row][at].Value.(T); ok {
		return x
	}
	return none
}

// text returns the words of a cell.
func (r rows) text(row int, column string) string {
	if at, ok := r.at[column]; ok {
		return r.cells[row][at].Text
	}
	return ""
}

// do does an action in the name of the visitor. That there is nothing to change is no fault.
func (d *desk) do(action string, parameters map[string]any) (door.Receipt, error) {
	r, _, err := d.House.Do(d.Ctx(), d.Who, d.Moment, action, parameters, "", false)
	if errors.Is(err, door.ErrNothing) {
		return door.Receipt{}, nil
	}
	return r, err
}

// done does an action and leads to another page. What is wrong with the parameters is told as a page.
func (d *desk) done(to, text, action string, parameters map[string]any) error {
	r, err := d.do(action, parameters)
	if p, ok := problemOf(err); ok {
		return frame.Bad("%s", upper(p.Text))
	}
	if err != nil {
		return err
	}
	return d.Done(to, text, r)
}

// problemOf returns what an action says is wrong with its parameters.
func problemOf(err error) (model.Problem, bool) {
	var p model.Problem
	return p, errors.As(err, &p)
}

// unprocessable is the status of a page that says why nothing was done.
const unprocessable = http.StatusUnprocessableEntity

func upper(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// labelOf returns what people call a word of a vocabulary.
func labelOf[E interface {
	~string
	Options() []model.Option
}](e E) string {
	for _, o := range e.Options() {
		if o.Value == string(e) {
			return o.Label
		}
	}
	return string(e)
}

// share is how far something has come.
type share struct{ Done, Of int }

// Left returns how much is to be done.
func (s share) Left() int { return s.Of - s.Done }

// filter is one way to list less.
type filter struct {
	Label, Path string
	Count       int
	On          bool
}
