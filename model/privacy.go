package model

// PrivacyProfile is what holds for all processing of personal data in the company: who is responsible, whom authorities speak with, and the limits that
// law or the company may change. One record is enough; where there are several, that of the business unit counts, and else the first by key.
type PrivacyProfile struct {
	Meta
	// BusinessUnits are the business units that it holds for. Unset means the whole company.
	BusinessUnits []Ref `to:"BusinessUnit" back:"privacy profiles"`
	// Controller is the legal name of the company that decides why and how data is processed. GDPR Art. 30(1)(a) wants it in the records.
	Controller string
	// Contact is how that company is reached: address, mail and telephone. GDPR Art. 30(1)(a) wants it in the records.
	Contact string `is:"long"`
	// Country is where the company is established, as two letters of ISO 3166. Its public holidays move the ends of periods.
	Country string `format:"country"`
	// Representative is the name and contact of the representative in the Union, which GDPR Art. 27 wants of companies that are not established there.
	Representative string
	// Officer is the data protection officer.
	Officer Ref `to:"Person" back:"data protection officer of"`
	// OfficerContact is how the data protection officer is reached, where that is not the address of the person.
	OfficerContact string
	// NoOfficer says that the company was found to need no data protection officer (GDPR Art. 37). Say why in the description.
	NoOfficer bool
	// Authority is the supervisory authority that the company answers to.
	Authority string
	// Employees is how many people the company employs. It decides whether GDPR Art. 30(5) can apply.
	Employees int `min:"0"`
	// RecordThreshold is below how many employees GDPR Art. 30(5) can apply. Unset means 250, as the article says; it is data because it may be changed.
	RecordThreshold int `min:"0"`
	// AllowedCountries are where personal data may be stored, as two letters of ISO 3166 each. Unset means wherever the law needs no safeguard, or a safeguard is recorded.
	AllowedCountries []string `format:"country"`
	// Criteria are the questions by which the company finds out whether an impact assessment is needed. Unset means the nine criteria of the guidelines WP 248 rev. 01.
	Criteria []ScreeningCriterion
	// CriteriaNeeded is how many of them must apply for an impact assessment to be needed. Unset means two, as these guidelines have it.
	CriteriaNeeded int `min:"0" max:"100"`
}

// ScreeningCriterion is one question by which it is found out whether an impact assessment is needed.
type ScreeningCriterion struct {
	// Criterion is the short name, such as large_scale.
	Criterion string `is:"required"`
	// Question is what is asked.
	Question string
}

// ProcessingActivity is something that the company does with data about natural persons for a purpose: one entry in the records of processing
// activities that GDPR Art. 30 asks for. Fields that the article does not ask for say so: they are good practice.
type ProcessingActivity struct {
	Meta
	// Role says whether the company decides about the processing. Unset means that it is the controller.
	Role ProcessingRole
	// State says whether it takes place.
	State ProcessingState
	// Parties are the joint controllers, or the controllers on whose behalf the company processes. GDPR Art. 30(1)(a) and 30(2)(a).
	Parties []ProcessingParty
	// Controller is the legal name of the controller. Unset means that of the privacy profile. GDPR Art. 30(1)(a).
	Controller string
	// Contact is how the controller is reached. Unset means that of the privacy profile. GDPR Art. 30(1)(a).
	Contact string `is:"long"`
	// Representative is the name and contact of the representative in the Union. Unset means that of the privacy profile. GDPR Art. 30(1)(a).
	Representative string
	// Officer is the data protection officer. Unset means that of the privacy profile. GDPR Art. 30(1)(a).
	Officer Ref `to:"Person" back:"data protection officer for"`
	// Purposes are what the data is processed for. GDPR Art. 30(1)(b).
	Purposes []string
	// LegalBasis says why it is lawful (GDPR Art. 6). This is good practice: Art. 30 does not ask for it.
	LegalBasis LegalBasis
	// LegalNote says what the legal basis rests on: the law, the contract, the interests and how they were weighed, and for special categories the case
	// of Art. 9(2). This is good practice: Art. 30 does not ask for it.
	LegalNote string `is:"long"`
	// Subjects are the categories of natural persons, such as customers or applicants. GDPR Art. 30(1)(c).
	Subjects []string
	// Data are the categories of personal data. GDPR Art. 30(1)(c).
	Data []PersonalDataCategory
	// Recipients are who the data is or will be disclosed to, in third countries too. GDPR Art. 30(1)(d).
	Recipients []ProcessingRecipient
	// NoRecipients says that it was looked into and that nobody else gets the data.
	NoRecipients bool
	// Processors are the vendors that process the data for the company, each with its contract. They are recipients too. GDPR Art. 28(3) wants the contract.
	Processors []ProcessorUse
	// Transfers are where the data goes outside of the Union. GDPR Art. 30(1)(e) and 30(2)(c).
	Transfers []DataTransfer
	// Retention says for each category until when the data is kept. GDPR Art. 30(1)(f), where possible.
	Retention []RetentionLimit
	// Measures describe in general how the data is protected (GDPR Art. 32(1)). Art. 30(1)(g) and 30(2)(d), where possible.
	Measures string `is:"long"`
	// Controls are the controls that protect the data. They are part of the same description.
	Controls []Ref `to:"Control" back:"protects processing"`
	// DataSets are the data sets that are processed.
	DataSets []Ref `to:"DataSet" back:"processed in"`
	// Applications are the applications and services that process them.
	Applications []Ref `to:"Application,Service" back:"processing activities"`
	// Processes are the business processes that it is part of.
	Processes []Ref `to:"Process" back:"processing activities"`
	// BusinessUnits are the business units that it serves.
	BusinessUnits []Ref `to:"BusinessUnit" back:"processing activities"`
	// Countries are where its data may be stored, as two letters of ISO 3166 each. Unset means what the privacy profile says.
	Countries []string `format:"country"`
	// Occasional says that it takes place now and then only. GDPR Art. 30(5) frees small companies of the records of such processing alone.
	Occasional bool
	// Risky says that it is likely to bring a risk for the persons. GDPR Art. 30(5) then frees nobody.
	Risky bool
	// Started is the first day on which it took place.
	Started Date
	// Ended is the last day on which it took place.
	Ended Date
	// Erased is the day on which the last of its data was erased after it had ended.
	Erased Date
	// Reviewed is the day on which the entry was last found to be right.
	Reviewed Date
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy Date
}

// ProcessingRole says what part the company has in processing.
type ProcessingRole string

// Options lists the roles.
func (ProcessingRole) Options() []Option {
	return []Option{
		{"controller", "Controller", "The company decides why and how."},
		{"joint", "Joint controller", "The company decides together with others (GDPR Art. 26)."},
		{"processor", "Processor", "Others decide, and the company works on their behalf (GDPR Art. 28)."},
	}
}

// ProcessingState says whether processing takes place.
type ProcessingState string

// Options lists the states.
func (ProcessingState) Options() []Option {
	return []Option{
		{"planned", "Planned", "It has not begun."},
		{"active", "Active", "It takes place."},
		{"ended", "Ended", "It no longer takes place. Its data may still be there."},
	}
}

// Transitions says which state of processing may follow which.
func (ProcessingState) Transitions() map[string][]string {
	return map[string][]string{"planned": {"active", "ended"}, "active": {"ended"}, "ended": {"active"}}
}

// ProcessingParty is a joint controller, or a controller on whose behalf the company processes.
type ProcessingParty struct {
	// Name is the legal name.
	Name string `is:"required"`
	// Contact is how it is reached.
	Contact string
	// Representative is its representative in the Union, where it has one.
	Representative string
	// Officer is the name and contact of its data protection officer, where it has one.
	Officer string
	// Processing are the categories of processing that are carried out for it. GDPR Art. 30(2)(b).
	Processing string
}

// LegalBasis is one of the six grounds on which processing is lawful.
type LegalBasis string

// Options lists the grounds of GDPR Art. 6(1).
func (LegalBasis) Options() []Option {
	return []Option{
		{"consent", "Consent", "The person agreed, and may take that back: Art. 6(1)(a)."},
		{"contract", "Contract", "A contract with the person needs it, or steps that the person asked for before: Art. 6(1)(b)."},
		{"legal_obligation", "Legal obligation", "A law demands it of the company: Art. 6(1)(c)."},
		{"vital_interests", "Vital interests", "Somebody's life depends on it: Art. 6(1)(d)."},
		{"public_task", "Public task", "A task in the public interest or official authority needs it: Art. 6(1)(e)."},
		{"legitimate_interests", "Legitimate interests", "Interests of the company or of others need it and weigh more than those of the person: Art. 6(1)(f)."},
	}
}

// PersonalDataCategory is a category of personal data.
type PersonalDataCategory struct {
	// Category is what to call it, such as contact details.
	Category string `is:"required"`
	// Special says that it is of a special category: origin, opinions, beliefs, union, genes, biometrics, health, sex life or orientation (GDPR Art. 9).
	Special bool
	// Criminal says that it is about criminal convictions and offences (GDPR Art. 10).
	Criminal bool
}

// ProcessingRecipient is who gets personal data.
type ProcessingRecipient struct {
	// Category is what to call the recipients, such as tax authorities or shipping companies.
	Category string `is:"required"`
	// Type says where they are.
	Type RecipientType
	// Party is the vendor, team or business unit, where it is one that is known.
	Party Ref `to:"Vendor,Team,BusinessUnit" back:"receives personal data of"`
	// Country is where they are, as two letters of ISO 3166.
	Country string `format:"country"`
}

// RecipientType says where recipients of personal data are.
type RecipientType string

// Options lists the types of recipients.
func (RecipientType) Options() []Option {
	return []Option{
		{"internal", "Internal", "Teams of the company."},
		{"group", "Group", "Other companies of the same group."},
		{"processor", "Processor", "Companies that process for ours."},
		{"third_party", "Third party", "Others that use the data for their own purposes."},
		{"authority", "Authority", "Public bodies."},
	}
}

// ProcessorUse is a vendor that processes personal data for the company.
type ProcessorUse struct {
	// Vendor is the processor.
	Vendor Ref `to:"Vendor" is:"required" back:"processes for"`
	// Contract is the contract on the processing.
	Contract Ref `to:"Contract" back:"processing activities"`
	// Task is what it does.
	Task string
}

// DataTransfer is a transfer of personal data to a country outside of the Union or to an international organisation.
type DataTransfer struct {
	// Country is where the data goes, as two letters of ISO 3166.
	Country string `format:"country"`
	// Organisation is the international organisation that it goes to, where it is one.
	Organisation string
	// Recipient is the vendor that gets it.
	Recipient Ref `to:"Vendor" back:"transfers"`
	// Safeguard says what makes the transfer lawful (GDPR Chapter V).
	Safeguard TransferSafeguard
	// Document is the paper that proves it. For the derogation of compelling interests GDPR Art. 30(1)(e) wants the suitable safeguards documented.
	Document Ref `to:"Document,Contract" back:"safeguards transfers"`
	// Confirmed says that somebody made sure that the safeguard holds for this recipient: that an adequacy decision for a part of a country covers it, or that
	// the law of the country does not defeat the clauses.
	Confirmed bool
	// Note says what else must be known, such as the suitable safeguards.
	Note string
}

// TransferSafeguard is what makes a transfer lawful.
type TransferSafeguard string

// Options lists the safeguards.
func (TransferSafeguard) Options() []Option {
	return []Option{
		{"adequacy", "Adequacy decision", "The Commission decided that the country protects data well enough: Art. 45."},
		{"scc", "Standard contractual clauses", "The contract has the clauses of the Commission or of an authority: Art. 46(2)(c) and (d)."},
		{"bcr", "Binding corporate rules", "An authority approved rules of the group: Art. 47."},
		{"other_safeguard", "Other safeguard", "A code of conduct, a certification or an instrument between authorities: Art. 46(2)(a), (e) and (f) or 46(3)."},
		{"derogation", "Derogation", "One of the cases of Art. 49(1), first subparagraph, such as explicit consent: for what is not repeated."},
		{"compelling_interests", "Compelling interests", "The last resort of Art. 49(1), second subparagraph: with suitable safeguards that are documented, and told to the authority."},
	}
}

// RetentionLimit says until when a category of personal data is kept.
type RetentionLimit struct {
	// Category is which data, as in the categories of personal data.
	Category string `is:"required"`
	// Months is for how many months it is kept.
	Months int `min:"0" max:"1800" unit:"months"`
	// Keep is for how long it is kept, where that is not counted in months.
	Keep Duration
	// After is what the time is counted from, such as the end of the contract.
	After string
	// Reason is why it is kept for so long, such as the law that demands it.
	Reason string
}

// ImpactAssessment is an assessment of what processing may do to the persons, and of what is done against that (GDPR Art. 35).
type ImpactAssessment struct {
	Meta
	// Activities are the processing that is assessed. One assessment may cover similar ones.
	Activities []Ref `to:"ProcessingActivity" back:"impact assessments"`
	// State says where it stands.
	State ImpactState
	// Started is the day on which it was begun.
	Started Date
	// Screening are the answers to the questions that tell whether an assessment is needed.
	Screening []ScreeningAnswer
	// Processing describes the operations and their purposes. GDPR Art. 35(7)(a).
	Processing string `is:"long"`
	// Necessity says why they are necessary and in proportion. GDPR Art. 35(7)(b).
	Necessity string `is:"long"`
	// Risks are what may happen to the persons, and the measures against it. GDPR Art. 35(7)(c) and (d).
	Risks []PrivacyRisk
	// Consulted says whose views were sought, such as those of the persons. GDPR Art. 35(9).
	Consulted string `is:"long"`
	// Advice is what the data protection officer advised. GDPR Art. 35(2).
	Advice string `is:"long"`
	// Advised is the day of the advice.
	Advised Date
	// Decision is what was decided.
	Decision ImpactDecision
	// DecidedBy is who decided.
	DecidedBy Ref `to:"Person" is:"signed" back:"decided impact assessments"`
	// Decided is the day of the decision.
	Decided Date
	// Reason says why.
	Reason string `is:"long"`
	// AuthorityAsked is the day on which the supervisory authority got the request for consultation. GDPR Art. 36(1).
	AuthorityAsked Date
	// AuthorityExtended says that the authority took six weeks more. GDPR Art. 36(2).
	AuthorityExtended bool
	// AuthorityAnswered is the day of its answer.
	AuthorityAnswered Date
	// AuthorityAnswer is what it said.
	AuthorityAnswer string `is:"long"`
	// ReviewBy is the day by which it is to be looked at again. GDPR Art. 35(11).
	ReviewBy Date
}

// ImpactState says where an impact assessment stands.
type ImpactState string

// Options lists the states.
func (ImpactState) Options() []Option {
	return []Option{
		{"draft", "Draft", "It is being written."},
		{"advised", "Advised", "The data protection officer gave advice."},
		{"consulting", "With the authority", "The supervisory authority was consulted before processing begins."},
		{"decided", "Decided", "It is decided whether and how to process."},
		{"retired", "Retired", "It no longer counts."},
	}
}

// Transitions says which state of an impact assessment may follow which.
func (ImpactState) Transitions() map[string][]string {
	return map[string][]string{
		"draft":      {"advised", "consulting", "decided", "retired"},
		"advised":    {"draft", "consulting", "decided", "retired"},
		"consulting": {"draft", "advised", "decided", "retired"},
		"decided":    {"draft", "consulting", "retired"},
		"retired":    {"draft"},
	}
}

// ScreeningAnswer is the answer to one question of a screening.
type ScreeningAnswer struct {
	// Criterion is the short name of the criterion.
	Criterion string `is:"required"`
	// Answer says whether it applies. Unset means that nobody has answered.
	Answer ScreeningVerdict
	// Note says why.
	Note string
}

// ScreeningVerdict says whether a criterion applies.
type ScreeningVerdict string

// The answers of a screening.
const (
	ScreeningNo  ScreeningVerdict = "no"
	ScreeningYes ScreeningVerdict = "yes"
)

// Options lists the answers.
func (ScreeningVerdict) Options() []Option {
	return []Option{{"no", "No", "It does not apply."}, {"yes", "Yes", "It applies."}}
}

// PrivacyRisk is something that may happen to the persons that data is about.
type PrivacyRisk struct {
	// Text says what may happen to them.
	Text string `is:"required"`
	// Risk is the same in the register of risks.
	Risk Ref `to:"Risk" back:"impact assessments"`
	// Likelihood says how likely it is without the measures.
	Likelihood Level
	// Severity says how bad it would be for them.
	Severity Level
	// Measures say what is done against it.
	Measures string
	// ResidualLikelihood says how likely it is with the measures.
	ResidualLikelihood Level
	// ResidualSeverity says how bad it would still be.
	ResidualSeverity Level
}

// ImpactDecision is what was decided after an impact assessment.
type ImpactDecision string

// Options lists the decisions.
func (ImpactDecision) Options() []Option {
	return []Option{
		{"not_needed", "Not needed", "The screening showed that no assessment is needed."},
		{"go", "Process", "The processing may take place."},
		{"go_with_measures", "Process with measures", "It may take place once the measures are in place."},
		{"consult", "Consult the authority", "The risk stays high: the supervisory authority must be asked first (GDPR Art. 36(1))."},
		{"stop", "Do not process", "It must not take place."},
	}
}

// DataSubjectRequest is what a natural person asks of the company about the data that it has on that person (GDPR Art. 15 to 22).
type DataSubjectRequest struct {
	Meta
	// Type is the right that is used.
	Type SubjectRight `is:"required"`
	// State says where it stands.
	State SubjectRequestState
	// Received is the day on which it reached the company, whoever in the company. The month begins with it.
	Received Date `is:"required"`
	// Channel says how it came, such as mail or letter.
	Channel string
	// Subject is who asks, or a reference that tells it.
	Subject string `is:"personal"`
	// Contact is how the person is reached.
	Contact string `is:"personal"`
	// Text is what the person asks for.
	Text string `is:"personal long"`
	// Records are the records here that are about the person: what an erasure here would take.
	Records []Ref `to:"any" back:"data subject requests"`
	// Role says whether the company is asked as controller. A processor passes requests on to its controller.
	Role ProcessingRole
	// Country is whose public holidays count, as two letters of ISO 3166. Unset means that of the privacy profile.
	Country string `format:"country"`
	// IdentityAsked is the day on which the person was asked for more information to be identified. GDPR Art. 12(6).
	IdentityAsked Date
	// IdentityVerified is the day on which it was certain that it is the person.
	IdentityVerified Date
	// WaitsForIdentity says that there were reasonable doubts who asks, and that the month begins when these are gone. The article does not say so; authorities
	// accept it where the person was asked without delay. Leave it where in doubt: the month then begins with the receipt.
	WaitsForIdentity bool
	// Extended is the day on which the person was told that two further months are needed. GDPR Art. 12(3).
	Extended Date
	// ExtensionReason says why: the request is complex, or there are many.
	ExtensionReason string
	// Activities are the processing that it is about. Unset means all.
	Activities []Ref `to:"ProcessingActivity" back:"data subject requests"`
	// Searches say where was looked for data of the person.
	Searches []RequestSearch
	// Answered is the day on which the person got the answer, or was told why there is none.
	Answered Date
	// Refused says why nothing was done, where that is so. GDPR Art. 12(4) and (5).
	Refused string `is:"long"`
	// Answer says what was done.
	Answer string `is:"long personal"`
}

// SubjectRight is a right that natural persons have about data on them.
type SubjectRight string

// Options lists the rights.
func (SubjectRight) Options() []Option {
	return []Option{
		{"access", "Access", "To know what is processed, and to get a copy: GDPR Art. 15."},
		{"rectification", "Rectification", "To have what is wrong put right: Art. 16."},
		{"erasure", "Erasure", "To have data erased: Art. 17."},
		{"restriction", "Restriction", "To have data kept and not used: Art. 18."},
		{"portability", "Portability", "To get data in a form that programs read: Art. 20."},
		{"objection", "Objection", "To stop processing that rests on interests, or that is for marketing: Art. 21."},
		{"automated_decision", "Automated decision", "Not to be subject to a decision that a program made alone: Art. 22."},
	}
}

// SubjectRequestState says where a request of a natural person stands.
type SubjectRequestState string

// Options lists the states.
func (SubjectRequestState) Options() []Option {
	return []Option{
		{"received", "Received", "It has come."},
		{"searching", "Searching", "Applications are searched for data of the person."},
		{"answered", "Answered", "What was asked for was done, and the person was told."},
		{"refused", "Refused", "The person was told why it is not done."},
		{"withdrawn", "Withdrawn", "The person no longer asks for it."},
	}
}

// Transitions says which state of a request may follow which.
func (SubjectRequestState) Transitions() map[string][]string {
	return map[string][]string{
		"received":  {"searching", "answered", "refused", "withdrawn"},
		"searching": {"received", "answered", "refused", "withdrawn"},
		"answered":  {"searching"},
		"refused":   {"searching"},
		"withdrawn": {"searching"},
	}
}

// RequestSearch says that a place was, or is to be, searched for data of a person.
type RequestSearch struct {
	// Place is the application, service or data set.
	Place Ref `to:"Application,Service,DataSet" is:"required" back:"searched for requests"`
	// Done is the day on which it was searched. Unset means that it is still to be done.
	Done Date
	// Found says that there is data of the person.
	Found bool
	// By is who searched.
	By Ref `to:"Person" back:"searched for requests"`
	// Note says what was found, without repeating the data.
	Note string `is:"personal"`
}

// ProviderDuty says who answers for a layer of something that runs in a cloud: the provider, the company, or both. What is written here takes the place of
// what is usual for the way of hosting.
type ProviderDuty struct {
	Meta
	// Layer is what is answered for.
	Layer CloudLayer `is:"required"`
	// For are the applications, accounts and contracts that it holds for. Unset means everything that is hosted in the way below.
	For []Ref `to:"Application,CloudAccount,Contract,Vendor" back:"provider duties"`
	// Hosting is the way of hosting that it holds for, where nothing is named.
	Hosting Hosting
	// Duty says who answers.
	Duty CloudDuty `is:"required"`
	// Split says who does what, where both answer.
	Split string `is:"long"`
	// Clause is where the contract or the provider says so.
	Clause string
}

// CloudLayer is a layer of what runs in a cloud.
type CloudLayer string

// Options lists the layers, those nearest to the business first.
func (CloudLayer) Options() []Option {
	return []Option{
		{"data", "Data", "What data there is, how sensitive it is, and until when it is kept."},
		{"accounts", "Accounts and rights", "Who may do what."},
		{"devices", "Devices of users", "The machines that people use it from."},
		{"configuration", "Configuration", "How what is rented is set up."},
		{"backup", "Backup and restore", "Copies of the data, and trying them out."},
		{"directory", "Directory and sign-in", "How people prove who they are."},
		{"application", "Application", "The program and its weaknesses."},
		{"network_controls", "Network controls", "What may talk with what."},
		{"operating_system", "Operating system", "The system under the program and its patches."},
		{"hosts", "Hosts", "The physical machines and what shares them out."},
		{"physical_network", "Physical network", "Cables, switches and lines."},
		{"buildings", "Buildings", "The data centre, its power and its doors."},
	}
}

// CloudDuty says who answers for a layer.
type CloudDuty string

// Who may answer for a layer.
const (
	DutyCustomer CloudDuty = "customer"
	DutyProvider CloudDuty = "provider"
	DutyShared   CloudDuty = "shared"
)

// Options lists who may answer for a layer.
func (CloudDuty) Options() []Option {
	return []Option{
		{"customer", "We", "The company answers."},
		{"shared", "Both", "Each answers for a part."},
		{"provider", "Provider", "The provider answers."},
	}
}

// CountryDecision says whether personal data may go to a country. It takes the place of what Binnacle comes with for that country, because that changes.
type CountryDecision struct {
	Meta
	// Country is the country, as two letters of ISO 3166.
	Country string `is:"required" format:"country"`
	// Basis says what holds.
	Basis CountryBasis `is:"required"`
	// Scope says what the decision covers, where it is not the whole country.
	Scope string
	// Since is the first day on which it holds. Unset means that it always did.
	Since Date
	// Until is the last day on which it holds. Unset means without end.
	Until Date
	// Link is where the decision can be read.
	Link string `format:"url"`
}

// CountryBasis says what holds for personal data that goes to a country.
type CountryBasis string

// What may hold for a country.
const (
	CountryHome     CountryBasis = "home"
	CountryAdequate CountryBasis = "adequate"
	CountryPartly   CountryBasis = "partly"
	CountryThird    CountryBasis = "third"
	CountryBarred   CountryBasis = "barred"
)

// Options lists what may hold for a country.
func (CountryBasis) Options() []Option {
	return []Option{
		{"home", "At home", "The same law holds there, as in the European Economic Area."},
		{"adequate", "Adequate", "The Commission decided that it protects data well enough (GDPR Art. 45)."},
		{"partly", "Partly adequate", "There is such a decision for some recipients only."},
		{"third", "Third country", "Each transfer needs a safeguard or a derogation (GDPR Art. 46 to 49)."},
		{"barred", "Barred", "The company lets no personal data go there."},
	}
}
