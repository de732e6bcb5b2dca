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

// Options lists the states of an audit.
func (AuditState) Options() []Option {
	return []Option{
		{"planned", "Planned", "It is agreed and not begun."},
		{"running", "Running", "Requests are being answered."},
		{"reporting", "Reporting", "The report is being written."},
		{"closed", "Closed", "The report is there."},
	}
}
