package access

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

// ErrSignedOut says that a session or token is not, or no longer, good for anything.
var ErrSignedOut = errors.New("you are not signed in, or no longer")

// Options are what the service does not decide for itself.
type Options struct {
	// Now tells the time. Unset means the clock of the machine.
	Now func() time.Time
	// Client makes requests to identity providers. It must be the one that guards what goes out.
	Client *http.Client
	// BaseURL is the address under which people reach Binnacle, such as https://binnacle.example.com.
	BaseURL string
	// SessionLife is how long a session lasts at most. Unset means 12 hours.
	SessionLife time.Duration
	// SecondFactor lets nobody in without a second factor, whatever the roles say.
	SecondFactor bool
	// SessionIdle is how long a session lasts without use. Unset means 60 minutes.
	SessionIdle time.Duration
}

// Service decides who somebody is.
type Service struct {
	store *store.Store
	vault *memory
	opt   Options

	hasher   *hasher
	evenTime time.Duration
	// compared is called before each comparison of a password with a hash. It is for tests.
	compared func()
}

// New returns the service on a store and a vault.
func New(s *store.Store, v vault.Vault, opt Options) *Service {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.SessionLife == 0 {
		opt.SessionLife = 12 * time.Hour
	}
	if opt.SessionIdle == 0 {
		opt.SessionIdle = time.Hour
	}
	return &Service{store: s, vault: newMemory(v), opt: opt, hasher: newHasher(), evenTime: evenTime}
}

// Principal returns the principal of an account as the estate is now. The
// error is [ErrSignedOut] where the account is not there or may not sign in.
func (s *Service) Principal(account model.Ref) (*Principal, error) {
	snap := s.store.Snapshot()
	type key struct{ account model.Ref }
	p, _ := snap.Memo(key{account}, func() any { return principalOf(snap, account) }).(*Principal)
	if p == nil {
		return nil, ErrSignedOut
	}
	return p, nil
}

func principalOf(snap *estate.Snapshot, account model.Ref) *Principal {
	a, ok := snap.Get(account).(*model.Account)
	if !ok || a.State == "disabled" {
		return nil
	}
	p := &Principal{Account: a, Roles: rolesOf(snap, a), Owners: ownersOf(snap, a.Person), now: snap}
	p.rights = rightsOf(snap.Schema(), p.Roles)
	return p
}

// newSecret returns a new secret with 256 bits of chance, as text that is safe in headers and addresses.
func newSecret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest returns the form in which a secret is kept.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// Now returns the time of the clock.
func (s *Service) Now() time.Time { return s.opt.Now() }

// BaseURL returns the address under which people reach Binnacle. It may be empty.
func (s *Service) BaseURL() string { return s.opt.BaseURL }
