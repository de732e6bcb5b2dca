package practicetest_test

import (
	"strings"
	"testing"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
)

func TestEstateReadsRecordsOfAllForms(t *testing.T) {
	snap, err := practicetest.Estate("kind: Team\nkey: it\n---\n- {kind: hosts, key: h, owner: Team/it, software: [{name: ssh, version: 1.10}], end_of_life: 2027-01-01}\n")
	if err != nil {
		t.Fatal(err)
	}
	h := snap.Find("Host", "h").(*model.Host)
	if h.Owner != snap.Find("Team", "it").Base().Ref() || h.Software[0].Version != "1.10" || h.EndOfLife != model.MustDate("2027-01-01") {
		t.Errorf("the host is %+v", h)
	}
}

func TestEstateRefusesWhatItCannotRead(t *testing.T) {
	for text, want := range map[string]string{
		"- {kind: Ship, key: a}":                         "a record needs a kind that there is",
		"- {kind: Host}":                                 "and a key",
		"- {kind: Host, key: a, sails: 3}":               `Host/a: there is no field "sails"`,
		"- {kind: Host, key: a, site: moon}":             `0 records of kind Site are called "moon"`,
		"- {kind: Host, key: a}\n- {kind: Host, key: a}": "there are two records Host/a",
		"- {kind: Host, key: a, cpus: -1}":               "-1 is below the limit of 0",
		"- just text":                                    "a record is wanted",
		"- {kind: Host, key: [":                          "the estate is not YAML",
	} {
		if _, err := practicetest.Estate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestAnswerSaysWhatIsWrongWithTheAsk(t *testing.T) {
	snap, err := practicetest.Estate("")
	if err != nil {
		t.Fatal(err)
	}
	for ask, want := range map[string]string{
		"a.b\n":               "error: the question needs a date",
		"a.b\nat: tomorrow":   `error: "tomorrow" is not a date`,
		"a.b\nat: 2026-11-21": `error: there is no question "a.b"`,
	} {
		if got := practicetest.Answer(snap, []*practice.Practice{{Name: "x"}}, ask); !strings.HasPrefix(got, want) {
			t.Errorf("%q: %q, want %q", ask, got, want)
		}
	}
}

func TestGeneratedEstatesHaveTheirSizeAndAreAlwaysTheSame(t *testing.T) {
	for _, n := range []int{2000, 5000} {
		a, err := practicetest.Generated(n)
		if err != nil {
			t.Fatal(err)
		}
		b, err := practicetest.Generated(n)
		if err != nil {
			t.Fatal(err)
		}
		if a.Len() != n || b.Len() != n {
			t.Errorf("%d records are wanted: %d and %d came", n, a.Len(), b.Len())
		}
		for rec := range a.View(1).All("Application") {
			k := a.Schema().Of(rec)
			if string(k.Encode(rec)) != string(k.Encode(b.Find("Application", rec.Base().Key))) {
				t.Fatalf("two estates of %d records differ in %s", n, rec.Base().Key)
			}
		}
	}
}
