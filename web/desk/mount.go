// Package desk is the pages that everybody uses: search, the palette, history, scenarios and help.
package desk

import (
	"embed"
	"encoding/json"

	"binnacle/model"
	"binnacle/web/frame"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /search", search)
	s.Page("GET /pick", pick)
	s.Page("GET /palette", palette)
	s.Page("GET /fresh", fresh)
	s.Page("GET /history", history)
	s.Page("GET /history/{seq}", entry)
	s.Page("GET /history/{seq}/undo", askUndo)
	s.Page("POST /history/{seq}/undo", undo)
	s.Page("GET /scenarios", scenarios)
	s.Page("POST /scenarios", createScenario)
	s.Page("GET /scenarios/{key}", scenario)
	s.Page("POST /scenarios/{key}/merge", merge)
	s.Page("POST /scenarios/{key}/drop", drop)
	s.Page("GET /notices", notices)
	s.Page("POST /notices/seen", noticesSeen)
	s.Page("POST /notices/mail", noticesMail)
	s.Page("GET /help", help)
	s.Page("POST /face", face)
	s.Page("POST /theme", theme)
}

// face changes which face is shown.
func face(v *frame.Visit) error {
	if err := v.SetFace(model.Face(v.Form("face"))); err != nil {
		return err
	}
	return v.Redirect(frame.Local(v.Form("to")))
}

// theme changes whether pages are light or dark.
func theme(v *frame.Visit) error {
	if err := v.SetTheme(v.Form("theme")); err != nil {
		return err
	}
	return v.Redirect(frame.Local(v.Form("to")))
}

// answer writes a value as JSON.
func answer(v *frame.Visit, value any) error {
	v.W.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.W).Encode(value)
}
