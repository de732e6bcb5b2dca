package model

// Risk is something that may happen and would cost the company: a threat that acts on an asset, with an effect.
type Risk struct {
	Meta
	// Category groups risks, such as security, continuity, compliance, supplier or project.
	Category string
	// State says where the work on the risk stands.
	State RiskState
	// Threat says what may happen and who or what would do it, such as an insider who copies customer data.
	Threat string
	// Assets are what the threat acts on.
	Assets []Ref `to:"any" back:"risks"`
	// Effect says in a sentence what it would do to the business.
	Effect string
	// Confidentiality says that data would be seen by those who may not.
	Confidentiality bool
	// Integrity says that data or systems would be wrong.
	Integrity bool
	// Availability says that work would stop.
	Availability bool
	// Treatment says what is done about it.
	Treatment RiskTreatment
	// AcceptedBy is the person that accepted what remains.
	AcceptedBy Ref `to:"Person" back:"accepted risks"`
	// AcceptedUntil is the last day on which the acceptance holds.
	AcceptedUntil Date
	// ReviewBy is the day by which the risk is to be looked at again.
	ReviewBy Date
	// Reviewed is the day on which it was looked at last.
	Reviewed Date
	// Likelihood says how likely it is within a year with the measures of today.
	Likelihood Level
	// Impact says how bad it would be with the measures of today.
	Impact Level
	// InherentLikelihood says how likely it would be without any measure.
	InherentLikelihood Level
	// InherentImpact says how bad it would be without any measure.
	InherentImpact Level
	// TargetLikelihood says how likely it may stay.
	TargetLikelihood Level
	// TargetImpact says how bad it may stay.
	TargetImpact Level
	// EventFrequency is how often loss happens in a year. It takes the place of everything that it is made of.
	EventFrequency Range `unit:"a year"`
	// ThreatFrequency is how often the threat acts in a year, whether it succeeds or not.
	ThreatFrequency Range `unit:"a year"`
	// ContactFrequency is how often the threat meets the asset in a year.
	ContactFrequency Range `unit:"a year"`
	// ActionProbability is how probable it is that the threat acts when it meets the asset, from 0 to 1.
	ActionProbability Range
	// Susceptibility is how probable it is that the threat succeeds when it acts, from 0 to 1. It takes the place of capability and resistance.
	Susceptibility Range
	// ThreatCapability is how strong the threat is among all threats, from 0 to 100.
	ThreatCapability Range
	// ResistanceStrength is up to which strength of threats the asset holds without the controls below, from 0 to 100.
	ResistanceStrength Range
	// Events says how often a year may bring the loss.
	Events EventModel
	// Shape says how values lie within the ranges of frequency and probability.
	Shape RangeShape
	// LossShape says how values lie within the ranges of losses.
	LossShape RangeShape
	// Currency is the currency of the losses, as three letters of ISO 4217. Unset means that of the books.
	Currency string
	// Losses are what one event costs, form by form.
	Losses []LossForm
	// SecondaryFrequency is how probable it is that others react to an event, so that secondary losses come, from 0 to 1.
	SecondaryFrequency Range
	// Protections are the controls that stand against it.
	Protections []Protection
	// Causes are the common causes that make it come together with other risks.
	Causes []CauseShare
	// Found is the finding that the risk came from.
	Found Ref `to:"Finding" back:"risks"`
}

// LossForm is one form of what an event costs.
type LossForm struct {
	// Form is which of the six forms of loss it is.
	Form LossKind `is:"required"`
	// Secondary says that it comes from the reaction of others, such as customers, courts or the press.
	Secondary bool
	// Amount is what it costs for one event, in whole units of the currency.
	Amount Range
	// Note says where the estimate comes from.
	Note string
}

// LossKind is one of the six forms of loss of Open FAIR.
type LossKind string

// Options lists the forms of loss.
func (LossKind) Options() []Option {
	return []Option{
		{"productivity", "Productivity", "Work that does not get done and revenue that does not come in."},
		{"response", "Response", "Handling the event: people, lawyers, notices."},
		{"replacement", "Replacement", "Putting something new in the place of what was lost."},
		{"fines", "Fines and judgements", "What authorities and courts demand."},
		{"competitive_advantage", "Competitive advantage", "Secrets and leads that others now have."},
		{"reputation", "Reputation", "Customers and partners that go or do not come."},
	}
}

// EventModel says how often a year may bring a loss.
type EventModel string

// Options lists the models of events.
func (EventModel) Options() []Option {
	return []Option{
		{"poisson", "Any number", "A year may bring none, one or several, each by itself (Poisson)."},
		{"binomial", "At most once", "A year brings one or none (Bernoulli)."},
	}
}

// RangeShape says how values lie within a range.
type RangeShape string

// Options lists the shapes.
func (RangeShape) Options() []Option {
	return []Option{
		{"pert", "PERT", "Low and high are the limits, likely is the peak (modified PERT by Vose)."},
		{"lognormal", "Lognormal", "Low and high are the ends of a 90 % interval, and much higher values are possible."},
		{"uniform", "Uniform", "Every value between low and high is as likely as any other."},
	}
}

// Protection says what a control does against a risk.
type Protection struct {
	// Control is the control.
	Control Ref `to:"Control" is:"required" back:"protects against"`
	// Against says which factor of the risk it acts on.
	Against ProtectionFactor `is:"required"`
	// Strength is up to which strength of threats it holds, from 0 to 100, where it resists.
	Strength Range
	// Reduction is the part of the factor that it takes away where it does not resist, in percent.
	Reduction Percent `min:"0" max:"100" unit:"%"`
}

// ProtectionFactor is the factor of a risk that a control acts on.
type ProtectionFactor string

// Options lists the factors.
func (ProtectionFactor) Options() []Option {
	return []Option{
		{"resistance", "Resists", "The threat must be stronger to succeed."},
		{"contact", "Avoids", "The threat meets the asset less often."},
		{"action", "Deters", "The threat acts less often."},
		{"loss", "Limits loss", "One event costs less."},
		{"secondary", "Limits reaction", "Others react less often."},
	}
}

// CauseShare says how much of a risk comes from a common cause.
type CauseShare struct {
	// Cause is the common cause.
	Cause Ref `to:"RiskCause" is:"required" back:"risks"`
	// Correlation is how strongly the risk follows the cause, from 0 for not at all to 1 for wholly.
	Correlation float64 `min:"0" max:"1"`
}

// RiskCause is something that makes several risks come together, such as a shared provider or a wave of attacks.
type RiskCause struct {
	Meta
	// About are the things that the cause lies in, such as a vendor or a site.
	About []Ref `to:"any" back:"common causes"`
}

// RiskTreatment says what is done about a risk.
type RiskTreatment string

// Options lists the treatments.
func (RiskTreatment) Options() []Option {
	return []Option{
		{"undecided", "Undecided", "Nobody has decided yet."},
		{"mitigate", "Mitigate", "Controls make it rarer or cheaper."},
		{"transfer", "Transfer", "An insurance or a contract carries the loss."},
		{"avoid", "Avoid", "What brings the risk is given up."},
		{"accept", "Accept", "Somebody answers for living with it until a day."},
	}
}

// RiskState says where the work on a risk stands, in the words of OSCAL.
type RiskState string

// The states of a risk that programs set.
const (
	RiskOpen   RiskState = "open"
	RiskClosed RiskState = "closed"
)

// Options lists the states of a risk.
func (RiskState) Options() []Option {
	return []Option{
		{"open", "Open", "It is known and nothing is decided."},
		{"investigating", "Investigating", "It is being analysed."},
		{"remediating", "Remediating", "What was decided is being done."},
		{"deviation_requested", "Acceptance asked for", "Somebody asked to accept it."},
		{"deviation_approved", "Accepted", "Somebody accepted it until a day."},
		{"closed", "Closed", "It is gone, or was none."},
	}
}
