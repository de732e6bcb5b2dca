package security

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// records are the training records by campaign and person.
type records map[model.Ref]map[model.Ref][]*model.TrainingRecord

func recordsIn(v estate.View) records {
	type key struct{ name string }
	return v.Memo(key{"security.training"}, func() any {
		out := records{}
		for r := range estate.Each[*model.TrainingRecord](v) {
			if out[r.Campaign] == nil {
				out[r.Campaign] = map[model.Ref][]*model.TrainingRecord{}
			}
			out[r.Campaign][r.Person] = append(out[r.Campaign][r.Person], r)
		}
		return out
	}).(records)
}

// passed reports whether a record says that somebody took part with success: where the record judges itself, by that, otherwise by the score against the pass mark.
func passed(c *model.AwarenessCampaign, r *model.TrainingRecord) bool {
	switch {
	case r.Done.IsZero() || r.Passed == "no":
		return false
	case r.Passed == "yes" || c == nil || c.PassMark == 0:
		return true
	}
	return r.Score >= c.PassMark
}

// counts reports whether a record still counts for a campaign on a day.
func stillCounts(c *model.AwarenessCampaign, r *model.TrainingRecord, at model.Date) bool {
	return passed(c, r) && r.Done <= at && (c.ValidFor == 0 || r.Done.AddDays(int(time.Duration(c.ValidFor)/(24*time.Hour))) >= at)
}

// AwarenessIn says which campaigns are wanted.
type AwarenessIn struct {
	// Type limits the answer to one sort of campaign.
	Type model.AwarenessType
	// Team limits the answer to the people of a team, business unit or site.
	Team model.Ref `to:"Team,BusinessUnit,Site"`
	// Person limits the records to those of one person.
	Person model.Ref `to:"Person"`
	// Months is how many months back campaigns count by their first day. The default is 24.
	Months int `min:"1" max:"240"`
}

// AwarenessOut says how people take part in campaigns.
type AwarenessOut struct {
	// Trained is how many of those asked have done the trainings that have begun, in percent.
	Trained practice.Figure
	// Overdue is how many have not in time.
	Overdue practice.Figure
	// Clicked is how many followed the link of simulated attacks, in percent.
	Clicked practice.Figure
	// Reported is how many reported simulated attacks, in percent.
	Reported practice.Figure
	// Findings say where people are missing or where simulated attacks succeed.
	Findings []practice.Finding
	// Rates are the shares of clicks and reports by simulation.
	Rates practice.Series
	// Campaigns are the campaigns, the newest first.
	Campaigns practice.Table[CampaignRow]
	// ByTeam counts those who did the trainings, by team.
	ByTeam practice.Table[TrainedTeamRow]
	// Records are the trainings of people, the newest first.
	Records practice.Table[TrainingRow]
}

// CampaignRow is one campaign.
type CampaignRow struct {
	// Campaign is the campaign.
	Campaign practice.Link
	// Type says what sort of campaign it is.
	Type model.AwarenessType
	// Start is its first day.
	Start model.Date
	// Due is the day by which everybody is to have taken part.
	Due model.Date
	// Asked is how many people it is for, or how many got the mail.
	Asked int
	// Done is how many took part with success. In a simulation it is how many neither clicked nor gave anything away.
	Done int
	// Overdue is how many are late.
	Overdue int
	// Share is how many took part with success, in percent.
	Share float64 `unit:"%"`
	// Clicked is how many followed the link of a simulation.
	Clicked int
	// GaveAway is how many gave away a password in a simulation.
	GaveAway int
	// Reported is how many reported the mail of a simulation.
	Reported int
}

// TrainedTeamRow counts those of a team who did the trainings.
type TrainedTeamRow struct {
	// Team is the team.
	Team practice.Link
	// Asked is how many trainings its people are asked to do.
	Asked int
	// Done is how many of these are done.
	Done int
	// Overdue is how many are late.
	Overdue int
	// Share is how many are done, in percent.
	Share float64 `unit:"%"`
}

// TrainingRow is one training of one person.
type TrainingRow struct {
	// Person is who took part.
	Person practice.Link
	// Campaign is the campaign, where there is one.
	Campaign practice.Link
	// Course is what the training is called, where there is no campaign.
	Course string
	// Assigned is the day on which the person was asked.
	Assigned model.Date
	// Done is the day on which it was done.
	Done model.Date
	// Score is the share of right answers, in percent.
	Score model.Percent
	// Passed says that it was passed.
	Passed bool
}

// Awareness tells how people take part in trainings, exercises and simulated attacks: who has done what by team, and how
// many click and report. A training that must be repeated counts as long as it is valid.
func Awareness(v estate.View, in AwarenessIn) (AwarenessOut, error) {
	var out AwarenessOut
	from := v.At().AddMonths(-cmp.Or(in.Months, 24))
	teams := map[model.Ref]*TrainedTeamRow{}
	var trainings, simulations []practice.Link
	var sum, mail CampaignRow
	wanted := map[model.Ref]bool{}
	for c := range estate.Each[*model.AwarenessCampaign](v) {
		if in.Type != "" && c.Type != in.Type || c.Start > v.At() || !c.Start.IsZero() && c.Start < from {
			continue
		}
		wanted[c.Ref()] = true
		row := CampaignRow{Campaign: practice.To(c), Type: c.Type, Start: c.Start, Due: c.Due}
		if c.Type == "phishing" {
			row.simulate(v, c, in.Team)
			simulations = append(simulations, row.Campaign)
			mail.Asked, mail.Clicked, mail.Reported = mail.Asked+row.Asked, mail.Clicked+row.Clicked, mail.Reported+row.Reported
		} else {
			row.train(v, c, in.Team, teams)
			trainings = append(trainings, row.Campaign)
			sum.Asked, sum.Done, sum.Overdue = sum.Asked+row.Asked, sum.Done+row.Done, sum.Overdue+row.Overdue
		}
		out.Findings = append(out.Findings, row.findings(v, c)...)
		out.Campaigns.Rows = append(out.Campaigns.Rows, row)
	}
	slices.SortStableFunc(out.Campaigns.Rows, func(a, b CampaignRow) int {
		return cmp.Or(cmp.Compare(b.Start, a.Start), cmp.Compare(a.Campaign.Key, b.Campaign.Key))
	})
	out.Rates = ratesOf(out.Campaigns.Rows)
	for _, row := range teams {
		row.Share = practice.Share(row.Done, row.Asked)
		out.ByTeam.Rows = append(out.ByTeam.Rows, *row)
	}
	slices.SortFunc(out.ByTeam.Rows, func(a, b TrainedTeamRow) int {
		return cmp.Or(cmp.Compare(a.Share, b.Share), cmp.Compare(a.Team.Key, b.Team.Key))
	})
	out.Records.Rows = trainingRows(v, in, wanted)
	heaviestFirst(out.Findings)
	rate := func(part, whole int, better practice.Better, from []practice.Link, nothing string) practice.Figure {
		f := practice.Figure{Value: practice.Share(part, whole), Unit: "%", Better: better, From: from, Unknown: whole == 0}
		if f.Unknown {
			f.Note = nothing
		}
		return f
	}
	out.Trained = rate(sum.Done, sum.Asked, practice.Higher, trainings, "no training has begun")
	out.Overdue = practice.Figure{Value: float64(sum.Overdue), Unit: "trainings", Better: practice.Lower, From: trainings}
	out.Clicked = rate(mail.Clicked, mail.Asked, practice.Lower, simulations, "no attack was simulated")
	out.Reported = rate(mail.Reported, mail.Asked, practice.Higher, simulations, "no attack was simulated")
	return out, nil
}

// train counts those who did a training, in all and by team.
func (row *CampaignRow) train(v estate.View, c *model.AwarenessCampaign, team model.Ref, teams map[model.Ref]*TrainedTeamRow) {
	everybody, all := staffOf(v), recordsIn(v)[c.Ref()]
	for _, person := range everybody.audience(c.Audience) {
		if !team.IsZero() && !everybody.belongs[person.ID][team] {
			continue
		}
		t := teams[person.Team]
		if t == nil {
			t = &TrainedTeamRow{Team: teamName(v, person)}
			teams[person.Team] = t
		}
		done := slices.ContainsFunc(all[person.Ref()], func(r *model.TrainingRecord) bool { return stillCounts(c, r, v.At()) })
		late := !done && !c.Due.IsZero() && max(c.Due, person.Joined.AddDays(30*count(!person.Joined.IsZero()))) < v.At()
		row.Asked, row.Done, row.Overdue = row.Asked+1, row.Done+count(done), row.Overdue+count(late)
		t.Asked, t.Done, t.Overdue = t.Asked+1, t.Done+count(done), t.Overdue+count(late)
	}
	row.Share = practice.Share(row.Done, row.Asked)
}

// simulate counts what people did with the mail of a simulation: from the records of people, or from the sums where there are no records.
func (row *CampaignRow) simulate(v estate.View, c *model.AwarenessCampaign, team model.Ref) {
	everybody := staffOf(v)
	all := recordsIn(v)[c.Ref()]
	for person, list := range all {
		if !team.IsZero() && !everybody.belongs[model.ID(person)][team] {
			continue
		}
		some := func(is func(*model.TrainingRecord) bool) int { return count(slices.ContainsFunc(list, is)) }
		row.Asked++
		gave := some(func(r *model.TrainingRecord) bool { return !r.GaveAway.IsZero() })
		clicked := max(gave, some(func(r *model.TrainingRecord) bool { return !r.Clicked.IsZero() }))
		row.GaveAway, row.Clicked, row.Done = row.GaveAway+gave, row.Clicked+clicked, row.Done+1-clicked
		row.Reported += some(func(r *model.TrainingRecord) bool { return !r.Reported.IsZero() })
	}
	if len(all) == 0 && team.IsZero() {
		row.Asked, row.Clicked, row.Reported = c.Sent, min(c.Clicked, c.Sent), min(c.Reported, c.Sent)
		row.Done = row.Asked - row.Clicked
	}
	row.Share = practice.Share(row.Done, row.Asked)
}

// findings say what is wrong with how people took part in a campaign.
func (row *CampaignRow) findings(v estate.View, c *model.AwarenessCampaign) []practice.Finding {
	f := practice.Finding{Severity: practice.Medium, About: row.Campaign, From: []practice.Link{row.Campaign}, Owner: practice.OwnerOf(v, c)}
	switch {
	case row.Overdue > 0:
		f.Text = fmt.Sprintf("%s not done %s by %s.", practice.Count(row.Overdue, "person has", "people have"), c.Title(), c.Due)
	case row.GaveAway > 0:
		f.Severity = practice.High
		f.Text = fmt.Sprintf("In %s, %s gave away a password.", c.Title(), practice.Count(row.GaveAway, "person", "people"))
	case row.Asked > 0 && row.Clicked > row.Reported:
		f.Text = fmt.Sprintf("In %s, more people clicked (%g %%) than reported the mail (%g %%).", c.Title(), practice.Share(row.Clicked, row.Asked), practice.Share(row.Reported, row.Asked))
	default:
		return nil
	}
	return []practice.Finding{f}
}

// ratesOf draws the shares of clicks and reports over the simulations, the oldest first.
func ratesOf(rows []CampaignRow) practice.Series {
	clicks, reports := practice.Line{Name: "Clicked"}, practice.Line{Name: "Reported"}
	for _, row := range slices.Backward(rows) {
		if row.Type == "phishing" && row.Asked > 0 {
			point := practice.Point{At: row.Start, Label: row.Campaign.Title(), From: []practice.Link{row.Campaign}}
			point.Value = practice.Share(row.Clicked, row.Asked)
			clicks.Points = append(clicks.Points, point)
			point.Value = practice.Share(row.Reported, row.Asked)
			reports.Points = append(reports.Points, point)
		}
	}
	return practice.Series{Unit: "%", Lines: []practice.Line{clicks, reports}}
}

// trainingRows lists the trainings of people, the newest first. Simulations are not trainings, and who clicked is nobody's business here.
func trainingRows(v estate.View, in AwarenessIn, wanted map[model.Ref]bool) []TrainingRow {
	var out []TrainingRow
	everybody := staffOf(v)
	for r := range estate.Each[*model.TrainingRecord](v) {
		c, _ := estate.Look[*model.AwarenessCampaign](v, r.Campaign)
		switch {
		case c != nil && (c.Type == "phishing" || !wanted[c.Ref()]), c == nil && in.Type != "" && in.Type != "training":
			continue
		case !in.Person.IsZero() && r.Person != in.Person, !in.Team.IsZero() && !everybody.belongs[model.ID(r.Person)][in.Team]:
			continue
		}
		row := TrainingRow{Person: practice.To(v.Get(r.Person)), Course: r.Course, Assigned: r.Assigned, Done: r.Done, Score: r.Score, Passed: passed(c, r)}
		if c != nil {
			row.Campaign = practice.To(c)
		}
		out = append(out, row)
	}
	slices.SortStableFunc(out, func(a, b TrainingRow) int {
		return cmp.Or(cmp.Compare(b.Done, a.Done), cmp.Compare(a.Person.Key, b.Person.Key), strings.Compare(a.Campaign.Key+a.Course, b.Campaign.Key+b.Course))
	})
	return out
}

// TrainedIn says how many people must have done their trainings.
type TrainedIn struct {
	// AtLeast is the share of the people that must have done each training once its time is over, in percent. The default is 95.
	AtLeast float64 `min:"0" max:"100"`
	// Months is how many months back campaigns count by their first day. The default is 12.
	Months int `min:"1" max:"240"`
}

// Trained checks that enough people have done every training whose time is over.
func Trained(v estate.View, in TrainedIn) (practice.Verdict, error) {
	var out practice.Verdict
	least := cmp.Or(in.AtLeast, 95)
	from := v.At().AddMonths(-cmp.Or(in.Months, 12))
	for c := range estate.Each[*model.AwarenessCampaign](v) {
		if c.Type == "phishing" || c.Due.IsZero() || c.Due >= v.At() || !c.Start.IsZero() && c.Start < from {
			continue
		}
		row := CampaignRow{Campaign: practice.To(c)}
		row.train(v, c, model.Ref{}, map[model.Ref]*TrainedTeamRow{})
		over := row.Done + row.Overdue
		if out.Checked = append(out.Checked, row.Campaign); over > 0 && float64(row.Done)*100 < least*float64(over) {
			out.Findings = append(out.Findings, practice.Finding{Severity: practice.Medium, About: row.Campaign, From: []practice.Link{row.Campaign}, Owner: practice.OwnerOf(v, c),
				Text: fmt.Sprintf("%g %% of %s have done %s; %g %% must.", practice.Share(row.Done, over), practice.Count(over, "person", "people"), c.Title(), least)})
		}
	}
	switch n := practice.Count(len(out.Checked), "training", "trainings"); {
	case len(out.Checked) == 0:
		out.Unknown, out.Text = true, "No training has come to its last day, so there is nothing to check."
	case len(out.Findings) > 0:
		out.Text = fmt.Sprintf("%d of %s were not done by enough people.", len(out.Findings), n)
	default:
		out.Pass, out.Text = true, fmt.Sprintf("Enough people have done each of %s.", n)
	}
	return out, nil
}
