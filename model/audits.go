package model

// Audit is an examination of a scope against frameworks over a period, by people who do not work in it.
type Audit struct {
	Meta
	// Scope is what is examined.
	Scope Ref `to:"ComplianceScope" back:"audits"`
	// Frameworks are what it is examined against. Unset means those of the scope.
	Frameworks []Ref `to:"Framework,Baseline" back:"audits"`
	// Identifier is the identifier of the assessment in OSCAL documents.
	Identifier string `ident:"oscal"`
	// State says where it stands.
	State AuditState
	// From is the first day of the period that is looked at.
	From Date
	// Until is the last day of the period that is looked at.
	Until Date
	// Start is the first day of the work.
	Start Date
	// Due is the day by which the report is to be there.
	Due Date
	// Auditors are who does it.
	Auditors []Ref `to:"Person,Vendor,Account" back:"audits"`
	// Before is the audit before it.
	Before Ref `to:"Audit" back:"followed by"`
	// Opinion is what the auditors say in the end.
	Opinion string `is:"long"`
}

// AuditState says where an audit stands.
type AuditState string

// AuditClosed is the state of an audit whose report is there.
const AuditClosed AuditState = "closed"

// Options lists the states of an audit.
func (AuditState) Options() []Option {
	return []Option{
		{"planned", "Planned", "It is agreed and not begun."},
		{"running", "Running", "Requests are being answered."},
		{"reporting", "Reporting", "The report is being written."},
		{"closed", "Closed", "The report is there."},
	}
}

// AuditRequest is something that the auditors of an audit ask for: a document, an answer, a look at something.
type AuditRequest struct {
	Meta
	// Audit is the audit that it belongs to.
	Audit Ref `to:"Audit" is:"required" back:"requests"`
	// Number is what the auditors call it, such as R-12.
	Number string
	// Text says what is asked for. Markdown is understood.
	Text string `is:"long"`
	// Requirements are what the auditors look at with it.
	Requirements []Ref `to:"Requirement" back:"audit requests"`
	// AskedOf are the people and teams that are to answer.
	AskedOf []Ref `to:"Person,Team" back:"asked by auditors"`
	// Due is the day by which the answer is wanted.
	Due Date
	// State says where it stands.
	State AuditRequestState
	// Answer is what was answered. Markdown is understood.
	Answer string `is:"long"`
	// Evidence is what the answer rests on: observations, files, documents or any other record.
	Evidence []Ref `to:"any" back:"shown to auditors"`
	// Answered is the day of the last answer.
	Answered Date
	// AnsweredBy is the person that answered.
	AnsweredBy Ref `to:"Person" is:"signed" back:"answered auditors"`
	// Remarks are what the auditors say about the answer, such as why it was returned. Markdown is understood.
	Remarks string `is:"long"`
}

// AuditRequestState says where a request of auditors stands.
type AuditRequestState string

// The states of a request.
const (
	RequestOpen     AuditRequestState = "open"
	RequestAnswered AuditRequestState = "answered"
	RequestAccepted AuditRequestState = "accepted"
	RequestReturned AuditRequestState = "returned"
)

// Options lists the states of a request.
func (AuditRequestState) Options() []Option {
	return []Option{
		{"open", "Open", "It waits for an answer."},
		{"returned", "Returned", "The auditors were not content with the answer."},
		{"answered", "Answered", "The auditors look at the answer."},
		{"accepted", "Accepted", "The auditors are content with the answer."},
	}
}

// Transitions says which state of a request may follow which.
func (AuditRequestState) Transitions() map[string][]string {
	return map[string][]string{
		"open":     {"answered"},
		"returned": {"answered"},
		"answered": {"accepted", "returned"},
		"accepted": {"returned"},
	}
}

// MaturityRating says how far a scope has come with a part of the Cybersecurity Framework, in its tiers, and how far it wants to come.
// The newest rating of a part counts.
type MaturityRating struct {
	Meta
	// Scope is what is rated.
	Scope Ref `to:"ComplianceScope" is:"required" back:"maturity"`
	// Requirement is the function, category or subcategory that is rated. Unset means the scope as a whole.
	Requirement Ref `to:"Requirement" back:"maturity"`
	// Current is the tier of today.
	Current Tier
	// Target is the tier that is wanted.
	Target Tier
	// On is the day of the rating.
	On Date
	// By is who rated it.
	By Ref `to:"Person,Team,Vendor" back:"rated maturity"`
	// Evidence is what the rating rests on.
	Evidence []Ref `to:"any" back:"supports ratings"`
	// Remarks explain it. Markdown is understood.
	Remarks string `is:"long"`
}
