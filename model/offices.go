package model

// Responsibility is a line of the charter: something that the offices answer for, and who does.
type Responsibility struct {
	Meta
	// Face is the side that the responsibility belongs to. The boards of the offices follow it.
	Face Face `is:"required"`
	// Order is its place in the charter, the smallest first.
	Order int
	// Practices are the names of the practices that help with it, such as lifecycle.
	Practices []string
	// Accountable are the offices or persons that answer for the result. It should be exactly one.
	Accountable []Ref `to:"Office,Person" back:"accountable for"`
	// Responsible are those who do the work.
	Responsible []Ref `to:"Office,Person,Team" back:"responsible for"`
	// Consulted are those who are asked before.
	Consulted []Ref `to:"Office,Person,Team" back:"consulted on"`
	// Informed are those who are told afterwards.
	Informed []Ref `to:"Office,Person,Team,BusinessUnit" back:"informed of"`
	// Effort is how many working days in a week the responsibility takes from who is accountable.
	Effort float64 `min:"0" max:"100" unit:"days a week"`
	// Measures are the questions that tell how healthy it is.
	Measures []Measure
}

// Measure is a figure that tells how healthy a responsibility is.
type Measure struct {
	// Question is the full name of the question, such as lifecycle.exposure.
	Question string `is:"required"`
	// Parameters are what it is asked with, as in an address: within=365d.
	Parameters string
	// Part is the name of the figure in the answer. Unset means the first figure, or whether a check passes.
	Part string
	// Title is what stands above the figure. Unset means the name of the question and of the figure.
	Title string
	// Target is what the figure should be. It is also a number where a check is asked: how many findings are allowed.
	Target float64
}

// Agreement is what one office owes the other: a policy to implement, a capability to deliver, a decision awaited.
type Agreement struct {
	Meta
	// Type says what is owed.
	Type AgreementType `is:"required"`
	// From is the office that owes it.
	From Ref `to:"Office" is:"required" back:"owes"`
	// To is the office that waits for it.
	To Ref `to:"Office" is:"required" back:"is owed"`
	// About are the records that it is about.
	About []Ref `to:"any" back:"agreements"`
	// Due is the day by which it is to be delivered.
	Due Date
	// State says where it stands.
	State AgreementState
	// Delivered is the day on which it was.
	Delivered Date
}

// AgreementType says what one office owes the other.
type AgreementType string

// Options lists what one office may owe the other.
func (AgreementType) Options() []Option {
	return []Option{
		{"policy", "Policy to implement", "One office set a policy and the other brings it into practice."},
		{"capability", "Capability to deliver", "One office needs something that the other builds."},
		{"decision", "Decision awaited", "One office cannot go on before the other decides."},
		{"information", "Information", "One office needs to know something from the other."},
	}
}

// AgreementState says where an agreement stands.
type AgreementState string

// Options lists the states of an agreement.
func (AgreementState) Options() []Option {
	return []Option{
		{"proposed", "Proposed", "One side asked for it."},
		{"agreed", "Agreed", "Both sides said yes."},
		{"delivered", "Delivered", "It is there."},
		{"declined", "Declined", "The other side said no."},
		{"withdrawn", "Withdrawn", "It is no longer asked for."},
	}
}

// Transitions says which state of an agreement may follow which.
func (AgreementState) Transitions() map[string][]string {
	return map[string][]string{
		"proposed":  {"agreed", "declined", "withdrawn"},
		"agreed":    {"delivered", "declined", "withdrawn"},
		"delivered": {"agreed"},
		"declined":  {"proposed"},
		"withdrawn": {"proposed"},
	}
}
