package questions

import (
	"cmp"
	"html/template"
	"slices"
	"strconv"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
	"binnacle/web/frame"
)

// roadmapPage is the lives of records over quarters.
type roadmapPage struct {
	Kinds, Groups            []tab
	Kind, Group              string
	Owner, Criticality       string
	Owners                   []model.Option
	Criticalities            []model.Option
	Years                    int
	Moment                   map[string][]string
	Image                    template.HTML
	Legend                   []legendEntry
	Rows                     []lifeView
	Undated, Count, LeftOut  int
	HasOwner, HasCriticality bool
}

// lifeView is one record in the table beside the roadmap.
type lifeView struct {
	Link   practice.Link
	Group  string
	Phases []string
	Phase  string
}

// roadKinds are the kinds that a roadmap can show.
var roadKinds = []struct{ kind, label string }{{"Application", "Applications"}, {"Service", "Services"}, {"Product", "Products"}, {"Technology", "Technologies in use"}}

// drawnLives is how many rows are drawn.
const drawnLives = 250

// life is one record with what it is sorted and chosen by.
type life struct {
	link               practice.Link
	spans              []draw.Span
	owner, criticality string
	group              string
}

func roadmap(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	b := roadmapPage{Kind: "Application", Group: cmp.Or(v.Form("group"), "owner"), Owner: v.Form("owner"), Criticality: v.Form("criticality"), Years: 3,
		Criticalities: model.Criticality("").Options(), Moment: v.Moment.Values()}
	if n, err := strconv.Atoi(v.Form("years")); err == nil && n >= 1 && n <= 10 {
		b.Years = n
	}
	for _, k := range roadKinds {
		if k.kind == v.Form("kind") {
			b.Kind = k.kind
		}
	}
	for _, k := range roadKinds {
		b.Kinds = append(b.Kinds, tab{k.label, v.Path("/pictures/roadmap", "kind", k.kind, "years", strconv.Itoa(b.Years)), k.kind == b.Kind})
	}
	b.HasCriticality = b.Kind != "Technology"
	b.HasOwner = b.HasCriticality
	lives := livesOf(view, b.Kind, b.Group)
	b.Owners = ownersOf(lives)
	lives = slices.DeleteFunc(lives, func(l life) bool {
		return b.Owner != "" && l.owner != b.Owner || b.Criticality != "" && l.criticality != b.Criticality
	})
	at := view.At()
	from, until := quarterOf(at).AddMonths(-12), quarterOf(at).AddMonths(12*b.Years)
	var lanes []draw.Lane
	index := map[string]int{}
	for _, l := range lives {
		row := lifeView{Link: l.link, Group: l.group}
		for _, s := range l.spans {
			row.Phases = append(row.Phases, label(s.Phase, string(s.Phase))+" from "+s.From.String())
			if s.From <= at {
				row.Phase = label(s.Phase, string(s.Phase))
			}
		}
		b.Rows = append(b.Rows, row)
		if len(l.spans) == 0 {
			b.Undated++
			continue
		}
		if last := l.spans[len(l.spans)-1]; last.Phase == model.PhaseEndOfLife && last.From < from {
			continue
		}
		if b.Count == drawnLives {
			b.LeftOut++
			continue
		}
		b.Count++
		i, seen := index[l.group]
		if !seen {
			i = len(lanes)
			index[l.group] = i
			lanes = append(lanes, draw.Lane{Name: l.group})
		}
		lanes[i].Rows = append(lanes[i].Rows, draw.LifeRow{Link: l.link, Href: v.Record(l.link), Spans: l.spans})
	}
	marks := []draw.MarkedDay{{Day: v.House.Today(), Label: "Today"}}
	if at != v.House.Today() {
		marks = append(marks, draw.MarkedDay{Day: at, Label: "Plan date"})
	}
	b.Image = draw.Roadmap(lanes, from, until, marks, "Roadmap")
	for _, o := range draw.Phases() {
		b.Legend = append(b.Legend, legendEntry{"phase-" + o.Value, o.Label})
	}
	return v.Render(templates, "roadmap", page(frame.Page{Title: "Roadmap", Lead: "When things come, stay and go.", Section: "pictures",
		Crumbs: []frame.Crumb{{Label: "Pictures", Path: "/pictures"}}, Body: b}))
}

func quarterOf(d model.Date) model.Date {
	t := d.Time()
	return model.NewDate(t.Year(), t.Month()-(t.Month()-1)%3, 1)
}

// livesOf returns the lives of the records of a kind, in the order of their groups.
func livesOf(view estate.View, kind, group string) []life {
	var out []life
	if kind == "Technology" {
		out = technologies(view)
	} else {
		for rec := range view.All(kind) {
			l, ok := rec.(interface{ Phases() model.Lifecycle })
			if !ok {
				continue
			}
			one := life{link: practice.To(rec), spans: draw.Spans(l.Phases()), criticality: string(practice.CriticalityOf(rec))}
			one.owner = practice.OwnerOf(view, rec).Title()
			switch group {
			case "criticality":
				one.group = cmp.Or(label(practice.CriticalityOf(rec), one.criticality), "Criticality not said")
			case "phase":
				one.group = cmp.Or(label(l.Phases().PhaseAt(view.At()), string(l.Phases().PhaseAt(view.At()))), "No dates")
			default:
				one.group = cmp.Or(one.owner, "Nobody answers for it")
			}
			out = append(out, one)
		}
	}
	slices.SortStableFunc(out, func(a, b life) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.link.Title(), b.link.Title()))
	})
	return out
}

// technologies returns the releases of technologies that something in sight runs or is built with.
func technologies(view estate.View) []life {
	support := practice.SupportsIn(view)
	type release struct {
		technology model.Ref
		name       string
	}
	found := map[release]practice.Standing{}
	counts := map[release]int{}
	note := func(s practice.Standing) {
		if s.Technology == nil || s.Cycle == nil || view.Get(s.Technology.Ref()) == nil {
			return
		}
		r := release{s.Technology.Ref(), s.Cycle.Name}
		found[r] = s
		counts[r]++
	}
	for h := range estate.Each[*model.Host](view) {
		if !practice.Gone(h, view.At()) {
			note(support.Host(h))
		}
	}
	for d := range estate.Each[*model.NetworkDevice](view) {
		if !practice.Gone(d, view.At()) {
			note(support.Device(d))
		}
	}
	for a := range estate.Each[*model.Application](view) {
		if !practice.Gone(a, view.At()) {
			for _, u := range a.BuiltWith {
				note(support.Use(u))
			}
		}
	}
	var out []life
	for r, s := range found {
		link := practice.To(s.Technology)
		link.Name = s.Title() + " · " + strconv.Itoa(counts[r]) + " in use"
		l := life{link: link, group: s.Technology.Title()}
		c := s.Cycle
		if !c.Released.IsZero() {
			l.spans = append(l.spans, draw.Span{Phase: model.PhaseActive, From: c.Released})
		}
		if !c.ActiveSupport.IsZero() && c.ActiveSupport < c.SecuritySupport {
			l.spans = append(l.spans, draw.Span{Phase: model.PhasePhaseOut, From: c.ActiveSupport.AddDays(1)})
		}
		if !c.SecuritySupport.IsZero() {
			l.spans = append(l.spans, draw.Span{Phase: model.PhaseEndOfLife, From: c.SecuritySupport.AddDays(1)})
		}
		for i := range l.spans[:max(0, len(l.spans)-1)] {
			l.spans[i].Until = l.spans[i+1].From
		}
		out = append(out, l)
	}
	return out
}

// ownersOf lists who answers for some records.
func ownersOf(lives []life) []model.Option {
	var out []model.Option
	for _, l := range lives {
		if l.owner != "" && !slices.ContainsFunc(out, func(o model.Option) bool { return o.Value == l.owner }) {
			out = append(out, model.Option{Value: l.owner, Label: l.owner})
		}
	}
	slices.SortFunc(out, func(a, b model.Option) int { return cmp.Compare(a.Label, b.Label) })
	return out
}
