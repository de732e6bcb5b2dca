// Package parts shows the parts of an answer: figures, tables, series, findings
// and pictures, each with what it was computed from. Every page that shows an
// answer, or a piece of one, shows it through this package.
package parts

import (
	"bytes"
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"math"
	"net/url"
	"strings"

	"binnacle/practice"
	"binnacle/web/draw"
	"binnacle/web/frame"
)

//go:embed templates
var files embed.FS

var set = template.Must(template.New("").Option("missingkey=error").Funcs(frame.Funcs).ParseFS(files, "templates/*.html"))

// Scripts are the assets that a page with parts needs. The library that draws charts is fetched only where there is one.
var Scripts = []string{"parts.js"}

// Styles are the style sheets that a page with parts needs.
var Styles = []string{"parts.css"}

// Options say how a part is shown.
type Options struct {
	// Heading is the level of the heading, from 2 to 6. Unset means 2, and below 0 means that there is none.
	Heading int
	// Title replaces the label of the part.
	Title string
	// Compact leaves out what a tile has no room for: help, notes and what things were computed from.
	Compact bool
	// Limit is how many rows, findings or records are shown at most. Unset means 8 where compact, and 200 elsewhere. Below 0 means all.
	Limit int
	// Open is the address of the question with its parameters, without the moment. Unset means that nothing leads there.
	Open string
	// Here says that the page is that of the question, so that headings need not lead there.
	Here bool
	// Before is the same part of an earlier or another answer, to be compared with, or nil.
	Before *practice.Part
	// Than says what it is compared with, such as "30 days before".
	Than string
	// Href returns where a record leads, or nothing for the page of the record. Unset means the page of the record for all.
	Href func(practice.Link) string
}

// limit returns how many rows are shown of some.
func (o Options) limit(of int) int {
	switch {
	case o.Limit < 0:
		return of
	case o.Limit > 0:
		return min(of, o.Limit)
	case o.Compact:
		return min(of, 8)
	}
	return min(of, 50)
}

// shown is a part as the templates get it.
type shown struct {
	practice.Part
	// ID names the part on the page.
	ID string
	// Level is the level of the heading, or 0 for none.
	Level int
	// Options are how it is shown.
	Options
	// OpenPath leads to the question at the moment that is looked at.
	OpenPath string
	// Body is the part without its heading.
	Body template.HTML
}

// Render shows a part as HTML. Everything that an answer says is escaped.
func Render(v *frame.Visit, p practice.Part, opt Options) template.HTML {
	s := shown{Part: p, ID: "part-" + p.Name, Level: cmp.Or(opt.Heading, 2), Options: opt}
	s.Help = Plain(p.Label, p.Help)
	if opt.Title != "" {
		s.Label = opt.Title
	}
	if opt.Heading < 0 {
		s.Level = 0
	}
	if opt.Open != "" && !opt.Here {
		s.OpenPath = v.Path(opt.Open) + "#" + s.ID
	}
	r := renderer{v, opt}
	switch {
	case p.Figure != nil:
		return execute("figure", r.figure(s))
	case p.Grid != nil:
		s.Body = r.grid(p)
	case p.Series != nil:
		s.Body = r.series(s)
	case p.Picture != nil:
		s.Body = r.picture(s)
	case p.File != nil:
		s.Body = r.file(s)
	case p.Text != "":
		s.Body = execute("text", s)
	default:
		s.Body = r.findings(p)
	}
	return execute("part", s)
}

// FileSuffix stands behind the address of a question whose answer hands out files. The parameter part names the file.
const FileSuffix = "file"

// fileView is a file as its template gets it.
type fileView struct{ Name, Type, Size, Path string }

// file offers a file that an answer hands out.
func (r renderer) file(s shown) template.HTML {
	f := fileView{Name: s.File.Name, Type: s.File.Type}
	if s.File.IsZero() {
		return execute("file", f)
	}
	f.Size = draw.Value(math.Ceil(float64(len(s.File.Content))/102.4)/10) + " KiB"
	if r.opt.Open != "" && r.v != nil {
		path, query, _ := strings.Cut(r.opt.Open, "?")
		values, err := url.ParseQuery(query)
		if err == nil {
			values.Set("part", s.Name)
			f.Path = r.v.Path(path + "." + FileSuffix + "?" + values.Encode())
		}
	}
	return execute("file", f)
}

// RenderAll shows all parts of an answer: figures side by side, the rest below each other.
func RenderAll(v *frame.Visit, list []practice.Part, opt Options) template.HTML {
	var out, figures strings.Builder
	flush := func() {
		if figures.Len() > 0 {
			out.WriteString(`<div class="figures">` + figures.String() + `</div>`)
			figures.Reset()
		}
	}
	for _, p := range list {
		if p.Figure != nil {
			figures.WriteString(string(Render(v, p, opt)))
			continue
		}
		flush()
		out.WriteString(string(Render(v, p, opt)))
	}
	flush()
	return template.HTML(out.String())
}

// renderer shows the parts of one visit.
type renderer struct {
	v   *frame.Visit
	opt Options
}

// href returns the address of the page of a record, or nothing where the link leads nowhere.
func (r renderer) href(l practice.Link) string {
	if l.IsZero() || l.Kind == "" {
		return ""
	}
	if l.Key == "" {
		l.Key = l.ID.String()
	}
	if r.opt.Href != nil {
		if path := r.opt.Href(l); path != "" {
			return path
		}
	}
	return r.v.Record(l)
}

// execute runs a template of this package. Its data is made here, so that a fault is one of the templates.
func execute(name string, data any) template.HTML {
	var out bytes.Buffer
	if err := set.ExecuteTemplate(&out, name, data); err != nil {
		return template.HTML(`<p class="problem">` + template.HTMLEscapeString(fmt.Sprintf("This part could not be shown: %v", err)) + `</p>`)
	}
	return template.HTML(out.String())
}

// anchor is a record that is named with a way to it.
type anchor struct{ Title, Name, Href string }

func (r renderer) anchor(l practice.Link) anchor { return anchor{l.Title(), l.String(), r.href(l)} }

// source is what a number was computed from.
type source struct {
	// Count is how many records there are in all.
	Count int
	// Records are the first of them.
	Records []anchor
	// More leads to the list of all, where there are more.
	More string
}

// source returns the records behind a part, the first of them with their names.
func (r renderer) source(part string, from []practice.Link) *source {
	if len(from) == 0 {
		return nil
	}
	const first = 25
	s := &source{Count: len(from)}
	for _, l := range from[:min(first, len(from))] {
		s.Records = append(s.Records, r.anchor(l))
	}
	if len(from) > first && r.opt.Open != "" {
		s.More = r.v.Path(FromPath(r.opt.Open, part))
	}
	return s
}

// FromPath returns the address of the list of records that a part of the answer at an address was computed from.
func FromPath(open, part string) string {
	base, query, _ := strings.Cut(open, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	q.Set("part", part)
	return base + "/from?" + q.Encode()
}

// MendPath returns the address of the page of the action that mends a finding, with its parameters filled in.
func MendPath(m *practice.Mend) string {
	q := url.Values{}
	for name, value := range m.Parameters {
		q.Set(name, value)
	}
	path := "/questions/" + url.PathEscape(m.Action)
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Plain turns help that begins with the name of what it is about, as Go comments do, into a sentence that stands
// below that name.
func Plain(label, help string) string {
	help = strings.Join(strings.Fields(help), " ")
	name := strings.ReplaceAll(label, " ", "")
	for _, verb := range []string{" is ", " are ", " says ", " "} {
		if n := len(name) + len(verb); len(help) > n && strings.EqualFold(help[:n], name+verb) {
			help = help[n:]
			break
		}
	}
	if help == "" {
		return ""
	}
	return strings.ToUpper(help[:1]) + help[1:]
}
