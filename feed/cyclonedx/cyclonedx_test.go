package cyclonedx

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"binnacle/feed/feedtest"
	"binnacle/model"
)

// sample reads a real file, or skips the test where it is not there.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(samples, name))
	if err != nil {
		t.Skipf("the sample %s is not there", name)
	}
	return data
}

func TestNewerVersionEditsTheSameComponents(t *testing.T) {
	before := feedtest.Picture(feedtest.Read(t, Format, "a.json", sample(t, "cyclonedx-bom-examples/SBOM/proton-bridge/proton-bridge-v1.6.3.bom.json")))
	batch := feedtest.Read(t, Format, "b.json", sample(t, "cyclonedx-bom-examples/SBOM/proton-bridge/proton-bridge-v1.8.0.bom.json"))
	after := feedtest.Picture(batch)
	changed, rewired := 0, 0
	for id, text := range after {
		old, ok := before[id]
		oldFields, oldNeeds, _ := strings.Cut(old, " depends_on=>")
		fields, needs, _ := strings.Cut(text, " depends_on=>")
		switch {
		case !ok:
			t.Errorf("created: %s", id)
		case fields != oldFields && strings.HasPrefix(text, "Component"):
			changed++
		case fields != oldFields:
			t.Errorf("edited: %s", cmp.Diff(old, text))
		case needs != oldNeeds:
			rewired++
		}
	}
	// Two components stay as they are but depend on others than before.
	if len(before) != len(after) || changed != 7 || rewired != 2 {
		t.Errorf("%d records before, %d after, %d components changed, %d rewired; want 202, 202, 7 and 2", len(before), len(after), changed, rewired)
	}
	if s := batch.Source; s.Key != "bom:proton-bridge" || s.Release != "v1.8.0" || s.Describes != "pkg:golang/github.com/protonmail/proton-bridge" ||
		s.Serial != "urn:uuid:d7a0ac67-e0f8-4342-86c6-801a02437636" || s.Produced.String() != "2021-05-16T15:10:53Z" || s.Format != "cyclonedx" {
		t.Errorf("source = %+v", s)
	}
	if !batch.Complete || batch.Compare != "Component" {
		t.Error("a whole bill of materials must be complete and compare components")
	}
}

func TestJSONAndXMLOfOneBillGiveTheSame(t *testing.T) {
	name := "cyclonedx-bom-examples/SBOM/proton-bridge/proton-bridge-v1.6.3.bom"
	fromJSON, fromXML := feedtest.Read(t, Format, "bom.json", sample(t, name+".json")), feedtest.Read(t, Format, "bom.xml", sample(t, name+".xml"))
	if diff := cmp.Diff(feedtest.Picture(fromJSON), feedtest.Picture(fromXML)); diff != "" {
		t.Errorf("JSON and XML differ (-JSON +XML):\n%s", diff)
	}
	if diff := cmp.Diff(fromJSON.Contents, fromXML.Contents); diff != "" {
		t.Errorf("counts differ:\n%s", diff)
	}
}

// TestSamplesAgainstTheLibrary reads all samples and compares what is found with what another decoder finds.
func TestSamplesAgainstTheLibrary(t *testing.T) {
	found := 0
	_ = filepath.Walk(samples+"/cyclonedx-bom-examples", func(file string, _ os.FileInfo, err error) error {
		ending := filepath.Ext(file)
		if err != nil || ending != ".json" && ending != ".xml" {
			return nil
		}
		found++
		t.Run(strings.TrimPrefix(file, samples), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := Format.Detect(data); got != 100 {
				t.Errorf("detected with %d", got)
			}
			b := feedtest.Read(t, Format, filepath.Base(file), data)
			if len(b.Refused) > 0 {
				t.Errorf("refused: %v", b.Refused)
			}
			format := cdx.BOMFileFormatJSON
			if ending == ".xml" {
				format = cdx.BOMFileFormatXML
			}
			var bom cdx.BOM
			if err := cdx.NewBOMDecoder(bytes.NewReader(data), format).Decode(&bom); err != nil {
				t.Fatal(err)
			}
			want := map[string]int{"components": countOf(bom.Components), "dependencies": lenOf(bom.Dependencies), "vulnerabilities": lenOf(bom.Vulnerabilities)}
			for what, n := range want {
				if b.Contents[what] != n {
					t.Errorf("%d %s, want %d", b.Contents[what], what, n)
				}
			}
			components := 0
			for _, item := range b.Items {
				if _, ok := item.Record.(*model.Component); ok {
					components++
				}
			}
			if components != want["components"] {
				t.Errorf("%d components taken of %d", components, want["components"])
			}
		})
		return nil
	})
	if found == 0 {
		t.Skip("the samples are not there")
	}
}

func countOf(list *[]cdx.Component) int {
	n := lenOf(list)
	for i := range n {
		n += countOf((*list)[i].Components)
	}
	return n
}

func lenOf[T any](list *[]T) int {
	if list == nil {
		return 0
	}
	return len(*list)
}

func TestKnownFigures(t *testing.T) {
	for name, want := range map[string]int{"keycloak-10.0.2": 903, "dropwizard-1.3.15": 167} {
		b := feedtest.Read(t, Format, "bom.json", sample(t, "cyclonedx-bom-examples/SBOM/"+name+"/bom.json"))
		if b.Contents["components"] != want || len(feedtest.Picture(b)) != want+1 {
			t.Errorf("%s: %d components, %d identities; want %d and one more", name, b.Contents["components"], len(feedtest.Picture(b)), want)
		}
	}
}

// shopBOM is a small bill of materials with one of everything that is taken.
const shopBOM = `{
  "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 3, "serialNumber": "urn:uuid:00000000-0000-4000-8000-000000000001",
  "metadata": {"timestamp": "2026-03-01T08:00:00+01:00",
    "component": {"type": "application", "bom-ref": "shop", "group": "com.harbour", "name": "web-shop", "version": "4.2", "purl": "pkg:maven/com.harbour/web-shop@4.2?type=war"}},
  "components": [
    {"type": "library", "bom-ref": "a", "group": "org.tide", "name": "tide-core", "version": "2.0.1", "scope": "required", "description": "Reads\u0000 tides.",
     "purl": "pkg:maven/org.tide/tide-core@2.0.1?type=jar", "cpe": "cpe:2.3:a:tide:tide-core:2.0.1:*:*:*:*:*:*:*",
     "supplier": {"name": "Tide Project"}, "licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "House licence"}}],
     "hashes": [{"alg": "SHA-1", "content": "E6B1000B94E835FFD37F4C6DCBDAD43F4B48A02A"}],
     "components": [{"type": "file", "bom-ref": "f", "name": "tide.dat"}]},
    {"type": "library", "bom-ref": "b", "name": "twice", "version": "1.0", "purl": "pkg:npm/twice@1.0"},
    {"type": "library", "bom-ref": "c", "name": "twice", "version": "2.0", "purl": "pkg:npm/twice@2.0"},
    {"type": "library", "bom-ref": "d", "name": "odd", "purl": "not a package url"}],
  "services": [{"bom-ref": "s", "name": "Port Authority API", "description": "Tells berths.", "provider": {"name": "Port Authority", "url": ["https://port.example"]}},
    {"bom-ref": "s2", "name": "Berth cache"}],
  "dependencies": [{"ref": "shop", "dependsOn": ["a", "s2"]}, {"ref": "a", "dependsOn": ["b", "c", "nowhere"]}, {"ref": "s2", "dependsOn": ["s"]}],
  "vulnerabilities": [{"id": "X-1"}]
}`

func TestMapping(t *testing.T) {
	b := feedtest.Read(t, Format, "uploads/shop.bom.json", []byte(shopBOM))
	subject := "pkg:maven/com.harbour/web-shop"
	want := map[string]string{
		subject: `Application mention=true key="web-shop" name="web-shop" package_url="pkg:maven/com.harbour/web-shop"`,
		subject + " pkg:maven/org.tide/tide-core?type=jar": `Component mention=false key="web-shop/maven/org.tide/tide-core" name="tide-core" description="Reads tides." application=>` + subject +
			` package_url="pkg:maven/org.tide/tide-core@2.0.1?type=jar" version="2.0.1" group="org.tide" type="library" scope="required" licences=["House licence","MIT"]` +
			` supplier="Tide Project" cpe="cpe:2.3:a:tide:tide-core:2.0.1:*:*:*:*:*:*:*" hashes=["SHA-1:e6b1000b94e835ffd37f4c6dcbdad43f4b48a02a"]` +
			` depends_on=>` + subject + ` pkg:npm/twice@1.0 depends_on=>` + subject + ` pkg:npm/twice@2.0`,
		subject + " file//tide.dat":             `Component mention=false key="web-shop/file/tide.dat" name="tide.dat" application=>` + subject + ` type="file"`,
		subject + " pkg:npm/twice@1.0":          `Component mention=false key="web-shop/npm/twice@1.0" name="twice" application=>` + subject + ` package_url="pkg:npm/twice@1.0" version="1.0" type="library"`,
		subject + " pkg:npm/twice@2.0":          `Component mention=false key="web-shop/npm/twice@2.0" name="twice" application=>` + subject + ` package_url="pkg:npm/twice@2.0" version="2.0" type="library"`,
		subject + " library//odd":               `Component mention=false key="web-shop/library/odd" name="odd" application=>` + subject + ` type="library"`,
		subject + " service port-authority-api": `Service mention=false key="port-authority-api" name="Port Authority API" description="Tells berths."`,
		subject + " service berth-cache":        `Service mention=false key="berth-cache" name="Berth cache" depends_on=>` + subject + ` service port-authority-api`,
		subject + " advisory X-1":               `Advisory mention=false key="web-shop/x-1~12cd17ae" name="X-1" aliases=["X-1"]`,
		"vendor port-authority":                 `Vendor mention=true key="port-authority" name="Port Authority" website="https://port.example"`,
	}
	if diff := cmp.Diff(want, feedtest.Picture(b)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"components": 5, "services": 2, "dependencies": 3, "vulnerabilities": 1}, b.Contents); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if s := b.Source; s.Key != "bom:web-shop" || s.Release != "4.2" || s.Produced.String() != "2026-03-01T07:00:00Z" {
		t.Errorf("source = %+v", s)
	}
	if len(b.Notes) != 2 || len(b.Refused) != 0 {
		t.Errorf("notes = %q, refused = %v", b.Notes, b.Refused)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	want := feedtest.Picture(feedtest.Read(t, Format, "shop.json", []byte(shopBOM)))
	rapid.Check(t, func(rt *rapid.T) {
		var doc map[string]any
		if err := json.Unmarshal([]byte(shopBOM), &doc); err != nil {
			rt.Fatal(err)
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 1))
		for _, name := range []string{"components", "services", "dependencies"} {
			list := doc[name].([]any)
			random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		data, err := json.Marshal(doc)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, feedtest.Picture(feedtest.Read(t, Format, "shop.json", data))); diff != "" {
			rt.Fatalf("another order gives another result:\n%s", diff)
		}
	})
}

func TestBadPartsAreRefusedAloneAndNothingCountsAsGone(t *testing.T) {
	doc := strings.Replace(shopBOM, `"scope": "required"`, `"scope": "sometimes"`, 1)
	b := feedtest.Read(t, Format, "shop.json", []byte(doc))
	if len(b.Refused) != 1 || b.Refused[0].Where.Path != "components[0].scope" || b.Refused[0].Where.Line != 6 || !strings.Contains(b.Refused[0].Reason, `"sometimes"`) {
		t.Errorf("refused = %v", b.Refused)
	}
	got := feedtest.Picture(b)
	if _, there := got["pkg:maven/com.harbour/web-shop pkg:maven/org.tide/tide-core?type=jar"]; there || len(got) != 9 {
		t.Errorf("%d records, want the 9 others", len(got))
	}
	if b.Complete {
		t.Error("what was refused must not count as gone")
	}
}

func TestSubjectWithoutMetadata(t *testing.T) {
	for _, test := range []struct{ file, serial, want string }{
		{"uploads/Billing Service.cdx.json", "", "billing-service"},
		{`C:\in\ledger.bom.json`, "", "ledger"},
		{"bom.json", `"serialNumber": "urn:uuid:00000000-0000-4000-8000-00000000000a",`, "00000000-0000-4000-8000-00000000000a"},
		{"bom.json", "", "unnamed"},
	} {
		doc := `{"bomFormat":"CycloneDX","specVersion":"1.5",` + test.serial + `"components":[{"type":"library","name":"x"}]}`
		b := feedtest.Read(t, Format, test.file, []byte(doc))
		if b.Source.Key != "bom:"+test.want || b.Items[0].Record.Base().Key != test.want {
			t.Errorf("%s: source %s, application %s; want %s", test.file, b.Source.Key, b.Items[0].Record.Base().Key, test.want)
		}
	}
}

func TestVulnerabilitiesAloneDoNotMakeComponentsGone(t *testing.T) {
	b := feedtest.Read(t, Format, "vex.json", []byte(`{"bomFormat":"CycloneDX","specVersion":"1.4","version":1,
		"metadata":{"component":{"type":"application","name":"web-shop"}},"vulnerabilities":[{"id":"X-1"}]}`))
	if b.Complete || b.Source.Key != "vex:web-shop" || b.Contents["vulnerabilities"] != 1 || len(feedtest.Records[*model.Advisory](b)) != 1 {
		t.Errorf("complete = %v, source = %s, counts = %v, notes = %q", b.Complete, b.Source.Key, b.Contents, b.Notes)
	}
}
