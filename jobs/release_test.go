package jobs_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/jobs"
	"binnacle/model"
)

// bomOf writes a bill of materials of the shop as CycloneDX, with packages as name@version.
func bomOf(version string, packages ...string) string {
	var parts []string
	for _, p := range packages {
		name, v, _ := strings.Cut(p, "@")
		parts = append(parts, fmt.Sprintf(`{"type": "library", "name": %q, "version": %q, "purl": "pkg:npm/%s"}`, name, v, p))
	}
	return fmt.Sprintf(`{"bomFormat": "CycloneDX", "specVersion": "1.5", "metadata": {"component": {"type": "application", "name": "shop", "version": %q}}, "components": [%s]}`,
		version, strings.Join(parts, ", "))
}

// spdxOf writes one as SPDX.
func spdxOf(version string, packages ...string) string {
	parts := []string{fmt.Sprintf(`{"name": "shop", "SPDXID": "SPDXRef-shop", "downloadLocation": "NOASSERTION", "versionInfo": %q}`, version)}
	for i, p := range packages {
		name, v, _ := strings.Cut(p, "@")
		parts = append(parts, fmt.Sprintf(`{"name": %q, "SPDXID": "SPDXRef-%d", "downloadLocation": "NOASSERTION", "versionInfo": %q,
			"externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:npm/%s"}]}`, name, i, v, p))
	}
	return fmt.Sprintf(`{"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT", "name": "shop", "documentNamespace": "https://example.com/shop/%s",
		"creationInfo": {"created": "2026-11-01T00:00:00Z", "creators": ["Tool: own"]}, "documentDescribes": ["SPDXRef-shop"], "packages": [%s]}`, version, strings.Join(parts, ", "))
}

// A bill of materials that is imported for a release keeps its components beside those of the application and of other releases,
// and a newer one makes none of them stale.
func TestABillOfMaterialsForARelease(t *testing.T) {
	for name, write := range map[string]func(string, ...string) string{"cyclonedx": bomOf, "spdx": spdxOf} {
		t.Run(name, func(t *testing.T) {
			s, err := openWhere(t.Context(), filepath.Join(t.TempDir(), "estate.db"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			take := func(release, text string) *jobs.FileReport {
				t.Helper()
				one := func(yield func(feed.Input, error) bool) { yield(feed.Input{Name: "bom.json", Data: []byte(text)}, nil) }
				report, err := jobs.Import(t.Context(), s, one, all.Detect, jobs.ImportOptions{Who: "test", Release: release})
				if err != nil || report.Files[0].Error != "" || len(report.Files[0].Refused) > 0 {
					t.Fatalf("release %q: %v %+v", release, err, report.Files[0])
				}
				return report.Files[0]
			}
			take("1.0", write("1.0", "left@1.0", "pad@2.0"))
			take("1.1", write("1.1", "left@1.1"))
			take("", write("1.1", "left@1.1", "new@3.0"))
			if again := take("1.0", write("1.0", "left@1.0", "pad@2.0")); again.Created+again.Edited+again.Stale != 0 || again.Source != "bom:shop@1.0" {
				t.Errorf("importing a release again: source %s, %+v", again.Source, again.Counts)
			}
			note := take("2.0", write("2.0-rc1", "left@2.0")).Notes
			if len(note) != 1 || !strings.Contains(note[0], "2.0-rc1") {
				t.Errorf("another version in the document is not told: %v", note)
			}
			var got []string
			v := s.View()
			for c := range estate.Each[*model.Component](v) {
				kind, key, _ := v.NameOf(c.Application)
				got = append(got, fmt.Sprintf("%s/%s %s stale=%t", kind, key, c.PackageURL, !c.Stale().IsZero()))
			}
			slices.Sort(got)
			want := []string{
				"Application/shop pkg:npm/left@1.1 stale=false", "Application/shop pkg:npm/new@3.0 stale=false",
				"Release/shop@1.0 pkg:npm/left@1.0 stale=false", "Release/shop@1.0 pkg:npm/pad@2.0 stale=false",
				"Release/shop@1.1 pkg:npm/left@1.1 stale=false", "Release/shop@2.0 pkg:npm/left@2.0 stale=false",
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("the components differ (-want +got):\n%s", diff)
			}
			for r := range estate.Each[*model.Release](v) {
				if _, key, _ := v.NameOf(r.Of); key != "shop" || r.Key != "shop@"+r.Version {
					t.Errorf("release %s of %s in version %s", r.Key, key, r.Version)
				}
			}
			if n := v.Count("Application"); n != 1 {
				t.Errorf("there are %d applications, want 1", n)
			}
		})
	}
}

// Only bills of materials know releases: anything else is refused as a whole, in place of being read without a word.
func TestAReleaseIsForBillsOfMaterials(t *testing.T) {
	s, err := openWhere(t.Context(), filepath.Join(t.TempDir(), "estate.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	one := func(yield func(feed.Input, error) bool) {
		yield(feed.Input{Name: "a.yaml", Data: []byte("kind: Application\nkey: shop\n")}, nil)
	}
	report, err := jobs.Import(t.Context(), s, one, all.Detect, jobs.ImportOptions{Who: "test", Release: "1.0"})
	if err != nil || !strings.Contains(report.Files[0].Error, "release") || s.View().Count("Application") != 0 {
		t.Errorf("%v, %+v", err, report.Files[0])
	}
}
