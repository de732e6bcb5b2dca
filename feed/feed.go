// Package feed reads foreign formats and proposes changes of the estate. A
// format lives in a folder of its own and fills a [Batch]; [Reconcile] finds out
// which records are meant and what would change.
package feed

import (
	"context"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// Format is a reader of one foreign format.
type Format struct {
	// Name is the short name of the format, such as cyclonedx.
	Name string
	// Label is what a screen calls it, such as CycloneDX bill of materials.
	Label string
	// Help says in a sentence what becomes of the content.
	Help string
	// Rank decides between sources where the organisation has not given the source a rank: 30 for guesses from outside, 50 for
	// what machines report of themselves, 60 for what people keep in other systems, 90 for what people wrote for Binnacle.
	Rank int
	// Together says that several contents of one import are one whole, such as a folder of manifests that refer to each other.
	Together bool
	// Releases says that a content may be told to describe one release of something: see Input.Release.
	Releases bool
	// Detect says from the content how likely it is of this format: 0 for no, 100 for certainly. It must be quick, must not trust
	// the name of the file and must not panic on anything.
	Detect func(data []byte) int
	// Read fills the batch with what the content says. An error means that the content as a whole cannot be read; what is wrong
	// with single items goes to Batch.Refuse.
	Read func(ctx context.Context, in Input, b *Batch) error
}

// Input is one content to be read.
type Input struct {
	// Name is the name of the file, or where the content came from. It is only for messages and for the name of the source.
	Name string
	// Data is the whole content, at most Limits.Bytes long. It is empty where the content is streamed.
	Data []byte
	// Bulk is the format of bulk lines that the content is of, or nil where that was not found out or where it holds records.
	Bulk *Bulk
	// Open opens a content that is too large to be held, or is nil. What it returns must be closed. It may be called again
	// as long as whoever handed out the input has not gone on to the next one.
	Open func() (*Stream, error)
	// Kind is the kind that the rows of a table become, where the person said so.
	Kind string
	// Mapping says which column of a table goes into which field, where one was given or saved.
	Mapping *model.Mapping
	// Release is the version that a bill of materials describes, where the person wants its components kept for that release
	// and not for the application or product as it is used now.
	Release string
}

// Limits bound what one content may cost. Readers of formats check the ones that they can break.
type Limits struct {
	// Bytes is how long a content may be, also after it is unpacked.
	Bytes int64
	// Items is how many records one content may propose.
	Items int
	// Depth is how deep lists and maps or elements may be nested.
	Depth int
	// Ratio is how many times larger than packed something unpacked may be.
	Ratio int64
	// Bulk is how long a content of bulk lines may be, also after it is unpacked. It is streamed and never held as a whole.
	Bulk int64
	// Temp is the folder into which packed bulk lines are unpacked while they are read. Empty means that of the system.
	Temp string
}

// DefaultLimits are the limits of an import.
var DefaultLimits = Limits{Bytes: 512 << 20, Items: 5_000_000, Depth: 100, Ratio: 100, Bulk: 64 << 30}

// Where says where in a content something stands.
type Where struct {
	// File is the name of the file.
	File string `json:"file,omitempty"`
	// Line counts from 1. 0 means unknown.
	Line int `json:"line,omitempty"`
	// Column counts from 1. 0 means unknown.
	Column int `json:"column,omitempty"`
	// Path is the place in the words of the format, such as components[12].purl or a sheet and a cell.
	Path string `json:"path,omitempty"`
}

// String writes the place as compilers do: file:line:column: path.
func (w Where) String() string {
	out := w.File
	if w.Line > 0 {
		out += fmt.Sprintf(":%d", w.Line)
		if w.Column > 0 {
			out += fmt.Sprintf(":%d", w.Column)
		}
	}
	if w.Path != "" {
		out += ": " + w.Path
	}
	return out
}

// Refusal is something that was not taken, and why.
type Refusal struct {
	// Where it stands.
	Where Where `json:"where"`
	// Record names what was refused, as kind and key, where that is known.
	Record string `json:"record,omitempty"`
	// Field is the field that is wrong, where it is about one.
	Field string `json:"field,omitempty"`
	// Reason says what is wrong and what to do.
	Reason string `json:"reason"`

	unresolved bool
}

// String writes the refusal on one line.
func (r Refusal) String() string {
	out := r.Where.String() + ": "
	if r.Record != "" {
		out += r.Record + ": "
	}
	if r.Field != "" {
		out += r.Field + ": "
	}
	return out + r.Reason
}

// Ident is a name by which a record can be known again.
type Ident struct {
	// Name is the sort of the identity: key, external, or the identity of a field, such as serial, mac, fqdn, purl.
	Name string
	// Value is the identity itself.
	Value string
}

// External is the identity that a source gives to a record for its own use.
func External(id string) Ident { return Ident{"external", id} }

// ByKey is the identity of a record by its key.
func ByKey(key string) Ident { return Ident{"key", key} }

// Item is one record that a batch proposes.
type Item struct {
	// Record holds the values. Its id is provisional, and so are those of its refs: they are what the batch gave out. Values that
	// are empty say nothing, unless Clear names their field.
	Record model.Record
	// Clear names fields that the source says have no value.
	Clear []string
	// Idents are identities apart from those in the fields of the record.
	Idents []Ident
	// Where the record stands in the content.
	Where Where
	// Mention says that the content only names the record: it is created where it is missing and otherwise left as it is.
	Mention bool
	// Finishes says that the item only finishes what another source began, such as refs to what has come since: it
	// may replace what any source but a person has set.
	Finishes bool
	// Or names other kinds under which the same thing may be known. Where it is, only the sighting is noted.
	Or []string
}

// Link is a ref to a record that must exist, in the estate or in the batch.
type Link struct {
	// Kinds are the kinds that it may be of. None means any.
	Kinds []string
	// Text names it, by key, by Kind/key or by id.
	Text string
	// Where the link stands in the content.
	Where Where
	// Optional says that a link to nothing is left out with a note, and does not refuse the record that holds it.
	Optional bool
}

// Batch is what one content proposes, before anybody looked at the estate.
type Batch struct {
	// Schema is the kinds that the estate knows.
	Schema *model.Schema
	// Limits are the limits of this reading.
	Limits Limits
	// Source describes where the content came from. Readers fill in Key, Name, Format, Describes, Release, Serial and Produced.
	Source model.Source
	// Complete says that the source tells everything it knows: what it told before and does not tell now has become stale.
	Complete bool
	// Items are the records proposed.
	Items []*Item
	// Links are the refs to records that must exist.
	Links []*Link
	// Refused are the items that could not be read.
	Refused []Refusal
	// Notes are sentences for the person that imports, such as what was left out.
	Notes []string
	// Contents counts what the content holds in the words of its format, such as components or cycles.
	Contents map[string]int
	// Compare names a kind whose differences are told as changed, added and removed, as for bills of materials.
	Compare string
	// Settlers finish the batch when the estate is known. The first one is asked to do so for all.
	Settlers []Settler

	name string
}

// Settler finishes what a content proposes when the estate is known, where the content refers to what
// only the estate can tell, such as a baseline to a catalogue. It works on a copy of the
// batch, whose items are shared: it may add items and set keys and refs, always to the same values for the same estate.
type Settler interface {
	// Settle finishes a batch. The others are the settlers of all contents that the batch was joined from, with the one that is asked.
	Settle(v estate.View, b *Batch, all []Settler)
}

// settled returns the batch as it is when the estate is known.
func (b *Batch) settled(v estate.View) *Batch {
	if len(b.Settlers) == 0 {
		return b
	}
	out := *b
	out.Items, out.Links, out.Refused, out.Notes = slices.Clip(b.Items), slices.Clip(b.Links), slices.Clip(b.Refused), slices.Clip(b.Notes)
	b.Settlers[0].Settle(v, &out, b.Settlers)
	return &out
}

// NewBatch returns an empty batch for a content.
func NewBatch(schema *model.Schema, name string) *Batch {
	return &Batch{Schema: schema, Limits: DefaultLimits, Contents: map[string]int{}, name: name}
}

// At returns a place in the content that is being read.
func (b *Batch) At(line, column int, path string) Where {
	return Where{File: b.name, Line: line, Column: column, Path: path}
}

// Add proposes a record and returns a ref to it, for use in other records of the
// batch. A record that is known under one of its identities is edited; another is created.
func (b *Batch) Add(rec model.Record, at Where, idents ...Ident) model.Ref {
	return b.add(&Item{Record: rec, Where: at, Idents: idents})
}

// Mention names a record that the content refers to without describing it. It is created where it is missing.
func (b *Batch) Mention(rec model.Record, at Where, idents ...Ident) model.Ref {
	return b.add(&Item{Record: rec, Where: at, Idents: idents, Mention: true})
}

// AddItem proposes a record with everything that can be said of it.
func (b *Batch) AddItem(item *Item) model.Ref { return b.add(item) }

func (b *Batch) add(item *Item) model.Ref {
	b.Items = append(b.Items, item)
	item.Record.Base().ID = provisional(itemMark, len(b.Items))
	return item.Record.Base().Ref()
}

// LinkTo returns a ref to a record that must exist by the time the batch is reconciled.
func (b *Batch) LinkTo(link Link) model.Ref {
	b.Links = append(b.Links, &link)
	return model.Ref(provisional(linkMark, len(b.Links)))
}

// Join adds what another batch proposes, so that both are reconciled as one whole.
func (b *Batch) Join(other *Batch) {
	items, links := len(b.Items), len(b.Links)
	shift := func(_ *model.Field, ref model.Ref) model.Ref {
		switch mark, n := standsFor(model.ID(ref)); mark {
		case itemMark:
			return model.Ref(provisional(mark, n+items))
		case linkMark:
			return model.Ref(provisional(mark, n+links))
		}
		return ref
	}
	for _, item := range other.Items {
		for _, f := range other.Schema.Of(item.Record).Fields {
			f.MapRefs(item.Record, shift)
		}
		b.add(item)
	}
	b.Links = append(b.Links, other.Links...)
	b.Settlers = append(b.Settlers, other.Settlers...)
	b.Refused = append(b.Refused, other.Refused...)
	b.Notes = append(b.Notes, other.Notes...)
	for what, n := range other.Contents {
		b.Contents[what] += n
	}
	if other.Schema != b.Schema && len(other.Schema.Kinds()) >= len(b.Schema.Kinds()) {
		b.Schema = other.Schema
	}
}

// Refuse notes that something was not taken.
func (b *Batch) Refuse(at Where, format string, args ...any) {
	b.Refused = append(b.Refused, Refusal{Where: at, Reason: fmt.Sprintf(format, args...)})
}

// RefuseRecord notes that a record was not taken because of a field, which may be empty.
func (b *Batch) RefuseRecord(at Where, record, field, reason string) {
	b.Refused = append(b.Refused, Refusal{Where: at, Record: record, Field: field, Reason: reason})
}

// Note tells the person that imports something that is not a refusal.
func (b *Batch) Note(format string, args ...any) {
	b.Notes = append(b.Notes, fmt.Sprintf(format, args...))
}

// Count adds to what the content holds in the words of its format.
func (b *Batch) Count(what string, n int) { b.Contents[what] += n }

// Resolver returns a resolver for values that were read at a place: it gives
// out links, so that a text may name a record that comes later.
func (b *Batch) Resolver(at Where) model.Resolver { return resolver{b, at} }

type resolver struct {
	batch *Batch
	at    Where
}

// Resolve gives out a link. Whether the record exists is found out by Reconcile.
func (r resolver) Resolve(kinds []string, text string) (model.Ref, error) {
	return r.batch.LinkTo(Link{Kinds: kinds, Text: text, Where: r.at}), nil
}

// The first byte of a provisional id says what it stands for. Real ids are UUIDs of version 7, which start with the time and never with these.
const (
	itemMark = 0xFE
	linkMark = 0xFF
)

func provisional(mark byte, n int) model.ID {
	return model.ID{mark, 0xFF, 0xFF, 0xFF, 11: byte(n >> 32), 12: byte(n >> 24), 13: byte(n >> 16), 14: byte(n >> 8), 15: byte(n)}
}

// standsFor takes a provisional id apart. It reports 0 for a real one.
func standsFor(id model.ID) (mark byte, n int) {
	if id[0] != itemMark && id[0] != linkMark || id[1] != 0xFF || id[2] != 0xFF || id[3] != 0xFF {
		return 0, 0
	}
	return id[0], int(id[11])<<32 | int(id[12])<<24 | int(id[13])<<16 | int(id[14])<<8 | int(id[15])
}
