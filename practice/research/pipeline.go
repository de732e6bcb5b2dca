package research

import (
	"cmp"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// PipelineIn says which experiments are listed.
type PipelineIn struct {
	// Horizon lists the experiments of one horizon. Unset means all.
	Horizon model.Horizon
	// Team lists the experiments of one team. Unset means all.
	Team model.Ref `to:"Team"`
	// Decided lists those too that are decided or were dropped.
	Decided bool
}

// PipelineOut is the pipeline of experiments.
type PipelineOut struct {
	// Running is how many experiments run.
	Running practice.Figure
	// Waiting is how many ideas and hypotheses wait to be run.
	Waiting practice.Figure
	// Committed is the sum of the caps of what runs.
	Committed practice.Figure
	// Spent is what those that run have cost so far.
	Spent practice.Figure
	// Due is how many of them need a decision now.
	Due practice.Figure
	// Findings are what needs a decision, and what comes near its cap.
	Findings []practice.Finding
	// Experiments are in the order of the pipeline, and within a stage those first that end first.
	Experiments practice.Table[PipelineRow]
	// Plan shows the time boxes.
	Plan practice.Picture
}

// PipelineRow is an experiment.
type PipelineRow struct {
	// Experiment is the experiment.
	Experiment practice.Link
	// Stage says where it stands.
	Stage model.ExperimentState
	// Horizon says when its result is expected to bear fruit.
	Horizon model.Horizon
	// Sponsor is the person that wants it.
	Sponsor practice.Link
	// Cap is what may be spent in all.
	Cap model.Money
	// Spent is what was spent so far, in the currency of the books.
	Spent model.Money
	// Used is how much of the cap is spent.
	Used *float64 `unit:"%"`
	// Until is the last day of the time box.
	Until model.Date
	// DaysLeft is how many days of the time box are left. It is below 0 where the time box is over.
	DaysLeft *int
	// Criteria says how the exit criteria stand.
	Criteria string
	// Decision says how it ended.
	Decision model.ExperimentDecision
	// Owner is who answers for it.
	Owner practice.Link
}

// Pipeline lists experiments from the idea to the decision: what each may cost and has cost, how much of its time box is left, and which of its exit criteria are met.
func Pipeline(v estate.View, in PipelineIn) (PipelineOut, error) {
	var out PipelineOut
	var list []standing
	for e := range estate.Each[*model.Experiment](v) {
		over := e.State == model.ExperimentDecided || e.State == model.ExperimentDropped
		if in.Horizon != "" && e.Horizon != in.Horizon || !in.Team.IsZero() && e.Team != in.Team || over && !in.Decided {
			continue
		}
		list = append(list, standingOf(v, e))
	}
	slices.SortStableFunc(list, func(a, b standing) int {
		return cmp.Or(cmp.Compare(stageOf(a.e.State), stageOf(b.e.State)), cmp.Compare(a.e.Until, b.e.Until))
	})
	var run, waiting, due []practice.Link
	var caps, spent []model.Money
	unknown := ""
	for _, s := range list {
		link := practice.To(s.e)
		row := PipelineRow{Experiment: link, Stage: s.e.State, Horizon: s.e.Horizon, Sponsor: practice.To(v.Get(s.e.Sponsor)), Cap: s.e.Cap, Until: s.e.Until, DaysLeft: s.daysLeft(v.At()), Criteria: s.criteria(), Decision: s.e.Decision, Owner: owner(v, s.e)}
		if s.spend.unknown == "" && !s.e.Start.IsZero() {
			row.Spent = s.spend.total
		}
		if share, ok := s.spend.percent(); ok && !s.e.Start.IsZero() {
			row.Used = rounded(share)
		}
		out.Experiments.Rows = append(out.Experiments.Rows, row)
		switch {
		case running(s.e):
			run, caps, spent = append(run, link), append(caps, s.spend.limit), append(spent, s.spend.total)
			unknown = cmp.Or(unknown, s.spend.unknown)
		case s.e.State != model.ExperimentDecided && s.e.State != model.ExperimentDropped:
			waiting = append(waiting, link)
		}
		found := s.due(v)
		if len(found) > 0 {
			due = append(due, link)
		}
		out.Findings = append(out.Findings, found...)
		if !s.spend.over() && !(s.spend.unknown == "" && s.spend.limit.IsZero()) {
			out.Findings = append(out.Findings, s.money(v)...)
		}
		if !s.e.Start.IsZero() {
			node := practice.Node{Link: link, Group: string(s.e.State), From: s.e.Start, Until: cmp.Or(s.e.Decided, s.e.Until)}
			if len(found) > 0 {
				node.Severity = found[0].Severity
			}
			out.Plan.Nodes = append(out.Plan.Nodes, node)
		}
	}
	out.Plan.Type = practice.RoadmapPicture
	sortFindings(out.Findings)
	out.Running, out.Waiting = practice.Counted("experiments", practice.Neither, run), practice.Counted("experiments", practice.Neither, waiting)
	out.Due = practice.Counted("experiments", practice.Lower, due)
	out.Committed, out.Spent = sum(caps, run, ""), sum(spent, run, unknown)
	if v.Closed("Experiment") {
		out.Experiments.Note = "your roles let you see no experiments but your own"
	}
	return out, nil
}

// sum adds amounts up. Without any the figure is nothing, and not unknown.
func sum(amounts []model.Money, from []practice.Link, unknown string) practice.Figure {
	if unknown == "" && !slices.ContainsFunc(amounts, func(m model.Money) bool { return !m.IsZero() }) {
		return practice.Figure{From: from, Note: "there is none"}
	}
	f := practice.SumOf("", practice.Neither, amounts, from)
	f.Unit = f.Money.Currency()
	if unknown != "" {
		f.Unknown, f.Note = true, unknown
	}
	return f
}

// rounded returns a number with one place after the point.
func rounded(x float64) *float64 {
	y := float64(int64(x*10+0.5)) / 10
	return &y
}

// DecisionsDueIn has no parameters.
type DecisionsDueIn struct{}

// DecisionsDueOut is what needs a decision.
type DecisionsDueOut struct {
	// Due is how many experiments and matrices need a decision now.
	Due practice.Figure
	// Findings are what needs a decision, the most pressing first.
	Findings []practice.Finding
}

// DecisionsDue finds what needs a decision: experiments whose time box is over, whose exit criteria are all met or whose cap is passed, and decision
// matrices whose scores are all there or overdue. Those who answer for them are told.
func DecisionsDue(v estate.View, _ DecisionsDueIn) (DecisionsDueOut, error) {
	var out DecisionsDueOut
	var due []practice.Link
	for e := range estate.Each[*model.Experiment](v) {
		found := standingOf(v, e).due(v)
		if len(found) > 0 {
			due = append(due, practice.To(e))
		}
		out.Findings = append(out.Findings, found...)
	}
	for m := range estate.Each[*model.DecisionMatrix](v) {
		found := matrixDue(v, m)
		if len(found) > 0 {
			due = append(due, practice.To(m))
		}
		out.Findings = append(out.Findings, found...)
	}
	sortFindings(out.Findings)
	out.Due = practice.Counted("decisions", practice.Lower, due)
	return out, nil
}
