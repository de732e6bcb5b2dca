// Package research answers what is tried, for how much, until when, and what was decided: experiments with a cap and exit criteria that were
// set before, and decision matrices for the choice of tools, platforms, methods and providers.
package research

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of experiments and decision matrices.
var Practice = practice.Practice{
	Name:   "research",
	Label:  "Research",
	Face:   model.Face("outward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("pipeline", Pipeline),
		practice.Ask("experiment", Experiment),
		practice.Ask("portfolio", Portfolio),
		practice.Ask("spending", Spending),
		practice.Notify(practice.Ask("decisions_due", DecisionsDue)),
		practice.Ask("matrices", Matrices),
		practice.Ask("matrix", Matrix),
		practice.Do("propose", Propose),
		practice.Do("start", Start),
		practice.Do("measure", Measure),
		practice.Do("add_evidence", AddEvidence),
		practice.Do("extend", Extend),
		practice.Do("graduate", Graduate),
		practice.Do("kill", Kill),
		practice.Do("open_matrix", OpenMatrix),
		practice.Do("submit_scores", SubmitScores),
		practice.Do("close_matrix", CloseMatrix),
		practice.Do("choose", Choose),
		practice.Do("follow", Follow),
		practice.Check("well_framed", WellFramed),
		practice.Check("within_cap", WithinCap),
		practice.Check("within_time", WithinTime),
		practice.Check("criteria_first", CriteriaFirst),
		practice.Check("providers_contracted", ProvidersContracted),
	},
}
