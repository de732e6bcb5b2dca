package all_test

import (
	"strings"
	"testing"

	"binnacle/practice"
	"binnacle/practice/all"
)

// TestEverythingHasHelp holds every practice to doc comments: they are the help on every door.
func TestEverythingHasHelp(t *testing.T) {
	for _, p := range all.Practices() {
		if !strings.HasPrefix(p.Help(), "Package "+p.Name) || p.Label == "" || p.Face == "" {
			t.Errorf("practice %s lacks a package comment, a label or a face: %q", p.Name, p.Help())
		}
	}
	names := map[string]bool{}
	for _, a := range practice.List(all.Practices()) {
		if names[a.Name()] {
			t.Errorf("there are two questions %s", a.Name())
		}
		names[a.Name()] = true
		if !strings.HasSuffix(a.Help(), ".") {
			t.Errorf("%s has no doc comment that is a sentence: %q", a.Name(), a.Help())
		}
		for _, f := range a.Parameters() {
			if a.Question.Notifies && f.Required {
				t.Errorf("%s tells what it finds without being asked, and needs %s", a.Name(), f.Name)
			}
			if !strings.HasSuffix(f.Help, ".") {
				t.Errorf("%s, parameter %s: no help", a.Name(), f.Name)
			}
		}
		for _, part := range a.Shape() {
			if !strings.HasSuffix(part.Help, ".") {
				t.Errorf("%s, part %s: no help", a.Name(), part.Name)
			}
			if part.Grid == nil {
				continue
			}
			for _, c := range part.Grid.Columns {
				if !strings.HasSuffix(c.Help, ".") {
					t.Errorf("%s, column %s.%s: no help", a.Name(), part.Name, c.Name)
				}
			}
		}
	}
}
