package grype

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed/feedtest"
	"binnacle/model"
)

// report is what Grype would report of a folder. It is our own invention.
const report = `{"matches":[
 {"vulnerability":{"id":"GHSA-aaaa-bbbb-cccc","dataSource":"https://advisories.example/a","namespace":"github:language:javascript","severity":"High","description":"Bad.","fix":{"versions":["2.0.2"],"state":"fixed"},
   "cvss":[{"version":"3.1","vector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}]},
  "relatedVulnerabilities":[{"id":"CVE-2027-0001","cvss":[{"version":"2.0","vector":"AV:N/AC:L/Au:N/C:P/I:N/A:N"}]}],"matchDetails":[],
  "artifact":{"name":"tide","version":"2.0.1","type":"npm","purl":"pkg:npm/tide@2.0.1","locations":[{"path":"/app/package-lock.json"}]}},
 {"vulnerability":{"id":"CVE-2027-0002","severity":"Unknown","fix":{"versions":["9"],"state":"wont-fix"}},"artifact":{"name":"buoy","version":"1"}},
 {"vulnerability":{"id":""},"artifact":{"name":"x"}}],
"ignoredMatches":[{"vulnerability":{"id":"CVE-2027-0003","severity":"Low"},"artifact":{"name":"buoy","version":"1"},"appliedIgnoreRules":[{"reason":"Not used."}]}],
"source":{"type":"directory","target":"./shop"},"distro":{},"descriptor":{"name":"grype","version":"0.90.0","timestamp":"2027-03-01T10:00:00Z"}}`

func TestReport(t *testing.T) {
	b := feedtest.Read(t, Format, "grype.json", []byte(report))
	var got []string
	for _, f := range feedtest.Records[*model.ScanFinding](b) {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%s|%d|%s", f.Rule, strings.Join(f.Aliases, " "), f.Severity, f.State, f.PackageURL, f.Version, strings.Join(f.Fixed, " "), f.Location, len(f.Vectors), f.Reason))
	}
	want := []string{
		"GHSA-aaaa-bbbb-cccc|CVE-2027-0001|high|open|pkg:npm/tide@2.0.1|2.0.1|2.0.2|/app/package-lock.json|2|",
		"CVE-2027-0002|||open||1|||0|",
		"CVE-2027-0003||low|dismissed||1|||0|Not used.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if b.Source.Key != "grype:shop" || b.Source.Describes != "./shop" || len(b.Refused) != 1 || b.Refused[0].Where.Path != "matches[2]" || b.Complete {
		t.Errorf("source = %+v, refused = %v", b.Source, b.Refused)
	}
}

func TestHostile(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{{"no matches", `{"source":{}}`, "no list of matches"}, {"cut off", report[:200], "cannot be read"}})
	feedtest.Detects(t, Format, [][2]string{{"report", report}}, [][2]string{{"nothing", ""}, {"other", `{"matches":[1]}`}})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(report))
	f.Add([]byte(`{"matches":[null,{"vulnerability":{"id":"a"},"artifact":{"name":"b","purl":"pkg:"}}],"source":{"target":{"userInput":"a:b@c"}}}`))
	feedtest.Fuzz(f, Format)
}
