package frame

import (
	"html"
	"strconv"
	"strings"
	"sync"

	"binnacle/practice"
	"binnacle/web/assets"
)

// drawing is a page being made. What surrounds the content is made by hand, because every page has it and a template
// would take longer than all else on a page. Whatever is not written here goes through [drawing.text].
type drawing struct{ buf []byte }

// drawings lends out memory for pages.
var drawings = sync.Pool{New: func() any { return &drawing{make([]byte, 0, 64<<10)} }}

// largestDrawing is how much memory a drawing may have taken and still be kept, in bytes.
const largestDrawing = 1 << 20

func (d *drawing) raw(markup ...string) {
	for _, m := range markup {
		d.buf = append(d.buf, m...)
	}
}

// text writes a text, also inside of quoted attributes.
func (d *drawing) text(s string) {
	if !strings.ContainsAny(s, "&<>\"'\x00") {
		d.buf = append(d.buf, s...)
		return
	}
	d.buf = append(d.buf, html.EscapeString(strings.ReplaceAll(s, "\x00", "\uFFFD"))...)
}

func (d *drawing) number(n uint64) { d.buf = strconv.AppendUint(d.buf, n, 10) }

// hidden writes a value that a form sends along.
func (d *drawing) hidden(name, value string) {
	d.raw(`<input type="hidden" name="`)
	d.text(name)
	d.raw(`" value="`)
	d.text(value)
	d.raw(`">`)
}

// link writes the start of a link.
func (d *drawing) link(class, to string) {
	d.raw(`<a class="`, class, `" href="`)
	d.text(to)
	d.raw(`">`)
}

// button writes a button that is one of several, of which one is pressed.
func (d *drawing) button(name, value, label, title string, pressed bool) {
	d.raw(`<button name="`, name, `" value="`, value, `" aria-pressed="`, strconv.FormatBool(pressed), `"`)
	if title != "" {
		d.raw(` title="`)
		d.text(title)
		d.raw(`"`)
	}
	d.raw(">", label, "</button>")
}

// layout draws the whole page around its content.
func (s *Screen) layout(d *drawing, content []byte) {
	d.raw(`<!doctype html>
<html lang="en" data-face="`)
	d.text(string(s.Face))
	if s.Theme != "" {
		d.raw(`" data-theme="`, s.Theme)
	}
	d.raw("\">\n")
	s.head(d)
	if s.Bare {
		s.bare(d, content)
		return
	}
	d.raw(`<body data-entry="`)
	d.number(s.Stamp.Seq)
	d.raw("\">\n", skip)
	s.top(d)
	d.raw(`<div class="page">
`, s.menuDrawn, `
<main id="main" tabindex="-1">
`)
	s.printHead(d)
	s.momentLine(d)
	d.raw(`<div class="page-head">
`)
	if len(s.Crumbs) > 0 {
		d.raw(`<nav class="crumbs" aria-label="Where you are"><ol>`)
		for _, c := range s.Crumbs {
			d.raw(`<li><a href="`)
			d.text(s.Path(c.Path))
			d.raw(`">`)
			d.text(c.Label)
			d.raw("</a></li>")
		}
		d.raw("</ol></nav>\n")
	}
	s.heading(d)
	d.raw("</div>\n")
	d.buf = append(d.buf, content...)
	d.raw("\n</main>\n</div>\n")
	if t := s.Toast; t != nil {
		d.raw(`<div class="toast" role="status"><span>`)
		d.text(t.Text)
		d.raw("</span>")
		if t.Entry > 0 {
			d.raw(`<form method="post" action="/history/`)
			d.number(t.Entry)
			d.raw(`/undo">`)
			d.hidden("to", s.Here())
			d.raw(`<button class="button small">Undo</button></form>`)
		}
		d.raw("</div>\n")
	}
	d.raw("</body>\n</html>")
}

const skip = "<a class=\"skip\" href=\"#main\">Skip to the content</a>\n"

// bare draws a page without a menu.
func (s *Screen) bare(d *drawing, content []byte) {
	d.raw("<body class=\"bare\">\n", skip, `<main id="main" tabindex="-1">
<p class="brand">`, component("compass", nil), `<span>Binnacle</span></p>
<div class="page-head">`)
	s.heading(d)
	d.raw("</div>\n")
	d.buf = append(d.buf, content...)
	d.raw("\n</main>\n</body>\n</html>")
}

// head draws what the browser needs to know before the page.
func (s *Screen) head(d *drawing) {
	scheme := s.Theme
	if scheme == "" {
		scheme = "light dark"
	}
	d.raw(`<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="`, scheme, `">
<meta name="htmx-config" content='extensions:"binnacle",includeIndicatorCSS:false,mode:"same-origin"'>
<title>`)
	d.text(s.Title)
	d.raw(" · Binnacle</title>\n<link rel=\"icon\" type=\"image/svg+xml\" href=\"", assets.URL("logo.svg"), "\">\n")
	for _, name := range append([]string{"app.css"}, s.Styles...) {
		d.raw(`<link rel="stylesheet" href="`, assets.URL(name), "\">\n")
	}
	scripts := []string{"app.js"}
	if assets.Has("htmx.min.js") {
		scripts = []string{"htmx.min.js", "app.js"}
	}
	for _, name := range append(scripts, s.Scripts...) {
		d.raw(`<script src="`, assets.URL(name), "\" defer></script>\n")
	}
	d.raw("</head>\n")
}

func (s *Screen) heading(d *drawing) {
	d.raw("<h1>")
	d.text(s.Title)
	d.raw("</h1>\n")
	if s.Lead != "" {
		d.raw(`<p class="lead">`)
		d.text(s.Lead)
		d.raw("</p>\n")
	}
}

// top draws the bar above the page: menu, search, face and person.
func (s *Screen) top(d *drawing) {
	d.raw(`<header class="bar no-print">
<details class="drawer"><summary aria-label="Menu">`, component("icon", "menu"), `</summary>`, s.menuDrawn, `</details>
<a class="brand" href="`)
	d.text(s.Path("/"))
	d.raw(`" aria-label="Binnacle, home">`, component("compass", nil), `<span>Binnacle</span></a>
<form class="search" action="/search" role="search">`, component("icon", "search"),
		`<input type="search" name="q" aria-label="Search everything" placeholder="Search or jump to…" autocomplete="off" data-palette-hint>`)
	for _, name := range momentNames {
		for _, value := range s.Moment.Values()[name] {
			d.hidden(name, value)
		}
	}
	d.raw(`<kbd aria-hidden="true">Ctrl K</kbd></form>
<div class="bar-end">
`)
	s.faces(d)
	d.raw("\n")
	s.person(d)
	d.raw("\n</div></header>\n")
}

// faceNames are what the faces are called and what they show.
var faceNames = map[string][2]string{
	"inward":  {"Inward", "The CIO's side: keep the business running"},
	"outward": {"Outward", "The CTO's side: find what comes next"},
	"both":    {"Both", "Both sides at once"},
}

func (s *Screen) faces(d *drawing) {
	d.raw(`<form class="face" method="post" action="/face">`)
	d.hidden("to", s.Here())
	d.raw(`<span class="face-label" aria-hidden="true">Face</span><div class="segments" role="group" aria-label="Which face is shown">`)
	for _, f := range Faces {
		name := faceNames[string(f)]
		d.raw("\n")
		d.button("face", string(f), name[0], name[1], f == s.Face)
	}
	d.raw("</div></form>")
}

func (s *Screen) person(d *drawing) {
	if s.Who == nil {
		return
	}
	name := s.Who.Title()
	d.raw(`<details class="person"><summary><span class="initials" aria-hidden="true">`)
	d.text(initials(name))
	d.raw(`</span><span class="name">`)
	d.text(name)
	d.raw(`</span><span class="visually-hidden">: your menu</span></summary>
<div class="sheet">
<div class="face-small"><p class="legend">Face</p>`)
	s.faces(d)
	d.raw(`</div>
<form method="post" action="/theme">`)
	d.hidden("to", s.Here())
	d.raw(`<p class="legend" id="theme-legend">Appearance</p><div class="segments" role="group" aria-labelledby="theme-legend">`)
	d.button("theme", "auto", "Device", "", s.Theme == "")
	d.button("theme", "light", "Light", "", s.Theme == "light")
	d.button("theme", "dark", "Dark", "", s.Theme == "dark")
	d.raw(`</div></form>
<ul><li><a href="/me">Your account</a></li><li><a href="/help">Help</a></li><li><a href="/help#keyboard" data-keys>Keyboard <kbd>?</kbd></a></li></ul>
<form method="post" action="/sign-out"><button class="plain">Sign out</button></form>
</div></details>`)
}

// momentLine draws which estate is looked at, and the form that changes it.
func (s *Screen) momentLine(d *drawing) {
	b := s.Bar
	if b == nil {
		return
	}
	away, open := " away", ""
	if s.Moment.IsNow() {
		away = ""
	}
	if b.Broken {
		open = " open"
	}
	d.raw(`<div class="moment-line"><details class="moment`, away, `"`, open, `><summary>
<span class="lamp"></span>
`)
	s.momentWords(d)
	if len(b.Stale) > 0 {
		d.raw(`<span class="stale">`, practice.Count(len(b.Stale), "source", "sources"), ` out of date</span>`)
	}
	d.raw(`
<span class="fold no-print">Another date or scenario</span></summary>
<form action="`)
	d.text(b.Action)
	d.raw(`" class="no-print">`)
	for _, k := range b.Keep {
		d.hidden(k.Name, k.Value)
	}
	d.raw(`
<label class="field"><span class="label">As it was on</span><input name="as_of" type="`, b.InputType(), `" value="`)
	d.text(b.Past)
	d.raw(`"></label>
<label class="field"><span class="label">Plans as on</span><input name="at" type="date" value="`)
	d.text(b.Plan)
	d.raw(`"></label>
<label class="field"><span class="label">Scenario</span><select name="scenario"><option value="">None</option>`)
	for _, c := range b.Scenarios {
		d.raw(`<option value="`)
		d.text(c.Key)
		d.raw(`"`)
		if c.Key == b.Under {
			d.raw(" selected")
		}
		d.raw(">")
		d.text(c.Title())
		d.raw("</option>")
	}
	d.raw(`</select></label>
<button class="button primary">Look</button>
`)
	for i, p := range b.Stale {
		d.raw([]string{`<p class="small muted">`, ", "}[min(i, 1)])
		d.text(p.Name)
		d.raw(": read ")
		d.text(p.Value)
	}
	if len(b.Stale) > 0 {
		d.raw("</p>")
	}
	d.raw("</form></details>")
	if b.Compare != "" {
		d.link("button no-print", b.Compare)
		d.raw("Compare with now</a>")
	}
	if !s.Moment.IsNow() {
		d.link("button primary no-print", b.Back)
		d.raw("Back to now</a>")
	}
	d.raw("</div>\n")
}

// momentWords says which estate is looked at.
func (s *Screen) momentWords(d *drawing) {
	b := s.Bar
	if s.Moment.IsNow() {
		d.raw("<span><strong>Now</strong>")
		if b.Entry > 0 {
			d.raw(` · <span title="`, b.At.String(), `">last change `, b.When, `<span class="entry"> (entry `)
			d.number(b.Entry)
			d.raw(")</span></span>")
		}
		d.raw("</span>")
		return
	}
	if b.Broken {
		d.raw("<strong>There is no such moment</strong>\n")
	} else {
		d.raw("<strong>Not now</strong>\n")
	}
	if b.Past != "" {
		d.raw("<span>as of ")
		d.text(b.PastWords())
		d.raw("</span>")
	}
	if b.Plan != "" {
		d.raw("<span>plans on ")
		d.text(b.Plan)
		d.raw("</span>")
	}
	if b.Under != "" {
		d.raw("<span>under <strong>")
		d.text(b.ScenarioTitle())
		d.raw("</strong></span>")
	}
	if b.Entry > 0 {
		d.raw(`<span class="muted">entry `)
		d.number(b.Entry)
		d.raw("</span>")
	}
}

// printHead draws the line above a page on paper.
func (s *Screen) printHead(d *drawing) {
	d.raw(`<div class="only-print print-head"><span>Binnacle · `)
	if s.Who != nil {
		d.text(s.Who.Title())
	}
	d.raw("</span><span>")
	if b := s.Bar; b != nil && s.Moment.IsNow() {
		d.raw("As of entry ")
		d.number(b.Entry)
		d.raw(", ", b.At.String())
	} else if b != nil {
		for _, part := range [][2]string{{"As of ", b.Past}, {"Plans on ", b.Plan}, {"Scenario ", b.Under}} {
			if part[1] != "" {
				d.raw(part[0])
				d.text(part[1])
				d.raw(" ")
			}
		}
	}
	d.raw("</span></div>\n")
}
