// Package suppliers answers whom the company depends on and until when: vendors
// and contracts with their days of notice, what they cost and what they carry, what each side owes the
// other, how well vendors do, what they may see, and what happens if one of them fails.
package suppliers

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of vendors and contracts.
var Practice = practice.Practice{
	Name:   "suppliers",
	Label:  "Suppliers",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Notify(practice.Ask("renewals", Renewals)),
		practice.Ask("vendors", Vendors),
		practice.Ask("calendar", Calendar),
		practice.Notify(practice.Ask("obligations", Obligations)),
		practice.Ask("service_levels", ServiceLevels),
		practice.Ask("scorecard", Scorecard),
		practice.Notify(practice.Ask("assessments", Assessments)),
		practice.Notify(practice.Ask("certificates", Certificates)),
		practice.Ask("concentration", Concentration),
		practice.Ask("fails", Fails),
		practice.Ask("data", Data),
		practice.Do("give_notice", GiveNotice),
		practice.Do("renew", Renew),
		practice.Do("send_assessment", SendAssessment),
		practice.Do("record_answers", RecordAnswers),
		practice.Check("notice_dates_kept", NoticeDatesKept),
		practice.Check("contracts_complete", ContractsComplete),
		practice.Check("personal_data_proven", PersonalDataProven),
		practice.Check("certificates_valid", CertificatesValid),
	},
}
