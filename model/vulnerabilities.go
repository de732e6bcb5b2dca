package model

// Advisory tells of a vulnerability: which packages have it in which versions, how bad it is, and whether it is being used. Its key is
// the identifier of the advisory, such as GHSA-jfh8-c2jp-5v3q or CVE-2021-44228. Several advisories may tell of one
// vulnerability: they share an alias.
type Advisory struct {
	Meta
	// Aliases are other identifiers of the same vulnerability.
	Aliases []string
	// Related are identifiers of vulnerabilities that have to do with it.
	Related []string
	// Published is when it was published.
	Published Time
	// Modified is when it was changed last.
	Modified Time
	// Withdrawn is when it was taken back. It then fits nothing.
	Withdrawn Time
	// Severity is what whoever published it says.
	Severity Severity
	// Vectors are the CVSS vectors, such as CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H.
	Vectors []string
	// Weaknesses are the weaknesses behind it, such as CWE-502.
	Weaknesses []string
	// Affected are the packages that have it.
	Affected []AffectedPackage
	// Platforms are the products that have it, in the Common Platform Enumeration with the range of versions behind it.
	Platforms []string
	// References are addresses with more about it.
	References []string
	// Exploited is the day since which it is known to be used in attacks (the KEV catalogue).
	Exploited Date
	// ExploitedDue is the day by which the KEV catalogue wants it mended.
	ExploitedDue Date
	// Ransomware says that it is known to be used by ransomware.
	Ransomware bool
	// RequiredAction is what the KEV catalogue wants to be done.
	RequiredAction string
	// ExploitPublic says that a way to use it is public.
	ExploitPublic bool
	// ExploitProbability is the probability that it is used within 30 days, from 0 to 1 (EPSS).
	ExploitProbability float64 `min:"0" max:"1"`
	// ExploitPercentile is the share of vulnerabilities whose probability is lower, from 0 to 1 (EPSS).
	ExploitPercentile float64 `min:"0" max:"1"`
	// ExploitModel is the version of the model that the probability comes from. Probabilities of different models are not compared.
	ExploitModel string
	// ExploitScored is the day of the probability.
	ExploitScored Date
	// Automatable says whether an attack can be automated, where somebody has judged it.
	Automatable Judgement
	// TechnicalImpact says how much control it gives an attacker, where somebody has judged it.
	TechnicalImpact TechnicalImpact
}

// AffectedPackage says which versions of a package have a vulnerability.
type AffectedPackage struct {
	// Package is the package URL without a version, such as pkg:maven/org.apache.logging.log4j/log4j-core.
	Package string
	// Name is its name in the words of its ecosystem. It is set where the ecosystem is one whose packages have no package URLs.
	Name string
	// Ecosystem is where its versions are ordered, in the words of OSV, such as Maven or Debian:12.
	Ecosystem string
	// Ranges are the versions that have it, each in VERS notation, such as vers:maven/>=2.0|<2.15.0. One that fits is enough.
	Ranges []string
	// Fixed are the versions in which it is mended, lowest first.
	Fixed []string
	// Symbols are the functions that have it, where that is known.
	Symbols []string
}

// ExploitScores are the probabilities that vulnerabilities are used within 30 days (EPSS), of one day and of the vulnerabilities of one
// year. There are very many and they change every day, which is why they are kept together. Vulnerabilities that no advisory here
// tells of yet are among them, so that it does not matter which was imported first.
type ExploitScores struct {
	Meta
	// Model is the version of the model that they come from. Probabilities of different models are not compared.
	Model string
	// Scored is the day of the probabilities.
	Scored Date
	// Year is the year in the identifiers of the vulnerabilities.
	Year int `min:"1999" max:"9999"`
	// Vulnerabilities is how many there are.
	Vulnerabilities int `min:"0"`
	// Packed are the probabilities, packed. Questions about vulnerabilities show them.
	Packed string `is:"long"`
}

// Judgement is yes, no, or unset for not known.
type Judgement string

// Options lists the judgements.
func (Judgement) Options() []Option {
	return []Option{{"no", "No", "It is not so."}, {"yes", "Yes", "It is so."}}
}

// TechnicalImpact says how much control a vulnerability gives an attacker, in the words of SSVC.
type TechnicalImpact string

// Options lists the impacts.
func (TechnicalImpact) Options() []Option {
	return []Option{
		{"partial", "Partial", "The attacker gets some control or some data."},
		{"total", "Total", "The attacker gets all control or all data."},
	}
}

// VexStatement says whether something really has a vulnerability (Vulnerability Exploitability eXchange).
type VexStatement struct {
	Meta
	// Vulnerability is the identifier of the vulnerability, such as CVE-2021-44228.
	Vulnerability string `is:"required"`
	// Products are the package URLs or CPE names that it is said of. A package URL without a version stands for all versions.
	Products []string
	// Subjects are the things of the estate that it is said of. Where there are products too, it is said of these products in these things.
	Subjects []Ref `to:"Application,Product,Host,NetworkDevice,Service,Component,Release,Asset" back:"VEX statements"`
	// Status is what is said.
	Status VexStatus `is:"required"`
	// Justification says why something is not affected.
	Justification VexJustification
	// Impact says in words why something is not affected.
	Impact string `is:"long"`
	// Action says what to do where something is affected.
	Action string `is:"long"`
	// Fixed is the version in which it is mended.
	Fixed string
	// Author is who says it.
	Author string
	// Stated is when it was said. A later statement of the same author takes the place of an earlier one.
	Stated Time
	// Document is the identifier of the document that it stands in.
	Document string
}

// VexStatus is what a statement says, in the words of OpenVEX.
type VexStatus string

// The statuses of a statement.
const (
	VexNotAffected  VexStatus = "not_affected"
	VexAffected     VexStatus = "affected"
	VexFixed        VexStatus = "fixed"
	VexInvestigated VexStatus = "under_investigation"
)

// Options lists the statuses.
func (VexStatus) Options() []Option {
	return []Option{
		{"not_affected", "Not affected", "Nothing needs to be done."},
		{"affected", "Affected", "Something should be done."},
		{"fixed", "Fixed", "These versions have the mend."},
		{"under_investigation", "Under investigation", "It is not known yet."},
	}
}

// VexJustification says why something is not affected, in the words of OpenVEX.
type VexJustification string

// Options lists the justifications.
func (VexJustification) Options() []Option {
	return []Option{
		{"component_not_present", "Component not present", "The component is not in it."},
		{"vulnerable_code_not_present", "Vulnerable code not present", "The component is in it without the code."},
		{"vulnerable_code_not_in_execute_path", "Vulnerable code not in execute path", "The code is never run."},
		{"vulnerable_code_cannot_be_controlled_by_adversary", "Not controllable by an adversary", "The code is run and nobody can misuse it."},
		{"inline_mitigations_already_exist", "Mitigated already", "Something in it keeps the code from being misused."},
	}
}

// ScanFinding is what a scanner reported about something: a vulnerability in a package, a weakness in code, a wrong setting, a secret.
type ScanFinding struct {
	Meta
	// Subject is what was scanned.
	Subject Ref `to:"Application,Product,Host,NetworkDevice,Service,CloudResource,Component,Release" back:"scan findings"`
	// Target is what the scanner calls what it scanned, such as an image, a repository or an address.
	Target string
	// Tool is the scanner, with its version.
	Tool string
	// Type says what sort of finding it is.
	Type ScanFindingType
	// Rule is the identifier of the rule or of the vulnerability, such as CVE-2021-44228 or go/sql-injection.
	Rule string
	// Aliases are other identifiers of the same vulnerability.
	Aliases []string
	// Severity is what the scanner says.
	Severity Severity
	// Vectors are the CVSS vectors that the scanner gives.
	Vectors []string
	// PackageURL is the package with its version that it is about.
	PackageURL string `format:"purl"`
	// Version is the version that was found.
	Version string
	// Fixed are the versions in which it is mended.
	Fixed []string
	// Location is where it is, such as src/login.go:42:7.
	Location string
	// Message is what the scanner says.
	Message string `is:"long"`
	// Reached says whether the vulnerable code is called, where the scanner knows.
	Reached Judgement
	// Fingerprint is how the scanner knows the finding again.
	Fingerprint string
	// State says what people made of it.
	State ScanFindingState
	// Reason says why it was dismissed.
	Reason string
	// Seen is when the scanner saw it last.
	Seen Time
	// First is when the scanner saw it first, where it remembers that. The time to mend it is counted from then.
	First Time
	// Link is where more about it is.
	Link string `format:"url"`
}

// ScanFindingType says what sort of finding a scanner reported.
type ScanFindingType string

// Options lists the types.
func (ScanFindingType) Options() []Option {
	return []Option{
		{"vulnerability", "Vulnerability", "A package has a known vulnerability."},
		{"code", "Code", "Code that the company wrote has a weakness."},
		{"misconfiguration", "Misconfiguration", "Something is set in a way that invites attacks."},
		{"secret", "Secret", "A key or a password lies where it should not."},
		{"licence", "Licence", "A package is under a licence that needs a look."},
	}
}

// ScanFindingState says what people made of a finding of a scanner.
type ScanFindingState string

// Options lists the states.
func (ScanFindingState) Options() []Option {
	return []Option{
		{"open", "Open", "It is to be mended."},
		{"dismissed", "Dismissed", "It is none, or does not matter here."},
		{"fixed", "Fixed", "It was mended."},
	}
}

// Release is a version of something that was built or delivered, with its own bill of materials.
type Release struct {
	Meta
	// Of is what it is a version of.
	Of Ref `to:"Application,Product,Service" is:"required" back:"releases"`
	// Version is the version.
	Version string `is:"required"`
	// Released is the day on which it was delivered.
	Released Date
	// Ended is the last day on which it is used or supported.
	Ended Date
	// Before is the release before it.
	Before Ref `to:"Release" back:"followed by"`
	// Notes say what is new. Markdown is understood.
	Notes string `is:"long"`
}

// LicencePolicy says which licences components may be under.
type LicencePolicy struct {
	Meta
	// AppliesTo are the things that it holds for. Unset means everything.
	AppliesTo []Ref `to:"Application,Product,Service,Release" back:"licence policies"`
	// Allowed are the SPDX identifiers of the licences that are fine.
	Allowed []string
	// Review are the licences that somebody must look at.
	Review []string
	// Denied are the licences that are forbidden.
	Denied []string
	// Unknown says what holds for components whose licence is not known or not listed.
	Unknown LicenceVerdict
}

// LicenceVerdict says what a policy thinks of a licence.
type LicenceVerdict string

// Options lists the verdicts.
func (LicenceVerdict) Options() []Option {
	return []Option{
		{"allowed", "Allowed", "It may be used."},
		{"review", "Review", "Somebody must look at it."},
		{"denied", "Denied", "It must not be used."},
	}
}

// ResponseTarget says within which time a vulnerability is to be mended after a decision.
type ResponseTarget struct {
	Meta
	// Decision is the outcome of SSVC that it holds for.
	Decision SSVCDecision `is:"required"`
	// Within is the time from the day on which it was known here.
	Within Duration
}

// SSVCDecision is what a deployer decides about a vulnerability (Stakeholder-Specific Vulnerability Categorization).
type SSVCDecision string

// The decisions, least urgent first.
const (
	SSVCDefer      SSVCDecision = "defer"
	SSVCScheduled  SSVCDecision = "scheduled"
	SSVCOutOfCycle SSVCDecision = "out_of_cycle"
	SSVCImmediate  SSVCDecision = "immediate"
)

// Options lists the decisions, least urgent first.
func (SSVCDecision) Options() []Option {
	return []Option{
		{"defer", "Defer", "Do not act now."},
		{"scheduled", "Scheduled", "Act in regular maintenance."},
		{"out_of_cycle", "Out of cycle", "Act quicker than usual, at the next occasion."},
		{"immediate", "Immediate", "Act now with all that is at hand."},
	}
}

// Exposure says how easily an attacker reaches something, in the words of SSVC.
type Exposure string

// The exposures, least first.
const (
	ExposureSmall      Exposure = "small"
	ExposureControlled Exposure = "controlled"
	ExposureOpen       Exposure = "open"
)

// Options lists the exposures, least first.
func (Exposure) Options() []Option {
	return []Option{
		{"small", "Small", "It is local, or reachable by almost nobody."},
		{"controlled", "Controlled", "It is in a network with limits on who reaches it."},
		{"open", "Open", "It is reachable from the internet."},
	}
}

// SafetyImpact says how much harm to people the failure or misuse of something may do, in the words of SSVC.
type SafetyImpact string

// Options lists the impacts on safety, least first.
func (SafetyImpact) Options() []Option {
	return []Option{
		{"negligible", "Negligible", "At most discomfort."},
		{"marginal", "Marginal", "Injury or strain of one or several persons."},
		{"critical", "Critical", "Lasting injury, or great harm to the surroundings."},
		{"catastrophic", "Catastrophic", "Loss of life."},
	}
}
