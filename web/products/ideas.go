package products

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"binnacle/door"
	"binnacle/estate"
	"binnacle/model"
	"binnacle/web/draw"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
)

// row is an idea of the inbox.
type row struct {
	Key, Title, Path     string
	Place                int
	Score, Lacks, Method string
	State, Class         string
	Product, Item        named
	Value, Revenue       string
	Customers            []named
	Promised, Received   model.Date
	Votes                int
	Opportunity          named
	Form                 template.HTML
	Alike                []named
	// Merge is where a form is sent that merges the first idea that says the same into this one, and With is its key.
	Merge, With string
}

// inboxView is the page of ideas.
type inboxView struct {
	Figures  template.HTML
	States   []option
	Products []option
	Rows     []row
	More     string
	All      int
	Submit   template.HTML
	Findings template.HTML
	Links    []panel.Save
	State    string
}

// mostRows is how many ideas a page shows unless all are asked for.
const mostRows = 60

// open stands for the ideas that nobody has decided about.
const open = "open"

// stateClasses are the colours of the states of an idea.
var stateClasses = map[string]string{"new": "brass", "reviewed": "info", "planned": "good", "delivered": "good", "declined": "muted", "merged": "muted"}

func inbox(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	b := inboxView{State: v.Form("state")}
	product := v.Form("product")
	if b.State == "" {
		b.State = open
	}
	asked := b.State
	if asked == open {
		asked = ""
	}
	answer, err := panel.Ask(v, "product.ideas", "product", product, "state", asked)
	if err != nil {
		return err
	}
	b.filters(d, product)
	rows := answer.Rows("ranking")
	b.All = len(rows)
	if len(rows) > mostRows && v.Form("all") != "yes" {
		rows = rows[:mostRows]
		b.More = d.Path("/ideas", "state", b.State, "product", product, "all", "yes")
	}
	for _, r := range rows {
		b.Rows = append(b.Rows, d.row(r))
	}
	where := d.Path("/questions/product.ideas", "product", product, "state", asked)
	for _, name := range []string{"ideas", "unread", "unscored", "customers", "value"} {
		b.Figures += parts.Render(v, answer[name], parts.Options{Compact: true, Open: where})
	}
	if p := answer["findings"]; len(p.Findings) > 0 {
		b.Findings = parts.Render(v, p, parts.Options{Heading: 2, Title: "What to look at", Open: where, Href: d.href, Limit: 12})
	}
	if !d.past() && d.Who.MayCreate("Idea") {
		b.Submit = d.submission(product)
	}
	b.Links = []panel.Save{{Label: "Roadmap", Path: d.Path("/roadmap")}, {Label: "Opportunities and their ideas", Path: d.Path("/questions/product.tree", "product", product)}, {Label: "Promises", Path: d.Path("/questions/product.promises")}, {Label: "Customers", Path: d.Path("/questions/product.customers")}}
	return d.show("ideas", "ideas", frame.Page{Title: "Ideas", Lead: "What customers and colleagues want, what it is worth to whom, and what becomes of it.", Body: b})
}

// submission is the form in which everybody may say what is wanted.
func (d *desk) submission(product string) template.HTML {
	only := []string{"title", "text", "product"}
	if read, _, _ := d.Who.Extents("Customer"); read == "all" {
		only = append(only, "customer", "value")
	}
	return panel.Form(d.Visit, panel.Act{Name: "product.submit_idea", Label: "Submit an idea", Button: "Submit it", Path: d.Path("/ideas"), Only: only, Primary: true,
		Values: map[string]string{"product": product}, Choices: map[string][]model.Option{"product": every[*model.Product](d)}})
}

// filters fills in the states and products that can be chosen.
func (b *inboxView) filters(d *desk, product string) {
	counts := map[string]int{}
	products := map[model.Ref]int{}
	for i := range estate.Each[*model.Idea](d.view) {
		rec := d.view.Get(i.Product)
		state := stateOf(i)
		mine := product == "" || rec != nil && "Product/"+rec.Base().Key == product
		isOpen := state == model.IdeaNew || state == model.IdeaReviewed || state == model.IdeaPlanned
		if mine {
			counts[string(state)]++
		}
		if mine && isOpen {
			counts[open]++
		}
		if string(state) == b.State || isOpen && b.State == open {
			products[i.Product]++
			products[model.Ref{}]++
		}
	}
	states := append([]model.Option{{Value: open, Label: "Open"}}, model.IdeaState("").Options()...)
	for _, o := range states {
		value := o.Value
		if value == open {
			value = ""
		}
		b.States = append(b.States, option{Label: o.Label, Path: d.Path("/ideas", "state", value, "product", product), On: o.Value == b.State, Count: counts[o.Value]})
	}
	state := b.State
	if state == open {
		state = ""
	}
	b.Products = []option{{Label: "All products", Path: d.Path("/ideas", "state", state), On: product == "", Count: products[model.Ref{}]}}
	for p := range estate.Each[*model.Product](d.view) {
		ref := "Product/" + p.Key
		b.Products = append(b.Products, option{Label: p.Title(), Path: d.Path("/ideas", "state", state, "product", ref), On: ref == product, Count: products[p.Ref()]})
	}
}

// stateOf returns the state of an idea, which is new where none is set.
func stateOf(i *model.Idea) model.IdeaState {
	if i.State == "" {
		return model.IdeaNew
	}
	return i.State
}

// row returns an idea as the inbox shows it.
func (d *desk) row(r door.Row) row {
	l := panel.LinkOf(r, "idea")
	state := r.Text("state")
	place, _ := panel.NumberOf(r, "place")
	votes, _ := panel.NumberOf(r, "votes")
	out := row{Key: l.Key, Title: l.Title(), Path: d.href(l), Place: int(place), State: panel.WordOf(model.IdeaState("").Options(), state), Class: stateClasses[state], Product: d.link(panel.LinkOf(r, "product")),
		Value: money(panel.MoneyOf(r, "value")), Revenue: money(panel.MoneyOf(r, "revenue")), Customers: d.links(r, "customers"), Promised: panel.DateOf(r, "promised"), Received: panel.DateOf(r, "received"), Votes: int(votes),
		Opportunity: d.link(panel.LinkOf(r, "opportunity")), Alike: d.links(r, "alike"), Lacks: r.Text("lacks"), Method: methodWord(r.Text("method"))}
	if score, ok := panel.NumberOf(r, "score"); ok {
		out.Score = scoreText(score)
	}
	i, ok := d.view.Find("Idea", l.Key).(*model.Idea)
	if !ok {
		return out
	}
	for e := range d.view.In(i.Ref()) {
		if item, ok := e.Record.(*model.RoadmapItem); ok && slices.Contains(item.Ideas, i.Ref()) {
			out.Item = d.named(item.Ref())
		}
	}
	if !d.keeps(i) {
		return out
	}
	out.Form = d.scoreForm(i, r.Text("method"), "Score")
	if alike := r["alike"].Links; len(alike) > 0 {
		out.Merge, out.With = d.Path(ideaPath(l.Key, "/do/merge")), alike[0].Key
	}
	return out
}

// isOpen reports whether nobody has decided about an idea.
func isOpen(i *model.Idea) bool {
	s := stateOf(i)
	return s == model.IdeaNew || s == model.IdeaReviewed || s == model.IdeaPlanned
}

// scoreText writes a score with the digits that tell ideas apart.
func scoreText(score float64) string {
	if score >= 100 || score <= -100 {
		return draw.Value(float64(int64(score + 0.5)))
	}
	return draw.Value(float64(int64(score*100+0.5)) / 100)
}

// methodWord is what a method of scoring is called.
func methodWord(method string) string {
	switch model.ScoringMethod(method) {
	case model.ScoreFormula:
		return "own formula"
	case "":
		return "RICE"
	}
	return strings.ToUpper(method)
}

// scales are the words for the values of the scales that methods of scoring use.
var scales = map[string][]model.Option{
	"impact":     {{Value: "3", Label: "3: massive"}, {Value: "2", Label: "2: high"}, {Value: "1", Label: "1: medium"}, {Value: "0.5", Label: "0.5: low"}, {Value: "0.25", Label: "0.25: minimal"}},
	"confidence": {{Value: "100", Label: "100 %: high, there are figures"}, {Value: "80", Label: "80 %: medium"}, {Value: "50", Label: "50 %: low, a guess"}},
}

// relative is the scale of weighted shortest job first.
func relative() []model.Option {
	words := map[int]string{1: "1: the smallest", 20: "20: the largest"}
	var out []model.Option
	for _, n := range []int{1, 2, 3, 5, 8, 13, 20} {
		label := words[n]
		if label == "" {
			label = strconv.Itoa(n)
		}
		out = append(out, model.Option{Value: strconv.Itoa(n), Label: label})
	}
	return out
}

// figures returns what is scored of an idea by a method, with the values that are there.
func (d *desk) figures(i *model.Idea, method string) (names []string, values map[string]string) {
	text := func(f float64) string {
		if f == 0 {
			return ""
		}
		return fmt.Sprintf("%g", f)
	}
	values = map[string]string{"reach": text(i.Reach), "impact": text(i.Impact), "confidence": text(float64(i.Confidence)), "effort": text(i.Effort),
		"user_value": text(i.UserValue), "time_criticality": text(i.TimeCriticality), "risk_reduction": text(i.RiskReduction), "job_size": text(i.JobSize)}
	rice, wsjf := []string{"reach", "impact", "confidence", "effort"}, []string{"user_value", "time_criticality", "risk_reduction", "job_size"}
	switch model.ScoringMethod(method) {
	case model.ScoreWSJF:
		return wsjf, values
	case model.ScoreFormula:
		formula := ""
		if p, ok := d.view.Get(i.Product).(*model.Product); ok {
			formula = p.Formula
		}
		for _, name := range append(rice, wsjf...) {
			if strings.Contains(formula, name) {
				names = append(names, name)
			}
		}
		return names, values
	}
	return rice, values
}

// scoreForm is the form in which an idea is scored, with the words of the scale.
func (d *desk) scoreForm(i *model.Idea, method, label string) template.HTML {
	names, values := d.figures(i, method)
	if len(names) == 0 {
		return ""
	}
	choices := map[string][]model.Option{}
	for _, name := range names {
		list := scales[name]
		if slices.Contains([]string{"user_value", "time_criticality", "risk_reduction", "job_size"}, name) {
			list = relative()
		}
		if len(list) == 0 {
			continue
		}
		if now := values[name]; now != "" && !slices.ContainsFunc(list, func(o model.Option) bool { return o.Value == now }) {
			list = append([]model.Option{{Value: now, Label: now + ": as it is"}}, list...)
		}
		choices[name] = list
	}
	return panel.Form(d.Visit, panel.Act{Name: "product.score_idea", Label: label, Button: "Keep the score", Fixed: map[string]string{"idea": "Idea/" + i.Key}, Only: names, Values: values, Choices: choices, Path: d.Path(ideaPath(i.Key, "/do/score"))})
}

// submit keeps an idea and leads to its page.
func submit(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	return panel.Do(v, panel.Act{Name: "product.submit_idea"}, d.Path("/ideas", "state", string(model.IdeaNew)), "Thank you. Somebody looks at it.")
}

// ideaActions are what people do with an idea, by the word in the address.
var ideaActions = map[string]struct{ name, done string }{
	"score":   {"product.score_idea", "The score is kept."},
	"plan":    {"product.plan_idea", "It is on the roadmap."},
	"decline": {"product.decline_idea", "It is declined, with the answer."},
	"request": {"product.record_request", "The request is kept."},
	"merge":   {"product.merge_ideas", "They are one idea now."},
}

func doIdea(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	rec, err := d.find("Idea", "key")
	if err != nil {
		return err
	}
	a, known := ideaActions[v.R.PathValue("action")]
	if !known {
		return &door.NotFound{What: "such action"}
	}
	to := d.Path(ideaPath(rec.Base().Key, ""))
	if back := v.Form("back"); back != "" {
		to = frame.Local(back)
	}
	return d.do(a.name, rec, to, a.done)
}

// say adds what the visitor says about an idea.
func say(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	rec, err := d.find("Idea", "key")
	if err != nil {
		return err
	}
	return panel.Say(v, d.view, rec, d.Path(ideaPath(rec.Base().Key, ""))+"#discussion")
}
