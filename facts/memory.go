package facts

import (
	"context"
	"fmt"
	"iter"
	"sync"
	"time"

	"binnacle/model"
)

// Memory keeps loads in memory: for tests, and for finding out what an import would bring.
type Memory struct {
	mu        sync.Mutex
	loads     map[model.ID]*held
	order     []model.ID
	keepLines bool
}

type held struct {
	rollup *Rollup
	lines  []Line
	// more are the values of combinations that are merged in the roll-up.
	more [][]string
}

// NewMemory returns an empty store in memory. Without lines it keeps roll-ups alone.
func NewMemory(keepLines bool) *Memory {
	return &Memory{loads: map[model.ID]*held{}, keepLines: keepLines}
}

// Write begins a load.
func (m *Memory) Write(_ context.Context, h Header) (Writer, error) {
	b, err := NewBuilder(h, nil)
	if err != nil {
		return nil, err
	}
	b.sumsOnly = !m.keepLines
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.loads[h.Load]; ok {
		return nil, fmt.Errorf("load %s is there already", h.Load)
	}
	return &memoryWriter{Builder: b, store: m}, nil
}

type memoryWriter struct {
	*Builder
	store *Memory
	lines []Line
}

func (w *memoryWriter) Add(line *Line) error {
	if err := w.Builder.Add(line); err != nil {
		return err
	}
	if w.store.keepLines {
		kept := *line
		kept.Item, kept.Own = w.rolledItem(line.Item), line.Item
		w.lines = append(w.lines, kept)
	}
	return nil
}

func (w *memoryWriter) Commit(context.Context) (Totals, error) {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	id := w.header.Load
	if _, ok := w.store.loads[id]; ok {
		return Totals{}, fmt.Errorf("load %s is there already", id)
	}
	totals := w.Totals()
	rollup := w.Rollup()
	rollup.Committed = time.Now().UTC()
	w.store.loads[id] = &held{rollup: rollup, lines: w.lines, more: w.more}
	w.store.order = append(w.store.order, id)
	return totals, nil
}

func (w *memoryWriter) Abort() { w.lines = nil }

func (m *Memory) find(load model.ID) (*held, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if h := m.loads[load]; h != nil {
		return h, nil
	}
	return nil, fmt.Errorf("load %s: %w", load, ErrNone)
}

// Rollup returns a load added up.
func (m *Memory) Rollup(_ context.Context, load model.ID) (*Rollup, error) {
	h, err := m.find(load)
	if err != nil {
		return nil, err
	}
	return h.rollup, nil
}

// Len returns how many combinations of values there are.
func (h *held) Len() int { return h.rollup.Whole + len(h.more) }

// Values returns the values of a number.
func (h *held) Values(own uint32) ([]string, error) {
	if int(own) < h.rollup.Whole {
		return h.rollup.Items[own], nil
	}
	if i := int(own) - h.rollup.Whole; i < len(h.more) {
		return h.more[i], nil
	}
	return nil, fmt.Errorf("load %s has no item %d", h.rollup.Load, own)
}

// Items opens the values of the columns of single lines.
func (m *Memory) Items(_ context.Context, load model.ID) (Items, error) {
	h, err := m.find(load)
	if err != nil {
		return nil, err
	}
	return h, nil
}

// Lines yields the lines of a load.
func (m *Memory) Lines(ctx context.Context, load model.ID, items map[uint32]bool) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		h, err := m.find(load)
		if err != nil {
			yield(Line{}, err)
			return
		}
		for _, line := range h.lines {
			if ctx.Err() != nil {
				yield(Line{}, ctx.Err())
				return
			}
			if (items == nil || items[line.Item]) && !yield(line, nil) {
				return
			}
		}
	}
}

// Loads returns the headers of all loads.
func (m *Memory) Loads(context.Context) ([]Header, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]Header, len(m.order))
	for i, id := range m.order {
		out[i] = m.loads[id].rollup.Header
	}
	return out, nil
}

// Drop removes a load.
func (m *Memory) Drop(_ context.Context, load model.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.loads[load]; !ok {
		return fmt.Errorf("load %s: %w", load, ErrNone)
	}
	delete(m.loads, load)
	for i, id := range m.order {
		if id == load {
			m.order = append(m.order[:i:i], m.order[i+1:]...)
			break
		}
	}
	return nil
}

// Close does nothing.
func (m *Memory) Close() error { return nil }
