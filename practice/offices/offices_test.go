package offices_test

import (
	"testing"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/offices"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &offices.Practice)
}

// TestAdoptedCharterIsWhole adopts the charter in an empty estate: what is created fits the model, has one id each, and adopting again changes nothing.
func TestAdoptedCharterIsWhole(t *testing.T) {
	snap, err := practicetest.Estate("- {kind: Person, key: ada, name: Ada Day}\n")
	if err != nil {
		t.Fatal(err)
	}
	v := snap.View(model.MustDate("2027-07-01"))
	in := offices.AdoptCharterIn{CIO: snap.Find("Person", "ada").Base().Ref()}
	first, err := offices.AdoptCharter(v, in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := offices.AdoptCharter(v, in)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[model.ID]bool{}
	for i, c := range first.Changes {
		if ids[c.ID] || c.ID != again.Changes[i].ID {
			t.Errorf("the id of change %d is not its own, or not the same when asked again: %s and %s", i, c.ID, again.Changes[i].ID)
		}
		ids[c.ID] = true
		for _, p := range v.Schema().Kind(c.Kind).Check(c.Result()) {
			t.Errorf("%s: %v", c.Result().Base().Key, p)
		}
	}
	next, err := snap.Apply(model.Stamp{Seq: 2}, first.Changes)
	if err != nil {
		t.Fatal(err)
	}
	v = next.View(v.At())
	if offices, lines := v.Count("Office"), v.Count("Responsibility"); offices != 2 || lines != 30 {
		t.Errorf("there are %d offices and %d responsibilities, want 2 and 30", offices, lines)
	}
	verdict, err := offices.OneAccountableEach(v, offices.OverlapsIn{})
	if err != nil || !verdict.Pass {
		t.Errorf("somebody answers for each line: %+v, %v", verdict, err)
	}
	if p, err := offices.AdoptCharter(v, in); err != nil || len(p.Changes) != 0 {
		t.Errorf("adopting again proposes %d changes, %v", len(p.Changes), err)
	}
}

// TestNewIDsDependOnTheEntry makes sure that a record that is created again after its removal does not get its old id.
func TestNewIDsDependOnTheEntry(t *testing.T) {
	at := func(seq uint64) estate.View {
		snap, err := estate.Load(model.Stamp{Seq: seq}, func(func(model.Record) bool) {})
		if err != nil {
			t.Fatal(err)
		}
		return snap.View(0)
	}
	a := practice.NewID(at(1), "Office", "cio")
	if a != practice.NewID(at(1), "Office", "cio") {
		t.Error("the same question gives two ids")
	}
	for _, b := range []model.ID{practice.NewID(at(2), "Office", "cio"), practice.NewID(at(1), "Office", "cto"), practice.NewID(at(1), "Responsibility", "cio")} {
		if a == b {
			t.Errorf("two different records get the id %s", a)
		}
	}
}
