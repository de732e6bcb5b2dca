package cyclonedx

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"binnacle/feed"
	"binnacle/feed/feedtest"
	"binnacle/model"
)

const smallXML = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a bill of materials -->
<bom xmlns="http://cyclonedx.org/schema/bom/1.4" xmlns:x="urn:other" version="1">
  <components><component type="library"><name>héllo</name><x:note>mine</x:note><version>1</version></component></components>
</bom>`

func TestWholeContentRefused(t *testing.T) {
	head := `{"bomFormat":"CycloneDX","specVersion":"1.6",`
	for name, test := range map[string]struct{ data, want string }{
		"empty":           {"", "ends too early"},
		"half JSON":       {shopBOM[:900], "ends too early"},
		"half XML":        {smallXML[:220], "ends too early"},
		"two documents":   {shopBOM + shopBOM, "only one document"},
		"wrong format":    {`{"bomFormat":"Other","specVersion":"1.6"}`, "bomFormat"},
		"unknown version": {`{"bomFormat":"CycloneDX","specVersion":"9.9"}`, `"9.9"`},
		"not an object":   {`["bomFormat"]`, "not a list"},
		"latin-1":         {head + `"components":[{"type":"library","name":"h` + "\xe9" + `llo"}]}`, "line 1, column 87: the byte 0xE9 is not valid UTF-8"},
		"deep":            {head + `"components":` + strings.Repeat(`[`, 500) + strings.Repeat(`]`, 500) + `}`, "nested more than 100 deep"},
		"deep XML":        {`<bom xmlns="http://cyclonedx.org/schema/bom/1.4">` + strings.Repeat("<components>", 300), "nested more than 100 deep"},
		"entities":        {"<!DOCTYPE bom [<!ENTITY a \"aaaa\">]>" + smallXML, "<!DOCTYPE"},
		"entity use":      {strings.Replace(smallXML, "héllo", "&a;", 1), "invalid character entity &a;"},
		"encoding":        {strings.Replace(smallXML, "UTF-8", "klingon-1", 1), `"klingon-1"`},
		"namespace":       {strings.Replace(smallXML, "bom/1.4", "bom/12", 1), `"http://cyclonedx.org/schema/bom/12"`},
		"all refused":     {head + `"components":[{"name":"x"}]}`, "type is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := feedtest.Try(Format, "bom", []byte(test.data)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

func TestItemLimit(t *testing.T) {
	b := feed.NewBatch(model.Builtin(), "bom.json")
	b.Limits.Items = 3
	if err := Format.Read(t.Context(), feed.Input{Name: "bom.json", Data: []byte(shopBOM)}, b); err == nil || !strings.Contains(err.Error(), "more than 3") {
		t.Errorf("error %v, want the limit", err)
	}
	b.Limits.Bytes = 100
	if err := Format.Read(t.Context(), feed.Input{Name: "bom.json", Data: []byte(shopBOM)}, b); err == nil || !strings.Contains(err.Error(), "the limit is 100") {
		t.Errorf("error %v, want the limit", err)
	}
}

func TestEncodings(t *testing.T) {
	utf16le := []byte("\xFF\xFE")
	for _, unit := range utf16.Encode([]rune(strings.Replace(smallXML, "UTF-8", "UTF-16", 1))) {
		utf16le = binary.LittleEndian.AppendUint16(utf16le, unit)
	}
	latin1 := strings.Replace(strings.Replace(smallXML, "UTF-8", "ISO-8859-1", 1), "é", "\xe9", 1)
	for name, data := range map[string][]byte{
		"utf-8": []byte(smallXML), "byte-order mark": []byte("\xEF\xBB\xBF" + smallXML), "utf-16": utf16le, "latin-1": []byte(latin1),
	} {
		if got := Format.Detect(data); got != 100 {
			t.Errorf("%s: detected with %d", name, got)
		}
		b := feedtest.Read(t, Format, "bom.xml", data)
		if len(b.Items) != 2 || b.Items[1].Record.Base().Name != "héllo" || len(b.Refused) != 0 {
			t.Errorf("%s: %d items, refused %v", name, len(b.Items), b.Refused)
		}
	}
}

func TestDetect(t *testing.T) {
	for data, want := range map[string]int{
		shopBOM:                             100,
		"\xEF\xBB\xBF \n" + shopBOM:         100,
		smallXML:                            100,
		"\n\n" + smallXML[39:]:              100,
		`{"bomFormat":"Other"}`:             40,
		`{"name":"bomFormat","a":[]}`:       0,
		`{"inner":` + shopBOM + `}`:         0,
		`["bomFormat"]`:                     0,
		`<bom xmlns="urn:other"/>`:          0,
		`<x><!-- ` + namespace + ` --></x>`: 0,
		`{"spdxVersion":"SPDX-2.3","comment":"made from a \"bomFormat\""}`: 0,
		"bomFormat: CycloneDX": 0,
		"":                     0,
		"\xFF\xFE":             0,
		`{"bomFormat"`:         0,
	} {
		if got := Format.Detect([]byte(data)); got != want {
			t.Errorf("%.40q: %d, want %d", data, got, want)
		}
	}
	others, _ := filepath.Glob(samples + "/spdx-spec/*")
	more, _ := filepath.Glob(samples + "/cyclonedx-spec-tests/schema/*.json")
	for _, file := range append(others, more...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got := Format.Detect(data); got != 0 {
			t.Errorf("%s: %d, want 0", file, got)
		}
	}
}

// FuzzRead looks for contents that make the reader panic or propose records that no estate may hold.
func FuzzRead(f *testing.F) {
	f.Add([]byte(shopBOM))
	f.Add([]byte(smallXML))
	f.Add([]byte(`{"bomFormat":"CycloneDX","specVersion":"1.2","version":1,"components":[null,3,{"type":[],"name":{}}],"dependencies":{"ref":1},"metadata":[]}`))
	f.Add([]byte(`<bom xmlns="http://cyclonedx.org/schema/bom/1.5"><services><service bom-ref="a"><name>x</name><data><dataflow/><classification flow="x"/></data></service></services>` +
		`<dependencies><dependency><dependency ref="a"><provides ref="b"/></dependency></dependency></dependencies></bom>`))
	feedtest.Fuzz(f, Format)
}
