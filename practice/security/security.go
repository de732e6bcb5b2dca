// Package security answers what attackers could use against the company and what is done about it: known
// vulnerabilities in what the bills of materials list, ranked by what they can hurt, findings of scanners, licences of what others
// wrote, and the work of security: incidents, policies, awareness, credentials and exceptions.
package security

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of vulnerabilities and of the work of security.
var Practice = practice.Practice{
	Name:   "security",
	Label:  "Security",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("queue", Queue),
		practice.Ask("affected", Affected),
		practice.Ask("upgrades", Upgrades),
		practice.Ask("deadlines", Deadlines),
		practice.Ask("matches", Matches),
		practice.Ask("trend", Trend),
		practice.Ask("exposure_map", ExposureMap),
		practice.Ask("releases", Releases),
		practice.Ask("difference", Difference),
		practice.Ask("licences", Licences),
		practice.Ask("findings", Findings),
		practice.Ask("scanners", Scanners),
		practice.Ask("vex", Vex),
		practice.Notify(practice.Ask("incidents", Incidents)),
		practice.Ask("incident", Incident),
		practice.Notify(practice.Ask("notifications", Notifications)),
		practice.Notify(practice.Ask("policies", Policies)),
		practice.Notify(practice.Ask("attestations", Attestations)),
		practice.Notify(practice.Ask("awareness", Awareness)),
		practice.Notify(practice.Ask("exceptions", Exceptions)),
		practice.Notify(practice.Ask("credentials", Credentials)),
		practice.Do("plan_upgrade", PlanUpgrade),
		practice.Do("accept_vulnerability", AcceptVulnerability),
		practice.Do("state_vex", StateVex),
		practice.Do("dismiss_finding", DismissFinding),
		practice.Do("report_incident", ReportIncident),
		practice.Do("advance_incident", AdvanceIncident),
		practice.Do("notify", Notify),
		practice.Do("approve_policy", ApprovePolicy),
		practice.Do("attest", Attest),
		practice.Do("rotate", Rotate),
		practice.Do("request_exception", RequestException),
		practice.Do("approve_exception", ApproveException),
		practice.Do("withdraw_exception", WithdrawException),
		practice.Check("no_known_exploited", NoKnownExploited),
		practice.Check("patched_in_time", PatchedInTime),
		practice.Check("licences_allowed", LicencesAllowed),
		practice.Check("sbom_present", SbomPresent),
		practice.Check("no_secrets_found", NoSecretsFound),
		practice.Check("notifications_in_time", NotificationsInTime),
		practice.Check("policies_reviewed", PoliciesReviewed),
		practice.Check("attested", Attested),
		practice.Check("trained", Trained),
		practice.Check("exceptions_in_time", ExceptionsInTime),
		practice.Check("certificates_valid", TLSCertificatesValid),
		practice.Check("no_weak_tls", NoWeakTLS),
	},
}
