// Package api is the door for programs: records, questions, actions, history,
// imports and scenarios as JSON over HTTP, under one version. What it offers is
// told by one table of routes, from which the addresses, the parameters that are
// accepted and the OpenAPI document are all derived.
package api

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// Prefix is the path under which the API lies.
const Prefix = "/api/v1"

// Options are what the API does not decide for itself. Everything is optional.
type Options struct {
	// Secure says that people reach the API over TLS, here or at a proxy in front of it.
	Secure bool
	// From returns the network address of whoever sent a request. Unset means the address of the connection.
	From func(*http.Request) string
	// Rate is how many points a principal may spend in a second. A read costs 1, a question or a write 100, an import 1,000. Unset
	// means 20,000, below 0 there is no limit.
	Rate float64
	// MaxBody is how long a body of JSON may be. Unset means 8 MiB.
	MaxBody int64
	// MaxUpload is how long the body of an import may be. Unset means what the house says, and never less than 128 MiB.
	MaxUpload int64
	// Streams is how many streams of events an account may have open. Unset means 4.
	Streams int
	// Heartbeat is how often a stream shows that it is alive, and checks that whoever reads it still may. Unset means 15 seconds.
	Heartbeat time.Duration
}

func (o Options) withDefaults(house *door.House) Options {
	if o.From == nil {
		o.From = func(r *http.Request) string {
			if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
				return a.Addr().Unmap().String()
			}
			return r.RemoteAddr
		}
	}
	if o.Rate == 0 {
		o.Rate = 20_000
	}
	if o.MaxBody == 0 {
		o.MaxBody = 8 << 20
	}
	if o.MaxUpload == 0 {
		o.MaxUpload = max(heldUpload, house.UploadLimit)
	}
	if o.Streams == 0 {
		o.Streams = 4
	}
	if o.Heartbeat == 0 {
		o.Heartbeat = 15 * time.Second
	}
	return o
}

// heldUpload is how long an upload may be that is held in memory.
const heldUpload = 128 << 20

// server is the API over one house.
type server struct {
	house   *door.House
	opt     Options
	mux     *http.ServeMux
	guard   *http.CrossOriginProtection
	spent   *buckets
	failed  *buckets
	streams streams
	papers  papers
}

// Handler returns the API over a house. It answers everything under [Prefix].
func Handler(h *door.House, opt Options) http.Handler {
	s := &server{house: h, opt: opt.withDefaults(h), mux: http.NewServeMux(), guard: http.NewCrossOriginProtection()}
	s.spent, s.failed = newBuckets(s.opt.Rate, 2*s.opt.Rate), newBuckets(failuresASecond, mostFailures)
	allowed := map[string][]string{}
	for _, r := range routes() {
		s.mux.HandleFunc(r.method+" "+Prefix+r.path, func(w http.ResponseWriter, req *http.Request) { s.serve(w, req, r) })
		allowed[r.path] = append(allowed[r.path], r.method)
		if r.method == http.MethodGet {
			allowed[r.path] = append(allowed[r.path], http.MethodHead)
		}
	}
	for path, methods := range allowed {
		slices.Sort(methods)
		allow := strings.Join(methods, ", ")
		s.mux.HandleFunc(Prefix+path, func(w http.ResponseWriter, req *http.Request) {
			w.Header().Set("Allow", allow)
			s.tell(w, req, &problem{Status: http.StatusMethodNotAllowed, Title: "The method is not allowed", Detail: req.Method + " is not possible here: use one of " + allow})
		})
	}
	s.mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) {
		s.tell(w, req, &problem{Status: http.StatusNotFound, Title: "There is no such address", Detail: "what there is is told by " + Prefix + "/openapi.json"})
	})
	return s
}

// fixed are the headers that every answer has.
var fixed = http.Header{
	"X-Content-Type-Options":       {"nosniff"},
	"Cache-Control":                {"private, no-cache"},
	"Vary":                         {"Authorization, Cookie"},
	"Content-Security-Policy":      {"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Referrer-Policy":              {"no-referrer"},
}

// ServeHTTP answers a request with the headers that keep browsers from doing anything else with the answer.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	maps.Copy(h, fixed)
	if s.opt.Secure {
		h.Set("Strict-Transport-Security", "max-age=63072000")
	}
	s.mux.ServeHTTP(w, r)
}

// call is one request.
type call struct {
	*server
	w      http.ResponseWriter
	r      *http.Request
	route  *route
	query  url.Values
	who    *access.Principal
	moment door.Moment
	// again finds out once more who asks, for requests that take long.
	again func() (*access.Principal, error)
	// body is what was read of the request by readBody.
	body []byte
}

// serve answers a request at a route.
func (s *server) serve(w http.ResponseWriter, r *http.Request, to *route) {
	c := &call{server: s, w: w, r: r, route: to}
	defer func() {
		if fault := recover(); fault != nil {
			if fault == http.ErrAbortHandler {
				panic(fault)
			}
			s.house.Log.Error("a request failed", "path", r.URL.Path, "fault", fmt.Sprint(fault), "stack", string(debug.Stack()))
			s.tell(w, r, &problem{Status: http.StatusInternalServerError, Title: "A fault in Binnacle stopped the request"})
		}
	}()
	if err := c.enter(); err != nil {
		c.fail(err)
		return
	}
	answer := to.handle
	if to.method == http.MethodPost && r.Header.Get("Idempotency-Key") != "" {
		answer = func(c *call) error { return c.once(to.handle) }
	}
	if err := answer(c); err != nil {
		c.fail(err)
	}
}

// enter finds out who asks, and refuses what is not to be answered at all.
func (c *call) enter() error {
	if err := c.identify(); err != nil {
		return err
	}
	if c.who.Scope == "provision" {
		return &problem{Status: http.StatusForbidden, Title: "The token does not allow this", Detail: "a token that provisions is for SCIM alone"}
	}
	if wait, ok := c.spent.take(c.who.Account.ID.String(), float64(c.route.cost)); !ok {
		return tooMany(wait)
	}
	var err error
	if c.query, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return &problem{Status: http.StatusBadRequest, Title: "The address is not right", Detail: "what follows the question mark cannot be read"}
	}
	c.moment = door.MomentOf(c.query)
	limit := c.opt.MaxBody
	if c.route.upload {
		limit = c.opt.MaxUpload
		if c.r.Header.Get("Idempotency-Key") != "" {
			// What may have to be compared with an earlier request is held.
			limit = min(limit, heldUpload)
		}
	}
	c.r.Body = http.MaxBytesReader(c.w, c.r.Body, limit)
	return c.checkParameters()
}

// checkParameters refuses parameters that the route does not have, so that a slip in a name does not silently do nothing.
func (c *call) checkParameters() error {
	if c.route.open {
		return nil
	}
	var wrong []fault
	for name, values := range c.query {
		i := slices.IndexFunc(c.route.parameters, func(p parameter) bool { return p.name == name })
		if i < 0 {
			wrong = append(wrong, fault{Parameter: name, Text: "there is no such parameter here"})
		} else if len(values) > 1 && !c.route.parameters[i].many {
			wrong = append(wrong, fault{Parameter: name, Text: "it is given more than once"})
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	slices.SortFunc(wrong, func(a, b fault) int { return strings.Compare(a.Parameter, b.Parameter) })
	return &problem{Status: http.StatusBadRequest, Title: "A parameter is not right", Errors: wrong}
}

// look returns the estate as the request wants to see it.
func (c *call) look() (estate.View, error) { return c.house.Look(c.r.Context(), c.who, c.moment) }

// kind returns the kind that the address names. What the principal may not look at at all is refused.
func (c *call) kind(v estate.View) (*model.Kind, error) {
	name := c.r.PathValue("kind")
	k := v.Schema().Kind(name)
	if k == nil {
		return nil, &door.NotFound{What: fmt.Sprintf("kind %q", name)}
	}
	// One's own account and tokens are in sight whatever the roles say.
	if read, _, _ := c.who.Extents(k.Name); read == "none" && k.Name != "Account" && k.Name != "AccessToken" {
		d := &access.Denied{Who: c.who.Who(), Need: "read", Kind: k.Name}
		c.house.Access.NoteDenied(c.r.Context(), c.who, d)
		return nil, &problem{Status: http.StatusForbidden, Title: "This is not allowed", Detail: d.Error()}
	}
	return k, nil
}

// record returns the record that the address names.
func (c *call) record(v estate.View) (*model.Kind, model.Record, error) {
	k, err := c.kind(v)
	if err != nil {
		return nil, nil, err
	}
	_, rec, err := door.Find(v, k.Name, c.r.PathValue("key"))
	return k, rec, err
}

// yes reads a parameter that is true or false.
func (c *call) yes(name string) (bool, error) {
	switch c.query.Get(name) {
	case "", "false", "0":
		return false, nil
	case "true", "1":
		return true, nil
	}
	return false, badParameter(name, "write true or false")
}

func badParameter(name, text string) error {
	return &problem{Status: http.StatusBadRequest, Title: "A parameter is not right", Errors: []fault{{Parameter: name, Text: text}}}
}

// number reads a parameter that is a whole number between limits.
func (c *call) number(name string, unset, least, most int) (int, error) {
	text := c.query.Get(name)
	if text == "" {
		return unset, nil
	}
	var n int
	if _, err := fmt.Sscanf(text, "%d", &n); err != nil || fmt.Sprint(n) != text || n < least || n > most {
		return 0, badParameter(name, fmt.Sprintf("write a whole number from %d to %d", least, most))
	}
	return n, nil
}

// fail answers with what went wrong.
func (c *call) fail(err error) {
	if c.r.Context().Err() != nil && errors.Is(err, c.r.Context().Err()) {
		return
	}
	p := c.problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		c.house.Log.LogAttrs(c.r.Context(), slog.LevelError, "a request failed", slog.String("path", c.r.URL.Path), slog.String("error", err.Error()))
	}
	c.tell(c.w, c.r, p)
}
