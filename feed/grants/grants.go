// Package grants reads who may do what in which system: tables of accounts and grants
// that applications write (CSV, XLSX, JSON), and exports of directories in the words of SCIM 2.0, of Entra ID and of Okta.
package grants

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// directory gathers accounts, entitlements and grants, each once, and proposes them.
type directory struct {
	batch *feed.Batch
	// systems are the refs to systems, by key.
	systems      map[string]model.Ref
	accounts     map[string]*account
	entitlements map[string]*model.Entitlement
	grants       map[string]*model.Grant
	// guessed counts the entitlements that were taken as privileged because of their names.
	guessed int
	linker  *linker
}

// account is an account of a system together with what tells whose it is.
type account struct {
	record *model.UserAccount
	system string
	// number, email and person are the employee number, an address and a name or key of the person.
	number, email, person string
}

func newDirectory(b *feed.Batch) *directory {
	d := &directory{b, map[string]model.Ref{}, map[string]*account{}, map[string]*model.Entitlement{}, map[string]*model.Grant{}, 0, &linker{named: map[string]*feed.Item{}, described: map[string]bool{}, groups: map[string][]*model.Entitlement{}, parents: map[string][]*model.Entitlement{}}}
	b.Settlers = append(b.Settlers, d.linker)
	return d
}

// system returns a ref to a system and its key. It is the application, service, host or cloud account with that key, and a new application where there is none.
func (d *directory) system(name string, at feed.Where) (model.Ref, string) {
	key := shortened(cmp.Or(feed.SlugOf(name), "directory"))
	ref, ok := d.systems[key]
	if !ok {
		ref = d.batch.AddItem(&feed.Item{Record: &model.Application{Meta: model.Meta{Key: key, Name: kit.Clean(name)}}, Where: at, Mention: true, Or: []string{"Service", "Host", "CloudAccount"}})
		d.systems[key] = ref
	}
	return ref, key
}

// account returns the account of a system with an identifier, and whether it is new.
func (d *directory) account(system, id, key string, at feed.Where, mention bool) (*account, bool) {
	name := system + "\x00" + strings.ToLower(id)
	if a := d.accounts[name]; a != nil {
		return a, false
	}
	a := &account{record: &model.UserAccount{System: d.systems[system]}, system: system}
	a.record.Key = shortened(system + ":" + cmp.Or(feed.SlugOf(key), feed.SlugOf(id), "account"))
	d.accounts[name] = a
	d.add(a.record, "account/"+system+"/"+strings.ToLower(id), at, mention)
	if !mention {
		d.linker.accounts = append(d.linker.accounts, a)
	}
	return a, true
}

// entitlement returns an entitlement of a system with an identifier, which is unique among those of its type, and whether it is new.
func (d *directory) entitlement(system string, t model.EntitlementType, id, title string, at feed.Where, mention bool) (*model.Entitlement, bool) {
	name := system + "\x00" + string(t) + "\x00" + strings.ToLower(id)
	if e := d.entitlements[name]; e != nil {
		return e, false
	}
	e := &model.Entitlement{System: d.systems[system], Type: t, Identifier: id}
	e.Name = cmp.Or(title, id)
	e.Key = shortened(system + ":" + cmp.Or(feed.SlugOf(e.Name), feed.SlugOf(id), "entitlement"))
	if t != "group" && soundsPrivileged(e.Name) {
		e.Privileged = true
		d.guessed++
	}
	d.entitlements[name] = e
	external := "entitlement/" + system + "/" + string(t) + "/" + strings.ToLower(id)
	d.add(e, external, at, mention)
	if t == "group" {
		d.linker.groups[external] = append(d.linker.groups[external], e)
	}
	return e, true
}

// add proposes a record. What the content only names is kept in mind: where another content of the same import describes it, that counts alone.
func (d *directory) add(rec model.Record, external string, at feed.Where, mention bool) {
	item := &feed.Item{Record: rec, Where: at, Idents: []feed.Ident{feed.External(external)}}
	d.batch.AddItem(item)
	if mention {
		d.linker.named[external] = item
	} else {
		d.linker.described[external] = true
	}
}

// grant says that an account has an entitlement. It returns the grant, and whether it is new.
func (d *directory) grant(a *account, e *model.Entitlement, at feed.Where) (*model.Grant, bool) {
	name := a.record.ID.String() + e.ID.String()
	if g := d.grants[name]; g != nil {
		return g, false
	}
	g := &model.Grant{Account: a.record.Ref(), Entitlement: e.Ref()}
	g.Key = shortened(a.record.Key + ":" + strings.TrimPrefix(e.Key, a.system+":"))
	d.grants[name] = g
	d.batch.Add(g, at, feed.External("grant/"+a.record.Key+"/"+string(e.Type)+"/"+strings.ToLower(e.Identifier)))
	return g, true
}

// includes says that a group brings another one with it, because it is a member of that.
func (d *directory) includes(system string, child, parent *model.Entitlement) {
	external := "entitlement/" + system + "/group/" + strings.ToLower(child.Identifier)
	if !slices.Contains(d.linker.parents[external], parent) {
		d.linker.parents[external] = append(d.linker.parents[external], parent)
	}
}

// finish puts the groups into each other and tells what was guessed.
func (d *directory) finish() {
	d.linker.nest([]feed.Settler{d.linker})
	if d.guessed > 0 {
		d.batch.Note("%d roles and permissions were taken as privileged because of their names: correct them where that is wrong.", d.guessed)
	}
}

// longest is how many bytes a key may have, with room for a number behind it.
const longest = 280

// shortened cuts a key that is too long and keeps it apart from others by a hash.
func shortened(key string) string {
	if len(key) <= longest {
		return key
	}
	return fmt.Sprintf("%s-%x", strings.ToValidUTF8(key[:longest-20], ""), sha256.Sum256([]byte(key)))[:longest]
}

// soundsPrivileged reports whether a role is called what roles are called that may do everything.
func soundsPrivileged(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127) })
	return slices.ContainsFunc(words, func(w string) bool {
		switch w {
		case "admin", "admins", "administrator", "administrators", "administration", "root", "superuser", "sysadmin", "superadmin", "dba", "sudo":
			return true
		}
		return false
	})
}

// common are words in the names of exports that do not name a system.
var common = []string{"grants", "grant", "access", "accesses", "user", "users", "account", "accounts", "group", "groups", "entitlement", "entitlements", "role", "roles", "permissions", "memberships", "members", "export",
	"scim", "list", "listresponse", "response", "get", "create", "retrieve", "update", "resp", "query", "page", "all", "report", "rights", "directory", "full", "minimal", "enterprise"}

// systemNamed returns the name of the system that the name of a file speaks for: without what exports are called, else that of its folder.
func systemNamed(file string) string {
	file = strings.ReplaceAll(strings.TrimSuffix(file, ".gz"), `\`, "/")
	for _, part := range []string{strings.TrimSuffix(path.Base(file), path.Ext(file)), path.Base(path.Dir(file))} {
		words := strings.FieldsFunc(part, func(r rune) bool { return r == ' ' || r == '-' || r == '_' || r == '.' })
		words = slices.DeleteFunc(words, func(w string) bool {
			return slices.Contains(common, strings.ToLower(w)) || strings.Trim(w, "0123456789") == ""
		})
		if name := kit.Clean(strings.Join(words, "-")); feed.SlugOf(name) != "" && name != "/" {
			return name
		}
	}
	return "directory"
}

// linker links accounts to people and puts groups into each other, when the estate and all contents of an import are known.
type linker struct {
	accounts []*account
	// named are the items that the content only names, and described is what it describes, by their identity in the source.
	named     map[string]*feed.Item
	described map[string]bool
	// groups are the groups by their identity in the source. A group may stand in several contents.
	groups map[string][]*model.Entitlement
	// parents are the groups that a group is a member of.
	parents map[string][]*model.Entitlement
}

// Settle finishes a batch. An account is linked to the person that its employee number, its addresses, its user name and the name beside it
// speak for, where they speak for one alone.
func (l *linker) Settle(v estate.View, b *feed.Batch, all []feed.Settler) {
	l.nest(all)
	torn := 0
	for _, s := range all {
		for _, a := range s.(*linker).accounts {
			p, several := a.owner(v)
			if several {
				torn++
			}
			a.record.Person = p
		}
	}
	if torn > 0 {
		b.Note("%d accounts speak for several people by their number, address or name, and were linked to none.", torn)
	}
}

// nest writes into each group what it brings with it, and lets what is described somewhere count before what is only named.
func (l *linker) nest(all []feed.Settler) {
	described := map[string]bool{}
	for _, s := range all {
		maps.Copy(described, s.(*linker).described)
	}
	for _, s := range all {
		for external, item := range s.(*linker).named {
			item.Mention = described[external]
		}
	}
	brings := map[string][]model.Ref{}
	for _, s := range all {
		for child, parents := range s.(*linker).parents {
			for _, p := range parents {
				if !slices.Contains(brings[child], p.Ref()) {
					brings[child] = append(brings[child], p.Ref())
				}
			}
		}
	}
	for _, s := range all {
		for external, list := range s.(*linker).groups {
			for _, e := range list {
				e.Includes = slices.Clone(brings[external])
			}
		}
	}
}

// owner returns the person that an account speaks for, or reports that there are several.
func (a *account) owner(v estate.View) (found model.Ref, several bool) {
	for _, i := range [][2]string{{"employee_number", a.number}, {"email", a.email}, {"email", a.record.Email}, {"email", a.record.UserName}, {"employee_number", a.record.UserName}} {
		name := model.NormalIdent(i[0], i[1])
		if name == "" {
			continue
		}
		p := v.Identify("Person", i[0], name)
		switch {
		case p == nil || p.Base().Ref() == found:
		case !found.IsZero():
			return model.Ref{}, true
		default:
			found = p.Base().Ref()
		}
	}
	if found.IsZero() && a.person != "" {
		if ref, err := v.Resolve([]string{"Person"}, a.person); err == nil {
			return ref, false
		}
	}
	return found, false
}
