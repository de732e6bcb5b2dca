package questions

import (
	"context"
	"fmt"
	"sync"
	"time"

	"binnacle/door"
)

const (
	// patience is how long a page waits for an answer before it shows progress.
	patience = 2 * time.Second
	// kept is how long an answer that came late waits to be fetched.
	kept = 5 * time.Minute
	// atOnce is how many answers one person may have in the making.
	atOnce = 4
)

// running is the questions that are being answered, and late answers that nobody has fetched yet.
type running struct {
	mu   sync.Mutex
	jobs map[string]*job
}

// job is one question being answered.
type job struct {
	who     string
	started time.Time
	ended   time.Time
	done    chan struct{}
	answer  door.Answer
	err     error
}

func newRunning() *running { return &running{jobs: map[string]*job{}} }

// ask returns the answer, or how long it has been worked on. The key must tell
// apart who asks, what is asked and which state of the estate it is asked of.
func (r *running) ask(ctx context.Context, who, key string, patience time.Duration, answer func(context.Context) (door.Answer, error)) (door.Answer, time.Duration, error) {
	j, err := r.job(ctx, who, key, answer)
	if err != nil {
		return door.Answer{}, 0, err
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case <-j.done:
		r.fetched(key, j)
		return j.answer, 0, j.err
	case <-ctx.Done():
		return door.Answer{}, 0, ctx.Err()
	case <-wait.C:
		return door.Answer{}, time.Since(j.started), nil
	}
}

// job returns the job with a key and starts it where there is none.
func (r *running) job(ctx context.Context, who, key string, answer func(context.Context) (door.Answer, error)) (*job, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	busy := 0
	for k, j := range r.jobs {
		switch {
		case !j.ended.IsZero() && time.Since(j.ended) > kept:
			delete(r.jobs, k)
		case j.who == who && j.ended.IsZero():
			busy++
		}
	}
	if j := r.jobs[key]; j != nil {
		return j, nil
	}
	if busy >= atOnce {
		return nil, &tooMany{busy}
	}
	j := &job{who: who, started: time.Now(), done: make(chan struct{})}
	r.jobs[key] = j
	// The answer goes on when the browser comes back for it with another request.
	background := context.WithoutCancel(ctx)
	go func() {
		defer close(j.done)
		defer r.ended(j)
		defer func() {
			if fault := recover(); fault != nil {
				j.err = fmt.Errorf("the question could not be answered because of a fault in Binnacle: %v", fault)
			}
		}()
		j.answer, j.err = answer(background)
	}()
	return j, nil
}

func (r *running) ended(j *job) {
	r.mu.Lock()
	j.ended = time.Now()
	r.mu.Unlock()
}

// fetched forgets an answer that came in time, since asking again costs little. Late ones are kept for reloads.
func (r *running) fetched(key string, j *job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobs[key] == j && j.ended.Sub(j.started) < patience {
		delete(r.jobs, key)
	}
}

// tooMany says that somebody asks more at once than is answered at once.
type tooMany struct{ n int }

// Error says what to do.
func (t *tooMany) Error() string {
	return fmt.Sprintf("%d of your questions are still being answered: wait for one of them", t.n)
}
