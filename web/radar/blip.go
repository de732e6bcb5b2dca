package radar

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"

	"binnacle/door"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
	"binnacle/web/prose"
)

// voteRow is a vote as the page tells it.
type voteRow struct {
	By, Ring, Reason string
	Cast             model.Date
}

// tallyRow is how many people would put a blip into a ring.
type tallyRow struct {
	Ring, Class string
	Count, Of   int
	// Here says that the blip lies there.
	Here bool
	Bar  template.HTML
}

// wayRow is where the blip lay in an edition.
type wayRow struct {
	Day               model.Date
	Ring, Class, Path string
	Sign, Word        string
	Now               bool
}

// named is a record as the page names it.
type named struct{ Title, Path string }

// blipView is the page of one blip.
type blipView struct {
	Ring, Class, Quadrant string
	Means                 string
	State                 string
	Proposed, Retired     bool
	Since                 model.Date
	Rationale             template.HTML
	Link                  string
	Technology, Decision  named
	Successor, Owner      named
	Replaces              []named
	Way                   []wayRow
	Votes                 []voteRow
	Tally                 []tallyRow
	Voted                 int
	Mine                  string
	Vote, Move            template.HTML
	NoPerson              bool
	Drift                 template.HTML
	DriftPath             string
	Talk                  template.HTML
	Record                string
	Before, After         named
}

func blip(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	r, x, err := d.blip()
	if err != nil {
		return err
	}
	answer, err := d.ask("radar.picture", "radar", "Radar/"+r.Key)
	if err != nil {
		return err
	}
	rings := answer.rows("rings")
	var names []string
	var choices []model.Option
	for _, row := range rings {
		names = append(names, row.Text("ring"))
		choices = append(choices, model.Option{Value: row.Text("ring"), Label: row.Text("ring")})
	}
	b := blipView{Ring: x.Ring, Class: ringClass(slices.Index(names, x.Ring)), Quadrant: x.Quadrant, Since: x.Since, Link: x.Link, Proposed: x.State == model.BlipProposed, Retired: x.State == model.BlipRetired,
		Technology: d.named(x.Technology), Decision: d.named(x.Decision), Successor: d.named(x.Successor), Owner: d.named(x.Owner), Record: d.Path(frame.RecordPath("Blip", x.Key))}
	for _, row := range rings {
		if row.Text("ring") == x.Ring {
			b.Means = row.Text("help")
		}
	}
	if x.Rationale != "" {
		b.Rationale = prose.HTML(x.Rationale)
	}
	for e := range d.view.In(x.Ref()) {
		if old, ok := e.Record.(*model.Blip); ok && old.Successor == x.Ref() {
			b.Replaces = append(b.Replaces, d.named(old.Ref()))
		}
	}
	b.neighbours(d, r, x, answer)
	b.way(d, r, x, names)
	b.votes(d, x, names)
	b.acts(d, r, x, choices)
	b.drift(d, r, x)
	b.Talk = panel.Talk(v, d.view, x, d.Path(blipPath(r, x.Key, "/comments")))
	return d.show("blip", frame.Page{Title: x.Title(), Crumbs: []frame.Crumb{{Label: "Technology radars", Path: "/radar?all=yes"}, {Label: r.Title(), Path: path(r, "")}}, Body: b})
}

// named returns how a page names a record.
func (d *desk) named(ref model.Ref) named {
	switch rec := d.view.Get(ref).(type) {
	case nil:
		return named{}
	case *model.DecisionRecord:
		return named{rec.Title(), d.Path("/decisions/" + rec.Key)}
	case *model.Blip:
		if r, ok := d.view.Get(rec.Radar).(*model.Radar); ok {
			return named{rec.Title(), d.Path(blipPath(r, rec.Key, ""))}
		}
		return named{rec.Title(), d.Record(practice.To(rec))}
	default:
		l := practice.To(rec)
		return named{l.Title(), d.Record(l)}
	}
}

// neighbours fills in the blips before and after this one on the list.
func (b *blipView) neighbours(d *desk, r *model.Radar, x *model.Blip, answer reply) {
	var list []practice.Link
	for _, row := range answer.rows("table") {
		if l := linkOf(row, "blip"); l.Key != "" {
			list = append(list, l)
		}
	}
	at := slices.IndexFunc(list, func(l practice.Link) bool { return l.Key == x.Key })
	if at > 0 {
		b.Before = named{list[at-1].Title(), d.Path(blipPath(r, list[at-1].Key, ""))}
	}
	if at >= 0 && at+1 < len(list) {
		b.After = named{list[at+1].Title(), d.Path(blipPath(r, list[at+1].Key, ""))}
	}
}

// way fills in where the blip lay, edition by edition, the newest first.
func (b *blipView) way(d *desk, r *model.Radar, x *model.Blip, rings []string) {
	editions := d.editionsOf(r)
	if !b.Proposed && !b.Retired {
		b.Way = append(b.Way, wayRow{Day: x.Since, Ring: x.Ring, Class: ringClass(slices.Index(rings, x.Ring)), Now: true})
	}
	for _, e := range editions {
		at := slices.IndexFunc(e.Blips, func(was model.EditionBlip) bool {
			return was.Blip == x.Ref() || was.Blip.IsZero() && strings.EqualFold(was.Name, x.Title())
		})
		if at < 0 {
			continue
		}
		was := e.Blips[at]
		row := wayRow{Day: e.Published, Ring: was.Ring, Class: ringClass(slices.Index(rings, was.Ring)), Path: d.Path(path(r, ""), "edition", e.Key)}
		for _, m := range moves {
			if m.name == string(was.Moved) {
				row.Sign, row.Word = m.sign, m.label
			}
		}
		b.Way = append(b.Way, row)
	}
}

// votes fills in what people think. The last vote of a person counts.
func (b *blipView) votes(d *desk, x *model.Blip, rings []string) {
	last := map[model.Ref]*model.RadarVote{}
	for e := range d.view.In(x.Ref()) {
		vote, ok := e.Record.(*model.RadarVote)
		if !ok || vote.Blip != x.Ref() {
			continue
		}
		if before := last[vote.Voter]; before == nil || vote.Cast > before.Cast || vote.Cast == before.Cast && vote.Created.Seq > before.Created.Seq {
			last[vote.Voter] = vote
		}
	}
	counts := map[string]int{}
	me := model.Ref{}
	if p := d.Who.Person(); p != nil {
		me = p.Ref()
	}
	for voter, vote := range last {
		counts[vote.Ring]++
		name := d.named(voter).Title
		if name == "" {
			name = "Somebody"
		}
		if voter == me && !me.IsZero() {
			b.Mine, name = vote.Ring, "You"
		}
		b.Votes = append(b.Votes, voteRow{name, vote.Ring, vote.Reason, vote.Cast})
	}
	slices.SortFunc(b.Votes, func(x, y voteRow) int { return cmp.Or(cmp.Compare(y.Cast, x.Cast), cmp.Compare(x.By, y.By)) })
	b.Voted = len(b.Votes)
	if b.Voted == 0 {
		return
	}
	for i, ring := range rings {
		b.Tally = append(b.Tally, tallyRow{ring, ringClass(i), counts[ring], b.Voted, ring == x.Ring, bar(counts[ring], b.Voted)})
	}
}

// bar draws how much of something there is. It is an image, because the policy of the site allows no styles in a page.
func bar(n, of int) template.HTML {
	width := 0.0
	if of > 0 {
		width = 100 * float64(n) / float64(of)
	}
	return template.HTML(fmt.Sprintf(`<svg class="tally-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="tally-rest" width="100" height="8"/><rect class="tally-part" width="%.1f" height="8"/></svg>`, width))
}

// acts fills in what the visitor may do.
func (b *blipView) acts(d *desk, r *model.Radar, x *model.Blip, rings []model.Option) {
	if d.past() {
		return
	}
	post := func(action string) string { return d.Path(blipPath(r, x.Key, "/do/"+action)) }
	choices := map[string][]model.Option{"ring": rings}
	if d.Who.MayCreate("RadarVote") {
		if b.NoPerson = d.Who.Person() == nil; !b.NoPerson {
			label := "Vote"
			if b.Mine != "" {
				label = "Vote again"
			}
			b.Vote = panel.Form(d.Visit, panel.Act{Name: "radar.vote", Label: label, Button: "Vote", About: x, Path: post("vote"), Choices: choices, Values: map[string]string{"ring": b.Mine}})
		}
	}
	if d.Who.MayWrite(x) {
		label := "Move it"
		if b.Proposed {
			label = "Put it on the radar"
		}
		b.Move = panel.Form(d.Visit, panel.Act{Name: "radar.move", Label: label, Button: label, About: x, Path: post("move"), Choices: choices, Values: map[string]string{"ring": x.Ring}})
	}
}

// drift fills in what the estate proves about the blip.
func (b *blipView) drift(d *desk, r *model.Radar, x *model.Blip) {
	answer, err := d.ask("radar.drift", "radar", "Radar/"+r.Key, "blip", "Blip/"+x.Key)
	if err != nil {
		return
	}
	b.DriftPath = d.Path("/questions/radar.drift", "radar", "Radar/"+r.Key, "blip", "Blip/"+x.Key)
	open := "/questions/radar.drift?blip=Blip%2F" + x.Key
	for _, name := range []string{"findings", "blips", "teams"} {
		p, has := answer[name]
		if !has || p.Grid != nil && len(p.Grid.Rows) == 0 || p.Grid == nil && len(p.Findings) == 0 {
			continue
		}
		opt := parts.Options{Heading: 3, Open: open, Compact: true, Href: d.href(r)}
		switch name {
		case "blips":
			b.Drift += facts(d, *p.Grid)
			continue
		case "findings":
			opt.Heading = -1
		}
		b.Drift += parts.Render(d.Visit, p, opt)
	}
}

// driftNames are what the page calls the columns of what the estate proves, in order. The others are not shown.
var driftNames = []struct{ column, label string }{{"users", "Used by"}, {"quarter", "90 days ago"}, {"year", "A year ago"}, {"trend", "Trend"}, {"teams", "Teams"}, {"cost", "Cost of what uses it, last twelve months"},
	{"critical", "Critical things that use it"}, {"components", "Proved by"}}

// facts writes the one row of a table as names and values. Where nobody can tell since when something uses it, the page says so instead of counting.
func facts(d *desk, g practice.Grid) template.HTML {
	var out strings.Builder
	for row := range door.Rows(&g) {
		untold, _ := row["untold"].Value.(int)
		users, _ := row["users"].Value.(int)
		out.WriteString(`<dl class="drift-facts">`)
		for _, n := range driftNames {
			cell := row[n.column]
			past := n.column == "quarter" || n.column == "year" || n.column == "trend"
			if cell.Text == "" || past && untold == users && users > 0 {
				continue
			}
			text := template.HTMLEscapeString(cell.Text)
			if len(cell.Links) > 0 {
				text = some(d, cell.Links)
			}
			out.WriteString(`<div><dt>` + n.label + `</dt><dd>` + text + `</dd></div>`)
		}
		out.WriteString(`</dl>`)
		if untold > 0 && users > 0 {
			out.WriteString(`<p class="drift-note">Of ` + template.HTMLEscapeString(practice.Count(untold, "user", "users")) + ` nobody can tell since when.</p>`)
		}
		break
	}
	return template.HTML(out.String())
}

// some names the first of some records.
func some(d *desk, links []practice.Link) string {
	const first = 6
	var out []string
	for _, l := range links[:min(len(links), first)] {
		out = append(out, `<a href="`+template.HTMLEscapeString(d.Record(l))+`">`+template.HTMLEscapeString(l.Title())+`</a>`)
	}
	if more := len(links) - first; more > 0 {
		out = append(out, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, ", ")
}
