package osv_test

import (
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed/feedtest"
	"binnacle/feed/osv"
	"binnacle/model"
)

const full = `{
  "schema_version": "1.6.0", "id": "GHSA-aaaa-bbbb-cccc", "modified": "2024-05-02T10:00:00Z", "published": "2024-05-01T10:00:00Z",
  "aliases": ["CVE-2024-0001", "GHSA-aaaa-bbbb-cccc", "CVE-2024-0001"], "related": ["CVE-2024-0002"], "upstream": ["CVE-2024-0003", "CVE-2024-0004"],
  "summary": "A short word", "details": "A long\nword.",
  "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}],
  "affected": [
    {"package": {"ecosystem": "Maven", "name": "org.example:core", "purl": "pkg:maven/org.example/core"},
     "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.10"}, {"introduced": "2.0"}, {"fixed": "2.2"}]}, {"type": "GIT", "repo": "https://example.com/r", "events": [{"introduced": "0"}]}],
     "versions": ["1.2", "1.10", "1.9", "3.0-beta"]},
    {"package": {"ecosystem": "Go", "name": "example.com/Mod"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}, {"last_affected": "1.4.0"}]}],
     "ecosystem_specific": {"imports": [{"path": "example.com/Mod/in", "symbols": ["F", "T.M"]}]}},
    {"package": {"ecosystem": "Somewhere", "name": "thing"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "3.0.0"}]}], "versions": ["x"]},
    {"package": {"ecosystem": "Debian:12", "name": "curl"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1:7.88.1+dfsg-10"}]}]}
  ],
  "references": [{"type": "WEB", "url": "https://example.com/a"}, {"type": "EVIDENCE", "url": "https://example.com/poc"}],
  "database_specific": {"severity": "MODERATE", "cwe_ids": ["CWE-79", "CWE-22"]}
}`

func day(t *testing.T, text string) model.Time {
	m, err := model.ParseTime(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestARecordWithEverything(t *testing.T) {
	b := feedtest.Read(t, osv.Format, "db/GHSA-aaaa-bbbb-cccc.json", []byte(full))
	want := &model.Advisory{
		Meta:    model.Meta{Key: "GHSA-aaaa-bbbb-cccc", Name: "A short word", Description: "A long\nword."},
		Aliases: []string{"CVE-2024-0001"}, Related: []string{"CVE-2024-0002", "CVE-2024-0003", "CVE-2024-0004"},
		Published: day(t, "2024-05-01T10:00:00Z"), Modified: day(t, "2024-05-02T10:00:00Z"), Severity: model.SeverityMedium,
		Vectors:    []string{"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"},
		Weaknesses: []string{"CWE-22", "CWE-79"}, References: []string{"https://example.com/a", "https://example.com/poc"}, ExploitPublic: true,
		Affected: []model.AffectedPackage{
			{Package: "pkg:maven/org.example/core", Ecosystem: "Maven", Ranges: []string{"vers:maven/>=0|<1.10|>=2.0|<2.2", "vers:maven/1.10|3.0-beta"}, Fixed: []string{"1.10", "2.2"}},
			{Package: "pkg:golang/example.com/mod", Ecosystem: "Go", Ranges: []string{"vers:golang/>=1.0.0|<=1.4.0"}, Symbols: []string{"example.com/Mod/in.F", "example.com/Mod/in.T.M"}},
			{Name: "thing", Ecosystem: "Somewhere", Ranges: []string{"vers:semver/>=0|<3.0.0", "vers:generic/x"}, Fixed: []string{"3.0.0"}},
			{Package: "pkg:deb/debian/curl", Ecosystem: "Debian:12", Ranges: []string{"vers:deb/>=0|<1:7.88.1%2Bdfsg-10"}, Fixed: []string{"1:7.88.1+dfsg-10"}},
		},
	}
	got := feedtest.Records[*model.Advisory](b)
	if len(got) != 1 || len(b.Refused) > 0 {
		t.Fatalf("%d records, refused %v", len(got), b.Refused)
	}
	got[0].ID = model.ID{}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if b.Source.Key != "osv" || b.Source.Location != "db" {
		t.Errorf("the source is %s at %s", b.Source.Key, b.Source.Location)
	}
}

func TestWithdrawnAndOneUpstream(t *testing.T) {
	b := feedtest.Read(t, osv.Format, "x.json", []byte(`{"id":"DEBIAN-CVE-2024-1","modified":"0001-01-01T00:00:00Z","withdrawn":"2024-06-01T00:00:00Z","upstream":["CVE-2024-1"],"affected":null}`))
	got := feedtest.Records[*model.Advisory](b)[0]
	if got.Withdrawn != day(t, "2024-06-01T00:00:00Z") || !got.Modified.IsZero() || len(got.Aliases) != 1 || got.Aliases[0] != "CVE-2024-1" {
		t.Errorf("%+v", got)
	}
}

func TestShapes(t *testing.T) {
	one, two := `{"id":"A-1","modified":"2024-01-01T00:00:00Z","affected":[]}`, `{"id":"A-2","modified":"2024-01-01T00:00:00Z","affected":[]}`
	for name, text := range map[string]string{
		"a list": "[" + one + "," + two + "]", "one record a line": one + "\n\n" + two + "\n", "an answer": `{"vulns":[` + one + "," + two + `]}`,
		"answers": `{"results":[{"vulns":[` + one + `]},{},{"vulns":[` + two + `]}]}`,
	} {
		b := feedtest.Read(t, osv.Format, "x.json", []byte(text))
		if got := feedtest.Records[*model.Advisory](b); len(got) != 2 || got[0].Key != "A-1" || got[1].Key != "A-2" {
			t.Errorf("%s: %d records", name, len(got))
		}
		if osv.Format.Detect([]byte(text)) == 0 {
			t.Errorf("%s is not detected", name)
		}
	}
	yaml := "id: PYSEC-2024-1\nmodified: '2024-01-01T00:00:00Z'\naffected:\n- package:\n    name: Flask_X\n    ecosystem: PyPI\n  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: '0'\n    - fixed: '1.0'\n"
	got := feedtest.Records[*model.Advisory](feedtest.Read(t, osv.Format, "x.yaml", []byte(yaml)))
	if len(got) != 1 || got[0].Affected[0].Package != "pkg:pypi/flask-x" || osv.Format.Detect([]byte(yaml)) == 0 {
		t.Errorf("YAML: %+v", got)
	}
}

func TestWhatIsRefused(t *testing.T) {
	record := func(ranges string) string {
		return `{"id":"A-1","modified":"2024-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"x"},"ranges":[` + ranges + `]}]}`
	}
	for _, row := range [][3]string{
		{"no id", `{"modified":"2024-01-01T00:00:00Z","affected":[],"details":"x"}`, "no id"},
		{"no modified", `{"id":"A-1","affected":[],"details":"x"}`, "when it was modified"},
		{"an id with spaces", `{"id":"A 1","modified":"2024-01-01T00:00:00Z"}`, "no spaces"},
		{"a wrong time", `{"id":"A-1","modified":"yesterday"}`, "not a time"},
		{"an unknown type of range", record(`{"type":"DATE","events":[{"introduced":"0"}]}`), "SEMVER, ECOSYSTEM or GIT"},
		{"no event of introduction", record(`{"type":"SEMVER","events":[{"fixed":"1.0.0"}]}`), "introduced"},
		{"no events", record(`{"type":"SEMVER"}`), "introduced"},
		{"fixed and last_affected", record(`{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"},{"last_affected":"2.0.0"}]}`), "not of both"},
		{"two in one event", record(`{"type":"SEMVER","events":[{"introduced":"0","fixed":"1.0.0"}]}`), "one of introduced"},
		{"commits of no repository", record(`{"type":"GIT","events":[{"introduced":"0"}]}`), "no repository"},
	} {
		b, err := feedtest.Try(osv.Format, "x.json", []byte("["+row[1]+`,{"id":"B-1","modified":"2024-01-01T00:00:00Z"}]`))
		if err != nil {
			t.Errorf("%s: %v", row[0], err)
			continue
		}
		if len(b.Refused) != 1 || !strings.Contains(b.Refused[0].Reason, row[2]) || len(b.Items) != 1 {
			t.Errorf("%s: refused %v, and %d taken", row[0], b.Refused, len(b.Items))
		}
	}
	feedtest.Refuses(t, osv.Format, [][3]string{{"nothing", "", "empty"}, {"half a record", `{"id": "A-1", "modified"`, "too early"}, {"a number", "[1", "too early"}})
}

// TestCasesOfTheSchema reads the cases of the schema's own linter. Those that break a must of the schema are refused.
func TestCasesOfTheSchema(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(feedtest.Samples(t), "03-vulnerabilities/osv-schema/*/*.json"))
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		base := path.Base(file)
		ghsa := strings.Contains(file, "ghsa-testdata") && !strings.HasSuffix(base, ".osv.json")
		if got := osv.Format.Detect(data); (got > 0) == ghsa {
			t.Errorf("%s: detected with %d", base, got)
		}
		if ghsa {
			continue
		}
		b := feedtest.Read(t, osv.Format, base, data)
		want := 0
		if strings.HasPrefix(base, "nointroduced-") {
			want = 1
		}
		if len(b.Refused) != want {
			t.Errorf("%s: refused %v", base, b.Refused)
		}
	}
}

func TestDetectsItsOwnAlone(t *testing.T) {
	feedtest.DetectsOnly(t, osv.Format, func(p string) bool {
		return strings.HasPrefix(p, "03-vulnerabilities/osv-") && !strings.HasSuffix(p, "LICENSE") && !strings.HasSuffix(p, "schema.json") &&
			(!strings.Contains(p, "ghsa-testdata") || strings.HasSuffix(p, ".osv.json"))
	})
}

func FuzzOSV(f *testing.F) {
	f.Add([]byte(full))
	f.Add([]byte("id: A\nmodified: '2024-01-01T00:00:00Z'\naffected: []\n"))
	f.Add([]byte(`{"id":"A","modified":"x"}` + "\n" + `{"id":"B"`))
	feedtest.Fuzz(f, osv.Format)
}
