package store_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
)

func TestThePastIsThere(t *testing.T) {
	o := open(t)
	o.set(site("hq"))
	var moments []model.Time
	for i := range 12 {
		s := find[*model.Site](o, "hq")
		s.Region = fmt.Sprint("region ", i)
		moments = append(moments, o.set(s).At)
		time.Sleep(2 * time.Millisecond)
	}
	for _, i := range []int{11, 0, 5, 5, 6, 4, 11, 3, 2, 9, 8, 7, 1} {
		for name, as := range map[string]func() (*estate.Snapshot, error){
			"by number": func() (*estate.Snapshot, error) { return o.AsOf(o.ctx, uint64(i)+2) },
			"by moment": func() (*estate.Snapshot, error) { return o.AsOfTime(o.ctx, moments[i]) },
		} {
			snap, err := as()
			if err != nil {
				t.Fatal(err)
			}
			if got := snap.Find("Site", "hq").(*model.Site); got.Region != fmt.Sprint("region ", i) || int(got.Version) != i+2 || snap.Stamp().Seq != uint64(i)+2 || snap.Stamp().At != moments[i] {
				t.Errorf("%s: entry %d has region %s, version %d, stamp %v", name, i+2, got.Region, got.Version, snap.Stamp())
			}
		}
	}
	if snap, err := o.AsOf(o.ctx, 0); err != nil || snap.Len() != 0 || snap.Stamp() != (model.Stamp{}) {
		t.Errorf("before the first entry there were %d records (%v)", snap.Len(), err)
	}
	if snap, err := o.AsOfTime(o.ctx, 1); err != nil || snap.Len() != 0 {
		t.Errorf("in 1970 there were %d records (%v)", snap.Len(), err)
	}
	if snap, err := o.AsOfTime(o.ctx, moments[11]+1e9); err != nil || snap != o.Snapshot() {
		t.Errorf("in the future there is another estate than now (%v)", err)
	}
	if _, err := o.AsOf(o.ctx, 99); err == nil {
		t.Error("an entry that is not written yet was shown")
	}
}

func TestUndo(t *testing.T) {
	o := open(t)
	o.set(site("hq"))
	host := &model.Host{Meta: model.Meta{Key: "web"}, Site: find[*model.Site](o, "hq").Ref(), Serial: "S1"}
	o.set(host)
	undo := func(seq uint64) error {
		_, err := o.Undo(o.ctx, seq, "anna", "")
		return err
	}
	free := find[*model.Host](o, "web")
	free.Site = model.Ref{}
	clean := o.do(change(o.Snapshot(), free), removal(o.Snapshot(), find[*model.Site](o, "hq")))
	if err := undo(clean.Seq); err != nil {
		t.Fatal(err)
	}
	hq := find[*model.Site](o, "hq")
	n := 0
	for range o.View().In(hq.Ref()) {
		n++
	}
	if got := find[*model.Host](o, "web"); got.Site != hq.Ref() || n != 1 || hq.ID != model.ID(host.Site) {
		t.Errorf("after the undo the host is on %v and the site has %d refs", got.Site, n)
	}
	var refused *store.Refused
	if err := undo(1); !errors.As(err, &refused) {
		t.Errorf("the undo of the creation of what is needed: %v", err)
	}
	edit := find[*model.Host](o, "web")
	edit.CPUs, edit.Rack = 4, "R1"
	edited := o.set(edit)
	other := find[*model.Host](o, "web")
	other.Rack = "R2"
	o.set(other)
	var conflict *estate.Conflict
	if err := undo(edited.Seq); !errors.As(err, &conflict) {
		t.Errorf("the undo of what others changed since: %v", err)
	}
	if err := undo(edited.Seq + 1); err != nil {
		t.Error(err)
	}
	if err := undo(edited.Seq); err != nil || find[*model.Host](o, "web").CPUs != 0 {
		t.Errorf("the undo in turn: %v", err)
	}
	if err := undo(edited.Seq); !errors.Is(err, store.ErrNothing) {
		t.Errorf("the second undo: %v", err)
	}
	for _, seq := range []uint64{0, 999} {
		if err := undo(seq); err == nil {
			t.Errorf("entry %d was undone", seq)
		}
	}
	o.set(&model.Asset{Meta: model.Meta{Key: "box"}, State: "retired"})
	box := find[*model.Asset](o, "box")
	box.State = "disposed"
	if stamp := o.set(box); undo(stamp.Seq) != nil || find[*model.Asset](o, "box").State != "retired" {
		t.Error("a disposal by mistake cannot be undone")
	}
	created := find[*model.Host](o, "web")
	created.Description = "Somebody wrote this since"
	o.set(created)
	if err := undo(2); !errors.As(err, &conflict) {
		t.Errorf("the undo of a creation takes along what others wrote since: %v", err)
	}
	o.sound()
}

// TestARandomHistory makes entries at random through the store, some of them undone, some under a scenario.
func TestARandomHistory(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := openAt(t, filepath.Join(t.TempDir(), "binnacle.db"))
		defer o.Close()
		for range rapid.IntRange(1, 12).Draw(rt, "entries") {
			o.random(rt)
		}
		o.sound()
		if t.Failed() {
			rt.FailNow()
		}
		head := o.Snapshot().Stamp().Seq
		replayed := estate.Empty()
		for e, err := range o.Journal().Entries(o.ctx, 0, 0) {
			if err != nil {
				rt.Fatal(err)
			}
			var applying error
			if replayed, applying = replayed.Apply(model.Stamp{Seq: e.Seq, At: e.At}, e.Changes); applying != nil {
				rt.Fatal(applying)
			}
			past, err := o.AsOf(o.ctx, e.Seq)
			if err != nil {
				rt.Fatal(err)
			}
			if d := estate.Differences(replayed, past); len(d) > 0 || past.Stamp() != replayed.Stamp() {
				rt.Fatalf("entry %d of %d looked back at: %+v", e.Seq, head, d)
			}
		}
	})
}

func (o *office) random(t *rapid.T) {
	snap := o.Snapshot()
	var hosts []model.Record
	for rec := range snap.View(0).All("Host") {
		hosts = append(hosts, rec)
	}
	host := func() *model.Host { return model.Clone(rapid.SampledFrom(hosts).Draw(t, "host").(*model.Host)) }
	var err error
	switch what := rapid.IntRange(0, 7).Draw(t, "what"); {
	case what <= 2 || len(hosts) == 0:
		h := &model.Host{Meta: model.Meta{Key: fmt.Sprint("h", snap.Stamp().Seq)}, CPUs: rapid.IntRange(0, 4).Draw(t, "cpus")}
		if len(hosts) > 0 {
			h.RunsOn = host().Ref()
		}
		_, err = o.try(change(snap, h))
	case what == 3:
		h := host()
		h.Rack, h.RunsOn = rapid.SampledFrom([]string{"", "R1", "R2"}).Draw(t, "rack"), host().Ref()
		_, err = o.try(change(snap, h))
	case what == 4:
		_, err = o.try(removal(snap, host()))
	case what == 5:
		_, err = o.Undo(o.ctx, rapid.Uint64Range(1, max(snap.Stamp().Seq, 1)).Draw(t, "undo"), "anna", "")
	case what == 6:
		h := host()
		h.Key += "-renamed"
		_, err = o.Propose(o.ctx, "plan", store.Tx{Changes: []model.Change{change(snap, h)}})
	default:
		_, err = o.Merge(o.ctx, "plan", "anna", "")
	}
	var refused *store.Refused
	var conflict *estate.Conflict
	if err != nil && !errors.As(err, &refused) && !errors.As(err, &conflict) && !errors.Is(err, store.ErrNothing) && !strings.Contains(err.Error(), "scenario") && !strings.Contains(err.Error(), "no entry") {
		t.Fatal(err)
	}
}
