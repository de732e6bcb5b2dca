package doortest_test

import (
	"testing"

	"binnacle/door"
	"binnacle/door/doortest"
	"binnacle/model"
)

// TestWhatAnEngineerSees is the shortest tour: own and foreign, open and confidential, read and write.
func TestWhatAnEngineerSees(t *testing.T) {
	w := doortest.Open(t)
	p := &model.Person{}
	p.Key = "eva"
	team := &model.Team{}
	team.Key = "platform"
	w.Put(p, team)
	mine, other, secret := &model.Application{}, &model.Application{}, &model.Application{}
	mine.Key, other.Key, secret.Key = "mine", "other", "secret"
	mine.Owner, secret.Confidential = p.Ref(), true
	w.Put(mine, other, secret)
	eva := w.As("eva", "eva", "engineer")
	v, err := w.Look(t.Context(), eva, door.Moment{})
	if err != nil {
		t.Fatal(err)
	}
	if n := v.Count("Application"); n != 2 {
		t.Errorf("she counts %d applications, want 2", n)
	}
	if v.Find("Application", "secret") != nil {
		t.Error("she sees what is confidential")
	}
	for key, may := range map[string]bool{"mine": true, "other": false} {
		change, err := w.Build(t.Context(), eva, v, door.Edit{Kind: "Application", Key: key, Set: map[string]any{"name": "New"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(t.Context(), eva, door.Moment{}, door.Tx{Why: "Try", Changes: []model.Change{change}}); (err == nil) != may {
			t.Errorf("editing %s: %v", key, err)
		}
	}
}
