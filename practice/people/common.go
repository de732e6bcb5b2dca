package people

import (
	"cmp"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// can reports whether somebody at a level can do something alone.
func can(level model.Proficiency) bool {
	return model.Rank(level) >= model.Rank(model.ProficiencyPractitioner)
}

// growing reports whether somebody wants to be able to do alone what is not yet possible.
func growing(l *model.SkillLevel) bool { return !can(l.Level) && can(l.Target) }

// aims reports whether the target of a level is above it.
func aims(l *model.SkillLevel) bool { return model.Rank(l.Target) > model.Rank(l.Level) }

// levels are the levels of people who work here, by skill and by person.
type levels struct {
	bySkill, byPerson map[model.Ref][]*model.SkillLevel
}

// levelsIn returns the levels that a view sees. Nobody sees more through an answer than through the records. Of a person with several
// levels of one skill, the one that was found last counts.
func levelsIn(v estate.View) *levels {
	type key struct {
		name string
		at   model.Date
	}
	return v.Memo(key{"people.levels", v.At()}, func() any {
		newest := map[[2]model.Ref]*model.SkillLevel{}
		var order [][2]model.Ref
		for l := range estate.Each[*model.SkillLevel](v) {
			if practice.HasLeft(v.Get(l.Person), v.At()) {
				continue
			}
			of := [2]model.Ref{l.Skill, l.Person}
			if before := newest[of]; before == nil {
				order = append(order, of)
			} else if before.Assessed >= l.Assessed {
				continue
			}
			newest[of] = l
		}
		out := &levels{map[model.Ref][]*model.SkillLevel{}, map[model.Ref][]*model.SkillLevel{}}
		for _, of := range order {
			out.bySkill[of[0]] = append(out.bySkill[of[0]], newest[of])
			out.byPerson[of[1]] = append(out.byPerson[of[1]], newest[of])
		}
		return out
	}).(*levels)
}

// rings are the rings of radars where they have none of their own.
var rings = []model.RadarRing{{Name: "Adopt", Means: model.RingAdopt}, {Name: "Trial", Means: model.RingTrial}, {Name: "Assess", Means: model.RingAssess}, {Name: "Hold", Means: model.RingHold}}

// meaningOf returns what the ring of a blip means, and nothing where its radar has no such ring.
func meaningOf(v estate.View, b *model.Blip) (model.RingMeaning, *model.Radar) {
	radar, ok := estate.Look[*model.Radar](v, b.Radar)
	if !ok {
		return "", nil
	}
	own := radar.Rings
	if len(own) == 0 {
		own = rings
	}
	for _, r := range own {
		if strings.EqualFold(strings.TrimSpace(r.Name), strings.TrimSpace(b.Ring)) {
			return r.Means, radar
		}
	}
	return "", radar
}

// placed is what radars say about a technology or a skill.
type placed struct {
	meaning model.RingMeaning
	blips   []practice.Link
	// company says that a radar of the whole company says so.
	company bool
}

// put adds what a blip says. What a radar of the company says goes before what those of domains and teams say; of equals, the innermost ring counts.
func (p *placed) put(v estate.View, b *model.Blip) {
	if b.State == "proposed" || b.State == "retired" {
		return
	}
	meaning, radar := meaningOf(v, b)
	if meaning == "" {
		return
	}
	if link := practice.To(b); !slices.Contains(p.blips, link) {
		p.blips = append(p.blips, link)
	}
	company := radar.Scope == "" || radar.Scope == "company"
	switch {
	case p.meaning == "" || company && !p.company, company == p.company && model.Rank(meaning) < model.Rank(p.meaning):
		p.meaning, p.company = meaning, company
	}
}

// wanted reports whether radars say that something is to be used: adopted or tried.
func (p *placed) wanted() bool { return p.meaning == model.RingAdopt || p.meaning == model.RingTrial }

// placeOf returns what radars say about a skill: by its blips and by those of its technologies.
func placeOf(v estate.View, s *model.Skill) placed {
	var out placed
	for _, ref := range s.Blips {
		if b, ok := estate.Look[*model.Blip](v, ref); ok {
			out.put(v, b)
		}
	}
	for _, ref := range s.Technologies {
		for _, b := range held[*model.Blip](v, ref, "technology") {
			out.put(v, b)
		}
	}
	return out
}

// held returns the records of one Go type that point to a record in a field, by key.
func held[R model.Record](v estate.View, to model.Ref, field string) []R {
	var out []R
	for e := range v.In(to) {
		if rec, ok := e.Record.(R); ok && e.Field.Name == field {
			out = append(out, rec)
		}
	}
	slices.SortFunc(out, func(a, b R) int { return cmp.Compare(a.Base().Key, b.Base().Key) })
	return out
}

// circleOf returns a person and the teams that the person is in or leads.
func circleOf(v estate.View, p *model.Person) []model.Ref {
	out := []model.Ref{p.Ref()}
	if !p.Team.IsZero() {
		out = append(out, p.Team)
	}
	for _, t := range held[*model.Team](v, p.Ref(), "lead") {
		if !slices.Contains(out, t.Ref()) {
			out = append(out, t.Ref())
		}
	}
	return out
}

// isOpen reports whether something to learn from is still to be done.
func isOpen(i *model.LearningItem) bool {
	return i.State == "" || i.State == model.LearningProposed || i.State == model.LearningPlanned
}

// hasFinished returns on which day a person has done something to learn from, and unset where the person has not.
func hasFinished(i *model.LearningItem, person model.Ref) model.Date {
	for _, f := range i.Finished {
		if f.Person == person {
			return f.On
		}
	}
	if i.State == model.LearningDone && slices.Contains(i.For, person) {
		return cmp.Or(i.Done, i.Until, i.Start)
	}
	return 0
}

// dayOf returns the day to which something to learn from belongs: when it was done, else when it begins or is to be done.
func dayOf(i *model.LearningItem) model.Date { return cmp.Or(i.Done, i.Start, i.Until) }

// links returns links to the records that refs point to, as far as the view sees them.
func links(v estate.View, refs []model.Ref) []practice.Link {
	var out []practice.Link
	for _, ref := range refs {
		if rec := v.Get(ref); rec != nil {
			out = append(out, practice.To(rec))
		}
	}
	return out
}

// folded writes a name so that case and spaces do not matter.
func folded(name string) string { return strings.Join(strings.Fields(strings.ToLower(name)), " ") }

// learningAbout returns the things to learn a skill from: those about the skill, its technologies or its blips, by key.
func learningAbout(v estate.View, s *model.Skill) []*model.LearningItem {
	var out []*model.LearningItem
	for _, ref := range slices.Concat([]model.Ref{s.Ref()}, s.Technologies, s.Blips) {
		for _, i := range held[*model.LearningItem](v, ref, "about") {
			if !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
}

// toInt counts.
func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
