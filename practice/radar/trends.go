package radar

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"binnacle/estate"
	"binnacle/facts"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/practice/costs"
)

// staleDays is after how many days without a new signal or a review a trend without a day of review counts as forgotten.
const staleDays = 180

// TrendsIn says which trends are listed.
type TrendsIn struct {
	// State limits the answer to trends in one state. Unset means those that are watched or acted on.
	State model.TrendState
	// Horizon limits the answer to one horizon.
	Horizon model.Horizon
	// Technology limits the answer to trends about one technology.
	Technology model.Ref `to:"Technology"`
}

// TrendsOut are the trends that the company watches.
type TrendsOut struct {
	// Watched is how many there are.
	Watched practice.Figure
	// Unanswered is how many of high impact nothing acts on.
	Unanswered practice.Figure
	// Overdue is how many were to be looked at again before today.
	Overdue practice.Figure
	// Findings name them, the worst first.
	Findings []practice.Finding
	// Map shows each trend by horizon and impact.
	Map practice.Picture
	// Trends are the trends, the nearest and largest first.
	Trends practice.Table[TrendRow]
	// Signals are what was seen of them, the newest first.
	Signals practice.Table[SignalRow]
}

// TrendRow is a trend.
type TrendRow struct {
	// Trend is the trend.
	Trend practice.Link
	// State says where the watching stands.
	State model.TrendState
	// Horizon says when it is expected to matter.
	Horizon model.Horizon
	// Impact says how much it would change.
	Impact model.Level
	// Certainty is how sure the company is that it comes.
	Certainty model.Percent `unit:"%"`
	// For is how many signals speak for it.
	For int
	// Against is how many signals speak against it.
	Against int
	// Newest is the day of the newest signal.
	Newest model.Date
	// Acting are the bets, experiments and ideas that follow from it.
	Acting []practice.Link
	// Touches are what it would change.
	Touches []practice.Link
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy model.Date
	// Owner is who watches it.
	Owner practice.Link
}

// SignalRow is something that was seen of a trend.
type SignalRow struct {
	// Seen is the day when it was seen.
	Seen model.Date
	// Trend is the trend.
	Trend practice.Link
	// Says is whether it speaks for the trend.
	Says model.SignalDirection
	// Text says what was seen.
	Text string
	// Source says who said it.
	Source string
	// Link is where it can be read.
	Link string
}

// Trends lists the trends that the company watches: when they matter and how much
// they would change, what speaks for and against them, what acts on them, and which of them nobody has looked at in time.
func Trends(v estate.View, in TrendsIn) (TrendsOut, error) {
	var out TrendsOut
	var watched, unanswered, overdue []practice.Link
	for t := range estate.Each[*model.Trend](v) {
		state := cmp.Or(t.State, model.TrendWatched)
		switch {
		case in.State != "" && state != in.State,
			in.State == "" && state != model.TrendWatched && state != model.TrendActedOn,
			in.Horizon != "" && t.Horizon != in.Horizon,
			!in.Technology.IsZero() && !slices.Contains(t.Technologies, in.Technology):
			continue
		}
		row := trendRow(v, t, state)
		out.Trends.Rows = append(out.Trends.Rows, row)
		watched = append(watched, row.Trend)
		for _, s := range t.Signals {
			if s.Seen <= v.At() {
				out.Signals.Rows = append(out.Signals.Rows, SignalRow{s.Seen, row.Trend, s.Says, s.Text, s.Source, s.Link})
			}
		}
		add := func(severity practice.Severity, action, text string, args ...any) {
			f := practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: row.Trend, From: []practice.Link{row.Trend}, Owner: row.Owner}
			if action != "" {
				f.Mend = &practice.Mend{Action: action, Parameters: map[string]string{"trend": t.Key}}
			}
			out.Findings = append(out.Findings, f)
		}
		open := state == model.TrendWatched || state == model.TrendActedOn
		if due, how := reviewOf(t); open && !due.IsZero() && due < v.At() {
			overdue = append(overdue, row.Trend)
			add(practice.Medium, "radar.review_trend", "%s was to be looked at again by %s (%s).", t.Title(), due, how)
		}
		if open && len(row.Acting) == 0 && model.Rank(t.Impact) >= model.Rank(model.LevelHigh) {
			unanswered = append(unanswered, row.Trend)
			add(practice.Medium, "research.propose", "%s would change much, and no bet, experiment or idea follows from it.", t.Title())
		}
		if open && row.Against > row.For && row.For+row.Against >= 2 && t.Certainty >= 50 {
			add(practice.Low, "radar.review_trend", "%s counts as %g %% certain, and %d of %d signals speak against it.", t.Title(), float64(t.Certainty), row.Against, row.For+row.Against)
		}
	}
	slices.SortStableFunc(out.Trends.Rows, func(a, b TrendRow) int {
		return cmp.Or(cmp.Compare(horizonAt(a.Horizon), horizonAt(b.Horizon)), cmp.Compare(model.Rank(b.Impact), model.Rank(a.Impact)), cmp.Compare(a.Trend.Key, b.Trend.Key))
	})
	slices.SortStableFunc(out.Signals.Rows, func(a, b SignalRow) int {
		return cmp.Or(cmp.Compare(b.Seen, a.Seen), cmp.Compare(a.Trend.Key, b.Trend.Key))
	})
	practice.WorstFirst(out.Findings)
	out.Watched = practice.Counted("trends", practice.Neither, watched)
	out.Unanswered = practice.Counted("trends", practice.Lower, unanswered)
	out.Overdue = practice.Counted("trends", practice.Lower, overdue)
	out.Map = trendMap(out.Trends.Rows)
	return out, nil
}

func trendRow(v estate.View, t *model.Trend, state model.TrendState) TrendRow {
	row := TrendRow{
		Trend: practice.To(t), State: state, Horizon: t.Horizon, Impact: t.Impact, Certainty: t.Certainty, ReviewBy: t.ReviewBy, Owner: practice.OwnerOf(v, t), Acting: actingOn(v, t),
	}
	for _, s := range t.Signals {
		if s.Seen > v.At() {
			continue
		}
		row.Newest = max(row.Newest, s.Seen)
		switch s.Says {
		case model.SignalFor:
			row.For++
		case model.SignalAgainst:
			row.Against++
		}
	}
	for _, ref := range t.Touches {
		if rec := v.Get(ref); rec != nil {
			row.Touches = append(row.Touches, practice.To(rec))
		}
	}
	return row
}

// actingOn returns the bets, experiments and ideas that follow from a trend, by kind and key.
func actingOn(v estate.View, t *model.Trend) []practice.Link {
	var out []practice.Link
	for e := range v.In(t.Ref()) {
		switch rec := e.Record.(type) {
		case *model.TechnologyBet:
			if rec.State == model.BetWithdrawn {
				continue
			}
		case *model.Experiment, *model.Opportunity, *model.Idea, *model.RoadmapItem, *model.Project:
		default:
			continue
		}
		if link := practice.To(e.Record); !slices.Contains(out, link) {
			out = append(out, link)
		}
	}
	slices.SortFunc(out, func(a, b practice.Link) int { return cmp.Compare(a.String(), b.String()) })
	return out
}

// reviewOf returns the day by which a trend is to be looked at again, and how it follows. Without a day of its own it is half a year after
// the last review or signal.
func reviewOf(t *model.Trend) (model.Date, string) {
	if !t.ReviewBy.IsZero() {
		return t.ReviewBy, "set"
	}
	last, why := t.Reviewed, "the last review"
	for _, s := range t.Signals {
		if s.Seen > last {
			last, why = s.Seen, "the last signal"
		}
	}
	if last.IsZero() {
		return 0, ""
	}
	return last.AddDays(staleDays), fmt.Sprintf("%d days after %s", staleDays, why)
}

// horizonAt returns the place of a horizon, the nearest first. One that is not told comes last.
func horizonAt(h model.Horizon) int {
	for i, o := range h.Options() {
		if o.Value == string(h) {
			return i
		}
	}
	return len(h.Options())
}

// trendMap draws trends by horizon and impact.
func trendMap(rows []TrendRow) practice.Picture {
	m := &practice.Matrix{Across: "Horizon", Up: "Impact"}
	for _, o := range model.Horizon("").Options() {
		m.Columns = append(m.Columns, o.Label)
	}
	for _, o := range model.Level("").Options() {
		m.Rows = append(m.Rows, o.Label)
		row := make([]practice.MatrixCell, len(m.Columns))
		for j := range row {
			// What is near and large asks for something now.
			row[j] = practice.MatrixCell{Label: "watch", Severity: practice.Info}
			switch weight := model.Rank(model.Level(o.Value)) - j; {
			case weight >= 4:
				row[j] = practice.MatrixCell{Label: "act", Severity: practice.High}
			case weight >= 2:
				row[j] = practice.MatrixCell{Label: "prepare", Severity: practice.Medium}
			}
		}
		m.Cells = append(m.Cells, row)
	}
	out := practice.Picture{Type: practice.MatrixPicture, Matrix: m}
	for _, r := range rows {
		if at := horizonAt(r.Horizon); at < len(m.Columns) && r.Impact != "" {
			out.Nodes = append(out.Nodes, practice.Node{Link: r.Trend, Group: strconv.Itoa(model.Rank(r.Impact)), Value: float64(at + 1)})
		}
	}
	return out
}

// BetsIn says which bets are listed.
type BetsIn struct {
	// State limits the answer to bets in one state. Unset means all.
	State model.BetState
}

// BetsOut are the bets that the technology strategy rests on.
type BetsOut struct {
	// Open is how many nothing has decided yet.
	Open practice.Figure
	// Stake is what the company puts on them, in the currency of the books.
	Stake practice.Figure
	// AtRisk is how many open ones are overdue, rest on trends that are gone or doubted, or say nothing that would prove them wrong.
	AtRisk practice.Figure
	// Findings name them, the worst first.
	Findings []practice.Finding
	// Bets are the bets, open ones first, by the day of the next review.
	Bets practice.Table[BetRow]
}

// BetRow is a bet.
type BetRow struct {
	// Bet is the bet.
	Bet practice.Link
	// State says where it stands.
	State model.BetState
	// Belief is what the company holds to be true.
	Belief string
	// Disproof says what would prove it wrong.
	Disproof string
	// Stake is what the company puts on it, in the currency of the books.
	Stake model.Money
	// Placed is the day on which it was placed.
	Placed model.Date
	// ReviewBy is the day by which it is to be looked at again.
	ReviewBy model.Date
	// Trends are the trends that it rests on.
	Trends []practice.Link
	// Against is how many signals speak against these trends.
	Against int
	// Goals are the goals that it serves.
	Goals []practice.Link
	// Owner is who answers for it.
	Owner practice.Link
	// Learned says what came of it.
	Learned string
}

// Bets lists what the company believes about technology and acts on: what it puts on it, what would prove it wrong, and which bets are at risk.
func Bets(v estate.View, in BetsIn) (BetsOut, error) {
	var out BetsOut
	var open, risky []practice.Link
	var stakes []model.Money
	rates := costs.NewRates(v, costs.BooksCurrency(v))
	for b := range estate.Each[*model.TechnologyBet](v) {
		state := cmp.Or(b.State, model.BetOpen)
		if in.State != "" && state != in.State {
			continue
		}
		row := BetRow{Bet: practice.To(b), State: state, Belief: b.Belief, Disproof: b.Disproof, Placed: b.Placed, ReviewBy: b.ReviewBy, Owner: practice.OwnerOf(v, b), Learned: b.Learned, Stake: b.Stake}
		if converted, ok := rates.Convert(b.Stake, v.At()); ok && !converted.IsZero() {
			row.Stake = inCents(converted)
		}
		row.Goals = linksTo(v, b.Goals)
		row.Trends = linksTo(v, b.Trends)
		for _, ref := range b.Trends {
			if t, ok := estate.Look[*model.Trend](v, ref); ok {
				row.Against += trendRow(v, t, t.State).Against
			}
		}
		out.Bets.Rows = append(out.Bets.Rows, row)
		if state != model.BetOpen {
			continue
		}
		open = append(open, row.Bet)
		stakes = append(stakes, row.Stake)
		if found := doubts(v, b, row); len(found) > 0 {
			risky = append(risky, row.Bet)
			out.Findings = append(out.Findings, found...)
		}
	}
	slices.SortStableFunc(out.Bets.Rows, func(a, b BetRow) int {
		return cmp.Or(cmp.Compare(closed(a), closed(b)), cmp.Compare(orLast(a.ReviewBy), orLast(b.ReviewBy)), cmp.Compare(a.Bet.Key, b.Bet.Key))
	})
	practice.WorstFirst(out.Findings)
	out.Open = practice.Counted("bets", practice.Neither, open)
	out.AtRisk = practice.Counted("bets", practice.Lower, risky)
	out.Stake = practice.SumOf("", practice.Neither, stakes, open)
	return out, nil
}

// doubts are what speaks against an open bet.
func doubts(v estate.View, b *model.TechnologyBet, row BetRow) []practice.Finding {
	var out []practice.Finding
	add := func(severity practice.Severity, text string, args ...any) {
		out = append(out, practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: row.Bet, From: append([]practice.Link{row.Bet}, row.Trends...), Owner: row.Owner,
			Mend: &practice.Mend{Action: "radar.decide_bet", Parameters: map[string]string{"bet": b.Key}}})
	}
	if !b.ReviewBy.IsZero() && b.ReviewBy < v.At() {
		add(practice.Medium, "The bet %s was to be looked at again by %s. It would be wrong if: %s", b.Title(), b.ReviewBy, cmp.Or(strings.TrimSpace(b.Disproof), "nobody said what would prove it wrong."))
	}
	if strings.TrimSpace(b.Disproof) == "" {
		add(practice.Medium, "The bet %s does not say what would prove it wrong, so that nothing can.", b.Title())
	}
	for _, ref := range b.Trends {
		t, ok := estate.Look[*model.Trend](v, ref)
		if !ok {
			continue
		}
		if t.State == model.TrendGone {
			add(practice.High, "The bet %s rests on %s, which did not come.", b.Title(), t.Title())
			continue
		}
		if r := trendRow(v, t, t.State); r.Against > r.For {
			add(practice.Medium, "The bet %s rests on %s, and %d of %d signals speak against that.", b.Title(), t.Title(), r.Against, r.For+r.Against)
		}
	}
	return out
}

// inCents rounds money to what its currency can be paid in.
func inCents(m model.Money) model.Money {
	d, err := facts.ParseDecimal(m.Amount())
	if err != nil {
		return m
	}
	out, err := costs.Round(d, m.Currency()).Money(m.Currency())
	if err != nil {
		return m
	}
	return out
}

func closed(r BetRow) int {
	if r.State == model.BetOpen {
		return 0
	}
	return 1
}

func orLast(d model.Date) model.Date {
	if d.IsZero() {
		return 1<<31 - 1
	}
	return d
}

func linksTo(v estate.View, refs []model.Ref) []practice.Link {
	var out []practice.Link
	for _, ref := range refs {
		if rec := v.Get(ref); rec != nil {
			out = append(out, practice.To(rec))
		}
	}
	return out
}
