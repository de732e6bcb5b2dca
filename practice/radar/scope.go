package radar

import (
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// scope is what a radar is for: everything, or what belongs to teams, business units, products and capabilities.
type scope struct {
	view estate.View
	// teams are the teams that it is for and all below them.
	teams map[model.Ref]bool
	units map[model.Ref]bool
	// under is all that the products and capabilities need.
	under map[model.Ref]bool
	all   bool
	known map[model.Ref]bool
}

func newScope(v estate.View, r *model.Radar) *scope {
	s := &scope{view: v, teams: map[model.Ref]bool{}, units: map[model.Ref]bool{}, under: map[model.Ref]bool{}, known: map[model.Ref]bool{}, all: len(r.For) == 0}
	for _, ref := range r.For {
		switch v.Get(ref).(type) {
		case *model.Team:
			s.teams[ref] = true
		case *model.BusinessUnit:
			s.units[ref] = true
		case *model.Product, *model.Capability:
			for _, step := range v.Reach(estate.Up, ref).Steps {
				s.under[step.Record.Base().Ref()] = true
			}
		}
	}
	return s
}

// has reports whether the radar is for a record.
func (s *scope) has(rec model.Record) bool {
	if s.all {
		return true
	}
	ref := rec.Base().Ref()
	got, ok := s.known[ref]
	if !ok {
		got = s.find(rec)
		s.known[ref] = got
	}
	return got
}

func (s *scope) find(rec model.Record) bool {
	if s.under[rec.Base().Ref()] {
		return true
	}
	if app, ok := rec.(*model.Application); ok && slices.ContainsFunc(app.BusinessUnits, func(u model.Ref) bool { return s.units[u] }) {
		return true
	}
	// A team that is its own ancestor must not hold anybody up.
	at := teamOf(s.view, rec)
	for range 32 {
		if s.teams[at] || s.units[at] {
			return true
		}
		team, ok := estate.Look[*model.Team](s.view, at)
		if !ok {
			return false
		}
		at = team.Parent
	}
	return false
}

// teamOf returns the team that answers for a record: its owner, the team of the person that owns it, or the team that works on a repository.
func teamOf(v estate.View, rec model.Record) model.Ref {
	switch owner := v.Get(rec.Base().Owner).(type) {
	case *model.Team:
		return owner.Ref()
	case *model.Person:
		return owner.Team
	}
	if r, ok := rec.(*model.Repository); ok {
		return r.Team
	}
	return model.Ref{}
}
