package model

// Vendor is a company that sells or provides something to ours.
type Vendor struct {
	Meta
	// Website is the address of its pages.
	Website string `format:"url"`
	// Country is where it is at home, as two letters of ISO 3166.
	Country string `format:"country"`
	// Parent is the company that owns it.
	Parent Ref `to:"Vendor" back:"subsidiaries" flow:"needs"`
	// Category is what it provides, such as cloud, software, hardware, telecom or consulting.
	Category string
	// Criticality says how much the business depends on it.
	Criticality Criticality
	// Contact is the person on our side that speaks with it.
	Contact Ref `to:"Person" back:"contact for vendors"`
	// Number is the number of the vendor in the books.
	Number string `ident:"vendor_number"`
	// TaxID is its number with the tax office.
	TaxID string `name:"tax_id" ident:"tax_id"`
	// PersonalData says that it processes personal data for us.
	PersonalData bool
	// Certificates are the proofs of its quality and security, each with its last day.
	Certificates []VendorCertificate
}

// VendorCertificate is a proof of quality or security that a vendor has shown.
type VendorCertificate struct {
	// Name is the norm, such as ISO 27001 or SOC 2 Type II.
	Name string `is:"required"`
	// Expires is the last day on which it holds.
	Expires Date
}

// Contract is an agreement with a vendor, with its term and its price.
type Contract struct {
	Meta
	// Vendor is the other side.
	Vendor Ref `to:"Vendor" is:"required" back:"contracts" flow:"needs"`
	// Number is the number of the contract. It is unique.
	Number string `ident:"contract"`
	// Covers are the things that would be lost without the contract.
	Covers []Ref `to:"any" back:"contracts" flow:"serves"`
	// Start is the first day of the term.
	Start Date
	// End is the last day of the term. Unset means without end.
	End Date
	// Notice is how long before the end notice must have been given.
	Notice Duration
	// AutoRenew is by how many months the contract goes on where nobody gives notice. Unset means that it ends.
	AutoRenew int `min:"0" max:"120" unit:"months"`
	// AnnualCost is what it costs in a year.
	AnnualCost Money
	// State says where the contract stands.
	State ContractState
	// Manager is the person that answers for the contract on our side.
	Manager Ref `to:"Person" back:"contracts managed"`
	// CostCentre is where its cost is booked.
	CostCentre Ref `to:"CostCentre" back:"contracts"`
	// Documents are the papers.
	Documents []Ref `to:"Document" back:"contracts"`
}

// ContractState says where a contract stands.
type ContractState string

// Options lists the states of a contract.
func (ContractState) Options() []Option {
	return []Option{
		{"draft", "Draft", "It is being negotiated."},
		{"active", "Active", "It is in force."},
		{"terminated", "Terminated", "Notice was given and the term runs out."},
		{"ended", "Ended", "It is no longer in force."},
	}
}

// Transitions says which state of a contract may follow which.
func (ContractState) Transitions() map[string][]string {
	return map[string][]string{
		"draft":      {"active", "ended"},
		"active":     {"terminated", "ended"},
		"terminated": {"active", "ended"},
		"ended":      {"active"},
	}
}

// Document is a text that is kept for reference: a policy, a runbook, a contract, a page.
type Document struct {
	Meta
	// Type is what sort of document it is, such as policy, runbook or diagram.
	Type string
	// Link is where the document is.
	Link string `format:"url"`
	// Text is the document itself, where it is kept here. Markdown is understood.
	Text string `is:"long"`
	// About are the things that the document describes.
	About []Ref `to:"any" back:"documents"`
	// Edition is the version of the document.
	Edition string
	// Issued is the day of this edition.
	Issued Date
	// ReviewBy is the day by which the document is to be looked at again.
	ReviewBy Date
}
