package feed

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// resolveLinks finds the record that each link names, in the batch first.
func (r *reconciler) resolveLinks() {
	r.links, r.broken = make([]model.Ref, len(r.batch.Links)), make([]error, len(r.batch.Links))
	estate.Spread(len(r.links), func(i int) { r.links[i], r.broken[i] = r.resolve(r.batch.Links[i]) })
	for i, l := range r.batch.Links {
		if r.broken[i] != nil && l.Optional {
			r.plan.Notes = append(r.plan.Notes, fmt.Sprintf("%s: %v: the link was left out", l.Where, r.broken[i]))
			r.broken[i] = nil
		}
	}
}

func (r *reconciler) resolve(l *Link) (model.Ref, error) {
	text := strings.TrimSpace(l.Text)
	kinds := l.Kinds
	if len(kinds) == 0 {
		for _, k := range r.batch.Schema.Kinds() {
			kinds = append(kinds, k.Name)
		}
	}
	if kind, key, ok := strings.Cut(text, "/"); ok {
		if k := r.batch.Schema.Kind(kind); k != nil && slices.Contains(kinds, k.Name) {
			if t := r.byIdent[identity{k.Name, "key", key}]; t != nil {
				return model.Ref(t.id), nil
			}
		}
	}
	if found := r.keyed(kinds, text); len(found) == 1 {
		return found[0], nil
	} else if len(found) > 1 {
		return model.Ref{}, fmt.Errorf("%q could be %s: write which one", text, strings.Join(r.titles(found), " or "))
	}
	ref, err := r.look.Resolve(l.Kinds, text)
	if err == nil {
		return ref, nil
	}
	switch named := r.named(kinds, text); len(named) {
	case 0:
		return ref, err
	case 1:
		return model.Ref(named[0].id), nil
	default:
		var refs []model.Ref
		for _, t := range named {
			refs = append(refs, model.Ref(t.id))
		}
		return model.Ref{}, fmt.Errorf("%q could be %s: write which one", text, strings.Join(r.titles(refs), " or "))
	}
}

// keyed returns the records of some kinds that have a key, in the batch and in the estate.
func (r *reconciler) keyed(kinds []string, key string) []model.Ref {
	var out []model.Ref
	for _, kind := range kinds {
		ref := model.Ref{}
		if t := r.byIdent[identity{kind, "key", key}]; t != nil {
			ref = model.Ref(t.id)
		} else if rec := r.look.Find(kind, key); rec != nil {
			ref = rec.Base().Ref()
		}
		if !ref.IsZero() && !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

// titles writes what people call some records of the batch or the estate.
func (r *reconciler) titles(refs []model.Ref) []string {
	var out []string
	for _, ref := range refs {
		if t := r.byID[model.ID(ref)]; t != nil && t.before == nil {
			out = append(out, t.kind.Name+"/"+t.items[0].Record.Base().Key)
		} else if kind, key, ok := r.look.NameOf(ref); ok {
			out = append(out, kind+"/"+key)
		}
	}
	return out
}

// named returns the targets of some kinds that have a name.
func (r *reconciler) named(kinds []string, name string) []*target {
	r.naming.Do(func() {
		r.names = map[string][]*target{}
		for _, t := range r.targets {
			for _, item := range t.items {
				if n := strings.ToLower(item.Record.Base().Name); n != "" && !slices.Contains(r.names[n], t) {
					r.names[n] = append(r.names[n], t)
				}
			}
		}
	})
	var out []*target
	for _, t := range r.names[strings.ToLower(name)] {
		if slices.Contains(kinds, t.kind.Name) {
			out = append(out, t)
		}
	}
	return out
}

// refuseBroken refuses the targets whose refs lead nowhere. It reports whether
// it refused one, because others may refer to that one.
func (r *reconciler) refuseBroken() bool {
	some := false
	for _, t := range r.targets {
		if t.refused {
			continue
		}
		for _, item := range t.items {
			if model.NameOf(item.Record) != t.kind.Name {
				continue
			}
			for _, f := range t.kind.RefFields() {
				for _, ref := range f.AppendRefs(nil, item.Record) {
					why, unresolved := r.brokenRef(f, ref)
					if why == "" {
						continue
					}
					t.refused, some = true, true
					t.reason = append(t.reason, Refusal{
						Where: item.Where, Record: t.kind.Name + "/" + item.Record.Base().Key, Field: f.Path(), Reason: why, unresolved: unresolved,
					})
				}
			}
		}
	}
	return some
}

// brokenRef says why a provisional ref cannot be followed, or nothing.
func (r *reconciler) brokenRef(f *model.Field, ref model.Ref) (why string, unresolved bool) {
	mark, n := standsFor(model.ID(ref))
	switch {
	case mark == linkMark && r.broken[n-1] != nil:
		return r.broken[n-1].Error(), true
	case mark == linkMark:
		if t := r.byID[model.ID(r.links[n-1])]; t != nil && t.lost() && (!r.batch.Links[n-1].Optional || f.Required) {
			return fmt.Sprintf("%s %q was refused itself", t.kind.Label, r.batch.Links[n-1].Text), true
		}
	case mark == itemMark:
		if t := r.ofItem[n-1]; t.lost() && f.Required {
			return fmt.Sprintf("the %s that it belongs to was refused itself", strings.ToLower(t.kind.Label)), true
		}
	}
	return "", false
}

// final turns a provisional ref into the ref that is stored.
func (r *reconciler) final(f *model.Field, ref model.Ref) model.Ref {
	mark, n := standsFor(model.ID(ref))
	switch mark {
	case linkMark:
		ref = r.links[n-1]
		if t := r.byID[model.ID(ref)]; t != nil && t.lost() {
			return model.Ref{}
		}
	case itemMark:
		t := r.ofItem[n-1]
		if t.lost() || len(f.To) > 0 && !slices.Contains(f.To, t.kind.Name) {
			return model.Ref{}
		}
		ref = model.Ref(t.id)
	}
	return ref
}
