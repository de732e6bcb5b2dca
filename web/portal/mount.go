// Package portal is the page that a product shows its customers or everybody, without signing in, and the page on which the links
// to it are made. The public page is a document of its own: it names nothing of the house, runs no script, and shows the answer of one question.
package portal

import (
	"embed"

	"binnacle/web/frame"
	"binnacle/web/parts"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// mostSent is how long the body of what a visitor sends may be, in bytes.
const mostSent = 32 << 10

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Open("GET /portal/{key}", show)
	s.Open("POST /portal/{key}/ideas", send)
	s.Open("POST /portal/{key}/votes", vote)
	s.Page("GET /portals", portals)
	s.Page("GET /portals/{key}", manage)
	s.Page("POST /portals/{key}/links", makeLink)
	s.Page("POST /portals/{key}/links/{link}/revoke", revoke)
}

// page returns a page for people of the house.
func page(p frame.Page) frame.Page {
	p.Section = "portals"
	p.Scripts = parts.Scripts
	p.Styles = append(append([]string{}, parts.Styles...), "panel.css", "portals.css")
	return p
}
