package door

import (
	"context"
	"encoding/json"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
)

// ScenarioState is a scenario as somebody sees it.
type ScenarioState struct {
	// Scenario is the record.
	Scenario *model.Scenario
	// Under is the estate as it would be. It is only set for one that is open.
	Under estate.View
	// Conflicts are the changes that no longer fit, because of what has happened since.
	Conflicts []*estate.Conflict
}

// Scenarios lists the scenarios that a principal sees at a moment.
func (h *House) Scenarios(ctx context.Context, p *access.Principal, m Moment) ([]ScenarioState, error) {
	v, err := h.Look(ctx, p, Moment{AsOf: m.AsOf, At: m.At})
	if err != nil {
		return nil, err
	}
	var out []ScenarioState
	for rec := range estate.Each[*model.Scenario](v) {
		s, err := h.scenario(v, p, rec)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// Scenario returns a scenario. The error is a [*NotFound] where there is none in sight.
func (h *House) Scenario(ctx context.Context, p *access.Principal, m Moment, name string) (ScenarioState, error) {
	v, err := h.Look(ctx, p, Moment{AsOf: m.AsOf, At: m.At})
	if err != nil {
		return ScenarioState{}, err
	}
	_, rec, err := Find(v, "Scenario", name)
	if err != nil {
		return ScenarioState{}, err
	}
	return h.scenario(v, p, rec.(*model.Scenario))
}

func (h *House) scenario(v estate.View, p *access.Principal, rec *model.Scenario) (ScenarioState, error) {
	out := ScenarioState{Scenario: rec}
	if rec.State != "open" && rec.State != "" {
		return out, nil
	}
	snap, conflicts, err := h.store.Under(v.Snapshot(), rec.Key)
	if err != nil {
		return out, err
	}
	out.Under = snap.View(v.At()).Under(rec.Key).Through(p.Sight(snap)).With(h.beside(p))
	for _, c := range conflicts {
		out.Conflicts = append(out.Conflicts, InSight(v, c, changeOf(rec, c)))
	}
	return out, nil
}

// changeOf returns the change of a scenario that a conflict is about, or nil.
func changeOf(rec *model.Scenario, c *estate.Conflict) *model.Change {
	var found *model.Change
	for _, e := range rec.Entries {
		var changes []model.Change
		if json.Unmarshal([]byte(e.Changes), &changes) != nil {
			continue
		}
		for i := range changes {
			if changes[i].ID == c.ID {
				found = &changes[i]
			}
		}
	}
	return found
}

// InSight returns a conflict with its three sides written anew as a viewer sees
// them, so that no link to a record out of sight shows its name.
func InSight(v estate.View, c *estate.Conflict, change *model.Change) *estate.Conflict {
	rec := v.Get(model.Ref(c.ID))
	if rec == nil || change == nil {
		return c
	}
	out := *c
	out.Fields = Sides(v, rec, change)
	return &out
}

// Sides returns the three sides of every field of a change: what it was made
// on, what the record of now has, and what the change wants.
func Sides(v estate.View, rec model.Record, change *model.Change) []estate.Sides {
	k := v.Schema().Of(rec)
	out := []estate.Sides{}
	for _, fc := range change.Fields {
		f := k.Field(fc.Name)
		if f == nil || f.System {
			continue
		}
		now := f.JSON(rec)
		s := estate.Sides{Field: f.Name, Base: v.Show(k.Name, f.Name, fc.Before), Theirs: v.Show(k.Name, f.Name, now), Yours: v.Show(k.Name, f.Name, fc.After)}
		s.Clash = string(now) != string(fc.Before) && string(now) != string(fc.After)
		out = append(out, s)
	}
	return out
}
