package research

import (
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// ProposeIn is an idea of something to try.
type ProposeIn struct {
	// Name says in a few words what is to be tried.
	Name string `is:"required"`
	// Trend is the trend that it looks into.
	Trend model.Ref `to:"Trend"`
	// Hypothesis is what is believed and to be shown.
	Hypothesis string `is:"long"`
	// Technologies are what is tried. Unset means those of the trend.
	Technologies []model.Ref `to:"Technology"`
	// Solution is the idea of a product that it tests.
	Solution model.Ref `to:"Idea"`
	// Horizon says when its result is expected to bear fruit. Unset means that of the trend.
	Horizon model.Horizon
	// Sponsor is the person that wants it and pays for it.
	Sponsor model.Ref `to:"Person"`
	// Team is the team that does it.
	Team model.Ref `to:"Team"`
	// Cap is what may be spent in all.
	Cap model.Money
	// Until is the last day of the time box.
	Until model.Date
}

// Propose proposes an experiment: an idea, or a hypothesis where it says what is to be shown. A trend that it looks into is acted on from then on.
func Propose(v estate.View, in ProposeIn) (practice.Proposal, error) {
	name := strings.Join(strings.Fields(in.Name), " ")
	if name == "" {
		return practice.Proposal{}, model.Problem{Field: "name", Text: "say in a few words what is to be tried"}
	}
	e := &model.Experiment{State: model.ExperimentIdea, Hypothesis: in.Hypothesis, Technologies: in.Technologies, Solution: in.Solution, Horizon: in.Horizon, Sponsor: in.Sponsor, Team: in.Team, Cap: in.Cap, Until: in.Until}
	if strings.TrimSpace(in.Hypothesis) != "" {
		e.State = model.ExperimentHypothesis
	}
	e.Key = practice.FreeKey(v, "Experiment", practice.Slug(name))
	e.ID, e.Name = practice.NewID(v, "Experiment", e.Key), name
	out := practice.Proposal{Why: "Try: " + name}
	trend, ok := estate.Look[*model.Trend](v, in.Trend)
	if ok {
		e.Trends = []model.Ref{trend.Ref()}
		if e.Horizon == "" {
			e.Horizon = trend.Horizon
		}
		if len(e.Technologies) == 0 {
			e.Technologies = trend.Technologies
		}
	}
	add(v, &out, nil, e)
	if ok && (trend.State == "" || trend.State == model.TrendWatched) {
		after := model.Clone(trend)
		after.State = model.TrendActedOn
		add(v, &out, trend, after)
	}
	if missing := lacking(v, e); len(missing) > 0 {
		out.Findings = append(out.Findings, practice.Finding{Severity: practice.Info, About: practice.To(e), Text: "Before it may start it needs " + strings.Join(missing, ", ") + "."})
	}
	return out, nil
}
