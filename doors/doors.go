// Package doors puts every door of a house behind one handler.
package doors

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"binnacle/api"
	"binnacle/api/scim"
	"binnacle/door"
	"binnacle/host"
	"binnacle/mcp"
	"binnacle/web"
	"binnacle/web/frame"
)

// Options are what the doors do not decide for themselves.
type Options struct {
	// Secure says that people reach the doors over TLS, here or at a proxy in front.
	Secure bool
	// Rate is how many points a principal may spend at the API in a second; see [api.Options].
	Rate float64
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
	d.add(api.Prefix+"/", plain(api.Handler(h, api.Options{Secure: opt.Secure, From: host.From, Rate: opt.Rate})))
	d.add("/scim/v2/", plain(scim.Handler(h)))
	d.add(api.ReceiverPrefix+"/", plain(api.Receivers(h, api.Options{Secure: opt.Secure, From: host.From})))
	d.add("/mcp", plain(mcp.Handler(h)))
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

// program is a door whose answers are for programs. Browsers that get hold of one may do nothing with it.
type program struct{ http.Handler }

// strict are the headers of every answer for programs.
var strict = http.Header{
	"Content-Security-Policy":      {"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"},
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"no-referrer"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Cache-Control":                {"no-store"},
}

func plain(h http.Handler) http.Handler { return program{h} }

// ServeHTTP sets the headers, which the door may make stricter or, for caching, looser.
func (p program) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	maps.Copy(w.Header(), strict)
	p.Handler.ServeHTTP(w, r)
}

// Routes returns the routes of the door, where it knows them.
func (p program) Routes() []string {
	if r, ok := p.Handler.(interface{ Routes() []string }); ok {
		return r.Routes()
	}
	return nil
}
