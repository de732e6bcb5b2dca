package nvd_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed/feedtest"
	"binnacle/feed/nvd"
	"binnacle/model"
)

const (
	v31    = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	answer = `{"resultsPerPage":1,"format":"NVD_CVE","version":"2.0","timestamp":"2026-01-02T10:00:00.123","vulnerabilities":[{"cve":{
 "id":"CVE-2024-0001","sourceIdentifier":"x@example.com","published":"2024-05-01T10:00:00.150","lastModified":"2024-05-02T10:00:00.000","vulnStatus":"Analyzed",
 "cisaExploitAdd":"2024-06-01","cisaActionDue":"2024-06-22","cisaRequiredAction":"Do it.","cisaVulnerabilityName":"A name",
 "descriptions":[{"lang":"es","value":"Palabras"},{"lang":"en","value":"Words"}],
 "metrics":{"cvssMetricV31":[{"type":"Secondary","cvssData":{"vectorString":"CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"}},{"type":"Primary","cvssData":{"vectorString":"` + v31 + `"}}]},
 "weaknesses":[{"description":[{"lang":"en","value":"CWE-20"}]},{"description":[{"lang":"en","value":"NVD-CWE-noinfo"}]}],
 "configurations":[{"nodes":[{"operator":"OR","cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:v:p:*:*:*:*:*:*:*:*","versionStartIncluding":"1.0","versionEndExcluding":"1.4"},{"vulnerable":false,"criteria":"cpe:2.3:o:v:os:*:*:*:*:*:*:*:*"}]}]}],
 "references":[{"url":"https://example.com/a","tags":["Exploit"]}]}}]}`
	record = `{"dataType":"CVE_RECORD","dataVersion":"5.1","cveMetadata":{"cveId":"CVE-2024-0002","state":"PUBLISHED","datePublished":"2024-05-01T10:00:00.000Z","dateUpdated":"2024-05-02T10:00:00.000Z"},
 "containers":{"cna":{"title":"A name","descriptions":[{"lang":"en","value":"Words"}],"problemTypes":[{"descriptions":[{"cweId":"CWE-22","lang":"en"}]}],"references":[{"url":"https://example.com/b"}],
  "affected":[{"packageURL":"pkg:npm/part","versions":[{"version":"1.0.0","lessThan":"1.4.0","status":"affected","versionType":"semver"},{"version":"2.0.0","status":"affected"},{"version":"3.0.0","status":"unaffected"}]}]},
 "adp":[{"metrics":[{"cvssV3_1":{"vectorString":"` + v31 + `"}},{"other":{"type":"ssvc","content":{"options":[{"Exploitation":"poc"},{"Automatable":"yes"},{"Technical Impact":"total"}]}}},{"other":{"type":"kev","content":{"dateAdded":"2024-06-01"}}}]}]}}`
)

func TestAnAnswerAndARecord(t *testing.T) {
	moment := func(text string) model.Time {
		m, err := model.ParseTime(text)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	added, due := moment("2024-06-01T00:00:00Z").Date(), moment("2024-06-22T00:00:00Z").Date()
	tests := map[string]*model.Advisory{
		answer: {
			Meta: model.Meta{Key: "CVE-2024-0001", Name: "A name", Description: "Words"}, Published: moment("2024-05-01T10:00:00.15Z"), Modified: moment("2024-05-02T10:00:00Z"), Severity: model.SeverityCritical,
			Vectors: []string{v31, "CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N"}, Weaknesses: []string{"CWE-20"}, Platforms: []string{"cpe:2.3:a:v:p:*:*:*:*:*:*:*:* >=1.0 <1.4"}, References: []string{"https://example.com/a"},
			Exploited: added, ExploitedDue: due, RequiredAction: "Do it.", ExploitPublic: true,
		},
		record: {
			Meta: model.Meta{Key: "CVE-2024-0002", Name: "A name", Description: "Words"}, Published: moment("2024-05-01T10:00:00Z"), Modified: moment("2024-05-02T10:00:00Z"), Severity: model.SeverityCritical,
			Vectors: []string{v31}, Weaknesses: []string{"CWE-22"}, References: []string{"https://example.com/b"}, Exploited: added, ExploitPublic: true, Automatable: "yes", TechnicalImpact: "total",
			Affected: []model.AffectedPackage{{Package: "pkg:npm/part", Ranges: []string{"vers:npm/>=1.0.0|<1.4.0", "vers:npm/2.0.0"}}},
		},
	}
	for text, want := range tests {
		got := feedtest.Records[*model.Advisory](feedtest.Read(t, nvd.Format, "x.json", []byte(text)))
		if len(got) != 1 {
			t.Fatalf("%d records", len(got))
		}
		got[0].ID = model.ID{}
		if diff := cmp.Diff(want, got[0]); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if nvd.Format.Detect([]byte(text)) == 0 {
			t.Errorf("not detected: %.60s", text)
		}
	}
}

func TestRejectedAndWrong(t *testing.T) {
	rejected := strings.Replace(answer, "Analyzed", "Rejected", 1)
	got := feedtest.Records[*model.Advisory](feedtest.Read(t, nvd.Format, "x.json", []byte(rejected)))
	if got[0].Withdrawn.IsZero() {
		t.Error("a rejected vulnerability counts")
	}
	for _, wrong := range []string{`{"cve":{"id":"X-1","sourceIdentifier":"a"}}`, `{"cve":{"id":"CVE-2024-0001","published":"soon"}}`, `{"cve":{}}`} {
		b, err := feedtest.Try(nvd.Format, "x.json", []byte(wrong))
		if err != nil || len(b.Refused) != 1 || len(b.Items) != 0 {
			t.Errorf("%s: %v, refused %v", wrong, err, b.Refused)
		}
	}
}

func TestDetectsItsOwnAlone(t *testing.T) {
	feedtest.DetectsOnly(t, nvd.Format, func(p string) bool { return strings.HasPrefix(p, "03-vulnerabilities/nvd-samples/") })
}

func FuzzNVD(f *testing.F) {
	f.Add([]byte(answer))
	f.Add([]byte(record))
	feedtest.Fuzz(f, nvd.Format)
}
