package ledger

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal"
	"binnacle/model"
)

// plan is what an append does to the database, worked out before the database is locked.
type plan struct {
	head    uint64
	commits []journal.Commit
	// pieces are the chunks to be, in order.
	pieces []*piece
	// deeds are what happens to each record, in order of their first change.
	deeds []deed
	index map[model.ID]int32
	// entries are known once the plan is written.
	entries []EntryRow
}

// piece is a chunk to be. Its number counts from the first chunk of the plan, from 1.
type piece struct {
	seq     uint64
	changes []model.Change
	// from is the place of the first change in its entry, and doomed says where the values to be erased are in it.
	from   int
	doomed map[doom]int
	ready  chan struct{}
	data   []byte
	sums   []tlog.Hash
	err    error
}

// doom is a field whose values an entry erases.
type doom struct {
	id    model.ID
	field string
}

// doomedIn returns the last change of an entry that touches each field that the
// entry erases. Only that one may keep a value, which is the new one.
func doomedIn(c *journal.Commit) map[doom]int {
	if len(c.Erase) == 0 {
		return nil
	}
	out := map[doom]int{}
	for _, e := range c.Erase {
		for _, name := range e.Fields {
			out[doom{e.ID, name}] = -1
		}
	}
	for i := range c.Entry.Changes {
		ch := &c.Entry.Changes[i]
		for _, f := range ch.Fields {
			if _, ok := out[doom{ch.ID, f.Name}]; ok {
				out[doom{ch.ID, f.Name}] = i
			}
		}
	}
	return out
}

// deed is what an append does to one record.
type deed struct {
	id model.ID
	// gone says that a record that was there before is removed, fresh that the record is created by the append.
	gone, fresh, alive, rekeyed bool
	// commit is the last commit that touches the record and rowOf the one that row is of, counted from 1.
	commit, rowOf int
	track         track
	touches       []uint64
	row           *journal.Row
}

// newPlan checks commits and works out what they do.
func newPlan(head uint64, commits []journal.Commit) (*plan, error) {
	p := &plan{head: head, commits: commits}
	n := 0
	for i := range commits {
		n += len(commits[i].Rows)
	}
	p.deeds, p.index = make([]deed, 0, n), make(map[model.ID]int32, n)
	for i := range commits {
		c := &commits[i]
		if want := head + uint64(i) + 1; c.Entry.Seq != want {
			return nil, fmt.Errorf("append: entry %d stands where entry %d is due", c.Entry.Seq, want)
		}
		if i > 0 && c.Entry.At < commits[i-1].Entry.At {
			return nil, fmt.Errorf("append: entry %d is of %s, before the entry in front of it", c.Entry.Seq, c.Entry.At)
		}
		if err := p.addCommit(c, i+1); err != nil {
			return nil, fmt.Errorf("append: entry %d: %w", c.Entry.Seq, err)
		}
	}
	return p, nil
}

func (p *plan) addCommit(c *journal.Commit, number int) error {
	touched, size, from := 0, 0, 0
	doomed := doomedIn(c)
	cut := func(upto int) {
		p.pieces = append(p.pieces, &piece{seq: c.Entry.Seq, changes: c.Entry.Changes[from:upto], from: from, doomed: doomed, ready: make(chan struct{})})
		from, size = upto, 0
	}
	for i := range c.Entry.Changes {
		ch := &c.Entry.Changes[i]
		n, err := checkChange(ch)
		if err != nil {
			return fmt.Errorf("change %d: %w", i+1, err)
		}
		if i > from && (i-from == chunkChanges || size+n > chunkBytes) {
			cut(i)
		}
		size += n
		d := p.deed(ch)
		if d.commit != number {
			d.commit = number
			touched++
		}
		if err := d.step(ch, uint64(len(p.pieces))+1); err != nil {
			return fmt.Errorf("change %d: %w", i+1, err)
		}
	}
	if from < len(c.Entry.Changes) {
		cut(len(c.Entry.Changes))
	}
	for i := range c.Rows {
		if err := p.addRow(&c.Rows[i], number); err != nil {
			return err
		}
	}
	if touched != len(c.Rows) {
		return fmt.Errorf("it changes %d records and brings the rows of %d", touched, len(c.Rows))
	}
	return nil
}

func (p *plan) deed(ch *model.Change) *deed {
	at, ok := p.index[ch.ID]
	if !ok {
		at = int32(len(p.deeds))
		p.index[ch.ID] = at
		p.deeds = append(p.deeds, deed{id: ch.ID, alive: ch.Op != model.Create})
	}
	return &p.deeds[at]
}

func (p *plan) addRow(row *journal.Row, number int) error {
	at, ok := p.index[row.ID]
	if !ok || p.deeds[at].commit != number {
		return fmt.Errorf("there is a row of the record %s, which it does not change", row.ID)
	}
	d := &p.deeds[at]
	if d.rowOf == number {
		return fmt.Errorf("there are two rows of the record %s", row.ID)
	}
	if d.alive != (row.Body != nil) {
		return fmt.Errorf("the row of the record %s does not agree with the changes on whether it is removed", row.ID)
	}
	if row.Body != nil && (row.Kind == "" || row.Key == "") {
		return fmt.Errorf("the row of the record %s has no kind or no key", row.ID)
	}
	d.row, d.rowOf = row, number
	return nil
}

// checkChange says what is wrong with the form of a change, and how large its values are.
func checkChange(c *model.Change) (size int, err error) {
	if opCode(c.Op) == 0 {
		return 0, fmt.Errorf("%q is not something that a change can do", c.Op)
	}
	if c.ID.IsZero() || c.Kind == "" {
		return 0, errors.New("it has no id or no kind")
	}
	for i := range c.Fields {
		if i > 0 && c.Fields[i-1].Name >= c.Fields[i].Name {
			return 0, fmt.Errorf("the field %s is twice there or not in the order of names", c.Fields[i].Name)
		}
		size += len(c.Fields[i].Before) + len(c.Fields[i].After) + 4
	}
	return size + 40, nil
}

// step follows a record through one change.
func (d *deed) step(c *model.Change, piece uint64) error {
	switch c.Op {
	case model.Create:
		if d.alive {
			return fmt.Errorf("the record %s is created, but it is there already", c.ID)
		}
		d.alive, d.fresh = true, true
	case model.Edit:
		if !d.alive {
			return fmt.Errorf("the record %s is edited after its removal", c.ID)
		}
		if _, ok := c.Field("key"); ok {
			d.rekeyed = true
		}
	case model.Remove:
		if !d.alive {
			return fmt.Errorf("the record %s is removed twice", c.ID)
		}
		if !d.fresh {
			d.gone = true
		}
		d.alive, d.fresh = false, false
	}
	d.track.step(c.Op, piece, func(n uint64) { d.touches = append(d.touches, n) })
	return nil
}

// erases reports whether values are to be erased.
func (p *plan) erases() bool {
	return slices.ContainsFunc(p.commits, func(c journal.Commit) bool { return len(c.Erase) > 0 })
}

// write carries the plan out.
func (p *plan) write(ctx context.Context, w Writer) error {
	head, err := w.Head()
	if err != nil {
		return err
	}
	if head.Seq > p.head {
		return journal.Behind{Head: head.Seq}
	}
	if head.Seq < p.head {
		return fmt.Errorf("append: the journal ends with entry %d, and the caller knows entry %d: an older copy has been restored; start again", head.Seq, p.head)
	}
	if first := p.commits[0].Entry; first.At < head.At {
		return fmt.Errorf("append: entry %d is of %s, before the last entry of %s: look at the clock", first.Seq, first.At, head.At)
	}
	p.seal(ctx)
	if err := p.writeRecords(w, head.Chunk); err != nil {
		return err
	}
	if err := w.AddChunks(p.chunks(ctx, head.Chunk)); err != nil {
		return err
	}
	if err := p.writeEntries(w, &head); err != nil {
		return err
	}
	for i := range p.commits {
		if err := p.erase(w, i); err != nil {
			return err
		}
	}
	return w.SetHead(head)
}

// writeRecords brings the records to the state after the last commit. Keys that
// become free are freed before they are given to others.
func (p *plan) writeRecords(w Writer, chunk uint64) error {
	var gone, park []model.ID
	var changed []RecordRow
	var touches []Touch
	for i := range p.deeds {
		d := &p.deeds[i]
		for _, n := range d.touches {
			touches = append(touches, Touch{d.id, chunk + n})
		}
		if d.gone {
			gone = append(gone, d.id)
		} else if d.alive && !d.fresh {
			changed = append(changed, RecordRow{Row: *d.row})
			if d.rekeyed {
				park = append(park, d.id)
			}
		}
	}
	steps := []func() error{
		func() error { return w.RemoveRecords(gone) },
		func() error { return w.ParkKeys(park) },
		func() error { return w.UpdateRecords(changed) },
		func() error { return w.AddRecords(p.fresh(chunk)) },
		func() error { return w.AddTouches(touches) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// fresh yields the records that the append creates.
func (p *plan) fresh(chunk uint64) iter.Seq2[RecordRow, error] {
	return func(yield func(RecordRow, error) bool) {
		for i := range p.deeds {
			d := &p.deeds[i]
			if d.alive && d.fresh && !yield(RecordRow{Row: *d.row, First: chunk + d.track.first}, nil) {
				return
			}
		}
	}
}

// seal commits to all changes and packs them, on all processors, while the caller does something else.
func (p *plan) seal(ctx context.Context) {
	var next atomic.Int64
	work := func() {
		for {
			n := int(next.Add(1)) - 1
			if n >= len(p.pieces) {
				return
			}
			piece := p.pieces[n]
			if piece.err = ctx.Err(); piece.err == nil {
				piece.seal()
			}
			close(piece.ready)
		}
	}
	for range min(len(p.pieces), runtime.GOMAXPROCS(0)) {
		go work()
	}
}

func (p *piece) seal() {
	var h hasher
	salts := newSalts(len(p.changes))
	sealed := make([]Sealed, len(p.changes))
	p.sums = make([]tlog.Hash, len(p.changes))
	for i := range p.changes {
		sealed[i] = Sealed{Change: p.changes[i], Salt: salts[i]}
		p.sums[i] = h.closed(&sealed[i], p.from+i, p.doomed)
	}
	p.data, p.err = EncodeChunk(sealed)
}

// closed commits to a change as it is first written. Values that its own entry
// erases, and values that had been erased when an older change was taken back,
// are never written.
func (h *hasher) closed(c *Sealed, place int, doomed map[doom]int) tlog.Hash {
	if doomed == nil && !slices.ContainsFunc(c.Fields, func(f model.FieldChange) bool { return f.Erased }) {
		return h.commitment(c)
	}
	var names []string
	fields := slices.Clone(c.Fields)
	for i := range fields {
		f := &fields[i]
		if last, ok := doomed[doom{c.ID, f.Name}]; ok {
			if f.Before = nil; last != place || len(f.After) == 0 {
				names = append(names, f.Name)
			}
		} else if f.Erased && len(f.Before)+len(f.After) == 0 {
			names = append(names, f.Name)
		}
		f.Erased = false
	}
	c.Fields = fields
	sum := h.commitment(c)
	for _, name := range names {
		h.erase(c, name)
	}
	return sum
}

// chunks yields the chunks as they become ready.
func (p *plan) chunks(ctx context.Context, chunk uint64) iter.Seq2[ChunkRow, error] {
	return func(yield func(ChunkRow, error) bool) {
		for i, piece := range p.pieces {
			select {
			case <-piece.ready:
			case <-ctx.Done():
				yield(ChunkRow{}, ctx.Err())
				return
			}
			if !yield(ChunkRow{ID: chunk + uint64(i) + 1, Seq: piece.seq, Data: piece.data}, piece.err) || piece.err != nil {
				return
			}
			piece.data = nil
		}
	}
}

// writeEntries writes the entries and grows the tree.
func (p *plan) writeEntries(w Writer, head *Head) error {
	t, err := newTree(head.Seq, w.Hashes)
	if err != nil {
		return err
	}
	var hashes []HashRow
	salts, pieces := newSalts(len(p.commits)), p.pieces
	p.entries = p.entries[:0]
	for i := range p.commits {
		e := &p.commits[i].Entry
		h := Header{Seq: e.Seq, At: e.At, Who: e.Who, Why: e.Why, Source: e.Source, Undoes: e.Undoes, Salt: salts[i], Changes: len(e.Changes)}
		sum := sha256.New()
		for ; len(pieces) > 0 && pieces[0].seq == e.Seq; pieces = pieces[1:] {
			for _, s := range pieces[0].sums {
				sum.Write(s[:])
			}
		}
		row := EntryRow{Seq: e.Seq, At: e.At, Data: h.encode(), Changes: h.Changes, Leaf: leafHash(&h, sum)}
		p.entries = append(p.entries, row)
		first, added, err := t.add(row.Leaf)
		if err != nil {
			return err
		}
		for i, hash := range added {
			hashes = append(hashes, HashRow{first + int64(i), hash})
		}
		head.Seq, head.At = e.Seq, e.At
		head.Changes += uint64(h.Changes)
	}
	head.Chunk += uint64(len(p.pieces))
	if head.Root, err = t.root(); err != nil {
		return err
	}
	if err := w.AddEntries(p.entries); err != nil {
		return err
	}
	return w.AddHashes(hashes)
}

// erase takes values out of all entries before a commit.
func (p *plan) erase(w Writer, commit int) error {
	c := &p.commits[commit]
	for _, e := range c.Erase {
		if err := p.checkErasure(w, commit, e); err != nil {
			return err
		}
		ids, err := w.TouchedBy(e.ID)
		if err != nil {
			return err
		}
		for batch := range slices.Chunk(ids, 16) {
			rows, err := w.ChunksByID(batch)
			if err != nil {
				return err
			}
			for _, row := range rows {
				if row.Seq >= c.Entry.Seq {
					continue
				}
				if err := eraseIn(w, row, e); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func eraseIn(w Writer, row ChunkRow, e journal.Erasure) error {
	changes, err := DecodeChunk(row.Data, nil)
	if err != nil {
		return fmt.Errorf("erase: chunk %d of entry %d is damaged: %w", row.ID, row.Seq, err)
	}
	var h hasher
	erased := false
	for i := range changes {
		if changes[i].ID != e.ID {
			continue
		}
		for _, name := range e.Fields {
			erased = h.erase(&changes[i], name) || erased
		}
	}
	if !erased {
		return nil
	}
	if row.Data, err = EncodeChunk(changes); err != nil {
		return err
	}
	return w.ReplaceChunk(row)
}

// checkErasure refuses to erase a value that the record still has, unless the
// append sets a new one: the row would no longer follow from the entries.
func (p *plan) checkErasure(w Writer, commit int, e journal.Erasure) error {
	bodies, err := w.Bodies([]model.ID{e.ID})
	if err != nil {
		return err
	}
	for _, name := range e.Fields {
		has := false
		err := EachMember(bodies[e.ID], func(member string, _ []byte) error {
			has = has || member == name
			return nil
		})
		if err != nil {
			return fmt.Errorf("erase: the body of the record %s: %w", e.ID, err)
		}
		if has && !p.sets(commit, e.ID, name) {
			return fmt.Errorf("erase: the record %s still has a value of %s: take it away or replace it in the entry that erases", e.ID, name)
		}
	}
	return nil
}

// sets reports whether a commit or one behind it gives a field a value.
func (p *plan) sets(commit int, id model.ID, name string) bool {
	for _, c := range p.commits[commit:] {
		for i := range c.Entry.Changes {
			if ch := &c.Entry.Changes[i]; ch.ID == id {
				if f, ok := ch.Field(name); ok && len(f.After) > 0 {
					return true
				}
			}
		}
	}
	return false
}
