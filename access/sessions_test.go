package access

import (
	"errors"
	"testing"
	"time"

	"binnacle/model"
)

func TestV7_2_4_EverySignInAndConfirmationMakesANewSecret(t *testing.T) {
	w := openWorld(t)
	a, b := w.sign("ada").Session, w.sign("ada").Session
	if a == b {
		t.Fatal("two sessions share a secret")
	}
	p, err := w.Session(w.ctx(), a)
	must(t, err)
	w.now = w.now.Add(proofLife + time.Second)
	if err := w.Fresh(p); !errors.Is(err, ErrConfirm) {
		t.Fatalf("after ten minutes: %v", err)
	}
	if _, err := w.Confirm(w.ctx(), p, "not the right one", ""); err == nil {
		t.Fatal("a wrong password confirms")
	}
	next, err := w.Confirm(w.ctx(), p, testPassword, "")
	must(t, err)
	if _, err := w.Session(w.ctx(), a); !errors.Is(err, ErrSignedOut) {
		t.Errorf("the secret of before the confirmation: %v", err)
	}
	q, err := w.Session(w.ctx(), next)
	must(t, err)
	if err := w.Fresh(q); err != nil {
		t.Errorf("after the confirmation: %v", err)
	}
	if _, err := w.Confirm(w.ctx(), p, testPassword, ""); !errors.Is(err, ErrSignedOut) {
		t.Errorf("a session that is over is confirmed: %v", err)
	}
}

func TestSessionFixation(t *testing.T) {
	w := openWorld(t)
	for _, planted := range []string{"", ".", "x", w.account("ada").ID.String() + ".planted", w.account("ada").ID.String() + "."} {
		if _, err := w.Session(w.ctx(), planted); !errors.Is(err, ErrSignedOut) {
			t.Errorf("the secret %q that nobody was given: %v", planted, err)
		}
	}
	w.person("bea")
	ada, bea := w.sign("ada").Session, w.account("bea").ID.String()
	if _, err := w.Session(w.ctx(), bea+ada[36:]); !errors.Is(err, ErrSignedOut) {
		t.Errorf("the secret of one account under the name of another: %v", err)
	}
}

func TestV7_3_1_SessionsEndWithoutUse(t *testing.T) {
	w := openWorld(t)
	s := w.sign("ada").Session
	for range 5 {
		w.now = w.now.Add(59 * time.Minute)
		if _, err := w.Session(w.ctx(), s); err != nil {
			t.Fatalf("in use: %v", err)
		}
	}
	w.now = w.now.Add(time.Hour)
	if _, err := w.Session(w.ctx(), s); !errors.Is(err, ErrSignedOut) {
		t.Errorf("after an hour without use: %v", err)
	}
}

func TestV7_3_2_SessionsEndAfterTwelveHours(t *testing.T) {
	w := openWorld(t)
	began := w.now
	s := w.sign("ada").Session
	for w.now.Sub(began) < 12*time.Hour-30*time.Minute {
		w.now = w.now.Add(30 * time.Minute)
		if _, err := w.Session(w.ctx(), s); err != nil && w.now.Sub(began) < 12*time.Hour {
			t.Fatalf("after %s: %v", w.now.Sub(began), err)
		}
	}
	w.now = began.Add(12 * time.Hour)
	if _, err := w.Session(w.ctx(), s); !errors.Is(err, ErrSignedOut) {
		t.Errorf("after twelve hours in use: %v", err)
	}
}

func TestV7_4_2_DisablingEndsSessionsAndTokensForGood(t *testing.T) {
	w := openWorld(t)
	w.person("bea", "employee")
	s := w.sign("bea").Session
	p, err := w.Session(w.ctx(), s)
	must(t, err)
	token, err := w.NewToken(w.ctx(), p, "nightly", "read", w.now.Add(time.Hour))
	must(t, err)
	w.edit("bea", func(a *model.Account) { a.State = "disabled" })
	check := func(when string) {
		t.Helper()
		if _, err := w.Session(w.ctx(), s); !errors.Is(err, ErrSignedOut) {
			t.Errorf("%s the session answers %v", when, err)
		}
		if _, err := w.Token(w.ctx(), token); !errors.Is(err, ErrSignedOut) {
			t.Errorf("%s the token answers %v", when, err)
		}
	}
	check("disabled:")
	if _, err := w.SignIn(w.ctx(), Attempt{UserName: "bea", Password: testPassword, From: "192.0.2.9"}); !errors.Is(err, ErrSignIn) {
		t.Errorf("disabled: sign in: %v", err)
	}
	if _, err := w.Begin(w.ctx(), p.Account.Ref(), "", "", "test"); !errors.Is(err, ErrSignedOut) {
		t.Errorf("disabled: through a provider: %v", err)
	}
	w.edit("bea", func(a *model.Account) { a.State = "active" })
	check("enabled again:")
	// Nobody has shown the session or the token while the account was disabled: the house ends them then.
	s = w.sign("bea").Session
	p, err = w.Session(w.ctx(), s)
	must(t, err)
	token, err = w.NewToken(w.ctx(), p, "hourly", "read", w.now.Add(time.Hour))
	must(t, err)
	must(t, w.Shut(w.ctx(), p.Account.Ref()))
	check("shut:")
}

func TestV7_4_3_APasswordChangeEndsOtherSessions(t *testing.T) {
	w := openWorld(t)
	first := w.sign("ada")
	p := w.in("ada")
	must(t, w.ChangePassword(w.ctx(), p, "nine odd lanterns hum softly"))
	if _, err := w.Session(w.ctx(), first.Session); !errors.Is(err, ErrSignedOut) {
		t.Errorf("another session goes on: %v", err)
	}
	if w.knows(w.ctx(), p.Account.Ref(), first.Device) {
		t.Error("a browser of before is still known")
	}
	open, err := w.Sessions(w.ctx(), p)
	must(t, err)
	if len(open) != 1 || !open[0].Current {
		t.Errorf("open sessions: %+v", open)
	}
}

func TestSessionsAreListedAndEndedOneByOne(t *testing.T) {
	w := openWorld(t)
	other := w.sign("ada").Session
	p := w.in("ada")
	w.person("bea")
	bea := w.in("bea")
	open, err := w.Sessions(w.ctx(), p)
	must(t, err)
	// The first is that of the set-up.
	if len(open) != 3 {
		t.Fatalf("%d sessions are open, want 3", len(open))
	}
	for _, o := range open {
		must(t, w.EndSession(w.ctx(), bea, o.ID))
	}
	if _, err := w.Session(w.ctx(), other); err != nil {
		t.Errorf("somebody else ended the session: %v", err)
	}
	for _, o := range open {
		if !o.Current {
			must(t, w.EndSession(w.ctx(), p, o.ID))
		}
	}
	if _, err := w.Session(w.ctx(), other); !errors.Is(err, ErrSignedOut) {
		t.Errorf("a session that was ended: %v", err)
	}
}

func TestV7_5_1_ChangesOfHowOneSignsInNeedAFreshProof(t *testing.T) {
	w := openWorld(t)
	w.person("bea")
	stale := w.in("ada")
	fresh := w.in("ada")
	token, err := w.NewToken(w.ctx(), fresh, "nightly", "read", w.now.Add(24*time.Hour))
	must(t, err)
	w.now = w.now.Add(proofLife + time.Second)
	bea := w.account("bea").Ref()
	program, err := w.Token(w.ctx(), token)
	must(t, err)
	for _, who := range []struct {
		name string
		p    *Principal
	}{{"a session of eleven minutes", stale}, {"a token", program}} {
		for _, c := range []struct {
			name string
			do   func(p *Principal) error
		}{
			{"change the password", func(p *Principal) error { return w.ChangePassword(w.ctx(), p, "nine odd lanterns hum softly") }},
			{"pair a device", func(p *Principal) error { _, err := w.StartDevice(w.ctx(), p, ""); return err }},
			{"finish pairing", func(p *Principal) error { _, err := w.FinishDevice(w.ctx(), p, "123456"); return err }},
			{"remove the device", func(p *Principal) error { return w.RemoveDevice(w.ctx(), p) }},
			{"new recovery codes", func(p *Principal) error { _, err := w.NewRecoveryCodes(w.ctx(), p); return err }},
			{"a passkey", func(p *Principal) error {
				_, err := w.StartNewPasskey(w.ctx(), p, "https://binnacle.example.com")
				return err
			}},
			{"remove a passkey", func(p *Principal) error { return w.RemovePasskey(w.ctx(), p, "00") }},
			{"a token", func(p *Principal) error {
				_, err := w.NewToken(w.ctx(), p, "x", "read", w.now.Add(time.Hour))
				return err
			}},
			{"a link for somebody else", func(p *Principal) error { _, _, err := w.Invite(w.ctx(), p, bea); return err }},
			{"the factors of somebody else", func(p *Principal) error { return w.ClearFactors(w.ctx(), p, bea) }},
			{"the sessions of somebody else", func(p *Principal) error { return w.EndSessionsOf(w.ctx(), p, bea) }},
			{"the secret of a provider", func(p *Principal) error { return w.SetProviderSecret(w.ctx(), p, bea, "x") }},
		} {
			if err := c.do(who.p); err == nil {
				t.Errorf("%s: %s: allowed", who.name, c.name)
			} else if who.p == stale && !errors.Is(err, ErrConfirm) {
				t.Errorf("%s: %s: %v", who.name, c.name, err)
			}
		}
	}
}
