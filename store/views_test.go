package store_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"binnacle/journal/sqlite"
	"binnacle/model"
	"binnacle/store"
)

func TestProgramsCanReadTheKindsAsViews(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "views.db")
	j, err := sqlite.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, j, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	create := func(rec model.Record) {
		t.Helper()
		rec.Base().ID = s.NewID()
		c, _ := model.Difference(s.Snapshot().Schema().Of(rec), nil, rec)
		if _, err := s.Commit(ctx, store.Tx{Who: "ada", Source: model.PersonSource, Changes: []model.Change{c}}); err != nil {
			t.Fatal(err)
		}
		if err := s.ViewFault(); err != nil {
			t.Fatal(err)
		}
	}
	create(&model.Team{Meta: model.Meta{Key: "ops"}, Headcount: 7.5})
	create(&model.KindDefinition{Meta: model.Meta{Key: "Vessel"}})
	create(&model.FieldDefinition{Meta: model.Meta{Key: "Vessel.tonnage"}, Kind: "Vessel", Field: "tonnage", Type: "integer"})

	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var headcount float64
	if err := db.QueryRowContext(ctx, "SELECT headcount FROM team WHERE key = 'ops'").Scan(&headcount); err != nil || headcount != 7.5 {
		t.Errorf("the view of teams says %v, %v", headcount, err)
	}
	var vessels int
	if err := db.QueryRowContext(ctx, "SELECT count(tonnage) FROM vessel").Scan(&vessels); err != nil || vessels != 0 {
		t.Errorf("the view of a kind of the organisation says %v, %v", vessels, err)
	}
}
