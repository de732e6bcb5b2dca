package oscal

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/feed"
	"binnacle/feed/internal/kit"
	"binnacle/model"
)

// rowDraft is something that names requirements of a framework which is known by addresses alone.
type rowDraft struct {
	addresses []string
	ids       []string
	where     feed.Where
	// make says that requirements that are not here are created with their number alone.
	make bool
	// put takes the refs, one for each identifier; those that were not found are zero. Found takes the framework or baseline itself. Either may be nil.
	put   func(refs []model.Ref)
	found func(p *place)
}

// importDraft is a ref to another document of the same chain, such as from results to their plan.
type importDraft struct {
	addresses []string
	model     model.OscalModel
	where     feed.Where
	put       func(about model.Ref, audit bool)
}

// settling is what is known while a batch is finished.
type settling struct {
	view   estate.View
	batch  *feed.Batch
	docs   []*document
	places []*place
	// of gives the identifier of every requirement of the places.
	of map[model.Ref]string
	// keys are the keys of frameworks that are taken.
	keys map[string]bool
	// told are the notes that were made.
	told map[string]bool
}

// Settle finds out, when the estate is known, which frameworks, baselines and documents the documents refer to.
func (d *document) Settle(v estate.View, b *feed.Batch, all []feed.Settler) {
	s := &settling{view: v, batch: b, of: map[model.Ref]string{}, keys: map[string]bool{}, told: map[string]bool{}}
	for _, one := range all {
		if doc, ok := one.(*document); ok {
			s.docs = append(s.docs, doc)
		}
	}
	s.recogniseOwn()
	s.frameworks()
	s.baselines()
	s.documents()
	s.observations()
	for _, doc := range s.docs {
		for _, row := range doc.rows {
			s.row(doc, row)
		}
	}
}

func (s *settling) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if !s.told[text] {
		s.told[text] = true
		s.batch.Note("%s", text)
	}
}

// ownKinds are the kinds whose records have identifiers that follow from the record where they have none of their own.
var ownKinds = []string{"Control", "ControlTest", "Observation", "Finding", "Risk", "PlanItem", "ComplianceScope", "Audit"}

// recogniseOwn knows the records again that Binnacle wrote with identifiers that follow from the records.
func (s *settling) recogniseOwn() {
	items := map[string][]*feed.Item{}
	for _, item := range s.batch.Items {
		if f := s.batch.Schema.Of(item.Record).Field("identifier"); f != nil && f.Ident == "oscal" {
			if id, _ := f.Get(item.Record).(string); id != "" {
				name := model.NameOf(item.Record) + " " + strings.ToLower(id)
				items[name] = append(items[name], item)
			}
		}
	}
	for _, kind := range ownKinds {
		for rec := range s.view.All(kind) {
			id := model.OscalIdentifier("", kind, rec.Base().ID)
			for _, item := range items[kind+" "+id] {
				item.Idents = append(slices.DeleteFunc(item.Idents, func(i feed.Ident) bool { return i.Name == "key" }), feed.ByKey(rec.Base().Key))
			}
		}
	}
}

// frameworks finds out which frameworks of the estate those of the batch are, and gives their requirements keys.
func (s *settling) frameworks() {
	known := map[model.Ref]*place{}
	var here []*model.Framework
	for f := range estate.Each[*model.Framework](s.view) {
		p := &place{ref: f.Ref(), title: f.Name, names: append([]string{f.Identifier, f.Link}, f.KnownAs...), placeholder: f.Placeholder}
		known[f.Ref()], here = p, append(here, f)
		s.keys[f.Key] = true
		s.places = append(s.places, p)
	}
	keys := map[model.Ref]map[string]string{}
	for r := range estate.Each[*model.Requirement](s.view) {
		p := known[r.Framework]
		if p == nil || r.Identifier == "" {
			continue
		}
		p.add(r.Identifier, requirement{ref: r.Ref(), up: r.Parent, group: r.Type == model.RequirementGroup, inactive: r.Withdrawn})
		s.of[r.Ref()] = r.Identifier
		if keys[r.Framework] == nil {
			keys[r.Framework] = map[string]string{}
		}
		keys[r.Framework][r.Identifier] = r.Key
	}
	drafts := map[string]string{}
	for _, doc := range s.docs {
		if doc.framework == nil {
			continue
		}
		rec := doc.framework.item.Record.(*model.Framework)
		was := s.recognise(rec, doc.framework, here, known)
		p := &place{title: rec.Name, names: append([]string{rec.Identifier, rec.Link}, rec.KnownAs...), ref: rec.Ref()}
		for _, l := range doc.body.Get("metadata").List("links") {
			p.resolved = p.resolved || l.String("rel") == "source-profile"
		}
		s.place(doc, p, was, drafts, keys)
		if was != nil {
			s.places = slices.DeleteFunc(s.places, func(o *place) bool { return o == known[was.Ref()] })
		}
		s.places = append(s.places, p)
	}
}

// recognise returns the framework of the estate that a catalogue is: that with its identifier, or with its title and edition, or a placeholder for it.
func (s *settling) recognise(rec *model.Framework, draft *frameworkDraft, here []*model.Framework, known map[model.Ref]*place) *model.Framework {
	if f, ok := s.view.Identify("Framework", "oscal", rec.Identifier).(*model.Framework); ok && rec.Identifier != "" {
		return f
	}
	var holder, before *model.Framework
	for _, f := range here {
		switch {
		case !f.Placeholder && f.Name == rec.Name && f.Edition == rec.Edition:
			return f
		case !f.Placeholder && f.Name == rec.Name && f.Published < rec.Published && (before == nil || before.Published < f.Published):
			before = f
		case f.Placeholder && (holder == nil || f.Key < holder.Key) && draft.fits(rec, known[f.Ref()]):
			holder = f
		}
	}
	if before != nil {
		rec.Replaces = before.Ref()
	}
	return holder
}

// fits reports whether a placeholder stands for the framework: it is called so, and the framework has all of its requirements.
func (f *frameworkDraft) fits(rec *model.Framework, p *place) bool {
	for _, id := range p.order {
		if f.requirements[id] == nil {
			return false
		}
	}
	for _, a := range rec.KnownAs {
		for _, b := range p.names {
			if b != "" && (alike(a, b) > 0 || kin(a, b)) {
				return true
			}
		}
	}
	return slices.Contains(p.names, rec.Identifier) && rec.Identifier != ""
}

// place gives a framework of the batch and its requirements their keys, and notes what refers to them need.
func (s *settling) place(doc *document, p *place, was *model.Framework, drafts map[string]string, keys map[model.Ref]map[string]string) {
	draft := doc.framework
	rec := draft.item.Record.(*model.Framework)
	title := keyOf(shortTitle(doc.title), 32)
	have := map[string]string{}
	external := draft.item.Idents[0]
	twin := drafts[cmp.Or(rec.Identifier, external.Value)]
	draft.item.Clear = nil
	switch {
	case was != nil:
		rec.Key, have = was.Key, keys[was.Ref()]
		draft.item.Idents = []feed.Ident{external, feed.ByKey(was.Key)}
		if was.Placeholder {
			draft.item.Clear = []string{"placeholder"}
			rec.KnownAs = union(rec.KnownAs, was.KnownAs)
		}
	case twin != "":
		rec.Key = twin
	default:
		rec.Key = title
		for n := 1; s.keys[rec.Key] || rec.Key == ""; n++ {
			rec.Key = cmp.Or(title, "framework") + "-" + cmp.Or(keyOf(doc.edition, 16), "2")
			if n > 1 {
				rec.Key += fmt.Sprintf("-%d", n)
			}
		}
	}
	s.keys[rec.Key] = true
	drafts[cmp.Or(rec.Identifier, external.Value)] = rec.Key
	for _, r := range draft.order {
		r.rec.Key = cmp.Or(have[r.id], requirementKey(rec.Key, r.id))
		p.add(r.id, requirement{ref: r.rec.Ref(), up: r.rec.Parent, group: r.rec.Type == model.RequirementGroup, inactive: r.rec.Withdrawn})
		s.of[r.rec.Ref()] = r.id
	}
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, text := range b {
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// baselines finds out what the baselines of the batch choose, and those of the estate that wait for a framework of the batch or choose from one that is read again.
func (s *settling) baselines() {
	var waiting []*place
	batch := map[string]bool{}
	for _, doc := range s.docs {
		if doc.baseline == nil {
			continue
		}
		rec := doc.baseline.rec
		p := &place{ref: rec.Ref(), title: rec.Name, names: append([]string{rec.Identifier}, rec.KnownAs...), baseline: rec}
		doc.baseline.item.Clear = nil
		batch[rec.Identifier] = true
		waiting = append(waiting, p)
	}
	items := map[*model.Baseline]*feed.Item{}
	for _, doc := range s.docs {
		if doc.baseline != nil {
			items[doc.baseline.rec] = doc.baseline.item
		}
	}
	fresh := slices.ContainsFunc(s.docs, func(d *document) bool { return d.framework != nil || d.baseline != nil })
	for b := range estate.Each[*model.Baseline](s.view) {
		if b.Identifier != "" && batch[b.Identifier] {
			continue
		}
		p := &place{ref: b.Ref(), title: b.Name, names: append([]string{b.Identifier}, b.KnownAs...), baseline: b}
		if len(b.Choices) == 0 || !fresh {
			s.choiceOf(p, b.Includes)
			s.places = append(s.places, p)
			continue
		}
		p.baseline = model.Clone(b)
		p.baseline.Choices = slices.Clone(b.Choices)
		waiting = append(waiting, p)
	}
	s.places = append(s.places, waiting...)
	done := map[*place]bool{}
	for _, p := range waiting {
		s.resolve(p, done, 0)
	}
	for _, p := range waiting {
		if item := items[p.baseline]; item != nil {
			if len(p.baseline.Unresolved) == 0 {
				item.Clear = []string{"unresolved"}
			}
			continue
		}
		s.amend(p)
	}
}

// choiceOf makes what a baseline includes the requirements of its place.
func (s *settling) choiceOf(p *place, includes []model.Ref) {
	p.order, p.requirements = nil, nil
	for _, ref := range includes {
		id, ok := s.of[ref]
		if !ok {
			continue
		}
		for _, o := range s.places {
			if r, ok := o.requirements[id]; ok && o.baseline == nil && r.ref == ref {
				p.add(id, r)
				break
			}
		}
	}
}

// mostProfiles is how many profiles may choose from each other in a row.
const mostProfiles = 20

// resolve finds out what a baseline includes, those that it chooses from first.
func (s *settling) resolve(p *place, done map[*place]bool, depth int) {
	if done[p] || depth > mostProfiles {
		return
	}
	done[p] = true
	b := p.baseline
	b.Includes, b.Frameworks, b.Unresolved = nil, nil, nil
	for from := 0; from < len(b.Choices); {
		to := from + 1
		for to < len(b.Choices) && b.Choices[to].Source == b.Choices[from].Source {
			to++
		}
		s.resolveSource(p, b.Choices[from:to], done, depth)
		from = to
	}
	s.choiceOf(p, b.Includes)
}

func (s *settling) resolveSource(p *place, rules []model.BaselineChoice, done map[*place]bool, depth int) {
	b := p.baseline
	var ids []string
	for _, rule := range rules {
		ids = append(ids, strings.Fields(rule.Identifiers)...)
	}
	others := slices.DeleteFunc(slices.Clone(s.places), func(o *place) bool { return o == p || o.placeholder })
	from, guessed := find(others, strings.Fields(rules[0].Source), ids)
	for i := range rules {
		rules[i].From = model.Ref{}
		if from != nil {
			rules[i].From = from.ref
		}
	}
	if from == nil {
		for _, rule := range rules {
			if !rule.Leaves {
				b.Unresolved = append(b.Unresolved, strings.Fields(rule.Identifiers)...)
			}
		}
		s.note("%s chooses from %s, which is not here: import that, and what it includes will be found out.", p.title, called(strings.Fields(rules[0].Source)))
		return
	}
	if guessed {
		s.note("%s chooses from %s. That is taken to be %s, the only framework here that has all of its requirements.", p.title, called(strings.Fields(rules[0].Source)), from.title)
	}
	if from.baseline != nil {
		s.resolve(from, done, depth+1)
		for _, ref := range from.baseline.Frameworks {
			b.Frameworks = addRef(b.Frameworks, ref, model.Ref{})
		}
	} else {
		b.Frameworks = addRef(b.Frameworks, from.ref, model.Ref{})
	}
	in, missing := from.choose(rules)
	seen := map[model.Ref]bool{}
	for _, ref := range b.Includes {
		seen[ref] = true
	}
	for _, ref := range in {
		if !seen[ref] {
			seen[ref] = true
			b.Includes = append(b.Includes, ref)
		}
	}
	b.Unresolved = append(b.Unresolved, missing...)
	if len(missing) > 0 {
		s.note("%s names %d requirements that %s does not have: %s.", p.title, len(missing), from.title, some(missing))
	}
}

// called returns how to call a document in a message: the name of its file where it has one.
func called(addresses []string) string {
	name := ""
	for _, a := range addresses {
		name = path.Base(strings.ReplaceAll(a, `\`, "/"))
	}
	return kit.Short(name)
}

// amend proposes what has changed in a baseline of the estate because its framework has come or changed.
func (s *settling) amend(p *place) {
	rec := &model.Baseline{Meta: model.Meta{Key: p.baseline.Key}, Includes: p.baseline.Includes, Frameworks: p.baseline.Frameworks, Unresolved: p.baseline.Unresolved, Choices: p.baseline.Choices}
	if len(rec.Includes) == 0 {
		return
	}
	item := &feed.Item{Record: rec, Idents: []feed.Ident{feed.External(line(p.baseline.Name + "|" + p.baseline.Edition)), feed.ByKey(rec.Key)}, Finishes: true, Where: s.docs[0].at(nil, "")}
	if len(rec.Unresolved) == 0 {
		item.Clear = []string{"unresolved"}
	}
	s.batch.AddItem(item)
}

// documents finds out which documents others refer to.
func (s *settling) documents() {
	type chained struct {
		rec   *model.OscalDocument
		names []string
	}
	var all []chained
	for _, doc := range s.docs {
		rec := doc.record.Record.(*model.OscalDocument)
		all = append(all, chained{rec, append([]string{rec.Identifier}, rec.KnownAs...)})
	}
	for rec := range estate.Each[*model.OscalDocument](s.view) {
		all = append(all, chained{rec, append([]string{rec.Identifier}, rec.KnownAs...)})
	}
	for _, doc := range s.docs {
		for _, want := range doc.imports {
			best, about := 0, model.Ref{}
			for _, other := range all {
				if other.rec.Model != want.model || other.rec.About.IsZero() {
					continue
				}
				for _, a := range want.addresses {
					for _, n := range other.names {
						if score := alike(a, n); score > best {
							best, about = score, other.rec.About
						}
					}
				}
			}
			if best == 0 {
				s.note("%s refers to the %s %s, which is not here.", doc.title, strings.ReplaceAll(string(want.model), "-", " "), called(want.addresses))
			}
			want.put(about, s.isAudit(about))
		}
	}
}

// observations makes sure that an observation that several documents repeat stays what the first one said: a run of the same test, with the same result.
func (s *settling) observations() {
	first := map[string]*observationDraft{}
	for _, doc := range s.docs {
		for _, o := range doc.observed {
			id := o.rec.Identifier
			was, known := s.view.Identify("Observation", "oscal", id).(*model.Observation)
			before := first[id]
			switch {
			case known:
				o.rec.Result = cmp.Or(o.result, was.Result)
				if test, ok := estate.Look[*model.ControlTest](s.view, was.Test); ok && o.own != nil {
					o.rec.Test = was.Test
					o.own.Mention, o.own.Idents = true, []feed.Ident{feed.ByKey(test.Key)}
				}
			case before != nil:
				o.rec.Result, o.rec.Test = before.rec.Result, before.rec.Test
				if o.own != nil {
					o.own.Mention, o.own.Idents = true, []feed.Ident{feed.ByKey(before.test.Key)}
				}
			}
			if before == nil {
				first[id] = o
			}
		}
	}
}

// isAudit reports whether a ref leads to an audit.
func (s *settling) isAudit(ref model.Ref) bool {
	if rec := s.view.Get(ref); rec != nil {
		return model.NameOf(rec) == "Audit"
	}
	return slices.ContainsFunc(s.batch.Items, func(item *feed.Item) bool {
		return item.Record.Base().Ref() == ref && model.NameOf(item.Record) == "Audit"
	})
}

// row finds the requirements that a row names.
func (s *settling) row(doc *document, row *rowDraft) {
	refs := make([]model.Ref, len(row.ids))
	p, guessed := find(s.places, row.addresses, row.ids)
	if p != nil && guessed {
		s.note("%s names requirements of %s. They are taken to be those of %s, the only framework here that has all of them.", doc.title, cmp.Or(called(row.addresses), "a framework that it does not name"), p.title)
	}
	if p == nil && row.make && len(row.addresses) > 0 {
		p = s.placeholder(doc, row)
	}
	if p != nil && row.found != nil {
		row.found(p)
	}
	if row.put == nil {
		return
	}
	var missing []string
	for i, id := range row.ids {
		var r requirement
		ok := false
		if p != nil {
			r, ok = s.requirementOf(p, id)
		}
		if !ok && row.make && p != nil && p.placeholder {
			r, ok = s.number(p, id, row.where), true
		}
		if refs[i] = r.ref; !ok && !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		where := "of a framework that is not here"
		if p != nil {
			where = "that " + p.title + " does not have"
		}
		s.note("%s names requirements %s: %s. They were left out of the records and are kept with the document.", doc.title, where, some(missing))
	}
	row.put(refs)
}

// requirementOf returns a requirement of a place. Of a baseline it is also one that its frameworks have and that it does not choose.
func (s *settling) requirementOf(p *place, id string) (requirement, bool) {
	if known, ok := p.called(id); ok {
		return p.requirements[known], true
	}
	if p.baseline == nil {
		return requirement{}, false
	}
	for _, o := range s.places {
		if slices.Contains(p.baseline.Frameworks, o.ref) {
			if known, ok := o.called(id); ok {
				return o.requirements[known], true
			}
		}
	}
	return requirement{}, false
}

// placeholder proposes a framework of which nothing but references are here.
func (s *settling) placeholder(doc *document, row *rowDraft) *place {
	title := doc.names[row.addresses[0]]
	for _, a := range row.addresses {
		title = cmp.Or(title, stem(a))
	}
	key := cmp.Or(keyOf(shortTitle(title), 32), "framework")
	for n := 2; s.keys[key]; n++ {
		key = fmt.Sprintf("%s-%d", cmp.Or(keyOf(shortTitle(title), 32), "framework"), n)
	}
	s.keys[key] = true
	rec := &model.Framework{Meta: model.Meta{Key: key, Name: kit.Clean(title)}, KnownAs: row.addresses, Placeholder: true}
	s.batch.AddItem(&feed.Item{Record: rec, Where: row.where, Mention: true})
	p := &place{ref: rec.Ref(), title: rec.Name, names: row.addresses, placeholder: true}
	s.places = append(s.places, p)
	s.note("%s refers to %s, which is not here: its requirements were created with their numbers alone. Import it to get their text.", doc.title, kit.Short(rec.Name))
	return p
}

// number proposes a requirement of a placeholder, of which nothing but the identifier is known.
func (s *settling) number(p *place, id string, where feed.Where) requirement {
	key := ""
	for _, item := range s.batch.Items {
		if item.Record.Base().Ref() == p.ref {
			key = item.Record.Base().Key
		}
	}
	if key == "" {
		_, key, _ = s.view.NameOf(p.ref)
	}
	rec := &model.Requirement{Meta: model.Meta{Key: requirementKey(key, id)}, Framework: p.ref, Identifier: id, Number: strings.ToUpper(id)}
	s.batch.AddItem(&feed.Item{Record: rec, Where: where, Mention: true})
	r := requirement{ref: rec.Ref()}
	p.add(id, r)
	s.of[r.ref] = id
	return r
}
