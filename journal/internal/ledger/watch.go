package ledger

import (
	"context"
	"time"
)

// pollEvery is how often the head is looked at, because another process may have written.
const pollEvery = 500 * time.Millisecond

// Watch returns a channel that receives whenever the journal may have grown,
// and once at the start. It is closed when the context ends or the journal is closed.
func (j *Journal) Watch(ctx context.Context) <-chan struct{} {
	ch := make(chan struct{}, 1)
	ch <- struct{}{}
	j.mu.Lock()
	j.watchers[ch] = true
	start := !j.polling && j.running.Err() == nil
	if start {
		j.polling = true
		j.closing.Add(2)
	}
	j.mu.Unlock()
	if start {
		go j.poll()
		go func() {
			defer j.closing.Done()
			j.store.Listen(j.running, j.notify)
		}()
	}
	end := func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		if j.watchers[ch] {
			delete(j.watchers, ch)
			close(ch)
		}
	}
	context.AfterFunc(ctx, end)
	context.AfterFunc(j.running, end)
	return ch
}

// notify tells every watcher. One that has not looked yet is not told twice.
func (j *Journal) notify() {
	j.mu.Lock()
	defer j.mu.Unlock()
	for ch := range j.watchers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// poll looks at the head until the journal is closed. An error is no news: the next look may succeed.
func (j *Journal) poll() {
	defer j.closing.Done()
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	// The first look is always news: what was written while the watch began may have been missed.
	last, known := uint64(0), false
	for {
		select {
		case <-j.running.Done():
			return
		case <-tick.C:
		}
		head, err := j.Head(j.running)
		if err != nil {
			continue
		}
		if !known || head != last {
			j.notify()
		}
		last, known = head, true
	}
}
