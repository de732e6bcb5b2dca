package risk

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// words writes the value of an enum for a sentence.
func words[E ~string](value E) string { return strings.ReplaceAll(string(value), "_", " ") }

// sortRows sorts rows by a number, lowest first, and leaves equal ones in order.
func sortRows[R any, N cmp.Ordered](rows []R, by func(R) N) {
	slices.SortStableFunc(rows, func(a, b R) int { return cmp.Compare(by(a), by(b)) })
}

// riskOf returns the risk that a parameter names.
func riskOf(v estate.View, ref model.Ref) (*model.Risk, error) {
	r, ok := estate.Look[*model.Risk](v, ref)
	if !ok {
		return nil, model.Problem{Field: "risk", Text: "there is no such risk"}
	}
	return r, nil
}

// proposal makes a proposal of one record that is created or changed.
func proposal(v estate.View, before, after model.Record, why string) practice.Proposal {
	out := practice.Proposal{Why: why}
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
	return out
}

// linksOf returns links to the risks of a list.
func linksOf(list []*assessed) []practice.Link {
	out := make([]practice.Link, len(list))
	for i, x := range list {
		out[i] = practice.To(x.risk)
	}
	return out
}

// uncounted returns the risks of a list that cannot be counted in money.
func uncounted(list []*assessed) []practice.Link {
	var out []practice.Link
	for _, x := range list {
		if x.model == nil {
			out = append(out, practice.To(x.risk))
		}
	}
	return out
}
