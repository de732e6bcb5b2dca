package scim

import (
	"fmt"
	"strings"
	"time"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// meta returns what is known about a resource itself.
func (c *call) meta(r *resource, rec model.Record, version string) map[string]any {
	m := rec.Base()
	return map[string]any{"resourceType": r.name, "created": stamp(m.Created), "lastModified": stamp(m.Changed), "location": c.base + r.path + "/" + m.ID.String(), "version": version}
}

func stamp(s model.Stamp) string { return s.At.Time().UTC().Format(time.RFC3339Nano) }

// person returns the person behind an account, where a provisioning system may know who that is.
func (c *call) person(a *model.Account) *model.Person {
	p, _ := c.view.Get(a.Person).(*model.Person)
	return p
}

// userVersion names the state of an account and of the person behind it.
func (c *call) userVersion(a *model.Account) string {
	if p := c.person(a); p != nil {
		return fmt.Sprintf(`W/"%d.%d"`, a.Version, p.Version)
	}
	return fmt.Sprintf(`W/"%d"`, a.Version)
}

// user returns an account as a resource.
func (c *call) user(a *model.Account) map[string]any {
	out := map[string]any{"schemas": []any{userSchema}, "id": a.ID.String(), "userName": a.UserName, "active": a.State != "disabled", "meta": c.meta(users, a, c.userVersion(a))}
	put(out, "externalId", a.ExternalID)
	put(out, "displayName", a.Name)
	name, extension := map[string]any{}, map[string]any{}
	put(name, "givenName", a.GivenName)
	put(name, "familyName", a.FamilyName)
	put(name, "formatted", strings.TrimSpace(a.GivenName+" "+a.FamilyName))
	if a.Email != "" {
		out["emails"] = []any{map[string]any{"value": a.Email, "type": "work", "primary": true}}
	}
	if p := c.person(a); p != nil {
		put(name, "formatted", p.FullName)
		put(out, "title", p.Position)
		if p.Phone != "" {
			out["phoneNumbers"] = []any{map[string]any{"value": p.Phone, "type": "work", "primary": true}}
		}
		put(extension, "employeeNumber", p.EmployeeNumber)
		if boss := c.accountOf(p.Manager); boss != nil {
			extension["manager"] = map[string]any{"value": boss.ID.String(), "displayName": boss.Title()}
		}
	}
	if len(name) > 0 {
		out["name"] = name
	}
	if len(extension) > 0 {
		out["schemas"] = []any{userSchema, enterpriseSchema}
		out[enterpriseSchema] = extension
	}
	var in []any
	for e := range c.view.In(a.Ref()) {
		if g, ok := e.Record.(*model.Group); ok {
			in = append(in, map[string]any{"value": g.ID.String(), "display": g.Title(), "type": "direct", "$ref": c.base + groups.path + "/" + g.ID.String()})
		}
	}
	if len(in) > 0 {
		out["groups"] = in
	}
	return out
}

// put sets a text that is not empty.
func put(m map[string]any, name, value string) {
	if value != "" {
		m[name] = value
	}
}

// accountOf returns the account of a person, or nil.
func (c *call) accountOf(person model.Ref) *model.Account {
	if person.IsZero() {
		return nil
	}
	for e := range c.view.In(person) {
		if a, ok := e.Record.(*model.Account); ok && e.Field.Name == "person" {
			return a
		}
	}
	return nil
}

// account returns the account with an id, or nil.
func (c *call) account(id string) *model.Account {
	ref, err := model.ParseID(id)
	if err != nil {
		return nil
	}
	a, _ := c.view.Get(model.Ref(ref)).(*model.Account)
	return a
}

// text returns a value of a resource that is a text.
func text(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

// main returns the value that is kept of several: the primary one, else the one for work, else the first.
func main(values any) string {
	best, rank := "", 0
	for _, one := range list(values) {
		m, _ := one.(map[string]any)
		r := 1
		if strings.EqualFold(text(m, "type"), "work") {
			r = 2
		}
		if m["primary"] == true {
			r = 3
		}
		if v := text(m, "value"); v != "" && r > rank {
			best, rank = v, r
		}
	}
	return best
}

// saveUser writes a resource in its normal form as an account. A nil account is made.
func (c *call) saveUser(before *model.Account, m map[string]any) (model.Ref, error) {
	var old model.Record
	after := &model.Account{State: "active"}
	if before != nil {
		old, after = before, model.Clone(before)
	} else {
		after.ID, after.Origin = c.house.NewID(), door.ProvisionSource
		if p := c.house.Access.Providers(); len(p) == 1 {
			after.Issuer = p[0].Issuer
		}
	}
	name, _ := m["name"].(map[string]any)
	after.UserName, after.ExternalID, after.Email = text(m, "userName"), text(m, "externalId"), main(m["emails"])
	after.GivenName, after.FamilyName = text(name, "givenName"), text(name, "familyName")
	full := text(name, "formatted")
	if joined := strings.TrimSpace(after.GivenName + " " + after.FamilyName); full == "" || before != nil && joined != "" && c.renamed(before, after, full) {
		full = joined
	}
	if after.Name = text(m, "displayName"); after.Name == "" {
		after.Name = full
	}
	if active, ok := m["active"].(bool); ok {
		after.State = "active"
		if !active {
			after.State = "disabled"
		}
	}
	if after.UserName == "" {
		return model.Ref{}, bad("invalidValue", "userName is required")
	}
	if err := c.unique(after); err != nil {
		return model.Ref{}, err
	}
	if before == nil {
		after.Key = c.freeKey("Account", after.UserName)
	}
	if full == "" {
		full = text(m, "displayName")
	}
	changes, err := c.savePerson(after, full, m)
	if err != nil {
		return model.Ref{}, err
	}
	if change, differs := c.difference(old, after); differs {
		changes = append(changes, change)
	}
	why := "Provision " + after.Key
	if before != nil && before.State != after.State {
		why += ": now " + string(after.State)
	}
	return after.Ref(), c.write(why, changes)
}

// renamed reports whether parts of a name were changed and the whole was left as it is.
func (c *call) renamed(before, after *model.Account, full string) bool {
	was, _ := c.user(before)["name"].(map[string]any)
	return (before.GivenName != after.GivenName || before.FamilyName != after.FamilyName) && full == text(was, "formatted")
}

// difference returns the change between two records, with SCIM as the source of what differs.
func (c *call) difference(before, after model.Record) (model.Change, bool) {
	k := c.view.Schema().Of(after)
	if before != nil {
		for _, f := range k.Fields {
			if !f.System && string(f.JSON(before)) != string(f.JSON(after)) {
				after.Base().SetOrigin(f.Name, door.ProvisionSource)
			}
		}
	}
	return model.Difference(k, before, after)
}

// unique refuses names that another account has.
func (c *call) unique(a *model.Account) error {
	for other := range estate.Each[*model.Account](c.view) {
		if other.ID == a.ID {
			continue
		}
		if strings.EqualFold(other.UserName, a.UserName) {
			return &fault{409, "uniqueness", "another account has this userName"}
		}
		if a.ExternalID != "" && other.ExternalID == a.ExternalID {
			return &fault{409, "uniqueness", "another account has this externalId"}
		}
	}
	return nil
}

// freeKey returns a key that no record of a kind has.
func (c *call) freeKey(kind, name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' {
			b.WriteRune(r)
		} else {
			b.WriteByte('-')
		}
	}
	key := strings.Trim(b.String(), "-.")
	if len(key) > 60 {
		key = strings.Trim(key[:60], "-.")
	}
	if key == "" {
		key = strings.ToLower(kind)
	}
	free := key
	for n := 2; c.house.Taken(kind, free); n++ {
		free = fmt.Sprintf("%s-%d", key, n)
	}
	return free
}

// savePerson links an account with its person, who is made where nobody fits. What somebody else has written about the person stays.
func (c *call) savePerson(a *model.Account, full string, m map[string]any) ([]model.Change, error) {
	extension, _ := m[enterpriseSchema].(map[string]any)
	before := c.person(a)
	if before == nil && a.Person.IsZero() && a.Email != "" {
		before, _ = c.view.Identify("Person", "email", model.NormalIdent("email", a.Email)).(*model.Person)
	}
	if before == nil && (!a.Person.IsZero() || full == "" && a.Email == "") {
		// The person is out of sight, or there is nothing to know anybody by.
		return nil, nil
	}
	var old model.Record
	after := &model.Person{}
	if before != nil {
		old, after = before, model.Clone(before)
	} else {
		after.ID, after.Origin, after.Key = c.house.NewID(), door.ProvisionSource, c.freeKey("Person", a.UserName)
	}
	a.Person = after.Ref()
	set := func(field string, to *string, value string) {
		if *to == "" || after.OriginOf(field) == door.ProvisionSource {
			*to = value
		}
	}
	set("full_name", &after.FullName, full)
	set("name", &after.Name, full)
	set("email", &after.Email, a.Email)
	set("phone", &after.Phone, main(m["phoneNumbers"]))
	set("position", &after.Position, text(m, "title"))
	set("employee_number", &after.EmployeeNumber, text(extension, "employeeNumber"))
	if err := c.setManager(after, extension); err != nil {
		return nil, err
	}
	change, differs := c.difference(old, after)
	if !differs {
		return nil, nil
	}
	return []model.Change{change}, nil
}

// setManager sets whom a person reports to.
func (c *call) setManager(p *model.Person, extension map[string]any) error {
	if !p.Manager.IsZero() && p.OriginOf("manager") != door.ProvisionSource {
		return nil
	}
	manager, _ := extension["manager"].(map[string]any)
	id := text(manager, "value")
	if id == "" {
		p.Manager = model.Ref{}
		return nil
	}
	boss := c.account(id)
	if boss == nil {
		return bad("invalidValue", "there is no user %q to be the manager", id)
	}
	if !boss.Person.IsZero() {
		p.Manager = boss.Person
	}
	return nil
}
