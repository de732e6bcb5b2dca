package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// Scenario returns the record of an open scenario.
func (s *Store) Scenario(snap *estate.Snapshot, name string) (*model.Scenario, error) {
	rec, _ := snap.Find("Scenario", name).(*model.Scenario)
	switch {
	case rec == nil:
		return nil, fmt.Errorf("there is no scenario %q: make it with: set Scenario/%s", name, name)
	case rec.State == "merged" || rec.State == "dropped":
		return nil, fmt.Errorf("the scenario %s is %s", name, rec.State)
	}
	return rec, nil
}

// Under returns a snapshot as it would be under a scenario, and the conflicts with what has happened since.
func (s *Store) Under(snap *estate.Snapshot, name string) (*estate.Snapshot, []*estate.Conflict, error) {
	rec, err := s.Scenario(snap, name)
	if err != nil {
		return nil, nil, err
	}
	type key struct{ name string }
	type result struct {
		snap      *estate.Snapshot
		conflicts []*estate.Conflict
		err       error
	}
	got := snap.Memo(key{name}, func() any {
		changes, err := scenarioChanges(rec)
		if err != nil {
			return result{err: err}
		}
		next, conflicts, err := snap.Overlay(changes)
		return result{next, conflicts, err}
	}).(result)
	if got.err != nil {
		return nil, nil, fmt.Errorf("scenario %s: %w", name, got.err)
	}
	return got.snap, got.conflicts, nil
}

func scenarioChanges(rec *model.Scenario) ([]model.Change, error) {
	var out []model.Change
	for _, e := range rec.Entries {
		var changes []model.Change
		if err := json.Unmarshal([]byte(e.Changes), &changes); err != nil {
			return nil, fmt.Errorf("the changes of %s cannot be read: %w", e.At, err)
		}
		out = append(out, changes...)
	}
	return out, nil
}

// Propose adds changes to a scenario, which is made where there is none. They are checked as they would be in the journal.
func (s *Store) Propose(ctx context.Context, name string, tx Tx) (model.Stamp, error) {
	snap := s.Snapshot()
	k := snap.Schema().Kind("Scenario")
	before := snap.Find("Scenario", name)
	var after *model.Scenario
	under := snap
	if before == nil {
		after = &model.Scenario{State: "open", BasedOn: int(snap.Stamp().Seq)}
		after.ID, after.Key, after.Origin = s.newID(), name, model.PersonSource
	} else {
		var err error
		if under, _, err = s.Under(snap, name); err != nil {
			return model.Stamp{}, err
		}
		after = model.Clone(before.(*model.Scenario))
	}
	if len(tx.Changes) == 0 {
		return model.Stamp{}, ErrNothing
	}
	_, changes, err := s.try(under, under.Stamp(), tx.Changes, false)
	if err != nil {
		return model.Stamp{}, err
	}
	if len(changes) == 0 {
		return model.Stamp{}, ErrNothing
	}
	text, err := json.Marshal(changes)
	if err != nil {
		return model.Stamp{}, err
	}
	after.Entries = append(slices.Clip(after.Entries), model.ScenarioEntry{At: s.Now(), Who: tx.Who, Why: tx.Why, Changes: string(text)})
	change, _ := model.Difference(k, before, after)
	return s.Commit(ctx, Tx{Who: tx.Who, Why: "Scenario " + name + ": " + tx.Why, Source: model.PersonSource, Changes: []model.Change{change}})
}

// Merge commits the changes of a scenario as one entry and closes it. Where
// others changed the same fields since, nothing is done and the error is the first conflict.
func (s *Store) Merge(ctx context.Context, name, who, why string) (model.Stamp, error) {
	snap := s.Snapshot()
	rec, err := s.Scenario(snap, name)
	if err != nil {
		return model.Stamp{}, err
	}
	under, conflicts, err := s.Under(snap, name)
	if err != nil {
		return model.Stamp{}, err
	}
	if len(conflicts) > 0 {
		return model.Stamp{}, conflicts[0]
	}
	changes := estate.Differences(snap, under)
	after := model.Clone(rec)
	after.State = "merged"
	done, _ := model.Difference(snap.Schema().Kind("Scenario"), rec, after)
	if why == "" {
		why = "Merge scenario " + name
	}
	return s.Commit(ctx, Tx{Who: who, Why: why, Source: model.PersonSource, Changes: append(changes, done)})
}
