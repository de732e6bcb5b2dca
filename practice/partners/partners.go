// Package partners answers with whom the company goes further than it could alone: partners as a pipeline with fit and due diligence, agreements
// with obligations on both sides, value against cost, health and conflicts.
package partners

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of partnerships.
var Practice = practice.Practice{
	Name:   "partners",
	Label:  "Partners",
	Face:   model.Face("outward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("pipeline", Pipeline),
		practice.Ask("partner", One),
		practice.Notify(practice.Ask("obligations", Obligations)),
		practice.Notify(practice.Ask("agreements", Agreements)),
		practice.Ask("conflicts", Conflicts),
		practice.Ask("value", Value),
		practice.Notify(practice.Ask("health", Health)),
		practice.Ask("startups", Startups),
		practice.Do("advance", Advance),
		practice.Do("score_fit", ScoreFit),
		practice.Do("fulfil", Fulfil),
		practice.Do("record_value", RecordValue),
		practice.Do("decide_conflict", DecideConflict),
		practice.Do("exit", Exit),
		practice.Check("no_obligation_late", NoObligationLate),
		practice.Check("active_have_agreement", ActiveHaveAgreement),
		practice.Check("diligence_before_agreement", DiligenceBeforeAgreement),
		practice.Check("conflicts_decided", ConflictsDecided),
		practice.Check("exits_described", ExitsDescribed),
	},
}
