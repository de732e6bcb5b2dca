package model

// Radar is a picture of the technologies that matter to somebody, and of what to do about each: that of the company, of a domain or of a team.
type Radar struct {
	Meta
	// Scope says for whom it is.
	Scope RadarScope
	// For are the teams, business units, products or capabilities that it is for. Unset means the whole company.
	For []Ref `to:"Team,BusinessUnit,Product,Capability" back:"radars"`
	// Quadrants are its sectors, clockwise from the right top. None means techniques, tools, platforms, and languages and frameworks.
	Quadrants []RadarQuadrant
	// Rings are its rings from the inside out. None means adopt, trial, assess and hold.
	Rings []RadarRing
}

// RadarScope says for whom a radar is.
type RadarScope string

// Options lists the scopes of radars.
func (RadarScope) Options() []Option {
	return []Option{
		{"company", "Company", "It holds for everybody."},
		{"domain", "Domain", "It holds for a part of the business."},
		{"team", "Team", "It holds for a team."},
	}
}

// RadarQuadrant is a sector of a radar.
type RadarQuadrant struct {
	// Name is what the sector is called, such as Platforms.
	Name string `is:"required"`
	// Help says what belongs there.
	Help string
}

// RadarRing is a ring of a radar.
type RadarRing struct {
	// Name is what the ring is called, such as Adopt.
	Name string `is:"required"`
	// Means says what is to be done with what lies there.
	Means RingMeaning `is:"required"`
	// Help says what the ring asks of people.
	Help string
}

// RingMeaning says what is to be done with a technology, whatever a radar calls the ring.
type RingMeaning string

// The meanings of rings.
const (
	RingAdopt  RingMeaning = "adopt"
	RingTrial  RingMeaning = "trial"
	RingAssess RingMeaning = "assess"
	RingHold   RingMeaning = "hold"
)

// Options lists the meanings of rings, the innermost first.
func (RingMeaning) Options() []Option {
	return []Option{
		{"adopt", "Adopt", "It is proven and mature: consider it seriously for use."},
		{"trial", "Trial", "It is ready for use, though not as completely proven: try it where the risk can be borne."},
		{"assess", "Assess", "It is worth a close look, and not necessarily a trial yet."},
		{"hold", "Hold", "Proceed with caution: start nothing new with it. Some radars call it caution."},
	}
}

// Blip is the place of a technology, a technique or a tool on a radar.
type Blip struct {
	Meta
	// Radar is the radar that it is on.
	Radar Ref `to:"Radar" is:"required" back:"blips"`
	// Technology is what it stands for, where it is something that can be found in the estate.
	Technology Ref `to:"Technology" back:"blips" flow:"serves"`
	// Packages are the packages that show its use, without versions, beside those of the technology, such as pkg:npm/react.
	Packages []string `format:"purl"`
	// Quadrant is the name of the sector.
	Quadrant string `is:"required"`
	// Ring is the name of the ring.
	Ring string `is:"required"`
	// Since is the day from which it lies in that ring.
	Since Date
	// Rationale says why it lies there. Markdown is understood.
	Rationale string `is:"long"`
	// Link is a page about it.
	Link string `format:"url"`
	// Decision is the decision record that it rests on.
	Decision Ref `to:"DecisionRecord" back:"blips"`
	// Successor is the blip that is to take its place.
	Successor Ref `to:"Blip" back:"takes the place of"`
	// State says whether it is on the radar.
	State BlipState
}

// BlipState says whether a blip is on its radar.
type BlipState string

// The states of blips. Unset counts as shown.
const (
	BlipProposed BlipState = "proposed"
	BlipShown    BlipState = "shown"
	BlipRetired  BlipState = "retired"
)

// Options lists the states of blips.
func (BlipState) Options() []Option {
	return []Option{
		{"proposed", "Proposed", "Somebody wants it on the radar."},
		{"shown", "Shown", "It is on the radar."},
		{"retired", "Retired", "It is no longer on the radar, because there is nothing more to say about it."},
	}
}

// RadarVote is what a person thinks about the ring of a blip. A later vote of the same person takes the place of the earlier one.
type RadarVote struct {
	Meta
	// Blip is what is voted on.
	Blip Ref `to:"Blip" is:"required" back:"votes"`
	// Voter is the person that votes.
	Voter Ref `to:"Person" is:"required signed" back:"radar votes"`
	// Ring is the name of the ring where the person would put it.
	Ring string `is:"required"`
	// Reason says why.
	Reason string
	// Cast is the day of the vote.
	Cast Date
}

// RadarEdition is a radar as it was published on a day. It never changes.
type RadarEdition struct {
	Meta
	// Radar is the radar that was published.
	Radar Ref `to:"Radar" is:"required" back:"editions"`
	// Published is the day of publication.
	Published Date `is:"required"`
	// PublishedBy is the person that published it.
	PublishedBy Ref `to:"Person" is:"signed" back:"published radars"`
	// Summary says what is new in it. Markdown is understood.
	Summary string `is:"long"`
	// Blips are the blips as they were.
	Blips []EditionBlip
}

// EditionBlip is a blip as an edition of a radar shows it.
type EditionBlip struct {
	// Blip is the record, where there still is one.
	Blip Ref `to:"Blip" back:"editions" is:"trace"`
	// Name is what it is called.
	Name string `is:"required"`
	// Quadrant is the name of the sector.
	Quadrant string `is:"required"`
	// Ring is the name of the ring.
	Ring string `is:"required"`
	// Moved says how it lies compared with the edition before.
	Moved BlipMove
	// Rationale says why it lay there.
	Rationale string `is:"long"`
}

// BlipMove says how a blip lies compared with the edition before.
type BlipMove string

// The moves of blips.
const (
	MoveNew  BlipMove = "new"
	MoveIn   BlipMove = "in"
	MoveOut  BlipMove = "out"
	MoveSame BlipMove = "same"
)

// Options lists the moves of blips.
func (BlipMove) Options() []Option {
	return []Option{
		{"new", "New", "It was not on the edition before."},
		{"in", "Moved in", "It lies further inside than before."},
		{"out", "Moved out", "It lies further outside than before."},
		{"same", "No change", "It lies where it lay."},
	}
}

// Trend is something in technology, in markets or in society that changes what the company should do, and is watched.
type Trend struct {
	Meta
	// State says where the watching stands.
	State TrendState
	// Horizon says when it is expected to matter.
	Horizon Horizon
	// Impact says how much it would change.
	Impact Level
	// Certainty is how sure the company is that it comes, in percent.
	Certainty Percent `min:"0" max:"100" unit:"%"`
	// Technologies are the technologies that it is about.
	Technologies []Ref `to:"Technology" back:"trends"`
	// Touches are the products, capabilities and goals that it would change.
	Touches []Ref `to:"Product,Capability,Goal,Application" back:"trends"`
	// Signals are what was seen of it.
	Signals []TrendSignal
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy Date
	// Reviewed is the day on which it was looked at last.
	Reviewed Date
	// ReviewedBy is the person that looked at it last.
	ReviewedBy Ref `to:"Person" is:"signed" back:"reviewed trends"`
}

// TrendSignal is something that was seen of a trend.
type TrendSignal struct {
	// Seen is the day when it was seen.
	Seen Date `is:"required"`
	// Text says what was seen.
	Text string `is:"required"`
	// Source says who said it, such as an analyst, a customer or a measurement.
	Source string
	// Link is where it can be read.
	Link string `format:"url"`
	// Says is whether it speaks for the trend.
	Says SignalDirection
}

// SignalDirection says whether a signal speaks for something.
type SignalDirection string

// The directions of signals.
const (
	SignalFor     SignalDirection = "for"
	SignalAgainst SignalDirection = "against"
	SignalOpen    SignalDirection = "open"
)

// Options lists the directions of signals.
func (SignalDirection) Options() []Option {
	return []Option{
		{"for", "Speaks for it", "It makes the trend more likely."},
		{"against", "Speaks against it", "It makes the trend less likely."},
		{"open", "Open", "It can be read either way."},
	}
}

// TrendState says where the watching of a trend stands.
type TrendState string

// The states of trends. Unset counts as watched.
const (
	TrendWatched TrendState = "watched"
	TrendActedOn TrendState = "acted_on"
	TrendHere    TrendState = "here"
	TrendGone    TrendState = "gone"
)

// Options lists the states of trends.
func (TrendState) Options() []Option {
	return []Option{
		{"watched", "Watched", "Signals are gathered."},
		{"acted_on", "Acted on", "A bet, an experiment or a project follows from it."},
		{"here", "Here", "It has come."},
		{"gone", "Gone", "It did not come."},
	}
}

// Horizon says when something is expected to bear fruit, in the three horizons of growth.
type Horizon string

// Options lists the horizons, the nearest first.
func (Horizon) Options() []Option {
	return []Option{
		{"h1", "Horizon 1", "It extends and defends the business of today, within about a year."},
		{"h2", "Horizon 2", "It builds the next business, within one to three years."},
		{"h3", "Horizon 3", "It opens options for later, beyond three years."},
	}
}

// TechnologyBet is a sentence of the technology strategy: what the company believes and acts on, and what would prove it wrong.
type TechnologyBet struct {
	Meta
	// State says where the bet stands.
	State BetState
	// Belief is what the company holds to be true.
	Belief string `is:"long"`
	// Disproof says what would prove it wrong: something that can be seen.
	Disproof string `is:"long"`
	// Trends are the trends that it rests on.
	Trends []Ref `to:"Trend" back:"bets"`
	// Technologies are the technologies that it is about.
	Technologies []Ref `to:"Technology" back:"bets"`
	// Goals are the goals that it serves.
	Goals []Ref `to:"Goal" back:"bets" flow:"serves"`
	// Stake is what the company puts on it.
	Stake Money
	// Placed is the day on which it was placed.
	Placed Date
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy Date
	// Reviewed is the day on which it was looked at last.
	Reviewed Date
	// DecidedBy is the person that decided it last.
	DecidedBy Ref `to:"Person" is:"signed" back:"decided bets"`
	// Learned says what came of it.
	Learned string `is:"long"`
}

// BetState says where a bet stands.
type BetState string

// The states of bets. Unset counts as open.
const (
	BetOpen      BetState = "open"
	BetWon       BetState = "won"
	BetLost      BetState = "lost"
	BetWithdrawn BetState = "withdrawn"
)

// Options lists the states of bets.
func (BetState) Options() []Option {
	return []Option{
		{"open", "Open", "It is acted on, and nothing has decided it yet."},
		{"won", "Won", "What was believed came true."},
		{"lost", "Lost", "What would prove it wrong was seen."},
		{"withdrawn", "Withdrawn", "It is not acted on any more."},
	}
}
