// Package radar answers which technologies to bet on: radars with their history, how the estate proves orn// contradicts them, the trends that are watched, and the bets that the technology strategy rests on.
package radar

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of radars, trends and bets.
var Practice = practice.Practice{
	Name:      "radar",
	Label:     "Radar",
	Face:      model.Face("outward"),
	Source:    Source,
	Questions: []practice.Question{},
}
