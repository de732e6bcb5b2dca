package frame

import (
	"html/template"
	"strings"
	"sync"
)

// icons keeps the drawing of every icon that was asked for.
var icons sync.Map

// icon returns the drawing of an icon, which is made by its template once.
func icon(name string) string {
	if drawn, ok := icons.Load(name); ok {
		return drawn.(string)
	}
	var out strings.Builder
	if err := basic.set.ExecuteTemplate(&out, "icon", name); err != nil {
		return ""
	}
	icons.Store(name, out.String())
	return out.String()
}

// drawMenu makes the menu, which every page has twice. It is made by hand because it would take longer than all else on a page.
func drawMenu(groups []MenuGroup) template.HTML {
	var out strings.Builder
	out.Grow(8 << 10)
	out.WriteString(`<nav class="menu no-print" aria-label="Menu">`)
	for _, g := range groups {
		if g.Label != "" {
			out.WriteString("<h2>")
			out.WriteString(template.HTMLEscapeString(g.Label))
			out.WriteString("</h2>")
		}
		out.WriteString("<ul>")
		for _, item := range g.Items {
			item.draw(&out)
		}
		out.WriteString("</ul>")
	}
	out.WriteString("</nav>")
	return template.HTML(out.String())
}

// draw writes one entry of the menu.
func (m MenuItem) draw(out *strings.Builder) {
	out.WriteString(`<li><a href="`)
	out.WriteString(template.HTMLEscapeString(m.Path))
	out.WriteByte('"')
	if m.Current {
		out.WriteString(` aria-current="page"`)
	}
	if m.Away {
		out.WriteString(` class="away"`)
	}
	out.WriteByte('>')
	if m.Icon != "" {
		out.WriteString(icon(m.Icon))
	}
	out.WriteString(template.HTMLEscapeString(m.Label))
	if m.Away {
		out.WriteString(`<span class="side">` + template.HTMLEscapeString(string(m.Side)) + "</span>")
	}
	out.WriteString("</a></li>")
}
