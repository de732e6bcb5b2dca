package model

// SecurityIncident is an event that harmed, or could have harmed, the confidentiality, integrity or availability of what the company answers
// for, from its detection to what was learned from it.
type SecurityIncident struct {
	Meta
	// Number is what people call it in letters and on the telephone, such as SEC-2027-014.
	Number string
	// State says how far the work on it is.
	State IncidentStage
	// Severity says how bad it is.
	Severity Severity
	// Category says what sort of incident it is.
	Category IncidentCategory
	// Occurred is when it began, as far as that is known.
	Occurred Time
	// Detected is when somebody or something noticed it.
	Detected Time
	// Confirmed is when it was reasonably certain that it is an incident. The company is then aware of it, and the clocks of notifications
	// start. Unset means with its detection.
	Confirmed Time
	// Classified is when it was judged to be major in the words of DORA. Unset means with its confirmation.
	Classified Time
	// Contained is when it could spread no further.
	Contained Time
	// Eradicated is when its cause was removed.
	Eradicated Time
	// Recovered is when everything worked again.
	Recovered Time
	// Closed is when the work on it was over.
	Closed Time
	// Affected are the things that it harmed or could harm.
	Affected []Ref `to:"any" back:"security incidents"`
	// DataSets are the data that was seen, changed, lost or out of reach.
	DataSets []Ref `to:"DataSet" back:"security incidents"`
	// PersonalData says that data about natural persons is among it.
	PersonalData bool
	// PersonRisk says how much it endangers the rights of the persons. Unset counts as a risk where personal data is affected.
	PersonRisk PersonRisk
	// PersonsAffected is how many persons the data is about.
	PersonsAffected int `min:"0"`
	// Significant says that it disrupts services severely or causes considerable damage, so that NIS2 wants it notified. Leave it
	// where NIS2 does not apply to the company.
	Significant bool
	// Major says that it is a major incident in the words of DORA. Leave it where DORA does not apply to the company.
	Major bool
	// Countries are the countries that it touches, as two letters of ISO 3166.
	Countries []string `format:"country"`
	// Commander is the person that leads the work on it.
	Commander Ref `to:"Person" back:"commands incidents"`
	// Timeline is what happened and what was done, in order of time.
	Timeline []IncidentEvent
	// RootCause says why it could happen.
	RootCause string `is:"long"`
	// Lessons say what was learned from it. Markdown is understood.
	Lessons string `is:"long"`
	// Actions are what is done so that it does not happen again.
	Actions []Ref `to:"PlanItem" back:"from incidents"`
	// Vulnerabilities are the identifiers of the vulnerabilities that were used, such as CVE-2021-44228.
	Vulnerabilities []string
	// Notifications are the notices that were sent to authorities and to others.
	Notifications []IncidentNotification
}

// IncidentEvent is one line of the timeline of an incident.
type IncidentEvent struct {
	// At is when it happened.
	At Time `is:"required"`
	// Who did or saw it.
	Who Ref `to:"Person,Team,Vendor" back:"in incidents"`
	// Type says what sort of event it is.
	Type IncidentEventType
	// What says in a sentence what happened.
	What string `is:"required"`
}

// IncidentNotification is one notice about an incident.
type IncidentNotification struct {
	// Regime is the law or the contract that wants it, such as GDPR Art. 33.
	Regime string `is:"required"`
	// Stage says which of several notices of the regime it is, such as early warning.
	Stage string
	// To is who was told.
	To string
	// Due is by when it had to be there, as it was computed when it was sent.
	Due Time
	// Sent is when it was sent.
	Sent Time `is:"required"`
	// Reference is what the other side calls it.
	Reference string
}

// IncidentStage says how far the work on an incident is.
type IncidentStage string

// The stages of an incident.
const (
	IncidentDetection   IncidentStage = "detection"
	IncidentTriage      IncidentStage = "triage"
	IncidentContainment IncidentStage = "containment"
	IncidentEradication IncidentStage = "eradication"
	IncidentRecovery    IncidentStage = "recovery"
	IncidentLessons     IncidentStage = "lessons"
	IncidentClosed      IncidentStage = "closed"
)

// Options lists the stages of an incident.
func (IncidentStage) Options() []Option {
	return []Option{
		{"detection", "Detection", "Something was noticed, and nobody has looked at it."},
		{"triage", "Triage", "Somebody finds out whether it is an incident and how bad it is."},
		{"containment", "Containment", "It is kept from spreading."},
		{"eradication", "Eradication", "Its cause is being removed."},
		{"recovery", "Recovery", "What it harmed is brought back."},
		{"lessons", "Lessons", "Everything works again, and people find out what to learn from it."},
		{"closed", "Closed", "The work on it is over, or it was none."},
	}
}

// Transitions says which stage of an incident may follow which. Work may go back a stage where it turns out not to be done.
func (IncidentStage) Transitions() map[string][]string {
	return map[string][]string{
		"detection":   {"triage", "closed"},
		"triage":      {"containment", "closed"},
		"containment": {"eradication", "triage"},
		"eradication": {"recovery", "containment"},
		"recovery":    {"lessons", "eradication", "containment"},
		"lessons":     {"closed", "recovery", "containment"},
		"closed":      {"triage"},
	}
}

// IncidentCategory says what sort of incident something is.
type IncidentCategory string

// Options lists the categories of incidents.
func (IncidentCategory) Options() []Option {
	return []Option{
		{"malware", "Malware", "A harmful program ran."},
		{"ransomware", "Ransomware", "Data was made unreadable or taken, to be paid for."},
		{"phishing", "Phishing", "Somebody was deceived into giving something away."},
		{"intrusion", "Intrusion", "Somebody got into a system or an account."},
		{"data_leak", "Data leak", "Data came to those who may not have it."},
		{"loss", "Loss or theft", "A device or a document is gone."},
		{"denial_of_service", "Denial of service", "A service was made unreachable."},
		{"insider", "Insider", "Somebody of the company misused what they may do."},
		{"supplier", "Supplier", "It happened at a supplier."},
		{"mistake", "Mistake", "Somebody did something wrong without meaning to."},
		{"other", "Other", "It is something else."},
	}
}

// IncidentEventType says what sort of event a line of a timeline is.
type IncidentEventType string

// Options lists the types of events.
func (IncidentEventType) Options() []Option {
	return []Option{
		{"seen", "Seen", "Somebody or something noticed it."},
		{"attack", "Attack", "The attacker did something."},
		{"stage", "Stage", "The work went on to another stage."},
		{"action", "Action", "Something was done against it."},
		{"decision", "Decision", "Something was decided."},
		{"message", "Message", "Somebody was told."},
		{"note", "Note", "Something else worth keeping."},
	}
}

// PersonRisk says how much an incident endangers the rights of natural persons, in the words of the GDPR.
type PersonRisk string

// Options lists the risks, least first.
func (PersonRisk) Options() []Option {
	return []Option{
		{"unlikely", "Unlikely", "A risk is unlikely, and somebody wrote down why."},
		{"risk", "Risk", "There is a risk."},
		{"high", "High", "There is a high risk."},
	}
}

// NotificationRule says who must be told of an incident and by when. Rules of the GDPR, NIS2 and DORA are delivered: a record with the same
// regime and stage takes the place of the delivered one.
type NotificationRule struct {
	Meta
	// Regime is the law or the contract that wants the notice, such as GDPR Art. 33.
	Regime string `is:"required"`
	// Stage says which of several notices of the regime it is, such as early warning.
	Stage string
	// To is who must be told, such as the supervisory authority.
	To string
	// From says what starts the clock.
	From NotificationClock
	// After is the stage of the same regime whose sending starts the clock, where a notice before does. Until that is sent, its own last moment counts.
	After string
	// Within is how long the clock runs. Unset, with no months either, means without undue delay.
	Within Duration
	// Months is how many months of the calendar the clock runs. The last day of a month stands for days that it does not have.
	Months int `min:"0" max:"120"`
	// Latest is the time from awareness in which it must be there at the latest, where the incident was classified within that time.
	Latest Duration
	// PersonalData limits the rule to incidents with personal data.
	PersonalData bool
	// PersonRisk limits the rule to incidents with at least this risk to persons.
	PersonRisk PersonRisk
	// Significant limits the rule to incidents that are significant.
	Significant bool
	// Major limits the rule to incidents that are major.
	Major bool
	// AtLeast limits the rule to incidents of at least this severity.
	AtLeast Severity
	// Countries limits the rule to incidents that touch one of these countries, as two letters of ISO 3166.
	Countries []string `format:"country"`
	// Unused says that the rule does not apply to the company.
	Unused bool
}

// NotificationClock says what starts the clock of a notice.
type NotificationClock string

// Options lists what may start the clock.
func (NotificationClock) Options() []Option {
	return []Option{
		{"awareness", "Awareness", "The company became aware: the incident was confirmed, or detected where nobody says when it was confirmed."},
		{"classification", "Classification", "The incident was classified as major."},
		{"notice", "Notice before", "The notice before was sent."},
	}
}
