package access

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// guess tries a wrong password.
func (w *world) guess(user, from, device string) error {
	_, err := w.SignIn(w.ctx(), Attempt{UserName: user, Password: "not the right one", From: from, Device: device})
	return err
}

func TestDelaysGrowAndEnd(t *testing.T) {
	var got []string
	for n := range 18 {
		got = append(got, delayAfter(n).String())
	}
	want := []string{"0s", "0s", "0s", "0s", "0s", "15s", "30s", "1m0s", "2m0s", "4m0s", "8m0s", "15m0s", "15m0s", "15m0s", "15m0s", "15m0s", "15m0s", "15m0s"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if delayAfter(99) != longestDelay || delayAfter(100) != longPause {
		t.Error("after 100 failures in a row there must be a day without attempts")
	}
}

func TestV6_3_1_AThousandGuessesAtOnce(t *testing.T) {
	for _, c := range []struct{ name, user string }{{"an account", "ada"}, {"no account", "nobody"}} {
		t.Run(c.name, func(t *testing.T) {
			w := openWorld(t)
			var compared, refused, let atomic.Int32
			w.compared = func() { compared.Add(1) }
			var group sync.WaitGroup
			for i := range 1000 {
				group.Go(func() {
					var later *Later
					switch err := w.guess(c.user, fmt.Sprintf("198.51.%d.%d", i/250, i%250), ""); {
					case errors.As(err, &later):
						refused.Add(1)
					case errors.Is(err, ErrSignIn):
						let.Add(1)
					default:
						t.Errorf("guess: %v", err)
					}
				})
			}
			group.Wait()
			if compared.Load() != freeFailures || let.Load() != freeFailures || refused.Load() != 1000-freeFailures {
				t.Errorf("%d guesses were compared with the hash and %d refused, want %d and %d", compared.Load(), refused.Load(), freeFailures, 1000-freeFailures)
			}
		})
	}
}

func TestV6_3_1_OneSourceAgainstManyAccounts(t *testing.T) {
	w := openWorld(t)
	let := 0
	for i := range 50 {
		if errors.Is(w.guess(fmt.Sprintf("user-%d", i), "198.51.100.9", ""), ErrSignIn) {
			let++
		}
	}
	if let != freeFailures {
		t.Errorf("%d guesses from one address were looked at, want %d", let, freeFailures)
	}
	for i := range 10 {
		// Addresses of one network of version 6 count as one.
		w.guess(fmt.Sprintf("other-%d", i), fmt.Sprintf("2001:db8::%x", i+1), "")
	}
	var later *Later
	if err := w.guess("other", "2001:db8::ffff:1", ""); !errors.As(err, &later) {
		t.Errorf("another address of the same network: %v", err)
	}
	if err := w.guess("other", "2001:db8:0:1::1", ""); !errors.Is(err, ErrSignIn) {
		t.Errorf("an address of another network: %v", err)
	}
}

func TestSuccessDoesNotFreeASource(t *testing.T) {
	w := openWorld(t)
	for range 3 {
		w.guess("nobody", "192.0.2.7", "")
	}
	w.sign("ada")
	for range 2 {
		w.guess("nobody", "192.0.2.7", "")
	}
	var later *Later
	if err := w.guess("somebody", "192.0.2.7", ""); !errors.As(err, &later) {
		t.Errorf("five failures with a success between them: %v", err)
	}
}

func TestV6_3_1_NobodyIsLockedOutByOthers(t *testing.T) {
	w := openWorld(t)
	known := w.sign("ada")
	for range 40 {
		w.guess("ada", "203.0.113.5", "")
		w.now = w.now.Add(longestDelay)
	}
	w.guess("ada", "203.0.113.5", "")
	var later *Later
	if _, err := w.SignIn(w.ctx(), Attempt{UserName: "ada", Password: testPassword, From: "203.0.113.5"}); !errors.As(err, &later) {
		t.Fatalf("the right password from an unknown browser amid guesses: %v", err)
	}
	step, err := w.SignIn(w.ctx(), Attempt{UserName: "ada", Password: testPassword, From: "203.0.113.5", Device: known.Device})
	if err != nil || step.Session == "" {
		t.Fatalf("the right password from a known browser amid guesses: %v", err)
	}
	if step.Failed != 41 {
		t.Errorf("the person is told of %d failed attempts, want 41", step.Failed)
	}
	if step, err = w.SignIn(w.ctx(), Attempt{UserName: "ada", Password: testPassword, Device: known.Device}); err != nil || step.Failed != 0 {
		t.Error("the person is told of the same attempts twice")
	}
	// A known browser cannot be used for guessing without end either.
	for range freeFailures {
		w.guess("ada", "192.0.2.7", known.Device)
	}
	if err := w.guess("ada", "192.0.2.7", known.Device); !errors.As(err, &later) {
		t.Errorf("guesses from a known browser: %v", err)
	}
	// The cookie of one account says nothing about another.
	w.person("bea")
	if w.knows(w.ctx(), w.account("bea").Ref(), known.Device) {
		t.Error("the browser of one account is known for another")
	}
}

func TestNISTCeilingOfAHundredFailures(t *testing.T) {
	w := openWorld(t)
	compared := 0
	w.compared = func() { compared++ }
	began := w.now
	for w.now.Sub(began) < 40*time.Hour {
		w.guess("ada", "203.0.113.5", "")
		w.now = w.now.Add(longestDelay)
		if compared == mostFailures {
			break
		}
	}
	w.now = w.now.Add(longPause - 2*longestDelay)
	var later *Later
	if err := w.guess("ada", "203.0.113.99", ""); !errors.As(err, &later) || compared != mostFailures {
		t.Errorf("after %d failures in a row: %v", compared, err)
	}
	w.now = w.now.Add(2 * longestDelay)
	if w.sign("ada").Session == "" {
		t.Error("the account is locked for good")
	}
}

func TestV6_3_8_UnknownNamesAreAnsweredLikeKnownOnes(t *testing.T) {
	w := openWorld(t)
	answers := map[string][]string{}
	for _, user := range []string{"ada", "nobody"} {
		for range 8 {
			err := w.guess(user, "", "")
			answers[user] = append(answers[user], err.Error())
			w.forgive(w.ctx(), "source/unknown")
		}
	}
	if diff := cmp.Diff(answers["ada"], answers["nobody"]); diff != "" {
		t.Errorf("the answers tell which names there are (-known +unknown):\n%s", diff)
	}
	w.evenTime = 100 * time.Millisecond
	for _, user := range []string{"bea", "carl"} {
		began := time.Now()
		w.guess(user, "192.0.2.99", "")
		if passed := time.Since(began); passed < w.evenTime {
			t.Errorf("a failed attempt was answered after %s", passed)
		}
	}
}
