package people

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PlanLearningIn says what is to be learned by whom.
type PlanLearningIn struct {
	// Item is something that was proposed already. Unset means something new.
	Item model.Ref `to:"LearningItem"`
	// Title is what it is called. Unset means what it is about.
	Title string
	// Type says what sort of thing it is. Unset means a course.
	Type model.LearningType
	// About is what it is about.
	About []model.Ref `to:"Trend,DecisionRecord,Blip,Technology,Skill,Standard,TechnologyBet"`
	// For are the persons that it is for.
	For []model.Ref `to:"Person"`
	// Start is the first day.
	Start model.Date
	// Until is the last day, or the day by which it is to be done.
	Until model.Date
	// Cost is what it costs, with travel.
	Cost model.Money
	// Hours are the hours that it takes from each person.
	Hours float64 `min:"0"`
	// Expected says what is to be better afterwards.
	Expected string
	// Link is where it is.
	Link string
}

// PlanLearning proposes something to learn from for some persons: new, or what somebody proposed. What is left out stays as it was.
func PlanLearning(v estate.View, in PlanLearningIn) (practice.Proposal, error) {
	if !in.Start.IsZero() && !in.Until.IsZero() && in.Until < in.Start {
		return practice.Proposal{}, model.Problem{Field: "until", Text: fmt.Sprintf("%s is before the first day, %s", in.Until, in.Start)}
	}
	var before *model.LearningItem
	after := &model.LearningItem{Type: cmp.Or(in.Type, model.LearningCourse)}
	if !in.Item.IsZero() {
		var ok bool
		if before, ok = estate.Look[*model.LearningItem](v, in.Item); !ok {
			return practice.Proposal{}, model.Problem{Field: "item", Text: "there is no such thing to learn from"}
		}
		if !isOpen(before) {
			return practice.Proposal{}, model.Problem{Field: "item", Text: fmt.Sprintf("%s is %s: plan it anew as another one", before.Title(), before.State)}
		}
		after = model.Clone(before)
		after.Type = cmp.Or(in.Type, before.Type)
	}
	after.State = model.LearningPlanned
	after.About, after.For = joined(after.About, in.About), joined(after.For, in.For)
	after.Start, after.Until, after.Link, after.Expected = cmp.Or(in.Start, after.Start), cmp.Or(in.Until, after.Until), cmp.Or(in.Link, after.Link), cmp.Or(in.Expected, after.Expected)
	after.Hours = cmp.Or(in.Hours, after.Hours)
	if !in.Cost.IsZero() {
		after.Cost = in.Cost
	}
	if len(after.For) == 0 {
		return practice.Proposal{}, model.Problem{Field: "for", Text: "say for whom it is planned"}
	}
	if before == nil {
		titles := titlesOf(v, in.About)
		after.Name = cmp.Or(strings.TrimSpace(in.Title), strings.Join(titles, ", "))
		if after.Name == "" {
			return practice.Proposal{}, model.Problem{Field: "title", Text: "say what it is called, or what it is about"}
		}
		name(v, after)
	}
	out := proposal(v, before, after, "Plan to learn: "+after.Title())
	for _, ref := range after.For {
		if practice.HasLeft(v.Get(ref), v.At()) {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s has left.", v.Get(ref).Base().Title()), About: practice.To(v.Get(ref))})
		}
	}
	return out, nil
}

// FinishLearningIn says what somebody has done.
type FinishLearningIn struct {
	// Item is what was done.
	Item model.Ref `to:"LearningItem" is:"required"`
	// By is the person that did it: who asks.
	By model.Ref `to:"Person" is:"asker"`
	// On is the day. Unset means today.
	On model.Date
	// Rating is how useful it was, from 1 to 5. Unset means that you do not say.
	Rating int `min:"0" max:"5"`
	// Effect says what you do better since.
	Effect string
}

// FinishLearning proposes to note that you have done something to learn from that is for you. Once all that it is for and who still work here have
// done it, it is done, with the mean of the ratings.
func FinishLearning(v estate.View, in FinishLearningIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.LearningItem](v, in.Item)
	on := cmp.Or(in.On, v.At())
	switch {
	case !ok:
		return practice.Proposal{}, model.Problem{Field: "item", Text: "there is no such thing to learn from"}
	case !slices.Contains(before.For, in.By):
		return practice.Proposal{}, model.Problem{Field: "item", Text: fmt.Sprintf("%s is not for you: you can finish only what is for yourself", before.Title())}
	case before.State == model.LearningDropped:
		return practice.Proposal{}, model.Problem{Field: "item", Text: before.Title() + " was dropped: plan it anew first"}
	case !hasFinished(before, in.By).IsZero():
		return practice.Proposal{}, model.Problem{Field: "item", Text: fmt.Sprintf("you finished %s on %s already", before.Title(), hasFinished(before, in.By))}
	case on > v.At():
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s is to come: note it once it is done", on)}
	}
	after := model.Clone(before)
	after.Finished = append(slices.Clone(before.Finished), model.FinishedLearning{Person: in.By, On: on, Rating: in.Rating, Effect: in.Effect})
	if !slices.ContainsFunc(after.For, func(p model.Ref) bool {
		return hasFinished(after, p).IsZero() && !practice.HasLeft(v.Get(p), v.At())
	}) {
		after.State = model.LearningDone
		var rated mean
		for _, f := range after.Finished {
			after.Done = max(after.Done, f.On)
			rated.add(f.Rating, practice.To(after))
		}
		if after.Rating == 0 && rated.n > 0 {
			after.Rating = (2*rated.sum + rated.n) / (2 * rated.n)
		}
		after.Effect = cmp.Or(after.Effect, effectOf(after))
	}
	return proposal(v, before, after, "Learned: "+before.Title()), nil
}

// AssessSkillIn says how well somebody can do something.
type AssessSkillIn struct {
	// Skill is what can be done.
	Skill model.Ref `to:"Skill" is:"required"`
	// Level is how well.
	Level model.Proficiency `is:"required"`
	// Person is who it is about. Unset means yourself.
	Person model.Ref `to:"Person"`
	// Target is how well the person wants to be able to do it. Unset means as before.
	Target model.Proficiency
	// Due is the day by which the target is to be reached. Unset means as before.
	Due model.Date
	// By is the person that assesses: who asks.
	By model.Ref `to:"Person" is:"asker"`
}

// AssessSkill proposes to note how well you can do something, or somebody whom you lead: whose manager you are, or
// whose team you lead. The level that was found before is kept. The record belongs to the person, so that who sees no more than what is one's own sees one's own levels.
func AssessSkill(v estate.View, in AssessSkillIn) (practice.Proposal, error) {
	skill, ok := estate.Look[*model.Skill](v, in.Skill)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "skill", Text: "there is no such skill"}
	}
	who := in.Person
	if who.IsZero() {
		who = in.By
	}
	person, ok := estate.Look[*model.Person](v, who)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "person", Text: "there is no such person"}
	}
	if !leads(v, in.By, person) {
		return practice.Proposal{}, model.Problem{Field: "person", Text: fmt.Sprintf("you assess yourself and those whom you lead, and %s is not one of them", person.Title())}
	}
	var before *model.SkillLevel
	for _, l := range held[*model.SkillLevel](v, who, "person") {
		if l.Skill == in.Skill && (before == nil || l.Assessed > before.Assessed) {
			before = l
		}
	}
	after := &model.SkillLevel{Person: who, Skill: in.Skill}
	if before != nil {
		after = model.Clone(before)
		if before.Level != "" && !before.Assessed.IsZero() && before.Assessed != v.At() {
			after.Earlier = append([]model.EarlierLevel{{Level: before.Level, Assessed: before.Assessed}}, before.Earlier...)
		}
	} else {
		after.Key = practice.FreeKey(v, "SkillLevel", person.Key+"-"+skill.Key)
		after.ID, after.Owner = practice.NewID(v, "SkillLevel", after.Key), who
	}
	after.Level, after.Assessed, after.AssessedBy = in.Level, v.At(), in.By
	after.Target, after.Due = cmp.Or(in.Target, after.Target), cmp.Or(in.Due, after.Due)
	if model.Rank(after.Target) <= model.Rank(after.Level) {
		after.Due = 0
	}
	return proposal(v, before, after, "Assess "+skill.Title()), nil
}

// leads reports whether a person assesses another: oneself, whose manager one is, or whose team one leads.
func leads(v estate.View, by model.Ref, person *model.Person) bool {
	if by == person.Ref() || by == person.Manager {
		return true
	}
	team, ok := estate.Look[*model.Team](v, person.Team)
	return ok && team.Lead == by
}

// AddToReadingListIn says what is worth reading.
type AddToReadingListIn struct {
	// About is the trend, decision, blip, technology, skill, standard or bet that it is about.
	About model.Ref `to:"Trend,DecisionRecord,Blip,Technology,Skill,Standard,TechnologyBet"`
	// Title is what it is called. Unset means what it is about.
	Title string
	// Link is where it is.
	Link string
	// For is the person that is to read it. Unset means yourself.
	For model.Ref `to:"Person"`
	// Until is the day by which it is to be read.
	Until model.Date
	// Expected says why it is worth it.
	Expected string
	// By is the person that puts it on the list: who asks.
	By model.Ref `to:"Person" is:"asker"`
}

// AddToReadingList proposes to put something on the reading list: your own, where it is planned at once, or that of somebody else, to whom it is proposed. Where the
// same is on a list already, the person is added to it.
func AddToReadingList(v estate.View, in AddToReadingListIn) (practice.Proposal, error) {
	who, state := in.By, model.LearningPlanned
	if !in.For.IsZero() && in.For != in.By {
		who, state = in.For, model.LearningProposed
	}
	title := strings.TrimSpace(in.Title)
	if title == "" {
		title = strings.Join(titlesOf(v, []model.Ref{in.About}), "")
	}
	if title == "" {
		return practice.Proposal{}, model.Problem{Field: "about", Text: "say what it is about, or what it is called"}
	}
	for i := range estate.Each[*model.LearningItem](v) {
		if i.Type != model.LearningReading || !isOpen(i) || i.Link != in.Link || !in.About.IsZero() && !slices.Contains(i.About, in.About) || folded(i.Title()) != folded(title) {
			continue
		}
		if slices.Contains(i.For, who) {
			return practice.Proposal{}, model.Problem{Field: "about", Text: fmt.Sprintf("%s is on that list already", i.Title())}
		}
		after := model.Clone(i)
		after.For = joined(i.For, []model.Ref{who})
		return proposal(v, i, after, "Read: "+title), nil
	}
	after := &model.LearningItem{Type: model.LearningReading, State: state, For: []model.Ref{who}, Link: in.Link, Until: in.Until, Expected: in.Expected}
	after.Name, after.Owner = title, in.By
	if !in.About.IsZero() {
		after.About = []model.Ref{in.About}
	}
	name(v, after)
	return proposal(v, nil, after, "Read: "+title), nil
}

// proposal makes a proposal of one record that is new or changes.
func proposal[R interface {
	comparable
	model.Record
}](v estate.View, before, after R, why string) practice.Proposal {
	out := practice.Proposal{Why: why}
	var was model.Record
	var none R
	if before != none {
		was = before
	}
	if change, differs := model.Difference(v.Schema().Of(after), was, after); differs {
		out.Changes = append(out.Changes, change)
	}
	return out
}

// name gives something new to learn from a key and an id after its name.
func name(v estate.View, i *model.LearningItem) {
	i.Key = practice.FreeKey(v, "LearningItem", practice.Slug(i.Name))
	i.ID = practice.NewID(v, "LearningItem", i.Key)
}

// joined returns refs with others that are not among them yet.
func joined(refs, more []model.Ref) []model.Ref {
	out := slices.Clone(refs)
	for _, r := range more {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// titlesOf returns what records are called.
func titlesOf(v estate.View, refs []model.Ref) []string {
	var out []string
	for _, l := range links(v, refs) {
		out = append(out, l.Title())
	}
	return out
}
