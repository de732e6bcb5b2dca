package scim

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
)

// group returns a group as a resource.
func (c *call) group(g *model.Group) map[string]any {
	out := map[string]any{"schemas": []any{groupSchema}, "id": g.ID.String(), "displayName": g.Title(), "meta": c.meta(groups, g, groupVersion(g))}
	put(out, "externalId", g.ExternalID)
	var members []any
	for _, ref := range g.Members {
		if a, ok := c.view.Get(ref).(*model.Account); ok {
			members = append(members, map[string]any{"value": a.ID.String(), "display": a.Title(), "type": "User", "$ref": c.base + users.path + "/" + a.ID.String()})
		}
	}
	if len(members) > 0 {
		out["members"] = members
	}
	return out
}

func groupVersion(g *model.Group) string { return fmt.Sprintf(`W/"%d"`, g.Version) }

// groupOf returns the group with an id, or nil.
func (c *call) groupOf(id string) *model.Group {
	ref, err := model.ParseID(id)
	if err != nil {
		return nil
	}
	g, _ := c.view.Get(model.Ref(ref)).(*model.Group)
	return g
}

// saveGroup writes a resource in its normal form as a group. A nil group is made.
func (c *call) saveGroup(before *model.Group, m map[string]any) (model.Ref, error) {
	var old model.Record
	after := &model.Group{}
	if before != nil {
		old, after = before, model.Clone(before)
	} else {
		after.ID, after.Origin = c.house.NewID(), door.ProvisionSource
	}
	name := text(m, "displayName")
	if name == "" {
		return model.Ref{}, bad("invalidValue", "displayName is required")
	}
	if before == nil || before.Title() != name {
		after.Name = name
	}
	after.ExternalID = text(m, "externalId")
	for other := range estate.Each[*model.Group](c.view) {
		if other.ID != after.ID && after.ExternalID != "" && other.ExternalID == after.ExternalID {
			return model.Ref{}, &fault{409, "uniqueness", "another group has this externalId"}
		}
	}
	if before == nil {
		after.Key = c.freeKey("Group", name)
	}
	// Members that a provisioning system does not see stay.
	members := slices.DeleteFunc(slices.Clone(after.Members), func(r model.Ref) bool { return c.view.Get(r) != nil })
	for _, one := range list(m["members"]) {
		v, _ := one.(map[string]any)
		if strings.EqualFold(text(v, "type"), "Group") {
			return model.Ref{}, bad("invalidValue", "a group has accounts as members, and no groups")
		}
		a := c.account(text(v, "value"))
		if a == nil {
			return model.Ref{}, bad("invalidValue", "there is no user %q to be a member", text(v, "value"))
		}
		if !slices.Contains(members, a.Ref()) {
			members = append(members, a.Ref())
		}
	}
	if after.Members = members; len(members) == 0 {
		after.Members = nil
	}
	change, differs := c.difference(old, after)
	if !differs {
		return after.Ref(), nil
	}
	return after.Ref(), c.write("Provision the group "+after.Key, []model.Change{change})
}
