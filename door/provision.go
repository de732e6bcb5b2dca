package door

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"binnacle/access"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/vault"
)

// ProvisionSource is the name of the source of what a provisioning system writes.
const ProvisionSource = "scim"

// provisioned are the fields that a provisioning system may write, by kind. Roles, factors and the marks of accounts for
// emergencies are not among them: a system outside says who there is and in which groups, and never what that allows.
var provisioned = map[string][]string{
	"Account": {"key", "name", "user_name", "email", "person", "state", "issuer", "external_id", "given_name", "family_name"},
	"Group":   {"key", "name", "external_id", "members"},
	"Person":  {"key", "name", "full_name", "email", "phone", "position", "employee_number", "manager"},
}

// Provisioning returns the estate as a provisioning system sees it: accounts but
// those for emergencies, groups, and people that are not confidential. The
// principal must have shown a token of the scope provision.
func (h *House) Provisioning(ctx context.Context, p *access.Principal) (estate.View, error) {
	if p == nil || p.Scope != "provision" {
		who := ""
		if p != nil {
			who = p.Who()
		}
		err := &access.Denied{Who: who, Need: "provision", Why: "it takes a token of the scope provision"}
		if p == nil {
			return estate.View{}, err
		}
		return estate.View{}, h.deny(ctx, p, err)
	}
	gone, err := h.Vault.List(ctx, goneBucket, "", "", 0)
	if err != nil {
		return estate.View{}, err
	}
	left := map[string]bool{}
	for _, i := range gone {
		left[i.Key] = true
	}
	sight := estate.SightFunc(func(rec model.Record) bool {
		switch r := rec.(type) {
		case *model.Account:
			return !r.BreakGlass && !left[r.ID.String()]
		case *model.Group:
			return true
		case *model.Person:
			return !r.Confidential
		}
		return false
	})
	return h.store.Snapshot().View(h.store.Today()).Through(sight), nil
}

// Provision makes changes of accounts, groups and people in the name of a provisioning system, and no other ones. A disabled or
// removed account loses its sessions and tokens at once.
func (h *House) Provision(ctx context.Context, p *access.Principal, why string, changes []model.Change) (Receipt, error) {
	v, err := h.Provisioning(ctx, p)
	if err != nil {
		return Receipt{}, err
	}
	if len(changes) == 0 {
		return Receipt{}, ErrNothing
	}
	for i := range changes {
		if err := mayProvision(v, p, &changes[i]); err != nil {
			return Receipt{}, h.deny(ctx, p, err)
		}
	}
	r, err := h.commit(ctx, p, v, Moment{}, Tx{Why: why, Source: ProvisionSource, Changes: changes}, 0)
	if err != nil {
		return r, err
	}
	for i := range changes {
		if a, ok := h.store.Snapshot().Get(model.Ref(changes[i].ID)).(*model.Account); changes[i].Kind == "Account" && (!ok || a.State == "disabled") {
			// They are refused in any case. This makes that final, should the account come back.
			if err := h.Access.Shut(ctx, model.Ref(changes[i].ID)); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// goneBucket names the accounts that a provisioning system has removed and that stay because other records point to them.
const goneBucket = "door.deprovisioned"

// Deprovision disables an account, takes it out of its groups and removes it. An
// account that other records point to stays, disabled, under another user name and
// out of sight for provisioning. Its history stays in any case.
func (h *House) Deprovision(ctx context.Context, p *access.Principal, v estate.View, a *model.Account) error {
	k := v.Schema().Kind("Account")
	off := model.Clone(a)
	off.State, off.ExternalID = "disabled", ""
	off.UserName = fmt.Sprintf("%s (removed %s)", a.UserName, a.ID.String()[:8])
	var changes []model.Change
	change, _ := model.Difference(k, a, off)
	changes = append(changes, change)
	for e := range v.In(a.Ref()) {
		g, ok := e.Record.(*model.Group)
		if !ok {
			continue
		}
		without := model.Clone(g)
		without.Members = slices.DeleteFunc(slices.Clone(g.Members), func(r model.Ref) bool { return r == a.Ref() })
		if c, differs := model.Difference(v.Schema().Of(g), g, without); differs {
			changes = append(changes, c)
		}
	}
	if _, err := h.Provision(ctx, p, "Disable "+a.Key+", which is no longer provisioned", changes); err != nil {
		return err
	}
	now, err := h.Provisioning(ctx, p)
	if err != nil {
		return err
	}
	rec := now.Get(a.Ref())
	if rec == nil {
		return nil
	}
	_, err = h.Provision(ctx, p, "Remove "+a.Key+", which is no longer provisioned", []model.Change{Removal(now, rec)})
	var refused *Refused
	if errors.As(err, &refused) {
		_, err = h.Vault.Put(ctx, goneBucket, vault.Item{Key: a.ID.String(), Value: []byte(a.Key)})
	}
	return err
}

// mayProvision tells whether a provisioning system may make a change.
func mayProvision(v estate.View, p *access.Principal, c *model.Change) error {
	fields, ok := provisioned[c.Kind]
	no := func(why string, args ...any) error {
		return &access.Denied{Who: p.Who(), Need: "provision", Kind: c.Kind, Why: fmt.Sprintf(why, args...)}
	}
	if !ok {
		return no("only accounts, groups and people are provisioned")
	}
	if c.Op != model.Create && v.Get(model.Ref(c.ID)) == nil {
		return no("it is not there for a provisioning system")
	}
	if c.Op == model.Remove {
		if c.Kind == "Person" {
			return no("people stay when their accounts go")
		}
		return nil
	}
	for _, f := range c.Fields {
		if !slices.Contains(fields, f.Name) && f.Name != "origin" && f.Name != "origins" {
			return no("the field %s is not provisioned", f.Name)
		}
	}
	return nil
}

// NewID returns a new id for a record that a door makes.
func (h *House) NewID() model.ID { return h.store.NewID() }

// Taken reports whether a record of a kind has a key, whoever may see it.
func (h *House) Taken(kind, key string) bool { return h.store.Snapshot().Find(kind, key) != nil }
