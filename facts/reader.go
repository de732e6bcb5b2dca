package facts

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"binnacle/model"
)

// Cached reads a store and keeps the roll-ups that were asked for last. A
// load never changes, so what is kept is never wrong.
type Cached struct {
	store Store
	limit int64

	mu sync.Mutex
	// loads are the roll-ups that are kept or being read. Those that are kept are in order too, the last one asked for first.
	loads map[model.ID]*cached
	order *list.List
	size  int64
}

// cached is one roll-up that is kept, or is being read.
type cached struct {
	load model.ID
	// read is closed when the roll-up or the error is there.
	read   chan struct{}
	rollup *Rollup
	err    error
	size   int64
	// place is where it is in the order. It is nil while it is being read.
	place *list.Element
}

// NewReader returns a reader of a store that keeps roll-ups of about so many bytes.
func NewReader(store Store, limit int64) *Cached {
	return &Cached{store: store, limit: limit, loads: map[model.ID]*cached{}, order: list.New()}
}

// patience is how long a question waits for facts.
const patience = 2 * time.Minute

// Rollup returns a load added up, from memory where it is kept. Who asks for
// a load that is being read waits for that.
func (c *Cached) Rollup(load model.ID) (*Rollup, error) {
	c.mu.Lock()
	k := c.loads[load]
	if k == nil {
		k = &cached{load: load, read: make(chan struct{}), err: errors.New("reading the lines ended before its time")}
		c.loads[load] = k
		c.mu.Unlock()
		c.fill(k)
		return k.rollup, k.err
	}
	if k.place != nil {
		c.order.MoveToFront(k.place)
	}
	c.mu.Unlock()
	<-k.read
	return k.rollup, k.err
}

// fill reads a load. What cannot be read is not kept, so that it is tried again.
func (c *Cached) fill(k *cached) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if k.err != nil {
			delete(c.loads, k.load)
		} else {
			c.keep(k)
		}
		close(k.read)
	}()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if k.rollup, k.err = c.store.Rollup(ctx, k.load); k.err == nil {
		k.size = k.rollup.bytes()
	}
}

// keep puts a roll-up to the front and lets go of those that nobody asked for lately. The newest stays, however large it is.
func (c *Cached) keep(k *cached) {
	k.place = c.order.PushFront(k)
	c.size += k.size
	for c.size > c.limit && c.order.Len() > 1 {
		old := c.order.Remove(c.order.Back()).(*cached)
		delete(c.loads, old.load)
		c.size -= old.size
	}
}

// bytes tells about how much memory a roll-up takes. A value that stands below the same value is counted once.
func (r *Rollup) bytes() int64 {
	n := int64(0)
	for _, rows := range [][][]string{r.Items, r.Groups} {
		for i, row := range rows {
			n += 24
			for c, v := range row {
				n += 16
				if i == 0 || rows[i-1][c] != v {
					n += int64(len(v))
				}
			}
		}
	}
	for _, totals := range [][]Total{r.Months, r.Days} {
		for i := range totals {
			n += 48 + 24*int64(len(totals[i].Sums))
		}
	}
	return n
}

// Lines yields the lines of a load.
func (c *Cached) Lines(load model.ID, items map[uint32]bool) iter.Seq2[Line, error] {
	return func(yield func(Line, error) bool) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		for line, err := range c.store.Lines(ctx, load, items) {
			if !yield(line, err) {
				return
			}
		}
	}
}

// Values opens the columns of single lines of loads, without adding anything up. Who reads every line of many loads needs no roll-ups.
type Values struct {
	store   Store
	headers map[model.ID]Header
}

// Values returns what opens the columns of single lines of the loads that there are now.
func (c *Cached) Values() (*Values, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	headers, err := c.store.Loads(ctx)
	if err != nil {
		return nil, err
	}
	v := &Values{c.store, make(map[model.ID]Header, len(headers))}
	for _, h := range headers {
		v.headers[h.Load] = h
	}
	return v, nil
}

// Open returns the columns of a load, and their values by the field Own of a line. These are good until done is called. The error wraps [ErrNone] where there is no such load.
func (v *Values) Open(load model.ID) (h Header, items Items, done func(), err error) {
	h, ok := v.headers[load]
	if !ok {
		return h, nil, nil, fmt.Errorf("load %s: %w", load, ErrNone)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	if items, err = v.store.Items(ctx, load); err != nil {
		cancel()
		return h, nil, nil, err
	}
	return h, items, cancel, nil
}
