package compliance

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// index is what the questions about frameworks need, as a view sees it, found once.
type index struct {
	requirements map[model.Ref]*model.Requirement
	// parts are the requirements below each requirement, and roots those of each framework without a parent, in the order of the document.
	parts, roots map[model.Ref][]*model.Requirement
	// ordered are all requirements of each framework in the order of the document, each before its parts.
	ordered map[model.Ref][]*model.Requirement
	// met are the controls that meet each requirement.
	met map[model.Ref][]met
	// related are the requirements that each requirement can be compared with.
	related map[model.Ref][]related
	// findings are those that name each requirement or control.
	findings map[model.Ref][]*model.Finding
	// exceptions are those from each record.
	exceptions map[model.Ref][]*model.Exception
}

// met is a control that meets a requirement.
type met struct {
	control *model.Control
	says    *model.Satisfaction
}

func indexOf(v estate.View) *index {
	type key struct{ name string }
	return v.Memo(key{"compliance"}, func() any { return newIndex(v) }).(*index)
}

func newIndex(v estate.View) *index {
	ix := &index{requirements: map[model.Ref]*model.Requirement{}, parts: map[model.Ref][]*model.Requirement{}, roots: map[model.Ref][]*model.Requirement{}, ordered: map[model.Ref][]*model.Requirement{},
		met: map[model.Ref][]met{}, related: map[model.Ref][]related{}, findings: map[model.Ref][]*model.Finding{}, exceptions: map[model.Ref][]*model.Exception{}}
	ix.tree(v)
	for c := range estate.Each[*model.Control](v) {
		for i := range c.Satisfies {
			says := &c.Satisfies[i]
			ix.met[says.Requirement] = append(ix.met[says.Requirement], met{c, says})
		}
	}
	for m := range estate.Each[*model.RequirementMapping](v) {
		ix.related[m.Into] = append(ix.related[m.Into], related{m, m.From, m.Relation})
		ix.related[m.From] = append(ix.related[m.From], related{m, m.Into, Inverse(m.Relation)})
	}
	for f := range estate.Each[*model.Finding](v) {
		for _, ref := range slices.Concat(f.Requirements, f.Controls) {
			ix.findings[ref] = append(ix.findings[ref], f)
		}
	}
	for e := range estate.Each[*model.Exception](v) {
		for _, ref := range e.From {
			ix.exceptions[ref] = append(ix.exceptions[ref], e)
		}
	}
	return ix
}

// tree puts the requirements in the order of their documents.
func (ix *index) tree(v estate.View) {
	for r := range estate.Each[*model.Requirement](v) {
		ix.requirements[r.Ref()] = r
	}
	for r := range estate.Each[*model.Requirement](v) {
		if parent := ix.requirements[r.Parent]; parent != nil && parent.Framework == r.Framework && parent != r {
			ix.parts[r.Parent] = append(ix.parts[r.Parent], r)
		} else {
			ix.roots[r.Framework] = append(ix.roots[r.Framework], r)
		}
	}
	inOrder := func(a, b *model.Requirement) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Key, b.Key))
	}
	for _, lists := range []map[model.Ref][]*model.Requirement{ix.parts, ix.roots} {
		for _, list := range lists {
			slices.SortFunc(list, inOrder)
		}
	}
	for framework, roots := range ix.roots {
		var out []*model.Requirement
		var walk func(list []*model.Requirement)
		walk = func(list []*model.Requirement) {
			for _, r := range list {
				out = append(out, r)
				walk(ix.parts[r.Ref()])
			}
		}
		walk(roots)
		ix.ordered[framework] = out
	}
}

// of returns the requirements of a framework in the order of its document.
func (ix *index) of(framework model.Ref) []*model.Requirement { return ix.ordered[framework] }

// counts reports whether a requirement asks for something: groups only gather others, and what was withdrawn is not asked for any more.
func (ix *index) counts(r *model.Requirement) bool {
	return r.Type != model.RequirementGroup && !r.Withdrawn
}

// above returns a requirement and all that it is part of, the nearest first. A circle of parents ends.
func (ix *index) above(r *model.Requirement) []*model.Requirement {
	var out []*model.Requirement
	for r != nil && !slices.Contains(out, r) {
		out = append(out, r)
		r = ix.requirements[r.Parent]
	}
	return out
}

// group returns the topmost group that a requirement belongs to, or the requirement itself where there is none.
func (ix *index) group(r *model.Requirement) *model.Requirement {
	all := ix.above(r)
	return all[len(all)-1]
}

// links returns links to requirements, by key.
func (ix *index) links(set map[model.Ref]bool) []practice.Link {
	var out []practice.Link
	for ref := range set {
		if r := ix.requirements[ref]; r != nil {
			out = append(out, practice.To(r))
		}
	}
	slices.SortFunc(out, func(a, b practice.Link) int { return cmp.Compare(a.Key, b.Key) })
	return out
}

// label names a requirement as people do: by its number and its title.
func label(r *model.Requirement) string {
	if r.Number != "" && r.Name != "" && r.Number != r.Name {
		return r.Number + " " + r.Name
	}
	return cmp.Or(r.Number, r.Title())
}
