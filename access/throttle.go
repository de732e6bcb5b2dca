package access

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"binnacle/model"
)

// How guessing is slowed down. Nobody is locked out for good: that would let anybody lock out whom they know by name.
const (
	// freeFailures is how many failures in a row cost no time.
	freeFailures = 5
	// firstDelay is the delay after the last of these. Every further failure doubles it.
	firstDelay = 15 * time.Second
	// longestDelay is where the doubling ends.
	longestDelay = 15 * time.Minute
	// mostFailures is after how many failures in a row nothing is tried for a day. Browsers that are known, passkeys and a link from
	// somebody who administers still let the person in.
	mostFailures = 100
	// longPause is that day.
	longPause = 24 * time.Hour
	// accountMemory and sourceMemory are how long failures are remembered when no further ones come.
	accountMemory = 30 * 24 * time.Hour
	sourceMemory  = time.Hour
)

// Later says that too many attempts have failed. It says the same whether there is such an account or not.
type Later struct {
	// Wait is how long to wait before the next attempt.
	Wait time.Duration
}

// Error says how long to wait.
func (l *Later) Error() string {
	wait := max(l.Wait.Round(time.Second), time.Second)
	text := fmt.Sprintf("%d seconds", int(wait.Seconds()))
	if wait >= 2*time.Minute {
		text = fmt.Sprintf("%d minutes", int((wait+time.Minute-1)/time.Minute))
	}
	return "too many attempts have failed: wait " + text + " and try again"
}

// counter counts failures in a row. What is being tried counts as failed until it has succeeded, so that many guesses at the same
// moment are as many failures.
type counter struct {
	Failures int       `json:"failures"`
	Until    time.Time `json:"until"`
}

// delayAfter returns how long nothing is tried after so many failures in a row.
func delayAfter(failures int) time.Duration {
	switch {
	case failures < freeFailures:
		return 0
	case failures%mostFailures == 0:
		return longPause
	case failures-freeFailures >= 10:
		return longestDelay
	}
	return min(firstDelay<<(failures-freeFailures), longestDelay)
}

// take claims one attempt. The error is a [*Later] where none is free.
func (s *Service) take(ctx context.Context, key string, memory time.Duration) error {
	now := s.opt.Now()
	_, err := rewrite(ctx, s.vault, counterBucket, key, func(c *counter) (time.Time, error) {
		if now.Before(c.Until) {
			return time.Time{}, &Later{c.Until.Sub(now)}
		}
		c.Failures++
		c.Until = now.Add(delayAfter(c.Failures))
		return c.Until.Add(memory), nil
	})
	return err
}

// forgive forgets the failures in a row.
func (s *Service) forgive(ctx context.Context, key string) {
	_, err := s.vault.Delete(ctx, counterBucket, key)
	s.trouble(err)
}

// giveBack takes one attempt off a counter: it was not a failure. Those of others stay.
func (s *Service) giveBack(ctx context.Context, key string) {
	now := s.opt.Now()
	_, err := rewrite(ctx, s.vault, counterBucket, key, func(c *counter) (time.Time, error) {
		c.Failures = max(c.Failures-1, 0)
		if c.Failures < freeFailures {
			c.Until = time.Time{}
		}
		return now.Add(sourceMemory), nil
	})
	s.trouble(err)
}

// accountCounter names the counter of an account. Names that no account has share some counters, so that what was typed, which may
// be a password in the wrong box, is not kept, and guessing names fills nothing.
func accountCounter(account *model.Account, typed string) string {
	if account != nil {
		return "account/" + account.ID.String()
	}
	return "name/" + digest(model.NormalIdent("user_name", typed))[:4]
}

// sourceCounter names the counter of a network address: one address of version 4, or one network of version 6.
func sourceCounter(from string) string {
	a, err := netip.ParseAddr(from)
	if err != nil {
		return "source/unknown"
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return "source/" + p.String()
		}
	}
	return "source/" + a.String()
}
