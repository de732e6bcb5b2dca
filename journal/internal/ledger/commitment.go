package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/model"
)

// Salt is what keeps a committed value from being guessed.
type Salt [16]byte

// Seal is what a field keeps of its proof where the salt of its change is gone:
// the salt of the field alone or, where the values are erased, the commitment.
type Seal struct {
	// Salt is the salt of the field. It is not used where the field is erased.
	Salt Salt
	// Commitment is what the change commits to. It is used where the field is erased.
	Commitment tlog.Hash
}

// Sealed is a change with what its proof needs.
type Sealed struct {
	model.Change
	// Salt is the salt of the change, from which those of the fields follow. It is not used where there are Seals.
	Salt Salt
	// Seals are one for each field, or nil where the salt of the change is still there.
	Seals []Seal
}

// The domains keep what is hashed for one purpose from passing for another.
const (
	domainSalt   = "binnacle field salt 1\x00"
	domainField  = "binnacle field 1\x00"
	domainChange = "binnacle change 1\x00"
	domainEntry  = "binnacle entry 1\x00"
)

// newSalts returns random salts for so many changes.
func newSalts(n int) []Salt {
	raw := make([]byte, n*len(Salt{}))
	// crypto/rand.Read never returns an error: it ends the program where the system has no randomness.
	rand.Read(raw)
	out := make([]Salt, n)
	for i := range out {
		copy(out[i][:], raw[i*len(Salt{}):])
	}
	return out
}

// hasher commits to changes. It keeps its buffer from one change to the next.
type hasher struct{ field, change []byte }

// fieldSalt derives the salt of a field from that of its change.
func (h *hasher) fieldSalt(s Salt, name string) Salt {
	h.field = append(append(append(h.field[:0], domainSalt...), s[:]...), name...)
	sum := sha256.Sum256(h.field)
	return Salt(sum[:len(s)])
}

// fieldCommitment commits to the name and the values of a field.
func (h *hasher) fieldCommitment(s Salt, name string, before, after []byte) tlog.Hash {
	h.field = append(append(h.field[:0], domainField...), s[:]...)
	h.field = appendText(h.field, name)
	h.field = appendOptional(h.field, before)
	h.field = appendOptional(h.field, after)
	return sha256.Sum256(h.field)
}

// seal returns the commitment to a field of a change.
func (h *hasher) seal(c *Sealed, i int) tlog.Hash {
	f := &c.Fields[i]
	if c.Seals == nil {
		return h.fieldCommitment(h.fieldSalt(c.Salt, f.Name), f.Name, f.Before, f.After)
	}
	if f.Erased {
		return c.Seals[i].Commitment
	}
	return h.fieldCommitment(c.Seals[i].Salt, f.Name, f.Before, f.After)
}

// commitment commits to a change: what it does to which record, and to every field.
func (h *hasher) commitment(c *Sealed) tlog.Hash {
	b := append(h.change[:0], domainChange...)
	b = append(b, opCode(c.Op))
	b = appendText(b, c.Kind)
	b = append(b, c.ID[:]...)
	b = binary.AppendUvarint(b, uint64(c.Version))
	b = appendStamp(appendStamp(b, c.Prior), c.Born)
	b = binary.AppendUvarint(b, uint64(len(c.Fields)))
	for i := range c.Fields {
		b = appendText(b, c.Fields[i].Name)
		sum := h.seal(c, i)
		b = append(b, sum[:]...)
	}
	h.change = b
	return sha256.Sum256(b)
}

// leafHash returns the hash of the leaf of an entry in the tree. Changes is a
// SHA-256 over the commitments of all changes in their order.
func leafHash(h *Header, changes hash.Hash) tlog.Hash {
	var hs hasher
	b := append([]byte(nil), domainEntry...)
	b = binary.BigEndian.AppendUint64(b, h.Seq)
	b = binary.BigEndian.AppendUint64(b, uint64(h.At))
	b = binary.BigEndian.AppendUint64(b, h.Undoes)
	b = appendText(b, h.Source)
	for _, f := range []struct{ name, value string }{{"who", h.Who}, {"why", h.Why}} {
		sum := hs.fieldCommitment(hs.fieldSalt(h.Salt, f.name), f.name, nil, []byte(f.value))
		b = append(b, sum[:]...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(h.Changes))
	return tlog.RecordHash(changes.Sum(b))
}

// erase takes the values of a field of a change away for good and keeps its
// commitment. It reports whether there was anything to erase.
func (h *hasher) erase(c *Sealed, name string) bool {
	for i := range c.Fields {
		f := &c.Fields[i]
		if f.Name != name || f.Erased {
			continue
		}
		if c.Seals == nil {
			h.spread(c)
		}
		c.Seals[i] = Seal{Commitment: h.seal(c, i)}
		f.Before, f.After, f.Erased = nil, nil, true
		return true
	}
	return false
}

// spread replaces the salt of a change by those of its fields, so that nobody can derive the salt of an erased one.
func (h *hasher) spread(c *Sealed) {
	c.Seals = make([]Seal, len(c.Fields))
	for i := range c.Fields {
		c.Seals[i].Salt = h.fieldSalt(c.Salt, c.Fields[i].Name)
	}
	c.Salt = Salt{}
}

func appendStamp(dst []byte, s model.Stamp) []byte {
	return binary.AppendVarint(binary.AppendUvarint(dst, s.Seq), int64(s.At))
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

// appendOptional tells no value from an empty one.
func appendOptional(dst, b []byte) []byte {
	if len(b) == 0 {
		return append(dst, 0)
	}
	return appendBytes(append(dst, 1), b)
}

func opCode(op model.Op) byte {
	switch op {
	case model.Create:
		return 1
	case model.Edit:
		return 2
	case model.Remove:
		return 3
	}
	return 0
}
