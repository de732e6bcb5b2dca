package feed

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/model"
)

// merged returns the record that a target becomes.
func (r *reconciler) merged(t *target) model.Record {
	var rec model.Record
	if t.before == nil {
		rec = t.kind.New()
		rec.Base().ID, rec.Base().Origin = t.id, r.source
	} else {
		rec = model.Clone(t.before)
	}
	m := rec.Base()
	set := map[string]bool{}
	for _, item := range t.items {
		if t.before == nil && len(t.items) == 1 && !t.other {
			rec = r.fresh(t, item)
			m = rec.Base()
			break
		}
		if item.Mention && (t.before != nil || t.sighted) || t.other && model.NameOf(item.Record) != t.kind.Name {
			continue
		}
		r.fill(t, rec, item, set)
	}
	if t.sighted {
		m.Sightings = r.sight(m.Sightings, t)
	}
	if t.before == nil {
		m.Key = r.freeKey(t, m.Key)
	}
	noteVersion(t.before, rec, r.opt.Now)
	return rec
}

// noteVersion notes since when a component is there in its version, which clocks of vulnerabilities start from.
func noteVersion(before, after model.Record, now model.Time) {
	was, known := before.(*model.Component)
	if c, ok := after.(*model.Component); ok && known && was.Version != c.Version {
		c.VersionSince = now
	}
}

// fresh returns the record that a single item creates.
func (r *reconciler) fresh(t *target, item *Item) model.Record {
	rec := model.Clone(item.Record)
	m := rec.Base()
	m.ID, m.Origin, m.Origins, m.Sightings = t.id, r.source, nil, nil
	r.mapRefs(t.kind, rec)
	for _, f := range t.kind.IdentFields() {
		r.dropTaken(t, f, rec, item.Where)
	}
	return rec
}

// mapRefs turns the provisional refs of a record into those that are stored.
func (r *reconciler) mapRefs(k *model.Kind, rec model.Record) {
	for _, f := range k.RefFields() {
		if f.Parent != nil {
			f = f.Parent
		}
		f.MapRefs(rec, r.final)
	}
}

// fill puts the values of an item into a record, as far as their rank allows.
func (r *reconciler) fill(t *target, rec model.Record, item *Item, set map[string]bool) {
	mapped := model.Clone(item.Record)
	r.mapRefs(t.kind, mapped)
	for _, f := range t.kind.Fields {
		clear := slices.Contains(item.Clear, f.Name)
		if f.System || !clear && !f.Has(mapped) {
			continue
		}
		if set[f.Name] {
			r.noteTwice(t, f, rec, mapped, item)
			continue
		}
		if f.Name == "key" && !r.mayRename(t, rec, mapped.Base().Key) {
			continue
		}
		if f.Ident != "" && !clear {
			if r.dropTaken(t, f, mapped, item.Where); !f.Has(mapped) {
				continue
			}
		}
		if t.before != nil && !r.mayWrite(t, rec, f, mapped, item) {
			continue
		}
		set[f.Name] = true
		if clear {
			f.Set(rec, nil)
		} else {
			f.Set(rec, f.Get(mapped))
		}
		// Who says the same as a source that counts less is who said it, whoever came first.
		if t.before == nil || string(f.JSON(rec)) != string(f.JSON(t.before)) || r.outranks(t.kind, f.Name, rec.Base().OriginOf(f.Name)) {
			rec.Base().SetOrigin(f.Name, r.source)
		}
	}
}

// mayRename reports whether an item may give a record another key: only a source
// that counts more than the one that gave the key may, and only a free key.
func (r *reconciler) mayRename(t *target, rec model.Record, key string) bool {
	m := rec.Base()
	if t.before == nil || m.Key == "" {
		return true
	}
	return key != m.Key && r.outranks(t.kind, "key", m.OriginOf("key")) &&
		r.view.Find(t.kind.Name, key) == nil && r.byIdent[identity{t.kind.Name, "key", key}] == t
}

// mayWrite reports whether the rank of the source allows it to replace a value.
func (r *reconciler) mayWrite(t *target, rec model.Record, f *model.Field, mapped model.Record, item *Item) bool {
	origin := rec.Base().OriginOf(f.Name)
	if item.Finishes && origin != model.PersonSource {
		return true
	}
	if r.opt.Overwrite || !f.Has(rec) && origin != model.PersonSource || origin == r.source || string(f.JSON(rec)) == string(f.JSON(mapped)) {
		return true
	}
	if !f.Has(rec) && !slices.ContainsFunc(rec.Base().Origins, func(o model.FieldOrigin) bool { return o.Field == f.Name }) {
		return true
	}
	if r.outranks(t.kind, f.Name, origin) {
		return true
	}
	r.plan.Kept = append(r.plan.Kept, Refusal{
		Where: item.Where, Record: t.kind.Name + "/" + rec.Base().Key, Field: f.Name,
		Reason: fmt.Sprintf("kept %q, which %s set, and not %q", f.Text(rec, r.look), cmp.Or(origin, "somebody"), f.Text(mapped, r.look)),
	})
	return false
}

// outranks reports whether the source counts more than another for a field: its
// rank is higher, or the rank is the same and its key comes first.
func (r *reconciler) outranks(k *model.Kind, field, other string) bool {
	mine, theirs := r.rank(r.source, k, field), r.rank(other, k, field)
	return mine > theirs || mine == theirs && r.source < other
}

// rank returns the rank of a source for a field.
func (r *reconciler) rank(source string, k *model.Kind, field string) int {
	if source == model.PersonSource {
		return 100
	}
	src, ok := r.ranks[source]
	if !ok {
		src, _ = r.view.Find("Source", source).(*model.Source)
		if src == nil && source == r.source {
			src = &model.Source{Rank: r.opt.Rank}
		}
		r.ranks[source] = src
	}
	if src == nil {
		return 50
	}
	for _, p := range src.Precedence {
		if p.Field == field || p.Field == k.Name+"."+field {
			return p.Rank
		}
	}
	return cmp.Or(src.Rank, 50)
}

// dropTaken takes identities out of an item that another record has already.
func (r *reconciler) dropTaken(t *target, f *model.Field, mapped model.Record, where Where) {
	taken := func(value string) bool {
		n := model.NormalIdent(f.Ident, value)
		if n == "" {
			return false
		}
		other := r.view.Identify(t.kind.Name, f.Ident, n)
		mine := r.byIdent[identity{t.kind.Name, f.Ident, n}]
		if (other == nil || other.Base().ID == t.id) && (mine == nil || mine == t) {
			return false
		}
		r.plan.Notes = append(r.plan.Notes, fmt.Sprintf("%s: %s %s was left out of %s/%s: another %s has it", where, f.Label, value, t.kind.Name, mapped.Base().Key, strings.ToLower(t.kind.Label)))
		return true
	}
	switch v := f.Get(mapped).(type) {
	case string:
		if taken(v) {
			f.Set(mapped, nil)
		}
	case []string:
		f.Set(mapped, slices.DeleteFunc(slices.Clone(v), taken))
	}
}

// sight notes that the source sees the record.
func (r *reconciler) sight(sightings []model.Sighting, t *target) []model.Sighting {
	external := ""
	for _, item := range t.items {
		for _, i := range item.Idents {
			if i.Name == "external" && (external == "" || i.Value < external) {
				external = i.Value
			}
		}
	}
	out := slices.DeleteFunc(slices.Clone(sightings), func(s model.Sighting) bool { return s.Source == r.source })
	out = append(out, model.Sighting{Source: r.source, External: external})
	slices.SortFunc(out, func(a, b model.Sighting) int { return cmp.Compare(a.Source, b.Source) })
	return out
}

// freeKey returns the key of a new record, with a number behind it where another record has it.
func (r *reconciler) freeKey(t *target, key string) string {
	taken := func(key string) bool {
		if r.view.Find(t.kind.Name, key) != nil {
			return true
		}
		other := r.byIdent[identity{t.kind.Name, "key", key}]
		return other != nil && other != t && !other.refused
	}
	free := key
	for n := 2; key != "" && taken(free); n++ {
		free = fmt.Sprintf("%s-%d", key, n)
	}
	if free != key {
		r.byIdent[identity{t.kind.Name, "key", free}] = t
	}
	return free
}

// noteTwice tells that the content has a record twice and says two things of it, of which the first is taken.
func (r *reconciler) noteTwice(t *target, f *model.Field, rec, mapped model.Record, item *Item) {
	if string(f.JSON(rec)) == string(f.JSON(mapped)) {
		return
	}
	r.plan.Notes = append(r.plan.Notes, fmt.Sprintf("%s: this is the same %s as at %s: %s %q was left out, because %q stands there",
		item.Where, strings.ToLower(t.kind.Label), t.items[0].Where, f.Name, f.Text(mapped, r.look), f.Text(rec, r.look)))
}
