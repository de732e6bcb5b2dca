package store_test

import (
	"testing"
	"time"

	"binnacle/model"
)

// TestATraceDoesNotKeepARecord removes what an observation saw: the observation stays without it, and both come back together.
func TestATraceDoesNotKeepARecord(t *testing.T) {
	o := open(t)
	a, b := site("a"), site("b")
	made := o.set(a, b)
	test := &model.ControlTest{Meta: model.Meta{Key: "t", Name: "Sites"}}
	seen := &model.Observation{Meta: model.Meta{Key: "o"}}
	o.set(test)
	seen.Test, seen.Subjects = test.Ref(), []model.Ref{a.Ref(), b.Ref()}
	seen.Evidence = []model.EvidenceItem{{Subject: a.Ref(), Text: "a is there"}, {Subject: b.Ref(), Text: "b is there"}}
	seen.Result, seen.Collected = model.TestFailed, model.TimeOf(time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC))
	o.set(seen)
	holds := func(what string, subjects, items int) {
		t.Helper()
		got := find[*model.Observation](o, "o")
		named := 0
		for _, e := range got.Evidence {
			if !e.Subject.IsZero() {
				named++
			}
		}
		if len(got.Subjects) != subjects || len(got.Evidence) != 2 || named != items || got.Evidence[0].Text != "a is there" {
			t.Errorf("%s: the observation has the subjects %v and the evidence %v", what, got.Subjects, got.Evidence)
		}
		o.sound()
	}
	gone := o.remove(find[*model.Site](o, "a"))
	holds("one is removed", 1, 1)
	if _, err := o.Undo(o.ctx, gone.Seq, "anna", ""); err != nil {
		t.Fatal(err)
	}
	holds("it comes back", 2, 2)
	all, err := o.Undo(o.ctx, made.Seq, "anna", "")
	if err != nil {
		t.Fatal(err)
	}
	if o.Snapshot().Find("Site", "b") != nil {
		t.Error("what was taken back is still there")
	}
	holds("what made them is taken back", 0, 0)
	if _, err := o.Undo(o.ctx, all.Seq, "anna", ""); err != nil {
		t.Fatal(err)
	}
	holds("the undo is undone", 2, 2)
	o.refused("what a link that means something points to", []string{"points to it with test"}, removal(o.Snapshot(), find[*model.ControlTest](o, "t")))
}
