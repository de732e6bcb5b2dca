package access

import (
	"context"
	"errors"
	"testing"
	"time"

	"binnacle/vault"
)

// TestWhatEndsIsNotRemembered is about sessions and tokens that were used a moment ago and end now.
func TestWhatEndsIsNotRemembered(t *testing.T) {
	w := openWorld(t)
	w.person("bea", "employee")
	for name, end := range map[string]func(p *Principal) error{
		"signing out":         func(p *Principal) error { return w.SignOut(w.ctx(), p) },
		"ending all sessions": func(p *Principal) error { return w.EndSessions(w.ctx(), p.Account.Ref()) },
		"shutting an account": func(p *Principal) error { return w.Shut(w.ctx(), p.Account.Ref()) },
		"renewing":            func(p *Principal) error { _, err := w.renew(w.ctx(), p); return err },
	} {
		t.Run(name, func(t *testing.T) {
			secret := w.sign("bea").Session
			var p *Principal
			for range 2 {
				var err error
				p, err = w.Session(w.ctx(), secret)
				must(t, err)
			}
			must(t, end(p))
			if _, err := w.Session(w.ctx(), secret); !errors.Is(err, ErrSignedOut) {
				t.Errorf("the session goes on: %v", err)
			}
		})
	}
}

// TestAnotherProgramEndsASession is about two programs on one vault: what one ends the other forgets within the life of its memory.
func TestAnotherProgramEndsASession(t *testing.T) {
	w := openWorld(t)
	secret := w.sign("ada").Session
	p, err := w.Session(w.ctx(), secret)
	must(t, err)
	other := New(w.store, w.vault.Vault, w.opt)
	must(t, other.SignOut(w.ctx(), p))
	if _, err := other.Session(w.ctx(), secret); !errors.Is(err, ErrSignedOut) {
		t.Errorf("it goes on where it was ended: %v", err)
	}
	time.Sleep(memoryLife)
	if _, err := w.Session(w.ctx(), secret); !errors.Is(err, ErrSignedOut) {
		t.Errorf("it goes on elsewhere: %v", err)
	}
}

// TestWhatWasReadBeforeAChangeIsNotRemembered is about a reader that is overtaken by the end of what it reads.
func TestWhatWasReadBeforeAChangeIsNotRemembered(t *testing.T) {
	w := openWorld(t)
	m := w.vault
	must(t, write(w.ctx(), m, "b", "k", 1, time.Time{}))
	slow := &overtaken{Vault: m.Vault}
	m.Vault = slow
	slow.during = func() {
		slow.during = nil
		_, err := m.Delete(w.ctx(), "b", "k")
		must(t, err)
	}
	if n, _, err := recall[int](w.ctx(), m, "b", "k"); n != 1 || err != nil {
		t.Errorf("the one that was overtaken reads %d, %v", n, err)
	}
	if n, _, err := recall[int](w.ctx(), m, "b", "k"); !errors.Is(err, vault.ErrNone) {
		t.Errorf("the next one reads %d, %v", n, err)
	}
}

// overtaken is a vault in which something happens between the reading of an item and the answer.
type overtaken struct {
	vault.Vault
	during func()
}

func (o *overtaken) Get(ctx context.Context, bucket, key string) (vault.Item, error) {
	item, err := o.Vault.Get(ctx, bucket, key)
	if o.during != nil {
		o.during()
	}
	return item, err
}
