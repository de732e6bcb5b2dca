package model

// Person is somebody who works for or with the company.
type Person struct {
	Meta
	// FullName is the name of the person as it is written in a directory.
	FullName string `is:"personal"`
	// Email is the work address of the person. It is unique.
	Email string `is:"personal" format:"email" ident:"email"`
	// Phone is the work telephone number.
	Phone string `is:"personal"`
	// Position is what the person does, such as Database Administrator.
	Position string
	// Team is the team that the person belongs to.
	Team Ref `to:"Team" back:"members"`
	// Manager is the person that this person reports to.
	Manager Ref `to:"Person" back:"reports"`
	// Site is where the person works.
	Site Ref `to:"Site" back:"people"`
	// EmployeeNumber is the number that the company's personnel system uses.
	EmployeeNumber string `is:"personal" ident:"employee_number"`
	// Skills are what the person can do, in words that the company agreed on.
	Skills []string
	// Joined is the first working day.
	Joined Date
	// Left is the last working day. Unset means that the person still works here.
	Left Date
}

// Team is a group of people that answers for something together.
type Team struct {
	Meta
	// Lead is the person that leads the team.
	Lead Ref `to:"Person" back:"leads"`
	// Parent is the team or business unit that this team is part of.
	Parent Ref `to:"Team,BusinessUnit" back:"teams"`
	// CostCentre is where the cost of the team is booked.
	CostCentre Ref `to:"CostCentre" back:"teams"`
	// Email is the address that reaches the whole team.
	Email string `format:"email"`
	// Mission says in a sentence why the team exists.
	Mission string
	// Headcount is how many full-time positions the team has, open ones among them.
	Headcount float64 `min:"0" unit:"FTE"`
	// CostPerPosition is what one full-time position costs in a year, with everything that goes with it.
	CostPerPosition Money
}

// BusinessUnit is a part of the company that earns or spends money for a purpose of its own.
type BusinessUnit struct {
	Meta
	// Head is the person that leads the business unit.
	Head Ref `to:"Person" back:"heads"`
	// Parent is the business unit that this one is part of.
	Parent Ref `to:"BusinessUnit" back:"parts"`
	// Revenue is what the business unit sold in the last full year.
	Revenue Money
}

// Site is a place where people or machines are: an office, a data centre, a shop.
type Site struct {
	Meta
	// Use says what the site is for.
	Use SiteUse
	// Address is the postal address.
	Address string
	// Country is the country, as two letters of ISO 3166.
	Country string `format:"country"`
	// Region groups sites, such as Europe.
	Region string
	// Parent is the larger site that this one is in: the building of a room.
	Parent Ref `to:"Site" back:"parts" flow:"needs"`
	// TimeZone is the zone of the IANA list, such as Europe/Berlin.
	TimeZone string
	// Latitude is in degrees, north positive.
	Latitude float64 `min:"-90" max:"90" unit:"°"`
	// Longitude is in degrees, east positive.
	Longitude float64 `min:"-180" max:"180" unit:"°"`
	// Availability is the share of time that power, cooling and access hold, in percent.
	Availability Percent `min:"0" max:"100" unit:"%"`
}

// SiteUse says what a site is for.
type SiteUse string

// Options lists what a site can be for.
func (SiteUse) Options() []Option {
	return []Option{
		{"office", "Office", "People work there."},
		{"data_centre", "Data centre", "Machines run there."},
		{"branch", "Branch", "Customers come there."},
		{"warehouse", "Warehouse", "Goods are kept there."},
		{"factory", "Factory", "Goods are made there."},
		{"room", "Room", "It is part of another site."},
		{"cloud_region", "Cloud region", "A provider runs machines there."},
	}
}

// CostCentre is where cost is booked and answered for.
type CostCentre struct {
	Meta
	// Number is the number in the general ledger.
	Number string `ident:"ledger"`
	// BusinessUnit is the business unit that carries the cost.
	BusinessUnit Ref `to:"BusinessUnit" back:"cost centres"`
	// Budget is what may be spent in the current fiscal year.
	Budget Money
	// Parent is the cost centre that this one adds up to.
	Parent Ref `to:"CostCentre" back:"parts"`
}
