// Package standards answers what good looks like and how well it is followed: decision records with what came of them,
// standards with their exemptions, scorecards, campaigns, and who decides what.
package standards

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of decisions, standards and scorecards.
var Practice = practice.Practice{
	Name:   "standards",
	Label:  "Standards and decisions",
	Face:   model.Face("outward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("decisions", Decisions),
		practice.Ask("decision", Decision),
		practice.Ask("lineage", Lineage),
		practice.Notify(practice.Ask("review_due", ReviewDue)),
		practice.Ask("outcomes", Outcomes),
		practice.Ask("export", Export),
		practice.Ask("catalogue", Catalogue),
		practice.Notify(practice.Ask("exemptions", Exemptions)),
		practice.Ask("scorecards", Scorecards),
		practice.Ask("scorecard", Scorecard),
		practice.Ask("campaigns", Campaigns),
		practice.Ask("rights", Rights),
		practice.Do("new_decision", NewDecision),
		practice.Do("decide", Decide),
		practice.Do("supersede", Supersede),
		practice.Do("record_outcome", RecordOutcome),
		practice.Do("request_exemption", RequestExemption),
		practice.Do("start_campaign", StartCampaign),
		practice.Check("reviewed_in_time", ReviewedInTime),
		practice.Check("lineage_sound", LineageSound),
		practice.Check("one_accountable", OneAccountable),
		practice.Check("target_reached", TargetReached),
		practice.Check("exemptions_in_time", ExemptionsInTime),
	},
}
