package facts

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"binnacle/model"
)

// slow is a store that counts what is read, waits until it may go on, and fails where it is told to.
type slow struct {
	Store
	reads atomic.Int64
	gate  chan struct{}
	fail  atomic.Bool
}

func (s *slow) Rollup(ctx context.Context, load model.ID) (*Rollup, error) {
	s.reads.Add(1)
	if s.gate != nil {
		<-s.gate
	}
	if s.fail.Load() {
		return nil, errors.New("the disk is gone")
	}
	return &Rollup{Header: Header{Load: load}, Items: [][]string{{fmt.Sprintf("%1000d", load[15])}}}, nil
}

// TestOneReadOfALoad asks for one load from many sides at once, and for others that push it out while it is being read.
func TestOneReadOfALoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &slow{gate: make(chan struct{})}
		c := NewReader(s, 1)
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				load := model.ID{15: byte(i % 3)}
				if r, err := c.Rollup(load); err != nil || r.Load != load {
					t.Errorf("load %s: %v, %v", load, r, err)
				}
			})
		}
		synctest.Wait()
		if n := s.reads.Load(); n != 3 {
			t.Errorf("three loads were read %d times", n)
		}
		close(s.gate)
		wg.Wait()
		if len(c.loads) != 1 || c.order.Len() != 1 || c.size < 1000 || c.size > 2000 {
			t.Errorf("%d loads, %d in order, %d bytes are kept: only the newest has room", len(c.loads), c.order.Len(), c.size)
		}
	})
}

// TestErrorsAreNotKept asks again after an error.
func TestErrorsAreNotKept(t *testing.T) {
	s := &slow{}
	c := NewReader(s, 1<<20)
	s.fail.Store(true)
	if _, err := c.Rollup(model.ID{1}); err == nil {
		t.Fatal("there should be an error")
	}
	s.fail.Store(false)
	for range 2 {
		if _, err := c.Rollup(model.ID{1}); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.reads.Load(); n != 2 {
		t.Errorf("the load was read %d times, want 2", n)
	}
}

// TestLeastAskedForGoes keeps what is asked for again and again.
func TestLeastAskedForGoes(t *testing.T) {
	s := &slow{}
	c := NewReader(s, 3500)
	for i := range 10 {
		for _, load := range []model.ID{{15: 99}, {15: byte(i)}} {
			if _, err := c.Rollup(load); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := s.reads.Load(); n != 11 {
		t.Errorf("%d reads, want 11: what is asked for again and again should stay", n)
	}
	if c.size > 3500 || c.size != int64(len(c.loads))*(c.size/int64(len(c.loads))) {
		t.Errorf("%d bytes are kept", c.size)
	}
}
