package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/model"
)

// streams counts the streams of each account.
type streams struct {
	mu   sync.Mutex
	open map[model.ID]int
}

// begin counts one more stream. It reports false where an account has enough.
func (s *streams) begin(account model.ID, most int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[model.ID]int{}
	}
	if s.open[account] >= most {
		return false
	}
	s.open[account]++
	return true
}

func (s *streams) end(account model.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[account]--; s.open[account] == 0 {
		delete(s.open, account)
	}
}

// eventJSON is an entry as a stream tells it: which records, and which of their fields. The values are read from the records.
type eventJSON struct {
	Entry   uint64        `json:"entry"`
	At      model.Time    `json:"at"`
	Who     string        `json:"who"`
	Source  string        `json:"source"`
	Why     string        `json:"why"`
	Undoes  uint64        `json:"undoes,omitempty"`
	Changes []eventChange `json:"changes"`
	// More is how many changes are left out: the entry itself has them all.
	More int `json:"more,omitempty"`
}

type eventChange struct {
	Outcome string   `json:"outcome"`
	Kind    string   `json:"kind"`
	Record  string   `json:"record"`
	ID      model.ID `json:"id"`
	Fields  []string `json:"fields"`
}

// mostChanges is how many changes one event tells.
const mostChanges = 200

// patience is how long a reader may take for what is written to it.
const patience = 20 * time.Second

// stream is one stream of events.
type stream struct {
	*call
	out  *http.ResponseController
	last uint64
}

// events follows the journal until the reader goes away or may no longer read.
func (c *call) events() error {
	from := c.house.Head().Seq
	text := c.r.Header.Get("Last-Event-ID")
	if text == "" {
		text = c.query.Get("after")
	}
	if text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return badParameter("after", "write the number of an entry")
		}
		from = min(n, from)
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	if c.r.Method == http.MethodHead {
		return nil
	}
	account := c.who.Account.ID
	if !c.streams.begin(account, c.opt.Streams) {
		return &problem{Status: http.StatusTooManyRequests, Title: "Too many streams", Detail: fmt.Sprintf("an account may have %d open", c.opt.Streams), wait: c.opt.Heartbeat}
	}
	defer c.streams.end(account)
	s := &stream{call: c, out: http.NewResponseController(c.w), last: from}
	return s.follow()
}

// follow writes entries as they come.
func (s *stream) follow() error {
	ctx := s.r.Context()
	changed := s.house.Watch(ctx)
	beat := time.NewTicker(s.opt.Heartbeat)
	defer beat.Stop()
	if err := s.write(": this is the journal of Binnacle\nretry: 5000\n\n"); err != nil {
		return nil
	}
	for {
		who, err := s.again()
		if errors.Is(err, access.ErrSignedOut) {
			// Whoever reads is told that to ask again is of no use.
			s.write("event: end\ndata: {\"reason\":\"signed out\"}\n\n")
			return nil
		} else if err != nil {
			return s.broken(err)
		}
		s.who = who
		for s.last < s.house.Head().Seq {
			if err := s.catchUp(); err != nil {
				return s.broken(err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case _, ok := <-changed:
			if !ok {
				return nil
			}
		case <-beat.C:
			// The number is told too: what has been passed over because it is out of sight need not be read again.
			if err := s.write(fmt.Sprintf("id: %d\n: alive\n\n", s.last)); err != nil {
				return nil
			}
		}
	}
}

// broken ends a stream that has begun. The reader comes again by itself.
func (s *stream) broken(err error) error {
	if s.r.Context().Err() == nil && !errors.Is(err, errGone) {
		s.house.Log.Error("a stream of events broke off", "error", err.Error())
	}
	return nil
}

var errGone = errors.New("the reader has gone away")

// catchUp writes the next entries.
func (s *stream) catchUp() error {
	entries, upto, err := s.house.Since(s.r.Context(), s.who, s.last)
	if err != nil {
		return err
	}
	v, err := s.house.Look(s.r.Context(), s.who, door.Moment{})
	if err != nil {
		return err
	}
	for _, e := range entries {
		out := eventJSON{Entry: e.Seq, At: e.At, Who: e.Who, Source: e.Source, Why: e.Why, Undoes: e.Undoes, Changes: []eventChange{}, More: max(0, len(e.Changes)-mostChanges)}
		for i := range e.Changes[:min(len(e.Changes), mostChanges)] {
			ch := &e.Changes[i]
			one := eventChange{Outcome: door.Outcome(ch.Op), Kind: ch.Kind, Record: door.NameOfChange(v, v, ch), ID: ch.ID, Fields: []string{}}
			for _, f := range ch.Fields {
				one.Fields = append(one.Fields, f.Name)
			}
			slices.Sort(one.Fields)
			out.Changes = append(out.Changes, one)
		}
		raw, err := marshal(out)
		if err != nil {
			return err
		}
		if err := s.write(fmt.Sprintf("id: %d\nevent: entry\ndata: %s\n\n", e.Seq, raw)); err != nil {
			return errGone
		}
	}
	s.last = upto
	return nil
}

// write sends text on its way at once.
func (s *stream) write(text string) error {
	// A writer without deadlines is one of a test.
	if err := s.out.SetWriteDeadline(time.Now().Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write([]byte(text)); err != nil {
		return err
	}
	return s.out.Flush()
}
