package security

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// ReleasesIn says whose bills of materials are listed.
type ReleasesIn struct {
	// Of limits the answer to one thing and its releases.
	Of model.Ref `to:"Application,Product,Host,NetworkDevice,Service"`
	// Old is after how many days a bill of materials counts as old. The default is 90.
	Old int `min:"0" max:"3650"`
}

// ReleasesOut are the bills of materials that the estate has.
type ReleasesOut struct {
	// Bills are the bills of materials.
	Bills practice.Figure
	// Old are the bills of materials of what is in use that were not read for a while.
	Old practice.Figure
	// Without are the applications in use that have no bill of materials.
	Without practice.Figure
	// Releases lists each bill of materials: that of a thing as it is used now, and those of its releases.
	Releases practice.Table[ReleaseRow]
}

// ReleaseRow is a bill of materials.
type ReleaseRow struct {
	// Application is what it describes.
	Application practice.Link
	// Release is the release that it describes. Empty means the thing as it is used now.
	Release practice.Link
	// Version is the version that it describes, where that is known.
	Version string
	// Released is the day on which the release was delivered.
	Released model.Date
	// Ended is the last day of the release.
	Ended model.Date
	// InUse says whether its vulnerabilities count as work to be done.
	InUse bool
	// Components is how many components it has.
	Components int
	// Vulnerabilities is how many vulnerabilities these have that no VEX statement silences.
	Vulnerabilities int
	// Read is when it was read last.
	Read model.Time
	// Age is how many days ago that was.
	Age *int
	// Source is where it came from.
	Source practice.Link
	// Format is the format that it was read in.
	Format string
}

// Releases lists the bills of materials: of each thing as it is used now and of
// each release. A release counts as in use from the day on which it was delivered to its last day, so one without a day of
// delivery is only there to be compared.
func Releases(v estate.View, in ReleasesIn) (ReleasesOut, error) {
	var out ReleasesOut
	old := cmp.Or(in.Old, 90)
	open := map[model.Ref]map[*vulnerable.Group]bool{}
	for _, p := range pairsOf(v) {
		if ref := p.Subject(); !p.silenced() {
			if open[ref] == nil {
				open[ref] = map[*vulnerable.Group]bool{}
			}
			open[ref][p.Group] = true
		}
	}
	var bills, aged []practice.Link
	for _, b := range billsOf(v) {
		of := productOf(v, b.holder)
		if !in.Of.IsZero() && of.Base().Ref() != in.Of {
			continue
		}
		row := ReleaseRow{Application: practice.To(of), InUse: inUse(v, b.holder), Components: b.components, Vulnerabilities: len(open[b.holder.Base().Ref()])}
		if r, ok := b.holder.(*model.Release); ok {
			row.Release, row.Version, row.Released, row.Ended = practice.To(r), r.Version, r.Released, r.Ended
		}
		if src := b.source; src != nil {
			row.Source, row.Format, row.Read, row.Version = practice.To(src), src.Format, src.LastSeen, cmp.Or(row.Version, src.Release)
			days := int(v.At() - src.LastSeen.Date())
			row.Age = &days
			if row.InUse && days > old {
				aged = append(aged, practice.To(b.holder))
			}
		}
		if a, ok := b.holder.(*model.Application); ok {
			row.Version = cmp.Or(row.Version, a.Version)
		}
		bills = append(bills, practice.To(b.holder))
		out.Releases.Rows = append(out.Releases.Rows, row)
	}
	without := slices.DeleteFunc(withoutBills(v), func(l practice.Link) bool { return !in.Of.IsZero() && model.Ref(l.ID) != in.Of })
	slices.SortStableFunc(out.Releases.Rows, func(a, b ReleaseRow) int {
		return cmp.Or(strings.Compare(a.Application.Key, b.Application.Key), b2i(!a.Release.IsZero())-b2i(!b.Release.IsZero()),
			cmp.Compare(b.Released, a.Released), strings.Compare(b.Version, a.Version), strings.Compare(a.Release.Key, b.Release.Key))
	})
	out.Bills, out.Old, out.Without = practice.Counted("bills of materials", practice.Neither, bills), practice.Counted("bills of materials", practice.Lower, aged), practice.Counted("applications", practice.Lower, without)
	return out, nil
}

// bill is a bill of materials: what it describes, how many components it has, and the source that was read last.
type bill struct {
	holder     model.Record
	components int
	source     *model.Source
}

// billsOf returns the bills of materials of a view, by kind and key of what they describe.
func billsOf(v estate.View) []*bill {
	type key struct{ name string }
	return v.Memo(key{"security.bills"}, func() any {
		bills, sources := map[model.Ref]*bill{}, map[string]*model.Source{}
		var out []*bill
		for c := range estate.Each[*model.Component](v) {
			if !c.Stale().IsZero() {
				continue
			}
			b := bills[c.Application]
			if b == nil {
				holder := v.Get(c.Application)
				if holder == nil {
					continue
				}
				b = &bill{holder: holder}
				bills[c.Application], out = b, append(out, b)
			}
			b.components++
			for _, s := range c.Sightings {
				src, looked := sources[s.Source]
				if !looked {
					src, _ = v.Find("Source", s.Source).(*model.Source)
					sources[s.Source] = src
				}
				if src != nil && s.Stale.IsZero() && (b.source == nil || src.LastSeen > b.source.LastSeen) {
					b.source = src
				}
			}
		}
		slices.SortFunc(out, func(a, b *bill) int {
			return cmp.Or(strings.Compare(model.NameOf(a.holder), model.NameOf(b.holder)), strings.Compare(a.holder.Base().Key, b.holder.Base().Key))
		})
		return out
	}).([]*bill)
}

// withoutBills returns the applications in use of which neither a bill of materials nor that of a release in use is known.
func withoutBills(v estate.View) []practice.Link {
	has := map[model.Ref]bool{}
	for _, b := range billsOf(v) {
		if inUse(v, b.holder) {
			has[productOf(v, b.holder).Base().Ref()] = true
		}
	}
	var out []practice.Link
	for a := range estate.Each[*model.Application](v) {
		if !has[a.Ref()] && !practice.Gone(a, v.At()) {
			out = append(out, practice.To(a))
		}
	}
	return out
}

// Difference compares two bills of materials: of two releases, or of a release
// and of the thing as it is used now. It tells which packages came, went, changed version or licence, and which vulnerabilities
// came and went with them. Vulnerabilities that a VEX statement silences on a side do not count on it.
func Difference(v estate.View, in DifferenceIn) (DifferenceOut, error) {
	var out DifferenceOut
	before, err := holderNamed(v, "old", in.Old)
	if err != nil {
		return out, err
	}
	after, err := holderNamed(v, "new", in.New)
	if err != nil {
		return out, err
	}
	out.Components.Rows = compareComponents(componentsOf(v, before.Base().Ref()), componentsOf(v, after.Base().Ref()))
	counts := map[string][]practice.Link{}
	for _, d := range out.Components.Rows {
		counts[d.Change] = append(counts[d.Change], d.Component)
		if d.Change == "changed" && (len(d.OldLicences) > 0 || len(d.NewLicences) > 0) {
			counts["relicensed"] = append(counts["relicensed"], d.Component)
		}
	}
	out.Added, out.Removed = practice.Counted("packages", practice.Neither, counts["added"]), practice.Counted("packages", practice.Neither, counts["removed"])
	out.Changed, out.Relicensed = practice.Counted("packages", practice.Neither, counts["changed"]), practice.Counted("packages", practice.Neither, counts["relicensed"])
	was, is := groupsIn(v, before.Base().Ref()), groupsIn(v, after.Base().Ref())
	out.Vulnerabilities.Rows = append(onlyIn(v, is, was, "new"), onlyIn(v, was, is, "gone")...)
	var fresh, gone []practice.Link
	for _, d := range out.Vulnerabilities.Rows {
		if d.Change == "new" {
			fresh = append(fresh, d.Advisories[0])
		} else {
			gone = append(gone, d.Advisories[0])
		}
	}
	out.New, out.Gone = practice.Counted("vulnerabilities", practice.Lower, fresh), practice.Counted("vulnerabilities", practice.Higher, gone)
	return out, nil
}

// groupsIn returns the vulnerabilities that one bill of materials has and no VEX statement silences, with their components.
func groupsIn(v estate.View, holder model.Ref) map[*vulnerable.Group][]practice.Link {
	out := map[*vulnerable.Group][]practice.Link{}
	for _, p := range pairsOf(v) {
		if p.Subject() != holder || p.silenced() {
			continue
		}
		if link := practice.To(p.Component); !slices.Contains(out[p.Group], link) {
			out[p.Group] = append(out[p.Group], link)
		}
	}
	return out
}

// onlyIn lists the vulnerabilities that one side has and the other has not, by identifier.
func onlyIn(v estate.View, side, other map[*vulnerable.Group][]practice.Link, change string) []VulnerabilityDifference {
	var out []VulnerabilityDifference
	x := vulnerable.In(v)
	for g, components := range side {
		if _, both := other[g]; both {
			continue
		}
		s := x.SignalsOf(g)
		d := VulnerabilityDifference{Vulnerability: g.ID, Change: change, Severity: s.Severity, Exploited: s.Exploited, Components: components, Advisories: practice.ToAll(g.Advisories)}
		d.Score, _ = scoreOf(s)
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b VulnerabilityDifference) int { return strings.Compare(a.Vulnerability, b.Vulnerability) })
	return out
}
