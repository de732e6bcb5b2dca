// Package offices answers who answers for what: the charter of the two offices
// with its health, gaps and overlaps, how much each office carries, what one
// office waits on from the other, and whether one officer or two suit the company.
package offices

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of the split between the two offices.
var Practice = practice.Practice{
	Name:   "offices",
	Label:  "Offices",
	Face:   model.Face("both"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("charter", Charter),
		practice.Ask("board", Board),
		practice.Ask("gaps", Gaps),
		practice.Ask("overlaps", Overlaps),
		practice.Ask("load", Load),
		practice.Ask("agreements", Agreements),
		practice.Ask("one_or_two", OneOrTwo),
		practice.Do("adopt_charter", AdoptCharter),
		practice.Check("one_accountable_each", OneAccountableEach),
	},
}
