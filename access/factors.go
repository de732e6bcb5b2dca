package access

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"
	"golang.org/x/crypto/argon2"

	"binnacle/model"
	"binnacle/vault"
)

// credentials are what proves who an account is, as the vault keeps it.
type credentials struct {
	Password string     `json:"password,omitempty"`
	Device   *device    `json:"device,omitempty"`
	Recovery *recovery  `json:"recovery,omitempty"`
	Passkeys []*passkey `json:"passkeys,omitempty"`
	// Link says that a one-time link waits to be used.
	Link bool `json:"link,omitempty"`
}

// device makes codes. Used is the time step of the code that was shown last.
type device struct {
	Secret []byte    `json:"secret"`
	Used   int64     `json:"used"`
	Added  time.Time `json:"added"`
}

// recovery is codes for the day on which the device is lost, as hashes with one salt.
type recovery struct {
	Salt   []byte   `json:"salt"`
	Hashes []string `json:"hashes"`
}

// passkey is a key that a browser, a telephone or a stick keeps.
type passkey struct {
	Name       string              `json:"name"`
	Site       string              `json:"site"`
	Added      time.Time           `json:"added"`
	Used       time.Time           `json:"used"`
	Backwards  bool                `json:"backwards,omitempty"`
	Credential webauthn.Credential `json:"credential"`
}

// second reports whether there is a second factor beside the password.
func (c *credentials) second() bool { return c.Device != nil || len(c.Passkeys) > 0 }

// names lists the factors as the record of the account shows them.
func (c *credentials) names() []string {
	var out []string
	if c.Password != "" {
		out = append(out, "password")
	}
	if c.Link {
		out = append(out, "one-time link")
	}
	if c.Device != nil {
		out = append(out, "code")
	}
	if c.Recovery != nil {
		out = append(out, fmt.Sprintf("%d recovery codes", len(c.Recovery.Hashes)))
	}
	for _, k := range c.Passkeys {
		out = append(out, "passkey "+k.Name)
	}
	return out
}

// credentialsOf returns the credentials of an account. Where there are none they are empty.
func (s *Service) credentialsOf(ctx context.Context, account model.Ref) (credentials, error) {
	c, err := read[credentials](ctx, s.vault, credentialBucket, account.String())
	if errors.Is(err, vault.ErrNone) {
		err = nil
	}
	return c, err
}

// change changes the credentials of an account and writes into the journal what was done, where why is not empty.
func (s *Service) change(ctx context.Context, account model.Ref, who, why string, f func(*credentials) error) error {
	c, err := rewrite(ctx, s.vault, credentialBucket, account.String(), func(c *credentials) (time.Time, error) { return time.Time{}, f(c) })
	if err != nil || why == "" {
		return err
	}
	return amend(ctx, s, account, who, why, system, func(a *model.Account) {
		a.Factors, a.FactorsChanged = c.names(), model.TimeOf(s.opt.Now())
	})
}

// ErrCode says that a code is not right. It does not say why.
var ErrCode = errors.New("the code is not right, or has been used before: wait for the next one")

// errNoMatch leaves credentials as they are.
var errNoMatch = errors.New("no match")

// useCode accepts a code of the account's device or one of its recovery codes, each once, and tells which it was.
func (s *Service) useCode(ctx context.Context, a *model.Account, code string) (string, error) {
	code = strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, clip(code, 64)))
	if len(code) == codeDigits {
		err := s.change(ctx, a.Ref(), "", "", func(c *credentials) error {
			if c.Device == nil {
				return errNoMatch
			}
			step := matchCode(c.Device.Secret, code, s.opt.Now(), c.Device.Used)
			if step == 0 {
				return errNoMatch
			}
			c.Device.Used = step
			return nil
		})
		return "code", codeError(err)
	}
	c, err := s.credentialsOf(ctx, a.Ref())
	if err != nil {
		return "", err
	}
	if c.Recovery == nil || len(code) != recoveryLength {
		return "", ErrCode
	}
	var hash string
	if err := s.hasher.do(ctx, func() { hash = recoveryHash(c.Recovery.Salt, code) }); err != nil {
		return "", err
	}
	err = s.change(ctx, a.Ref(), a.Key, "Used a recovery code", func(c *credentials) error {
		if c.Recovery == nil {
			return errNoMatch
		}
		i := slices.IndexFunc(c.Recovery.Hashes, func(h string) bool { return subtle.ConstantTimeCompare([]byte(h), []byte(hash)) == 1 })
		if i < 0 {
			return errNoMatch
		}
		c.Recovery.Hashes = slices.Delete(c.Recovery.Hashes, i, i+1)
		return nil
	})
	return "recovery code", codeError(err)
}

func codeError(err error) error {
	if errors.Is(err, errNoMatch) {
		return ErrCode
	}
	return err
}

// The shape of recovery codes: 60 bits in the letters of base 32.
const (
	recoveryCodes  = 10
	recoveryLength = 12
)

// recoveryHash returns the form in which a recovery code is kept.
func recoveryHash(salt []byte, code string) string {
	return hex.EncodeToString(argon2.IDKey([]byte(code), salt, today.passes, today.memory, today.threads, hashLength))
}

// newRecovery makes recovery codes and the form in which they are kept.
func (s *Service) newRecovery(ctx context.Context) ([]string, *recovery, error) {
	r := &recovery{Salt: make([]byte, 16)}
	rand.Read(r.Salt)
	var codes []string
	for range recoveryCodes {
		var b [8]byte
		rand.Read(b[:])
		code := base32.StdEncoding.EncodeToString(b[:])[:recoveryLength]
		if err := s.hasher.do(ctx, func() { r.Hashes = append(r.Hashes, recoveryHash(r.Salt, code)) }); err != nil {
			return nil, nil, err
		}
		codes = append(codes, strings.ToLower(code[:4]+"-"+code[4:8]+"-"+code[8:]))
	}
	return codes, r, nil
}

// NewRecoveryCodes makes ten codes, each of which once stands for a code of the device. Earlier ones are no longer good. They are shown once.
func (s *Service) NewRecoveryCodes(ctx context.Context, p *Principal) ([]string, error) {
	if err := s.Fresh(p); err != nil {
		return nil, err
	}
	codes, r, err := s.newRecovery(ctx)
	if err != nil {
		return nil, err
	}
	return codes, s.change(ctx, p.Account.Ref(), p.Who(), "Make new recovery codes", func(c *credentials) error {
		c.Recovery = r
		return nil
	})
}

// Pairing is what a device needs to make codes.
type Pairing struct {
	// Secret is the secret as people type it.
	Secret string
	// Address is the same for a picture that the device reads.
	Address string
}

func (s *Service) pairing(secret []byte, site string, a *model.Account) Pairing {
	return Pairing{base32Secret(secret), codeAddress(secret, site, a.UserName)}
}

// StartDevice returns what a device needs to make codes for the principal's
// account. It is the same for ten minutes, until a code has shown that the device has it. Site names the installation.
func (s *Service) StartDevice(ctx context.Context, p *Principal, site string) (Pairing, error) {
	if err := s.Fresh(p); err != nil {
		return Pairing{}, err
	}
	secret, err := rewrite(ctx, s.vault, startedBucket, p.Session, func(secret *[]byte) (time.Time, error) {
		if len(*secret) == 0 {
			*secret = newCodeSecret()
		}
		return s.opt.Now().Add(proofLife), nil
	})
	return s.pairing(secret, site, p.Account), err
}

// FinishDevice takes a device into use that shows a right code. Where the account has no recovery codes yet they are made and returned.
func (s *Service) FinishDevice(ctx context.Context, p *Principal, code string) ([]string, error) {
	if err := s.Fresh(p); err != nil {
		return nil, err
	}
	counter := "pair/" + p.Account.ID.String()
	if err := s.take(ctx, counter, accountMemory); err != nil {
		return nil, err
	}
	secret, err := read[[]byte](ctx, s.vault, startedBucket, p.Session)
	if err != nil {
		return nil, errors.New("that took too long: begin again")
	}
	codes, err := s.pair(ctx, p.Account, secret, code)
	if err != nil {
		return nil, err
	}
	s.forgive(ctx, counter)
	_, err = s.vault.Delete(ctx, startedBucket, p.Session)
	return codes, err
}

// pair keeps the secret of a device that shows a right code.
func (s *Service) pair(ctx context.Context, a *model.Account, secret []byte, code string) ([]string, error) {
	step := matchCode(secret, strings.ReplaceAll(code, " ", ""), s.opt.Now(), 0)
	if step == 0 {
		return nil, ErrCode
	}
	codes, fresh, err := s.newRecovery(ctx)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, a.Ref(), a.Key, "Set up a device that makes codes", func(c *credentials) error {
		if c.Recovery == nil || len(c.Recovery.Hashes) == 0 {
			c.Recovery = fresh
		} else {
			codes = nil
		}
		c.Device = &device{Secret: secret, Used: step, Added: s.opt.Now()}
		return nil
	})
	return codes, err
}

// ErrLastFactor says that the roles of somebody ask for the second factor that would be taken away.
var ErrLastFactor = errors.New("your roles ask for a second factor and this is the last one: add another one first")

// RemoveDevice takes the device that makes codes out of use.
func (s *Service) RemoveDevice(ctx context.Context, p *Principal) error {
	if err := s.Fresh(p); err != nil {
		return err
	}
	return s.change(ctx, p.Account.Ref(), p.Who(), "Remove the device that makes codes", func(c *credentials) error {
		c.Device = nil
		return s.leftOver(p, c)
	})
}

// leftOver checks that a second factor is left where one is needed, and takes recovery codes away that stand for nothing.
func (s *Service) leftOver(p *Principal, c *credentials) error {
	if c.second() {
		return nil
	}
	if s.needsSecond(p) {
		return ErrLastFactor
	}
	c.Recovery = nil
	return nil
}

// Factors is how somebody signs in, without any secret.
type Factors struct {
	// Password says that there is a password.
	Password bool
	// Device says that a device makes codes, since Added.
	Device bool
	Added  time.Time
	// Recovery is how many recovery codes are left.
	Recovery int
	// Passkeys are the passkeys.
	Passkeys []Passkey
	// Required says that the roles ask for a second factor.
	Required bool
}

// Second reports whether there is a second factor.
func (f Factors) Second() bool { return f.Device || len(f.Passkeys) > 0 }

// Passkey is a passkey as its person sees it.
type Passkey struct {
	// ID names the passkey.
	ID string
	// Name is what the person calls it.
	Name string
	// Site is the host that it is for.
	Site string
	// Added and Used are when it was added and used last.
	Added, Used time.Time
	// Backwards says that its counter once went backwards: it may have been copied.
	Backwards bool
}

// FactorsOf returns how the principal signs in.
func (s *Service) FactorsOf(ctx context.Context, p *Principal) (Factors, error) {
	c, err := s.credentialsOf(ctx, p.Account.Ref())
	f := Factors{Password: c.Password != "", Required: s.needsSecond(p)}
	if c.Device != nil {
		f.Device, f.Added = true, c.Device.Added
	}
	if c.Recovery != nil {
		f.Recovery = len(c.Recovery.Hashes)
	}
	for _, k := range c.Passkeys {
		f.Passkeys = append(f.Passkeys, Passkey{hex.EncodeToString(k.Credential.ID), k.Name, k.Site, k.Added, k.Used, k.Backwards})
	}
	return f, err
}

// ChangePassword gives the principal's account a new password and ends all its other sessions.
func (s *Service) ChangePassword(ctx context.Context, p *Principal, password string) error {
	if err := s.Fresh(p); err != nil {
		return err
	}
	if p.Account.Issuer != "" {
		return errors.New("the account signs in through an identity provider: change the password there")
	}
	if err := s.setPassword(ctx, p.Account, password, "Change the password"); err != nil {
		return err
	}
	return s.EndOtherSessions(ctx, p)
}

// setPassword gives an account a password.
func (s *Service) setPassword(ctx context.Context, a *model.Account, password, why string) error {
	if err := acceptable(password, a.Name, a.UserName, a.Email); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, a.Ref(), a.Key, why, func(c *credentials) error {
		c.Password, c.Link = hash, false
		return nil
	})
}

// Rename gives the principal's account another name for screens.
func (s *Service) Rename(ctx context.Context, p *Principal, name string) error {
	if p.Session == "" {
		return ErrSignedOut
	}
	return amend(ctx, s, p.Account.Ref(), p.Who(), "Change one's own name", model.PersonSource, func(a *model.Account) {
		a.Name = name
		a.SetOrigin("name", model.PersonSource)
	})
}
