package research

import (
	"fmt"
	"html/template"
	"slices"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
)

// trial is an experiment of the pipeline.
type trial struct {
	Title, Path, Horizon string
	Sponsor, Owner       named
	Cap, Spent           string
	Used                 string
	Bar                  template.HTML
	Over                 bool
	Until                model.Date
	Left                 string
	Late                 bool
	Criteria             string
	All                  int
	Decision, Class      string
}

// stage is a column of the pipeline.
type stage struct {
	Name, Title, Help string
	Trials            []trial
	// Hidden is how many are not shown, because they were decided long ago.
	Hidden int
}

// pipelineView is the page of the pipeline.
type pipelineView struct {
	Figures  template.HTML
	Horizons []option
	Teams    []model.Option
	Team     string
	Horizon  string
	Moment   map[string][]string
	Stages   []stage
	All      int
	Plan     template.HTML
	Findings template.HTML
	New      string
	Links    []panel.Save
	More     string
	Clear    string
}

// fewDecided is how many decided experiments the pipeline shows unless all are asked for.
const fewDecided = 8

func pipeline(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	b := pipelineView{Team: v.Form("team"), Horizon: v.Form("horizon"), Moment: v.Moment.Values()}
	answer, err := panel.Ask(v, "research.pipeline", "horizon", b.Horizon, "team", b.Team, "decided", "yes")
	if err != nil {
		return err
	}
	b.filters(d)
	b.stages(d, answer.Rows("experiments"), v.Form("all") == "yes")
	where := d.Path("/questions/research.pipeline", "horizon", b.Horizon, "team", b.Team)
	for _, name := range []string{"running", "waiting", "committed", "spent", "due"} {
		b.Figures += parts.Render(v, answer[name], parts.Options{Compact: true, Open: where})
	}
	if p := answer["plan"]; p.Picture != nil && len(p.Picture.Nodes) > 0 {
		b.Plan = parts.Render(v, p, parts.Options{Title: "Time boxes", Open: where, Href: d.href})
	}
	if p := answer["findings"]; len(p.Findings) > 0 {
		b.Findings = parts.Render(v, p, parts.Options{Title: "What needs a decision", Open: where, Href: d.href})
	}
	if !d.past() && d.Who.MayCreate("Experiment") {
		b.New = d.Path("/records/Experiment/new")
	}
	b.Links = []panel.Save{{Label: "Research by horizon", Path: d.Path("/questions/research.portfolio")}, {Label: "Spending", Path: d.Path("/questions/research.spending")}, {Label: "Decision matrices", Path: d.Path("/matrices")}, {Label: "Trends", Path: d.Path("/questions/radar.trends")}}
	return d.show("experiments", "experiments", frame.Page{Title: "Experiments", Lead: "What is tried, for how much and until when, from the idea to the decision.", Body: b})
}

// filters fills in the horizons and teams that can be chosen.
func (b *pipelineView) filters(d *desk) {
	counts := map[model.Horizon]int{}
	teams := map[model.Ref]bool{}
	for e := range estate.Each[*model.Experiment](d.view) {
		counts[e.Horizon]++
		counts[""]++
		teams[e.Team] = true
		b.All++
	}
	all := append([]model.Option{{Label: "All horizons"}}, model.Horizon("").Options()...)
	for _, o := range all {
		b.Horizons = append(b.Horizons, option{Label: o.Label, Path: d.Path("/experiments", "horizon", o.Value, "team", b.Team), On: o.Value == b.Horizon, Count: counts[model.Horizon(o.Value)]})
	}
	for t := range estate.Each[*model.Team](d.view) {
		if value := "Team/" + t.Key; teams[t.Ref()] || value == b.Team {
			b.Teams = append(b.Teams, model.Option{Value: value, Label: t.Title()})
		}
	}
	if b.Team != "" || b.Horizon != "" {
		b.Clear = d.Path("/experiments")
	}
}

// stages puts the experiments into the columns of the pipeline. What was dropped stands with what was decided, the latest first.
func (b *pipelineView) stages(d *desk, rows []door.Row, all bool) {
	options := model.ExperimentState("").Options()
	for _, o := range options[:4] {
		b.Stages = append(b.Stages, stage{Name: o.Value, Title: o.Label, Help: o.Help})
	}
	var over []door.Row
	for _, row := range rows {
		name := row.Text("stage")
		at := slices.IndexFunc(b.Stages, func(s stage) bool { return s.Name == name })
		switch {
		case name == string(model.ExperimentDecided) || name == string(model.ExperimentDropped):
			over = append(over, row)
		case at < 0:
			b.Stages[0].Trials = append(b.Stages[0].Trials, d.trial(row))
		default:
			b.Stages[at].Trials = append(b.Stages[at].Trials, d.trial(row))
		}
	}
	slices.SortStableFunc(over, func(x, y door.Row) int { return int(panel.DateOf(y, "until") - panel.DateOf(x, "until")) })
	last := &b.Stages[3]
	if len(over) > fewDecided && !all {
		last.Hidden, over = len(over)-fewDecided, over[:fewDecided]
		b.More = d.Path("/experiments", "horizon", b.Horizon, "team", b.Team, "all", "yes")
	}
	for _, row := range over {
		last.Trials = append(last.Trials, d.trial(row))
	}
}

// trial returns an experiment as the pipeline shows it.
func (d *desk) trial(row door.Row) trial {
	l := panel.LinkOf(row, "experiment")
	t := trial{Title: l.Title(), Path: d.href(l), Horizon: panel.WordOf(model.Horizon("").Options(), row.Text("horizon")), Sponsor: d.link(panel.LinkOf(row, "sponsor")), Owner: d.link(panel.LinkOf(row, "owner")),
		Cap: money(panel.MoneyOf(row, "cap")), Spent: money(panel.MoneyOf(row, "spent")), Until: panel.DateOf(row, "until"), Criteria: row.Text("criteria")}
	if used, ok := panel.NumberOf(row, "used"); ok {
		t.Used, t.Bar, t.Over = fmt.Sprintf("%.0f %%", used), bar(used, usedClass(used)), used > 100
	}
	if left, ok := panel.NumberOf(row, "days_left"); ok {
		t.Left, t.Late = leftWords(int(left)), left < 0
	}
	if e, ok := d.view.Find("Experiment", l.Key).(*model.Experiment); ok {
		t.All = len(e.Criteria)
	}
	switch decision := row.Text("decision"); {
	case row.Text("stage") == string(model.ExperimentDropped):
		t.Decision, t.Class = "Dropped", "muted"
	case decision == string(model.Graduate):
		t.Decision, t.Class = "Graduated", "good"
	case decision == string(model.Kill):
		t.Decision, t.Class = "Killed", "bad"
	case decision == string(model.Extend):
		t.Decision, t.Class = "Extended", "warn"
	}
	return t
}

// usedClass is the colour of a share of a cap.
func usedClass(percent float64) string {
	switch {
	case percent > 100:
		return "bad"
	case percent >= 80:
		return "warn"
	}
	return ""
}

// leftWords says how much of a time box is left.
func leftWords(days int) string {
	switch {
	case days < 0:
		return practice.Count(-days, "day", "days") + " over"
	case days == 0:
		return "the last day"
	}
	return practice.Count(days, "day", "days") + " left"
}
