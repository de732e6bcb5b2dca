// Package risk answers what may happen, what it would cost and what is worth doing
// about it: the register of risks, each as a curve in money from calibrated ranges and the controls that are
// really in place, all of them together against the appetite of the company, and what each treatment buys.
package risk

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of risk.
var Practice = practice.Practice{
	Name:   "risk",
	Label:  "Risk",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("register", Register),
		practice.Ask("portfolio", Portfolio),
		practice.Ask("simulate", Simulate),
		practice.Ask("sensitivity", Sensitivity),
		practice.Ask("treatments", Treatments),
		practice.Ask("matrix", Matrix),
		practice.Notify(practice.Ask("appetite", Appetite)),
		practice.Notify(practice.Ask("reviews", Reviews)),
		practice.Ask("calibration", Calibration),
		practice.Do("estimate", Estimate),
		practice.Do("treat", Treat),
		practice.Do("accept", Accept),
		practice.Do("review", Review),
		practice.Do("take_calibration", TakeCalibration),
		practice.Check("within_appetite", WithinAppetite),
		practice.Check("reviewed_in_time", ReviewedInTime),
		practice.Check("accepted_not_expired", AcceptedNotExpired),
		practice.Check("every_risk_owned", EveryRiskOwned),
	},
}
