// Package lifecycle answers how long what the company runs on is still supported:
// what is out of support today or on any later day, when the next things will
// be, what nobody knows the end of, and when applications themselves retire.
package lifecycle

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of ends of life.
var Practice = practice.Practice{
	Name:   "lifecycle",
	Label:  "Life cycle",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Notify(practice.Ask("exposure", Exposure)),
		practice.Ask("timeline", Timeline),
		practice.Ask("unknown", Unknown),
		practice.Ask("plan", Plan),
		practice.Check("no_unsupported_critical", NoUnsupportedCritical),
	},
}
