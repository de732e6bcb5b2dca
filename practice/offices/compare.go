package offices

import (
	"fmt"
	"slices"
	"strings"

	"binnacle/estate"
	"binnacle/model"
	"binnacle/practice"
)

// Speaks says for what a criterion speaks.
type Speaks string

// What a criterion can speak for.
const (
	// ForOne means that it speaks for one officer who wears both hats.
	ForOne Speaks = "one officer"
	// ForTwo means that it speaks for two officers.
	ForTwo Speaks = "two officers"
	// ForEither means that either would do.
	ForEither Speaks = "either"
	// ForNothing means that the estate does not know enough.
	ForNothing Speaks = "unknown"
)

// OneOrTwoOut compares one officer with two for this company.
type OneOrTwoOut struct {
	// Conclusion says in a sentence what suits the company.
	Conclusion string
	// Uncertainty says how sure that is, and what would change it.
	Uncertainty string
	// ForOne is how many criteria speak for one officer.
	ForOne practice.Figure
	// ForTwo is how many criteria speak for two officers.
	ForTwo practice.Figure
	// Undecided is how many criteria speak for neither, or are not known.
	Undecided practice.Figure
	// Criteria are the grounds, each with the company's own figure.
	Criteria practice.Table[Criterion]
}

// Criterion is one ground to have one officer or two.
type Criterion struct {
	// Name says what is looked at.
	Name string
	// Figure is the company's own figure.
	Figure string
	// One is the figure up to which one officer would do.
	One string `label:"One up to"`
	// Two is the figure from which two are better.
	Two string `label:"Two from"`
	// Speaks says for what the figure speaks.
	Speaks Speaks `label:"Speaks for"`
	// Why says why the figure matters.
	Why string
	// Examples are some of the records behind the figure.
	Examples []practice.Link
	// From are all the records behind the figure.
	From []practice.Link
}

// gauge is a criterion in the making.
type gauge struct {
	name, unit string
	value      float64
	// one and two are the marks: up to the first speaks for one officer, from the second for two. Where two is below one, more speaks for one.
	one, two float64
	unknown  bool
	why      string
	from     []practice.Link
}

func (g gauge) speaks() Speaks {
	more, less := ForTwo, ForOne
	low, high := g.one, g.two
	if g.two < g.one {
		more, less, low, high = ForOne, ForTwo, g.two, g.one
	}
	switch {
	case g.unknown:
		return ForNothing
	case g.value <= low:
		return less
	case g.value >= high:
		return more
	}
	return ForEither
}

// near reports whether a tenth more or less would move the figure over a mark.
func (g gauge) near() bool {
	if g.unknown {
		return false
	}
	for _, factor := range []float64{0.9, 1.1} {
		other := g
		other.value = g.value * factor
		if other.speaks() != g.speaks() {
			return true
		}
	}
	return false
}

func (g gauge) row() Criterion {
	number := func(f float64) string { return strings.TrimSpace(fmt.Sprintf("%g %s", f, g.unit)) }
	c := Criterion{Name: g.name, Figure: number(g.value), One: number(g.one), Two: number(g.two), Speaks: g.speaks(), Why: g.why, Examples: g.from[:min(3, len(g.from))], From: g.from}
	if g.two < g.one {
		c.One, c.Two = "from "+c.One, "up to "+c.Two
	}
	if g.unknown {
		c.Figure = "not known"
	}
	return c
}

// OneOrTwo weighs whether one officer with both hats or two officers suit this
// company, from its own figures. Every criterion has two marks: up to the one a
// single person can oversee the matter beside everything else, from the other
// it fills a position. The marks are rules of thumb of general organisation
// practice, namely that somebody steers some tens of people, applications or
// contracts well and not some hundreds, and that a position is justified by work that
// fills the week. They are no statistics. Hand-overs count the other way: each
// thing that two offices wait for from each other is work that one officer would not have.
// All criteria weigh alike, except the days of work, which count twice. The answer is a ground for a
// conversation, not a verdict: what nobody writes down, such as the two persons themselves, may weigh more.
func OneOrTwo(v estate.View, _ struct{}) (OneOrTwoOut, error) {
	gauges := gaugesOf(v)
	var out OneOrTwoOut
	counts := map[Speaks]int{}
	var near []string
	balance := 0
	for i, g := range gauges {
		row := g.row()
		out.Criteria.Rows = append(out.Criteria.Rows, row)
		counts[row.Speaks]++
		weight := 1
		if i == 0 {
			weight = 2
		}
		switch row.Speaks {
		case ForTwo:
			balance += weight
		case ForOne:
			balance -= weight
		}
		if g.near() {
			near = append(near, g.name)
		}
	}
	out.Criteria.Note = "The marks are rules of thumb of general organisation practice. The first criterion counts twice."
	figure := func(speaks ...Speaks) practice.Figure {
		n := 0
		for _, s := range speaks {
			n += counts[s]
		}
		return practice.Figure{Value: float64(n), Unit: "criteria"}
	}
	out.ForOne, out.ForTwo, out.Undecided = figure(ForOne), figure(ForTwo), figure(ForEither, ForNothing)
	out.Conclusion = conclusion(balance, counts, len(gauges))
	out.Uncertainty = uncertainty(balance, counts[ForNothing], near)
	return out, nil
}

func conclusion(balance int, counts map[Speaks]int, all int) string {
	grounds := fmt.Sprintf("%d of %d criteria speak for two and %d for one", counts[ForTwo], all, counts[ForOne])
	switch {
	case counts[ForNothing] > all/2:
		return "The estate does not know enough to tell: " + grounds + "."
	case balance >= 2:
		return "Two officers suit this company: " + grounds + "."
	case balance <= -2:
		return "One officer with both hats suits this company: " + grounds + "."
	}
	return "Either would do: " + grounds + "."
}

// uncertainty says how sure a conclusion is. The balance is the weight of what speaks for two, less the weight of what speaks for one.
func uncertainty(balance, unknown int, near []string) string {
	lead := balance
	if lead < 0 {
		lead = -lead
	}
	open := unknown + len(near)
	var out string
	switch {
	case lead < 2:
		out = "This is balanced: a single criterion decides it."
	case lead-2 >= 2*open:
		out = "This is clear: it stands whatever the criteria near their marks and the unknown ones turn out to be."
	default:
		out = "This is likely, not certain: what is open could still turn it."
	}
	if len(near) > 0 {
		out += " Within a tenth of a mark: " + strings.Join(near, ", ") + "."
	}
	if unknown > 0 {
		out += fmt.Sprintf(" Not known: %s.", practice.Count(unknown, "criterion", "criteria"))
	}
	return out
}

// gaugesOf takes the company's own figures. The days of work come first.
func gaugesOf(v estate.View) []gauge {
	offices := workOfOffices(v)
	applications := living(v, "Application", nil)
	critical := living(v, "Application", func(rec model.Record) bool {
		return model.Rank(practice.CriticalityOf(rec)) >= model.Rank(model.CriticalityHigh)
	})
	running := living(v, "Project", func(rec model.Record) bool { return rec.(*model.Project).State == "running" })
	outward := living(v, "Initiative", func(rec model.Record) bool {
		i := rec.(*model.Initiative)
		return i.Face != "inward" && i.Face != "" && (i.Due.IsZero() || i.Due >= v.At())
	})
	counted := func(name, kind string, from []practice.Link, one, two float64, why string) gauge {
		return gauge{name: name, value: float64(len(from)), one: one, two: two, unknown: v.Count(kind) == 0, from: from, why: why}
	}
	return []gauge{
		offices,
		headcount(v),
		counted("Applications", "Application", applications, 20, 60, "Each application needs somebody who decides what becomes of it."),
		counted("Critical applications", "Application", critical, 5, 15, "What must not stop asks for attention on the spot, which goes off what is new."),
		counted("Products", "Product", living(v, "Product", nil), 1, 3, "Products for customers have a market of their own to be watched."),
		counted("Outward initiatives", "Initiative", outward, 1, 3, "Building what comes next is a position of its own where it is more than one undertaking."),
		counted("Running projects", "Project", running, 5, 15, "Every project asks for decisions each week."),
		counted("Vendors", "Vendor", living(v, "Vendor", nil), 15, 50, "Vendors are led by meetings and negotiations."),
		counted("Sites", "Site", living(v, "Site", nil), 3, 10, "Places far apart take travel and local decisions."),
		handOvers(v),
		bothHats(v),
	}
}

// workOfOffices adds up the days a week of everything that the charter gives to offices.
func workOfOffices(v estate.View) gauge {
	g := gauge{name: "Work of both offices", unit: "days a week", one: week, two: 1.6 * week,
		why: "What takes much more than a week's days is not done by one person. The days are those of the charter."}
	for _, l := range linesOf(v) {
		g.value += l.effort
		if !l.link.IsZero() {
			g.from = append(g.from, l.link)
		}
	}
	g.value = round(g.value)
	g.unknown = g.value == 0
	return g
}

// headcount counts the people in teams that answer for applications, services, products or machines.
func headcount(v estate.View) gauge {
	g := gauge{name: "People in technology", one: 15, two: 50, why: "Beyond some tens of people, leading them is a position, and two kinds of people need two leads."}
	teams := map[model.Ref]bool{}
	for _, kind := range []string{"Application", "Service", "Host", "NetworkDevice", "CloudResource", "Product"} {
		for rec := range v.All(kind) {
			if team, ok := estate.Look[*model.Team](v, rec.Base().Owner); ok {
				teams[team.Ref()] = true
			}
		}
	}
	for p := range estate.Each[*model.Person](v) {
		if teams[p.Team] && !practice.HasLeft(p, v.At()) {
			g.from = append(g.from, practice.To(p))
		}
	}
	g.value, g.unknown = float64(len(g.from)), len(teams) == 0
	return g
}

// handOvers counts what the offices wait for from each other: the more, the more one officer would save.
func handOvers(v estate.View) gauge {
	g := gauge{name: "Open agreements between offices", one: 12, two: 4, unknown: v.Count("Agreement") == 0,
		why: "Every hand-over costs time that one officer would not spend. Few show that the line between the offices is well drawn."}
	for a := range estate.Each[*model.Agreement](v) {
		if isOpen(a) {
			g.from = append(g.from, practice.To(a))
		}
	}
	g.value = float64(len(g.from))
	return g
}

// bothHats looks at the fullest person who holds offices: whether one person holds several, and how full that week is.
func bothHats(v estate.View) gauge {
	held := map[model.Ref]int{}
	for o := range estate.Each[*model.Office](v) {
		if holder := v.Get(o.Holder); holder != nil && !practice.HasLeft(holder, v.At()) {
			held[o.Holder]++
		}
	}
	g := gauge{name: "Week of the fullest officer", unit: "% of five days", one: 80, two: 110, unknown: true,
		why: "An officer who has days to spare could take the other hat; one who is over full needs a second."}
	for _, c := range carriers(v) {
		if c.Kind != "Person" || held[model.Ref(c.Who.ID)] == 0 {
			continue
		}
		g.value, g.unknown, g.from = max(g.value, float64(c.Use)), false, append(g.from, c.Who)
		if held[model.Ref(c.Who.ID)] > 1 {
			g.why = "One person holds both offices today: " + c.Who.Title() + "."
		}
	}
	return g
}

// living returns links to the records of a kind that are alive and fit.
func living(v estate.View, kind string, fits func(model.Record) bool) []practice.Link {
	var out []practice.Link
	for rec := range v.All(kind) {
		if !practice.Gone(rec, v.At()) && (fits == nil || fits(rec)) {
			out = append(out, practice.To(rec))
		}
	}
	return slices.Clip(out)
}
