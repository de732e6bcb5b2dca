package model

import (
	"slices"
	"strings"
)

// Record is a pointer to a struct that embeds [Meta]. A record that has been
// handed out is never written again: whoever changes one changes a [Clone].
type Record interface{ Base() *Meta }

// Meta is what every record has, whatever its kind.
type Meta struct {
	// ID names the record for ever, also when its key changes.
	ID ID `is:"hidden"`
	// Key is the short name that people type. It is unique within its kind and has no spaces, such as web-shop.
	Key string `is:"required" format:"key"`
	// Name is what the record is called on the screen. Without one, the key is shown.
	Name string
	// Description says in a few sentences what this is and what it is for. Markdown is understood.
	Description string `is:"long"`
	// Owner is the team or person that answers for this.
	Owner Ref `to:"Team,Person" back:"owns"`
	// Tags are free words to find and group records by.
	Tags []string
	// Confidential hides the record from everyone but its owner and the roles that may read confidential records.
	Confidential bool
	// Origin is the source that created the record: person, or the name of a source.
	Origin string `is:"system"`
	// Origins names, field by field, the source of every value that did not come from the origin of the record.
	Origins []FieldOrigin `is:"system"`
	// Sightings are the sources that know this record, each with the name it uses and since when it no longer sees it.
	Sightings []Sighting `is:"system"`

	// Extra holds the values of the fields that the organisation defined for itself, by field name.
	Extra map[string]any `is:"hidden"`
	// Version counts the changes of this record, from 1.
	Version uint32 `is:"hidden"`
	// Created is the entry that created the record.
	Created Stamp `is:"hidden"`
	// Changed is the entry that changed the record last.
	Changed Stamp `is:"hidden"`
}

// Base returns the part of a record that does not depend on its kind.
func (m *Meta) Base() *Meta { return m }

// Title returns what to call the record on a screen: its name, or its key where it has none.
func (m *Meta) Title() string {
	if m.Name != "" {
		return m.Name
	}
	return m.Key
}

// Ref returns a ref that points to this record.
func (m *Meta) Ref() Ref { return Ref(m.ID) }

// Stamp says when something happened: in which entry of the journal, and at what moment.
type Stamp struct {
	// Seq is the number of the entry in the journal, from 1.
	Seq uint64 `json:"seq"`
	// At is the moment that the entry was made.
	At Time `json:"at"`
}

// FieldOrigin names the source of the value of one field.
type FieldOrigin struct {
	// Field is the name of the field.
	Field string
	// Source is person, or the key of a source.
	Source string
}

// PersonSource is the name of the source of everything that a person has typed.
// Other sources do not overwrite it unless told to.
const PersonSource = "person"

// SetOrigin names the source of the value of a field. The list of origins is made anew, because records share it.
func (m *Meta) SetOrigin(field, source string) {
	if m.OriginOf(field) == source {
		return
	}
	m.Origins = slices.DeleteFunc(slices.Clone(m.Origins), func(o FieldOrigin) bool { return o.Field == field })
	if source != m.Origin {
		m.Origins = append(m.Origins, FieldOrigin{Field: field, Source: source})
		slices.SortFunc(m.Origins, func(a, b FieldOrigin) int { return strings.Compare(a.Field, b.Field) })
	}
}

// Sighting says that a source knows a record, and how it calls it.
type Sighting struct {
	// Source is the key of the source.
	Source string
	// External is the identifier that the source uses for the record.
	External string
	// Stale is the moment since when the source no longer sees the record. Unset means that it still does.
	Stale Time
}

// OriginOf returns the source of the value of a field.
func (m *Meta) OriginOf(field string) string {
	for _, o := range m.Origins {
		if o.Field == field {
			return o.Source
		}
	}
	return m.Origin
}

// Stale returns the moment since when no source sees the record any more, and
// unset where at least one still does or none ever did.
func (m *Meta) Stale() Time {
	var since Time
	for _, s := range m.Sightings {
		if s.Stale.IsZero() {
			return 0
		}
		since = max(since, s.Stale)
	}
	return since
}
