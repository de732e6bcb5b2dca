package security

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/model/vers"
	"binnacle/practice"
	"binnacle/practice/vulnerable"
)

// pair is a component and an advisory that fits it, with what is known about the two here.
type pair struct {
	*vulnerable.Match
	// holder is what the component is part of. Nil where nobody sees it.
	holder model.Record
	// standing is what VEX statements say.
	standing vulnerable.Standing
	// finding is the finding of a scanner that the pair comes from, where no advisory of the estate fits the component.
	finding *model.ScanFinding
}

// silenced reports whether a VEX statement says that nothing needs to be done.
func (p *pair) silenced() bool { return p.standing.Silenced }

// known returns the moment at which the pair first was known here: the later of when the component came in this version and when the
// advisory came. An import notes when it finds another version of a component; before that and without an import, it is when the record
// was created. Where an advisory has no stamp, the moment counts at which it was published.
func (p *pair) known() model.Time {
	if p.finding != nil {
		return cmp.Or(p.finding.First, p.finding.Created.At, p.finding.Seen)
	}
	came := max(p.Component.VersionSince, p.Component.Created.At)
	return max(came, cmp.Or(p.Advisory.Created.At, p.Advisory.Published))
}

// pairsOf returns every pair of a component and an advisory that fits it, by the key of the component and then of the advisory.
func pairsOf(v estate.View) []*pair {
	type key struct {
		name string
		at   model.Date
	}
	return v.Memo(key{"security.pairs", v.At()}, func() any {
		x := vulnerable.In(v)
		all := x.Matches()
		out, store := make([]*pair, len(all)), make([]pair, len(all))
		holders := map[model.Ref]model.Record{}
		for i := range all {
			m := &all[i]
			holder, looked := holders[m.Subject()]
			if !looked {
				holder = v.Get(m.Subject())
				holders[m.Subject()] = holder
			}
			store[i] = pair{Match: m, holder: holder, standing: x.StatusOf(m)}
			out[i] = &store[i]
		}
		return out
	}).([]*pair)
}

// isIn reports whether a pair is part of a thing, or of a release of it.
func (p *pair) isIn(v estate.View, ref model.Ref) bool {
	if p.holder == nil {
		return false
	}
	return p.holder.Base().Ref() == ref || productOf(v, p.holder).Base().Ref() == ref
}

// hasID reports whether a vulnerability has an identifier. Case does not matter.
func hasID(g *vulnerable.Group, id string) bool {
	return strings.EqualFold(g.ID, id) || slices.ContainsFunc(g.IDs(), func(has string) bool { return strings.EqualFold(has, id) })
}

// scoreOf returns the CVSS score as a number and as its vector, and nothing where there is none.
func scoreOf(s *vulnerable.Signals) (*float64, string) {
	if s.Score == nil {
		return nil, ""
	}
	value := s.Score.Value
	return &value, s.Score.Vector
}

// MatchesIn says which matches are listed.
type MatchesIn struct {
	// Application limits the answer to one thing and its releases.
	Application model.Ref `to:"Application,Product,Host,NetworkDevice,Service,Release"`
	// Advisory limits the answer to one vulnerability, by any of its identifiers, such as CVE-2021-44228.
	Advisory string
	// Severity leaves out what is less severe.
	Severity model.Severity
	// IncludeSilenced lists matches too of which a VEX statement says that they are not affected or mended.
	IncludeSilenced bool
	// Limit is how many rows there are at most. The default is all of them.
	Limit int `min:"0"`
}

// MatchesOut are the components that have known vulnerabilities.
type MatchesOut struct {
	// Matches are all pairs of a component and an advisory that fits it.
	Matches practice.Figure
	// Components are the components that have at least one.
	Components practice.Figure
	// Vulnerabilities is how many vulnerabilities they have. Advisories that share an identifier tell of one vulnerability.
	Vulnerabilities practice.Figure
	// Silenced is how many pairs a VEX statement silences.
	Silenced practice.Figure
	// Pairs lists each pair, by component and then by advisory.
	Pairs practice.Table[MatchRow]
}

// MatchRow is a component and an advisory that fits it.
type MatchRow struct {
	// Component is what its ecosystem calls the component, such as org.apache.logging.log4j:log4j-core.
	Component string
	// Version is its version.
	Version string
	// Advisory is the identifier of the advisory.
	Advisory string
	// Package is the package URL of the component without its version.
	Package string
	// Vulnerability is the identifier of the vulnerability that people know best.
	Vulnerability string
	// Aliases are the other identifiers of the vulnerability.
	Aliases []string
	// Severity is how bad it is.
	Severity model.Severity
	// Score is its CVSS score, of the newest version of CVSS that there is.
	Score *float64
	// Vector is the CVSS vector of the score.
	Vector string
	// Range is the range that the version is in, in VERS notation.
	Range string
	// Fixed is the lowest version above in which it is mended.
	Fixed string
	// Status is what VEX statements say: affected where nobody said anything.
	Status model.VexStatus
	// Statement is the statement that says so.
	Statement practice.Link
	// Perhaps says why it is not certain that it fits. Empty where it is.
	Perhaps string
	// Application is what the component is part of.
	Application practice.Link
	// InUse says whether that is in use, so that the pair counts as work to be done.
	InUse bool
	// Record is the component.
	Record practice.Link
	// Source is the advisory.
	Source practice.Link
	// From are the component, the advisory and the statement.
	From []practice.Link
}

// Matches lists every pair of a component and an advisory whose ranges hold its
// version. Versions are compared in the order of their ecosystem. What VEX statements say of a pair is respected: those that are not
// affected or mended are left out unless they are asked for.
func Matches(v estate.View, in MatchesIn) (MatchesOut, error) {
	var out MatchesOut
	x := vulnerable.In(v)
	components, groups := map[model.ID]bool{}, map[*vulnerable.Group]bool{}
	var with, silenced []practice.Link
	shown, count := 0, 0
	for _, p := range pairsOf(v) {
		s := x.SignalsOf(p.Group)
		switch {
		case !in.Application.IsZero() && !p.isIn(v, in.Application), in.Advisory != "" && !hasID(p.Group, in.Advisory), model.Rank(s.Severity) < model.Rank(in.Severity):
			continue
		case p.silenced():
			silenced = append(silenced, practice.To(p.standing.Statement))
			if !in.IncludeSilenced {
				continue
			}
		}
		if !p.silenced() {
			count++
			if groups[p.Group] = true; !components[p.Component.ID] {
				components[p.Component.ID] = true
				with = append(with, practice.To(p.Component))
			}
		}
		if shown++; in.Limit == 0 || shown <= in.Limit {
			out.Pairs.Rows = append(out.Pairs.Rows, rowOfPair(v, p, s))
		}
	}
	if len(out.Pairs.Rows) < shown {
		out.Pairs.Note = practice.Count(shown-len(out.Pairs.Rows), "more pair is", "more pairs are") + " left out by the limit"
	}
	out.Matches = practice.Figure{Value: float64(count), Unit: "pairs", Better: practice.Lower, From: with}
	out.Components = practice.Counted("components", practice.Lower, with)
	out.Vulnerabilities = practice.Figure{Value: float64(len(groups)), Unit: "vulnerabilities", Better: practice.Lower, From: with}
	out.Silenced = practice.Figure{Value: float64(len(silenced)), Unit: "pairs", From: distinct(silenced)}
	return out, nil
}

func rowOfPair(v estate.View, p *pair, s *vulnerable.Signals) MatchRow {
	row := MatchRow{Version: p.Version, Advisory: p.Advisory.Key, Vulnerability: p.Group.ID, Severity: s.Severity, Range: p.Range, Fixed: p.Fixed,
		Status: p.standing.Status, Perhaps: p.Perhaps, Application: practice.To(p.holder), Record: practice.To(p.Component), Source: practice.To(p.Advisory)}
	row.InUse = p.holder != nil && inUse(v, p.holder)
	row.Package, row.Version = vulnerable.Component(p.Component)
	row.Component = row.Package
	if pkg, err := vers.ParseURL(p.Component.PackageURL); err == nil {
		row.Component = pkg.Title()
	}
	row.Aliases = slices.DeleteFunc(p.Group.IDs(), func(id string) bool { return id == p.Advisory.Key })
	row.Score, row.Vector = scoreOf(s)
	row.From = []practice.Link{row.Record, row.Source}
	if p.standing.Statement != nil {
		row.Statement = practice.To(p.standing.Statement)
		row.From = append(row.From, row.Statement)
	}
	return row
}

// distinct returns links without repeats, in their order.
func distinct(links []practice.Link) []practice.Link {
	seen := make(map[model.ID]bool, len(links))
	var out []practice.Link
	for _, l := range links {
		if !seen[l.ID] && !l.IsZero() {
			seen[l.ID] = true
			out = append(out, l)
		}
	}
	return out
}
