// Package doors puts every door of a house behind one handler.
package doors

import (
	"net/http"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/host"
	"binnacle/web"
	"binnacle/web/frame"
)

// Options are what the doors do not decide for themselves.
type Options struct {
	// Secure says that people reach the doors over TLS, here or at a proxy in front.
	Secure bool
}

// Doors is every door of a house: pages, programs, provisioning and assistants.
type Doors struct {
	mux    *http.ServeMux
	routes []string
}

// Handler returns the doors of a house.
func Handler(h *door.House, opt Options) *Doors {
	d := &Doors{mux: http.NewServeMux()}
	d.add("/", web.Handler(h, frame.Options{Secure: opt.Secure, From: host.From}))
	return d
}

// add puts a door at a pattern.
func (d *Doors) add(pattern string, h http.Handler) {
	d.mux.Handle(pattern, h)
	if r, ok := h.(interface{ Routes() []string }); ok {
		d.routes = append(d.routes, r.Routes()...)
	} else {
		d.routes = append(d.routes, pattern)
	}
}

// ServeHTTP leads a request to its door.
func (d *Doors) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.mux.ServeHTTP(w, r) }

// Routes returns the patterns of all routes, each with its method, in order.
func (d *Doors) Routes() []string {
	out := slices.Clone(d.routes)
	for i, r := range out {
		if !strings.Contains(r, " ") {
			out[i] = "GET " + r
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
