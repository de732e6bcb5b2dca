package access

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"binnacle/model"
	"binnacle/vault"
)

// tokenPrefix starts every token, so that people and scanners for leaked secrets know one when they see it.
const tokenPrefix = "bnc_"

// LongestToken is how long a token is good for at most.
const LongestToken = 366 * 24 * time.Hour

// hintLength is how much of a token is kept in sight, with the prefix.
const hintLength = 8

// keptToken is what is kept of a token, under the digest of its secret. The record may only make a token weaker than this.
type keptToken struct {
	Token   model.Ref        `json:"token"`
	Account model.Ref        `json:"account"`
	Scope   model.TokenScope `json:"scope"`
	Expires time.Time        `json:"expires"`
	Used    time.Time        `json:"used"`
}

// NewToken makes a token in the name of a principal that has shown who it is
// within ten minutes, and returns the secret, which is not kept. Only who
// administers makes tokens that provision.
func (s *Service) NewToken(ctx context.Context, p *Principal, name string, scope model.TokenScope, expires time.Time) (string, error) {
	if err := s.Fresh(p); err != nil {
		return "", err
	}
	now := s.opt.Now()
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", errors.New("the token needs a name that says what it is for")
	case !offered(scope):
		return "", fmt.Errorf("%q is not a scope: read, write, approve and provision are", scope)
	case scope == "provision" && !p.Administers():
		d := p.denied("administer", "AccessToken", "", "a token that provisions manages accounts")
		s.NoteDenied(ctx, p, d)
		return "", d
	case !expires.After(now):
		return "", errors.New("the token would end before it begins: choose a later day")
	case expires.Sub(now) > LongestToken:
		return "", errors.New("a token ends after a year at the latest: choose an earlier day")
	}
	text := tokenPrefix + newSecret()
	t := &model.AccessToken{Account: p.Account.Ref(), Scope: scope, Expires: model.TimeOf(expires), Hint: text[:hintLength]}
	t.ID = s.store.NewID()
	t.Name, t.Key = name, keyOf(p.Account.Key+"-"+t.ID.String()[24:])
	kept := keptToken{Token: t.Ref(), Account: p.Account.Ref(), Scope: scope, Expires: expires}
	if err := s.create(ctx, p.Who(), "Make a token to "+string(scope), model.PersonSource, t); err != nil {
		return "", err
	}
	return text, write(ctx, s.vault, tokenBucket, digest(text), kept, expires)
}

func offered(scope model.TokenScope) bool {
	for _, o := range scope.Options() {
		if o.Value == string(scope) {
			return true
		}
	}
	return false
}

// Token returns the principal of a token by its secret, with the scope of the
// token. The error is [ErrSignedOut] where it is not, or no longer, good for anything.
func (s *Service) Token(ctx context.Context, secret string) (*Principal, error) {
	if !strings.HasPrefix(secret, tokenPrefix) || len(secret) > 100 {
		return nil, ErrSignedOut
	}
	key := digest(secret)
	kept, _, err := recall[keptToken](ctx, s.vault, tokenBucket, key)
	if errors.Is(err, vault.ErrNone) {
		return nil, ErrSignedOut
	} else if err != nil {
		return nil, fmt.Errorf("look up the token: %w", err)
	}
	now := s.opt.Now()
	t, ok := s.store.Snapshot().Get(kept.Token).(*model.AccessToken)
	p, gone := s.Principal(kept.Account)
	if !ok || t.Revoked || t.Account != kept.Account || gone != nil {
		// It stays ended, whatever becomes of the record or the account.
		if _, err := s.vault.Delete(ctx, tokenBucket, key); err != nil {
			return nil, err
		}
		return nil, ErrSignedOut
	}
	if !now.Before(kept.Expires) || !now.Before(t.Expires.Time()) || t.Scope != kept.Scope || kept.Scope == "provision" && !p.rights.administers {
		return nil, ErrSignedOut
	}
	if now.Sub(kept.Used) > time.Minute {
		if item, err := s.vault.Get(ctx, tokenBucket, key); err == nil {
			kept.Used = now
			// Who revokes it at this moment wins.
			if err := s.touch(ctx, tokenBucket, item, kept); err != nil {
				return nil, err
			}
		}
	}
	q := *p
	q.Scope = kept.Scope
	q.grants = s.grantsOf(&q)
	return &q, nil
}

// grantsOf works out once for each entry what an account may do with a token of one scope.
func (s *Service) grantsOf(p *Principal) map[string]grant {
	type key struct {
		account model.ID
		scope   model.TokenScope
	}
	return p.now.Memo(key{p.Account.ID, p.Scope}, func() any {
		out := make(map[string]grant, len(p.rights.kinds))
		for kind := range p.rights.kinds {
			out[kind] = p.grant(kind)
		}
		return out
	}).(map[string]grant)
}

// RevokeToken ends a token of the principal's own, or any where the principal administers.
func (s *Service) RevokeToken(ctx context.Context, p *Principal, token model.Ref) error {
	t, ok := s.store.Snapshot().Get(token).(*model.AccessToken)
	if !ok || p.Scope != "" || t.Account != p.Account.Ref() && !p.Administers() {
		d := p.denied("write", "AccessToken", "", "it is not a token of yours")
		s.NoteDenied(ctx, p, d)
		return d
	}
	if err := s.dropTokens(ctx, func(k keptToken) bool { return k.Token == token }); err != nil {
		return err
	}
	return amend(ctx, s, token, p.Who(), "Revoke a token", model.PersonSource, func(t *model.AccessToken) { t.Revoked = true })
}

// dropTokens forgets the secrets of tokens.
func (s *Service) dropTokens(ctx context.Context, which func(keptToken) bool) error {
	items, err := s.vault.List(ctx, tokenBucket, "", "", 0)
	if err != nil {
		return err
	}
	for _, i := range items {
		if k, err := read[keptToken](ctx, s.vault, tokenBucket, i.Key); err == nil && which(k) {
			if _, err := s.vault.Delete(ctx, tokenBucket, i.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

// TokensUsed tells when tokens were used last, by the ref of their records. It has those alone that are good for something.
func (s *Service) TokensUsed(ctx context.Context) (map[model.Ref]time.Time, error) {
	items, err := s.vault.List(ctx, tokenBucket, "", "", 0)
	if err != nil {
		return nil, err
	}
	out := map[model.Ref]time.Time{}
	for _, i := range items {
		if k, err := read[keptToken](ctx, s.vault, tokenBucket, i.Key); err == nil {
			out[k.Token] = k.Used
		}
	}
	return out, nil
}
