package model

// Office is a position at the top of the company, whoever holds it: CIO, CTO, CEO, CMO. One person may hold several.
type Office struct {
	Meta
	// Holder is the person that holds the office. Unset means that it is vacant.
	Holder Ref `to:"Person" back:"offices held"`
	// Deputies stand in for the holder.
	Deputies []Ref `to:"Person" back:"deputy for offices"`
	// Face says which way the office looks: inward, outward or both.
	Face Face
	// Capacity is how many working days in a week the office has for its responsibilities, deputies included. Unset means 5.
	Capacity float64 `min:"0" max:"100" unit:"days a week"`
}

// Account lets somebody in. What proves who that is, passwords and keys, is not part of the record.
type Account struct {
	Meta
	// UserName is what the person types to sign in. It is unique.
	UserName string `is:"required personal" ident:"user_name"`
	// Email is where messages about the account go.
	Email string `is:"personal" format:"email"`
	// Person is who uses the account. Records that this person or the person's teams own count as the account's own.
	Person Ref `to:"Person" back:"accounts"`
	// Roles say what the account may do. Several add up.
	Roles []Ref `to:"Role" back:"accounts"`
	// State says whether the account may sign in.
	State AccountState
	// Issuer is the identity provider that the account signs in through. Unset means by password or passkey.
	Issuer string
	// Subject is the name of the account at its identity provider. Together with the issuer it is unique.
	Subject string `is:"personal"`
	// ExternalID is the name that a provisioning system gives to the account.
	ExternalID string `name:"external_id" ident:"external_id"`
	// GivenName is the first name, as a provisioning system writes it.
	GivenName string `is:"personal"`
	// FamilyName is the last name, as a provisioning system writes it.
	FamilyName string `is:"personal"`
	// BreakGlass marks an account for emergencies: every sign-in with it is reported.
	BreakGlass bool
	// SignedIn is when the account signed in last.
	SignedIn Time `is:"system"`
	// SignedInFrom is the network address of the last sign-in.
	SignedInFrom string `is:"system personal"`
	// Denied counts what was refused to the account.
	Denied int `is:"system" min:"0"`
	// Failed counts attempts to sign in as the account that did not succeed.
	Failed int `is:"system" min:"0"`
	// Factors name what the account can show to sign in: password, code, recovery codes, passkeys.
	Factors []string `is:"system"`
	// FactorsChanged is when something of that was set or changed last.
	FactorsChanged Time `is:"system"`
}

// AccountState says whether an account may sign in.
type AccountState string

// Options lists the states of an account.
func (AccountState) Options() []Option {
	return []Option{
		{"active", "Active", "It may sign in."},
		{"disabled", "Disabled", "It may not sign in. Its sessions and tokens have ended."},
	}
}

// Role says what accounts may do, kind by kind. What no line allows is not allowed.
type Role struct {
	Meta
	// Face is the office whose pages the role starts with.
	Face Face
	// Permissions are the lines of the role. For one kind the line that names it counts, else the one for its group, else the one for *.
	Permissions []Permission
	// ReadsConfidential lets the role read records that are confidential and not its own.
	ReadsConfidential bool
	// Imports lets the role import files into kinds that it may write.
	Imports bool
	// Administers lets the role manage accounts, roles, groups, tokens, feeds, webhooks and kinds.
	Administers bool
	// SecondFactor lets accounts with the role in only with a second factor: a code from a device or a passkey.
	SecondFactor bool
}

// Permission is one line of a role.
type Permission struct {
	// Kinds is the name of a kind, the name of a group of kinds such as Suppliers, or * for every kind outside the group Access.
	Kinds string `is:"required"`
	// Read says which records may be looked at.
	Read Extent
	// Write says which records may be created and edited.
	Write Extent
	// Approve says which records may be deleted, and merged from scenarios, and whose changes by others may be undone.
	Approve Extent
}

// Extent says which records a permission is for.
type Extent string

// Options lists the extents, the smallest first.
func (Extent) Options() []Option {
	return []Option{
		{"none", "None", "No record."},
		{"own", "Own", "Records that the person owns or that a team of the person owns."},
		{"all", "All", "Every record."},
	}
}

// Group is accounts that an identity provider or a provisioning system keeps together.
type Group struct {
	Meta
	// ExternalID is the name that the provisioning system gives to the group.
	ExternalID string `name:"external_id" ident:"external_id"`
	// Members are the accounts in the group.
	Members []Ref `to:"Account" back:"groups"`
	// Roles are what every member may do.
	Roles []Ref `to:"Role" back:"groups"`
}

// AccessToken lets a program in, in the name of an account and never with more rights than that. The secret itself is not kept.
type AccessToken struct {
	Meta
	// Account is in whose name the program acts.
	Account Ref `to:"Account" is:"required" back:"tokens"`
	// Scope is the most that the program may do.
	Scope TokenScope `is:"required"`
	// Expires is when the token ends.
	Expires Time `is:"required"`
	// Hint is the start of the secret, by which people tell tokens apart.
	Hint string `is:"system"`
	// Revoked says that the token was ended before its time.
	Revoked bool
}

// TokenScope is the most that a program may do with a token.
type TokenScope string

// Options lists the scopes, the smallest first.
func (TokenScope) Options() []Option {
	return []Option{
		{"read", "Read", "Look at records and ask questions."},
		{"write", "Write", "Change records too."},
		{"approve", "Approve", "Do everything that the account may do, administration apart."},
		{"provision", "Provision", "Manage accounts and groups over SCIM, and nothing else."},
	}
}

// IdentityProvider is a system that says who somebody is: OpenID Connect. Its secret is not part of the record.
type IdentityProvider struct {
	Meta
	// Issuer is the address that the provider calls itself by, exactly.
	Issuer string `is:"required" format:"url" ident:"issuer"`
	// ClientID is the name under which the provider knows Binnacle.
	ClientID string `name:"client_id" is:"required"`
	// GroupsClaim is the name of the claim that lists the groups of a person. Unset means groups.
	GroupsClaim string
	// GroupRoles says which groups of the provider give which roles.
	GroupRoles []GroupRole
	// Creates says that a person who signs in for the first time gets an account.
	Creates bool
	// Disabled says that nobody signs in through it.
	Disabled bool
}

// GroupRole gives a role to the members of a group of an identity provider.
type GroupRole struct {
	// Group is the name of the group at the provider.
	Group string `is:"required"`
	// Role is what its members may do.
	Role Ref `to:"Role" is:"required" back:"provider groups"`
}

// Gate counts what happens where people come in and is not about an account. There is one, sign-in.
type Gate struct {
	Meta
	// UnknownNames counts attempts to sign in under names that no account has. The names are not kept.
	UnknownNames int `is:"system" min:"0"`
}

// Attached is a record that belongs to another: who may see that one may see it.
type Attached interface {
	Record
	// BelongsTo returns the record that it belongs to.
	BelongsTo() Ref
}

// Private is a record that only its owner sees unless it is shared.
type Private interface {
	Record
	// IsShared reports whether others see it too.
	IsShared() bool
}
