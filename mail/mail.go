// Package mail tells people by mail what was found about things that they own:
// once a day what is new, and at once what is critical. What it has told it
// remembers in the vault, so that nobody is told the same thing again.
package mail

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/vault"
)

const (
	// stateBucket is where it is kept what each account was told, by the id of the account.
	stateBucket = "mail.state"
	// look is how often it is looked what is due.
	look = 10 * time.Minute
	// lease is how long one node writes to an account before another one may.
	lease = 5 * time.Minute
	// urgentEvery is how long after a letter the next one about something critical may go.
	urgentEvery = time.Hour
	// answerWait is how long the answer of one question is waited for.
	answerWait = time.Minute
)

// Letter is what is written to one person.
type Letter struct {
	// To is the address, and Name the person.
	To, Name string
	// Subject and Text are what is written.
	Subject, Text string
}

// Post hands a letter to those who carry it.
type Post func(ctx context.Context, l Letter) error

// Options say how letters are written.
type Options struct {
	// BaseURL is the address of Binnacle for the links in letters.
	BaseURL string
	// Hour is the hour of the day, in UTC, from which the daily letter goes.
	Hour int
	// Log is told what could not be sent. Unset means the default logger.
	Log *slog.Logger
}

// Sender writes letters to the people of a house.
type Sender struct {
	house *door.House
	post  Post
	opt   Options
	node  string
}

// New returns a sender.
func New(h *door.House, post Post, opt Options) *Sender {
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	return &Sender{house: h, post: post, opt: opt, node: rand.Text()}
}

// Run writes what is due until the context ends. Several nodes on one vault may run at the same time: to each account one writes.
func (s *Sender) Run(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		if _, err := s.Once(ctx); err != nil && ctx.Err() == nil {
			s.opt.Log.Error("letters could not be sent", "error", err.Error())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Once writes what is due now, and returns how many letters went. One that could not be sent does not keep back the others.
func (s *Sender) Once(ctx context.Context) (int, error) {
	sent := 0
	var errs []error
	for _, r := range s.house.Addressees() {
		ok, err := s.write(ctx, r)
		if err != nil {
			errs = append(errs, fmt.Errorf("account %s: %w", r.Account.Key, err))
		}
		if ok {
			sent++
		}
		if ctx.Err() != nil {
			break
		}
	}
	return sent, errors.Join(errs...)
}

// state is what is kept about an account between letters.
type state struct {
	// Sent is when the last letter went, and Day the day of the last daily one.
	Sent model.Time `json:"sent,omitzero"`
	Day  model.Date `json:"day,omitzero"`
	// Told are the keys of the notices that the account was told and that are still there.
	Told map[string]model.Date `json:"told,omitempty"`
	// Holder is the node that writes, until Until.
	Holder string     `json:"holder,omitempty"`
	Until  model.Time `json:"until,omitzero"`
}

// write writes to one account, where something is due.
func (s *Sender) write(ctx context.Context, r door.Addressee) (sent bool, err error) {
	now := s.house.Now()
	item, err := s.house.Vault.Get(ctx, stateBucket, r.Account.ID.String())
	if err != nil && !errors.Is(err, vault.ErrNone) {
		return false, err
	}
	item.Key = r.Account.ID.String()
	var st state
	if len(item.Value) > 0 {
		if err := json.Unmarshal(item.Value, &st); err != nil {
			st = state{}
		}
	}
	if st.Holder != "" && st.Holder != s.node && now < st.Until {
		return false, nil
	}
	daily := st.Day < s.house.Today() && now.Time().UTC().Hour() >= s.opt.Hour
	urgent := now.Time().Sub(st.Sent.Time()) >= urgentEvery
	choice, err := s.house.MailChoice(ctx, r.Principal)
	if err != nil || choice == door.MailOff || !daily && !urgent {
		return false, err
	}
	st.Holder, st.Until = s.node, model.TimeOf(now.Time().Add(lease))
	if err := s.keep(ctx, &item, st); err != nil {
		if errors.Is(err, vault.ErrChanged) {
			err = nil
		}
		return false, err
	}
	defer func() {
		st.Holder, st.Until = "", 0
		err = errors.Join(err, s.keep(context.WithoutCancel(ctx), &item, st))
	}()
	notices, err := s.house.Notices(ctx, r.Principal, answerWait)
	if err != nil {
		return false, err
	}
	fresh, told := s.fresh(notices, st, daily)
	if len(fresh) > 0 {
		if err := s.post(ctx, s.letter(r, fresh)); err != nil {
			return false, err
		}
		st.Sent = now
	}
	st.Told = told
	if daily && len(notices.Waiting) == 0 {
		st.Day = s.house.Today()
	}
	return len(fresh) > 0, nil
}

func (s *Sender) keep(ctx context.Context, item *vault.Item, st state) error {
	value, err := json.Marshal(st)
	if err != nil {
		return err
	}
	item.Value = value
	item.Version, err = s.house.Vault.Swap(ctx, stateBucket, *item)
	return err
}

// fresh returns the notices that the account was not told and has not seen, and what it has been told after that. What
// is gone is forgotten, so that it is told again when it comes back. Where an answer is missing, nothing is forgotten.
func (s *Sender) fresh(n door.Notices, st state, daily bool) ([]door.Notice, map[string]model.Date) {
	told := map[string]model.Date{}
	if len(n.Waiting)+len(n.Failed) > 0 {
		for key, day := range st.Told {
			told[key] = day
		}
	}
	var out []door.Notice
	for _, notice := range n.List {
		day, known := st.Told[notice.Key]
		switch {
		case known || !notice.New:
			told[notice.Key] = max(day, 1)
		case daily || notice.Severity == practice.Critical:
			told[notice.Key] = s.house.Today()
			out = append(out, notice)
		}
	}
	return out, told
}
