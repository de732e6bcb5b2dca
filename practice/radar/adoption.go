package radar

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// subject is something whose use is measured: a blip, or a technology that no radar shows.
type subject struct {
	blip       *model.Blip
	technology *model.Technology
	// measurable says that there is something by which its use could be found.
	measurable bool
	holders    map[model.Ref]*holding
	// order are the holders in the order in which they were found.
	order []*holding
}

// holding is one thing that uses a subject, with the records that prove it.
type holding struct {
	holder model.Record
	uses   []use
	proofs []model.Record
}

// use is one proof of a use, with the days between which it holds.
type use struct {
	// since is the first day on which it is known. Zero means that nobody can tell.
	since model.Date
	// until is the day from which on no source sees it any more. Zero means that one does.
	until model.Date
	// loose says that it may have begun before the first day.
	loose bool
}

// told is whether something was used on a day.
type told byte

const (
	untold told = iota
	no
	yes
)

// adoption is what the estate proves about the use of the blips of a radar and of what is on no radar.
type adoption struct {
	view     estate.View
	packages *packages
	supports practice.Supports
	scope    *scope
	blips    []*subject
	others   []*subject
	// byPackage, byTechnology and byTag lead to the subjects that a proof belongs to.
	byPackage    map[string][]*subject
	byTechnology map[model.Ref][]*subject
	byTag        map[string][]*subject
	// covered are the packages that some radar or technology accounts for.
	covered map[string]bool
}

// adoptionOf measures the use of what is on a radar, within what the radar is for. It is made once for each snapshot, sight and day.
func adoptionOf(v estate.View, b *board) *adoption {
	type key struct {
		name  string
		radar model.Ref
		at    model.Date
	}
	return v.Memo(key{"radar.adoption", b.radar.Ref(), v.At()}, func() any { return newAdoption(v, b) }).(*adoption)
}

func newAdoption(v estate.View, b *board) *adoption {
	a := &adoption{
		view: v, packages: packagesIn(v), supports: practice.SupportsIn(v), scope: newScope(v, b.radar),
		byPackage: map[string][]*subject{}, byTechnology: map[model.Ref][]*subject{}, byTag: map[string][]*subject{}, covered: map[string]bool{},
	}
	a.subjects(b)
	a.ofComponents()
	a.ofHosts()
	a.ofApplications()
	for r := range estate.Each[*model.CloudResource](v) {
		a.ofList(r, r.Runs)
	}
	for d := range estate.Each[*model.NetworkDevice](v) {
		a.ofTechnology(d, a.supports.Device(d).Technology, loosely(d))
	}
	for s := range estate.Each[*model.Service](v) {
		a.ofTags(s, s)
	}
	for r := range estate.Each[*model.Repository](v) {
		a.ofRepository(r)
	}
	for _, s := range slices.Concat(a.blips, a.others) {
		slices.SortStableFunc(s.order, func(x, y *holding) int {
			return cmp.Or(cmp.Compare(model.NameOf(x.holder), model.NameOf(y.holder)), cmp.Compare(x.holder.Base().Key, y.holder.Base().Key))
		})
	}
	return a
}

// subjects makes a subject of each blip of the radar and of each technology that no radar shows.
func (a *adoption) subjects(b *board) {
	named := map[string]*model.Technology{}
	for t := range estate.Each[*model.Technology](a.view) {
		for _, name := range append([]string{t.Key, t.Title(), t.ExternalID}, t.Aliases...) {
			if name = squeezed(name); name != "" && named[name] == nil {
				named[name] = t
			}
		}
	}
	shown := map[model.Ref]bool{}
	for blip := range estate.Each[*model.Blip](a.view) {
		if blip.State == model.BlipRetired || blip.State == model.BlipProposed {
			continue
		}
		t, _ := estate.Look[*model.Technology](a.view, blip.Technology)
		if t == nil {
			t = named[squeezed(blip.Title())]
		}
		if t != nil {
			shown[t.Ref()] = true
		}
		if blip.Radar == b.radar.Ref() {
			a.blips = append(a.blips, a.subject(blip, t))
		}
		for _, p := range blip.Packages {
			a.covered[packageName(p)] = true
		}
	}
	slices.SortFunc(a.blips, func(x, y *subject) int {
		return cmp.Or(cmp.Compare(strings.ToLower(x.blip.Title()), strings.ToLower(y.blip.Title())), cmp.Compare(x.blip.Key, y.blip.Key))
	})
	for t := range estate.Each[*model.Technology](a.view) {
		for _, p := range t.PackageURLs {
			a.covered[packageName(p)] = true
		}
		if !shown[t.Ref()] {
			a.others = append(a.others, a.subject(nil, t))
		}
	}
}

func (a *adoption) subject(blip *model.Blip, t *model.Technology) *subject {
	s := &subject{blip: blip, technology: t, holders: map[model.Ref]*holding{}, measurable: t != nil}
	seen := map[string]bool{}
	claim := func(list []string) {
		for _, p := range list {
			if name := packageName(p); name != "" && !seen[name] {
				seen[name], s.measurable = true, true
				a.byPackage[name] = append(a.byPackage[name], s)
			}
		}
	}
	tags := []string{}
	if blip != nil {
		claim(blip.Packages)
		tags = append(tags, blip.Title())
	}
	if t != nil {
		claim(t.PackageURLs)
		a.byTechnology[t.Ref()] = append(a.byTechnology[t.Ref()], s)
		tags = append(append(tags, t.Key, t.Title(), t.ExternalID), t.Aliases...)
	}
	for _, tag := range tags {
		if tag = squeezed(tag); tag != "" && !slices.Contains(a.byTag[tag], s) {
			a.byTag[tag] = append(a.byTag[tag], s)
		}
	}
	return s
}

// squeezed writes a name so that case and what stands between words do not count.
func squeezed(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r == ' ' || r == '-' || r == '_':
			return -1
		}
		return r
	}, name)
}

// ofComponents takes the components of the packages of each subject, and those that name its technology.
func (a *adoption) ofComponents() {
	for _, name := range slices.Sorted(maps.Keys(a.byPackage)) {
		for _, c := range a.packages.of(name) {
			for _, s := range a.byPackage[name] {
				a.component(s, c)
			}
		}
	}
	for _, s := range slices.Concat(a.blips, a.others) {
		if s.technology == nil {
			continue
		}
		for _, c := range a.packages.linked[s.technology.Ref()] {
			if !slices.Contains(a.byPackage[packageName(c.PackageURL)], s) {
				a.component(s, c)
			}
		}
	}
}

func (a *adoption) component(s *subject, c *model.Component) {
	if a.view.Get(c.Ref()) == nil {
		return
	}
	u := use{since: startOf(c)}
	if stale := c.Stale(); !stale.IsZero() {
		u.until = stale.Date()
	}
	h := s.holders[c.Application]
	if h == nil {
		holder := a.view.Get(c.Application)
		if _, release := holder.(*model.Release); holder == nil || release {
			return
		}
		h = a.hold(s, holder)
	}
	if h != nil {
		h.uses, h.proofs = append(h.uses, u), append(h.proofs, c)
	}
}

// hold returns what is known of a holder of a subject, and nil where the radar is not for it.
func (a *adoption) hold(s *subject, holder model.Record) *holding {
	ref := holder.Base().Ref()
	if h := s.holders[ref]; h != nil {
		return h
	}
	if !a.scope.has(holder) {
		return nil
	}
	h := &holding{holder: holder}
	s.holders[ref] = h
	s.order = append(s.order, h)
	return h
}

func (a *adoption) add(s *subject, holder, proof model.Record, u use) {
	h := a.hold(s, holder)
	if h == nil {
		return
	}
	h.uses = append(h.uses, u)
	if !slices.Contains(h.proofs, proof) {
		h.proofs = append(h.proofs, proof)
	}
}

// loosely says since when what a record tells is known: since it changed last.
func loosely(rec model.Record) use {
	u := use{loose: true}
	m := rec.Base()
	if !m.Changed.At.IsZero() {
		u.since = m.Changed.At.Date()
	}
	if stale := m.Stale(); !stale.IsZero() {
		u.until = stale.Date()
	}
	return u
}

func (a *adoption) ofTechnology(holder model.Record, t *model.Technology, u use) {
	if t == nil {
		return
	}
	for _, s := range a.byTechnology[t.Ref()] {
		a.add(s, holder, holder, u)
	}
}

func (a *adoption) ofList(holder model.Record, list []model.TechnologyUse) {
	for _, u := range list {
		for _, s := range a.byTechnology[u.Technology] {
			a.add(s, holder, holder, loosely(holder))
		}
	}
}

func (a *adoption) ofHosts() {
	for h := range estate.Each[*model.Host](a.view) {
		a.ofTechnology(h, a.supports.Host(h).Technology, loosely(h))
		a.ofList(h, h.Runs)
		for _, p := range h.Software {
			u := loosely(h)
			if !p.Installed.IsZero() {
				u.since, u.loose = p.Installed, false
			}
			a.ofTechnology(h, a.supports.Software(p).Technology, u)
		}
	}
}

func (a *adoption) ofApplications() {
	for app := range estate.Each[*model.Application](a.view) {
		a.ofList(app, app.BuiltWith)
		a.ofTags(app, app)
	}
}

// ofTags takes the tags of a record, as catalogues write them, for technologies that its holder uses.
func (a *adoption) ofTags(holder, rec model.Record) {
	for _, tag := range rec.Base().Tags {
		for _, s := range a.byTag[squeezed(tag)] {
			a.add(s, holder, rec, loosely(rec))
		}
	}
}

// ofRepository takes the tags of a repository as said of what is built from it, or of itself where that is not known.
func (a *adoption) ofRepository(r *model.Repository) {
	if r.Archived || len(r.Tags) == 0 {
		return
	}
	found := false
	for _, ref := range r.Builds {
		if holder := a.view.Get(ref); holder != nil {
			found = true
			a.ofTags(holder, r)
		}
	}
	if !found {
		a.ofTags(r, r)
	}
}

// on says whether a holder used something on a day.
func (a *adoption) on(h *holding, day model.Date) told {
	if practice.Gone(h.holder, day) {
		return no
	}
	doubt := false
	for _, u := range h.uses {
		switch {
		case u.since.IsZero() && u.until.IsZero() && day == a.view.At():
			return yes
		case !u.until.IsZero() && u.until <= day:
		case u.since.IsZero():
			doubt = true
		case u.since <= day:
			return yes
		case u.loose:
			doubt = true
		default:
			known := a.packages.known[h.holder.Base().Ref()]
			doubt = doubt || len(h.proofs) > 0 && isComponent(h.proofs[0]) && (known.IsZero() || known > day)
		}
	}
	if doubt && !bornAfter(h.holder, day) {
		return untold
	}
	return no
}

func isComponent(rec model.Record) bool {
	_, ok := rec.(*model.Component)
	return ok
}

// bornAfter reports whether the life cycle of a record says that it did not exist on a day.
func bornAfter(rec model.Record, day model.Date) bool {
	l, ok := rec.(interface{ Phases() model.Lifecycle })
	if !ok {
		return false
	}
	life := l.Phases()
	first := cmp.Or(life.Plan, life.PhaseIn, life.Active)
	return !first.IsZero() && first > day
}

// costOf is what records cost in the twelve full months before the day of a view.
type costOf struct {
	book *costs.Book
	sums map[model.Ref]float64
}

// yearOf returns what each record cost in twelve full months, as far as bills say so. Shares of a line are divided by weight.
func yearOf(v estate.View) *costOf {
	type key struct {
		name   string
		reader any
		at     model.Date
	}
	return v.Memo(key{"radar.costs", practice.FactsOf(v), v.At()}, func() any {
		out := &costOf{book: costs.Of(v), sums: map[model.Ref]float64{}}
		first := costs.FirstDay(v.At())
		for _, line := range out.book.Between(first.AddMonths(-12), first-1) {
			sum := line.Amount(costs.Effective)
			amount, whole := sum.Float(), 0.0
			for _, s := range line.For {
				whole += s.Weight
			}
			for _, s := range line.For {
				if !s.To.IsZero() && whole > 0 {
					out.sums[s.To] += amount * s.Weight / whole
				}
			}
		}
		return out
	}).(*costOf)
}
