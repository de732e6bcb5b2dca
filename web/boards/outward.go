package boards

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
)

// begin is a group of one panel that says what to do next where the estate knows nothing yet.
func begin(v *frame.Visit, heading, text, path, label string) group {
	s := stepFor(v, step{text, path, label})
	return group{Panels: []panel{{Heading: heading, Class: "decide", Open: s.Path, Step: s}}}
}

// technologyBoard is the board of technology: the radar against the estate, bets, what is tried, and what was decided.
func technologyBoard(v *frame.Visit) ([]group, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	var out []group
	if view.Count("Blip") == 0 {
		out = append(out, begin(v, "The radar", "There is no radar yet. Begin with the usual rings and sectors, and put on it what teams use.", "/questions/radar.adopt_defaults", "Make the first radar"))
	} else {
		radar := ask(v, []model.Tile{
			{Question: "radar.picture", Part: "blips", Title: "Blips on the radar", Width: 3},
			{Question: "radar.drift", Part: "growing", Title: "On hold, and still growing", Width: 3},
			{Question: "radar.drift", Part: "unused", Title: "To be adopted, and unused", Width: 3},
			{Question: "radar.drift", Part: "unlisted", Title: "In use, and on no radar", Width: 3},
			{Question: "radar.picture", Part: "radar", Title: "The radar", Width: 7},
			{Question: "radar.drift", Part: "findings", Title: "What the estate says against it", Width: 5},
		}, patience)
		out = append(out, group{Heading: "The radar, and what the estate proves", Tiles: radar})
	}
	if view.Count("TechnologyBet")+view.Count("Trend") > 0 {
		bets := ask(v, []model.Tile{
			{Question: "radar.bets", Part: "open", Title: "Open bets", Width: 3},
			{Question: "radar.bets", Part: "stake", Title: "Put on them", Width: 3},
			{Question: "radar.bets", Part: "at_risk", Title: "Bets at risk", Width: 3},
			{Question: "radar.trends", Part: "unanswered", Title: "Strong trends without an answer", Width: 3},
			{Question: "radar.trends", Part: "map", Title: "Trends by impact and horizon", Width: 6},
			{Question: "radar.strategy", Part: "findings", Title: "To decide, and at risk", Width: 6},
		}, patience)
		out = append(out, group{Heading: "What the company bets on", Tiles: renumber(bets, 100)})
	}
	if view.Count("Experiment")+view.Count("DecisionMatrix") == 0 {
		out = append(out, begin(v, "Research", "Nothing is tried yet. Plan an experiment with a question, a cap, an end and exit criteria.", "/records/Experiment/new", "Plan the first experiment"))
	} else {
		research := ask(v, []model.Tile{
			{Question: "research.pipeline", Part: "running", Title: "Experiments running", Width: 3},
			{Question: "research.pipeline", Part: "committed", Title: "Caps of what runs", Width: 3},
			{Question: "research.pipeline", Part: "spent", Title: "Spent of it", Width: 3},
			{Question: "research.decisions_due", Part: "due", Title: "To decide", Width: 3},
			{Question: "research.pipeline", Part: "plan", Title: "When what is tried ends", Width: 12},
			{Question: "research.decisions_due", Part: "findings", Title: "Decide next", Width: 12},
		}, patience)
		research = append(renumber(research, 200), narrow(v, model.Tile{Question: "research.matrices", Part: "matrices", Title: "Choices between tools, platforms and providers", Width: 12}, 250, "matrix,type,state,options,due,first"))
		out = append(out, group{Heading: "What is tried", Tiles: research})
	}
	if view.Count("DecisionRecord")+view.Count("Scorecard") > 0 {
		decided := ask(v, []model.Tile{
			{Question: "standards.decisions", Part: "holding", Title: "Decisions that hold", Width: 3},
			{Question: "standards.review_due", Part: "overdue", Title: "Past their review", Width: 3},
			{Question: "standards.outcomes", Part: "hit_rate", Title: "Effects that came as predicted", Width: 3},
			{Question: "standards.exemptions", Part: "overdue", Title: "Exemptions that ran out", Width: 3},
			{Question: "standards.review_due", Part: "findings", Title: "Decisions to look at again", Width: 6},
			{Question: "standards.campaigns", Part: "findings", Title: "Campaigns", Width: 6},
		}, patience)
		decided = append(renumber(decided, 300), narrow(v, model.Tile{Question: "standards.scorecards", Part: "scorecards", Title: "Scorecards", Width: 12}, 350, "scorecard,scores,records,target,at_target,share,exempted,owner"))
		out = append(out, group{Heading: "What was decided, and how it is followed", Tiles: decided})
	}
	return out, nil
}

// productBoard is the board of products: what they earn, what was promised, what comes, what customers ask for, and what the market does.
func productBoard(v *frame.Visit) ([]group, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	if view.Count("Product") == 0 {
		return []group{begin(v, "Products", "No product is known yet. Say what the company sells, to whom, and what it brings in.", "/records/Product/new", "Add the first product")}, nil
	}
	top := ask(v, []model.Tile{
		{Question: "product.top_line", Part: "revenue", Title: "Revenue of products", Width: 3},
		{Question: "product.top_line", Part: "growth", Title: "Growth in a year", Width: 3},
		{Question: "product.portfolio", Part: "threatened", Title: "Revenue on what will not hold", Width: 3},
		{Question: "product.outcomes", Part: "hit_rate", Title: "Effects that came as predicted", Width: 3},
		{Question: "product.portfolio", Part: "months", Title: "Revenue, month by month", Width: 7},
		{Question: "product.portfolio", Part: "findings", Title: "What they run on", Width: 5},
		{Question: "product.top_line", Part: "products", Title: "Products", Width: 12},
	}, patience)
	promised := ask(v, []model.Tile{
		{Question: "product.promises", Part: "promises", Title: "Promises to customers", Width: 3},
		{Question: "product.top_line", Part: "promised_late", Title: "Broken, late or not planned", Width: 3},
		{Question: "product.promises", Part: "at_stake", Title: "Revenue that hangs on them", Width: 3},
		{Question: "product.customers", Part: "at_risk", Title: "Revenue of customers at risk", Width: 3},
		{Question: "product.promises", Part: "findings", Title: "Promises that will not hold", Width: 6},
		{Question: "product.customers", Part: "findings", Title: "Customers to talk to", Width: 6},
	}, patience)
	coming := ask(v, []model.Tile{
		{Question: "product.roadmap", Part: "items", Title: "Items on the roadmap", Width: 3},
		{Question: "product.roadmap", Part: "value", Title: "What they are to bring in a year", Width: 3},
		{Question: "product.roadmap", Part: "conflicts", Title: "Cannot come as planned", Width: 3},
		{Question: "product.roadmap", Part: "overloaded", Title: "Quarters with too much work", Width: 3},
		{Question: "product.roadmap", Part: "timeline", Title: "The roadmap", Width: 12},
		{Question: "product.roadmap", Part: "findings", Title: "What stands in its way", Width: 6},
		{Question: "product.outcomes", Part: "findings", Title: "What was delivered", Width: 6},
	}, patience)
	asked := ask(v, []model.Tile{
		{Question: "product.ideas", Part: "ideas", Title: "Open ideas", Width: 3},
		{Question: "product.ideas", Part: "unread", Title: "That nobody looked at", Width: 3},
		{Question: "product.ideas", Part: "value", Title: "Worth to those who asked", Width: 3},
		{Question: "product.market", Part: "unanswered", Title: "Market signals without an answer", Width: 3},
		{Question: "product.ideas", Part: "findings", Title: "Ideas", Width: 6},
		{Question: "product.market", Part: "findings", Title: "The market", Width: 6},
	}, patience)
	asked = append(renumber(asked, 300), narrow(v, model.Tile{Question: "product.market", Part: "competitor_table", Title: "Competitors", Width: 12}, 350, "competitor,share,strengths,weaknesses,last"))
	return []group{
		{Heading: "What products earn", Tiles: top},
		{Heading: "What was promised", Tiles: renumber(promised, 100)},
		{Heading: "What comes", Tiles: renumber(coming, 200)},
		{Heading: "What customers and the market ask for", Tiles: asked},
	}, nil
}

// mostGates is how many releases the board of delivery asks the gate about.
const mostGates = 3

// deliveryBoard is the board of delivery: DORA's metrics by service and by team, where the time goes, how good changes are, and what may be released.
func deliveryBoard(v *frame.Visit) ([]group, error) {
	view, err := v.View()
	if err != nil {
		return nil, err
	}
	if view.Count("Repository") == 0 {
		path, label := "/records/EventReceiver/new", "Make an event receiver"
		if !v.Who.MayCreate("EventReceiver") && v.Who.Imports() {
			path, label = "/imports", "Import an export"
		}
		return []group{begin(v, "Delivery", "Nothing is known about deliveries yet. Let the place where the code lies send its events, or import an export of it.", path, label),
			begin(v, "Services and repositories", "A repository says which service is built from it and which team works on it.", "/records/Repository/new", "Add a repository")}, nil
	}
	dora := ask(v, []model.Tile{
		{Question: "delivery.dora", Part: "measured", Title: "Services that deliver", Width: 3},
		{Question: "delivery.coverage", Part: "share", Title: "Services that are measured", Width: 3},
		{Question: "delivery.freezes", Part: "now", Title: "Freezes that hold today", Width: 3},
		{Question: "delivery.freezes", Part: "broken", Title: "Deployments in a freeze", Width: 3},
	}, patience)
	const metrics = "lead_time,per_week,recovery,fail_rate,rework"
	dora = append(dora,
		narrow(v, model.Tile{Question: "delivery.dora", Part: "rows", Title: "DORA's metrics by service", Width: 12}, 50, "of,team,"+metrics),
		narrow(v, model.Tile{Question: "delivery.dora", Parameters: "by=team", Part: "rows", Title: "DORA's metrics by team", Width: 12}, 51, "of,"+metrics))
	flow := ask(v, []model.Tile{
		{Question: "delivery.throughput", Part: "weeks", Title: "Finished, week by week", Width: 5},
		{Question: "delivery.quality", Part: "findings", Title: "Quality of changes", Width: 6},
		{Question: "delivery.repositories", Part: "findings", Title: "Repositories to look at", Width: 6},
	}, patience)
	flow = append([]tile{leadTimes(v, 150)}, renumber(flow, 100)...)
	release := append(renumber(ask(v, gateTiles(view), patience), 200),
		narrow(v, model.Tile{Question: "delivery.freezes", Part: "freezes", Title: "Freezes", Width: 12}, 250, "freeze,state,begins,until,for,broken"))
	return []group{
		{Heading: "How well it is delivered", Tiles: dora},
		{Heading: "Flow and quality", Tiles: flow},
		{Heading: "What may be released", Tiles: release},
	}, nil
}

// leadTimes shows the stages of lead time side by side: a row for each service, with what half of its requests took in each stage.
func leadTimes(v *frame.Visit, at int) tile {
	t := model.Tile{Question: "delivery.lead_time", Part: "stages", Title: "Hours that half of the requests took", Width: 7}
	out := askOne(v, t, at, patience)
	part, err := find(v, v.Moment, t, patience)
	if out.Later != "" || err != nil || part.Grid == nil {
		return out
	}
	stages := []string{"coding", "pickup", "review", "deploy"}
	g := &practice.Grid{Columns: []practice.Column{column("of", "Of", false)}}
	for _, s := range stages {
		g.Columns = append(g.Columns, column(s, strings.ToUpper(s[:1])+s[1:], true))
	}
	for row := range door.Rows(part.Grid) {
		of := row["of"]
		if n := len(g.Rows); n == 0 || g.Rows[n-1][0].Text != of.Text {
			g.Rows = append(g.Rows, append([]practice.Cell{of}, make([]practice.Cell, len(stages))...))
		}
		if i := slices.Index(stages, row.Text("stage")); i >= 0 {
			g.Rows[len(g.Rows)-1][1+i] = row["half"]
		}
	}
	g.Rows = slices.DeleteFunc(g.Rows, func(row []practice.Cell) bool {
		return !slices.ContainsFunc(row[1:], func(c practice.Cell) bool { return c.Text != "" })
	})
	part.Grid = g
	out.Body = showUpTo(v, mostNarrow, part, t.Title, questionPath(t.Question, ""), nil, "tile-"+strconv.Itoa(at))
	return out
}

// gateTiles ask whether the most critical applications and services with a repository may be released today.
func gateTiles(view estate.View) []model.Tile {
	var of []model.Record
	for r := range estate.Each[*model.Repository](view) {
		for _, ref := range r.Builds {
			if rec := view.Get(ref); rec != nil && !slices.Contains(of, rec) {
				of = append(of, rec)
			}
		}
	}
	slices.SortStableFunc(of, func(a, b model.Record) int {
		return cmp.Or(cmp.Compare(severity(b), severity(a)), cmp.Compare(a.Base().Key, b.Base().Key))
	})
	var out []model.Tile
	for _, rec := range of[:min(mostGates, len(of))] {
		out = append(out, model.Tile{Question: "delivery.gate", Parameters: "of=" + escape(rec.Base().Ref().String()), Part: "findings", Title: "What stands against delivering " + rec.Base().Title(), Width: 4})
	}
	return out
}

// severity says how much hangs on something.
func severity(rec model.Record) int {
	return practice.SeverityOf(practice.CriticalityOf(rec)).Weight()
}
