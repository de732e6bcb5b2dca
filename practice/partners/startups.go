package partners

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// StartupsIn says which startups are looked at.
type StartupsIn struct {
	// Trend limits the list to one trend.
	Trend model.Ref `to:"Trend"`
	// Technology limits the list to one technology.
	Technology model.Ref `to:"Technology"`
	// Over also shows those that were declined or whose partnership ended.
	Over bool
}

// StartupsOut is the scouting list.
type StartupsOut struct {
	// Scouted is how many startups are on the list.
	Scouted practice.Figure
	// Uncovered is how many trends that are watched have no startup or other partner.
	Uncovered practice.Figure
	// Findings name trends of high impact that nobody was scouted for.
	Findings []practice.Finding
	// Startups are the startups, those of the trend with the most impact first.
	Startups practice.Table[StartupRow]
	// Trends are the trends that are watched, with who was found for them.
	Trends practice.Table[TrendRow]
	// Technologies are the technologies that startups bring.
	Technologies practice.Table[TechnologyRow]
}

// StartupRow is a startup that somebody found.
type StartupRow struct {
	// Startup is the startup.
	Startup practice.Link
	// Stage says how far it has come.
	Stage model.PartnerStage
	// Fit is the weighted mean of how well it fits, from 0 to 5.
	Fit string
	// Trends are the trends that make it interesting.
	Trends []practice.Link
	// Impact is the highest impact of these trends.
	Impact model.Level
	// Technologies are what it brings.
	Technologies []practice.Link
	// Country is where it is at home.
	Country string
	// Founded is the day on which it was founded.
	Founded model.Date
	// Employees is how many people work there. It is empty where nobody knows.
	Employees string
	// Money is the day on which its money runs out.
	Money model.Date
	// NextStep says what is to be done next.
	NextStep string
}

// TrendRow is a trend with who was found for it.
type TrendRow struct {
	// Trend is the trend.
	Trend practice.Link
	// Impact says how much it would change.
	Impact model.Level
	// Horizon says when it is expected to matter.
	Horizon model.Horizon
	// Startups are the startups that were found for it.
	Startups []practice.Link
	// Partners are the other partners that were found for it.
	Partners []practice.Link
}

// TechnologyRow is a technology with the startups that bring it.
type TechnologyRow struct {
	// Technology is the technology.
	Technology practice.Link
	// Startups are the startups that bring it.
	Startups []practice.Link
}

// Startups is the scouting list: which startups somebody found, for which trends and technologies, and
// which trends that are watched have nobody. A startup is found for a trend where it names the trend, or brings a technology that the trend is about.
func Startups(v estate.View, in StartupsIn) (StartupsOut, error) {
	var out StartupsOut
	trends := trendsByTechnology(v)
	byTrend, byTechnology := map[model.Ref][]*model.Partner{}, map[model.Ref][]practice.Link{}
	var scouted []practice.Link
	for p := range estate.Each[*model.Partner](v) {
		if isOver(p) && !in.Over {
			continue
		}
		about := trendsOf(p, trends)
		for _, t := range about {
			byTrend[t] = append(byTrend[t], p)
		}
		if p.Type != "startup" || !in.Trend.IsZero() && !slices.Contains(about, in.Trend) || !in.Technology.IsZero() && !slices.Contains(p.Technologies, in.Technology) {
			continue
		}
		for _, t := range p.Technologies {
			byTechnology[t] = append(byTechnology[t], practice.To(p))
		}
		scouted = append(scouted, practice.To(p))
		out.Startups.Rows = append(out.Startups.Rows, startupRow(v, p, about))
	}
	slices.SortStableFunc(out.Startups.Rows, func(a, b StartupRow) int {
		return cmp.Or(cmp.Compare(model.Rank(b.Impact), model.Rank(a.Impact)), cmp.Compare(b.Fit, a.Fit))
	})
	uncovered := out.coverTrends(v, in, byTrend)
	for t := range estate.Each[*model.Technology](v) {
		if list := byTechnology[t.Ref()]; len(list) > 0 {
			out.Technologies.Rows = append(out.Technologies.Rows, TechnologyRow{practice.To(t), list})
		}
	}
	out.Scouted = practice.Counted("startups", practice.Neither, scouted)
	out.Uncovered = practice.Counted("trends", practice.Lower, uncovered)
	return out, nil
}

// coverTrends lists the trends that are watched or acted on, and returns those that nobody was found for.
func (out *StartupsOut) coverTrends(v estate.View, in StartupsIn, byTrend map[model.Ref][]*model.Partner) []practice.Link {
	var uncovered []practice.Link
	for t := range estate.Each[*model.Trend](v) {
		if t.State == "gone" || t.State == "here" || !in.Trend.IsZero() && in.Trend != t.Ref() || !in.Technology.IsZero() && !slices.Contains(t.Technologies, in.Technology) {
			continue
		}
		row := TrendRow{Trend: practice.To(t), Impact: t.Impact, Horizon: t.Horizon}
		for _, p := range byTrend[t.Ref()] {
			if p.Type == "startup" {
				row.Startups = append(row.Startups, practice.To(p))
			} else {
				row.Partners = append(row.Partners, practice.To(p))
			}
		}
		out.Trends.Rows = append(out.Trends.Rows, row)
		if len(byTrend[t.Ref()]) > 0 {
			continue
		}
		uncovered = append(uncovered, row.Trend)
		if model.Rank(t.Impact) >= model.Rank(model.LevelHigh) {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Low, Text: fmt.Sprintf("%s would change much, and no partner was found for it.", t.Title()), About: row.Trend, From: []practice.Link{row.Trend}, Owner: practice.OwnerOf(v, t)})
		}
	}
	slices.SortStableFunc(out.Trends.Rows, func(a, b TrendRow) int { return cmp.Compare(model.Rank(b.Impact), model.Rank(a.Impact)) })
	return uncovered
}

// trendsByTechnology returns the trends that are about each technology.
func trendsByTechnology(v estate.View) map[model.Ref][]model.Ref {
	out := map[model.Ref][]model.Ref{}
	for t := range estate.Each[*model.Trend](v) {
		for _, ref := range t.Technologies {
			out[ref] = append(out[ref], t.Ref())
		}
	}
	return out
}

// trendsOf returns the trends that a partner was found for.
func trendsOf(p *model.Partner, byTechnology map[model.Ref][]model.Ref) []model.Ref {
	out := slices.Clone(p.Trends)
	for _, t := range p.Technologies {
		out = append(out, byTechnology[t]...)
	}
	return uniqueRefs(out)
}

func startupRow(v estate.View, p *model.Partner, about []model.Ref) StartupRow {
	row := StartupRow{Startup: practice.To(p), Stage: stageOf(p), Fit: fitText(p), Country: p.Country, Founded: p.Founded, Money: moneyEnds(p), NextStep: p.NextStep}
	if p.Employees > 0 {
		row.Employees = fmt.Sprint(p.Employees)
	}
	for _, ref := range about {
		if t, ok := estate.Look[*model.Trend](v, ref); ok {
			row.Trends = append(row.Trends, practice.To(t))
			if model.Rank(t.Impact) > model.Rank(row.Impact) {
				row.Impact = t.Impact
			}
		}
	}
	for _, ref := range p.Technologies {
		if t := v.Get(ref); t != nil {
			row.Technologies = append(row.Technologies, practice.To(t))
		}
	}
	return row
}
