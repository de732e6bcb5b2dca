package security

import (
	"cmp"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// DifferenceIn says which two bills of materials are compared.
type DifferenceIn struct {
	// Old is the release, or the thing as it is used now, on the one side.
	Old model.Ref `to:"Release,Application,Product,Host,NetworkDevice,Service" is:"required"`
	// New is the one on the other side.
	New model.Ref `to:"Release,Application,Product,Host,NetworkDevice,Service" is:"required"`
}

// DifferenceOut is what differs between two bills of materials.
type DifferenceOut struct {
	// Added are the packages that only the new one has.
	Added practice.Figure
	// Removed are the packages that only the old one has.
	Removed practice.Figure
	// Changed are the packages that both have, in different versions.
	Changed practice.Figure
	// Relicensed are the packages whose licences differ.
	Relicensed practice.Figure
	// New are the vulnerabilities that only the new one has.
	New practice.Figure
	// Gone are the vulnerabilities that only the old one has.
	Gone practice.Figure
	// Components lists each package that differs.
	Components practice.Table[ComponentDifference]
	// Vulnerabilities lists each vulnerability that differs.
	Vulnerabilities practice.Table[VulnerabilityDifference]
}

// ComponentDifference is a package that differs.
type ComponentDifference struct {
	// Package is the package URL without a version, or the name where there is none.
	Package string
	// Change is added, removed, changed or relicensed.
	Change string
	// Old is the version before.
	Old string
	// New is the version after.
	New string
	// OldLicences are the licences before, where they differ.
	OldLicences []string
	// NewLicences are the licences after, where they differ.
	NewLicences []string
	// Component is the component, that of the new bill of materials where both have it.
	Component practice.Link
	// From are the components on both sides.
	From []practice.Link
}

// VulnerabilityDifference is a vulnerability that only one side has.
type VulnerabilityDifference struct {
	// Vulnerability is its identifier.
	Vulnerability string
	// Change is new or gone.
	Change string
	// Severity is how bad it is.
	Severity model.Severity
	// Score is its CVSS score.
	Score *float64
	// Exploited is the day since which it is known to be used in attacks.
	Exploited model.Date
	// Components are the components that have it.
	Components []practice.Link
	// Advisories are the advisories that tell of it.
	Advisories []practice.Link
}

// sameThing returns what tells a component of one bill of materials in another: its package URL without the version, or what it is called.
func sameThing(c *model.Component) string {
	if purl, err := packageurl.FromString(c.PackageURL); err == nil {
		purl.Version = ""
		return purl.ToString()
	}
	return strings.Trim(strings.Join([]string{c.Type, c.Group, cmp.Or(c.Name, c.Key)}, "/"), "/")
}

// compareComponents tells what differs between two lists of components. Where a package is there in several versions, those that
// both have are left out, and the rest are paired from the lowest key on.
func compareComponents(before, after []*model.Component) []ComponentDifference {
	type sides struct{ old, new []*model.Component }
	packages := map[string]*sides{}
	for i, list := range [][]*model.Component{before, after} {
		for _, c := range list {
			name := sameThing(c)
			if packages[name] == nil {
				packages[name] = &sides{}
			}
			if side := packages[name]; i == 0 {
				side.old = append(side.old, c)
			} else {
				side.new = append(side.new, c)
			}
		}
	}
	var out []ComponentDifference
	for name, s := range packages {
		var pairs [][2]*model.Component
		s.old, s.new, pairs = pairUp(s.old, s.new)
		for _, p := range pairs {
			if d, differs := differenceOf(name, p[0], p[1]); differs {
				out = append(out, d)
			}
		}
		for _, c := range s.old {
			out = append(out, ComponentDifference{Package: name, Change: "removed", Old: c.Version, Component: practice.To(c), From: []practice.Link{practice.To(c)}})
		}
		for _, c := range s.new {
			out = append(out, ComponentDifference{Package: name, Change: "added", New: c.Version, Component: practice.To(c), From: []practice.Link{practice.To(c)}})
		}
	}
	order := []string{"added", "removed", "changed", "relicensed"}
	slices.SortFunc(out, func(a, b ComponentDifference) int {
		return cmp.Or(slices.Index(order, a.Change)-slices.Index(order, b.Change), strings.Compare(a.Package, b.Package),
			strings.Compare(a.Old, b.Old), strings.Compare(a.New, b.New), strings.Compare(a.Component.Key, b.Component.Key))
	})
	return out
}

// pairUp pairs components of the same version, then the others in their order, and returns those that are left over.
func pairUp(before, after []*model.Component) (old, fresh []*model.Component, pairs [][2]*model.Component) {
	rest := slices.Clone(after)
	for _, c := range before {
		if i := slices.IndexFunc(rest, func(o *model.Component) bool { return o.Version == c.Version }); i >= 0 {
			pairs = append(pairs, [2]*model.Component{c, rest[i]})
			rest = slices.Delete(rest, i, i+1)
		} else {
			old = append(old, c)
		}
	}
	n := min(len(old), len(rest))
	for i := range n {
		pairs = append(pairs, [2]*model.Component{old[i], rest[i]})
	}
	return old[n:], rest[n:], pairs
}

// differenceOf tells how two components of one package differ, and whether they do.
func differenceOf(name string, a, b *model.Component) (ComponentDifference, bool) {
	d := ComponentDifference{Package: name, Old: a.Version, New: b.Version, Component: practice.To(b), From: []practice.Link{practice.To(a), practice.To(b)}}
	if !slices.Equal(slices.Sorted(slices.Values(a.Licences)), slices.Sorted(slices.Values(b.Licences))) {
		d.Change, d.OldLicences, d.NewLicences = "relicensed", a.Licences, b.Licences
	}
	if a.Version != b.Version {
		d.Change = "changed"
	}
	return d, d.Change != ""
}

// holderNamed returns what a ref leads to, or what is wrong with it.
func holderNamed(v estate.View, field string, ref model.Ref) (model.Record, error) {
	if rec := v.Get(ref); rec != nil {
		return rec, nil
	}
	return nil, model.Problem{Field: field, Text: "there is no such thing: name a release or an application"}
}
