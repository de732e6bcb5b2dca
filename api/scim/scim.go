// Package scim is the door for provisioning systems: SCIM 2.0 of RFC 7643 and
// RFC 7644, mapped onto accounts, groups and people. It is opened by a token of
// the scope provision and by nothing else.
package scim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// Prefix is the path under which the resources lie.
const Prefix = "/scim/v2"

// The limits of requests and answers.
const (
	maxBody  = 1 << 20
	maxCount = 200
)

// server answers over one house.
type server struct {
	house  *door.House
	mux    *http.ServeMux
	routes []string
}

// Routes returns the patterns of all routes, each with its method where it has one.
func (s *server) Routes() []string { return s.routes }

// Handler answers provisioning systems under [Prefix].
func Handler(h *door.House) http.Handler {
	s := &server{house: h, mux: http.NewServeMux()}
	for _, r := range []*resource{users, groups} {
		s.add("GET "+r.path, func(c *call) error { return c.list([]*resource{r}, queryOf(c.r.URL.Query())) })
		s.add("POST "+r.path, func(c *call) error { return c.create(r) })
		s.add("POST "+r.path+"/.search", func(c *call) error { return c.search([]*resource{r}) })
		s.add("GET "+r.path+"/{id}", func(c *call) error { return c.get(r) })
		s.add("PUT "+r.path+"/{id}", func(c *call) error { return c.replace(r) })
		s.add("PATCH "+r.path+"/{id}", func(c *call) error { return c.patch(r) })
		s.add("DELETE "+r.path+"/{id}", func(c *call) error { return c.remove(r) })
	}
	s.add("POST /.search", func(c *call) error { return c.search([]*resource{users, groups}) })
	s.add("POST /Bulk", func(c *call) error { return c.bulk() })
	s.add("/Me", func(*call) error {
		return &fault{http.StatusNotImplemented, "", "programs have no resource of their own here"}
	})
	s.add("GET /ServiceProviderConfig", func(c *call) error { return c.send(http.StatusOK, c.config()) })
	s.add("GET /Schemas", func(c *call) error { return c.sendAll(schemas(c.base)) })
	s.add("GET /Schemas/{id}", func(c *call) error { return c.sendOne(schemas(c.base)) })
	s.add("GET /ResourceTypes", func(c *call) error { return c.sendAll(types(c.base)) })
	s.add("GET /ResourceTypes/{id}", func(c *call) error { return c.sendOne(types(c.base)) })
	s.add("/", func(*call) error { return &fault{http.StatusNotFound, "", "there is no such endpoint"} })
	return s
}

// call is one request.
type call struct {
	house *door.House
	w     http.ResponseWriter
	r     *http.Request
	who   *access.Principal
	view  estate.View
	base  string
	mux   *http.ServeMux
}

func (s *server) add(pattern string, h func(*call) error) {
	method, path, ok := strings.Cut(pattern, " ")
	if !ok {
		method, path = "", pattern
	} else {
		method += " "
	}
	s.routes = append(s.routes, method+Prefix+path)
	s.mux.HandleFunc(method+Prefix+path, func(w http.ResponseWriter, r *http.Request) {
		c := &call{house: s.house, w: w, r: r, mux: s.mux, base: baseOf(s.house, r)}
		defer func() {
			if broken := recover(); broken != nil {
				if broken == http.ErrAbortHandler {
					panic(broken)
				}
				s.house.Log.Error("a provisioning request failed", "path", r.URL.Path, "fault", fmt.Sprint(broken), "stack", string(debug.Stack()))
				c.fail(&fault{http.StatusInternalServerError, "", "a fault in Binnacle stopped the request"})
			}
		}()
		err := c.enter()
		if err == nil {
			err = h(c)
		}
		if err != nil {
			c.fail(err)
		}
	})
}

// ServeHTTP answers a request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.mux.ServeHTTP(w, r)
}

// baseOf returns the address of the endpoint.
func baseOf(h *door.House, r *http.Request) string {
	base := strings.TrimSuffix(h.BaseURL, "/")
	if base == "" {
		scheme := "http://"
		if r.TLS != nil {
			scheme = "https://"
		}
		base = scheme + r.Host
	}
	return base + Prefix
}

// enter finds out who calls. Only a token counts, and no cookie.
func (c *call) enter() error {
	scheme, secret, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return access.ErrSignedOut
	}
	var err error
	if c.who, err = c.house.Access.Token(c.r.Context(), strings.TrimSpace(secret)); err != nil {
		return err
	}
	c.view, err = c.house.Provisioning(c.r.Context(), c.who)
	return err
}

// write makes changes and looks at the estate anew.
func (c *call) write(why string, changes []model.Change) error {
	if len(changes) == 0 {
		return nil
	}
	if _, err := c.house.Provision(c.r.Context(), c.who, why, changes); err != nil {
		return err
	}
	return c.again()
}

func (c *call) again() (err error) {
	c.view, err = c.house.Provisioning(c.r.Context(), c.who)
	return err
}

// fault is an error as the protocol tells it.
type fault struct {
	status         int
	kind, sentence string
}

// Error says what is wrong.
func (f *fault) Error() string { return f.sentence }

// bad returns a fault of what was sent.
func bad(kind, format string, args ...any) error {
	return &fault{http.StatusBadRequest, kind, fmt.Sprintf(format, args...)}
}

// fail tells an error.
func (c *call) fail(err error) {
	var f *fault
	var denied *access.Denied
	var refused *door.Refused
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &f):
	case errors.Is(err, access.ErrSignedOut):
		c.w.Header().Set("WWW-Authenticate", `Bearer realm="SCIM"`)
		f = &fault{http.StatusUnauthorized, "", "a token of the scope provision is needed"}
	case errors.As(err, &denied):
		f = &fault{http.StatusForbidden, "", denied.Error()}
	case errors.As(err, &large):
		f = &fault{http.StatusRequestEntityTooLarge, "", fmt.Sprintf("the body is longer than %d bytes", large.Limit)}
	case errors.As(err, &refused):
		f = &fault{http.StatusBadRequest, "invalidValue", refused.Error()}
		if strings.Contains(refused.Error(), "must be unique") {
			f = &fault{http.StatusConflict, "uniqueness", refused.Error()}
		}
	case door.IsConflict(err) != nil:
		f = &fault{http.StatusPreconditionFailed, "", "somebody else has changed the resource: read it again"}
	default:
		c.house.Log.Error("a provisioning request failed", "path", c.r.URL.Path, "error", err)
		f = &fault{http.StatusInternalServerError, "", "the request could not be answered"}
	}
	out := map[string]any{"schemas": []string{messages + "Error"}, "status": strconv.Itoa(f.status), "detail": f.sentence}
	if f.kind != "" {
		out["scimType"] = f.kind
	}
	c.send(f.status, out)
}

// send answers with JSON.
func (c *call) send(status int, body any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "application/scim+json; charset=utf-8")
	c.w.WriteHeader(status)
	_, err = c.w.Write(raw)
	return err
}

// body reads what was sent into a value.
func (c *call) body(into any) error {
	raw, err := io.ReadAll(c.r.Body)
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(into); err != nil {
		return bad("invalidSyntax", "the body is not the JSON that is expected: %s", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return bad("invalidSyntax", "something is left over behind the JSON")
	}
	return nil
}

// config is what the endpoint for the configuration tells.
func (c *call) config() map[string]any {
	yes := map[string]any{"supported": true}
	return map[string]any{"schemas": []string{coreSchemas + "ServiceProviderConfig"}, "patch": yes, "sort": yes, "etag": yes,
		"bulk":   map[string]any{"supported": true, "maxOperations": maxOperations, "maxPayloadSize": maxBody},
		"filter": map[string]any{"supported": true, "maxResults": maxCount}, "changePassword": map[string]any{"supported": false},
		"authenticationSchemes": []any{map[string]any{"type": "oauthbearertoken", "name": "Token", "description": "An access token of Binnacle of the scope provision.", "primary": true}},
		"meta":                  map[string]any{"resourceType": "ServiceProviderConfig", "location": c.base + "/ServiceProviderConfig"}}
}

// sendAll answers with a list that nobody filters.
func (c *call) sendAll(all []map[string]any) error {
	if c.r.URL.Query().Has("filter") {
		return &fault{http.StatusForbidden, "", "this list is not filtered"}
	}
	return c.send(http.StatusOK, map[string]any{"schemas": []string{messages + "ListResponse"}, "totalResults": len(all), "startIndex": 1, "itemsPerPage": len(all), "Resources": all})
}

// sendOne answers with the one of a list that the path names.
func (c *call) sendOne(all []map[string]any) error {
	for _, one := range all {
		if one["id"] == c.r.PathValue("id") {
			return c.send(http.StatusOK, one)
		}
	}
	return missing(c.r.PathValue("id"))
}

func missing(id string) error {
	return &fault{http.StatusNotFound, "", fmt.Sprintf("there is no resource %q", id)}
}
