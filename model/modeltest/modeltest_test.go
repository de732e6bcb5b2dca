package modeltest_test

import (
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/model/modeltest"
)

func TestGeneratedRecordsAreValid(t *testing.T) {
	names := modeltest.NewNames(model.Builtin(), 3)
	for _, kind := range model.Builtin().Kinds() {
		t.Run(kind.Name, func(t *testing.T) {
			seen := map[string]bool{}
			rapid.Check(t, func(t *rapid.T) {
				rec := modeltest.Record(kind, names.Refs).Draw(t, "record")
				for _, p := range kind.Check(rec) {
					t.Errorf("%v", p)
				}
				for _, f := range kind.Fields {
					seen[f.Name] = seen[f.Name] || f.Has(rec)
				}
			})
			for _, f := range kind.Fields {
				if !f.System && !seen[f.Name] {
					t.Errorf("no record has a value of %s", f.Name)
				}
			}
		})
	}
}

func TestNamesFindWhatTheyName(t *testing.T) {
	names := modeltest.NewNames(model.Builtin(), 2)
	for _, ref := range names.Refs(nil) {
		kind, key, ok := names.NameOf(ref)
		if !ok {
			t.Fatalf("%s has no name", ref)
		}
		for _, text := range []string{key, kind + "/" + key} {
			if got, err := names.Resolve([]string{kind}, text); err != nil || got != ref {
				t.Errorf("Resolve(%q) = %v, %v, want %v", text, got, err, ref)
			}
		}
	}
	if _, err := names.Resolve(nil, "nobody"); err == nil {
		t.Error("a name that nobody has was found")
	}
}
