package radar

import (
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/web/frame"
)

// change is how a blip lies on one edition compared with another.
type change struct {
	Name, Path, Quadrant string
	Was, Is              string
	WasClass, IsClass    string
	Sign, Word           string
}

// changeGroup is the changes of one sort.
type changeGroup struct {
	Title, Sign string
	List        []change
}

// compareView is two editions side by side.
type compareView struct {
	From, To  string
	Editions  []option
	Groups    []changeGroup
	Same      int
	Moment    map[string][]string
	Action    string
	FromLabel string
	ToLabel   string
}

// placed is where a blip lies on an edition.
type placed struct {
	name, quadrant, ring, key string
}

func compare(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.radar()
	if err != nil {
		return err
	}
	editions := d.editionsOf(r)
	b := compareView{From: v.Form("from"), To: v.Form("to"), Moment: v.Moment.Values(), Action: path(r, "/compare"), Editions: []option{{Label: "Now"}}}
	for _, e := range editions {
		b.Editions = append(b.Editions, option{Value: e.Key, Label: e.Published.String()})
	}
	if !v.R.URL.Query().Has("from") && len(editions) > 0 {
		b.From = editions[0].Key
	}
	from, rings, err := d.placed(r, b.From)
	if err != nil {
		return err
	}
	to, _, err := d.placed(r, b.To)
	if err != nil {
		return err
	}
	b.FromLabel, b.ToLabel = labelOf(b.Editions, b.From), labelOf(b.Editions, b.To)
	b.fill(d, r, from, to, rings)
	return d.show("compare", frame.Page{Title: "Editions side by side", Lead: "What moved from " + strings.ToLower(b.FromLabel) + " to " + strings.ToLower(b.ToLabel) + ".",
		Crumbs: []frame.Crumb{{Label: "Technology radars", Path: "/radar?all=yes"}, {Label: r.Title(), Path: path(r, "")}}, Body: b})
}

func labelOf(list []option, value string) string {
	for _, o := range list {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// placed returns where each blip lies on an edition, by its key or else its name, and the rings from the inside out.
func (d *desk) placed(r *model.Radar, edition string) (map[string]placed, []string, error) {
	if edition != "" {
		if !slices.ContainsFunc(d.editionsOf(r), func(e *model.RadarEdition) bool { return e.Key == edition }) {
			return nil, nil, &door.NotFound{What: "such edition of this radar"}
		}
		edition = "RadarEdition/" + edition
	}
	answer, err := d.ask("radar.picture", "radar", "Radar/"+r.Key, "edition", edition)
	if err != nil {
		return nil, nil, err
	}
	out := map[string]placed{}
	for _, row := range answer.rows("table") {
		p := placed{row.Text("name"), row.Text("quadrant"), row.Text("ring"), linkOf(row, "blip").Key}
		id := p.key
		if id == "" {
			id = "name:" + strings.ToLower(p.name)
		}
		out[id] = p
	}
	var rings []string
	for _, row := range answer.rows("rings") {
		rings = append(rings, row.Text("ring"))
	}
	return out, rings, nil
}

// fill sorts what differs by how it moved.
func (b *compareView) fill(d *desk, r *model.Radar, from, to map[string]placed, rings []string) {
	groups := []changeGroup{{Title: "New", Sign: "★"}, {Title: "Moved in", Sign: "▲"}, {Title: "Moved out", Sign: "▼"}, {Title: "No longer shown", Sign: "✕"}}
	add := func(n int, p placed, was, is string) {
		c := change{Name: p.name, Quadrant: p.quadrant, Was: was, Is: is, WasClass: ringClass(slices.Index(rings, was)), IsClass: ringClass(slices.Index(rings, is)), Sign: groups[n].Sign, Word: groups[n].Title}
		if p.key != "" {
			c.Path = d.Path(blipPath(r, p.key, ""))
		}
		groups[n].List = append(groups[n].List, c)
	}
	for id, is := range to {
		was, there := from[id]
		switch x, y := slices.Index(rings, was.ring), slices.Index(rings, is.ring); {
		case !there:
			add(0, is, "", is.ring)
		case y < x:
			add(1, is, was.ring, is.ring)
		case y > x:
			add(2, is, was.ring, is.ring)
		default:
			b.Same++
		}
	}
	for id, was := range from {
		if _, there := to[id]; !there {
			add(3, was, was.ring, "")
		}
	}
	for _, g := range groups {
		if len(g.List) > 0 {
			slices.SortFunc(g.List, func(x, y change) int { return strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)) })
			b.Groups = append(b.Groups, g)
		}
	}
}
