package products

import (
	"html/template"
	"slices"

	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/frame"
	"binnacle/web/panel"
	"binnacle/web/parts"
	"binnacle/web/prose"
)

// wish is what a customer asked for.
type wish struct {
	Customer        named
	Value           string
	Asked, Promised model.Date
	Words           string
}

// ideaView is the page of one idea.
type ideaView struct {
	State, Class, Help    string
	Text, Answer          template.HTML
	Score, Method, Lacks  string
	Place                 int
	Value, Revenue        string
	Votes                 int
	Received              model.Date
	Channel               string
	Product, Opportunity  named
	Owner, MergedInto     named
	Wishes                []wish
	Hidden                int
	Merged, Items, Trials []named
	Alike                 []named
	AlikeKeys             []string
	Merge                 string
	Acts                  []template.HTML
	Findings              template.HTML
	Talk                  template.HTML
	Record                string
}

func idea(v *frame.Visit) error {
	d, err := sit(v)
	if err != nil {
		return err
	}
	rec, err := d.find("Idea", "key")
	if err != nil {
		return err
	}
	i := rec.(*model.Idea)
	state := stateOf(i)
	b := ideaView{State: panel.WordOf(state.Options(), string(state)), Class: stateClasses[string(state)], Votes: i.Votes, Received: i.Received, Channel: panel.WordOf(i.Channel.Options(), string(i.Channel)), Product: d.named(i.Product),
		Opportunity: d.named(i.Opportunity), MergedInto: d.named(i.MergedInto), Owner: d.link(practice.OwnerOf(d.view, i)), Record: d.Record(practice.To(i))}
	for _, o := range state.Options() {
		if o.Value == string(state) {
			b.Help = o.Help
		}
	}
	if i.Description != "" {
		b.Text = prose.HTML(i.Description)
	}
	if i.Answer != "" {
		b.Answer = prose.HTML(i.Answer)
	}
	for _, r := range i.Requests {
		w := wish{Customer: d.named(r.Customer), Value: money(r.Value), Asked: r.Asked, Promised: r.Promised, Words: r.Words}
		if w.Customer.Title == "" {
			b.Hidden++
			continue
		}
		b.Wishes = append(b.Wishes, w)
	}
	for e := range d.view.In(i.Ref()) {
		switch x := e.Record.(type) {
		case *model.Idea:
			if x.MergedInto == i.Ref() {
				b.Merged = append(b.Merged, d.named(x.Ref()))
			}
		case *model.RoadmapItem:
			b.Items = append(b.Items, d.named(x.Ref()))
		case *model.Experiment:
			b.Trials = append(b.Trials, d.named(x.Ref()))
		}
	}
	method, err := b.ranked(d, i)
	if err != nil {
		return err
	}
	b.acts(d, i, method)
	b.Talk = panel.Talk(v, d.view, i, d.Path(ideaPath(i.Key, "/comments")))
	return d.show("idea", "ideas", frame.Page{Title: i.Title(), Crumbs: []frame.Crumb{{Label: "Ideas", Path: "/ideas"}}, Body: b})
}

// ranked fills in the score and the place of an idea among those of its product, and returns the method of scoring.
func (b *ideaView) ranked(d *desk, i *model.Idea) (string, error) {
	product, state := "", ""
	if l := practice.To(d.view.Get(i.Product)); !l.IsZero() {
		product = l.String()
	}
	if !isOpen(i) {
		state = string(stateOf(i))
	}
	answer, err := panel.Ask(d.Visit, "product.ideas", "product", product, "state", state)
	if err != nil {
		return "", err
	}
	method := string(model.ScoreRICE)
	for _, row := range answer.Rows("ranking") {
		if panel.LinkOf(row, "idea").Key != i.Key {
			continue
		}
		method = row.Text("method")
		place, _ := panel.NumberOf(row, "place")
		votes, _ := panel.NumberOf(row, "votes")
		b.Place, b.Votes, b.Lacks, b.Method = int(place), int(votes), row.Text("lacks"), methodWord(method)
		b.Value, b.Revenue, b.Alike = money(panel.MoneyOf(row, "value")), money(panel.MoneyOf(row, "revenue")), d.links(row, "alike")
		for _, l := range row["alike"].Links {
			b.AlikeKeys = append(b.AlikeKeys, l.Key)
		}
		if score, ok := panel.NumberOf(row, "score"); ok {
			b.Score = scoreText(score)
		}
	}
	p := answer["findings"]
	p.Findings = slices.DeleteFunc(slices.Clone(p.Findings), func(f practice.Finding) bool { return f.About.Key != i.Key || f.About.Kind != "Idea" })
	if len(p.Findings) > 0 {
		b.Findings = parts.Render(d.Visit, p, parts.Options{Heading: -1, Href: d.href})
	}
	return method, nil
}

// acts fills in what the visitor may do with the idea.
func (b *ideaView) acts(d *desk, i *model.Idea, method string) {
	if !d.keeps(i) {
		return
	}
	post := func(action string) string { return d.Path(ideaPath(i.Key, "/do/"+action)) }
	add := func(a panel.Act) {
		a.About = i
		if form := panel.Form(d.Visit, a); form != "" {
			b.Acts = append(b.Acts, form)
		}
	}
	if form := d.scoreForm(i, method, "Score it"); form != "" {
		b.Acts = append(b.Acts, form)
	}
	if d.Who.MayCreate("RoadmapItem") {
		add(panel.Act{Name: "product.plan_idea", Label: "Put it on the roadmap", Button: "Plan it", Path: post("plan"), Primary: stateOf(i) != model.IdeaPlanned})
	}
	add(panel.Act{Name: "product.record_request", Label: "A customer wants it", Button: "Keep it", Path: post("request")})
	add(panel.Act{Name: "product.decline_idea", Label: "Decline it with an answer", Button: "Decline it", Path: post("decline")})
	add(panel.Act{Name: "product.merge_ideas", Label: "Merge others into it", Button: "Merge them", Path: post("merge"), Only: []string{"ideas"}})
	if len(b.AlikeKeys) > 0 {
		b.Merge = post("merge")
	}
}
