package questions

import (
	"cmp"
	"html/template"
	"math"
	"slices"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
	"binnacle/web/draw"
	"binnacle/web/frame"
)

// measure is a figure that the map of capabilities can be coloured by.
type measure struct {
	Name, Label, Help string
	// Legend says what the strengths of the colour mean, weakest first.
	Legend []string
	// Class colours the map.
	Class string
	of    func(c *standing) reading
}

// reading is what a measure says of one capability.
type reading struct {
	value float64
	text  string
	// heat is the strength of the colour where it does not follow from the value.
	heat  int
	fixed bool
	from  []practice.Link
}

// standing is a capability and everything that it stands on.
type standing struct {
	view       estate.View
	capability *model.Capability
	on         []model.Record
	support    practice.Supports
}

var measures = []measure{
	{"applications", "Applications", "How many applications and services the capability stands on. None at all is marked.", nil, "", countApplications},
	{"unsupported", "Unsupported technology", "How many of the things that the capability stands on run a technology without security support on the date.", nil, "bad-heat", countUnsupported},
	{"criticality", "Criticality", "How much the business depends on the capability.", []string{"Not said", "Low", "Medium", "High", "Critical"}, "bad-heat", readCriticality},
	{"maturity", "Maturity gap", "How far the maturity of the capability is below what is wanted.", []string{"No gap", "1 level", "2 levels", "3 levels", "4 levels"}, "warn-heat", readMaturity},
	{"contracts", "Cost of contracts", "What the contracts that cover anything the capability stands on cost in a year. A contract counts at each capability that it serves.", nil, "", readContracts},
}

func countApplications(s *standing) reading {
	var from []practice.Link
	for _, rec := range s.on {
		switch rec.(type) {
		case *model.Application, *model.Service:
			if !practice.Gone(rec, s.view.At()) {
				from = append(from, practice.To(rec))
			}
		}
	}
	return reading{value: float64(len(from)), text: practice.Count(len(from), "application", "applications"), from: from}
}

func countUnsupported(s *standing) reading {
	var from []practice.Link
	for _, rec := range s.on {
		if practice.Gone(rec, s.view.At()) {
			continue
		}
		ended := false
		switch rec := rec.(type) {
		case *model.Host:
			ended = s.support.Host(rec).Ended()
		case *model.NetworkDevice:
			ended = s.support.Device(rec).Ended()
		case *model.Application:
			ended = slices.ContainsFunc(rec.BuiltWith, func(u model.TechnologyUse) bool { return s.support.Use(u).Ended() })
		}
		if ended {
			from = append(from, practice.To(rec))
		}
	}
	return reading{value: float64(len(from)), text: draw.Value(float64(len(from))) + " unsupported", from: from}
}

func readCriticality(s *standing) reading {
	c := s.capability.Criticality
	rank := model.Rank(c)
	if c == "" {
		return reading{text: "not said", heat: -1, fixed: true, from: []practice.Link{practice.To(s.capability)}}
	}
	return reading{value: float64(rank), text: label(c, string(c)), heat: min(4, rank), fixed: true, from: []practice.Link{practice.To(s.capability)}}
}

func readMaturity(s *standing) reading {
	now, want := s.capability.Maturity, s.capability.TargetMaturity
	self := []practice.Link{practice.To(s.capability)}
	if now == "" || want == "" {
		return reading{text: "not said", heat: -1, fixed: true, from: self}
	}
	gap := max(0, model.Rank(want)-model.Rank(now))
	text := label(now, string(now))
	if gap > 0 {
		text += " → " + label(want, string(want))
	}
	return reading{value: float64(gap), text: text, heat: gap, fixed: true, from: self}
}

func readContracts(s *standing) reading {
	var amounts []model.Money
	var from []practice.Link
	for _, rec := range s.on {
		c, ok := rec.(*model.Contract)
		if !ok || c.AnnualCost.IsZero() || c.State == "ended" || c.State == "draft" || !c.End.IsZero() && c.End < s.view.At() {
			continue
		}
		amounts, from = append(amounts, c.AnnualCost), append(from, practice.To(c))
	}
	f := practice.SumOf("", practice.Neither, amounts, from)
	switch {
	case len(from) == 0:
		return reading{text: "no contract"}
	case f.Unknown:
		return reading{text: "several currencies", heat: -1, fixed: true, from: from}
	}
	return reading{value: f.Value, text: draw.Digits(f.Money.Amount()) + " " + f.Money.Currency(), from: from}
}

func label(e model.Enum, value string) string {
	for _, o := range e.Options() {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}

// capabilitiesPage is the map of capabilities.
type capabilitiesPage struct {
	Measures []tab
	Measure  measure
	Image    template.HTML
	Legend   []legendEntry
	Rows     []capabilityRow
	Behind   *behindView
}

// legendEntry explains one strength of a colour.
type legendEntry struct{ Class, Text string }

// capabilityRow is one capability in the table beside the map.
type capabilityRow struct {
	Link, Within practice.Link
	Text         string
	Value        float64
	Open         string
	Count        int
}

// behindView is the records behind one box.
type behindView struct {
	Link    practice.Link
	Text    string
	Records []practice.Link
	Close   string
}

// mapped is the most capabilities that the map draws.
const mapped = 2000

func capabilities(v *frame.Visit) error {
	view, err := v.View()
	if err != nil {
		return err
	}
	b := capabilitiesPage{Measure: measures[0]}
	for _, m := range measures {
		if m.Name == v.Form("by") {
			b.Measure = m
		}
	}
	for _, m := range measures {
		b.Measures = append(b.Measures, tab{m.Label, v.Path("/pictures/capabilities?by=" + m.Name), m.Name == b.Measure.Name})
	}
	var nodes []practice.Node
	boxes, parents, readings := map[string]*draw.Box{}, map[string]string{}, map[string]reading{}
	support, highest := practice.SupportsIn(view), 0.0
	for c := range estate.Each[*model.Capability](view) {
		if len(nodes) == mapped {
			break
		}
		s := standing{view: view, capability: c, support: support}
		for _, step := range view.Reach(estate.Up, c.Ref()).Steps {
			s.on = append(s.on, step.Record)
		}
		r := b.Measure.of(&s)
		link, within := practice.To(c), practice.To(view.Get(c.Parent))
		open := v.Path("/pictures/capabilities", "by", b.Measure.Name, "open", c.Key)
		nodes = append(nodes, practice.Node{Link: link})
		boxes[c.Key] = &draw.Box{Link: link, Href: open + "#behind", Value: r.text, Heat: r.heat}
		parents[c.Key], readings[c.Key] = within.Key, r
		highest = max(highest, r.value)
		b.Rows = append(b.Rows, capabilityRow{Link: link, Within: within, Text: r.text, Value: r.value, Open: open + "#behind", Count: len(r.from)})
		if c.Key == v.Form("open") {
			b.Behind = &behindView{Link: link, Text: r.text, Records: r.from, Close: v.Path("/pictures/capabilities", "by", b.Measure.Name)}
		}
	}
	for key, r := range readings {
		if !r.fixed {
			boxes[key].Heat = draw.Heat(r.value, highest)
		}
		if b.Measure.Name == "applications" && r.value == 0 {
			boxes[key].Mark = practice.High
		}
	}
	slices.SortStableFunc(b.Rows, func(x, y capabilityRow) int { return cmp.Compare(y.Value, x.Value) })
	b.Image = draw.Boxes(draw.Nest(nodes, boxes, parents), 960, "Capabilities by "+b.Measure.Label, practice.Count(len(nodes), "capability", "capabilities"))
	b.Legend = legend(b.Measure, highest)
	return v.Render(templates, "capabilities", page(frame.Page{Title: "Capability map", Lead: "What the business must be able to do, coloured by what matters.",
		Section: "pictures", Crumbs: []frame.Crumb{{Label: "Pictures", Path: "/pictures"}}, Body: b}))
}

// legend explains the colours of a map whose highest value is known.
func legend(m measure, highest float64) []legendEntry {
	var out []legendEntry
	for i := range 5 {
		class := "heat-" + string(rune('0'+i))
		switch {
		case m.Legend != nil:
			out = append(out, legendEntry{class, m.Legend[i]})
		case i == 0:
			out = append(out, legendEntry{class, "none"})
		case highest > 0:
			out = append(out, legendEntry{class, "up to " + draw.Value(math.Floor(highest*float64(i)/4))})
		}
	}
	if m.Legend != nil {
		out[0].Class = map[bool]string{true: "heat-unknown", false: "heat-0"}[m.Name == "criticality"]
	}
	if m.Name == "applications" {
		out = append(out, legendEntry{"mark-high", "nothing carries it"})
	}
	return out
}

// picturesIndex lists the pictures that there are.
func picturesIndex(v *frame.Visit) error {
	list := []questionView{
		{Label: "Capability map", Path: v.Path("/pictures/capabilities"), Help: "What the business must be able to do, each in the box of the wider one, coloured by applications, unsupported technology, criticality, maturity or the cost of contracts."},
		{Label: "Roadmap", Path: v.Path("/pictures/roadmap"), Help: "When applications, services, products and technologies are planned, in use, phased out and at their end, quarter by quarter."},
		{Label: "Dependency graph", Path: v.Path("/pictures/graph"), Help: "What hangs on what, from any record, as far as you like in both directions."},
	}
	for _, a := range practice.List(v.House.Practices) {
		for _, p := range a.Shape() {
			if p.Picture != nil {
				q := viewOf(v, a)
				q.Label += ": " + p.Label
				list = append(list, q)
			}
		}
	}
	return v.Render(templates, "pictures", page(frame.Page{Title: "Pictures", Lead: "What is better drawn than told.", Section: "pictures", Body: list}))
}
