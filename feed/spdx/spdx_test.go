package spdx

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/tagvalue"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

// samples is where real files of other people's programs are, seen from this folder.
const samples = "../../../shared/data/02-sbom"

func sample(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(samples, "spdx-spec", name))
	if err != nil {
		t.Skipf("the sample %s is not there", name)
	}
	return data
}

func TestSampleOfTheSpecification(t *testing.T) {
	fromJSON := feedtest.Read(t, Format, "a.json", sample(t, "SPDXJSONExample-v2.3.spdx.json"))
	fromYAML := feedtest.Read(t, Format, "a.yaml", sample(t, "SPDXYAMLExample-2.3.spdx.yaml"))
	fromTags := feedtest.Read(t, Format, "a.spdx", sample(t, "SPDXTagExample-v2.3.spdx"))
	if diff := cmp.Diff(map[string]int{"packages": 4, "files": 5, "relationships": 7}, fromJSON.Contents); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	for name, b := range map[string]*feed.Batch{"JSON": fromJSON, "YAML": fromYAML, "tag-value": fromTags} {
		if len(b.Refused) > 0 {
			t.Errorf("%s: refused %v", name, b.Refused)
		}
		if diff := cmp.Diff(feedtest.Picture(fromJSON), feedtest.Picture(b)); diff != "" {
			t.Errorf("%s differs from JSON:\n%s", name, diff)
		}
		if s := b.Source; s.Key != "bom:glibc" || s.Release != "2.11.1" || s.Produced.String() != "2010-01-29T18:30:22Z" || !b.Complete || len(b.Items) != 4 {
			t.Errorf("%s: source %+v, %d items", name, s, len(b.Items))
		}
	}
}

// TestSamplesAgainstTheLibrary compares what is found with what another decoder finds.
func TestSamplesAgainstTheLibrary(t *testing.T) {
	data := sample(t, "SPDXJSONExample-v2.3.spdx.json")
	doc, err := spdxjson.Read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	tags, err := tagvalue.Read(strings.NewReader(smallTags))
	if err != nil {
		t.Fatal(err)
	}
	if got := feedtest.Read(t, Format, "a.json", data).Contents["packages"]; got != len(doc.Packages) {
		t.Errorf("JSON: %d packages, want %d", got, len(doc.Packages))
	}
	b := feedtest.Read(t, Format, "a.spdx", []byte(smallTags))
	if got := b.Contents["packages"]; got != len(tags.Packages) || got != 4 {
		t.Errorf("tag-value: %d packages, want %d", got, len(tags.Packages))
	}
	if got := b.Contents["relationships"]; got != len(tags.Relationships) {
		t.Errorf("tag-value: %d relationships, want %d", got, len(tags.Relationships))
	}
	if diff := cmp.Diff(smallPicture, feedtest.Picture(b)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestVersion3(t *testing.T) {
	b := feedtest.Read(t, Format, "bom.json", sample(t, "package_sbom.spdx3.json"))
	if diff := cmp.Diff(map[string]int{"packages": 1, "files": 1, "relationships": 1}, b.Contents); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if b.Source.Key != "bom:my-package" || b.Source.Release != "1.0.0" || b.Source.Produced.String() != "2024-03-06T00:00:00Z" {
		t.Errorf("source = %+v", b.Source)
	}
}

// head begins a small document of version 2.3; harbour is what it describes.
const head = `{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"harbour-2","documentNamespace":"https://bom.example/harbour-2",
 "creationInfo":{"created":"2026-01-02T03:04:05Z","creators":["Tool: pier-1"]},"documentDescribes":["SPDXRef-h"],
 "packages":[{"name":"com.harbour/harbour","SPDXID":"SPDXRef-h","versionInfo":"2","downloadLocation":"NONE"},
`

const smallJSON = head + ` {"name":"tide","SPDXID":"SPDXRef-t","versionInfo":"1.0","summary":"Reads tides.","supplier":"Organization: Tide Project (tide@tide.example)",
  "primaryPackagePurpose":"OPERATING_SYSTEM","licenseConcluded":"MIT","licenseDeclared":"NOASSERTION",
  "checksums":[{"algorithm":"SHA256","checksumValue":"ABCDEF0123456789"}],
  "externalRefs":[{"referenceCategory":"PACKAGE_MANAGER","referenceType":"purl","referenceLocator":"pkg:npm/tide@1.0"},
   {"referenceCategory":"SECURITY","referenceType":"cpe23Type","referenceLocator":"cpe:2.3:a:tide:tide:1.0:*:*:*:*:*:*:*"}]},
  {"name":"anchor","SPDXID":"SPDXRef-a"},{"name":"rope","SPDXID":"SPDXRef-r"}],
 "files":[{"SPDXID":"SPDXRef-f","fileName":"x"}],
 "relationships":[
  {"spdxElementId":"SPDXRef-h","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-t"},
  {"spdxElementId":"SPDXRef-t","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-a"},
  {"spdxElementId":"SPDXRef-r","relationshipType":"BUILD_DEPENDENCY_OF","relatedSpdxElement":"SPDXRef-a"},
  {"spdxElementId":"SPDXRef-a","relationshipType":"CONTAINS","relatedSpdxElement":"SPDXRef-f"},
  {"spdxElementId":"SPDXRef-a","relationshipType":"DEPENDS_ON","relatedSpdxElement":"SPDXRef-gone"}]}`

// smallTags is the same as smallJSON in the form of tags and values.
const smallTags = `SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: harbour-2
DocumentNamespace: https://bom.example/harbour-2
Creator: Tool: pier-1
Created: 2026-01-02T03:04:05Z
# What it is about.
PackageName: com.harbour/harbour
SPDXID: SPDXRef-h
PackageVersion: 2
PackageDownloadLocation: NONE
FilesAnalyzed: false

PackageName: tide
SPDXID: SPDXRef-t
PackageVersion: 1.0
PackageSupplier: Organization: Tide Project (tide@tide.example)
PackageDownloadLocation: NONE
FilesAnalyzed: false
PackageChecksum: SHA256: ABCDEF0123456789
PackageLicenseConcluded: MIT
PackageLicenseDeclared: NOASSERTION
PackageSummary: <text>Reads tides.</text>
PrimaryPackagePurpose: OPERATING-SYSTEM
ExternalRef: PACKAGE-MANAGER purl pkg:npm/tide@1.0
ExternalRef: SECURITY cpe23Type cpe:2.3:a:tide:tide:1.0:*:*:*:*:*:*:*

PackageName: anchor
SPDXID: SPDXRef-a
PackageDownloadLocation: NONE
FilesAnalyzed: false
PackageComment: <text>It has
SPDXVersion: and PackageName: in its comment.</text>

PackageName: rope
SPDXID: SPDXRef-r
PackageDownloadLocation: NONE
FilesAnalyzed: false

Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-h
Relationship: SPDXRef-h DEPENDS_ON SPDXRef-t
Relationship: SPDXRef-t DEPENDS_ON SPDXRef-a
Relationship: SPDXRef-r BUILD_DEPENDENCY_OF SPDXRef-a
`

var smallPicture = map[string]string{
	"com.harbour/harbour": `Application mention=true key="harbour" name="com.harbour/harbour"`,
	"com.harbour/harbour pkg:npm/tide": `Component mention=false key="harbour/npm/tide" name="tide" description="Reads tides." application=>com.harbour/harbour` +
		` package_url="pkg:npm/tide@1.0" version="1.0" type="operating-system" licences=["MIT"] supplier="Tide Project" cpe="cpe:2.3:a:tide:tide:1.0:*:*:*:*:*:*:*"` +
		` hashes=["SHA-256:abcdef0123456789"] depends_on=>com.harbour/harbour library/anchor`,
	"com.harbour/harbour library/anchor": `Component mention=false key="harbour/library/anchor" name="anchor" application=>com.harbour/harbour type="library"` +
		` depends_on=>com.harbour/harbour library/rope`,
	"com.harbour/harbour library/rope": `Component mention=false key="harbour/library/rope" name="rope" application=>com.harbour/harbour type="library"`,
}

func TestMapping(t *testing.T) {
	b := feedtest.Read(t, Format, "harbour.spdx.json", []byte(smallJSON))
	if diff := cmp.Diff(smallPicture, feedtest.Picture(b)); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	if s := b.Source; s.Key != "bom:harbour" || s.Release != "2" || s.Serial != "https://bom.example/harbour-2" || s.Describes != "com.harbour/harbour" {
		t.Errorf("source = %+v", s)
	}
	if len(b.Notes) != 2 || len(b.Refused) != 0 {
		t.Errorf("notes = %q, refused = %v", b.Notes, b.Refused)
	}
}

func TestVersion3GivesTheSameAsVersion2(t *testing.T) {
	doc := `{"@context":"https://spdx.org/rdf/3.0.1/spdx-context.jsonld","@graph":[
	{"type":"CreationInfo","@id":"_:c","created":"2026-01-02T03:04:05Z","specVersion":"3.0.1"},
	{"type":"Organization","spdxId":"urn:o","name":"Tide Project"},
	{"type":"SpdxDocument","spdxId":"urn:d","creationInfo":"_:c","name":"harbour-2","rootElement":["urn:b"]},
	{"type":"software_Sbom","spdxId":"urn:b","rootElement":["urn:h"]},
	{"type":"software_Package","spdxId":"urn:h","name":"com.harbour/harbour","software_packageVersion":"2"},
	{"type":"software_Package","spdxId":"urn:t","name":"tide","software_packageVersion":"1.0","summary":"Reads tides.","suppliedBy":"urn:o","software_primaryPurpose":"operatingSystem",
	 "software_packageUrl":"pkg:npm/tide@1.0","externalIdentifier":[{"type":"ExternalIdentifier","externalIdentifierType":"cpe23","identifier":"cpe:2.3:a:tide:tide:1.0:*:*:*:*:*:*:*"}],
	 "verifiedUsing":[{"type":"Hash","algorithm":"sha256","hashValue":"ABCDEF0123456789"}]},
	{"type":"software_Package","spdxId":"urn:a","name":"anchor"},{"type":"software_Package","spdxId":"urn:r","name":"rope"},
	{"type":"simplelicensing_LicenseExpression","spdxId":"urn:l","simplelicensing_licenseExpression":"MIT"},
	{"type":"Relationship","spdxId":"urn:1","from":"urn:t","relationshipType":"hasConcludedLicense","to":["urn:l"]},
	{"type":"Relationship","spdxId":"urn:2","from":"urn:t","relationshipType":"dependsOn","to":["urn:a"]},
	{"type":"LifecycleScopedRelationship","spdxId":"urn:3","from":"urn:a","relationshipType":"dependsOn","to":["urn:r"],"scope":"build"}]}`
	if diff := cmp.Diff(smallPicture, feedtest.Picture(feedtest.Read(t, Format, "harbour.json", []byte(doc)))); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestOrderDoesNotMatter(t *testing.T) {
	// The packages and relationships stand the other way round.
	lines := strings.Split(smallJSON[strings.Index(smallJSON, `"relationships":[`)+len(`"relationships":[`)+1:len(smallJSON)-2], "\n")
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	for i := range lines {
		lines[i] = strings.TrimSuffix(strings.TrimSpace(lines[i]), ",")
	}
	doc := smallJSON[:strings.Index(smallJSON, `"relationships":[`)] + `"relationships":[` + strings.Join(lines, ",") + "]}"
	doc = strings.Replace(doc, `{"name":"anchor","SPDXID":"SPDXRef-a"},{"name":"rope","SPDXID":"SPDXRef-r"}`, `{"name":"rope","SPDXID":"SPDXRef-r"},{"name":"anchor","SPDXID":"SPDXRef-a"}`, 1)
	if diff := cmp.Diff(smallPicture, feedtest.Picture(feedtest.Read(t, Format, "harbour.spdx.json", []byte(doc)))); diff != "" {
		t.Errorf("another order gives another result:\n%s", diff)
	}
}

func TestNewerVersionKeepsTheIdentity(t *testing.T) {
	before, after := feedtest.Picture(feedtest.Read(t, Format, "a.json", []byte(smallJSON))), feedtest.Picture(feedtest.Read(t, Format, "b.json", []byte(strings.ReplaceAll(smallJSON, "1.0", "1.1"))))
	changed := 0
	for id, text := range after {
		if before[id] == "" {
			t.Errorf("created: %s", id)
		}
		if before[id] != text {
			changed++
		}
	}
	if changed != 1 || len(before) != len(after) {
		t.Errorf("%d changed, want 1", changed)
	}
}

func TestBadPackagesAreRefusedAlone(t *testing.T) {
	doc := head + `{"SPDXID":"SPDXRef-x"},{"name":"y"},{"name":"z","SPDXID":"z"},{"name":"w","SPDXID":"SPDXRef-h"},
	  {"name":"good","SPDXID":"SPDXRef-g","checksums":[{"algorithm":"FOO","checksumValue":"abcdef01"},{"algorithm":"MD5","checksumValue":"foo"}]},"text"],
	  "relationships":[{"spdxElementId":"SPDXRef-g"}]}`
	b := feedtest.Read(t, Format, "x.json", []byte(doc))
	var got []string
	for _, r := range b.Refused {
		got = append(got, r.Where.Path+": "+r.Reason)
	}
	want := []string{
		"packages[1]: name is missing: every package needs one",
		"packages[2]: SPDXID is missing: every package needs one",
		`packages[3]: the SPDXID "z" is wrong: it must start with SPDXRef- and go on with letters, digits, full stops and hyphens`,
		`packages[4]: the SPDXID "SPDXRef-h" is there more than once`,
		`packages[5].checksums[0]: "FOO" is not an algorithm of SPDX, and its digest is left out`,
		`packages[5].checksums[1]: "foo" is not a digest in hexadecimal digits, and is left out`,
		"packages[6]: name is missing: every package needs one",
		"relationships[0]: a relationship needs spdxElementId, relationshipType and relatedSpdxElement",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
	if len(b.Items) != 2 || b.Complete {
		t.Errorf("%d items, complete = %v; want the application and one component, and nothing gone", len(b.Items), b.Complete)
	}
}

func TestWholeContentRefused(t *testing.T) {
	for name, test := range map[string]struct{ data, want string }{
		"empty":           {" \n", "empty"},
		"half JSON":       {smallJSON[:400], "ends too early"},
		"half tags":       {"SPDXVersion: SPDX-2.3\nPackageName: x\nPackageSummary: <text>one\ntwo", "line 3: the text of PackageSummary does not end"},
		"unknown version": {`{"spdxVersion":"SPDX-7.1"}`, `"SPDX-7.1"`},
		"unknown tags":    {"SPDXVersion: SPDX-1.2\nPackageName: x\nSPDXID: SPDXRef-x", `"SPDX-1.2"`},
		"other context":   {`{"@context":"https://schema.org","@graph":[]}`, "@context"},
		"latin-1":         {"SPDXVersion: SPDX-2.3\nDocumentName: h\xe9llo", "line 2, column 16: the byte 0xE9"},
		"deep":            {`{"spdxVersion":"SPDX-2.3","packages":` + strings.Repeat("[", 300), "nested more than 100 deep"},
		"deep YAML":       {"spdxVersion: SPDX-2.3\npackages: " + strings.Repeat("[", 300) + strings.Repeat("]", 300), "nested too deep"},
		"aliases":         {"a: &a [x,x]\nspdxVersion: SPDX-2.3\npackages: [*a,*a]", "alias"},
		"bad YAML":        {"spdxVersion: SPDX-2.3\npackages: [", "the YAML cannot be read"},
		"nothing in it":   {"SPDXVersion: SPDX-2.3\n", "neither a DocumentName nor a package"},
		"all refused":     {`{"spdxVersion":"SPDX-2.3","packages":[{"name":""}]}`, "name is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := feedtest.Try(Format, "bom", []byte(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestItemLimit(t *testing.T) {
	tags := "SPDXVersion: SPDX-2.3\nDocumentName: x\n" + strings.Repeat("PackageName: x\n", 10)
	for i, data := range []string{smallJSON, strings.Replace(tags, "PackageName: x", "PackageName: x\nSPDXID: SPDXRef-1\nPackageName: y\nSPDXID: SPDXRef-2\nPackageName: z\nSPDXID: SPDXRef-3", 1)} {
		b := feed.NewBatch(model.Builtin(), "x")
		b.Limits.Items = 2
		if err := Format.Read(t.Context(), feed.Input{Data: []byte(data)}, b); err == nil || !strings.Contains(err.Error(), "more than 2 packages") {
			t.Errorf("%d: error %v, want the limit", i, err)
		}
	}
}

func TestDetect(t *testing.T) {
	wide := []byte("\xFF\xFE")
	for _, unit := range utf16.Encode([]rune(smallJSON)) {
		wide = binary.LittleEndian.AppendUint16(wide, unit)
	}
	for data, want := range map[string]int{
		smallJSON:                              100,
		"\xEF\xBB\xBF\r\n" + smallJSON:         100,
		string(wide):                           100,
		"# a comment\nSPDXVersion: SPDX-2.2\n": 100,
		"---\n# made by hand\nspdxVersion: \"SPDX-2.3\"\n":                   100,
		`{"@context":"https://spdx.org/rdf/3.0.1/x.jsonld"}`:                 100,
		`{"inner":{"spdxVersion":"SPDX-2.3"}}`:                               0,
		`{"bomFormat":"CycloneDX","comment":"\"spdxVersion\":\"SPDX-2.3\""}`: 0,
		"The field SPDXVersion: SPDX-2.3 names the version.":                 0,
		"<xml>spdxVersion</xml>":                                             0,
		"package:\n  spdxVersion: SPDX-2.3\n":                                0,
		"":                                                                   0,
		"\xFF\xFE":                                                           0,
	} {
		if got := Format.Detect([]byte(data)); got != want {
			t.Errorf("%.40q: %d, want %d", data, got, want)
		}
	}
	if b := feedtest.Read(t, Format, "wide.json", wide); cmp.Diff(smallPicture, feedtest.Picture(b)) != "" {
		t.Error("UTF-16 gives another result")
	}
	for pattern, want := range map[string]int{"spdx-spec/*": 100, "cyclonedx-bom-examples/SBOM/*/*": 0, "cyclonedx-spec-tests/1.6/*": 0, "cyclonedx-spec-tests/schema/*": 0} {
		files, _ := filepath.Glob(filepath.Join(samples, pattern))
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got := Format.Detect(data); got != want {
				t.Errorf("%s: %d, want %d", file, got, want)
			}
		}
	}
}

// FuzzRead looks for contents that make the reader panic or propose records that no estate may hold.
func FuzzRead(f *testing.F) {
	f.Add([]byte(smallJSON))
	f.Add([]byte("SPDXVersion: SPDX-2.3\nDocumentName: x\nPackageName: y\nSPDXID: SPDXRef-y\nPackageChecksum: MD5: abcdef01\nExternalRef: PACKAGE-MANAGER purl pkg:npm/y@1\n" +
		"Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-y\nPackageSummary: <text>a\nb</text>\n"))
	f.Add([]byte("spdxVersion: SPDX-2.3\nname: x\npackages:\n- name: y\n  SPDXID: SPDXRef-y\n  checksums: [{algorithm: MD5}]\n"))
	f.Add([]byte(`{"@context":"https://spdx.org/rdf/3.0.1/x","@graph":[{"type":"software_Package","spdxId":"a","name":"b","suppliedBy":{"name":"c"}},` +
		`{"type":"SpdxDocument","spdxId":"d","rootElement":["a","d"]},{"type":"Relationship","from":{"spdxId":"a"},"relationshipType":"dependsOn","to":"a"}]}`))
	feedtest.Fuzz(f, Format)
}
