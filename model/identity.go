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
