// Package compliance answers whether the company keeps what others ask of it, and proves it: frameworks with
// their requirements, controls that are described once and counted in each, tests that run by themselves and leave dated evidence,
// findings with their plan of action, audits, and what an auditor takes away.
package compliance

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of proof.
var Practice = practice.Practice{
	Name:   "compliance",
	Label:  "Compliance",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("frameworks", Frameworks),
		practice.Ask("framework", Framework),
		practice.Ask("requirement", Requirement),
		practice.Ask("coverage", Coverage),
		practice.Ask("gaps", Gaps),
		practice.Ask("mappings", Mappings),
		practice.Ask("statement_of_applicability", StatementOfApplicability),
		practice.Ask("controls", Controls),
		practice.Notify(practice.Ask("tests", Tests)),
		practice.Ask("observations", Observations),
		practice.Notify(practice.Ask("findings", Findings)),
		practice.Notify(practice.Ask("plan", Plan)),
		practice.Ask("maturity", Maturity),
		practice.Notify(practice.Ask("audits", Audits)),
		practice.Ask("audit", Audit),
		practice.Ask("changes_since_audit", ChangesSinceAudit),
		practice.Ask("evidence_package", EvidencePackage),
		practice.Ask("oscal", OSCAL),
		practice.Do("run_tests", RunTests),
		practice.Do("record_test", RecordTest),
		practice.Do("plan_item", NewPlanItem),
		practice.Do("mend_finding", MendFinding),
		practice.Do("close_finding", CloseFinding),
		practice.Do("answer_request", AnswerRequest),
		practice.Do("accept_request", AcceptRequest),
		practice.Do("rate_maturity", RateMaturity),
		practice.Do("choose_applicability", ChooseApplicability),
		practice.Check("controls_tested", ControlsTested),
		practice.Check("no_failed_control", NoFailedControl),
		practice.Check("requirements_covered", RequirementsCovered),
		practice.Check("plan_in_time", PlanInTime),
		practice.Check("requests_in_time", RequestsInTime),
		practice.Check("duties_kept", DutiesKept),
	},
}
