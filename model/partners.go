package model

// Partner is an organisation that the company wants to win or keep for something that it cannot buy: technology partners, startups, universities and alliances.
type Partner struct {
	Meta
	// Type says what sort of partner it is.
	Type PartnerType `is:"required"`
	// Stage says how far the partnership has come.
	Stage PartnerStage
	// Vendor is the same organisation as a vendor, where it is one.
	Vendor Ref `to:"Vendor" back:"partners"`
	// Website is the address of its pages.
	Website string `format:"url"`
	// Country is where it is at home, as two letters of ISO 3166.
	Country string `format:"country"`
	// Founded is the day on which it was founded.
	Founded Date
	// Employees is how many people work there.
	Employees int `min:"0"`
	// Runway is how long its money lasts, where it is young.
	Runway Duration
	// RunwayFrom is the day from which the runway counts. Unset means the day on which the record was changed last.
	RunwayFrom Date
	// Sponsor is the person on our side that wants it.
	Sponsor Ref `to:"Person" back:"sponsors partners"`
	// Technologies are what it brings.
	Technologies []Ref `to:"Technology" back:"partners"`
	// Trends are the trends that make it interesting.
	Trends []Ref `to:"Trend" back:"partners"`
	// Goals are the goals that both sides work for.
	Goals []Ref `to:"Goal" back:"partners" flow:"serves"`
	// Products are the products that it takes part in.
	Products []Ref `to:"Product" back:"partners"`
	// Fit is how well it fits, criterion by criterion.
	Fit []PartnerFit
	// DueDiligence is what was looked into.
	DueDiligence []DueDiligenceItem
	// CompetesWith are the vendors and products of ours that it competes with.
	CompetesWith []Ref `to:"Vendor,Product,Partner,Competitor" back:"in conflict with partners"`
	// Exclusive are the fields in which it or we may work with nobody else.
	Exclusive []string
	// Fields are the fields in which it works, in words that the company agreed on.
	Fields []string
	// Health says how the partnership goes.
	Health Health
	// NextStep says what is to be done next.
	NextStep string
	// NextBy is the day by which it is to be done.
	NextBy Date
	// Stages are the days on which it came to each stage.
	Stages []StageReached
	// Value is what the partnership has brought.
	Value []PartnerValue
	// Conflicts are the conflicts of interest that somebody decided about.
	Conflicts []PartnerConflict
	// Exit says how the partnership is ended without harm. Markdown is understood.
	Exit string `is:"long"`
}

// PartnerType says what sort of partner an organisation is.
type PartnerType string

// Options lists the sorts of partners.
func (PartnerType) Options() []Option {
	return []Option{
		{"technology", "Technology partner", "It brings technology that ours is built with or sold with."},
		{"startup", "Startup", "It is young and may become important."},
		{"university", "University", "It does research with us."},
		{"alliance", "Alliance", "Several companies work for the same end, such as a standard."},
	}
}

// PartnerStage says how far a partnership has come.
type PartnerStage string

// The stages of a partnership.
const (
	PartnerScouted    PartnerStage = "scouted"
	PartnerTalking    PartnerStage = "talking"
	PartnerEvaluating PartnerStage = "evaluating"
	PartnerProving    PartnerStage = "proving"
	PartnerAgreed     PartnerStage = "agreed"
	PartnerActive     PartnerStage = "active"
	PartnerExiting    PartnerStage = "exiting"
	PartnerEnded      PartnerStage = "ended"
	PartnerDeclined   PartnerStage = "declined"
)

// Options lists the stages of a partnership.
func (PartnerStage) Options() []Option {
	return []Option{
		{"scouted", "Scouted", "Somebody found it."},
		{"talking", "Talking", "Both sides speak with each other."},
		{"evaluating", "Evaluating", "Fit and due diligence are looked into."},
		{"proving", "Proof of concept", "Both sides try something together."},
		{"agreed", "Agreed", "An agreement is signed."},
		{"active", "Active", "Both sides work together."},
		{"exiting", "Exiting", "The partnership is being ended."},
		{"ended", "Ended", "It is over."},
		{"declined", "Declined", "One side did not want it."},
	}
}

// Transitions says which stage of a partnership may follow which.
func (PartnerStage) Transitions() map[string][]string {
	return map[string][]string{
		"scouted":    {"talking", "declined"},
		"talking":    {"evaluating", "declined", "scouted"},
		"evaluating": {"proving", "agreed", "declined", "talking"},
		"proving":    {"agreed", "declined", "evaluating"},
		"agreed":     {"active", "ended"},
		"active":     {"exiting"},
		"exiting":    {"ended", "active"},
		"ended":      {"scouted"},
		"declined":   {"scouted"},
	}
}

// Health says how something goes.
type Health string

// Options lists the states of health, the best first.
func (Health) Options() []Option {
	return []Option{
		{"green", "Green", "It goes well."},
		{"amber", "Amber", "Something needs attention."},
		{"red", "Red", "It is in danger."},
	}
}

// PartnerFit is how well a partner fits by one criterion.
type PartnerFit struct {
	// Criterion is what is looked at, such as strategy, technology, culture or finances.
	Criterion string `is:"required"`
	// Score is how well it fits, from 0 to 5.
	Score float64 `min:"0" max:"5"`
	// Weight says how much the criterion counts. Unset means 1.
	Weight float64 `min:"0"`
	// Note says why.
	Note string
}

// DueDiligenceItem is something that is looked into before an agreement.
type DueDiligenceItem struct {
	// Name is what is looked into, such as ownership, finances, security or intellectual property.
	Name string `is:"required"`
	// Verdict says what came of it.
	Verdict DiligenceVerdict
	// Done is the day on which it was finished. Unset means not yet.
	Done Date
	// Note says what was found.
	Note string
	// Document is where it can be read.
	Document Ref `to:"Document,Assessment" back:"due diligence"`
}

// DiligenceVerdict says what came of looking into something.
type DiligenceVerdict string

// Options lists the verdicts of due diligence.
func (DiligenceVerdict) Options() []Option {
	return []Option{
		{"open", "Open", "It has not been looked into yet."},
		{"clear", "Clear", "Nothing speaks against it."},
		{"condition", "With a condition", "It is fine if something is agreed on."},
		{"blocker", "Blocker", "It must not go on like this."},
	}
}

// StageReached is the day on which a partnership came to a stage.
type StageReached struct {
	// Stage is the stage.
	Stage PartnerStage `is:"required"`
	// On is the day.
	On Date `is:"required"`
	// Reason says why it came there.
	Reason string
}

// PartnerValue is something that a partnership has brought or cost.
type PartnerValue struct {
	// On is the day.
	On Date `is:"required"`
	// Amount is what it brought. What it cost is negative.
	Amount Money
	// Text says what it was.
	Text string
}

// PartnerConflict is a conflict of interest with a partner that somebody decided about.
type PartnerConflict struct {
	// Type says what sort of conflict it is.
	Type PartnerConflictType `is:"required"`
	// With is what the partner is in conflict with. Unset means any of this type.
	With Ref `to:"Vendor,Product,Partner,Competitor" back:"decided conflicts" is:"trace"`
	// Verdict says what is done about it.
	Verdict ConflictVerdict `is:"required"`
	// Reason says why.
	Reason string
	// Decided is the day of the decision.
	Decided Date `is:"required"`
	// DecidedBy is the person that decided.
	DecidedBy Ref `to:"Person" is:"signed" back:"decided conflicts of partners"`
	// Until is the day by which it is to be decided anew. Unset means that the decision stays.
	Until Date
}

// PartnerConflictType says what sort of conflict of interest there is with a partner.
type PartnerConflictType string

// The types of conflicts with partners.
const (
	PartnerCompetes   PartnerConflictType = "competes"
	PartnerExclusive  PartnerConflictType = "exclusive"
	PartnerDepended   PartnerConflictType = "dependence"
	PartnerCompetitor PartnerConflictType = "same_company"
)

// Options lists the types of conflicts.
func (PartnerConflictType) Options() []Option {
	return []Option{
		{"competes", "Competes", "The partner competes with a product of ours, or with a vendor or a partner of ours."},
		{"exclusive", "Exclusive field", "Two partners work in a field that was promised to one of them alone."},
		{"dependence", "Dependence", "The partner is a vendor too, and something critical falls with it."},
		{"same_company", "Competitor", "The partner and a competitor are the same company."},
	}
}

// ConflictVerdict says what is done about a conflict of interest.
type ConflictVerdict string

// Options lists what can be done about a conflict.
func (ConflictVerdict) Options() []Option {
	return []Option{
		{"accept", "Accept", "It is known and borne."},
		{"separate", "Keep apart", "Persons, data and fields are kept apart."},
		{"resolve", "Resolve", "It is to go away, and somebody works on it."},
		{"end", "End", "The partnership is to end because of it."},
	}
}

// PartnerAgreement is what a partner and the company have agreed on, with obligations on both sides.
type PartnerAgreement struct {
	Meta
	// Partner is the partner.
	Partner Ref `to:"Partner" is:"required" back:"agreements"`
	// Type is what sort of agreement it is, such as NDA, joint development, reseller or membership.
	Type string
	// Contract is the contract that goes with it.
	Contract Ref `to:"Contract" back:"partner agreements"`
	// Start is the first day.
	Start Date
	// End is the last day. Unset means that it has none.
	End Date
	// NoticeBy is the last day on which it can be ended before it goes on.
	NoticeBy Date
	// Rights says who owns what comes of it.
	Rights string `is:"long"`
	// Obligations are what each side owes.
	Obligations []PartnerObligation
}

// PartnerObligation is something that one side owes the other.
type PartnerObligation struct {
	// Side says who owes it.
	Side PartnerSide `is:"required"`
	// Text says what is owed.
	Text string `is:"required"`
	// Due is the day by which it is owed.
	Due Date
	// Done is the day on which it was fulfilled. Unset means not yet.
	Done Date
	// Answerable is the person on our side that sees to it.
	Answerable Ref `to:"Person" back:"partner obligations"`
}

// PartnerSide is one side of an agreement.
type PartnerSide string

// Options lists the sides.
func (PartnerSide) Options() []Option {
	return []Option{
		{"ours", "Ours", "The company owes it."},
		{"theirs", "Theirs", "The partner owes it."},
		{"both", "Both", "Both sides owe it."},
	}
}
