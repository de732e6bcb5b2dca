package security

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// inUse reports whether what holds components counts as work to be done: it is not past its life, and a release
// counts from the day on which it was delivered to its last day. A release without a day is only kept to be compared.
func inUse(v estate.View, holder model.Record) bool {
	r, ok := holder.(*model.Release)
	if !ok {
		return !practice.Gone(holder, v.At())
	}
	if of := v.Get(r.Of); of != nil && practice.Gone(of, v.At()) {
		return false
	}
	return !r.Released.IsZero() && r.Released <= v.At() && (r.Ended.IsZero() || v.At() <= r.Ended)
}

// productOf returns what a thing stands for towards the business: a release stands for what it is a release of.
func productOf(v estate.View, holder model.Record) model.Record {
	if r, ok := holder.(*model.Release); ok {
		if of := v.Get(r.Of); of != nil {
			return of
		}
	}
	return holder
}

// answersFor returns who answers for a thing, or for what it is a release of.
func answersFor(v estate.View, holder model.Record) practice.Link {
	if owner := practice.OwnerOf(v, holder); !owner.IsZero() {
		return owner
	}
	return practice.OwnerOf(v, productOf(v, holder))
}

// componentsOf returns the components of one bill of materials that its source still sees, by key.
func componentsOf(v estate.View, holder model.Ref) []*model.Component {
	var out []*model.Component
	for e := range v.In(holder) {
		if c, ok := e.Record.(*model.Component); ok && e.Field.Name == "application" && c.Stale().IsZero() {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b *model.Component) int { return strings.Compare(a.Key, b.Key) })
	return slices.CompactFunc(out, func(a, b *model.Component) bool { return a.ID == b.ID })
}

// worstFindingsFirst puts the worst first and leaves equal ones in order.
func worstFindingsFirst(list []practice.Finding) {
	slices.SortStableFunc(list, func(a, b practice.Finding) int { return cmp.Compare(b.Severity.Weight(), a.Severity.Weight()) })
}
