package model

// Repository is where the source of something is kept, and what its builds and deployments are told by.
type Repository struct {
	Meta
	// URL is its address, such as https://github.com/acme/shop.
	URL string `name:"url" format:"url" ident:"repository"`
	// FullName is its name at the provider, such as acme/shop.
	FullName string `ident:"repository_name"`
	// Provider is where it is kept.
	Provider CodeProvider
	// Builds are the applications and services that are built from it.
	Builds []Ref `to:"Application,Service,Product" back:"repositories" flow:"serves"`
	// Team is the team that works on it.
	Team Ref `to:"Team" back:"repositories"`
	// DefaultBranch is the branch that is delivered. Unset means main or master.
	DefaultBranch string
	// ProductionEnvironments are the names of environments that count as production. None means those whose names begin with prod or live.
	ProductionEnvironments []string
	// DeployWorkflows are the names of workflows and jobs that deploy to production, where no deployment is told. The star stands for anything.
	DeployWorkflows []string
	// HotfixBranches are the names of branches and labels that mark an unplanned repair. None means those with hotfix or revert in them.
	HotfixBranches []string
	// IncidentLabels are the labels of issues that are incidents. None means incident.
	IncidentLabels []string
	// Archived says that it is not worked on any more.
	Archived bool
}

// CodeProvider is where source code is kept.
type CodeProvider string

// Options lists the providers.
func (CodeProvider) Options() []Option {
	return []Option{
		{"github", "GitHub", "GitHub and GitHub Enterprise."},
		{"gitlab", "GitLab", "GitLab, hosted or self-managed."},
		{"gitea", "Gitea", "Gitea and Forgejo."},
		{"bitbucket", "Bitbucket", "Bitbucket Cloud and Data Center."},
		{"azure_devops", "Azure DevOps", "Azure DevOps Services and Server."},
		{"other", "Other", "Something else."},
	}
}

// EventReceiver is an address at which a code provider or a pipeline tells what it does. Its secret is kept aside and checks every message.
type EventReceiver struct {
	Meta
	// Provider is who sends.
	Provider CodeProvider `is:"required"`
	// Repositories are those that it may tell about. Unset means all.
	Repositories []Ref `to:"Repository" back:"receivers"`
	// Paused says that messages are refused for now.
	Paused bool
}

// ChangeFreeze is a time in which nothing is to be delivered.
type ChangeFreeze struct {
	Meta
	// From is the first moment.
	From Time `is:"required"`
	// Until is the last moment.
	Until Time `is:"required"`
	// AppliesTo are the things that it holds for, and what they run on. Unset means everything.
	AppliesTo []Ref `to:"Application,Service,Product,BusinessUnit,Team" back:"freezes"`
	// Reason says why.
	Reason string
	// AllowsHotfixes says that unplanned repairs may still be delivered.
	AllowsHotfixes bool
}

// ReleaseGate says what must hold before something is delivered.
type ReleaseGate struct {
	Meta
	// AppliesTo are the things that it holds for. Unset means everything.
	AppliesTo []Ref `to:"Application,Service,Product" back:"release gates"`
	// MaxAct is how many vulnerabilities with the decision act may be open.
	MaxAct int `min:"0"`
	// MaxAttend is how many with the decision attend may be open. Unset means 0.
	MaxAttend int `min:"0"`
	// BlocksOnRisk says that an open risk above the appetite stops a delivery.
	BlocksOnRisk bool
	// BlocksOnControls says that a failed or stale control test stops a delivery.
	BlocksOnControls bool
	// BlocksOnFreeze says that a freeze stops a delivery.
	BlocksOnFreeze bool
	// MinSuccess is the share of builds of the last thirty days that must have succeeded, in percent.
	MinSuccess Percent `min:"0" max:"100" unit:"%"`
	// MaxFailRate is the highest change fail rate of the last ninety days, in percent. Unset means that it does not matter.
	MaxFailRate Percent `min:"0" max:"100" unit:"%"`
}
