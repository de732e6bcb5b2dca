package identity

import (
	"cmp"
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// most is how many rows a table has where nobody says.
const most = 1000

// cut leaves the first rows of a table and says how many there were.
func cut[Row any](t *practice.Table[Row], limit int) {
	if limit = cmp.Or(limit, most); len(t.Rows) > limit {
		t.Note = sentences(t.Note, fmt.Sprintf("%d of %d are shown; raise the limit to see the rest.", limit, len(t.Rows)))
		t.Rows = t.Rows[:limit]
	}
}

// sentences joins two sentences, either of which may be empty.
func sentences(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}

// severityOf returns how much a severity of a rule weighs in a finding. A rule without one is taken as high.
func severityOf(s model.Severity) practice.Severity {
	switch s {
	case "":
		return practice.High
	case model.SeverityNone:
		return practice.Info
	}
	return practice.Severity(s)
}

// works reports whether a person works here on a day, as far as is known: has not left, and is still in the source that told of the person.
func works(p *model.Person, day model.Date) bool {
	return p != nil && !practice.HasLeft(p, day) && p.Stale().IsZero()
}

// refOf returns the record that a link leads to.
func refOf(l practice.Link) model.Ref { return model.Ref(l.ID) }

// personBehind returns the person that a ref to a person or to a team stands for: for a team that is its lead. It returns nil where that is nobody who works here.
func personBehind(v estate.View, ref model.Ref) *model.Person {
	switch rec := v.Get(ref).(type) {
	case *model.Person:
		if works(rec, v.At()) {
			return rec
		}
	case *model.Team:
		if lead, ok := estate.Look[*model.Person](v, rec.Lead); ok && works(lead, v.At()) {
			return lead
		}
	}
	return nil
}

// managersOf returns the managers above a person, the nearest first. Circles end.
func managersOf(v estate.View, p *model.Person) []*model.Person {
	var out []*model.Person
	seen := map[model.Ref]bool{}
	for p != nil && !seen[p.Ref()] {
		seen[p.Ref()] = true
		above, ok := estate.Look[*model.Person](v, p.Manager)
		if !ok {
			if team, found := estate.Look[*model.Team](v, p.Team); found && p.Manager.IsZero() {
				above, _ = estate.Look[*model.Person](v, team.Lead)
			}
		}
		if above != nil && !seen[above.Ref()] {
			out = append(out, above)
		}
		p = above
	}
	return out
}

// ownerOfSystem returns a link to who answers for a system, by the ref to it.
func ownerOfSystem(v estate.View, system model.Ref) practice.Link {
	if rec := v.Get(system); rec != nil {
		return practice.OwnerOf(v, rec)
	}
	return practice.Link{}
}

// link returns a link to the record that a ref points to.
func link(v estate.View, ref model.Ref) practice.Link { return practice.To(v.Get(ref)) }

// linkTo returns a link to a record of a Go type, and an empty one for nil.
func linkTo[R interface {
	model.Record
	comparable
}](rec R) practice.Link {
	var none R
	if rec == none {
		return practice.Link{}
	}
	return practice.To(rec)
}

// lastUsed returns when a grant was used last as far as is known: by itself, else when the account signed in last. What the system says was never used has no such moment.
func lastUsed(g *model.Grant, a *model.UserAccount) model.Time {
	if g.Used == "no" {
		return g.LastUsed
	}
	return cmp.Or(g.LastUsed, a.LastSignIn)
}

// idle returns for how many days something was not used before a day, and false where it never was, as far as is known.
func idle(last model.Time, day model.Date) (int, bool) {
	if last.IsZero() {
		return 0, false
	}
	return max(0, int(day)-int(last.Date())), true
}

// change adds to a proposal what makes one record of another.
func change(v estate.View, out *practice.Proposal, before, after model.Record) {
	if c, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, c)
	}
}

// problem returns what is wrong with a parameter.
func problem(field, text string, args ...any) error {
	return model.Problem{Field: field, Text: fmt.Sprintf(text, args...)}
}
