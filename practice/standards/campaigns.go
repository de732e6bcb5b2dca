package standards

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// CampaignsIn says which campaigns are shown.
type CampaignsIn struct {
	// Campaign shows one campaign alone, with the records that are left.
	Campaign model.Ref `to:"Campaign"`
}

// CampaignsOut is how campaigns go.
type CampaignsOut struct {
	// Running are the campaigns that go on.
	Running practice.Figure
	// Behind are those that have reached less than a straight line to the day they are due would have.
	Behind practice.Figure
	// Campaigns are the campaigns, by the day they are due.
	Campaigns practice.Table[CampaignRow]
	// Left are the records that have not reached the level, where one campaign was asked for.
	Left practice.Table[RecordRow]
	// Progress is what was reached against the straight line, where one campaign was asked for.
	Progress practice.Series
	// Findings are campaigns that are late or behind.
	Findings []practice.Finding
}

// CampaignRow is one campaign.
type CampaignRow struct {
	// Campaign is the campaign.
	Campaign practice.Link
	// State says where it stands.
	State model.CampaignState
	// Level is the level to be reached.
	Level string
	// Records is how many it is for.
	Records int
	// Baseline is how many had the level when it started.
	Baseline int
	// Reached is how many have it now.
	Reached int
	// Expected is how many should have it now on a straight line from the start to the day it is due.
	Expected int
	// Due is the day by which all should have it.
	Due model.Date
	// ExpectedEnd is the day on which all will have it at the pace so far. Unset means that nobody can tell, because nothing has moved.
	ExpectedEnd model.Date
	// Owner is who answers for it.
	Owner practice.Link
}

// progress is how a campaign goes.
type progress struct {
	row  CampaignRow
	left []*scored
	s    *score
}

// progressOf measures a campaign on the day of the view.
func progressOf(v estate.View, c *model.Campaign) progress {
	p := progress{row: CampaignRow{Campaign: practice.To(c), State: c.State, Level: c.Level, Baseline: c.Baseline, Due: c.Due, Owner: practice.OwnerOf(v, c)}}
	card, ok := estate.Look[*model.Scorecard](v, c.Scorecard)
	if !ok {
		return p
	}
	p.s = scoreOf(v, card)
	level := levelAt(card, c.Level)
	subjects := map[model.Ref]bool{}
	for _, ref := range c.Subjects {
		subjects[ref] = true
	}
	for i := range p.s.records {
		r := &p.s.records[i]
		if len(subjects) > 0 && !subjects[r.rec.Base().Ref()] {
			continue
		}
		p.row.Records++
		if level >= 0 && r.level >= level {
			p.row.Reached++
		} else {
			p.left = append(p.left, r)
		}
	}
	p.row.Expected, p.row.ExpectedEnd = Line(p.row.Baseline, p.row.Reached, p.row.Records, c.Start, c.Due, v.At())
	return p
}

// Line returns how many of all should have been reached on a day on a straight line from the baseline at the start to all on the day due, rounded
// down, and the day on which all will be at the pace from the start until now. The day is unset where nothing has moved since the start.
func Line(baseline, reached, all int, start, due, at model.Date) (expected int, end model.Date) {
	expected = baseline
	switch {
	case start.IsZero() || due.IsZero() || at <= start:
	case at >= due:
		expected = all
	default:
		expected += (all - baseline) * int(at-start) / int(due-start)
	}
	switch gained, days := reached-baseline, int(at-start); {
	case reached >= all:
		end = at
	case start.IsZero() || gained <= 0 || days <= 0:
	default:
		// Rounded up: a day that is begun counts.
		if ahead := ((all-reached)*days + gained - 1) / gained; ahead < 100*year {
			end = at.AddDays(ahead)
		}
	}
	return expected, end
}

// Campaigns shows how many records each campaign has brought to its level, against a straight line to the day it is due, and when it will end at the pace so far.
func Campaigns(v estate.View, in CampaignsIn) (CampaignsOut, error) {
	var out CampaignsOut
	var running, behind []practice.Link
	list := slices.Collect(estate.Each[*model.Campaign](v))
	slices.SortFunc(list, func(a, b *model.Campaign) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Key, b.Key)) })
	for _, c := range list {
		if !in.Campaign.IsZero() && c.Ref() != in.Campaign {
			continue
		}
		p := progressOf(v, c)
		out.Campaigns.Rows = append(out.Campaigns.Rows, p.row)
		if c.State == "running" {
			running = append(running, p.row.Campaign)
			if f, late := campaignFinding(v, c, p); late {
				behind, out.Findings = append(behind, p.row.Campaign), append(out.Findings, f)
			}
		}
		if !in.Campaign.IsZero() && p.s != nil {
			for _, r := range p.left {
				out.Left.Rows = append(out.Left.Rows, p.s.recordRow(v, r))
			}
			out.Progress = lineOf(c, p, v.At())
		}
	}
	if !in.Campaign.IsZero() && len(out.Campaigns.Rows) == 0 {
		return out, model.Problem{Field: "campaign", Text: "there is no such campaign"}
	}
	practice.WorstFirst(out.Findings)
	out.Running, out.Behind = practice.Counted("campaigns", practice.Neither, running), practice.Counted("campaigns", practice.Lower, behind)
	return out, nil
}

// campaignFinding says what is wrong with a running campaign, if anything is.
func campaignFinding(v estate.View, c *model.Campaign, p progress) (practice.Finding, bool) {
	f := practice.Finding{About: p.row.Campaign, Owner: p.row.Owner, From: []practice.Link{p.row.Campaign}}
	left := practice.Count(p.row.Records-p.row.Reached, "record is", "records are")
	switch {
	case p.s == nil || levelAt(p.s.card, c.Level) < 0:
		f.Severity, f.Text = practice.High, fmt.Sprintf("%s is for the level %q, and its scorecard has none of this name.", c.Title(), c.Level)
	case p.row.Reached >= p.row.Records:
		return f, false
	case !c.Due.IsZero() && v.At() > c.Due:
		f.Severity, f.Text = practice.High, fmt.Sprintf("%s was due on %s, and %s not at %s.", c.Title(), c.Due, left, c.Level)
	case p.row.Reached < p.row.Expected:
		f.Severity, f.Text = practice.Medium, fmt.Sprintf("%s is behind: %d of %d are at %s, and by now it should be %d.", c.Title(), p.row.Reached, p.row.Records, c.Level, p.row.Expected)
		if p.row.ExpectedEnd.IsZero() {
			f.Text += " Nothing has moved since it started."
		} else {
			f.Text += fmt.Sprintf(" At this pace it ends on %s and not on %s.", p.row.ExpectedEnd, c.Due)
		}
	default:
		return f, false
	}
	return f, true
}

// lineOf draws a campaign: the straight line, and where it stands.
func lineOf(c *model.Campaign, p progress, at model.Date) practice.Series {
	if c.Start.IsZero() || c.Due.IsZero() {
		return practice.Series{}
	}
	point := func(day model.Date, n int) practice.Point {
		return practice.Point{At: day, Label: day.String(), Value: float64(n), From: []practice.Link{p.row.Campaign}}
	}
	return practice.Series{Unit: "records", Lines: []practice.Line{
		{Name: "Straight line", Points: []practice.Point{point(c.Start, c.Baseline), point(c.Due, p.row.Records)}},
		{Name: "Reached", Points: []practice.Point{point(c.Start, c.Baseline), point(max(at, c.Start), p.row.Reached)}},
	}}
}
