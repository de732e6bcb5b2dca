package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
)

// lines are the bulk lines beside the estate. They are opened when somebody wants them, because most commands do not.
type lines struct {
	mu     sync.Mutex
	store  facts.Store
	reader facts.Reader
}

// rollupBytes is how much memory the sums that are kept may take.
const rollupBytes = 256 << 20

// openFacts opens the bulk lines. Create says that they are made where there are none; otherwise there are then none to read.
func (s *session) openFacts(ctx context.Context, create bool) (facts.Store, error) {
	s.lines.mu.Lock()
	defer s.lines.mu.Unlock()
	if s.lines.store != nil {
		return s.lines.store, nil
	}
	place, database, err := s.where()
	if err != nil {
		return nil, err
	}
	where := place
	if !database {
		if s.folder != "" {
			place = s.folder
		}
		where = filepath.Join(place, FactsFile)
		if _, err := os.Stat(where); errors.Is(err, os.ErrNotExist) && !create {
			return facts.NewMemory(true), nil
		}
	}
	if s.env.OpenFacts == nil {
		s.lines.store = facts.NewMemory(true)
	} else if s.lines.store, err = s.env.OpenFacts(ctx, where); err != nil {
		s.lines.store = nil
		return nil, fmt.Errorf("open the bulk lines in %s: %w", placeName(place, database), err)
	}
	s.lines.reader = facts.NewReader(s.lines.store, rollupBytes)
	return s.lines.store, nil
}

// close ends the use of the lines.
func (l *lines) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.store == nil {
		return nil
	}
	err := l.store.Close()
	l.store, l.reader = nil, nil
	return err
}

// reader returns what questions read bulk lines through. It opens them when the first question does.
func (s *session) reader() facts.Reader { return &reader{s} }

// beside is what every view carries.
func (s *session) beside() practice.Beside {
	b := practice.Beside{Reader: s.reader(), Practices: s.env.Practices, Anybody: true}
	if s.store != nil {
		b.Now = s.store.Now()
	}
	return b
}

type reader struct{ s *session }

// open returns the reader of the lines that are there.
func (r *reader) open() (facts.Reader, error) {
	store, err := r.s.openFacts(context.Background(), false)
	if err != nil {
		return nil, err
	}
	r.s.lines.mu.Lock()
	defer r.s.lines.mu.Unlock()
	if r.s.lines.reader != nil {
		return r.s.lines.reader, nil
	}
	return facts.NewReader(store, rollupBytes), nil
}

// Rollup returns a load added up.
func (r *reader) Rollup(load model.ID) (*facts.Rollup, error) {
	from, err := r.open()
	if err != nil {
		return nil, err
	}
	return from.Rollup(load)
}

// Lines yields the lines of a load.
func (r *reader) Lines(load model.ID, items map[uint32]bool) iter.Seq2[facts.Line, error] {
	from, err := r.open()
	if err != nil {
		return func(yield func(facts.Line, error) bool) { yield(facts.Line{}, err) }
	}
	return from.Lines(load, items)
}
