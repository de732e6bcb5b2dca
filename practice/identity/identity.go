// Package identity answers who may do what in the systems of the company, and whether
// that is right: access with its chains, accounts that nobody answers for or uses, conflicts of duties, privileged access, people who
// come, move and go, and access reviews with the evidence of what came of them.
package identity

import (
	"embed"

	"binnacle/model"
	"binnacle/practice"
)

// Source holds the Go files of the practice, whose doc comments are the help.
//
//go:embed *.go
var Source embed.FS

// Practice is the discipline of accounts and access.
var Practice = practice.Practice{
	Name:   "identity",
	Label:  "Identity",
	Face:   model.Face("inward"),
	Source: Source,
	Questions: []practice.Question{
		practice.Ask("access", Access),
		practice.Ask("effective", Effective),
		practice.Ask("accounts", Accounts),
		practice.Ask("orphans", Orphans),
		practice.Ask("dormant", Dormant),
		practice.Ask("privileged", Privileged),
		practice.Ask("joiners_movers_leavers", JoinersMoversLeavers),
		practice.Ask("conflicts", Conflicts),
		practice.Notify(practice.Ask("reviews", Reviews)),
		practice.Ask("review", Review),
		practice.Ask("my_reviews", MyReviews),
		practice.Notify(practice.Ask("revocations", Revocations)),
		practice.Ask("own_duties", OwnDuties),
		practice.Do("open_review", OpenReview),
		practice.Do("look", Look),
		practice.Do("decide", Decide),
		practice.Do("reassign", Reassign),
		practice.Do("close_review", CloseReview),
		practice.Do("verify_revocations", VerifyRevocations),
		practice.Do("assign_account", AssignAccount),
		practice.Check("no_orphans", NoOrphans),
		practice.Check("no_dormant", NoDormant),
		practice.Check("no_conflicts", NoConflicts),
		practice.Check("reviews_in_time", ReviewsInTime),
		practice.Check("leavers_closed", LeaversClosed),
		practice.Check("privileged_second_factor", PrivilegedSecondFactor),
		practice.Check("revocations_done", RevocationsDone),
	},
}
