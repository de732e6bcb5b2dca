package estate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"binnacle/model"
	"binnacle/model/modeltest"
)

// entry is what a history remembers of one entry: its changes as the journal
// keeps them, the records that the company has after it, and the snapshot that the estate made.
type entry struct {
	stamp   model.Stamp
	changes []model.Change
	records map[model.ID]model.Record
	bodies  map[model.ID]string
	snap    *Snapshot
}

// history is a company that changes at random. Its records are kept in a plain
// map, which says what every snapshot must hold.
type history struct {
	ids     int
	records map[model.ID]model.Record
	entries []*entry
}

func newHistory() *history {
	h := &history{records: map[model.ID]model.Record{}}
	h.entries = []*entry{{snap: Empty(), records: map[model.ID]model.Record{}}}
	return h
}

func (h *history) last() *entry { return h.entries[len(h.entries)-1] }

func (h *history) snap() *Snapshot { return h.last().snap }

func (h *history) newID() model.ID {
	h.ids++
	return model.ID{0: 1, 6: 0x70, 13: byte(h.ids >> 16), 14: byte(h.ids >> 8), 15: byte(h.ids)}
}

// sorted lists the records of some kinds, so that draws do not depend on the order of the map.
func (h *history) sorted(kinds ...string) []model.Record {
	var out []model.Record
	for _, rec := range h.records {
		if len(kinds) == 0 || slices.Contains(kinds, model.NameOf(rec)) {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b model.Record) int {
		ai, bi := a.Base().ID, b.Base().ID
		return slices.Compare(ai[:], bi[:])
	})
	return out
}

func (h *history) refs(kinds []string) []model.Ref {
	var out []model.Ref
	for _, rec := range h.sorted(kinds...) {
		out = append(out, rec.Base().Ref())
	}
	return out
}

var plainKinds = []string{"Application", "Host", "Service", "Site", "Interface", "Team", "NetworkDevice", "Technology"}

// step changes the company in one entry and takes the estate along.
func (h *history) step(t *rapid.T) {
	before, schema := maps.Clone(h.records), h.snap().schema
	for range rapid.IntRange(1, 4).Draw(t, "deeds") {
		switch all := h.sorted(); rapid.IntRange(0, 12).Draw(t, "deed") {
		case 0, 1, 2, 3:
			h.create(t, schema)
		case 4, 5, 6:
			if len(all) > 0 {
				h.edit(t, schema, rapid.SampledFrom(all).Draw(t, "which"))
			}
		case 7:
			if len(all) > 0 {
				h.remove(schema, rapid.SampledFrom(all).Draw(t, "which"))
			}
		case 8:
			h.define(t)
		case 9:
			h.swapKeys(t)
		case 10:
			h.define(t)
		case 11, 12:
			h.toggle(t, schema)
		}
	}
	h.commit(t, before, schema)
}

func (h *history) create(t *rapid.T, schema *model.Schema) {
	kinds := plainKinds
	defined := slices.ContainsFunc(h.sorted("KindDefinition"), func(r model.Record) bool { return r.Base().Key == "Vessel" })
	if schema.Kind("Vessel") != nil && defined {
		kinds = append(slices.Clone(kinds), "Vessel", "Vessel")
	}
	k := schema.Kind(rapid.SampledFrom(kinds).Draw(t, "kind"))
	rec := modeltest.Record(k, h.refs).Draw(t, "record")
	rec.Base().ID = h.newID()
	rec.Base().Key = fmt.Sprintf("%s-%d", strings.ToLower(k.Name[:1]), h.ids)
	h.onlyOwnIdents(k, rec)
	h.records[rec.Base().ID] = rec
}

// onlyOwnIdents keeps identities unique, as the store does.
func (h *history) onlyOwnIdents(k *model.Kind, rec model.Record) {
	for _, f := range k.Fields {
		mayIdentify := f.Ident != "" || f.Name == "berth" && f.Type == model.TextField
		if mayIdentify && f.Has(rec) {
			value := fmt.Sprintf("%012x", h.ids*97+len(h.entries))
			if f.Type == model.TextsField {
				f.Set(rec, []string{value})
			} else {
				f.Set(rec, value)
			}
		}
	}
	rec.Base().Sightings = nil
	if h.ids%3 == 0 {
		rec.Base().Sightings = []model.Sighting{{Source: "scan", External: fmt.Sprint("x", h.ids, "-", len(h.entries))}}
	}
}

func (h *history) edit(t *rapid.T, schema *model.Schema, rec model.Record) {
	k := schema.Of(rec)
	if k == nil || k.Group == "Binnacle" {
		return
	}
	h.ids++
	other, after := modeltest.Record(k, h.refs).Draw(t, "values"), model.Clone(rec)
	for _, f := range rapid.SliceOfN(rapid.SampledFrom(k.Fields), 1, 5).Draw(t, "fields") {
		if f.Name == "key" {
			after.Base().Key = fmt.Sprintf("renamed-%d", h.ids)
		} else if !f.System {
			f.Set(after, f.Get(other))
		}
	}
	h.onlyOwnIdents(k, after)
	h.records[rec.Base().ID] = after
}

// remove takes a record away and clears what points to it.
func (h *history) remove(schema *model.Schema, rec model.Record) {
	if d, ok := rec.(*model.KindDefinition); ok {
		for _, other := range h.sorted() {
			if model.NameOf(other) == d.Key || model.NameOf(other) == "FieldDefinition" && other.(*model.FieldDefinition).Kind == d.Key {
				h.remove(schema, other)
			}
		}
	}
	gone := rec.Base().Ref()
	delete(h.records, rec.Base().ID)
	for _, holder := range h.sorted() {
		k := schema.Of(holder)
		if k == nil {
			continue
		}
		if !slices.ContainsFunc(k.RefFields(), func(f *model.Field) bool { return slices.Contains(f.AppendRefs(nil, holder), gone) }) {
			continue
		}
		after := model.Clone(holder)
		for _, f := range k.Fields {
			f.MapRefs(after, func(_ *model.Field, r model.Ref) model.Ref {
				if r == gone {
					return model.Ref{}
				}
				return r
			})
		}
		h.records[holder.Base().ID] = after
	}
}

// define adds, changes or takes away a kind or a field of the organisation's own.
func (h *history) define(t *rapid.T) {
	what := rapid.SampledFrom([]string{"Vessel", "Host.berth", "Application.escort", "Vessel.berth", "Vessel.escort"}).Draw(t, "definition")
	var there model.Record
	for _, rec := range h.sorted("KindDefinition", "FieldDefinition") {
		if rec.Base().Key == what {
			there = rec
		}
	}
	kind, field, isField := strings.Cut(what, ".")
	if !isField {
		if there == nil {
			h.put(&model.KindDefinition{Meta: model.Meta{Key: what}})
		}
		return
	}
	known := slices.ContainsFunc(h.sorted("KindDefinition"), func(r model.Record) bool { return r.Base().Key == kind }) || kind != "Vessel"
	if !known {
		return
	}
	d := &model.FieldDefinition{Kind: kind, Field: field, Type: "text", Ident: rapid.SampledFrom([]string{"", "berth"}).Draw(t, "ident")}
	if rapid.Bool().Draw(t, "number") {
		d.Type, d.Ident = "integer", ""
	}
	if field == "escort" {
		d.Type, d.Ident, d.To, d.Flow = "refs", "", []string{"Host", "Application"}, model.DefinableFlow(rapid.SampledFrom([]string{"needs", "serves"}).Draw(t, "flow"))
	}
	d.Key = what
	switch {
	case there == nil:
		h.put(d)
	case rapid.Bool().Draw(t, "take away"):
		delete(h.records, there.Base().ID)
	default:
		d.ID, d.Version, d.Created, d.Changed = there.Base().ID, there.Base().Version, there.Base().Created, there.Base().Changed
		h.records[d.ID] = d
	}
}

func (h *history) put(rec model.Record) {
	rec.Base().ID = h.newID()
	h.records[rec.Base().ID] = rec
}

// swapKeys gives two records of a kind each the key of the other.
func (h *history) swapKeys(t *rapid.T) {
	all := h.sorted(rapid.SampledFrom(plainKinds).Draw(t, "kind"))
	if len(all) < 2 {
		return
	}
	a, b := model.Clone(all[0]), model.Clone(all[1])
	a.Base().Key, b.Base().Key = b.Base().Key, a.Base().Key
	h.records[a.Base().ID], h.records[b.Base().ID] = a, b
}

// toggle changes a field on which the flow along another depends, or gives and takes values of the organisation's fields.
func (h *history) toggle(t *rapid.T, schema *model.Schema) {
	all := h.sorted("Interface", "Host", "Vessel", "Application")
	if len(all) == 0 {
		return
	}
	rec := model.Clone(rapid.SampledFrom(all).Draw(t, "which"))
	h.ids++
	if i, ok := rec.(*model.Interface); ok {
		i.Critical = !i.Critical
	}
	if k := schema.Of(rec); k != nil {
		if f := k.Field("berth"); f != nil && f.Type == model.TextField {
			f.Set(rec, fmt.Sprintf("berth-%d", h.ids))
		}
		if f := k.Field("escort"); f != nil {
			f.Set(rec, h.refs(f.To))
		}
	}
	h.records[rec.Base().ID] = rec
}

// found founds the company: one record of each sort that the laws are hardest for.
func (h *history) found(t *rapid.T) {
	before, schema := maps.Clone(h.records), h.snap().schema
	app := &model.Application{Meta: model.Meta{Key: "shop"}}
	h.put(app)
	for _, key := range []string{"web-1", "web-2"} {
		h.put(&model.Host{Meta: model.Meta{Key: key}})
	}
	h.put(&model.Interface{Meta: model.Meta{Key: "orders"}, From: app.Ref(), Into: app.Ref()})
	h.put(&model.KindDefinition{Meta: model.Meta{Key: "Vessel"}})
	h.put(&model.FieldDefinition{Meta: model.Meta{Key: "Vessel.escort"}, Kind: "Vessel", Field: "escort", Type: "refs", To: []string{"Host", "Vessel"}, Flow: "needs"})
	h.put(&model.FieldDefinition{Meta: model.Meta{Key: "Host.berth"}, Kind: "Host", Field: "berth", Type: "text"})
	h.commit(t, before, schema)
}

// commit makes the changes between two states of the company and applies them.
func (h *history) commit(t *rapid.T, before map[model.ID]model.Record, schema *model.Schema) {
	grown, errs := model.Builtin().With(definitions(h.records))
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	stamp := model.Stamp{Seq: uint64(len(h.entries)), At: model.Time(1000 * len(h.entries))}
	var changes []model.Change
	for id := range merged(before, h.records) {
		was, is := before[id], h.records[id]
		one, k := is, grown
		if is == nil {
			one = was
		}
		if k.Of(one) == nil {
			k = schema
		}
		if c, differs := model.Difference(k.Of(one), was, is); differs {
			changes = append(changes, c)
		} else if is != nil {
			h.records[id] = was
		}
	}
	slices.SortFunc(changes, func(a, b model.Change) int {
		return cmp.Or(cmp.Compare(turn(a), turn(b)), slices.Compare(a.ID[:], b.ID[:]))
	})
	if len(changes) == 0 {
		return
	}
	next, err := h.snap().Apply(stamp, changes)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		if rec := h.records[c.ID]; rec != nil {
			rec = model.Clone(rec)
			m := rec.Base()
			m.Version, m.Changed = c.Version+1, stamp
			if c.Op == model.Create {
				m.Created = stamp
			}
			h.records[c.ID] = rec
		}
	}
	e := &entry{stamp: stamp, changes: kept(t, changes), records: maps.Clone(h.records), snap: next}
	e.bodies = bodiesOf(next.schema, e.records)
	h.entries = append(h.entries, e)
}

// definitions returns the definitions of kinds and fields among some records.
func definitions(records map[model.ID]model.Record) (kinds []*model.KindDefinition, fields []*model.FieldDefinition) {
	for _, rec := range records {
		switch d := rec.(type) {
		case *model.KindDefinition:
			kinds = append(kinds, d)
		case *model.FieldDefinition:
			fields = append(fields, d)
		}
	}
	return kinds, fields
}

func merged(a, b map[model.ID]model.Record) map[model.ID]model.Record {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// kept returns changes as they are after the journal kept them.
func kept(t rapid.TB, changes []model.Change) []model.Change {
	text, err := json.Marshal(changes)
	if err != nil {
		t.Fatal(err)
	}
	var out []model.Change
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func bodiesOf(schema *model.Schema, records map[model.ID]model.Record) map[model.ID]string {
	out := map[model.ID]string{}
	for id, rec := range records {
		m := rec.Base()
		out[id] = fmt.Sprintf("%s v%d %v %v %s", model.NameOf(rec), m.Version, m.Created, m.Changed, schema.Of(rec).Encode(rec))
	}
	return out
}

// check fails where a snapshot does not hold exactly the records of an entry.
func (e *entry) check(t rapid.TB, what string, s *Snapshot) {
	t.Helper()
	if s.Len() != len(e.records) || s.Stamp() != e.stamp {
		t.Fatalf("%s: %d records at %v, want %d at %v", what, s.Len(), s.Stamp(), len(e.records), e.stamp)
	}
	if got := model.Builtin().RefFields(); s.schema.RefFields() < got {
		t.Fatalf("%s: the schema lost ref fields", what)
	}
	counts := map[string]int{}
	wantOut, wantIn := map[string]bool{}, map[string]bool{}
	for id, rec := range e.records {
		k := s.schema.Of(rec)
		if k == nil {
			t.Fatalf("%s: the kind of %s/%s is not known", what, model.NameOf(rec), rec.Base().Key)
		}
		counts[k.Name]++
		for _, found := range []model.Record{s.Get(model.Ref(id)), s.Find(k.Name, rec.Base().Key)} {
			if found == nil || found.Base().ID != id {
				t.Fatalf("%s: %s/%s is not found", what, k.Name, rec.Base().Key)
			}
		}
		for _, i := range identsOf(k, rec) {
			if found := s.Identify(k.Name, i.name, i.value); found == nil || found.Base().ID != id {
				t.Fatalf("%s: %s/%s is not known by %s %q", what, k.Name, rec.Base().Key, i.name, i.value)
			}
		}
		for _, f := range k.RefFields() {
			for _, r := range f.AppendRefs(nil, rec) {
				if e.records[model.ID(r)] != nil {
					line := fmt.Sprintf("%s -%d-> %s", id, f.NumberIn(rec), r)
					wantOut[line], wantIn[line] = true, true
				}
			}
		}
	}
	e.checkEdges(t, what, s, wantOut, wantIn)
	for _, k := range s.schema.Kinds() {
		if got := s.View(0).Count(k.Name); got != counts[k.Name] {
			t.Fatalf("%s: %d records of %s, want %d", what, got, k.Name, counts[k.Name])
		}
		keys := []string{}
		for rec := range s.View(0).All(k.Name) {
			keys = append(keys, rec.Base().Key)
		}
		if len(keys) != counts[k.Name] || !slices.IsSorted(keys) {
			t.Fatalf("%s: the list of %s is %v, want %d in order", what, k.Name, keys, counts[k.Name])
		}
	}
	now := map[model.ID]model.Record{}
	for slot := range s.nodes.n {
		if rec := s.nodes.at(slot).rec; rec != nil {
			now[rec.Base().ID] = rec
		}
	}
	for id, body := range bodiesOf(s.schema, now) {
		if e.bodies != nil && body != e.bodies[id] {
			t.Fatalf("%s: a record is\n%s\nwant\n%s", what, body, e.bodies[id])
		}
	}
	if s.Find("Host", "nobody") != nil || s.Identify("Host", "serial", "NOTHING") != nil || s.Get(model.Ref{1: 9}) != nil {
		t.Fatalf("%s: something was found that is not there", what)
	}
}

func (e *entry) checkEdges(t rapid.TB, what string, s *Snapshot, wantOut, wantIn map[string]bool) {
	t.Helper()
	once := func(want map[string]bool, line string) {
		if !want[line] {
			t.Fatalf("%s: the edge %s is twice there or should not be", what, line)
		}
		delete(want, line)
	}
	for slot := range s.nodes.n {
		n := s.nodes.at(slot)
		if n.rec == nil {
			if len(n.in)+len(n.out) > 0 {
				t.Fatalf("%s: an empty slot has edges", what)
			}
			continue
		}
		for _, to := range n.out {
			once(wantOut, fmt.Sprintf("%s -%d-> %s", n.rec.Base().ID, to.field, s.nodes.at(to.slot).rec.Base().ID))
		}
		for _, from := range n.in {
			once(wantIn, fmt.Sprintf("%s -%d-> %s", s.nodes.at(from.slot).rec.Base().ID, from.field, n.rec.Base().ID))
		}
	}
	if len(wantOut)+len(wantIn) > 0 {
		t.Fatalf("%s: edges are missing: %v %v", what, wantOut, wantIn)
	}
}

func TestEveryWayToAStateIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		if rapid.Bool().Draw(t, "founded") {
			h.found(t)
		}
		for range rapid.IntRange(1, 10).Draw(t, "entries") {
			h.step(t)
			h.last().check(t, "live", h.snap())
		}
		replayed := Empty()
		for _, e := range h.entries[1:] {
			next, err := replayed.Apply(e.stamp, e.changes)
			if err != nil {
				t.Fatal(err)
			}
			replayed = next
			e.check(t, "replayed", replayed)
		}
		for _, pair := range [][2]*Snapshot{{h.snap(), replayed}, {replayed, h.snap()}} {
			if d := Differences(pair[0], pair[1]); len(d) > 0 {
				t.Fatalf("live and replayed differ: %+v", d)
			}
		}
		h.checkLoad(t)
		h.checkRewind(t)
		for i, e := range h.entries {
			e.check(t, fmt.Sprintf("entry %d, looked at again", i), e.snap)
		}
	})
}

// checkLoad loads the records of the last entry as a start does.
func (h *history) checkLoad(t *rapid.T) {
	e := h.last()
	inOrder := slices.Concat(h.sorted("KindDefinition"), h.sorted("FieldDefinition"))
	for _, rec := range h.sorted() {
		if model.NameOf(rec) != "KindDefinition" && model.NameOf(rec) != "FieldDefinition" {
			inOrder = append(inOrder, rec)
		}
	}
	loaded, err := Load(e.stamp, func(yield func(model.Record) bool) {
		schema := e.snap.schema
		for _, rec := range inOrder {
			decoded, err := schema.Of(rec).Decode(schema.Of(rec).Encode(rec))
			if err != nil {
				t.Fatal(err)
			}
			from, to := rec.Base(), decoded.Base()
			to.ID, to.Version, to.Created, to.Changed = from.ID, from.Version, from.Created, from.Changed
			if !yield(decoded) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	e.check(t, "loaded", loaded)
}

// checkRewind goes back entry by entry from the end, and compares snapshots across.
func (h *history) checkRewind(t *rapid.T) {
	past := h.snap()
	for i := len(h.entries) - 1; i > 0; i-- {
		before := h.entries[i-1]
		next, err := past.Rewind(before.stamp, h.entries[i].changes)
		if err != nil {
			t.Fatal(err)
		}
		past = next
		before.check(t, fmt.Sprintf("rewound to %d", i-1), past)
		if d := Differences(before.snap, past); len(d) > 0 {
			t.Fatalf("rewound to %d: %+v", i-1, d)
		}
	}
}

func TestDifferencesLeadFromOneSnapshotToAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		if rapid.Bool().Draw(t, "founded") {
			h.found(t)
		}
		for range rapid.IntRange(2, 8).Draw(t, "entries") {
			h.step(t)
		}
		from := rapid.SampledFrom(h.entries).Draw(t, "from")
		to := rapid.SampledFrom(h.entries).Draw(t, "to")
		got, err := from.snap.Apply(to.stamp, kept(t, Differences(from.snap, to.snap)))
		if err != nil {
			t.Fatal(err)
		}
		if d := Differences(got, to.snap); len(d) > 0 {
			t.Fatalf("after the differences there are still %+v", d)
		}
	})
}

func TestAFailedEntryLeavesNoTrace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := newHistory()
		for range rapid.IntRange(1, 6).Draw(t, "entries") {
			h.step(t)
		}
		e := h.last()
		bad := []model.Change{
			{Op: model.Create, Kind: "Site", ID: h.newID(), Fields: []model.FieldChange{{Name: "key", After: json.RawMessage(`"new"`)}}},
			{Op: model.Edit, Kind: "Site", ID: model.ID{1: 99}},
		}
		if _, err := e.snap.Apply(model.Stamp{Seq: 99}, bad); err == nil {
			t.Fatal("an edit of nothing was applied")
		}
		e.check(t, "after a failure", e.snap)
	})
}

func TestChangesThatCannotBe(t *testing.T) {
	site := func(id byte, key string) model.Change {
		c, _ := model.Difference(model.Builtin().Kind("Site"), nil, &model.Site{Meta: model.Meta{ID: model.ID{15: id}, Key: key}})
		return c
	}
	base, err := Empty().Apply(model.Stamp{Seq: 1}, []model.Change{site(1, "hq"), site(2, "lab")})
	if err != nil {
		t.Fatal(err)
	}
	rename := model.Change{Op: model.Edit, Kind: "Site", ID: model.ID{15: 1}, Version: 1, Fields: []model.FieldChange{{Name: "key", Before: []byte(`"hq"`), After: []byte(`"lab"`)}}}
	old := rename
	old.Version = 7
	for name, changes := range map[string][]model.Change{
		"a key that is taken":           {site(3, "hq")},
		"a key that is taken by rename": {rename},
		"two new records of one key":    {site(3, "new"), site(4, "new")},
		"an id that is taken":           {site(1, "other")},
		"no id":                         {site(0, "other")},
		"another version":               {old},
		"an unknown kind":               {{Op: model.Create, Kind: "Vessel", ID: model.ID{15: 9}}},
		"a kind by its plural":          {{Op: model.Create, Kind: "sites", ID: model.ID{15: 9}}},
		"a removal of nothing":          {{Op: model.Remove, Kind: "Site", ID: model.ID{15: 9}}},
		"a broken value":                {{Op: model.Create, Kind: "Site", ID: model.ID{15: 9}, Fields: []model.FieldChange{{Name: "latitude", After: []byte(`"x"`)}}}},
	} {
		if _, err := base.Apply(model.Stamp{Seq: 2}, changes); err == nil {
			t.Errorf("%s was applied", name)
		}
	}
}

// TestAListMadeOnAnEmptyEstateGrows asks for lists before the first record comes.
func TestAListMadeOnAnEmptyEstateGrows(t *testing.T) {
	empty := Empty()
	for range empty.View(0).All("Site") {
		t.Fatal("an empty estate has a site")
	}
	empty.View(0).Search("hq", 1)
	c, _ := model.Difference(model.Builtin().Kind("Site"), nil, &model.Site{Meta: model.Meta{ID: model.ID{15: 1}, Key: "hq"}})
	s, err := empty.Apply(model.Stamp{Seq: 1}, []model.Change{c})
	if err != nil {
		t.Fatal(err)
	}
	if page, err := s.View(0).List(Query{Kind: "Site"}); err != nil || len(page.Records) != 1 || page.Total != 1 {
		t.Errorf("the list has %d of %d sites (%v), want 1", len(page.Records), page.Total, err)
	}
	if hits := s.View(0).Search("hq", 1); len(hits) != 1 {
		t.Errorf("a search finds %d sites, want 1", len(hits))
	}
}

func TestErasedKeysOfThePastDoNotCollide(t *testing.T) {
	k := model.Builtin().Kind("Person")
	erased := func(id byte) model.Change {
		return model.Change{Op: model.Create, Kind: k.Name, ID: model.ID{15: id}, Fields: []model.FieldChange{{Name: "key", Erased: true}}}
	}
	s, err := Empty().Apply(model.Stamp{Seq: 1}, []model.Change{erased(1), erased(2)})
	if err != nil {
		t.Fatal(err)
	}
	if s.Find("Person", model.ErasedKey(model.ID{15: 1})) == nil {
		t.Error("a person whose key was erased is not found by the key that stands for it")
	}
	if body := k.Encode(s.Get(model.Ref{15: 2})); !bytes.Contains(body, []byte("erased-")) {
		t.Errorf("the person is kept as %s", body)
	}
}
