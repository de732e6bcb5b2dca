// Package delivery answers how well software is delivered, from what repositories and pipelines tell: the five DORA metrics by
// service and team, where lead time goes, when a backlog will be done, the quality of changes, and whether something may be released.
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
	Name:   "delivery",
	Label:  "Delivery",
	Face:   model.Face("outward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("dora", DORA),
		practice.Ask("service", Service),
		practice.Ask("lead_time", LeadTime),
		practice.Ask("forecast", Forecast),
		practice.Ask("throughput", Throughput),
		practice.Notify(practice.Ask("quality", Quality)),
		practice.Ask("gate", Gate),
		practice.Notify(practice.Ask("freezes", Freezes)),
		practice.Notify(practice.Ask("repositories", Repositories)),
		practice.Ask("coverage", Coverage),
		practice.Do("map_repository", MapRepository),
		practice.Do("freeze", Freeze),
		practice.Check("may_release", MayRelease),
		practice.Check("every_service_measured", EveryServiceMeasured),
		practice.Check("no_freeze_broken", NoFreezeBroken),
	},
}
