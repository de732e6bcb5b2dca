package identity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ownDuty is a function within Binnacle itself, and which rights give it.
type ownDuty struct {
	name  string
	gives func(r *ownRights) bool
}

// ownRule is a pair of functions within Binnacle that nobody may hold together.
type ownRule struct {
	name, reason string
	duties       [2]ownDuty
}

// ownRights are what one role lets do.
type ownRights struct {
	schema *model.Schema
	role   *model.Role
}

// line returns what a role allows on a kind: the line that names it counts, else the one for its group, else the one for every kind, which does not stand for the group Access.
func (r *ownRights) line(kind string) model.Permission {
	k := r.schema.Kind(kind)
	for _, name := range []string{k.Name, k.Group, "*"} {
		if name == "*" && k.Group == "Access" {
			break
		}
		if i := slices.IndexFunc(r.role.Permissions, func(p model.Permission) bool { return strings.EqualFold(p.Kinds, name) }); i >= 0 {
			return r.role.Permissions[i]
		}
	}
	return model.Permission{}
}

// writes reports whether a role may create and edit at least its own records of a kind.
func (r *ownRights) writes(kind string) bool {
	return r.line(kind).Write == "own" || r.line(kind).Write == "all"
}

// ownRules are the rules about duties that Binnacle holds against its own roles.
var ownRules = []ownRule{
	{
		"tests and exceptions", "Who writes a control test could allow the exception that lets it fail.",
		[2]ownDuty{
			{"write control tests", func(r *ownRights) bool { return r.writes("ControlTest") }},
			{"approve exceptions of others", func(r *ownRights) bool {
				return r.line("Exception").Write == "all" || r.line("Exception").Approve == "all"
			}},
		},
	},
	{
		"reading and keeping the log", "Who manages accounts and what is logged of them could hide what the readers of the log should see.",
		[2]ownDuty{
			{"read the log of access", func(r *ownRights) bool { return !r.role.Administers && r.line("Account").Read == "all" }},
			{"administer accounts and the log", func(r *ownRights) bool { return r.role.Administers }},
		},
	},
}

// OwnDutiesOut is who can do within Binnacle what nobody should do alone.
type OwnDutiesOut struct {
	// Conflicts are the people and accounts that can.
	Conflicts practice.Figure
	// Done are the exceptions that somebody allowed for a control test of one's own, or asked for oneself.
	Done practice.Figure
	// Findings say who, by which roles.
	Findings []practice.Finding
	// Table lists the conflicts.
	Table practice.Table[OwnConflict]
}

// OwnConflict is somebody who holds two functions of Binnacle that should not be in one hand.
type OwnConflict struct {
	// Subject is the person, or the account where it belongs to nobody.
	Subject practice.Link
	// Rule says which functions should not be in one hand.
	Rule string
	// Functions are these functions.
	Functions []string
	// Roles are the roles that give them.
	Roles []practice.Link
	// Accounts are the accounts with these roles.
	Accounts []practice.Link
	// Reason says what could happen.
	Reason string
}

// OwnDuties holds the rules about duties against Binnacle's own roles, over all accounts of a person, with the roles of groups: nobody should both write control
// tests and approve exceptions of others, and nobody who reads the log of access should administer it. It also
// finds what was really done: exceptions for control tests that the owner of the test allowed, and exceptions that somebody allowed to oneself.
func OwnDuties(v estate.View, _ struct{}) (OwnDutiesOut, error) {
	var out OwnDutiesOut
	if v.Closed("Account") || v.Closed("Role") {
		out.Conflicts = practice.Figure{Unit: "conflicts", Better: practice.Lower, Unknown: true, Note: "you may not see accounts and roles"}
	} else {
		out.Table.Rows = ownConflicts(v)
		var who []practice.Link
		for _, row := range out.Table.Rows {
			who = append(who, row.Subject)
			out.Findings = append(out.Findings, practice.Finding{
				Severity: practice.Medium, About: row.Subject, From: append(slices.Clone(row.Accounts), row.Roles...),
				Text: fmt.Sprintf("%s can %s, by %s. %s", row.Subject.Title(), strings.Join(row.Functions, " and "), practice.Some(row.Roles), row.Reason),
			})
		}
		out.Conflicts = practice.Counted("conflicts", practice.Lower, who)
	}
	var done []practice.Link
	for e := range estate.Each[*model.Exception](v) {
		if e.State != model.ExceptionApproved || e.ApprovedBy.IsZero() {
			continue
		}
		if text, from := selfApproved(v, e); text != "" {
			done = append(done, practice.To(e))
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: practice.To(e), From: from, Text: text, Owner: practice.OwnerOf(v, e)})
		}
	}
	out.Done = practice.Counted("exceptions", practice.Lower, done)
	practice.WorstFirst(out.Findings)
	return out, nil
}

// selfApproved says how somebody allowed an exception who should not have, or nothing.
func selfApproved(v estate.View, e *model.Exception) (string, []practice.Link) {
	by := link(v, e.ApprovedBy)
	if e.ApprovedBy == e.AskedBy {
		return fmt.Sprintf("%s asked for %s and allowed it.", by.Title(), e.Title()), []practice.Link{practice.To(e), by}
	}
	for _, ref := range e.From {
		if t, ok := estate.Look[*model.ControlTest](v, ref); ok && t.Owner == e.ApprovedBy {
			return fmt.Sprintf("%s answers for the control test %s and allowed the exception %s from it.", by.Title(), t.Title(), e.Title()), []practice.Link{practice.To(e), practice.To(t), by}
		}
	}
	return "", nil
}

// ownHolder is somebody with accounts in Binnacle and the roles of these.
type ownHolder struct {
	subject  model.Record
	accounts []practice.Link
	roles    []*model.Role
}

// ownHolders returns everybody with an account that may sign in, by key.
func ownHolders(v estate.View) []*ownHolder {
	by := map[model.Ref]*ownHolder{}
	var out []*ownHolder
	groups := map[model.Ref][]*model.Group{}
	for g := range estate.Each[*model.Group](v) {
		for _, ref := range g.Members {
			groups[ref] = append(groups[ref], g)
		}
	}
	for a := range estate.Each[*model.Account](v) {
		if a.State == "disabled" {
			continue
		}
		var subject model.Record = a
		if p, ok := estate.Look[*model.Person](v, a.Person); ok {
			subject = p
		}
		h := by[subject.Base().Ref()]
		if h == nil {
			h = &ownHolder{subject: subject}
			by[subject.Base().Ref()] = h
			out = append(out, h)
		}
		h.accounts = append(h.accounts, practice.To(a))
		refs := slices.Clone(a.Roles)
		for _, g := range groups[a.Ref()] {
			refs = append(refs, g.Roles...)
		}
		for _, ref := range refs {
			if role, ok := estate.Look[*model.Role](v, ref); ok && !slices.Contains(h.roles, role) {
				h.roles = append(h.roles, role)
			}
		}
	}
	slices.SortStableFunc(out, func(x, y *ownHolder) int { return cmp.Compare(x.subject.Base().Key, y.subject.Base().Key) })
	return out
}

// ownConflicts returns who breaks which rule about Binnacle's own roles.
func ownConflicts(v estate.View) []OwnConflict {
	var out []OwnConflict
	for _, h := range ownHolders(v) {
		for _, rule := range ownRules {
			row := OwnConflict{Subject: practice.To(h.subject), Rule: rule.name, Accounts: h.accounts, Reason: rule.reason}
			for _, duty := range rule.duties {
				given := false
				for _, role := range h.roles {
					if !duty.gives(&ownRights{v.Schema(), role}) {
						continue
					}
					given = true
					if l := practice.To(role); !slices.Contains(row.Roles, l) {
						row.Roles = append(row.Roles, l)
					}
				}
				if given {
					row.Functions = append(row.Functions, duty.name)
				}
			}
			if len(row.Functions) == len(rule.duties) {
				out = append(out, row)
			}
		}
	}
	return out
}
