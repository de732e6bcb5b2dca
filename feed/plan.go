package feed

import (
	"binnacle/estate"
	"binnacle/model"
)

// Options say how a batch is reconciled.
type Options struct {
	// Now is the moment of the import.
	Now model.Time
	// NewID makes the id of a record that is created.
	NewID func() model.ID
	// Rank is the rank of the format, for sources that the estate does not know yet.
	Rank int
	// Source is the key of the source, where the person that imports gave one.
	Source string
	// Overwrite lets the batch replace what people have typed and what sources of a higher rank have said.
	Overwrite bool
	// Complete says that the batch tells everything the source knows, whatever the format says.
	Complete bool
	// Refuse says for single records, by Kind/key, why they are not taken.
	Refuse map[string]model.Problem
	// Leave names records, by Kind/key, that the person that imports does not want. Kind/ stands for all of a kind.
	Leave map[string]bool
	// Allow says why whoever imports may not make a change. Nil allows everything. The record of the source itself is not asked about.
	Allow func(*model.Change) error
	// Sight is what whoever imports may see. Records out of sight are never linked to, and what they hold is never told. Nil sees everything.
	Sight estate.Sight
}

// leaves reports whether the person that imports does not want a record.
func (o *Options) leaves(kind, name string) bool { return o.Leave[name] || o.Leave[kind+"/"] }

// Outcome says what becomes of one record.
type Outcome string

// What can become of a record.
const (
	Created   Outcome = "created"
	Edited    Outcome = "edited"
	Unchanged Outcome = "unchanged"
	Stale     Outcome = "stale"
	Refused   Outcome = "refused"
	Left      Outcome = "left"
)

// Counts counts records by what becomes of them.
type Counts struct {
	// Created is how many records are new.
	Created int `json:"created"`
	// Edited is how many records change.
	Edited int `json:"edited"`
	// Unchanged is how many records are as they were.
	Unchanged int `json:"unchanged"`
	// Stale is how many records the source no longer sees.
	Stale int `json:"stale"`
	// Refused is how many items were not taken.
	Refused int `json:"refused"`
	// Left is how many records the person that imports did not want.
	Left int `json:"left,omitempty"`
}

// Add adds other counts.
func (c *Counts) Add(o Counts) {
	c.Created += o.Created
	c.Edited += o.Edited
	c.Unchanged += o.Unchanged
	c.Stale += o.Stale
	c.Refused += o.Refused
	c.Left += o.Left
}

func (c *Counts) count(o Outcome) {
	switch o {
	case Created:
		c.Created++
	case Edited:
		c.Edited++
	case Unchanged:
		c.Unchanged++
	case Stale:
		c.Stale++
	case Refused:
		c.Refused++
	case Left:
		c.Left++
	}
}

// Line says what becomes of one record, and why.
type Line struct {
	// Outcome is what becomes of the record.
	Outcome Outcome `json:"outcome"`
	// Kind is the kind of the record.
	Kind string `json:"kind"`
	// Key is the key of the record.
	Key string `json:"key"`
	// Where the record stands in the content.
	Where Where `json:"where"`
	// Change is the change that does it. It has no fields where nothing changes.
	Change model.Change `json:"-"`
}

// Compared tells the differences of one kind in the words of bills of materials.
type Compared struct {
	// Changed is how many are there before and after, in another version.
	Changed int `json:"changed"`
	// Added is how many are new.
	Added int `json:"added"`
	// Removed is how many are no longer there.
	Removed int `json:"removed"`
}

// Plan is what a batch would do to the estate.
type Plan struct {
	// Source is the key of the source.
	Source string
	// Changes are what to commit. They begin with definitions, so that what is defined can follow.
	Changes []model.Change
	// Counts count the records of the batch. The record of the source itself is not among them.
	Counts Counts
	// Kinds count them by kind.
	Kinds map[string]Counts
	// Files count them by the name of the file that they stand in.
	Files map[string]Counts
	// Lines are what becomes of each record that is not unchanged, in the order of the content.
	Lines []Line
	// Refused are the items that were not taken.
	Refused []Refusal
	// Kept are values that were left as they are because a person or a source of a higher rank set them.
	Kept []Refusal
	// Notes are sentences for the person that imports.
	Notes []string
	// Contents counts what the content holds in the words of its format.
	Contents map[string]int
	// Compared is set for bills of materials.
	Compared *Compared
}

// Unresolved reports whether something was refused because it names a record
// that is not there. Another content may bring that record.
func (p *Plan) Unresolved() bool {
	for _, r := range p.Refused {
		if r.unresolved {
			return true
		}
	}
	return false
}
