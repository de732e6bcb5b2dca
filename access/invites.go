package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"binnacle/model"
)

// How long one-time links are good for: the first for an account, and one for a password that was forgotten.
const (
	inviteLife = 7 * 24 * time.Hour
	resetLife  = 24 * time.Hour
)

// ErrLink says that a one-time link is not, or no longer, good for anything.
var ErrLink = errors.New("the link has been used or is too old: ask somebody who administers Binnacle for another one")

// invite is what is kept of a one-time link, under the digest of its secret.
type invite struct {
	Account model.Ref `json:"account"`
}

// Invite makes a one-time link by which the person of an account sets a
// password, and returns its secret and when it ends. Earlier links of the
// account end. Second factors stay: the link does not let anybody in by itself.
func (s *Service) Invite(ctx context.Context, p *Principal, account model.Ref) (string, time.Time, error) {
	a, err := s.administered(ctx, p, account)
	if err != nil {
		return "", time.Time{}, err
	}
	if a.State == "disabled" {
		return "", time.Time{}, errors.New("the account is disabled: enable it first")
	}
	if a.Issuer != "" {
		return "", time.Time{}, errors.New("the account signs in through an identity provider and has no password")
	}
	c, err := s.credentialsOf(ctx, account)
	if err != nil {
		return "", time.Time{}, err
	}
	life, why := inviteLife, "Make a link for the first password"
	if c.Password != "" {
		life, why = resetLife, "Make a link for a new password"
	}
	if err := s.clear(ctx, inviteBucket, account.String()+"/", ""); err != nil {
		return "", time.Time{}, err
	}
	token, ends := account.String()+"."+newSecret(), s.opt.Now().Add(life)
	if err := write(ctx, s.vault, inviteBucket, account.String()+"/"+digest(token), invite{account}, ends); err != nil {
		return "", time.Time{}, err
	}
	return token, ends, s.change(ctx, account, p.Who(), why, func(c *credentials) error {
		c.Link = true
		return nil
	})
}

// administered returns an account that the principal, who must have shown who it is within ten minutes, administers.
func (s *Service) administered(ctx context.Context, p *Principal, account model.Ref) (*model.Account, error) {
	if err := p.MayAdminister(); err != nil {
		var d *Denied
		if errors.As(err, &d) {
			s.NoteDenied(ctx, p, d)
		}
		return nil, err
	}
	if err := s.Fresh(p); err != nil {
		return nil, err
	}
	a, ok := s.store.Snapshot().Get(account).(*model.Account)
	if !ok {
		return nil, errors.New("there is no such account")
	}
	return a, nil
}

// Invited returns the account of a one-time link, without using the link up. The error is [ErrLink].
func (s *Service) Invited(ctx context.Context, link string) (*model.Account, error) {
	id, _, _ := strings.Cut(link, ".")
	i, err := read[invite](ctx, s.vault, inviteBucket, id+"/"+digest(link))
	if err != nil {
		return nil, ErrLink
	}
	a, ok := s.store.Snapshot().Get(i.Account).(*model.Account)
	if !ok || a.State == "disabled" || a.Issuer != "" {
		return nil, ErrLink
	}
	return a, nil
}

// UseInvite sets the password of the account of a one-time link and uses the link up. All sessions of the account end. The person then signs in.
func (s *Service) UseInvite(ctx context.Context, link, password string) error {
	a, err := s.Invited(ctx, link)
	if err != nil {
		return err
	}
	if err := acceptable(password, a.Name, a.UserName, a.Email); err != nil {
		return err
	}
	if _, err := takeOut[invite](ctx, s.vault, inviteBucket, a.ID.String()+"/"+digest(link)); err != nil {
		return ErrLink
	}
	if err := s.setPassword(ctx, a, password, "Set a password by a one-time link"); err != nil {
		return err
	}
	s.forgive(ctx, accountCounter(a, ""))
	for _, bucket := range []string{sessionBucket, deviceBucket} {
		if err := s.clear(ctx, bucket, a.ID.String()+"/", ""); err != nil {
			return err
		}
	}
	return nil
}

// ClearFactors takes the second factors of an account away, for somebody who has lost them, and ends its sessions.
func (s *Service) ClearFactors(ctx context.Context, p *Principal, account model.Ref) error {
	if _, err := s.administered(ctx, p, account); err != nil {
		return err
	}
	err := s.change(ctx, account, p.Who(), "Take away the second factors", func(c *credentials) error {
		c.Device, c.Recovery, c.Passkeys = nil, nil, nil
		return nil
	})
	if err != nil {
		return err
	}
	s.forgive(ctx, "second/"+account.String())
	return s.EndSessions(ctx, account)
}

// EndSessionsOf ends the sessions of somebody else's account and makes its browsers unknown.
func (s *Service) EndSessionsOf(ctx context.Context, p *Principal, account model.Ref) error {
	a, err := s.administered(ctx, p, account)
	if err != nil {
		return err
	}
	if err := s.clear(ctx, deviceBucket, account.String()+"/", ""); err != nil {
		return err
	}
	if err := s.EndSessions(ctx, account); err != nil {
		return err
	}
	return amend(ctx, s, a.Ref(), p.Who(), "End all sessions", system, func(a *model.Account) { a.FactorsChanged = model.TimeOf(s.opt.Now()) })
}
