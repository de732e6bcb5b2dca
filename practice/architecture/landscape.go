package architecture

import (
	"fmt"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// LandscapeIn says which part of the capability map is shown.
type LandscapeIn struct {
	// Under limits the map to one capability and its parts. The default is all.
	Under model.Ref `to:"Capability"`
	// Criticality leaves out capabilities that are less critical.
	Criticality model.Criticality
}

// LandscapeOut is the capability map with the applications that carry it.
type LandscapeOut struct {
	// Capabilities is how many capabilities the map has.
	Capabilities practice.Figure
	// Bare is how many capabilities nothing carries. Those made of parts do not count.
	Bare practice.Figure
	// Doubled is how many capabilities several applications carry.
	Doubled practice.Figure
	// Map shows the capabilities, each in the box of the wider one, with the number of applications that carry it.
	Map practice.Picture
	// Findings are bare capabilities and those that several applications carry.
	Findings []practice.Finding
	// Table lists the capabilities with what carries them.
	Table practice.Table[CapabilityRow]
}

// CapabilityRow is one capability of the map.
type CapabilityRow struct {
	// Capability is the capability.
	Capability practice.Link
	// Within is the wider capability that it is part of.
	Within practice.Link
	// Criticality says how much the business depends on it.
	Criticality model.Criticality
	// Maturity says how well the company does it today.
	Maturity model.Level
	// TargetMaturity says how well the company wants to do it.
	TargetMaturity model.Level
	// Applications are the applications and services that carry it, by key.
	Applications []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
}

// Landscape draws the capability map: what the business must be able to do, which
// applications carry it today, where nothing does, and where several do the same.
// Applications whose life has ended before the date do not count.
func Landscape(v estate.View, in LandscapeIn) (LandscapeOut, error) {
	out := LandscapeOut{Map: practice.Picture{Type: practice.MapPicture}}
	var all, bare, doubled []practice.Link
	for c := range estate.Each[*model.Capability](v) {
		if model.Rank(c.Criticality) < model.Rank(in.Criticality) || !in.Under.IsZero() && !isWithin(v, c, in.Under) {
			continue
		}
		carriers, composed := carriersOf(v, c)
		row := CapabilityRow{
			Capability: practice.To(c), Within: practice.To(v.Get(c.Parent)), Criticality: c.Criticality, Maturity: c.Maturity, TargetMaturity: c.TargetMaturity,
			Applications: practice.ToAll(carriers), Owner: practice.OwnerOf(v, c),
		}
		out.Table.Rows = append(out.Table.Rows, row)
		all = append(all, row.Capability)
		node := practice.Node{Link: row.Capability, Group: row.Within.Key, Value: float64(len(carriers))}
		applications := onlyApplications(carriers)
		switch {
		case len(carriers) == 0 && !composed:
			bare = append(bare, row.Capability)
			node.Severity = practice.SeverityOf(c.Criticality)
			out.Findings = append(out.Findings, bareFinding(v, c))
		case len(applications) > 1:
			doubled = append(doubled, row.Capability)
			node.Severity = practice.Info
			out.Findings = append(out.Findings, practice.Finding{
				Severity: practice.Low, About: row.Capability, From: applications, Owner: row.Owner,
				Text: fmt.Sprintf("%d applications carry the capability %s: %s. See whether one would do.", len(applications), c.Title(), practice.Some(applications)),
			})
		}
		out.Map.Nodes = append(out.Map.Nodes, node)
	}
	practice.WorstFirst(out.Findings)
	out.Capabilities = practice.Counted("capabilities", practice.Neither, all)
	out.Bare = practice.Counted("capabilities", practice.Lower, bare)
	out.Doubled = practice.Counted("capabilities", practice.Lower, doubled)
	return out, nil
}

// isWithin reports whether a capability is another one or a part of it.
func isWithin(v estate.View, c *model.Capability, wide model.Ref) bool {
	seen := map[model.Ref]bool{}
	for c != nil && !seen[c.Ref()] {
		if c.Ref() == wide {
			return true
		}
		seen[c.Ref()] = true
		c, _ = estate.Look[*model.Capability](v, c.Parent)
	}
	return false
}

// carriersOf returns the living applications and services that carry a capability
// directly or through one of its processes, and whether it is made of parts.
func carriersOf(v estate.View, c *model.Capability) (carriers []model.Record, composed bool) {
	seen := map[model.Ref]bool{}
	add := func(rec model.Record) {
		if !seen[rec.Base().Ref()] && !practice.Gone(rec, v.At()) {
			seen[rec.Base().Ref()] = true
			carriers = append(carriers, rec)
		}
	}
	for e := range v.In(c.Ref()) {
		switch rec := e.Record.(type) {
		case *model.Application, *model.Service:
			add(rec)
		case *model.Capability:
			composed = true
		case *model.Process:
			for _, ref := range rec.Applications {
				if a := v.Get(ref); a != nil {
					add(a)
				}
			}
		}
	}
	byKey(carriers)
	return carriers, composed
}

func onlyApplications(records []model.Record) []practice.Link {
	var out []practice.Link
	for _, rec := range records {
		if _, ok := rec.(*model.Application); ok {
			out = append(out, practice.To(rec))
		}
	}
	return out
}

func bareFinding(v estate.View, c *model.Capability) practice.Finding {
	return practice.Finding{
		Severity: practice.SeverityOf(c.Criticality).Less(), About: practice.To(c), Owner: practice.OwnerOf(v, c),
		Text: fmt.Sprintf("Nothing carries the capability %s. Name its applications, or say in its description that people do it by hand.", c.Title()),
	}
}
