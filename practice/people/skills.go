package people

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// SkillsGapIn says against what skills are held.
type SkillsGapIn struct {
	// Least is how many people must be able to do what a radar says to adopt, where the skill does not say how many. The default is 2. What is to be tried needs one.
	Least int `min:"0" max:"1000"`
	// Many is from how many people on a skill is named whose technology is on hold. The default is 3.
	Many int `min:"0" max:"1000"`
	// Team limits the answer to the people of one team.
	Team model.Ref `to:"Team"`
}

// SkillsGapOut is which skills are missing.
type SkillsGapOut struct {
	// Missing is how many people are missing over all skills.
	Missing practice.Figure
	// Short is how many skills have too few people.
	Short practice.Figure
	// OnOne is how many skills rest on one person alone.
	OnOne practice.Figure
	// Held is how many skills many people have although radars say to hold back.
	Held practice.Figure
	// Uncovered is how many technologies that radars say to adopt or try no skill is about.
	Uncovered practice.Figure
	// Picture shows each skill by its ring and how many people can do it.
	Picture practice.Picture
	// Findings say what to do about it, the worst first.
	Findings []practice.Finding
	// Skills are the skills, those with the most people missing first.
	Skills practice.Table[SkillRow]
	// Teams are how many people of each team can do what.
	Teams practice.Table[TeamRow]
}

// SkillRow is a skill with who can do it.
type SkillRow struct {
	// Skill is the skill.
	Skill practice.Link
	// Ring is what radars say about it: adopt, trial, assess or hold.
	Ring model.RingMeaning
	// Needed is how many people must be able to do it.
	Needed int
	// Can is how many people can do it alone.
	Can int
	// Experts is how many of them can teach it.
	Experts int
	// Growing is how many people are on the way to being able to.
	Growing int
	// Missing is how many people are missing.
	Missing int
	// Claimed is how many people name the skill in their record and were never assessed.
	Claimed int
	// People are those who can, as far as you may see their levels.
	People []practice.Link
	// Blips are what radars say.
	Blips []practice.Link
	// Learning are things to learn it from that are still to be done.
	Learning []practice.Link
	// From are the levels behind it, as far as you may see them.
	From []practice.Link
}

// TeamRow is how many people of a team can do something.
type TeamRow struct {
	// Team is the team.
	Team practice.Link
	// Skill is the skill.
	Skill practice.Link
	// Ring is what radars say about it.
	Ring model.RingMeaning
	// Can is how many people of the team can do it alone.
	Can int
	// Growing is how many are on the way.
	Growing int
}

// SkillsGap tells which skills are missing: what is needed against how many people can do it alone, held against the
// rings of radars: too few for what is to be adopted or tried, many on what is on hold, and what rests on one person. Somebody who has left
// does not count. Levels are about persons: what you may not see of them is in no number here, and nobody is named of whom you may not see the level.
func SkillsGap(v estate.View, in SkillsGapIn) (SkillsGapOut, error) {
	var out SkillsGapOut
	s := &gap{view: v, in: in, levels: levelsIn(v), claims: claimsIn(v, in.Team)}
	missing := 0
	var short, one, held []practice.Link
	for skill := range estate.Each[*model.Skill](v) {
		row, found := s.row(skill)
		out.Skills.Rows = append(out.Skills.Rows, row)
		out.Findings = append(out.Findings, found...)
		out.Teams.Rows = append(out.Teams.Rows, s.teams(skill, row.Ring)...)
		missing += row.Missing
		if row.Missing > 0 {
			short = append(short, row.Skill)
		}
		if s.onOne(row) {
			one = append(one, row.Skill)
		}
		if s.isHeld(row) {
			held = append(held, row.Skill)
		}
	}
	uncovered, found := uncoveredIn(v)
	out.Findings = append(out.Findings, found...)
	slices.SortStableFunc(out.Skills.Rows, func(a, b SkillRow) int {
		return cmp.Or(cmp.Compare(b.Missing, a.Missing), cmp.Compare(place(a.Ring), place(b.Ring)))
	})
	practice.WorstFirst(out.Findings)
	out.Missing = practice.Figure{Value: float64(missing), Unit: "people", Better: practice.Lower, From: short}
	out.Short = practice.Counted("skills", practice.Lower, short)
	out.OnOne = practice.Counted("skills", practice.Lower, one)
	out.Held = practice.Counted("skills", practice.Lower, held)
	out.Uncovered = practice.Counted("technologies", practice.Lower, uncovered)
	out.Picture = skillPicture(out.Skills.Rows)
	out.Skills.Note = unseen
	for _, f := range []*practice.Figure{&out.Missing, &out.Short, &out.OnOne, &out.Held} {
		if f.Note = unseen; v.Count("SkillLevel") == 0 {
			f.Unknown, f.Note = true, "no level of anybody is known, or you may see none"
		}
	}
	return out, nil
}

// unseen says what no number about levels has.
const unseen = "levels that you may not see are in no number"

// place orders rings: what is to be adopted first, what no radar names last.
func place(m model.RingMeaning) int { return cmp.Or(model.Rank(m), 99) }

// gap holds skills against what is needed.
type gap struct {
	view   estate.View
	in     SkillsGapIn
	levels *levels
	claims map[string][]model.Ref
}

// of returns the levels of a skill that count.
func (s *gap) of(skill *model.Skill) []*model.SkillLevel {
	all := s.levels.bySkill[skill.Ref()]
	if s.in.Team.IsZero() {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(l *model.SkillLevel) bool {
		p, ok := estate.Look[*model.Person](s.view, l.Person)
		return !ok || p.Team != s.in.Team
	})
}

// needed returns how many people must be able to do something.
func (s *gap) needed(skill *model.Skill, ring model.RingMeaning) int {
	switch {
	case skill.Needed > 0:
		return skill.Needed
	case ring == model.RingAdopt:
		return cmp.Or(s.in.Least, 2)
	case ring == model.RingTrial:
		return 1
	}
	return 0
}

func (s *gap) row(skill *model.Skill) (SkillRow, []practice.Finding) {
	where := placeOf(s.view, skill)
	row := SkillRow{Skill: practice.To(skill), Ring: where.meaning, Blips: where.blips, Needed: s.needed(skill, where.meaning)}
	assessed := map[model.Ref]bool{}
	for _, l := range s.of(skill) {
		assessed[l.Person] = true
		row.From = append(row.From, practice.To(l))
		switch {
		case can(l.Level):
			row.Can++
			row.Experts += toInt(l.Level == model.ProficiencyExpert)
			if p := s.view.Get(l.Person); p != nil {
				row.People = append(row.People, practice.To(p))
			}
		case growing(l):
			row.Growing++
		}
	}
	for _, person := range s.claims[folded(skill.Title())] {
		row.Claimed += toInt(!assessed[person])
	}
	row.Missing = max(0, row.Needed-row.Can)
	for _, i := range learningAbout(s.view, skill) {
		if isOpen(i) {
			row.Learning = append(row.Learning, practice.To(i))
		}
	}
	return row, s.findings(skill, row)
}

// onOne reports whether a skill that is needed rests on one person.
func (s *gap) onOne(row SkillRow) bool {
	return row.Can == 1 && (row.Needed > 0 || row.Ring == model.RingAdopt || row.Ring == model.RingTrial)
}

func (s *gap) isHeld(row SkillRow) bool {
	return row.Ring == model.RingHold && row.Can > 0 && row.Can >= cmp.Or(s.in.Many, 3)
}

func (s *gap) findings(skill *model.Skill, row SkillRow) []practice.Finding {
	var out []practice.Finding
	add := func(severity practice.Severity, mend *practice.Mend, text string, args ...any) {
		out = append(out, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: row.Skill, From: slices.Concat([]practice.Link{row.Skill}, row.Blips, row.From), Owner: practice.OwnerOf(s.view, skill), Mend: mend})
	}
	plan := &practice.Mend{Action: "people.plan_learning", Parameters: map[string]string{"about": row.Skill.String()}}
	if len(row.Learning) > 0 {
		plan = nil
	}
	switch {
	case s.onOne(row):
		severity := practice.Medium
		if row.Ring == model.RingAdopt {
			severity = practice.High
		}
		who := "one person"
		if len(row.People) == 1 {
			who = row.People[0].Title() + " alone"
		}
		text := ""
		if row.Missing > 0 {
			text = fmt.Sprintf(", and %d people are needed", row.Needed)
		}
		add(severity, plan, "%s rests on %s%s.%s", skill.Title(), who, text, growingText(row))
	case row.Missing > 0 && row.Ring == model.RingAdopt && row.Can == 0:
		add(practice.High, plan, "%s is to be adopted, and nobody can do it.%s", skill.Title(), growingText(row))
	case row.Missing > 0:
		add(practice.Medium, plan, "%s needs %s who can do it alone, and has %d.%s", skill.Title(), practice.Count(row.Needed, "person", "people"), row.Can, growingText(row))
	}
	if s.isHeld(row) {
		add(practice.Low, nil, "%d people can do %s, and the radar says to hold back: show them what takes its place.", row.Can, skill.Title())
	}
	return out
}

func growingText(row SkillRow) string {
	switch row.Growing {
	case 0:
		return ""
	case 1:
		return " 1 person is on the way."
	}
	return fmt.Sprintf(" %d people are on the way.", row.Growing)
}

// teams returns how many people of each team can do something, by the key of the team. It names no person.
func (s *gap) teams(skill *model.Skill, ring model.RingMeaning) []TeamRow {
	var out []TeamRow
	for _, l := range s.of(skill) {
		p, ok := estate.Look[*model.Person](s.view, l.Person)
		if !ok || s.view.Get(p.Team) == nil || !can(l.Level) && !growing(l) {
			continue
		}
		team := practice.To(s.view.Get(p.Team))
		i := slices.IndexFunc(out, func(r TeamRow) bool { return r.Team == team })
		if i < 0 {
			i = len(out)
			out = append(out, TeamRow{Team: team, Skill: practice.To(skill), Ring: ring})
		}
		out[i].Can += toInt(can(l.Level))
		out[i].Growing += toInt(growing(l))
	}
	slices.SortFunc(out, func(a, b TeamRow) int { return cmp.Compare(a.Team.Key, b.Team.Key) })
	return out
}

// skillPicture shows each skill by its ring and how many people can do it.
func skillPicture(rows []SkillRow) practice.Picture {
	out := practice.Picture{Type: practice.MatrixPicture, Unit: "people", Stages: []string{"Adopt", "Trial", "Assess", "Hold", "No radar"}}
	for _, r := range rows {
		n := practice.Node{Link: r.Skill, Group: out.Stages[min(place(r.Ring), 5)-1], Value: float64(r.Can)}
		switch {
		case r.Missing > 0:
			n.Severity = practice.High
		case r.Can == 1 && r.Needed > 0:
			n.Severity = practice.Medium
		}
		out.Nodes = append(out.Nodes, n)
	}
	return out
}

// uncoveredIn returns the technologies that radars say to adopt or try and that no skill is about.
func uncoveredIn(v estate.View) ([]practice.Link, []practice.Finding) {
	covered := map[model.Ref]bool{}
	for s := range estate.Each[*model.Skill](v) {
		for _, ref := range slices.Concat(s.Technologies, s.Blips) {
			covered[ref] = true
		}
	}
	places := map[model.Ref]*placed{}
	var order []model.Ref
	for b := range estate.Each[*model.Blip](v) {
		if covered[b.Ref()] {
			covered[b.Technology] = true
		}
		if v.Get(b.Technology) == nil {
			continue
		}
		if places[b.Technology] == nil {
			places[b.Technology] = &placed{}
			order = append(order, b.Technology)
		}
		places[b.Technology].put(v, b)
	}
	var out []practice.Link
	var found []practice.Finding
	for _, ref := range order {
		if p := places[ref]; p.wanted() && !covered[ref] {
			link := practice.To(v.Get(ref))
			out = append(out, link)
			found = append(found, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("The radar says to %s %s, and no skill is about it, so that nobody knows who can do it.", verb(p.meaning), link.Title()), About: link, From: append([]practice.Link{link}, p.blips...)})
		}
	}
	return out, found
}

func verb(m model.RingMeaning) string {
	if m == model.RingTrial {
		return "try"
	}
	return string(m)
}

// claimsIn returns who names a skill in the own record, by the name of the skill.
func claimsIn(v estate.View, team model.Ref) map[string][]model.Ref {
	out := map[string][]model.Ref{}
	for p := range estate.Each[*model.Person](v) {
		if practice.HasLeft(p, v.At()) || !team.IsZero() && p.Team != team {
			continue
		}
		for _, word := range p.Skills {
			out[folded(word)] = append(out[folded(word)], p.Ref())
		}
	}
	return out
}
