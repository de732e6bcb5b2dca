package csaf

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed/feedtest"
	"binnacle/model"
)

// advisory is what a maker would publish. It is our own invention.
const advisory = `{"document":{"category":"csaf_vex","csaf_version":"2.0","title":"Tides overflow","publisher":{"category":"vendor","name":"Acme","namespace":"https://acme.example"},
 "tracking":{"id":"ACME-2027-01","version":"2","status":"final","initial_release_date":"2027-02-01T08:00:00Z","current_release_date":"2027-03-01T08:00:00Z"},"references":[{"url":"https://acme.example/a"}]},
"product_tree":{"branches":[{"category":"vendor","name":"Acme","branches":[{"category":"product_name","name":"Tide","branches":[
  {"category":"product_version","name":"2.0.1","product":{"product_id":"T1","name":"Tide 2.0.1","product_identification_helper":{"purl":"pkg:npm/tide@2.0.1"}}},
  {"category":"product_version","name":"2.0.2","product":{"product_id":"T2","name":"Tide 2.0.2","product_identification_helper":{"purl":"pkg:npm/tide@2.0.2"}}},
  {"category":"product_version_range","name":"vers:npm/>=1.0.0|<2.0.0","product":{"product_id":"T0","name":"Tide 1","product_identification_helper":{"purl":"pkg:npm/tide"}}}]}]}],
 "full_product_names":[{"product_id":"OS","name":"Harbour OS 8","product_identification_helper":{"cpe":"cpe:/o:acme:harbour:8"}},{"product_id":"B","name":"buoy","product_identification_helper":{"purl":"pkg:rpm/acme/buoy"}}],
 "relationships":[{"category":"default_component_of","product_reference":"B","relates_to_product_reference":"OS","full_product_name":{"product_id":"OS:B","name":"buoy as part of Harbour OS 8"}}],
 "product_groups":[{"group_id":"G","product_ids":["OS:B"]}]},
"vulnerabilities":[{"cve":"CVE-2027-0001","ids":[{"system_name":"Tracker","text":"1234"},{"system_name":"GitHub","text":"GHSA-aaaa-bbbb-cccc"}],"title":"Overflow","cwe":{"id":"CWE-120","name":"x"},
 "notes":[{"category":"description","text":"Long."}],
 "product_status":{"known_affected":["T1","T0","NONE"],"fixed":["T2"],"known_not_affected":["OS:B"]},
 "flags":[{"label":"component_not_present","group_ids":["G"]}],"threats":[{"category":"impact","details":"No buoy.","group_ids":["G"]}],
 "remediations":[{"category":"vendor_fix","details":"Take 2.0.2.","product_ids":["T1","T0"],"url":"https://acme.example/fix"}],
 "scores":[{"products":["T1"],"cvss_v3":{"vectorString":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H","baseScore":9.8,"baseSeverity":"CRITICAL"}}]},
 {"title":"nameless"}]}`

func TestAdvisory(t *testing.T) {
	b := feedtest.Read(t, Format, "acme.json", []byte(advisory))
	var got []string
	for _, s := range feedtest.Records[*model.VexStatement](b) {
		got = append(got, fmt.Sprintf("%s|%s|%s|%s|%s|%s", s.Vulnerability, s.Status, s.Justification, s.Impact, s.Action, strings.Join(s.Products, ", ")))
	}
	want := []string{
		"CVE-2027-0001|affected|||Vendor fix: Take 2.0.2. https://acme.example/fix|pkg:npm/tide vers:npm/>=1.0.0|<2.0.0, pkg:npm/tide@2.0.1",
		"CVE-2027-0001|not_affected|component_not_present|No buoy.||pkg:rpm/acme/buoy in Harbour OS 8",
		"CVE-2027-0001|fixed||||pkg:npm/tide@2.0.2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	all := feedtest.Records[*model.Advisory](b)
	if len(all) != 1 {
		t.Fatalf("%d advisories", len(all))
	}
	a := all[0]
	if diff := cmp.Diff([]model.AffectedPackage{{Package: "pkg:npm/tide", Ecosystem: "npm", Ranges: []string{"vers:npm/2.0.1", "vers:npm/>=1.0.0|<2.0.0"}, Fixed: []string{"2.0.2"}}}, a.Affected); diff != "" {
		t.Errorf("affected (-want +got):\n%s", diff)
	}
	if a.Key != "acme-2027-01/cve-2027-0001" || strings.Join(a.Aliases, " ") != "CVE-2027-0001 GHSA-aaaa-bbbb-cccc" || a.Related[0] != "ACME-2027-01" || a.Severity != "critical" || a.Weaknesses[0] != "CWE-120" || a.Published.String() != "2027-02-01T08:00:00Z" {
		t.Errorf("advisory = %+v", a)
	}
	var places []string
	for _, r := range b.Refused {
		places = append(places, r.Where.Path)
	}
	if diff := cmp.Diff([]string{"vulnerabilities[0].product_status.known_affected[2]", "vulnerabilities[1]"}, places); diff != "" || b.Complete {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

func TestHostile(t *testing.T) {
	feedtest.Refuses(t, Format, [][3]string{
		{"another version", `{"document":{"csaf_version":"1.2"}}`, "versions 2.0 and 2.1 are read"},
		{"no document", `{"vulnerabilities":[]}`, "no description of the document"},
		{"no id", `{"document":{"csaf_version":"2.0","publisher":{"name":"a"}}}`, "document.tracking.id"},
		{"cut off", advisory[:300], "cannot be read"},
	})
	feedtest.Detects(t, Format, [][2]string{{"advisory", advisory}}, [][2]string{{"nothing", ""}, {"other", `{"document":{}}`}})
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(advisory))
	f.Add([]byte(`{"document":{"csaf_version":"2.1","publisher":{"name":"a"},"tracking":{"id":"x"}},"product_tree":{"branches":[{"product":{"product_id":"a","product_identification_helper":{"purl":"pkg:a/b@1?x"}}},4]},"vulnerabilities":[{"ids":[{"text":"T 1"},{"text":"T-1"}],"product_status":{"fixed":["a"],"known_affected":["a"]},"metrics":[{"content":{"cvss_v3":{"vectorString":"x"}}}]}]}`))
	feedtest.Fuzz(f, Format)
}
