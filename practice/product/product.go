// Package product answers what customers need next, what it is worth, when it comes and what it runs on: products with their
// markets, ideas and requests, scores, roadmaps, releases, and whether what was promised came true.
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
	Name:   "product",
	Label:  "Products",
	Face:   model.Face("outward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("top_line", TopLine),
		practice.Notify(practice.Ask("portfolio", Portfolio)),
		practice.Ask("product", OneProduct),
		practice.Notify(practice.Ask("ideas", Ideas)),
		practice.Ask("tree", Tree),
		practice.Notify(practice.Ask("roadmap", Roadmap)),
		practice.Notify(practice.Ask("promises", Promises)),
		practice.Notify(practice.Ask("customers", Customers)),
		practice.Ask("market", Market),
		practice.Ask("usage", Usage),
		practice.Ask("revenue_at_stake", RevenueAtStake),
		practice.Notify(practice.Ask("outcomes", Outcomes)),
		practice.Ask("releases", Releases),
		practice.Ask("portal", PortalPage),
		practice.Do("submit_idea", SubmitIdea),
		practice.Do("merge_ideas", MergeIdeas),
		practice.Do("score_idea", ScoreIdea),
		practice.Do("plan_idea", PlanIdea),
		practice.Do("decline_idea", DeclineIdea),
		practice.Do("record_request", RecordRequest),
		practice.Do("vote_idea", VoteIdea),
		practice.Do("schedule", Schedule),
		practice.Do("deliver", Deliver),
		practice.Do("record_outcome", RecordOutcome),
		practice.Do("announce", Announce),
		practice.Do("record_month", RecordMonth),
		practice.Check("no_promise_late", NoPromiseLate),
		practice.Check("roadmap_fits", RoadmapFits),
		practice.Check("nothing_confidential_public", NothingConfidentialPublic),
		practice.Check("delivered_reviewed", DeliveredReviewed),
	},
}
