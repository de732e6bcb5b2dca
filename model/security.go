package model

// Policy is a rule of the company that people must know: what holds, for whom, since when, and who approved it.
type Policy struct {
	Meta
	// Type says what sort of rule it is.
	Type PolicyType
	// State says where this version stands.
	State PolicyState
	// Edition is the version in force, or the one in work.
	Edition string
	// Text is the policy itself. Markdown is understood.
	Text string `is:"long"`
	// Link is where the policy is, when it is kept elsewhere.
	Link string `format:"url"`
	// WrittenBy is the person that wrote this version. Somebody else must approve it.
	WrittenBy Ref `to:"Person" is:"signed" back:"wrote policies"`
	// ApprovedBy is the person that put this version in force.
	ApprovedBy Ref `to:"Person" is:"signed" back:"approved policies"`
	// Approved is the day on which this version was approved.
	Approved Date
	// InForce is the first day on which it holds.
	InForce Date
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy Date
	// Replaces is the policy that it takes the place of.
	Replaces Ref `to:"Policy" back:"replaced by"`
	// Requirements are the requirements that it answers.
	Requirements []Ref `to:"Requirement" back:"policies"`
	// Audience are the teams, business units and sites whose people must know it. Unset means everybody.
	Audience []Ref `to:"Team,BusinessUnit,Site,Person" back:"policies to know"`
	// Attest says that everybody in the audience must confirm each version.
	Attest bool
	// AttestWithin is how long people have for it, from the first day on which it holds. Unset means 30 days.
	AttestWithin Duration
	// Editions are the versions that were in force, with who approved each, oldest first.
	Editions []PolicyEdition
}

// PolicyEdition is one version of a policy that was put in force.
type PolicyEdition struct {
	// Edition is the version.
	Edition string `is:"required"`
	// WrittenBy is the person that wrote it.
	WrittenBy Ref `to:"Person" back:"wrote policies"`
	// ApprovedBy is the person that put it in force.
	ApprovedBy Ref `to:"Person" back:"approved policies"`
	// Approved is the day on which it was approved.
	Approved Date
	// InForce is the first day on which it held.
	InForce Date
	// Change says what was new.
	Change string
	// TextHash is the SHA-256 of its text, in hexadecimal.
	TextHash string
}

// PolicyType says what sort of rule something is.
type PolicyType string

// Options lists the types.
func (PolicyType) Options() []Option {
	return []Option{
		{"policy", "Policy", "It says what must hold, and why."},
		{"standard", "Standard", "It says what exactly must hold."},
		{"procedure", "Procedure", "It says how something is done, step by step."},
		{"guideline", "Guideline", "It gives advice."},
	}
}

// PolicyState says where a version of a policy stands.
type PolicyState string

// PolicyInForce is the state of a policy that holds.
const PolicyInForce PolicyState = "in_force"

// Options lists the states of a policy.
func (PolicyState) Options() []Option {
	return []Option{
		{"draft", "Draft", "It is being written."},
		{"review", "In review", "It waits for approval."},
		{"in_force", "In force", "It holds."},
		{"retired", "Retired", "It no longer holds."},
	}
}

// Transitions says which state of a policy may follow which.
func (PolicyState) Transitions() map[string][]string {
	return map[string][]string{
		"draft":    {"review", "retired"},
		"review":   {"draft", "in_force", "retired"},
		"in_force": {"draft", "retired"},
		"retired":  {"draft"},
	}
}

// Attestation says that a person has confirmed one version of a policy.
type Attestation struct {
	Meta
	// Policy is what was confirmed.
	Policy Ref `to:"Policy" is:"required" back:"attestations"`
	// Edition is the version that was confirmed.
	Edition string
	// Person is who confirmed it.
	Person Ref `to:"Person" is:"required signed" back:"attestations"`
	// At is when it was confirmed.
	At Time `is:"required"`
	// TextHash is the SHA-256 of the text that was confirmed, in hexadecimal, so that nobody can change the text behind it.
	TextHash string
}

// AwarenessCampaign is something that teaches people to work securely: a training, or a mail that tests whether they notice an attack.
type AwarenessCampaign struct {
	Meta
	// Type says what sort of campaign it is.
	Type AwarenessType
	// Audience are the teams, business units, sites and people that it is for. Unset means everybody.
	Audience []Ref `to:"Team,BusinessUnit,Site,Person" back:"awareness campaigns"`
	// Start is the first day.
	Start Date
	// Due is the day by which everybody is to have taken part.
	Due Date
	// Topics are what it is about, such as phishing or passwords.
	Topics []string
	// Link is where it is.
	Link string `format:"url"`
	// ValidFor is for how long a training counts before it must be repeated. Unset means for ever.
	ValidFor Duration
	// PassMark is the share of right answers that is needed, in percent. Unset means that none is.
	PassMark Percent `min:"0" max:"100" unit:"%"`
	// Sent is how many got the mail of a simulation, where only the sums are known and not who did what.
	Sent int `min:"0"`
	// Clicked is how many of them followed the link.
	Clicked int `min:"0"`
	// Reported is how many of them reported the mail.
	Reported int `min:"0"`
	// Policies are the policies that it teaches.
	Policies []Ref `to:"Policy" back:"taught by"`
}

// AwarenessType says what sort of campaign something is.
type AwarenessType string

// Options lists the types of campaigns.
func (AwarenessType) Options() []Option {
	return []Option{
		{"training", "Training", "People learn something, perhaps with a test."},
		{"phishing", "Phishing simulation", "People get a mail like that of an attacker."},
		{"exercise", "Exercise", "People play through an incident."},
	}
}

// TrainingRecord says how one person took part in a campaign or in another training.
type TrainingRecord struct {
	Meta
	// Campaign is what the person took part in.
	Campaign Ref `to:"AwarenessCampaign" back:"records"`
	// Course is what the training is called, where there is no campaign.
	Course string
	// Person is who took part.
	Person Ref `to:"Person" is:"required" back:"training"`
	// Assigned is the day on which the person was asked.
	Assigned Date
	// Done is the day on which it was done.
	Done Date
	// Score is the share of right answers, in percent.
	Score Percent `min:"0" max:"100" unit:"%"`
	// Passed says whether it was passed. Unset follows from the score, or means yes where there is none.
	Passed Judgement
	// Clicked is when the person followed the link of a simulation.
	Clicked Time
	// GaveAway is when the person gave away a password in a simulation.
	GaveAway Time
	// Reported is when the person reported the mail of a simulation.
	Reported Time
}
