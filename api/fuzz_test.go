package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"binnacle/api"
	"binnacle/api/client"
)

// FuzzRequests sends any body, condition, cursor and version: whatever is wrong with them is told, and nothing breaks.
func FuzzRequests(f *testing.F) {
	for _, seed := range [][3]string{{`{"key":"a"}`, "where=cpus>=4", `"v1"`}, {`{"key":"a","key":1}`, "after=00000000.e30", "*"}, {"[[[[", "sort=-&fields=*", `W/"v1", "v2-ab"`}, {`{"operations":[{"op":"edit","set":{"tags":[1,null]}}]}`, "limit=-1", ""}} {
		f.Add(seed[0], seed[1], seed[2])
	}
	c := open(f, api.Options{Rate: -1})
	f.Fuzz(func(t *testing.T, body, query, match string) {
		for _, target := range []string{"GET /records/Host", "POST /records/Host", "PATCH /records/Host/db-01", "POST /bulk", "POST /questions/lifecycle.exposure"} {
			method, path, _ := strings.Cut(target, " ")
			req := httptest.NewRequest(method, api.Prefix+path, strings.NewReader(body))
			req.URL.RawQuery = query
			req.Header.Set("Authorization", "Bearer "+c.tokens["writer"])
			req.Header["If-Match"] = []string{match}
			w := httptest.NewRecorder()
			c.server.Config.Handler.ServeHTTP(w, req)
			if w.Code >= http.StatusInternalServerError {
				t.Fatalf("%s?%s with %q: %d %s", target, query, body, w.Code, w.Body)
			}
		}
	})
}

// FuzzStream reads any stream of events.
func FuzzStream(f *testing.F) {
	f.Add("id: 1\nevent: entry\ndata: {}\n\n: alive\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		for e, err := range client.Stream(strings.NewReader(text)) {
			if err == io.EOF {
				t.Errorf("the end is no error: %v", e)
			}
		}
	})
}
