package frame

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// policy is what browsers may load for a page: nothing but what the site itself
// serves. Text becomes elements or code only through the policies that app.js makes.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; " +
	"manifest-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types binnacle default; report-uri /csp"

// FilePolicy is what browsers may do with a file that the site hands out: nothing at all.
const FilePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

// maxReport is how long a report of a browser may be, and maxReports how many are written down in a minute.
const (
	maxReport  = 8 << 10
	maxReports = 20
)

// reports counts the reports of browsers, so that nobody fills the log with them.
type reports struct {
	mu     sync.Mutex
	minute int64
	count  int
}

// take reports whether one more may be written down.
func (r *reports) take(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := now.Unix() / 60; m != r.minute {
		r.minute, r.count = m, 0
	}
	r.count++
	return r.count <= maxReports
}

// report writes down what a browser refused to load because of the policy.
func (s *Site) report(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusNoContent)
	if !s.reports.take(time.Now()) {
		return
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxReport))
	if err != nil {
		return
	}
	var said struct {
		Report struct {
			Document  string `json:"document-uri"`
			Blocked   string `json:"blocked-uri"`
			Directive string `json:"effective-directive"`
			Violated  string `json:"violated-directive"`
			Source    string `json:"source-file"`
			Line      int    `json:"line-number"`
		} `json:"csp-report"`
	}
	if json.Unmarshal(raw, &said) != nil {
		return
	}
	c := said.Report
	if c.Directive == "" {
		c.Directive = c.Violated
	}
	s.House.Log.Warn("a browser refused something because of the content policy", "directive", Short(c.Directive, 60), "page", withoutQuery(c.Document),
		"blocked", withoutQuery(c.Blocked), "source", withoutQuery(c.Source), "line", c.Line)
}

// withoutQuery returns an address without what somebody searched for.
func withoutQuery(address string) string {
	if u, err := url.Parse(address); err == nil {
		u.RawQuery, u.Fragment, u.User = "", "", nil
		address = u.String()
	}
	return Short(address, 200)
}
