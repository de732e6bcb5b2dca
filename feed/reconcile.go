package feed

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"

	"binnacle/estate"
	"binnacle/model"
)

// Reconcile finds out which records a batch means and what would change. It
// changes nothing. Records are known again by the identities that sources gave
// them, then by those of their fields, then by their key. A value is replaced
// by a source of a higher rank than the one that set it, by the same source,
// and among equals by the source whose key comes first, so that the order of
// imports does not matter.
func Reconcile(v estate.View, b *Batch, opt Options) *Plan {
	b = b.settled(v.Through(opt.Sight))
	r := &reconciler{
		view: v, batch: b, opt: opt, source: cmp.Or(opt.Source, b.Source.Key, "import"), byIdent: make(map[identity]*target, 3*len(b.Items)), byID: make(map[model.ID]*target, len(b.Items)),
		plan: &Plan{Kinds: map[string]Counts{}, Files: map[string]Counts{}, Contents: b.Contents, Notes: slices.Clone(b.Notes), Refused: slices.Clone(b.Refused)}, ranks: map[string]*model.Source{},
	}
	r.plan.Source = r.source
	r.look = v.Through(opt.Sight)
	r.lookUp()
	for i, item := range b.Items {
		r.place(item, &r.looked[i])
	}
	r.looked = nil
	r.targets = slices.DeleteFunc(r.targets, func(t *target) bool { return len(t.items) == 0 })
	r.refuseHidden()
	r.resolveLinks()
	for r.refuseBroken() {
	}
	r.settleAll()
	if b.Complete || opt.Complete {
		r.markStale()
	}
	r.noteSource()
	r.finish()
	return r.plan
}

type reconciler struct {
	view estate.View
	// look is what whoever imports sees of the view.
	look    estate.View
	batch   *Batch
	opt     Options
	source  string
	plan    *Plan
	targets []*target
	ofItem  []*target
	byIdent map[identity]*target
	byID    map[model.ID]*target
	links   []model.Ref
	broken  []error
	ranks   map[string]*model.Source
	looked  []looked
	names   map[string][]*target
	naming  sync.Once
}

// identity is a name that one record of a kind has.
type identity struct{ kind, name, value string }

// looked is what an item is known by, and what the estate knows by that.
type looked struct {
	kind   *model.Kind
	idents []Ident
	// known has one record for each identity, or nil.
	known []model.Record
}

// target is a record that one or several items mean.
type target struct {
	id      model.ID
	kind    *model.Kind
	before  model.Record
	items   []*Item
	sighted bool
	other   bool
	refused bool
	// hidden says that it is a record that whoever imports does not see, left that the person does not want it, and unmarked
	// that nothing but who sees it would change and that this is not allowed.
	hidden, left, unmarked bool
	reason                 []Refusal
}

// lost reports whether nothing may refer to the target.
func (t *target) lost() bool { return t.refused && (t.before == nil || t.hidden) }

// refuseHidden refuses what means records that whoever imports does not see, and tells nothing of these.
func (r *reconciler) refuseHidden() {
	if r.opt.Sight == nil {
		return
	}
	for _, t := range r.targets {
		if t.before == nil || r.opt.Sight.Sees(t.before) {
			continue
		}
		t.refused, t.hidden = true, true
		item := t.items[0]
		t.reason = append(t.reason, Refusal{Where: item.Where, Record: t.kind.Name + "/" + item.Record.Base().Key,
			Reason: "it is, by its key or by another identity, a record that you may not see: ask whoever keeps it"})
	}
}

// lookUp looks up the identities of all items in the estate.
func (r *reconciler) lookUp() {
	r.looked = make([]looked, len(r.batch.Items))
	estate.Spread(len(r.looked), func(i int) {
		item, l := r.batch.Items[i], &r.looked[i]
		l.kind = r.batch.Schema.Of(item.Record)
		l.idents = r.idents(l.kind, item)
		l.known = make([]model.Record, len(l.idents))
		for j, ident := range l.idents {
			l.known[j] = r.identify(l.kind.Name, ident)
		}
	})
}

// identify returns the record of the estate that has an identity, or nil.
func (r *reconciler) identify(kind string, i Ident) model.Record {
	if i.Name == "key" {
		return r.view.Find(kind, i.Value)
	}
	return r.view.Identify(kind, i.Name, i.Value)
}

// place finds the record that an item means.
func (r *reconciler) place(item *Item, l *looked) {
	k, idents := l.kind, l.idents
	t := r.known(k.Name, idents, l.known, item)
	for _, kind := range item.Or {
		if t != nil && t.before != nil {
			break
		}
		if o := r.known(kind, idents, nil, item); o != nil && (o.before != nil || t == nil) {
			t = o
		}
	}
	if t == nil {
		t = &target{id: r.opt.NewID(), kind: k}
		r.targets = append(r.targets, t)
		r.byID[t.id] = t
	}
	if t.before != nil || len(t.items) > 0 {
		t = r.unite(t, idents)
	}
	r.ofItem = append(r.ofItem, nil)
	r.give(t, item, idents)
}

// give makes an item one of those that mean a record.
func (r *reconciler) give(t *target, item *Item, idents []Ident) {
	_, number := standsFor(item.Record.Base().ID)
	r.ofItem[number-1] = t
	t.other = t.other || t.kind.Name != model.NameOf(item.Record)
	t.items = append(t.items, item)
	t.sighted = t.sighted || !item.Mention
	for _, i := range idents {
		name := identity{t.kind.Name, i.Name, i.Value}
		if has := r.byIdent[name]; has == nil || len(has.items) == 0 {
			r.byIdent[name] = t
		}
	}
}

// unite finds out that a record, which so far was new, is known by another
// identity too, and that several new records of the batch are one, because an
// item has identities of all of them. So the order of the items does not matter.
func (r *reconciler) unite(t *target, idents []Ident) *target {
	for _, i := range idents {
		if i.Name == "key" {
			continue
		}
		o := r.byIdent[identity{t.kind.Name, i.Name, i.Value}]
		if o == nil && t.before == nil {
			o = r.recognise(t, i)
		}
		if o == nil || o == t || o.before != nil && t.before != nil {
			continue
		}
		if o.before != nil {
			t, o = o, t
		}
		items := append(t.items, o.items...)
		slices.SortFunc(items, func(a, b *Item) int {
			x, y := a.Record.Base().ID, b.Record.Base().ID
			return slices.Compare(x[:], y[:])
		})
		delete(r.byID, o.id)
		t.items, o.items = nil, nil
		for _, item := range items {
			r.give(t, item, r.idents(r.batch.Schema.Of(item.Record), item))
		}
	}
	return t
}

// recognise makes a new record the one that the estate knows by an identity. It
// returns the target that means that one already, where there is one.
func (r *reconciler) recognise(t *target, i Ident) *target {
	rec := r.view.Identify(t.kind.Name, i.Name, i.Value)
	if rec == nil {
		return nil
	}
	if o := r.byID[rec.Base().ID]; o != nil {
		return o
	}
	delete(r.byID, t.id)
	t.id, t.before = rec.Base().ID, rec
	r.byID[t.id] = t
	return nil
}

// idents lists the identities of an item in normal form, the strongest first.
func (r *reconciler) idents(k *model.Kind, item *Item) []Ident {
	var out, keys []Ident
	for _, i := range item.Idents {
		switch i.Name {
		case "external":
			out = append(out, Ident{"external", estate.ExternalIdent(r.source, i.Value)})
		case "key":
			keys = append(keys, i)
		default:
			if n := model.NormalIdent(i.Name, i.Value); n != "" {
				out = append(out, Ident{i.Name, n})
			}
		}
	}
	for _, f := range k.IdentFields() {
		for _, value := range f.Idents(item.Record) {
			out = append(out, Ident{f.Ident, value})
		}
	}
	out = append(out, keys...)
	if key := item.Record.Base().Key; key != "" {
		out = append(out, Ident{"key", key})
	}
	return out
}

// known returns the target or the record of a kind that has one of the
// identities. Records are what the estate knows by each, where that has been looked up.
func (r *reconciler) known(kind string, idents []Ident, records []model.Record, item *Item) *target {
	for n, i := range idents {
		if t := r.byIdent[identity{kind, i.Name, i.Value}]; t != nil && (i.Name != "key" || !contradicts(t.items[0].Record, item.Record, t.kind)) {
			return t
		}
		var rec model.Record
		if records != nil {
			rec = records[n]
		} else {
			rec = r.identify(kind, i)
		}
		if rec == nil || i.Name == "key" && r.contradictsKnown(rec, item) {
			continue
		}
		if t := r.byID[rec.Base().ID]; t != nil {
			return t
		}
		t := &target{id: rec.Base().ID, kind: r.batch.Schema.Kind(kind), before: rec}
		r.targets = append(r.targets, t)
		r.byID[t.id] = t
		return t
	}
	return nil
}

// contradicts reports whether two records of one kind cannot be the same
// although they have the same key: an identity of both is set and differs.
func contradicts(a, b model.Record, k *model.Kind) bool {
	if model.NameOf(a) != model.NameOf(b) {
		return false
	}
	for _, f := range k.IdentFields() {
		x, y := f.Idents(a), f.Idents(b)
		if len(x) > 0 && len(y) > 0 && !slices.ContainsFunc(x, func(s string) bool { return slices.Contains(y, s) }) {
			return f.Ident == "serial" || f.Ident == "uuid" || f.Ident == "purl" || f.Ident == "oscal"
		}
	}
	return false
}

// contradictsKnown is contradicts for a record of the estate. What a person keys in by hand always means the record with that key.
func (r *reconciler) contradictsKnown(rec model.Record, item *Item) bool {
	if slices.ContainsFunc(item.Idents, func(i Ident) bool { return i.Name == "key" }) {
		return false
	}
	return contradicts(rec, item.Record, r.view.Schema().Of(rec))
}

// made is what a target becomes.
type made struct {
	after    model.Record
	problems []model.Problem
	change   model.Change
	differs  bool
}

// settleAll makes the changes of all targets. Where a record turns out to be
// wrong it is refused, and what refers to it is looked at again.
func (r *reconciler) settleAll() {
	notes, kept := len(r.plan.Notes), len(r.plan.Kept)
	all := r.make()
	for r.refuseWrong(all) {
		for r.refuseBroken() {
		}
		r.plan.Notes, r.plan.Kept = r.plan.Notes[:notes], r.plan.Kept[:kept]
		all = r.make()
	}
	for i, t := range r.targets {
		r.settle(t, &all[i])
	}
}

// make merges what the items say into the records that they mean, and compares and checks the result.
func (r *reconciler) make() []made {
	all := make([]made, len(r.targets))
	for i, t := range r.targets {
		if !t.refused {
			all[i].after = r.merged(t)
		}
	}
	estate.Spread(len(all), func(i int) {
		if t, m := r.targets[i], &all[i]; m.after != nil {
			m.problems = t.kind.Check(m.after)
			m.change, m.differs = model.Difference(t.kind, t.before, m.after)
			m.change.Vouch()
		}
	})
	return all
}

// refuseWrong refuses the targets that have become wrong records. It reports whether there was one.
func (r *reconciler) refuseWrong(all []made) bool {
	some := false
	for i, t := range r.targets {
		m := &all[i]
		if m.after == nil {
			continue
		}
		name := t.kind.Name + "/" + m.after.Base().Key
		if p, no := r.opt.Refuse[name]; no {
			m.problems = append(m.problems, p)
		}
		if r.opt.leaves(t.kind.Name, t.name(m)) {
			t.refused, t.left, some = true, true, true
			continue
		}
		if err := r.denied(t, m); err != nil {
			m.problems = append(m.problems, model.Problem{Text: err.Error()})
		}
		for _, p := range m.problems {
			t.refused, some = true, true
			t.reason = append(t.reason, Refusal{Where: t.items[0].Where, Record: name, Field: p.Field, Reason: p.Text})
		}
	}
	return some
}

// name returns Kind/key, with the key that the record has now, or will have.
func (t *target) name(m *made) string {
	if t.before != nil {
		return t.kind.Name + "/" + t.before.Base().Key
	}
	return t.kind.Name + "/" + m.after.Base().Key
}

// denied says why whoever imports may not make the change of a target, or nothing.
func (r *reconciler) denied(t *target, m *made) error {
	if r.opt.Allow == nil || !m.differs || t.unmarked {
		return nil
	}
	err := r.opt.Allow(&m.change)
	if err != nil && t.before != nil && r.onlySeen(t, m) {
		t.unmarked = true
		return nil
	}
	return err
}

// settle notes what becomes of one target.
func (r *reconciler) settle(t *target, m *made) {
	line := Line{Kind: t.kind.Name, Where: t.items[0].Where, Key: t.items[0].Record.Base().Key, Outcome: Unchanged, Change: m.change}
	switch {
	case t.hidden:
	case t.before != nil:
		line.Key = t.before.Base().Key
	case m.after != nil:
		line.Key = m.after.Base().Key
	}
	switch {
	case t.left:
		line.Outcome = Left
	case t.refused:
		line.Outcome = Refused
		r.plan.Refused = append(r.plan.Refused, t.reason...)
	case t.before == nil:
		line.Outcome = Created
	case m.differs && !r.onlySeen(t, m):
		line.Outcome = Edited
	case m.differs && !t.unmarked:
		r.plan.Changes = append(r.plan.Changes, m.change)
	}
	r.add(line)
}

// onlySeen reports whether all that changes is that one more source is known to
// see the record. A source that sees it again after it had lost it is news.
func (r *reconciler) onlySeen(t *target, m *made) bool {
	for _, c := range m.change.Fields {
		if f := t.kind.Field(c.Name); f == nil || !f.System {
			return false
		}
	}
	return t.before.Base().Stale().IsZero()
}

func (r *reconciler) add(line Line) {
	r.plan.Counts.count(line.Outcome)
	counts := r.plan.Kinds[line.Kind]
	counts.count(line.Outcome)
	r.plan.Kinds[line.Kind] = counts
	inFile := r.plan.Files[line.Where.File]
	inFile.count(line.Outcome)
	r.plan.Files[line.Where.File] = inFile
	if line.Outcome == Unchanged {
		return
	}
	r.plan.Lines = append(r.plan.Lines, line)
	if line.Outcome != Refused && line.Outcome != Left {
		r.plan.Changes = append(r.plan.Changes, line.Change)
	}
}

// markStale finds the records that the source saw before and does not see now.
func (r *reconciler) markStale() {
	if known, ok := r.view.Find("Source", r.source).(*model.Source); ok {
		was, is := known.Describes, r.batch.Source.Describes
		if was != "" && is != "" && was != is {
			r.plan.Notes = append(r.plan.Notes, fmt.Sprintf("the source %s was about %s before and is about %s now: nothing was made stale; give one of them a source of its own", r.source, was, is))
			return
		}
	}
	for _, k := range r.view.Schema().Kinds() {
		if k.Name == "Source" {
			continue
		}
		for rec := range r.view.All(k.Name) {
			m := rec.Base()
			i := slices.IndexFunc(m.Sightings, func(s model.Sighting) bool { return s.Source == r.source })
			if i < 0 || !m.Sightings[i].Stale.IsZero() {
				continue
			}
			if t := r.byID[m.ID]; t != nil && t.sighted {
				continue
			}
			after := model.Clone(rec)
			after.Base().Sightings = slices.Clone(m.Sightings)
			after.Base().Sightings[i].Stale = r.opt.Now
			change, _ := model.Difference(k, rec, after)
			r.addStale(Line{Outcome: Stale, Kind: k.Name, Key: m.Key, Where: Where{File: r.batch.name}, Change: change}, rec)
		}
	}
}

// addStale notes that a source no longer sees a record, as far as that is wanted and allowed.
func (r *reconciler) addStale(line Line, rec model.Record) {
	name := line.Kind + "/" + line.Key
	switch {
	case r.opt.Sight != nil && !r.opt.Sight.Sees(rec):
		return
	case r.opt.leaves(line.Kind, name):
		line.Outcome = Left
	case r.opt.Allow != nil:
		if err := r.opt.Allow(&line.Change); err != nil {
			line.Outcome = Refused
			r.plan.Refused = append(r.plan.Refused, Refusal{Where: line.Where, Record: name, Reason: err.Error()})
		}
	}
	r.add(line)
}

// compared tells the differences of one kind in the words of bills of materials:
// what is there in another version has changed, whatever else was edited.
func (r *reconciler) compared(kind string) *Compared {
	c := r.plan.Kinds[kind]
	out := &Compared{Added: c.Created, Removed: c.Stale}
	for _, l := range r.plan.Lines {
		if l.Outcome != Edited || l.Kind != kind {
			continue
		}
		if _, version := l.Change.Field("version"); version {
			out.Changed++
		} else if _, purl := l.Change.Field("package_url"); purl {
			out.Changed++
		}
	}
	return out
}

// noteSource creates or edits the record of the source. The batch may itself say
// something of that record; then both become one change.
func (r *reconciler) noteSource() {
	k := r.view.Schema().Kind("Source")
	before := r.view.Find("Source", r.source)
	at := slices.IndexFunc(r.plan.Changes, func(c model.Change) bool {
		return c.Kind == k.Name && c.Result() != nil && c.Result().Base().Key == r.source
	})
	var after *model.Source
	switch {
	case at >= 0:
		after = model.Clone(r.plan.Changes[at].Result().(*model.Source))
	case before == nil:
		after = &model.Source{Rank: r.opt.Rank}
		after.ID, after.Key, after.Name, after.Origin = r.opt.NewID(), r.source, r.batch.Source.Name, r.source
	default:
		after = model.Clone(before.(*model.Source))
	}
	b := r.batch.Source
	after.Format, after.Location, after.LastSeen = b.Format, cmp.Or(b.Location, r.batch.name), r.opt.Now
	after.Describes, after.Release, after.Serial, after.Produced = b.Describes, b.Release, b.Serial, b.Produced
	change, differs := model.Difference(k, before, after)
	switch {
	case at >= 0:
		r.plan.Changes[at] = change
	case differs:
		r.plan.Changes = append(r.plan.Changes, change)
	}
}

// finish counts what the readers of the format refused, and puts definitions first.
func (r *reconciler) finish() {
	for _, refused := range r.batch.Refused {
		r.plan.Counts.Refused++
		inFile := r.plan.Files[refused.Where.File]
		inFile.Refused++
		r.plan.Files[refused.Where.File] = inFile
	}
	if kind := r.batch.Compare; kind != "" {
		r.plan.Compared = r.compared(kind)
	}
	first := func(c model.Change) int {
		return max(slices.Index([]string{"FieldDefinition", "KindDefinition"}, c.Kind), -1)
	}
	slices.SortStableFunc(r.plan.Changes, func(a, b model.Change) int { return cmp.Compare(first(b), first(a)) })
	if len(r.plan.Kinds) == 0 {
		r.plan.Kinds = nil
	}
	r.plan.Contents = maps.Clone(r.plan.Contents)
}
