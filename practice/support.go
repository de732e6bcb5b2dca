package practice

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// SupportState says what the maker of a technology still does for one release of it.
type SupportState string

// The states of support, best first.
const (
	// Supported means that the maker mends everything.
	Supported SupportState = "supported"
	// ActiveEnded means that the maker mends security alone.
	ActiveEnded SupportState = "active_ended"
	// ExtendedOnly means that the maker mends security only for those who pay for it.
	ExtendedOnly SupportState = "extended_only"
	// Unsupported means that the maker mends nothing any more.
	Unsupported SupportState = "unsupported"
	// SupportUnknown means that nobody can tell from what the estate knows.
	SupportUnknown SupportState = "unknown"
)

// Options lists the states of support, best first.
func (SupportState) Options() []model.Option {
	return []model.Option{
		{Value: "supported", Label: "Supported", Help: "The maker mends everything."},
		{Value: "active_ended", Label: "Active support ended", Help: "The maker mends security alone."},
		{Value: "extended_only", Label: "Extended support only", Help: "The maker mends security only for those who pay for it."},
		{Value: "unsupported", Label: "Out of support", Help: "The maker mends nothing any more."},
		{Value: "unknown", Label: "Unknown", Help: "The estate does not know when support ends."},
	}
}

// StateOf returns how a release is supported on a day. The last day of support
// is still supported. Where only a yes or a no is known, it holds for every day.
func StateOf(c *model.Cycle, at model.Date) SupportState {
	if c == nil {
		return SupportUnknown
	}
	ended := c.Unsupported
	if !c.SecuritySupport.IsZero() {
		ended = at > c.SecuritySupport
	}
	switch {
	case ended && !c.ExtendedSupport.IsZero() && at <= c.ExtendedSupport:
		return ExtendedOnly
	case ended:
		return Unsupported
	case c.SecuritySupport.IsZero() && !c.Supported:
		return stateWithoutEnd(c, at)
	case !c.ActiveSupport.IsZero() && at > c.ActiveSupport, c.ActiveSupport.IsZero() && c.ActiveEnded:
		return ActiveEnded
	}
	return Supported
}

// stateWithoutEnd judges a release about whose security support nothing is said.
func stateWithoutEnd(c *model.Cycle, at model.Date) SupportState {
	switch {
	case !c.ActiveSupport.IsZero() && at <= c.ActiveSupport:
		return Supported
	case !c.ExtendedSupport.IsZero() && at > c.ExtendedSupport:
		return Unsupported
	}
	return SupportUnknown
}

// Standing is how the maker of a technology stands by one version of it on a day.
type Standing struct {
	// Technology is what the version is a version of. Nil where no technology fits.
	Technology *model.Technology
	// Version is the version as it was found.
	Version string
	// Cycle is the release that the version belongs to. Nil where none fits.
	Cycle *model.Cycle
	// State is how the release is supported on the day of the view.
	State SupportState
	// Unversioned says that the technology was found but no version of it.
	Unversioned bool
	// Next is the release to go to: a later one that is supported on the day and for longer, long-term releases first, then the newest. Nil where there is none.
	Next *model.Cycle
	// Note says what was assumed, or why the state is not known.
	Note string
}

// Ended reports whether security support for everybody has ended. Support that must be paid for does not count.
func (s Standing) Ended() bool { return s.State == ExtendedOnly || s.State == Unsupported }

// Ends returns the last day of security support, or nothing where it is not known.
func (s Standing) Ends() model.Date {
	if s.Cycle == nil {
		return 0
	}
	return s.Cycle.SecuritySupport
}

// Title returns what to call the technology and its release, such as Debian 12.
func (s Standing) Title() string {
	if s.Technology == nil {
		return ""
	}
	release := s.Version
	if s.Cycle != nil {
		release = s.Cycle.Name
	}
	return strings.TrimSpace(s.Technology.Title() + " " + release)
}

// Supports tells the support of technologies as a view sees it, on the day of the view.
type Supports struct {
	view  estate.View
	index *supportIndex
}

// SupportsIn returns the support of the technologies of a view. What is needed to
// find technologies by name is made once for a snapshot.
func SupportsIn(v estate.View) Supports {
	type key struct{ name string }
	index := v.Snapshot().Memo(key{"practice.supports"}, func() any { return newSupportIndex(v.Snapshot()) })
	return Supports{view: v, index: index.(*supportIndex)}
}

// Use returns the support of a version of a technology that a record names.
func (s Supports) Use(u model.TechnologyUse) Standing { return s.of(u.Technology, u.Version) }

func (s Supports) of(technology model.Ref, version string) Standing {
	m := match{note: "the technology is not in the estate"}
	if p := s.index.products[technology]; p != nil {
		m = s.index.cached(lookup{"use", string(technology[:]), "", version}, func() match { return p.match(parseVersion(version), version) })
	}
	return s.standing(m, version)
}

// Named returns the support of what an inventory calls by a name and perhaps a
// version: an operating system, a firmware. The maker may be empty; where it is
// known, products of other makers with the same name do not count.
func (s Supports) Named(maker, name, version string) Standing {
	m := s.index.cached(lookup{"named", maker, name, version}, func() match { return s.index.find(maker, name, version, false) })
	return s.standing(m, strings.TrimSpace(name+" "+version))
}

// Software returns the support of a package that an inventory found. It is
// stricter than Named: every word of the name must be accounted for.
func (s Supports) Software(p model.InstalledSoftware) Standing {
	m := s.index.cached(lookup{"software", "", p.Name, p.Version}, func() match { return s.index.find("", p.Name, p.Version, true) })
	return s.standing(m, strings.TrimSpace(p.Name+" "+p.Version))
}

// Component returns the support of a component of a bill of materials: by the
// technology that it names, by its package URL, or by its CPE.
func (s Supports) Component(c *model.Component) Standing {
	if !c.Technology.IsZero() {
		return s.of(c.Technology, c.Version)
	}
	m := s.index.cached(lookup{"component", c.PackageURL, c.CPE, c.Version}, func() match {
		for _, found := range []func(string) (string, string){splitPackageURL, splitCPE} {
			for _, text := range []string{c.PackageURL, c.CPE} {
				name, version := found(text)
				if p := s.index.identifiers[name]; p != nil && name != "" {
					version = cmp.Or(c.Version, version)
					return p.match(parseVersion(version), version)
				}
			}
		}
		return match{note: "no technology has this package"}
	})
	return s.standing(m, c.Version)
}

// Package returns the support of a package URL with its version.
func (s Supports) Package(purl string) Standing {
	return s.Component(&model.Component{PackageURL: purl})
}

// Host returns the support of the operating system of a host.
func (s Supports) Host(h *model.Host) Standing { return s.Named("", h.OperatingSystem, h.OSVersion) }

// Device returns the support of the firmware of a network device.
func (s Supports) Device(d *model.NetworkDevice) Standing {
	return s.Named(d.Manufacturer, d.Firmware, d.FirmwareVersion)
}

func (s Supports) standing(m match, version string) Standing {
	out := Standing{Version: version, State: SupportUnknown, Note: m.note}
	if m.product == nil {
		return out
	}
	if s.view.Get(m.product.technology.Ref()) == nil {
		out.Note = "the technology is not in the estate"
		return out
	}
	out.Technology, out.Cycle, out.Unversioned = m.product.technology, m.cycle, m.unversioned
	out.State = StateOf(m.cycle, s.view.At())
	if m.cycle != nil && out.State == SupportUnknown {
		out.Note = "no end of support is known for " + out.Title()
	}
	out.Next = nextCycle(m.product, m.cycle, s.view.At())
	return out
}

// nextCycle returns the release to go to from one on a day, or nil.
func nextCycle(p *product, from *model.Cycle, at model.Date) *model.Cycle {
	if from == nil {
		return nil
	}
	words := p.releases[slices.IndexFunc(p.releases, func(r release) bool { return r.cycle == from })].name.words
	type rank struct {
		same, lts bool
		released  model.Date
	}
	var best *model.Cycle
	var top rank
	for _, r := range p.releases {
		c := r.cycle
		later := c.Released > from.Released
		if c.Released.IsZero() || from.Released.IsZero() {
			later = isNewer(r.name.numbers, parseVersion(from.Name).numbers)
		}
		state := StateOf(c, at)
		if c == from || !later || c.Released > at || endOrNever(c) <= from.SecuritySupport || state != Supported && state != ActiveEnded {
			continue
		}
		is := rank{slices.Equal(r.name.words, words), c.LTS && c.LTSFrom <= at, c.Released}
		if best == nil || is.same && !top.same || is.same == top.same && (is.lts && !top.lts || is.lts == top.lts && is.released > top.released) {
			best, top = c, is
		}
	}
	return best
}

// isNewer reports whether a version comes after another, number by number.
func isNewer(a, b []string) bool {
	return slices.CompareFunc(a, b, func(x, y string) int {
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y))
	}) > 0
}
