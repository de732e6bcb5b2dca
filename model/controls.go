package model

// Control is a measure that the company has put in place. It is described once and counts in every framework that asks for it.
type Control struct {
	Meta
	Lifecycle
	// Identifier is the identifier of the control in OSCAL documents. Unset means one that follows from the record.
	Identifier string `ident:"oscal"`
	// Type says when it works.
	Type ControlType
	// Statement says what is done, by whom and how often.
	Statement string `is:"long"`
	// Satisfies are the requirements that it meets, each with how far.
	Satisfies []Satisfaction
	// AppliesTo are the things that it is in place for. Unset means everything in the scope.
	AppliesTo []Ref `to:"any" back:"controls"`
	// Operators are the people and teams that carry it out.
	Operators []Ref `to:"Person,Team,Vendor" back:"operates controls"`
	// Policies are the policies that demand it.
	Policies []Ref `to:"Policy,Document" back:"demands controls"`
	// Automated says that it works without a hand.
	Automated bool
	// Cost is what it costs in a year.
	Cost Money
}

// Satisfaction says how far a control meets a requirement.
type Satisfaction struct {
	// Requirement is what is asked for.
	Requirement Ref `to:"Requirement" is:"required" back:"satisfied by"`
	// Coverage says how far the control meets it.
	Coverage Coverage
	// State says how far it is put in place.
	State ImplementationState
	// Remarks say how it is met.
	Remarks string `is:"long"`
	// Identifier is the identifier of the implemented requirement in OSCAL documents.
	Identifier string
}

// Coverage says how far something meets what is asked for.
type Coverage string

// The coverages.
const (
	CoveredPartly Coverage = "partial"
	CoveredFully  Coverage = "full"
)

// Options lists how far something may be met.
func (Coverage) Options() []Option {
	return []Option{
		{"partial", "Partly", "Some of it is met, other controls must meet the rest."},
		{"full", "Fully", "All of it is met."},
	}
}

// ImplementationState says how far a control is put in place, in the words of OSCAL.
type ImplementationState string

// The states of implementation.
const (
	ControlNotApplicable ImplementationState = "not_applicable"
	ControlPlanned       ImplementationState = "planned"
	ControlPartial       ImplementationState = "partial"
	ControlAlternative   ImplementationState = "alternative"
	ControlImplemented   ImplementationState = "implemented"
)

// Options lists the states.
func (ImplementationState) Options() []Option {
	return []Option{
		{"not_applicable", "Not applicable", "It is not needed here."},
		{"planned", "Planned", "It will be put in place."},
		{"partial", "Partial", "It is in place in part."},
		{"alternative", "Alternative", "Something else does what was asked for."},
		{"implemented", "Implemented", "It is in place."},
	}
}

// ControlType says when a control works.
type ControlType string

// Options lists the types.
func (ControlType) Options() []Option {
	return []Option{
		{"preventive", "Preventive", "It keeps something from happening."},
		{"detective", "Detective", "It notices that something happened."},
		{"corrective", "Corrective", "It puts right what happened."},
		{"directive", "Directive", "It tells people what to do."},
	}
}

// ControlTest is how it is found out whether a control works: a check that Binnacle runs by itself, or something that a person does.
type ControlTest struct {
	Meta
	// Controls are what is tested.
	Controls []Ref `to:"Control" back:"tests"`
	// Requirements are what is tested directly, where no control stands between.
	Requirements []Ref `to:"Requirement" back:"tests"`
	// Identifier is the identifier of the test in OSCAL documents.
	Identifier string `ident:"oscal"`
	// Method says how the evidence is gathered.
	Method TestMethod
	// Check is the full name of the check that is run, such as lifecycle.no_unsupported_critical. Unset means that people do the test, or that the rule below is the test.
	Check string
	// Parameters are what the check is asked with, as name=value and joined by &.
	Parameters string
	// Kind is the kind of records that the rule below must hold for, where there is no check.
	Kind string
	// Where limits the records, as on a list, such as criticality=critical.
	Where string
	// Rule is a CEL expression over record that must be true for every record, such as has(record.owner).
	Rule string
	// Every is how often it is run. Unset means daily for what Binnacle runs and yearly for what people do.
	Every Duration
	// ValidFor is for how long a result counts. Unset means twice as long as the time between two runs.
	ValidFor Duration
	// Severity says how bad it is when it fails.
	Severity Severity
	// Treat says what happens when it fails.
	Treat TestReaction
	// Paused says that it is not run.
	Paused bool
	// Steps say what a person does, where people do the test. Markdown is understood.
	Steps string `is:"long"`
}

// The reactions to a failure.
const (
	TreatFinding TestReaction = "finding"
	TreatRisk    TestReaction = "risk"
	TreatPlan    TestReaction = "plan"
)

// TestMethod says how the evidence of a test is gathered, in the words of NIST SP 800-53A.
type TestMethod string

// Options lists the methods.
func (TestMethod) Options() []Option {
	return []Option{
		{"test", "Test", "Something is tried out, and what happens is compared with what should happen."},
		{"examine", "Examine", "Something is looked at."},
		{"interview", "Interview", "Somebody is asked."},
	}
}

// TestReaction says what happens when a control test fails.
type TestReaction string

// Options lists the reactions.
func (TestReaction) Options() []Option {
	return []Option{
		{"finding", "Finding", "A finding is opened."},
		{"risk", "Finding and risk", "A finding and a risk are opened."},
		{"plan", "Finding, risk and plan", "A finding, a risk and an item in the plan of action are opened."},
	}
}

// Severity says how much something matters.
type Severity string

// The severities, lowest first.
const (
	SeverityNone     Severity = "none"
	SeverityLow      Severity = "low"
	SeverityMedium   Severity = "medium"
	SeverityHigh     Severity = "high"
	SeverityCritical Severity = "critical"
)

// Options lists the severities, lowest first.
func (Severity) Options() []Option {
	return []Option{
		{"none", "None", "Nothing needs to be done."},
		{"low", "Low", "It can wait."},
		{"medium", "Medium", "It needs a plan."},
		{"high", "High", "It needs work soon."},
		{"critical", "Critical", "It needs work now."},
	}
}

// Observation is one run of a control test: what was seen, when, and the evidence for it. It is not changed afterwards.
type Observation struct {
	Meta
	// Test is what was run.
	Test Ref `to:"ControlTest" is:"required" back:"observations"`
	// Identifier is the identifier of the observation in OSCAL documents.
	Identifier string `ident:"oscal"`
	// Result says how it went.
	Result TestResult `is:"required"`
	// Collected is when the evidence was gathered.
	Collected Time `is:"required"`
	// Expires is when the result no longer counts.
	Expires Time
	// By is who gathered it, where a person did.
	By Ref `to:"Person" is:"signed" back:"observations"`
	// Text says in a sentence what was seen.
	Text string
	// Looked is how many records were looked at.
	Looked int `min:"0"`
	// Subjects are the records that did not hold, or the most important of them.
	Subjects []Ref `to:"any" back:"observed" is:"trace"`
	// Evidence is what the result rests on, item by item.
	Evidence []EvidenceItem
	// Position is the entry of the journal that the estate was looked at after. Whoever asks again as of it gets the same answer.
	Position int `min:"0"`
	// Digest is the SHA-256 of the whole answer as JSON, in hexadecimal.
	Digest string
	// Method names what computed the result, with its version.
	Method string
}

// EvidenceItem is one thing that a result rests on.
type EvidenceItem struct {
	// Subject is the record that it is about.
	Subject Ref `to:"any" back:"evidence" is:"trace"`
	// Text says what was seen, with the values as they were.
	Text string
	// Holds says that it is as it should be.
	Holds bool
	// Link is where more of it is.
	Link string
}

// TestResult says how a run of a test went.
type TestResult string

// The results of a test.
const (
	TestPassed  TestResult = "pass"
	TestFailed  TestResult = "fail"
	TestUnknown TestResult = "unknown"
	TestError   TestResult = "error"
)

// Options lists the results.
func (TestResult) Options() []Option {
	return []Option{
		{"error", "Error", "The test could not be run."},
		{"unknown", "Unknown", "There was not enough to tell."},
		{"fail", "Failed", "It is not as it should be."},
		{"pass", "Passed", "It is as it should be."},
	}
}

// Finding says that something that is asked for is not met, from a test, an audit or a person.
type Finding struct {
	Meta
	// Identifier is the identifier of the finding in OSCAL documents.
	Identifier string `ident:"oscal"`
	// State says where it stands.
	State FindingState
	// Severity says how bad it is.
	Severity Severity
	// Test is the test that failed.
	Test Ref `to:"ControlTest" back:"findings"`
	// Observations are what it rests on.
	Observations []Ref `to:"Observation" back:"findings"`
	// Controls are the controls that do not work.
	Controls []Ref `to:"Control" back:"findings"`
	// Requirements are what is not met.
	Requirements []Ref `to:"Requirement" back:"findings"`
	// Audit is the audit that found it.
	Audit Ref `to:"Audit" back:"findings"`
	// Subjects are what it is about.
	Subjects []Ref `to:"any" back:"findings" is:"trace"`
	// Opened is the day on which it was found.
	Opened Date
	// Due is the day by which it is to be mended.
	Due Date
	// Mended is the day on which it was mended, or on which its test held again.
	Mended Date
	// MendedBy is the person that mended it.
	MendedBy Ref `to:"Person" is:"signed" back:"mended findings"`
	// Closed is the day on which somebody closed it.
	Closed Date
	// ClosedBy is the person that closed it. It is never the person that mended it.
	ClosedBy Ref `to:"Person" is:"signed" back:"closed findings"`
	// Cause says why it came to this.
	Cause string `is:"long"`
	// Answer is what those who answer for it say. Markdown is understood.
	Answer string `is:"long"`
}

// FindingState says where a finding stands.
type FindingState string

// The states of a finding.
const (
	FindingOpen     FindingState = "open"
	FindingMended   FindingState = "mended"
	FindingClosed   FindingState = "closed"
	FindingAccepted FindingState = "accepted"
)

// Options lists the states of a finding.
func (FindingState) Options() []Option {
	return []Option{
		{"open", "Open", "It is to be mended."},
		{"accepted", "Accepted", "An exception allows it for a time."},
		{"mended", "Mended", "The test holds again, and somebody is to close it."},
		{"closed", "Closed", "It is mended, or was none."},
	}
}

// PlanItem is an item of the plan of action and milestones: what is done about findings and risks, by whom and until when.
type PlanItem struct {
	Meta
	// Identifier is the identifier of the item in OSCAL documents.
	Identifier string `ident:"oscal"`
	// State says where it stands.
	State PlanItemState
	// Findings are what it mends.
	Findings []Ref `to:"Finding" back:"plan"`
	// Risks are what it lowers.
	Risks []Ref `to:"Risk" back:"plan"`
	// Controls are what it puts in place.
	Controls []Ref `to:"Control" back:"plan"`
	// Project is the project that does the work.
	Project Ref `to:"Project" back:"plan of action"`
	// Planned is the day on which work begins.
	Planned Date
	// Due is the day by which it is to be done.
	Due Date
	// Done is the day on which it was done.
	Done Date
	// Cost is what it costs once.
	Cost Money
	// Milestones are the results on the way.
	Milestones []Milestone
	// Remarks say how it goes. Markdown is understood.
	Remarks string `is:"long"`
}

// PlanItemState says where an item of the plan stands.
type PlanItemState string

// The states of an item of the plan.
const (
	PlanOpen      PlanItemState = "open"
	PlanRunning   PlanItemState = "running"
	PlanDone      PlanItemState = "done"
	PlanClosed    PlanItemState = "closed"
	PlanCancelled PlanItemState = "cancelled"
)

// Options lists the states.
func (PlanItemState) Options() []Option {
	return []Option{
		{"open", "Open", "It is agreed and not begun."},
		{"running", "Running", "Work goes on."},
		{"done", "Done", "It is done and is to be checked."},
		{"closed", "Closed", "Somebody checked that it is done."},
		{"cancelled", "Cancelled", "It is not needed any more."},
	}
}

// Exception allows something that a policy, a requirement or a deadline forbids, for a time.
type Exception struct {
	Meta
	// State says where it stands.
	State ExceptionState
	// Subjects are the things that it holds for. Unset means all.
	Subjects []Ref `to:"any" back:"exceptions"`
	// From are the requirements, controls, tests, policies, rules, standards, findings and risks that it excepts.
	From []Ref `to:"Requirement,Control,ControlTest,Policy,DutyRule,Finding,Risk,Rule,Standard,Scorecard" back:"exceptions"`
	// Criteria are the names of the criteria of a scorecard that it holds for, where it is from one. Unset means all of them.
	Criteria []string
	// Vulnerabilities are the identifiers that it holds for, such as CVE-2021-44228, where it is about vulnerabilities.
	Vulnerabilities []string
	// Reason says why it is needed.
	Reason string `is:"long"`
	// Compensation are the controls that stand in meanwhile.
	Compensation []Ref `to:"Control" back:"compensates"`
	// AskedBy is who wants it.
	AskedBy Ref `to:"Person" is:"signed" back:"asked for exceptions"`
	// ApprovedBy is who allowed it. It is never the person that asked.
	ApprovedBy Ref `to:"Person" is:"signed" back:"approved exceptions"`
	// Start is the first day on which it holds.
	Start Date
	// Expires is the last day on which it holds.
	Expires Date
}

// ExceptionState says where an exception stands.
type ExceptionState string

// ExceptionApproved is the state of an exception that holds.
const ExceptionApproved ExceptionState = "approved"

// Options lists the states of an exception.
func (ExceptionState) Options() []Option {
	return []Option{
		{"requested", "Requested", "Somebody asked for it."},
		{"approved", "Approved", "It holds until its last day."},
		{"rejected", "Rejected", "It was not allowed."},
		{"withdrawn", "Withdrawn", "It is not needed any more."},
	}
}

// Transitions says which state of an exception may follow which.
func (ExceptionState) Transitions() map[string][]string {
	return map[string][]string{
		"requested": {"approved", "rejected", "withdrawn"},
		"approved":  {"withdrawn"},
		"rejected":  {"requested"},
		"withdrawn": {"requested"},
	}
}

// Holds reports whether the exception is approved and its days include a day.
func (e *Exception) Holds(at Date) bool {
	return e.State == ExceptionApproved && (e.Start.IsZero() || at >= e.Start) && (e.Expires.IsZero() || at <= e.Expires)
}
