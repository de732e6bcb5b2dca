package door

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"binnacle/access"
	"binnacle/model"
)

// ErrSlow says that an answer is not there yet. It is still being worked on: asking again later finds it.
var ErrSlow = errors.New("the answer takes longer than there was time for")

// glances are answers that were asked for lately. What nobody waits for any more still runs to its end and is kept.
type glances struct {
	mu      sync.Mutex
	kept    map[glanceKey]*glance
	order   []glanceKey
	turns   chan struct{}
	running int
}

// glanceKey is everything that an answer depends on: who asks with which rights, of which estate, and what.
type glanceKey struct {
	account model.Ref
	scope   model.TokenScope
	rights  uint64
	head    uint64
	// hour counts the hours since 1970, because some clocks run in hours.
	hour       int64
	moment     Moment
	name       string
	parameters string
}

type glance struct {
	done   chan struct{}
	answer Answer
	err    error
}

const (
	// maxGlances is how many answers are kept.
	maxGlances = 512
	// maxRunning is how many answers may be on their way at once.
	maxRunning = 128
)

// Glance answers a question as Ask does, but waits only so long for it, and
// answers at once what the same person has asked of the same estate before. The
// parameters are as in an address: within=365d&kinds=Host. The error is ErrSlow where the time was not enough.
func (h *House) Glance(ctx context.Context, p *access.Principal, m Moment, name, parameters string, wait time.Duration) (Answer, error) {
	asked, err := h.Question(name)
	if err != nil {
		return Answer{}, err
	}
	values, err := ReadQuery(asked, parameters)
	if err != nil {
		return Answer{}, err
	}
	key := glanceKey{p.Account.Ref(), p.Scope, p.Stamp().Seq, h.Head().Seq, h.Now().Time().Unix() / 3600, m, asked.Name(), parameters}
	g := h.glances.enter(key, func() (Answer, error) {
		return h.Ask(context.WithoutCancel(ctx), p, m, name, values)
	})
	if g == nil {
		return Answer{}, ErrSlow
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-g.done:
		return g.answer, g.err
	case <-ctx.Done():
		return Answer{}, ctx.Err()
	case <-timer.C:
		return Answer{}, ErrSlow
	}
}

// enter returns what is kept under a key, or starts to work on it. It returns nil where too much is being worked on.
func (c *glances) enter(key glanceKey, ask func() (Answer, error)) *glance {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept, c.turns = map[glanceKey]*glance{}, make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	}
	if g := c.kept[key]; g != nil {
		return g
	}
	if c.running >= maxRunning {
		return nil
	}
	c.running++
	g := &glance{done: make(chan struct{})}
	c.kept[key] = g
	c.order = append(c.order, key)
	if len(c.order) > maxGlances {
		delete(c.kept, c.order[0])
		c.order = c.order[1:]
	}
	go func() {
		c.turns <- struct{}{}
		g.answer, g.err = ask()
		<-c.turns
		c.leave(key, g)
	}()
	return g
}

// leave tells everybody who waits. What went wrong is not kept.
func (c *glances) leave(key glanceKey, g *glance) {
	c.mu.Lock()
	c.running--
	if g.err != nil && c.kept[key] == g {
		delete(c.kept, key)
	}
	c.mu.Unlock()
	close(g.done)
}
