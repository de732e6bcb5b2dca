package access

import (
	"crypto/sha1"
	"encoding/base32"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"binnacle/model"
)

// pairDevice gives an account a device and returns what makes its codes, and the recovery codes.
func (w *world) pairDevice(p *Principal) (func() string, []string) {
	w.t.Helper()
	pairing, err := w.StartDevice(w.ctx(), p, "test")
	must(w.t, err)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(pairing.Secret)
	must(w.t, err)
	code := func() string { return codeAt(sha1.New, secret, stepAt(w.now), codeDigits) }
	codes, err := w.FinishDevice(w.ctx(), p, code())
	must(w.t, err)
	w.now = w.now.Add(codeStep)
	return code, codes
}

func TestV6_5_1_TOTPCodeWorksOnce(t *testing.T) {
	w := openWorld(t)
	code, _ := w.pairDevice(w.in("ada"))
	now := code()
	var in atomic.Int32
	var group sync.WaitGroup
	for range 4 {
		step := w.sign("ada")
		if step.Session != "" || !step.Code {
			t.Fatalf("a password alone lets somebody in who has a second factor: %+v", step)
		}
		group.Go(func() {
			if _, err := w.SecondStep(w.ctx(), step.Halfway, now); err == nil {
				in.Add(1)
			}
		})
	}
	group.Wait()
	if in.Load() != 1 {
		t.Errorf("one code let %d in", in.Load())
	}
}

func TestV6_5_5_OneStepBackAndNoneAhead(t *testing.T) {
	secret := []byte("12345678901234567890")
	now := time.Unix(1_111_111_109, 0)
	for _, c := range []struct {
		name string
		off  time.Duration
		good bool
	}{{"now", 0, true}, {"one step back", -codeStep, true}, {"two steps back", -2 * codeStep, false}, {"one step ahead", codeStep, false}} {
		t.Run(c.name, func(t *testing.T) {
			code := codeAt(sha1.New, secret, stepAt(now.Add(c.off)), codeDigits)
			if got := matchCode(secret, code, now, 0) != 0; got != c.good {
				t.Errorf("accepted: %v, want %v", got, c.good)
			}
		})
	}
	if matchCode(secret, codeAt(sha1.New, secret, stepAt(now)-1, codeDigits), now, stepAt(now)) != 0 {
		t.Error("a code older than the one used last is accepted")
	}
}

func TestV6_5_1_RecoveryCodesWorkOnce(t *testing.T) {
	w := openWorld(t)
	_, codes := w.pairDevice(w.in("ada"))
	if len(codes) != recoveryCodes {
		t.Fatalf("%d recovery codes", len(codes))
	}
	step, err := w.SecondStep(w.ctx(), w.sign("ada").Halfway, strings.ToUpper(codes[3]))
	must(t, err)
	p, err := w.Session(w.ctx(), step.Session)
	must(t, err)
	if _, err := w.SecondStep(w.ctx(), w.sign("ada").Halfway, codes[3]); !errors.Is(err, ErrCode) {
		t.Errorf("a recovery code the second time: %v", err)
	}
	f, err := w.FactorsOf(w.ctx(), p)
	must(t, err)
	if f.Recovery != recoveryCodes-1 {
		t.Errorf("%d recovery codes are left", f.Recovery)
	}
	fresh, err := w.NewRecoveryCodes(w.ctx(), p)
	must(t, err)
	if _, err := w.SecondStep(w.ctx(), w.sign("ada").Halfway, codes[4]); !errors.Is(err, ErrCode) {
		t.Errorf("a recovery code of an earlier set: %v", err)
	}
	if _, err := w.SecondStep(w.ctx(), w.sign("ada").Halfway, fresh[0]); err != nil {
		t.Error(err)
	}
}

func TestV6_3_1_SecondStepsAreLimited(t *testing.T) {
	w := openWorld(t)
	code, _ := w.pairDevice(w.in("ada"))
	half := w.sign("ada").Halfway
	for range halfwayTries {
		if _, err := w.SecondStep(w.ctx(), half, "000000"); !errors.Is(err, ErrCode) {
			t.Fatal(err)
		}
	}
	if _, err := w.SecondStep(w.ctx(), half, code()); !errors.Is(err, ErrHalfway) {
		t.Errorf("the right code after %d wrong ones: %v", halfwayTries, err)
	}
	// A new first step does not make new tries.
	var later *Later
	if _, err := w.SecondStep(w.ctx(), w.sign("ada").Halfway, code()); !errors.As(err, &later) {
		t.Errorf("a new first step: %v", err)
	}
	w.now = w.now.Add(time.Minute)
	half = w.sign("ada").Halfway
	w.now = w.now.Add(halfwayLife)
	if _, err := w.SecondStep(w.ctx(), half, code()); !errors.Is(err, ErrHalfway) {
		t.Errorf("the second step after five minutes: %v", err)
	}
}

func TestV6_3_3_ARoleAsksForASecondFactor(t *testing.T) {
	w := openWorld(t)
	w.person("bea", "employee")
	before := w.sign("bea").Session
	role := w.store.Snapshot().Find("Role", "employee").Base().Ref()
	must(t, amend(w.ctx(), w.Service, role, "ada", "Ask for a second factor", model.PersonSource, func(r *model.Role) { r.SecondFactor = true }))
	if _, err := w.Session(w.ctx(), before); !errors.Is(err, ErrSignedOut) {
		t.Errorf("a session without a second factor goes on: %v", err)
	}
	step := w.sign("bea")
	if step.Session != "" || !step.Enrol {
		t.Fatalf("without a second factor: %+v", step)
	}
	if _, err := w.SecondStep(w.ctx(), step.Halfway, "000000"); !errors.Is(err, ErrHalfway) {
		t.Errorf("a second step that has nothing to check: %v", err)
	}
	pairing, err := w.StartEnrolment(w.ctx(), step.Halfway, "test")
	must(t, err)
	secret, _ := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(pairing.Secret)
	in, err := w.FinishEnrolment(w.ctx(), step.Halfway, codeAt(sha1.New, secret, stepAt(w.now), codeDigits))
	must(t, err)
	p, err := w.Session(w.ctx(), in.Session)
	must(t, err)
	if len(in.Recovery) != recoveryCodes {
		t.Error("no recovery codes were made")
	}
	if err := w.RemoveDevice(w.ctx(), p); !errors.Is(err, ErrLastFactor) {
		t.Errorf("the last second factor is taken away: %v", err)
	}
	// A sign-in that was waiting to enrol cannot replace what is there by now.
	if _, err := w.StartEnrolment(w.ctx(), step.Halfway, "test"); !errors.Is(err, ErrHalfway) {
		t.Errorf("to enrol again: %v", err)
	}
}

func TestV6_4_3_AResetKeepsSecondFactors(t *testing.T) {
	w := openWorld(t)
	admin := w.in("ada")
	w.person("bea")
	bea := w.in("bea")
	code, _ := w.pairDevice(bea)
	link, ends, err := w.Invite(w.ctx(), admin, bea.Account.Ref())
	must(t, err)
	if got := ends.Sub(w.now); got != resetLife {
		t.Errorf("the link is good for %s", got)
	}
	const next = "gravel under seven teapots"
	if err := w.UseInvite(w.ctx(), link, "too short"); err == nil {
		t.Error("a weak password is accepted")
	}
	must(t, w.UseInvite(w.ctx(), link, next))
	if err := w.UseInvite(w.ctx(), link, next); !errors.Is(err, ErrLink) {
		t.Errorf("the link the second time: %v", err)
	}
	step, err := w.SignIn(w.ctx(), Attempt{UserName: "bea", Password: next, From: "192.0.2.7"})
	must(t, err)
	if step.Session != "" || !step.Code {
		t.Fatalf("the reset bypasses the second factor: %+v", step)
	}
	if _, err := w.SecondStep(w.ctx(), step.Halfway, code()); err != nil {
		t.Error(err)
	}
	link, _, err = w.Invite(w.ctx(), admin, bea.Account.Ref())
	must(t, err)
	newer, _, err := w.Invite(w.ctx(), admin, bea.Account.Ref())
	must(t, err)
	if _, err := w.Invited(w.ctx(), link); !errors.Is(err, ErrLink) {
		t.Errorf("an earlier link: %v", err)
	}
	w.now = w.now.Add(resetLife)
	if _, err := w.Invited(w.ctx(), newer); !errors.Is(err, ErrLink) {
		t.Errorf("a link that is too old: %v", err)
	}
	if _, _, err := w.Invite(w.ctx(), bea, admin.Account.Ref()); err == nil {
		t.Error("somebody who does not administer makes links")
	}
}

func TestJournalTellsWhatHappenedAndNoSecret(t *testing.T) {
	w := openWorld(t)
	first := w.sign("ada")
	ada, err := w.Session(w.ctx(), first.Session)
	must(t, err)
	code, codes := w.pairDevice(ada)
	token, err := w.NewToken(w.ctx(), ada, "nightly", "write", w.now.Add(time.Hour))
	must(t, err)
	w.person("bea")
	link, _, err := w.Invite(w.ctx(), ada, w.account("bea").Ref())
	must(t, err)
	for range 4 {
		w.guess("ada", "203.0.113.77", "")
	}
	w.guess("my secret typed into the wrong box", "203.0.113.78", "")
	must(t, w.ChangePassword(w.ctx(), ada, "nine odd lanterns hum softly"))
	must(t, w.Flush(w.ctx()))
	w.now = w.now.Add(gatherEvery)
	must(t, w.Flush(w.ctx()))
	pairing := base32Secret(w.credentials(t, "ada").Device.Secret)
	for _, e := range w.entries() {
		raw, err := json.Marshal(e)
		must(t, err)
		for name, s := range map[string]string{"session": first.Session[37:], "device cookie": first.Device[37:], "password": testPassword, "new password": "nine odd", "guess": "not the right", "wrong box": "wrong box",
			"token": token[hintLength:], "link": link[37:], "code": code(), "recovery code": codes[0], "pairing": pairing, "hash": "argon2"} {
			if strings.Contains(string(raw), s) {
				t.Errorf("entry %d holds the %s", e.Seq, name)
			}
		}
		if strings.Contains(e.Why, "203.0.113") || strings.Contains(e.Why, "192.0.2") {
			t.Errorf("entry %d tells an address in its reason: %s", e.Seq, e.Why)
		}
	}
	for why, want := range map[string]int{"Signed in: ": 2, "Failed to sign in: ": 2, "Failed to sign in under an unknown name: once": 1, "Set up a device": 1, "Make a token": 1, "Make a link": 1, "Change the password": 1} {
		if got := w.whys(why); got != want {
			t.Errorf("%d entries say %q, want %d", got, why, want)
		}
	}
	if got := w.account("ada").Failed; got != 4 {
		t.Errorf("the account counts %d failures, want 4", got)
	}
}

func (w *world) credentials(t *testing.T, key string) credentials {
	c, err := w.credentialsOf(t.Context(), w.account(key).Ref())
	must(t, err)
	return c
}

func TestV16_3_2_DenialsAreGathered(t *testing.T) {
	w := openWorld(t)
	w.person("bea", "employee")
	bea := w.in("bea")
	for range 50 {
		w.NoteDenied(w.ctx(), bea, bea.denied("write", "Contract", "", ""))
	}
	if got := w.whys("Denied: write Contract"); got != 1 {
		t.Errorf("%d entries within a minute", got)
	}
	w.now = w.now.Add(gatherEvery)
	must(t, w.Flush(w.ctx()))
	if got := w.account("bea").Denied; got != 50 {
		t.Errorf("%d denials are counted, want 50", got)
	}
	if got := w.whys("Denied: write Contract"); got != 2 {
		t.Errorf("%d entries after the minute, want 2", got)
	}
}
