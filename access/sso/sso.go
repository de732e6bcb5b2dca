// Package sso lets people in through identity providers that speak OpenID
// Connect: by the code flow with PKCE, and out again where the provider says so.
package sso

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"binnacle/access"
	"binnacle/model"
	"binnacle/vault"
)

// The buckets of the vault that this package uses.
const (
	flowBucket = "sso.flows"
	sidBucket  = "sso.sessions"
	jtiBucket  = "sso.seen"
)

// algorithms are those that a token may be signed with. Neither none nor a shared secret is among them.
var algorithms = []string{oidc.RS256, oidc.ES256, oidc.PS256, oidc.EdDSA}

// The times that things last.
const (
	flowLife     = 10 * time.Minute
	metadataLife = time.Hour
	sidLife      = 14 * 24 * time.Hour
)

// ErrNoProvider says that nobody can sign in through a provider of that name.
var ErrNoProvider = errors.New("there is no such identity provider")

// ErrFlow says that an answer does not belong to something that was begun in the same browser a short time ago.
var ErrFlow = errors.New("this way of signing in was not begun here, was used already or took too long: begin again")

// ErrProvider says that the provider did not vouch for anybody, or that its word is not good. The log has the reason.
var ErrProvider = errors.New("the identity provider did not say who you are in a way that can be trusted: begin again, and if it stays tell somebody who administers Binnacle")

// Options are what the service does not decide for itself.
type Options struct {
	// Access decides which account somebody has.
	Access *access.Service
	// Vault keeps what has been begun.
	Vault vault.Vault
	// Client makes requests to providers. It must be the one that guards what goes out.
	Client *http.Client
	// Now tells the time. Unset means the clock of the machine.
	Now func() time.Time
	// Log is told why somebody was turned away. Unset means the default logger.
	Log *slog.Logger
}

// Service speaks with the identity providers. All methods may be called at the same time.
type Service struct {
	Options
	mu    sync.Mutex
	known map[string]metadata
}

// metadata is what a provider says about itself.
type metadata struct {
	*oidc.Provider
	fetched time.Time
	claims  struct {
		TokenAuth   []string `json:"token_endpoint_auth_methods_supported"`
		NamesIssuer bool     `json:"authorization_response_iss_parameter_supported"`
		JWKS        string   `json:"jwks_uri"`
	}
}

// New returns the service.
func New(o Options) *Service {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Service{Options: o, known: map[string]metadata{}}
}

// Provider returns the record of a provider by its key. The error is [ErrNoProvider].
func (s *Service) Provider(key string) (*model.IdentityProvider, error) {
	for _, p := range s.Access.Providers() {
		if p.Key == key {
			return p, nil
		}
	}
	return nil, ErrNoProvider
}

// Try asks a provider what it says about itself, so that whoever sets it up learns whether it works.
func (s *Service) Try(ctx context.Context, p *model.IdentityProvider) error {
	s.mu.Lock()
	delete(s.known, p.Issuer)
	s.mu.Unlock()
	_, err := s.metadata(ctx, p)
	return err
}

// metadata returns what a provider says about itself, which must name the issuer exactly as the record does.
func (s *Service) metadata(ctx context.Context, p *model.IdentityProvider) (metadata, error) {
	if s.Client == nil {
		return metadata{}, errors.New("single sign-on needs a client for requests to the outside")
	}
	s.mu.Lock()
	m, ok := s.known[p.Issuer]
	s.mu.Unlock()
	if ok && s.Now().Sub(m.fetched) < metadataLife {
		return m, nil
	}
	if err := secure(p.Issuer); err != nil {
		return metadata{}, err
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, s.Client), p.Issuer)
	if err != nil {
		return metadata{}, err
	}
	m = metadata{Provider: provider, fetched: s.Now()}
	if err := provider.Claims(&m.claims); err != nil {
		return metadata{}, err
	}
	for _, u := range []string{provider.Endpoint().AuthURL, provider.Endpoint().TokenURL, m.claims.JWKS} {
		if err := secure(u); err != nil {
			return metadata{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known[p.Issuer] = m
	return m, nil
}

// secure tells what is wrong with an address of a provider: it must be https, unless it is this machine.
func secure(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return fmt.Errorf("%q is not an address of a provider", address)
	}
	a, err := netip.ParseAddr(u.Hostname())
	here := err == nil && a.IsLoopback() || u.Hostname() == "localhost"
	if u.Scheme == "https" || u.Scheme == "http" && here {
		return nil
	}
	return fmt.Errorf("%q must begin with https", address)
}

// flow is what is kept of somebody who went to a provider, under the digest of the state.
type flow struct {
	Provider model.Ref `json:"provider"`
	Issuer   string    `json:"issuer"`
	Browser  string    `json:"browser"`
	Nonce    string    `json:"nonce"`
	Verifier string    `json:"verifier"`
	Callback string    `json:"callback"`
	To       string    `json:"to"`
}

// Start begins to let somebody in through a provider. Callback is the address
// that the provider sends the browser back to, To the page to show in the end, and
// browser what the cookie of an earlier begin holds, or nothing. It returns the
// address to send the browser to and the value of the cookie that binds the
// answer to this browser.
func (s *Service) Start(ctx context.Context, key, callback, to, browser string) (address, cookie string, err error) {
	p, err := s.Provider(key)
	if err != nil {
		return "", "", err
	}
	m, err := s.metadata(ctx, p)
	if err != nil {
		s.Log.Warn("an identity provider cannot be used", "provider", p.Key, "error", err)
		return "", "", ErrProvider
	}
	if len(browser) < 32 {
		browser = chance()
	}
	state := chance()
	f := flow{Provider: p.Ref(), Issuer: p.Issuer, Browser: digest(browser), Nonce: chance(), Verifier: oauth2.GenerateVerifier(), Callback: callback, To: to}
	raw, err := json.Marshal(f)
	if err != nil {
		return "", "", err
	}
	if _, err := s.Vault.Swap(ctx, flowBucket, vault.Item{Key: digest(state), Value: raw, Expires: s.Now().Add(flowLife)}); err != nil {
		return "", "", err
	}
	conf, err := s.config(ctx, p, m, callback)
	if err != nil {
		return "", "", err
	}
	return conf.AuthCodeURL(state, oidc.Nonce(f.Nonce), oauth2.S256ChallengeOption(f.Verifier)), browser, nil
}

// config returns how Binnacle speaks to a provider.
func (s *Service) config(ctx context.Context, p *model.IdentityProvider, m metadata, callback string) (*oauth2.Config, error) {
	secret, err := s.Access.ProviderSecret(ctx, p.Ref())
	if err != nil {
		return nil, err
	}
	end := m.Endpoint()
	end.AuthStyle = oauth2.AuthStyleInParams
	if secret != "" && (len(m.claims.TokenAuth) == 0 || slices.Contains(m.claims.TokenAuth, "client_secret_basic")) {
		end.AuthStyle = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{ClientID: p.ClientID, ClientSecret: secret, Endpoint: end, RedirectURL: callback,
		Scopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail}}, nil
}

// Answer is what a provider sent the browser back with.
type Answer struct {
	// Key is the key of the provider whose callback was called.
	Key string
	// Query is the query of the callback.
	Query url.Values
	// Browser is the value of the cookie.
	Browser string
	// From and Agent say where the person sits.
	From, Agent string
}

// Finish lets somebody in whom a provider vouches for. It returns the secret of a session and the page to show.
func (s *Service) Finish(ctx context.Context, a Answer) (session, to string, err error) {
	f, err := s.take(ctx, a)
	if err != nil {
		return "", "", err
	}
	p, err := s.Provider(a.Key)
	if err != nil {
		return "", "", err
	}
	if p.Ref() != f.Provider || p.Issuer != f.Issuer {
		// The answer was brought to the callback of another provider.
		return "", "", ErrFlow
	}
	e, sid, err := s.redeem(ctx, p, f, a.Query)
	if err != nil {
		s.Log.Warn("a sign-in through an identity provider failed", "provider", p.Key, "error", err)
		return "", "", ErrProvider
	}
	account, err := s.Access.EnsureExternal(ctx, e)
	if err != nil {
		return "", "", err
	}
	if sid != "" {
		if _, err := s.Vault.Put(ctx, sidBucket, vault.Item{Key: digest(p.Issuer + "\n" + sid), Value: []byte(account.String()), Expires: s.Now().Add(sidLife)}); err != nil {
			return "", "", err
		}
	}
	session, err = s.Access.Begin(ctx, account, a.From, a.Agent, "through "+p.Title())
	return session, f.To, err
}

// take returns what was begun under a state, once.
func (s *Service) take(ctx context.Context, a Answer) (flow, error) {
	state := a.Query.Get("state")
	item, err := s.Vault.Get(ctx, flowBucket, digest(state))
	if state == "" || errors.Is(err, vault.ErrNone) {
		return flow{}, ErrFlow
	} else if err != nil {
		return flow{}, err
	}
	var f flow
	if err := json.Unmarshal(item.Value, &f); err != nil {
		return flow{}, ErrFlow
	}
	if a.Browser == "" || subtle.ConstantTimeCompare([]byte(digest(a.Browser)), []byte(f.Browser)) != 1 {
		// It is kept for the browser that it belongs to.
		return flow{}, ErrFlow
	}
	there, err := s.Vault.Delete(ctx, flowBucket, digest(state))
	if err == nil && !there {
		// Somebody was faster with the same answer.
		err = ErrFlow
	}
	return f, err
}

// chance returns 256 bits of chance as text that is safe in addresses and cookies.
func chance() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest returns the form in which secrets are kept and found.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// issuerOf tells whether the issuer that an answer names is the one that was asked.
func issuerOf(q url.Values, p *model.IdentityProvider, m metadata) error {
	got, named := q.Get("iss"), q.Has("iss")
	if named && got != p.Issuer || !named && m.claims.NamesIssuer {
		return fmt.Errorf("the answer comes from %q", strings.ToValidUTF8(got, "?"))
	}
	return nil
}
