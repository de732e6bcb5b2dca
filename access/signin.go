package access

import (
	"context"
	"encoding/json"
	"errors"

	"binnacle/model"
)

// ErrSignIn says that somebody could not sign in. It does not say why.
var ErrSignIn = errors.New("the user name or the password is not right")

// Attempt is what somebody shows to sign in.
type Attempt struct {
	// UserName is the name of the account.
	UserName string
	// Password is the password.
	Password string
	// From and Agent say where the person sits.
	From, Agent string
}

// decoy is the hash that is compared where there is no account, so that the answer takes as long.
var decoy = hashPassword(secret())

// SignIn starts a session for who shows the right password, and returns its secret.
func (s *Service) SignIn(ctx context.Context, a Attempt) (string, error) {
	snap := s.store.Snapshot()
	account, _ := snap.Identify("Account", "user_name", model.NormalIdent("user_name", a.UserName)).(*model.Account)
	hash := decoy
	if account != nil {
		if item, err := s.vault.Get(ctx, credentialBucket, account.ID.String()); err == nil {
			var c credentials
			if json.Unmarshal(item.Value, &c) == nil && c.Password != "" {
				hash = c.Password
			}
		}
	}
	right := checkPassword(hash, a.Password)
	if !right || account == nil || account.State == "disabled" {
		return "", ErrSignIn
	}
	secret, err := s.begin(ctx, account.Ref(), a.From, a.Agent, "password")
	if err == nil {
		s.note(ctx, account.Ref(), "Signed in with a password", func(c *model.Account) {
			c.SignedIn, c.SignedInFrom = model.TimeOf(s.opt.Now()), a.From
		})
	}
	return secret, err
}

// Choice is a role to choose from.
type Choice struct{ Key, Label string }

// Offices lists the delivered roles of the four offices.
func Offices() []Choice {
	var out []Choice
	for _, p := range positions {
		switch p.key {
		case "cio", "cto", "ceo", "cmo":
			out = append(out, Choice{p.key, p.name})
		}
	}
	return out
}
