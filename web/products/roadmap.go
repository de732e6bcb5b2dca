package products

import (
	"cmp"
	"fmt"
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
)

// ground is something that an item runs on, with where it stands in its life.
type ground struct {
	named
	State, Class string
}

// promise is what a customer was promised of an item.
type promise struct {
	Customer     named
	Promised     model.Date
	State, Class string
}

// risk is something that stands in the way of an item.
type risk struct{ Class, Text string }

// fewRisks is how many risks a card shows without being asked.
const fewRisks = 3

// risks returns what stands in the way of each item, by its key, the worst first.
func risks(findings []practice.Finding) map[string][]risk {
	out := map[string][]risk{}
	for _, f := range findings {
		if f.About.Kind != "RoadmapItem" {
			continue
		}
		class := ""
		switch {
		case f.Severity.Weight() >= practice.High.Weight():
			class = "bad"
		case f.Severity.Weight() >= practice.Medium.Weight():
			class = "warn"
		}
		text := strings.TrimSpace(strings.TrimPrefix(f.Text, f.About.Title()))
		one := risk{class, strings.ToUpper(text[:min(1, len(text))]) + text[min(1, len(text)):]}
		if !slices.Contains(out[f.About.Key], one) {
			out[f.About.Key] = append(out[f.About.Key], one)
		}
	}
	return out
}

// way is a direction in which a card can be moved by its button.
type way struct{ Value, Label, Sign string }

// card is an item of the roadmap.
type card struct {
	Key, Title, Path     string
	Product, Team        named
	State, Class         string
	Due, Done            model.Date
	Left                 string
	Late                 bool
	Confidence           int
	Bar                  template.HTML
	Value, Asked, Effort string
	Customers            int
	Waits                []named
	RunsOn               []ground
	Risks                []risk
	More                 []risk
	Promises             []promise
	Move                 string
	Before, After        way
	Bucket               string
}

// column is the cards of a bucket.
type column struct {
	Bucket, Title, Help, Value string
	Cards                      []card
}

// quarter is the load of the teams of a product in a quarter.
type quarter struct {
	Quarter    string
	Effort     string
	Load, Over string
	Class      string
	Bar        template.HTML
	Items      []named
}

// load is the quarters of a product.
type load struct {
	Product  named
	Capacity string
	Quarters []quarter
}

// roadmapView is the page of the roadmap.
type roadmapView struct {
	Figures  template.HTML
	Products []option
	Teams    []model.Option
	Team     string
	Action   string
	Moment   map[string][]string
	Done     bool
	DoneLink option
	Columns  []column
	Past     []card
	Timeline template.HTML
	Loads    []load
	LoadNote string
	Findings template.HTML
	Saves    []panel.Save
	New      string
	Links    []panel.Save
	MayMove  bool
	All      int
	Clear    string
}

// buckets are the columns in order, with what belongs there.
var buckets = []struct{ name, title, help string }{
	{"now", "Now", "Being worked on."}, {"next", "Next", "What comes after that."}, {"later", "Later", "Wanted, and open when."},
}

func roadmap(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	b := roadmapView{Team: v.Form("team"), Done: v.Form("done") == "yes", Moment: v.Moment.Values()}
	page := frame.Page{Title: "Roadmap", Lead: "What products bring their customers now, next and later, and what stands in the way."}
	product, key := "", v.R.PathValue("product")
	if key != "" {
		rec, err := d.find("Product", "product")
		if err != nil {
			return err
		}
		key = rec.Base().Key
		product, page.Title = "Product/"+key, "Roadmap of "+rec.Base().Title()
		page.Crumbs = []frame.Crumb{{Label: "Roadmap", Path: "/roadmap"}}
	}
	pairs := []string{"product", product, "team", b.Team}
	if b.Done {
		pairs = append(pairs, "done", "yes")
	}
	answer, err := panel.Ask(v, "product.roadmap", pairs...)
	if err != nil {
		return err
	}
	b.filters(d, key)
	b.fill(d, answer, d.promises(product))
	b.loads(d, answer)
	open := d.Path("/questions/product.roadmap", "product", product, "team", b.Team)
	for _, name := range []string{"items", "late", "conflicts", "overloaded", "value"} {
		b.Figures += parts.Render(v, answer[name], parts.Options{Compact: true, Open: open})
	}
	if p := answer["timeline"]; p.Picture != nil && len(p.Picture.Nodes) > 0 {
		b.Timeline = parts.Render(v, p, parts.Options{Heading: 2, Open: open, Href: d.href})
	}
	if p := answer["findings"]; len(p.Findings) > 0 {
		b.Findings = parts.Render(v, p, parts.Options{Heading: 2, Title: "What stands in the way", Open: open, Href: d.href, Limit: 15})
	}
	b.Saves = []panel.Save{{Label: "CSV", Path: d.Path("/questions/product.roadmap."+parts.FileSuffix, "product", product, "team", b.Team, "part", "csv")}}
	b.Links = []panel.Save{{Label: "Ideas", Path: d.Path("/ideas", "product", product)}, {Label: "Promises", Path: d.Path("/questions/product.promises", "product", product)},
		{Label: "What came of it", Path: d.Path("/questions/product.outcomes", "product", product)}, {Label: "Portals", Path: d.Path("/portals")}}
	if !d.past() && d.Who.MayCreate("RoadmapItem") {
		b.New = d.Path("/records/RoadmapItem/new", "product", key)
	}
	page.Body = b
	return d.show("roadmap", "roadmap", page)
}

// filters fills in the products and teams that can be chosen.
func (b *roadmapView) filters(d *desk, key string) {
	done := ""
	if b.Done {
		done = "yes"
	}
	b.Action = roadmapPath(key)
	b.Products = []option{{Label: "All products", Path: d.Path("/roadmap", "team", b.Team, "done", done), On: key == ""}}
	teams := map[model.Ref]bool{}
	counts := map[model.Ref]int{}
	for i := range estate.Each[*model.RoadmapItem](d.view) {
		teams[i.Team] = true
		if i.State != model.RoadmapDelivered && i.State != model.RoadmapDropped {
			counts[i.Product]++
			b.Products[0].Count++
		}
	}
	for p := range estate.Each[*model.Product](d.view) {
		b.Products = append(b.Products, option{Label: p.Title(), Path: d.Path(roadmapPath(p.Key), "team", b.Team, "done", done), On: p.Key == key, Count: counts[p.Ref()]})
	}
	for _, o := range every[*model.Team](d) {
		if rec := d.view.Find("Team", o.Value[len("Team/"):]); o.Value == b.Team || rec != nil && teams[rec.Base().Ref()] {
			b.Teams = append(b.Teams, o)
		}
	}
	b.DoneLink = option{Label: "Show what is done", Path: d.Path(roadmapPath(key), "team", b.Team, "done", "yes")}
	if b.Done {
		b.DoneLink = option{Label: "Hide what is done", Path: d.Path(roadmapPath(key), "team", b.Team), On: true}
	}
	if b.Team != "" {
		b.Clear = d.Path(roadmapPath(key), "done", done)
	}
}

// promises returns what customers were promised that is not there yet, by the key of the item that brings it.
func (d *desk) promises(product string) map[string][]promise {
	out := map[string][]promise{}
	answer, err := panel.Ask(d.Visit, "product.promises", "product", product)
	if err != nil {
		return out
	}
	classes := map[string]string{"broken": "bad", "late": "bad", "at_risk": "warn", "on_time": "good"}
	for _, row := range answer.Rows("table") {
		state := row.Text("state")
		item := panel.LinkOf(row, "item")
		if class := classes[state]; class != "" && !item.IsZero() {
			words := map[string]string{"broken": "broken", "late": "comes later", "at_risk": "at risk", "on_time": "on time"}[state]
			out[item.Key] = append(out[item.Key], promise{d.link(panel.LinkOf(row, "customer")), panel.DateOf(row, "promised"), words, class})
		}
	}
	return out
}

// fill puts the items into their columns.
func (b *roadmapView) fill(d *desk, answer panel.Reply, promises map[string][]promise) {
	hurdles := risks(answer["findings"].Findings)
	for n, u := range buckets {
		c := column{Bucket: u.name, Title: u.title, Help: u.help}
		var sum model.Money
		whole := true
		for _, row := range answer.Rows(u.name) {
			one := d.card(row, promises)
			if one.Move != "" {
				if n > 0 {
					one.Before = way{buckets[n-1].name, buckets[n-1].title, "←"}
				}
				if n+1 < len(buckets) {
					one.After = way{buckets[n+1].name, buckets[n+1].title, "→"}
				}
				b.MayMove = true
			}
			one.Bucket, one.Risks = u.name, hurdles[one.Key]
			if len(one.Risks) > fewRisks+1 {
				one.Risks, one.More = one.Risks[:fewRisks], one.Risks[fewRisks:]
			}
			c.Cards = append(c.Cards, one)
			if m := panel.MoneyOf(row, "value"); !m.IsZero() {
				next, err := sum.Add(m)
				whole = whole && err == nil
				sum = next
			}
		}
		if whole {
			c.Value = money(sum)
		}
		b.All += len(c.Cards)
		b.Columns = append(b.Columns, c)
	}
	for _, row := range answer.Rows("done") {
		b.Past = append(b.Past, d.card(row, nil))
	}
}

// card returns an item as the roadmap shows it.
func (d *desk) card(row door.Row, promises map[string][]promise) card {
	l := panel.LinkOf(row, "item")
	state := row.Text("state")
	c := card{Key: l.Key, Title: l.Title(), Path: d.Record(l), Product: d.link(panel.LinkOf(row, "product")), Team: d.link(panel.LinkOf(row, "team")), State: panel.WordOf(model.RoadmapState("").Options(), state),
		Class: map[string]string{"running": "info", "planned": "", "proposed": "muted", "delivered": "good"}[state], Due: panel.DateOf(row, "due"), Done: panel.DateOf(row, "done"),
		Value: money(panel.MoneyOf(row, "value")), Asked: money(panel.MoneyOf(row, "asked")), Customers: len(row["customers"].Links), Waits: d.links(row, "waits"), Promises: promises[l.Key]}
	if left, ok := panel.NumberOf(row, "left"); ok {
		c.Late = left < 0
		c.Left = daysLeft(int(left))
	}
	if sure, ok := panel.NumberOf(row, "confidence"); ok {
		c.Confidence, c.Bar = int(sure), bar(sure, 100, "")
	}
	if effort, ok := panel.NumberOf(row, "effort"); ok && effort > 0 {
		c.Effort = fmt.Sprintf("%g", effort)
	}
	for _, g := range row["runs_on"].Links {
		c.RunsOn = append(c.RunsOn, d.ground(g))
	}
	if rec := d.view.Find("RoadmapItem", l.Key); rec != nil && !d.past() && state != "delivered" && state != "dropped" && d.Who.MayWrite(rec) {
		c.Move = d.Path("/roadmap/items/" + urlPath(l.Key) + "/move")
	}
	return c
}

// daysLeft says how long it is until a day.
func daysLeft(days int) string {
	switch {
	case days < 0:
		return practice.Count(-days, "day", "days") + " late"
	case days == 0:
		return "today"
	}
	return "in " + practice.Count(days, "day", "days")
}

// ground returns something that an item runs on, with the phase of its life.
func (d *desk) ground(l practice.Link) ground {
	out := ground{named: d.link(l)}
	rec := d.view.Find(l.Kind, l.Key)
	living, ok := rec.(interface{ Phases() model.Lifecycle })
	if !ok {
		return out
	}
	phase := living.Phases().PhaseAt(d.view.At())
	if phase != model.PhaseUnknown && phase != model.PhaseActive {
		out.State = panel.WordOf(phase.Options(), string(phase))
	}
	out.Class = map[model.Phase]string{model.PhasePhaseOut: "warn", model.PhaseEndOfLife: "bad", model.PhasePlan: "info", model.PhasePhaseIn: "info"}[phase]
	return out
}

// bar draws how much of something there is. It is an image, because the policy of the site allows no styles in a page.
func bar(n, of float64, class string) template.HTML {
	width := 0.0
	if of > 0 {
		width = min(100, 100*n/of)
	}
	return template.HTML(fmt.Sprintf(`<svg class="level %s" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="level-rest" width="100" height="8"/><rect class="level-part" width="%.1f" height="8"/></svg>`, class, width))
}

// loads fills in the work of each quarter beside what the teams can do.
func (b *roadmapView) loads(d *desk, answer panel.Reply) {
	rows := answer.Rows("capacity")
	if g := answer["capacity"].Grid; g != nil {
		b.LoadNote = g.Note
	}
	most := 0.0
	for _, row := range rows {
		effort, _ := panel.NumberOf(row, "effort")
		capacity, _ := panel.NumberOf(row, "capacity")
		most = max(most, effort, capacity)
	}
	for _, row := range rows {
		product := panel.LinkOf(row, "product")
		capacity, _ := panel.NumberOf(row, "capacity")
		at := slices.IndexFunc(b.Loads, func(l load) bool { return l.Product.Title == product.Title() })
		if at < 0 {
			at = len(b.Loads)
			one := load{Product: d.link(product)}
			if capacity > 0 {
				one.Capacity = fmt.Sprintf("%g", capacity)
			}
			b.Loads = append(b.Loads, one)
		}
		effort, _ := panel.NumberOf(row, "effort")
		q := quarter{Quarter: row.Text("quarter"), Effort: fmt.Sprintf("%g", effort), Items: d.links(row, "items")}
		if share, ok := panel.NumberOf(row, "load"); ok {
			q.Load = fmt.Sprintf("%.0f %%", share)
			switch {
			case share > 100:
				q.Class = "bad"
			case share > 90:
				q.Class = "warn"
			}
		}
		if over, _ := panel.NumberOf(row, "over"); over > 0 {
			q.Over = fmt.Sprintf("%g", over)
		}
		q.Bar = loadBar(effort, capacity, most, q.Class)
		b.Loads[at].Quarters = append(b.Loads[at].Quarters, q)
	}
}

// loadBar draws the work of a quarter with a mark where the capacity ends.
func loadBar(effort, capacity, most float64, class string) template.HTML {
	most = cmp.Or(most, 1)
	mark := ""
	if capacity > 0 {
		mark = fmt.Sprintf(`<rect class="level-mark" x="%.1f" width="1" height="8"/>`, min(99, 100*capacity/most))
	}
	return template.HTML(fmt.Sprintf(`<svg class="level %s" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="level-rest" width="100" height="8"/><rect class="level-part" width="%.1f" height="8"/>%s</svg>`, class, 100*effort/most, mark))
}

// move puts an item into another bucket, and tells what that does to promises, to what waits for it and to the quarters.
func move(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	rec, err := d.find("RoadmapItem", "item")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(buckets, func(u struct{ name, title, help string }) bool { return u.name == v.Form("bucket") })
	if at < 0 {
		return frame.Bad("bucket: write now, next or later")
	}
	item := rec.(*model.RoadmapItem)
	to := frame.Local(cmp.Or(v.Form("back"), d.Path("/roadmap"))) + "#item-" + item.Key
	if string(item.Bucket) == buckets[at].name {
		return d.Redirect(to)
	}
	return d.do("product.schedule", item, to, item.Title()+" stands under "+buckets[at].title+" now.")
}
