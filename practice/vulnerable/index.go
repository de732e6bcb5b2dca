// Package vulnerable is what several practices know about vulnerabilities: which components of the estate fit which advisories,
// which advisories tell of the same vulnerability, what VEX statements say of that, how bad a vulnerability is and whether it
// is used, and what is to be decided about it (SSVC).
package vulnerable

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/model/vers"
)

// Fit says that a version of a package has what an advisory tells of. Components of the same package and version share it; nobody may write to it.
type Fit struct {
	// Package is the package URL without version and qualifiers, such as pkg:npm/lodash.
	Package string
	// Version is the version of the package.
	Version string
	// Advisory tells of the vulnerability.
	Advisory *model.Advisory
	// Affected is the place in Advisory.Affected that fits.
	Affected int
	// Range is the range in VERS notation that the version is in.
	Range string
	// Fixed is the lowest version above this one in which the vulnerability is mended. It is empty where none is known.
	Fixed string
	// Group is the vulnerability that the advisory tells of.
	Group *Group
	// Perhaps says why it is not certain that the version has it, such as a release of a distribution that is not known. It is empty where it is certain.
	Perhaps string
}

// Match is a component that has what an advisory tells of.
type Match struct {
	// Component is the component.
	Component *model.Component
	*Fit
}

// Group is one vulnerability: all advisories that tell of it, because they share identifiers.
type Group struct {
	// ID is the identifier that people know best: the CVE where there is one, else that of GitHub, else the first by name.
	ID string
	// Advisories are those that tell of it and were not withdrawn, by key.
	Advisories []*model.Advisory
}

// IDs returns every identifier of the vulnerability, sorted.
func (g *Group) IDs() []string {
	var out []string
	for _, a := range g.Advisories {
		out = append(append(out, a.Key), a.Aliases...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Index is what a view knows about vulnerabilities. It is shared and may be used by several goroutines.
type Index struct {
	view    estate.View
	book    *book
	matches []Match
	of      map[*Group][]*Match
	parts   lazyParts
}

// In returns the index of a view. What is out of sight is as if it were not there. The first
// index of a snapshot costs a look at every component, and every advisory when some of these have changed; asking again costs nothing.
func In(v estate.View) *Index {
	type key struct{ at model.Date }
	type shared struct{}
	// The memory of a view does not tell dates apart, and what hosts and scores say may depend on the date.
	return v.Memo(key{v.At()}, func() any {
		parts := v.Memo(shared{}, func() any { return newMatched(v) }).(*matched)
		return &Index{view: v, book: parts.book, matches: parts.matches, of: parts.of}
	}).(*Index)
}

// matched is the part of an index that does not depend on the date.
type matched struct {
	book    *book
	matches []Match
	of      map[*Group][]*Match
}

func newMatched(v estate.View) *matched {
	m := &matched{book: bookOf(v)}
	whole := v.Snapshot().View(v.At())
	if v.Count("Advisory") == whole.Count("Advisory") {
		m.matches = allMatches(v.Snapshot(), m.book)
		if v.Count("Component") != whole.Count("Component") {
			m.matches = seen(v, m.matches)
		}
	} else {
		m.matches = m.book.match(componentsOf(v))
	}
	m.of = make(map[*Group][]*Match, len(m.matches)/16)
	for i := range m.matches {
		m.of[m.matches[i].Group] = append(m.of[m.matches[i].Group], &m.matches[i])
	}
	return m
}

// allMatches returns the matches of a whole snapshot. They hold until a component or an advisory changes.
func allMatches(s *estate.Snapshot, b *book) []Match {
	type key struct{}
	return s.MemoOf(key{}, []string{"Component", "Advisory"}, func() any {
		return b.match(componentsOf(s.View(0)))
	}).([]Match)
}

// seen returns the matches of components that are in sight.
func seen(v estate.View, all []Match) []Match {
	var out []Match
	var last *model.Component
	in := false
	for _, m := range all {
		if m.Component != last {
			last, in = m.Component, v.Get(m.Component.Ref()) != nil
		}
		if in {
			out = append(out, m)
		}
	}
	return out
}

// componentsOf returns the components that have a package URL and are there, by key. What no bill of materials lists any more is not there.
func componentsOf(v estate.View) []*model.Component {
	out := make([]*model.Component, 0, v.Count("Component"))
	for c := range estate.Each[*model.Component](v) {
		if c.PackageURL != "" && c.Stale().IsZero() {
			out = append(out, c)
		}
	}
	return out
}

// Matches returns every pair of a component and an advisory that fits it, by the key of the component and then of the
// advisory. Withdrawn advisories fit nothing. The slice is shared.
func (x *Index) Matches() []Match { return x.matches }

// Group returns the vulnerability that an identifier or an alias stands for, or nil where no advisory knows it. Case does not matter.
func (x *Index) Group(id string) *Group { return x.book.group(id) }

// MatchesOf returns the matches of a vulnerability, by the key of the component. The slice is shared.
func (x *Index) MatchesOf(g *Group) []*Match { return x.of[g] }

// Groups returns the vulnerabilities that fit some component, by identifier.
func (x *Index) Groups() []*Group {
	out := make([]*Group, 0, len(x.of))
	for g := range x.of {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *Group) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Fits returns what advisories tell of a package URL with a version, whether or not a component has it, by the key of the advisory.
func (x *Index) Fits(purl string) []*Fit { return x.book.fits(purl) }

// Component returns the package URL of a component without version and qualifiers in the form in which packages are
// compared, and its version. Both are empty where it has no package URL that can be read.
func Component(c *model.Component) (purl, version string) {
	p, err := vers.ParseURL(c.PackageURL)
	if err != nil {
		return "", ""
	}
	return p.URL(), cmp.Or(p.Version, c.Version)
}

// Subject returns what the bill of materials of the component describes: an application, product, host, device, service or release. It may be unset.
func (m *Match) Subject() model.Ref { return m.Component.Application }
