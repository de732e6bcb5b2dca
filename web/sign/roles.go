package sign

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"

	"binnacle/access"
	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/frame"
)

// roleRow is a role in a table.
type roleRow struct {
	*model.Role
	Accounts, Groups int
	Powers           []string
}

func roles(v *frame.Visit) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	var rows []roleRow
	for _, r := range sorted[*model.Role](now) {
		row := roleRow{Role: r, Powers: access.Powers(r)}
		for e := range now.In(r.Ref()) {
			switch e.Record.(type) {
			case *model.Account:
				row.Accounts++
			case *model.Group:
				row.Groups++
			}
		}
		rows = append(rows, row)
	}
	return show(v, "roles", "Roles", "/admin/roles", rows, nil)
}

// rolePage is the page of one role.
type rolePage struct {
	Role    *model.Role
	Table   []access.Line
	Powers  []string
	Lines   []roleLine
	Kinds   []kindChoice
	Extents []model.Option
	Faces   []model.Option
	Holders []string
}

// roleLine is a line of the form for a role.
type roleLine struct {
	Number int
	model.Permission
}

// kindChoice is a group of kinds that a line can name, with its kinds.
type kindChoice struct {
	Group string
	Kinds []*model.Kind
}

// spareLines is how many empty lines the form for a role has, and mostLines how many it takes.
const (
	spareLines = 3
	mostLines  = 100
)

func oneRole(v *frame.Visit) error { return showRole(v, nil) }

func showRole(v *frame.Visit, problem error) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	_, rec, err := door.Find(now, "Role", v.R.PathValue("key"))
	if err != nil {
		return err
	}
	r := rec.(*model.Role)
	p := rolePage{Role: r, Powers: access.Powers(r), Table: access.Table(now.Schema(), []*model.Role{r}), Extents: model.Extent("").Options(), Faces: model.Face("").Options()}
	for i, line := range append(slices.Clone(r.Permissions), make([]model.Permission, spareLines)...) {
		p.Lines = append(p.Lines, roleLine{i, line})
	}
	for _, k := range now.Schema().Kinds() {
		if n := len(p.Kinds); n == 0 || p.Kinds[n-1].Group != k.Group {
			p.Kinds = append(p.Kinds, kindChoice{Group: k.Group})
		}
		last := &p.Kinds[len(p.Kinds)-1]
		last.Kinds = append(last.Kinds, k)
	}
	for e := range now.In(r.Ref()) {
		if a, ok := e.Record.(*model.Account); ok {
			p.Holders = append(p.Holders, a.Title())
		}
	}
	return show(v, "role", r.Title(), "/admin/roles", p, problem, frame.Crumb{Label: "Roles", Path: "/admin/roles"})
}

func saveRole(v *frame.Visit) error {
	key := v.R.PathValue("key")
	permissions := []any{}
	for i := range mostLines {
		n := strconv.Itoa(i)
		kinds := v.Form("kinds-" + n)
		if kinds == "" {
			continue
		}
		permissions = append(permissions, map[string]any{"kinds": kinds, "read": v.Form("read-" + n), "write": v.Form("write-" + n), "approve": v.Form("approve-" + n)})
	}
	on := func(name string) any { return v.Form(name) == "on" }
	version, err := strconv.ParseUint(v.Form("version"), 10, 32)
	if err != nil {
		return frame.Bad("the version of the role is missing: load the page again")
	}
	r, err := put(v, fmt.Sprintf("Change what the role %s allows", key), door.Edit{Kind: "Role", Key: key, Version: uint32(version), Set: map[string]any{
		"name": v.Form("name"), "description": v.Form("description"), "face": v.Form("face"), "permissions": permissions, "reads_confidential": on("reads_confidential"),
		"imports": on("imports"), "administers": on("administers"), "second_factor": on("second_factor")}})
	if err != nil {
		return showRole(v, err)
	}
	return v.Done("/admin/roles/"+url.PathEscape(key), "The role is saved. It counts from now on, also for those who are signed in.", r)
}

// groupRow is a group in a table.
type groupRow struct {
	*model.Group
	Members []string
	Roles   []roleChoice
}

func groups(v *frame.Visit) error { return showGroups(v, nil) }

func showGroups(v *frame.Visit, problem error) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	all := sorted[*model.Role](now)
	var rows []groupRow
	for _, g := range sorted[*model.Group](now) {
		row := groupRow{Group: g, Members: titles(now, g.Members)}
		for _, r := range all {
			row.Roles = append(row.Roles, roleChoice{r, slices.Contains(g.Roles, r.Ref())})
		}
		rows = append(rows, row)
	}
	return show(v, "groups", "Groups", "/admin/groups", rows, problem)
}

func saveGroup(v *frame.Visit) error {
	key := v.R.PathValue("key")
	r, err := put(v, "Change the roles of the group "+key, door.Edit{Kind: "Group", Key: key, Set: map[string]any{"roles": list(v.R.PostForm["role"])}})
	if err != nil {
		return showGroups(v, err)
	}
	return v.Done("/admin/groups", "The group is saved.", r)
}

// providerRow is an identity provider in a table.
type providerRow struct {
	*model.IdentityProvider
	Accounts int
	Secret   bool
}

// providerList is the page of identity providers.
type providerList struct {
	Rows  []providerRow
	Typed url.Values
}

func providers(v *frame.Visit) error { return showProviders(v, nil, nil) }

func showProviders(v *frame.Visit, typed url.Values, problem error) error {
	now, err := view(v)
	if err != nil {
		return err
	}
	by := map[string]int{}
	for a := range estate.Each[*model.Account](now) {
		by[a.Issuer]++
	}
	l := providerList{Typed: typed}
	for _, p := range sorted[*model.IdentityProvider](now) {
		secret, err := v.House.Access.ProviderSecret(v.Ctx(), p.Ref())
		if err != nil {
			return err
		}
		l.Rows = append(l.Rows, providerRow{p, by[p.Issuer], secret != ""})
	}
	return show(v, "providers", "Identity providers", "/admin/providers", l, problem)
}

func createProvider(v *frame.Visit) error {
	key := v.Form("key")
	_, err := put(v, "Let people in through "+key, door.Edit{Kind: "IdentityProvider", Key: key, Create: true, Set: map[string]any{
		"name": v.Form("name"), "issuer": v.Form("issuer"), "client_id": v.Form("client_id"), "creates": v.Form("creates") == "on"}})
	if err != nil {
		return showProviders(v, v.R.PostForm, err)
	}
	if secret := v.R.PostFormValue("secret"); secret != "" {
		now, err := view(v)
		if err != nil {
			return err
		}
		if err := v.House.Access.SetProviderSecret(v.Ctx(), v.Who, now.Find("IdentityProvider", key).Base().Ref(), secret); err != nil {
			return showProviders(v, nil, err)
		}
	}
	return v.Redirect("/sso/" + url.PathEscape(key) + "/setup")
}
