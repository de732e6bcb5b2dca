package door_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/door"
	"binnacle/door/doortest"
)

func TestParameters(t *testing.T) {
	w := doortest.Open(t)
	tests := []struct {
		question, query string
		want            map[string]any
		command         string
		wrong           string
	}{
		{"lifecycle.timeline", "quarters=4&at=2028-01-01&scenario=&as_of=", map[string]any{"quarters": "4"}, "binnacle ask lifecycle.timeline --quarters 4", ""},
		{"lifecycle.timeline", "quarters=+", map[string]any{}, "binnacle ask lifecycle.timeline", ""},
		{"architecture.spof", "kinds=Host,Site&kinds=Vendor", map[string]any{"kinds": []string{"Host", "Site", "Vendor"}}, "binnacle ask architecture.spof --kinds Host,Site,Vendor", ""},
		{"architecture.impact", "record=" + url.QueryEscape("Bob's shop"), map[string]any{"record": "Bob's shop"}, `binnacle ask architecture.impact --record 'Bob'\''s shop'`, ""},
		{"architecture.assign_owner", "owner=Team/platform", map[string]any{"owner": "Team/platform"}, "binnacle do architecture.assign_owner --owner Team/platform", ""},
		{"architecture.every_application_has_owner", "criticality=high", map[string]any{"criticality": "high"}, "binnacle check architecture.every_application_has_owner --criticality high", ""},
		{"lifecycle.timeline", "quarters=4&quarters=5", nil, "", "quarters: it takes one value and was given 2"},
		{"lifecycle.timeline", "colour=red", nil, "", "colour: lifecycle.timeline has no such parameter: it has quarters"},
	}
	for _, tt := range tests {
		a, err := w.Question(tt.question)
		if err != nil {
			t.Fatal(err)
		}
		q, err := url.ParseQuery(tt.query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := door.Parameters(a, q)
		if tt.wrong != "" {
			if err == nil || err.Error() != tt.wrong {
				t.Errorf("%s?%s: the error is %v, want %s", tt.question, tt.query, err, tt.wrong)
			}
			continue
		}
		if d := cmp.Diff(tt.want, got); d != "" || err != nil {
			t.Errorf("%s?%s (-want +got): %v\n%s", tt.question, tt.query, err, d)
		}
		if command := door.CommandLine(a, got, door.Moment{}); command != tt.command {
			t.Errorf("the command is %s, want %s", command, tt.command)
		}
		again, err := door.Parameters(a, door.Query(got))
		if d := cmp.Diff(got, again); d != "" || err != nil {
			t.Errorf("%s?%s does not survive being written and read (-want +got): %v\n%s", tt.question, tt.query, err, d)
		}
	}
}

func TestAPIPath(t *testing.T) {
	w := doortest.Open(t)
	a, err := w.Question("lifecycle.timeline")
	if err != nil {
		t.Fatal(err)
	}
	got := door.APIPath(a, map[string]any{"quarters": "4"}, door.Moment{At: "2028-01-01", Scenario: "leave & go"})
	if want := "/api/v1/questions/lifecycle.timeline?at=2028-01-01&quarters=4&scenario=leave+%26+go"; got != want {
		t.Errorf("the path is %s, want %s", got, want)
	}
}
