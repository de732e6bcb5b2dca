// Package people answers what officers and their staff should learn next: what to read, which skills are missing against then// radar, and what courses and conferences cost and brought.
package people

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of skills and learning.
var Practice = practice.Practice{
	Name:      "people",
	Label:     "People and learning",
	Face:      model.Face("both"),
	Source:    Source,
	Questions: []practice.Question{},
}
