package api

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// problem says why a request was not answered, in the form of RFC 9457. It never tells how Binnacle works inside.
type problem struct {
	// Type names the sort of problem for programs.
	Type string `json:"type"`
	// Title says what sort of problem it is.
	Title string `json:"title"`
	// Status is the status of the answer.
	Status int `json:"status"`
	// Detail says what is wrong this time, and what to do.
	Detail string `json:"detail,omitempty"`
	// Errors are the places that are wrong.
	Errors []fault `json:"errors,omitempty"`
	// Conflict has the three sides, where somebody else changed the same record.
	Conflict *estate.Conflict `json:"conflict,omitempty"`
	// Dangling are the links that would lead nowhere.
	Dangling []dangle `json:"dangling,omitempty"`

	// wait is how long to wait before trying again.
	wait time.Duration
}

// fault is one place that is wrong.
type fault struct {
	// Pointer is the place in the body, as a JSON pointer.
	Pointer string `json:"pointer,omitempty"`
	// Parameter is the parameter of the address.
	Parameter string `json:"parameter,omitempty"`
	// Record is the record that it is about, as Kind/key.
	Record string `json:"record,omitempty"`
	// Field is the path of the field.
	Field string `json:"field,omitempty"`
	// Text says what is wrong and what to do.
	Text string `json:"text"`
}

// dangle is a link that would lead nowhere once a record is gone.
type dangle struct {
	Record   string `json:"record"`
	Field    string `json:"field"`
	PointsTo string `json:"points_to"`
}

// Error says what is wrong.
func (p *problem) Error() string {
	if p.Detail != "" {
		return p.Title + ": " + p.Detail
	}
	return p.Title
}

// types are the names of the sorts of problems, by status.
var types = map[int]string{
	http.StatusBadRequest: "bad-request", http.StatusUnauthorized: "not-signed-in", http.StatusForbidden: "not-allowed", http.StatusNotFound: "not-found",
	http.StatusMethodNotAllowed: "method-not-allowed", http.StatusNotAcceptable: "not-acceptable", http.StatusConflict: "conflict", http.StatusPreconditionFailed: "changed-since",
	http.StatusRequestEntityTooLarge: "too-large", http.StatusUnsupportedMediaType: "media-type", http.StatusUnprocessableEntity: "refused",
	http.StatusPreconditionRequired: "version-needed", http.StatusTooManyRequests: "too-many-requests", http.StatusServiceUnavailable: "not-ready", http.StatusInternalServerError: "fault",
}

// typePrefix makes a URI of the name of a sort of problem. It is only a name: nothing is found under it.
const typePrefix = "urn:binnacle:problem:"

// tell writes a problem.
func (s *server) tell(w http.ResponseWriter, r *http.Request, p *problem) {
	p.Type = typePrefix + types[p.Status]
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="binnacle"`)
	}
	if p.wait > 0 {
		h.Set("Retry-After", fmt.Sprint(int(p.wait/time.Second)+1))
	}
	raw, err := marshal(p)
	if err != nil {
		s.house.Log.Error("a problem could not be told", "path", r.URL.Path, "error", err.Error())
	}
	w.WriteHeader(p.Status)
	w.Write(append(raw, '\n'))
}

func tooMany(wait time.Duration) *problem {
	return &problem{Status: http.StatusTooManyRequests, Title: "Too many requests", Detail: "wait as long as Retry-After says", wait: wait}
}

// problemOf says what is wrong. What it does not know is a fault, of which nothing is told.
func (c *call) problemOf(err error) *problem {
	var own *problem
	var none *door.NotFound
	var denied *access.Denied
	var refused *door.Refused
	var moment *door.BadMoment
	var value model.Problem
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, access.ErrSignedOut):
		return &problem{Status: http.StatusUnauthorized, Title: "You are not signed in", Detail: "show a token that is good: Authorization: Bearer …"}
	case errors.As(err, &none):
		return &problem{Status: http.StatusNotFound, Title: "There is no such thing", Detail: err.Error()}
	case errors.As(err, &denied) && denied.Need == "read" && denied.Key == "":
		// What is out of sight is as if it were not there.
		return &problem{Status: http.StatusNotFound, Title: "There is no such thing", Detail: "there is no such record"}
	case errors.As(err, &denied):
		c.spent.take(c.who.Account.ID.String(), costOfDenial)
		return &problem{Status: http.StatusForbidden, Title: "This is not allowed", Detail: denied.Error()}
	case errors.As(err, &refused):
		return refusal(refused)
	case errors.As(err, &moment):
		return &problem{Status: http.StatusBadRequest, Title: "A parameter is not right", Errors: []fault{{Parameter: moment.Parameter, Text: momentText(moment)}}}
	case errors.As(err, &value):
		return &problem{Status: http.StatusUnprocessableEntity, Title: "Something is not right", Errors: []fault{{Pointer: pointer("", value.Field), Field: value.Field, Text: value.Text}}}
	case errors.As(err, &long):
		return &problem{Status: http.StatusRequestEntityTooLarge, Title: "The body is too long", Detail: fmt.Sprintf("the limit is %d bytes", long.Limit)}
	}
	if conflict := door.IsConflict(err); conflict != nil {
		return &problem{Status: http.StatusConflict, Title: "Somebody else changed the same record", Detail: "read it again and decide about each field that clashes", Conflict: conflict}
	}
	if c.house.Ready() != nil {
		return &problem{Status: http.StatusServiceUnavailable, Title: "Binnacle cannot answer at the moment", wait: 5 * time.Second}
	}
	return &problem{Status: http.StatusInternalServerError, Title: "A fault in Binnacle stopped the request"}
}

// costOfDenial is what a denial costs on top, because it is written into the journal.
const costOfDenial = 200

// momentText says what is wrong with a moment, without what only people who run Binnacle need to know.
func momentText(m *door.BadMoment) string {
	text := m.Err.Error()
	if m.Parameter == "as_of" && !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "the past") {
		return "there is no such entry or moment"
	}
	return text
}

// refusal tells why changes were not made, with a pointer for each field.
func refusal(r *door.Refused) *problem {
	out := &problem{Status: http.StatusUnprocessableEntity, Title: "The changes are not right, and nothing was changed"}
	for _, p := range r.Problems {
		f := fault{Field: p.Field, Text: p.Text}
		if p.Kind != "" {
			f.Record = p.Kind + "/" + p.Key
		}
		f.Pointer = pointer("", p.Field)
		out.Errors = append(out.Errors, f)
	}
	return out
}

// pointer makes a JSON pointer of the path of a field, such as lines[2].amount.
func pointer(under, path string) string {
	if path == "" {
		return under
	}
	path = strings.NewReplacer("~", "~0", "/", "~1").Replace(path)
	return under + "/" + strings.NewReplacer("[", "/", "].", "/", "]", "", ".", "/").Replace(path)
}
