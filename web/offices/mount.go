// Package offices is the pages of the charter: who answers for what, where
// nobody or too many do, how much each office carries, what the offices owe each
// other, and whether one officer or two suit the company.
package offices

import (
	"embed"

	"binnacle/web/frame"
	"binnacle/web/parts"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /offices", charter)
	s.Page("POST /offices/adopt", adopt)
	s.Page("POST /offices/accountable", accountable)
	s.Page("GET /offices/one-or-two", oneOrTwo)
}

func page(p frame.Page) frame.Page {
	p.Section = "offices"
	p.Scripts = parts.Scripts
	p.Styles = append(append([]string{}, parts.Styles...), "boards.css")
	return p
}
