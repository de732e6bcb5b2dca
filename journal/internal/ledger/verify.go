package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/maphash"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal"
	"binnacle/model"
)

// mostFindings is how many findings a report lists. More of them say nothing new.
const mostFindings = 100

// Verify proves the journal: every entry, the tree, every checkpoint issued, the
// notes that were kept elsewhere, the rows and the indexes. Progress may be nil;
// it is told how many changes of how many have been looked at.
func (j *Journal) Verify(ctx context.Context, kept []string, progress func(done, total uint64)) (journal.Report, error) {
	v := newVerifier()
	if progress != nil {
		v.progress = progress
	}
	var damage []string
	looked := make(chan error, 1)
	go func() {
		looked <- j.store.Read(ctx, func(r Reader) (err error) {
			damage, err = r.Damage()
			return err
		})
	}()
	err := j.store.Read(ctx, func(r Reader) error { return v.verify(ctx, r, kept) })
	err = errors.Join(err, <-looked)
	for _, text := range damage {
		v.find(0, model.ID{}, "the database finds damage: %s", text)
	}
	return v.done(), err
}

// verifier looks at the parts of a journal one after the other.
type verifier struct {
	report   journal.Report
	hidden   int
	fold     *fold
	tree     *tree
	progress func(done, total uint64)
	total    uint64

	// hashes are the digests of the stored hashes that the tree should have, added up.
	hashes uint64
	// expected are the checkpoints by size.
	expected map[uint64][]expectation

	// header, row and sum are of the entry that is being looked at; seen is how many of its changes have come.
	header Header
	row    EntryRow
	sum    hash.Hash
	seen   int
	chunk  uint64
}

// expectation is a checkpoint that the tree must agree with.
type expectation struct {
	name string
	root tlog.Hash
	kept bool
}

func newVerifier() *verifier {
	t, _ := newTree(0, nil)
	return &verifier{fold: newFold(), tree: t, progress: func(uint64, uint64) {}, expected: map[uint64][]expectation{}}
}

func (v *verifier) find(seq uint64, id model.ID, format string, args ...any) {
	if len(v.report.Problems) >= mostFindings {
		v.hidden++
		return
	}
	v.report.Problems = append(v.report.Problems, journal.Finding{Seq: seq, ID: id, Text: fmt.Sprintf(format, args...)})
}

func (v *verifier) done() journal.Report {
	if v.hidden > 0 {
		v.report.Problems = append(v.report.Problems, journal.Finding{Text: fmt.Sprintf("%d more things do not hold", v.hidden)})
		v.hidden = 0
	}
	return v.report
}

func (v *verifier) verify(ctx context.Context, r Reader, kept []string) error {
	head, err := r.Head()
	if err != nil {
		return err
	}
	v.total = head.Changes
	keys, err := r.Keys()
	if err != nil {
		return err
	}
	if err := keys.check(); err != nil {
		v.find(0, model.ID{}, "%v", err)
	}
	notes, err := r.Checkpoints()
	if err != nil {
		return err
	}
	v.expect(keys, notes, kept)
	if err := v.entries(ctx, r); err != nil {
		return err
	}
	v.finish(head, len(notes))
	if err := v.indexes(r); err != nil {
		return err
	}
	return v.records(ctx, r)
}

// expect reads the checkpoints that the tree must agree with.
func (v *verifier) expect(keys Keys, notes []CheckpointRow, kept []string) {
	size := uint64(0)
	for i, row := range notes {
		name := fmt.Sprintf("checkpoint %d", row.Number)
		if row.Number != uint64(i)+1 {
			v.find(0, model.ID{}, "checkpoint %d is missing", i+1)
		}
		c, err := keys.open(row.Note)
		if err != nil {
			v.find(0, model.ID{}, "%s: %v", name, err)
			continue
		}
		if c.size != row.Size || c.size < size {
			v.find(0, model.ID{}, "%s: its size of %d entries is out of order", name, c.size)
		}
		size = c.size
		v.expected[c.size] = append(v.expected[c.size], expectation{name: name, root: c.root})
	}
	for i, text := range kept {
		name := fmt.Sprintf("the checkpoint kept elsewhere (%d of %d)", i+1, len(kept))
		c, err := keys.open(text)
		if err != nil {
			v.find(0, model.ID{}, "%s: %v", name, err)
			continue
		}
		v.expected[c.size] = append(v.expected[c.size], expectation{name: name, root: c.root, kept: true})
	}
	v.meet()
}

// meet compares the tree as it is now with the checkpoints of its size.
func (v *verifier) meet() {
	size := uint64(v.tree.size)
	expected := v.expected[size]
	if len(expected) == 0 {
		return
	}
	delete(v.expected, size)
	root, err := v.tree.root()
	for _, e := range expected {
		switch {
		case err != nil || root != e.root:
			v.find(0, model.ID{}, "%s: it does not agree with the first %d entries: history has been rewritten", e.name, size)
		case e.kept:
			v.report.Kept++
		default:
			v.report.Checkpoints++
		}
	}
}

// entries looks at every entry and at all its changes.
func (v *verifier) entries(ctx context.Context, r Reader) error {
	const page = 1024
	for after := uint64(0); ; {
		rows, err := r.Entries(after, 1<<62, page)
		if err != nil || len(rows) == 0 {
			return err
		}
		last := rows[len(rows)-1].Seq
		for steps, err := range inOrder(r.Chunks(after+1, last), v.stepsOf) {
			if err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			for len(rows) > 0 && rows[0].Seq <= steps.row.Seq {
				v.begin(rows[0])
				rows = rows[1:]
			}
			v.changes(steps)
		}
		for _, row := range rows {
			v.begin(row)
		}
		after = last
	}
}

// steps are the changes of a chunk, summed up.
type steps struct {
	row   ChunkRow
	steps []step
	err   error
}

func (v *verifier) stepsOf(row ChunkRow) steps {
	out := steps{row: row}
	var changes []Sealed
	if changes, out.err = DecodeChunk(row.Data, nil); out.err != nil {
		return out
	}
	var h hasher
	out.steps = make([]step, len(changes))
	for i := range changes {
		out.steps[i] = v.fold.stepOf(&h, &changes[i])
	}
	out.row.Data = nil
	return out
}

// begin ends the entry that was looked at and begins the next.
func (v *verifier) begin(row EntryRow) {
	v.end()
	want := uint64(len(v.fold.times)) + 1
	for ; want < row.Seq && len(v.report.Problems) < mostFindings; want++ {
		v.find(want, model.ID{}, "the entry is missing")
	}
	if n := len(v.fold.times); n > 0 && row.At < v.fold.times[n-1] {
		v.find(row.Seq, model.ID{}, "its moment %s is before that of the entry in front of it", row.At)
	}
	if row.Seq < want {
		v.find(row.Seq, model.ID{}, "the entry is there twice or out of order")
	}
	for uint64(len(v.fold.times)) < row.Seq && len(v.fold.times) < 1<<40 {
		if gap := row.Seq - uint64(len(v.fold.times)); gap > 1<<20 {
			break
		}
		v.fold.times = append(v.fold.times, row.At)
	}
	header, err := DecodeHeader(row)
	if err != nil {
		v.find(row.Seq, model.ID{}, "%v", err)
	}
	v.header, v.row, v.sum, v.seen = header, row, sha256.New(), 0
}

// changes adds the changes of a chunk to the entry that is being looked at.
func (v *verifier) changes(s steps) {
	v.chunk++
	if s.row.ID != v.chunk {
		v.find(s.row.Seq, model.ID{}, "chunk %d stands where chunk %d is due", s.row.ID, v.chunk)
		v.chunk = s.row.ID
	}
	if v.sum == nil || s.row.Seq != v.row.Seq {
		v.find(s.row.Seq, model.ID{}, "there are changes without an entry")
		return
	}
	if s.err != nil {
		v.find(s.row.Seq, model.ID{}, "the changes in chunk %d are damaged: %v", s.row.ID, s.err)
		return
	}
	for i := range s.steps {
		st := &s.steps[i]
		v.sum.Write(st.commit[:])
		v.report.Erased += st.erased
		if wrong := v.fold.apply(st, s.row.Seq, s.row.ID); wrong != "" {
			v.find(s.row.Seq, st.id, "%s", wrong)
		}
	}
	v.seen += len(s.steps)
	v.report.Changes += uint64(len(s.steps))
	v.progress(v.report.Changes, max(v.total, v.report.Changes))
}

// end compares the entry that was looked at with its leaf and puts it into the tree.
func (v *verifier) end() {
	if v.sum == nil {
		return
	}
	v.report.Entries++
	if v.seen != v.row.Changes {
		v.find(v.row.Seq, model.ID{}, "the entry says that it has %d changes, and there are %d", v.row.Changes, v.seen)
	}
	leaf := leafHash(&v.header, v.sum)
	if leaf != v.row.Leaf {
		v.find(v.row.Seq, model.ID{}, "the entry differs from what was written: it does not have the hash of its leaf")
	}
	first, added, err := v.tree.add(leaf)
	if err != nil {
		v.find(v.row.Seq, model.ID{}, "the tree cannot be built: %v", err)
	}
	for i, h := range added {
		v.hashes += v.hashDigest(HashRow{first + int64(i), h})
	}
	v.sum = nil
	v.meet()
}

func (v *verifier) hashDigest(row HashRow) uint64 {
	return maphash.Comparable(v.fold.seed, row)
}

// finish ends the last entry and compares the tree with the head and with the checkpoints that are left.
func (v *verifier) finish(head Head, checkpoints int) {
	v.end()
	root, err := v.tree.root()
	v.report.Root = hex.EncodeToString(root[:])
	if err != nil || root != head.Root {
		v.find(0, model.ID{}, "the entries do not lead to the root %s that was written", hex.EncodeToString(head.Root[:]))
	}
	if head.Seq != v.report.Entries || head.Changes != v.report.Changes || head.Chunk != v.chunk {
		v.find(0, model.ID{}, "the head says %d entries, %d changes and %d chunks; there are %d, %d and %d",
			head.Seq, head.Changes, head.Chunk, v.report.Entries, v.report.Changes, v.chunk)
	}
	if n := len(v.fold.times); n > 0 && head.At != v.fold.times[n-1] || n == 0 && head.At != 0 {
		v.find(0, model.ID{}, "the head has the moment %s, which the last entry does not have", head.At)
	}
	if head.Checkpoints != uint64(checkpoints) {
		v.find(0, model.ID{}, "the head says %d checkpoints, and there are %d", head.Checkpoints, checkpoints)
	}
	for size, expected := range v.expected {
		for _, e := range expected {
			v.find(0, model.ID{}, "%s: it is of %d entries, and the journal has %d: entries have been taken off its end", e.name, size, v.report.Entries)
		}
	}
}

// indexes compares the stored hashes and touches with those that follow from the entries.
func (v *verifier) indexes(r Reader) error {
	sum, n := uint64(0), int64(0)
	for row, err := range r.AllHashes() {
		if err != nil {
			return err
		}
		sum += v.hashDigest(row)
		n++
	}
	if sum != v.hashes || n != tlog.StoredHashCount(v.tree.size) {
		v.find(0, model.ID{}, "the stored hashes of the tree differ from those of the entries")
	}
	touches, touched := uint64(0), uint64(0)
	for t, err := range r.AllTouches() {
		if err != nil {
			return err
		}
		touches += v.fold.touchDigest(t)
		touched++
	}
	if touches != v.fold.touches || touched != v.fold.touched {
		v.find(0, model.ID{}, "the index of the changes by record differs from the entries")
	}
	return nil
}

// records compares the rows with the replay.
func (v *verifier) records(ctx context.Context, r Reader) error {
	type summed struct {
		rows   []RecordRow
		bodies []body
	}
	work := func(rows []RecordRow) summed {
		out := summed{rows, make([]body, len(rows))}
		for i := range rows {
			out.bodies[i] = v.fold.bodyOf(&rows[i])
		}
		return out
	}
	for batch, err := range inOrder(batches(r.Records(false), 256), work) {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		v.compare(batch.rows, batch.bodies)
	}
	v.finishRecords()
	return nil
}

func (v *verifier) compare(rows []RecordRow, bodies []body) {
	for i := range rows {
		for _, text := range v.fold.compare(&rows[i], bodies[i]) {
			v.find(rows[i].Changed.Seq, rows[i].ID, "%s", text)
		}
	}
}

func (v *verifier) finishRecords() {
	for _, f := range v.fold.missing(mostFindings) {
		v.find(f.Seq, f.ID, "%s", f.Text)
	}
}

// batches puts items together so that handing them to another processor costs little.
func batches[T any](items iter.Seq2[T, error], size int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		batch := make([]T, 0, size)
		for item, err := range items {
			if err != nil {
				yield(nil, err)
				return
			}
			if batch = append(batch, item); len(batch) == size {
				if !yield(batch, nil) {
					return
				}
				batch = make([]T, 0, size)
			}
		}
		if len(batch) > 0 {
			yield(batch, nil)
		}
	}
}
