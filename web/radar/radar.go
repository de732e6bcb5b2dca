package radar

import (
	"html/template"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
	"binnacle/web/prose"
)

// card is a radar on the list of radars.
type card struct {
	Title, Path, Scope, About string
	For                       []string
	Blips, Editions           int
	Last                      model.Date
}

// indexView is the list of radars.
type indexView struct {
	Cards []card
	Adopt template.HTML
	// Links are pages of questions about all radars.
	Links []panel.Save
}

func index(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	b := indexView{}
	var all []*model.Radar
	for r := range estate.Each[*model.Radar](d.view) {
		all = append(all, r)
	}
	if len(all) == 1 && v.Form("all") == "" {
		return v.Redirect(d.Path(path(all[0], "")))
	}
	for _, r := range all {
		b.Cards = append(b.Cards, d.card(r))
	}
	if !d.past() && v.Who.MayCreate("Radar") {
		b.Adopt = panel.Form(v, panel.Act{Name: "radar.adopt_defaults", Label: "Start a radar", Button: "Start it", Path: d.Path("/radar"), Primary: true, Open: len(all) == 0})
	}
	b.Links = d.links()
	return d.show("radars", frame.Page{Title: "Technology radars", Lead: "Which technologies to bet on, which to try, and which to leave.", Body: b})
}

// links lead to questions about what surrounds radars.
func (d *desk) links() []panel.Save {
	var out []panel.Save
	for _, q := range []panel.Save{{Label: "Trends", Path: "radar.trends"}, {Label: "Bets", Path: "radar.bets"}, {Label: "To discuss", Path: "radar.to_discuss"}, {Label: "Strategy", Path: "radar.strategy"}} {
		if _, err := d.House.Question(q.Path); err == nil {
			out = append(out, panel.Save{Label: q.Label, Path: d.Path("/questions/" + q.Path)})
		}
	}
	return out
}

// card returns a radar for the list.
func (d *desk) card(r *model.Radar) card {
	out := card{Title: r.Title(), Path: d.Path(path(r, "")), About: frame.Short(prose.Plain(r.Description), 160), Scope: "Company"}
	for _, o := range r.Scope.Options() {
		if o.Value == string(r.Scope) {
			out.Scope = o.Label
		}
	}
	for _, ref := range r.For {
		if rec := d.view.Get(ref); rec != nil {
			out.For = append(out.For, rec.Base().Title())
		}
	}
	for e := range d.view.In(r.Ref()) {
		switch x := e.Record.(type) {
		case *model.Blip:
			if x.State == "" || x.State == model.BlipShown {
				out.Blips++
			}
		case *model.RadarEdition:
			out.Editions++
			out.Last = max(out.Last, x.Published)
		}
	}
	return out
}

// option is something to choose.
type option struct {
	Value, Label string
	Path         string
	On           bool
	Count        int
}

// blipRow is a blip on the list.
type blipRow struct {
	Number                             int
	Name, Path, Quadrant, Ring, Moved  string
	Sign, MovedWord, Rationale, Votes  string
	Since                              model.Date
	Technology, Decision, DecisionPath string
}

// ringList is the blips of a ring of a sector.
type ringList struct {
	Ring  string
	Class string
	Blips []blipRow
}

// quadrantList is the blips of a sector.
type quadrantList struct {
	Name  string
	Rings []ringList
	Count int
}

// radarView is the page of one radar.
type radarView struct {
	Published model.Date
	Edition   string
	Summary   template.HTML
	// Now says that the radar is shown as it is now.
	Now       bool
	Picture   template.HTML
	Quadrants []quadrantList
	Rings     []option
	Moves     []option
	Sectors   []option
	Editions  []option
	Words     string
	Keep      map[string]string
	Count     int
	All       int
	MovedN    int
	Help      []door.Row
	Saves     []panel.Save
	Acts      []template.HTML
	Compare   string
	Drift     string
	Proposed  []option
	Links     []panel.Save
	Record    string
	Moment    map[string][]string
	Clear     string
}

// moves are the ways in which a blip can have moved, with a sign beside the colour.
var moves = []struct{ name, label, sign string }{{"new", "New", "★"}, {"in", "Moved in", "▲"}, {"out", "Moved out", "▼"}, {"same", "No change", "●"}}

// choice is what of a radar is shown.
type choice struct{ edition, ring, quadrant, moved, words string }

func choiceOf(v *frame.Visit) choice {
	return choice{frame.Short(v.Form("edition"), 200), v.Form("ring"), v.Form("quadrant"), v.Form("moved"), frame.Short(v.Form("q"), 100)}
}

// path returns the address of the radar with another choice.
func (c choice) path(d *desk, r *model.Radar) string {
	return d.Path(path(r, ""), "edition", c.edition, "ring", c.ring, "quadrant", c.quadrant, "moved", c.moved, "q", c.words)
}

// fits reports whether a row of the answer is shown.
func (c choice) fits(row door.Row) bool {
	words := strings.ToLower(row.Text("name") + " " + row.Text("rationale"))
	return (c.ring == "" || c.ring == row.Text("ring")) && (c.quadrant == "" || c.quadrant == row.Text("quadrant")) &&
		(c.moved == "" || c.moved == wordOf(row, "moved") || c.moved == "any" && wordOf(row, "moved") != "same") && (c.words == "" || strings.Contains(words, strings.ToLower(c.words)))
}

// wordOf returns the word of a vocabulary in a cell, and not what people call it.
func wordOf(row door.Row, column string) string {
	switch x := row[column].Value.(type) {
	case model.BlipMove:
		return string(x)
	case string:
		return x
	}
	return row.Text(column)
}

func radar(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, err := d.radar()
	if err != nil {
		return err
	}
	c := choiceOf(v)
	edition := ""
	if c.edition != "" {
		edition = "RadarEdition/" + c.edition
	}
	answer, err := d.ask("radar.picture", "radar", "Radar/"+r.Key, "edition", edition)
	if err != nil {
		return err
	}
	b := radarView{Edition: c.edition, Now: c.edition == "", Words: c.words, Help: answer.rows("rings"), Saves: panel.Saves(v, "radar.export", r), Links: d.links(),
		Record: d.Path(frame.RecordPath("Radar", r.Key)), Moment: v.Moment.Values(), Keep: map[string]string{"edition": c.edition, "ring": c.ring, "quadrant": c.quadrant, "moved": c.moved}}
	rows := answer.rows("table")
	b.All = len(rows)
	b.list(d, r, c, answer, rows)
	b.choices(d, r, c, rows)
	if c != (choice{edition: c.edition}) {
		b.Clear = choice{edition: c.edition}.path(d, r)
	}
	b.editions(d, r, c)
	b.around(d, r)
	return d.show("radar", frame.Page{Title: r.Title(), Lead: frame.Short(prose.Plain(r.Description), 200), Crumbs: []frame.Crumb{{Label: "Technology radars", Path: "/radar?all=yes"}}, Body: b})
}

// list fills in the picture and the list of what is shown.
func (b *radarView) list(d *desk, r *model.Radar, c choice, answer reply, rows []door.Row) {
	part := answer["radar"]
	var picture practice.Picture
	if part.Picture != nil {
		picture = *part.Picture
		picture.Nodes = nil
	}
	at := map[string]int{}
	var rings []string
	for _, row := range b.Help {
		rings = append(rings, row.Text("ring"))
	}
	for i, row := range rows {
		if wordOf(row, "moved") != "same" {
			b.MovedN++
		}
		if !c.fits(row) {
			continue
		}
		b.Count++
		if part.Picture != nil && i < len(part.Picture.Nodes) {
			picture.Nodes = append(picture.Nodes, part.Picture.Nodes[i])
		}
		name := row.Text("quadrant")
		n, seen := at[name]
		if !seen {
			n = len(b.Quadrants)
			at[name] = n
			b.Quadrants = append(b.Quadrants, quadrantList{Name: name})
		}
		q := &b.Quadrants[n]
		q.Count++
		if len(q.Rings) == 0 || q.Rings[len(q.Rings)-1].Ring != row.Text("ring") {
			q.Rings = append(q.Rings, ringList{Ring: row.Text("ring"), Class: ringClass(slices.Index(rings, row.Text("ring")))})
		}
		ring := &q.Rings[len(q.Rings)-1]
		ring.Blips = append(ring.Blips, d.blipRow(r, b.Count, row))
	}
	if part.Picture != nil && b.All > 0 {
		part.Picture = &picture
		b.Picture = parts.Render(d.Visit, part, parts.Options{Heading: -1, Here: true, Open: "/questions/radar.picture", Href: d.href(r)})
	}
	if p := answer["published"]; p.Text != "" {
		b.Published, _ = model.ParseDate(p.Text)
	} else if p.Figure == nil && p.Grid == nil {
		b.Published = d.lastPublished(r)
	}
	if text := answer.text("summary"); text != "" {
		b.Summary = prose.HTML(text)
	}
}

// lastPublished returns the day of the newest edition of a radar.
func (d *desk) lastPublished(r *model.Radar) model.Date { return d.card(r).Last }

// ringClass returns the class of a ring by its place from the inside.
func ringClass(at int) string {
	return []string{"ring-1", "ring-2", "ring-3", "ring-4"}[min(max(at, 0), 3)]
}

// blipRow returns a row of the answer for the list.
func (d *desk) blipRow(r *model.Radar, number int, row door.Row) blipRow {
	l := linkOf(row, "blip")
	out := blipRow{Number: number, Name: row.Text("name"), Quadrant: row.Text("quadrant"), Ring: row.Text("ring"), Moved: wordOf(row, "moved"), Votes: row.Text("votes"),
		Rationale: frame.Short(prose.Plain(row.Text("rationale")), 220), Technology: linkOf(row, "technology").Title()}
	if l.Key != "" {
		out.Path = d.Path(blipPath(r, l.Key, ""))
	}
	for _, m := range moves {
		if m.name == out.Moved {
			out.Sign, out.MovedWord = m.sign, m.label
		}
	}
	out.Since, _ = row["since"].Value.(model.Date)
	if dec := linkOf(row, "decision"); !dec.IsZero() {
		out.Decision, out.DecisionPath = dec.Title(), d.Path("/decisions/"+dec.Key)
	}
	return out
}

// choices fills in what can be chosen, with how many blips there are of each.
func (b *radarView) choices(d *desk, r *model.Radar, c choice, rows []door.Row) {
	count := func(with choice) int {
		n := 0
		for _, row := range rows {
			if with.fits(row) {
				n++
			}
		}
		return n
	}
	for _, row := range b.Help {
		with := c
		with.ring = row.Text("ring")
		o := option{Value: with.ring, Label: with.ring, Count: count(with), On: c.ring == with.ring}
		if o.On {
			with.ring = ""
		}
		o.Path = with.path(d, r)
		b.Rings = append(b.Rings, o)
	}
	for _, m := range moves[:3] {
		with := c
		with.moved = m.name
		o := option{Value: m.name, Label: m.sign + " " + m.label, Count: count(with), On: c.moved == m.name}
		if o.On {
			with.moved = ""
		}
		o.Path = with.path(d, r)
		b.Moves = append(b.Moves, o)
	}
	var seen []string
	for _, row := range rows {
		if name := row.Text("quadrant"); !slices.Contains(seen, name) {
			seen = append(seen, name)
			with := c
			with.quadrant = name
			o := option{Value: name, Label: name, Count: count(with), On: c.quadrant == name}
			if o.On {
				with.quadrant = ""
			}
			o.Path = with.path(d, r)
			b.Sectors = append(b.Sectors, o)
		}
	}
}

// editionsOf returns the editions of a radar, the newest first.
func (d *desk) editionsOf(r *model.Radar) []*model.RadarEdition {
	var out []*model.RadarEdition
	for e := range d.view.In(r.Ref()) {
		if x, ok := e.Record.(*model.RadarEdition); ok && x.Radar == r.Ref() && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b *model.RadarEdition) int {
		if a.Published != b.Published {
			return int(b.Published - a.Published)
		}
		return strings.Compare(b.Key, a.Key)
	})
	return out
}

// editions fills in the editions that can be shown.
func (b *radarView) editions(d *desk, r *model.Radar, c choice) {
	now := c
	now.edition = ""
	b.Editions = append(b.Editions, option{Label: "Now", Path: now.path(d, r), On: c.edition == ""})
	for _, e := range d.editionsOf(r) {
		with := c
		with.edition = e.Key
		b.Editions = append(b.Editions, option{Value: e.Key, Label: e.Published.String(), Path: with.path(d, r), On: c.edition == e.Key})
	}
	if len(b.Editions) > 1 {
		b.Compare = d.Path(path(r, "/compare"))
	}
}

// around fills in what the visitor can do, and where else to look.
func (b *radarView) around(d *desk, r *model.Radar) {
	if _, err := d.House.Question("radar.drift"); err == nil {
		b.Drift = d.Path("/questions/radar.drift", "radar", "Radar/"+r.Key)
	}
	for e := range d.view.In(r.Ref()) {
		if x, ok := e.Record.(*model.Blip); ok && x.State == model.BlipProposed {
			b.Proposed = append(b.Proposed, option{Label: x.Title(), Value: x.Ring, Path: d.Path(blipPath(r, x.Key, ""))})
		}
	}
	slices.SortFunc(b.Proposed, func(x, y option) int { return strings.Compare(x.Label, y.Label) })
	if d.past() || !b.Now {
		return
	}
	var rings, sectors []model.Option
	for _, row := range b.Help {
		rings = append(rings, model.Option{Value: row.Text("ring"), Label: row.Text("ring")})
	}
	for _, q := range r.Quadrants {
		sectors = append(sectors, model.Option{Value: q.Name, Label: q.Name})
	}
	add := func(a panel.Act) {
		a.About = r
		if form := panel.Form(d.Visit, a); form != "" {
			b.Acts = append(b.Acts, form)
		}
	}
	if d.Who.MayCreate("Blip") {
		add(panel.Act{Name: "radar.propose", Label: "Propose a blip", Button: "Propose it", Path: d.Path(path(r, "/do/propose")), Choices: map[string][]model.Option{"ring": rings, "quadrant": sectors}})
	}
	if d.Who.MayWrite(r) && b.All > 0 {
		add(panel.Act{Name: "radar.publish", Label: "Publish an edition", Button: "Publish it", Path: d.Path(path(r, "/do/publish"))})
	}
}
