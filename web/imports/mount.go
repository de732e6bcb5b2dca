// Package imports is the pages of imports and of what is imported on a schedule.
package imports

import (
	"embed"
	"sync"
	"time"

	"binnacle/access"
	"binnacle/web/frame"
)

//go:embed templates
var files embed.FS

var templates = frame.MustTemplates(files, "templates/*.html")

// desk is the pages with what they remember between two requests of the same person.
type desk struct {
	*frame.Site
	mu    sync.Mutex
	works map[string]*work
	// slots keep the work on large files from taking all of the memory.
	slots chan struct{}
}

// Mount adds the pages to a site.
func Mount(s *frame.Site) {
	d := &desk{Site: s, works: map[string]*work{}, slots: make(chan struct{}, worksAtOnce)}
	s.Page("GET /imports", importer(d.start))
	s.Upload("POST /imports", s.House.UploadLimit+1<<20, importer(d.upload))
	s.Page("GET /imports/{id}", importer(d.show))
	s.Page("GET /imports/{id}/state", importer(d.state))
	s.Page("GET /imports/{id}/refused.csv", importer(d.refusedCSV))
	s.Page("POST /imports/{id}/options", importer(d.options))
	s.Page("POST /imports/{id}/columns", importer(d.columns))
	s.Page("POST /imports/{id}/choice", importer(d.choose))
	s.Page("POST /imports/{id}/drop", importer(d.drop))
	s.Page("GET /feeds", steward(d.feeds))
	s.Page("GET /feeds/new", steward(d.newFeed))
	s.Page("POST /feeds", steward(d.createFeed))
	s.Page("GET /feeds/{key}", steward(d.feed))
	s.Page("POST /feeds/{key}", steward(d.editFeed))
	s.Page("POST /feeds/{key}/run", steward(d.runFeed))
	s.Page("POST /feeds/{key}/pause", steward(d.pauseFeed))
	s.Page("POST /feeds/{key}/delete", steward(d.removeFeed))
}

// importer lets only those through who may import.
func importer(h frame.Handler) frame.Handler {
	return allowed(h, (*access.Principal).MayImport)
}

// steward lets only those through who administer.
func steward(h frame.Handler) frame.Handler {
	return allowed(h, (*access.Principal).MayAdminister)
}

func allowed(h frame.Handler, may func(*access.Principal) error) frame.Handler {
	return func(v *frame.Visit) error {
		if err := may(v.Who); err != nil {
			return err
		}
		return h(v)
	}
}

// page returns a page of this part of the site.
func page(title, lead string, body any, crumbs ...frame.Crumb) frame.Page {
	return frame.Page{Title: title, Lead: lead, Section: "imports", Body: body, Crumbs: crumbs, Styles: []string{"imports.css"}, Scripts: []string{"imports.js"}}
}

func (d *desk) now() time.Time { return d.House.Now().Time() }
