// Package standards answers what good looks like and how well it is followed: decision records with what came of them,n// standards with their exemptions, scorecards, campaigns, and who decides what.
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
	Name:      "standards",
	Label:     "Standards and decisions",
	Face:      model.Face("outward"),
	Source:    Source,
	Questions: []practice.Question{},
}
