package partners

import (
	"cmp"
	"fmt"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// OneIn says which partner is looked at.
type OneIn struct {
	// Partner is the partner.
	Partner model.Ref `to:"Partner" is:"required"`
}

// OneOut is everything about one partner.
type OneOut struct {
	// Stage says how far the partnership has come, and since when.
	Stage string
	// Health says how it goes.
	Health string
	// Fit is the weighted mean of how well it fits, from 0 to 5.
	Fit practice.Figure
	// Brought is what it brought in the last five calendar years.
	Brought practice.Figure
	// Cost is what it cost in these years.
	Cost practice.Figure
	// Late is how many obligations of both sides are late.
	Late practice.Figure
	// Conflicts is how many conflicts of interest there are.
	Conflicts practice.Figure
	// Findings say what needs attention, the worst first.
	Findings []practice.Finding
	// Criteria are how well it fits, criterion by criterion.
	Criteria practice.Table[CriterionRow]
	// DueDiligence is what was looked into.
	DueDiligence practice.Table[DiligenceRow]
	// Experiments are those that it takes part in.
	Experiments practice.Table[ExperimentRow]
	// Agreements are what was agreed on.
	Agreements practice.Table[AgreementRow]
	// Obligations are what each side still owes.
	Obligations practice.Table[ObligationRow]
	// Goals are the goals that both sides work for, with how near they are.
	Goals practice.Table[GoalRow]
	// Years are value and cost by year.
	Years practice.Table[ValueYear]
	// Depends are the products and critical things that need it.
	Depends practice.Table[DependRow]
	// Exit says how the partnership is ended without harm.
	Exit string
}

// CriterionRow is how well a partner fits by one criterion.
type CriterionRow struct {
	// Criterion is what is looked at.
	Criterion string
	// Score is how well it fits, from 0 to 5.
	Score float64
	// Weight says how much it counts.
	Weight float64
	// Note says why.
	Note string
}

// DiligenceRow is something that was looked into.
type DiligenceRow struct {
	// Name is what is looked into.
	Name string
	// Verdict says what came of it.
	Verdict model.DiligenceVerdict
	// Done is the day on which it was finished.
	Done model.Date
	// Document is where it can be read.
	Document practice.Link
	// Note says what was found.
	Note string
}

// ExperimentRow is an experiment together.
type ExperimentRow struct {
	// Experiment is the experiment.
	Experiment practice.Link
	// State says where it stands.
	State model.ExperimentState
	// Start is the first day of work.
	Start model.Date
	// Until is the last day of its time box.
	Until model.Date
	// Met is how many of its exit criteria are met, of how many.
	Met string
	// Decision is what was decided at the end.
	Decision model.ExperimentDecision
	// Cap is what may be spent.
	Cap model.Money
}

// GoalRow is a key result of a goal that both sides work for.
type GoalRow struct {
	// Goal is the goal.
	Goal practice.Link
	// KeyResult is the figure that shows how near it is. It is empty where the goal has none.
	KeyResult practice.Link
	// Baseline is the figure at the start.
	Baseline float64
	// Current is the figure now.
	Current float64
	// Target is the figure to be reached.
	Target float64
	// Reached is the part of the way that is done, in percent. It is empty where it cannot be told.
	Reached string
	// Due is the day by which it is to be reached.
	Due model.Date
}

// DependRow is something that needs the partner.
type DependRow struct {
	// Thing is the product, or what stops with the vendor that the partner is.
	Thing practice.Link
	// How says how it depends on the partner.
	How string
}

// One tells everything about one partner: stage, fit and due diligence, experiments together, what was agreed and is owed,
// joint goals with their key results, value against cost, conflicts, what depends on it, and how to get out.
func One(v estate.View, in OneIn) (OneOut, error) {
	p, ok := estate.Look[*model.Partner](v, in.Partner)
	if !ok {
		return OneOut{}, model.Problem{Field: "partner", Text: "there is no such partner"}
	}
	link := practice.To(p)
	out := OneOut{Stage: labelOf(stageOf(p)), Health: labelOf(p.Health), Exit: p.Exit}
	if since := sinceOf(p); !since.IsZero() {
		out.Stage = fmt.Sprintf("%s since %s, %s", out.Stage, since, practice.Count(daysIn(p, v.At()), "day", "days"))
	}
	if fit, ok := FitOf(p.Fit); ok {
		out.Fit = practice.Figure{Value: one(fit), Better: practice.Higher, From: []practice.Link{link}}
	} else {
		out.Fit = practice.Figure{Unknown: true, Better: practice.Higher, Note: "nobody scored it", From: []practice.Link{link}}
	}
	for _, c := range p.Fit {
		out.Criteria.Rows = append(out.Criteria.Rows, CriterionRow{c.Criterion, c.Score, cmp.Or(c.Weight, 1), c.Note})
	}
	for _, d := range p.DueDiligence {
		out.DueDiligence.Rows = append(out.DueDiligence.Rows, DiligenceRow{d.Name, d.Verdict, d.Done, practice.To(v.Get(d.Document)), d.Note})
	}
	value, err := Value(v, ValueIn{Partner: in.Partner})
	if err != nil {
		return OneOut{}, err
	}
	owed, err := Obligations(v, ObligationsIn{Partner: in.Partner, Within: 3650})
	if err != nil {
		return OneOut{}, err
	}
	agreed, err := Agreements(v, AgreementsIn{Partner: in.Partner, Ended: true})
	if err != nil {
		return OneOut{}, err
	}
	conflicts, err := Conflicts(v, ConflictsIn{Partner: in.Partner})
	if err != nil {
		return OneOut{}, err
	}
	health, err := Health(v, HealthIn{Partner: in.Partner})
	if err != nil {
		return OneOut{}, err
	}
	out.Brought, out.Cost, out.Years = value.Brought, value.Cost, value.Years
	out.Late, out.Obligations, out.Agreements, out.Conflicts = owed.Late, owed.Obligations, agreed.Agreements, conflicts.Count
	late := slices.DeleteFunc(slices.Clone(owed.Findings), func(f practice.Finding) bool { return f.Severity == practice.Low })
	out.Findings = slices.Concat(pipelineFindings(v, p, 120), health.Findings, late, agreed.Findings, conflicts.Findings)
	practice.WorstFirst(out.Findings)
	for _, e := range held[*model.Experiment](v, in.Partner, "with") {
		out.Experiments.Rows = append(out.Experiments.Rows, experimentRow(e))
	}
	for _, ref := range p.Goals {
		out.Goals.Rows = append(out.Goals.Rows, goalRows(v, ref)...)
	}
	products, critical := dependents(v, p)
	for _, l := range products {
		out.Depends.Rows = append(out.Depends.Rows, DependRow{l, "the partner takes part in it"})
	}
	for _, l := range critical {
		if slices.Contains(products, l) {
			continue
		}
		out.Depends.Rows = append(out.Depends.Rows, DependRow{l, "it stops with the vendor that the partner is"})
	}
	return out, nil
}

func experimentRow(e *model.Experiment) ExperimentRow {
	row := ExperimentRow{Experiment: practice.To(e), State: e.State, Start: e.Start, Until: e.Until, Decision: e.Decision, Cap: e.Cap}
	met := 0
	for _, c := range e.Criteria {
		met += toInt(!c.MeasuredOn.IsZero() && (c.Better == model.LessIsBetter && c.Measured <= c.Target || c.Better != model.LessIsBetter && c.Measured >= c.Target))
	}
	if len(e.Criteria) > 0 {
		row.Met = fmt.Sprintf("%d of %d", met, len(e.Criteria))
	}
	return row
}

// goalRows returns a goal with its key results, one row for each.
func goalRows(v estate.View, ref model.Ref) []GoalRow {
	goal, ok := estate.Look[*model.Goal](v, ref)
	if !ok {
		return nil
	}
	var out []GoalRow
	for _, kr := range held[*model.KeyResult](v, ref, "goal") {
		row := GoalRow{Goal: practice.To(goal), KeyResult: practice.To(kr), Baseline: kr.Baseline, Current: kr.Current, Target: kr.Target, Due: kr.Due}
		if kr.Target != kr.Baseline && !kr.MeasuredOn.IsZero() {
			row.Reached = fmt.Sprintf("%.0f", 100*(kr.Current-kr.Baseline)/(kr.Target-kr.Baseline))
		}
		out = append(out, row)
	}
	if len(out) == 0 {
		return []GoalRow{{Goal: practice.To(goal), Due: goal.Due}}
	}
	return out
}
