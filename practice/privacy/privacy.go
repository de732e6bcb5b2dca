// Package privacy answers what the company does with data about natural persons, and whether it can show it: the records of processing of GDPR Art. 30 tied to data sets,
// applications, vendors and countries, transfers and their safeguards, impact assessments, the requests of persons with their clocks, time limits, and who answers for what in a cloud.
//
// Texts tell what the articles say in other words and name them. They are no legal advice. What Art. 30 asks for and what is good practice is told apart everywhere.
package privacy

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of personal data.
var Practice = practice.Practice{
	Name:   "privacy",
	Label:  "Privacy",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("register", Register),
		practice.Ask("processor_register", ProcessorRegister),
		practice.Ask("activity", Activity),
		practice.Ask("flows", Flows),
		practice.Ask("residency", Residency),
		practice.Ask("transfers", Transfers),
		practice.Notify(practice.Ask("assessments", Assessments)),
		practice.Notify(practice.Ask("requests", Requests)),
		practice.Ask("retention", Retention),
		practice.Ask("responsibilities", Responsibilities),
		practice.Ask("unrecorded", FindUnrecorded),
		practice.Do("record_activity", RecordActivity),
		practice.Do("receive_request", ReceiveRequest),
		practice.Do("search_done", SearchDone),
		practice.Do("extend_request", ExtendRequest),
		practice.Do("answer_request", AnswerRequest),
		practice.Do("start_assessment", StartAssessment),
		practice.Do("decide_assessment", DecideAssessment),
		practice.Check("register_complete", RegisterComplete),
		practice.Check("requests_in_time", RequestsInTime),
		practice.Check("transfers_safeguarded", TransfersSafeguarded),
		practice.Check("assessments_done", AssessmentsDone),
		practice.Check("personal_data_recorded", PersonalDataRecorded),
		practice.Check("retention_set", RetentionSet),
	},
}
