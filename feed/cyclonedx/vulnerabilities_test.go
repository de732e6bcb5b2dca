package cyclonedx

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/feed/feedtest"
	"binnacle/model"
)

// harbour is a bill of materials with the analysis of three vulnerabilities. It is our own invention.
const harbour = `{"bomFormat":"CycloneDX","specVersion":"1.5","serialNumber":"urn:uuid:00000000-0000-4000-8000-00000000000b","version":1,
"metadata":{"timestamp":"2027-03-01T08:00:00Z","authors":[{"name":"Ada Day"}],"component":{"type":"application","name":"Harbour","version":"4.2","bom-ref":"app"}},
"components":[{"type":"library","name":"tide","version":"2.0.1","purl":"pkg:npm/tide@2.0.1","bom-ref":"tide"},{"type":"library","name":"buoy","version":"1.0","purl":"pkg:npm/buoy@1.0","bom-ref":"buoy"}],
"vulnerabilities":[
 {"id":"CVE-2027-0001","references":[{"id":"GHSA-aaaa-bbbb-cccc","source":{"name":"GitHub"}}],"ratings":[{"severity":"high","method":"CVSSv31","vector":"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}],"cwes":[79],
  "analysis":{"state":"not_affected","justification":"code_not_reachable","detail":"It is never called.","response":["will_not_fix"]},"affects":[{"ref":"tide"}]},
 {"id":"CVE-2027-0002","recommendation":"Upgrade.","analysis":{"state":"exploitable"},"affects":[{"ref":"buoy","versions":[{"version":"1.0","status":"affected"},{"range":"vers:npm/>=2.0|<3.0","status":"unaffected"}]}]},
 {"id":"CVE-2027-0003","analysis":{"state":"not_affected","justification":"requires_environment"},"affects":[{"ref":"app"}]},
 {"id":"CVE-2027-0004","affects":[{"ref":"buoy"}]}]}`

func TestAnalysesBecomeStatements(t *testing.T) {
	b := feedtest.Read(t, Format, "harbour.json", []byte(harbour))
	type row struct {
		Vulnerability, Status, Justification, Impact, Action string
		Products                                             []string
		Subjects                                             int
	}
	var got []row
	for _, s := range feedtest.Records[*model.VexStatement](b) {
		if s.Author != "Ada Day" || s.Document != "urn:uuid:00000000-0000-4000-8000-00000000000b" || s.Stated.String() != "2027-03-01T08:00:00Z" {
			t.Errorf("%s is stated by %q at %s in %s", s.Key, s.Author, s.Stated, s.Document)
		}
		got = append(got, row{s.Vulnerability, string(s.Status), string(s.Justification), s.Impact, s.Action, s.Products, len(s.Subjects)})
	}
	want := []row{
		{"CVE-2027-0001", "not_affected", "vulnerable_code_not_in_execute_path", "It is never called.", "Response: will not fix.", []string{"pkg:npm/tide@2.0.1"}, 1},
		{"CVE-2027-0002", "affected", "", "", "Upgrade.", []string{"pkg:npm/buoy@1.0"}, 1},
		{"CVE-2027-0002", "not_affected", "", "", "Upgrade.", []string{"pkg:npm/buoy vers:npm/>=2.0|<3.0"}, 1},
		{"CVE-2027-0003", "not_affected", "", "requires_environment", "", []string{"harbour 4.2"}, 0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	first := feedtest.Records[*model.Advisory](b)
	if len(first) != 4 || !slices.Equal(first[0].Aliases, []string{"CVE-2027-0001", "GHSA-aaaa-bbbb-cccc"}) || first[0].Vectors[0] != "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N" || first[0].Weaknesses[0] != "CWE-79" || first[0].Severity != "high" || len(first[0].Affected) != 0 {
		t.Errorf("advisories = %+v", first)
	}
	if diff := cmp.Diff([]model.AffectedPackage{{Package: "pkg:npm/buoy", Ecosystem: "npm", Ranges: []string{"vers:npm/1.0"}}}, first[1].Affected); diff != "" {
		t.Errorf("affected (-want +got):\n%s", diff)
	}
	if !b.Complete {
		t.Error("a whole bill of materials was read and does not count as complete")
	}
}

// TestNoAnalysisOfTheSamplesIsLost reads all VEX documents that others wrote: each vulnerability with an analysis has at least one statement of
// its state, and each one an advisory.
func TestNoAnalysisOfTheSamplesIsLost(t *testing.T) {
	folder := filepath.Join(feedtest.Samples(t), "02-sbom/cyclonedx-bom-examples/VEX")
	files, analyses := 0, 0
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".json") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var doc struct {
			Vulnerabilities []struct {
				ID       string
				Analysis *struct{ State string }
			}
		}
		if err := json.Unmarshal(data, &doc); err != nil {
			return err
		}
		files++
		b := feedtest.Read(t, Format, path, data)
		said := map[string]bool{}
		for _, s := range feedtest.Records[*model.VexStatement](b) {
			said[s.Vulnerability+" "+string(s.Status)] = true
			if len(s.Products)+len(s.Subjects) == 0 {
				t.Errorf("%s: %s is said of nothing", path, s.Key)
			}
		}
		for _, v := range doc.Vulnerabilities {
			if v.Analysis != nil {
				analyses++
				if !said[v.ID+" "+string(states[v.Analysis.State])] {
					t.Errorf("%s: nothing says that %s is %s", path, v.ID, v.Analysis.State)
				}
			}
			if !slices.ContainsFunc(feedtest.Records[*model.Advisory](b), func(a *model.Advisory) bool { return slices.Contains(a.Aliases, v.ID) }) {
				t.Errorf("%s: there is no advisory of %s", path, v.ID)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d documents with %d analyses", files, analyses)
	if files < 30 || analyses < 100 {
		t.Errorf("only %d documents with %d analyses were found", files, analyses)
	}
}
