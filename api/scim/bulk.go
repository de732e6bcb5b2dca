package scim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// bulkOperation is one request among several.
type bulkOperation struct {
	Method  string `json:"method"`
	Path    string `json:"path"`
	BulkID  string `json:"bulkId"`
	Version string `json:"version"`
	Data    any    `json:"data"`
}

// bulk makes several requests in one. Those that name a resource of another one wait until that is there.
func (c *call) bulk() error {
	var in struct {
		FailOnErrors int             `json:"failOnErrors"`
		Operations   []bulkOperation `json:"Operations"`
	}
	if err := c.body(&in); err != nil {
		return err
	}
	if len(in.Operations) > maxOperations {
		return &fault{http.StatusRequestEntityTooLarge, "tooMany", "a bulk has at most " + strconv.Itoa(maxOperations) + " operations"}
	}
	answers := make([]map[string]any, len(in.Operations))
	ids := map[string]string{}
	failed := 0
	enough := func() bool { return in.FailOnErrors > 0 && failed >= in.FailOnErrors }
	for progress := true; progress && !enough(); {
		progress = false
		for i, o := range in.Operations {
			if answers[i] != nil || enough() {
				continue
			}
			data, ready := resolve(o.Data, ids)
			path, fits := resolve(o.Path, ids)
			if !ready || !fits {
				continue
			}
			o.Data, o.Path = data, path.(string)
			answers[i], progress = c.one(o, ids), true
			if status := answers[i]["status"].(string); status >= "400" {
				failed++
			}
		}
	}
	out := []any{}
	for i, o := range in.Operations {
		if answers[i] == nil && !enough() {
			answers[i] = bulkFault(o, http.StatusConflict, "invalidValue", "it names a resource of this bulk that is not there")
		}
		if answers[i] != nil {
			out = append(out, answers[i])
		}
	}
	return c.send(http.StatusOK, map[string]any{"schemas": []string{messages + "BulkResponse"}, "Operations": out})
}

func bulkFault(o bulkOperation, status int, kind, text string) map[string]any {
	return map[string]any{"method": o.Method, "bulkId": o.BulkID, "status": strconv.Itoa(status),
		"response": map[string]any{"schemas": []string{messages + "Error"}, "scimType": kind, "detail": text, "status": strconv.Itoa(status)}}
}

// resolve puts ids in the place of the names that a bulk gives to what it makes, and reports whether all of them are known.
func resolve(value any, ids map[string]string) (any, bool) {
	switch v := value.(type) {
	case string:
		before, name, ok := strings.Cut(v, "bulkId:")
		if !ok || before != "" && !strings.HasSuffix(before, "/") {
			return v, true
		}
		id, known := ids[name]
		return before + id, known
	case []any:
		out := make([]any, len(v))
		for i, one := range v {
			var ok bool
			if out[i], ok = resolve(one, ids); !ok {
				return nil, false
			}
		}
		return out, true
	case map[string]any:
		out := map[string]any{}
		for k, one := range v {
			r, ok := resolve(one, ids)
			if !ok {
				return nil, false
			}
			out[k] = r
		}
		return out, true
	}
	return value, true
}

// one makes one request of a bulk, as if it had come alone.
func (c *call) one(o bulkOperation, ids map[string]string) map[string]any {
	method := strings.ToUpper(o.Method)
	path, _, _ := strings.Cut(o.Path, "?")
	kind, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if method == http.MethodGet || kind != "Users" && kind != "Groups" || strings.Contains(path, "..") || strings.HasSuffix(path, ".search") {
		return bulkFault(o, http.StatusBadRequest, "invalidPath", "a bulk writes users and groups")
	}
	raw, err := json.Marshal(o.Data)
	if err != nil {
		return bulkFault(o, http.StatusBadRequest, "invalidSyntax", "the data is not JSON")
	}
	r, err := http.NewRequestWithContext(c.r.Context(), method, Prefix+path, bytes.NewReader(raw))
	if err != nil {
		return bulkFault(o, http.StatusBadRequest, "invalidPath", "the path is not one")
	}
	r.Host, r.TLS = c.r.Host, c.r.TLS
	r.Header.Set("Authorization", c.r.Header.Get("Authorization"))
	if o.Version != "" {
		r.Header.Set("If-Match", o.Version)
	}
	w := &kept{header: http.Header{}, status: http.StatusOK}
	c.mux.ServeHTTP(w, r)
	out := map[string]any{"method": o.Method, "status": strconv.Itoa(w.status)}
	if o.BulkID != "" {
		out["bulkId"] = o.BulkID
	}
	if at := w.header.Get("Location"); at != "" {
		out["location"], out["version"] = at, w.header.Get("ETag")
		if o.BulkID != "" {
			ids[o.BulkID] = at[strings.LastIndexByte(at, '/')+1:]
		}
	}
	if w.status >= 400 {
		var response any
		if json.Unmarshal(w.body.Bytes(), &response) == nil {
			out["response"] = response
		}
	}
	return out
}

// kept is an answer that is kept instead of sent.
type kept struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers of the answer.
func (k *kept) Header() http.Header { return k.header }

// WriteHeader keeps the status.
func (k *kept) WriteHeader(status int) { k.status = status }

// Write keeps a part of the body.
func (k *kept) Write(p []byte) (int, error) { return k.body.Write(p) }
