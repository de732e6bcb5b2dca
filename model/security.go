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
	// ApprovedBy is the person that put this version in force.
	ApprovedBy Ref `to:"Person" back:"approved policies"`
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
