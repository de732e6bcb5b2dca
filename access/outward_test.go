package access

import (
	"strings"
	"testing"

	"binnacle/model"
)

// steering is an estate of the outward face: Ann is CTO, Ben is an engineer who leads Cy, and Dan is an engineer in the team of Cy who leads nobody.
type steering struct {
	*world
	people map[string]*model.Person
}

func openSteering(t *testing.T) *steering {
	t.Helper()
	s := &steering{world: openWorld(t), people: map[string]*model.Person{}}
	team := &model.Team{}
	team.Key = "platform"
	must(t, s.create(s.ctx(), "ada", "Prepare", model.PersonSource, team))
	for user, role := range map[string]string{"ann": "cto", "ben": "engineer", "cy": "engineer", "dan": "engineer", "hal": "human-resources", "pia": "product-manager", "eve": "employee"} {
		s.person(user, role)
		p := &model.Person{}
		p.Key, p.Name = user, user
		if user == "cy" || user == "dan" {
			p.Team = team.Ref()
		}
		s.prepare(p)
		s.people[user] = p
		s.edit(user, func(a *model.Account) { a.Person = p.Ref() })
	}
	must(t, amend(s.ctx(), s.Service, team.Ref(), "ada", "Prepare", model.PersonSource, func(x *model.Team) { x.Lead = s.people["ben"].Ref() }))
	return s
}

func (s *steering) prepare(rec model.Record) {
	s.t.Helper()
	must(s.t, s.create(s.ctx(), "ada", "Prepare", model.PersonSource, rec))
}

func keyed[R model.Record](rec R, key string) R {
	rec.Base().Key, rec.Base().Name = key, key
	return rec
}

// edits fails where somebody may change a record so though it is not allowed, or may not though it is. Without a want it is allowed.
func edits[R model.Record](s *steering, user, what string, rec R, change func(R), want string) {
	s.t.Helper()
	snap := s.store.Snapshot()
	before := snap.Get(rec.Base().Ref())
	after := model.Clone(before.(R))
	change(after)
	s.judge(user, what, before, after, want)
}

func (s *steering) makes(user, what string, rec model.Record, want string) {
	s.t.Helper()
	rec.Base().ID, rec.Base().Key = s.store.NewID(), "new"
	s.judge(user, what, nil, rec, want)
}

func (s *steering) judge(user, what string, before, after model.Record, want string) {
	s.t.Helper()
	snap, p := s.store.Snapshot(), s.in(user)
	c, _ := model.Difference(snap.Schema().Of(after), before, after)
	err := p.Check(snap.View(model.MustDate("2027-07-01")).Through(p.Sight(snap)), []model.Change{c})
	switch {
	case want == "" && err != nil:
		s.t.Errorf("%s may not %s: %v", user, what, err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		s.t.Errorf("%s may %s: want %q, got %v", user, what, want, err)
	}
}

// Whoever decides, looks again or finds something does so in the own name, also in a row of a table.
func TestNamesOfTheOutwardFace(t *testing.T) {
	s := openSteering(t)
	ann, ben, day := s.people["ann"].Ref(), s.people["ben"].Ref(), model.MustDate("2027-06-01")
	experiment := keyed(&model.Experiment{State: model.ExperimentRunning, Until: day, Criteria: []model.ExitCriterion{{Name: "Latency", Target: 50}}}, "search")
	experiment.CriteriaDigest = experiment.DigestOfCriteria()
	decision := keyed(&model.DecisionRecord{State: model.DecisionAccepted, Effects: []model.PredictedEffect{{Name: "Cost", Predicted: 10, Actual: 20, MeasuredOn: day}, {Name: "Time", Predicted: 5}}}, "queue")
	trend, bet := keyed(&model.Trend{}, "agents"), keyed(&model.TechnologyBet{State: model.BetOpen}, "edge")
	partner := keyed(&model.Partner{Type: "technology", Conflicts: []model.PartnerConflict{{Type: model.PartnerCompetes, Verdict: "accept", Decided: day, DecidedBy: ben}}}, "acme")
	radar := keyed(&model.Radar{}, "radar")
	for _, rec := range []model.Record{experiment, decision, trend, bet, partner, radar} {
		s.prepare(rec)
	}
	blip := keyed(&model.Blip{Radar: radar.Ref(), Quadrant: "Tools", Ring: "Adopt"}, "go")
	s.prepare(blip)
	edition := keyed(&model.RadarEdition{Radar: radar.Ref(), Published: day, PublishedBy: ben}, "radar-1")
	vote := keyed(&model.RadarVote{Blip: blip.Ref(), Voter: ben, Ring: "Hold"}, "go.ben")
	s.prepare(edition)
	s.prepare(vote)

	edits(s, "ann", "decide an experiment without a name", experiment, func(e *model.Experiment) { e.Decision, e.Decided = model.Graduate, day }, "own name")
	edits(s, "ann", "decide an experiment as Ben", experiment, func(e *model.Experiment) { e.Decision, e.Decided, e.DecidedBy = model.Graduate, day, ben }, "nobody's name but your own")
	edits(s, "ann", "decide an experiment", experiment, func(e *model.Experiment) { e.Decision, e.Decided, e.DecidedBy = model.Graduate, day, ann }, "")
	edits(s, "ann", "give more time without saying so", experiment, func(e *model.Experiment) { e.Until = day.AddDays(90) }, "research.extend")
	edits(s, "ann", "give more time", experiment, func(e *model.Experiment) {
		e.Until, e.Extended, e.ExtendedBy, e.ExtendReason = day.AddDays(90), day, ann, "It is close."
	}, "")
	edits(s, "ann", "review a decision without a name", decision, func(d *model.DecisionRecord) { d.Reviewed = day }, "own name")
	edits(s, "ann", "review a decision", decision, func(d *model.DecisionRecord) { d.Reviewed, d.ReviewedBy = day, ann }, "")
	edits(s, "ann", "change a prediction that was measured", decision, func(d *model.DecisionRecord) {
		d.Effects = []model.PredictedEffect{{Name: "Cost", Predicted: 20, Actual: 20, MeasuredOn: day}}
	}, "what was predicted")
	edits(s, "ann", "change a prediction that was not measured", decision, func(d *model.DecisionRecord) {
		d.Effects = []model.PredictedEffect{decision.Effects[0], {Name: "Time", Predicted: 6}}
	}, "")
	edits(s, "ann", "review a trend without a name", trend, func(x *model.Trend) { x.Reviewed = day }, "own name")
	edits(s, "ann", "decide a bet as Ben", bet, func(b *model.TechnologyBet) { b.State, b.Reviewed, b.DecidedBy = model.BetWon, day, ben }, "own")
	edits(s, "ann", "leave the row of Ben as it is", partner, func(p *model.Partner) {
		p.Conflicts = append([]model.PartnerConflict{{Type: model.PartnerDepended, Verdict: "end", Decided: day, DecidedBy: ann}}, p.Conflicts...)
	}, "")
	edits(s, "ann", "change the row of Ben", partner, func(p *model.Partner) {
		p.Conflicts = []model.PartnerConflict{{Type: model.PartnerCompetes, Verdict: "end", Decided: day, DecidedBy: ben}}
	}, "conflicts.decided_by takes nobody's name but your own")
	edits(s, "ann", "change what was published", edition, func(e *model.RadarEdition) { e.Summary = "It was always so." }, "stays as it is")
	edits(s, "ann", "change the vote of Ben", vote, func(x *model.RadarVote) { x.Ring = "Adopt" }, "whoever cast it")
	edits(s, "ben", "change the own vote", vote, func(x *model.RadarVote) { x.Ring = "Adopt" }, "")
	s.makes("dan", "vote as Ben", &model.RadarVote{Blip: blip.Ref(), Voter: ben, Ring: "Adopt"}, "own")
	s.makes("eve", "vote", &model.RadarVote{Blip: blip.Ref(), Voter: s.people["eve"].Ref(), Ring: "Adopt"}, "")
}

// What people can do and learn is their own, and of those who lead them. Others in the same team see nothing of it.
func TestSkillsAreDiscreet(t *testing.T) {
	s := openSteering(t)
	cy, ben, dan, day := s.people["cy"].Ref(), s.people["ben"].Ref(), s.people["dan"].Ref(), model.MustDate("2027-06-01")
	skill := keyed(&model.Skill{}, "go")
	s.prepare(skill)
	level := keyed(&model.SkillLevel{Person: cy, Skill: skill.Ref(), Level: model.ProficiencyBeginner, Assessed: day, AssessedBy: cy}, "cy-go")
	level.Owner = s.store.Snapshot().Find("Team", "platform").Base().Ref()
	course := keyed(&model.LearningItem{State: model.LearningPlanned, For: []model.Ref{cy, ben}, Finished: []model.FinishedLearning{{Person: ben, On: day}}}, "course")
	s.prepare(level)
	s.prepare(course)
	for user, want := range map[string]bool{"cy": true, "ben": true, "dan": false, "ann": true, "hal": true, "pia": false, "eve": false} {
		snap, p := s.store.Snapshot(), s.in(user)
		v := snap.View(0).Through(p.Sight(snap))
		if got := v.Get(level.Ref()) != nil; got != want {
			t.Errorf("%s sees the skills of Cy: %v, want %v", user, got, want)
		}
	}
	assessed := func(by string) func(*model.SkillLevel) {
		return func(l *model.SkillLevel) {
			l.Level, l.Assessed, l.AssessedBy = model.ProficiencyExpert, day.AddDays(1), s.people[by].Ref()
		}
	}
	edits(s, "ben", "assess Cy", level, assessed("ben"), "")
	edits(s, "cy", "assess herself", level, assessed("cy"), "")
	edits(s, "cy", "assess herself as Ben", level, assessed("ben"), "nobody's name")
	edits(s, "dan", "assess Cy", level, assessed("dan"), "read")
	s.makes("dan", "assess Cy anew", &model.SkillLevel{Meta: model.Meta{Owner: dan}, Person: cy, Skill: skill.Ref(), Level: model.ProficiencyNone, AssessedBy: dan}, "owned")
	s.makes("hal", "bring in a level of herself", &model.SkillLevel{Person: s.people["hal"].Ref(), Skill: skill.Ref(), Level: model.ProficiencyExpert, AssessedBy: s.people["hal"].Ref()}, "")
	edits(s, "cy", "finish the course", course, func(l *model.LearningItem) {
		l.Finished = append([]model.FinishedLearning{{Person: cy, On: day}}, l.Finished...)
		l.State, l.Done = model.LearningDone, day
	}, "")
	edits(s, "cy", "finish the course for Dan", course, func(l *model.LearningItem) {
		l.Finished = append([]model.FinishedLearning{{Person: dan, On: day}}, l.Finished...)
	}, "finished.person takes nobody's name but your own")
	edits(s, "cy", "take away what Ben did", course, func(l *model.LearningItem) { l.Finished = nil }, "others have done")
	edits(s, "cy", "drop the course", course, func(l *model.LearningItem) { l.State = model.LearningDropped }, "kept by somebody else")
	edits(s, "dan", "finish the course", course, func(l *model.LearningItem) { l.State = model.LearningDone }, "read")
}

// Nobody tells strangers anything, or stops others, by writing what is one's own.
func TestOwnIsNotForStrangers(t *testing.T) {
	s := openSteering(t)
	ben, mine := s.people["ben"].Ref(), keyed(&model.Application{}, "shop")
	product := keyed(&model.Product{}, "ferry")
	mine.Owner = ben
	idea := keyed(&model.Idea{State: model.IdeaNew, Product: product.Ref()}, "quiet")
	idea.Owner = ben
	s.prepare(mine)
	s.prepare(product)
	idea.Product = product.Ref()
	s.prepare(idea)
	owned := model.Meta{Owner: ben}
	until := model.TimeOf(model.MustDate("2027-08-01").Time())
	edits(s, "ben", "write the own idea", idea, func(i *model.Idea) { i.Description = "No music." }, "")
	edits(s, "ben", "make the own idea public", idea, func(i *model.Idea) { i.Public = true }, "public")
	edits(s, "ben", "give the own idea votes", idea, func(i *model.Idea) { i.Votes = 1000 }, "counted")
	edits(s, "ben", "plan the own idea", idea, func(i *model.Idea) { i.State = model.IdeaPlanned }, "what becomes")
	edits(s, "pia", "make an idea public", idea, func(i *model.Idea) { i.Public, i.PublicText = true, "No music." }, "")
	edits(s, "eve", "change the idea of Ben", idea, func(i *model.Idea) { i.Name = "Loud" }, "read")
	s.makes("ben", "send in an idea with votes", &model.Idea{Meta: owned, State: model.IdeaNew, Votes: 7}, "counted")
	s.makes("ben", "send in a public idea", &model.Idea{Meta: owned, State: model.IdeaNew, Public: true}, "public")
	s.makes("ben", "send in an idea", &model.Idea{Meta: owned, State: model.IdeaNew, Channel: "form"}, "")
	s.makes("ben", "open a portal", &model.Portal{Meta: owned, Product: product.Ref(), Open: true}, "write")
	s.makes("ben", "announce something", &model.Announcement{Meta: owned, Product: product.Ref(), Public: true}, "write")
	s.makes("pia", "open a portal", &model.Portal{Product: product.Ref(), Open: true}, "")
	s.makes("ben", "stop everybody", &model.ChangeFreeze{Meta: owned, From: until, Until: until}, "applies_to")
	s.makes("ben", "stop what is his", &model.ChangeFreeze{Meta: owned, From: until, Until: until, AppliesTo: []model.Ref{mine.Ref()}}, "")
	s.makes("ben", "make a gate of his own", &model.ReleaseGate{Meta: owned, MaxAct: 99, AppliesTo: []model.Ref{mine.Ref()}}, "write")
	s.makes("ann", "make a receiver", &model.EventReceiver{Provider: "github"}, "write")
	s.makes("ada", "make a receiver", &model.EventReceiver{Provider: "github"}, "")
}

// No role reads what each customer pays without needing it, and none but who administers writes receivers.
func TestDeliveredRolesOfTheOutwardFace(t *testing.T) {
	schema := model.Builtin()
	need := map[string]string{
		"Customer":         "cio cto ceo cmo finance security-officer risk-manager compliance-officer data-protection-officer product-manager sales auditor",
		"Idea":             "cio cto ceo cmo finance product-manager sales auditor",
		"PartnerAgreement": "cio cto ceo cmo finance security-officer risk-manager compliance-officer data-protection-officer vendor-manager auditor",
		"SkillLevel":       "cio cto human-resources auditor",
		"LearningItem":     "cio cto human-resources auditor",
		"MatrixScoring":    "cio cto enterprise-architect auditor",
		"EventReceiver":    "administrator cio cto auditor",
	}
	for _, role := range DeliveredRoles() {
		r := rightsOf(schema, []*model.Role{role})
		for kind, who := range need {
			if got, want := r.kinds[kind].read == all, strings.Contains(" "+who+" ", " "+role.Key+" "); got != want {
				t.Errorf("%s reads every %s: %v, want %v", role.Key, kind, got, want)
			}
		}
		if r.kinds["EventReceiver"].write != none && role.Key != "administrator" {
			t.Errorf("%s writes receivers", role.Key)
		}
		if role.Key == "auditor" {
			continue
		}
		for _, kind := range []string{"RadarVote", "MatrixScoring", "Idea", "SkillLevel", "LearningItem"} {
			if r.kinds[kind].write == none {
				t.Errorf("%s writes no %s of its own", role.Key, kind)
			}
		}
		for _, kind := range []string{"Radar", "Blip", "RadarEdition", "DecisionRecord", "Standard", "Scorecard", "DecisionRight"} {
			if r.kinds[kind].read != all {
				t.Errorf("%s does not read every %s", role.Key, kind)
			}
		}
	}
}
