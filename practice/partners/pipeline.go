package partners

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PipelineIn says which partners are looked at.
type PipelineIn struct {
	// Type limits the answer to one sort of partner.
	Type model.PartnerType
	// Over also shows partnerships that ended or never came about.
	Over bool
	// Slow is after how many days without moving on a partner that is not yet bound is named. The default is 120.
	Slow int `min:"0" max:"3650"`
}

// PipelineOut is where partnerships stand.
type PipelineOut struct {
	// Open is how many partners are on the way to an agreement.
	Open practice.Figure
	// Active is how many partners the company works with: agreed on, active or being ended.
	Active practice.Figure
	// Overdue is how many next steps should have been done by today.
	Overdue practice.Figure
	// Blocked is how many partners due diligence speaks against.
	Blocked practice.Figure
	// Picture shows each partner in its stage, with the days that it has been there.
	Picture practice.Picture
	// Findings name what does not move.
	Findings []practice.Finding
	// Stages are the stages with what is in them.
	Stages practice.Table[StageRow]
	// Partners are the partners, by stage and then the best fit first.
	Partners practice.Table[PartnerRow]
}

// StageRow is a stage of the pipeline.
type StageRow struct {
	// Stage is the stage.
	Stage model.PartnerStage
	// Partners is how many are there now.
	Partners int
	// Days is how many days these have been there, in the mean of those of whom it is known.
	Days string
	// Reached is how many partners ever came to this stage.
	Reached int
	// Further is how many of these went on to a later one.
	Further int
	// Declined is how many of these were declined or ended without going on.
	Declined int
	// Conversion is the share of those whose way is decided that went on, in percent. It is empty where none is decided.
	Conversion string
	// Took is how many days it took to go on, the median of those who did.
	Took string
	// From are the partners that came to this stage.
	From []practice.Link
}

// PartnerRow is a partner in the pipeline.
type PartnerRow struct {
	// Partner is the partner.
	Partner practice.Link
	// Type says what sort of partner it is.
	Type model.PartnerType
	// Stage says how far it has come.
	Stage model.PartnerStage
	// Since is the day on which it came to this stage.
	Since model.Date
	// Days is how many days it has been there.
	Days string
	// Fit is the weighted mean of how well it fits, from 0 to 5.
	Fit string
	// Open is how many items of due diligence are open.
	Open int
	// Blockers is how many items of due diligence speak against it.
	Blockers int
	// NextStep says what is to be done next.
	NextStep string
	// NextBy is the day by which that is to be done.
	NextBy model.Date
	// Sponsor is the person that wants it.
	Sponsor practice.Link
}

// Pipeline tells where partnerships stand: by stage, with the days in it, how well
// each partner fits, what is to be done next, and which part of those who came to a stage went on. Whoever is still in a stage is neither gone on nor
// declined, and so is in no share.
func Pipeline(v estate.View, in PipelineIn) (PipelineOut, error) {
	var out PipelineOut
	var open, active, overdue, blocked []practice.Link
	var partners []*model.Partner
	slow := cmp.Or(in.Slow, 120)
	for p := range estate.Each[*model.Partner](v) {
		if in.Type != "" && p.Type != in.Type {
			continue
		}
		partners = append(partners, p)
		link := practice.To(p)
		switch {
		case isOver(p):
			if !in.Over {
				continue
			}
		case isBound(p):
			active = append(active, link)
		default:
			open = append(open, link)
		}
		row := partnerRow(v, p)
		if late := !isOver(p) && !p.NextBy.IsZero() && p.NextBy < v.At(); late {
			overdue = append(overdue, link)
		}
		if row.Blockers > 0 && !isOver(p) {
			blocked = append(blocked, link)
		}
		out.Partners.Rows = append(out.Partners.Rows, row)
		out.Findings = append(out.Findings, pipelineFindings(v, p, slow)...)
	}
	slices.SortStableFunc(out.Partners.Rows, func(a, b PartnerRow) int {
		return cmp.Or(cmp.Compare(model.Rank(a.Stage), model.Rank(b.Stage)), cmp.Compare(b.Fit, a.Fit))
	})
	practice.WorstFirst(out.Findings)
	out.Open = practice.Counted("partners", practice.Neither, open)
	out.Active = practice.Counted("partners", practice.Neither, active)
	out.Overdue = practice.Counted("next steps", practice.Lower, overdue)
	out.Blocked = practice.Counted("partners", practice.Lower, blocked)
	out.Stages.Rows = stageRows(partners, v.At())
	out.Picture = stagePicture(out.Partners.Rows)
	return out, nil
}

func partnerRow(v estate.View, p *model.Partner) PartnerRow {
	unknown, blockers := diligence(p)
	return PartnerRow{Partner: practice.To(p), Type: p.Type, Stage: stageOf(p), Since: sinceOf(p), Days: daysText(daysIn(p, v.At())), Fit: fitText(p), Open: len(unknown), Blockers: len(blockers),
		NextStep: p.NextStep, NextBy: p.NextBy, Sponsor: practice.To(v.Get(p.Sponsor))}
}

// pipelineFindings say what keeps a partner from moving on.
func pipelineFindings(v estate.View, p *model.Partner, slow int) []practice.Finding {
	if isOver(p) {
		return nil
	}
	var out []practice.Finding
	link := practice.To(p)
	add := func(s practice.Severity, mend *practice.Mend, text string, args ...any) {
		out = append(out, practice.Finding{Severity: s, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link}, Owner: answersFor(v, p), Mend: mend})
	}
	if !p.NextBy.IsZero() && p.NextBy < v.At() {
		add(practice.Medium, nil, "The next step with %s should have been done by %s: %s.", p.Title(), p.NextBy, cmp.Or(sentence(p.NextStep), "nobody wrote down which"))
	}
	if _, blockers := diligence(p); len(blockers) > 0 {
		add(practice.High, nil, "Due diligence speaks against %s: %s.", p.Title(), joined(blockers))
	}
	if days := daysIn(p, v.At()); !isBound(p) && days > slow {
		add(practice.Low, &practice.Mend{Action: "partners.advance", Parameters: map[string]string{"partner": p.Key}}, "%s has been in the stage %q for %d days: go on with it or decline.", p.Title(), labelOf(stageOf(p)), days)
	}
	return out
}

// passage is how a partner went through one stage.
type passage struct {
	reached, further, lost bool
	// took is how many days it took to go on, and below 0 where that is not known.
	took int
}

// passageOf tells whether a partner ever came to a stage of the path, and to a later one afterwards.
func passageOf(p *model.Partner, place int) passage {
	first, next := model.Date(0), model.Date(0)
	out := passage{took: -1}
	for _, s := range p.Stages {
		at := slices.Index(path, s.Stage)
		if at == place && (first.IsZero() || s.On < first) {
			first, out.reached = s.On, true
		}
	}
	for _, s := range p.Stages {
		if slices.Index(path, s.Stage) > place && s.On >= first && (next.IsZero() || s.On < next) {
			next = s.On
		}
	}
	now := slices.Index(path, stageOf(p))
	out.reached = out.reached || now == place
	out.further = out.reached && (!next.IsZero() || now > place || stageOf(p) == model.PartnerExiting && place < len(path)-1)
	out.lost = out.reached && !out.further && isOver(p)
	if !first.IsZero() && !next.IsZero() {
		out.took = int(next - first)
	}
	return out
}

// stageRows counts what came to each stage and what went on from it.
func stageRows(partners []*model.Partner, at model.Date) []StageRow {
	var rows []StageRow
	for _, o := range model.PartnerStage("").Options() {
		row := StageRow{Stage: model.PartnerStage(o.Value)}
		place := slices.Index(path, row.Stage)
		days, known := 0, 0
		var took []int
		for _, p := range partners {
			now := stageOf(p) == row.Stage
			if now {
				row.Partners++
				if d := daysIn(p, at); d >= 0 {
					days, known = days+d, known+1
				}
			}
			if place < 0 {
				if now || slices.ContainsFunc(p.Stages, func(s model.StageReached) bool { return s.Stage == row.Stage }) {
					row.Reached++
					row.From = append(row.From, practice.To(p))
				}
				continue
			}
			if w := passageOf(p, place); w.reached {
				row.Reached++
				row.From = append(row.From, practice.To(p))
				row.Further += toInt(w.further)
				row.Declined += toInt(w.lost)
				if w.took >= 0 {
					took = append(took, w.took)
				}
			}
		}
		if known > 0 {
			row.Days = fmt.Sprintf("%.0f", float64(days)/float64(known))
		}
		if decided := row.Further + row.Declined; decided > 0 && place >= 0 && place < len(path)-1 {
			row.Conversion = fmt.Sprintf("%g", practice.Share(row.Further, decided))
		}
		row.Took = median(took)
		rows = append(rows, row)
	}
	return rows
}

// stagePicture shows each partner in its stage.
func stagePicture(rows []PartnerRow) practice.Picture {
	out := practice.Picture{Type: practice.MatrixPicture, Unit: "days"}
	for _, o := range model.PartnerStage("").Options() {
		if slices.ContainsFunc(rows, func(r PartnerRow) bool { return string(r.Stage) == o.Value }) {
			out.Stages = append(out.Stages, o.Label)
		}
	}
	for _, r := range rows {
		n := practice.Node{Link: r.Partner, Group: labelOf(r.Stage)}
		if days, err := strconv.Atoi(r.Days); err == nil {
			n.Value = float64(days)
		}
		switch {
		case r.Blockers > 0:
			n.Severity = practice.High
		case r.Open > 0:
			n.Severity = practice.Low
		}
		out.Nodes = append(out.Nodes, n)
	}
	return out
}

// median writes the middle of some numbers, and nothing where there is none.
func median(list []int) string {
	if len(list) == 0 {
		return ""
	}
	slices.Sort(list)
	middle := len(list) / 2
	if len(list)%2 == 1 {
		return fmt.Sprint(list[middle])
	}
	return fmt.Sprintf("%g", float64(list[middle-1]+list[middle])/2)
}

func toInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
