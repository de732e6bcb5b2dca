package model

// Product is what the company sells or gives to its customers.
type Product struct {
	Meta
	Lifecycle
	// BusinessUnit is the business unit that sells it.
	BusinessUnit Ref `to:"BusinessUnit" back:"products"`
	// Manager is the person that decides what the product becomes.
	Manager Ref `to:"Person" back:"product manager of"`
	// RunsOn are the applications and services that the product cannot be sold or used without.
	RunsOn []Ref `to:"Application,Service" back:"products" flow:"needs"`
	// Goals are the goals that the product serves.
	Goals []Ref `to:"Goal" back:"products" flow:"serves"`
	// Capabilities are the capabilities that the product needs.
	Capabilities []Ref `to:"Capability" back:"products" flow:"needs"`
	// Revenue is what customers paid for it in the last full year.
	Revenue Money
	// Customers is how many customers use it.
	Customers int `min:"0"`
	// Criticality says how much the business depends on it.
	Criticality Criticality
	// Vision says what the product is to be for its customers some years from now. Markdown is understood.
	Vision string `is:"long"`
	// Segments are the customer segments that it is for.
	Segments []Ref `to:"CustomerSegment" back:"products"`
	// Market is the market that it is sold in, such as online booking in Europe.
	Market string
	// Scoring says how its ideas are scored. Unset means RICE.
	Scoring ScoringMethod
	// Formula is a CEL expression over an idea that gives its score, where scoring is by an own formula, such as: value * confidence / effort.
	// It may name reach, impact, confidence (0.8 for 80 %), effort, user_value, time_criticality, risk_reduction, job_size, votes, customers, value (in the currency of the books) and age (in days).
	Formula string
	// Capacity is how many person-months a quarter its teams can put into its roadmap.
	Capacity float64 `min:"0" unit:"person-months"`
	// Months are the figures of the product, month by month, newest first.
	Months []ProductMonth
}

// ProductMonth are the figures of a product in one month.
type ProductMonth struct {
	// Month is the first day of the month.
	Month Date `is:"required"`
	// Revenue is what customers paid.
	Revenue Money
	// Customers is how many customers there were at its end.
	Customers int `min:"0"`
	// Active is how many customers or users used it.
	Active int `min:"0"`
	// Lost is how many customers left.
	Lost int `min:"0"`
}

// ScoringMethod says how ideas are scored.
type ScoringMethod string

// The methods of scoring.
const (
	ScoreRICE    ScoringMethod = "rice"
	ScoreWSJF    ScoringMethod = "wsjf"
	ScoreFormula ScoringMethod = "formula"
)

// Options lists the methods of scoring.
func (ScoringMethod) Options() []Option {
	return []Option{
		{"rice", "RICE", "Reach times impact times confidence, divided by effort."},
		{"wsjf", "WSJF", "Cost of delay divided by job size: weighted shortest job first."},
		{"formula", "Own formula", "An expression of the organisation's own."},
	}
}

// CustomerSegment is a group of customers with the same needs.
type CustomerSegment struct {
	Meta
	// Needs say what the customers of the segment want to get done. Markdown is understood.
	Needs string `is:"long"`
	// Size is how many customers there are in the market.
	Size int `min:"0"`
	// Growth is how much the segment grows in a year, in percent.
	Growth Percent `unit:"%"`
}

// Customer is an organisation or a person that pays for products.
type Customer struct {
	Meta
	// Segment is the segment that it belongs to.
	Segment Ref `to:"CustomerSegment" back:"customers"`
	// Products are what it uses.
	Products []Ref `to:"Product" back:"used by customers" flow:"needs"`
	// Revenue is what it pays in a year.
	Revenue Money
	// RenewsOn is the day on which its contract ends or goes on.
	RenewsOn Date
	// Country is where it is at home, as two letters of ISO 3166.
	Country string `format:"country"`
	// Contact is the person on our side that speaks with it.
	Contact Ref `to:"Person" back:"contact for customers"`
	// Health says how likely it is to stay.
	Health Health
	// Number is its number in the customer system.
	Number string `ident:"customer_number"`
	// Domain is the domain of its mail addresses, by which feedback is known as its.
	Domain string
}

// Competitor is a company that offers something in the place of what is ours.
type Competitor struct {
	Meta
	// Website is the address of its pages.
	Website string `format:"url"`
	// Products are the products of ours that it competes with.
	Products []Ref `to:"Product" back:"competitors"`
	// Vendor is the same company as a vendor of ours, where it is one.
	Vendor Ref `to:"Vendor" back:"competitors"`
	// Strengths say what it does better.
	Strengths string
	// Weaknesses say what it does worse.
	Weaknesses string
	// Share is its share of the market, in percent.
	Share Percent `min:"0" max:"100" unit:"%"`
}

// MarketSignal is something that was seen in the market: a price, a launch, a law, a sentence of many customers.
type MarketSignal struct {
	Meta
	// Seen is the day when it was seen.
	Seen Date `is:"required"`
	// Type says what sort of signal it is, such as price, launch, law, funding or win and loss.
	Type string
	// Source says who said it.
	Source string
	// Link is where it can be read.
	Link string `format:"url"`
	// Competitor is the competitor that it is about.
	Competitor Ref `to:"Competitor" back:"signals"`
	// Products are the products that it is about.
	Products []Ref `to:"Product" back:"market signals"`
	// Trend is the trend that it speaks for.
	Trend Ref `to:"Trend" back:"market signals"`
	// Impact says how much it matters.
	Impact Level
}

// Opportunity is a need, a pain or a desire of customers that would move an outcome of a product if it were met.
type Opportunity struct {
	Meta
	// Product is the product whose outcome it would move.
	Product Ref `to:"Product" is:"required" back:"opportunities"`
	// Parent is the wider opportunity that it is part of.
	Parent Ref `to:"Opportunity" back:"parts"`
	// Outcome is the key result that it would move.
	Outcome Ref `to:"KeyResult" back:"opportunities" flow:"serves"`
	// Segments are the segments that have the need.
	Segments []Ref `to:"CustomerSegment" back:"opportunities"`
	// Importance says how much it matters to them.
	Importance Level
	// Satisfaction says how well they are served today.
	Satisfaction Level
	// Signals are the market signals that show it.
	Signals []Ref `to:"MarketSignal" back:"opportunities"`
}

// Idea is something that somebody wants of a product: an idea, a wish or a complaint. It is a solution where it serves an opportunity.
type Idea struct {
	Meta
	// State says where it stands.
	State IdeaState
	// Product is the product that it is about.
	Product Ref `to:"Product" back:"ideas"`
	// Opportunity is the opportunity that it would serve.
	Opportunity Ref `to:"Opportunity" back:"solutions"`
	// MergedInto is the idea that says the same and goes on.
	MergedInto Ref `to:"Idea" back:"merged ideas"`
	// Channel is how it came in.
	Channel IdeaChannel
	// Received is the day on which it came in.
	Received Date
	// From is the name or the mail address of whoever sent it.
	From string `is:"personal"`
	// Requests are the customers that want it, with what it is worth to them.
	Requests []CustomerRequest
	// Votes is how many votes it got on a portal, or in the system that it came from.
	Votes int `min:"0"`
	// Public says that a portal may show it: its name, the public text, the answer and the votes, and nothing else.
	Public bool
	// PublicText is what a portal shows of it beside its name. The description is never shown. Markdown is understood.
	PublicText string `is:"long"`
	// Reach is how many customers or events it touches in a quarter.
	Reach float64 `min:"0"`
	// Impact is how much it moves each of them: 3 massive, 2 high, 1 medium, 0.5 low, 0.25 minimal.
	Impact float64 `min:"0" max:"3"`
	// Confidence is how sure one may be of the figures, in percent: 100 high, 80 medium, 50 low.
	Confidence Percent `min:"0" max:"100" unit:"%"`
	// Effort is the work of all, in person-months.
	Effort float64 `min:"0" unit:"person-months"`
	// UserValue is the value for users and the business, on the relative scale 1, 2, 3, 5, 8, 13, 20.
	UserValue float64 `min:"0"`
	// TimeCriticality is how fast the value decays, on the same scale.
	TimeCriticality float64 `min:"0"`
	// RiskReduction is the risk that it reduces or the opportunity that it enables, on the same scale.
	RiskReduction float64 `min:"0"`
	// JobSize is how large the job is, on the same scale.
	JobSize float64 `min:"0"`
	// Answer is what those who asked are told. Markdown is understood.
	Answer string `is:"long"`
	// ExternalID is its identifier where it came from.
	ExternalID string `ident:"idea"`
}

// CustomerRequest is a customer that wants something.
type CustomerRequest struct {
	// Customer is the customer.
	Customer Ref `to:"Customer" is:"required" back:"requests"`
	// Value is the revenue in a year that depends on it, as far as it is known.
	Value Money
	// Asked is the day on which it was asked for.
	Asked Date
	// Promised is the day that the customer was promised. Unset means that nothing was promised.
	Promised Date
	// Words are what the customer said.
	Words string
}

// IdeaState says where an idea stands.
type IdeaState string

// The states of an idea.
const (
	IdeaNew       IdeaState = "new"
	IdeaReviewed  IdeaState = "reviewed"
	IdeaPlanned   IdeaState = "planned"
	IdeaDelivered IdeaState = "delivered"
	IdeaDeclined  IdeaState = "declined"
	IdeaMerged    IdeaState = "merged"
)

// Options lists the states of an idea.
func (IdeaState) Options() []Option {
	return []Option{
		{"new", "New", "Nobody has looked at it yet."},
		{"reviewed", "Reviewed", "It was looked at and waits to be scored or planned."},
		{"planned", "Planned", "It is on the roadmap."},
		{"delivered", "Delivered", "It is there."},
		{"declined", "Declined", "It is not going to be done, for a reason."},
		{"merged", "Merged", "Another idea says the same."},
	}
}

// IdeaChannel says how an idea came in.
type IdeaChannel string

// Options lists the channels.
func (IdeaChannel) Options() []Option {
	return []Option{
		{"form", "Form", "Somebody wrote it here."},
		{"portal", "Portal", "A customer wrote it on a portal."},
		{"mail", "Mail", "It came by mail."},
		{"import", "Import", "It came from a file or another system."},
		{"sales", "Sales", "Sales heard it."},
		{"support", "Support", "Support heard it."},
	}
}

// RoadmapItem is something that a product is going to bring its customers.
type RoadmapItem struct {
	Meta
	// Product is the product.
	Product Ref `to:"Product" is:"required" back:"roadmap"`
	// Bucket says how soon: now, next or later.
	Bucket RoadmapBucket
	// State says where it stands.
	State RoadmapState
	// Start is the first day of work.
	Start Date
	// Due is the day by which it is to be there.
	Due Date
	// Done is the day on which it was there.
	Done Date
	// Confidence is how sure the day is, in percent.
	Confidence Percent `min:"0" max:"100" unit:"%"`
	// Ideas are the ideas that it carries out.
	Ideas []Ref `to:"Idea" back:"roadmap items"`
	// Goals are the goals that it serves.
	Goals []Ref `to:"Goal" back:"roadmap items" flow:"serves"`
	// DependsOn are what must be there before.
	DependsOn []Ref `to:"RoadmapItem,Project" back:"awaited by roadmap"`
	// RunsOn are the applications, services and technologies that it is built on.
	RunsOn []Ref `to:"Application,Service,Technology" back:"roadmap items" flow:"needs"`
	// Team is the team that builds it.
	Team Ref `to:"Team" back:"roadmap items"`
	// Effort is the work of all, in person-months.
	Effort float64 `min:"0" unit:"person-months"`
	// Value is the revenue or the saving in a year that is expected of it.
	Value Money
	// Releases are the releases that brought it.
	Releases []Ref `to:"Release" back:"roadmap items"`
	// Public says that a portal may show it: its name, the public text and how soon it comes, and nothing else.
	Public bool
	// PublicText is what a portal shows of it beside its name. The description is never shown. Markdown is understood.
	PublicText string `is:"long"`
	// Outcomes are what was promised of it and what came of it.
	Outcomes []PredictedEffect
	// ReviewBy is the day by which its outcomes are to be looked at.
	ReviewBy Date
	// Reviewed is the day on which they were looked at.
	Reviewed Date
	// Learned says what came of it.
	Learned string `is:"long"`
}

// RoadmapBucket says how soon something comes.
type RoadmapBucket string

// Options lists the buckets.
func (RoadmapBucket) Options() []Option {
	return []Option{
		{"now", "Now", "It is being worked on."},
		{"next", "Next", "It comes after that."},
		{"later", "Later", "It is wanted, and it is open when."},
	}
}

// RoadmapState says where a roadmap item stands.
type RoadmapState string

// The states of a roadmap item.
const (
	RoadmapProposed  RoadmapState = "proposed"
	RoadmapPlanned   RoadmapState = "planned"
	RoadmapRunning   RoadmapState = "running"
	RoadmapDelivered RoadmapState = "delivered"
	RoadmapDropped   RoadmapState = "dropped"
)

// Options lists the states of a roadmap item.
func (RoadmapState) Options() []Option {
	return []Option{
		{"proposed", "Proposed", "Somebody wants it there."},
		{"planned", "Planned", "It is going to be done."},
		{"running", "In work", "It is being built."},
		{"delivered", "Delivered", "Customers have it."},
		{"dropped", "Dropped", "It is not going to be done."},
	}
}

// Portal is a page that shows customers or everybody what a product plans, and takes ideas and votes.
type Portal struct {
	Meta
	// Product is the product.
	Product Ref `to:"Product" is:"required" back:"portals"`
	// Open says that it can be seen. Otherwise it answers to nobody.
	Open bool
	// Audience says who may see it.
	Audience PortalAudience
	// Customers are the customers that may see it, where it is limited to some.
	Customers []Ref `to:"Customer" back:"portals"`
	// Welcome is what stands at the top. Markdown is understood.
	Welcome string `is:"long"`
	// ShowsRoadmap says that roadmap items marked as public are shown.
	ShowsRoadmap bool
	// ShowsReleases says that release notes are shown.
	ShowsReleases bool
	// TakesIdeas says that visitors may send ideas and vote.
	TakesIdeas bool
}

// PortalAudience says who may see a portal.
type PortalAudience string

// Options lists the audiences.
func (PortalAudience) Options() []Option {
	return []Option{
		{"customers", "Customers with a link", "Whoever has the secret link of a customer."},
		{"everybody", "Everybody", "Whoever knows the address."},
	}
}

// Announcement tells customers or colleagues about something that a product now has.
type Announcement struct {
	Meta
	// Product is the product.
	Product Ref `to:"Product" is:"required" back:"announcements"`
	// Release is the release that it is about.
	Release Ref `to:"Release" back:"announcements"`
	// Items are the roadmap items that it is about.
	Items []Ref `to:"RoadmapItem" back:"announcements"`
	// Text is what is told. Markdown is understood.
	Text string `is:"long"`
	// Published is the day from which it may be seen.
	Published Date
	// Public says that a portal may show it.
	Public bool
}
