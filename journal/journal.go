// Package journal keeps the truth: the ordered, durable, provable list of
// entries. Back ends live in the folders sqlite and postgres; both pass the
// suite in journaltest.
package journal

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"binnacle/model"
)

// Entry is changes that happen together.
type Entry struct {
	// Seq is the number of the entry, from 1 and without gaps.
	Seq uint64 `json:"seq"`
	// At is when the entry was made. It never runs back.
	At model.Time `json:"at"`
	// Who made the entry: the key of a person, or the name of a job.
	Who string `json:"who,omitempty"`
	// Why says what the entry is for.
	Why string `json:"why,omitempty"`
	// Source says where the changes come from: person, or the key of a source.
	Source string `json:"source,omitempty"`
	// Undoes is the number of the entry that this one takes back, or 0.
	Undoes uint64 `json:"undoes,omitempty"`
	// Changes are what happened, in an order in which they can be applied.
	Changes []model.Change `json:"changes,omitempty"`
}

// Row is a record as it is now, as the journal keeps it.
type Row struct {
	// Kind is the name of the kind.
	Kind string
	// ID names the record.
	ID model.ID
	// Key is the key of the record. Kind and key are unique together.
	Key string
	// Version counts the changes of the record, from 1.
	Version uint32
	// Created is the entry that created the record.
	Created model.Stamp
	// Changed is the entry that changed it last.
	Changed model.Stamp
	// Body is what [model.Kind.Encode] wrote, or nil where the record is removed.
	Body []byte
}

// Erasure names the fields of a record whose values are to be erased from every
// entry up to now, without breaking the proof. The entry that erases must take
// the values away or replace them; of its own changes, only new values are kept.
type Erasure struct {
	// ID names the record.
	ID model.ID
	// Fields are the names of the fields.
	Fields []string
}

// Commit is an entry and the rows that it leads to.
type Commit struct {
	// Entry has the number that follows the one before it.
	Entry Entry
	// Rows are the records that the entry touches, as they are after it. Each appears once.
	Rows []Row
	// Erase are values to be erased from all entries before this one.
	Erase []Erasure
}

// Journal is what a back end offers. All methods may be called at the same time.
type Journal interface {
	// Append writes commits in one durable transaction. Head is the number of
	// the last entry that the caller knows; where the journal has gone on,
	// nothing is written and the error is [Behind]. The error wraps [ErrTaken]
	// where a key or an id is taken, and [ErrUnknown] where the connection was
	// lost and it could not be found out whether the commits hold.
	Append(ctx context.Context, head uint64, commits []Commit) error
	// Head returns the number of the last entry, or 0.
	Head(ctx context.Context) (uint64, error)
	// Entries yields the entries after one number and up to another, in order. Upto 0 means to the head.
	Entries(ctx context.Context, after, upto uint64) iter.Seq2[Entry, error]
	// History yields the entries that touch a record, oldest first, each with the changes of that record alone.
	History(ctx context.Context, id model.ID) iter.Seq2[Entry, error]
	// At returns the number of the last entry made at or before a moment, or 0.
	At(ctx context.Context, moment model.Time) (uint64, error)
	// Rows yields every record that is not removed, and the number of the entry that they are the state after.
	// Records of kinds that define kinds and fields come first. The rows can be ranged over once, before the context ends.
	Rows(ctx context.Context) (head uint64, rows iter.Seq2[Row, error], err error)
	// Watch returns a channel that receives once at the start and then whenever the journal may have
	// grown. It is closed when the context ends or the journal is closed.
	Watch(ctx context.Context) <-chan struct{}
	// SyncViews makes one SQL view per kind, with one typed column per field, for programs that read the database.
	SyncViews(ctx context.Context, schema *model.Schema) error
	// Proof returns what proves the journal: its tree, its keys and its checkpoints.
	Proof() Proof
	// Close ends the use of the journal.
	Close() error
}

// Behind says that the journal has gone on since the caller looked.
type Behind struct {
	// Head is the number of the last entry now.
	Head uint64
}

// Error says how far the journal is.
func (b Behind) Error() string { return fmt.Sprintf("the journal has gone on to entry %d", b.Head) }

// ErrNewer says that the database was written by a newer release.
var ErrNewer = errors.New("the database was written by a newer release of Binnacle: use that release or a later one")

// ErrUnknown says that the connection to the database was lost while entries
// were written, and that it could not be found out whether they hold. The
// caller compares the head, once the database answers again, before it tries again.
var ErrUnknown = errors.New("it is not known whether the entries were written")

// ErrTaken says that a kind has another record with the same key, or that a record with the id is there already.
var ErrTaken = errors.New("the key or the id is taken by another record")
