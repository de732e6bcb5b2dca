// Package store is the one writer: it checks changes, appends them to the
// journal, applies them to the snapshot and tells everybody. It also undoes,
// looks back in time and keeps scenarios.
package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"binnacle/estate"
	"binnacle/journal"
	"binnacle/model"

	"github.com/google/uuid"
)

// Store holds the estate and writes it. All methods may be called at the same time.
type Store struct {
	journal journal.Journal
	now     func() time.Time
	newID   func() model.ID
	head    atomic.Pointer[estate.Snapshot]
	past    *past
	rules   *rules

	// viewed is the schema that the SQL views were made of last. Only the writer looks at it.
	viewed *model.Schema

	mu        sync.Mutex
	viewFault error
	queue     chan *request
	done      chan struct{}
	cancel    context.CancelFunc
	watchers  map[chan struct{}]bool
	fault     error
}

// Options are what a store does not decide for itself.
type Options struct {
	// Now tells the time. Unset means the clock of the machine.
	Now func() time.Time
	// NewID makes ids. Unset means UUIDs of version 7.
	NewID func() model.ID
	// Progress is told how many records have been loaded.
	Progress func(done int)
}

// NewID makes an id that starts with the time, so that ids made later come later.
func NewID() model.ID {
	id, err := uuid.NewV7()
	if err != nil {
		panic("store: the machine has no randomness: " + err.Error())
	}
	return model.ID(id)
}

// Open loads the estate from a journal and starts to follow it.
func Open(ctx context.Context, j journal.Journal, opt Options) (*Store, error) {
	s := &Store{journal: j, now: opt.Now, newID: opt.NewID, past: newPast(), rules: newRules(), queue: make(chan *request, 1024), done: make(chan struct{}), watchers: map[chan struct{}]bool{}}
	if s.now == nil {
		s.now = time.Now
	}
	if s.newID == nil {
		s.newID = NewID
	}
	snap, err := load(ctx, j, opt.Progress)
	if err != nil {
		return nil, err
	}
	s.head.Store(snap)
	run, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go s.write(run)
	return s, nil
}

// Close stops the writer and closes the journal.
func (s *Store) Close() error {
	s.cancel()
	<-s.done
	return s.journal.Close()
}

// Journal returns the journal behind the store, for proof and history.
func (s *Store) Journal() journal.Journal { return s.journal }

// Snapshot returns the estate as it is now.
func (s *Store) Snapshot() *estate.Snapshot { return s.head.Load() }

// Today returns the day of the store's clock, in UTC.
func (s *Store) Today() model.Date { return model.DateOf(s.now().UTC()) }

// Now returns the moment of the store's clock.
func (s *Store) Now() model.Time { return model.TimeOf(s.now()) }

// View returns a view of the estate as it is now, at the date of today.
func (s *Store) View() estate.View { return s.Snapshot().View(s.Today()) }

// NewID makes an id for a record that is to be created.
func (s *Store) NewID() model.ID { return s.newID() }

// load reads the rows of the journal into a snapshot. Rows are decoded on all
// cores, but for definitions, which the others need.
func load(ctx context.Context, j journal.Journal, progress func(int)) (*estate.Snapshot, error) {
	head, rows, err := j.Rows(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the records: %w", err)
	}
	l := &loader{progress: progress, schema: model.Builtin()}
	stamp := model.Stamp{Seq: head}
	for e, err := range j.Entries(ctx, max(head, 1)-1, head) {
		if err != nil {
			return nil, fmt.Errorf("read the last entry: %w", err)
		}
		stamp.At = e.At
	}
	// All that is loaded stays: to collect while it comes finds nothing and takes long.
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	snap, err := estate.Load(stamp, l.decode(rows))
	return snap, errors.Join(l.err, err)
}

type loader struct {
	schema   *model.Schema
	progress func(int)
	done     int
	err      error
}

// block is a number of rows that are decoded together, in order.
type block struct {
	rows    []journal.Row
	records []model.Record
	err     error
	ready   chan struct{}
}

// decode yields the records of rows, in the order of the rows.
func (l *loader) decode(rows iter.Seq2[journal.Row, error]) func(yield func(model.Record) bool) {
	return func(yield func(model.Record) bool) {
		work, order := make(chan *block, 64), make(chan *block, 64)
		stop := make(chan struct{})
		defer close(stop)
		for range runtime.GOMAXPROCS(0) {
			go l.decodeBlocks(work)
		}
		schema := make(chan struct{}, 1)
		go l.split(rows, work, order, stop, schema)
		for b := range order {
			<-b.ready
			if b.err != nil {
				l.err = errors.Join(l.err, b.err)
				return
			}
			for _, rec := range b.records {
				if !yield(rec) {
					return
				}
				l.done++
			}
			if l.progress != nil {
				l.progress(l.done)
			}
		}
	}
}

// split cuts rows into blocks. Definitions come first and are decoded at once, so that the schema is whole before anything else is decoded.
func (l *loader) split(rows iter.Seq2[journal.Row, error], work, order chan<- *block, stop, _ chan struct{}) {
	defer close(order)
	defer close(work)
	var kinds []*model.KindDefinition
	var fields []*model.FieldDefinition
	defining, b := true, &block{ready: make(chan struct{})}
	send := func(b *block) bool {
		if len(b.rows) == 0 {
			return true
		}
		select {
		case order <- b:
		case <-stop:
			return false
		}
		if !defining {
			work <- b
			return true
		}
		l.decodeBlock(b)
		for _, rec := range b.records {
			switch d := rec.(type) {
			case *model.KindDefinition:
				kinds = append(kinds, d)
			case *model.FieldDefinition:
				fields = append(fields, d)
			}
		}
		return true
	}
	for row, err := range rows {
		if err != nil {
			b.err = err
			close(b.ready)
			order <- b
			return
		}
		defines := row.Kind == "KindDefinition" || row.Kind == "FieldDefinition"
		if defining && !defines {
			if !send(b) {
				return
			}
			defining, b = false, &block{ready: make(chan struct{})}
			l.schema, _ = l.schema.With(kinds, fields)
		}
		b.rows = append(b.rows, row)
		if len(b.rows) == 1000 {
			if !send(b) {
				return
			}
			b = &block{ready: make(chan struct{})}
		}
	}
	send(b)
}

func (l *loader) decodeBlocks(work <-chan *block) {
	for b := range work {
		l.decodeBlock(b)
	}
}

func (l *loader) decodeBlock(b *block) {
	defer close(b.ready)
	for _, row := range b.rows {
		rec, err := recordOf(l.schema, row)
		if err != nil {
			b.err = err
			return
		}
		b.records = append(b.records, rec)
	}
	b.rows = nil
}

// recordOf makes a record of a row.
func recordOf(schema *model.Schema, row journal.Row) (model.Record, error) {
	k := schema.Kind(row.Kind)
	if k == nil || k.Name != row.Kind {
		return nil, fmt.Errorf("%s/%s: there is no kind %q: the definition of it is missing", row.Kind, row.Key, row.Kind)
	}
	rec, err := k.Decode(row.Body)
	if err != nil {
		return nil, fmt.Errorf("%s/%s: %w", row.Kind, row.Key, err)
	}
	m := rec.Base()
	m.ID, m.Version, m.Created, m.Changed = row.ID, row.Version, row.Created, row.Changed
	return rec, nil
}

// rowOf makes the row of a record.
func rowOf(schema *model.Schema, rec model.Record) journal.Row {
	m, k := rec.Base(), schema.Of(rec)
	return journal.Row{Kind: k.Name, ID: m.ID, Key: m.Key, Version: m.Version, Created: m.Created, Changed: m.Changed, Body: k.Encode(rec)}
}
