package estate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"binnacle/model"
)

// Differences returns the changes that make one snapshot of another, by kind
// and key, but with definitions where they can be applied. Parts that the two share are not looked at.
func Differences(from, to *Snapshot) []model.Change {
	var out []model.Change
	add := func(a, b model.Record) {
		if a == b {
			return
		}
		one := a
		if b != nil {
			one = b
		}
		k := to.schema.Of(one)
		if k == nil {
			k = from.schema.Of(one)
		}
		if c, differs := model.Difference(k, a, b); differs {
			out = append(out, c)
		}
	}
	if from.akin(to) {
		compareShared(from, to, add)
	} else {
		compareByID(from, to, add)
	}
	names := map[model.ID]string{}
	for _, c := range out {
		rec := to.Get(model.Ref(c.ID))
		if rec == nil {
			rec = from.Get(model.Ref(c.ID))
		}
		names[c.ID] = rec.Base().Key
	}
	slices.SortFunc(out, func(a, b model.Change) int {
		return cmp.Or(cmp.Compare(turn(a), turn(b)), cmp.Compare(a.Kind, b.Kind), cmp.Compare(names[a.ID], names[b.ID]), slices.Compare(a.ID[:], b.ID[:]))
	})
	return out
}

// turn says when a change has to be made among others: kinds and then fields are
// defined before they are used, and are no longer used before they go.
func turn(c model.Change) int {
	switch {
	case c.Kind == "KindDefinition" && c.Op == model.Remove:
		return 4
	case c.Kind == "FieldDefinition" && c.Op == model.Remove:
		return 3
	case c.Kind == "KindDefinition":
		return 0
	case c.Kind == "FieldDefinition":
		return 1
	}
	return 2
}

// akin reports whether two snapshots come from the same one, so that a slot means the same record in both.
func (s *Snapshot) akin(other *Snapshot) bool {
	shared := 0
	for i := range min(len(s.nodes.dirs), len(other.nodes.dirs)) {
		a, b := s.nodes.dirs[i], other.nodes.dirs[i]
		if a == b {
			return true
		}
		for j := range a.chunks {
			if a.chunks[j] != nil && a.chunks[j] == b.chunks[j] {
				shared++
			}
		}
	}
	return shared > 0
}

func compareShared(from, to *Snapshot, add func(a, b model.Record)) {
	for slot := uint32(0); slot < max(from.nodes.n, to.nodes.n); slot++ {
		if slot&(chunkSize-1) == 0 && slot < min(from.nodes.n, to.nodes.n) && from.chunkOf(slot) == to.chunkOf(slot) {
			slot += chunkSize - 1
			continue
		}
		var a, b model.Record
		if slot < from.nodes.n {
			a = from.nodes.at(slot).rec
		}
		if slot < to.nodes.n {
			b = to.nodes.at(slot).rec
		}
		switch {
		case a == nil && b == nil:
		case a != nil && b != nil && a.Base().ID == b.Base().ID:
			add(a, b)
		default:
			// A record that came back after it had been removed has another slot.
			if a != nil {
				add(a, to.Get(a.Base().Ref()))
			}
			if b != nil && from.Get(b.Base().Ref()) == nil {
				add(nil, b)
			}
		}
	}
}

func (s *Snapshot) chunkOf(slot uint32) *chunk[node] {
	return s.nodes.dirs[slot>>(chunkBits+dirBits)].chunks[slot>>chunkBits&(dirSize-1)]
}

func compareByID(from, to *Snapshot, add func(a, b model.Record)) {
	for slot := range from.nodes.n {
		if rec := from.nodes.at(slot).rec; rec != nil {
			add(rec, to.Get(rec.Base().Ref()))
		}
	}
	for slot := range to.nodes.n {
		if rec := to.nodes.at(slot).rec; rec != nil && from.Get(rec.Base().Ref()) == nil {
			add(nil, rec)
		}
	}
}

// Conflict is a change that was made on a record that somebody else has changed since, seen from three sides.
type Conflict struct {
	// Kind is the kind of the record.
	Kind string `json:"kind"`
	// Key is the key of the record.
	Key string `json:"key"`
	// ID names the record.
	ID model.ID `json:"id"`
	// Seen is the version that the change was made on.
	Seen uint32 `json:"seen"`
	// Now is the version of the record now, or 0 where it was removed.
	Now uint32 `json:"now"`
	// Fields are the fields that the change touches.
	Fields []Sides `json:"fields"`

	// taken says that another record has the key or the id, or that there is no such kind any more.
	taken bool
}

// Sides are the three sides of a field in a conflict, as a person would type the values.
type Sides struct {
	// Field is the name of the field.
	Field string `json:"field"`
	// Base is the value that the change was made on.
	Base string `json:"base"`
	// Theirs is the value now.
	Theirs string `json:"theirs"`
	// Yours is the value that the change wants.
	Yours string `json:"yours"`
	// Clash says that both changed the field, to different values.
	Clash bool `json:"clash"`
}

// Error names the record and the fields that clash.
func (c *Conflict) Error() string {
	out := fmt.Sprintf("%s/%s was changed by somebody else: you saw version %d, it is at version %d", c.Kind, c.Key, c.Seen, c.Now)
	switch {
	case c.taken && len(c.Fields) == 0:
		return fmt.Sprintf("%s/%s was created by somebody else: there is a record with its id already", c.Kind, c.Key)
	case c.taken:
		return fmt.Sprintf("%s/%s: somebody else has given this key to another record", c.Kind, c.Fields[0].Yours)
	case c.Now == 0:
		out = fmt.Sprintf("%s/%s was removed by somebody else", c.Kind, c.Key)
	}
	for _, f := range c.Fields {
		if f.Clash {
			out += fmt.Sprintf("; %s was %q, theirs is %q, yours is %q", f.Field, f.Base, f.Theirs, f.Yours)
		}
	}
	return out
}

// Rebase fits a change to a record as it is now. Where nobody else touched the
// same fields, or touched them in the same way, it returns the change for the
// version of now. Otherwise it returns the conflict too. The change is then what
// yours would do. A change that has nothing left to do has no fields.
func (v View) Rebase(c model.Change) (model.Change, *Conflict) {
	rec := v.snap.Get(model.Ref(c.ID))
	k := v.snap.schema.Kind(c.Kind)
	if c.Op == model.Create {
		return c, nil
	}
	if k == nil || rec == nil {
		conflict := &Conflict{Kind: c.Kind, ID: c.ID, Seen: c.Version, Key: c.ID.String()}
		if c.Op == model.Remove {
			return model.Change{Op: model.Edit, Kind: c.Kind, ID: c.ID}, nil
		}
		return c, conflict
	}
	m := rec.Base()
	out := model.Change{Op: c.Op, Kind: c.Kind, ID: c.ID, Version: m.Version, Prior: m.Changed, Born: m.Created}
	conflict := &Conflict{Kind: c.Kind, Key: m.Key, ID: c.ID, Seen: c.Version, Now: m.Version}
	fields := c.Fields
	if c.Op == model.Remove {
		// A removal takes away what the record has now, and clashes with all that came since.
		out, _ = model.Difference(k, rec, nil)
		fields = unionOf(fields, out.Fields)
	}
	clash := false
	for _, fc := range fields {
		if fc.Name == "origins" && c.Op == model.Edit {
			fc = rebaseOrigins(k, rec, fc)
		}
		now := k.Raw(rec, fc.Name)
		s := Sides{Field: fc.Name, Base: v.Show(c.Kind, fc.Name, fc.Before), Theirs: string(now), Yours: v.Show(c.Kind, fc.Name, fc.After)}
		if f := k.Field(fc.Name); f != nil && now == nil {
			now, s.Theirs = f.JSON(rec), f.Text(rec, v)
		}
		s.Clash = !sameValue(now, fc.Before) && !sameValue(now, fc.After)
		clash = clash || s.Clash
		conflict.Fields = append(conflict.Fields, s)
		if c.Op == model.Edit && !sameValue(now, fc.After) {
			out.Fields = append(out.Fields, model.FieldChange{Name: fc.Name, Before: now, After: fc.After})
		}
	}
	if clash {
		return out, conflict
	}
	return out, nil
}

// rebaseOrigins fits a change of the sources of values to a record as it is now:
// for the fields whose source it changes it counts, for all others the record.
// Without that, two people who edit different fields would be in conflict.
func rebaseOrigins(k *model.Kind, rec model.Record, fc model.FieldChange) model.FieldChange {
	f := k.Field(fc.Name)
	probe, before, after := k.New(), k.New(), k.New()
	if f.SetJSON(before, fc.Before) != nil || f.SetJSON(after, fc.After) != nil {
		return fc
	}
	was, will := before.Base().Origins, after.Base().Origins
	list := slices.Clone(rec.Base().Origins)
	for _, o := range append(slices.Clone(was), will...) {
		if slices.Contains(was, o) && slices.Contains(will, o) {
			continue
		}
		is := func(x model.FieldOrigin) bool { return x.Field == o.Field }
		list = slices.DeleteFunc(list, is)
		if i := slices.IndexFunc(will, is); i >= 0 {
			list = append(list, will[i])
		}
	}
	slices.SortFunc(list, func(a, b model.FieldOrigin) int { return cmp.Compare(a.Field, b.Field) })
	probe.Base().Origins = list
	return model.FieldChange{Name: fc.Name, Before: f.JSON(rec), After: f.JSON(probe), Erased: fc.Erased}
}

// sameValue reports whether two values mean the same: others write JSON in other ways than a record does.
func sameValue(a, b []byte) bool {
	if bytes.Equal(a, b) || a == nil || b == nil {
		return bytes.Equal(a, b)
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// unionOf adds to the fields of a removal those that only the record of now has, as fields that had no value.
func unionOf(fields, now []model.FieldChange) []model.FieldChange {
	out := slices.Clone(fields)
	for _, fc := range now {
		if !slices.ContainsFunc(fields, func(f model.FieldChange) bool { return f.Name == fc.Name }) {
			out = append(out, model.FieldChange{Name: fc.Name})
		}
	}
	return out
}

// kindGone returns the conflict of a change to a record of a kind that went with a definition which could not be taken over.
func (b *builder) kindGone(c *model.Change) *Conflict {
	if b.kind(c.Kind) != nil {
		return nil
	}
	var key string
	if fc, keyed := c.Field("key"); keyed {
		json.Unmarshal(fc.After, &key)
	}
	return &Conflict{Kind: c.Kind, Key: cmp.Or(key, c.ID.String()), ID: c.ID, Seen: c.Version, taken: true}
}

// keyTaken returns the conflict of a change that gives a record a key which another has.
func (b *builder) keyTaken(c *model.Change) *Conflict {
	fc, keyed := c.Field("key")
	if c.Op == model.Create {
		if rec := b.Get(model.Ref(c.ID)); rec != nil {
			m := rec.Base()
			return &Conflict{Kind: c.Kind, Key: m.Key, ID: c.ID, Now: m.Version, taken: true}
		}
	}
	if !keyed || c.Op == model.Remove {
		return nil
	}
	v := View{snap: b.Snapshot}
	key := v.Show(c.Kind, "key", fc.After)
	other := b.Find(c.Kind, key)
	if other == nil || other.Base().ID == c.ID {
		return nil
	}
	was := v.Show(c.Kind, "key", fc.Before)
	return &Conflict{Kind: c.Kind, Key: cmp.Or(was, key), ID: c.ID, Seen: c.Version, Now: c.Version, taken: true,
		Fields: []Sides{{Field: "key", Base: was, Theirs: key, Yours: key, Clash: true}}}
}

// show writes a value of a change as a person would type it.
func (v View) show(k *model.Kind, f *model.Field, raw []byte) string {
	if raw == nil {
		return ""
	}
	probe := k.New()
	if f.SetJSON(probe, raw) != nil {
		return string(raw)
	}
	return f.Text(probe, v)
}

// Show writes the value of one field of a change as a person would type it.
func (v View) Show(kind, field string, raw []byte) string {
	k := v.snap.schema.Kind(kind)
	if k == nil || k.Field(field) == nil {
		return string(raw)
	}
	return v.show(k, k.Field(field), raw)
}

// Overlay returns the snapshot as it would be with changes that were made on an
// earlier one, and the conflicts. A change in conflict is applied all the same,
// where it can be: a scenario shows what it wants.
func (s *Snapshot) Overlay(changes []model.Change) (*Snapshot, []*Conflict, error) {
	b := s.builder()
	b.stamp = s.stamp
	var conflicts []*Conflict
	for _, c := range changes {
		fitted, conflict := View{snap: b.Snapshot}.Rebase(c)
		if conflict == nil {
			conflict = cmp.Or(b.kindGone(&fitted), b.keyTaken(&fitted))
		}
		if conflict != nil {
			conflicts = append(conflicts, conflict)
			if conflict.Now == 0 || conflict.taken {
				continue
			}
		}
		if fitted.Op == model.Edit && len(fitted.Fields) == 0 {
			continue
		}
		if err := b.change(&fitted); err != nil {
			return nil, conflicts, err
		}
	}
	next, err := b.finish()
	return next, conflicts, err
}
