package estate

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"binnacle/model"
)

// View is what every question is asked of: a snapshot, perhaps under a
// scenario, at a date, through somebody's permissions. It is a value: copy it freely.
type View struct {
	snap     *Snapshot
	at       model.Date
	scenario string
	sight    Sight
	facts    any
}

// View returns a view of the snapshot at a date, which may lie in the past or the future.
func (s *Snapshot) View(at model.Date) View { return View{snap: s, at: at} }

// At returns the date that plans and support dates are looked at.
func (v View) At() model.Date { return v.at }

// On returns the same view at another date.
func (v View) On(at model.Date) View { v.at = at; return v }

// Under returns the same view, named after the scenario that its snapshot is under.
func (v View) Under(scenario string) View { v.scenario = scenario; return v }

// Sight decides what somebody may see of the estate.
type Sight interface {
	// Sees reports whether a record may be seen.
	Sees(rec model.Record) bool
	// SeesAll reports whether every record of a kind may be seen, apart perhaps from confidential ones, and whether these may be too.
	// It lets a view count without looking at each record.
	SeesAll(kind string) (open, confidential bool)
}

// Closed is a sight that can say that nothing of a kind is ever in it.
type Closed interface {
	Sight
	// SeesNone reports whether no record of a kind may be seen, whatever it says.
	SeesNone(kind string) bool
}

// Closed reports whether whoever looks may see no record of a kind, so that none being there says nothing.
func (v View) Closed(kind string) bool {
	c, ok := v.sight.(Closed)
	return ok && c.SeesNone(kind)
}

// Named is a sight that has a name: two of the same name see alike on the same
// snapshot. What was sorted and counted for one then serves the other.
type Named interface {
	Sight
	// Name returns the name.
	Name() string
}

// SightFunc is a sight that looks at each record.
type SightFunc func(rec model.Record) bool

// Sees reports whether a record may be seen.
func (f SightFunc) Sees(rec model.Record) bool { return f(rec) }

// SeesAll promises nothing about whole kinds.
func (f SightFunc) SeesAll(string) (open, confidential bool) { return false, false }

// Through returns the same view, limited to the records that somebody may see.
// Records out of sight are as if they were not there. A nil sight sees everything.
func (v View) Through(s Sight) View { v.sight = s; return v }

// With returns the same view together with the bulk lines that questions may
// read. The estate knows nothing about them: what is put in comes out of [View.Facts].
func (v View) With(facts any) View { v.facts = facts; return v }

// Facts returns what was put beside the view by [View.With], or nil.
func (v View) Facts() any { return v.facts }

// Memo returns what make returns, and remembers it for as long as the snapshot
// lives, apart for each sight that has a name. For a sight without one it is made
// every time. What is made must follow from the snapshot, the sight and the key alone, and is shared: nobody may write to it.
func (v View) Memo(key any, make func() any) any {
	type memo struct{ sight, scenario, key any }
	switch s := v.sight.(type) {
	case nil:
		return v.snap.Memo(memo{nil, v.scenario, key}, make)
	case Named:
		return v.snap.Memo(memo{s.Name(), v.scenario, key}, make)
	}
	return make()
}

// Scenario returns the name of the scenario, or nothing.
func (v View) Scenario() string { return v.scenario }

// Snapshot returns what the view looks at.
func (v View) Snapshot() *Snapshot { return v.snap }

// Schema returns the kinds of the estate.
func (v View) Schema() *model.Schema { return v.snap.schema }

// Stamp returns the entry that the view is the state after.
func (v View) Stamp() model.Stamp { return v.snap.stamp }

func (v View) sees(rec model.Record) bool { return rec != nil && (v.sight == nil || v.sight.Sees(rec)) }

// Get returns the record that a ref points to, or nil.
func (v View) Get(ref model.Ref) model.Record {
	if rec := v.snap.Get(ref); v.sees(rec) {
		return rec
	}
	return nil
}

// Find returns the record of a kind with a key, or nil. The kind is its exact name.
func (v View) Find(kind, key string) model.Record {
	if rec := v.snap.Find(kind, key); v.sees(rec) {
		return rec
	}
	return nil
}

// Identify returns the record of a kind that has an identity, or nil. See [Snapshot.Identify].
func (v View) Identify(kind, name, value string) model.Record {
	if rec := v.snap.Identify(kind, name, value); v.sees(rec) {
		return rec
	}
	return nil
}

// All yields the records of a kind by key. The kind is its exact name.
func (v View) All(kind string) iter.Seq[model.Record] {
	return func(yield func(model.Record) bool) {
		c, err := v.compile(Query{Kind: kind})
		if err != nil {
			return
		}
		for rec := range v.inOrder(c, v.snap.order(c), "") {
			if !yield(rec) {
				return
			}
		}
	}
}

// Each yields the records of one Go type by key: Each[*model.Host](v).
func Each[R model.Record](v View) iter.Seq[R] {
	var zero R
	kind := v.Schema().Of(zero)
	return func(yield func(R) bool) {
		for rec := range v.All(kind.Name) {
			if !yield(rec.(R)) {
				return
			}
		}
	}
}

// Look returns the record of one Go type that a ref points to, or nil.
func Look[R model.Record](v View, ref model.Ref) (R, bool) {
	rec, ok := v.Get(ref).(R)
	return rec, ok
}

// whole reports whether every record of a kind is in sight.
func (v View) whole(kind string) bool {
	if v.sight == nil {
		return true
	}
	open, confidential := v.sight.SeesAll(kind)
	set := v.snap.kinds[kind]
	return open && (confidential || set == nil || set.confidential == 0)
}

// Count returns how many records of a kind there are.
func (v View) Count(kind string) int {
	set := v.snap.kinds[kind]
	if set == nil {
		return 0
	}
	if v.whole(kind) {
		return set.live
	}
	n := 0
	for rec := range v.snap.each(kind) {
		if v.sees(rec) {
			n++
		}
	}
	return n
}

// NameOf returns the kind and the key of a record, or false where there is none.
func (v View) NameOf(ref model.Ref) (kind, key string, ok bool) {
	rec := v.Get(ref)
	if rec == nil {
		return "", "", false
	}
	return model.NameOf(rec), rec.Base().Key, true
}

// Resolve returns a ref to the record of one of the kinds that a text names: by
// Kind/key, by key, by id, or by its exact name where only one record has it.
func (v View) Resolve(kinds []string, text string) (model.Ref, error) {
	text = strings.TrimSpace(text)
	if len(text) == 36 {
		if id, err := model.ParseID(text); err == nil {
			if rec := v.Get(model.Ref(id)); rec != nil && allowed(kinds, rec) {
				return model.Ref(id), nil
			}
		}
	}
	if kind, key, ok := strings.Cut(text, "/"); ok {
		if k := v.Schema().Kind(kind); k != nil {
			if rec := v.Find(k.Name, key); rec != nil && allowed(kinds, rec) {
				return rec.Base().Ref(), nil
			}
		}
	}
	var found []model.Record
	for _, k := range v.Schema().Kinds() {
		if len(kinds) > 0 && !slices.Contains(kinds, k.Name) {
			continue
		}
		if rec := v.Find(k.Name, text); rec != nil {
			found = append(found, rec)
		}
	}
	if len(found) == 0 {
		found = v.named(kinds, text)
	}
	switch len(found) {
	case 1:
		return found[0].Base().Ref(), nil
	case 0:
		return model.Ref{}, NotFound{Kinds: kinds, Text: text}
	}
	var names []string
	for _, rec := range found {
		names = append(names, model.NameOf(rec)+"/"+rec.Base().Key)
	}
	return model.Ref{}, fmt.Errorf("%q could be %s: write which one", text, strings.Join(names, " or "))
}

// NotFound says that a text names no record.
type NotFound struct {
	// Kinds are the kinds that were looked at. None means all.
	Kinds []string
	// Text is what was looked for.
	Text string
}

// Error says what was looked for.
func (n NotFound) Error() string {
	if len(n.Kinds) == 0 {
		return fmt.Sprintf("there is no record %q", n.Text)
	}
	return fmt.Sprintf("there is no %s %q", strings.Join(n.Kinds, " or "), n.Text)
}

func allowed(kinds []string, rec model.Record) bool {
	return len(kinds) == 0 || slices.Contains(kinds, model.NameOf(rec))
}

// byName finds records by their exact name in lower case.
type byName map[string][]model.Ref

// named returns the records that have a name.
func (v View) named(kinds []string, name string) []model.Record {
	type key struct{ names string }
	index := v.snap.Memo(key{"names"}, func() any {
		out := byName{}
		for i := range v.snap.nodes.n {
			if rec := v.snap.nodes.at(i).rec; rec != nil && rec.Base().Name != "" {
				n := strings.ToLower(rec.Base().Name)
				out[n] = append(out[n], rec.Base().Ref())
			}
		}
		return out
	}).(byName)
	var out []model.Record
	for _, r := range index[strings.ToLower(name)] {
		if rec := v.Get(r); rec != nil && allowed(kinds, rec) {
			out = append(out, rec)
		}
	}
	return out
}

// Edge is a ref as the graph has it.
type Edge struct {
	// Field is the field that holds the ref.
	Field *model.Field
	// Record is what is at the other end.
	Record model.Record
}

// Out yields the refs that a record holds, and what they point to.
func (v View) Out(ref model.Ref) iter.Seq[Edge] {
	return v.edges(ref, func(n *node) []edge { return n.out })
}

// In yields the refs that point to a record, and what holds them.
func (v View) In(ref model.Ref) iter.Seq[Edge] {
	return v.edges(ref, func(n *node) []edge { return n.in })
}

func (v View) edges(ref model.Ref, side func(*node) []edge) iter.Seq[Edge] {
	return func(yield func(Edge) bool) {
		slot, ok := v.snap.slotOf(model.ID(ref))
		if !ok || !v.sees(v.snap.nodes.at(slot).rec) {
			return
		}
		for _, e := range side(v.snap.nodes.at(slot)) {
			rec := v.snap.nodes.at(e.slot).rec
			if v.sees(rec) && !yield(Edge{v.snap.schema.RefField(e.field), rec}) {
				return
			}
		}
	}
}
