package frame

import (
	"strings"
	"sync"

	"binnacle/model"
)

// components keeps the drawing of every component that does not change.
var components sync.Map

// component returns the drawing of a component, which is made by its template once for each thing that it shows.
func component(name string, of any) string {
	type key struct {
		name string
		of   any
	}
	if drawn, ok := components.Load(key{name, of}); ok {
		return drawn.(string)
	}
	var out strings.Builder
	if err := basic.set.ExecuteTemplate(&out, name, of); err != nil {
		return ""
	}
	components.Store(key{name, of}, out.String())
	return out.String()
}

// drawnMenu returns the menu as HTML. It is the same for every page of a section as long as nothing changes.
func (v *Visit) drawnMenu(section string) string {
	if v.Who == nil || !v.Moment.IsNow() {
		return drawMenu(v.menu(section))
	}
	view, err := v.View()
	if err != nil {
		return drawMenu(v.menu(section))
	}
	type key struct {
		look
		face    model.Face
		section string
	}
	return view.Snapshot().Memo(key{v.look(), v.Face, section}, func() any { return drawMenu(v.menu(section)) }).(string)
}

// look names what somebody sees of a snapshot: the same for the same account, with rights as of the same entry.
type look struct {
	account model.ID
	entry   uint64
	scope   model.TokenScope
}

func (v *Visit) look() look { return look{v.Who.Account.ID, v.Who.Stamp().Seq, v.Who.Scope} }

// drawMenu makes the menu, which every page has twice.
func drawMenu(groups []MenuGroup) string {
	d := &drawing{make([]byte, 0, 8<<10)}
	d.raw(`<nav class="menu no-print" aria-label="Menu">`)
	for _, g := range groups {
		if g.Label != "" {
			d.raw("<h2>")
			d.text(g.Label)
			d.raw("</h2>")
		}
		d.raw("<ul>")
		for _, item := range g.Items {
			item.draw(d)
		}
		d.raw("</ul>")
	}
	d.raw("</nav>")
	return string(d.buf)
}

// draw writes one entry of the menu.
func (m MenuItem) draw(d *drawing) {
	d.raw(`<li><a href="`)
	d.text(m.Path)
	d.raw(`"`)
	if m.Current {
		d.raw(` aria-current="page"`)
	}
	if m.Away {
		d.raw(` class="away"`)
	}
	d.raw(">")
	if m.Icon != "" {
		d.raw(component("icon", m.Icon))
	}
	d.text(m.Label)
	if m.Away {
		d.raw(`<span class="side">`)
		d.text(string(m.Side))
		d.raw("</span>")
	}
	d.raw("</a></li>")
}
