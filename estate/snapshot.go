// Package estate is the estate in memory: immutable snapshots that share what
// they have in common, the graph of refs in both directions, and views of it.
// It is pure: no clock, no randomness, no input and no output.
package estate

import (
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sync/atomic"

	"binnacle/model"
)

// Snapshot is the estate after some entry. It is never changed: [Snapshot.Apply] makes another.
type Snapshot struct {
	stamp  model.Stamp
	schema *model.Schema
	nodes  vector[node]
	live   int
	ids    table
	names  table
	idents table
	kinds  map[string]*members
	lazy   *lazy
}

// node is a record with the refs that it holds and the refs that point to it.
type node struct {
	rec model.Record
	out []edge
	in  []edge
	// place is where the slot stands among the members of its kind.
	place uint32
	// filled says how much of the memory behind a long list of incoming edges is in use, by this snapshot or any other that shares it.
	filled *atomic.Uint32
}

// edge leads to a slot along a ref field, which is named by its number in the schema.
type edge struct {
	slot  uint32
	field uint16
}

// members are the slots of the records of one kind, in no order. A removed record leaves a gap.
type members struct {
	slots vector[uint32]
	live  int
	// confidential is how many of them are confidential.
	confidential int
}

const gone = ^uint32(0)

// Empty returns the estate before the first entry, with the built-in kinds.
func Empty() *Snapshot {
	return &Snapshot{schema: model.Builtin(), kinds: map[string]*members{}, lazy: newLazy()}
}

// Stamp returns the entry that the snapshot is the state after.
func (s *Snapshot) Stamp() model.Stamp { return s.stamp }

// Schema returns the kinds that the estate knows at this entry.
func (s *Snapshot) Schema() *model.Schema { return s.schema }

// Len returns how many records there are.
func (s *Snapshot) Len() int { return s.live }

var seed = maphash.MakeSeed()

func hashID(id model.ID) uint64 {
	x := binary.LittleEndian.Uint64(id[8:]) ^ binary.LittleEndian.Uint64(id[:8])*0x9E3779B97F4A7C15
	x ^= x >> 32
	x *= 0xD6E8FEB86659FD93
	return x ^ x>>29
}

func hashName(kind, key string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	h.WriteString(kind)
	h.WriteByte(0)
	h.WriteString(key)
	return h.Sum64()
}

func hashIdent(kind, name, value string) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	h.WriteString(kind)
	h.WriteByte(0)
	h.WriteString(name)
	h.WriteByte(0)
	h.WriteString(value)
	return h.Sum64()
}

// slotOf returns the slot of a record.
func (s *Snapshot) slotOf(id model.ID) (uint32, bool) {
	return s.ids.find(hashID(id), func(slot uint32) bool {
		rec := s.nodes.at(slot).rec
		return rec != nil && rec.Base().ID == id
	})
}

// Get returns the record that a ref points to, or nil.
func (s *Snapshot) Get(ref model.Ref) model.Record {
	if slot, ok := s.slotOf(model.ID(ref)); ok {
		return s.nodes.at(slot).rec
	}
	return nil
}

// Find returns the record of a kind with a key, or nil. The kind is its exact name.
func (s *Snapshot) Find(kind, key string) model.Record {
	slot, ok := s.names.find(hashName(kind, key), func(slot uint32) bool {
		rec := s.nodes.at(slot).rec
		return rec != nil && rec.Base().Key == key && model.NameOf(rec) == kind
	})
	if !ok {
		return nil
	}
	return s.nodes.at(slot).rec
}

// Identify returns the record of a kind that has an identity, or nil. The value
// is in the form of [model.NormalIdent]. The name external stands for the
// identifier that a source uses, as source, a NUL byte and the identifier.
func (s *Snapshot) Identify(kind, name, value string) model.Record {
	k := s.schema.Kind(kind)
	if k == nil {
		return nil
	}
	slot, ok := s.idents.find(hashIdent(kind, name, value), func(slot uint32) bool {
		rec := s.nodes.at(slot).rec
		return rec != nil && model.NameOf(rec) == kind && slices.Contains(identsOf(k, rec), ident{name, value})
	})
	if !ok {
		return nil
	}
	return s.nodes.at(slot).rec
}

type ident struct{ name, value string }

// ExternalIdent is the value of the identity external of a record that a source calls by an identifier.
func ExternalIdent(source, id string) string { return source + "\x00" + id }

// identsOf lists every identity of a record: those of its fields and those that sources gave it.
func identsOf(k *model.Kind, rec model.Record) []ident {
	var out []ident
	for _, f := range k.IdentFields() {
		for _, v := range f.Idents(rec) {
			out = append(out, ident{f.Ident, v})
		}
	}
	for _, s := range rec.Base().Sightings {
		if s.External != "" {
			out = append(out, ident{"external", ExternalIdent(s.Source, s.External)})
		}
	}
	return out
}
