package hooks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/vault"
)

// message is what a receiver gets.
type message struct {
	// Type is always entry.
	Type string `json:"type"`
	// Timestamp is when the entry was made.
	Timestamp string `json:"timestamp"`
	Data      data   `json:"data"`
}

// data is an entry of the journal as the account of the webhook sees it.
type data struct {
	Seq     uint64   `json:"seq"`
	Who     string   `json:"who"`
	Why     string   `json:"why,omitempty"`
	Source  string   `json:"source,omitempty"`
	Changes []change `json:"changes"`
	// Omitted counts changes that did not fit in.
	Omitted int `json:"omitted,omitempty"`
}

// change is a record created, edited or removed. Values are written as people read them.
type change struct {
	Op     model.Op `json:"op"`
	Kind   string   `json:"kind"`
	ID     string   `json:"id"`
	Key    string   `json:"key,omitempty"`
	Fields []field  `json:"fields,omitempty"`
}

type field struct {
	Name   string `json:"name"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// mostChanges is how many changes one message tells. Whoever needs the others reads them through the API.
const mostChanges = 500

// sendAll sends every message that is due.
func (h *hold) sendAll(ctx context.Context) error {
	if h.Gave && !h.w.Paused {
		// Somebody has looked after it: it starts anew where it stopped.
		h.Gave, h.Failures, h.Since, h.Next, h.Note = false, 0, time.Time{}, time.Time{}, ""
	}
	secret, err := secretOf(ctx, h.house, h.w.Ref())
	switch {
	case h.w.Paused:
		return nil
	case errors.Is(err, vault.ErrNone):
		h.Note = "It has no key to sign with: make one."
		return nil
	case err != nil:
		return err
	case h.now().Before(h.Next):
		return nil
	}
	if head := h.house.Head().Seq; h.Cursor > head {
		// The journal is an older one.
		h.Cursor = head
	}
	for ctx.Err() == nil {
		p, err := h.house.Access.Principal(h.w.Account)
		if err != nil {
			h.Note = "Its account may not sign in any more."
			return nil
		}
		entries, upto, err := h.house.Since(ctx, p, h.Cursor)
		if err != nil {
			return err
		}
		for _, e := range entries {
			going, err := h.tell(ctx, p, e, secret)
			if err != nil || !going {
				return err
			}
		}
		if upto == h.Cursor && len(entries) == 0 {
			return nil
		}
		h.Cursor = upto
		if err := h.save(ctx); err != nil {
			return err
		}
	}
	return nil
}

// tell sends the message about one entry, where there is something to tell. It reports whether the next one may follow.
func (h *hold) tell(ctx context.Context, p *access.Principal, e door.Entry, secret []byte) (bool, error) {
	v, err := h.house.Look(ctx, p, door.Moment{})
	if err != nil {
		return false, err
	}
	d := content(v, h.w, e)
	if len(d.Changes) == 0 {
		h.Cursor = e.Seq
		return true, nil
	}
	body, err := json.Marshal(message{Type: "entry", Timestamp: e.At.Time().UTC().Format(time.RFC3339Nano), Data: d})
	if err != nil {
		return false, err
	}
	// The state is kept before each message, so that two nodes never send at the same time for longer than a message takes.
	if err := h.save(ctx); err != nil {
		return false, err
	}
	at := h.now()
	began := time.Now()
	status, problem := h.post(ctx, fmt.Sprintf("msg_%s_%d", h.w.ID, e.Seq), at, body, secret)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err := h.note(ctx, Delivery{ID: fmt.Sprintf("msg_%s_%d", h.w.ID, e.Seq), Seq: e.Seq, At: at, Took: time.Since(began), Status: status, Problem: problem}); err != nil {
		return false, err
	}
	if problem == "" {
		h.Cursor, h.Failures, h.Since, h.Next, h.Note = e.Seq, 0, time.Time{}, time.Time{}, ""
		return true, h.save(ctx)
	}
	if h.Failures++; h.Failures == 1 {
		h.Since = at
	}
	h.Next, h.Note = at.Add(backoff(h.Failures)), problem
	if status == http.StatusGone || at.Sub(h.Since) >= patience {
		h.Gave = true
		h.Note = "Binnacle has paused it: " + problem
		if err := h.house.PauseWebhook(ctx, h.w.Ref(), fmt.Sprintf("Pause the webhook %s after %d failures: %s", h.w.Key, h.Failures, problem)); err != nil {
			return false, err
		}
	}
	return false, h.save(ctx)
}

// backoff returns how long to wait after some failures: ten seconds, twice as long each time, and six hours at most.
func backoff(failures int) time.Duration {
	return min(10*time.Second<<min(failures-1, 20), 6*time.Hour)
}

// content returns what a webhook tells of an entry.
func content(v estate.View, w *model.Webhook, e door.Entry) data {
	d := data{Seq: e.Seq, Who: e.Who, Why: e.Why, Source: e.Source}
	for i := range e.Changes {
		c := &e.Changes[i]
		if len(w.Kinds) > 0 && !slices.ContainsFunc(w.Kinds, func(k string) bool { return strings.EqualFold(k, c.Kind) }) {
			// What else happened may be what the reason speaks of.
			d.Why = ""
			continue
		}
		if len(d.Changes) == mostChanges {
			d.Omitted++
			continue
		}
		d.Changes = append(d.Changes, changeOf(v, c))
	}
	return d
}

func changeOf(v estate.View, c *model.Change) change {
	out := change{Op: c.Op, Kind: c.Kind, ID: c.ID.String()}
	if rec := v.Get(model.Ref(c.ID)); rec != nil {
		out.Key = rec.Base().Key
	}
	k := v.Schema().Kind(c.Kind)
	for _, f := range c.Fields {
		if f.Name == "key" && out.Key == "" {
			out.Key = v.Show(c.Kind, f.Name, f.Before)
		}
		def := (*model.Field)(nil)
		if k != nil {
			def = k.Field(f.Name)
		}
		if def == nil || def.System {
			continue
		}
		out.Fields = append(out.Fields, field{f.Name, v.Show(c.Kind, f.Name, f.Before), v.Show(c.Kind, f.Name, f.After)})
	}
	return out
}

// Sign returns the signature of a message after the Standard Webhooks scheme.
func Sign(secret []byte, id string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	fmt.Fprintf(mac, "%s.%d.", id, at.Unix())
	mac.Write(body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// post sends one message. What the receiver answers is not kept, apart from its status.
func (h *hold) post(ctx context.Context, id string, at time.Time, body, secret []byte) (status int, problem string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.w.URL, bytes.NewReader(body))
	if err != nil {
		return 0, "The address is not one."
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Binnacle")
	r.Header.Set("webhook-id", id)
	r.Header.Set("webhook-timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("webhook-signature", Sign(secret, id, at, body))
	res, err := h.client.Do(r)
	if err != nil {
		return 0, "The address cannot be reached, or must not be."
	}
	defer res.Body.Close()
	io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10))
	switch {
	case res.StatusCode >= 200 && res.StatusCode < 300:
		return res.StatusCode, ""
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return res.StatusCode, fmt.Sprintf("The receiver answered %d. Messages follow no redirect: give the last address.", res.StatusCode)
	case res.StatusCode == http.StatusGone:
		return res.StatusCode, "The receiver answered 410: it wants no more messages."
	}
	return res.StatusCode, fmt.Sprintf("The receiver answered %d.", res.StatusCode)
}

// mostDeliveries is how many attempts are remembered.
const mostDeliveries = 50

// note remembers an attempt.
func (h *hold) note(ctx context.Context, d Delivery) error {
	_, err := vault.Update(ctx, h.house.Vault, logBucket, h.w.ID.String(), func(i vault.Item) (vault.Item, error) {
		var all []Delivery
		if len(i.Value) > 0 {
			if err := json.Unmarshal(i.Value, &all); err != nil {
				all = nil
			}
		}
		all = append([]Delivery{d}, all...)
		raw, err := json.Marshal(all[:min(len(all), mostDeliveries)])
		i.Value = raw
		return i, err
	})
	return err
}
