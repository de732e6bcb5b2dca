package people

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// MySkillsIn says whose skills are shown.
type MySkillsIn struct {
	// Person is who asks.
	Person model.Ref `to:"Person" is:"asker"`
}

// MySkillsOut is what a person can do and wants to be able to do.
type MySkillsOut struct {
	// Can is how many skills the person has at the level of practitioner or above.
	Can practice.Figure
	// Growing is how many skills have a target above the level.
	Growing practice.Figure
	// Late is how many targets should have been reached by today.
	Late practice.Figure
	// Findings say what is late, old or wanted by the company.
	Findings []practice.Finding
	// Skills are the skills of the person, those with a target first.
	Skills practice.Table[MySkill]
	// Wanted are skills that the company has too few people for and the person does not have.
	Wanted practice.Table[WantedSkill]
	// Learning are the things that the person has still to do.
	Learning practice.Table[MyLearning]
}

// MySkill is a skill of a person.
type MySkill struct {
	// Skill is the skill.
	Skill practice.Link
	// Level is how well the person can do it.
	Level model.Proficiency
	// Target is how well the person wants to be able to do it.
	Target model.Proficiency
	// Due is the day by which the target is to be reached.
	Due model.Date
	// Assessed is the day on which the level was found.
	Assessed model.Date
	// Before is the level that was found the time before.
	Before model.Proficiency
	// Ring is what radars say about it.
	Ring model.RingMeaning
	// Learning are things to learn it from that the person has still to do.
	Learning []practice.Link
}

// WantedSkill is a skill that the company has too few people for.
type WantedSkill struct {
	// Skill is the skill.
	Skill practice.Link
	// Ring is what radars say about it.
	Ring model.RingMeaning
	// Missing is how many people are missing, as far as you may see levels.
	Missing int
	// Learning are things that anybody can learn it from.
	Learning []practice.Link
}

// MyLearning is something that a person has still to do.
type MyLearning struct {
	// Item is what it is.
	Item practice.Link
	// Type says what sort of thing it is.
	Type model.LearningType
	// State says where it stands.
	State model.LearningState
	// Start is the first day.
	Start model.Date
	// Until is the last day, or the day by which it is to be done.
	Until model.Date
	// Hours are the hours that it takes.
	Hours float64
	// About is what it is about.
	About []practice.Link
}

// MySkills tells you what you can do, what you want to be able to do by when, what you have still to learn from, and which skills
// the company has too few people for. It is about yourself alone.
func MySkills(v estate.View, in MySkillsIn) (MySkillsOut, error) {
	var out MySkillsOut
	person, ok := estate.Look[*model.Person](v, in.Person)
	if !ok {
		return out, model.Problem{Field: "person", Text: "there is no such person"}
	}
	var able, grows, late []practice.Link
	have := map[model.Ref]bool{}
	open := openFor(v, person)
	for _, l := range levelsIn(v).byPerson[in.Person] {
		skill, ok := estate.Look[*model.Skill](v, l.Skill)
		if !ok {
			continue
		}
		have[l.Skill] = can(l.Level)
		row := mySkill(v, skill, l, open)
		out.Skills.Rows = append(out.Skills.Rows, row)
		if can(l.Level) {
			able = append(able, row.Skill)
		}
		if aims(l) {
			grows = append(grows, row.Skill)
			if !l.Due.IsZero() && l.Due < v.At() {
				late = append(late, row.Skill)
			}
		}
		out.Findings = append(out.Findings, skillFindings(v, person, l, row)...)
	}
	slices.SortStableFunc(out.Skills.Rows, func(a, b MySkill) int {
		return cmp.Or(cmp.Compare(toInt(model.Rank(b.Target) > model.Rank(b.Level)), toInt(model.Rank(a.Target) > model.Rank(a.Level))), cmp.Compare(model.Rank(b.Level), model.Rank(a.Level)), cmp.Compare(a.Skill.Key, b.Skill.Key))
	})
	gap, err := SkillsGap(v, SkillsGapIn{})
	if err != nil {
		return out, err
	}
	for _, r := range gap.Skills.Rows {
		if r.Missing > 0 && !have[model.Ref(r.Skill.ID)] {
			out.Wanted.Rows = append(out.Wanted.Rows, WantedSkill{r.Skill, r.Ring, r.Missing, r.Learning})
		}
	}
	for _, i := range open {
		out.Learning.Rows = append(out.Learning.Rows, MyLearning{practice.To(i), i.Type, cmp.Or(i.State, model.LearningProposed), i.Start, i.Until, i.Hours, links(v, i.About)})
	}
	practice.WorstFirst(out.Findings)
	out.Can = practice.Counted("skills", practice.Higher, able)
	out.Growing = practice.Counted("skills", practice.Neither, grows)
	out.Late = practice.Counted("targets", practice.Lower, late)
	return out, nil
}

// openFor returns what a person has still to do, the most urgent first.
func openFor(v estate.View, person *model.Person) []*model.LearningItem {
	var out []*model.LearningItem
	for _, i := range held[*model.LearningItem](v, person.Ref(), "for") {
		if isOpen(i) && hasFinished(i, person.Ref()).IsZero() {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b *model.LearningItem) int {
		x, y := cmp.Or(a.Until, a.Start), cmp.Or(b.Until, b.Start)
		return cmp.Or(cmp.Compare(toInt(x.IsZero()), toInt(y.IsZero())), cmp.Compare(x, y))
	})
	return out
}

func mySkill(v estate.View, skill *model.Skill, l *model.SkillLevel, open []*model.LearningItem) MySkill {
	row := MySkill{Skill: practice.To(skill), Level: l.Level, Target: l.Target, Due: l.Due, Assessed: l.Assessed, Ring: ringOf(v, skill)}
	if len(l.Earlier) > 0 {
		row.Before = l.Earlier[0].Level
	}
	about := slices.Concat([]model.Ref{skill.Ref()}, skill.Technologies, skill.Blips)
	for _, i := range open {
		if slices.ContainsFunc(i.About, func(r model.Ref) bool { return slices.Contains(about, r) }) {
			row.Learning = append(row.Learning, practice.To(i))
		}
	}
	return row
}

// ringOf returns what radars say about a skill.
func ringOf(v estate.View, skill *model.Skill) model.RingMeaning {
	p := placeOf(v, skill)
	return p.meaning
}

func skillFindings(v estate.View, person *model.Person, l *model.SkillLevel, row MySkill) []practice.Finding {
	var out []practice.Finding
	add := func(s practice.Severity, mend *practice.Mend, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: row.Skill, From: []practice.Link{practice.To(l), row.Skill}, Owner: practice.To(person), Mend: mend})
	}
	assess := &practice.Mend{Action: "people.assess_skill", Parameters: map[string]string{"skill": row.Skill.Key}}
	switch {
	case aims(l) && !l.Due.IsZero() && l.Due < v.At():
		add(practice.Medium, assess, "The level %s was to be reached in %s by %s: assess it again or set another day.", l.Target, row.Skill.Title(), l.Due)
	case aims(l) && len(row.Learning) == 0:
		add(practice.Low, &practice.Mend{Action: "people.plan_learning", Parameters: map[string]string{"about": row.Skill.String(), "for": person.Key}}, "You want to reach the level %s in %s, and nothing to learn it from is planned.", l.Target, row.Skill.Title())
	case l.Assessed.IsZero() || l.Assessed < v.At().AddMonths(-18):
		add(practice.Info, assess, "The level in %s is older than a year and a half, or nobody noted its day: assess it again.", row.Skill.Title())
	}
	return out
}
