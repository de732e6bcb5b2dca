package access

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/store"
	"binnacle/vault"
)

// ErrSetUp says that somebody can sign in already.
var ErrSetUp = errors.New("the first person is there already: sign in")

// NeedsFirst reports whether nobody who administers can sign in yet.
func (s *Service) NeedsFirst() bool {
	snap := s.store.Snapshot()
	type key struct{ first string }
	return snap.Memo(key{"access.first"}, func() any { return !HasAdministrator(snap) }).(bool)
}

// HasAdministrator reports whether somebody who administers may sign in.
func HasAdministrator(snap *estate.Snapshot) bool {
	for a := range estate.Each[*model.Account](snap.View(0)) {
		if a.State == "disabled" {
			continue
		}
		for _, r := range rolesOf(snap, a) {
			if r.Administers {
				return true
			}
		}
	}
	return false
}

// SetupCode returns the code that the first person shows. It is the same until that person is there, and is empty afterwards.
func (s *Service) SetupCode(ctx context.Context) (string, error) {
	if !s.NeedsFirst() {
		return "", nil
	}
	item, err := vault.Update(ctx, s.vault, setupBucket, "code", func(i vault.Item) (vault.Item, error) {
		if len(i.Value) == 0 {
			i.Value = []byte(newSecret())
		}
		return i, nil
	})
	return string(item.Value), err
}

// First is the first person.
type First struct {
	// Code is the setup code.
	Code string
	// FullName is the name of the person.
	FullName string
	// UserName is what the person will type to sign in.
	UserName string
	// Email is the address of the person. It may be empty.
	Email string
	// Password is the password.
	Password string
	// Roles are the keys of delivered roles, apart from that of the administrator, which the first person always gets.
	Roles []string
	// From and Agent say where the person sits.
	From, Agent string
}

// CreateFirst makes the delivered roles, the first person and the account, and
// starts a session, whose secret it returns.
func (s *Service) CreateFirst(ctx context.Context, f First) (string, error) {
	code, err := s.SetupCode(ctx)
	if err != nil {
		return "", err
	}
	if code == "" {
		return "", ErrSetUp
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(f.Code)) != 1 {
		return "", errors.New("the setup code is not right: use the address that the server printed when it started")
	}
	if err := acceptable(f.Password, f.FullName, f.UserName, f.Email); err != nil {
		return "", err
	}
	if strings.TrimSpace(f.FullName) == "" || strings.TrimSpace(f.UserName) == "" {
		return "", errors.New("a name and a user name are needed")
	}
	changes, account, err := s.first(f)
	if err != nil {
		return "", err
	}
	hash, err := s.hash(ctx, f.Password)
	if err != nil {
		return "", err
	}
	// The hash comes first: an account without one could never sign in.
	if err := write(ctx, s.vault, credentialBucket, account.ID.String(), credentials{Password: hash}, time.Time{}); err != nil {
		return "", err
	}
	if _, err := s.store.Commit(ctx, store.Tx{Who: account.Key, Why: "Set up Binnacle: roles and the first person", Source: model.PersonSource, Changes: changes}); err != nil {
		return "", err
	}
	if _, err := s.vault.Delete(ctx, setupBucket, "code"); err != nil {
		return "", err
	}
	return s.begin(ctx, account.Ref(), f.From, f.Agent, "set-up", false)
}

// first returns the changes that make the roles, the person and the account.
func (s *Service) first(f First) ([]model.Change, *model.Account, error) {
	snap := s.store.Snapshot()
	schema := snap.Schema()
	var changes []model.Change
	create := func(rec model.Record) {
		m := rec.Base()
		m.ID, m.Origin = s.store.NewID(), model.PersonSource
		change, _ := model.Difference(schema.Of(rec), nil, rec)
		changes = append(changes, change)
	}
	account := &model.Account{UserName: strings.TrimSpace(f.UserName), Email: strings.TrimSpace(f.Email), State: "active",
		Factors: []string{"password"}, FactorsChanged: model.TimeOf(s.opt.Now())}
	account.Key, account.Name = keyOf(f.UserName), strings.TrimSpace(f.FullName)
	wanted := map[string]bool{"administrator": true}
	for _, key := range f.Roles {
		wanted[key] = true
	}
	for _, r := range DeliveredRoles() {
		ref := model.Ref{}
		if there, ok := snap.Find("Role", r.Key).(*model.Role); ok {
			ref = there.Ref()
		} else {
			create(r)
			ref = r.Ref()
		}
		if wanted[r.Key] {
			account.Roles = append(account.Roles, ref)
			delete(wanted, r.Key)
		}
	}
	for key := range wanted {
		return nil, nil, fmt.Errorf("there is no role %q", key)
	}
	person, err := s.personFor(snap, f, create)
	if err != nil {
		return nil, nil, err
	}
	account.Person = person
	create(account)
	return changes, account, nil
}

// personFor returns the person with the address or the name of the first person, who is made where there is none.
func (s *Service) personFor(snap *estate.Snapshot, f First, create func(model.Record)) (model.Ref, error) {
	if email := strings.TrimSpace(f.Email); email != "" {
		if p := snap.Identify("Person", "email", model.NormalIdent("email", email)); p != nil {
			return p.Base().Ref(), nil
		}
	}
	p := &model.Person{FullName: strings.TrimSpace(f.FullName), Email: strings.TrimSpace(f.Email)}
	p.Key, p.Name = keyOf(f.UserName), p.FullName
	for n := 2; snap.Find("Person", p.Key) != nil; n++ {
		p.Key = fmt.Sprintf("%s-%d", keyOf(f.UserName), n)
	}
	create(p)
	return p.Ref(), nil
}

// Behind returns the change that makes the person behind an account which has none, and gives the account that person. It is
// nil where the account has one. Without a person nothing could be an account's own.
func Behind(snap *estate.Snapshot, a *model.Account, id model.ID) *model.Change {
	if !a.Person.IsZero() {
		return nil
	}
	p := &model.Person{FullName: cmp.Or(a.Name, strings.TrimSpace(a.GivenName+" "+a.FamilyName), a.UserName)}
	p.ID, p.Origin, p.Key, p.Name = id, a.Origin, a.Key, p.FullName
	if a.Email != "" && snap.Identify("Person", "email", model.NormalIdent("email", a.Email)) == nil {
		p.Email = a.Email
	}
	for n := 2; snap.Find("Person", p.Key) != nil; n++ {
		p.Key = fmt.Sprintf("%s-%d", a.Key, n)
	}
	a.Person = p.Ref()
	change, _ := model.Difference(snap.Schema().Kind("Person"), nil, p)
	return &change
}

// keyOf makes a key of what somebody typed.
func keyOf(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(text)) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_', r == '-':
			b.WriteRune(r)
		default:
			b.WriteByte('-')
		}
	}
	if key := strings.Trim(b.String(), "-."); key != "" {
		return key
	}
	return "account"
}
