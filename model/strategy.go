package model

// Goal is something that the company wants to reach. It is measured by key results.
type Goal struct {
	Meta
	// Parent is the larger goal that this one is part of.
	Parent Ref `to:"Goal" back:"parts" flow:"serves"`
	// BusinessUnit is the business unit whose goal it is. Unset means the whole company.
	BusinessUnit Ref `to:"BusinessUnit" back:"goals"`
	// Start is the first day of the period.
	Start Date
	// Due is the day by which the goal is to be reached.
	Due Date
	// State says where the goal stands.
	State GoalState
	// Value is what reaching the goal is worth to the company in a year.
	Value Money
}

// GoalState says where a goal stands.
type GoalState string

// Options lists the states of a goal.
func (GoalState) Options() []Option {
	return []Option{
		{"draft", "Draft", "It is not agreed on yet."},
		{"active", "Active", "It is being worked on."},
		{"reached", "Reached", "All its key results are there."},
		{"missed", "Missed", "Its day has come without them."},
		{"dropped", "Dropped", "It is no longer wanted."},
	}
}

// Transitions says which state of a goal may follow which.
func (GoalState) Transitions() map[string][]string {
	return map[string][]string{
		"draft":   {"active", "dropped"},
		"active":  {"reached", "missed", "dropped", "draft"},
		"missed":  {"active"},
		"reached": {"active"},
		"dropped": {"draft"},
	}
}

// KeyResult is a figure that shows how near a goal is.
type KeyResult struct {
	Meta
	// Goal is the goal that is measured.
	Goal Ref `to:"Goal" is:"required" back:"key results" flow:"serves"`
	// Unit is what the figures count, such as % or customers.
	Unit string
	// Baseline is the figure at the start.
	Baseline float64
	// Target is the figure to be reached.
	Target float64
	// Current is the figure now.
	Current float64
	// MeasuredOn is the day when the current figure was taken.
	MeasuredOn Date
	// Due is the day by which the target is to be reached.
	Due Date
}

// Capability is something that the business must be able to do, whoever does it and with whatever system.
type Capability struct {
	Meta
	// Parent is the wider capability that this one is part of.
	Parent Ref `to:"Capability" back:"parts" flow:"serves"`
	// Goals are the goals that cannot be reached without this capability.
	Goals []Ref `to:"Goal" back:"capabilities" flow:"serves"`
	// BusinessUnit is the business unit that performs it.
	BusinessUnit Ref `to:"BusinessUnit" back:"capabilities"`
	// Criticality says how much the business depends on it.
	Criticality Criticality
	// Maturity says how well the company does it today.
	Maturity Level
	// TargetMaturity says how well the company wants to do it.
	TargetMaturity Level
	// Differentiating says that customers choose the company because of it.
	Differentiating bool
}

// Process is a sequence of steps that the business performs again and again.
type Process struct {
	Meta
	// Capability is the capability that the process carries out.
	Capability Ref `to:"Capability" back:"processes" flow:"serves"`
	// Applications are what the process runs on.
	Applications []Ref `to:"Application,Service" back:"processes" flow:"needs"`
	// Automation is the share of the steps that need no hand, in percent.
	Automation Percent `min:"0" max:"100" unit:"%"`
	// HoursPerMonth is the manual work that the process takes.
	HoursPerMonth float64 `min:"0" unit:"h"`
	// RecoveryTime is how long the business can do without the process.
	RecoveryTime Duration
	// Criticality says how much the business depends on it.
	Criticality Criticality
}

// Initiative is a bundle of projects that moves the company towards a goal.
type Initiative struct {
	Meta
	// Goals are the goals that it serves.
	Goals []Ref `to:"Goal" back:"initiatives" flow:"serves"`
	// Sponsor is the person that wants it and pays for it.
	Sponsor Ref `to:"Person" back:"sponsors"`
	// Face says which office drives it.
	Face Face
	// Start is the first day.
	Start Date
	// Due is the day by which it is to be done.
	Due Date
	// Budget is what may be spent in all.
	Budget Money
	// Changes are the capabilities that it changes.
	Changes []Ref `to:"Capability" back:"initiatives"`
}

// Face says which of the two offices something belongs to.
type Face string

// Options lists the faces.
func (Face) Options() []Option {
	return []Option{
		{"inward", "Inward", "The office of the CIO: keep the business running and get more out of the technology that is there."},
		{"outward", "Outward", "The office of the CTO: find the technology and build the products that bring in the next revenue."},
		{"both", "Both", "The two offices share it."},
	}
}

// Project is work with a start, an end, a budget and a result.
type Project struct {
	Meta
	// Initiative is the initiative that the project belongs to.
	Initiative Ref `to:"Initiative" back:"projects" flow:"serves"`
	// State says where the project stands.
	State ProjectState
	// Manager is the person that leads the project.
	Manager Ref `to:"Person" back:"manages"`
	// Sponsor is the person that answers for the benefit.
	Sponsor Ref `to:"Person" back:"sponsors projects"`
	// Team is the team that does most of the work.
	Team Ref `to:"Team" back:"projects"`
	// Start is the first day of work.
	Start Date
	// Due is the day by which the result is to be there.
	Due Date
	// Budget is what may be spent in all.
	Budget Money
	// Spent is what has been spent so far.
	Spent Money
	// Progress is the share of the work that is done, in percent.
	Progress Percent `min:"0" max:"100" unit:"%"`
	// Changes are the things that the project builds, changes or retires.
	Changes []Ref `to:"any" back:"changed by projects"`
	// DependsOn are the projects that must be done before.
	DependsOn []Ref `to:"Project" back:"awaited by"`
	// Milestones are the results on the way, each with its day.
	Milestones []Milestone
}

// Milestone is a result on the way of a project.
type Milestone struct {
	// Name says what is reached.
	Name string `is:"required"`
	// Due is the planned day.
	Due Date
	// Done is the day when it was reached. Unset means not yet.
	Done Date
}

// ProjectState says where a project stands.
type ProjectState string

// Options lists the states of a project.
func (ProjectState) Options() []Option {
	return []Option{
		{"idea", "Idea", "Somebody proposed it."},
		{"proposed", "Proposed", "It has a case and waits for a decision."},
		{"approved", "Approved", "It may start."},
		{"running", "Running", "Work goes on."},
		{"paused", "Paused", "Work rests."},
		{"done", "Done", "The result is there."},
		{"stopped", "Stopped", "It ended without the result."},
	}
}

// Transitions says which state of a project may follow which.
func (ProjectState) Transitions() map[string][]string {
	return map[string][]string{
		"idea":     {"proposed", "stopped"},
		"proposed": {"approved", "idea", "stopped"},
		"approved": {"running", "stopped", "proposed"},
		"running":  {"paused", "done", "stopped"},
		"paused":   {"running", "stopped"},
		"done":     {"running"},
		"stopped":  {"proposed"},
	}
}
