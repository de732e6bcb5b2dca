package access

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"binnacle/model"
)

// system is the source of what Binnacle writes about itself.
const system = "binnacle"

// gatherEvery is how often what keeps happening is written into the journal for one account.
const gatherEvery = time.Minute

// gathered counts what has not been written into the journal yet.
type gathered struct {
	Count int       `json:"count"`
	Noted time.Time `json:"noted"`
	Why   string    `json:"why"`
}

// NoteDenied writes into the journal that something was refused to a principal. What is refused again and again is written once a minute, with its count.
func (s *Service) NoteDenied(ctx context.Context, p *Principal, d *Denied) {
	s.gather(ctx, "denied/"+p.Account.ID.String(), strings.TrimSpace("Denied: "+d.Need+" "+d.Kind))
}

// noteFailed writes into the journal that somebody could not sign in. The zero ref stands for names that no account has.
func (s *Service) noteFailed(ctx context.Context, account model.Ref) {
	if account.IsZero() {
		s.gather(ctx, "unknown/", "")
		return
	}
	s.gather(ctx, "failed/"+account.String(), "")
	_, err := rewrite(ctx, s.vault, failedBucket, account.String(), func(f *failures) (time.Time, error) {
		if f.Count++; f.Since.IsZero() {
			f.Since = s.opt.Now()
		}
		return time.Time{}, nil
	})
	s.trouble(err)
}

// failures are attempts to sign in that did not succeed, since the last one that did.
type failures struct {
	Count int       `json:"count"`
	Since time.Time `json:"since"`
}

// gather counts an event and writes it into the journal where the last entry about it is a minute old.
func (s *Service) gather(ctx context.Context, key, why string) {
	now, due := s.opt.Now(), gathered{}
	_, err := rewrite(ctx, s.vault, gatheredBucket, key, func(g *gathered) (time.Time, error) {
		due = gathered{}
		if g.Count++; why != "" {
			g.Why = why
		}
		if now.Sub(g.Noted) >= gatherEvery {
			due, g.Count, g.Noted = *g, 0, now
		}
		return time.Time{}, nil
	})
	s.trouble(err)
	if err == nil && due.Count > 0 {
		s.writeGathered(ctx, key, due)
	}
}

// Flush writes into the journal what has been counted and not written for a minute. It is to be called now and then.
func (s *Service) Flush(ctx context.Context) error {
	items, err := s.vault.List(ctx, gatheredBucket, "", "", 0)
	if err != nil {
		return err
	}
	for _, i := range items {
		s.flush(ctx, i.Key)
	}
	return nil
}

func (s *Service) flush(ctx context.Context, key string) {
	if g, err := read[gathered](ctx, s.vault, gatheredBucket, key); err != nil || g.Count == 0 {
		return
	}
	now, due := s.opt.Now(), gathered{}
	_, err := rewrite(ctx, s.vault, gatheredBucket, key, func(g *gathered) (time.Time, error) {
		due = gathered{}
		if g.Count > 0 && now.Sub(g.Noted) >= gatherEvery {
			due, g.Count, g.Noted = *g, 0, now
		}
		return time.Time{}, nil
	})
	s.trouble(err)
	if err == nil && due.Count > 0 {
		s.writeGathered(ctx, key, due)
	}
}

func (s *Service) writeGathered(ctx context.Context, key string, due gathered) {
	what, id, _ := strings.Cut(key, "/")
	if what == "unknown" {
		s.noteUnknown(ctx, due.Count)
		return
	}
	account, err := model.ParseID(id)
	if err != nil {
		return
	}
	why := due.Why
	if due.Count > 1 && why != "" {
		why += fmt.Sprintf(", the last of %d", due.Count)
	}
	if what == "failed" {
		why = "Failed to sign in: " + times(due.Count)
	}
	s.note(ctx, model.Ref(account), why, func(a *model.Account) {
		if what == "failed" {
			a.Failed += due.Count
		} else {
			a.Denied += due.Count
		}
	})
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// gateKey is the key of the record that counts what is not about an account.
const gateKey = "sign-in"

func (s *Service) noteUnknown(ctx context.Context, count int) {
	why := "Failed to sign in under an unknown name: " + times(count)
	gate, ok := s.store.Snapshot().Find("Gate", gateKey).(*model.Gate)
	if !ok {
		g := &model.Gate{UnknownNames: count}
		g.Key, g.Name = gateKey, "Sign-in"
		if s.create(ctx, system, why, system, g) == nil {
			return
		}
		// Another node was faster.
		if gate, ok = s.store.Snapshot().Find("Gate", gateKey).(*model.Gate); !ok {
			return
		}
	}
	s.trouble(amend(ctx, s, gate.Ref(), system, why, system, func(g *model.Gate) { g.UnknownNames += count }))
}

// note edits an account in the name of Binnacle itself. What happened must not be lost because two things happened at once.
func (s *Service) note(ctx context.Context, account model.Ref, why string, edit func(*model.Account)) {
	a, ok := s.store.Snapshot().Get(account).(*model.Account)
	if !ok {
		return
	}
	s.trouble(amend(ctx, s, account, a.Key, why, system, edit))
}

// trouble tells whoever runs Binnacle that an event could not be kept.
func (s *Service) trouble(err error) {
	if err != nil {
		slog.Error("an event about access could not be kept", "error", err)
	}
}
