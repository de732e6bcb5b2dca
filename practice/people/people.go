// Package people answers what officers and their staff should learn next: what to read, which skills are missing against the
// radar, and what courses and conferences cost and brought.
package people

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of skills and learning.
var Practice = practice.Practice{
	Name:   "people",
	Label:  "People and learning",
	Face:   model.Face("both"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("reading_list", ReadingList),
		practice.Ask("skills_gap", SkillsGap),
		practice.Ask("my_skills", MySkills),
		practice.Ask("events", Events),
		practice.Ask("learning_value", LearningValue),
		practice.Do("plan_learning", PlanLearning),
		practice.Do("finish_learning", FinishLearning),
		practice.Do("assess_skill", AssessSkill),
		practice.Do("add_to_reading_list", AddToReadingList),
		practice.Check("adopted_on_several", AdoptedOnSeveral),
		practice.Check("officers_learn", OfficersLearn),
	},
}
