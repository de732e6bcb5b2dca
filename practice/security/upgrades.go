package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/model/vers"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// UpgradesIn says whose upgrades are wanted.
type UpgradesIn struct {
	// Application limits the answer to one thing and its releases.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release"`
	// Package limits the answer to packages with this in their name.
	Package string
	// Limit is how many upgrades there are at most. The default is 1000.
	Limit int `min:"0" max:"10000000"`
}

// UpgradesOut are the upgrades that remove open vulnerabilities.
type UpgradesOut struct {
	// Upgrades are the upgrades that are known.
	Upgrades practice.Figure
	// Removed is how many open issues they remove.
	Removed practice.Figure
	// Without is how many open vulnerabilities no version is known for that mends them.
	Without practice.Figure
	// Table lists each upgrade, the one that removes the most urgent and then the most first.
	Table practice.Table[UpgradeRow]
}

// UpgradeRow is an upgrade of a package from one version to another, wherever it is used.
type UpgradeRow struct {
	// Package is the package URL without a version.
	Package string
	// Old is the version in use.
	Old string
	// New is the lowest version that removes the most.
	New string
	// Jump says how far that is: major, minor, patch or other.
	Jump string
	// Immediate is how many issues go away that are to be mended now.
	Immediate int
	// OutOfCycle is how many go away that are to be mended at the next occasion.
	OutOfCycle int
	// Scheduled is how many go away that are to be mended in regular maintenance.
	Scheduled int
	// Defer is how many go away that nobody needs to act on now.
	Defer int
	// Late is how many of them are past their deadline.
	Late int
	// Vulnerabilities are what goes away.
	Vulnerabilities []string
	// Remaining are the vulnerabilities that the new version has.
	Remaining []string
	// Applications are the things that use it.
	Applications []practice.Link
	// Direct is how many of these use it themselves. The others have it through something else.
	Direct int
	// Through are the components that bring it where it is not used directly: these are to be upgraded so that it is.
	Through []practice.Link
	// Paths lead from such a component to the package.
	Paths []practice.Path
	// From are the components.
	From []practice.Link
}

// upgrade gathers what one upgrade removes.
type upgrade struct {
	pkg, version, to string
	issues           map[*issue]bool
	components       map[model.ID]*model.Component
	remaining        []string
}

// Upgrades groups what is open by the upgrade that removes it. For a package in
// a version it looks for the lowest version in which all of its vulnerabilities that can be mended are mended; where advisories tell that
// this version has others which a later one mends, it goes on to that one. What has the package through other components needs an upgrade of these.
func Upgrades(v estate.View, in UpgradesIn) (UpgradesOut, error) {
	var out UpgradesOut
	all, without := upgradesOf(v, in.Application)
	now := practice.NowOf(v)
	var rows []UpgradeRow
	removed := map[*issue]bool{}
	for _, u := range all {
		if in.Package != "" && !strings.Contains(strings.ToLower(u.pkg), strings.ToLower(in.Package)) {
			continue
		}
		for i := range u.issues {
			removed[i] = true
		}
		rows = append(rows, u.row(v, now))
	}
	slices.SortFunc(rows, func(a, b UpgradeRow) int {
		return cmp.Or(b.Immediate-a.Immediate, b.OutOfCycle-a.OutOfCycle, b.Scheduled-a.Scheduled, b.Defer-a.Defer,
			len(b.Vulnerabilities)-len(a.Vulnerabilities), strings.Compare(a.Package, b.Package), strings.Compare(a.Old, b.Old))
	})
	limit := cmp.Or(in.Limit, 1000)
	out.Table.Rows = rows[:min(limit, len(rows))]
	if len(rows) > limit {
		out.Table.Note = fmt.Sprintf("%d of %d are shown; raise the limit to see the rest", limit, len(rows))
	}
	out.Upgrades = practice.Figure{Value: float64(len(rows)), Unit: "upgrades"}
	out.Removed = practice.Counted("issues", practice.Higher, linksOf(removed))
	out.Without = practice.Counted("issues", practice.Lower, without)
	return out, nil
}

// linksOf returns what to open for some issues, in their order.
func linksOf(some map[*issue]bool) []practice.Link {
	all := make([]*issue, 0, len(some))
	for i := range some {
		all = append(all, i)
	}
	slices.SortFunc(all, func(a, b *issue) int { return a.place - b.place })
	out := make([]practice.Link, len(all))
	for n, i := range all {
		out[n] = i.link()
	}
	return out
}

// upgradesOf returns the upgrades for what is open, and what no version mends.
func upgradesOf(v estate.View, of model.Ref) (all []*upgrade, without []practice.Link) {
	type used struct{ pkg, version string }
	x, found := vulnerable.In(v), map[used]*upgrade{}
	fixes := map[used][]string{}
	for _, i := range issuesOf(v) {
		if !i.open() || i.group == nil || !of.IsZero() && !(QueueIn{Application: of}).wants(v, i) {
			continue
		}
		mended := false
		for _, p := range i.pairs {
			if p.Fixed == "" || p.Package == "" {
				continue
			}
			mended = true
			key := used{p.Package, p.Version}
			u := found[key]
			if u == nil {
				u = &upgrade{pkg: p.Package, version: p.Version, issues: map[*issue]bool{}, components: map[model.ID]*model.Component{}}
				found[key] = u
			}
			u.issues[i] = true
			if p.finding == nil {
				u.components[p.Component.ID] = p.Component
			}
			fixes[key] = append(fixes[key], p.Fixed)
		}
		if !mended {
			without = append(without, i.link())
		}
	}
	for key, u := range found {
		u.settle(x, fixes[key])
		all = append(all, u)
	}
	return all, without
}

// mostSteps is how often an upgrade goes on to a later version because the one before has other vulnerabilities.
const mostSteps = 20

// settle finds the version to go to: the highest of the lowest versions that mend each vulnerability, and on from there as
// long as the version reached has vulnerabilities that a later one mends.
func (u *upgrade) settle(x *vulnerable.Index, fixes []string) {
	for _, fix := range fixes {
		if u.to == "" || newer(u.pkg, fix, u.to) {
			u.to = fix
		}
	}
	for range mostSteps {
		u.remaining = nil
		next := u.to
		for _, f := range x.Fits(u.pkg + "@" + escaped(u.to)) {
			if !slices.Contains(u.remaining, f.Group.ID) {
				u.remaining = append(u.remaining, f.Group.ID)
			}
			if f.Fixed != "" && newer(u.pkg, f.Fixed, next) {
				next = f.Fixed
			}
		}
		if next == u.to {
			break
		}
		u.to = next
	}
	slices.Sort(u.remaining)
	for i := range u.issues {
		if slices.Contains(u.remaining, i.name) {
			delete(u.issues, i)
		}
	}
}

// escaped writes a version as a package URL has it.
func escaped(version string) string {
	return strings.NewReplacer("%", "%25", "+", "%2B", "?", "%3F", "#", "%23", "@", "%40", " ", "%20").Replace(version)
}

func (u *upgrade) row(v estate.View, now model.Time) UpgradeRow {
	row := UpgradeRow{Package: u.pkg, Old: u.version, New: u.to, Jump: jumpOf(u.version, u.to), Remaining: u.remaining}
	for i := range u.issues {
		switch i.most {
		case model.SSVCImmediate:
			row.Immediate++
		case model.SSVCOutOfCycle:
			row.OutOfCycle++
		case model.SSVCScheduled:
			row.Scheduled++
		default:
			row.Defer++
		}
		row.Late += b2i(i.late(now))
		if !slices.Contains(row.Vulnerabilities, i.name) {
			row.Vulnerabilities = append(row.Vulnerabilities, i.name)
		}
		if link := practice.To(i.holder); !link.IsZero() && !slices.Contains(row.Applications, link) {
			row.Applications = append(row.Applications, link)
		}
	}
	slices.Sort(row.Vulnerabilities)
	slices.SortFunc(row.Applications, func(a, b practice.Link) int { return strings.Compare(a.String(), b.String()) })
	components := make([]*model.Component, 0, len(u.components))
	for _, c := range u.components {
		components = append(components, c)
	}
	slices.SortFunc(components, func(a, b *model.Component) int { return strings.Compare(a.Key, b.Key) })
	for _, c := range components {
		row.From = append(row.From, practice.To(c))
		path := broughtBy(v, c)
		if len(path) <= 1 {
			row.Direct++
			continue
		}
		if row.Paths = append(row.Paths, path); !slices.Contains(row.Through, path[0]) {
			row.Through = append(row.Through, path[0])
		}
	}
	return row
}

// broughtBy returns the shortest way along the dependencies from a component that nothing else in the bill of
// materials needs to this one. It is the component alone where nothing needs it.
func broughtBy(v estate.View, c *model.Component) practice.Path {
	type step struct {
		c    *model.Component
		next int
	}
	queue, seen := []step{{c, -1}}, map[model.ID]bool{c.ID: true}
	for at := 0; at < len(queue); at++ {
		var parents []*model.Component
		for e := range v.In(queue[at].c.Ref()) {
			if parent, ok := e.Record.(*model.Component); ok && e.Field.Name == "depends_on" && parent.Application == c.Application && parent.Stale().IsZero() {
				parents = append(parents, parent)
			}
		}
		if len(parents) == 0 {
			var out practice.Path
			for i := at; i >= 0; i = queue[i].next {
				out = append(out, practice.To(queue[i].c))
			}
			return out
		}
		slices.SortFunc(parents, func(a, b *model.Component) int { return strings.Compare(a.Key, b.Key) })
		for _, parent := range parents {
			if !seen[parent.ID] {
				seen[parent.ID] = true
				queue = append(queue, step{parent, at})
			}
		}
	}
	return practice.Path{practice.To(c)}
}

// versionOf takes a package URL apart into the package and its version.
func versionOf(purl string) (pkg, version string, err error) {
	p, err := vers.ParseURL(purl)
	if err != nil {
		return "", "", err
	}
	return p.URL(), p.Version, nil
}
