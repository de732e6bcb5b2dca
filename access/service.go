package access

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

// The buckets of the vault that this package uses.
const (
	sessionBucket    = "access.sessions"
	credentialBucket = "access.credentials"
	setupBucket      = "access.setup"
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
	// SessionIdle is how long a session lasts without use. Unset means 60 minutes.
	SessionIdle time.Duration
}

// Service decides who somebody is.
type Service struct {
	store *store.Store
	vault vault.Vault
	opt   Options
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
	return &Service{store: s, vault: v, opt: opt}
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

// secret returns a new secret with 256 bits of chance, as text that is safe in headers and addresses.
func secret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest returns the form in which a secret is kept.
func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// session is what is kept of a session, under the digest of its secret.
type session struct {
	Account model.Ref `json:"account"`
	Began   time.Time `json:"began"`
	Seen    time.Time `json:"seen"`
	Proved  time.Time `json:"proved"`
	From    string    `json:"from,omitempty"`
	Agent   string    `json:"agent,omitempty"`
	How     string    `json:"how,omitempty"`
}

// begin starts a session and returns its secret.
func (s *Service) begin(ctx context.Context, account model.Ref, from, agent, how string) (string, error) {
	now := s.opt.Now()
	raw, err := json.Marshal(session{Account: account, Began: now, Seen: now, Proved: now, From: from, Agent: agent, How: how})
	if err != nil {
		return "", err
	}
	token := secret()
	_, err = s.vault.Put(ctx, sessionBucket, vault.Item{Key: account.String() + "/" + digest(token), Value: raw, Expires: now.Add(s.opt.SessionIdle)})
	return account.String() + "." + token, err
}

// Session returns the principal of a session by its secret.
func (s *Service) Session(ctx context.Context, secret string) (*Principal, error) {
	account, token, ok := strings.Cut(secret, ".")
	id, err := model.ParseID(account)
	if !ok || err != nil {
		return nil, ErrSignedOut
	}
	key := id.String() + "/" + digest(token)
	item, err := s.vault.Get(ctx, sessionBucket, key)
	if errors.Is(err, vault.ErrNone) {
		return nil, ErrSignedOut
	} else if err != nil {
		return nil, fmt.Errorf("look up the session: %w", err)
	}
	var se session
	if err := json.Unmarshal(item.Value, &se); err != nil {
		return nil, ErrSignedOut
	}
	now := s.opt.Now()
	end := se.Began.Add(s.opt.SessionLife)
	if se.Account != model.Ref(id) || !now.Before(end) {
		return nil, ErrSignedOut
	}
	p, err := s.Principal(se.Account)
	if err != nil {
		return nil, err
	}
	if now.Sub(se.Seen) > time.Minute {
		se.Seen = now
		item.Value, _ = json.Marshal(se)
		item.Expires = now.Add(s.opt.SessionIdle)
		if end.Before(item.Expires) {
			item.Expires = end
		}
		// Somebody else may have been faster, or may have ended the session.
		if _, err := s.vault.Swap(ctx, sessionBucket, item); err != nil && !errors.Is(err, vault.ErrChanged) {
			return nil, fmt.Errorf("keep the session: %w", err)
		}
	}
	q := *p
	q.Session, q.Proved = key, se.Proved
	return &q, nil
}

// SignOut ends a session.
func (s *Service) SignOut(ctx context.Context, p *Principal) error {
	_, err := s.vault.Delete(ctx, sessionBucket, p.Session)
	return err
}

// EndSessions ends every session of an account.
func (s *Service) EndSessions(ctx context.Context, account model.Ref) error {
	items, err := s.vault.List(ctx, sessionBucket, account.String()+"/", "", 0)
	for _, i := range items {
		if _, err := s.vault.Delete(ctx, sessionBucket, i.Key); err != nil {
			return err
		}
	}
	return err
}
