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

// ToDiscussIn says which radar is looked at.
type ToDiscussIn struct {
	// Radar is the radar. Unset means that of the company.
	Radar model.Ref `to:"Radar"`
}

// ToDiscussOut is what people do not agree about.
type ToDiscussOut struct {
	// Proposed is how many blips somebody wants on the radar.
	Proposed practice.Figure
	// Disputed is how many blips most voters would put into another ring.
	Disputed practice.Figure
	// Split is how many blips have votes so far apart that there is no majority.
	Split practice.Figure
	// Findings name them, the most disputed first.
	Findings []practice.Finding
	// Table lists them with the votes.
	Table practice.Table[DiscussRow]
}

// DiscussRow is a blip that people do not agree about.
type DiscussRow struct {
	// Blip is the blip.
	Blip practice.Link
	// Why says why it is here: proposed, disputed or split.
	Why string
	// Ring is where it lies, or where it was proposed to lie.
	Ring string
	// Majority is where most voters would put it. Empty where no ring has more than half of the votes.
	Majority string
	// Votes say how many people would put it into which ring.
	Votes string
	// Voters is how many people voted.
	Voters int
	// Comments is how many comments there are on it.
	Comments int
	// Arguments are the reasons that voters gave.
	Arguments string
}

// ToDiscuss lists what people should talk about before the next edition: blips that somebody proposed, blips that most
// voters would put elsewhere, and blips on which the votes are split.
func ToDiscuss(v estate.View, in ToDiscussIn) (ToDiscussOut, error) {
	b, err := boardOf(v, in.Radar)
	if err != nil {
		return ToDiscussOut{}, err
	}
	var out ToDiscussOut
	var proposed, disputed, split []practice.Link
	for _, blip := range slices.Concat(b.proposed, b.blips) {
		votes := votesOn(v, blip.Ref())
		row := DiscussRow{Blip: practice.To(blip), Ring: b.ringName(blip.Ring), Votes: b.tally(votes), Voters: len(votes), Arguments: argumentsOf(b, votes), Comments: commentsOn(v, blip.Ref())}
		majority, apart := b.majority(votes)
		if majority >= 0 {
			row.Majority = b.rings[majority].Name
		}
		severity, text := practice.Low, ""
		switch {
		case blip.State == model.BlipProposed:
			row.Why = "proposed"
			proposed = append(proposed, row.Blip)
			text = fmt.Sprintf("%s is proposed for %s, in %s.", blip.Title(), b.radar.Title(), row.Ring)
		case majority >= 0 && majority != b.ringAt(blip.Ring) && len(votes) > 1:
			row.Why = "disputed"
			disputed = append(disputed, row.Blip)
			severity = practice.Medium
			text = fmt.Sprintf("%s lies in %s, and most of %s would put it into %s.", blip.Title(), row.Ring, practice.Count(len(votes), "voter", "voters"), row.Majority)
		case majority < 0 && apart >= 1 && len(votes) > 1:
			row.Why = "split"
			split = append(split, row.Blip)
			text = fmt.Sprintf("The votes on %s have no majority: %s.", blip.Title(), row.Votes)
		default:
			continue
		}
		if text != "" && row.Votes != "" && row.Why == "proposed" {
			text += " Votes: " + row.Votes + "."
		}
		f := practice.Finding{Severity: severity, Text: text, About: row.Blip, From: []practice.Link{row.Blip}, Owner: practice.OwnerOf(v, b.radar)}
		if ring := cmp.Or(row.Majority, row.Ring); row.Why != "split" {
			f.Mend = &practice.Mend{Action: "radar.move", Parameters: map[string]string{"blip": blip.Key, "ring": ring}}
		}
		out.Findings = append(out.Findings, f)
		out.Table.Rows = append(out.Table.Rows, row)
	}
	practice.WorstFirst(out.Findings)
	out.Proposed = practice.Counted("blips", practice.Neither, proposed)
	out.Disputed = practice.Counted("blips", practice.Lower, disputed)
	out.Split = practice.Counted("blips", practice.Neither, split)
	return out, nil
}

// majority returns the ring that more than half of the votes are for, or -1, and how many rings the votes lie apart.
func (b *board) majority(votes []*model.RadarVote) (ring, apart int) {
	counts := make([]int, len(b.rings))
	low, high := len(b.rings), -1
	all := 0
	for _, vote := range votes {
		if at := b.ringAt(vote.Ring); at >= 0 {
			counts[at]++
			all++
			low, high = min(low, at), max(high, at)
		}
	}
	for i, n := range counts {
		if 2*n > all {
			return i, high - low
		}
	}
	return -1, max(0, high-low)
}

func argumentsOf(b *board, votes []*model.RadarVote) string {
	var out []string
	for _, vote := range votes {
		if reason := strings.TrimSpace(vote.Reason); reason != "" {
			out = append(out, b.ringName(vote.Ring)+": "+reason)
		}
	}
	return strings.Join(out, "; ")
}

func commentsOn(v estate.View, ref model.Ref) int {
	n := 0
	for e := range v.In(ref) {
		if _, ok := e.Record.(*model.Comment); ok {
			n++
		}
	}
	return n
}

// StrategyIn says which radar the strategy rests on.
type StrategyIn struct {
	// Radar is the radar. Unset means that of the company.
	Radar model.Ref `to:"Radar"`
}

// StrategyOut is the state of the technology strategy on one screen.
type StrategyOut struct {
	// Moved is how many blips moved since the last edition.
	Moved practice.Figure
	// ToDecide is how many proposals, disputes and overdue reviews wait for somebody.
	ToDecide practice.Figure
	// Contradicted is how many blips the estate contradicts: on hold and growing, or adopted and unused.
	Contradicted practice.Figure
	// BetsAtRisk is how many open bets are at risk.
	BetsAtRisk practice.Figure
	// Stake is what the company puts on open bets, in the currency of the books.
	Stake practice.Figure
	// Trends is how many trends are watched.
	Trends practice.Figure
	// Findings are what to decide and what is at risk, the worst first.
	Findings []practice.Finding
	// Moves are the blips that moved since the last edition.
	Moves practice.Table[StrategyMove]
	// Bets are the open bets, the next review first.
	Bets practice.Table[BetRow]
}

// StrategyMove is a blip that moved since the last edition.
type StrategyMove struct {
	// Blip is the blip.
	Blip practice.Link
	// Moved says how.
	Moved model.BlipMove
	// Was is the ring in the last edition.
	Was string
	// Ring is the ring now.
	Ring string
	// Users is how many things in the estate use it. Of what cannot be measured it is 0.
	Users int
	// Rationale says why it lies there.
	Rationale string
}

// mostFindings is how many findings one screen has room for.
const mostFindings = 12

// Strategy tells on one screen what moved on the radar, what is to be decided, where the estate contradicts the radar, and which bets are at risk.
func Strategy(v estate.View, in StrategyIn) (StrategyOut, error) {
	var out StrategyOut
	bets, err := Bets(v, BetsIn{State: model.BetOpen})
	if err != nil {
		return out, err
	}
	trends, err := Trends(v, TrendsIn{})
	if err != nil {
		return out, err
	}
	out.BetsAtRisk, out.Stake, out.Bets, out.Trends = bets.AtRisk, bets.Stake, bets.Bets, trends.Watched
	waiting := trends.Overdue.From
	out.Findings = append(slices.Clone(bets.Findings), trends.Findings...)
	r, err := radarOf(v, in.Radar)
	if err != nil {
		return out, err
	}
	if r == nil {
		out.Moved = practice.Figure{Unknown: true, Unit: "blips", Note: "there is no radar yet"}
		out.Contradicted = out.Moved
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: "There is no radar yet.", Mend: &practice.Mend{Action: "radar.adopt_defaults"}})
	} else if waiting, err = out.radar(v, r, waiting); err != nil {
		return out, err
	}
	out.ToDecide = practice.Counted("decisions", practice.Lower, waiting)
	practice.WorstFirst(out.Findings)
	if more := len(out.Findings) - mostFindings; more > 0 {
		out.Findings = out.Findings[:mostFindings]
		out.ToDecide.Note = fmt.Sprintf("%s are not shown here: ask for the drift, the trends and the bets.", practice.Count(more, "more finding", "more findings"))
	}
	return out, nil
}

// radar adds what a radar says, and returns what waits for a decision.
func (out *StrategyOut) radar(v estate.View, r *model.Radar, waiting []practice.Link) ([]practice.Link, error) {
	drift, err := Drift(v, DriftIn{Radar: r.Ref()})
	if err != nil {
		return nil, err
	}
	talk, err := ToDiscuss(v, ToDiscussIn{Radar: r.Ref()})
	if err != nil {
		return nil, err
	}
	users := map[practice.Link]int{}
	for _, row := range drift.Blips.Rows {
		users[row.Blip] = row.Users
	}
	b := newBoard(v, r)
	last := b.last()
	var moved []practice.Link
	for _, blip := range b.blips {
		move := b.moved(blip, blip.Ring, last)
		if move == model.MoveSame {
			continue
		}
		row := StrategyMove{Blip: practice.To(blip), Moved: move, Ring: b.ringName(blip.Ring), Users: users[practice.To(blip)], Rationale: blip.Rationale}
		if was := shownIn(last, blip.Ref(), blip.Title()); was != nil {
			row.Was = b.ringName(was.Ring)
		}
		moved = append(moved, row.Blip)
		out.Moves.Rows = append(out.Moves.Rows, row)
	}
	out.Moved = practice.Counted("blips", practice.Neither, moved)
	if last == nil {
		out.Moved.Unknown, out.Moved.Note = true, "no edition was published yet, so there is nothing to compare with"
	} else {
		out.Moved.Note = "since the edition of " + last.Published.String()
	}
	out.Contradicted = practice.Counted("blips", practice.Lower, slices.Concat(drift.Growing.From, drift.Unused.From))
	for _, f := range slices.Concat(drift.Findings, talk.Findings) {
		if f.Severity.Weight() >= practice.Low.Weight() {
			out.Findings = append(out.Findings, f)
		}
	}
	for _, row := range talk.Table.Rows {
		waiting = append(waiting, row.Blip)
	}
	return waiting, nil
}
