package store_test

import (
	"errors"
	"testing"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

func TestScenarios(t *testing.T) {
	o := open(t)
	o.set(site("hq"), &model.Host{Meta: model.Meta{Key: "web"}, Rack: "R1"})
	propose := func(changes ...model.Change) error {
		_, err := o.Propose(o.ctx, "move", store.Tx{Who: "anna", Why: "Move the data centre", Changes: changes})
		return err
	}
	under := func() (*estate.Snapshot, []*estate.Conflict) {
		snap, conflicts, err := o.Under(o.Snapshot(), "move")
		if err != nil {
			t.Fatal(err)
		}
		return snap, conflicts
	}
	cloud := site("cloud")
	if err := propose(change(o.Snapshot(), cloud)); err != nil {
		t.Fatal(err)
	}
	snap, _ := under()
	web := model.Clone(snap.Find("Host", "web").(*model.Host))
	web.Site = cloud.Ref()
	if err := propose(byHand(change(snap, web))); err != nil {
		t.Fatal(err)
	}
	var refused *store.Refused
	if err := propose(change(snap, site("cloud"))); !errors.As(err, &refused) {
		t.Errorf("a scenario took a key twice: %v", err)
	}
	if o.View().Count("Site") != 1 || find[*model.Host](o, "web").Site == cloud.Ref() {
		t.Error("what is only proposed has happened")
	}
	live := find[*model.Host](o, "web")
	live.CPUs = 8
	o.set(live)
	if snap, conflicts := under(); len(conflicts) != 0 || snap.Find("Host", "web").(*model.Host).CPUs != 8 || snap.Find("Host", "web").(*model.Host).Site != cloud.Ref() {
		t.Errorf("the scenario does not follow what happens: %v", conflicts)
	}
	if _, err := o.Merge(o.ctx, "move", "anna", ""); err != nil {
		t.Fatal(err)
	}
	if find[*model.Host](o, "web").Site != cloud.Ref() || find[*model.Scenario](o, "move").State != "merged" {
		t.Error("the merge did not happen")
	}
	if err := propose(change(o.Snapshot(), site("late"))); err == nil {
		t.Error("a merged scenario took a change")
	}
	o.sound()
}

func TestScenariosInConflict(t *testing.T) {
	o := open(t)
	o.set(site("hq"), site("old"))
	hq := find[*model.Site](o, "hq")
	hq.Region = "Asia"
	taken := site("new")
	old := find[*model.Site](o, "old")
	old.Address = "Moved"
	if _, err := o.Propose(o.ctx, "plan", store.Tx{Changes: []model.Change{change(o.Snapshot(), hq), change(o.Snapshot(), taken), change(o.Snapshot(), old)}}); err != nil {
		t.Fatal(err)
	}
	live := find[*model.Site](o, "hq")
	live.Region = "Europe"
	o.set(live, site("new"))
	o.remove(find[*model.Site](o, "old"))
	snap, conflicts, err := o.Under(o.Snapshot(), "plan")
	if err != nil || len(conflicts) != 3 {
		t.Fatalf("%d conflicts (%v), want 3: %v", len(conflicts), err, conflicts)
	}
	if snap.Find("Site", "hq").(*model.Site).Region != "Asia" {
		t.Error("a scenario in conflict does not show what it wants")
	}
	var conflict *estate.Conflict
	if _, err := o.Merge(o.ctx, "plan", "anna", ""); !errors.As(err, &conflict) {
		t.Errorf("the merge of a scenario in conflict: %v", err)
	}
	if _, err := o.Merge(o.ctx, "nothing", "anna", ""); err == nil {
		t.Error("a scenario that there is not was merged")
	}
}

// TestAScenarioMayRenameAndDefine proposes what can only be merged in the right order.
func TestAScenarioMayRenameAndDefine(t *testing.T) {
	o := open(t)
	o.set(site("a"), site("b"))
	propose := func(changes ...model.Change) {
		t.Helper()
		if _, err := o.Propose(o.ctx, "plan", store.Tx{Changes: changes}); err != nil {
			t.Fatal(err)
		}
	}
	under := func() *estate.Snapshot {
		snap, conflicts, err := o.Under(o.Snapshot(), "plan")
		if err != nil || len(conflicts) > 0 {
			t.Fatal(err, conflicts)
		}
		return snap
	}
	renamed := find[*model.Site](o, "a")
	renamed.Key = "z"
	propose(change(o.Snapshot(), renamed))
	propose(change(under(), site("a")), change(under(), &model.KindDefinition{Meta: model.Meta{Key: "Boat"}}))
	snap := under()
	boat := snap.Schema().Kind("Boat").New()
	boat.Base().Key = "dinghy"
	propose(change(snap, boat))
	if _, err := o.Merge(o.ctx, "plan", "anna", ""); err != nil {
		t.Fatal(err)
	}
	if o.Snapshot().Find("Boat", "dinghy") == nil || o.Snapshot().Find("Site", "z").Base().ID != renamed.ID || o.Snapshot().Find("Site", "a") == nil {
		t.Error("the merge lost something")
	}
	o.sound()
}
