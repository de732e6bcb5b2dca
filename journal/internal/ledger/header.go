package ledger

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal"
	"binnacle/model"
)

// Header is an entry without its changes.
type Header struct {
	// Seq is the number of the entry.
	Seq uint64
	// At is when the entry was made.
	At model.Time
	// Who made the entry.
	Who string
	// Why says what the entry is for.
	Why string
	// Source says where the changes come from.
	Source string
	// Undoes is the entry that this one takes back, or 0.
	Undoes uint64
	// Salt keeps who and why from being guessed.
	Salt Salt
	// Changes is how many changes the entry has.
	Changes int
}

// EntryRow is an entry as a back end keeps it.
type EntryRow struct {
	// Seq is the number of the entry.
	Seq uint64
	// At is when the entry was made.
	At model.Time
	// Data is the rest of the header, as the ledger writes it.
	Data []byte
	// Changes is how many changes the entry has.
	Changes int
	// Leaf is the hash of the entry in the tree.
	Leaf tlog.Hash
}

// ChunkRow is a piece of the changes of an entry as a back end keeps it.
type ChunkRow struct {
	// ID numbers all chunks of the journal, from 1 and in order.
	ID uint64
	// Seq is the entry that the changes belong to.
	Seq uint64
	// Data is the changes as EncodeChunk writes them.
	Data []byte
}

// encode writes what has no column of its own.
func (h *Header) encode() []byte {
	b := append([]byte{Format}, h.Salt[:]...)
	b = binary.AppendUvarint(b, h.Undoes)
	b = appendText(b, h.Source)
	b = appendText(b, h.Who)
	return appendText(b, h.Why)
}

// DecodeHeader reads the header of an entry in any form ever released.
func DecodeHeader(row EntryRow) (Header, error) {
	h := Header{Seq: row.Seq, At: row.At, Changes: row.Changes}
	r := reader{rest: row.Data}
	if format := r.byte(); r.err == nil && format != Format {
		return h, fmt.Errorf("entry %d: it has the form %d, and this release reads up to %d", row.Seq, format, Format)
	}
	h.Salt = r.salt()
	h.Undoes = r.uvarint()
	h.Source, h.Who, h.Why = string(r.bytes()), string(r.bytes()), string(r.bytes())
	if r.err == nil && len(r.rest) > 0 {
		r.err = fmt.Errorf("there are %d bytes behind its end", len(r.rest))
	}
	if r.err != nil {
		return h, fmt.Errorf("entry %d: the header is damaged: %w", row.Seq, r.err)
	}
	return h, nil
}

// entry returns the entry without its changes.
func (h *Header) entry() journal.Entry {
	return journal.Entry{Seq: h.Seq, At: h.At, Who: h.Who, Why: h.Why, Source: h.Source, Undoes: h.Undoes}
}
