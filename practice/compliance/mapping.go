package compliance

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Inverse returns how the second requirement of a mapping relates to the first, where one is given of the first to the second
// (NIST IR 8477): subset and superset change places, every other relation is the same both ways.
func Inverse(r model.MappingRelation) model.MappingRelation {
	switch r {
	case model.SubsetOf:
		return model.SupersetOf
	case model.SupersetOf:
		return model.SubsetOf
	}
	return r
}

// Infer returns what follows for a requirement B from the state of a requirement A that relates to it: the only
// inferences that are allowed. A that equals B, is equivalent to it or is a superset of it and is satisfied makes B satisfied. A that is a subset
// of B or intersects with it and is satisfied makes B partly satisfied, never satisfied. Where A is partly satisfied,
// so is B where A equals it or is a part of it; the part that is met of a superset or of an intersection may lie outside of B.
// That A is not satisfied says nothing about B, and so does no relationship.
func Infer(r model.MappingRelation, a State) State {
	switch {
	case a == Satisfied && (r == model.EqualTo || r == model.EquivalentTo || r == model.SupersetOf):
		return Satisfied
	case a == Satisfied && (r == model.SubsetOf || r == model.IntersectsWith):
		return Partly
	case a == Partly && (r == model.EqualTo || r == model.EquivalentTo || r == model.SubsetOf):
		return Partly
	}
	return NotAssessed
}

// Counts reports whether something may be inferred from a mapping: drafts and what was given up do not count.
func Counts(m *model.RequirementMapping) bool {
	return m.State != "draft" && m.State != "deprecated" && m.State != "superseded"
}

// related is a requirement that another one can be inferred from.
type related struct {
	mapping *model.RequirementMapping
	// other is the requirement at the other end.
	other model.Ref
	// relation says how the other one relates to this one.
	relation model.MappingRelation
}

// MappingsIn says which two frameworks are compared.
type MappingsIn struct {
	// From is the first framework.
	From model.Ref `to:"Framework" is:"required"`
	// Into is the second framework.
	Into model.Ref `to:"Framework" is:"required"`
	// Scope is what the states are of. Unset means the company as a whole.
	Scope model.Ref `to:"ComplianceScope"`
}

// MappingsOut is a crosswalk between two frameworks.
type MappingsOut struct {
	// Mapped is how many requirements of the first framework relate to one of the second.
	Mapped practice.Figure
	// Carried is how many requirements of the second are satisfied by inference alone.
	Carried practice.Figure
	// Unmapped is how many requirements of the first have no counterpart that counts.
	Unmapped practice.Figure
	// Crosswalk has one row for each mapping, in the order of the first framework.
	Crosswalk practice.Table[Crossing]
}

// Crossing is one mapping between two requirements.
type Crossing struct {
	// Requirement is the requirement of the first framework.
	Requirement practice.Link
	// Number is what people call it.
	Number string
	// Relation says how the first relates to the second.
	Relation model.MappingRelation
	// Into is the requirement of the second framework.
	Into practice.Link
	// IntoNumber is what people call it.
	IntoNumber string
	// State is the state of the first by itself.
	State State
	// Gives is what follows for the second. Empty means that nothing does.
	Gives State
	// Rationale says what the comparison rests on.
	Rationale model.MappingRationale
	// Mapping is the record.
	Mapping practice.Link
	// Note says why the mapping does not count, where it does not.
	Note string
}

// Mappings shows the crosswalk between two frameworks, in both directions of the mappings that are there, and what
// the state of the first says about the second. Mappings are not chained: only those between the two count.
func Mappings(v estate.View, in MappingsIn) (MappingsOut, error) {
	var out MappingsOut
	s, err := scopeOf(v, in.Scope)
	if err != nil {
		return out, err
	}
	mapped, carried := map[model.Ref]bool{}, map[model.Ref]bool{}
	for _, into := range s.ix.of(in.Into) {
		for _, rel := range s.ix.related[into.Ref()] {
			from := s.ix.requirements[rel.other]
			if from == nil || from.Framework != in.From {
				continue
			}
			row := Crossing{Requirement: practice.To(from), Number: from.Number, Relation: rel.relation, Into: practice.To(into), IntoNumber: into.Number,
				State: s.direct(from).State, Rationale: rel.mapping.Rationale, Mapping: practice.To(rel.mapping)}
			switch {
			case !Counts(rel.mapping):
				row.Note = "the mapping is " + string(rel.mapping.State) + " and does not count"
			case rel.relation != model.NoRelationship:
				mapped[from.Ref()] = true
				if gives := Infer(rel.relation, row.State); gives != NotAssessed {
					row.Gives = gives
				}
				if row.Gives == Satisfied && s.direct(into).State != Satisfied {
					carried[into.Ref()] = true
				}
			}
			out.Crosswalk.Rows = append(out.Crosswalk.Rows, row)
		}
	}
	place := map[string]int{}
	var unmapped, all []practice.Link
	for i, r := range s.ix.of(in.From) {
		place[r.Key] = i
		if mapped[r.Ref()] {
			all = append(all, practice.To(r))
		} else if s.ix.counts(r) {
			unmapped = append(unmapped, practice.To(r))
		}
	}
	slices.SortStableFunc(out.Crosswalk.Rows, func(a, b Crossing) int {
		return cmp.Compare(place[a.Requirement.Key], place[b.Requirement.Key])
	})
	out.Mapped = practice.Counted("requirements", practice.Neither, all)
	out.Carried = practice.Counted("requirements", practice.Higher, s.ix.links(carried))
	out.Unmapped = practice.Counted("requirements", practice.Lower, unmapped)
	return out, nil
}
