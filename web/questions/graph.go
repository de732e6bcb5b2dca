package questions

import (
	"encoding/json"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/assets"
	"binnacle/web/draw"
	"binnacle/web/frame"
)

// graphPage is the neighbourhood of a record.
type graphPage struct {
	Focus     string
	Link      practice.Link
	Depth     int
	Direction string
	Moment    map[string][]string
	Start     []practice.Link
	Image     template.HTML
	Data      *graphData
	// Endpoint answers what is around a record, to a script.
	Endpoint string
	Layout   string
	Rows     []graphRow
	More     bool
}

// graphRow is one record in the table beside the graph.
type graphRow struct {
	Link  practice.Link
	Kind  string
	Depth int
	Via   string
	Focus string
}

// graphData is a graph as scripts get it.
type graphData struct {
	Focus string      `json:"focus"`
	Nodes []graphNode `json:"nodes"`
	Edges []graphEdge `json:"edges"`
	// More says that there is more than was sent.
	More bool `json:"more"`
}

// graphNode is a record in a graph.
type graphNode struct {
	ID string `json:"id"`
	// Kind is what people call the kind of the record.
	Kind  string `json:"kind"`
	Label string `json:"label"`
	Title string `json:"title"`
	Href  string `json:"href"`
	// Around is how many records are joined to it.
	Around int `json:"around"`
	// Group is set for records that are drawn as one: many of a kind, each joined to the same record in the same way. Groups of one
	// name belong together, and Many says what they are.
	Group string `json:"group,omitempty"`
	Many  string `json:"many,omitempty"`

	depth int
	link  practice.Link
	ref   model.Ref
}

// graphEdge is a ref in a graph, from what holds it to what it points to.
type graphEdge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label"`
	// Flow says that a failure travels along it.
	Flow bool `json:"flow"`
}

// graphLimit is how many records a graph has at most.
const graphLimit = 160

// asked is what a graph is asked for.
type asked struct {
	record    model.Record
	depth     int
	direction string
}

// graphAsked reads what a graph is asked for. The record is nil where none was named.
func graphAsked(v *frame.Visit, view estate.View) (asked, error) {
	out := asked{depth: 1, direction: "both"}
	if n, err := strconv.Atoi(v.Form("depth")); err == nil && n >= 1 && n <= 6 {
		out.depth = n
	}
	if d := v.Form("direction"); slices.Contains([]string{"both", "up", "down"}, d) {
		out.direction = d
	}
	focus := v.Form("focus")
	if focus == "" {
		return out, nil
	}
	ref, err := view.Resolve(nil, focus)
	if err != nil {
		if kind, key, ok := strings.Cut(focus, "/"); ok {
			_, rec, err := door.Find(view, kind, key)
			out.record = rec
			return out, err
		}
		return out, err
	}
	out.record = view.Get(ref)
	return out, nil
}

// around collects what is around a record, step by step, from what the view shows alone.
func around(v *frame.Visit, view estate.View, a asked) *graphData {
	out := &graphData{}
	place := map[model.ID]int{}
	add := func(rec model.Record, depth int) bool {
		if _, seen := place[rec.Base().ID]; seen {
			return true
		}
		if len(out.Nodes) == graphLimit {
			out.More = true
			return false
		}
		place[rec.Base().ID] = len(out.Nodes)
		link := practice.To(rec)
		out.Nodes = append(out.Nodes, graphNode{ID: rec.Base().ID.String(), Kind: kindLabel(view, link.Kind), Label: link.Title(), Title: link.String(), Href: v.Record(link), depth: depth, link: link, ref: rec.Base().Ref()})
		return true
	}
	add(a.record, 0)
	out.Focus = out.Nodes[0].ID
	drawn := map[graphEdge]bool{}
	join := func(from, to model.Record, f *model.Field) {
		e := graphEdge{from.Base().ID.String(), to.Base().ID.String(), strings.ToLower(f.Label), f.Flow != model.NoFlow}
		if !drawn[e] {
			drawn[e] = true
			out.Edges = append(out.Edges, e)
		}
	}
	for i := 0; i < len(out.Nodes); i++ {
		n := out.Nodes[i]
		rec := view.Get(n.ref)
		if n.depth == a.depth || rec == nil {
			continue
		}
		for e := range view.Out(n.ref) {
			if (a.direction == "both" || leads(e.Field, a.direction, true)) && add(e.Record, n.depth+1) {
				join(rec, e.Record, e.Field)
			}
		}
		for e := range view.In(n.ref) {
			if (a.direction == "both" || leads(e.Field, a.direction, false)) && add(e.Record, n.depth+1) {
				join(e.Record, rec, e.Field)
			}
		}
	}
	for i := range out.Nodes {
		out.Nodes[i].Around = degree(view, out.Nodes[i].ref)
	}
	out.gather(view)
	return out
}

// groupFrom is how many records that are alike are drawn as one.
const groupFrom = 4

// gather puts records into groups that are of one kind and joined to nothing but the same record by the same field.
func (g *graphData) gather(view estate.View) {
	edges := map[string][]graphEdge{}
	for _, e := range g.Edges {
		edges[e.From] = append(edges[e.From], e)
		edges[e.To] = append(edges[e.To], e)
	}
	groups := map[string][]int{}
	for i, n := range g.Nodes {
		if list := edges[n.ID]; i > 0 && len(list) == 1 {
			e, way := list[0], "to "+list[0].To
			if e.To == n.ID {
				way = "from " + e.From
			}
			key := strings.Join([]string{n.link.Kind, e.Label, way}, " ")
			groups[key] = append(groups[key], i)
		}
	}
	for key, list := range groups {
		if len(list) < groupFrom {
			continue
		}
		many := g.Nodes[list[0]].Kind
		if k := view.Schema().Kind(g.Nodes[list[0]].link.Kind); k != nil {
			many = strings.ToLower(k.Plural)
		}
		for _, i := range list {
			g.Nodes[i].Group, g.Nodes[i].Many = key, many
		}
	}
}

// kindLabel returns what people call a kind.
func kindLabel(view estate.View, name string) string {
	if k := view.Schema().Kind(name); k != nil {
		return k.Label
	}
	return name
}

// leads reports whether a ref leads to what is depended on (up) or to what depends (down), when it is followed
// forward or backward.
func leads(f *model.Field, direction string, forward bool) bool {
	switch f.Flow {
	case model.Needs:
		return forward == (direction == "up")
	case model.Serves:
		return forward == (direction == "down")
	}
	return false
}

// degree counts what is joined to a record, up to a hundred.
func degree(view estate.View, ref model.Ref) int {
	n := 0
	for range view.Out(ref) {
		if n++; n >= 100 {
			return n
		}
	}
	for range view.In(ref) {
		if n++; n >= 100 {
			return n
		}
	}
	return n
}

func graph(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	a, err := graphAsked(v, view)
	if err != nil {
		return err
	}
	b := graphPage{Focus: v.Form("focus"), Depth: a.depth, Direction: a.direction, Moment: v.Moment.Values()}
	p := frame.Page{Title: "Dependency graph", Lead: "What hangs on what.", Section: "pictures", Crumbs: []frame.Crumb{{Label: "Pictures", Path: "/pictures"}}}
	if a.record == nil {
		for _, kind := range []string{"Application", "Service", "Capability"} {
			for rec := range view.All(kind) {
				if practice.CriticalityOf(rec) == model.CriticalityCritical && len(b.Start) < 18 {
					b.Start = append(b.Start, practice.To(rec))
				}
			}
		}
		p.Body = b
		return v.Render(templates, "graph", page(p))
	}
	b.Link = practice.To(a.record)
	b.Focus = b.Link.String()
	data := around(v, view, a)
	b.Data, b.More = data, data.More
	b.Endpoint = v.Path("/pictures/graph.json", "direction", a.direction)
	if assets.Has("elk.bundled.js") {
		b.Layout = assets.URL("elk.bundled.js")
	}
	b.Image = draw.Graph(networkOf(data, a), "Around "+b.Link.Title())
	b.Rows = graphRows(v, view, data, a)
	p.Body, p.Title = b, "Around "+b.Link.Title()
	if assets.Has("cytoscape.min.js") {
		p.Scripts = []string{"cytoscape.min.js", "graph.js"}
	}
	return v.Render(templates, "graph", page(p))
}

// networkOf lays a graph out for a picture without scripts: what depends on the focus to its left, what it depends on to its right.
func networkOf(data *graphData, a asked) draw.Network {
	index := map[string]int{}
	var out draw.Network
	groups, held := map[string]int{}, map[string]int{}
	for i, n := range data.Nodes {
		if at, there := groups[n.Group]; there && n.Group != "" {
			index[n.ID] = at
			held[n.Group]++
			out.Nodes[at].Title = strconv.Itoa(held[n.Group]) + " " + n.Many
			continue
		}
		index[n.ID] = len(out.Nodes)
		node := draw.NetNode{Link: n.link, Under: n.Kind, Href: n.Href, Focus: i == 0, Layer: n.depth}
		if n.Group != "" {
			groups[n.Group], held[n.Group] = len(out.Nodes), 1
			node = draw.NetNode{Title: n.Label, Under: "listed below", Layer: n.depth}
		}
		out.Nodes = append(out.Nodes, node)
	}
	placed := make([]bool, len(out.Nodes))
	placed[0] = true
	for range out.Nodes {
		for _, e := range data.Edges {
			from, to := index[e.From], index[e.To]
			switch {
			case placed[from] && !placed[to]:
				out.Nodes[to].Layer, placed[to] = out.Nodes[from].Layer+1, true
				if out.Nodes[from].Layer < 0 {
					out.Nodes[to].Layer = out.Nodes[from].Layer - 1
				}
			case placed[to] && !placed[from]:
				out.Nodes[from].Layer, placed[from] = out.Nodes[to].Layer-1, true
				if out.Nodes[to].Layer > 0 {
					out.Nodes[from].Layer = out.Nodes[to].Layer + 1
				}
			}
		}
	}
	drawn := map[practice.Join]bool{}
	for _, e := range data.Edges {
		join := practice.Join{From: index[e.From], To: index[e.To], Label: e.Label}
		if !drawn[join] {
			drawn[join] = true
			out.Edges = append(out.Edges, join)
		}
	}
	return out
}

// graphRows tells in a table what the graph shows.
func graphRows(v *frame.Visit, view estate.View, data *graphData, a asked) []graphRow {
	title := map[string]string{}
	for _, n := range data.Nodes {
		title[n.ID] = n.Label
	}
	via := map[string][]string{}
	for _, e := range data.Edges {
		via[e.To] = append(via[e.To], title[e.From]+": "+e.Label)
		via[e.From] = append(via[e.From], upperFirst(e.Label)+": "+title[e.To])
	}
	var out []graphRow
	for _, n := range data.Nodes[1:] {
		words := via[n.ID]
		text := strings.Join(words[:min(3, len(words))], "; ")
		if len(words) > 3 {
			text += " and " + strconv.Itoa(len(words)-3) + " more"
		}
		out = append(out, graphRow{Link: n.link, Kind: n.Kind, Depth: n.depth, Via: text, Focus: v.Path("/pictures/graph", "focus", n.Title, "depth", strconv.Itoa(a.depth), "direction", a.direction)})
	}
	return out
}

// graphJSON answers a script with what is around a record.
func graphJSON(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	a, err := graphAsked(v, view)
	if err != nil {
		return err
	}
	if a.record == nil {
		return frame.Bad("focus names the record to look around, such as Application/web-shop")
	}
	v.W.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(v.W).Encode(around(v, view, a))
}
