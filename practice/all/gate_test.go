package all

import (
	"slices"
	"testing"

	"binnacle/practice"
)

// TestGateReadsWhatOthersAnswer: the release gate asks other practices by name and reads their answers by the names of parts and columns, so these must be there.
func TestGateReadsWhatOthersAnswer(t *testing.T) {
	for _, want := range []struct {
		question, part string
		columns        []string
	}{
		{"security.queue", "immediate", nil},
		{"security.queue", "out_of_cycle", nil},
		{"security.queue", "queue", []string{"decision", "components"}},
		{"security.releases", "releases", []string{"application"}},
		{"risk.register", "risks", []string{"risk"}},
		{"risk.appetite", "points", []string{"state", "most", "appetite"}},
	} {
		asked, err := practice.Find(Practices(), want.question)
		if err != nil {
			t.Error(err)
			continue
		}
		parts := asked.Shape()
		at := slices.IndexFunc(parts, func(p practice.Part) bool { return p.Name == want.part })
		if at < 0 {
			t.Errorf("%s has no part %s", want.question, want.part)
			continue
		}
		for _, name := range want.columns {
			if parts[at].Grid == nil || !slices.ContainsFunc(parts[at].Grid.Columns, func(c practice.Column) bool { return c.Name == name }) {
				t.Errorf("%s.%s has no column %s", want.question, want.part, name)
			}
		}
	}
	for question, parameters := range map[string][]string{"security.queue": {"application", "type"}, "security.releases": {"of"}, "risk.register": {"asset"}} {
		asked, err := practice.Find(Practices(), question)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, name := range parameters {
			have := false
			for _, f := range asked.Parameters() {
				have = have || f.Name == name
			}
			if !have {
				t.Errorf("%s has no parameter %s", question, name)
			}
		}
	}
}
