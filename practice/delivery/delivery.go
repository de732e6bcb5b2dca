// Package delivery answers how well software is delivered, from what repositories and pipelines tell: the five DORA metrics byn// service and team, where lead time goes, when a backlog will be done, the quality of changes, and whether something may be released.
package delivery

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of delivery performance.
var Practice = practice.Practice{
	Name:      "delivery",
	Label:     "Delivery",
	Face:      model.Face("outward"),
	Source:    Source,
	Questions: []practice.Question{},
}
