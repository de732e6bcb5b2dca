package access

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"binnacle/model"
)

// ErrPasskey says that a passkey was not accepted. It does not say why.
var ErrPasskey = errors.New("the passkey was not accepted: try again, or sign in with your password")

// What a ceremony with a passkey is for.
const (
	forEntry   = "entry"
	forSecond  = "second"
	forConfirm = "confirm"
	forNew     = "new"
)

// mostPasskeys is how many passkeys an account may have.
const mostPasskeys = 20

// ceremony is what is kept between the two halves of showing or making a passkey.
type ceremony struct {
	For     string               `json:"for"`
	Account model.Ref            `json:"account"`
	Session string               `json:"session,omitempty"`
	Halfway string               `json:"halfway,omitempty"`
	Origin  string               `json:"origin"`
	Data    webauthn.SessionData `json:"data"`
}

// Ceremony is the first half of showing or making a passkey.
type Ceremony struct {
	// ID is the secret under which the second half is done, once and within five minutes.
	ID string `json:"id"`
	// Options are what the browser needs.
	Options any `json:"options"`
}

// keyHolder is an account as the library for passkeys wants it.
type keyHolder struct {
	account *model.Account
	keys    []webauthn.Credential
}

func (k keyHolder) WebAuthnID() []byte                         { return k.account.ID[:] }
func (k keyHolder) WebAuthnName() string                       { return k.account.UserName }
func (k keyHolder) WebAuthnDisplayName() string                { return k.account.Title() }
func (k keyHolder) WebAuthnCredentials() []webauthn.Credential { return k.keys }

// holder returns an account with its passkeys for a site.
func (s *Service) holder(ctx context.Context, account model.Ref, site string) (keyHolder, error) {
	a, ok := s.store.Snapshot().Get(account).(*model.Account)
	if !ok || a.State == "disabled" {
		return keyHolder{}, ErrPasskey
	}
	c, err := s.credentialsOf(ctx, account)
	h := keyHolder{account: a}
	for _, k := range c.Passkeys {
		if k.Site == site {
			h.keys = append(h.keys, k.Credential)
		}
	}
	return h, err
}

// site returns what makes and checks passkeys for the address under which people reach Binnacle: that of the options where it has a
// name, else the origin of the request. The second value is the host that passkeys are for.
func (s *Service) site(origin string) (*webauthn.WebAuthn, string, error) {
	if base, err := url.Parse(s.opt.BaseURL); err == nil && base.Host != "" && net.ParseIP(base.Hostname()) == nil {
		origin = s.opt.BaseURL
	}
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return nil, "", errors.New("passkeys need the address under which people reach Binnacle: set it in the configuration")
	}
	if u.Scheme != "https" && u.Hostname() != "localhost" {
		return nil, "", fmt.Errorf("browsers allow passkeys only over https or at localhost: this is %s://%s", u.Scheme, u.Host)
	}
	w, err := webauthn.New(&webauthn.Config{RPID: u.Hostname(), RPDisplayName: "Binnacle", RPOrigins: []string{u.Scheme + "://" + u.Host}})
	if err != nil {
		return nil, "", fmt.Errorf("passkeys cannot be used at %s: %w", u.Host, err)
	}
	return w, u.Hostname(), nil
}

// keep keeps the first half of a ceremony.
func (s *Service) keep(ctx context.Context, c ceremony, options any) (Ceremony, error) {
	id := newSecret()
	return Ceremony{id, options}, write(ctx, s.vault, ceremonyBucket, digest(id), c, s.opt.Now().Add(halfwayLife))
}

// StartPasskeyEntry begins a sign-in with a passkey and nothing else: the browser asks the person which one. The authenticator must
// make sure that it is the person, by a PIN or a finger, so that the key counts as two factors.
func (s *Service) StartPasskeyEntry(ctx context.Context, origin string) (Ceremony, error) {
	w, _, err := s.site(origin)
	if err != nil {
		return Ceremony{}, err
	}
	options, data, err := w.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	return s.keep(ctx, ceremony{For: forEntry, Origin: origin, Data: *data}, options.Response)
}

// StartPasskeySecond begins the second step of a sign-in with a passkey.
func (s *Service) StartPasskeySecond(ctx context.Context, origin, secret string) (Ceremony, error) {
	h, err := read[halfway](ctx, s.vault, halfwayBucket, digest(secret))
	if err != nil || h.Enrol {
		return Ceremony{}, ErrHalfway
	}
	c := ceremony{For: forSecond, Account: h.Account, Halfway: secret, Origin: origin}
	return s.startShowing(ctx, c, protocol.VerificationPreferred)
}

// StartPasskeyConfirm begins to show with a passkey, once more, who a principal is.
func (s *Service) StartPasskeyConfirm(ctx context.Context, p *Principal, origin string) (Ceremony, error) {
	c := ceremony{For: forConfirm, Account: p.Account.Ref(), Session: p.Session, Origin: origin}
	return s.startShowing(ctx, c, protocol.VerificationRequired)
}

func (s *Service) startShowing(ctx context.Context, c ceremony, verify protocol.UserVerificationRequirement) (Ceremony, error) {
	w, site, err := s.site(c.Origin)
	if err != nil {
		return Ceremony{}, err
	}
	holder, err := s.holder(ctx, c.Account, site)
	if err != nil {
		return Ceremony{}, err
	}
	if len(holder.keys) == 0 {
		return Ceremony{}, errors.New("the account has no passkey for this address")
	}
	options, data, err := w.BeginLogin(holder, webauthn.WithUserVerification(verify))
	if err != nil {
		return Ceremony{}, err
	}
	c.Data = *data
	return s.keep(ctx, c, options.Response)
}

// StartNewPasskey begins to make a passkey for a principal that has shown who it is within ten minutes.
func (s *Service) StartNewPasskey(ctx context.Context, p *Principal, origin string) (Ceremony, error) {
	if err := s.Fresh(p); err != nil {
		return Ceremony{}, err
	}
	w, site, err := s.site(origin)
	if err != nil {
		return Ceremony{}, err
	}
	holder, err := s.holder(ctx, p.Account.Ref(), site)
	if err != nil {
		return Ceremony{}, err
	}
	if len(holder.keys) >= mostPasskeys {
		return Ceremony{}, fmt.Errorf("the account has %d passkeys, which is the limit: remove one first", mostPasskeys)
	}
	options, data, err := w.BeginRegistration(holder, webauthn.WithExclusions(webauthn.Credentials(holder.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred}))
	if err != nil {
		return Ceremony{}, err
	}
	return s.keep(ctx, ceremony{For: forNew, Account: p.Account.Ref(), Session: p.Session, Origin: origin, Data: *data}, options.Response)
}

// FinishNewPasskey keeps a passkey that the browser has made. Where the account has no recovery codes yet they are made and returned.
func (s *Service) FinishNewPasskey(ctx context.Context, p *Principal, id, name string, answer json.RawMessage) ([]string, error) {
	if err := s.Fresh(p); err != nil {
		return nil, err
	}
	c, err := takeOut[ceremony](ctx, s.vault, ceremonyBucket, digest(id))
	if err != nil || c.For != forNew || c.Session != p.Session || c.Account != p.Account.Ref() {
		return nil, ErrPasskey
	}
	w, site, err := s.site(c.Origin)
	if err != nil {
		return nil, err
	}
	holder, err := s.holder(ctx, c.Account, site)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return nil, ErrPasskey
	}
	made, err := w.CreateCredential(holder, c.Data, parsed)
	if err != nil {
		return nil, ErrPasskey
	}
	if name = strings.TrimSpace(clip(name, 60)); name == "" {
		name = fmt.Sprintf("of %s", model.DateOf(s.opt.Now()))
	}
	codes, fresh, err := s.newRecovery(ctx)
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, c.Account, p.Who(), "Add a passkey", func(k *credentials) error {
		if k.Recovery == nil || len(k.Recovery.Hashes) == 0 {
			k.Recovery = fresh
		} else {
			codes = nil
		}
		k.Passkeys = append(k.Passkeys, &passkey{Name: name, Site: site, Added: s.opt.Now(), Credential: *made})
		return nil
	})
	return codes, err
}

// RemovePasskey takes a passkey away.
func (s *Service) RemovePasskey(ctx context.Context, p *Principal, id string) error {
	if err := s.Fresh(p); err != nil {
		return err
	}
	return s.change(ctx, p.Account.Ref(), p.Who(), "Remove a passkey", func(c *credentials) error {
		c.Passkeys = slices.DeleteFunc(c.Passkeys, func(k *passkey) bool { return hex.EncodeToString(k.Credential.ID) == id })
		return s.leftOver(p, c)
	})
}

// RenamePasskey gives a passkey another name.
func (s *Service) RenamePasskey(ctx context.Context, p *Principal, id, name string) error {
	if err := s.Fresh(p); err != nil {
		return err
	}
	if name = strings.TrimSpace(clip(name, 60)); name == "" {
		return errors.New("the passkey needs a name")
	}
	return s.change(ctx, p.Account.Ref(), p.Who(), "Rename a passkey", func(c *credentials) error {
		for _, k := range c.Passkeys {
			if hex.EncodeToString(k.Credential.ID) == id {
				k.Name = name
			}
		}
		return nil
	})
}

// FinishPasskey lets in whoever shows a right passkey, as the whole of a sign-in or as its second step.
func (s *Service) FinishPasskey(ctx context.Context, id string, answer json.RawMessage, known, from, agent string) (Step, error) {
	c, err := takeOut[ceremony](ctx, s.vault, ceremonyBucket, digest(id))
	if err != nil || c.For != forEntry && c.For != forSecond {
		return Step{}, ErrPasskey
	}
	h := halfway{From: from, Agent: agent}
	how := "passkey"
	if c.For == forSecond {
		if h, _, err = s.tryHalfway(ctx, c.Halfway, false); err != nil {
			return Step{}, err
		}
		how = "password and passkey"
	}
	account, backwards, err := s.shown(ctx, c, answer)
	if err != nil {
		if c.For == forSecond {
			s.noteFailed(ctx, c.Account)
		}
		return Step{}, err
	}
	if c.For == forSecond {
		if err := s.close(ctx, c.Halfway, h); err != nil {
			return Step{}, err
		}
	} else if h.Account = account; s.knows(ctx, account, known) {
		h.KnownDevice = known
	}
	s.forgive(ctx, "account/"+account.String())
	step, err := s.finish(ctx, h, how, true)
	step.Backwards = backwards
	return step, err
}

// ConfirmPasskey shows once more who a principal is. It returns the new secret of the session: the one before is over.
func (s *Service) ConfirmPasskey(ctx context.Context, p *Principal, id string, answer json.RawMessage) (string, error) {
	c, err := takeOut[ceremony](ctx, s.vault, ceremonyBucket, digest(id))
	if err != nil || c.For != forConfirm || c.Session != p.Session {
		return "", ErrPasskey
	}
	if _, _, err := s.shown(ctx, c, answer); err != nil {
		s.noteFailed(ctx, p.Account.Ref())
		return "", err
	}
	return s.renew(ctx, p)
}

// shown checks what the browser answered and returns whose passkey it was, and whether its counter went backwards.
func (s *Service) shown(ctx context.Context, c ceremony, answer json.RawMessage) (model.Ref, bool, error) {
	w, site, err := s.site(c.Origin)
	if err != nil {
		return model.Ref{}, false, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return model.Ref{}, false, ErrPasskey
	}
	var used *webauthn.Credential
	account := c.Account
	if c.For == forEntry {
		_, used, err = w.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			var id model.ID
			if len(handle) != len(id) {
				return nil, ErrPasskey
			}
			copy(id[:], handle)
			account = model.Ref(id)
			return s.holder(ctx, account, site)
		}, c.Data, parsed)
	} else {
		var holder keyHolder
		if holder, err = s.holder(ctx, account, site); err == nil {
			used, err = w.ValidateLogin(holder, c.Data, parsed)
		}
	}
	if err != nil {
		return model.Ref{}, false, ErrPasskey
	}
	backwards := used.Authenticator.CloneWarning
	a, ok := s.store.Snapshot().Get(account).(*model.Account)
	if !ok {
		return model.Ref{}, false, ErrPasskey
	}
	why := ""
	if backwards {
		why = "The counter of a passkey went backwards: it may have been copied"
	}
	err = s.change(ctx, account, a.Key, why, func(k *credentials) error {
		for _, key := range k.Passkeys {
			if bytes.Equal(key.Credential.ID, used.ID) {
				key.Credential, key.Used, key.Backwards = *used, s.opt.Now(), key.Backwards || backwards
				key.Credential.Authenticator.CloneWarning = false
				return nil
			}
		}
		return ErrPasskey
	})
	return account, backwards, err
}

var _ webauthn.User = keyHolder{}
