package outline

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// known is a framework that mappings may name: one of the estate, or one of the batch.
type known struct {
	ref   model.Ref
	names []string
	// requirements are its requirements by number and by identifier, in lower case.
	requirements map[string]model.Ref
}

// Settle finds the frameworks of the estate that the outlines are, and the requirements that mappings name.
func (r *reader) Settle(v estate.View, b *feed.Batch, all []feed.Settler) {
	byRef, keys := map[model.Ref]*known{}, map[string]bool{}
	var list []*known
	numbers := map[model.Ref]map[string]string{}
	var here []*model.Framework
	for f := range estate.Each[*model.Framework](v) {
		k := &known{ref: f.Ref(), names: append([]string{f.Key, f.Name, f.Identifier}, f.KnownAs...), requirements: map[string]model.Ref{}}
		byRef[f.Ref()], keys[f.Key] = k, true
		list, here = append(list, k), append(here, f)
	}
	for q := range estate.Each[*model.Requirement](v) {
		k := byRef[q.Framework]
		if k == nil {
			continue
		}
		k.add(q, q.Ref())
		if numbers[q.Framework] == nil {
			numbers[q.Framework] = map[string]string{}
		}
		numbers[q.Framework][strings.ToLower(q.Number)] = q.Key
	}
	var mappings []*mapping
	for _, one := range all {
		other, ok := one.(*reader)
		if !ok {
			continue
		}
		for _, f := range other.order {
			f.recognise(here, numbers, keys)
			k := &known{ref: f.rec.Ref(), names: []string{f.rec.Key, f.rec.Name}, requirements: map[string]model.Ref{}}
			for _, q := range f.order {
				k.add(q.rec, q.rec.Ref())
			}
			list = append(list, k)
		}
		mappings = append(mappings, other.mappings...)
	}
	for _, m := range mappings {
		m.rec.From, m.rec.Into = find(b, list, m.from), find(b, list, m.into)
	}
}

func (k *known) add(q *model.Requirement, ref model.Ref) {
	for _, name := range []string{q.Number, q.Identifier, q.Key} {
		if name != "" {
			k.requirements[strings.ToLower(name)] = ref
		}
	}
}

// recognise gives a framework and its requirements the keys of those of the estate that they are, known by the title and the numbers, or free ones.
func (f *framework) recognise(here []*model.Framework, numbers map[model.Ref]map[string]string, keys map[string]bool) {
	have := map[string]string{}
	title := keyOf(f.rec.Name, 32)
	i := slices.IndexFunc(here, func(o *model.Framework) bool { return strings.EqualFold(o.Name, f.rec.Name) })
	switch {
	case i >= 0:
		f.rec.Key, have = here[i].Key, numbers[here[i].Ref()]
	default:
		f.rec.Key = title
		for n := 2; keys[f.rec.Key]; n++ {
			f.rec.Key = fmt.Sprintf("%s-%d", title, n)
		}
	}
	f.item.Idents = []feed.Ident{feed.ByKey(f.rec.Key)}
	for _, q := range f.order {
		q.rec.Key = requirementKey(f.rec.Key, q.rec.Number)
		if key := have[strings.ToLower(q.rec.Number)]; key != "" {
			q.rec.Key = key
		}
	}
}

// find returns the requirement that one end of a mapping names. What is not found is a link that says so when the batch is reconciled.
func find(b *feed.Batch, list []*known, e end) model.Ref {
	var fits []*known
	for _, k := range list {
		if _, ok := k.requirements[strings.ToLower(e.number)]; !ok {
			continue
		}
		if e.framework == "" || slices.ContainsFunc(k.names, func(name string) bool { return squeeze(name) != "" && squeeze(name) == squeeze(e.framework) }) {
			fits = append(fits, k)
		}
	}
	if len(fits) > 1 && slices.ContainsFunc(fits[1:], func(k *known) bool {
		return k.requirements[strings.ToLower(e.number)] != fits[0].requirements[strings.ToLower(e.number)]
	}) && e.framework == "" {
		b.Refuse(e.where, "%s is a requirement of several frameworks: add a column that names the framework", kit.Short(e.number))
		return model.Ref{}
	}
	if len(fits) > 0 {
		return fits[len(fits)-1].requirements[strings.ToLower(e.number)]
	}
	return b.LinkTo(feed.Link{Kinds: []string{"Requirement"}, Text: strings.TrimPrefix(e.framework+"."+e.number, "."), Where: e.where})
}
