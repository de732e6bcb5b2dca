package research

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// warnAt is the share of the cap, in percent, from which its use is told.
const warnAt = 80

// CriterionState says how an exit criterion stands.
type CriterionState string

// The states of an exit criterion.
const (
	Met         CriterionState = "met"
	NotMet      CriterionState = "not_met"
	NotMeasured CriterionState = "not_measured"
)

// Options lists the states of an exit criterion.
func (CriterionState) Options() []model.Option {
	return []model.Option{
		{Value: "met", Label: "Met", Help: "The target was reached."},
		{Value: "not_met", Label: "Not met", Help: "It was measured, and the target was not reached."},
		{Value: "not_measured", Label: "Not measured", Help: "Nobody has measured it yet."},
	}
}

// StateOfCriterion returns how an exit criterion stands on a day. A value that is exactly the target reaches it.
func StateOfCriterion(c model.ExitCriterion, at model.Date) CriterionState {
	switch {
	case c.MeasuredOn.IsZero() || c.MeasuredOn > at:
		return NotMeasured
	case c.Better == model.LessIsBetter && c.Measured <= c.Target, c.Better != model.LessIsBetter && c.Measured >= c.Target:
		return Met
	}
	return NotMet
}

// standing is how an experiment stands on the day of a view.
type standing struct {
	e                    *model.Experiment
	spend                *spend
	met, failed, unknown int
}

func standingOf(v estate.View, e *model.Experiment) standing {
	s := standing{e: e, spend: ledgerOf(v).of[e.Ref()]}
	if s.spend == nil {
		s.spend = &spend{unknown: "it is not there"}
	}
	for _, c := range e.Criteria {
		switch StateOfCriterion(c, v.At()) {
		case Met:
			s.met++
		case NotMet:
			s.failed++
		default:
			s.unknown++
		}
	}
	return s
}

// allMet reports whether there are criteria and every one is met.
func (s standing) allMet() bool { return s.met > 0 && s.failed+s.unknown == 0 }

// criteria says how the criteria stand, such as 1 of 3 met, 1 not met, 1 not measured.
func (s standing) criteria() string {
	if len(s.e.Criteria) == 0 {
		return "none"
	}
	parts := []string{fmt.Sprintf("%d of %d met", s.met, len(s.e.Criteria))}
	if s.failed > 0 {
		parts = append(parts, fmt.Sprintf("%d not met", s.failed))
	}
	if s.unknown > 0 {
		parts = append(parts, fmt.Sprintf("%d not measured", s.unknown))
	}
	return strings.Join(parts, ", ")
}

// running reports whether work on an experiment goes on.
func running(e *model.Experiment) bool { return e.State == model.ExperimentRunning }

// owner returns who answers for an experiment: its owner, else its sponsor, else its team.
func owner(v estate.View, e *model.Experiment) practice.Link {
	return practice.To(v.Get(ownerRef(v, e)))
}

func ownerRef(v estate.View, e *model.Experiment) model.Ref {
	for _, ref := range []model.Ref{e.Owner, e.Sponsor, e.Team} {
		if v.Get(ref) != nil {
			return ref
		}
	}
	return model.Ref{}
}

// finding returns a finding about an experiment.
func (s standing) finding(v estate.View, severity practice.Severity, action, text string, args ...any) practice.Finding {
	link := practice.To(s.e)
	f := practice.Finding{Severity: severity, Text: fmt.Sprintf(text, args...), About: link, From: []practice.Link{link}, Owner: owner(v, s.e)}
	if action != "" {
		f.Mend = &practice.Mend{Action: "research." + action, Parameters: map[string]string{"experiment": s.e.Key}}
	}
	return f
}

// money returns findings about what was spent.
func (s standing) money(v estate.View) []practice.Finding {
	var out []practice.Finding
	share, known := s.spend.percent()
	switch {
	case !running(s.e):
	case s.spend.unknown != "":
		out = append(out, s.finding(v, practice.Medium, "", "Nobody can tell what %s has cost: %s.", s.e.Title(), s.spend.unknown))
	case s.spend.limit.IsZero():
		out = append(out, s.finding(v, practice.High, "extend", "%s runs without a cap, and %s are spent.", s.e.Title(), s.spend.total))
	case s.spend.over():
		out = append(out, s.finding(v, practice.High, "kill", "%s has cost %s of at most %s: decide about it, or extend it once.", s.e.Title(), s.spend.total, s.spend.limit))
	case known && share >= warnAt:
		out = append(out, s.finding(v, practice.Medium, "", "%s has spent %.0f %% of its cap: %s of %s.", s.e.Title(), share, s.spend.total, s.spend.limit))
	}
	if running(s.e) {
		var others []practice.Link
		for _, l := range s.spend.lines {
			if rec := v.Get(l.shared); rec != nil && !slices.Contains(others, practice.To(rec)) {
				others = append(others, practice.To(rec))
			}
		}
		if len(others) > 0 {
			out = append(out, s.finding(v, practice.Low, "", "The same lines of bills are named by %s and by %s: they count for the first alone.", s.e.Title(), practice.Some(others)))
		}
	}
	return out
}

// due returns findings about decisions that are due.
func (s standing) due(v estate.View) []practice.Finding {
	e := s.e
	if !running(e) {
		return nil
	}
	var out []practice.Finding
	switch {
	case s.allMet():
		out = append(out, s.finding(v, practice.Medium, "graduate", "%s has met all of its exit criteria: graduate it.", e.Title()))
	case !e.Until.IsZero() && v.At() > e.Until:
		out = append(out, s.finding(v, practice.High, "kill", "The time box of %s was over on %s, and nobody has decided: %s.", e.Title(), e.Until, s.criteria()))
	case e.Until.IsZero():
		out = append(out, s.finding(v, practice.Medium, "extend", "%s has no time box: say until when it runs.", e.Title()))
	}
	if s.spend.over() || s.spend.unknown == "" && s.spend.limit.IsZero() {
		out = append(out, s.money(v)...)
	}
	return out
}

// daysLeft returns how many days of the time box are left, below 0 where it is over, and false where it has none or does not run.
func (s standing) daysLeft(at model.Date) *int {
	if s.e.Until.IsZero() || !running(s.e) {
		return nil
	}
	days := int(s.e.Until) - int(at)
	return &days
}

func sortFindings(list []practice.Finding) {
	slices.SortStableFunc(list, func(a, b practice.Finding) int {
		return cmp.Or(cmp.Compare(b.Severity.Weight(), a.Severity.Weight()), strings.Compare(a.About.Key, b.About.Key))
	})
}

// stageOf returns the place of a state in the pipeline.
func stageOf(s model.ExperimentState) int {
	i := slices.Index([]model.ExperimentState{model.ExperimentIdea, model.ExperimentHypothesis, model.ExperimentRunning, model.ExperimentDecided, model.ExperimentDropped}, s)
	return max(i, 0)
}

// lookUp returns the experiment that a parameter names.
func lookUp(v estate.View, ref model.Ref) (*model.Experiment, error) {
	e, ok := estate.Look[*model.Experiment](v, ref)
	if !ok {
		return nil, model.Problem{Field: "experiment", Text: "there is no such experiment"}
	}
	return e, nil
}
