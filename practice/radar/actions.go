package radar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// proposal makes a proposal of one record that is created or changes.
func proposal(v estate.View, before, after model.Record, why string) practice.Proposal {
	out := practice.Proposal{Why: why}
	out.Changes = appendChange(v, out.Changes, before, after)
	return out
}

func appendChange(v estate.View, list []model.Change, before, after model.Record) []model.Change {
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		return append(list, change)
	}
	return list
}

// blipOf returns a blip with its radar.
func blipOf(v estate.View, ref model.Ref) (*model.Blip, *board, error) {
	blip, ok := estate.Look[*model.Blip](v, ref)
	if !ok {
		return nil, nil, model.Problem{Field: "blip", Text: "there is no such blip"}
	}
	b, err := boardOf(v, blip.Radar)
	return blip, b, err
}

// MoveIn says which blip goes into which ring, and why.
type MoveIn struct {
	// Blip is the blip.
	Blip model.Ref `to:"Blip" is:"required"`
	// Ring is the name of the ring.
	Ring string `is:"required"`
	// Reason says why. It becomes the rationale of the blip.
	Reason string `is:"required long"`
	// Decision is the decision record that it rests on.
	Decision model.Ref `to:"DecisionRecord"`
}

// Move proposes to put a blip into another ring from today on, with the reason. A blip that was only proposed is shown from then on.
func Move(v estate.View, in MoveIn) (practice.Proposal, error) {
	before, b, err := blipOf(v, in.Blip)
	if err != nil {
		return practice.Proposal{}, err
	}
	ring, err := b.ringNamed("ring", in.Ring)
	if err != nil {
		return practice.Proposal{}, err
	}
	shown := before.State == model.BlipShown || before.State == ""
	if shown && b.ringAt(before.Ring) == b.ringAt(ring.Name) {
		return practice.Proposal{}, model.Problem{Field: "ring", Text: fmt.Sprintf("%s lies in %s already: to change the reason alone, edit the blip", before.Title(), ring.Name)}
	}
	after := model.Clone(before)
	after.Ring, after.Since, after.Rationale, after.State = ring.Name, v.At(), strings.TrimSpace(in.Reason), model.BlipShown
	if !in.Decision.IsZero() {
		after.Decision = in.Decision
	}
	out := proposal(v, before, after, fmt.Sprintf("Move %s to %s: %s", before.Title(), ring.Name, strings.TrimSpace(in.Reason)))
	add := func(severity practice.Severity, text string, args ...any) {
		out.Findings = append(out.Findings, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: practice.To(before)})
	}
	if votes := votesOn(v, in.Blip); len(votes) > 0 {
		add(practice.Info, "People voted: %s.", b.tally(votes))
	}
	if drift, err := Drift(v, DriftIn{Radar: b.radar.Ref(), Blip: in.Blip}); err == nil && shown && len(drift.Blips.Rows) == 1 {
		row := drift.Blips.Rows[0]
		severity := practice.Info
		if ring.Means == model.RingHold && len(row.Critical) > 0 {
			severity = practice.Medium
		}
		add(severity, "%s it now, %d of them of high criticality.", practice.Count(row.Users, "thing uses", "things use"), len(row.Critical))
	}
	return out, nil
}

// VoteIn is a vote of a person on a blip.
type VoteIn struct {
	// Blip is the blip.
	Blip model.Ref `to:"Blip" is:"required"`
	// Person is who votes.
	Person model.Ref `to:"Person" is:"asker"`
	// Ring is where the person would put it.
	Ring string `is:"required"`
	// Reason says why.
	Reason string
}

// Vote proposes to note where a person would put a blip. An earlier vote of the same person is replaced; its history stays.
func Vote(v estate.View, in VoteIn) (practice.Proposal, error) {
	blip, b, err := blipOf(v, in.Blip)
	if err != nil {
		return practice.Proposal{}, err
	}
	ring, err := b.ringNamed("ring", in.Ring)
	if err != nil {
		return practice.Proposal{}, err
	}
	person, ok := estate.Look[*model.Person](v, in.Person)
	switch {
	case !ok:
		return practice.Proposal{}, model.Problem{Field: "person", Text: "there is no such person"}
	case practice.HasLeft(person, v.At()):
		return practice.Proposal{}, model.Problem{Field: "person", Text: person.Title() + " has left and has no vote any more"}
	case blip.State == model.BlipRetired:
		return practice.Proposal{}, model.Problem{Field: "blip", Text: blip.Title() + " is not on the radar any more"}
	}
	key := blip.Key + "." + person.Key
	after := &model.RadarVote{Meta: model.Meta{ID: practice.NewID(v, "RadarVote", key), Key: key}, Blip: in.Blip, Voter: in.Person}
	var before model.Record
	for _, vote := range votesOn(v, in.Blip) {
		if vote.Voter == in.Person {
			before, after = vote, model.Clone(vote)
		}
	}
	after.Ring, after.Reason, after.Cast = ring.Name, strings.TrimSpace(in.Reason), v.At()
	return proposal(v, before, after, fmt.Sprintf("%s votes for %s in %s", person.Title(), blip.Title(), ring.Name)), nil
}

// ProposeIn says what should be on a radar.
type ProposeIn struct {
	// Radar is the radar. Unset means that of the company.
	Radar model.Ref `to:"Radar"`
	// Name is what the blip is called. Unset means the name of the technology.
	Name string
	// Technology is what it stands for, where it is something that can be found in the estate.
	Technology model.Ref `to:"Technology"`
	// Packages are packages that show its use, without versions, such as pkg:npm/react.
	Packages []string `format:"purl"`
	// Quadrant is its sector. Unset means the one that fits the sort of technology, where that can be told.
	Quadrant string
	// Ring is where it should lie. Unset means the ring for what is to be assessed.
	Ring string
	// Reason says why.
	Reason string `is:"long"`
}

// Propose proposes a new blip for a radar. It is not shown before somebody moves it into a ring.
func Propose(v estate.View, in ProposeIn) (practice.Proposal, error) {
	b, err := boardOf(v, in.Radar)
	if err != nil {
		return practice.Proposal{}, err
	}
	t, _ := estate.Look[*model.Technology](v, in.Technology)
	name := strings.TrimSpace(in.Name)
	if name == "" && t != nil {
		name = t.Title()
	}
	if name == "" {
		return practice.Proposal{}, model.Problem{Field: "name", Text: "say what the blip is called, or which technology it stands for"}
	}
	for _, blip := range slices.Concat(b.blips, b.proposed) {
		if alike(blip.Title(), name) || t != nil && blip.Technology == t.Ref() {
			return practice.Proposal{}, model.Problem{Field: "name", Text: fmt.Sprintf("%s has %s already, in %s: vote on it with radar.vote", b.radar.Title(), blip.Title(), blip.Ring)}
		}
	}
	quadrant, err := b.quadrantNamed("quadrant", cmp.Or(strings.TrimSpace(in.Quadrant), b.quadrantFor(t, in.Packages)))
	if err != nil {
		return practice.Proposal{}, err
	}
	ring := b.ringFor(model.RingAssess)
	if in.Ring != "" {
		if ring, err = b.ringNamed("ring", in.Ring); err != nil {
			return practice.Proposal{}, err
		}
	}
	key := practice.FreeKey(v, "Blip", b.radar.Key+"-"+practice.Slug(name))
	blip := &model.Blip{
		Meta: model.Meta{ID: practice.NewID(v, "Blip", key), Key: key, Name: name}, Radar: b.radar.Ref(), Packages: in.Packages, Quadrant: quadrant.Name, Ring: ring.Name,
		Rationale: strings.TrimSpace(in.Reason), State: model.BlipProposed,
	}
	if t != nil {
		blip.Technology = t.Ref()
	}
	return proposal(v, nil, blip, fmt.Sprintf("Propose %s for %s", name, b.radar.Title())), nil
}

// quadrantFor returns the usual sector of a sort of technology, where the radar has it.
func (b *board) quadrantFor(t *model.Technology, packages []string) string {
	usual := ""
	switch {
	case t != nil:
		switch t.Category {
		case "lang", "framework":
			usual = "Languages & Frameworks"
		case "os", "database", "server-app", "device", "service":
			usual = "Platforms"
		case "app":
			usual = "Tools"
		}
	case len(packages) > 0:
		usual = "Languages & Frameworks"
	}
	if b.quadrantAt(usual) < 0 {
		return ""
	}
	return usual
}

// ringFor returns the ring with a meaning, or the outermost where there is none.
func (b *board) ringFor(means model.RingMeaning) model.RadarRing {
	for _, r := range b.rings {
		if r.Means == means {
			return r
		}
	}
	return b.rings[len(b.rings)-1]
}

// PublishIn says which radar is published.
type PublishIn struct {
	// Radar is the radar. Unset means that of the company.
	Radar model.Ref `to:"Radar"`
	// Person is who publishes it.
	Person model.Ref `to:"Person" is:"asker"`
	// Summary says what is new in it.
	Summary string `is:"long"`
}

// Publish proposes to freeze a radar as it is today as an edition, which says of each blip how it moved since the edition before.
func Publish(v estate.View, in PublishIn) (practice.Proposal, error) {
	b, err := boardOf(v, in.Radar)
	if err != nil {
		return practice.Proposal{}, err
	}
	last := b.last()
	switch {
	case len(b.blips) == 0:
		return practice.Proposal{}, model.Problem{Field: "radar", Text: b.radar.Title() + " shows no blip: there is nothing to publish"}
	case last != nil && last.Published >= v.At():
		return practice.Proposal{}, model.Problem{Field: "radar", Text: fmt.Sprintf("an edition of %s was published on %s already: the next can be of another day", b.radar.Title(), last.Published)}
	}
	key := practice.FreeKey(v, "RadarEdition", b.radar.Key+"-"+v.At().String())
	e := &model.RadarEdition{
		Meta: model.Meta{ID: practice.NewID(v, "RadarEdition", key), Key: key, Name: b.radar.Title() + " " + v.At().String(), Owner: b.radar.Owner}, Radar: b.radar.Ref(), Published: v.At(),
		PublishedBy: in.Person, Summary: strings.TrimSpace(in.Summary),
	}
	out := practice.Proposal{Why: fmt.Sprintf("Publish %s", e.Name)}
	counts := map[model.BlipMove]int{}
	for _, blip := range b.blips {
		move := b.moved(blip, blip.Ring, last)
		if last == nil {
			move = model.MoveNew
		}
		counts[move]++
		e.Blips = append(e.Blips, model.EditionBlip{Blip: blip.Ref(), Name: blip.Title(), Quadrant: b.quadrantName(blip.Quadrant), Ring: b.ringName(blip.Ring), Moved: move, Rationale: blip.Rationale})
		if strings.TrimSpace(blip.Rationale) == "" {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: blip.Title() + " is published without a reason.", About: practice.To(blip)})
		}
	}
	out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(b.radar),
		Text: fmt.Sprintf("%s: %d new, %d moved in, %d moved out, %d as before.", practice.Count(len(e.Blips), "blip", "blips"), counts[model.MoveNew], counts[model.MoveIn], counts[model.MoveOut], counts[model.MoveSame])})
	out.Changes = appendChange(v, nil, nil, e)
	return out, nil
}

// AdoptDefaultsIn says what the first radar is called.
type AdoptDefaultsIn struct {
	// Name is what it is called. Unset means Technology radar.
	Name string
	// Owner is the team or person that answers for it.
	Owner model.Ref `to:"Team,Person"`
}

// AdoptDefaults proposes a radar of the company with the usual sectors and rings, which can be changed afterwards.
func AdoptDefaults(v estate.View, in AdoptDefaultsIn) (practice.Proposal, error) {
	for r := range estate.Each[*model.Radar](v) {
		if company(r) {
			return practice.Proposal{}, model.Problem{Field: "name", Text: fmt.Sprintf("there is a radar of the company already: %s", r.Title())}
		}
	}
	name := cmp.Or(strings.TrimSpace(in.Name), "Technology radar")
	key := practice.FreeKey(v, "Radar", cmp.Or(practice.Slug(name), "radar"))
	r := &model.Radar{Meta: model.Meta{ID: practice.NewID(v, "Radar", key), Key: key, Name: name, Owner: in.Owner}, Scope: "company", Quadrants: usualQuadrants, Rings: usualRings}
	return proposal(v, nil, r, "Begin "+name), nil
}

// ReviewTrendIn is what a person found when looking at a trend again.
type ReviewTrendIn struct {
	// Trend is the trend.
	Trend model.Ref `to:"Trend" is:"required"`
	// Person is who looked at it.
	Person model.Ref `to:"Person" is:"asker"`
	// State says where the watching stands from now on. Unset means as before.
	State model.TrendState
	// Horizon says when it is expected to matter. Unset means as before.
	Horizon model.Horizon
	// Impact says how much it would change. Unset means as before.
	Impact model.Level
	// Signal is what was seen of it, if anything.
	Signal string
	// Says is whether the signal speaks for the trend.
	Says model.SignalDirection
	// Source says who said so.
	Source string
	// Link is where it can be read.
	Link string `format:"url"`
	// ReviewBy is the day by which it is to be looked at again. Unset means in half a year.
	ReviewBy model.Date
}

// ReviewTrend proposes to note that a person looked at a trend again, with what was seen and what follows.
func ReviewTrend(v estate.View, in ReviewTrendIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.Trend](v, in.Trend)
	if !ok {
		return practice.Proposal{}, model.Problem{Field: "trend", Text: "there is no such trend"}
	}
	after := model.Clone(before)
	after.Reviewed, after.ReviewedBy = v.At(), in.Person
	after.State, after.Horizon, after.Impact = cmp.Or(in.State, before.State), cmp.Or(in.Horizon, before.Horizon), cmp.Or(in.Impact, before.Impact)
	if text := strings.TrimSpace(in.Signal); text != "" {
		after.Signals = append(slices.Clone(before.Signals), model.TrendSignal{Seen: v.At(), Text: text, Source: strings.TrimSpace(in.Source), Link: in.Link, Says: cmp.Or(in.Says, model.SignalOpen)})
	}
	after.ReviewBy = cmp.Or(in.ReviewBy, v.At().AddDays(staleDays))
	switch {
	case after.State == model.TrendHere || after.State == model.TrendGone:
		after.ReviewBy = 0
	case after.ReviewBy <= v.At():
		return practice.Proposal{}, model.Problem{Field: "review_by", Text: after.ReviewBy.String() + " is not after today: give a later day"}
	}
	out := proposal(v, before, after, "Review the trend "+before.Title())
	if after.State == model.TrendGone {
		for e := range v.In(in.Trend) {
			if bet, ok := e.Record.(*model.TechnologyBet); ok && (bet.State == "" || bet.State == model.BetOpen) {
				out.Findings = append(out.Findings, practice.Finding{Severity: practice.High, About: practice.To(bet), Text: fmt.Sprintf("The bet %s rests on it: decide it.", bet.Title()),
					Mend: &practice.Mend{Action: "radar.decide_bet", Parameters: map[string]string{"bet": bet.Key}}})
			}
		}
	}
	return out, nil
}

// DecideBetIn says what became of a bet.
type DecideBetIn struct {
	// Bet is the bet.
	Bet model.Ref `to:"TechnologyBet" is:"required"`
	// Person is who decides.
	Person model.Ref `to:"Person" is:"asker"`
	// State says where the bet stands from now on. Open means that it goes on.
	State model.BetState `is:"required"`
	// Learned says what came of it. It is needed unless the bet goes on.
	Learned string `is:"long"`
	// ReviewBy is the day by which it is to be looked at again. It is needed where the bet goes on.
	ReviewBy model.Date
}

// DecideBet proposes to close a bet as won, lost or withdrawn with what was learned, or to let it go on until the next review.
func DecideBet(v estate.View, in DecideBetIn) (practice.Proposal, error) {
	before, ok := estate.Look[*model.TechnologyBet](v, in.Bet)
	learned := strings.TrimSpace(in.Learned)
	switch {
	case !ok:
		return practice.Proposal{}, model.Problem{Field: "bet", Text: "there is no such bet"}
	case before.State != "" && before.State != model.BetOpen:
		return practice.Proposal{}, model.Problem{Field: "bet", Text: fmt.Sprintf("%s was decided already: it is %s", before.Title(), before.State)}
	case in.State == model.BetOpen && in.ReviewBy <= v.At():
		return practice.Proposal{}, model.Problem{Field: "review_by", Text: "a bet that goes on needs a day after today by which it is looked at again"}
	case in.State != model.BetOpen && learned == "":
		return practice.Proposal{}, model.Problem{Field: "learned", Text: "say what came of it"}
	}
	after := model.Clone(before)
	after.State, after.Reviewed, after.DecidedBy, after.ReviewBy = in.State, v.At(), in.Person, in.ReviewBy
	after.Learned = cmp.Or(learned, before.Learned)
	return proposal(v, before, after, fmt.Sprintf("Decide the bet %s: %s", before.Title(), in.State)), nil
}
