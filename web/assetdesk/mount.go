// Package assetdesk is the pages for those who look after hardware and licences:
// what to look at, labels with a QR code to print, and counting by scanning.
package assetdesk

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
	s.Page("GET /assets", overview)
	s.Page("GET /assets/labels", labels)
	s.Page("GET /assets/scan", scan)
	s.Page("POST /assets/scan", count)
	s.Page("POST /assets/scan/apply", apply)
}

func page(p frame.Page) frame.Page {
	p.Section = "assetdesk"
	p.Scripts = parts.Scripts
	p.Styles = append(append([]string{}, parts.Styles...), "boards.css", "assetdesk.css")
	return p
}

// home is the way back to the first of these pages.
var home = []frame.Crumb{{Label: "Assets and licences", Path: "/assets"}}
