package access

import (
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// extent is a permission that can be compared: the larger allows more.
type extent uint8

const (
	none extent = iota
	own
	all
)

func extentOf(e model.Extent) extent {
	switch e {
	case "own":
		return own
	case "all":
		return all
	}
	return none
}

// name returns the extent as a role has it.
func (e extent) name() model.Extent { return []model.Extent{"none", "own", "all"}[e] }

// rights are what the roles of somebody add up to.
type rights struct {
	kinds        map[string]grant
	confidential bool
	imports      bool
	administers  bool
}

// grant says what is allowed on one kind.
type grant struct{ read, write, approve extent }

// AccessGroup is the group of the kinds that say who may do what. The line * of a role does not stand for them.
const AccessGroup = "Access"

// Governed are the kinds outside of the group Access that only those change who administer.
var Governed = []string{"KindDefinition", "FieldDefinition", "Rule", "Subscription", "Webhook", "EventReceiver"}

// Common are the kinds whose records bear on the numbers of everybody, whoever owns them: a rule of one's own would move the money of all, and
// a test or an observation of one's own would say that all is well. A gate of one's own would let through what the
// gates of others stop, a page or a message of one's own would speak to strangers for the company, and a right to decide of one's own
// would take it from others.
// Only who may write all of them writes any.
var Common = []string{"CostRule", "Allocation", "CostPool", "ResourceTower", "FiscalCalendar", "ExchangeRate", "Load",
	"RiskMatrix", "RiskAppetite", "ResponseTarget", "LicencePolicy", "NotificationRule", "Advisory", "ExploitScores", "Framework", "Requirement", "Baseline", "RequirementMapping",
	"ControlTest", "Observation", "PrivacyProfile", "CountryDecision", "ProviderDuty", "DutyFunction", "DutyRule",
	"ReleaseGate", "Portal", "Announcement", "DecisionRight"}

// rightsOf adds up roles. For one kind the line that names it counts within a
// role, else the one for its group, else the one for *.
func rightsOf(schema *model.Schema, roles []*model.Role) *rights {
	r := &rights{kinds: map[string]grant{}}
	for _, role := range roles {
		r.confidential = r.confidential || role.ReadsConfidential
		r.imports = r.imports || role.Imports
		r.administers = r.administers || role.Administers
	}
	for _, k := range schema.Kinds() {
		var g grant
		for _, role := range roles {
			p, ok := lineFor(role, k)
			if !ok {
				continue
			}
			g.read = max(g.read, extentOf(p.Read))
			g.write = max(g.write, extentOf(p.Write))
			g.approve = max(g.approve, extentOf(p.Approve))
		}
		if r.administers && (k.Group == AccessGroup || slices.Contains(Governed, k.Name)) {
			g = grant{all, all, all}
		} else if k.Group == AccessGroup || slices.Contains(Governed, k.Name) {
			g.write, g.approve = none, none
		}
		if k.Name == "Role" {
			g.read = all
		}
		if slices.Contains(Common, k.Name) && g.write == own {
			g.write = none
		}
		if slices.Contains(Common, k.Name) && g.approve == own {
			g.approve = none
		}
		// What cannot be read cannot be written either.
		g.write = min(g.write, g.read)
		g.approve = min(g.approve, g.read)
		r.kinds[k.Name] = g
	}
	return r
}

// lineFor returns the line of a role that counts for a kind.
func lineFor(role *model.Role, k *model.Kind) (model.Permission, bool) {
	var found model.Permission
	best := 0
	for _, p := range role.Permissions {
		rank := 0
		switch {
		case p.Kinds == k.Name:
			rank = 3
		case p.Kinds == k.Group:
			rank = 2
		case p.Kinds == "*" && k.Group != AccessGroup:
			rank = 1
		}
		if rank > best {
			found, best = p, rank
		}
	}
	return found, best > 0
}

// rolesOf returns the roles of an account, its own and those of its groups.
func rolesOf(snap *estate.Snapshot, a *model.Account) []*model.Role {
	v := snap.View(0)
	refs := slices.Clone(a.Roles)
	for e := range v.In(a.Ref()) {
		if g, ok := e.Record.(*model.Group); ok && e.Field.Name == "members" {
			refs = append(refs, g.Roles...)
		}
	}
	var out []*model.Role
	for _, ref := range refs {
		if role, ok := estate.Look[*model.Role](v, ref); ok && !slices.Contains(out, role) {
			out = append(out, role)
		}
	}
	return out
}

// ownersOf returns whom the records of a person belong to: the person, the team
// of the person, and the teams that the person leads with all below these.
func ownersOf(snap *estate.Snapshot, person model.Ref) map[model.Ref]bool {
	out := map[model.Ref]bool{}
	v := snap.View(0)
	p, ok := estate.Look[*model.Person](v, person)
	if !ok {
		return out
	}
	out[person] = true
	if !p.Team.IsZero() {
		out[p.Team] = true
	}
	var under func(team model.Ref)
	under = func(team model.Ref) {
		for e := range v.In(team) {
			if t, ok := e.Record.(*model.Team); ok && e.Field.Name == "parent" && !out[t.Ref()] {
				out[t.Ref()] = true
				under(t.Ref())
			}
		}
	}
	for e := range v.In(person) {
		if t, ok := e.Record.(*model.Team); ok && e.Field.Name == "lead" {
			out[t.Ref()] = true
			under(t.Ref())
		}
	}
	return out
}
