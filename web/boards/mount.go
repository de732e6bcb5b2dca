// Package boards is the home page, the boards, and the comparison of two moments.
package boards

import (
	"embed"
	"time"

	"binnacle/web/frame"
	"binnacle/web/parts"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// patience is how long a board waits for one tile. What takes longer is fetched when the board is there.
const patience = 2 * time.Second

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /{$}", home)
	s.Page("GET /boards", index)
	s.Page("POST /boards", create)
	s.Page("GET /boards/tile", later)
	s.Page("GET /boards/{key}", board)
	s.Page("GET /boards/{key}/arrange", arrange)
	s.Page("POST /boards/{key}/settings", settings)
	s.Page("POST /boards/{key}/tiles", addTile)
	s.Page("POST /boards/{key}/tiles/{at}", changeTile)
	s.Page("POST /boards/{key}/delete", remove)
	s.Page("GET /compare", compare)
}

// page returns a page of this part of the site with its scripts and styles.
func page(p frame.Page) frame.Page {
	p.Scripts = append(append([]string{}, parts.Scripts...), p.Scripts...)
	p.Styles = append(append([]string{}, parts.Styles...), "boards.css")
	if p.Section == "" {
		p.Section = "boards"
	}
	return p
}
