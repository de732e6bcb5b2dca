package practice_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/practicetest"
)

// The types and functions of the galley stand for a practice. Their source, with
// the doc comments, is in galleySource.
type StoresIn struct {
	Ship  model.Ref `to:"Application" is:"required"`
	Least model.Criticality
	Days  int `min:"1" max:"30"`
	Foods []string
}

type StoresOut struct {
	Loaves   practice.Figure
	Price    practice.Figure
	Captain  practice.Link
	Best     model.Date
	Findings []practice.Finding
	Stock    practice.Table[Food]
	Chart    practice.Picture
	Series   practice.Series
	Remark   *string
}

type Food struct {
	Name    string
	Weight  float64 `label:"Weight kg"`
	Fresh   bool
	Until   model.Date
	Cost    model.Money
	Keepers []practice.Link
	Way     practice.Path
	From    []practice.Link
}

const galleySource = `// Package galley feeds the crew.
//
// It has a second paragraph.
package galley

// StoresIn says which stores.
type StoresIn struct {
	// Ship is the ship.
	Ship int
	// Least is the least criticality.
	Least int
	// Days is how many days are looked at.
	Days int
	// Foods are the foods.
	Foods int
}

// StoresOut is what there is.
type StoresOut struct {
	// Loaves is how many loaves there are.
	Loaves int
	// Stock lists the foods.
	Stock int
}

// Food is a food.
type Food struct {
	// Name is the name of the food.
	Name int
	// Weight is in kilograms.
	Weight int
}

// Stores counts the food, as
// it is today.
func Stores() {}
`

func Stores(v estate.View, in StoresIn) (StoresOut, error) {
	if in.Days == 13 {
		panic("the cook is superstitious")
	}
	ship := practice.To(v.Get(in.Ship))
	path := practice.Path{ship, {Kind: "Host", Key: "oven"}}
	target := 40.0
	return StoresOut{
		Loaves:  practice.Figure{Value: float64(in.Days), Unit: "loaves", Target: &target, Better: practice.Higher, From: []practice.Link{ship}},
		Price:   practice.SumOf("a day", practice.Lower, []model.Money{model.MustMoney("0.10 EUR"), model.MustMoney("0.20 EUR")}, nil),
		Captain: ship, Best: v.At(),
		Findings: []practice.Finding{{Severity: practice.High, Text: "The bread is old.", About: ship, Paths: []practice.Path{path}, Mend: &practice.Mend{Action: "galley.bake", Parameters: map[string]string{"loaves": "3"}}}},
		Stock: practice.Table[Food]{Note: "counted by hand", Rows: []Food{
			{Name: "bread", Weight: 1.5, Fresh: true, Until: v.At(), Cost: model.MustMoney("2.50 EUR"), Keepers: []practice.Link{ship, {Kind: "Person", Key: "cook"}}, Way: path, From: []practice.Link{ship}},
			{Name: strings.Join(in.Foods, "+")},
		}},
		Chart:  practice.Picture{Type: practice.GraphPicture, Nodes: []practice.Node{{Link: ship}}},
		Series: practice.Series{Unit: "kg", Lines: []practice.Line{{Name: "bread", Points: []practice.Point{{Label: "2027 Q1", Value: 2}}}}},
	}, nil
}

func Rename(v estate.View, in StoresIn) (practice.Proposal, error) {
	before := v.Get(in.Ship)
	after := model.Clone(before)
	after.Base().Name = "Fresh bread"
	change, _ := model.Difference(v.Schema().Of(before), before, after)
	return practice.Proposal{Why: "bread sells", Changes: []model.Change{change}}, nil
}

func Enough(estate.View, struct{}) (practice.Verdict, error) {
	return practice.Verdict{Pass: true, Text: "There is enough."}, nil
}

var galley = practice.Practice{
	Name: "galley", Label: "Galley", Face: "inward",
	Source:    fstest.MapFS{"galley.go": {Data: []byte(galleySource)}, "galley_test.go": {Data: []byte("package galley\n// Stores is not documented here.\nfunc Stores() {}")}},
	Questions: []practice.Question{practice.Ask("stores", Stores), practice.Do("rename", Rename), practice.Check("enough", Enough)},
}

func kitchen(t *testing.T) (estate.View, practice.Asked) {
	t.Helper()
	snap, err := practicetest.Estate("- {kind: Application, key: bakery, name: The bakery, criticality: high}\n- {kind: Host, key: oven}\n")
	if err != nil {
		t.Fatal(err)
	}
	asked, err := practice.Find([]*practice.Practice{&galley}, "Galley.Stores")
	if err != nil {
		t.Fatal(err)
	}
	return snap.View(model.MustDate("2026-11-21")), asked
}

func TestParametersComeFromTheGoStruct(t *testing.T) {
	_, asked := kitchen(t)
	var got []string
	for _, f := range asked.Parameters() {
		got = append(got, fmt.Sprintf("%s|%s|%v|%s", f.Name, f.Type, f.Required, f.Help))
	}
	want := []string{
		"ship|ref|true|Ship is the ship.",
		"least|enum|false|Least is the least criticality.",
		"days|integer|false|Days is how many days are looked at.",
		"foods|texts|false|Foods are the foods.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHelpComesFromDocComments(t *testing.T) {
	_, asked := kitchen(t)
	if got, want := asked.Help(), "Stores counts the food, as it is today."; got != want {
		t.Errorf("help of the question: %q, want %q", got, want)
	}
	if got, want := galley.Help(), "Package galley feeds the crew.\n\nIt has a second paragraph."; got != want {
		t.Errorf("help of the practice: %q, want %q", got, want)
	}
	help := map[string]string{}
	for _, p := range asked.Shape() {
		help[p.Name] = p.Help
		if p.Grid != nil {
			for _, c := range p.Grid.Columns {
				help[p.Name+"."+c.Name] = c.Help
			}
		}
	}
	for name, want := range map[string]string{"loaves": "Loaves is how many loaves there are.", "stock": "Stock lists the foods.", "stock.name": "Name is the name of the food.", "stock.weight": "Weight is in kilograms.", "captain": ""} {
		if got, ok := help[name]; !ok || got != want {
			t.Errorf("help of %s: %q (%v), want %q", name, got, ok, want)
		}
	}
	if _, ok := help["stock.from"]; ok {
		t.Error("the records behind a row are shown as a column")
	}
}

func TestQuestionsAreFoundByName(t *testing.T) {
	var names []string
	for _, a := range practice.List([]*practice.Practice{&galley}) {
		names = append(names, a.Name()+" "+string(a.Question.Type))
	}
	if diff := cmp.Diff([]string{"galley.stores question", "galley.rename action", "galley.enough check"}, names); diff != "" {
		t.Error(diff)
	}
	if _, err := practice.Find([]*practice.Practice{&galley}, "galley.soup"); err == nil || !strings.Contains(err.Error(), "galley.stores") {
		t.Errorf("a question that is not there: %v, want an error that names those that are", err)
	}
}

func TestParametersAreChecked(t *testing.T) {
	v, asked := kitchen(t)
	for _, c := range []struct {
		name       string
		parameters map[string]any
		field      string
		text       string
	}{
		{"an unknown parameter", map[string]any{"ship": "bakery", "dayz": "3"}, "dayz", "galley.stores has no such parameter"},
		{"a required one missing", map[string]any{"days": 3}, "ship", "a value is required: Ship is the ship."},
		{"a required one empty", map[string]any{"ship": ""}, "ship", "a value is required: Ship is the ship."},
		{"a record that is not there", map[string]any{"ship": "raft"}, "ship", `there is no Application "raft"`},
		{"a record of another kind", map[string]any{"ship": "Host/oven"}, "ship", `there is no Application "Host/oven"`},
		{"no number", map[string]any{"ship": "bakery", "days": "many"}, "days", `"many" is not a whole number`},
		{"below the limit", map[string]any{"ship": "bakery", "days": 0}, "days", "0 is below the limit of 1"},
		{"above the limit", map[string]any{"ship": "bakery", "days": "31"}, "days", "31 is above the limit of 30"},
		{"no option", map[string]any{"ship": "bakery", "least": "huge"}, "least", `"huge" is not one of low, medium, high, critical`},
	} {
		_, err := asked.Ask(v, c.parameters)
		var p model.Problem
		if !errors.As(err, &p) || p.Field != c.field || p.Text != c.text {
			t.Errorf("%s: %v, want %s: %s", c.name, err, c.field, c.text)
		}
	}
}

func TestParametersMayBeTextNumbersOrLists(t *testing.T) {
	v, asked := kitchen(t)
	for _, parameters := range []map[string]any{
		{"ship": "bakery", "days": "7", "foods": "peas; rice", "least": "High"},
		{"ship": "Application/bakery", "days": 7, "foods": []any{"peas", "rice"}, "least": "high"},
		{"ship": "The bakery", "days": 7.0, "foods": []string{"peas", "rice"}},
	} {
		answer, err := asked.Ask(v, parameters)
		if err != nil {
			t.Errorf("%v: %v", parameters, err)
			continue
		}
		out := answer.(StoresOut)
		if out.Loaves.Value != 7 || out.Stock.Rows[1].Name != "peas+rice" || out.Captain.Key != "bakery" {
			t.Errorf("%v: %v loaves of %s for %s", parameters, out.Loaves.Value, out.Stock.Rows[1].Name, out.Captain)
		}
	}
}

func TestAFaultIsAnError(t *testing.T) {
	v, asked := kitchen(t)
	answer, err := asked.Ask(v, map[string]any{"ship": "bakery", "days": 13})
	if err == nil || answer != nil || !strings.Contains(err.Error(), "galley.stores could not be answered because of a fault in Binnacle") {
		t.Errorf("a panic became %v, %v", answer, err)
	}
}

func TestAnswersAsPartsAndAsJSON(t *testing.T) {
	v, _ := kitchen(t)
	for _, name := range []string{"stores", "rename", "enough"} {
		asked, _ := practice.Find([]*practice.Practice{&galley}, "galley."+name)
		parameters := map[string]any{}
		if name != "enough" {
			parameters = map[string]any{"ship": "bakery", "days": 7, "foods": "peas"}
		}
		answer, err := asked.Ask(v, parameters)
		if err != nil {
			t.Fatal(err)
		}
		parts, _ := json.MarshalIndent(asked.Parts(answer), "", " ")
		text, err := json.MarshalIndent(practice.JSON(answer), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "testdata/"+name+".parts.json", string(parts)+"\n")
		golden(t, "testdata/"+name+".json", string(text)+"\n")
		for _, p := range asked.Shape() {
			if p.Name == "" || p.Label == "" {
				t.Errorf("%s has a part without a name: %+v", name, p)
			}
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if practicetest.Updating() {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestSumsOfMoneyAreExactAndOfOneCurrency(t *testing.T) {
	eur := func(texts ...string) []model.Money {
		var out []model.Money
		for _, s := range texts {
			out = append(out, model.MustMoney(s))
		}
		return out
	}
	for _, c := range []struct {
		name    string
		amounts []model.Money
		want    string
		note    string
	}{
		{"ten times ten cents", eur(strings.Split(strings.Repeat("0.10 EUR,", 9)+"0.10 EUR", ",")...), "1.00 EUR", ""},
		{"two currencies", eur("5 USD", "3 EUR", "1 USD"), "", "the amounts are in several currencies: 3 EUR, 6 USD"},
		{"unset amounts", []model.Money{{}, model.MustMoney("2 EUR")}, "2 EUR", ""},
		{"nothing", nil, "", "no amount is known"},
	} {
		f := practice.SumOf("", practice.Neither, c.amounts, nil)
		if f.Money.String() != c.want || f.Note != c.note || f.Unknown != (c.note != "") {
			t.Errorf("%s: %s, %q, unknown %v", c.name, f.Money, f.Note, f.Unknown)
		}
	}
}

func TestSmallHelpers(t *testing.T) {
	if got := practice.Some([]practice.Link{{Key: "a"}, {Key: "b", Name: "Bee"}, {Key: "c"}, {Key: "d"}, {Key: "e"}}); got != "a, Bee, c and 2 more" {
		t.Errorf("Some: %q", got)
	}
	if got := practice.SomeOf([]practice.Link{{Key: "a"}, {Key: "b"}, {Key: "c"}, {Key: "d"}}, 90); got != "a, b, c and 87 more" {
		t.Errorf("SomeOf: %q", got)
	}
	if got := practice.Count(1, "host", "hosts") + " " + practice.Count(2, "host", "hosts"); got != "1 host 2 hosts" {
		t.Errorf("Count: %q", got)
	}
	for _, c := range []struct {
		part, whole int
		want        float64
	}{{1, 3, 33.3}, {2, 3, 66.7}, {0, 0, 0}, {5, 5, 100}} {
		if got := practice.Share(c.part, c.whole); got != c.want {
			t.Errorf("Share(%d, %d) = %v, want %v", c.part, c.whole, got, c.want)
		}
	}
	day := model.MustDate("2026-06-30")
	if p := (&model.Person{Left: day}); practice.HasLeft(p, day) || !practice.HasLeft(p, day+1) || practice.HasLeft(&model.Person{}, day) {
		t.Error("a person has left on the day after the last working day, and not before")
	}
	if a := (&model.Application{Lifecycle: model.Lifecycle{EndOfLife: day}}); practice.Gone(a, day-1) || !practice.Gone(a, day) || practice.Gone(&model.Site{}, day) {
		t.Error("an application is gone from the day of its end of life")
	}
}

func TestServedByDoesNotPassThroughOtherApplications(t *testing.T) {
	snap, err := practicetest.Estate(`
- {kind: Host, key: h}
- {kind: Application, key: bus, runs_on: [h]}
- {kind: Application, key: shop, depends_on: [bus], capabilities: [sell]}
- {kind: Service, key: checkout, built_from: [shop]}
- {kind: Capability, key: sell, parent: trade}
- {kind: Capability, key: trade, goals: [grow]}
- {kind: Goal, key: grow}
- {kind: Product, key: card, runs_on: [checkout], goals: [fame]}
- {kind: Goal, key: fame}
- {kind: Process, key: pay, applications: [bus]}
`)
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(model.MustDate("2026-11-21"))
	keys := func(s practice.Served) string {
		var out []string
		for _, list := range [][]model.Record{s.Capabilities, s.Processes, s.Products, s.Goals} {
			for _, rec := range list {
				out = append(out, rec.Base().Key)
			}
		}
		return strings.Join(out, " ")
	}
	for key, want := range map[string]string{"Application/shop": "sell trade card grow fame", "Application/bus": "pay", "Host/h": "pay"} {
		ref, err := v.Resolve(nil, key)
		if err != nil {
			t.Fatal(err)
		}
		if got := keys(practice.ServedBy(v, ref)); got != want {
			t.Errorf("%s serves %q, want %q", key, got, want)
		}
	}
}
