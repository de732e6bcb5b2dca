package cyclonedx

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"binnacle/feed/feedtest"
)

// samples is where real files of other people's programs are, seen from this folder.
const samples = "../../../shared/data/02-sbom"

// TestSpecification reads the valid and the invalid documents that come with the specification.
func TestSpecification(t *testing.T) {
	dir := samples + "/cyclonedx-spec-tests"
	counts := map[string]int{}
	for _, pattern := range []string{"1.*/valid-*.json", "1.*/valid-*.xml", "1.*/invalid-*.json", "1.*/invalid-*.xml"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, file := range files {
			version, name := filepath.Base(filepath.Dir(file)), filepath.Base(file)
			valid := strings.HasPrefix(name, "valid-")
			counts[version+filepath.Ext(name)+map[bool]string{true: " valid", false: " invalid"}[valid]]++
			t.Run(version+"/"+name, func(t *testing.T) {
				data, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				b, err := feedtest.Try(Format, name, data)
				for _, refused := range b.Refused {
					t.Log(refused)
				}
				if err != nil {
					t.Log(err)
				}
				if refused := err != nil || len(b.Refused) > 0; refused == valid {
					t.Errorf("valid = %v, refused = %v", valid, refused)
				}
			})
		}
	}
	if len(counts) == 0 {
		t.Skip("the sample files are not there")
	}
	want := map[string]int{"1.4.json valid": 29, "1.4.json invalid": 22, "1.5.json valid": 36, "1.5.json invalid": 22, "1.6.json valid": 45, "1.6.json invalid": 25}
	for what, n := range want {
		if counts[what] != n {
			t.Errorf("%s: %d documents, want %d", what, counts[what], n)
		}
	}
}
