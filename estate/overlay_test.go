package estate

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/model/modeltest"
)

// editOf draws an edit of a host, made on a snapshot.
func editOf(t *rapid.T, s *Snapshot, host *model.Host, name string) (model.Record, model.Change) {
	k := s.schema.Kind("Host")
	values, after := modeltest.Record(k, nil).Draw(t, name), model.Clone(host)
	for _, field := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"rack", "status", "cpus", "ips", "ports", "tags"}), 1, 4, rapid.ID[string]).Draw(t, name+" fields") {
		k.Field(field).Set(after, k.Field(field).Get(values))
	}
	c, _ := model.Difference(k, host, after)
	return after, kept(t, []model.Change{c})[0]
}

func TestThreeSidesFitWhereNobodyElseTouchedTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := hosts(t, 1)
		host := base.Find("Host", "h000000").(*model.Host)
		k := base.schema.Kind("Host")
		yours, mine := editOf(t, base, host, "yours")
		theirs, other := editOf(t, base, host, "theirs")
		if len(mine.Fields) == 0 || len(other.Fields) == 0 {
			t.Skip("one of the edits changes nothing")
		}
		now, err := base.Apply(model.Stamp{Seq: 2}, []model.Change{other})
		if err != nil {
			t.Fatal(err)
		}
		fitted, conflict := now.View(0).Rebase(mine)
		for _, f := range k.Fields {
			was, a, b := string(f.JSON(host)), string(f.JSON(yours)), string(f.JSON(theirs))
			clash := a != was && b != was && a != b
			told := conflict != nil && slices.ContainsFunc(conflict.Fields, func(s Sides) bool { return s.Field == f.Name && s.Clash })
			if clash != told {
				t.Fatalf("%s: clash %v, told %v", f.Name, clash, told)
			}
		}
		over, conflicts, err := now.Overlay([]model.Change{mine})
		if err != nil || len(conflicts) > 0 != (conflict != nil) {
			t.Fatalf("%v, %d conflicts, want %v", err, len(conflicts), conflict)
		}
		got := over.Get(host.Ref())
		for _, f := range k.Fields {
			want := f.JSON(theirs)
			if _, touched := mine.Field(f.Name); touched {
				want = f.JSON(yours)
			}
			if string(f.JSON(got)) != string(want) {
				t.Fatalf("%s is %s, want %s", f.Name, f.JSON(got), want)
			}
		}
		if conflict == nil && len(fitted.Fields) > 0 {
			if fitted.Version != 2 {
				t.Fatalf("the fitted change is for version %d", fitted.Version)
			}
			if _, err := now.Apply(model.Stamp{Seq: 3}, []model.Change{fitted}); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAnOverlayIsWhatTheChangesWouldBe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		h.found(t)
		for range rapid.IntRange(1, 3).Draw(t, "live") {
			h.step(t)
		}
		base := h.last()
		var planned []model.Change
		for range rapid.IntRange(1, 4).Draw(t, "planned") {
			before := len(h.entries)
			h.step(t)
			for _, e := range h.entries[before:] {
				planned = append(planned, e.changes...)
			}
		}
		over, conflicts, err := base.snap.Overlay(planned)
		if err != nil {
			t.Fatal(err)
		}
		swaps := slices.ContainsFunc(conflicts, func(c *Conflict) bool { return c.taken })
		if len(conflicts) > 0 && !swaps {
			t.Fatalf("nobody else changed anything, and there are the conflicts %v", conflicts)
		}
		if d := Differences(over, h.snap()); len(d) > 0 && !swaps {
			t.Fatalf("the overlay differs from what was planned: %+v", d)
		}
		base.check(t, "under the overlay", base.snap)
	})
}

func TestARemovalDoesNotTakeAlongWhatOthersWrote(t *testing.T) {
	base := hosts(t, 1)
	host := base.Find("Host", "h000000").(*model.Host)
	gone, _ := model.Difference(base.schema.Kind("Host"), host, nil)
	written := model.Clone(host)
	written.Description = "Do not switch off"
	now := edited(t, base, written)
	fitted, conflict := now.View(0).Rebase(gone)
	if conflict == nil || !slices.ContainsFunc(conflict.Fields, func(s Sides) bool { return s.Field == "description" && s.Clash }) {
		t.Errorf("the conflict is %+v", conflict)
	}
	if _, complete := fitted.Field("description"); !complete {
		t.Error("the fitted removal does not keep what it takes away")
	}
	var c *Conflict
	if err := error(conflict); !errors.As(err, &c) || c.Error() == "" {
		t.Errorf("the error is %q", err)
	}
}

func TestConflictsThatAreNotAboutAField(t *testing.T) {
	base := hosts(t, 2)
	k := base.schema.Kind("Host")
	taken, _ := model.Difference(k, nil, &model.Host{Meta: model.Meta{ID: model.ID{1: 1}, Key: "h000001"}})
	again, _ := model.Difference(k, nil, base.Find("Host", "h000000"))
	renamed := model.Clone(base.Find("Host", "h000000").(*model.Host))
	renamed.Key = "h000001"
	rename, _ := model.Difference(k, base.Find("Host", "h000000"), renamed)
	lost := model.Change{Op: model.Edit, Kind: "Host", ID: model.ID{1: 9}, Version: 3}
	for name, c := range map[string]model.Change{"a key that is taken": taken, "an id that is taken": again, "a rename to a key that is taken": rename, "an edit of what is gone": lost} {
		over, conflicts, err := base.Overlay([]model.Change{c})
		if err != nil || len(conflicts) != 1 || conflicts[0].Error() == "" || over.Len() != base.Len() {
			t.Errorf("%s: %v, conflicts %v", name, err, conflicts)
		}
	}
	if over, conflicts, err := base.Overlay([]model.Change{{Op: model.Remove, Kind: "Host", ID: model.ID{1: 9}, Version: 3}}); err != nil || len(conflicts) != 0 || over.Len() != base.Len() {
		t.Errorf("the removal of what is gone: %v, %v", conflicts, err)
	}
}
