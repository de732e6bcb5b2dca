package security

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// lowerKey makes a key of a number such as SEC-2027-003.
func lowerKey(number string) string { return strings.ToLower(number) }

// hashOf returns the SHA-256 of a text in hexadecimal, and nothing for no text.
func hashOf(text string) string {
	if text == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// staff are the people who work here on the day of a view, with the places that each belongs to.
type staff struct {
	people []*model.Person
	// belongs are the teams, business units, sites and the person itself, of each person.
	belongs map[model.ID]map[model.Ref]bool
}

// staffOf returns the people who work here on the day of a view, by key.
func staffOf(v estate.View) *staff {
	type key struct {
		name string
		at   model.Date
	}
	return v.Memo(key{"security.staff", v.At()}, func() any {
		s := &staff{belongs: map[model.ID]map[model.Ref]bool{}}
		above := map[model.Ref][]model.Ref{}
		for p := range estate.Each[*model.Person](v) {
			if practice.HasLeft(p, v.At()) || p.Joined > v.At() {
				continue
			}
			s.people = append(s.people, p)
			places := map[model.Ref]bool{p.Ref(): true, p.Site: true}
			for _, ref := range placesAbove(v, p.Team, above) {
				places[ref] = true
			}
			s.belongs[p.ID] = places
		}
		slices.SortFunc(s.people, func(a, b *model.Person) int { return cmp.Compare(a.Key, b.Key) })
		return s
	}).(*staff)
}

// placesAbove returns a team or business unit and everything that it is part of. What was found is kept in known.
func placesAbove(v estate.View, ref model.Ref, known map[model.Ref][]model.Ref) []model.Ref {
	if out, ok := known[ref]; ok {
		return out
	}
	var out []model.Ref
	for at := ref; !at.IsZero() && !slices.Contains(out, at); {
		out = append(out, at)
		switch r := v.Get(at).(type) {
		case *model.Team:
			at = r.Parent
		case *model.BusinessUnit:
			at = r.Parent
		default:
			at = model.Ref{}
		}
	}
	known[ref] = out
	return out
}

// audience returns the people that something is for: those that belong to one of the places, or everybody where there are none.
func (s *staff) audience(places []model.Ref) []*model.Person {
	if len(places) == 0 {
		return s.people
	}
	var out []*model.Person
	for _, p := range s.people {
		if slices.ContainsFunc(places, func(ref model.Ref) bool { return s.belongs[p.ID][ref] }) {
			out = append(out, p)
		}
	}
	return out
}

// teamName returns what to call the team of a person in a table by team.
func teamName(v estate.View, p *model.Person) practice.Link { return practice.To(v.Get(p.Team)) }
