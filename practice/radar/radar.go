// Package radar answers which technologies to bet on: radars with their history, how the estate proves or
// contradicts them, the trends that are watched, and the bets that the technology strategy rests on.
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
	Name:   "radar",
	Label:  "Radar",
	Face:   model.Face("outward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("strategy", Strategy),
		practice.Ask("picture", Picture),
		practice.Ask("history", History),
		practice.Notify(practice.Ask("drift", Drift)),
		practice.Ask("to_discuss", ToDiscuss),
		practice.Notify(practice.Ask("trends", Trends)),
		practice.Notify(practice.Ask("bets", Bets)),
		practice.Ask("export", Export),
		practice.Do("move", Move),
		practice.Do("vote", Vote),
		practice.Do("propose", Propose),
		practice.Do("publish", Publish),
		practice.Do("adopt_defaults", AdoptDefaults),
		practice.Do("review_trend", ReviewTrend),
		practice.Do("decide_bet", DecideBet),
		practice.Check("hold_not_growing", HoldNotGrowing),
		practice.Check("adopted_is_used", AdoptedIsUsed),
		practice.Check("rationale_told", RationaleTold),
		practice.Check("reviewed_in_time", ReviewedInTime),
	},
}
