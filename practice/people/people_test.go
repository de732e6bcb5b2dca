package people_test

import (
	"testing"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice/people"
	"binnacle/practice/practicetest"
)

func TestScripts(t *testing.T) {
	practicetest.Run(t, "testdata", &people.Practice)
}

const crew = `
- {kind: Radar, key: main, scope: company}
- {kind: Blip, key: go, radar: main, quadrant: Languages, ring: Adopt}
- {kind: Skill, key: go, blips: [go]}
- {kind: Team, key: deck}
- {kind: Person, key: ada, name: Ada Day, team: deck}
- {kind: Person, key: ben, name: Ben Oar, team: deck}
- {kind: SkillLevel, key: ada-go, person: ada, skill: go, level: expert, owner: Person/ada}
- {kind: SkillLevel, key: ben-go, person: ben, skill: go, level: practitioner, owner: Person/ben}
`

// Who may see one's own level alone neither reads nor can count what others can do, whatever is asked.
func TestNobodySeesLevelsThroughAnswers(t *testing.T) {
	snap, err := practicetest.Estate(crew)
	if err != nil {
		t.Fatal(err)
	}
	all := snap.View(model.MustDate("2027-03-04"))
	ada := snap.Find("Person", "ada").Base().Ref()
	own := all.Through(estate.SightFunc(func(rec model.Record) bool {
		l, isLevel := rec.(*model.SkillLevel)
		return !isLevel || l.Person == ada
	}))
	for _, c := range []struct {
		name string
		view estate.View
		can  int
		who  string
	}{{"who sees all", all, 2, "ada ben "}, {"who sees the own alone", own, 1, "ada "}} {
		out, err := people.SkillsGap(c.view, people.SkillsGapIn{})
		if err != nil {
			t.Fatal(err)
		}
		who := ""
		for _, l := range out.Skills.Rows[0].People {
			who += l.Key + " "
		}
		if row := out.Skills.Rows[0]; row.Can != c.can || who != c.who || out.Teams.Rows[0].Can != c.can || len(row.From) != c.can {
			t.Errorf("%s: %d can do it (%s), in the team %d, from %v", c.name, row.Can, who, out.Teams.Rows[0].Can, row.From)
		}
	}
	none := all.Through(estate.SightFunc(func(rec model.Record) bool { _, isLevel := rec.(*model.SkillLevel); return !isLevel }))
	out, err := people.SkillsGap(none, people.SkillsGapIn{})
	if err != nil || !out.Missing.Unknown || !out.OnOne.Unknown {
		t.Errorf("who sees no level is told how many people are missing: %+v, %v", out.Missing, err)
	}
	if verdict, err := people.AdoptedOnSeveral(none, struct{}{}); err != nil || !verdict.Unknown || len(verdict.Findings) > 0 {
		t.Errorf("who sees no level gets a verdict: %+v, %v", verdict, err)
	}
}
