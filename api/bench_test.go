package api_test

import (
	"fmt"
	"net/http/httptest"
	"testing"

	"binnacle/api"
	"binnacle/model"
)

// BenchmarkReads measures a record and a page of 50 records of 20,000, without the network.
func BenchmarkReads(b *testing.B) {
	c := open(b, api.Options{Rate: -1})
	var hosts []model.Record
	for i := range 20_000 {
		h := &model.Host{OperatingSystem: "Debian", OSVersion: fmt.Sprint(9 + i%4), CPUs: i % 64}
		h.Key, h.Name = fmt.Sprintf("bench-%05d", i), fmt.Sprintf("Host %d", i)
		hosts = append(hosts, h)
	}
	c.Put(hosts...)
	for name, path := range map[string]string{"record": "/records/Host/bench-00042", "list": "/records/Host?where=os_version%3D11&sort=-cpus&limit=50"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				req := httptest.NewRequest("GET", api.Prefix+path, nil)
				req.Header.Set("Authorization", "Bearer "+c.tokens["reader"])
				w := httptest.NewRecorder()
				c.server.Config.Handler.ServeHTTP(w, req)
				if w.Code != 200 {
					b.Fatal(w.Body)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
		})
	}
}
