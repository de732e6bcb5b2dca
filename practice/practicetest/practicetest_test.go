package practicetest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"binnacle/facts"
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

func TestWorldPutsLinesBesideTheRecords(t *testing.T) {
	snap, reader, err := practicetest.World("- {kind: Load, key: old, series: cost, state: replaced}\n",
		practicetest.Lines{Series: "cost", CSV: "Load,Start,ServiceName,BilledCost,EffectiveCost\nold,2027-06-01,Ovens,9,9\n,2027-06-01,Ovens,1.10,2\n,2027-07-01T05:00:00Z,Ovens,3,\n"},
		practicetest.Lines{Series: "usage", CSV: "Start,Subject,User,Metric,Unit,Quantity\n2027-06-01,Application/shop,Person/ada,logins,times,4\n"})
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(model.NewDate(2027, 7, 1)).With(reader)
	var got []string
	for _, series := range facts.AllSeries() {
		for _, load := range practice.LoadsOf(v, series) {
			r, err := practice.FactsOf(v).Rollup(load.ID)
			if err != nil {
				t.Fatal(err)
			}
			totals, lines := facts.TotalsOf(r)
			if diff := cmp.Diff(load.Totals, totals); diff != "" || lines != int64(load.Lines) {
				t.Errorf("%s: record and lines differ: %s", load.Key, diff)
			}
			for _, total := range totals {
				got = append(got, fmt.Sprintf("%s %s %s %s", load.Key, total.Measure, total.Amount, total.Currency))
			}
		}
	}
	want := []string{
		"cost-2027-06 BilledCost 1.1 EUR", "cost-2027-06 EffectiveCost 2 EUR", "cost-2027-06 ListCost 1.1 EUR", "cost-2027-06 ContractedCost 1.1 EUR",
		"cost-2027-07 BilledCost 3 EUR", "cost-2027-07 EffectiveCost 0 EUR", "cost-2027-07 ListCost 3 EUR", "cost-2027-07 ContractedCost 3 EUR",
		"usage-2027-06 Quantity of logins in times 4 "}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if old := snap.Find("Load", "old").(*model.Load); old.Lines != 1 || old.State != model.LoadReplaced {
		t.Errorf("the load that was given is %+v", old)
	}
}

func TestWorldRefusesLinesThatItCannotRead(t *testing.T) {
	for text, want := range map[string]string{
		"Start,BilledCost\nsoon,1\n":    `cost: line 2: "soon" is neither a day nor a moment`,
		"BilledCost\nmuch\n":            "cost: line 2: BilledCost: ",
		"":                              "cost: the first row must name the columns",
		"BilledCost,BilledCost,A\n1\n":  "cost: record on line 2: wrong number of fields",
		"A,A,BilledCost\n1,2,3\n":       "is there twice",
		"Load,BilledCost\nx,1\n\"x,2\n": "cost: parse error on line 3",
	} {
		if _, _, err := practicetest.World("", practicetest.Lines{Series: "cost", CSV: text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, _, err := practicetest.World("", practicetest.Lines{Series: "love", CSV: "A\n"}); err == nil || !strings.Contains(err.Error(), `there is no series "love"`) {
		t.Error(err)
	}
}
