package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/journal"
	"binnacle/model"
)

// Erase takes everything personal out of a record for good: from the record as
// it is now, from every entry of the journal and from every scenario that
// changes the record. What remains is a record without a name, under a key that
// says so, so that what points to it still does. The proof of the journal holds.
// It refuses kinds that have no personal fields. Entries keep who made them.
func (s *Store) Erase(ctx context.Context, ref model.Ref, who, why string) (model.Stamp, error) {
	if why == "" {
		why = "Erase personal data"
	}
	var conflict *estate.Conflict
	var err error
	for range 10 {
		var tx Tx
		if tx, err = erasing(s.Snapshot(), ref); err != nil {
			return model.Stamp{}, err
		}
		tx.Who, tx.Why, tx.Source = who, why, model.PersonSource
		var stamp model.Stamp
		if stamp, err = s.Commit(ctx, tx); !errors.As(err, &conflict) {
			return stamp, err
		}
	}
	return model.Stamp{}, err
}

// erasing makes the transaction that erases a record.
func erasing(snap *estate.Snapshot, ref model.Ref) (Tx, error) {
	rec := snap.Get(ref)
	if rec == nil {
		return Tx{}, fmt.Errorf("there is no record %s to erase", ref)
	}
	k := snap.Schema().Of(rec)
	names := personal(k)
	if len(names) == 0 {
		return Tx{}, fmt.Errorf("%s/%s: the kind %s has no personal fields, so there is nothing to erase", k.Name, rec.Base().Key, k.Name)
	}
	tx := Tx{}
	tx.erase(k, rec, withoutPerson(k, rec, names), names)
	scenarios := snap.Schema().Kind("Scenario")
	for scenario := range estate.Each[*model.Scenario](snap.View(0)) {
		without, err := withoutRecord(scenario, rec.Base().ID)
		if err != nil {
			return Tx{}, err
		}
		if without != nil {
			tx.erase(scenarios, scenario, without, []string{"entries"})
		}
	}
	return tx, nil
}

// erase adds the change of a record whose values before are not to be kept.
func (tx *Tx) erase(k *model.Kind, before, after model.Record, names []string) {
	c, _ := model.Difference(k, before, after)
	for i := range c.Fields {
		if f := &c.Fields[i]; slices.Contains(names, f.Name) {
			f.Before, f.Erased = nil, f.After == nil
		}
	}
	tx.Changes = append(tx.Changes, c)
	tx.Erase = append(tx.Erase, journal.Erasure{ID: c.ID, Fields: names})
}

// personal lists the fields of a kind that are about a natural person. Where
// there is one, the key, the name, the description and what sources call the record are personal too.
func personal(k *model.Kind) []string {
	var names []string
	for _, f := range k.Fields {
		if f.Personal || slices.ContainsFunc(f.Columns, func(c *model.Field) bool { return c.Personal }) {
			names = append(names, f.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	names = append(names, "key", "name", "description", "sightings")
	slices.Sort(names)
	return slices.Compact(names)
}

// withoutPerson returns a record without its personal values.
func withoutPerson(k *model.Kind, rec model.Record, names []string) model.Record {
	after := model.Clone(rec)
	m := after.Base()
	key := model.ErasedKey(m.ID)
	if strings.HasPrefix(m.Key, key) {
		// It has been erased before, and perhaps got new values since. A key that differs has them erased too.
		key = fmt.Sprintf("%s-%d", key, m.Version)
	}
	for _, name := range names {
		f := k.Field(name)
		f.Set(after, nil)
		if f.Required && f.Type == model.TextField {
			f.Set(after, key)
		}
	}
	m.Key = key
	return after
}

// withoutRecord returns a scenario without its changes of a record, or nil where it has none.
func withoutRecord(scenario *model.Scenario, id model.ID) (model.Record, error) {
	var entries []model.ScenarioEntry
	some := false
	for _, e := range scenario.Entries {
		var changes []model.Change
		if err := json.Unmarshal([]byte(e.Changes), &changes); err != nil {
			return nil, fmt.Errorf("scenario %s: the changes of %s cannot be read: %w", scenario.Key, e.At, err)
		}
		left := slices.DeleteFunc(slices.Clone(changes), func(c model.Change) bool { return c.ID == id })
		if len(left) < len(changes) {
			some = true
			text, err := json.Marshal(left)
			if err != nil {
				return nil, err
			}
			e.Changes = string(text)
		}
		entries = append(entries, e)
	}
	if !some {
		return nil, nil
	}
	after := model.Clone(scenario)
	after.Entries = entries
	return after, nil
}

// erases reports whether an entry took values away for good.
func erases(e journal.Entry) bool {
	return slices.ContainsFunc(e.Changes, func(c model.Change) bool {
		return slices.ContainsFunc(c.Fields, func(f model.FieldChange) bool { return f.Erased })
	})
}
