// Package records is the pages of records, of every kind, from the model alone.
package records

import (
	"embed"

	"binnacle/door"
	"binnacle/model"
	"binnacle/web/frame"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// The assets of these pages.
var (
	styles  = []string{"records.css"}
	scripts = []string{"records.js"}
)

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	s.Page("GET /records", kinds)
	s.Page("GET /records/{kind}", list)
	s.Page("GET /records/{kind}/export", export)
	s.Page("POST /records/{kind}/views", saveView)
	s.Page("POST /views/{view}", changeView)
	s.Page("GET /records/{kind}/new", newRecord)
	s.Page("POST /records/{kind}/new", create)
	s.Page("GET /records/{kind}/bulk", bulk)
	s.Page("POST /records/{kind}/bulk", doBulk)
	s.Page("GET /records/{kind}/duplicates", duplicates)
	s.Page("GET /records/{kind}/{key}", show)
	s.Page("GET /records/{kind}/{key}/{$}", show)
	s.Page("GET /records/{kind}/{key}/history", history)
	s.Page("GET /records/{kind}/{key}/graph", graph)
	s.Page("GET /records/{kind}/{key}/edit", edit)
	s.Page("POST /records/{kind}/{key}/edit", save)
	s.Page("GET /records/{kind}/{key}/delete", askDelete)
	s.Page("POST /records/{kind}/{key}/delete", remove)
	s.Page("GET /records/{kind}/{key}/merge", askMerge)
	s.Page("POST /records/{kind}/{key}/merge", merge)
	s.Page("POST /records/{kind}/{key}/comments", comment)
	s.Page("POST /records/{kind}/{key}/comments/{comment}/delete", removeComment)
	s.Upload("POST /records/{kind}/{key}/attachments", door.LargestFile+1<<20, attach)
	s.Page("POST /records/{kind}/{key}/attachments/{file}/delete", removeAttachment)
	s.Page("GET /attachments/{key}", download)
	s.Page("GET /assessments/{key}/questionnaire", questionnaire)
	s.Page("GET /assessments/{key}/questionnaire.xlsx", sendQuestionnaire("xlsx"))
	s.Page("GET /assessments/{key}/questionnaire.csv", sendQuestionnaire("csv"))
	s.Upload("POST /assessments/{key}/answers", largestAnswers, takeAnswers)
	s.Page("GET /loads/{key}/lines", lines)
	s.Page("GET /loads/{key}/lines.csv", linesCSV)
}

// kindOf returns the kind that the address names, which the visitor may look at.
func (d *desk) kindOf() (*model.Kind, error) {
	k := d.view.Schema().Kind(d.R.PathValue("kind"))
	if k == nil {
		return nil, &door.NotFound{What: "kind " + d.R.PathValue("kind")}
	}
	return k, nil
}
