package product

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// MarketIn says which market is shown.
type MarketIn struct {
	// Product limits the answer to the market of one product.
	Product model.Ref `to:"Product"`
	// Months is how old signals are at most. Unset means 24.
	Months int `min:"0" max:"240"`
}

// MarketOut is what is seen of customers and competitors outside.
type MarketOut struct {
	// Segments is how many customer segments there are.
	Segments practice.Figure
	// Competitors is how many competitors there are.
	Competitors practice.Figure
	// Signals is how many signals were seen in the last year.
	Signals practice.Figure
	// Unanswered is how many signals that matter much led to no opportunity.
	Unanswered practice.Figure
	// Findings say what nobody has answered yet, and what is known too little, the worst first.
	Findings []practice.Finding
	// SegmentTable lists the segments, those that pay most first.
	SegmentTable practice.Table[SegmentRow]
	// CompetitorTable lists the competitors, those with the largest share first.
	CompetitorTable practice.Table[CompetitorRow]
	// SignalTable lists the signals, those that matter most first and then the newest.
	SignalTable practice.Table[SignalRow]
}

// SegmentRow is a customer segment.
type SegmentRow struct {
	// Segment is the segment.
	Segment practice.Link
	// Products are the products that are for it.
	Products []practice.Link
	// Size is how many customers there are in the market.
	Size int
	// Growth is how much it grows in a year.
	Growth float64 `unit:"%"`
	// Customers is how many named customers are ours.
	Customers int
	// Reached is how many percent of the market they are.
	Reached *float64 `unit:"%"`
	// Revenue is what they pay in a year.
	Revenue model.Money
	// Opportunities are the needs of the segment that are known.
	Opportunities []practice.Link
}

// CompetitorRow is a competitor.
type CompetitorRow struct {
	// Competitor is the competitor.
	Competitor practice.Link
	// Products are the products of ours that it competes with.
	Products []practice.Link
	// Share is its share of the market.
	Share float64 `unit:"%"`
	// Strengths say what it does better.
	Strengths string
	// Weaknesses say what it does worse.
	Weaknesses string
	// Signals is how many signals about it were seen.
	Signals int
	// Last is the day of the last of them.
	Last model.Date
	// Vendor is the same company as a vendor of ours.
	Vendor practice.Link
}

// SignalRow is a market signal.
type SignalRow struct {
	// Signal is the signal.
	Signal practice.Link
	// Impact says how much it matters.
	Impact model.Level
	// Seen is the day when it was seen.
	Seen model.Date
	// Age is how many days ago that was.
	Age int `unit:"days"`
	// Type says what sort of signal it is.
	Type string
	// Source says who said it.
	Source string
	// Competitor is the competitor that it is about.
	Competitor practice.Link
	// Products are the products that it is about.
	Products []practice.Link
	// Trend is the trend that it speaks for.
	Trend practice.Link
	// Opportunities are what it led to.
	Opportunities []practice.Link
}

// Market shows the segments, the competitors and the signals of the market by their impact and age, and finds signals that matter and that nobody has answered.
func Market(v estate.View, in MarketIn) (MarketOut, error) {
	var out MarketOut
	p := purseOf(v)
	has := func(list []model.Ref) bool { return in.Product.IsZero() || slices.Contains(list, in.Product) }
	var segments, competitors, recent, unanswered []practice.Link
	product, _ := estate.Look[*model.Product](v, in.Product)
	for _, s := range every[*model.CustomerSegment](v) {
		if product == nil || slices.Contains(product.Segments, s.Ref()) {
			segments = append(segments, practice.To(s))
			out.SegmentTable.Rows = append(out.SegmentTable.Rows, segmentRow(v, p, s))
		}
	}
	oldest := v.At().AddMonths(-cmp.Or(in.Months, 24))
	for _, c := range every[*model.Competitor](v) {
		if !has(c.Products) {
			continue
		}
		row := CompetitorRow{Competitor: practice.To(c), Products: links(v, c.Products), Share: float64(c.Share), Strengths: c.Strengths, Weaknesses: c.Weaknesses, Vendor: practice.To(v.Get(c.Vendor))}
		for _, s := range holders[*model.MarketSignal](v, c.Ref(), "competitor") {
			if s.Seen <= v.At() {
				row.Signals++
				row.Last = max(row.Last, s.Seen)
			}
		}
		competitors = append(competitors, row.Competitor)
		out.CompetitorTable.Rows = append(out.CompetitorTable.Rows, row)
		if !row.Vendor.IsZero() {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s competes with us and supplies us as %s.", c.Title(), row.Vendor.Title()), About: row.Competitor, From: []practice.Link{row.Vendor}, Owner: practice.OwnerOf(v, c)})
		}
	}
	for _, s := range every[*model.MarketSignal](v) {
		if s.Seen > v.At() || s.Seen < oldest || !has(s.Products) {
			continue
		}
		row := SignalRow{Signal: practice.To(s), Impact: s.Impact, Seen: s.Seen, Age: int(v.At() - s.Seen), Type: s.Type, Source: s.Source, Competitor: practice.To(v.Get(s.Competitor)), Products: links(v, s.Products), Trend: practice.To(v.Get(s.Trend)),
			Opportunities: practice.ToAll(holders[*model.Opportunity](v, s.Ref(), "signals"))}
		out.SignalTable.Rows = append(out.SignalTable.Rows, row)
		if s.Seen > v.At().AddMonths(-12) {
			recent = append(recent, row.Signal)
		}
		if len(row.Opportunities) == 0 && model.Rank(s.Impact) >= model.Rank(model.LevelHigh) {
			unanswered = append(unanswered, row.Signal)
			severity := practice.Medium
			if s.Impact == model.LevelVeryHigh {
				severity = practice.High
			}
			out.Findings = append(out.Findings, practice.Finding{Severity: severity, Text: fmt.Sprintf("%s matters much, was seen %d days ago, and no opportunity answers it.", s.Title(), row.Age), About: row.Signal, Owner: practice.OwnerOf(v, s)})
		}
	}
	out.sort()
	practice.WorstFirst(out.Findings)
	out.Segments = practice.Counted("segments", practice.Neither, segments)
	out.Competitors = practice.Counted("competitors", practice.Neither, competitors)
	out.Signals = practice.Counted("signals", practice.Neither, recent)
	out.Unanswered = practice.Counted("signals", practice.Lower, unanswered)
	return out, nil
}

func (out *MarketOut) sort() {
	slices.SortStableFunc(out.SegmentTable.Rows, func(a, b SegmentRow) int {
		return cmp.Or(descending(a.Revenue, b.Revenue), b.Size-a.Size, cmp.Compare(a.Segment.Key, b.Segment.Key))
	})
	slices.SortStableFunc(out.CompetitorTable.Rows, func(a, b CompetitorRow) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), b.Signals-a.Signals, cmp.Compare(a.Competitor.Key, b.Competitor.Key))
	})
	slices.SortStableFunc(out.SignalTable.Rows, func(a, b SignalRow) int {
		return cmp.Or(model.Rank(b.Impact)-model.Rank(a.Impact), cmp.Compare(b.Seen, a.Seen), cmp.Compare(a.Signal.Key, b.Signal.Key))
	})
}

func segmentRow(v estate.View, p *purse, s *model.CustomerSegment) SegmentRow {
	row := SegmentRow{Segment: practice.To(s), Products: practice.ToAll(holders[*model.Product](v, s.Ref(), "segments")), Size: s.Size, Growth: float64(s.Growth), Opportunities: practice.ToAll(holders[*model.Opportunity](v, s.Ref(), "segments"))}
	revenue := total{purse: p}
	for _, c := range holders[*model.Customer](v, s.Ref(), "segment") {
		row.Customers++
		revenue.add(c.Revenue)
	}
	row.Revenue = revenue.sum
	if s.Size > 0 {
		reached := practice.Share(row.Customers, s.Size)
		row.Reached = &reached
	}
	return row
}
