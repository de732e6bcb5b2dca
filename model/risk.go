package model

// Risk is something that may happen and would cost the company: a threat that acts on an asset, with an effect.
type Risk struct {
	Meta
	// Identifier is the identifier of the risk in OSCAL documents. Unset means one that follows from the record.
	Identifier string `ident:"oscal"`
	// Category groups risks, such as security, continuity, compliance, supplier or project.
	Category string
	// State says where the work on the risk stands.
	State RiskState
	// Threat says what may happen and who or what would do it, such as an insider who copies customer data.
	Threat string
	// Assets are what the threat acts on.
	Assets []Ref `to:"any" back:"risks" is:"trace"`
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
	AcceptedBy Ref `to:"Person" is:"signed" back:"accepted risks"`
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

// The models of events.
const (
	EventsPoisson  EventModel = "poisson"
	EventsBinomial EventModel = "binomial"
)

// Options lists the models of events.
func (EventModel) Options() []Option {
	return []Option{
		{"poisson", "Any number", "A year may bring none, one or several, each by itself (Poisson)."},
		{"binomial", "At most once", "A year brings one or none (Bernoulli)."},
	}
}

// RangeShape says how values lie within a range.
type RangeShape string

// The shapes of ranges.
const (
	ShapePERT      RangeShape = "pert"
	ShapeLognormal RangeShape = "lognormal"
	ShapeUniform   RangeShape = "uniform"
)

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

// The factors that controls act on.
const (
	AgainstResistance ProtectionFactor = "resistance"
	AgainstContact    ProtectionFactor = "contact"
	AgainstAction     ProtectionFactor = "action"
	AgainstLoss       ProtectionFactor = "loss"
	AgainstSecondary  ProtectionFactor = "secondary"
)

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

// The treatments that programs set and ask for.
const (
	TreatUndecided RiskTreatment = "undecided"
	TreatAccept    RiskTreatment = "accept"
)

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
	RiskOpen          RiskState = "open"
	RiskInvestigating RiskState = "investigating"
	RiskRemediating   RiskState = "remediating"
	RiskAccepted      RiskState = "deviation_approved"
	RiskClosed        RiskState = "closed"
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

// RiskAppetite says how probable losses of which size may be: for the whole company, for one category of risks, or for what threatens some things.
type RiskAppetite struct {
	Meta
	// Category limits it to the risks of one category. Unset means every category.
	Category string
	// Scope limits it to the risks that act on one of these things. Unset means all.
	Scope []Ref `to:"any" back:"risk appetites"`
	// Points say for amounts how probable it may be that a year costs more.
	Points []AppetitePoint
	// ApprovedBy is the person that decided it.
	ApprovedBy Ref `to:"Person" is:"signed" back:"approved risk appetites"`
	// Start is the first day on which it holds.
	Start Date
	// End is the last day on which it holds.
	End Date
}

// AppetitePoint says how probable it may be that a year costs more than an amount.
type AppetitePoint struct {
	// Amount is what all losses of a year together cost.
	Amount Money `is:"required"`
	// Appetite is how probable it may be, in percent, that a year costs more, for the company to be at ease.
	Appetite Percent `min:"0" max:"100" unit:"%"`
	// Tolerance is how probable it may be at the very most, in percent. Unset means the same as the appetite.
	Tolerance Percent `min:"0" max:"100" unit:"%"`
}

// Holds reports whether a day is within the days of the appetite.
func (a *RiskAppetite) Holds(at Date) bool {
	return (a.Start.IsZero() || at >= a.Start) && (a.End.IsZero() || at <= a.End)
}

// RiskMatrix is the organisation's own table of how likelihood and impact make a level of risk. Each edition is a record of its own.
type RiskMatrix struct {
	Meta
	// Edition names the version of the table.
	Edition string
	// Start is the first day on which it holds. Of several that hold, the one that started last counts.
	Start Date
	// End is the last day on which it holds.
	End Date
	// Likelihoods are the steps of the likelihood, lowest first.
	Likelihoods []MatrixStep
	// Impacts are the steps of the impact, lowest first.
	Impacts []MatrixStep
	// Cells say which level of risk each pair of steps makes.
	Cells []MatrixCell
	// Document is where the table was decided.
	Document Ref `to:"Document,Policy" back:"risk matrices"`
}

// MatrixStep is one step of a scale of a risk matrix.
type MatrixStep struct {
	// Level is the step.
	Level Level `is:"required"`
	// Label is what the organisation calls it.
	Label string
	// Low is the lowest semi-quantitative value of the step, from 0 to 100.
	Low float64 `min:"0" max:"100"`
	// High is the highest semi-quantitative value of the step, from 0 to 100.
	High float64 `min:"0" max:"100"`
	// Representative is the value that stands for the step, from 0 to 10.
	Representative float64 `min:"0" max:"10"`
	// Text says what the step means here, such as once in ten years, or up to 100,000 EUR.
	Text string
}

// MatrixCell is one cell of a risk matrix.
type MatrixCell struct {
	// Likelihood is the row.
	Likelihood Level `is:"required"`
	// Impact is the column.
	Impact Level `is:"required"`
	// Risk is the level of risk that they make.
	Risk Level `is:"required"`
}

// CalibrationQuestion is a question with a known answer, with which people learn how sure they may be of what they estimate.
type CalibrationQuestion struct {
	Meta
	// Question is what is asked, or what is claimed.
	Question string `is:"required"`
	// Type says how it is answered.
	Type CalibrationType `is:"required"`
	// Number is the answer, where a number is asked for.
	Number float64
	// Unit is what the number counts, such as year.
	Unit string
	// Holds says that the claim is true, where one is made.
	Holds bool
	// Reference is where the answer can be looked up.
	Reference string
}

// CalibrationType says how a question of calibration is answered.
type CalibrationType string

// The types of questions of calibration.
const (
	CalibrationRangeType CalibrationType = "number"
	CalibrationClaimType CalibrationType = "claim"
)

// Options lists the types.
func (CalibrationType) Options() []Option {
	return []Option{
		{"number", "Number", "The answer is a range that holds the true number in 90 of 100 cases."},
		{"claim", "Claim", "The answer is true or false, and how sure one is of it."},
	}
}

// CalibrationRound is one time that a person answered questions of calibration.
type CalibrationRound struct {
	Meta
	// Person is who answered.
	Person Ref `to:"Person" is:"required signed" back:"calibration rounds"`
	// Taken is the day.
	Taken Date `is:"required"`
	// Answers are what was answered.
	Answers []CalibrationAnswer
}

// CalibrationAnswer is one answer of a round, with the truth as it was known then.
type CalibrationAnswer struct {
	// Question is the key of the question.
	Question string `is:"required"`
	// Type says how it was answered.
	Type CalibrationType `is:"required"`
	// Low is the low end of the range that was answered.
	Low float64
	// High is the high end of the range that was answered.
	High float64
	// Number is the true number.
	Number float64
	// Says is what was answered about a claim.
	Says bool
	// Confidence is how sure the person was of that, from 50 to 100 percent.
	Confidence Percent `min:"0" max:"100" unit:"%"`
	// Holds says whether the claim is true.
	Holds bool
}

// Right reports whether the range holds the true number, or the claim was judged rightly.
func (a CalibrationAnswer) Right() bool {
	if a.Type == CalibrationClaimType {
		return a.Says == a.Holds
	}
	return a.Low <= a.Number && a.Number <= a.High
}
