package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/model"
	"binnacle/vault"
)

// proofLife is how long somebody who has shown who they are may change how they sign in.
const proofLife = 10 * time.Minute

// ErrConfirm says that the person must show again who they are before going on.
var ErrConfirm = errors.New("show once more who you are before you go on: that was more than ten minutes ago")

// session is what is kept of a session, under the digest of its secret.
type session struct {
	Account model.Ref `json:"account"`
	Began   time.Time `json:"began"`
	Seen    time.Time `json:"seen"`
	Proved  time.Time `json:"proved"`
	From    string    `json:"from,omitempty"`
	Agent   string    `json:"agent,omitempty"`
	How     string    `json:"how,omitempty"`
	// Strong says that a second factor was shown, or that an identity provider answers for that.
	Strong bool `json:"strong,omitempty"`
}

// longestAgent is how much is kept of what a browser calls itself, in bytes.
const longestAgent = 300

// Begin starts a session for somebody whom an identity provider has vouched for,
// and returns its secret. The provider answers for second factors. How names the way, such as the key of the provider.
func (s *Service) Begin(ctx context.Context, account model.Ref, from, agent, how string) (string, error) {
	return s.begin(ctx, account, from, agent, how, true)
}

// begin starts a session, writes that into the journal and returns the secret of the session.
func (s *Service) begin(ctx context.Context, account model.Ref, from, agent, how string, strong bool) (string, error) {
	if _, err := s.Principal(account); err != nil {
		return "", err
	}
	now := s.opt.Now()
	secret, err := s.open(ctx, session{Account: account, Began: now, Seen: now, Proved: now, From: from, Agent: clip(agent, longestAgent), How: how, Strong: strong})
	if err != nil {
		return "", err
	}
	s.flush(ctx, "failed/"+account.String())
	s.flush(ctx, "denied/"+account.String())
	why := "Signed in: " + how
	if a, ok := s.store.Snapshot().Get(account).(*model.Account); ok && a.BreakGlass {
		why = "Signed in with an account for emergencies: " + how
	}
	s.note(ctx, account, why, func(a *model.Account) { a.SignedIn, a.SignedInFrom = model.TimeOf(now), from })
	return secret, nil
}

// open keeps a session under a new secret, which it returns.
func (s *Service) open(ctx context.Context, se session) (string, error) {
	token := newSecret()
	err := write(ctx, s.vault, sessionBucket, se.Account.String()+"/"+digest(token), se, s.sessionEnd(se))
	return se.Account.String() + "." + token, err
}

// sessionEnd returns when a session ends unless it is used again.
func (s *Service) sessionEnd(se session) time.Time {
	idle, end := se.Seen.Add(s.opt.SessionIdle), se.Began.Add(s.opt.SessionLife)
	if end.Before(idle) {
		return end
	}
	return idle
}

func clip(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}

// Session returns the principal of a session by its secret.
func (s *Service) Session(ctx context.Context, secret string) (*Principal, error) {
	account, token, ok := strings.Cut(secret, ".")
	id, err := model.ParseID(account)
	if !ok || err != nil {
		return nil, ErrSignedOut
	}
	key := id.String() + "/" + digest(token)
	se, item, err := recall[session](ctx, s.vault, sessionBucket, key)
	if errors.Is(err, vault.ErrNone) {
		return nil, ErrSignedOut
	} else if err != nil {
		return nil, fmt.Errorf("look up the session: %w", err)
	}
	now := s.opt.Now()
	if se.Account != model.Ref(id) || !now.Before(s.sessionEnd(se)) {
		return nil, ErrSignedOut
	}
	p, err := s.Principal(se.Account)
	if err != nil || s.needsSecond(p) && !se.Strong {
		// The session stays ended, also when the account or its roles become what they were.
		if _, err := s.vault.Delete(ctx, sessionBucket, key); err != nil {
			return nil, err
		}
		return nil, ErrSignedOut
	}
	if now.Sub(se.Seen) > time.Minute {
		se.Seen = now
		item.Expires = s.sessionEnd(se)
		// Somebody else may have been faster, or may have ended the session.
		if err := s.touch(ctx, sessionBucket, item, se); err != nil {
			return nil, err
		}
		s.flush(ctx, "denied/"+se.Account.String())
	}
	q := *p
	q.Session, q.Proved = key, se.Proved
	return &q, nil
}

// touch writes an item anew where nobody else has changed it or taken it away.
func (s *Service) touch(ctx context.Context, bucket string, item vault.Item, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	item.Value = raw
	if _, err := s.vault.Swap(ctx, bucket, item); err != nil && !errors.Is(err, vault.ErrChanged) {
		return fmt.Errorf("keep that it is in use: %w", err)
	}
	return nil
}

// needsSecond reports whether the principal may come in only with a second factor.
func (s *Service) needsSecond(p *Principal) bool {
	return s.opt.SecondFactor || slices.ContainsFunc(p.Roles, func(r *model.Role) bool { return r.SecondFactor })
}

// NeedsSecondFactor reports whether the roles of the principal, or the whole installation, ask for a second factor.
func (s *Service) NeedsSecondFactor(p *Principal) bool { return s.needsSecond(p) }

// Fresh tells whether a principal has shown who it is within ten minutes, in a session. The error is [ErrConfirm].
func (s *Service) Fresh(p *Principal) error {
	if p.Scope != "" || p.Session == "" || s.opt.Now().Sub(p.Proved) > proofLife {
		return ErrConfirm
	}
	return nil
}

// renew replaces the session of a principal by one with a new secret, in which who it is has just been shown.
func (s *Service) renew(ctx context.Context, p *Principal) (string, error) {
	se, err := takeOut[session](ctx, s.vault, sessionBucket, p.Session)
	if errors.Is(err, vault.ErrNone) {
		return "", ErrSignedOut
	} else if err != nil {
		return "", err
	}
	now := s.opt.Now()
	se.Seen, se.Proved = now, now
	return s.open(ctx, se)
}

// OpenSession is a session as its person sees it.
type OpenSession struct {
	// ID names the session. It is not the secret.
	ID string
	// Began and Seen are when it began and when it was used last.
	Began, Seen time.Time
	// From, Agent and How say where the person sat, with which browser, and how the person came in.
	From, Agent, How string
	// Current marks the session in which this is asked.
	Current bool
}

// Sessions lists the sessions of the principal's account, the one used last first.
func (s *Service) Sessions(ctx context.Context, p *Principal) ([]OpenSession, error) {
	items, err := s.vault.List(ctx, sessionBucket, p.Account.ID.String()+"/", "", 0)
	if err != nil {
		return nil, err
	}
	var out []OpenSession
	for _, i := range items {
		var se session
		if json.Unmarshal(i.Value, &se) != nil || !s.opt.Now().Before(s.sessionEnd(se)) {
			continue
		}
		_, id, _ := strings.Cut(i.Key, "/")
		out = append(out, OpenSession{id, se.Began, se.Seen, se.From, se.Agent, se.How, i.Key == p.Session})
	}
	slices.SortStableFunc(out, func(a, b OpenSession) int { return b.Seen.Compare(a.Seen) })
	return out, nil
}

// EndSession ends one of the sessions of the principal's account.
func (s *Service) EndSession(ctx context.Context, p *Principal, id string) error {
	_, err := s.vault.Delete(ctx, sessionBucket, p.Account.ID.String()+"/"+id)
	return err
}

// EndOtherSessions ends every session of the principal's account but the one in which this is asked. Browsers that were known are
// known no longer.
func (s *Service) EndOtherSessions(ctx context.Context, p *Principal) error {
	if err := s.clear(ctx, deviceBucket, p.Account.ID.String()+"/", ""); err != nil {
		return err
	}
	return s.clear(ctx, sessionBucket, p.Account.ID.String()+"/", p.Session)
}

// SignOut ends a session.
func (s *Service) SignOut(ctx context.Context, p *Principal) error {
	_, err := s.vault.Delete(ctx, sessionBucket, p.Session)
	return err
}

// EndSessions ends every session of an account.
func (s *Service) EndSessions(ctx context.Context, account model.Ref) error {
	return s.clear(ctx, sessionBucket, account.String()+"/", "")
}

// Shut ends everything by which somebody is in as an account or could come back without signing in anew: sessions, tokens,
// one-time links and known browsers. It is for accounts that were disabled or removed.
func (s *Service) Shut(ctx context.Context, account model.Ref) error {
	for _, bucket := range []string{sessionBucket, deviceBucket, inviteBucket} {
		if err := s.clear(ctx, bucket, account.String()+"/", ""); err != nil {
			return err
		}
	}
	return s.dropTokens(ctx, func(k keptToken) bool { return k.Account == account })
}
