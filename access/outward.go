package access

import (
	"encoding/json"
	"slices"

	"binnacle/estate"
	"binnacle/model"
)

// The duties here are those of the outward face: whoever decides, looks again, votes or learns does so in the own name, what was published or predicted stays as it
// was, and nothing is told to strangers by somebody who answers for no more than what is one's own.

// said are the fields by which something is decided, looked at or found, and the field that then has the own name. Where new is set, a new record may be
// without a name: it was brought in, and was decided before. Where all is set, whoever writes every record of the kind may leave it unsaid.
var said = []struct {
	kind, by string
	fields   []string
	new, all bool
	text     string
}{
	{kind: "Experiment", by: "decided_by", fields: []string{"decision", "decided"}, new: true, text: "who decides an experiment gives the own name: use research.graduate or research.kill, or fill in decided_by"},
	{kind: "Experiment", by: "extended_by", fields: []string{"extended", "first_cap", "first_until"}, new: true, text: "who gives an experiment more gives the own name: use research.extend, or fill in extended_by"},
	{kind: "DecisionMatrix", by: "decided_by", fields: []string{"chosen"}, new: true, text: "who chooses gives the own name: use research.choose, or fill in decided_by"},
	{kind: "DecisionRecord", by: "reviewed_by", fields: []string{"reviewed"}, new: true, text: "who looks at a decision again gives the own name: use standards.record_outcome, or fill in reviewed_by"},
	{kind: "Trend", by: "reviewed_by", fields: []string{"reviewed"}, new: true, text: "who looks at a trend again gives the own name: use radar.review_trend, or fill in reviewed_by"},
	{kind: "TechnologyBet", by: "decided_by", fields: []string{"reviewed", "learned"}, new: true, text: "who decides a bet gives the own name: use radar.decide_bet, or fill in decided_by"},
	{kind: "SkillLevel", by: "assessed_by", fields: []string{"level", "assessed", "earlier"}, all: true, text: "who assesses a skill gives the own name: use people.assess_skill, or fill in assessed_by"},
}

// unsaid says why something may not be said without a name, or nothing.
func (d *duty) unsaid(k *model.Kind, e extent) string {
	for _, s := range said {
		if s.kind != k.Name || !d.touches(s.fields...) {
			continue
		}
		by := k.Field(s.by).AppendRefs(nil, d.after)
		switch {
		case len(by) == 1 && by[0] == d.me && !d.me.IsZero():
		case len(by) == 0 && s.new && d.before == nil:
		case len(by) == 0 && s.all && e == all && (d.before == nil || !k.Field(s.by).Has(d.before)):
		default:
			return s.text
		}
	}
	return ""
}

// signedRows says why the rows of a table may not be so, or nothing. A row that is new or changed takes one's own name, or none, where it says by whom something was done.
func (d *duty) signedRows(f *model.Field) string {
	if !slices.ContainsFunc(f.Columns, func(c *model.Field) bool { return c.Signed }) || !d.touches(f.Name) {
		return ""
	}
	var before []map[string]json.RawMessage
	if d.before != nil {
		before = rowsOf(f, d.before)
	}
	for _, row := range rowsOf(f, d.after) {
		if slices.ContainsFunc(before, func(was map[string]json.RawMessage) bool { return sameRow(was, row) }) {
			continue
		}
		for _, c := range f.Columns {
			if who, ok := row[c.Name]; c.Signed && ok && string(who) != `"`+d.me.String()+`"` {
				return f.Name + "." + c.Name + " takes nobody's name but your own"
			}
		}
	}
	return ""
}

// rowsOf returns the rows of a table field, column by column as JSON.
func rowsOf(f *model.Field, rec model.Record) []map[string]json.RawMessage {
	var out []map[string]json.RawMessage
	if raw := f.JSON(rec); len(raw) > 0 {
		if err := json.Unmarshal(raw, &out); err != nil {
			return nil
		}
	}
	return out
}

func sameRow(a, b map[string]json.RawMessage) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		if string(b[name]) != string(value) {
			return false
		}
	}
	return true
}

// outward says why something of the outward face may not be changed so, or nothing.
func (d *duty) outward(e extent) string {
	switch after := d.after.(type) {
	case *model.RadarVote:
		if before, ok := d.before.(*model.RadarVote); ok && !d.only() && (before.Voter != d.me || after.Voter != d.me) {
			return "a vote is changed by whoever cast it"
		}
	case *model.Experiment:
		if before, ok := d.before.(*model.Experiment); ok {
			return d.extended(before, after)
		}
	case *model.DecisionRecord:
		if before, ok := d.before.(*model.DecisionRecord); ok && !predicted(before.Effects, after.Effects) {
			return "what was predicted stays as it is once it was measured"
		}
	case *model.RoadmapItem:
		if before, ok := d.before.(*model.RoadmapItem); ok && !predicted(before.Outcomes, after.Outcomes) {
			return "what was predicted stays as it is once it was measured"
		}
		if e == own && after.Public && d.touches("public", "public_text", "name", "product") {
			return "who keeps the roadmap of a product says what of it is public"
		}
	case *model.Idea:
		return d.idea(after, e)
	case *model.SkillLevel:
		if e == own && !d.p.answersFor(after.Person) {
			return "it is about somebody whom you do not lead"
		}
	case *model.LearningItem:
		if before, ok := d.before.(*model.LearningItem); ok && e == own && !d.p.Owners[before.Owner] {
			return d.learner(before, after)
		}
	case *model.ChangeFreeze:
		if e == own && !d.mineAll(after.AppliesTo) {
			return "a freeze of your own holds for things of your own: say for which in applies_to"
		}
	}
	return ""
}

// extended says why the limits of an experiment that runs may not be changed so, or nothing. They are extended once, with a reason and a name.
func (d *duty) extended(before, after *model.Experiment) string {
	switch {
	case before.CriteriaDigest == "" || !d.touches("cap", "until", "extended", "first_cap", "first_until", "extended_by"):
		return ""
	case !before.Extended.IsZero():
		return "it was extended already, and that is done once"
	case after.Extended.IsZero() || after.ExtendedBy != d.me || after.ExtendReason == "":
		return "the cap and the time box stay as they were when work began: use research.extend"
	}
	return ""
}

// predicted reports whether the effects that were measured have the prediction that they had.
func predicted(before, after []model.PredictedEffect) bool {
	for _, was := range before {
		if was.MeasuredOn.IsZero() {
			continue
		}
		if !slices.ContainsFunc(after, func(is model.PredictedEffect) bool {
			return is.Name == was.Name && is.Predicted == was.Predicted && is.Before == was.Before && is.Better == was.Better && is.Unit == was.Unit
		}) {
			return false
		}
	}
	return true
}

// idea says why an idea may not be changed so, or nothing. Who has ideas of the own writes what is wanted. What becomes of them, what strangers read of them and how many votes
// they have is for those who write every idea: they merge ideas and bring in the votes of other systems, and the history says so.
func (d *duty) idea(after *model.Idea, e extent) string {
	switch {
	case e != own:
	case d.touches("votes") && (d.before != nil || after.Votes != 0):
		return "votes are counted where they come in"
	case d.touches("public", "public_text") && (d.before != nil || after.Public) || after.Public && !d.only("public", "public_text"):
		return "who keeps the product says what of an idea is public"
	case d.touches("state", "merged_into", "answer") && (d.before != nil || after.State != model.IdeaNew && after.State != "" || after.Answer != "" || !after.MergedInto.IsZero()):
		return "who keeps the product says what becomes of an idea"
	}
	return ""
}

// learner says why something to learn from that others keep may not be changed so by somebody that it is for, or nothing: one says what one has done oneself.
func (d *duty) learner(before, after *model.LearningItem) string {
	if !d.only("finished", "state", "done", "rating", "effect") || after.State != before.State && after.State != model.LearningDone {
		return "it is kept by somebody else: say only that you have done it"
	}
	for _, was := range before.Finished {
		if was.Person != d.me && !slices.Contains(after.Finished, was) {
			return "what others have done stays as they said it"
		}
	}
	return ""
}

// mineAll reports whether there are records and all of them are the principal's own.
func (d *duty) mineAll(refs []model.Ref) bool {
	return len(refs) > 0 && !slices.ContainsFunc(refs, func(ref model.Ref) bool {
		rec := d.v.Get(ref)
		return rec == nil || !d.p.owns(rec)
	})
}

// teamDepth bounds how many teams stand above each other.
const teamDepth = 16

// answersFor reports whether somebody is the person behind the account, or is led by that person: as the manager, or as the lead of the team or of one above it. What
// people can do and want to learn is seen by those two, and not by everybody in the same team.
func (p *Principal) answersFor(who model.Ref) bool {
	me := p.Account.Person
	if me.IsZero() || who.IsZero() || !p.Owners[me] {
		return false
	}
	if who == me {
		return true
	}
	person, ok := p.now.Get(who).(*model.Person)
	if !ok {
		return false
	}
	if person.Manager == me {
		return true
	}
	v := p.now.View(0)
	team, ok := estate.Look[*model.Team](v, person.Team)
	for range teamDepth {
		if !ok {
			return false
		}
		if team.Lead == me {
			return true
		}
		team, ok = estate.Look[*model.Team](v, team.Parent)
	}
	return false
}
