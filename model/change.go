package model

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
)

// Op is what a change does to a record.
type Op string

// The three things that can happen to a record.
const (
	Create Op = "create"
	Edit   Op = "edit"
	Remove Op = "remove"
)

// Change is one record created, edited or removed, field by field with the
// value before and after, so that it can be undone, merged and shown.
type Change struct {
	// Op says what happens to the record.
	Op Op `json:"op"`
	// Kind is the name of the kind of the record.
	Kind string `json:"kind"`
	// ID names the record.
	ID ID `json:"id"`
	// Version is the version of the record that the writer saw. It is 0 for a creation.
	Version uint32 `json:"version,omitempty"`
	// Prior is the entry that changed the record before this one did. It is unset for a creation.
	Prior Stamp `json:"prior,omitzero"`
	// Born is the entry that created the record. It is unset for a creation.
	Born Stamp `json:"born,omitzero"`
	// Fields are the fields that the change touches, in the order of their names.
	Fields []FieldChange `json:"fields,omitempty"`

	result Record
	// checked says that Check found nothing wrong with result.
	checked bool
}

// Vouch says that [Kind.Check] found nothing wrong with the result of the
// change, so that it need not be checked again.
func (c *Change) Vouch() { c.checked = c.result != nil }

// Vouched reports whether Vouch was called for the result of the change.
func (c *Change) Vouched() bool { return c.checked }

// Result returns the record that the change makes where the writer still has
// it, and nil where it must be made from the fields. It saves decoding.
func (c *Change) Result() Record { return c.result }

// FieldChange is what a change does to one field. Values are in the form of
// JSON that the journal keeps, with refs as ids; nil means no value.
type FieldChange struct {
	// Name is the name of the field.
	Name string `json:"name"`
	// Before is the value before the change.
	Before json.RawMessage `json:"before,omitempty"`
	// After is the value after the change.
	After json.RawMessage `json:"after,omitempty"`
	// Erased says that the values were about a natural person and have been erased for good.
	Erased bool `json:"erased,omitempty"`
}

// Field returns what the change does to a field, and whether it touches it.
func (c *Change) Field(name string) (FieldChange, bool) {
	for _, f := range c.Fields {
		if f.Name == name {
			return f, true
		}
	}
	return FieldChange{}, false
}

// Inverse returns the change that takes this one back, for a record that is at the version given.
func (c *Change) Inverse(version uint32) Change {
	out := Change{Op: Edit, Kind: c.Kind, ID: c.ID, Version: version, Fields: make([]FieldChange, len(c.Fields))}
	switch c.Op {
	case Create:
		out.Op = Remove
	case Remove:
		out.Op, out.Version = Create, 0
	}
	for i, f := range c.Fields {
		out.Fields[i] = FieldChange{Name: f.Name, Before: f.After, After: f.Before, Erased: f.Erased}
	}
	return out
}

// Difference returns the change that makes one record of another. A nil before
// is a creation, a nil after a removal. It reports false where nothing differs.
func Difference(k *Kind, before, after Record) (Change, bool) {
	c := Change{Op: Edit, Kind: k.Name, result: after}
	switch {
	case before == nil:
		c.Op, c.ID = Create, after.Base().ID
	case after == nil:
		c.Op = Remove
	}
	if before != nil {
		m := before.Base()
		c.ID, c.Version, c.Prior, c.Born = m.ID, m.Version, m.Changed, m.Created
	}
	for _, f := range k.inOrder {
		fc := FieldChange{Name: f.Name}
		if before != nil {
			fc.Before = f.JSON(before)
		}
		if after != nil {
			fc.After = f.JSON(after)
		}
		if !bytes.Equal(fc.Before, fc.After) {
			c.Fields = append(c.Fields, fc)
		}
	}
	c.addUndefined(k, before, after)
	return c, c.Op != Edit || len(c.Fields) > 0
}

// addUndefined adds what differs in the values that no field reads.
func (c *Change) addUndefined(k *Kind, before, after Record) {
	var names []string
	for _, rec := range []Record{before, after} {
		if rec != nil && len(rec.Base().Extra) > 0 {
			names = append(names, k.undefined(rec)...)
		}
	}
	if len(names) == 0 {
		return
	}
	value := func(rec Record, name string) json.RawMessage {
		if rec == nil {
			return nil
		}
		if f := k.byName[name]; f != nil && f.Has(rec) {
			return f.JSON(rec)
		}
		return k.Raw(rec, name)
	}
	slices.Sort(names)
	c.Fields = slices.DeleteFunc(c.Fields, func(fc FieldChange) bool { return slices.Contains(names, fc.Name) })
	for _, name := range slices.Compact(names) {
		fc := FieldChange{Name: name, Before: value(before, name), After: value(after, name)}
		if !bytes.Equal(fc.Before, fc.After) {
			c.Fields = append(c.Fields, fc)
		}
	}
	slices.SortFunc(c.Fields, func(a, b FieldChange) int { return cmp.Compare(a.Name, b.Name) })
}
