package trivy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// image is what Trivy would report of an image. It is our own invention.
const image = `{"SchemaVersion":2,"CreatedAt":"2027-03-01T10:00:00.123456789+01:00","ArtifactName":"registry.example/acme/shop:1.2","ArtifactType":"container_image","Trivy":{"Version":"0.60.0"},
"Metadata":{"OS":{"Family":"debian","Name":"12"},"RepoTags":["registry.example/acme/shop:1.2"]},
"Results":[
 {"Target":"registry.example/acme/shop:1.2 (debian 12)","Class":"os-pkgs","Type":"debian","Vulnerabilities":[
  {"VulnerabilityID":"CVE-2027-0001","PkgName":"libtide","InstalledVersion":"1.0-1","FixedVersion":"1.0-2, 1.1-1","Severity":"CRITICAL","Title":"tide: overflow","Description":"Long.","PrimaryURL":"https://avd.example/1",
   "PkgIdentifier":{"PURL":"pkg:deb/debian/libtide@1.0-1?distro=debian-12"},"CVSS":{"nvd":{"V3Vector":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","V3Score":9.8},"redhat":{"V2Vector":"AV:N/AC:L/Au:N/C:P/I:P/A:P"}}},
  {"VulnerabilityID":"","PkgName":"x"}]},
 {"Target":"app/package-lock.json","Class":"lang-pkgs","Type":"npm","Vulnerabilities":[
  {"VulnerabilityID":"GHSA-aaaa-bbbb-cccc","PkgName":"@acme/buoy","InstalledVersion":"1.0.0","Severity":"MEDIUM"},
  {"VulnerabilityID":"GHSA-aaaa-bbbb-cccc","PkgName":"@acme/buoy","InstalledVersion":"1.0.1","Severity":"MEDIUM"}]},
 {"Target":"Dockerfile","Class":"config","Type":"dockerfile","MisconfSummary":{"Failures":1},"Misconfigurations":[
  {"ID":"DS002","AVDID":"AVD-DS-0002","Title":"root user","Message":"Last USER is root","Resolution":"Add USER","Severity":"HIGH","Status":"FAIL","CauseMetadata":{"StartLine":3}},
  {"ID":"DS001","Status":"PASS"}]},
 {"Target":"app/.env","Class":"secret","Secrets":[{"RuleID":"cloud-key","Category":"Cloud","Severity":"CRITICAL","Title":"Key of a cloud","StartLine":2,"Match":"KEY=TOPSECRET","Code":{"Lines":[{"Content":"KEY=TOPSECRET"}]}}]},
 {"Target":"Loose File License(s)","Class":"license-file","Licenses":[{"Severity":"HIGH","Category":"restricted","PkgName":"","FilePath":"app/LICENSE","Name":"AGPL-3.0"}],
  "ExperimentalModifiedFindings":[{"Type":"vulnerability","Status":"ignored","Statement":"Not called.","Source":".trivyignore","Finding":{"VulnerabilityID":"CVE-2027-0009","PkgName":"tide","InstalledVersion":"3","Severity":"LOW"}}]}]}`

func rows(b *feed.Batch) []string {
	var out []string
	for _, f := range feedtest.Records[*model.ScanFinding](b) {
		out = append(out, fmt.Sprintf("%s|%s|%s|%s|%s|%s|%s|%s", f.Type, f.Rule, f.Severity, f.State, f.Location, f.PackageURL, strings.Join(f.Fixed, " "), f.Target))
	}
	return out
}

func TestImage(t *testing.T) {
	b := feedtest.Read(t, Format, "trivy.json", []byte(image))
	const shop = "registry.example/acme/shop:1.2"
	want := []string{
		"vulnerability|CVE-2027-0001|critical|open|registry.example/acme/shop:1.2 (debian 12)|pkg:deb/debian/libtide@1.0-1?distro=debian-12|1.0-2 1.1-1|" + shop,
		"vulnerability|GHSA-aaaa-bbbb-cccc|medium|open|app/package-lock.json|pkg:npm/%40acme/buoy@1.0.0||" + shop,
		"vulnerability|GHSA-aaaa-bbbb-cccc|medium|open|app/package-lock.json|pkg:npm/%40acme/buoy@1.0.1||" + shop,
		"misconfiguration|DS002|high|open|Dockerfile:3|||" + shop,
		"secret|cloud-key|critical|open|app/.env:2|||" + shop,
		"licence|AGPL-3.0|high|open|app/LICENSE|||" + shop,
		"vulnerability|CVE-2027-0009|low|dismissed|Loose File License(s)|||" + shop,
	}
	if diff := cmp.Diff(want, rows(b)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if len(b.Refused) != 1 || b.Refused[0].Where.Path != "Results[0].Vulnerabilities[1]" || b.Complete {
		t.Errorf("refused = %v, complete = %t", b.Refused, b.Complete)
	}
	for _, line := range feedtest.Listing(b) {
		if strings.Contains(line, "TOPSECRET") {
			t.Errorf("a secret was taken: %s", line)
		}
	}
	f := feedtest.Records[*model.ScanFinding](b)[0]
	if diff := cmp.Diff([]string{"AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}, f.Vectors); diff != "" || f.Tool != "Trivy 0.60.0" {
		t.Errorf("%s: %s", f.Tool, diff)
	}
}

func TestCluster(t *testing.T) {
	b := feedtest.Read(t, Format, "k8s.json", []byte(`{"ClusterName":"north","Resources":[
 {"Namespace":"shop","Kind":"Deployment","Name":"web","Metadata":[{"ArtifactName":"registry.example/acme/shop:1.2"}],"Results":[{"Target":"web","Class":"config","Type":"kubernetes","Misconfigurations":[{"ID":"KSV001","Severity":"MEDIUM","Status":"FAIL","Message":"m"}]}]},
 {"Namespace":"shop","Kind":"Deployment","Name":"mail","Results":[{"Target":"web","Class":"config","Type":"kubernetes","Misconfigurations":[{"ID":"KSV001","Severity":"MEDIUM","Status":"FAIL","Message":"m"}]}]}]}`))
	want := []string{"misconfiguration|KSV001|medium|open|web|||shop/Deployment/web", "misconfiguration|KSV001|medium|open|web|||shop/Deployment/mail"}
	if diff := cmp.Diff(want, rows(b)); diff != "" || b.Source.Describes != "cluster north" || !b.Complete {
		t.Errorf("%s: findings (-want +got):\n%s", b.Source.Describes, diff)
	}
}

func TestHostile(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"old list", `[]`, "must be updated"},
		{"another schema", `{"SchemaVersion":3,"ArtifactName":"x","Results":[]}`, "version 2 is read"},
		{"no target", `{"SchemaVersion":2,"ArtifactName":"","Results":[]}`, "what was scanned"},
		{"cut off", image[:400], "cannot be read"},
	})
	feedtest.Detects(t, Format, [][2]string{{"image", image}}, [][2]string{{"nothing", ""}, {"Grype", `{"matches":[],"source":{}}`}})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(image))
	f.Add([]byte(`{"SchemaVersion":2,"ArtifactName":"x","Results":[3,{"Vulnerabilities":{},"Secrets":[{"RuleID":"a"}],"Licenses":[null]}]}`))
	feedtest.Fuzz(f, Format)
}
