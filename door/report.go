package door

import (
	"encoding/json"
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// FieldReport is what happened to one field, as people read it.
type FieldReport struct {
	// Field is the name of the field.
	Field string `json:"field"`
	// Before is the value before, as a person would type it.
	Before string `json:"before"`
	// After is the value after.
	After string `json:"after"`
	// Erased says that the values have been erased for good.
	Erased bool `json:"erased,omitempty"`
}

// ChangeReport is what happened to one record, as people read it.
type ChangeReport struct {
	// Record is the record, as Kind/key.
	Record string `json:"record"`
	// Outcome is created, edited or deleted.
	Outcome string `json:"outcome"`
	// Fields are the fields that changed.
	Fields []FieldReport `json:"fields"`
	// Version is the version that the record has afterwards, or 0 where it is gone.
	Version uint32 `json:"version,omitempty"`
}

// WriteReport is what a write did, as every door tells it.
type WriteReport struct {
	// Changes are what was done.
	Changes []ChangeReport `json:"changes"`
	// Entry is the number of the entry in the journal, or 0.
	Entry uint64 `json:"entry"`
	// DryRun says that nothing was changed.
	DryRun bool `json:"dry_run"`
	// Scenario is the scenario that it was written into.
	Scenario string `json:"scenario,omitempty"`
	// Warnings are rules of the organisation that records now break, and that only warn.
	Warnings []string `json:"warnings,omitempty"`
	// Findings explain what an action proposed.
	Findings []practice.Finding `json:"findings,omitempty"`
}

// Told returns the report of a receipt, for views before and after the write.
func (r Receipt) Told(before, after estate.View, dryRun bool) WriteReport {
	out := WriteReport{Changes: Report(before, after, r.Changes), Entry: r.Stamp.Seq, DryRun: dryRun, Scenario: r.Scenario}
	for i := range r.Changes {
		if after.Get(model.Ref(r.Changes[i].ID)) != nil {
			out.Changes[i].Version = max(1, r.Changes[i].Version+1)
		}
	}
	for _, w := range r.Warnings {
		out.Warnings = append(out.Warnings, w.Error())
	}
	return out
}

// Report tells what changes do, for views before and after them.
func Report(before, after estate.View, changes []model.Change) []ChangeReport {
	out := make([]ChangeReport, len(changes))
	for i := range changes {
		c := &changes[i]
		out[i] = ChangeReport{Record: NameOfChange(before, after, c), Outcome: Outcome(c.Op), Fields: FieldReports(before, after, c)}
	}
	return out
}

// FieldReports tells what a change does, field by field. What only sources and the store keep for themselves is left out.
func FieldReports(before, after estate.View, c *model.Change) []FieldReport {
	k := after.Schema().Kind(c.Kind)
	if k == nil {
		k = before.Schema().Kind(c.Kind)
	}
	out := []FieldReport{}
	for _, fc := range c.Fields {
		if k != nil && k.Field(fc.Name) != nil && k.Field(fc.Name).System {
			continue
		}
		if c.Kind == "Scenario" && fc.Name == "entries" {
			out = append(out, FieldReport{Field: fc.Name, Before: scenarioEntries(fc.Before), After: scenarioEntries(fc.After)})
			continue
		}
		out = append(out, FieldReport{fc.Name, before.Show(c.Kind, fc.Name, fc.Before), after.Show(c.Kind, fc.Name, fc.After), fc.Erased})
	}
	return out
}

// scenarioEntries says how many entries a scenario has, in place of the changes themselves.
func scenarioEntries(raw json.RawMessage) string {
	var entries []json.RawMessage
	if json.Unmarshal(raw, &entries) != nil || len(entries) == 0 {
		return ""
	}
	if len(entries) == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", len(entries))
}

// Outcome is the word for what a change does to a record.
func Outcome(op model.Op) string {
	switch op {
	case model.Create:
		return "created"
	case model.Remove:
		return "deleted"
	}
	return "edited"
}

// NameOfChange returns the name of the record of a change, as Kind/key.
func NameOfChange(before, after estate.View, c *model.Change) string {
	for _, v := range []estate.View{after, before} {
		if kind, key, ok := v.NameOf(model.Ref(c.ID)); ok {
			return kind + "/" + key
		}
	}
	if fc, ok := c.Field("key"); ok {
		for _, raw := range []json.RawMessage{fc.After, fc.Before} {
			var key string
			if json.Unmarshal(raw, &key) == nil && key != "" {
				return c.Kind + "/" + key
			}
		}
	}
	return c.Kind + "/" + c.ID.String()
}
