package store

import (
	"bytes"
	"context"
	"fmt"

	"binnacle/estate"
	"binnacle/journal"
	"binnacle/model"
)

// Verify proves the journal and that the estate in memory and the rows of the
// database are what the entries lead to. Kept are checkpoints that were kept elsewhere.
func (s *Store) Verify(ctx context.Context, kept []string, progress func(done, total uint64)) (journal.Report, error) {
	report, err := s.journal.Proof().Verify(ctx, kept, progress)
	if err != nil {
		return report, err
	}
	replayed, err := Replay(ctx, s.journal)
	if err != nil {
		report.Problems = append(report.Problems, journal.Finding{Text: "the entries cannot be replayed: " + err.Error()})
		return report, nil
	}
	if err := s.Refresh(ctx); err != nil {
		return report, err
	}
	live, err := s.AsOf(ctx, replayed.Stamp().Seq)
	if err != nil {
		return report, err
	}
	for _, c := range estate.Differences(replayed, live) {
		report.Problems = append(report.Problems, journal.Finding{ID: c.ID, Text: fmt.Sprintf("%s %s: the estate in memory differs from what the entries lead to", c.Kind, c.ID)})
	}
	return report, s.verifyRows(ctx, replayed, &report)
}

// verifyRows compares the rows of the database with what the entries lead to.
func (s *Store) verifyRows(ctx context.Context, replayed *estate.Snapshot, report *journal.Report) error {
	head, rows, err := s.journal.Rows(ctx)
	if err != nil {
		return err
	}
	if head != replayed.Stamp().Seq {
		return nil
	}
	n := 0
	for row, err := range rows {
		if err != nil {
			return err
		}
		n++
		rec := replayed.Get(model.Ref(row.ID))
		if rec == nil {
			report.Problems = append(report.Problems, journal.Finding{ID: row.ID, Text: fmt.Sprintf("%s/%s: the row is of no record that the entries lead to", row.Kind, row.Key)})
			continue
		}
		want := rowOf(replayed.Schema(), rec)
		if want.Kind != row.Kind || want.Key != row.Key || want.Version != row.Version || want.Created != row.Created || want.Changed != row.Changed || !sameBody(replayed.Schema(), want, row) {
			report.Problems = append(report.Problems, journal.Finding{ID: row.ID, Text: fmt.Sprintf("%s/%s: the row differs from what the entries lead to", row.Kind, row.Key)})
		}
	}
	if n != replayed.Len() {
		report.Problems = append(report.Problems, journal.Finding{Text: fmt.Sprintf("the database has %d records, the entries lead to %d", n, replayed.Len())})
	}
	return nil
}

// sameBody compares two bodies by what they mean: databases keep JSON in forms of their own.
func sameBody(schema *model.Schema, want, got journal.Row) bool {
	if bytes.Equal(want.Body, got.Body) {
		return true
	}
	rec, err := recordOf(schema, got)
	return err == nil && bytes.Equal(want.Body, schema.Of(rec).Encode(rec))
}

// Replay makes the estate from the entries alone.
func Replay(ctx context.Context, j journal.Journal) (*estate.Snapshot, error) {
	snap := estate.Empty()
	for e, err := range j.Entries(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		next, err := snap.Apply(model.Stamp{Seq: e.Seq, At: e.At}, e.Changes)
		if err != nil {
			return nil, err
		}
		snap = next
	}
	return snap, nil
}
