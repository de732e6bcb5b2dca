// Package compliance is the pages of frameworks: how the company or a scope stands with what it must keep, requirement by
// requirement, with the evidence and the files that an auditor takes away. Everything on them is what questions answer.
package compliance

import (
	"embed"
	"time"

	"binnacle/web/frame"
	"binnacle/web/parts"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// patience is how long a page waits for one question.
const patience = 30 * time.Second

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /frameworks", index)
	s.Page("GET /frameworks/{key}", framework)
}

func page(p frame.Page) frame.Page {
	p.Section = "frameworks"
	p.Scripts = parts.Scripts
	p.Styles = append(append([]string{}, parts.Styles...), "compliance.css")
	return p
}
