// Package architecture answers how the estate hangs together: what depends on
// what, what stops for the business when something fails, which single things
// stop too much, what nobody owns or uses, how available a service can be, and
// which applications carry which capabilities.
package architecture

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of how the estate hangs together.
var Practice = practice.Practice{
	Name:   "architecture",
	Label:  "Architecture",
	Face:   model.Face("both"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("impact", Impact),
		practice.Ask("dependencies", Dependencies),
		practice.Ask("spof", SinglePoints),
		practice.Ask("availability", Availability),
		practice.Ask("landscape", Landscape),
		practice.Ask("orphans", Orphans),
		practice.Do("assign_owner", AssignOwner),
		practice.Check("every_application_has_owner", EveryApplicationHasOwner),
		practice.Check("no_single_point_under_critical", NoSinglePointUnderCritical),
	},
}
