// Package product answers what customers need next, what it is worth, when it comes and what it runs on: products with theirn// markets, ideas and requests, scores, roadmaps, releases, and whether what was promised came true.
package product

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of products, ideas and roadmaps.
var Practice = practice.Practice{
	Name:      "product",
	Label:     "Products",
	Face:      model.Face("outward"),
	Source:    Source,
	Questions: []practice.Question{},
}
