package door_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/model"
)

// long is more time than any question of a test needs.
const long = time.Minute

// TestHealthFollowsTheCharter has two lines: one whose check does not hold before an application has an owner, and one that asks what nobody can answer yet.
func TestHealthFollowsTheCharter(t *testing.T) {
	w := doortest.Open(t)
	cio := w.As("cio", "", "cio")
	person, office := &model.Person{}, &model.Office{Face: "inward"}
	person.Key, office.Key = "bea", "chief"
	w.Put(person, office)
	owned, bare := &model.Application{}, &model.Application{}
	owned.Key, owned.Owner, bare.Key = "owned", person.Ref(), "bare"
	w.Put(owned, bare)
	line := func(key string, order int, face model.Face, measures ...model.Measure) *model.Responsibility {
		r := &model.Responsibility{Face: face, Order: order, Practices: []string{"sailing", "architecture"}, Accountable: []model.Ref{office.Ref()}, Measures: measures}
		r.Key = key
		return r
	}
	w.Put(
		line("second", 20, "inward", model.Measure{Question: "sailing.knots"}),
		line("first", 10, "inward", model.Measure{Question: "architecture.every_application_has_owner"}, model.Measure{Question: "architecture.orphans", Parameters: "problems=no_owner&problems=owner_left", Part: "unowned", Target: 1}),
		line("other", 30, "outward"),
		line("wrong", 40, "both", model.Measure{Question: "architecture.orphans", Part: "knots"}, model.Measure{Question: "architecture.orphans", Parameters: "sails=3"}),
	)
	type seen struct {
		Key       string
		Condition door.Condition
		Gauges    []door.Condition
		Missing   []string
	}
	look := func(face model.Face) []seen {
		duties, adopted, err := w.Health(t.Context(), cio, door.Moment{}, face, long)
		if err != nil || !adopted {
			t.Fatalf("adopted: %v, %v", adopted, err)
		}
		var out []seen
		for _, d := range duties {
			s := seen{Key: d.Key, Condition: d.Condition, Missing: d.Missing}
			for _, g := range d.Gauges {
				s.Gauges = append(s.Gauges, g.Condition)
			}
			out = append(out, s)
		}
		return out
	}
	sailing := []string{"sailing"}
	want := []seen{
		{"first", door.OffTarget, []door.Condition{door.OffTarget, door.OnTarget}, sailing},
		{"second", door.NotThere, []door.Condition{door.NotThere}, sailing},
		{"other", door.NotThere, nil, sailing},
		{"wrong", door.Failed, []door.Condition{door.Failed, door.Failed}, sailing},
	}
	// The office looks inward and answers for the outward line too, so that it stands on its board.
	if diff := cmp.Diff(want, look("inward")); diff != "" {
		t.Errorf("inward (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]seen{want[2], want[3]}, look("outward")); diff != "" {
		t.Errorf("outward (-want +got):\n%s", diff)
	}
	v, err := w.Look(t.Context(), cio, door.Moment{})
	if err != nil {
		t.Fatal(err)
	}
	change, err := w.Build(t.Context(), cio, v, door.Edit{Kind: "Application", Key: "bare", Set: map[string]any{"owner": "Person/bea"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(t.Context(), cio, door.Moment{}, door.Tx{Why: "Give it an owner", Changes: []model.Change{change}}); err != nil {
		t.Fatal(err)
	}
	if got := look("inward")[0].Condition; got != door.OnTarget {
		t.Errorf("after the application has an owner the line is %s, want %s", got, door.OnTarget)
	}
}

// TestHealthKnowsTheTrend looks forty days after the first records: what nobody owned then and now is compared.
func TestHealthKnowsTheTrend(t *testing.T) {
	w := doortest.Open(t)
	cio := w.As("cio", "", "cio")
	bare := &model.Application{}
	bare.Key = "bare"
	r := &model.Responsibility{Face: "inward", Measures: []model.Measure{{Question: "architecture.orphans", Parameters: "problems=no_owner", Part: "unowned"}}}
	r.Key = "owners"
	w.Put(bare, r)
	gauge := func() door.Gauge {
		duties, _, err := w.Health(t.Context(), cio, door.Moment{}, "inward", long)
		if err != nil {
			t.Fatal(err)
		}
		return duties[0].Gauges[0]
	}
	if g := gauge(); g.Before != nil {
		t.Errorf("there is no history yet, but a trend: %+v", g.Before.Figure)
	}
	w.Advance(40 * 24 * time.Hour)
	more := &model.Application{}
	more.Key = "more"
	w.Put(more)
	g := gauge()
	if g.Before == nil || g.Before.Figure.Value != 1 || g.Part.Figure.Value != 2 {
		t.Errorf("the figure was %+v and is %+v, want 1 and 2", g.Before, g.Part.Figure)
	}
}

// TestGlanceKeepsApartWhatPeopleMaySee asks the same of the same estate as two accounts with different rights.
func TestGlanceKeepsApartWhatPeopleMaySee(t *testing.T) {
	w := doortest.Open(t)
	secret := &model.Application{}
	secret.Key, secret.Confidential = "secret", true
	w.Put(secret)
	count := func(name, role string) float64 {
		a, err := w.Glance(t.Context(), w.As(name, "", role), door.Moment{}, "architecture.orphans", "problems=no_owner", long)
		if err != nil {
			t.Fatal(err)
		}
		return a.Parts()[0].Figure.Value
	}
	for range 2 {
		if n := count("cio", "cio"); n != 1 {
			t.Errorf("the CIO counts %g, want 1", n)
		}
		if n := count("eve", "engineer"); n != 0 {
			t.Errorf("the engineer counts %g, want 0", n)
		}
	}
	// The same account with fewer roles sees less at once.
	v, err := w.Look(t.Context(), w.As("ada", ""), door.Moment{})
	if err != nil {
		t.Fatal(err)
	}
	change, err := w.Build(t.Context(), w.Principal("ada"), v, door.Edit{Kind: "Account", Key: "cio", Set: map[string]any{"roles": []string{"Role/engineer"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(t.Context(), w.Principal("ada"), door.Moment{}, door.Tx{Why: "Take the office away", Changes: []model.Change{change}}); err != nil {
		t.Fatal(err)
	}
	if n := count("cio", ""); n != 0 {
		t.Errorf("who was the CIO counts %g, want 0", n)
	}
}

// TestGlanceDoesNotWait gives no time at all.
func TestGlanceDoesNotWait(t *testing.T) {
	w := doortest.Demo(t)
	cio := w.As("cio", "", "cio")
	if _, err := w.Glance(t.Context(), cio, door.Moment{}, "architecture.spof", "", 0); err != nil && !errors.Is(err, door.ErrSlow) {
		t.Errorf("the error is %v, want none or %v", err, door.ErrSlow)
	}
	a, err := w.Glance(t.Context(), cio, door.Moment{}, "architecture.spof", "", long)
	if err != nil || len(a.Parts()) == 0 {
		t.Errorf("asking again does not find the answer: %v", err)
	}
}

func TestReadQuery(t *testing.T) {
	w := doortest.Open(t)
	a, err := w.Question("lifecycle.exposure")
	if err != nil {
		t.Fatal(err)
	}
	got, err := door.ReadQuery(a, "kinds=Host&kinds=Service&limit=5&as_of=3")
	if diff := cmp.Diff(map[string]any{"kinds": []string{"Host", "Service"}, "limit": "5"}, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	if _, err := door.ReadQuery(a, "limit=%zz"); err == nil || !strings.Contains(err.Error(), "cannot be read as the part of an address") {
		t.Errorf("what is no query is read: %v", err)
	}
}

// TestDeliveredMeasuresCanBeAsked asks every measure of the delivered charter of the demo: none fails, whatever it finds.
func TestDeliveredMeasuresCanBeAsked(t *testing.T) {
	w := doortest.Demo(t)
	cio := w.As("cio", "", "cio")
	answer, err := w.Ask(t.Context(), cio, door.Moment{}, "offices.charter", nil)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, p := range answer.Parts() {
		if p.Name != "measures" {
			continue
		}
		for row := range door.Rows(p.Grid) {
			asked++
			g := w.Gauged(t.Context(), cio, door.Moment{}, model.Measure{Question: row.Text("question"), Parameters: row.Text("parameters"), Part: row.Text("part")}, long)
			if !slices.Contains([]door.Condition{door.OnTarget, door.OffTarget}, g.Condition) {
				t.Errorf("%s?%s %s: %s %s", row.Text("question"), row.Text("parameters"), row.Text("part"), g.Condition, g.Problem)
			}
		}
	}
	if asked < 15 {
		t.Errorf("only %d measures were asked", asked)
	}
}
