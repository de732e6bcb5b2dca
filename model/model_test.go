package model

import (
	"testing"
)

func TestEveryFieldIsDocumented(t *testing.T) {
	for _, k := range Builtin().Kinds() {
		if k.Help == "" {
			t.Errorf("kind %s has no doc comment: it is the help text of the kind", k.Name)
		}
		for _, f := range k.Fields {
			if f.Help == "" {
				t.Errorf("field %s.%s has no doc comment: it is the help text of the field", k.Name, f.Name)
			}
			for _, c := range f.Columns {
				if c.Help == "" {
					t.Errorf("column %s.%s has no doc comment", k.Name, c.Path())
				}
			}
			t.Logf("%s.%s %s", k.Name, f.Name, f.Type)
		}
	}
}
