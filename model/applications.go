package model

// Application is a software system that people or other systems use, built or bought.
type Application struct {
	Meta
	Lifecycle
	// Criticality says how much the business depends on it.
	Criticality Criticality
	// Version is the release that is in use.
	Version string
	// Hosting says who runs it and where.
	Hosting Hosting
	// Capabilities are the capabilities that it carries: they stop without it.
	Capabilities []Ref `to:"Capability" back:"applications" flow:"serves"`
	// Supports are the capabilities that it helps with and that go on without it.
	Supports []Ref `to:"Capability" back:"supporting applications"`
	// BusinessUnits are the business units that use it.
	BusinessUnits []Ref `to:"BusinessUnit" back:"applications"`
	// RunsOn are the hosts and cloud resources that it runs on.
	RunsOn []Ref `to:"Host,CloudResource" back:"runs" flow:"needs" needed:"RunsOnNeeded"`
	// RunsOnNeeded is how many of what it runs on must work for it to work. Unset means all.
	RunsOnNeeded int `min:"0"`
	// DependsOn are the applications, services and data sets that it cannot work without.
	DependsOn []Ref `to:"Application,Service,DataSet" back:"needed by" flow:"needs"`
	// BuiltWith are the technologies that it is built with, each with the version in use.
	BuiltWith []TechnologyUse
	// Vendor is the company that makes or runs it.
	Vendor Ref `to:"Vendor" back:"applications"`
	// Availability is the share of time that the application itself works while everything it needs works, in percent.
	Availability Percent `min:"0" max:"100" unit:"%"`
	// Users is how many people use it.
	Users int `min:"0"`
	// BusinessValue says how well it serves the business.
	BusinessValue Level
	// TechnicalFitness says how sound its technology is.
	TechnicalFitness Level
	// Repository is the address of its source code.
	Repository string `format:"url"`
	// PersonalData says that it processes data about natural persons.
	PersonalData bool
	// Exposure says how easily an attacker reaches it. Unset means that it is worked out from what it runs on.
	Exposure Exposure
	// SafetyImpact says how much harm to people its failure or misuse may do.
	SafetyImpact SafetyImpact
	// CostCentre is where its cost is booked.
	CostCentre Ref `to:"CostCentre" back:"applications"`
	// PackageURL names it as a package, without a version. Bills of materials find it by this.
	PackageURL string `format:"purl" ident:"purl"`
}

// TechnologyUse says that something uses a technology in a version.
type TechnologyUse struct {
	// Technology is the technology in use.
	Technology Ref `to:"Technology" is:"required" back:"used by" flow:"needs"`
	// Version is the version in use, as far as it is known, such as 12.4.
	Version string
}

// Hosting says who runs something and where.
type Hosting string

// Options lists the ways of hosting.
func (Hosting) Options() []Option {
	return []Option{
		{"on_premises", "On premises", "On machines of the company."},
		{"private_cloud", "Private cloud", "On machines that only the company uses."},
		{"iaas", "Infrastructure as a service", "On rented machines that the company runs."},
		{"paas", "Platform as a service", "On a platform that a provider runs."},
		{"saas", "Software as a service", "A provider runs all of it."},
	}
}

// Service is something that a team offers to others with a promise about its quality, made of applications and machines.
type Service struct {
	Meta
	Lifecycle
	// Audience says for whom the service is.
	Audience Audience
	// Criticality says how much the business depends on it.
	Criticality Criticality
	// BuiltFrom are the applications, hosts and resources that make up the service.
	BuiltFrom []Ref `to:"Application,Service,Host,CloudResource,NetworkDevice" back:"part of services" flow:"needs" needed:"BuiltFromNeeded"`
	// BuiltFromNeeded is how many of these parts must work for the service to work. Unset means all.
	BuiltFromNeeded int `min:"0"`
	// DependsOn are the services that it cannot work without.
	DependsOn []Ref `to:"Service,Application" back:"services needing this" flow:"needs"`
	// Capabilities are the capabilities that it carries: they stop without it.
	Capabilities []Ref `to:"Capability" back:"services" flow:"serves"`
	// Supports are the capabilities that it helps with and that go on without it.
	Supports []Ref `to:"Capability" back:"supporting services"`
	// TargetAvailability is the share of time that the service is promised to work, in percent.
	TargetAvailability Percent `min:"0" max:"100" unit:"%"`
	// Availability is the share of time that the service itself works while everything it needs works, in percent.
	Availability Percent `min:"0" max:"100" unit:"%"`
	// RecoveryTime is how long the service may be away after a disaster.
	RecoveryTime Duration
	// RecoveryPoint is how much work may be lost in a disaster, counted back in time.
	RecoveryPoint Duration
	// SupportHours says when people are there to help, such as Mon-Fri 9-17.
	SupportHours string
}

// Audience says for whom a service is.
type Audience string

// Options lists the audiences.
func (Audience) Options() []Option {
	return []Option{
		{"customers", "Customers", "It is offered to those who pay the company."},
		{"business", "Business", "It is offered to the business units."},
		{"technical", "Technical", "It is offered to other services."},
	}
}

// Interface is a flow of data from one application to another.
type Interface struct {
	Meta
	Lifecycle
	// From is where the data comes from.
	From Ref `to:"Application,Service" is:"required" back:"sends through" flow:"needs"`
	// Into is where the data goes.
	Into Ref `to:"Application,Service" is:"required" back:"receives through" flow:"serves" flowif:"Critical"`
	// Data are the data sets that are carried.
	Data []Ref `to:"DataSet" back:"carried by"`
	// Protocol is how the data travels, such as REST, SFTP or Kafka.
	Protocol string
	// Frequency says how often data travels, such as hourly or on event.
	Frequency string
	// Specification is the address of the description of the interface.
	Specification string `format:"url"`
	// Critical says that the receiver cannot work without it.
	Critical bool
}

// DataSet is a body of data that has an owner, wherever it is stored.
type DataSet struct {
	Meta
	// Classification says who may see it.
	Classification Classification
	// PersonalData says that it is about natural persons.
	PersonalData bool
	// StoredIn is where the master copy is kept.
	StoredIn []Ref `to:"Application,Service,Host,CloudResource" back:"stores" flow:"needs"`
	// Steward is the person that answers for its quality.
	Steward Ref `to:"Person" back:"steward of"`
	// Retention is how long it is kept.
	Retention Duration
	// Oldest is the day of the oldest data in it, as far as that is known.
	Oldest Date
	// Countries are where it is stored, as two letters of ISO 3166 each.
	Countries []string `format:"country"`
}

// Classification says who may see a body of data.
type Classification string

// Options lists the classes of data, the most open first.
func (Classification) Options() []Option {
	return []Option{
		{"public", "Public", "Everybody may see it."},
		{"internal", "Internal", "Everybody in the company may see it."},
		{"confidential", "Confidential", "Only those who need it may see it."},
		{"secret", "Secret", "Only named persons may see it."},
	}
}
