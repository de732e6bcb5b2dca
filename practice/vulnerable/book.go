package vulnerable

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/model/vers"
)

// book is the advisories of an estate, made ready to be asked by package. What it finds out about single versions it
// remembers, so that later snapshots with the same advisories look at what is new alone.
type book struct {
	packages map[string]*entry
	groups   map[string]*Group
	// exploited says that some advisory is known to be used in attacks, which is so once a catalogue of these was read.
	exploited bool

	seed   maphash.Seed
	shards [64]shard
	// last is what the components had that were asked about last. Most of them are the same next time.
	last atomic.Pointer[fitted]
}

// fitted is what components have, which are sorted by key.
type fitted struct {
	components []*model.Component
	fits       [][]*Fit
}

// same returns for each place in a list of components, sorted by key, the place of the very same record in the list before, or -1.
func (f *fitted) same(all []*model.Component) []int32 {
	out := make([]int32, len(all))
	at := 0
	for i, c := range all {
		out[i] = -1
		if f == nil {
			continue
		}
		for at < len(f.components) && f.components[at] != c && f.components[at].Key < c.Key {
			at++
		}
		if at < len(f.components) && f.components[at] == c {
			out[i] = int32(at)
			at++
		}
	}
	return out
}

// shard is a part of what is known about how components write package URLs.
type shard struct {
	sync.RWMutex
	known map[string]*entry
}

// entry is what advisories say about one package.
type entry struct {
	said  []said
	once  sync.Once
	ready []ready

	mu       sync.Mutex
	versions map[string][]*Fit
}

// said is one advisory about a package.
type said struct {
	advisory *model.Advisory
	group    *Group
	affected int32
}

// ready is one advisory about a package, ready to be asked about versions.
type ready struct {
	said
	scheme  string
	release string
	tests   []*vers.Test
	fixed   []vers.Version
}

// bookOf returns the book of a view. Views that see every advisory share it, until one of these changes.
func bookOf(v estate.View) *book {
	s := v.Snapshot()
	if v.Count("Advisory") != s.View(v.At()).Count("Advisory") {
		return newBook(v)
	}
	type key struct{}
	return s.MemoOf(key{}, []string{"Advisory"}, func() any { return newBook(s.View(0)) }).(*book)
}

func newBook(v estate.View) *book {
	b := &book{packages: map[string]*entry{}, seed: maphash.MakeSeed()}
	for i := range b.shards {
		b.shards[i].known = map[string]*entry{}
	}
	var all []*model.Advisory
	for a := range estate.Each[*model.Advisory](v) {
		if !a.Withdrawn.IsZero() {
			continue
		}
		all = append(all, a)
		b.exploited = b.exploited || !a.Exploited.IsZero()
	}
	keys := make([][]string, len(all))
	estate.Spread(len(all), func(i int) {
		for j := range all[i].Affected {
			keys[i] = append(keys[i], packageKey(&all[i].Affected[j]))
		}
	})
	b.groups = groupsOf(all)
	for i, a := range all {
		group := b.group(a.Key)
		for j, key := range keys[i] {
			if key == "" {
				continue
			}
			e := b.packages[key]
			if e == nil {
				e = &entry{}
				b.packages[key] = e
			}
			e.said = append(e.said, said{a, group, int32(j)})
		}
	}
	return b
}

// packageKey returns what an affected package is compared by, or nothing where it has no package URL and its ecosystem is not known.
func packageKey(a *model.AffectedPackage) string {
	if p, err := vers.ParseURL(a.Package); err == nil {
		return p.Key()
	}
	return ""
}

// match returns the matches of components, which are sorted by key.
func (b *book) match(all []*model.Component) []Match {
	fits := make([][]*Fit, len(all))
	before := b.last.Load()
	same := before.same(all)
	estate.Spread(len(all), func(i int) {
		if same[i] >= 0 {
			fits[i] = before.fits[same[i]]
			return
		}
		fits[i] = b.of(all[i])
	})
	b.last.Store(&fitted{all, fits})
	n := 0
	for _, f := range fits {
		n += len(f)
	}
	out := make([]Match, 0, n)
	for i, c := range all {
		for _, f := range fits[i] {
			out = append(out, Match{c, f})
		}
	}
	return out
}

// of returns what fits a component.
func (b *book) of(c *model.Component) []*Fit {
	name, version, qualifiers := vers.SplitURL(c.PackageURL)
	if distributed(name) {
		name = c.PackageURL
	}
	e := b.entry(name, c.PackageURL)
	if e == nil {
		return nil
	}
	return e.fits(c.PackageURL, cmp.Or(version, c.Version), qualifiers)
}

// fits returns what fits a package URL.
func (b *book) fits(purl string) []*Fit {
	_, version, qualifiers := vers.SplitURL(purl)
	e := b.find(purl)
	if e == nil {
		return nil
	}
	return e.fits(purl, version, qualifiers)
}

// distributed reports whether a package URL is of a distribution, whose qualifiers say which package it is.
func distributed(name string) bool {
	return strings.HasPrefix(name, "pkg:deb/") || strings.HasPrefix(name, "pkg:apk/") || strings.HasPrefix(name, "pkg:rpm/")
}

// entry returns what is known about the package with a name as components write it, or nil.
func (b *book) entry(name, purl string) *entry {
	s := &b.shards[maphash.String(b.seed, name)%uint64(len(b.shards))]
	s.RLock()
	e, ok := s.known[name]
	s.RUnlock()
	if ok {
		return e
	}
	e = b.find(purl)
	s.Lock()
	s.known[name] = e
	s.Unlock()
	return e
}

// find looks a package up.
func (b *book) find(purl string) *entry {
	p, err := vers.ParseURL(purl)
	if err != nil {
		return nil
	}
	if e := b.packages[p.SourceKey()]; e != nil {
		return e
	}
	return b.packages[p.Key()]
}

// fits returns what fits one version of the package. The package URL holds more than that where it is of a distribution.
func (e *entry) fits(purl, version, qualifiers string) []*Fit {
	key := version
	if qualifiers != "" && distributed(purl) {
		key += "?" + qualifiers
	}
	e.mu.Lock()
	fits, ok := e.versions[key]
	e.mu.Unlock()
	if ok {
		return fits
	}
	fits = e.look(purl, version)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.versions == nil {
		e.versions = map[string][]*Fit{}
	}
	e.versions[key] = fits
	return fits
}

// look evaluates every advisory about the package for one version.
func (e *entry) look(purl, version string) []*Fit {
	p, err := vers.ParseURL(purl)
	if err != nil {
		return nil
	}
	if p.Version == "" {
		p.Version = version
	}
	if p.Version == "" {
		return nil
	}
	e.once.Do(e.prepare)
	read := map[string]vers.Version{}
	best := map[*model.Advisory]*Fit{}
	var out []*Fit
	for i := range e.ready {
		r := &e.ready[i]
		v, ok := read[r.scheme]
		if !ok {
			v = vers.Read(r.scheme, p.Version)
			read[r.scheme] = v
		}
		f := r.fit(&p, v)
		switch old := best[r.advisory]; {
		case f == nil:
		case old == nil:
			best[r.advisory] = f
			out = append(out, f)
		case old.Perhaps != "" && f.Perhaps == "":
			*old = *f
		}
	}
	slices.SortFunc(out, func(a, b *Fit) int { return strings.Compare(a.Advisory.Key, b.Advisory.Key) })
	return out
}

// prepare reads the ranges of the package. It is done for packages that the estate has alone.
func (e *entry) prepare() {
	for _, s := range e.said {
		a := &s.advisory.Affected[s.affected]
		r := ready{said: s, scheme: vers.SchemeOf(a.Ecosystem, a.Package), release: vers.ReleaseOf(a.Ecosystem)}
		for _, text := range a.Ranges {
			var test *vers.Test
			if parsed, err := vers.Parse(text); err == nil {
				test = parsed.Test()
			}
			r.tests = append(r.tests, test)
		}
		for _, f := range a.Fixed {
			r.fixed = append(r.fixed, vers.Read(r.scheme, f))
		}
		e.ready = append(e.ready, r)
	}
}

// fit returns how the advisory fits a version, or nil where it does not.
func (r *ready) fit(p *vers.Package, v vers.Version) *Fit {
	if r.release != "" && p.Release != "" && r.release != p.Release {
		return nil
	}
	a := &r.advisory.Affected[r.affected]
	for i, t := range r.tests {
		if t == nil || !t.Contains(v) {
			continue
		}
		f := &Fit{Package: p.URL(), Version: v.String(), Advisory: r.advisory, Affected: int(r.affected), Range: a.Ranges[i], Group: r.group}
		for j, fixed := range r.fixed {
			if c, ok := fixed.Compare(v); ok && c > 0 {
				f.Fixed = a.Fixed[j]
				break
			}
		}
		if r.release != "" && p.Release == "" {
			f.Perhaps = "the package URL does not say of which release of the distribution it is, and the advisory is about " + a.Ecosystem
		}
		return f
	}
	return nil
}
