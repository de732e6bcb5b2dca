package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

// External is what an identity provider says about somebody, once its word has been checked.
type External struct {
	// Provider is the record of the provider.
	Provider *model.IdentityProvider
	// Subject is the name of the person at the provider. Together with the issuer it is who that is, whatever else changes.
	Subject string
	// UserName, FullName and Email are what a new account gets. They never decide which account it is.
	UserName, FullName, Email string
	// EmailVerified says that the provider knows the address to be the person's.
	EmailVerified bool
	// Groups are the names of the groups that the person is in.
	Groups []string
}

// ErrNoAccount says that somebody is known to the provider and not here.
var ErrNoAccount = errors.New("the identity provider knows you, and Binnacle has no account for you: ask somebody who administers it")

// ErrDisabled says that the account may not sign in.
var ErrDisabled = errors.New("your account may not sign in: ask somebody who administers Binnacle")

// Providers lists the identity providers through which people may sign in, by name.
func (s *Service) Providers() []*model.IdentityProvider {
	var out []*model.IdentityProvider
	for p := range estate.Each[*model.IdentityProvider](s.store.Snapshot().View(0)) {
		if !p.Disabled {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *model.IdentityProvider) int { return strings.Compare(a.Title(), b.Title()) })
	return out
}

// OfSubject returns the account of a subject at an issuer, or nil.
func (s *Service) OfSubject(issuer, subject string) *model.Account {
	return ofSubject(s.store.Snapshot(), issuer, subject)
}

func ofSubject(snap *estate.Snapshot, issuer, subject string) *model.Account {
	type who struct{ issuer, subject string }
	type key struct{ external string }
	all := snap.Memo(key{"access.subjects"}, func() any {
		out := map[who]*model.Account{}
		for a := range estate.Each[*model.Account](snap.View(0)) {
			if a.Issuer != "" && a.Subject != "" {
				out[who{a.Issuer, a.Subject}] = a
			}
		}
		return out
	}).(map[who]*model.Account)
	return all[who{issuer, subject}]
}

// EnsureExternal returns the account of somebody whom an identity provider
// vouches for, with the roles that the groups give. An account that was
// provisioned for the same issuer under the subject as its external id is taken
// over. Where there is none it is made, if the provider may do that. The error is
// [ErrNoAccount] or [ErrDisabled].
func (s *Service) EnsureExternal(ctx context.Context, e External) (model.Ref, error) {
	if e.Provider == nil || e.Provider.Issuer == "" || e.Subject == "" {
		return model.Ref{}, ErrNoAccount
	}
	for range 10 {
		snap := s.store.Snapshot()
		before := ofSubject(snap, e.Provider.Issuer, e.Subject)
		if before == nil {
			before = provisioned(snap, e)
		}
		if before == nil && !e.Provider.Creates {
			return model.Ref{}, ErrNoAccount
		}
		if before != nil && before.State == "disabled" {
			return model.Ref{}, ErrDisabled
		}
		var old model.Record
		after := s.newExternal(snap, e)
		if before != nil {
			old, after = before, model.Clone(before)
		}
		after.Issuer, after.Subject = e.Provider.Issuer, e.Subject
		after.Roles = externalRoles(after.Roles, e)
		var changes []model.Change
		if person := Behind(snap, after, s.store.NewID()); person != nil {
			changes = append(changes, *person)
		}
		change, differs := model.Difference(snap.Schema().Kind("Account"), old, after)
		if !differs {
			return after.Ref(), nil
		}
		if next, _, err := snap.Overlay([]model.Change{change}); err == nil && HasAdministrator(snap) && !HasAdministrator(next) {
			// Groups at a provider do not lock everybody out.
			return after.Ref(), nil
		}
		_, err := s.store.Commit(ctx, store.Tx{Who: after.Key, Why: "Signed in through " + e.Provider.Title(), Source: "binnacle", Changes: append(changes, change)})
		var conflict *estate.Conflict
		if errors.As(err, &conflict) {
			continue
		}
		return after.Ref(), err
	}
	return model.Ref{}, errors.New("the account is being changed by somebody else: try again")
}

// provisioned returns the account that a provisioning system made for a subject which has not signed in yet, or nil.
func provisioned(snap *estate.Snapshot, e External) *model.Account {
	a, _ := snap.Identify("Account", "external_id", model.NormalIdent("external_id", e.Subject)).(*model.Account)
	if a == nil || a.Issuer != e.Provider.Issuer || a.Subject != "" || a.ExternalID != e.Subject {
		return nil
	}
	return a
}

// newExternal returns a new account for somebody, under a name that nobody has.
func (s *Service) newExternal(snap *estate.Snapshot, e External) *model.Account {
	name := e.UserName
	if name == "" {
		name = e.Email
	}
	if name == "" {
		name = e.Subject
	}
	a := &model.Account{Email: e.Email, State: "active"}
	a.ID, a.Origin, a.Name = s.store.NewID(), "binnacle", e.FullName
	a.Key, a.UserName = keyOf(name), name
	taken := func() bool {
		return snap.Find("Account", a.Key) != nil || snap.Identify("Account", "user_name", model.NormalIdent("user_name", a.UserName)) != nil
	}
	for n := 2; taken(); n++ {
		a.Key, a.UserName = fmt.Sprintf("%s-%d", keyOf(name), n), fmt.Sprintf("%s-%d", name, n)
	}
	if e.Email != "" && e.EmailVerified {
		if p := snap.Identify("Person", "email", model.NormalIdent("email", e.Email)); p != nil {
			a.Person = p.Base().Ref()
		}
	}
	return a
}

// externalRoles returns the roles of an account with those that its groups give, and without those that other groups would.
func externalRoles(roles []model.Ref, e External) []model.Ref {
	out := slices.DeleteFunc(slices.Clone(roles), func(r model.Ref) bool {
		return slices.ContainsFunc(e.Provider.GroupRoles, func(g model.GroupRole) bool { return g.Role == r })
	})
	for _, g := range e.Provider.GroupRoles {
		if slices.Contains(e.Groups, g.Group) && !slices.Contains(out, g.Role) {
			out = append(out, g.Role)
		}
	}
	return out
}

// SetProviderSecret keeps the secret that Binnacle shows to an identity provider. An empty one takes it away. Only who
// administers may do so, and only shortly after showing who that is.
func (s *Service) SetProviderSecret(ctx context.Context, p *Principal, provider model.Ref, secret string) error {
	if err := p.MayAdminister(); err != nil {
		return err
	}
	if err := s.Fresh(p); err != nil {
		return err
	}
	if secret == "" {
		_, err := s.vault.Delete(ctx, providerBucket, provider.String())
		return err
	}
	return write(ctx, s.vault, providerBucket, provider.String(), secret, time.Time{})
}

// ProviderSecret returns the secret that Binnacle shows to an identity provider, or nothing where it has none.
func (s *Service) ProviderSecret(ctx context.Context, provider model.Ref) (string, error) {
	secret, err := read[string](ctx, s.vault, providerBucket, provider.String())
	if errors.Is(err, vault.ErrNone) {
		return "", nil
	}
	return secret, err
}
