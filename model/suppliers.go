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
	// Services are what it provides, in words that the company agreed on. Vendors that provide the same are alternatives.
	Services []string
	// Data are the data sets that it holds or can read.
	Data []Ref `to:"DataSet" back:"held by vendors"`
	// SubProcessors are the vendors that it passes our data on to.
	SubProcessors []Ref `to:"Vendor" back:"sub-processor of" flow:"needs"`
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
	// NoticeRule says how the day of notice is counted. Unset means calendar days before the end.
	NoticeRule NoticeRule
	// NoticeMonths is how many months before the end notice must have been given. It takes the place of Notice.
	NoticeMonths int `min:"0" max:"60" unit:"months"`
	// NoticeCountry is the country whose holidays count where business days do, as two letters of ISO 3166.
	NoticeCountry string `format:"country"`
	// MostRenewals is how often the contract may go on by itself. Unset means as often as nobody gives notice.
	MostRenewals int `min:"0" max:"100"`
	// NoticeGiven is the day when we or the vendor gave notice. Unset means that nobody did.
	NoticeGiven Date
	// Amendments are later agreements that change the contract, each from its day.
	Amendments []ContractAmendment
	// Prices are the prices by their first day, where they change over the term.
	Prices []PriceStep
	// Indexation says by how many percent the price rises at each anniversary at most. Unset means not at all.
	Indexation Percent `min:"0" max:"100" unit:"%"`
	// Index names the index that the price follows, such as the consumer price index.
	Index string
	// Committed is what must be bought in a year at least.
	Committed Money
	// ExitCost is what leaving would cost once: moving, training, penalties.
	ExitCost Money
	// Replaces is the contract that this one took the place of.
	Replaces Ref `to:"Contract" back:"replaced by"`
}

// NoticeRule says how the day of notice is counted.
type NoticeRule string

// Options lists how the day of notice can be counted.
func (NoticeRule) Options() []Option {
	return []Option{
		{"calendar", "Calendar days", "The notice period counts back from the last day of the term."},
		{"business", "Business days", "The notice period counts business days only; the country's holidays are none."},
		{"before_month_end", "To the end of a month", "The contract has no term: notice ends it at the end of a calendar month."},
		{"before_quarter_end", "To the end of a quarter", "The contract has no term: notice ends it at the end of a calendar quarter."},
		{"before_year_end", "To the end of a year", "The contract has no term: notice ends it at the end of a calendar year."},
	}
}

// ContractAmendment is a later agreement that changes a contract. What is unset stays as it was.
type ContractAmendment struct {
	// On is the day from which the change holds.
	On Date `is:"required"`
	// Text says what was agreed.
	Text string
	// End is the new last day of the term.
	End Date
	// Notice is the new notice period.
	Notice Duration
	// NoticeMonths is the new notice period in months.
	NoticeMonths int `min:"0" max:"60" unit:"months"`
	// AutoRenew is by how many months the contract now goes on.
	AutoRenew int `min:"0" max:"120" unit:"months"`
	// EndsForGood says that the contract no longer goes on by itself.
	EndsForGood bool
	// AnnualCost is the new cost in a year.
	AnnualCost Money
}

// PriceStep is a price from a day on.
type PriceStep struct {
	// From is the first day of the price.
	From Date `is:"required"`
	// Amount is the price for one unit and one period.
	Amount Money `is:"required"`
	// Quantity is how many units are bought. Unset means one.
	Quantity float64 `min:"0"`
	// Unit is what is bought, such as user or core.
	Unit string
	// Per is the period that the price is for.
	Per PricePeriod
}

// PricePeriod is the time that a price is for.
type PricePeriod string

// Options lists the times that a price can be for.
func (PricePeriod) Options() []Option {
	return []Option{
		{"year", "Year", "It is paid for each year."},
		{"quarter", "Quarter", "It is paid for each quarter."},
		{"month", "Month", "It is paid for each month."},
		{"once", "Once", "It is paid once."},
	}
}

// Obligation is something that one side of a contract owes the other by a day.
type Obligation struct {
	Meta
	// Contract is where it is written.
	Contract Ref `to:"Contract" is:"required" back:"obligations"`
	// Ours says that we owe it, and not the vendor.
	Ours bool
	// Due is the day by which it is to be done.
	Due Date
	// EveryMonths is how many months later it is due again. Unset means once.
	EveryMonths int `min:"0" max:"120" unit:"months"`
	// Done is the last day on which it was done.
	Done Date
	// Clause is the place in the contract.
	Clause string
}

// ServiceLevel is what a vendor promised about the quality of its service, and what was measured.
type ServiceLevel struct {
	Meta
	// Contract is where it is written.
	Contract Ref `to:"Contract" is:"required" back:"service levels"`
	// Service is what it is about.
	Service Ref `to:"Application,Service,CloudResource" back:"service levels"`
	// Metric is what is measured, such as availability or time to answer.
	Metric string `is:"required"`
	// Target is the value that was promised.
	Target float64
	// Unit is what the values count, such as % or h.
	Unit string
	// LowerIsBetter says that values below the target keep the promise.
	LowerIsBetter bool
	// Credit is the part of the price that comes back for each period in which the promise was not kept, in percent.
	Credit Percent `min:"0" max:"100" unit:"%"`
	// Measured are the values by period.
	Measured []Attainment
}

// Attainment is what was measured in one period.
type Attainment struct {
	// On is the last day of the period.
	On Date `is:"required"`
	// Value is what was measured.
	Value float64
	// Note says how it was measured.
	Note string
}

// VendorRating is what somebody thinks of a vendor on a day.
type VendorRating struct {
	Meta
	// Vendor is who is rated.
	Vendor Ref `to:"Vendor" is:"required" back:"ratings"`
	// By is who rates.
	By Ref `to:"Person,Team" back:"ratings given"`
	// On is the day of the rating.
	On Date
	// Criterion is what is rated, such as quality, delivery, price, support, security or innovation.
	Criterion string `is:"required"`
	// Score is from 1, very bad, to 5, very good.
	Score float64 `min:"1" max:"5"`
}

// Questionnaire is a list of questions that vendors are asked.
type Questionnaire struct {
	Meta
	// Edition is the version of the questionnaire.
	Edition string
	// Questions are what is asked, in order.
	Questions []AskedQuestion
	// PassMark is the share of the weight that must be answered well, in percent.
	PassMark Percent `min:"0" max:"100" unit:"%"`
}

// AskedQuestion is one question of a questionnaire.
type AskedQuestion struct {
	// ID is the short name of the question, such as 4.2.
	ID string `name:"id" is:"required"`
	// Text is the question.
	Text string `is:"required"`
	// Section groups questions.
	Section string
	// Good are the answers that count as good, separated by commas. Unset means that a person decides.
	Good string
	// Weight is how much the answer counts. Unset means 1.
	Weight float64 `min:"0"`
	// Mandatory says that a bad answer fails the whole.
	Mandatory bool
}

// Assessment is a questionnaire that was sent to a vendor, with the answers that came back.
type Assessment struct {
	Meta
	// Vendor is who was asked.
	Vendor Ref `to:"Vendor" is:"required" back:"assessments"`
	// Questionnaire is what was asked.
	Questionnaire Ref `to:"Questionnaire" is:"required" back:"assessments"`
	// State says where it stands.
	State AssessmentState
	// Sent is the day when it was sent.
	Sent Date
	// Due is the day by which answers are expected.
	Due Date
	// Answered is the day when the answers came.
	Answered Date
	// Expires is the last day on which the result counts.
	Expires Date
	// Answers are what came back.
	Answers []GivenAnswer
}

// GivenAnswer is the answer to one question.
type GivenAnswer struct {
	// ID is the short name of the question.
	ID string `name:"id" is:"required"`
	// Answer is what the vendor said.
	Answer string
	// Note is what the vendor added.
	Note string
	// Verdict is what we think of it: good, bad, or unset where the questionnaire decides.
	Verdict AnswerVerdict
}

// AnswerVerdict says what we think of an answer.
type AnswerVerdict string

// Options lists what can be thought of an answer.
func (AnswerVerdict) Options() []Option {
	return []Option{
		{"good", "Good", "It is as wanted."},
		{"bad", "Bad", "It is not as wanted."},
		{"not_applicable", "Not applicable", "The question does not fit this vendor."},
	}
}

// AssessmentState says where an assessment stands.
type AssessmentState string

// Options lists the states of an assessment.
func (AssessmentState) Options() []Option {
	return []Option{
		{"planned", "Planned", "It will be sent."},
		{"sent", "Sent", "The vendor has it."},
		{"answered", "Answered", "The answers are here."},
		{"accepted", "Accepted", "The answers are good enough."},
		{"failed", "Failed", "The answers are not good enough."},
	}
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
