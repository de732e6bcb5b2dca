package security

import (
	"testing"

	"binnacle/model"
	"binnacle/store"
)

// change commits one change past everything that doors check. A nil record after it removes the record.
func (w *world) change(t *testing.T, before, after model.Record) {
	t.Helper()
	c, _ := model.Difference(w.Store.Snapshot().Schema().Of(before), w.Store.Snapshot().Get(before.Base().Ref()), after)
	if _, err := w.Store.Commit(t.Context(), store.Tx{Who: "test", Why: "Speak of " + secretWord, Source: model.PersonSource, Changes: []model.Change{c}}); err != nil {
		t.Fatal(err)
	}
}

// propose makes a scenario that changes a record.
func (w *world) propose(t *testing.T, scenario string, rec *model.Application) {
	t.Helper()
	now := w.Store.Snapshot().Get(rec.Ref()).(*model.Application)
	after := model.Clone(now)
	after.Name = "A planned " + secretWord
	c, _ := model.Difference(w.Store.Snapshot().Schema().Of(rec), now, after)
	if _, err := w.Store.Propose(t.Context(), scenario, store.Tx{Who: "test", Why: "Plan a " + secretWord, Source: model.PersonSource, Changes: []model.Change{c}}); err != nil {
		t.Fatal(err)
	}
}

// tryPut creates a record, and leaves it out where the model does not take it.
func (w *world) tryPut(t *testing.T, rec model.Record) {
	t.Helper()
	rec.Base().ID, rec.Base().Origin = w.Store.NewID(), model.PersonSource
	c, _ := model.Difference(w.Store.Snapshot().Schema().Of(rec), nil, rec)
	if _, err := w.Store.Commit(t.Context(), store.Tx{Who: "test", Why: payloads[0], Source: model.PersonSource, Changes: []model.Change{c}}); err != nil {
		t.Logf("%s was left out: %v", model.NameOf(rec), err)
	}
}
