package api_test

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/api"
	"binnacle/model"
	practices "binnacle/practice/all"
)

var update = flag.Bool("update", false, "write the golden files anew")

func document(t *testing.T) []byte {
	t.Helper()
	raw, err := json.MarshalIndent(api.Document(model.Builtin(), practices.Practices(), "test"), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, '\n')
}

// TestDocumentIsAnnounced fails where what programs rely on changes. A change that is meant is written with -update.
func TestDocumentIsAnnounced(t *testing.T) {
	const golden = "testdata/openapi.json"
	got := document(t)
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the document has changed: where that is meant, write it with go test ./api -update and tell it in the change log\n%s", cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
	}
}

// TestDocumentIsSound checks the structure: names are unique, references lead somewhere, and everything is described.
func TestDocumentIsSound(t *testing.T) {
	var doc map[string]any
	if err := json.Unmarshal(document(t), &doc); err != nil {
		t.Fatal(err)
	}
	var follow func(at string, v any)
	follow = func(at string, v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				follow(at, one)
			}
		case map[string]any:
			for name, one := range v {
				if text, ok := one.(string); ok && name == "$ref" && resolve(doc, text) == nil {
					t.Errorf("%s refers to %s, which there is not", at, text)
				}
				follow(at+"/"+name, one)
			}
		}
	}
	follow("", doc)
	names := map[string]bool{}
	operations := 0
	for path, item := range doc["paths"].(map[string]any) {
		for method, value := range item.(map[string]any) {
			op := value.(map[string]any)
			operations++
			id, _ := op["operationId"].(string)
			if id == "" || names[id] {
				t.Errorf("%s %s: the name %q is missing or taken", method, path, id)
			}
			names[id] = true
			for _, wanted := range []string{"summary", "responses", "tags"} {
				if op[wanted] == nil || op[wanted] == "" {
					t.Errorf("%s %s has no %s", method, path, wanted)
				}
			}
			parameters, _ := op["parameters"].([]any)
			for _, one := range parameters {
				p := one.(map[string]any)
				if p["description"] == "" || p["schema"] == nil || p["in"] == "path" && !strings.Contains(path, "{"+p["name"].(string)+"}") {
					t.Errorf("%s %s: the parameter %v is not described", method, path, p["name"])
				}
			}
		}
	}
	if operations < 40 {
		t.Errorf("there are only %d operations", operations)
	}
	for _, k := range model.Builtin().Kinds() {
		schema, _ := resolve(doc, "#/components/schemas/"+k.Name).(map[string]any)
		if schema == nil || len(schema["properties"].(map[string]any)) < len(k.Fields) {
			t.Errorf("the schema of %s lacks fields", k.Name)
		}
	}
}

func resolve(doc any, pointer string) any {
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "#/"), "/") {
		m, _ := doc.(map[string]any)
		doc = m[name]
	}
	return doc
}
