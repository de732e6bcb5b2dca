package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/all"
	"binnacle/feed/delivery"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

const (
	// takeTick is how often it is looked whether events wait to be taken, and takeLease how long a taking belongs to a node that gives no sign of life.
	takeTick  = 30 * time.Second
	takeLease = 10 * time.Minute
	// takeAfter is how long an event waits at most, and takeAt the number of messages that are taken at once before that.
	takeAfter = time.Hour
	takeAt    = 500
	// takeMost is how many messages are taken at once.
	takeMost = 5_000
)

// Taking says what was taken of the events of one receiver.
type Taking struct {
	// Receiver is the key of the receiver.
	Receiver string `json:"receiver"`
	// Messages and Events are how many were taken.
	Messages int `json:"messages"`
	Events   int `json:"events"`
	// Load is the key of the load that holds the events. It is empty where they were there already.
	Load string `json:"load,omitempty"`
	// Repositories are the keys of the repositories that were not known before and were created.
	Repositories []string `json:"repositories,omitempty"`
}

// Run takes what waits when its time has come, until the context ends.
func (b *Inbox) Run(ctx context.Context) {
	tick := time.NewTicker(takeTick)
	defer tick.Stop()
	for {
		if _, err := b.Due(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, ErrRunning) {
			b.opt.Log.Error("received events could not be taken", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Due takes the events of receivers for which 500 messages wait, or one that is an hour old. The error is ErrRunning where another node takes them.
func (b *Inbox) Due(ctx context.Context) ([]Taking, error) {
	return b.take(ctx, func(r *model.EventReceiver) (bool, error) {
		waiting, err := b.vault.List(ctx, receiverInbox, r.ID.String()+"/", "", takeAt)
		if err != nil || len(waiting) == 0 {
			return false, err
		}
		return len(waiting) >= takeAt || b.opt.Now().Sub(cameAt(waiting[0].Key)) >= takeAfter, nil
	})
}

// Take takes all events that wait, at once. The error is ErrRunning where another node takes them.
func (b *Inbox) Take(ctx context.Context) ([]Taking, error) {
	return b.take(ctx, func(*model.EventReceiver) (bool, error) { return true, nil })
}

// cameAt reads when a message came out of the key that it is kept under.
func cameAt(key string) time.Time {
	_, rest, _ := strings.Cut(key, "/")
	text, _, _ := strings.Cut(rest, "-")
	nanos, err := strconv.ParseInt(strings.TrimLeft(text, "0"), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, nanos)
}

// takeHolder is the node that takes events, until a moment.
type takeHolder struct {
	Holder string    `json:"holder,omitempty"`
	Until  time.Time `json:"until,omitzero"`
}

// take takes the events of the receivers that are due, as the one node that does so.
func (b *Inbox) take(ctx context.Context, due func(*model.EventReceiver) (bool, error)) (out []Taking, err error) {
	var receivers []*model.EventReceiver
	for r := range estate.Each[*model.EventReceiver](b.store.View()) {
		is, err := due(r)
		if err != nil {
			return nil, err
		}
		if is {
			receivers = append(receivers, r)
		}
	}
	if len(receivers) == 0 {
		return nil, nil
	}
	if err := b.hold(ctx); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.release(context.WithoutCancel(ctx))) }()
	for _, r := range receivers {
		for {
			one, more, err := b.takeSome(ctx, r)
			if err != nil {
				return out, fmt.Errorf("the events of %s: %w", r.Key, err)
			}
			if one.Messages > 0 {
				out = append(out, one)
			}
			if !more {
				break
			}
		}
	}
	return out, nil
}

func (b *Inbox) hold(ctx context.Context) error {
	_, err := vault.Update(ctx, b.vault, receiverState, "take", func(item vault.Item) (vault.Item, error) {
		var st takeHolder
		if item.Version != 0 && json.Unmarshal(item.Value, &st) != nil {
			st = takeHolder{}
		}
		if st.Holder != "" && st.Holder != b.opt.Node && b.opt.Now().Before(st.Until) {
			return item, ErrRunning
		}
		return encode(takeHolder{b.opt.Node, b.opt.Now().Add(takeLease)})
	})
	return err
}

func (b *Inbox) release(ctx context.Context) error {
	_, err := vault.Update(ctx, b.vault, receiverState, "take", func(vault.Item) (vault.Item, error) { return encode(takeHolder{}) })
	return err
}

// takeSome takes the oldest messages of a receiver as one load, and reports whether there are more. Messages are forgotten
// once their events are in the estate: what a crash lets be taken twice counts once, because events have numbers.
func (b *Inbox) takeSome(ctx context.Context, r *model.EventReceiver) (out Taking, more bool, err error) {
	out.Receiver = r.Key
	items, err := b.vault.List(ctx, receiverInbox, r.ID.String()+"/", "", takeMost)
	if err != nil || len(items) == 0 {
		return out, false, err
	}
	var content bytes.Buffer
	var places []delivery.Repository
	for _, item := range items {
		var k kept
		if err := json.Unmarshal(item.Value, &k); err != nil {
			b.opt.Log.Error("a message that was received cannot be read and is left out", "receiver", r.Key, "error", err.Error())
			continue
		}
		if k.Repository.FullName != "" && !slices.Contains(places, k.Repository) {
			places = append(places, k.Repository)
		}
		for i := range k.Lines {
			raw, err := json.Marshal(&k.Lines[i])
			if err != nil {
				return out, false, err
			}
			content.Write(append(raw, '\n'))
			out.Events++
		}
	}
	out.Messages = len(items)
	if out.Repositories, err = b.addRepositories(ctx, r, places); err != nil {
		return out, false, err
	}
	if out.Events > 0 {
		if out.Load, err = b.load(ctx, r, content.Bytes()); err != nil {
			return out, false, err
		}
	}
	if err := b.hold(ctx); err != nil {
		return out, false, err
	}
	for _, item := range items {
		if _, err := b.vault.Delete(ctx, receiverInbox, item.Key); err != nil {
			return out, false, err
		}
	}
	return out, len(items) == takeMost, nil
}

// load makes one load of events and returns its key, or nothing where the very same events were taken before.
func (b *Inbox) load(ctx context.Context, r *model.EventReceiver, content []byte) (string, error) {
	name := "messages of " + r.Key
	input := feed.Input{Name: name, Data: content, Bulk: delivery.Taken(delivery.Label(r.Provider), r.Key)}
	var inputs iter.Seq2[feed.Input, error] = func(yield func(feed.Input, error) bool) { yield(input, nil) }
	report, err := Import(ctx, b.store, inputs, all.Detect, ImportOptions{Who: "receiver:" + r.Key, Why: "Take the events that " + delivery.Label(r.Provider) + " told " + r.Key, Source: r.Key, Append: true, Facts: b.opt.Facts})
	if err != nil {
		return "", err
	}
	for _, f := range report.Files {
		switch {
		case f.Error != "":
			return "", errors.New(f.Error)
		case len(f.Refused) > 0:
			return "", errors.New(f.Refused[0].String())
		}
		for _, l := range f.Loads {
			if l.Outcome == feed.Created {
				return l.Key, nil
			}
		}
	}
	return "", nil
}

// addRepositories creates the repositories that are not known, so that people can say what is built from them. One that is known is left as it is.
func (b *Inbox) addRepositories(ctx context.Context, r *model.EventReceiver, places []delivery.Repository) ([]string, error) {
	for range maxAttempts {
		snap := b.store.Snapshot()
		known := repositories(snap.View(b.store.Today()))
		urls := map[string]bool{}
		for one := range estate.Each[*model.Repository](snap.View(b.store.Today())) {
			if one.URL != "" {
				urls[lowerName(strings.TrimSuffix(one.URL, ".git"))] = true
			}
		}
		var changes []model.Change
		var keys []string
		seen := map[string]bool{}
		for _, p := range places {
			name := lowerName(p.FullName)
			if known[name] != nil || seen[name] || p.URL != "" && urls[lowerName(strings.TrimSuffix(p.URL, ".git"))] {
				continue
			}
			seen[name] = true
			rec := &model.Repository{FullName: p.FullName, Provider: p.Provider, DefaultBranch: p.DefaultBranch}
			if strings.HasPrefix(p.URL, "https://") || strings.HasPrefix(p.URL, "http://") {
				rec.URL = p.URL
			}
			rec.ID, rec.Name, rec.Origin = b.store.NewID(), p.FullName, r.Key
			base := feed.SlugOf(strings.ReplaceAll(p.FullName, "/", " "))
			for n, key := 1, base; ; n, key = n+1, fmt.Sprintf("%s-%d", base, n+1) {
				if snap.Find("Repository", key) == nil && !slices.Contains(keys, key) {
					rec.Key = key
					break
				}
			}
			change, _ := model.Difference(snap.Schema().Of(rec), nil, rec)
			changes, keys = append(changes, change), append(keys, rec.Key)
		}
		if len(changes) == 0 {
			return nil, nil
		}
		_, err := b.store.Commit(ctx, store.Tx{Who: "receiver:" + r.Key, Why: "Note the repositories that " + r.Key + " tells about", Source: r.Key, Changes: changes})
		var conflict *estate.Conflict
		var refused *store.Refused
		switch {
		case errors.As(err, &refused):
			// The events are worth more than the record: a person can add it.
			b.opt.Log.Warn("repositories that a receiver told about were refused", "receiver", r.Key, "error", err.Error())
			return nil, nil
		case !errors.As(err, &conflict):
			return keys, err
		}
	}
	return nil, errors.New("the repositories kept changing: try again")
}
