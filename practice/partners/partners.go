// Package partners answers with whom the company goes further than it could alone: partners as a pipeline with fit, due diligence, agreementsn// with obligations on both sides, value, health and conflicts.
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
	Name:      "partners",
	Label:     "Partners",
	Face:      model.Face("outward"),
	Source:    Source,
	Questions: []practice.Question{},
}
