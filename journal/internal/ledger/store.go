package ledger

import (
	"context"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal"
	"binnacle/model"
)

// Head is where the journal stands.
type Head struct {
	// Seq is the number of the last entry, or 0.
	Seq uint64
	// At is when the last entry was made.
	At model.Time
	// Root is the root hash of the tree over all entries.
	Root tlog.Hash
	// Chunk is the number of the last chunk, or 0.
	Chunk uint64
	// Changes is how many changes all entries have.
	Changes uint64
	// Checkpoints is how many checkpoints have been issued.
	Checkpoints uint64
}

// RecordRow is a record that is not removed, as a back end keeps it.
type RecordRow struct {
	journal.Row
	// First is the chunk that created the record.
	First uint64
}

// Touch says that a chunk touches a record. The chunk that created a living
// record is kept with the record and not as a touch.
type Touch struct {
	// ID names the record.
	ID model.ID
	// Chunk is the number of the chunk.
	Chunk uint64
}

// HashRow is a hash of the tree in the numbering of package tlog.
type HashRow struct {
	// Index is the number of the hash.
	Index int64
	// Hash is the hash.
	Hash tlog.Hash
}

// Reader reads one state of the database.
type Reader interface {
	// Head returns where the journal stands.
	Head() (Head, error)
	// Keys returns the keys of the journal.
	Keys() (Keys, error)
	// Entries returns up to limit entries after a number and up to another, in order.
	Entries(after, upto uint64, limit int) ([]EntryRow, error)
	// Chunks returns the chunks of some entries, in order of their numbers.
	Chunks(from, upto uint64) iter.Seq2[ChunkRow, error]
	// ChunksByID returns some chunks, in order of their numbers.
	ChunksByID(ids []uint64) ([]ChunkRow, error)
	// TouchedBy returns the numbers of the chunks that touch a record, in order.
	TouchedBy(id model.ID) ([]uint64, error)
	// At returns the number of the last entry at or before a moment, or 0.
	At(moment model.Time) (uint64, error)
	// Hashes returns hashes of the tree, in the order in which they are asked for.
	Hashes(indexes []int64) ([]tlog.Hash, error)
	// AllHashes returns all hashes of the tree, in order.
	AllHashes() iter.Seq2[HashRow, error]
	// AllTouches returns all touches, in any order.
	AllTouches() iter.Seq2[Touch, error]
	// Records returns all records; those of definitions come first where that is asked for.
	Records(definitionsFirst bool) iter.Seq2[RecordRow, error]
	// Bodies returns the bodies of some records.
	Bodies(ids []model.ID) (map[model.ID][]byte, error)
	// Checkpoints returns all checkpoints, in order.
	Checkpoints() ([]CheckpointRow, error)
	// Damage returns what the database itself finds wrong with its tables and indexes.
	Damage() ([]string, error)
}

// Writer changes the database inside one transaction, which nobody else writes in at the same time.
type Writer interface {
	Reader
	// AddEntries adds entries.
	AddEntries([]EntryRow) error
	// AddChunks adds chunks until there are no more.
	AddChunks(iter.Seq2[ChunkRow, error]) error
	// ReplaceChunk puts other data into a chunk.
	ReplaceChunk(ChunkRow) error
	// AddHashes adds hashes of the tree.
	AddHashes([]HashRow) error
	// AddTouches adds touches.
	AddTouches([]Touch) error
	// RemoveRecords takes records out and adds a touch for the chunk that created each.
	RemoveRecords(ids []model.ID) error
	// ParkKeys gives records keys that collide with none, until UpdateRecords gives them new ones.
	ParkKeys(ids []model.ID) error
	// UpdateRecords changes records that are there; First stays as it is.
	UpdateRecords([]RecordRow) error
	// AddRecords adds records that are not there.
	AddRecords(iter.Seq2[RecordRow, error]) error
	// SetHead says where the journal stands.
	SetHead(Head) error
	// SetKeys replaces the keys.
	SetKeys(Keys) error
	// AddCheckpoints adds checkpoints.
	AddCheckpoints([]CheckpointRow) error
}

// Store is a database that a journal is kept in.
type Store interface {
	// Write runs one durable transaction. Where what it returns satisfies
	// [Uncertain], it is not known whether the transaction holds.
	Write(ctx context.Context, do func(Writer) error) error
	// Read runs with one state of the database that nobody changes meanwhile.
	Read(ctx context.Context, do func(Reader) error) error
	// Erased is called after a transaction that erased values, to rid the database of what deleted data leaves behind.
	Erased(ctx context.Context)
	// Listen calls notify whenever another process may have written, until the context ends.
	// It returns at once where the database cannot tell; the head is looked at from time to time anyway.
	Listen(ctx context.Context, notify func())
	// SyncViews makes the views that are given and removes those that it made before and that are not among them.
	SyncViews(ctx context.Context, views []View) error
	// Close ends the use of the database.
	Close() error
}

// Uncertain is the error of a transaction of which it is not known whether it holds.
type Uncertain struct {
	// Err is what went wrong.
	Err error
}

// Error writes what went wrong.
func (u Uncertain) Error() string { return u.Err.Error() }

// Unwrap returns what went wrong.
func (u Uncertain) Unwrap() error { return u.Err }
