package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"binnacle/estate"
	"binnacle/journal"
	"binnacle/journal/sqlite"
	"binnacle/model"
	"binnacle/store"
)

// office is a store with what tests need to work with it.
type office struct {
	*store.Store
	t    testing.TB
	ctx  context.Context
	path string
}

// open opens a store on a new journal.
func open(t testing.TB) *office {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "binnacle.db"))
}

func openAt(t testing.TB, path string) *office {
	t.Helper()
	j, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), j, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return &office{Store: s, t: t, ctx: t.Context(), path: path}
}

// change returns the change that creates or edits a record, as somebody makes it who looks at a snapshot.
func change(snap *estate.Snapshot, rec model.Record) model.Change {
	if rec.Base().ID.IsZero() {
		rec.Base().ID = store.NewID()
	}
	c, _ := model.Difference(snap.Schema().Of(rec), snap.Get(rec.Base().Ref()), rec)
	return c
}

func removal(snap *estate.Snapshot, rec model.Record) model.Change {
	c, _ := model.Difference(snap.Schema().Of(rec), rec, nil)
	return c
}

// byHand returns a change as a program sends it that knows only what it wants.
func byHand(c model.Change) model.Change {
	out := model.Change{Op: c.Op, Kind: c.Kind, ID: c.ID, Version: c.Version}
	for _, f := range slices.Backward(c.Fields) {
		out.Fields = append(out.Fields, model.FieldChange{Name: f.Name, After: f.After})
	}
	return out
}

func (o *office) try(changes ...model.Change) (model.Stamp, error) {
	return o.Commit(o.ctx, store.Tx{Who: "anna", Why: "test", Source: model.PersonSource, Changes: changes})
}

func (o *office) do(changes ...model.Change) model.Stamp {
	o.t.Helper()
	stamp, err := o.try(changes...)
	if err != nil {
		o.t.Fatal(err)
	}
	return stamp
}

// set creates or edits records in one entry.
func (o *office) set(records ...model.Record) model.Stamp {
	o.t.Helper()
	var changes []model.Change
	for _, rec := range records {
		changes = append(changes, change(o.Snapshot(), rec))
	}
	return o.do(changes...)
}

func (o *office) remove(rec model.Record) model.Stamp {
	o.t.Helper()
	return o.do(removal(o.Snapshot(), rec))
}

func find[R model.Record](o *office, key string) R {
	o.t.Helper()
	var zero R
	rec, ok := o.Snapshot().Find(model.NameOf(zero), key).(R)
	if !ok {
		o.t.Fatalf("there is no %s %s", model.NameOf(zero), key)
	}
	return model.Clone(rec)
}

// refused fails where changes are not refused with all of some sentences.
func (o *office) refused(what string, want []string, changes ...model.Change) {
	o.t.Helper()
	before := o.Snapshot()
	_, err := o.try(changes...)
	var r *store.Refused
	if !errors.As(err, &r) {
		o.t.Errorf("%s: the error is %v, want a refusal", what, err)
		return
	}
	for _, w := range want {
		if !slices.ContainsFunc(r.Problems, func(p store.RecordProblem) bool { return strings.Contains(p.Error(), w) }) {
			o.t.Errorf("%s: no problem says %q:\n%v", what, w, r)
		}
	}
	if len(r.Problems) != len(want) {
		o.t.Errorf("%s: %d problems, want %d:\n%v", what, len(r.Problems), len(want), r)
	}
	if o.Snapshot() != before {
		o.t.Errorf("%s: the estate changed all the same", what)
	}
}

// sound fails where the journal, the rows, the replay and the live estate are not one.
func (o *office) sound() {
	o.t.Helper()
	report, err := o.Verify(o.ctx, nil, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, p := range report.Problems {
		o.t.Errorf("entry %d: %s", p.Seq, p.Text)
	}
	replayed, err := store.Replay(o.ctx, o.Journal())
	if err != nil {
		o.t.Fatal(err)
	}
	again := openAt(o.t, o.path)
	defer again.Close()
	for name, other := range map[string]*estate.Snapshot{"replayed": replayed, "opened again": again.Snapshot()} {
		if d := append(estate.Differences(o.Snapshot(), other), estate.Differences(other, o.Snapshot())...); len(d) > 0 {
			o.t.Errorf("%s: %+v", name, d)
		}
		if other.Stamp() != o.Snapshot().Stamp() {
			o.t.Errorf("%s at %v, live at %v", name, other.Stamp(), o.Snapshot().Stamp())
		}
		o.sameStamps(name, other)
	}
}

func (o *office) sameStamps(name string, other *estate.Snapshot) {
	o.t.Helper()
	for _, k := range o.Snapshot().Schema().Kinds() {
		for rec := range o.View().All(k.Name) {
			a, b := rec.Base(), other.Get(rec.Base().Ref()).Base()
			if a.Version != b.Version || a.Created != b.Created || a.Changed != b.Changed {
				o.t.Errorf("%s: %s/%s is version %d of %v and %v, live %d of %v and %v", name, k.Name, a.Key, b.Version, b.Created, b.Changed, a.Version, a.Created, a.Changed)
			}
		}
	}
}

func site(key string) *model.Site { return &model.Site{Meta: model.Meta{Key: key}} }

func TestACommitIsSeenAndStays(t *testing.T) {
	o := open(t)
	o.set(site("hq"), &model.Host{Meta: model.Meta{Key: "web"}, CPUs: 4})
	host := find[*model.Host](o, "web")
	host.Site, host.Serial = find[*model.Site](o, "hq").Ref(), "S1"
	o.set(host)
	if got := find[*model.Host](o, "web"); got.Version != 2 || got.Changed.Seq != 2 || got.Created.Seq != 1 {
		t.Errorf("the host is version %d, created by %v and changed by %v", got.Version, got.Created, got.Changed)
	}
	history, err := o.History(o.ctx, host.Ref())
	if err != nil || len(history) != 2 || history[1].Who != "anna" {
		t.Errorf("the history of the host has %d entries (%v)", len(history), err)
	}
	o.sound()
}

func TestChangesMadeByHandAreCompleted(t *testing.T) {
	o := open(t)
	s := site("hq")
	s.Name, s.Region = "Headquarters", "Europe"
	create := byHand(change(o.Snapshot(), s))
	create.Fields = append(create.Fields, model.FieldChange{Name: "address", Before: json.RawMessage(`"made up"`)})
	o.do(create)
	edit := find[*model.Site](o, "hq")
	edit.Region, edit.Name = "Asia", ""
	hand := byHand(change(o.Snapshot(), edit))
	hand.Fields = append(hand.Fields, model.FieldChange{Name: "key", Before: json.RawMessage(`"lie"`), After: json.RawMessage(`"hq"`)})
	o.do(hand)
	o.do(byHand(model.Change{Op: model.Remove, Kind: "Site", ID: edit.ID, Version: 2}))
	if _, err := o.try(byHand(model.Change{Op: model.Remove, Kind: "Site", ID: edit.ID, Version: 3})); err == nil {
		t.Error("a site that is gone was removed")
	}
	for seq, want := range []string{"", "Europe", "Asia", ""} {
		snap, err := o.AsOf(o.ctx, uint64(seq))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if s, ok := snap.Find("Site", "hq").(*model.Site); ok {
			got = s.Region
		}
		if got != want {
			t.Errorf("after entry %d the region was %q, want %q", seq, got, want)
		}
	}
	o.sound()
}

// TestTextsWithMarksOfOtherLanguages goes through every place that keeps changes as JSON.
func TestTextsWithMarksOfOtherLanguages(t *testing.T) {
	o := open(t)
	s := site("hq")
	s.Name = "R&D <lab>\u2028"
	create := byHand(change(o.Snapshot(), s))
	text, err := json.Marshal(create)
	if err != nil || json.Unmarshal(text, &create) != nil {
		t.Fatal(err)
	}
	o.do(create)
	edit := find[*model.Site](o, "hq")
	edit.Name = "R&D & more"
	if _, err := o.Propose(o.ctx, "plan", store.Tx{Changes: []model.Change{change(o.Snapshot(), edit)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Merge(o.ctx, "plan", "anna", ""); err != nil {
		t.Error(err)
	}
	o.sound()
}

func TestAnEditThatChangesNothingIsNoEntry(t *testing.T) {
	o := open(t)
	o.set(site("hq"))
	same := model.Change{Op: model.Edit, Kind: "Site", ID: find[*model.Site](o, "hq").ID, Version: 1, Fields: []model.FieldChange{{Name: "key", After: json.RawMessage(`"hq"`)}}}
	if _, err := o.try(same); !errors.Is(err, store.ErrNothing) {
		t.Errorf("the error is %v", err)
	}
	if _, err := o.try(); !errors.Is(err, store.ErrNothing) {
		t.Errorf("the error of nothing at all is %v", err)
	}
}

func TestAConflictShowsThreeSides(t *testing.T) {
	o := open(t)
	s := site("hq")
	s.Region, s.Address = "Europe", "Old street"
	o.set(s)
	mine, theirs := find[*model.Site](o, "hq"), find[*model.Site](o, "hq")
	theirs.Region = "Asia"
	o.set(theirs)
	mine.Region, mine.Address = "Africa", "New street"
	c, _ := model.Difference(o.Snapshot().Schema().Kind("Site"), s, mine)
	c.Version = 1
	_, err := o.try(c)
	var conflict *estate.Conflict
	if !errors.As(err, &conflict) || conflict.Seen != 1 || conflict.Now != 2 {
		t.Fatalf("the error is %v", err)
	}
	sides := map[string]estate.Sides{}
	for _, f := range conflict.Fields {
		sides[f.Field] = f
	}
	if got, want := sides["region"], (estate.Sides{Field: "region", Base: "Europe", Theirs: "Asia", Yours: "Africa", Clash: true}); got != want {
		t.Errorf("the sides are %+v, want %+v", got, want)
	}
	if sides["address"].Clash || sides["address"].Theirs != "Old street" {
		t.Errorf("the address is %+v and should not clash", sides["address"])
	}
	if fitted, still := o.View().Rebase(model.Change{Op: model.Edit, Kind: "Site", ID: s.ID, Version: 1, Fields: []model.FieldChange{{Name: "address", Before: json.RawMessage(`"Old street"`), After: json.RawMessage(`"New street"`)}}}); still != nil {
		t.Errorf("the address alone is in conflict: %v", still)
	} else {
		o.do(fitted)
	}
	o.remove(find[*model.Site](o, "hq"))
	if _, err := o.try(c); !errors.As(err, &conflict) || conflict.Now != 0 {
		t.Errorf("the conflict with a removal is %v", err)
	}
}

func TestEveryProblemIsTold(t *testing.T) {
	o := open(t)
	snap := o.Snapshot
	o.set(site("hq"), &model.Host{Meta: model.Meta{Key: "web"}, Serial: "S1"}, &model.Vendor{Meta: model.Meta{Key: "acme"}}, &model.Asset{Meta: model.Meta{Key: "box"}, State: "retired"})
	host := find[*model.Host](o, "web")
	host.Site = find[*model.Site](o, "hq").Ref()
	o.set(host)
	nobody := model.Ref(store.NewID())
	o.refused("an identity twice", []string{"S1 is already that of Host/web"}, change(snap(), &model.Host{Meta: model.Meta{Key: "copy"}, Serial: "s1"}))
	o.refused("an identity twice in one entry", []string{"must be unique"},
		change(snap(), &model.Host{Meta: model.Meta{Key: "a"}, Serial: "S2"}), change(snap(), &model.Host{Meta: model.Meta{Key: "b"}, Serial: "S2"}))
	o.refused("a ref to nothing", []string{"which there is not"}, change(snap(), &model.Host{Meta: model.Meta{Key: "a"}, Site: nobody}))
	o.refused("a ref to another kind", []string{"must point to Site"}, change(snap(), &model.Host{Meta: model.Meta{Key: "a"}, Site: host.Ref()}))
	o.refused("a ref in a table to nothing", []string{"runs.technology"}, change(snap(), &model.Host{Meta: model.Meta{Key: "a"}, Runs: []model.TechnologyUse{{Technology: nobody}}}))
	o.refused("many at once", []string{"vendor", "number that can be kept", "country", "key"},
		change(snap(), &model.Contract{Meta: model.Meta{Key: "c"}}), change(snap(), &model.Site{Meta: model.Meta{Key: "nan"}, Latitude: nan(), Country: "xx"}), change(snap(), &model.Site{Meta: model.Meta{Key: "a b"}}))
	o.refused("a key that is taken", []string{"this key already"}, change(snap(), site("hq")))
	o.refused("the removal of what is needed", []string{"Host/web points to it with site"}, removal(snap(), find[*model.Site](o, "hq")))
	asset := find[*model.Asset](o, "box")
	asset.State = "in_use"
	o.refused("a move that the state machine has not", []string{"it may become in_stock or disposed"}, change(snap(), asset))
	asset.State = ""
	o.refused("no state", []string{"cannot become"}, change(snap(), asset))
	o.refused("one record twice", []string{"changed twice"}, change(snap(), host), change(snap(), host))
	with := site("lab")
	create := change(snap(), with)
	with.Name = "Lab"
	o.refused("a record created and edited", []string{"changed twice"}, create, model.Change{Op: model.Edit, Kind: "Site", ID: with.ID, Version: 1})
	o.refused("no id", []string{"needs an id"}, model.Change{Op: model.Create, Kind: "Site", Fields: []model.FieldChange{{Name: "key", After: json.RawMessage(`"x"`)}}})
	o.refused("an unknown kind", []string{"no kind"}, model.Change{Op: model.Create, Kind: "Ship", ID: store.NewID()})
	free := find[*model.Host](o, "web")
	free.Site = model.Ref{}
	o.do(change(snap(), free), removal(snap(), find[*model.Site](o, "hq")))
	o.sound()
}

func nan() float64 { zero := 0.0; return zero / zero }

func TestRulesOfTheOrganisation(t *testing.T) {
	o := open(t)
	rule := &model.Rule{Meta: model.Meta{Key: "owner"}, Kind: "Application", Expression: `record.criticality != "critical" || has(record.owner)`, Message: "give it an owner"}
	o.set(rule, &model.Rule{Meta: model.Meta{Key: "hint"}, Kind: "Application", Expression: `false`, Severity: "warn"})
	app := func(key string) *model.Application { return &model.Application{Meta: model.Meta{Key: key}} }
	o.set(app("shop"))
	shop := find[*model.Application](o, "shop")
	shop.Criticality = "critical"
	o.refused("a critical application without an owner", []string{"give it an owner"}, change(o.Snapshot(), shop))
	team := &model.Team{Meta: model.Meta{Key: "ops", ID: store.NewID()}}
	shop.Owner = team.Ref()
	o.do(change(o.Snapshot(), team), change(o.Snapshot(), shop))
	for what, expression := range map[string]string{"no expression": "(", "no answer": `"text"`, "an unknown name": "recrod.key == 'a'"} {
		o.refused(what, []string{"rule bad"}, change(o.Snapshot(), &model.Rule{Meta: model.Meta{Key: "bad"}, Kind: "Site", Expression: expression}))
	}
	o.refused("a rule of no kind", []string{"no kind"}, change(o.Snapshot(), &model.Rule{Meta: model.Meta{Key: "bad"}, Kind: "Ship", Expression: "true"}))
	o.set(&model.Rule{Meta: model.Meta{Key: "cores"}, Kind: "Host", Expression: `record.cpus < 8 && record.name == "" && size(record.ips) == 0 && record.memory == 0.0 && !record.confidential`, Message: "too large"})
	o.set(&model.Host{Meta: model.Meta{Key: "small"}})
	o.refused("a host with too many cores", []string{"too large"}, change(o.Snapshot(), &model.Host{Meta: model.Meta{Key: "large"}, CPUs: 64}))
	o.set(&model.Rule{Meta: model.Meta{Key: "typo"}, Kind: "Vendor", Expression: `record.colour == "red"`})
	o.refused("a rule that cannot be evaluated", []string{"could not be evaluated"}, change(o.Snapshot(), &model.Vendor{Meta: model.Meta{Key: "acme"}}))
	o.set(site("hq"))
	o.sound()
}

func TestAllOrNothing(t *testing.T) {
	o := open(t)
	snap := o.Snapshot()
	tx := func(records ...model.Record) store.Tx {
		t := store.Tx{Who: "anna"}
		for _, rec := range records {
			t.Changes = append(t.Changes, change(snap, rec))
		}
		return t
	}
	lab := site("lab")
	if _, err := o.CommitAll(o.ctx, []store.Tx{tx(site("hq")), tx(lab), tx(site("hq"))}); err == nil || o.Snapshot().Len() != 0 {
		t.Errorf("%d records came of a group with a wrong one (%v)", o.Snapshot().Len(), err)
	}
	host := &model.Host{Meta: model.Meta{Key: "web"}}
	first := tx(lab)
	host.Site = lab.Ref()
	stamps, err := o.CommitAll(o.ctx, []store.Tx{first, tx(host)})
	if err != nil || len(stamps) != 2 || stamps[1].Seq != 2 || o.Snapshot().Len() != 2 {
		t.Errorf("the stamps are %v (%v)", stamps, err)
	}
	if stamps, err := o.CommitAll(o.ctx, nil); err != nil || len(stamps) != 0 {
		t.Errorf("nothing came to %v (%v)", stamps, err)
	}
	o.sound()
}

func TestManyWriters(t *testing.T) {
	o := open(t)
	o.set(site("hq"))
	const writers, each = 16, 25
	var wg sync.WaitGroup
	var mu sync.Mutex
	conflicts, seqs := 0, map[uint64]bool{}
	for w := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range each {
				stamp, err := o.try(change(o.Snapshot(), &model.Host{Meta: model.Meta{Key: fmt.Sprintf("h-%d-%d", w, i)}, CPUs: 1}))
				if err != nil {
					t.Error(err)
					return
				}
				shared := model.Clone(o.Snapshot().Find("Site", "hq").(*model.Site))
				shared.Description = fmt.Sprint(w, " ", i)
				_, err = o.try(change(o.Snapshot(), shared))
				var conflict *estate.Conflict
				mu.Lock()
				if seqs[stamp.Seq] {
					t.Errorf("two commits got the number %d", stamp.Seq)
				}
				seqs[stamp.Seq] = true
				if errors.As(err, &conflict) {
					conflicts++
				} else if err != nil {
					t.Error(err)
				}
				mu.Unlock()
				// A wrong change of one writer must not fail the others of its group.
				if _, err := o.try(model.Change{Op: model.Create, Kind: "Host", ID: store.NewID()}); err == nil {
					t.Error("a host without a key was taken")
				}
			}
		}()
	}
	wg.Wait()
	if got := o.View().Count("Host"); got != writers*each {
		t.Errorf("%d hosts, want %d", got, writers*each)
	}
	if v := int(find[*model.Site](o, "hq").Version); v != 1+writers*each-conflicts {
		t.Errorf("the site is at version %d after %d conflicts of %d edits", v, conflicts, writers*each)
	}
	o.sound()
}

func TestTwoStoresFollowEachOther(t *testing.T) {
	a := open(t)
	a.set(site("hq"))
	b := openAt(t, a.path)
	for i := range 3 {
		from, to := a, b
		if i%2 == 1 {
			from, to = b, a
		}
		s := model.Clone(from.Snapshot().Find("Site", "hq").(*model.Site))
		s.Region = fmt.Sprint("region ", i)
		from.set(s)
		// The other has perhaps not heard of it yet, and must not take its own change for a conflict.
		newest := model.Clone(from.Snapshot().Find("Site", "hq").(*model.Site))
		newest.Address = fmt.Sprint("street ", i)
		c, _ := model.Difference(from.Snapshot().Schema().Kind("Site"), from.Snapshot().Get(newest.Ref()), newest)
		to.do(c)
		if err := from.Refresh(from.ctx); err != nil {
			t.Fatal(err)
		}
		if d := estate.Differences(from.Snapshot(), to.Snapshot()); len(d) > 0 {
			t.Fatalf("round %d: %+v", i, d)
		}
	}
	a.sound()
}

func TestKindsAndFieldsOfTheOrganisation(t *testing.T) {
	o := open(t)
	o.set(&model.KindDefinition{Meta: model.Meta{Key: "Vessel"}}, site("hq"),
		&model.FieldDefinition{Meta: model.Meta{Key: "Vessel.berth"}, Kind: "Vessel", Field: "berth", Type: "text", Ident: "berth"},
		&model.FieldDefinition{Meta: model.Meta{Key: "Vessel.home"}, Kind: "Vessel", Field: "home", Type: "ref", To: []string{"sites"}, Flow: "needs", Required: true},
		&model.FieldDefinition{Meta: model.Meta{Key: "Host.vessel"}, Kind: "host", Field: "vessel", Type: "ref", To: []string{"Vessel"}, Flow: "needs"})
	vessel := func(key, berth string, home model.Ref) model.Record {
		k := o.Snapshot().Schema().Kind("Vessel")
		rec := k.New()
		rec.Base().Key = key
		k.Field("berth").Set(rec, berth)
		k.Field("home").Set(rec, home)
		return rec
	}
	hq := find[*model.Site](o, "hq").Ref()
	o.set(vessel("anna", "N1", hq))
	o.refused("a berth twice", []string{"must be unique"}, change(o.Snapshot(), vessel("berta", "N1", hq)))
	o.refused("no home", []string{"a value is required"}, change(o.Snapshot(), vessel("berta", "N2", model.Ref{})))
	o.refused("the removal of a home", []string{"Vessel/anna points to it"}, removal(o.Snapshot(), find[*model.Site](o, "hq")))
	host := &model.Host{Meta: model.Meta{Key: "bridge"}}
	o.Snapshot().Schema().Kind("Host").Field("vessel").Set(host, o.Snapshot().Find("Vessel", "anna").Base().Ref())
	o.set(host)
	if n := o.View().Size(estate.Down, hq); n != 3 {
		t.Errorf("%d records hang on the site, want the site, the vessel and the host", n)
	}
	o.refused("the removal of a kind in use", []string{"still has 1 records"}, removal(o.Snapshot(), o.Snapshot().Find("KindDefinition", "Vessel")))
	o.refused("a field that cannot be", []string{"such a field already"}, change(o.Snapshot(), &model.FieldDefinition{Meta: model.Meta{Key: "Host.serial"}, Kind: "Host", Field: "serial", Type: "text"}))
	o.sound()
	o.remove(o.Snapshot().Find("FieldDefinition", "Vessel.berth"))
	o.sound()
	anna := model.Clone(o.Snapshot().Find("Vessel", "anna"))
	anna.Base().Name = "Anna"
	o.set(anna)
	o.sound()
	o.set(&model.FieldDefinition{Meta: model.Meta{Key: "Vessel.berth"}, Kind: "Vessel", Field: "berth", Type: "integer"})
	o.sound()
	back := model.Clone(o.Snapshot().Find("FieldDefinition", "Vessel.berth").(*model.FieldDefinition))
	back.Type, back.Ident = "text", "berth"
	o.set(back)
	if o.Snapshot().Identify("Vessel", "berth", "N1") == nil {
		t.Error("the berth was lost while its definition was away")
	}
	free := find[*model.Host](o, "bridge")
	o.Snapshot().Schema().Kind("Host").Field("vessel").Set(free, nil)
	var all []model.Change
	for _, key := range []string{"Vessel.berth", "Vessel.home", "Host.vessel"} {
		all = append(all, removal(o.Snapshot(), o.Snapshot().Find("FieldDefinition", key)))
	}
	all = append([]model.Change{change(o.Snapshot(), free), removal(o.Snapshot(), o.Snapshot().Find("Vessel", "anna"))}, append(all, removal(o.Snapshot(), o.Snapshot().Find("KindDefinition", "Vessel")))...)
	gone := o.do(all...)
	if o.Snapshot().Schema().Kind("Vessel") != nil {
		t.Error("the kind is still there")
	}
	if _, err := o.Undo(o.ctx, gone.Seq, "anna", ""); err != nil || o.Snapshot().Identify("Vessel", "berth", "N1") == nil {
		t.Errorf("the undo of the removal of a kind with its records: %v", err)
	}
	o.sound()
}

func TestVerifyFindsARowThatSomebodyChanged(t *testing.T) {
	o := open(t)
	o.set(site("hq"), site("lab"))
	o.sound()
	rows, n := o.Journal(), 0
	head, records, err := rows.Rows(o.ctx)
	if err != nil || head != 1 {
		t.Fatal(head, err)
	}
	for _, err := range records {
		if n++; err != nil {
			t.Fatal(err)
		}
	}
	if n != 2 {
		t.Fatalf("%d rows", n)
	}
	o.Close()
	tamper(t, o.path, `UPDATE journal_record SET body = replace(body, 'lab', 'lob'), key = replace(key, 'lab', 'lob')`)
	again := openAt(t, o.path)
	report, err := again.Verify(again.ctx, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(report.Problems, func(f journal.Finding) bool { return !f.ID.IsZero() }) {
		t.Errorf("the report has only the problems %+v", report.Problems)
	}
}
