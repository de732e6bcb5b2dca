package door

import (
	"context"
	"fmt"
	"slices"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
)

// Combine returns the changes that make one record of two: the survivor gets the values chosen, every link to the other
// leads to it, what sources call the other they call it, and the other is removed. Set gives fields of the survivor new
// values, as in an [Edit]; a value that is a [model.Record] means that record's value of the field.
func (h *House) Combine(ctx context.Context, p *access.Principal, v estate.View, survivor, other model.Record, set map[string]any) ([]model.Change, error) {
	k := v.Schema().Of(survivor)
	if model.NameOf(survivor) != model.NameOf(other) || survivor.Base().ID == other.Base().ID {
		return nil, refuse(k.Name, survivor.Base().Key, "", "only two different records of one kind can be merged")
	}
	from, to := other.Base().Ref(), survivor.Base().Ref()
	swap := func(r model.Ref) model.Ref {
		if r == from {
			return to
		}
		return r
	}
	holders, err := h.holders(ctx, p, v, from)
	if err != nil {
		return nil, err
	}
	after, err := combined(k, survivor, other, set)
	if err != nil {
		return nil, err
	}
	for _, f := range k.Fields {
		f.MapRefs(after, func(f *model.Field, r model.Ref) model.Ref {
			if r = swap(r); r == to && f.Parent == nil {
				return model.Ref{} // It would point to itself.
			}
			return r
		})
	}
	Own(k, survivor, after)
	change, differs := model.Difference(k, survivor, after)
	var changes []model.Change
	for _, rec := range holders {
		if rec.Base().ID == survivor.Base().ID || rec.Base().ID == other.Base().ID {
			continue
		}
		moved, err := repoint(v, rec, swap)
		if err != nil {
			return nil, err
		}
		changes = append(changes, moved)
	}
	changes = append(changes, Removal(v, other))
	if differs {
		// After the removal, so that identities are free.
		changes = append(changes, change)
	}
	return changes, nil
}

// combined returns the survivor with the values that were chosen.
func combined(k *model.Kind, survivor, other model.Record, set map[string]any) (model.Record, error) {
	after := model.Clone(survivor)
	for name, value := range set {
		f := k.Field(name)
		if f == nil || f.System || f.Name == "key" {
			return nil, refuse(k.Name, survivor.Base().Key, name, "it cannot be chosen")
		}
		switch value {
		case "other":
			f.Set(after, f.Get(other))
		case "both":
			f.Set(after, both(f, survivor, other))
		}
	}
	m, o := after.Base(), other.Base()
	for _, s := range o.Sightings {
		if !slices.ContainsFunc(m.Sightings, func(have model.Sighting) bool { return have.Source == s.Source && have.External == s.External }) {
			m.Sightings = append(slices.Clip(m.Sightings), s)
		}
	}
	return after, nil
}

// both joins the lists of two records.
func both(f *model.Field, a, b model.Record) any {
	switch x := f.Get(a).(type) {
	case []string:
		y, _ := f.Get(b).([]string)
		out := slices.Clone(x)
		for _, s := range y {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
		return out
	case []model.Ref:
		y, _ := f.Get(b).([]model.Ref)
		out := slices.Clone(x)
		for _, r := range y {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
		return out
	case nil:
		return f.Get(b)
	default:
		return x
	}
}

// holders returns the records that point to one. It refuses where some of them are out of sight.
func (h *House) holders(ctx context.Context, p *access.Principal, v estate.View, ref model.Ref) ([]model.Record, error) {
	var out []model.Record
	all := 0
	for e := range v.Snapshot().View(0).In(ref) {
		if v.Get(e.Record.Base().Ref()) == nil {
			all++
			continue
		}
		if !slices.Contains(out, e.Record) {
			out = append(out, e.Record)
		}
	}
	if all > 0 {
		return nil, h.deny(ctx, p, &access.Denied{Who: p.Who(), Need: "write", Why: fmt.Sprintf("%d links come from records that you may not see", all)})
	}
	return out, nil
}
