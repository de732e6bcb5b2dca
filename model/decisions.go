package model

// DecisionRecord is a decision about technology, with its context and its consequences, as it was written down when it was taken.
type DecisionRecord struct {
	Meta
	// Number is its number in its folder. Unset means none.
	Number int `min:"0"`
	// State says where the decision stands.
	State DecisionState
	// Decided is the day on which it was last brought up to date.
	Decided Date
	// Makers are the persons that took part in it.
	Makers []Ref `to:"Person,Team" back:"decision records"`
	// MakerNames are those who took part as the text names them.
	MakerNames []string
	// Consulted are those whose view was asked, as the text names them.
	Consulted []string
	// Informed are those who are kept up to date, as the text names them.
	Informed []string
	// Context says what the problem is. Markdown is understood.
	Context string `is:"long"`
	// Drivers are the forces that matter.
	Drivers []string
	// Considered are the options that were considered.
	Considered []string
	// Chosen is the option that was chosen.
	Chosen string
	// Outcome says what was decided and why. Markdown is understood.
	Outcome string `is:"long"`
	// Consequences say what follows, good and bad. Markdown is understood.
	Consequences string `is:"long"`
	// Confirmation says how it is made sure that the decision is followed. Markdown is understood.
	Confirmation string `is:"long"`
	// Arguments are the arguments for and against each option. Markdown is understood.
	Arguments string `is:"long"`
	// More is what the text has under More Information: evidence, links, when to look again. Markdown is understood.
	More string `is:"long"`
	// Sections are the sections of the text that have no field of their own, in their order.
	Sections []DecisionSection
	// StatusText is the status as the text has it, with its marks and links.
	StatusText string
	// Text is the whole text as it was read, letter for letter. Unset means that the record was written here.
	Text string `is:"long"`
	// Raw is the whole file in base64, where it has bytes that a text here may not have. Text then has the rest.
	Raw string `is:"long"`
	// Path is the file in its folder.
	Path string
	// Supersedes are the decisions whose place it takes.
	Supersedes []Ref `to:"DecisionRecord" back:"superseded by"`
	// Relates are the decisions that it amends, needs or explains.
	Relates []Ref `to:"DecisionRecord" back:"related to"`
	// Touches are the things that it is about.
	Touches []Ref `to:"any" back:"decision records" is:"trace"`
	// Effects are what it was expected to bring, and what it brought.
	Effects []PredictedEffect
	// ReviewBy is the day by which the decision is to be looked at again.
	ReviewBy Date
	// Reviewed is the day on which it was looked at.
	Reviewed Date
	// ReviewedBy is the person that looked.
	ReviewedBy Ref `to:"Person" is:"signed" back:"reviewed decisions"`
	// Learned says what came of it.
	Learned string `is:"long"`
}

// Nicknames are the other words by which people ask for decision records.
func (*DecisionRecord) Nicknames() []string { return []string{"decision", "decisions", "adr", "adrs"} }

// DecisionSection is a section of a decision record that is not one of the usual ones.
type DecisionSection struct {
	// Heading is what stands above it.
	Heading string `is:"required"`
	// Text is what it says. Markdown is understood.
	Text string `is:"long"`
}

// PredictedEffect is what a decision was expected to bring and what it brought.
type PredictedEffect struct {
	// Name says what is measured.
	Name string `is:"required"`
	// Better says which way is better.
	Better Direction
	// Unit is what the values count.
	Unit string
	// Before is the value when the decision was taken.
	Before float64
	// Predicted is the value that was expected.
	Predicted float64
	// Actual is the value that was measured later.
	Actual float64
	// MeasuredOn is the day of the measurement. Unset means not yet.
	MeasuredOn Date
}

// DecisionState says where a decision stands, as MADR names it.
type DecisionState string

// The states of a decision.
const (
	DecisionDraft      DecisionState = "draft"
	DecisionProposed   DecisionState = "proposed"
	DecisionAccepted   DecisionState = "accepted"
	DecisionRejected   DecisionState = "rejected"
	DecisionDeprecated DecisionState = "deprecated"
	DecisionSuperseded DecisionState = "superseded"
)

// Options lists the states of a decision.
func (DecisionState) Options() []Option {
	return []Option{
		{"draft", "Draft", "It is being written."},
		{"proposed", "Proposed", "It waits for an answer."},
		{"accepted", "Accepted", "It holds."},
		{"rejected", "Rejected", "It was turned down."},
		{"deprecated", "Deprecated", "It does not hold any more, and nothing takes its place."},
		{"superseded", "Superseded", "Another decision takes its place."},
	}
}

// Transitions says which state of a decision may follow which.
func (DecisionState) Transitions() map[string][]string {
	return map[string][]string{
		"draft":      {"proposed", "accepted", "rejected", "deprecated", "superseded"},
		"proposed":   {"draft", "accepted", "rejected", "deprecated", "superseded"},
		"accepted":   {"proposed", "rejected", "deprecated", "superseded"},
		"rejected":   {"draft", "proposed", "accepted", "deprecated", "superseded"},
		"deprecated": {"proposed", "accepted", "superseded"},
		"superseded": {"proposed", "accepted", "rejected", "deprecated"},
	}
}

// Standard is how things are done here: a standard, a reference architecture or a golden path, in editions.
type Standard struct {
	Meta
	// Type says what sort of guidance it is.
	Type StandardType
	// State says whether it holds.
	State StandardState
	// AppliesTo are the things, or those they belong to, that it holds for. Unset means everything.
	AppliesTo []Ref `to:"any" back:"standards" is:"trace"`
	// Technologies are the technologies that it is about.
	Technologies []Ref `to:"Technology" back:"standards"`
	// Decisions are the decision records that it rests on.
	Decisions []Ref `to:"DecisionRecord" back:"standards"`
	// Text is what it says. Markdown is understood.
	Text string `is:"long"`
	// Link is where the rest of it is, such as a template to start from.
	Link string `format:"url"`
	// Editions are its versions, newest first.
	Editions []StandardEdition
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy Date
}

// StandardEdition is a version of a standard.
type StandardEdition struct {
	// Version is the version.
	Version string `is:"required"`
	// Effective is the first day on which it holds.
	Effective Date
	// Until is the last day on which it may be followed in the place of the newest one.
	Until Date
	// Changed says what is new.
	Changed string
}

// StandardType says what sort of guidance something is.
type StandardType string

// Options lists the sorts of guidance.
func (StandardType) Options() []Option {
	return []Option{
		{"standard", "Standard", "What must be done."},
		{"reference_architecture", "Reference architecture", "How the parts of a solution are put together."},
		{"golden_path", "Golden path", "The supported way from an idea to production, with a template to start from."},
		{"guideline", "Guideline", "What should be done."},
	}
}

// StandardState says whether a standard holds.
type StandardState string

// Options lists the states of standards.
func (StandardState) Options() []Option {
	return []Option{
		{"draft", "Draft", "It is being written."},
		{"effective", "Effective", "It holds."},
		{"retired", "Retired", "It does not hold any more."},
	}
}

// Scorecard measures how well things follow what good looks like, in levels.
type Scorecard struct {
	Meta
	// Kind is the name of the kind that is scored, such as Application.
	Kind string `is:"required"`
	// Filter is a CEL expression that says which records are scored. Unset means all.
	Filter string
	// Standards are the standards that it measures.
	Standards []Ref `to:"Standard" back:"scorecards"`
	// Levels are its levels, the lowest first.
	Levels []ScorecardLevel
	// Criteria are what is looked at.
	Criteria []ScorecardCriterion
	// Target is the name of the level that everything should reach.
	Target string
}

// ScorecardLevel is a level of a scorecard.
type ScorecardLevel struct {
	// Name is what it is called, such as Bronze.
	Name string `is:"required"`
	// Help says what it means to be there.
	Help string
}

// ScorecardCriterion is a rule of a scorecard.
type ScorecardCriterion struct {
	// Name says in a few words what is wanted.
	Name string `is:"required"`
	// Level is the name of the level that needs it.
	Level string `is:"required"`
	// Rule is a CEL expression that is true where a record fulfils it. Either this or a check is named.
	Rule string
	// Check is the full name of a check. A record fulfils it where none of its findings is about the record.
	Check string
	// Parameters are what the check is asked with, as in an address: within=365d.
	Parameters string
	// Standard is the standard that the criterion measures. What is exempted from it is exempted here.
	Standard Ref `to:"Standard" back:"criteria"`
	// Next says what to do where it is not fulfilled.
	Next string
}

// Campaign brings many records to a level by a day.
type Campaign struct {
	Meta
	// Scorecard is what measures it.
	Scorecard Ref `to:"Scorecard" is:"required" back:"campaigns"`
	// Level is the name of the level to be reached.
	Level string `is:"required"`
	// Subjects are the records that it is for. Unset means all that the scorecard scores.
	Subjects []Ref `to:"any" back:"campaigns" is:"trace"`
	// State says where it stands.
	State CampaignState
	// Start is the first day.
	Start Date
	// Due is the day by which the level is to be reached.
	Due Date
	// Baseline is how many had reached the level when it started.
	Baseline int `min:"0"`
}

// CampaignState says where a campaign stands.
type CampaignState string

// Options lists the states of campaigns.
func (CampaignState) Options() []Option {
	return []Option{
		{"planned", "Planned", "It has not begun."},
		{"running", "Running", "It goes on."},
		{"done", "Done", "It has ended."},
		{"stopped", "Stopped", "It was given up."},
	}
}

// DecisionRight says who decides what: an activity with who is responsible, accountable, consulted and informed.
type DecisionRight struct {
	Meta
	// Area groups activities, such as architecture or security.
	Area string
	// Order is its place within the area, the smallest first.
	Order int
	// Responsible are those who do the work. There is at least one.
	Responsible []Ref `to:"Person,Team,Office" back:"responsible for decisions"`
	// Accountable is who answers for the result. It is exactly one.
	Accountable []Ref `to:"Person,Team,Office" back:"accountable for decisions"`
	// Consulted are those who are asked before.
	Consulted []Ref `to:"Person,Team,Office" back:"consulted on decisions"`
	// Informed are those who are told afterwards.
	Informed []Ref `to:"Person,Team,Office,BusinessUnit" back:"informed of decisions"`
	// About are the things that it is about.
	About []Ref `to:"any" back:"decision rights" is:"trace"`
}
