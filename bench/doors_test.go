package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"binnacle/doors"
	vaultsqlite "binnacle/vault/sqlite"
)

// answer takes what a door writes, without a network.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// BenchmarkDoors measures the work of one request at the doors, without the network:
//
//	RECORDS=200000 go test -bench Doors -run '^$' ./bench
func BenchmarkDoors(b *testing.B) {
	dir := b.TempDir()
	r := &run{ctx: b.Context(), size: recordsWanted(), dir: dir, path: filepath.Join(dir, "bench.db")}
	if err := load(r); err != nil {
		b.Fatal(err)
	}
	defer r.store.Close()
	v, err := vaultsqlite.Open(r.ctx, filepath.Join(dir, "vault.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	h, tokens, sessions, err := r.people(v)
	if err != nil {
		b.Fatal(err)
	}
	handler := doors.Handler(h, doors.Options{Rate: -1})
	page := "/records/Host?" + listQuery.Encode()
	for _, who := range []string{"cio", "engineer"} {
		for _, c := range []struct{ what, path, name, value string }{
			{"page", page, "Cookie", "binnacle=" + sessions[who]},
			{"list", "/api/v1" + page, "Authorization", "Bearer " + tokens[who]},
			{"record", "/api/v1/records/Host/" + keyOf("Host", 7), "Authorization", "Bearer " + tokens[who]},
		} {
			b.Run(c.what+"/"+who, func(b *testing.B) {
				b.ReportAllocs()
				q := httptest.NewRequest("GET", c.path, nil)
				q.Header.Set(c.name, c.value)
				var out answer
				began := processorTime()
				for b.Loop() {
					q := q.WithContext(b.Context())
					out.header, out.status = http.Header{}, http.StatusOK
					out.body.Reset()
					handler.ServeHTTP(&out, q)
				}
				if text := out.body.String(); out.status != http.StatusOK || !strings.Contains(text, "host-") && !strings.Contains(text, "Host-") {
					b.Fatalf("%d: %.300s", out.status, text)
				}
				b.ReportMetric(float64((processorTime()-began).Microseconds())/float64(b.N), "cpu-µs/op")
				b.ReportMetric(float64(out.body.Len()), "bytes")
			})
		}
	}
}
