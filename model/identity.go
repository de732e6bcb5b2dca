package model

// DutyRule is a conflict of duties: functions that nobody may hold together.
type DutyRule struct {
	Meta
	// Functions are what must not come together in one hand.
	Functions []Ref `to:"DutyFunction" back:"conflicts"`
	// Severity says how bad it is.
	Severity Severity
	// Reason says what could happen.
	Reason string `is:"long"`
}

// DutyFunction is something that people can do with any of some permissions, such as to pay invoices.
type DutyFunction struct {
	Meta
	// Permissions are the entitlements any of which gives the function.
	Permissions []Ref `to:"Entitlement" back:"gives functions"`
}

// UserAccount is a name by which somebody signs in to an application or a directory other than Binnacle.
type UserAccount struct {
	Meta
	// System is where it signs in.
	System Ref `to:"Application,Service,Host,CloudAccount" is:"required" back:"user accounts"`
	// UserName is the name to sign in with.
	UserName string `is:"personal"`
	// Email is the address that the system knows.
	Email string `is:"personal" format:"email"`
	// Person is who it belongs to.
	Person Ref `to:"Person" back:"user accounts"`
	// Type says what sort of account it is.
	Type UserAccountType
	// State says whether it can sign in.
	State UserAccountState
	// Privileged says that it may do more than work with the system: administer it, read everything, change logs.
	Privileged bool
	// SecondFactor says whether signing in needs a second factor.
	SecondFactor Judgement
	// Opened is the day on which it was made.
	Opened Date
	// LastSignIn is when it signed in last.
	LastSignIn Time
	// Expires is the last day on which it works.
	Expires Date
	// Identifier is what the system calls it.
	Identifier string
}

// UserAccountType says what sort of account something is.
type UserAccountType string

// Options lists the types.
func (UserAccountType) Options() []Option {
	return []Option{
		{"person", "Person", "One person uses it."},
		{"service", "Service", "A program uses it."},
		{"shared", "Shared", "Several people use it."},
		{"emergency", "Emergency", "It is for emergencies only (break glass)."},
	}
}

// UserAccountState says whether an account can sign in.
type UserAccountState string

// Options lists the states.
func (UserAccountState) Options() []Option {
	return []Option{
		{"active", "Active", "It can sign in."},
		{"disabled", "Disabled", "It cannot sign in."},
		{"removed", "Removed", "It is no longer there."},
	}
}

// Entitlement is something that an account can be given in a system: a role, a group, a permission.
type Entitlement struct {
	Meta
	// System is where it counts.
	System Ref `to:"Application,Service,Host,CloudAccount" is:"required" back:"entitlements"`
	// Type says what sort of entitlement it is.
	Type EntitlementType
	// Includes are the entitlements that come with it.
	Includes []Ref `to:"Entitlement" back:"included in"`
	// Privileged says that it lets do more than work with the system.
	Privileged bool
	// Sensitivity says how much harm it could do in the wrong hands.
	Sensitivity Level
	// Identifier is what the system calls it.
	Identifier string
}

// EntitlementType says what sort of entitlement something is.
type EntitlementType string

// Options lists the types.
func (EntitlementType) Options() []Option {
	return []Option{
		{"permission", "Permission", "It lets do one thing."},
		{"role", "Role", "It gathers permissions."},
		{"group", "Group", "It gathers accounts, and gives them what it has."},
		{"licence", "Licence", "It lets use a product."},
	}
}

// Grant says that an account has an entitlement.
type Grant struct {
	Meta
	// Account is who has it.
	Account Ref `to:"UserAccount" is:"required" back:"grants"`
	// Entitlement is what it has.
	Entitlement Ref `to:"Entitlement" is:"required" back:"grants"`
	// Granted is the day on which it was given.
	Granted Date
	// Until is the last day on which it holds. Unset means until somebody takes it away.
	Until Date
	// Delegated is the account that lent it.
	Delegated Ref `to:"UserAccount" back:"lent grants"`
	// Emergency says that it was taken in an emergency.
	Emergency bool
	// LastUsed is when it was used last.
	LastUsed Time
	// Used says whether it was ever used, where the system tells.
	Used Judgement
	// Reason says why it was given.
	Reason string
	// ApprovedBy is the person that allowed it.
	ApprovedBy Ref `to:"Person" back:"approved grants"`
	// Identifier is what the system calls it.
	Identifier string
}

// AccessReview is a campaign in which people say of what others may do whether they should go on doing it.
// What is reviewed is frozen when it is opened.
type AccessReview struct {
	Meta
	// State says where it stands.
	State ReviewState
	// ReviewedBy says who decides about an entitlement of somebody.
	ReviewedBy ReviewerRule
	// Reviewers are the people who decide, where they are named. Each gets about as many people to decide about as the others.
	Reviewers []Ref `to:"Person" back:"names in reviews"`
	// Systems limits the review to what counts in these systems. Unset means all.
	Systems []Ref `to:"Application,Service,Host,CloudAccount" back:"access reviews"`
	// Entitlements limits the review to these entitlements. Unset means all.
	Entitlements []Ref `to:"Entitlement" back:"access reviews"`
	// PrivilegedOnly limits the review to what lets do more than work with a system.
	PrivilegedOnly bool
	// Sample is the share of the grants that is reviewed, in percent. Privileged grants and conflicts of duties are always reviewed. Unset means all.
	Sample Percent `min:"0" max:"100" unit:"%"`
	// Seed decides which grants are in the sample. Whoever draws with the same seed draws the same grants.
	Seed int `min:"0"`
	// Dormant is after how many days without use a grant counts as not used. Unset means 90.
	Dormant int `min:"0" max:"3650" unit:"days"`
	// Opened is the day on which it was opened and what is reviewed was frozen.
	Opened Date
	// Due is the last day to decide.
	Due Date
	// Closed is the day on which it was closed.
	Closed Date
	// Undecided says what becomes of what nobody decided about when it is closed.
	Undecided UndecidedRule
	// Position is the entry of the journal that the estate was frozen after. Whoever looks at the estate as of it sees what was reviewed.
	Position int `min:"0"`
	// Population is how many grants were in scope when it was opened.
	Population int `min:"0"`
	// Drawn is how many of them are reviewed.
	Drawn int `min:"0"`
}

// ReviewState says where an access review stands.
type ReviewState string

// The states of an access review.
const (
	ReviewPlanned   ReviewState = "planned"
	ReviewOpen      ReviewState = "open"
	ReviewClosed    ReviewState = "closed"
	ReviewCancelled ReviewState = "cancelled"
)

// Options lists the states of an access review.
func (ReviewState) Options() []Option {
	return []Option{
		{"planned", "Planned", "It is described and nothing is frozen yet."},
		{"open", "Open", "People decide."},
		{"closed", "Closed", "Everything is decided."},
		{"cancelled", "Cancelled", "It was given up, and nothing follows from it."},
	}
}

// Transitions says which state of an access review may follow which.
func (ReviewState) Transitions() map[string][]string {
	return map[string][]string{"planned": {"open", "cancelled"}, "open": {"closed", "cancelled"}, "closed": {}, "cancelled": {}}
}

// ReviewerRule says who decides in an access review.
type ReviewerRule string

// The rules for reviewers.
const (
	ByManager ReviewerRule = "by_manager"
	ByOwner   ReviewerRule = "by_owner"
	ByNamed   ReviewerRule = "named"
)

// Options lists the rules for reviewers.
func (ReviewerRule) Options() []Option {
	return []Option{
		{"by_manager", "By manager", "The manager of the person decides, and the manager above where that would be the person."},
		{"by_owner", "By owner", "Whoever owns the entitlement or its system decides."},
		{"named", "Named people", "The people that the review names decide."},
	}
}

// UndecidedRule says what becomes of what nobody decided about.
type UndecidedRule string

// UndecidedKeep leaves alone what nobody decided about.
const UndecidedKeep UndecidedRule = "keep"

// Options lists the rules. Where none is set, what is undecided is to be taken away.
func (UndecidedRule) Options() []Option {
	return []Option{
		{"revoke", "Revoke", "It is to be taken away."},
		{"keep", "Keep", "It is left as it is, and says that nobody decided."},
	}
}

// ReviewDecision is one item of an access review: a grant as it was when the review was opened, what was decided about it, and what came of that.
type ReviewDecision struct {
	Meta
	// Review is the review that it belongs to.
	Review Ref `to:"AccessReview" is:"required" back:"items"`
	// Grant is the grant that is decided about. It may be gone by now.
	Grant Ref `to:"Grant" back:"reviewed"`
	// Account is who had it.
	Account Ref `to:"UserAccount" back:"reviewed grants"`
	// AccountName is what the account was called.
	AccountName string `is:"personal"`
	// Entitlement is what the account had.
	Entitlement Ref `to:"Entitlement" back:"reviewed grants"`
	// EntitlementName is what the entitlement was called.
	EntitlementName string
	// System is where it counts.
	System Ref `to:"Application,Service,Host,CloudAccount" back:"reviewed grants"`
	// Person is who the account belonged to.
	Person Ref `to:"Person" back:"reviewed grants"`
	// Privileged says that it let do more than work with the system.
	Privileged bool
	// Dormant says that it was not used for as long as the review says, or never.
	Dormant bool
	// LastUsed is when it was used last, or the account signed in last, before the review was opened.
	LastUsed Time
	// Granted is the day on which it was given.
	Granted Date
	// Conflicts are the rules about duties that the person broke with the help of it.
	Conflicts []Ref `to:"DutyRule" back:"reviewed grants"`
	// Reviewer is who is to decide. It is never the person that it is about.
	Reviewer Ref `to:"Person" back:"reviews access"`
	// Looked is when the reviewer looked at it. Nobody decides about what was not looked at.
	Looked Time
	// Decision is what was decided. Unset means nothing yet.
	Decision ReviewVerdict
	// Reason says why.
	Reason string `is:"long"`
	// Decided is when it was decided.
	Decided Time
	// DecidedBy is who decided. It is unset where nobody did and the review was closed.
	DecidedBy Ref `to:"Person" is:"signed" back:"decided access"`
	// Moves are the times that it was given to somebody else to decide.
	Moves []ReviewMove
	// Gone is when the grant was seen to be gone.
	Gone Time
	// GoneBy is what showed that it is gone: the key of the source that no longer has it, or estate where its record was removed.
	GoneBy string
	// Verified is the day on which somebody checked that it is gone.
	Verified Date
}

// ReviewMove says that an item of an access review was given to somebody else to decide.
type ReviewMove struct {
	// From is who was to decide.
	From Ref `to:"Person" back:"gave away reviews"`
	// To is who is to decide now.
	To Ref `to:"Person" is:"required" back:"took over reviews"`
	// On is when that was.
	On Time
	// Reason says why.
	Reason string
}

// ReviewVerdict is what was decided about an item of an access review.
type ReviewVerdict string

// The verdicts of an access review.
const (
	VerdictKeep   ReviewVerdict = "keep"
	VerdictRevoke ReviewVerdict = "revoke"
	VerdictChange ReviewVerdict = "change"
	VerdictUnsure ReviewVerdict = "unsure"
)

// Options lists the verdicts.
func (ReviewVerdict) Options() []Option {
	return []Option{
		{"keep", "Keep", "It is needed."},
		{"revoke", "Revoke", "It is to be taken away."},
		{"change", "Change", "Something smaller or something else is needed: the reason says what. This one is to be taken away."},
		{"unsure", "Not sure", "Somebody else must decide: it counts as undecided until then."},
	}
}
