package radar

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"binnacle/estate"
	"binnacle/model"
)

// packages are the components of all bills of materials by what they are a version of. They are shared by everybody that asks, so
// that whoever uses them looks each component up in the own view.
type packages struct {
	// all are the components by key.
	all []*model.Component
	// numbers give each package its place.
	numbers map[string]int32
	// names are the packages without versions.
	names []string
	// uses are the components of each package, by key.
	uses [][]*model.Component
	// linked are the components that name a technology, by key.
	linked map[model.Ref][]*model.Component
	// known is the day on which the first component of each holder came, from which on its bill of materials is known.
	known map[model.Ref]model.Date
}

type packagesKey struct{ _ byte }

// lastPackages is what was made last, from which the next is made.
type lastPackages struct {
	mu   sync.Mutex
	made *packages
}

type lastPackagesKey struct{ _ byte }

// packagesIn returns the components of a view by package. They are remembered until a component changes, whatever else does, and
// then only what changed is taken in.
func packagesIn(v estate.View) *packages {
	s := v.Snapshot()
	return s.MemoOf(packagesKey{}, []string{"Component"}, func() any {
		last := s.MemoOf(lastPackagesKey{}, nil, func() any { return &lastPackages{} }).(*lastPackages)
		last.mu.Lock()
		defer last.mu.Unlock()
		if next := last.made.next(s); next != nil {
			last.made = next
		} else {
			last.made = newPackages(s)
		}
		return last.made
	}).(*packages)
}

func newPackages(s *estate.Snapshot) *packages {
	p := &packages{numbers: map[string]int32{}, linked: map[model.Ref][]*model.Component{}, known: map[model.Ref]model.Date{}}
	p.all = make([]*model.Component, 0, s.View(0).Count("Component"))
	var holder model.Ref
	var first model.Time
	for c := range estate.Each[*model.Component](s.View(0)) {
		p.all = append(p.all, c)
		if c.Scope == "excluded" {
			continue
		}
		if c.Application != holder {
			p.note(holder, first)
			holder, first = c.Application, 0
		}
		if at := beganAt(c); !at.IsZero() && (first.IsZero() || at < first) {
			first = at
		}
		if !c.Technology.IsZero() {
			p.linked[c.Technology] = append(p.linked[c.Technology], c)
		}
		if at := p.number(c); at >= 0 {
			p.uses[at] = append(p.uses[at], c)
		}
	}
	p.note(holder, first)
	return p
}

// number returns the place of the package of a component, which it makes where there is none, and -1 for what is no package. Names are
// copied, so that they lie together in memory and each is found quickly.
func (p *packages) number(c *model.Component) int32 {
	name := packageName(c.PackageURL)
	if name == "" {
		return -1
	}
	at, ok := p.numbers[name]
	if !ok {
		at, name = int32(len(p.names)), strings.Clone(name)
		p.numbers[name] = at
		p.names, p.uses = append(p.names, name), append(p.uses, nil)
	}
	return at
}

// note notes when a component of a holder came.
func (p *packages) note(holder model.Ref, at model.Time) {
	if at.IsZero() {
		return
	}
	day := at.Date()
	if was, ok := p.known[holder]; !ok || day < was {
		p.known[holder] = day
	}
}

// next returns the components of another snapshot, with all that is the same taken over. It returns nil where there is nothing to
// take over or more than a quarter differs.
func (p *packages) next(s *estate.Snapshot) *packages {
	if p == nil {
		return nil
	}
	v := s.View(0)
	n := &packages{all: make([]*model.Component, 0, len(p.all)), numbers: maps.Clone(p.numbers), names: slices.Clone(p.names), uses: slices.Clone(p.uses), linked: maps.Clone(p.linked), known: maps.Clone(p.known)}
	gone, come := map[*model.Component]bool{}, []*model.Component{}
	old := p.all
	for c := range estate.Each[*model.Component](v) {
		n.all = append(n.all, c)
		for len(old) > 0 && old[0] != c && old[0].Key < c.Key {
			gone[old[0]], old = true, old[1:]
		}
		switch {
		case len(old) > 0 && old[0] == c:
			old = old[1:]
			continue
		case len(old) > 0 && old[0].Key == c.Key:
			gone[old[0]], old = true, old[1:]
		}
		if come = append(come, c); len(come) > len(p.all)/4 {
			return nil
		}
	}
	for _, c := range old {
		gone[c] = true
	}
	n.take(v, gone, come)
	return n
}

// take leaves components out and takes others in, which are told by key.
func (p *packages) take(v estate.View, gone map[*model.Component]bool, come []*model.Component) {
	places, technologies, holders := map[int32][]*model.Component{}, map[model.Ref][]*model.Component{}, map[model.Ref]bool{}
	sort := func(c *model.Component, isNew bool) {
		if c.Scope == "excluded" {
			return
		}
		holders[c.Application] = true
		list := []*model.Component{c}
		if !isNew {
			list = nil
		}
		if at := p.number(c); at >= 0 {
			places[at] = append(places[at], list...)
		}
		if !c.Technology.IsZero() {
			technologies[c.Technology] = append(technologies[c.Technology], list...)
		}
	}
	for c := range gone {
		sort(c, false)
	}
	for _, c := range come {
		sort(c, true)
	}
	with := func(was, more []*model.Component) []*model.Component {
		out := slices.DeleteFunc(slices.Clone(was), func(c *model.Component) bool { return gone[c] })
		out = append(out, more...)
		slices.SortFunc(out, func(a, b *model.Component) int { return strings.Compare(a.Key, b.Key) })
		return out
	}
	for at, more := range places {
		p.uses[at] = with(p.uses[at], more)
	}
	for t, more := range technologies {
		p.linked[t] = with(p.linked[t], more)
	}
	for holder := range holders {
		delete(p.known, holder)
		for e := range v.In(holder) {
			if c, ok := e.Record.(*model.Component); ok && c.Application == holder && c.Scope != "excluded" {
				p.note(holder, beganAt(c))
			}
		}
	}
}

// of returns the components of a package, named with or without a version.
func (p *packages) of(purl string) []*model.Component {
	if at, ok := p.numbers[packageName(purl)]; ok {
		return p.uses[at]
	}
	return nil
}

// beganAt returns the moment from which on a component is known, and nothing where nobody can tell.
func beganAt(c *model.Component) model.Time {
	at := cmp.Or(c.Created.At, c.VersionSince)
	if !c.VersionSince.IsZero() && c.VersionSince < at {
		return c.VersionSince
	}
	return at
}

// startOf returns the day from which on a component is known, and nothing where nobody can tell.
func startOf(c *model.Component) model.Date {
	if at := beganAt(c); !at.IsZero() {
		return at.Date()
	}
	return 0
}

// packageName returns a package URL without version, qualifiers and subpath, in lower case, and nothing for a text that is not one.
// Most are written so already, and then nothing is copied.
func packageName(purl string) string {
	if !strings.HasPrefix(purl, "pkg:") {
		return ""
	}
	end, slash, plain := len(purl), -1, true
	for i := 4; i < end; i++ {
		switch c := purl[i]; {
		case c == '#' || c == '?':
			end = i
		case c == '/':
			slash = i
		case c == '%' || c >= 'A' && c <= 'Z' || c >= 0x80:
			plain = false
		}
	}
	if slash < 0 {
		return ""
	}
	if at := strings.LastIndexByte(purl[slash+1:end], '@'); at > 0 {
		end = slash + 1 + at
	}
	if plain && slash+1 < end {
		return purl[:end]
	}
	parts := strings.Split(purl[4:end], "/")
	for i, part := range parts {
		if decoded, err := url.PathUnescape(part); err == nil {
			parts[i] = decoded
		}
	}
	if parts[len(parts)-1] == "" {
		return ""
	}
	return "pkg:" + strings.ToLower(strings.Join(parts, "/"))
}

// shortName returns what people call a package: its name without the sort of registry.
func shortName(name string) string {
	_, rest, _ := strings.Cut(name, "/")
	return cmp.Or(rest, name)
}

// needed reports whether another component needs a component, so that nobody chose it.
func needed(v estate.View, c *model.Component) bool {
	for e := range v.In(c.Ref()) {
		if other, ok := e.Record.(*model.Component); ok && e.Field.Name == "depends_on" && other.Application == c.Application && isPackage(other) {
			return true
		}
	}
	return false
}

// isPackage reports whether a component is a package of its own, and not what the bill of materials as a whole describes.
func isPackage(c *model.Component) bool {
	return c.PackageURL != "" && c.Type != "application"
}
