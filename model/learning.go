package model

// Skill is something that people can do, such as working with a technology.
type Skill struct {
	Meta
	// Technologies are the technologies that it is about.
	Technologies []Ref `to:"Technology" back:"skills"`
	// Blips are the blips of radars that it is about.
	Blips []Ref `to:"Blip" back:"skills"`
	// Needed is how many people the company needs at the level of practitioner or above.
	Needed int `min:"0"`
}

// SkillLevel is how well a person can do something.
type SkillLevel struct {
	Meta
	// Person is who it is about.
	Person Ref `to:"Person" is:"required personal" back:"skills"`
	// Skill is what can be done.
	Skill Ref `to:"Skill" is:"required" back:"levels"`
	// Level is how well, from 0 for not at all to 4 for an expert.
	Level Proficiency
	// Target is how well the person wants to be able to do it.
	Target Proficiency
	// Due is the day by which the target is to be reached.
	Due Date
	// Assessed is the day on which the level was found.
	Assessed Date
	// AssessedBy is the person that found it.
	AssessedBy Ref `to:"Person" is:"signed" back:"assessed skills"`
	// Earlier are the levels that were found before, newest first.
	Earlier []EarlierLevel
}

// EarlierLevel is how well a person could do something on a day in the past.
type EarlierLevel struct {
	// Level is how well.
	Level Proficiency `is:"required"`
	// Assessed is the day on which it was found.
	Assessed Date `is:"required"`
}

// Proficiency says how well somebody can do something.
type Proficiency string

// The levels of proficiency.
const (
	ProficiencyNone         Proficiency = "none"
	ProficiencyAware        Proficiency = "aware"
	ProficiencyBeginner     Proficiency = "beginner"
	ProficiencyPractitioner Proficiency = "practitioner"
	ProficiencyExpert       Proficiency = "expert"
)

// Options lists the levels of proficiency, the lowest first.
func (Proficiency) Options() []Option {
	return []Option{
		{"none", "None", "Not at all."},
		{"aware", "Aware", "Knows what it is."},
		{"beginner", "Beginner", "Can do it with help."},
		{"practitioner", "Practitioner", "Can do it alone."},
		{"expert", "Expert", "Can teach it."},
	}
}

// LearningItem is something to learn from: something to read, a course or a conference.
type LearningItem struct {
	Meta
	// Type says what it is.
	Type LearningType
	// State says where it stands.
	State LearningState
	// For are the persons that it is for.
	For []Ref `to:"Person" back:"learning"`
	// About are the trends, decisions, blips, technologies and skills that it is about.
	About []Ref `to:"Trend,DecisionRecord,Blip,Technology,Skill,Standard,TechnologyBet" back:"learning"`
	// Link is where it is.
	Link string `format:"url"`
	// Start is the first day.
	Start Date
	// Until is the last day, or the day by which it is to be done.
	Until Date
	// Done is the day on which it was done by all.
	Done Date
	// Finished are the persons that have done it already.
	Finished []FinishedLearning
	// Cost is what it costs, with travel.
	Cost Money
	// Hours are the hours that it takes from each person.
	Hours float64 `min:"0" unit:"h"`
	// Expected says what is to be better afterwards.
	Expected string
	// Effect says what was better afterwards.
	Effect string
	// Rating is how useful it was, from 1 to 5. Unset means that nobody said.
	Rating int `min:"0" max:"5"`
}

// FinishedLearning says that a person has done something to learn from.
type FinishedLearning struct {
	// Person is who did it.
	Person Ref `to:"Person" is:"signed" back:"finished learning"`
	// On is the day on which it was done.
	On Date `is:"required"`
	// Rating is how useful the person found it, from 1 to 5. Unset means that the person did not say.
	Rating int `min:"0" max:"5"`
	// Effect says what the person does better since.
	Effect string
}

// LearningType says what something to learn from is.
type LearningType string

// The types of things to learn from.
const (
	LearningReading    LearningType = "reading"
	LearningCourse     LearningType = "course"
	LearningConference LearningType = "conference"
	LearningMentoring  LearningType = "mentoring"
)

// Options lists what one can learn from.
func (LearningType) Options() []Option {
	return []Option{
		{"reading", "Reading", "A text, a talk or a study."},
		{"course", "Course", "A course or a certificate."},
		{"conference", "Conference", "A conference or a fair."},
		{"mentoring", "Mentoring", "Learning from somebody who can do it."},
	}
}

// LearningState says where something to learn from stands.
type LearningState string

// The states of something to learn from.
const (
	LearningProposed LearningState = "proposed"
	LearningPlanned  LearningState = "planned"
	LearningDone     LearningState = "done"
	LearningDropped  LearningState = "dropped"
)

// Options lists the states.
func (LearningState) Options() []Option {
	return []Option{
		{"proposed", "Proposed", "Somebody thinks that it is worth it."},
		{"planned", "Planned", "It is going to be done."},
		{"done", "Done", "It was done."},
		{"dropped", "Dropped", "It is not going to be done."},
	}
}
