package practice

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFileGoesThroughJSON(t *testing.T) {
	for _, f := range []File{
		{Name: "plan.json", Type: "application/json", Content: []byte(`{"a":"ü"}`)},
		{Name: "package.zip", Type: "application/zip", Content: []byte{'P', 'K', 0xff, 0xfe, 0}},
		{Name: "empty.csv", Type: "text/csv", Content: []byte{}},
	} {
		data, err := json.Marshal(JSON(f))
		if err != nil {
			t.Fatal(err)
		}
		if binary := strings.Contains(string(data), `"encoding":"base64"`); binary != (f.Type == "application/zip") {
			t.Errorf("%s: %s", f.Name, data)
		}
		var back File
		if err := json.Unmarshal(data, &back); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(f, back); d != "" {
			t.Errorf("%s (-want +got):\n%s", f.Name, d)
		}
	}
	if JSON(File{}) != nil || (File{}).String() != "" {
		t.Error("no file is not null")
	}
	if err := json.Unmarshal([]byte(`{"encoding":"base64","content":"%%"}`), new(File)); err == nil {
		t.Error("broken base64 was taken")
	}
}
