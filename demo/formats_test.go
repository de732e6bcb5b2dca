package demo

import (
	"encoding/json"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"binnacle/model"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

func TestBillsOfMaterials(t *testing.T) {
	packages := map[string]string{}
	for key, a := range all[*model.Application](load(t)) {
		if a.PackageURL != "" {
			packages[a.PackageURL+"@"+a.Version] = key
		}
	}
	for _, name := range Order {
		if !strings.HasSuffix(name, ".cdx.json") {
			continue
		}
		_, release, _ := strings.Cut(strings.TrimSuffix(name, ".cdx.json"), "@")
		var bom cdx.BOM
		if err := cdx.NewBOMDecoder(strings.NewReader(text(t, name)), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if release != "" {
			if !strings.HasSuffix(bom.Metadata.Component.PackageURL, "@"+release) || bom.Metadata.Component.Version != release {
				t.Errorf("%s: it describes %s", name, bom.Metadata.Component.PackageURL)
			}
		} else if app := packages[bom.Metadata.Component.PackageURL]; name != "boms/"+app+".cdx.json" {
			t.Errorf("%s: no application of that name has the package %s", name, bom.Metadata.Component.PackageURL)
		}
		if n := len(*bom.Components); n < 30 || n > 120 {
			t.Errorf("%s: %d components; 30 to 120 are wanted", name, n)
		}
		known := map[string]bool{bom.Metadata.Component.BOMRef: true}
		for _, c := range *bom.Components {
			if known[c.BOMRef] {
				t.Errorf("%s: %s is there twice", name, c.BOMRef)
			}
			known[c.BOMRef] = true
		}
		reached := map[string]bool{bom.Metadata.Component.BOMRef: true}
		for _, d := range *bom.Dependencies {
			if !known[d.Ref] {
				t.Errorf("%s: the dependencies of %s, which is no component", name, d.Ref)
			}
			if d.Dependencies == nil {
				continue
			}
			for _, to := range *d.Dependencies {
				reached[to] = true
				if !known[to] {
					t.Errorf("%s: %s depends on %s, which is no component", name, d.Ref, to)
				}
			}
		}
		if diff := cmp.Diff(known, reached); diff != "" {
			t.Errorf("%s: nothing needs these components:\n%s", name, diff)
		}
	}
}

func TestSPDXDocument(t *testing.T) {
	const name = "boms/check-in-kiosk.spdx.json"
	type pkg struct {
		SPDXID, Name, VersionInfo, DownloadLocation string
		ExternalRefs                                []struct{ ReferenceLocator string }
	}
	var doc struct {
		SPDXVersion, DataLicense, DocumentNamespace string
		Packages                                    []pkg
		Relationships                               []struct{ SPDXElementID, RelatedSPDXElement string }
	}
	if err := json.Unmarshal([]byte(text(t, name)), &doc); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if doc.SPDXVersion != "SPDX-2.3" || doc.DataLicense != "CC0-1.0" || doc.DocumentNamespace == "" {
		t.Errorf("%s: it is not a document of SPDX 2.3", name)
	}
	kiosk := get[*model.Application](t, load(t), "check-in-kiosk")
	if got, want := doc.Packages[0].ExternalRefs[0].ReferenceLocator, kiosk.PackageURL+"@"+kiosk.Version; got != want {
		t.Errorf("%s: the document describes %s, not %s", name, got, want)
	}
	known := map[string]bool{"SPDXRef-DOCUMENT": true}
	for _, p := range doc.Packages {
		known[p.SPDXID] = true
		if p.Name == "" || p.VersionInfo == "" || p.DownloadLocation == "" {
			t.Errorf("%s: %s has no name, version or download location", name, p.SPDXID)
		}
	}
	for _, r := range doc.Relationships {
		if !known[r.SPDXElementID] || !known[r.RelatedSPDXElement] {
			t.Errorf("%s: %s and %s are not both in the document", name, r.SPDXElementID, r.RelatedSPDXElement)
		}
	}
	if len(known) != 25 {
		t.Errorf("%s: %d packages; 24 were written", name, len(known)-1)
	}
}

// release is one release in a file of release dates. Dates may be true or false, so they stay as they are.
type release struct {
	ReleaseCycle string `yaml:"releaseCycle"`
	ReleaseDate  any    `yaml:"releaseDate"`
	EOAS         any    `yaml:"eoas"`
	EOL          any    `yaml:"eol"`
	EOES         any    `yaml:"eoes"`
}

type productFile struct {
	Title, Category, Permalink string
	Releases                   []release
}

func product(t *testing.T, name string) productFile {
	t.Helper()
	return parseProduct(t, name, text(t, name))
}

func parseProduct(t *testing.T, name, content string) productFile {
	t.Helper()
	parts := strings.SplitN(content, "\n---", 2)
	var p productFile
	if err := yaml.Unmarshal([]byte(strings.TrimPrefix(parts[0], "---\n")), &p); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if p.Title == "" || p.Category == "" || !strings.HasPrefix(p.Permalink, "/") || len(p.Releases) == 0 {
		t.Errorf("%s: title, category, permalink and releases are wanted", name)
	}
	return p
}

// The facts in our own files agree with the public collection, so that importing it later changes nothing but adds releases.
func TestReleaseDatesAgreeWithTheCollection(t *testing.T) {
	const folder = "../../shared/data/05-endoflife/products/"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the public collection of release dates is not here")
	}
	for _, name := range Order {
		if !strings.HasPrefix(name, "technologies/") {
			continue
		}
		content, err := os.ReadFile(folder + path.Base(name))
		if err != nil {
			t.Errorf("%s: the collection has no such file", name)
			continue
		}
		ours, theirs := product(t, name), parseProduct(t, name, string(content))
		if ours.Permalink != theirs.Permalink || ours.Title != theirs.Title || ours.Category != theirs.Category {
			t.Errorf("%s: the collection says %s, %s, %s", name, theirs.Permalink, theirs.Title, theirs.Category)
		}
		for _, r := range ours.Releases {
			i := slices.IndexFunc(theirs.Releases, func(o release) bool { return o.ReleaseCycle == r.ReleaseCycle })
			if i < 0 {
				t.Errorf("%s: the collection has no release %s", name, r.ReleaseCycle)
				continue
			}
			o := theirs.Releases[i]
			if r.EOES == nil {
				o.EOES = nil
			}
			if diff := cmp.Diff(o, r); diff != "" {
				t.Errorf("%s: release %s (-collection +ours):\n%s", name, r.ReleaseCycle, diff)
			}
		}
	}
}
