package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"binnacle/journal"
	"binnacle/model"
)

// Load reads into an empty journal what Dump wrote. It verifies everything on
// the way, and keeps nothing where anything is wrong.
func (j *Journal) Load(ctx context.Context, in io.Reader) error {
	err := j.store.Write(ctx, func(w Writer) error {
		head, err := w.Head()
		if err != nil {
			return err
		}
		if head != NewHead() {
			return fmt.Errorf("load: the journal has %d entries and %d checkpoints already: load into an empty one", head.Seq, head.Checkpoints)
		}
		l := newLoader(w)
		if err := l.load(ctx, in); err != nil {
			return fmt.Errorf("load: line %d: %w", l.line, err)
		}
		return nil
	})
	if err == nil {
		j.notify()
	}
	return err
}

// loader puts the lines of a dump into the database and verifies them.
type loader struct {
	w     Writer
	v     *verifier
	tree  *tree
	line  int
	sum   hash.Hash
	head  Head
	keys  Keys
	notes []CheckpointRow
	ended bool
	rows  uint64
	stage int

	entries []EntryRow
	chunks  []ChunkRow
	size    int
	records []RecordRow
	touches []Touch
	hashes  []HashRow
}

func newLoader(w Writer) *loader {
	l := &loader{w: w, v: newVerifier(), tree: newVerifier().tree, sum: sha256.New(), head: NewHead()}
	l.v.fold.onTouch = func(t Touch) { l.touches = append(l.touches, t) }
	return l
}

// The parts of a dump, in their order.
const (
	stageStart = iota + 1
	stageCheckpoints
	stageEntries
	stageRows
	stageEnd
)

func (l *loader) load(ctx context.Context, in io.Reader) error {
	r := bufio.NewReaderSize(in, 256<<10)
	for {
		text, err := r.ReadBytes('\n')
		if err == io.EOF && len(text) == 0 {
			break
		}
		l.line++
		if err != nil && err != io.EOF {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if l.ended {
			return errors.New("there is something behind the end")
		}
		var line dumpLine
		dec := json.NewDecoder(bytes.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&line); err != nil {
			return fmt.Errorf("it is not a line of a dump: %w", err)
		}
		if err := l.add(&line); err != nil {
			return err
		}
		l.sum.Write(text)
		if len(l.v.report.Problems) > 0 {
			return errors.New(problemText(l.v.report.Problems[0]))
		}
	}
	if !l.ended {
		return errors.New("the dump has no end: it is not complete")
	}
	return nil
}

func problemText(f journal.Finding) string {
	switch {
	case f.Seq != 0 && !f.ID.IsZero():
		return fmt.Sprintf("entry %d, record %s: %s", f.Seq, f.ID, f.Text)
	case f.Seq != 0:
		return fmt.Sprintf("entry %d: %s", f.Seq, f.Text)
	}
	return f.Text
}

// enter refuses a line that stands in the wrong place.
func (l *loader) enter(stage int) error {
	if stage < l.stage || stage > stageStart && l.stage == 0 || stage == stageStart && l.stage != 0 {
		return errors.New("the lines are out of order")
	}
	l.stage = stage
	return nil
}

func (l *loader) add(line *dumpLine) error {
	switch {
	case line.Start != nil:
		if err := l.enter(stageStart); err != nil {
			return err
		}
		return l.start(line.Start)
	case line.Entry != nil:
		if err := l.leaveCheckpoints(stageEntries); err != nil {
			return err
		}
		return l.entry(line.Entry)
	case line.Chunk != nil:
		if err := l.enter(stageEntries); err != nil {
			return err
		}
		return l.chunk(line.Chunk)
	case line.Checkpoint != nil:
		if err := l.enter(stageCheckpoints); err != nil {
			return err
		}
		c := line.Checkpoint
		l.notes = append(l.notes, CheckpointRow{c.Number, c.Size, c.Note})
		return nil
	case line.Row != nil:
		if err := l.leaveCheckpoints(stageRows); err != nil {
			return err
		}
		return l.row(line.Row)
	case line.End != nil:
		if err := l.leaveCheckpoints(stageEnd); err != nil {
			return err
		}
		return l.end(line.End)
	}
	return errors.New("it is not a line of a dump")
}

// leaveCheckpoints enters a stage behind the checkpoints. From then on the tree must meet all of them.
func (l *loader) leaveCheckpoints(stage int) error {
	before := l.stage
	if err := l.enter(stage); err != nil {
		return err
	}
	if before > stageCheckpoints {
		return nil
	}
	l.v.expect(l.keys, l.notes, nil)
	return l.w.AddCheckpoints(l.notes)
}

func (l *loader) start(s *dumpStart) error {
	if s.Format < 1 || s.Format > DumpFormat {
		return fmt.Errorf("the dump has the form %d, and this release reads up to %d", s.Format, DumpFormat)
	}
	l.keys = Keys{s.Signer, s.Verifier}
	if err := l.keys.check(); err != nil {
		return err
	}
	return l.w.SetKeys(l.keys)
}

func (l *loader) entry(e *dumpEntry) error {
	if len(e.Leaf) != tlog.HashSize {
		return fmt.Errorf("entry %d: its leaf is not a hash", e.Seq)
	}
	row := EntryRow{e.Seq, model.Time(e.At), e.Data, e.Changes, tlog.Hash(e.Leaf)}
	l.v.begin(row)
	l.entries = append(l.entries, row)
	if len(l.entries) >= readEntries {
		return l.flush()
	}
	return nil
}

func (l *loader) chunk(c *dumpChunk) error {
	row := ChunkRow{c.ID, c.Seq, c.Data}
	l.v.changes(l.v.stepsOf(row))
	l.chunks = append(l.chunks, row)
	l.size += len(row.Data)
	if l.size > 4<<20 || len(l.chunks) >= readEntries {
		return l.flush()
	}
	return nil
}

// flush writes what has been collected of entries.
func (l *loader) flush() error {
	if err := l.w.AddEntries(l.entries); err != nil {
		return err
	}
	for _, e := range l.entries {
		first, added, err := l.tree.add(e.Leaf)
		if err != nil {
			return err
		}
		for i, h := range added {
			l.hashes = append(l.hashes, HashRow{first + int64(i), h})
		}
		l.head.Seq, l.head.At = e.Seq, e.At
	}
	if err := l.w.AddHashes(l.hashes); err != nil {
		return err
	}
	if err := l.w.AddChunks(each(l.chunks)); err != nil {
		return err
	}
	if err := l.w.AddTouches(l.touches); err != nil {
		return err
	}
	l.entries, l.hashes, l.chunks, l.touches, l.size = l.entries[:0], l.hashes[:0], l.chunks[:0], l.touches[:0], 0
	return nil
}

func (l *loader) row(d *dumpRow) error {
	row := RecordRow{First: d.First, Row: journal.Row{
		Kind: d.Kind, ID: d.ID, Key: d.Key, Version: d.Version, Body: d.Body,
		Created: model.Stamp{Seq: uint64(d.Created[0]), At: model.Time(d.Created[1])},
		Changed: model.Stamp{Seq: uint64(d.Changed[0]), At: model.Time(d.Changed[1])},
	}}
	if l.rows == 0 {
		l.v.end()
	}
	l.rows++
	l.v.compare([]RecordRow{row}, []body{l.v.fold.bodyOf(&row)})
	if l.records = append(l.records, row); len(l.records) < readEntries {
		return nil
	}
	return l.flushRecords()
}

func (l *loader) flushRecords() error {
	err := l.w.AddRecords(each(l.records))
	l.records = l.records[:0]
	return err
}

// end compares what has been read with what the dump says at its end.
func (l *loader) end(e *dumpEnd) error {
	l.ended = true
	if sum := hex.EncodeToString(l.sum.Sum(nil)); sum != e.Sum {
		return fmt.Errorf("the lines before it have the sum %s, and it says %q: the dump is damaged", sum, e.Sum)
	}
	if err := l.flush(); err != nil {
		return err
	}
	if err := l.flushRecords(); err != nil {
		return err
	}
	l.v.end()
	root, err := l.tree.root()
	if err != nil {
		return err
	}
	l.head.Root, l.head.Chunk, l.head.Changes, l.head.Checkpoints = root, l.v.chunk, l.v.report.Changes, uint64(len(l.notes))
	l.v.finish(l.head, len(l.notes))
	l.v.finishRecords()
	got := dumpEnd{l.head.Seq, l.head.Changes, l.head.Checkpoints, l.rows, root[:], e.Sum}
	if got.Entries != e.Entries || got.Changes != e.Changes || got.Checkpoints != e.Checkpoints || got.Rows != e.Rows || !bytes.Equal(got.Root, e.Root) {
		return errors.New("the dump has more or less than it says at its end")
	}
	return l.w.SetHead(l.head)
}
