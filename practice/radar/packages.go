package radar

import (
	"cmp"
	"net/url"
	"strings"

	"binnacle/estate"
	"binnacle/model"
)

// packages are the components of all bills of materials by what they are a version of. They are shared by everybody that asks, so
// that whoever uses them looks each component up in the own view.
type packages struct {
	// numbers give each package its place.
	numbers map[string]int32
	// names are the packages without versions.
	names []string
	// uses are the components of each package.
	uses [][]*model.Component
	// linked are the components that name a technology.
	linked map[model.Ref][]*model.Component
	// known is the day on which the first component of each holder came, from which on its bill of materials is known.
	known map[model.Ref]model.Date
}

type packagesKey struct{ _ byte }

// packagesIn returns the components of a view by package. They are remembered until a component changes, whatever else does.
func packagesIn(v estate.View) *packages {
	return v.Snapshot().MemoOf(packagesKey{}, []string{"Component"}, func() any { return newPackages(v.Snapshot()) }).(*packages)
}

func newPackages(s *estate.Snapshot) *packages {
	p := &packages{numbers: map[string]int32{}, linked: map[model.Ref][]*model.Component{}, known: map[model.Ref]model.Date{}}
	var holder model.Ref
	var first model.Date
	for c := range estate.Each[*model.Component](s.View(0)) {
		if c.Scope == "excluded" {
			continue
		}
		if c.Application != holder {
			p.note(holder, first)
			holder, first = c.Application, 0
		}
		if on := startOf(c); !on.IsZero() && (first.IsZero() || on < first) {
			first = on
		}
		if !c.Technology.IsZero() {
			p.linked[c.Technology] = append(p.linked[c.Technology], c)
		}
		name := packageName(c.PackageURL)
		if name == "" {
			continue
		}
		at, ok := p.numbers[name]
		if !ok {
			at = int32(len(p.names))
			p.numbers[name] = at
			p.names, p.uses = append(p.names, name), append(p.uses, nil)
		}
		p.uses[at] = append(p.uses[at], c)
	}
	p.note(holder, first)
	return p
}

func (p *packages) note(holder model.Ref, first model.Date) {
	if was, ok := p.known[holder]; !first.IsZero() && (!ok || first < was) {
		p.known[holder] = first
	}
}

// of returns the components of a package, named with or without a version.
func (p *packages) of(purl string) []*model.Component {
	if at, ok := p.numbers[packageName(purl)]; ok {
		return p.uses[at]
	}
	return nil
}

// startOf returns the day from which on a component is known, and nothing where nobody can tell.
func startOf(c *model.Component) model.Date {
	at := cmp.Or(c.Created.At, c.VersionSince)
	if !c.VersionSince.IsZero() && c.VersionSince < at {
		at = c.VersionSince
	}
	if at.IsZero() {
		return 0
	}
	return at.Date()
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
