package research

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
	"binnacle/web/prose"
)

// criterion is an exit criterion as the page shows it.
type criterion struct {
	Name, Better, Target, Before string
	Measured                     string
	On                           model.Date
	State, Class, Note           string
}

// step is a state on the way of an experiment.
type step struct {
	Label    string
	Day      model.Date
	On, Past bool
}

// seen is a piece of evidence.
type seen struct {
	Day        model.Date
	Text, Link string
}

// experimentView is the page of one experiment.
type experimentView struct {
	Steps                []step
	Decision, Class      string
	Decided              model.Date
	By                   named
	Horizon              string
	About, Hypothesis    template.HTML
	Reason               template.HTML
	Figures              template.HTML
	Bar                  template.HTML
	Spent, Cap, Used     string
	Over                 bool
	Until                model.Date
	Left                 string
	Late                 bool
	Criteria             []criterion
	CriteriaSet          model.Date
	HasBefore            bool
	Met                  int
	Evidence             []seen
	Lines, Months        template.HTML
	Findings             template.HTML
	Sponsor, Team, Owner named
	Blip, Opens, Written named
	Trends, Technologies []named
	Partners, Uses       []named
	Solution             named
	Tags                 []string
	Matrices             []named
	Extended             model.Date
	ExtendReason         string
	FirstCap             string
	FirstUntil           model.Date
	Acts                 []template.HTML
	EditHint             string
	NoPerson             bool
	Talk                 template.HTML
	Record               string
	SpendHidden          bool
}

func experiment(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	e, err := d.experiment()
	if err != nil {
		return err
	}
	answer, err := panel.Ask(v, "research.experiment", "experiment", "Experiment/"+e.Key)
	if err != nil {
		return err
	}
	b := experimentView{Horizon: panel.WordOf(e.Horizon.Options(), string(e.Horizon)), Decided: e.Decided, By: d.named(e.DecidedBy), Until: e.Until, CriteriaSet: e.CriteriaSet, Cap: money(e.Cap), Sponsor: d.named(e.Sponsor), Team: d.named(e.Team),
		Owner: d.named(e.Owner), Blip: d.named(e.Blip), Opens: d.named(e.Opens), Written: d.named(e.Record), Trends: d.links(e.Trends), Technologies: d.links(e.Technologies), Partners: d.links(e.With), Uses: d.links(e.UsesSystems),
		Solution: d.named(e.Solution), Tags: e.CostTags, Extended: e.Extended, ExtendReason: e.ExtendReason, FirstCap: money(e.FirstCap), FirstUntil: e.FirstUntil, Record: d.Record(practice.To(e))}
	for _, text := range []struct {
		from string
		to   *template.HTML
	}{{e.Description, &b.About}, {e.Hypothesis, &b.Hypothesis}, {e.Reason, &b.Reason}} {
		if text.from != "" {
			*text.to = prose.HTML(text.from)
		}
	}
	b.way(e)
	b.spending(d, e, answer)
	b.criteria(answer)
	for _, row := range answer.Rows("evidence") {
		b.Evidence = append(b.Evidence, seen{panel.DateOf(row, "seen"), row.Text("text"), row.Text("link")})
	}
	if p := answer["findings"]; len(p.Findings) > 0 {
		b.Findings = parts.Render(v, p, parts.Options{Heading: -1, Href: d.href})
	}
	for x := range d.view.In(e.Ref()) {
		if m, ok := x.Record.(*model.DecisionMatrix); ok {
			b.Matrices = append(b.Matrices, d.named(m.Ref()))
		}
	}
	b.acts(d, e)
	b.Talk = panel.Talk(v, d.view, e, d.Path(experimentPath(e.Key, "/comments")))
	return d.show("experiment", "experiments", frame.Page{Title: e.Title(), Crumbs: []frame.Crumb{{Label: "Experiments", Path: "/experiments"}}, Body: b})
}

// way fills in the states that the experiment has behind and before it.
func (b *experimentView) way(e *model.Experiment) {
	at := 0
	options := e.State.Options()[:4]
	for i, o := range options {
		if o.Value == string(e.State) {
			at = i
		}
	}
	days := []model.Date{0, e.CriteriaSet, e.Start, e.Decided}
	for i, o := range options {
		s := step{Label: o.Label, On: i == at, Past: i < at}
		if i <= at {
			s.Day = days[i]
		}
		b.Steps = append(b.Steps, s)
	}
	switch {
	case e.State == model.ExperimentDropped:
		b.Decision, b.Class = "Dropped", "muted"
	case e.State != model.ExperimentDecided:
	case e.Decision == model.Graduate:
		b.Decision, b.Class = "Graduated", "good"
	case e.Decision == model.Kill:
		b.Decision, b.Class = "Killed", "bad"
	}
}

// spending fills in the cap and what was spent, with the lines of the bills.
func (b *experimentView) spending(d *desk, e *model.Experiment, answer panel.Reply) {
	where := d.Path("/questions/research.experiment", "experiment", "Experiment/"+e.Key)
	spent := answer.Figure("spent")
	if !spent.Unknown {
		b.Spent = money(spent.Money)
	}
	if used := answer.Figure("used"); !used.Unknown {
		b.Used, b.Bar, b.Over = fmt.Sprintf("%.0f %%", used.Value), bar(used.Value, usedClass(used.Value)), used.Value > 100
	}
	if left := answer.Figure("days_left"); !left.Unknown {
		b.Left, b.Late = leftWords(int(left.Value)), left.Value < 0
	}
	if p := answer["lines"]; p.Grid != nil && len(p.Grid.Rows) > 0 {
		b.Lines = parts.Render(d.Visit, last(without(p, "experiment"), "how"), parts.Options{Heading: -1, Open: where, Href: d.href})
	} else if p.Grid != nil && p.Grid.Note != "" {
		b.Lines = template.HTML(`<p class="muted">` + template.HTMLEscapeString(p.Grid.Note) + `</p>`)
	}
	if p := answer["months"]; p.Series != nil && len(p.Series.Lines) > 0 {
		b.Months = parts.Render(d.Visit, p, parts.Options{Heading: 3, Title: "By month", Open: where})
	}
}

// criteria fills in what decides.
func (b *experimentView) criteria(answer panel.Reply) {
	for _, row := range answer.Rows("criteria") {
		unit := row.Text("unit")
		with := func(column string) string {
			f, ok := panel.NumberOf(row, column)
			if !ok {
				return ""
			}
			return fmt.Sprintf("%g\u00a0%s", f, unit)
		}
		c := criterion{Name: row.Text("criterion"), Better: "at least", Target: with("target"), Measured: with("measured"), On: panel.DateOf(row, "measured_on"), Note: row.Text("note"), Class: "muted", State: "Not measured"}
		if row.Text("better") == string(model.LessIsBetter) {
			c.Better = "at most"
		}
		if f, _ := panel.NumberOf(row, "before"); f != 0 {
			c.Before, b.HasBefore = with("before"), true
		}
		switch row.Text("state") {
		case "met":
			c.State, c.Class = "Met", "good"
			b.Met++
		case "not_met":
			c.State, c.Class = "Not met", "bad"
		}
		b.Criteria = append(b.Criteria, c)
	}
}

// acts fills in what the visitor may do with the experiment.
func (b *experimentView) acts(d *desk, e *model.Experiment) {
	if d.past() || !d.Who.MayWrite(e) {
		return
	}
	post := func(action string) string { return d.Path(experimentPath(e.Key, "/do/"+action)) }
	add := func(a panel.Act) {
		a.About = e
		if form := panel.Form(d.Visit, a); form != "" {
			b.Acts = append(b.Acts, form)
		}
	}
	switch e.State {
	case model.ExperimentIdea, "":
		b.EditHint = "Write down the hypothesis, a sponsor, a cap, a time box and exit criteria on its record, and set it to hypothesis: then it can start."
	case model.ExperimentHypothesis:
		add(panel.Act{Name: "research.start", Label: "Start it", Button: "Start it", Path: post("start"), Primary: true})
	case model.ExperimentRunning:
		var criteria []model.Option
		for _, c := range e.Criteria {
			criteria = append(criteria, model.Option{Value: c.Name, Label: c.Name})
		}
		if len(criteria) > 0 {
			add(panel.Act{Name: "research.measure", Label: "Measure a criterion", Button: "Keep the value", Path: post("measure"), Choices: map[string][]model.Option{"criterion": criteria}})
		}
		if b.NoPerson = d.Who.Person() == nil; !b.NoPerson {
			rings := d.rings(e)
			choices := map[string][]model.Option{}
			if len(rings) > 0 {
				choices["ring"] = rings
			}
			only := []string{"ring", "title", "product", "item", "bucket", "review_by", "reason"}
			if e.Blip.IsZero() {
				only = append(only, "blip")
			}
			product := ""
			if idea, ok := estate.Look[*model.Idea](d.view, e.Solution); ok {
				if p := practice.To(d.view.Get(idea.Product)); !p.IsZero() {
					product = p.String()
				}
			}
			add(panel.Act{Name: "research.graduate", Label: "Graduate it", Button: "Graduate it", Path: post("graduate"), Primary: true, Choices: choices, Only: only,
				Values: map[string]string{"title": "Graduate " + e.Title(), "item": e.Title(), "bucket": "next", "product": product, "review_by": d.view.At().AddMonths(12).String()}})
			add(panel.Act{Name: "research.kill", Label: "Kill it", Button: "Kill it", Path: post("kill"), Choices: choices, Only: []string{"reason", "ring"}})
			if e.Extended.IsZero() {
				add(panel.Act{Name: "research.extend", Label: "Extend it, once", Button: "Extend it", Path: post("extend")})
			}
		}
	}
	if e.State == model.ExperimentRunning || e.State == model.ExperimentDecided {
		add(panel.Act{Name: "research.add_evidence", Label: "Add evidence", Button: "Add it", Path: post("evidence")})
	}
}

// rings returns the rings of the radar on which the experiment has its blip, or of the first radar.
func (d *desk) rings(e *model.Experiment) []model.Option {
	var radar *model.Radar
	if blip, ok := d.view.Get(e.Blip).(*model.Blip); ok {
		radar, _ = d.view.Get(blip.Radar).(*model.Radar)
	}
	if radar == nil {
		all := slices.SortedFunc(estate.Each[*model.Radar](d.view), func(x, y *model.Radar) int { return cmp.Compare(x.Key, y.Key) })
		if len(all) == 0 {
			return nil
		}
		radar = all[0]
	}
	answer, err := panel.Ask(d.Visit, "radar.picture", "radar", "Radar/"+radar.Key)
	if err != nil {
		return nil
	}
	var out []model.Option
	for _, row := range answer.Rows("rings") {
		out = append(out, model.Option{Value: row.Text("ring"), Label: row.Text("ring")})
	}
	return out
}
