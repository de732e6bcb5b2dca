// Package hooks tells other programs what has changed: it follows the journal as
// the account of each webhook sees it, and posts what it finds to the webhook's
// address, signed after the Standard Webhooks scheme.
package hooks

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/model"
	"binnacle/vault"
)

// The buckets of the vault that this package uses, by the ids of webhooks.
const (
	secretBucket = "hooks.secrets"
	stateBucket  = "hooks.state"
	logBucket    = "hooks.deliveries"
)

// The times of the sender.
const (
	// look is how often the sender looks for what is due, apart from when the estate changes.
	look = 15 * time.Second
	// lease is how long one node sends for a webhook before another one may.
	lease = 2 * time.Minute
	// patience is how long an address may fail before its webhook is paused.
	patience = 3 * 24 * time.Hour
	// longest is how long one message may take.
	longest = 20 * time.Second
)

// state is what is kept about a webhook between messages, and who sends for it.
type state struct {
	// Cursor is the last entry that was told or has nothing to tell.
	Cursor uint64 `json:"cursor"`
	// Failures counts attempts since the last one that worked, and Since is the first of them.
	Failures int       `json:"failures,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	// Next is when the next attempt is due.
	Next time.Time `json:"next,omitzero"`
	// Note says what stands in the way.
	Note string `json:"note,omitempty"`
	// Gave says that Binnacle has paused the webhook.
	Gave bool `json:"gave,omitempty"`
	// Holder is the node that sends, until Until.
	Holder string    `json:"holder,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// Sender sends the messages of all webhooks of a house.
type Sender struct {
	house  *door.House
	client *http.Client
	node   string
	mu     sync.Mutex
	// busy holds the webhooks that this node sends for, each with what to look at next once that is done, or nil.
	busy map[model.ID]*model.Webhook
}

// New returns a sender. It uses the client of the house, and follows no redirect whatever that client does.
func New(h *door.House) *Sender {
	s := &Sender{house: h, node: rand.Text(), busy: map[model.ID]*model.Webhook{}}
	if h.Client != nil {
		c := *h.Client
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		if c.Timeout == 0 || c.Timeout > longest {
			c.Timeout = longest
		}
		s.client = &c
	}
	return s
}

// Run sends what is due until the context ends. Several nodes on one vault may run at the same time: for each webhook one sends.
func Run(ctx context.Context, h *door.House) error {
	s := New(h)
	if s.client == nil {
		return errors.New("webhooks need a client for requests to the outside")
	}
	changed := h.Watch(ctx)
	tick := time.NewTicker(look)
	defer tick.Stop()
	var all sync.WaitGroup
	defer all.Wait()
	for {
		s.start(ctx, &all)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case _, open := <-changed:
			if !open {
				changed = nil
			}
		}
	}
}

// Once sends what is due now and returns when that is done.
func (s *Sender) Once(ctx context.Context) {
	var all sync.WaitGroup
	s.start(ctx, &all)
	all.Wait()
}

// start begins to send for every webhook. One that this node is sending for is looked at again afterwards.
func (s *Sender) start(ctx context.Context, all *sync.WaitGroup) {
	for _, w := range s.house.Webhooks() {
		s.mu.Lock()
		_, running := s.busy[w.ID]
		if running {
			s.busy[w.ID] = w
		} else {
			s.busy[w.ID] = nil
		}
		s.mu.Unlock()
		if !running {
			all.Go(func() { s.work(ctx, w) })
		}
	}
}

// work sends for a webhook until nothing asks for it any more.
func (s *Sender) work(ctx context.Context, w *model.Webhook) {
	for id := w.ID; w != nil; {
		if err := s.serve(ctx, w); err != nil && ctx.Err() == nil {
			s.house.Log.Error("the messages of a webhook could not be sent", "webhook", w.Key, "error", err)
		}
		s.mu.Lock()
		if w = s.busy[id]; w == nil || ctx.Err() != nil {
			delete(s.busy, id)
			w = nil
		} else {
			s.busy[id] = nil
		}
		s.mu.Unlock()
	}
}

// errElsewhere says that another node sends for a webhook, or has just done so.
var errElsewhere = errors.New("another node sends")

// hold is a webhook for which this node sends.
type hold struct {
	*Sender
	w    *model.Webhook
	item vault.Item
	state
}

// take makes this node the one that sends for a webhook. A webhook that is new starts with what happens from now on.
func (s *Sender) take(ctx context.Context, w *model.Webhook) (*hold, error) {
	h := &hold{Sender: s, w: w}
	item, err := s.house.Vault.Get(ctx, stateBucket, w.ID.String())
	switch {
	case errors.Is(err, vault.ErrNone):
		item = vault.Item{Key: w.ID.String()}
		h.Cursor = s.house.Head().Seq
	case err != nil:
		return nil, err
	default:
		if err := json.Unmarshal(item.Value, &h.state); err != nil {
			return nil, err
		}
	}
	if h.Holder != "" && h.Holder != s.node && s.now().Before(h.Until) {
		return nil, errElsewhere
	}
	h.item = item
	return h, h.save(ctx)
}

func (s *Sender) now() time.Time { return s.house.Now().Time() }

// save keeps the state, and the webhook for this node. The error is [errElsewhere] where another node has taken it over.
func (h *hold) save(ctx context.Context) error {
	h.Holder, h.Until = h.node, h.now().Add(lease)
	return h.keep(ctx)
}

func (h *hold) keep(ctx context.Context) error {
	raw, err := json.Marshal(h.state)
	if err != nil {
		return err
	}
	h.item.Value = raw
	h.item.Version, err = h.house.Vault.Swap(ctx, stateBucket, h.item)
	if errors.Is(err, vault.ErrChanged) {
		return errElsewhere
	}
	return err
}

// release lets other nodes send.
func (h *hold) release(ctx context.Context) error {
	h.Holder, h.Until = "", time.Time{}
	return h.keep(context.WithoutCancel(ctx))
}

// serve sends what is due for one webhook.
func (s *Sender) serve(ctx context.Context, w *model.Webhook) error {
	h, err := s.take(ctx, w)
	if err == nil {
		if err = h.sendAll(ctx); !errors.Is(err, errElsewhere) {
			err = errors.Join(err, h.release(ctx))
		}
	}
	if errors.Is(err, errElsewhere) {
		return nil
	}
	return err
}

// secretOf returns the key that the messages of a webhook are signed with.
func secretOf(ctx context.Context, h *door.House, webhook model.Ref) ([]byte, error) {
	item, err := h.Vault.Get(ctx, secretBucket, webhook.String())
	return item.Value, err
}

// NewSecret makes the key that the messages of a webhook are signed with, and
// returns it as receivers need it: it is shown once. An earlier one is good no
// longer. Only who administers may do so, shortly after showing who that is.
func NewSecret(ctx context.Context, h *door.House, p *access.Principal, webhook model.Ref) (string, error) {
	if err := p.MayAdminister(); err != nil {
		return "", err
	}
	if err := h.Access.Fresh(p); err != nil {
		return "", err
	}
	var key [32]byte
	rand.Read(key[:])
	_, err := h.Vault.Put(ctx, secretBucket, vault.Item{Key: webhook.String(), Value: key[:]})
	return "whsec_" + base64.StdEncoding.EncodeToString(key[:]), err
}

// Delivery is one attempt to send a message.
type Delivery struct {
	// ID names the message. It is the same for each attempt.
	ID string `json:"id"`
	// Seq is the entry that the message tells of.
	Seq uint64 `json:"seq"`
	// At is when it was sent, and Took how long that took.
	At   time.Time     `json:"at"`
	Took time.Duration `json:"took"`
	// Status is the status of the answer, or 0 where there was none.
	Status int `json:"status"`
	// Problem says why it did not work. It is empty where it did.
	Problem string `json:"problem,omitempty"`
}

// Status is how a webhook fares.
type Status struct {
	// HasSecret says whether there is a key to sign with. Without one nothing is sent.
	HasSecret bool
	// Cursor is the last entry that was told or has nothing to tell, and Behind how many have come since.
	Cursor, Behind uint64
	// Failures counts attempts since the last one that worked, and Next is when the next one is due.
	Failures int
	Next     time.Time
	// Note says what stands in the way.
	Note string
	// Deliveries are the last attempts, the newest first.
	Deliveries []Delivery
}

// StatusOf tells how a webhook fares. Only who administers may know.
func StatusOf(ctx context.Context, h *door.House, p *access.Principal, webhook model.Ref) (Status, error) {
	if err := p.MayAdminister(); err != nil {
		return Status{}, err
	}
	var out Status
	_, err := secretOf(ctx, h, webhook)
	if err != nil && !errors.Is(err, vault.ErrNone) {
		return Status{}, err
	}
	out.HasSecret = err == nil
	var st state
	if err := load(ctx, h.Vault, stateBucket, webhook, &st); err != nil {
		return Status{}, err
	}
	out.Cursor, out.Failures, out.Next, out.Note = st.Cursor, st.Failures, st.Next, st.Note
	if head := h.Head().Seq; head > st.Cursor {
		out.Behind = head - st.Cursor
	}
	return out, load(ctx, h.Vault, logBucket, webhook, &out.Deliveries)
}

// load reads what is kept about a webhook. What is not there stays as it is.
func load(ctx context.Context, v vault.Vault, bucket string, webhook model.Ref, into any) error {
	item, err := v.Get(ctx, bucket, webhook.String())
	if errors.Is(err, vault.ErrNone) {
		return nil
	} else if err != nil {
		return err
	}
	return json.Unmarshal(item.Value, into)
}
