// Package questions is the pages of questions, actions and checks, with the form
// of what they are asked with and of what they answer, and the pages of pictures.
package questions

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
	p := &pages{running: newRunning()}
	s.Page("GET /questions", p.index)
	s.Page("GET /questions/{name}", p.question)
	s.Page("POST /questions/{name}", p.do)
	s.Page("GET /questions/{name}/from", p.from)
	s.Page("POST /questions/{name}/tile", p.saveTile)
	s.Page("GET /pictures", picturesIndex)
	s.Page("GET /pictures/capabilities", capabilities)
	s.Page("GET /pictures/roadmap", roadmap)
	s.Page("GET /pictures/graph", graph)
	s.Page("GET /pictures/graph.json", graphJSON)
}

// pages are the pages of questions, and the questions that are being answered.
type pages struct{ running *running }

// page returns a page of this part of the site with its scripts and styles.
func page(p frame.Page) frame.Page {
	p.Scripts = append(append([]string{}, parts.Scripts...), append([]string{"questions.js"}, p.Scripts...)...)
	p.Styles = append(append([]string{}, parts.Styles...), "questions.css")
	if p.Section == "" {
		p.Section = "questions"
	}
	return p
}
