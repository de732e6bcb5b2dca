package sso

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"binnacle/access"
	"binnacle/model"
	"binnacle/vault"
)

// redeem turns the code of an answer into what the provider says about somebody, and the name of the session at the provider.
func (s *Service) redeem(ctx context.Context, p *model.IdentityProvider, f flow, q url.Values) (access.External, string, error) {
	m, err := s.metadata(ctx, p)
	if err != nil {
		return access.External{}, "", err
	}
	if err := issuerOf(q, p, m); err != nil {
		return access.External{}, "", err
	}
	if reason := q.Get("error"); reason != "" {
		return access.External{}, "", fmt.Errorf("the provider answers %q", reason)
	}
	conf, err := s.config(ctx, p, m, f.Callback)
	if err != nil {
		return access.External{}, "", err
	}
	ctx = oidc.ClientContext(ctx, s.Client)
	token, err := conf.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(f.Verifier))
	if err != nil {
		return access.External{}, "", err
	}
	claims, err := s.verify(ctx, p, m, token, f.Nonce)
	if err != nil {
		return access.External{}, "", err
	}
	if err := s.complete(ctx, m, token, claims); err != nil {
		return access.External{}, "", err
	}
	e := access.External{Provider: p, Subject: text(claims["sub"]), UserName: text(claims["preferred_username"]), FullName: text(claims["name"]), Email: text(claims["email"])}
	e.EmailVerified, _ = claims["email_verified"].(bool)
	claim := p.GroupsClaim
	if claim == "" {
		claim = "groups"
	}
	e.Groups = texts(claims[claim])
	return e, text(claims["sid"]), nil
}

// longest is how long a subject may be, as OpenID Connect has it.
const longest = 255

// verify checks the token that says who somebody is, and returns what it says.
func (s *Service) verify(ctx context.Context, p *model.IdentityProvider, m metadata, token *oauth2.Token, nonce string) (map[string]any, error) {
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, errors.New("the provider sent no ID token")
	}
	id, err := s.verifier(p, m).Verify(ctx, raw)
	if err != nil {
		return nil, err
	}
	claims := map[string]any{}
	if err := id.Claims(&claims); err != nil {
		return nil, err
	}
	azp, has := claims["azp"]
	switch {
	case id.Issuer != p.Issuer:
		return nil, errors.New("the token has another issuer")
	case id.Subject == "" || len(id.Subject) > longest:
		return nil, errors.New("the token has no subject")
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1:
		return nil, errors.New("the token has another nonce")
	case has && azp != p.ClientID, !has && len(id.Audience) > 1:
		return nil, errors.New("the token was given to somebody else")
	case id.IssuedAt.After(s.Now().Add(5 * time.Minute)):
		return nil, errors.New("the token comes from the future")
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, err
		}
	}
	return claims, nil
}

// verifier returns what checks the tokens of a provider for Binnacle: fixed algorithms, this issuer, this audience, not expired.
func (s *Service) verifier(p *model.IdentityProvider, m metadata) *oidc.IDTokenVerifier {
	return m.Verifier(&oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: algorithms, Now: s.Now})
}

// complete adds what only the provider's page about the person says. It must be about the same subject.
func (s *Service) complete(ctx context.Context, m metadata, token *oauth2.Token, claims map[string]any) error {
	if m.UserInfoEndpoint() == "" {
		return nil
	}
	if err := secure(m.UserInfoEndpoint()); err != nil {
		return err
	}
	info, err := m.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return err
	}
	if info.Subject != claims["sub"] {
		return errors.New("the page about the person is about another one")
	}
	more := map[string]any{}
	if err := info.Claims(&more); err != nil {
		return err
	}
	for name, value := range more {
		if _, ok := claims[name]; !ok {
			claims[name] = value
		}
	}
	return nil
}

// text returns a claim that is a text of a sensible length, and nothing for any other.
func text(claim any) string {
	s, _ := claim.(string)
	if len(s) > longest {
		return ""
	}
	return s
}

// texts returns a claim that is a list of texts, or a single one.
func texts(claim any) []string {
	list, ok := claim.([]any)
	if !ok {
		list = []any{claim}
	}
	var out []string
	for _, c := range list {
		if s := text(c); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// ErrLogout says that a provider's request to end sessions is not good.
var ErrLogout = errors.New("the logout token is not valid")

// Logout ends the sessions that a provider says have ended, by the token that it sends for that. Each token counts once.
func (s *Service) Logout(ctx context.Context, key, raw string) error {
	p, err := s.Provider(key)
	if err != nil {
		return err
	}
	m, err := s.metadata(ctx, p)
	if err != nil {
		return err
	}
	token, err := s.verifier(p, m).VerifyLogout(oidc.ClientContext(ctx, s.Client), raw)
	if err != nil || token.IssuedAt.Before(s.Now().Add(-flowLife)) || token.IssuedAt.After(s.Now().Add(flowLife)) {
		s.Log.Warn("a logout by an identity provider was refused", "provider", p.Key, "error", err)
		return ErrLogout
	}
	seen, err := json.Marshal(token.IssuedAt)
	if err != nil {
		return err
	}
	_, err = s.Vault.Swap(ctx, jtiBucket, vault.Item{Key: digest(p.Issuer + "\n" + token.TokenID), Value: seen, Expires: s.Now().Add(3 * flowLife)})
	if errors.Is(err, vault.ErrChanged) {
		return ErrLogout
	} else if err != nil {
		return err
	}
	if a := s.Access.OfSubject(p.Issuer, token.Subject); token.Subject != "" && a != nil {
		return s.Access.EndSessions(ctx, a.Ref())
	}
	return s.endSid(ctx, p, token.SessionID)
}

// endSid ends the sessions of whoever signed in with a session of the provider.
func (s *Service) endSid(ctx context.Context, p *model.IdentityProvider, sid string) error {
	item, err := s.Vault.Get(ctx, sidBucket, digest(p.Issuer+"\n"+sid))
	if errors.Is(err, vault.ErrNone) || sid == "" {
		return nil
	} else if err != nil {
		return err
	}
	id, err := model.ParseID(string(item.Value))
	if err != nil {
		return err
	}
	return s.Access.EndSessions(ctx, model.Ref(id))
}
