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

// propose makes a proposal of one record that changes, with findings.
func propose(v estate.View, before, after model.Record, why string, findings ...practice.Finding) practice.Proposal {
	out := practice.Proposal{Why: why, Findings: findings}
	add(v, &out, before, after)
	return out
}

// add adds the change of a record to a proposal.
func add(v estate.View, out *practice.Proposal, before, after model.Record) {
	if change, differs := model.Difference(v.Schema().Of(after), before, after); differs {
		out.Changes = append(out.Changes, change)
	}
}

// lacking lists what an experiment must have before it runs and has not.
func lacking(v estate.View, e *model.Experiment) []string {
	var out []string
	if strings.TrimSpace(e.Hypothesis) == "" {
		out = append(out, "a hypothesis")
	}
	if e.Sponsor.IsZero() {
		out = append(out, "a sponsor")
	}
	if e.Cap.Sign() <= 0 {
		out = append(out, "a cap")
	}
	if e.Until.IsZero() {
		out = append(out, "a time box")
	}
	if len(e.Criteria) == 0 {
		out = append(out, "exit criteria")
	}
	seen := map[string]bool{}
	for _, c := range e.Criteria {
		if c.Better == "" || c.Unit == "" {
			out = append(out, fmt.Sprintf("a direction and a unit of the criterion %q", c.Name))
		}
		if key := strings.ToLower(c.Name); seen[key] {
			out = append(out, fmt.Sprintf("a name of its own for the second criterion %q", c.Name))
		} else {
			seen[key] = true
		}
	}
	return out
}

// StartIn says which experiment begins.
type StartIn struct {
	// Experiment is the experiment.
	Experiment model.Ref `to:"Experiment" is:"required"`
	// On is the first day of work. Unset means today. It may not be before today, since criteria are set before the start.
	On model.Date
}

// Start proposes to begin an experiment. It must have a sponsor, a hypothesis, a cap, a time box and measurable exit criteria. From then on the criteria cannot be changed:
// their SHA-256 is kept beside them.
func Start(v estate.View, in StartIn) (practice.Proposal, error) {
	e, err := lookUp(v, in.Experiment)
	if err != nil {
		return practice.Proposal{}, err
	}
	on := cmp.Or(in.On, v.At())
	switch lacks := lacking(v, e); {
	case e.State != model.ExperimentHypothesis:
		return practice.Proposal{}, model.Problem{Field: "experiment", Text: fmt.Sprintf("the state of %s is %s: only a hypothesis can be started", e.Title(), cmp.Or(string(e.State), "idea"))}
	case len(lacks) > 0:
		return practice.Proposal{}, model.Problem{Field: "experiment", Text: fmt.Sprintf("%s cannot start without %s", e.Title(), join(lacks))}
	case on < v.At():
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s is over: the criteria are set today, and they are set before the start", on)}
	case e.Until < on:
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("the time box ends on %s, before work begins", e.Until)}
	case practice.HasLeft(v.Get(e.Sponsor), on):
		return practice.Proposal{}, model.Problem{Field: "experiment", Text: "its sponsor no longer works here: name another one"}
	}
	for _, c := range e.Criteria {
		if !c.MeasuredOn.IsZero() {
			return practice.Proposal{}, model.Problem{Field: "experiment", Text: fmt.Sprintf("the criterion %q was measured before the start: take the value out, or write it as the value before", c.Name)}
		}
	}
	after := model.Clone(e)
	after.State, after.Start, after.CriteriaSet, after.CriteriaDigest = model.ExperimentRunning, on, v.At(), e.DigestOfCriteria()
	out := propose(v, e, after, "Start "+e.Title())
	s := standingOf(v, e)
	out.Findings = append(out.Findings, s.finding(v, practice.Info, "", "It may cost %s until %s. Its exit criteria stay as they are from now on.", e.Cap, e.Until))
	if len(e.UsesSystems)+len(e.CostTags) == 0 {
		out.Findings = append(out.Findings, s.finding(v, practice.Medium, "", "Nothing says which lines of bills are its cost: fill in uses_systems or cost_tags, or write down what is spent."))
	}
	return out, nil
}

// MeasureIn says what was measured.
type MeasureIn struct {
	// Experiment is the experiment.
	Experiment model.Ref `to:"Experiment" is:"required"`
	// Criterion is the name of the exit criterion.
	Criterion string `is:"required"`
	// Value is the value that was measured.
	Value float64
	// On is the day of the measurement. Unset means today.
	On model.Date
	// Note says how it was measured.
	Note string
}

// Measure proposes to write down the value of an exit criterion.
func Measure(v estate.View, in MeasureIn) (practice.Proposal, error) {
	e, err := lookUp(v, in.Experiment)
	if err != nil {
		return practice.Proposal{}, err
	}
	at := slices.IndexFunc(e.Criteria, func(c model.ExitCriterion) bool { return strings.EqualFold(c.Name, strings.TrimSpace(in.Criterion)) })
	on := cmp.Or(in.On, v.At())
	switch {
	case !running(e):
		return practice.Proposal{}, model.Problem{Field: "experiment", Text: e.Title() + " does not run"}
	case at < 0:
		var names []string
		for _, c := range e.Criteria {
			names = append(names, c.Name)
		}
		return practice.Proposal{}, model.Problem{Field: "criterion", Text: "its criteria are " + join(names)}
	case on > v.At():
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("%s is still to come", on)}
	case on < e.Start:
		return practice.Proposal{}, model.Problem{Field: "on", Text: fmt.Sprintf("work began on %s", e.Start)}
	}
	after := model.Clone(e)
	after.Criteria = slices.Clone(e.Criteria)
	c := &after.Criteria[at]
	c.Measured, c.MeasuredOn, c.Note = in.Value, on, cmp.Or(in.Note, c.Note)
	how := map[CriterionState]string{Met: "which meets", NotMet: "which does not meet"}[StateOfCriterion(*c, v.At())]
	out := propose(v, e, after, fmt.Sprintf("Measure %s of %s", c.Name, e.Title()))
	s := standing{e: after, spend: standingOf(v, e).spend}
	out.Findings = append(out.Findings, s.finding(v, practice.Info, "", "%s is %g %s, %s the target of %g %s.", c.Name, in.Value, c.Unit, how, c.Target, c.Unit))
	return out, nil
}

// AddEvidenceIn says what was seen.
type AddEvidenceIn struct {
	// Experiment is the experiment.
	Experiment model.Ref `to:"Experiment" is:"required"`
	// Text says what it shows.
	Text string `is:"required"`
	// Link is where it can be read.
	Link string `format:"url"`
	// Seen is the day when it was seen. Unset means today.
	Seen model.Date
}

// AddEvidence proposes to add something that shows what an experiment found.
func AddEvidence(v estate.View, in AddEvidenceIn) (practice.Proposal, error) {
	e, err := lookUp(v, in.Experiment)
	if err != nil {
		return practice.Proposal{}, err
	}
	after := model.Clone(e)
	after.Evidence = append(slices.Clone(e.Evidence), model.ExperimentEvidence{Seen: cmp.Or(in.Seen, v.At()), Text: in.Text, Link: in.Link})
	return propose(v, e, after, "Add evidence to "+e.Title()), nil
}

// ExtendIn says how much more an experiment gets.
type ExtendIn struct {
	// Experiment is the experiment.
	Experiment model.Ref `to:"Experiment" is:"required"`
	// Cap is what may be spent in all from now on. Unset means as before.
	Cap model.Money
	// Until is the new last day of the time box. Unset means as before.
	Until model.Date
	// Reason says why it gets more.
	Reason string `is:"required"`
	// By is who allows it.
	By model.Ref `to:"Person" is:"asker"`
}

// Extend proposes to give an experiment more time, more money or both. It can be done once: what is not shown then is killed.
func Extend(v estate.View, in ExtendIn) (practice.Proposal, error) {
	e, err := lookUp(v, in.Experiment)
	if err != nil {
		return practice.Proposal{}, err
	}
	switch {
	case !running(e):
		return practice.Proposal{}, model.Problem{Field: "experiment", Text: e.Title() + " does not run"}
	case !e.Extended.IsZero():
		return practice.Proposal{}, model.Problem{Field: "experiment", Text: fmt.Sprintf("%s was extended on %s already: graduate it or kill it", e.Title(), e.Extended)}
	case in.Cap.IsZero() && in.Until.IsZero():
		return practice.Proposal{}, model.Problem{Field: "until", Text: "say until when it runs, or what it may cost"}
	case !in.Until.IsZero() && (in.Until <= e.Until || in.Until < v.At()):
		return practice.Proposal{}, model.Problem{Field: "until", Text: fmt.Sprintf("%s is not after %s", in.Until, max(e.Until, v.At()))}
	case strings.TrimSpace(in.Reason) == "":
		return practice.Proposal{}, model.Problem{Field: "reason", Text: "say why it gets more"}
	}
	if !in.Cap.IsZero() && !e.Cap.IsZero() {
		if c, err := in.Cap.Cmp(e.Cap); err != nil || c <= 0 {
			return practice.Proposal{}, model.Problem{Field: "cap", Text: fmt.Sprintf("%s is not above the cap of %s", in.Cap, e.Cap)}
		}
	}
	after := model.Clone(e)
	after.FirstCap, after.FirstUntil = e.Cap, e.Until
	after.Extended, after.ExtendedBy, after.ExtendReason = v.At(), in.By, in.Reason
	after.Decision, after.DecidedBy = model.Extend, in.By
	after.Until = cmp.Or(in.Until, e.Until)
	if !in.Cap.IsZero() {
		after.Cap = in.Cap
	}
	s := standingOf(v, e)
	return propose(v, e, after, fmt.Sprintf("Extend %s: %s", e.Title(), in.Reason), s.finding(v, practice.Info, "", "It may cost %s until %s, and cannot be extended again. So far it has cost %s, and of its criteria %s.", after.Cap, after.Until, spentNow(s), s.criteria())), nil
}
