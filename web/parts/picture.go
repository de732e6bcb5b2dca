package parts

import (
	"html/template"
	"slices"
	"strconv"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
)

// pictureView is a picture as its template gets it.
type pictureView struct {
	Label  string
	Image  template.HTML
	Note   string
	Legend []legendItem
	Table  template.HTML
	// Count is how many things are in the picture.
	Count   int
	Compact bool
}

// legendItem is one line of a legend.
type legendItem struct{ Class, Text string }

// most is how many boxes a graph shows: more could not be read.
const most = 90

func (r renderer) picture(s shown) template.HTML {
	p := *s.Picture
	v := pictureView{Label: s.Label, Compact: r.opt.Compact, Count: len(p.Nodes)}
	switch p.Type {
	case practice.MapPicture:
		v.Image = draw.Boxes(r.boxes(p), 960, s.Label, practice.Count(len(p.Nodes), "box", "boxes"))
		v.Legend = markLegend(p)
	case practice.RoadmapPicture:
		lanes, from, until := r.lanes(p)
		at, _ := model.ParseDate(r.v.Moment.At)
		label := "Plan date"
		if at.IsZero() && r.v.House != nil {
			at, label = r.v.House.Today(), "Today"
		}
		v.Image = draw.Roadmap(lanes, from, until, []draw.MarkedDay{{Day: at, Label: label}}, s.Label)
		v.Legend = markLegend(p)
	case practice.GraphPicture:
		whole := len(p.Nodes)
		if whole > most {
			p.Nodes = p.Nodes[:most]
			p.Edges = slices.DeleteFunc(slices.Clone(p.Edges), func(e practice.Join) bool { return e.From >= most || e.To >= most })
			v.Note = "The picture shows the first " + strconv.Itoa(most) + " of " + strconv.Itoa(whole) + ". The table has all."
		}
		v.Image = draw.Graph(draw.NetworkOf(p, r.href), s.Label)
		v.Legend = markLegend(p)
	case practice.MatrixPicture:
		return r.matrix(s)
	case practice.CurvePicture:
		if p.Curves == nil {
			p.Curves = &practice.Curves{}
		}
		v.Image = draw.Curves(*p.Curves, s.Label, r.opt.Compact)
		v.Legend = curveLegend(*p.Curves)
		v.Count = len(p.Curves.Lines)
		v.Table = r.curveTable(*p.Curves)
		return execute("picture", v)
	case practice.RadarPicture:
		if p.Radar != nil {
			v.Image = r.radar(p).Draw(s.Label)
		}
		if p.Radar != nil && r.opt.Compact {
			v.Note = "The page of the radar names each number."
		}
	case practice.FlowPicture:
		f := r.flow(p)
		v.Image = f.Draw(s.Label, practice.Count(len(p.Edges), "flow", "flows"))
		v.Legend = flowLegend(f)
		if f.Unit != "" {
			v.Note = "Amounts in " + f.Unit + ". "
		}
		if n := f.Omitted(); n > 0 {
			v.Note += practice.Count(n, "line is", "lines are") + " not drawn: below nothing, as credits are, or back to where it came from. The table has all."
		}
	}
	v.Table = r.pictureTable(*s.Picture)
	return execute("picture", v)
}

// flow builds the bars and bands of a Sankey diagram. The group of a node is its stage; stages come in the order of their first node.
func (r renderer) flow(p practice.Picture) draw.Flow {
	f := draw.Flow{Edges: p.Edges}
	for _, e := range p.Edges {
		if !e.Money.IsZero() {
			f.Unit = e.Money.Currency()
		}
	}
	// Stages in which nothing is take no colour.
	for _, stage := range p.Stages {
		if slices.ContainsFunc(p.Nodes, func(n practice.Node) bool { return n.Group == stage }) {
			f.Stages = append(f.Stages, stage)
		}
	}
	for _, n := range p.Nodes {
		stage := slices.Index(f.Stages, n.Group)
		if stage < 0 {
			stage = len(f.Stages)
			f.Stages = append(f.Stages, n.Group)
		}
		f.Nodes = append(f.Nodes, draw.FlowNode{Title: n.Link.Title(), Amount: draw.Whole(n.Value), Href: r.href(n.Link), Stage: stage, Mark: n.Severity})
	}
	return f
}

// radar builds a radar. The group of a node is its sector, its value the number of its ring; blips are numbered in their order.
func (r renderer) radar(p practice.Picture) draw.RadarView {
	v := draw.RadarView{Quadrants: p.Radar.Quadrants, Rings: p.Radar.Rings, Compact: r.opt.Compact}
	for i, n := range p.Nodes {
		b := draw.RadarBlip{Title: n.Link.Title(), Quadrant: slices.Index(v.Quadrants, n.Group), Ring: int(n.Value) - 1, Moved: n.Moved, Number: i + 1}
		if !n.Link.IsZero() {
			b.Href = r.href(n.Link)
		}
		v.Blips = append(v.Blips, b)
	}
	return v
}

// boxes builds the boxes of a map. The group of a node is the key of the wider one.
func (r renderer) boxes(p practice.Picture) []*draw.Box {
	byKey := map[string]*draw.Box{}
	high := 0.0
	for _, n := range p.Nodes {
		byKey[n.Link.Key] = &draw.Box{Link: n.Link, Href: r.href(n.Link), Value: draw.Value(n.Value), Mark: n.Severity}
		high = max(high, n.Value)
	}
	for _, n := range p.Nodes {
		byKey[n.Link.Key].Heat = draw.Heat(n.Value, high)
	}
	parents := map[string]string{}
	for _, n := range p.Nodes {
		parents[n.Link.Key] = n.Group
	}
	return draw.Nest(p.Nodes, byKey, parents)
}

// lanes builds the lanes of a roadmap, one for each group, and the days that it spans.
func (r renderer) lanes(p practice.Picture) (lanes []draw.Lane, from, until model.Date) {
	today := model.Date(0)
	if r.v.House != nil {
		today = r.v.House.Today()
	}
	if at, err := model.ParseDate(r.v.Moment.At); err == nil && !at.IsZero() {
		today = at
	}
	index := map[string]int{}
	for _, n := range p.Nodes {
		if !n.From.IsZero() && (from.IsZero() || n.From < from) {
			from = n.From
		}
		until = max(until, n.Until, n.From)
		i, seen := index[n.Group]
		if !seen {
			i = len(lanes)
			index[n.Group] = i
			name := n.Group
			if name == "" {
				name = "Nobody"
			}
			lanes = append(lanes, draw.Lane{Name: name})
		}
		spans := []draw.Span{{Phase: model.PhaseActive, From: n.From, Until: n.Until}}
		switch {
		case isWork(n):
			spans = workSpans(n, today)
		case !n.Until.IsZero():
			spans = append(spans, draw.Span{Phase: model.PhaseEndOfLife, From: n.Until})
		}
		lanes[i].Rows = append(lanes[i].Rows, draw.LifeRow{Link: n.Link, Href: r.href(n.Link), Mark: n.Severity, Spans: spans})
	}
	if today.IsZero() {
		return lanes, from, until
	}
	if !slices.ContainsFunc(p.Nodes, func(n practice.Node) bool { return !isWork(n) }) {
		return lanes, max(from, today.AddMonths(-12)), max(until, today).AddMonths(2)
	}
	// What lies far back only pushes what matters together.
	return lanes, max(from, today.AddMonths(-24)), min(max(until, today.AddMonths(24)), today.AddMonths(60))
}

// isWork reports whether a row of a roadmap is work that ends, and not something that goes on to be used.
func isWork(n practice.Node) bool { return n.Link.Kind == "RoadmapItem" || n.Link.Kind == "Experiment" }

// workSpans returns the spans of work: planned before it begins, under way from then on, done afterwards, and late where it is
// marked and its day has passed.
func workSpans(n practice.Node, today model.Date) []draw.Span {
	work := draw.Span{Phase: model.PhaseActive, From: n.From, Until: n.Until, Words: "Under way"}
	late := draw.Span{Phase: model.PhaseEndOfLife, From: n.Until, Until: today, Words: "late"}
	switch past := !n.Until.IsZero() && n.Until < today; {
	case n.From > today:
		work.Phase, work.Words = model.PhasePlan, "Planned"
	case past && n.Severity.Weight() < practice.Low.Weight():
		work.Words = "Done"
	case past:
		return []draw.Span{work, late}
	}
	return []draw.Span{work}
}

// markLegend explains the marks that are in a picture.
func markLegend(p practice.Picture) []legendItem {
	var out []legendItem
	for _, s := range []practice.Severity{practice.Critical, practice.High, practice.Medium, practice.Low} {
		if slices.ContainsFunc(p.Nodes, func(n practice.Node) bool { return n.Severity == s }) {
			out = append(out, legendItem{"mark-" + string(s), "marked " + string(s)})
		}
	}
	return out
}

// flowLegend explains the colours of a flow: the stages from left to right, and the marks.
func flowLegend(f draw.Flow) []legendItem {
	var out []legendItem
	for i, name := range f.Stages {
		if slices.ContainsFunc(f.Nodes, func(n draw.FlowNode) bool { return n.Stage == i && n.Mark == "" }) {
			out = append(out, legendItem{"flow-" + strconv.Itoa(i%6+1), name})
		}
	}
	for _, m := range []struct {
		class, text string
		worse       int
	}{{"flow-bad", "marked high or critical", practice.High.Weight()}, {"flow-warn", "marked low or medium", practice.Low.Weight()}} {
		if slices.ContainsFunc(f.Nodes, func(n draw.FlowNode) bool {
			return n.Mark.Weight() >= m.worse && (m.class == "flow-bad" || n.Mark.Weight() < practice.High.Weight())
		}) {
			out = append(out, legendItem{m.class, m.text})
		}
	}
	return out
}

// pictureTable tells in a table what a picture shows.
func (r renderer) pictureTable(p practice.Picture) template.HTML {
	g := &practice.Grid{Columns: []practice.Column{{Label: "Record"}, {Label: "Group"}, {Label: "Value", Number: true}, {Label: "Marked"}, {Label: "From"}, {Label: "Until"}}}
	used := make([]bool, len(g.Columns))
	for _, n := range p.Nodes {
		value := ""
		if n.Value != 0 {
			value = strconv.FormatFloat(n.Value, 'f', -1, 64)
		}
		row := []practice.Cell{nodeCell(n), {Text: n.Group}, {Text: value}, {Text: string(n.Severity), Value: n.Severity}, {Text: n.From.String()}, {Text: n.Until.String()}}
		for i, c := range row {
			used[i] = used[i] || c.Text != ""
		}
		g.Rows = append(g.Rows, row)
	}
	dropUnused(g, used)
	out := renderer{r.v, Options{Limit: -1}}.grid(practice.Part{Label: "What the picture shows", Grid: g})
	if len(p.Edges) == 0 {
		return out
	}
	lines := &practice.Grid{Columns: []practice.Column{{Label: "From"}, {Label: "Line"}, {Label: "To"}, {Label: "Amount", Number: true}}}
	used = make([]bool, len(lines.Columns))
	for _, e := range p.Edges {
		if e.From >= 0 && e.To >= 0 && e.From < len(p.Nodes) && e.To < len(p.Nodes) {
			row := []practice.Cell{nodeCell(p.Nodes[e.From]), {Text: e.Label}, nodeCell(p.Nodes[e.To]), {Text: e.Money.String(), Value: e.Money}}
			for i, c := range row {
				used[i] = used[i] || c.Text != ""
			}
			lines.Rows = append(lines.Rows, row)
		}
	}
	dropUnused(lines, used)
	return out + renderer{r.v, Options{Limit: -1}}.grid(practice.Part{Label: "Lines of the picture", Grid: lines})
}

// curveLegend names the lines of curves.
func curveLegend(c practice.Curves) []legendItem {
	var out []legendItem
	n, limits := 0, 0
	for _, l := range c.Lines {
		class := ""
		if l.Limit {
			limits++
			class = draw.LimitClass(limits)
		} else {
			class = "swatch-" + strconv.Itoa(n%draw.Colours)
			n++
		}
		out = append(out, legendItem{class, l.Name})
	}
	return out
}

// curveTable tells in a table what curves show.
func (r renderer) curveTable(c practice.Curves) template.HTML {
	g := &practice.Grid{Columns: []practice.Column{{Label: "Line"}, {Label: c.X.Label, Number: true, Unit: c.X.Unit}, {Label: c.Y.Label, Number: true, Unit: c.Y.Unit}}}
	number := func(f float64) practice.Cell {
		return practice.Cell{Text: strconv.FormatFloat(f, 'f', -1, 64), Value: f}
	}
	for _, m := range c.Marks {
		g.Rows = append(g.Rows, []practice.Cell{{Text: m.Label}, number(m.X), {}})
	}
	for _, l := range c.Lines {
		for _, p := range l.Points {
			g.Rows = append(g.Rows, []practice.Cell{{Text: l.Name}, number(p.X), number(p.Y)})
		}
	}
	return renderer{r.v, Options{Limit: -1}}.grid(practice.Part{Label: "What the picture shows", Grid: g})
}

// nodeCell names a thing in a picture: its record, or what stands for several.
func nodeCell(n practice.Node) practice.Cell {
	if n.Link.IsZero() {
		return practice.Cell{Text: n.Link.Name}
	}
	return practice.Cell{Text: n.Link.Key, Value: n.Link, Links: []practice.Link{n.Link}}
}

// dropUnused takes columns away that are empty in every row.
func dropUnused(g *practice.Grid, used []bool) {
	for i := len(g.Columns) - 1; i >= 0; i-- {
		if used[i] || len(g.Rows) == 0 {
			continue
		}
		g.Columns = slices.Delete(g.Columns, i, i+1)
		for n := range g.Rows {
			g.Rows[n] = slices.Delete(g.Rows[n], i, i+1)
		}
	}
}
