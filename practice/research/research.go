// Package research answers what is tried, for how much, until when, and what was decided: experiments with a cap andn// exit criteria that were set before, and decision matrices for the choice of tools, platforms, methods and providers.
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
	Name:      "research",
	Label:     "Research",
	Face:      model.Face("outward"),
	Source:    Source,
	Questions: []practice.Question{},
}
