package govulncheck

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed/feedtest"
	"binnacle/model"
)

// stream is what govulncheck would write of a module. It is our own invention.
const stream = `{"config":{"protocol_version":"v1.0.0","scanner_name":"govulncheck","scanner_version":"v1.1.4","db":"https://vuln.go.dev","go_version":"go1.26","scan_level":"symbol"}}
{"SBOM":{"go_version":"go1.26","modules":[{"path":"example.com/acme/shop"}],"roots":["example.com/acme/shop"]}}
{"progress":{"message":"Scanning."}}
{"osv":{"id":"GO-2027-0001","aliases":["CVE-2027-0001","GHSA-aaaa-bbbb-cccc"],"summary":"Tides overflow","details":"Long.","database_specific":{"url":"https://pkg.go.dev/vuln/GO-2027-0001"}}}
{"osv":{"id":"GO-2027-0002","summary":"Buoys sink"}}
{"finding":{"osv":"GO-2027-0001","fixed_version":"v1.2.0","trace":[{"module":"example.org/tide","version":"v1.1.0"}]}}
{"finding":{"osv":"GO-2027-0001","fixed_version":"v1.2.0","trace":[{"module":"example.org/tide","version":"v1.1.0","package":"example.org/tide/read"}]}}
{"finding":{"osv":"GO-2027-0001","fixed_version":"v1.2.0","trace":[{"module":"example.org/tide","version":"v1.1.0","package":"example.org/tide/read","function":"All","receiver":"*Reader"},{"module":"example.com/acme/shop","package":"example.com/acme/shop","function":"main","position":{"filename":"main.go","line":12,"column":3}}]}}
{"finding":{"osv":"GO-2027-0002","trace":[{"module":"stdlib","version":"v1.25.0"}]}}
{"finding":{"osv":"GO-2027-0003"}}
`

func TestStream(t *testing.T) {
	b := feedtest.Read(t, Format, "vulns.json", []byte(stream))
	var got []string
	for _, f := range feedtest.Records[*model.ScanFinding](b) {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%s", f.Rule, f.Name, strings.Join(f.Aliases, " "), f.PackageURL, strings.Join(f.Fixed, " "), f.Location, f.Reached, f.Message))
	}
	want := []string{
		"GO-2027-0001|Tides overflow|CVE-2027-0001 GHSA-aaaa-bbbb-cccc|pkg:golang/example.org/tide@v1.1.0|v1.2.0|main.go:12|yes|Called: Reader.All\n\nLong.",
		"GO-2027-0002|Buoys sink||pkg:golang/stdlib@v1.25.0|||no|",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if b.Source.Describes != "example.com/acme/shop" || len(b.Refused) != 1 || b.Refused[0].Where.Line != 10 || b.Complete {
		t.Errorf("source = %+v, refused = %v", b.Source, b.Refused)
	}
}

func TestHostile(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{{"no config", `{"progress":{}}`, "no message with the config"}, {"cut off", stream[:300], "message 3 cannot be read"}})
	feedtest.Detects(t, Format, [][2]string{{"stream", stream}}, [][2]string{{"nothing", ""}, {"other", `{"config":{}}`}})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(stream))
	f.Add([]byte(`{"config":{"scanner_name":"govulncheck"}}{"finding":{"osv":"x","trace":[{"module":"a//b@"}]}} 3 [] {"SBOM":{"roots":["/"]}}`))
	feedtest.Fuzz(f, Format)
}
