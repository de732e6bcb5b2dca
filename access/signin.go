package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"binnacle/model"
	"binnacle/vault"
)

// ErrSignIn says that somebody could not sign in. It does not say why.
var ErrSignIn = errors.New("the user name or the password is not right")

// ErrHalfway says that a sign-in that was begun is over.
var ErrHalfway = errors.New("that took too long or was tried too often: sign in again from the start")

// Attempt is what somebody shows to sign in.
type Attempt struct {
	// UserName is the name of the account.
	UserName string
	// Password is the password.
	Password string
	// Device is what the browser was given when the person signed in with it before. It may be empty.
	Device string
	// From and Agent say where the person sits.
	From, Agent string
}

// Step is how far somebody has come in.
type Step struct {
	// Session is the secret of the session of somebody who is in. Otherwise it is empty.
	Session string
	// Halfway is the secret under which the next step is taken, where one is needed.
	Halfway string
	// Enrol says that the next step is to set up a second factor, because the roles ask for one and there is none.
	Enrol bool
	// Code and Passkey say which second factors there are.
	Code, Passkey bool
	// Device is to be kept by the browser for [DeviceLife], so that others who guess do not keep the person out.
	Device string
	// Failed counts attempts that did not succeed since the sign-in before, the first of them at Since.
	Failed int
	Since  time.Time
	// Backwards says that the counter of the passkey went backwards: it may have been copied.
	Backwards bool
	// Recovery are new recovery codes, to be shown once.
	Recovery []string
}

// DeviceLife is how long a browser stays known.
const DeviceLife = 180 * 24 * time.Hour

// The life of a sign-in that waits for the second step, and how often that may be tried.
const (
	halfwayLife  = 5 * time.Minute
	halfwayTries = 5
)

// evenTime is what failed attempts take a multiple of, so that their answers do not tell what was wrong.
const evenTime = 250 * time.Millisecond

// halfway is a sign-in that waits for its second step.
type halfway struct {
	Account     model.Ref `json:"account"`
	From        string    `json:"from"`
	Agent       string    `json:"agent"`
	KnownDevice string    `json:"known,omitempty"`
	Enrol       bool      `json:"enrol,omitempty"`
	Secret      []byte    `json:"secret,omitempty"`
	Tries       int       `json:"tries"`
	Ends        time.Time `json:"ends"`
}

// decoy is the hash that is compared where there is no account, so that the answer takes as long.
var decoy = hashPassword(newSecret(), today)

// SignIn takes the first step in with a password. Where nothing else is asked for the person is in.
func (s *Service) SignIn(ctx context.Context, a Attempt) (Step, error) {
	began := time.Now()
	step, err := s.signIn(ctx, a)
	if errors.Is(err, ErrSignIn) {
		s.even(ctx, began)
	}
	return step, err
}

// even waits until a multiple of the even time has passed.
func (s *Service) even(ctx context.Context, began time.Time) {
	if s.evenTime == 0 {
		return
	}
	passed := time.Since(began)
	t := time.NewTimer(passed.Truncate(s.evenTime) + s.evenTime - passed)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

func (s *Service) signIn(ctx context.Context, a Attempt) (Step, error) {
	account, _ := s.store.Snapshot().Identify("Account", "user_name", model.NormalIdent("user_name", a.UserName)).(*model.Account)
	counter, source := accountCounter(account, a.UserName), sourceCounter(a.From)
	known := account != nil && s.knows(ctx, account.Ref(), a.Device)
	if known {
		// The browser has a counter of its own: whoever guesses elsewhere does not keep this person out.
		counter, source = "device/"+digest(a.Device), ""
	}
	if source != "" {
		if err := s.take(ctx, source, sourceMemory); err != nil {
			return Step{}, err
		}
	}
	if err := s.take(ctx, counter, accountMemory); err != nil {
		return Step{}, err
	}
	ref, hash := model.Ref{}, decoy
	if account != nil {
		ref = account.Ref()
	}
	c, err := s.credentialsOf(ctx, ref)
	if err != nil {
		return Step{}, err
	}
	if c.Password != "" {
		hash = c.Password
	}
	right, err := s.compare(ctx, hash, a.Password)
	if err != nil {
		s.giveBack(ctx, counter)
		if source != "" {
			s.giveBack(ctx, source)
		}
		return Step{}, err
	}
	if !right || account == nil || account.State == "disabled" {
		s.noteFailed(ctx, ref)
		return Step{}, ErrSignIn
	}
	s.forgive(ctx, counter)
	if source != "" {
		s.giveBack(ctx, source)
	}
	if costOf(hash) != today {
		s.rehash(ctx, account, hash, a.Password)
	}
	h := halfway{Account: ref, From: a.From, Agent: a.Agent}
	if known {
		h.KnownDevice = a.Device
	}
	return s.afterPassword(ctx, h, c)
}

// rehash replaces a hash whose cost is out of date by one of today.
func (s *Service) rehash(ctx context.Context, a *model.Account, old, password string) {
	hash, err := s.hash(ctx, password)
	if err == nil {
		err = s.change(ctx, a.Ref(), "", "", func(c *credentials) error {
			if c.Password == old {
				c.Password = hash
			}
			return nil
		})
	}
	s.trouble(err)
}

// afterPassword lets somebody in who has shown the right password, or asks for the second factor.
func (s *Service) afterPassword(ctx context.Context, h halfway, c credentials) (Step, error) {
	p, err := s.Principal(h.Account)
	if err != nil {
		return Step{}, ErrSignIn
	}
	if !c.second() && !s.needsSecond(p) {
		return s.finish(ctx, h, "password", false)
	}
	h.Ends, h.Enrol = s.opt.Now().Add(halfwayLife), !c.second()
	token := newSecret()
	if err := write(ctx, s.vault, halfwayBucket, digest(token), h, h.Ends); err != nil {
		return Step{}, err
	}
	return Step{Halfway: token, Enrol: h.Enrol, Code: c.Device != nil || c.Recovery != nil, Passkey: len(c.Passkeys) > 0}, nil
}

// finish lets somebody in.
func (s *Service) finish(ctx context.Context, h halfway, how string, strong bool) (Step, error) {
	secret, err := s.begin(ctx, h.Account, h.From, h.Agent, how, strong)
	if err != nil {
		return Step{}, err
	}
	step := Step{Session: secret, Device: h.KnownDevice}
	f, err := takeOut[failures](ctx, s.vault, failedBucket, h.Account.String())
	if err != nil && !errors.Is(err, vault.ErrNone) {
		return Step{}, err
	}
	step.Failed, step.Since = f.Count, f.Since
	if step.Device == "" {
		step.Device = h.Account.String() + "." + newSecret()
	}
	key := h.Account.String() + "/" + digest(step.Device)
	return step, write(ctx, s.vault, deviceBucket, key, s.opt.Now(), s.opt.Now().Add(DeviceLife))
}

// knows reports whether a browser has been used to sign in as an account.
func (s *Service) knows(ctx context.Context, account model.Ref, device string) bool {
	of, _, ok := strings.Cut(device, ".")
	if !ok || of != account.String() {
		return false
	}
	_, err := read[time.Time](ctx, s.vault, deviceBucket, of+"/"+digest(device))
	return err == nil
}

// Halfway returns what the second step of a sign-in can be. The error is [ErrHalfway] where it is over.
func (s *Service) Halfway(ctx context.Context, secret string) (Step, error) {
	h, err := read[halfway](ctx, s.vault, halfwayBucket, digest(secret))
	if err != nil || h.Tries >= halfwayTries {
		return Step{}, ErrHalfway
	}
	c, err := s.credentialsOf(ctx, h.Account)
	return Step{Halfway: secret, Enrol: h.Enrol, Code: c.Device != nil || c.Recovery != nil, Passkey: len(c.Passkeys) > 0}, err
}

// tryHalfway claims one of the tries of a second step.
func (s *Service) tryHalfway(ctx context.Context, secret string, enrol bool) (halfway, *model.Account, error) {
	h, err := rewrite(ctx, s.vault, halfwayBucket, digest(secret), func(h *halfway) (time.Time, error) {
		if h.Account.IsZero() || h.Tries >= halfwayTries || h.Enrol != enrol {
			return time.Time{}, ErrHalfway
		}
		h.Tries++
		return h.Ends, nil
	})
	if err != nil {
		return h, nil, err
	}
	a, ok := s.store.Snapshot().Get(h.Account).(*model.Account)
	if !ok || a.State == "disabled" {
		return h, nil, ErrHalfway
	}
	return h, a, s.take(ctx, h.counter(), accountMemory)
}

// counter names the counter of second steps.
func (h halfway) counter() string {
	if h.KnownDevice != "" {
		return "second-device/" + digest(h.KnownDevice)
	}
	return "second/" + h.Account.String()
}

// close ends a second step that has succeeded. Of several at the same moment one does.
func (s *Service) close(ctx context.Context, secret string, h halfway) error {
	was, err := s.vault.Delete(ctx, halfwayBucket, digest(secret))
	if err == nil && !was {
		return ErrHalfway
	}
	s.forgive(ctx, h.counter())
	return err
}

// SecondStep lets somebody in who shows a code of the device, or a recovery code.
func (s *Service) SecondStep(ctx context.Context, secret, code string) (Step, error) {
	h, a, err := s.tryHalfway(ctx, secret, false)
	if err != nil {
		return Step{}, err
	}
	how, err := s.useCode(ctx, a, code)
	if errors.Is(err, ErrCode) {
		s.noteFailed(ctx, h.Account)
	}
	if err != nil {
		return Step{}, err
	}
	if err := s.close(ctx, secret, h); err != nil {
		return Step{}, err
	}
	return s.finish(ctx, h, "password and "+how, true)
}

// StartEnrolment returns what a device needs to make codes, for somebody who may come in only with a second factor and has none.
func (s *Service) StartEnrolment(ctx context.Context, secret, site string) (Pairing, error) {
	h, err := rewrite(ctx, s.vault, halfwayBucket, digest(secret), func(h *halfway) (time.Time, error) {
		if h.Account.IsZero() || !h.Enrol {
			return time.Time{}, ErrHalfway
		}
		if len(h.Secret) == 0 {
			h.Secret = newCodeSecret()
		}
		return h.Ends, nil
	})
	if err != nil {
		return Pairing{}, err
	}
	a, ok := s.store.Snapshot().Get(h.Account).(*model.Account)
	if !ok {
		return Pairing{}, ErrHalfway
	}
	return s.pairing(h.Secret, site, a), nil
}

// FinishEnrolment takes the device into use and lets the person in.
func (s *Service) FinishEnrolment(ctx context.Context, secret, code string) (Step, error) {
	h, a, err := s.tryHalfway(ctx, secret, true)
	if err != nil {
		return Step{}, err
	}
	if c, err := s.credentialsOf(ctx, h.Account); err != nil || c.second() || len(h.Secret) == 0 {
		// Somebody else has set one up in the meantime: that one counts.
		return Step{}, ErrHalfway
	}
	codes, err := s.pair(ctx, a, h.Secret, code)
	if err != nil {
		return Step{}, err
	}
	if err := s.close(ctx, secret, h); err != nil {
		return Step{}, err
	}
	step, err := s.finish(ctx, h, "password and code", true)
	step.Recovery = codes
	return step, err
}

// Confirm shows once more who a principal is, with the password and, where the account has a second factor, a code. It
// returns the new secret of the session: the one before is over.
func (s *Service) Confirm(ctx context.Context, p *Principal, password, code string) (string, error) {
	counter := "confirm/" + p.Account.ID.String()
	if err := s.take(ctx, counter, accountMemory); err != nil {
		return "", err
	}
	c, err := s.credentialsOf(ctx, p.Account.Ref())
	if err != nil {
		return "", err
	}
	if c.Password == "" {
		return "", errors.New("the account has no password: use a passkey, or sign out and in again")
	}
	right, err := s.compare(ctx, c.Password, password)
	if err != nil {
		s.giveBack(ctx, counter)
		return "", err
	}
	if !right {
		s.noteFailed(ctx, p.Account.Ref())
		return "", errors.New("the password is not right")
	}
	if c.second() {
		if _, err := s.useCode(ctx, p.Account, code); err != nil {
			if errors.Is(err, ErrCode) {
				s.noteFailed(ctx, p.Account.Ref())
			}
			return "", err
		}
	}
	s.forgive(ctx, counter)
	return s.renew(ctx, p)
}

// Choice is a role to choose from.
type Choice struct{ Key, Label, About string }

// Offices lists the delivered roles of the four offices.
func Offices() []Choice {
	var out []Choice
	for _, p := range positions {
		switch p.key {
		case "cio", "cto", "ceo", "cmo":
			out = append(out, Choice{p.key, p.name, p.about})
		}
	}
	return out
}
