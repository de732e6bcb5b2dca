package estate

import (
	"testing"

	"binnacle/model"
)

func TestMemoOfLastsUntilItsKindsChange(t *testing.T) {
	s := Empty()
	next := func(rec model.Record) {
		t.Helper()
		rec.Base().ID = model.ID{0: 1, 15: byte(s.stamp.Seq + 1)}
		c, _ := model.Difference(s.schema.Kind(model.NameOf(rec)), nil, rec)
		var err error
		if s, err = s.Apply(model.Stamp{Seq: s.stamp.Seq + 1}, []model.Change{c}); err != nil {
			t.Fatal(err)
		}
	}
	made := 0
	count := func() int {
		return s.MemoOf("hosts", []string{"Host"}, func() any { made++; return s.View(0).Count("Host") }).(int)
	}
	next(&model.Host{Meta: model.Meta{Key: "web-01"}})
	for range 2 {
		if n := count(); n != 1 || made != 1 {
			t.Fatalf("%d hosts, made %d times", n, made)
		}
	}
	next(&model.Team{Meta: model.Meta{Key: "ops"}})
	if count() != 1 || made != 1 {
		t.Errorf("a change of another kind made it again: %d", made)
	}
	before := s
	next(&model.Host{Meta: model.Meta{Key: "web-02"}})
	if count() != 2 || made != 2 {
		t.Errorf("%d hosts, made %d times", count(), made)
	}
	if s = before; count() != 1 || made != 2 {
		t.Errorf("the snapshot before: %d hosts, made %d times", count(), made)
	}
}
